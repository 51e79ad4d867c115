//! The same input has the same output wherever it stands.

use super::probe::{Probe, Probing};
use super::{Found, Info, Reason, Witness};
use crate::kernels::Pass;
use crate::subject::incident::NO_ANSWER;
use crate::subject::{Fence, SubjectError};

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "position",
        title: "does an input give the same output at every position, in slices of every length and alignment?",
        explain: "Vector code handles the end of a slice by other instructions than its middle, and sometimes by other formulas. Some thousand \
inputs (spread over the format, around the junctions, and the worst ones that other checks found) are given in one long slice, in reversed order, in \
slices of many lengths (all remainders modulo 64 among them), far into long ones, beside NaNs and infinities, one by one, and 1 to 15 elements off a boundary of 64 bytes; the bits of each output have to be the same. Two NaNs are the same. Measured in floats \
between the outputs. Libraries are also given slices, empty ones among them, whose arrays end or begin right at memory that cannot be touched: \
what reads or writes there is told by the row process. Always sampled.",
        measures: "floats apart",
        passes: &Pass::ALL,
    },
    follows: false,
    applies: |_| true,
    run,
};

/// Inputs of the long slice.
const COUNT: usize = 1031;
/// Lengths around the widths of vectors.
pub(super) const LENGTHS: [usize; 14] = [2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127];
/// A length in which places are far from the start: beyond 65,536 and 131,072, and no multiple of a vector's width. One is enough:
/// code that fails in long slices may fail so often only.
const FAR: usize = 150_001;
/// Lengths of some hundreds, odd ones and powers of two.
const MIDDLE: [usize; 9] = [129, 191, 256, 257, 385, 511, 513, 770, 1023];
/// Lengths of thousands: odd ones, some beside powers of two, and one that fills a batch of f32.
const LONG: [usize; 4] = [3001, 8191, 16_385, 65_536];
/// Inputs that are given alone.
const ALONE: usize = 97;

pub(super) fn inputs(cx: &Probing<'_>) -> Vec<u64> {
    let mut bits = cx.suspects.to_vec();
    for j in cx.junctions() {
        let at = cx.format.ordinal(cx.near(j));
        bits.extend((at - 3..=at + 3).map(|k| cx.format.at_ordinal(k)));
    }
    bits.extend([0, cx.format.sign(), 1]);
    // evenly over [-20, 20], then evenly over the finite numbers
    let even = COUNT.saturating_sub(bits.len()) / 2;
    bits.extend((0..even).map(|k| cx.near(-20.0 + 40.0 * k as f64 / even as f64)));
    let top = cx.format.infinity() as i64 - 1;
    let rest = COUNT.saturating_sub(bits.len()) as i64;
    // from one end to the other, without overflow in f64
    let place = |k: i64| (i128::from(top) * i128::from(2 * k - rest) / i128::from(rest.max(1))) as i64;
    bits.extend((0..rest).map(|k| cx.format.at_ordinal(place(k))));
    if !cx.within.is_everything() {
        bits.retain(|b| cx.may(b));
        let others = cx.within.evenly(cx.format, COUNT);
        // again and again where there are few
        let missing = COUNT.saturating_sub(bits.len());
        bits.extend(others.into_iter().cycle().take(missing));
    }
    bits
}

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let mut found = Found { unit: "floats apart", ..Found::default() };
    let inputs = inputs(cx);
    let Some(whole) = (cx.ask)(cx.pass, &inputs, 0)? else {
        found.exclude(Reason::code(NO_ANSWER), inputs.len() as u64);
        return Ok(found);
    };
    let mut compare = |first: usize, asked: &[u64], shift: usize, reversed: bool| -> Result<(), SubjectError> {
        let how = || {
            let order = if reversed { ", in reversed order" } else { "" };
            format!("in a slice of {}, {shift} elements off its alignment{order}", asked.len())
        };
        let Some(out) = (cx.ask)(cx.pass, asked, shift)? else {
            found.exclude(Reason::code(NO_ANSWER), asked.len() as u64);
            return Ok(());
        };
        for (k, bits) in out.iter().enumerate() {
            let place = if reversed { inputs.len() - 1 - k } else { first + k };
            differ(&mut found, cx, inputs[place], [whole[place], *bits], how);
        }
        Ok(())
    };
    let backwards: Vec<u64> = inputs.iter().rev().copied().collect();
    compare(0, &backwards, 0, true)?;
    for shift in 1..=15 {
        compare(0, &inputs, shift, false)?;
    }
    for (k, len) in LENGTHS.into_iter().enumerate() {
        for start in [0, k + 1, inputs.len() - len] {
            compare(start, &inputs[start..start + len], k % 4, false)?;
        }
    }
    // the last vector of a slice may be of any length
    for len in 64..128 {
        let start = len * 7;
        compare(start, &inputs[start..start + len], 0, false)?;
    }
    for len in MIDDLE {
        compare(0, &inputs[..len.min(inputs.len())], 0, false)?;
    }
    for k in 0..ALONE {
        let place = k * inputs.len() / ALONE;
        compare(place, &inputs[place..=place], 0, false)?;
    }
    for len in LONG.into_iter().chain([FAR]) {
        let asked: Vec<u64> = inputs.iter().cycle().take(len).copied().collect();
        let failed = compare_all(cx, &mut found, &inputs, &whole, &asked, &|k| k % inputs.len(), "far into")?;
        // code that fails in long slices may fail so often only
        if failed {
            break;
        }
    }
    // what is beside an input is none of its business
    for odd in [f64::NAN, f64::INFINITY].into_iter().filter(|odd| cx.within.holds(*odd)) {
        let odd = cx.format.encode(odd);
        let beside = |k: usize| if k % 8 == 3 { odd } else { inputs[k] };
        let asked: Vec<u64> = (0..inputs.len()).map(beside).collect();
        let name = format!("beside {}", cx.format.decode(odd));
        compare_all(cx, &mut found, &inputs, &whole, &asked, &|k| k, &name)?;
    }
    fences(cx, &inputs)?;
    Ok(found)
}

