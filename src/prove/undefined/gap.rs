//! Points without a value that no sample meets: a divisor has another sign at one end of an interval than at the other, and values on all
//! of it, so that it is zero in between.

use super::BITS;
use crate::expr::plain::{Interval, Program};
use crate::expr::{Expr, Func, Node};
use rug::Rational;
use std::cmp::Ordering;

/// How often an interval is halved until what is continuous has values on all of it, and until its zero is named.
const HALVINGS: u32 = 60;

/// Where an operation has no value: at a point, or somewhere between two.
pub(super) struct Gap {
    pub between: [Rational; 2],
    pub reason: String,
}

/// The first operation that certainly has no value at some point between the first and the last of these, which come in order.
pub(super) fn find(e: &Expr, points: &[Rational]) -> Option<Gap> {
    let here = match e.node() {
        Node::Div(_, b) => Some((b.clone(), "a divisor")),
        Node::Pow(u, q) if q.exact_rational().is_some_and(|q| q < 0) => Some((u.clone(), "a divisor")),
        Node::Call(Func::Log, u) => Some((u.clone(), "the operand of a logarithm")),
        Node::Call(Func::Log1p, u) => Some(((Expr::int(1) + u.clone()).simplified(), "the operand of a logarithm")),
        _ => None,
    };
    let found = here.filter(|(u, _)| u.depends_on_x()).and_then(|(u, what)| {
        let between = zero(&u, points)?;
        Some(Gap { between, reason: format!("{what} of `{e}` is zero") })
    });
    found.or_else(|| e.children().into_iter().find_map(|child| find(child, points)))
}

/// Two points between which u is zero, or has no value.
fn zero(u: &Expr, points: &[Rational]) -> Option<[Rational; 2]> {
    match u.node() {
        // a factor that is zero makes the product zero, where that has a value at all
        Node::Mul(a, b) => zero(a, points).or_else(|| zero(b, points)),
        Node::Neg(a) | Node::Div(a, _) => zero(a, points),
        Node::Pow(a, q) if q.exact_rational().is_some_and(|q| q > 0) => zero(a, points),
        Node::Call(
            Func::Sqrt | Func::Abs | Func::Tanh | Func::Erf | Func::Sinh | Func::Atan | Func::Expm1 | Func::Log1p,
            a,
        ) => zero(a, points),
        _ if !u.depends_on_x() => None,
        _ => crossing(u, points),
    }
}

/// Two points with values of different signs, and values on all of what is between them.
fn crossing(u: &Expr, points: &[Rational]) -> Option<[Rational; 2]> {
    let program = Program::new(u);
    let over = |a: &Rational, b: &Rational| {
        let [lo, hi] = [a, b].map(|q| Interval::rational(BITS, q));
        program.eval(&Interval { lo: lo.lo, hi: hi.hi }).ok()
    };
    let sign = |q: &Rational| over(q, q)?.sign();
    let mut last: Option<(&Rational, Ordering)> = None;
    for q in points {
        let Some(new) = sign(q) else { continue };
        if let Some((p, old)) = last.filter(|(_, old)| *old == new.reverse())
            && let Some(between) = narrowed([p.clone(), q.clone()], old, &over, u)
        {
            return Some(between);
        }
        last = Some((q, new));
    }
    None
}

fn narrowed(
    [mut a, mut b]: [Rational; 2],
    left: Ordering,
    over: &impl Fn(&Rational, &Rational) -> Option<Interval>,
    u: &Expr,
) -> Option<[Rational; 2]> {
    let mut whole = false;
    for _ in 0..HALVINGS {
        // the interval on which it has values stays one
        whole = whole || over(&a, &b).is_some();
        let middle = Rational::from(&a + &b) / 2;
        match over(&middle, &middle)?.sign() {
            Some(Ordering::Equal) => return Some([middle.clone(), middle]),
            Some(side) if side == left => a = middle,
            Some(_) => b = middle,
            None => break,
        }
    }
    if !whole {
        return None;
    }
    let q = simplest(&a, &b);
    let exactly = u.substitute_x(&Expr::rational(q.clone())).exact_rational().is_some_and(|value| value == 0);
    Some(if exactly { [q.clone(), q] } else { [a, b] })
}

/// A rational number with a small denominator between two others, by their continued fractions.
fn simplest(a: &Rational, b: &Rational) -> Rational {
    let whole = a.clone().floor();
    if whole == *a {
        return whole;
    }
    let next = Rational::from(&whole + 1);
    if next <= *b {
        return next;
    }
    let inverse = |q: &Rational| Rational::from(q - &whole).recip();
    whole.clone() + simplest(&inverse(b), &inverse(a)).recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn check(text: &str, expected: Option<[(i64, i64); 2]>) {
        let points: Vec<Rational> = (-8..=8).map(|k| Rational::from((2 * k + 1, 2))).collect();
        let found = find(&parse_expr(text).expect("parses").simplified(), &points).map(|gap| gap.between);
        match (found, expected) {
            (Some([a, b]), Some([p, q])) => {
                assert!(Rational::from(p) <= a && a <= b && b <= Rational::from(q), "{text}: {a} and {b}");
            }
            (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{text}: {found:?}"),
        }
    }

    #[test]
    fn zeros_of_divisors_are_enclosed() {
        check("1/(3*x - 1)", Some([(1, 3), (1, 3)]));
        check("x + 5/(7*x/4 - 2)^2", Some([(8, 7), (8, 7)]));
        check("1/(e*x - 7/10)", Some([(257, 1000), (258, 1000)]));
        check("cos(x)/((x - 1/3)*(x^2 + 1))", Some([(1, 3), (1, 3)]));
        check("log((x - pi)^2)", Some([(314, 100), (315, 100)]));
        check("1/(1/10 - x/2 - 5*x^3)", Some([(1, 7), (1, 5)]));
        check("1/tanh(x - 1/3)", Some([(1, 3), (1, 3)]));
    }

    #[test]
    fn what_has_a_value_everywhere_has_no_gap() {
        for text in ["1/(x^2 + 1/1000)", "1/(exp(x) - x)", "x/(2 + sin(x))", "log(1 + x^2)", "1/sqrt(1 + x^2)", "x^2"] {
            check(text, None);
        }
        // a change of sign at a point without a value is no zero
        check("1/((x^2 + 1)/(x - 1/3))", Some([(1, 3), (1, 3)]));
        assert!(crossing(&parse_expr("1/(x - 1/3)").expect("parses"), &[Rational::new(), Rational::from(1)]).is_none());
    }
}
