//! Audits: what is looked at, in what order, and what comes out, as values. Nothing is printed here.

pub mod budgets;
mod differ;
pub mod event;
pub mod facts;
pub mod inputs;
mod job;
pub mod journal;
mod names;
pub mod options;
mod parts;
pub mod plan;
pub mod process;
pub mod profile;
pub mod record;
mod row;
mod run;
mod sweep;

pub use budgets::{BudgetError, Rule};
pub use differ::Counts;
pub use event::{Aggregate, Event, Sink, Totals};
pub use facts::Facts;
pub use inputs::Effort;
pub use options::{Options, Progress, VerifyError, Watch};
pub use plan::{Look, Plan, Planned, Unit};
pub use record::{Again, Apart, Audit, Difference, Excluded, Record, Shown, Spread, Summary};
pub use run::{run, verify, verify_with};

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;
