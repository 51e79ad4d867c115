//! Polynomials on a piece as expressions: factored at the ends of the piece, where they are small and must not cancel.

use super::poly::Poly;
use crate::expr::{Expr, Node};
use crate::number::Real as _;
use crate::number::exact::Exact;

/// The expression of an exact value, without needless signs.
pub fn constant(value: &Exact) -> Option<Expr> {
    value.to_expr().map(|e| e.simplified())
}

/// A polynomial between two ends, in the shortest form of three: factored at the ends, or one of the neighbours, if that is no
/// more than a straight line, and a factored rest. `None` if a coefficient is unknown.
pub fn on_piece(p: &Poly, ends: [Option<&Exact>; 2], neighbours: [Option<&Poly>; 2]) -> Option<Expr> {
    let mut forms = vec![factored(p, ends)?];
    for neighbour in neighbours.into_iter().flatten().filter(|q| q.degree() <= 1 && !q.is_zero()) {
        let rest = p.minus(neighbour);
        if rest.is_zero() {
            continue;
        }
        let line = constant(&neighbour.to_exact())?;
        forms.push(match without_sign(&factored(&rest, ends)?) {
            (rest, true) => line - rest,
            (rest, false) => line + rest,
        });
    }
    forms.into_iter().min_by_key(Expr::size)
}

/// Without a minus sign in front, and whether there was one.
fn without_sign(e: &Expr) -> (Expr, bool) {
    match e.node() {
        Node::Neg(a) => (a.clone(), true),
        Node::Mul(a, b) => match without_sign(a) {
            (a, true) => (a * b.clone(), true),
            _ => (e.clone(), false),
        },
        Node::Div(a, b) => match without_sign(a) {
            (a, true) => (a / b.clone(), true),
            _ => (e.clone(), false),
        },
        Node::Const(c) if c.value < 0 => (Expr::rational(-c.value.clone()), true),
        _ => (e.clone(), false),
    }
}

/// `(x - lo)^m (hi - x)^n q(x) / d`
fn factored(p: &Poly, ends: [Option<&Exact>; 2]) -> Option<Expr> {
    if p.degree() <= 1 {
        return constant(&p.to_exact());
    }
    let (mut rest, mut factors) = (p.clone(), vec![]);
    for (end, left) in ends.into_iter().zip([true, false]) {
        let Some(end) = end else { continue };
        let mut times = 0;
        while let Some(quotient) = rest.without_root(end) {
            rest = if left { quotient } else { quotient.scaled(&Exact::int(&end.context(), -1)) };
            times += 1;
        }
        if times > 0 {
            let x = Exact::symbol(&end.context(), "x");
            let factor = constant(&if left { x.sub(end) } else { end.sub(&x) })?;
            factors.push(if times == 1 { factor } else { factor.pow(Expr::int(times)) });
        }
    }
    if factors.is_empty() {
        return constant(&rest.to_exact());
    }
    let (numerator, denominator) = match rest.to_exact().to_expr()?.node() {
        Node::Div(a, b) => (a.clone(), Some(b.clone())),
        _ => (rest.to_exact().to_expr()?, None),
    };
    let numerator = numerator.simplified();
    let product = factors.into_iter().reduce(|a, b| a * b)?;
    let top = match numerator.as_rational() {
        Some(q) if *q == 1 => product,
        Some(q) if *q == -1 => -product,
        // a coefficient stands in front
        Some(_) => numerator * product,
        None => match without_sign(&numerator) {
            (n, true) if !matches!(n.node(), Node::Add(..) | Node::Sub(..)) => -(product * n),
            _ => product * numerator,
        },
    };
    Some(match denominator {
        Some(d) => top / d,
        None => top,
    })
}
