//! Steps in the error between neighbours: seams between the branches of a kernel.

use super::block::SLACK;
use super::flush::is_flushed;
use super::point::Ends;
use super::reason::{FLUSHED, NOT_FINITE, SUBGRADIENT};
use super::{Block, Context, Found, Info, Point, Reason, Tally, Witness, incomparable, unit};
use crate::kernels::Pass;
use crate::number::Enclosure;
use crate::reference::Kind;
use rug::Float;
use rug::float::Round;

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Seam {
    found: Found,
    ends: Ends,
}

/// output - f(input), enclosed, in f64.
fn distance(point: &Point, cx: &Context<'_>) -> [f64; 2] {
    if point.real.lo() == point.y && point.real.hi() == point.y {
        return [0.0; 2];
    }
    // in f64 a thousandth of the least unit would be nothing, and no precision enough
    let tiny = Float::with_val(53, unit(point, cx)) >> 10u32;
    let quick = match &point.ball {
        Some(ball) => {
            let middle = (point.y - ball.hi()) - ball.lo();
            let radius = ball.radius() + middle.abs() * SLACK;
            [middle - radius, middle + radius]
        }
        None => [(point.y - point.real.hi()).next_down(), (point.y - point.real.lo()).next_up()],
    };
    if quick[1] - quick[0] <= tiny {
        return quick;
    }
    let real = cx.reference.refine(point.x, |v| v.width() <= tiny);
    let off = |end: Float, round| Float::with_val_round(53, point.y - end, round).0.to_f64_round(round);
    [off(real.hi(), Round::Down), off(real.lo(), Round::Up)]
}

impl Seam {
    fn pair(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        let steps = cx.format.climb(a.input, b.input) - a.weight as f64;
        if steps != 0.0 {
            let between = cx.format.at_ordinal(cx.format.ordinal(a.input) + a.weight as i64);
            let junction = cx.reference.junction(cx.format.decode(between));
            let passed = steps == 1.0 && junction.is_some_and(|j| j.kind != Kind::Smooth);
            return self.found.exclude(if passed { SUBGRADIENT } else { Reason::checker("not neighbours") }, 1);
        }
        if [a, b].iter().any(|p| !p.y.is_finite()) {
            return self.found.exclude(NOT_FINITE, 1);
        }
        // a declared flush is no step
        if cx.policy.flush && [a, b].iter().any(|p| is_flushed(p, cx)) {
            return self.found.exclude(FLUSHED, 1);
        }
        self.found.compared += 1;
        let ulp = unit(a, cx).max(unit(b, cx));
        let ([a_lo, a_hi], [b_lo, b_hi]) = (distance(a, cx), distance(b, cx));
        let (down, up) = (b_lo - a_hi, b_hi - a_lo);
        let most = down.abs().max(up.abs()) / ulp * (1.0 + SLACK);
        let least = if down <= 0.0 && up >= 0.0 { 0.0 } else { down.abs().min(up.abs()) / ulp * (1.0 - SLACK) };
        self.found.measured = [self.found.measured[0].max(least), self.found.measured[1].max(most)];
        if least > self.found.budget {
            self.found.failing += 1;
            self.found.note(Witness {
                input: b.input,
                output: b.output,
                after: Some(a.input),
                measure: least,
                how: None,
            });
        } else if most > self.found.budget {
            self.found.doubt_step(a, b, super::NEAR_BUDGET);
        }
    }
}

impl Tally for Seam {
    const INFO: Info = Info {
        id: "seam",
        title: "does the error step from one input to the next, as at a seam between two branches?",
        explain: "Between neighbouring floats the real function moves by what mathematics says; what the output moves beyond that is a step in \
the error, measured in ulp of the larger value. Rounding explains twice the budget in ulp. A kernel that is smoothly wrong passes here (and fails \
ulp); one that changes branches where the branches disagree fails, at the very input, and so does one that jumps at a junction of the definition. \
At inputs where any subgradient is right, and where the function jumps, there is nothing to compare.",
        measures: "ulp in one step",
        passes: &Pass::ALL,
    };

    fn applies(cx: &Context<'_>) -> bool {
        // what rounding explains follows from the budget in ulp
        cx.budget.tolerance.is_none()
    }

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: 2.0 * cx.budget.ulp, unit: "ulp", ..Found::default() };
        Self { found, ends: Ends::default() }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        let outside = incomparable(point).or((point.kind == Kind::Kink).then_some(SUBGRADIENT));
        if let Some(reason) = outside {
            return self.found.exclude(reason, point.weight);
        }
        // both zeros have one place in the order
        if let Some(last) = self.ends.push(point).filter(|last| last.x < point.x) {
            self.pair(&last, point, cx);
        }
        if point.weight > 1 {
            self.found.exclude(NOT_FINITE, point.weight - 1);
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        if !block.finite() {
            return false;
        }
        let last = block.outputs.len() - 1;
        self.point(&block.point(0), cx);
        // rounding in both of two neighbours; with another unit inside, the smaller one is the safe one to count in
        let mut most = 2.0 * block.worst();
        if most <= self.found.budget {
            self.found.compared += block.inputs() - 1;
        } else {
            most = 0.0;
            for (k, pair) in block.offsets().windows(2).enumerate() {
                let step = block.step(pair[0], pair[1]);
                if step > self.found.budget {
                    self.pair(&block.point(k), &block.point(k + 1), cx);
                } else {
                    self.found.compared += 1;
                    most = most.max(step);
                }
            }
        }
        self.found.measured[1] = self.found.measured[1].max(most);
        self.ends.push(&block.point(last));
        true
    }

    fn join(&mut self, next: Self, cx: &Context<'_>) {
        if let Some((a, b)) = self.ends.join(&next.ends)
            && a.x < b.x
        {
            self.pair(&a, &b, cx);
        }
        self.found.absorb(next.found);
    }

    fn finish(self) -> Found {
        self.found
    }
}
