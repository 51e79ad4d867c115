//! Certificates of suprema that are changed in meaning, with what is known of the change.

use super::Dice;
use super::names::{id, no_id, order, param, precision};
use super::oracle::{BITS, Subject};
use super::refute::{QUANTITIES, domain, function, refuted};
use actaudit::expr::parse_expr;
use actaudit::expr::plain::Interval;
use actaudit_recheck::Proved;
use actaudit_recheck::certificate as c;
use rug::Rational;

/// What is known of a changed certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// it states what is false
    False,
    /// it is no certificate
    Malformed,
    /// it is false if it says this of whether the supremum is attained
    Attained(i8, bool),
    /// it may be true
    Open,
}

/// A changed certificate.
pub struct Mutant {
    pub kind: &'static str,
    pub certificate: c::Certificate,
    pub claim: Claim,
}

/// A supremum whose certificate was accepted.
pub struct Origin<'a> {
    pub certificate: &'a c::Supremum,
    pub proved: &'a [Proved],
}

/// What is known of the supremum of one sign of h, or of its magnitude.
struct Known {
    lower: Rational,
    upper: Rational,
    attained: Option<bool>,
}

pub type Change = fn(&Origin, &mut Dice) -> Option<(c::Supremum, Claim)>;

/// Every kind of change.
pub const CHANGES: &[(&str, Change)] = &[
    ("upper bound lowered", lowered),
    ("upper bound lowered, leaves changed", lowered_with_leaves),
    ("lower bound raised", raised),
    ("attained contradicted", attained),
    ("another place", place),
    ("domain wider", wider),
    ("ends of pieces swapped", closed),
    ("definition shifted", shifted),
    ("definition stretched", stretched),
    ("a piece changed", one_piece),
    ("another quantity", quantity),
    ("signs swapped", signs),
    ("leaves of other pieces", leaves),
    ("roles changed", roles),
    ("another id", id),
    ("another parameter", param),
    ("no id", no_id),
    ("precision", precision),
    ("order of the derivative", order),
];

pub fn mutant(origin: &Origin, dice: &mut Dice) -> Option<Mutant> {
    let (kind, change) = dice.pick(CHANGES)?;
    let (certificate, claim) = change(origin, dice)?;
    (certificate != *origin.certificate).then_some(Mutant {
        kind,
        certificate: c::Certificate::Supremum(certificate),
        claim,
    })
}

impl Origin<'_> {
    /// The bounds of a side: of a magnitude, those of both.
    fn known(&self, sign: i8) -> Option<Known> {
        let magnitude = self.certificate.quantity.of_magnitude();
        let of = || self.proved.iter().filter(move |p| magnitude || p.sign == sign);
        Some(Known {
            lower: of().filter_map(|p| p.lower.clone()).max()?,
            upper: of().filter_map(|p| p.upper.clone()).min()?,
            attained: of().find_map(|p| p.attained),
        })
    }

    fn some_sign(&self, dice: &mut Dice) -> Option<(i8, Known)> {
        let first = if dice.below(2) == 0 { 1 } else { -1 };
        [first, -first].into_iter().find_map(|sign| Some((sign, self.known(sign)?)))
    }

    /// Sides to which the bound of this sign belongs.
    fn sides<'b>(&self, of: &'b mut c::Supremum, sign: i8) -> impl Iterator<Item = &'b mut c::Side> {
        let magnitude = of.quantity.of_magnitude();
        of.sides.iter_mut().filter(move |s| magnitude || s.sign == sign)
    }
}

/// From a tenth to 10^-45 of a number.
fn little(of: &Rational, dice: &mut Dice) -> Rational {
    let size = if *of == 0 { Rational::from(1) } else { of.clone().abs() };
    let digits = [1, 3, 9, 16, 25, 45][dice.below(6)];
    size / Rational::from(rug::Integer::from(rug::Integer::u_pow_u(10, digits)))
}

