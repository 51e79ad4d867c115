//! Expectations under the standard normal law, enclosed: Taylor expansions with remainders on short intervals, tails by the
//! Lipschitz constant.

use super::{BITS, PropagateError};
use crate::expr::{Activation, End, Func, Named};
use crate::mollify::slope;
use crate::number::{Enclosure as _, Jet, MpI, Real as _, Tape};
use crate::prove::continuity::{Continuity, Junction, Order, continuity};
use crate::prove::{Domain, Goal, Quantity, bound};
use rayon::prelude::*;
use rug::{Float, Rational};

/// Beyond this many standard deviations there are bounds only.
const CUT: i64 = 16;
/// Half the length of an interval is at most this, as a fraction of 1.
const HALF: (u32, u32) = (1, 8);
/// Order of the expansions; even, so that the remainder is one-sided nowhere.
const TERMS: usize = 20;

/// |h_k(z)| e^(-z^2/4) is at most this for the orthonormal Hermite polynomials (Cramer's inequality: 1.086435).
const CRAMER: (u32, u32) = (109, 100);

/// One piece of a function and of its first two derivatives.
struct Part {
    lo: Option<MpI>,
    hi: Option<MpI>,
    tapes: [Tape; 3],
}

/// An activation as a random variable's function.
pub struct Gauss {
    parts: Vec<Part>,
    /// |f(0)|, rounded up
    offset: MpI,
    /// sup |f'|, rounded up
    steepest: MpI,
    /// sup |f''|, rounded up
    sharpest: Second,
}

/// E f(X)^2, E f'(X)^2 and E f''(X)^2 of a normal X with mean 0.
#[derive(Clone, Debug)]
pub struct Moments {
    /// E f^2
    pub value: MpI,
    /// E f'^2
    pub slope: MpI,
    /// E f''^2
    pub curvature: Second,
}

/// A figure of the second derivative, which not every function has.
#[derive(Clone, Debug)]
pub enum Second {
    /// it is this
    Known(MpI),
    /// the slope of f jumps, so that f'' is no function
    Jumps,
    /// f'' has no proved bound
    Open,
}

impl Second {
    /// The figure, if there is one that is known.
    pub const fn known(&self) -> Option<&MpI> {
        if let Self::Known(value) = self { Some(value) } else { None }
    }
}

/// Whether the slope is proved to jump somewhere. A function of class C0 could also have a slope that oscillates.
fn slope_jumps(found: &Continuity) -> bool {
    let jumps = |j: &Junction| {
        j.jump.as_ref().is_some_and(|jump| jump.derivative == 1 && jump.exact.as_deref() != Some("infinite"))
    };
    found.order == Order::Class(0) && found.junctions.iter().any(jumps)
}

/// An interval around 0.
fn within(size: &MpI) -> MpI {
    let top = size.mag();
    MpI::from_floats(BITS, &-top.clone(), &top)
}

fn number(q: (u32, u32)) -> MpI {
    MpI::rational(&BITS, &Rational::from(q))
}

/// `1/sqrt(2 pi)`
fn norm() -> MpI {
    let two_pi = MpI::named(&BITS, Named::Pi).mul(&MpI::int(&BITS, 2));
    MpI::int(&BITS, 1).div(&two_pi.pow(&Rational::from((1, 2))))
}

