//! Elementary functions of double-double balls. Each is computed in ball arithmetic, so rounding errors are in the
//! radius already; what is added is the remainder of a series or the residual of a guess.

use super::{DdI, MpI, Real};
use crate::expr::{Func, Named};
use rug::{Float, Rational};
use std::sync::LazyLock;

fn one() -> DdI {
    DdI::point(1.0)
}

fn two() -> DdI {
    DdI::point(2.0)
}

/// log 2 in three parts would do for the reduction; as a ball of 2^-106 relative radius times an exponent of at most
/// 11 bits it does, too.
static LOG_2: LazyLock<DdI> = LazyLock::new(|| DdI::enclosing(&MpI::int(&200, 2).call(Func::Log)));
static ROOT_2: LazyLock<DdI> = LazyLock::new(|| DdI::enclosing(&MpI::int(&200, 2).call(Func::Sqrt)));
/// 1/sqrt(2 pi)
static DENSITY_AT_0: LazyLock<DdI> = LazyLock::new(|| DdI::enclosing(&MpI::int(&200, 0).call(Func::NormPdf)));
/// 2/sqrt(pi)
static ERF_SLOPE: LazyLock<DdI> = LazyLock::new(|| {
    let pi = MpI::named(&200, Named::Pi);
    DdI::enclosing(&MpI::int(&200, 2).div(&pi.call(Func::Sqrt)))
});
/// 1/k
static RECIPROCAL: LazyLock<[DdI; 64]> =
    LazyLock::new(|| std::array::from_fn(|k| DdI::rational(&(), &Rational::from((1, k.max(1) as u32)))));

/// An integer power of two; infinite or zero out of range, which the ball notices.
fn scale(v: DdI, n: i32) -> DdI {
    let half = n / 2;
    let power = super::format::power_of_two;
    v.scaled(power(half)).scaled(power(n - half))
}

/// (m, n) with e^x = (1 + m) 2^n; m is relatively tight at 0. For |x| < 1000.
fn exp_parts(x: &DdI) -> (DdI, i32) {
    let n = (x.hi() * std::f64::consts::LOG2_E).round_ties_even();
    let r = if n == 0.0 { *x } else { x.sub(&LOG_2.mul(&DdI::point(n))) };
    // |s| <= 0.35/32 + what the ball adds; e^s - 1 = s (1 + s/2 (1 + s/3 (...))) + rest, |rest| <= |s|^12/12! e^|s|
    let s = r.scaled(1.0 / 32.0);
    let mut m = one();
    for k in (2..=11).rev() {
        m = one().add(&m.mul(&s).mul(&RECIPROCAL[k]));
    }
    m = m.mul(&s);
    let size = s.mag();
    let power = size.powi(4).powi(3);
    m = m.widened(power * (1.1 / 479_001_600.0) * if size < 0.1 { 1.0 } else { f64::INFINITY });
    for _ in 0..5 {
        m = m.scaled(2.0).add(&m.mul(&m));
    }
    (m, n as i32)
}

pub(super) fn exp(x: &DdI) -> DdI {
    if x.hi() > 709.0 {
        return DdI::undefined();
    } else if x.hi() < -760.0 {
        // between 0 and 2^-1074
        return DdI::point(0.0).widened(f64::from_bits(1));
    } else if x.mag() < 1e-40 {
        // |e^x - 1| <= 2 |x|
        return one().widened(2.0 * x.mag());
    }
    let (m, n) = exp_parts(x);
    scale(one().add(&m), n)
}

pub(super) fn expm1(x: &DdI) -> DdI {
    if x.hi().abs() > 700.0 {
        return exp(x).sub(&one());
    } else if x.mag() == 0.0 {
        return *x;
    } else if x.mag() < 1e-40 {
        // x + x^2/2 + ...: below the last bit, and the series would underflow
        return x.widened(x.mag() * x.mag());
    }
    let (m, n) = exp_parts(x);
    if n == 0 { m } else { scale(one().add(&m), n).sub(&one()) }
}

/// log(1 + v) for v > -1/2: y + log(1 + d) with a guess y and d = (v - (e^y - 1)) e^-y.
pub(super) fn ln_1p(v: &DdI) -> DdI {
    if v.mag() == 0.0 {
        return *v;
    } else if v.mag() < 1e-40 {
        return v.widened(v.mag() * v.mag());
    }
    let y = DdI::point(core_math::log1p(v.hi()));
    let d = v.sub(&expm1(&y)).mul(&exp(&y.neg()));
    let size = d.mag();
    // |log(1 + d) - d| <= d^2 for |d| <= 1/2
    y.add(&d).widened(if size < 0.5 { size * size } else { f64::INFINITY })
}

