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
use schemars::JsonSchema;
use serde::Serialize;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
    ///
    /// # Errors
    /// If the definition cannot be evaluated.
    pub fn new(
        activation: &Activation,
        id: &'static str,
        declare: &'static [&'static str],
    ) -> Result<Self, PowerError> {
        let params = activation.definition.params.iter().filter_map(|p| activation.values.get(&p.name).cloned());
        let params = params.collect();
        Ok(Self { references: [Reference::new(activation, 0)?, Reference::new(activation, 1)?], params, id, declare })
    }

    /// Catalogue id, or an expression.
    pub(super) fn id(&self) -> &'static str {
        self.id
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
///
/// # Errors
/// If the kernel failed.
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
    let sum = rule.given.or_else(|| (rule.sum)(id, format)).is_none_or(|t| off <= t.absolute + t.relative * f.abs());
    let either = rule.either.is_none_or(|t| off <= t.absolute.max(t.relative * f.abs().max(y.abs())));
    let ulp = rule.max_ulp.is_none_or(|ulp| off <= ulp * format.ulp(f));
    let decimals = rule.decimals.is_none_or(|d| {
        let round = |v: f64| (v * 10f64.powi(d)).round();
        round(y) == round(f)
    });
    sum && either && ulp && decimals && (!rule.benchdnn || benchdnn(id, format, pass, [x, y, f]))
}

/// Tolerances by kind of activation, and where the absolute one will do as well: in the words of benchdnn, where a formula
/// cancels. The conditions are its own, with what it takes for an error of the formula over the tolerance.
fn benchdnn(id: &str, format: FloatFormat, pass: Pass, [x, y, f]: [f64; 3]) -> bool {
    const COMPLEX: [&str; 8] = ["gelu_tanh", "elu", "silu", "swish", "tanh", "softplus", "logsigmoid", "mish"];
    let allowed = match format {
        FloatFormat::F32 if COMPLEX.contains(&id) => 4e-5,
        FloatFormat::F32 => 4e-6,
        _ => format.ulp(1.0),
    };
    let off = (y - f).abs();
    let relative = if f.abs() > 1e-5 { allowed * f.abs() } else { allowed };
    off <= relative || off <= allowed && cancels(id, pass, x, 2.0 * FloatFormat::F32.ulp(1.0) / allowed)
}

/// Where benchdnn expects its formulas to cancel, or to vanish.
fn cancels(id: &str, pass: Pass, x: f64, error: f64) -> bool {
    let forward = pass == Pass::Forward;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    match id {
        "elu" => forward && x < 0.0 && (x.exp() - 1.0).abs() <= error,
        "gelu" => {
            let density = (-x * x / 2.0).exp() * (2.0 / PI).sqrt();
            let twice_phi = 1.0 + erf(x * FRAC_1_SQRT_2);
            if forward { twice_phi.abs() <= error } else { (twice_phi + x * density).abs() <= 2.0 * error }
        }
        "gelu_tanh" => {
            let scale = (2.0 / PI).sqrt();
            let v = (scale * x * (1.0 + 0.044715 * x * x)).tanh();
            let slope = scale * (1.0 + 3.0 * 0.044715 * x * x);
            let backward = || !forward && x < 0.0 && (1.0 + x * (1.0 - v) * slope).abs() <= 4.0 * error;
            (1.0 + v).abs() <= error || backward()
        }
        "tanh" => !forward && 1.0 - x.abs().tanh() <= error,
        "softplus" => forward && x < 0.0 && x.exp().ln_1p() <= 10.0 * error,
        // computed as a softplus of -x
        "logsigmoid" => forward && x > 0.0 && (-x).exp().ln_1p() <= 10.0 * error,
        // what is compared is negative: all of the left side
        "mish" => forward && x < 0.0 && x * x.exp().ln_1p().tanh() <= 10.0 * error,
        "sigmoid" => !forward && x >= 0.0 && sigmoid(-x) <= error,
        // negative on the left side, too
        "silu" | "swish" => !forward && x * (1.0 - sigmoid(x)) <= error,
        _ => false,
    }
}

/// The error function, to a double.
fn erf(x: f64) -> f64 {
    rug::Float::with_val(53, x).erf().to_f64()
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
pub(super) fn relative(rule: &Rule, id: &str, format: FloatFormat) -> Tolerances {
    let t = rule.given.or_else(|| (rule.sum)(id, format)).or(rule.either);
    t.unwrap_or(Tolerances { relative: 1e3 * format.ulp(1.0), absolute: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchdnn_looks_at_absolute_errors_where_it_says_so() {
        let error = |allowed: f64| 2.0 * FloatFormat::F32.ulp(1.0) / allowed;
        // where twice the distribution function of a normal variable is 0.0596, and where it is 3.05e-5
        for (allowed, edge) in [(4e-6, -1.8835), (2f64.powi(-7), -4.17)] {
            let cancels = |x| cancels("gelu", Pass::Forward, x, error(allowed));
            assert!(cancels(edge - 0.02) && !cancels(edge + 0.02), "{edge}");
        }
        let every = |id, pass| [-50.0, -3.0, -1e-3].map(|x| cancels(id, pass, x, error(4e-5)));
        assert_eq!(every("mish", Pass::Forward), [true; 3]);
        assert_eq!(every("mish", Pass::Backward), [false; 3]);
        assert_eq!(every("silu", Pass::Backward), [true; 3]);
        assert_eq!(every("silu", Pass::Forward), [false; 3]);
        // within 1e-6 of a value of 1e-8, and then of one that may not be so far off in relation
        let gelu = |x: f64, y: f64, f: f64| benchdnn("gelu", FloatFormat::F32, Pass::Forward, [x, y, f]);
        assert!(gelu(-2.5, -1.5527e-2 + 1e-6, -1.5527e-2));
        assert!(!gelu(-1.5, -0.1 + 1e-6, -0.1));
    }

    #[test]
    fn tolerances_of_other_projects_are_by_activation() {
        let of = |name: &str, id: &str, format| {
            let gate = super::super::preset(name).expect("a preset");
            (gate.rule.sum)(id, format).map(|t| (t.relative, t.absolute))
        };
        assert_eq!(of("jax", "gelu", FloatFormat::F32), Some((2e-5, 0.0)));
        assert_eq!(of("jax", "gelu_tanh", FloatFormat::F32), Some((2e-5, 1e-3)));
        assert_eq!(of("liger", "silu", FloatFormat::Bf16), Some((1e-2, 1e4)));
        assert_eq!(of("liger", "gelu_tanh", FloatFormat::F32), Some((2e-6, 1.0)));
        // every preset says which file of which commit it was read in
        let hex = |s: &str| s.len() >= 7 && s.chars().take(7).all(|c| c.is_ascii_hexdigit());
        for gate in super::super::PRESETS {
            assert!(gate.source.split('@').skip(1).any(hex), "{}", gate.source);
        }
    }
}
