//! What an audit says, as data: the JSON contract, and all that the text report shows.

use super::process::IncidentReport;
use crate::check::{By, UlpStatistics};
use crate::verdict::{Evidence, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Inputs that a check left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// why
    pub reason: String,
    /// how many
    pub count: u64,
    /// on whose account: mathematics, a policy, the code, or the checker, which then did not look
    pub by: By,
}

/// One input with what came out and what should have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// how the code was called, where that is what matters: a layout, a length
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
}

/// One subject, dtype, pass and check.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// those of them, or pairs, that the checker did not look at: if there are any, nothing is proved
    pub unlooked: u64,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worst: Vec<WitnessReport>,
    /// what happened to the code's process, a few of each kind
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentReport>,
    /// distribution of the errors
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ulp: Option<UlpReport>,
}

/// Statistics of the ulp check.
pub type UlpReport = UlpStatistics;

/// An input with the outputs of two subjects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DifferenceWitness {
    /// bits of the input
    pub input: String,
    /// the input, shortest decimal that gives these bits back (in f64)
    pub input_value: String,
    /// bits of both outputs
    pub outputs: [String; 2],
    /// both outputs
    pub output_values: [String; 2],
    /// the real value to 20 digits
    pub real: String,
    /// floats from one output to the other; none if one is NaN
    pub steps: Option<u64>,
}

/// Two subjects in one region of inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferenceRegion {
    /// inputs: a sign, and a range of magnitudes; or NaN
    pub region: String,
    /// inputs that both answered
    pub inputs: u64,
    /// inputs with different outputs
    pub differ: u64,
    /// of those, how often each was certainly nearer to the real value
    pub nearer: [u64; 2],
}

/// Two subjects against each other in one format and pass. It has no verdict: which of them is right, their own results
/// say.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceReport {
    /// both, the one that was named first first
    pub subjects: [String; 2],
    /// format
    pub dtype: String,
    /// forward or backward
    pub pass: String,
    /// what it rests on
    pub evidence: Evidence,
    /// inputs that both answered
    pub inputs: u64,
    /// inputs with different outputs; any two NaNs are the same
    pub differ: u64,
    /// of those, how often just one output is NaN
    pub one_nan: u64,
    /// of those that differ, how often each was certainly nearer to the real value
    pub nearer: [u64; 2],
    /// how often both were exactly as near
    pub even: u64,
    /// how often it is not known, or there is no real value to be near to
    pub unknown: u64,
    /// first and last input with different outputs
    pub between: Option<[String; 2]>,
    /// largest error of each in ulp: lower and upper end of an enclosure
    pub worst_ulp: [[String; 2]; 2],
    /// largest error of the first over largest error of the second, rounded outward; none if it is not defined
    pub ratio: Option<[String; 2]>,
    /// the mean errors in ulp, infinite ones left out
    pub mean_ulp: [f64; 2],
    /// by region of the input
    pub regions: Vec<DifferenceRegion>,
    /// the outputs that are the most floats apart
    pub worst: Vec<DifferenceWitness>,
    /// a command that shows the first of those again
    pub repro: Option<String>,
}

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
    /// by subject: what its results depend on besides the inputs
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// what was asked for
    pub results: Vec<VerifyResult>,
    /// other implementations beside it, for comparison: they do not count
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<VerifyResult>,
    /// the subjects under test against the first of them, if there are several
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceReport>,
    /// totals of `results`
    pub summary: Summary,
}

impl VerifyReport {
    /// What is said of all results together. Rows that compared nothing weigh nothing, unless none compared anything.
    pub fn verdict(&self) -> Verdict {
        let said = self.results.iter().map(|r| r.verdict).filter(|verdict| *verdict != Verdict::Vacuous);
        Verdict::worst(said.chain(self.summary.partial.then_some(Verdict::Undecided)))
    }
}
