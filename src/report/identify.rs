//! What code was found to compute, for people.

use super::Page;
use crate::identify::{Candidate, Identification, Identified};
use std::fmt::Write as _;

impl Identified {
    /// As text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let best = self.candidates.first();
        let (name, verdict) = match (self.answer, best) {
            (Identification::Identified, Some(best)) => (best.function.as_str(), "identified"),
            _ => ("none of them", "none"),
        };
        let _ = writeln!(out, "{} ({}, {}): {name} [{verdict}]", self.subject, self.dtype, self.pass);
        if let Some(why) = &self.why {
            let _ = writeln!(out, "  {why}");
        }
        if let (Identification::Identified, Some(best)) = (self.answer, best) {
            if !best.also.is_empty() {
                let _ = writeln!(out, "  the same as {}", best.also.join(", "));
            }
            if !best.explains {
                let _ = writeln!(out, "  off by more than rounding explains, but by far less than any other");
            }
        }
        let silent = match self.unanswered {
            0 => String::new(),
            n => format!(" ({n} more have no answer: see actaudit verify)"),
        };
        let _ = writeln!(out, "  {} inputs, sampled{silent}; the nearest functions:", self.inputs);
        let width = self.candidates.iter().map(|c| c.function.len()).max().unwrap_or(0);
        for c in &self.candidates {
            let Candidate { function, max_abs, max_abs_at, median_ulp, within_one_ulp, .. } = c;
            let line = format!(
                "    {function:width$}  off by at most {} at {}, median {} ulp, {within_one_ulp} within 1 ulp{}",
                short(*max_abs),
                short(*max_abs_at),
                short(*median_ulp),
                if c.fitted { " (fitted)" } else { "" },
            );
            out += &Page::PLAIN.wrapped(&line, width + 6);
        }
        if let (Some(s), Some(best)) = (&self.separation, best) {
            let (distance, at) = (short(s.distance), short(s.at));
            let _ = writeln!(out, "  {} and {} differ by {distance} at x = {at}", best.function, s.from);
            let _ = writeln!(
                out,
                "  where they are more than 1 ulp apart, {} of {} answers are nearer to {}",
                s.nearer, s.telling, best.function
            );
        }
        if let Some(rounding) = &self.rounding {
            let _ = writeln!(out, "  {rounding}");
        }
        out
    }
}

/// Three or four digits.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if (0.01..10_000.0).contains(&v) => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    }
}
