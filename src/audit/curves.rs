//! f, f' and f'' on the part of the line that shows an activation best, for a plot. Nothing is claimed of what lies between the
//! points, and nothing is proved by them.

use crate::expr::{Activation, End, Piece};
use crate::number::{Enclosure, F64I, Jet, Tape};

/// Steps from one side to the other.
const STEPS: usize = 320;

/// What is larger, by place or by value, is not drawn: scales need differences and products of it.
const LARGEST: f64 = 1e150;

/// Points of a curve without a gap.
pub type Stroke = Vec<[f64; 2]>;

/// The curves of one activation.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// the part of the line
    pub window: [f64; 2],
    /// f, f', f'': strokes, since the pen is lifted between pieces and where there is no value
    pub orders: [Vec<Stroke>; 3],
    /// where pieces meet: the point as it is written, and where that is, next to which f64
    pub junctions: Vec<(String, f64)>,
}

/// Where an end of a piece is, next to which f64; `None` at infinity.
fn place(end: &End) -> Option<f64> {
    let End::At { at, .. } = end else { return None };
    if let Some(q) = at.exact_rational() {
        return Some(q.to_f64());
    }
    let value = Tape::compile(at).ok()?.eval(&F64I::new(&(), &0.0, &0.0));
    value.total().then(|| value.lo())
}

/// The part of the line that shows an activation best: its junctions with some room, and no more of it where they lie close
/// to each other.
pub fn window(activation: &Activation) -> [f64; 2] {
    let ends = activation.pieces.iter().flat_map(|p| [&p.lo, &p.hi]).filter_map(place);
    let reach = ends.map(f64::abs).fold(0.0, f64::max);
    let half = if reach > 0.0 && reach < 0.5 { 4.0 * reach } else { (1.5 * reach).clamp(5.0, LARGEST) };
    [-half, half]
}

/// The strokes of one derivative of a piece, both ends with it.
fn strokes(piece: &Piece, order: usize, [lo, hi]: [f64; 2], into: &mut Vec<Stroke>) {
    let Ok(tape) = Tape::compile(&piece.expr) else { return };
    let (a, b) = (place(&piece.lo).unwrap_or(lo).max(lo), place(&piece.hi).unwrap_or(hi).min(hi));
    if a >= b {
        return;
    }
    let steps = (((b - a) / (hi - lo) * STEPS as f64) as usize).max(8);
    let value = |k: usize| {
        let x = if k == steps { b } else { a + (b - a) * k as f64 / steps as f64 };
        let y = tape.eval(&Jet::variable(F64I::new(&(), &x, &x), order)).derivative(order);
        let middle = 0.5 * y.lo() + 0.5 * y.hi();
        (y.total() && middle.abs() < LARGEST).then_some([x, middle])
    };
    let mut stroke = vec![];
    for point in (0..=steps).map(value) {
        match point {
            Some(point) => stroke.push(point),
            None => into.push(std::mem::take(&mut stroke)),
        }
    }
    into.push(stroke);
    into.retain(|stroke| stroke.len() > 1);
}

impl Curves {
    /// Of an activation with its parameter values.
    pub fn new(activation: &Activation) -> Self {
        let window = window(activation);
        let mut orders = [vec![], vec![], vec![]];
        for (order, into) in orders.iter_mut().enumerate() {
            activation.pieces.iter().for_each(|piece| strokes(piece, order, window, into));
        }
        let named = |p: &Piece| match &p.lo {
            End::At { at, .. } => Some((at.to_string(), place(&p.lo)?)),
            End::Infinite => None,
        };
        Self { window, orders, junctions: activation.pieces.iter().filter_map(named).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn curves(id: &str) -> Curves {
        let definition = catalog::find(id).expect("is in the catalogue");
        Curves::new(&Activation::with_defaults(definition).expect("has defaults"))
    }

    #[test]
    fn each_piece_has_its_stroke_up_to_both_ends() {
        let relu = curves("relu");
        assert_eq!(relu.junctions, [("0".to_owned(), 0.0)]);
        let slopes: Vec<[f64; 2]> = relu.orders[1].iter().map(|s| [s[0][1], s[s.len() - 1][1]]).collect();
        // no stroke leads from the one slope to the other
        assert_eq!(slopes, [[0.0; 2], [1.0; 2]]);
        assert_eq!(relu.orders[0][0].last(), Some(&[0.0, 0.0]));
    }

    #[test]
    fn what_is_too_large_for_a_scale_is_not_drawn() {
        for text in ["max(x, 3e307*5)", "min(1e200*x, 1e300)", "exp(exp(x^2))"] {
            let definition = crate::expr::Definition::from_expr(text).expect("is an expression");
            let curves = Curves::new(&Activation::with_defaults(definition.into()).expect("has no parameters"));
            let points = curves.orders.iter().flatten().flatten().flatten().chain(&curves.window);
            assert!(points.copied().all(|v| v.abs() <= LARGEST), "{text}");
        }
    }

    #[test]
    fn every_activation_of_the_catalogue_is_drawn() {
        for definition in catalog::all() {
            let curves = curves(&definition.id);
            assert!(curves.orders.iter().all(|strokes| !strokes.is_empty()), "{}", definition.id);
        }
    }
}