fn lowered(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let (sign, known) = origin.some_sign(dice)?;
    let mut out = origin.certificate.clone();
    let upper = (known.lower.clone() - little(&known.lower, dice)).to_string();
    let keep = dice.below(4) == 0;
    for side in origin.sides(&mut out, sign) {
        side.upper.clone_from(&upper);
        side.lower = None;
        side.attained = side.attained.take().filter(|_| keep);
    }
    Some((out, Claim::False))
}

const METHODS: [c::Method; 9] = [
    c::Method::Direct,
    c::Method::Mean,
    c::Method::Increasing,
    c::Method::Decreasing,
    c::Method::Concave,
    c::Method::Convex,
    c::Method::Constant,
    c::Method::Tail,
    c::Method::Flat,
];

fn ends_of(c: &c::Supremum) -> Vec<String> {
    let pieces = c.activation.pieces.iter().chain(c.to.iter().flat_map(|g| &g.pieces));
    let mut all: Vec<String> = pieces.flat_map(|p| [p.lo.clone(), p.hi.clone()]).collect();
    all.extend(c.domain.clone());
    all.extend(c.sides.iter().flat_map(|s| &s.leaves).take(40).flat_map(|l| [l.lo.clone(), l.hi.clone()]));
    all.retain(|e| !e.ends_with("inf"));
    all.push("0".into());
    all
}

fn lowered_with_leaves(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let (mut out, claim) = lowered(origin, dice)?;
    let (ends, pieces) = (ends_of(&out), out.activation.pieces.len());
    let others = out.to.as_ref().map_or(0, |g| g.pieces.len());
    let domain = out.domain.clone();
    out.sides.iter_mut().for_each(|s| s.attained = None);
    for side in &mut out.sides {
        let leaves = &mut side.leaves;
        for _ in 0..=dice.below(3) {
            if leaves.is_empty() {
                break;
            }
            let i = dice.below(leaves.len());
            match dice.below(13) {
                0 => drop(leaves.remove(i)),
                1 => leaves.truncate(i),
                2 => {
                    let j = dice.below(leaves.len());
                    leaves.swap(i, j);
                }
                3..=5 => {
                    let method = METHODS[dice.below(METHODS.len())];
                    let touch = matches!(method, c::Method::Concave | c::Method::Flat);
                    let [lo, hi] = [leaves[i].lo.clone(), leaves[i].hi.clone()];
                    let at = if dice.below(2) == 0 { lo } else { hi };
                    leaves[i].at = touch.then_some(at);
                    leaves[i].method = method;
                }
                6 => leaves[i].hi = leaves[i].lo.clone(),
                7 => leaves[i].piece = dice.below(pieces + 1),
                8 => leaves[i].to_piece = (others > 0).then(|| dice.below(others)),
                9 => {
                    let leaf = leaves[i].clone();
                    leaves.insert(i, leaf);
                }
                10 => {
                    // one leaf for all
                    let mut leaf = leaves[i].clone();
                    (leaf.lo, leaf.hi) = (domain[0].clone(), domain[1].clone());
                    *leaves = vec![leaf];
                }
                11 => {
                    if let Some(end) = dice.pick(&ends) {
                        leaves[i].hi.clone_from(end);
                        if let Some(next) = leaves.get_mut(i + 1) {
                            next.lo.clone_from(end);
                        }
                    }
                }
                _ => {
                    // the leaf shrinks to a point and its neighbour begins where it began
                    let lo = leaves[i].lo.clone();
                    leaves[i].hi.clone_from(&lo);
                    if let Some(next) = leaves.get_mut(i + 1) {
                        next.lo = lo;
                    }
                }
            }
        }
    }
    Some((out, claim))
}

