//! Foreign code as a subject: it runs in a process of its own, and whatever it does there, the audit goes on.
//!
//! Input and output lie in memory that both processes see; commands and replies are lines of JSON on pipes. Before each
//! batch the output and its surroundings are filled with a pattern, so that what was not written, and what was written
//! beside it, shows. A batch that fails is narrowed down to the input that makes it fail.

mod fenced;
mod manner;
mod narrow;
mod process;
mod shared;
mod silent;
mod stuck;

pub(super) use process::{Limits, Program, StartError, Worker};
pub(super) use shared::{BOUNDARY, GRADIENT, INPUT, OUTPUT, SIZE};

use super::incident::{Answered, Incident, Kind, NO_ANSWER, NOT_THERE};
use super::{Fence, Subject, SubjectError};
use crate::expr::FloatFormat;
use crate::kernels::{Call, Pass, Slices};
use half::{bf16, f16};
use manner::Manner;
use narrow::{Blemish, Code, Failure, Patience, narrow_down};
use serde_json::{Value, json};
use shared::{ARRAY, Poison};
use silent::{ALONE, Silence, TOGETHER};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use stuck::Stuck;
use zerocopy::{FromBytes, Immutable, IntoBytes};

static WORKER: OnceLock<PathBuf> = OnceLock::new();

/// Names the program in which shared libraries run: `actaudit`. The command line does it by itself; a program that audits
/// `lib:` or `plugin:` by way of the library does it once, before. Only the first call counts.
pub fn use_worker(path: impl Into<PathBuf>) {
    let _ = WORKER.set(path.into());
}

/// The program that was named.
pub(super) fn worker_program() -> Result<&'static Path, SubjectError> {
    WORKER.get().map(PathBuf::as_path).ok_or_else(|| {
        SubjectError::NotThere("no program to run shared libraries in: call subject::isolate::use_worker first".into())
    })
}

/// Batches of one call that may fail before the rest of the call is not asked any more: enough to find the ends of three
/// stretches of bad inputs.
const FAILURES_PER_CALL: u32 = 64;

/// Inputs of a batch from which on it is a reason to ask whether the code writes anything that none of its outputs was written.
const MUTE: usize = 64;

/// Stands for the number of inputs in a command.
const LENGTH: &str = "LENGTH";

/// Which of the worker's kernels answers in a format and pass.
pub(super) type Kernels = BTreeMap<(FloatFormat, Pass), usize>;

