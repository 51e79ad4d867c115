//! Claims: statements of papers as data, each proved or refuted by the engine.

mod file;
mod integral;
mod judge;
mod quantity;

pub use file::{Claim, ClaimFile, fuzz_claims};
pub use judge::{Judgement, judge};
