//! Certified quantities of an activation: range, slope, Lipschitz constant, curvature, distance.

use super::certify;
use super::continuity::one_sided;
use super::deadline::Deadline;
use super::domain::Domain;
use super::objective::{Edge, Objective, limit_beside};
use super::period;
use super::supremum::{self, Goal, Supremum};
use super::undefined;
use super::uniform::{exactly_equal, homogeneity, homogeneity_of_pair};
use crate::expr::plain::{Interval, eval};
use crate::expr::{Activation, End, Expr, Piece, compare_points};
use crate::number::exact::{Assumptions, Exact};
use crate::number::{Real as _, TapeError};
use actaudit_recheck::certificate::Certificate;
use rug::Rational;
use rug::float::Round;
use std::cmp::Ordering;
use std::sync::Arc;

/// What is to be bounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Quantity {
    /// [inf f, sup f]
    Range,
    /// [inf f', sup f']
    Slope,
    /// sup |f'|; infinite where f jumps
    Lipschitz,
    /// sup |f''| where it exists
    Curvature,
    /// sup |f - g|
    Distance,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 5] = [Self::Range, Self::Slope, Self::Lipschitz, Self::Curvature, Self::Distance];

    /// Name, order of the derivative, and whether it is two-sided (an infimum and a supremum) or one supremum of a
    /// magnitude.
    #[must_use]
    pub const fn traits(self) -> (&'static str, usize, bool) {
        match self {
            Self::Range => ("range", 0, true),
            Self::Slope => ("slope", 1, true),
            Self::Lipschitz => ("lipschitz", 1, false),
            Self::Curvature => ("curvature", 2, false),
            Self::Distance => ("distance", 0, false),
        }
    }

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.traits().0
    }

    /// The quantity of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name() == name)
    }
}

/// Why a bound could not be attempted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoundError {
    /// The expression cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A distance needs a second activation.
    #[error("a distance needs a second activation")]
    NoOther,
    /// The domain is empty or a point.
    #[error("the domain {0}..{1} is empty: its lower end must be below its upper end")]
    EmptyDomain(String, String),
    /// An end of the domain has no value.
    #[error("the end `{0}` of the domain has no value")]
    UndefinedEnd(String),
    /// Two ends of pieces or of the domain whose order is not known.
    #[error("cannot decide which of {0} and {1} is larger")]
    Order(String, String),
}

/// The result: one supremum of a magnitude, or an infimum (as the supremum of -h) and a supremum.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct Bound {
    /// what was bounded
    pub quantity: Quantity,
    /// over which part of the line
    pub domain: Domain,
    /// supremum of h, or of |h|
    pub top: Side,
    /// supremum of -h, for two-sided quantities
    pub bottom: Option<Side>,
    /// what is bounded repeats itself after this constant, and was looked at from 0 to it
    pub period: Option<Expr>,
    /// junctions at which f jumps or may jump, for quantities that a jump makes infinite or undecided
    pub jumps: Vec<Jump>,
    /// whether the checker was asked
    pub check: Checked,
    /// how it depends on a parameter, over all of R
    pub scaling: Option<Scaling>,
    /// what the checker accepted
    pub certificates: Vec<Certificate>,
    /// why something was not accepted, if so
    pub rejected: Option<String>,
    /// why an infinite supremum is only that of the points at which there is a value, if so
    pub gaps: Option<String>,
    /// whether f (or g) certainly has no value somewhere in the domain; `rejected` says where
    pub undefined: bool,
}

/// Whether the checker was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Checked {
    /// it said what is proved
    Yes,
    /// nothing is proved
    No,
}

/// One supremum with its objectives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Side {
    /// what was maximised
    pub(crate) objectives: Vec<Objective>,
    /// what the search found; only what `proved` says is proved
    pub answer: Supremum,
    /// what the checker accepted
    pub proved: Proof,
    /// the bounds that it accepted, if they are finite; the search may know them better
    pub bounds: Option<[Rational; 2]>,
}

/// What the checker accepted of a supremum.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Proof {
    /// the enclosure, or that the supremum is infinite
    pub value: bool,
    /// that the supremum is the exact number or expression
    pub exact: bool,
    /// where it is attained, or that it is not
    pub attained: bool,
}

impl Bound {
    /// Whether the search reached its goal on every side.
    fn decided(&self) -> bool {
        std::iter::once(&self.top).chain(&self.bottom).all(|side| side.answer.undecided.is_none())
    }
}

