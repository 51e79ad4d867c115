//! From the engine's result to a certificate: what was found, as text that the independent checker reads.

use super::bound::{Bound, Quantity, Side};
use super::halfline::TailMethod;
use super::objective::Objective;
use super::search::{Mark, Method};
use super::supremum::{Place, Proof, Supremum};
use crate::expr::Activation;
use crate::number::decimal;
use actaudit_recheck::certificate::{self as c, Certificate};
use rug::Float;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertifyError {
    /// No finite bound was proved.
    #[error("no finite bound was proved for the {0}, and only finite bounds have certificates")]
    NotFinite(&'static str),
    /// A jump makes the statement false or open.
    #[error("f may jump at {0}: there is no Lipschitz constant to certify")]
    Jump(String),
}

/// A leaf end as an exact text.
fn end_text(objective: &Objective, mark: &Mark<Float>, upper: bool) -> String {
    let edge = if upper { &objective.hi } else { &objective.lo };
    if mark.edge { edge.text(!upper) } else { float_text(&mark.end) }
}

fn float_text(value: &Float) -> String {
    value
        .to_rational()
        .map_or_else(|| if value.is_sign_negative() { "-inf".into() } else { "inf".into() }, |q| q.to_string())
}

fn leaf(objectives: &[Objective], proof: &Proof) -> (usize, Float, c::Leaf) {
    let build = |o: &Objective, lo: String, hi: String, method: c::Method, at: Option<String>| c::Leaf {
        piece: o.piece,
        to_piece: o.to_piece,
        lo,
        hi,
        method,
        at,
    };
    let minus_infinity = Float::with_val(53, rug::float::Special::NegInfinity);
    match proof {
        Proof::Piece(i) => {
            let o = &objectives[*i];
            (*i, minus_infinity, build(o, o.lo.text(true), o.hi.text(false), c::Method::Constant, None))
        }
        Proof::Tail(t) => {
            let o = &objectives[t.objective];
            let method = match (t.method, t.left) {
                (TailMethod::Remainder, _) => c::Method::Tail,
                (TailMethod::Limit, false) | (TailMethod::Start, true) => c::Method::Increasing,
                (TailMethod::Limit, true) | (TailMethod::Start, false) => c::Method::Decreasing,
            };
            let end = float_text(&t.end());
            let (lo, hi) = if t.left { ("-inf".into(), end) } else { (end, "inf".into()) };
            let start = if t.left { minus_infinity } else { t.end() };
            (t.objective, start, build(o, lo, hi, method, None))
        }
        Proof::Box(l) => {
            let o = &objectives[l.block.objective];
            let (lo, hi) = (end_text(o, &l.block.lo, false), end_text(o, &l.block.hi, true));
            let (method, at) = match &l.method {
                Method::Direct => (c::Method::Direct, None),
                Method::Mean => (c::Method::Mean, None),
                Method::Increasing => (c::Method::Increasing, None),
                Method::Decreasing => (c::Method::Decreasing, None),
                // a tangent at an edge touches at the edge itself, not at a float beside it
                Method::Concave(x) if l.block.lo.edge && *x <= l.block.lo.end => (c::Method::Concave, Some(lo.clone())),
                Method::Concave(x) if l.block.hi.edge && *x >= l.block.hi.end => (c::Method::Concave, Some(hi.clone())),
                Method::Concave(x) => (c::Method::Concave, Some(float_text(x))),
                Method::Convex => (c::Method::Convex, None),
                Method::Constant => (c::Method::Constant, None),
                Method::Flat(upper, _) => (c::Method::Flat, Some(if *upper { hi.clone() } else { lo.clone() })),
            };
            (l.block.objective, l.block.lo.end.clone(), build(o, lo, hi, method, at))
        }
    }
}

/// Where the supremum is exact, its leaf's tangent must touch at the exact maximiser: any other lies above it.
fn touch_exactly(leaf: &mut c::Leaf, proof: &Proof, answer: &Supremum) {
    let Proof::Box(l) = proof else { return };
    if answer.exact.is_none() || leaf.method != c::Method::Concave || l.bound < answer.lower {
        return;
    }
    let inside = answer.places.iter().find_map(|place| match place {
        Place::Point { lo, hi, exact } if l.block.lo.end <= *lo && *hi <= l.block.hi.end => exact.clone(),
        _ => None,
    });
    leaf.at = inside.or(leaf.at.take());
}

/// The witness from below, with the sign of the objective that has it.
fn lower(side: &Side, value: &str) -> Option<(i32, c::Lower)> {
    let answer = &side.answer;
    let make = |o: &Objective, at: Option<String>, limit: Option<c::Infinity>| {
        (o.sign, c::Lower { value: value.into(), at, limit, piece: o.piece })
    };
    if let Some((i, right)) = answer.peak_limit {
        let limit = if right { c::Infinity::Plus } else { c::Infinity::Minus };
        return Some(make(&side.objectives[i], None, Some(limit)));
    }
    let constant = answer.proof.iter().find_map(|p| match (p, answer.places.first()) {
        (Proof::Piece(i), Some(Place::Set(a, b))) => {
            let o = &side.objectives[*i];
            let finite = [a, b].into_iter().find(|t| !t.ends_with("inf")).cloned().unwrap_or_else(|| "0".into());
            // the negative of a constant stands on the same interval
            let value = o.constant().and_then(|value| value.exact_rational());
            let reached = value.is_none_or(|q| answer.lower <= q);
            (reached && o.lo.text(true) == *a && o.hi.text(false) == *b).then(|| make(o, Some(finite), None))
        }
        _ => None,
    });
    if constant.is_some() {
        return constant;
    }
    // an exact place beats a float near it
    if let (Some(Place::Point { exact: Some(at), .. }), Some(peak)) = (answer.places.first(), &answer.peak) {
        return Some(make(&side.objectives[peak.objective], Some(at.clone()), None));
    }
    let peak = answer.peak.as_ref()?;
    let o = &side.objectives[peak.objective];
    let at = match peak.edge {
        Some(true) => o.hi.text(false),
        Some(false) => o.lo.text(true),
        None => float_text(&peak.at.0),
    };
    Some(make(o, Some(at), None))
}

fn bounds(answer: &Supremum, digits: u32) -> (String, String) {
    match &answer.exact {
        Some(q) => (decimal::rational(q), decimal::rational(q)),
        None => {
            (decimal::directed(&answer.lower, digits + 2, false), decimal::directed(&answer.upper, digits + 2, true))
        }
    }
}

/// The certificate of a bound.
pub fn certificate(
    f: &Activation,
    g: Option<&Activation>,
    bound: &Bound,
    digits: u32,
) -> Result<Certificate, CertifyError> {
    if let Some(jump) = bound.jumps.first() {
        return Err(CertifyError::Jump(jump.at.clone()));
    }
    let mut sides = vec![];
    for (side, signs) in [(Some(&bound.top), [1, -1]), (bound.bottom.as_ref(), [-1, 0])] {
        let Some(side) = side else { continue };
        if !side.answer.upper.is_finite() || !side.answer.lower.is_finite() {
            return Err(CertifyError::NotFinite(bound.quantity.name()));
        }
        let (low, high) = bounds(&side.answer, digits);
        let witness = lower(side, &low);
        for sign in signs.into_iter().filter(|s| side.objectives.iter().any(|o| o.sign == *s)) {
            let of_sign = side.answer.proof.iter().map(|p| {
                let (objective, start, mut leaf) = leaf(&side.objectives, p);
                touch_exactly(&mut leaf, p, &side.answer);
                (objective, start, leaf)
            });
            let mut leaves: Vec<_> = of_sign.filter(|(i, ..)| side.objectives[*i].sign == sign).collect();
            leaves.sort_by(|a, b| (a.0, &a.1).partial_cmp(&(b.0, &b.1)).unwrap_or(std::cmp::Ordering::Equal));
            sides.push(c::Side {
                sign: if sign < 0 { -1 } else { 1 },
                order: bound.quantity.traits().1 as u32,
                upper: high.clone(),
                leaves: leaves.into_iter().map(|(.., leaf)| leaf).collect(),
                lower: witness.as_ref().filter(|(s, _)| *s == sign).map(|(_, l)| l.clone()),
            });
        }
    }
    let quantity = match bound.quantity {
        Quantity::Range => c::Quantity::Range,
        Quantity::Slope => c::Quantity::Slope,
        Quantity::Lipschitz => c::Quantity::Lipschitz,
        Quantity::Curvature => c::Quantity::Curvature,
        Quantity::Distance => c::Quantity::Distance,
    };
    Ok(Certificate::Supremum(c::Supremum {
        schema: c::Schema::V1,
        activation: f.into(),
        to: g.map(Into::into),
        quantity,
        domain: bound.domain.text(),
        precision: bound.top.answer.precision + 64,
        sides,
    }))
}

#[cfg(test)]
mod tests;
