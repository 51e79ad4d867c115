//! Outputs inside the proved range.

use super::reason::NAN;
use super::{Block, Context, Found, Info, Point, Reason, Tally, incomparable};
use crate::kernels::Pass;

const UNBOUNDED: Reason = Reason::checker("no bounded range was proved");

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Range {
    found: Found,
    /// the range, rounded outward to the format
    ends: Option<[f64; 2]>,
}

impl Tally for Range {
    const INFO: Info = Info {
        id: "range",
        title: "does no output leave the proved range of the function (of its slope, backward)?",
        explain: "The range is proved over all of R by the proof engine, and rounded outward to the format: a correctly rounded output can \
never leave it, and neither can an infinity beyond a finite end. NaN is left to the finiteness check. Nothing is compared where no bounded range was proved.",
        measures: "out of range",
        passes: &Pass::ALL,
    };

    const CONVEX: bool = true;

    fn new(cx: &Context<'_>) -> Self {
        let format = cx.format;
        // the smallest float at or above v is minus the largest at or below -v
        let floor = |v: f64| format.decode(format.floor(v));
        let ends = cx.range.map(|[lo, hi]| [floor(lo), -floor(-hi)]).filter(|e| e.iter().any(|v| v.is_finite()));
        Self { found: Found { unit: "outputs out of range", ..Found::default() }, ends }
    }

    fn point(&mut self, point: &Point, _: &Context<'_>) {
        let Some([lo, hi]) = self.ends else { return self.found.exclude(UNBOUNDED, point.weight) };
        if let Some(reason) = incomparable(point) {
            return self.found.exclude(reason, point.weight);
        } else if point.y.is_nan() {
            return self.found.exclude(NAN, point.weight);
        }
        self.found.compared += point.weight;
        if point.y < lo || point.y > hi {
            self.found.fail(point, (lo - point.y).max(point.y - hi));
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, _: &Context<'_>) -> bool {
        let Some([lo, hi]) = self.ends else {
            self.found.exclude(UNBOUNDED, block.inputs());
            return true;
        };
        let (min, max) = (f64::from(block.shape.min), f64::from(block.shape.max));
        let good = min >= lo && max <= hi && block.finite();
        self.found.compared += if good { block.inputs() } else { 0 };
        good
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.found.absorb(next.found);
    }

    fn finish(mut self) -> Found {
        self.found.measured = [self.found.failing as f64; 2];
        self.found
    }
}
