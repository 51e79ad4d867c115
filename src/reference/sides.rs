//! On which side of zero real values are.

use super::{Evaluator, LADDER, derivative};
use crate::number::{Enclosure, F64I, Jet, MpI};
use rug::Float;

/// What is certain of the sign of some values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sides {
    /// none is negative
    pub not_negative: bool,
    /// none is positive
    pub not_positive: bool,
    /// none is 0
    pub not_zero: bool,
}

impl Sides {
    /// Of values between these.
    pub fn between([lo, hi]: [f64; 2]) -> Self {
        Self { not_negative: lo >= 0.0, not_positive: hi <= 0.0, not_zero: lo > 0.0 || hi < 0.0 }
    }

    /// Of the members of an interval.
    pub fn of(values: &F64I) -> Self {
        Self::between([values.lo(), values.hi()])
    }

    fn of_exact(values: &MpI) -> Self {
        let (lo, hi) = (values.lo(), values.hi());
        Self { not_negative: lo >= 0, not_positive: hi <= 0, not_zero: lo > 0 || hi < 0 }
    }

    /// Whether it is known on which side they are not.
    pub const fn known(&self) -> bool {
        self.not_negative || self.not_positive
    }

    /// Whether all of them are 0.
    pub const fn is_zero(&self) -> bool {
        self.not_negative && self.not_positive
    }

    /// Whether they have one sign, or are 0.
    pub const fn decided(&self) -> bool {
        self.known() && self.not_zero || self.is_zero()
    }
}

impl Evaluator<'_> {
    /// Of the real value at a finite `x`, as far as it takes.
    pub fn sides(&self, x: f64, enough: impl Fn(&Sides) -> bool) -> Sides {
        let quick = Sides::of(&self.enclose(x));
        if enough(&quick) { quick } else { Sides::of_exact(&self.refine(x, |v| enough(&Sides::of_exact(v)))) }
    }

    /// Of all real values over a box that lies in one piece.
    pub fn sides_between(&self, lo: f64, hi: f64) -> Sides {
        let piece = self.reference.piece(lo);
        if piece != self.reference.piece(hi) {
            return Sides::default();
        }
        let quick = self.enclose_box(lo, hi).map(|v| Sides::of(&v)).unwrap_or_default();
        if quick.decided() {
            return quick;
        }
        let x = MpI::from_floats(LADDER[0], &Float::with_val(53, lo), &Float::with_val(53, hi));
        let order = self.reference.order;
        let exact = Sides::of_exact(&derivative(self.exact[0][piece].eval(&Jet::variable(x, order)), order));
        // what either knows holds
        Sides {
            not_negative: quick.not_negative || exact.not_negative,
            not_positive: quick.not_positive || exact.not_positive,
            not_zero: quick.not_zero || exact.not_zero,
        }
    }
}
