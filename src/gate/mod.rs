//! A gate: what a repository promises about its kernels, held against what they do, and against what was accepted before.

pub mod baseline;
mod config;
mod found;
pub mod init;
mod shard;

pub use baseline::{Baseline, Change, Figure};
pub use config::{Asked, Config, WhenWorse, schema};
pub use found::{Found, Looked};
pub use shard::{Shard, is_part, merge, write as part};

use crate::audit::journal::{Journal, JournalError, files};
use crate::audit::queue::{side_by_side, threads};
use crate::audit::segment::SEGMENTS;
use crate::audit::{
    Effort, Facts, KeptError, Options, Plan, Progress, Record, SweepPart, Unit, VerifyError, Watch, process, run_kept,
};
use crate::claim::{Claim, Judgement};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::subject::{self, Subject};
use crate::verdict::Verdict;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How a result stands against what is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// within what is allowed
    Passed,
    /// nothing was compared
    Vacuous,
    /// not within it, as was expected
    Expected,
    /// could not be decided
    Undecided,
    /// not within it, and the day until which that is borne is over
    Expired,
    /// not within what is allowed
    Failed,
}

impl Standing {
    /// As in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Vacuous => "vacuous",
            Self::Expected => "expected",
            Self::Undecided => "undecided",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }

    /// Whether it fails, and an expectation says so.
    const fn is_borne(self) -> bool {
        matches!(self, Self::Expected | Self::Expired)
    }

    /// What it says of the gate.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Passed | Self::Expected => Verdict::Within,
            Self::Vacuous => Verdict::Vacuous,
            Self::Undecided => Verdict::Undecided,
            Self::Expired | Self::Failed => Verdict::Refuted,
        }
    }
}

/// One result.
#[derive(Clone, Debug)]
pub struct Judged {
    /// what was found
    pub record: Record,
    /// `activation/subject/dtype/pass/check`
    pub id: String,
    /// how it stands
    pub standing: Standing,
    /// the expectation that it fails, by its place in the configuration
    pub expected: Option<usize>,
    /// its key among the figures
    pub key: String,
    /// the accepted figure, if there is one
    pub accepted: Option<Figure>,
    /// how it is against that
    pub change: Change,
    /// why it fails although an expectation is about it
    pub unborne: Option<Unborne>,
}

/// Why a failure is not borne by the expectation that it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unborne {
    /// it passed when its figure was accepted, and a pattern fits it by chance
    Passed,
    /// it is worse than what was accepted, and the audit or the entry says that this fails
    Worse,
}

/// One subject against one activation.
#[derive(Clone, Debug)]
pub struct Held {
    /// its place in the configuration
    pub asked: Asked,
    /// why it is not there, or why its audit broke off
    pub absent: Option<String>,
    /// the results
    pub results: Vec<Judged>,
    /// what its results depend on besides the inputs
    pub environment: Option<String>,
    /// whether it was stopped on the way
    pub partial: bool,
    /// whether some of it belongs to another part of the gate
    pub elsewhere: bool,
    /// segments of sweeps that were looked at here, and others elsewhere: results are made of all of them
    pub segments: usize,
}

/// A claim of one of the configuration's files.
#[derive(Debug)]
pub struct Claimed {
    /// where its entry begins in the configuration, from 1
    pub line: usize,
    /// the file
    pub file: String,
    /// the claim
    pub claim: Claim,
    /// what is found
    pub judgement: Judgement,
}

/// All of a gate.
#[derive(Debug)]
pub struct Gate {
    /// the configuration
    pub config: Config,
    /// the audits in its order
    pub held: Vec<Held>,
    /// the claims in its order
    pub claims: Vec<Claimed>,
    /// expectations that are out of date, by their places in the configuration: no result that is looked at fails as they say
    pub outdated: Vec<(usize, Outdated)>,
}

/// Why an expectation is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outdated {
    /// what it fits passes
    Passes,
    /// it fits nothing that was compared
    Unused,
    /// its day is over, and another one bears what it fits
    Over,
}

/// Why a gate has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// An entry names what cannot be.
    #[error("{file}:{line}: {message}")]
    Entry {
        /// the configuration
        file: String,
        /// where the entry begins
        line: usize,
        /// what is wrong with it
        message: String,
    },
    /// An audit could not be run at all.
    #[error("{file}:{line}: {error}")]
    Audit {
        /// the configuration
        file: String,
        /// where the entry begins
        line: usize,
        /// why
        error: VerifyError,
    },
    /// What is done cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Files of parts do not fit together.
    #[error("{0}")]
    Shard(String),
}

