//! Tails: the behaviour of an expression on a whole half-line [L, inf), so that nothing needs to be cut off.
//!
//! A value is kept as a sum of powers of x (negative and fractional ones included) plus a remainder,
//! |r(x)| <= c x^p e^(-k x), both valid for every x >= L. Interval arithmetic alone sees only
//! [L, inf] * [0, tiny] = [0, inf]; this keeps the decay. The leading power says which sign the value has.

mod coef;
mod decay;
mod functions;
mod grown;
mod power;
mod series;
#[cfg(test)]
mod tests;

use super::{Enclosure, MpI, Real};
use crate::expr::{Func, Named};
use coef::Coef;
use decay::{Decay, product, sum};
use rug::float::Special;
use rug::{Float, Rational};
use series::Series;
use std::sync::Arc;

/// Exponents are counted in sixtieths, so that square, cube, fourth, fifth and sixth roots have whole ones.
const UNIT: i32 = 60;
/// Exponents beyond this are given up.
const MAX_EXPONENT: i32 = 400 * UNIT;
/// Polynomials with more terms are given up.
const MAX_TERMS: usize = 60;
/// Whole powers beyond this are given up.
const MAX_DEGREE: usize = 40;

/// The half-line, and how closely values are followed there.
#[derive(Clone, Debug)]
pub struct TailContext {
    /// precision of coefficients, in bits
    pub prec: u32,
    /// L, at least 1
    pub from: Arc<Float>,
    /// how many negative powers are kept; what falls faster goes into the remainder
    pub terms: usize,
    /// whether the variable is the logarithm of x, and `from` that of L
    pub logarithmic: bool,
}

impl TailContext {
    /// Without negative powers: quick, and enough where values approach polynomials exponentially.
    pub fn new(prec: u32, from: Float) -> Self {
        Self { prec, from: Arc::new(from), terms: 0, logarithmic: false }
    }

    /// With negative powers, which tell the sign of what falls like one.
    #[must_use]
    pub fn deep(self) -> Self {
        Self { terms: 5, ..self }
    }

    /// In powers of the logarithm of x, which then is an exponential.
    #[must_use]
    pub fn in_logarithms(self) -> Self {
        let log = MpI::from_float(self.prec, &self.from).call(Func::Log);
        Self { from: Arc::new(log.lo()), logarithmic: true, ..self }
    }
}

/// A limit at infinity.
#[derive(Clone, Debug)]
pub enum Limit {
    /// an enclosure of a real limit
    Finite(MpI),
    /// the value grows without bound
    PlusInfinity,
    /// the value falls without bound
    MinusInfinity,
}

/// That a function tends to an infinity.
#[derive(Clone, Copy, Debug, Default)]
struct Divergence {
    /// plus (1) or minus (-1) infinity, or 0 if it is not known to tend to either
    sign: i32,
    /// whether it outgrows every polynomial, as exponentials do: then none can hold it back
    fast: bool,
}

impl Divergence {
    const UNKNOWN: Self = Self { sign: 0, fast: false };

    const fn fast(sign: i32) -> Self {
        Self { sign, fast: sign != 0 }
    }
}

/// s u(x) >= m x^(e/UNIT) on all of [L, inf), with a sign s and m, e > 0.
struct Growth {
    sign: i32,
    m: MpI,
    e: i32,
}

/// A real function on [L, inf). `series` is `None` where no powers follow it; `diverges` says whether it is known to tend
/// to an infinity where the powers do not show it.
#[derive(Clone, Debug)]
pub struct Tail {
    cx: TailContext,
    series: Option<Series>,
    rem: Option<Decay>,
    diverges: Divergence,
    /// what stands above the exponential with which all of that is multiplied; empty, or it tends to plus or minus infinity
    scale: Series,
}

fn infinity() -> Float {
    Float::with_val(2, Special::Infinity)
}

/// L^(units/UNIT)
fn power_at(from: &Float, units: i32, prec: u32) -> MpI {
    MpI::from_float(prec, from).pow(&Rational::from((units, UNIT)))
}

impl Tail {
    /// Keeps what the context asks for; the powers that fall faster are measured by the remainder.
    fn with(cx: &TailContext, mut series: Series, mut rem: Option<Decay>) -> Self {
        let wild = |(e, c): &(i32, Coef)| e.abs() > MAX_EXPONENT || !c.usable();
        if series.terms().iter().any(wild) || rem.as_ref().is_some_and(|r| !r.c.total()) {
            return Self::unknown(cx);
        }
        let mut negative = series.terms().iter().filter(|(e, _)| *e < 0).count();
        if series.terms().len() - negative > MAX_TERMS {
            return Self::unknown(cx);
        }
        while let Some((e, _)) = series.terms().last().filter(|(e, _)| *e < 0) {
            let hidden = rem.as_ref().is_some_and(|r| r.is_algebraic() && r.p >= *e);
            if negative <= cx.terms && !hidden {
                break;
            }
            let dropped = series.pop_last().map(|(e, c)| Decay::algebraic(c.mag(), e));
            rem = sum(rem, dropped, &cx.from);
            negative -= 1;
        }
        let (diverges, scale) = (Divergence::UNKNOWN, Series::default());
        Self { cx: cx.clone(), series: Some(series), rem, diverges, scale }
    }