/// Code in a process of its own.
pub struct Isolated {
    name: String,
    program: Program,
    kernels: Kernels,
    lacks: Vec<(FloatFormat, &'static str)>,
    environment: Option<String>,
    /// other ways to call it, and how much larger the numbers of their kernels are
    manners: Vec<(&'static str, usize)>,
    every_f32: bool,
    /// what the code declares about itself
    declared: Vec<(FloatFormat, Vec<String>)>,
    /// whether its arrays can be put beside memory that cannot be touched
    has_fences: bool,
    /// whether its backward pass is given a gradient
    takes_gradients: bool,
    at_once: u64,
    /// what the code is expected to be, for code that writes nothing
    expected: Option<String>,
    /// which of the kernels write nothing, of those of which it was asked
    silence: Silence,
    /// which of the kernels never answer, of those that hung
    stuck: Stuck,
    slots: Vec<Mutex<Option<Worker>>>,
    /// what starting the first worker took
    start: Duration,
    /// for how long it was asked since, in nanoseconds
    worked: AtomicU64,
}

impl Isolated {
    /// Code in a worker that was started for it, which says that it has these kernels.
    pub(super) fn new(name: String, program: Program, worker: Worker, kernels: Kernels) -> Self {
        let start = worker.start;
        let mut slots: Vec<Mutex<Option<Worker>>> = vec![Mutex::new(Some(worker))];
        slots.resize_with(program.limits.workers.max(1), Mutex::default);
        Self {
            name,
            program,
            kernels,
            lacks: vec![],
            environment: None,
            manners: vec![],
            every_f32: true,
            declared: vec![],
            has_fences: false,
            takes_gradients: false,
            at_once: 1 << 16,
            expected: None,
            silence: Silence::default(),
            stuck: Stuck::default(),
            slots,
            start,
            worked: AtomicU64::new(0),
        }
    }

    /// The worker of this thread; at first all share one. Others are started when it has worked for as long as starting
    /// takes: then what is left may be long, and if it is not, little is lost.
    fn slot(&self) -> &Mutex<Option<Worker>> {
        let own = rayon::current_thread_index().unwrap_or(0) % self.slots.len();
        let worked = Duration::from_nanos(self.worked.load(Ordering::Relaxed));
        &self.slots[if worked < self.start { 0 } else { own }]
    }

    /// Says why there are formats that it does not have.
    pub(super) fn lacking(self, lacks: Vec<(FloatFormat, &'static str)>) -> Self {
        Self { lacks, ..self }
    }

    /// Says that all of f32 is too much for an audit of standard effort.
    pub(super) fn slow(self) -> Self {
        Self { every_f32: false, ..self }
    }

    /// Says that the code is given the arrays themselves, and that its worker can put them beside memory that cannot be touched.
    pub(super) fn with_fences(self) -> Self {
        Self { has_fences: true, ..self }
    }

    /// Says that its backward pass is given an incoming gradient.
    pub(super) fn given_gradients(self) -> Self {
        Self { takes_gradients: true, ..self }
    }

    /// Says that it computes on a device, to which every batch has to go and from which it has to come back.
    pub(super) fn on_device(self) -> Self {
        Self { at_once: 1 << 20, ..self }
    }

    /// Says what the code is expected to be: what is told where it writes nothing.
    pub(super) fn expected(self, expected: String) -> Self {
        Self { expected: Some(expected), ..self }
    }

    /// Says what its results depend on.
    pub(super) fn in_environment(self, environment: Option<&str>) -> Self {
        Self { environment: environment.map(str::to_owned), ..self }
    }

    /// Says what the code declares about itself, format by format.
    pub(super) fn declaring(self, declared: Vec<(FloatFormat, Vec<String>)>) -> Self {
        Self { declared, ..self }
    }

    /// Says in which other ways it can be called.
    pub(super) fn called(self, manners: Vec<(&'static str, usize)>) -> Self {
        Self { manners, ..self }
    }

    /// Answers with the kernel for the format and pass, or with the one that has so much larger a number: another way to call it.
    fn answer_with(
        &self,
        manner: usize,
        pass: Pass,
        call: Call<'_>,
        gradients: Option<&[f64]>,
        (allowed, shift): (u32, usize),
    ) -> Result<Answered, SubjectError> {
        let asked = (manner, pass, gradients);
        match call {
            Call::F64(x, y) => self.answer_slices(asked, x, y, allowed, shift),
            Call::F32(x, y) => self.answer_slices(asked, x, y, allowed, shift),
            Call::F16(x, y) => self.answer_slices(asked, x, y, allowed, shift),
            Call::Bf16(x, y) => self.answer_slices(asked, x, y, allowed, shift),
        }
    }

    fn answer_slices<T: Element>(
        &self,
        (manner, pass, gradients): (usize, Pass, Option<&[f64]>),
        x: &[T],
        y: &mut [T],
        allowed: u32,
        shift: usize,
    ) -> Result<Answered, SubjectError> {
        let shift = shift * size_of::<T>() % BOUNDARY;
        let usual = self.kernels.get(&(T::FORMAT, pass));
        let Some(kernel) = usual.map(|usual| usual + manner) else {
            return Err(self.failed(format!("it has no {} kernel for {}", pass.name(), T::FORMAT.name())));
        };
        // a first attempt is made all the same, so that it does not depend on threads which are
        if let Some(incident) = self.known_to_hang::<T>(kernel, pass).filter(|_| allowed > 1) {
            return Ok(given_up(incident, x, allowed));
        }
        let mut slot = self.slot().lock().unwrap_or_else(PoisonError::into_inner);
        let begun = Instant::now();
        let mut answered = Answered::default();
        let piece = self.piece::<T>();
        for first in (0..x.len()).step_by(piece) {
            let part = first..(first + piece).min(x.len());
            let mut asking = self.asking(&mut slot, (kernel, pass, shift), &x[part.clone()], &mut y[part.clone()]);
            if let Some(gradients) = gradients {
                asking.gradient = gradients[part.clone()].iter().map(|g| T::from_f64(*g)).collect();
            }
            asking.left = FAILURES_PER_CALL.min(allowed.saturating_sub(answered.failed));
            let narrowed = narrow_down(&mut asking, 0..part.len());
            let (mut failed, broken) = (asking.failed, asking.broken.take());
            match broken {
                // it was loaded before, so this is no reason to end the audit
                Some(StartError::Died(failure)) => {
                    let Failure { kind, text } = failure;
                    let text = format!("while it was loaded again: {text}");
                    let incident = Incident { kind, batch: 0, inputs: vec![], text, repeats: false };
                    return Ok(given_up(incident, x, allowed));
                }
                Some(error) => return Err(refused(&self.name, error)),
                None => {}
            }
            if let Some(incident) = asking.stuck.take().filter(|_| allowed > 1) {
                return Ok(given_up(incident, x, allowed));
            }
            let unwritten = narrowed.blemishes.iter().any(|(_, b)| b.kind == Kind::Unwritten);
            let none = !narrowed.gave_up && narrowed.failures.is_empty() && narrowed.missing.len() == part.len();
            let mute = part.len() >= MUTE && unwritten && none && self.writes_nothing::<T>(kernel, pass);
            if mute {
                // there is nothing to wait for
                failed = allowed.saturating_sub(answered.failed);
            }
            answered.failed += failed;
            let incident = |range: Range<usize>, kind, mut text: String, repeats| {
                if shift > 0 {
                    text += &format!("; with arrays {shift} bytes off a boundary of {BOUNDARY}");
                }
                let inputs = &x[part.clone()][range.clone()];
                let shown = inputs.iter().take(Incident::SHOWN).map(|x| x.bits64()).collect();
                Incident { kind, batch: range.len(), inputs: shown, text, repeats: repeats && shift == 0 }
            };
            answered.missing.extend(narrowed.missing.into_iter().map(|(place, why)| (first + place, why)));
            let failures = narrowed.failures.into_iter();
            let failures = failures.map(|s| incident(s.part, s.failure.kind, s.failure.text, s.repeats));
            answered.incidents.extend(failures);
            let expected =
                self.expected.as_deref().filter(|_| mute).map_or_else(String::new, |text| format!("; {text}"));
            let told = |b: Blemish| if b.kind == Kind::Unwritten { b.text + &expected } else { b.text };
            let blemishes = narrowed.blemishes.into_iter().map(|(range, b)| incident(range, b.kind, told(b), true));
            answered.incidents.extend(blemishes);
            if mute {
                let text = format!(
                    "it writes no output at all, in a new process neither: {TOGETHER} inputs all over the format were asked for \
together and {ALONE} of them alone; the rest was not asked"
                );
                answered.incidents.push(incident(0..part.len(), Kind::GaveUp, text, false));
            }
            if narrowed.gave_up && failed > 0 {
                let text = match answered.failed >= allowed {
                    true => format!("{} batches failed: the rest was not asked", self.program.limits.failures),
                    false => format!("{failed} parts of one batch failed: the rest of it was not asked"),
                };
                answered.incidents.push(incident(0..part.len(), Kind::GaveUp, text, false));
            }
        }
        self.worked.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        Ok(answered)
    }

    /// Inputs of a batch: a slice goes through the shared memory in one piece if it fits and nobody wants it shorter.
    fn piece<T>(&self) -> usize {
        self.program.limits.length.min(ARRAY / size_of::<T>())
    }

    /// A call of a kernel, with arrays so many bytes off a boundary; it may not fail.
    fn asking<'a, T: Element>(
        &'a self,
        slot: &'a mut Option<Worker>,
        (kernel, pass, shift): (usize, Pass, usize),
        x: &'a [T],
        y: &'a mut [T],
    ) -> Asking<'a, T> {
        Asking {
            code: self,
            kernel,
            pass,
            slot,
            command:
                json!({"kernel": kernel, "pass": pass.name(), "dtype": T::FORMAT.name(), "shift": shift, "n": LENGTH})
                    .to_string()
                    .replace(&format!("\"{LENGTH}\""), LENGTH),
            shift,
            x,
            y,
            gradient: if pass == Pass::Forward { vec![] } else { vec![T::from_f64(1.0); x.len()] },
            fence: None,
            left: 0,
            failed: 0,
            broken: None,
            stuck: None,
        }
    }

    /// An error if some inputs have no answer.
    fn whole(&self, answered: Answered) -> Result<(), SubjectError> {
        match (answered.missing.is_empty(), answered.incidents.first()) {
            (true, _) => Ok(()),
            (false, Some(incident)) => Err(self.failed(incident.to_string())),
            (false, None) => Err(self.failed("some inputs have no answer".into())),
        }
    }

    fn failed(&self, message: String) -> SubjectError {
        SubjectError::Failed { subject: self.name.clone(), message }
    }
}

/// What comes of inputs, the first of which code that never answers was asked for; it is not asked for others.
fn given_up<T: Element>(incident: Incident, x: &[T], allowed: u32) -> Answered {
    let shown = x.iter().take(Incident::SHOWN).map(|x| x.bits64()).collect();
    let text = match incident.batch {
        0 => "it cannot be loaded any more: the rest was not asked".to_owned(),
        _ => "it answers none of the inputs that were tried alone in new processes: the rest was not asked".to_owned(),
    };
    let rest = Incident { kind: Kind::GaveUp, batch: x.len(), inputs: shown, text, repeats: false };
    let missing = (0..x.len()).map(|place| (place, NO_ANSWER)).collect();
    Answered { missing, incidents: vec![incident, rest], failed: allowed, ..Answered::default() }
}

/// As an error of the subject.
pub(super) fn refused(name: &str, error: StartError) -> SubjectError {
    match error {
        StartError::Died(Failure { kind, text: message }) => {
            SubjectError::Died { subject: name.to_owned(), kind, message }
        }
        error => SubjectError::NotThere(format!("{name}: {error}")),
    }
}

/// An element type whose slices are bytes.
trait Element: Slices + FromBytes + IntoBytes + Immutable {}

impl Element for f64 {}
impl Element for f32 {}
impl Element for f16 {}
impl Element for bf16 {}

/// One call, on its way through a worker and its successors.
struct Asking<'a, T> {
    code: &'a Isolated,
    kernel: usize,
    pass: Pass,
    slot: &'a mut Option<Worker>,
    /// with [`LENGTH`] where the number of inputs goes
    command: String,
    /// bytes that arrays are off a boundary
    shift: usize,
    x: &'a [T],
    y: &'a mut [T],
    /// what comes in for the backward pass, else empty
    gradient: Vec<T>,
    /// an array beside which memory cannot be touched, and how many bytes lie between
    fence: Option<(Fence, usize)>,
    left: u32,
    failed: u32,
    broken: Option<StartError>,
    /// what to tell of code that never answers
    stuck: Option<Incident>,
}

impl<T: Element> Code for Asking<'_, T> {
    fn ask(&mut self, part: Range<usize>, patience: Patience) -> Result<Vec<Blemish>, Failure> {
        let all = self.attempt(part, patience);
        if let Err(failure) = &all {
            self.left = self.left.saturating_sub(1);
            self.failed += 1;
            if failure.kind == Kind::Hang && self.stuck.is_none() {
                self.stuck = self.code.never_answers::<T>(self.kernel, self.pass);
            }
        }
        all
    }

