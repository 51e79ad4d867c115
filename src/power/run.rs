//! A kernel through a gate.

use super::PowerError;
use super::gate::{Against, Gate, Rule, Tolerances};
use super::inputs::InputSet;
use crate::expr::{Activation, FloatFormat};
use crate::identify::small;
use crate::kernels::{self, Call, Pass, Slices};
use crate::number::{Enclosure, Limit, MpI};
use crate::reference::{Kind, Reference};
use crate::subject::Subject;
use half::{bf16, f16};
use rug::Rational;
use rug::float::Round;
use serde::Serialize;

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// it fails, as it should if the kernel is broken
    Caught,
    /// nothing is seen
    Passes,
    /// the gate has no such format or pass
    NotLookedAt,
}

/// What outputs are held against.
pub struct Expected {
    references: [Reference; 2],
    params: Vec<Rational>,
    /// catalogue id, or an expression
    id: &'static str,
    declare: &'static [&'static str],
}

impl Expected {
    /// The real values of an activation; at kinks those that were declared.
    pub fn new(
        activation: &Activation,
        id: &'static str,
        declare: &'static [&'static str],
    ) -> Result<Self, PowerError> {
        let params = activation.definition.params.iter().filter_map(|p| activation.values.get(&p.name).cloned());
        let params = params.collect();
        Ok(Self { references: [Reference::new(activation, 0)?, Reference::new(activation, 1)?], params, id, declare })
    }

    /// The expected outputs; `None` where anything will do.
    fn values(&self, against: Against, format: FloatFormat, pass: Pass, bits: &[u64]) -> Vec<Option<f64>> {
        if let Some(kernel) = kernels::find(self.id, "naive").filter(|_| against == Against::Formula) {
            let x: Vec<f32> = bits.iter().map(|b| format.decode(*b) as f32).collect();
            let mut y = vec![0.0f32; x.len()];
            kernel.run(pass, &self.params, Call::F32(&x, &mut y));
            return y.into_iter().map(|y| Some(rounded(format, y.into()))).collect();
        }
        let evaluator = self.references[pass.order()].evaluator();
        let one = |x: f64| {
            let kink = pass.order() > 0 && evaluator.junction(x).is_some_and(|j| j.kind != Kind::Smooth);
            let real = match x {
                _ if x.is_nan() => return Some(f64::NAN),
                _ if x.is_infinite() => match self.references[pass.order()].limit(x > 0.0)? {
                    Limit::PlusInfinity => return Some(f64::INFINITY),
                    Limit::MinusInfinity => return Some(f64::NEG_INFINITY),
                    Limit::Finite(v) => v,
                },
                _ if kink && !self.declare.contains(&"subgradient=left") => return None,
                _ => {
                    let x = if kink { x.next_down() } else { x };
                    let ball = evaluator.enclose_finely(x);
                    if ball.hi().is_finite() && ball.radius() <= small(format, ball.hi()) {
                        return Some(self.flushed(format, ball.hi()));
                    }
                    evaluator.refine(x, |v: &MpI| v.width() <= small(format, v.lo().to_f64()))
                }
            };
            Some(self.flushed(format, real.lo().to_f64_round(Round::Nearest)))
        };
        bits.iter().map(|b| one(format.decode(*b))).collect()
    }

    /// Rounded to the format, and flushed if that is declared.
    fn flushed(&self, format: FloatFormat, value: f64) -> f64 {
        let flushed = self.declare.contains(&"flush") && value.abs() < least_normal(format);
        if flushed { 0.0 } else { rounded(format, value) }
    }
}

fn rounded(format: FloatFormat, value: f64) -> f64 {
    format.decode(format.encode(value))
}

fn least_normal(format: FloatFormat) -> f64 {
    crate::number::format::power_of_two(format.min_exponent())
}

/// What the gate says of a kernel, and the first input of the gate's at which it fails.
pub fn judge(
    gate: &Gate,
    subject: &dyn Subject,
    expected: &Expected,
    format: FloatFormat,
    pass: Pass,
) -> Result<(Outcome, Option<f64>), PowerError> {
    if !gate.dtypes.contains(&format) || !gate.passes.contains(&pass) {
        return Ok((Outcome::NotLookedAt, None));
    }
    let rows = Rows::ask(&gate.inputs, gate.against, subject, expected, format, pass)?;
    Ok(rows.judge(&gate.rule))
}

/// A kernel's outputs on a set of inputs, with what was expected.
pub(super) struct Rows {
    id: &'static str,
    format: FloatFormat,
    pass: Pass,
    /// input, output, expected output
    rows: Vec<[f64; 3]>,
}

impl Rows {
    pub fn ask(
        inputs: &InputSet,
        against: Against,
        subject: &dyn Subject,
        expected: &Expected,
        format: FloatFormat,
        pass: Pass,
    ) -> Result<Self, PowerError> {
        let bits = inputs.bits(format);
        let outputs = outputs(subject, format, pass, &bits)?;
        let wanted = expected.values(against, format, pass, &bits);
        let rows = bits.iter().zip(outputs).zip(wanted);
        let rows = rows.filter_map(|((bits, y), f)| Some([format.decode(*bits), y, f?])).collect();
        Ok(Self { id: expected.id, format, pass, rows })
    }

