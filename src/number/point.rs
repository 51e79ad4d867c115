//! Functions at one f64: the smallest intervals that are cheap to prove.
//!
//! The crate `core-math` rounds correctly, so the real value lies strictly between the two neighbours of its result.
//! Composite functions are made of such enclosures by interval arithmetic, so that their rounding errors are counted by
//! construction. Arguments may be infinite where the function has a limit: the enclosure then holds the limit.
//! Source of the correct rounding: CORE-MATH (Sibidanov, Zimmermann, Glondu, 2022); the tests hold it against MPFR.

use inari::{Interval, const_interval};
use std::f64::consts::FRAC_2_SQRT_PI;

/// 1/sqrt 2 lies in ROOT_HALF + REST; more digits of the rest would not show in any result. A test holds this and the
/// next constants against MPFR.
const ROOT_HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;
const ROOT_HALF_REST: Interval = const_interval!(-4.8337e-17, -4.8336e-17);
/// log(sqrt(2 pi)) lies in LOG_ROOT_2PI + REST.
const LOG_ROOT_2PI: f64 = f64::from_bits(0x3FED_67F1_C864_BEB5);
const LOG_ROOT_2PI_REST: Interval = const_interval!(-3.8783e-17, -3.8782e-17);
/// 2/sqrt(pi)
const TWO_OVER_ROOT_PI: Interval = const_interval!(FRAC_2_SQRT_PI.next_down(), FRAC_2_SQRT_PI.next_up());

const HALF: Interval = const_interval!(0.5, 0.5);
const ONE: Interval = const_interval!(1.0, 1.0);
const TINIEST: f64 = f64::from_bits(1);

/// The interval [lo, hi]. Should an end be NaN, the whole line, which still contains.
#[inline]
pub(super) fn span(lo: f64, hi: f64) -> Interval {
    Interval::try_from((lo, hi)).unwrap_or(Interval::ENTIRE)
}

#[inline]
fn exactly(x: f64) -> Interval {
    span(x, x)
}

/// The neighbours of a correctly rounded value, cut to the function's range.
#[inline]
fn within(y: f64, lo: f64, hi: f64) -> Interval {
    span(y.next_down().max(lo), y.next_up().min(hi))
}

/// The image of an interval under an increasing function.
#[inline]
pub(super) fn increasing(x: Interval, f: impl Fn(f64) -> Interval) -> Interval {
    let (lo, hi) = (x.inf(), x.sup());
    let at_lo = f(lo);
    if lo == hi { at_lo } else { span(at_lo.inf(), f(hi).sup()) }
}

/// The image of an interval under a decreasing function.
#[inline]
pub(super) fn decreasing(x: Interval, f: impl Fn(f64) -> Interval) -> Interval {
    increasing(-x, |t| f(-t))
}

/// Functions of core-math with an exact value at one point and a closed range.
macro_rules! correctly_rounded {
    ($($name:ident at $point:literal is $value:literal, range $lo:expr, $hi:expr;)*) => {$(
        #[inline]
        pub(super) fn $name(x: f64) -> Interval {
            if x == $point { exactly($value) } else { within(core_math::$name(x), $lo, $hi) }
        }
    )*};
}

const INF: f64 = f64::INFINITY;

correctly_rounded! {
    expm1 at 0.0 is 0.0, range -1.0, INF;
    log at 1.0 is 0.0, range -INF, INF;
    log1p at 0.0 is 0.0, range -INF, INF;
    erf at 0.0 is 0.0, range -1.0, 1.0;
    tanh at 0.0 is 0.0, range -1.0, 1.0;
    sinh at 0.0 is 0.0, range -INF, INF;
    cosh at 0.0 is 1.0, range 1.0, INF;
    atan at 0.0 is 0.0, range -INF, INF;
    sin at 0.0 is 0.0, range -1.0, 1.0;
    cos at 0.0 is 1.0, range -1.0, 1.0;
}

/// The exact value at 0 bounds the others, so that a part of an interval never gets a wider image than the whole.
#[inline]
pub(super) fn exp(x: f64) -> Interval {
    match x {
        0.0 => ONE,
        _ if x > 0.0 => within(core_math::exp(x), 1.0, INF),
        _ => within(core_math::exp(x), 0.0, 1.0),
    }
}

