//! The statement of a supremum certificate: its parts, the cover by leaves, and what is proved in the end.

use super::attained;
use super::function::{End, Function, Piece, Point};
use super::leaf::{Block, Checker};
use super::near;
use super::objective::{Derivatives, Objective};
use super::period;
use super::words;
use super::{Accepted, Conclusion, RecheckError};
use crate::certificate::{self, Beside, Infinity, Quantity, Side, Supremum};
use actaudit_expr::Expr;
use actaudit_expr::plain::clipped;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

/// The parts of a statement, read.
pub(super) struct Claim {
    pub quantity: Quantity,
    pub f: Function,
    pub g: Option<Function>,
    pub domain: [End; 2],
    /// what the leaves cover: the domain, or one period
    over: [End; 2],
    pub prec: u32,
    /// those that were asked for
    objectives: RefCell<HashMap<ObjectiveKey, Rc<Objective>>>,
}

/// Piece of f, piece of g, sign.
type ObjectiveKey = (usize, Option<usize>, i8);

/// A leaf at its place.
pub(super) struct Placed {
    pub piece: usize,
    pub to_piece: Option<usize>,
    pub block: Block,
}

/// Nodes of the definition times bits of precision at most: more takes seconds for a single value.
const MAX_WORK: usize = 4_000_000;

/// A side whose leaves are verified.
pub(super) struct Verified {
    pub sign: i8,
    pub lower: Option<Point>,
    /// `None`: no bound is claimed, only that h has values
    pub upper: Option<Point>,
    pub placed: Vec<Placed>,
    pub attained: Option<attained::How>,
}

pub(super) fn check(s: &Supremum, until: Option<Instant>) -> Result<Accepted, RecheckError> {
    let mut claim = Claim::read(s.quantity, &s.activation, s.to.as_ref(), &s.domain, s.precision)?;
    if let Some(text) = &s.period {
        claim.over = period::of(&claim, text).map_err(RecheckError::Statement)?;
    }
    let (plus, minus) = match &s.sides[..] {
        [a, b] if a.sign == 1 && b.sign == -1 => (a, b),
        [b, a] if a.sign == 1 && b.sign == -1 => (a, b),
        _ => return Err(RecheckError::Statement("it needs two sides, with the signs 1 and -1".into())),
    };
    if s.quantity.of_magnitude() && plus.upper != minus.upper {
        return Err(RecheckError::Statement("the bound of a magnitude must be the same on both sides".into()));
    }
    if s.quantity == Quantity::Lipschitz {
        claim.f.continuity(&claim.domain).map_err(RecheckError::Statement)?;
    }
    if plus.leaves.is_empty() && minus.leaves.is_empty() {
        return Err(RecheckError::Statement("one side at least must have leaves".into()));
    }
    let mut checker = Checker::new(claim.prec, until);
    let mut sides = [claim.side(plus, &mut checker)?, claim.side(minus, &mut checker)?];
    attained::check(&claim, [plus, minus], &mut sides, &mut checker)?;
    if s.quantity.of_magnitude() {
        let how = words::merged(sides[0].attained.take(), sides[1].attained.take());
        sides.iter_mut().for_each(|side| side.attained.clone_from(&how));
    }
    Ok(Accepted {
        statement: words::supremum(&claim, &sides),
        conclusion: Conclusion::Bounds(sides.iter().map(Verified::conclusion).collect()),
        leaves: plus.leaves.len() + minus.leaves.len(),
        bisections: checker.bisections,
    })
}

impl Claim {
    pub fn read(
        quantity: Quantity,
        f: &certificate::Function,
        g: Option<&certificate::Function>,
        domain: &[String; 2],
        prec: u32,
    ) -> Result<Self, RecheckError> {
        if !(64..=16_384).contains(&prec) {
            return Err(RecheckError::Precision(prec));
        }
        let function = |given: &certificate::Function| {
            Function::parse(given, prec).map_err(|reason| RecheckError::Definition { name: clipped(&given.id), reason })
        };
        let (f, g) = (function(f)?, g.map(function).transpose()?);
        let size =
            [Some(&f), g.as_ref()].into_iter().flatten().flat_map(|f| &f.pieces).map(|p| p.value.size()).sum::<usize>();
        if size.saturating_mul(prec as usize) > MAX_WORK {
            return Err(RecheckError::Statement(format!("a tree of {size} nodes is too large for {prec} bits")));
        }
        if (quantity == Quantity::Distance) != g.is_some() {
            return Err(RecheckError::Statement("a distance, and nothing else, has a second function".into()));
        }
        let end = |i: usize| End::parse(&domain[i], prec).map_err(RecheckError::Statement);
        let domain = [end(0)?, end(1)?];
        if !domain[0].is(&domain[1], Ordering::Less) {
            return Err(RecheckError::Statement("the domain is empty, or its ends cannot be told apart".into()));
        }
        Ok(Self { quantity, f, g, over: domain.clone(), domain, prec, objectives: RefCell::default() })
    }