    fn unknown(cx: &TailContext) -> Self {
        Self::divergent(cx, Divergence::UNKNOWN)
    }

    fn divergent(cx: &TailContext, diverges: Divergence) -> Self {
        Self { cx: cx.clone(), series: None, rem: None, diverges, scale: Series::default() }
    }

    fn constant(cx: &TailContext, value: Coef) -> Self {
        Self::with(cx, Series::constant(value), None)
    }

    /// Nothing but a bound.
    fn remainder(cx: &TailContext, rem: Decay) -> Self {
        Self::with(cx, Series::default(), Some(rem))
    }

    /// The variable on the right tail: x itself.
    pub fn right(cx: &TailContext) -> Self {
        if cx.logarithmic {
            let scale = Series::of(vec![(UNIT, Coef::int(1))]);
            return Self { scale, ..Self::constant(cx, Coef::int(1)) };
        }
        Self::with(cx, Series::of(vec![(UNIT, Coef::int(1))]), None)
    }

    /// The variable on the left tail, as -t with t in [L, inf).
    pub fn left(cx: &TailContext) -> Self {
        Self::right(cx).neg()
    }

    fn from(&self) -> &Float {
        &self.cx.from
    }

    /// The largest magnitude of the remainder divided by x^(base/UNIT), with both signs.
    fn spread(&self, base: i32) -> MpI {
        let b = self.rem.as_ref().map_or_else(|| Float::new(self.cx.prec), |r| r.over(base).bound(self.from()));
        MpI::from_floats(self.cx.prec, &-b.clone(), &b)
    }

    /// All values on [L, inf) divided by x^(base/UNIT).
    fn over(&self, base: i32) -> Option<MpI> {
        if !self.is_plain() {
            return None;
        }
        Some(self.series.as_ref()?.over(base, self.from(), self.cx.prec).add(&self.spread(base)))
    }

    /// An enclosure of every value on [L, inf); `None` where nothing is known.
    pub fn range(&self) -> Option<MpI> {
        if self.is_plain() {
            return self.over(0);
        }
        let (zero, end) = (Float::new(self.cx.prec), infinity());
        if !self.is_grown() {
            let measured = self.plainly().range()?;
            return match self.sign() {
                Some(1) => Some(MpI::from_floats(self.cx.prec, &zero, &measured.hi())),
                Some(-1) => Some(MpI::from_floats(self.cx.prec, &measured.lo(), &zero)),
                _ => Some(measured),
            };
        }
        match self.sign()? {
            1 => Some(MpI::from_floats(self.cx.prec, &zero, &end)),
            -1 => Some(MpI::from_floats(self.cx.prec, &-end, &zero)),
            _ => None,
        }
    }

    fn lead_exponent(&self) -> Option<i32> {
        self.series.as_ref()?.lead().map(|(e, _)| *e)
    }

    fn grows(&self) -> bool {
        self.is_grown() || self.is_plain() && self.lead_exponent().is_some_and(|e| e > 0)
    }

    /// |u(x)| <= c x^p
    fn bound(&self) -> Option<Decay> {
        sum(self.series.as_ref()?.bound(self.from()), self.rem.clone(), self.from())
    }

    /// The infinity to which it tends: 1, -1, or 0 if it is not known to.
    fn direction(&self) -> i32 {
        match self.diverges.sign {
            0 if self.grows() => self.sign().unwrap_or(0),
            sign => sign,
        }
    }

    /// Whether its magnitude is at most that of some polynomial.
    fn of_polynomial_size(&self) -> bool {
        let known = |c: &MpI| c.total() && c.mag().is_finite();
        !self.is_grown() && self.series.is_some() && self.rem.as_ref().is_none_or(|r| known(&r.c))
    }

    /// The limit at infinity.
    pub fn limit(&self) -> Option<Limit> {
        match self.direction() {
            1 => return Some(Limit::PlusInfinity),
            -1 => return Some(Limit::MinusInfinity),
            _ => {}
        }
        if !self.is_plain() {
            return self.plainly().limit().filter(|_| !self.is_grown());
        }
        let converges = !self.grows() && self.rem.as_ref().is_none_or(Decay::vanishes);
        let constant = self.series.as_ref().filter(|_| converges)?.constant_part();
        Some(Limit::Finite(constant.value(self.cx.prec)))
    }

