//! Remainders: bounds c x^p e^(-k x) of a magnitude on a half-line.

use super::coef::COARSE;
use super::{UNIT, infinity, power_at};
use crate::expr::Func;
use crate::number::{Enclosure, MpI, Real};
use rug::{Float, Rational};

/// c x^p e^(-k x), an upper bound of a magnitude on [L, inf); c is rounded up and k >= 0 down. `p` counts units.
#[derive(Clone, Debug)]
pub(super) struct Decay {
    pub c: MpI,
    pub p: i32,
    pub k: MpI,
}

pub(super) fn small(value: i64) -> MpI {
    MpI::int(&COARSE, value)
}

/// The supremum on [L, inf) of x^p e^(-k x).
fn peak(p: i32, k: &MpI, from: &Float) -> MpI {
    if k.lo() <= 0 {
        return if p <= 0 { power_at(from, p, COARSE) } else { MpI::from_float(COARSE, &infinity()) };
    }
    // x^p e^(-kx) falls from x = p/k on
    let exponent = Rational::from((p, UNIT));
    let value = |x: &MpI| x.pow(&exponent).mul(&k.mul(x).neg().call(Func::Exp));
    let at = MpI::from_float(COARSE, from);
    let turn = MpI::rational(&COARSE, &exponent).div(k);
    if turn.hi() <= at.lo() { value(&at) } else { value(&at).max(&value(&turn.max(&at))) }
}

impl Decay {
    pub fn new(c: MpI, p: i32, k: MpI) -> Self {
        Self { c, p, k }
    }

    /// c x^p
    pub fn algebraic(c: MpI, p: i32) -> Self {
        Self::new(c, p, small(0))
    }

    /// Largest magnitude on [L, inf), rounded up; infinite if it grows.
    pub fn bound(&self, from: &Float) -> Float {
        self.c.mul(&peak(self.p, &self.k, from)).hi()
    }

    /// The same bound of the value divided by x^p.
    pub fn over(&self, p: i32) -> Self {
        Self { p: self.p.saturating_sub(p), ..self.clone() }
    }

    /// A bound of the sum: the slower one keeps its shape, the faster one is measured by it.
    fn plus(&self, rhs: &Self, from: &Float) -> Self {
        let self_slower = self.k.lo() < rhs.k.lo() || (self.k.lo() == rhs.k.lo() && self.p >= rhs.p);
        let (slow, fast) = if self_slower { (self, rhs) } else { (rhs, self) };
        let rate = MpI::from_float(COARSE, &fast.k.lo()).sub(&MpI::from_float(COARSE, &slow.k.lo()));
        let rate = MpI::from_float(COARSE, &rate.lo().max(&Float::new(COARSE)));
        let extra = fast.c.mul(&peak(fast.p.saturating_sub(slow.p), &rate, from));
        Self::new(slow.c.add(&extra), slow.p, slow.k.clone())
    }

    pub fn times(&self, rhs: &Self) -> Self {
        Self::new(self.c.mul(&rhs.c), self.p.saturating_add(rhs.p), self.k.add(&rhs.k))
    }

    /// A bound of the value's n-th power.
    pub fn power(&self, n: usize) -> Self {
        (0..n).fold(Self::algebraic(small(1), 0), |all, _| all.times(self))
    }

    pub fn scaled(&self, by: &MpI) -> Self {
        Self { c: self.c.mul(by), ..self.clone() }
    }

    /// Whether it tends to zero.
    pub fn vanishes(&self) -> bool {
        self.k.lo() > 0 || self.p < 0
    }

    /// Whether it is a power, without an exponential.
    pub fn is_algebraic(&self) -> bool {
        self.k.lo() <= 0
    }
}

/// A bound of the sum of two values.
pub(super) fn sum(a: Option<Decay>, b: Option<Decay>, from: &Float) -> Option<Decay> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.plus(&b, from)),
        (a, b) => a.or(b),
    }
}

/// A bound of the product of two values; `None` stands for nothing.
pub(super) fn product(a: Option<&Decay>, b: Option<&Decay>) -> Option<Decay> {
    Some(a?.times(b?))
}
