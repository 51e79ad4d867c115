//! What is bounded: a derivative of f or f - g, or its negative, with the derivatives that follow.

use super::function::{End, Point, same, span};
use super::leaf::Block;
use super::near::{limit, value_at};
use super::selection::{is_kink, selections};
use super::work;
use actaudit_expr::plain::{Interval, Program, shortened};
use actaudit_expr::{Expr, Node};
use rug::Rational;
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

/// Derivatives that would have more nodes before they are simplified are not formed.
const MAX_NODES: usize = 10_000;
/// Derivatives of a higher order are not looked at.
pub(super) const MAX_FLATNESS: usize = 12;
/// f, up to two derivatives that make h, and those of h.
const ORDERS: usize = MAX_FLATNESS + 4;

/// Of f, or f - g, and its derivatives, as many as are asked for.
pub(super) struct Derivatives([OnceCell<Result<Derivative, String>>; ORDERS]);

struct Derivative {
    expr: Expr,
    program: OnceCell<Program>,
    /// of one evaluation, in nodes
    work: usize,
}

impl Derivative {
    fn new(expr: Expr) -> Self {
        let calls = Cell::new(0);
        expr.any(&mut |node| {
            calls.set(calls.get() + usize::from(matches!(node, Node::Call(..))));
            false
        });
        Self { work: expr.size() + work::CALL * calls.get(), expr, program: OnceCell::new() }
    }
}

type Far = Option<(Rc<Objective>, bool)>;

/// h, which is one of the derivatives or its negative, with those that follow.
pub(super) struct Objective {
    /// f, or f - g: where it is undefined nothing can be proved about h
    base: Rc<Derivatives>,
    pub(super) order: usize,
    /// with the sign of h; the first is that of f itself
    signed: [OnceCell<Result<Expr, String>>; ORDERS],
    negative: bool,
    /// h with one operand of `abs`, `min` and `max` each
    selections: RefCell<HashMap<Expr, Rc<Self>>>,
    pub(super) kinked: bool,
    /// h in words that suit the left and the right end of the line, and whether these are better on all of that side
    far: [OnceCell<Far>; 2],
}

/// The derivative, unless it is too large.
pub(super) fn derivative(e: &Expr) -> Result<Expr, String> {
    e.derivative_within(MAX_NODES).ok_or_else(|| format!("the derivative of `{}` is too large", shortened(e)))
}

impl Derivatives {
    pub fn of(base: Expr) -> Self {
        let all: [OnceCell<_>; ORDERS] = Default::default();
        all[0].get_or_init(|| Ok(Derivative::new(base)));
        Self(all)
    }

    fn get(&self, k: usize) -> Result<&Derivative, String> {
        let made = self.0[k].get_or_init(|| derivative(&self.get(k - 1)?.expr).map(Derivative::new));
        made.as_ref().map_err(Clone::clone)
    }
}

impl Objective {
    /// `sign * d^order base`
    ///
    /// # Errors
    /// If a derivative is too large.
    pub fn new(base: Rc<Derivatives>, sign: i8, order: u32) -> Result<Self, String> {
        let kinked = base.get(0)?.expr.any(&mut |node| is_kink(node));
        let (signed, selections, far) = (Default::default(), RefCell::default(), Default::default());
        let h = Self { base, order: order as usize, signed, negative: sign < 0, selections, kinked, far };
        h.d(0)?;
        Ok(h)
    }

    /// The same h, out of f in words that suit one end of the line: f is the same function for every x, so that its derivatives are. `None`
    /// where there are no other words, or these are they.
    pub fn far(&self, left: bool) -> Option<&Rc<Self>> {
        self.made(left).map(|(far, _)| far)
    }

