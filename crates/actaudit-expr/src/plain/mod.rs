//! The plain meaning of expressions: their value over an MPFR interval, by a walk over the tree.

mod interval;

pub use interval::Interval;

use crate::{Expr, Node};

/// Encloses all values of a parameter-free expression for `x` in an interval.
///
/// # Errors
/// The operation that has no value for some member of its operands, in words.
pub fn eval(e: &Expr, x: &Interval) -> Result<Interval, String> {
    let prec = x.prec();
    let undefined = |u: &Interval| format!("`{}` may be undefined, its operand lies in {u}", shortened(e));
    let value = match e.node() {
        Node::Const(c) => Interval::rational(prec, &c.value),
        Node::Named(n) => Interval::named(prec, *n),
        Node::Var => x.clone(),
        Node::Param(name) => return Err(format!("the parameter `{name}` has no value")),
        Node::Neg(a) => eval(a, x)?.neg(),
        Node::Add(a, b) => eval(a, x)?.add(&eval(b, x)?),
        Node::Sub(a, b) => eval(a, x)?.sub(&eval(b, x)?),
        Node::Mul(a, b) if a == b => {
            let u = eval(a, x)?;
            u.powi(2).ok_or_else(|| undefined(&u))?
        }
        Node::Mul(a, b) => eval(a, x)?.mul(&eval(b, x)?),
        Node::Div(a, b) => {
            let divisor = eval(b, x)?;
            eval(a, x)?.div(&divisor).ok_or_else(|| undefined(&divisor))?
        }
        Node::Pow(a, q) => {
            let q = q.exact_rational().ok_or_else(|| format!("the exponent `{q}` is not a rational number"))?;
            let base = eval(a, x)?;
            base.pow(&q).ok_or_else(|| undefined(&base))?
        }
        Node::Call(f, a) => {
            let u = eval(a, x)?;
            u.call(*f).ok_or_else(|| undefined(&u))?
        }
        Node::Min(a, b) => eval(a, x)?.min(&eval(b, x)?),
        Node::Max(a, b) => eval(a, x)?.max(&eval(b, x)?),
    };
    // not a number: no operation is meant to make one, and if one does the proof ends here
    if value.is_valid() { Ok(value) } else { Err(format!("`{}` has no value", shortened(e))) }
}

/// The text of an expression, cut where it becomes unreadable.
pub fn shortened(e: &Expr) -> String {
    clipped(&e.to_string())
}

/// A text on one line, cut where it becomes unreadable.
pub fn clipped(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}
