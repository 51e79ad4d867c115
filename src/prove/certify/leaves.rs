//! The leaves of a certificate, with what each of them says about the place of the supremum.

use crate::expr::{Activation, End, Expr, Piece, certainly_positive, compare_points};
use crate::number::MpI;
use crate::prove::bound::Side;
use crate::prove::halfline::TailMethod;
use crate::prove::objective::{Edge, Objective};
use crate::prove::objective::{exact_float, is_absurd};
use crate::prove::search::{Leaf, Mark, Method};
use crate::prove::supremum::{Place, Proof};
use actaudit_recheck::certificate as c;
use rug::float::Special;
use rug::{Float, Rational};
use std::cmp::Ordering;

/// The places that a certificate claims.
pub(super) enum Claimed {
    /// exact ones
    Exactly { points: Vec<Place>, sets: Vec<Place> },
    /// at least one of these holds a maximiser
    Within(Vec<Place>),
    /// no place; h only comes near the supremum
    Never(Vec<Place>),
    /// no place, by the form of h; the limit is at this end of the line
    Strictly(Place),
    /// that it is attained, or that it is not, and no more: one of the places has no name
    Unnamed,
}

impl Claimed {
    /// The places of both signs of a magnitude. One that has none is below the other.
    pub fn and(self, other: Self) -> Self {
        let both = |mut all: Vec<Place>, more: Vec<Place>| {
            let new: Vec<Place> = more.into_iter().filter(|p| !all.contains(p)).collect();
            all.extend(new);
            all
        };
        match (self, other) {
            (Self::Exactly { points, sets }, Self::Exactly { points: p, sets: s }) => {
                Self::Exactly { points: both(points, p), sets: both(sets, s) }
            }
            (Self::Within(a), Self::Within(b)) => Self::Within(both(a, b)),
            (Self::Never(a), Self::Never(b)) => Self::Never(both(a, b)),
            (Self::Unnamed, _) | (_, Self::Unnamed) => Self::Unnamed,
            (Self::Never(none), other) if none.is_empty() => other,
            (first, _) => first,
        }
    }
}

pub(super) struct Built {
    pub leaves: Vec<c::Leaf>,
    pub attained: Option<c::Attained>,
    pub claimed: Claimed,
}

pub(super) struct Leaves<'a> {
    pub f: &'a Activation,
    pub g: Option<&'a Activation>,
    pub side: &'a Side,
    pub sign: i8,
}

fn box_place(l: &Leaf<Float>) -> Place {
    Place::Point { lo: l.block.lo.end.clone(), hi: l.block.hi.end.clone(), exact: None }
}

/// A leaf with its role, and the bound that makes it `below`.
struct Placed {
    leaf: c::Leaf,
    role: c::Role,
    bound: Float,
    /// the leaf itself, if it is a place; the end to which h rises, if that is open
    place: Option<Place>,
}