fn raised(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let (sign, known) = origin.some_sign(dice)?;
    let mut out = origin.certificate.clone();
    let value = (known.upper.clone() + little(&known.upper, dice)).to_string();
    let (ends, pieces) = (ends_of(&out), out.activation.pieces.len());
    let witness = out.sides.iter().find_map(|s| s.lower.clone())?;
    for side in origin.sides(&mut out, sign) {
        side.upper = "inf".into();
        side.lower = None;
        side.attained = None;
    }
    let several = out.sides.iter().filter(|s| !s.leaves.is_empty()).count() > 1;
    let target = out.sides.iter_mut().find(|s| s.sign == sign)?;
    if several && dice.below(2) == 0 {
        target.leaves.clear();
    }
    let mut lower = c::Lower { value, ..witness };
    match dice.below(5) {
        0 => lower.at = dice.pick(&ends).cloned().filter(|_| lower.limit.is_none()).or(lower.at),
        1 => lower.piece = dice.below(pieces),
        2 => {
            lower.at = None;
            lower.limit = Some(if dice.below(2) == 0 { c::Infinity::Plus } else { c::Infinity::Minus });
        }
        3 => {
            lower.limit = None;
            lower.at = dice.pick(&ends).cloned();
            lower.piece = dice.below(pieces);
        }
        _ => {}
    }
    target.lower = Some(lower);
    Some((out, Claim::False))
}

fn some_roles(count: usize, of: &[c::Role], dice: &mut Dice) -> Vec<c::Role> {
    (0..count).map(|_| of[dice.below(of.len())]).collect()
}

/// That it is attained where it is not, and the other way round.
fn attained(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    use c::Role::{Below, Left, Place, Right};
    let (sign, known) = origin.some_sign(dice)?;
    let truth = known.attained?;
    let mut out = origin.certificate.clone();
    let rest = match dice.below(3) {
        0 => known.lower.clone() - little(&known.lower, dice),
        1 => known.lower.clone() - Rational::from(1000),
        _ => known.lower.clone() + Rational::from(1),
    };
    let rest = rest.to_string();
    let (ends, pieces) = (ends_of(&out), out.activation.pieces.len());
    let others = out.to.as_ref().map(|g| g.pieces.len());
    let empty = dice.below(6) == 0 && out.sides.iter().filter(|s| !s.leaves.is_empty()).count() > 1;
    for side in origin.sides(&mut out, sign) {
        if empty && side.sign == sign {
            side.leaves.clear();
            side.upper = "inf".into();
        }
        let count = side.leaves.len();
        side.attained = Some(match (truth, dice.below(4)) {
            (true, 0) => {
                if let Some(lower) = &mut side.lower {
                    lower.limit = Some(if dice.below(2) == 0 { c::Infinity::Plus } else { c::Infinity::Minus });
                    lower.at = None;
                }
                c::Attained::Strictly {}
            }
            (true, 1) => c::Attained::Never { rest: rest.clone(), roles: some_roles(count, &[Below], dice) },
            (true, _) => {
                c::Attained::Never { rest: rest.clone(), roles: some_roles(count, &[Below, Left, Right], dice) }
            }
            (false, 0 | 1) => {
                let points = (0..=dice.below(2)).filter_map(|_| {
                    let to_piece = others.map(|n| dice.below(n));
                    Some(c::Witness { piece: dice.below(pieces), to_piece, at: dice.pick(&ends)?.clone() })
                });
                let points = points.collect();
                let leaves = if dice.below(2) == 0 { vec![dice.below(count)] } else { vec![] };
                c::Attained::Exactly { points, leaves }
            }
            (false, 2) => c::Attained::Within { rest: rest.clone(), roles: some_roles(count, &[Place], dice) },
            (false, _) => c::Attained::Within {
                rest: rest.clone(),
                roles: some_roles(count, &[Below, Below, Left, Right, Place], dice),
            },
        });
    }
    if empty && out.quantity.of_magnitude() {
        out.sides.iter_mut().for_each(|s| s.upper = "inf".into());
    }
    Some((out, Claim::Attained(sign, !truth)))
}

fn by_samples(c: c::Supremum, dice: &mut Dice) -> (c::Supremum, Claim) {
    let claim = if refuted(&c, dice.roll()).is_some() { Claim::False } else { Claim::Open };
    (c, claim)
}

