//! WHAT an activation is: the expression tree, parsing, checking, printing, differentiation, the catalogue, and one plain
//! evaluator in MPFR intervals ([`plain`]).
//!
//! The plain evaluator orders the ends of pieces and serves the independent checker; the search never uses it.

#![warn(clippy::must_use_candidate)]

pub mod catalog;
pub mod format;
pub mod plain;

mod activation;
mod ast;
mod cover;
mod define;
mod definition;
mod derive;
mod derive_size;
mod difference;
mod error;
mod facts;
mod far;
mod file;
mod func;
#[cfg(any(test, feature = "testing"))]
mod fuzz;
mod kinks;
mod latex;
mod lex;
mod literal;
#[cfg(test)]
mod messages;
mod order;
mod parse;
mod print;
mod problem;
mod product;
mod sides;
mod simplify;
mod sum;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use ast::{Constant, Expr, FloatFormat, Node};
pub use define::{DefinitionError, DefinitionErrorKind};
pub use definition::{Activation, Definition, End, ParamDomain, Parameter, Piece, Provenance};
pub use error::Located;
pub use facts::{always_defined, certainly_positive};
pub use func::{Func, Named};
#[cfg(any(test, feature = "testing"))]
pub use fuzz::fuzz_parse;
pub use kinks::{affine, split as split_kinks};
pub use order::compare_points;
pub use parse::{Names, parse_expr, parse_expr_with, parse_interval, parse_rational};
pub use problem::{ParseError, ParseErrorKind};
