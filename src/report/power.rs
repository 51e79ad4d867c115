//! What gates let pass, for people.

use crate::power::{Outcome, PowerReport};
use std::fmt::Write as _;

impl PowerReport {
    /// As text: what passes first, for that is what a gate is blind to.
    pub fn text(&self) -> String {
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
                let _ = writeln!(out, "  {:<16} {:<4} {:<8} {} [{}]", r.id, r.dtype, r.pass, r.symptom, r.source);
                match (&r.change, r.at) {
                    (Some(change), _) => {
                        let _ = writeln!(out, "  {:<30} would be caught: {change}", "");
                    }
                    (None, Some(at)) if outcome == Outcome::Caught => {
                        let _ = writeln!(out, "  {:<30} fails at {at:e}", "");
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
            let at = a.at.map_or_else(String::new, |x| format!(", at {x:e}"));
            let _ = writeln!(out, "  {:<16} {:<4} {:<8} {}{at}", a.id, a.dtype, a.pass, a.why);
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

    /// One line of a table of gates.
    pub fn line(&self) -> String {
        let s = &self.summary;
        format!("{:<10} {:>6} {:>6} {:>13} {:>12}", self.gate, s.caught, s.passed, s.not_looked_at, s.false_alarms)
    }

    /// The head of that table.
    pub fn head() -> String {
        format!("{:<10} {:>6} {:>6} {:>13} {:>12}", "gate", "caught", "pass", "not looked at", "false alarms")
    }
}
