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

/// Why the derivative of the first order at which the sides differ is not continuous.
#[derive(Clone, Debug)]
pub(super) enum Jump {
    /// its limits left and right; `None` is infinite
    Sides(Option<Exact>, Option<Exact>),
    /// both sides have this limit, and the function another value at the point
    Value { limit: Exact, value: Exact },
    /// right minus left, known only by enclosure
    Enclosed(MpI),
}

/// What meets at a point: the expressions left and right, and the one that gives the value there.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub left: &'a Expr,
    pub right: &'a Expr,
    pub own: &'a Expr,
}

/// Compares the two sides at a point, for all values of the symbols in `cx`.
pub(super) fn compare(sides: Sides<'_>, at: &Exact, cx: &Arc<Assumptions>) -> Meeting {
    if same_function(sides, at, cx) {
        return Meeting::Removable;
    }
    let mut meeting = Meeting::Undecided { at_least: -1, reason: String::new(), next: None };
    let ramification = ramification(sides.left).max(ramification(sides.right));
    for d in if ramification == 1 { vec![1] } else { vec![1, ramification] } {
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
fn same_function(sides: Sides<'_>, at: &Exact, cx: &Arc<Assumptions>) -> bool {
    let point = Region::point(at, cx);
    let (Ok(left), Ok(right)) = (analytic::resolved(sides.left, &point), analytic::resolved(sides.right, &point))
    else {
        return false;
    };
    let generic = Arc::new(cx.as_ref().clone().into_generic());
    let x = Exact::symbol(&generic, "x");
    let value = |e: &Expr| Exact::eval(&generic, e, &x);
    // the branch of an absolute value at the point need not be the one beside it, so nothing may have been resolved
    left == *sides.left
        && right == *sides.right
        && value(&left).sub(&value(&right)).is_zero()
        && Exact::eval(cx, sides.own, at).sub(&Exact::eval(cx, &left, at)).is_zero()
}

/// The common denominator of the roots in an expression: with `x = c + t^d` roots that vanish at `c` become powers.
fn ramification(e: &Expr) -> usize {
    let own = match e.node() {
        Node::Call(Func::Sqrt, _) => 2,
        Node::Pow(_, q) => q.exact_rational().and_then(|q| q.denom().to_usize()).unwrap_or(1),
        _ => 1,
    };
    let all = e.children().into_iter().map(ramification).fold(own, |a, b| a * b / gcd(a, b));
    all.min(12)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn expand(sides: Sides<'_>, at: &Exact, cx: &Arc<Assumptions>, d: usize, limit: usize) -> Meeting {
    // some coefficients are lost where leading ones cancel
    let terms = (limit + 4) * d;
    let (left, right) = (series(sides.left, at, cx, false, d, terms), series(sides.right, at, cx, true, d, terms));
    let undecided = |at_least: i32, reason: String, next: Option<Exact>| Meeting::Undecided { at_least, reason, next };
    for k in 0..=limit {
        let before = k as i32 - 1;
        let (l, r) = match (left.derivative(k, false, d), right.derivative(k, true, d)) {
            (Limit::Unknown, _) | (_, Limit::Unknown) => {
                return undecided(
                    before,
                    format!("the one-sided derivatives of order {k} are not known exactly"),
                    None,
                );
            }
            (Limit::Finite(l), Limit::Finite(r)) => (l, r),
            // with the same infinite slope on both sides there is still no derivative
            (l, r) => return Meeting::Differ { order: before, jump: Jump::Sides(l.finite(), r.finite()) },
        };
        let mut difference = r.sub(&l);
        let mut jump = Jump::Sides(Some(l.clone()), Some(r));
        if k == 0 && difference.is_zero() {
            // the value at the point itself, which belongs to one of the pieces
            let own = Exact::eval(cx, sides.own, at);
            if own.is_unknown() {
                return undecided(before, "the value at the point itself is not known exactly".into(), None);
            }
            difference = own.sub(&l);
            jump = Jump::Value { limit: l, value: own };
        }
        if difference.is_zero() {
            continue;
        }
        if difference.sign().is_nonzero() {
            return Meeting::Differ { order: before, jump };
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
pub(super) fn by_enclosure(sides: Sides<'_>, at: &Exact, at_least: i32) -> Option<Meeting> {
    const PRECISION: u32 = 512;
    let k = usize::try_from(at_least + 1).ok().filter(|k| *k <= MAX_ORDER)?;
    let c = at.enclosure(PRECISION)?;
    let value = |e: &Expr| {
        let jet = Tape::compile(e).ok()?.eval(&Jet::variable(c.clone(), k));
        jet.c.iter().all(Enclosure::total).then(|| jet.derivative(k))
    };
    // only where both formulas are analytic at the point are these the one-sided derivatives
    let point = Region::point(at, &at.context());
    analytic::resolved(sides.left, &point).ok()?;
    analytic::resolved(sides.right, &point).ok()?;
    let jump = value(sides.right)?.sub(&value(sides.left)?);
    let strict = jump.lo() > 0 || jump.hi() < 0;
    strict.then_some(Meeting::Differ { order: at_least, jump: Jump::Enclosed(jump) })
}
