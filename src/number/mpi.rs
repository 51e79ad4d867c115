//! MPFR intervals at any precision: outward rounding on every operation.

use super::mpfr::{self, Rounded};
use super::{Enclosure, Real};
use crate::expr::{Func, Named};
use rug::float::{Constant, Round, Special};
use rug::{Assign, Float, Rational};
use std::cmp::Ordering;

/// A closed interval of the extended reals with MPFR ends; an infinite end means unbounded.
///
/// Contains: every operation holds the real result for all members of its operands where it is defined. `total` turns
/// false for good when some member was outside the domain; a result that is nowhere defined is the whole line.
/// A quotient by an interval that touches zero only at one end is one-sided. Operands have the same precision.
#[derive(Clone, Debug, PartialEq)]
pub struct MpI {
    lo: Float,
    hi: Float,
    total: bool,
}

/// A lazy MPFR expression rounded at a precision.
macro_rules! rounded {
    ($prec:expr, $value:expr, $direction:expr) => {
        Float::with_val_round($prec, $value, $direction).0
    };
}

/// A function of MPFR, which rounds correctly.
macro_rules! native {
    ($method:ident) => {
        |x: &Float, r: Round| Float::with_val_round(x.prec(), x.$method(), r)
    };
}

/// The sign that all members share, zero aside.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Zero,
    Negative,
    Positive,
    Mixed,
}

fn smaller<'a>(a: &'a Float, b: &'a Float) -> &'a Float {
    if b < a { b } else { a }
}

fn larger<'a>(a: &'a Float, b: &'a Float) -> &'a Float {
    if b > a { b } else { a }
}

impl MpI {
    fn prec(&self) -> u32 {
        self.lo.prec()
    }

    /// The whole line, undefined somewhere.
    fn undefined(prec: u32) -> Self {
        Self { total: false, ..Self::between(prec, Special::NegInfinity, Special::Infinity) }
    }

    /// Between two values that floats of any precision hold exactly.
    fn between<T>(prec: u32, lo: T, hi: T) -> Self
    where
        Float: Assign<T>,
    {
        Self { lo: Float::with_val(prec, lo), hi: Float::with_val(prec, hi), total: true }
    }

    /// The exact value of a float, whatever its precision; rounded outward if it does not fit.
    pub fn from_float(prec: u32, value: &Float) -> Self {
        Self::from_floats(prec, value, value)
    }

    /// The interval between two floats, rounded outward. What holds no real number (a NaN, `lo > hi`, both ends the
    /// same infinity) gives the whole line, not total.
    pub fn from_floats(prec: u32, lo: &Float, hi: &Float) -> Self {
        let real = lo <= hi && !(lo.is_infinite() && lo == hi);
        if !real {
            return Self::undefined(prec);
        }
        Self { lo: rounded!(prec, lo, Round::Down), hi: rounded!(prec, hi, Round::Up), total: true }
    }

    /// Whether zero is a member.
    pub fn has_zero(&self) -> bool {
        self.lo <= 0 && self.hi >= 0
    }

    /// Width, rounded up; infinite if unbounded.
    pub fn width(&self) -> Float {
        rounded!(self.prec(), &self.hi - &self.lo, Round::Up)
    }

    /// Largest magnitude of a member.
    pub fn mag(&self) -> Float {
        self.farthest().clone().abs()
    }

    /// Smallest magnitude of a member.
    pub fn mig(&self) -> Float {
        if self.has_zero() { Float::new(self.prec()) } else { self.nearest_end().clone().abs() }
    }

    /// The end farther from zero.
    fn farthest(&self) -> &Float {
        if self.lo.cmp_abs(&self.hi) == Some(Ordering::Greater) { &self.lo } else { &self.hi }
    }

    /// The end nearer to zero.
    fn nearest_end(&self) -> &Float {
        if self.lo.cmp_abs(&self.hi) == Some(Ordering::Greater) { &self.hi } else { &self.lo }
    }

    fn sign(&self) -> Sign {
        if self.lo >= 0 {
            if self.hi.is_zero() { Sign::Zero } else { Sign::Positive }
        } else if self.hi <= 0 {
            Sign::Negative
        } else {
            Sign::Mixed
        }
    }

