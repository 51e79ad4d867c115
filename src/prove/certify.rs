//! From what the search found to certificates, and to what the independent checker accepts of them.
//!
//! Nothing is proved but by the checker: `confirm` claims as much as the search believes, and claims less until it is accepted.

mod leaves;
#[cfg(test)]
mod tests;

use super::along;
use super::bound::{Bound, Proof as Proved, Quantity, Side};
use super::deadline::Deadline;
use super::supremum::{Attained, Place, Proof, Supremum};
use crate::expr::{Activation, Expr};
use crate::number::decimal;
use actaudit_recheck::certificate::{self as c, Certificate};
use actaudit_recheck::{Conclusion, RecheckError, check, check_until};
use leaves::{Claimed, Leaves};
use rug::Float;
use rug::float::Special;
use std::time::Instant;

/// Where half-lines begin on which growth is shown, as powers of two.
const STARTS: [u32; 7] = [0, 4, 8, 16, 32, 64, 128];

/// How much a certificate claims.
#[derive(Clone, Copy)]
struct Level {
    exact: bool,
    attained: bool,
}

/// From the most to the least.
const LEVELS: [Level; 4] = [
    Level { exact: true, attained: true },
    Level { exact: true, attained: false },
    Level { exact: false, attained: true },
    Level { exact: false, attained: false },
];

/// Writes certificates of a bound, has them checked, and notes in the bound what was accepted.
pub(super) fn confirm(f: &Activation, g: Option<&Activation>, bound: &mut Bound, digits: u32, deadline: Deadline) {
    let subject = Subject { f, g, digits, until: deadline.instant() };
    subject.confirm_bounds(bound);
    // finite bounds are shown at every point; what is infinite somewhere says nothing of the rest
    if [Some(&bound.top), bound.bottom.as_ref()].into_iter().flatten().any(Side::proved_infinite) {
        match subject.defined(bound) {
            Ok(certificate) => bound.certificates.push(certificate),
            Err(reason) => bound.gaps = Some(reason),
        }
    }
}

/// Whether the checker accepts that the supremum is exactly this constant. The certificate is kept.
pub(crate) fn confirm_exactly(f: &Activation, g: Option<&Activation>, bound: &mut Bound, value: &Expr) -> bool {
    let (before, proved) = (bound.top.answer.symbolic.take(), bound.top.proved);
    bound.top.answer.symbolic = Some(value.clone());
    bound.top.proved = Proved::default();
    let subject = Subject { f, g, digits: 25, until: None };
    let accepted = [LEVELS[0], LEVELS[1]]
        .into_iter()
        .any(|level| matches!(subject.finite(bound, level, [true, false]), Some(Ok(()))));
    if !accepted {
        (bound.top.answer.symbolic, bound.top.proved) = (before, proved);
    }
    accepted
}

/// Whether the checker accepts that the supremum is attained at a point.
pub(crate) fn confirm_at(f: &Activation, g: Option<&Activation>, bound: &mut Bound, at: &Expr) -> bool {
    use crate::number::Enclosure as _;
    let Some(e) = super::objective::Edge::at(at.clone()).enclosure(bound.top.answer.precision) else { return false };
    let (places, proved) = (bound.top.answer.places.clone(), bound.top.proved);
    bound.top.answer.places = vec![Place::Point { lo: e.lo(), hi: e.hi(), exact: Some(at.to_string()) }];
    bound.top.proved = Proved::default();
    let accepted =
        matches!(Subject { f, g, digits: 25, until: None }.finite(bound, LEVELS[0], [true, false]), Some(Ok(())));
    let accepted = accepted && bound.top.proved.attained && bound.top.proved.exact;
    if !accepted {
        (bound.top.answer.places, bound.top.proved) = (places, proved);
    }
    accepted
}

/// The law by which a parameter is a change of scale, with constants that scale along, if the checker accepts it.
pub(crate) fn confirm_scaling(
    f: &Activation,
    g: Option<&Activation>,
    (param, k): (&str, i32),
    values: &[(Expr, i32)],
) -> Option<Certificate> {
    let fixed = f.values.iter().filter(|(name, _)| *name != param);
    let certificate = Certificate::Scaling(c::Scaling {
        schema: c::Schema::V1,
        definition: f.definition.to_toml(),
        to: g.map(|g| g.definition.to_toml()),
        fixed: fixed.map(|(name, value)| (name.clone(), value.to_string())).collect(),
        param: param.into(),
        k,
        values: values.iter().map(|(e, power)| c::Scaled { value: e.to_string(), power: *power }).collect(),
    });
    check(&certificate).ok().map(|_| certificate)
}

