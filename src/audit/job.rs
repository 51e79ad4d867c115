//! One format and pass: the reference goes once over the inputs, and every subject's answers are held against it.

use super::calls::{Calls, ask, fenced, pull};
use super::cause::diagnosed;
use super::differ::Differ;
use super::identical;
use super::inputs::Inputs;
use super::process::{self, Kept, Process, Watched};
use super::record::{Again, Answer, Difference, Record, Spread};
use super::row::Writer;
use super::segment::{Probed, SEGMENTS, SweepPart, places};
use super::sweep;
use crate::check::{Ask, Budget, Context, Found, PROBES, Point, Probing, Reason, Within};
use crate::expr::Activation;
use crate::kernels::{Pass, Slices};
use crate::reference::{Evaluator, Table};
use crate::subject::incident::Kind;
use crate::subject::{Fence, Subject, SubjectError};
use crate::verdict::{Evidence, Verdict};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;

/// Inputs that one task takes: long enough to amortise the call of a subject, short enough to keep all threads busy.
const CHUNK: u64 = 4096;
/// The same where every input of f32 is looked at.
const LONG_CHUNK: u64 = 1 << 16;
/// Tasks after which results are joined, so that memory stays small.
const BATCH: u64 = 256;
/// The same for code that may fail, at first and after failures: so many tasks are in vain at most when it always fails, and one when it
/// hangs, which takes as long as a batch may.
const CAREFUL: u64 = 8;

/// Code under test, with what is allowed to it.
pub(super) struct Tested<'a> {
    pub subject: &'a dyn Subject,
    /// among the plan's subjects
    pub place: usize,
    /// whether there are records of it; else others are only held against it
    pub judged: bool,
    pub cx: Context<'a>,
    /// budgets of every pass
    pub budgets: [Budget; 3],
}

/// What a job found.
#[derive(Default)]
pub(super) struct Outcome {
    /// of each of the tested that is judged
    pub records: Vec<Vec<Record>>,
    /// of each of these, what came out for inputs that were asked for by themselves
    pub answers: Vec<Vec<Answer>>,
    pub differences: Vec<Difference>,
    /// of each of the tested, instead of records, where this is a part of a sweep
    pub parts: Vec<SweepPart>,
    /// whether it came to its end
    pub complete: bool,
}

/// What was seen on a run of inputs.
struct Seen {
    /// of each subject
    watched: Vec<Watched>,
    /// of the first subject and each of the others
    differ: Vec<Differ>,
    /// batches of each subject that failed
    failed: Vec<u32>,
    /// whether a batch had no answer within the time limit
    hung: bool,
    /// whether it came to its end
    complete: bool,
}

impl Seen {
    /// Of the same inputs, after a first attempt that some code failed in: what did not happen again is kept.
    fn after(mut self, first: Self) -> Self {
        let attempts = first.watched.into_iter().zip(first.failed).zip(self.watched.iter_mut().zip(&mut self.failed));
        for ((before, failed_before), (watched, failed)) in attempts {
            if failed_before > 0 && *failed == 0 && watched.unanswered() == 0 {
                watched.failed_before(before);
                *failed = failed_before;
            }
        }
        self
    }
}

/// What to look at, and with what.
pub(super) struct Job<'a> {
    pub activation: &'a Activation,
    pub inputs: &'a Inputs,
    /// certified polynomials, where all inputs of f32 are looked at
    pub table: Option<&'a Table>,
    /// the segments of such a sweep that are looked at, if not all of them
    pub part: Option<&'a [u32]>,
    pub references: [&'a Evaluator<'a>; 2],
    pub tested: &'a [Tested<'a>],
    /// the part of the line that such checks keep to
    pub within: Within,
    /// whether checks that choose their own inputs are run
    pub probes: bool,
    /// whether every answer is kept: of a few inputs
    pub keep: bool,
    /// whether subjects are held against each other, and with what leniency: none
    pub differ: Option<&'a Context<'a>>,
    /// whether outputs must be those of the first subject
    pub identical: bool,
    /// hears how many inputs were done; `false` stops
    pub step: &'a (dyn Fn(u64) -> bool + Sync),
    /// hears of the largest error so far, in ulp, now and then
    pub erred: &'a (dyn Fn(f64) + Sync),
}

