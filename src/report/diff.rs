//! `actaudit diff`: what differs between two results.

use super::Page;
use super::number::{counted, grouped, told_apart};
use crate::gate::baseline::check_of;
use crate::gate::{Change, Figure};
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Why a text is no result that can be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// Not JSON.
    #[error("{name}: not JSON: {error}")]
    Json {
        /// the file
        name: String,
        /// what the parser says
        error: serde_json::Error,
    },
    /// JSON of another kind.
    #[error(
        "{name}: no `results`, `audits` or `claims` are in it: expected what verify, gate, survey or claims write as JSON"
    )]
    Kind {
        /// the file
        name: String,
    },
    /// A row of another form.
    #[error("{name}: result {place}: {error}")]
    Row {
        /// the file
        name: String,
        /// which, from 1
        place: usize,
        /// what the parser says
        error: serde_json::Error,
    },
}

/// One result, of code or of a claim, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserialize)]
pub struct Side {
    /// what it is about
    #[serde(skip_serializing)]
    id: String,
    /// the file of a claim
    #[serde(skip_serializing, default)]
    file: Option<String>,
    /// the answer
    verdict: Verdict,
    /// the measure, rounded up
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<String>,
    /// rounded down
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_lower: Option<String>,
    /// what it is counted in
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unit: String,
    /// inputs that were compared
    #[serde(default)]
    compared: u64,
    /// inputs that fail
    #[serde(default)]
    failing: u64,
    /// what is allowed
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<String>,
    /// what a claim says
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// and its value
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<String>,
    /// what is declared of it
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    /// the measure with all its digits, which a gate writes
    #[serde(default, skip_serializing)]
    figure: Option<Figure>,
    /// bounds of a claim
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<String>,
}

impl Side {
    fn figure(&self) -> Option<Figure> {
        if self.figure.is_some() {
            return self.figure.clone();
        }
        let measured = [self.measured_lower.clone().or_else(|| self.measured.clone())?, self.measured.clone()?];
        Some(Figure { verdict: self.verdict, measured, compared: self.compared, failing: self.failing })
    }

    /// What was asked, apart from what was found.
    fn promise(&self) -> (&Option<String>, &Option<String>, &Option<String>, &Option<Value>) {
        (&self.budget, &self.statement, &self.claimed, &self.expected)
    }

    fn words(&self, measured: &str) -> String {
        let allowed = self.budget.as_ref().map_or_else(String::new, |budget| format!(", allowed {budget}"));
        match self.measured {
            Some(_) => format!(
                "{} {measured} {}{allowed}, {} of {} fail",
                self.verdict.name(),
                self.unit,
                grouped(self.failing),
                grouped(self.compared)
            ),
            None => {
                let ends = [&self.lower, &self.upper].map(|end| end.as_deref().unwrap_or("?"));
                let [statement, claimed] =
                    [&self.statement, &self.claimed].map(|text| text.as_deref().unwrap_or_default());
                let expected = self.expected.as_ref().and_then(Value::as_str).unwrap_or_default();
                format!(
                    "{}, declared {expected}, {statement}: {claimed}, truth [{}, {}]",
                    self.verdict.name(),
                    ends[0],
                    ends[1]
                )
            }
        }
    }
}

/// One difference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DiffRow {
    /// what the result is about
    pub id: String,
    /// better, worse, changed, or only in one of them: gone, new
    pub change: &'static str,
    /// in the first
    pub before: Option<Side>,
    /// in the second
    pub after: Option<Side>,
}

/// All differences.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffReport {
    /// `actaudit.diff.v1`
    pub schema: &'static str,
    /// the files
    pub files: [String; 2],
    /// results in both
    pub common: usize,
    /// what differs, in the order of ids
    pub rows: Vec<DiffRow>,
}