/// Slices of many lengths, none among them, right beside memory that cannot be touched, on every side of every array: what reads or
/// writes there is found, whatever it does with it. What is known of one side is not asked for again.
fn fences(cx: &Probing<'_>, inputs: &[u64]) -> Result<(), SubjectError> {
    let mut shortest = 0;
    for fence in Fence::all(cx.pass == Pass::Backward) {
        let lengths = [0, 1].into_iter().chain(LENGTHS).chain([COUNT.min(inputs.len())]);
        for len in lengths.filter(|len| *len >= shortest).collect::<Vec<_>>() {
            let well = (cx.fenced)(cx.pass, &inputs[inputs.len() - len..], fence)?;
            match well {
                true => {}
                // whatever lies beside the arrays
                false if len == 0 => shortest = 1,
                false => break,
            }
        }
    }
    Ok(())
}

/// Holds the outputs of a slice against those that the same inputs had before; `place` says where each stood then. What stands there
/// for another input is left out. Gives whether there was no answer.
fn compare_all(
    cx: &Probing<'_>,
    found: &mut Found,
    inputs: &[u64],
    whole: &[u64],
    asked: &[u64],
    place: &dyn Fn(usize) -> usize,
    name: &str,
) -> Result<bool, SubjectError> {
    let Some(out) = (cx.ask)(cx.pass, asked, 0)? else {
        found.exclude(Reason::code(NO_ANSWER), asked.len() as u64);
        return Ok(true);
    };
    for (k, bits) in out.iter().enumerate().filter(|(k, _)| asked[*k] == inputs[place(*k)]) {
        let how = || format!("{name} a slice of {}, at place {k}", asked.len());
        differ(found, cx, asked[k], [whole[place(k)], *bits], how);
    }
    Ok(false)
}

/// Notes an input that has other output bits the second time, and how it was asked then.
pub(super) fn differ(
    found: &mut Found,
    cx: &Probing<'_>,
    input: u64,
    [first, other]: [u64; 2],
    how: impl Fn() -> String,
) {
    found.compared += 1;
    let is_nan = |bits: u64| cx.format.decode(bits).is_nan();
    if first == other || is_nan(first) && is_nan(other) {
        return;
    }
    let apart = cx.format.climb(first, other).abs();
    // zeros of both signs are one float, and yet not the same bits
    let apart = if is_nan(first) || is_nan(other) { f64::INFINITY } else { apart.max(1.0) };
    found.failing += 1;
    found.measured = found.measured.map(|m| m.max(apart));
    if found.would_note(apart) {
        found.note(Witness { input, output: other, after: None, measure: apart, how: Some(how()) });
    }
}
