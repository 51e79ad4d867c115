//! Statistics of experiments that are run again with other seeds, in pairs: does one activation do better than another, by how
//! much, and how small a difference could these runs have shown at all?
//!
//! [`compare()`] holds two series over the same seeds against each other; [`holm()`] adjusts the p of several comparisons, and
//! [`largest_family`] says how many there may be, before anything is run; [`trend()`] asks of a series of settings whether a result rises or
//! falls with them, in one test. Distributions are those of the crate `statrs`; the rest is held against SciPy and statsmodels.
//!
//! There is no NaN in results: what has no value is an [`Outcome::Absent`], with the reason.

mod bca;
mod chance;
mod compare;
mod detectable;
mod equivalence;
mod error;
mod holm;
mod moments;
mod sign_flip;
mod student;
#[cfg(test)]
mod tests;
mod trend;

pub use bca::{bca, bca_of};
pub use chance::{Chance, chance};
pub use compare::{Comparison, Terms, compare};
pub use detectable::{detectable, detectable_by_signs, pairs_needed, power};
pub use equivalence::{Equivalence, Within, equivalence};
pub use error::{Interval, Outcome, StatsError, Why};
pub use holm::{holm, largest_family};
pub use moments::{Summary, correlation};
pub use sign_flip::{MOST_PAIRS, sign_flip_p, sign_p, smallest_p};
pub use student::{t_interval, t_p};
pub use trend::{Rank, Trend, trend};
