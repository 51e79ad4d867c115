//! The search: constants, poles, half-lines, then boxes in f64 intervals, then what survived in MPFR.

use super::{Attained, Goal, Place, Proof, Supremum, allowance};
use crate::number::{Enclosure, F64I, MpI, Real};
use crate::prove::deadline::Deadline;
use crate::prove::halfline::{HalfLine, TailMethod, Task};
use crate::prove::objective::{Edge, Objective};
use crate::prove::pole;
use crate::prove::search::{Block, Budget, Leaf, Mark, Peak, Search};
use rug::float::{Round, Special};
use rug::{Float, Rational};

pub(super) fn infinity(prec: u32) -> Float {
    Float::with_val(prec, Special::Infinity)
}

fn block_to_float(objectives: &[Objective], block: &Block<f64>, prec: u32) -> Block<Float> {
    let convert = |mark: &Mark<f64>, upper: bool| {
        let objective = &objectives[block.objective];
        let edge = if upper { &objective.hi } else { &objective.lo };
        let end = match mark.edge.then(|| edge.enclosure(prec)).flatten() {
            Some(e) => {
                if upper {
                    e.hi()
                } else {
                    e.lo()
                }
            }
            None => Float::with_val(53, mark.end),
        };
        Mark { end, edge: mark.edge }
    };
    Block { objective: block.objective, lo: convert(&block.lo, false), hi: convert(&block.hi, true) }
}

fn leaf_to_float(objectives: &[Objective], leaf: &Leaf<f64>, prec: u32) -> Leaf<Float> {
    // a leaf that is not looked at again needs the 53 bits that it has
    Leaf {
        block: block_to_float(objectives, &leaf.block, prec),
        bound: Float::with_val(53, leaf.bound),
        method: leaf.method.clone(),
        closed: leaf.closed,
    }
}

/// The work in progress of one supremum.
pub(super) struct Driver<'a> {
    pub(super) objectives: &'a [Objective],
    pub(super) goal: Goal,
    pub(super) prec: u32,
    pub(super) deadline: Deadline,
    /// best lower bound so far, with its witness
    pub(super) best: Float,
    pub(super) tails: Vec<HalfLine>,
    pub(super) constants: Vec<(usize, MpI, Option<Rational>)>,
    pub(super) peak: Option<Peak<Float>>,
}

impl Driver<'_> {
    fn raise(&mut self, value: &Float) {
        if *value > self.best {
            self.best = value.clone();
        }
    }

    /// Objectives that are one number on their whole piece need no search.
    pub(super) fn take_constants(&mut self) {
        for (i, objective) in self.objectives.iter().enumerate() {
            let Some(value) = objective.constant() else { continue };
            let exact = value.exact_rational();
            let enclosure = match &exact {
                Some(q) => MpI::rational(&self.prec, q),
                None => match crate::number::Tape::compile(value) {
                    Ok(tape) => tape.eval(&MpI::int(&self.prec, 0)),
                    Err(_) => continue,
                },
            };
            if enclosure.total() {
                self.constants.push((i, enclosure, exact));
            }
        }
        for (_, value, _) in self.constants.clone() {
            self.raise(&value.lo());
        }
    }

    fn is_constant(&self, i: usize) -> bool {
        self.constants.iter().any(|c| c.0 == i)
    }

    fn searched(&self) -> Vec<usize> {
        (0..self.objectives.len()).filter(|i| !self.is_constant(*i)).collect()
    }

    /// An edge at which an objective rises without bound, if there is one.
    pub(super) fn pole(&self) -> Option<(usize, bool)> {
        for i in self.searched() {
            let objective = &self.objectives[i];
            for (edge, upper) in [(&objective.lo, false), (&objective.hi, true)] {
                let (Some(x), Edge::At { at, .. }) = (edge.enclosure(128), edge) else { continue };
                let value = objective.view::<MpI>(&128).value(&x);
                let regular = value.total() && value.lo().is_finite() && value.hi().is_finite();
                let rises = |h| pole::rises_without_bound(h, at, upper);
                if !regular && objective.symbolic(0).is_some_and(rises) {
                    return Some((i, upper));
                }
            }
        }
        None
    }

    /// Cheap first lower bounds, so that tails can be dismissed at once.
    fn sample(&mut self, search: &mut Search<'_, F64I>) {
        for i in self.searched() {
            let objective = &self.objectives[i];
            let ends = [&objective.lo, &objective.hi].map(|e| e.enclosure(64));
            let lo = ends[0].as_ref().map_or(f64::NEG_INFINITY, |e| e.hi().to_f64_round(Round::Up));
            let hi = ends[1].as_ref().map_or(f64::INFINITY, |e| e.lo().to_f64_round(Round::Down));
            let scale = (-6..=6).map(|k| 2f64.powi(k));
            let around = |c: f64| scale.clone().flat_map(move |s| [c - s, c + s]).chain([c]);
            let anchor = if lo.is_finite() {
                lo
            } else if hi.is_finite() {
                hi
            } else {
                0.0
            };
            for x in around(anchor).filter(|x| (lo..=hi).contains(x)) {
                search.sample(i, &x);
            }
        }
        if let Some(peak) = &search.best {
            let value = Float::with_val(self.prec, peak.value);
            self.raise(&value);
        }
    }

    /// The half-lines of an objective, as (objective, left).
    fn half_lines(&self) -> Vec<(usize, bool)> {
        let infinite = |i: &usize| {
            let o = &self.objectives[*i];
            [(o.lo == Edge::Infinite).then_some((*i, true)), (o.hi == Edge::Infinite).then_some((*i, false))]
        };
        self.searched().iter().flat_map(infinite).flatten().collect()
    }

    fn tail_open(&self, tail: &HalfLine, slack: &Float) -> bool {
        tail.method == TailMethod::Remainder
            && Float::with_val_round(self.prec, &tail.bound - &self.best, Round::Up).0 > *slack
    }

    /// The box from the edge, or from the half-line, to the other.
    fn middle(&self, i: usize) -> Option<Block<Float>> {
        let objective = &self.objectives[i];
        let mark = |edge: &Edge, upper: bool| {
            if let Some(e) = edge.enclosure(64) {
                return Some(Mark { end: if upper { e.hi() } else { e.lo() }, edge: true });
            }
            let tail = self.tails.iter().find(|t| t.objective == i && t.left != upper)?;
            Some(Mark { end: tail.end(), edge: false })
        };
        let (lo, hi) = (mark(&objective.lo, false)?, mark(&objective.hi, true)?);
        // a half-line may begin at the edge itself
        (lo.end < hi.end).then_some(Block { objective: i, lo, hi })
    }

    fn task(&self, index: usize, left: bool, deadline: Deadline) -> Task<'_> {
        Task { objective: &self.objectives[index], index, left, prec: self.prec, deadline }
    }
}

