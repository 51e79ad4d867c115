//! No NaN, and no infinity without a reason.

use super::{Block, Context, Found, Info, Point, Tally, incomparable};
use crate::kernels::Pass;
use crate::number::{Enclosure, MpI};

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Finite(Found);

impl Tally for Finite {
    const INFO: Info = Info {
        id: "finite",
        title: "is every output for a finite input finite, where the real value is in range?",
        explain: "A NaN is a failure. An infinity is one, too, unless the real value's magnitude is not below the format's largest finite \
number (whether it rounds to an infinity is the ulp check's business). Inputs where the function jumps are left out of the backward pass.",
        measures: "not finite",
        passes: &Pass::KNOWN,
    };

    const CONVEX: bool = true;

    fn new(_: &Context<'_>) -> Self {
        Self(Found { unit: "outputs not finite", ..Found::default() })
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if let Some(reason) = incomparable(point) {
            return self.0.exclude(reason, point.weight);
        }
        self.0.compared += point.weight;
        let top = cx.format.max();
        let in_range = point.real.lo() > -top && point.real.hi() < top;
        let exists = || point.real.total() || cx.reference.refine(point.x, MpI::total).total();
        if !exists() {
            self.0.doubt(point, "whether the function has a value here is not known");
        } else if point.y.is_nan() || point.y.is_infinite() && in_range {
            self.0.fail(point, 1.0);
        } else if point.y.is_infinite() && (point.real.lo() < top && point.real.hi() > -top) {
            let inside = |v: &MpI| v.hi() < top && v.lo() > -top;
            let outside = |v: &MpI| v.lo() >= top || v.hi() <= -top;
            let real = cx.reference.refine(point.x, |v| inside(v) || outside(v));
            if inside(&real) {
                self.0.fail(point, 1.0);
            } else if !outside(&real) {
                self.0.doubt(point, "the real value cannot be told from the largest finite number of the format");
            }
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.0
    }

    fn block(&mut self, block: &Block<'_>, _: &Context<'_>) -> bool {
        // no real value of a polynomial run overflows
        let finite = block.finite();
        self.0.compared += if finite { block.inputs() } else { 0 };
        finite
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.0.absorb(next.0);
    }

    fn finish(mut self) -> Found {
        self.0.measured = [self.0.failing as f64; 2];
        self.0
    }
}