    /// The image where the least value is at `at_least` and the greatest at `at_most`, both ends of an interval or zero.
    /// A point costs one evaluation: the other bound of a correctly rounded value is its neighbour.
    fn image(&self, at_least: &Float, at_most: &Float, f: impl Fn(&Float, Round) -> Rounded) -> Self {
        let (lo, order) = f(at_least, Round::Down);
        let hi = if at_least != at_most {
            f(at_most, Round::Up).0
        } else {
            let mut hi = lo.clone();
            if order != Ordering::Equal {
                hi.next_up();
            }
            hi
        };
        Self { lo, hi, total: self.total }
    }

    fn increasing(&self, f: impl Fn(&Float, Round) -> Rounded) -> Self {
        self.image(&self.lo, &self.hi, f)
    }

    fn decreasing(&self, f: impl Fn(&Float, Round) -> Rounded) -> Self {
        self.image(&self.hi, &self.lo, f)
    }

    /// An increasing function with bounds that need not be neighbours.
    fn increasing_bounds(&self, f: impl Fn(&Float, Round) -> Float) -> Self {
        Self { lo: f(&self.lo, Round::Down), hi: f(&self.hi, Round::Up), total: self.total }
    }

    /// An even function that increases with the magnitude.
    fn even(&self, f: impl Fn(&Float, Round) -> Rounded) -> Self {
        if self.has_zero() {
            return self.image(&Float::new(self.prec()), self.farthest(), f);
        }
        self.image(self.nearest_end(), self.farthest(), f)
    }

    /// What is left in a domain that is bounded from below, total only if nothing was cut off.
    fn restricted(&self, bound: i32, closed: bool) -> Option<Self> {
        if self.hi < bound || (self.hi == bound && !closed) {
            return None;
        }
        let inside = self.lo > bound || (self.lo == bound && closed);
        let lo = if self.lo < bound { Float::with_val(self.prec(), bound) } else { self.lo.clone() };
        Some(Self { lo, hi: self.hi.clone(), total: self.total && inside })
    }

    fn increasing_above(&self, bound: i32, closed: bool, f: impl Fn(&Float, Round) -> Rounded) -> Self {
        // the usual case needs no copy
        if self.lo > bound {
            return self.increasing(f);
        }
        self.restricted(bound, closed).map_or_else(|| Self::undefined(self.prec()), |u| u.increasing(f))
    }

    /// `self^n` for n other than 0.
    fn integer_power(&self, n: i32) -> Self {
        let power = |x: &Float, r: Round| mpfr::integer_power(x, n, r);
        match (n > 0, n % 2 == 0) {
            (true, true) => self.even(power),
            (true, false) => self.increasing(power),
            (false, even) => self.negative_power(even, power),
        }
    }

    /// A pole at zero: even, or odd.
    fn negative_power(&self, even: bool, power: impl Fn(&Float, Round) -> Rounded) -> Self {
        let prec = self.prec();
        match self.sign() {
            Sign::Zero => Self::undefined(prec),
            Sign::Mixed if !even => Self::undefined(prec),
            _ if !self.has_zero() => match (even, self.sign()) {
                (true, Sign::Negative) => self.increasing(power),
                _ => self.decreasing(power),
            },
            sign => {
                let bounded = |r: Round| power(self.farthest(), r).0;
                let whole = Self::undefined(prec);
                match (even, sign) {
                    (false, Sign::Negative) => Self { hi: bounded(Round::Up), ..whole },
                    _ => Self { lo: bounded(Round::Down), ..whole },
                }
            }
        }
    }

    /// `self^(n/d)` for a fraction in lowest terms, the base cut to its members >= 0.
    fn rational_power(&self, n: i32, d: u32) -> Self {
        let Some(base) = self.restricted(0, n > 0) else {
            return Self::undefined(self.prec());
        };
        let power = |x: &Float, r: Round| match n {
            _ if x.is_zero() && n < 0 => Float::with_val(x.prec(), Special::Infinity),
            1 => rounded!(x.prec(), x.root_ref(d), r),
            _ => mpfr::rational_power(x, n, d, r),
        };
        let (at_least, at_most) = if n > 0 { (&base.lo, &base.hi) } else { (&base.hi, &base.lo) };
        Self { lo: power(at_least, Round::Down), hi: power(at_most, Round::Up), total: base.total }
    }