impl Leaves<'_> {
    /// The leaves of this sign from left to right, and the claim where the supremum is attained, if that is wanted.
    pub fn build(&self, exact: Option<&Expr>, values: &(String, String), attained: bool) -> Built {
        let objectives = &self.side.objectives;
        let of_sign = self.side.answer.proof.iter().filter(|p| objectives[index(p)].sign == i32::from(self.sign));
        let mut proofs: Vec<&Proof> = of_sign.collect();
        // in terms of t what is beside the lower end of a piece comes in the opposite order
        let turned = |i: usize| objectives[i].near.as_ref().is_some_and(|near| near.right);
        let key = |p: &&Proof| (index(p), if turned(index(p)) { -start(p) } else { start(p) });
        let attained = attained && objectives.iter().all(|o| o.near.is_none());
        proofs.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(Ordering::Equal));
        if attained && let Some(exact) = exact {
            let leaves: Vec<c::Leaf> = proofs.iter().map(|p| self.leaf(p)).collect();
            if let Some((attained, claimed)) = self.exactly(exact, &proofs).or_else(|| self.strictly(exact)) {
                return Built { leaves, attained: Some(attained), claimed };
            }
        }
        let nothing = |leaves| Built { leaves, attained: None, claimed: Claimed::Unnamed };
        if !attained {
            return nothing(proofs.iter().map(|p| self.leaf(p)).collect());
        }
        let placed: Vec<Placed> = proofs.iter().flat_map(|p| self.placed(p)).collect();
        let rest = placed.iter().filter(|p| p.role == c::Role::Below).map(|p| &p.bound).max_by(|a, b| a.total_cmp(b));
        let rest = rest.and_then(|r| between(r, &self.side.answer.lower));
        let rest = rest.map_or_else(|| format!("{} - 1", values.0), |q| q.to_string());
        let roles: Vec<c::Role> = placed.iter().map(|p| p.role).collect();
        let never = !roles.contains(&c::Role::Place);
        // the checker says that one of them is it: a list that lacks one would say more
        let of_places =
            placed.iter().filter(|p| if never { p.role != c::Role::Below } else { p.role == c::Role::Place });
        let places: Option<Vec<Place>> = of_places.map(|p| p.place.clone()).collect();
        let leaves = placed.into_iter().map(|p| p.leaf).collect();
        let attained = if never { c::Attained::Never { rest, roles } } else { c::Attained::Within { rest, roles } };
        let claimed = match places {
            None => Claimed::Unnamed,
            Some(places) if never => Claimed::Never(places),
            Some(places) => Claimed::Within(places),
        };
        Built { leaves, attained: Some(attained), claimed }
    }

    /// Exact points and whole pieces at which h is the supremum.
    fn exactly(&self, exact: &Expr, proofs: &[&Proof]) -> Option<(c::Attained, Claimed)> {
        let (mut points, mut at) = (vec![], vec![]);
        for place in &self.side.answer.places {
            let Place::Point { exact: Some(text), .. } = place else { continue };
            let Some(w) = self.witness(text) else { continue };
            points.push(w);
            at.push(place.clone());
        }
        let (mut leaves, mut sets) = (vec![], vec![]);
        for (number, proof) in proofs.iter().enumerate() {
            let Proof::Piece(i) = proof else { continue };
            let o = &self.side.objectives[*i];
            let same = o
                .constant()
                .is_some_and(|v| *v == *exact || super::super::uniform::exactly_equal(v, exact) == Some(true));
            let wide = o.lo != o.hi;
            if same && wide {
                leaves.push(number);
                sets.push(Place::Set(o.lo.text(true), o.hi.text(false)));
            } else if same && let Some(w) = self.witness(&o.lo.text(true)) {
                points.push(w);
                at.extend(point_at(&o.lo));
            }
        }
        let any = !points.is_empty() || !leaves.is_empty();
        any.then(|| (c::Attained::Exactly { points, leaves }, Claimed::Exactly { points: at, sets }))
    }

    /// The pieces that hold a point, on which h there is not less than the lower bound.
    fn witness(&self, text: &str) -> Option<c::Witness> {
        use crate::number::Enclosure as _;
        let at = crate::expr::parse_expr(text).ok()?;
        let prec = self.side.answer.precision;
        let x = Edge::at(at.clone()).enclosure(prec)?;
        let fits = |o: &&Objective| {
            // of a derivative one-sided values count
            let held = |a: &Activation, i: usize| {
                if o.order > 0 { holds(&a.pieces[i], &at) } else { owns(&a.pieces[i], &at) }
            };
            o.sign == i32::from(self.sign)
                && o.near.is_none()
                && held(self.f, o.piece)
                && self.g.zip(o.to_piece).is_none_or(|(g, j)| held(g, j))
                && o.view::<MpI>(&prec).value(&x).hi() >= self.side.answer.lower
        };
        let o = self.side.objectives.iter().find(fits)?;
        Some(c::Witness { piece: o.piece, to_piece: o.to_piece, at: text.into() })
    }

    /// That h is less than its supremum by its form, and comes near it at an end of the line.
    fn strictly(&self, exact: &Expr) -> Option<(c::Attained, Claimed)> {
        let (i, right) = self.side.answer.peak_limit?;
        let less = |o: &Objective| {
            o.symbolic(0).is_some_and(|h| certainly_positive(&(exact.clone() - h.clone()).simplified()))
        };
        let mine = || self.side.objectives.iter().filter(|o| o.sign == i32::from(self.sign));
        let own = self.side.objectives[i].sign == i32::from(self.sign);
        let place = self.side.objectives[i].limit_place(right, self.side.answer.precision);
        (own && mine().all(less)).then(|| (c::Attained::Strictly {}, Claimed::Strictly(place)))
    }

    /// A leaf with its role; one that holds the supremum may become several.
    fn placed(&self, proof: &Proof) -> Vec<Placed> {
        let leaf = self.leaf(proof);
        let bound = self.bound(proof);
        let one = |role, place| vec![Placed { leaf: leaf.clone(), role, bound: bound.clone(), place }];
        if bound < self.side.answer.lower {
            return one(c::Role::Below, None);
        }
        // the leaf itself and the point at its end to which it rises
        let beside = |right: bool| {
            let end = if right { &leaf.hi } else { &leaf.lo };
            let role = if right { c::Role::Right } else { c::Role::Left };
            let place = self.end_place(proof, right);
            let body = |place| Placed { leaf: leaf.clone(), role, bound: bound.clone(), place };
            if self.is_open(proof, right) {
                return vec![body(place)];
            }
            let point =
                c::Leaf { lo: end.clone(), hi: end.clone(), method: c::Method::Direct, at: None, ..leaf.clone() };
            let point = Placed { leaf: point, role: c::Role::Place, bound: bound.clone(), place };
            if right { vec![body(None), point] } else { vec![point, body(None)] }
        };
        match proof {
            Proof::Tail(t) => match t.method {
                TailMethod::Start => beside(t.left),
                TailMethod::Limit | TailMethod::Remainder => beside(!t.left),
            },
            Proof::Piece(i) => {
                let o = &self.side.objectives[*i];
                let set = || Place::Set(o.lo.text(true), o.hi.text(false));
                one(c::Role::Place, if o.lo == o.hi { point_at(&o.lo) } else { Some(set()) })
            }
            Proof::Box(l) => match &l.method {
                Method::Increasing | Method::Flat(true, _) => beside(true),
                Method::Decreasing | Method::Flat(false, _) => beside(false),
                Method::Concave(_) => self.around(l, &leaf, &bound),
                _ => one(c::Role::Place, Some(box_place(l))),
            },
        }
    }

    /// A concave leaf in three: it rises to the bracket of the maximiser, and falls from it.
    fn around(&self, l: &Leaf<Float>, leaf: &c::Leaf, bound: &Float) -> Vec<Placed> {
        let inside = self.side.answer.places.iter().find(|p| match p {
            Place::Point { lo, hi, .. } => l.block.lo.end <= *lo && *hi <= l.block.hi.end,
            _ => false,
        });
        let Some(place @ Place::Point { lo, hi, exact }) = inside else {
            let place = Some(box_place(l));
            return vec![Placed { leaf: leaf.clone(), role: c::Role::Place, bound: bound.clone(), place }];
        };
        let [a, b] = match exact {
            Some(text) => [text.clone(), text.clone()],
            None => [float_text(lo), float_text(hi)],
        };
        let part = |lo: &str, hi: &str, method: c::Method, at: Option<String>, role: c::Role| Placed {
            leaf: c::Leaf { lo: lo.into(), hi: hi.into(), method, at, ..leaf.clone() },
            role,
            bound: bound.clone(),
            place: (role == c::Role::Place).then(|| place.clone()),
        };
        let mut out = vec![];
        if leaf.lo != a {
            out.push(part(&leaf.lo, &a, c::Method::Increasing, None, c::Role::Right));
        }
        let touch = leaf.at.clone().filter(|_| l.block.lo.end < *lo && *hi < l.block.hi.end);
        let middle = match (touch, &l.method) {
            _ if a == b => (c::Method::Direct, None),
            (_, Method::Concave(x)) if lo <= x && x <= hi => (c::Method::Concave, Some(float_text(x))),
            _ => (c::Method::Concave, Some(a.clone())),
        };
        out.push(part(&a, &b, middle.0, middle.1, c::Role::Place));
        if leaf.hi != b {
            out.push(part(&b, &leaf.hi, c::Method::Decreasing, None, c::Role::Left));
        }
        out
    }

    /// Whether the end of a leaf is no member of the pieces (for derivatives: is infinite).
    fn is_open(&self, proof: &Proof, right: bool) -> bool {
        let o = &self.side.objectives[index(proof)];
        let edge = if right { &o.hi } else { &o.lo };
        let at_edge = match proof {
            Proof::Box(l) => (if right { &l.block.hi } else { &l.block.lo }).edge,
            Proof::Tail(t) => t.left != right,
            Proof::Piece(_) => true,
        };
        match edge {
            _ if !at_edge => false,
            Edge::Infinite => true,
            Edge::At { .. } if o.order > 0 => false,
            Edge::At { at, .. } => {
                let owned = |a: &Activation, i: usize| owns(&a.pieces[i], at);
                !(owned(self.f, o.piece) && self.g.zip(o.to_piece).is_none_or(|(g, j)| owned(g, j)))
            }
        }
    }

    fn end_place(&self, proof: &Proof, right: bool) -> Option<Place> {
        let o = &self.side.objectives[index(proof)];
        let point = |x: &Float| Place::Point { lo: x.clone(), hi: x.clone(), exact: None };
        match proof {
            Proof::Box(l) => {
                let mark = if right { &l.block.hi } else { &l.block.lo };
                if mark.edge { point_at(if right { &o.hi } else { &o.lo }) } else { Some(point(&mark.end)) }
            }
            Proof::Tail(t) if t.left != right => Some(o.limit_place(right, self.side.answer.precision)),
            Proof::Tail(t) => Some(point(&t.end())),
            Proof::Piece(_) => None,
        }
    }

    fn bound(&self, proof: &Proof) -> Float {
        match proof {
            Proof::Box(l) => l.bound.clone(),
            Proof::Tail(t) => t.bound.clone(),
            Proof::Piece(i) => {
                let value = self.side.objectives[*i].constant().and_then(|v| {
                    let prec = self.side.answer.precision;
                    crate::expr::plain::eval(v, &crate::expr::plain::Interval::int(prec, 0)).ok()
                });
                value.map_or_else(|| Float::with_val(53, Special::Infinity), |v| v.hi)
            }
        }
    }

    fn leaf(&self, proof: &Proof) -> c::Leaf {
        let o = &self.side.objectives[index(proof)];
        let build = |lo: String, hi: String, method: c::Method, at: Option<String>| c::Leaf {
            piece: o.piece,
            to_piece: o.to_piece,
            lo,
            hi,
            method,
            at,
            near: None,
        };
        let leaf = match proof {
            // the expression of a single point has the point put in, that of its piece has not
            Proof::Piece(_) if o.lo == o.hi => build(o.lo.text(true), o.hi.text(false), c::Method::Direct, None),
            Proof::Piece(_) => build(o.lo.text(true), o.hi.text(false), c::Method::Constant, None),
            Proof::Tail(t) => {
                let method = match (t.method, t.left) {
                    (TailMethod::Remainder, _) => c::Method::Tail,
                    (TailMethod::Limit, false) | (TailMethod::Start, true) => c::Method::Increasing,
                    (TailMethod::Limit, true) | (TailMethod::Start, false) => c::Method::Decreasing,
                };
                let end = float_text(&t.end());
                let (lo, hi) = if t.left { ("-inf".into(), end) } else { (end, "inf".into()) };
                build(lo, hi, method, None)
            }
            Proof::Box(l) => {
                let (lo, hi) = (end_text(o, &l.block.lo, false), end_text(o, &l.block.hi, true));
                let (method, at) = match &l.method {
                    Method::Direct => (c::Method::Direct, None),
                    Method::Mean => (c::Method::Mean, None),
                    Method::Increasing => (c::Method::Increasing, None),
                    Method::Decreasing => (c::Method::Decreasing, None),
                    Method::Concave(x) => (c::Method::Concave, Some(self.touch(l, x, &lo, &hi))),
                    Method::Convex => (c::Method::Convex, None),
                    Method::Constant => (c::Method::Constant, None),
                    Method::Flat(upper, _) => (c::Method::Flat, Some(if *upper { hi.clone() } else { lo.clone() })),
                };
                build(lo, hi, method, at)
            }
        };
        in_x(o, leaf)
    }

    /// Where the tangent touches: at an edge itself, not at a float beside it; and where the supremum is exact, at the
    /// exact maximiser, for any other tangent lies above it.
    fn touch(&self, l: &Leaf<Float>, x: &Float, lo: &str, hi: &str) -> String {
        let answer = &self.side.answer;
        if (answer.exact.is_some() || answer.symbolic.is_some()) && l.bound >= answer.lower {
            let inside = answer.places.iter().find_map(|place| match place {
                Place::Point { lo, hi, exact } if l.block.lo.end <= *lo && *hi <= l.block.hi.end => exact.clone(),
                _ => None,
            });
            if let Some(at) = inside {
                return at;
            }
        }
        match () {
            () if l.block.lo.edge && *x <= l.block.lo.end => lo.into(),
            () if l.block.hi.edge && *x >= l.block.hi.end => hi.into(),
            () => float_text(x),
        }
    }
}

