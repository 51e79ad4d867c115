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
pub mod reference;
mod survey;
pub mod verify;

use crate::number::decimal;
use rug::Float;

/// Text rounded down to this many significant digits.
pub(crate) fn down(value: &Float, digits: u32) -> String {
    decimal::directed(value, digits, false)
}

/// Text rounded up to this many significant digits.
pub(crate) fn up(value: &Float, digits: u32) -> String {
    decimal::directed(value, digits, true)
}
