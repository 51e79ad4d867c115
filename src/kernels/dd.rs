//! Double-double arithmetic: the unevaluated sum of two f64 with about 104 significant bits, so that f64 kernels lose
//! nothing to cancellation or to the rounding of an argument. Not certified: the audit measures what comes out.

use crate::number::format::power_of_two;
use rug::Rational;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::LazyLock;

/// `hi + lo` with `|lo| <= ulp(hi)/2`. Infinite or NaN as `hi` is.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Dd {
    /// the nearest f64
    pub hi: f64,
    /// what is missing
    pub lo: f64,
}

/// The sum of two f64 and its rounding error, exactly.
fn two_sum(a: f64, b: f64) -> Dd {
    let s = a + b;
    let t = s - a;
    Dd { hi: s, lo: (a - (s - t)) + (b - t) }
}

/// The same for `|a| >= |b|`. An infinite sum has no error.
fn quick_two_sum(a: f64, b: f64) -> Dd {
    let s = a + b;
    let lo = b - (s - a);
    Dd { hi: s, lo: if lo.is_nan() { 0.0 } else { lo } }
}

/// The product of two f64 and its rounding error, exactly if it does not underflow.
fn two_product(a: f64, b: f64) -> Dd {
    let p = a * b;
    Dd { hi: p, lo: a.mul_add(b, -p) }
}

impl From<f64> for Dd {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

impl From<&Rational> for Dd {
    fn from(value: &Rational) -> Self {
        // kernels are called with few inputs at a time: the usual parameters should cost nothing
        if let (Some(n), Some(d)) = (value.numer().to_i32(), value.denom().to_i32()) {
            let (n, d) = (f64::from(n), f64::from(d));
            let hi = n / d;
            // the remainder of a division is exact
            return Self { hi, lo: hi.mul_add(-d, n) / d };
        }
        // rug truncates conversions of rationals; through MPFR they round to nearest
        let hi = rug::Float::with_val(53, value).to_f64();
        let rest = Rational::from_f64(hi).map(|exact| value - exact);
        Self { hi, lo: rest.map_or(0.0, |r| rug::Float::with_val(53, &r).to_f64()) }
    }
}

impl Add for Dd {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        let s = two_sum(self.hi, rhs.hi);
        let t = two_sum(self.lo, rhs.lo);
        let v = quick_two_sum(s.hi, s.lo + t.hi);
        quick_two_sum(v.hi, t.lo + v.lo)
    }
}

impl Sub for Dd {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        self + -rhs
    }
}

impl Neg for Dd {
    type Output = Self;
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Mul for Dd {
    type Output = Self;
    fn mul(self, rhs: Self) -> Self {
        let p = two_product(self.hi, rhs.hi);
        quick_two_sum(p.hi, self.hi.mul_add(rhs.lo, self.lo.mul_add(rhs.hi, p.lo)))
    }
}

impl Div for Dd {
    type Output = Self;
    fn div(self, rhs: Self) -> Self {
        let q = self.hi / rhs.hi;
        let rest = self - rhs * Self::from(q);
        let q2 = rest.hi / rhs.hi;
        let rest = rest - rhs * Self::from(q2);
        quick_two_sum(q, q2) + Self::from(rest.hi / rhs.hi)
    }
}

/// log 2 = LOG2_HI + LOG2_MID + LOG2_LO; the first has 32 bits, so that its product with an exponent is exact.
struct Log2 {
    hi: f64,
    rest: Dd,
}

static LOG2: LazyLock<Log2> = LazyLock::new(|| {
    let log2 = rug::Float::with_val(200, rug::float::Constant::Log2);
    let hi = f64::from_bits(log2.to_f64().to_bits() & !((1 << 21) - 1));
    let rest = rug::Float::with_val(200, &log2 - hi);
    let mid = rest.to_f64();
    Log2 { hi, rest: Dd { hi: mid, lo: rug::Float::with_val(53, &rest - mid).to_f64() } }
});

/// 1/k for the Taylor coefficients, as double-double.
static RECIPROCAL: LazyLock<[Dd; 40]> =
    LazyLock::new(|| std::array::from_fn(|k| if k == 0 { Dd::from(0.0) } else { Dd::from(1.0) / Dd::from(k as f64) }));

/// 1/k, for k from 1 to 39.
pub(super) fn reciprocal(k: usize) -> Dd {
    RECIPROCAL[k]
}

/// Products above this keep their low parts.
const SMALL: f64 = 1e-280;

/// The exponent field of a number, about log2 of its magnitude.
fn exponent(v: f64) -> i32 {
    (v.to_bits() >> 52 & 0x7ff) as i32 - 1023
}

/// A long constant as double-double.
pub(super) fn split(value: &rug::Float) -> Dd {
    let hi = value.to_f64();
    Dd { hi, lo: rug::Float::with_val(200, value - hi).to_f64() }
}

impl Dd {
    /// `self * 2^e`, rounded once where the result is subnormal.
    pub fn scaled(self, e: i32) -> f64 {
        let v = self.hi + self.lo;
        // in steps, because 2^e itself may lie outside the range; only the last one can round
        let half = e.clamp(-900, 900);
        if e == half { v * power_of_two(e) } else { v * power_of_two(e - half) * power_of_two(half) }
    }

