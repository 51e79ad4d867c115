//! The symbolic derivative.

use super::ast::{Expr, Node};
use super::func::{Func, Named};
use super::product::Product;
use rug::Rational;

impl Expr {
    /// d/dx, simplified. Right wherever the expression is differentiable; nothing is said elsewhere, and the domain may
    /// come out larger (that of `log` is `1/x`). At a kink of `abs`, `min` or `max` the result is undefined (0/0).
    #[must_use]
    pub fn derivative(&self) -> Self {
        derivative(&self.simplified()).simplified()
    }
}

fn derivative(e: &Expr) -> Expr {
    if !e.depends_on_x() {
        return Expr::int(0);
    }
    match e.node() {
        Node::Var => Expr::int(1),
        Node::Neg(a) => -derivative(a),
        Node::Add(a, b) => derivative(a) + derivative(b),
        Node::Sub(a, b) => derivative(a) - derivative(b),
        Node::Mul(..) | Node::Div(..) => of_product(e),
        Node::Pow(a, q) => q.clone() * a.clone().pow(q.clone() - Expr::int(1)) * derivative(a),
        Node::Call(f, u) => chain(*f, u),
        Node::Min(a, b) => of_extremum(a, b, -1),
        Node::Max(a, b) => of_extremum(a, b, 1),
        Node::Const(_) | Node::Named(_) | Node::Param(_) => Expr::int(0),
    }
}

/// One term for each factor, so that nothing has to be multiplied out again.
fn of_product(e: &Expr) -> Expr {
    let product = Product::of(e);
    let power = |base: &Expr, r: &Rational| base.clone().pow(Expr::rational(r.clone()));
    let coefficient = Expr::new(Node::Const(product.coefficient.clone()));
    // a number that is known only by enclosure stays outside of a quotient, so that the terms can cancel
    let quotient = product.factors.iter().any(|(base, r)| *r < 0 && base.depends_on_x());
    let outside = |base: &Expr| quotient && !base.depends_on_x() && !base.has_params();
    let front = product.factors.iter().filter(|(base, _)| outside(base)).map(|(base, r)| power(base, r));
    let front = front.reduce(|a, b| a * b);
    let terms =
        product.factors.iter().enumerate().filter(|(_, (base, _))| base.depends_on_x()).map(|(i, (base, r))| {
            let others = product.factors.iter().enumerate().filter(|(j, (b, _))| *j != i && !outside(b));
            let rest = others.fold(coefficient.clone(), |all, (_, (b, s))| all * power(b, s));
            let outer = match *r == 1 {
                true => rest,
                false => rest * Expr::rational(r.clone()) * power(base, &Rational::from(r - 1)),
            };
            outer * derivative(base)
        });
    let sum = terms.reduce(|a, b| a + b).unwrap_or_else(|| Expr::int(0));
    front.map_or(sum.clone(), |front| front * sum)
}

/// (log(c u^r v))' = r u'/u + v'/v: where the logarithm has a value no factor is zero.
fn of_logarithm(u: &Expr) -> Expr {
    let product = Product::of(u);
    let factors = product.factors.iter().filter(|(base, _)| base.depends_on_x());
    let terms = factors.map(|(base, r)| Expr::rational(r.clone()) * derivative(base) / base.clone());
    terms.reduce(|a, b| a + b).unwrap_or_else(|| Expr::int(0))
}

fn chain(f: Func, u: &Expr) -> Expr {
    let call = |g: Func, v: Expr| Expr::call(g, v);
    let u1 = u.clone();
    let square = || u.clone().pow(Expr::int(2));
    let outer = match f {
        Func::Exp | Func::Expm1 => call(Func::Exp, u1),
        Func::Log => return of_logarithm(u),
        Func::Log1p => Expr::int(1) / (Expr::int(1) + u1),
        Func::Sqrt => Expr::int(1) / (Expr::int(2) * call(Func::Sqrt, u1)),
        Func::Erf => two_over_root_pi() * call(Func::Exp, -square()),
        Func::Erfc => -(two_over_root_pi() * call(Func::Exp, -square())),
        // sech^2 without the cancellation of 1 - tanh^2
        Func::Tanh => {
            let two_u = Expr::int(2) * u1;
            Expr::int(4) * call(Func::Sigmoid, two_u.clone()) * call(Func::Sigmoid, -two_u)
        }
        Func::Sinh => call(Func::Cosh, u1),
        Func::Cosh => call(Func::Sinh, u1),
        Func::Atan => Expr::int(1) / (Expr::int(1) + square()),
        Func::Sin => call(Func::Cos, u1),
        Func::Cos => -call(Func::Sin, u1),
        Func::Sigmoid => call(Func::Sigmoid, u1.clone()) * call(Func::Sigmoid, -u1),
        Func::Softplus => call(Func::Sigmoid, u1),
        Func::NormCdf => call(Func::NormPdf, u1),
        Func::NormPdf => -(u1.clone() * call(Func::NormPdf, u1)),
        Func::Abs => call(Func::Abs, u1.clone()) / u1,
    };
    outer * derivative(u)
}

fn two_over_root_pi() -> Expr {
    Expr::int(2) / Expr::call(Func::Sqrt, Expr::new(Node::Named(Named::Pi)))
}

/// max(a, b) = (a + b + |a - b|)/2, and min with the other sign.
fn of_extremum(a: &Expr, b: &Expr, sign: i64) -> Expr {
    let half = || Expr::rational(Rational::from((1, 2)));
    let difference = (a.clone() - b.clone()).simplified();
    half() * (derivative(a) + derivative(b)) + half() * Expr::int(sign) * chain(Func::Abs, &difference)
}

#[cfg(test)]
mod tests {
    use crate::parse_expr;

    #[test]
    fn forms() {
        for (from, to) in [
            ("x^3", "3*x^2"),
            ("alpha", "0"),
            ("x*normcdf(x)", "x*normpdf(x) + normcdf(x)"),
            ("tanh(x)", "4*sigmoid(-2*x)*sigmoid(2*x)"),
            ("sigmoid(x)", "sigmoid(x)*sigmoid(-x)"),
            ("alpha*expm1(x/alpha)", "alpha*exp(x/alpha)/alpha"),
            ("log(x)", "1/x"),
            ("log((1 + exp(x))/(2 + cos(x)))", "sin(x)/(cos(x) + 2) + sigmoid(x)"),
            ("pi*sin(x)/x", "pi*(cos(x)/x - sin(x)/x^2)"),
            ("x^alpha", "alpha*x^(alpha - 1)"),
            ("abs(x)", "abs(x)/x"),
        ] {
            assert_eq!(parse_expr(from).unwrap().derivative().to_string(), to, "{from}");
        }
    }

    #[test]
    fn the_fourth_derivative_stays_readable() {
        for (text, nodes) in [("x*normcdf(x)", 40), ("x*sigmoid(x)", 120), ("x*tanh(softplus(x))", 900)] {
            let mut e = parse_expr(text).unwrap();
            for _ in 0..4 {
                e = e.derivative();
            }
            assert!(e.size() <= nodes, "{text}: {} nodes: {e}", e.size());
        }
    }
}
