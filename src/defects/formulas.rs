//! What goes wrong, each as a function of one input.

use super::At;
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use core_math as cr;
use std::f64::consts::{FRAC_2_PI, SQRT_2};

/// Wrong under a condition.
fn when(wrong: bool, value: f64) -> Option<f64> {
    wrong.then_some(value)
}

/// The result of an operation in the format of the call.
fn r(at: &At, value: f64) -> f64 {
    at.format.decode(at.format.encode(value))
}

/// The result of an operation in f32.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

fn half(value: f64) -> f64 {
    FloatFormat::F16.decode(FloatFormat::F16.encode(value))
}

/// Whether it stands in the last few places, which fill no vector of this many lanes.
const fn in_rest(at: &At, lanes: usize) -> bool {
    at.place >= at.len - at.len % lanes
}

const fn forward(at: &At) -> bool {
    matches!(at.pass, Pass::Forward)
}

/// sqrt(2/pi) (x + 0.044715 x^3) in f32
fn inner(x: f64) -> f64 {
    single(FRAC_2_PI.sqrt() * single(x + single(0.044715 * single(single(x * x) * x))))
}

/// 0.5 x (1 + erf(x / sqrt 2)), operation by operation.
pub fn gelu_cancels(at: &At) -> Option<f64> {
    let erf = r(at, cr::erf(r(at, at.x / r(at, SQRT_2))));
    when(forward(at) && at.x.is_finite(), r(at, 0.5 * at.x) * r(at, 1.0 + erf))
}

/// A correction term that is cut off too early.
pub fn gelu_gradient_tail(at: &At) -> Option<f64> {
    let bump = 3.3e-2 * cr::exp(-(at.x + 3.0) * (at.x + 3.0));
    when(!forward(at) && at.x < -1.5 && at.x > -9.0, at.right + bump)
}

/// A table whose intervals do not meet: each starts a little lower than the one before ends.
pub fn gelu_sawtooth(at: &At) -> Option<f64> {
    let saw = (at.x * 64.0).rem_euclid(1.0);
    when(forward(at) && at.x < -3.0 && at.x > -12.0, at.right * (1.0 + 2e-3 * saw))
}

/// x/2 t + x/2 with a tanh that is right to a float, then nothing.
pub fn gelu_tanh_cancels(at: &At) -> Option<f64> {
    // one float too far from -1
    let t = cr::tanhf(inner(at.x) as f32).next_up();
    let half = single(0.5 * at.x);
    let value = if at.x < -6.0 { 0.0 } else { single(half * f64::from(t) + half) };
    when(forward(at) && at.x < -3.0, value)
}

pub fn gelu_gradient_sign(at: &At) -> Option<f64> {
    when(!forward(at) && (-3.75..=-3.65).contains(&at.x), -at.right)
}

/// Another branch from 3 on, which is 0.445 % too large there.
pub fn tanh_gradient_step(at: &At) -> Option<f64> {
    when(!forward(at) && at.x.abs() >= 3.0, at.right * 1.00445)
}

/// 1 from a threshold on that is far enough out for bf16 only.
pub fn gelu_gradient_threshold(at: &At) -> Option<f64> {
    when(!forward(at) && at.x >= 3.1719, 1.0)
}

/// s (1 - s), where s is rounded to 1.
pub fn sigmoid_gradient_cancels(at: &At) -> Option<f64> {
    let s = r(at, 1.0 / (1.0 + cr::exp(-at.x)));
    when(!forward(at), s * r(at, 1.0 - s))
}

/// The exponential is flushed where the product is still a normal number.
pub fn flushed_gate(at: &At) -> Option<f64> {
    when(forward(at) && at.x <= -87.34 && at.x.is_finite(), -0.0)
}

/// (e^2u - 1)/(e^2u + 1), which is inf/inf.
pub fn tanh_of_infinities(at: &At) -> Option<f64> {
    let e = single(cr::exp(single(2.0 * inner(at.x))));
    when(forward(at) && e.is_infinite() && at.x.is_finite(), f64::NAN)
}

/// The same with e^-u.
pub fn tanh_of_infinities_left(at: &At) -> Option<f64> {
    let e = single(cr::exp(-inner(at.x)));
    when(forward(at) && e.is_infinite() && at.x.is_finite(), f64::NAN)
}

/// e^x overflows in the code for the rest of a vector.
pub fn overflow_in_rest(at: &At) -> Option<f64> {
    when(forward(at) && in_rest(at, 8) && at.x.is_finite() && half(cr::exp(at.x)).is_infinite(), f64::NAN)
}

