//! One junction: what is claimed there against the germs of both sides.

use crate::analytic::Region;
use crate::continuity::{Jump, Junction, Order};
use crate::field::{Field, Value};
use crate::germ::{Germ, Germs, Lack, Limit};
use crate::system::eval;
use actaudit_expr::plain;
use actaudit_expr::{Expr, parse_rational};
use std::cell::Cell;

/// Higher orders are not checked.
const MAX_ORDER: usize = 64;
/// Germs have at most so many terms.
const MAX_TERMS: usize = 400;
/// `x = c + t^d` for no larger `d`.
const MAX_ROOT: usize = 24;
/// Bits with which derivatives are enclosed that are not known exactly, and nodes that these may have.
const BITS: u32 = 512;
const MAX_SIZE: usize = 20_000;

/// What meets at a point.
pub(super) struct Sides<'a> {
    pub left: &'a Expr,
    pub right: &'a Expr,
    /// the piece that has the point
    pub own: &'a Expr,
    pub at: &'a Value,
    pub field: &'a Field,
}

/// A text as an expression in the parameters, and its value.
type Read<'a> = &'a dyn Fn(&str) -> Result<(Expr, Value), String>;

/// Verifies a claim. The jump as a text, if there is one.
pub(super) fn check(sides: &Sides<'_>, j: &Junction, read: Read<'_>) -> Result<Option<String>, String> {
    let own = eval(sides.field, sides.own, sides.at)?;
    let mut terms = 6;
    loop {
        let claim = match (j.order, &j.jump) {
            (Order::Class(n), jump) => {
                sides.class(usize::try_from(n + 1).unwrap_or(0), jump.as_ref(), &own, terms, read)
            }
            (_, Some(_)) => Err("a function without end of derivatives has no jump".into()),
            (order, None) => sides.smooth(order, &own, terms).map(|shown| shown.map(|()| None)),
        };
        match claim? {
            Some(jump) => return Ok(jump),
            None if terms < MAX_TERMS => terms *= 3,
            None => return Err("the expansions are not known far enough".into()),
        }
    }
}

impl Sides<'_> {
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
            match (one(self.left, false), one(self.right, true)) {
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
        let Some((germs, root)) = self.germs(terms.max(count + 4))? else { return Ok(None) };
        let limits = |k: usize| {
            [false, true].map(|right| self.system(right, root, terms).derivative(&germs[usize::from(right)], k))
        };
        let minus = |a: &Value, b: &Value| self.field.minus(a, b).ok_or_else(|| "a jump is too large".to_owned());
        let same = |a: &Value, b: &Value| Ok::<_, String>(minus(a, b)?.is_zero());
        for k in 0..count {
            match limits(k) {
                [Limit::Short, _] | [_, Limit::Short] => return Ok(None),
                [Limit::Finite(l), Limit::Finite(r)] if same(&l, &r)? && (k > 0 || same(&l, own)?) => {}
                _ => return Err(format!("the derivatives of order {k} are not shown to be equal")),
            }
        }
        let Some(jump) = jump else { return Ok(Some(None)) };
        if let Jump::Enclosed { lower, upper } = jump {
            return self.enclosed(count, lower, upper).map(|text| Some(Some(text)));
        }
        let limits = limits(count);
        if limits.contains(&Limit::Short) {
            return Ok(None);
        }
        let is = |limit: &Limit, text: &str| match (limit, text) {
            (Limit::Infinite, "infinite") => Ok(None),
            (Limit::Finite(v), text) if text != "infinite" => match read(text)? {
                (e, claimed) if same(v, &claimed)? => Ok(Some((e, v.clone()))),
                _ => Err(format!("a limit of the derivative of order {count} is not shown to be `{text}`")),
            },
            _ => Err(format!("a limit of the derivative of order {count} is not shown to be `{text}`")),
        };
        let (from, to) = match jump {
            Jump::Sides { left, right } => (is(&limits[0], left)?, is(&limits[1], right)?),
            Jump::Value { limit, value } if count == 0 => {
                is(&limits[1], limit)?;
                (is(&limits[0], limit)?, is(&Limit::Finite(own.clone()), value)?)
            }
            _ => return Err("only a function, not its derivative, can have a value apart from its limit".into()),
        };
        let (Some((a, from)), Some((b, to))) = (from, to) else { return Ok(Some(Some("infinite".into()))) };
        if !self.field.sign(&minus(&to, &from)?).is_nonzero() {
            return Err(format!("`{a}` and `{b}` are not shown to differ"));
        }
        Ok(Some(Some((b - a).simplified().to_string())))
    }

    /// Both sides have the same Laurent part, as an expression of `x`, and no pole. Without flat parts the function is
    /// that analytic one; with them it still has all its derivatives, and these agree.
    fn smooth(&self, order: Order, own: &Value, terms: usize) -> Result<Option<()>, String> {
        let Some(([left, right], root)) = self.germs(terms)? else { return Ok(None) };
        let forms = left.form.as_ref().zip(right.form.as_ref());
        let same = forms.and_then(|(l, r)| self.field.minus(l, r)).is_some_and(|difference| difference.is_zero());
        if !same {
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
    fn enclosed(&self, k: usize, lower: &str, upper: &str) -> Result<String, String> {
        let number = |text: &str| parse_rational(text).map_err(|e| e.to_string());
        let (lower, upper) = (number(lower)?, number(upper)?);
        let point = Region::point(self.at, self.field);
        let at = self.field.enclose(self.at, BITS, &|_| None).ok_or("a parameter leaves the point open")?;
        let value = |e: &Expr| {
            let mut e = point.analytic(e)?.expr;
            for _ in 0..k {
                e = Some(e).filter(|e| e.size() <= MAX_SIZE).ok_or("a derivative is too large")?.derivative();
            }
            plain::eval(&e, &at)
        };
        let jump = value(self.right)?.sub(&value(self.left)?);
        let inside = jump.lo >= lower && jump.hi <= upper && jump.is_bounded();
        match inside && (lower > 0 || upper < 0) {
            true => Ok(format!("[{lower}, {upper}]")),
            false => {
                Err(format!("the jump of the derivative of order {k}, in {jump}, is not shown to be what is claimed"))
            }
        }
    }
}
