//! Whether an expression is analytic on an open interval or at a point: every operation is used where it is analytic.

use crate::field::{Field, Value};
use crate::sign::{Sign, middle, positive};
use crate::system::{Answer, BRANCH, DIVISOR, LOGARITHM, ROOT, System, eval};
use actaudit_expr::plain::{self, Interval};
use actaudit_expr::{Expr, Func, Node};
use rug::Rational;
use std::cell::Cell;

/// An open interval, or one point, in which `x` lies.
pub(super) struct Region {
    field: Field,
    /// `x` in terms of a coordinate `t > 0` that runs through the interval: `lo + t`, `hi - t`, `(lo + hi t)/(1 + t)`
    x: Value,
    ends: [Option<Value>; 2],
    boxes: Cell<usize>,
}

/// An expression without `abs`, `min` and `max`, and its value in terms of `t` if that is known.
#[derive(Clone)]
pub(super) struct Function {
    pub expr: Expr,
    form: Option<Value>,
}

/// No parameter has this name.
const COORDINATE: &str = "+t";
/// Boxes that may be looked at in one region, and the precision there.
const BOXES: usize = 6000;
const BITS: u32 = 96;
/// Expressions with more nodes are not differentiated.
const MAX_SIZE: usize = 3000;

impl Region {
    pub fn between(lo: Option<&Value>, hi: Option<&Value>, field: &Field) -> Option<Self> {
        let field = field.with(COORDINATE, positive(false));
        let t = Value::symbol(COORDINATE);
        let x = match (lo, hi) {
            (None, None) => Value::symbol("x"),
            (Some(lo), None) => field.plus(lo, &t)?,
            (None, Some(hi)) => field.minus(hi, &t)?,
            (Some(lo), Some(hi)) => {
                let below = field.plus(&Value::rational(1), &t)?;
                field.times(&field.plus(lo, &field.times(hi, &t)?)?, &field.inverse(&below)?)?
            }
        };
        Some(Self { field, x, ends: [lo.cloned(), hi.cloned()], boxes: Cell::new(BOXES) })
    }

    pub fn point(at: &Value, field: &Field) -> Self {
        let ends = [Some(at.clone()), Some(at.clone())];
        Self { field: field.clone(), x: at.clone(), ends, boxes: Cell::new(BOXES) }
    }

    /// The expression with the branches that hold in the region, where it is shown to be analytic.
    pub fn analytic(&self, e: &Expr) -> Answer<Function> {
        eval(self, e, &Function { expr: Expr::var(), form: Some(self.x.clone()) })
    }

    fn is_point(&self) -> bool {
        matches!(&self.ends, [Some(lo), Some(hi)] if lo == hi)
    }

    /// The sign by halving the interval, where no parameter occurs.
    fn by_boxes(&self, e: &Expr) -> Option<Sign> {
        if e.has_params() || e.size() > MAX_SIZE {
            return None;
        }
        let slope = e.derivative();
        let end = |at: &Option<Value>| match at {
            None => Some(Interval::line(BITS)),
            Some(at) => self.field.enclose(at, BITS, &|_| None),
        };
        let (lo, hi) = (end(&self.ends[0])?, end(&self.ends[1])?);
        let all = Interval { lo: lo.lo, hi: hi.hi };
        let (mut open, mut seen) = (vec![all.clone()], None);
        while let Some(x) = open.pop() {
            self.boxes.set(self.boxes.get().checked_sub(1)?);
            match self.in_box(e, &slope, &x, &all) {
                Some(sign) if seen.is_none_or(|s| s == sign) => seen = Some(sign),
                Some(_) => return None,
                None => {
                    // certainly inside, though the ends may be known by enclosures only
                    let m = middle(&x).filter(|m| self.ends[0].is_none() || *m > lo.hi)?;
                    let m = Some(m).filter(|m| self.ends[1].is_none() || *m < hi.lo)?;
                    open.push(Interval { lo: m.clone(), hi: x.hi });
                    open.push(Interval { lo: x.lo, hi: m });
                }
            }
        }
        seen
    }

