//! Many implementations of many activations side by side: which, out of a file; each audited by itself.

mod kept;
mod plan;

pub use kept::{Kept, KeptError, fuzz_kept};
pub use plan::{Column, Plan, PlanError};

use crate::audit::{Facts, Options, Progress, VerifyError, VerifyResult, Watch, verify_with};
use crate::catalog;
use crate::expr::Activation;
use crate::subject::{self, SubjectError};
use kept::Question;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// One activation of one implementation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Audited {
    /// catalogue id
    pub activation: String,
    /// name of the implementation
    pub implementation: String,
    /// the subject, as for `--impl`
    pub subject: String,
    /// why it is not there, or why its audit broke off
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// what was found
    pub results: Vec<VerifyResult>,
}

/// All implementations side by side.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// `actaudit.survey.v1`
    pub schema: &'static str,
    /// of the plan
    pub title: String,
    /// effort level
    pub effort: &'static str,
    /// formats
    pub dtypes: Vec<&'static str>,
    /// passes
    pub passes: Vec<&'static str>,
    /// implementations, with what their results depend on
    pub implementations: Vec<(String, BTreeSet<String>)>,
    /// the audits, activation by activation
    pub audits: Vec<Audited>,
    /// whether it was interrupted
    pub partial: bool,
}

/// Why a survey could not be made.
#[derive(Debug, thiserror::Error)]
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
    Kept(#[from] KeptError),
}

/// An audit that a plan asks for.
struct Asked<'a> {
    activation: Activation,
    column: &'a Column,
    subject: String,
}

impl Survey {
    /// Audits all that a plan names, as many at a time as there may be threads, each with one. What is not there is named as
    /// such; the rest is audited. What `kept` has is taken from there, and what is audited to its end is added to it. `watch`
    /// hears how many audits are done, `started` of each before it begins.
    pub fn run(
        plan: &Plan,
        options: &Options,
        facts: &Facts,
        kept: Option<&Kept>,
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
        let options = Options { jobs: Some(1), ..options.clone() };
        let slots: Vec<OnceLock<Result<Found, SurveyError>>> = asked.iter().map(|_| OnceLock::new()).collect();
        let work = || {
            while let Some(k) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|k| *k < asked.len()) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let Asked { activation, column, .. } = &asked[k];
                started(&format!("{} by {}", activation.definition.id, column.name));
                let found = asked[k].audit(&options, facts, kept, &watch);
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
            schema: "actaudit.survey.v1",
            title: plan.title.clone(),
            effort: options.effort.name(),
            dtypes: options.dtypes.iter().map(|d| d.name()).collect(),
            passes: options.passes.iter().map(|p| p.name()).collect(),
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
    fn audit(
        &self,
        options: &Options,
        facts: &Facts,
        kept: Option<&Kept>,
        watch: &Watch<'_>,
    ) -> Result<Found, SurveyError> {
        let mut audited = Audited {
            activation: self.activation.definition.id.clone(),
            implementation: self.column.name.clone(),
            subject: self.subject.clone(),
            absent: None,
            results: vec![],
        };
        let (mut environment, mut partial) = (None, false);
        match subject::named(&self.subject, &self.activation) {
            Ok(subject) => {
                environment = subject.environment();
                let question = Question::new(&audited, options, environment.clone());
                if let Some(known) = kept.and_then(|kept| kept.find(&question)) {
                    return Ok(Found { audited: known.clone(), environment, partial });
                }
                match verify_with(facts, &self.activation, &[subject.as_ref()], &[], options, watch) {
                    Ok(report) => {
                        partial = report.summary.partial;
                        audited.results = report.results;
                        if let Some(kept) = kept.filter(|_| !partial) {
                            kept.add(question, &audited)?;
                        }
                    }
                    Err(VerifyError::Subject(error)) => audited.absent = Some(error.to_string()),
                    Err(error) => {
                        return Err(SurveyError::Audit { activation: audited.activation, error });
                    }
                }
            }
            Err(error @ (SubjectError::Unknown(_) | SubjectError::Malformed { .. })) => {
                return Err(SurveyError::Plan(format!("{}: {error}", self.column.name)));
            }
            Err(error) => audited.absent = Some(error.to_string()),
        }
        Ok(Found { audited, environment, partial })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Effort;
    use crate::expr::FloatFormat;

    /// Three libraries of two activations: what is proved of an activation is proved once, whoever asks first.
    #[test]
    fn each_fact_is_proved_once_in_a_survey() {
        let column = |name: &str, subject: &str| {
            format!("[[implementation]]\nname = '{name}'\nsubject = '{subject}'\nactivations = ['gelu', 'silu']\n")
        };
        let text = ["native", "native:naive", "native:accurate"].map(|s| column(s, s)).concat();
        let plan = Plan::read(&format!("title = ''\n{text}"), "plan").expect("a plan");
        let dtypes = vec![FloatFormat::F16, FloatFormat::F32];
        let options = Options { dtypes, effort: Effort::Quick, jobs: Some(3), ..Options::default() };
        let facts = Facts::new();
        let survey = Survey::run(&plan, &options, &facts, None, &|_| true, &|_| {}).expect("a survey");
        assert_eq!(survey.audits.iter().filter(|a| !a.results.is_empty()).count(), 6);
        let proofs = facts.proofs();
        let quantities = ["curvature", "lipschitz", "range", "slope"];
        let expected = ["gelu", "silu"].into_iter().flat_map(|id| quantities.map(|fact| (id.to_owned(), fact, 1)));
        assert_eq!(proofs, expected.collect::<Vec<_>>());
    }
}
