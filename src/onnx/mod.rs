//! Model files of the ONNX standard: which activations are in them, and each one as a model of its own.
//!
//! Exporters write most activations as sums, products and functions. Every part of a graph that computes one number from
//! one number is taken as an expression, and the largest one that is an activation of the catalogue is reported; what is
//! left over before and after it belongs to the linear algebra around it.

mod cut;
mod find;
mod formula;
mod fuzz;
mod graph;
mod model;
mod naming;
pub mod ops;
mod search;
mod terms;

pub use fuzz::fuzz_model;
pub use naming::{Distance, Likeness};
pub use search::{Constant, Cut, Finding, Inventory, Search};

use std::path::{Path, PathBuf};

/// Why a model cannot be looked into.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// which file
        path: PathBuf,
        /// why
        error: std::io::Error,
    },
    /// The bytes are no model.
    #[error("{} is not an ONNX model: {why}", path.display())]
    NotAModel {
        /// which file
        path: PathBuf,
        /// what is wrong with them
        why: String,
    },
}

/// The largest file that the format allows.
const LARGEST: u64 = 1 << 31;

/// Reads a model and finds its activations.
///
/// # Errors
/// If the file cannot be read, or is no model. What is in the graph and not understood is no error.
pub fn search(path: &Path) -> Result<Search, OnnxError> {
    let fail = |error| OnnxError::Read { path: path.to_owned(), error };
    let not_a_model = |why: String| OnnxError::NotAModel { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > LARGEST {
        return Err(not_a_model(format!("{size} bytes, more than the format allows")));
    }
    let model = model::Model::read(std::fs::read(path).map_err(fail)?).map_err(|e| not_a_model(e.to_string()))?;
    if model.graph.is_none() {
        return Err(not_a_model("it has no graph".into()));
    }
    Ok(Search::new(&path.display().to_string(), model))
}
