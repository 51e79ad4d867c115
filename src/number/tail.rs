//! Tails: the behaviour of an expression on a whole half-line [L, inf), so that nothing needs to be cut off.
//!
//! A value is kept as a polynomial in x with interval coefficients plus a remainder, |r(x)| <= c x^p e^(-k x), both
//! valid for every x >= L. Interval arithmetic alone sees only [L, inf] * [0, tiny] = [0, inf]; this keeps the decay.

use super::{Enclosure, Jet, MpI, Real};
use crate::expr::{Func, Named};
use rug::float::{Round, Special};
use rug::{Float, Rational};
use std::sync::Arc;

/// Precision of the remainder's constants; they are bounds and need few digits.
const COARSE: u32 = 64;
/// Polynomials of a higher degree are given up.
const MAX_DEGREE: usize = 40;

/// The half-line, and the precision of the coefficients.
#[derive(Clone, Debug)]
pub struct TailContext {
    /// precision of polynomial coefficients, in bits
    pub prec: u32,
    /// L, at least 1
    pub from: Arc<Float>,
}

/// A limit at infinity.
#[derive(Clone, Debug)]
pub enum Limit {
    /// an enclosure of a real limit
    Finite(MpI),
    /// the value grows without bound
    PlusInfinity,
    /// the value falls without bound
    MinusInfinity,
}

/// c x^p e^(-k x), an upper bound of a magnitude on [L, inf); c is rounded up and k >= 0 down.
#[derive(Clone, Debug)]
struct Decay {
    c: MpI,
    p: i32,
    k: MpI,
}

/// That a function tends to an infinity.
#[derive(Clone, Copy, Debug, Default)]
struct Divergence {
    /// plus (1) or minus (-1) infinity, or 0 if it is not known to tend to either
    sign: i32,
    /// whether it outgrows every polynomial, as exponentials do: then none can hold it back
    fast: bool,
}

impl Divergence {
    const UNKNOWN: Self = Self { sign: 0, fast: false };

    const fn fast(sign: i32) -> Self {
        Self { sign, fast: sign != 0 }
    }
}

/// A real function on [L, inf). `poly` is `None` where no polynomial follows it; `diverges` then says whether it is known to
/// tend to an infinity all the same.
#[derive(Clone, Debug)]
pub struct Tail {
    cx: TailContext,
    poly: Option<Vec<MpI>>,
    rem: Option<Decay>,
    diverges: Divergence,
}

fn coarse(value: &Float) -> MpI {
    MpI::from_float(COARSE, value)
}

fn small(value: i64) -> MpI {
    MpI::int(&COARSE, value)
}

/// The supremum on [L, inf) of x^p e^(-k x).
fn peak(p: i32, k: &MpI, from: &Float) -> MpI {
    let at = coarse(from);
    if k.lo() <= 0 {
        return if p <= 0 { at.pow(&Rational::from(p)) } else { MpI::from_float(COARSE, &infinity()) };
    }
    // x^p e^(-kx) falls from x = p/k on
    let value = |x: &MpI| x.pow(&Rational::from(p)).mul(&k.mul(x).neg().call(Func::Exp));
    let turn = small(i64::from(p)).div(k);
    if turn.hi() <= at.lo() { value(&at) } else { value(&at).max(&value(&turn.max(&at))) }
}

fn infinity() -> Float {
    Float::with_val(COARSE, Special::Infinity)
}

impl Decay {
    fn new(c: MpI, p: i32, k: MpI) -> Self {
        Self { c, p, k }
    }

    /// Largest magnitude on [L, inf), rounded up; infinite if it grows.
    fn bound(&self, from: &Float) -> Float {
        self.c.mul(&peak(self.p, &self.k, from)).hi()
    }

    /// A bound of the sum: the slower one keeps its shape, the faster one is measured by it.
    fn plus(&self, rhs: &Self, from: &Float) -> Self {
        let self_slower = self.k.lo() < rhs.k.lo() || (self.k.lo() == rhs.k.lo() && self.p >= rhs.p);
        let (slow, fast) = if self_slower { (self, rhs) } else { (rhs, self) };
        let rate = MpI::from_float(COARSE, &fast.k.lo()).sub(&MpI::from_float(COARSE, &slow.k.lo()));
        let rate = MpI::from_float(COARSE, &rate.lo().max(&Float::new(COARSE)));
        let extra = fast.c.mul(&peak(fast.p - slow.p, &rate, from));
        Self::new(slow.c.add(&extra), slow.p, slow.k.clone())
    }

