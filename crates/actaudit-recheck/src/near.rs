//! Points at which an expression has no enclosure, though it has values beside them: an end that is no float under a root, a pole, `exp(-1/x)`
//! at 0. The box beside such a point c is a half-line in the variable t with x = c + 1/t, or x = c - 1/t.

use super::function::{End, Point};
use super::leaf::{Block, Checker};
use super::objective::{Derivatives, Objective};
use super::period::slope;
use super::powers::Number;
use super::tail::Tail;
use crate::certificate::Method;
use actaudit_expr::Expr;
use actaudit_expr::plain::{Interval, eval};
use rug::Float;
use std::cmp::Ordering;
use std::rc::Rc;

/// Half-lines on which f is shown to have values begin at 2^k for these k.
const STARTS: [u32; 6] = [0, 4, 8, 16, 32, 64];

/// Half-lines on which limits are sought begin at 2^k for these k.
const LIMIT_STARTS: [u32; 7] = [3, 6, 12, 24, 48, 96, 192];

/// A value at a point: by its enclosure, or by that of the constant that it is when the point is put in.
pub(super) fn value_at(e: &Expr, at: &Point) -> Result<Interval, String> {
    eval(e, &at.value).or_else(|reason| eval(&e.substitute_x(&at.expr).simplified(), &at.value).map_err(|_| reason))
}

/// An expression in terms of t > 0, with x = c + 1/t (`right`) or x = c - 1/t: a bijection from t > T to the points beside c.
fn seen(e: &Expr, c: &Point, right: bool) -> Expr {
    put_in(e, c, right).simplified()
}

/// a x + b is (a c + b) + a/t, or (a c + b) - a/t: where its value at c is zero nothing of that is left.
fn put_in(e: &Expr, c: &Point, right: bool) -> Expr {
    if !e.depends_on_x() {
        return e.clone();
    }
    let Some(a) = slope(e) else { return e.map_children(|child| put_in(child, c, right)) };
    let (value, step) = (e.substitute_x(&c.expr).simplified(), a / Expr::var());
    if right { value + step } else { value - step }
}

/// f and h as functions of t on the box in terms of t.
struct Near {
    f: Objective,
    h: Objective,
    block: Block,
    /// whether the box ends at c itself, which no t stands for
    reaches: bool,
}

impl Near {
    fn of(o: &Objective, b: &Block, c: &Point, prec: u32) -> Result<Self, String> {
        let (lo, hi) = b.finite()?;
        let center = End::At(c.clone());
        let right = center.at_most(&b.lo);
        if !right && !b.hi.at_most(&center) {
            return Err("the point `near` is not certainly beside the box".into());
        }
        let (inner, outer) = if right { (lo, hi) } else { (hi, lo) };
        let place = |p: &Point| {
            let distance = if right { p.expr.clone() - c.expr.clone() } else { c.expr.clone() - p.expr.clone() };
            Point::parse(&(Expr::int(1) / distance).simplified().to_string(), prec)
        };
        let reaches = End::At(inner.clone()).is(&center, Ordering::Equal);
        let start = place(outer)?;
        if start.value.lo <= 0 {
            return Err("the box is empty in terms of t".into());
        }
        let end = if reaches { End::Infinite(true) } else { End::At(place(inner)?) };
        let block = Block { lo: End::At(start), hi: end };
        let of = |e: &Expr| Objective::new(Rc::new(Derivatives::of(seen(e, c, right))), 1, 0);
        Ok(Self { f: of(o.signed(0)?)?, h: of(o.d(0)?)?, block, reaches })
    }
}

impl Checker {
    /// Proves `h <= upper` on a box beside c in terms of t; where c itself is a point of the pieces, `at_end` says so, and f must have a value
    /// there, and h, if it is f, be no larger. Where a derivative exists at such a point it is no larger than beside it, for f is
    /// continuous there.
    pub fn check_near(
        &mut self,
        o: &Objective,
        b: &Block,
        (c, at_end): (&Point, bool),
        (method, touch): (Method, Option<&Point>),
        upper: Option<&Point>,
    ) -> Result<(), String> {
        let near = Near::of(o, b, c, self.prec)?;
        self.defined(&near.f, &near.block)?;
        match upper {
            Some(upper) => self.check(&near.h, &near.block, method, touch, upper)?,
            None => self.defined(&near.h, &near.block)?,
        }
        match upper {
            _ if !near.reaches || !at_end => Ok(()),
            Some(upper) if o.is_value() => o.at_most(&End::At(c.clone()), upper, self.prec),
            _ => o.has_value(c),
        }
    }
}

/// The limit at an end of the real line, shown on some half-line.
pub(super) fn limit(e: &Expr, plus: bool, prec: u32) -> Result<Number, String> {
    let mut reason = String::new();
    for k in LIMIT_STARTS {
        let start = Float::with_val(prec, Float::u_exp(1, k as i32));
        match Tail::new(&start, !plus).ok_or("a half-line starts beyond zero")?.limit(e) {
            Ok(limit) => return Ok(limit),
            Err(e) => reason = e,
        }
    }
    Err(reason)
}

/// The limit of an expression at c from one side.
pub(super) fn limit_beside(e: &Expr, (c, right): (&Point, bool), prec: u32) -> Result<Number, String> {
    limit(&seen(e, c, right), true, prec)
}

/// The limit of h as x tends to c from one side is at least `value`, and f has values there.
pub(super) fn limit_at_least(
    o: &Objective,
    (c, right): (&Point, bool),
    value: &Point,
    prec: u32,
) -> Result<(), String> {
    has_values(o.signed(0)?, (c, right), prec)?;
    let limit = limit(&seen(o.d(0)?, c, right), true, prec)?;
    let exactly = || limit.exact.as_ref().zip(value.exact.as_ref()).is_some_and(|(l, v)| l >= v);
    if limit.value.lo >= value.up() || exactly() {
        return Ok(());
    }
    Err(format!("the limit of h lies in {}", limit.value))
}

fn starts(prec: u32) -> impl Iterator<Item = Tail> {
    STARTS.into_iter().filter_map(move |k| Tail::new(&Float::with_val(prec, Float::u_exp(1, k as i32)), false))
}

/// Whether an expression has values at all points beside c that are near enough.
pub(super) fn has_values(e: &Expr, (c, right): (&Point, bool), prec: u32) -> Result<(), String> {
    let e = seen(e, c, right);
    let mut last = String::new();
    for tail in starts(prec) {
        match tail.defined(&e) {
            Ok(()) => return Ok(()),
            Err(reason) => last = reason,
        }
    }
    Err(last)
}

/// Whether an expression tends to plus infinity beside c.
pub(super) fn rises(e: &Expr, (c, right): (&Point, bool), prec: u32) -> bool {
    let e = seen(e, c, right);
    starts(prec).any(|tail| tail.rises(&e))
}