/// h at a point as constants, for both signs of a magnitude.
pub(crate) fn values_at(f: &Activation, g: Option<&Activation>, bound: &Bound, at: &Expr) -> Vec<Expr> {
    let holds =
        |a: &Activation| a.pieces.iter().filter(|p| leaves::holds(p, at)).map(|p| p.expr.clone()).collect::<Vec<_>>();
    let others = g.map_or_else(|| vec![Expr::int(0)], holds);
    let (_, order, two_sided) = bound.quantity.traits();
    let mut values = vec![];
    for a in holds(f) {
        for b in &others {
            let base = if g.is_some() { a.clone() - b.clone() } else { a.clone() };
            let h = (0..order).fold(base, |e, _| e.derivative()).substitute_x(at).simplified();
            values.extend((!two_sided).then(|| (-h.clone()).simplified()));
            values.push(h);
        }
    }
    values
}

/// What a statement speaks about.
struct Subject<'a> {
    f: &'a Activation,
    g: Option<&'a Activation>,
    digits: u32,
    until: Option<Instant>,
}

impl Subject<'_> {
    fn in_time(&self) -> bool {
        self.until.is_none_or(|t| Instant::now() < t)
    }

    /// The bounds, side by side.
    fn confirm_bounds(&self, bound: &mut Bound) {
        if bound.quantity == Quantity::Lipschitz
            && let Some(jump) = bound.jumps.iter().find(|j| j.proved).or(bound.jumps.first()).cloned()
        {
            match self.unbounded(bound, 1, c::Growth::Jump { at: jump.at.to_string() }) {
                Ok(certificate) => {
                    bound.certificates.push(certificate);
                    bound.top.answer.jump_at(&jump.at);
                    bound.top.proved = Proved { value: true, exact: true, attained: true };
                }
                Err(_) if self.confirm_pole(bound, &jump.at) => {}
                Err(reason) => {
                    bound.rejected = Some(format!("whether f is continuous at {} was not decided: {reason}", jump.at));
                    bound.top.answer.may_jump();
                }
            }
            return;
        }
        self.confirm_unbounded(bound);
        let open = |side: &Side| !side.proved.value && side.answer.upper.is_finite() && side.answer.lower.is_finite();
        if open(&bound.top) || bound.bottom.as_ref().is_some_and(open) {
            self.confirm_finite(bound);
        }
        let failed = |side: &Side| !side.proved.value;
        if bound.rejected.is_none() && (failed(&bound.top) || bound.bottom.as_ref().is_some_and(failed)) {
            let reasons = [Some(&bound.top), bound.bottom.as_ref()].into_iter().flatten().filter(|s| failed(s));
            let reason = reasons.filter_map(|s| s.answer.undecided.clone()).next();
            bound.rejected = Some(reason.unwrap_or_else(|| "no finite bound was found".into()));
        }
    }

    /// That f (and g) has a value everywhere in the domain, and h at every point of its pieces.
    fn defined(&self, bound: &Bound) -> Result<Certificate, String> {
        let leaf = |o: &super::objective::Objective| c::Leaf {
            piece: o.piece,
            to_piece: o.to_piece,
            lo: o.lo.text(true),
            hi: o.hi.text(false),
            method: c::Method::Direct,
            at: None,
            near: None,
        };
        let leaf = |o| leaves::in_x(o, leaf(o));
        let order = bound.quantity.traits().1 as u32;
        let leaves = bound.top.objectives.iter().filter(|o| o.sign > 0).map(leaf).collect();
        let side = |sign: i8, leaves: Vec<c::Leaf>| c::Side {
            sign,
            order,
            upper: "inf".into(),
            leaves,
            lower: None,
            attained: None,
        };
        // continuity is no matter here, and a Lipschitz constant would ask for it
        let quantity = if bound.quantity == Quantity::Lipschitz { Quantity::Slope } else { bound.quantity };
        let certificate = Certificate::Supremum(c::Supremum {
            schema: c::Schema::V1,
            activation: self.f.into(),
            to: self.g.map(Into::into),
            quantity: self::quantity(quantity),
            domain: bound.domain.text(),
            period: None,
            precision: precision(bound),
            sides: vec![side(1, leaves), side(-1, vec![])],
        });
        check_until(&certificate, self.until).map(|_| certificate).map_err(|e| e.to_string())
    }

    fn unbounded(&self, bound: &Bound, sign: i8, growth: c::Growth) -> Result<Certificate, String> {
        let certificate = Certificate::Unbounded(c::Unbounded {
            schema: c::Schema::V1,
            activation: self.f.into(),
            to: self.g.map(Into::into),
            quantity: quantity(bound.quantity),
            domain: bound.domain.text(),
            precision: precision(bound),
            sign,
            growth,
        });
        check_until(&certificate, self.until).map(|_| certificate).map_err(|e| e.to_string())
    }

    /// Sides of which the search says that they are infinite.
    fn confirm_unbounded(&self, bound: &mut Bound) {
        for top in [true, false] {
            let Some(side) = (if top { Some(&bound.top) } else { bound.bottom.as_ref() }) else { continue };
            let infinite = side.answer.lower.is_infinite() && side.answer.lower.is_sign_positive();
            if !infinite {
                if side.answer.upper.is_infinite() && side.answer.undecided.is_some() {
                    self.confirm_waves(bound, top);
                }
                continue;
            }
            let mut last = "the place is not known".to_owned();
            let mut accepted = None;
            for (sign, growth) in growths(side).into_iter().take_while(|_| self.in_time()) {
                match self.unbounded(bound, sign, growth) {
                    Ok(certificate) => {
                        accepted = Some(certificate);
                        break;
                    }
                    Err(reason) => last = reason,
                }
            }
            let side = if top { Some(&mut bound.top) } else { bound.bottom.as_mut() };
            match (side, accepted) {
                (Some(side), Some(certificate)) => {
                    side.proved = Proved { value: true, exact: true, attained: true };
                    bound.certificates.push(certificate);
                }
                _ => bound.rejected = Some(format!("that it is unbounded was not accepted: {last}")),
            }
        }
    }

    /// That the slope is unbounded beside a junction, whatever the values do there.
    fn confirm_pole(&self, bound: &mut Bound, at: &Expr) -> bool {
        let here = at.to_string();
        let is_here = |end: &crate::expr::End| matches!(end, crate::expr::End::At { at, .. } if at.to_string() == here);
        let poles = self.f.pieces.iter().enumerate().flat_map(|(piece, p)| {
            let pole = move |upper| c::Growth::Pole { piece, to_piece: None, upper };
            [(is_here(&p.lo), pole(false)), (is_here(&p.hi), pole(true))]
        });
        let both = poles.filter(|(here, _)| *here).flat_map(|(_, pole)| [(1, pole.clone()), (-1, pole)]);
        let accepted = both.into_iter().find_map(|(sign, pole)| self.unbounded(bound, sign, pole).ok());
        let Some(certificate) = accepted else { return false };
        bound.certificates.push(certificate);
        bound.top.answer.jump_at(at);
        bound.top.proved = Proved { value: true, exact: true, attained: true };
        true
    }

    /// A side of which the search knows no upper bound, where h may grow in waves.
    fn confirm_waves(&self, bound: &mut Bound, top: bool) {
        let Some(side) = (if top { Some(&bound.top) } else { bound.bottom.as_ref() }) else { return };
        let signed = |o: &super::objective::Objective| if o.sign < 0 { -1 } else { 1 };
        let all = side.objectives.iter().flat_map(|o| along::growths(o).into_iter().map(move |g| (signed(o), g)));
        let accepted = all.take_while(|_| self.in_time()).find_map(|(sign, growth)| {
            let (c::Growth::Waves { limit, .. } | c::Growth::Crossings { limit, .. }) = &growth else { return None };
            let right = *limit == c::Infinity::Plus;
            self.unbounded(bound, sign, growth).ok().map(|certificate| (certificate, right))
        });
        let side = if top { Some(&mut bound.top) } else { bound.bottom.as_mut() };
        if let (Some(side), Some((certificate, right))) = (side, accepted) {
            side.answer.lower = Float::with_val(side.answer.precision, Special::Infinity);
            side.answer.undecided = None;
            side.answer.places = vec![Place::Infinity(right)];
            side.answer.attained = Attained::Asymptotic;
            side.proved = Proved { value: true, exact: true, attained: true };
            bound.certificates.push(certificate);
        }
    }

    fn confirm_finite(&self, bound: &mut Bound) {
        // all sides at once, then each alone: one that fails must not take the other with it
        let both = [true, true];
        let alone: &[[bool; 2]] = if bound.bottom.is_some() { &[[true, false], [false, true]] } else { &[] };
        let mut reason = None;
        for which in std::iter::once(&both).chain(alone) {
            for level in LEVELS {
                if !self.in_time() {
                    reason.get_or_insert_with(|| "the time ran out before the checker was done".into());
                    break;
                }
                match self.finite(bound, level, *which) {
                    None => break,
                    Some(Ok(())) => {
                        bound.rejected = if *which == both { None } else { reason };
                        if *which == both {
                            return;
                        }
                        reason = bound.rejected.clone();
                        break;
                    }
                    Some(Err(RecheckError::Attained { .. })) => {}
                    Some(Err(e)) => {
                        reason.get_or_insert_with(|| format!("the checker did not accept it: {e}"));
                        if !level.exact {
                            break;
                        }
                    }
                }
            }
        }
        bound.rejected = bound.rejected.take().or(reason);
    }

    /// Claims the finite bounds of the chosen sides; `None` if there is nothing to claim.
    fn finite(&self, bound: &mut Bound, level: Level, which: [bool; 2]) -> Option<Result<(), RecheckError>> {
        let two_sided = bound.bottom.is_some();
        let mut sides = vec![];
        let mut claimed: Vec<(bool, Claimed)> = vec![];
        for sign in [1, -1] {
            let top = sign > 0 || !two_sided;
            let side = if top { &bound.top } else { bound.bottom.as_ref()? };
            let finite = side.answer.upper.is_finite() && side.answer.lower.is_finite();
            let wanted = (!two_sided || which[usize::from(!top)]) && finite && !side.proved.value;
            if !wanted {
                let order = bound.quantity.traits().1 as u32;
                sides.push(c::Side { sign, order, upper: "inf".into(), leaves: vec![], lower: None, attained: None });
                continue;
            }
            if [&side.answer.lower, &side.answer.upper]
                .iter()
                .any(|v| v.to_f64().abs() > 1.0 && super::objective::is_absurd(v))
            {
                return Some(Err(RecheckError::Statement("a bound is too large to be written down".into())));
            }
            let exact = if level.exact { exact(side) } else { None };
            let values = values(&side.answer, exact.as_ref(), self.digits);
            let built = Leaves { f: self.f, g: self.g, side, sign }.build(exact.as_ref(), &values, level.attained);
            sides.push(c::Side {
                sign,
                order: bound.quantity.traits().1 as u32,
                upper: values.1.clone(),
                leaves: built.leaves,
                lower: leaves::lower(side, &values.0).filter(|(s, _)| *s == i32::from(sign)).map(|(_, l)| l),
                attained: built.attained,
            });
            claimed.push((top, built.claimed));
        }
        if claimed.is_empty() {
            return None;
        }
        let exactly = |side: &c::Side| matches!(side.attained, Some(c::Attained::Exactly { .. }));
        if !two_sided && sides.iter().any(exactly) {
            // an exact place of one sign needs nothing from the other
            sides.iter_mut().filter(|side| !exactly(side)).for_each(|side| side.attained = None);
            claimed.retain(|(_, claimed)| matches!(claimed, Claimed::Exactly { .. }));
        }
        if !two_sided {
            claimed = claimed.into_iter().reduce(|(top, a), (_, b)| (top, a.and(b))).into_iter().collect();
        }
        let certificate = Certificate::Supremum(c::Supremum {
            schema: c::Schema::V1,
            activation: self.f.into(),
            to: self.g.map(Into::into),
            quantity: quantity(bound.quantity),
            domain: bound.domain.text(),
            precision: precision(bound),
            period: bound.period.as_ref().map(ToString::to_string),
            sides,
        });
        let accepted = match check_until(&certificate, self.until) {
            Ok(accepted) => accepted,
            Err(e) => {
                return Some(Err(e));
            }
        };
        let Conclusion::Bounds(proved) = accepted.conclusion() else { return None };
        for (top, claimed) in claimed {
            let of_sign = || proved.iter().filter(|p| p.upper.is_some() && (!two_sided || (p.sign > 0) == top));
            let side = if top { &mut bound.top } else { bound.bottom.as_mut()? };
            let attained = of_sign().find_map(|p| p.attained);
            side.proved = Proved {
                value: true,
                exact: level.exact && of_sign().any(|p| p.exact.is_some()),
                attained: side.proved.attained || attained.is_some(),
            };
            let lowers = of_sign().filter_map(|p| p.lower.clone());
            let lower = lowers.reduce(|a, b| if a >= b { a } else { b });
            side.bounds = lower.zip(of_sign().find_map(|p| p.upper.clone())).map(|(l, u)| [l, u]);
            if let Some(attained) = attained {
                side.answer.take_places(claimed, attained);
            }
        }
        bound.certificates.push(certificate);
        Some(Ok(()))
    }
}

