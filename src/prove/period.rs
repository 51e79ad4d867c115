//! The period of what is bounded, if its form shows one: then one period is enough.

use crate::expr::{Expr, Func, Named, Node};
use rug::{Integer, Rational};

/// T > 0 with h(x + T) = h(x) for the derivatives h of this order, if x occurs in sines and cosines alone, and besides as a multiple of
/// x that the derivative has lost. The checker looks itself.
pub(super) fn of(e: &Expr, order: usize) -> Option<Expr> {
    let mut slopes = vec![];
    collect(e, order > 0, &mut slopes).then_some(())?;
    turn(&slopes)
}

/// After how much all waves with these slopes are where they were, if their quotients are rational.
pub(super) fn turn(slopes: &[Expr]) -> Option<Expr> {
    let pi = || Expr::new(Node::Named(Named::Pi));
    let all = |unit: Option<Expr>| -> Option<Vec<Rational>> {
        let part = |a: &Expr| match &unit {
            Some(unit) => (a.clone() / unit.clone()).simplified().exact_rational(),
            None => a.simplified().exact_rational(),
        };
        slopes.iter().map(part).collect()
    };
    let circle = Expr::int(2) * pi();
    let (slopes, turn) = all(None).map(|s| (s, circle)).or_else(|| Some((all(Some(pi()))?, Expr::int(2))))?;
    let slowest = slopes.into_iter().filter(|a| *a != 0).map(Rational::abs).reduce(common)?;
    Some((turn / Expr::rational(slowest)).simplified())
}

/// The largest number of which both are whole multiples.
fn common(a: Rational, b: Rational) -> Rational {
    let (p, q) = (Integer::from(a.numer() * b.denom()), Integer::from(b.numer() * a.denom()));
    Rational::from((p.gcd(&q), Integer::from(a.denom() * b.denom())))
}

/// The slopes of what stands below sines and cosines; whether x occurs nowhere else, or as a summand.
fn collect(e: &Expr, linear: bool, slopes: &mut Vec<Expr>) -> bool {
    if !e.depends_on_x() {
        return true;
    }
    match e.node() {
        Node::Var => linear,
        Node::Call(Func::Sin | Func::Cos, u) => {
            let slope = u.derivative();
            if slope.depends_on_x() {
                return collect(u, false, slopes);
            }
            slopes.push(slope);
            true
        }
        Node::Neg(_) | Node::Add(..) | Node::Sub(..) => e.children().into_iter().all(|c| collect(c, linear, slopes)),
        Node::Mul(a, b) if !a.depends_on_x() || !b.depends_on_x() => {
            [a, b].into_iter().all(|c| collect(c, linear, slopes))
        }
        // a line in the denominator is none any more
        Node::Div(a, b) if !b.depends_on_x() => collect(a, linear, slopes),
        _ => e.children().into_iter().all(|c| collect(c, false, slopes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    #[test]
    fn periods_have_a_closed_form() {
        let period = |e: &str, order| of(&parse_expr(e).expect("parses"), order).map(|t| t.to_string());
        assert_eq!(period("sin(x)", 0).as_deref(), Some("2*pi"));
        assert_eq!(period("sin(x)*cos(3*x/2 + 1)", 0).as_deref(), Some("4*pi"));
        assert_eq!(period("x + sin(3*x)/3", 1).as_deref(), Some("2*pi/3"));
        assert_eq!(period("exp(sin(pi*x)) + cos(pi*x/3)", 0).as_deref(), Some("6"));
        for (e, order) in [
            ("x + sin(x)", 0),
            ("sin(x) + sin(pi*x)", 0),
            ("x*sin(x)", 1),
            ("sin(x^2)", 0),
            ("exp(x)", 1),
            ("2/x + cos(x)", 1),
        ] {
            assert_eq!(period(e, order), None, "{e}");
        }
    }
}
