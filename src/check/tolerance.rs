//! An absolute and relative tolerance instead of ulp, for budgets that are written so.

use super::block::SLACK;
use super::ulp::error;
use super::{Block, Context, Found, Info, Point, Tally, incomparable};
use crate::kernels::Pass;
use crate::number::{Enclosure, F64I, MpI};
use crate::reference::Kind;
use rug::Float;
use rug::float::Round;

/// |output - f| <= absolute + relative |f|
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// for values near 0
    pub absolute: f64,
    /// for all others
    pub relative: f64,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Within(Found);

impl Tally for Within {
    const INFO: Info = Info {
        id: "tolerance",
        title: "is each output within the absolute and relative tolerance of the real value?",
        explain: "Only where a budget is given as a tolerance, which then takes the place of the budget in ulp (ulp only measures, and the checks that \
derive what rounding explains from that budget are left out): |output - f(input)| <= \
absolute + relative |f(input)| against the enclosed real value. The measure is the quotient of the two sides. An infinite output is right where \
rounding to nearest overflows. At a kink, the nearest of all subgradients takes the place of f(input).",
        measures: "of the tolerance",
        passes: &Pass::KNOWN,
    };

    const CONVEX: bool = true;

    fn applies(cx: &Context<'_>) -> bool {
        cx.budget.tolerance.is_some()
    }

    fn new(_: &Context<'_>) -> Self {
        Self(Found { unit: "of the tolerance", budget: 1.0, ..Found::default() })
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        let Some(tolerance) = cx.budget.tolerance else { return };
        if let Some(reason) = incomparable(point) {
            return self.0.exclude(reason, point.weight);
        }
        self.0.compared += point.weight;
        let [least, most] = match () {
            () if !point.y.is_finite() => error(point, cx),
            // the nearest of all subgradients is the value
            () if point.kind == Kind::Kink => {
                let nearest = point.y.clamp(point.real.lo(), point.real.hi());
                quick(&Point { real: F64I::new(&(), &nearest, &nearest), ..*point }, tolerance)
            }
            () => quotient(point, tolerance, cx),
        };
        self.0.measured = [self.0.measured[0].max(least), self.0.measured[1].max(most)];
        if least > 1.0 {
            self.0.fail(point, least);
        } else if most > 1.0 {
            self.0.doubt(point, super::NEAR_BUDGET);
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.0
    }

    fn block(&mut self, _: &Block<'_>, _: &Context<'_>) -> bool {
        false
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.0.absorb(next.0);
    }

    fn finish(self) -> Found {
        self.0
    }
}

/// The error of a finite output as a part of what is allowed, enclosed: in f64 if that decides, else in MPFR.
fn quotient(point: &Point, tolerance: Tolerance, cx: &Context<'_>) -> [f64; 2] {
    let quick = quick(point, tolerance);
    if quick[0] > 1.0 || quick[1] <= 1.0 {
        return quick;
    }
    let mut best = quick;
    cx.reference.refine(point.x, |real| {
        best = exact(point.y, tolerance, real);
        best[0] > 1.0 || best[1] <= 1.0
    });
    best
}

fn quick(point: &Point, tolerance: Tolerance) -> [f64; 2] {
    let (y, lo, hi) = (point.y, point.real.lo(), point.real.hi());
    if !lo.is_finite() || !hi.is_finite() {
        return [0.0, f64::INFINITY];
    }
    let (a, b) = ((y - lo).abs(), (y - hi).abs());
    let nearest = if lo <= y && y <= hi { 0.0 } else { a.min(b) };
    let largest = lo.abs().max(hi.abs());
    let smallest = if lo <= 0.0 && hi >= 0.0 { 0.0 } else { lo.abs().min(hi.abs()) };
    // off by some roundings, and by the smallest subnormal where the product underflows
    let allowed = |v: f64| tolerance.absolute + tolerance.relative * v;
    let (most_allowed, least_allowed) = (allowed(largest).next_up(), allowed(smallest).next_down().max(0.0));
    let most = if a.max(b) == 0.0 { 0.0 } else { a.max(b) / least_allowed * (1.0 + SLACK) };
    [nearest / most_allowed * (1.0 - SLACK), most]
}

fn exact(y: f64, tolerance: Tolerance, real: &MpI) -> [f64; 2] {
    let (lo, hi) = (real.lo(), real.hi());
    let prec = lo.prec();
    let off = |end: &Float, round: Round| Float::with_val_round(prec, y - end, round).0;
    // y - real lies between these
    let (below, above) = (off(&hi, Round::Down), off(&lo, Round::Up));
    let inside = below <= 0 && above >= 0;
    let (below, above) = (below.abs(), above.abs());
    let largest = below.clone().max(&above);
    let nearest = if inside { Float::new(prec) } else { below.min(&above) };
    let (a, b) = (lo.abs(), hi.abs());
    let small = if real.has_zero() { Float::new(prec) } else { a.clone().min(&b) };
    let allowed = |v: &Float, round: Round| {
        let part = Float::with_val_round(prec, v * tolerance.relative, round).0;
        Float::with_val_round(prec, part + tolerance.absolute, round).0
    };
    let part = |v: Float, allowed: Float, round: Round| {
        if v.is_zero() { 0.0 } else { Float::with_val_round(prec, v / allowed, round).0.to_f64_round(round) }
    };
    [part(nearest, allowed(&a.max(&b), Round::Up), Round::Down), part(largest, allowed(&small, Round::Down), Round::Up)]
}