    /// The strict sign on one box: by its enclosure; or, where the slope has a strict sign, by the value at the end at
    /// which it is least (greatest). At an end of the region, which is no member, that may be zero.
    fn in_box(&self, e: &Expr, slope: &Expr, x: &Interval, all: &Interval) -> Option<Sign> {
        let of =
            |e: &Expr, x: &Interval| plain::eval(e, x).ok().map(|v| Sign::of_interval(&v)).filter(|s| s.is_nonzero());
        if let Some(sign) = of(e, x) {
            return Some(sign);
        }
        let rising = of(slope, x)?.is_positive();
        let at_end = |upper: bool| {
            let (end, outer) = if upper { (&x.hi, &all.hi) } else { (&x.lo, &all.lo) };
            if end != outer {
                return of(e, &Interval::point(end));
            }
            // all operations have a value there, so the value is the limit
            let at = self.ends[usize::from(upper)].as_ref()?;
            eval(&self.field, e, at).ok().map(|v| self.field.sign(&v))
        };
        if at_end(!rising).is_some_and(|least| least.is_positive() || least == Sign::ZERO) {
            return Some(Sign::POSITIVE);
        }
        let greatest = at_end(rising)?;
        (greatest == Sign::NEGATIVE || greatest == Sign::ZERO).then_some(Sign::NEGATIVE)
    }

    fn require(&self, a: &Function, fits: fn(Sign) -> bool, reason: &str) -> Answer<()> {
        if fits(self.sign(a)) { Ok(()) } else { Err(reason.into()) }
    }

    fn both(&self, a: &Function, b: &Function, op: impl Fn(&Value, &Value) -> Option<Value>) -> Option<Value> {
        op(a.form.as_ref()?, b.form.as_ref()?)
    }
}

impl System for Region {
    type Value = Function;

    fn field(&self) -> &Field {
        &self.field
    }

    fn constant(&self, value: Value, e: &Expr) -> Function {
        Function { expr: e.clone(), form: Some(value) }
    }

    fn neg(&self, a: &Function) -> Function {
        Function { expr: -a.expr.clone(), form: a.form.as_ref().map(Value::neg) }
    }

    fn add(&self, a: &Function, b: &Function) -> Answer<Function> {
        let form = self.both(a, b, |a, b| self.field.plus(a, b));
        Ok(Function { expr: a.expr.clone() + b.expr.clone(), form })
    }

    fn mul(&self, a: &Function, b: &Function) -> Answer<Function> {
        let form = self.both(a, b, |a, b| self.field.times(a, b));
        Ok(Function { expr: a.expr.clone() * b.expr.clone(), form })
    }

    fn div(&self, a: &Function, b: &Function) -> Answer<Function> {
        self.require(b, Sign::is_nonzero, DIVISOR)?;
        let form = self.both(a, b, |a, b| self.field.times(a, &self.field.inverse(b)?));
        Ok(Function { expr: a.expr.clone() / b.expr.clone(), form })
    }

    fn pow(&self, a: &Function, exponent: &Rational) -> Answer<Function> {
        if *exponent.denom() != 1 {
            self.require(a, Sign::is_positive, ROOT)?;
        } else if *exponent < 0 {
            self.require(a, Sign::is_nonzero, DIVISOR)?;
        }
        let form = a.form.as_ref().and_then(|v| self.field.power(v, exponent));
        Ok(Function { expr: a.expr.clone().pow(Expr::rational(exponent.clone())), form })
    }

    fn sign(&self, a: &Function) -> Sign {
        let by_form = a.form.as_ref().map_or(Sign::ANY, |v| self.field.sign(v));
        if by_form.is_nonzero() || by_form == Sign::ZERO {
            return by_form;
        }
        self.by_boxes(&a.expr).unwrap_or(by_form)
    }

    /// At a point, the branch beside it may be another one where both operands are equal.
    fn larger(&self, a: &Function, b: &Function) -> Answer<Function> {
        match self.sign(&self.add(a, &self.neg(b))?) {
            Sign::POSITIVE => Ok(a.clone()),
            Sign::NEGATIVE => Ok(b.clone()),
            s if s.not_negative() && !self.is_point() => Ok(a.clone()),
            s if s.not_positive() && !self.is_point() => Ok(b.clone()),
            _ => Err(BRANCH.into()),
        }
    }

    fn primitive(&self, f: Func, u: &Function) -> Answer<Function> {
        self.call(f, u)
    }

    /// All other functions are analytic on the real line.
    fn call(&self, f: Func, u: &Function) -> Answer<Function> {
        match f {
            Func::Abs => return self.reduced(f, u),
            Func::Sqrt => self.require(u, Sign::is_positive, ROOT)?,
            Func::Log => self.require(u, Sign::is_positive, LOGARITHM)?,
            Func::Log1p => {
                let one = Function { expr: Expr::int(1), form: Some(Value::rational(1)) };
                self.require(&self.add(&one, u)?, Sign::is_positive, LOGARITHM)?;
            }
            _ => {}
        }
        let form = u.form.as_ref().and_then(|v| self.field.call(f, v).ok());
        Ok(Function { expr: Expr::new(Node::Call(f, u.expr.clone())), form })
    }
}
