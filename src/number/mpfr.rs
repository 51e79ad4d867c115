//! Functions at one multiple-precision float, rounded as asked.
//!
//! MPFR rounds its own functions correctly. The composites here are evaluated with guard bits, every intermediate result
//! rounded to the side that keeps the bound: they are bounds for certain and nearly always the nearest ones.

use rug::Float;
use rug::float::{Constant, Round};
use rug::ops::Pow;
use std::cmp::Ordering;

/// A bound, and how it compares with the real value (`Equal` when exact).
pub(super) type Rounded = (Float, Ordering);

/// The opposite rounding direction.
fn flip(r: Round) -> Round {
    if r == Round::Down { Round::Up } else { Round::Down }
}

const GUARD: u32 = 32;

/// Working precision where the argument is squared in an exponent: a large argument loses twice its own exponent.
/// Beyond 2^128 everything has long underflowed.
fn guarded(x: &Float) -> u32 {
    x.prec() + GUARD + 2 * x.get_exp().map_or(0, |e| e.clamp(0, 128)).unsigned_abs()
}

/// 1/(1 + e^-x); each branch adds only positive terms.
pub(super) fn sigmoid(x: &Float, r: Round) -> Float {
    let w = x.prec() + GUARD;
    let at_most_one = -x.clone().abs();
    // rising in e on the left, falling on the right
    let side = if *x < 0 { r } else { flip(r) };
    let e = Float::with_val_round(w, at_most_one.exp_ref(), side).0;
    let sum = Float::with_val_round(w, &e + 1u32, flip(r)).0;
    if *x < 0 {
        Float::with_val_round(x.prec(), &e / &sum, r).0
    } else {
        Float::with_val_round(x.prec(), sum.recip_ref(), r).0
    }
}

/// log(1 + e^x)
pub(super) fn softplus(x: &Float, r: Round) -> Float {
    if x.is_infinite() {
        return if x.is_sign_positive() { x.clone() } else { Float::new(x.prec()) };
    }
    let w = x.prec() + GUARD;
    let at_most_one = -x.clone().abs();
    let e = Float::with_val_round(w, at_most_one.exp_ref(), r).0;
    if *x <= 0 {
        return Float::with_val_round(x.prec(), e.ln_1p_ref(), r).0;
    }
    let log = Float::with_val_round(w, e.ln_1p_ref(), r).0;
    Float::with_val_round(x.prec(), x + &log, r).0
}

/// erfc(-x/sqrt 2)/2; erfc is decreasing, so its argument rounds the other way.
pub(super) fn normcdf(x: &Float, r: Round) -> Float {
    let w = guarded(x);
    let argument_side = flip(r);
    // a larger root gives a quotient of smaller magnitude: which of them lies on the side wanted depends on the sign
    let root_side = if *x < 0 { r } else { argument_side };
    let root = Float::with_val_round(w, Float::with_val(w, 2).sqrt_ref(), root_side).0;
    let y = -Float::with_val_round(w, x / &root, r).0;
    let twice = erfc(&y, r);
    Float::with_val_round(x.prec(), &twice / 2u32, r).0
}

/// erfc; far out by its asymptotic series, where MPFR takes a thousand times as long.
pub(super) fn erfc(x: &Float, r: Round) -> Float {
    erfc_tail(x, r).unwrap_or_else(|| Float::with_val_round(x.prec(), x.erfc_ref(), r).0)
}

