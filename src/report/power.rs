//! What gates let pass, for people.

use super::Page;
use super::number::figure;
use crate::power::{Outcome, PowerReport};
use serde::Serialize;
use std::fmt::Write as _;

impl PowerReport {
    /// As text: what passes first, for that is what a gate is blind to.
    pub fn text(&self) -> String {
        self.show(&Page::PLAIN)
    }

    /// The same for a terminal.
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
#[derive(Clone, Debug, Serialize)]
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