impl Gauss {
    /// Bounds what the tails need: f must be Lipschitz.
    ///
    /// # Errors
    /// If that is not known, or a piece cannot be evaluated.
    pub fn new(f: &Activation) -> Result<Self, PropagateError> {
        let broken = || PropagateError::Pieces(f.definition.id.clone());
        let goal = Goal { digits: 6, ..Goal::default() };
        let top = |quantity| -> Result<Option<MpI>, PropagateError> {
            let found = bound(quantity, f, None, &Domain::default(), goal)?;
            let upper = found.top.bounds.as_ref().map(|[_, upper]| MpI::rational(&BITS, upper));
            Ok(upper.filter(|_| found.top.proved.value))
        };
        let found = continuity(f);
        let class = found.order;
        let continuous = matches!(class, Order::Analytic | Order::Infinite | Order::Class(0..));
        let reason = if continuous { "its slope has no proved bound" } else { "it is not shown to be continuous" };
        let lipschitz = || PropagateError::NotLipschitz { id: f.label(), reason: reason.to_owned() };
        let steepest = top(Quantity::Lipschitz)?.filter(|_| continuous).ok_or_else(lipschitz)?;
        let smooth = matches!(class, Order::Analytic | Order::Infinite | Order::Class(1..));
        let sharpest = match if smooth { top(Quantity::Curvature)? } else { None } {
            Some(bound) => Second::Known(bound),
            None if slope_jumps(&found) => Second::Jumps,
            None => Second::Open,
        };
        let first = slope(f).ok_or_else(broken)?;
        let second = slope(&first).ok_or_else(broken)?;
        let end = |end: &End| -> Result<Option<MpI>, PropagateError> {
            match end {
                End::Infinite => Ok(None),
                End::At { at, .. } => Ok(Some(Tape::compile(at)?.eval(&MpI::int(&BITS, 0)))),
            }
        };
        let mut parts = vec![];
        if first.pieces.len() != f.pieces.len() || second.pieces.len() != f.pieces.len() {
            return Err(broken());
        }
        for ((p, q), r) in f.pieces.iter().zip(&first.pieces).zip(&second.pieces) {
            let tapes = [Tape::compile(&p.expr)?, Tape::compile(&q.expr)?, Tape::compile(&r.expr)?];
            parts.push(Part { lo: end(&p.lo)?, hi: end(&p.hi)?, tapes });
        }
        let zero = Rational::new();
        let at_zero = crate::mollify::value_at(f, &zero).and_then(|v| v.enclosure(BITS)).ok_or_else(broken)?;
        Ok(Self { parts, offset: at_zero, steepest, sharpest })
    }

    /// The line up to the cut, in units of the deviation: middle, half-width and part of each interval.
    fn boxes(&self, deviation: &MpI) -> Vec<(MpI, MpI, usize)> {
        let cut = MpI::int(&BITS, CUT);
        let half = number(HALF);
        let mut out = vec![];
        for (i, part) in self.parts.iter().enumerate() {
            let end = |end: &Option<MpI>, low: bool| match end {
                None if low => cut.neg(),
                None => cut.clone(),
                Some(at) => at.div(deviation).max(&cut.neg()).min(&cut),
            };
            let (lo, hi) = (end(&part.lo, true), end(&part.hi, false));
            let length = hi.sub(&lo);
            if length.hi() <= 0 {
                continue;
            }
            let count = (length.hi().to_f64() / (2.0 * half.lo().to_f64())).ceil().max(1.0) as i64;
            let step = length.div(&MpI::int(&BITS, 2 * count));
            for k in 0..count {
                out.push((lo.add(&step.mul(&MpI::int(&BITS, 2 * k + 1))), step.clone(), i));
            }
        }
        out
    }

    /// The jet of the density at a jet of the variable.
    fn density(z: &Jet<MpI>) -> Jet<MpI> {
        z.call(Func::NormPdf)
    }

    /// The jet of the k-th derivative of f at `s z`.
    fn jet(&self, part: usize, order: usize, z: &Jet<MpI>, s: &MpI) -> Jet<MpI> {
        let x = Jet { c: z.c.iter().map(|c| c.mul(s)).collect() };
        self.parts[part].tapes[order].eval(&x)
    }

