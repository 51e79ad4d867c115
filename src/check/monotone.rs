//! Monotone outputs where the mathematics is monotone.

use super::point::Ends;
use super::reason::NAN;
use super::{Block, Context, Found, Info, Point, Reason, Tally, Witness};
use crate::kernels::Pass;
use crate::number::{Enclosure, F64I, MpI};
use crate::reference::Evaluator;
use rug::Float;
use std::collections::VecDeque;

const NOT_A_NUMBER: Reason = Reason::mathematics("input is not finite");
const NO_DIRECTION: Reason = Reason::checker("direction not proved");

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

/// An output that lies farther than all others of its stretch: the highest one where the function rises and the lowest where
/// it falls, or the other way round.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Extreme {
    stretch: usize,
    point: Point,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Monotone {
    found: Found,
    ends: Ends,
    stretch: usize,
    /// how far outputs have come in the stretch of the last pair: of the last of equals
    farthest: Option<Extreme>,
    /// how far back they were in the stretch of the first pair, for the inputs before this run
    nearest: Option<Extreme>,
}

impl Monotone {
    /// The stretch that may hold an input: inputs ascend.
    fn reach<'a>(&mut self, x: f64, cx: &Context<'a>) -> Option<&'a Stretch> {
        while cx.stretches.get(self.stretch).is_some_and(|s| s.hi < x) {
            self.stretch += 1;
        }
        cx.stretches.get(self.stretch)
    }

    /// How many floats the second output lies farther in the direction of the function.
    fn ahead(a: &Point, b: &Point, rising: bool, cx: &Context<'_>) -> f64 {
        let climb = cx.format.climb(a.output, b.output);
        if rising { climb } else { -climb }
    }

    fn pair(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        let Some(rising) = self.reach(b.x, cx).filter(|s| s.lo <= a.x).map(|s| s.rising) else {
            return self.loose(a, b, cx);
        };
        self.found.compared += 1;
        self.advance(a, b, rising, cx);
    }

    /// The last of inputs that do not step back among themselves, and the first of them: `a` is the input before them.
    fn advance(&mut self, a: &Point, b: &Point, rising: bool, cx: &Context<'_>) {
        let stretch = self.stretch;
        let farthest = self.farthest.filter(|e| e.stretch == stretch).map_or(*a, |e| e.point);
        let near = self.nearest.get_or_insert(Extreme { stretch, point: *a });
        if near.stretch == stretch && Self::ahead(&near.point, b, rising, cx) < 0.0 {
            near.point = *b;
        }
        let back = -Self::ahead(&farthest, b, rising, cx);
        let stepped = self.step(&farthest, b, back, cx);
        // a step that was counted is not counted again for the inputs after it
        let point = if back <= 0.0 || stepped { *b } else { farthest };
        self.farthest = Some(Extreme { stretch, point });
    }

    /// Whether an output lies too far back behind an earlier one.
    fn step(&mut self, a: &Point, b: &Point, back: f64, cx: &Context<'_>) -> bool {
        if back <= 0.0 {
            return false;
        }
        self.found.measured = self.found.measured.map(|m| m.max(back));
        let fails = back > cx.budget.steps;
        if fails {
            self.found.failing += 1;
            self.found.note(Witness {
                input: b.input,
                output: b.output,
                after: Some(a.input),
                measure: back,
                how: None,
            });
        }
        fails
    }

    /// Two inputs between which the direction is not proved. Outputs that are no farther apart than a step back may be are right
    /// in either direction; for others, the real values tell their order.
    fn loose(&mut self, a: &Point, b: &Point, cx: &Context<'_>) {
        let climb = cx.format.climb(a.output, b.output);
        if climb.abs() <= cx.budget.steps {
            self.found.compared += 1;
            self.found.measured[1] = self.found.measured[1].max(climb.abs());
            return;
        }
        let Some(rises) = order(a, b, cx) else { return self.found.exclude(NO_DIRECTION, 1) };
        self.found.compared += 1;
        self.step(a, b, if rises { -climb } else { climb }, cx);
    }

    /// The pairs of a run outside of all stretches, with finite outputs.
    fn loose_block(&mut self, block: &Block<'_>, cx: &Context<'_>) {
        let first = block.point(0);
        if let Some(last) = self.ends.push(&first) {
            self.loose(&last, &first, cx);
        }
        if block.shape.rise == 0.0 && block.shape.fall == 0.0 {
            // all outputs are equal
            self.found.compared += block.inputs() - 1;
        } else {
            self.loose_steps(block, cx);
        }
        self.ends.push(&block.point(block.outputs.len() - 1));
    }

    fn loose_steps(&mut self, block: &Block<'_>, cx: &Context<'_>) {
        for (k, pair) in block.outputs.windows(2).enumerate() {
            if pair[0] == pair[1] {
                self.found.compared += 1;
            } else {
                self.loose(&block.point(k), &block.point(k + 1), cx);
            }
        }
    }
}

