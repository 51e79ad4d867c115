//! MPFR intervals at any precision: outward rounding on every operation.

use super::{Enclosure, Real};
use crate::expr::{Func, Named};
use rug::float::{Constant, Round, Special};
use rug::ops::{DivAssignRound, Pow};
use rug::{Assign, Float, Rational};
use std::cmp::Ordering;

/// A closed interval of the extended reals with MPFR ends; an infinite end means unbounded.
///
/// Contains: every operation holds the real result for all members of its operands where it is defined. `total` turns
/// false for good when some member was outside the domain.
#[derive(Clone, Debug, PartialEq)]
pub struct MpI {
    lo: Float,
    hi: Float,
    total: bool,
}

/// Rounds any lazy MPFR expression down or up at a precision.
macro_rules! rounded {
    ($prec:expr, $value:expr, down) => {
        Float::with_val_round($prec, $value, Round::Down).0
    };
    ($prec:expr, $value:expr, up) => {
        Float::with_val_round($prec, $value, Round::Up).0
    };
}

impl MpI {
    fn prec(&self) -> u32 {
        self.lo.prec()
    }

    fn made(lo: Float, hi: Float, total: bool) -> Self {
        debug_assert!(lo <= hi, "invalid interval [{lo}, {hi}]");
        Self { lo, hi, total }
    }

    /// The whole line, undefined somewhere.
    fn undefined(prec: u32) -> Self {
        let inf = Float::with_val(prec, Special::Infinity);
        Self { lo: Float::with_val(prec, Special::NegInfinity), hi: inf, total: false }
    }

    /// The exact value of a float, whatever its precision; rounded outward if it does not fit.
    pub fn from_float(prec: u32, value: &Float) -> Self {
        Self::made(rounded!(prec, value, down), rounded!(prec, value, up), true)
    }

    /// The interval between two floats, rounded outward.
    pub fn from_floats(prec: u32, lo: &Float, hi: &Float) -> Self {
        Self::made(rounded!(prec, lo, down), rounded!(prec, hi, up), true)
    }

    /// Whether zero is a member.
    pub fn has_zero(&self) -> bool {
        self.lo <= 0 && self.hi >= 0
    }

    /// Width, rounded up; infinite if unbounded.
    pub fn width(&self) -> Float {
        if self.lo == self.hi {
            return Float::new(self.prec());
        }
        rounded!(self.prec(), &self.hi - &self.lo, up)
    }

    /// Largest magnitude of a member.
    pub fn mag(&self) -> Float {
        let (a, b) = (self.lo.clone().abs(), self.hi.clone().abs());
        if a > b { a } else { b }
    }

    /// Smallest magnitude of a member.
    pub fn mig(&self) -> Float {
        if self.has_zero() {
            return Float::new(self.prec());
        }
        let (a, b) = (self.lo.clone().abs(), self.hi.clone().abs());
        if a < b { a } else { b }
    }

    fn monotone(&self, f: impl Fn(&Float, Round) -> Float) -> Self {
        Self::made(f(&self.lo, Round::Down), f(&self.hi, Round::Up), self.total)
    }

    fn part_above(&self, bound: i32, open: bool) -> Option<Self> {
        if self.hi < bound || (open && self.hi == bound) {
            return None;
        }
        let inside = if open { self.lo > bound } else { self.lo >= bound };
        let lo = if inside { self.lo.clone() } else { Float::with_val(self.prec(), bound) };
        Some(Self { lo, hi: self.hi.clone(), total: self.total && inside })
    }

    /// Even function, decreasing then increasing around zero.
    fn magnitudes(&self) -> Self {
        Self { lo: self.mig(), hi: self.mag(), total: self.total }
    }

    fn root(&self, degree: u32) -> Self {
        match self.part_above(0, false) {
            None => Self::undefined(self.prec()),
            Some(u) => u.monotone(|x, r| Float::with_val_round(x.prec(), x.root_ref(degree), r).0),
        }
    }

    fn integer_power(&self, n: i32) -> Self {
        let power = |x: &Float, r: Round| Float::with_val_round(x.prec(), Pow::pow(x, n), r).0;
        if n == 0 {
            return Self::int(&self.prec(), 1);
        }
        if n < 0 {
            return Self::int(&self.prec(), 1).div(&self.integer_power(-n));
        }
        if n % 2 == 0 { self.magnitudes().monotone(power) } else { self.monotone(power) }
    }

