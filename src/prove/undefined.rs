//! Points of the domain at which a function certainly has no value, as the plain evaluator finds: nothing can be said of its bounds.

mod gap;

use super::domain::Domain;
use crate::expr::plain::{Interval, Program, eval};
use crate::expr::{Activation, End, Expr, always_defined, compare_points};
use crate::number::decimal;
use crate::prove::objective::exact_float;
use rug::{Float, Rational};
use std::cmp::Ordering;

/// Bits of the plain evaluator.
const BITS: u32 = 256;
/// Digits of places that are shown.
const DIGITS: u32 = 15;
/// A bounded piece is looked at in so many equal parts.
const PARTS: u32 = 16;
/// An unbounded one at powers of two from 2^-k to 2^k away from its end, or from zero.
const POWERS: i32 = 12;
/// Where what lies between two points is looked at, these go so far.
const FAR_POWERS: i32 = 64;

/// A place of a piece and of the domain at which an operation certainly has no value, in words, and which.
///
/// The ends of the domain count if `ends` says so. Rigorous where it answers. A sample of points, and of the intervals between them:
/// `None` says nothing.
pub(super) fn place(activations: &[&Activation], domain: &Domain, ends: bool) -> Option<(String, String)> {
    activations.iter().flat_map(|a| &a.pieces).find_map(|piece| {
        let program = Program::new(&piece.expr);
        let end = |end: &End| match end {
            End::Infinite => None,
            End::At { at, closed } => Some((at.clone(), *closed)),
        };
        let limit = |end: &Option<Expr>| end.clone().map(|at| (at, ends));
        let both = [[end(&piece.lo), limit(&domain.lo)], [end(&piece.hi), limit(&domain.hi)]];
        let range = Range::of(&both)?;
        let at_end = [&piece.lo, &piece.hi].into_iter().find_map(|end| {
            let End::At { at, closed: true } = end else { return None };
            let beyond = |end: &Option<Expr>, order| end.as_ref().is_none_or(|e| compare_points(e, at) == Some(order));
            (beyond(&domain.lo, Ordering::Less) && beyond(&domain.hi, Ordering::Greater)).then_some(())?;
            let value = Program::new(&piece.expr.substitute_x(at).simplified());
            Some((format!("at x = {at}"), value.undefined_at(&Interval::int(BITS, 0))?))
        });
        if at_end.is_some() {
            return at_end;
        }
        let far = if always_defined(&piece.expr) { POWERS } else { FAR_POWERS };
        let sampled = range.points(far).into_iter().find_map(|q| {
            let at = Interval::rational(BITS, &q);
            program.undefined_at(&at).map(|reason| (format!("at x = {q}"), reason))
        });
        sampled.or_else(|| {
            let found = gap::find(&piece.expr, &(!always_defined(&piece.expr)).then(|| range.row())?)?;
            let [a, b] = &found.between;
            let shown = |q: &Rational, up| decimal::directed(&Float::with_val(BITS, q), DIGITS, up);
            let at = if a == b {
                format!("at x = {a}")
            } else {
                format!("between x = {} and {}", shown(a, false), shown(b, true))
            };
            Some((at, found.reason))
        })
    })
}

/// What lies certainly between the ends, and ends that belong to it.
struct Range {
    /// the larger of the lower ends, the smaller of the upper ones
    inner: [Option<Rational>; 2],
    closed: [bool; 2],
}

impl Range {
    fn of(ends: &[[Option<(Expr, bool)>; 2]; 2]) -> Option<Self> {
        let mut range = Self { inner: [None, None], closed: [false; 2] };
        for (side, ends) in ends.iter().enumerate() {
            for (at, closed) in ends.iter().flatten() {
                let value = eval(at, &Interval::int(BITS, 0)).ok()?;
                let exact = at.exact_rational();
                // inward of an end that is not rational
                let q = exact.clone().or_else(|| exact_float(if side == 0 { &value.hi } else { &value.lo }))?;
                let closed = *closed && exact.is_some();
                match &range.inner[side] {
                    Some(known) if *known == q => range.closed[side] &= closed,
                    Some(known) if (*known > q) == (side == 0) => {}
                    _ => (range.inner[side], range.closed[side]) = (Some(q), closed),
                }
            }
        }
        // a piece that the domain does not reach has no points in it
        match &range.inner {
            [Some(a), Some(b)] if a > b || a == b && range.closed != [true; 2] => None,
            _ => Some(range),
        }
    }

    /// Points from left to right, with what is between them.
    fn row(&self) -> Vec<Rational> {
        let mut all = self.points(FAR_POWERS);
        all.sort();
        all.dedup();
        all
    }

    fn points(&self, far: i32) -> Vec<Rational> {
        let power = |k: i32| Float::with_val(BITS, Float::i_exp(1, k)).to_rational().unwrap_or_default();
        let powers = || (-far..=far).map(power);
        let mut points: Vec<Rational> = match &self.inner {
            [Some(a), Some(b)] => (1..PARTS)
                .map(|k| Rational::from(b - a) * Rational::from((k, PARTS)) + a)
                .chain([Rational::new()])
                .collect(),
            [Some(a), None] => powers().map(|p| p + a).chain([Rational::new()]).collect(),
            [None, Some(b)] => powers().map(|p| b.clone() - p).chain([Rational::new()]).collect(),
            [None, None] => [Rational::new()].into_iter().chain(powers().flat_map(|p| [-p.clone(), p])).collect(),
        };
        let inside =
            |q: &Rational| self.inner[0].as_ref().is_none_or(|a| a < q) && self.inner[1].as_ref().is_none_or(|b| q < b);
        points.retain(inside);
        let ends = self.inner.iter().zip(self.closed).filter_map(|(q, closed)| q.clone().filter(|_| closed));
        ends.chain(points).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Definition;
    use std::sync::Arc;

    fn check(text: &str, lo: Option<i64>, expected: Option<i64>) {
        let definition = Definition::from_expr(text).expect("an expression");
        let activation = Activation::with_defaults(Arc::new(definition)).expect("no parameters");
        let found = place(&[&activation], &Domain { lo: lo.map(Expr::int), hi: None }, true);
        assert_eq!(found.map(|(at, _)| at), expected.map(|q| format!("at x = {q}")), "{text} from {lo:?}");
    }

    #[test]
    fn a_piece_is_looked_at_where_it_is_in_the_domain() {
        let text = "id = \"own\"\n[[piece]]\non = \"(-inf, 1)\"\nvalue = \"1/(1-x)\"\n[[piece]]\non = \"[1, inf)\"\nvalue = \"exp(-x)\"";
        let definition = Definition::from_toml(text, "own.toml").expect("a definition");
        let activation = Activation::with_defaults(Arc::new(definition)).expect("no parameters");
        for (lo, hi) in [(1, 2), (2, 3), (0, 1)] {
            let domain = Domain { lo: Some(Expr::int(lo)), hi: Some(Expr::int(hi)) };
            assert_eq!(place(&[&activation], &domain, true), None, "{lo}..{hi}");
        }
    }

    #[test]
    fn a_point_without_a_value_is_named() {
        check("1/x", None, Some(0));
        check("log(x)", None, Some(0));
        check("x + log(x)^0", Some(0), Some(0));
        check("sqrt(x - 1)", Some(1), None);
        check("1/(x - 3)", Some(3), Some(3));
        check("1/(x - 3)", None, Some(3));
        check("x*sigmoid(x)", None, None);
        // what may be undefined is not certainly so
        check("1/(x^2 + 1/10^200)", None, None);
    }
}