/// What all audits of a gate share.
pub struct Host<'a> {
    /// what is known of activations
    pub facts: &'a Facts,
    /// where units that are done are kept
    pub journal: Option<&'a Journal>,
    /// hears of the progress of each audit, and may stop it
    pub watch: &'a Watch<'a>,
    /// threads
    pub jobs: Option<usize>,
}

impl Gate {
    /// Audits all that a configuration asks for, or a part of it. What is not there is named as such; the rest is audited.
    ///
    /// # Errors
    /// If an entry names what cannot be, an activation cannot be evaluated, or the journal cannot be written.
    pub fn find(config: &Config, shard: Option<Shard>, host: &Host<'_>) -> Result<Vec<Found>, GateError> {
        let count = config.audits.len();
        let done = AtomicU64::new(0);
        let stopped = AtomicBool::new(false);
        // of several audits each has one thread, and progress counts them
        let jobs = if count > 1 { Some(1) } else { host.jobs };
        let watch = |progress: Progress| {
            let all = Progress { done: done.load(Ordering::Relaxed), total: count as u64, worst: 0.0 };
            let go_on = (host.watch)(if count > 1 { all } else { progress });
            stopped.fetch_or(!go_on, Ordering::Relaxed);
            go_on
        };
        let one = Host { watch: &watch, jobs, ..*host };
        let all = side_by_side(threads(host.jobs), count, &stopped, |k| {
            let found = look(&config.file, &config.audits[k], shard, &one);
            stopped.fetch_or(found.is_err(), Ordering::Relaxed);
            done.fetch_add(1, Ordering::Relaxed);
            found
        });
        // what is none was not begun when it was stopped
        all.into_iter().map(|found| found.unwrap_or_else(|| Ok(Found { partial: true, ..Found::default() }))).collect()
    }

    /// Holds what was found against what is promised, and against the accepted figures. The claims are those that were judged
    /// already.
    pub fn judge(
        config: Config,
        found: Vec<Found>,
        claims: Vec<Claimed>,
        accepted: &Baseline,
        today: NaiveDate,
    ) -> Self {
        let held = config.audits.iter().zip(found).map(|(asked, found)| Held {
            results: judge(&config, asked, &found, accepted, today),
            asked: asked.clone(),
            absent: found.absent,
            environment: found.environment,
            partial: found.partial,
            elsewhere: found.elsewhere,
            segments: found.sweeps.iter().map(SweepPart::count).sum(),
        });
        let held = held.collect();
        let mut gate = Self { held, claims, outdated: vec![], config };
        gate.outdated = gate.find_outdated(today);
        gate
    }

    /// Expectations that are out of date. What was not looked at says nothing.
    fn find_outdated(&self, today: NaiveDate) -> Vec<(usize, Outdated)> {
        let outdated = |k: usize| {
            let fits = || self.results().filter(|r| self.config.expected[k].matches(&r.id));
            // also if another expectation bears it
            let fails = |r: &Judged| r.standing.is_borne() || r.standing == Standing::Undecided || r.unborne.is_some();
            let borne = fits().any(fails);
            match () {
                () if !self.is_whole() => None,
                () if self.config.expected[k].is_over(today) && fits().all(|r| r.expected != Some(k)) => {
                    Some((k, Outdated::Over))
                }
                () if borne => None,
                () if fits().all(|r| r.standing == Standing::Vacuous) => Some((k, Outdated::Unused)),
                () => Some((k, Outdated::Passes)),
            }
        };
        (0..self.config.expected.len()).filter_map(outdated).collect()
    }

    /// All results.
    pub fn results(&self) -> impl Iterator<Item = &Judged> {
        self.held.iter().flat_map(|h| &h.results)
    }

    /// The figures that were measured, by their keys: those of audits that were not stopped on the way.
    pub fn figures(&self) -> BTreeMap<String, Figure> {
        let results = self.held.iter().filter(|h| !h.partial).flat_map(|h| &h.results);
        let compared = results.filter(|r| r.standing != Standing::Vacuous);
        compared.map(|r| (r.key.clone(), Figure::of(&r.record))).collect()
    }

    /// Whether all that the configuration asks for was there and looked at to the end.
    pub fn is_whole(&self) -> bool {
        self.held.iter().all(|h| h.absent.is_none() && !h.partial && !h.elsewhere)
    }

