//! `actaudit gate`: the report for people, for scripts, and in the forms that CI systems read.

pub(super) mod finding;
mod github;
mod gitlab;
mod junit;
mod markdown;
mod sarif;
mod text;

use super::claims::ClaimRow;
use super::contract::VerifyResult;
use crate::check::By;
use crate::gate::baseline::LARGER;
use crate::gate::{Change, Figure, Gate, Held, Outdated, Standing, Unborne};
use crate::verdict::{Evidence, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A form for CI systems: its name as an option, and what writes it.
pub struct Form {
    /// as typed
    pub name: &'static str,
    /// writes it
    pub write: fn(&GateReport) -> String,
}

/// Every form besides text and JSON: the one table.
pub const FORMS: [Form; 6] = [
    Form { name: "junit", write: junit::write },
    Form { name: "sarif", write: sarif::write },
    Form { name: "github", write: github::write },
    Form { name: "gitlab", write: gitlab::write },
    Form { name: "markdown", write: markdown::write },
    Form { name: "html", write: super::html::gate },
];

/// An expectation that a result fails.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExpectedReport {
    /// line of the configuration
    pub line: usize,
    /// why it is borne
    pub reason: String,
    /// the last day on which it is
    pub expires: Option<String>,
}

/// One result: what `verify` says of it, and how it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GateResult {
    /// as `verify` has it
    #[serde(flatten)]
    pub row: VerifyResult,
    /// line of the configuration
    pub line: usize,
    /// how it stands against what is promised
    pub standing: Standing,
    /// the expectation that it fails, if there is one
    pub expected: Option<ExpectedReport>,
    /// the accepted figure, if there is one
    pub baseline: Option<Figure>,
    /// how it is against that: new, unchanged, better or worse; expired, if an expectation is
    pub change: &'static str,
    /// its key among the figures
    pub key: String,
    /// what is worse than in the accepted figure
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<&'static str>,
    /// why it fails although an expectation is about it: passed, worse
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unborne: Option<Unborne>,
    /// what was measured, as a figure
    #[serde(skip)]
    pub figure: Figure,
    /// inputs for which the code has no answer
    #[serde(skip)]
    pub unanswered: u64,
    /// whether the accepted figure is the budget
    #[serde(skip)]
    pub held: bool,
}

impl GateResult {
    /// Whether it is refuted under the usual budget and passes because it is no worse than what was accepted.
    pub fn is_borne_by_its_past(&self) -> bool {
        self.standing == Standing::Passed && self.row.verdict == Verdict::Refuted
    }

    /// Whether it fails as expected, and is worse than what was accepted.
    pub fn is_known_and_worse(&self) -> bool {
        self.standing == Standing::Expected && self.worse.is_some()
    }
}

/// A claim.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateClaim {
    /// line of the configuration
    pub line: usize,
    /// as `claims` has it
    #[serde(flatten)]
    pub row: ClaimRow,
}

/// An audit that could not be made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AbsentReport {
    /// line of the configuration
    pub line: usize,
    /// the activation
    pub activation: String,
    /// the code
    pub subject: String,
    /// why
    pub reason: String,
}

/// An expectation that is out of date.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OutdatedReport {
    /// line of the configuration
    pub line: usize,
    /// as written
    pub id: String,
    /// why
    pub reason: &'static str,
}

/// How many of each.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct GateSummary {
    /// audits
    pub audits: usize,
    /// results
    pub results: usize,
    /// results by how they stand
    pub standings: BTreeMap<&'static str, usize>,
    /// results by how they are against what was accepted
    pub changes: BTreeMap<&'static str, usize>,
    /// inputs that were compared, over all checks
    pub compared: u64,
    /// results that rest on a sample of the inputs
    pub sampled: usize,
    /// results over the budget that their accepted figure takes the place of
    pub borne: usize,
    /// segments of sweeps over f32 that this part looked at, each a sixteenth: they have results when all parts are put together
    #[serde(skip_serializing_if = "is_zero")]
    pub segments: usize,
    /// whether it was interrupted
    pub partial: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// All of a gate.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateReport {
    /// `actaudit.gate.v1`
    pub schema: &'static str,
    /// the configuration
    pub config: String,
    /// which part of it, if it is not all
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// what is said of all of it
    pub verdict: Verdict,
    /// by subject: what its results depend on besides the inputs
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// every result, in the order of the configuration
    pub results: Vec<GateResult>,
    /// every claim
    pub claims: Vec<GateClaim>,
    /// what is not there
    pub absent: Vec<AbsentReport>,
    /// audits that compared nothing
    pub nothing: Vec<AbsentReport>,
    /// audits that were stopped before their end
    pub stopped: Vec<AbsentReport>,
    /// expectations that are out of date
    pub outdated: Vec<OutdatedReport>,
    /// totals
    pub summary: GateSummary,
}

