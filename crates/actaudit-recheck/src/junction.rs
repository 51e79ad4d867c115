//! One junction: what is claimed there against the germs of both sides.

use crate::analytic::Region;
use crate::continuity::{Jump, Junction, Order};
use crate::field::{Field, Value};
use crate::germ::{Germ, Germs, Lack, Limit};
use crate::objective::derivative;
use crate::system::eval;
use actaudit_expr::plain;
use actaudit_expr::{Expr, Node, parse_rational};
use std::cell::Cell;

/// Higher orders are not checked.
const MAX_ORDER: usize = 64;
/// Germs have at most so many terms.
const MAX_TERMS: usize = 400;
/// `x = c + t^d` for no larger `d`.
const MAX_ROOT: usize = 24;
/// Orders that are looked at before many are.
const LOW: usize = 4;
/// Bits with which derivatives are enclosed that are not known exactly, and nodes that these may have.
const BITS: u32 = 512;

/// What meets at a point.
pub(super) struct Sides<'a> {
    pub left: Expr,
    pub right: Expr,
    /// the piece that has the point
    pub own: Expr,
    pub at: &'a Value,
    pub field: &'a Field,
}

/// A text as an expression in the parameters, and its value.
type Read<'a> = &'a dyn Fn(&str) -> Result<(Expr, Value), String>;

/// Verifies a claim. The jump as a text, if there is one.
pub(super) fn check(sides: Sides<'_>, j: &Junction, read: Read<'_>) -> Result<Option<String>, String> {
    let sides = sides.relative();
    let own = eval(sides.field, &sides.own, sides.at)?;
    let mut terms = 6;
    loop {
        let claim = match (j.order, &j.jump) {
            (Order::Class(-1), None) => Ok(Some(None)),
            (Order::Class(n), jump) => {
                sides.class(n.saturating_add(1).unsigned_abs() as usize, jump.as_ref(), &own, terms, read)
            }
            (_, Some(_)) => Err("a function with derivatives of all orders has no jump".into()),
            (order, None) => sides.smooth(order, &own, terms).map(|shown| shown.map(|()| None)),
        };
        match claim? {
            Some(jump) => return Ok(jump),
            None if terms < MAX_TERMS => terms *= 3,
            None => return Err("the expansions are not known far enough".into()),
        }
    }
}

/// The terms of a sum.
fn terms(e: &Expr, minus: bool, found: &mut Vec<Expr>) {
    match e.node() {
        Node::Add(a, b) => [(a, minus), (b, minus)].into_iter().for_each(|(e, minus)| terms(e, minus, found)),
        Node::Sub(a, b) => [(a, minus), (b, !minus)].into_iter().for_each(|(e, minus)| terms(e, minus, found)),
        Node::Neg(a) => terms(a, !minus, found),
        _ => found.push(if minus { -e.clone() } else { e.clone() }),
    }
}

