//! A search for the worst error where not every input can be looked at.

use super::probe::{Probe, Probing};
use super::{Found, Info, Point, Reason, Witness, ulp};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::number::Format;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "hunt",
        title: "what is the worst error that a search can find?",
        explain: "f64 has too many inputs to look at all of them. Starting from the worst inputs of the ulp check and from inputs all over the \
line, each is moved by steps from half of its binade down to one float, and the move that makes the certified error larger is kept. Measured as the \
ulp check does, against its budget. What it finds is a lower bound of the largest error: always sampled, and `compared` says how many inputs.",
        measures: "ulp",
        passes: &Pass::ALL,
    },
    follows: true,
    applies: |cx| cx.format == FloatFormat::F64 && cx.cx.budget.tolerance.is_none(),
    run,
};

/// Inputs that are followed.
const SEEDS: usize = 48;
/// Moves that are tried for each of them at each step width.
const MOVES: usize = 8;
/// The widest step, in floats: half of a binade.
const WIDEST: u32 = 51;

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let mut found = Found { unit: "ulp", budget: cx.cx.budget.ulp, ..Found::default() };
    let format = cx.format;
    let top = format.infinity() as i64 - 1;
    let [least, most] = cx.within.ordinals(format).map(|end| end.clamp(-top, top));
    let mut seeds: Vec<(u64, f64)> = cx.suspects.iter().map(|b| (*b, -1.0)).collect();
    // a low-discrepancy sequence over the inputs of everyday size
    let spread = |k: usize| 20.0 * (2.0 * (k as f64 * 0.618_033_988_749_894_9).fract() - 1.0);
    seeds.extend((seeds.len()..SEEDS).map(|k| (cx.near(spread(k)), -1.0)));
    if !cx.within.is_everything() {
        seeds.retain(|(bits, _)| cx.may(bits));
        let missing = SEEDS.saturating_sub(seeds.len());
        seeds.extend(cx.within.evenly(format, missing).into_iter().map(|bits| (bits, -1.0)));
    }
    for width in (0..=WIDEST).rev() {
        let step = 1i64 << width;
        let mut tried: Vec<u64> = Vec::with_capacity(seeds.len() * MOVES);
        for (k, (seed, _)) in seeds.iter().enumerate() {
            let at = format.ordinal(*seed);
            for m in 0..MOVES as i64 {
                // nearer and farther, on both sides, at places that differ from seed to seed
                let part = step / 2 + (step / 2).wrapping_mul(m / 2) / (MOVES as i64 / 2) + k as i64 % step.max(1);
                let to = if m % 2 == 0 { at.saturating_add(part) } else { at.saturating_sub(part) };
                tried.push(format.at_ordinal(to.clamp(least, most)));
            }
        }
        let Some(out) = (cx.ask)(cx.pass, &tried, 0)? else {
            found.exclude(Reason::code(NO_ANSWER), tried.len() as u64);
            continue;
        };
        for (k, (input, output)) in tried.iter().zip(out).enumerate() {
            let x = f64::from_bits64(*input);
            let point = Point::at(cx.cx.reference, x).answered(f64::from_bits64(output), cx.cx);
            let Some([lo, hi]) = ulp::judged(&point, cx.cx) else {
                found.exclude(Reason::mathematics("nothing to compare with"), 1);
                continue;
            };
            found.compared += 1;
            found.measured = [found.measured[0].max(lo), found.measured[1].max(hi)];
            match ulp::exceeds(&point, [lo, hi], cx.cx) {
                Some(true) => found.failing += 1,
                Some(false) => {}
                None => found.doubt(&point, super::NEAR_BUDGET),
            }
            if found.would_note(lo) && !found.worst.iter().any(|w| w.input == *input) {
                found.note(Witness { input: *input, output, after: None, measure: lo, how: None });
            }
            let seed = &mut seeds[k / MOVES];
            if lo > seed.1 {
                *seed = (*input, lo);
            }
        }
    }
    Ok(found)
}
