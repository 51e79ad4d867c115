//! What an audit finds, as values. How they are written is a report's business.

use super::cause::{Cause, Known};
use super::differ::Counts;
use super::names;
use super::options::Options;
use super::segment::SweepPart;
use crate::check::{By, REGIONS, UlpStatistics};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::subject::incident::Incident;
use crate::verdict::{Evidence, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The id of a check: the name of one in the table of checks.
pub type CheckId = &'static str;

/// Inputs that a check left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Shown {
    /// bits of the input
    pub input: u64,
    /// bits of the input before it, if it takes two to show a failure
    pub after: Option<u64>,
    /// bits of the output
    pub output: u64,
    /// the real value in decimal, to 20 digits: no format has room for it
    pub real: String,
    /// how bad, in the unit of the check
    #[serde(with = "names::number")]
    pub measure: f64,
    /// how far the output is from the real value, rounded up; none where there is no single one
    #[serde(default, with = "names::maybe")]
    pub absolute: Option<f64>,
    /// how the code was called, where that is what matters: a layout, a length
    pub how: Option<String>,
}

/// What shows a finding again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Again {
    /// the worst input
    Input,
    /// the check, which chose its inputs going by the worst ones of an audit of the same effort
    Check,
    /// no command: the code has no name on a command line
    Never,
}

/// What one check found in one subject, format and pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// code under test
    pub subject: String,
    /// format
    #[serde(with = "names::format")]
    pub dtype: FloatFormat,
    /// direction
    #[serde(with = "names::pass")]
    pub pass: Pass,
    /// id of the check
    #[serde(with = "names::check")]
    pub check: CheckId,
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
    /// the measure, enclosed: the lower end is no more than it, the upper end no less
    #[serde(with = "names::numbers")]
    pub measured: [f64; 2],
    /// what the measure may be
    #[serde(with = "names::number")]
    pub budget: f64,
    /// what both are counted in
    pub unit: Cow<'static, str>,
    /// inputs that fail
    pub failing: u64,
    /// inputs that could not be decided
    pub undecided: u64,
    /// the first of these, and why
    #[serde(default)]
    pub doubt: Option<(Shown, String)>,
    /// inputs at kinks where any subgradient is accepted
    pub subgradients: u64,
    /// the worst inputs, worst first (of those that fail, if any does)
    pub worst: Vec<Shown>,
    /// what shows it again, if there is a worst input
    pub again: Again,
    /// distribution of the errors, of the check that has one
    pub statistics: Option<UlpStatistics>,
    /// what happened to the code's process, a few of each kind, of the check that asks for it
    pub incidents: Vec<Incident>,
    /// the known defect that the code has, of the first check that is refuted
    #[serde(default)]
    pub cause: Option<Known>,
}

/// What is known of the errors of a subject: their maximum, enclosed, and their mean, where finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// the largest error in ulp
    pub worst: [f64; 2],
    /// the mean error in ulp
    pub mean: f64,
}

/// An input with the outputs of two subjects.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Apart {
    /// bits of the input
    pub input: u64,
    /// bits of both outputs
    pub outputs: [u64; 2],
    /// the real value in decimal, to 20 digits
    pub real: String,
    /// floats from one output to the other; none if one is NaN
    pub steps: Option<u64>,
}

/// Two subjects against each other in one format and pass. It has no verdict: which of them is right, their own records say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// both, the one that was named first first
    pub subjects: [String; 2],
    /// their places among the plan's subjects
    pub places: [usize; 2],
    /// format
    pub dtype: FloatFormat,
    /// direction
    pub pass: Pass,
    /// what it rests on
    pub evidence: Evidence,
    /// by region of the input, NaN last
    pub regions: [Counts; REGIONS + 1],
    /// of the inputs with different outputs, how often just one is NaN
    pub one_nan: u64,
    /// bits of the first and the last input with different outputs
    pub ends: Option<[u64; 2]>,
    /// what is known of the errors of each
    pub errors: [Spread; 2],
    /// a few outputs that are far apart, the farthest first
    pub worst: Vec<Apart>,
}

impl Difference {
    /// Over all regions.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.regions.iter().fold(Counts::default(), |mut all, part| {
            all.add(part);
            all
        })
    }
}

/// One input that was asked for by itself, with what came out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// code under test
    pub subject: String,
    /// format
    pub dtype: FloatFormat,
    /// direction
    pub pass: Pass,
    /// bits of the input
    pub input: u64,
    /// bits of the output, or why there is none
    pub output: Result<u64, &'static str>,
    /// the real value in decimal, to 20 digits; at an infinity, the limit
    pub real: String,
    /// the error in ulp, enclosed, where there is a real value to hold the output against
    pub ulp: Option<[f64; 2]>,
    /// how far the output is from the real value, rounded up; none where there is no single one
    pub absolute: Option<f64>,
}

/// A format and direction that code does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lacking {
    /// the subject's name
    pub subject: String,
    /// format
    pub dtype: FloatFormat,
    /// direction
    pub pass: Pass,
    /// why there is nothing to ask
    pub why: &'static str,
}

/// How many verdicts of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
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
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Audit {
    /// of which activation
    pub activation: Activation,
    /// what was asked for: effort, budgets, declarations
    pub options: Options,
    /// by subject: what its results depend on besides the inputs
    pub environment: BTreeMap<String, String>,
    /// what was asked for
    pub results: Vec<Record>,
    /// other implementations beside it, for comparison: they do not count
    pub beside: Vec<Record>,
    /// inputs that were asked for by themselves, as the code that counts answered them
    pub answers: Vec<Answer>,
    /// what the code that counts does not have, though it was to be looked at
    pub lacking: Vec<Lacking>,
    /// known defects whose outputs the code that counts has
    pub causes: Vec<Cause>,
    /// the subjects under test against the first of them, if there are several
    pub differences: Vec<Difference>,
    /// what was seen of sweeps of which others look at the rest
    pub parts: Vec<SweepPart>,
    /// the tables of real values that were used
    pub tables: Vec<TableUse>,
    /// subject, format and pass of units that were stopped on the way: their figures are those of what was looked at by then
    pub unfinished: Vec<(String, FloatFormat, Pass)>,
    /// totals of `results`
    pub summary: Summary,
}

/// A table of real values at all inputs of f32, out of which errors were measured.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct TableUse {
    /// of the function or of its derivatives
    pub pass: Pass,
    /// what the checker says of it, if it was asked: nothing, or why it does not accept it
    pub checked: Option<Result<(), String>>,
}

impl TableUse {
    /// What is known of the table.
    pub const fn verdict(&self) -> Verdict {
        match &self.checked {
            None => Verdict::Searched,
            Some(Ok(())) => Verdict::Proved,
            Some(Err(_)) => Verdict::Undecided,
        }
    }
}

impl Audit {
    /// What is said of all results together. Rows that compared nothing weigh nothing, unless none compared anything.
    pub fn verdict(&self) -> Verdict {
        let said = self.results.iter().map(|r| r.verdict).filter(|verdict| *verdict != Verdict::Vacuous);
        // one that is accepted says nothing of the code
        let tables = self.tables.iter().map(TableUse::verdict).filter(|verdict| *verdict == Verdict::Undecided);
        Verdict::worst(said.chain(tables).chain(self.summary.partial.then_some(Verdict::Undecided)))
    }
}
