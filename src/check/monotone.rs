//! Monotone outputs where the mathematics is monotone.

use super::point::Ends;
use super::{Block, Context, Found, Info, Point, Tally, Witness};
use crate::kernels::Pass;
use crate::number::{Enclosure, F64I};
use crate::reference::Evaluator;
use std::collections::VecDeque;

/// An interval on which the sign of the derivative is proved, so that the function is monotone on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// lower end
    pub lo: f64,
    /// upper end
    pub hi: f64,
    /// does not fall; otherwise it does not rise
    pub rising: bool,
}

/// Splits no box further that is narrower than this, relative to its distance from 0.
const NARROW: f64 = 1e-6;
/// Boxes that may be examined.
const BOXES: usize = 20_000;

/// Where the function is proved monotone, from left to right, by the sign of its derivative over boxes: `slope` is the
/// reference of the derivative. What lies between the stretches is not decided. Neighbouring boxes of one direction are
/// joined if the function is continuous there.
pub fn stretches(slope: &Evaluator<'_>) -> Vec<Stretch> {
    let mut cuts = vec![-f64::MAX];
    let mut continuous = vec![];
    for j in slope.reference().junctions() {
        cuts.extend([j.floor, j.floor.next_up()]);
        if j.kind != crate::reference::Kind::Jump {
            continuous.push(j.floor);
        }
    }
    cuts.push(f64::MAX);
    // binades of everyday size from the start: bisection alone would spend its budget on the way to them
    cuts.extend((-8..=8).map(f64::from).flat_map(|e| [e.exp2(), -e.exp2()]));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    // breadth first, so that a budget that runs out leaves narrow gaps everywhere rather than one wide one
    let mut todo: VecDeque<(f64, f64)> = cuts.windows(2).map(|w| (w[0], w[1])).collect();
    let mut proved: Vec<Stretch> = vec![];
    let mut examined = 0;
    while let Some((lo, hi)) = todo.pop_front() {
        examined += 1;
        let crossing = continuous.contains(&lo) && lo.next_up() == hi;
        let rising = if crossing {
            // both pieces have this direction up to the junction, and nothing jumps there
            direction(&slope.enclose_across(lo, hi))
        } else {
            slope.enclose_box(lo, hi).and_then(|s| direction(&s))
        };
        match rising {
            Some(rising) => proved.push(Stretch { lo, hi, rising }),
            None if examined < BOXES && hi - lo > NARROW * lo.abs().max(hi.abs()) => {
                if let Some(mid) = F64I::new(&(), &lo, &hi).split_point() {
                    todo.extend([(lo, mid), (mid, hi)]);
                }
            }
            None => {}
        }
    }
    proved.sort_by(|a, b| a.lo.total_cmp(&b.lo));
    let mut out: Vec<Stretch> = vec![];
    for next in proved {
        match out.last_mut() {
            Some(last) if last.hi == next.lo && last.rising == next.rising => last.hi = next.hi,
            _ => out.push(next),
        }
    }
    out
}

/// The direction of a function whose derivative lies in this enclosure.
fn direction(slope: &F64I) -> Option<bool> {
    if !slope.total() {
        None
    } else if slope.lo() >= 0.0 {
        Some(true)
    } else if slope.hi() <= 0.0 {
        Some(false)
    } else {
        None
    }
}

pub(super) struct Monotone {
    found: Found,
    ends: Ends,
    stretch: usize,
}

