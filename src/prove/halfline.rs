//! What happens beyond the last box: the supremum of an objective on a half-line.

use super::deadline::Deadline;
use super::objective::Objective;
use crate::number::{Enclosure, F64I, Limit, MpI, Tail, TailContext};
use rug::float::{Round, Special};
use rug::{Float, Rational};

/// Why the bound on a half-line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TailMethod {
    /// powers plus remainder
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
    /// the limit where it is known to be a rational number
    pub exact: Option<Rational>,
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

/// The ladder for a piece that begins at `edge`, seen in the direction of the half-line: from there on, where the piece
/// begins beyond the first rung.
fn rungs(edge: Option<Float>) -> Vec<Float> {
    let all = ladder().collect::<Vec<_>>();
    let Some(edge) = edge.filter(|e| e.is_finite() && *e > all[0]) else { return all };
    let further = [8, 32, 128].map(|e| Float::with_val(64, &edge << e));
    let beyond = all.into_iter().filter(|l| *l > edge);
    let mut rungs: Vec<Float> = beyond.chain(further).chain([edge.clone()]).filter(Float::is_finite).collect();
    rungs.sort_by(|a, b| a.total_cmp(b));
    rungs
}

/// A half-line of an objective, and how closely it is looked at.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// the objective
    pub objective: &'a Objective,
    /// its number
    pub index: usize,
    /// whether it is the left half-line
    pub left: bool,
    /// precision in bits
    pub prec: u32,
    /// when to stop
    pub deadline: Deadline,
}

