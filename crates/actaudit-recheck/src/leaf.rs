//! One leaf: `h <= upper` on a box, by the method that the certificate names.

use super::function::{End, Point, span};
use super::objective::{MAX_FLATNESS, Objective, at_most, exactly, reaches, vanishes};
use super::tail::Tail;
use super::work;
use crate::certificate::Method;
use actaudit_expr::Expr;
use actaudit_expr::plain::{Interval, shortened};
use rug::{Float, Rational};
use std::cmp::Ordering;
use std::rc::Rc;
use std::time::Instant;

/// A leaf is halved at most so often in a row.
const MAX_DEPTH: u32 = 24;
/// All leaves of a certificate together are halved at most so often.
const MAX_BISECTIONS: usize = 4_000;
/// A box of the cover.
#[derive(Clone)]
pub(super) struct Block {
    pub lo: End,
    pub hi: End,
}

impl Block {
    /// The half-line, if this is one that does not reach zero.
    pub fn tail(&self) -> Option<Tail> {
        match (&self.lo, &self.hi) {
            (End::At(p), End::Infinite(true)) => Tail::new(&p.value.lo, false),
            (End::Infinite(false), End::At(p)) => Tail::new(&-p.value.hi.clone(), true),
            _ => None,
        }
    }

    pub fn finite(&self) -> Result<(&Point, &Point), String> {
        match (&self.lo, &self.hi) {
            (End::At(a), End::At(b)) => Ok((a, b)),
            _ => Err("the method needs a bounded box".into()),
        }
    }

    /// A point inside at which to halve: doubling towards infinity.
    pub fn middle(&self, prec: u32) -> Option<Point> {
        let step = |x: &Float| {
            let one = Float::with_val(prec, 1);
            if *x < 1 { one } else { Float::with_val(prec, x * 2u32) }
        };
        let middle = match (&self.lo, &self.hi) {
            (End::At(a), End::At(b)) => Float::with_val(prec, &a.value.hi + &b.value.lo) / 2u32,
            (End::At(a), End::Infinite(_)) => step(&a.value.hi),
            (End::Infinite(_), End::At(b)) => -step(&-b.value.lo.clone()),
            (End::Infinite(_), End::Infinite(_)) => Float::new(prec),
        };
        let x = span(&self.lo, &self.hi, prec);
        if middle > x.lo && middle < x.hi { Point::float(&middle) } else { None }
    }
}

/// The inequality `d^k h <= bound`, or `>= bound` for `above`.
struct Inequality<'a> {
    k: usize,
    above: bool,
    bound: &'a Point,
}

/// Why an inequality is not proved.
enum Failure {
    /// it does not hold
    False(String),
    /// it may hold
    Open(String),
}

impl Failure {
    fn reason(self) -> String {
        let (Self::False(reason) | Self::Open(reason)) = self;
        reason
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Open(reason)
    }
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        Self::Open(reason.into())
    }
}

/// Checks leaves, and counts the work.
pub(super) struct Checker {
    pub prec: u32,
    pub bisections: usize,
    until: Option<Instant>,
}

impl Checker {
    /// With this precision, until then.
    pub const fn new(prec: u32, until: Option<Instant>) -> Self {
        Self { prec, bisections: 0, until }
    }

    fn in_time(&self) -> Result<(), String> {
        work::spend(0, 0)?;
        let over = self.until.is_some_and(|t| Instant::now() >= t);
        if over { Err("the time for checking is over".into()) } else { Ok(()) }
    }