    /// Whether `(x + offset quarter turns) / (2 pi)` may be an integer for some member.
    fn meets_turn(&self, quarters: i64) -> bool {
        let cx = self.prec() + 64;
        let pi = Self::named(&cx, Named::Pi);
        let wide = Self::from_floats(cx, &self.lo, &self.hi);
        let shifted = wide.add(&pi.mul(&Self::rational(&cx, &Rational::from((quarters, 2)))));
        let turns = shifted.div(&pi.mul(&Self::int(&cx, 2)));
        !(turns.lo.is_finite() && turns.hi.is_finite()) || turns.lo.ceil() <= turns.hi
    }

    /// sin for `shift` 0, cos for 1, as sin(x + shift quarter turns).
    fn wave(&self, shift: i64, f: impl Fn(&Float, Round) -> Float) -> Self {
        let one = |s: i32| Float::with_val(self.prec(), s);
        if !(self.lo.is_finite() && self.hi.is_finite()) {
            return Self { lo: one(-1), hi: one(1), total: self.total };
        }
        let hi = if self.meets_turn(shift - 1) { one(1) } else { f(&self.lo, Round::Up).max(&f(&self.hi, Round::Up)) };
        let lo =
            if self.meets_turn(shift + 1) { one(-1) } else { f(&self.lo, Round::Down).min(&f(&self.hi, Round::Down)) };
        Self { lo, hi, total: self.total }
    }
}

/// The opposite rounding direction.
fn flip(r: Round) -> Round {
    if r == Round::Down { Round::Up } else { Round::Down }
}

/// Working precision for functions whose argument is squared: the exponent of a large argument eats that many bits twice.
fn guarded(x: &Float) -> u32 {
    x.prec() + 32 + 2 * x.get_exp().map_or(0, |e| e.clamp(0, 128) as u32)
}

/// 1/(1 + e^-x), rounded as asked; each branch adds only positive terms.
fn sigmoid(x: &Float, r: Round) -> Float {
    let w = x.prec() + 32;
    let value = if *x >= 0 {
        let e = Float::with_val_round(w, (-x.clone()).exp_ref(), flip(r)).0;
        let sum = Float::with_val_round(w, &e + 1, flip(r)).0;
        Float::with_val_round(w, sum.recip_ref(), r).0
    } else {
        let mut e = Float::with_val_round(w, x.exp_ref(), r).0;
        let sum = Float::with_val_round(w, &e + 1, flip(r)).0;
        e.div_assign_round(&sum, r);
        e
    };
    Float::with_val_round(x.prec(), &value, r).0
}

/// log(1 + e^x), rounded as asked.
fn softplus(x: &Float, r: Round) -> Float {
    if x.is_infinite() {
        return if x.is_sign_positive() { x.clone() } else { Float::new(x.prec()) };
    }
    let w = x.prec() + 32;
    let tail = -x.clone().abs();
    let e = Float::with_val_round(w, tail.exp_ref(), r).0;
    let log = Float::with_val_round(w, e.ln_1p_ref(), r).0;
    if *x > 0 { Float::with_val_round(x.prec(), x + &log, r).0 } else { Float::with_val_round(x.prec(), &log, r).0 }
}

/// erfc(-x/sqrt 2)/2, rounded as asked; erfc is decreasing, so its argument rounds the other way.
fn normcdf(x: &Float, r: Round) -> Float {
    let w = guarded(x);
    let minus_x = -x.clone();
    // -x/sqrt2 rounds as `flip(r)`: sqrt2 itself rounds up where the quotient is to be smaller in magnitude
    let shrink = (flip(r) == Round::Down) == (minus_x >= 0);
    let root2 = Float::with_val_round(w, 2, Round::Nearest).0;
    let root2 = Float::with_val_round(w, root2.sqrt_ref(), if shrink { Round::Up } else { Round::Down }).0;
    let y = Float::with_val_round(w, &minus_x / &root2, flip(r)).0;
    let value = Float::with_val_round(w, y.erfc_ref(), r).0 / 2u32;
    Float::with_val_round(x.prec(), &value, r).0
}

