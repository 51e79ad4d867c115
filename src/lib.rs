//! Verified numerics for neural-network activation functions.

pub mod expr;
pub mod kernel;
pub mod number;
pub mod prove;
