//! Where values cancel to nothing: sums at zero (x - tanh(x)), and slopes at their zeros. Near these they are polynomials. Which
//! sums cancel at zero is known from orders of vanishing; how far a polynomial is good enough, from an interval jet over all of the
//! neighbourhood.

use super::poly::Coefficients;
use crate::expr::{Expr, FloatFormat, Node};
use crate::number::{Enclosure, Jet, MpI, Real, Tape};
use rug::{Float, Rational};

const BITS: u32 = 400;
/// Coefficients below this are those that vanish: what is left of them is rounding of 400 bits.
const NOTHING: i32 = -300;
/// The highest power of a polynomial.
const ORDER: usize = 40;
/// Orders of vanishing that are looked at.
const MOST: usize = 12;
/// Neighbourhoods, the largest first: exponents of two.
const RADII: [i32; 6] = [0, -1, -2, -3, -5, -8];

/// Places between which a change of sign is looked for: 2^(k/8), of both signs.
const PLACES: std::ops::RangeInclusive<i32> = -80..=80;

/// A polynomial in x - centre that stands for an expression where that is smaller than the radius.
pub(super) struct Near {
    pub centre: Rational,
    pub radius: f64,
    pub coefficients: Coefficients,
}

fn jet(e: &Expr, x: MpI, order: usize) -> Option<Vec<MpI>> {
    let jet = Tape::compile(e).ok()?.eval(&Jet::variable(x, order));
    jet.c.iter().all(Enclosure::total).then_some(jet.c)
}

fn vanishes(c: &MpI) -> bool {
    c.mag() < Float::with_val(BITS, Float::u_exp(1, NOTHING))
}

fn order(c: &[MpI]) -> Option<usize> {
    c.iter().position(|c| !vanishes(c))
}

/// The polynomial of a sum that vanishes at zero faster than its terms do; the rest is below half an ulp of what is kept.
pub(super) fn at_zero(e: &Expr, compute: FloatFormat) -> Option<Near> {
    let (Node::Add(a, b) | Node::Sub(a, b)) = e.node() else { return None };
    let zero = || MpI::int(&BITS, 0);
    let here = order(&jet(e, zero(), MOST)?)?;
    let terms = [a, b].map(|t| jet(t, zero(), MOST).and_then(|c| order(&c)));
    if terms.into_iter().flatten().min()? >= here {
        return None;
    }
    around(e, &zero(), here, &RADII, compute)
}

/// The polynomial around a point at which so many coefficients vanish.
fn around(e: &Expr, centre: &MpI, here: usize, radii: &[i32], compute: FloatFormat) -> Option<Near> {
    let exact = jet(e, centre.clone(), ORDER)?;
    let tiny = Float::with_val(BITS, Float::u_exp(1, -compute.precision() - 1));
    for k in radii {
        let radius = Float::with_val(BITS, Float::u_exp(1, *k));
        let all = centre.add(&MpI::from_floats(BITS, &-radius.clone(), &radius));
        let Some(around) = jet(e, all, ORDER) else { continue };
        // the first power from which on the rest, by Lagrange, is small beside the leading term
        let small = |n: &usize| {
            let power = Float::with_val(BITS, Float::u_exp(1, k * (*n - here) as i32));
            around[*n].mag() * power <= exact[here].mig() * tiny.clone()
        };
        let Some(end) = (here + 1..=ORDER).find(small) else { continue };
        let midpoint = |c: &MpI| if vanishes(c) { Some(Rational::new()) } else { c.lo().to_rational() };
        let coefficients = exact[..end].iter().map(midpoint).collect::<Option<_>>()?;
        return Some(Near { centre: centre.lo().to_rational()?, radius: radius.to_f64(), coefficients });
    }
    None
}

/// Polynomials around simple zeros other than 0, those that lie between these numbers and show as changes of sign.
pub(super) fn at_roots(e: &Expr, [from, to]: [f64; 2], compute: FloatFormat) -> Vec<Near> {
    let Ok(tape) = Tape::compile(e) else { return vec![] };
    let value = |x: &Float| tape.eval(&MpI::from_float(BITS, x));
    let sign = |x: &Float| {
        let y = value(x);
        let known = y.total() && (y.lo() > 0 || y.hi() < 0);
        known.then(|| y.lo() > 0)
    };
    let magnitude = |k: i32| Float::with_val(53, f64::from(k) / 8.0).exp2();
    let left = PLACES.rev().map(|k| -magnitude(k));
    let sides = [left.collect::<Vec<_>>(), PLACES.map(magnitude).collect()];
    let mut found = vec![];
    for side in sides {
        let places: Vec<Float> = side.into_iter().filter(|x| *x > from && *x < to).collect();
        let signs: Vec<Option<bool>> = places.iter().map(sign).collect();
        for (pair, ends) in places.windows(2).zip(signs.windows(2)) {
            let (Some(a), Some(b)) = (ends[0], ends[1]) else { continue };
            if a == b {
                continue;
            }
            let [mut lo, mut hi] = [&pair[0], &pair[1]].map(|x| Float::with_val(BITS, x));
            for _ in 0..BITS {
                let middle = Float::with_val(BITS, &lo + &hi) / 2u32;
                match sign(&middle) {
                    Some(s) if s == a => lo = middle,
                    Some(_) => hi = middle,
                    None => break,
                }
            }
            let centre = MpI::from_float(BITS, &lo);
            found.extend(around(e, &centre, 1, &RADII[2..], compute));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    #[test]
    fn only_what_cancels_at_zero_is_expanded() {
        for (text, found) in [
            ("x - tanh(x)", true),
            ("1 - cos(x)", true),
            ("sqrt(1 + x^2) - 1", true),
            ("x + tanh(x)", false),
            ("1 + x^2", false),
            ("exp(x) + x", false),
            ("x - log(x)", false),
        ] {
            let e = parse_expr(text).expect("parses");
            assert_eq!(at_zero(&e, FloatFormat::F64).is_some(), found, "{text}");
        }
        let near = at_zero(&parse_expr("x - tanh(x)").expect("parses"), FloatFormat::F32).expect("one");
        assert!(near.coefficients[..3].iter().all(|c| *c == 0) && near.radius >= 0.25);
        assert!((near.coefficients[3].to_f64() - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn slopes_are_expanded_at_their_zeros() {
        let slope = parse_expr("x*sigmoid(x)").expect("parses").derivative();
        let found = at_roots(&slope, [f64::NEG_INFINITY, f64::INFINITY], FloatFormat::F32);
        let [near] = &found[..] else { panic!("{} zeros", found.len()) };
        assert!((near.centre.to_f64() + 1.278464542761074).abs() < 1e-15 && near.radius >= 0.125);
        assert!(near.coefficients[0] == 0 && near.coefficients.len() < 12, "{}", near.coefficients.len());
        assert!(at_roots(&parse_expr("x*exp(x)").expect("parses"), [-9.0, 9.0], FloatFormat::F64).is_empty());
    }
}
