//! `actaudit reference`: how the real values of exhaustive audits are known, and whether the checker has accepted that.

use crate::expr::Activation;
use crate::kernels::Pass;
use crate::reference::{Local, Verified};
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write as _;

/// So few inputs without a polynomial are hardly worth a word: they are evaluated one by one, to any precision.
const FEW: u64 = 1_000;

/// One table, and what the checker says of it.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ReferenceRow {
    pass: &'static str,
    dtype: &'static str,
    /// proved or undecided
    verdict: Verdict,
    /// runs with a polynomial
    runs: usize,
    /// inputs that are evaluated one by one
    single: u64,
    /// what the checker accepted
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// why it did not
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl ReferenceRow {
    /// The row of a table.
    pub fn new(pass: Pass, found: &Verified) -> Self {
        let (table, result) = (&found.table, found.result.as_ref());
        Self {
            pass: pass.name(),
            dtype: table.format().name(),
            verdict: if result.is_ok() { Verdict::Proved } else { Verdict::Undecided },
            runs: table.pieces().iter().filter(|p| matches!(p.local, Local::Polynomial(_))).count(),
            single: table.open(),
            statement: result.ok().map(|a| a.statement().to_owned()),
            reason: result.err().map(ToString::to_string),
        }
    }
}

/// The JSON object of `actaudit reference`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ReferenceReport {
    schema: &'static str,
    activation: String,
    tables: Vec<ReferenceRow>,
}

impl ReferenceReport {
    /// The report over these rows.
    pub fn new(activation: &Activation, tables: Vec<ReferenceRow>) -> Self {
        Self { schema: "actaudit.reference.v1", activation: activation.label(), tables }
    }

    /// Proved if every table was accepted.
    pub fn verdict(&self) -> Verdict {
        Verdict::worst(self.tables.iter().map(|t| t.verdict))
    }

    /// The answer, then each table.
    pub fn text(&self) -> String {
        let answer = match self.verdict() {
            Verdict::Proved if self.tables.iter().all(|t| t.single < FEW) => {
                "the tables of real values at f32 inputs are proved"
            }
            Verdict::Proved => "the tables of real values are proved, for those f32 inputs that have a polynomial",
            _ => "not every table of real values at f32 inputs is proved",
        };
        let mut out = format!("{}: {answer}\n", self.activation);
        for t in &self.tables {
            let _ = writeln!(
                out,
                "  {:<5} {:<9} {:<10} {} polynomials; inputs without one: {}",
                t.dtype,
                t.pass,
                t.verdict.name(),
                t.runs,
                t.single
            );
            if let Some(reason) = &t.reason {
                let _ = writeln!(out, "    {reason}");
            }
        }
        out
    }
}
