//! The certified supremum of several objectives: search in f64 intervals, finish in MPFR, exact where exact exists.

mod conclude;
mod driver;
mod precision;
#[cfg(test)]
mod tests;

use super::deadline::Deadline;
use super::halfline::HalfLine;
use super::objective::Objective;
use super::search::{Leaf, Peak};
use crate::expr::Expr;
use driver::Driver;
use rug::float::Special;
use rug::{Float, Rational};
use std::time::Duration;

/// What is asked of a search.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// significant decimal digits to which lower and upper bound shall agree
    pub digits: u32,
    /// boxes that may be examined
    pub boxes: usize,
    /// time that may be spent
    pub time: Duration,
}

impl Default for Goal {
    fn default() -> Self {
        Self { digits: 15, boxes: 400_000, time: Duration::from_secs(20) }
    }
}

/// Where a supremum lies.
#[derive(Clone, PartialEq, Debug)]
pub enum Place {
    /// at one point of this bracket
    Point {
        /// lower end of the bracket
        lo: Float,
        /// upper end of the bracket
        hi: Float,
        /// the point itself, if it is known exactly
        exact: Option<String>,
    },
    /// on a whole interval (ends as text)
    Set(String, String),
    /// only in the limit at plus (true) or minus infinity
    Infinity(bool),
}

/// How a supremum is attained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attained {
    /// at one or several points
    Point,
    /// on an interval
    Set,
    /// in the limit only
    Asymptotic,
    /// several kinds of place remain within the width of the enclosure
    Unknown,
}

/// A half-line or a box with a bound: one leaf of the proof.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// a bounded box
    Box(Leaf<Float>),
    /// a half-line
    Tail(HalfLine),
    /// a whole piece on which the objective is constant
    Piece(usize),
}

/// The supremum of all objectives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Supremum {
    /// proved lower bound; infinite if unbounded
    pub lower: Float,
    /// proved upper bound; infinite if unbounded or nothing is known
    pub upper: Float,
    /// the supremum as an exact rational, where it is one and was proved so
    pub exact: Option<Rational>,
    /// the supremum as an exact expression, where the maximiser is a root that was proved exactly
    pub symbolic: Option<Expr>,
    /// where
    pub places: Vec<Place>,
    /// how
    pub attained: Attained,
    /// why the goal was not reached, if it was not
    pub undecided: Option<String>,
    /// the leaves of the proof, covering every objective's interval
    pub(crate) proof: Vec<Proof>,
    /// a point or limit at which the lower bound is reached
    pub(crate) peak: Option<Peak<Float>>,
    /// the lower bound is that of the limit of this objective, at plus (true) or minus infinity
    pub(crate) peak_limit: Option<(usize, bool)>,
    /// boxes examined
    pub boxes: usize,
    /// bits with which the last phase computed
    pub precision: u32,
}

/// The slack in an enclosure of this size that the goal allows: relative to the value, but not below 10^-(2 digits), so
/// that a supremum of zero is approached in finite time.
fn allowance(best: &Float, digits: u32) -> Float {
    let ten = Float::with_val(64, 10);
    let unit = rug::ops::Pow::pow(ten, -(digits as i32));
    let size = Float::with_val(64, best.abs_ref());
    if size.is_finite() { size.max(&unit) * unit } else { unit }
}

/// Bits that so many digits need, and some more.
fn bits(digits: u32) -> u32 {
    64u32.saturating_add(((f64::from(digits) + 4.0) * 3.322) as u32)
}

/// Encloses the supremum of all objectives over the union of their intervals.
///
/// Rigorous: `lower <= supremum <= upper` whatever the budget; `undecided` says why the goal was missed. The deadline holds
/// whatever the time that the goal allows.
pub(crate) fn supremum_until(objectives: &[Objective], goal: Goal, deadline: Deadline) -> Supremum {
    let prec = precision::affordable(objectives, bits(goal.digits), &deadline);
    let best = Float::with_val(prec, Special::NegInfinity);
    let mut driver = Driver { objectives, goal, prec, deadline, best, tails: vec![], constants: vec![], peak: None };
    driver.take_constants();
    match driver.pole() {
        Some((i, upper)) => driver.unbounded_at_edge(i, upper),
        None => driver.run(),
    }
}
