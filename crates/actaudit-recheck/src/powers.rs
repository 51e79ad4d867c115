//! Sums of powers of t >= L > 0, and bounds of what is left out of them.
//!
//! Exponents are counted in sixtieths, so that those of square, cube, fourth and fifth roots are whole numbers.

use actaudit_expr::plain::Interval;
use actaudit_expr::{Func, Named};
use rug::ops::Pow;
use rug::{Float, Rational};
use std::cmp::Reverse;

/// The exponent of t itself.
pub(super) const ONE: i32 = 60;
/// Coefficients with more bits than this are no longer kept exactly.
const MAX_BITS: u32 = 1 << 12;

/// A coefficient; exact while it is rational, so that x - x is nothing rather than a small multiple of x.
#[derive(Clone)]
pub(super) struct Number {
    pub exact: Option<Rational>,
    pub value: Interval,
}

impl Number {
    pub fn new(prec: u32, exact: Option<Rational>, value: impl FnOnce() -> Interval) -> Self {
        let fits = |q: &Rational| q.numer().significant_bits().max(q.denom().significant_bits()) <= MAX_BITS;
        match exact.filter(fits) {
            Some(q) => Self { value: Interval::rational(prec, &q), exact: Some(q) },
            None => Self { exact: None, value: value() },
        }
    }

    pub fn rational(prec: u32, value: &Rational) -> Self {
        Self::new(prec, Some(value.clone()), || Interval::rational(prec, value))
    }

    fn both(&self, rhs: &Self, exact: impl Fn(&Rational, &Rational) -> Rational, value: Interval) -> Self {
        let exact = self.exact.as_ref().zip(rhs.exact.as_ref()).map(|(a, b)| exact(a, b));
        Self::new(value.prec(), exact, || value)
    }

    pub fn add(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Rational::from(a + b), self.value.add(&rhs.value))
    }

    pub fn mul(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Rational::from(a * b), self.value.mul(&rhs.value))
    }

    /// The divisor's enclosure must exclude zero.
    pub fn div(&self, rhs: &Self) -> Option<Self> {
        Some(self.both(rhs, |a, b| Rational::from(a / b), self.value.div(&rhs.value)?))
    }

    /// A rational power of a positive number, exact where the root is.
    pub fn pow(&self, q: &Rational) -> Option<Self> {
        let value = self.value.pow(q)?;
        let exact = self.exact.as_ref().and_then(|base| {
            let (n, degree) = (q.numer().to_i32().filter(|n| n.abs() <= 64)?, q.denom().to_u32()?);
            let root = Rational::from((base.numer().clone().root(degree), base.denom().clone().root(degree)));
            (Rational::from((&root).pow(degree)) == *base).then(|| root.pow(n))
        });
        Some(Self::new(value.prec(), exact, || value))
    }
}

/// The half-line t >= L.
#[derive(Clone)]
pub(super) struct Start(Interval);

/// `c t^(p/ONE) e^(-rate t)` with c >= 0 and rate >= 0, both single numbers (kept as intervals to round with them).
#[derive(Clone)]
pub(super) struct Decay {
    pub c: Interval,
    pub p: i32,
    pub rate: Interval,
}

impl Decay {
    /// `c` rounded up, `rate` down.
    pub fn new(c: &Interval, p: i32, rate: &Interval) -> Self {
        Self { c: Interval::point(&c.hi), p, rate: Interval::point(&rate.lo) }
    }

    pub fn algebraic(c: &Interval, p: i32) -> Self {
        Self::new(c, p, &Interval::int(c.prec(), 0))
    }

    pub fn times(&self, rhs: &Self) -> Self {
        Self::new(&self.c.mul(&rhs.c), self.p.saturating_add(rhs.p), &self.rate.add(&rhs.rate))
    }

    /// Times `c t^(p/ONE)`
    pub fn shifted(&self, c: &Interval, p: i32) -> Self {
        self.times(&Self::algebraic(&c.abs(), p))
    }

    pub fn vanishes(&self) -> bool {
        self.c.is_zero() || self.rate.lo > 0 || self.p < 0
    }
}

/// Terms `a t^(e/ONE)` from the highest exponent down, no coefficient exactly zero.
#[derive(Clone)]
pub(super) struct Powers(Vec<(i32, Number)>);

impl Powers {
    pub fn new(mut terms: Vec<(i32, Number)>) -> Self {
        terms.sort_by_key(|(e, _)| Reverse(*e));
        let mut sum: Vec<(i32, Number)> = Vec::with_capacity(terms.len());
        for (e, a) in terms {
            match sum.last_mut() {
                Some((last, b)) if *last == e => *b = b.add(&a),
                _ => sum.push((e, a)),
            }
        }
        sum.retain(|(_, a)| !a.value.is_zero());
        Self(sum)
    }

    pub fn terms(&self) -> &[(i32, Number)] {
        &self.0
    }

    pub fn lead(&self) -> Option<&(i32, Number)> {
        self.0.first()
    }

