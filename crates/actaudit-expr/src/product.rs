//! The normal form of a product: one rational coefficient, and each base once with its exponent.
//!
//! Two powers of a base are joined only where that leaves the domain as it was: `x * x` is `x^2`, but `x / x` and
//! `sqrt(x) * sqrt(x)` stay.

use super::ast::{Constant, Expr, Node, fits};
use super::facts::{Domain, always_defined, signs};
use super::func::Func;
use super::parse::MAX_EXPONENT;
use super::simplify::{opposite, root};
use super::sum::Sum;
use rug::{Integer, Rational};
use std::collections::HashMap;

/// Coefficients with a larger denominator are printed as one number in front instead of as a divisor.
const MAX_SHOWN_DENOMINATOR: u32 = 64;

/// An exact constant that keeps its float mark as long as it is multiplied by nothing but +-1.
pub(super) fn constant(value: impl Into<Rational>) -> Constant {
    Constant { value: value.into(), float: None }
}

pub(super) fn negated(c: &Constant) -> Constant {
    Constant { value: Rational::from(-&c.value), float: c.float }
}

/// The product of two coefficients; `None` if it has an absurd size.
pub(super) fn times(a: &Constant, b: &Constant) -> Option<Constant> {
    for (one, other) in [(a, b), (b, a)] {
        if one.value == 1 {
            return Some(other.clone());
        } else if one.value == -1 {
            return Some(negated(other));
        }
    }
    let value = Rational::from(&a.value * &b.value);
    fits(&value).then(|| constant(value))
}

/// A product in normal form.
#[derive(Clone, Debug)]
pub(super) struct Product {
    pub coefficient: Constant,
    /// bases with their exponents, which are not zero
    pub factors: Vec<(Expr, Rational)>,
    places: HashMap<Expr, Vec<usize>>,
    /// the arguments of the exponentials, with the exponents of these
    exponentials: Vec<(Expr, Rational)>,
}

impl Product {
    fn one() -> Self {
        Self { coefficient: constant(1), factors: Vec::new(), places: HashMap::new(), exponentials: Vec::new() }
    }

    /// The normal form of an expression whose operands are simplified.
    pub fn of(e: &Expr) -> Self {
        let mut product = Self::one();
        product.multiply(e, &Rational::from(1));
        product.close();
        product
    }

    /// Whether nothing but the coefficient is left.
    pub fn is_constant(&self) -> bool {
        self.factors.is_empty()
    }

    /// The only factor, if it has the exponent one.
    pub fn single(&self) -> Option<&Expr> {
        match self.factors.as_slice() {
            [(base, exponent)] if *exponent == 1 => Some(base),
            _ => None,
        }
    }

    /// The product without its coefficient.
    pub fn monic(&self) -> Expr {
        Self { coefficient: constant(1), ..self.clone() }.build()
    }

    /// Multiplies by `e ^ r`.
    fn multiply(&mut self, e: &Expr, r: &Rational) {
        let integer = *r.denom() == 1;
        match e.node() {
            Node::Const(c) => self.multiply_constant(c, r),
            Node::Neg(a) if integer => {
                if r.numer().is_odd() {
                    self.coefficient = negated(&self.coefficient);
                }
                self.multiply(a, r);
            }
            Node::Mul(a, b) if integer => {
                self.multiply(a, r);
                self.multiply(b, r);
            }
            // with r < 0 the divisor would come into the numerator, where it may be zero
            Node::Div(a, b) if integer && (*r > 0 || signs(b).not_zero()) => {
                self.multiply(a, r);
                self.multiply(b, &Rational::from(-r));
            }
            Node::Pow(a, q) => match q.as_rational().and_then(|q| power_of_power(a, q, r)) {
                Some(product) if product == 0 => {}
                Some(product) => self.multiply(a, &product),
                None => match q.as_rational().and_then(|q| root_of_even_power(a, q, r)) {
                    Some(product) => self.multiply(&root(&Expr::call(Func::Abs, a.clone())), &product),
                    None => self.push(e, r),
                },
            },
            // each factor has its own root where none is negative, and one is an even power
            Node::Mul(a, b) if has_even_power(e) && signs(a).not_negative() && signs(b).not_negative() => {
                self.multiply(a, r);
                self.multiply(b, r);
            }
            Node::Div(a, b) if has_even_power(e) && signs(a).not_negative() && signs(b).positive() => {
                self.multiply(a, r);
                self.multiply(b, &Rational::from(-r));
            }
            Node::Call(Func::Exp, u) => self.exponentials.push((u.clone(), r.clone())),
            _ => self.push(e, r),
        }
    }

