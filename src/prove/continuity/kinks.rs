//! Splits a piece where an absolute value, a minimum or a maximum changes its branch, for all parameter values.
//!
//! `Activation::new` does this for given values; here the ends may depend on parameters, so that the class of
//! `max(-a, min(x, a))` is found for all `a > 0`.

use crate::expr::{End, Expr, Func, Node, Piece, always_defined};
use crate::number::Real;
use crate::number::exact::{Assumptions, Exact, Sign};
use std::sync::Arc;

/// More pieces than this are not made.
const MAX_PIECES: usize = 64;

/// Splits each piece as far as branches change at points that are known exactly; what is not resolved is left as it is.
pub(super) fn split(pieces: &[Piece], cx: &Assumptions) -> Vec<Piece> {
    let cx = Arc::new(cx.clone());
    let mut todo: Vec<Piece> = pieces.iter().rev().cloned().collect();
    let mut done = Vec::new();
    while let Some(piece) = todo.pop() {
        let room = todo.len() + done.len() < MAX_PIECES;
        match innermost(&piece.expr).filter(|_| room).and_then(|node| split_at(&piece, &node, &cx)) {
            Some(parts) => todo.extend(parts.into_iter().rev()),
            None => done.push(piece),
        }
    }
    done
}

/// A branching node whose operands do not branch.
fn innermost(e: &Expr) -> Option<Expr> {
    let inside = e.children().into_iter().find_map(innermost);
    let branches = matches!(e.node(), Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..));
    inside.or_else(|| branches.then(|| e.clone()))
}

/// The two branches, the first where `difference` is positive.
fn branches(node: &Expr) -> Option<(Expr, Expr, Expr)> {
    Some(match node.node() {
        Node::Call(Func::Abs, u) => (u.clone(), -u.clone(), u.clone()),
        Node::Max(a, b) => (a.clone(), b.clone(), a.clone() - b.clone()),
        Node::Min(a, b) => (b.clone(), a.clone(), a.clone() - b.clone()),
        _ => return None,
    })
}

fn split_at(piece: &Piece, node: &Expr, cx: &Arc<Assumptions>) -> Option<Vec<Piece>> {
    let (if_positive, if_negative, difference) = branches(node)?;
    // what is left out must not have been what has no value somewhere
    let same_domain =
        matches!(node.node(), Node::Call(..)) || [&if_positive, &if_negative].into_iter().all(always_defined);
    if !same_domain {
        return None;
    }
    let root = Affine::of(&difference, cx)?;
    let end = |e: &End| match e {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(cx, at, &Exact::int(cx, 0))),
    };
    let (left, right) = if root.rising { (if_negative, if_positive) } else { (if_positive, if_negative) };
    let put = |by: &Expr| replaced(&piece.expr, node, by);
    // signs of root - lo and hi - root; an unbounded end is on the right side anyway
    let after_lo = end(&piece.lo).map_or(Sign::Positive, |lo| root.at.sub(&lo).sign());
    let before_hi = end(&piece.hi).map_or(Sign::Positive, |hi| hi.sub(&root.at).sign());
    let at_most_zero = |s: Sign| matches!(s, Sign::Zero | Sign::Negative | Sign::NonPositive);
    if at_most_zero(after_lo) {
        return Some(vec![Piece { expr: put(&right), ..piece.clone() }]);
    } else if at_most_zero(before_hi) {
        return Some(vec![Piece { expr: put(&left), ..piece.clone() }]);
    } else if after_lo != Sign::Positive || before_hi != Sign::Positive {
        return None;
    }
    let at = root.at.to_expr()?;
    let cut = |closed: bool| End::At { at: at.clone(), closed };
    Some(vec![
        Piece { lo: piece.lo.clone(), hi: cut(true), expr: put(&left) },
        Piece { lo: cut(false), hi: piece.hi.clone(), expr: put(&right) },
    ])
}

/// The zero of an expression that is affine in `x` with a slope of one sign.
struct Affine {
    at: Exact,
    rising: bool,
}

impl Affine {
    fn of(e: &Expr, cx: &Arc<Assumptions>) -> Option<Self> {
        let value = |x: &Exact| Exact::eval(&x.context(), e, x);
        let generic = Arc::new(cx.as_ref().clone().into_generic());
        let x = Exact::symbol(&generic, "x");
        let (offset, at_one) = (value(&Exact::int(cx, 0)), value(&Exact::int(cx, 1)));
        let slope = at_one.sub(&offset);
        let line = slope.under(&generic).mul(&x).add(&offset.under(&generic));
        if !value(&x).sub(&line).is_zero() {
            return None;
        }
        let rising = match slope.sign() {
            Sign::Positive => true,
            Sign::Negative => false,
            _ => return None,
        };
        Some(Self { at: offset.neg().div(&slope), rising })
    }
}

fn replaced(e: &Expr, node: &Expr, by: &Expr) -> Expr {
    if e == node { by.clone() } else { e.map_children(|c| replaced(c, node, by)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    #[test]
    fn an_operand_without_a_value_somewhere_is_not_left_out() {
        let parts = |text: &str| {
            let expr = parse_expr(text).expect("parses");
            split(&[Piece { lo: End::Infinite, hi: End::Infinite, expr }], &Assumptions::strict()).len()
        };
        assert_eq!(parts("min(x, -3)"), 2);
        // none for x <= -1, also where -3 would be smaller
        assert_eq!(parts("min(expm1(log1p(x)), -3)"), 1);
    }
}
