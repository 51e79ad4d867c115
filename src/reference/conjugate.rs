//! a + sqrt(b) where both cancel, written without the cancellation: (b - a^2) / (sqrt(b) - a).
//!
//! With b - a^2 a positive constant and a = k x, the sum is close to nothing far out on one side (squareplus), and neither
//! intervals nor jets of intervals could tell its sign there. The other form is the same function on all of R.

use crate::expr::{Expr, Func, Node};

/// The expression, in the form that suits one side of zero best.
pub(crate) fn without_cancellation(e: &Expr, right: bool) -> Expr {
    let e = e.map_children(|child| without_cancellation(child, right));
    let (a, root) = match e.node() {
        Node::Add(a, root) if radicand(root).is_some() => (a.clone(), root),
        Node::Add(root, a) if radicand(root).is_some() => (a.clone(), root),
        Node::Sub(root, a) if radicand(root).is_some() => (Expr::new(Node::Neg(a.clone())), root),
        _ => return e,
    };
    let Some(b) = radicand(root) else { return e };
    let square = a.clone().pow(Expr::int(2));
    let difference = Expr::new(Node::Sub(b.clone(), square)).simplified();
    let positive = difference.as_rational().is_some_and(|d| *d > 0);
    let through_zero = a.substitute_x(&Expr::int(0)).simplified().as_rational().is_some_and(|v| *v == 0);
    match a.derivative().simplified().as_rational() {
        Some(slope) if positive && through_zero && *slope != 0 && (*slope < 0) == right => {
            Expr::new(Node::Div(difference, Expr::new(Node::Sub(root.clone(), a))))
        }
        _ => e,
    }
}

fn radicand(e: &Expr) -> Option<&Expr> {
    match e.node() {
        Node::Call(Func::Sqrt, b) => Some(b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn check(text: &str, left: &str, right: &str) {
        let e = parse_expr(text).expect("parses");
        for (side, expected) in [(false, left), (true, right)] {
            let expected = parse_expr(expected).expect("parses");
            assert_eq!(without_cancellation(&e, side).simplified(), expected.simplified(), "{text}");
        }
    }

    #[test]
    fn only_sums_that_cancel_are_rewritten() {
        check("(x + sqrt(x^2 + 4)) / 2", "4 / (sqrt(x^2 + 4) - x) / 2", "(x + sqrt(x^2 + 4)) / 2");
        check("sqrt(4*x^2 + 1/9) - 2*x", "sqrt(4*x^2 + 1/9) - 2*x", "1/9 / (sqrt(4*x^2 + 1/9) + 2*x)");
        check("exp(sqrt(1 + x^2) + x)", "exp(1 / (sqrt(1 + x^2) - x))", "exp(sqrt(1 + x^2) + x)");
        for same in [
            "x + sqrt(x^2 - 4)",
            "x + 1 + sqrt((x + 1)^2 + 1)",
            "x + sqrt(2*x^2 + 1)",
            "sqrt(x) + x",
            "x^2 + sqrt(x^4 + 1)",
        ] {
            check(same, same, same);
        }
    }
}