    /// h in the words to be tried on a box, the likely ones first.
    pub fn words(&self, b: &Block, prec: u32) -> Vec<&Self> {
        let zero = End::At(Point::zero(prec));
        let side = match (b.hi.at_most(&zero), zero.at_most(&b.lo)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        match side.and_then(|left| self.made(left)) {
            Some((far, true)) => vec![far, self],
            Some((far, _)) => vec![self, far],
            None => vec![self],
        }
    }

    fn made(&self, left: bool) -> Option<&(Rc<Self>, bool)> {
        let make = || {
            let own = &self.base.get(0).ok()?.expr;
            let base = own.far(left)?;
            let better = own.suits_far(&base, left);
            let sign = if self.negative { -1 } else { 1 };
            let far = Self::new(Rc::new(Derivatives::of(base)), sign, self.order as u32).ok()?;
            far.far.iter().for_each(|none| drop(none.set(None)));
            Some((Rc::new(far), better))
        };
        self.far[usize::from(left)].get_or_init(make).as_ref()
    }

    /// The k-th derivative of f, with the sign of h.
    pub fn signed(&self, k: usize) -> Result<&Expr, String> {
        let made = self.signed[k].get_or_init(|| {
            let e = self.base.get(k)?.expr.clone();
            Ok(if self.negative { Expr::new(Node::Neg(e)) } else { e })
        });
        made.as_ref().map_err(Clone::clone)
    }

    /// What the opposite sign has in common with this one.
    pub fn derivatives(&self) -> Rc<Derivatives> {
        Rc::clone(&self.base)
    }

    /// Encloses the k-th derivative of h over an interval.
    pub fn over(&self, k: usize, x: &Interval) -> Result<Interval, String> {
        self.values(self.order + k, x)
    }

    /// Encloses the k-th derivative of f over an interval, with the sign of h.
    fn values(&self, k: usize, x: &Interval) -> Result<Interval, String> {
        let derivative = self.base.get(k)?;
        work::spend(derivative.work, x.prec())?;
        let value = derivative.program.get_or_init(|| Program::new(&derivative.expr)).eval(x)?;
        Ok(if self.negative { value.neg() } else { value })
    }

    /// The k-th derivative of h, for k up to 13.
    pub fn d(&self, k: usize) -> Result<&Expr, String> {
        self.signed(self.order + k)
    }

    /// From f to the k-th derivative of h, each the derivative of the one before.
    pub fn chain(&self, k: usize) -> Result<Vec<Expr>, String> {
        (0..=self.order + k).map(|k| self.signed(k).cloned()).collect()
    }

    /// Proves that f has a value at a point.
    pub fn has_value(&self, at: &Point) -> Result<(), String> {
        self.values(0, &at.value).or_else(|_| value_at(self.signed(0)?, at)).map(|_| ())
    }

    /// Whether h is f or its negative, no derivative.
    pub const fn is_value(&self) -> bool {
        self.order == 0
    }

    /// Proves `h(at) >= value`.
    pub fn at_least(&self, at: &Point, value: &Point) -> Result<(), String> {
        self.has_value(at)?;
        let here = self.over(0, &at.value).or_else(|_| value_at(self.d(0)?, at))?;
        if here.lo >= value.up() || here.hi >= value.down() && reaches(self.d(0)?, at, value, Ordering::is_ge) {
            return Ok(());
        }
        Err(format!("h({}) lies in {here}", shortened(&at.expr)))
    }

    /// Proves that the limit of h at an end of the real line is at least `value`.
    pub fn limit_at_least(&self, plus: bool, value: &Point, prec: u32) -> Result<(), String> {
        let reason = match self.limit_reaches(plus, value, prec) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        };
        self.far(!plus).map_or(Err(reason.clone()), |far| far.limit_reaches(plus, value, prec).map_err(|_| reason))
    }

    fn limit_reaches(&self, plus: bool, value: &Point, prec: u32) -> Result<(), String> {
        let limit = limit(self.d(0)?, plus, prec)?;
        let exactly = || limit.exact.as_ref().zip(value.exact.as_ref()).is_some_and(|(l, v)| l >= v);
        if limit.value.lo >= value.up() || exactly() {
            return Ok(());
        }
        Err(format!("the limit of h lies in {}", limit.value))
    }

    /// Proves `h <= upper` at one point, or of the limit at infinity.
    pub fn at_most(&self, at: &End, upper: &Point, prec: u32) -> Result<(), String> {
        if let End::At(p) = at {
            self.has_value(p)?;
        }
        at_most(self.d(0)?, at, upper, prec)
    }

