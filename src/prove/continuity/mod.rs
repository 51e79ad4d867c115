//! The continuity class of a piecewise definition: found with exact one-sided derivatives, proved by the checker.
//!
//! What is found goes into a certificate; the class, the jumps and "for all" are what the independent checker accepted,
//! and nothing else is called proved. It is tried with the parameters as symbols, so that the class holds for all values
//! in their domains, and, where that does not succeed, at the given values.

mod analysis;
mod analytic;
mod certificate;
mod junction;
mod kinks;
mod region;
mod report;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use junction::one_sided;
pub use report::{class_in_words, render};

use crate::expr::{Activation, Definition, End, Expr, Node, ParamDomain, Piece, parse_expr};
use crate::number::exact::{Assumptions, Exact};
use crate::number::{Enclosure, MpI, Real, decimal};
use crate::prove::Domain;
use crate::prove::undefined;
use actaudit_recheck::continuity::{self as checker, Certificate, Rejection};
use analysis::{Analysis, analyse};
use certificate::{Submitted, submit};
use junction::Meeting;
use rug::Rational;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A continuity class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Order {
    /// analytic
    Analytic,
    /// infinitely often differentiable
    Infinite,
    /// derivatives up to this order are continuous, the next one is not; -1: the function itself jumps
    Class(i32),
    /// derivatives up to this order are continuous (-1: nothing is known), and more is not decided
    Undecided {
        /// the order that is proved
        at_least: i32,
    },
}

impl Order {
    fn of(order: checker::Order, exactly: bool) -> Self {
        match (order, exactly) {
            (checker::Order::Analytic, _) => Self::Analytic,
            (checker::Order::Infinite, _) => Self::Infinite,
            (checker::Order::Class(n), true) => Self::Class(n),
            (checker::Order::Class(n), false) => Self::Undecided { at_least: n },
        }
    }

    fn is_decided(self) -> bool {
        !matches!(self, Self::Undecided { .. })
    }
}

impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Analytic => serializer.serialize_str("analytic"),
            Self::Infinite => serializer.serialize_str("infinite"),
            Self::Class(n) => serializer.serialize_i32(*n),
            Self::Undecided { .. } => serializer.serialize_str("undecided"),
        }
    }
}

impl JsonSchema for Order {
    fn schema_name() -> Cow<'static, str> {
        "Order".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a continuity class: a whole number (-1: the function itself jumps), or a word",
            "anyOf": [{ "type": "integer" }, { "enum": ["analytic", "infinite", "undecided"] }]
        })
    }
}

/// The jump of the first derivative that is not continuous: right minus left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[must_use]
#[non_exhaustive]
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
    /// what the checker accepted, in its words; or why it accepted nothing
    pub statement: String,
    /// proved, undecided, or undefined (there is no value somewhere, as `statement` says)
    pub verdict: &'static str,
    /// what the checker accepted
    #[serde(skip)]
    pub certificate: Option<Certificate>,
}

/// Determines the continuity class of an activation.
///
/// Total: every case that is not decided is `Order::Undecided` with the reason at the junction or piece.
pub fn continuity(activation: &Activation) -> Continuity {
    let (definition, values) = (&activation.definition, &activation.values);
    let symbolic = Symbolic::of(definition, values);
    let general = (!symbolic.domains.is_empty()).then(|| {
        let analysis = analyse(&symbolic.pieces, symbolic.assumptions());
        submit(definition, values, &symbolic.domains, analysis)
    });
    let concrete = match &general {
        Some(g) if g.order().is_decided() => None,
        _ => {
            let analysis = analyse(&activation.pieces, Assumptions::strict());
            Some(submit(definition, values, &BTreeMap::new(), analysis))
        }
    };
    let for_all = concrete.is_none();
    let shown = concrete.as_ref().or(general.as_ref()).unwrap_or_else(|| unreachable!("one of both was made"));
    let other = general.as_ref().filter(|g| !for_all && g.verdict.is_ok() && g.refused.len() == shown.refused.len());
    let order = shown.order();
    let uniform = for_all || symbolic.domains.is_empty() && symbolic.fixed.is_empty();
    let report = Reporting { symbolic: &symbolic, values };
    let junctions = (0..shown.refused.len()).map(|i| {
        // the class at one junction may hold for all values where that of the function does not
        let same = |g: &&Submitted| g.at(i).is_decided() && g.at(i) == shown.at(i);
        match other.filter(same) {
            Some(g) => report.junction(g, i, true),
            None => report.junction(shown, i, uniform),
        }
    });
    // what has no value somewhere has no class
    let gap = match order {
        Order::Undecided { at_least: -1 } => undefined::place(&[activation], &Domain::default(), true),
        _ => None,
    };
    let statement = shown.verdict.as_ref().map_or_else(ToString::to_string, |a| a.statement().to_owned());
    let verdict = match (order.is_decided(), &gap) {
        (true, _) => "proved",
        (false, Some(_)) => "undefined",
        (false, None) => "undecided",
    };
    Continuity {
        activation: definition.id.clone(),
        params: values.iter().map(|(n, v)| (n.clone(), v.to_string())).collect(),
        order,
        at_least: if let Order::Undecided { at_least } = order { Some(at_least) } else { None },
        uniform,
        for_all: shown.verdict.as_ref().map_or(vec![], |a| a.free().to_vec()),
        fixed: symbolic.fixed.iter().cloned().collect(),
        exception: general.as_ref().filter(|_| !for_all).and_then(|g| exception(&g.analysis)),
        junctions: junctions.collect(),
        pieces: shown.insides(),
        statement: gap.map_or(statement, |(at, reason)| format!("{at} there is no value: {reason}")),
        verdict,
        certificate: shown.verdict.is_ok().then(|| shown.certificate.clone()),
    }
}