    /// The limit where it is a rational number and known to be.
    pub fn exact_limit(&self) -> Option<Rational> {
        self.limit().filter(|l| matches!(l, Limit::Finite(_)))?;
        if !self.is_plain() {
            return self.plainly().exact_limit();
        }
        match self.series.as_ref()?.constant_part() {
            Coef::Exact(q) => Some(q),
            Coef::Near(_) => None,
        }
    }

    /// The first few powers of x, the highest first, each an exponent with its coefficient; fewer where there are fewer, or where
    /// the next coefficient is not known exactly. `None` if it is no sum of powers.
    pub fn leading(&self, count: usize) -> Option<Vec<(Rational, Rational)>> {
        if self.is_grown() {
            return None;
        }
        // what falls like an exponential has no powers
        let plain = self.plainly();
        let series = plain.series.as_ref().filter(|_| plain.is_plain())?;
        let known = series.terms().iter().map_while(|(e, c)| match c {
            Coef::Exact(q) => Some((Rational::from((*e, UNIT)), q.clone())),
            Coef::Near(_) => None,
        });
        Some(known.take(count).collect())
    }

    fn is_zero(&self) -> bool {
        self.is_plain() && self.rem.is_none() && self.series.as_ref().is_some_and(Series::is_empty)
    }

    /// The sign on all of [L, inf), if it is one and the same: that of the leading power where it outweighs the rest.
    pub fn sign(&self) -> Option<i32> {
        if !self.is_plain() {
            return self.mantissa().sign();
        }
        if self.is_zero() {
            return Some(0);
        }
        let of = |v: MpI| match (v.lo() > 0, v.hi() < 0) {
            (true, _) => Some(1),
            (_, true) => Some(-1),
            _ => None,
        };
        self.lead_exponent().and_then(|e| of(self.over(e)?)).or_else(|| of(self.range()?))
    }

    /// How a value grows: at least like x where it does, for that is what exponentials are measured by.
    fn growth(&self) -> Option<Growth> {
        let e = self.lead_exponent().filter(|e| *e > 0)?.min(UNIT);
        let slope = self.over(e)?;
        let sign = if slope.lo() > 0 { 1 } else { -1 };
        let m = if sign > 0 { slope } else { slope.neg() };
        (m.lo() > 0).then(|| Growth { sign, m: MpI::from_float(coef::COARSE, &m.lo()), e })
    }

    /// Whether it is known to outgrow every polynomial.
    fn is_fast(&self) -> bool {
        self.diverges.fast || self.is_grown()
    }

    /// With an infinity to which it tends, where powers do not show one.
    fn diverging(self, to: impl FnOnce() -> Divergence) -> Self {
        if self.series.is_none() || self.grows() { self } else { Self { diverges: to(), ..self } }
    }

    fn divergence_of_sum(&self, rhs: &Self) -> Divergence {
        if self.diverges.sign == 0 && rhs.diverges.sign == 0 && !self.is_grown() && !rhs.is_grown() {
            return Divergence::UNKNOWN;
        }
        let (a, b) = (self.direction(), rhs.direction());
        let bounded = |t: &Self| t.range().is_some_and(|r| r.mag().is_finite());
        let outweighs = |t: &Self, other: &Self| t.is_fast() && other.of_polynomial_size() || bounded(other);
        let sign = match (a, b) {
            _ if a == b => a,
            (1 | -1, _) if outweighs(self, rhs) => a,
            (_, 1 | -1) if outweighs(rhs, self) => b,
            _ => 0,
        };
        Divergence { sign, fast: sign != 0 && (self.is_fast() || rhs.is_fast()) }
    }

    /// What stays away from zero on one side does not stop a divergence.
    fn divergence_of_product(&self, rhs: &Self) -> Divergence {
        let away = |t: &Self| match (t.direction(), t.range()) {
            (0, Some(r)) if r.lo() > 0 => 1,
            (0, Some(r)) if r.hi() < 0 => -1,
            (sign, _) => sign,
        };
        let sign = away(self) * away(rhs);
        Divergence { sign, fast: sign != 0 && (self.is_fast() || rhs.is_fast()) }
    }

