//! NaN, infinities and zeros.

use super::ulp::error;
use super::{Block, Context, Found, Info, NanPolicy, Point, Reason, Tally};
use crate::kernels::Pass;
use crate::number::{Enclosure, Limit, MpI};
use crate::reference::Kind;
use rug::Float;
use rug::float::Round;

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Special(Found);

impl Tally for Special {
    const INFO: Info = Info {
        id: "special",
        title: "are the outputs for NaN, infinities and zeros the limits that mathematics gives?",
        explain: "NaN gives NaN, whatever its payload and sign (declared otherwise: a quiet one, or the input made quiet). An infinity gives the function's limit there (proved from the tail): an \
infinite one exactly, a finite one within the ulp budget, rounded up to a whole ulp. A zero of either sign gives the value at 0 (at a kink, any \
subgradient), likewise; where that is 0, a zero of either sign will do. Where no limit was proved, the infinity is left out.",
        measures: "wrong values",
        passes: &Pass::KNOWN,
    };

    const CONVEX: bool = true;

    fn new(_: &Context<'_>) -> Self {
        Self(Found { unit: "wrong special values", ..Found::default() })
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        let good = if point.x.is_nan() {
            Some(point.y.is_nan() && nan_as_declared(point, cx))
        } else if point.x.is_infinite() {
            match &cx.limits[usize::from(point.x > 0.0)] {
                None => return self.0.exclude(Reason::checker("limit not known"), point.weight),
                Some(Limit::PlusInfinity) => Some(point.y == f64::INFINITY),
                Some(Limit::MinusInfinity) => Some(point.y == f64::NEG_INFINITY),
                Some(Limit::Finite(limit)) => agrees(point.y, limit, cx),
            }
        } else if point.x == 0.0 && point.kind == Kind::Kink {
            let [least, most] = error(point, cx);
            let limit = cx.budget.ulp.ceil();
            (most <= limit || least > limit).then_some(most <= limit)
        } else if point.x == 0.0 && point.kind == Kind::Undefined {
            return self.0.exclude(Reason::mathematics("the function has no value here"), point.weight);
        } else if point.x == 0.0 && point.kind != Kind::Jump {
            let tight = |v: &MpI| v.lo() == v.hi() || v.width() <= Float::with_val(64, v.mig() >> 60u32);
            let real = cx.reference.refine(0.0, tight);
            if !real.lo().is_finite() || !real.hi().is_finite() {
                return self.0.exclude(Reason::checker("whether there is a value is not known"), point.weight);
            }
            agrees(point.y, &real, cx)
        } else {
            return;
        };
        self.0.compared += point.weight;
        match good {
            Some(true) => {}
            Some(false) => self.0.fail(point, 1.0),
            None => self.0.doubt(point, "whether this is the real value, or the limit, is not known"),
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.0
    }

    fn block(&mut self, _: &Block<'_>, _: &Context<'_>) -> bool {
        // a polynomial run holds neither zeros nor infinities
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

/// Whether a NaN is the one that the policy asks for.
fn nan_as_declared(point: &Point, cx: &Context<'_>) -> bool {
    let quiet = 1 << (cx.format.precision() - 2);
    match cx.policy.nan {
        NanPolicy::Any => true,
        NanPolicy::Quiet => point.output & quiet != 0,
        NanPolicy::Payload => point.output == point.input | quiet,
    }
}

/// Whether `y` is the value, up to the budget; `None` if the enclosure of the value does not tell.
fn agrees(y: f64, real: &MpI, cx: &Context<'_>) -> Option<bool> {
    let (lo, hi) = (real.lo(), real.hi());
    // from here on it rounds to an infinity
    let beyond = cx.format.max() + cx.format.ulp(cx.format.max()) / 2.0;
    if lo >= beyond || hi <= -beyond {
        return Some(y == if lo > 0 { f64::INFINITY } else { f64::NEG_INFINITY });
    }
    if !y.is_finite() {
        return (lo.is_finite() && hi.is_finite()).then_some(false);
    } else if lo == 0 && hi == 0 {
        return Some(y == 0.0);
    }
    // y - real lies between these
    let off = |end: &Float, round: Round| Float::with_val_round(lo.prec(), y - end, round).0;
    let (below, above) = (off(&hi, Round::Down), off(&lo, Round::Up));
    let slack = |size: Float| cx.format.ulp(size.to_f64_round(Round::Zero)) * cx.budget.ulp.ceil();
    let (small, large) = (slack(real.mig()), slack(real.mag()));
    let inside = below >= -small && above <= small;
    let outside = below > large || above < -large;
    (inside || outside).then_some(inside)
}
