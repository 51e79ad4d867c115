//! Accurate kernels: each formula in double-double for f64, and in f64 lanes ([`super::lanes`]) for the narrower formats.

mod exponential;
mod gated;
mod linear;
mod rational;

pub(super) use exponential::*;
pub(super) use gated::*;
pub(super) use linear::*;
pub(super) use rational::*;

use super::dd::{Dd, split};
use super::lanes::{self, Lanes};
use super::promise::Promise;
use rug::float::Constant;
use rug::{Float, Rational};
use std::sync::LazyLock;

/// An activation and its derivative, in double-double. `x` is never NaN (the caller hands NaN through), but may be
/// infinite.
pub trait Careful {
    /// The formulas for the narrower formats.
    type Lanes: Lanes;

    /// Documented errors.
    const PROMISE: Promise = Promise::USUAL;

    /// f(x), rounded to f64.
    fn forward(x: f64, p: &[Dd]) -> f64;
    /// f'(x), rounded to f64; at a kink one of the one-sided derivatives.
    fn backward(x: f64, p: &[Dd]) -> f64;
    /// The same for the narrower formats, with these parameters.
    fn lanes(p: &[Rational]) -> Self::Lanes;

    /// What `forward` and `backward` get for these parameters.
    fn parameters(p: &[Rational]) -> Vec<Dd> {
        p.iter().map(Dd::from).collect()
    }
    /// Whether [`Careful::lanes`] is meant for these parameters; if not, the narrower formats go by double-double, too.
    fn suits(p: &[Rational]) -> bool {
        lanes::suits(p)
    }
}

/// 1/sqrt(2 pi)
static INV_ROOT_TWO_PI: LazyLock<Dd> =
    LazyLock::new(|| split(&(Float::with_val(200, Constant::Pi) * 2u32).recip_sqrt()));
/// 2 sqrt(2/pi)
static TWO_ROOT_TWO_OVER_PI: LazyLock<Dd> =
    LazyLock::new(|| split(&((Float::with_val(200, 2) / Float::with_val(200, Constant::Pi)).sqrt() * 2u32)));

/// An exact decimal or quotient of the formula.
fn constant(numerator: u32, denominator: u32) -> Dd {
    Dd::from(f64::from(numerator)) / Dd::from(f64::from(denominator))
}

/// The f64 nearest to a parameter.
fn nearest(p: &Rational) -> f64 {
    Dd::from(p).hi
}

/// The f64 nearest to 1/p.
fn reciprocal(p: &Rational) -> f64 {
    Dd::from(&Rational::from(p.recip_ref())).hi
}

/// Whether `x > p`, exactly.
fn above(x: f64, p: Dd) -> bool {
    x > p.hi || x == p.hi && p.lo < 0.0
}

/// Whether `x < p`, exactly.
fn below(x: f64, p: Dd) -> bool {
    x < p.hi || x == p.hi && p.lo > 0.0
}
