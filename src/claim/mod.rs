//! Claims: statements of papers as data, each proved or refuted by the engine.

mod example;
mod file;
mod integral;
mod judge;
mod missing;
mod quantity;

pub(crate) use example::example;
#[cfg(test)]
pub(crate) use file::Kind;
pub use file::{Claim, ClaimFile, fuzz_claims};
pub use judge::{Judgement, judge};
