//! Monotone, convex, odd, even: what a function by pieces is, as the checker accepts it.

use crate::expr::{Activation, Definition, End, Expr, Piece, Provenance};
use crate::number::Real as _;
use crate::number::exact::{Assumptions, Exact, Sign};
use crate::prove::bound::{Side, bound};
use crate::prove::{Domain, Goal, Quantity};
use rug::Rational;
use std::sync::Arc;
use std::time::Duration;

/// What is asked of proofs here.
pub const GOAL: Goal = Goal { digits: 15, boxes: 200_000, time: Duration::from_secs(10) };

/// For signs, which come at once or not at all.
pub const QUICK: Goal = Goal { boxes: 5_000, ..GOAL };

/// A property of functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Property {
    /// f(x) <= f(y) for x <= y
    Nondecreasing,
    /// below its chords
    Convex,
    /// f(-x) = -f(x)
    Odd,
    /// f(-x) = f(x)
    Even,
}

impl Property {
    /// Every property.
    pub const ALL: [Self; 4] = [Self::Nondecreasing, Self::Convex, Self::Odd, Self::Even];

    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nondecreasing => "nondecreasing",
            Self::Convex => "convex",
            Self::Odd => "odd",
            Self::Even => "even",
        }
    }

    /// Whether a function has it: `None` if neither that nor the contrary was proved.
    pub fn holds(self, f: &Activation) -> Option<bool> {
        match self {
            Self::Nondecreasing => all([jumps_up(f, 0), not_negative(&slope(f)?)]),
            Self::Convex => match f.pieces.iter().any(is_point) {
                true => None,
                false => all([jumps_vanish(f), jumps_up(f, 1), not_negative(&slope(&slope(f)?)?)]),
            },
            Self::Odd => equal(f, &mirrored(f, true)?),
            Self::Even => equal(f, &mirrored(f, false)?),
        }
    }
}

fn all<const N: usize>(parts: [Option<bool>; N]) -> Option<bool> {
    match parts {
        _ if parts.contains(&Some(false)) => Some(false),
        _ if parts.contains(&None) => None,
        _ => Some(true),
    }
}

/// Whether a piece is a single point.
pub fn is_point(piece: &Piece) -> bool {
    matches!((&piece.lo, &piece.hi), (End::At { at: a, .. }, End::At { at: b, .. }) if a == b)
}

/// Right minus left at every junction, of a derivative of the pieces.
fn jumps(f: &Activation, order: usize) -> Vec<Sign> {
    let cx = Arc::new(Assumptions::strict());
    let derivative = |e: &Expr| (0..order).fold(e.clone(), |e, _| e.derivative());
    let jump = |pair: &[Piece]| {
        let End::At { at, .. } = &pair[0].hi else { return Sign::Unknown };
        let at = Exact::eval(&cx, at, &Exact::int(&cx, 0));
        let value = |piece: &Piece| Exact::eval(&cx, &derivative(&piece.expr), &at);
        value(&pair[1]).sub(&value(&pair[0])).sign()
    };
    f.pieces.windows(2).map(jump).collect()
}

fn jumps_up(f: &Activation, order: usize) -> Option<bool> {
    let signs = jumps(f, order);
    match () {
        () if signs.contains(&Sign::Negative) => Some(false),
        () if signs.iter().all(|s| matches!(s, Sign::Positive | Sign::Zero | Sign::NonNegative)) => Some(true),
        () => None,
    }
}

fn jumps_vanish(f: &Activation) -> Option<bool> {
    let signs = jumps(f, 0);
    match () {
        () if signs.iter().any(|s| matches!(s, Sign::Positive | Sign::Negative)) => Some(false),
        () if signs.iter().all(|s| *s == Sign::Zero) => Some(true),
        () => None,
    }
}

/// Whether a function is nowhere negative, as the checker accepts it.
fn not_negative(f: &Activation) -> Option<bool> {
    let found = bound(Quantity::Range, f, None, &Domain::default(), QUICK).ok()?;
    at_most_zero(found.bottom.as_ref()?)
}