/// Exact points of which one is no maximiser.
fn place(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let ends = ends_of(&out);
    let (f, domain) = (function(&out.activation, "mine")?, domain(&out)?);
    let g = out.to.as_ref().and_then(|g| function(g, "other"));
    let quantity = QUANTITIES.into_iter().find(|(q, _)| *q == out.quantity)?.1;
    if out.quantity.order() != 0 {
        return None;
    }
    let subject = Subject::new(&f, g.as_ref(), &domain, quantity);
    let magnitude = out.quantity.of_magnitude();
    let side = out.sides.iter_mut().find(|s| matches!(s.attained, Some(c::Attained::Exactly { .. })))?;
    let known = origin.known(side.sign)?;
    let at = dice.pick(&ends)?.clone();
    let value = subject.value(&parse_expr(&at).ok()?)?;
    let value = if !magnitude && side.sign < 0 { value.neg() } else { value };
    if value.hi >= Interval::rational(BITS, &known.lower).lo {
        return None;
    }
    let Some(c::Attained::Exactly { points, .. }) = &mut side.attained else { return None };
    match points.len() {
        0 => points.push(c::Witness { piece: dice.below(f.pieces.len()), to_piece: None, at }),
        n => points[dice.below(n)].at = at,
    }
    Some((out, Claim::False))
}

fn wider(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let i = dice.below(2);
    if out.domain[i].ends_with("inf") {
        return None;
    }
    let by = [Rational::from((1, 1000)), Rational::from(1), Rational::from(50)][dice.below(3)].clone();
    let end = match dice.below(3) {
        0 => {
            if i == 0 {
                "-inf".to_owned()
            } else {
                "inf".to_owned()
            }
        }
        _ if i == 0 => format!("{} - ({by})", out.domain[0]),
        _ => format!("{} + ({by})", out.domain[1]),
    };
    out.domain[i].clone_from(&end);
    let stretch = dice.below(2) == 0;
    for leaves in out.sides.iter_mut().map(|s| &mut s.leaves).filter(|l| stretch && !l.is_empty()) {
        let n = leaves.len();
        if i == 0 { leaves[0].lo.clone_from(&end) } else { leaves[n - 1].hi.clone_from(&end) }
    }
    Some(by_samples(out, dice))
}

/// A junction goes to the other piece.
fn closed(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    out.activation.id = "mine".into();
    let pieces = &mut out.activation.pieces;
    if pieces.len() < 2 {
        return None;
    }
    let i = dice.below(pieces.len() - 1);
    let swap = !pieces[i].hi_closed;
    if dice.below(4) > 0 {
        pieces[i].hi_closed = swap;
        pieces[i + 1].lo_closed = !swap;
        return Some(by_samples(out, dice));
    }
    // both have it, or none
    pieces[i].hi_closed = swap;
    Some((out, Claim::Malformed))
}

fn shifted(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    if out.quantity != c::Quantity::Range {
        return None;
    }
    let (sign, known) = origin.some_sign(dice)?;
    let gap = known.upper.clone() - known.lower.clone();
    let by = gap + little(&known.upper, dice);
    let by = if dice.below(2) == 0 { by } else { -by };
    if dice.below(3) > 0 {
        out.activation.id = "mine".into();
        out.activation.params.clear();
    }
    out.activation.pieces.iter_mut().for_each(|p| p.value = format!("{} + ({by})", p.value));
    // the other side must not be the one that notices
    let other = out.sides.iter_mut().find(|s| s.sign != sign)?;
    other.upper = "inf".into();
    (other.lower, other.attained) = (None, None);
    Some((out, Claim::False))
}

/// The function times a factor: what was its supremum is so no more.
fn stretched(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let (sign, known) = origin.some_sign(dice)?;
    if out.quantity == c::Quantity::Range || known.lower <= 0 {
        return None;
    }
    let gap = (known.upper.clone() - known.lower.clone()) / known.lower.clone();
    let by = gap * Rational::from(2) + little(&Rational::from(1), dice);
    let seventh = known.upper < Rational::from(7) * known.lower.clone();
    let factor = match dice.below(4) {
        0 => Rational::from(1) / (Rational::from(1) + by),
        1 if seventh => Rational::from((1, 7)),
        2 => Rational::from(0),
        _ => Rational::from(1) + by,
    };
    for f in std::iter::once(&mut out.activation).chain(out.to.as_mut()) {
        if dice.below(3) > 0 {
            f.id = "mine".into();
            f.params.clear();
        }
        f.pieces.iter_mut().for_each(|p| p.value = format!("({factor})*({})", p.value));
    }
    if !out.quantity.of_magnitude() {
        let other = out.sides.iter_mut().find(|s| s.sign != sign)?;
        other.upper = "inf".into();
        (other.lower, other.attained) = (None, None);
    }
    Some((out, Claim::False))
}

