//! Plan, run, report.

use super::facts::{Facts, Known, Mathematics};
use super::inputs::{Effort, Inputs};
use super::job::{Job, Outcome, Tested};
use super::options::{Options, Progress, VerifyError, Watch};
use super::result::{Summary, VerifyReport, VerifyResult};
use crate::check::{Budget, Context, Policy};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::reference::{Evaluator, Table};
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// At the standard effort, all inputs of f32 are looked at if that is estimated to take no longer than this, for each pass.
const PATIENCE: Duration = Duration::from_secs(15);
/// Floats without a polynomial that an exhaustive pass over f32 bears: each takes about a microsecond.
const MAX_OPEN: u64 = 1 << 25;

/// Audits `subjects`; those in `beside` are measured for comparison, on samples in f32 and f64, and do not count.
///
/// The report depends on nothing but the arguments, but for one thing: how fast this machine is decides at the standard
/// effort whether f32 is looked at exhaustively. `watch` hears of the progress, and may stop the audit.
pub fn verify(
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
) -> Result<VerifyReport, VerifyError> {
    verify_with(&Facts::new(), activation, subjects, beside, options, watch)
}

/// As [`verify`], with what is known already; what is proved on the way is added to it.
pub fn verify_with(
    facts: &Facts,
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
) -> Result<VerifyReport, VerifyError> {
    let jobs = options.jobs.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|e| VerifyError::Threads(jobs, e.to_string()))?;
    pool.install(|| run(&facts.of(activation), subjects, beside, options, watch))
}

/// What all passes and formats share.
struct Run<'a> {
    activation: &'a Activation,
    options: &'a Options,
    references: Vec<&'a Evaluator<'a>>,
    watch: &'a Watch<'a>,
    done: AtomicU64,
    total: AtomicU64,
    inputs: AtomicU64,
    stopped: AtomicBool,
}

