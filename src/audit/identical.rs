//! Whether one subject's outputs are another one's, where that is asked for.

use super::differ::Differ;
use super::record::{Again, Record};
use super::row::Writer;
use crate::check::{Found, Info, Witness};
use crate::kernels::Pass;

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

/// The record of `writer`'s subject, which is the one of these outputs at this place, against the other one, of this name.
pub(super) fn record(writer: &Writer<'_>, found: &Differ, own: usize, other: &str, exhaustive: bool) -> Record {
    let total = found.total();
    let witness = |apart: &super::differ::Apart| Witness {
        input: apart.input,
        output: apart.outputs[own],
        after: None,
        measure: apart.steps as f64,
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