    fn times(&self, rhs: &Self) -> Self {
        Self::new(self.c.mul(&rhs.c), self.p.saturating_add(rhs.p), self.k.add(&rhs.k))
    }

    /// Whether it tends to zero.
    fn vanishes(&self) -> bool {
        self.k.lo() > 0 || self.p < 0
    }
}

fn sum(a: Option<Decay>, b: Option<Decay>, from: &Float) -> Option<Decay> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.plus(&b, from)),
        (a, b) => a.or(b),
    }
}

fn product(a: Option<&Decay>, b: Option<&Decay>) -> Option<Decay> {
    Some(a?.times(b?))
}

fn trim(mut poly: Vec<MpI>) -> Vec<MpI> {
    while poly.last().is_some_and(|c| c.lo().is_zero() && c.hi().is_zero()) {
        poly.pop();
    }
    poly
}

/// |P(x)| <= c x^d on [L, inf), with d the degree: lower powers are measured by the highest.
fn polynomial_bound(poly: &[MpI], from: &Float) -> Option<Decay> {
    let degree = poly.len().checked_sub(1)?;
    let l = coarse(from);
    let c = poly.iter().enumerate().fold(small(0), |acc, (i, a)| {
        let weight = l.pow(&Rational::from(i as i64 - degree as i64));
        acc.add(&coarse(&a.mag()).mul(&weight))
    });
    Some(Decay::new(c, degree as i32, small(0)))
}

impl Tail {
    fn with(cx: &TailContext, poly: Vec<MpI>, rem: Option<Decay>) -> Self {
        if poly.len() > MAX_DEGREE + 1 || poly.iter().any(|c| !c.total()) {
            return Self::unknown(cx);
        }
        Self { cx: cx.clone(), poly: Some(trim(poly)), rem, diverges: Divergence::UNKNOWN }
    }

    fn unknown(cx: &TailContext) -> Self {
        Self::divergent(cx, Divergence::UNKNOWN)
    }

    fn divergent(cx: &TailContext, diverges: Divergence) -> Self {
        Self { cx: cx.clone(), poly: None, rem: None, diverges }
    }

    /// The infinity to which it tends: 1, -1, or 0 if it is not known to.
    fn direction(&self) -> i32 {
        if self.poly.is_none() { self.diverges.sign } else { self.growth().map_or(0, |(sign, _)| sign) }
    }

    /// Whether its magnitude is at most that of some polynomial.
    fn of_polynomial_size(&self) -> bool {
        let known = |c: &MpI| c.total() && c.mag().is_finite();
        self.poly.as_ref().is_some_and(|p| p.iter().all(known)) && self.rem.as_ref().is_none_or(|r| known(&r.c))
    }

    /// The variable on the right tail: x itself.
    pub fn right(cx: &TailContext) -> Self {
        Self::with(cx, vec![MpI::int(&cx.prec, 0), MpI::int(&cx.prec, 1)], None)
    }

    /// The variable on the left tail, as -t with t in [L, inf).
    pub fn left(cx: &TailContext) -> Self {
        Self::right(cx).neg()
    }

    fn from(&self) -> &Float {
        &self.cx.from
    }

    /// The largest magnitude of the remainder.
    fn spread(&self) -> MpI {
        let zero = Float::new(self.cx.prec);
        match &self.rem {
            None => MpI::from_float(self.cx.prec, &zero),
            Some(r) => {
                let b = r.bound(self.from());
                MpI::from_floats(self.cx.prec, &-b.clone(), &b)
            }
        }
    }

    /// An enclosure of every value on [L, inf); `None` where nothing is known.
    pub fn range(&self) -> Option<MpI> {
        let poly = self.poly.as_ref()?;
        let x = MpI::from_floats(self.cx.prec, self.from(), &infinity());
        let value = poly.iter().rev().fold(MpI::int(&self.cx.prec, 0), |acc, c| acc.mul(&x).add(c));
        Some(value.add(&self.spread()))
    }

