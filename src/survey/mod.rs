//! Many implementations of many activations side by side: which, out of a file; each audited by itself.

mod plan;

pub use plan::{Column, Plan, PlanError};

use crate::audit::{Options, VerifyError, VerifyResult, Watch, verify};
use crate::catalog;
use crate::expr::Activation;
use crate::subject::{self, SubjectError};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One activation of one implementation.
#[derive(Debug, Serialize)]
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
}

impl Survey {
    /// Audits all that a plan names. What is not there is named as such; the rest is audited. `started` hears of each audit
    /// before it begins.
    pub fn run(plan: &Plan, options: &Options, watch: &Watch<'_>, started: &dyn Fn(&str)) -> Result<Self, SurveyError> {
        let mut environments: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut audits = vec![];
        let mut partial = false;
        for id in plan.activations() {
            let definition = catalog::find(id).map_err(|e| SurveyError::Plan(e.to_string()))?;
            let activation = Activation::with_defaults(definition).map_err(|e| SurveyError::Plan(e.to_string()))?;
            for column in plan.columns() {
                let Some(text) = column.subject(id) else { continue };
                if partial {
                    break;
                }
                started(&format!("{id} by {}", column.name));
                let failed = |error| SurveyError::Audit { activation: id.to_owned(), error };
                let mut audited = Audited {
                    activation: id.to_owned(),
                    implementation: column.name.clone(),
                    subject: text.clone(),
                    absent: None,
                    results: vec![],
                };
                match subject::named(&text, &activation) {
                    Ok(subject) => {
                        environments.entry(&column.name).or_default().extend(subject.environment());
                        match verify(&activation, &[subject.as_ref()], &[], options, watch) {
                            Ok(report) => {
                                partial = report.summary.partial;
                                audited.results = report.results;
                            }
                            Err(VerifyError::Subject(error)) => audited.absent = Some(error.to_string()),
                            Err(error) => return Err(failed(error)),
                        }
                    }
                    Err(error @ (SubjectError::Unknown(_) | SubjectError::Malformed { .. })) => {
                        return Err(SurveyError::Plan(format!("{}: {error}", column.name)));
                    }
                    Err(error) => audited.absent = Some(error.to_string()),
                }
                audits.push(audited);
            }
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