impl Side {
    /// Whether the supremum was proved to be infinite.
    #[must_use]
    pub fn proved_infinite(&self) -> bool {
        self.proved.value && self.answer.lower.is_infinite()
    }

    /// The supremum rounded up, if it was proved to be finite.
    #[must_use]
    pub fn proved_upper(&self) -> Option<f64> {
        let upper = self.answer.upper.to_f64_round(Round::Up);
        (self.proved.value && upper.is_finite()).then_some(upper)
    }
}

/// A junction at which the two sides differ or could not be shown to agree.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Jump {
    /// where
    pub at: Expr,
    /// whether the two one-sided values are proved to differ
    pub proved: bool,
}

/// One expression between two edges, numbered by the pieces it comes from. A single point is a part if its value comes from
/// pieces that have no interval beside it.
struct Part {
    expr: Expr,
    from: (usize, Option<usize>),
    lo: Edge,
    hi: Edge,
}

fn edge(end: &End) -> Edge {
    match end {
        End::Infinite => Edge::Infinite,
        End::At { at, .. } => Edge::at(at.clone()),
    }
}

pub(super) fn edge_of(end: Option<&Expr>) -> Edge {
    end.map_or(Edge::Infinite, |e| Edge::at(e.clone()))
}

/// The order of two edges; an infinite one is below (`lower`) or above everything.
fn order(a: &Edge, b: &Edge, lower: bool) -> Result<Ordering, BoundError> {
    let infinite = if lower { Ordering::Less } else { Ordering::Greater };
    match (a, b) {
        (Edge::Infinite, Edge::Infinite) => Ok(Ordering::Equal),
        (Edge::Infinite, _) => Ok(infinite),
        (_, Edge::Infinite) => Ok(infinite.reverse()),
        (Edge::At { at: p, .. }, Edge::At { at: q, .. }) => {
            compare_points(p, q).ok_or_else(|| BoundError::Order(p.to_string(), q.to_string()))
        }
    }
}

/// The common part of two closed intervals, if there is one; it may be a single point.
fn meet(a: (Edge, Edge), b: (Edge, Edge)) -> Result<Option<(Edge, Edge)>, BoundError> {
    let lo = if order(&a.0, &b.0, true)?.is_ge() { a.0 } else { b.0 };
    let hi = if order(&a.1, &b.1, false)?.is_le() { a.1 } else { b.1 };
    let some = lo == Edge::Infinite || hi == Edge::Infinite || order(&lo, &hi, true)?.is_le();
    Ok(some.then_some((lo, hi)))
}

fn is_point(lo: &Edge, hi: &Edge) -> Result<bool, BoundError> {
    Ok(*lo != Edge::Infinite && *hi != Edge::Infinite && order(lo, hi, true)?.is_eq())
}

/// Whether a piece holds a point at one of its ends, or inside.
fn owns(piece: &Piece, point: &Edge) -> Result<bool, BoundError> {
    let closed = |end: &End| matches!(end, End::At { closed: true, .. });
    let above = match order(point, &edge(&piece.lo), true)? {
        Ordering::Equal => closed(&piece.lo),
        side => side.is_gt(),
    };
    Ok(above
        && match order(point, &edge(&piece.hi), false)? {
            Ordering::Equal => closed(&piece.hi),
            side => side.is_lt(),
        })
}

fn parts(f: &Activation, g: Option<&Activation>, domain: &Domain) -> Result<Vec<Part>, BoundError> {
    let whole = [Piece { lo: End::Infinite, hi: End::Infinite, expr: Expr::int(0) }];
    let others: &[Piece] = g.map_or(&whole, |g| &g.pieces);
    let mut out = vec![];
    for (i, p) in f.pieces.iter().enumerate() {
        for (j, q) in others.iter().enumerate() {
            let ends = |p: &Piece| (edge(&p.lo), edge(&p.hi));
            let Some(common) = meet(ends(p), ends(q))? else { continue };
            let limits = (edge_of(domain.lo.as_ref()), edge_of(domain.hi.as_ref()));
            let Some((lo, hi)) = meet(common, limits)? else { continue };
            let expr = || if g.is_some() { p.expr.difference(&q.expr) } else { p.expr.clone() };
            if !is_point(&lo, &hi)? {
                out.push(Part { expr: expr(), from: (i, g.map(|_| j)), lo, hi });
            } else if owns(p, &lo)? && owns(q, &lo)? {
                // the value at one point, which no interval of the same pieces has
                let Edge::At { at, .. } = &lo else { continue };
                let expr = expr().substitute_x(at).simplified();
                out.push(Part { expr, from: (i, g.map(|_| j)), lo, hi });
            }
        }
    }
    Ok(out)
}

