//! How likely is the first larger than the second?

use super::error::{Interval, StatsError, check, check_open};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF as _};

/// P(A > B) in a pair with the same seed, ties counted half.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Chance {
    /// pairs in which the first is larger
    pub larger: usize,
    /// pairs in which both are the same
    pub ties: usize,
    /// pairs in which the first is smaller
    pub smaller: usize,
    /// (larger + ties/2)/n
    pub chance: f64,
    /// The interval of Clopper and Pearson. Its lower end counts ties as smaller, its upper end as larger, so that it holds P(A > B) + P(A = B)/2
    /// at least as often as the level says.
    pub interval: Interval,
}

/// How often differences are positive, and what that says of others.
///
/// # Errors
/// If there are no differences, one is not finite, or the level is not between 0 and 1.
pub fn chance(differences: &[f64], level: f64) -> Result<Chance, StatsError> {
    check_open("the level", level)?;
    check(differences)?;
    let n = differences.len();
    if n == 0 {
        return Err(StatsError::TooFew { n, what: "differences", least: 1 });
    }
    let count = |wanted: fn(&f64) -> bool| differences.iter().filter(|d| wanted(d)).count();
    let (larger, ties, smaller) = (count(|d| *d > 0.0), count(|d| *d == 0.0), count(|d| *d < 0.0));
    let tail = (1.0 - level) / 2.0;
    let low = if larger == 0 { 0.0 } else { beta(larger, n - larger + 1, tail)? };
    // the opposite of the lower end for the opposite
    let high = if smaller == 0 { 1.0 } else { 1.0 - beta(smaller, n - smaller + 1, tail)? };
    let chance = (larger as f64 + ties as f64 / 2.0) / n as f64;
    Ok(Chance { larger, ties, smaller, chance, interval: Interval::new(low, high, level) })
}

/// The number below which a beta variable lies with probability p, by bisection.
fn beta(a: usize, b: usize, p: f64) -> Result<f64, StatsError> {
    let wrong = |_| StatsError::Term {
        what: "a parameter of the beta distribution",
        value: a.min(b) as f64,
        expected: "above 0",
    };
    let beta = Beta::new(a as f64, b as f64).map_err(wrong)?;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle: f64 = (low + high) / 2.0;
        if beta.cdf(middle) < p { low = middle } else { high = middle }
    }
    Ok((low + high) / 2.0)
}
