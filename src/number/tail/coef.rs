//! Coefficients of tails: exact while they are rational, so that what cancels leaves nothing behind.

use crate::number::{Enclosure, ExactQ, MpI, Real};
use rug::{Float, Rational};

/// Precision of bounds, which need few digits.
pub(super) const COARSE: u32 = 64;
/// Coefficients with more bits than this are no longer kept exactly.
const MAX_BITS: u32 = 1 << 12;

/// A real number: itself, or an enclosure.
#[derive(Clone, Debug)]
pub(super) enum Coef {
    Exact(Rational),
    Near(MpI),
}

impl Coef {
    pub fn exact(prec: u32, value: Rational) -> Self {
        let bits = value.numer().significant_bits().max(value.denom().significant_bits());
        if bits <= MAX_BITS { Self::Exact(value) } else { Self::Near(MpI::rational(&prec, &value)) }
    }

    pub fn int(value: i64) -> Self {
        Self::Exact(Rational::from(value))
    }

    /// An enclosure of one single float is that float.
    pub fn near(value: MpI) -> Self {
        let (lo, hi) = (value.lo(), value.hi());
        let small = |x: &Float| x.is_zero() || x.get_exp().is_some_and(|e| e.unsigned_abs() + x.prec() <= MAX_BITS);
        // as a fraction, what is not small would fill the memory
        let exact = (value.total() && lo == hi && small(&lo)).then(|| lo.to_rational()).flatten();
        exact.map_or(Self::Near(value), Self::Exact)
    }

    /// Whether it encloses a real number at all.
    pub fn usable(&self) -> bool {
        match self {
            Self::Exact(_) => true,
            Self::Near(v) => v.total() && v.lo().is_finite() && v.hi().is_finite(),
        }
    }

    pub fn is_zero(&self) -> bool {
        match self {
            Self::Exact(q) => *q == 0,
            Self::Near(v) => v.lo().is_zero() && v.hi().is_zero(),
        }
    }

    pub fn value(&self, prec: u32) -> MpI {
        match self {
            Self::Exact(q) => MpI::rational(&prec, q),
            Self::Near(v) => MpI::from_floats(prec, &v.lo(), &v.hi()),
        }
    }

    /// A bound of the magnitude, as a single number.
    pub fn mag(&self) -> MpI {
        MpI::from_float(COARSE, &self.value(COARSE).mag())
    }

    /// Plus or minus one where it is certainly positive or negative.
    pub fn sign(&self) -> i32 {
        match self {
            Self::Exact(q) => q.cmp0() as i32,
            Self::Near(v) if v.lo() > 0 => 1,
            Self::Near(v) if v.hi() < 0 => -1,
            Self::Near(_) => 0,
        }
    }

    fn both(
        &self,
        rhs: &Self,
        prec: u32,
        exact: impl Fn(&Rational, &Rational) -> Rational,
        near: impl Fn(&MpI, &MpI) -> MpI,
    ) -> Self {
        match (self, rhs) {
            (Self::Exact(a), Self::Exact(b)) => Self::exact(prec, exact(a, b)),
            _ => Self::near(near(&self.value(prec), &rhs.value(prec))),
        }
    }

    pub fn add(&self, rhs: &Self, prec: u32) -> Self {
        self.both(rhs, prec, |a, b| Rational::from(a + b), MpI::add)
    }

    /// Exactly nothing where one of them is, whatever the other.
    pub fn mul(&self, rhs: &Self, prec: u32) -> Self {
        self.both(rhs, prec, |a, b| Rational::from(a * b), MpI::mul)
    }

    /// By something that is certainly not zero.
    pub fn div(&self, rhs: &Self, prec: u32) -> Self {
        self.both(rhs, prec, |a, b| Rational::from(a / b), MpI::div)
    }

    pub fn neg(&self) -> Self {
        match self {
            Self::Exact(q) => Self::Exact(Rational::from(-q)),
            Self::Near(v) => Self::Near(v.neg()),
        }
    }

    pub fn pow(&self, exponent: &Rational, prec: u32) -> Self {
        let exact = match self {
            Self::Exact(q) => ExactQ::new(q.clone()).pow(exponent).value().cloned(),
            Self::Near(_) => None,
        };
        match exact {
            Some(q) => Self::exact(prec, q),
            None => Self::near(self.value(prec).pow(exponent)),
        }
    }
}
