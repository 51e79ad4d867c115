//! The certificate of a continuity class, and what of it the checker accepts.

use super::analysis::Analysis;
use super::junction::{Jump, MAX_ORDER, Meeting};
use crate::catalog;
use crate::expr::{Definition, ParamDomain};
use crate::number::{Enclosure, decimal};
use actaudit_recheck::certificate::{Piece, Schema};
use actaudit_recheck::continuity::{self as checker, Accepted, Certificate, Order, Parameter, Rejection, check};
use rug::Rational;
use std::collections::BTreeMap;

/// A certificate, weakened until the checker accepted it or nothing was left to weaken.
pub(super) struct Submitted {
    pub analysis: Analysis,
    pub certificate: Certificate,
    pub verdict: Result<Accepted, Rejection>,
    /// for each junction why the checker refused what was claimed at first
    pub refused: Vec<Option<String>>,
}

/// Digits of jumps that are known by enclosure only.
const DIGITS: u32 = 20;

/// Claims what the analysis found, for all values of the `free` parameters, and has it checked.
pub(super) fn submit(
    definition: &Definition,
    values: &BTreeMap<String, Rational>,
    free: &BTreeMap<String, ParamDomain>,
    analysis: Analysis,
) -> Submitted {
    let mut certificate = build(definition, values, free, &analysis);
    let mut refused = vec![None; certificate.junctions.len()];
    let verdict = loop {
        certificate.order = certificate.junctions.iter().map(|j| j.order).min().unwrap_or(Order::Analytic);
        match check(&certificate) {
            Err(Rejection::Junction { index, at, reason }) => {
                let weaker = certificate.junctions.get(index).and_then(weakened);
                let Some(weaker) = weaker else { break Err(Rejection::Junction { index, at, reason }) };
                certificate.junctions[index] = weaker;
                refused[index].get_or_insert(reason);
            }
            verdict => break verdict,
        }
    };
    Submitted { analysis, certificate, verdict, refused }
}

/// The next weaker claim; `None` after the one that says nothing.
fn weakened(j: &checker::Junction) -> Option<checker::Junction> {
    let order = match (j.order, &j.jump) {
        (order, Some(_)) => order,
        (Order::Analytic | Order::Infinite, None) => Order::Class(MAX_ORDER as i32),
        (Order::Class(-1), None) => return None,
        (Order::Class(_), None) => Order::Class(-1),
    };
    Some(checker::Junction { at: j.at.clone(), order, jump: None })
}

fn build(
    definition: &Definition,
    values: &BTreeMap<String, Rational>,
    free: &BTreeMap<String, ParamDomain>,
    analysis: &Analysis,
) -> Certificate {
    let occurs = |name: &str| {
        let ends = definition.pieces.iter().flat_map(|p| [&p.lo, &p.hi]).filter_map(super::end_expr);
        let mut all = definition.pieces.iter().map(|p| &p.expr).chain(ends);
        all.any(|e| e.any(&mut |n| matches!(n, crate::expr::Node::Param(p) if **p == *name)))
    };
    let params = values.iter().filter(|(name, _)| occurs(name)).map(|(name, value)| Parameter {
        name: name.clone(),
        value: value.to_string(),
        all: free.get(name).map(ParamDomain::interval),
    });
    let junctions = analysis.junctions.iter().map(|j| {
        let (order, jump) = claim(&j.meeting);
        checker::Junction { at: j.at.to_string(), order, jump }
    });
    Certificate {
        schema: Schema::V1,
        id: id(definition),
        params: params.collect(),
        pieces: definition.pieces.iter().map(Piece::from).collect(),
        order: Order::Class(-1),
        junctions: junctions.collect(),
    }
}

/// The definition's id; a name of the catalogue only for what the catalogue defines.
fn id(definition: &Definition) -> String {
    let differs =
        |id: &str| catalog::find(id).is_ok_and(|d| d.pieces != definition.pieces || d.params != definition.params);
    let mut id = definition.id.clone();
    while differs(&id) {
        id = format!("own_{id}");
    }
    id
}

fn claim(meeting: &Meeting) -> (Order, Option<checker::Jump>) {
    match meeting {
        Meeting::Removable => (Order::Analytic, None),
        Meeting::Flat => (Order::Infinite, None),
        Meeting::Undecided { at_least, .. } => (Order::Class(*at_least), None),
        Meeting::Differ { order, jump } => (Order::Class(*order), texts(jump)),
    }
}

fn texts(jump: &Jump) -> Option<checker::Jump> {
    Some(match jump {
        Jump::Exact(e) => checker::Jump::Exact(e.to_expr()?.to_string()),
        Jump::Infinite => checker::Jump::Exact("infinite".into()),
        Jump::Enclosed(i) => checker::Jump::Enclosed {
            lower: decimal::directed(&i.lo(), DIGITS, false),
            upper: decimal::directed(&i.hi(), DIGITS, true),
        },
    })
}
