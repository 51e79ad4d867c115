//! Verified numerics for neural-network activation functions: is what is said about this function true, and does this code
//! compute it?
//!
//! Facts about the mathematics are proved: [`prove::bound()`] encloses ranges, Lipschitz constants and distances over all of the
//! real line, and what it calls proved was accepted by an independent checker.
//!
//! ```
//! use actaudit::expr::Activation;
//! use actaudit::prove::{Domain, Goal, Quantity, bound};
//!
//! let gelu = Activation::with_defaults(actaudit::catalog::find("gelu")?)?;
//! let found = bound(Quantity::Lipschitz, &gelu, None, &Domain::default(), Goal::default())?;
//! assert!(found.top.proved.value);
//! assert!(found.top.answer.lower > 1.128904 && found.top.answer.upper < 1.128905);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The real value at an input is enclosed with as many digits as are wanted, for any definition:
//!
//! ```
//! use actaudit::expr::{Activation, Definition};
//! use actaudit::reference::real_value;
//! use std::sync::Arc;
//!
//! let mine = Activation::with_defaults(Arc::new(Definition::from_expr("x*sigmoid(1.702*x)")?))?;
//! let [lo, hi] = real_value(&mine, 0, -2.0, 20)?;
//! assert!(lo <= hi && lo > -0.06434137685579187 && hi < -0.06434137685579185);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Code is held against the real value. In tests of your own that is one line; [`mod@audit`] has the rest, [`subject`] other
//! people's code.
//!
//! ```
//! actaudit::audit("tanh").f32(f32::tanh).max_ulp(3.0).assert();
//! ```
//!
//! A crate that depends on this one by its path needs two lines of configuration, because interval arithmetic does: see "In your
//! own project" in the README.

pub mod audit;
pub mod check;
pub(crate) mod claim;
pub(crate) mod cli;
pub mod closure;
pub(crate) mod data;
pub(crate) mod defects;
pub(crate) mod emit;
pub(crate) mod gate;
pub(crate) mod identify;
pub mod kernels;
pub(crate) mod mollify;
pub(crate) mod number;
pub(crate) mod onnx;
pub(crate) mod power;
pub(crate) mod propagate;
pub mod prove;
pub mod reference;
pub(crate) mod report;
pub(crate) mod stats;
pub mod subject;
pub(crate) mod survey;
#[cfg(test)]
mod testing;
pub(crate) mod train;
pub mod verdict;

pub use actaudit_expr::{self as expr, catalog};
pub use closure::audit;

/// What the other programs of this repository use besides: no API, and free to change.
#[doc(hidden)]
pub mod internal {
    pub use crate::audit::journal::fuzz_journal;
    pub use crate::claim::{ClaimFile, fuzz_claims, judge};
    pub use crate::cli::main;
    pub use crate::defects::{DEFECTS, Defect, MISSED, Missed, SOUND, Sound};
    pub use crate::identify::{Identified, identify};
    pub use crate::mollify::{base, kernel, mollify};
    pub use crate::number::{DdI, Enclosure, ExactQ, F64I, Format, Jet, MpI, Real, Tape, operations};
    pub use crate::onnx::{Finding, Inventory, Likeness, fuzz_model, ops::OPERATORS, search};
    pub use crate::prove::bound::{Checked, scaling, search as search_bound};
    pub use crate::reference::{
        Reference,
        lanes::Lane,
        local::Local,
        table::{LENGTH, Table},
    };
    pub use crate::report::{contract, sheets::fingerprint};
    pub use crate::subject::onnx::RUNTIME_VARIABLE;
    pub use crate::subject::torch::{LAYOUTS, MANNERS, program};
    pub use crate::subject::worker::{Batch, Code, Refusal, Trouble, serve};
    pub use crate::survey::Plan;
    /// Code for definitions.
    pub mod emit {
        pub use crate::emit::*;
    }
    /// Training: runs and what they tell.
    pub mod train {
        pub use crate::train::*;
    }
    /// Data sets, and the random numbers of training.
    pub mod data {
        pub use crate::data::*;
    }
    /// Paired comparisons.
    pub mod stats {
        pub use crate::stats::*;
    }
}