impl Monotone {
    /// The stretch that may hold an input: inputs ascend.
    fn reach<'a>(&mut self, x: f64, cx: &Context<'a>) -> Option<&'a Stretch> {
        while cx.stretches.get(self.stretch).is_some_and(|s| s.hi < x) {
            self.stretch += 1;
        }
        cx.stretches.get(self.stretch)
    }

    /// The pairs within inputs that one point stands for. Their outputs are equal, so that none steps back.
    fn alike(&mut self, point: &Point, cx: &Context<'_>) {
        let nth = |k: u64| {
            let input = cx.format.at_ordinal(cx.format.ordinal(point.input) + k as i64);
            Point { input, x: cx.format.decode(input), weight: 1, ..*point }
        };
        let last = nth(point.weight - 1);
        match self.reach(point.x, cx) {
            Some(stretch) if stretch.lo <= point.x && last.x <= stretch.hi => self.found.compared += point.weight - 1,
            _ => (1..point.weight).for_each(|k| self.pair(&nth(k - 1), &nth(k), cx)),
        }
        self.ends.push(&last);
    }

    fn pair(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        let Some(rising) = self.reach(b.x, cx).filter(|s| s.lo <= a.x).map(|s| s.rising) else {
            return self.found.exclude("direction not proved", 1);
        };
        self.found.compared += 1;
        let climb = cx.format.climb(a.output, b.output);
        let back = if rising { -climb } else { climb };
        if back <= 0.0 {
            return;
        }
        self.found.measured = [0, 1].map(|k| self.found.measured[k].max(back));
        if back > cx.budget.steps {
            self.found.failing += 1;
            self.found.note(Witness {
                input: b.input,
                output: b.output,
                after: Some(a.input),
                measure: back,
                how: None,
            });
        }
    }
}

impl Tally for Monotone {
    const INFO: Info = Info {
        id: "monotone",
        title: "do outputs keep the order of the inputs where the function is proved monotone?",
        explain: "The line is divided into stretches on which the sign of the derivative is proved. Between two inputs of one stretch that \
follow each other, the output may step against the direction by no more floats than the budget allows (0 in f16 and bf16). Pairs of inputs \
outside of the stretches, and NaN outputs, are left out.",
        passes: &[Pass::Forward],
    };

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: cx.budget.steps, unit: "floats stepped back", ..Found::default() };
        Self { found, ends: Ends::default(), stretch: 0 }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if !point.x.is_finite() {
            return self.found.exclude("input is not finite", point.weight);
        } else if point.y.is_nan() {
            return self.found.exclude("output is NaN", point.weight);
        }
        if let Some(last) = self.ends.push(point) {
            self.pair(&last, point, cx);
        }
        if point.weight > 1 {
            self.alike(point, cx);
        }
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        let end = block.outputs.len() - 1;
        let from = self.ends.last().map_or(block.x(0), |p| p.x);
        let stretch = match self.reach(from, cx) {
            // inputs ascend: the first stretch that does not end before this run begins after it, or there is none any more
            outside if outside.is_none_or(|s| s.lo >= block.x(end)) => {
                if !block.finite() {
                    return false;
                }
                self.found.exclude("direction not proved", block.inputs() - u64::from(self.ends.last().is_none()));
                self.ends.push(&block.point(0));
                self.ends.push(&block.point(end));
                return true;
            }
            Some(stretch) if stretch.lo <= from && stretch.hi >= block.x(end) => stretch,
            // a run that a stretch ends or begins in
            _ => return false,
        };
        if !block.finite() || (if stretch.rising { block.shape.fall } else { block.shape.rise }) > 0.0 {
            return false;
        }
        // the step to the run, which the shape does not know after a NaN
        let (first, rising) = (f64::from(block.outputs[0]), stretch.rising);
        if self.ends.last().is_some_and(|last| if rising { last.y > first } else { last.y < first }) {
            return false;
        }
        self.found.compared += block.inputs() - u64::from(self.ends.last().is_none());
        self.ends.push(&block.point(0));
        self.ends.push(&block.point(end));
        true
    }

    fn join(&mut self, next: Self, cx: &Context<'_>) {
        if let Some((a, b)) = self.ends.join(&next.ends) {
            self.pair(&a, &b, cx);
        }
        self.found.absorb(next.found);
    }

    fn finish(self) -> Found {
        self.found
    }
}
