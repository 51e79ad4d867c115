//! The exact field: rational functions over Q in parameters, `x` and *atoms* (pi, roots, values of transcendental
//! functions at exact arguments), in a normal form in which many identities are identities of form.
//!
//! What it answers is one-sided. If a value is *zero here, it is zero*: every rewriting is a theorem. A value that is
//! not zero in form may still be zero (no algorithm decides that in general): [`Exact::sign`] then asks intervals, and
//! says `Unknown` when they do not tell either. Whatever is not supported gives an unknown value, which propagates.
//!
//! The rewritings: exponentials are multiplicative (`exp(a + b) = exp(a) exp(b)`, by terms), roots of rationals split
//! into roots of primes, `sin^2 = 1 - cos^2`, `|u|^2 = u^2`, and all other functions are written with
//! `exp, log, erf, atan, sin, cos, abs` and powers, so that for instance `sigmoid(-u) = 1 - sigmoid(u)` holds in form.

mod functions;
mod monomial;
mod poly;
mod ratio;
mod series;
mod show;
mod sign;

pub use series::{Limit, Series};
pub use sign::Sign;

use super::{MpI, Real};
use crate::expr::{Expr, Func, Named, Node, ParamDomain};
use monomial::Atom;
use ratio::Ratio;
use rug::Rational;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known about the symbols, and how a division is to be understood.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Assumptions {
    symbols: BTreeMap<Arc<str>, ParamDomain>,
    generic: bool,
}

impl Assumptions {
    /// Strict: a statement must hold for *every* value of the symbols in their domains. A divisor that is not shown to
    /// have no zero there, or a base of a root that is not shown to be positive, makes the result unknown.
    pub fn strict() -> Self {
        Self::default()
    }

    /// Generic: a statement holds wherever both sides are defined. Divisors need only be not identically zero.
    pub fn generic() -> Self {
        Self { generic: true, ..Self::default() }
    }

    /// The same knowledge, with generic divisions.
    #[must_use]
    pub fn into_generic(self) -> Self {
        Self { generic: true, ..self }
    }

    /// Adds what is known of a parameter (or of `x`): the interval in which it lies.
    #[must_use]
    pub fn with(mut self, symbol: &str, domain: ParamDomain) -> Self {
        self.symbols.insert(symbol.into(), domain);
        self
    }

    /// Adds a symbol that is greater than zero.
    #[must_use]
    pub fn with_positive(self, symbol: &str) -> Self {
        let domain =
            ParamDomain { lo: Some(Rational::new()), lo_closed: false, hi: None, hi_closed: false, integer: false };
        self.with(symbol, domain)
    }

    /// The interval in which a symbol lies.
    pub fn domain(&self, symbol: &str) -> Option<&ParamDomain> {
        self.symbols.get(symbol)
    }
}

/// An exact value under assumptions, or unknown.
#[derive(Clone, Debug)]
pub struct Exact {
    cx: Arc<Assumptions>,
    value: Option<Ratio>,
}

/// Larger values than this many terms are not formed: the result is unknown.
const MAX_SIZE: usize = 3000;
/// Exponents with more bits in numerator or denominator are not formed.
const MAX_EXPONENT_BITS: u32 = 12;
/// Powers of coefficients with more bits are not formed.
const MAX_BITS: u32 = 1 << 16;

impl Exact {
    fn of(cx: &Arc<Assumptions>, value: Option<Ratio>) -> Self {
        Self { cx: Arc::clone(cx), value: value.filter(|v| v.size() <= MAX_SIZE) }
    }

    fn wrap(&self, value: Option<Ratio>) -> Self {
        Self::of(&self.cx, value)
    }

    /// The value of which nothing is known.
    pub fn unknown(cx: &Arc<Assumptions>) -> Self {
        Self::of(cx, None)
    }

    /// A symbol: a parameter, or `x`.
    pub fn symbol(cx: &Arc<Assumptions>, name: &str) -> Self {
        Self::of(cx, Some(Ratio::atom(Atom::Symbol(name.into()))))
    }

    /// The same value under other assumptions. Whatever was concluded from the old ones must hold under the new ones.
    pub(crate) fn under(&self, cx: &Arc<Assumptions>) -> Self {
        Self { cx: Arc::clone(cx), value: self.value.clone() }
    }

    /// Whether the value is not known.
    pub fn is_unknown(&self) -> bool {
        self.value.is_none()
    }

    /// Whether the value is zero, identically in all symbols. `false` does not mean that it is nowhere zero.
    pub fn is_zero(&self) -> bool {
        self.value.as_ref().is_some_and(Ratio::is_zero)
    }

    /// The rational number, if it is one.
    pub fn as_rational(&self) -> Option<Rational> {
        self.value.as_ref().and_then(Ratio::as_rational)
    }

    /// The sign for all values of the symbols in their domains.
    pub fn sign(&self) -> Sign {
        self.value.as_ref().map_or(Sign::Unknown, |v| sign::of_ratio(v, &self.cx))
    }

    /// An enclosure over the symbols' domains at a precision (the value itself if there is no symbol); `None` if the
    /// value is unknown.
    pub fn enclosure(&self, precision: u32) -> Option<MpI> {
        Some(sign::enclose(self.value.as_ref()?, precision, &|name| sign::domain_enclosure(&self.cx, name, precision)))
    }

    /// The value as an expression.
    pub fn to_expr(&self) -> Option<Expr> {
        self.value.as_ref().map(show::ratio)
    }

