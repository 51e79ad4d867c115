//! Quotients and powers of tails.

use super::coef::{COARSE, Coef};
use super::decay::{Decay, product, small, sum};
use super::functions::Op;
use super::series::Series;
use super::{MAX_DEGREE, Tail};
use crate::number::{Enclosure, MpI, Real};
use rug::{Float, Rational};
use std::cmp::Ordering;

/// Steps of a division, each of which gives one term.
const MAX_STEPS: usize = 200;
/// The binomial series is used where the lower terms are at most this part of the leading one.
const REACH: f64 = 0.5;

impl Tail {
    /// Long division: (N + r)/(D + s) = Q + (R + r - Q s)/(D + s) with N = Q D + R.
    pub(super) fn over_tail(&self, rhs: &Self) -> Self {
        let (Some(n), Some(d)) = (&self.series, &rhs.series) else { return self.divergent_quotient(rhs) };
        if !self.is_plain() || !rhs.is_plain() {
            let quotient = self.div_grown(rhs);
            return quotient.or_divergent(|| self.divergent_quotient(rhs).diverges);
        }
        let (cx, from, prec) = (&self.cx, self.from(), self.cx.prec);
        let mut lower = d.clone();
        let Some((degree, lead)) = lower.pop_lead() else { return Self::unknown(cx) };
        // |D + s| >= m x^degree
        let m = rhs.over(degree).map_or_else(|| Float::new(prec), |v| v.mig());
        if m <= 0 {
            return Self::unknown(cx);
        }
        let (mut rest, mut quotient, mut negative) = (n.clone(), Series::default(), 0);
        for _ in 0..MAX_STEPS {
            let Some((top, _)) = rest.lead() else { break };
            let exponent = top - degree;
            negative += usize::from(exponent < 0);
            if negative > cx.terms {
                break;
            }
            // the leading terms cancel by the choice of the factor
            let Some((_, top)) = rest.pop_lead() else { break };
            let factor = top.div(&lead, prec);
            rest = rest.add(&lower.times_term(exponent, &factor, prec).neg(), prec);
            quotient.push_last(exponent, factor);
        }
        let numerator = [rest.bound(from), self.rem.clone(), product(quotient.bound(from).as_ref(), rhs.rem.as_ref())];
        let reciprocal = small(1).div(&MpI::from_float(COARSE, &MpI::from_float(COARSE, &m).lo()));
        let rem = numerator.into_iter().fold(None, |acc, r| sum(acc, r, from));
        Self::with(cx, quotient, rem.map(|r| r.over(degree).scaled(&reciprocal)))
    }

    /// What tends to an infinity keeps doing so when it is divided by what is smaller.
    fn divergent_quotient(&self, rhs: &Self) -> Self {
        let (sign, fast) = (self.direction(), self.is_fast());
        let bounded = rhs.range().filter(|r| r.mag().is_finite() && r.mig() > 0);
        let by = match bounded {
            Some(r) if r.lo() > 0 => 1,
            Some(_) => -1,
            None if fast && rhs.of_polynomial_size() => rhs.sign().unwrap_or(0),
            None => 0,
        };
        Self::divergent(&self.cx, super::Divergence { sign: sign * by, fast: fast && sign * by != 0 })
    }

    pub(super) fn to_power(&self, q: &Rational) -> Self {
        let cx = &self.cx;
        let one = || Self::constant(cx, Coef::int(1));
        if !self.defined() {
            return Self::unknown(cx);
        }
        if *q == 0 {
            return one();
        }
        if !self.is_plain() {
            return self.pow_grown(q);
        }
        let alone = |s: &Series| s.terms().len() == 1 && s.lead().is_some_and(|(_, c)| c.sign() != 0);
        let monomial = self.rem.is_none() && self.series.as_ref().is_some_and(alone);
        if q.is_integer() && !monomial {
            let Some(n) = q.numer().to_i32().filter(|n| n.unsigned_abs() as usize <= MAX_DEGREE) else {
                return Self::unknown(cx);
            };
            // the power of the quotient: far less is lost than in the quotient of the power
            let base = if n > 0 { self.clone() } else { one().over_tail(self) };
            return (1..n.unsigned_abs()).fold(base.clone(), |acc, _| acc.mul(&base));
        }
        match self.lead_exponent() {
            Some(e) if e != 0 || monomial => self.power_by_lead(q),
            _ => None,
        }
        .unwrap_or_else(|| self.near_constant(&Op::Pow(q)))
    }

