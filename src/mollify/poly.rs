//! Polynomials in x whose coefficients are exact: numbers, or rational functions of parameters.

use crate::expr::{Expr, Node};
use crate::number::Real as _;
use crate::number::exact::{Assumptions, Exact};
use rug::Rational;
use std::sync::Arc;

/// Powers of x beyond this are not formed.
const MAX_DEGREE: usize = 64;

/// `c_0 + c_1 x + ...`; the last coefficient is not zero in form.
#[derive(Clone, Debug)]
pub struct Poly {
    cx: Arc<Assumptions>,
    coefficients: Vec<Exact>,
}

impl Poly {
    fn new(cx: &Arc<Assumptions>, mut coefficients: Vec<Exact>) -> Self {
        while coefficients.last().is_some_and(Exact::is_zero) {
            coefficients.pop();
        }
        Self { cx: Arc::clone(cx), coefficients }
    }

    /// 0
    pub fn zero(cx: &Arc<Assumptions>) -> Self {
        Self::new(cx, vec![])
    }

    /// A constant.
    pub fn constant(value: Exact, cx: &Arc<Assumptions>) -> Self {
        Self::new(cx, vec![value])
    }

    /// `x + shift`
    fn linear(shift: Exact, cx: &Arc<Assumptions>) -> Self {
        Self::new(cx, vec![shift, Exact::int(cx, 1)])
    }

    /// The polynomial that an expression is; `None` if it is none, or not known to be one.
    pub fn of(e: &Expr, cx: &Arc<Assumptions>) -> Option<Self> {
        let go = |e: &Expr| Self::of(e, cx);
        let whole = match e.node() {
            _ if !e.depends_on_x() => Self::constant(Exact::eval(cx, e, &Exact::int(cx, 0)), cx),
            Node::Var => Self::linear(Exact::int(cx, 0), cx),
            Node::Neg(a) => go(a)?.scaled(&Exact::int(cx, -1)),
            Node::Add(a, b) => go(a)?.plus(&go(b)?),
            Node::Sub(a, b) => go(a)?.minus(&go(b)?),
            Node::Mul(a, b) => go(a)?.times(&go(b)?)?,
            Node::Div(a, b) if !b.depends_on_x() => {
                let divisor = Exact::eval(cx, b, &Exact::int(cx, 0));
                go(a)?.scaled(&Exact::int(cx, 1).div(&divisor))
            }
            Node::Pow(a, b) => {
                let n = b.exact_rational().filter(|q| *q.denom() == 1 && *q >= 0)?.numer().to_usize()?;
                let base = go(a)?;
                if n.saturating_mul(base.degree()) > MAX_DEGREE {
                    return None;
                }
                (0..n).try_fold(Self::constant(Exact::int(cx, 1), cx), |power, _| power.times(&base))?
            }
            _ => return None,
        };
        whole.coefficients.iter().all(|c| !c.is_unknown()).then_some(whole)
    }

    /// The highest power, 0 for constants and for zero.
    pub fn degree(&self) -> usize {
        self.coefficients.len().saturating_sub(1)
    }

    /// Whether it is zero, identically in the parameters.
    pub fn is_zero(&self) -> bool {
        self.coefficients.is_empty()
    }

    /// The coefficients, the constant first.
    pub fn coefficients(&self) -> &[Exact] {
        &self.coefficients
    }

    /// Each coefficient times its power of x, changed by `f` of its place.
    fn map(&self, f: impl Fn(usize, &Exact) -> Exact) -> Self {
        Self::new(&self.cx, self.coefficients.iter().enumerate().map(|(k, c)| f(k, c)).collect())
    }

    /// `c p`
    pub fn scaled(&self, c: &Exact) -> Self {
        self.map(|_, own| own.mul(c))
    }

    /// `p + q`
    pub fn plus(&self, other: &Self) -> Self {
        let zero = Exact::int(&self.cx, 0);
        let at = |p: &Self, k: usize| p.coefficients.get(k).unwrap_or(&zero).clone();
        let count = self.coefficients.len().max(other.coefficients.len());
        Self::new(&self.cx, (0..count).map(|k| at(self, k).add(&at(other, k))).collect())
    }

