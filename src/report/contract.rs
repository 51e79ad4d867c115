//! What an audit says, as scripts read it: the JSON contract, and all that the text report shows. Here numbers are rounded, once:
//! lower ends down, upper ends up.

use super::number::{budget, decimal, ratio};
use super::replay::{self, Asked};
use super::statistics;
use crate::audit::Options;
use crate::audit::{
    Again, Answer, Apart, Audit, Cause, Counts, Difference, Excluded, Lacking, Record, Shown, Spread, Summary, TableUse,
};
use crate::check::{REGIONS, UlpStatistics, region_name};
use crate::expr::{Activation, FloatFormat};
use crate::subject::incident::Incident;
use crate::verdict::{Evidence, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// One input with what came out and what should have.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WitnessReport {
    /// bits of the input
    pub input: String,
    /// the input, shortest decimal that gives these bits back (in f64)
    pub input_value: String,
    /// bits of the output
    pub output: String,
    /// the output
    pub output_value: String,
    /// the real value to 20 digits
    pub real: String,
    /// how bad, in the unit of the check; 0 for what is undecided
    pub measure: String,
    /// how far the output is from the real value, rounded up; not where there is no single one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute: Option<String>,
    /// how the code was called, where that is what matters: a layout, a length
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// a command that shows it again by itself
    #[serde(skip)]
    pub again: Option<String>,
}

/// One thing that went wrong in a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IncidentReport {
    /// what: signal, exit, hang, exception, length, type, channel, unwritten, outside, beyond, input, environment, gave_up
    pub kind: &'static str,
    /// inputs in the smallest batch in which it was seen
    pub batch: usize,
    /// bits of the batch's inputs, or of the first few
    pub inputs: Vec<String>,
    /// the first input, shortest decimal
    pub input_value: String,
    /// in words
    pub text: String,
    /// a command that shows it again, for a short batch
    pub repro: Option<String>,
}

/// One subject, dtype, pass and check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyResult {
    /// `activation/subject/dtype/pass/check`
    pub id: String,
    /// code under test
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// forward or backward
    pub pass: &'static str,
    /// id of the check
    pub check: &'static str,
    /// the answer
    pub verdict: Verdict,
    /// what it rests on
    pub evidence: Evidence,
    /// inputs that were compared
    pub compared: u64,
    /// inputs that were not
    pub excluded: Vec<Excluded>,
    /// those of them, or pairs, that the checker did not look at: if there are any, nothing is proved
    pub unlooked: u64,
    /// upper end of the measure's enclosure, rounded up
    pub measured: String,
    /// lower end, rounded down
    pub measured_lower: String,
    /// what the measure may be, rounded up as the measure is
    pub budget: String,
    /// the same as a number
    #[serde(skip)]
    pub limit: f64,
    /// whether no inputs but those of a part of the line were looked at
    #[serde(skip)]
    pub partly: bool,
    /// what both are counted in
    pub unit: String,
    /// inputs that fail
    pub failing: u64,
    /// inputs that could not be decided
    pub undecided: u64,
    /// inputs at kinks where any subgradient is accepted
    pub subgradients: u64,
    /// why it is undecided; the witness is the first input that is
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// the worst input (of those that fail, if any does), or the first that is undecided, if the verdict says so
    pub witness: Option<WitnessReport>,
    /// a command that shows the witness again
    pub repro: Option<String>,
    /// more of the worst inputs
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub worst: Vec<WitnessReport>,
    /// what happened to the code's process, a few of each kind
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentReport>,
    /// distribution of the errors
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "statistics::written")]
    #[schemars(with = "Option<statistics::Written<'static>>")]
    pub ulp: Option<UlpReport>,
}

/// Statistics of the ulp check.
pub type UlpReport = UlpStatistics;

/// An input with the outputs of two subjects.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DifferenceWitness {
    /// bits of the input
    pub input: String,
    /// the input, shortest decimal that gives these bits back (in f64)
    pub input_value: String,
    /// bits of both outputs
    pub outputs: [String; 2],
    /// both outputs
    pub output_values: [String; 2],
    /// the real value to 20 digits
    pub real: String,
    /// floats from one output to the other; none if one is NaN
    pub steps: Option<u64>,
}