    /// The limit at infinity.
    pub fn limit(&self) -> Option<Limit> {
        let Some(poly) = self.poly.as_ref() else {
            return match self.diverges.sign {
                0 => None,
                sign => Some(if sign > 0 { Limit::PlusInfinity } else { Limit::MinusInfinity }),
            };
        };
        if poly.len() > 1 {
            return self.growth().map(|(sign, _)| if sign > 0 { Limit::PlusInfinity } else { Limit::MinusInfinity });
        }
        self.rem.as_ref().is_none_or(Decay::vanishes).then(|| Limit::Finite(self.constant_part()))
    }

    /// Whether the value is the same number on the whole half-line.
    pub fn is_constant(&self) -> bool {
        self.rem.is_none() && self.poly.as_ref().is_some_and(|p| p.len() <= 1)
    }

    fn is_zero(&self) -> bool {
        self.rem.is_none() && self.poly.as_ref().is_some_and(Vec::is_empty)
    }

    fn constant_part(&self) -> MpI {
        self.poly.as_ref().and_then(|p| p.first().cloned()).unwrap_or_else(|| MpI::int(&self.cx.prec, 0))
    }

    /// For a polynomial part of degree >= 1: the sign s of the value near infinity, and a kappa > 0 with
    /// s u(x) >= kappa x on all of [L, inf).
    fn growth(&self) -> Option<(i32, MpI)> {
        let poly = self.poly.as_ref()?;
        let lead = poly.get(1..)?.last()?;
        let sign = if lead.lo() > 0 {
            1
        } else if lead.hi() < 0 {
            -1
        } else {
            return None;
        };
        let x = MpI::from_floats(COARSE, self.from(), &infinity());
        let at = |c: &MpI| MpI::from_floats(COARSE, &c.lo(), &c.hi());
        let high = poly[1..].iter().rev().fold(small(0), |acc, c| acc.mul(&x).add(&at(c)));
        let mut slope = high.add(&at(&poly[0]).div(&x));
        if let Some(r) = &self.rem {
            let b = Decay::new(r.c.clone(), r.p - 1, r.k.clone()).bound(self.from());
            slope = slope.add(&MpI::from_floats(COARSE, &-b.clone(), &b));
        }
        let kappa = if sign > 0 { slope } else { slope.neg() };
        (kappa.lo() > 0).then(|| (sign, MpI::from_float(COARSE, &kappa.lo())))
    }

    /// The sign on all of [L, inf), if it is one and the same.
    fn sign(&self) -> Option<i32> {
        if self.is_zero() {
            return Some(0);
        }
        if let Some((sign, _)) = self.growth() {
            return Some(sign);
        }
        let range = self.range()?;
        if range.lo() > 0 {
            Some(1)
        } else if range.hi() < 0 {
            Some(-1)
        } else {
            None
        }
    }

    fn constant(cx: &TailContext, value: MpI) -> Self {
        Self::with(cx, vec![value], None)
    }

    /// a + r where the polynomial part is constant: f(a) + f'(hull) r, by the mean value theorem.
    fn call_near_constant(&self, f: impl Fn(&Jet<MpI>) -> Jet<MpI>) -> Self {
        let a = self.constant_part();
        let hull = a.add(&self.spread());
        let value = f(&Jet::variable(a, 0)).c[0].clone();
        if !value.total() || !value.lo().is_finite() || !value.hi().is_finite() {
            return Self::unknown(&self.cx);
        }
        let Some(r) = &self.rem else { return Self::constant(&self.cx, value) };
        let over = f(&Jet::variable(hull, 1));
        let slope = over.c[1].mag();
        if over.c[0].total() && over.c[1].total() && slope.is_finite() {
            let rem = Decay::new(r.c.mul(&coarse(&slope)), r.p, r.k.clone());
            return Self::with(&self.cx, vec![value], Some(rem));
        }
        self.bounded_by(&over.c[0])
    }

    /// Nothing but a bound.
    fn bounded_by(&self, range: &MpI) -> Self {
        let mag = range.mag();
        if !range.total() || !mag.is_finite() {
            return Self::unknown(&self.cx);
        }
        Self::with(&self.cx, vec![], Some(Decay::new(coarse(&mag), 0, small(0))))
    }