    /// Proves `h <= upper` on a box, for the reason that the certificate names; if that reason can be proved on parts
    /// of the box only, the parts are looked at one by one.
    ///
    /// # Errors
    /// What could not be proved.
    pub fn check(
        &mut self,
        o: &Objective,
        b: &Block,
        method: Method,
        at: Option<&Point>,
        upper: &Point,
    ) -> Result<(), String> {
        if matches!(method, Method::Concave | Method::Flat) != at.is_some() {
            return Err("the methods `concave` and `flat`, and no others, come with a point `at`".into());
        }
        let mut reason = None;
        for words in o.words(b, self.prec) {
            match self.in_words(words, b, method, at, upper) {
                Ok(()) => return Ok(()),
                Err(e) => reason = reason.filter(|_| !std::ptr::eq(words, o)).or(Some(e)),
            }
        }
        Err(reason.unwrap_or_default())
    }

    /// The same with h in these words.
    fn in_words(
        &mut self,
        o: &Objective,
        b: &Block,
        method: Method,
        at: Option<&Point>,
        upper: &Point,
    ) -> Result<(), String> {
        self.in_time()?;
        // each selection for itself, where they all have the bound; of values, one alone, for the other may not have it where it is not taken
        if let Some(all) = o.selections(b, self.prec).filter(|all| all.len() == 1 || o.order > 0)
            && all.iter().all(|s| self.check(s, b, method, at, upper).is_ok())
            && o.has_values(b, self.prec).is_ok()
        {
            return Ok(());
        }
        match self.by(o, b, method, at, upper) {
            Ok(()) => Ok(()),
            Err(Failure::False(reason)) => Err(reason),
            Err(Failure::Open(reason)) => {
                let all = self.everywhere(o, b, &Inequality { k: 0, above: false, bound: upper });
                all.map_err(|f| if let Failure::False(better) = f { better } else { reason })
            }
        }
    }

    /// Proves that f and h have values on a box, which is halved where it is too wide.
    pub fn defined(&mut self, o: &Objective, whole: &Block) -> Result<(), String> {
        let mut parts = vec![(whole.clone(), 0)];
        while let Some((part, depth)) = parts.pop() {
            self.in_time()?;
            let Err(reason) = o.defined(&part, self.prec) else { continue };
            let middle = part.middle(self.prec).filter(|_| depth < MAX_DEPTH && self.bisections < MAX_BISECTIONS);
            let Some(middle) = middle else { return Err(reason) };
            self.bisections += 1;
            let at = End::At(middle);
            parts.push((Block { lo: at.clone(), hi: part.hi }, depth + 1));
            parts.push((Block { lo: part.lo, hi: at }, depth + 1));
        }
        Ok(())
    }