/// Two subjects in one region of inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DifferenceRegion {
    /// inputs: a sign, and a range of magnitudes; or NaN
    pub region: String,
    /// inputs that both answered
    pub inputs: u64,
    /// inputs with different outputs
    pub differ: u64,
    /// of those, how often each was certainly nearer to the real value
    pub nearer: [u64; 2],
}

/// Two subjects against each other in one format and pass. It has no verdict: which of them is right, their own results
/// say.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DifferenceReport {
    /// both, the one that was named first first
    pub subjects: [String; 2],
    /// format
    pub dtype: &'static str,
    /// forward or backward
    pub pass: &'static str,
    /// what it rests on
    pub evidence: Evidence,
    /// inputs that both answered
    pub inputs: u64,
    /// inputs with different outputs; any two NaNs are the same
    pub differ: u64,
    /// of those, how often just one output is NaN
    pub one_nan: u64,
    /// of those that differ, how often each was certainly nearer to the real value
    pub nearer: [u64; 2],
    /// how often both were exactly as near
    pub even: u64,
    /// how often it is not known, or there is no real value to be near to
    pub unknown: u64,
    /// first and last input with different outputs
    pub between: Option<[String; 2]>,
    /// largest error of each in ulp: lower and upper end of an enclosure
    pub worst_ulp: [[String; 2]; 2],
    /// largest error of the first over largest error of the second, rounded outward; none if it is not defined
    pub ratio: Option<[String; 2]>,
    /// the mean errors in ulp, infinite ones left out
    pub mean_ulp: [f64; 2],
    /// the same as decimals, rounded up: `inf` where a sum overflows and the numbers are null
    pub mean_ulp_decimal: [String; 2],
    /// by region of the input
    pub regions: Vec<DifferenceRegion>,
    /// the outputs that are the most floats apart
    pub worst: Vec<DifferenceWitness>,
    /// a command that shows the first of those again
    pub repro: Option<String>,
}

/// The whole audit of the code of one activation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// `actaudit.verify.v1`
    pub schema: &'static str,
    /// catalogue id
    pub activation: String,
    /// parameter values, exact
    pub params: BTreeMap<String, String>,
    /// effort level
    pub effort: &'static str,
    /// the ends of the part of the line whose inputs were looked at, if it is not all of it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<[String; 2]>,
    /// by subject: what its results depend on besides the inputs
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// what was asked for
    pub results: Vec<VerifyResult>,
    /// other implementations beside it, for comparison: they do not count
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<VerifyResult>,
    /// inputs that were asked for by themselves (`--input`), as the code answered them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerReport>,
    /// what the code does not have, though it was to be looked at; the rows of `results` say the same, one for each check
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<LackingReport>,
    /// known defects whose outputs the code has at every failing input that is shown
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CauseReport>,
    /// the subjects under test against the first of them, if there are several
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<DifferenceReport>,
    /// the tables of real values that exhaustive audits of f32 used
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableReport>,
    /// totals of `results`
    pub summary: Summary,
}

/// One input that was asked for by itself, with what came out.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AnswerReport {
    /// the subject
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// bits of the input
    pub input: String,
    /// the input, shortest decimal that gives these bits back (in f64)
    pub input_value: String,
    /// bits of the output; none if there is no answer
    pub output: Option<String>,
    /// the output
    pub output_value: Option<String>,
    /// why there is no answer
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// the real value to 20 digits; at an infinity, the limit
    pub real: String,
    /// the error in ulp, lower and upper end of an enclosure, where there is a real value to hold the output against
    pub ulp: Option<[String; 2]>,
    /// how far the output is from the real value, rounded up; none where there is no single one
    pub absolute: Option<String>,
}

impl AnswerReport {
    pub(super) fn new(answer: &Answer) -> Self {
        let format = answer.dtype;
        Self {
            subject: answer.subject.clone(),
            dtype: format.name(),
            pass: answer.pass.name(),
            input: format.hex(answer.input),
            input_value: value(format, answer.input),
            output: answer.output.ok().map(|bits| format.hex(bits)),
            output_value: answer.output.ok().map(|bits| value(format, bits)),
            reason: answer.output.err(),
            real: answer.real.clone(),
            ulp: answer.ulp.map(|[least, most]| [decimal(least, false), decimal(most, true)]),
            absolute: answer.absolute.map(|far| decimal(far, true)),
        }
    }
}

