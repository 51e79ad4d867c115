//! Differences of two functions that are written in different words.

use super::ast::{Expr, Node};
use super::func::Func;

impl Expr {
    /// `self - rhs`, simplified. Where one is written with the normal distribution and the other with the error function, both are written
    /// with the former, so that what is the same cancels: `erf(u) = 2 normcdf(sqrt(2) u) - 1`, which holds for all u.
    #[must_use]
    pub fn difference(&self, rhs: &Self) -> Self {
        let difference = (self.clone() - rhs.clone()).simplified();
        let has = |wanted: fn(Func) -> bool| difference.any(&mut |node| matches!(node, Node::Call(f, _) if wanted(*f)));
        if has(|f| f == Func::NormCdf) && has(|f| matches!(f, Func::Erf | Func::Erfc)) {
            return in_normcdf(&difference).simplified();
        }
        difference
    }
}

fn in_normcdf(e: &Expr) -> Expr {
    let e = e.map_children(in_normcdf);
    let Node::Call(f @ (Func::Erf | Func::Erfc), u) = e.node() else { return e };
    let root = Expr::call(Func::Sqrt, Expr::int(2));
    let cdf = |u: Expr| Expr::int(2) * Expr::call(Func::NormCdf, u);
    match f {
        Func::Erfc => cdf(-(root * u.clone())),
        _ => cdf(root * u.clone()) - Expr::int(1),
    }
}

#[cfg(test)]
mod tests {
    use crate::parse_expr;

    fn check(a: &str, b: &str, same: bool) {
        let difference = parse_expr(a).unwrap().difference(&parse_expr(b).unwrap());
        assert_eq!(difference.exact_rational().is_some_and(|q| q == 0), same, "{a} and {b}: {difference}");
    }

    #[test]
    fn two_spellings_of_one_function_cancel() {
        check("x/2*erfc(-x/sqrt(2))", "x*normcdf(x)", true);
        check("x*(1 + erf(x/sqrt(2)))/2", "x*normcdf(x)", true);
        check("normcdf(3*x - 1)", "erfc((1 - 3*x)/sqrt(2))/2", true);
        check("x/2*erfc(-x/sqrt(3))", "x*normcdf(x)", false);
        check("x*erfc(-x/sqrt(2))", "x*normcdf(x)", false);
        check("erf(x)", "normcdf(x)", false);
    }
}
