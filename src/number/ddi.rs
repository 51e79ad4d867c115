//! Double-double balls: a midpoint of about 106 bits and a radius that is rounded up. For points: where f64 intervals are
//! too wide (the error of an f64 kernel) and MPFR too slow.
//!
//! Rigorous. The midpoint of a sum or product is the double-word result of Joldes, Muller and Popescu ("Tight and
//! rigorous error bounds for basic building blocks of double-word arithmetic", 2017), whose relative error is below
//! 2^-102; the radius takes 2^-100 of it, and 2^-1070 for what underflows. Quotients, roots and logarithms check
//! themselves by their residual, and series add their remainder, so nothing else needs an error analysis.

use super::{Enclosure, MpI, Real, dd_functions};
use crate::expr::{Func, Named};
use rug::float::Round;
use rug::{Float, Rational};
use serde::{Deserialize, Serialize};

/// All reals within `r` of `hi + lo`; unbounded if `r` is infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DdI {
    hi: f64,
    lo: f64,
    r: f64,
    total: bool,
}

/// Relative error of one operation on midpoints, generously.
const UNIT: f64 = 1.0 / (1u128 << 100) as f64;
/// What underflow can lose in one operation, generously.
const TINY: f64 = f64::from_bits(1 << 4);
/// Above this, what underflow can lose is less than the slack of any rounding.
const LARGE: f64 = super::format::power_of_two(-800);
/// Balls of more relative radius than this are not worth a function call.
const COARSE: f64 = 1.0 / (1u64 << 30) as f64;

/// Rounds the result of a few f64 operations on radii up; nothing stays nothing.
fn up(v: f64) -> f64 {
    const MORE: f64 = 1.0 + 1.0 / (1u64 << 46) as f64;
    // subnormal operands cost a hundred cycles: only where they matter
    match v {
        LARGE.. => v * MORE,
        0.0 => 0.0,
        _ => v.mul_add(MORE, TINY),
    }
}

/// `r` and what underflow can have lost, unless something of this size shows that it is covered.
fn with_underflow(r: f64, size: f64) -> f64 {
    if size.abs() > LARGE { r } else { r + TINY }
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

fn quick_two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    (s, b - (s - a))
}

impl DdI {
    /// The number itself.
    pub const fn point(x: f64) -> Self {
        Self { hi: x, lo: 0.0, r: 0.0, total: true }
    }

    /// Everything, undefined somewhere.
    pub(super) const fn undefined() -> Self {
        Self { hi: 0.0, lo: 0.0, r: f64::INFINITY, total: false }
    }

    const fn unbounded(total: bool) -> Self {
        Self { hi: 0.0, lo: 0.0, r: f64::INFINITY, total }
    }

    /// A ball, or everything if some number overflowed on the way.
    fn ball((hi, lo): (f64, f64), r: f64, total: bool) -> Self {
        if hi.is_finite() && lo.is_finite() && r.is_finite() {
            Self { hi, lo, r, total }
        } else {
            Self::unbounded(total)
        }
    }

    /// Midpoint's leading part.
    pub const fn hi(&self) -> f64 {
        self.hi
    }

    /// What the midpoint has beyond it.
    pub const fn lo(&self) -> f64 {
        self.lo
    }

    /// Radius; infinite if unbounded.
    pub const fn radius(&self) -> f64 {
        self.r
    }

    /// Whether the value was defined for every member of the operands.
    pub const fn total(&self) -> bool {
        self.total
    }

    /// Whether it is 0 and nothing else.
    fn is_zero(&self) -> bool {
        self.hi == 0.0 && self.lo == 0.0 && self.r == 0.0
    }

    /// Upper bound of the magnitude.
    pub(super) fn mag(&self) -> f64 {
        up(self.hi.abs() + self.lo.abs() + self.r)
    }

    /// Lower bound of the magnitude, 0 if zero may be a member.
    fn mig(&self) -> f64 {
        let m = (self.hi.abs() - self.lo.abs() - self.r) * (1.0 - 1.0 / (1u64 << 46) as f64);
        if m > LARGE { m } else { (m - TINY).max(0.0) }
    }