/// e^(-x^2/2)/sqrt(2 pi), rounded as asked.
fn normpdf(x: &Float, r: Round) -> Float {
    let w = guarded(x);
    let half_square = Float::with_val_round(w, x.square_ref(), flip(r)).0 / 2u32;
    let e = Float::with_val_round(w, (-half_square).exp_ref(), r).0;
    let two_pi = Float::with_val_round(w, Constant::Pi, flip(r)).0 * 2u32;
    let root = Float::with_val_round(w, two_pi.sqrt_ref(), flip(r)).0;
    let value = Float::with_val_round(w, &e / &root, r).0;
    Float::with_val_round(x.prec(), &value, r).0
}

/// The product of two ends, where an infinite end stands for "unbounded": zero times it is zero.
fn end_product(a: &Float, b: &Float, r: Round) -> Float {
    if a.is_zero() || b.is_zero() {
        return Float::new(a.prec());
    }
    Float::with_val_round(a.prec(), a * b, r).0
}

/// The quotient of two ends; the divisor is not zero, and inf/inf is the side that keeps the enclosure.
fn end_quotient(a: &Float, b: &Float, r: Round) -> Float {
    if a.is_zero() || b.is_infinite() && a.is_finite() {
        return Float::new(a.prec());
    }
    if a.is_infinite() && b.is_infinite() {
        return Float::new(a.prec());
    }
    Float::with_val_round(a.prec(), a / b, r).0
}

fn least(values: [Float; 4]) -> Float {
    values.into_iter().reduce(|a, b| if b < a { b } else { a }).expect("four values")
}

fn greatest(values: [Float; 4]) -> Float {
    values.into_iter().reduce(|a, b| if b > a { b } else { a }).expect("four values")
}

impl Real for MpI {
    /// Precision in bits.
    type Context = u32;

    fn context(&self) -> u32 {
        self.prec()
    }

    fn rational(cx: &u32, value: &Rational) -> Self {
        Self::made(rounded!(*cx, value, down), rounded!(*cx, value, up), true)
    }

    fn named(cx: &u32, name: Named) -> Self {
        match name {
            Named::Pi => Self::made(rounded!(*cx, Constant::Pi, down), rounded!(*cx, Constant::Pi, up), true),
            Named::E => Self::int(cx, 1).call(Func::Exp),
        }
    }

    fn neg(&self) -> Self {
        Self { lo: -self.hi.clone(), hi: -self.lo.clone(), total: self.total }
    }

    fn add(&self, rhs: &Self) -> Self {
        let lo = rounded!(self.prec(), &self.lo + &rhs.lo, down);
        let hi = rounded!(self.prec(), &self.hi + &rhs.hi, up);
        Self { lo, hi, total: self.total && rhs.total }
    }

    fn sub(&self, rhs: &Self) -> Self {
        let lo = rounded!(self.prec(), &self.lo - &rhs.hi, down);
        let hi = rounded!(self.prec(), &self.hi - &rhs.lo, up);
        Self { lo, hi, total: self.total && rhs.total }
    }

    fn mul(&self, rhs: &Self) -> Self {
        let all = |r: Round| {
            [
                end_product(&self.lo, &rhs.lo, r),
                end_product(&self.lo, &rhs.hi, r),
                end_product(&self.hi, &rhs.lo, r),
                end_product(&self.hi, &rhs.hi, r),
            ]
        };
        Self { lo: least(all(Round::Down)), hi: greatest(all(Round::Up)), total: self.total && rhs.total }
    }

    fn div(&self, rhs: &Self) -> Self {
        let total = self.total && rhs.total;
        if rhs.lo <= 0 && rhs.hi >= 0 {
            let mut out = Self::undefined(self.prec());
            // one-sided: the divisor is of one sign apart from zero itself
            if rhs.lo.is_zero() && !rhs.hi.is_zero() && !self.has_zero() {
                if self.lo > 0 {
                    out.lo = end_quotient(&self.lo, &rhs.hi, Round::Down);
                } else {
                    out.hi = end_quotient(&self.hi, &rhs.hi, Round::Up);
                }
            } else if rhs.hi.is_zero() && !rhs.lo.is_zero() && !self.has_zero() {
                if self.lo > 0 {
                    out.hi = end_quotient(&self.lo, &rhs.lo, Round::Up);
                } else {
                    out.lo = end_quotient(&self.hi, &rhs.lo, Round::Down);
                }
            }
            return out;
        }
        let all = |r: Round| {
            [
                end_quotient(&self.lo, &rhs.lo, r),
                end_quotient(&self.lo, &rhs.hi, r),
                end_quotient(&self.hi, &rhs.lo, r),
                end_quotient(&self.hi, &rhs.hi, r),
            ]
        };
        Self { lo: least(all(Round::Down)), hi: greatest(all(Round::Up)), total }
    }