fn side(parts: &[Part], signs: &[i32], order: usize, goal: Goal, deadline: Deadline) -> Result<Side, BoundError> {
    let mut objectives = vec![];
    for part in parts {
        // a derivative has no value at a single point
        if order > 0 && is_point(&part.lo, &part.hi)? {
            continue;
        }
        for &sign in signs {
            let edges = (part.lo.clone(), part.hi.clone());
            let halves = Objective::new(&part.expr, part.from, sign, order, edges)?.halves();
            objectives.extend(halves.into_iter().flat_map(Objective::parted));
        }
    }
    let answer = supremum::supremum_until(&objectives, goal, deadline);
    Ok(Side { objectives, answer, proved: Proof::default(), bounds: None })
}

/// Junctions of f that the domain sees from both sides, at which the values are not proved equal.
fn jumps(f: &Activation, domain: &Domain) -> Result<Vec<Jump>, BoundError> {
    let mut out = vec![];
    let (from, to) = (edge_of(domain.lo.as_ref()), edge_of(domain.hi.as_ref()));
    for pair in f.pieces.windows(2) {
        let End::At { at, .. } = &pair[0].hi else { continue };
        let here = Edge::at(at.clone());
        let (left, right) = (order(&here, &from, true)?, order(&here, &to, false)?);
        let seen = [
            left.is_gt() || left.is_eq() && owns(&pair[0], &here)?,
            right.is_lt() || right.is_eq() && owns(&pair[1], &here)?,
        ];
        if left.is_lt() || right.is_gt() || seen.contains(&false) {
            continue;
        }
        let values = [&pair[0], &pair[1]].map(|p| p.expr.substitute_x(at).simplified());
        match exactly_equal(&values[0], &values[1]) {
            Some(true) => {}
            None if limits_agree(pair, at, &here)? => {}
            verdict => out.push(Jump { at: at.clone(), proved: verdict == Some(false) }),
        }
    }
    Ok(out)
}

/// Whether two pieces meet where a formula has no value at the end, such as sin(x)/x at 0, but a limit. The checker looks itself.
fn limits_agree(pair: &[Piece], at: &Expr, here: &Edge) -> Result<bool, BoundError> {
    let cx = Arc::new(Assumptions::generic());
    let place = Exact::eval(&cx, at, &Exact::symbol(&cx, "x"));
    let mut found = [const { (None, None) }; 2];
    for (i, piece) in pair.iter().enumerate() {
        found[i] = if owns(piece, here)? {
            let value = piece.expr.substitute_x(at);
            (Some(Exact::eval(&cx, &value, &place)), value.exact_rational())
        } else {
            let right = i == 1;
            let limit = one_sided(&piece.expr, &place, &cx, right, 1).and_then(|all| all.into_iter().next());
            (limit, limit_beside(&piece.expr, at, right))
        };
    }
    let [left, right] = found;
    let exactly = left.0.zip(right.0).is_some_and(|(l, r)| r.sub(&l).is_zero());
    Ok(exactly || left.1.zip(right.1).is_some_and(|(l, r)| l == r))
}

/// What one value of a parameter says about all of its values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scaling {
    /// the parameter
    pub param: String,
    /// its domain, as text
    pub domain: String,
    /// the quantity is proportional to this power of the parameter; 0: it does not depend on it
    pub power: Rational,
    /// what the checker accepted
    pub certificate: Certificate,
}

/// The law by which a quantity over all of R scales with a parameter, by the homogeneity of the definition, as the checker accepts
/// it.
#[must_use]
pub fn scaling(quantity: Quantity, f: &Activation, g: Option<&Activation>) -> Option<Scaling> {
    f.definition.params.iter().find_map(|p| {
        let mut fixed = f.values.clone();
        fixed.remove(&p.name);
        let h = match g.filter(|_| quantity == Quantity::Distance) {
            None => homogeneity(&f.definition, &fixed)?,
            Some(g) => homogeneity_of_pair(&f.definition, &g.definition, &fixed)?,
        };
        let scale = match quantity {
            Quantity::Range | Quantity::Distance => 1,
            Quantity::Slope | Quantity::Lipschitz => 0,
            Quantity::Curvature => -1,
        };
        let g = g.filter(|_| quantity == Quantity::Distance);
        let certificate = certify::confirm_scaling(f, g, (&h.param, h.k), &[])?;
        Some(Scaling { param: h.param, domain: p.domain.interval(), power: Rational::from((scale, h.k)), certificate })
    })
}

