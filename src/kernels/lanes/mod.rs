//! The narrow formats in f64 lanes: formulas without branches that the compiler turns into vector code. 29 bits are to
//! spare in f32, so a formula only has to keep its relative accuracy (tails, zeros of derivatives), not to be exact.
//!
//! Every operation is written out (`mul_add` where a fused one is meant) and none is reordered, so each width of
//! vectors gives the same bits.

mod dispatch;
mod exponential;
mod gated;
mod linear;
mod math;
mod rational;

pub(super) use dispatch::run;
pub(super) use exponential::*;
pub(super) use gated::*;
pub(super) use linear::*;
pub(super) use rational::*;

use super::dd::Dd;
use rug::Rational;

/// An activation with its parameters, ready for the lanes. `x` is exact and finite: NaN is handled outside, and an
/// infinity comes in as +-[`FAR`], which is beyond every f32. A result beyond f32 becomes an infinity on rounding.
pub trait Lanes {
    /// f(x) with a relative error of about 2^-40 or less
    fn forward(&self, x: f64) -> f64;
    /// f'(x) likewise, and within about 2^-50 of it next to its zeros; at a kink one of the one-sided derivatives
    fn backward(&self, x: f64) -> f64;
    /// From this magnitude on a gate is open or shut: rounded to f32, f is x to the right and -0 to the left, f' is 1
    /// and -0. A block of such inputs (half of all floats are) is not computed.
    fn saturates_from(&self) -> f32 {
        f32::INFINITY
    }
}

/// What stands for infinity: its square, and its product with a parameter, are finite.
const FAR: f64 = f64::from_bits((1023 + 200) << 52);

/// Parameters in this range, or 0, are the lanes' business: nothing over- or underflows on the way.
pub(super) fn suits(params: &[Rational]) -> bool {
    let limit = (1u64 << 40) as f64;
    params.iter().all(|p| *p == 0 || (1.0 / limit..limit).contains(&p.to_f64().abs()))
}

/// The smallest f64 that is at least `p`: `x < p` for an f64 `x` exactly if `x` is less than this.
fn ceiling(p: Dd) -> f64 {
    if p.lo > 0.0 { p.hi.next_up() } else { p.hi }
}

/// The largest f64 that is at most `p`.
fn floor(p: Dd) -> f64 {
    -ceiling(-p)
}
