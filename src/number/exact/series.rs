//! One-sided expansions at a point, in a small positive `t`, with exact coefficients.

use super::{Assumptions, Exact, Sign};
use crate::expr::{Func, Named};
use crate::number::{Jet, Real};
use rug::Rational;
use std::sync::Arc;

/// `t^valuation * (c0 + c1 t + ...)`, finitely many coefficients known, for `t` to 0 from above; a convergent series.
///
/// With `x = c + t^d` it is the expansion of an expression to the right of `c`, with `x = c - t^d` to the left;
/// `d > 1` makes room for roots that vanish at `c`. Absolute values, minima and maxima take the branch that holds for
/// small `t`.
///
/// What has no such expansion, or is not shown to have one, makes everything unknown that it meets: a product of it with
/// a power of `t` can still be unbounded.
#[derive(Clone, Debug)]
pub struct Series {
    valuation: i64,
    jet: Jet<Exact>,
    kind: Kind,
}

/// Where the unknown coefficients of zero begin.
const FAR: i64 = 1 << 20;

/// What the coefficients say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    /// the sum of the series is the function
    Sum,
    /// a *flat* part may have to be added: it and its derivatives decrease faster than any power, like `exp(-1/t)`
    Flat,
    /// nothing
    Unknown,
}

/// A one-sided limit of a derivative.
#[derive(Clone, Debug)]
pub enum Limit {
    /// this value
    Finite(Exact),
    /// plus or minus infinity
    Infinite,
    /// not determined
    Unknown,
}

impl Series {
    /// `at + t^ramification` (`right`) or `at - t^ramification`.
    pub fn beside(at: &Exact, right: bool, ramification: usize, terms: usize) -> Self {
        let cx = at.context();
        let mut c = vec![Exact::int(&cx, 0); terms.max(ramification + 1)];
        c[0] = at.clone();
        c[ramification] = Exact::int(&cx, if right { 1 } else { -1 });
        Self::sum(0, Jet { c })
    }

    /// Whether a part may have to be added that decreases faster than any power.
    pub fn is_flat(&self) -> bool {
        self.kind == Kind::Flat
    }

    /// The one-sided limit of the derivative of this order of what was expanded at `beside(.., right, ramification, ..)`.
    pub fn derivative(&self, order: usize, right: bool, ramification: usize) -> Limit {
        if self.kind == Kind::Unknown {
            return Limit::Unknown;
        }
        let d = ramification as i64;
        let wanted = order as i64 * d;
        for (i, c) in self.jet.c.iter().enumerate() {
            let e = self.valuation + i as i64;
            // t^e = (x - c)^(e/d); its derivative of this order is infinite unless e/d is a smaller whole number
            let singular = e < wanted && (e % d != 0 || e < 0);
            if e > wanted {
                break;
            }
            if c.is_unknown() {
                return Limit::Unknown;
            }
            if singular && !c.is_zero() {
                return if c.sign().is_nonzero() { Limit::Infinite } else { Limit::Unknown };
            }
            if e == wanted {
                let factorial = (1..=order as u32).fold(Rational::from(1), |a, k| a * k);
                let sign = if right || order.is_multiple_of(2) { factorial } else { -factorial };
                return Limit::Finite(c.mul(&Exact::rational(&c.context(), &sign)));
            }
        }
        // beyond the valuation from below: the coefficient is zero
        if wanted < self.valuation { Limit::Finite(Exact::int(&self.jet.c[0].context(), 0)) } else { Limit::Unknown }
    }

    fn terms(&self) -> usize {
        self.jet.c.len()
    }

    fn end(&self) -> i64 {
        self.valuation + self.terms() as i64
    }

    fn unknown(&self) -> Self {
        let c = vec![Exact::unknown(&self.jet.c[0].context()); self.terms()];
        Self { valuation: 0, jet: Jet { c }, kind: Kind::Unknown }
    }

    /// A constant with this many known coefficients.
    pub(crate) fn constant(value: Exact, terms: usize) -> Self {
        let mut c = vec![Exact::int(&value.context(), 0); terms.max(1)];
        let valuation = if value.is_zero() { FAR } else { 0 };
        c[0] = value;
        Self::sum(valuation, Jet { c })
    }