    /// u^q for u = a x^e (1 + v) with v small: a^q x^(eq) times the binomial series of (1 + v)^q.
    fn power_by_lead(&self, q: &Rational) -> Option<Self> {
        let (cx, prec) = (&self.cx, self.cx.prec);
        let mut lower = self.series.clone()?;
        let (exponent, lead) = lower.pop_lead()?;
        let whole = q.is_integer() && lead.sign() != 0;
        if lead.sign() <= 0 && !whole {
            return None;
        }
        let power = Rational::from(q * exponent);
        let power = power.numer().to_i32().filter(|_| power.is_integer())?;
        let over_lead = |r: &Decay| {
            let by = MpI::from_float(COARSE, &lead.value(COARSE).mig());
            r.over(exponent).scaled(&small(1).div(&by))
        };
        let v = lower.times_term(-exponent, &Coef::int(1).div(&lead, prec), prec);
        let v = Self::with(cx, v, self.rem.as_ref().map(over_lead));
        let reach = v.bound().map_or_else(|| Float::new(COARSE), |b| b.bound(self.from()));
        // also where the bound is not a number
        if reach.partial_cmp(&REACH) != Some(Ordering::Less) {
            return None;
        }
        let reach = MpI::from_floats(COARSE, &-reach.clone(), &reach);
        let sum = v.taylor(&binomial(q, v.orders()), |next| {
            // sup |(d/dv)^n (1 + v)^q|/n!
            let n = next as u32;
            small(1).add(&reach).pow(&Rational::from(q - n)).mul(&MpI::rational(&COARSE, &binomial(q, next)[next]))
        });
        Some(sum.times_term(power, &lead.pow(q, prec)))
    }

    /// How many orders of a Taylor series in this small value are followed.
    pub(super) fn orders(&self) -> usize {
        if self.series.as_ref().is_none_or(Series::is_empty) { 0 } else { self.cx.terms }
    }

    /// Sum of c_j v^j for a v that is bounded, and the remainder of Taylor's formula: the next coefficient, anywhere between 0
    /// and v, times a power of v.
    pub(super) fn taylor<C: Clone + Into<Coef>>(&self, c: &[C], next: impl Fn(usize) -> MpI) -> Self {
        let constant = |c: &C| Self::constant(&self.cx, c.clone().into());
        let Some((last, lower)) = c.split_last().filter(|_| self.series.is_some()) else {
            return Self::unknown(&self.cx);
        };
        let sum = lower.iter().rev().fold(constant(last), |acc, c| acc.mul(self).add(&constant(c)));
        match self.bound() {
            None => sum,
            Some(size) => {
                let factor = MpI::from_float(COARSE, &next(c.len()).mag());
                let rem = size.power(c.len()).scaled(&factor);
                sum.add(&Self::remainder(&self.cx, rem))
            }
        }
    }
}

/// The first binomial coefficients of (1 + v)^q, up to v^n.
fn binomial(q: &Rational, n: usize) -> Vec<Rational> {
    let mut c = vec![Rational::from(1)];
    for k in 0..n as u32 {
        let next = c[k as usize].clone() * Rational::from(q - k) / (k + 1);
        c.push(next);
    }
    c
}

impl From<Rational> for Coef {
    fn from(q: Rational) -> Self {
        Self::Exact(q)
    }
}
