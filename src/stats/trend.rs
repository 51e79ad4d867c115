//! Does a result rise or fall with a setting? One test, where comparisons of neighbours would be many.

use super::error::{Outcome, StatsError, check_some};
use super::moments::{correlation, mean};
use super::sign_flip::{sign_flip_p, sign_p};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a series is held against the order of its settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Spearman's rho: the correlation of ranks
    Spearman,
    /// Kendall's tau-b: pairs in order less those in the opposite one
    Kendall,
}

/// Whether a result goes with a setting.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Trend {
    /// which statistic
    pub rank: Rank,
    /// the statistic of each seed, from -1 (falls throughout) to 1 (rises throughout); 0 where all results of a seed are the same
    pub each: Vec<f64>,
    /// their mean
    pub mean: f64,
    /// Two-sided p of the exact sign-flip test over the seeds. It needs no more than that, if the setting had no influence, any order of a seed's
    /// results would be as likely as the opposite one.
    pub p: Outcome<f64>,
    /// two-sided p of the exact sign test over the seeds, which stands in where there are too many to go through all signs
    pub sign_p: f64,
    /// seeds whose results rise at every step
    pub rising: usize,
    /// seeds whose results fall at every step
    pub falling: usize,
    /// steps at which the mean over the seeds goes against the mean statistic: a trend need not be monotone
    pub against: usize,
}

/// Of results for each seed at each setting: `results[seed][setting]`.
///
/// # Errors
/// If settings are fewer than two or not strictly increasing, a seed has another number of results, there is no seed, or a value is not finite.
pub fn trend(settings: &[f64], results: &[Vec<f64>], rank: Rank) -> Result<Trend, StatsError> {
    check_some(settings, 2, "settings")?;
    if let Some(k) = settings.windows(2).position(|w| w[0] >= w[1]) {
        return Err(StatsError::Term {
            what: "a setting",
            value: settings[k + 1],
            expected: "more than the one before",
        });
    }
    if results.is_empty() {
        return Err(StatsError::TooFew { n: 0, what: "seeds", least: 1 });
    }
    let each = results.iter().map(|series| statistic(settings, series, rank)).collect::<Result<Vec<_>, _>>()?;
    let (p, sign_p, overall) = (sign_flip_p(&each)?, sign_p(&each)?, mean(&each));
    let means: Vec<f64> =
        (0..settings.len()).map(|k| mean(&results.iter().map(|series| series[k]).collect::<Vec<_>>())).collect();
    let steps = |series: &[f64], up: bool| series.windows(2).all(|w| if up { w[0] < w[1] } else { w[0] > w[1] });
    let count = |up| results.iter().filter(|series| steps(series, up)).count();
    let against = means.windows(2).filter(|w| (w[1] - w[0]) * overall < 0.0).count();
    Ok(Trend { rank, mean: overall, p, sign_p, rising: count(true), falling: count(false), against, each })
}

fn statistic(settings: &[f64], series: &[f64], rank: Rank) -> Result<f64, StatsError> {
    if settings.len() != series.len() {
        return Err(StatsError::Lengths { a: series.len(), b: settings.len() });
    }
    check_some(series, 2, "results")?;
    Ok(match rank {
        Rank::Spearman => {
            correlation(settings_ranks(settings.len()).as_slice(), &ranks(series))?.known().unwrap_or(0.0)
        }
        Rank::Kendall => kendall(series),
    })
}

fn settings_ranks(n: usize) -> Vec<f64> {
    (1..=n).map(|k| k as f64).collect()
}

/// Ranks from 1; those that are the same share the mean of theirs.
fn ranks(series: &[f64]) -> Vec<f64> {
    let rank = |v: &f64| {
        let (below, same) = series.iter().fold((0, 0), |(b, s), w| (b + usize::from(w < v), s + usize::from(w == v)));
        below as f64 + (same as f64 + 1.0) / 2.0
    };
    series.iter().map(rank).collect()
}

/// tau-b against 1, 2, ..., n.
fn kendall(series: &[f64]) -> f64 {
    let (mut order, mut untied, mut all) = (0.0, 0.0, 0.0f64);
    for (i, v) in series.iter().enumerate() {
        for w in &series[i + 1..] {
            all += 1.0;
            untied += f64::from(v != w);
            order += f64::from(i8::from(w > v) - i8::from(w < v));
        }
    }
    if untied > 0.0 { order / (all * untied).sqrt() } else { 0.0 }
}
