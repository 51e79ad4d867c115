//! The continuity class of a piecewise definition, proved with exact one-sided derivatives.
//!
//! Rigorous: an order is only given if every piece is shown to be analytic inside, the derivatives of both sides of each
//! junction are equal as exact expressions up to that order, and at the next order they are shown to be different. This is
//! done twice: for the given parameter values, and with the parameters as symbols, in which case the result holds for all
//! values in their domains.

mod analysis;
mod analytic;
mod certificate;
mod junction;
mod kinks;
mod region;
mod report;
#[cfg(test)]
pub(crate) mod tests;

pub use certificate::{
    CertifiedActivation, CertifiedDomain, CertifiedJunction, CertifiedPiece, ContinuityCertificate, SCHEMA, certificate,
};
pub(crate) use junction::one_sided;
pub use report::render;

use crate::expr::{Activation, Definition, End, Expr, Node, ParamDomain, Piece};
use crate::number::decimal;
use crate::number::exact::{Assumptions, Exact};
use crate::number::{Enclosure, MpI, Real};
use analysis::{Analysis, analyse};
use junction::{Jump as Difference, Meeting};
use rug::Rational;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// A continuity class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// analytic
    Analytic,
    /// derivatives up to this order are continuous, the next one is not; -1: the function itself jumps
    Class(i32),
    /// derivatives up to this order are continuous (-1: nothing is known), and more is not decided
    Undecided {
        /// the order that is proved
        at_least: i32,
    },
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Analytic => serializer.serialize_str("analytic"),
            Self::Class(n) => serializer.serialize_i32(*n),
            Self::Undecided { .. } => serializer.serialize_str("undecided"),
        }
    }
}

/// The jump of the first derivative that is not continuous: right minus left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Jump {
    /// the order of the derivative that jumps
    pub derivative: i32,
    /// exact: an expression (in the parameters if the verdict is uniform in them), or `infinite`
    pub exact: Option<String>,
    /// decimal lower end at the given parameter values
    pub lower: Option<String>,
    /// decimal upper end at the given parameter values
    pub upper: Option<String>,
}

/// How two pieces meet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Junction {
    /// the point, in the parameters if the verdict is uniform in them
    pub at: String,
    /// the class there
    pub order: Order,
    /// what happens at the next order
    pub jump: Option<Jump>,
    /// whether this holds for all parameter values in their domains (those in `Continuity::fixed` apart)
    pub uniform: bool,
    /// how it was shown, or why it is undecided
    pub method: String,
    /// left and right piece, as indices into `Continuity::pieces`
    pub pieces: (usize, usize),
}

/// The inside of a piece.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PieceVerdict {
    /// the interval
    pub on: String,
    /// the expression
    pub value: String,
    /// whether it is shown to be analytic inside
    pub analytic: bool,
    /// why not, if so
    pub reason: Option<String>,
}

/// The continuity class of an activation, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Continuity {
    /// identifier of the activation
    pub activation: String,
    /// parameter values
    pub params: BTreeMap<String, String>,
    /// the class
    pub order: Order,
    /// what is proved if the class is undecided
    pub at_least: Option<i32>,
    /// whether the class holds for all values in the parameters' domains (those in `fixed` apart)
    pub uniform: bool,
    /// for which parameter values, in words of mathematics
    pub for_all: Vec<String>,
    /// parameters whose value is fixed because they stand in an exponent
    pub fixed: Vec<String>,
    /// where the class for symbolic parameters is not that for the given values: what must vanish
    pub exception: Option<String>,
    /// where pieces meet
    pub junctions: Vec<Junction>,
    /// the insides
    pub pieces: Vec<PieceVerdict>,
    /// proved or undecided
    pub verdict: &'static str,
}

/// Determines the continuity class of an activation.
///
/// Total: every case that is not decided is `Order::Undecided` with the reason at the junction or piece.
pub fn continuity(activation: &Activation) -> Continuity {
    let concrete = analyse(&activation.pieces, Assumptions::strict());
    let definition = &activation.definition;
    let symbolic = Symbolic::of(definition, &activation.values);
    let general = (!symbolic.domains.is_empty()).then(|| analyse(&symbolic.pieces, symbolic.assumptions()));
    let order = class(&concrete);
    let same_shape = general.as_ref().is_some_and(|g| g.junctions.len() == concrete.junctions.len());
    let no_params = symbolic.domains.is_empty() && symbolic.fixed.is_empty();
    let uniform = no_params || general.as_ref().is_some_and(|g| class(g) == order);
    let shown = general.as_ref().filter(|_| uniform && same_shape).unwrap_or(&concrete);
    let junctions = concrete
        .junctions
        .iter()
        .enumerate()
        .map(|(i, j)| {
            let other = general.as_ref().filter(|_| same_shape).map(|g| &g.junctions[i]);
            junction(j, other, &symbolic)
        })
        .collect();
    let decided = !matches!(order, Order::Undecided { .. });
    let proved_for = if uniform { &symbolic.domains } else { &BTreeMap::new() };
    Continuity {
        activation: definition.id.clone(),
        params: activation.values.iter().map(|(n, v)| (n.clone(), v.to_string())).collect(),
        order,
        at_least: if let Order::Undecided { at_least } = order { Some(at_least) } else { None },
        uniform,
        for_all: proved_for.iter().map(|(n, d)| format!("{n} in {}", domain_text(d))).collect(),
        fixed: symbolic.fixed.iter().cloned().collect(),
        exception: if uniform { None } else { general.as_ref().and_then(exception) },
        junctions,
        pieces: shown.pieces.iter().zip(&shown.inside).map(|(p, verdict)| piece(p, verdict)).collect(),
        verdict: if decided { "proved" } else { "undecided" },
    }
}