    /// What is said of all of it together. An audit that compared nothing at all counts as such; single rows that did not do not
    /// count.
    pub fn verdict(&self) -> Verdict {
        let of = |held: &Held| {
            let rows = held.results.iter().filter(|r| r.standing != Standing::Vacuous).map(|r| r.standing.verdict());
            let mut all: Vec<Verdict> = rows.collect();
            all.extend(held.nothing().map(|_| Verdict::Vacuous));
            all.extend((held.partial || held.absent.is_some()).then_some(Verdict::Undecided));
            all
        };
        let claims = self.claims.iter().map(|c| c.judgement.standing(&c.claim));
        let outdated = self.outdated.iter().map(|_| Verdict::Refuted);
        Verdict::worst(self.held.iter().flat_map(of).chain(claims).chain(outdated))
    }
}

impl Held {
    /// Why nothing at all was compared, if so.
    pub fn nothing(&self) -> Option<String> {
        // what code does to its process is no comparison, unless nothing else was asked for
        let compares = |r: &Judged| r.record.check != process::INFO.id;
        let only = !self.results.iter().any(compares);
        let looked = self.results.iter().any(|r| r.record.compared > 0 && (only || compares(r)));
        if self.absent.is_some() || self.partial || self.elsewhere || looked {
            return None;
        }
        let excluded = self.results.iter().flat_map(|r| &r.record.excluded).max_by_key(|e| e.count);
        Some(excluded.map_or_else(
            || "no check has anything to look at".to_owned(),
            |e| format!("nothing was compared: {}", e.reason),
        ))
    }
}

/// One audit: what the code does, as far as it is in this part.
fn look(file: &str, asked: &Asked, shard: Option<Shard>, host: &Host<'_>) -> Result<Found, GateError> {
    let (file, line) = (|| file.to_owned(), asked.line);
    let mut found = Found::default();
    let here = |dtype, pass| shard.is_none_or(|shard| shard.looks_at(asked, dtype, pass));
    // of a sweep each segment is of some part; whether there is one, only a plan says
    let segments = |pass| shard.map_or_else(Vec::new, |shard| shard.segments(asked, FloatFormat::F32, pass));
    let may_sweep = |dtype| dtype == FloatFormat::F32 && asked.options.effort > Effort::Quick;
    let pairs = || asked.options.dtypes.iter().flat_map(|f| asked.options.passes.iter().map(|p| (*f, *p)));
    if !pairs().any(|(f, p)| here(f, p) || may_sweep(f) && !segments(p).is_empty()) {
        return Ok(Found { elsewhere: true, ..found });
    }
    let subject = match subject::named(&asked.subject, &asked.activation) {
        Ok(subject) => subject,
        Err(error) if error.is_misunderstood() => {
            return Err(GateError::Entry { file: file(), line, message: error.to_string() });
        }
        Err(error) => return Ok(Found { absent: Some(error.to_string()), ..found }),
    };
    found.environment = subject.environment();
    found.files = files(&subject.name());
    // the rest is audited
    found.absent = lacking(asked, &*subject);
    let options = Options { jobs: host.jobs, ..offered(asked, &*subject) };
    let subjects: [&dyn Subject; 1] = [&*subject];
    let plan = Plan::new(host.facts, &asked.activation, &subjects, &[], &options);
    let mut elsewhere = false;
    let plan = plan.map(|mut plan| {
        let all = plan.units.len();
        if shard.is_some() {
            for unit in plan.units.iter_mut().filter(|unit| unit.is_sweep()) {
                let segments = segments(unit.pass);
                unit.part = (segments.len() < SEGMENTS as usize).then_some(segments);
            }
        }
        let none = |unit: &Unit| match &unit.part {
            Some(segments) => segments.is_empty(),
            None => !unit.is_sweep() && !here(unit.dtype, unit.pass),
        };
        let plan = plan.without(none);
        elsewhere = plan.units.len() < all || plan.units.iter().any(|unit| unit.part.is_some());
        plan
    });
    found.elsewhere = elsewhere;
    if plan.as_ref().is_ok_and(|plan| plan.units.is_empty()) {
        return Ok(found);
    }
    let audit = plan.map_err(KeptError::from).and_then(|plan| {
        let audit = run_kept(&plan, &subjects, host.facts, host.journal, host.watch)?;
        Ok((plan, audit))
    });
    match audit {
        Ok((plan, audit)) => {
            found.partial = audit.summary.partial;
            found.units = Looked::of(&plan, &audit);
            found.sweeps = audit.parts;
        }
        Err(KeptError::Audit(VerifyError::Subject(error))) => found.absent = Some(error.to_string()),
        Err(KeptError::Audit(error)) => return Err(GateError::Audit { file: file(), line, error }),
        Err(KeptError::Journal(error)) => return Err(error.into()),
    }
    Ok(found)
}

