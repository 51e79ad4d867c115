//! What cannot be computed, and what has no value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why statistics cannot be had: the input is wrong.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Pairs need a partner each.
    #[error("{a} values against {b}: pairs need as many of each")]
    Lengths {
        /// of the first series
        a: usize,
        /// of the second
        b: usize,
    },
    /// There are too few.
    #[error("{n} {what}, at least {least} are needed")]
    TooFew {
        /// how many
        n: usize,
        /// of what
        what: &'static str,
        /// how many it takes
        least: usize,
    },
    /// A value is no finite number, or so large that its square is none.
    #[error("value {index} is {value}: a finite number of at most 1e150 in size is needed")]
    Value {
        /// place in its series, from 0
        index: usize,
        /// what is there
        value: f64,
    },
    /// A number that steers a test is out of its range.
    #[error("{what} is {value}, expected {expected}")]
    Term {
        /// which
        what: &'static str,
        /// what it is
        value: f64,
        /// its range
        expected: &'static str,
    },
}

/// Whether a value can be squared and summed: no NaN, and not too large.
pub(super) fn is_usable(value: f64) -> bool {
    value.abs() <= 1e150
}

/// Values that can be squared and summed.
pub(super) fn check(values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|v| !is_usable(*v)) {
        Some(index) => Err(StatsError::Value { index, value: values[index] }),
        None => Ok(()),
    }
}

/// At least so many values, all of them finite.
pub(super) fn check_some(values: &[f64], least: usize, what: &'static str) -> Result<(), StatsError> {
    if values.len() < least {
        return Err(StatsError::TooFew { n: values.len(), what, least });
    }
    check(values)
}

/// A number strictly between 0 and 1.
pub(super) fn check_open(what: &'static str, value: f64) -> Result<(), StatsError> {
    let inside = value > 0.0 && value < 1.0;
    if inside { Ok(()) } else { Err(StatsError::Term { what, value, expected: "a number between 0 and 1" }) }
}

/// A figure, or why there is none.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<T> {
    /// this is it
    Known(T),
    /// it has no value
    Absent(Why),
}

impl<T> Outcome<T> {
    /// The figure, if there is one.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent(_) => None,
        }
    }
}

/// Why a figure has no value, although the input is fine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// A t test divides by their spread.
    #[error("all differences are the same")]
    NoSpread,
    /// A correlation divides by the spread of both.
    #[error("one of the series is constant")]
    Constant,
    /// There are more signs than can be gone through.
    #[error("too many pairs to go through all signs: the p of the t test stands alone")]
    TooManyPairs,
    /// All resamples have means on one side of the mean.
    #[error("the bootstrap has no value on one side of the mean")]
    OneSided,
}

/// An interval for a number.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, JsonSchema, Deserialize)]
pub struct Interval {
    /// lower end
    pub low: f64,
    /// upper end
    pub high: f64,
    /// how often such intervals hold the number, as far as their assumptions are true
    pub level: f64,
    /// whether it is one number, because all values are the same: it says nothing about how sure that is
    pub degenerate: bool,
}

impl Interval {
    /// Between two numbers.
    pub(super) fn new(low: f64, high: f64, level: f64) -> Self {
        Self { low, high, level, degenerate: false }
    }

    /// Of values that are all the same.
    pub(super) fn degenerate(value: f64, level: f64) -> Self {
        Self { low: value, high: value, level, degenerate: true }
    }

    /// Whether a number lies in it, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
