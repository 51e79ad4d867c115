//! The Lipschitz constant as coded.

use super::block::SLACK;
use super::point::Ends;
use super::reason::SUBGRADIENT;
use super::ulp::{error, exceeds, quick_error};
use super::{Block, Context, Found, Info, Point, Reason, Tally, Witness, incomparable, unit};
use crate::kernels::Pass;
use crate::reference::Kind;
use rug::float::Round;
use rug::{Float, Rational};

/// Infinite and NaN outputs, which other checks judge, and inputs that are too far apart for an f64.
const NO_DIFFERENCE: Reason = Reason::code("no finite difference");
const NO_CONSTANT: Reason = Reason::checker("no finite constant was proved");
/// Two outputs within the budget in ulp are explained at any distance; one beyond it might not be.
const BEYOND: Reason = Reason::checker("outputs beyond the budget in ulp, against inputs that are not next to them");

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Lipschitz {
    found: Found,
    ends: Ends,
    /// the same for inputs of the sample alone
    sample: Ends,
}

impl Lipschitz {
    /// The slope between two inputs that no rounding within budget explains, enclosed: well enough to tell it from the budget.
    fn slope(&self, a: &Point, b: &Point, cx: &Context<'_>) -> [f64; 2] {
        let (step, width) = ((b.y - a.y).abs(), b.x - a.x);
        let rounding = cx.budget.ulp * (unit(a, cx) + unit(b, cx));
        // each of these operations rounds once
        let least = ((step * (1.0 - SLACK) - rounding * (1.0 + SLACK)) / width * (1.0 - SLACK)).max(0.0);
        let most = ((step * (1.0 + SLACK) - rounding * (1.0 - SLACK)) / width * (1.0 + SLACK)).max(0.0);
        if least > self.found.budget || most <= self.found.budget {
            return [least, most];
        }
        let exact = |v: f64| Rational::from_f64(v).unwrap_or_default();
        let rounding = exact(cx.budget.ulp) * (exact(unit(a, cx)) + exact(unit(b, cx)));
        let slope = ((exact(b.y) - exact(a.y)).abs() - rounding) / (exact(b.x) - exact(a.x));
        let rounded = |to| Float::with_val_round(53, &slope, to).0.to_f64_round(to).max(0.0);
        [rounded(Round::Down), rounded(Round::Up)]
    }

    fn pair(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        if ![a, b].iter().all(|p| p.y.is_finite()) || b.x <= a.x || !(b.x - a.x).is_finite() {
            return self.found.exclude(NO_DIFFERENCE, 1);
        }
        self.found.compared += 1;
        self.judge(a, b, cx);
    }

    /// Two inputs with finite outputs, the larger one last.
    fn judge(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        let [least, most] = self.slope(a, b, cx);
        self.found.measured = [self.found.measured[0].max(least), self.found.measured[1].max(most)];
        if most > self.found.budget {
            self.found.failing += 1;
            self.found.note(Witness {
                input: b.input,
                output: b.output,
                after: Some(a.input),
                measure: least,
                how: None,
            });
        }
    }

    /// What follows each other in the sample has to be held against each other where all inputs are looked at, too.
    fn sampled(&mut self, point: &Point, cx: &Context<'_>) {
        if let Some(last) = self.sample.push(point)
            && [&last, point].iter().all(|p| p.y.is_finite())
            && (point.x - last.x).is_finite()
            && last.x < point.x
        {
            self.judge(&last, point, cx);
        }
    }
}

/// Whether a finite output may be beyond the budget in ulp.
fn is_beyond(point: &Point, cx: &Context<'_>) -> bool {
    let quick = || quick_error(point, cx)[1] <= cx.budget.ulp;
    point.y.is_finite() && !quick() && exceeds(point, error(point, cx), cx) != Some(false)
}

impl Tally for Lipschitz {
    const INFO: Info = Info {
        id: "lipschitz",
        title: "is the code as Lipschitz as the function is proved to be?",
        explain: "The slope between inputs that follow each other, less what two roundings within the budget in ulp explain, against the proved \
supremum of |f'| over all of R (backward: of |f''|). On long runs the slope between their ends is taken, too, where rounding hardly matters, and \
where all of f32 is looked at, the slope between inputs of the sample; \
neighbours on a run whose largest step is explained are not measured one by one, so that the measure is the largest slope that was worked out. Two \
outputs within the budget in ulp are explained at any distance. Those beyond it are held against the inputs that were named here, and \
count as not looked at against all others, so that nothing is proved if there are any. Nothing is compared where no finite constant was proved, or the function (backward: its \
derivative) jumps.",
        measures: "steepest slope",
        passes: &Pass::ALL,
    };

    fn applies(cx: &Context<'_>) -> bool {
        // what rounding explains follows from the budget in ulp
        cx.budget.tolerance.is_none()
    }

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: cx.lipschitz.unwrap_or(f64::INFINITY), unit: "slope", ..Found::default() };
        Self { found, ends: Ends::default(), sample: Ends::default() }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        let outside = incomparable(point)
            .or((point.kind == Kind::Kink).then_some(SUBGRADIENT))
            .or(cx.lipschitz.is_none().then_some(NO_CONSTANT));
        if let Some(reason) = outside {
            return self.found.exclude(reason, point.weight);
        }
        if let Some(last) = self.ends.push(point).filter(|last| last.x < point.x) {
            self.pair(&last, point, cx);
        }
        if point.weight > 1 {
            self.found.exclude(NO_DIFFERENCE, point.weight - 1);
        }
        if is_beyond(point, cx) {
            self.found.exclude(BEYOND, 1);
        }
        if cx.sample.binary_search_by(|x| x.total_cmp(&point.x)).is_ok() {
            self.sampled(point, cx);
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        if cx.lipschitz.is_none() {
            self.found.exclude(NO_CONSTANT, block.inputs());
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
        let failed = self.found.failing;
        if let Some(before) = self.ends.push(&first) {
            self.pair(&before, &first, cx);
        }
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
            // a step that was counted is not counted again
            if self.found.failing == failed {
                self.judge(&first, &last, cx);
            }
        }
        self.ends.push(&last);
        if block.worst() > cx.budget.ulp {
            // in the smaller of two units where nobody can tell which of them it is: then it may be too many
            let unknown = block.next_to_a_power_of_two();
            let surely = |e: f64| unknown || block.one_unit() && block.lower(e) > cx.budget.ulp;
            let beyond = |(k, e): &(usize, f64)| {
                block.upper(*e) > cx.budget.ulp && (surely(*e) || is_beyond(&block.point(*k), cx))
            };
            self.found.exclude(BEYOND, block.errors().enumerate().filter(beyond).count() as u64);
        }
        let start = cx.sample.partition_point(|x| *x < first.x);
        for x in cx.sample[start..].iter().take_while(|x| **x <= last.x) {
            self.sampled(&block.point(((x - first.x) / block.real.step) as usize), cx);
        }
        true
    }

    fn join(&mut self, next: Self, cx: &Context<'_>) {
        if let Some((a, b)) = self.ends.join(&next.ends)
            && a.x < b.x
        {
            self.pair(&a, &b, cx);
        }
        if let Some((a, b)) = self.sample.join(&next.sample)
            && [&a, &b].iter().all(|p| p.y.is_finite())
            && (b.x - a.x).is_finite()
            && a.x < b.x
        {
            self.judge(&a, &b, cx);
        }
        self.found.absorb(next.found);
    }

    fn finish(self) -> Found {
        self.found
    }
}
