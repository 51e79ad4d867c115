//! Checks on code that need not answer every input: what has no answer is left out of all of them and counted, and what code
//! does to its own process is a finding of its own.

use crate::check::{Context, Found, Info, Point, Reason, Tallies, written};
use crate::kernels::Pass;
use crate::subject::incident::{
    Answered, Incident, Incidents, Kind, NO_INTERVAL, NOT_ASKED, NOT_NARROWED, SEVERAL, UNANSWERED,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the row of results says about a process.
pub const INFO: Info = Info {
    id: "process",
    title: "does the code answer for every input without harming its process?",
    explain: "Only for code of others, which runs in a process of its own. A batch fails if it ends the process (by a signal or an exit), \
exceeds the time limit, reports an error, or gives an answer of another length or type; then it is narrowed down to the smallest part that \
still fails, the process is started again, and the rest is answered. What fails once and is answered when it is asked again counts all the same, \
and so does what happens in calls of checks that choose their inputs themselves. A batch that is answered counts as an incident if outputs were not \
written, if anything was written beside the output or to the input, if a library reads or writes memory beside its arrays that cannot be touched, or if the rounding mode or the treatment of subnormals is another one \
afterwards. Code that answers none of three inputs, each alone and in a new process, after a batch exceeded the time limit is not asked any more. \
Inputs without an answer are left out of every other check and counted there. The limits are options of the subject: seconds (for \
a batch), memory, failures (batches that may fail in one format and pass before the rest is not asked).",
    measures: "incidents",
    passes: &Pass::KNOWN,
};

/// All checks on one subject's answers, and what happened while it answered.
#[derive(Serialize, Deserialize)]
pub(super) struct Watched {
    tallies: Tallies,
    asked: u64,
    /// inputs of which an interval is known
    several: u64,
    #[serde(with = "written::counts")]
    missing: BTreeMap<written::Word, u64>,
    incidents: Incidents,
    /// of a few inputs, and so of no part of a sweep
    #[serde(skip)]
    kept: Option<Vec<Kept>>,
}

/// An input that was asked for by itself: with its output, or why it has none.
pub(super) struct Kept {
    pub point: Point,
    pub missing: Option<&'static str>,
}

impl Watched {
    /// With `keep`, every answer is kept.
    pub(super) fn new(cx: &Context<'_>, keep: bool) -> Self {
        let (missing, incidents) = (BTreeMap::new(), Incidents::default());
        Self { tallies: Tallies::new(cx), asked: 0, several: 0, missing, incidents, kept: keep.then(Vec::new) }
    }

    /// The largest error so far, in ulp, at least.
    pub(super) fn error(&mut self) -> f64 {
        self.tallies.error()
    }

    /// Before a run of inputs that will be joined with this.
    pub(super) fn following(&self, cx: &Context<'_>) -> Self {
        Self { tallies: self.tallies.following(cx), ..Self::new(cx, self.kept.is_some()) }
    }

    /// Inputs that the code is not made for.
    pub(super) fn skip(&mut self, inputs: usize, why: &'static str) {
        *self.missing.entry(why).or_default() += inputs as u64;
    }

    /// Inputs that the code was not asked for, because it failed too often before.
    pub(super) fn not_asked(&mut self, inputs: u64) {
        self.asked += inputs;
        *self.missing.entry(NOT_ASKED).or_default() += inputs;
    }

    /// What the code answered to these inputs.
    pub(super) fn answers(&mut self, points: impl Iterator<Item = Point>, answered: Answered, cx: &Context<'_>) {
        for (place, point) in points.enumerate() {
            self.asked += 1;
            let end =
                answered.up_to.get(&place).map(|bits| Point { output: *bits, y: cx.format.decode(*bits), ..point });
            let nan = end.is_some_and(|end| point.y.is_nan() || end.y.is_nan());
            let missing = answered.missing.get(&place).copied().or(nan.then_some(NO_INTERVAL));
            if let Some(kept) = &mut self.kept {
                kept.push(Kept { point, missing: missing.or(end.map(|_| SEVERAL)) });
            }
            match (missing, end) {
                (Some(why), _) => *self.missing.entry(why).or_default() += 1,
                (None, None) => self.tallies.point(&point, cx),
                (None, Some(end)) => {
                    self.several += 1;
                    self.tallies.between(&ordered([point, end]), cx);
                }
            }
        }
        answered.incidents.into_iter().for_each(|i| self.incidents.add(i));
    }

    /// The same for a batch of which no input was answered, so that nobody needs the real values.
    pub(super) fn nothing(&mut self, answered: Answered) {
        self.asked += answered.missing.len() as u64;
        for why in answered.missing.into_values() {
            *self.missing.entry(why).or_default() += 1;
        }
        answered.incidents.into_iter().for_each(|i| self.incidents.add(i));
    }

    /// The same for a batch that was answered in full, and is handed to the checks by `hand`.
    pub(super) fn sweep(&mut self, answered: Answered, inputs: usize, hand: impl FnOnce(&mut Tallies)) {
        self.asked += inputs as u64;
        hand(&mut self.tallies);
        answered.incidents.into_iter().for_each(|i| self.incidents.add(i));
    }

    pub(super) fn join(&mut self, next: Self, cx: &Context<'_>) {
        self.tallies.join(next.tallies, cx);
        self.asked += next.asked;
        self.several += next.several;
        for (why, n) in next.missing {
            *self.missing.entry(why).or_default() += n;
        }
        self.incidents.join(next.incidents);
        if let (Some(kept), Some(next)) = (&mut self.kept, next.kept) {
            kept.extend(next);
        }
    }

    /// Inputs that the code is made for, and did not answer.
    pub(super) fn unanswered(&self) -> u64 {
        UNANSWERED.iter().filter_map(|why| self.missing.get(why)).sum()
    }

    /// What went wrong at a first attempt, where nothing failed at the second: what does not happen each time did happen all the same.
    pub(super) fn failed_before(&mut self, first: Self) {
        let again: BTreeSet<Kind> = self.incidents.counts.keys().copied().collect();
        // what was not asked then has been asked now
        let news = |i: &Incident| i.kind != Kind::GaveUp && !again.contains(&i.kind);
        for incident in first.incidents.kept.into_iter().filter(news) {
            let without = if incident.kind.is_failure() { "" } else { " without it" };
            // a first attempt is not narrowed down anyway
            let text = incident.text.replace(NOT_NARROWED, "");
            let text = format!("{text}; the same batch was answered{without} when it was asked again");
            self.incidents.add(Incident { text, repeats: false, ..incident });
        }
    }

    /// What each check found, the answers that were kept, and what is known of the process.
    pub(super) fn finish(self) -> (Vec<(&'static str, Found)>, Vec<Kept>, Process) {
        let not_asked = self.missing.get(NOT_ASKED).copied().unwrap_or_default();
        let (asked, unanswered) = (self.asked, self.unanswered());
        let process = Process { asked, unanswered, several: self.several, not_asked, incidents: self.incidents };
        let with_missing = |(check, mut found): (&'static str, Found)| {
            found.excluded.extend(self.missing.iter().map(|(why, n)| (Reason::code(why), *n)));
            (check, found)
        };
        let found = self.tallies.finish().into_iter().map(with_missing).collect();
        (found, self.kept.unwrap_or_default(), process)
    }
}

/// Two outputs for one input, the lower one first.
fn ordered([a, b]: [Point; 2]) -> [Point; 2] {
    if a.y.total_cmp(&b.y).is_gt() { [b, a] } else { [a, b] }
}

/// What happened in a process while it answered.
pub(super) struct Process {
    pub asked: u64,
    pub unanswered: u64,
    pub several: u64,
    /// of those without an answer, the ones that it was not even asked for
    pub not_asked: u64,
    pub incidents: Incidents,
}

impl Process {
    /// As what a check found, with the first incidents of each kind; nothing if it is not the code's own process.
    pub(super) fn finish(self, isolated: bool) -> Option<(Found, Vec<Incident>)> {
        if !isolated || self.asked == 0 {
            return None;
        }
        let total = self.incidents.total();
        let mut found = Found {
            compared: self.asked - self.not_asked,
            // inputs: what harms a batch may be several incidents
            failing: (self.unanswered - self.not_asked).max(total).min((self.asked - self.not_asked).max(1)),
            measured: [total as f64; 2],
            unit: "incidents",
            ..Found::default()
        };
        if self.not_asked > 0 {
            found.excluded.insert(Reason::code(NOT_ASKED), self.not_asked);
        }
        Some((found, self.incidents.kept))
    }
}

/// What rows of results are about: the checks, what code does to its process, and whether subjects are identical.
pub fn rows() -> impl Iterator<Item = &'static Info> {
    crate::check::all().chain([&INFO, &super::identical::INFO])
}

/// The id of a row of this name.
pub fn check_id(name: &str) -> Option<&'static str> {
    rows().map(|info| info.id).find(|id| *id == name)
}
