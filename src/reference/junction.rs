//! Where pieces meet: exact comparison of a float with the end of a piece, and what counts as the derivative there.

use super::derivative;
use crate::expr::{End, Expr};
use crate::number::{Enclosure, F64I, Jet, MpI, Real};
use crate::number::{Tape, TapeError};
use rug::float::Round;
use rug::{Float, Rational};
use serde::{Deserialize, Serialize};

/// The upper end of a piece on the f64 line.
pub(super) struct Cut {
    /// the largest f64 that belongs to the piece
    pub last: f64,
    /// the largest f64 at or below the end
    floor: f64,
    /// whether that is the end itself
    exact: bool,
    /// the end
    at: MpI,
}

/// Where an end lies between the f64s. An end that no precision up to 8192 bits can tell from an f64 without being
/// proved equal to it is taken to be that f64.
pub(super) fn cut(end: &End) -> Result<Option<Cut>, TapeError> {
    let End::At { at, closed } = end else { return Ok(None) };
    let made = |floor: f64, exact: bool, at: MpI| {
        let last = if exact && !closed { floor.next_down() } else { floor };
        Some(Cut { last, floor, exact, at })
    };
    if let Some(q) = at.exact_rational() {
        let floor = Float::with_val_round(53, &q, Round::Down).0.to_f64_round(Round::Down);
        let exact = Rational::from_f64(floor).is_some_and(|f| f == q);
        return Ok(made(floor, exact, MpI::rational(&super::JUNCTION_BITS, &q)));
    }
    let tape = Tape::compile(at)?;
    let value = |bits: u32| tape.eval(&MpI::int(&bits, 0));
    let down = |v: Float| v.to_f64_round(Round::Down);
    for bits in [128, 1024, 8192] {
        let v = value(bits);
        if down(v.lo()) == down(v.hi()) && v.lo() > down(v.lo()) {
            return Ok(made(down(v.lo()), false, value(super::JUNCTION_BITS)));
        }
    }
    let v = value(super::JUNCTION_BITS);
    Ok(made(down(v.hi()), true, v))
}

/// The least and the largest f64 between two constants, themselves included; infinite where there is none.
pub(crate) fn floats_between(lo: Option<&Expr>, hi: Option<&Expr>) -> Result<[f64; 2], TapeError> {
    let below = |at: &Expr, closed| Ok(cut(&End::At { at: at.clone(), closed })?.map(|c| c.last));
    // the largest f64 that is smaller is the one before the least that is not
    let lo = lo.map(|at| below(at, false)).transpose()?.flatten().map(f64::next_up);
    let hi = hi.map(|at| below(at, true)).transpose()?.flatten();
    Ok([lo.unwrap_or(f64::NEG_INFINITY), hi.unwrap_or(f64::INFINITY)])
}

/// What happens at a junction, as far as the derivative of the order asked for is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// the one-sided values are not told apart: one value
    Smooth,
    /// the one-sided derivatives differ: any value between them is a subgradient
    Kink,
    /// the function itself jumps (or, for a higher order, a lower derivative does): there is no derivative
    Jump,
    /// no junction: the function has no value
    Undefined,
}

/// A junction between two pieces.
#[derive(Clone, Debug)]
pub struct Junction {
    /// the largest f64 at or below the junction
    pub floor: f64,
    /// the junction, if it is an f64
    pub exactly: Option<f64>,
    /// what happens there
    pub kind: Kind,
    pub(super) fast: F64I,
    pub(super) exact: MpI,
    /// the one-sided values from the left and from the right
    pub sides: [F64I; 2],
}

impl Junction {
    pub(super) fn new(cut: &Cut, sides: [&Tape; 2], order: usize, bits: u32) -> Self {
        let point = MpI::from_floats(bits, &cut.at.lo(), &cut.at.hi());
        let value = |k: usize| sides.map(|t| derivative(t.eval(&Jet::variable(point.clone(), k)), k));
        let differ = |[a, b]: &[MpI; 2]| a.lo() > b.hi() || a.hi() < b.lo();
        let [left, right] = value(order);
        let kind = if (0..=order.saturating_sub(1)).any(|k| differ(&value(k))) {
            Kind::Jump
        } else if differ(&[left.clone(), right.clone()]) {
            Kind::Kink
        } else {
            Kind::Smooth
        };
        let exact = left.hull(&right);
        let outward = |v: &MpI| F64I::new(&(), &v.lo().to_f64_round(Round::Down), &v.hi().to_f64_round(Round::Up));
        let (fast, sides) = (outward(&exact), [outward(&left), outward(&right)]);
        Self { floor: cut.floor, exactly: cut.exact.then_some(cut.floor), kind, fast, exact, sides }
    }
}
