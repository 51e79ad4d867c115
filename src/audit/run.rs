//! Runs a plan, and tells what happens.

use super::event::{Aggregate, Event, Sink, Totals};
use super::facts::{Facts, Known, Mathematics};
use super::identical;
use super::inputs::{Effort, Inputs};
use super::job::{Job, Outcome, Tested};
use super::options::{Options, Progress, VerifyError, Watch};
use super::places::Places;
use super::plan::{self, Look, Plan, Unit};
use super::record::{Audit, TableUse};
use crate::check::{Budget, Context, Policy, Within};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::reference::{Evaluator, Table};
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};
use rayon::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Audits `subjects`; those in `beside` are measured for comparison, on samples in f32 and f64, and do not count.
///
/// The report depends on nothing but the arguments. `watch` hears of the progress, and may stop the audit.
///
/// # Errors
/// If the definition cannot be evaluated, a subject does not answer at all, or threads cannot be had.
pub fn verify(
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Audit, VerifyError> {
    verify_with(&Facts::new(), activation, subjects, beside, options, watch)
}

/// As [`verify`], with what is known already; what is proved on the way is added to it.
///
/// # Errors
/// As [`verify`].
pub fn verify_with(
    facts: &Facts,
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Audit, VerifyError> {
    verify_heard(facts, activation, subjects, beside, options, watch, None)
}

/// As [`verify_with`], where somebody else listens, too.
pub(crate) fn verify_heard(
    facts: &Facts,
    activation: &Activation,
    subjects: &[&dyn Subject],
    beside: &[&dyn Subject],
    options: &Options,
    watch: &Watch<'_>,
    also: Option<&mut dyn Sink>,
) -> Result<Audit, VerifyError> {
    let plan = Plan::new(facts, activation, subjects, beside, options)?;
    if options.identical {
        identical::comparable(subjects, options)?;
    }
    let all: Vec<&dyn Subject> = subjects.iter().chain(beside).copied().collect();
    let mut sink = Watched { aggregate: Aggregate::new(&plan), watch, also };
    run(&plan, &all, facts, &mut sink)?;
    Ok(sink.aggregate.finish())
}

/// Collects, and passes progress on.
struct Watched<'w, 's> {
    aggregate: Aggregate,
    watch: &'w Watch<'w>,
    also: Option<&'s mut dyn Sink>,
}

impl Sink for Watched<'_, '_> {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        let heard = self.also.as_mut().map_or(ControlFlow::Continue(()), |also| also.hear(event));
        match event {
            Event::Progress(progress) if !(self.watch)(*progress) => ControlFlow::Break(()),
            event => self.aggregate.hear(event),
        }?;
        heard
    }
}

/// Runs a plan over its subjects, which are given in its order, and tells `sink` what happens.
///
/// # Errors
/// As [`verify`]; and if the subjects are not those of the plan.
pub fn run(plan: &Plan, subjects: &[&dyn Subject], facts: &Facts, sink: &mut dyn Sink) -> Result<(), VerifyError> {
    if !subjects.iter().map(|s| s.name()).eq(plan.subjects.iter().map(|s| s.name.clone())) {
        return Err(VerifyError::Others);
    }
    let jobs = plan.options.jobs.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|e| VerifyError::Threads(jobs, e.to_string()))?;
    let known = facts.of(&plan.activation);
    let told = Told { sink: Mutex::new(sink), stopped: AtomicBool::new(false) };
    pool.install(|| all(plan, subjects, &known, &told))
}

/// Who listens, and whether it stopped the run.
struct Told<'a> {
    sink: Mutex<&'a mut dyn Sink>,
    stopped: AtomicBool,
}

