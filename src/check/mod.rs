//! What is looked at in a kernel's answers: one file a check, one line in the table below. A check sees every input once,
//! in ascending order, with the kernel's output and an enclosure of the real value.

mod between;
mod bisect;
mod block;
mod budget;
mod cells;
mod finite;
mod flush;
mod gradient;
mod hunt;
mod incoming;
mod layout;
mod lipschitz;
mod monotone;
mod nearest;
mod point;
mod policy;
mod position;
mod probe;
mod range;
mod reason;
mod regions;
mod seam;
mod sign;
mod smooth;
mod special;
mod tolerance;
mod ulp;
mod within;
pub(crate) mod written;

pub(crate) use block::Block;
pub use budget::Budget;
pub use cells::Cell;
pub(crate) use monotone::{Stretch, stretches};
pub(crate) use point::Point;
pub use policy::{NanPolicy, Policy, Subgradient, Zeros};
pub(crate) use probe::{Ask, PROBES, Probing};
pub use reason::By;
pub(crate) use reason::Reason;
pub(crate) use regions::region_of;
pub use regions::{REGIONS, Region, region_name};
pub use tolerance::Tolerance;
pub use ulp::UlpStatistics;
pub(crate) use ulp::judged as error_of;
pub(crate) use within::Within;

use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::number::{Enclosure, Limit};
use crate::reference::{Evaluator, Kind};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A check, for people: what it asks and what it lets pass.
#[non_exhaustive]
pub struct Info {
    /// short name
    pub id: &'static str,
    /// the question
    pub title: &'static str,
    /// how it is answered, and the policy
    pub explain: &'static str,
    /// what its measure counts, in a word or two for a table
    pub measures: &'static str,
    /// the passes to which it applies
    pub passes: &'static [Pass],
}

/// What every check may ask.
pub(crate) struct Context<'a> {
    /// format of inputs and outputs
    pub format: FloatFormat,
    /// direction
    pub pass: Pass,
    /// the real values
    pub reference: &'a Evaluator<'a>,
    /// limits at minus and plus infinity, where they are known
    pub limits: [Option<Limit>; 2],
    /// proved bounds of all values, outward
    pub range: Option<[f64; 2]>,
    /// proved bound of the magnitude of the next derivative, if it is finite and the function does not jump
    pub lipschitz: Option<f64>,
    /// where the mathematics is proved monotone
    pub stretches: &'a [Stretch],
    /// finite inputs that a quick audit would look at, in order, where more are looked at
    pub sample: &'a [f64],
    /// what is allowed
    pub budget: Budget,
    /// what is declared
    pub policy: Policy,
}

/// An input that shows a failure, exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Witness {
    /// the input's bits
    pub input: u64,
    /// the output's bits
    pub output: u64,
    /// the input before it, if it takes two to show the failure
    pub after: Option<u64>,
    /// how bad it is, in the check's own measure
    pub measure: f64,
    /// how the code was called, where that is what matters
    pub how: Option<String>,
}

/// An input that could not be decided, and why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Doubt {
    /// the input with its output
    pub witness: Witness,
    /// the reason, in words
    #[serde(with = "written::words")]
    pub why: written::Word,
}

/// What a check found. The driver turns it into a verdict.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    /// inputs that were compared
    pub compared: u64,
    /// inputs that were not, by reason
    pub excluded: BTreeMap<Reason, u64>,
    /// inputs that certainly fail
    pub failing: u64,
    /// inputs for which the reference could not decide, or of whose possible outputs some pass and some do not
    pub undecided: u64,
    /// the first of these
    pub doubt: Option<Doubt>,
    /// the measure, as an enclosure
    pub measured: [f64; 2],
    /// what the measure may be
    pub budget: f64,
    /// what the measure is
    #[serde(with = "written::words")]
    pub unit: written::Word,
    /// the worst inputs that were compared, worst first (failing or not)
    pub worst: Vec<Witness>,
    /// inputs at kinks where a subgradient was accepted
    pub subgradients: u64,
    /// distribution of the error, for the check that has one
    pub statistics: Option<UlpStatistics>,
    /// enough witnesses are known elsewhere that are at least this bad: lesser ones are not kept
    pub least: Option<f64>,
}

/// Why an output that is known only to lie between two is not decided.
const SOME_PASS: &str = "of the outputs that are possible some pass and some do not";
/// Why an error is not decided.
const NEAR_BUDGET: &str = "the error cannot be told from what is allowed";

