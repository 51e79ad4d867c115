//! What is known in the end, what it rests on, and the exit code that says so: the one vocabulary of checks, claims, bounds and
//! audits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known in the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// holds: for every input there is, or for all of R as the checker accepted it
    Proved,
    /// holds for every input that was looked at, and not all were
    Within,
    /// a search found it, and the checker was not asked
    Searched,
    /// does not hold; there is a witness
    Refuted,
    /// could not be decided
    Undecided,
    /// there is nothing to hold
    Undefined,
    /// nothing was compared
    Vacuous,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Proved, Self::Within, Self::Searched, Self::Refuted, Self::Undecided, Self::Undefined, Self::Vacuous];

    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Within => "within",
            Self::Searched => "searched",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Undefined => "undefined",
            Self::Vacuous => "vacuous",
        }
    }

    /// Whether all that was asked for holds.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Proved | Self::Within)
    }

    /// How much a verdict weighs beside others: a refutation more than anything, a proof less than anything.
    const fn weight(self) -> u8 {
        match self {
            Self::Proved => 0,
            Self::Within => 1,
            Self::Searched => 2,
            Self::Vacuous => 3,
            Self::Undefined => 4,
            Self::Undecided => 5,
            Self::Refuted => 6,
        }
    }

    /// The one that weighs most: what is said of all of them together. Of none, that nothing was compared.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max_by_key(|verdict| verdict.weight()).unwrap_or(Self::Vacuous)
    }
}

/// What the verdict of a check rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Evidence {
    /// every input of the format
    Exhaustive,
    /// a set of inputs
    Sampled,
}

impl Evidence {
    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhaustive => "exhaustive",
            Self::Sampled => "sampled",
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// it was asked for nothing that holds or does not
    Done,
    /// what was asked for was judged
    Judged(Verdict),
    /// bad usage, definition or configuration; nothing was run
    Misused,
    /// a subject or device that was asked for is not there
    Absent,
    /// a defect of this program
    Broken,
}

impl Ended {
    /// The exit code: the contract that scripts rely on. Nothing else decides one.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done | Self::Judged(Verdict::Proved | Verdict::Within) => 0,
            Self::Judged(Verdict::Refuted) => 1,
            Self::Misused => 2,
            Self::Judged(Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous) => 3,
            Self::Absent => 4,
            Self::Broken => 70,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_verdict_decides() {
        use Verdict::{Proved, Refuted, Undecided, Vacuous, Within};
        for (all, worst, code) in [
            (vec![Proved, Within], Within, 0),
            (vec![Proved, Vacuous, Within], Vacuous, 3),
            (vec![Vacuous, Undecided], Undecided, 3),
            (vec![Undecided, Refuted, Proved], Refuted, 1),
            (vec![], Vacuous, 3),
        ] {
            let found = Verdict::worst(all.clone());
            assert_eq!((found, Ended::Judged(found).exit_code()), (worst, code), "{all:?}");
        }
    }

    #[test]
    fn only_what_holds_is_a_success() {
        for verdict in [Verdict::Searched, Verdict::Refuted, Verdict::Undecided, Verdict::Undefined, Verdict::Vacuous] {
            assert!(!verdict.is_good() && Ended::Judged(verdict).exit_code() != 0, "{verdict:?}");
        }
    }
}
