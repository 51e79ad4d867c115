//! What gates let pass, for people and scripts.

use super::Page;
use super::number::figure;
use crate::power::{Alarm, Outcome, PowerReport, Row, Summary};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

impl PowerReport {
    /// As text: what passes first, for that is what a gate is blind to.
    pub fn show(&self, page: &Page) -> String {
        let mut out = format!("{}: {}\n  {}\n  inputs {}\n", self.gate, self.rule, self.source, self.inputs);
        for (outcome, title) in [
            (Outcome::Passes, "passes, though broken"),
            (Outcome::NotLookedAt, "not looked at"),
            (Outcome::Caught, "caught"),
        ] {
            let rows: Vec<_> = self.defects.iter().filter(|r| r.outcome == outcome).collect();
            if rows.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{title}");
            for r in rows {
                let line = format!("  {:<16} {:<4} {:<8} {} [{}]", r.id, r.dtype, r.pass, r.symptom, r.source);
                out += &page.wrapped(&line, 33);
                match (&r.change, r.at) {
                    (Some(change), _) => {
                        out += &page.wrapped(&format!("  {:<30} would be caught: {change}", ""), 33);
                    }
                    (None, Some(at)) if outcome == Outcome::Caught => {
                        let _ = writeln!(out, "  {:<30} fails at {}", "", figure(&format!("{at:e}")));
                    }
                    (None, _) if outcome != Outcome::Caught => {
                        let _ = writeln!(out, "  {:<30} no change that was tried catches it", "");
                    }
                    _ => {}
                }
            }
        }
        let alarms: Vec<_> = self.sound.iter().filter(|a| a.outcome == Outcome::Caught).collect();
        if !alarms.is_empty() {
            out.push_str("\nrejected, though right\n");
        }
        for a in alarms {
            let at = a.at.map_or_else(String::new, |x| format!(", at {}", figure(&format!("{x:e}"))));
            out += &page.wrapped(&format!("  {:<16} {:<4} {:<8} {}{at}", a.id, a.dtype, a.pass, a.why), 33);
        }
        let s = &self.summary;
        let _ = writeln!(
            out,
            "\n{} defects: {} caught, {} pass, {} not looked at; {} false alarms",
            s.caught + s.passed + s.not_looked_at,
            s.caught,
            s.passed,
            s.not_looked_at,
            s.false_alarms
        );
        out
    }
}

/// The JSON object of `actaudit power` without arguments: a row for each gate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GatesReport {
    schema: &'static str,
    gates: Vec<PowerReport>,
}

impl GatesReport {
    /// Of these gates.
    pub const fn new(gates: Vec<PowerReport>) -> Self {
        Self { schema: "actaudit.power.v1", gates }
    }

    /// A line for each, below a head.
    pub fn text(&self) -> String {
        let head =
            format!("{:<10} {:>6} {:>6} {:>13} {:>12}\n", "gate", "caught", "pass", "not looked at", "false alarms");
        self.gates.iter().fold(head, |mut out, r| {
            let s = &r.summary;
            let counts = (s.caught, s.passed, s.not_looked_at, s.false_alarms);
            let _ = writeln!(out, "{:<10} {:>6} {:>6} {:>13} {:>12}", r.gate, counts.0, counts.1, counts.2, counts.3);
            out
        })
    }
}

/// A row with its input as text, too: a number in JSON is null where the input is infinite or NaN, as it is where there is none.
#[derive(Serialize, JsonSchema)]
struct WithInput<'a, T> {
    #[serde(flatten)]
    row: &'a T,
    at_decimal: Option<String>,
}

impl<'a, T> WithInput<'a, T> {
    fn all(rows: &'a [T], at: fn(&T) -> Option<f64>) -> Vec<Self> {
        rows.iter().map(|row| Self { row, at_decimal: at(row).map(|x| format!("{x:e}")) }).collect()
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PowerReport")]
struct Written<'a> {
    schema: &'a str,
    gate: &'a str,
    source: &'a str,
    rule: &'a str,
    inputs: &'a str,
    defects: Vec<WithInput<'a, Row>>,
    sound: Vec<WithInput<'a, Alarm>>,
    summary: &'a Summary,
}

impl Serialize for PowerReport {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { schema, gate, source, rule, inputs, defects, sound, summary } = self;
        let (defects, sound) = (WithInput::all(defects, |row| row.at), WithInput::all(sound, |row| row.at));
        Written { schema, gate, source, rule, inputs, defects, sound, summary }.serialize(to)
    }
}

written_as!(PowerReport, Written<'_>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_no_finite_number_is_told_from_none() {
        let alarm = |at| Alarm { id: "a", dtype: "f32", pass: "forward", why: "", outcome: Outcome::Caught, at };
        let rows = [Some(f64::NEG_INFINITY), Some(f64::NAN), None, Some(0.5)].map(alarm);
        let v = serde_json::to_value(WithInput::all(&rows, |row| row.at)).expect("JSON");
        let texts = ["-inf".into(), "NaN".into(), serde_json::Value::Null, "5e-1".into()];
        assert_eq!([0, 1, 2, 3].map(|k| v[k]["at_decimal"].clone()), texts);
        assert_eq!((&v[0]["at"], &v[3]["at"]), (&serde_json::Value::Null, &0.5.into()));
    }
}
