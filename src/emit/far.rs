//! Far out, a function is a few powers of x, to less than code can tell: there nothing overflows, and an infinity gives the limit.
//! That it is so from some power of two on is known from tail arithmetic.

use crate::expr::{Expr, FloatFormat, Node};
use crate::number::{Enclosure, Tail, TailContext, Tape};
use rug::{Float, Rational};

/// Bits of coefficients and bounds.
const BITS: u32 = 128;
/// Powers that may stand for a function.
const POWERS: usize = 3;

/// What stands for a function beyond a power of two.
#[derive(Clone, Debug)]
pub(super) struct Far {
    /// the power of two
    pub from: f64,
    /// a sum of powers of x, the highest first, each an exponent and its coefficient
    pub terms: Vec<Term>,
}

type Term = (i32, Rational);

fn expression(terms: &[Term]) -> Expr {
    let power = |(n, c): &Term| Expr::rational(c.clone()) * Expr::var().pow(Expr::int((*n).into()));
    terms.iter().map(power).fold(Expr::int(0), |a, b| a + b).simplified()
}

fn tail(e: &Expr, right: bool, k: i32) -> Option<Tail> {
    let cx = TailContext::new(BITS, Float::with_val(BITS, Float::u_exp(1, k))).deep();
    let x = if right { Tail::right(&cx) } else { Tail::left(&cx) };
    Some(Tape::compile(e).ok()?.eval(&x))
}

/// Up to so many powers, if their exponents are whole.
fn powers(e: &Expr, right: bool, k: i32, count: usize) -> Option<Vec<Term>> {
    let leading = tail(e, right, k)?.leading(count)?.into_iter();
    let terms = leading.map(|(exponent, coefficient)| {
        let n = exponent.numer().to_i32().filter(|_| *exponent.denom() == 1)?;
        // the left tail is one in -x
        let odd = !right && n % 2 != 0;
        Some((n, if odd { -coefficient } else { coefficient }))
    });
    terms.collect()
}

/// Whether from 2^k on an expression is less than 2^`least`, or a sum of two that are less than half of that.
fn vanishes(e: &Expr, right: bool, k: i32, least: i32) -> bool {
    let bound = Float::with_val(BITS, Float::u_exp(1, least));
    let whole = tail(e, right, k).and_then(|tail| tail.range());
    whole.is_some_and(|range| range.total() && range.mag() < bound)
        || match e.node() {
            Node::Add(a, b) | Node::Sub(a, b) => vanishes(a, right, k, least - 1) && vanishes(b, right, k, least - 1),
            _ => false,
        }
}

/// Whether from 2^k on the expression is this sum to a quarter of an ulp, or, where that is 0, below what the format has.
fn holds(e: &Expr, value: &Expr, right: bool, k: i32, compute: FloatFormat) -> bool {
    if value.as_rational().is_some_and(|q| *q == 0) {
        return vanishes(e, right, k, compute.min_exponent() - compute.precision());
    }
    let off = (e.clone() - value.clone()) / value.clone();
    vanishes(&off, right, k, -compute.precision() - 2)
}

/// Exponents of the powers of two that are tried.
const LADDER: [i32; 48] = {
    let mut ladder = [0; 48];
    let mut k = 0;
    while k < 48 {
        // each, then every eighth, then every hundredth or so
        ladder[k] = match k as i32 {
            k @ ..32 => k,
            k @ 32..44 => 32 + 8 * (k - 31),
            k => 128 << (k - 43),
        };
        k += 1;
    }
    ladder
};

/// The least power of two from 2^`first` on beyond which a few powers of x will do, and these: as few as possible, if they do
/// before products of x overflow.
pub(super) fn far(e: &Expr, right: bool, first: i32, compute: FloatFormat) -> Option<Far> {
    // that it vanishes can be known where its powers are not
    let counted = (1..=POWERS).filter_map(|count| powers(e, right, first.max(4), count));
    let sums: Vec<Vec<Term>> = std::iter::once(vec![]).chain(counted).collect();
    let soon = compute.precision() + 4;
    let most = compute.max().log2() as i32 - 8;
    [soon, most].into_iter().find_map(|limit| {
        sums.iter().find_map(|terms| {
            let value = expression(terms);
            let mut tried = LADDER.into_iter().filter(|k| (first..=limit).contains(k));
            let k = tried.find(|k| holds(e, &value, right, *k, compute))?;
            Some(Far { from: crate::number::format::power_of_two(k), terms: terms.clone() })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn of(text: &str, right: bool) -> Option<(f64, String)> {
        let far = far(&parse_expr(text).expect("parses"), right, 0, FloatFormat::F32)?;
        Some((far.from, expression(&far.terms).to_string()))
    }

    #[test]
    fn powers_stand_for_functions() {
        let some = |from: f64, text: &str| Some((from, text.to_owned()));
        assert_eq!(of("x*sigmoid(x)", true), some(32.0, "x"));
        assert_eq!(of("x*sigmoid(x)", false), some(128.0, "0"));
        assert_eq!(of("x - tanh(x)", true), some(134217728.0, "x"));
        assert_eq!(of("x + exp(-x)", true), some(16.0, "x"));
        assert_eq!(of("x*sigmoid(x^3 + x) + sigmoid(x^3 + x)", false), some(8.0, "0"));
        assert_eq!(of("x^3/(1 + x^2)", true), some(16384.0, "x"));
        assert_eq!(of("exp(x)", true), None);
        assert_eq!(of("sin(x)", true), None);
    }
}
