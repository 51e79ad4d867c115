//! Are two the same for all that matters?

use super::error::{StatsError, check_open, is_usable};
use super::moments::Summary;
use super::student::{critical, freedom, upper_tail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What two one-sided t tests say of a region of practical equivalence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// the mean difference lies within the region: both tests reject that it lies beyond their end
    Inside,
    /// the mean difference lies beyond one end of the region: a test of the same level rejects that it lies within
    Outside,
    /// neither is shown: there are too few runs to say whether the difference matters
    Undecided,
}

impl Within {
    /// As in reports.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Inside => "equivalent: the difference lies within the region",
            Self::Outside => "not equivalent: the difference lies outside the region",
            Self::Undecided => "undecided: too few runs to say whether the difference matters",
        }
    }
}

/// Two one-sided tests (Schuirmann 1987) of a mean difference.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Equivalence {
    /// half the width of the region, which is symmetric about 0
    pub region: f64,
    /// the larger p of the two tests
    pub p: f64,
    /// level of each test
    pub level: f64,
    /// what they say
    pub verdict: Within,
}

/// Whether a mean difference lies within (-region, region), at this level of each test. Differences that are all the same are taken as what the
/// mean is: p is then 0, 1/2 (at an end) or 1.
///
/// # Errors
/// If the region is not above 0, the level is not between 0 and 1/2, or there are fewer than two differences.
pub fn equivalence(summary: &Summary, region: f64, level: f64) -> Result<Equivalence, StatsError> {
    check_open("the level", 2.0 * level)?;
    if !(region > 0.0 && is_usable(region)) {
        return Err(StatsError::Term { what: "the region", value: region, expected: "a number above 0" });
    }
    let (freedom, error) = (freedom(summary)?, summary.standard_error());
    // of the end on that side of which the mean lies, which is the nearer one
    let beyond = summary.mean.abs() - region;
    if error == 0.0 {
        let (p, verdict) = match beyond.total_cmp(&0.0) {
            std::cmp::Ordering::Less => (0.0, Within::Inside),
            std::cmp::Ordering::Equal => (0.5, Within::Undecided),
            std::cmp::Ordering::Greater => (1.0, Within::Outside),
        };
        return Ok(Equivalence { region, p, level, verdict });
    }
    let t = beyond / error;
    let p = upper_tail(freedom, -t)?;
    // outside: the interval of level 1 - 2 level, which equivalence is read off, too, does not meet the region
    let verdict = match t {
        _ if p < level => Within::Inside,
        t if t > critical(freedom, 2.0 * level)? => Within::Outside,
        _ => Within::Undecided,
    };
    Ok(Equivalence { region, p, level, verdict })
}
