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
    let twice = Float::with_val_round(w, y.erfc_ref(), r).0;
    Float::with_val_round(x.prec(), &twice / 2u32, r).0
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