/// A block in f64, where its ends that stand for no edge are numbers of f64.
fn block_to_f64(block: &Block<Float>) -> Option<Block<f64>> {
    let mark = |mark: &Mark<Float>, round: Round| {
        let end = mark.end.to_f64_round(round);
        (mark.edge || end.is_finite() && end == mark.end).then_some(Mark { end, edge: mark.edge })
    };
    let (lo, hi) = (mark(&block.lo, Round::Down)?, mark(&block.hi, Round::Up)?);
    Some(Block { objective: block.objective, lo, hi })
}

impl<'a> Driver<'a> {
    pub(super) fn answer(&self) -> Supremum {
        Supremum {
            lower: self.best.clone(),
            upper: infinity(self.prec),
            exact: None,
            symbolic: None,
            places: vec![],
            attained: Attained::Unknown,
            undecided: None,
            proof: vec![],
            peak: self.peak.clone(),
            peak_limit: None,
            boxes: 0,
            precision: self.prec,
        }
    }

    pub(super) fn unbounded_at_edge(&self, i: usize, upper: bool) -> Supremum {
        let edge = if upper { &self.objectives[i].hi } else { &self.objectives[i].lo };
        let place =
            edge.enclosure(self.prec).map(|e| Place::Point { lo: e.lo(), hi: e.hi(), exact: Some(edge.text(false)) });
        let lower = infinity(self.prec);
        Supremum { lower, places: place.into_iter().collect(), attained: Attained::Asymptotic, ..self.answer() }
    }

    fn unbounded_at_infinity(&self, i: usize, left: bool) -> Supremum {
        let lower = infinity(self.prec);
        let places = vec![self.objectives[i].limit_place(!left, self.prec)];
        Supremum { lower, places, peak_limit: Some((i, !left)), attained: Attained::Asymptotic, ..self.answer() }
    }

