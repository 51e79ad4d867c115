//! Kinks become junctions: `abs`, `min` and `max` whose decision changes at points with a closed form are replaced by pieces.

use super::ast::{Expr, Node};
use super::definition::{Definition, End, Piece};
use super::facts::always_defined;
use super::func::Func;
use super::order::compare_points;
use super::plain::{Interval, eval};
use super::sides::sides;
use rug::{Integer, Rational};
use std::cmp::Ordering;

/// A piece is not split into more parts than this; kinks that are left are left as they are.
const MAX_PARTS: usize = 256;

impl Definition {
    /// The same function with the kinks of `abs`, `min` and `max` split into pieces, where the places at which
    /// what decides changes sign have a closed form without parameters.
    #[must_use]
    pub fn with_kinks_split(&self) -> Self {
        Self { pieces: split(self.pieces.clone()), ..self.clone() }
    }
}

/// Splits pieces at their kinks, and resolves those that do not change sign on their piece. What has no places in
/// closed form, or lies in an unknown place relative to the ends of its piece, stays.
#[must_use]
pub fn split(pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.into_iter().flat_map(|piece| merged(split_piece(piece, &mut 1))).collect()
}

/// `parts` counts the parts of the original piece, over all levels.
fn split_piece(piece: Piece, parts: &mut usize) -> Vec<Piece> {
    let expr = resolved(&piece);
    let piece = if expr == piece.expr { piece } else { Piece { expr: expr.simplified(), ..piece } };
    let mut cuts = cuts(&piece);
    cuts.truncate(MAX_PARTS.saturating_sub(*parts));
    if cuts.is_empty() {
        return vec![piece];
    }
    *parts += cuts.len();
    let point = |at: &Expr, closed| End::At { at: at.clone(), closed };
    let lows = std::iter::once(piece.lo.clone()).chain(cuts.iter().map(|q| point(q, true)));
    let highs = cuts.iter().map(|q| point(q, false)).chain([piece.hi.clone()]);
    let new = lows.zip(highs).map(|(lo, hi)| Piece { lo, hi, expr: piece.expr.clone() });
    // where a kink inside of another one is gone, the outer one may have become affine
    new.collect::<Vec<_>>().into_iter().flat_map(|part| split_piece(part, parts)).collect()
}

/// Joins neighbours with the same expression: there was no kink after all.
fn merged(parts: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(parts.len());
    for part in parts {
        match out.last_mut() {
            Some(last) if last.expr == part.expr => last.hi = part.hi,
            _ => out.push(part),
        }
    }
    out
}

/// What decides the node.
fn decision(node: &Node) -> Option<Expr> {
    match node {
        Node::Call(Func::Abs, u) => Some(u.simplified()),
        Node::Min(a, b) | Node::Max(a, b) => Some((a.clone() - b.clone()).simplified()),
        _ => None,
    }
}

/// `slope * x + offset` with rational coefficients, if the expression is that.
#[must_use]
pub fn affine(e: &Expr) -> Option<(Rational, Rational)> {
    if !e.depends_on_x() {
        return Some((Rational::new(), e.exact_rational()?));
    }
    match e.node() {
        Node::Var => Some((Rational::from(1), Rational::new())),
        Node::Neg(a) => affine(a).map(|(m, c)| (-m, -c)),
        Node::Add(a, b) => affine(a).zip(affine(b)).map(|((m, c), (n, d))| (m + n, c + d)),
        Node::Sub(a, b) => affine(a).zip(affine(b)).map(|((m, c), (n, d))| (m - n, c - d)),
        Node::Mul(a, b) => {
            let (k, u) = if a.depends_on_x() { (b, a) } else { (a, b) };
            let k = k.exact_rational()?;
            affine(u).map(|(m, c)| (m * &k, c * &k))
        }
        Node::Div(a, b) => {
            let k = b.exact_rational().filter(|k| *k != 0)?;
            affine(a).map(|(m, c)| (m / &k, c / &k))
        }
        _ => None,
    }
}

