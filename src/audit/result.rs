//! What an audit says, as data: the JSON contract, and all that the text report shows.

use super::process::IncidentReport;
use crate::check::{UlpStatistics, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// What the verdict of a check rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// every input of the format
    Exhaustive,
    /// a set of inputs
    Sampled,
}

impl Evidence {
    /// As in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhaustive => "exhaustive",
            Self::Sampled => "sampled",
        }
    }
}

/// Inputs that a check left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// why
    pub reason: String,
    /// how many
    pub count: u64,
}

/// One input with what came out and what should have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WitnessReport {
    /// bits of the input
    pub input: String,
    /// the input, shortest decimal that gives these bits back (in f64)
    pub input_value: String,
    /// bits of the output
    pub output: String,
    /// the output
    pub output_value: String,
    /// the real value to 20 digits
    pub real: String,
    /// how bad, in the unit of the check
    pub measure: String,
}

/// One subject, dtype, pass and check.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyResult {
    /// `activation/subject/dtype/pass/check`
    pub id: String,
    /// code under test
    pub subject: String,
    /// format
    pub dtype: String,
    /// forward or backward
    pub pass: String,
    /// id of the check
    pub check: String,
    /// the answer
    pub verdict: Verdict,
    /// what it rests on
    pub evidence: Evidence,
    /// inputs that were compared
    pub compared: u64,
    /// inputs that were not
    pub excluded: Vec<Excluded>,
    /// upper end of the measure's enclosure, rounded up
    pub measured: String,
    /// lower end, rounded down
    pub measured_lower: String,
    /// what the measure may be
    pub budget: String,
    /// what both are counted in
    pub unit: String,
    /// inputs that fail
    pub failing: u64,
    /// inputs that could not be decided
    pub undecided: u64,
    /// inputs at kinks where any subgradient is accepted
    pub subgradients: u64,
    /// the worst input (of those that fail, if any does)
    pub witness: Option<WitnessReport>,
    /// a command that shows the witness again
    pub repro: Option<String>,
    /// more of the worst inputs
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub worst: Vec<WitnessReport>,
    /// what happened to the code's process, a few of each kind
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentReport>,
    /// distribution of the errors
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ulp: Option<UlpReport>,
}

/// Statistics of the ulp check.
pub type UlpReport = UlpStatistics;

/// How many verdicts of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// results that count
    pub results: usize,
    /// verdicts by name
    pub verdicts: BTreeMap<&'static str, usize>,
    /// inputs that the reference looked at
    pub inputs: u64,
    /// inputs for which it needed MPFR
    pub escalations: u64,
    /// whether it was interrupted
    pub partial: bool,
}

/// The whole audit of the code of one activation.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// `actaudit.verify.v1`
    pub schema: &'static str,
    /// catalogue id
    pub activation: String,
    /// parameter values, exact
    pub params: BTreeMap<String, String>,
    /// effort level
    pub effort: &'static str,
    /// what the answers of subjects depend on besides the inputs: versions, settings
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    /// what was asked for
    pub results: Vec<VerifyResult>,
    /// other implementations beside it, for comparison: they do not count
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<VerifyResult>,
    /// totals of `results`
    pub summary: Summary,
}

impl VerifyReport {
    /// The worst verdict, for an exit code: refuted before undecided before vacuous (or nothing at all) before good.
    pub fn verdict(&self) -> Verdict {
        let has = |v: Verdict| self.results.iter().any(|r| r.verdict == v);
        let compared = self.results.iter().any(|r| r.compared > 0);
        match () {
            () if has(Verdict::Refuted) => Verdict::Refuted,
            () if has(Verdict::Undecided) || self.summary.partial => Verdict::Undecided,
            () if !compared => Verdict::Vacuous,
            () if has(Verdict::Within) => Verdict::Within,
            () => Verdict::Proved,
        }
    }
}