/// The witness from below, with the sign of the objective that has it.
pub(super) fn lower(side: &Side, value: &str) -> Option<(i32, c::Lower)> {
    let answer = &side.answer;
    let make = |o: &Objective, at: Option<String>, limit: Option<c::Infinity>| {
        let mut lower = c::Lower { value: value.into(), at, limit, beside: None, piece: o.piece };
        if let Some(near) = &o.near {
            lower.beside = lower.limit.take().map(|_| if near.right { c::Beside::Right } else { c::Beside::Left });
            let t = lower.at.take().unwrap_or_else(|| "inf".into());
            lower.at = Some(if t == o.lo.text(true) { near.cut.to_string() } else { near.text(&t) });
        }
        (o.sign, lower)
    };
    if let Some((i, right)) = answer.peak_limit {
        let limit = if right { c::Infinity::Plus } else { c::Infinity::Minus };
        return Some(make(&side.objectives[i], None, Some(limit)));
    }
    use crate::number::Enclosure as _;
    let constant = answer.proof.iter().find_map(|p| match (p, answer.places.first()) {
        (Proof::Piece(i), Some(Place::Set(a, b))) => {
            let o = &side.objectives[*i];
            let finite = [a, b].into_iter().find(|t| !t.ends_with("inf")).cloned().unwrap_or_else(|| "0".into());
            // the negative of a constant stands on the same interval
            let value =
                o.constant().map(|value| (value.exact_rational(), Edge::at(value.clone()).enclosure(answer.precision)));
            let reached = match value {
                Some((Some(q), _)) => answer.lower <= q,
                Some((None, Some(v))) => answer.lower <= v.hi(),
                _ => false,
            };
            (reached && o.lo.text(true) == *a && o.hi.text(false) == *b).then(|| make(o, Some(finite), None))
        }
        _ => None,
    });
    if constant.is_some() {
        return constant;
    }
    // an exact place beats a float near it
    if let Some(Place::Point { exact: Some(at), .. }) = answer.places.first() {
        let x =
            crate::expr::parse_expr(at).ok().and_then(|e| Some((Edge::at(e.clone()).enclosure(answer.precision)?, e)));
        let reaches = |o: &&Objective| {
            let Some((x, at)) = &x else { return false };
            let order = |end: &Edge, outward: Ordering| match end {
                Edge::Infinite => true,
                Edge::At { at: end, .. } => compare_points(at, end).is_some_and(|o| o.is_eq() || o == outward),
            };
            o.near.is_none()
                && order(&o.lo, Ordering::Greater)
                && order(&o.hi, Ordering::Less)
                && o.view::<MpI>(&answer.precision).value(x).hi() >= answer.lower
        };
        if let Some(o) = side.objectives.iter().find(reaches) {
            return Some(make(o, Some(at.clone()), None));
        }
    }
    // a piece on which h is constant may reach what no point of the search does
    let short = answer.peak.as_ref().is_none_or(|p| p.value < answer.lower);
    let reaching = answer.proof.iter().filter(|_| short).find_map(|p| {
        let Proof::Piece(i) = p else { return None };
        let o = &side.objectives[*i];
        o.constant().and_then(Expr::exact_rational).is_some_and(|q| answer.lower <= q).then_some(o)
    });
    if let Some(o) = reaching {
        let end = [&o.lo, &o.hi].into_iter().find(|e| **e != Edge::Infinite).map(|e| e.text(true));
        return Some(make(o, Some(end.unwrap_or_else(|| "0".into())), None));
    }
    let peak = answer.peak.as_ref()?;
    let o = &side.objectives[peak.objective];
    let at = match peak.edge {
        Some(true) => o.hi.text(false),
        Some(false) => o.lo.text(true),
        None => float_text(&peak.at.0),
    };
    Some(make(o, Some(at), None))
}

