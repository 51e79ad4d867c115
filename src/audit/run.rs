//! Plan, run, verdicts: for each format and pass, the reference goes once over the inputs, and every subject's answers are
//! held against it by every check.

use super::inputs::{Effort, Inputs};
use super::sweep;
use super::result::{Evidence, Excluded, Summary, VerifyReport, VerifyResult, WitnessReport};
use crate::check::{Budget, Context, Found, Point, Policy, Stretch, Tallies, Witness, stretches};
use crate::expr::{Activation, FloatFormat, TapeError};
use crate::kernels::{Pass, Slices};
use crate::number::{Enclosure, Limit};
use crate::prove::{BoundError, Domain, Goal, Quantity, bound};
use crate::reference::{Evaluator, Kind, Reference, Table};
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};
use rayon::prelude::*;
use rug::float::Round;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Options {
    /// formats, in the order of the report
    pub dtypes: Vec<FloatFormat>,
    /// passes, in the order of the report
    pub passes: Vec<Pass>,
    /// how much work
    pub effort: Effort,
    /// threads; all processors if not given
    pub jobs: Option<usize>,
    /// exactly these inputs (bits) instead of the planned ones: to replay a finding
    pub inputs: Option<Vec<u64>>,
    /// a budget in ulp instead of the default
    pub max_ulp: Option<f64>,
    /// what is declared about the subjects
    pub policy: Policy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dtypes: FloatFormat::ALL.to_vec(),
            passes: Pass::ALL.to_vec(),
            effort: Effort::default(),
            jobs: None,
            inputs: None,
            max_ulp: None,
            policy: Policy::default(),
        }
    }
}

/// How far an audit is, for a progress bar.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// inputs done, over all formats and passes
    pub done: u64,
    /// inputs in all
    pub total: u64,
}

/// Why an audit could not be run.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The definition cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// The proof engine refused.
    #[error(transparent)]
    Bound(#[from] BoundError),
    /// A subject failed.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// No threads.
    #[error("no thread pool with {0} threads: {1}")]
    Threads(usize, String),
}

/// Audits `subjects`; those in `beside` are measured on the same inputs for comparison, and do not count.
///
/// Deterministic: the report depends on nothing but the arguments. `progress` is called now and then, from any thread.
pub fn verify(
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<VerifyReport, VerifyError> {
    let jobs = options.jobs.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|e| VerifyError::Threads(jobs, e.to_string()))?;
    pool.install(|| run(activation, subjects, beside, options, progress))
}

/// What is known about one pass of the mathematics, whatever the format.
struct Mathematics {
    reference: Reference,
    slope: Option<Reference>,
    range: Option<[f64; 2]>,
    lipschitz: Option<f64>,
}

impl Mathematics {
    fn new(activation: &Activation, pass: Pass) -> Result<Self, VerifyError> {
        let slope = match pass {
            Pass::Forward => Some(Reference::new(activation, 1)?),
            Pass::Backward => None,
        };
        let reference = Reference::new(activation, pass.order())?;
        let range = proved_range(activation, pass)?;
        let lipschitz = lipschitz(activation, pass, &reference)?;
        Ok(Self { reference, slope, range, lipschitz })
    }
}

/// A bound of the next derivative, if the function (backward: its derivative) does not jump.
fn lipschitz(activation: &Activation, pass: Pass, reference: &Reference) -> Result<Option<f64>, BoundError> {
    let quantity = match pass {
        Pass::Forward => Quantity::Lipschitz,
        Pass::Backward => Quantity::Curvature,
    };
    if pass == Pass::Backward && reference.junctions().iter().any(|j| j.kind != Kind::Smooth) {
        return Ok(None);
    }
    let found = bound(quantity, activation, None, &Domain::default(), GOAL)?;
    Ok(Some(found.top.answer.upper.to_f64_round(Round::Up)).filter(|v| v.is_finite()))
}

/// The boxes are the budget; the time only stops a runaway, so that reports do not depend on the load.
const GOAL: Goal = Goal { digits: 17, boxes: 20_000, time: Duration::from_secs(60) };

/// The range of the function or of its slope over all of R, outward.
fn proved_range(activation: &Activation, pass: Pass) -> Result<Option<[f64; 2]>, BoundError> {
    let quantity = match pass {
        Pass::Forward => Quantity::Range,
        Pass::Backward => Quantity::Slope,
    };
    let found = bound(quantity, activation, None, &Domain::default(), GOAL)?;
    let Some(bottom) = found.bottom else { return Ok(None) };
    Ok(Some([-bottom.answer.upper.to_f64_round(Round::Up), found.top.answer.upper.to_f64_round(Round::Up)]))
}