    /// The derivative of `primitive` times `factor`, as it is known and as the powers of the primitive say.
    ///
    /// Where f = sum a x^e + O(x^p) and f' = sum b x^e + O(x^q), b_(e-1) = e a_e for all e - 1 > max(p - 1, q): the first other
    /// b, integrated, would not be O(x^p). So a b that is nothing is known to be, not only to be small.
    #[must_use]
    pub fn into_derivative_of(self, primitive: &Self, factor: &Rational) -> Self {
        let (Some(own), Some(series)) = (&self.series, &primitive.series) else { return self };
        if self.cx.logarithmic || !self.is_plain() || !primitive.is_plain() {
            return self;
        }
        let algebraic = |t: &Self| t.rem.as_ref().filter(|r| r.is_algebraic()).map(|r| r.p);
        let floor = algebraic(primitive).map(|p| p - UNIT).max(algebraic(&self));
        let above = |e: i32| floor.is_none_or(|floor| e > floor);
        let prec = self.cx.prec;
        let derived = series.terms().iter().filter(|(e, _)| above(e - UNIT)).map(|(e, a)| {
            let by = Coef::exact(prec, Rational::from((*e, UNIT)) * factor);
            (e - UNIT, a.mul(&by, prec))
        });
        let exact = |e: i32| own.terms().iter().find(|(f, c)| *f == e && matches!(c, Coef::Exact(_))).cloned();
        let mut terms: Vec<_> = derived.map(|(e, a)| exact(e).unwrap_or((e, a))).collect();
        terms.extend(own.terms().iter().filter(|(e, _)| !above(*e)).cloned());
        Self { series: Some(Series::of(terms)), ..self }
    }

    /// Times a x^(units/UNIT).
    fn times_term(&self, units: i32, a: &Coef) -> Self {
        let Some(series) = &self.series else { return Self::unknown(&self.cx) };
        let rem = self.rem.as_ref().map(|r| r.over(-units).scaled(&a.mag()));
        Self::with(&self.cx, series.times_term(units, a, self.cx.prec), rem)
    }
}

impl Real for Tail {
    type Context = TailContext;

    fn context(&self) -> TailContext {
        self.cx.clone()
    }

    fn rational(cx: &TailContext, value: &Rational) -> Self {
        Self::constant(cx, Coef::exact(cx.prec, value.clone()))
    }

    fn named(cx: &TailContext, name: Named) -> Self {
        Self::constant(cx, Coef::near(MpI::named(&cx.prec, name)))
    }

    fn neg(&self) -> Self {
        Self {
            cx: self.cx.clone(),
            series: self.series.as_ref().map(Series::neg),
            rem: self.rem.clone(),
            diverges: Divergence { sign: -self.diverges.sign, ..self.diverges },
            scale: self.scale.clone(),
        }
    }

    fn add(&self, rhs: &Self) -> Self {
        match (&self.series, &rhs.series) {
            (Some(_), Some(_)) if !self.is_plain() || !rhs.is_plain() => self.add_grown(rhs),
            (Some(p), Some(q)) => {
                let rem = sum(self.rem.clone(), rhs.rem.clone(), self.from());
                Self::with(&self.cx, p.add(q, self.cx.prec), rem).diverging(|| self.divergence_of_sum(rhs))
            }
            _ => Self::divergent(&self.cx, self.divergence_of_sum(rhs)),
        }
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    fn mul(&self, rhs: &Self) -> Self {
        let (Some(p), Some(q)) = (&self.series, &rhs.series) else {
            // what tends to an infinity is defined on all of the half-line, so that zero times it is zero
            if self.is_zero() && rhs.diverges.sign != 0 || rhs.is_zero() && self.diverges.sign != 0 {
                return Self::with(&self.cx, Series::default(), None);
            }
            return Self::divergent(&self.cx, self.divergence_of_product(rhs));
        };
        if !self.is_plain() || !rhs.is_plain() {
            return self.mul_grown(rhs).or_divergent(|| self.divergence_of_product(rhs));
        }
        let from = self.from();
        let rem = [
            product(p.bound(from).as_ref(), rhs.rem.as_ref()),
            product(q.bound(from).as_ref(), self.rem.as_ref()),
            product(self.rem.as_ref(), rhs.rem.as_ref()),
        ];
        let rem = rem.into_iter().fold(None, |acc, r| sum(acc, r, from));
        let hidden = self.diverges.sign != 0 || rhs.diverges.sign != 0;
        let known = Self::with(&self.cx, p.mul(q, self.cx.prec), rem);
        if hidden { known.diverging(|| self.divergence_of_product(rhs)) } else { known }
    }

    fn div(&self, rhs: &Self) -> Self {
        self.over_tail(rhs)
    }

    fn pow(&self, exponent: &Rational) -> Self {
        self.to_power(exponent)
    }

    fn call(&self, f: Func) -> Self {
        self.apply(f)
    }

    fn min(&self, rhs: &Self) -> Self {
        Self::choose(rhs, self, self, rhs)
    }

    fn max(&self, rhs: &Self) -> Self {
        Self::choose(self, rhs, self, rhs)
    }

    fn defined(&self) -> bool {
        self.series.is_some() || self.diverges.sign != 0
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        match left.sub(right).sign() {
            Some(1) => a.clone(),
            Some(-1) => b.clone(),
            _ => Self::unknown(&a.cx),
        }
    }
}
