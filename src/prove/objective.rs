//! What a search maximises: sign * d^order f / dx^order on one piece.

use super::supremum::Place;
use super::{pole, symbolic};
use crate::expr::{Expr, Func, Node, certainly_positive};
use crate::number::{Enclosure, Jet, MpI, Real};
use crate::number::{Tail, TailContext, Tape, TapeError};
use rug::float::Special;
use rug::{Float, Rational};
use std::sync::OnceLock;

/// One end of the interval on which an objective lives.
#[derive(Clone, Debug, PartialEq)]
pub enum Edge {
    /// unbounded
    Infinite,
    /// at a point
    At {
        /// the point, free of `x` and of parameters
        at: Expr,
        /// its value, if it is rational
        exact: Option<Rational>,
    },
}

impl Edge {
    /// The edge at an expression without `x`.
    pub fn at(at: Expr) -> Self {
        let exact = at.exact_rational();
        Self::At { at, exact }
    }

    /// An enclosure of the point at a precision; `None` if unbounded.
    pub fn enclosure(&self, prec: u32) -> Option<MpI> {
        match self {
            Self::Infinite => None,
            Self::At { exact: Some(q), .. } => Some(MpI::rational(&prec, q)),
            Self::At { at, .. } => Tape::compile(at).ok().map(|t| t.eval(&MpI::int(&prec, 0))),
        }
    }

    /// The point as text: what certificates and reports show.
    pub fn text(&self, negative: bool) -> String {
        match self {
            Self::Infinite if negative => "-inf".into(),
            Self::Infinite => "inf".into(),
            Self::At { at, exact, .. } => exact.as_ref().map_or_else(|| at.to_string(), Rational::to_string),
        }
    }
}

/// sign * d^order f / dx^order on the closure of one piece (where an end is open, its continuous extension).
#[derive(Debug)]
pub struct Objective {
    /// number of the piece of f
    pub piece: usize,
    /// number of the piece of g, for a distance
    pub to_piece: Option<usize>,
    /// +1 or -1
    pub sign: i32,
    /// order of the derivative
    pub order: usize,
    /// lower end
    pub lo: Edge,
    /// upper end
    pub hi: Edge,
    /// where h is looked at as a function of t, with x = c + 1/t or x = c - 1/t
    pub near: Option<Near>,
    expr: Expr,
    tape: Tape,
    /// h and its symbolic derivatives, made when asked for, unless they are too large
    symbolic: [OnceLock<Option<Expr>>; MAX_FLATNESS + 1],
    /// see [`Objective::flatness`]
    flatness: [OnceLock<Option<usize>>; 2],
    /// the same h in words that suit the left and the right end of the line
    far: [OnceLock<Option<Box<Objective>>>; 2],
}

/// The variable t > 0 beside a point at which h has no enclosure: x = c + 1/t (`right`) or x = c - 1/t.
#[derive(Clone, Debug)]
pub struct Near {
    /// c
    pub center: Expr,
    /// whether x is above c
    pub right: bool,
    /// the other end of the part of the piece that is looked at so
    pub cut: Expr,
}

impl Near {
    fn x(&self, t: Expr) -> Expr {
        let step = Expr::int(1) / t;
        if self.right { self.center.clone() + step } else { self.center.clone() - step }
    }

    /// An expression in terms of t. What is linear in x is its value at c and a multiple of 1/t, so that a value of zero leaves nothing behind.
    fn put_in(&self, e: &Expr) -> Expr {
        if !e.depends_on_x() {
            return e.clone();
        }
        match e.node() {
            Node::Var => self.x(Expr::var()),
            Node::Neg(_) | Node::Add(..) | Node::Sub(..) | Node::Mul(..) | Node::Div(..) => {
                let slope = e.derivative();
                if slope.depends_on_x() {
                    return e.map_children(|child| self.put_in(child));
                }
                let step = slope / Expr::var();
                let value = e.substitute_x(&self.center).simplified();
                if self.right { value + step } else { value - step }
            }
            _ => e.map_children(|child| self.put_in(child)),
        }
    }

    /// The x of an end in terms of t, as text; `inf` stands for c.
    pub fn text(&self, t: &str) -> String {
        match t {
            "inf" => self.center.to_string(),
            _ => format!("{} {} 1/({t})", self.center, if self.right { "+" } else { "-" }),
        }
    }

    /// Where t grows beyond all bounds: at c.
    pub fn limit(&self, prec: u32) -> Place {
        let at = self.place(prec, &Float::with_val(prec, Special::Infinity));
        Place::Point { lo: at.lo(), hi: at.hi(), exact: Some(self.center.to_string()) }
    }

