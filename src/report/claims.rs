//! `actaudit claims`: each statement with its verdict.

use super::painted;
use crate::claim::{Claim, Judgement};
use crate::verdict::Verdict;
use serde::Serialize;
use std::fmt::Write as _;

/// One claim in the report.
#[derive(Serialize, Debug)]
pub struct ClaimRow {
    /// id in its file
    pub id: String,
    /// the file
    pub file: String,
    /// what was found
    pub verdict: Verdict,
    /// what was declared
    pub expected: Verdict,
    /// whether the two differ
    pub surprise: bool,
    /// the quantity, the activation and the kind of the claim
    pub statement: String,
    /// the claimed value
    pub claimed: String,
    /// proved lower bound of the true value
    pub lower: Option<String>,
    /// proved upper bound of the true value
    pub upper: Option<String>,
    /// a point that shows it
    pub witness: Option<String>,
    /// how it was decided
    pub reason: String,
    /// the words of the source
    pub quote: String,
    /// where they stand
    pub source: String,
}

impl ClaimRow {
    /// A row.
    pub fn new(file: &str, claim: &Claim, judgement: &Judgement) -> Self {
        let expected = Verdict::from(claim.expect);
        Self {
            id: claim.id.clone(),
            file: file.into(),
            verdict: judgement.verdict,
            expected,
            surprise: judgement.verdict != expected,
            statement: claim.words(),
            claimed: claim.value.clone(),
            lower: judgement.lower.clone(),
            upper: judgement.upper.clone(),
            witness: judgement.witness.clone(),
            reason: judgement.reason.clone(),
            quote: claim.quote.clone(),
            source: claim.source.clone(),
        }
    }
}

/// The JSON object of `actaudit claims`.
#[derive(Serialize, Debug)]
pub struct ClaimsReport {
    /// actaudit.claims.v1
    pub schema: &'static str,
    /// every claim
    pub claims: Vec<ClaimRow>,
    /// counts
    pub summary: Summary,
}

/// Counts of verdicts.
#[derive(Serialize, Debug)]
pub struct Summary {
    proved: usize,
    refuted: usize,
    undecided: usize,
    surprises: usize,
}

impl ClaimsReport {
    /// The report over these rows.
    pub fn new(claims: Vec<ClaimRow>) -> Self {
        let count = |v| claims.iter().filter(|c| c.verdict == v).count();
        let summary = Summary {
            proved: count(Verdict::Proved),
            refuted: count(Verdict::Refuted),
            undecided: count(Verdict::Undecided),
            surprises: claims.iter().filter(|c| c.surprise).count(),
        };
        Self { schema: "actaudit.claims.v1", claims, summary }
    }

    /// What is said of all together: a claim that comes out as declared holds, whatever that is.
    pub fn verdict(&self) -> Verdict {
        Verdict::worst(self.claims.iter().map(|c| match (c.surprise, c.verdict) {
            (false, _) => Verdict::Proved,
            (true, Verdict::Undecided) => Verdict::Undecided,
            (true, _) => Verdict::Refuted,
        }))
    }

    /// A line or three each.
    pub fn text(&self, colour: bool) -> String {
        let width = self.claims.iter().map(|c| c.id.len()).max().unwrap_or(0);
        let mut out = String::new();
        for c in &self.claims {
            let verdict = painted(&format!("{:<9}", c.verdict.name()), c.verdict, colour);
            let note = match (c.surprise, c.expected) {
                (true, e) => format!("   <- expected: {}", e.name()),
                (false, Verdict::Proved) => String::new(),
                (false, _) => "   (as declared)".into(),
            };
            let _ = writeln!(out, "{verdict}  {:<width$}  {}: {}{note}", c.id, c.statement, c.claimed);
            if let (Some(lower), Some(upper)) = (&c.lower, &c.upper) {
                let truth = if lower == upper { format!("= {lower}") } else { format!("in [{lower}, {upper}]") };
                let _ = writeln!(out, "{:11}{:width$}  truth {truth}", "", "");
            }
            if let Some(witness) = c.witness.as_ref().filter(|_| c.verdict == Verdict::Refuted) {
                let _ = writeln!(out, "{:11}{:width$}  witness {witness}", "", "");
            }
            if c.verdict == Verdict::Undecided || c.surprise {
                let _ = writeln!(out, "{:11}{:width$}  {}", "", "", c.reason);
            }
        }
        let s = &self.summary;
        let _ = writeln!(
            out,
            "\n{} claims: {} proved, {} refuted, {} undecided; {} not as declared",
            self.claims.len(),
            s.proved,
            s.refuted,
            s.undecided,
            s.surprises
        );
        out
    }
}
