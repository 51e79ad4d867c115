//! The real value at a float input, as an enclosure: in f64 intervals or double-double balls first, in MPFR where that is
//! not tight enough.
//! Nothing here knows a subject or calls a library's floating-point functions.

mod certificate;
pub(crate) mod conjugate;
mod junction;
pub(crate) mod lanes;
mod lead;
pub(crate) mod local;
mod origin;
mod sides;
pub(crate) mod table;
mod value;

use crate::expr::plain::{Interval, Program as Plain};
use crate::expr::{Activation, Expr};
use crate::number::{DdI, Enclosure, ExactQ, F64I, Jet, Limit, MpI, Real, Tail, TailContext};
use crate::number::{Program, Tape, TapeError};
pub(crate) use certificate::Verified;
use conjugate::without_cancellation;
use junction::cut;
pub(crate) use junction::{Junction, Kind, floats_between};
pub(crate) use lanes::{Errors, Shape, shape};
use lead::Lead;
pub(crate) use local::Local;
use origin::{Origin, REACH};
use rug::float::Round;
use rug::{Float, Rational};
pub(crate) use sides::Sides;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use table::{Run, Smooth, Table};
pub use value::{ValueError, real_value};

/// The precisions of the Ziv loop. The last one tells x/2 from x/2 + x^2 at the smallest f64.
const LADDER: [u32; 5] = [128, 192, 320, 640, 2432];
/// The last bit of a product of two f64s above this does not underflow.
const UNDERFLOW: f64 = crate::number::format::power_of_two(-900);
/// No half-line of the ladder begins nearer.
const NEAREST: f64 = 16.0;
/// Bits with which junctions are decided.
const JUNCTION_BITS: u32 = 320;

/// An activation or one of its derivatives, ready to be evaluated on its pieces.
///
/// No API: what it answers with are number types of this crate. [`real_value`] is for everybody.
#[doc(hidden)]
pub struct Reference {
    order: usize,
    pieces: Vec<Part>,
    junctions: Vec<Junction>,
    /// what is known far out on the left and on the right
    plateaus: [OnceLock<Option<Plateau>>; 2],
    /// what is known next to zero on the left and on the right
    origin: [OnceLock<Option<Origin>>; 2],
    /// where values vanish there of a higher order
    lead: [OnceLock<Option<Lead>>; 2],
}

/// A half-line on which all values are within a tiny enclosure.
struct Plateau {
    /// in magnitude
    from: f64,
    fine: DdI,
    exact: MpI,
}

/// One piece of the definition, or the part of it on one side of zero, and the largest f64 that belongs to it.
struct Part {
    expr: Expr,
    /// for the checker's kind of arithmetic, if it is asked for
    plain: OnceLock<Plain>,
    tape: Tape,
    last: f64,
}

/// A piece beyond `before`, each side of zero in the form that loses the least there, and the largest f64 that has it.
fn parts(expr: &Expr, before: f64, last: f64) -> Vec<(Expr, f64)> {
    let [left, right] = [false, true].map(|right| without_cancellation(expr, right));
    match () {
        () if left == right || last <= 0.0 => vec![(left, last)],
        () if before >= 0.0 => vec![(right, last)],
        () => vec![(left, 0.0), (right, last)],
    }
}

impl Reference {
    /// The derivative of this order (0 for the activation itself).
    ///
    /// # Errors
    /// If the definition cannot be evaluated: a parameter without a value, an exponent that is not rational.
    pub fn new(activation: &Activation, order: usize) -> Result<Self, TapeError> {
        let (mut pieces, mut junctions) = (vec![], vec![]);
        for (i, piece) in activation.pieces.iter().enumerate() {
            let cut = cut(&piece.hi)?;
            let last = cut.as_ref().map_or(f64::INFINITY, |c| c.last);
            for part in parts(&piece.expr, pieces.last().map_or(f64::NEG_INFINITY, |p: &Part| p.last), last) {
                let (expr, last) = part;
                pieces.push(Part { tape: Tape::compile(&expr)?, plain: OnceLock::new(), expr, last });
            }
            if let (Some(cut), Some(next)) = (cut, activation.pieces.get(i + 1)) {
                let sides = [Tape::compile(&piece.expr)?, Tape::compile(&next.expr)?];
                junctions.push(Junction::new(&cut, sides.each_ref(), order, JUNCTION_BITS));
            }
        }
        let (plateaus, origin, lead) = Default::default();
        Ok(Self { order, pieces, junctions, plateaus, origin, lead })
    }