    /// `e^self - 1` as `(m, n)` with `(1 + m) 2^n = e^self`, m in about [-0.3, 0.42] and relatively accurate at 0.
    fn exp_parts(self) -> (Self, i32) {
        // the square is far below the last bit, and the steps below would underflow
        if self.hi.abs() < 1e-250 {
            return (self, 0);
        }
        let n = (self.hi * std::f64::consts::LOG2_E).round_ties_even();
        let mut r = self;
        if n != 0.0 {
            let turns = Self::from(n);
            r = r - Self::from(n * LOG2.hi) - turns * LOG2.rest;
        }
        // e^(r/32) - 1 by its series, then five times (1 + m)^2 - 1
        let r = Self { hi: r.hi / 32.0, lo: r.lo / 32.0 };
        let mut m = Self::from(1.0);
        for k in (2..=11).rev() {
            m = Self::from(1.0) + m * r * reciprocal(k);
        }
        m = m * r;
        for _ in 0..5 {
            m = m + m + m * m;
        }
        (m, n as i32)
    }

    /// `e^self = m 2^n` for a finite argument of any size; the caller scales last, so that nothing underflows early.
    pub fn exp_scaled(self) -> (Self, i32) {
        let bounded = if self.hi.abs() > 1e5 { Self::from(self.hi.clamp(-1e5, 1e5)) } else { self };
        let (m, n) = bounded.exp_parts();
        (Self::from(1.0) + m, n)
    }

    /// `e^self`; underflows below -708 (use [`Dd::exp_scaled`] where that matters).
    pub fn exp(self) -> Self {
        let (m, n) = self.exp_scaled();
        m.times_power(n)
    }

    /// `e^self - 1`, relatively accurate at 0.
    pub fn expm1(self) -> Self {
        if self.hi < -80.0 {
            return Self::from(-1.0);
        } else if self.hi > 720.0 {
            return Self::from(f64::INFINITY);
        }
        let (m, n) = self.exp_parts();
        if n == 0 {
            return m;
        }
        let scaled = |v: f64| Self::from(v).scaled(n);
        Self { hi: scaled(1.0), lo: 0.0 } - Self::from(1.0) + Self { hi: scaled(m.hi), lo: scaled(m.lo) }
    }

    /// `log(1 + self)` for `self > -1`, relatively accurate at 0: one Newton step from the f64 value.
    pub fn ln_1p(self) -> Self {
        let y = Self::from(core_math::log1p(self.hi));
        if y.hi == 0.0 || !y.hi.is_finite() {
            return self;
        }
        let off = self - y.expm1();
        y + off / (Self::from(1.0) + self)
    }

