//! Several comparisons at once.

use super::error::{StatsError, check_open};
use super::sign_flip::smallest_p;

/// Holm's adjustment: the k-th smallest of m p is multiplied by m - k + 1, never below the one before, at most 1. Rejecting those that are
/// at most the level rejects a true hypothesis at most that often. In the order of the input.
///
/// # Errors
/// If one is not between 0 and 1, ends included.
pub fn holm(p: &[f64]) -> Result<Vec<f64>, StatsError> {
    if let Some(value) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::Term { what: "a p", value: *value, expected: "a number from 0 to 1" });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|i, j| p[*i].total_cmp(&p[*j]));
    let (mut adjusted, mut largest) = (vec![0.0; p.len()], 0.0f64);
    for (k, i) in order.into_iter().enumerate() {
        largest = largest.max((p[i] * (p.len() - k) as f64).min(1.0));
        adjusted[i] = largest;
    }
    Ok(adjusted)
}

/// The largest number of comparisons of which the exact test of n pairs can still reject one, by Holm's procedure at this level: 0 where it
/// cannot even reject a single one, as with three pairs at .05.
///
/// # Errors
/// If the level is not between 0 and 1.
pub fn largest_family(n: usize, level: f64) -> Result<usize, StatsError> {
    check_open("the level", level)?;
    // a float that is too large for the type becomes its largest number
    Ok(if n == 0 { 0 } else { (level / smallest_p(n)).floor() as usize })
}
