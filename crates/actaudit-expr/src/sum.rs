//! The normal form of a sum: each term once, with one rational coefficient.

use super::ast::{Constant, Expr, Node, fits};
use super::facts::always_defined;
use super::func::{Func, Named};
use super::product::{Product, constant, left_to_right, negated, scaled, times};
use super::simplify::{opposite, root};
use rug::Rational;
use std::collections::HashMap;

/// A sum in normal form; a constant term is a multiple of the expression `1`.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    terms: Vec<(Expr, Constant)>,
    places: HashMap<Expr, usize>,
}

/// `c + k f(u)` that is one function of `u`: the function, k/c, the result's function, its factor, its argument's.
///
/// These sums lose all digits where they nearly cancel, the functions do not.
const COMPLEMENTS: [(Func, i64, Func, i64, i64); 9] = [
    (Func::Exp, -1, Func::Expm1, -1, 1),
    (Func::Sigmoid, -1, Func::Sigmoid, 1, -1),
    (Func::NormCdf, -1, Func::NormCdf, 1, -1),
    (Func::Erf, -1, Func::Erfc, 1, 1),
    (Func::Erf, 1, Func::Erfc, 1, -1),
    (Func::Erfc, -1, Func::Erf, 1, 1),
    (Func::Tanh, 1, Func::Sigmoid, 2, 2),
    (Func::Tanh, -1, Func::Sigmoid, 2, -2),
    (Func::Expm1, 1, Func::Exp, 1, 1),
];

impl Sum {
    /// The normal form of an expression whose operands are simplified.
    pub fn of(e: &Expr) -> Self {
        let mut sum = Self::default();
        sum.add(e, &constant(1));
        sum.close();
        sum
    }

    /// Adds `c * e`.
    fn add(&mut self, e: &Expr, c: &Constant) {
        match e.node() {
            Node::Add(a, b) => {
                self.add(a, c);
                self.add(b, c);
            }
            Node::Sub(a, b) => {
                self.add(a, c);
                self.add(b, &negated(c));
            }
            Node::Neg(a) => self.add(a, &negated(c)),
            _ => self.add_product(e, c),
        }
    }

    fn add_product(&mut self, e: &Expr, c: &Constant) {
        let product = Product::of(e);
        let Some(c) = times(&product.coefficient, c) else {
            return self.push(e.clone(), c);
        };
        match product.single() {
            Some(sum) if matches!(sum.node(), Node::Add(..) | Node::Sub(..) | Node::Neg(_)) => self.add(sum, &c),
            Some(factor) => self.push(factor.clone(), &c),
            None if product.is_constant() => self.push(Expr::int(1), &c),
            None => self.push(product.monic(), &c),
        }
    }

    fn push(&mut self, term: Expr, c: &Constant) {
        if let Some(&i) = self.places.get(&term) {
            let old = &mut self.terms[i].1;
            let value = Rational::from(&old.value + &c.value);
            if old.value == 0 {
                *old = c.clone();
                return;
            } else if fits(&value) {
                *old = constant(value);
                return;
            }
        }
        self.places.insert(term.clone(), self.terms.len());
        self.terms.push((term, c.clone()));
    }

    /// The rules that look at several terms; afterwards the terms are in canonical order.
    fn close(&mut self) {
        self.terms.retain(|(term, c)| c.value != 0 || !always_defined(term));
        self.complement();
        self.hyperbolic();
        self.opposite_exponentials();
        let one = Expr::int(1);
        self.terms.sort_by(|a, b| (a.0 == one, &a.0).cmp(&(b.0 == one, &b.0)));
        // rather `2 - x` than `-x + 2`
        let positive = self.terms.iter().position(|(_, c)| c.value > 0);
        if let Some(i) = positive {
            self.terms[..=i].rotate_right(1);
        }
    }

    fn complement(&mut self) {
        let one = Expr::int(1);
        let Some(at) = self.terms.iter().position(|(term, _)| *term == one) else { return };
        let c = self.terms[at].1.value.clone();
        let found = self.terms.iter().enumerate().find_map(|(i, (term, k))| {
            let Node::Call(f, u) = term.node() else { return None };
            let rule = COMPLEMENTS.iter().find(|r| r.0 == *f && Rational::from(&c * r.1) == k.value)?;
            Some((i, u.clone(), rule))
        });
        if let Some((i, u, &(_, _, f, factor, inner))) = found {
            let term = root(&Expr::call(f, root(&(Expr::int(inner) * u))));
            self.terms.remove(i.max(at));
            self.terms.remove(i.min(at));
            self.places = self.terms.iter().enumerate().map(|(i, (term, _))| (term.clone(), i)).collect();
            self.add(&term, &constant(c * factor));
        }
    }

