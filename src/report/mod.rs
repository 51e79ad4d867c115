//! Evidence for people and for scripts: text and JSON. Nothing is computed here.

pub mod bound;
pub mod claims;
pub mod contract;
pub mod definition;
mod difference;
pub mod explain;
pub mod identify;
pub mod inspect;
mod number;
pub mod onnx;
pub mod plan;
pub mod plot;
pub mod power;
pub mod recheck;
pub mod reference;
mod replay;
mod statistics;
pub mod survey;
pub mod verify;

use crate::verdict::Verdict;
pub(crate) use number::{down, up};
use owo_colors::OwoColorize as _;

/// Text in the colour of a verdict, if there are colours.
fn painted(text: &str, verdict: Verdict, colour: bool) -> String {
    match verdict {
        _ if !colour => text.to_owned(),
        Verdict::Proved | Verdict::Within => text.green().to_string(),
        Verdict::Refuted => text.red().to_string(),
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => text.yellow().to_string(),
    }
}
