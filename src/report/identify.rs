//! What code was found to compute, for people and scripts.

use super::Page;
use super::number::decimal;
use crate::identify::{Candidate, Identification, Identified, Separation, Special, Stray};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

impl Identified {
    /// As text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let best = self.candidates.first();
        let (name, verdict) = match (self.answer, best) {
            (Identification::Identified, Some(best)) => (best.function.clone(), "identified"),
            (_, Some(best)) if best.explains && best.stray.is_some() => {
                (format!("{}, but not everywhere", best.function), "none")
            }
            _ => ("none of them".to_owned(), "none"),
        };
        let on = self.domain.as_ref().map_or_else(String::new, |[lo, hi]| format!(", in [{lo}, {hi}]"));
        let title = format!("{} ({}, {}{on}): {name} [{verdict}]", self.subject, self.dtype, self.pass);
        out += &Page::PLAIN.wrapped(&title, 2);
        if let Some(why) = &self.why {
            out += &Page::PLAIN.wrapped(&format!("  {why}"), 4);
        }
        if let (Identification::Identified, Some(best)) = (self.answer, best) {
            if !best.also.is_empty() {
                out += &Page::PLAIN.wrapped(&format!("  the same as {}", best.also.join(", ")), 4);
            }
            if !best.explains {
                let _ = writeln!(out, "  off by more than rounding explains, but by far less than any other");
            }
        }
        for Special { input, answer, real } in &self.special {
            let name = best.map_or("the function", |best| &best.function);
            let line = format!("  at {input} the code answers {answer}, and {name} is {real} there");
            out += &Page::PLAIN.wrapped(&line, 4);
        }
        let silent = match self.unanswered {
            0 => String::new(),
            n => format!(" ({n} more have no answer: see actaudit verify)"),
        };
        let _ = writeln!(out, "  {} inputs, sampled{silent}; the nearest functions:", self.inputs);
        // a long name has a line of its own
        let long = |c: &Candidate| c.function.len() > LONGEST;
        let width = self.candidates.iter().filter(|c| !long(c)).map(|c| c.function.len()).max().unwrap_or(0);
        for c in &self.candidates {
            let Candidate { function, max_abs, max_abs_at, median_ulp, within_one_ulp, .. } = c;
            let name = if long(c) { "" } else { function };
            if long(c) {
                let _ = writeln!(out, "    {function}");
            }
            let line = format!(
                "    {name:width$}  off by at most {} at {}, median {} ulp, {within_one_ulp} within 1 ulp{}",
                short(*max_abs),
                short(*max_abs_at),
                short(*median_ulp),
                if c.fitted { " (fitted)" } else { "" },
            );
            out += &Page::PLAIN.wrapped(&line, width + 6);
        }
        if let (Some(s), Some(best)) = (&self.separation, best) {
            let (distance, at) = (short(s.distance), short(s.at));
            let text = format!("  {} and {} differ by {distance} at x = {at}", best.function, s.from);
            out += &Page::PLAIN.wrapped(&text, 4);
            let text = format!(
                "  where they are more than 1 ulp apart, {} of {} answers are nearer to {}",
                s.nearer, s.telling, best.function
            );
            out += &Page::PLAIN.wrapped(&text, 4);
        }
        if let Some(rounding) = &self.rounding {
            out += &Page::PLAIN.wrapped(&format!("  {rounding}"), 4);
        }
        out
    }
}

/// The longest name of a candidate that has its error beside it.
const LONGEST: usize = 28;

/// Three or four digits.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if (0.01..10_000.0).contains(&v) => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    }
}

/// A candidate with decimals beside the numbers that may be infinite, which JSON writes as null.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Candidate")]
struct WrittenCandidate<'a> {
    /// with its parameter values: `leaky_relu(a=1/10)`
    function: &'a str,
    /// the same function on the whole sample, under other names
    also: &'a [String],
    fitted: bool,
    explains: bool,
    max_abs: f64,
    max_abs_decimal: String,
    max_abs_at: f64,
    median_ulp: f64,
    median_ulp_decimal: String,
    within_one_ulp: usize,
    /// answers that no rounding, rounded constant or approximation of this function explains
    stray: Option<WrittenStray>,
}

/// The first and the last input of these answers; numbers as texts, since answers may be infinite or NaN.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stray")]
struct WrittenStray {
    inputs: usize,
    from: f64,
    to: f64,
    answer: String,
    value: String,
}

impl From<Stray> for WrittenStray {
    fn from(stray: Stray) -> Self {
        let Stray { inputs, from, to, answer, value } = stray;
        Self { inputs, from, to, answer: decimal(answer, true), value: decimal(value, true) }
    }
}

impl Serialize for Candidate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { function, also, .. } = self;
        WrittenCandidate {
            function,
            also,
            fitted: self.fitted,
            explains: self.explains,
            max_abs: self.max_abs,
            max_abs_decimal: decimal(self.max_abs, true),
            max_abs_at: self.max_abs_at,
            median_ulp: self.median_ulp,
            median_ulp_decimal: decimal(self.median_ulp, true),
            within_one_ulp: self.within_one_ulp,
            stray: self.stray.map(WrittenStray::from),
        }
        .serialize(to)
    }
}

/// A separation with a decimal beside the distance, which is infinite where one of both functions has no bound.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Separation")]
struct WrittenSeparation<'a> {
    from: &'a str,
    distance: f64,
    distance_decimal: String,
    at: f64,
    telling: usize,
    nearer: usize,
}

impl Serialize for Separation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { distance, at, telling, nearer, .. } = *self;
        let distance_decimal = decimal(distance, false);
        WrittenSeparation { from: &self.from, distance, distance_decimal, at, telling, nearer }.serialize(to)
    }
}

written_as!(Candidate, WrittenCandidate<'_>);
written_as!(Separation, WrittenSeparation<'_>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_infinity_is_told_from_what_is_not_there() {
        let candidate = Candidate {
            function: "exp".into(),
            also: vec![],
            fitted: false,
            explains: false,
            max_abs: f64::INFINITY,
            max_abs_at: 88.8,
            median_ulp: 0.3,
            within_one_ulp: 7,
            stray: None,
        };
        let v = serde_json::to_value(&candidate).expect("JSON");
        assert_eq!((&v["max_abs"], &v["max_abs_decimal"]), (&serde_json::Value::Null, &"inf".into()));
        assert_eq!((&v["median_ulp"], &v["median_ulp_decimal"]), (&0.3.into(), &"0.3".into()));
        let apart = Separation { from: "relu".into(), distance: f64::INFINITY, at: 1.0, telling: 1, nearer: 1 };
        assert_eq!(serde_json::to_value(&apart).expect("JSON")["distance_decimal"], "inf");
    }
}
