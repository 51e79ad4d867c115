//! All pieces and junctions of a piecewise expression, for all values of the symbols.

use super::analytic;
use super::junction::{Meeting, Sides, compare};
use super::region::Region;
use crate::expr::{End, Expr, Piece};
use crate::number::Real;
use crate::number::exact::{Assumptions, Exact, Sign};
use std::sync::Arc;

/// A junction and how the sides meet there.
#[derive(Clone, Debug)]
pub(super) struct Junction {
    pub at: Expr,
    /// which pieces lie left and right
    pub pieces: (usize, usize),
    pub meeting: Meeting,
}

/// What is found.
#[derive(Clone, Debug)]
pub(super) struct Analysis {
    /// the pieces, split where branches change
    pub pieces: Vec<Piece>,
    /// for each piece the expression with its branches chosen, or why it is not shown to be analytic inside
    pub inside: Vec<Result<Expr, String>>,
    pub junctions: Vec<Junction>,
}

/// Examines pieces in the parameters that `cx` knows.
pub(super) fn analyse(pieces: &[Piece], cx: Assumptions) -> Analysis {
    let pieces = super::kinks::split(pieces, &cx);
    let cx = Arc::new(cx);
    let zero = Exact::int(&cx, 0);
    let end = |e: &End| match e {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(&cx, at, &zero)),
    };
    let ends: Vec<_> = pieces.iter().map(|p| (end(&p.lo), end(&p.hi))).collect();
    let inside: Vec<Result<Expr, String>> = ends
        .iter()
        .zip(&pieces)
        .map(|((lo, hi), p)| match (lo, hi) {
            (Some(a), Some(b)) if b.sub(a).is_zero() => Ok(p.expr.clone()),
            (Some(a), Some(b)) if b.sub(a).sign() != Sign::Positive => {
                Err("it is not shown that the piece is not empty".into())
            }
            _ => analytic::resolved(&p.expr, &Region::between(lo.as_ref(), hi.as_ref(), &cx)),
        })
        .collect();
    // expansions choose branches themselves, where it is not known which one holds in the whole piece
    let side = |i: usize| inside[i].as_ref().unwrap_or(&pieces[i].expr).clone();
    let mut junctions = Vec::new();
    let mut left = 0;
    for right in 1..pieces.len() {
        let (Some(lo), hi) = &ends[right] else { continue };
        let point_piece = hi.as_ref().is_some_and(|hi| hi.sub(lo).is_zero());
        if point_piece && right + 1 < pieces.len() {
            // a piece of one point gives the value at the junction that the next piece makes
            continue;
        }
        let End::At { at, closed } = &pieces[right].lo else { continue };
        let own = if *closed { right } else { right - 1 };
        let sides = Sides { left: side(left), right: side(right), own: pieces[own].expr.clone() };
        let meeting = compare(sides, lo, &cx);
        junctions.push(Junction { at: at.clone(), pieces: (left, right), meeting });
        left = right;
    }
    Analysis { inside, junctions, pieces }
}
