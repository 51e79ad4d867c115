//! What a check found, as a row of the report.

use super::process::quoted;
use super::result::{Evidence, Excluded, VerifyResult, WitnessReport};
use crate::check::{Context, Found, Witness};
use crate::expr::Activation;
use crate::number::{Enclosure, Limit};

/// Writes rows for one subject, format and pass.
pub(super) struct Writer<'a> {
    pub activation: &'a Activation,
    pub subject: String,
    pub cx: &'a Context<'a>,
}

impl Writer<'_> {
    /// The row of a check. `by_itself`: the check chose its inputs, and `--check` repeats it.
    pub fn row(&self, check: &str, found: Found, exhaustive: bool, by_itself: bool) -> VerifyResult {
        let (format, pass) = (self.cx.format, self.cx.pass);
        let worst: Vec<WitnessReport> = found.worst.iter().map(|w| self.witness(w)).collect();
        let repro = found
            .worst
            .first()
            .map(|w| if by_itself { format!("{} --check {check}", self.command()) } else { self.repro(w) });
        VerifyResult {
            id: format!("{}/{}/{}/{}/{check}", self.activation.definition.id, self.subject, format.name(), pass.name()),
            subject: self.subject.clone(),
            dtype: format.name().into(),
            pass: pass.name().into(),
            check: check.into(),
            verdict: found.verdict(exhaustive),
            evidence: if exhaustive { Evidence::Exhaustive } else { Evidence::Sampled },
            compared: found.compared,
            excluded: found.excluded.iter().map(|(r, n)| Excluded { reason: (*r).into(), count: *n }).collect(),
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
        let real = if x.is_finite() {
            self.cx.reference.text(x, 20)
        } else {
            let limit = x.is_infinite().then(|| self.cx.limits[usize::from(x > 0.0)].as_ref()).flatten();
            match limit {
                None => "NaN".into(),
                Some(Limit::PlusInfinity) => "inf".into(),
                Some(Limit::MinusInfinity) => "-inf".into(),
                Some(Limit::Finite(v)) => v.lo().to_string_radix(10, Some(20)),
            }
        };
        WitnessReport {
            input: format.hex(witness.input),
            input_value: format!("{x:e}"),
            output: format.hex(witness.output),
            output_value: format!("{y:e}"),
            real,
            measure: decimal(witness.measure, false),
        }
    }

    fn repro(&self, witness: &Witness) -> String {
        let inputs = witness.after.into_iter().chain([witness.input]);
        inputs.fold(self.command(), |text, bits| format!("{text} --input {}", self.cx.format.hex(bits)))
    }

    /// The command that audits this subject, format and pass.
    pub fn command(&self) -> String {
        let params: String = self.activation.values.iter().map(|(k, v)| format!(" --param {k}={v}")).collect();
        let (id, dtype, pass) = (&self.activation.definition.id, self.cx.format.name(), self.cx.pass.name());
        format!("actaudit verify {id}{params} --impl {} --dtype {dtype} --pass {pass}", quoted(&self.subject))
    }
}

/// A bound in four significant digits, rounded outward; counts as they are.
fn decimal(value: f64, up: bool) -> String {
    if value.is_infinite() {
        return "inf".into();
    } else if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value}");
    }
    crate::number::decimal::directed(&rug::Float::with_val(53, value), 4, up)
}
