//! Many implementations of many activations side by side: which, out of a file; each audited by itself.

mod plan;

pub use plan::{Column, Plan, PlanError};

use crate::audit::journal::{Journal, JournalError, Keys};
use crate::audit::{
    self, Aggregate, Effort, Event, Facts, Options, Progress, Record, Sink, VerifyError, Watch, run as run_plan,
};
use crate::catalog;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::subject::{self, Subject, SubjectError};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// One activation of one implementation.
#[derive(Clone, Debug)]
pub struct Audited {
    /// the activation
    pub activation: Activation,
    /// name of the implementation
    pub implementation: String,
    /// the subject, as for `--impl`
    pub subject: String,
    /// why it is not there, or why its audit broke off
    pub absent: Option<String>,
    /// what was found
    pub results: Vec<Record>,
}

/// All implementations side by side.
#[derive(Debug)]
pub struct Survey {
    /// of the plan
    pub title: String,
    /// effort level
    pub effort: Effort,
    /// formats
    pub dtypes: Vec<FloatFormat>,
    /// passes
    pub passes: Vec<Pass>,
    /// implementations, with what their results depend on
    pub implementations: Vec<(String, BTreeSet<String>)>,
    /// the audits, activation by activation
    pub audits: Vec<Audited>,
    /// whether it was interrupted
    pub partial: bool,
}

/// Why a survey could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// An audit could not be run at all.
    #[error("{activation}: {error}")]
    Audit {
        /// of which activation
        activation: String,
        /// why
        error: VerifyError,
    },
    /// The plan names an activation that there is not, or a subject that is none.
    #[error("{0}")]
    Plan(String),
    /// What is done cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An audit that a plan asks for.
struct Asked<'a> {
    activation: Activation,
    column: &'a Column,
    subject: String,
}

/// What all audits share.
struct Shared<'a> {
    options: Options,
    facts: &'a Facts,
    journal: Option<&'a Journal>,
    watch: &'a Watch<'a>,
}

impl Survey {
    /// Audits all that a plan names, as many at a time as there may be threads, each with one. What is not there is named as
    /// such; the rest is audited. Units that `journal` has are taken from there, and those that are done are added to it.
    /// `watch` hears how many audits are done, `started` of each before it begins.
    ///
    /// # Errors
    /// If the plan names what there is not, an activation cannot be evaluated, or the journal cannot be written.
    pub fn run(
        plan: &Plan,
        options: &Options,
        facts: &Facts,
        journal: Option<&Journal>,
        watch: &Watch<'_>,
        started: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, SurveyError> {
        let asked = asked(plan)?;
        let jobs = options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
        let stopped = AtomicBool::new(false);
        let watch = |_: Progress| {
            let progress = Progress { done: done.load(Ordering::Relaxed), total: asked.len() as u64 };
            let go_on = watch(progress);
            stopped.fetch_or(!go_on, Ordering::Relaxed);
            go_on
        };
        let shared = Shared { options: Options { jobs: Some(1), ..options.clone() }, facts, journal, watch: &watch };
        let slots: Vec<OnceLock<Result<Found, SurveyError>>> = asked.iter().map(|_| OnceLock::new()).collect();
        let work = || {
            while let Some(k) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|k| *k < asked.len()) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let Asked { activation, column, .. } = &asked[k];
                started(&format!("{} by {}", activation.definition.id, column.name));
                let found = asked[k].audit(&shared);
                // the rest would be thrown away
                stopped.fetch_or(found.is_err(), Ordering::Relaxed);
                let _ = slots[k].set(found);
                done.fetch_add(1, Ordering::Relaxed);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, asked.len().max(1)) {
                scope.spawn(work);
            }
        });
        let mut environments: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let (mut audits, mut partial) = (vec![], false);
        for (asked, slot) in asked.iter().zip(slots) {
            // what was not begun when it was stopped
            let Some(found) = slot.into_inner() else {
                partial = true;
                continue;
            };
            let found = found?;
            environments.entry(&asked.column.name).or_default().extend(found.environment);
            partial |= found.partial;
            audits.push(found.audited);
        }
        let environment = |name: &String| environments.get(name.as_str()).cloned().unwrap_or_default();
        Ok(Self {
            title: plan.title.clone(),
            effort: options.effort,
            dtypes: options.dtypes.clone(),
            passes: options.passes.clone(),
            implementations: plan.columns().iter().map(|c| (c.name.clone(), environment(&c.name))).collect(),
            audits,
            partial,
        })
    }

    /// Whether something that the plan names is not there.
    pub fn incomplete(&self) -> bool {
        self.partial || self.audits.iter().any(|a| a.absent.is_some())
    }
}