    /// The nearest f64.
    pub fn value(self) -> f64 {
        self.hi
    }

    /// `self * rhs`, rounded once, also where the result is subnormal.
    pub fn product(self, rhs: Self) -> f64 {
        let product = self.hi.mul_add(rhs.hi, self.hi.mul_add(rhs.lo, self.lo * rhs.hi));
        if product.abs() > SMALL || self.hi == 0.0 || rhs.hi == 0.0 {
            return product;
        }
        // the low parts would underflow: both factors are brought near 1, and the result is scaled back last
        let (e, f) = (exponent(self.hi), exponent(rhs.hi));
        (self.times_power(-e) * rhs.times_power(-f)).scaled(e + f)
    }

    /// `self * 2^e`, part by part.
    fn times_power(self, e: i32) -> Self {
        Self { hi: Self::from(self.hi).scaled(e), lo: Self::from(self.lo).scaled(e) }
    }

    /// `x * self * e^u`, rounded once at the end: no underflow on the way.
    pub fn times_exp(self, u: Self, x: f64) -> f64 {
        let (m, n) = u.exp_scaled();
        // the exponent of x joins the scale, so that the product neither overflows nor loses its low part
        let e = exponent(x);
        (self * m * Self::from(Self::from(x).scaled(-e))).scaled(n.saturating_add(e))
    }

    /// `self^n`
    pub fn powi(self, n: u32) -> Self {
        let (mut power, mut base, mut n) = (Self::from(1.0), self, n);
        while n > 0 {
            if n & 1 == 1 {
                power = power * base;
            }
            base = base * base;
            n >>= 1;
        }
        power
    }

    /// The square root of a number >= 0.
    pub fn sqrt(self) -> Self {
        let s = self.hi.sqrt();
        if s == 0.0 || !s.is_finite() {
            return Self::from(s);
        }
        let off = self - two_product(s, s);
        quick_two_sum(s, off.hi / (2.0 * s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rug::Float;

    fn bits_right(got: Dd, exact: &Float) -> f64 {
        let got = Float::with_val(300, got.hi) + got.lo;
        let off = Float::with_val(300, &got - exact).abs() / exact.clone().abs();
        -off.to_f64().log2()
    }

    #[test]
    fn functions_have_a_hundred_bits() {
        let mut x = -700.0;
        while x < 700.0 {
            let exact = Float::with_val(300, x);
            assert!(bits_right(Dd::from(x).exp(), &exact.clone().exp()) > 94.0 || x < -600.0, "exp {x}");
            assert!(bits_right(Dd::from(x).expm1(), &exact.clone().exp_m1()) > 94.0, "expm1 {x}");
            if x > 0.0 {
                assert!(bits_right(Dd::from(x).ln_1p(), &exact.clone().ln_1p()) > 94.0, "ln_1p {x}");
                assert!(bits_right(Dd::from(x).sqrt(), &exact.clone().sqrt()) > 100.0, "sqrt {x}");
            }
            x += 0.37 + x.abs() / 37.0;
        }
        for x in [1e-300, 1e-20, -1e-9, 0.3, -0.3] {
            let exact = Float::with_val(300, x);
            assert!(bits_right(Dd::from(x).expm1(), &exact.clone().exp_m1()) > 94.0 || x == 1e-300, "expm1 {x}");
            assert!(bits_right(Dd::from(x).ln_1p(), &exact.clone().ln_1p()) > 94.0 || x == 1e-300, "ln_1p {x}");
        }
        let third = Dd::from(&Rational::from((1, 3)));
        assert!(bits_right(third, &Float::with_val(300, Rational::from((1, 3)))) > 106.0);
        let long = Rational::from((-1i64 << 40, 3));
        assert!(bits_right(Dd::from(&long), &Float::with_val(300, long)) > 106.0);
    }
}