/// Bounds a quantity of an activation over a domain, and has the checker confirm it.
///
/// The search's enclosures hold whatever the goal and the budget; but only what `Side::proved` names was accepted by the
/// independent checker. At junctions one-sided limits count.
///
/// # Errors
/// For an empty domain, ends without a value, and ends whose order cannot be decided.
pub fn bound(
    quantity: Quantity,
    f: &Activation,
    g: Option<&Activation>,
    domain: &Domain,
    goal: Goal,
) -> Result<Bound, BoundError> {
    // the search leaves some of the time to the checker
    let deadline = Deadline::after(goal.time);
    let mut found = search_until(quantity, f, g, domain, goal, deadline.but(3))?;
    found.check = Checked::Yes;
    certify::confirm(f, g.filter(|_| quantity == Quantity::Distance), &mut found, goal.digits, deadline);
    let activations: Vec<&Activation> =
        [Some(f), g.filter(|_| quantity == Quantity::Distance)].into_iter().flatten().collect();
    // what tends to infinity at an end of the domain may do so without a value there
    let ends = found.rejected.is_some() || !found.decided();
    if let Some((at, reason)) = undefined::place(&activations, domain, ends) {
        found.undefined = true;
        found.rejected = Some(format!("{at} there is no value: {reason}"));
    }
    if *domain == Domain::default() && found.rejected.is_none() {
        found.scaling = scaling(quantity, f, g);
        found.certificates.extend(found.scaling.iter().map(|s| s.certificate.clone()));
    }
    Ok(found)
}

/// As [`bound`], without the checker: nothing is proved.
///
/// # Errors
/// As [`bound`].
pub fn search(
    quantity: Quantity,
    f: &Activation,
    g: Option<&Activation>,
    domain: &Domain,
    goal: Goal,
) -> Result<Bound, BoundError> {
    search_until(quantity, f, g, domain, goal, Deadline::after(goal.time))
}

fn search_until(
    quantity: Quantity,
    f: &Activation,
    g: Option<&Activation>,
    domain: &Domain,
    goal: Goal,
    deadline: Deadline,
) -> Result<Bound, BoundError> {
    for end in [&domain.lo, &domain.hi].into_iter().flatten() {
        let value = eval(end, &Interval::int(64, 0));
        if !value.is_ok_and(|v| v.is_bounded()) {
            return Err(BoundError::UndefinedEnd(end.to_string()));
        }
    }
    if let (Some(lo), Some(hi)) = (&domain.lo, &domain.hi)
        && order(&Edge::at(lo.clone()), &Edge::at(hi.clone()), true)?.is_ge()
    {
        return Err(BoundError::EmptyDomain(lo.to_string(), hi.to_string()));
    }
    let g = match (quantity, g) {
        (Quantity::Distance, None) => return Err(BoundError::NoOther),
        (Quantity::Distance, g) => g,
        _ => None,
    };
    let (_, order, two_sided) = quantity.traits();
    let mut parts = parts(f, g, domain)?;
    let period = match &mut parts[..] {
        [Part { expr, lo: lo @ Edge::Infinite, hi: hi @ Edge::Infinite, .. }] => {
            let period = period::of(expr, order);
            if let Some(end) = &period {
                (*lo, *hi) = (Edge::at(Expr::int(0)), Edge::at(end.clone()));
            }
            period
        }
        _ => None,
    };
    let jumps = if matches!(quantity, Quantity::Lipschitz | Quantity::Slope) { jumps(f, domain)? } else { vec![] };
    // of two suprema the first one leaves the second at least half of the time
    let first = if two_sided { deadline.but(2) } else { deadline };
    let top = side(&parts, if two_sided { &[1] } else { &[1, -1] }, order, goal, first)?;
    let bottom = if two_sided { Some(side(&parts, &[-1], order, goal, deadline)?) } else { None };
    let domain = domain.clone();
    Ok(Bound {
        quantity,
        domain,
        top,
        bottom,
        period,
        jumps,
        check: Checked::No,
        scaling: None,
        certificates: vec![],
        rejected: None,
        undefined: false,
        gaps: None,
    })
}
