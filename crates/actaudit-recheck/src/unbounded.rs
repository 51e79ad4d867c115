//! Suprema that are infinite.

use super::along;
use super::function::{End, Jump, Point, span};
use super::leaf::{Block, Checker};
use super::near;
use super::objective::Objective;
use super::statement::Claim;
use super::words;
use super::{Accepted, Conclusion, RecheckError};
use crate::certificate::{Growth, Infinity, Quantity, Unbounded};
use crate::field::{Field, Value};
use crate::germ::{Germs, Lack, Limit};
use crate::system;
use crate::system::System as _;
use actaudit_expr::plain::{eval, shortened};
use actaudit_expr::{Expr, Func, Node, ParamDomain};
use rug::Float;
use rug::float::Round;
use rug::ops::{AddAssignRound as _, SubAssignRound as _};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Instant;

/// Expansions in `t` with `x = c + t^d` for these d, and how many terms they have.
const ROOTS: [usize; 5] = [1, 2, 3, 4, 6];
const TERMS: usize = 8;

pub(super) fn check(u: &Unbounded, until: Option<Instant>) -> Result<Accepted, RecheckError> {
    let claim = Claim::read(u.quantity, &u.activation, u.to.as_ref(), &u.domain, u.precision)?;
    if !matches!(u.sign, 1 | -1) {
        return Err(RecheckError::Statement("the sign is 1 or -1".into()));
    }
    let fail = |reason: String| RecheckError::Side { sign: u.sign, reason };
    let place = match &u.growth {
        Growth::Infinity { piece, to_piece, limit, from } => {
            let checker = Checker::new(claim.prec, until);
            infinity(&claim, u.sign, (*piece, *to_piece), *limit == Infinity::Plus, from, checker).map_err(fail)?
        }
        Growth::Pole { piece, to_piece, upper } => pole(&claim, u.sign, (*piece, *to_piece), *upper).map_err(fail)?,
        Growth::Waves { piece, to_piece, limit, phase, turn, from } => {
            along::check(&claim, u.sign, (*piece, *to_piece), (*limit, *phase), (turn, from)).map_err(fail)?
        }
        Growth::Crossings { piece, to_piece, limit, wave, phase } => {
            along::crossings(&claim, u.sign, (*piece, *to_piece), *limit, (wave, phase)).map_err(fail)?
        }
        Growth::Jump { at } => jump(&claim, at).map_err(fail)?,
    };
    Ok(Accepted {
        statement: words::unbounded(&claim, u.sign, &place),
        conclusion: Conclusion::Unbounded(u.sign),
        leaves: 0,
        bisections: 0,
    })
}

/// h(t) >= h(L) + h'(L) (t - L) where h is convex, so h is unbounded if it rises at L; or h rises everywhere at least like a line; or h is
/// a polynomial that grows, and a remainder that does not keep up.
fn infinity(
    claim: &Claim,
    sign: i8,
    (piece, to_piece): (usize, Option<usize>),
    plus: bool,
    from: &str,
    checker: Checker,
) -> Result<String, String> {
    let start = End::At(Point::parse(from, claim.prec)?);
    let end = End::Infinite(plus);
    let (lo, hi) = if plus { (start, end.clone()) } else { (end.clone(), start) };
    let held = |p: Option<&super::function::Piece>| p.is_some_and(|p| p.holds(&lo, &hi));
    let g = claim.g.as_ref().zip(to_piece).map(|(g, j)| held(g.pieces.get(j)));
    let [a, b] = &claim.domain;
    if !held(claim.f.pieces.get(piece)) || g == Some(false) || !a.at_most(&lo) || !hi.at_most(b) {
        return Err("the half-line is not inside of the piece and the domain".into());
    }
    let h = claim.objective(piece, to_piece, sign)?;
    let block = Block { lo, hi };
    let far = h.far(!plus).cloned();
    let rises = |h: &Objective| block.tail().is_some_and(|t| h.d(0).is_ok_and(|e| t.rises(e)));
    if rises(&h) || far.as_ref().is_some_and(|far| rises(far)) {
        h.defined(&block, claim.prec)?;
        return Ok(format!("x -> {end}"));
    }
    if let Err(reason) = steep(&h, &block, plus, claim.prec) {
        convex(checker, &h, &block, plus).map_err(|other| format!("{other}, and {reason}"))?;
    }
    Ok(format!("x -> {end}"))
}

