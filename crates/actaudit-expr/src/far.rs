//! The same function in words that suit one end of the real line: what cancels there, or grows to be divided by what grows as fast, is written so
//! that it does neither. `cosh(x)` is `exp(x)*(1 + exp(-2*x))/2` at plus infinity.
//!
//! Each step is an identity for every x, with the same domain; the end decides only which of two identities is taken. So a form that was made
//! for one end may be used everywhere, and its derivatives are those of the function.

use super::ast::{Constant, Expr, Node};
use super::facts::signs;
use super::func::{Func, Named};
use super::product::Product;
use super::simplify::{opposite, root};
use super::sum::Sum;
use rug::Rational;
use std::cell::Cell;

/// Larger expressions are left as they are.
const MAX_NODES: usize = 600;

impl Expr {
    /// The same function in a form for x to minus infinity (`left`) or plus infinity; `None` if there is no other.
    #[must_use]
    pub fn far(&self, left: bool) -> Option<Self> {
        if !self.size_within(MAX_NODES) {
            return None;
        }
        let simple = self.simplified();
        let far = Side::new(left).rewritten(&simple).simplified();
        (far != simple && far.size_within(MAX_NODES)).then_some(far)
    }

    /// Whether the form for this end, if there is one, is the better one on all of that side of zero: nothing grows there like an exponential
    /// without need, no root cancels what it is added to, and a quotient that tends to a number is that number and the rest.
    #[must_use]
    pub fn suits_far(&self, far: &Self, left: bool) -> bool {
        let side = Side::new(left);
        let grown = |n: &Node| match n {
            Node::Call(Func::Cosh | Func::Sinh, _) => true,
            Node::Call(Func::Exp | Func::Expm1, u) => side.rate(u).is_some_and(|rate| rate > 0),
            _ => false,
        };
        let needless = self.any(&mut grown.clone()) && !far.any(&mut grown.clone());
        side.rewritten(&self.simplified());
        needless || side.parted.get()
    }

    /// The same function with the logarithm of a product of positive factors as a sum of logarithms.
    #[must_use]
    pub fn with_logarithms_apart(&self) -> Self {
        let e = self.map_children(Self::with_logarithms_apart);
        match e.node() {
            Node::Call(Func::Log, u) => logarithm(u).unwrap_or(e),
            _ => e,
        }
    }
}

/// The end of the line.
struct Side {
    left: bool,
    /// whether sums or quotients were written as what is left of them far out
    parted: Cell<bool>,
}

/// a in a x + b, if it is a rational number.
fn slope(e: &Expr) -> Option<Rational> {
    if !e.depends_on_x() {
        return Some(Rational::new());
    }
    match e.node() {
        Node::Var => Some(Rational::from(1)),
        Node::Neg(a) => Some(-slope(a)?),
        Node::Add(a, b) => Some(slope(a)? + slope(b)?),
        Node::Sub(a, b) => Some(slope(a)? - slope(b)?),
        Node::Mul(a, b) => {
            let (k, u) = if a.depends_on_x() { (b, a) } else { (a, b) };
            Some(slope(u)? * k.exact_rational()?)
        }
        Node::Div(a, k) => Some(slope(a)? / k.exact_rational().filter(|k| *k != 0)?),
        _ => None,
    }
}

fn call(f: Func, u: Expr) -> Expr {
    Expr::call(f, u).simplified()
}

fn times(q: impl Into<Rational>, e: &Expr) -> Expr {
    (Expr::rational(q) * e.clone()).simplified()
}