    /// The derivative on half-lines, for the first few of growing distance.
    fn tails(&self, right: bool) -> impl Iterator<Item = (Float, Tail)> {
        let part = if right { self.pieces.last() } else { self.pieces.first() };
        // a half-line must lie in the piece
        let inner = if right { self.junctions.last() } else { self.junctions.first() }.map_or(0.0, |j| j.floor);
        let nearest = if right { inner } else { -inner };
        let ladder = crate::prove::halfline::ladder().take(16).filter(move |from| *from > nearest + 1.0);
        ladder.filter_map(move |from| {
            let cx = TailContext::new(JUNCTION_BITS, from.clone());
            let x = if right { Tail::right(&cx) } else { Tail::left(&cx) };
            Some((from, part?.tape.eval(&Jet::variable(x, self.order)).derivative(self.order)))
        })
    }

    /// From where on the value is as good as its limit: within half of the smallest f64, or 2^-100 of itself.
    fn find_plateau(&self, right: bool) -> Option<Plateau> {
        let least = Float::with_val(64, Float::i_exp(1, -1080));
        self.tails(right).find_map(|(from, tail)| {
            let range = tail.range()?;
            let allowed = Float::with_val(64, range.mig() >> 100u32).max(&least);
            (range.total() && range.width() <= allowed).then(|| Plateau {
                from: from.to_f64_round(Round::Up),
                fine: DdI::enclosing(&range),
                exact: range,
            })
        })
    }

    /// The order of the derivative.
    pub const fn order(&self) -> usize {
        self.order
    }

    /// Where pieces meet, from left to right.
    pub fn junctions(&self) -> &[Junction] {
        &self.junctions
    }

    /// Binds the constants of both number systems. One evaluator serves all threads.
    pub fn evaluator(&self) -> Evaluator<'_> {
        let fast = self.pieces.iter().map(|p| p.tape.bind::<Jet<F64I>>(&((), self.order))).collect();
        let fine = self.pieces.iter().map(|p| p.tape.bind::<Jet<DdI>>(&((), self.order))).collect();
        let at = |bits: u32| self.pieces.iter().map(|p| p.tape.bind::<Jet<MpI>>(&(bits, self.order))).collect();
        // bound at once: a cell that is filled later would tie the evaluator to one lifetime
        Evaluator { reference: self, fast, fine, exact: LADDER.map(at), escalations: AtomicU64::new(0) }
    }

    /// Which piece of the definition an input belongs to.
    fn piece(&self, x: f64) -> usize {
        self.pieces.iter().position(|p| x <= p.last).unwrap_or(self.pieces.len() - 1)
    }

    /// The limit at plus (`right`) or minus infinity: `None` where the tail
    /// is not understood. Rigorous: the half-line's polynomial and remainder.
    pub fn limit(&self, right: bool) -> Option<Limit> {
        self.tails(right).find_map(|(_, tail)| tail.limit())
    }
}

/// A reference with bound constants.
/// No API, like [`Reference`].
#[doc(hidden)]
pub struct Evaluator<'a> {
    reference: &'a Reference,
    fast: Vec<Program<'a, Jet<F64I>>>,
    fine: Vec<Program<'a, Jet<DdI>>>,
    exact: [Vec<Program<'a, Jet<MpI>>>; LADDER.len()],
    escalations: AtomicU64,
}

