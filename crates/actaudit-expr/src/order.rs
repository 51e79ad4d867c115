//! The order of points that are given as expressions.

use super::ast::Expr;
use super::plain::{Interval, eval};
use std::cmp::Ordering;

/// Precisions in bits that are tried, one after the other.
const PRECISIONS: [u32; 3] = [96, 384, 1536];

/// The order of two constant expressions, proved: with exact rationals, by symbolic equality, or with MPFR intervals.
/// `None` if parameters occur in a way that leaves it open, or if no precision separates the two.
#[must_use]
pub fn compare_points(a: &Expr, b: &Expr) -> Option<Ordering> {
    let difference = (a.clone() - b.clone()).simplified();
    if let Some(q) = difference.exact_rational() {
        return q.partial_cmp(&0);
    }
    if difference.has_params() || difference.depends_on_x() {
        return None;
    }
    if a == b {
        // equal to itself, if it has a value at all
        return eval(a, &Interval::int(PRECISIONS[0], 0)).ok().map(|_| Ordering::Equal);
    }
    PRECISIONS.into_iter().find_map(|bits| eval(&difference, &Interval::int(bits, 0)).ok()?.sign())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_expr;

    #[test]
    fn points_are_ordered_exactly() {
        let order = |a: &str, b: &str| compare_points(&parse_expr(a).unwrap(), &parse_expr(b).unwrap());
        assert_eq!(order("1/3", "0.333333333333333333333333333333"), Some(Ordering::Greater));
        assert_eq!(order("alpha + 1", "1 + alpha"), Some(Ordering::Equal));
        assert_eq!(order("alpha", "alpha + 1"), Some(Ordering::Less));
        assert_eq!(order("alpha", "2*alpha"), None);
        assert_eq!(order("sqrt(2)", "1.41421356237309504880168872420969807856967187537694"), Some(Ordering::Greater));
        assert_eq!(order("pi", "22/7"), Some(Ordering::Less));
        assert_eq!(order("sqrt(-log(1/2))", "sqrt(-log(1/2))"), Some(Ordering::Equal));
        let undefined = Expr::call(crate::Func::Log, Expr::int(-1));
        assert_eq!(compare_points(&undefined, &Expr::int(0)), None);
    }
}
