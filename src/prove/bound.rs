//! Certified quantities of an activation: range, slope, Lipschitz constant, curvature, distance.

use super::objective::{Edge, Objective};
use super::supremum::{self, Goal, Supremum};
use super::uniform::{exactly_equal, homogeneity, homogeneity_of_pair};
use crate::expr::{Activation, End, Expr, Piece};
use crate::number::Enclosure;
use crate::number::TapeError;
use rug::Rational;

/// What is to be bounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
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
    pub const fn name(self) -> &'static str {
        self.traits().0
    }

    /// The quantity of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name() == name)
    }
}

/// The part of the line that is asked about; `None` is unbounded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Domain {
    /// lower end
    pub lo: Option<Rational>,
    /// upper end
    pub hi: Option<Rational>,
}

impl Domain {
    /// The ends as text.
    pub fn text(&self) -> [String; 2] {
        let show = |q: &Option<Rational>, inf: &str| q.as_ref().map_or(inf.to_string(), Rational::to_string);
        [show(&self.lo, "-inf"), show(&self.hi, "inf")]
    }
}

/// Why a bound could not be attempted.
#[derive(Debug, thiserror::Error)]
pub enum BoundError {
    /// The expression cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A distance needs a second activation.
    #[error("a distance needs a second activation: say which with --to")]
    NoOther,
    /// The domain is empty or a point.
    #[error("the domain {0}..{1} is empty: its lower end must be below its upper end")]
    EmptyDomain(String, String),
}

/// The result: one supremum of a magnitude, or an infimum (as the supremum of -h) and a supremum.
#[derive(Debug)]
pub struct Bound {
    /// what was bounded
    pub quantity: Quantity,
    /// over which part of the line
    pub domain: Domain,
    /// supremum of h, or of |h|
    pub top: Side,
    /// supremum of -h, for two-sided quantities
    pub bottom: Option<Side>,
    /// junctions at which f jumps or may jump, for quantities that a jump makes infinite or undecided
    pub jumps: Vec<Jump>,
}

/// One supremum with its objectives.
#[derive(Debug)]
pub struct Side {
    /// what was maximised
    pub objectives: Vec<Objective>,
    /// the answer
    pub answer: Supremum,
}

/// A junction at which the two sides differ or could not be shown to agree.
#[derive(Clone, Debug)]
pub struct Jump {
    /// where
    pub at: String,
    /// whether the two one-sided values are proved to differ
    pub proved: bool,
}

/// One expression between two edges, numbered by the pieces it comes from.
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

/// Compares two edges; an infinite one is below (lower = true) or above everything.
fn compare(a: &Edge, b: &Edge, lower: bool) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let infinite = if lower { Less } else { Greater };
    match (a, b) {
        (Edge::Infinite, Edge::Infinite) => Equal,
        (Edge::Infinite, _) => infinite,
        (_, Edge::Infinite) => infinite.reverse(),
        (Edge::At { exact: Some(p), .. }, Edge::At { exact: Some(q), .. }) => p.cmp(q),
        (Edge::At { at: p, .. }, Edge::At { at: q, .. }) if p == q => Equal,
        _ => [128u32, 1024, 8192]
            .into_iter()
            .find_map(|prec| {
                let (x, y) = (a.enclosure(prec)?, b.enclosure(prec)?);
                if x.hi() < y.lo() {
                    Some(Less)
                } else if x.lo() > y.hi() {
                    Some(Greater)
                } else {
                    None
                }
            })
            .unwrap_or(Equal),
    }
}

/// The part of [lo, hi] inside [a, b], if it is more than a point.
fn meet(a: (&Edge, &Edge), b: (&Edge, &Edge)) -> Option<(Edge, Edge)> {
    let lo = if compare(a.0, b.0, true).is_ge() { a.0 } else { b.0 };
    let hi = if compare(a.1, b.1, false).is_le() { a.1 } else { b.1 };
    let proper = match (lo, hi) {
        (Edge::Infinite, _) | (_, Edge::Infinite) => true,
        _ => compare(lo, hi, true).is_lt(),
    };
    proper.then(|| (lo.clone(), hi.clone()))
}