/// log(exp(v) w1^r c w) = v + r log w1 + log(c w) for a positive w1, and log(c/w) = -log(w/c).
fn logarithm(u: &Expr) -> Option<Expr> {
    let product = Product::of(u);
    let (mut sum, mut rest) = (vec![], vec![]);
    for (base, r) in &product.factors {
        let power = || Expr::rational(r.clone());
        match base.node() {
            Node::Call(Func::Exp, v) => sum.push(power() * v.clone()),
            _ if signs(base).positive() => sum.push(power() * call(Func::Log, base.clone())),
            _ => rest.push((base, r)),
        }
    }
    let c = &product.coefficient;
    if rest.is_empty() && c.value <= 0 {
        return None;
    }
    let divides = !rest.is_empty() && c.value != 0 && rest.iter().all(|(_, r)| **r < 0);
    let inner = |c: Rational, sign: i32| {
        let power = |(base, r): &(&Expr, &Rational)| (*base).clone().pow(Expr::rational(Rational::from(*r * sign)));
        call(Func::Log, rest.iter().fold(Expr::rational(c), |all, f| all * power(f)).simplified())
    };
    let last = if divides { -inner(c.value.clone().recip(), -1) } else { inner(c.value.clone(), 1) };
    let all = sum.into_iter().fold(last, |all, term| all + term).simplified();
    (all != root(&Expr::call(Func::Log, u.clone()))).then_some(all)
}

/// (exp(v) w)^q = exp(q v) w^q
fn rooted(u: &Expr, q: &Rational) -> Option<Expr> {
    let product = Product::of(u);
    let at = product.factors.iter().position(|(base, r)| is_exponential(base) && *r == 1)?;
    let mut rest = product.clone();
    let (exponential, _) = rest.factors.remove(at);
    let Node::Call(_, v) = exponential.node() else { return None };
    let power = match *q == Rational::from((1, 2)) {
        true => call(Func::Sqrt, rest.build()),
        false => rest.build().pow(Expr::rational(q.clone())),
    };
    Some((call(Func::Exp, times(q.clone(), v)) * power).simplified())
}

fn is_exponential(e: &Expr) -> bool {
    matches!(e.node(), Node::Call(Func::Exp, _))
}

impl Side {
    const fn new(left: bool) -> Self {
        Self { left, parted: Cell::new(false) }
    }

    /// How fast it grows, if it is a line with a rational slope: 0 for a constant.
    fn rate(&self, e: &Expr) -> Option<Rational> {
        slope(e).map(|a| if self.left { -a } else { a })
    }

    fn rewritten(&self, e: &Expr) -> Expr {
        if !e.depends_on_x() {
            return e.clone();
        }
        let e = root(&e.map_children(|c| self.rewritten(c)));
        match e.node() {
            Node::Neg(_) | Node::Add(..) | Node::Sub(..) => self.sum(&e),
            Node::Call(Func::Log, u) => logarithm(u).map_or(e, |sum| self.unfolded(&sum).simplified()),
            Node::Call(Func::Sqrt, u) => rooted(u, &Rational::from((1, 2))).unwrap_or(e),
            Node::Pow(u, q) => q.as_rational().and_then(|q| rooted(u, q)).unwrap_or(e),
            Node::Call(Func::Log1p, u) => {
                let shifted = self.sum(&root(&(u.clone() + Expr::int(1))));
                let split = Product::of(&shifted).factors.iter().any(|(base, _)| is_exponential(base));
                if split { logarithm(&shifted).map_or(e, |sum| self.unfolded(&sum).simplified()) } else { e }
            }
            Node::Call(f, u) => self.call(*f, u).unwrap_or(e),
            Node::Mul(..) | Node::Div(..) => self.divided(&e).unwrap_or(e),
            _ => e,
        }
    }

    /// The softplus functions of a sum, of what grows as this and the rest.
    fn unfolded(&self, e: &Expr) -> Expr {
        match e.node() {
            Node::Call(f @ Func::Softplus, u) => self.call(*f, u).unwrap_or_else(|| e.clone()),
            Node::Neg(_) | Node::Add(..) | Node::Sub(..) | Node::Mul(..) | Node::Div(..) => {
                e.map_children(|c| self.unfolded(c))
            }
            _ => e.clone(),
        }
    }

