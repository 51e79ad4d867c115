//! How much does a tolerance see? Every kernel that is broken on purpose is put through a gate, somebody's tolerance over
//! somebody's inputs, and what passes is what that gate lets through. Kernels that are right go through it as well: what is
//! rejected of them is a false alarm.

mod change;
mod gate;
mod inputs;
mod run;

pub use gate::{Against, Gate, PRESETS, Rule, Tolerances, preset};
pub use inputs::InputSet;
pub use run::{Expected, Outcome, judge};

use crate::defects::{DEFECTS, SOUND};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::subject::{Subject, SubjectError};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

/// Why a gate could not be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PowerError {
    /// A definition cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A planted kernel failed.
    #[error(transparent)]
    Subject(#[from] SubjectError),
}

/// One defect, one format and pass, through the gate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Row {
    /// `9-mish`
    pub id: &'static str,
    /// row of the corpus
    pub number: u8,
    /// where it was reported
    pub source: &'static str,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// what is wrong
    pub symptom: &'static str,
    /// what the gate says
    pub outcome: Outcome,
    /// the first input of the gate's own at which it fails
    pub at: Option<f64>,
    /// the smallest change that was found with which the gate catches it
    pub change: Option<String>,
}

/// A right kernel, one format and pass.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Alarm {
    /// short name
    pub id: &'static str,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// why it is right
    pub why: &'static str,
    /// what the gate says: `caught` is a false alarm
    pub outcome: Outcome,
    /// the first input at which it is rejected
    pub at: Option<f64>,
}

/// Totals.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// defects that fail in at least one of their formats and passes
    pub caught: usize,
    /// those that the gate looks at and lets pass
    pub passed: usize,
    /// those in formats or passes that the gate does not have
    pub not_looked_at: usize,
    /// right kernels that it rejects
    pub false_alarms: usize,
}

/// What a gate sees.
#[derive(Clone, Debug)]
pub struct PowerReport {
    /// version of this form
    pub schema: &'static str,
    /// the gate's name
    pub gate: String,
    /// where it is from
    pub source: String,
    /// what it allows
    pub rule: String,
    /// over which inputs
    pub inputs: String,
    /// every defect
    pub defects: Vec<Row>,
    /// every right kernel
    pub sound: Vec<Alarm>,
    /// totals
    pub summary: Summary,
}

/// Puts all planted kernels through a gate.
///
/// # Errors
/// If a planted kernel failed, or its definition cannot be evaluated.
pub fn power(gate: &Gate) -> Result<PowerReport, PowerError> {
    let defects: Vec<Vec<Row>> = DEFECTS
        .par_iter()
        .map(|d| {
            let (activation, subject) = (d.activation(), d.subject());
            let expected = Expected::new(&activation, d.activation, d.declare)?;
            each(d.dtypes, d.passes, |format, pass| {
                let (outcome, at) = judge(gate, subject.as_ref(), &expected, format, pass)?;
                let change = match outcome {
                    Outcome::Caught => None,
                    _ => change::smallest(gate, subject.as_ref(), &expected, format, pass)?,
                };
                Ok(Row {
                    id: d.id,
                    number: d.number,
                    source: d.source,
                    dtype: format.name(),
                    pass: pass.name(),
                    symptom: d.symptom,
                    outcome,
                    at,
                    change,
                })
            })
        })
        .collect::<Result<_, PowerError>>()?;
    let sound: Vec<Vec<Alarm>> = SOUND
        .par_iter()
        .map(|s| {
            let (activation, subject): (Activation, Box<dyn Subject>) = (s.activation(), s.subject());
            let expected = Expected::new(&activation, s.activation, s.declare)?;
            each(s.dtypes, s.passes, |format, pass| {
                let (outcome, at) = judge(gate, subject.as_ref(), &expected, format, pass)?;
                Ok(Alarm { id: s.id, dtype: format.name(), pass: pass.name(), why: s.why, outcome, at })
            })
        })
        .collect::<Result<_, PowerError>>()?;
    let mut summary = Summary::default();
    for rows in &defects {
        let has = |outcome| rows.iter().any(|r| r.outcome == outcome);
        match () {
            () if has(Outcome::Caught) => summary.caught += 1,
            () if has(Outcome::Passes) => summary.passed += 1,
            () => summary.not_looked_at += 1,
        }
    }
    let sound: Vec<Alarm> = sound.into_iter().flatten().collect();
    summary.false_alarms = sound.iter().filter(|a| a.outcome == Outcome::Caught).count();
    Ok(PowerReport {
        schema: "actaudit.power.v1",
        gate: gate.name.to_owned(),
        source: gate.source.to_owned(),
        rule: gate.rule.describe(),
        inputs: gate.inputs.describe(),
        defects: defects.into_iter().flatten().collect(),
        sound,
        summary,
    })
}

fn each<T>(
    dtypes: &[FloatFormat],
    passes: &[Pass],
    mut row: impl FnMut(FloatFormat, Pass) -> Result<T, PowerError>,
) -> Result<Vec<T>, PowerError> {
    let pairs = dtypes.iter().flat_map(|f| passes.iter().map(move |p| (*f, *p)));
    pairs.map(|(format, pass)| row(format, pass)).collect()
}

#[cfg(test)]
mod tests;