fn parts(f: &Activation, g: Option<&Activation>, domain: &Domain) -> Vec<Part> {
    let limit = |q: &Option<Rational>| q.as_ref().map_or(Edge::Infinite, |q| Edge::at(Expr::rational(q.clone())));
    let (from, to) = (limit(&domain.lo), limit(&domain.hi));
    let whole = [Piece { lo: End::Infinite, hi: End::Infinite, expr: Expr::int(0) }];
    let others: &[Piece] = g.map_or(&whole, |g| &g.pieces);
    let mut out = vec![];
    for (i, p) in f.pieces.iter().enumerate() {
        for (j, q) in others.iter().enumerate() {
            let (p_ends, q_ends) = ((edge(&p.lo), edge(&p.hi)), (edge(&q.lo), edge(&q.hi)));
            let Some((lo, hi)) = meet((&p_ends.0, &p_ends.1), (&q_ends.0, &q_ends.1)) else { continue };
            let Some((lo, hi)) = meet((&lo, &hi), (&from, &to)) else { continue };
            let expr = if g.is_some() { (p.expr.clone() - q.expr.clone()).simplified() } else { p.expr.clone() };
            out.push(Part { expr, from: (i, g.map(|_| j)), lo, hi });
        }
    }
    out
}

fn side(parts: &[Part], signs: &[i32], order: usize, goal: Goal) -> Result<Side, TapeError> {
    let mut objectives = vec![];
    for part in parts {
        for &sign in signs {
            let edges = (part.lo.clone(), part.hi.clone());
            objectives.push(Objective::new(&part.expr, part.from, sign, order, edges)?);
        }
    }
    let answer = supremum::supremum(&objectives, goal);
    Ok(Side { objectives, answer })
}

/// Junctions inside the domain at which the one-sided values are not proved equal.
fn jumps(parts: &[Part]) -> Vec<Jump> {
    let mut out = vec![];
    for pair in parts.windows(2) {
        let Edge::At { at, .. } = &pair[0].hi else { continue };
        let gap = [&pair[0], &pair[1]].map(|p| p.expr.substitute_x(at).simplified());
        match exactly_equal(&gap[0], &gap[1]) {
            Some(true) => {}
            verdict => out.push(Jump { at: at.to_string(), proved: verdict == Some(false) }),
        }
    }
    out
}

/// What one value of a parameter says about all of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// the parameter
    pub param: String,
    /// its domain, as text
    pub domain: String,
    /// the quantity is proportional to this power of the parameter; 0: it does not depend on it
    pub power: Rational,
}

/// The law by which a quantity over all of R scales with a parameter, proved by the homogeneity of the definition.
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
        Some(Scaling { param: h.param, domain: p.domain.interval(), power: Rational::from((scale, h.k)) })
    })
}

/// Bounds a quantity of an activation over a domain.
///
/// Rigorous: the enclosures hold whatever the goal and the budget. At junctions one-sided limits count.
pub fn bound(
    quantity: Quantity,
    f: &Activation,
    g: Option<&Activation>,
    domain: &Domain,
    goal: Goal,
) -> Result<Bound, BoundError> {
    if let (Some(lo), Some(hi)) = (&domain.lo, &domain.hi)
        && lo >= hi
    {
        return Err(BoundError::EmptyDomain(lo.to_string(), hi.to_string()));
    }
    let g = match (quantity, g) {
        (Quantity::Distance, None) => return Err(BoundError::NoOther),
        (Quantity::Distance, g) => g,
        _ => None,
    };
    let (_, order, two_sided) = quantity.traits();
    let parts = parts(f, g, domain);
    let jumps = if matches!(quantity, Quantity::Lipschitz | Quantity::Slope) { jumps(&parts) } else { vec![] };
    let top = side(&parts, if two_sided { &[1] } else { &[1, -1] }, order, goal)?;
    let bottom = if two_sided { Some(side(&parts, &[-1], order, goal)?) } else { None };
    Ok(Bound { quantity, domain: domain.clone(), top, bottom, jumps })
}
