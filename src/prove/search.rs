//! Branch and bound for the supremum of several objectives at once, over any interval system.
//!
//! A box is *closed* when its supremum is known to lie at a known point (monotone, concave or convex there, or
//! constant), *dropped* when it cannot reach the best value found, and split otherwise. Nothing here rounds to nearest:
//! upper bounds come from enclosures over boxes, lower bounds from enclosures at points.

use super::deadline::Deadline;
use super::objective::{Objective, View};
use crate::number::Enclosure;
use rug::Float;
use rug::float::Special;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Why the bound of a leaf holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Method {
    /// enclosure over the box
    Direct,
    /// mean-value form around the given point
    Mean,
    /// h' >= 0: the value at the upper end
    Increasing,
    /// h' <= 0: the value at the lower end
    Decreasing,
    /// h'' <= 0: the tangent at the given point
    Concave(Float),
    /// h'' >= 0: the values at both ends
    Convex,
    /// h is constant
    Constant,
    /// the derivatives of h up to this order vanish at the lower (false) or upper edge, and the next one has the sign that
    /// makes h fall from there
    Flat(bool, usize),
}

/// A box end: a float, rounded outward if it stands for the edge of the piece.
#[derive(Clone, Debug)]
pub struct Mark<E> {
    /// the end of the box
    pub end: E,
    /// whether it stands for the edge of the objective's interval
    pub edge: bool,
}

/// A box of one objective.
#[derive(Clone, Debug)]
pub struct Block<E> {
    /// which objective
    pub objective: usize,
    /// lower end
    pub lo: Mark<E>,
    /// upper end
    pub hi: Mark<E>,
}

/// A box with a proved bound.
#[derive(Clone, Debug)]
pub struct Leaf<E> {
    /// where
    pub block: Block<E>,
    /// h <= bound there
    pub bound: E,
    /// why
    pub method: Method,
    /// whether splitting cannot help any more: the supremum of the box lies where `method` says
    pub closed: bool,
}

impl<E: PartialOrd> PartialEq for Leaf<E> {
    fn eq(&self, other: &Self) -> bool {
        self.bound == other.bound
    }
}
impl<E: PartialOrd> Eq for Leaf<E> {}
impl<E: PartialOrd> PartialOrd for Leaf<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E: PartialOrd> Ord for Leaf<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.partial_cmp(&other.bound).unwrap_or(Ordering::Equal)
    }
}

/// A point at which an objective has at least the best value.
#[derive(Clone, Debug)]
pub struct Peak<E> {
    /// which objective
    pub objective: usize,
    /// the point; for an edge, an enclosure of it
    pub at: (E, E),
    /// h is at least this there
    pub value: E,
    /// whether the point stands for the lower (false) or upper (true) edge
    pub edge: Option<bool>,
}

/// How much may be spent.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// boxes that may be examined
    pub boxes: usize,
    /// when the search stops
    pub deadline: Deadline,
}

/// A running search.
pub struct Search<'a, T: Enclosure> {
    cx: T::Context,
    prec: u32,
    deadline: Deadline,
    /// the two infinite ends
    infinite: (T::End, T::End),
    views: Vec<View<'a, T>>,
    open: BinaryHeap<Leaf<T::End>>,
    /// leaves that cannot be improved by splitting
    pub closed: Vec<Leaf<T::End>>,
    /// leaves that cannot hold the supremum
    pub dropped: Vec<Leaf<T::End>>,
    /// the best lower bound and its point
    pub best: Option<Peak<T::End>>,
    /// a lower bound of the supremum that was found elsewhere
    pub floor: Option<T::End>,
    /// boxes examined so far
    pub boxes: usize,
    /// whether some open box held points at which the objective is undefined
    pub undefined: bool,
}