/// One piece gets a term by which it exceeds the bound.
fn one_piece(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let (_, known) = origin.some_sign(dice)?;
    out.activation.id = "mine".into();
    out.activation.params.clear();
    let size = known.upper.abs() * Rational::from(3) + little(&Rational::from(1), dice);
    let size = if dice.below(2) == 0 { size } else { -size };
    let i = dice.below(out.activation.pieces.len());
    let value = &mut out.activation.pieces[i].value;
    *value = match (dice.below(3), out.quantity.order()) {
        (0, _) => "0".into(),
        (1, 1) => format!("{value} + ({size})*x"),
        (1, 2) => format!("{value} + ({size})*x^2/2"),
        (1, _) => format!("{value} + ({size})"),
        _ => format!("{value} + ({size})*exp(-x^2)"),
    };
    Some(by_samples(out, dice))
}

fn quantity(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let (quantity, _) = QUANTITIES[dice.below(5)];
    let distance = |q: c::Quantity| q == c::Quantity::Distance;
    if distance(quantity) != distance(out.quantity) {
        return None;
    }
    out.quantity = quantity;
    out.sides.iter_mut().for_each(|s| {
        s.order = quantity.order();
        s.attained = None;
        s.lower = None;
    });
    if quantity.of_magnitude() && dice.below(2) == 0 {
        let upper = out.sides[dice.below(2)].upper.clone();
        out.sides.iter_mut().for_each(|s| s.upper.clone_from(&upper));
    }
    Some(by_samples(out, dice))
}

fn signs(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    out.sides.iter_mut().for_each(|s| s.sign = -s.sign);
    if dice.below(2) == 0 {
        out.sides.iter_mut().for_each(|s| s.attained = None);
    }
    if out.quantity.of_magnitude() {
        return Some((out, Claim::Open));
    }
    let apart = [1, -1].into_iter().any(|sign| {
        let of = |sign| origin.known(sign);
        of(sign).zip(of(-sign)).is_some_and(|(a, b)| a.upper < b.lower)
    });
    Some(if apart { (out, Claim::False) } else { by_samples(out, dice) })
}

/// The statement stays true, its proof does not: what is accepted says no more than before.
fn leaves(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let i = dice.below(2);
    let leaves = &mut out.sides[i].leaves;
    if leaves.is_empty() {
        return None;
    }
    let j = dice.below(leaves.len());
    match dice.below(3) {
        0 => drop(leaves.remove(j)),
        1 => {
            let k = dice.below(leaves.len());
            leaves.swap(j, k);
        }
        _ => leaves[j].method = METHODS[dice.below(METHODS.len())],
    }
    Some((out, Claim::Open))
}

fn roles(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let (sign, known) = origin.some_sign(dice)?;
    let truth = known.attained?;
    let mut out = origin.certificate.clone();
    let all = [c::Role::Below, c::Role::Place, c::Role::Left, c::Role::Right];
    let mut changed = false;
    for side in origin.sides(&mut out, sign) {
        let flip = dice.below(2) == 0;
        if let Some(c::Attained::Within { rest, roles } | c::Attained::Never { rest, roles }) = side.attained.clone() {
            let mut roles = roles;
            for _ in 0..=dice.below(2) {
                let i = dice.below(roles.len());
                if let Some(role) = roles.get_mut(i) {
                    *role = all[dice.below(4)];
                }
            }
            side.attained = Some(if flip != truth {
                c::Attained::Within { rest, roles }
            } else {
                c::Attained::Never { rest, roles }
            });
            changed = true;
        }
    }
    changed.then_some((out, Claim::Attained(sign, !truth)))
}