impl Supremum {
    /// The answer where f may jump: nothing bounds difference quotients.
    fn may_jump(&mut self) {
        self.upper = Float::with_val(self.precision, Special::Infinity);
        (self.exact, self.symbolic, self.attained) = (None, None, Attained::Unknown);
        self.places.clear();
    }

    /// The answer where f jumps: difference quotients across the jump grow without bound.
    fn jump_at(&mut self, at: &Expr) {
        let infinite = Float::with_val(self.precision, Special::Infinity);
        let edge = super::objective::Edge::at(at.clone());
        let point = edge.enclosure(self.precision).map(|e| {
            use crate::number::Enclosure as _;
            Place::Point { lo: e.lo(), hi: e.hi(), exact: Some(edge.text(false)) }
        });
        (self.lower, self.upper) = (infinite.clone(), infinite);
        (self.exact, self.symbolic, self.undecided) = (None, None, None);
        self.places = point.into_iter().collect();
        self.attained = Attained::Asymptotic;
    }

    /// Keeps the places that the checker accepted.
    fn take_places(&mut self, claimed: Claimed, attained: bool) {
        match (attained, claimed) {
            (true, Claimed::Exactly { points, sets }) => {
                self.attained = if sets.is_empty() { Attained::Point } else { Attained::Set };
                self.places = if sets.is_empty() { points } else { sets };
            }
            (true, Claimed::Within(places)) if !places.is_empty() => {
                self.attained = Attained::Point;
                self.places = places;
            }
            (false, Claimed::Never(places)) if !places.is_empty() => {
                self.attained = Attained::Asymptotic;
                self.places = places;
            }
            (false, Claimed::Strictly(place)) => {
                self.attained = Attained::Asymptotic;
                self.places = vec![place];
            }
            // what the search takes for the place was not shown to be it
            _ => {
                self.attained = Attained::Unknown;
                self.places.clear();
            }
        }
    }
}

