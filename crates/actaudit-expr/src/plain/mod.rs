//! The plain meaning of expressions: their value over an MPFR interval, step by step.

mod interval;
mod program;

pub use interval::Interval;
pub use program::Program;

use crate::Expr;

/// Encloses all values of a parameter-free expression for `x` in an interval. Of many intervals, [`Program`] is faster.
///
/// # Errors
/// The operation that has no value for some member of its operands, in words.
pub fn eval(e: &Expr, x: &Interval) -> Result<Interval, String> {
    Program::new(e).eval(x)
}

/// The text of an expression, cut where it becomes unreadable.
#[must_use]
pub fn shortened(e: &Expr) -> String {
    clipped(&e.to_string())
}

/// A text on one line, cut where it becomes unreadable.
#[must_use]
pub fn clipped(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}