    /// False only if the interval is certainly narrower than pi.
    fn is_wider_than_pi(&self) -> bool {
        let prec = self.prec() + 64;
        let width = rounded!(prec, &self.hi - &self.lo, Round::Up);
        width > rounded!(prec, Constant::Pi, Round::Down)
    }

    /// The image under sin or cos, from the function and the sign of its derivative.
    ///
    /// The zeros of the derivative are pi apart, so in an interval shorter than pi its sign at the ends tells whether it
    /// has one, and in one shorter than 2 pi different signs mean exactly one. Far out, where the reduction of the
    /// argument would need tens of thousands of digits of pi, the answer is [-1, 1].
    fn wave(&self, f: impl Fn(&Float, Round) -> Rounded, derivative: impl Fn(&Float) -> Ordering) -> Self {
        const FAR: i32 = 1 << 14;
        let whole = || Self { total: self.total, ..Self::between(self.prec(), -1, 1) };
        let near = |x: &Float| x.is_zero() || x.get_exp().is_some_and(|e| e < FAR);
        if !near(&self.lo) || !near(&self.hi) {
            return whole();
        }
        if self.lo == self.hi {
            return self.increasing(f);
        }
        let width = rounded!(32, &self.hi - &self.lo, Round::Up);
        if width > 6.25 {
            return whole();
        }
        // at an end where the derivative is zero its sign inside the interval counts; the only such float is the
        // maximum of cos at 0, which is risen to from the left
        let rises_at_lo = derivative(&self.lo) == Ordering::Greater;
        let rises_at_hi = derivative(&self.hi) != Ordering::Less;
        match (rises_at_lo, rises_at_hi) {
            (true, false) => {
                let lo = smaller(&f(&self.lo, Round::Down).0, &f(&self.hi, Round::Down).0).clone();
                Self { lo, ..whole() }
            }
            (false, true) => {
                let hi = larger(&f(&self.lo, Round::Up).0, &f(&self.hi, Round::Up).0).clone();
                Self { hi, ..whole() }
            }
            _ if width > 3.125 && self.is_wider_than_pi() => whole(),
            (true, true) => self.increasing(f),
            (false, false) => self.decreasing(f),
        }
    }
}

/// The sign of a lazy MPFR value: 16 bits show it, as rounding never changes it.
macro_rules! sign_of {
    ($value:expr) => {
        Float::with_val(16, $value).cmp0().unwrap_or(Ordering::Equal)
    };
}

impl Real for MpI {
    /// Precision in bits.
    type Context = u32;

    fn context(&self) -> u32 {
        self.prec()
    }

    fn rational(cx: &u32, value: &Rational) -> Self {
        Self { lo: rounded!(*cx, value, Round::Down), hi: rounded!(*cx, value, Round::Up), total: true }
    }

    fn int(cx: &u32, value: i64) -> Self {
        Self { lo: rounded!(*cx, value, Round::Down), hi: rounded!(*cx, value, Round::Up), total: true }
    }

    fn named(cx: &u32, name: Named) -> Self {
        match name {
            Named::Pi => Self {
                lo: rounded!(*cx, Constant::Pi, Round::Down),
                hi: rounded!(*cx, Constant::Pi, Round::Up),
                total: true,
            },
            Named::E => Self::int(cx, 1).call(Func::Exp),
        }
    }

    fn neg(&self) -> Self {
        Self { lo: -self.hi.clone(), hi: -self.lo.clone(), total: self.total }
    }

    fn add(&self, rhs: &Self) -> Self {
        let lo = rounded!(self.prec(), &self.lo + &rhs.lo, Round::Down);
        let hi = rounded!(self.prec(), &self.hi + &rhs.hi, Round::Up);
        Self { lo, hi, total: self.total && rhs.total }
    }

    fn sub(&self, rhs: &Self) -> Self {
        let lo = rounded!(self.prec(), &self.lo - &rhs.hi, Round::Down);
        let hi = rounded!(self.prec(), &self.hi - &rhs.lo, Round::Up);
        Self { lo, hi, total: self.total && rhs.total }
    }

