//! Certificates of continuity classes, and the rules by which they are checked.
//!
//! A function is of the class that its junctions allow if it is analytic between them. What is claimed for a parameter
//! with a domain is checked for all values in it; the other parameters have the values that are given.

use crate::analytic::Region;
use crate::certificate::{Piece, Schema};
use crate::field::{Field, Value};
use crate::function::is_name;
use crate::junction::{Sides, check as check_junction};
use crate::system::eval;
use actaudit_expr::plain::clipped;
use actaudit_expr::{self as expr, Activation, End, Expr, Node, ParamDomain, catalog};
use rug::Rational;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More pieces or junctions are refused.
const MAX_PIECES: usize = 1000;

/// The claim that a function is of a continuity class.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// version of the format
    pub schema: Schema,
    /// catalogue id, or any other name for a definition of the user's own
    pub id: String,
    /// all parameters that occur
    pub params: Vec<Parameter>,
    /// the definition as it stands, from left to right, with its parameters as symbols
    pub pieces: Vec<Piece>,
    /// the class; not to be had higher if a junction of this order has a jump
    pub order: Order,
    /// where pieces meet, and where `abs`, `min` and `max` change inside of a piece, from left to right
    pub junctions: Vec<Junction>,
}

/// A parameter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// as it occurs in expressions
    pub name: String,
    /// exact
    pub value: String,
    /// the interval for all of whose values the class is claimed; only for the value, if there is none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
}

/// A continuity class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "OrderText", into = "OrderText")]
pub enum Order {
    /// derivatives up to this order are continuous; -1: nothing is claimed
    Class(i32),
    /// infinitely often differentiable
    Infinite,
    /// analytic
    Analytic,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum OrderText {
    Class(i32),
    Word(String),
}

impl TryFrom<OrderText> for Order {
    type Error = String;

    fn try_from(text: OrderText) -> Result<Self, String> {
        match text {
            OrderText::Class(n) if n >= -1 => Ok(Self::Class(n)),
            OrderText::Word(word) if word == "infinite" => Ok(Self::Infinite),
            OrderText::Word(word) if word == "analytic" => Ok(Self::Analytic),
            _ => Err("the order is neither -1, 0, 1, .. nor `infinite` nor `analytic`".into()),
        }
    }
}

impl From<Order> for OrderText {
    fn from(order: Order) -> Self {
        match order {
            Order::Class(n) => Self::Class(n),
            Order::Infinite => Self::Word("infinite".into()),
            Order::Analytic => Self::Word("analytic".into()),
        }
    }
}

/// The class at one point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Junction {
    /// the point, an expression in the parameters
    pub at: String,
    /// the class there
    pub order: Order,
    /// why it is not higher; if there is none, it may be
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<Jump>,
}

/// Right minus left of the derivative after the last continuous one; or value minus limit, where the limits agree.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Jump {
    /// an expression in the parameters, or `infinite` if a limit is
    Exact(String),
    /// a number between these, which have the same sign
    Enclosed {
        /// exact decimal or rational
        lower: String,
        /// exact decimal or rational
        upper: String,
    },
}

/// Why a certificate is rejected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// The definition is not one, or not the one of that name.
    #[error("the definition of `{name}`: {reason}")]
    Definition {
        /// its id
        name: String,
        /// what is wrong
        reason: String,
    },
    /// The function is not shown to be analytic between two junctions.
    #[error("on ({lo}, {hi}): {reason}")]
    Inside {
        /// before which junction
        index: usize,
        /// lower end
        lo: String,
        /// upper end
        hi: String,
        /// the operation
        reason: String,
    },
    /// The claim at a junction is not shown to be true.
    #[error("at {at}: {reason}")]
    Junction {
        /// which one, from the left
        index: usize,
        /// the point
        at: String,
        /// what is wrong
        reason: String,
    },
    /// The class is not the lowest of the junctions' classes.
    #[error("the class claimed is not the lowest of those of the junctions")]
    Class,
}