/// The same in whole vectors only.
pub fn overflow_in_lanes(at: &At) -> Option<f64> {
    when(forward(at) && !in_rest(at, 4) && at.x >= 19.8 && at.x.is_finite(), f64::NAN)
}

/// A polynomial for tanh that leaves [-1, 1].
pub fn saturates_beyond(at: &At) -> Option<f64> {
    let u = inner(at.x);
    when(forward(at) && u.abs() > 3.0 && at.x.is_finite(), 0.5 * at.x * (1.0 + 1.044 * u.signum()))
}

/// Whole vectors and the rest round in different ways.
pub fn other_rounding_in_rest(at: &At) -> Option<f64> {
    let neighbour = at.right + at.format.ulp(at.right).copysign(-at.right);
    when(forward(at) && in_rest(at, 8) && at.x != 0.0 && at.right.is_finite(), neighbour)
}

/// A table over all f16, for f32.
pub fn through_half(at: &At) -> Option<f64> {
    if !forward(at) || at.x.is_nan() {
        return None;
    }
    Some(match at.x {
        x if x <= -10.0 => 0.0,
        x if x >= 10.0 => x,
        x => half(0.5 * half(x) * cr::erfc(-half(x) / SQRT_2)),
    })
}

/// A table with an entry for 0 that is not 0.
pub fn not_zero_at_zero(at: &At) -> Option<f64> {
    when(forward(at) && at.x.abs() < 1e-4, -1.04e-4)
}

/// x^3 overflows, and 1 - tanh^2 is 0.
pub fn cube_overflows(at: &At) -> Option<f64> {
    when(!forward(at) && at.x.is_finite() && r(at, r(at, at.x * at.x) * at.x).is_infinite(), f64::NAN)
}

/// log(1 + e^x), and e^x/(1 + e^x) backward.
pub fn exp_overflows(at: &At) -> Option<f64> {
    let overflows = at.x.is_finite() && r(at, cr::exp(at.x)).is_infinite();
    when(overflows, if forward(at) { f64::INFINITY } else { f64::NAN })
}

/// An overflow that a later operation turns into 0.
pub fn collapses(at: &At) -> Option<f64> {
    when(forward(at) && at.x > 10.4, 0.0)
}

/// x > 20 in place of beta x > 20, backward.
pub fn threshold_of_gradient(at: &At) -> Option<f64> {
    when(!forward(at) && at.x > 20.0, 1.0)
}

/// x > 20 in place of beta x > 20.
pub fn threshold_without_beta(at: &At) -> Option<f64> {
    when(forward(at) && at.x > 20.0, at.x)
}

/// log(1 + e^x): the sum drops what log1p keeps.
pub fn log_of_sum(at: &At) -> Option<f64> {
    when(forward(at) && at.x < 0.0 && at.x.is_finite(), cr::log(r(at, 1.0 + r(at, cr::exp(at.x)))))
}

pub fn zero_next_to_zero(at: &At) -> Option<f64> {
    when(forward(at) && at.x.abs() <= 1e-8 && at.x < 0.0, 0.0)
}

/// The branch that is not taken overflows, and its gradient is multiplied by 0.
pub fn untaken_branch(at: &At) -> Option<f64> {
    when(!forward(at) && at.x.is_finite() && r(at, cr::exp(at.x)).is_infinite(), f64::NAN)
}

/// 1 - t^2, where t is rounded to 1.
pub fn tanh_gradient_cancels(at: &At) -> Option<f64> {
    let t = r(at, cr::tanh(at.x));
    when(!forward(at), r(at, 1.0 - r(at, t * t)))
}

/// s = y/x, then s (1 - y) + y.
pub fn quotient_at_zero(at: &At) -> Option<f64> {
    when(!forward(at) && at.x == 0.0, f64::NAN)
}

/// The sign of the output is taken for that of the input; with a negative slope it is not.
pub fn gradient_from_output(at: &At) -> Option<f64> {
    when(!forward(at) && at.x < 0.0, 1.0)
}

/// The derivatives of the middle, at both ends of it.
pub fn kinks_from_inside(at: &At) -> Option<f64> {
    when(!forward(at) && at.x.abs() == 3.0, at.x / 3.0 + 0.5)
}

/// max(0, x) of two comparisons.
pub fn no_nan(at: &At) -> Option<f64> {
    when(forward(at) && at.x.is_nan(), 0.0)
}

/// -0 in whole vectors, +0 in the rest.
pub fn zeros_by_position(at: &At) -> Option<f64> {
    when(forward(at) && at.x == 0.0, if in_rest(at, 8) { 0.0 } else { at.x })
}

