//! Seams where not every input is looked at: a step in the error between two samples is narrowed down to two neighbours.

use super::probe::{BITS, Probe, Probing};
use super::{Found, Info, Reason, Witness};
use crate::kernels::Pass;
use crate::number::format::power_of_two;
use crate::reference::Kind;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;
use rug::Float;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "bisect",
        title: "where samples suggest a step in the error, is there one between neighbours?",
        explain: "What `seam` asks, for formats of which not all inputs are looked at. Some thousand samples from -100 to 100, denser towards 0; \
between samples whose errors differ by more than rounding explains, the interval is halved again and again, each time keeping the half \
over which the error changes more, down to two neighbouring floats. The step between those, in ulp, against twice the budget in ulp. A smooth error \
leaves nothing there. Always sampled.",
        measures: "ulp in one step",
        passes: &Pass::ALL,
    },
    follows: true,
    applies: |cx| cx.format.width() > 16 && cx.cx.budget.tolerance.is_none(),
    run,
};

const SAMPLES: i32 = 3000;
/// Intervals that are narrowed down.
const FOLLOWED: usize = 64;

/// An input, the output, and the error: the real value is f(x), or none where the function jumps or the output is not finite.
struct Sample {
    bits: u64,
    output: u64,
    error: Option<Float>,
    ulp: f64,
}

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let mut found = Found { unit: "ulp", budget: 2.0 * cx.cx.budget.ulp, ..Found::default() };
    let mut inputs: Vec<u64> = (-SAMPLES..=SAMPLES)
        .map(|k| cx.near((f64::from(k) / f64::from(SAMPLES) * 200f64.asinh()).sinh() / 2.0))
        .collect();
    if !cx.within.is_everything() {
        inputs.retain(|b| cx.may(b));
        inputs.extend(
            cx.within.evenly(cx.format, SAMPLES as usize).into_iter().filter(|b| cx.format.decode(*b).is_finite()),
        );
        inputs.sort_by_key(|b| cx.format.ordinal(*b));
    }
    inputs.dedup();
    let Some(samples) = sample(cx, &inputs)? else {
        found.exclude(Reason::code(NO_ANSWER), inputs.len() as u64);
        return Ok(found);
    };
    let mut open: Vec<(f64, usize)> = (1..samples.len()).map(|k| (step(&samples[k - 1], &samples[k]), k)).collect();
    found.compared = open.len() as u64;
    open.retain(|(step, _)| *step > found.budget);
    open.sort_by(|a, b| b.0.total_cmp(&a.0));
    let left = open.len().saturating_sub(FOLLOWED) as u64;
    found.exclude(Reason::checker("a step in the error that was not followed"), left);
    found.compared -= left;
    for (_, k) in open.into_iter().take(FOLLOWED) {
        let (mut a, mut b) = (cx.format.ordinal(samples[k - 1].bits), cx.format.ordinal(samples[k].bits));
        let ends = [a, b].map(|k| cx.format.at_ordinal(k));
        let Some(mut pair) = sample(cx, &ends)? else {
            found.exclude(Reason::code(NO_ANSWER), 1);
            continue;
        };
        while b - a > 1 {
            let middle = a + (b - a) / 2;
            let Some(mut at) = sample(cx, &[cx.format.at_ordinal(middle)])? else { break };
            let Some(at) = at.pop() else { break };
            if step(&pair[0], &at) >= step(&at, &pair[1]) {
                (b, pair[1]) = (middle, at);
            } else {
                (a, pair[0]) = (middle, at);
            }
        }
        if b - a > 1 {
            found.exclude(Reason::code(NO_ANSWER), 1);
            continue;
        }
        let measure = step(&pair[0], &pair[1]);
        found.measured = found.measured.map(|m| m.max(measure));
        let witness =
            Witness { input: pair[1].bits, output: pair[1].output, after: Some(pair[0].bits), measure, how: None };
        if measure > found.budget {
            found.failing += 1;
            found.note(witness);
        }
    }
    Ok(found)
}

/// The change of the error in ulp of the larger value; 0 where it is not known on both sides.
fn step(a: &Sample, b: &Sample) -> f64 {
    match (&a.error, &b.error) {
        (Some(x), Some(y)) => Float::with_val(BITS, y - x).abs().to_f64() / a.ulp.max(b.ulp),
        _ => 0.0,
    }
}

fn sample(cx: &Probing<'_>, inputs: &[u64]) -> Result<Option<Vec<Sample>>, SubjectError> {
    let Some(out) = (cx.ask)(cx.pass, inputs, 0)? else { return Ok(None) };
    let one = |(bits, output): (&u64, u64)| {
        let (x, y) = (cx.format.decode(*bits), cx.format.decode(output));
        let smooth = cx.reference(cx.pass).junction(x).is_none_or(|j| j.kind == Kind::Smooth);
        let real = cx.real(cx.pass, x);
        let ulp = cx.format.ulp(real.to_f64().abs().max(y.abs()));
        // a declared flush is no step
        let flushed = cx.cx.policy.flush && y == 0.0 && real.to_f64().abs() < power_of_two(cx.format.min_exponent());
        let error = (smooth && y.is_finite() && !flushed).then(|| Float::with_val(BITS, y) - real);
        Sample { bits: *bits, output, error, ulp }
    };
    Ok(Some(inputs.iter().zip(out).map(one).collect()))
}