/// The points strictly inside of the piece at which a decision changes, in order.
fn cuts(piece: &Piece) -> Vec<Expr> {
    let mut roots = Vec::new();
    collect_roots(&piece.expr, &mut roots);
    let mut sorted: Vec<Expr> = Vec::with_capacity(roots.len());
    for root in roots.into_iter().filter(|root| side(piece, root) == Some(Ordering::Equal) && has_a_place(root)) {
        let place =
            sorted.iter().try_fold(0, |place, cut| Some(place + usize::from(compare_points(cut, &root)?.is_lt())));
        // what cannot be ordered stays a kink
        if let Some(place) = place
            && sorted.get(place).is_none_or(|next| compare_points(next, &root) != Some(Ordering::Equal))
        {
            sorted.insert(place, root);
        }
    }
    sorted
}

/// Whether a point is a rational number, or no simple one in disguise, such as `log(e)`, with which it could not be compared.
fn has_a_place(point: &Expr) -> bool {
    const BITS: u32 = 256;
    const MAX_DENOMINATOR: u32 = 1 << 20;
    const MAX_EXPONENT: u32 = 1 << 12;
    if point.exact_rational().is_some() {
        return true;
    }
    let Ok(value) = eval(point, &Interval::int(BITS, 0)) else { return false };
    // as a quotient a number of absurd size would fill the memory
    if value.abs().hi.get_exp().is_some_and(|e| e.unsigned_abs() > MAX_EXPONENT) {
        return false;
    }
    let Some(mut rest) = value.lo.to_rational() else { return false };
    // its continued fraction has a convergent inside of the enclosure if a simple number is there
    let (mut before, mut now) =
        ((Integer::from(1), Integer::new()), (rest.clone().floor().into_numer_denom().0, Integer::from(1)));
    while now.1 <= MAX_DENOMINATOR {
        let convergent = Rational::from((now.0.clone(), now.1.clone()));
        if value.lo <= convergent && convergent <= value.hi {
            return false;
        }
        rest -= rest.clone().floor();
        if rest == 0 {
            return false;
        }
        rest = rest.recip();
        let part = rest.clone().floor().into_numer_denom().0;
        let next = (Integer::from(&part * &now.0) + &before.0, Integer::from(&part * &now.1) + &before.1);
        (before, now) = (now, next);
    }
    true
}

fn collect_roots(e: &Expr, roots: &mut Vec<Expr>) {
    if let Some(sides) = decision(e.node()).and_then(|u| sides(&u)) {
        roots.extend(sides.cuts);
    }
    for child in e.children() {
        collect_roots(child, roots);
    }
}

/// Where a point lies: left of the inside of the piece (or at its lower end), inside, or right of it.
fn side(piece: &Piece, point: &Expr) -> Option<Ordering> {
    if let End::At { at, .. } = &piece.lo
        && compare_points(point, at)? != Ordering::Greater
    {
        return Some(Ordering::Less);
    }
    match &piece.hi {
        End::At { at, .. } if compare_points(point, at)? != Ordering::Less => Some(Ordering::Greater),
        _ => Some(Ordering::Equal),
    }
}

/// The expression of the piece without the kinks whose decision has one sign on the whole piece.
fn resolved(piece: &Piece) -> Expr {
    resolve(&piece.expr, piece)
}

/// The sign of a decision on the whole piece.
fn sign_on(u: &Expr, piece: &Piece) -> Option<Ordering> {
    let sides = sides(u)?;
    let places: Option<Vec<Ordering>> = sides.cuts.iter().map(|cut| side(piece, cut)).collect();
    let places = places?;
    if places.contains(&Ordering::Equal) {
        return None;
    }
    sides.signs.get(places.iter().filter(|place| place.is_lt()).count()).copied()
}

