//! Quotients of polynomials: their slope over a common denominator, where a sum of fractions would cancel, and powers of x in an
//! order in which they do not underflow.

use super::EmitError;
use super::code::Id;
use super::lower::Lower;
use super::poly::{self, Coefficients};
use crate::expr::{Expr, Node};
use rug::Rational;

/// `above / below^times`, without common factors.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Ratio {
    above: Coefficients,
    below: Coefficients,
    times: u32,
}

/// Quotient and remainder.
fn divided(a: &Coefficients, b: &Coefficients) -> Option<[Coefficients; 2]> {
    let lead = b.last().filter(|c| **c != 0)?;
    let (mut rest, mut quotient) = (a.clone(), vec![Rational::new(); (a.len() + 1).saturating_sub(b.len())]);
    while rest.len() >= b.len() {
        let at = rest.len() - b.len();
        let c = Rational::from(rest.last()? / lead);
        for (k, d) in b.iter().enumerate() {
            rest[at + k] -= Rational::from(&c * d);
        }
        quotient[at] = c;
        // what led is gone
        rest.pop();
        rest = poly::trimmed(rest);
    }
    Some([quotient, rest])
}

/// A greatest common divisor.
fn common(a: Coefficients, b: Coefficients) -> Option<Coefficients> {
    let (mut a, mut b) = (a, b);
    while !b.is_empty() {
        let [_, rest] = divided(&a, &b)?;
        (a, b) = (b, rest);
    }
    let lead = a.last()?.clone();
    Some(a.into_iter().map(|c| c / &lead).collect())
}

/// Above and below the line, as they come.
fn fraction(e: &Expr) -> Option<[Coefficients; 2]> {
    if let Some(p) = poly::coefficients(e) {
        return Some([p, vec![Rational::from(1)]]);
    }
    let product = poly::product;
    let found = match e.node() {
        Node::Neg(a) => {
            let [p, q] = fraction(a)?;
            [poly::sum(vec![], &p, -1), q]
        }
        Node::Add(a, b) | Node::Sub(a, b) => {
            let ([p, q], [r, s]) = (fraction(a)?, fraction(b)?);
            let sign = if matches!(e.node(), Node::Add(..)) { 1 } else { -1 };
            [poly::sum(product(&p, &s), &product(&r, &q), sign), product(&q, &s)]
        }
        Node::Mul(a, b) => {
            let ([p, q], [r, s]) = (fraction(a)?, fraction(b)?);
            [product(&p, &r), product(&q, &s)]
        }
        Node::Div(a, b) => {
            let ([p, q], [r, s]) = (fraction(a)?, fraction(b)?);
            [product(&p, &s), product(&q, &r)]
        }
        Node::Pow(a, n) => {
            let n = n.exact_rational().filter(|n| *n.denom() == 1)?.numer().to_i32()?;
            let [p, q] = fraction(a)?;
            let (p, q) = if n < 0 { (q, p) } else { (p, q) };
            let power = |p: &Coefficients| {
                (p.len() * n.unsigned_abs() as usize <= poly::MAX_DEGREE)
                    .then(|| (0..n.unsigned_abs()).fold(vec![Rational::from(1)], |all, _| product(&all, p)))
            };
            [power(&p)?, power(&q)?]
        }
        _ => return None,
    };
    let short = |p: &Coefficients| p.len() <= poly::MAX_DEGREE;
    (found.iter().all(short) && !found[1].is_empty()).then_some(found)
}

impl Ratio {
    /// A quotient of polynomials with rational coefficients, if the expression is one and no polynomial.
    pub fn of(e: &Expr) -> Option<Self> {
        let [above, below] = fraction(e)?;
        let factor = common(above.clone(), below.clone())?;
        let [[above, _], [below, _]] = [divided(&above, &factor)?, divided(&below, &factor)?];
        (below.len() > 1).then_some(Self { above, below, times: 1 })
    }

    /// The derivative of one with a simple denominator.
    pub fn slope(&self) -> Option<Self> {
        let Self { above, below, .. } = self;
        let first = poly::product(&poly::slope(above), below);
        let mut above = poly::sum(first, &poly::product(above, &poly::slope(below)), -1);
        let mut times = 2;
        while times > 0 {
            let [quotient, rest] = divided(&above, below)?;
            if !rest.is_empty() {
                break;
            }
            (above, times) = (quotient, times - 1);
        }
        Some(Self { above, below: below.clone(), times })
    }

    /// Its operations on a piece.
    pub fn lower(&self, ends: [Option<&Rational>; 2], to: &mut Lower<'_>) -> Result<Id, EmitError> {
        let zeros = self.above.iter().take_while(|c| **c == 0).count();
        // one x is left for last: x^3 is nothing long before x^2/(1 + x^2) x is
        let outside = zeros >= 2;
        let above = if outside { self.above[1..].to_vec() } else { self.above.clone() };
        let above = poly::lower(&above, ends, to)?;
        let below = poly::lower(&self.below, ends, to)?;
        let below = to.code.power(below, self.times);
        let value = to.code.div(above, below);
        let x = to.code.x();
        Ok(if outside { to.code.mul(x, value) } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn of(text: &str) -> Option<Ratio> {
        Ratio::of(&parse_expr(text).expect("parses"))
    }

    fn whole(c: &[i64]) -> Coefficients {
        c.iter().map(|c| Rational::from(*c)).collect()
    }

    #[test]
    fn slopes_have_one_denominator() {
        let slope = of("x/(1 - x)").and_then(|r| r.slope()).expect("one");
        assert_eq!(slope, Ratio { above: whole(&[1]), below: whole(&[1, -1]), times: 2 });
        let slope = of("x^3/(1 + x^2)").and_then(|r| r.slope()).expect("one");
        assert_eq!(slope, Ratio { above: whole(&[0, 0, 3, 0, 1]), below: whole(&[1, 0, 1]), times: 2 });
    }

    #[test]
    fn common_factors_go() {
        assert_eq!(of("(x^2 - 1)/(x*(x - 1))"), of("(x + 1)/x"));
        assert_eq!(of("x^2/2"), None);
        assert_eq!(of("x/sqrt(x)"), None);
    }
}
