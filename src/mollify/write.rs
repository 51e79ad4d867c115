//! Polynomials on a piece as expressions: factored at the ends of the piece, where they are small and must not cancel.

use super::poly::Poly;
use crate::expr::{Expr, Node};
use crate::number::Real as _;
use crate::number::exact::Exact;

/// The expression of an exact value: sums over a number are sums of fractions.
pub fn constant(value: &Exact) -> Option<Expr> {
    let e = value.to_expr()?;
    let spread = match e.node() {
        Node::Div(a, b) if b.as_rational().is_some_and(|q| *q != 0) => {
            // a sum distributes the factors of its terms
            let inverse = b.as_rational()?.clone().recip();
            Expr::int(0) + Expr::rational(inverse) * a.clone()
        }
        _ => e,
    };
    Some(spread.simplified())
}

/// A polynomial between two ends: factored at the ends, or one of the neighbours, if that is no more than a straight line, and a
/// factored rest; expanded only if neither is there. `None` if a coefficient is unknown.
pub fn on_piece(p: &Poly, ends: [Option<&Exact>; 2], neighbours: [Option<&Poly>; 2]) -> Option<Expr> {
    let lines = neighbours.into_iter().flatten().filter(|q| q.degree() <= 1 && !q.is_zero());
    let mut forms = vec![];
    if p.degree() > 1 {
        forms.extend(factored(p, ends)?);
        for line in lines {
            let rest = p.minus(line);
            if let Some(rest) = factored(&rest, ends).flatten() {
                let line = constant(&line.to_exact())?;
                forms.push(signed_sum(line, rest));
            }
        }
    }
    match forms.into_iter().min_by_key(Expr::size) {
        Some(shortest) => Some(shortest),
        None => expanded(p),
    }
}

/// `a + b`, or `a - c` if `b` is `-c`.
pub fn signed_sum(a: Expr, b: Expr) -> Expr {
    match without_sign(&b) {
        (b, true) => a - b,
        (b, false) => a + b,
    }
}

/// Without a minus sign in front, and whether there was one.
fn without_sign(e: &Expr) -> (Expr, bool) {
    match e.node() {
        Node::Neg(a) => {
            let (a, inner) = without_sign(a);
            (a, !inner)
        }
        Node::Mul(a, b) => match without_sign(a) {
            (a, true) if a.as_rational().is_some_and(|q| *q == 1) => (b.clone(), true),
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

/// What a polynomial is divided by so that its coefficients are polynomials with whole coefficients, and these.
fn over_denominator(p: &Poly) -> Option<(Poly, Option<Expr>)> {
    let whole = p.to_exact().to_expr()?;
    let Node::Div(_, below) = whole.node() else { return Some((p.clone(), None)) };
    let cx = p.coefficients().first()?.context();
    let times = Exact::eval(&cx, below, &Exact::int(&cx, 0));
    Some((p.scaled(&times), Some(below.clone())))
}

/// A coefficient times a power of x, a fraction with both above the line.
fn term(c: &Expr, k: usize) -> Expr {
    let power = match k {
        0 => return c.clone(),
        1 => Expr::var(),
        _ => Expr::var().pow(Expr::int(k as i64)),
    };
    let times =
        |c: &Expr| if c.as_rational().is_some_and(|q| *q == 1) { power.clone() } else { c.clone() * power.clone() };
    match (without_sign(c), c.node()) {
        _ if c.as_rational().is_some() => (c.clone() * power).simplified(),
        ((c, true), _) => -term(&c, k),
        (_, Node::Div(a, b)) => times(a) / b.clone(),
        _ => times(c),
    }
}

/// The summands of a sum, each with its sign.
fn summands(e: &Expr, negative: bool, out: &mut Vec<Expr>) {
    match e.node() {
        Node::Add(a, b) => {
            summands(a, negative, out);
            summands(b, negative, out);
        }
        Node::Sub(a, b) => {
            summands(a, negative, out);
            summands(b, !negative, out);
        }
        _ => out.push(if negative { -e.clone() } else { e.clone() }),
    }
}

/// The terms in descending powers, or in ascending ones where the first would be negative and the last is not.
fn sum_of_powers(p: &Poly) -> Option<Expr> {
    let mut terms = vec![];
    for (k, c) in p.coefficients().iter().enumerate().filter(|(_, c)| !c.is_zero()) {
        let c = constant(c)?;
        match k {
            // what is free of x needs no brackets
            0 => {
                summands(&c, false, &mut terms);
                terms.reverse();
            }
            _ => terms.push(term(&c, k)),
        }
    }
    let negative = |e: Option<&Expr>| e.is_some_and(|e| without_sign(e).1);
    if !negative(terms.last()) || negative(terms.first()) {
        terms.reverse();
    }
    Some(terms.into_iter().reduce(signed_sum).unwrap_or_else(|| Expr::int(0)))
}

/// A polynomial in powers of x.
pub fn expanded(p: &Poly) -> Option<Expr> {
    if p.degree() <= 1 {
        return constant(&p.to_exact());
    }
    // a denominator of all terms is written once
    let fraction = |c: &Exact| match c.to_expr()?.node() {
        Node::Div(_, below) => Some(below.as_rational().is_none()),
        _ => Some(false),
    };
    let mut terms = p.coefficients().iter().filter(|c| !c.is_zero());
    if !terms.all(|c| fraction(c) == Some(true)) {
        return sum_of_powers(p);
    }
    let (above, below) = over_denominator(p)?;
    let above = sum_of_powers(&above)?;
    Some(match below {
        Some(below) => above / below,
        None => above,
    })
}

/// `(x - lo)^m (hi - x)^n q(x) / d`; nothing inside if neither end is a root.
fn factored(p: &Poly, ends: [Option<&Exact>; 2]) -> Option<Option<Expr>> {
    if p.is_zero() {
        return Some(None);
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
    let Some(product) = factors.into_iter().reduce(|a, b| a * b) else { return Some(None) };
    let (above, below) = over_denominator(&rest)?;
    let above = if above.degree() == 0 { constant(&above.to_exact())? } else { sum_of_powers(&above)? };
    let (above, negative) = without_sign(&above);
    let is_sum = matches!(above.node(), Node::Add(..) | Node::Sub(..));
    let top = match above.as_rational() {
        Some(q) if *q == 1 => product,
        // a coefficient stands in front
        Some(_) => above * product,
        None if is_sum && negative => product * -above,
        None => product * above,
    };
    let value = match below {
        Some(below) => top / below,
        None => top,
    };
    Some(Some(if negative && !is_sum { -value } else { value }))
}