impl Evaluator<'_> {
    /// What is evaluated.
    pub fn reference(&self) -> &Reference {
        self.reference
    }

    /// The junction that is exactly at this input, if any.
    pub fn junction(&self, x: f64) -> Option<&Junction> {
        self.reference.junctions.iter().find(|j| j.exactly == Some(x))
    }

    fn plateau(&self, x: f64) -> Option<&Plateau> {
        let right = x > 0.0;
        let found = || self.reference.plateaus[usize::from(right)].get_or_init(|| self.reference.find_plateau(right));
        if x.abs() >= NEAREST { found().as_ref().filter(|s| x.abs() >= s.from) } else { None }
    }

    /// The real value at a finite `x` in f64 ends. At a junction a derivative is the hull of both one-sided values.
    pub fn enclose(&self, x: f64) -> F64I {
        if self.reference.order > 0
            && let Some(junction) = self.junction(x)
        {
            return junction.fast;
        }
        let point = F64I::new(&(), &x, &x);
        derivative(
            self.fast[self.reference.piece(x)].eval(&Jet::variable(point, self.reference.order)),
            self.reference.order,
        )
    }

    /// The same with about 90 bits, for kernels whose own errors are of the size of an f64's last bit. Unbounded where
    /// double-double over- or underflows.
    pub fn enclose_finely(&self, x: f64) -> DdI {
        let order = self.reference.order;
        if order > 0
            && let Some(junction) = self.junction(x)
        {
            return DdI::enclosing(&junction.exact);
        }
        if let Some(plateau) = self.plateau(x) {
            return plateau.fine;
        }
        derivative(self.fine[self.reference.piece(x)].eval(&Jet::variable(DdI::point(x), order)), order)
    }

    /// Over a box that lies in one piece: all values there.
    pub fn enclose_box(&self, lo: f64, hi: f64) -> Option<F64I> {
        let piece = self.reference.piece(lo);
        (piece == self.reference.piece(hi)).then(|| {
            let x = F64I::new(&(), &lo, &hi);
            derivative(self.fast[piece].eval(&Jet::variable(x, self.reference.order)), self.reference.order)
        })
    }

    /// Over a box that may hold junctions: the hull of what each piece that touches the box gives on all of it (an
    /// extension beyond the piece's own ends, so wider than need be).
    ///
    /// # Panics
    /// If `lo` is above `hi`, in another piece.
    pub fn enclose_across(&self, lo: f64, hi: f64) -> F64I {
        let x = F64I::new(&(), &lo, &hi);
        let order = self.reference.order;
        let value = |p: &Program<'_, Jet<F64I>>| derivative(p.eval(&Jet::variable(x, order)), order);
        let pieces = &self.fast[self.reference.piece(lo)..=self.reference.piece(hi)];
        pieces.iter().map(value).reduce(|a, b| a.hull(&b)).expect("a box touches a piece")
    }

    /// The Ziv loop: MPFR at more and more bits until the enclosure is `enough`; the last one if none is.
    pub fn refine(&self, x: f64, enough: impl FnMut(&MpI) -> bool) -> MpI {
        self.climb(x, enough, || {
            self.escalations.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// How far an output is from the real value, in either direction, rounded up; infinite if the output is not finite or there
    /// is no value. It does not count as an escalation: it is asked for inputs that are shown, which were decided before.
    pub fn off(&self, x: f64, y: f64) -> f64 {
        let off = |v: &MpI, round| {
            let far = |end: Float| Float::with_val_round(64, end - Float::with_val(53, y), round).0.abs();
            [far(v.lo()), far(v.hi())]
        };
        if !y.is_finite() {
            return f64::INFINITY;
        }
        let tight = |v: &MpI| {
            let [a, b] = off(v, Round::Nearest);
            v.total() && v.width() <= a.min(&b) / 1024u32
        };
        let real = self.climb(x, tight, || {});
        if !real.total() {
            return f64::INFINITY;
        }
        let ends = [off(&real, Round::Up), off(&real, Round::Down)];
        ends.iter().flatten().map(|end| end.to_f64_round(Round::Up)).fold(0.0, f64::max)
    }

    fn climb(&self, x: f64, mut enough: impl FnMut(&MpI) -> bool, counted: impl Fn()) -> MpI {
        if self.reference.order > 0
            && let Some(junction) = self.junction(x)
        {
            return junction.exact.clone();
        }
        if let Some(plateau) = self.plateau(x)
            && enough(&plateau.exact)
        {
            return plateau.exact.clone();
        }
        counted();
        if let Some(lead) = self.lead(x) {
            let value = lead.enclose(self.reference, x);
            if enough(&value) {
                return value;
            }
        }
        let (piece, order) = (self.reference.piece(x), self.reference.order);
        let mut last = None;
        for (bits, programs) in LADDER.iter().zip(&self.exact) {
            let point = MpI::from_float(*bits, &Float::with_val(53, x));
            let value = derivative(programs[piece].eval(&Jet::variable(point, order)), order);
            if enough(&value) {
                return value;
            }
            if last.is_none()
                && let Some(value) = self.rational(x)
            {
                // a number that can be a tie, or a float, is one of so many bits
                let bits =
                    value.numer().significant_bits() + value.denom().significant_bits() + LADDER[LADDER.len() - 1];
                let value = MpI::rational(&bits, &value);
                enough(&value);
                return value;
            }
            last = Some(value);
        }
        last.unwrap_or_else(|| unreachable!("the ladder has steps"))
    }

    /// The value itself, where it is a rational number for a simple reason.
    fn rational(&self, x: f64) -> Option<Rational> {
        let (part, order) = (&self.reference.pieces[self.reference.piece(x)], self.reference.order);
        let x = ExactQ::new(Rational::from_f64(x)?);
        derivative(part.tape.eval(&Jet::variable(x, order)), order).value().cloned()
    }

    /// Whether the function certainly has no value at a finite `x`.
    pub fn has_no_value(&self, x: f64) -> bool {
        let part = &self.reference.pieces[self.reference.piece(x)];
        let plain = part.plain.get_or_init(|| Plain::new(&part.expr));
        plain.undefined_at(&Interval::point(&Float::with_val(LADDER[0], x))).is_some()
    }

    fn lead(&self, x: f64) -> Option<Lead> {
        let right = x > 0.0;
        let found = || *self.reference.lead[usize::from(right)].get_or_init(|| Lead::new(self.reference, right));
        if x != 0.0 && x.abs() <= REACH { found() } else { None }
    }

    fn origin(&self, x: f64) -> Option<&Origin> {
        let right = x > 0.0;
        let found = || self.reference.origin[usize::from(right)].get_or_init(|| Origin::new(self.reference, right));
        if x != 0.0 && x.abs() <= REACH { found().as_ref() } else { None }
    }

    /// The same for an f64 `t`: next to zero at the price of one multiplication.
    pub fn compare_f64(&self, x: f64, t: f64) -> Option<std::cmp::Ordering> {
        match self.origin(x) {
            // a fused difference is 0 only if the product is `t` exactly, unless it underflows
            Some(o) if (x * o.slope).abs() > UNDERFLOW && x.mul_add(o.slope, -t) == 0.0 => Some(o.bend),
            _ => self.compare(x, &Float::with_val(53, t)),
        }
    }

    /// The sign of f(x) - t for a finite `x`, `None` if f(x) is too near to `t` for the highest precision. Half-way
    /// cases next to zero are decided from the expansion there.
    pub fn compare(&self, x: f64, t: &Float) -> Option<std::cmp::Ordering> {
        if let Some(origin) = self.origin(x)
            && *t == Float::with_val(106, x) * origin.slope
        {
            return Some(origin.bend);
        }
        let decided = |v: &MpI| v.lo() > *t || v.hi() < *t || v.lo() == v.hi();
        let value = self.refine(x, decided);
        decided(&value).then(|| value.lo().partial_cmp(t)).flatten()
    }

    /// How often MPFR was asked so far.
    pub fn escalations(&self) -> u64 {
        self.escalations.load(Ordering::Relaxed)
    }

    /// The real value to this many significant decimal digits, for people: truncated from an enclosure that is good
    /// for more.
    pub fn text(&self, x: f64, digits: usize) -> String {
        let tight = |v: &MpI| {
            v.lo() == v.hi()
                || v.lo().to_string_radix(10, Some(digits + 1)) == v.hi().to_string_radix(10, Some(digits + 1))
        };
        let value = self.refine(x, tight);
        if value.lo() == value.hi() && value.lo().is_zero() {
            return "0".into();
        }
        let (lo, hi) = (value.lo().to_string_radix(10, Some(digits)), value.hi().to_string_radix(10, Some(digits)));
        if lo == hi || tight(&value) { lo } else { format!("{lo}..{hi}") }
    }
}

fn derivative<T: Real>(jet: Jet<T>, order: usize) -> T {
    let value = if order < 2 { jet.c[order].clone() } else { jet.derivative(order) };
    of_function(value, &jet.c[..order])
}

/// A derivative, which exists only where the function and the derivatives before do.
fn of_function<T: Real>(value: T, before: &[T]) -> T {
    match before.iter().find(|c| !c.defined()) {
        Some(undefined) => value.add(&undefined.sub(undefined)),
        None => value,
    }
}

#[cfg(test)]
mod tests;