    /// The x of a t.
    pub fn place(&self, prec: u32, t: &Float) -> MpI {
        let center = Edge::at(self.center.clone()).enclosure(prec).unwrap_or_else(|| MpI::int(&prec, 0));
        if t.is_infinite() {
            return center;
        }
        let step = MpI::int(&prec, 1).div(&MpI::from_float(prec, t));
        if self.right { center.add(&step) } else { center.sub(&step) }
    }
}

/// Derivatives beyond this order are not looked at.
const MAX_FLATNESS: usize = 12;

impl Objective {
    /// The place that h approaches where its variable grows beyond all bounds, or falls below all of them.
    pub fn limit_place(&self, right: bool, prec: u32) -> Place {
        self.near.as_ref().map_or(Place::Infinity(right), |near| near.limit(prec))
    }

    /// The objective over `expr` between two edges.
    ///
    /// # Errors
    /// If a parameter is left in the expression, or an exponent is not a rational number.
    pub fn new(
        expr: &Expr,
        (piece, to_piece): (usize, Option<usize>),
        sign: i32,
        order: usize,
        (lo, hi): (Edge, Edge),
    ) -> Result<Self, TapeError> {
        let tape = Tape::compile(&in_softplus(&expr.with_logarithms_apart()))?;
        Ok(Self {
            piece,
            to_piece,
            sign,
            order,
            lo,
            hi,
            near: None,
            expr: expr.clone(),
            tape,
            symbolic: Default::default(),
            flatness: Default::default(),
            far: Default::default(),
        })
    }

    /// The same h in words that suit one end of the line, if there are other ones.
    pub fn far(&self, left: bool) -> Option<&Self> {
        let make = || {
            let expr = self.expr.far(left)?;
            let edges = (self.lo.clone(), self.hi.clone());
            Self::new(&expr, (self.piece, self.to_piece), self.sign, self.order, edges).ok().map(Box::new)
        };
        self.far[usize::from(left)].get_or_init(make).as_deref()
    }

    /// The k-th derivative of h as an expression, k <= 12; `None` if it would be too large.
    pub fn symbolic(&self, k: usize) -> Option<&Expr> {
        let form = || {
            if k > 0 {
                return symbolic::derivative(self.symbolic(k - 1)?);
            }
            let h = (0..self.order).try_fold(self.expr.clone(), |e, _| symbolic::derivative(&e))?;
            Some((if self.sign < 0 { -h } else { h }).simplified())
        };
        self.symbolic[k].get_or_init(form).as_ref()
    }

    /// The exact value of the k-th derivative of h at a rational point, if it is rational by exact arithmetic alone.
    pub fn exact(&self, k: usize, at: &Rational) -> Option<Rational> {
        self.symbolic(k)?.substitute_x(&Expr::rational(at.clone())).exact_rational()
    }

    /// The order m >= 2 of the first derivative of h that does not vanish at an edge, where h' does and all of them are
    /// exactly rational: near such an edge no enclosure of h' has a sign, but that of the m-th derivative does.
    pub fn flatness(&self, upper: bool) -> Option<usize> {
        *self.flatness[usize::from(upper)].get_or_init(|| {
            let Edge::At { exact: Some(q), .. } = (if upper { &self.hi } else { &self.lo }) else { return None };
            for m in 1..=MAX_FLATNESS {
                if self.exact(m, q)? != 0 {
                    return (m >= 2).then_some(m);
                }
            }
            None
        })
    }

    /// The objective, in words that suit an end of the line where these are better on all of that side of zero.
    pub fn halves(self) -> Vec<Self> {
        let [left, right] = [true, false].map(|left| {
            let endless = *(if left { &self.lo } else { &self.hi }) == Edge::Infinite;
            let far = endless.then(|| self.far(left)).flatten()?;
            self.expr.suits_far(&far.expr, left).then(|| far.expr.clone())
        });
        let of = |expr: &Expr, lo: &Edge, hi: &Edge| {
            let edges = (lo.clone(), hi.clone());
            Self::new(expr, (self.piece, self.to_piece), self.sign, self.order, edges)
        };
        // where the other end is, seen from zero
        let beyond = |edge: &Edge, upper: bool| match edge.enclosure(64) {
            None => Some(false),
            Some(e) if upper => {
                if e.hi() <= 0 {
                    Some(true)
                } else {
                    (e.lo() > 0).then_some(false)
                }
            }
            Some(e) => {
                if e.lo() >= 0 {
                    Some(true)
                } else {
                    (e.hi() < 0).then_some(false)
                }
            }
        };
        let zero = Edge::at(Expr::int(0));
        let halves = match (&left, &right) {
            (None, None) => None,
            (Some(left), None) => match beyond(&self.hi, true) {
                Some(true) => Some(vec![of(left, &self.lo, &self.hi)]),
                Some(false) => Some(vec![of(left, &self.lo, &zero), of(&self.expr, &zero, &self.hi)]),
                None => None,
            },
            (None, Some(right)) => match beyond(&self.lo, false) {
                Some(true) => Some(vec![of(right, &self.lo, &self.hi)]),
                Some(false) => Some(vec![of(&self.expr, &self.lo, &zero), of(right, &zero, &self.hi)]),
                None => None,
            },
            (Some(left), Some(right)) => Some(vec![of(left, &self.lo, &zero), of(right, &zero, &self.hi)]),
        };
        let halves: Option<Vec<Self>> = halves.and_then(|all| all.into_iter().collect::<Result<_, _>>().ok());
        halves.unwrap_or_else(|| vec![self])
    }