/// Where a supremum may be infinite, with the sign of h.
fn growths(side: &Side) -> Vec<(i8, c::Growth)> {
    let sign = |i: usize| if side.objectives[i].sign < 0 { -1 } else { 1 };
    if let Some((i, right)) = side.answer.peak_limit {
        let o = &side.objectives[i];
        let limit = if right { c::Infinity::Plus } else { c::Infinity::Minus };
        if let Some(near) = &o.near {
            let growth = c::Growth::Pole { piece: o.piece, to_piece: o.to_piece, upper: !near.right };
            return vec![(sign(i), growth)];
        }
        let growth = |k: u32| {
            let from = rug::Integer::from(1) << k;
            let from = if right { from.to_string() } else { format!("-{from}") };
            c::Growth::Infinity { piece: o.piece, to_piece: o.to_piece, limit, from }
        };
        return STARTS.into_iter().map(|k| (sign(i), growth(k))).collect();
    }
    let at = side.answer.places.iter().find_map(|p| match p {
        Place::Point { exact, .. } => exact.clone(),
        _ => None,
    });
    let Some(at) = at else { return vec![] };
    let ends =
        side.objectives.iter().enumerate().flat_map(|(i, o)| {
            [(o.lo.text(true), false), (o.hi.text(false), true)].map(|(text, upper)| (i, text, upper))
        });
    ends.filter(|(i, text, _)| *text == at && side.objectives[*i].near.is_none())
        .map(|(i, _, upper)| {
            let o = &side.objectives[i];
            (sign(i), c::Growth::Pole { piece: o.piece, to_piece: o.to_piece, upper })
        })
        .collect()
}

