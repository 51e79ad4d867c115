//! How many bits the time allows: one evaluation cannot be broken off, and takes minutes where there are very many.

use crate::number::{Enclosure, MpI, Real};
use crate::prove::deadline::Deadline;
use crate::prove::objective::Objective;
use rug::{Float, Rational};
use std::time::{Duration, Instant};

/// Up to here nothing needs to be measured.
const QUICK: u32 = 512;
/// A search takes at least so many evaluations.
const EVALUATIONS: u32 = 20;

/// A point of the objective's interval with digits that do not end.
fn somewhere(objective: &Objective, prec: u32) -> MpI {
    let third = MpI::rational(&prec, &Rational::from((1, 3)));
    match [&objective.lo, &objective.hi].map(|edge| edge.enclosure(prec)) {
        [Some(lo), Some(hi)] => lo.add(&hi.sub(&lo).mul(&third)),
        [Some(lo), None] => lo.add(&third),
        [None, Some(hi)] => hi.sub(&third),
        [None, None] => third,
    }
}

fn measure(objectives: &[Objective], prec: u32) -> Duration {
    let begun = Instant::now();
    for objective in objectives {
        let x = somewhere(objective, prec);
        let x = MpI::from_float(prec, &Float::with_val(prec, x.lo()));
        let _ = objective.view::<MpI>(&prec).curve(&x);
    }
    begun.elapsed()
}

/// The precision that is wanted, or the largest one at which a search is likely to end in time. Doubling the bits makes
/// an evaluation at most four times as long.
pub(super) fn affordable(objectives: &[Objective], wanted: u32, deadline: &Deadline) -> u32 {
    let mut prec = QUICK;
    while prec < wanted {
        let time = measure(objectives, prec);
        if time.saturating_mul(4 * EVALUATIONS) > deadline.left() {
            return prec;
        }
        prec = prec.saturating_mul(2);
    }
    wanted
}