fn sides(name: &str, text: &str) -> Result<BTreeMap<String, Side>, DiffError> {
    let json: Value = serde_json::from_str(text).map_err(|error| DiffError::Json { name: name.to_owned(), error })?;
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let audits = list(&json, "audits");
    let mut rows: Vec<(Option<String>, Value)> = vec![];
    for audit in std::iter::once(&json).chain(&audits) {
        let of = mathematics(audit);
        rows.extend(list(audit, "results").into_iter().map(|row| (of.clone(), row)));
    }
    rows.extend(list(&json, "claims").into_iter().map(|row| (None, row)));
    if rows.is_empty() {
        return Err(DiffError::Kind { name: name.to_owned() });
    }
    let side = |(k, (of, row)): (usize, (Option<String>, Value))| {
        let side: Side = serde_json::from_value(row).map_err(|error| DiffError::Row {
            name: name.to_owned(),
            place: k + 1,
            error,
        })?;
        let id = match (&side.file, of, side.id.split_once('/')) {
            (Some(file), ..) => format!("{file}/{}", side.id),
            (None, Some(of), Some((activation, rest))) => format!("{activation}({of})/{rest}"),
            _ => side.id.clone(),
        };
        Ok((id, side))
    };
    rows.into_iter().enumerate().map(side).collect()
}