/// A number between one and a larger one, without an absurd exponent where there is such a number; `None` where the larger one less
/// 1 is between them, too.
fn between(low: &Float, high: &Float) -> Option<Rational> {
    let prec = low.prec().max(high.prec()) + 8;
    let one_less = Float::with_val(prec, high - 1u32);
    if *low < one_less && one_less < *high {
        return None;
    }
    if is_absurd(low) || is_absurd(high) {
        return (*low < 0 && *high > 0).then(Rational::new);
    }
    let middle = Float::with_val(prec, low + high) / 2u32;
    let inside = *low < middle && middle < *high;
    exact_float(if inside { &middle } else { low })
}

/// A leaf in terms of x, where its objective is one in terms of t.
pub(super) fn in_x(o: &Objective, leaf: c::Leaf) -> c::Leaf {
    let Some(near) = &o.near else { return leaf };
    let (edge, cut) = (o.lo.text(true), near.cut.to_string());
    let end = |t: &str| if t == edge { cut.clone() } else { near.text(t) };
    let (lo, hi) = if near.right { (end(&leaf.hi), end(&leaf.lo)) } else { (end(&leaf.lo), end(&leaf.hi)) };
    c::Leaf { lo, hi, near: Some(near.center.to_string()), ..leaf }
}

fn index(proof: &Proof) -> usize {
    match proof {
        Proof::Piece(i) => *i,
        Proof::Tail(t) => t.objective,
        Proof::Box(l) => l.block.objective,
    }
}