/// Whether a proved supremum is at most 0.
pub fn at_most_zero(side: &Side) -> Option<bool> {
    if side.proved_infinite() {
        return Some(false);
    }
    let [lower, upper] = side.bounds.as_ref()?;
    match () {
        () if *upper <= 0 => Some(true),
        () if *lower > 0 => Some(false),
        () => None,
    }
}

/// A function by these pieces, without parameters.
pub fn by_pieces(id: &str, pieces: Vec<Piece>) -> Option<Activation> {
    let definition = Definition {
        id: id.to_owned(),
        aliases: vec![],
        title: id.to_owned(),
        params: vec![],
        pieces,
        source: String::new(),
        provenance: Provenance::User,
        note: String::new(),
    };
    Activation::with_defaults(Arc::new(definition)).ok()
}

/// The derivative, piece by piece.
pub fn slope(f: &Activation) -> Option<Activation> {
    // in its own form an expression tells more than the derivative of another one: terms have cancelled
    let of = |p: &Piece| Piece { expr: p.expr.derivative().simplified(), ..p.clone() };
    by_pieces("slope", f.pieces.iter().map(of).collect())
}

/// `f(-x)`, or `-f(-x)`.
fn mirrored(f: &Activation, negated: bool) -> Option<Activation> {
    let opposite = |end: &End| match end {
        End::Infinite => End::Infinite,
        End::At { at, closed } => End::At { at: (-at.clone()).simplified(), closed: *closed },
    };
    let of = |p: &Piece| {
        let expr = p.expr.substitute_x(&-Expr::var());
        let expr = if negated { -expr } else { expr };
        Piece { lo: opposite(&p.hi), hi: opposite(&p.lo), expr: expr.simplified() }
    };
    by_pieces("mirrored", f.pieces.iter().rev().map(of).collect())
}

/// Whether two functions are the same: that their distance is 0 is accepted, or at some point it is not.
fn equal(f: &Activation, g: &Activation) -> Option<bool> {
    let differ = |q: &(i32, i32)| {
        let x = Rational::from(*q);
        let [a, b] = [f, g].map(|f| value_at(f, &x));
        Some(matches!(a?.sub(&b?).sign(), Sign::Positive | Sign::Negative))
    };
    if [(1, 3), (5, 4), (19, 5), (401, 10)].iter().any(|q| differ(q) == Some(true)) {
        return Some(false);
    }
    let found = bound(Quantity::Distance, f, Some(g), &Domain::default(), QUICK).ok()?;
    at_most_zero(&found.top)
}

/// The value at a rational point, exactly; `None` if its piece is not known.
pub fn value_at(f: &Activation, x: &Rational) -> Option<Exact> {
    let cx = Arc::new(Assumptions::strict());
    let point = Exact::rational(&cx, x);
    let beyond = |end: &End, low: bool| match end {
        End::Infinite => Some(false),
        End::At { at, closed } => {
            let at = Exact::eval(&cx, at, &Exact::int(&cx, 0));
            match if low { at.sub(&point) } else { point.sub(&at) }.sign() {
                Sign::Positive => Some(true),
                Sign::Negative => Some(false),
                Sign::Zero => Some(!closed),
                _ => None,
            }
        }
    };
    for piece in &f.pieces {
        if !beyond(&piece.lo, true)? && !beyond(&piece.hi, false)? {
            let value = Exact::eval(&cx, &piece.expr, &point);
            return (!value.is_unknown()).then_some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(text: &str) -> Activation {
        Activation::with_defaults(Arc::new(Definition::from_expr(text).expect("an expression"))).expect("no parameters")
    }

    #[test]
    fn shapes() {
        for (text, shape) in [
            ("max(x, 0)", [true, true, false, false]),
            ("abs(x)", [false, true, false, true]),
            ("min(x, 0)", [true, false, false, false]),
            ("max(min(x, 1), -1)", [true, false, true, false]),
            ("softplus(x)", [true, true, false, false]),
            ("tanh(x)", [true, false, true, false]),
            ("x^3 - x", [false, false, true, false]),
        ] {
            let found = Property::ALL.map(|p| p.holds(&expr(text)));
            assert_eq!(found, shape.map(Some), "{text}");
        }
    }
}
