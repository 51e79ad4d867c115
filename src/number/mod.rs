//! HOW an expression is evaluated: number systems over one trait, and jets over any of them.

use crate::expr::{Func, Named};
use rug::Rational;

mod dd_functions;
pub mod ddi;
pub mod decimal;
pub mod exact;
pub mod f64i;
pub mod jet;
mod mpfr;
pub mod mpi;
pub mod operations;
mod point;
pub mod rational;
pub mod tail;
pub mod tape;

pub use actaudit_expr::format::{self, Format};
pub use ddi::DdI;
pub use f64i::F64I;
pub use jet::Jet;
pub use mpi::MpI;
pub use rational::ExactQ;
pub use tail::{Limit, Tail, TailContext};
pub use tape::{Program, Tape, TapeError};

/// A number system that can interpret an expression.
///
/// For interval systems every operation *contains*: the result holds every real value of the operation on members of
/// the operands (where it is defined).
pub trait Real: Clone {
    /// What is needed to make a constant: nothing, or a precision.
    type Context: Clone;

    /// The context in which this value was made.
    fn context(&self) -> Self::Context;
    /// An exact rational.
    fn rational(cx: &Self::Context, value: &Rational) -> Self;
    /// A small integer.
    fn int(cx: &Self::Context, value: i64) -> Self {
        Self::rational(cx, &Rational::from(value))
    }
    /// pi or e.
    fn named(cx: &Self::Context, name: Named) -> Self;
    /// `-a`
    #[must_use]
    fn neg(&self) -> Self;
    /// `a + b`
    #[must_use]
    fn add(&self, rhs: &Self) -> Self;
    /// `a - b`
    #[must_use]
    fn sub(&self, rhs: &Self) -> Self;
    /// `a * b`
    #[must_use]
    fn mul(&self, rhs: &Self) -> Self;
    /// `a / b`
    #[must_use]
    fn div(&self, rhs: &Self) -> Self;
    /// `a^2`, never negative for intervals
    #[must_use]
    fn sqr(&self) -> Self {
        self.mul(self)
    }
    /// `a^r`: any base for an integer exponent; for another one the real root of a base >= 0.
    #[must_use]
    fn pow(&self, exponent: &Rational) -> Self;
    /// A unary function.
    #[must_use]
    fn call(&self, f: Func) -> Self;
    /// The smaller of two.
    #[must_use]
    fn min(&self, rhs: &Self) -> Self;
    /// The larger of two.
    #[must_use]
    fn max(&self, rhs: &Self) -> Self;
    /// `a` if `left > right` for certain, `b` if `left < right` for certain, else a value that holds both `a` and `b`:
    /// the generalised derivative of a maximum.
    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self;
    /// Whether [`Real::choose`] gives a value that holds both because the comparison is open. Systems whose `choose` then
    /// gives "unknown" need not say so.
    fn open(_left: &Self, _right: &Self) -> bool {
        false
    }
    /// Whether the value is known to exist for every member of the operands. Systems that cannot tell say yes.
    fn defined(&self) -> bool {
        true
    }
}

/// An interval system in which the proof engine can search: [lo, hi] with ends that are floats of some precision.
///
/// `total` is the definedness flag: false when some operation on the way was undefined for a member of its operand
/// (the square root of a negative number, the logarithm of zero, a division by an interval that holds zero).
pub trait Enclosure: Real {
    /// An interval end.
    type End: Clone + PartialOrd + std::fmt::Debug;

    /// The interval [lo, hi]; `lo <= hi`, infinite ends allowed.
    fn new(cx: &Self::Context, lo: &Self::End, hi: &Self::End) -> Self;
    /// Lower end, -inf if unbounded.
    fn lo(&self) -> Self::End;
    /// Upper end, +inf if unbounded.
    fn hi(&self) -> Self::End;
    /// Whether the value was defined for every member of the operands.
    fn total(&self) -> bool;
    /// A finite representable point strictly inside if there is one, good for bisection: the midpoint, geometric when
    /// the ends are of very different magnitude; `None` if no representable point lies strictly between the ends.
    fn split_point(&self) -> Option<Self::End>;
    /// The intersection; `None` if empty. The result is total if either operand is.
    fn intersect(&self, rhs: &Self) -> Option<Self>;
    /// The smallest interval that holds both.
    #[must_use]
    fn hull(&self, rhs: &Self) -> Self;
    /// An end as a multiple-precision float, exactly.
    fn end_to_float(end: &Self::End) -> rug::Float;
    /// A multiple-precision float rounded to an end, towards minus infinity (`up = false`) or plus infinity.
    fn end_from_float(cx: &Self::Context, value: &rug::Float, up: bool) -> Self::End;
}
