//! The certified supremum of several objectives: search in f64 intervals, finish in MPFR, exact where exact exists.

use super::algebraic;
use super::halfline::{self, HalfLine, TailMethod};
use super::objective::{Edge, Objective};
use super::pole;
use super::search::{Block, Budget, Leaf, Mark, Method, Peak, Search};
use super::uniform::exactly_equal;
use crate::expr::Expr;
use crate::number::{Enclosure, F64I, MpI, Real};
use rug::float::{Round, Special};
use rug::{Float, Rational};
use std::time::{Duration, Instant};

/// What is asked of a search.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// significant decimal digits to which lower and upper bound shall agree
    pub digits: u32,
    /// boxes that may be examined
    pub boxes: usize,
    /// time that may be spent
    pub time: Duration,
}

impl Default for Goal {
    fn default() -> Self {
        Self { digits: 15, boxes: 400_000, time: Duration::from_secs(60) }
    }
}

/// Where a supremum lies.
#[derive(Clone, Debug)]
pub enum Place {
    /// at one point of this bracket
    Point {
        /// lower end of the bracket
        lo: Float,
        /// upper end of the bracket
        hi: Float,
        /// the point itself, if it is known exactly
        exact: Option<String>,
    },
    /// on a whole interval (ends as text)
    Set(String, String),
    /// only in the limit at plus (true) or minus infinity
    Infinity(bool),
}

/// How a supremum is attained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attained {
    /// at one or several points
    Point,
    /// on an interval
    Set,
    /// in the limit only
    Asymptotic,
    /// several kinds of place remain within the width of the enclosure
    Unknown,
}

/// A half-line or a box with a bound: one leaf of the proof.
#[derive(Clone, Debug)]
pub enum Proof {
    /// a bounded box
    Box(Leaf<Float>),
    /// a half-line
    Tail(HalfLine),
    /// a whole piece on which the objective is constant
    Piece(usize),
}

/// The supremum of all objectives.
#[derive(Debug)]
pub struct Supremum {
    /// proved lower bound; infinite if unbounded
    pub lower: Float,
    /// proved upper bound; infinite if unbounded or nothing is known
    pub upper: Float,
    /// the supremum as an exact rational, where it is one and was proved so
    pub exact: Option<Rational>,
    /// the supremum as an exact expression, where the maximiser is a root that was proved exactly
    pub symbolic: Option<Expr>,
    /// where
    pub places: Vec<Place>,
    /// how
    pub attained: Attained,
    /// why the goal was not reached, if it was not
    pub undecided: Option<String>,
    /// the leaves of the proof, covering every objective's interval
    pub proof: Vec<Proof>,
    /// a point or limit at which the lower bound is reached
    pub peak: Option<Peak<Float>>,
    /// the lower bound is that of the limit of this objective, at plus (true) or minus infinity
    pub peak_limit: Option<(usize, bool)>,
    /// boxes examined
    pub boxes: usize,
    /// bits with which the last phase computed
    pub precision: u32,
}

fn infinity(prec: u32) -> Float {
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
            None => Float::with_val(prec, mark.end),
        };
        Mark { end, edge: mark.edge }
    };
    Block { objective: block.objective, lo: convert(&block.lo, false), hi: convert(&block.hi, true) }
}

fn leaf_to_float(objectives: &[Objective], leaf: &Leaf<f64>, prec: u32) -> Leaf<Float> {
    Leaf {
        block: block_to_float(objectives, &leaf.block, prec),
        bound: Float::with_val(prec, leaf.bound),
        method: leaf.method.clone(),
        closed: leaf.closed,
    }
}

/// The work in progress of one supremum.
struct Driver<'a> {
    objectives: &'a [Objective],
    goal: Goal,
    prec: u32,
    /// best lower bound so far, with its witness
    best: Float,
    tails: Vec<HalfLine>,
    constants: Vec<(usize, MpI, Option<Rational>)>,
    peak: Option<Peak<Float>>,
}