    /// The parts of the objective: where h has no value at an edge, and is not known to rise without bound there, the part beside that edge is
    /// one of its own, in another variable.
    pub fn parted(self) -> Vec<Self> {
        let [lower, upper] = [false, true].map(|upper| self.beside(upper));
        if lower.is_none() && upper.is_none() {
            return vec![self];
        }
        let cut = |part: &Option<Self>, edge: &Edge| match part.as_ref().and_then(|p| p.near.as_ref()) {
            Some(near) => Edge::at(near.cut.clone()),
            None => edge.clone(),
        };
        let (lo, hi) = (cut(&lower, &self.lo), cut(&upper, &self.hi));
        [lower, Some(Self { lo, hi, ..self }), upper].into_iter().flatten().collect()
    }

    fn beside(&self, upper: bool) -> Option<Self> {
        const BITS: u32 = 128;
        const WIDTH: i32 = -4;
        let (edge, other) = if upper { (&self.hi, &self.lo) } else { (&self.lo, &self.hi) };
        let Edge::At { at, .. } = edge else { return None };
        let x = edge.enclosure(BITS)?;
        let value = self.view::<MpI>(&BITS).value(&x);
        if value.total() && value.lo().is_finite() && value.hi().is_finite() {
            return None;
        }
        let h = self.symbolic(0)?;
        if !h.depends_on_x() || pole::rises_without_bound(h, at, upper) {
            return None;
        }
        let width = match other.enclosure(BITS) {
            Some(other) => other.sub(&x).mag() / 4u32,
            None => Float::with_val(BITS, 1),
        };
        let width = width.min(&Float::with_val(BITS, Float::i_exp(1, WIDTH)));
        let cut = Float::with_val(BITS, if upper { x.lo() - &width } else { x.hi() + &width });
        let right = !upper;
        let center = at.clone();
        let near = Near { center, right, cut: Expr::rational(exact_float(&cut)?) };
        let unsigned = if self.sign < 0 { (-h.clone()).simplified() } else { h.clone() };
        let e = near.put_in(&unsigned).simplified();
        let distance = if right { near.cut.clone() - at.clone() } else { at.clone() - near.cut.clone() };
        let start = Edge::at((Expr::int(1) / distance).simplified());
        let part = Self::new(&e, (self.piece, self.to_piece), self.sign, 0, (start, Edge::Infinite)).ok()?;
        Some(Self { near: Some(near), ..part })
    }

    /// Whether h may jump inside the piece: a derivative of an expression with a kink that was not split off.
    pub fn may_jump(&self) -> bool {
        let kink = |n: &Node| matches!(n, Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..));
        self.order > 0 && self.expr.any(&mut |n| kink(n))
    }

    /// The value if h is one and the same number on the whole piece.
    pub fn constant(&self) -> Option<&Expr> {
        self.symbolic(0).filter(|h| !h.depends_on_x())
    }

    /// The objective in one number system.
    pub fn view<T: Real>(&self, cx: &T::Context) -> View<'_, T> {
        let bind = |order: usize| self.tape.bind::<Jet<T>>(&(cx.clone(), order));
        View {
            objective: self,
            tape: &self.tape,
            value: bind(self.order),
            slope: bind(self.order + 1),
            both: bind(self.order + 2),
        }
    }
}

/// An objective bound to a number system.
pub struct View<'a, T> {
    /// the objective
    pub objective: &'a Objective,
    tape: &'a Tape,
    value: crate::number::Program<'a, Jet<T>>,
    slope: crate::number::Program<'a, Jet<T>>,
    both: crate::number::Program<'a, Jet<T>>,
}