    /// By the signs of the operands: two products, four only where both are mixed. No case multiplies zero by infinity.
    fn mul(&self, rhs: &Self) -> Self {
        use Sign::{Mixed, Negative, Positive, Zero};
        let prec = self.prec();
        let total = self.total && rhs.total;
        let ((a, b), (c, d)) = ((&self.lo, &self.hi), (&rhs.lo, &rhs.hi));
        let product = |lo: (&Float, &Float), hi: (&Float, &Float)| Self {
            lo: rounded!(prec, lo.0 * lo.1, Round::Down),
            hi: rounded!(prec, hi.0 * hi.1, Round::Up),
            total,
        };
        match (self.sign(), rhs.sign()) {
            (Zero, _) | (_, Zero) => Self { total, ..Self::between(prec, 0, 0) },
            (Positive, Positive) => product((a, c), (b, d)),
            (Positive, Negative) => product((b, c), (a, d)),
            (Positive, Mixed) => product((b, c), (b, d)),
            (Negative, Positive) => product((a, d), (b, c)),
            (Negative, Negative) => product((b, d), (a, c)),
            (Negative, Mixed) => product((a, d), (a, c)),
            (Mixed, Positive) => product((a, d), (b, d)),
            (Mixed, Negative) => product((b, c), (a, c)),
            (Mixed, Mixed) => {
                let (p, q) = (product((a, d), (a, c)), product((b, c), (b, d)));
                p.hull(&q)
            }
        }
    }

    fn div(&self, rhs: &Self) -> Self {
        let prec = self.prec();
        let total = self.total && rhs.total && !rhs.has_zero();
        // of a divisor of one sign: the end near zero and the far one; the numerator's end that gives the least quotient
        let (least, most, near, far) = match rhs.sign() {
            Sign::Zero => return Self::undefined(prec),
            _ if self.sign() == Sign::Zero => return Self { total, ..Self::between(prec, 0, 0) },
            Sign::Mixed => return Self::undefined(prec),
            Sign::Positive => (&self.lo, &self.hi, &rhs.lo, &rhs.hi),
            Sign::Negative => (&self.hi, &self.lo, &rhs.hi, &rhs.lo),
        };
        // a bound towards zero is attained at the far end, one away from zero at the near end or not at all; only the
        // far end and the end that goes with `near` can be infinite, so no case divides infinity by infinity
        let bound = |a: &Float, r: Round, away: Special| {
            let negative = !a.is_zero() && (a.is_sign_negative() != far.is_sign_negative());
            if a.is_zero() || negative == (r == Round::Up) {
                rounded!(prec, a / far, r)
            } else if near.is_zero() {
                Float::with_val(prec, away)
            } else {
                rounded!(prec, a / near, r)
            }
        };
        Self {
            lo: bound(least, Round::Down, Special::NegInfinity),
            hi: bound(most, Round::Up, Special::Infinity),
            total,
        }
    }

    fn sqr(&self) -> Self {
        self.even(native!(square_ref))
    }

    /// An exponent whose numerator exceeds 31 bits, or denominator 32, gives the whole line, not total.
    fn pow(&self, exponent: &Rational) -> Self {
        match (exponent.numer().to_i32(), exponent.denom().to_u32()) {
            (Some(0), _) => Self { total: self.total, ..Self::between(self.prec(), 1, 1) },
            (Some(n), Some(1)) => self.integer_power(n),
            (Some(1), Some(2)) => self.call(Func::Sqrt),
            (Some(n), Some(d)) => self.rational_power(n, d),
            _ => Self::undefined(self.prec()),
        }
    }