    fn side(&self, side: &Side, checker: &mut Checker) -> Result<Verified, RecheckError> {
        let sign = side.sign;
        let fail = |reason: String| RecheckError::Side { sign, reason };
        if side.order != self.quantity.order() {
            return Err(fail(format!("the order is {}, not {}", self.quantity.order(), side.order)));
        }
        let upper = match side.upper.trim() {
            "inf" => None,
            text => Some(Point::parse(text, self.prec).map_err(fail)?),
        };
        // a side without a bound may leave the other one to show that h has values
        let placed = if upper.is_none() && side.leaves.is_empty() { vec![] } else { self.cover(side)? };
        let lower = match &side.lower {
            None => None,
            Some(lower) => {
                let fail = |reason| RecheckError::Lower { sign, value: clipped(&lower.value), reason };
                let value = Point::parse(&lower.value, self.prec).map_err(fail)?;
                if let Some(upper) = upper.as_ref().filter(|u| value.down() > u.up()) {
                    return Err(fail(format!("it contradicts the upper bound {}", upper.text())));
                }
                self.lower(lower, &value, sign).map_err(fail)?;
                Some(value)
            }
        };
        for (i, (leaf, at)) in side.leaves.iter().zip(&placed).enumerate() {
            let fail = |reason| leaf_error(sign, i, leaf, reason);
            let objective = self.objective(at.piece, at.to_piece, sign).map_err(fail)?;
            let touch = match leaf.at.as_ref().map(|text| End::parse(text, self.prec)).transpose().map_err(fail)? {
                Some(End::At(p)) => Some(p),
                Some(End::Infinite(_)) => return Err(fail("the point `at` is infinite".into())),
                None => None,
            };
            if let Some(text) = &leaf.near {
                let c = Point::parse(text, self.prec).map_err(fail)?;
                let owned = self.may_own(at, &End::At(c.clone()));
                let how = (leaf.method, touch.as_ref());
                checker.check_near(&objective, &at.block, (&c, owned), how, upper.as_ref()).map_err(fail)?;
                continue;
            }
            match &upper {
                Some(upper) => {
                    checker.check(&objective, &at.block, leaf.method, touch.as_ref(), upper).map_err(fail)?
                }
                None => checker.defined(&objective, &at.block).map_err(fail)?,
            }
        }
        if let Some(upper) = upper.as_ref().filter(|_| self.quantity.order() == 0) {
            self.single_points(&placed, sign, upper).map_err(fail)?;
        } else if !placed.is_empty() {
            self.single_values(&placed, sign).map_err(fail)?;
        }
        Ok(Verified { sign, lower, upper, placed, attained: None })
    }

    /// Whether a point is not certainly outside of the pieces of a leaf.
    fn may_own(&self, leaf: &Placed, p: &End) -> bool {
        let g = self.g.as_ref().zip(leaf.to_piece).and_then(|(g, j)| g.pieces.get(j));
        let open =
            |q: &Piece| !q.lo_closed && q.lo.is(p, Ordering::Equal) || !q.hi_closed && q.hi.is(p, Ordering::Equal);
        ![self.f.pieces.get(leaf.piece), g].into_iter().flatten().any(open)
    }

    /// h on a piece of f (and of g).
    pub fn objective(&self, piece: usize, to_piece: Option<usize>, sign: i8) -> Result<Rc<Objective>, String> {
        if let Some(made) = self.objectives.borrow().get(&(piece, to_piece, sign)) {
            return Ok(Rc::clone(made));
        }
        let derivatives = match self.objectives.borrow().get(&(piece, to_piece, -sign)) {
            Some(opposite) => opposite.derivatives(),
            None => Rc::new(Derivatives::of(self.base(piece, to_piece)?)),
        };
        let made = Rc::new(Objective::new(derivatives, sign, self.quantity.order())?);
        self.objectives.borrow_mut().insert((piece, to_piece, sign), Rc::clone(&made));
        Ok(made)
    }

    fn base(&self, piece: usize, to_piece: Option<usize>) -> Result<Expr, String> {
        let f = &self.f.pieces.get(piece).ok_or("there is no such piece")?.value;
        match (&self.g, to_piece) {
            (Some(g), Some(j)) => Ok(f.difference(&g.pieces.get(j).ok_or("there is no such piece")?.value)),
            (None, None) => Ok(f.clone()),
            _ => Err("the key `to_piece` belongs to distances, and only to them".into()),
        }
    }

