//! `actaudit claims`: each statement with its verdict.

use super::number::counted;
use super::{Page, painted};
use crate::claim::{Claim, Judgement};
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// One claim in the report.
#[derive(Serialize, JsonSchema, Debug)]
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
    /// the true value itself, if it was proved exactly
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// a point that shows it
    pub witness: Option<String>,
    /// for a claim about every value of a parameter: where bounds, exact value and witness are these, unless they are the same at all
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
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
            exact: judgement.exact.clone(),
            witness: judgement.witness.clone(),
            at: judgement.at.clone(),
            reason: judgement.reason.clone(),
            quote: claim.quote.clone(),
            source: claim.source.clone(),
        }
    }
}

/// The JSON object of `actaudit claims`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ClaimsReport {
    /// actaudit.claims.v1
    pub schema: &'static str,
    /// every claim
    pub claims: Vec<ClaimRow>,
    /// counts
    pub summary: Summary,
}

/// Counts of verdicts.
#[derive(Serialize, JsonSchema, Debug)]
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

    /// For people: how many, what is not as declared, then every claim with what is true.
    pub fn text(&self, page: &Page) -> String {
        let s = &self.summary;
        let declared = match s.surprises {
            0 => "all as declared".to_owned(),
            n => format!("{n} not as declared"),
        };
        let mut out = format!(
            "{}: {} proved, {} refuted, {} undecided, {declared}\n",
            counted(self.claims.len(), "claim"),
            s.proved,
            s.refuted,
            s.undecided
        );
        for surprise in [true, false] {
            let claims: Vec<&ClaimRow> = self.claims.iter().filter(|c| c.surprise == surprise).collect();
            out += match (s.surprises, claims.is_empty(), surprise) {
                (_, true, _) => "",
                (0, ..) => "\n",
                (_, _, true) => "\nnot as declared\n",
                (_, _, false) => "\nas declared\n",
            };
            claims.into_iter().for_each(|claim| out += &claim.text(page));
        }
        out
    }
}

impl ClaimRow {
    /// ` at prelu(a=1/4)`, where what is shown is that of one value of a parameter.
    pub fn at(&self) -> String {
        self.at.as_ref().map_or_else(String::new, |at| format!(" at {at}"))
    }

    /// The true value in closed form, where that is known, short, and says more than its decimals do.
    pub fn closed(&self) -> Option<&str> {
        const SHORT: usize = 32;
        self.exact.as_deref().filter(|exact| self.lower != self.upper && exact.chars().count() <= SHORT)
    }

    fn text(&self, page: &Page) -> String {
        let verdict = self.verdict.name();
        let mut text = format!("{verdict:<9} {}: {}: {}", self.id, self.statement, self.claimed);
        if self.surprise {
            text += &format!("; declared: {}", self.expected.name());
        }
        let at = self.at();
        match (&self.lower, &self.upper, self.closed()) {
            (_, _, Some(exact)) => text += &format!("; truth{at} {exact} exactly"),
            (Some(lower), Some(upper), _) if lower == upper => text += &format!("; truth{at} {lower}"),
            (Some(lower), Some(upper), _) => text += &format!("; truth{at} in [{lower}, {upper}]"),
            _ => {}
        }
        if let Some(witness) = self.witness.as_ref().filter(|_| self.verdict == Verdict::Refuted) {
            text += &format!("; witness {witness}");
        }
        if self.verdict == Verdict::Undecided || self.surprise {
            text += &format!("; {}", self.reason);
        }
        let wrapped = page.wrapped(&text, 10);
        wrapped.replacen(verdict, &painted(verdict, self.verdict, page.colour), 1)
    }
}