    fn look(&mut self, part: Range<usize>) -> Result<Vec<Blemish>, Failure> {
        let kept = self.y[part.clone()].to_vec();
        let found = self.ask(part.clone(), Patience::Full);
        self.y[part].copy_from_slice(&kept);
        found
    }

    fn may_go_on(&self) -> bool {
        self.left > 0 && self.broken.is_none() && self.stuck.is_none()
    }

    fn fresh(&self) -> bool {
        self.slot.is_none()
    }
}

impl<T: Element> Asking<'_, T> {
    fn attempt(&mut self, part: Range<usize>, patience: Patience) -> Result<Vec<Blemish>, Failure> {
        let [first, second] = Poison::BOTH;
        let width = size_of::<T>();
        let mut blemishes = self.once(part.clone(), patience, first)?;
        let Some(worker) = self.slot.as_ref() else { return Ok(blemishes) };
        let suspects = worker.shared.collect(self.y[part.clone()].as_mut_bytes(), width, first);
        if suspects.is_empty() {
            return Ok(blemishes);
        }
        // either never written or really this value: with another pattern it shows which
        self.once(part.clone(), patience, second)?;
        let mut again = vec![0; part.len() * width];
        let still = self.worker()?.shared.collect(&mut again, width, second);
        let places: Vec<usize> = suspects.into_iter().filter(|k| still.contains(k)).map(|k| part.start + k).collect();
        if let Some(first) = places.first() {
            let input = T::FORMAT.hex(self.x[*first].bits64());
            let text = format!("{} of {} outputs were not written, the first for {input}", places.len(), part.len());
            blemishes.push(Blemish { kind: Kind::Unwritten, text, places });
        }
        Ok(blemishes)
    }

    /// The worker, started if there is none.
    fn worker(&mut self) -> Result<&mut Worker, Failure> {
        if self.slot.is_none() {
            match Worker::start(&self.code.program) {
                Ok((worker, _)) => *self.slot = Some(worker),
                Err(error) => {
                    let text = error.to_string();
                    self.broken = Some(error);
                    return Err(Failure { kind: Kind::Exit, text });
                }
            }
        }
        self.slot.as_mut().ok_or_else(|| Failure { kind: Kind::Exit, text: "no worker".into() })
    }

    /// One batch, through one worker; `Ok` if its output can be looked at.
    fn once(&mut self, part: Range<usize>, patience: Patience, poison: Poison) -> Result<Vec<Blemish>, Failure> {
        let limit = self.code.program.limits.batch;
        let limit = if patience == Patience::Full { limit } else { limit / 4 };
        let mut command = self.command.replace(LENGTH, &part.len().to_string());
        if let (Some((fence, gap)), Some(open)) = (self.fence, command.strip_suffix('}')) {
            command = format!("{open},\"fence\":{}}}", fence.written(gap));
        }
        let (x, shift, gradient) = (self.x, self.shift, std::mem::take(&mut self.gradient));
        let input = x[part.clone()].as_bytes();
        let ones = if gradient.is_empty() { &[] } else { gradient[part.clone()].as_bytes() };
        let result = self.worker().and_then(|worker| {
            worker.shared.prepare(input, ones, poison, shift);
            let reply = worker.tell(&command, limit)?;
            read_reply(&reply, part.len())?;
            Ok(blemishes::<T>(worker, &reply, input, ones, poison))
        });
        self.gradient = gradient;
        if result.as_ref().is_err_and(|f| f.kind.ends_process()) {
            *self.slot = None;
        }
        result
    }
}