impl Gate {
    /// For scripts, and as what every other form shows.
    pub fn report(&self) -> GateReport {
        let expected = |k: usize| {
            let e = &self.config.expected[k];
            ExpectedReport { line: e.line, reason: e.reason.clone(), expires: e.expires.map(|day| day.to_string()) }
        };
        let mut results = vec![];
        for held in &self.held {
            results.extend(held.results.iter().map(|r| {
                let mut options = held.asked.options.clone();
                // the budget is the past: what is worse than that fails again
                let past = r.accepted.as_ref().map(|was| was.ends()[1]).filter(|end| end.is_finite());
                let worse = r.accepted.as_ref().and_then(|was| Figure::of(&r.record).worse_than(was, r.record.check));
                // where it is only worse at more inputs, each of them keeps to the past
                if held.asked.baseline && r.record.check == "ulp" && worse.is_none_or(|why| why == LARGER) {
                    options.max_ulp = past.or(options.max_ulp);
                }
                let row = VerifyResult::new(&held.asked.activation, &options, &r.record);
                let incident = || row.incidents.iter().find_map(|i| i.repro.clone());
                let repro = row.repro.clone().or_else(incident);
                let unanswered = r.record.excluded.iter().filter(|e| e.by == By::Code).map(|e| e.count).sum();
                GateResult {
                    // activations that differ by their parameters are told apart
                    row: VerifyResult { id: r.id.clone(), repro, ..row },
                    line: held.asked.line,
                    standing: r.standing,
                    expected: r.expected.map(expected),
                    baseline: r.accepted.clone(),
                    change: if r.standing == Standing::Expired { "expired" } else { r.change.name() },
                    key: r.key.clone(),
                    worse,
                    unborne: r.unborne,
                    figure: Figure::of(&r.record),
                    unanswered,
                    held: held.asked.baseline,
                }
            }));
        }
        let lacking = |held: &Held, reason: Option<String>| {
            let (line, activation) = (held.asked.line, held.asked.label());
            Some(AbsentReport { line, activation, subject: held.asked.subject.clone(), reason: reason? })
        };
        let absent = self.held.iter().filter_map(|held| lacking(held, held.absent.clone()));
        let nothing = self.held.iter().filter_map(|held| lacking(held, held.nothing()));
        let why = "it was stopped before its end: not everything was looked at that was asked for";
        let stopped =
            self.held.iter().filter(|held| held.partial).filter_map(|held| lacking(held, Some(why.to_owned())));
        let outdated = |(k, why): &(usize, Outdated)| {
            let expected = &self.config.expected[*k];
            let reason = match why {
                Outdated::Passes => "expected to fail, and passes",
                Outdated::Over => "its day is over, and another expectation bears what it is about",
                Outdated::Unused => "expected to fail, and no result that was compared has this id",
            };
            OutdatedReport { line: expected.line, id: expected.id.clone(), reason }
        };
        let environment = |h: &Held| Some((h.asked.subject.clone(), h.environment.clone()?));
        let mut summary = GateSummary {
            audits: self.held.len(),
            results: results.len(),
            compared: results.iter().map(|r| r.row.compared).sum(),
            sampled: results.iter().filter(|r| r.row.compared > 0 && r.row.evidence == Evidence::Sampled).count(),
            borne: results.iter().filter(|r| r.is_borne_by_its_past()).count(),
            segments: self.held.iter().map(|h| h.segments).sum(),
            partial: self.held.iter().any(|h| h.partial),
            ..GateSummary::default()
        };
        for r in &results {
            *summary.standings.entry(r.standing.name()).or_default() += 1;
            *summary.changes.entry(r.change).or_default() += 1;
        }
        GateReport {
            schema: "actaudit.gate.v1",
            config: self.config.file.clone(),
            shard: None,
            verdict: self.verdict(),
            environment: self.held.iter().filter_map(environment).collect(),
            claims: self
                .claims
                .iter()
                .map(|c| GateClaim { line: c.line, row: ClaimRow::new(&c.file, &c.claim, &c.judgement) })
                .collect(),
            absent: absent.collect(),
            nothing: nothing.collect(),
            stopped: stopped.collect(),
            outdated: self.outdated.iter().map(outdated).collect(),
            results,
            summary,
        }
    }
}

impl Change {
    /// As in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Better => "better",
            Self::Worse => "worse",
        }
    }
}

#[cfg(test)]
mod tests;