    /// The value of an expression where `x` and the parameters have the given values; a parameter that `param` does not
    /// know is a symbol.
    pub fn eval(cx: &Arc<Assumptions>, expr: &Expr, x: &Self) -> Self {
        interpret(expr, cx, x, &|name| Self::symbol(cx, name))
    }

    fn both(&self, rhs: &Self, f: impl Fn(&Ratio, &Ratio) -> Option<Ratio>) -> Self {
        match (&self.value, &rhs.value) {
            (Some(a), Some(b)) if a.size() * b.size() <= MAX_SIZE * 16 => self.wrap(f(a, b)),
            _ => self.wrap(None),
        }
    }

    /// The larger (`Greater`) or smaller of two.
    fn extreme(&self, rhs: &Self, which: Ordering) -> Self {
        let difference = self.sub(rhs);
        match difference.sign() {
            Sign::Zero => self.clone(),
            Sign::Positive | Sign::NonNegative => (if which == Ordering::Greater { self } else { rhs }).clone(),
            Sign::Negative | Sign::NonPositive => (if which == Ordering::Greater { rhs } else { self }).clone(),
            // max(a, b) = (a + b + |a - b|)/2
            Sign::Unknown => {
                let distance = difference.call(Func::Abs);
                let distance = if which == Ordering::Greater { distance } else { distance.neg() };
                self.add(rhs).add(&distance).mul(&Self::rational(&self.cx, &Rational::from((1, 2))))
            }
        }
    }
}

/// The value of an expression in any number system, parameters included; an exponent that is not a rational number means
/// `u^v = exp(v log u)`.
pub(crate) fn interpret<T: Real>(expr: &Expr, cx: &T::Context, x: &T, param: &impl Fn(&str) -> T) -> T {
    let go = |e: &Expr| interpret(e, cx, x, param);
    match expr.node() {
        Node::Const(c) => T::rational(cx, &c.value),
        Node::Named(n) => T::named(cx, *n),
        Node::Var => x.clone(),
        Node::Param(name) => param(name),
        Node::Neg(a) => go(a).neg(),
        Node::Add(a, b) => go(a).add(&go(b)),
        Node::Sub(a, b) => go(a).sub(&go(b)),
        Node::Mul(a, b) => go(a).mul(&go(b)),
        Node::Div(a, b) => go(a).div(&go(b)),
        Node::Pow(a, b) => match b.exact_rational() {
            Some(q) => go(a).pow(&q),
            None => go(b).mul(&go(a).call(Func::Log)).call(Func::Exp),
        },
        Node::Call(f, a) => go(a).call(*f),
        Node::Min(a, b) => go(a).min(&go(b)),
        Node::Max(a, b) => go(a).max(&go(b)),
    }
}

impl Real for Exact {
    type Context = Arc<Assumptions>;

    fn context(&self) -> Self::Context {
        Arc::clone(&self.cx)
    }

    fn rational(cx: &Self::Context, value: &Rational) -> Self {
        Self::of(cx, Some(Ratio::rational(value.clone())))
    }

    fn named(cx: &Self::Context, name: Named) -> Self {
        match name {
            Named::Pi => Self::of(cx, Some(Ratio::atom(Atom::Pi))),
            Named::E => Self::int(cx, 1).call(Func::Exp),
        }
    }

    fn neg(&self) -> Self {
        self.wrap(self.value.as_ref().map(Ratio::neg))
    }

    fn add(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Some(a.plus(b)))
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Some(a.minus(b)))
    }

    fn mul(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Some(a.times(b)))
    }

    fn div(&self, rhs: &Self) -> Self {
        let divides = if self.cx.generic { !rhs.is_zero() } else { rhs.sign().is_nonzero() };
        if !divides {
            return self.wrap(None);
        }
        self.both(rhs, |a, b| Some(a.times(&b.recip()?)))
    }

    fn pow(&self, exponent: &Rational) -> Self {
        let small = |n: &rug::Integer| n.significant_bits() <= MAX_EXPONENT_BITS;
        let Some(value) = self.value.as_ref().filter(|_| small(exponent.numer()) && small(exponent.denom())) else {
            return self.wrap(None);
        };
        let n = exponent.numer().to_i32().expect("at most 12 bits");
        // (sum of k terms)^n has about n^(k-1) terms
        let k = value.spread();
        if value.coefficient_bits().saturating_mul(n.unsigned_abs()) > MAX_BITS
            || k > 1 && k * k * n.unsigned_abs() as usize > 256
        {
            return self.wrap(None);
        }
        if *exponent.denom() != 1 {
            return functions::root(self, exponent);
        }
        let defined = n >= 0 || self.cx.generic || self.sign().is_nonzero();
        if defined { self.wrap(value.power(n)) } else { self.wrap(None) }
    }

    fn call(&self, f: Func) -> Self {
        functions::call(self, f)
    }

    fn min(&self, rhs: &Self) -> Self {
        self.extreme(rhs, Ordering::Less)
    }

    fn max(&self, rhs: &Self) -> Self {
        self.extreme(rhs, Ordering::Greater)
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        match left.sub(right).sign() {
            Sign::Positive => a.clone(),
            Sign::Negative => b.clone(),
            _ if a.sub(b).is_zero() => a.clone(),
            _ => a.wrap(None),
        }
    }
}

#[cfg(test)]
mod tests;