/// h(t) >= h(L) + m (t - L), where h' >= m > 0 on all of the half-line.
fn steep(h: &Objective, block: &Block, plus: bool, prec: u32) -> Result<(), String> {
    h.defined(block, prec)?;
    let slopes = h.over(1, &span(&block.lo, &block.hi, prec))?;
    let outward = if plus { slopes.lo > 0 } else { slopes.hi < 0 };
    if outward { Ok(()) } else { Err(format!("h' lies in {slopes} on the half-line")) }
}

fn convex(mut checker: Checker, h: &Objective, block: &Block, plus: bool) -> Result<(), String> {
    h.defined(block, checker.prec)?;
    checker.convex(h, block)?;
    let End::At(start) = (if plus { &block.lo } else { &block.hi }) else { return Err("no half-line".into()) };
    let slope = eval(h.d(1)?, &start.value)?;
    let outward = if plus { slope.lo > 0 } else { slope.hi < 0 };
    if outward { Ok(()) } else { Err(format!("h is not shown to grow: h' lies in {slope} where the half-line begins")) }
}

/// The germ of h at the end, from inside of the piece, begins with a negative power.
fn pole(claim: &Claim, sign: i8, (piece, to_piece): (usize, Option<usize>), upper: bool) -> Result<String, String> {
    let f = claim.f.pieces.get(piece).ok_or("there is no such piece")?;
    let g = claim.g.as_ref().zip(to_piece).map(|(g, j)| g.pieces.get(j).ok_or("there is no such piece")).transpose()?;
    let pieces: Vec<_> = [Some(f), g].into_iter().flatten().collect();
    let [from, to] = &claim.domain;
    // the end that comes first from inside, and beside it points of all pieces and of the domain
    let candidates = pieces.iter().map(|p| if upper { &p.hi } else { &p.lo });
    let (inner, outer): (Vec<&End>, Vec<&End>) = match upper {
        true => (candidates.chain([to]).collect(), pieces.iter().map(|p| &p.lo).chain([from]).collect()),
        false => (candidates.chain([from]).collect(), pieces.iter().map(|p| &p.hi).chain([to]).collect()),
    };
    let nearest = |e: &&&End| inner.iter().all(|other| if upper { e.at_most(other) } else { other.at_most(e) });
    let end = *inner.iter().find(nearest).ok_or("the ends of the pieces cannot be ordered")?;
    let proper = outer.iter().all(|e| if upper { e.is(end, Ordering::Less) } else { end.is(e, Ordering::Less) });
    let End::At(p) = end else { return Err("the end is infinite".into()) };
    if !proper {
        return Err(format!("there are no points beside {end}"));
    }
    let h = claim.objective(piece, to_piece, sign)?;
    let values: Vec<&Expr> = pieces.iter().map(|p| &p.value).collect();
    // logarithms have no germ: in terms of t with x = c + 1/t they rise like those of t
    let place = format!("x -> {end} from {}", if upper { "the left" } else { "the right" });
    if near::rises(h.d(0)?, (p, !upper), claim.prec)
        && values.iter().all(|e| near::has_values(e, (p, !upper), claim.prec).is_ok())
    {
        return Ok(place);
    }
    beside(p, !upper, |germs| {
        values.iter().try_for_each(|e| defined(germs, e))?;
        if system::eval(germs, h.d(0)?, &germs.x())?.rises(germs.field) {
            return Ok(place.clone());
        }
        Err(format!("h does not rise without bound beside {end}"))
    })
}