struct Plan {
    format: FloatFormat,
    pass: Pass,
    inputs: Inputs,
}

fn run(
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<VerifyReport, VerifyError> {
    let mathematics: Vec<(Pass, Mathematics)> = options
        .passes
        .iter()
        .map(|&pass| Ok((pass, Mathematics::new(activation, pass)?)))
        .collect::<Result<_, VerifyError>>()?;
    let mut plans = vec![];
    for &format in &options.dtypes {
        for (pass, m) in &mathematics {
            let junctions: Vec<f64> = m.reference.junctions().iter().map(|j| j.floor).collect();
            let inputs = match &options.inputs {
                Some(bits) => Inputs::given(format, bits),
                None => Inputs::new(format, options.effort, &junctions),
            };
            plans.push(Plan { format, pass: *pass, inputs });
        }
    }
    let total = plans.iter().map(|p| p.inputs.len()).sum();
    let done = AtomicU64::new(0);
    let step = |n: u64| progress(Progress { done: done.fetch_add(n, Ordering::Relaxed) + n, total });

    let mut report = VerifyReport {
        schema: "actaudit.verify.v1",
        activation: activation.definition.id.clone(),
        params: activation.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
        effort: options.effort.name(),
        results: vec![],
        beside: vec![],
        summary: Summary::default(),
    };
    let mut escalations = 0;
    let all_singles = |p: &Plan| p.format == FloatFormat::F32 && p.inputs.exhaustive();
    for (pass, m) in &mathematics {
        let wanted = plans.iter().any(|p| p.pass == *pass && all_singles(p));
        let table = wanted.then(|| Table::new(&m.reference, FloatFormat::F32));
        let reference = m.reference.evaluator();
        let slope = m.slope.as_ref().map(Reference::evaluator);
        let stretches = slope.as_ref().map_or_else(Vec::new, stretches);
        let limits = [m.reference.limit(false), m.reference.limit(true)];
        for plan in plans.iter().filter(|p| p.pass == *pass) {
            let table = table.as_ref().filter(|_| all_singles(plan));
            let (limits, stretches) = (&limits, &stretches);
            let job = Job { activation, plan, reference: &reference, table, m, limits, stretches, options };
            let all: Vec<&dyn Subject> = subjects.iter().chain(beside).copied().collect();
            let results = match plan.format {
                FloatFormat::F64 => job.run::<f64>(&all, &step),
                FloatFormat::F32 => job.run::<f32>(&all, &step),
                FloatFormat::F16 => job.run::<f16>(&all, &step),
                FloatFormat::Bf16 => job.run::<bf16>(&all, &step),
            }?;
            for (k, results) in results.into_iter().enumerate() {
                let list = if k < subjects.len() { &mut report.results } else { &mut report.beside };
                list.extend(results);
            }
        }
        escalations += reference.escalations();
    }
    let rank = |r: &VerifyResult| {
        let format = options.dtypes.iter().position(|f| f.name() == r.dtype);
        (r.subject.clone(), format, r.pass != Pass::Forward.name())
    };
    report.results.sort_by_key(rank);
    report.beside.sort_by_key(rank);
    let summary = &mut report.summary;
    summary.results = report.results.len();
    for result in &report.results {
        *summary.verdicts.entry(result.verdict.name()).or_default() += 1;
    }
    summary.inputs = total;
    summary.escalations = escalations;
    Ok(report)
}

/// Inputs that one task takes: long enough to amortise the call of a subject, short enough to keep all threads busy.
const CHUNK: u64 = 4096;
/// The same where every input of f32 is looked at.
const LONG_CHUNK: u64 = 1 << 16;
/// Tasks after which results are joined, so that memory stays small.
const BATCH: u64 = 256;

/// One format and pass.
struct Job<'a> {
    activation: &'a Activation,
    plan: &'a Plan,
    reference: &'a Evaluator<'a>,
    /// certified polynomials, where all inputs of f32 are looked at
    table: Option<&'a Table>,
    m: &'a Mathematics,
    limits: &'a [Option<Limit>; 2],
    stretches: &'a [Stretch],
    options: &'a Options,
}

