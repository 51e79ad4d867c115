//! Expressions as operations, in forms chosen not to cancel or overflow.

use super::code::{Code, Id, Op};
use super::constant::{self, nearest};
use super::target::Target;
use super::{EmitError, normal, series};
use crate::expr::{Expr, FloatFormat, Func, Node};
use crate::number::TapeError;
use rug::Rational;
use std::collections::BTreeMap;

/// What the header says of constants.
#[derive(Default)]
pub(super) struct Notes {
    /// those that are no floats, each with the float that stands for it and what is added where it is added to x
    pub inexact: BTreeMap<String, (f64, Option<f64>)>,
    /// whether there are coefficients of Taylor polynomials
    pub series: bool,
}

/// Code that is being made.
pub(super) struct Lower<'a> {
    pub code: &'a mut Code,
    pub target: &'static Target,
    pub compute: FloatFormat,
    /// whether that is the format of the result, too: nothing hides an error that an exponent makes larger
    pub narrow: bool,
    /// which piece of which function, for errors
    pub place: String,
    /// whether the piece holds zero, inside or at an end
    pub holds_zero: bool,
    pub notes: &'a mut Notes,
    /// whether constants are those of a Taylor polynomial, which nobody wrote
    pub quiet: bool,
}

impl Lower<'_> {
    fn fault(&self, e: &Expr) -> EmitError {
        let text = e.to_string();
        EmitError::Constant { text, place: self.place.clone(), compute: self.compute.name() }
    }

    /// The nearest float.
    pub fn constant(&mut self, e: &Expr) -> Result<Id, EmitError> {
        let near = nearest(e, self.compute).ok_or_else(|| self.fault(e))?;
        if !near.exact && !self.quiet {
            self.notes.inexact.entry(e.to_string()).or_insert((near.float, None));
        }
        Ok(self.code.float(near.float))
    }

    pub fn rational(&mut self, q: &Rational) -> Result<Id, EmitError> {
        self.constant(&Expr::rational(q.clone()))
    }

    /// A constant in two parts: the nearest float, and what is left, 0 if nothing is.
    fn parts(&mut self, e: &Expr) -> Result<[f64; 2], EmitError> {
        let near = nearest(e, self.compute).ok_or_else(|| self.fault(e))?;
        if near.exact {
            return Ok([near.float, 0.0]);
        }
        let rest = constant::rest(e, near.float, self.compute).ok_or_else(|| self.fault(e))?;
        if !self.quiet {
            self.notes.inexact.insert(e.to_string(), (near.float, Some(rest)));
        }
        Ok([near.float, rest])
    }

    /// u + c, with c in two parts where u is the input: x + c is exact where it is small.
    fn plus(&mut self, u: Id, c: &Expr) -> Result<Id, EmitError> {
        if self.code.ops()[u] != Op::X {
            let c = self.constant(c)?;
            return Ok(self.code.add(u, c));
        }
        let [high, low] = self.parts(c)?.map(|c| self.code.float(c));
        let sum = self.code.add(u, high);
        Ok(self.code.add(sum, low))
    }

    pub fn shifted(&mut self, u: Id, c: &Rational) -> Result<Id, EmitError> {
        self.plus(u, &Expr::rational(c.clone()))
    }

    /// c - u, likewise.
    pub fn until(&mut self, c: &Rational, u: Id) -> Result<Id, EmitError> {
        let [high, low] = self.parts(&Expr::rational(c.clone()))?.map(|c| self.code.float(c));
        let difference = self.code.sub(high, u);
        Ok(self.code.add(difference, low))
    }

    /// 2^k u
    pub fn scaled(&mut self, u: Id, k: i32) -> Result<Id, EmitError> {
        let by = self.rational(&rug::ops::Pow::pow(Rational::from(2), k))?;
        Ok(self.code.mul(by, u))
    }

    /// c u; a division where that alone rounds once.
    pub fn times(&mut self, c: &Rational, u: Id) -> Result<Id, EmitError> {
        let exact = |q: &Rational| nearest(&Expr::rational(q.clone()), self.compute).is_some_and(|near| near.exact);
        if *c != 0 && !exact(c) && exact(&c.clone().recip()) {
            let below = self.rational(&c.clone().recip())?;
            return Ok(self.code.div(u, below));
        }
        let c = self.rational(c)?;
        Ok(self.code.mul(c, u))
    }

    /// The operations of an expression.
    pub fn expr(&mut self, e: &Expr) -> Result<Id, EmitError> {
        if !e.depends_on_x() {
            return self.constant(e);
        }
        let direct = self.plainly(e)?;
        let near = if self.holds_zero { series::at_zero(e, self.compute) } else { None };
        near.map_or(Ok(direct), |near| self.near(&near, direct))
    }

    /// An expression on its part of the line, with polynomials around its zeros.
    pub fn with_roots(&mut self, e: &Expr, within: [f64; 2]) -> Result<Id, EmitError> {
        let mut value = self.expr(e)?;
        for near in series::at_roots(e, within, self.compute) {
            value = self.near(&near, value)?;
        }
        Ok(value)
    }

    /// The polynomial where it stands for a value.
    fn near(&mut self, near: &series::Near, direct: Id) -> Result<Id, EmitError> {
        (self.quiet, self.notes.series) = (true, true);
        let x = self.code.x();
        let centre = Expr::rational(-near.centre.clone());
        let t = self.plus(x, &centre)?;
        let value = super::poly::horner(&near.coefficients, t, self);
        self.quiet = false;
        let size = self.primitive(Func::Abs, t)?;
        let radius = self.code.float(near.radius);
        let test = self.code.push(Op::Less(size, radius));
        Ok(self.code.select(test, value?, direct))
    }

    fn plainly(&mut self, e: &Expr) -> Result<Id, EmitError> {
        let (a, b) = match e.node() {
            Node::Var => return Ok(self.code.x()),
            Node::Call(f, u) => {
                let u = self.expr(u)?;
                return self.call(*f, u);
            }
            Node::Neg(a) => {
                let a = self.expr(a)?;
                return Ok(self.code.neg(a));
            }
            Node::Pow(a, q) => {
                let exponent = q.exact_rational().ok_or_else(|| {
                    let reason = TapeError::Exponent(q.to_string());
                    EmitError::Expression { place: self.place.clone(), reason }
                })?;
                let a = self.expr(a)?;
                return self.power(a, &exponent);
            }
            Node::Add(a, c) | Node::Add(c, a) if !c.depends_on_x() => {
                let a = self.expr(a)?;
                return self.plus(a, c);
            }
            Node::Sub(a, c) if !c.depends_on_x() => {
                let a = self.expr(a)?;
                return self.plus(a, &(-c.clone()).simplified());
            }
            Node::Const(_) | Node::Named(_) => return self.constant(e),
            Node::Param(name) => {
                let reason = TapeError::Unbound(name.to_string());
                return Err(EmitError::Expression { place: self.place.clone(), reason });
            }
            Node::Add(a, b)
            | Node::Sub(a, b)
            | Node::Mul(a, b)
            | Node::Div(a, b)
            | Node::Min(a, b)
            | Node::Max(a, b) => (self.expr(a)?, self.expr(b)?),
        };
        Ok(match e.node() {
            Node::Add(..) => self.code.add(a, b),
            Node::Sub(..) => self.code.sub(a, b),
            Node::Mul(..) => self.code.mul(a, b),
            Node::Div(..) => self.code.div(a, b),
            _ => {
                // what is no number stays: it is in the operand that is chosen if the comparison fails
                let (kept, other) = if self.code.constant(a).is_some() { (b, a) } else { (a, b) };
                let less = if matches!(e.node(), Node::Min(..)) { [other, kept] } else { [kept, other] };
                let test = self.code.push(Op::Less(less[0], less[1]));
                self.code.select(test, other, kept)
            }
        })
    }

    /// A sum of powers of x, negative ones included.
    pub fn powers(&mut self, terms: &[(i32, Rational)]) -> Result<Id, EmitError> {
        let x = self.code.x();
        let mut sum = self.code.float(0.0);
        for (n, c) in terms {
            let power = self.power(x, &Rational::from(*n))?;
            let term = self.times(c, power)?;
            sum = self.code.add(sum, term);
        }
        Ok(sum)
    }

    /// u^q: products, square roots, and a power function for the rest.
    fn power(&mut self, u: Id, q: &Rational) -> Result<Id, EmitError> {
        // 1/u first: u^2 may overflow where its reciprocal is a number still
        let u = if *q < 0 {
            let one = self.code.float(1.0);
            self.code.div(one, u)
        } else {
            u
        };
        let size = q.clone().abs();
        let twice = Rational::from(&size * 2u32);
        let whole = |q: &Rational| q.numer().to_u32().filter(|_| *q.denom() == 1);
        let value = match (whole(&size), whole(&twice)) {
            (Some(n), _) => self.code.power(u, n),
            (_, Some(n)) => {
                let root = self.primitive(Func::Sqrt, u)?;
                let power = self.code.power(u, n / 2);
                self.code.mul(power, root)
            }
            _ => {
                let exponent = self.rational(&size)?;
                self.target.power.ok_or_else(|| self.lacks("power"))?;
                self.code.push(Op::Pow(u, exponent))
            }
        };
        Ok(value)
    }

    fn lacks(&self, function: &'static str) -> EmitError {
        EmitError::Function { target: self.target.name, function, place: self.place.clone() }
    }

    /// A function that the target has.
    pub fn primitive(&mut self, f: Func, u: Id) -> Result<Id, EmitError> {
        self.target.function(f).ok_or_else(|| self.lacks(f.name()))?;
        Ok(self.code.call(f, u))
    }

    /// u or -u, the one that has no minus sign, and whether that is -u: what depends on |u| is then computed once.
    fn unsigned(&mut self, u: Id) -> (Id, bool) {
        match self.code.ops()[u] {
            Op::Neg(v) => (v, true),
            Op::Mul(c, v) => match self.code.constant(c) {
                Some(c) if c < 0.0 => {
                    let c = self.code.float(-c);
                    (self.code.mul(c, v), true)
                }
                _ => (u, false),
            },
            _ => (u, false),
        }
    }

    /// A function of the language of definitions, made of those that targets have.
    fn call(&mut self, f: Func, u: Id) -> Result<Id, EmitError> {
        match f {
            // of exp(-|u|), which is at most 1: nothing overflows, and small values keep their digits
            Func::Sigmoid | Func::Softplus => {
                let (v, turned) = self.unsigned(u);
                let size = self.primitive(Func::Abs, v)?;
                let minus = self.code.neg(size);
                let e = self.primitive(Func::Exp, minus)?;
                let zero = self.code.float(0.0);
                let negative = self.code.push(Op::Less(v, zero));
                let (left, right) = if f == Func::Softplus {
                    let log = self.primitive(Func::Log1p, e)?;
                    (log, self.code.add(u, log))
                } else {
                    (e, self.code.float(1.0))
                };
                let (left, right) = if turned { (right, left) } else { (left, right) };
                let above = self.code.select(negative, left, right);
                if f == Func::Softplus {
                    return Ok(above);
                }
                let one = self.code.float(1.0);
                let below = self.code.add(e, one);
                Ok(self.code.div(above, below))
            }
            Func::NormCdf => normal::cdf(self, u),
            Func::NormPdf => normal::pdf(self, u),
            f => self.primitive(f, u),
        }
    }
}