/// s with |sqrt(x) - s| <= |x - s^2| / s.
pub(super) fn sqrt(x: &DdI) -> DdI {
    if x.hi() == 0.0 && x.radius() == 0.0 {
        return *x;
    }
    let guess = x.hi().sqrt();
    if x.hi() * 0.99 <= x.radius() {
        return DdI::undefined();
    }
    let guess = DdI::point(guess);
    let rest = x.sub(&guess.mul(&guess));
    let s = guess.add(&DdI::point(rest.hi() / (2.0 * guess.hi())));
    let middle = DdI::point(s.hi()).add(&DdI::point(s.lo()));
    let residual = x.sub(&middle.mul(&middle)).mag();
    let root = middle.widened(residual / (middle.hi() * 0.999));
    if x.total() { root } else { DdI::undefined() }
}

pub(super) fn sigmoid(x: &DdI) -> DdI {
    let e = exp(&if x.hi() > 0.0 { x.neg() } else { *x });
    let below = one().add(&e);
    if x.hi() > 0.0 { one().div(&below) } else { e.div(&below) }
}

pub(super) fn softplus(x: &DdI) -> DdI {
    if x.hi() > 0.0 { x.add(&ln_1p(&exp(&x.neg()))) } else { ln_1p(&exp(x)) }
}

pub(super) fn tanh(x: &DdI) -> DdI {
    // -(e^-2|x| - 1)/(e^-2|x| + 1)
    let t = expm1(&if x.hi() > 0.0 { x.scaled(-2.0) } else { x.scaled(2.0) });
    let magnitude = t.div(&t.add(&two()));
    if x.hi() > 0.0 { magnitude.neg() } else { magnitude }
}

pub(super) fn normpdf(x: &DdI) -> DdI {
    if x.hi().abs() > -FAR {
        // below 2^-1074, and the square may overflow
        return DdI::point(0.0).widened(f64::from_bits(1));
    }
    exp(&x.mul(x).scaled(-0.5)).mul(&DENSITY_AT_0)
}

/// Phi(x) = phi(x) R(x) for x <= 0.
pub(super) fn normcdf(x: &DdI) -> DdI {
    if x.hi() > 0.0 {
        return one().sub(&normcdf(&x.neg()));
    } else if x.hi() < FAR {
        // Phi <= phi there, and that is below 2^-1074
        return DdI::point(0.0).widened(f64::from_bits(1));
    }
    normpdf(x).mul(&mills(x))
}

pub(super) fn erfc(x: &DdI) -> DdI {
    normcdf(&x.mul(&ROOT_2).neg()).scaled(2.0)
}

/// 2/sqrt(pi) x e^(-x^2) (1 + (2x^2)/3 + (2x^2)^2/(3 5) + ...): positive terms, for |x| <= 1.
pub(super) fn erf(x: &DdI) -> DdI {
    if x.hi().abs() > 1.0 {
        return if x.hi() > 0.0 { one().sub(&erfc(x)) } else { erfc(&x.neg()).sub(&one()) };
    }
    let square = x.mul(x);
    let twice = square.scaled(2.0);
    let (mut term, mut sum, mut k) = (one(), one(), 3u32);
    // terms fall at least like 2/3, 2/5, ...: from k = 7 on the rest is below the last term
    while term.mag() > 1e-34 && k < 120 {
        term = term.mul(&twice).div(&DdI::point(f64::from(k)));
        sum = sum.add(&term);
        k += 2;
    }
    let sum = sum.widened(if k < 7 { 3.0 } else { 1.0 } * term.mag());
    x.mul(&exp(&square.neg())).mul(&sum).mul(&ERF_SLOPE)
}

/// Left of this the density is below the smallest f64.
const FAR: f64 = -39.0;
const PER_UNIT: f64 = 16.0;
/// The Mills ratio at -39, -39 + 1/16, ..., 0, from MPFR.
static MILLS: LazyLock<Vec<DdI>> = LazyLock::new(|| {
    let count = (-FAR * PER_UNIT) as i32;
    (0..=count)
        .map(|j| {
            let x = MpI::from_float(128, &Float::with_val(64, FAR + f64::from(j) / PER_UNIT));
            DdI::enclosing(&x.call(Func::NormCdf).div(&x.call(Func::NormPdf)))
        })
        .collect()
});

