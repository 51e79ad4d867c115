//! One-sided leading terms: how an expression behaves as x tends to a point, when evaluation there is impossible.
//!
//! A value is c t^q (1 + o(1)) for t -> 0+, with c enclosed away from zero. A negative q at the edge of a piece proves
//! that the objective is unbounded there, where subdivision would go on for ever.

use crate::expr::{Expr, Func, Named};
use crate::number::Tape;
use crate::number::{Enclosure, MpI, Real};
use rug::Rational;

const PREC: u32 = 128;

/// c t^q, exactly zero, or unknown.
#[derive(Clone, Debug)]
enum Lead {
    Zero,
    Term(MpI, Rational),
    Unknown,
}

impl Lead {
    fn term(c: MpI, q: Rational) -> Self {
        let usable = c.total() && !c.has_zero() && c.lo().is_finite() && c.hi().is_finite();
        if usable { Self::Term(c, q) } else { Self::Unknown }
    }

    fn constant(c: MpI) -> Self {
        Self::term(c, Rational::new())
    }
}

impl Real for Lead {
    type Context = ();

    fn context(&self) {}

    fn rational(_: &(), value: &Rational) -> Self {
        if *value == 0 { Self::Zero } else { Self::constant(MpI::rational(&PREC, value)) }
    }

    fn named(_: &(), name: Named) -> Self {
        Self::constant(MpI::named(&PREC, name))
    }

    fn neg(&self) -> Self {
        match self {
            Self::Term(c, q) => Self::Term(c.neg(), q.clone()),
            other => other.clone(),
        }
    }

    fn add(&self, rhs: &Self) -> Self {
        match (self, rhs) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Zero, other) | (other, Self::Zero) => other.clone(),
            (Self::Term(a, p), Self::Term(b, q)) => match p.cmp(q) {
                std::cmp::Ordering::Less => self.clone(),
                std::cmp::Ordering::Greater => rhs.clone(),
                std::cmp::Ordering::Equal => Self::term(a.add(b), p.clone()),
            },
        }
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    fn mul(&self, rhs: &Self) -> Self {
        match (self, rhs) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Zero, _) | (_, Self::Zero) => Self::Zero,
            (Self::Term(a, p), Self::Term(b, q)) => Self::term(a.mul(b), Rational::from(p + q)),
        }
    }

    fn div(&self, rhs: &Self) -> Self {
        match rhs {
            Self::Term(b, q) => self.mul(&Self::term(MpI::int(&PREC, 1).div(b), Rational::from(-q))),
            _ => Self::Unknown,
        }
    }

    fn pow(&self, exponent: &Rational) -> Self {
        match self {
            Self::Zero if *exponent > 0 => Self::Zero,
            Self::Term(c, q) => Self::term(c.pow(exponent), Rational::from(q * exponent)),
            _ => Self::Unknown,
        }
    }

    fn call(&self, f: Func) -> Self {
        let at_zero = || match f {
            Func::Expm1 | Func::Log1p | Func::Erf | Func::Tanh | Func::Sinh | Func::Atan | Func::Sin => None,
            _ => Some(MpI::int(&PREC, 0).call(f)),
        };
        match self {
            Self::Unknown => Self::Unknown,
            Self::Zero | Self::Term(..) if f == Func::Sqrt => self.pow(&Rational::from((1, 2))),
            Self::Zero => at_zero().map_or(Self::Zero, Self::constant),
            Self::Term(c, q) if f == Func::Abs => Self::term(c.call(Func::Abs), q.clone()),
            Self::Term(c, q) if *q == 0 => Self::constant(c.call(f)),
            Self::Term(c, q) if *q > 0 => match at_zero() {
                Some(value) => Self::constant(value),
                None if f == Func::Erf => {
                    let slope = MpI::int(&PREC, 2).div(&MpI::named(&PREC, Named::Pi).call(Func::Sqrt));
                    Self::term(c.mul(&slope), q.clone())
                }
                None => self.clone(),
            },
            Self::Term(..) => Self::Unknown,
        }
    }

    fn min(&self, _: &Self) -> Self {
        Self::Unknown
    }

    fn max(&self, _: &Self) -> Self {
        Self::Unknown
    }

    fn choose(_: &Self, _: &Self, _: &Self, _: &Self) -> Self {
        Self::Unknown
    }
}

/// Whether `h` tends to plus infinity as x tends to `at` from the right (`upper = false`: `at` is a lower edge) or from
/// the left. `false` says nothing.
pub fn rises_without_bound(h: &Expr, at: &Expr, upper: bool) -> bool {
    let t = Expr::var();
    let x = (if upper { at.clone() - t } else { at.clone() + t }).simplified();
    let Ok(tape) = Tape::compile(&h.substitute_x(&x).simplified()) else { return false };
    let lead = tape.eval(&Lead::Term(MpI::int(&PREC, 1), Rational::from(1)));
    matches!(lead, Lead::Term(c, q) if q < 0 && c.lo() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(h: Expr, at: i64, upper: bool, expected: bool) {
        assert_eq!(rises_without_bound(&h, &Expr::int(at), upper), expected, "{h}");
    }

    #[test]
    fn poles_are_seen_from_the_right_side_only() {
        let x = Expr::var;
        check(Expr::int(1) / Expr::call(Func::Sqrt, x()), 0, false, true);
        check(Expr::int(1) / x(), 0, false, true);
        check(Expr::int(1) / x(), 0, true, false);
        check(-(Expr::int(1) / x()), 0, true, true);
        check(x(), 0, false, false);
        check(Expr::call(Func::Tanh, x()) / x().pow(Expr::int(2)), 0, false, true);
        check(Expr::call(Func::Tanh, x()) / x(), 0, false, false);
    }
}
