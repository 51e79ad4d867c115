//! The statement of a supremum certificate: its parts, the cover by leaves, and what is proved in the end.

use super::function::{End, Function, Piece};
use super::leaf::{Block, Checker, Objective};
use super::{Proved, Recheck, RecheckError};
use crate::certificate::{self, Infinity, Quantity, Side, Supremum};
use actaudit_expr::plain::clipped;
use actaudit_expr::{self as expr, Expr};
use rug::Rational;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The parts of a statement, read.
struct Claim {
    quantity: Quantity,
    f: Function,
    g: Option<Function>,
    domain: [End; 2],
    prec: u32,
}

/// A leaf at its place.
struct Placed {
    piece: usize,
    to_piece: Option<usize>,
    block: Block,
}

pub(super) fn check(s: &Supremum) -> Result<Recheck, RecheckError> {
    let claim = Claim::read(s)?;
    let (plus, minus) = match &s.sides[..] {
        [a, b] if a.sign == 1 && b.sign == -1 => (a, b),
        [b, a] if a.sign == 1 && b.sign == -1 => (a, b),
        _ => return Err(RecheckError::Statement("it needs two sides, with the signs 1 and -1".into())),
    };
    if s.quantity.of_magnitude() && plus.upper != minus.upper {
        return Err(RecheckError::Statement("the bound of a magnitude must be the same on both sides".into()));
    }
    let assumed = match s.quantity {
        Quantity::Lipschitz | Quantity::Slope => claim.f.continuity(&claim.domain).map_err(RecheckError::Statement)?,
        Quantity::Range | Quantity::Curvature | Quantity::Distance => vec![],
    };
    let mut checker = Checker { prec: claim.prec, bisections: 0 };
    let sides = [claim.side(plus, &mut checker)?, claim.side(minus, &mut checker)?];
    let leaves_checked = plus.leaves.len() + minus.leaves.len();
    let statement = claim.statement(s, &sides, &assumed);
    Ok(Recheck { statement, sides: sides.into(), leaves_checked, bisections: checker.bisections })
}

/// An exact number; the text of a certificate's bound. It is printed as it stands, so it may hold nothing else.
fn number(text: &str) -> Result<Rational, String> {
    if !text.trim().bytes().all(|b| b"0123456789.eE+-/".contains(&b)) {
        return Err(format!("`{}` is not a decimal or rational number", clipped(text)));
    }
    expr::parse_rational(text).map_err(|e| format!("`{}` is not an exact number: {e}", clipped(text)))
}

impl Claim {
    fn read(s: &Supremum) -> Result<Self, RecheckError> {
        let prec = s.precision;
        if !(64..=4096).contains(&prec) {
            return Err(RecheckError::Precision(prec));
        }
        let function = |given: &certificate::Function| {
            Function::parse(given, prec).map_err(|reason| RecheckError::Definition { name: given.id.clone(), reason })
        };
        let f = function(&s.activation)?;
        let g = s.to.as_ref().map(function).transpose()?;
        if (s.quantity == Quantity::Distance) != g.is_some() {
            return Err(RecheckError::Statement("a distance, and nothing else, has a second function".into()));
        }
        let end = |i: usize| End::parse(&s.domain[i], prec).map_err(RecheckError::Statement);
        let domain = [end(0)?, end(1)?];
        if !domain[0].is(&domain[1], Ordering::Less) {
            return Err(RecheckError::Statement("the domain is empty, or its ends cannot be told apart".into()));
        }
        Ok(Self { quantity: s.quantity, f, g, domain, prec })
    }

    fn side(&self, side: &Side, checker: &mut Checker) -> Result<Proved, RecheckError> {
        let sign = side.sign;
        let fail = |reason: String| RecheckError::Side { sign, reason };
        if side.order != self.quantity.order() {
            return Err(fail(format!("the order is {}, not {}", self.quantity.order(), side.order)));
        }
        let upper = number(&side.upper).map_err(fail)?;
        let placed = self.cover(side)?;
        let lower = match &side.lower {
            None => None,
            Some(lower) => {
                let fail = |reason| RecheckError::Lower { sign, value: clipped(&lower.value), reason };
                let value = number(&lower.value).map_err(fail)?;
                if value > upper {
                    return Err(fail(format!("it contradicts the upper bound {}", side.upper)));
                }
                self.lower(lower, &value, sign).map_err(fail)?;
                Some(value)
            }
        };
        let mut objectives: HashMap<(usize, Option<usize>), Objective> = HashMap::new();
        for (i, (leaf, at)) in side.leaves.iter().zip(&placed).enumerate() {
            let fail = |reason| leaf_error(sign, i, leaf, reason);
            let key = (at.piece, at.to_piece);
            let objective = match objectives.entry(key) {
                Entry::Occupied(e) => e.into_mut(),
                Entry::Vacant(e) => e.insert(self.objective(at.piece, at.to_piece, sign).map_err(fail)?),
            };
            let touch = match leaf.at.as_ref().map(|text| End::parse(text, self.prec)).transpose().map_err(fail)? {
                Some(End::At(p)) => Some(p),
                Some(End::Infinite(_)) => return Err(fail("the point `at` is infinite".into())),
                None => None,
            };
            checker.check(objective, &at.block, leaf.method, touch.as_ref(), &upper).map_err(fail)?;
        }
        if self.quantity.order() == 0 {
            self.single_points(&placed, sign, &upper).map_err(fail)?;
        }
        Ok(Proved { sign, order: side.order, lower, upper })
    }

