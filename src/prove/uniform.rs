//! Statements for all values of a parameter, and equalities that are exact.
//!
//! Rigorous: everything here rests on zero tests in the exact field, which are identities of form.

use crate::expr::{Definition, End, Expr, Func, Node, Piece};
use crate::number::Tape;
use crate::number::exact::{Assumptions, Exact, Sign};
use crate::number::{Enclosure, MpI, Real};
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `f_{s^k p}(s x) = s f_p(x)` for all `s > 0`, all `x` and all values of the parameter `p` (which has one sign).
///
/// So the derivative has the same range for every value of `p` of that sign: the Lipschitz constant and the slope interval
/// do not depend on `p`. The range scales like `s` and the curvature like `1/s` where `p` scales like `s^k`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Homogeneity {
    /// the parameter
    pub param: String,
    /// the power of the scale with which it goes
    pub k: i32,
}

/// The scale factor. No parameter has this name.
const SCALE: &str = "+s";
/// Powers that are tried, the likely ones first.
const POWERS: i32 = 8;

/// Finds a parameter that is a mere change of scale; `fixed` gives the values of parameters that are not to be scaled
/// (such as exponents), the other ones stay symbols. `None` if none is found.
pub fn homogeneity(definition: &Definition, fixed: &BTreeMap<String, Rational>) -> Option<Homogeneity> {
    let candidates = definition.params.iter().filter(|p| !fixed.contains_key(&p.name));
    candidates.into_iter().find_map(|p| {
        // between two values of different sign, or zero, there is no scale
        let cx = Arc::new(Assumptions::strict().with(&p.name, p.domain.clone()));
        if !Exact::symbol(&cx, &p.name).sign().is_nonzero() {
            return None;
        }
        let powers = (1..=POWERS).flat_map(|k| [k, -k]);
        let mut found = powers.map(|k| Homogeneity { param: p.name.clone(), k });
        found.find(|h| scales(definition, fixed, Some(h)))
    })
}

/// Whether `f(s x) = s f(x)` for all `s > 0`, whatever the parameters that are not in `fixed`.
pub fn is_homogeneous(definition: &Definition, fixed: &BTreeMap<String, Rational>) -> bool {
    scales(definition, fixed, None)
}

/// Homogeneity of the pair: `f` scales with its parameter and `g` by itself, so that `sup|f - g|` is proportional to the
/// scale.
pub fn homogeneity_of_pair(f: &Definition, g: &Definition, fixed: &BTreeMap<String, Rational>) -> Option<Homogeneity> {
    let h = homogeneity(f, fixed)?;
    is_homogeneous(g, &BTreeMap::new()).then_some(h)
}

fn scales(definition: &Definition, fixed: &BTreeMap<String, Rational>, h: Option<&Homogeneity>) -> bool {
    let domains = definition.params.iter().filter(|p| !fixed.contains_key(&p.name));
    let base = domains.fold(Assumptions::generic(), |cx, p| cx.with(&p.name, p.domain.clone())).with_positive(SCALE);
    definition.pieces.iter().all(|piece| piece_scales(piece, &base, fixed, h))
}

fn piece_scales(
    piece: &Piece,
    base: &Assumptions,
    fixed: &BTreeMap<String, Rational>,
    h: Option<&Homogeneity>,
) -> bool {
    let value = |e: &Expr| e.substitute_params(&|name| fixed.get(name).cloned().map(Expr::rational));
    let scale = || Expr::param(SCALE);
    let scaled = |e: &Expr| {
        value(e).substitute_params(&|name| {
            h.filter(|h| h.param == name).map(|h| Expr::param(name) * scale().pow(Expr::int(h.k.into())))
        })
    };
    let cx = Arc::new(base.clone());
    let zero = Exact::int(&cx, 0);
    let end = |e: &End, f: &dyn Fn(&Expr) -> Expr| match e {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(&cx, &f(at), &zero)),
    };
    let s = Exact::symbol(&cx, SCALE);
    let ends_scale = [&piece.lo, &piece.hi].into_iter().all(|e| match (end(e, &scaled), end(e, &value)) {
        (Some(a), Some(b)) => a.sub(&b.mul(&s)).is_zero(),
        _ => true,
    });
    if !ends_scale {
        return false;
    }
    // powers and logarithms of x simplify where its sign is known
    let sign = |e: &End| end(e, &value).map(|v| v.sign());
    let cx = match (sign(&piece.lo), sign(&piece.hi)) {
        (Some(Sign::Zero | Sign::Positive | Sign::NonNegative), _) => Arc::new(base.clone().with_positive("x")),
        _ => cx,
    };
    let x = Exact::symbol(&cx, "x");
    let s = Exact::symbol(&cx, SCALE);
    let left = Exact::eval(&cx, &scaled(&piece.expr), &x.mul(&s));
    let right = Exact::eval(&cx, &value(&piece.expr), &x).mul(&s);
    left.sub(&right).is_zero()
}