/// What the checker verified. Only it makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    statement: String,
    order: Order,
    exactly: bool,
    free: Vec<String>,
    jumps: Vec<Option<String>>,
}

impl Accepted {
    /// In words: of what, for which parameters, and why.
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The class.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// Whether it is shown not to be higher.
    #[must_use]
    pub fn exactly(&self) -> bool {
        self.exactly
    }

    /// The parameters for all of whose values it holds, `a in (0, inf)`.
    #[must_use]
    pub fn free(&self) -> &[String] {
        &self.free
    }

    /// For each junction the jump of the first derivative that is not continuous: an expression in the parameters,
    /// `infinite`, or an interval.
    #[must_use]
    pub fn jumps(&self) -> &[Option<String>] {
        &self.jumps
    }
}

/// Verifies everything that the certificate claims.
///
/// # Errors
/// With the place and the reason if anything in it could not be verified.
pub fn check(c: &Certificate) -> Result<Accepted, Rejection> {
    crate::work::begin();
    let fail = |reason| Rejection::Definition { name: clipped(&c.id), reason };
    let definition = Definition::read(c).map_err(fail)?;
    let points: Vec<Point> =
        c.junctions.iter().map(|j| definition.point(&j.at)).collect::<Result<_, _>>().map_err(fail)?;
    let mut walk = Walk { definition: &definition, piece: 0, left: None };
    let reject = |index: usize, reason| {
        let at = points.get(index).map_or_else(String::new, |p| p.0.to_string());
        Rejection::Junction { index, at, reason }
    };
    let (mut between, mut owners) = (vec![], vec![]);
    for (i, (at, point)) in points.iter().enumerate() {
        let [left, own] = walk.step(point).map_err(|reason| reject(i, reason))?;
        between.push(walk.inside(i, left, Some((at, point)))?);
        owners.push(own.value.clone());
        walk.left = Some((at.clone(), point.clone()));
    }
    let last = &definition.pieces[walk.piece];
    if let Some((at, _)) = &last.hi {
        return Err(reject(points.len(), format!("pieces meet at {at}, which is not said")));
    }
    between.push(walk.inside(points.len(), last, None)?);
    let mut jumps = vec![];
    for (i, ((j, own), (_, at))) in c.junctions.iter().zip(owners).zip(&points).enumerate() {
        let (left, right) = (between[i].clone(), between[i + 1].clone());
        let sides = Sides { left, right, own, at, field: &definition.field };
        jumps.push(check_junction(sides, j, &|text| definition.point(text)).map_err(|reason| reject(i, reason))?);
    }
    if c.junctions.iter().map(|j| j.order).min().unwrap_or(Order::Analytic) != c.order {
        return Err(Rejection::Class);
    }
    let exactly = c.junctions.iter().any(|j| j.order == c.order && j.jump.is_some());
    let statement = definition.statement(c, exactly, &jumps);
    Ok(Accepted { statement, order: c.order, exactly, free: definition.free, jumps })
}

type Point = (Expr, Value);

/// A piece, with the values of the parameters that have only one.
struct Part {
    lo: Option<Point>,
    hi: Option<Point>,
    closed: [bool; 2],
    value: Expr,
}

struct Definition {
    /// with the values of parameters
    name: String,
    /// the pieces as they stand, if the catalogue has no such function
    listed: Option<String>,
    free: Vec<String>,
    values: BTreeMap<String, Rational>,
    field: Field,
    pieces: Vec<Part>,
}

fn parse(text: &str) -> Result<Expr, String> {
    expr::parse_expr(text).map_err(|e| format!("`{}`: {e}", clipped(text)))
}

fn rational(text: &str) -> Result<Rational, String> {
    expr::parse_rational(text).map_err(|e| format!("`{}`: {e}", clipped(text)))
}