    /// a m/(k m + w) = a/k - (a/k) w/(k m + w), where m outweighs w.
    fn divided(&self, e: &Expr) -> Option<Expr> {
        let product = Product::of(e);
        let power = |(base, r): &(Expr, Rational)| base.clone().pow(Expr::rational(r.clone()));
        let at = product.factors.iter().position(|(base, r)| {
            *r == -1 && base.depends_on_x() && matches!(base.node(), Node::Add(..) | Node::Sub(..))
        })?;
        let others = || product.factors.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, f)| f);
        let above = others().filter(|(base, _)| base.depends_on_x()).fold(Expr::int(1), |all, f| all * power(f));
        let front = others().filter(|(base, _)| !base.depends_on_x()).map(power);
        let front = front.fold(coefficient(&product.coefficient), |all, f| all * f);
        let (above, divisor) = (above.simplified(), product.factors[at].0.clone());
        let sum = Sum::of(&divisor);
        let (_, k) = sum.terms().iter().find(|(term, k)| *term == above && k.value != 0)?;
        let weight = self.exponent(&above)?.0;
        let mut rest = Expr::int(0);
        for (term, c) in sum.terms().iter().filter(|(term, _)| *term != above) {
            if self.exponent(term)?.0 >= weight {
                return None;
            }
            rest = rest + coefficient(c) * term.clone();
        }
        self.parted.set(true);
        let front = front / coefficient(k);
        Some((front.clone() - front * rest / divisor).simplified())
    }

    /// The exponential in a product, as its rate and its argument: 0 without one.
    fn exponent(&self, term: &Expr) -> Option<(Rational, Expr)> {
        let factors = Product::of(term).factors;
        match factors.iter().find(|(base, _)| is_exponential(base)) {
            Some((base, r)) => match base.node() {
                Node::Call(_, v) if *r == 1 => self.rate(v).map(|rate| (rate, v.clone())),
                _ => None,
            },
            None => Some((Rational::new(), Expr::int(0))),
        }
    }

    fn call(&self, f: Func, u: &Expr) -> Option<Expr> {
        let rate = self.rate(u).filter(|a| *a != 0)?;
        let (s, up) = (rate.cmp0() as i64, rate > 0);
        // |u| far out
        let v = times(s, u);
        let fallen = || call(Func::Exp, times(-2, &v));
        let half = |e: Expr| times((1, 2), &(call(Func::Exp, v.clone()) * e));
        let int = Expr::int;
        match f {
            Func::Cosh => Some(half((int(1) + fallen()).simplified())),
            Func::Sinh => Some(times(s, &half((int(1) - fallen()).simplified()))),
            // tanh(v) = 1 - 2/(1 + exp(2 v))
            Func::Tanh => Some(times(s, &(int(1) - int(2) * call(Func::Sigmoid, times(-2, &v))))),
            Func::Softplus if up => Some((u.clone() + call(Func::Softplus, opposite(u))).simplified()),
            // exp(v) - 1 = exp(v) (1 - exp(-v))
            Func::Expm1 if up => Some(-(call(Func::Exp, v.clone()) * call(Func::Expm1, opposite(&v)))),
            // with v = tan(t), sqrt(v^2 + 1) - v = tan(pi/4 - t/2)
            Func::Atan => {
                let root = call(Func::Sqrt, times(1, &(v.clone().pow(int(2)) + int(1)))) + v;
                let quarter = Expr::new(Node::Named(Named::Pi)) / int(2);
                Some(times(s, &(quarter - int(2) * call(Func::Atan, int(1) / root))))
            }
            _ => None,
        }
    }

    fn sum(&self, e: &Expr) -> Expr {
        let e = distributed(e);
        let e = self.conjugate(&e).unwrap_or(e);
        self.dominated(&e).unwrap_or(e)
    }

    /// a x + b + k sqrt(q), where both cancel, is N/(k sqrt(q) - (a x + b)) with N = k^2 q - (a x + b)^2. That is taken where N is a positive
    /// number: then q is positive, and the divisor has no zero, for N = (k sqrt(q) - a x - b) (k sqrt(q) + a x + b).
    fn conjugate(&self, e: &Expr) -> Option<Expr> {
        let sum = Sum::of(e);
        let (at, k, q) = sum.terms().iter().enumerate().find_map(|(i, (term, k))| match term.node() {
            Node::Call(Func::Sqrt, q) => Some((i, k.value.clone(), q.clone())),
            _ => None,
        })?;
        let line = sum.terms().iter().position(|(term, _)| matches!(term.node(), Node::Var))?;
        let a = sum.terms()[line].1.value.clone();
        let [r, linear, p] = quadratic(&q)?;
        let square = |q: &Rational| Rational::from(q * q);
        let cancels = (a.clone() * &k < 0) != self.left;
        if a == 0 || !cancels || square(&a) != square(&k) * p {
            return None;
        }
        let b = square(&k) * linear / (Rational::from(2) * &a);
        let n = square(&k) * r - square(&b);
        if n <= 0 {
            return None;
        }
        self.parted.set(true);
        let sign = if k < 0 { -1 } else { 1 };
        let both = Expr::rational(a * sign) * Expr::var() + Expr::rational(b.clone() * sign);
        let root = Expr::rational(k * sign) * Expr::call(Func::Sqrt, q);
        let fraction = Expr::rational(n * sign) / (root - both);
        let others = sum.terms().iter().enumerate().filter(|(i, _)| *i != at && *i != line);
        let others = others.fold(Expr::rational(-b), |all, (_, (term, c))| all + coefficient(c) * term.clone());
        Some((others + fraction).simplified())
    }

    /// The exponential that outweighs the others in front: exp(v) (a + b exp(w - v)) for a exp(v) + b exp(w).
    fn dominated(&self, e: &Expr) -> Option<Expr> {
        let sum = Sum::of(e);
        let exponents = sum.terms().iter().map(|(term, _)| self.exponent(term)).collect::<Option<Vec<_>>>()?;
        let (rate, top) = exponents.iter().max_by(|a, b| a.0.cmp(&b.0))?.clone();
        if rate == 0 || exponents.len() < 2 {
            return None;
        }
        let over = call(Func::Exp, opposite(&top));
        let inner = sum.terms().iter().map(|(term, c)| root(&(coefficient(c) * root(&(term.clone() * over.clone())))));
        let inner = root(&inner.reduce(|a, b| a + b)?);
        Some(root(&(call(Func::Exp, top) * inner)))
    }
}

