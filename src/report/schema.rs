//! JSON Schemas of what commands print with `--format json`, made from the types that are written.

use super::accept::AcceptReport;
use super::bound::{BoundReport, BoundsReport};
use super::claims::ClaimsReport;
use super::definition::{ContinuityReport, ManyReport, WholeReport};
use super::diff::DiffReport;
use super::doctor::DoctorReport;
use super::events::Line;
use super::explain::ExplainReport;
use super::gate::GateReport;
use super::inspect::{ListReport, ShowReport};
use super::kernels::{CompareReport, DesignReport};
use super::mollify::MollifyReport;
use super::plan::{PlanReport, PlansReport};
use super::power::GatesReport;
use super::propagate::{PropagateReport, PropagatesReport};
use super::recheck::RecheckReport;
use super::reference::ReferenceReport;
use super::sheets::CatalogReport;
use super::survey::SurveyReport;
use super::train::TrainReport;
use crate::identify::Identified;
use crate::onnx::Inventory;
use crate::power::PowerReport;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};

/// The JSON object of a command that could not be run.
#[derive(Serialize, JsonSchema)]
pub struct ErrorReport {
    schema: &'static str,
    error: String,
    /// the exit code
    exit: u8,
}

impl ErrorReport {
    /// With its message and the exit code of the command.
    pub fn new(message: &str, exit: u8) -> Self {
        Self { schema: "actaudit.error.v1", error: message.to_owned(), exit }
    }
}

/// A command, and the forms that its output has.
type Output = (&'static str, &'static [fn(&mut SchemaGenerator) -> Schema]);

macro_rules! outputs {
    ($($name:literal: $($type:ty),+;)+) => {
        &[$(($name, &[$(|generator| generator.subschema_for::<$type>()),+])),+]
    };
}

/// What has a schema, by the command that writes it.
const OUTPUTS: &[Output] = outputs! {
    "accept": AcceptReport;
    "bound": BoundReport, BoundsReport;
    "claims": ClaimsReport;
    "continuity": ContinuityReport<'static>;
    "diff": DiffReport;
    "doctor": DoctorReport;
    "error": ErrorReport;
    "events": Line<'static>;
    "explain": ExplainReport;
    "gate": GateReport;
    "identify": Identified, Inventory;
    "list": ListReport;
    "mollify": MollifyReport, CompareReport, DesignReport;
    "plan": PlanReport, PlansReport;
    "power": PowerReport, GatesReport;
    "propagate": PropagateReport, PropagatesReport;
    "recheck": RecheckReport;
    "reference": ReferenceReport;
    "report": CatalogReport;
    "show": ShowReport;
    "survey": SurveyReport;
    "train": TrainReport;
    "verify": WholeReport, ManyReport;
};

/// All names.
pub fn names() -> Vec<&'static str> {
    OUTPUTS.iter().map(|(name, _)| *name).collect()
}

/// The schema of a command's output (draft 2020-12), with all that it refers to; `None` if the command has none. More keys may come, so
/// that unknown ones are no error.
pub fn of(name: &str) -> Option<String> {
    let (name, forms) = OUTPUTS.iter().find(|(own, _)| *own == name)?;
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let forms: Vec<Schema> = forms.iter().map(|form| form(&mut generator)).collect();
    let mut schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("actaudit {name} --format json"),
        "anyOf": forms,
    });
    schema.insert("$defs".into(), Value::Object(generator.take_definitions(true)));
    // JSON has no infinity and no NaN: they are written as null
    let mut nullable = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("type") == Some(&json!("number")) {
            schema.insert("type".into(), json!(["number", "null"]));
        }
    });
    nullable.transform(&mut schema);
    Some(serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n")
}