    fn multiply_constant(&mut self, c: &Constant, r: &Rational) {
        let power = constant_power(c, r).and_then(|power| times(&self.coefficient, &power));
        match power {
            Some(coefficient) => self.coefficient = coefficient,
            None => self.push(&Expr::new(Node::Const(c.clone())), r),
        }
    }

    fn push(&mut self, base: &Expr, r: &Rational) {
        let base_signs = signs(base);
        for &i in self.places.get(base).map_or(&[][..], Vec::as_slice) {
            let old = &self.factors[i].1;
            let sum = Rational::from(old + r);
            let before = Domain::of_power(old).and(Domain::of_power(r));
            let same_domain = before == Domain::of_power(&sum) || before.holds(base_signs);
            if same_domain && small(&sum) && (sum != 0 || always_defined(base)) {
                self.factors[i].1 = sum;
                return;
            }
        }
        self.places.entry(base.clone()).or_default().push(self.factors.len());
        self.factors.push((base.clone(), r.clone()));
    }

    /// The rules that look at several factors; afterwards the factors are in canonical order.
    fn close(&mut self) {
        // 1/(c exp(v) + c) = sigmoid(-v)/c
        for i in 0..self.factors.len() {
            let (base, exponent) = &self.factors[i];
            if *exponent >= 0 || !matches!(base.node(), Node::Add(..)) {
                continue;
            }
            let Some((v, c)) = Sum::of(base).logistic() else { continue };
            let front = constant_power(&constant(c), exponent).and_then(|c| times(&self.coefficient, &c));
            if let Some(coefficient) = front {
                let exponent = Rational::from(-exponent);
                self.coefficient = coefficient;
                self.factors[i].1 = Rational::new();
                self.push(&Expr::call(Func::Sigmoid, opposite(&v)), &exponent);
            }
        }
        self.square_roots();
        self.hyperbolic();
        self.logistic_differences();
        if let Some(v) = self.exponent() {
            self.absorb_exponential(&v);
        }
        self.factors.retain(|(_, exponent)| *exponent != 0);
        self.places.clear();
        self.factors.sort_by_cached_key(|factor| (rank(&factor.0), factor.clone()));
    }

    /// sqrt(u)^2 = u where u is never negative.
    fn square_roots(&mut self) {
        for i in 0..self.factors.len() {
            let (base, r) = self.factors[i].clone();
            let Node::Call(Func::Sqrt, u) = base.node() else { continue };
            let whole = Rational::from(Integer::from(r.numer() / 2u32));
            if *r.denom() == 1 && whole != 0 && signs(u).not_negative() {
                self.factors[i].1 -= Rational::from(&whole * 2);
                self.multiply(u, &whole);
            }
        }
    }

    /// sinh(u)/cosh(u) = tanh(u): the divisor is never zero.
    fn hyperbolic(&mut self) {
        for i in 0..self.factors.len() {
            let (base, n) = self.factors[i].clone();
            let Node::Call(Func::Sinh, u) = base.node() else { continue };
            let divides = |(other, m): &(Expr, Rational)| {
                matches!(other.node(), Node::Call(Func::Cosh, v) if v == u) && *m < 0 && *m.denom() == 1
            };
            let Some(j) = self.factors.iter().position(divides).filter(|_| n > 0 && *n.denom() == 1) else { continue };
            let common = n.min(Rational::from(-&self.factors[j].1));
            self.factors[i].1 -= &common;
            self.factors[j].1 += &common;
            self.push(&Expr::call(Func::Tanh, u.clone()), &common);
        }
    }

    /// expm1(v) sigmoid(-v) = (exp(v) - 1)/(exp(v) + 1) = tanh(v/2), in which v stands once.
    fn logistic_differences(&mut self) {
        for i in 0..self.factors.len() {
            let (base, n) = self.factors[i].clone();
            let Node::Call(Func::Expm1, v) = base.node() else { continue };
            let back = opposite(v);
            let meets = |(other, m): &(Expr, Rational)| {
                matches!(other.node(), Node::Call(Func::Sigmoid, w) if *w == back) && *m > 0 && *m.denom() == 1
            };
            let Some(j) = self.factors.iter().position(meets).filter(|_| n > 0 && *n.denom() == 1) else { continue };
            let common = n.min(self.factors[j].1.clone());
            self.factors[i].1 -= &common;
            self.factors[j].1 -= &common;
            let half = root(&(Expr::rational(Rational::from((1, 2))) * v.clone()));
            // odd: the sign goes to the coefficient, as that of an odd power
            match root(&Expr::call(Func::Tanh, half)).node() {
                Node::Neg(turned) => {
                    if common.numer().is_odd() {
                        self.coefficient = negated(&self.coefficient);
                    }
                    self.push(turned, &common);
                }
                whole => self.push(&Expr::new(whole.clone()), &common),
            }
        }
    }