fn coefficient(c: &Constant) -> Expr {
    Expr::new(Node::Const(c.clone()))
}

/// The coefficients of 1, x and x^2, if it is a sum of these with rational ones.
fn quadratic(q: &Expr) -> Option<[Rational; 3]> {
    let mut all = [Rational::new(), Rational::new(), Rational::new()];
    for (term, c) in Sum::of(q).terms() {
        let degree = match term.node() {
            Node::Const(one) if one.value == 1 => 0,
            Node::Var => 1,
            Node::Pow(x, n) if matches!(x.node(), Node::Var) && n.as_rational().is_some_and(|n| *n == 2) => 2,
            _ => return None,
        };
        all[degree] += &c.value;
    }
    Some(all)
}

/// A multiple of a sum, by what does not depend on x, as a sum of multiples.
fn distributed(e: &Expr) -> Expr {
    let mut changed = false;
    let mut all = Expr::int(0);
    for (term, c) in Sum::of(e).terms() {
        let mut product = Product::of(term);
        let at = product.factors.iter().position(|(base, r)| {
            *r == 1 && base.depends_on_x() && matches!(base.node(), Node::Add(..) | Node::Sub(..))
        });
        let alone =
            |at: usize| product.factors.iter().enumerate().all(|(i, (base, _))| i == at || !base.depends_on_x());
        match at.filter(|at| product.factors.len() > 1 && alone(*at)) {
            None => all = all + coefficient(c) * term.clone(),
            Some(at) => {
                changed = true;
                let (inner, _) = product.factors.remove(at);
                let front = Expr::new(Node::Const(c.clone())) * product.build();
                for (part, k) in Sum::of(&inner).terms() {
                    all = all + front.clone() * coefficient(k) * part.clone();
                }
            }
        }
    }
    if changed { all.simplified() } else { e.clone() }
}

#[cfg(test)]
mod tests {
    use crate::testing::{parsed_shape, value_at};
    use crate::{Expr, parse_expr};
    use proptest::prelude::*;
    use rug::Rational;

    fn check(from: &str, left: &str, right: &str) {
        let e = parse_expr(from).unwrap();
        let [l, r] = [true, false].map(|left| e.far(left).unwrap_or_else(|| e.simplified()).to_string());
        assert_eq!([&*l, &*r], [left, right], "{from}");
    }