    /// u^q for a base that grows like c x^d: c^q x^(dq) (1 + e)^q with e small.
    fn power_of_growing(&self, q: &Rational) -> Option<Self> {
        let poly = self.poly.as_ref()?;
        let (degree, lead) = (poly.len() - 1, poly.last()?);
        if lead.lo() <= 0 {
            return None;
        }
        let from = self.from();
        // |e| <= (lower terms + remainder) / (c x^d)
        let over = |d: Decay| {
            let c = d.c.div(&MpI::from_float(COARSE, &Float::with_val_round(COARSE, lead.lo(), Round::Down).0));
            Decay::new(c, d.p - degree as i32, d.k)
        };
        let lower = polynomial_bound(&trim(poly[..degree].to_vec()), from).map(over);
        let e = sum(lower, self.rem.clone().map(over), from);
        let reach = e.as_ref().map_or(Float::new(COARSE), |e| e.bound(from));
        if reach >= 0.5 {
            return None;
        }
        // |(1+e)^q - 1| <= |q| max over the reach of (1+e)^(q-1) * |e|
        let near_one = small(1).add(&MpI::from_floats(COARSE, &-reach.clone(), &reach));
        let slope = near_one.pow(&Rational::from(q - 1)).mul(&MpI::rational(&COARSE, q)).mag();
        let factor = lead.pow(q);
        let exponent = Rational::from(q * degree as u32);
        let power = exponent.clone().ceil().numer().to_i32()?;
        let shape = Decay::new(coarse(&factor.mag()), power, small(0));
        let rem = e.map(|e| Decay::new(e.c.mul(&coarse(&slope)), e.p, e.k).times(&shape));
        if exponent.is_integer() && power >= 0 {
            let mut out = vec![MpI::int(&self.cx.prec, 0); power as usize];
            out.push(factor);
            return Some(Self::with(&self.cx, out, rem));
        }
        Some(Self::with(&self.cx, vec![], sum(Some(shape), rem, from)))
    }

    /// f(u) for |u| that grows at least like kappa x: the limit, and how fast it is approached.
    fn call_growing(&self, f: Func, sign: i32, kappa: &MpI) -> Self {
        let cx = &self.cx;
        let int = |v: i64| vec![MpI::int(&cx.prec, v)];
        let exponential = |c: i64, rate: i64| Decay::new(small(c), 0, kappa.mul(&small(rate)));
        // e^(-u^2/d) <= e^(-(kappa^2 L/d) x)
        let gauss = |d: i64| {
            let k = kappa.sqr().mul(&coarse(self.from())).div(&small(d));
            Decay::new(small(1), 0, MpI::from_float(COARSE, &k.lo()))
        };
        let up = sign > 0;
        let (poly, rem) = match f {
            Func::Exp | Func::Expm1 if up => return Self::divergent(cx, Divergence::fast(1)),
            Func::Sinh => return Self::divergent(cx, Divergence::fast(sign)),
            Func::Cosh => return Self::divergent(cx, Divergence::fast(1)),
            Func::Exp => (vec![], exponential(1, 1)),
            Func::Expm1 => (int(-1), exponential(1, 1)),
            // log u <= u, and log u >= 0 once u >= 1; a bound only
            Func::Log | Func::Log1p if up && kappa.mul(&coarse(self.from())).lo() >= 1 => {
                let u = self.poly.as_ref().and_then(|p| polynomial_bound(p, self.from()));
                match sum(u, self.rem.clone(), self.from()) {
                    Some(bound) => (vec![], bound),
                    None => return Self::unknown(cx),
                }
            }
            Func::Log | Func::Log1p => return Self::unknown(cx),
            Func::Sqrt => return self.pow(&Rational::from((1, 2))),
            // erfc(y) <= e^(-y^2) for y >= 0
            Func::Erf => (int(i64::from(sign)), gauss(1)),
            Func::Erfc => (int(if up { 0 } else { 2 }), gauss(1)),
            Func::Tanh => (int(i64::from(sign)), exponential(2, 2)),
            Func::Atan => {
                let half_pi = MpI::named(&cx.prec, Named::Pi).mul(&MpI::rational(&cx.prec, &Rational::from((sign, 2))));
                (vec![half_pi], Decay::new(small(1).div(kappa), -1, small(0)))
            }
            Func::Sin | Func::Cos => (vec![], Decay::new(small(1), 0, small(0))),
            Func::Sigmoid => (int(i64::from(up)), exponential(1, 1)),
            Func::Softplus if up => return self.add(&Self::with(cx, vec![], Some(exponential(1, 1)))),
            Func::Softplus => (vec![], exponential(1, 1)),
            // 1 - Phi(y) <= e^(-y^2/2)/2 for y >= 0, and phi(y) <= e^(-y^2/2)
            Func::NormCdf => (int(i64::from(up)), gauss(2)),
            Func::NormPdf => (vec![], gauss(2)),
            Func::Abs => return if up { self.clone() } else { self.neg() },
        };
        Self::with(cx, poly, Some(rem))
    }
}