    /// Without the leading term.
    pub fn lower(&self) -> Self {
        Self(self.0.iter().skip(1).cloned().collect())
    }

    pub fn pop_last(&mut self) -> Option<(i32, Number)> {
        self.0.pop()
    }

    pub fn add(&self, rhs: &Self) -> Self {
        Self::new(self.0.iter().chain(&rhs.0).cloned().collect())
    }

    pub fn mul(&self, rhs: &Self) -> Self {
        Self::new(self.0.iter().flat_map(|(e, a)| rhs.0.iter().map(move |(f, b)| (e + f, a.mul(b)))).collect())
    }

    /// Times `a t^(e/ONE)`
    pub fn shifted(&self, a: &Number, e: i32) -> Self {
        self.mul(&Self(vec![(e, a.clone())]))
    }
}

impl Start {
    pub fn new(from: &Float) -> Self {
        Self(Interval::point(from))
    }

    pub fn at(&self) -> &Interval {
        &self.0
    }

    pub fn prec(&self) -> u32 {
        self.0.prec()
    }

    pub fn int(&self, value: i32) -> Interval {
        Interval::int(self.prec(), value)
    }

    /// `L^(e/ONE)`
    pub fn power(&self, e: i32) -> Option<Interval> {
        self.0.pow(&Rational::from((e, ONE)))
    }

    /// sup of `t^p e^(-rate t)` on the half-line; `None` if infinite.
    fn peak(&self, p: i32, rate: &Interval) -> Option<Interval> {
        let p_over_one = Rational::from((p, ONE));
        let turn = if rate.lo > 0 { Interval::rational(self.prec(), &p_over_one).div(rate) } else { None };
        // falling from L on
        if p <= 0 || turn.as_ref().is_some_and(|t| t.hi <= self.0.lo) {
            return Some(self.power(p)?.mul(&rate.mul(&self.0).neg().call(Func::Exp)?));
        }
        // the global maximum, at t = p/rate
        turn?.div(&Interval::named(self.prec(), Named::E))?.pow(&p_over_one)
    }

    /// From minus to plus the supremum of a magnitude.
    pub fn both_signs(b: &Interval) -> Interval {
        Interval { lo: -b.hi.clone(), hi: b.hi.clone() }
    }

    /// sup of a remainder; `None` if infinite.
    pub fn bound(&self, r: &Decay) -> Option<Interval> {
        if r.c.is_zero() { Some(self.int(0)) } else { Some(r.c.mul(&self.peak(r.p, &r.rate)?)) }
    }

    /// A bound of the sum: the slower one gives the shape, the other is measured by it.
    pub fn sum(&self, a: &Decay, b: &Decay) -> Option<Decay> {
        if a.c.is_zero() || b.c.is_zero() {
            return Some(if a.c.is_zero() { b.clone() } else { a.clone() });
        }
        let (slow, fast) =
            if a.rate.lo < b.rate.lo || (a.rate.lo == b.rate.lo && a.p >= b.p) { (a, b) } else { (b, a) };
        let excess = fast.rate.sub(&slow.rate);
        // rates that hardly differ cannot make up for a power
        let p = if excess.mul(&self.int(16)).hi < slow.rate.lo { slow.p.max(fast.p) } else { slow.p };
        let measured = |r: &Decay, rate: &Interval| Some(r.c.mul(&self.peak(r.p.checked_sub(p)?, rate)?));
        let c = measured(slow, &self.int(0))?.add(&measured(fast, &excess)?);
        Some(Decay::new(&c, p, &slow.rate))
    }

    /// |a0 t^e0 + a1 t^e1 + ..| <= (|a0| + |a1| L^(e1 - e0) + ..) t^e0, for e0 is the highest exponent.
    pub fn magnitude(&self, s: &Powers) -> Option<Decay> {
        let top = s.lead().map_or(0, |(e, _)| *e);
        let mut c = self.int(0);
        for (e, a) in s.terms() {
            c = c.add(&a.value.abs().mul(&self.power(e - top)?));
        }
        Some(Decay::algebraic(&c, top))
    }

    /// All values of the sum divided by t^(base/ONE): higher powers by Horner's rule on [L, inf), lower ones one by one, as
    /// 0 <= t^-d <= L^-d.
    pub fn over(&self, s: &Powers, base: i32) -> Option<Interval> {
        let wide = |e: i32| Some(Interval { lo: self.power(e)?.lo, hi: Interval::line(self.prec()).hi });
        let (mut high, mut low, mut at) = (self.int(0), self.int(0), None);
        for (e, a) in s.terms() {
            if *e < base {
                low = low.add(&a.value.mul(&Interval { lo: Float::new(self.prec()), hi: self.power(e - base)?.hi }));
                continue;
            }
            high = match at {
                Some(last) => high.mul(&wide(last - e)?).add(&a.value),
                None => a.value.clone(),
            };
            at = Some(*e);
        }
        match at {
            Some(last) if last > base => high = high.mul(&wide(last - base)?),
            _ => {}
        }
        Some(high.add(&low))
    }
}
