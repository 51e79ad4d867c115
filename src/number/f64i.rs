//! f64 intervals: inari's arithmetic, and correctly rounded functions widened by one ulp (see `point`).

use super::{Enclosure, MpI, Real, point};
use crate::expr::{Func, Named};
use inari::{Interval, const_interval};
use rug::float::Round;
use rug::{Float, Rational};
use serde::{Deserialize, Serialize};

/// A closed interval of the extended reals with f64 ends; an infinite end means unbounded.
///
/// Contains: every operation holds the real result for all members of its operands where it is defined. `total` turns
/// false for good when some member was outside the domain; a result that is nowhere defined is the whole line.
/// A quotient by an interval that touches zero only at one end is one-sided.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Ends", into = "Ends")]
pub struct F64I {
    i: Interval,
    total: bool,
}

/// Bits for what has no fast path: enough that rounding to f64 is the only visible error.
const GUARDED: u32 = 53 + 64;

/// Both ends, and whether it is total: as it is written down.
type Ends = (f64, f64, bool);

impl From<Ends> for F64I {
    fn from((lo, hi, total): Ends) -> Self {
        Self::made(lo, hi, total)
    }
}

impl From<F64I> for Ends {
    fn from(value: F64I) -> Self {
        (value.lo(), value.hi(), value.total)
    }
}

impl F64I {
    #[inline]
    fn made(lo: f64, hi: f64, total: bool) -> Self {
        match Interval::try_from((lo, hi)) {
            Ok(i) => Self { i, total },
            Err(_) => Self::undefined(),
        }
    }

    /// The whole line, undefined somewhere.
    fn undefined() -> Self {
        Self { i: Interval::ENTIRE, total: false }
    }

    #[inline]
    fn with(&self, i: Interval) -> Self {
        Self { i, total: self.total }
    }

    #[inline]
    fn both(&self, rhs: &Self, i: Interval) -> Self {
        Self { i, total: self.total && rhs.total }
    }

    #[inline]
    fn increasing(&self, f: impl Fn(f64) -> Interval) -> Self {
        self.with(point::increasing(self.i, f))
    }

    #[inline]
    fn decreasing(&self, f: impl Fn(f64) -> Interval) -> Self {
        self.with(point::decreasing(self.i, f))
    }

    /// What is left of the interval in a domain that is bounded from below, total only if nothing was cut off.
    #[inline]
    fn restricted(&self, bound: f64, closed: bool) -> Option<Self> {
        let (lo, hi) = (self.lo(), self.hi());
        if hi < bound || (hi == bound && !closed) {
            return None;
        }
        let inside = lo > bound || (lo == bound && closed);
        Some(Self::made(lo.max(bound), hi, self.total && inside))
    }

    #[inline]
    fn increasing_above(&self, bound: f64, closed: bool, f: impl Fn(f64) -> Interval) -> Self {
        self.restricted(bound, closed).map_or_else(Self::undefined, |u| u.increasing(f))
    }

    /// The largest magnitude of a member; infinite if unbounded.
    pub(crate) fn mag(&self) -> f64 {
        self.i.mag()
    }

    /// The smallest magnitude of a member.
    pub(crate) fn mig(&self) -> f64 {
        self.i.mig()
    }

    fn through_mpfr(&self, f: impl Fn(&MpI) -> MpI) -> Self {
        let x = MpI::from_floats(GUARDED, &Float::with_val(53, self.lo()), &Float::with_val(53, self.hi()));
        let y = f(&x);
        Self::made(y.lo().to_f64_round(Round::Down), y.hi().to_f64_round(Round::Up), self.total && y.total())
    }

    /// `self^n` for n > 0
    #[inline]
    fn positive_power(&self, n: u32) -> Self {
        if n.is_multiple_of(2) {
            return self.with(point::increasing(self.i.abs(), |x| point::integer_power(x, n)));
        }
        self.increasing(|x| if x < 0.0 { -point::integer_power(-x, n) } else { point::integer_power(x, n) })
    }

    /// `self^-n` for n > 0
    fn negative_power(&self, n: u32) -> Self {
        if n == 1 {
            return Self::int(&(), 1).div(self);
        }
        let e = -f64::from(n);
        let (lo, hi) = (self.lo(), self.hi());
        if n.is_multiple_of(2) {
            return self.with(self.i.abs()).real_power(e);
        }
        if lo >= 0.0 {
            self.real_power(e)
        } else if hi <= 0.0 {
            self.neg().real_power(e).neg()
        } else {
            Self::undefined()
        }
    }