/// Whether an expression without absolute values, minima and maxima is shown to be analytic on the open interval between
/// two ends (`None`: unbounded), or at the point if both ends are the same, for all values of the symbols.
pub(crate) fn is_analytic(expr: &Expr, lo: Option<&Exact>, hi: Option<&Exact>, cx: &Assumptions) -> bool {
    let region = match (lo, hi) {
        (Some(a), Some(b)) if b.sub(a).is_zero() => region::Region::point(a, cx),
        _ => region::Region::between(lo, hi, cx),
    };
    analytic::resolved(expr, &region).is_ok_and(|resolved| resolved == *expr)
}

/// The class of a whole function from its parts.
fn class(analysis: &Analysis) -> Order {
    let of = |m: &Meeting| match m {
        Meeting::Removable => Order::Analytic,
        Meeting::Differ { order, .. } => Order::Class(*order),
        Meeting::Undecided { at_least, .. } => Order::Undecided { at_least: *at_least },
    };
    let inside =
        analysis.inside.iter().map(|p| if p.is_ok() { Order::Analytic } else { Order::Undecided { at_least: -1 } });
    analysis.junctions.iter().map(|j| of(&j.meeting)).chain(inside).fold(Order::Analytic, worse)
}

fn worse(a: Order, b: Order) -> Order {
    match (a, b) {
        (Order::Analytic, other) | (other, Order::Analytic) => other,
        (Order::Class(m), Order::Class(n)) => Order::Class(m.min(n)),
        (Order::Undecided { at_least: m }, Order::Undecided { at_least: n }) => Order::Undecided { at_least: m.min(n) },
        // what is undecided may be rougher, but not if it is known to be at least as smooth
        (Order::Class(n), Order::Undecided { at_least }) | (Order::Undecided { at_least }, Order::Class(n)) => {
            if at_least >= n {
                Order::Class(n)
            } else {
                Order::Undecided { at_least }
            }
        }
    }
}

/// The definition with its parameters as symbols, apart from those that stand in exponents.
struct Symbolic {
    pieces: Vec<Piece>,
    domains: BTreeMap<String, ParamDomain>,
    fixed: BTreeSet<String>,
}

impl Symbolic {
    fn of(definition: &Definition, values: &BTreeMap<String, Rational>) -> Self {
        let mut fixed = BTreeSet::new();
        let mut used = BTreeSet::new();
        for p in &definition.pieces {
            for e in [Some(&p.expr), end_expr(&p.lo), end_expr(&p.hi)].into_iter().flatten() {
                params_in_exponents(e, false, &mut fixed, &mut used);
            }
        }
        let value = |name: &str| fixed.contains(name).then(|| values.get(name).cloned().map(Expr::rational)).flatten();
        let put = |e: &Expr| e.substitute_params(&value);
        let end = |e: &End| match e {
            End::Infinite => End::Infinite,
            End::At { at, closed } => End::At { at: put(at), closed: *closed },
        };
        let pieces =
            definition.pieces.iter().map(|p| Piece { lo: end(&p.lo), hi: end(&p.hi), expr: put(&p.expr) }).collect();
        let free = definition.params.iter().filter(|p| used.contains(&p.name) && !fixed.contains(&p.name));
        Self { pieces, domains: free.map(|p| (p.name.clone(), p.domain.clone())).collect(), fixed }
    }
}

impl Symbolic {
    fn assumptions(&self) -> Assumptions {
        self.domains.iter().fold(Assumptions::strict(), |cx, (n, d)| cx.with(n, d.clone()))
    }
}

fn end_expr(e: &End) -> Option<&Expr> {
    match e {
        End::Infinite => None,
        End::At { at, .. } => Some(at),
    }
}

