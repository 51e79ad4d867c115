//! An absolute and relative tolerance instead of ulp, for budgets that are written so.

use super::{Block, Context, Found, Info, Point, Tally, incomparable};
use crate::kernels::Pass;
use crate::number::Enclosure;
use crate::reference::Kind;

/// |output - f| <= absolute + relative |f|
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// for values near 0
    pub absolute: f64,
    /// for all others
    pub relative: f64,
}

pub(super) struct Within(Found);

impl Tally for Within {
    const INFO: Info = Info {
        id: "tolerance",
        title: "is each output within the absolute and relative tolerance of the real value?",
        explain: "Only where a budget is given as a tolerance, which then takes the place of the budget in ulp (ulp only measures, and the checks that \
derive what rounding explains from that budget are left out): |output - f(input)| <= \
absolute + relative |f(input)| against the enclosed real value. The measure is the quotient of the two sides. An infinite output is right where \
rounding to nearest overflows.",
        passes: &Pass::KNOWN,
    };

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
        } else if point.kind == Kind::Kink {
            return self.0.exclude("any subgradient will do", point.weight);
        }
        self.0.compared += point.weight;
        let (lo, hi) = (point.real.lo(), point.real.hi());
        let least_overflow = cx.format.max() + cx.format.ulp(cx.format.max()) / 2.0;
        if point.y.is_infinite() && (if point.y > 0.0 { lo >= least_overflow } else { hi <= -least_overflow }) {
            return;
        }
        let (a, b) = ((point.y - lo).abs(), (point.y - hi).abs());
        let allowed = |v: f64| tolerance.absolute + tolerance.relative * v;
        let [small, large] = if lo <= 0.0 && hi >= 0.0 {
            [0.0, lo.abs().max(hi)]
        } else {
            [lo.abs().min(hi.abs()), lo.abs().max(hi.abs())]
        };
        let quotient = |distance: f64, allowed: f64| if distance == 0.0 { 0.0 } else { distance / allowed };
        let least = if lo <= point.y && point.y <= hi { 0.0 } else { quotient(a.min(b), allowed(large)).next_down() };
        let most = quotient(a.max(b), allowed(small)).next_up();
        let [least, most] = if point.y.is_nan() { [f64::INFINITY; 2] } else { [least, most] };
        self.0.measured = [self.0.measured[0].max(least), self.0.measured[1].max(most)];
        if least > 1.0 {
            self.0.fail(point, least);
        } else if most > 1.0 {
            self.0.undecided += point.weight;
        }
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