/// What was found of one subject, before what checks found that choose their own inputs.
pub(super) struct Judged {
    records: Vec<Record>,
    kept: Vec<Kept>,
    process: Process,
    /// whether every input was asked for
    all_asked: bool,
    /// whether each of them has an answer
    all_answered: bool,
    /// the worst inputs
    suspects: Vec<u64>,
    spread: Spread,
}

impl Judged {
    /// `judged`: whether records are wanted.
    pub(super) fn of(writer: &Writer<'_>, watched: Watched, all_asked: bool, judged: bool) -> Self {
        let (found, kept, process) = watched.finish();
        // what has no answer was not looked at, and may not be called proved
        let all_answered = all_asked && process.unanswered == 0;
        let (mut suspects, mut spread, mut records) = (vec![], Spread::default(), vec![]);
        for (check, found) in found {
            if let Some(statistics) = &found.statistics {
                suspects.extend(found.worst.iter().map(|w| w.input));
                spread = Spread { worst: found.measured, mean: statistics.mean };
            }
            if judged {
                records.push(writer.record(check, found, all_answered, Again::Input));
            }
        }
        Self { records, kept, process, all_asked, all_answered, suspects, spread }
    }

    /// All records, in the order of reports.
    pub(super) fn records(
        mut self,
        probed: Probed,
        writer: &Writer<'_>,
        isolated: bool,
        wants: &dyn Fn(&str) -> bool,
    ) -> Vec<Record> {
        probed.incidents.into_iter().for_each(|incident| self.process.incidents.also(incident));
        let mut records = self.records;
        if let Some((found, incidents)) = self.process.finish(isolated) {
            let record = writer.record(process::INFO.id, found, self.all_asked, Again::Input);
            records.push(Record { incidents, ..record });
        }
        records.extend(probed.records);
        // what code did to its process is said whatever else was asked for
        let harmed = |r: &Record| r.check == process::INFO.id && r.verdict == Verdict::Refuted;
        records.retain(|r| wants(r.check) || harmed(r));
        records
    }
}