    fn call(&self, f: Func) -> Self {
        match f {
            Func::Exp => self.increasing(native!(exp_ref)),
            Func::Expm1 => self.increasing(native!(exp_m1_ref)),
            Func::Log => self.increasing_above(0, false, native!(ln_ref)),
            Func::Log1p => self.increasing_above(-1, false, native!(ln_1p_ref)),
            Func::Sqrt => self.increasing_above(0, true, native!(sqrt_ref)),
            Func::Erf => self.increasing(native!(erf_ref)),
            Func::Erfc => {
                Self { lo: mpfr::erfc(&self.hi, Round::Down), hi: mpfr::erfc(&self.lo, Round::Up), total: self.total }
            }
            Func::Tanh => self.increasing(native!(tanh_ref)),
            Func::Sinh => self.increasing(native!(sinh_ref)),
            Func::Cosh => self.even(native!(cosh_ref)),
            Func::Atan => self.increasing(native!(atan_ref)),
            Func::Sin => self.wave(native!(sin_ref), |x| sign_of!(x.cos_ref())),
            Func::Cos => self.wave(native!(cos_ref), |x| sign_of!(x.sin_ref()).reverse()),
            Func::Sigmoid => self.increasing_bounds(mpfr::sigmoid),
            Func::Softplus => self.increasing_bounds(mpfr::softplus),
            Func::NormCdf => self.increasing_bounds(mpfr::normcdf),
            Func::NormPdf => {
                let zero = Float::new(self.prec());
                let nearest = if self.has_zero() { &zero } else { self.nearest_end() };
                Self {
                    lo: mpfr::normpdf(self.farthest(), Round::Down),
                    hi: mpfr::normpdf(nearest, Round::Up),
                    total: self.total,
                }
            }
            Func::Abs => self.even(native!(abs_ref)),
        }
    }

    fn min(&self, rhs: &Self) -> Self {
        Self {
            lo: smaller(&self.lo, &rhs.lo).clone(),
            hi: smaller(&self.hi, &rhs.hi).clone(),
            total: self.total && rhs.total,
        }
    }

    fn max(&self, rhs: &Self) -> Self {
        Self {
            lo: larger(&self.lo, &rhs.lo).clone(),
            hi: larger(&self.hi, &rhs.hi).clone(),
            total: self.total && rhs.total,
        }
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        let chosen = if left.lo > right.hi {
            a.clone()
        } else if left.hi < right.lo {
            b.clone()
        } else {
            a.hull(b)
        };
        Self { total: chosen.total && left.total && right.total, ..chosen }
    }

    fn defined(&self) -> bool {
        self.total
    }

    fn open(left: &Self, right: &Self) -> bool {
        left.lo <= right.hi && left.hi >= right.lo
    }
}

impl Enclosure for MpI {
    type End = Float;

    fn new(cx: &u32, lo: &Float, hi: &Float) -> Self {
        Self::from_floats(*cx, lo, hi)
    }

    fn lo(&self) -> Float {
        self.lo.clone()
    }

    fn hi(&self) -> Float {
        self.hi.clone()
    }

    fn total(&self) -> bool {
        self.total
    }

    fn split_point(&self) -> Option<Float> {
        let prec = self.prec();
        let big = |s: i32| Float::with_val(prec, s);
        let (lo, hi) = (&self.lo, &self.hi);
        let mut mid = if *lo < 0 && *hi > 0 {
            Float::new(prec)
        } else if lo.is_infinite() {
            if *hi > -1 { big(-1) } else { Float::with_val(prec, hi * 65536) }
        } else if hi.is_infinite() {
            if *lo < 1 { big(1) } else { Float::with_val(prec, lo * 65536) }
        } else {
            match (lo.get_exp(), hi.get_exp()) {
                (Some(a), Some(b)) if a.abs_diff(b) > 2 => {
                    let exp = a / 2 + b / 2;
                    let unit = Float::with_val(prec, Float::i_exp(1, exp));
                    if *lo < 0 { -unit } else { unit }
                }
                _ => Float::with_val(prec, lo + hi) / 2u32,
            }
        };
        if !(mid > *lo && mid < *hi) {
            mid.assign(lo + hi);
            mid /= 2u32;
        }
        (mid > *lo && mid < *hi).then_some(mid)
    }

    fn intersect(&self, rhs: &Self) -> Option<Self> {
        let (lo, hi) = (larger(&self.lo, &rhs.lo), smaller(&self.hi, &rhs.hi));
        (lo <= hi).then(|| Self { lo: lo.clone(), hi: hi.clone(), total: self.total || rhs.total })
    }

    fn hull(&self, rhs: &Self) -> Self {
        Self {
            lo: smaller(&self.lo, &rhs.lo).clone(),
            hi: larger(&self.hi, &rhs.hi).clone(),
            total: self.total && rhs.total,
        }
    }

    fn end_to_float(end: &Float) -> Float {
        end.clone()
    }

    fn end_from_float(cx: &u32, value: &Float, up: bool) -> Float {
        rounded!(*cx, value, if up { Round::Up } else { Round::Down })
    }
}

#[cfg(test)]
mod tests;
