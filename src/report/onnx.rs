//! The activations of a model file, for people and scripts.

use super::number::decimal;
use super::{down, up};
use crate::onnx::{Constant, Distance, Finding, Inventory, Likeness};
use rug::Float;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;

/// Places of an activation that are shown.
const SHOWN: usize = 3;

impl Inventory {
    /// As text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let by = self.producer.as_ref().map_or_else(String::new, |p| format!(", written by {p}"));
        let opset = self.opset.map_or_else(String::new, |n| format!(", opset {n}"));
        let places: usize = self.activations.iter().map(|a| a.places.len()).sum();
        let kinds = match self.activations.len() {
            0 => "no activation".to_owned(),
            1 if places == 1 => "one activation".to_owned(),
            1 => format!("one activation in {places} places"),
            n => format!("{n} different activations in {places} places"),
        };
        let _ = writeln!(out, "{}{by}{opset}: {kinds}", self.file);
        let width = self.activations.iter().map(|a| a.title().len()).max().unwrap_or(0);
        for found in &self.activations {
            let dtype = found.dtype.unwrap_or("any format");
            let count = format!("{}x", found.places.len());
            let _ = writeln!(out, "  #{} {:width$}  {count:>4}  {dtype}  {}", found.number, found.title(), found.how());
            let _ = writeln!(out, "     {}", found.formula);
            for constant in found.constants.iter().filter_map(Constant::text) {
                let _ = writeln!(out, "     {constant}");
            }
            for place in found.places.iter().take(SHOWN) {
                let graph = if place.graph.is_empty() { String::new() } else { format!(" ({})", place.graph) };
                let _ = writeln!(out, "     at {}{graph}", ends(&place.nodes));
                if !place.around.is_empty() {
                    let _ = writeln!(out, "        left out around it: {}", place.around.join(" "));
                }
            }
            if found.places.len() > SHOWN {
                let _ = writeln!(out, "     and {} more", found.places.len() - SHOWN);
            }
        }
        out
    }
}

/// The first and the last of several operations.
fn ends(nodes: &[String]) -> String {
    match nodes {
        [first, .., last] if nodes.len() > 2 => format!("{first} .. {last} ({} operations)", nodes.len()),
        _ => nodes.join(" "),
    }
}

impl Finding {
    fn title(&self) -> &str {
        self.activation.as_deref().unwrap_or("unknown")
    }

    /// How sure it is, and why.
    fn how(&self) -> String {
        let far = self.distance.as_ref().map_or_else(String::new, |d| {
            let range = match d.domain.each_ref().map(String::as_str) {
                ["-inf", "inf"] => String::new(),
                [lo, hi] => format!(" on [{lo}, {hi}]"),
            };
            let [lower, upper] = [d.lower, d.upper].map(|v| Float::with_val(64, v));
            format!(": off by at least {} and at most {}{range}", down(&lower, 2), up(&upper, 2))
        });
        let form = &self.form;
        match self.likeness {
            Likeness::Exact => format!("by {form}, exactly"),
            Likeness::Rounded if self.distance.is_none() => format!("by {form}"),
            Likeness::Rounded => format!("by {form}, constants rounded{far}"),
            Likeness::Near => format!("by {form}, with constants of its own{far}"),
            Likeness::Unknown => format!("by {form}: nothing in the catalogue is near"),
        }
    }
}

impl Constant {
    /// What it stands for, if anything.
    fn text(&self) -> Option<String> {
        let (meant, off) = (self.meant?, self.off?);
        Some(format!("{} ({}) for {meant}, off by {off:.1e} of it", self.value, self.dtype))
    }
}

/// A distance with decimals beside the bounds, rounded outward: the nearest decimal to a bound need not be one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Distance")]
struct WrittenDistance<'a> {
    lower: f64,
    lower_decimal: String,
    upper: f64,
    upper_decimal: String,
    domain: &'a [String; 2],
}

impl Serialize for Distance {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { lower, upper, ref domain } = *self;
        let [lower_decimal, upper_decimal] = [decimal(lower, false), decimal(upper, true)];
        WrittenDistance { lower, lower_decimal, upper, upper_decimal, domain }.serialize(to)
    }
}

written_as!(Distance, WrittenDistance<'_>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_a_distance_are_rounded_outward() {
        let distance = |lower, upper| Distance { lower, upper, domain: ["-inf".into(), "inf".into()] };
        let v = serde_json::to_value(distance(0.1, 0.1)).expect("JSON");
        // 0.1 as a float is above one tenth
        assert_eq!((&v["lower_decimal"], &v["upper_decimal"]), (&"0.1".into(), &"0.1001".into()));
        let v = serde_json::to_value(distance(2.5, f64::INFINITY)).expect("JSON");
        assert_eq!((&v["upper"], &v["upper_decimal"]), (&serde_json::Value::Null, &"inf".into()));
    }
}