    /// `self^e` for e other than 0, the base cut to its members >= 0.
    fn real_power(&self, e: f64) -> Self {
        match self.restricted(0.0, e > 0.0) {
            None => Self::undefined(),
            Some(u) if e > 0.0 => u.increasing(|x| point::real_power(x, e)),
            Some(u) => u.decreasing(|x| point::real_power(x, e)),
        }
    }
}

impl Real for F64I {
    type Context = ();

    #[inline]
    fn context(&self) {}

    fn rational(_: &(), value: &Rational) -> Self {
        let down = Float::with_val_round(53, value, Round::Down).0.to_f64_round(Round::Down);
        let up = Float::with_val_round(53, value, Round::Up).0.to_f64_round(Round::Up);
        Self::made(down, up, true)
    }

    #[inline]
    fn int(cx: &(), value: i64) -> Self {
        let x = value as f64;
        // up to here the conversion is exact
        if x.abs() <= 9007199254740992.0 && x as i64 == value {
            return Self::made(x, x, true);
        }
        Self::rational(cx, &Rational::from(value))
    }

    fn named(_: &(), name: Named) -> Self {
        let i = match name {
            Named::Pi => Interval::PI,
            Named::E => Interval::E,
        };
        Self { i, total: true }
    }

    #[inline]
    fn neg(&self) -> Self {
        self.with(-self.i)
    }

    #[inline]
    fn add(&self, rhs: &Self) -> Self {
        self.both(rhs, self.i + rhs.i)
    }

    #[inline]
    fn sub(&self, rhs: &Self) -> Self {
        self.both(rhs, self.i - rhs.i)
    }

    #[inline]
    fn mul(&self, rhs: &Self) -> Self {
        self.both(rhs, self.i * rhs.i)
    }

    #[inline]
    fn div(&self, rhs: &Self) -> Self {
        let i = self.i / rhs.i;
        if i.is_empty() {
            return Self::undefined(); // by [0, 0]
        }
        Self { i, total: self.total && rhs.total && !rhs.i.contains(0.0) }
    }

    #[inline]
    fn sqr(&self) -> Self {
        self.with(self.i.sqr())
    }

    /// Integers and dyadic fractions (1/2, -3/2) are fast; other exponents go through MPFR. An exponent whose numerator
    /// exceeds 31 bits, or denominator 32, gives the whole line, not total.
    fn pow(&self, exponent: &Rational) -> Self {
        match (exponent.numer().to_i32(), exponent.denom().to_u32()) {
            (Some(0), _) => self.with(const_interval!(1.0, 1.0)),
            (Some(n), Some(1)) if n > 0 => self.positive_power(n.unsigned_abs()),
            (Some(n), Some(1)) => self.negative_power(n.unsigned_abs()),
            (Some(1), Some(2)) => self.call(Func::Sqrt),
            (Some(n), Some(d)) if d.is_power_of_two() => self.real_power(f64::from(n) / f64::from(d)),
            _ => self.through_mpfr(|x| x.pow(exponent)),
        }
    }

    #[inline]
    fn call(&self, f: Func) -> Self {
        match f {
            Func::Exp => self.increasing(point::exp),
            Func::Expm1 => self.increasing(point::expm1),
            Func::Log => self.increasing_above(0.0, false, point::log),
            Func::Log1p => self.increasing_above(-1.0, false, point::log1p),
            Func::Sqrt => match self.restricted(0.0, true) {
                Some(u) => u.with(u.i.sqrt()),
                None => Self::undefined(),
            },
            Func::Erf => self.increasing(point::erf),
            Func::Erfc => self.decreasing(point::erfc),
            Func::Tanh => self.increasing(point::tanh),
            Func::Sinh => self.increasing(point::sinh),
            Func::Cosh => self.with(point::increasing(self.i.abs(), point::cosh)),
            Func::Atan => self.increasing(point::atan),
            Func::Sin => self.with(point::wave(self.i, point::sin, core_math::cos)),
            Func::Cos => self.with(point::wave(self.i, point::cos, |x| -core_math::sin(x))),
            Func::Sigmoid => self.increasing(point::sigmoid),
            Func::Softplus => self.increasing(point::softplus),
            Func::NormCdf => self.increasing(point::normcdf),
            Func::NormPdf => self.with(point::decreasing(self.i.abs(), point::normpdf)),
            Func::Abs => self.with(self.i.abs()),
        }
    }

    #[inline]
    fn min(&self, rhs: &Self) -> Self {
        self.both(rhs, self.i.min(rhs.i))
    }

    #[inline]
    fn max(&self, rhs: &Self) -> Self {
        self.both(rhs, self.i.max(rhs.i))
    }

