//! How small a difference could so many pairs have shown?

use super::error::{StatsError, check_open, is_usable};
use super::student::critical;
use statrs::distribution::{ContinuousCDF as _, Normal};
use statrs::function::gamma::ln_gamma;

/// The probability that a two-sided paired t test at this level rejects with n pairs, if the mean difference is `effect` standard deviations
/// of the difference: that of |T| > t with a noncentral T, as an integral over the standard deviation that a sample has, by Simpson's
/// rule. Within 1e-9 of SciPy's.
///
/// # Errors
/// If there are fewer than two pairs, the level is not between 0 and 1, or the effect is not finite.
pub fn power(n: usize, effect: f64, level: f64) -> Result<f64, StatsError> {
    check_open("the level", level)?;
    if n < 2 {
        return Err(StatsError::TooFew { n, what: "pairs", least: 2 });
    }
    if !is_usable(effect) {
        return Err(StatsError::Term { what: "the effect", value: effect, expected: "a finite number" });
    }
    Ok(rejects(n, effect.abs(), critical(n - 1, level)?))
}

fn rejects(n: usize, effect: f64, critical: f64) -> f64 {
    let (freedom, shift) = ((n - 1) as f64, effect * (n as f64).sqrt());
    let normal = Normal::standard();
    // of s = sqrt(chi^2/freedom), which lies about 1
    let log_scale = std::f64::consts::LN_2 + freedom / 2.0 * (freedom / 2.0).ln() - ln_gamma(freedom / 2.0);
    let density =
        |s: f64| if s > 0.0 { (log_scale + (freedom - 1.0) * s.ln() - freedom * s * s / 2.0).exp() } else { 0.0 };
    let tail = |s: f64| normal.cdf(shift - critical * s) + normal.cdf(-shift - critical * s);
    let spread = (2.0 * freedom).sqrt().recip();
    let (first, last) = ((1.0 - 12.0 * spread).max(0.0), 1.0 + 12.0 * spread);
    // where the tail falls from 1 to 0
    let (step, width) = (shift / critical, 9.0 / critical);
    let mut knots = vec![first, last];
    let inner = [step - width, step, step + width, width, 1.0 - 3.0 * spread, 1.0, 1.0 + 3.0 * spread];
    knots.extend(inner.into_iter().filter(|k| first < *k && *k < last));
    knots.sort_by(f64::total_cmp);
    // with one degree of freedom the density does not vanish at 0
    let at_least = |s: f64| if s == 0.0 && freedom == 1.0 { density(1e-300) } else { density(s) };
    knots.windows(2).map(|ends| simpson(&|s| tail(s) * at_least(s), ends[0], ends[1])).sum::<f64>().clamp(0.0, 1.0)
}

fn simpson(f: &dyn Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    const PANELS: usize = 200;
    let h = (high - low) / (2 * PANELS) as f64;
    let weighted = (0..=2 * PANELS).map(|i| {
        let weight = if i == 0 || i == 2 * PANELS { 1.0 } else { [2.0, 4.0][i % 2] };
        weight * f(low + i as f64 * h)
    });
    weighted.sum::<f64>() * h / 3.0
}

/// The smallest mean difference, in standard deviations of the difference, that n pairs show with this power at a level divided by the number of
/// comparisons (the first step of Holm's procedure, the hardest).
///
/// # Errors
/// If there are fewer than two pairs, there is no comparison, or level or power are not between 0 and 1, or the power is not above the level.
pub fn detectable(n: usize, level: f64, comparisons: usize, wanted: f64) -> Result<f64, StatsError> {
    check_open("the level", level)?;
    check_open("the power", wanted)?;
    if comparisons == 0 {
        return Err(StatsError::TooFew { n: 0, what: "comparisons", least: 1 });
    }
    if n < 2 {
        return Err(StatsError::TooFew { n, what: "pairs", least: 2 });
    }
    let level = level / comparisons as f64;
    if wanted <= level {
        return Err(StatsError::Term { what: "the power", value: wanted, expected: "more than the level" });
    }
    let critical = critical(n - 1, level)?;
    let (mut low, mut high) = (0.0, 1.0);
    while rejects(n, high, critical) < wanted && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if rejects(n, middle, critical) < wanted { low = middle } else { high = middle }
    }
    Ok(high)
}

/// How many pairs it takes, up to 10,000, to show a mean difference of `effect` standard deviations of the difference; `None` for more.
///
/// # Errors
/// As [`detectable`], and if the effect is not finite.
pub fn pairs_needed(effect: f64, level: f64, comparisons: usize, wanted: f64) -> Result<Option<usize>, StatsError> {
    const MOST: usize = 10_000;
    detectable(2, level, comparisons, wanted)?;
    let shows = |n: usize| power(n, effect, level / comparisons as f64).map(|p| p >= wanted);
    if !shows(MOST)? {
        return Ok(None);
    }
    let (mut few, mut enough) = (1, MOST);
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if shows(middle)? { enough = middle } else { few = middle }
    }
    Ok(Some(enough))
}
