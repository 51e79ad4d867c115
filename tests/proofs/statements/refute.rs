//! Whether a certificate of a supremum states what is false, as far as samples and enclosures of the plain evaluator tell.

use super::oracle::{BITS, Subject, activation, constant};
use actaudit::expr::parse_expr;
use actaudit::expr::plain::{Interval, eval};
use actaudit::prove::{Domain, Quantity};
use actaudit_recheck::Proved;
use actaudit_recheck::certificate as c;
use rug::Float;

/// A function of a certificate as one that can be sampled.
pub fn function(f: &c::Function, id: &str) -> Option<actaudit::expr::Activation> {
    let on = |p: &c::Piece| {
        let (open, close) = (if p.lo_closed { '[' } else { '(' }, if p.hi_closed { ']' } else { ')' });
        (format!("{open}{}, {}{close}", p.lo, p.hi), p.value.clone())
    };
    let pieces: Vec<_> = f.pieces.iter().map(on).collect();
    activation(id, &pieces).ok()
}

/// The domain of a certificate.
pub fn domain(c: &c::Supremum) -> Option<Domain> {
    let end = |t: &String| if t.ends_with("inf") { Some(None) } else { parse_expr(t).ok().map(Some) };
    Some(Domain { lo: end(&c.domain[0])?, hi: end(&c.domain[1])? })
}

/// Quantities as certificates and as questions have them.
pub const QUANTITIES: [(c::Quantity, Quantity); 5] = [
    (c::Quantity::Range, Quantity::Range),
    (c::Quantity::Slope, Quantity::Slope),
    (c::Quantity::Lipschitz, Quantity::Lipschitz),
    (c::Quantity::Curvature, Quantity::Curvature),
    (c::Quantity::Distance, Quantity::Distance),
];

/// A sample that is certainly above an upper bound, in words. Samples know nothing of lower bounds.
pub fn refuted(c: &c::Supremum, seed: u64) -> Option<String> {
    let (f, g) = (function(&c.activation, "mine")?, c.to.as_ref().map(|g| function(g, "other")));
    let g = match g {
        Some(None) => return None,
        Some(g) => g,
        None => None,
    };
    let domain = domain(c)?;
    let (_, quantity) = QUANTITIES.into_iter().find(|(q, _)| *q == c.quantity)?;
    let subject = Subject::new(&f, g.as_ref(), &domain, quantity);
    let uppers: Vec<(i8, Interval)> =
        c.sides.iter().filter(|s| s.upper.trim() != "inf").map(|s| (s.sign, constant(&s.upper))).collect();
    subject.samples(seed).into_iter().find_map(|(x, v)| {
        uppers.iter().find_map(|(sign, upper)| {
            let value = if c.quantity.of_magnitude() {
                v.abs()
            } else if *sign < 0 {
                v.neg()
            } else {
                v.clone()
            };
            (value.lo > upper.hi).then(|| format!("at {x} it lies in {value}, above {upper}"))
        })
    })
}

/// That no place that is named can hold a maximiser, in words: h is certainly less there than its supremum.
pub fn misplaced(c: &c::Supremum, proved: &[Proved]) -> Option<String> {
    let lower = proved.iter().filter_map(|p| p.lower.clone()).max()?;
    let magnitude = c.quantity.of_magnitude();
    let mut named = false;
    for side in &c.sides {
        let of_side = proved.iter().find(|p| p.sign == side.sign)?;
        if of_side.attained != Some(true) {
            // the places are not said
            continue;
        }
        let lower = Interval::rational(BITS, if magnitude { &lower } else { of_side.lower.as_ref()? }).lo;
        let Some(c::Attained::Within { roles, .. }) = &side.attained else { continue };
        for (leaf, _) in side.leaves.iter().zip(roles).filter(|(_, role)| **role == c::Role::Place) {
            named = true;
            if largest(c, side, leaf).is_none_or(|top| top >= lower) {
                return None;
            }
        }
    }
    let exactly = c.sides.iter().any(|s| matches!(s.attained, Some(c::Attained::Exactly { .. })));
    (named && !exactly).then(|| "none of its places holds a maximiser".into())
}

/// An upper bound of h on a leaf, from parts of it.
fn largest(c: &c::Supremum, side: &c::Side, leaf: &c::Leaf) -> Option<Float> {
    let read = |f: &c::Function, i: usize| parse_expr(&f.pieces.get(i)?.value).ok();
    let f = read(&c.activation, leaf.piece)?;
    let base = match (&c.to, leaf.to_piece) {
        (Some(g), Some(j)) => f - read(g, j)?,
        _ => f,
    };
    let h = (0..side.order).fold(base, |e, _| e.derivative());
    let (lo, hi) = (constant(&leaf.lo).lo, constant(&leaf.hi).hi);
    let mut top = Float::with_val(BITS, rug::float::Special::NegInfinity);
    const PARTS: u32 = 64;
    for i in 0..PARTS {
        let at = |i: u32| Float::with_val(BITS, &hi - &lo) * i / PARTS + &lo;
        let part = Interval { lo: at(i), hi: if i + 1 == PARTS { hi.clone() } else { at(i + 1) } };
        let value = eval(&h, &part).ok()?;
        top = top.max(&if side.sign < 0 { value.neg() } else { value }.hi);
    }
    Some(top)
}