    pub(super) fn run(&mut self) -> Supremum {
        // what comes after the search takes some of the time
        let deadline = self.deadline.but(8);
        let budget = Budget { boxes: self.goal.boxes, deadline };
        let mut coarse: Search<'a, F64I> = Search::new(self.objectives, &(), 64, deadline);
        self.sample(&mut coarse);
        // best lower bounds make tails easy, and tails say how far the boxes reach: a few rounds settle both
        let slack = allowance(&self.best, self.goal.digits + 1);
        for (i, left) in self.half_lines() {
            let tail = self.task(i, left, deadline).climb(&self.best, &slack, None);
            if tail.rises() {
                return self.unbounded_at_infinity(i, left);
            }
            self.accept(tail);
        }
        coarse.floor = Some(self.best.to_f64_round(Round::Down));
        let mut huge = vec![];
        for block in self.searched().into_iter().filter_map(|i| self.middle(i)) {
            match block_to_f64(&block) {
                Some(block) => coarse.push(block),
                None => huge.push(block),
            }
        }
        let relative = |b: &f64| b + b.abs().max(f64::MIN_POSITIVE) * 2f64.powi(-46);
        coarse.run(relative, budget);
        for _ in 0..3 {
            if let Some(p) = &coarse.best {
                let value = Float::with_val(self.prec, p.value);
                self.raise(&value);
            }
            let slack = allowance(&self.best, self.goal.digits + 1);
            let Some(at) = (0..self.tails.len()).find(|t| self.tail_open(&self.tails[*t], &slack)) else { break };
            let old = self.tails[at].clone();
            let (i, left) = (old.objective, old.left);
            let new = self.task(i, left, deadline).climb(&self.best, &slack, Some(&old.from));
            if new.bound >= old.bound {
                break;
            }
            let mark = |tail: &HalfLine| Mark { end: tail.end(), edge: false };
            let (lo, hi) = if left { (mark(&new), mark(&old)) } else { (mark(&old), mark(&new)) };
            let Some(block) = block_to_f64(&Block { objective: i, lo, hi }) else { break };
            coarse.push(block);
            self.accept(new);
            self.tails.swap_remove(at);
            coarse.run(relative, budget);
        }
        self.refine(coarse, huge, budget)
    }

    fn accept(&mut self, tail: HalfLine) {
        if let Some(limit) = tail.finite_limit() {
            self.raise(&limit.lo());
        } else if tail.method == TailMethod::Start {
            let at = MpI::from_float(self.prec, &tail.end());
            let value = self.objectives[tail.objective].view::<MpI>(&self.prec).value(&at);
            if value.total() {
                self.raise(&value.lo());
            }
        }
        self.tails.push(tail);
    }

    /// The second phase: what survived, in MPFR intervals, with more bits until the goal is met.
    fn refine(&mut self, coarse: Search<'a, F64I>, huge: Vec<Block<Float>>, budget: Budget) -> Supremum {
        let outcome = coarse.finish();
        if let Some(p) = &outcome.best {
            let value = Float::with_val(self.prec, p.value);
            self.raise(&value);
        }
        let prec = self.prec;
        let mut fine: Search<'a, MpI> = Search::new(self.objectives, &prec, prec, budget.deadline);
        fine.best = outcome.best.as_ref().map(|p| Peak {
            objective: p.objective,
            at: (Float::with_val(prec, p.at.0), Float::with_val(prec, p.at.1)),
            value: Float::with_val(prec, p.value),
            edge: p.edge,
        });
        fine.floor = Some(self.best.clone());
        for tail in self.tails.iter().filter(|t| t.method == TailMethod::Start && t.bound >= self.best) {
            fine.sample(tail.objective, &tail.end());
        }
        for block in huge {
            fine.push(block);
        }
        for leaf in &outcome.alive {
            if budget.deadline.passed() {
                fine.file(leaf_to_float(self.objectives, leaf, prec));
            } else {
                fine.push(block_to_float(self.objectives, &leaf.block, prec));
            }
        }
        let spare = Budget { boxes: budget.boxes.saturating_sub(outcome.boxes), ..budget };
        let digits = self.goal.digits;
        let finished = fine.run(|b| Float::with_val_round(prec, b + allowance(b, digits + 1), Round::Down).0, spare);
        let undefined = fine.undefined && !finished;
        let fine = fine.finish();
        if let Some(p) = &fine.best {
            self.raise(&p.value);
            self.peak = Some(p.clone());
        }
        let dropped = outcome.dropped.iter().map(|l| leaf_to_float(self.objectives, l, prec));
        let mut proof: Vec<Proof> = dropped.chain(fine.dropped).map(Proof::Box).collect();
        let (alive, late): (Vec<_>, Vec<_>) = fine.alive.into_iter().partition(|l| l.bound >= self.best);
        proof.extend(late.into_iter().map(Proof::Box));
        let mut alive: Vec<Proof> = alive.into_iter().map(Proof::Box).collect();
        for tail in std::mem::take(&mut self.tails) {
            if tail.bound < self.best { proof.push(Proof::Tail(tail)) } else { alive.push(Proof::Tail(tail)) }
        }
        for (i, value, _) in &self.constants {
            let leaf = Proof::Piece(*i);
            if value.hi() < self.best { proof.push(leaf) } else { alive.push(leaf) }
        }
        let mut answer = self.conclude(&alive);
        answer.boxes = outcome.boxes + fine.boxes;
        if answer.undecided.is_some() && undefined {
            answer.undecided = Some("the expression is undefined somewhere in its piece".into());
        }
        proof.extend(alive);
        answer.proof = proof;
        answer
    }
}
