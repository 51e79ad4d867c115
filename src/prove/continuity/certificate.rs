//! The certificate of a continuity class: the definition, and the one-sided derivatives at each junction as text.

use super::analysis::{Analysis, analyse};
use super::junction::{Jump, Meeting, one_sided};
use super::{Order, Symbolic, class};
use crate::expr::{Activation, End, ParamDomain, Piece};
use crate::number::Real;
use crate::number::exact::Assumptions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema's name.
pub const SCHEMA: &str = "actaudit.certificate.v1";

/// What `recheck` needs to verify a continuity class. The class is claimed for all values of the parameters in `domains`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContinuityCertificate {
    /// `actaudit.certificate.v1`
    pub schema: String,
    /// `continuity`
    pub kind: String,
    /// the function
    pub activation: CertifiedActivation,
    /// the class; `null` for analytic
    pub order: Option<i32>,
    /// from left to right, one for each pair of neighbouring pieces
    pub junctions: Vec<CertifiedJunction>,
}

/// The function of a certificate, with free parameters if the class holds for all of their values.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedActivation {
    /// identifier
    pub id: String,
    /// values of all parameters, as rationals
    pub params: BTreeMap<String, String>,
    /// the parameters that occur in the pieces
    pub domains: BTreeMap<String, CertifiedDomain>,
    /// from left to right
    pub pieces: Vec<CertifiedPiece>,
}

/// An interval of parameter values; ends are rationals, `-inf` or `inf`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedDomain {
    /// lower end
    pub lo: String,
    /// whether it belongs to the interval
    pub lo_closed: bool,
    /// upper end
    pub hi: String,
    /// whether it belongs to the interval
    pub hi_closed: bool,
}

/// A piece as text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedPiece {
    /// lower end, `-inf` if unbounded
    pub lo: String,
    /// whether it belongs to the piece
    pub lo_closed: bool,
    /// upper end, `inf` if unbounded
    pub hi: String,
    /// whether it belongs to the piece
    pub hi_closed: bool,
    /// the value inside
    pub value: String,
}

/// The claim at one junction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedJunction {
    /// the point
    pub at: String,
    /// the class there; `null` if both sides are the same analytic function
    pub order: Option<i32>,
    /// the derivatives of the left piece at the point, orders 0 to `order + 1`
    pub left: Vec<String>,
    /// the same for the right piece
    pub right: Vec<String>,
    /// right minus left at order `order + 1`
    pub jump: Option<String>,
}

impl ContinuityCertificate {
    /// What is proved, in words.
    pub fn statement(&self) -> String {
        let values: Vec<String> = self.activation.params.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let label = if values.is_empty() {
            self.activation.id.clone()
        } else {
            format!("{}({})", self.activation.id, values.join(", "))
        };
        let class = match self.order {
            None => "is analytic".to_string(),
            Some(-1) => "is discontinuous".to_string(),
            Some(n) => format!("is C^{n} and not C^{}", n + 1),
        };
        let free: Vec<&str> = self.activation.domains.keys().map(String::as_str).collect();
        let scope = if free.is_empty() { String::new() } else { format!(", for every value of {}", free.join(", ")) };
        format!("{label} {class}{scope}; {} junctions", self.junctions.len())
    }
}

/// Makes the certificate of a decided class; `None` if it is undecided, or rests on an infinite or only enclosed jump,
/// which this certificate cannot express.
pub fn certificate(activation: &Activation) -> Option<ContinuityCertificate> {
    let concrete = analyse(&activation.pieces, Assumptions::strict());
    let symbolic = Symbolic::of(&activation.definition, &activation.values);
    let cx = symbolic.assumptions();
    let general = analyse(&symbolic.pieces, cx);
    let uniform = class(&general) == class(&concrete) && is_plain(&general);
    let (analysis, domains) = if uniform { (general, symbolic.domains) } else { (concrete, BTreeMap::new()) };
    let order = match class(&analysis) {
        Order::Analytic => None,
        Order::Class(n) => Some(n),
        Order::Undecided { .. } => return None,
    };
    let params = activation.values.iter().map(|(n, v)| (n.clone(), v.to_string())).collect();
    Some(ContinuityCertificate {
        schema: SCHEMA.into(),
        kind: "continuity".into(),
        activation: CertifiedActivation {
            id: activation.definition.id.clone(),
            params,
            domains: domains.iter().map(|(n, d)| (n.clone(), domain(d))).collect(),
            pieces: analysis.pieces.iter().map(piece).collect(),
        },
        order,
        junctions: analysis.junctions.iter().map(|j| junction(j, &analysis.pieces)).collect::<Option<_>>()?,
    })
}

/// Whether every pair of neighbours makes one junction and no piece needed a branch to be chosen.
fn is_plain(analysis: &Analysis) -> bool {
    analysis.junctions.len() + 1 == analysis.pieces.len()
        && analysis
            .pieces
            .iter()
            .zip(&analysis.inside)
            .all(|(p, resolved)| resolved.as_ref().is_ok_and(|r| *r == p.expr))
}

fn junction(j: &super::analysis::Junction, pieces: &[Piece]) -> Option<CertifiedJunction> {
    let text = |e: &crate::number::Exact| e.to_expr().map(|e| e.to_string());
    let (order, jump, count) = match &j.meeting {
        Meeting::Removable => (None, None, 0),
        Meeting::Differ { order, jump: Jump::Exact(jump) } => (Some(*order), Some(text(jump)?), (*order + 2) as usize),
        _ => return None,
    };
    let cx = j.point.context();
    let side = |piece: usize, right: bool| {
        let values = one_sided(&pieces[piece].expr, &j.point, &cx, right, count)?;
        values.iter().map(text).collect::<Option<Vec<_>>>()
    };
    Some(CertifiedJunction {
        at: j.at.to_string(),
        order,
        left: side(j.pieces.0, false)?,
        right: side(j.pieces.1, true)?,
        jump,
    })
}

fn domain(d: &ParamDomain) -> CertifiedDomain {
    CertifiedDomain {
        lo: d.lo.as_ref().map_or_else(|| "-inf".into(), ToString::to_string),
        lo_closed: d.lo_closed,
        hi: d.hi.as_ref().map_or_else(|| "inf".into(), ToString::to_string),
        hi_closed: d.hi_closed,
    }
}

fn piece(p: &Piece) -> CertifiedPiece {
    let end = |e: &End, infinite: &str| match e {
        End::Infinite => (infinite.to_string(), false),
        End::At { at, closed } => (at.to_string(), *closed),
    };
    let ((lo, lo_closed), (hi, hi_closed)) = (end(&p.lo, "-inf"), end(&p.hi, "inf"));
    CertifiedPiece { lo, lo_closed, hi, hi_closed, value: p.expr.to_string() }
}