    fn sqr(&self) -> Self {
        self.magnitudes().monotone(|x, r| Float::with_val_round(x.prec(), x.square_ref(), r).0)
    }

    fn pow(&self, exponent: &Rational) -> Self {
        match (exponent.numer().to_i32(), exponent.denom().to_u32()) {
            (Some(n), Some(1)) => self.integer_power(n),
            (Some(n), Some(d)) => self.root(d).integer_power(n),
            _ => Self::undefined(self.prec()),
        }
    }

    fn call(&self, f: Func) -> Self {
        macro_rules! native {
            ($method:ident) => {
                |x: &Float, r: Round| Float::with_val_round(x.prec(), x.$method(), r).0
            };
        }
        match f {
            Func::Exp => self.monotone(native!(exp_ref)),
            Func::Expm1 => self.monotone(native!(exp_m1_ref)),
            Func::Log => match self.part_above(0, true) {
                Some(u) => u.monotone(native!(ln_ref)),
                None => Self::undefined(self.prec()),
            },
            Func::Log1p => match self.part_above(-1, true) {
                Some(u) => u.monotone(native!(ln_1p_ref)),
                None => Self::undefined(self.prec()),
            },
            Func::Sqrt => match self.part_above(0, false) {
                Some(u) => u.monotone(native!(sqrt_ref)),
                None => Self::undefined(self.prec()),
            },
            Func::Erf => self.monotone(native!(erf_ref)),
            Func::Erfc => {
                let f = native!(erfc_ref);
                Self::made(f(&self.hi, Round::Down), f(&self.lo, Round::Up), self.total)
            }
            Func::Tanh => self.monotone(native!(tanh_ref)),
            Func::Sinh => self.monotone(native!(sinh_ref)),
            Func::Cosh => self.magnitudes().monotone(native!(cosh_ref)),
            Func::Atan => self.monotone(native!(atan_ref)),
            Func::Sin => self.wave(0, native!(sin_ref)),
            Func::Cos => self.wave(1, native!(cos_ref)),
            Func::Sigmoid => self.monotone(sigmoid),
            Func::Softplus => self.monotone(softplus),
            Func::NormCdf => self.monotone(normcdf),
            Func::NormPdf => {
                let m = self.magnitudes();
                Self::made(normpdf(&m.hi, Round::Down), normpdf(&m.lo, Round::Up), self.total)
            }
            Func::Abs => self.magnitudes(),
        }
    }

    fn min(&self, rhs: &Self) -> Self {
        Self { lo: self.lo.clone().min(&rhs.lo), hi: self.hi.clone().min(&rhs.hi), total: self.total && rhs.total }
    }

    fn max(&self, rhs: &Self) -> Self {
        Self { lo: self.lo.clone().max(&rhs.lo), hi: self.hi.clone().max(&rhs.hi), total: self.total && rhs.total }
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        if left.lo > right.hi {
            a.clone()
        } else if left.hi < right.lo {
            b.clone()
        } else {
            a.hull(b)
        }
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
        let lo = self.lo.clone().max(&rhs.lo);
        let hi = self.hi.clone().min(&rhs.hi);
        match lo.partial_cmp(&hi) {
            Some(Ordering::Less | Ordering::Equal) => Some(Self { lo, hi, total: self.total || rhs.total }),
            _ => None,
        }
    }

    fn hull(&self, rhs: &Self) -> Self {
        Self { lo: self.lo.clone().min(&rhs.lo), hi: self.hi.clone().max(&rhs.hi), total: self.total && rhs.total }
    }

    fn end_to_float(end: &Float) -> Float {
        end.clone()
    }

    fn end_from_float(cx: &u32, value: &Float, up: bool) -> Float {
        if up { rounded!(*cx, value, up) } else { rounded!(*cx, value, down) }
    }
}
