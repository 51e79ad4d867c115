//! Exact values as expressions, for people and for certificates.

use super::monomial::{Atom, Head, Monomial};
use super::poly::Poly;
use super::ratio::Ratio;
use crate::expr::{Expr, Func, Named};
use rug::Rational;

/// `num / den` with the negative powers of the numerator in the denominator.
pub(super) fn ratio(value: &Ratio) -> Expr {
    if value.is_zero() {
        return Expr::int(0);
    }
    let content = value.num.content(|_| true);
    let below = Monomial(content.0.into_iter().filter(|(_, e)| *e < 0).collect());
    let (_, up) = below.raised(&Rational::from(-1));
    // the rational factor by which all coefficients become integers without common factor
    let lcm = value.num.0.values().fold(rug::Integer::from(1), |a, c| a.lcm(c.denom()));
    let num = value.num.times_term(&Rational::from(lcm.clone()), &up);
    let mut den = Vec::new();
    if lcm != 1 {
        den.push(Expr::rational(Rational::from(lcm)));
    }
    den.extend(up.0.iter().map(|(a, e)| power(a, e)));
    den.extend(value.den.iter().map(|(f, k)| raised(poly(f), &Rational::from(*k))));
    match den.into_iter().reduce(|a, b| a * b) {
        None => poly(&num),
        Some(den) => poly(&num) / den,
    }
}

fn raised(base: Expr, e: &Rational) -> Expr {
    if *e == 1 { base } else { base.pow(Expr::rational(e.clone())) }
}

fn power(a: &Atom, e: &Rational) -> Expr {
    if let Atom::Call(Head::Exp, u) = a {
        // exp(u)^e = exp(e u)
        return Expr::call(Func::Exp, ratio(&u.scaled(e)));
    }
    let base = atom(a);
    if *e == Rational::from((1, 2)) { Expr::call(Func::Sqrt, base) } else { raised(base, e) }
}

fn atom(a: &Atom) -> Expr {
    match a {
        Atom::Symbol(name) if name.as_ref() == "x" => Expr::var(),
        Atom::Symbol(name) => Expr::param(name),
        Atom::Pi => Expr::new(crate::expr::Node::Named(Named::Pi)),
        Atom::Prime(p) => Expr::rational(Rational::from(p)),
        Atom::Root(u) => ratio(u),
        Atom::Call(head, u) => {
            let f = match head {
                Head::Exp => Func::Exp,
                Head::Log => Func::Log,
                Head::Erf => Func::Erf,
                Head::Atan => Func::Atan,
                Head::Sin => Func::Sin,
                Head::Cos => Func::Cos,
                Head::Abs => Func::Abs,
            };
            Expr::call(f, ratio(u))
        }
    }
}

fn term(c: &Rational, m: &Monomial) -> Expr {
    let mut factors = m.0.iter().map(|(a, e)| power(a, e));
    let first = match factors.next() {
        None => return Expr::rational(c.clone()),
        Some(first) if *c == 1 => first,
        Some(first) => Expr::rational(c.clone()) * first,
    };
    factors.fold(first, |a, b| a * b)
}

/// Leading term first; a negative coefficient as a subtraction.
fn poly(p: &Poly) -> Expr {
    let mut terms = p.0.iter().rev();
    let Some((m, c)) = terms.next() else { return Expr::int(0) };
    let first = if *c < 0 && !m.is_one() { -term(&Rational::from(-c), m) } else { term(c, m) };
    terms.fold(first, |sum, (m, c)| if *c < 0 { sum - term(&Rational::from(-c), m) } else { sum + term(c, m) })
}
