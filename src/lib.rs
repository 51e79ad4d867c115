//! Verified numerics for neural-network activation functions.

pub mod audit;
pub mod check;
pub mod claim;
pub mod cli;
pub mod defects;
pub mod identify;
pub mod kernels;
pub mod number;
pub mod onnx;
pub mod power;
pub mod prove;
pub mod reference;
pub mod report;
pub mod subject;
pub mod survey;
#[cfg(test)]
mod testing;
pub mod verdict;

pub use actaudit_expr::{self as expr, catalog};