    fn by(
        &mut self,
        o: &Objective,
        b: &Block,
        method: Method,
        at: Option<&Point>,
        upper: &Point,
    ) -> Result<(), Failure> {
        let prec = self.prec;
        let below = |what: &str, e: &Expr, p: &End| {
            at_most(e, p, upper, prec).map_err(|e| Failure::Open(format!("{what} is too large: {e}")))
        };
        match method {
            Method::Tail if b.tail().is_none() => {
                Err(Failure::False("a tail is a half-line that begins beyond zero".into()))
            }
            Method::Direct | Method::Mean | Method::Tail => {
                self.everywhere(o, b, &Inequality { k: 0, above: false, bound: upper })
            }
            Method::Increasing => self.sign(o, b, 1, true).and_then(|()| below("h", o.d(0)?, &b.hi)),
            Method::Decreasing => self.sign(o, b, 1, false).and_then(|()| below("h", o.d(0)?, &b.lo)),
            Method::Convex => {
                b.finite()?;
                self.sign(o, b, 2, true)?;
                [&b.lo, &b.hi].into_iter().try_for_each(|end| below("h", o.d(0)?, end))
            }
            Method::Concave => {
                let (lo, hi) = b.finite()?;
                let c = at.ok_or("the point `at` is missing")?;
                let inside = End::At(c.clone());
                if !(b.lo.at_most(&inside) && inside.at_most(&b.hi)) {
                    return Err(Failure::False("the point `at` is not in the box".into()));
                }
                self.sign(o, b, 2, false)?;
                // a tangent lies above a concave function, and is largest at an end; one that touches at an end is as good
                let tangent = |c: &Expr| {
                    let line = o.d(0)?.substitute_x(c) + o.d(1)?.substitute_x(c) * (Expr::var() - c.clone());
                    [&b.lo, &b.hi].into_iter().try_for_each(|end| below("the tangent", &line, end))
                };
                // where it is exactly level, the touching point decides
                if reaches(o.d(1)?, c, &Point::zero(prec), Ordering::is_eq) && below("h", o.d(0)?, &inside).is_ok() {
                    return Ok(());
                }
                tangent(&c.expr).or_else(|e| tangent(&lo.expr).or_else(|_| tangent(&hi.expr)).map_err(|_: Failure| e))
            }
            // h(c + t) = h(c) + t^m h^(m)(..)/m!, where c is an end of the box and the derivatives before are zero there
            Method::Flat => {
                let (lo, hi) = b.finite()?;
                let c = at.ok_or("the point `at` is missing")?;
                let upper_end = match c.exact.as_ref() {
                    Some(q) if Some(q) == hi.exact.as_ref() => true,
                    Some(q) if Some(q) == lo.exact.as_ref() => false,
                    _ => return Err(Failure::False("the point `at` is not a rational end of the box".into())),
                };
                let value = |m: usize| -> Result<Rational, Failure> {
                    Ok(exactly(o.d(m)?, c).ok_or("a derivative at the end of the box is not rational")?)
                };
                let mut m = 1;
                while value(m)? == 0 {
                    m += 1;
                    if m > MAX_FLATNESS {
                        return Err(Failure::False("every derivative at the end of the box is zero".into()));
                    }
                }
                self.sign(o, b, m, upper_end && m % 2 == 1)?;
                below("h", o.d(0)?, &End::At(c.clone()))
            }
            Method::Constant => {
                if !vanishes(o.d(1)?) {
                    let reason = format!("h is not constant: h' is `{}`", shortened(o.d(1)?));
                    return Err(if o.kinked { Failure::Open(reason) } else { Failure::False(reason) });
                }
                o.defined(b, prec)?;
                let zero = End::At(Point::zero(prec));
                let somewhere = [&b.lo, &b.hi].into_iter().find(|e| matches!(e, End::At(_)));
                below("h", o.d(0)?, somewhere.unwrap_or(&zero))
            }
        }
    }

    /// Proves that the k-th derivative of h is nowhere negative (`above`) or nowhere positive on a box.
    fn sign(&mut self, o: &Objective, b: &Block, k: usize, above: bool) -> Result<(), Failure> {
        let zero = Point::zero(self.prec);
        self.everywhere(o, b, &Inequality { k, above, bound: &zero })
    }

    /// Proves that h is convex on a box.
    pub fn convex(&mut self, o: &Objective, b: &Block) -> Result<(), String> {
        self.sign(o, b, 2, true).map_err(Failure::reason)
    }

    /// Proves that h rises (`up`) or falls on a box, not necessarily strictly.
    pub fn monotone(&mut self, o: &Objective, b: &Block, up: bool) -> Result<(), String> {
        let mut last = String::new();
        for words in o.words(b, self.prec) {
            match self.sign(words, b, 1, up) {
                Ok(()) => return Ok(()),
                Err(failure) => last = failure.reason(),
            }
        }
        Err(last)
    }