impl Task<'_> {
    fn edge(&self) -> Option<Float> {
        let Self { objective, left, .. } = self;
        let edge = if *left { &objective.hi } else { &objective.lo }.enclosure(64)?;
        let outer = if *left { -edge.lo() } else { edge.hi() };
        Some(Float::with_val_round(53, outer, Round::Up).0)
    }

    fn nothing(&self, from: Float) -> HalfLine {
        let bound = Float::with_val(self.prec, Special::Infinity);
        HalfLine {
            objective: self.index,
            left: self.left,
            from,
            bound,
            limit: None,
            exact: None,
            method: TailMethod::Remainder,
        }
    }

    /// What the powers say of h, and where they tell the sign of h' of the supremum.
    fn read(&self, from: &Float, cx: &TailContext) -> (HalfLine, Option<i32>) {
        let x = if self.left { Tail::left(cx) } else { Tail::right(cx) };
        let view = self.objective.view::<Tail>(cx);
        let (h, slope) = if cx.terms == 0 {
            (view.value(&x), None)
        } else {
            let mut jet = view.jet(&x);
            for k in 1..jet.c.len() {
                // c[k] = c[k-1]'/k, and x = -t on the left
                let factor = Rational::from((if self.left { -1 } else { 1 }, k as u32));
                jet.c[k] = jet.c[k].clone().into_derivative_of(&jet.c[k - 1], &factor);
            }
            let [h, slope] = view.read(&jet);
            (h, slope.sign())
        };
        let nothing = self.nothing(from.clone());
        let bound = h.range().map_or(nothing.bound.clone(), |r| r.hi());
        (HalfLine { bound, limit: h.limit(), exact: h.exact_limit(), ..nothing }, slope)
    }

    /// Climbs a ladder of half-lines until the bound is below `best`, or exact, or within `slack` above it.
    ///
    /// `past` is the last L that was tried before, if any.
    pub fn climb(&self, best: &Float, slack: &Float, past: Option<&Float>) -> HalfLine {
        let mut last: Option<HalfLine> = None;
        let rungs = rungs(self.edge());
        for from in rungs.iter().filter(|l| past.is_none_or(|p| *l > p)) {
            if self.deadline.passed() {
                break;
            }
            let done = |t: &HalfLine| t.rises() || t.bound < *best || t.method != TailMethod::Remainder;
            // the limit itself is a lower bound of the supremum
            let near = |t: &HalfLine| {
                let limit = t.finite_limit().map(Enclosure::lo);
                let level = limit.filter(|l| l > best).unwrap_or_else(|| best.clone());
                Float::with_val_round(self.prec, &t.bound - &level, Round::Up).0 <= *slack
            };
            // limits that are nothing are enclosed as narrowly as the goal asks of a supremum of zero
            let cx = TailContext::new(self.prec.saturating_mul(if self.prec > 1024 { 1 } else { 2 }), from.clone());
            let (mut found, _) = self.read(from, &cx);
            if done(&found) {
                return found;
            }
            if let Some(sign) = self.sign_of_slope(from) {
                found = self.monotone(found, sign);
            }
            if done(&found) || near(&found) {
                return found;
            }
            // negative powers cost more, and tell more
            let (deep, sign) = self.read(from, &cx.clone().deep());
            let deep = sign.map_or_else(|| deep.clone(), |sign| self.monotone(deep.clone(), sign));
            if done(&deep) || near(&deep) {
                return deep;
            }
            let mut found = if deep.bound < found.bound { deep } else { found };
            if let Some(far) = self.objective.far(self.left) {
                let (far, sign) = Self { objective: far, ..*self }.read(from, &cx.clone().deep());
                let far = sign.map_or_else(|| far.clone(), |sign| self.monotone(far.clone(), sign));
                if done(&far) || near(&far) {
                    return far;
                }
                if far.bound < found.bound {
                    found = far;
                }
            }
            if !found.bound.is_finite() && found.limit.is_none() {
                let (logarithmic, sign) = self.read(from, &cx.deep().in_logarithms());
                found = sign.map_or_else(|| logarithmic.clone(), |sign| self.monotone(logarithmic.clone(), sign));
                if done(&found) || near(&found) {
                    return found;
                }
            }
            if found.limit.is_none()
                && let Some(seen) = self.seen(from)
            {
                if done(&seen) || near(&seen) {
                    return seen;
                }
                if seen.bound < found.bound {
                    found = seen;
                }
            }
            // the first rung is kept where no rung helps: a longer search would gain nothing
            if last.as_ref().is_none_or(|l| found.bound < l.bound) {
                last = Some(found);
            }
        }
        last.unwrap_or_else(|| self.nothing(past.or(rungs.first()).cloned().unwrap_or_else(|| Float::with_val(64, 16))))
    }

    /// h and h' over the whole half-line, as plain intervals see them.
    fn plain(&self, from: &Float) -> Option<[F64I; 2]> {
        let l = Some(from.to_f64()).filter(|l| l.is_finite() && *l == *from)?;
        let x = if self.left { F64I::new(&(), &f64::NEG_INFINITY, &-l) } else { F64I::new(&(), &l, &f64::INFINITY) };
        Some(self.objective.view::<F64I>(&()).slope(&x))
    }

    /// What plain intervals say of h where powers say nothing: a bound, or that it rises at least like a line.
    fn seen(&self, from: &Float) -> Option<HalfLine> {
        let [h, slope] = self.plain(from)?;
        if !h.total() {
            return None;
        }
        let rises = slope.total() && if self.left { slope.hi() < 0.0 } else { slope.lo() > 0.0 };
        let limit = rises.then_some(Limit::PlusInfinity);
        Some(HalfLine { bound: Float::with_val(self.prec, h.hi()), limit, ..self.nothing(from.clone()) })
    }

    /// The sign of h' on the whole half-line, as plain intervals see it: they often do.
    fn sign_of_slope(&self, from: &Float) -> Option<i32> {
        let [h, slope] = self.plain(from)?;
        if !h.total() || !slope.total() {
            None
        } else if slope.lo() >= 0.0 {
            Some(1)
        } else if slope.hi() <= 0.0 {
            Some(-1)
        } else {
            None
        }
    }

    /// The supremum where h' has one sign.
    fn monotone(&self, tail: HalfLine, slope: i32) -> HalfLine {
        let outward = if self.left { -slope } else { slope };
        if outward >= 0
            && let Some(Limit::Finite(limit)) = &tail.limit
        {
            return HalfLine { bound: limit.hi(), method: TailMethod::Limit, ..tail };
        }
        if outward <= 0 {
            let at = MpI::from_float(self.prec, &tail.end());
            let value = self.objective.view::<MpI>(&self.prec).value(&at);
            if value.total() {
                return HalfLine { bound: value.hi(), method: TailMethod::Start, ..tail };
            }
        }
        tail
    }
}