/// A format and direction that code does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LackingReport {
    /// the subject
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// why there is nothing to ask
    pub reason: &'static str,
}

impl LackingReport {
    fn new(lacking: &Lacking) -> Self {
        let Lacking { subject, dtype, pass, why } = lacking;
        Self { subject: subject.clone(), dtype: dtype.name(), pass: pass.name(), reason: why }
    }
}

/// A known defect behind what fails in one format and direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CauseReport {
    /// the subject
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// id of the defect, as after `defect:`
    pub defect: &'static str,
    /// its row in docs/defects.md
    pub number: u8,
    /// repository and issue, or pull request, where it was reported
    pub source: &'static str,
    /// what is seen
    pub symptom: &'static str,
    /// what to do about it, where it is known
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<&'static str>,
    /// at how many inputs the outputs are the same, bit by bit
    pub inputs: usize,
    /// of so many at which the defect's outputs are far from right
    pub asked: usize,
}

impl CauseReport {
    fn new(cause: &Cause) -> Self {
        let Cause { subject, dtype, pass, defect, inputs, asked } = cause;
        Self {
            subject: subject.clone(),
            dtype: dtype.name(),
            pass: pass.name(),
            defect: defect.id,
            number: defect.number,
            source: defect.source,
            symptom: defect.symptom,
            cure: defect.cure(),
            inputs: *inputs,
            asked: *asked,
        }
    }
}

/// A table of real values at all inputs of f32.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TableReport {
    /// of which direction
    pub pass: &'static str,
    /// proved, if the checker accepts it; undecided, if it does not; searched, if it was not asked
    pub verdict: Verdict,
    /// why it does not
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TableReport {
    pub(super) fn new(table: &TableUse) -> Self {
        let reason = table.checked.as_ref().and_then(|checked| checked.as_ref().err().cloned());
        Self { pass: table.pass.name(), verdict: table.verdict(), reason }
    }
}

impl Audit {
    /// For scripts, and as what the text shows.
    pub fn report(&self) -> VerifyReport {
        let rows = |records: &[Record]| {
            records.iter().map(|r| VerifyResult::new(&self.activation, &self.options, r)).collect()
        };
        VerifyReport {
            schema: "actaudit.verify.v1",
            activation: self.activation.definition.id.clone(),
            params: self.activation.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
            effort: self.options.effort.name(),
            domain: self.options.part(),
            environment: self.environment.clone(),
            results: rows(&self.results),
            beside: rows(&self.beside),
            answers: self.answers.iter().map(AnswerReport::new).collect(),
            lacking: self.lacking.iter().map(LackingReport::new).collect(),
            causes: self.causes.iter().map(CauseReport::new).collect(),
            differences: self.differences.iter().map(|d| DifferenceReport::new(&self.activation, d)).collect(),
            tables: self.tables.iter().map(TableReport::new).collect(),
            summary: self.summary.clone(),
        }
    }
}

impl VerifyResult {
    /// What a record of an audit with these options says.
    pub fn new(activation: &Activation, options: &Options, r: &Record) -> Self {
        let (dtype, pass) = (r.dtype.name(), r.pass.name());
        let command = Asked { activation, subjects: &[&r.subject], dtype: r.dtype, pass: r.pass }.allowed(options);
        let again = |w: &Shown| match r.again {
            Again::Input => Some(replay::inputs(&command, r.dtype, w.after.into_iter().chain([w.input]))),
            Again::Check => Some(replay::check(&command, options, r.check)),
            Again::Never => None,
        };
        let shown = |w| WitnessReport { again: again(w), ..WitnessReport::new(r.dtype, w) };
        let worst: Vec<WitnessReport> = r.worst.iter().map(shown).collect();
        let doubt = r.doubt.as_ref().filter(|_| r.verdict == Verdict::Undecided);
        let witness = doubt.map(|(first, _)| shown(first)).or_else(|| worst.first().cloned());
        let repro = witness.as_ref().and_then(|w| w.again.clone());
        let incidents = r.incidents.iter().map(|i| IncidentReport::new(i, r.dtype, &command)).collect();
        Self {
            id: format!("{}/{}/{dtype}/{pass}/{}", activation.definition.id, r.subject, r.check),
            subject: r.subject.clone(),
            dtype,
            pass,
            check: r.check,
            verdict: r.verdict,
            evidence: r.evidence,
            compared: r.compared,
            excluded: r.excluded.clone(),
            unlooked: r.unlooked,
            measured: decimal(r.measured[1], true),
            measured_lower: decimal(r.measured[0], false),
            budget: budget(r.budget, (r.verdict == Verdict::Refuted).then_some(r.measured[0])),
            limit: r.budget,
            partly: options.part().is_some(),
            unit: r.unit.to_string(),
            failing: r.failing,
            undecided: r.undecided,
            subgradients: r.subgradients,
            reason: doubt.map(|(_, why)| why.clone()),
            witness,
            repro,
            worst: if r.statistics.is_some() { worst } else { vec![] },
            incidents,
            ulp: r.statistics.clone(),
        }
    }
}

