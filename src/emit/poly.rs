//! Polynomial pieces: factored at the ends of the piece, where they vanish and must not cancel, and in a variable that is scaled
//! by a power of two to the width of the piece, so that small radii neither overflow nor underflow.

use super::lower::Lower;
use super::{EmitError, code::Id};
use crate::expr::{Expr, Node};
use rug::Rational;
use rug::ops::Pow;

/// Polynomials of higher degree are left as they were written.
pub(super) const MAX_DEGREE: usize = 64;

/// Coefficients of 1, x, x^2, ..; the last one is not zero.
pub(super) type Coefficients = Vec<Rational>;

pub(super) fn trimmed(mut p: Coefficients) -> Coefficients {
    while p.last().is_some_and(|c| *c == 0) {
        p.pop();
    }
    p
}

pub(super) fn product(a: &Coefficients, b: &Coefficients) -> Coefficients {
    let mut out = vec![Rational::new(); (a.len() + b.len()).saturating_sub(1)];
    for (i, p) in a.iter().enumerate() {
        for (j, q) in b.iter().enumerate() {
            out[i + j] += Rational::from(p * q);
        }
    }
    trimmed(out)
}

pub(super) fn sum(a: Coefficients, b: &Coefficients, sign: i32) -> Coefficients {
    let mut out = a;
    out.resize(out.len().max(b.len()), Rational::new());
    for (p, q) in out.iter_mut().zip(b) {
        *p += Rational::from(q * sign);
    }
    trimmed(out)
}

/// An expression as a polynomial with rational coefficients, if it is one.
pub(super) fn coefficients(e: &Expr) -> Option<Coefficients> {
    if let Some(q) = e.exact_rational() {
        return Some(trimmed(vec![q]));
    }
    let found = match e.node() {
        Node::Var => vec![Rational::new(), Rational::from(1)],
        Node::Neg(a) => sum(vec![], &coefficients(a)?, -1),
        Node::Add(a, b) => sum(coefficients(a)?, &coefficients(b)?, 1),
        Node::Sub(a, b) => sum(coefficients(a)?, &coefficients(b)?, -1),
        Node::Mul(a, b) => product(&coefficients(a)?, &coefficients(b)?),
        Node::Div(a, b) => {
            let below = b.exact_rational().filter(|q| *q != 0)?;
            coefficients(a)?.into_iter().map(|c| c / &below).collect()
        }
        Node::Pow(a, q) => {
            let n = q.exact_rational().filter(|q| *q.denom() == 1)?.numer().to_usize()?;
            let base = coefficients(a)?;
            if base.len().saturating_sub(1) * n > MAX_DEGREE {
                return None;
            }
            (0..n).fold(vec![Rational::from(1)], |all, _| product(&all, &base))
        }
        _ => return None,
    };
    (found.len() <= MAX_DEGREE + 1).then_some(found)
}

/// The derivative.
pub(super) fn slope(p: &Coefficients) -> Coefficients {
    p.iter().enumerate().skip(1).map(|(k, c)| Rational::from(c * k as u64)).collect()
}

/// How often a root is one, and what is left without it.
fn without_root(p: Coefficients, root: &Rational) -> (u32, Coefficients) {
    let (mut rest, mut times) = (p, 0);
    while rest.len() > 1 {
        // Horner's rule gives quotient and remainder
        let mut quotient = vec![Rational::new(); rest.len() - 1];
        let mut carry = Rational::new();
        for (k, c) in rest.iter().enumerate().rev() {
            carry = Rational::from(&carry * root) + c;
            if k > 0 {
                quotient[k - 1].clone_from(&carry);
            }
        }
        if carry != 0 {
            break;
        }
        (rest, times) = (quotient, times + 1);
    }
    (times, rest)
}

/// 2^k
fn power_of_two(k: i32) -> Rational {
    Rational::from(2).pow(k)
}

/// k with 2^k next to a positive number.
fn scale_of(width: &Rational) -> i32 {
    // a rational number has a logarithm within one of the difference of lengths
    width.numer().significant_bits() as i32 - width.denom().significant_bits() as i32
}

