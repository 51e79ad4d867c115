//! The bootstrap interval of a mean, bias-corrected and accelerated (Efron 1987).

use super::error::{Interval, Outcome, StatsError, Why, check_open, check_some};
use super::moments::{Summary, is_constant, mean, sorted};
use crate::data::Draw;
use statrs::distribution::{ContinuousCDF as _, Normal};

/// The interval of the mean, from this many resamples, drawn for the purpose `"stats/bca"`. It is too narrow for few values (less than
/// 10): show it beside that of t, never alone. The order of values has no influence, and opposite values have the opposite interval.
///
/// # Errors
/// If there are fewer than two values, one is not finite, the level is not between 0 and 1, or there are fewer than 100 resamples.
pub fn bca(values: &[f64], level: f64, resamples: usize, seed: u64) -> Result<Outcome<Interval>, StatsError> {
    check_some(values, 2, "values")?;
    if resamples < 100 {
        return Err(StatsError::TooFew { n: resamples, what: "resamples", least: 100 });
    }
    // one order and one sign for all series that are the same but for these
    let opposite = Summary::of(values)?.mean < 0.0;
    let values = if opposite { values.iter().map(|v| -v).collect() } else { values.to_vec() };
    let values = sorted(&values);
    let mut draw = Draw::new(seed, "stats/bca", 0);
    let n = values.len();
    let mut sample = vec![0.0; n];
    let means: Vec<f64> = (0..resamples)
        .map(|_| {
            sample.fill_with(|| values[draw.index(n)]);
            mean(&sample)
        })
        .collect();
    let found = bca_of(&values, &means, level)?;
    Ok(match found {
        Outcome::Known(i) if opposite => Outcome::Known(Interval { low: -i.high, high: -i.low, ..i }),
        other => other,
    })
}

/// The interval that means of resamples of these values give.
///
/// # Errors
/// If there are fewer than two of either, one is not finite, or the level is not between 0 and 1.
pub fn bca_of(values: &[f64], means: &[f64], level: f64) -> Result<Outcome<Interval>, StatsError> {
    check_open("the level", level)?;
    check_some(means, 2, "resamples")?;
    let summary = Summary::of(values)?;
    if is_constant(&summary, values) {
        return Ok(Outcome::Known(Interval::degenerate(summary.mean, level)));
    }
    let normal = Normal::standard();
    let (below, means) =
        (|limit: &dyn Fn(f64) -> bool| means.iter().filter(|m| limit(**m)).count() as f64, sorted(means));
    let share = (below(&|m| m < summary.mean) + below(&|m| m <= summary.mean)) / 2.0 / means.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        return Ok(Outcome::Absent(Why::OneSided));
    }
    let bias = normal.inverse_cdf(share);
    // of the jackknife, which for a mean needs no repetition
    let errors: Vec<f64> = values.iter().map(|v| (v - summary.mean) / summary.sd).collect();
    let power = |k: i32| errors.iter().map(|e| e.powi(k)).sum::<f64>();
    let acceleration = power(3) / (6.0 * power(2).powf(1.5));
    let end = |p: f64| {
        let z = bias + normal.inverse_cdf(p);
        quantile(&means, normal.cdf(bias + z / (1.0 - acceleration * z)))
    };
    let tail = (1.0 - level) / 2.0;
    Ok(Outcome::Known(Interval::new(end(tail), end(1.0 - tail), level)))
}

/// Between the two values around the place p (n - 1), in proportion.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}