fn start(proof: &Proof) -> Float {
    let minus_infinity = || Float::with_val(53, Special::NegInfinity);
    match proof {
        Proof::Piece(_) => minus_infinity(),
        Proof::Tail(t) if t.left => minus_infinity(),
        Proof::Tail(t) => t.end(),
        Proof::Box(l) => l.block.lo.end.clone(),
    }
}

fn point_at(edge: &Edge) -> Option<Place> {
    use crate::number::Enclosure as _;
    let e = edge.enclosure(192)?;
    Some(Place::Point { lo: e.lo(), hi: e.hi(), exact: Some(edge.text(false)) })
}

/// Whether a piece certainly holds a point.
fn owns(piece: &Piece, at: &Expr) -> bool {
    holds_with(piece, at, |closed| closed)
}

/// Whether the closure of a piece certainly holds a point.
pub(super) fn holds(piece: &Piece, at: &Expr) -> bool {
    holds_with(piece, at, |_| true)
}

fn holds_with(piece: &Piece, at: &Expr, end: impl Fn(bool) -> bool) -> bool {
    let counts = end;
    let side = |end: &End, outward: Ordering| match end {
        End::Infinite => true,
        End::At { at: end, closed } => match compare_points(at, end) {
            Some(Ordering::Equal) => counts(*closed),
            Some(order) => order == outward,
            None => false,
        },
    };
    side(&piece.lo, Ordering::Greater) && side(&piece.hi, Ordering::Less)
}

/// A leaf end as an exact text.
fn end_text(objective: &Objective, mark: &Mark<Float>, upper: bool) -> String {
    let edge = if upper { &objective.hi } else { &objective.lo };
    if mark.edge { edge.text(!upper) } else { float_text(&mark.end) }
}

/// A float as an exact text. One of absurd size becomes 0 or infinite: the checker judges what is written, whatever the search had
/// meant.
fn float_text(value: &Float) -> String {
    let infinite = || if value.is_sign_negative() { "-inf".into() } else { "inf".into() };
    match value.get_exp() {
        Some(exponent) if exponent < 0 && is_absurd(value) => "0".into(),
        _ => exact_float(value).map_or_else(infinite, |q| q.to_string()),
    }
}