impl Told<'_> {
    fn tell(&self, event: &Event<'_>) {
        let flow = self.sink.lock().unwrap_or_else(PoisonError::into_inner).hear(event);
        self.stopped.fetch_or(flow.is_break(), Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// What all groups of units share.
struct Run<'a, 's> {
    plan: &'a Plan,
    references: Vec<&'a Evaluator<'a>>,
    told: &'a Told<'s>,
    done: AtomicU64,
    total: u64,
    /// the largest error so far, as bits: those of numbers that are not negative have their order
    worst: AtomicU64,
    /// what may be asked
    within: Within,
}

/// Units over the same inputs: the real values are had once for all of them.
struct Group<'a> {
    pass: Pass,
    dtype: FloatFormat,
    look: Look,
    inputs: Inputs,
    table: Option<&'a Table>,
    /// the segments of a sweep that are looked at, if not all of them
    part: Option<&'a [u32]>,
    facts: &'a Mathematics<'a>,
    /// place, code, and the unit if there is one; without it, others are only held against the code
    members: Vec<(usize, &'a dyn Subject, Option<&'a Unit>)>,
    /// only shown beside the others
    beside: bool,
    /// whether the members are held against the first
    differ: bool,
}

impl Group<'_> {
    /// How many inputs are looked at.
    fn count(&self) -> u64 {
        let unit = self.members.iter().find_map(|(.., unit)| *unit);
        unit.map_or(self.inputs.len(), Unit::here)
    }
}