fn run(
    known: &Known,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
) -> Result<VerifyReport, VerifyError> {
    // checks of the function and of its derivative ask for each other's
    let last = options.passes.iter().map(|pass| pass.order()).fold(1, usize::max);
    let references = (0..=last).map(|k| known.reference(k)).collect::<Result<Vec<_>, _>>()?;
    let passes: Vec<Pass> = Pass::KNOWN.into_iter().filter(|pass| options.passes.contains(pass)).collect();
    let facts = |pass: &Pass| Ok((*pass, known.pass(*pass)?));
    let facts: Vec<(Pass, Mathematics<'_>)> = passes.par_iter().map(facts).collect::<Result<_, VerifyError>>()?;
    let table = |pass: Pass| known.table(pass.order());
    let evaluators: Vec<Evaluator<'_>> = references.iter().map(|reference| reference.evaluator()).collect();
    let activation = known.activation();
    let run = Run {
        activation,
        options,
        references: evaluators.iter().collect(),
        watch,
        done: AtomicU64::new(0),
        total: AtomicU64::new(0),
        inputs: AtomicU64::new(0),
        stopped: AtomicBool::new(false),
    };
    let jobs = facts.iter().flat_map(|(pass, facts)| options.dtypes.iter().map(move |format| (*pass, *format, facts)));
    let found = |(pass, format, facts)| -> Result<[Outcome; 2], VerifyError> {
        let found = run.format(format, pass, facts, &table, subjects, true)?;
        let compared = match beside {
            [] => Outcome::default(),
            _ => run.format(format, pass, facts, &table, beside, false)?,
        };
        Ok([found, compared])
    };
    // few inputs do not keep all threads busy; for many, one job at a time needs less memory
    let found: Vec<[Outcome; 2]> = match options.effort {
        Effort::Quick => jobs.collect::<Vec<_>>().into_par_iter().map(found).collect::<Result<_, _>>()?,
        _ => jobs.map(found).collect::<Result<_, _>>()?,
    };
    let (mut results, mut compared, mut differences) = (vec![], vec![], vec![]);
    for [found, beside] in found {
        results.extend(found.results);
        differences.extend(found.differences);
        compared.extend(beside.results);
    }
    let rank = |r: &VerifyResult| {
        let format = options.dtypes.iter().position(|f| f.name() == r.dtype);
        (r.subject.clone(), format, Pass::from_name(&r.pass))
    };
    results.sort_by_key(rank);
    compared.sort_by_key(rank);
    let partial = run.stopped.into_inner();
    let mut summary = Summary {
        results: results.len(),
        inputs: if partial { run.done.into_inner() } else { run.inputs.into_inner() },
        escalations: evaluators.iter().map(Evaluator::escalations).sum(),
        partial,
        ..Summary::default()
    };
    for result in &results {
        *summary.verdicts.entry(result.verdict.name()).or_default() += 1;
    }
    Ok(VerifyReport {
        schema: "actaudit.verify.v1",
        activation: activation.definition.id.clone(),
        params: activation.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
        effort: options.effort.name(),
        environment: subjects.iter().filter_map(|s| Some((s.name(), s.environment()?))).collect(),
        results,
        beside: compared,
        differences,
        summary,
    })
}

impl Run<'_> {
    /// The rows of all subjects for one format and pass.
    fn format<'t>(
        &self,
        format: FloatFormat,
        pass: Pass,
        facts: &Mathematics<'_>,
        table: &(dyn Fn(Pass) -> Result<&'t Table, TapeError> + Sync),
        subjects: &[&dyn Subject],
        counts: bool,
    ) -> Result<Outcome, VerifyError> {
        let reference = self.references[pass.order()];
        let junctions: Vec<f64> = reference.reference().junctions().iter().map(|j| j.floor).collect();
        let effort = if counts { self.options.effort } else { self.options.effort.min(Effort::Standard) };
        let sample = match format {
            FloatFormat::F32 if effort > Effort::Quick => Inputs::new(format, Effort::Quick, &junctions).finite(format),
            _ => vec![],
        };
        let context = |(budget, policy)| {
            let limits = facts.limits.clone();
            let (range, lipschitz, stretches) = (facts.range, facts.lipschitz, facts.stretches);
            Context { format, pass, reference, limits, range, lipschitz, stretches, sample: &sample, budget, policy }
        };
        let tested: Vec<Tested<'_>> = subjects
            .iter()
            .map(|&subject| {
                let allowed = |pass| self.options.allowed(self.activation, &subject.name(), format, pass);
                let cx = context(allowed(pass));
                Tested { subject, cx, budgets: Pass::KNOWN.map(|p| allowed(p).0) }
            })
            .collect();
        // who is nearer is asked with no leniency
        let strict = context((Budget { ulp: f64::INFINITY, ..Budget::of(format, pass) }, Policy::default()));
        let step = |inputs: u64| {
            let done = self.done.fetch_add(inputs, Ordering::Relaxed) + inputs;
            let progress = Progress { done, total: self.total.load(Ordering::Relaxed) };
            if !(self.watch)(progress) {
                self.stopped.store(true, Ordering::Relaxed);
            }
            !self.stopped.load(Ordering::Relaxed)
        };
        let probes = self.options.inputs.is_none() && counts;
        let job = |inputs, table| Job {
            activation: self.activation,
            inputs,
            effort: self.options.effort,
            table,
            references: [self.references[0], self.references[1]],
            tested: &tested,
            probes,
            differ: counts.then_some(&strict),
            step: &step,
        };
        let all = Inputs::All(format);
        let sampled = || Inputs::new(format, effort.min(Effort::Standard), &junctions);
        let (inputs, table) = if let Some(bits) = &self.options.inputs {
            (Inputs::given(format, bits), None)
        } else if format == FloatFormat::F32 && effort >= Effort::Standard && counts && pass != Pass::Double {
            let table = table(pass)?;
            let affordable = || job(&all, Some(table)).estimate::<f32>().map(|time| time <= PATIENCE);
            if effort == Effort::Exhaustive || table.open() <= MAX_OPEN && affordable()? {
                (Inputs::All(format), Some(table))
            } else {
                (sampled(), None)
            }
        } else {
            (sampled(), None)
        };
        self.total.fetch_add(inputs.len(), Ordering::Relaxed);
        self.inputs.fetch_add(inputs.len(), Ordering::Relaxed);
        Ok(job(&inputs, table).found(format, &|check| self.options.wants(check))?)
    }
}

impl Job<'_> {
    fn found(&self, format: FloatFormat, wants: &dyn Fn(&str) -> bool) -> Result<Outcome, SubjectError> {
        match format {
            FloatFormat::F64 => self.run::<f64>(wants),
            FloatFormat::F32 => self.run::<f32>(wants),
            FloatFormat::F16 => self.run::<f16>(wants),
            FloatFormat::Bf16 => self.run::<bf16>(wants),
        }
    }
}