impl Submitted {
    /// The class that was accepted.
    fn order(&self) -> Order {
        self.verdict.as_ref().map_or(Order::Undecided { at_least: -1 }, |a| Order::of(a.order(), a.exactly()))
    }

    /// The class at one junction.
    fn at(&self, i: usize) -> Order {
        match &self.verdict {
            Ok(_) => Order::of(self.certificate.junctions[i].order, self.certificate.junctions[i].jump.is_some()),
            Err(_) => Order::Undecided { at_least: -1 },
        }
    }

    fn insides(&self) -> Vec<PieceVerdict> {
        // the checker stops at the first interval; the search knows more of the others
        let refused = match &self.verdict {
            Err(Rejection::Inside { index, reason, .. }) => {
                let next = self.analysis.junctions.get(*index).map(|j| j.pieces.0);
                Some((next.unwrap_or(self.analysis.pieces.len() - 1), reason))
            }
            _ => None,
        };
        let of = |(i, p): (usize, &Piece)| {
            let reason = match (&self.verdict, &refused, &self.analysis.inside[i]) {
                (Ok(_), ..) => None,
                (_, Some((at, reason)), _) if *at == i => Some((*reason).clone()),
                (.., inside) => inside.as_ref().err().cloned(),
            };
            PieceVerdict { on: p.on(), value: p.expr.to_string(), analytic: reason.is_none(), reason }
        };
        self.analysis.pieces.iter().enumerate().map(of).collect()
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

/// What must vanish for the given parameter values to be an exception among all values, junction by junction where there are several.
fn exception(general: &Analysis) -> Option<String> {
    let several = general.junctions.len() > 1;
    let told = general.junctions.iter().filter_map(|j| match &j.meeting {
        Meeting::Undecided { next: Some(e), at_least, .. } => {
            // e and -e vanish together: the shorter text reads better
            let texts = [e.clone(), e.neg()].map(|e| e.to_expr().map(|e| e.to_string()));
            let text = texts.into_iter().flatten().min_by_key(String::len)?;
            let class = if *at_least < 0 { "not continuous".into() } else { format!("C{at_least}") };
            let place = if several { format!("at x = {}: ", j.at) } else { String::new() };
            Some(format!("{place}{class} unless {text} = 0"))
        }
        _ => None,
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Digits of enclosures in reports, and bits with which they are computed.
const DIGITS: u32 = 20;
const PRECISION: u32 = 256;

struct Reporting<'a> {
    symbolic: &'a Symbolic,
    values: &'a BTreeMap<String, Rational>,
}

impl Reporting<'_> {
    fn junction(&self, submitted: &Submitted, i: usize, uniform: bool) -> Junction {
        let (found, claimed) = (&submitted.analysis.junctions[i], &submitted.certificate.junctions[i]);
        let text = submitted.verdict.as_ref().ok().and_then(|a| a.jumps()[i].as_deref());
        let no_params = self.symbolic.domains.is_empty() && self.symbolic.fixed.is_empty();
        let scope = match uniform {
            _ if no_params => String::new(),
            false => ", at the given parameter values".into(),
            true if self.symbolic.fixed.is_empty() => ", for all parameter values".into(),
            true => format!(", for all {}", self.symbolic.domains.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        let order = submitted.at(i);
        let method = match (order, &claimed.jump) {
            (Order::Undecided { .. }, _) => self.reason(submitted, i),
            (Order::Analytic, _) => "both sides are the same analytic function".into(),
            (Order::Infinite, _) => "the sides differ by less than any power".into(),
            (_, Some(checker::Jump::Enclosed { .. })) => "refuted beyond by enclosure".into(),
            _ => format!("exact one-sided derivatives{scope}"),
        };
        let jump = claimed.jump.as_ref().zip(text).map(|(jump, text)| self.jump(claimed.order, jump, text));
        Junction { at: found.at.to_string(), order, jump, uniform, method, pieces: found.pieces }
    }

    /// Why a junction is undecided: what the search did not find, or what the checker did not accept.
    fn reason(&self, submitted: &Submitted, i: usize) -> String {
        match (&submitted.refused[i], &submitted.analysis.junctions[i].meeting, &submitted.verdict) {
            (Some(reason), Meeting::Undecided { .. }, _) | (Some(reason), ..) => reason.clone(),
            (None, Meeting::Undecided { reason, .. }, _) => reason.clone(),
            _ => "not checked".into(),
        }
    }

    fn jump(&self, order: checker::Order, jump: &checker::Jump, text: &str) -> Jump {
        let derivative = if let checker::Order::Class(n) = order { n + 1 } else { 0 };
        if let checker::Jump::Enclosed { lower, upper } = jump {
            return Jump { derivative, exact: None, lower: Some(lower.clone()), upper: Some(upper.clone()) };
        }
        let ends = |i: MpI| (decimal::directed(&i.lo(), DIGITS, false), decimal::directed(&i.hi(), DIGITS, true));
        let value = || {
            let e = parse_expr(text).ok()?.substitute_params(&|n| self.values.get(n).cloned().map(Expr::rational));
            let cx = Arc::new(Assumptions::strict());
            Exact::eval(&cx, &e, &Exact::int(&cx, 0)).enclosure(PRECISION).map(ends)
        };
        let (lower, upper) = value().unzip();
        Jump { derivative, exact: Some(text.to_owned()), lower, upper }
    }
}
