//! The sign of the output against the sign of the real value.

use super::policy::Zeros;
use super::reason::NAN;
use super::{Block, Context, Found, Info, Point, Reason, Tally, incomparable};
use crate::kernels::Pass;
use crate::reference::Sides;

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Sign(Found);

impl Tally for Sign {
    const INFO: Info = Info {
        id: "sign",
        title: "does no output have the opposite sign of the real value?",
        explain: "Where the real value is certainly not negative, a negative output fails; where it is certainly not positive, a positive \
one. Zeros of either sign pass, since whether an output may be zero is the ulp check's business, unless `zero=signed` is declared: then a zero \
fails if the real value has the other sign, and is left out where the real value is 0, which has none. In the backward pass this is the direction \
in which training moves. Where a run of real values rounds to zero, their common sign is enclosed over the whole run; if that fails, the first and \
the last are decided at high precision, and the others count as not looked at, so that nothing is proved. A sign that the highest precision leaves open \
is undecided.",
        measures: "wrong signs",
        passes: &Pass::ALL,
    };

    const CONVEX: bool = true;

    fn new(_: &Context<'_>) -> Self {
        Self(Found { unit: "outputs of the wrong sign", ..Found::default() })
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if let Some(reason) = incomparable(point) {
            return self.0.exclude(reason, point.weight);
        } else if point.y.is_nan() {
            return self.0.exclude(NAN, point.weight);
        }
        // a zero with a sign asks for more than another output, and one without asks for nothing
        let enough = |sides: &Sides| match cx.policy.zero {
            Zeros::Any => point.y == 0.0 || sides.known(),
            Zeros::Signed => sides.decided(),
        };
        let quick = Sides::of(&point.real);
        let sides = if enough(&quick) { quick } else { cx.reference.sides(point.x, enough) };
        self.judge(point, sides, cx);
    }

    fn found(&mut self) -> &mut Found {
        &mut self.0
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let (sides, shape) = (Sides::between(block.real.values), &block.shape);
        let signs = |negative: bool| block.outputs.iter().all(|y| y.is_sign_negative() == negative);
        let right = match (sides.not_negative, sides.not_positive, cx.policy.zero) {
            (true, false, Zeros::Any) => shape.min >= 0.0,
            (false, true, Zeros::Any) => shape.max <= 0.0,
            (true, false, Zeros::Signed) => signs(false),
            (false, true, Zeros::Signed) => signs(true),
            (_, _, Zeros::Any) => shape.min == 0.0 && shape.max == 0.0,
            (_, _, Zeros::Signed) => false,
        };
        if right && block.finite() {
            self.0.compared += block.inputs();
            return true;
        }
        // where values are next to nothing, each by itself would take the highest precision
        let [lo, hi] = block.real.values;
        let least = cx.format.min_subnormal();
        if !block.finite() || lo <= -least / 2.0 || hi >= least / 2.0 {
            return false;
        }
        let last = block.outputs.len() - 1;
        let sides = if sides.decided() { sides } else { cx.reference.sides_between(block.x(0), block.x(last)) };
        for k in 0..=last {
            let needless = block.outputs[k] == 0.0 && cx.policy.zero == Zeros::Any;
            if sides.known() || needless {
                self.judge(&block.point(k), sides, cx);
            } else if k == 0 || k == last {
                self.point(&block.point(k), cx);
            } else {
                self.0.exclude(Reason::checker("the real value rounds to zero, and its sign is not known"), 1);
            }
        }
        true
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.0.absorb(next.0);
    }

    fn finish(mut self) -> Found {
        self.0.measured = [self.0.failing as f64; 2];
        self.0
    }
}

impl Sign {
    /// Holds an output that is a number against what is known of the real value's sign.
    fn judge(&mut self, point: &Point, sides: Sides, cx: &Context<'_>) {
        let signed = cx.policy.zero == Zeros::Signed;
        if point.y == 0.0 && signed && sides.is_zero() {
            return self.0.exclude(Reason::mathematics("the real value is 0, which has no sign"), point.weight);
        }
        self.0.compared += point.weight;
        if point.y == 0.0 && !signed {
            return;
        }
        let negative = point.y.is_sign_negative();
        let opposite = if negative { sides.not_negative } else { sides.not_positive };
        if opposite && (sides.not_zero || point.y != 0.0) {
            self.0.fail(point, point.y.abs());
        } else if opposite || !sides.known() {
            self.0.doubt(point, "the sign of the real value is not known");
        }
    }
}