    /// Verifies that the leaves form a chain from one end of the domain to the other, each inside of its piece.
    ///
    /// An inner point of a piece lies in no other piece's closure, so the whole of each piece is covered by its own leaves.
    fn cover(&self, side: &Side) -> Result<Vec<Placed>, RecheckError> {
        let mut reached = self.over[0].clone();
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
        if !reached.is(&self.over[1], Ordering::Equal) {
            let reason = format!("the leaves end at {reached}, the domain at {}", self.over[1]);
            return Err(RecheckError::Side { sign: side.sign, reason });
        }
        Ok(placed)
    }

    /// A junction may belong to pieces that have no leaf there (a piece may be a single point): its own value counts too.
    pub fn single_points(&self, placed: &[Placed], sign: i8, upper: &Point) -> Result<(), String> {
        for (piece, to_piece, p) in self.without_leaf(placed)? {
            self.objective(piece, to_piece, sign)?.at_most(&p, upper, self.prec)?;
        }
        Ok(())
    }

    /// A piece that is a single point has no derivative, but f must have a value there, too.
    fn single_values(&self, placed: &[Placed], sign: i8) -> Result<(), String> {
        for (piece, to_piece, p) in self.without_leaf(placed)? {
            if let End::At(at) = &p {
                self.objective(piece, to_piece, sign)?.has_value(at)?;
            }
        }
        Ok(())
    }

    /// Proves that every point of the domain belongs to a leaf of its pieces.
    pub fn owned_by_leaves(&self, placed: &[Placed]) -> Result<(), String> {
        match self.without_leaf(placed)?.first() {
            Some((.., p)) => Err(format!("the point {p} has no leaf of its own")),
            None => Ok(()),
        }
    }

    /// Junctions in the domain whose pieces have no leaf there.
    fn without_leaf(&self, placed: &[Placed]) -> Result<Vec<(usize, Option<usize>, End)>, String> {
        let mut found = vec![];
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
                found.push((piece, to_piece, p.clone()));
            }
        }
        Ok(found)
    }

    fn lower(&self, lower: &certificate::Lower, value: &Point, sign: i8) -> Result<(), String> {
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
        if let Some(side) = lower.beside {
            let End::At(c) = &place else { return Err("a side is that of a point".into()) };
            return self.beside(lower.piece, &partners, (c, side == Beside::Right), value, sign);
        }
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

    /// h tends to at least `value` beside a point, from a side on which the pieces and the domain go on.
    fn beside(
        &self,
        piece: usize,
        partners: &[Option<usize>],
        (c, right): (&Point, bool),
        value: &Point,
        sign: i8,
    ) -> Result<(), String> {
        let here = End::At(c.clone());
        let beyond =
            |lo: &End, hi: &End| if right { here.is(hi, Ordering::Less) } else { lo.is(&here, Ordering::Less) };
        let mut reason = "nothing of the piece and the domain is on this side".to_owned();
        for j in partners {
            let g = self.g.as_ref().zip(*j).and_then(|(g, j)| g.pieces.get(j));
            let pieces = [self.f.pieces.get(piece), g];
            if !pieces.into_iter().flatten().all(|p| beyond(&p.lo, &p.hi)) || !beyond(&self.domain[0], &self.domain[1])
            {
                continue;
            }
            match near::limit_at_least(&*self.objective(piece, *j, sign)?, (c, right), value, self.prec) {
                Ok(()) => return Ok(()),
                Err(e) => reason = e,
            }
        }
        Err(reason)
    }

    /// Whether h there is a value of the function or a limit of such: the pieces and the domain have more than the
    /// place in common, or they have that point as their own and no derivative is taken.
    pub fn counts(&self, piece: usize, to_piece: Option<usize>, place: &End) -> bool {
        let g = self.g.as_ref().zip(to_piece).and_then(|(g, j)| g.pieces.get(j));
        let pieces: Vec<_> = [self.f.pieces.get(piece), g].into_iter().flatten().collect();
        let lows = pieces.iter().map(|p| &p.lo).chain([&self.domain[0]]);
        let wide = lows
            .clone()
            .all(|lo| pieces.iter().map(|p| &p.hi).chain([&self.domain[1]]).all(|hi| lo.is(hi, Ordering::Less)));
        wide || (self.quantity.order() == 0 && pieces.iter().all(|p| p.owns(place)))
    }
}

fn leaf_error(sign: i8, number: usize, leaf: &certificate::Leaf, reason: String) -> RecheckError {
    RecheckError::Leaf { sign, number, lo: clipped(&leaf.lo), hi: clipped(&leaf.hi), reason }
}