    fn objective(&self, piece: usize, to_piece: Option<usize>, sign: i8) -> Result<Objective, String> {
        let f = &self.f.pieces[piece].value;
        let base: Expr = match (&self.g, to_piece) {
            (Some(g), Some(j)) => (f.clone() - g.pieces[j].value.clone()).simplified(),
            _ => f.clone(),
        };
        Objective::new(base, sign, self.quantity.order())
    }

    /// Verifies that the leaves form a chain from one end of the domain to the other, each inside of its piece.
    ///
    /// An inner point of a piece lies in no other piece's closure, so the whole of each piece is covered by its own leaves.
    fn cover(&self, side: &Side) -> Result<Vec<Placed>, RecheckError> {
        let mut reached = self.domain[0].clone();
        let mut placed = Vec::with_capacity(side.leaves.len());
        for (i, leaf) in side.leaves.iter().enumerate() {
            let fail = |reason: String| leaf_error(side.sign, i, leaf, reason);
            let lo = End::parse(&leaf.lo, self.prec).map_err(fail)?;
            let hi = End::parse(&leaf.hi, self.prec).map_err(fail)?;
            if !lo.is(&reached, Ordering::Equal) {
                return Err(fail(format!("it does not begin at {reached}, where the leaves before it end")));
            }
            if !lo.at_most(&hi) {
                return Err(fail("its ends do not come in this order".into()));
            }
            let inside = |function: &Function, k: usize| match function.pieces.get(k) {
                None => Err(fail(format!("`{}` has no piece {k}", function.name))),
                Some(p) if p.holds(&lo, &hi) => Ok(()),
                Some(p) => {
                    Err(fail(format!("it is not inside of piece {k} of `{}`, [{}, {}]", function.name, p.lo, p.hi)))
                }
            };
            inside(&self.f, leaf.piece)?;
            match (&self.g, leaf.to_piece) {
                (Some(g), Some(j)) => inside(g, j)?,
                (None, None) => {}
                _ => return Err(fail("the key `to_piece` belongs to distances, and only to them".into())),
            }
            reached = hi.clone();
            placed.push(Placed { piece: leaf.piece, to_piece: leaf.to_piece, block: Block { lo, hi } });
        }
        if !reached.is(&self.domain[1], Ordering::Equal) {
            let reason = format!("the leaves end at {reached}, the domain at {}", self.domain[1]);
            return Err(RecheckError::Side { sign: side.sign, reason });
        }
        Ok(placed)
    }

    /// A junction may belong to pieces that have no leaf there (a piece may be a single point): its own value counts too.
    fn single_points(&self, placed: &[Placed], sign: i8, upper: &Rational) -> Result<(), String> {
        let pieces = self.f.pieces.iter().chain(self.g.iter().flat_map(|g| &g.pieces));
        let inside = |p: &&End| {
            matches!(p, End::At(_)) && !p.is(&self.domain[0], Ordering::Less) && !self.domain[1].is(p, Ordering::Less)
        };
        for p in pieces.map(|piece| &piece.hi).filter(inside) {
            let piece = self.f.owner(p).ok_or_else(|| format!("nothing could be proved at {p}"))?;
            let to_piece = match &self.g {
                Some(g) => Some(g.owner(p).ok_or_else(|| format!("nothing could be proved at {p}"))?),
                None => None,
            };
            let has = |l: &&Placed| {
                l.piece == piece && l.to_piece == to_piece && l.block.lo.at_most(p) && p.at_most(&l.block.hi)
            };
            if placed.iter().find(has).is_none() {
                self.objective(piece, to_piece, sign)?.at_most(p, upper, self.prec)?;
            }
        }
        Ok(())
    }

