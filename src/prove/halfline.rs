//! What happens beyond the last box: the supremum of an objective on a half-line.

use super::objective::Objective;
use crate::number::{Enclosure, F64I, Limit, MpI, Real, Tail, TailContext};
use rug::Float;
use rug::float::Special;

/// Why the bound on a half-line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailMethod {
    /// polynomial plus remainder
    Remainder,
    /// monotone towards infinity: the limit
    Limit,
    /// monotone towards the finite end: the value there
    Start,
}

/// The supremum on [L, inf) or (-inf, -L].
#[derive(Clone, Debug)]
pub struct HalfLine {
    /// which objective
    pub objective: usize,
    /// whether this is the left half-line
    pub left: bool,
    /// L > 0
    pub from: Float,
    /// h <= bound there; plus infinity where nothing is known
    pub bound: Float,
    /// the limit at infinity, if known
    pub limit: Option<Limit>,
    /// why
    pub method: TailMethod,
}

impl HalfLine {
    /// The finite end as a signed float.
    pub fn end(&self) -> Float {
        if self.left { -self.from.clone() } else { self.from.clone() }
    }

    /// Whether the objective tends to plus infinity.
    pub fn rises(&self) -> bool {
        matches!(self.limit, Some(Limit::PlusInfinity))
    }

    /// The finite limit, if it is known and the supremum on the half-line may be that limit.
    pub fn finite_limit(&self) -> Option<&MpI> {
        match (&self.limit, self.method) {
            (Some(Limit::Finite(l)), TailMethod::Limit | TailMethod::Remainder) => Some(l),
            _ => None,
        }
    }
}

/// The ladder of half-lines that a search climbs until the tail decides.
pub fn ladder() -> impl Iterator<Item = Float> {
    [4i32, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
        .into_iter()
        .map(|e| Float::with_val(64, Float::u_exp(1, e)))
}

/// Climbs a ladder of half-lines until the bound is below `best`, or exact, or within `slack` above it.
///
/// `past` is the last L that was tried before, if any.
pub fn settle(
    objective: &Objective,
    index: usize,
    left: bool,
    best: &Float,
    slack: &Float,
    past: Option<&Float>,
    prec: u32,
) -> HalfLine {
    let mut last: Option<HalfLine> = None;
    for from in ladder().filter(|l| past.is_none_or(|p| l > p)) {
        let cx = TailContext::new(prec, from.clone());
        let x = if left { Tail::left(&cx) } else { Tail::right(&cx) };
        let h = objective.view::<Tail>(&cx).value(&x);
        let bound = h.range().map_or_else(|| Float::with_val(prec, Special::Infinity), |r| r.hi());
        let limit = h.limit();
        let mut found = HalfLine { objective: index, left, from, bound, limit, method: TailMethod::Remainder };
        if found.rises() || found.bound < *best {
            return found;
        }
        if let Some(better) = monotone(objective, &found, prec) {
            found = better;
        }
        // the limit itself is a lower bound of the supremum
        let limit = found.finite_limit().map(Enclosure::lo);
        let level = limit.filter(|l| l > best).unwrap_or_else(|| best.clone());
        let near = Float::with_val_round(prec, &found.bound - &level, rug::float::Round::Up).0 <= *slack;
        if found.method != TailMethod::Remainder || near {
            return found;
        }
        // the first rung is kept where no rung helps: a longer search would gain nothing
        let helps = last.as_ref().is_none_or(|l| found.bound < l.bound);
        if helps {
            last = Some(found);
        }
    }
    last.unwrap_or_else(|| HalfLine {
        objective: index,
        left,
        from: past.cloned().unwrap_or_else(|| Float::with_val(64, 16)),
        bound: Float::with_val(prec, Special::Infinity),
        limit: None,
        method: TailMethod::Remainder,
    })
}

/// Plain intervals over the whole half-line often know the sign of h'.
fn monotone(objective: &Objective, tail: &HalfLine, prec: u32) -> Option<HalfLine> {
    let l = tail.from.to_f64();
    let x = if tail.left { F64I::new(&(), &f64::NEG_INFINITY, &-l) } else { F64I::new(&(), &l, &f64::INFINITY) };
    let [h, slope] = objective.view::<F64I>(&()).slope(&x);
    if !h.total() || !slope.total() {
        return None;
    }
    let outward = if tail.left { slope.neg() } else { slope };
    if outward.lo() >= 0.0 {
        let Some(Limit::Finite(limit)) = &tail.limit else { return None };
        return Some(HalfLine { bound: limit.hi(), method: TailMethod::Limit, ..tail.clone() });
    }
    if outward.hi() <= 0.0 {
        let at = MpI::from_float(prec, &tail.end());
        let value = objective.view::<MpI>(&prec).value(&at);
        return value.total().then(|| HalfLine { bound: value.hi(), method: TailMethod::Start, ..tail.clone() });
    }
    None
}