    /// What all exponentials together are the exponential of, if that is not zero.
    fn exponent(&mut self) -> Option<Expr> {
        let sum = match std::mem::take(&mut self.exponentials).as_slice() {
            // usual, and already in normal form
            [(u, r)] if *r == 1 => u.clone(),
            [] => return None,
            all => {
                let term = |(u, r): &(Expr, Rational)| Expr::rational(r.clone()) * u.clone();
                Sum::of(&all.iter().map(term).reduce(|a, b| a + b)?).build()
            }
        };
        sum.as_rational().is_none_or(|q| *q != 0).then_some(sum)
    }

    /// Multiplies by exp(v), where exp(v) sigmoid(-v) = sigmoid(v).
    fn absorb_exponential(&mut self, v: &Expr) {
        let is_opposite = |(base, n): &(Expr, Rational)| match base.node() {
            Node::Call(Func::Sigmoid, w) if *n >= 1 && *n.denom() == 1 => Sum::of(&(v.clone() + w.clone())).is_zero(),
            _ => false,
        };
        let one = Rational::from(1);
        // exp(v)/(c + k exp(v)) = 1/(k + c exp(-v)), in which v stands once
        let divided = self.factors.iter().enumerate().find_map(|(i, (base, n))| {
            let terms = matches!(base.node(), Node::Add(..) | Node::Sub(..)).then(|| Sum::of(base))?;
            (*n == -1).then(|| terms.over_exponential(v)).flatten().map(|base| (i, base))
        });
        if let Some((i, base)) = divided {
            self.factors[i].1 = Rational::new();
            return self.push(&base, &Rational::from(-1));
        }
        match self.factors.iter().position(is_opposite) {
            Some(i) => {
                self.factors[i].1 -= 1;
                self.push(&Expr::call(Func::Sigmoid, v.clone()), &one);
            }
            None => self.push(&Expr::call(Func::Exp, v.clone()), &one),
        }
    }

    /// The expression: `p * a * b / (q * c)`.
    pub fn build(&self) -> Expr {
        let c = &self.coefficient;
        if c.value == 0 && self.factors.iter().all(defined_factor) {
            return Expr::int(0);
        }
        let split = c.float.is_none() && *c.value.denom() <= MAX_SHOWN_DENOMINATOR && !self.is_constant();
        let (p, q) = match split {
            true => (constant(c.value.numer().clone()), Rational::from(c.value.denom().clone())),
            false => (c.clone(), Rational::from(1)),
        };
        let powers = |positive: bool| {
            self.factors.iter().filter(move |f| (f.1 > 0) == positive).map(|(base, r)| power(base, &r.clone().abs()))
        };
        let has_numerator = self.factors.iter().any(|f| f.1 > 0);
        let plain = |value: i32| p.float.is_none() && p.value == value;
        let minus = plain(-1) && has_numerator;
        let leading = (!(plain(1) || minus)).then(|| Expr::new(Node::Const(p.clone())));
        let numerator = chain(leading.into_iter().chain(powers(true))).unwrap_or_else(|| Expr::int(1));
        let denominator = chain((q != 1).then(|| Expr::rational(q)).into_iter().chain(powers(false)));
        let body = match denominator {
            Some(d) => numerator / d,
            None => numerator,
        };
        if minus { -body } else { body }
    }
}

fn chain(factors: impl Iterator<Item = Expr>) -> Option<Expr> {
    let factors: Vec<Expr> = factors.collect();
    let product = |group: &[Expr]| group.iter().cloned().reduce(|a, b| a * b).expect("groups are not empty");
    left_to_right(&factors, &product, &|a, b| a * b)
}

/// A row with more members is built in halves: everything that walks a tree recurses, so trees must stay flat.
const MAX_ROW: usize = 24;

/// Joins the members of a row; `None` if there are none.
pub(super) fn left_to_right<T>(
    row: &[T],
    group: &impl Fn(&[T]) -> Expr,
    join: &impl Fn(Expr, Expr) -> Expr,
) -> Option<Expr> {
    if row.is_empty() {
        None
    } else if row.len() <= MAX_ROW {
        Some(group(row))
    } else {
        let (left, right) = row.split_at(row.len() / 2);
        Some(join(left_to_right(left, group, join)?, left_to_right(right, group, join)?))
    }
}