/// The supremum as a constant, if the search knows it.
fn exact(side: &Side) -> Option<Expr> {
    let answer = &side.answer;
    if let Some(q) = &answer.exact {
        return Some(Expr::rational(q.clone()));
    }
    let constant = |p: &Proof| match p {
        Proof::Piece(i) => side.objectives[*i].constant().cloned(),
        _ => None,
    };
    let of_piece = || match answer.places.first() {
        Some(Place::Set(..)) if answer.attained == Attained::Set => answer.proof.iter().rev().find_map(constant),
        _ => None,
    };
    answer.symbolic.clone().or_else(of_piece)
}

/// Lower and upper bound as texts.
fn values(answer: &Supremum, exact: Option<&Expr>, digits: u32) -> (String, String) {
    match exact {
        Some(e) => (e.to_string(), e.to_string()),
        None => {
            (decimal::directed(&answer.lower, digits + 2, false), decimal::directed(&answer.upper, digits + 2, true))
        }
    }
}

fn precision(bound: &Bound) -> u32 {
    bound.top.answer.precision + 64
}

fn quantity(quantity: Quantity) -> c::Quantity {
    match quantity {
        Quantity::Range => c::Quantity::Range,
        Quantity::Slope => c::Quantity::Slope,
        Quantity::Lipschitz => c::Quantity::Lipschitz,
        Quantity::Curvature => c::Quantity::Curvature,
        Quantity::Distance => c::Quantity::Distance,
    }
}
