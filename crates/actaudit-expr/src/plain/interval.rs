//! The plain intervals: two MPFR floats, every operation rounded outward. The search has others of its own.
//!
//! Contains: the result holds the real value for all members of the operands. Where some member has no value the
//! result is `None`. An infinite end means unbounded; a lower end is never +inf, an upper one never -inf.

use crate::{Func, Named};
use rug::float::{Constant, Round, Special};
use rug::ops::{AssignRound, Pow};
use rug::{Float, Rational};
use std::cmp::Ordering;
use std::fmt;

/// The closed interval from `lo` to `hi`.
#[derive(Clone, PartialEq, Debug)]
pub struct Interval {
    /// lower end, rounded down
    pub lo: Float,
    /// upper end, rounded up
    pub hi: Float,
}

fn rounded<T>(prec: u32, value: T, round: Round) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(prec, value, round).0
}

/// Applies an increasing MPFR function to both ends.
macro_rules! increasing {
    ($x:expr, $function:ident) => {
        Interval {
            lo: rounded($x.prec(), $x.lo.$function(), Round::Down),
            hi: rounded($x.prec(), $x.hi.$function(), Round::Up),
        }
    };
}

fn smaller(a: Float, b: Float) -> Float {
    if b < a { b } else { a }
}

fn larger(a: Float, b: Float) -> Float {
    if b > a { b } else { a }
}

impl Interval {
    /// The nearest floats around a rational.
    #[must_use]
    pub fn rational(prec: u32, value: &Rational) -> Self {
        Self { lo: rounded(prec, value, Round::Down), hi: rounded(prec, value, Round::Up) }
    }

    /// A small integer.
    #[must_use]
    pub fn int(prec: u32, value: i32) -> Self {
        Self::rational(prec, &Rational::from(value))
    }

    /// pi or e.
    #[must_use]
    pub fn named(prec: u32, name: Named) -> Self {
        match name {
            Named::Pi => {
                Self { lo: rounded(prec, Constant::Pi, Round::Down), hi: rounded(prec, Constant::Pi, Round::Up) }
            }
            Named::E => increasing!(Self::int(prec, 1), exp_ref),
        }
    }

    /// `[value, value]`
    #[must_use]
    pub fn point(value: &Float) -> Self {
        Self { lo: value.clone(), hi: value.clone() }
    }

    /// Every real number.
    #[must_use]
    pub fn line(prec: u32) -> Self {
        Self { lo: Float::with_val(prec, Special::NegInfinity), hi: Float::with_val(prec, Special::Infinity) }
    }

    /// Bits of the ends.
    #[must_use]
    pub fn prec(&self) -> u32 {
        self.lo.prec()
    }

