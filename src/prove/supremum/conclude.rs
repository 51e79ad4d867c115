//! The answer: where the supremum lies, how it is attained, and its exact value where there is one.

use super::driver::{Driver, infinity};
use super::{Attained, Place, Proof, Supremum, allowance, bits};
use crate::expr::Expr;
use crate::number::{Enclosure, MpI, Real};
use crate::prove::algebraic;
use crate::prove::halfline::TailMethod;
use crate::prove::objective::Edge;
use crate::prove::objective::exact_float;
use crate::prove::search::{Block, Leaf, Method};
use crate::prove::uniform::exactly_equal;
use rug::float::Round;
use rug::{Float, Rational};

/// More surviving leaves than this are not told apart.
const MAX_PLACES: usize = 64;
/// Of more surviving leaves than this the exact values are not asked for.
const MAX_EXACT: usize = 2_000;

impl Driver<'_> {
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
    pub(super) fn conclude(&self, alive: &[Proof]) -> Supremum {
        let mut answer = self.answer();
        answer.upper = alive.iter().map(|l| self.upper_of(l)).fold(self.best.clone(), |a, b| if b > a { b } else { a });
        // an unfinished search leaves very many, and their exact values would not help
        let exact = |l| if alive.len() > MAX_EXACT || self.deadline.passed() { None } else { self.exact_of(l) };
        let exact: Vec<Option<Exact>> = alive.iter().map(exact).collect();
        // leaves without an exact value of their own must not exceed the best exact one
        let top = exact.iter().flatten().map(|e| e.value.clone()).max().filter(|top| {
            let others = alive.iter().zip(&exact).filter(|(_, e)| e.is_none());
            // exact and interval arithmetic must tell the same story
            *top >= answer.lower && *top <= answer.upper && others.into_iter().all(|(l, _)| self.upper_of(l) <= *top)
        });
        if let Some(top) = top {
            answer.lower = Float::with_val_round(self.prec, &top, Round::Down).0;
            answer.upper = Float::with_val_round(self.prec, &top, Round::Up).0;
            let kept = alive.iter().zip(&exact).filter_map(|(l, e)| Some((l, e.as_ref().filter(|e| e.value == top)?)));
            let (leaves, points): (Vec<&Proof>, Vec<Option<String>>) = kept.map(|(l, e)| (l, e.at.clone())).unzip();
            answer.exact = Some(top);
            self.locate(&mut answer, &leaves, &points);
            return answer;
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
            answer.undecided = Some(match self.prec >= bits(self.goal.digits) {
                true => "the budget ran out before the enclosure was as narrow as asked for".into(),
                false => format!("so many digits take longer than the budget: {} bits were used", self.prec),
            });
        }
        answer
    }

    /// The exact supremum where every surviving leaf is concave around a root, and all values are the same.
    fn roots(&self, alive: &[Proof]) -> Option<(Expr, Vec<Option<String>>)> {
        if alive.len() > MAX_PLACES || self.deadline.passed() {
            return None;
        }
        let mut value: Option<Expr> = None;
        let mut points = vec![];
        for leaf in alive {
            let Proof::Box(Leaf { block, method: Method::Concave(_), .. }) = leaf else { return None };
            if self.objectives[block.objective].near.is_some() {
                return None;
            }
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
        if leaves.len() > MAX_PLACES {
            answer.places = self.crowd(leaves).into_iter().collect();
            answer.peak_limit = self.peak_limit(answer, leaves);
            return;
        }
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
        // where h is continuous an unfinished box attains its supremum; at the kink of f a slope need not
        let unfinished = leaves.iter().any(|l| match l {
            Proof::Box(Leaf { block, method: Method::Direct | Method::Mean, .. }) => {
                self.objectives[block.objective].may_jump()
            }
            _ => false,
        });
        answer.attained = match (sets, limits, places.len()) {
            (_, _, 0) => Attained::Unknown,
            _ if unfinished && !exactly => Attained::Unknown,
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
        answer.peak_limit = self.peak_limit(answer, leaves);
        answer.places = places;
    }

    /// The witness from below is a limit where that is all there is, or where no point comes as close.
    fn peak_limit(&self, answer: &Supremum, leaves: &[&Proof]) -> Option<(usize, bool)> {
        let short = self.peak.as_ref().is_none_or(|p| p.value < answer.lower);
        leaves.iter().find_map(|l| match l {
            Proof::Tail(t) if answer.attained == Attained::Asymptotic => Some((t.objective, !t.left)),
            Proof::Tail(t) if short && t.finite_limit().is_some_and(|l| l.lo() >= answer.lower) => {
                Some((t.objective, !t.left))
            }
            _ => None,
        })
    }

    /// One bracket around very many leaves, as an unfinished search leaves them.
    fn crowd(&self, leaves: &[&Proof]) -> Option<Place> {
        let boxes = leaves.iter().filter_map(|l| if let Proof::Box(l) = l { Some(&l.block) } else { None });
        let hull = boxes.map(|b| (b.lo.end.clone(), b.hi.end.clone())).reduce(|a, b| (a.0.min(&b.0), a.1.max(&b.1)));
        hull.map(|(lo, hi)| Place::Point { lo, hi, exact: None })
    }

    fn place_of(&self, leaf: &Proof, exact: Option<String>) -> Place {
        let i = match leaf {
            Proof::Piece(i) => *i,
            Proof::Tail(t) => t.objective,
            Proof::Box(l) => l.block.objective,
        };
        let place = self.place_in_variable(leaf, exact);
        let Some(near) = &self.objectives[i].near else { return place };
        let whole = match &place {
            Place::Point { lo, hi, .. } => near.place(self.prec, lo).hull(&near.place(self.prec, hi)),
            _ => near.place(self.prec, &infinity(self.prec)),
        };
        let exact = (!matches!(place, Place::Point { .. })).then(|| near.center.to_string());
        Place::Point { lo: whole.lo(), hi: whole.hi(), exact }
    }

    fn place_in_variable(&self, leaf: &Proof, exact: Option<String>) -> Place {
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
            let Some(m) = x.split_point().filter(|_| !self.deadline.passed()) else { break };
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
            Proof::Tail(t) => match t.method {
                TailMethod::Limit => Some(Exact { value: t.exact.clone()?, at: None }),
                TailMethod::Start => {
                    let at = exact_float(&t.end())?;
                    let value = self.objectives[t.objective].exact(0, &at)?;
                    Some(Exact { value, at: Some(at.to_string()) })
                }
                TailMethod::Remainder => None,
            },
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
                (false, _) => exact_float(&mark.end),
            }
        };
        let at = |x: Rational| {
            let value = match objective.exact(0, &x) {
                Some(value) => value,
                // a thin enclosure of one single number is that number
                None => {
                    let y = objective.view::<MpI>(&self.prec).value(&MpI::rational(&self.prec, &x));
                    (y.total() && y.lo() == y.hi()).then(|| exact_float(&y.lo())).flatten()?
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
                let c = exact_float(c)?;
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