/// Whether the second of two real values is the larger one, if they are told apart.
fn order(a: &Point, b: &Point, cx: &Context<'_>) -> Option<bool> {
    let quick = |p: &Point| [p.real.lo(), p.real.hi()];
    let told = |a: [f64; 2], b: [f64; 2]| {
        if a[1] < b[0] {
            Some(true)
        } else if b[1] < a[0] {
            Some(false)
        } else {
            None
        }
    };
    told(quick(a), quick(b)).or_else(|| {
        // as many bits as tell the two floats apart, and their squares
        let tight = |v: &MpI| v.width() <= Float::with_val(64, v.mig() >> 120u32);
        let [a, b] = [a, b].map(|p| cx.reference.refine(p.x, tight));
        match () {
            () if a.hi() < b.lo() => Some(true),
            () if b.hi() < a.lo() => Some(false),
            () => None,
        }
    })
}

impl Tally for Monotone {
    const INFO: Info = Info {
        id: "monotone",
        title: "do outputs keep the order of the inputs where the function is proved monotone?",
        explain: "The line is divided into stretches on which the sign of the derivative is proved. No output may lie farther back, \
against the direction of its stretch, than any output for an earlier input of the stretch, by more floats than the budget allows (0 in f16 and \
bf16); a step that was counted is not counted again for the inputs after it. Between two inputs that follow each other and are in no common stretch, the \
outputs may step by as much in either direction; a larger step is held against the order of the real values, and counts as not looked at if they are not \
told apart. NaN outputs are left out.",
        measures: "floats back",
        passes: &[Pass::Forward],
    };

    fn new(cx: &Context<'_>) -> Self {
        let found = Found { budget: cx.budget.steps, unit: "floats stepped back", ..Found::default() };
        Self { found, ends: Ends::default(), stretch: 0, farthest: None, nearest: None }
    }

    fn point(&mut self, point: &Point, cx: &Context<'_>) {
        if !point.x.is_finite() {
            return self.found.exclude(NOT_A_NUMBER, point.weight);
        } else if point.y.is_nan() {
            return self.found.exclude(NAN, point.weight);
        }
        if let Some(last) = self.ends.push(point) {
            self.pair(&last, point, cx);
        }
        if point.weight > 1 {
            // their outputs are equal, so that none steps back
            self.found.compared += point.weight - 1;
            let input = cx.format.at_ordinal(cx.format.ordinal(point.input) + point.weight as i64 - 1);
            self.ends.push(&Point { input, x: cx.format.decode(input), weight: 1, ..*point });
        }
    }

    fn found(&mut self) -> &mut Found {
        &mut self.found
    }

    fn block(&mut self, block: &Block<'_>, cx: &Context<'_>) -> bool {
        if !block.finite() {
            return false;
        }
        let end = block.outputs.len() - 1;
        let before = self.ends.last();
        let from = before.map_or(block.x(0), |p| p.x);
        let stretch = match self.reach(from, cx) {
            // inputs ascend: the first stretch that does not end before this run begins after it, or there is none any more
            outside if outside.is_none_or(|s| s.lo >= block.x(end)) => {
                self.loose_block(block, cx);
                return true;
            }
            Some(stretch) if stretch.lo <= from && stretch.hi >= block.x(end) => stretch,
            // a run that a stretch ends or begins in
            _ => return false,
        };
        let rising = stretch.rising;
        if (if rising { block.shape.fall } else { block.shape.rise }) > 0.0 {
            return false;
        }
        let (first, last) = (block.point(0), block.point(end));
        self.found.compared += block.inputs() - u64::from(before.is_none());
        self.advance(&before.unwrap_or(first), &first, rising, cx);
        self.advance(&first, &last, rising, cx);
        self.ends.push(&first);
        self.ends.push(&last);
        true
    }

    fn join(&mut self, next: Self, cx: &Context<'_>) {
        let failed = self.found.failing;
        if let Some((a, b)) = self.ends.join(&next.ends) {
            self.pair(&a, &b, cx);
        }
        if let (Some(far), Some(near)) = (self.farthest, next.nearest)
            && far.stretch == near.stretch
            && let Some(stretch) = cx.stretches.get(far.stretch)
        {
            // all that follow in the stretch; what fails among themselves, or was the step to them, is counted
            let back = -Self::ahead(&far.point, &near.point, stretch.rising, cx);
            if self.found.failing == failed && next.found.failing == 0 {
                self.step(&far.point, &near.point, back, cx);
            }
        }
        self.nearest = match (self.nearest, next.nearest) {
            (Some(a), Some(b)) if a.stretch == b.stretch => {
                let rising = cx.stretches.get(a.stretch).is_some_and(|s| s.rising);
                Some(if Self::ahead(&a.point, &b.point, rising, cx) < 0.0 { b } else { a })
            }
            (a, b) => a.or(b),
        };
        self.farthest = match (self.farthest, next.farthest) {
            (Some(a), Some(b)) if a.stretch == b.stretch => {
                let rising = cx.stretches.get(a.stretch).is_some_and(|s| s.rising);
                Some(if Self::ahead(&a.point, &b.point, rising, cx) < 0.0 { a } else { b })
            }
            (a, b) => b.or(a),
        };
        self.found.absorb(next.found);
    }

    fn finish(self) -> Found {
        self.found
    }
}
