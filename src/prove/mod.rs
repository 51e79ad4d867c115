//! Enclosures and proofs: suprema over all of R, continuity classes, distances, certificates.

pub mod bound;
pub mod halfline;
pub mod objective;
pub mod pole;
pub mod search;
pub mod supremum;

pub use bound::{Bound, BoundError, Domain, Quantity, bound};
pub use supremum::{Attained, Goal, Place, Supremum};
