//! One junction: exact one-sided derivatives of both sides, order by order, until they differ.

use super::analytic;
use super::region::Region;
use crate::expr::{Expr, Func, Node};
use crate::number::Tape;
use crate::number::exact::{Assumptions, Exact, Limit, Series, interpret};
use crate::number::{Enclosure, Jet, MpI, Real};
use std::sync::Arc;

/// The highest order of derivatives that is compared.
pub(super) const MAX_ORDER: usize = 24;

/// How two sides meet.
#[derive(Clone, Debug)]
pub(super) enum Meeting {
    /// one analytic function on both sides and at the point: there is no junction in the mathematics
    Removable,
    /// equal derivatives up to this order (-1: not even the values), and different ones at the next
    Differ { order: i32, jump: Jump },
    /// equal derivatives of all orders that are compared, and a part that decreases faster than any power
    Flat,
    /// equal derivatives up to this order, and no decision beyond
    Undecided { at_least: i32, reason: String, next: Option<Exact> },
}

/// The difference right minus left at the first order at which the sides differ.
#[derive(Clone, Debug)]
pub(super) enum Jump {
    /// an exact value, without zero in the parameters' domain; value minus limit where the sides have the same limit
    Exact(Exact),
    /// known only by enclosure
    Enclosed(MpI),
    /// one of the one-sided derivatives is infinite
    Infinite,
}

/// What meets at a point: the expressions left and right, and the one that gives the value there.
#[derive(Clone)]
pub(super) struct Sides {
    pub left: Expr,
    pub right: Expr,
    pub own: Expr,
}

impl Sides {
    /// Less the terms of one side that are analytic at the point: often only a power is left on the other one.
    fn relative(self, at: &Exact, cx: &Arc<Assumptions>) -> Self {
        let point = Region::point(at, cx);
        let smooth = |e: &Expr| analytic::resolved(e, &point).is_ok_and(|r| r == *e);
        let base = [&self.left, &self.right]
            .into_iter()
            .find_map(|e| summands(e).into_iter().filter(smooth).reduce(|a, b| a + b));
        let Some(base) = base else { return self };
        let less = |e: &Expr| (e.clone() - base.clone()).simplified();
        Self { left: less(&self.left), right: less(&self.right), own: less(&self.own) }
    }
}

/// The terms of a sum.
fn summands(e: &Expr) -> Vec<Expr> {
    let minus = |e: &Expr| summands(e).into_iter().map(|e| -e).collect::<Vec<_>>();
    match e.node() {
        Node::Add(a, b) => [summands(a), summands(b)].concat(),
        Node::Sub(a, b) => [summands(a), minus(b)].concat(),
        Node::Neg(a) => minus(a),
        _ => vec![e.clone()],
    }
}

/// Compares the two sides at a point, for all values of the symbols in `cx`.
pub(super) fn compare(sides: Sides, at: &Exact, cx: &Arc<Assumptions>) -> Meeting {
    let sides = &sides.relative(at, cx);
    if same_function(sides, at, cx) {
        return Meeting::Removable;
    }
    let mut meeting = Meeting::Undecided { at_least: -1, reason: String::new(), next: None };
    let roots = (ramification(&sides.left, at), ramification(&sides.right, at));
    for d in if roots == (1, 1) { vec![(1, 1)] } else { vec![(1, 1), roots] } {
        // low orders first: most junctions are rough, and long expansions are expensive
        for limit in [3, 9, MAX_ORDER] {
            meeting = expand(sides, at, cx, d, limit);
            match &meeting {
                Meeting::Undecided { at_least, .. } if *at_least == limit as i32 => {}
                Meeting::Flat => {}
                _ => break,
            }
        }
        if !matches!(meeting, Meeting::Undecided { at_least, .. } if at_least < MAX_ORDER as i32) {
            break;
        }
    }
    match meeting {
        Meeting::Undecided { at_least, reason, next } => {
            by_enclosure(sides, at, at_least).unwrap_or(Meeting::Undecided { at_least, reason, next })
        }
        decided => decided,
    }
}

/// Both sides are the same expression of `x`, and it is analytic at the point.
fn same_function(sides: &Sides, at: &Exact, cx: &Arc<Assumptions>) -> bool {
    let point = Region::point(at, cx);
    let (Ok(left), Ok(right)) = (analytic::resolved(&sides.left, &point), analytic::resolved(&sides.right, &point))
    else {
        return false;
    };
    let generic = Arc::new(cx.as_ref().clone().into_generic());
    let x = Exact::symbol(&generic, "x");
    let value = |e: &Expr| Exact::eval(&generic, e, &x);
    // the branch of an absolute value at the point need not be the one beside it, so nothing may have been resolved
    left == sides.left
        && right == sides.right
        && value(&left).sub(&value(&right)).is_zero()
        && Exact::eval(cx, &sides.own, at).sub(&Exact::eval(cx, &left, at)).is_zero()
}

