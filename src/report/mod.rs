//! Evidence for people and for scripts: text and JSON. Nothing is computed here.

pub mod accept;
pub mod bound;
pub mod claims;
pub mod contract;
pub mod definition;
mod difference;
pub mod explain;
pub mod gate;
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
pub mod survey;
pub mod verify;

use crate::verdict::Verdict;
pub(crate) use number::{down, up};
use owo_colors::OwoColorize as _;

/// Text of other people's making, such as a name, without control characters: those are written as escapes.
fn printable(text: &str) -> String {
    let escaped = |c: char| c.is_control().then(|| c.escape_debug().to_string());
    text.chars().map(|c| escaped(c).unwrap_or_else(|| c.to_string())).collect()
}

/// Text in the colour of a verdict, if there are colours.
fn painted(text: &str, verdict: Verdict, colour: bool) -> String {
    match verdict {
        _ if !colour => text.to_owned(),
        Verdict::Proved | Verdict::Within => text.green().to_string(),
        Verdict::Refuted => text.red().to_string(),
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => text.yellow().to_string(),
    }
}
