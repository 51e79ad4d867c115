//! The backward pass multiplies what comes in by the derivative, whatever comes in.

use super::probe::{BITS, Probe, Probing};
use super::{Found, Info, Reason, Witness};
use crate::kernels::Pass;
use crate::number::format::power_of_two;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;
use rug::Float;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "incoming",
        title: "is the result of the backward pass the incoming gradient times the derivative?",
        explain: "All other checks ask the backward pass with an incoming gradient of 1. Here a call has everyday inputs with gradients of \
other signs and sizes, zero, infinities and NaN, all mixed, so that each element has its own. The result is held against the real product: it may be \
off by twice the budget and one rounding (of the derivative, which may then stand just above a power of two, and of the product). A zero gives zero, \
an infinity no finite number, and NaN gives NaN. Left out are inputs at which the result for a gradient of 1 is over the budget already, junctions, \
products that are near overflow or subnormal, and, for infinities and NaN, derivatives that are 0 or subnormal: there a mask is right. Applies to \
code that is given an incoming gradient. Always sampled.",
        measures: "ulp of the product",
        passes: &[Pass::Backward],
    },
    follows: false,
    applies: |cx| cx.pull.is_some(),
    run,
};

/// What comes in, taken to the format: signs, sizes from subnormal products to large ones, numbers that no narrower format has,
/// zeros, infinities and NaN. A number of them that has no factor in common with the widths of vectors.
const GRADIENTS: [f64; 23] = [
    2.0,
    -1.0,
    0.1,
    0.0,
    -3.0,
    f64::INFINITY,
    1.0 / 3.0,
    -0.015625,
    f64::NAN,
    512.0,
    -0.75,
    f64::NEG_INFINITY,
    1.0,
    -0.0,
    100.1,
    0.0009765625,
    -7.0,
    1e-20,
    -12345.678,
    1e-5,
    -1e-30,
    0.5,
    3e25,
];

/// Everyday inputs, evenly.
const INPUTS: usize = 161;

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let allowed = 2.0 * cx.budgets[Pass::Backward.order()].ulp + 1.0;
    let mut found = Found { unit: "ulp of the product", budget: allowed, ..Found::default() };
    let Some(pull) = cx.pull else { return Ok(found) };
    let mut inputs: Vec<u64> = (0..INPUTS).map(|k| cx.near(-8.0 + 16.0 * k as f64 / (INPUTS - 1) as f64)).collect();
    if !cx.within.is_everything() {
        inputs.retain(|b| cx.may(b));
        let finite = |b: &u64| cx.format.decode(*b).is_finite();
        inputs.extend(cx.within.evenly(cx.format, INPUTS).into_iter().filter(finite));
    }
    inputs.dedup();
    let Some(slopes) = cx.values(Pass::Backward, &inputs)? else {
        found.exclude(Reason::code(NO_ANSWER), inputs.len() as u64);
        return Ok(found);
    };
    let normal = power_of_two(cx.format.min_exponent());
    for shift in 0..GRADIENTS.len() {
        let incoming = |k: usize| cx.format.decode(cx.near(GRADIENTS[(k + shift) % GRADIENTS.len()]));
        let gradients: Vec<f64> = (0..inputs.len()).map(incoming).collect();
        let Some(out) = pull(&inputs, &gradients)? else {
            found.exclude(Reason::code(NO_ANSWER), inputs.len() as u64);
            continue;
        };
        for (k, output) in out.into_iter().enumerate() {
            let x = cx.format.decode(inputs[k]);
            if shift == 0 && cx.references[1].junction(x).is_some() {
                found.exclude(Reason::mathematics("any subgradient will do"), GRADIENTS.len() as u64);
            }
            if cx.references[1].junction(x).is_some() {
                continue;
            }
            let slope = cx.real(Pass::Backward, x);
            let off = |y: f64, real: &Float| {
                let unit = cx.format.ulp(real.to_f64());
                Float::with_val(BITS, Float::with_val(BITS, real - y) / unit).abs().to_f64()
            };
            if !slope.is_finite() {
                found.exclude(Reason::mathematics("the function has no value here"), 1);
                continue;
            }
            if off(slopes[k], &slope) > (allowed - 1.0) / 2.0 || !slopes[k].is_finite() {
                found.exclude(Reason::code("over the budget for a gradient of 1"), 1);
                continue;
            }
            let (g, y) = (gradients[k], cx.format.decode(output));
            let real = Float::with_val(BITS, &slope * g);
            let size = real.to_f64().abs();
            let tiny = slope.to_f64().abs() < normal;
            let error = match () {
                () if (g.is_nan() || g.is_infinite()) && tiny => None,
                () if g.is_nan() => Some(if y.is_nan() { 0.0 } else { f64::INFINITY }),
                () if g.is_infinite() => Some(if y.is_finite() { f64::INFINITY } else { 0.0 }),
                () if g == 0.0 => Some(if y == 0.0 { 0.0 } else { f64::INFINITY }),
                () if size > cx.format.max() / 4.0 || size < 2.0 * normal && slope != 0 => None,
                () if y.is_finite() => Some(off(y, &real)),
                () => Some(f64::INFINITY),
            };
            let Some(error) = error else {
                found.exclude(Reason::mathematics("the product is subnormal, near overflow, or may be masked"), 1);
                continue;
            };
            found.compared += 1;
            found.failing += u64::from(error > allowed);
            found.measured = found.measured.map(|m| m.max(error));
            if found.would_note(error) {
                let how = Some(format!("with an incoming gradient of {g}"));
                found.note(Witness { input: inputs[k], output, after: None, measure: error, how });
            }
        }
    }
    Ok(found)
}
