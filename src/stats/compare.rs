//! Two series over the same seeds.

use super::bca::bca;
use super::chance::{Chance, chance};
use super::detectable::detectable_by_signs;
use super::equivalence::{Equivalence, equivalence};
use super::error::{Interval, Outcome, StatsError, check};
use super::moments::{Summary, correlation, largest};
use super::sign_flip::{sign_flip_p, sign_p, smallest_p};
use super::student::{t_interval, t_p};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How comparisons are made: all of it is named in a report.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Terms {
    /// level of intervals; tests reject at 1 less this
    pub level: f64,
    /// how many comparisons are made together
    pub comparisons: usize,
    /// the power with which the detectable difference is found
    pub power: f64,
    /// of the bootstrap
    pub resamples: usize,
    /// of the bootstrap
    pub seed: u64,
    /// half the width of the region of practical equivalence, if there is one
    pub region: Option<f64>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { level: 0.95, comparisons: 1, power: 0.8, resamples: 9999, seed: 0, region: None }
    }
}

/// What two paired series say. Differences are a - b.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Comparison {
    /// of the first series
    pub a: Summary,
    /// of the second
    pub b: Summary,
    /// of the differences. Its standard deviation is 0 where differences are the same but for the rounding of the values.
    pub difference: Summary,
    /// of the pairs: what pairing is worth
    pub correlation: Outcome<f64>,
    /// of the mean difference by Student's t, if differences are normal; degenerate if they are all the same
    pub interval: Interval,
    /// two-sided p of the paired t test
    pub t_p: Outcome<f64>,
    /// two-sided p of the exact sign-flip test
    pub sign_flip_p: Outcome<f64>,
    /// two-sided p of the exact sign test, which stands in where there are too many pairs to go through all signs
    pub sign_p: f64,
    /// the smallest p that so many pairs can have in that test, whatever they say
    pub smallest_p: f64,
    /// of the mean difference by the bootstrap; too narrow below ten pairs
    pub bootstrap: Outcome<Interval>,
    /// how often the first is larger
    pub chance: Chance,
    /// whether the difference lies within the region, at the level of the tests, if a region was given
    pub equivalence: Option<Equivalence>,
    /// the smallest mean difference, in standard deviations of the difference, that so many pairs show in the exact test with the wanted
    /// power; none where they show nothing, whatever they say
    pub detectable_effect: Option<f64>,
    /// the same as a difference, with the standard deviation that was found; none where that is 0, too, which says nothing
    pub detectable: Option<f64>,
}

/// Compares `a[i]` with `b[i]`, for all i.
///
/// # Errors
/// If lengths differ, there are fewer than two pairs, a value is not finite, or terms are out of range.
pub fn compare(a: &[f64], b: &[f64], terms: &Terms) -> Result<Comparison, StatsError> {
    if a.len() != b.len() {
        return Err(StatsError::Lengths { a: a.len(), b: b.len() });
    }
    check(a)?;
    check(b)?;
    let mut differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let mut difference = Summary::of(&differences)?;
    // the difference of two values carries their rounding, which is no spread
    let rounding = 8.0 * f64::EPSILON * largest(a).max(largest(b));
    let same = difference.sd <= rounding;
    if same {
        let mean = if difference.mean.abs() <= rounding { 0.0 } else { difference.mean };
        differences.fill(mean);
        difference = Summary { mean, sd: 0.0, ..difference };
    }
    let interval = t_interval(&difference, terms.level)?;
    let effect = detectable_by_signs(difference.n, 1.0 - terms.level, terms.comparisons, terms.power)?;
    Ok(Comparison {
        a: Summary::of(a)?,
        b: Summary::of(b)?,
        difference,
        correlation: correlation(a, b)?,
        interval: if same { Interval::degenerate(difference.mean, terms.level) } else { interval },
        t_p: t_p(&difference)?,
        sign_flip_p: sign_flip_p(&differences)?,
        sign_p: sign_p(&differences)?,
        smallest_p: smallest_p(difference.n),
        bootstrap: bca(&differences, terms.level, terms.resamples, terms.seed)?,
        chance: chance(&differences, terms.level)?,
        equivalence: terms.region.map(|region| equivalence(&difference, region, 1.0 - terms.level)).transpose()?,
        detectable_effect: effect,
        detectable: effect.map(|effect| effect * difference.sd).filter(|_| !same),
    })
}
