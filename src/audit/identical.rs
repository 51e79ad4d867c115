//! Whether one subject's outputs are another one's, where that is asked for.

use super::differ::{Apart, Differ};
use super::options::{Options, VerifyError};
use super::record::{Again, Record};
use super::row::Writer;
use crate::check::{Found, Info, Witness};
use crate::kernels::Pass;
use crate::subject::Subject;

/// What the row of results says.
pub const INFO: Info = Info {
    id: "identical",
    title: "are the outputs, bit for bit, those of the first subject?",
    explain: "Only where that is asked for: every subject's outputs are held against those of the one that is named first, at all inputs that both \
are asked for. Zeros of different signs differ, NaNs do not. The measure is how many floats apart the farthest two outputs are. Inputs that one of \
both does not answer are not compared; then nothing is proved.",
    measures: "floats apart",
    passes: &Pass::KNOWN,
};

/// Refuses subjects of which nothing can be held against the first: what was not compared is not the same.
///
/// # Errors
/// With the names of both.
pub(super) fn comparable(subjects: &[&dyn Subject], options: &Options) -> Result<(), VerifyError> {
    let Some((first, others)) = subjects.split_first() else { return Ok(()) };
    let asked = || options.dtypes.iter().flat_map(|dtype| options.passes.iter().map(|pass| (*dtype, *pass)));
    let shared = |other: &&&dyn Subject| asked().any(|(d, p)| first.supports(d, p) && other.supports(d, p));
    match others.iter().find(|other| !shared(other)) {
        None => Ok(()),
        Some(other) => Err(VerifyError::Options(format!(
            "{} and {} have no format and direction in common of those that are asked for: whether their outputs are identical cannot be said",
            first.name(),
            other.name()
        ))),
    }
}

/// How far two outputs are apart: zeros of different signs are one float apart, and a NaN is apart from any number without bound.
fn floats(apart: &Apart) -> f64 {
    if apart.steps == u64::MAX { f64::INFINITY } else { (apart.steps as f64).max(1.0) }
}

/// The record of `writer`'s subject, which is the one of these outputs at this place, against the other one, of this name.
pub(super) fn record(writer: &Writer<'_>, found: &Differ, own: usize, other: &str, exhaustive: bool) -> Record {
    let total = found.total();
    let witness = |apart: &Apart| Witness {
        input: apart.input,
        output: apart.outputs[own],
        after: None,
        measure: floats(apart),
        how: Some(format!("{other} gives {}", writer.cx.format.hex(apart.outputs[1 - own]))),
    };
    let worst: Vec<Witness> = found.worst.iter().map(witness).collect();
    let farthest = worst.first().map_or(0.0, |w| w.measure);
    let seen = Found {
        compared: total.inputs,
        failing: total.differ,
        measured: [farthest; 2],
        unit: "floats apart",
        worst,
        ..Found::default()
    };
    Record { unit: format!("floats from {other}").into(), ..writer.record(INFO.id, seen, exhaustive, Again::Never) }
}