    /// The sign of every member, if they have one.
    fn sign(&self) -> Option<bool> {
        (self.mig() > 0.0).then_some(self.hi > 0.0)
    }

    /// The f64s around it; infinite if unbounded.
    pub fn ends(&self) -> [f64; 2] {
        // the sum is head + tail + rest exactly: also where the radius takes all of `hi` away, no digit that is left is lost
        let end = |away: f64| {
            let (sum, rest) = two_sum(self.lo, away);
            let (head, tail) = two_sum(self.hi, sum);
            head + (tail + rest)
        };
        if self.r == 0.0 && self.lo == 0.0 {
            return [self.hi; 2];
        }
        let (lo, hi) = (end(-self.r).next_down().next_down(), end(self.r).next_up().next_up());
        // a sum that overflows has no rest
        [if lo.is_nan() { f64::NEG_INFINITY } else { lo }, if hi.is_nan() { f64::INFINITY } else { hi }]
    }

    /// Wider by this much, and by what its computation may have lost to underflow.
    pub(super) fn widened(self, by: f64) -> Self {
        Self::ball((self.hi, self.lo), up(with_underflow(self.r + by, self.r + by)), self.total)
    }

    /// Not total if what it was made of was not.
    fn known_from(self, operand: &Self) -> Self {
        Self { total: self.total && operand.total, ..self }
    }

    /// Exactly scaled by a power of two (up to underflow).
    pub(super) fn scaled(self, by: f64) -> Self {
        let hi = self.hi * by;
        let r = self.r * by.abs();
        let lo = self.lo * by;
        // exact unless the low part comes near the subnormals (the high part is larger)
        let exact = self.is_zero() || (self.lo == 0.0 || lo.abs() > LARGE) && hi.abs() > LARGE;
        let r = if exact { r } else { r + TINY };
        Self::ball((hi, lo), up(r), self.total)
    }

    /// The ball around an MPFR interval.
    pub fn enclosing(v: &MpI) -> Self {
        let (lo, hi) = (v.lo(), v.hi());
        if !lo.is_finite() || !hi.is_finite() {
            return Self::unbounded(v.total());
        }
        let prec = lo.prec() + 64;
        let middle = Float::with_val(prec, &lo + &hi) / 2u32;
        let first = middle.to_f64();
        let rest = Float::with_val(prec, &middle - first);
        let second = rest.to_f64();
        // the differences are rounded up, so the radius covers both ends
        let ball = Float::with_val(prec, first) + second;
        let radius = |end: &Float| Float::with_val_round(64, end - &ball, Round::AwayZero).0.abs();
        let r = radius(&lo).max(&radius(&hi)).to_f64_round(Round::Up);
        // `ball` itself is rounded where `second` is far below `first`
        let slack = if second == 0.0 { 0.0 } else { UNIT * UNIT * first.abs() };
        Self::ball(quick_two_sum(first, second), up(r + slack), v.total())
    }

    /// Whether a function of this argument can be worth anything.
    fn fine(&self) -> bool {
        self.r <= COARSE * self.hi.abs().max(1.0)
    }
}

impl Real for DdI {
    type Context = ();

    fn context(&self) {}

    fn rational(_: &(), value: &Rational) -> Self {
        Self::enclosing(&MpI::rational(&200, value))
    }

    fn named(_: &(), name: Named) -> Self {
        Self::enclosing(&MpI::named(&200, name))
    }

    fn neg(&self) -> Self {
        Self { hi: -self.hi, lo: -self.lo, ..*self }
    }