impl Real for Tail {
    type Context = TailContext;

    fn context(&self) -> TailContext {
        self.cx.clone()
    }

    fn rational(cx: &TailContext, value: &Rational) -> Self {
        Self::constant(cx, MpI::rational(&cx.prec, value))
    }

    fn named(cx: &TailContext, name: Named) -> Self {
        Self::constant(cx, MpI::named(&cx.prec, name))
    }

    fn neg(&self) -> Self {
        let poly = self.poly.as_ref().map(|p| p.iter().map(MpI::neg).collect());
        Self {
            cx: self.cx.clone(),
            poly,
            rem: self.rem.clone(),
            diverges: Divergence { sign: -self.diverges.sign, ..self.diverges },
        }
    }

    fn add(&self, rhs: &Self) -> Self {
        let (Some(p), Some(q)) = (&self.poly, &rhs.poly) else {
            let (a, b) = (self.direction(), rhs.direction());
            let bounded = |t: &Self| t.range().is_some_and(|r| r.mag().is_finite());
            let outweighs = |t: &Self, other: &Self| t.diverges.fast && other.of_polynomial_size() || bounded(other);
            let sign = match (a, b) {
                _ if a == b => a,
                (1 | -1, _) if outweighs(self, rhs) => a,
                (_, 1 | -1) if outweighs(rhs, self) => b,
                _ => 0,
            };
            let fast = sign != 0 && (self.diverges.fast || rhs.diverges.fast);
            return Self::divergent(&self.cx, Divergence { sign, fast });
        };
        let poly = (0..p.len().max(q.len()))
            .map(|i| match (p.get(i), q.get(i)) {
                (Some(a), Some(b)) => a.add(b),
                (a, b) => a.or(b).cloned().expect("one of the two is that long"),
            })
            .collect();
        Self::with(&self.cx, poly, sum(self.rem.clone(), rhs.rem.clone(), self.from()))
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.add(&rhs.neg())
    }

    fn mul(&self, rhs: &Self) -> Self {
        let (Some(p), Some(q)) = (&self.poly, &rhs.poly) else {
            // what stays away from zero on one side does not stop a divergence
            let away = |t: &Self| match (t.direction(), t.range()) {
                (0, Some(r)) if r.lo() > 0 => 1,
                (0, Some(r)) if r.hi() < 0 => -1,
                (sign, _) => sign,
            };
            // what tends to an infinity is defined on all of the half-line, so that zero times it is zero
            if self.is_zero() && rhs.diverges.sign != 0 || rhs.is_zero() && self.diverges.sign != 0 {
                return Self::with(&self.cx, vec![], None);
            }
            let sign = away(self) * away(rhs);
            let fast = sign != 0 && (self.diverges.fast || rhs.diverges.fast);
            return Self::divergent(&self.cx, Divergence { sign, fast });
        };
        let from = self.from();
        let mut poly = vec![MpI::int(&self.cx.prec, 0); (p.len() + q.len()).saturating_sub(1)];
        for (i, a) in p.iter().enumerate() {
            for (j, b) in q.iter().enumerate() {
                poly[i + j] = poly[i + j].add(&a.mul(b));
            }
        }
        let (bp, bq) = (polynomial_bound(p, from), polynomial_bound(q, from));
        let rem = [
            product(bp.as_ref(), rhs.rem.as_ref()),
            product(bq.as_ref(), self.rem.as_ref()),
            product(self.rem.as_ref(), rhs.rem.as_ref()),
        ];
        Self::with(&self.cx, poly, rem.into_iter().fold(None, |acc, r| sum(acc, r, from)))
    }

