//! WHAT an activation is: the expression tree, parsing, checking, printing, differentiation, compilation to a tape.

mod ast;
mod definition;
mod func;
mod tape;

pub use ast::{Constant, Expr, FloatFormat, Node};
pub use definition::{Activation, Definition, End, ParamDomain, Parameter, Piece, Provenance};
pub use func::{Func, Named};
pub use tape::{Program, Tape, TapeError};