    fn add(&self, rhs: &Self) -> Self {
        let (s, e) = two_sum(self.hi, rhs.hi);
        let (t, f) = two_sum(self.lo, rhs.lo);
        let (v, w) = quick_two_sum(s, e + t);
        let m = quick_two_sum(v, f + w);
        // the bound of the algorithm holds relative to the result, also where the leading parts cancel
        Self::ball(m, up(self.r + rhs.r + UNIT * m.0.abs()), self.total && rhs.total)
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    fn mul(&self, rhs: &Self) -> Self {
        let p = self.hi * rhs.hi;
        let e = self.hi.mul_add(rhs.hi, -p);
        let m = quick_two_sum(p, self.hi.mul_add(rhs.lo, self.lo.mul_add(rhs.hi, e)));
        let (a, b) = (self.hi.abs() + self.lo.abs(), rhs.hi.abs() + rhs.lo.abs());
        let lost = if self.is_zero() || rhs.is_zero() { 0.0 } else { with_underflow(UNIT * p.abs(), p) };
        let r = a * rhs.r + b * self.r + self.r * rhs.r + lost;
        Self::ball(m, up(r), self.total && rhs.total)
    }

    fn div(&self, rhs: &Self) -> Self {
        let total = self.total && rhs.total;
        let least = rhs.mig();
        if least == 0.0 {
            return Self::unbounded(false);
        }
        let q = self.hi / rhs.hi;
        let first = Self::point(q);
        let rest = self.sub(&rhs.mul(&first));
        let m = quick_two_sum(q, rest.hi / rhs.hi);
        // |a/b - m| = |a - m b| / |b|
        let (exact, middle) = (Self { r: 0.0, ..*rhs }, Self { hi: m.0, lo: m.1, r: 0.0, total });
        let residual = Self { r: 0.0, ..*self }.sub(&exact.mul(&middle));
        let off = residual.mag() + self.r + rhs.r * middle.mag();
        let lost = if off == 0.0 { 0.0 } else { TINY };
        Self::ball(m, up(off / least + lost), total)
    }

    fn pow(&self, exponent: &Rational) -> Self {
        let power = match (exponent.numer().to_i32(), exponent.denom().to_u32()) {
            (Some(n @ 0..=64), Some(1)) => (0..32 - n.leading_zeros()).rev().fold(Self::point(1.0), |power, bit| {
                let square = power.mul(&power);
                if n >> bit & 1 == 1 { square.mul(self) } else { square }
            }),
            (Some(n @ -64..0), Some(1)) => Self::point(1.0).div(&self.pow(&Rational::from(-n))),
            (Some(1), Some(2)) => dd_functions::sqrt(self),
            _ => self.through_mpfr(|x| x.pow(exponent)),
        };
        power.known_from(self) // also where it is 1 whatever the base is
    }

    fn call(&self, f: Func) -> Self {
        if !self.fine() {
            return if f == Func::Abs { self.abs() } else { Self::unbounded(false) };
        }
        let value = match f {
            Func::Exp => dd_functions::exp(self),
            Func::Expm1 => dd_functions::expm1(self),
            Func::Log1p if self.hi > -0.5 => dd_functions::ln_1p(self),
            Func::Sqrt => dd_functions::sqrt(self),
            Func::Tanh => dd_functions::tanh(self),
            Func::Sigmoid => dd_functions::sigmoid(self),
            Func::Softplus => dd_functions::softplus(self),
            Func::NormCdf => dd_functions::normcdf(self),
            Func::NormPdf => dd_functions::normpdf(self),
            Func::Erf => dd_functions::erf(self),
            Func::Erfc => dd_functions::erfc(self),
            Func::Abs => self.abs(),
            Func::Log | Func::Log1p | Func::Sinh | Func::Cosh | Func::Atan | Func::Sin | Func::Cos => {
                self.through_mpfr(|x| x.call(f))
            }
        };
        value.known_from(self) // also far out, where it does not depend on the argument
    }

    fn min(&self, rhs: &Self) -> Self {
        self.neg().max(&rhs.neg()).neg()
    }

    fn max(&self, rhs: &Self) -> Self {
        Self::choose(self, rhs, self, rhs)
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        let difference = left.sub(right);
        let chosen = match difference.sign() {
            Some(true) => *a,
            Some(false) => *b,
            None => {
                // a ball around both
                let apart = a.sub(b).mag();
                a.widened(apart + b.r).known_from(b)
            }
        };
        chosen.known_from(&difference)
    }
}

impl DdI {
    fn abs(&self) -> Self {
        match self.sign() {
            Some(false) => self.neg(),
            Some(true) => *self,
            None => Self::ball((0.0, 0.0), self.mag(), self.total),
        }
    }

