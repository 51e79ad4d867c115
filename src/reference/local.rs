//! Certified local polynomials: what the real value is on a run of consecutive floats, for the price of a few
//! multiplications an input.
//!
//! On a run around the float c, f(x) = sum g_j (x - c)^j + R with g_j the Taylor coefficients at c and |R| at most the
//! next coefficient over the whole run times |x - c|^(D+1). Jets of intervals enclose both. To that comes what rounding
//! the coefficients and evaluating in f64 can lose; the sum is the piece's `error`, rounded up throughout.

use super::{Reference, of_function};
use crate::expr::FloatFormat;
use crate::number::Program;
use crate::number::format::power_of_two;
use crate::number::{DdI, Enclosure, F64I, Jet, MpI, Real};
use rug::Float;
use rug::float::Round;

/// Degree of the polynomials: a higher one makes fewer pieces and a slower evaluation.
pub const DEGREE: usize = 7;
/// Lower degrees that have an inner loop of their own.
const SHORT: [usize; 2] = [1, 3];
/// Largest error that is accepted, in ulp of the format at the smallest value of the run.
const WANTED: f64 = power_of_two(-22);
/// Runs of fewer floats are not split: their inputs are evaluated one by one.
const FEW: i64 = 16;
/// Runs of one binade that are tried before the rest of it is left open.
const TRIALS: usize = 6_000;
/// Failures after which the shortest runs, at both ends and in the middle, are tried: if they have no polynomial, nothing
/// longer has one.
const HOPELESS: usize = 32;
/// Bits of the coefficients where f64 and double-double cancel too much.
const BITS: u32 = 640;

/// A run of consecutive floats, by their places in the order of the format.
#[derive(Clone, Debug)]
pub struct Piece {
    /// ordinal of the first float
    pub first: i64,
    /// ordinal of the last float
    pub last: i64,
    /// what is known there
    pub local: Local,
}

/// What is known on a run.
#[derive(Clone, Debug)]
pub enum Local {
    /// a polynomial with an error bound
    Polynomial(Box<Polynomial>),
    /// every real value rounds to this infinity
    Overflow(f64),
    /// evaluate one by one
    Open,
}

/// p(h) = sum c_j h^j with h = x - centre, evaluated by Horner's rule with fused multiplications.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// a float of the run, so that x - centre is exact
    pub centre: f64,
    /// coefficients, the constant one first
    pub c: [f64; DEGREE + 1],
    /// |f(x) - p(x - centre)| is at most this for every float x of the run, rounding in the evaluation included
    pub error: f64,
    /// |p'| is at most this on the run
    pub slope: f64,
    /// all real values of the run lie between these: an enclosure by intervals, which knows a sign where the error does not
    pub values: [f64; 2],
}

impl Polynomial {
    /// The degree: no coefficient behind it counts.
    pub fn degree(&self) -> usize {
        self.c.iter().rposition(|c| *c != 0.0).unwrap_or(0)
    }

    /// The value at a float of the run.
    #[inline]
    pub fn at(&self, x: f64) -> f64 {
        let h = x - self.centre;
        self.c.iter().rev().fold(0.0, |sum, c| h.mul_add(sum, *c))
    }
}

/// Taylor coefficients of the function under reference, in three number systems.
pub(super) struct Taylor<'a> {
    reference: &'a Reference,
    fast: Vec<Program<'a, Jet<F64I>>>,
    fine: Vec<Program<'a, Jet<DdI>>>,
    exact: Vec<Program<'a, Jet<MpI>>>,
}

impl<'a> Taylor<'a> {
    pub fn new(reference: &'a Reference) -> Self {
        let order = reference.order + DEGREE + 1;
        Self {
            reference,
            fast: reference.pieces.iter().map(|p| p.tape.bind(&((), order))).collect(),
            fine: reference.pieces.iter().map(|p| p.tape.bind(&((), order))).collect(),
            exact: reference.pieces.iter().map(|p| p.tape.bind(&(BITS, order))).collect(),
        }
    }

