//! Symbolic derivatives, as far as the search forms them.

use crate::expr::Expr;

/// Derivatives that would have more nodes than this before they are simplified are not formed.
const MAX_NODES: usize = 6_000;

/// The derivative; `None` if it would be too large.
pub fn derivative(e: &Expr) -> Option<Expr> {
    e.derivative_within(MAX_NODES)
}