/// R(x) = Phi(x)/phi(x) = integral over t > 0 of e^(x t - t^2/2), for FAR <= x <= 0. From R' = 1 + x R the Taylor
/// coefficients at a grid point follow: (k+1) r_(k+1) = x0 r_k + r_(k-1), with one more 1 for k = 0. Every derivative
/// is positive and rises with x, so the remainder after the terms below h^k is at most c_k |h|^k, where c_k are the
/// coefficients at 0: c_0 = sqrt(pi/2), c_1 = 1, c_k = c_(k-2)/k.
fn mills(x: &DdI) -> DdI {
    const ENOUGH: f64 = super::format::power_of_two(-118);
    let j = ((x.hi() - FAR) * PER_UNIT).round().clamp(0.0, -FAR * PER_UNIT);
    let x0 = DdI::point(FAR + j / PER_UNIT);
    let h = x.sub(&x0);
    let r0 = MILLS[j as usize];
    let (mut before, mut term) = (r0, one().add(&x0.mul(&r0)));
    let (mut power, mut sum) = (h, r0.add(&term.mul(&h)));
    let (size, mut c_before, mut c) = (h.mag(), 1.2534, 1.0);
    let mut reach = size;
    for k in 2..RECIPROCAL.len() {
        (c_before, c) = (c, c_before / k as f64);
        reach *= size;
        if c * reach < ENOUGH {
            // a few dozen roundings, and members a little right of 0, are in the last digit
            return sum.widened(c * reach * 1.0001);
        }
        (before, term) = (term, x0.mul(&term).add(&before).mul(&RECIPROCAL[k]));
        power = power.mul(&h);
        sum = sum.add(&term.mul(&power));
    }
    DdI::undefined()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Enclosure;
    use rug::float::Round;

    /// The ball must hold the MPFR value, and be tight.
    fn check(name: &str, got: DdI, exact: &MpI, bits: i32) {
        let middle = Float::with_val(600, got.hi()) + got.lo();
        let (low, high) = (Float::with_val(600, &middle - got.radius()), Float::with_val(600, &middle + got.radius()));
        assert!(low <= exact.lo() && exact.hi() <= high, "{name}: {got:?} does not hold {exact:?}");
        let size = exact.mag().to_f64_round(Round::Up);
        let allowed = if bits < 0 { f64::INFINITY } else { size * 2f64.powi(-bits) + 2f64.powi(-1060) };
        assert!(got.radius() <= allowed, "{name}: radius {:e} of {:e}", got.radius(), size);
    }

    #[test]
    fn functions_hold_the_real_value_tightly() {
        let functions = [
            Func::Exp,
            Func::Expm1,
            Func::Log1p,
            Func::Sqrt,
            Func::Erf,
            Func::Erfc,
            Func::Tanh,
            Func::Sigmoid,
            Func::Softplus,
            Func::NormCdf,
            Func::NormPdf,
            Func::Atan,
            Func::Log,
            Func::Sinh,
            Func::Cosh,
            Func::Sin,
            Func::Cos,
        ];
        let mut seed = 1u64;
        for round in 0..800 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let unit = (seed >> 11) as f64 / (1u64 << 53) as f64;
            let x = match round % 4 {
                0 => (unit - 0.5) * 76.0,
                1 => (unit - 0.5) * 4.0,
                2 => (unit - 0.5) * 2f64.powi(-(round % 300)),
                _ => (unit - 0.5) * 1400.0,
            };
            let point = MpI::from_float(500, &Float::with_val(53, x));
            for f in functions {
                let positive = matches!(f, Func::Log | Func::Sqrt) && x <= 0.0 || f == Func::Log1p && x <= -1.0;
                let overflows = matches!(f, Func::Exp | Func::Expm1 | Func::Sinh | Func::Cosh) && x.abs() > 708.0;
                // a right tail that has come down to nothing keeps an absolute radius
                if positive || overflows {
                    continue;
                }
                let exact = point.call(f);
                let vanishing = exact.mag() < 1e-280;
                let cancels = matches!(f, Func::Sin | Func::Cos | Func::Log);
                let bits = if vanishing {
                    -1000
                } else if cancels {
                    80
                } else {
                    88
                };
                check(&format!("{f:?} {x:e}"), DdI::point(x).call(f), &exact, bits);
            }
        }
    }

    #[test]
    fn arithmetic_holds_the_real_value_tightly() {
        let values = [1.0, -3.0, 0.1, 1e-300, -7e200, 2f64.powi(-60), 1.0 + f64::EPSILON, 1e-320];
        for a in values {
            for b in values {
                let exact = [a, b].map(|v| MpI::from_float(2500, &Float::with_val(53, v)));
                let third = [DdI::point(a), DdI::point(b)].map(|v| v.mul(&RECIPROCAL[3]));
                let exact_third = exact.clone().map(|v| v.div(&MpI::int(&2500, 3)));
                let name = format!("{a:e} {b:e}");
                // next to the subnormals only an absolute radius is left
                let bits = |bits| if [a, b].iter().any(|v| v.abs() < 1e-250) { -1000 } else { bits };
                check(&format!("{name} +"), third[0].add(&third[1]), &exact_third[0].add(&exact_third[1]), bits(96));
                check(&format!("{name} *"), third[0].mul(&third[1]), &exact_third[0].mul(&exact_third[1]), bits(96));
                let quotient = third[0].div(&third[1]);
                if quotient.total() {
                    check(&format!("{name} /"), quotient, &exact_third[0].div(&exact_third[1]), bits(90));
                }
            }
        }
        // a ball around zero stays one, however small
        let (near_zero, small) = (DdI::point(0.0).widened(1e-300), DdI::point(1e-300));
        assert!(near_zero.mul(&small).radius() > 0.0 && near_zero.scaled(1e-300).radius() > 0.0);
        assert!(DdI::point(1e-200).call(Func::Expm1).radius() > 0.0 && small.div(&DdI::point(7e200)).radius() > 0.0);
    }
}