/// The operations of a polynomial on a piece; an end that is not rational or not there helps nothing.
pub(super) fn lower(p: &Coefficients, ends: [Option<&Rational>; 2], to: &mut Lower<'_>) -> Result<Id, EmitError> {
    if p.len() <= 1 {
        return to.rational(p.first().unwrap_or(&Rational::new()));
    }
    let [lo, hi] = ends;
    // nothing is multiplied often enough in a straight line
    let wide = lo.zip(hi).filter(|_| p.len() > 2);
    let k = wide.map_or(0, |(lo, hi)| scale_of(&Rational::from(hi - lo)));
    let (left, rest) = lo.map_or_else(|| (0, p.clone()), |root| without_root(p.clone(), root));
    let (right, mut rest) = hi.map_or_else(|| (0, rest.clone()), |root| without_root(rest.clone(), root));
    let mut factors = vec![];
    for (root, times, rising) in [(lo, left, true), (hi, right, false)] {
        let Some(root) = root.filter(|_| times > 0) else { continue };
        let x = to.code.x();
        let from = if rising { to.shifted(x, &Rational::from(-root))? } else { to.until(root, x)? };
        let t = to.scaled(from, -k)?;
        factors.push(to.code.power(t, times));
    }
    // (hi - x)^n = (-1)^n (x - hi)^n
    let sign = Rational::from(if right % 2 == 1 { -1 } else { 1 });
    let all = k * (left + right) as i32;
    // a straight line is c (x - root), so that it is exact at its root
    if rest.len() == 2 {
        let root = Rational::from(&rest[0] / &rest[1]);
        let x = to.code.x();
        let line = to.shifted(x, &root)?;
        factors.push(to.scaled(line, -k)?);
        rest = vec![&rest[1] * power_of_two(k)];
    }
    for (j, c) in rest.iter_mut().enumerate() {
        *c *= &sign * power_of_two(k * j as i32 + all);
    }
    let product = factors.into_iter().reduce(|a, b| to.code.mul(a, b));
    match (product, rest.as_slice()) {
        (Some(product), [c]) => to.times(c, product),
        (product, _) => {
            let x = to.code.x();
            let t = to.scaled(x, -k)?;
            let value = horner(&rest, t, to)?;
            Ok(product.map_or(value, |product| to.code.mul(product, value)))
        }
    }
}

/// Horner's rule, over the powers that there are.
pub(super) fn horner(p: &Coefficients, t: Id, to: &mut Lower<'_>) -> Result<Id, EmitError> {
    let mut terms = p.iter().enumerate().filter(|(_, c)| **c != 0).rev();
    let Some((mut at, lead)) = terms.next() else { return Ok(to.code.float(0.0)) };
    let mut value = None;
    let mut leading = lead.clone();
    for (k, c) in terms {
        let step = to.code.power(t, (at - k) as u32);
        let product = match value {
            None => to.times(&leading, step)?,
            Some(value) => to.code.mul(value, step),
        };
        value = Some(to.shifted(product, c)?);
        (at, leading) = (k, Rational::new());
    }
    let last = to.code.power(t, at as u32);
    match value {
        None => to.times(&leading, last),
        Some(value) => Ok(to.code.mul(value, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn of(text: &str) -> Option<Coefficients> {
        coefficients(&parse_expr(text).expect("parses"))
    }

    #[test]
    fn polynomials_are_known() {
        let whole = |c: &[i64]| Some(c.iter().map(|c| Rational::from(*c)).collect::<Vec<_>>());
        assert_eq!(of("(x + 1)^2*(3 - x)"), whole(&[3, 5, 1, -1]));
        assert_eq!(of("x - x"), whole(&[]));
        assert_eq!(of("x/(1 + x)"), None);
        assert_eq!(of("sqrt(x)"), None);
        assert_eq!(slope(&of("x^3 + 2*x").expect("one")), whole(&[2, 0, 3]).expect("one"));
    }

    #[test]
    fn roots_come_out() {
        let p = of("(x + 1/1000)^3*(3/1000 - x)").expect("one");
        let (times, rest) = without_root(p, &Rational::from((-1, 1000)));
        assert_eq!((times, rest), (3, vec![Rational::from((3, 1000)), Rational::from(-1)]));
    }
}
