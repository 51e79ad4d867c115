//! f64 intervals: inari's arithmetic, and elementary functions on top of it.

use super::{Enclosure, MpI, Real};
use crate::expr::{Func, Named};
use inari::Interval;
use rug::float::Round;
use rug::{Float, Rational};

/// A closed interval of the extended reals with f64 ends; an infinite end means unbounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct F64I {
    i: Interval,
    total: bool,
}

impl F64I {
    fn made(lo: f64, hi: f64, total: bool) -> Self {
        match Interval::try_from((lo, hi)) {
            Ok(i) => Self { i, total },
            Err(_) => Self { i: Interval::ENTIRE, total: false },
        }
    }

    fn through_mpfr(&self, f: impl Fn(&MpI) -> MpI) -> Self {
        let x = MpI::from_floats(53, &Float::with_val(53, self.lo()), &Float::with_val(53, self.hi()));
        let y = f(&x);
        Self::made(y.lo().to_f64_round(Round::Down), y.hi().to_f64_round(Round::Up), self.total && y.total())
    }

    fn has_zero(&self) -> bool {
        self.i.contains(0.0)
    }
}

impl Real for F64I {
    type Context = ();

    fn context(&self) {}

    fn rational(_: &(), value: &Rational) -> Self {
        let down = Float::with_val_round(53, value, Round::Down).0.to_f64_round(Round::Down);
        let up = Float::with_val_round(53, value, Round::Up).0.to_f64_round(Round::Up);
        Self::made(down, up, true)
    }

    fn named(_: &(), name: Named) -> Self {
        let i = match name {
            Named::Pi => Interval::PI,
            Named::E => Interval::E,
        };
        Self { i, total: true }
    }

    fn neg(&self) -> Self {
        Self { i: -self.i, total: self.total }
    }

    fn add(&self, rhs: &Self) -> Self {
        Self { i: self.i + rhs.i, total: self.total && rhs.total }
    }

    fn sub(&self, rhs: &Self) -> Self {
        Self { i: self.i - rhs.i, total: self.total && rhs.total }
    }

    fn mul(&self, rhs: &Self) -> Self {
        Self { i: self.i * rhs.i, total: self.total && rhs.total }
    }

    fn div(&self, rhs: &Self) -> Self {
        let i = self.i / rhs.i;
        if i.is_empty() {
            return Self { i: Interval::ENTIRE, total: false };
        }
        Self { i, total: self.total && rhs.total && !rhs.has_zero() }
    }

    fn sqr(&self) -> Self {
        Self { i: self.i.sqr(), total: self.total }
    }

    fn pow(&self, exponent: &Rational) -> Self {
        self.through_mpfr(|x| x.pow(exponent))
    }

    fn call(&self, f: Func) -> Self {
        self.through_mpfr(|x| x.call(f))
    }

    fn min(&self, rhs: &Self) -> Self {
        Self { i: self.i.min(rhs.i), total: self.total && rhs.total }
    }

    fn max(&self, rhs: &Self) -> Self {
        Self { i: self.i.max(rhs.i), total: self.total && rhs.total }
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        if left.lo() > right.hi() {
            *a
        } else if left.hi() < right.lo() {
            *b
        } else {
            a.hull(b)
        }
    }
}

impl Enclosure for F64I {
    type End = f64;

    fn new(_: &(), lo: &f64, hi: &f64) -> Self {
        Self::made(*lo, *hi, true)
    }

    fn lo(&self) -> f64 {
        self.i.inf()
    }

    fn hi(&self) -> f64 {
        self.i.sup()
    }

    fn total(&self) -> bool {
        self.total
    }

    fn split_point(&self) -> Option<f64> {
        let (lo, hi) = (self.lo(), self.hi());
        let mid = if lo < 0.0 && hi > 0.0 {
            0.0
        } else if lo.is_infinite() {
            (hi * 65536.0).clamp(-f64::MAX, -1.0)
        } else if hi.is_infinite() {
            (lo * 65536.0).clamp(1.0, f64::MAX)
        } else if lo > 0.0 && hi / lo > 4.0 || hi < 0.0 && lo / hi > 4.0 {
            lo.signum() * lo.abs().sqrt() * hi.abs().sqrt()
        } else {
            0.5 * lo + 0.5 * hi
        };
        if mid > lo && mid < hi {
            return Some(mid);
        }
        let next = lo.next_up();
        (next < hi).then_some(next)
    }

    fn intersect(&self, rhs: &Self) -> Option<Self> {
        let i = self.i.intersection(rhs.i);
        (!i.is_empty()).then_some(Self { i, total: self.total || rhs.total })
    }

    fn hull(&self, rhs: &Self) -> Self {
        Self { i: self.i.convex_hull(rhs.i), total: self.total && rhs.total }
    }

    fn end_to_float(end: &f64) -> Float {
        Float::with_val(53, *end)
    }

    fn end_from_float(_: &(), value: &Float, up: bool) -> f64 {
        value.to_f64_round(if up { Round::Up } else { Round::Down })
    }
}
