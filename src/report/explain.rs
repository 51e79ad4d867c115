//! `actaudit explain`: what a check asks, and how it decides.

use crate::check::Info;
use serde::Serialize;

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// short name
    pub id: &'static str,
    /// the question
    pub title: &'static str,
    /// how it is answered
    pub explain: &'static str,
}

/// The JSON object of `actaudit explain`.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainReport {
    schema: &'static str,
    checks: Vec<Explained>,
}

impl ExplainReport {
    /// Of these checks.
    pub fn new<'a>(checks: impl IntoIterator<Item = &'a Info>) -> Self {
        let explained = |c: &Info| Explained { id: c.id, title: c.title, explain: c.explain };
        Self { schema: "actaudit.explain.v1", checks: checks.into_iter().map(explained).collect() }
    }

    /// A line for each; or, in full, all that is to be said.
    pub fn text(&self, full: bool) -> String {
        let line = |c: &Explained| match full {
            false => format!("{:<10} {}\n", c.id, c.title),
            true => format!("{}: {}\n\n{}\n", c.id, c.title, c.explain),
        };
        self.checks.iter().map(line).collect()
    }
}
