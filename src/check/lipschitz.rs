//! The Lipschitz constant as coded.

use super::point::Ends;
use super::{Block, Context, Found, Info, Point, Tally, Witness, incomparable, unit};
use crate::kernels::Pass;
use crate::reference::Kind;

pub(super) struct Lipschitz {
    found: Found,
    ends: Ends,
}

/// What a few roundings in f64 can add.
const SLACK: f64 = 1.0 + 1e-12;

impl Lipschitz {
    /// The slope between two inputs that no rounding within budget explains.
    fn slope(a: &Point, b: &Point, cx: &Context<'_>) -> f64 {
        let rounding = cx.budget.ulp * (unit(a, cx) + unit(b, cx));
        (((b.y - a.y).abs() - rounding * SLACK) / (b.x - a.x)).max(0.0) / SLACK
    }

    fn pair(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        if ![a, b].iter().all(|p| p.y.is_finite()) || b.x <= a.x || !(b.x - a.x).is_finite() {
            return self.found.exclude("no finite difference", 1);
        }
        self.found.compared += 1;
        let slope = Self::slope(a, b, cx);
        self.grow(slope);
        if slope > self.found.budget {
            self.found.failing += 1;
            self.found.note(Witness {
                input: b.input,
                output: b.output,
                after: Some(a.input),
                measure: slope,
                how: None,
            });
        }
    }

    fn grow(&mut self, slope: f64) {
        self.found.measured = self.found.measured.map(|m| m.max(slope));
    }
}

impl Tally for Lipschitz {
    const INFO: Info = Info {
        id: "lipschitz",
        title: "is the code as Lipschitz as the function is proved to be?",
        explain: "The slope between inputs that follow each other, less what two roundings within the budget in ulp explain, against the proved \
supremum of |f'| over all of R (backward: of |f''|). On long runs the slope between their ends is taken, too, where rounding hardly matters; \
neighbours on a run whose largest step is explained are not measured one by one, so that the measure is the largest slope that was worked out. Nothing is compared where no finite constant was proved, or the function (backward: its \
derivative) jumps.",
        passes: &Pass::ALL,
    };

    fn applies(cx: &Context<'_>) -> bool {
        // what rounding explains follows from the budget in ulp
        cx.budget.tolerance.is_none()
    }

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: cx.lipschitz.unwrap_or(f64::INFINITY), unit: "slope", ..Found::default() };
        Self { found, ends: Ends::default() }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        let outside = incomparable(point)
            .or((point.kind == Kind::Kink).then_some("any subgradient will do"))
            .or(cx.lipschitz.is_none().then_some("no finite constant was proved"));
        if let Some(reason) = outside {
            return self.found.exclude(reason, point.weight);
        }
        if let Some(last) = self.ends.push(point).filter(|last| last.x < point.x) {
            self.pair(&last, point, cx);
        }
        if point.weight > 1 {
            self.found.exclude("no finite difference", point.weight - 1);
        }
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        if cx.lipschitz.is_none() {
            self.found.exclude("no finite constant was proved", block.inputs());
            return true;
        }
        if !block.finite() {
            return false;
        }
        // f32's ulp at an output is at least that of the smallest output
        let least = f64::from(if block.shape.min > 0.0 { block.shape.min } else { (-block.shape.max).max(0.0) });
        let rounding = 2.0 * cx.budget.ulp * cx.format.ulp(least);
        let (budget, width) = (self.found.budget, block.real.step);
        let explained = |step: f32| (f64::from(step) * (1.0 + 1e-6) - rounding) / width <= budget;
        let (first, last) = (block.point(0), block.point(block.outputs.len() - 1));
        self.point(&first, cx);
        if block.inputs() > 1 {
            if explained(block.shape.rise.max(block.shape.fall)) {
                self.found.compared += block.inputs() - 1;
            } else {
                for (k, pair) in block.outputs.windows(2).enumerate() {
                    if explained((pair[1] - pair[0]).abs()) {
                        self.found.compared += 1;
                    } else {
                        self.pair(&block.point(k), &block.point(k + 1), cx);
                    }
                }
            }
            self.grow(Self::slope(&first, &last, cx));
        }
        self.ends.push(&last);
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