    /// The mean of a function of the part and of Z, within the cut.
    fn mean(&self, s: &MpI, function: impl Fn(usize, &Jet<MpI>) -> Jet<MpI> + Sync) -> MpI {
        let part = |(middle, half, part): &(MpI, MpI, usize)| {
            let point = Jet::variable(middle.clone(), TERMS);
            let whole = Jet::variable(middle.add(&within(half)), TERMS);
            let integrand = |z: &Jet<MpI>| function(*part, z).mul(&Self::density(z));
            let (at, over) = (integrand(&point), integrand(&whole));
            integral(&at.c, &over.c[TERMS], half)
        };
        let parts: Vec<MpI> = self.boxes(s).par_iter().map(part).collect();
        // one after the other, so that no number of threads changes a digit
        parts.iter().fold(MpI::int(&BITS, 0), |sum, part| sum.add(part))
    }

    /// `E f^(k)(sqrt(q) Z)^2` within the cut.
    fn square(&self, order: usize, s: &MpI) -> MpI {
        self.mean(s, |part, z| {
            let f = self.jet(part, order, z, s);
            f.mul(&f)
        })
    }

    /// The derivative of `E f(sqrt(q) Z)^2` in q, which is `E f(sqrt(q) Z) f'(sqrt(q) Z) Z/sqrt(q)`: f may have kinks.
    pub fn growth(&self, q: &MpI) -> MpI {
        let s = q.pow(&Rational::from((1, 2)));
        let product = |part: usize, z: &Jet<MpI>| self.jet(part, 0, z, &s).mul(&self.jet(part, 1, z, &s)).mul(z);
        // |f f' z| <= (A + B s) B z^2 for |z| >= 1
        let linear = self.offset.call(Func::Abs).add(&self.steepest.mul(&s));
        let tail = within(&linear.mul(&self.steepest).mul(&Tails::new().square));
        self.mean(&s, product).add(&tail).div(&s)
    }

    /// E f^2 and E f'^2 at a variance.
    pub fn squares(&self, q: &MpI) -> [MpI; 2] {
        let s = q.pow(&Rational::from((1, 2)));
        let tails = Tails::new();
        let linear = self.offset.call(Func::Abs).add(&self.steepest.mul(&s));
        // (A + B s z)^2 <= (A + B s)^2 z^2 for z >= 1
        let value = linear.mul(&linear).mul(&tails.square);
        let steep = self.steepest.mul(&self.steepest).mul(&tails.mass);
        [
            not_negative(self.square(0, &s).add(&from_zero(&value))),
            not_negative(self.square(1, &s).add(&from_zero(&steep))),
        ]
    }

    /// The moments at a variance.
    pub fn moments(&self, q: &MpI) -> Moments {
        let [value, slope] = self.squares(q);
        let s = q.pow(&Rational::from((1, 2)));
        let curvature = match &self.sharpest {
            Second::Known(c) => {
                let tail = c.mul(c).mul(&Tails::new().mass);
                Second::Known(not_negative(self.square(2, &s).add(&from_zero(&tail))))
            }
            other => other.clone(),
        };
        Moments { value, slope, curvature }
    }