impl<'a> Job<'a> {
    fn context(&self) -> Context<'a> {
        let Plan { format, pass, .. } = *self.plan;
        let mut budget = Budget::of(format, pass);
        if let Some(ulp) = self.options.max_ulp {
            budget.ulp = ulp;
        }
        let limits = self.limits.clone();
        Context {
            format,
            pass,
            reference: self.reference,
            limits,
            range: self.m.range,
            lipschitz: self.m.lipschitz,
            stretches: self.stretches,
            budget,
            policy: self.options.policy,
        }
    }

    fn run<T: Slices>(
        &self,
        subjects: &[&dyn Subject],
        step: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Vec<VerifyResult>>, VerifyError> {
        let cx = self.context();
        let chunk = if self.table.is_some() { LONG_CHUNK } else { CHUNK };
        let total = self.plan.inputs.len();
        let mut joined: Vec<Option<Tallies>> = subjects.iter().map(|_| None).collect();
        let chunks = total.div_ceil(chunk);
        for first in (0..chunks).step_by(BATCH as usize) {
            let parts: Vec<Vec<Tallies>> = (first..(first + BATCH).min(chunks))
                .into_par_iter()
                .map(|k| {
                    let places = k * chunk..((k + 1) * chunk).min(total);
                    let inputs = places.end - places.start;
                    let tallies = self.chunk::<T>(places, subjects, &cx)?;
                    step(inputs);
                    Ok(tallies)
                })
                .collect::<Result<_, SubjectError>>()?;
            for part in parts {
                for (all, part) in joined.iter_mut().zip(part) {
                    match all {
                        None => *all = Some(part),
                        Some(all) => all.join(part, &cx),
                    }
                }
            }
        }
        let tallies = joined.into_iter().map(|t| t.unwrap_or_else(|| Tallies::new(&cx)));
        Ok(subjects.iter().zip(tallies).map(|(s, t)| self.results(*s, t)).collect())
    }

    /// What all checks find in these inputs, for each subject.
    fn chunk<T: Slices>(
        &self,
        places: Range<u64>,
        subjects: &[&dyn Subject],
        cx: &Context<'_>,
    ) -> Result<Vec<Tallies>, SubjectError> {
        let input: Vec<T> = places.clone().map(|k| T::from_bits64(self.plan.inputs.get(k))).collect();
        // with a table the real values are had more cheaply on the way
        let points: Vec<Point> =
            if self.table.is_some() { vec![] } else { input.iter().map(|x| sweep::point(cx, *x)).collect() };
        let mut output = vec![T::default(); input.len()];
        let mut all = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let mut tallies = Tallies::new(cx);
            if subject.supports(cx.format, cx.pass) {
                subject.run(cx.pass, T::call(&input, &mut output))?;
                match (self.table, T::singles(&input), T::singles(&output)) {
                    (Some(table), Some(x), Some(y)) => sweep::sweep(table, places.start, x, y, &mut tallies, cx),
                    _ => {
                        for (point, y) in points.iter().zip(&output) {
                            tallies.point(&Point { output: y.bits64(), y: y.to_f64(), ..*point }, cx);
                        }
                    }
                }
            }
            all.push(tallies);
        }
        Ok(all)
    }

    fn results(&self, subject: &dyn Subject, tallies: Tallies) -> Vec<VerifyResult> {
        tallies.finish().into_iter().map(|(check, found)| self.result(subject, check, found)).collect()
    }

    fn result(&self, subject: &dyn Subject, check: &'static str, found: Found) -> VerifyResult {
        let Plan { format, pass, inputs } = self.plan;
        let (dtype, pass_name, name) = (format.name(), pass.name(), subject.name());
        let exhaustive = inputs.exhaustive();
        let verdict = found.verdict(exhaustive);
        let worst: Vec<WitnessReport> = found.worst.iter().map(|w| self.witness(w)).collect();
        let repro = found.worst.first().map(|w| self.repro(&name, w));
        VerifyResult {
            id: format!("{}/{name}/{dtype}/{pass_name}/{check}", self.activation.definition.id),
            subject: name,
            dtype: dtype.into(),
            pass: pass_name.into(),
            check: check.into(),
            verdict,
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
            ulp: found.statistics,
        }
    }

    fn witness(&self, witness: &Witness) -> WitnessReport {
        let format = self.plan.format;
        let (x, y) = (format.decode(witness.input), format.decode(witness.output));
        let real = if x.is_finite() {
            self.reference.text(x, 20)
        } else {
            let limit = x.is_infinite().then(|| self.limits[usize::from(x > 0.0)].as_ref()).flatten();
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

    fn repro(&self, subject: &str, witness: &Witness) -> String {
        let params: String = self.activation.values.iter().map(|(k, v)| format!(" --param {k}={v}")).collect();
        let Plan { format, pass, .. } = self.plan;
        let inputs = witness.after.into_iter().chain([witness.input]);
        let inputs: String = inputs.map(|bits| format!(" --input {}", format.hex(bits))).collect();
        let (id, dtype, pass) = (&self.activation.definition.id, format.name(), pass.name());
        format!("actaudit verify {id}{params} --impl {subject} --dtype {dtype} --pass {pass}{inputs}")
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