/// Whether two expressions are equal wherever both are defined: `Some(true)` if they are identical in the exact field
/// (in `x` and in the parameters), `Some(false)` if enclosures at some point exclude equality, `None` if neither.
pub fn exactly_equal(a: &Expr, b: &Expr) -> Option<bool> {
    equal_under(a, b, Assumptions::generic())
}

/// As [`exactly_equal`], with what is known of the symbols (`x` included).
pub fn equal_under(a: &Expr, b: &Expr, assumptions: Assumptions) -> Option<bool> {
    let cx = Arc::new(assumptions.into_generic());
    let x = Exact::symbol(&cx, "x");
    let difference = Exact::eval(&cx, a, &x).sub(&Exact::eval(&cx, b, &x));
    if difference.is_zero() {
        return Some(true);
    }
    SAMPLES.iter().any(|q| differ_at(a, b, &Rational::from(*q), &cx)).then_some(false)
}

/// Points at which enclosures are compared.
const SAMPLES: [(i32, i32); 6] = [(1, 3), (-2, 7), (5, 4), (-9, 4), (19, 5), (-37, 6)];

/// Whether enclosures show that the two differ where `x` and all parameters have values near `q`.
fn differ_at(a: &Expr, b: &Expr, q: &Rational, cx: &Assumptions) -> bool {
    const PRECISION: u32 = 512;
    let inside = |name: &str, q: &Rational| {
        let above = |d: &crate::expr::ParamDomain| d.lo.as_ref().is_none_or(|lo| q > lo);
        let below = |d: &crate::expr::ParamDomain| d.hi.as_ref().is_none_or(|hi| q < hi);
        cx.domain(name).is_none_or(|d| above(d) && below(d) && !d.integer)
    };
    if !inside("x", q) {
        return false;
    }
    // different parameters get different values, all inside of their domains
    let value = |e: &Expr| {
        let put = e.substitute_params(&|name| {
            let q = Rational::from(name.len() as u32 % 7 + 1) / 5u32 + Rational::from(q.abs_ref());
            inside(name, &q).then(|| Expr::rational(q))
        });
        let v = Tape::compile(&put).ok()?.eval(&MpI::rational(&PRECISION, q));
        v.total().then_some(v)
    };
    match (value(a), value(b)) {
        (Some(u), Some(v)) => u.lo() > v.hi() || u.hi() < v.lo(),
        _ => false,
    }
}

/// Whether the derivative of `f` vanishes at an algebraic (or other exact) point: `Some(true)` if it is zero in the exact
/// field, `Some(false)` if it is shown to be something else, `None` if neither.
pub fn stationary_exactly(f: &Expr, at: &Expr) -> Option<bool> {
    if f.any(&mut |n| matches!(n, Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..))) {
        return None;
    }
    let cx = Arc::new(Assumptions::strict());
    let point = Exact::eval(&cx, at, &Exact::int(&cx, 0));
    match Exact::eval(&cx, &f.derivative(), &point).sign() {
        Sign::Zero => Some(true),
        Sign::Positive | Sign::Negative => Some(false),
        _ => None,
    }
}

/// The exact value of an expression at an exact point, as an expression; `None` if it is not known exactly.
pub fn exact_value(f: &Expr, at: &Expr) -> Option<Expr> {
    let cx = Arc::new(Assumptions::strict());
    let point = Exact::eval(&cx, at, &Exact::int(&cx, 0));
    Exact::eval(&cx, f, &point).to_expr()
}

#[cfg(test)]
mod tests;