    #[test]
    fn forms() {
        check("cosh(x)", "(exp(2*x) + 1)*exp(-x)/2", "(exp(-2*x) + 1)*exp(x)/2");
        check("log(x + sqrt(x^2 + 1))", "-log(sqrt(x^2 + 1) - x)", "log(x + sqrt(x^2 + 1))");
        check("log(cosh(x)) + x", "log(1/2) + softplus(2*x)", "2*x + log(1/2) + softplus(-2*x)");
        check("x + sqrt(x^2 + 1)", "1/(sqrt(x^2 + 1) - x)", "x + sqrt(x^2 + 1)");
        check("2*x + 3 - sqrt(4*x^2 + 9)", "2*x - sqrt(4*x^2 + 9) + 3", "3 - 9/(2*x + sqrt(4*x^2 + 9))");
        check("x/(x/2 + exp(-x/3))", "x*exp(x/3)/(x*exp(x/3)/2 + 1)", "2 - 2*exp(-x/3)/(x/2 + exp(-x/3))");
        check("3/(2*pi + pi*exp(-x))", "3*exp(x)/(pi + 2*pi*exp(x))", "3/(2*pi + pi*exp(-x))");
        check(
            "sinh(x)/sqrt(cosh(2*x))",
            "expm1(2*x)/(2*sqrt((exp(4*x) + 1)/2))",
            "-expm1(-2*x)/(2*sqrt((exp(-4*x) + 1)/2))",
        );
        check("softplus(x)", "softplus(x)", "x + softplus(-x)");
        check("x*sigmoid(x)", "x*sigmoid(x)", "x*sigmoid(x)");
        check("atan(x)/pi + 1/2", "2*atan(1/(sqrt(x^2 + 1) - x))/pi", "1 - 2*atan(1/(x + sqrt(x^2 + 1)))/pi");
        check(
            "log((1 + exp(2*x))/(1 + exp(x - 1)))",
            "softplus(2*x) - softplus(x - 1)",
            "x - softplus(1 - x) + softplus(-2*x) + 1",
        );
    }

    fn same(a: &Expr, b: &Expr) {
        for x in [(-40, 1), (-7, 3), (-1, 1), (-1, 2), (0, 1), (1, 3), (1, 1), (5, 2), (12, 1), (41, 1)] {
            let x = Rational::from(x);
            if let (Some(p), Some(q)) = (value_at(a, &x), value_at(b, &x)) {
                assert!(p.meets(&q), "{a} and {b} at {x}: {p:?} and {q:?}");
            }
        }
    }

    #[test]
    fn a_form_for_one_end_is_the_function_at_the_other() {
        for text in [
            "(exp(x) - exp(-x))/sqrt(2*(exp(2*x) + exp(-2*x)))",
            "log(cosh(x) + x*cosh(x/2))",
            "x*log(x + sqrt(x^2 + 1))^2",
            "x*(atan(2*x - 1)/pi + 1/2)",
            "log1p(x*exp(x) + exp(3*x))",
            "x/(exp(x) + exp(2*x))^(1/3)",
            "pi*x/(3*x - exp(x/2)) + x*exp(x)/(x*exp(x) - 2*x^2)",
            "tanh(x/2) + sinh(1 - x) - expm1(2*x)",
            "sqrt(4*x^2 - 12*x + 11) + 3*x - (x + 1)",
        ] {
            let e = parse_expr(text).unwrap();
            let forms: Vec<Expr> = [true, false].into_iter().filter_map(|left| e.far(left)).collect();
            assert!(!forms.is_empty(), "{text} has no other form");
            forms.iter().for_each(|far| same(&e, far));
        }
    }

    /// N is no positive number: there is no such form, or it has another domain.
    #[test]
    fn a_divisor_that_may_vanish_is_not_made() {
        for text in [
            "x + sqrt(x^2 - 1)",
            "x - sqrt(x^2)",
            "x + sqrt(x^2 + x)",
            "2*x + sqrt(x^2 + 1)",
            "x + sqrt(x^2 + 2*x + 1)",
        ] {
            for left in [true, false] {
                let far = parse_expr(text).unwrap().far(left);
                assert!(far.is_none(), "{text}: {far:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_function_stays(e in parsed_shape(false)) {
            for left in [true, false] {
                if let Some(far) = e.far(left) {
                    same(&e, &far);
                }
            }
        }
    }
}