impl WitnessReport {
    fn new(format: FloatFormat, shown: &Shown) -> Self {
        Self {
            input: format.hex(shown.input),
            input_value: value(format, shown.input),
            output: format.hex(shown.output),
            output_value: value(format, shown.output),
            real: shown.real.clone(),
            measure: decimal(shown.measure, false),
            absolute: shown.absolute.map(|far| decimal(far, true)),
            how: shown.how.clone(),
            again: None,
        }
    }
}

impl IncidentReport {
    /// `command` is what `--input 0xBITS` is put behind.
    fn new(incident: &Incident, format: FloatFormat, command: &str) -> Self {
        let repro = || replay::inputs(command, format, incident.inputs.iter().copied());
        Self {
            kind: incident.kind.name(),
            batch: incident.batch,
            inputs: incident.inputs.iter().map(|bits| format.hex(*bits)).collect(),
            input_value: incident.inputs.first().map_or_else(String::new, |bits| value(format, *bits)),
            text: incident.text.clone(),
            repro: incident.repeatable().then(repro),
        }
    }
}

impl DifferenceReport {
    pub(super) fn new(activation: &Activation, found: &Difference) -> Self {
        let Difference { dtype, pass, evidence, one_nan, ends, errors, .. } = *found;
        let total = found.total();
        let witness = |apart: &Apart| DifferenceWitness {
            input: dtype.hex(apart.input),
            input_value: value(dtype, apart.input),
            outputs: apart.outputs.map(|y| dtype.hex(y)),
            output_values: apart.outputs.map(|y| value(dtype, y)),
            real: apart.real.clone(),
            steps: apart.steps,
        };
        let subjects = found.subjects.each_ref().map(String::as_str);
        let command = Asked { activation, subjects: &subjects, dtype, pass }.command();
        let region = |(k, counts): (usize, &Counts)| DifferenceRegion {
            region: if k < REGIONS { region_name(k) } else { "NaN".into() },
            inputs: counts.inputs,
            differ: counts.differ,
            nearer: counts.nearer,
        };
        Self {
            subjects: found.subjects.clone(),
            dtype: dtype.name(),
            pass: pass.name(),
            evidence,
            inputs: total.inputs,
            differ: total.differ,
            one_nan,
            nearer: total.nearer,
            even: total.even,
            unknown: total.unknown(),
            between: ends.map(|ends| ends.map(|x| value(dtype, x))),
            worst_ulp: errors.map(|e| [decimal(e.worst[0], false), decimal(e.worst[1], true)]),
            ratio: ratio(errors.map(|e| e.worst)),
            mean_ulp: errors.map(|e: Spread| e.mean),
            mean_ulp_decimal: errors.map(|e| decimal(e.mean, true)),
            regions: found.regions.iter().enumerate().filter(|(_, counts)| counts.inputs > 0).map(region).collect(),
            repro: found.worst.first().map(|w| replay::inputs(&command, dtype, [w.input])),
            worst: found.worst.iter().map(witness).collect(),
        }
    }
}

/// The shortest decimal that gives these bits back, in f64.
fn value(format: FloatFormat, bits: u64) -> String {
    format!("{:e}", format.decode(bits))
}