    /// Without leading zeros, if there is another coefficient.
    fn normal(mut self) -> Self {
        let zeros = self.jet.c.iter().take_while(|c| c.is_zero()).count();
        if zeros == self.terms() {
            return self;
        }
        self.jet.c.drain(..zeros);
        self.valuation += zeros as i64;
        self
    }

    fn lead(&self) -> &Exact {
        &self.jet.c[0]
    }

    /// The sign for all small `t > 0`; `Zero` only of what is zero as far as it is known.
    fn sign(&self) -> Sign {
        match (self.kind, self.lead().sign()) {
            (Kind::Unknown, _) | (Kind::Flat, Sign::Zero) => Sign::Unknown,
            (_, sign) => sign,
        }
    }

    /// The two jets cut to the same length.
    fn same_length(&self, rhs: &Self) -> (Jet<Exact>, Jet<Exact>) {
        let n = self.terms().min(rhs.terms());
        (Jet { c: self.jet.c[..n].to_vec() }, Jet { c: rhs.jet.c[..n].to_vec() })
    }

    /// As a jet that starts at `t^0`; the valuation is not negative.
    fn dense(&self) -> Jet<Exact> {
        let zero = Exact::int(&self.lead().context(), 0);
        let mut c = vec![zero; if self.valuation < FAR { self.valuation as usize } else { 0 }];
        c.extend(self.jet.c.iter().cloned());
        Jet { c }
    }

    fn sum(valuation: i64, jet: Jet<Exact>) -> Self {
        Self { valuation, jet, kind: Kind::Sum }.normal()
    }

    /// A result of this and another operand.
    fn with(&self, rhs: &Self, valuation: i64, jet: Jet<Exact>) -> Self {
        match self.kind.max(rhs.kind) {
            Kind::Unknown => self.unknown(),
            // no part of zero is unknown before long
            kind if valuation >= FAR / 2 && jet.c.iter().all(Exact::is_zero) => Self { valuation: FAR, jet, kind },
            _ if valuation.abs() >= FAR / 2 => self.unknown(),
            kind => Self { valuation, jet, kind }.normal(),
        }
    }

    /// Functions that have a limit at infinity which they reach faster than any power: the limit.
    fn at_pole(&self, f: Func) -> Option<i64> {
        let up = match self.sign() {
            Sign::Positive => true,
            Sign::Negative => false,
            _ => return None,
        };
        match f {
            Func::Exp => (!up).then_some(0),
            Func::Expm1 => (!up).then_some(-1),
            Func::Sigmoid | Func::NormCdf => Some(i64::from(up)),
            Func::Tanh | Func::Erf => Some(if up { 1 } else { -1 }),
            Func::Erfc => Some(if up { 0 } else { 2 }),
            Func::NormPdf => Some(0),
            Func::Softplus => (!up).then_some(0),
            _ => None,
        }
    }

    fn binary_power(&self, n: u32) -> Self {
        let mut out: Option<Self> = None;
        for bit in (0..32 - n.leading_zeros()).rev() {
            out = out.map(|o| o.sqr());
            if n >> bit & 1 == 1 {
                out = Some(out.map_or_else(|| self.clone(), |o| o.mul(self)));
            }
        }
        out.unwrap_or_else(|| Self::constant(Exact::int(&self.lead().context(), 1), self.terms()))
    }

    fn greater(&self, rhs: &Self, larger: bool) -> Self {
        match self.sub(rhs).sign() {
            Sign::Positive | Sign::Zero => (if larger { self } else { rhs }).clone(),
            Sign::Negative => (if larger { rhs } else { self }).clone(),
            _ => self.unknown(),
        }
    }

    /// Whether the function is analytic where the series begins.
    fn admits(&self, f: Func) -> bool {
        let positive = |c: &Exact| c.sign() == Sign::Positive;
        match f {
            Func::Log => self.valuation == 0 && positive(self.lead()),
            Func::Log1p => self.valuation > 0 || positive(&self.lead().add(&Exact::int(&self.lead().context(), 1))),
            _ => true,
        }
    }
}

impl Real for Series {
    /// What is known of the symbols, and how many coefficients a constant has.
    type Context = (Arc<Assumptions>, usize);

    fn context(&self) -> Self::Context {
        (self.lead().context(), self.terms())
    }

