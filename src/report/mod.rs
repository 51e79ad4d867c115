//! Evidence for people and for scripts: text and JSON. Nothing is computed here.

pub mod bound;
pub mod claims;
mod difference;
pub mod identify;
pub mod inspect;
pub mod onnx;
pub mod plot;
pub mod power;
pub mod recheck;
mod survey;
pub mod verify;

use crate::number::decimal;
use crate::verdict::Verdict;
use owo_colors::OwoColorize as _;
use rug::Float;

/// Text in the colour of a verdict, if there are colours.
fn painted(text: &str, verdict: Verdict, colour: bool) -> String {
    match verdict {
        _ if !colour => text.to_owned(),
        Verdict::Proved | Verdict::Within => text.green().to_string(),
        Verdict::Refuted => text.red().to_string(),
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => text.yellow().to_string(),
    }
}

/// Text rounded down to this many significant digits.
pub(crate) fn down(value: &Float, digits: u32) -> String {
    decimal::directed(value, digits, false)
}

/// Text rounded up to this many significant digits.
pub(crate) fn up(value: &Float, digits: u32) -> String {
    decimal::directed(value, digits, true)
}
