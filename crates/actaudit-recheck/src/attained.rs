//! Where a supremum is attained, or that it is attained nowhere.
//!
//! Of a derivative the value at an end of a piece is the one-sided one; it counts as a value of the piece.

use super::RecheckError;
use super::function::{End, Piece, Point, same};
use super::leaf::{Block, Checker};
use super::objective::{Objective, vanishes};
use super::statement::{Claim, Placed, Verified};
use crate::certificate::{Attained, Infinity, Role, Side, Witness};
use actaudit_expr::plain::{eval, shortened};
use actaudit_expr::{Expr, Func, Node, certainly_positive};
use std::cmp::Ordering;

/// What is proved, in the words of the certificate.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// at these points and on these intervals, exactly
    Exactly(Vec<String>),
    /// at least one of these intervals holds a maximiser
    Within(Vec<String>),
    /// nowhere, and whither h tends to it; empty where this side is below the other
    Never(Vec<String>),
}

/// Verifies what the certificate says about both sides.
pub(super) fn check(
    claim: &Claim,
    sides: [&Side; 2],
    verified: &mut [Verified; 2],
    checker: &mut Checker,
) -> Result<(), RecheckError> {
    let best = |of: &[Verified]| {
        let lowers = of.iter().filter_map(|v| v.lower.clone());
        lowers.reduce(|a, b| if a.down() >= b.down() { a } else { b })
    };
    let overall = if claim.quantity.of_magnitude() { best(&verified[..]) } else { None };
    for (i, side) in sides.into_iter().enumerate() {
        let Some(attained) = &side.attained else { continue };
        let fail = |reason: String| RecheckError::Attained { sign: side.sign, reason };
        let of = Place { claim, side, placed: &verified[i].placed };
        let how = match attained {
            Attained::Exactly { points, leaves } => match &verified[i].upper {
                Some(upper) => of.exactly(points, leaves, upper),
                None => Err("there is no upper bound".into()),
            },
            Attained::Strictly {} => match &verified[i].upper {
                Some(upper) => of.strictly(upper),
                None => Err("there is no upper bound".into()),
            },
            Attained::Within { rest, roles } | Attained::Never { rest, roles } => {
                let floor = overall.clone().or_else(|| verified[i].lower.clone());
                let floor = floor.ok_or_else(|| fail("there is no lower bound".into()))?;
                let never = matches!(attained, Attained::Never { .. });
                of.by_roles(rest, roles, &floor, never, checker)
            }
        };
        verified[i].attained = Some(how.map_err(fail)?);
    }
    Ok(())
}

struct Place<'a> {
    claim: &'a Claim,
    side: &'a Side,
    placed: &'a [Placed],
}