    fn rational(cx: &Self::Context, value: &Rational) -> Self {
        Self::constant(Exact::rational(&cx.0, value), cx.1)
    }

    fn named(cx: &Self::Context, name: Named) -> Self {
        Self::constant(Exact::named(&cx.0, name), cx.1)
    }

    fn neg(&self) -> Self {
        Self { jet: self.jet.neg(), ..self.clone() }
    }

    fn add(&self, rhs: &Self) -> Self {
        if self.kind.max(rhs.kind) == Kind::Unknown {
            return self.unknown();
        }
        let (start, end) = (self.valuation.min(rhs.valuation), self.end().min(rhs.end()));
        let zero = Exact::int(&self.lead().context(), 0);
        let at =
            |s: &Self, e: i64| usize::try_from(e - s.valuation).map_or_else(|_| zero.clone(), |i| s.jet.c[i].clone());
        self.with(rhs, start, Jet { c: (start..end).map(|e| at(self, e).add(&at(rhs, e))).collect() })
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    fn mul(&self, rhs: &Self) -> Self {
        let (a, b) = self.same_length(rhs);
        self.with(rhs, self.valuation + rhs.valuation, a.mul(&b))
    }

    fn div(&self, rhs: &Self) -> Self {
        // where the first coefficient may vanish, the quotient may be of any size
        if !rhs.sign().is_nonzero() {
            return self.unknown();
        }
        let (a, b) = self.same_length(rhs);
        self.with(rhs, self.valuation - rhs.valuation, a.div(&b))
    }

    fn pow(&self, exponent: &Rational) -> Self {
        if self.kind == Kind::Unknown {
            return self.unknown();
        }
        if *exponent.denom() == 1 {
            return match exponent.numer().to_i32() {
                Some(n) if n >= 0 => self.binary_power(n.unsigned_abs()),
                Some(n) => Self::constant(Exact::int(&self.lead().context(), 1), self.terms())
                    .div(&self.binary_power(n.unsigned_abs())),
                None => self.unknown(),
            };
        }
        let valuation = Rational::from(exponent * self.valuation);
        if *valuation.denom() != 1 || self.sign() != Sign::Positive {
            return self.unknown();
        }
        match valuation.numer().to_i64() {
            Some(v) => self.with(self, v, self.jet.pow(exponent)),
            None => self.unknown(),
        }
    }

    fn call(&self, f: Func) -> Self {
        match f {
            Func::Sqrt => return self.pow(&Rational::from((1, 2))),
            Func::Abs => {
                return match self.sign() {
                    Sign::Positive | Sign::Zero => self.clone(),
                    Sign::Negative => self.neg(),
                    _ => self.unknown(),
                };
            }
            _ => {}
        }
        if self.kind == Kind::Unknown || self.valuation >= 0 && !self.admits(f) {
            return self.unknown();
        }
        if self.valuation < 0 {
            let limit = |n| Self::constant(Exact::int(&self.lead().context(), n), self.terms());
            return match self.at_pole(f) {
                Some(n) => Self { kind: Kind::Flat, ..limit(n) },
                // log(1 + exp u) = u + log(1 + exp(-u))
                None if f == Func::Softplus && self.sign() == Sign::Positive => {
                    Self { kind: Kind::Flat, ..self.clone() }
                }
                // atan u = +-pi/2 - atan(1/u)
                None if f == Func::Atan && self.sign().is_nonzero() => {
                    let quarters = if self.sign() == Sign::Positive { 2 } else { -2 };
                    let quarter = Exact::int(&self.lead().context(), 1).call(Func::Atan);
                    let turn = quarter.mul(&Exact::int(&quarter.context(), quarters));
                    Self::constant(turn, self.terms()).sub(&self.pow(&Rational::from(-1)).call(f))
                }
                None => self.unknown(),
            };
        }
        let value = self.dense().call(f);
        if value.c[0].is_unknown() { self.unknown() } else { self.with(self, 0, value) }
    }

    fn min(&self, rhs: &Self) -> Self {
        self.greater(rhs, false)
    }

    fn max(&self, rhs: &Self) -> Self {
        self.greater(rhs, true)
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        match left.sub(right).sign() {
            Sign::Positive => a.clone(),
            Sign::Negative => b.clone(),
            _ => a.unknown(),
        }
    }
}