    /// Whether the ends are what the module's text promises.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.lo <= self.hi && !(self.lo.is_infinite() && self.lo > 0) && !(self.hi.is_infinite() && self.hi < 0)
    }

    /// Whether both ends are finite.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }

    /// The order of every member relative to zero; `None` if members lie on both sides of it, or some are zero and some not.
    #[must_use]
    pub fn sign(&self) -> Option<Ordering> {
        match (self.lo.cmp0()?, self.hi.cmp0()?) {
            (Ordering::Greater, _) => Some(Ordering::Greater),
            (_, Ordering::Less) => Some(Ordering::Less),
            (Ordering::Equal, Ordering::Equal) => Some(Ordering::Equal),
            _ => None,
        }
    }

    /// Whether zero is the only member.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.lo.is_zero() && self.hi.is_zero()
    }

    /// Whether some number is a member of both.
    #[must_use]
    pub fn meets(&self, rhs: &Self) -> bool {
        self.lo <= rhs.hi && rhs.lo <= self.hi
    }

    /// `-a`
    #[must_use]
    pub fn neg(&self) -> Self {
        Self { lo: -self.hi.clone(), hi: -self.lo.clone() }
    }

    /// `a + b`
    #[must_use]
    pub fn add(&self, rhs: &Self) -> Self {
        let prec = self.prec();
        Self { lo: rounded(prec, &self.lo + &rhs.lo, Round::Down), hi: rounded(prec, &self.hi + &rhs.hi, Round::Up) }
    }

    /// `a - b`
    #[must_use]
    pub fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    /// The hull of an operation on pairs of ends.
    fn of_ends(&self, rhs: &Self, op: impl Fn(&Float, &Float, Round) -> Float) -> Self {
        let all = |r| {
            [(&self.lo, &rhs.lo), (&self.lo, &rhs.hi), (&self.hi, &rhs.lo), (&self.hi, &rhs.hi)]
                .map(|(a, b)| op(a, b, r))
        };
        let [a, b, c, d] = all(Round::Down);
        let lo = smaller(smaller(a, b), smaller(c, d));
        let [a, b, c, d] = all(Round::Up);
        Self { lo, hi: larger(larger(a, b), larger(c, d)) }
    }

    /// `a * b`
    #[must_use]
    pub fn mul(&self, rhs: &Self) -> Self {
        // an unbounded end is no member: zero times it is zero
        self.of_ends(
            rhs,
            |a, b, r| {
                if a.is_zero() || b.is_zero() { Float::new(a.prec()) } else { rounded(a.prec(), a * b, r) }
            },
        )
    }

    /// `a / b`; `None` if the divisor may be zero.
    #[must_use]
    pub fn div(&self, rhs: &Self) -> Option<Self> {
        // inf/inf stands for quotients of every size, whose hull the other pairs of ends give together with zero
        let quotient = |a: &Float, b: &Float, r| {
            if b.is_infinite() { Float::new(a.prec()) } else { rounded(a.prec(), a / b, r) }
        };
        (rhs.lo > 0 || rhs.hi < 0).then(|| self.of_ends(rhs, quotient))
    }

    /// `|a|`
    #[must_use]
    pub fn abs(&self) -> Self {
        let (a, b) = (self.lo.clone().abs(), self.hi.clone().abs());
        if self.lo <= 0 && self.hi >= 0 {
            return Self { lo: Float::new(self.prec()), hi: larger(a, b) };
        }
        Self { lo: smaller(a.clone(), b.clone()), hi: larger(a, b) }
    }

    /// The smaller of two.
    #[must_use]
    pub fn min(&self, rhs: &Self) -> Self {
        Self { lo: smaller(self.lo.clone(), rhs.lo.clone()), hi: smaller(self.hi.clone(), rhs.hi.clone()) }
    }

    /// The larger of two.
    #[must_use]
    pub fn max(&self, rhs: &Self) -> Self {
        self.neg().min(&rhs.neg()).neg()
    }

    /// `a^n`; `None` for a negative power of what may be zero.
    #[must_use]
    pub fn powi(&self, n: i32) -> Option<Self> {
        let prec = self.prec();
        if n == 0 {
            return Some(Self::int(prec, 1));
        }
        if n < 0 {
            return Self::int(prec, 1).div(&self.powi(n.checked_neg()?)?);
        }
        let base = if n % 2 == 0 { self.abs() } else { self.clone() };
        Some(Self {
            lo: rounded(prec, Pow::pow(&base.lo, n), Round::Down),
            hi: rounded(prec, Pow::pow(&base.hi, n), Round::Up),
        })
    }

    /// A rational power; one that is not an integer needs a base >= 0.
    #[must_use]
    pub fn pow(&self, exponent: &Rational) -> Option<Self> {
        let (n, degree) = (exponent.numer().to_i32()?, exponent.denom().to_u32()?);
        if degree == 1 {
            return self.powi(n);
        }
        let root = |x: &Float, r| rounded(x.prec(), x.root_ref(degree), r);
        (self.lo >= 0).then(|| Self { lo: root(&self.lo, Round::Down), hi: root(&self.hi, Round::Up) })?.powi(n)
    }

    /// A unary function; `None` if it has no value for some member.
    #[must_use]
    pub fn call(&self, f: Func) -> Option<Self> {
        let (prec, x) = (self.prec(), self);
        let int = |n| Self::int(prec, n);
        Some(match f {
            Func::Exp => increasing!(x, exp_ref),
            Func::Expm1 => increasing!(x, exp_m1_ref),
            Func::Log if x.lo > 0 => increasing!(x, ln_ref),
            Func::Log1p if x.lo > -1 => increasing!(x, ln_1p_ref),
            Func::Sqrt if x.lo >= 0 => increasing!(x, sqrt_ref),
            Func::Log | Func::Log1p | Func::Sqrt => return None,
            Func::Erf => increasing!(x, erf_ref),
            Func::Erfc => {
                Self { lo: rounded(prec, x.hi.erfc_ref(), Round::Down), hi: rounded(prec, x.lo.erfc_ref(), Round::Up) }
            }
            Func::Tanh => increasing!(x, tanh_ref),
            Func::Sinh => increasing!(x, sinh_ref),
            Func::Cosh => increasing!(x.abs(), cosh_ref),
            Func::Atan => increasing!(x, atan_ref),
            Func::Sin => x.wave(-1, |x, r| rounded(prec, x.sin_ref(), r)),
            Func::Cos => x.wave(0, |x, r| rounded(prec, x.cos_ref(), r)),
            Func::Sigmoid => int(1).div(&int(1).add(&x.neg().call(Func::Exp)?))?,
            // max(u, 0) + log(1 + e^-|u|), each step rounded to the same side: no lower bound falls below u
            Func::Softplus => {
                let end = |u: &Float, r: Round| {
                    let small = rounded(prec, (-u.clone().abs()).exp_ref(), r);
                    let (rest, part) = (rounded(prec, small.ln_1p_ref(), r), larger(u.clone(), Float::new(prec)));
                    rounded(prec, &part + &rest, r)
                };
                Self { lo: end(&x.lo, Round::Down), hi: end(&x.hi, Round::Up) }
            }
            Func::NormCdf => x.neg().div(&int(2).call(Func::Sqrt)?)?.call(Func::Erfc)?.div(&int(2))?,
            Func::NormPdf => {
                let bell = x.powi(2)?.div(&int(-2))?.call(Func::Exp)?;
                bell.div(&Self::named(prec, Named::Pi).mul(&int(2)).call(Func::Sqrt)?)?
            }
            Func::Abs => x.abs(),
        })
    }

    /// A sine wave with period 2 pi whose maximum lies `-quarters` quarter turns from zero.
    fn wave(&self, quarters: i32, f: impl Fn(&Float, Round) -> Float) -> Self {
        let int = |n| Self::int(self.prec(), n);
        // far out the number of turns is not known well, and MPFR would need as many bits as the exponent says
        if self.abs().hi >= u64::MAX {
            return Self { lo: int(-1).lo, hi: int(1).hi };
        }
        let turns = |quarters: i32| {
            let shifted = self.div(&Self::named(self.prec(), Named::Pi))?.mul(&int(2)).add(&int(quarters));
            shifted.div(&int(4))
        };
        let meets = |quarters| turns(quarters).is_none_or(|t| t.lo.ceil() <= t.hi);
        let (a, b) = (&self.lo, &self.hi);
        let lo = if meets(quarters + 2) { int(-1).lo } else { smaller(f(a, Round::Down), f(b, Round::Down)) };
        let hi = if meets(quarters) { int(1).hi } else { larger(f(a, Round::Up), f(b, Round::Up)) };
        Self { lo, hi }
    }
}