fn resolve(e: &Expr, piece: &Piece) -> Expr {
    let e = e.map_children(|c| resolve(c, piece));
    let Some(u) = decision(e.node()) else { return e };
    let Some(sign) = sign_on(&u, piece) else { return e };
    // what is left out must not have been what has no value somewhere
    let instead = |kept: &Expr, dropped: &Expr| {
        if affine(&u).is_some() || always_defined(dropped) { kept.clone() } else { e.clone() }
    };
    match (e.node(), sign) {
        (Node::Call(_, u), Ordering::Less) => -u.clone(),
        (Node::Call(_, u), _) => u.clone(),
        (Node::Min(a, b), Ordering::Less) | (Node::Max(a, b), Ordering::Greater | Ordering::Equal) => instead(a, b),
        (Node::Min(a, b), _) | (Node::Max(a, b), _) => instead(b, a),
        _ => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;
    use crate::testing::{parsed_shape, value_at};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn parts(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| format!("{}: {}", p.on(), p.expr)).collect::<Vec<_>>().join("; ")
    }

    fn check(expr: &str, expected: &str) {
        let definition = Arc::new(Definition::from_expr(expr).unwrap());
        let split = Activation::with_defaults(definition.clone()).unwrap().pieces;
        assert_eq!(parts(&split), expected, "{expr}");
        assert_eq!(parts(&definition.with_kinks_split().pieces), expected, "{expr}");
    }

    #[test]
    fn kinks_become_junctions() {
        check("max(0, x)", "(-inf, 0): 0; [0, inf): x");
        check("clamp(x, 0, 6)", "(-inf, 0): 0; [0, 6): x; [6, inf): 6");
        check("x*clamp(x + 3, 0, 6)/6", "(-inf, -3): 0; [-3, 3): x*(x + 3)/6; [3, inf): x");
        check("abs(abs(x) - 1)", "(-inf, -1): -x - 1; [-1, 0): x + 1; [0, 1): 1 - x; [1, inf): x - 1");
        check("x/(1 + abs(x))", "(-inf, 0): x/(1 - x); [0, inf): x/(x + 1)");
        check("max(x + exp(x), exp(x))", "(-inf, 0): exp(x); [0, inf): x + exp(x)");
        check("tanh(min(2/3 - x, x))", "(-inf, 1/3): tanh(x); [1/3, inf): tanh(2/3 - x)");
    }

    #[test]
    fn what_is_no_kink_stays_whole() {
        check("abs(x)*0", "(-inf, inf): 0");
        check("max(x, x - 1)", "(-inf, inf): x");
        check("abs(x)^2 - x^2 + min(x, x)", "(-inf, inf): x");
        check("abs(x^3 - x - 1)", "(-inf, inf): abs(x^3 - x - 1)");
        check("max(x, 2*sin(x))", "(-inf, inf): max(x, 2*sin(x))");
        // on the right the logarithm is smaller, and left of 0 the maximum has no value
        check("max(log(x), 1)", "(-inf, exp(1)): max(log(x), 1); [exp(1), inf): log(x)");
    }

    #[test]
    fn places_need_not_be_rational() {
        check("max(x^2 - 2, x)", "(-inf, -1): x^2 - 2; [-1, 2): x; [2, inf): x^2 - 2");
        check("max(x, pi)", "(-inf, pi): pi; [pi, inf): x");
        check("abs(exp(x) - 2)", "(-inf, log(2)): 2 - exp(x); [log(2), inf): exp(x) - 2");
        check("max(0, x) + min(0, expm1(x))", "(-inf, 0): expm1(x); [0, inf): x");
        check("max(x, tanh(x))", "(-inf, 0): tanh(x); [0, inf): x");
        check("min(x/2, sin(x/2))", "(-inf, 0): x/2; [0, inf): sin(x/2)");
        check("abs(x - sin(2*x)/2 + 1)", "(-inf, inf): abs(x - sin(2*x)/2 + 1)");
        check("max(0, tanh(x)) + min(0, x)", "(-inf, 0): x; [0, inf): tanh(x)");
        check("max(x*sigmoid(x), x)", "(-inf, 0): x*sigmoid(x); [0, inf): x");
        check("abs(x^2 - 2)", "(-inf, -sqrt(2)): x^2 - 2; [-sqrt(2), sqrt(2)): 2 - x^2; [sqrt(2), inf): x^2 - 2");
    }

    #[test]
    fn rational_numbers_in_disguise_stay_whole() {
        check("max(x, log(e))", "(-inf, inf): max(x, log(e))");
        check("abs(exp(x) - sqrt(e))", "(-inf, inf): abs(exp(x) - sqrt(e))");
        check("max(x, log(3))", "(-inf, log(3)): log(3); [log(3), inf): x");
    }

    #[test]
    fn parameters_outside_of_the_kink() {
        let file = "id = 'a'\nexpr = 'max(0, x) + a*min(0, x)'\n[[param]]\nname = 'a'\ndomain = '(-inf, inf)'\ndefault = '1/4'";
        let definition = Definition::from_toml(file, "test").unwrap();
        assert_eq!(parts(&definition.with_kinks_split().pieces), "(-inf, 0): a*x; [0, inf): x");
        let file = file.replace("max(0, x)", "max(a, x)");
        let definition = Definition::from_toml(&file, "test").unwrap();
        assert_eq!(definition.with_kinks_split().pieces.len(), 2, "the kink at a has no rational place");
        assert_eq!(Activation::with_defaults(Arc::new(definition)).unwrap().pieces.len(), 3);
    }

    #[test]
    fn kinks_outside_of_their_piece_are_resolved() {
        let file = "id = 'a'\n[[piece]]\non = '(-inf, sqrt(2))'\nvalue = 'abs(x - 3/2)'\n[[piece]]\non = '[sqrt(2), inf)'\nvalue = 'abs(x - 7/5)'";
        let definition = Arc::new(Definition::from_toml(file, "test").unwrap());
        let split = Activation::with_defaults(definition).unwrap().pieces;
        assert_eq!(parts(&split), "(-inf, sqrt(2)): 3/2 - x; [sqrt(2), inf): x - 7/5");
    }

    #[test]
    fn many_kinks_take_no_time() {
        let sum = (0..2000).fold(String::from("0"), |s, i| if i % 190 == 0 { format!("({s})+abs(x-{i})") } else { s });
        check_same_function(&Definition::from_expr(&sum).unwrap());
        let row: Vec<String> = (0..190).map(|i| format!("abs(x-{i})")).collect();
        assert_eq!(Definition::from_expr(&row.join("+")).unwrap().with_kinks_split().pieces.len(), 191);
    }

    fn check_same_function(definition: &Definition) {
        let split = definition.with_kinks_split();
        for x in [(-9, 2), (-1, 1), (-1, 3), (0, 1), (1, 7), (1, 1), (3, 2), (8, 1)] {
            let x = Rational::from(x);
            let point = Expr::rational(x.clone());
            let inside = |p: &&Piece| {
                let lo = match &p.lo {
                    End::At { at, closed } => match compare_points(at, &point) {
                        Some(Ordering::Equal) => *closed,
                        order => order == Some(Ordering::Less),
                    },
                    End::Infinite => true,
                };
                let hi = match &p.hi {
                    End::At { at, closed } => match compare_points(&point, at) {
                        Some(Ordering::Equal) => *closed,
                        order => order == Some(Ordering::Less),
                    },
                    End::Infinite => true,
                };
                lo && hi
            };
            let parts: Vec<&Piece> = split.pieces.iter().filter(inside).collect();
            assert_eq!(parts.len(), 1, "{x} in {}", split.pieces.len());
            if let (Some(a), Some(b)) = (value_at(&definition.pieces[0].expr, &x), value_at(&parts[0].expr, &x)) {
                assert!(a.meets(&b), "{} at {x}: {a:?} {b:?}", definition.title);
            }
        }
    }

    proptest! {
        #[test]
        fn splitting_keeps_the_function(a in parsed_shape(false), b in parsed_shape(false)) {
            let e = Expr::new(Node::Max(a.clone() + Expr::var(), a)) * Expr::call(Func::Abs, Expr::var()) + b;
            // what is undefined everywhere is refused
            if let Ok(definition) = Definition::from_expr(&e.to_string()) {
                check_same_function(&definition);
            }
        }
    }
}
