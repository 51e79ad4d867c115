//! Audits: which inputs, in what order, and what comes out. Nothing is printed here.

pub mod budgets;
mod differ;
pub mod facts;
pub mod inputs;
mod job;
pub mod options;
mod parts;
pub mod process;
pub mod profile;
mod result;
mod row;
mod run;
mod sweep;

pub use budgets::{BudgetError, Rule};
pub use facts::Facts;
pub use inputs::Effort;
pub use options::{Options, Progress, VerifyError, Watch};
pub use result::{
    DifferenceRegion, DifferenceReport, DifferenceWitness, Excluded, Summary, UlpReport, VerifyReport, VerifyResult,
    WitnessReport,
};
pub use run::{verify, verify_with};

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;
