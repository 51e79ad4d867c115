//! The arithmetic inside an accurate kernel: the same formula in f64 (for f32, f16 and bf16, where 29 bits are to
//! spare) and in double-double (for f64).

use super::dd::Dd;
use super::normal;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A working arithmetic. Special values are the formulas' own business: they branch before infinities get in.
pub trait Arith:
    Copy
    + Debug
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A parameter. Prefer [`Arith::shifted`] for a sum with one.
    fn of(p: Dd) -> Self;
    /// `self + p` where the sum may cancel.
    fn shifted(self, p: Dd) -> Self;
    /// The nearest f64.
    fn value(self) -> f64;
    /// `self * rhs`, rounded once, also where the result is subnormal.
    fn product(self, rhs: Self) -> f64;
    /// `x * self * e^u`, rounded once at the end: no underflow on the way.
    fn times_exp(self, u: Self, x: f64) -> f64;
    /// `e^u`, `|u| < 700`.
    fn exp(self) -> Self;
    /// `e^u - 1`
    fn expm1(self) -> Self;
    /// `log(1 + u)`
    fn ln_1p(self) -> Self;
    /// square root
    fn sqrt(self) -> Self;
    /// `Phi(x)/phi(x)` for `x <= 0`, Phi the normal distribution function and phi its density.
    fn mills(self) -> Self;

    /// `self^n`
    fn powi(self, n: u32) -> Self {
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
}

impl Arith for f64 {
    fn of(p: Dd) -> Self {
        p.hi
    }
    fn shifted(self, p: Dd) -> Self {
        (self + p.hi) + p.lo
    }
    fn value(self) -> f64 {
        self
    }
    fn product(self, rhs: Self) -> f64 {
        self * rhs
    }
    fn times_exp(self, u: Self, x: f64) -> f64 {
        x * self * core_math::exp(u)
    }
    fn exp(self) -> Self {
        core_math::exp(self)
    }
    fn expm1(self) -> Self {
        core_math::expm1(self)
    }
    fn ln_1p(self) -> Self {
        core_math::log1p(self)
    }
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }
    fn mills(self) -> Self {
        normal::mills_f64(self)
    }
}

impl Arith for Dd {
    fn of(p: Dd) -> Self {
        p
    }
    fn shifted(self, p: Dd) -> Self {
        self + p
    }
    fn value(self) -> f64 {
        self.hi
    }
    fn product(self, rhs: Self) -> f64 {
        self.hi.mul_add(rhs.hi, self.hi.mul_add(rhs.lo, self.lo * rhs.hi))
    }
    fn times_exp(self, u: Self, x: f64) -> f64 {
        let (m, n) = u.exp_scaled();
        // the exponent of x joins the scale, so that the product neither overflows nor loses its low part
        let e = exponent(x);
        (self * m * Dd::from(Dd::from(x).scaled(-e))).scaled(n.saturating_add(e))
    }
    fn exp(self) -> Self {
        Dd::exp(self)
    }
    fn expm1(self) -> Self {
        Dd::expm1(self)
    }
    fn ln_1p(self) -> Self {
        Dd::ln_1p(self)
    }
    fn sqrt(self) -> Self {
        Dd::sqrt(self)
    }
    fn mills(self) -> Self {
        normal::mills(self)
    }
}

/// The exponent field of a number, about log2 of its magnitude.
fn exponent(v: f64) -> i32 {
    (v.to_bits() >> 52 & 0x7ff) as i32 - 1023
}
