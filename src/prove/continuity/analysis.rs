//! All pieces and junctions of a piecewise expression, for all values of the symbols.

use super::analytic;
use super::junction::{Meeting, Sides, compare};
use super::region::Region;
use crate::expr::{End, Expr, Piece};
use crate::number::Real;
use crate::number::exact::{Assumptions, Exact};
use std::sync::Arc;

/// A junction and how the sides meet there.
#[derive(Clone, Debug)]
pub(super) struct Junction {
    pub at: Expr,
    pub point: Exact,
    /// which pieces lie left and right
    pub pieces: (usize, usize),
    pub meeting: Meeting,
}

/// What is found.
#[derive(Clone, Debug)]
pub(super) struct Analysis {
    /// for each piece why it is not shown to be analytic inside, if so
    pub pieces: Vec<Result<(), String>>,
    pub junctions: Vec<Junction>,
}

/// Examines pieces in the parameters that `cx` knows.
pub(super) fn analyse(pieces: &[Piece], cx: Assumptions) -> Analysis {
    let cx = Arc::new(cx);
    let zero = Exact::int(&cx, 0);
    let end = |e: &End| match e {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(&cx, at, &zero)),
    };
    let ends: Vec<_> = pieces.iter().map(|p| (end(&p.lo), end(&p.hi))).collect();
    // with absolute values, minima and maxima resolved where they are: inside of the piece
    let mut exprs: Vec<Expr> = pieces.iter().map(|p| p.expr.clone()).collect();
    let mut verdicts = Vec::new();
    for ((lo, hi), expr) in ends.iter().zip(&mut exprs) {
        let degenerate = matches!((lo, hi), (Some(a), Some(b)) if b.sub(a).is_zero());
        let region = Region::between(lo.as_ref(), hi.as_ref(), &cx);
        verdicts.push(match if degenerate { Ok(expr.clone()) } else { analytic::resolved(expr, &region) } {
            Ok(resolved) => {
                *expr = resolved;
                Ok(())
            }
            Err(reason) => Err(reason),
        });
    }
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
        let sides = Sides { left: &exprs[left], right: &exprs[right], own: &pieces[own].expr };
        let meeting = compare(sides, lo, &cx);
        junctions.push(Junction { at: at.clone(), point: lo.clone(), pieces: (left, right), meeting });
        left = right;
    }
    Analysis { pieces: verdicts, junctions }
}
