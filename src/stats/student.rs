//! Student's t: interval and test of a mean.

use super::error::{Interval, Outcome, StatsError, Why, check_open};
use super::moments::Summary;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// The distribution with this many degrees of freedom, which are at least 1 wherever this is called.
fn student(freedom: usize) -> Result<StudentsT, StatsError> {
    let value = freedom as f64;
    let expected = "at least 1";
    StudentsT::new(0.0, 1.0, value).map_err(|_| StatsError::Term {
        what: "the number of degrees of freedom",
        value,
        expected,
    })
}

/// What |T| exceeds with probability `p` (two-sided).
pub(super) fn critical(freedom: usize, p: f64) -> Result<f64, StatsError> {
    let t = student(freedom)?;
    // statrs has a good upper tail, but inverts the lower one in steps of the cdf
    let (mut low, mut high) = (0.0, 1.0);
    while t.sf(high) > p / 2.0 && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if t.sf(middle) > p / 2.0 { low = middle } else { high = middle }
    }
    Ok(high)
}

/// P(T > t).
pub(super) fn upper_tail(freedom: usize, t: f64) -> Result<f64, StatsError> {
    Ok(student(freedom)?.sf(t))
}

/// The interval of a mean at this level, if values are normal: mean +- t sd/sqrt(n).
///
/// # Errors
/// If the level is not between 0 and 1, or there are fewer than two values.
pub fn t_interval(summary: &Summary, level: f64) -> Result<Interval, StatsError> {
    check_open("the level", level)?;
    let half = critical(freedom(summary)?, 1.0 - level)? * summary.standard_error();
    Ok(Interval::new(summary.mean - half, summary.mean + half, level))
}

/// Two-sided p of the hypothesis that the mean is 0, if values are normal.
///
/// # Errors
/// If there are fewer than two values.
pub fn t_p(summary: &Summary) -> Result<Outcome<f64>, StatsError> {
    let freedom = freedom(summary)?;
    if summary.sd == 0.0 {
        return Ok(Outcome::Absent(Why::NoSpread));
    }
    let t = (summary.mean / summary.standard_error()).abs();
    Ok(Outcome::Known((2.0 * upper_tail(freedom, t)?).min(1.0)))
}

pub(super) fn freedom(summary: &Summary) -> Result<usize, StatsError> {
    summary.n.checked_sub(1).filter(|f| *f > 0).ok_or(StatsError::TooFew { n: summary.n, what: "values", least: 2 })
}
