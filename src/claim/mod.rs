//! Claims: statements of papers as data, each proved or refuted by the engine.

mod file;
mod integral;
mod judge;
mod quantity;

pub use file::{Claim, ClaimError, ClaimFile, Expect, Kind, Rounding, Subject, fuzz_claims};
pub use judge::{Judgement, judge};