#[inline]
pub(super) fn erfc(x: f64) -> Interval {
    match x {
        0.0 => ONE,
        _ if x > 0.0 => within(core_math::erfc(x), 0.0, 1.0),
        _ => within(core_math::erfc(x), 1.0, 2.0),
    }
}

/// 1/(1 + e^-x)
#[inline]
pub(super) fn sigmoid(x: f64) -> Interval {
    if x < -1.75 {
        let e = exp(x);
        // e/(1 + e), with all roundings but the last in a small term
        let value = e - e.sqr() / (ONE + e);
        return span(value.inf().max(0.0), value.sup());
    }
    // (1 + tanh(x/2))/2 does not cancel here, and the sum swallows the width of tanh
    let t = increasing(exactly_or_limit(x) * HALF, tanh);
    (ONE + t) * HALF
}

/// [x, x], or the last finite float on for an infinite x, which no interval holds alone.
#[inline]
fn exactly_or_limit(x: f64) -> Interval {
    if x == INF { span(f64::MAX, INF) } else { exactly(x) }
}

/// log(1 + e^x), adding only positive terms.
#[inline]
pub(super) fn softplus(x: f64) -> Interval {
    if x > 0.0 { exactly_or_limit(x) + increasing(exp(-x), log1p) } else { increasing(exp(x), log1p) }
}

/// erfc(-x/sqrt 2)/2
///
/// In the left tail an error of the argument y = -x/sqrt 2 is multiplied by 2y^2, so y is held as the sum of a float h
/// and an interval d, and erfc(h + d) = erfc(h) + d erfc'(t) for some t between.
#[inline]
pub(super) fn normcdf(x: f64) -> Interval {
    if x < -40.0 {
        // below e^-800, which is far below the smallest float
        return span(0.0, TINIEST);
    }
    if x > -0.75 {
        let y = exactly_or_limit(x) * span(ROOT_HALF.next_down(), ROOT_HALF);
        return increasing(y, |t| erfc(-t)) * HALF;
    }
    let h = -x * ROOT_HALF;
    // exact: the error of a product is a float where nothing underflows
    let product_error = (-x).mul_add(ROOT_HALF, -h);
    let d = exactly(product_error) + exactly(-x) * ROOT_HALF_REST;
    let minus_slope = TWO_OVER_ROOT_PI * increasing(-(exactly(h) + d).sqr(), exp);
    let value = (erfc(h) - d * minus_slope) * HALF;
    span(value.inf().max(0.0), value.sup())
}

/// e^(-x^2/2)/sqrt(2 pi) as e^(h + d): h is the nearest float to the whole exponent, d the tiny rest.
#[inline]
pub(super) fn normpdf(x: f64) -> Interval {
    if x.abs() > 40.0 {
        return span(0.0, TINIEST);
    }
    let square = x * x;
    let square_error = if x.abs() > 1e-140 {
        exactly(x.mul_add(x, -square)) // exact: far from underflow
    } else {
        const_interval!(-1e-279, 1e-279) // holds x^2 and its float
    };
    // two-sum of -x^2/2 and -log(sqrt(2 pi))
    let (a, b) = (-0.5 * square, -LOG_ROOT_2PI);
    let h = a + b;
    let b_seen = h - a;
    let sum_error = (a - (h - b_seen)) + (b - b_seen);
    let d = exactly(sum_error) - square_error * HALF - LOG_ROOT_2PI_REST;
    // |d| < 1e-12, so e^d - 1 = d (1 + t) with |t| < |d|
    let growth = d * const_interval!(0.999999999999, 1.000000000001);
    let e = exp(h);
    let value = e + e * growth;
    span(value.inf().max(0.0), value.sup())
}