/// erfc(x) = e^(-x^2)/(x sqrt pi) (1 - t_1 + t_2 - ...) with t_k = t_(k-1) (2k - 1)/(2 x^2), for x > 0: what is left out has the
/// sign of the first term that is left out and is smaller (DLMF 7.12(i)). `None` where no term is small enough.
fn erfc_tail(x: &Float, r: Round) -> Option<Float> {
    let w = guarded(x);
    // the least term is near e^(-x^2)
    if x.is_nan() || *x <= 0 || x.is_infinite() || Float::with_val(w, x.square_ref()) <= w {
        return None;
    }
    let other = flip(r);
    let square = Float::with_val(2 * x.prec(), x.square_ref());
    // added terms are rounded as the sum is, subtracted ones the other way; the series ends with a term of the bound's sign
    let [mut added, mut subtracted] = [Float::with_val(w, 1), Float::with_val(w, 1)];
    let mut sum = Float::with_val(w, 1);
    for k in 1u32.. {
        for (term, round) in [(&mut added, r), (&mut subtracted, other)] {
            let above = Float::with_val_round(w, &*term * (2 * k - 1), round).0;
            *term = Float::with_val_round(w, &above / &square, round).0 / 2u32;
        }
        sum = if k % 2 == 0 {
            Float::with_val_round(w, &sum + &added, r).0
        } else {
            Float::with_val_round(w, &sum - &subtracted, r).0
        };
        let ends = if k % 2 == 0 { Round::Up } else { Round::Down };
        if ends == r && subtracted.get_exp().is_none_or(|e| e < -(w as i32)) {
            break;
        }
    }
    let e = Float::with_val_round(w, (-square).exp_ref(), r).0;
    let root = Float::with_val_round(w, Float::with_val_round(w, Constant::Pi, other).0.sqrt_ref(), other).0;
    let below = Float::with_val_round(w, x * &root, other).0;
    let above = Float::with_val_round(w, &e * &sum, r).0;
    Some(Float::with_val_round(x.prec(), &above / &below, r).0)
}

/// e^(-x^2/2)/sqrt(2 pi)
pub(super) fn normpdf(x: &Float, r: Round) -> Float {
    let w = guarded(x);
    let other = flip(r);
    let square = Float::with_val_round(w, x.square_ref(), other).0;
    let minus_half = -Float::with_val_round(w, &square / 2u32, other).0;
    let e = Float::with_val_round(w, minus_half.exp_ref(), r).0;
    let two_pi = Float::with_val_round(w, Constant::Pi, other).0 * 2u32;
    let root = Float::with_val_round(w, two_pi.sqrt_ref(), other).0;
    Float::with_val_round(x.prec(), &e / &root, r).0
}

/// x^n, correctly rounded.
pub(super) fn integer_power(x: &Float, n: i32, r: Round) -> Rounded {
    Float::with_val_round(x.prec(), Pow::pow(x, n), r)
}

/// x^(n/d) for x >= 0.
pub(super) fn rational_power(x: &Float, n: i32, d: u32, r: Round) -> Float {
    // the power multiplies the root's relative error by |n| < 2^31
    let w = x.prec() + GUARD + 32;
    let root = Float::with_val_round(w, x.root_ref(d), if n < 0 { flip(r) } else { r }).0;
    Float::with_val_round(x.prec(), Pow::pow(&root, n), r).0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MPFR's own value lies between the bounds, which are next to each other or nearly so.
    #[test]
    fn the_tail_of_erfc_is_that_of_mpfr() {
        let least = |prec: u32| Float::with_val(64, prec + 100).sqrt().to_f64();
        for prec in [53, 128, 192, 320] {
            for x in [least(prec), 20.0, 26.5, 27.3, 37.0, 100.5].into_iter().filter(|x| *x >= least(prec)) {
                let x = Float::with_val(prec, x);
                let [down, up] = [Round::Down, Round::Up].map(|r| erfc_tail(&x, r).expect("far out"));
                let exact = Float::with_val(prec + 64, Float::with_val(prec + 64, &x).erfc_ref());
                assert!(down <= exact && exact <= up, "{x} in {prec} bits: {down} {exact} {up}");
                let mut next = down.clone();
                next.next_up();
                assert!(up <= next, "{x} in {prec} bits: {down} {up}");
            }
        }
        assert!(erfc_tail(&Float::with_val(128, 2), Round::Up).is_none());
        assert!(erfc_tail(&Float::with_val(128, -20), Round::Up).is_none());
    }
}
