//! Whether pieces cover the real line from left to right, without gap and without overlap.

use super::define::DefinitionErrorKind as Kind;
use super::definition::{End, Piece};
use super::order::compare_points;
use std::cmp::Ordering;

/// What is wrong with which piece.
#[derive(Debug, PartialEq)]
pub(super) struct PieceFault {
    pub piece: usize,
    /// in its value, not its interval
    pub in_value: bool,
    pub kind: Kind,
    pub help: Option<String>,
}

impl PieceFault {
    fn interval(piece: usize, kind: Kind) -> Self {
        Self { piece, in_value: false, kind, help: None }
    }
}

/// Checks the cover; an order that depends on parameters is left open for the time when they have values.
pub(super) fn check(pieces: &[Piece]) -> Result<(), PieceFault> {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Err(PieceFault::interval(0, Kind::NoFormula));
    };
    if let End::At { at, .. } = &first.lo {
        return Err(PieceFault::interval(0, Kind::Gap { from: "-inf".into(), to: at.to_string() }));
    }
    for (i, piece) in pieces.iter().enumerate() {
        not_empty(piece).map_err(|kind| PieceFault::interval(i, kind))?;
    }
    for (i, pair) in pieces.windows(2).enumerate() {
        meet(&pair[0].hi, &pair[1].lo).map_err(|kind| {
            let closed = |end: &End| matches!(end, End::At { closed: true, .. });
            let at = |end: &End| match end {
                End::At { at, .. } => at.to_string(),
                End::Infinite => "inf".into(),
            };
            let help = match (closed(&pair[0].hi), closed(&pair[1].lo)) {
                (a, b) if a == b && at(&pair[0].hi) == at(&pair[1].lo) => Some(format!(
                    "the point {} must belong to exactly one of the pieces {} and {}",
                    at(&pair[0].hi),
                    i + 1,
                    i + 2
                )),
                _ => None,
            };
            PieceFault { help, ..PieceFault::interval(i + 1, kind) }
        })?;
    }
    match &last.hi {
        End::Infinite => Ok(()),
        End::At { at, .. } => {
            Err(PieceFault::interval(pieces.len() - 1, Kind::Gap { from: at.to_string(), to: "inf".into() }))
        }
    }
}

fn not_empty(piece: &Piece) -> Result<(), Kind> {
    let (End::At { at: lo, closed: lo_closed }, End::At { at: hi, closed: hi_closed }) = (&piece.lo, &piece.hi) else {
        return Ok(());
    };
    match compare_points(lo, hi) {
        Some(Ordering::Less) => Ok(()),
        Some(Ordering::Equal) if *lo_closed && *hi_closed => Ok(()),
        Some(_) => Err(Kind::EmptyPiece { on: piece.on() }),
        None if lo.has_params() || hi.has_params() => Ok(()),
        None => Err(Kind::Undecided { a: lo.to_string(), b: hi.to_string() }),
    }
}

fn meet(hi: &End, lo: &End) -> Result<(), Kind> {
    let (End::At { at: a, closed: a_closed }, End::At { at: b, closed: b_closed }) = (hi, lo) else {
        let text = |end: &End, infinite: &str| match end {
            End::At { at, .. } => at.to_string(),
            End::Infinite => infinite.into(),
        };
        return Err(Kind::Overlap { from: text(lo, "-inf"), to: text(hi, "inf") });
    };
    let (from, to) = (a.to_string(), b.to_string());
    match (compare_points(a, b), a_closed, b_closed) {
        (Some(Ordering::Equal), true, true) => Err(Kind::Overlap { from, to }),
        (Some(Ordering::Equal), false, false) => Err(Kind::Gap { from, to }),
        (Some(Ordering::Equal), ..) => Ok(()),
        (Some(Ordering::Less), ..) => Err(Kind::Gap { from, to }),
        (Some(Ordering::Greater), ..) => Err(Kind::Overlap { from: to, to: from }),
        (None, ..) if a.has_params() || b.has_params() => Ok(()),
        (None, ..) => Err(Kind::Undecided { a: from, b: to }),
    }
}