    fn lower(&self, lower: &certificate::Lower, value: &Rational, sign: i8) -> Result<(), String> {
        let piece = self.f.pieces.get(lower.piece).ok_or("there is no such piece")?;
        let place = match (&lower.at, lower.limit) {
            (Some(at), None) => End::parse(at, self.prec)?,
            (None, Some(limit)) => End::Infinite(limit == Infinity::Plus),
            _ => return Err("it needs one of `at` and `limit`".into()),
        };
        let [from, to] = &self.domain;
        if !(piece.holds(&place, &place) && from.at_most(&place) && place.at_most(to)) {
            return Err(format!("{place} is not certainly in the piece and in the domain"));
        }
        let partners: Vec<Option<usize>> = match &self.g {
            Some(g) => g.pieces_over(&place, &place).map(|(j, _)| Some(j)).collect(),
            None => vec![None],
        };
        let mut reason = "the place is a single point of its piece".to_owned();
        for j in partners.into_iter().filter(|j| self.counts(lower.piece, *j, &place)) {
            let h = self.objective(lower.piece, j, sign)?;
            let result = match &place {
                End::At(p) => h.at_least(p, value),
                End::Infinite(plus) => h.limit_at_least(*plus, value, self.prec),
            };
            match result {
                Ok(()) => return Ok(()),
                Err(e) => reason = e,
            }
        }
        Err(reason)
    }

    /// Whether h there is a value of the function or a limit of such: the pieces and the domain have more than the
    /// place in common, or they have that point as their own and no derivative is taken.
    fn counts(&self, piece: usize, to_piece: Option<usize>, place: &End) -> bool {
        let g = self.g.as_ref().zip(to_piece).map(|(g, j)| &g.pieces[j]);
        let pieces: Vec<_> = [Some(&self.f.pieces[piece]), g].into_iter().flatten().collect();
        let lows = pieces.iter().map(|p| &p.lo).chain([&self.domain[0]]);
        let wide = lows
            .clone()
            .all(|lo| pieces.iter().map(|p| &p.hi).chain([&self.domain[1]]).all(|hi| lo.is(hi, Ordering::Less)));
        wide || (self.quantity.order() == 0 && pieces.iter().all(|p| p.owns(place)))
    }

    fn statement(&self, s: &Supremum, sides: &[Proved; 2], assumed: &[String]) -> String {
        let bracket = |e: &End, open: char, closed: char| if matches!(e, End::Infinite(_)) { open } else { closed };
        let [lo, hi] = &self.domain;
        let domain = format!("{}{lo}, {hi}{}", bracket(lo, '(', '['), bracket(hi, ')', ']'));
        let texts = |sign: i8| {
            let side = s.sides.iter().find(|side| side.sign == sign);
            side.map(|side| (side.lower.as_ref().map(|l| l.value.trim().to_owned()), side.upper.trim().to_owned()))
                .unwrap_or_default()
        };
        let enclosed = |lower: Option<String>, upper: String| match lower {
            Some(lower) => format!("lies in [{lower}, {upper}]"),
            None => format!("is at most {upper}"),
        };
        let f = &self.f.name;
        let magnitude = |what: String| {
            let (plus, minus) = (texts(1), texts(-1));
            let lower = if sides[0].lower >= sides[1].lower { plus.0 } else { minus.0 };
            format!("{what} on {domain} {}", enclosed(lower, plus.1))
        };
        let extremes = |what: String| {
            let ((sup_lower, sup_upper), (inf_upper, inf_lower)) = (texts(1), texts(-1));
            let infimum = match inf_upper {
                Some(upper) => format!("lies in [{}, {}]", negated(&inf_lower), negated(&upper)),
                None => format!("is at least {}", negated(&inf_lower)),
            };
            format!("the supremum of {what} on {domain} {}, the infimum {infimum}", enclosed(sup_lower, sup_upper))
        };
        let mut text = match (self.quantity, &self.g) {
            (Quantity::Range, _) => extremes(format!("`{f}`")),
            (Quantity::Slope, _) => extremes(format!("the slope of `{f}`")),
            (Quantity::Lipschitz, _) => magnitude(format!("the Lipschitz constant of `{f}`")),
            (Quantity::Curvature, _) => {
                magnitude(format!("the supremum of |f''|, f = `{f}`, inside of the pieces of f"))
            }
            (Quantity::Distance, g) => {
                let g = g.as_ref().map_or("", |g| &g.name);
                magnitude(format!("the supremum of |f - g|, f = `{f}` and g = `{g}`,"))
            }
        };
        for function in [Some(&self.f), self.g.as_ref()].into_iter().flatten().filter(|f| !f.catalogued) {
            let pieces: Vec<String> = function.pieces.iter().map(Piece::to_string).collect();
            text += &format!("\nwith `{}` as this certificate defines it: {}", function.name, pieces.join("; "));
        }
        for assumption in assumed {
            text += &format!("\nif {assumption}");
        }
        text
    }
}

/// The text of the negative of a number.
fn negated(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(positive) => positive.trim().to_owned(),
        None if number(text).is_ok_and(|q| q == 0) => text.to_owned(),
        None => format!("-{text}"),
    }
}

fn leaf_error(sign: i8, number: usize, leaf: &certificate::Leaf, reason: String) -> RecheckError {
    RecheckError::Leaf { sign, number, lo: clipped(&leaf.lo), hi: clipped(&leaf.hi), reason }
}
