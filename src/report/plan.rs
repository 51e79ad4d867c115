//! `actaudit plan`: what an audit will look at.

use super::columns::Columns;
use super::number::grouped;
use crate::audit::{Look, Plan};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One unit: a subject in one format and pass, over one set of inputs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnitReport {
    /// code under test
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// exhaustive, sampled, given, or none where the code lacks the format or direction
    pub inputs: &'static str,
    /// how many
    pub count: u64,
    /// why it is not more of them, where this effort might look at all
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// only shown beside the others: it does not count
    pub beside: bool,
}

/// The JSON object of `actaudit plan verify`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanReport {
    /// actaudit.plan.v1
    pub schema: &'static str,
    /// catalogue id
    pub activation: String,
    /// parameter values, exact
    pub params: BTreeMap<String, String>,
    /// effort level
    pub effort: &'static str,
    /// the ends of the part of the line that is looked at, if it is not all of it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<[String; 2]>,
    /// in the order of the report
    pub units: Vec<UnitReport>,
}

impl Plan {
    /// For scripts, and as what the text shows.
    pub fn report(&self) -> PlanReport {
        let units = self.units.iter().map(|unit| UnitReport {
            subject: self.subject(unit).name.clone(),
            dtype: unit.dtype.name(),
            pass: unit.pass.name(),
            inputs: if unit.lacks.is_some() { "none" } else { unit.inputs.name() },
            count: if unit.lacks.is_some() { 0 } else { unit.count },
            why: unit.lacks.map(str::to_owned).or_else(|| unit.why.clone()),
            beside: self.subject(unit).beside,
        });
        PlanReport {
            schema: "actaudit.plan.v1",
            activation: self.activation.definition.id.clone(),
            params: self.activation.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
            effort: self.options.effort.name(),
            domain: self.options.part(),
            units: units.collect(),
        }
    }
}

impl PlanReport {
    /// For people: a heading for each subject, and a line for each unit.
    pub fn text(&self) -> String {
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        let part = self.domain.as_ref();
        let part = part.map_or_else(String::new, |[lo, hi]| format!(", no inputs but those in [{lo}, {hi}]"));
        let mut out = format!("{}{params}, effort {}{part}\n", self.activation, self.effort);
        for units in self.units.chunk_by(|a, b| (&a.subject, a.beside) == (&b.subject, b.beside)) {
            let beside = if units[0].beside { " (beside it, for comparison)" } else { "" };
            let _ = writeln!(out, "\n{}{beside}", units[0].subject);
            let row =
                |u: &UnitReport| vec![u.dtype.to_owned(), u.pass.to_owned(), u.inputs.to_owned(), grouped(u.count)];
            let rows = units.iter().map(row).collect();
            for (line, unit) in (Columns { right: &[3], rows }).lines().iter().zip(units) {
                let _ = writeln!(out, "  {line}");
                if let Some(why) = &unit.why {
                    let _ = writeln!(out, "      {why}");
                }
            }
        }
        let exhaustive = self.units.iter().filter(|u| u.inputs == Look::Exhaustive.name()).count();
        let _ = writeln!(out, "\n{} units, {exhaustive} of them exhaustive", self.units.len());
        out
    }
}

/// The JSON object of `actaudit plan verify` with several activations.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlansReport {
    /// actaudit.plan.v1
    schema: &'static str,
    /// one for each
    plans: Vec<PlanReport>,
}

impl PlansReport {
    /// Of these plans.
    pub fn new(plans: Vec<PlanReport>) -> Self {
        Self { schema: "actaudit.plan.v1", plans }
    }

    /// One after the other.
    pub fn text(&self) -> String {
        self.plans.iter().map(PlanReport::text).collect::<Vec<_>>().join("\n")
    }
}
