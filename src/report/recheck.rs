//! `actaudit recheck`: accepted with the statement, or rejected with the reason.

use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

/// One certificate.
#[derive(Serialize, JsonSchema, Debug)]
pub struct RecheckRow {
    /// the file
    pub file: String,
    /// proved, or rejected
    #[serde(serialize_with = "accepted")]
    #[schemars(with = "String")]
    pub verdict: Verdict,
    /// what is proved
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// why it was rejected
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A certificate that is rejected says nothing against its statement.
fn accepted<S: Serializer>(verdict: &Verdict, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *verdict == Verdict::Proved { verdict.name() } else { "rejected" })
}

impl RecheckRow {
    /// A row from what the checker said.
    pub fn new(file: &str, result: Result<String, String>) -> Self {
        let verdict = if result.is_ok() { Verdict::Proved } else { Verdict::Refuted };
        let (statement, reason) = match result {
            Ok(s) => (Some(s), None),
            Err(e) => (None, Some(e)),
        };
        Self { file: file.into(), verdict, statement, reason }
    }
}

/// The JSON object of `actaudit recheck`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct RecheckReport {
    schema: &'static str,
    certificates: Vec<RecheckRow>,
}

impl RecheckReport {
    /// The report over these rows.
    pub fn new(certificates: Vec<RecheckRow>) -> Self {
        Self { schema: "actaudit.recheck.v1", certificates }
    }

    /// What is said of all together; with no certificate there is nothing to reject.
    pub fn verdict(&self) -> Verdict {
        Verdict::worst(self.certificates.iter().map(|c| c.verdict).chain([Verdict::Proved]))
    }

    /// A line or more each.
    pub fn text(&self) -> String {
        self.certificates.iter().fold(String::new(), |mut out, c| {
            let _ = match (&c.statement, &c.reason) {
                (Some(statement), _) => writeln!(out, "accepted  {}\n  {}", c.file, statement.replace('\n', "\n  ")),
                (_, reason) => writeln!(out, "rejected  {}\n  {}", c.file, reason.clone().unwrap_or_default()),
            };
            out
        })
    }
}
