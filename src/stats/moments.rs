//! Means, standard deviations, correlation.

use super::error::{Outcome, StatsError, Why, check_some};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Number, mean and standard deviation of a series.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Summary {
    /// how many
    pub n: usize,
    /// their mean
    pub mean: f64,
    /// their standard deviation, with n - 1
    pub sd: f64,
}

impl Summary {
    /// Of at least two finite values, in two passes over them in order of size: not even the last bit depends on the order of the input.
    ///
    /// # Errors
    /// If there are fewer than two, or one is not finite.
    pub fn of(values: &[f64]) -> Result<Self, StatsError> {
        check_some(values, 2, "values")?;
        let values = sorted(values);
        let (n, mean) = (values.len(), mean(&values));
        let largest = values.iter().fold(0.0f64, |m, v| m.max((v - mean).abs()));
        // squares of what is scaled do not underflow
        let squares: f64 =
            values.iter().map(|v| if largest > 0.0 { ((v - mean) / largest).powi(2) } else { 0.0 }).sum();
        Ok(Self { n, mean, sd: largest * (squares / (n - 1) as f64).sqrt() })
    }

    /// Standard error of the mean.
    pub fn standard_error(&self) -> f64 {
        self.sd / (self.n as f64).sqrt()
    }
}

pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

pub(super) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    // what rounding left
    first + values.iter().map(|v| v - first).sum::<f64>() / n
}

/// Pearson's correlation of pairs, in [-1, 1].
///
/// # Errors
/// If lengths differ, there are fewer than two pairs, or a value is not finite.
pub fn correlation(a: &[f64], b: &[f64]) -> Result<Outcome<f64>, StatsError> {
    if a.len() != b.len() {
        return Err(StatsError::Lengths { a: a.len(), b: b.len() });
    }
    let (sa, sb) = (Summary::of(a)?, Summary::of(b)?);
    if is_constant(&sa, a) || is_constant(&sb, b) {
        return Ok(Outcome::Absent(Why::Constant));
    }
    let products = a.iter().zip(b).map(|(a, b)| ((a - sa.mean) / sa.sd) * ((b - sb.mean) / sb.sd));
    let r = products.sum::<f64>() / (a.len() - 1) as f64;
    Ok(Outcome::Known(r.clamp(-1.0, 1.0)))
}

/// Whether the spread is nothing beside the rounding of the values themselves.
pub(super) fn is_constant(summary: &Summary, values: &[f64]) -> bool {
    summary.sd <= 8.0 * f64::EPSILON * largest(values)
}

pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| m.max(v.abs()))
}