    /// The coefficients of `f(sqrt(q) Z)` in orthonormal Hermite polynomials, up to this one.
    pub fn hermite(&self, q: &MpI, most: usize) -> Vec<MpI> {
        let s = q.pow(&Rational::from((1, 2)));
        let root = |k: usize| MpI::int(&BITS, k as i64).pow(&Rational::from((1, 2)));
        let roots: Vec<MpI> = (0..=most + 1).map(root).collect();
        let mut sums = vec![MpI::int(&BITS, 0); most + 1];
        for (middle, half, part) in self.boxes(&s) {
            let point = Jet::variable(middle.clone(), TERMS);
            let whole = Jet::variable(middle.add(&within(&half)), TERMS);
            let weighted = |z: &Jet<MpI>| self.jet(part, 0, z, &s).mul(&Self::density(z));
            let (at, over) = (weighted(&point), weighted(&whole));
            // h_0, h_1, ... at the middle
            let mut h = vec![MpI::int(&BITS, 1)];
            for k in 0..most {
                let next = middle.mul(&h[k]);
                let next = if k == 0 { next } else { next.sub(&roots[k].mul(&h[k - 1])) };
                h.push(next.div(&roots[k + 1]));
            }
            // sup e^(z^2/4) on the interval
            let far = whole.c[0].mul(&whole.c[0]).mul(&number((1, 4))).call(Func::Exp);
            let largest = number(CRAMER).mul(&far);
            for (k, sum) in sums.iter_mut().enumerate() {
                // (d/dz)^j h_k / j! = sqrt(k!/(k-j)!)/j! h_(k-j)
                let mut scale = MpI::int(&BITS, 1);
                let (mut inner, mut outer) = (Vec::with_capacity(TERMS + 1), Vec::with_capacity(TERMS + 1));
                for j in 0..=TERMS {
                    if j > k {
                        inner.push(MpI::int(&BITS, 0));
                        outer.push(MpI::int(&BITS, 0));
                        continue;
                    }
                    if j > 0 {
                        scale = scale.mul(&roots[k - j + 1]).div(&MpI::int(&BITS, j as i64));
                    }
                    inner.push(scale.mul(&h[k - j]));
                    outer.push(within(&scale.mul(&largest)));
                }
                let product = |u: &[MpI], v: &[MpI], n: usize| {
                    (0..=n).fold(MpI::int(&BITS, 0), |sum, i| sum.add(&u[i].mul(&v[n - i])))
                };
                let coefficients: Vec<MpI> = (0..TERMS).map(|n| product(&at.c, &inner, n)).collect();
                let rest = product(&over.c, &outer, TERMS);
                *sum = sum.add(&integral(&coefficients, &rest, &half));
            }
        }
        let tail = within(&self.offset.call(Func::Abs).add(&self.steepest.mul(&s)).mul(&Tails::new().hermite));
        sums.into_iter().map(|sum| sum.add(&tail)).collect()
    }
}

/// The integral over [-h, h] of `sum_(k < TERMS) c_k t^k` and a remainder `r t^TERMS`.
fn integral(c: &[MpI], rest: &MpI, half: &MpI) -> MpI {
    let mut sum = MpI::int(&BITS, 0);
    let even = (0..TERMS).step_by(2).map(|k| (k, &c[k])).chain([(TERMS, rest)]);
    for (k, c) in even {
        let power = half.pow(&Rational::from(k as u32 + 1)).mul(&number((2, k as u32 + 1)));
        sum = sum.add(&c.mul(&power));
    }
    sum
}

/// A mean of squares, whatever its enclosure was.
fn not_negative(square: MpI) -> MpI {
    square.max(&MpI::int(&BITS, 0))
}

/// [0, size]
fn from_zero(size: &MpI) -> MpI {
    MpI::from_floats(BITS, &Float::new(BITS), &size.mag())
}

/// What lies beyond the cut, both sides together, rounded up.
struct Tails {
    /// P(|Z| > L) <= 2 phi(L)/L
    mass: MpI,
    /// E Z^2 beyond, 2 (L phi(L) + Q(L))
    square: MpI,
    /// 2 times the integral of `1.09 z e^(z^2/4) phi(z)` beyond L, `1.09 * 4 e^(-L^2/4)/sqrt(2 pi)`
    hermite: MpI,
}

impl Tails {
    fn new() -> Self {
        let cut = MpI::int(&BITS, CUT);
        let two = MpI::int(&BITS, 2);
        let phi = cut.call(Func::NormPdf);
        let mass = two.mul(&phi).div(&cut);
        let square = two.mul(&cut).mul(&phi).add(&mass);
        let fall = cut.mul(&cut).mul(&number((1, 4))).neg().call(Func::Exp);
        let hermite = number(CRAMER).mul(&MpI::int(&BITS, 4)).mul(&fall).mul(&norm());
        Self { mass, square, hermite }
    }
}
