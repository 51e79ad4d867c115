//! Plan, run, verdicts: for each format and pass, the reference goes once over the inputs, and every subject's answers are
//! held against it by every check.

use super::inputs::{Effort, Inputs};
use super::process::{IncidentReport, Watched, quoted};
use super::result::{Evidence, Excluded, Summary, VerifyReport, VerifyResult, WitnessReport};
use crate::check::{Budget, Context, Found, Point, Stretch, Witness, stretches};
use crate::expr::{Activation, FloatFormat, TapeError};
use crate::kernels::{Pass, Slices};
use crate::number::{Enclosure, F64I, Limit};
use crate::prove::{BoundError, Domain, Goal, Quantity, bound};
use crate::reference::{Evaluator, Kind, Reference};
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};
use rayon::prelude::*;
use rug::float::Round;
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
}

impl Mathematics {
    fn new(activation: &Activation, pass: Pass) -> Result<Self, VerifyError> {
        let slope = match pass {
            Pass::Forward => Some(Reference::new(activation, 1)?),
            Pass::Backward => None,
        };
        Ok(Self { reference: Reference::new(activation, pass.order())?, slope, range: proved_range(activation, pass)? })
    }
}

/// The range of the function or of its slope over all of R, outward.
fn proved_range(activation: &Activation, pass: Pass) -> Result<Option<[f64; 2]>, BoundError> {
    let quantity = match pass {
        Pass::Forward => Quantity::Range,
        Pass::Backward => Quantity::Slope,
    };
    // the boxes are the budget; the time only stops a runaway, so that reports do not depend on the load
    let goal = Goal { digits: 17, boxes: 20_000, time: Duration::from_secs(60) };
    let found = bound(quantity, activation, None, &Domain::default(), goal)?;
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
    for (pass, m) in &mathematics {
        let reference = m.reference.evaluator();
        let slope = m.slope.as_ref().map(Reference::evaluator);
        let stretches = slope.as_ref().map_or_else(Vec::new, stretches);
        let limits = [m.reference.limit(false), m.reference.limit(true)];
        for plan in plans.iter().filter(|p| p.pass == *pass) {
            let job =
                Job { activation, plan, reference: &reference, m, limits: &limits, stretches: &stretches, options };
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

/// One format and pass.
struct Job<'a> {
    activation: &'a Activation,
    plan: &'a Plan,
    reference: &'a Evaluator<'a>,
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
            stretches: self.stretches,
            budget,
        }
    }

    fn run<T: Slices>(
        &self,
        subjects: &[&dyn Subject],
        step: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Vec<VerifyResult>>, VerifyError> {
        let cx = self.context();
        let chunks = self.plan.inputs.len().div_ceil(CHUNK);
        // blocks of chunks in order, so that memory stays small on exhaustive runs
        let mut joined: Option<Vec<Watched>> = None;
        let block = 4096;
        for first in (0..chunks).step_by(block as usize) {
            let parts: Vec<Vec<Watched>> = (first..(first + block).min(chunks))
                .into_par_iter()
                .map(|chunk| {
                    let tallies = self.chunk::<T>(chunk, subjects, &cx)?;
                    step(CHUNK.min(self.plan.inputs.len() - chunk * CHUNK));
                    Ok(tallies)
                })
                .collect::<Result<_, SubjectError>>()?;
            for part in parts {
                match &mut joined {
                    None => joined = Some(part),
                    Some(all) => all.iter_mut().zip(part).for_each(|(a, b)| a.join(b, &cx)),
                }
            }
        }
        let tallies = joined.unwrap_or_default();
        Ok(subjects.iter().zip(tallies).map(|(s, t)| self.results(*s, t)).collect())
    }

    fn chunk<T: Slices>(
        &self,
        chunk: u64,
        subjects: &[&dyn Subject],
        cx: &Context<'_>,
    ) -> Result<Vec<Watched>, SubjectError> {
        let places = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.plan.inputs.len());
        let input: Vec<T> = places.clone().map(|k| T::from_bits64(self.plan.inputs.get(k))).collect();
        let points: Vec<Point> = input.iter().map(|x| self.point(*x)).collect();
        let mut output = vec![T::default(); input.len()];
        let mut all = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let mut tallies = Watched::new(cx);
            if subject.supports(cx.format, cx.pass) {
                let answered = subject.answer(cx.pass, T::call(&input, &mut output))?;
                let out = |(point, y): (&Point, &T)| Point { output: y.bits64(), y: y.to_f64(), ..*point };
                tallies.answers(points.iter().zip(&output).map(out), answered, cx);
            } else {
                tallies.skip(input.len(), subject.lacks(cx.format));
            }
            all.push(tallies);
        }
        Ok(all)
    }

    fn point<T: Slices>(&self, input: T) -> Point {
        let x = input.to_f64();
        let junction = if self.reference.reference().order() > 0 { self.reference.junction(x) } else { None };
        let fine = T::FORMAT == FloatFormat::F64 && x.is_finite();
        let ball = fine.then(|| self.reference.enclose_finely(x));
        let real = match &ball {
            _ if !x.is_finite() => F64I::new(&(), &f64::NEG_INFINITY, &f64::INFINITY),
            Some(ball) if ball.radius().is_finite() => {
                let [lo, hi] = ball.ends();
                F64I::new(&(), &lo, &hi)
            }
            _ => self.reference.enclose(x),
        };
        let kind = junction.map_or(Kind::Smooth, |j| j.kind);
        Point { input: input.bits64(), x, output: 0, y: 0.0, real, ball, kind }
    }

    fn results(&self, subject: &dyn Subject, tallies: Watched) -> Vec<VerifyResult> {
        let command = self.command(&subject.name());
        let all = tallies.finish(subject).into_iter().map(|(check, found, incidents)| {
            let incidents = incidents.iter().map(|i| IncidentReport::new(i, self.plan.format, &command)).collect();
            VerifyResult { incidents, ..self.result(subject, check, found) }
        });
        all.collect()
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
            incidents: vec![],
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
        let inputs = witness.after.into_iter().chain([witness.input]);
        let inputs: String = inputs.map(|bits| format!(" --input {}", self.plan.format.hex(bits))).collect();
        self.command(subject) + &inputs
    }

    /// The command that audits these inputs again, but for the inputs.
    fn command(&self, subject: &str) -> String {
        let params: String = self.activation.values.iter().map(|(k, v)| format!(" --param {k}={v}")).collect();
        let Plan { format, pass, .. } = self.plan;
        let (id, dtype, pass) = (&self.activation.definition.id, format.name(), pass.name());
        format!("actaudit verify {id}{params} --impl {} --dtype {dtype} --pass {pass}", quoted(subject))
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