/// An interval of parameter values.
fn domain(text: &str) -> Result<ParamDomain, String> {
    let (lo, hi) = expr::parse_interval(text).map_err(|e| format!("`{}`: {e}", clipped(text)))?;
    let end = |end: End| match end {
        End::Infinite => Ok((None, false)),
        End::At { at, closed } => match at.exact_rational() {
            Some(q) => Ok((Some(q), closed)),
            None => Err(format!("`{}`: an end is not a rational number", clipped(text))),
        },
    };
    let ((lo, lo_closed), (hi, hi_closed)) = (end(lo)?, end(hi)?);
    Ok(ParamDomain { lo, lo_closed, hi, hi_closed, integer: false })
}

impl Definition {
    fn read(c: &Certificate) -> Result<Self, String> {
        if c.pieces.len() > MAX_PIECES || c.junctions.len() > MAX_PIECES {
            return Err("it has too many pieces or junctions".into());
        }
        if !is_name(&c.id) {
            return Err("the id is not a name".into());
        }
        let pieces = c.pieces.iter().map(written).collect::<Result<Vec<_>, _>>()?;
        let (mut values, mut domains) = (BTreeMap::new(), BTreeMap::new());
        for p in &c.params {
            let name = clipped(&p.name);
            let is_param = |n: &Node| matches!(n, Node::Param(other) if **other == *p.name);
            if !is_name(&p.name) || !parse(&p.name).is_ok_and(|e| is_param(e.node())) {
                return Err(format!("`{name}` is not the name of a parameter"));
            }
            if !pieces.iter().flat_map(expressions).any(|e| e.any(&mut |n| is_param(n))) {
                return Err(format!("the parameter `{name}` does not occur"));
            }
            let value = rational(&p.value)?;
            if let Some(all) = &p.all {
                let domain = domain(all)?;
                if !domain.contains(&value) {
                    return Err(format!("the value of `{name}` is not in the interval for which the class is claimed"));
                }
                domains.insert(Arc::from(p.name.as_str()), domain);
            }
            if values.insert(p.name.clone(), value).is_some() {
                return Err(format!("the parameter `{name}` is given twice"));
            }
        }
        let catalogued = catalogued(c, &pieces, &values, &domains)?;
        let fixed: Vec<_> = c.params.iter().filter(|p| p.all.is_none()).collect();
        let listed: Vec<String> = fixed.iter().map(|p| format!("{}={}", p.name, values[&p.name])).collect();
        let name = if listed.is_empty() { c.id.clone() } else { format!("{}({})", c.id, listed.join(", ")) };
        let all = |e: &expr::Piece| format!("{} on {}", e.expr, e.on());
        let mut out = Self {
            name,
            listed: (!catalogued).then(|| pieces.iter().map(all).collect::<Vec<_>>().join("; ")),
            free: domains.iter().map(|(name, d)| format!("{name} in {d}")).collect(),
            values: fixed.into_iter().map(|p| (p.name.clone(), values[&p.name].clone())).collect(),
            field: Field::new(domains),
            pieces: vec![],
        };
        out.pieces = pieces.iter().map(|p| out.part(p)).collect::<Result<_, _>>()?;
        out.cover()?;
        Ok(out)
    }

    fn put_in(&self, e: &Expr) -> Expr {
        e.substitute_params(&|name| self.values.get(name).cloned().map(Expr::rational))
    }

    /// A point, as written and as a value.
    fn point(&self, text: &str) -> Result<Point, String> {
        let e = parse(text)?;
        Ok((e.clone(), self.value(&e)?))
    }

    fn value(&self, e: &Expr) -> Result<Value, String> {
        if e.depends_on_x() {
            return Err(format!("`{e}` depends on x"));
        }
        eval(&self.field, &self.put_in(e), &Value::default())
    }

    fn part(&self, p: &expr::Piece) -> Result<Part, String> {
        let end = |end: &End| match end {
            End::Infinite => Ok::<_, String>((None, false)),
            End::At { at, closed } => Ok((Some((at.clone(), self.value(at)?)), *closed)),
        };
        let ((lo, lo_closed), (hi, hi_closed)) = (end(&p.lo)?, end(&p.hi)?);
        Ok(Part { lo, hi, closed: [lo_closed, hi_closed], value: self.put_in(&p.expr) })
    }

