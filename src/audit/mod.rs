//! Audits: which inputs, in what order, and what comes out. Nothing is printed here.

pub mod budgets;
pub mod definition;
mod differ;
pub mod inputs;
mod job;
mod mathematics;
pub mod options;
mod parts;
pub mod process;
pub mod profile;
mod result;
mod row;
mod run;
mod sweep;

pub use budgets::{BudgetError, Rule};
pub use inputs::Effort;
pub use options::{Options, Progress, VerifyError, Watch};
pub use result::{
    DifferenceRegion, DifferenceReport, DifferenceWitness, Excluded, Summary, UlpReport, VerifyReport, VerifyResult,
    WitnessReport,
};
pub use run::verify;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;
