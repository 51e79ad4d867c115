//! Audits: which inputs, in what order, and what comes out. Nothing is printed here.

pub mod definition;
pub mod budgets;
pub mod inputs;
mod job;
pub mod process;
mod mathematics;
pub mod options;
mod result;
mod row;
mod run;
pub(crate) mod sweep;

pub use inputs::Effort;
pub use result::{Evidence, Excluded, Summary, UlpReport, VerifyReport, VerifyResult, WitnessReport};
pub use budgets::{BudgetError, Rule};
pub use options::{Options, Progress, VerifyError, Watch};
pub use run::verify;

#[cfg(test)]
mod tests;
