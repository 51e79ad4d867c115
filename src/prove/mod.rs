//! Enclosures and proofs: suprema over all of R, continuity classes, distances, certificates.

pub mod algebraic;
pub mod bound;
pub mod certify;
pub mod continuity;
pub mod deadline;
pub mod halfline;
pub mod objective;
mod period;
pub mod pole;
pub mod search;
pub mod supremum;
pub mod symbolic;
mod undefined;
pub mod uniform;

pub use bound::{Bound, BoundError, Domain, Quantity, bound};
pub use supremum::{Attained, Goal, Place, Supremum};