    /// `p - q`
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.scaled(&Exact::int(&self.cx, -1)))
    }

    /// `p q`; `None` if the degree is absurd
    pub fn times(&self, other: &Self) -> Option<Self> {
        if self.is_zero() || other.is_zero() {
            return Some(Self::zero(&self.cx));
        }
        if self.degree() + other.degree() > MAX_DEGREE {
            return None;
        }
        let mut out = vec![Exact::int(&self.cx, 0); self.degree() + other.degree() + 1];
        for (i, a) in self.coefficients.iter().enumerate() {
            for (j, b) in other.coefficients.iter().enumerate() {
                out[i + j] = out[i + j].add(&a.mul(b));
            }
        }
        Some(Self::new(&self.cx, out))
    }

    /// `p'`
    pub fn derivative(&self) -> Self {
        let of = |(k, c): (usize, &Exact)| c.mul(&Exact::int(&self.cx, k as i64));
        Self::new(&self.cx, self.coefficients.iter().enumerate().skip(1).map(of).collect())
    }

    /// The antiderivative that is 0 at 0.
    pub fn antiderivative(&self) -> Self {
        let of = |(k, c): (usize, &Exact)| c.mul(&Exact::rational(&self.cx, &Rational::from((1, k as i64 + 1))));
        let zero = Exact::int(&self.cx, 0);
        Self::new(&self.cx, std::iter::once(zero).chain(self.coefficients.iter().enumerate().map(of)).collect())
    }

    /// The value at a point.
    pub fn at(&self, x: &Exact) -> Exact {
        self.coefficients.iter().rev().fold(Exact::int(&self.cx, 0), |sum, c| sum.mul(x).add(c))
    }

    /// `p(x + shift)`
    pub fn shifted(&self, shift: &Exact) -> Self {
        // Horner's rule in polynomials: degrees stay as they are
        let step = Self::linear(shift.clone(), &self.cx);
        let zero = Self::zero(&self.cx);
        self.coefficients.iter().rev().fold(zero, |sum, c| {
            let product = sum.times(&step).unwrap_or_else(|| Self::zero(&self.cx));
            product.plus(&Self::constant(c.clone(), &self.cx))
        })
    }

    /// `p(factor x)`
    pub fn stretched(&self, factor: &Exact) -> Self {
        self.map(|k, c| c.mul(&factor.pow(&Rational::from(k))))
    }

    /// `p / (x - root)`, if that is a polynomial.
    pub fn without_root(&self, root: &Exact) -> Option<Self> {
        let mut quotient = Vec::with_capacity(self.coefficients.len());
        let mut carried = Exact::int(&self.cx, 0);
        for c in self.coefficients.iter().rev() {
            carried = carried.mul(root).add(c);
            quotient.push(carried.clone());
        }
        let remainder = quotient.pop()?;
        quotient.reverse();
        (!quotient.is_empty() && remainder.is_zero()).then(|| Self::new(&self.cx, quotient))
    }

    /// The value at the symbol x.
    pub fn to_exact(&self) -> Exact {
        self.at(&Exact::symbol(&self.cx, "x"))
    }

    /// The same polynomial under other assumptions, which imply the old ones.
    pub fn under(&self, cx: &Arc<Assumptions>) -> Self {
        Self::new(cx, self.coefficients.iter().map(|c| c.under(cx)).collect())
    }

    /// `p(-x)`
    pub fn mirrored(&self) -> Self {
        self.stretched(&Exact::int(&self.cx, -1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn poly(text: &str) -> Poly {
        let cx = Arc::new(Assumptions::strict().with_positive("a"));
        Poly::of(&parse_expr(text).expect("parses"), &cx).expect("is a polynomial")
    }

    fn text(p: &Poly) -> String {
        p.to_exact().to_expr().expect("known").simplified().to_string()
    }

    #[test]
    fn arithmetic_is_exact() {
        let cube = poly("(x + a)^3");
        assert_eq!(cube.degree(), 3);
        let a = Exact::symbol(&cube.cx, "a");
        assert_eq!(text(&cube.without_root(&a.neg()).expect("a root")), text(&poly("x^2 + 2*a*x + a^2")));
        assert!(cube.without_root(&a).is_none());
        assert!(cube.shifted(&a.neg()).minus(&poly("x^3")).is_zero());
        assert!(cube.derivative().minus(&poly("3*(x + a)^2")).is_zero());
        assert!(cube.antiderivative().minus(&poly("((x + a)^4 - a^4)/4")).is_zero());
        assert!(poly("x^2 + x").mirrored().minus(&poly("x^2 - x")).is_zero());
        assert_eq!(cube.at(&a).to_expr().expect("known").to_string(), "8*a^3");
    }

    #[test]
    fn what_is_no_polynomial_is_none() {
        let cx = Arc::new(Assumptions::strict().with_positive("a"));
        for e in ["exp(x)", "1/x", "abs(x)", "x^(1/2)", "x^-1", "x^1000", "x/(a - 1)", "log(a - 2)*x"] {
            assert!(Poly::of(&parse_expr(e).expect("parses"), &cx).is_none(), "{e}");
        }
    }
}