impl<'a, T: Enclosure> Search<'a, T> {
    /// A search over these objectives; `prec` is the precision of point enclosures of edges.
    pub fn new(objectives: &'a [Objective], cx: &T::Context, prec: u32, deadline: Deadline) -> Self {
        let views = objectives.iter().map(|o| o.view(cx)).collect();
        let infinite = |s: Special| T::end_from_float(cx, &Float::with_val(53, s), s == Special::Infinity);
        Self {
            cx: cx.clone(),
            prec,
            deadline,
            infinite: (infinite(Special::NegInfinity), infinite(Special::Infinity)),
            views,
            open: BinaryHeap::new(),
            closed: vec![],
            dropped: vec![],
            best: None,
            floor: None,
            boxes: 0,
            undefined: false,
        }
    }

    fn thin(&self, end: &T::End) -> T {
        T::new(&self.cx, end, end)
    }

    /// The point for which a mark stands, as an enclosure.
    fn point(&self, view: usize, mark: &Mark<T::End>, upper: bool) -> T {
        let objective = self.views[view].objective;
        let edge = if upper { &objective.hi } else { &objective.lo };
        match mark.edge.then(|| self.views[view].edge(&self.cx, edge, self.prec)).flatten() {
            Some(x) => x,
            None => self.thin(&mark.end),
        }
    }

    /// Takes notice of an enclosure of h at a point.
    fn notice(&mut self, objective: usize, x: &T, value: &T, edge: Option<bool>) {
        let lower = value.lo();
        let better = self.best.as_ref().is_none_or(|b| lower > b.value);
        if value.total() && better {
            self.best = Some(Peak { objective, at: (x.lo(), x.hi()), value: lower, edge });
        }
    }

    /// Evaluates at a float inside the interval of an objective.
    pub fn sample(&mut self, objective: usize, end: &T::End) {
        let x = self.thin(end);
        let value = self.views[objective].value(&x);
        self.notice(objective, &x, &value, None);
    }

    fn at_mark(&mut self, block: &Block<T::End>, upper: bool) -> [T; 2] {
        let mark = if upper { &block.hi } else { &block.lo };
        let x = self.point(block.objective, mark, upper);
        let [h, d1] = self.views[block.objective].slope(&x);
        self.notice(block.objective, &x, &h, mark.edge.then_some(upper));
        [h, d1]
    }

    /// Adds a box to the search.
    pub fn push(&mut self, block: Block<T::End>) {
        let leaf = self.examine(block);
        self.file(leaf);
    }

    /// The best lower bound known.
    fn level(&self) -> Option<T::End> {
        match (self.best.as_ref().map(|b| &b.value), self.floor.as_ref()) {
            (Some(a), Some(b)) => Some(if a > b { a.clone() } else { b.clone() }),
            (a, b) => a.or(b).cloned(),
        }
    }

    /// Takes a box as it was bounded elsewhere.
    pub fn file(&mut self, leaf: Leaf<T::End>) {
        if self.level().is_some_and(|b| leaf.bound < b) {
            self.dropped.push(leaf);
        } else if leaf.closed {
            self.closed.push(leaf);
        } else {
            self.open.push(leaf);
        }
    }

    /// Bounds one box by every method, cheapest first.
    fn examine(&mut self, block: Block<T::End>) -> Leaf<T::End> {
        self.boxes += 1;
        let i = block.objective;
        let x = T::new(&self.cx, &block.lo.end, &block.hi.end);
        let [h, d1, d2] = self.views[i].curve(&x);
        let mut leaf = Leaf { bound: h.hi(), method: Method::Direct, closed: false, block };
        if !h.total() {
            // a bound of what is defined says nothing about the rest
            self.undefined = true;
            leaf.bound = self.infinite.1.clone();
            return leaf;
        }
        if let Some(m) = x.split_point() {
            let at = self.thin(&m);
            let value = self.views[i].value(&at);
            self.notice(i, &at, &value, None);
            if value.total() && (value.lo() <= self.infinite.0 || value.hi() >= self.infinite.1) {
                // the values are beyond the format: smaller boxes would not change that
                leaf.closed = true;
                return leaf;
            }
            if d1.total() {
                self.improve(&mut leaf, &value.add(&d1.mul(&x.sub(&at))), Method::Mean, false);
            }
        }
        if !d1.total() {
            return leaf;
        }
        let zero = T::int(&self.cx, 0);
        let (up, down) = (d1.lo() >= zero.lo(), d1.hi() <= zero.hi());
        if up || down {
            let method = match (up, down) {
                (true, true) => Method::Constant,
                (true, false) => Method::Increasing,
                _ => Method::Decreasing,
            };
            let block = leaf.block.clone();
            let [value, _] = self.at_mark(&block, up);
            self.improve(&mut leaf, &value, method, true);
        } else if d2.total() && d2.hi() <= zero.hi() {
            self.concave(&mut leaf, &x);
        } else if d2.total() && d2.lo() >= zero.lo() {
            let block = leaf.block.clone();
            let ([a, _], [b, _]) = (self.at_mark(&block, false), self.at_mark(&block, true));
            self.improve(&mut leaf, &a.max(&b), Method::Convex, true);
        }
        if !leaf.closed {
            self.flat(&mut leaf, &x);
        }
        leaf
    }

