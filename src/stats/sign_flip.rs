//! The exact test of paired differences: all signs are gone through.

use super::error::{Outcome, StatsError, Why, check_some};
use super::moments::sorted;
use statrs::distribution::{Binomial, DiscreteCDF as _};

/// With more pairs than this not all signs are gone through.
pub const MOST_PAIRS: usize = 20;

/// Two sums that differ by less than this, relative to the sum of all sizes, are the same: rounding must not decide. Errs to the side of a larger p.
const SAME: f64 = 1e-12;

/// Two-sided p of the hypothesis that differences are as likely as their opposites: the share of the 2^n choices of signs with which the
/// sum is at least as large in size as it is. Exact; needs neither normality nor equal spreads. 1 where all differences are 0.
///
/// # Errors
/// If there are none, or one is not finite.
pub fn sign_flip_p(differences: &[f64]) -> Result<Outcome<f64>, StatsError> {
    check_some(differences, 1, "differences")?;
    if differences.len() > MOST_PAIRS {
        return Ok(Outcome::Absent(Why::TooManyPairs));
    }
    let sizes: Vec<f64> = sorted(&differences.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let (all, observed) = (sizes.iter().sum::<f64>(), sorted(differences).iter().sum::<f64>().abs());
    let least = observed - SAME * all;
    // the sums of each half with all signs: every sum is one of each
    let (first, second) = sizes.split_at(sizes.len() / 2);
    let (first, second) = (signed_sums(first), signed_sums(second));
    let as_large = |sum: f64| usize::from(sum.abs() >= least);
    let count: usize = first.iter().map(|one| second.iter().map(|other| as_large(one + other)).sum::<usize>()).sum();
    Ok(Outcome::Known(count as f64 / (first.len() * second.len()) as f64))
}

/// Two-sided p of the sign test: how many differences are above 0 and how many below, ties left out. Exact for any number of pairs; sees
/// less than [`sign_flip_p`], since sizes do not count. 1 where all differences are 0.
///
/// # Errors
/// If there are none, or one is not finite.
pub fn sign_p(differences: &[f64]) -> Result<f64, StatsError> {
    check_some(differences, 1, "differences")?;
    let above = differences.iter().filter(|d| **d > 0.0).count() as u64;
    let below = differences.iter().filter(|d| **d < 0.0).count() as u64;
    let coin = Binomial::new(0.5, above + below);
    Ok(coin.map_or(1.0, |coin| (2.0 * coin.cdf(above.min(below))).min(1.0)))
}

fn signed_sums(sizes: &[f64]) -> Vec<f64> {
    sizes.iter().fold(vec![0.0], |sums, size| sums.iter().flat_map(|sum| [sum - size, sum + size]).collect())
}

/// The smallest two-sided p that any n pairs can have in the exact test: 2/2^n.
pub fn smallest_p(n: usize) -> f64 {
    (-(n.saturating_sub(1).min(1000) as f64)).exp2()
}