    /// At 160 bits, for what has no fast path.
    fn through_mpfr(&self, f: impl Fn(&MpI) -> MpI) -> Self {
        if !self.r.is_finite() {
            return Self::unbounded(false);
        }
        let middle = Float::with_val(160, self.hi) + self.lo;
        let ends = (
            Float::with_val_round(160, &middle - self.r, Round::Down).0,
            Float::with_val_round(160, &middle + self.r, Round::Up).0,
        );
        let y = f(&MpI::from_floats(160, &ends.0, &ends.1));
        let ball = Self::enclosing(&y);
        Self { total: self.total && ball.total, ..ball }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{F64I, Jet, operations};

    /// A ball that is undefined somewhere, with a midpoint and a radius.
    fn partly(hi: f64, r: f64) -> DdI {
        DdI { hi, lo: 0.0, r, total: false }
    }

    #[test]
    fn ends_hold_the_ball_also_where_it_just_leaves_out_zero() {
        let exact = |b: &DdI, r: f64| Float::with_val(2200, b.hi) + b.lo + r;
        let mut balls = vec![
            DdI { hi: -5.442940659932131e-13, lo: 1.0750026619574838e-37, r: 5.442940659932287e-13, total: true },
            DdI { hi: f64::MAX, lo: 0.0, r: f64::MAX, total: true },
            DdI { hi: 1.0, lo: f64::from_bits(1), r: 1.0, total: true },
        ];
        let mut seed = 1u64;
        for k in 0..2000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let near = 1.0 + (seed >> 59) as f64 * f64::EPSILON;
            balls.push(DdI { hi: near, lo: 2f64.powi(-54 - k % 60), r: 1.0 + 2f64.powi(-(k % 53)), total: true });
            balls.push(DdI { hi: -near, lo: 2f64.powi(-54) / near, r: 2f64.powi(-(k % 110)), total: true });
        }
        for ball in balls {
            let [lo, hi] = ball.ends();
            assert!(exact(&ball, -ball.r) >= lo && exact(&ball, ball.r) <= hi, "{ball:?} is not in [{lo:e}, {hi:e}]");
        }
    }

    /// Being undefined somewhere is never forgotten, in whichever operand it comes.
    #[test]
    fn undefined_is_sticky() {
        let sound = DdI::point(0.25);
        let operands = [
            partly(0.5, 0.125),
            partly(-800.0, 0.0),
            partly(1e-50, 0.0),
            partly(700.5, 0.0),
            partly(0.0, f64::INFINITY),
        ];
        for row in operations::TABLE {
            for partly in operands {
                for at in 0..row.op.arity() {
                    let mut operands = vec![sound; row.op.arity()];
                    operands[at] = partly;
                    assert!(!row.op.apply(&operands).total(), "{} of {operands:?}", row.name);
                }
            }
        }
    }

    /// What is chosen by a comparison that is undefined somewhere is itself; so is the slope of such a maximum.
    #[test]
    fn choices_are_no_more_total_than_what_they_rest_on() {
        fn check<T: Real>(make: impl Fn(i64) -> T, total: impl Fn(&T) -> bool) {
            let undefined = make(-1).call(Func::Sqrt).pow(&Rational::new());
            let (low, high) = (make(-7), make(7));
            for (left, right) in
                [(&undefined, &high), (&high, &undefined), (&undefined, &low), (&undefined, &undefined)]
            {
                assert!(!total(&T::choose(&low, &high, left, right)));
            }
            assert!(total(&T::choose(&low, &high, &low, &high)));
            let jet = |x: &T| Jet { c: vec![x.clone(), make(1)] };
            assert!(!total(&jet(&undefined).max(&jet(&high)).c[1]));
        }
        check(|n| DdI::int(&(), n), DdI::total);
        check(|n| F64I::int(&(), n), Enclosure::total);
        check(|n| MpI::int(&60, n), Enclosure::total);
    }
}
