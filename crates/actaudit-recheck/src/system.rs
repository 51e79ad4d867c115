//! The value of an expression in a system of values: exact ones, expansions, functions on an interval.

use crate::field::{Atom, Field, Value};
use crate::sign::Sign;
use actaudit_expr::plain::shortened;
use actaudit_expr::{Expr, Func, Named, Node};
use rug::Rational;

/// A value, or why there is none.
pub(super) type Answer<T> = Result<T, String>;

pub(super) const TOO_LARGE: &str = "is not known exactly: no rule covers it, or it is too large";
pub(super) const DIVISOR: &str = "divides by what is not shown to have no zero";
pub(super) const LOGARITHM: &str = "is a logarithm of what is not shown to be positive";
pub(super) const ROOT: &str = "is a root of what is not shown to be positive";

pub(super) const BRANCH: &str = "is not shown to be one and the same of its branches";

/// What expressions can be evaluated in. An operation is refused unless it is shown that it has a value, for all values
/// of the parameters.
pub(super) trait System {
    type Value: Clone;

    fn field(&self) -> &Field;
    /// A constant, as an exact value and as an expression.
    fn constant(&self, value: Value, e: &Expr) -> Self::Value;
    fn neg(&self, a: &Self::Value) -> Self::Value;
    fn add(&self, a: &Self::Value, b: &Self::Value) -> Answer<Self::Value>;
    fn mul(&self, a: &Self::Value, b: &Self::Value) -> Answer<Self::Value>;
    fn div(&self, a: &Self::Value, b: &Self::Value) -> Answer<Self::Value>;
    fn pow(&self, a: &Self::Value, exponent: &Rational) -> Answer<Self::Value>;
    fn sign(&self, a: &Self::Value) -> Sign;
    /// `exp`, `log`, `erf`, `atan`, `sin`, `cos`.
    fn primitive(&self, f: Func, a: &Self::Value) -> Answer<Self::Value>;

    fn call(&self, f: Func, u: &Self::Value) -> Answer<Self::Value> {
        self.reduced(f, u)
    }

    /// Every function; those that are not primitive by what they are in terms of the others.
    fn reduced(&self, f: Func, u: &Self::Value) -> Answer<Self::Value> {
        let rational = |p: i64, q: i64| {
            let q = Rational::from((p, q));
            self.constant(Value::rational(q.clone()), &Expr::rational(q))
        };
        let (one, half) = (rational(1, 1), rational(1, 2));
        let exp = |v: &Self::Value| self.primitive(Func::Exp, v);
        let root = |v: &Self::Value| self.pow(v, &Rational::from((1, 2)));
        match f {
            Func::Exp | Func::Log | Func::Erf | Func::Atan | Func::Sin | Func::Cos => self.primitive(f, u),
            Func::Expm1 => self.add(&exp(u)?, &rational(-1, 1)),
            Func::Log1p => self.primitive(Func::Log, &self.add(u, &one)?),
            Func::Sqrt => root(u),
            Func::Erfc => self.add(&one, &self.neg(&self.primitive(Func::Erf, u)?)),
            Func::Sinh => self.mul(&half, &self.add(&exp(u)?, &self.neg(&exp(&self.neg(u))?))?),
            Func::Cosh => self.mul(&half, &self.add(&exp(u)?, &exp(&self.neg(u))?)?),
            Func::Tanh => {
                let e = exp(&self.mul(&rational(2, 1), u)?)?;
                self.div(&self.add(&e, &rational(-1, 1))?, &self.add(&e, &one)?)
            }
            Func::Sigmoid => self.div(&one, &self.add(&one, &exp(&self.neg(u))?)?),
            Func::Softplus => self.primitive(Func::Log, &self.add(&one, &exp(u)?)?),
            Func::NormCdf => {
                let erf = self.primitive(Func::Erf, &self.div(u, &root(&rational(2, 1))?)?)?;
                self.mul(&half, &self.add(&one, &erf)?)
            }
            Func::NormPdf => {
                let bell = exp(&self.mul(&rational(-1, 2), &self.mul(u, u)?)?)?;
                let pi = self.constant(Value::atom(Atom::Pi), &Expr::new(Node::Named(Named::Pi)));
                self.div(&bell, &root(&self.mul(&rational(2, 1), &pi)?)?)
            }
            Func::Abs => self.larger(u, &self.neg(u)),
        }
    }

