//! Enclosures and proofs: suprema over all of R, continuity classes, distances, certificates.

pub(crate) mod algebraic;
mod along;
pub(crate) mod bound;
pub(crate) mod certify;
pub(crate) mod continuity;
pub(crate) mod deadline;
mod domain;
pub(crate) mod halfline;
pub(crate) mod objective;
mod period;
pub(crate) mod pole;
pub(crate) mod search;
pub(crate) mod supremum;
pub(crate) mod symbolic;
mod undefined;
pub(crate) mod uniform;

pub use crate::number::TapeError;
pub use bound::{Bound, BoundError, Jump, Proof, Quantity, Scaling, Side, bound};
pub use continuity::{Continuity, Order, continuity};
pub use domain::{Domain, DomainError};
pub use supremum::{Attained, Goal, Place, Supremum};