/// The common denominator of the roots in an expression that vanish at a point: with `x = c + t^d` they become powers.
fn ramification(e: &Expr, at: &Exact) -> usize {
    let vanishes = |u: &Expr| {
        let value = Exact::eval(&at.context(), u, at);
        value.is_zero() || value.is_unknown()
    };
    let own = match e.node() {
        Node::Call(Func::Sqrt, u) if vanishes(u) => 2,
        Node::Pow(u, q) => match q.exact_rational().filter(|q| *q.denom() != 1) {
            Some(q) if vanishes(u) => q.denom().to_usize().unwrap_or(1),
            _ => 1,
        },
        _ => 1,
    };
    let inside = e.children().into_iter().map(|c| ramification(c, at)).fold(1, |a, b| a * b / gcd(a, b));
    (own * inside).min(24)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn expand(sides: &Sides, at: &Exact, cx: &Arc<Assumptions>, d: (usize, usize), limit: usize) -> Meeting {
    // some coefficients are lost where leading ones cancel
    let side = |e: &Expr, right: bool, d: usize| series(e, at, cx, right, d, (limit + 4) * d);
    let (left, right) = (side(&sides.left, false, d.0), side(&sides.right, true, d.1));
    let undecided = |at_least: i32, reason: String, next: Option<Exact>| Meeting::Undecided { at_least, reason, next };
    for k in 0..=limit {
        let before = k as i32 - 1;
        let (l, r) = match (left.derivative(k, false, d.0), right.derivative(k, true, d.1)) {
            (Limit::Unknown, _) | (_, Limit::Unknown) => {
                return undecided(
                    before,
                    format!("the one-sided derivatives of order {k} are not known exactly"),
                    None,
                );
            }
            (Limit::Finite(l), Limit::Finite(r)) => (l, r),
            // with the same infinite slope on both sides there is still no derivative
            _ => return Meeting::Differ { order: before, jump: Jump::Infinite },
        };
        let mut difference = r.sub(&l);
        if k == 0 && difference.is_zero() {
            // the value at the point itself, which belongs to one of the pieces
            let own = Exact::eval(cx, &sides.own, at);
            if own.is_unknown() {
                return undecided(before, "the value at the point itself is not known exactly".into(), None);
            }
            difference = own.sub(&l);
        }
        if difference.is_zero() {
            continue;
        }
        if difference.sign().is_nonzero() {
            return Meeting::Differ { order: before, jump: Jump::Exact(difference) };
        }
        let text = difference.to_expr().map_or_else(|| "it".into(), |e| format!("`{e}`"));
        let reason = format!("{text} is not shown to be zero, nor to have no zero");
        return undecided(before, reason, Some(difference));
    }
    if left.is_flat() || right.is_flat() {
        return Meeting::Flat;
    }
    undecided(limit as i32, format!("equal up to order {limit}, where the comparison ends"), None)
}

fn series(e: &Expr, at: &Exact, cx: &Arc<Assumptions>, right: bool, ramification: usize, terms: usize) -> Series {
    let x = Series::beside(at, right, ramification, terms);
    let param = |name: &str| Series::constant(Exact::symbol(cx, name), terms);
    interpret(e, &(Arc::clone(cx), terms), &x, &param)
}

/// The first `count` one-sided derivatives, where all of them are finite and known.
pub(crate) fn one_sided(e: &Expr, at: &Exact, cx: &Arc<Assumptions>, right: bool, count: usize) -> Option<Vec<Exact>> {
    let expansion = series(e, at, cx, right, 1, count + 4);
    (0..count)
        .map(|k| match expansion.derivative(k, right, 1) {
            Limit::Finite(v) => Some(v),
            _ => None,
        })
        .collect()
}

/// A difference of the derivatives of the first undecided order, if an enclosure excludes zero.
fn by_enclosure(sides: &Sides, at: &Exact, at_least: i32) -> Option<Meeting> {
    const PRECISION: u32 = 512;
    let k = usize::try_from(at_least + 1).ok().filter(|k| *k <= MAX_ORDER)?;
    let c = at.enclosure(PRECISION)?;
    let value = |e: &Expr| {
        let jet = Tape::compile(e).ok()?.eval(&Jet::variable(c.clone(), k));
        jet.c.iter().all(Enclosure::total).then(|| jet.derivative(k))
    };
    // only where both formulas are analytic at the point are these the one-sided derivatives
    let point = Region::point(at, &at.context());
    analytic::resolved(&sides.left, &point).ok()?;
    analytic::resolved(&sides.right, &point).ok()?;
    let jump = value(&sides.right)?.sub(&value(&sides.left)?);
    let strict = jump.lo() > 0 || jump.hi() < 0;
    strict.then_some(Meeting::Differ { order: at_least, jump: Jump::Enclosed(jump) })
}