/// What ids of an audit do not say: the parameter values, and the formula of what has no name.
fn mathematics(audit: &Value) -> Option<String> {
    let params = audit["params"].as_object().into_iter().flatten();
    let mut parts: Vec<String> =
        params.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    if audit["activation"] == "expr" {
        let pieces = audit["definition"]["continuity"]["pieces"].as_array().into_iter().flatten();
        parts.extend(pieces.filter_map(|piece| piece["value"].as_str().map(str::to_owned)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn change(id: &str, before: &Side, after: &Side) -> Option<&'static str> {
    // under another promise nothing is better or worse
    if before.promise() != after.promise() {
        return Some("changed");
    }
    let moved = match (before.figure(), after.figure()) {
        (Some(before), Some(after)) => after.against(&before, check_of(id)),
        _ => Change::Unchanged,
    };
    match moved {
        // a measure within its budget is no error unless it is one of errors
        Change::Worse | Change::Better
            if !["ulp", "of the tolerance"].contains(&after.unit.as_str()) && before.failing == after.failing =>
        {
            Some("changed")
        }
        Change::Worse | Change::Better => Some(moved.name()),
        Change::New | Change::Unchanged if before.verdict != after.verdict => Some("changed"),
        Change::New | Change::Unchanged if (&before.lower, &before.upper) != (&after.lower, &after.upper) => {
            Some("changed")
        }
        Change::New | Change::Unchanged => None,
    }
}

impl DiffReport {
    /// Of two texts, with their names.
    ///
    /// # Errors
    /// If a text is not JSON of results.
    pub fn new(files: [String; 2], texts: [&str; 2]) -> Result<Self, DiffError> {
        let (before, mut after) = (sides(&files[0], texts[0])?, sides(&files[1], texts[1])?);
        let (mut rows, mut common) = (vec![], 0);
        for (id, before) in before {
            let after = after.remove(&id);
            common += usize::from(after.is_some());
            let change = after.as_ref().map_or(Some("gone"), |after| change(&id, &before, after));
            rows.extend(change.map(|change| DiffRow { id, change, before: Some(before), after }));
        }
        rows.extend(after.into_iter().map(|(id, after)| DiffRow {
            id,
            change: "new",
            before: None,
            after: Some(after),
        }));
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { schema: "actaudit.diff.v1", files, common, rows })
    }

    /// The report for people.
    pub fn text(&self, page: &Page) -> String {
        let [a, b] = &self.files;
        let count = counted(self.common, "result");
        let mut out = match self.rows.len() {
            0 => page.wrapped(&format!("no difference between {a} and {b}: {count}"), 2),
            n => page.wrapped(&format!("{} from {a} to {b}; {count} in both", counted(n, "difference")), 2),
        };
        for row in &self.rows {
            let _ = writeln!(out, "\n{:<8} {}", row.change, super::printable(&row.id));
            let measured = |side: &Option<Side>| side.as_ref().and_then(|s| s.measured.clone()).unwrap_or_default();
            let ends = [measured(&row.before), measured(&row.after)];
            let ends = told_apart([&ends[0], &ends[1]]);
            let words = |side: &Option<Side>, measured: &str| side.as_ref().map(|side| side.words(measured));
            let words: Vec<String> =
                [words(&row.before, &ends[0]), words(&row.after, &ends[1])].into_iter().flatten().collect();
            out += &page.wrapped(&format!("         {}", words.join("  ->  ")), 9);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: &str, verdict: &str, measured: &str, failing: u64) -> String {
        format!(
            "{{\"id\": \"{id}\", \"verdict\": \"{verdict}\", \"measured\": \"{measured}\", \"measured_lower\": \"{measured}\", \
             \"unit\": \"ulp\", \"compared\": 9, \"failing\": {failing}}}"
        )
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let before = [result("a", "within", "1", 0), result("b", "within", "1", 0), result("c", "within", "1", 0)];
        let after = [result("a", "within", "1", 0), result("b", "refuted", "7", 2), result("d", "proved", "1", 0)];
        let text = |rows: &[String]| format!("{{\"results\": [{}]}}", rows.join(","));
        let names = || ["old".to_owned(), "new".to_owned()];
        let report = DiffReport::new(names(), [&text(&before), &text(&after)]).expect("results");
        let changes: Vec<(&str, &str)> = report.rows.iter().map(|r| (r.id.as_str(), r.change)).collect();
        assert_eq!(changes, [("b", "worse"), ("c", "gone"), ("d", "new")]);
        let shown = report.text(&Page::PLAIN);
        assert!(shown.starts_with("3 differences from old to new; 2 results in both\n"), "{shown}");
        assert!(shown.contains("within 1 ulp, 0 of 9 fail  ->  refuted 7 ulp, 2 of 9 fail"), "{shown}");
        // under another budget nothing is better; and a claim is what it says
        let budget = |budget: &str| {
            let row = result("a", "within", "1", 0);
            text(&[row.replacen('{', &format!("{{\"budget\": \"{budget}\", "), 1)])
        };
        let claim = |claimed: &str| {
            format!(
                "{{\"claims\": [{{\"id\": \"a\", \"file\": \"f\", \"verdict\": \"proved\", \"claimed\": \"{claimed}\", \"expected\": \"proved\"}}]}}"
            )
        };
        for (before, after) in [(budget("1"), budget("2")), (claim("1"), claim("2"))] {
            let report = DiffReport::new(names(), [&before, &after]).expect("results");
            assert_eq!(report.rows.iter().map(|row| row.change).collect::<Vec<_>>(), ["changed"]);
        }
        // with another slope it is another function
        let slope = |a: &str| {
            let rows = result("leaky_relu/native/f16/forward/ulp", "within", "1", 0);
            format!("{{\"activation\": \"leaky_relu\", \"params\": {{\"a\": \"{a}\"}}, \"results\": [{rows}]}}")
        };
        let report = DiffReport::new(names(), [&slope("1/5"), &slope("1/10")]).expect("results");
        assert_eq!(report.common, 0);
        assert_eq!(report.rows[0].id, "leaky_relu(a=1/10)/native/f16/forward/ulp");
        let same = DiffReport::new(names(), [&text(&before), &text(&before)]).expect("results");
        assert!(same.rows.is_empty() && same.text(&Page::PLAIN).starts_with("no difference"), "{same:?}");
    }

    #[test]
    fn other_files_are_refused() {
        for (text, part) in [
            ("milk", "old: not JSON"),
            ("{}", "old: no `results`"),
            ("{\"results\": [{\"id\": 1}]}", "old: result 1: invalid type"),
        ] {
            let error = DiffReport::new(["old".into(), "new".into()], [text, "{}"]).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