    /// The larger of two that are ordered one way throughout.
    fn larger(&self, a: &Self::Value, b: &Self::Value) -> Answer<Self::Value> {
        match self.sign(&self.add(a, &self.neg(b))?) {
            s if s.not_negative() => Ok(a.clone()),
            s if s.not_positive() => Ok(b.clone()),
            _ => Err(BRANCH.into()),
        }
    }
}

/// The value of an expression where `x` has this value; parameters are symbols.
///
/// # Errors
/// With the operation that is not shown to have a value.
pub(super) fn eval<S: System>(system: &S, e: &Expr, x: &S::Value) -> Answer<S::Value> {
    let go = |e: &Expr| eval(system, e, x);
    let value = match e.node() {
        Node::Const(c) => Ok(system.constant(Value::rational(c.value.clone()), e)),
        Node::Named(Named::Pi) => Ok(system.constant(Value::atom(Atom::Pi), e)),
        Node::Named(Named::E) => {
            let value = system.field().exp(&Value::rational(1)).ok_or_else(|| TOO_LARGE.to_owned());
            value.map(|value| system.constant(value, e))
        }
        Node::Param(name) if system.field().domains.contains_key(name) => Ok(system.constant(Value::symbol(name), e)),
        Node::Param(_) => Err("is a parameter without a value".into()),
        Node::Var => Ok(x.clone()),
        Node::Neg(a) => Ok(system.neg(&go(a)?)),
        Node::Add(a, b) => system.add(&go(a)?, &go(b)?),
        Node::Sub(a, b) => system.add(&go(a)?, &system.neg(&go(b)?)),
        Node::Mul(a, b) => system.mul(&go(a)?, &go(b)?),
        Node::Div(a, b) => system.div(&go(a)?, &go(b)?),
        Node::Pow(a, b) => match b.exact_rational() {
            Some(q) => system.pow(&go(a)?, &q),
            None => Err("has an exponent that is no rational number".into()),
        },
        Node::Call(f, a) => system.call(*f, &go(a)?),
        Node::Max(a, b) => system.larger(&go(a)?, &go(b)?),
        Node::Min(a, b) => system.larger(&system.neg(&go(a)?), &system.neg(&go(b)?)).map(|v| system.neg(&v)),
    };
    value.map_err(|reason| format!("`{}` {reason}", shortened(e)))
}

/// Exact values.
impl System for Field {
    type Value = Value;

    fn field(&self) -> &Field {
        self
    }

    fn constant(&self, value: Value, _: &Expr) -> Value {
        value
    }

    fn neg(&self, a: &Value) -> Value {
        a.neg()
    }

    fn add(&self, a: &Value, b: &Value) -> Answer<Value> {
        self.plus(a, b).ok_or_else(|| TOO_LARGE.into())
    }

    fn mul(&self, a: &Value, b: &Value) -> Answer<Value> {
        self.times(a, b).ok_or_else(|| TOO_LARGE.into())
    }

    fn div(&self, a: &Value, b: &Value) -> Answer<Value> {
        if !Field::sign(self, b).is_nonzero() {
            return Err(DIVISOR.into());
        }
        self.inverse(b).and_then(|b| self.times(a, &b)).ok_or_else(|| TOO_LARGE.into())
    }

    fn pow(&self, a: &Value, exponent: &Rational) -> Answer<Value> {
        let sign = Field::sign(self, a);
        if *exponent.denom() != 1 && sign == Sign::ZERO && *exponent > 0 {
            return Ok(Value::default());
        }
        if *exponent.denom() != 1 && !sign.is_positive() {
            return Err(ROOT.into());
        }
        if *exponent < 0 && !sign.is_nonzero() {
            return Err(DIVISOR.into());
        }
        self.power(a, exponent).ok_or_else(|| TOO_LARGE.into())
    }

    fn sign(&self, a: &Value) -> Sign {
        Field::sign(self, a)
    }

    fn primitive(&self, f: Func, u: &Value) -> Answer<Value> {
        let value = match f {
            Func::Exp => self.exp(u),
            Func::Log if Field::sign(self, u).is_positive() => self.log(u),
            Func::Log => return Err(LOGARITHM.into()),
            _ => self.wave(f, u),
        };
        value.ok_or_else(|| TOO_LARGE.into())
    }
}