fn params_in_exponents(e: &Expr, inside: bool, fixed: &mut BTreeSet<String>, used: &mut BTreeSet<String>) {
    if let Node::Param(name) = e.node() {
        used.insert(name.to_string());
        if inside {
            fixed.insert(name.to_string());
        }
    }
    for (i, child) in e.children().into_iter().enumerate() {
        params_in_exponents(child, inside || i == 1 && matches!(e.node(), Node::Pow(..)), fixed, used);
    }
}

/// What must vanish for the given parameter values to be an exception among all values.
fn exception(general: &Analysis) -> Option<String> {
    general.junctions.iter().find_map(|j| match &j.meeting {
        Meeting::Undecided { next: Some(e), at_least, .. } => {
            // e and -e vanish together: the shorter text reads better
            let texts = [e.clone(), e.neg()].map(|e| e.to_expr().map(|e| e.to_string()));
            let text = texts.into_iter().flatten().min_by_key(String::len)?;
            let class = if *at_least < 0 { "not continuous".into() } else { format!("C{at_least}") };
            Some(format!("{class} unless {text} = 0"))
        }
        _ => None,
    })
}

/// Digits of enclosures in reports.
const DIGITS: u32 = 20;

fn junction(concrete: &analysis::Junction, general: Option<&analysis::Junction>, symbolic: &Symbolic) -> Junction {
    let order_of = |m: &Meeting| match m {
        Meeting::Removable => Order::Analytic,
        Meeting::Differ { order, .. } => Order::Class(*order),
        Meeting::Undecided { at_least, .. } => Order::Undecided { at_least: *at_least },
    };
    let order = order_of(&concrete.meeting);
    let general = general.filter(|g| order_of(&g.meeting) == order);
    let no_params = symbolic.domains.is_empty() && symbolic.fixed.is_empty();
    let uniform = no_params || general.is_some();
    let shown = general.unwrap_or(concrete);
    let scope = match general {
        None => "at the given parameter values".into(),
        Some(_) if symbolic.fixed.is_empty() => "for all parameter values".into(),
        Some(_) => format!("for all {}", symbolic.domains.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    let method = match &shown.meeting {
        Meeting::Removable => "both sides are the same analytic function".to_string(),
        Meeting::Differ { jump: Difference::Enclosed(_), .. } => "refuted beyond by enclosure".to_string(),
        Meeting::Differ { .. } if no_params => "exact one-sided derivatives".to_string(),
        Meeting::Differ { .. } => format!("exact one-sided derivatives, {scope}"),
        Meeting::Undecided { reason, .. } => reason.clone(),
    };
    let jump = match (&shown.meeting, &concrete.meeting) {
        (Meeting::Differ { order, jump: exact }, Meeting::Differ { jump: value, .. }) => {
            Some(jump(*order + 1, exact, value))
        }
        _ => None,
    };
    Junction { at: shown.at.to_string(), order, jump, uniform, method, pieces: concrete.pieces }
}

fn jump(derivative: i32, exact: &Difference, value: &Difference) -> Jump {
    let exact = match exact {
        Difference::Exact(e) => e.to_expr().map(|e| e.to_string()),
        Difference::Infinite => Some("infinite".into()),
        Difference::Enclosed(_) => None,
    };
    let ends = |i: &MpI| (decimal::directed(&i.lo(), DIGITS, false), decimal::directed(&i.hi(), DIGITS, true));
    let (lower, upper) = match value {
        Difference::Exact(e) => e.enclosure(256).as_ref().map(ends),
        Difference::Enclosed(i) => Some(ends(i)),
        Difference::Infinite => None,
    }
    .unzip();
    Jump { derivative, exact, lower, upper }
}

fn piece(p: &Piece, verdict: &Result<Expr, String>) -> PieceVerdict {
    PieceVerdict {
        on: interval_text(p),
        value: p.expr.to_string(),
        analytic: verdict.is_ok(),
        reason: verdict.as_ref().err().cloned(),
    }
}

fn interval_text(p: &Piece) -> String {
    let lo = match &p.lo {
        End::Infinite => "(-inf".to_string(),
        End::At { at, closed } => format!("{}{at}", if *closed { '[' } else { '(' }),
    };
    let hi = match &p.hi {
        End::Infinite => "inf)".to_string(),
        End::At { at, closed } => format!("{at}{}", if *closed { ']' } else { ')' }),
    };
    format!("{lo}, {hi}")
}

/// A parameter's domain as an interval.
pub(crate) fn domain_text(d: &ParamDomain) -> String {
    let end = |q: &Option<Rational>, infinite: &str| q.as_ref().map_or_else(|| infinite.to_string(), decimal::rational);
    format!(
        "{}{}, {}{}{}",
        if d.lo_closed { '[' } else { '(' },
        end(&d.lo, "-inf"),
        end(&d.hi, "inf"),
        if d.hi_closed { ']' } else { ')' },
        if d.integer { ", integer" } else { "" },
    )
}
