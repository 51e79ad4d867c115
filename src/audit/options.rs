//! What an audit is asked to do.

use super::budgets::Rule;
use super::inputs::Effort;
use super::process;
use crate::check::{self, Budget, Policy, Tolerance, Within};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::prove::{BoundError, Domain};
use crate::subject::SubjectError;
use std::sync::Arc;

/// One input that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// these bits, whatever the format
    Bits(u64),
    /// the number of each format that is nearest to this value, ties to even; NaN is the format's quiet one
    Value(f64),
}

impl Input {
    /// The bits of the input in a format.
    #[must_use]
    pub fn bits(self, format: FloatFormat) -> u64 {
        match self {
            Self::Bits(bits) => bits,
            Self::Value(value) => format.encode(value),
        }
    }
}

/// What to look at.
#[derive(Clone, Debug)]
pub struct Options {
    /// formats, in the order of the report
    pub dtypes: Vec<FloatFormat>,
    /// passes, in the order of the report
    pub passes: Vec<Pass>,
    /// how much work
    pub effort: Effort,
    /// threads; all processors if not given
    pub jobs: Option<usize>,
    /// the part of the line whose inputs are looked at; all of it, infinities and NaN too, unless it has an end
    pub domain: Domain,
    /// exactly these inputs instead of the planned ones: to replay a finding
    pub inputs: Option<Vec<Input>>,
    /// only these checks; all if empty
    pub checks: Vec<String>,
    /// budgets by activation, subject, format and pass; later ones win
    pub rules: Vec<Rule>,
    /// a budget in ulp instead of the default
    pub max_ulp: Option<f64>,
    /// a tolerance instead of a budget in ulp
    pub tolerance: Option<Tolerance>,
    /// what is declared about the subjects
    pub policy: Policy,
    /// hold the outputs of subjects against those of the first, bit for bit
    pub identical: bool,
    /// have the checker verify the tables of real values that exhaustive audits of f32 use
    pub check_reference: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dtypes: FloatFormat::ALL.to_vec(),
            passes: Pass::ALL.to_vec(),
            effort: Effort::default(),
            jobs: None,
            domain: Domain::default(),
            inputs: None,
            checks: vec![],
            rules: vec![],
            max_ulp: None,
            tolerance: None,
            policy: Policy::default(),
            identical: false,
            check_reference: false,
        }
    }
}

impl Options {
    /// What is allowed to one subject, and what is declared about it: the defaults, then the rules that match, then what
    /// was given for this audit.
    #[must_use]
    pub fn allowed(&self, activation: &Activation, subject: &str, format: FloatFormat, pass: Pass) -> (Budget, Policy) {
        let mut budget = Budget::of(format, pass);
        let mut policy = self.policy;
        for rule in self.rules.iter().filter(|r| r.matches(&activation.definition.id, subject, format, pass)) {
            rule.apply(&mut budget, &mut policy);
        }
        if let Some(ulp) = self.max_ulp {
            budget.ulp = ulp;
            budget.tolerance = None;
        }
        budget.tolerance = self.tolerance.or(budget.tolerance);
        (budget, policy)
    }

    /// Refuses what would make a verdict mean nothing: a budget that is NaN, or a check of no known name.
    ///
    /// # Errors
    /// In words.
    pub fn sound(&self) -> Result<(), String> {
        let figures = [self.max_ulp, self.tolerance.map(|t| t.absolute), self.tolerance.map(|t| t.relative)];
        if figures.iter().flatten().any(|v| v.is_nan() || *v < 0.0) {
            return Err("a budget is a number that is not negative".into());
        }
        let known = || check::all().chain([&process::INFO]).map(|info| info.id);
        match self.checks.iter().find(|id| known().all(|known| known != **id)) {
            Some(id) => Err(format!("check `{id}`: expected some of {}", known().collect::<Vec<_>>().join(", "))),
            None => Ok(()),
        }
    }

    /// The ends of the part of the line that is looked at, if it is not all of it.
    pub(crate) fn part(&self) -> Option<[String; 2]> {
        (self.domain != Domain::default()).then(|| self.domain.text())
    }

    /// The inputs that are looked at.
    ///
    /// # Errors
    /// If an end of the domain has no value, or a format has no number between them.
    pub(crate) fn within(&self) -> Result<Within, VerifyError> {
        let within = Within::between(self.domain.lo.as_ref(), self.domain.hi.as_ref())?;
        let is_empty = |format: &&FloatFormat| {
            let [first, last] = within.ordinals(**format);
            first > last
        };
        match self.dtypes.iter().find(is_empty) {
            Some(format) => {
                // short, and near enough
                let Within { lo, hi } = within;
                Err(VerifyError::Options(format!("no {} lies between {lo:?} and {hi:?}", format.name())))
            }
            None => Ok(within),
        }
    }

    /// Whether a check was asked for.
    #[must_use]
    pub fn wants(&self, check: &str) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|c| c == check)
    }
}

/// How far an audit is, for a progress bar.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// inputs done, over all formats, passes and subjects
    pub done: u64,
    /// inputs in all
    pub total: u64,
    /// the largest error so far, in ulp of the formats, of whichever code; 0 where none is known
    pub worst: f64,
}

/// Hears of progress now and then, from any thread. `false` stops the audit: what is done so far is the result, and is
/// marked as partial.
pub type Watch<'a> = dyn Fn(Progress) -> bool + Sync + 'a;

/// Why an audit could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The definition cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// The proof engine refused.
    #[error(transparent)]
    Bound(#[from] Arc<BoundError>),
    /// A subject failed.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The options make no sense.
    #[error("{0}")]
    Options(String),
    /// Code was given that the plan does not speak of.
    #[error("the subjects are not those of the plan")]
    Others,
    /// No threads.
    #[error("no thread pool with {0} threads: {1}")]
    Threads(usize, String),
}