/// x^n for x >= 0 and n > 0
#[inline]
pub(super) fn integer_power(x: f64, n: u32) -> Interval {
    let point = || exactly(x);
    match n {
        _ if x == 0.0 || x == 1.0 => point(),
        1 => exactly_or_limit(x),
        2 => exactly_or_limit(x).sqr(),
        3 => exactly_or_limit(x).sqr() * exactly_or_limit(x),
        _ => {
            let y = core_math::pow(x, f64::from(n));
            if y.is_normal() && odd_part(x).checked_pow(n).is_some_and(|p| p < 1 << 53) {
                return exactly(y);
            }
            within(y, 0.0, INF)
        }
    }
}

/// x^e for x >= 0 and any e but 0; the limit at 0 for e < 0.
#[inline]
pub(super) fn real_power(x: f64, e: f64) -> Interval {
    if x == 1.0 || (x == 0.0 && e > 0.0) {
        return exactly(x);
    }
    let y = core_math::pow(x, e);
    if y.is_normal() && odd_part(x) == 1 && e.fract() == 0.0 {
        return exactly(y); // an integer power of a power of two
    }
    if (x > 1.0) == (e > 0.0) { within(y, 1.0, INF) } else { within(y, 0.0, 1.0) }
}

/// The odd integer m with x = m 2^k for some k; x positive and normal (a subnormal gives something larger).
#[inline]
fn odd_part(x: f64) -> u64 {
    let mantissa = (x.to_bits() & ((1 << 52) - 1)) | (1 << 52);
    mantissa >> mantissa.trailing_zeros()
}

/// The image of an interval under sin or cos, from the function and its derivative.
///
/// The zeros of the derivative are pi apart, so in an interval shorter than pi its sign at the ends tells whether it has
/// one, and in one shorter than 2 pi different signs mean exactly one: no argument reduction of our own.
#[inline]
pub(super) fn wave(x: Interval, f: impl Fn(f64) -> Interval, derivative: impl Fn(f64) -> f64) -> Interval {
    let (a, b) = (x.inf(), x.sup());
    if a == b {
        return f(a);
    }
    let width = x.wid();
    if width > 6.25 {
        return const_interval!(-1.0, 1.0);
    }
    // at an end where the derivative is zero its sign inside the interval counts; the only such float is the maximum of
    // cos at 0, which is risen to from the left
    let rises_at_a = derivative(a) > 0.0;
    let rises_at_b = derivative(b) > 0.0 || b == 0.0 && derivative(b) == 0.0;
    let (at_a, at_b) = (f(a), f(b));
    match (rises_at_a, rises_at_b) {
        (true, false) => span(at_a.inf().min(at_b.inf()), 1.0),
        (false, true) => span(-1.0, at_a.sup().max(at_b.sup())),
        // below pi, as is the f64 of that name, there is no room for two extremes: the function is monotone
        _ if width > std::f64::consts::PI => const_interval!(-1.0, 1.0),
        _ => at_a.convex_hull(at_b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rug::Float;
    use rug::float::Constant;

    #[test]
    fn constants_hold_their_real_values() {
        let wide = |x: f64| Float::with_val(300, x);
        let check = |what: &str, real: Float, high: f64, rest: Interval| {
            let below = wide(high) + wide(rest.inf());
            let above = wide(high) + wide(rest.sup());
            assert!(below < real && real < above, "{what}: {below} .. {above} does not hold {real}");
        };
        let pi = Float::with_val(300, Constant::Pi);
        check("1/sqrt 2", wide(0.5).sqrt(), ROOT_HALF, ROOT_HALF_REST);
        check("log sqrt(2 pi)", (pi.clone() * 2u32).ln() / 2u32, LOG_ROOT_2PI, LOG_ROOT_2PI_REST);
        check("2/sqrt pi", 2 / pi.sqrt(), 0.0, TWO_OVER_ROOT_PI);
        assert!(wide(ROOT_HALF) > wide(0.5).sqrt());
        assert!(wide(ROOT_HALF.next_down()) < wide(0.5).sqrt());
    }

    #[test]
    fn odd_parts() {
        for (x, odd) in [(1.0, 1), (2.0, 1), (0.75, 3), (5.0, 5), (40.0, 5), (1.0 + f64::EPSILON, (1 << 52) + 1)] {
            assert_eq!(odd_part(x), odd, "{x}");
        }
    }
}
