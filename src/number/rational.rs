//! Exact rational arithmetic: a value, or the admission that it is not (known to be) rational.

use super::Real;
use crate::expr::{Func, Named};
use rug::ops::Pow;
use rug::{Integer, Rational};
use std::cmp::Ordering;

/// A number of more than this many bits in numerator or denominator is given up.
const MAX_BITS: u32 = 1 << 16;

/// An exact rational, or `None`: undefined, not rational, too large, or not known to be rational.
///
/// A function of a rational stays exact at the points where its value is rational by a simple reason (`exp 0`, `log 1`,
/// the square root of a perfect square). Nothing is rounded: `Some` is always the real value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExactQ(Option<Rational>);

impl ExactQ {
    /// An exact value.
    pub fn new(value: Rational) -> Self {
        let bits = value.numer().significant_bits().max(value.denom().significant_bits());
        Self((bits <= MAX_BITS).then_some(value))
    }

    /// The value, if it is exactly known.
    pub fn value(&self) -> Option<&Rational> {
        self.0.as_ref()
    }

    fn map(&self, f: impl FnOnce(&Rational) -> Option<Rational>) -> Self {
        self.0.as_ref().and_then(f).map_or(Self(None), Self::new)
    }

    fn zip(&self, rhs: &Self, f: impl FnOnce(&Rational, &Rational) -> Option<Rational>) -> Self {
        match (&self.0, &rhs.0) {
            (Some(a), Some(b)) => f(a, b).map_or(Self(None), Self::new),
            _ => Self(None),
        }
    }
}

/// The exact root of an integer >= 0.
fn exact_root(a: &Integer, degree: u32) -> Option<Integer> {
    let (root, rest) = <(Integer, Integer)>::from(a.root_rem_ref(degree));
    (rest == 0).then_some(root)
}

/// `a^(n/d)`, the base >= 0 unless d = 1.
fn power(a: &Rational, n: i32, d: u32) -> Option<Rational> {
    if *a == 0 && n < 0 || *a < 0 && d != 1 {
        return None;
    }
    let root = match d {
        1 => a.clone(),
        _ => Rational::from((exact_root(a.numer(), d)?, exact_root(a.denom(), d)?)),
    };
    // 0, 1 and -1 stay small at any power
    let bits = root.numer().significant_bits().max(root.denom().significant_bits());
    let grown = u64::from(n.unsigned_abs()) * u64::from(bits.saturating_sub(1));
    (grown <= u64::from(MAX_BITS)).then(|| root.pow(n))
}

impl Real for ExactQ {
    type Context = ();

    fn context(&self) {}

    fn rational(_: &(), value: &Rational) -> Self {
        Self::new(value.clone())
    }

    fn named(_: &(), _: Named) -> Self {
        Self(None)
    }

    fn neg(&self) -> Self {
        self.map(|a| Some(Rational::from(-a)))
    }

    fn add(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| Some(Rational::from(a + b)))
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| Some(Rational::from(a - b)))
    }

    fn mul(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| Some(Rational::from(a * b)))
    }

    fn div(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| (*b != 0).then(|| Rational::from(a / b)))
    }

    fn pow(&self, exponent: &Rational) -> Self {
        let (n, d) = (exponent.numer().to_i32(), exponent.denom().to_u32());
        self.map(|a| power(a, n?, d?))
    }

    fn call(&self, f: Func) -> Self {
        let at = |point: i32, value: (i32, i32)| self.map(|a| (*a == point).then(|| Rational::from(value)));
        match f {
            Func::Exp | Func::Cosh | Func::Cos | Func::Erfc => at(0, (1, 1)),
            Func::Expm1 | Func::Log1p | Func::Erf | Func::Tanh | Func::Sinh | Func::Atan | Func::Sin => at(0, (0, 1)),
            Func::Sigmoid | Func::NormCdf => at(0, (1, 2)),
            Func::Log => at(1, (0, 1)),
            Func::Sqrt => self.map(|a| power(a, 1, 2)),
            Func::Abs => self.map(|a| Some(Rational::from(a.abs_ref()))),
            // 1 + e^x = e^p has no rational x and p (Lindemann-Weierstrass); normpdf holds sqrt(2 pi)
            Func::Softplus | Func::NormPdf => Self(None),
        }
    }

    fn min(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| Some(a.min(b).clone()))
    }

    fn max(&self, rhs: &Self) -> Self {
        self.zip(rhs, |a, b| Some(a.max(b).clone()))
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        match (&left.0, &right.0) {
            (Some(l), Some(r)) => match l.cmp(r) {
                Ordering::Greater => a.clone(),
                Ordering::Less => b.clone(),
                Ordering::Equal => a.zip(b, |p, q| (p == q).then(|| p.clone())),
            },
            _ => Self(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> ExactQ {
        ExactQ::new(Rational::from((n, d)))
    }

    const NONE: ExactQ = ExactQ(None);

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(q(1, 3).add(&q(1, 6)), q(1, 2));
        assert_eq!(q(1, 3).sub(&q(1, 3)), q(0, 1));
        assert_eq!(q(2, 3).div(&q(4, 3)), q(1, 2));
        assert_eq!(q(2, 3).div(&q(0, 1)), NONE);
        assert_eq!(q(-2, 3).sqr(), q(4, 9));
        assert_eq!(q(1, 2).min(&q(1, 3)), q(1, 3));
    }

    #[test]
    fn powers_stay_exact_at_perfect_powers_only() {
        let check = |base: ExactQ, n: i64, d: i64, expected: ExactQ| {
            assert_eq!(base.pow(&Rational::from((n, d))), expected, "{base:?} ^ {n}/{d}");
        };
        check(q(-2, 3), 3, 1, q(-8, 27));
        check(q(-2, 3), -1, 1, q(-3, 2));
        check(q(8, 27), 2, 3, q(4, 9));
        check(q(8, 27), -1, 3, q(3, 2));
        check(q(2, 1), 1, 2, NONE);
        check(q(-8, 1), 1, 3, NONE); // the real root is for a base >= 0
        check(q(0, 1), 0, 1, q(1, 1));
        check(q(0, 1), -1, 1, NONE);
        check(q(0, 1), 1, 2, q(0, 1));
        check(q(-1, 1), i64::from(i32::MAX), 1, q(-1, 1));
    }

    #[test]
    fn numbers_of_absurd_size_are_given_up() {
        assert_eq!(q(3, 1).pow(&Rational::from(1_000_000)), NONE);
        let large = q(2, 1).pow(&Rational::from(40_000));
        assert!(large.value().is_some());
        assert_eq!(large.sqr(), NONE);
    }

    #[test]
    fn functions_are_exact_at_their_rational_points() {
        let check = |f: Func, at: ExactQ, expected: ExactQ| assert_eq!(at.call(f), expected, "{f:?} at {at:?}");
        check(Func::Exp, q(0, 1), q(1, 1));
        check(Func::Exp, q(1, 1), NONE);
        check(Func::Sigmoid, q(0, 1), q(1, 2));
        check(Func::Log, q(1, 1), q(0, 1));
        check(Func::Log, q(0, 1), NONE);
        check(Func::Sqrt, q(4, 9), q(2, 3));
        check(Func::Sqrt, q(-4, 9), NONE);
        check(Func::Abs, q(-4, 9), q(4, 9));
        check(Func::Softplus, q(0, 1), NONE);
    }
}