    /// h(e + t) = h(e) + t^m h^(m)(..)/m! at an edge e where lower derivatives vanish.
    fn flat(&mut self, leaf: &mut Leaf<T::End>, x: &T) {
        let block = leaf.block.clone();
        for upper in [false, true] {
            let mark = if upper { &block.hi } else { &block.lo };
            let Some(m) = mark.edge.then(|| self.views[block.objective].objective.flatness(upper)).flatten() else {
                continue;
            };
            let d = self.views[block.objective].derivative(x, m);
            let zero = T::int(&self.cx, 0);
            let falls = if upper && m % 2 == 1 { d.lo() >= zero.lo() } else { d.hi() <= zero.hi() };
            if d.total() && falls {
                let [value, _] = self.at_mark(&block, upper);
                return self.improve(leaf, &value, Method::Flat(upper, m - 1), true);
            }
        }
    }

    fn improve(&self, leaf: &mut Leaf<T::End>, value: &T, method: Method, closes: bool) {
        if value.total() && (closes || value.hi() < leaf.bound) {
            // a closing method says where the supremum is, also where it is a little wider than the direct bound
            leaf.bound = if value.hi() < leaf.bound { value.hi() } else { leaf.bound.clone() };
            leaf.method = method;
            leaf.closed = closes;
        }
    }

    /// h'' <= 0: a tangent near the maximiser bounds h on the whole box.
    fn concave(&mut self, leaf: &mut Leaf<T::End>, x: &T) {
        let block = leaf.block.clone();
        let i = block.objective;
        let zero = T::int(&self.cx, 0);
        let ([at_lo, slope_lo], [at_hi, slope_hi]) = (self.at_mark(&block, false), self.at_mark(&block, true));
        let (lo, hi) = (self.thin(&block.lo.end), self.thin(&block.hi.end));
        let ends = |c: &T| [lo.sub(c), hi.sub(c)];
        if slope_hi.total() && slope_hi.lo() >= zero.lo() {
            return self.improve(leaf, &at_hi, Method::Increasing, true);
        }
        if slope_lo.total() && slope_lo.hi() <= zero.hi() {
            return self.improve(leaf, &at_lo, Method::Decreasing, true);
        }
        // an edge whose slope is zero to within rounding may be the maximiser itself
        for (upper, value, slope) in [(true, &at_hi, &slope_hi), (false, &at_lo, &slope_lo)] {
            let mark = if upper { &block.hi } else { &block.lo };
            if mark.edge && slope.lo() <= zero.lo() && slope.hi() >= zero.hi() {
                if self.views[i].objective.flatness(upper) == Some(2) {
                    return self.improve(leaf, value, Method::Flat(upper, 1), true);
                }
                let c = self.point(i, mark, upper);
                let [a, b] = ends(&c).map(|w| slope.mul(&w));
                let bound = value.add(&a.max(&b).max(&zero));
                let method = Method::Concave(T::end_to_float(&c.lo()));
                return self.improve(leaf, &bound, method, true);
            }
        }
        let Some(c) = self.stationary(i, x) else { return };
        let [value, slope] = self.views[i].slope(&c);
        self.notice(i, &c, &value, None);
        let [a, b] = ends(&c).map(|w| slope.mul(&w));
        self.improve(leaf, &value.add(&a.max(&b)), Method::Concave(T::end_to_float(&c.lo())), true);
    }

