//! Verified numerics for neural-network activation functions.

pub mod catalog;
pub mod expr;
pub mod number;
pub mod prove;
pub mod report;
pub mod subject;