/// Whether the batch was answered, and in the right length.
fn read_reply(reply: &Value, n: usize) -> Result<(), Failure> {
    if let Some(text) = reply["error"].as_str() {
        let kind = match reply["kind"].as_str() {
            Some("length") => Kind::Length,
            Some("type") => Kind::Type,
            _ => Kind::Exception,
        };
        return Err(Failure { kind, text: text.to_owned() });
    }
    match reply["n"].as_i64() {
        Some(said) if usize::try_from(said) == Ok(n) => Ok(()),
        Some(said) if said < 0 => Err(Failure { kind: Kind::Exception, text: format!("it returned the error {said}") }),
        Some(said) => Err(Failure { kind: Kind::Length, text: format!("it reports {said} outputs for {n} inputs") }),
        None => Err(Failure { kind: Kind::Channel, text: format!("the worker's reply has no length: {reply}") }),
    }
}

fn blemishes<T: Element>(worker: &Worker, reply: &Value, input: &[u8], ones: &[u8], poison: Poison) -> Vec<Blemish> {
    let mut all = vec![];
    let mut add = |kind, text| all.push(Blemish { kind, text, places: vec![] });
    let [before, after] = worker.shared.outside(input.len(), size_of::<T>(), poison);
    if let Some(far) = after {
        add(Kind::Outside, format!("it wrote past the end of the output, up to {far} elements"));
    }
    if let Some(far) = before {
        add(Kind::Outside, format!("it wrote before the start of the output, up to {far} elements"));
    }
    if worker.shared.changed(input, ones) {
        add(Kind::Input, "it wrote to its input".to_owned());
    }
    let changes: Vec<&str> = reply["environment"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !changes.is_empty() {
        add(Kind::Environment, format!("it left behind: {}", changes.join(", ")));
    }
    all
}

impl Subject for Isolated {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.kernels.contains_key(&(format, pass))
    }

    fn declares(&self, format: FloatFormat) -> &[String] {
        self.declared.iter().find(|(of, _)| *of == format).map_or(&[], |(_, words)| words)
    }

    fn lacks(&self, format: FloatFormat) -> &'static str {
        self.lacks.iter().find(|(lacking, _)| *lacking == format).map_or(NOT_THERE, |(_, why)| why)
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.whole(self.answer(pass, call, self.failures())?)
    }

    fn answer(&self, pass: Pass, call: Call<'_>, allowed: u32) -> Result<Answered, SubjectError> {
        self.answer_shifted(pass, call, allowed, 0)
    }

    fn answer_shifted(&self, pass: Pass, call: Call<'_>, allowed: u32, shift: usize) -> Result<Answered, SubjectError> {
        self.answer_with(0, pass, call, None, (allowed, shift))
    }

    fn answer_fenced(
        &self,
        pass: Pass,
        call: Call<'_>,
        allowed: u32,
        fence: Fence,
    ) -> Result<Option<Answered>, SubjectError> {
        if !self.has_fences {
            return Ok(None);
        }
        let answered = match call {
            Call::F64(x, _) => self.fenced(pass, x, allowed, fence),
            Call::F32(x, _) => self.fenced(pass, x, allowed, fence),
            Call::F16(x, _) => self.fenced(pass, x, allowed, fence),
            Call::Bf16(x, _) => self.fenced(pass, x, allowed, fence),
        };
        answered.map(Some)
    }

    fn takes_gradients(&self) -> bool {
        self.takes_gradients
    }

    fn pull_back(&self, call: Call<'_>, gradients: &[f64], allowed: u32) -> Result<Answered, SubjectError> {
        self.answer_with(0, Pass::Backward, call, Some(gradients), (allowed, 0))
    }

    fn failures(&self) -> u32 {
        self.program.limits.failures
    }

    fn at_once(&self) -> u64 {
        self.at_once
    }

    fn manners(&self) -> Vec<(&'static str, Box<dyn Subject + '_>)> {
        let manner = |(name, kernel): &(&'static str, usize)| {
            let subject: Box<dyn Subject> = Box::new(Manner { code: self, kernel: *kernel });
            (*name, subject)
        };
        self.manners.iter().map(manner).collect()
    }

    fn environment(&self) -> Option<String> {
        self.environment.clone()
    }

    fn isolated(&self) -> bool {
        true
    }

    fn every_f32(&self) -> bool {
        self.every_f32
    }
}