    #[inline]
    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        let chosen = if left.lo() > right.hi() {
            *a
        } else if left.hi() < right.lo() {
            *b
        } else {
            a.hull(b)
        };
        Self { total: chosen.total && left.total && right.total, ..chosen }
    }

    fn defined(&self) -> bool {
        self.total()
    }

    fn open(left: &Self, right: &Self) -> bool {
        left.lo() <= right.hi() && left.hi() >= right.lo()
    }
}

impl Enclosure for F64I {
    type End = f64;

    #[inline]
    fn new(_: &(), lo: &f64, hi: &f64) -> Self {
        Self::made(*lo, *hi, true)
    }

    #[inline]
    fn lo(&self) -> f64 {
        self.i.inf()
    }

    #[inline]
    fn hi(&self) -> f64 {
        self.i.sup()
    }

    #[inline]
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

    #[inline]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lo: f64, hi: f64) -> F64I {
        F64I::new(&(), &lo, &hi)
    }

    fn check(y: F64I, lo: f64, hi: f64, total: bool) {
        assert_eq!((y.lo(), y.hi(), y.total()), (lo, hi, total));
    }

    const INF: f64 = f64::INFINITY;

    #[test]
    fn what_holds_no_number_is_the_whole_line_and_not_total() {
        for (lo, hi) in [(f64::NAN, 1.0), (1.0, f64::NAN), (2.0, 1.0), (INF, INF), (-INF, -INF)] {
            check(at(lo, hi), -INF, INF, false);
        }
    }

    #[test]
    fn quotients_are_one_sided_where_the_divisor_is() {
        check(at(1.0, 2.0).div(&at(0.0, 4.0)), 0.25, INF, false);
        check(at(1.0, 2.0).div(&at(-4.0, 0.0)), -INF, -0.25, false);
        check(at(-2.0, -1.0).div(&at(0.0, 4.0)), -INF, -0.25, false);
        check(at(1.0, 2.0).div(&at(-1.0, 1.0)), -INF, INF, false);
        check(at(1.0, 2.0).div(&at(0.0, 0.0)), -INF, INF, false);
        check(at(1.0, INF).div(&at(2.0, INF)), 0.0, INF, true);
    }

    #[test]
    fn functions_are_exact_where_their_value_is() {
        check(at(0.0, 0.0).call(Func::Exp), 1.0, 1.0, true);
        check(at(0.0, 0.0).call(Func::Sigmoid), 0.5, 0.5, true);
        check(at(0.0, 0.0).call(Func::NormCdf), 0.5, 0.5, true);
        check(at(40.0, 40.0).call(Func::Erf), 1f64.next_down(), 1.0, true);
        check(at(-INF, INF).call(Func::Sigmoid), 0.0, 1.0, true);
        check(at(-INF, INF).call(Func::NormCdf), 0.0, 1.0, true);
        check(at(-INF, INF).call(Func::Tanh), -1.0, 1.0, true);
        check(at(-1.0, 4.0).call(Func::Sqrt), 0.0, 2.0, false);
        check(at(-2.0, -1.0).call(Func::Log), -INF, INF, false);
    }

    #[test]
    fn waves_find_their_extrema() {
        check(at(0.0, 4.0).call(Func::Cos), -1.0, 1.0, true);
        check(at(0.0, 7.0).call(Func::Sin), -1.0, 1.0, true);
        check(at(-INF, 0.0).call(Func::Sin), -1.0, 1.0, true);
        assert_eq!(at(1.0, 2.0).call(Func::Sin).hi(), 1.0);
        assert_eq!(at(-0.5, 0.25).call(Func::Cos).hi(), 1.0);
        // a thin interval far out is no reason to give up
        let far = at(1e15, 1e15 + 0.125).call(Func::Sin);
        assert!(far.hi() - far.lo() < 0.2, "{far:?}");
    }

    #[test]
    fn split_points_lie_strictly_inside() {
        for (lo, hi) in [(-INF, INF), (-INF, -f64::MAX), (f64::MAX, INF), (0.0, INF), (-INF, 0.0), (1e-300, 1e300)] {
            match at(lo, hi).split_point() {
                Some(m) => assert!(lo < m && m < hi, "{m} in ({lo}, {hi})"),
                None => assert!(lo.next_up() >= hi, "({lo}, {hi}) can be split"),
            }
        }
        assert_eq!(at(1.0, 1f64.next_up()).split_point(), None);
        assert_eq!(at(0.0, f64::from_bits(2)).split_point(), Some(f64::from_bits(1)));
    }
}