impl<T: Real> View<'_, T> {
    /// h and its first derivatives out of a jet of f. Where f has no value h has none, whatever its formula says: the slope of
    /// log(x) is not 1/x for x < 0.
    pub fn read<const N: usize>(&self, jet: &Jet<T>) -> [T; N] {
        let order = self.objective.order;
        let defined = jet.c[..order].iter().all(T::defined);
        std::array::from_fn(|k| {
            let value = jet.derivative(order + k);
            match (defined, self.objective.sign < 0) {
                (true, false) => value,
                (true, true) => value.neg(),
                (false, _) => {
                    let zero = T::int(&value.context(), 0);
                    zero.div(&zero)
                }
            }
        })
    }

    /// h at `x`.
    pub fn value(&self, x: &T) -> T {
        let [h] = self.read(&self.value.eval(&Jet::variable(x.clone(), self.objective.order)));
        h
    }

    /// f and its derivatives at `x`, up to h'.
    pub fn jet(&self, x: &T) -> Jet<T> {
        self.slope.eval(&Jet::variable(x.clone(), self.objective.order + 1))
    }

    /// h and h' at `x`.
    pub fn slope(&self, x: &T) -> [T; 2] {
        self.read(&self.jet(x))
    }

    /// The m-th derivative of h over `x`. Binds the tape each time: meant for the few boxes that need it.
    pub fn derivative(&self, x: &T, m: usize) -> T {
        let order = self.objective.order + m;
        let program = self.tape.bind::<Jet<T>>(&(x.context(), order));
        let value = program.eval(&Jet::variable(x.clone(), order)).derivative(order);
        if self.objective.sign < 0 { value.neg() } else { value }
    }

    /// h, h' and h'' over `x`.
    pub fn curve(&self, x: &T) -> [T; 3] {
        self.read(&self.both.eval(&Jet::variable(x.clone(), self.objective.order + 2)))
    }
}

impl<T: Enclosure> View<'_, T> {
    /// The enclosure of an edge in this number system.
    pub fn edge(&self, cx: &T::Context, edge: &Edge, prec: u32) -> Option<T> {
        let e = edge.enclosure(prec)?;
        let ends = (T::end_from_float(cx, &e.lo(), false), T::end_from_float(cx, &e.hi(), true));
        Some(T::new(cx, &ends.0, &ends.1))
    }
}

/// The same values in functions whose slopes intervals enclose well: log(c + k exp(v)) = log(c) + softplus(v + log(k/c)) for c, k > 0.
fn in_softplus(e: &Expr) -> Expr {
    let e = e.map_children(in_softplus);
    let Node::Call(Func::Log, u) = e.node() else { return e };
    let Node::Add(a, b) = u.node() else { return e };
    let scaled = |u: &Expr| match u.node() {
        Node::Call(Func::Exp, v) => Some((v.clone(), Expr::int(1))),
        Node::Mul(k, w) if !k.depends_on_x() && certainly_positive(k) => match w.node() {
            Node::Call(Func::Exp, v) => Some((v.clone(), k.clone())),
            _ => None,
        },
        Node::Div(w, k) if !k.depends_on_x() && certainly_positive(k) => match w.node() {
            Node::Call(Func::Exp, v) => Some((v.clone(), (Expr::int(1) / k.clone()).simplified())),
            _ => None,
        },
        _ => None,
    };
    let (c, of) = if a.depends_on_x() { (b, scaled(a)) } else { (a, scaled(b)) };
    match of {
        Some((v, k)) if !c.depends_on_x() && certainly_positive(c) => {
            let shift = Expr::call(Func::Log, k / c.clone()).simplified();
            Expr::call(Func::Log, c.clone()) + Expr::call(Func::Softplus, (v + shift).simplified())
        }
        _ => e,
    }
}

/// The limit at c from one side, if it is a rational number and known to be.
pub fn limit_beside(e: &Expr, c: &Expr, right: bool) -> Option<Rational> {
    let near = Near { center: c.clone(), right, cut: c.clone() };
    let tape = Tape::compile(&near.put_in(e).simplified()).ok()?;
    let cx = TailContext::new(128, Float::with_val(64, 1 << 12)).deep();
    let logarithmic = || tape.eval(&Tail::right(&cx.clone().in_logarithms())).exact_limit();
    tape.eval(&Tail::right(&cx)).exact_limit().or_else(logarithmic)
}

/// Whether a number would take long to be written down, or as a quotient would fill the memory.
pub fn is_absurd(x: &Float) -> bool {
    x.get_exp().is_some_and(|e| e.unsigned_abs() > 100_000)
}

/// A float as the exact rational that it is; `None` for infinities, and for numbers of absurd size.
pub fn exact_float(x: &Float) -> Option<Rational> {
    if is_absurd(x) { None } else { x.to_rational() }
}
