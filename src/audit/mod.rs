//! Audits: which inputs, in what order, and what comes out. Nothing is printed here.

pub mod definition;
pub mod inputs;
pub mod process;
mod result;
mod run;

pub use inputs::Effort;
pub use result::{Evidence, Excluded, Summary, UlpReport, VerifyReport, VerifyResult, WitnessReport};
pub use run::{Options, Progress, VerifyError, verify};

#[cfg(test)]
mod tests;