/// What is shown with expansions at a point, in the first variable that does.
fn beside<T>(p: &Point, right: bool, show: impl Fn(&Germs<'_>) -> Result<T, String>) -> Result<T, String> {
    let constants = Field::new(BTreeMap::new());
    let at = system::eval(&constants, &p.expr, &Value::default())?;
    let field = constants.with("x", ParamDomain::REALS);
    let mut reason = String::new();
    for root in ROOTS {
        let lack = Cell::new(Lack::Nothing);
        match show(&Germs { field: &field, at: &at, right, root, terms: TERMS * root, lack }) {
            Ok(shown) => return Ok(shown),
            Err(e) => reason = e,
        }
    }
    Err(reason)
}

/// The limit of an expression at p from one side, where it has an expansion there.
pub(super) fn limit_of_germ(e: &Expr, p: &Point, right: bool) -> Result<Value, String> {
    beside(p, right, |germs| match germs.derivative(&system::eval(germs, e, &germs.x())?, 0) {
        Limit::Finite(value) => Ok(value),
        _ => Err(format!("`{}` is not shown to have a limit there", shortened(e))),
    })
}

/// Whether an expression has a value at each point of one side near enough: logarithms of what is positive, roots of what is
/// not negative, quotients of what is not zero.
fn defined(germs: &Germs<'_>, e: &Expr) -> Result<(), String> {
    e.children().into_iter().try_for_each(|child| defined(germs, child))?;
    let sign = |u: &Expr| system::eval(germs, u, &germs.x()).map(|u| germs.sign(&u));
    let fine = match e.node() {
        Node::Div(_, b) => sign(b)?.is_nonzero(),
        Node::Pow(u, q) => match q.exact_rational() {
            Some(q) if *q.denom() == 1 && q >= 0 => true,
            Some(q) if *q.denom() == 1 => sign(u)?.is_nonzero(),
            Some(q) => sign(u)?.is_positive() || q > 0 && sign(u)?.not_negative(),
            None => false,
        },
        Node::Call(Func::Log, u) => sign(u)?.is_positive(),
        Node::Call(Func::Log1p, u) => sign(&(Expr::int(1) + u.clone()))?.is_positive(),
        Node::Call(Func::Sqrt, u) => sign(u)?.not_negative(),
        _ => true,
    };
    if fine { Ok(()) } else { Err(format!("`{}` is not shown to have values there", shortened(e))) }
}

/// Whether an enclosure of the values on an interval around the point exists: then an expression is defined, and continuous,
/// on both sides, whether or not the exact field knows its numbers.
fn defined_around(p: &Point, e: &Expr) -> bool {
    const WIDTH: i32 = -40;
    let prec = p.value.prec();
    let mut around = p.value.clone();
    let far = Float::with_val_round(prec, around.abs().hi + 1u32, Round::Up).0 << WIDTH;
    around.lo.sub_assign_round(&far, Round::Down);
    around.hi.add_assign_round(&far, Round::Up);
    eval(e, &around).is_ok()
}

/// A jump of f at a point that the domain sees from both sides, or whose value it sees from the other side.
fn jump(claim: &Claim, at: &str) -> Result<String, String> {
    if claim.quantity != Quantity::Lipschitz {
        return Err("a jump makes only the Lipschitz constant infinite".into());
    }
    let p = Point::parse(at, claim.prec)?;
    let here = End::At(p.clone());
    let [from, to] = &claim.domain;
    for pair in claim.f.pieces.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        if !a.hi.is(&here, Ordering::Equal) {
            continue;
        }
        // the left piece is seen where the domain begins before the point, or the point itself is its own
        let left = from.is(&here, Ordering::Less) || from.at_most(&here) && a.owns(&here);
        let right = here.is(to, Ordering::Less) || here.at_most(to) && b.owns(&here);
        if left && right && matches!(claim.f.jump(a, b, &p), Jump::Proved(_)) {
            // an expression with values at the point and beside it is continuous there
            for (piece, right) in [(a, false), (b, true)] {
                if piece.lo.is(&piece.hi, Ordering::Less) && !defined_around(&p, &piece.value) {
                    beside(&p, right, |germs| defined(germs, &piece.value))?;
                }
            }
            return Ok(format!("f jumps at x = {}", p.text()));
        }
    }
    Err(format!("f is not shown to jump at {} inside of the domain", p.text()))
}