/// Decimal digits rounded outward; for absurd magnitudes, whose digits would take long to work out, a power of two near by.
fn text(x: &Float, round: Round) -> String {
    match x.get_exp() {
        Some(e) if e.unsigned_abs() > 10_000 => format!("{}2^{e}", if *x < 0 { "-" } else { "" }),
        _ => x.to_string_radix_round(10, Some(17), round),
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", text(&self.lo, Round::Down), text(&self.hi, Round::Up))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wide_operands_contain_narrow_ones(a in -9.0..9.0f64, w in 0.0..9.0f64, t in 0.0..1.0f64, b in -9.0..9.0f64, n in -4..5i32, i in 0..Func::ALL.len()) {
            let point = |x: f64| Interval::point(&Float::with_val(80, x));
            let wide = |x: f64| Interval { lo: Float::with_val(80, x), hi: Float::with_val(80, x + w) };
            let holds = |big: Option<Interval>, small: Option<Interval>| match (big, small) {
                (Some(big), Some(small)) => big.lo <= small.hi && small.lo <= big.hi && big.is_valid(),
                (Some(_), None) => false,
                (None, _) => true,
            };
            let (x, y) = (a + t * w, b + (1.0 - t) * w);
            let (x, y) = (x.clamp(a, a + w), y.clamp(b, b + w));
            let (p, q, u, v) = (point(x), point(y), wide(a), wide(b));
            prop_assert!(holds(u.call(Func::ALL[i]), p.call(Func::ALL[i])));
            prop_assert!(holds(u.powi(n), p.powi(n)));
            prop_assert!(holds(u.pow(&Rational::from((n, 3))), p.pow(&Rational::from((n, 3)))));
            prop_assert!(holds(u.div(&v), p.div(&q)));
            for op in [Interval::add, Interval::sub, Interval::mul, Interval::min, Interval::max] {
                prop_assert!(holds(Some(op(&u, &v)), Some(op(&p, &q))));
            }
        }
    }

    #[test]
    fn unbounded_operands_stay_valid() {
        let line = Interval::line(80);
        let half = Interval { lo: Float::with_val(80, 2), ..line.clone() };
        assert_eq!(half.div(&half).map(|q| q.to_string()), Some("[0, inf]".into()));
        assert_eq!(Interval::int(80, 0).mul(&line).to_string(), "[0, 0]");
        assert!(line.div(&line).is_none());
        for f in Func::ALL {
            assert!(half.call(f).is_some_and(|v| v.is_valid()), "{}", f.name());
        }
    }
}