    /// g_0 .. g_(DEGREE + 1) over a set that begins at `lo` and lies in one piece of the definition.
    fn of<T: Real>(&self, programs: &[Program<'a, Jet<T>>], lo: f64, x: T) -> Vec<T> {
        let order = self.reference.order;
        let jet = programs[self.reference.piece(lo)].eval(&Jet::variable(x, order + DEGREE + 1));
        if order == 0 {
            return jet.c;
        }
        // the j-th coefficient of the derivative of order k: (j+1) (j+2) .. (j+k) times coefficient j + k
        let factor = |j: usize| (j + 1..=j + order).product::<usize>() as i64;
        let scaled = |(j, c): (usize, &T)| of_function(c.mul(&T::int(&c.context(), factor(j))), &jet.c[..order]);
        jet.c[order..].iter().enumerate().map(scaled).collect()
    }
}

/// Splits a run (of one sign and binade, inside one piece of the definition) until every part is certified.
pub(super) fn cover(f: &Taylor<'_>, format: FloatFormat, first: i64, last: i64) -> Vec<Piece> {
    let run = (first, last);
    let (mut out, mut todo, mut tried) = (vec![], vec![run], 0);
    while let Some((first, last)) = todo.pop() {
        tried += 1;
        if tried == HOPELESS && out.iter().all(|p: &Piece| matches!(p.local, Local::Open)) {
            let ends = [run.0, run.0 + (run.1 - run.0) / 2, (run.1 - FEW).max(run.0)];
            if ends.into_iter().all(|at| certify(f, format, at, (at + FEW).min(run.1)).is_none()) {
                return vec![Piece { first: run.0, last: run.1, local: Local::Open }];
            }
        }
        let local = if tried <= TRIALS { certify(f, format, first, last) } else { Some(Local::Open) };
        match local {
            Some(local) => out.push(Piece { first, last, local }),
            None if last - first < FEW => out.push(Piece { first, last, local: Local::Open }),
            None => {
                let middle = first + (last - first) / 2;
                todo.extend([(middle + 1, last), (first, middle)]);
            }
        }
    }
    out
}

fn point(x: f64) -> F64I {
    F64I::new(&(), &x, &x)
}

fn sum(terms: impl Iterator<Item = F64I>) -> F64I {
    terms.fold(point(0.0), |a, b| a.add(&b))
}

fn certify(f: &Taylor<'_>, format: FloatFormat, first: i64, last: i64) -> Option<Local> {
    let at = |ordinal: i64| format.decode(format.at_ordinal(ordinal));
    let (lo, centre, hi) = (at(first), at(first + (last - first) / 2), at(last));
    let over = f.of(&f.fast, lo, F64I::new(&(), &lo, &hi));
    if !over.iter().all(Enclosure::total) {
        return None;
    }
    let least_overflow = format.max() + format.ulp(format.max()) / 2.0;
    let values = over[0];
    if values.mig() >= least_overflow {
        return Some(Local::Overflow(f64::INFINITY.copysign(values.lo())));
    }
    let reach = f64::max(hi - centre, centre - lo);
    let powers: Vec<F64I> =
        std::iter::successors(Some(point(1.0)), |p| Some(p.mul(&point(reach)))).take(DEGREE + 2).collect();
    // the degree with the smallest remainder: far out a lower one can be better, where intervals are wide
    let remainder = |d: usize| point(over[d + 1].mag()).mul(&powers[d + 1]).hi();
    let best = || (0..=DEGREE).rev().min_by(|a, b| remainder(*a).total_cmp(&remainder(*b))).unwrap_or(DEGREE);
    // a lower one is evaluated faster, where its remainder is next to nothing of what is accepted
    let nothing = WANTED / 16.0 * format.ulp(values.mig());
    let degree = SHORT.into_iter().find(|d| remainder(*d) <= nothing).unwrap_or_else(best);
    let remainder = remainder(degree);
    for precision in [Precision::Interval, Precision::Double, Precision::Multiple] {
        // more digits at the centre do not help against the remainder
        if remainder > WANTED * format.ulp(values.mag()) {
            return None;
        }
        let Some(exact) = precision.coefficients(f, centre) else { continue };
        let c: [f64; DEGREE + 1] = std::array::from_fn(|j| if j <= degree { exact[j].0 } else { 0.0 });
        let sizes = sum((0..=degree).map(|j| point(c[j].abs()).mul(&powers[j])));
        let lost = sum((0..=degree).map(|j| point(exact[j].1).mul(&powers[j])));
        // one rounding in each of DEGREE fused operations: (1 + 2^-53)^DEGREE - 1 is below 2^-49; each that underflows takes less
        // than 2^-1074, multiplied by the distance in those after it
        let [rounding, underflow] = if is_exact(&c, centre) {
            [point(0.0); 2]
        } else {
            let farthest = point(powers[degree].hi().max(1.0));
            [sizes.mul(&point(power_of_two(-49))), point(power_of_two(-1060)).mul(&farthest)]
        };
        let error = [lost, point(remainder), underflow].iter().fold(rounding, |a, b| a.add(b)).hi();
        let rest = sum((1..=degree).map(|j| point(c[j].abs()).mul(&powers[j])));
        let mig = values.mig().max(point(c[0].abs()).sub(&rest).sub(&point(error)).lo());
        let mag = values.mag().min(sizes.add(&point(error)).hi());
        if mag < least_overflow && error <= WANTED * format.ulp(mig) {
            let slope = sum((1..=degree).map(|j| point(j as f64 * c[j].abs()).mul(&powers[j - 1]))).hi();
            return Some(Local::Polynomial(Box::new(Polynomial {
                centre,
                c,
                error,
                slope,
                values: [values.lo(), values.hi()],
            })));
        }
    }
    None
}

/// Whether the polynomial is a constant, or x times a power of two: then no operation rounds.
fn is_exact(c: &[f64; DEGREE + 1], centre: f64) -> bool {
    let scale = c[1].abs();
    // no product of it with a float of a format underflows
    let power = scale == 0.0 || scale >= power_of_two(-800) && scale.to_bits().trailing_zeros() >= 52;
    c[2..].iter().all(|c| *c == 0.0) && (c[1] == 0.0 || power && c[0] == c[1] * centre)
}

#[derive(Clone, Copy)]
enum Precision {
    Interval,
    Double,
    Multiple,
}

impl Precision {
    /// Taylor coefficients at a point, each rounded to f64 and with the error of that; `None` if unknown.
    fn coefficients(self, f: &Taylor<'_>, x: f64) -> Option<Vec<(f64, f64)>> {
        let rounded: Vec<(f64, f64)> = match self {
            Self::Interval => f.of(&f.fast, x, F64I::new(&(), &x, &x)).iter().map(nearby).collect(),
            Self::Double => f.of(&f.fine, x, DdI::point(x)).iter().map(of_ball).collect(),
            Self::Multiple => {
                f.of(&f.exact, x, MpI::from_float(BITS, &Float::with_val(53, x))).iter().map(of_wide).collect()
            }
        };
        // processors take a hundred times as long for an operation on a subnormal number
        let normal =
            |(c, error): (f64, f64)| if c.is_subnormal() { (0.0, (error + c.abs()).next_up()) } else { (c, error) };
        let known = rounded.iter().all(|(c, error)| c.is_finite() && error.is_finite());
        known.then(|| rounded.into_iter().map(normal).collect())
    }
}

/// A member of an interval, and how far the others are from it at most.
fn nearby(v: &F64I) -> (f64, f64) {
    let (lo, hi) = (v.lo(), v.hi());
    let c = 0.5 * lo + 0.5 * hi;
    (c, if v.total() && lo <= c && c <= hi { v.sub(&point(c)).mag() } else { f64::INFINITY })
}

fn of_ball(v: &DdI) -> (f64, f64) {
    let error = point(v.lo().abs()).add(&point(v.radius()));
    (v.hi(), if v.total() { error.hi() } else { f64::INFINITY })
}

fn of_wide(v: &MpI) -> (f64, f64) {
    let c = v.lo().to_f64();
    let off = |end: Float| Float::with_val_round(64, &end - c, Round::AwayZero).0.abs();
    let error = off(v.lo()).max(&off(v.hi())).to_f64_round(Round::Up);
    (c, if v.total() { error } else { f64::INFINITY })
}