/// Witnesses that are kept.
pub(crate) const KEPT: usize = 5;

impl Found {
    /// The verdict, given whether every input of the format was handed to the check. What it did not look at is not proved.
    pub fn verdict(&self, exhaustive: bool) -> Verdict {
        match self {
            _ if self.failing > 0 => Verdict::Refuted,
            _ if self.compared == 0 => Verdict::Vacuous,
            _ if self.undecided > 0 => Verdict::Undecided,
            _ if exhaustive && self.unlooked() == 0 => Verdict::Proved,
            _ => Verdict::Within,
        }
    }

    /// Inputs, or pairs of them, that the check could not or did not look at.
    pub fn unlooked(&self) -> u64 {
        self.excluded.iter().filter(|(reason, _)| reason.by == By::Checker).map(|(_, n)| n).sum()
    }

    fn exclude(&mut self, reason: Reason, inputs: u64) {
        if inputs > 0 {
            *self.excluded.entry(reason).or_default() += inputs;
        }
    }

    /// Keeps the worst few. Ties keep the first, so that the result does not depend on threads.
    fn note(&mut self, witness: Witness) {
        if self.least.is_some_and(|least| witness.measure < least) {
            return;
        }
        let place = self.worst.iter().position(|w| witness.measure > w.measure).unwrap_or(self.worst.len());
        if place < KEPT {
            self.worst.insert(place, witness);
            self.worst.truncate(KEPT);
        }
    }

    /// Whether a measure is large enough to be kept.
    fn would_note(&self, measure: f64) -> bool {
        self.least.is_none_or(|least| measure >= least)
            && (self.worst.len() < KEPT || self.worst.last().is_some_and(|w| measure > w.measure))
    }

    /// The measure that a witness must reach to be kept beside those that are known.
    fn threshold(&self) -> Option<f64> {
        self.worst.get(KEPT - 1).map(|w| w.measure).or(self.least)
    }

    fn fail(&mut self, point: &Point, measure: f64) {
        self.failing += point.weight;
        self.note(Witness { input: point.input, output: point.output, after: None, measure, how: None });
    }

    /// An input that could not be decided, for a reason in words.
    fn doubt(&mut self, point: &Point, why: &'static str) {
        self.undecided += point.weight;
        self.reason(None, point, why);
    }

    /// The step to an input from the one before it, which could not be decided.
    fn doubt_step(&mut self, after: &Point, point: &Point, why: &'static str) {
        self.undecided += 1;
        self.reason(Some(after.input), point, why);
    }

    fn reason(&mut self, after: Option<u64>, point: &Point, why: &'static str) {
        let witness = || Witness { input: point.input, output: point.output, after, measure: 0.0, how: None };
        self.doubt.get_or_insert_with(|| Doubt { witness: witness(), why });
    }

    /// Adds what was found in the inputs that follow.
    fn absorb(&mut self, next: Self) {
        self.doubt = self.doubt.take().or(next.doubt);
        self.compared += next.compared;
        self.failing += next.failing;
        self.undecided += next.undecided;
        self.subgradients += next.subgradients;
        self.measured = [0, 1].map(|k| self.measured[k].max(next.measured[k]));
        for (reason, n) in next.excluded {
            *self.excluded.entry(reason).or_default() += n;
        }
        for witness in next.worst {
            self.note(witness);
        }
    }
}

