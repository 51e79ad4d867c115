//! Enclosures and proofs: suprema over all of R, continuity classes, distances, certificates.

pub mod bound;
pub mod certificate;
pub mod halfline;
pub mod objective;
pub mod pole;
pub mod recheck;
pub mod search;
pub mod supremum;

pub use bound::{Bound, BoundError, Domain, Quantity, bound};
pub use supremum::{Attained, Goal, Place, Supremum};
