//! Is the backward pass the derivative of *this* forward pass?

use super::probe::{BITS, Probe, Probing};
use super::reason::NOT_FINITE;
use super::{Found, Info, Reason, Within, Witness};
use crate::kernels::Pass;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;
use rug::Float;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "gradient",
        title: "is the backward pass the derivative of this code's own forward pass?",
        explain: "On short segments, the difference quotient of the code's outputs against the mean of its own gradients (trapezoidal rule); the \
same is computed for the real function, and subtracted, so that the rule's own error and the curvature cancel. What is left over is a disagreement \
between the two passes, whatever function they compute: a backward pass of another variant, of another threshold, of another parameter. Measured \
in units of what rounding explains (8 ulp at the size of the larger of input, output and gradient, over the segment's length). Segments on which \
an output is not finite, or the function jumps, are left out. Heuristic, and always sampled.",
        measures: "times rounding",
        passes: &[Pass::Backward],
    },
    follows: false,
    applies: |_| true,
    run,
};

/// Floats of a segment at which the gradient is taken.
const NODES: usize = 33;

/// Ends of the segments: everyday inputs, binades beyond, and the neighbourhood of each junction on its own scale.
fn segments(cx: &Probing<'_>) -> Vec<[f64; 2]> {
    let mut out: Vec<[f64; 2]> = (-64..64).map(|k| [f64::from(k) / 8.0, f64::from(k + 2) / 8.0]).collect();
    for e in 3..9 {
        for k in 4..8 {
            let (a, b) = (f64::from(k) * f64::from(1 << e) / 4.0, f64::from(k + 1) * f64::from(1 << e) / 4.0);
            out.extend([[a, b], [-b, -a]]);
        }
    }
    let junctions = cx.junctions();
    for pair in junctions.windows(2) {
        let width = pair[1] - pair[0];
        out.extend((-4..8).map(|k| [0, 1].map(|d| pair[0] + width * f64::from(k + d) / 4.0)));
    }
    let Within { lo, hi } = cx.within;
    if (hi - lo).is_finite() {
        let at = |k: i32| lo + (hi - lo) * f64::from(k) / 16.0;
        out.extend((0..16).map(|k| [at(k), if k == 15 { hi } else { at(k + 1) }]));
    }
    out
}

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let mut found = Found { unit: "times what rounding explains", budget: 1.0, ..Found::default() };
    if !cx.both {
        found.exclude(Reason::code("the code has only one pass"), 1);
        return Ok(found);
    }
    let jumps = cx.references[1].reference().junctions();
    let jumps: Vec<f64> = jumps.iter().filter(|j| j.kind == crate::reference::Kind::Jump).map(|j| j.floor).collect();
    for [a, b] in segments(cx).into_iter().filter(|ends| ends.iter().all(|x| cx.within.holds(*x))) {
        let mut bits: Vec<u64> = (0..NODES).map(|k| cx.near(a + (b - a) * k as f64 / (NODES - 1) as f64)).collect();
        bits.retain(|b| cx.may(b));
        bits.dedup();
        let x: Vec<f64> = bits.iter().map(|b| cx.format.decode(*b)).collect();
        if x.len() < 3 {
            found.exclude(Reason::mathematics("too few floats on the segment"), 1);
            continue;
        }
        if jumps.iter().any(|j| x[0] <= j.next_up() && *j <= x[x.len() - 1]) {
            found.exclude(Reason::mathematics("the function jumps"), 1);
            continue;
        }
        let (Some(y), Some(g)) = (cx.values(Pass::Forward, &bits)?, cx.values(Pass::Backward, &bits)?) else {
            found.exclude(Reason::code(NO_ANSWER), 1);
            continue;
        };
        if [y[0], y[y.len() - 1]].iter().any(|v| !v.is_finite()) {
            found.exclude(NOT_FINITE, 1);
            continue;
        }
        let own = disagreement(&x, |k| Float::with_val(BITS, y[k]), |k| Float::with_val(BITS, g[k]));
        // at a kink the code may choose its subgradient: both sides get its choice
        let chosen = |k: usize| cx.references[1].junction(x[k]).map(|_| Float::with_val(BITS, g[k]));
        let slope = |k: usize| chosen(k).unwrap_or_else(|| cx.real(Pass::Backward, x[k]));
        let real = disagreement(&x, |k| cx.real(Pass::Forward, x[k]), slope);
        if !real.is_finite() {
            found.exclude(Reason::mathematics("the function or its slope has no value on the segment"), 1);
            continue;
        }
        let left = Float::with_val(BITS, own - real).abs().to_f64();
        let size = x.iter().chain(&y).chain(&g).fold(0.0f64, |m, v| m.max(v.abs()));
        let explained = 8.0 * cx.format.ulp(size) * (1.0 + 1.0 / (x[x.len() - 1] - x[0]));
        let ratio = if left.is_nan() { f64::INFINITY } else { left / explained };
        found.compared += 1;
        found.measured = found.measured.map(|m| m.max(ratio));
        let last = bits.len() - 1;
        let witness =
            Witness { input: bits[last], output: cx.near(g[last]), after: Some(bits[0]), measure: ratio, how: None };
        found.note(witness);
        found.failing += u64::from(ratio > 1.0);
    }
    Ok(found)
}

/// (f(b) - f(a))/(b - a) less the mean of f' by the trapezoidal rule. NaN if a gradient is.
fn disagreement(x: &[f64], f: impl Fn(usize) -> Float, slope: impl Fn(usize) -> Float) -> Float {
    let last = x.len() - 1;
    let length = Float::with_val(BITS, x[last]) - x[0];
    let slopes: Vec<Float> = (0..=last).map(slope).collect();
    let mut area = Float::new(BITS);
    for k in 0..last {
        area += Float::with_val(BITS, &slopes[k] + &slopes[k + 1]) * ((x[k + 1] - x[k]) / 2.0);
    }
    (f(last) - f(0) - area) / length
}
