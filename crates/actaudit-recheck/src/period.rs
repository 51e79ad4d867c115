//! Functions that repeat themselves: what holds on one period holds on the whole line.

use super::function::{End, Point};
use super::statement::Claim;
use actaudit_expr::plain::shortened;
use actaudit_expr::{Expr, Func, Named, Node};

/// The interval [0, T], if h(x + T) = h(x) for all x, and f has values at x + T if and only if it has them at x.
///
/// # Errors
/// Where the form of f, g and h does not show that.
pub(super) fn of(claim: &Claim, text: &str) -> Result<[End; 2], String> {
    let period = Point::parse(text, claim.prec)?;
    if period.value.lo <= 0 {
        return Err("the period is not positive".into());
    }
    let whole = |pieces: &[super::function::Piece]| matches!(pieces, [p] if matches!((&p.lo, &p.hi), (End::Infinite(false), End::Infinite(true))));
    let functions = [Some(&claim.f), claim.g.as_ref()].into_iter().flatten();
    if !functions.clone().all(|f| whole(&f.pieces))
        || !matches!(claim.domain, [End::Infinite(false), End::Infinite(true)])
    {
        return Err("only functions of one piece on the whole line have a period here".into());
    }
    for f in functions {
        let e = &f.pieces[0].value;
        if !nearly(e, &period.expr) {
            return Err(format!("`{}` is not shown to be a line and what repeats itself after {text}", shortened(e)));
        }
    }
    let h = claim.objective(0, claim.g.as_ref().map(|_| 0), 1)?;
    if !repeats(h.d(0)?, &period.expr) {
        return Err(format!("`{}` is not shown to repeat itself after {text}", shortened(h.d(0)?)));
    }
    Ok([End::At(Point::zero(claim.prec)), End::At(period)])
}

/// Whether e(x + T) = e(x), both or neither with a value: x occurs in sines and cosines of a x + b alone, with a T a multiple of 2 pi.
fn repeats(e: &Expr, period: &Expr) -> bool {
    if !e.depends_on_x() {
        return true;
    }
    match e.node() {
        Node::Var => false,
        Node::Call(Func::Sin | Func::Cos, u) if slope(u).is_some_and(|a| turns(a, period)) => true,
        _ => e.children().into_iter().all(|c| repeats(c, period)),
    }
}

/// Whether it is a sum of multiples of x and of what repeats itself.
fn nearly(e: &Expr, period: &Expr) -> bool {
    match e.node() {
        Node::Var => true,
        Node::Neg(a) => nearly(a, period),
        Node::Add(a, b) | Node::Sub(a, b) => nearly(a, period) && nearly(b, period),
        Node::Mul(a, k) | Node::Mul(k, a) | Node::Div(a, k) if !k.depends_on_x() && a.depends_on_x() => {
            nearly(a, period)
        }
        _ => repeats(e, period),
    }
}

/// a, if the expression is built as a x + b.
pub(super) fn slope(u: &Expr) -> Option<Expr> {
    if !u.depends_on_x() {
        return Some(Expr::int(0));
    }
    match u.node() {
        Node::Var => Some(Expr::int(1)),
        Node::Neg(a) => Some(-slope(a)?),
        Node::Add(a, b) => Some(slope(a)? + slope(b)?),
        Node::Sub(a, b) => Some(slope(a)? - slope(b)?),
        Node::Mul(a, k) | Node::Mul(k, a) if !k.depends_on_x() => Some(slope(a)? * k.clone()),
        Node::Div(a, k) if !k.depends_on_x() => Some(slope(a)? / k.clone()),
        _ => None,
    }
}

/// Whether a times the period is a whole number of turns.
pub(super) fn turns(a: Expr, period: &Expr) -> bool {
    let circle = Expr::int(2) * Expr::new(Node::Named(Named::Pi));
    (a * period.clone() / circle).simplified().exact_rational().is_some_and(|n| n.is_integer())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actaudit_expr::parse_expr;

    fn both(e: &str, period: &str) -> (bool, bool) {
        let [e, period] = [e, period].map(|t| parse_expr(t).expect("parses"));
        (repeats(&e, &period), nearly(&e, &period))
    }

    #[test]
    fn periods_are_read_off_the_form() {
        for (e, period) in [
            ("sin(x)", "2*pi"),
            ("sin(x)", "4*pi"),
            ("exp(sin(3*x - 1/2))*cos(x/2)", "4*pi"),
            ("tanh(cos(pi*x))", "2"),
            ("sin(2*(x + 1)/3)", "3*pi"),
            ("sqrt(sin(x)) + log(cos(x))", "2*pi"),
        ] {
            assert_eq!(both(e, period), (true, true), "{e} after {period}");
        }
        assert_eq!(both("x/2 + sin(x)^2 - (3*x + 1)/pi", "2*pi"), (false, true));
    }

    #[test]
    fn what_does_not_repeat_is_refused() {
        for (e, period) in [
            ("sin(x)", "pi"),
            ("sin(x)", "6"),
            ("sin(x)*cos(x/2)", "2*pi"),
            ("sin(x) + sin(pi*x)", "2*pi"),
            ("sin(x^2)", "2*pi"),
            ("x*sin(x)", "2*pi"),
            ("x^2 + sin(x)", "2*pi"),
            ("sin(sqrt(x)^2)", "2*pi"),
            ("sin(x) + 0*log(x)", "2*pi"),
            ("sin(x)/x", "2*pi"),
        ] {
            assert_eq!(both(e, period), (false, false), "{e} after {period}");
        }
    }
}
