//! What a check found, as a row of the report.

use super::differ::{Apart, Differ};
use super::inputs::Effort;
use super::process::quoted;
use super::result::{DifferenceRegion, DifferenceReport, DifferenceWitness, Excluded, VerifyResult, WitnessReport};
use crate::check::{Context, Found, REGIONS, Witness, region_name};
use crate::expr::Activation;
use crate::number::{Enclosure, Limit};
use crate::verdict::Evidence;

/// Writes rows for one subject, format and pass.
pub(super) struct Writer<'a> {
    pub activation: &'a Activation,
    pub subject: String,
    pub cx: &'a Context<'a>,
    /// of the audit
    pub effort: Effort,
}

impl Writer<'_> {
    /// The command that repeats a check which chose its inputs, going by the worst ones of an audit of the same effort.
    fn again(&self, check: &str) -> String {
        let effort = match self.effort {
            Effort::Standard => String::new(),
            other => format!(" --effort {}", other.name()),
        };
        format!("{}{effort} --check {check}", self.command())
    }

    /// The row of a check. `by_itself`: the check chose its inputs.
    pub fn row(&self, check: &str, found: Found, exhaustive: bool, by_itself: bool) -> VerifyResult {
        let (format, pass) = (self.cx.format, self.cx.pass);
        let worst: Vec<WitnessReport> = found.worst.iter().map(|w| self.witness(w)).collect();
        let repro = found.worst.first().map(|w| if by_itself { self.again(check) } else { self.repro(w) });
        VerifyResult {
            id: format!("{}/{}/{}/{}/{check}", self.activation.definition.id, self.subject, format.name(), pass.name()),
            subject: self.subject.clone(),
            dtype: format.name().into(),
            pass: pass.name().into(),
            check: check.into(),
            verdict: found.verdict(exhaustive),
            evidence: if exhaustive { Evidence::Exhaustive } else { Evidence::Sampled },
            compared: found.compared,
            excluded: found
                .excluded
                .iter()
                .map(|(r, n)| Excluded { reason: r.text.into(), count: *n, by: r.by })
                .collect(),
            unlooked: found.unlooked(),
            measured: decimal(found.measured[1], true),
            measured_lower: decimal(found.measured[0], false),
            budget: decimal(found.budget, false),
            unit: found.unit.into(),
            failing: found.failing,
            undecided: found.undecided,
            subgradients: found.subgradients,
            witness: worst.first().cloned(),
            repro,
            worst: if found.statistics.is_some() { worst } else { vec![] },
            incidents: vec![],
            ulp: found.statistics,
        }
    }

    fn witness(&self, witness: &Witness) -> WitnessReport {
        let format = self.cx.format;
        let (x, y) = (format.decode(witness.input), format.decode(witness.output));
        WitnessReport {
            input: format.hex(witness.input),
            input_value: format!("{x:e}"),
            output: format.hex(witness.output),
            output_value: format!("{y:e}"),
            real: self.real(x),
            measure: decimal(witness.measure, false),
            how: witness.how.clone(),
        }
    }

    /// The real value, or the limit at an infinity, to 20 digits.
    pub fn real(&self, x: f64) -> String {
        if x.is_finite() {
            self.cx.reference.text(x, 20)
        } else {
            let limit = x.is_infinite().then(|| self.cx.limits[usize::from(x > 0.0)].as_ref()).flatten();
            match limit {
                None => "NaN".into(),
                Some(Limit::PlusInfinity) => "inf".into(),
                Some(Limit::MinusInfinity) => "-inf".into(),
                Some(Limit::Finite(v)) => v.lo().to_string_radix(10, Some(20)),
            }
        }
    }

    fn repro(&self, witness: &Witness) -> String {
        let inputs = witness.after.into_iter().chain([witness.input]);
        inputs.fold(self.command(), |text, bits| format!("{text} --input {}", self.cx.format.hex(bits)))
    }

    /// The command that audits this subject, format and pass.
    pub fn command(&self) -> String {
        self.command_for(&[&self.subject])
    }

    fn command_for(&self, subjects: &[&str]) -> String {
        let params: String = self.activation.values.iter().map(|(k, v)| format!(" --param {k}={v}")).collect();
        let id = match &self.activation.spelled {
            // an expression may begin with a minus sign
            Some([option, value]) => format!("{option}={}", quoted(value)),
            None => self.activation.definition.id.clone(),
        };
        let (dtype, pass) = (self.cx.format.name(), self.cx.pass.name());
        let subjects: String = subjects.iter().map(|s| format!(" --impl {}", quoted(s))).collect();
        format!("actaudit verify {id}{params}{subjects} --dtype {dtype} --pass {pass}")
    }

    /// What was found of this subject and another one, with what is known of the errors of both.
    pub fn difference(
        &self,
        other: &str,
        found: &Differ,
        errors: [&Spread; 2],
        evidence: Evidence,
    ) -> DifferenceReport {
        let format = self.cx.format;
        let total = found.total();
        let witness = |apart: &Apart| DifferenceWitness {
            input: format.hex(apart.input),
            input_value: format!("{:e}", format.decode(apart.input)),
            outputs: apart.outputs.map(|y| format.hex(y)),
            output_values: apart.outputs.map(|y| format!("{:e}", format.decode(y))),
            real: self.real(format.decode(apart.input)),
            steps: (apart.steps < u64::MAX).then_some(apart.steps),
        };
        let worst: Vec<DifferenceWitness> = found.worst.iter().map(witness).collect();
        let command = self.command_for(&[&self.subject, other]);
        let regions = found.regions.iter().enumerate().filter(|(_, counts)| counts.inputs > 0);
        DifferenceReport {
            subjects: [self.subject.clone(), other.to_owned()],
            dtype: format.name().into(),
            pass: self.cx.pass.name().into(),
            evidence,
            inputs: total.inputs,
            differ: total.differ,
            one_nan: found.one_nan,
            nearer: total.nearer,
            even: total.even,
            unknown: total.unknown(),
            between: found.ends.map(|ends| ends.map(|x| format!("{:e}", format.decode(x)))),
            worst_ulp: errors.map(|e| [decimal(e.worst[0], false), decimal(e.worst[1], true)]),
            ratio: ratio(errors.map(|e| e.worst)),
            mean_ulp: errors.map(|e| e.mean),
            regions: regions
                .map(|(k, counts)| DifferenceRegion {
                    region: if k < REGIONS { region_name(k) } else { "NaN".into() },
                    inputs: counts.inputs,
                    differ: counts.differ,
                    nearer: counts.nearer,
                })
                .collect(),
            repro: worst.first().map(|w| format!("{command} --input {}", w.input)),
            worst,
        }
    }
}

/// What is known of the errors of a subject: their maximum, enclosed, and their mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    pub worst: [f64; 2],
    pub mean: f64,
}

/// The quotient of two enclosed numbers that are not negative, rounded outward.
fn ratio([a, b]: [[f64; 2]; 2]) -> Option<[String; 2]> {
    let ends = [a[0] / b[1], a[1] / b[0]];
    let defined = ends.iter().all(|end| !end.is_nan());
    let below = if ends[0].is_finite() { ends[0].next_down().max(0.0) } else { ends[0] };
    defined.then(|| [decimal(below, false), decimal(ends[1].next_up(), true)])
}

/// A bound in four significant digits, rounded outward; counts as they are.
pub(super) fn decimal(value: f64, up: bool) -> String {
    if value.is_infinite() {
        return "inf".into();
    } else if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value}");
    }
    crate::number::decimal::directed(&rug::Float::with_val(53, value), 4, up)
}
