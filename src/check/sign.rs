//! The sign of the output against the sign of the real value.

use super::{Block, Context, Found, Info, Point, Tally, incomparable};
use crate::kernels::Pass;
use crate::number::{Enclosure, MpI};

pub(super) struct Sign(Found);

impl Tally for Sign {
    const INFO: Info = Info {
        id: "sign",
        title: "does no output have the opposite sign of the real value?",
        explain: "Where the real value is certainly not negative, a negative output fails; where it is certainly not positive, a positive \
one. Zeros of either sign pass: whether an output may be zero is the ulp check's business. In the backward pass this is the direction in which \
training moves. Runs of inputs whose real values round to zero are looked at where they begin and end: there the sign of each value \
would have to be worked out at high precision.",
        passes: &Pass::ALL,
    };

    fn new(_: &Context<'_>) -> Self {
        Self(Found { unit: "outputs of the wrong sign", ..Found::default() })
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if let Some(reason) = incomparable(point) {
            return self.0.exclude(reason, point.weight);
        } else if point.y.is_nan() {
            return self.0.exclude("output is NaN", point.weight);
        }
        if point.y == 0.0 {
            // right whatever the sign of the real value is, known or not
            self.0.compared += point.weight;
            return;
        }
        let (mut not_negative, mut not_positive) = (point.real.lo() >= 0.0, point.real.hi() <= 0.0);
        if !not_negative && !not_positive {
            let known = |v: &MpI| v.lo() >= 0 || v.hi() <= 0;
            let real = cx.reference.refine(point.x, known);
            (not_negative, not_positive) = (real.lo() >= 0, real.hi() <= 0);
        }
        if !not_negative && !not_positive {
            return self.0.exclude("sign of the real value not decided", point.weight);
        }
        self.0.compared += point.weight;
        if not_negative && point.y < 0.0 || not_positive && point.y > 0.0 {
            self.0.fail(point, point.y.abs());
        }
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let ([lo, hi], shape) = (block.real.values, &block.shape);
        let least = cx.format.min_subnormal();
        let agree =
            lo >= 0.0 && shape.min >= 0.0 || hi <= 0.0 && shape.max <= 0.0 || shape.min == 0.0 && shape.max == 0.0;
        if !agree && block.finite() && -least / 2.0 < lo && lo < 0.0 && 0.0 < hi && hi < least / 2.0 {
            let last = block.outputs.len() - 1;
            [0, last].into_iter().for_each(|k| self.point(&block.point(k), cx));
            self.0.exclude("the real value rounds to zero", last as u64 - 1);
            return true;
        }
        let good = agree && block.finite();
        self.0.compared += if good { block.inputs() } else { 0 };
        good
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.0.absorb(next.0);
    }

    fn finish(mut self) -> Found {
        self.0.measured = [self.0.failing as f64; 2];
        self.0
    }
}