    /// Where f has the k-th derivative at c, this is that of one of these: f is one of them at points that tend to c, so that the
    /// Taylor polynomials at c, which follow from the values there, are the same. `None` where there is nothing to choose, or too much.
    ///
    /// So a bound of each of them is one of h. That h rises, or is convex, does not follow from what they do: h may jump from one to
    /// another.
    pub fn selections(&self, b: &Block, prec: u32) -> Option<Vec<Rc<Self>>> {
        if !self.kinked {
            return None;
        }
        let x = span(&b.lo, &b.hi, prec);
        let all = selections(&self.base.get(0).ok()?.expr, &x)?;
        let made = |e: Expr| {
            if let Some(known) = self.selections.borrow().get(&e) {
                return Some(Rc::clone(known));
            }
            let sign = if self.negative { -1 } else { 1 };
            let new = Rc::new(Self::new(Rc::new(Derivatives::of(e.simplified())), sign, self.order as u32).ok()?);
            self.selections.borrow_mut().insert(e, Rc::clone(&new));
            Some(new)
        };
        all.into_iter().map(made).collect()
    }

    /// Whether f has values everywhere on the box.
    pub fn has_values(&self, b: &Block, prec: u32) -> Result<(), String> {
        let Err(reason) = self.values(0, &span(&b.lo, &b.hi, prec)) else { return Ok(()) };
        self.on_tail(0, b, reason)
    }

    /// Whether the k-th derivative of f has values on all of a half-line.
    fn on_tail(&self, k: usize, b: &Block, reason: String) -> Result<(), String> {
        let Some(tail) = b.tail() else { return Err(reason) };
        let otherwise = |reason| self.far(tail.left()).map_or(Err(reason), |far| tail.defined(far.signed(k)?));
        tail.defined(self.signed(k)?).or_else(otherwise)
    }

    /// Whether f and h have values everywhere on the box.
    pub fn defined(&self, b: &Block, prec: u32) -> Result<(), String> {
        let x = span(&b.lo, &b.hi, prec);
        // the values of f, then those of h, if these are others
        for k in [0, self.order].into_iter().take(1 + self.order.min(1)) {
            let Err(reason) = self.values(k, &x) else { continue };
            self.on_tail(k, b, reason)?;
        }
        Ok(())
    }
}

/// Whether an expression is zero wherever it has a value, by its form.
pub(super) fn vanishes(e: &Expr) -> bool {
    match e.node() {
        Node::Const(c) => c.value == 0,
        Node::Neg(a) | Node::Div(a, _) => vanishes(a),
        Node::Mul(a, b) => vanishes(a) || vanishes(b),
        _ => false,
    }
}

/// Proves `e <= upper` at one point, or of the limit at infinity.
pub(super) fn at_most(e: &Expr, at: &End, upper: &Point, prec: u32) -> Result<(), String> {
    let (value, exact) = match at {
        End::At(p) => (value_at(e, p)?, None),
        End::Infinite(plus) => {
            let limit = limit(e, *plus, prec)?;
            (limit.value, limit.exact)
        }
    };
    let exactly = || match at {
        End::At(p) => reaches(e, p, upper, Ordering::is_le),
        End::Infinite(_) => exact.as_ref().zip(upper.exact.as_ref()).is_some_and(|(l, u)| l <= u),
    };
    if value.hi <= upper.down() || value.lo <= upper.up() && exactly() {
        return Ok(());
    }
    Err(format!("at {at} it lies in {value}"))
}

/// Whether e(at) and a bound are exactly in this order: by rational arithmetic, or because they are the same number.
pub(super) fn reaches(e: &Expr, at: &Point, bound: &Point, order: fn(Ordering) -> bool) -> bool {
    match (exactly(e, at), &bound.exact) {
        (Some(value), Some(q)) => order(value.cmp(q)),
        _ => same(&e.substitute_x(&at.expr), &bound.expr),
    }
}

/// The exact value at a point, where symbolic simplification finds it to be rational.
pub(super) fn exactly(e: &Expr, at: &Point) -> Option<Rational> {
    let here = e.substitute_x(&at.exact.as_ref().map_or_else(|| at.expr.clone(), |q| Expr::rational(q.clone())));
    here.exact_rational().or_else(|| here.simplified().exact_rational())
}