impl Place<'_> {
    /// h(p) >= upper >= sup h, and p belongs to its piece.
    fn exactly(&self, points: &[Witness], leaves: &[usize], upper: &Point) -> Result<How, String> {
        let mut places = Vec::new();
        for w in points {
            let p = Point::parse(&w.at, self.claim.prec)?;
            let here = End::At(p.clone());
            self.belongs(w.piece, w.to_piece, &here)?;
            if !self.claim.counts(w.piece, w.to_piece, &here) {
                return Err(format!(
                    "{here} is a single point of its piece and the domain, where no derivative is taken"
                ));
            }
            self.claim.objective(w.piece, w.to_piece, self.side.sign)?.at_least(&p, upper)?;
            places.push(format!("x = {}", p.text()));
        }
        for &i in leaves {
            let leaf = self.placed.get(i).ok_or("there is no such leaf")?;
            let h = self.claim.objective(leaf.piece, leaf.to_piece, self.side.sign)?;
            if !vanishes(h.d(1)?) {
                return Err(format!("h is not constant on leaf {i}"));
            }
            h.defined(&leaf.block, self.claim.prec)?;
            let inner = match (&leaf.block.lo, &leaf.block.hi) {
                (End::At(p), _) | (_, End::At(p)) => p.clone(),
                _ => Point::zero(self.claim.prec),
            };
            h.at_least(&inner, upper)?;
            if !leaf.block.lo.is(&leaf.block.hi, Ordering::Less) {
                return Err(format!("leaf {i} is a single point"));
            }
            places.push(self.interval(leaf));
        }
        if places.is_empty() { Err("no place is named".into()) } else { Ok(How::Exactly(places)) }
    }

    /// The limit is the upper bound, and `upper - h` a sum of terms of one sign, not all zero, on every leaf; single points are below by
    /// their values.
    fn strictly(&self, upper: &Point) -> Result<How, String> {
        let Some((limit, lower)) = self.side.lower.as_ref().and_then(|l| Some((l.limit?, &l.value))) else {
            return Err("the supremum is not that of a limit".into());
        };
        // only then is it the supremum that h is less than everywhere
        let lower = Point::parse(lower, self.claim.prec)?;
        if !(lower.exact.is_some() && lower.exact == upper.exact || same(&lower.expr, &upper.expr)) {
            return Err("the limit is not the upper bound".into());
        }
        for leaf in self.placed {
            let h = self.claim.objective(leaf.piece, leaf.to_piece, self.side.sign)?;
            let rest = (upper.expr.clone() - h.d(0)?.clone()).simplified();
            if !certainly_positive(&rest) {
                return Err(format!("`{}` is not positive by its form", shortened(&rest)));
            }
        }
        if self.claim.quantity.order() == 0 {
            self.claim.owned_by_leaves(self.placed)?;
        }
        Ok(How::Never(vec![format!("x -> {}", End::Infinite(limit == Infinity::Plus))]))
    }

    /// The points of a leaf that belong to its pieces.
    fn interval(&self, leaf: &Placed) -> String {
        let owns = |p: &End| matches!(p, End::At(_)) && self.belongs(leaf.piece, leaf.to_piece, p).is_ok();
        let (open, close) =
            (if owns(&leaf.block.lo) { '[' } else { '(' }, if owns(&leaf.block.hi) { ']' } else { ')' });
        format!("{open}{}, {}{close}", leaf.block.lo, leaf.block.hi)
    }

    /// Whether h has a value of its own at a point; at infinity it has none, so that what ends there is not compact.
    fn belongs(&self, piece: usize, to_piece: Option<usize>, p: &End) -> Result<(), String> {
        if matches!(p, End::Infinite(_)) {
            return Err(format!("{p} is no point"));
        }
        let [from, to] = &self.claim.domain;
        let g = self.claim.g.as_ref().zip(to_piece);
        let pieces = [self.claim.f.pieces.get(piece), g.and_then(|(g, j)| g.pieces.get(j))];
        let of_derivative = self.claim.quantity.order() > 0;
        let owned = pieces.into_iter().flatten().all(|q| q.owns(p) || of_derivative && q.holds(p, p));
        if owned && from.at_most(p) && p.at_most(to) {
            return Ok(());
        }
        Err(format!("{p} does not certainly belong to the piece and the domain"))
    }

    /// Whether a point certainly is an end that does not belong to one of its pieces, and no derivative is taken.
    fn lacks(&self, piece: usize, to_piece: Option<usize>, p: &End) -> bool {
        let g = self.claim.g.as_ref().zip(to_piece).and_then(|(g, j)| g.pieces.get(j));
        let open =
            |q: &Piece| q.lo.is(p, Ordering::Equal) && !q.lo_closed || q.hi.is(p, Ordering::Equal) && !q.hi_closed;
        self.claim.quantity.order() == 0 && [self.claim.f.pieces.get(piece), g].into_iter().flatten().any(open)
    }

    /// By compactness: where every leaf is below the lower bound, a place, or rises to or falls from a neighbour and so on
    /// to a place, the supremum is that of the places, which are closed and on which h is continuous.
    ///
    /// Without a place: h comes near the supremum only on leaves that rise (or fall) strictly to an end that is no member
    /// of the domain, and is less everywhere.
    fn by_roles(
        &self,
        rest: &str,
        roles: &[Role],
        floor: &Point,
        never: bool,
        checker: &mut Checker,
    ) -> Result<How, String> {
        // without leaves nothing is covered, and nothing follows
        if roles.is_empty() || roles.len() != self.placed.len() {
            return Err("it needs one role for each leaf".into());
        }
        if self.side.leaves.iter().any(|leaf| leaf.near.is_some()) {
            return Err("roles are for leaves in terms of x".into());
        }
        let rest = Point::parse(rest, self.claim.prec)?;
        if rest.up() >= floor.down() {
            return Err("`rest` is not less than the lower bound".into());
        }
        let mut places = Vec::new();
        for (i, (leaf, role)) in self.placed.iter().zip(roles).enumerate() {
            let h = self.claim.objective(leaf.piece, leaf.to_piece, self.side.sign)?;
            let number = |e: String| format!("leaf {i}: {e}");
            match role {
                Role::Below => self.below(&h, i, &rest, checker).map_err(number)?,
                Role::Place if never => return Err(format!("leaf {i} is a place, and there is none")),
                Role::Place => {
                    for end in [&leaf.block.lo, &leaf.block.hi] {
                        self.belongs(leaf.piece, leaf.to_piece, end).map_err(number)?;
                    }
                    h.defined(&leaf.block, self.claim.prec).map_err(number)?;
                    places.push(self.interval(leaf));
                }
                Role::Left | Role::Right => {
                    let right = *role == Role::Right;
                    checker.monotone(&h, &leaf.block, right).map_err(number)?;
                    match self.neighbour(i, right, roles) {
                        Some(next) if next == Role::Place || next == *role => {}
                        Some(_) => return Err(format!("leaf {i} leads to a leaf that is no place")),
                        None if !never && self.crosses(i, right, roles)? => {}
                        None if never => places.push(self.open_end(leaf, &h, right).map_err(number)?),
                        None => return Err(format!("leaf {i} leads to no place")),
                    }
                }
            }
        }
        if self.claim.quantity.order() == 0 {
            self.points_below(&rest)?;
        }
        Ok(if never { How::Never(places) } else { How::Within(places) })
    }

    /// h <= rest on a leaf, by the leaf's own method or another.
    fn below(&self, h: &Objective, i: usize, rest: &Point, checker: &mut Checker) -> Result<(), String> {
        let leaf = &self.side.leaves[i];
        let touch = leaf.at.as_ref().map(|text| Point::parse(text, self.claim.prec)).transpose()?;
        checker.check(h, &self.placed[i].block, leaf.method, touch.as_ref(), rest)
    }

    /// The role of the next leaf in a direction, if it is on the same pieces.
    fn neighbour(&self, i: usize, right: bool, roles: &[Role]) -> Option<Role> {
        let j = if right { i + 1 } else { i.checked_sub(1)? };
        let (a, b) = (self.placed.get(i)?, self.placed.get(j)?);
        (a.piece == b.piece && a.to_piece == b.to_piece).then(|| roles[j])
    }

    /// Whether the next leaf, on other pieces, begins with a place at which h has the value to which this leaf leads.
    fn crosses(&self, i: usize, right: bool, roles: &[Role]) -> Result<bool, String> {
        let next = if right { Some(i + 1) } else { i.checked_sub(1) };
        let Some((j, there)) = next.and_then(|j| Some((j, self.placed.get(j)?))) else { return Ok(false) };
        let here = &self.placed[i];
        let End::At(p) = (if right { &here.block.hi } else { &here.block.lo }) else { return Ok(false) };
        if roles[j] != Role::Place {
            return Ok(false);
        }
        let value = |leaf: &Placed| -> Result<Expr, String> {
            let h = self.claim.objective(leaf.piece, leaf.to_piece, self.side.sign)?;
            let value = h.d(0)?.substitute_x(&p.expr);
            eval(&value, &p.value).map(|_| value)
        };
        Ok(same(&value(here)?, &value(there)?))
    }

    /// An analytic function that rises, and is not constant, is less than its limit at an end to which it does not belong.
    fn open_end(&self, leaf: &Placed, h: &Objective, right: bool) -> Result<String, String> {
        let end = if right { &leaf.block.hi } else { &leaf.block.lo };
        if matches!(end, End::At(_)) && !self.lacks(leaf.piece, leaf.to_piece, end) {
            return Err(format!("{end} may belong to the piece: the supremum may be attained there"));
        }
        let (first, second) = (h.d(0)?, h.d(1)?);
        analytic(first, &leaf.block, self.claim.prec)?;
        // not constant: the slope at one point is not zero
        let at = leaf.block.middle(self.claim.prec).ok_or("the leaf has no inner point")?;
        let slope = eval(second, &at.value)?;
        if slope.lo > 0 || slope.hi < 0 {
            return Ok(format!("x -> {end}"));
        }
        Err(format!("h is not shown to rise strictly at {}", shortened(&at.expr)))
    }

    /// Points that have no leaf of their own, such as pieces of one point, are no maximisers.
    fn points_below(&self, rest: &Point) -> Result<(), String> {
        self.claim.single_points(self.placed, self.side.sign, rest)
    }
}

/// Whether every operation of an expression is used inside of the set on which it is analytic.
fn analytic(e: &Expr, b: &Block, prec: u32) -> Result<(), String> {
    let here = match e.node() {
        Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..) => false,
        Node::Call(Func::Sqrt, u) => positive(u, b, prec),
        Node::Pow(u, q) => q.exact_rational().is_some_and(|q| *q.denom() == 1) || positive(u, b, prec),
        _ => true,
    };
    if !here {
        return Err(format!("`{}` is not shown to be analytic", shortened(e)));
    }
    e.children().into_iter().try_for_each(|c| analytic(c, b, prec))
}

fn positive(u: &Expr, b: &Block, prec: u32) -> bool {
    eval(u, &super::function::span(&b.lo, &b.hi, prec)).is_ok_and(|v| v.lo > 0)
}
