//! A run whose units are kept in a journal as they are done, and taken from there if they were done before.

use super::event::{Aggregate, Event, Sink};
use super::facts::Facts;
use super::journal::{Journal, JournalError, Keys};
use super::options::{VerifyError, Watch};
use super::plan::{Plan, Unit};
use super::record::Audit;
use super::run::run;
use crate::subject::Subject;
use std::ops::ControlFlow;

/// Why such a run has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeptError {
    /// The audit could not be run.
    #[error(transparent)]
    Audit(#[from] VerifyError),
    /// What is done cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Runs a plan over its subjects. Units that `journal` has are taken from there, and those that are done are added to it. `watch`
/// hears of the progress, and may stop the audit.
///
/// # Errors
/// If the audit cannot be run, or the journal cannot be written.
pub fn run_kept(
    plan: &Plan,
    subjects: &[&dyn Subject],
    facts: &Facts,
    journal: Option<&Journal>,
    watch: &Watch<'_>,
) -> Result<Audit, KeptError> {
    let mut sink = Listening { aggregate: Aggregate::new(plan), journal: None, watch, failed: None };
    let mut rest = plan.clone();
    if let Some(journal) = journal {
        let keys = Keys::new(plan);
        let whole = |unit: &Unit| unit.part.is_none();
        for unit in plan.units.iter().filter(|unit| whole(unit)) {
            if let Some(records) = journal.find(&keys.of(unit).0) {
                sink.aggregate.known(unit.clone(), records.to_vec());
            }
        }
        rest = rest.without(|unit| whole(unit) && journal.find(&keys.of(unit).0).is_some());
        sink.journal = Some((journal, keys));
    }
    if !rest.units.is_empty() {
        run(&rest, subjects, facts, &mut sink)?;
    }
    match sink.failed {
        Some(error) => Err(error.into()),
        None => Ok(sink.aggregate.finish()),
    }
}

/// Collects an audit, writes it to the journal, and passes progress on.
struct Listening<'a> {
    aggregate: Aggregate,
    journal: Option<(&'a Journal, Keys<'a>)>,
    watch: &'a Watch<'a>,
    failed: Option<JournalError>,
}

impl Listening<'_> {
    fn write(&self, event: &Event<'_>) -> Result<(), JournalError> {
        let Some((journal, keys)) = &self.journal else { return Ok(()) };
        match event {
            Event::UnitStarted { unit } if unit.part.is_none() => {
                let (key, of) = keys.of(unit);
                journal.began(&key, &of)
            }
            Event::UnitFinished { unit, records, complete: true, .. } => {
                let (key, of) = keys.of(unit);
                journal.done(&key, &of, records)
            }
            _ => Ok(()),
        }
    }
}

impl Sink for Listening<'_> {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if let Err(error) = self.write(event) {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        match event {
            Event::Progress(progress) if !(self.watch)(*progress) => ControlFlow::Break(()),
            event => self.aggregate.hear(event),
        }
    }
}
