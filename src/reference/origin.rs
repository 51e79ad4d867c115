//! Half-way cases that no precision decides soon. Next to zero, f(x) = c x (1 + O(x)) with a simple rational c: half of an
//! odd subnormal lies half-way between two floats, and f(x) differs from it by less than 2^-149 of itself. Which side it is
//! on follows from the sign of f(x) - c x, and that from the first Taylor coefficient after c that is not zero.

use super::{Part, Reference};
use crate::expr::Expr;
use crate::number::exact::{Assumptions, Exact};
use crate::number::{Enclosure, F64I, Jet, Real};
use crate::prove::continuity::one_sided;
use rug::Rational;
use std::cmp::Ordering;
use std::sync::Arc;

/// Up to where the sign is proved.
pub(super) const REACH: f64 = crate::number::format::power_of_two(-60);
/// Coefficients that may vanish before the decisive one.
const TERMS: usize = 6;

/// f(x) - slope * x on one side of zero, up to [`REACH`].
pub(super) struct Origin {
    pub slope: f64,
    pub bend: Ordering,
}

impl Origin {
    /// Rigorous: the coefficients are exact, the sign is that of an enclosure over the whole side. `None` if f(0) is not 0,
    /// the slope is not an f64, or no sign was found.
    pub fn new(reference: &Reference, right: bool) -> Option<Self> {
        let end = if right { REACH } else { -REACH };
        let part = &reference.pieces[reference.piece(end)];
        let order = reference.order();
        let exact = Self::coefficients(reference, right)?;
        let slope = exact[1].as_rational().filter(|_| exact[0].is_zero())?;
        let rounded = slope.to_f64();
        let decisive = (2..TERMS).find(|k| !exact[*k].is_zero());
        let bend = match decisive {
            // all later coefficients have to vanish, too: the expression is linear
            None => linear(part, order).then_some(Ordering::Equal)?,
            Some(k) => {
                let side = F64I::new(&(), &end.min(0.0), &end.max(0.0));
                let jet = part.tape.eval(&Jet::variable(side, order + k));
                let c = &jet.c[order + k];
                let positive = if c.total() && c.lo() > 0.0 {
                    true
                } else if c.total() && c.hi() < 0.0 {
                    false
                } else {
                    return None;
                };
                if positive == (right || k % 2 == 0) { Ordering::Greater } else { Ordering::Less }
            }
        };
        (Rational::from_f64(rounded)? == slope).then_some(Self { slope: rounded, bend })
    }

    /// The first derivatives at 0 from one side, from that under reference on, if its piece reaches from there to [`REACH`].
    pub fn coefficients(reference: &Reference, right: bool) -> Option<Vec<Exact>> {
        let part = &reference.pieces[reference.piece(if right { REACH } else { -REACH })];
        let reaches_zero = reference.junctions.iter().all(|j| j.floor.abs() > REACH || j.exactly == Some(0.0));
        let order = reference.order();
        let mut exact = derivatives(&part.expr, right, order + TERMS).filter(|_| reaches_zero)?;
        Some(exact.split_off(order))
    }
}

fn derivatives(expr: &Expr, right: bool, count: usize) -> Option<Vec<Exact>> {
    let cx = Arc::new(Assumptions::strict());
    let zero = Exact::rational(&cx, &Rational::new());
    one_sided(expr, &zero, &cx, right, count)
}

/// Whether all coefficients after the first vanish everywhere.
fn linear(part: &Part, order: usize) -> bool {
    let everywhere = F64I::new(&(), &f64::NEG_INFINITY, &f64::INFINITY);
    let jet = part.tape.eval(&Jet::variable(everywhere, order + 2));
    let second = &jet.c[order + 2];
    second.total() && second.lo() == 0.0 && second.hi() == 0.0
}
