//! Many implementations of many activations side by side: which, out of a file; each audited by itself.

mod plan;

pub use plan::{Column, Plan};

use crate::audit::journal::{Journal, JournalError};
use crate::audit::queue::{side_by_side, threads};
use crate::audit::{self, Effort, Facts, KeptError, Options, Progress, Record, VerifyError, Watch, run_kept};
use crate::catalog;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::subject::{self, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
        let done = AtomicU64::new(0);
        let stopped = AtomicBool::new(false);
        let watch = |_: Progress| {
            let progress = Progress { done: done.load(Ordering::Relaxed), total: asked.len() as u64, worst: 0.0 };
            let go_on = watch(progress);
            stopped.fetch_or(!go_on, Ordering::Relaxed);
            go_on
        };
        let shared = Shared { options: Options { jobs: Some(1), ..options.clone() }, facts, journal, watch: &watch };
        let slots = side_by_side(threads(options.jobs), asked.len(), &stopped, |k| {
            let Asked { activation, column, .. } = &asked[k];
            started(&format!("{} by {}", activation.definition.id, column.name));
            let found = asked[k].audit(&shared);
            // the rest would be thrown away
            stopped.fetch_or(found.is_err(), Ordering::Relaxed);
            done.fetch_add(1, Ordering::Relaxed);
            found
        });
        let mut environments: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let (mut audits, mut partial) = (vec![], false);
        for (asked, slot) in asked.iter().zip(slots) {
            // what was not begun when it was stopped
            let Some(found) = slot else {
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
            Err(error) if error.is_misunderstood() => {
                return Err(SurveyError::Plan(format!("{}: {error}", self.column.name)));
            }
            Err(error) => found.audited.absent = Some(error.to_string()),
        }
        Ok(found)
    }

    /// The records of all units, and whether some are missing because the survey was stopped.
    fn units(&self, subject: &dyn Subject, shared: &Shared<'_>) -> Result<(Vec<Record>, bool), SurveyError> {
        let Shared { options, facts, journal, watch } = shared;
        let plan = audit::Plan::new(facts, &self.activation, &[subject], &[], options);
        let audit = plan.map_err(KeptError::from).and_then(|p| run_kept(&p, &[subject], facts, *journal, *watch));
        match audit {
            Ok(audit) => {
                // half a largest error is none
                let whole = |r: &Record| audit.unfinished.iter().all(|(_, f, p)| (*f, *p) != (r.dtype, r.pass));
                Ok((audit.results.into_iter().filter(whole).collect(), audit.summary.partial))
            }
            Err(KeptError::Journal(error)) => Err(error.into()),
            Err(KeptError::Audit(error)) => {
                Err(SurveyError::Audit { activation: self.activation.definition.id.clone(), error })
            }
        }
    }
}

#[cfg(test)]
mod tests;