/// A check at work on a run of ascending inputs.
pub(crate) trait Tally: Sized + Send {
    /// What it is.
    const INFO: Info;
    /// Whether it judges every output by itself, and lets an output pass that lies between two that it lets pass, the nearest float to
    /// the real value among them.
    const CONVEX: bool = false;
    /// Whether there is anything to check.
    fn applies(_: &Context<'_>) -> bool {
        true
    }
    /// Before the first input.
    fn new(cx: &Context<'_>) -> Self;
    /// Before a run of inputs that will be joined with this: what is known already may spare it work.
    #[must_use]
    fn following(&self, cx: &Context<'_>) -> Self {
        Self::new(cx)
    }
    /// The next input.
    fn point(&mut self, point: &Point, cx: &Context<'_>);
    /// The next input, whose output is one of those between two, both included; NaN is no end.
    fn between(&mut self, ends: &[Point; 2], cx: &Context<'_>) {
        between::judge(self, ends, cx);
    }
    /// What it found so far.
    fn found(&mut self) -> &mut Found;
    /// Many inputs that follow, if what is known of all of them together is enough to go on: `false` asks for them one
    /// by one.
    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool;
    /// Joins with the tally of the inputs that follow.
    fn join(&mut self, next: Self, cx: &Context<'_>);
    /// After the last input.
    fn finish(self) -> Found;
}

/// Writes the table of checks and the struct that runs all of them.
macro_rules! checks {
    ($($name:ident: $type:ty),* $(,)?) => {
        /// Every check, in the order of reports.
        pub(crate) static CHECKS: &[Info] = &[$(<$type as Tally>::INFO),*];

        /// All checks at work on a run of ascending inputs.
        #[derive(Serialize, Deserialize)]
        pub(crate) struct Tallies {
            $($name: Option<$type>),*
        }

        impl Tallies {
            /// Before the first input. Checks that do not apply to the pass are left out.
            pub fn new(cx: &Context<'_>) -> Self {
                Self { $($name: (<$type>::INFO.passes.contains(&cx.pass) && <$type>::applies(cx)).then(|| <$type>::new(cx))),* }
            }

            /// Before a run of inputs that will be joined with these.
            #[must_use]
            pub fn following(&self, cx: &Context<'_>) -> Self {
                Self { $($name: self.$name.as_ref().map(|tally| tally.following(cx))),* }
            }

            /// The largest error so far, in ulp, at least; 0 where it is not measured.
            pub fn error(&mut self) -> f64 {
                self.ulp.as_mut().map_or(0.0, |tally| tally.found().measured[0].max(0.0))
            }

            /// The next input, for all.
            pub fn point(&mut self, point: &Point, cx: &Context<'_>) {
                $(if let Some(tally) = &mut self.$name {
                    tally.point(point, cx);
                })*
            }

            /// The next input, whose output is one of those between two, for all.
            pub fn between(&mut self, ends: &[Point; 2], cx: &Context<'_>) {
                $(if let Some(tally) = &mut self.$name {
                    tally.between(ends, cx);
                })*
            }

            /// Many inputs that follow, for all.
            pub fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) {
                $(if let Some(tally) = &mut self.$name
                    && !tally.block(block, cx)
                {
                    block.points().iter().for_each(|point| tally.point(point, cx));
                })*
            }

            /// Joins with the tallies of the inputs that follow.
            pub fn join(&mut self, next: Self, cx: &Context<'_>) {
                $(if let (Some(tally), Some(next)) = (&mut self.$name, next.$name) {
                    tally.join(next, cx);
                })*
            }

            /// What each check found, by its id.
            pub fn finish(self) -> Vec<(&'static str, Found)> {
                let mut out = Vec::new();
                $(if let Some(tally) = self.$name {
                    out.push((<$type>::INFO.id, tally.finish()));
                })*
                out
            }
        }
    };
}

checks! {
    ulp: ulp::Ulp,
    tolerance: tolerance::Within,
    special: special::Special,
    finite: finite::Finite,
    flush: flush::Flush,
    sign: sign::Sign,
    range: range::Range,
    monotone: monotone::Monotone,
    seam: seam::Seam,
    lipschitz: lipschitz::Lipschitz,
}

/// The descriptions of all checks, those that choose their own inputs last.
pub fn all() -> impl Iterator<Item = &'static Info> {
    CHECKS.iter().chain(PROBES.iter().map(|p| &p.info))
}

/// The description of a check.
#[must_use]
pub fn find(id: &str) -> Option<&'static Info> {
    all().find(|c| c.id == id)
}

/// The unit in the last place of the output or of the real value, whichever is larger.
fn unit(point: &Point, cx: &Context<'_>) -> f64 {
    let size = point.y.abs().max(point.real.lo().abs()).max(point.real.hi().abs());
    cx.format.ulp(size)
}

/// Why an input is not compared with the real value, if it is not.
fn incomparable(point: &Point) -> Option<Reason> {
    match point.kind {
        _ if point.x.is_nan() => Some(Reason::mathematics("input is NaN")),
        _ if point.x.is_infinite() => Some(Reason::mathematics("input is infinite")),
        Kind::Jump => Some(Reason::mathematics("the function jumps here")),
        Kind::Undefined => Some(Reason::mathematics("the function has no value here")),
        _ => None,
    }
}
