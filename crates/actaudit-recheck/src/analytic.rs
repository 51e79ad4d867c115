//! Whether an expression is analytic on an open interval or at a point: every operation is used where it is analytic.

use crate::field::{Field, Value};
use crate::objective::derivative;
use crate::sign::{Sign, middle, positive};
use crate::system::{Answer, BRANCH, DIVISOR, LOGARITHM, ROOT, System, eval};
use crate::work;
use actaudit_expr::plain::{self, Interval};
use actaudit_expr::{Expr, Func, Node};
use rug::Rational;
use std::cell::Cell;

/// An open interval, or one point, in which `x` lies. As a system its values are expressions without `abs`, `min` and
/// `max`: those branches of an expression that hold in the region.
pub(super) struct Region {
    field: Field,
    /// `x` in terms of a coordinate `t > 0` that runs through the interval: `lo + t`, `hi - t`, `(lo + hi t)/(1 + t)`
    x: Value,
    ends: [Option<Value>; 2],
    boxes: Cell<usize>,
}

/// No parameter has this name.
const COORDINATE: &str = "+t";
/// Boxes that may be looked at in one region, and the precision there.
const BOXES: usize = 6000;
const BITS: u32 = 96;
/// Expressions with more nodes are not differentiated.
const MAX_SIZE: usize = 3000;

impl Region {
    pub fn between(lo: Option<&Value>, hi: Option<&Value>, field: &Field) -> Option<Self> {
        let field = field.with(COORDINATE, positive(false));
        let t = Value::symbol(COORDINATE);
        let x = match (lo, hi) {
            (None, None) => Value::symbol("x"),
            (Some(lo), None) => field.plus(lo, &t)?,
            (None, Some(hi)) => field.minus(hi, &t)?,
            (Some(lo), Some(hi)) => {
                let below = field.plus(&Value::rational(1), &t)?;
                field.times(&field.plus(lo, &field.times(hi, &t)?)?, &field.inverse(&below)?)?
            }
        };
        Some(Self { field, x, ends: [lo.cloned(), hi.cloned()], boxes: Cell::new(BOXES) })
    }

    pub fn point(at: &Value, field: &Field) -> Self {
        let ends = [Some(at.clone()), Some(at.clone())];
        Self { field: field.clone(), x: at.clone(), ends, boxes: Cell::new(BOXES) }
    }

    /// The expression with the branches that hold in the region, where it is shown to be analytic.
    pub fn analytic(&self, e: &Expr) -> Answer<Expr> {
        let branch = eval(self, e, &Expr::var())?;
        let branches = |n: &Node| matches!(n, Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..));
        Ok(if e.any(&mut |n| branches(n)) { branch } else { e.clone() })
    }

    fn is_point(&self) -> bool {
        matches!(&self.ends, [Some(lo), Some(hi)] if lo == hi)
    }

    /// The sign by halving the interval, where no parameter occurs.
    fn by_boxes(&self, e: &Expr) -> Option<Sign> {
        if e.has_params() || e.size() > MAX_SIZE {
            return None;
        }
        let slope = derivative(e).ok()?;
        let end = |at: &Option<Value>| match at {
            None => Some(Interval::line(BITS)),
            Some(at) => self.field.enclose(at, BITS, &|name| Some(self.field.domain(name))),
        };
        let ends = [end(&self.ends[0])?, end(&self.ends[1])?];
        let (mut open, mut seen) = (vec![Interval { lo: ends[0].lo.clone(), hi: ends[1].hi.clone() }], None);
        while let Some(x) = open.pop() {
            self.boxes.set(self.boxes.get().checked_sub(1)?);
            // the value and the slope, in the box and at its ends
            work::spend(3 * (e.size() + slope.size()), BITS).ok()?;
            match self.in_box(e, &slope, &x, &ends) {
                Some(sign) if seen.is_none_or(|s| s == sign) => seen = Some(sign),
                Some(_) => return None,
                None => {
                    let m = middle(&x)?;
                    open.push(Interval { lo: m.clone(), hi: x.hi });
                    open.push(Interval { lo: x.lo, hi: m });
                }
            }
        }
        seen
    }

    /// The strict sign on what a box and the region share: by the enclosure over the box; or, where the slope has a strict
    /// sign there, by the value at the end at which it is least (greatest). At an end of the region, which is no member,
    /// that may be zero.
    fn in_box(&self, e: &Expr, slope: &Expr, x: &Interval, ends: &[Interval; 2]) -> Option<Sign> {
        let of =
            |e: &Expr, x: &Interval| plain::eval(e, x).ok().map(|v| Sign::of_interval(&v)).filter(|s| s.is_nonzero());
        if let Some(sign) = of(e, x) {
            return Some(sign);
        }
        let rising = of(slope, x)?.is_positive();
        let at_end = |upper: bool| {
            let (end, outer) = if upper { (&x.hi, &ends[1].hi) } else { (&x.lo, &ends[0].lo) };
            if end == outer {
                // all operations have a value there, so the value is the limit
                let at = self.ends[usize::from(upper)].as_ref()?;
                return eval(&self.field, e, at).ok().map(|v| self.field.sign(&v));
            }
            let inside = (self.ends[0].is_none() || *end > ends[0].hi) && (self.ends[1].is_none() || *end < ends[1].lo);
            inside.then(|| of(e, &Interval::point(end))).flatten()
        };
        if at_end(!rising).is_some_and(|least| least.is_positive() || least == Sign::ZERO) {
            return Some(Sign::POSITIVE);
        }
        let greatest = at_end(rising)?;
        (greatest == Sign::NEGATIVE || greatest == Sign::ZERO).then_some(Sign::NEGATIVE)
    }

    /// A root is analytic where what it is of is positive, or one and the same number.
    fn rooted(&self, u: &Expr) -> Answer<()> {
        let fits = if u.depends_on_x() { Sign::is_positive } else { Sign::not_negative };
        self.require(u, fits, ROOT)
    }

    fn require(&self, a: &Expr, fits: fn(Sign) -> bool, reason: &str) -> Answer<()> {
        if fits(self.sign(a)) { Ok(()) } else { Err(reason.into()) }
    }
}