fn power(base: &Expr, exponent: &Rational) -> Expr {
    if *exponent == 1 { base.clone() } else { base.clone().pow(Expr::rational(exponent.clone())) }
}

fn defined_factor((base, exponent): &(Expr, Rational)) -> bool {
    always_defined(base) && Domain::of_power(exponent).holds(signs(base))
}

/// Parameters and constants first, then `x`, sums and functions.
fn rank(base: &Expr) -> u8 {
    match base.node() {
        Node::Var => 1,
        _ if !base.depends_on_x() => 0,
        Node::Add(..) | Node::Sub(..) => 2,
        _ => 3,
    }
}

fn small(q: &Rational) -> bool {
    *q.denom() <= MAX_EXPONENT && *q.numer().as_abs() <= MAX_EXPONENT
}

/// `c ^ r`, where it exists, is rational and is of sane size.
fn constant_power(c: &Constant, r: &Rational) -> Option<Constant> {
    if *r == 1 {
        return Some(c.clone());
    }
    let root = exact_root(&c.value, r.denom().to_u32()?)?;
    let n = Expr::rational(r.numer().clone());
    Expr::rational(root).pow(n).exact_rational().map(constant)
}

/// The root of this degree, if it is rational.
fn exact_root(value: &Rational, degree: u32) -> Option<Rational> {
    if degree == 1 {
        return Some(value.clone());
    }
    if *value < 0 {
        return None;
    }
    let root = Rational::from((value.numer().clone().root(degree), value.denom().clone().root(degree)));
    let whole = Expr::rational(root.clone()).pow(Expr::int(degree.into()));
    (whole.exact_rational().as_ref() == Some(value)).then_some(root)
}

/// The exponent of `(base^q)^r` if that is one power of the base, of the same value and the same domain.
fn power_of_power(base: &Expr, q: &Rational, r: &Rational) -> Option<Rational> {
    let product = Rational::from(q * r);
    let base_signs = signs(base);
    let inner = Domain::of_power(q);
    let outer = Domain::of_power(r);
    // what r asks of base^q, as a condition on the base; base^q >= 0 says base >= 0 for odd integers q
    let needed = inner.and(outer);
    let q_even = *q.denom() == 1 && q.numer().is_even();
    let same_value = !(q_even && outer.no_negative) || base_signs.not_negative();
    let same_domain = needed == Domain::of_power(&product) || needed.holds(base_signs);
    let vanishes = product == 0 && !always_defined(base);
    (same_value && same_domain && small(&product) && !vanishes).then_some(product)
}

/// Whether a factor is an even power of what may be negative: its roots are powers of a magnitude.
pub(super) fn has_even_power(e: &Expr) -> bool {
    match e.node() {
        Node::Mul(a, b) => has_even_power(a) || has_even_power(b),
        Node::Div(a, _) => has_even_power(a),
        Node::Pow(a, q) => q.as_rational().is_some_and(|q| even(q) && *q > 0) && !signs(a).not_negative(),
        _ => false,
    }
}

fn even(q: &Rational) -> bool {
    *q.denom() == 1 && q.numer().is_even()
}

/// The exponent of |base| in `(base^q)^r` for an even q and an r that is not whole, if the domain is the same.
fn root_of_even_power(base: &Expr, q: &Rational, r: &Rational) -> Option<Rational> {
    let product = Rational::from(q * r);
    let needed = Domain::of_power(q).and(Domain { no_negative: false, ..Domain::of_power(r) });
    let same = needed.no_zero == (product < 0) || signs(base).not_zero();
    (even(q) && *r.denom() != 1 && same && product != 0 && small(&product)).then_some(product)
}

/// The product of a coefficient and a monic expression, simplified.
pub(super) fn scaled(e: &Expr, by: &Constant) -> Option<Expr> {
    let mut product = Product::of(e);
    product.coefficient = times(&product.coefficient, by)?;
    Some(product.build())
}

/// Simplifies a product, quotient or power whose operands are simplified.
pub(super) fn simplify_product(e: &Expr) -> Expr {
    let product = Product::of(e);
    match product.single() {
        Some(sum) if product.coefficient.value == -1 && matches!(sum.node(), Node::Add(..) | Node::Sub(..)) => {
            Sum::of(&-sum.clone()).build()
        }
        _ => product.build(),
    }
}