impl Sides<'_> {
    /// Less the terms of the left (or right) side that are analytic at the point: they change no class, and often nothing
    /// but a power is left on the other side.
    fn relative(self) -> Self {
        let point = Region::point(self.at, self.field);
        let base = [&self.left, &self.right].into_iter().find_map(|e| {
            let mut found = vec![];
            terms(e, false, &mut found);
            found.retain(|term| point.analytic(term).is_ok());
            found.into_iter().reduce(|a, b| a + b)
        });
        let Some(base) = base else { return self };
        let less = |e: &Expr| (e.clone() - base.clone()).simplified();
        Self { left: less(&self.left), right: less(&self.right), own: less(&self.own), ..self }
    }

    fn system(&self, right: bool, root: usize, terms: usize) -> Germs<'_> {
        Germs { field: self.field, at: self.at, right, root, terms: terms * root, lack: Cell::new(Lack::Nothing) }
    }

    /// The germs left and right, and `d` in `x = c + t^d`. `None`: more terms are needed.
    fn germs(&self, terms: usize) -> Result<Option<([Germ; 2], usize)>, String> {
        let mut root = 1;
        loop {
            let one = |e: &Expr, right: bool| {
                let system = self.system(right, root, terms);
                eval(&system, e, &system.x()).map_err(|reason| (reason, system.lack.get()))
            };
            match (one(&self.left, false), one(&self.right, true)) {
                (Ok(left), Ok(right)) => return Ok(Some(([left, right], root))),
                (Err((_, Lack::Root(d))), _) | (_, Err((_, Lack::Root(d)))) if root * d <= MAX_ROOT => root *= d,
                (Err((_, Lack::Terms)), _) | (_, Err((_, Lack::Terms))) if terms * 3 <= MAX_TERMS => return Ok(None),
                (Err((reason, _)), _) | (_, Err((reason, _))) => return Err(reason),
            }
        }
    }

    /// Derivatives of orders below `count` agree, and those of order `count` do not, if that is claimed. `None`: more
    /// terms are needed.
    fn class(
        &self,
        count: usize,
        jump: Option<&Jump>,
        own: &Value,
        terms: usize,
        read: Read<'_>,
    ) -> Result<Option<Option<String>>, String> {
        if count > MAX_ORDER {
            return Err(format!("orders above {MAX_ORDER} are not checked"));
        }
        // what is false at a low order is told without the terms of high ones
        if count > 2 * LOW && terms > LOW {
            self.class(LOW, None, own, LOW, read)?;
        }
        let Some((germs, root)) = self.germs(terms.max(count + 4))? else { return Ok(None) };
        let limits = |k: usize| {
            [false, true].map(|right| self.system(right, root, terms).derivative(&germs[usize::from(right)], k))
        };
        let minus = |a: &Value, b: &Value| self.field.minus(a, b).ok_or_else(|| "a jump is too large".to_owned());
        for k in 0..count {
            match limits(k) {
                [Limit::Short, _] | [_, Limit::Short] => return Ok(None),
                [Limit::Finite(l), Limit::Finite(r)]
                    if minus(&l, &r)?.is_zero() && (k > 0 || minus(&l, own)?.is_zero()) => {}
                _ => return Err(format!("the derivatives of order {k} are not shown to be equal")),
            }
        }
        let text = match jump {
            None => return Ok(Some(None)),
            Some(Jump::Enclosed { lower, upper }) => return self.enclosed(count, lower, upper).map(Some),
            Some(Jump::Exact(text)) => text,
        };
        let not_shown = || Err(format!("the jump of the derivative of order {count} is not shown to be `{text}`"));
        let jump = match limits(count) {
            [Limit::Short, _] | [_, Limit::Short] => return Ok(None),
            [Limit::Infinite, Limit::Infinite | Limit::Finite(_)] | [Limit::Finite(_), Limit::Infinite] => {
                return if text == "infinite" { Ok(Some(Some(text.clone()))) } else { not_shown() };
            }
            [Limit::Finite(l), Limit::Finite(r)] => match minus(&r, &l)? {
                jump if jump.is_zero() && count == 0 => minus(own, &l)?,
                jump => jump,
            },
            _ => return not_shown(),
        };
        let (claimed, value) = read(text)?;
        if !minus(&jump, &value)?.is_zero() {
            return not_shown();
        }
        match self.field.sign(&jump).is_nonzero() {
            true => Ok(Some(Some(claimed.to_string()))),
            false => Err(format!("`{claimed}` is not shown to be different from zero")),
        }
    }

    /// Both sides have the same Laurent part, as an expression of `x`, and no pole. Without flat parts the function is
    /// that analytic one; with them it still has all its derivatives, and these agree.
    fn smooth(&self, order: Order, own: &Value, terms: usize) -> Result<Option<()>, String> {
        let Some(([left, right], root)) = self.germs(terms)? else { return Ok(None) };
        let forms = left.form.as_ref().zip(right.form.as_ref());
        if !forms.and_then(|(l, r)| self.field.minus(l, r)).is_some_and(|difference| difference.is_zero()) {
            return Err("the two sides are not shown to be the same analytic function".into());
        }
        if order == Order::Analytic && (left.flat || right.flat) {
            return Err("a side has a part that is smaller than any power, and not shown to be zero".into());
        }
        match self.system(true, root, terms).derivative(&right, 0) {
            Limit::Short => Ok(None),
            Limit::Finite(v) if self.field.minus(&v, own).is_some_and(|d| d.is_zero()) => Ok(Some(())),
            _ => Err("the value at the point is not shown to be the limit".into()),
        }
    }

    /// Derivatives enclosed by intervals, where both formulas are analytic at the point itself.
    fn enclosed(&self, k: usize, lower: &str, upper: &str) -> Result<Option<String>, String> {
        let number = |text: &str| parse_rational(text).map_err(|e| e.to_string());
        let (lower, upper) = (number(lower)?, number(upper)?);
        let point = Region::point(self.at, self.field);
        let at = self.field.enclose(self.at, BITS, &|_| None).ok_or("a parameter leaves the point open")?;
        let value = |e: &Expr| {
            let mut e = point.analytic(e)?;
            for _ in 0..k {
                e = derivative(&e)?;
            }
            plain::eval(&e, &at)
        };
        let jump = value(&self.right)?.sub(&value(&self.left)?);
        match jump.lo >= lower && jump.hi <= upper && (lower > 0 || upper < 0) {
            true => Ok(Some(format!("[{lower}, {upper}]"))),
            false => Err(format!("the jump of the derivative of order {k} lies in {jump}: it is not what is claimed")),
        }
    }
}