/// A format or pass that was named and that the code does not have.
fn lacking(asked: &Asked, subject: &dyn Subject) -> Option<String> {
    let (dtypes, passes) = &asked.named;
    let passes: Vec<Option<Pass>> =
        if passes.is_empty() { vec![None] } else { passes.iter().copied().map(Some).collect() };
    let lacks = |pass: &Option<Pass>| subject::require(&[subject], dtypes, *pass).err();
    passes.iter().find_map(lacks).map(|error| error.to_string())
}

/// The options without formats and passes that were not named, and that the code does not have.
fn offered(asked: &Asked, subject: &dyn Subject) -> Options {
    let mut options = asked.options.clone();
    let passes = options.passes.clone();
    options.dtypes.retain(|f| passes.iter().any(|p| subject.supports(*f, *p)));
    let dtypes = options.dtypes.clone();
    options.passes.retain(|p| dtypes.iter().any(|f| subject.supports(*f, *p)));
    options
}

fn judge(config: &Config, asked: &Asked, found: &Found, accepted: &Baseline, today: NaiveDate) -> Vec<Judged> {
    let label = asked.label();
    let one = |unit: &Looked, record: &Record| {
        let (dtype, pass) = (record.dtype.name(), record.pass.name());
        let id = format!("{label}/{}/{dtype}/{pass}/{}", record.subject, record.check);
        let key = baseline::key(&id, unit.inputs, unit.count, found.environment.as_deref());
        let figure = accepted.figures.get(&key).cloned();
        let change = figure.as_ref().map_or(Change::New, |was| Figure::of(record).against(was, record.check));
        // of several, one that holds today
        let over = |k: usize| config.expected[k].is_over(today);
        let fitting = || (0..config.expected.len()).filter(|k| config.expected[*k].matches(&id));
        let expected = fitting().find(|k| !over(*k)).or_else(|| fitting().next());
        let expired = expected.is_some_and(over);
        let against = asked.baseline.then_some(change);
        let own = own(record, against);
        // an expectation is about what is refuted, also if that is no worse than what was accepted
        let known = expected.filter(|_| record.verdict == Verdict::Refuted).map(|k| &config.expected[k]);
        let unborne = known.and_then(|known| unborne(known, asked.baseline, figure.as_ref(), change));
        let standing = match known {
            Some(_) if expired => Standing::Expired,
            Some(_) if unborne.is_some() => Standing::Failed,
            Some(_) => Standing::Expected,
            None => own,
        };
        let unborne = unborne.filter(|_| standing == Standing::Failed);
        Judged { record: record.clone(), id, standing, expected, key, accepted: figure, change, unborne }
    };
    found.units.iter().flat_map(|unit| unit.records.iter().map(move |record| one(unit, record))).collect()
}

/// Why an expectation does not bear a failure, if so.
fn unborne(known: &config::Expected, baseline: bool, accepted: Option<&Figure>, change: Change) -> Option<Unborne> {
    let passed = accepted.is_some_and(|was| was.verdict.is_good());
    // with accepted figures as the budget nothing may be worse, unless the entry says so
    let usual = if baseline { WhenWorse::Failure } else { WhenWorse::Warning };
    match known.worse.unwrap_or(usual) {
        _ if passed && known.is_pattern() => Some(Unborne::Passed),
        WhenWorse::Failure if change == Change::Worse => Some(Unborne::Worse),
        WhenWorse::Failure | WhenWorse::Warning => None,
    }
}

/// How a result stands by itself. With accepted figures as the budget, what is new or worse fails, and a measure that is refuted
/// but no worse than what was accepted does not.
fn own(record: &Record, against: Option<Change>) -> Standing {
    match (record.verdict, against) {
        // it compared something before
        (Verdict::Vacuous, Some(Change::Worse)) => Standing::Failed,
        (Verdict::Vacuous, _) => Standing::Vacuous,
        (Verdict::Proved | Verdict::Within | Verdict::Refuted, Some(Change::New | Change::Worse))
        | (Verdict::Refuted, None) => Standing::Failed,
        (Verdict::Proved | Verdict::Within, _) | (Verdict::Refuted, Some(_)) => Standing::Passed,
        (Verdict::Searched | Verdict::Undecided | Verdict::Undefined, _) => Standing::Undecided,
    }
}