    /// A float near the zero of h' in a box; zero itself is tried first, for many maximisers are there. Heuristic.
    fn stationary(&self, i: usize, x: &T) -> Option<T> {
        let zero = T::int(&self.cx, 0);
        if x.lo() < zero.lo() && x.hi() > zero.hi() {
            let [_, slope] = self.views[i].slope(&zero);
            if slope.lo() == zero.lo() && slope.hi() == zero.hi() {
                return Some(zero);
            }
        }
        let mut bracket = x.clone();
        let mut c = self.thin(&x.split_point()?);
        // bisection on the sign of h', with Newton's step whenever it stays inside
        for _ in 0..200 {
            if self.deadline.passed() {
                break;
            }
            let [_, d1, d2] = self.views[i].curve(&c);
            if d1.lo() > zero.lo() {
                bracket = T::new(&self.cx, &c.lo(), &bracket.hi());
            } else if d1.hi() < zero.hi() {
                bracket = T::new(&self.cx, &bracket.lo(), &c.hi());
            } else {
                break;
            }
            let newton = c.sub(&d1.div(&d2));
            let inside = newton.total() && newton.lo() > bracket.lo() && newton.hi() < bracket.hi();
            let next = if inside {
                let e = newton.split_point().unwrap_or_else(|| newton.lo());
                self.thin(&e)
            } else {
                match bracket.split_point() {
                    Some(m) => self.thin(&m),
                    None => break,
                }
            };
            if next.lo() == c.lo() {
                break;
            }
            c = next;
        }
        Some(c)
    }

    /// Searches until nothing open can exceed the best value by more than `slack(best)`, or the budget is spent.
    /// Gives back whether it came to an end.
    pub fn run(&mut self, slack: impl Fn(&T::End) -> T::End, budget: Budget) -> bool {
        let mut steps = 0u32;
        // f64 boxes are so quick that the clock would cost as much as some of them
        let stride = if self.prec > 64 { 1 } else { 16 };
        while let Some(leaf) = self.open.pop() {
            steps += 1;
            if self.level().is_some_and(|b| leaf.bound <= slack(&b)) {
                self.open.push(leaf);
                return true;
            }
            if self.boxes >= budget.boxes || steps.is_multiple_of(stride) && budget.deadline.passed() {
                self.open.push(leaf);
                return false;
            }
            let x = T::new(&self.cx, &leaf.block.lo.end, &leaf.block.hi.end);
            let Some(m) = x.split_point() else {
                // no float in between: this is as far as the format goes
                self.closed.push(leaf);
                continue;
            };
            let Block { objective, lo, hi } = leaf.block;
            let inner = Mark { end: m, edge: false };
            self.push(Block { objective, lo, hi: inner.clone() });
            self.push(Block { objective, lo: inner, hi });
        }
        true
    }

    /// All leaves that may still hold the supremum, and those that cannot.
    pub fn finish(mut self) -> Outcome<T::End> {
        let (best, level) = (self.best.clone(), self.level());
        let low = |l: &Leaf<T::End>| level.as_ref().is_some_and(|b| l.bound < *b);
        let (mut alive, mut dropped) = (vec![], std::mem::take(&mut self.dropped));
        for leaf in self.closed.into_iter().chain(self.open) {
            if low(&leaf) { dropped.push(leaf) } else { alive.push(leaf) }
        }
        Outcome { alive, dropped, best, boxes: self.boxes }
    }
}

/// What a search found.
pub struct Outcome<E> {
    /// leaves that may hold the supremum
    pub alive: Vec<Leaf<E>>,
    /// leaves that cannot
    pub dropped: Vec<Leaf<E>>,
    /// best lower bound
    pub best: Option<Peak<E>>,
    /// boxes examined
    pub boxes: usize,
}
