//! What foreign code did instead of answering, or besides.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// a signal ended its process: a segmentation fault, an abort
    Signal,
    /// it ended its process itself, with whatever exit code
    Exit,
    /// no answer within the time limit
    Hang,
    /// it said that it failed: an exception, an error code
    Exception,
    /// an answer of another length or shape than the input
    Length,
    /// an answer of another type than the input
    Type,
    /// it spoiled the channel on which the worker answers
    Channel,
    /// places of the output that it did not write
    Unwritten,
    /// it wrote before or after the output
    Outside,
    /// it read before or after its input
    Beyond,
    /// it wrote to its input
    Input,
    /// it left another rounding mode, or flushing of subnormals, behind
    Environment,
    /// so many batches failed that the rest was not asked
    GaveUp,
}

impl Kind {
    /// Whether the process is gone after it, so that what follows is asked of a new one.
    #[must_use]
    pub const fn ends_process(self) -> bool {
        !matches!(self, Self::Exception | Self::Length | Self::Type)
    }

    /// Whether a batch is not answered because of it.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Signal | Self::Exit | Self::Hang | Self::Exception | Self::Length | Self::Type | Self::Channel => {
                true
            }
            Self::Unwritten | Self::Outside | Self::Beyond | Self::Input | Self::Environment | Self::GaveUp => false,
        }
    }

    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Exit => "exit",
            Self::Hang => "hang",
            Self::Exception => "exception",
            Self::Length => "length",
            Self::Type => "type",
            Self::Channel => "channel",
            Self::Unwritten => "unwritten",
            Self::Outside => "outside",
            Self::Beyond => "beyond",
            Self::Input => "input",
            Self::Environment => "environment",
            Self::GaveUp => "gave_up",
        }
    }
}

/// One thing that went wrong, in the smallest batch in which it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// what
    pub kind: Kind,
    /// inputs in the batch
    pub batch: usize,
    /// bits of the batch's inputs: the first [`Incident::SHOWN`] of them
    pub inputs: Vec<u64>,
    /// in words
    pub text: String,
    /// it happens again when the batch is asked again, as far as is known
    pub repeats: bool,
}

impl Incident {
    /// How many inputs of a batch are kept: enough to repeat one that is as long as an unrolled loop of vectors.
    pub const SHOWN: usize = 128;

    /// Whether all of the batch is known, so that it can be asked again, and that shows it.
    #[must_use]
    pub fn repeatable(&self) -> bool {
        self.repeats && self.batch > 0 && self.batch == self.inputs.len() && self.kind != Kind::GaveUp
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.batch {
            0 => write!(f, "{}: {}", self.kind.name(), self.text),
            1 => write!(f, "{}: {} (input alone)", self.kind.name(), self.text),
            n => write!(f, "{}: {} (batch of {n})", self.kind.name(), self.text),
        }
    }
}

/// Behind the text of a batch whose parts were not all asked.
pub(crate) const NOT_NARROWED: &str = "; not narrowed down: too many batches failed";
/// Why code was not asked at all.
pub(crate) const NOT_THERE: &str = "the code does not have this format and pass";
/// Why a place of a batch has no answer.
pub(crate) const NO_ANSWER: &str = "no answer";
/// Why a place of a batch was not even asked for.
pub(crate) const NOT_ASKED: &str = "not asked: too many batches failed before";

/// Why an input has no answer.
pub(crate) const NOT_IN_TABLE: &str = "no answer: not in the table";
/// The reasons for which an input of the right format and pass is left out of every check.
pub(crate) const UNANSWERED: [&str; 4] = [NO_ANSWER, NOT_ASKED, NOT_IN_TABLE, NO_INTERVAL];

/// Why a place of a batch has no single output.
pub(crate) const SEVERAL: &str = "the output is known only to lie between two";
/// Why an output that is said to lie between two does not.
pub(crate) const NO_INTERVAL: &str = "no answer: NaN is no end of an interval";

/// Which places of a batch were answered, and what else happened. The default is that all were, each with the one output that was
/// written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "places without an answer are not in the output"]
#[non_exhaustive]
pub struct Answered {
    /// places without an answer, and why
    pub missing: BTreeMap<usize, &'static str>,
    /// places of which not the output is known, but that it is some float from the one that was written up to this one, both
    /// included: bits of the format, in the order of its numbers (-0 below +0). Checks pass such an input only if all of
    /// these outputs would pass, and refute it only if none would
    pub up_to: BTreeMap<usize, u64>,
    /// what went wrong
    pub incidents: Vec<Incident>,
    /// batches that failed, those included that were asked to find out why others do
    pub failed: u32,
}

impl Answered {
    /// Whether the output at a place is known.
    #[must_use]
    pub fn is_known(&self, place: usize) -> bool {
        !self.missing.contains_key(&place) && !self.up_to.contains_key(&place)
    }

    /// Whether all outputs are known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.up_to.is_empty()
    }
}

/// The incidents of many batches: all counted, a few of each kind kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Incidents {
    /// the first few of each kind, in the order in which they were found: one batch after the other, each from its ends
    pub kept: Vec<Incident>,
    /// how many of each kind
    pub counts: BTreeMap<Kind, u64>,
}

impl Incidents {
    const KEPT: usize = 3;

    /// The next one.
    pub fn add(&mut self, incident: Incident) {
        *self.counts.entry(incident.kind).or_default() += 1;
        self.keep(incident);
    }

    /// Those of the inputs that follow.
    pub fn join(&mut self, next: Self) {
        for (kind, n) in next.counts {
            *self.counts.entry(kind).or_default() += n;
        }
        next.kept.into_iter().for_each(|i| self.keep(i));
    }

    /// Those of a call with inputs of its own choice: what is kept already is not news.
    pub fn also(&mut self, incident: Incident) {
        if !self.kept.iter().any(|known| (known.kind, &known.inputs) == (incident.kind, &incident.inputs)) {
            self.add(incident);
        }
    }

    /// How many.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    fn keep(&mut self, incident: Incident) {
        if self.kept.iter().filter(|i| i.kind == incident.kind).count() < Self::KEPT {
            self.kept.push(incident);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(kind: Kind, input: u64) -> Incident {
        Incident { kind, batch: 1, inputs: vec![input], text: "it did".into(), repeats: true }
    }

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut all = Incidents::default();
        (0..5).for_each(|k| all.add(incident(Kind::Hang, k)));
        let mut next = Incidents::default();
        (5..9).for_each(|k| next.add(incident(Kind::Exit, k)));
        next.add(incident(Kind::Hang, 9));
        all.join(next);
        assert_eq!((all.total(), all.counts[&Kind::Hang], all.counts[&Kind::Exit]), (10, 6, 4));
        let kept: Vec<u64> = all.kept.iter().map(|i| i.inputs[0]).collect();
        assert_eq!(kept, [0, 1, 2, 5, 6, 7]);
        [incident(Kind::Exit, 6), incident(Kind::Exit, 1)].into_iter().for_each(|i| all.also(i));
        assert_eq!((all.total(), all.counts[&Kind::Exit]), (11, 5));
    }

    #[test]
    fn only_a_short_batch_can_be_repeated() {
        assert!(incident(Kind::Signal, 1).repeatable());
        assert!(!Incident { batch: 4096, ..incident(Kind::Signal, 1) }.repeatable());
        assert!(!Incident { repeats: false, ..incident(Kind::Signal, 1) }.repeatable());
        assert_eq!(incident(Kind::GaveUp, 1).to_string(), "gave_up: it did (input alone)");
    }
}