impl System for Region {
    type Value = Expr;

    fn field(&self) -> &Field {
        &self.field
    }

    fn constant(&self, _: Value, e: &Expr) -> Expr {
        e.clone()
    }

    fn neg(&self, a: &Expr) -> Expr {
        -a.clone()
    }

    fn add(&self, a: &Expr, b: &Expr) -> Answer<Expr> {
        Ok(a.clone() + b.clone())
    }

    fn mul(&self, a: &Expr, b: &Expr) -> Answer<Expr> {
        Ok(a.clone() * b.clone())
    }

    fn div(&self, a: &Expr, b: &Expr) -> Answer<Expr> {
        self.require(b, Sign::is_nonzero, DIVISOR)?;
        Ok(a.clone() / b.clone())
    }

    fn pow(&self, a: &Expr, exponent: &Rational) -> Answer<Expr> {
        if *exponent.denom() != 1 && *exponent > 0 {
            self.rooted(a)?;
        } else if *exponent.denom() != 1 {
            self.require(a, Sign::is_positive, ROOT)?;
        } else if *exponent < 0 {
            self.require(a, Sign::is_nonzero, DIVISOR)?;
        }
        Ok(a.clone().pow(Expr::rational(exponent.clone())))
    }

    /// By the exact value in terms of `t`, or in terms of any `x`; or by boxes.
    fn sign(&self, a: &Expr) -> Sign {
        let mut exact = Sign::ANY;
        for x in [&self.x, &Value::symbol("x")] {
            exact = exact.and(eval(&self.field, a, x).map_or(Sign::ANY, |v| self.field.sign(&v)));
            if exact.is_nonzero() || exact == Sign::ZERO {
                return exact;
            }
        }
        self.by_boxes(a).unwrap_or(exact)
    }

    /// At a point, the branch beside it may be another one where both operands are equal.
    fn larger(&self, a: &Expr, b: &Expr) -> Answer<Expr> {
        match self.sign(&(a.clone() - b.clone())) {
            Sign::POSITIVE => Ok(a.clone()),
            Sign::NEGATIVE => Ok(b.clone()),
            s if s.not_negative() && !self.is_point() => Ok(a.clone()),
            s if s.not_positive() && !self.is_point() => Ok(b.clone()),
            _ => Err(BRANCH.into()),
        }
    }

    fn primitive(&self, f: Func, u: &Expr) -> Answer<Expr> {
        self.call(f, u)
    }

    /// All other functions are analytic on the real line.
    fn call(&self, f: Func, u: &Expr) -> Answer<Expr> {
        match f {
            Func::Abs => return self.larger(u, &-u.clone()),
            Func::Sqrt => self.rooted(u)?,
            Func::Log => self.require(u, Sign::is_positive, LOGARITHM)?,
            Func::Log1p => self.require(&(Expr::int(1) + u.clone()), Sign::is_positive, LOGARITHM)?,
            _ => {}
        }
        Ok(Expr::call(f, u.clone()))
    }
}
