//! `actaudit accept`: figures that wait, or were accepted, beside what was accepted before.

use crate::gate::baseline::{Waiting, check_of};
use crate::gate::{Change, Figure};
use crate::report::number::{brief, counted, grouped, told_apart};
use crate::report::replay::quoted;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write as _;

/// One figure.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AcceptRow {
    /// its key
    pub key: String,
    /// what was accepted before
    pub accepted: Option<Figure>,
    /// what was measured; none if it is to be removed
    pub measured: Option<Figure>,
}

/// All of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AcceptReport {
    /// `actaudit.accept.v1`
    pub schema: &'static str,
    /// whether they are accepted now; otherwise they wait
    pub done: bool,
    /// the figures
    pub figures: Vec<AcceptRow>,
}

impl AcceptReport {
    /// Over these figures.
    pub fn new(figures: Vec<Waiting>, done: bool) -> Self {
        let row = |(key, accepted, measured)| AcceptRow { key, accepted, measured };
        Self { schema: "actaudit.accept.v1", done, figures: figures.into_iter().map(row).collect() }
    }

    /// For people: by audit, what was and what is.
    /// `config` is the configuration as it was named, where it was.
    pub fn text(&self, config: Option<&str>) -> String {
        if self.figures.is_empty() {
            return "nothing waits to be accepted\n".into();
        }
        let word = match (self.figures.len(), self.done) {
            (_, true) => "accepted",
            (1, false) => "waits to be accepted",
            (_, false) => "wait to be accepted",
        };
        let mut out = format!("{} {word}\n", counted(self.figures.len(), "figure"));
        for row in &self.figures {
            let _ = writeln!(out, "\n{}", row.text());
        }
        if !self.done {
            let config = config.map_or_else(String::new, |file| format!(" --config {}", quoted(file)));
            out += &format!(
                "\n`actaudit accept{config} KEY...` accepts some (`*` stands for any text), `--all` all of them\n"
            );
        }
        out
    }
}

impl AcceptRow {
    /// For people: what it is, what was and what is.
    pub fn text(&self) -> String {
        let check = check_of(&self.key);
        let (change, why) = match (&self.accepted, &self.measured) {
            (None, _) => ("new", None),
            (_, None) => ("gone", None),
            // the figure is the same, what is said of it is not
            (Some(was), Some(is)) if is.against(was, check) == Change::Unchanged => ("verdict", None),
            (Some(was), Some(is)) => (is.against(was, check).name(), is.worse_than(was, check)),
        };
        let show = |f: &Figure, measured: &str| {
            let (compared, failing) = (grouped(f.compared), grouped(f.failing));
            format!("{} {measured}, {failing} of {compared} fail", f.verdict.name())
        };
        let figures = match (&self.accepted, &self.measured) {
            (Some(was), Some(is)) => {
                let [before, now] = told_apart([&was.measured[1], &is.measured[1]]);
                format!("{}  ->  {}", show(was, &before), show(is, &now))
            }
            (was, is) => was.iter().chain(is).map(|f| show(f, &brief(&f.measured[1], 6))).collect(),
        };
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        format!("{change:<9}  {}\n  {figures}{why}", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn figures_are_shown_beside_what_was_accepted() {
        let figure = |end: &str| Figure {
            verdict: Verdict::Within,
            measured: [end.into(), end.into()],
            compared: 1,
            failing: 0,
        };
        let text = AcceptReport::new(
            vec![
                ("a".into(), Some(figure("1.0")), Some(figure("2.0"))),
                ("b".into(), None, Some(figure("2.0"))),
                ("c".into(), Some(figure("1.0")), None),
                ("d".into(), Some(Figure { compared: 2, ..figure("1.0") }), Some(figure("1.0"))),
            ],
            false,
        )
        .text(None);
        let larger = ": the measure is larger\n";
        assert!(
            text.contains(&format!("worse      a\n  within 1, 0 of 1 fail  ->  within 2, 0 of 1 fail{larger}")),
            "{text}"
        );
        assert!(
            text.contains(
                "worse      d\n  within 1, 0 of 2 fail  ->  within 1, 0 of 1 fail: fewer inputs were compared\n"
            ),
            "{text}"
        );
        assert!(text.contains("new        b\n  within 2") && text.contains("gone       c\n  within 1"), "{text}");
    }
}