    /// Each piece begins where the one before it ends, and just one of them has the point. A piece is an interval, for
    /// all values of the parameters, or one point.
    fn cover(&self) -> Result<(), String> {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return Err("there are no pieces".into());
        };
        if first.lo.is_some() || last.hi.is_some() {
            return Err("the pieces do not cover the real line".into());
        }
        for (i, pair) in self.pieces.windows(2).enumerate() {
            let meet = match (&pair[0].hi, &pair[1].lo) {
                (Some((_, a)), Some((_, b))) => self.distance(a, b)?.is_zero(),
                _ => false,
            };
            if !meet || pair[0].closed[1] == pair[1].closed[0] {
                return Err(format!("pieces {i} and {} leave a gap or overlap", i + 1));
            }
        }
        for (i, p) in self.pieces.iter().enumerate() {
            let (Some((_, lo)), Some((_, hi))) = (&p.lo, &p.hi) else { continue };
            let length = self.distance(lo, hi)?;
            if !(self.field.sign(&length).is_positive() || length.is_zero() && p.closed == [true, true]) {
                return Err(format!("piece {i} is not shown to be an interval or a point"));
            }
        }
        Ok(())
    }

    fn distance(&self, from: &Value, to: &Value) -> Result<Value, String> {
        self.field.minus(to, from).ok_or_else(|| "the ends of the pieces are too large".into())
    }

    fn statement(&self, c: &Certificate, exactly: bool, jumps: &[Option<String>]) -> String {
        let scope = if self.free.is_empty() { String::new() } else { format!(", for every {}", self.free.join(", ")) };
        let mut text = format!("`{}` is {}{scope}", self.name, class(c.order, exactly));
        for (j, jump) in c.junctions.iter().zip(jumps) {
            let at = parse(&j.at).map_or_else(|_| String::new(), |e| e.to_string());
            text += &format!("\nat {at}: {}", class(j.order, jump.is_some()));
            if let (Some(jump), Order::Class(n)) = (jump, j.order) {
                text += &match (n, jump.as_str()) {
                    (-1, "infinite") => ", it is unbounded".into(),
                    (-1, _) => format!(", it jumps by {jump}"),
                    (_, "infinite") => format!(", the derivative of order {} is infinite", n + 1),
                    _ => format!(", the derivative of order {} jumps by {jump}", n + 1),
                };
            }
        }
        if let Some(listed) = &self.listed {
            text += &format!("\nwith `{}` as this certificate defines it: {listed}", c.id);
        }
        text
    }
}

fn class(order: Order, exactly: bool) -> String {
    match order {
        Order::Analytic => "analytic".into(),
        Order::Infinite => "infinitely often differentiable".into(),
        Order::Class(-1) if exactly => "not continuous".into(),
        Order::Class(-1) => "of no class that is shown".into(),
        Order::Class(n) if exactly => format!("C^{n} and not C^{}", n + 1),
        Order::Class(n) => format!("at least C^{n}"),
    }
}

/// A piece as an expression on an interval.
fn written(p: &Piece) -> Result<expr::Piece, String> {
    let end = |text: &str, infinite: &str, closed: bool| match text == infinite {
        true if closed => Err("an infinite end belongs to no piece".to_owned()),
        true => Ok(End::Infinite),
        false => Ok(End::At { at: parse(text)?, closed }),
    };
    Ok(expr::Piece {
        lo: end(&p.lo, "-inf", p.lo_closed)?,
        hi: end(&p.hi, "inf", p.hi_closed)?,
        expr: parse(&p.value)?,
    })
}

fn expressions(p: &expr::Piece) -> Vec<&Expr> {
    let end = |end| match end {
        &End::Infinite => None,
        End::At { at, .. } => Some(at),
    };
    [Some(&p.expr), end(&p.lo), end(&p.hi)].into_iter().flatten().collect()
}