/// The audits of a plan, activation by activation.
fn asked(plan: &Plan) -> Result<Vec<Asked<'_>>, SurveyError> {
    let mut asked = vec![];
    for id in plan.activations() {
        let definition = catalog::find(id).map_err(|e| SurveyError::Plan(e.to_string()))?;
        let activation = Activation::with_defaults(definition).map_err(|e| SurveyError::Plan(e.to_string()))?;
        for column in plan.columns() {
            if let Some(subject) = column.subject(id) {
                asked.push(Asked { activation: activation.clone(), column, subject });
            }
        }
    }
    Ok(asked)
}

/// What came of one audit.
struct Found {
    audited: Audited,
    environment: Option<String>,
    partial: bool,
}

impl Asked<'_> {
    fn audit(&self, shared: &Shared<'_>) -> Result<Found, SurveyError> {
        let audited = Audited {
            activation: self.activation.clone(),
            implementation: self.column.name.clone(),
            subject: self.subject.clone(),
            absent: None,
            results: vec![],
        };
        let mut found = Found { audited, environment: None, partial: false };
        match subject::named(&self.subject, &self.activation) {
            Ok(subject) => {
                found.environment = subject.environment();
                match self.units(&*subject, shared) {
                    Ok((results, partial)) => (found.audited.results, found.partial) = (results, partial),
                    Err(SurveyError::Audit { error: VerifyError::Subject(error), .. }) => {
                        found.audited.absent = Some(error.to_string());
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(error @ (SubjectError::Unknown(_) | SubjectError::Malformed { .. })) => {
                return Err(SurveyError::Plan(format!("{}: {error}", self.column.name)));
            }
            Err(error) => found.audited.absent = Some(error.to_string()),
        }
        Ok(found)
    }

    /// The records of all units, and whether some are missing because the survey was stopped.
    fn units(&self, subject: &dyn Subject, shared: &Shared<'_>) -> Result<(Vec<Record>, bool), SurveyError> {
        let Shared { options, facts, journal, watch } = shared;
        let failed = |error| SurveyError::Audit { activation: self.activation.definition.id.clone(), error };
        let plan = audit::Plan::new(facts, &self.activation, &[subject], &[], options).map_err(failed)?;
        let mut sink = Listening { aggregate: Aggregate::new(&plan), journal: None, watch: *watch, failed: None };
        let mut rest = plan.clone();
        if let Some(journal) = journal {
            let keys = Keys::new(&plan);
            for unit in &plan.units {
                if let Some(records) = journal.find(&keys.of(unit).0) {
                    sink.aggregate.known(unit.clone(), records.to_vec());
                }
            }
            rest = rest.without(|unit| journal.find(&keys.of(unit).0).is_some());
            sink.journal = Some((journal, keys));
        }
        if !rest.units.is_empty() {
            run_plan(&rest, &[subject], facts, &mut sink).map_err(failed)?;
        }
        if let Some(error) = sink.failed {
            return Err(error.into());
        }
        let audit = sink.aggregate.finish();
        Ok((audit.results, audit.summary.partial))
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
            Event::UnitStarted { unit } => {
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

#[cfg(test)]
mod tests;