    /// Proves an inequality on a box, which is halved where it is too wide.
    fn everywhere(&mut self, o: &Objective, whole: &Block, q: &Inequality) -> Result<(), Failure> {
        let bound = if q.above { q.bound.neg() } else { q.bound.clone() };
        let relation = if q.above { ">=" } else { "<=" };
        let goal = format!("h{} {relation} {}", "'".repeat(q.k), shortened(&q.bound.expr));
        // a derivative that is too large is so on every part
        o.d(q.k)?;
        let e = Oriented { o, k: q.k, down: q.above };
        let mut parts = vec![(whole.clone(), 0)];
        let mut first = None;
        while let Some((part, depth)) = parts.pop() {
            self.in_time()?;
            let once = |()| self.once(&e, &part, &bound);
            let all = if q.k == 0 { o.selections(&part, self.prec) } else { None };
            let selected = |s: &Rc<Objective>| {
                s.defined(&part, self.prec)?;
                self.once(&Oriented { o: s, ..e }, &part, &bound)
            };
            let Err(reason) = o.defined(&part, self.prec).and_then(once).or_else(|reason| match all {
                Some(all) if all.iter().all(|s| selected(s).is_ok()) => o.has_values(&part, self.prec),
                _ => Err(reason),
            }) else {
                continue;
            };
            let reason = first.get_or_insert_with(|| format!("{goal} could not be proved: {reason}")).clone();
            let middle = part.middle(self.prec).filter(|_| depth < MAX_DEPTH && self.bisections < MAX_BISECTIONS);
            let Some(middle) = middle else { return Err(Failure::Open(reason)) };
            if let Ok(value) = e.over(0, &middle.value)
                && value.lo > bound.up()
            {
                let value = if q.above { value.neg() } else { value };
                return Err(Failure::False(format!(
                    "{goal} is false at {}, where it lies in {value}",
                    shortened(&middle.expr)
                )));
            }
            self.bisections += 1;
            let at = End::At(middle);
            parts.push((Block { lo: at.clone(), hi: part.hi }, depth + 1));
            parts.push((Block { lo: part.lo, hi: at }, depth + 1));
        }
        Ok(())
    }

    /// Proves `e <= bound` on one box: by its enclosure, on a half-line as a tail, at an end if it is monotone, or
    /// by the mean-value form.
    fn once(&self, e: &Oriented, b: &Block, bound: &Point) -> Result<(), String> {
        let x = span(&b.lo, &b.hi, self.prec);
        let (range, down) = (e.over(0, &x), bound.down());
        let on_tail = |t: Tail| {
            let below = |upper: Result<Float, String>| upper.is_ok_and(|u| u <= down);
            below(e.expr().and_then(|e| t.upper(&e))) || below(e.chain().and_then(|c| t.upper_along(&c)))
        };
        if range.as_ref().is_ok_and(|r| r.hi <= down) || b.tail().is_some_and(on_tail) {
            return Ok(());
        }
        let slopes = e.over(1, &x)?;
        if slopes.lo >= 0 || slopes.hi <= 0 {
            return at_most(&e.expr()?, if slopes.lo >= 0 { &b.hi } else { &b.lo }, bound, self.prec);
        }
        if let (Ok(_), Some(m)) = (b.finite(), b.middle(self.prec)) {
            let mean = e.over(0, &m.value)?.add(&slopes.mul(&x.sub(&m.value)));
            if mean.hi <= down {
                return Ok(());
            }
        }
        Err(format!("on the box it lies in {}", range?))
    }
}

/// The k-th derivative of h, or its negative.
struct Oriented<'a> {
    o: &'a Objective,
    k: usize,
    down: bool,
}

impl Oriented<'_> {
    fn turned(&self, e: &Expr) -> Expr {
        if self.down { -e.clone() } else { e.clone() }
    }

    fn expr(&self) -> Result<Expr, String> {
        self.o.d(self.k).map(|e| self.turned(e))
    }

    /// From f on, each the derivative of the one before.
    fn chain(&self) -> Result<Vec<Expr>, String> {
        Ok(self.o.chain(self.k)?.iter().map(|e| self.turned(e)).collect())
    }

    /// Encloses its j-th derivative over an interval.
    fn over(&self, j: usize, x: &Interval) -> Result<Interval, String> {
        let value = self.o.over(self.k + j, x)?;
        Ok(if self.down { value.neg() } else { value })
    }
}