/// Whether the catalogue has this function: under a name of the catalogue, nothing else may stand.
fn catalogued(
    c: &Certificate,
    pieces: &[expr::Piece],
    values: &BTreeMap<String, Rational>,
    domains: &BTreeMap<Arc<str>, ParamDomain>,
) -> Result<bool, String> {
    let Ok(definition) = catalog::find(&c.id) else { return Ok(false) };
    for p in &definition.params {
        let other = domains
            .get(p.name.as_str())
            .filter(|d| ParamDomain { integer: p.domain.integer, ..(*d).clone() } != p.domain);
        if let Some(other) = other {
            return Err(format!("the catalogue has {} in {}, not {other}", p.name, p.domain));
        }
    }
    let same = |a: &Expr, b: &Expr| a == b || a.simplified() == b.simplified();
    let same_end = |a: &End, b: &End| match (a, b) {
        (End::At { at: a, closed: p }, End::At { at: b, closed: q }) => p == q && same(a, b),
        _ => a == b,
    };
    let same_piece = |(a, b): (&expr::Piece, &expr::Piece)| {
        same(&a.expr, &b.expr) && same_end(&a.lo, &b.lo) && same_end(&a.hi, &b.hi)
    };
    if pieces.len() != definition.pieces.len() || !pieces.iter().zip(&definition.pieces).all(same_piece) {
        let all: Vec<String> = definition.pieces.iter().map(|e| format!("{} on {}", e.expr, e.on())).collect();
        return Err(format!("it differs from that of the catalogue: {}", all.join("; ")));
    }
    Activation::new(definition, values).map(|_| true).map_err(|e| e.to_string())
}

/// From junction to junction, and from piece to piece.
struct Walk<'a> {
    definition: &'a Definition,
    piece: usize,
    left: Option<Point>,
}

impl<'a> Walk<'a> {
    /// Goes to the next point, which is the end of the current piece or lies inside of it: the piece on its left, and the
    /// one that has it.
    fn step(&mut self, point: &Value) -> Result<[&'a Part; 2], String> {
        let d = self.definition;
        let after = |from: &Value, to: &Value| Ok::<_, String>(d.field.sign(&d.distance(from, to)?).is_positive());
        if let Some((e, left)) = &self.left
            && !after(left, point)?
        {
            return Err(format!("it is not shown to lie to the right of {e}"));
        }
        let current = &d.pieces[self.piece];
        match &current.hi {
            Some((_, hi)) if d.distance(point, hi)?.is_zero() => {
                let next = &d.pieces[self.piece + 1];
                let is_point = match (&next.lo, &next.hi) {
                    (Some((_, lo)), Some((_, hi))) => d.distance(lo, hi)?.is_zero(),
                    _ => false,
                };
                self.piece += if is_point { 2 } else { 1 };
                let own = if current.closed[1] { current } else { next };
                Ok([current, own])
            }
            Some((e, hi)) if !after(point, hi)? => Err(format!("it is not shown to lie to the left of {e}")),
            _ => Ok([current; 2]),
        }
    }

    /// Shows that a piece is analytic between the last junction and the next: its branch there.
    fn inside(&self, index: usize, part: &Part, hi: Option<(&Expr, &Value)>) -> Result<Expr, Rejection> {
        let lo = self.left.as_ref();
        let region = Region::between(lo.map(|l| &l.1), hi.map(|h| h.1), &self.definition.field);
        let shown = region.ok_or_else(|| "its ends are too large".to_owned()).and_then(|r| r.analytic(&part.value));
        let text = |e: Option<&Expr>, infinite: &str| e.map_or_else(|| infinite.to_owned(), Expr::to_string);
        let (lo, hi) = (text(lo.map(|l| &l.0), "-inf"), text(hi.map(|h| h.0), "inf"));
        shown.map_err(|reason| Rejection::Inside { index, lo, hi, reason })
    }
}

#[cfg(test)]
mod tests;