impl Driver<'_> {
    fn raise(&mut self, value: &Float) {
        if *value > self.best {
            self.best = value.clone();
        }
    }

    /// Objectives that are one number on their whole piece need no search.
    fn take_constants(&mut self) {
        for (i, objective) in self.objectives.iter().enumerate() {
            let Some(value) = objective.constant() else { continue };
            let exact = value.exact_rational();
            let enclosure = match &exact {
                Some(q) => MpI::rational(&self.prec, q),
                None => match crate::expr::Tape::compile(value) {
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
    fn pole(&self) -> Option<(usize, bool)> {
        for i in self.searched() {
            let objective = &self.objectives[i];
            for (edge, upper) in [(&objective.lo, false), (&objective.hi, true)] {
                let (Some(x), Edge::At { at, .. }) = (edge.enclosure(128), edge) else { continue };
                let value = objective.view::<MpI>(&128).value(&x);
                let regular = value.total() && value.lo().is_finite() && value.hi().is_finite();
                if !regular && pole::rises_without_bound(objective.symbolic(0), at, upper) {
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
    fn middle(&self, i: usize) -> Option<Block<f64>> {
        let objective = &self.objectives[i];
        let mark = |edge: &Edge, upper: bool| {
            if let Some(e) = edge.enclosure(64) {
                let end = if upper { e.hi().to_f64_round(Round::Up) } else { e.lo().to_f64_round(Round::Down) };
                return Some(Mark { end, edge: true });
            }
            let tail = self.tails.iter().find(|t| t.objective == i && t.left != upper)?;
            Some(Mark { end: tail.end().to_f64(), edge: false })
        };
        let (lo, hi) = (mark(&objective.lo, false)?, mark(&objective.hi, true)?);
        // a finite edge may lie beyond the half-line of the other side; then the half-line starts too early
        (lo.end <= hi.end).then_some(Block { objective: i, lo, hi })
    }
}

/// The slack in an enclosure of this size that the goal allows.
fn allowance(best: &Float, digits: u32) -> Float {
    let ten = Float::with_val(64, 10);
    let unit = rug::ops::Pow::pow(ten, -(digits as i32));
    let size = Float::with_val(64, best.abs_ref());
    if size.is_zero() || !size.is_finite() { unit } else { size * unit }
}

/// Encloses the supremum of all objectives over the union of their intervals.
///
/// Rigorous: `lower <= supremum <= upper` whatever the budget; `undecided` says why the goal was missed.
pub fn supremum(objectives: &[Objective], goal: Goal) -> Supremum {
    let prec = 64 + ((f64::from(goal.digits) + 4.0) * 3.322) as u32;
    let best = Float::with_val(prec, Special::NegInfinity);
    let mut driver = Driver { objectives, goal, prec, best, tails: vec![], constants: vec![], peak: None };
    driver.take_constants();
    match driver.pole() {
        Some((i, upper)) => driver.unbounded_at_edge(i, upper),
        None => driver.run(Instant::now() + goal.time),
    }
}

impl<'a> Driver<'a> {
    fn answer(&self) -> Supremum {
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

    fn unbounded_at_edge(&self, i: usize, upper: bool) -> Supremum {
        let edge = if upper { &self.objectives[i].hi } else { &self.objectives[i].lo };
        let place =
            edge.enclosure(self.prec).map(|e| Place::Point { lo: e.lo(), hi: e.hi(), exact: Some(edge.text(false)) });
        let lower = infinity(self.prec);
        Supremum { lower, places: place.into_iter().collect(), attained: Attained::Asymptotic, ..self.answer() }
    }

    fn unbounded_at_infinity(&self, i: usize, left: bool) -> Supremum {
        let lower = infinity(self.prec);
        let places = vec![Place::Infinity(!left)];
        Supremum { lower, places, peak_limit: Some((i, !left)), attained: Attained::Asymptotic, ..self.answer() }
    }

    fn run(&mut self, until: Instant) -> Supremum {
        let budget = Budget { boxes: self.goal.boxes, until: Some(until) };
        let mut coarse: Search<'a, F64I> = Search::new(self.objectives, &(), 64);
        self.sample(&mut coarse);
        // best lower bounds make tails easy, and tails say how far the boxes reach: a few rounds settle both
        let slack = allowance(&self.best, self.goal.digits + 1);
        for (i, left) in self.half_lines() {
            let tail = halfline::settle(&self.objectives[i], i, left, &self.best, &slack, None, self.prec);
            if tail.rises() {
                return self.unbounded_at_infinity(i, left);
            }
            self.accept(tail);
        }
        for i in self.searched() {
            if let Some(block) = self.middle(i) {
                coarse.push(block);
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
            let i = old.objective;
            let new =
                halfline::settle(&self.objectives[i], i, old.left, &self.best, &slack, Some(&old.from), self.prec);
            if new.bound >= old.bound {
                break;
            }
            let ends = [old.end().to_f64(), new.end().to_f64()];
            let mark = |end: f64| Mark { end, edge: false };
            let (lo, hi) = if old.left { (ends[1], ends[0]) } else { (ends[0], ends[1]) };
            coarse.push(Block { objective: i, lo: mark(lo), hi: mark(hi) });
            self.tails[at] = new;
            coarse.run(relative, budget);
        }
        self.refine(coarse, budget)
    }

    fn accept(&mut self, tail: HalfLine) {
        if let Some(limit) = tail.finite_limit() {
            self.raise(&limit.lo());
        }
        self.tails.push(tail);
    }

    /// The second phase: what survived, in MPFR intervals, with more bits until the goal is met.
    fn refine(&mut self, coarse: Search<'a, F64I>, budget: Budget) -> Supremum {
        let outcome = coarse.finish();
        if let Some(p) = &outcome.best {
            let value = Float::with_val(self.prec, p.value);
            self.raise(&value);
        }
        let prec = self.prec;
        let mut fine: Search<'a, MpI> = Search::new(self.objectives, &prec, prec);
        fine.best = outcome.best.as_ref().map(|p| Peak {
            objective: p.objective,
            at: (Float::with_val(prec, p.at.0), Float::with_val(prec, p.at.1)),
            value: Float::with_val(prec, p.value),
            edge: p.edge,
        });
        for leaf in &outcome.alive {
            fine.push(block_to_float(self.objectives, &leaf.block, prec));
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
        let mut alive: Vec<Proof> = fine.alive.into_iter().map(Proof::Box).collect();
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

    fn constant_of(&self, i: usize) -> Option<&(usize, MpI, Option<Rational>)> {
        self.constants.iter().find(|c| c.0 == i)
    }

    fn upper_of(&self, leaf: &Proof) -> Float {
        match leaf {
            Proof::Box(l) => l.bound.clone(),
            Proof::Tail(t) => t.bound.clone(),
            Proof::Piece(i) => self.constant_of(*i).map_or_else(|| infinity(self.prec), |c| c.1.hi()),
        }
    }

    /// Reads the answer off the leaves that may hold the supremum.
    fn conclude(&self, alive: &[Proof]) -> Supremum {
        let mut answer = self.answer();
        answer.upper = alive.iter().map(|l| self.upper_of(l)).fold(self.best.clone(), |a, b| if b > a { b } else { a });
        let exact: Vec<Option<Exact>> = alive.iter().map(|l| self.exact_of(l)).collect();
        if !exact.is_empty() && exact.iter().all(Option::is_some) {
            let values: Vec<&Exact> = exact.iter().flatten().collect();
            let top = values.iter().map(|e| &e.value).max();
            // exact and interval arithmetic must tell the same story
            if let Some(top) = top.filter(|t| **t >= answer.lower && **t <= answer.upper) {
                answer.lower = Float::with_val_round(self.prec, top, Round::Down).0;
                answer.upper = Float::with_val_round(self.prec, top, Round::Up).0;
                answer.exact = Some(top.clone());
                let kept = alive.iter().zip(&values).filter(|(_, e)| e.value == *top);
                let (leaves, points): (Vec<&Proof>, Vec<Option<String>>) = kept.map(|(l, e)| (l, e.at.clone())).unzip();
                self.locate(&mut answer, &leaves, &points);
                return answer;
            }
        }
        let leaves: Vec<&Proof> = alive.iter().collect();
        if let Some((value, points)) = self.roots(alive) {
            if let Some(q) = value.exact_rational() {
                answer.lower = Float::with_val_round(self.prec, &q, Round::Down).0;
                answer.upper = Float::with_val_round(self.prec, &q, Round::Up).0;
                answer.exact = Some(q);
            }
            answer.symbolic = Some(value);
            self.locate(&mut answer, &leaves, &points);
        } else {
            self.locate(&mut answer, &leaves, &vec![None; leaves.len()]);
        }
        let width = Float::with_val_round(self.prec, &answer.upper - &answer.lower, Round::Up).0;
        if !answer.upper.is_finite() {
            answer.undecided = Some("no finite upper bound was found".into());
        } else if width > allowance(&answer.lower, self.goal.digits) {
            answer.undecided = Some("the budget ran out before the enclosure was as narrow as asked for".into());
        }
        answer
    }

    /// The exact supremum where every surviving leaf is concave around a root, and all values are the same.
    fn roots(&self, alive: &[Proof]) -> Option<(Expr, Vec<Option<String>>)> {
        let mut value: Option<Expr> = None;
        let mut points = vec![];
        for leaf in alive {
            let Proof::Box(Leaf { block, method: Method::Concave(_), .. }) = leaf else { return None };
            let (lo, hi) = self.bracket(block);
            let whole = MpI::from_floats(self.prec, &block.lo.end, &block.hi.end);
            let bracket = MpI::from_floats(self.prec, &lo, &hi);
            let (at, h) = algebraic::stationary_root(&self.objectives[block.objective], &bracket, &whole)?;
            if value.as_ref().is_some_and(|v| exactly_equal(v, &h) != Some(true)) {
                return None;
            }
            value.get_or_insert(h);
            points.push(Some(at.to_string()));
        }
        Some((value?, points))
    }

    /// The places of the surviving leaves, neighbours merged.
    fn locate(&self, answer: &mut Supremum, leaves: &[&Proof], exact: &[Option<String>]) {
        let mut places: Vec<Place> = Vec::new();
        for (leaf, point) in leaves.iter().zip(exact) {
            let place = self.place_of(leaf, point.clone());
            let same = |other: &Place| match (other, &place) {
                (Place::Point { lo: a, hi: b, exact: e }, Place::Point { lo: c, hi: d, exact: f }) => {
                    (e.is_some() && e == f) || (a <= d && c <= b)
                }
                (Place::Infinity(a), Place::Infinity(b)) => a == b,
                (Place::Set(a, b), Place::Set(c, d)) => a == c && b == d,
                _ => false,
            };
            match places.iter_mut().find(|p| same(p)) {
                Some(Place::Point { lo, hi, exact }) => {
                    if let Place::Point { lo: a, hi: b, exact: e } = &place {
                        // the common part of two brackets of the same maximiser, or their hull if exactness decides
                        if exact.is_none() && e.is_some() {
                            (*lo, *hi, *exact) = (a.clone(), b.clone(), e.clone());
                        } else if exact.is_none() {
                            *lo = lo.clone().min(a);
                            *hi = hi.clone().max(b);
                        }
                    }
                }
                Some(_) => {}
                None => places.push(place),
            }
        }
        let count = |f: fn(&Place) -> bool| places.iter().filter(|p| f(p)).count();
        let sets = count(|p| matches!(p, Place::Set(..)));
        let limits = count(|p| matches!(p, Place::Infinity(_)));
        let exactly = answer.exact.is_some();
        answer.attained = match (sets, limits, places.len()) {
            (_, _, 0) => Attained::Unknown,
            (s, _, n) if s == n || (s > 0 && exactly) => Attained::Set,
            (_, l, n) if l == n => Attained::Asymptotic,
            (_, 0, _) => Attained::Point,
            (0, _, _) if exactly => Attained::Point,
            _ => Attained::Unknown,
        };
        // where an interval takes the value, its end points are not told apart; attained beats a limit
        if answer.attained == Attained::Set {
            places.retain(|p| matches!(p, Place::Set(..)));
        } else if answer.attained == Attained::Point {
            places.retain(|p| matches!(p, Place::Point { .. }));
        }
        answer.peak_limit = leaves.iter().find_map(|l| match l {
            Proof::Tail(t) if answer.attained == Attained::Asymptotic => Some((t.objective, !t.left)),
            _ => None,
        });
        answer.places = places;
    }

    fn place_of(&self, leaf: &Proof, exact: Option<String>) -> Place {
        match leaf {
            Proof::Piece(i) => {
                let o = &self.objectives[*i];
                Place::Set(o.lo.text(true), o.hi.text(false))
            }
            Proof::Tail(t) if t.method == TailMethod::Start => Place::Point { lo: t.end(), hi: t.end(), exact },
            Proof::Tail(t) => Place::Infinity(!t.left),
            Proof::Box(l) => self.place_in(l, exact),
        }
    }

    fn place_in(&self, leaf: &Leaf<Float>, exact: Option<String>) -> Place {
        let block = &leaf.block;
        let end = |upper: bool| {
            let (mark, objective) = (if upper { &block.hi } else { &block.lo }, &self.objectives[block.objective]);
            let edge = if upper { &objective.hi } else { &objective.lo };
            match mark.edge.then(|| edge.enclosure(self.prec)).flatten() {
                Some(e) => (e.lo(), e.hi()),
                None => (mark.end.clone(), mark.end.clone()),
            }
        };
        let point = |(lo, hi): (Float, Float), exact| Place::Point { lo, hi, exact };
        match &leaf.method {
            Method::Increasing | Method::Flat(true, _) => point(end(true), exact),
            Method::Decreasing | Method::Flat(false, _) => point(end(false), exact),
            Method::Concave(_) => point(self.bracket(block), exact),
            Method::Constant => Place::Set(end(false).0.to_string(), end(true).1.to_string()),
            _ => point((end(false).0, end(true).1), exact),
        }
    }

    /// Interval Newton on h' around the maximiser of a concave box.
    fn bracket(&self, block: &Block<Float>) -> (Float, Float) {
        let view = self.objectives[block.objective].view::<MpI>(&self.prec);
        let mut x = MpI::from_floats(self.prec, &block.lo.end, &block.hi.end);
        for _ in 0..60 {
            let Some(m) = x.split_point() else { break };
            let c = MpI::from_float(self.prec, &m);
            let (slope, curve) = (view.slope(&c)[1].clone(), view.curve(&x)[2].clone());
            if curve.hi() >= 0 {
                // not strictly concave up to the ends: halve on the sign of h'
                let keep = if slope.lo() > 0 {
                    (m, x.hi())
                } else if slope.hi() < 0 {
                    (x.lo(), m)
                } else {
                    break;
                };
                x = MpI::from_floats(self.prec, &keep.0, &keep.1);
                continue;
            }
            let newton = c.sub(&slope.div(&curve));
            match newton.intersect(&x) {
                Some(next) if next.width() < x.width() => x = next,
                _ => break,
            }
        }
        (x.lo(), x.hi())
    }

    /// The exact supremum of h on a leaf, where exact arithmetic gives it.
    fn exact_of(&self, leaf: &Proof) -> Option<Exact> {
        match leaf {
            Proof::Piece(i) => Some(Exact { value: self.constant_of(*i)?.2.clone()?, at: None }),
            Proof::Tail(t) => {
                let limit = t.finite_limit().filter(|l| t.method == TailMethod::Limit && l.lo() == l.hi())?;
                Some(Exact { value: limit.lo().to_rational()?, at: None })
            }
            Proof::Box(l) => self.exact_in(l),
        }
    }

    fn exact_in(&self, leaf: &Leaf<Float>) -> Option<Exact> {
        let objective = &self.objectives[leaf.block.objective];
        let end = |upper: bool| -> Option<Rational> {
            let (mark, edge) = if upper { (&leaf.block.hi, &objective.hi) } else { (&leaf.block.lo, &objective.lo) };
            match (mark.edge, edge) {
                (true, Edge::At { exact, .. }) => exact.clone(),
                (true, Edge::Infinite) => None,
                (false, _) => mark.end.to_rational(),
            }
        };
        let at = |x: Rational| {
            let value = match objective.exact(0, &x) {
                Some(value) => value,
                // a thin enclosure of one single number is that number
                None => {
                    let y = objective.view::<MpI>(&self.prec).value(&MpI::rational(&self.prec, &x));
                    (y.total() && y.lo() == y.hi()).then(|| y.lo().to_rational()).flatten()?
                }
            };
            Some(Exact { value, at: Some(x.to_string()) })
        };
        match &leaf.method {
            Method::Increasing | Method::Flat(true, _) => at(end(true)?),
            Method::Decreasing | Method::Flat(false, _) => at(end(false)?),
            Method::Constant => at(end(false)?).map(|e| Exact { at: None, ..e }),
            Method::Convex => {
                let (a, b) = (at(end(false)?)?, at(end(true)?)?);
                Some(if a.value > b.value { a } else { b })
            }
            Method::Concave(c) => {
                let (lo, hi) = (end(false), end(true));
                let slope = |x: &Rational| objective.exact(1, x);
                if let Some(x) = hi.filter(|x| slope(x).is_some_and(|s| s >= 0)) {
                    return at(x);
                }
                if let Some(x) = lo.filter(|x| slope(x).is_some_and(|s| s <= 0)) {
                    return at(x);
                }
                let c = c.to_rational()?;
                let thin = objective.view::<MpI>(&self.prec).slope(&MpI::rational(&self.prec, &c))[1].clone();
                let stationary =
                    slope(&c).is_some_and(|s| s == 0) || (thin.total() && thin.lo() == 0 && thin.hi() == 0);
                stationary.then(|| at(c)).flatten()
            }
            _ => None,
        }
    }
}

/// An exact supremum of a leaf and the point where it is taken, if that is one point.
struct Exact {
    value: Rational,
    at: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Tape, parse_expr};
    use crate::number::decimal::directed;

    /// sup of |d^order f| over [lo, hi], unbounded where an end is empty.
    fn find(f: &str, order: usize, (lo, hi): (&str, &str), goal: Goal) -> Supremum {
        let f = parse_expr(f).unwrap();
        let edge = |t: &str| if t.is_empty() { Edge::Infinite } else { Edge::at(parse_expr(t).unwrap()) };
        let objectives = [1, -1].map(|s| Objective::new(&f, (0, None), s, order, (edge(lo), edge(hi))).unwrap());
        supremum(&objectives, goal)
    }

    fn on_r(f: &str, order: usize, digits: u32) -> Supremum {
        find(f, order, ("", ""), Goal { digits, ..Goal::default() })
    }

    /// The enclosure is as narrow as asked for and holds the value of `truth`, computed by other means.
    fn check_value(f: &str, order: usize, truth: &str) {
        let expected = Tape::compile(&parse_expr(truth).unwrap()).unwrap().eval(&MpI::int(&400, 0));
        for digits in [14, 30, 50] {
            let s = on_r(f, order, digits);
            assert!(s.undecided.is_none(), "{f}: {:?}", s.undecided);
            assert!(s.lower <= expected.hi() && s.upper >= expected.lo(), "{f}: {} {}", s.lower, s.upper);
            let width = Float::with_val(64, &s.upper - &s.lower);
            assert!(width <= allowance(&s.lower, digits), "{f}: width {width}");
        }
    }

    fn check_exact(f: &str, order: usize, domain: (&str, &str), value: (i64, i64), attained: Attained) {
        let s = find(f, order, domain, Goal::default());
        assert_eq!(s.exact, Some(Rational::from(value)), "{f}: [{}, {}]", s.lower, s.upper);
        assert_eq!(s.attained, attained, "{f}: {:?}", s.places);
    }

    #[test]
    fn lipschitz_constants_on_all_of_r_to_fifty_digits() {
        check_value("x*normcdf(x)", 1, "normcdf(sqrt(2)) + sqrt(2)*normpdf(sqrt(2))");
        check_value("x^3/(1+x^2)", 1, "9/8");
        check_value("exp(-x^2)", 1, "sqrt(2)*exp(-1/2)");
        check_value("x*exp(-x^2/2)", 0, "exp(-1/2)");
    }

    #[test]
    fn exact_values_are_exact() {
        check_exact("tanh(x)", 1, ("", ""), (1, 1), Attained::Point);
        check_exact("sigmoid(x)", 1, ("", ""), (1, 4), Attained::Point);
        check_exact("softplus(x)", 1, ("", ""), (1, 1), Attained::Asymptotic);
        check_exact("3*x + 1", 1, ("", ""), (3, 1), Attained::Set);
        check_exact("(x + 1)^3*(3 - x)/16", 1, ("-1", "1"), (1, 1), Attained::Point);
        check_exact("(x + 1)^3*(3 - x)/16", 2, ("-1", "1"), (3, 4), Attained::Point);
        check_exact("x^2", 0, ("-1/3", "1/7"), (1, 9), Attained::Point);
    }

    #[test]
    fn maximisers_are_bracketed() {
        let s = on_r("x*normcdf(x)", 1, 30);
        let [Place::Point { lo, hi, .. }] = &s.places[..] else { panic!("{:?}", s.places) };
        let root = Float::with_val(300, 2).sqrt();
        assert!(*lo <= root && *hi >= root);
        assert_eq!(directed(lo, 25, false), "1.414213562373095048801688");
    }

    #[test]
    fn what_is_unbounded_is_said_to_be() {
        for (f, order, domain) in [
            ("sqrt(x)", 1, ("0", "1")),
            ("1/x", 0, ("0", "")),
            ("x^2", 1, ("", "")),
            ("x^3/(1+x^2)", 0, ("", "")),
            ("x^(1/3)", 1, ("0", "")),
        ] {
            let s = find(f, order, domain, Goal::default());
            assert!(s.lower.is_infinite() && s.undecided.is_none(), "{f}: {} {:?}", s.lower, s.undecided);
        }
    }

    #[test]
    fn a_spent_budget_is_undecided_and_still_an_enclosure() {
        let goal = Goal { boxes: 3, ..Goal::default() };
        let s = find("x^3/(1+x^2)", 1, ("", ""), goal);
        assert!(s.undecided.is_some());
        assert!(s.lower <= 1.125 && s.upper >= 1.125);
        let wild = find("sin(exp(x))", 0, ("0", "30"), Goal { boxes: 200, ..Goal::default() });
        assert!(wild.lower <= 1 && wild.upper >= 1);
    }

    #[test]
    fn undefined_places_are_never_passed_over() {
        let s = find("log(x)", 0, ("-1", "1"), Goal { boxes: 2000, ..Goal::default() });
        assert!(s.undecided.is_some(), "[{}, {}]", s.lower, s.upper);
    }

    #[test]
    fn kinks_that_cannot_be_split_are_still_enclosed() {
        // f' is 2x up to the kink at 1, then 1: the supremum 2 is a limit from the left
        let s = find("min(x^2, x)", 1, ("1/2", "2"), Goal { digits: 12, ..Goal::default() });
        assert!(s.lower <= 2 && s.upper >= 2 && s.upper < 2.000001, "[{}, {}]", s.lower, s.upper);
        let s = find("abs(x^2 - 2)", 1, ("1", "2"), Goal { digits: 12, ..Goal::default() });
        assert!(s.lower <= 4 && s.upper >= 4 && s.upper < 4.000001, "[{}, {}]", s.lower, s.upper);
    }

    #[test]
    fn flat_edges_are_exact() {
        check_exact("-(x + 1/3)^3*(1 - x)", 0, ("-1/3", "1/2"), (125, 432), Attained::Point);
        check_exact("(x + 1)^3*(3 - x)/16", 1, ("-1", "1"), (1, 1), Attained::Point);
    }

    #[test]
    fn flat_maxima_end() {
        let s = find("1 - x^4", 0, ("-1/2", "2/3"), Goal::default());
        assert!(s.lower <= 1 && s.upper >= 1);
        let s = find("exp(-x^4)*(1 - (x-1/7)^6)", 0, ("-1", "1"), Goal { boxes: 20_000, ..Goal::default() });
        assert!(s.upper >= s.lower);
    }
}