    /// cosh(u) + sinh(u) = exp(u), and cosh(u) - sinh(u) = exp(-u), which loses no digits.
    fn hyperbolic(&mut self) {
        let found = self.terms.iter().enumerate().find_map(|(i, (term, k))| {
            let Node::Call(Func::Cosh, u) = term.node() else { return None };
            let is_other = |(other, _): &(Expr, Constant)| matches!(other.node(), Node::Call(Func::Sinh, v) if v == u);
            let j = self.terms.iter().position(is_other)?;
            let c = &self.terms[j].1.value;
            let sign = if *c == k.value { 1 } else { -1 };
            (c.clone().abs() == k.value.clone().abs()).then(|| (i, j, u.clone(), sign, k.clone()))
        });
        if let Some((i, j, u, sign, k)) = found {
            let term = root(&Expr::call(Func::Exp, root(&(Expr::int(sign) * u))));
            self.terms.remove(i.max(j));
            self.terms.remove(i.min(j));
            self.places = self.terms.iter().enumerate().map(|(i, (term, _))| (term.clone(), i)).collect();
            self.add(&term, &k);
        }
    }

    /// exp(u) + exp(-u) = 2 cosh(u), and exp(u) - exp(-u) = 2 sinh(u), in which u stands once.
    fn opposite_exponentials(&mut self) {
        let exponent = |(term, _): &(Expr, Constant)| match term.node() {
            Node::Call(Func::Exp, u) => Some(u.clone()),
            _ => None,
        };
        let found = self.terms.iter().enumerate().find_map(|(i, first)| {
            let u = exponent(first)?;
            let back = opposite(&u);
            let j = self.terms.iter().position(|other| exponent(other).is_some_and(|v| v == back))?;
            let (k, c) = (&first.1.value, &self.terms[j].1.value);
            let f = match *k == *c {
                true => Func::Cosh,
                false if *k == Rational::from(-c) => Func::Sinh,
                false => return None,
            };
            (i != j).then(|| (i, j, u, f, k.clone()))
        });
        if let Some((i, j, u, f, k)) = found {
            let term = root(&Expr::call(f, u));
            self.terms.remove(i.max(j));
            self.terms.remove(i.min(j));
            self.places = self.terms.iter().enumerate().map(|(i, (term, _))| (term.clone(), i)).collect();
            self.add(&term, &constant(k * 2));
        }
    }

    /// The sum less a multiple of pi/2, and this multiple modulo 4, if it is a whole one other than zero.
    pub fn without_quarters_of_pi(mut self) -> Option<(Expr, u32)> {
        let is_pi = |(term, _): &(Expr, Constant)| matches!(term.node(), Node::Named(Named::Pi));
        let (_, c) = self.terms.remove(self.terms.iter().position(is_pi)?);
        let quarters = Rational::from(&c.value * 2u32);
        (*quarters.denom() == 1).then(|| (self.build(), quarters.numer().mod_u(4)))
    }

    /// The terms with their coefficients.
    pub fn terms(&self) -> &[(Expr, Constant)] {
        &self.terms
    }

    /// v and c, if it is c exp(v) + c with a c that is one positive number.
    pub fn logistic(&self) -> Option<(Expr, Rational)> {
        let [(a, c), (b, k)] = &self.terms[..] else { return None };
        let one = |e: &Expr| e.as_rational().is_some_and(|q| *q == 1);
        let exponential = match (one(a), one(b)) {
            (true, false) => b,
            (false, true) => a,
            _ => return None,
        };
        match exponential.node() {
            Node::Call(Func::Exp, v) if c.value == k.value && c.value > 0 => Some((v.clone(), c.value.clone())),
            _ => None,
        }
    }

    /// Whether no term is left.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// `(c + k exp(v))/exp(v) = k + c exp(-v)`, if this is such a sum with a c that is one number.
    pub fn over_exponential(&self, v: &Expr) -> Option<Expr> {
        let is_exponential = |term: &Expr| matches!(term.node(), Node::Call(Func::Exp, w) if w == v);
        let [(a, c), (b, k)] = match &self.terms[..] {
            [p, q] if is_exponential(&p.0) => [q, p],
            [p, q] if is_exponential(&q.0) => [p, q],
            _ => return None,
        };
        (is_exponential(b) && !a.depends_on_x()).then_some(())?;
        let fall = root(&Expr::call(Func::Exp, root(&-v.clone())));
        let other = root(&(term(a, c) * fall));
        Some(root(&(Expr::new(Node::Const(k.clone())) + other)))
    }

    /// The expression `a - b + c`.
    pub fn build(&self) -> Expr {
        let sum = |terms: &[(Expr, Constant)]| {
            let mut terms = terms.iter();
            let (first, c) = terms.next().expect("groups are not empty");
            terms.fold(
                term(first, c),
                |sum, (e, c)| {
                    if c.value < 0 { sum - term(e, &negated(c)) } else { sum + term(e, c) }
                },
            )
        };
        left_to_right(&self.terms, &sum, &|a, b| a + b).unwrap_or_else(|| Expr::int(0))
    }
}

fn term(e: &Expr, c: &Constant) -> Expr {
    if e.as_rational().is_some_and(|q| *q == 1) {
        return Expr::new(Node::Const(c.clone()));
    }
    // a coefficient that is too large to be formed stays beside the other
    scaled(e, c).unwrap_or_else(|| Expr::new(Node::Const(c.clone())) * e.clone())
}
