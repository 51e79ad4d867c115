//! Accurate kernels. Each formula is written once over [`Arith`]: evaluated in f64 for the narrower formats, in
//! double-double for f64. What they promise is what the audit measures: at most 0.51 ulp in f32 and f64 (0.501 in f16
//! and bf16, which round the f32 result once more).

mod exponential;
mod gated;
mod linear;
mod rational;

pub(super) use exponential::*;
pub(super) use gated::*;
pub(super) use linear::*;
pub(super) use rational::*;

use super::arith::Arith;
use super::dd::Dd;
use rug::Float;
use rug::float::Constant;
use std::sync::LazyLock;

/// An activation and its derivative. `x` is never NaN (the caller hands NaN through), but may be infinite.
pub trait Careful {
    /// f(x), rounded to f64.
    fn forward<A: Arith>(x: f64, p: &[Dd]) -> f64;
    /// f'(x), rounded to f64; at a kink one of the one-sided derivatives.
    fn backward<A: Arith>(x: f64, p: &[Dd]) -> f64;
}

/// 1/sqrt(2 pi)
static INV_ROOT_TWO_PI: LazyLock<Dd> =
    LazyLock::new(|| split(&(Float::with_val(200, Constant::Pi) * 2u32).recip_sqrt()));
/// 2 sqrt(2/pi)
static TWO_ROOT_TWO_OVER_PI: LazyLock<Dd> =
    LazyLock::new(|| split(&((Float::with_val(200, 2) / Float::with_val(200, Constant::Pi)).sqrt() * 2u32)));

/// A long constant as double-double.
fn split(value: &Float) -> Dd {
    let hi = value.to_f64();
    Dd { hi, lo: Float::with_val(200, value - hi).to_f64() }
}

/// An exact decimal or quotient of the formula.
fn constant<A: Arith>(numerator: u32, denominator: u32) -> A {
    A::from(f64::from(numerator)) / A::from(f64::from(denominator))
}

/// Whether `x > p`, exactly.
fn above(x: f64, p: Dd) -> bool {
    x > p.hi || x == p.hi && p.lo < 0.0
}

/// Whether `x < p`, exactly.
fn below(x: f64, p: Dd) -> bool {
    x < p.hi || x == p.hi && p.lo > 0.0
}
