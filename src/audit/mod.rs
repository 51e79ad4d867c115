//! Audits: what is looked at, in what order, and what comes out, as values. Nothing is printed here.
//!
//! A [`Plan`] says what will be looked at, [`run()`] does it and tells a [`Sink`] what happens, and [`Aggregate`] collects an
//! [`Audit`], which `report` writes. [`verify`] is all of that in one call.
//!
//! ```
//! use actaudit::audit::{Aggregate, Facts, Look, Options, Plan, run};
//! use actaudit::catalog;
//! use actaudit::expr::{Activation, FloatFormat};
//! use actaudit::subject::{Native, Subject};
//! use actaudit::verdict::Verdict;
//!
//! let relu = Activation::with_defaults(catalog::find("relu")?)?;
//! let kernel = Native::new(&relu, "accurate")?;
//! let subjects: [&dyn Subject; 1] = [&kernel];
//! let options = Options { dtypes: vec![FloatFormat::F16], ..Options::default() };
//! let facts = Facts::new();
//! let plan = Plan::new(&facts, &relu, &subjects, &[], &options)?;
//! assert!(plan.units.iter().all(|unit| unit.inputs == Look::Exhaustive && unit.count == 65_536));
//!
//! let mut sink = Aggregate::new(&plan);
//! run(&plan, &subjects, &facts, &mut sink)?;
//! let audit = sink.finish();
//! let ulp = audit.results.iter().find(|record| record.check == "ulp").expect("every audit has this check");
//! assert_eq!((ulp.verdict, ulp.measured), (Verdict::Proved, [0.0, 0.0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod budgets;
mod calls;
pub(crate) mod cause;
pub(crate) mod curves;
mod differ;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod identical;
pub(crate) mod inputs;
mod job;
pub(crate) mod journal;
mod kept;
pub(crate) mod names;
pub(crate) mod options;
mod parts;
pub(crate) mod places;
pub(crate) mod plan;
pub(crate) mod process;
pub(crate) mod profile;
pub(crate) mod queue;
pub(crate) mod record;
mod row;
mod run;
pub(crate) mod segment;
mod sweep;

pub use budgets::{BudgetError, Rule};
pub use cause::Cause;
pub use differ::Counts;
pub use event::{Aggregate, Event, Sink, Totals};
pub use facts::Facts;
pub use inputs::Effort;
pub(crate) use kept::{KeptError, run_kept};
pub use options::{Input, Options, Progress, VerifyError, Watch};
pub use plan::{Look, Plan, Planned, Unit};
pub use record::{
    Again, Answer, Apart, Audit, Difference, Excluded, Lacking, Record, Shown, Spread, Summary, TableUse,
};
pub(crate) use run::verify_heard;
pub use run::{run, verify, verify_with};
pub use segment::SweepPart;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;
