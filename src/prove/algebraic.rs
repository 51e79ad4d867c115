//! Maximisers that are roots of rationals: guessed from a narrow bracket, then proved by exact arithmetic.

use super::objective::Objective;
use super::uniform::{exact_value, stationary_exactly};
use crate::expr::Expr;
use crate::number::{Enclosure, MpI, Real};
use crate::prove::objective::exact_float;
use rug::{Float, Integer, Rational};

/// Roots up to this degree are tried.
const DEGREES: u32 = 8;

/// The simplest rational in [lo, hi], lo > 0: the first one met on the way down the Stern-Brocot tree.
fn simplest(lo: &Rational, hi: &Rational) -> Rational {
    let whole = lo.clone().floor().numer().clone();
    if *lo == whole || *hi >= Integer::from(&whole + 1) {
        let up = if *lo == whole { whole } else { whole + 1 };
        return Rational::from(up);
    }
    let rest = simplest(&(Rational::from(hi - &whole)).recip(), &(Rational::from(lo - &whole)).recip());
    rest.recip() + whole
}

/// A rational so simple that the bracket holds it by no accident.
fn guess(y: &MpI) -> Option<Rational> {
    let (lo, hi) = (exact_float(&y.lo())?, exact_float(&y.hi())?);
    if lo <= 0 || hi <= lo {
        return (lo > 0).then_some(lo);
    }
    let q = simplest(&lo, &hi);
    let bits = q.numer().significant_bits() + q.denom().significant_bits();
    let known = Float::with_val(53, &y.width() / &y.mag()).get_exp().map_or(y.context(), |e| e.unsigned_abs());
    (bits * 3 < known).then_some(q)
}

/// The stationary point of h in a bracket as `+-q^(1/k)` with the exact value of h there, if it is such a root.
///
/// Exact: h' vanishes there identically in the exact field. That it is the maximiser is for the caller to conclude, who
/// knows h to be concave on an interval that holds the point (which is checked here to lie inside `block`).
pub fn stationary_root(objective: &Objective, bracket: &MpI, block: &MpI) -> Option<(Expr, Expr)> {
    let negative = bracket.hi() < 0;
    let magnitude = if negative { bracket.neg() } else { bracket.clone() };
    if magnitude.lo() <= 0 {
        return None;
    }
    // that its derivative is looked at exactly below needs it to be of a bounded size
    let h = objective.symbolic(0).filter(|_| objective.symbolic(1).is_some())?;
    (1..=DEGREES).find_map(|k| {
        let q = guess(&magnitude.pow(&Rational::from(k)))?;
        let root = match k {
            1 => Expr::rational(q),
            2 => Expr::call(crate::expr::Func::Sqrt, Expr::rational(q)),
            _ => Expr::rational(q).pow(Expr::rational((1, k))),
        };
        let at = if negative { -root } else { root }.simplified();
        let x = super::objective::Edge::at(at.clone()).enclosure(bracket.context())?;
        let inside = x.total() && x.lo() >= block.lo() && x.hi() <= block.hi();
        if !inside || stationary_exactly(h, &at) != Some(true) {
            return None;
        }
        let value = exact_value(h, &at).unwrap_or_else(|| h.substitute_x(&at).simplified());
        Some((at, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simplest_rational_is_found() {
        let check = |lo: (i64, i64), hi: (i64, i64), expected: (i64, i64)| {
            assert_eq!(simplest(&Rational::from(lo), &Rational::from(hi)), Rational::from(expected));
        };
        check((166, 100), (167, 100), (5, 3));
        check((19, 10), (21, 10), (2, 1));
        check((1, 3), (1, 2), (1, 2));
        check((3141, 1000), (3142, 1000), (245, 78));
    }
}