    /// What a rule says of them, and the first input at which it fails.
    pub fn judge(&self, rule: &Rule) -> (Outcome, Option<f64>) {
        let bad = self.rows.iter().find(|row| !elementwise(rule, self.id, self.format, self.pass, **row));
        let outcome = match bad {
            Some(_) => Outcome::Caught,
            None if !overall(rule, &self.rows) => Outcome::Caught,
            None => Outcome::Passes,
        };
        (outcome, bad.map(|row| row[0]))
    }
}

/// The outputs of a call, as numbers.
pub(super) fn outputs(
    subject: &dyn Subject,
    format: FloatFormat,
    pass: Pass,
    bits: &[u64],
) -> Result<Vec<f64>, PowerError> {
    fn run<T: Slices>(subject: &dyn Subject, pass: Pass, bits: &[u64]) -> Result<Vec<f64>, PowerError> {
        let x: Vec<T> = bits.iter().map(|b| T::from_bits64(*b)).collect();
        let mut y = vec![T::default(); x.len()];
        subject.run(pass, T::call(&x, &mut y))?;
        Ok(y.into_iter().map(T::to_f64).collect())
    }
    match format {
        FloatFormat::F64 => run::<f64>(subject, pass, bits),
        FloatFormat::F32 => run::<f32>(subject, pass, bits),
        FloatFormat::F16 => run::<f16>(subject, pass, bits),
        FloatFormat::Bf16 => run::<bf16>(subject, pass, bits),
    }
}

fn elementwise(rule: &Rule, id: &str, format: FloatFormat, pass: Pass, [x, y, f]: [f64; 3]) -> bool {
    if f.is_nan() || y.is_nan() || f.is_infinite() || y.is_infinite() {
        // nobody's tolerance lets a NaN or an infinity stand for a number
        return f.is_nan() && y.is_nan() || f == y;
    }
    let off = (y - f).abs();
    let sum = rule.given.or_else(|| (rule.sum)(format)).is_none_or(|t| off <= t.absolute + t.relative * f.abs());
    let either = rule.either.is_none_or(|t| off <= t.absolute.max(t.relative * f.abs()));
    let ulp = rule.max_ulp.is_none_or(|ulp| off <= ulp * format.ulp(f));
    let decimals = rule.decimals.is_none_or(|d| {
        let round = |v: f64| (v * 10f64.powi(d)).round();
        round(y) == round(f)
    });
    sum && either && ulp && decimals && (!rule.benchdnn || benchdnn(id, format, pass, [x, y, f]))
}

/// Tolerances by kind of activation, and where only the absolute one counts.
fn benchdnn(id: &str, format: FloatFormat, pass: Pass, [x, y, f]: [f64; 3]) -> bool {
    let complex = ["gelu_tanh", "elu", "silu", "swish", "tanh", "softplus", "logsigmoid"].contains(&id);
    let allowed = match format {
        FloatFormat::F32 if complex => 4e-5,
        FloatFormat::F32 => 4e-6,
        _ => format.ulp(1.0),
    };
    let absolute_only = match (id, pass) {
        ("gelu", _) => x < -1.88,
        ("gelu_tanh", _) => x < -2.73,
        ("mish", _) => x < 0.0,
        ("tanh" | "sigmoid", Pass::Backward) => x.abs() > 4.0,
        ("softplus" | "logsigmoid", Pass::Forward) => x.abs() > 4.0,
        _ => false,
    };
    let off = (y - f).abs();
    off <= if f.abs() > 1e-5 && !absolute_only { allowed * f.abs() } else { allowed }
}

fn overall(rule: &Rule, rows: &[[f64; 3]]) -> bool {
    let finite: Vec<&[f64; 3]> = rows.iter().filter(|r| r[1].is_finite() && r[2].is_finite()).collect();
    let sum = |of: fn(&[f64; 3]) -> f64| finite.iter().map(|r| of(r)).sum::<f64>();
    let (errors, squares) = (sum(|[_, y, f]| (y - f) * (y - f)), sum(|[_, _, f]| f * f));
    let nmse = rule.nmse.is_none_or(|most| errors <= most * squares);
    let cosine = rule.cosine.is_none_or(|least| {
        let (products, own) = (sum(|[_, y, f]| y * f), sum(|[_, y, _]| y * y));
        products >= least * (own * squares).sqrt()
    });
    nmse && cosine
}

/// The tolerance of a gate's own rule, or one that stands in for it.
pub(super) fn relative(rule: &Rule, format: FloatFormat) -> Tolerances {
    let t = rule.given.or_else(|| (rule.sum)(format)).or(rule.either);
    t.unwrap_or(Tolerances { relative: 1e3 * format.ulp(1.0), absolute: 0.0 })
}