    /// (N + r)/(D + s) = Q + (R + r - Q s)/(D + s) with N = Q D + R.
    fn div(&self, rhs: &Self) -> Self {
        let (Some(n), Some(d)) = (&self.poly, &rhs.poly) else {
            let Divergence { sign, fast } = self.diverges;
            let bounded = rhs.range().filter(|r| r.mag().is_finite() && r.mig() > 0);
            let by = match bounded {
                Some(r) => {
                    if r.lo() > 0 {
                        1
                    } else {
                        -1
                    }
                }
                None if fast && rhs.of_polynomial_size() => rhs.sign().unwrap_or(0),
                None => 0,
            };
            return Self::divergent(&self.cx, Divergence { sign: sign * by, fast: fast && by != 0 });
        };
        let (Some(lead), from) = (d.last(), self.from()) else { return Self::unknown(&self.cx) };
        let degree = d.len() - 1;
        // |D + s| >= m x^degree
        let below = polynomial_bound(&trim(d[..degree].to_vec()), from);
        let loss = sum(below, rhs.rem.clone(), from)
            .map_or(Float::new(COARSE), |s| Decay::new(s.c, s.p - degree as i32, s.k).bound(from));
        let m = coarse(&lead.mig()).sub(&coarse(&loss));
        if m.lo() <= 0 {
            return Self::unknown(&self.cx);
        }
        let mut rest = n.clone();
        let mut quotient = Vec::new();
        while rest.len() > degree {
            let top = rest.pop().expect("longer than the degree");
            let factor = top.div(lead);
            let shift = rest.len() - degree;
            for (i, c) in d[..degree].iter().enumerate() {
                rest[shift + i] = rest[shift + i].sub(&factor.mul(c));
            }
            quotient.push(factor);
        }
        quotient.reverse();
        let inverse = Decay::new(small(1).div(&m), -(degree as i32), small(0));
        let numerator = [
            polynomial_bound(&trim(rest), from),
            self.rem.clone(),
            product(polynomial_bound(&trim(quotient.clone()), from).as_ref(), rhs.rem.as_ref()),
        ];
        let rem = numerator.into_iter().fold(None, |acc, r| sum(acc, r, from)).map(|r| r.times(&inverse));
        Self::with(&self.cx, quotient, rem)
    }

    fn pow(&self, exponent: &Rational) -> Self {
        let one = Self::rational(&self.cx, &Rational::from(1));
        if exponent.is_integer() && *exponent.numer() >= 0 {
            let n = exponent.numer().to_u32().unwrap_or(u32::MAX);
            if n as usize > MAX_DEGREE {
                return Self::unknown(&self.cx);
            }
            return (0..n).fold(one, |acc, _| acc.mul(self));
        }
        let Some(poly) = &self.poly else { return Self::unknown(&self.cx) };
        if poly.len() > 1 {
            if let Some(power) = self.power_of_growing(exponent) {
                return power;
            }
        } else if !exponent.is_integer() {
            return self.call_near_constant(|u| u.pow(exponent));
        }
        if exponent.is_integer() { one.div(&self.pow(&Rational::from(-exponent))) } else { Self::unknown(&self.cx) }
    }

    fn call(&self, f: Func) -> Self {
        if let Some((sign, kappa)) = self.growth() {
            return self.call_growing(f, sign, &kappa);
        }
        match (&self.poly, f, self.sign()) {
            (None, ..) => Self::unknown(&self.cx),
            (_, Func::Abs, Some(sign)) => {
                if sign < 0 {
                    self.neg()
                } else {
                    self.clone()
                }
            }
            (Some(p), Func::Abs, None) if p.is_empty() => self.clone(),
            (Some(p), ..) if p.len() > 1 => Self::unknown(&self.cx),
            (_, Func::Abs, None) => self.bounded_by(&self.constant_part().add(&self.spread())),
            _ => self.call_near_constant(|u| u.call(f)),
        }
    }

    fn min(&self, rhs: &Self) -> Self {
        Self::choose(rhs, self, self, rhs)
    }

    fn max(&self, rhs: &Self) -> Self {
        Self::choose(self, rhs, self, rhs)
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        match left.sub(right).sign() {
            Some(1) => a.clone(),
            Some(-1) => b.clone(),
            _ => Self::unknown(&a.cx),
        }
    }
}

#[cfg(test)]
mod tests;