fn all(plan: &Plan, subjects: &[&dyn Subject], known: &Known, told: &Told<'_>) -> Result<(), VerifyError> {
    let passes: Vec<Pass> = Pass::KNOWN.into_iter().filter(|pass| plan.units.iter().any(|u| u.pass == *pass)).collect();
    // checks of the function and of its derivative ask for each other's
    let last = passes.iter().map(|pass| pass.order()).fold(1, usize::max);
    let references = (0..=last).map(|k| known.reference(k)).collect::<Result<Vec<_>, _>>()?;
    let evaluators: Vec<Evaluator<'_>> = references.iter().map(|reference| reference.evaluator()).collect();
    let facts = |pass: &Pass| Ok((*pass, known.pass(*pass)?));
    let facts: Vec<(Pass, Mathematics<'_>)> = passes.par_iter().map(facts).collect::<Result<_, VerifyError>>()?;
    let mut groups = vec![];
    for (pass, facts) in &facts {
        for dtype in &plan.options.dtypes {
            groups.extend(grouped(plan, subjects, known, (*pass, *dtype), facts)?);
        }
    }
    // what no code has is not asked
    let asked = |g: &&Group<'_>| g.members.iter().any(|(_, subject, _)| subject.supports(g.dtype, g.pass));
    let inputs = groups.iter().filter(asked).map(Group::count).sum();
    let run = Run {
        plan,
        references: evaluators.iter().collect(),
        told,
        done: AtomicU64::new(0),
        total: inputs,
        worst: AtomicU64::new(0),
        within: plan.options.within()?,
    };
    told.tell(&Event::RunStarted { plan });
    // few inputs do not keep all threads busy; for many, one job at a time needs less memory
    match plan.options.effort {
        Effort::Quick => groups.par_iter().map(|group| run.group(group)).collect::<Result<Vec<()>, _>>()?,
        _ => groups.iter().map(|group| run.group(group)).collect::<Result<Vec<()>, _>>()?,
    };
    let partial = told.stopped();
    if plan.options.check_reference && !partial {
        for pass in plan.tables() {
            let checked = Some(known.check_table(pass.order())?.clone());
            told.tell(&Event::TableChecked { table: &TableUse { pass, checked } });
        }
    }
    let totals = Totals {
        inputs: if partial { run.done.load(Ordering::Relaxed) } else { inputs },
        escalations: evaluators.iter().map(Evaluator::escalations).sum(),
        partial,
    };
    told.tell(&Event::RunFinished { totals });
    Ok(())
}

impl Run<'_, '_> {
    /// The records of all units of a group.
    fn group(&self, group: &Group<'_>) -> Result<(), SubjectError> {
        let units = || group.members.iter().filter_map(|(.., unit)| *unit);
        units().for_each(|unit| self.told.tell(&Event::UnitStarted { unit }));
        let found = self.look(group)?;
        for (unit, part) in units().zip(&found.parts) {
            self.told.tell(&Event::UnitPartFinished { unit, part, complete: found.complete });
        }
        for ((unit, records), answers) in units().zip(&found.records).zip(&found.answers) {
            let incidents = records.iter().find(|r| !r.incidents.is_empty()).map_or(&[][..], |r| &r.incidents);
            self.told.tell(&Event::UnitFinished { unit, records, incidents, answers, complete: found.complete });
        }
        found.differences.iter().for_each(|difference| self.told.tell(&Event::Compared { difference }));
        Ok(())
    }

    fn look(&self, group: &Group<'_>) -> Result<Outcome, SubjectError> {
        let Group { pass, dtype, facts, .. } = *group;
        let options: &Options = &self.plan.options;
        let reference = self.references[pass.order()];
        let sample = match dtype {
            FloatFormat::F32 if options.effort > Effort::Quick => {
                let places = Places::of(reference.reference(), dtype);
                Inputs::of_part(dtype, Effort::Quick, &places, self.within).finite(dtype)
            }
            _ => vec![],
        };
        let context = |(budget, policy)| Context {
            format: dtype,
            pass,
            reference,
            limits: facts.limits.clone(),
            range: facts.range,
            lipschitz: facts.lipschitz,
            stretches: facts.stretches,
            sample: &sample,
            budget,
            policy,
        };
        let tested: Vec<Tested<'_>> = group
            .members
            .iter()
            .map(|(place, subject, unit)| {
                let allowed = |pass| {
                    let (budget, policy) = options.allowed(&self.plan.activation, &subject.name(), dtype, pass);
                    (budget, policy.with(subject.declares(dtype)))
                };
                let budgets = Pass::KNOWN.map(|p| allowed(p).0);
                let cx = context(allowed(pass));
                Tested { subject: *subject, place: *place, judged: unit.is_some(), cx, budgets }
            })
            .collect();
        // who is nearer is asked with no leniency
        let strict = context((Budget { ulp: f64::INFINITY, ..Budget::of(dtype, pass) }, Policy::default()));
        let step = |inputs: u64| {
            let done = self.done.fetch_add(inputs, Ordering::Relaxed) + inputs;
            let worst = f64::from_bits(self.worst.load(Ordering::Relaxed));
            self.told.tell(&Event::Progress(Progress { done, total: self.total, worst }));
            !self.told.stopped()
        };
        let job = Job {
            activation: &self.plan.activation,
            inputs: &group.inputs,
            table: group.table,
            part: group.part,
            references: [self.references[0], self.references[1]],
            tested: &tested,
            within: self.within,
            probes: group.look != Look::Given && !group.beside,
            keep: group.look == Look::Given,
            differ: group.differ.then_some(&strict),
            identical: options.identical,
            step: &step,
            erred: &|error: f64| {
                self.worst.fetch_max(error.to_bits(), Ordering::Relaxed);
            },
        };
        job.found(dtype, &|check| options.wants(check))
    }
}

/// The units of one pass and format, those over the same inputs together.
///
/// Subjects under test are held against the first of them, on the smaller of both sets of inputs. Who takes part for that
/// alone has no unit in the group.
fn grouped<'a>(
    plan: &'a Plan,
    subjects: &'a [&'a dyn Subject],
    known: &'a Known,
    (pass, dtype): (Pass, FloatFormat),
    facts: &'a Mathematics<'a>,
) -> Result<Vec<Group<'a>>, VerifyError> {
    let mut units: Vec<&Unit> = plan.units.iter().filter(|u| u.pass == pass && u.dtype == dtype).collect();
    units.sort_by_key(|u| u.subject);
    let member = |unit: &'a Unit| (unit.subject, subjects[unit.subject], Some(unit));
    let only = |unit: &'a Unit| (unit.subject, subjects[unit.subject], None);
    let (beside, tested): (Vec<&Unit>, Vec<&Unit>) = units.into_iter().partition(|u| plan.subject(u).beside);
    let first = tested.first().copied();
    let mut groups = vec![];
    for look in [Look::Exhaustive, Look::Sampled, Look::Given] {
        let own =
            |units: &[&'a Unit]| units.iter().copied().filter(|u| u.inputs == look).map(member).collect::<Vec<_>>();
        let mut members = own(&tested);
        let mut differ = first.is_some_and(|first| first.inputs == look);
        if look == Look::Sampled && !members.is_empty() {
            // the first subject and all whose inputs are no fewer, for the sake of the difference
            let wide = tested.iter().copied().filter(|u| u.inputs == Look::Exhaustive);
            members.extend(wide.filter(|u| differ || first == Some(*u)).map(only));
            members.sort_by_key(|(place, ..)| *place);
            differ = true;
        }
        for (members, beside, differ) in [(members, false, differ), (own(&beside), true, false)] {
            if !members.is_empty() {
                let table = if beside { None } else { plan::table(known, look, dtype, pass)? };
                let inputs = plan::made(known, look, (dtype, pass), &plan.options, plan.options.within()?)?;
                let part = members.iter().find_map(|(.., unit)| unit.and_then(|u| u.part.as_deref()));
                groups.push(Group { pass, dtype, look, inputs, table, part, facts, members, beside, differ });
            }
        }
    }
    Ok(groups)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{ACCURATE, Call};
    use crate::subject::Native;
    use crate::testing;

    /// Code that is costly to ask.
    struct Costly(Native, &'static str);

    impl Subject for Costly {
        fn name(&self) -> String {
            self.1.into()
        }
        fn supports(&self, _: FloatFormat, _: Pass) -> bool {
            true
        }
        fn every_f32(&self) -> bool {
            false
        }
        fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
            self.0.run(pass, call)
        }
    }

    /// The groups of f32, forward, at the standard effort: `look: members`, a member that is only compared with in brackets.
    fn groups(order: [bool; 3]) -> Vec<String> {
        let activation = testing::activation("relu");
        let native = || Native::new(&activation, ACCURATE).expect("there is one");
        let cheap = [native(), native(), native()];
        let costly = ["a", "b", "c"].map(|name| Costly(native(), name));
        let subjects: Vec<&dyn Subject> =
            (0..3).map(|k| if order[k] { &cheap[k] as &dyn Subject } else { &costly[k] }).collect();
        let (dtypes, passes) = (vec![FloatFormat::F32], vec![Pass::Forward]);
        let options = Options { dtypes, passes, effort: Effort::Standard, ..Options::default() };
        let facts = Facts::new();
        let plan = Plan::new(&facts, &activation, &subjects, &[], &options).expect("a plan");
        let known = facts.of(&activation);
        let mathematics = known.pass(Pass::Forward).expect("is proved");
        let made = grouped(&plan, &subjects, &known, (Pass::Forward, FloatFormat::F32), &mathematics).expect("groups");
        let member = |(place, _, unit): &(usize, &dyn Subject, Option<&Unit>)| match unit {
            Some(_) => place.to_string(),
            None => format!("({place})"),
        };
        let group = |g: &Group<'_>| {
            assert_eq!((g.look == Look::Exhaustive, g.inputs.len() == 1 << 32), (g.table.is_some(), g.table.is_some()));
            let members: Vec<String> = g.members.iter().map(member).collect();
            format!("{}{}: {}", if g.differ { "differ " } else { "" }, g.look.name(), members.join(" "))
        };
        made.iter().map(group).collect()
    }

    #[test]
    fn every_subject_is_held_against_the_first_on_the_smaller_set() {
        assert_eq!(groups([true, true, true]), ["differ exhaustive: 0 1 2"]);
        assert_eq!(groups([false, false, false]), ["differ sampled: 0 1 2"]);
        assert_eq!(groups([true, false, true]), ["differ exhaustive: 0 2", "differ sampled: (0) 1"]);
        assert_eq!(groups([false, true, true]), ["exhaustive: 1 2", "differ sampled: 0 (1) (2)"]);
    }

    /// A difference across sets of inputs is a difference, and records are those of an audit of each subject alone.
    #[test]
    fn who_is_only_compared_with_has_no_records() {
        let activation = testing::activation("silu");
        let [first, second] = ["accurate", "naive"].map(|v| Native::new(&activation, v).expect("there is one"));
        let options = Options {
            dtypes: vec![FloatFormat::F64],
            passes: vec![Pass::Forward],
            effort: Effort::Quick,
            ..Options::default()
        };
        let (facts, subjects) = (Facts::new(), [&first as &dyn Subject, &second]);
        let plan = Plan::new(&facts, &activation, &subjects, &[], &options).expect("a plan");
        let mut sink = Aggregate::new(&plan);
        run(&plan, &subjects, &facts, &mut sink).expect("runs");
        let both = sink.finish();
        // as if all of f64 were looked at in the first
        let mut part = plan.clone();
        part.units.retain(|unit| unit.subject == 1);
        let mut sink = Aggregate::new(&part);
        run(&part, &subjects, &facts, &mut sink).expect("runs");
        let one = sink.finish();
        assert_eq!(one.results, both.results.iter().filter(|r| r.subject != "native").cloned().collect::<Vec<_>>());
        assert_eq!((both.differences.len(), one.differences.len()), (1, 0));
        let wrong = run(&plan, &subjects[..1], &facts, &mut Aggregate::new(&plan));
        assert!(matches!(wrong, Err(VerifyError::Others)));
    }
}