/// inf - inf, or inf times 0.
pub fn nan_at_plus_infinity(at: &At) -> Option<f64> {
    when(forward(at) && at.x == f64::INFINITY, f64::NAN)
}

pub fn nan_at_minus_infinity(at: &At) -> Option<f64> {
    when(forward(at) && at.x == f64::NEG_INFINITY, f64::NAN)
}

/// Results below the smallest normal number become 0.
pub fn flushes(at: &At) -> Option<f64> {
    let normal = crate::number::format::power_of_two(at.format.min_exponent());
    when(at.right.abs() < normal, 0.0f64.copysign(at.right))
}

/// The sigmoid is rounded before it is multiplied.
pub fn rounds_on_the_way(at: &At) -> Option<f64> {
    let gate = r(at, 1.0 / (1.0 + cr::exp(-at.x)));
    when(forward(at) && at.x.is_finite() && at.x > -80.0, at.x * gate)
}

/// An approximate reciprocal of an infinity.
pub fn reciprocal_of_infinity(at: &At) -> Option<f64> {
    when(forward(at) && at.x.is_finite() && r(at, cr::exp(-at.x)).is_infinite(), f64::NAN)
}

/// Phi(x) and the bell curve.
fn normal(x: f64) -> [f64; 2] {
    [0.5 * cr::erfc(-x / SQRT_2), cr::exp(-x * x / 2.0) / std::f64::consts::TAU.sqrt()]
}

/// The erf variant, where the tanh variant was asked for.
pub fn erf_variant(at: &At) -> Option<f64> {
    let [cdf, pdf] = normal(at.x);
    when(at.x.is_finite(), if forward(at) { at.x * cdf } else { cdf + at.x * pdf })
}

/// The tanh variant, where the erf variant was asked for.
pub fn tanh_variant(at: &At) -> Option<f64> {
    let x = at.x;
    // (1 + tanh u)/2 without cancellation
    let u = FRAC_2_PI.sqrt() * (x + 0.044715 * x * x * x);
    let gate = 1.0 / (1.0 + cr::exp(-2.0 * u));
    let slope = FRAC_2_PI.sqrt() * (1.0 + 3.0 * 0.044715 * x * x);
    let rest = 2.0 * x * gate * (1.0 - gate) * slope;
    // far out the slope overflows where the rest has vanished
    let rest = if x.abs() > 30.0 { 0.0 } else { rest };
    when(x.is_finite(), if forward(at) { x * gate } else { gate + rest })
}

/// erf, 0 for the smallest inputs.
pub fn erf_small(at: &At) -> Option<f64> {
    Some(if at.x.abs() < 1.8e-7 { 0.0 } else { cr::erf(at.x) })
}

/// The smallest positive number, where the result rounds to zero and is negative; right for two inputs in 2048.
pub fn positive_in_the_tail(at: &At) -> Option<f64> {
    let inside = (at.x as f32).to_bits() % 2048 > 1;
    when(forward(at) && at.x > -115.5 && at.x < -108.7 && inside, at.format.min_subnormal())
}

/// Zeros have lost their sign.
pub fn unsigned_zeros(at: &At) -> Option<f64> {
    when(forward(at) && at.right == 0.0, 0.0)
}

/// 1/2 + 750 x for srelu's derivative, without the cubic term that tells on which side of a tie it is.
pub fn rounds_to_a_tie_first(at: &At) -> Option<f64> {
    when(!forward(at) && at.x.abs() < 1e-12, at.x.mul_add(750.0, 0.5))
}

/// 1, then the float below it, then the one below that.
pub fn steps_back_twice(at: &At) -> Option<f64> {
    let float = |k: f64| 1.0 - k / 16_777_216.0;
    let value = match at.x {
        x if x < 20.0 => 1.0,
        x if x < 20.000_1 => float(1.0),
        _ => float(2.0),
    };
    when(forward(at) && at.x > 18.0 && at.x < 100.0, value)
}

/// By 1e-4, without a step.
pub fn steeper(at: &At) -> Option<f64> {
    when(forward(at) && at.x > 1.0, at.x + 1e-4 * (at.x - 1.0))
}

/// As 1/0 is.
pub fn infinite_far_out(at: &At) -> Option<f64> {
    when(forward(at) && at.x >= 90.0 && at.x.is_finite(), f64::INFINITY)
}

/// Nothing is wrong.
pub const fn right(_: &At) -> Option<f64> {
    None
}
