//! Subnormal results flushed to zero.

use super::reason::FLUSHED;
use super::{Block, Context, Found, Info, Point, Reason, Tally, incomparable};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::number::{Enclosure, MpI};
use crate::reference::Kind;

/// Excused either way.
const EITHER: Reason = Reason::policy("flushed to zero or not, as declared");

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Flush {
    found: Found,
    seen: u64,
}

/// Whether the output is certainly 0 where the real value is in the range of the subnormal numbers.
pub(super) fn is_flushed(point: &Point, cx: &Context<'_>) -> bool {
    point.y == 0.0 && point.kind != Kind::Kink && is_subnormal(point, cx) == Some(true)
}

/// Whether the real value is in the range of the subnormal numbers; `None` if the highest precision leaves that open.
fn is_subnormal(point: &Point, cx: &Context<'_>) -> Option<bool> {
    let quick = among_subnormals(&point.real.lo(), &point.real.hi(), cx.format);
    quick.or_else(|| {
        let decide = |v: &MpI| among_subnormals(&v.lo(), &v.hi(), cx.format);
        decide(&cx.reference.refine(point.x, |v| decide(v).is_some()))
    })
}

/// Whether all numbers between these are in that range, or none is.
fn among_subnormals<T: PartialOrd<f64>>(lo: &T, hi: &T, format: FloatFormat) -> Option<bool> {
    let (normal, least) = (crate::number::format::power_of_two(format.min_exponent()), format.min_subnormal());
    let all = *lo >= least && *hi < normal || *hi <= -least && *lo > -normal;
    let none = *lo >= normal || *hi <= -normal || *lo > -least && *hi < least;
    (all || none).then_some(all)
}

impl Tally for Flush {
    const INFO: Info = Info {
        id: "flush",
        title: "are results in the subnormal range kept, or flushed to zero?",
        explain: "Inputs whose real value is in the range of the format's subnormal numbers: an output of 0 there is \
a flush. It fails unless `flush` is declared; declared, it is counted as excluded, here and in the ulp check, which otherwise takes it for the \
error that it is. A zero where the real value is a normal number is no flush, declared or not.",
        measures: "flushed to zero",
        passes: &Pass::ALL,
    };

    fn new(_: &Context<'_>) -> Self {
        Self { found: Found { unit: "results flushed to zero", ..Found::default() }, seen: 0 }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        self.seen += point.weight;
        // at a kink a zero may be a subgradient, which the ulp check tells
        if incomparable(point).is_some() || point.kind == Kind::Kink {
            return;
        }
        let inside = is_subnormal(point, cx);
        if inside == Some(false) || inside.is_none() && point.y != 0.0 {
            return;
        }
        if point.y != 0.0 {
            self.found.compared += point.weight;
        } else if inside.is_none() {
            self.found.compared += point.weight;
            self.found.doubt(point, "whether the real value is subnormal is not known");
        } else if cx.policy.flush {
            self.found.exclude(FLUSHED, point.weight);
        } else {
            self.found.compared += point.weight;
            self.found.fail(point, (point.real.lo().abs() / cx.format.min_subnormal()).floor());
        }
    }

    fn between(&mut self, ends: &[Point; 2], cx: &Context<'_>) {
        let zero = ends[0].y <= 0.0 && ends[1].y >= 0.0;
        if !zero || ends.iter().all(|end| end.y == 0.0) {
            return self.point(&ends[0], cx);
        }
        self.seen += 1;
        let [point, _] = ends;
        if incomparable(point).is_some() || point.kind == Kind::Kink || is_subnormal(point, cx) == Some(false) {
            return;
        }
        if cx.policy.flush {
            return self.found.exclude(EITHER, 1);
        }
        self.found.compared += 1;
        self.found.doubt(point, super::SOME_PASS);
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let [lo, hi] = block.real.values;
        let (least, most) =
            if lo <= 0.0 && hi >= 0.0 { (0.0, hi.max(-lo)) } else { (lo.abs().min(hi.abs()), hi.abs().max(-lo)) };
        let normal = crate::number::format::power_of_two(cx.format.min_exponent());
        let none = least >= normal || most < cx.format.min_subnormal();
        let all = least >= cx.format.min_subnormal() && most < normal;
        let kept = all && (block.shape.min > 0.0 || block.shape.max < 0.0);
        self.seen += if none || kept { block.inputs() } else { 0 };
        self.found.compared += if kept { block.inputs() } else { 0 };
        none || kept
    }

    fn join(&mut self, next: Self, _: &Context<'_>) {
        self.found.absorb(next.found);
        self.seen += next.seen;
    }

    fn finish(mut self) -> Found {
        if self.found.compared == 0 && self.found.excluded.is_empty() && self.seen > 0 {
            self.found.exclude(Reason::mathematics("no real value is in the subnormal range"), self.seen);
        }
        self.found.measured = [self.found.failing as f64; 2];
        self.found
    }
}