impl Job<'_> {
    /// The records of each subject, and what the subjects are to each other.
    pub fn run<T: Slices>(&self, wants: &dyn Fn(&str) -> bool) -> Result<Outcome, SubjectError> {
        let (seen, complete) = self.watch::<T>()?;
        let mut failed = vec![0; self.tested.len()];
        for (_, seen) in &seen {
            failed.iter_mut().zip(&seen.failed).for_each(|(all, part)| *all += part);
        }
        let left = self.allowed(&failed);
        let mut all = Outcome { complete, ..Outcome::default() };
        let probes =
            |tested: &Tested<'_>| self.probes && complete && tested.subject.supports(tested.cx.format, tested.cx.pass);
        if let Some(part) = self.part {
            let mut watched: Vec<Vec<(u32, Watched)>> = self.tested.iter().map(|_| vec![]).collect();
            // the segment in which it was stopped is not whole
            for (k, seen) in seen.into_iter().filter(|(_, seen)| seen.complete) {
                watched.iter_mut().zip(seen.watched).for_each(|(all, part)| all.push((k, part)));
            }
            for ((tested, watched), left) in self.tested.iter().zip(watched).zip(left) {
                let writer = Writer::of(tested);
                let probed = match part.contains(&0) && probes(tested) {
                    true => Some(self.probe::<T>(tested, left, &writer, &self.suspects::<T>(tested)?, wants)?),
                    false => None,
                };
                all.parts.push(SweepPart::new(&writer, tested.subject.isolated(), watched.into_iter(), probed));
            }
            return Ok(all);
        }
        let mut joined = self.nothing();
        seen.into_iter().for_each(|(_, part)| self.join(&mut joined, part));
        let mut spreads = vec![];
        let all_asked = complete && self.inputs.exhaustive();
        for ((tested, watched), left) in self.tested.iter().zip(joined.watched).zip(left) {
            let writer = Writer::of(tested);
            let judged = Judged::of(&writer, watched, all_asked, tested.judged);
            spreads.push((judged.all_answered && judged.process.several == 0, judged.spread));
            if !tested.judged {
                continue;
            }
            let probed = match (probes(tested), self.table) {
                (false, _) => Probed::default(),
                // what is asked must not depend on who looks at which segments
                (true, Some(_)) => self.probe::<T>(tested, left, &writer, &self.suspects::<T>(tested)?, wants)?,
                (true, None) => self.probe::<T>(tested, left, &writer, &judged.suspects, wants)?,
            };
            all.answers.push(judged.kept.iter().map(|kept| writer.answer(kept)).collect());
            let mut records = judged.records(probed, &writer, tested.subject.isolated(), wants);
            // code that fails when it is asked for anything is not asked for more, nor what is not asked about
            if left > 0 && self.within.is_everything() {
                self.diagnose::<T>(tested, &mut records);
            }
            all.records.push(records);
        }
        if let Some((tested, (answered, first))) = self.tested.first().zip(spreads.first()) {
            for ((found, other), (also, second)) in joined.differ.iter().zip(&self.tested[1..]).zip(&spreads[1..]) {
                if found.total().inputs > 0 {
                    let evidence = if *answered && *also { Evidence::Exhaustive } else { Evidence::Sampled };
                    let (both, [writer, other]) = ([tested, other], [tested, other].map(Writer::of));
                    // by the one of which there are results: on the smaller set of inputs that may be the first
                    if let Some(own) = [1, 0].into_iter().find(|k| self.identical && both[*k].judged) {
                        let place = self.tested.iter().filter(|t| t.judged).position(|t| t.place == both[own].place);
                        let [a, b] = [&writer, &other];
                        let (of, against) = if own == 1 { (b, a) } else { (a, b) };
                        let same =
                            identical::record(of, found, own, &against.subject, evidence == Evidence::Exhaustive);
                        place.and_then(|k| all.records.get_mut(k)).into_iter().for_each(|rows| rows.push(same.clone()));
                    }
                    all.differences.push(writer.difference(&other, found, [*first, *second], evidence));
                }
            }
        }
        Ok(all)
    }

    /// Says in the first record of outputs that are wrong which known defect the code has.
    fn diagnose<T: Slices>(&self, tested: &Tested<'_>, records: &mut [Record]) {
        let wrong =
            |r: &&mut Record| r.verdict == Verdict::Refuted && r.again == Again::Input && r.check != process::INFO.id;
        if let Some(record) = records.iter_mut().find(wrong) {
            record.cause = diagnosed::<T>(self.activation, tested.subject, tested.cx.pass);
        }
    }

    /// The worst inputs of the sample.
    fn suspects<T: Slices>(&self, tested: &Tested<'_>) -> Result<Vec<u64>, SubjectError> {
        let Tested { subject, cx, .. } = tested;
        let input: Vec<T> = cx.sample.iter().map(|x| T::from_f64(*x)).collect();
        let mut output = vec![T::default(); input.len()];
        let answered = subject.answer(cx.pass, T::call(&input, &mut output), 1)?;
        let points = input.iter().zip(&output).map(|(x, y)| Point::at(cx.reference, *x).answered(*y, cx));
        let mut watched = Watched::new(cx, false);
        watched.answers(points, answered, cx);
        Ok(Judged::of(&Writer::of(tested), watched, false, false).suspects)
    }

    /// Before the first input.
    fn nothing(&self) -> Seen {
        let others = if self.differ.is_some() { self.tested.len().saturating_sub(1) } else { 0 };
        Seen {
            watched: self.tested.iter().map(|t| Watched::new(&t.cx, self.keep)).collect(),
            differ: vec![Differ::default(); others],
            failed: vec![0; self.tested.len()],
            hung: false,
            complete: true,
        }
    }

    /// Adds what was seen in the inputs that follow.
    fn join(&self, all: &mut Seen, part: Seen) {
        for ((all, part), tested) in all.watched.iter_mut().zip(part.watched).zip(self.tested) {
            all.join(part, &tested.cx);
        }
        all.differ.iter_mut().zip(part.differ).for_each(|(all, part)| all.join(part));
        all.failed.iter_mut().zip(part.failed).for_each(|(all, part)| *all += part);
        all.complete &= part.complete;
    }

    /// Before the first input of a run, with what is known of others.
    fn following(&self, seen: &Seen) -> Seen {
        let watched = seen.watched.iter().zip(self.tested).map(|(watched, t)| watched.following(&t.cx)).collect();
        Seen { watched, ..self.nothing() }
    }

    /// Batches of each subject that may fail after so many did.
    fn allowed(&self, failed: &[u32]) -> Vec<u32> {
        self.tested.iter().zip(failed).map(|(t, failed)| t.subject.failures().saturating_sub(*failed)).collect()
    }

    /// Inputs of a call: as many as suit the code that costs most to call.
    fn at_once(&self) -> u64 {
        self.tested.iter().map(|t| t.subject.at_once()).max().unwrap_or(CHUNK)
    }

    /// All inputs, segment by segment where this is a sweep, and whether it came to its end.
    fn watch<T: Slices>(&self) -> Result<(Vec<(u32, Seen)>, bool), SubjectError> {
        let total = self.inputs.len();
        if !self.tested.iter().any(|t| t.subject.supports(t.cx.format, t.cx.pass)) {
            let mut nothing = self.nothing();
            for (all, tested) in nothing.watched.iter_mut().zip(self.tested) {
                all.skip(total as usize, tested.subject.lacks(tested.cx.format));
            }
            return Ok((vec![(0, nothing)], true));
        }
        let segments: Vec<u32> = match (self.table, self.part) {
            (None, _) => vec![0],
            (Some(_), None) => (0..SEGMENTS).collect(),
            (Some(_), Some(part)) => part.to_vec(),
        };
        let (mut all, mut failed) = (vec![], vec![0; self.tested.len()]);
        for k in segments {
            let inputs = if self.table.is_some() { places(k, total) } else { 0..total };
            let seen = self.segment::<T>(inputs, &failed)?;
            failed.iter_mut().zip(&seen.failed).for_each(|(all, part)| *all += part);
            let complete = seen.complete;
            all.push((k, seen));
            if !complete {
                return Ok((all, false));
            }
        }
        Ok((all, true))
    }

    /// Inputs that follow each other, after so many batches of each subject failed.
    ///
    /// Which inputs are not asked any more, after too many failures, must not depend on threads. So each task asks for a
    /// batch once, and what fails is asked again here, one task after the other, with what the failures before it left.
    fn segment<T: Slices>(&self, inputs: Range<u64>, before: &[u32]) -> Result<Seen, SubjectError> {
        let chunk = if self.table.is_some() { LONG_CHUNK.max(self.at_once()) } else { CHUNK };
        let mut joined = self.nothing();
        let failed = |joined: &Seen| -> Vec<u32> { before.iter().zip(&joined.failed).map(|(a, b)| a + b).collect() };
        let chunks = (inputs.end - inputs.start).div_ceil(chunk);
        let places = |k: u64| inputs.start + k * chunk..(inputs.start + (k + 1) * chunk).min(inputs.end);
        let may_fail = self.tested.iter().any(|t| t.subject.failures() < u32::MAX);
        let (mut first, mut group) = (0, if may_fail { CAREFUL } else { BATCH });
        while joined.complete && first < chunks {
            let once: Vec<u32> = self.allowed(&failed(&joined)).into_iter().map(|left| left.min(1)).collect();
            if !self.keep
                && self
                    .tested
                    .iter()
                    .zip(&once)
                    .all(|(t, left)| *left == 0 && t.subject.supports(t.cx.format, t.cx.pass))
            {
                // nobody is asked any more, whatever is left
                let rest = inputs.end - places(first).start;
                joined.watched.iter_mut().for_each(|watched| watched.not_asked(rest));
                (self.step)(rest);
                break;
            }
            let ask = |room: &mut [Vec<T>; 2], k: u64| -> Result<Option<Seen>, SubjectError> {
                if !(self.step)(0) {
                    return Ok(None);
                }
                let seen = self.chunk(places(k), self.following(&joined), &once, room)?;
                (self.step)(places(k).end - places(k).start);
                Ok(Some(seen))
            };
            let mut next = (first + group).min(chunks);
            let mut parts: Vec<Option<Seen>> = vec![];
            if may_fail && group == CAREFUL {
                parts.push(ask(&mut Default::default(), first)?);
                // the others would hang as well
                if parts.iter().flatten().any(|seen| seen.hung) {
                    next = first + 1;
                }
            }
            let others = (first + parts.len() as u64..next).into_par_iter().map_init(Default::default, ask);
            parts.extend(others.collect::<Result<Vec<_>, SubjectError>>()?);
            group = (2 * group).min(BATCH);
            for (k, part) in (first..next).zip(parts) {
                let Some(mut part) = part else {
                    joined.complete = false;
                    continue;
                };
                if part.failed.iter().any(|failed| *failed > 0) {
                    if !(self.step)(0) {
                        joined.complete = false;
                        continue;
                    }
                    let allowed = self.allowed(&failed(&joined));
                    let again =
                        self.chunk::<T>(places(k), self.following(&joined), &allowed, &mut Default::default())?;
                    part = again.after(part);
                    group = CAREFUL;
                }
                self.join(&mut joined, part);
            }
            joined.watched.iter_mut().for_each(|watched| (self.erred)(watched.error()));
            first = next;
        }
        Ok(joined)
    }

    /// What all checks find in these inputs, for each subject, of which so many batches may fail. `room` is for inputs and outputs.
    fn chunk<T: Slices>(
        &self,
        places: Range<u64>,
        mut all: Seen,
        allowed: &[u32],
        room: &mut [Vec<T>; 2],
    ) -> Result<Seen, SubjectError> {
        let call = self.at_once();
        let mut first = places.start;
        while first < places.end {
            let next = (first + call).min(places.end);
            self.call(first..next, allowed, &mut all, room)?;
            first = next;
        }
        Ok(all)
    }

    /// One call of each subject.
    fn call<T: Slices>(
        &self,
        places: Range<u64>,
        allowed: &[u32],
        all: &mut Seen,
        [input, output]: &mut [Vec<T>; 2],
    ) -> Result<(), SubjectError> {
        self.inputs.slice_into(places.clone(), input);
        output.resize(input.len(), T::default());
        // of a process of its own it is known which outputs it wrote; other code might leave those of another call
        if self.keep || !self.tested.iter().all(|t| t.subject.isolated()) {
            output.fill(T::default());
        }
        let mut points: Vec<Point> = vec![];
        let mut first: Option<Answers<T>> = None;
        for (k, (Tested { subject, cx, .. }, watched)) in self.tested.iter().zip(&mut all.watched).enumerate() {
            if !subject.supports(cx.format, cx.pass) {
                watched.skip(input.len(), subject.lacks(cx.format));
                continue;
            }
            let left = allowed[k].saturating_sub(all.failed[k]);
            if left == 0 && !self.keep {
                // nor is a real value needed
                watched.not_asked(input.len() as u64);
                continue;
            }
            let answered = subject.answer(cx.pass, T::call(input, output), left)?;
            all.failed[k] += answered.failed;
            all.hung |= answered.failed > 0 && answered.incidents.iter().any(|i| i.kind == Kind::Hang);
            let missing: BTreeSet<usize> = answered.missing.keys().chain(answered.up_to.keys()).copied().collect();
            match (self.table, T::singles(input), T::singles(output)) {
                _ if answered.missing.len() == input.len() && !self.keep => watched.nothing(answered),
                // with a table, the real values are had more cheaply on the way
                (Some(table), Some(x), Some(y)) if missing.is_empty() => {
                    watched.sweep(answered, x.len(), |tallies| {
                        sweep::sweep(table, self.inputs.first() + places.start, x, y, tallies, cx)
                    });
                }
                _ => {
                    if points.is_empty() {
                        points.extend(input.iter().map(|x| Point::at(cx.reference, *x)));
                    }
                    let out = |(point, y): (&Point, &T)| point.answered(*y, cx);
                    watched.answers(points.iter().zip(&*output).map(out), answered, cx);
                }
            }
            if k == 0 && !all.differ.is_empty() {
                let output = std::mem::replace(output, vec![T::default(); input.len()]);
                first = Some(Answers { output, missing });
            } else if let (Some(first), Some(differ)) = (&first, k.checked_sub(1).and_then(|k| all.differ.get_mut(k))) {
                self.differ(
                    self.inputs.first() + places.start,
                    input,
                    [first, &Answers { output: output.clone(), missing }],
                    differ,
                );
            }
        }
        Ok(())
    }

    /// Holds the answers of two subjects against each other.
    fn differ<T: Slices>(&self, place: u64, input: &[T], both: [&Answers<T>; 2], differ: &mut Differ) {
        let Some(cx) = self.differ else { return };
        let outputs = both.map(|answers| answers.output.as_slice());
        let complete = both.iter().all(|answers| answers.missing.is_empty());
        match (self.table, T::singles(input), outputs.map(T::singles)) {
            (Some(table), Some(x), [Some(a), Some(b)]) if complete => differ.sweep(table, place, x, [a, b], cx),
            _ => {
                for (k, x) in input.iter().enumerate() {
                    if !both.iter().any(|answers| answers.missing.contains(&k)) {
                        differ.input(*x, outputs.map(|y| y[k]), cx);
                    }
                }
            }
        }
    }

    fn probe<T: Slices>(
        &self,
        tested: &Tested<'_>,
        left: u32,
        writer: &Writer<'_>,
        suspects: &[u64],
        wants: &dyn Fn(&str) -> bool,
    ) -> Result<Probed, SubjectError> {
        let calls = &Calls::new(left);
        let manners = tested.subject.manners();
        let mut others: Vec<(&str, Box<Ask<'_>>)> = vec![];
        for (name, subject) in &manners {
            let ask = |pass: Pass, bits: &[u64], shift: usize| ask::<T>(subject.as_ref(), pass, bits, shift, calls);
            others.push((name, Box::new(ask)));
        }
        let ask = |pass: Pass, bits: &[u64], shift: usize| ask::<T>(tested.subject, pass, bits, shift, calls);
        let fenced = |pass: Pass, bits: &[u64], at: Fence| fenced::<T>(tested.subject, pass, bits, at, calls);
        let pull = |bits: &[u64], gradients: &[f64]| pull::<T>(tested.subject, bits, gradients, calls);
        let cx = Probing {
            cx: &tested.cx,
            format: tested.cx.format,
            pass: tested.cx.pass,
            ask: &ask,
            fenced: &fenced,
            pull: if tested.subject.takes_gradients() { Some(&pull) } else { None },
            others: &others,
            both: Pass::ALL.iter().all(|pass| tested.subject.supports(tested.cx.format, *pass)),
            references: self.references,
            budgets: tested.budgets,
            suspects,
            within: self.within,
        };
        let mut records = vec![];
        for probe in PROBES.iter().filter(|p| p.info.passes.contains(&cx.pass) && wants(p.info.id) && (p.applies)(&cx))
        {
            let found = match tested.subject.unfit(probe.info.id) {
                Some(why) => Found { excluded: [(Reason::code(why), 0)].into(), ..Found::default() },
                None => calls.explain((probe.run)(&cx)?),
            };
            records.push(writer.record(probe.info.id, found, false, Again::Check));
        }
        Ok(Probed { records, incidents: calls.incidents() })
    }
}

/// What a subject answered to one call, and the places of which the output is not known.
struct Answers<T> {
    output: Vec<T>,
    missing: BTreeSet<usize>,
}
