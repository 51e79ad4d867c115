//! One-sided expansions of functions at a point `c`: `x = c + t^d` or `x = c - t^d`, `t` to 0 from above.
//!
//! A germ is `m + f`. `m` is the sum of a convergent Laurent series in `t`, known up to some term. `f` is *flat*: it and
//! all its derivatives are O(t^n) for every n. Flat functions make an ideal: sums of them, and products with `m + f`, are
//! flat; `phi(m + f) = phi(m) + flat` for every `phi` that is analytic at `m(0)`, and `1/(m + f) = 1/m + flat`.
//! What is not shown to be of this form is an error, which no operation takes back: nothing at all is known of
//! `x^9*sin(1/x)` beside 0.

use crate::field::{Field, Value};
use crate::sign::Sign;
use crate::system::{Answer, DIVISOR, LOGARITHM, ROOT, System, TOO_LARGE};
use actaudit_expr::{Expr, Func};
use rug::Rational;
use std::cell::Cell;

/// `t^start * (c0 + c1 t + ..)`, as many coefficients as known, the first of them not zero in form; plus a flat function.
#[derive(Clone, Debug)]
pub(super) struct Germ {
    start: i64,
    c: Vec<Value>,
    /// whether a flat function may have to be added
    pub flat: bool,
    /// the Laurent part as one expression of `x`, valid on both sides of the point
    pub form: Option<Value>,
}

/// Expansions that begin further out are refused.
const MAX_START: i64 = 1 << 20;

/// The limit of a derivative for `t` to 0.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Limit {
    Finite(Value),
    Infinite,
    /// the first coefficient that matters may vanish for some parameters
    Open,
    /// more terms are needed
    Short,
}

impl Germ {
    fn zero() -> Self {
        Self { start: 0, c: vec![], flat: false, form: Some(Value::default()) }
    }

    /// Whether it tends to plus infinity: its first term has a negative power and a positive coefficient.
    pub fn rises(&self, field: &Field) -> bool {
        self.start < 0 && self.c.first().is_some_and(|c| field.sign(c) == Sign::POSITIVE)
    }

    /// Whether it is zero, not only as far as it is known.
    pub fn is_zero(&self) -> bool {
        !self.flat && self.form.as_ref().is_some_and(Value::is_zero)
    }

    fn normal(mut self) -> Self {
        let zeros = self.c.iter().take_while(|c| c.is_zero()).count();
        self.c.drain(..zeros);
        self.start += zeros as i64;
        self
    }

    fn end(&self) -> i64 {
        self.start + self.c.len() as i64
    }
}

/// The germs on one side of a point.
pub(super) struct Germs<'a> {
    /// it knows the symbol `x`
    pub field: &'a Field,
    pub at: &'a Value,
    pub right: bool,
    /// `d` in `x = c + t^d`
    pub root: usize,
    /// how many coefficients a constant has
    pub terms: usize,
    /// what an operation lacked that failed
    pub lack: Cell<Lack>,
}

/// With what an expansion may succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lack {
    Nothing,
    /// so many times the `root`
    Root(usize),
    /// more terms: all known ones of an operand are zero
    Terms,
}

fn known<T>(value: Option<T>) -> Answer<T> {
    value.ok_or_else(|| TOO_LARGE.into())
}

impl Germs<'_> {
    /// `x` itself.
    pub fn x(&self) -> Germ {
        let mut c = vec![Value::default(); self.terms.max(self.root + 1)];
        c[0] = self.at.clone();
        c[self.root] = Value::rational(if self.right { 1 } else { -1 });
        Germ { start: 0, c, flat: false, form: Some(Value::symbol("x")) }.normal()
    }

    fn lead<'a>(&self, g: &'a Germ) -> Option<&'a Value> {
        if g.c.is_empty() && !g.form.as_ref().is_some_and(Value::is_zero) {
            self.lack.set(Lack::Terms);
        }
        g.c.first()
    }

    /// The limit of the derivative of order `k` in `x`: the terms of `(x - c)^(e/d)` with `e/d = k` give it, those with
    /// `e/d > k` vanish, and of those with `e/d < k` all vanish that are whole powers. The first other one is infinite.
    pub fn derivative(&self, g: &Germ, k: usize) -> Limit {
        let (d, wanted) = (self.root as i64, (k * self.root) as i64);
        for (e, c) in (g.start..=wanted).zip(&g.c) {
            if e == wanted {
                let factorial = (1..=k as u32).fold(Rational::from(1), |a, k| a * k);
                return Limit::Finite(c.scaled(&if self.right || k.is_multiple_of(2) {
                    factorial
                } else {
                    -factorial
                }));
            }
            if (e % d != 0 || e < 0) && !c.is_zero() {
                return if self.field.sign(c).is_nonzero() { Limit::Infinite } else { Limit::Open };
            }
        }
        if wanted < g.start || g.form.as_ref().is_some_and(Value::is_zero) {
            return Limit::Finite(Value::default());
        }
        Limit::Short
    }

    /// `phi(m)` by a recurrence for the coefficients: `next(n, out)` is the one of `t^n`. Stops where one is not known.
    fn series(&self, n: usize, next: impl Fn(usize, &[Value]) -> Option<Value>) -> Vec<Value> {
        let mut out = Vec::with_capacity(n);
        while let Some(c) = (out.len() < n).then(|| next(out.len(), &out)).flatten() {
            out.push(c);
        }
        out
    }

    /// `sum over i of weight(i) a_i b_(n - i)`, `from <= i <= n`, coefficients beyond the ends being zero.
    fn convolution(
        &self,
        a: &[Value],
        b: &[Value],
        n: usize,
        from: usize,
        weight: impl Fn(usize) -> Rational,
    ) -> Option<Value> {
        let mut sum = Value::default();
        for i in from..=n {
            let (Some(p), Some(q)) = (a.get(i), b.get(n - i)) else { continue };
            if !p.is_zero() && !q.is_zero() {
                sum = self.field.plus(&sum, &self.field.times(&p.scaled(&weight(i)), q)?)?;
            }
        }
        Some(sum)
    }

    /// The coefficients from `t^0` on, of a germ without pole.
    fn dense(&self, u: &Germ) -> Vec<Value> {
        let exact = u.form.as_ref().is_some_and(Value::is_zero);
        let zeros = if exact { self.terms } else { u.start.unsigned_abs() as usize };
        std::iter::repeat_n(Value::default(), zeros).chain(u.c.iter().cloned()).take(self.terms).collect()
    }

    fn product(&self, a: &[Value], b: &[Value]) -> Vec<Value> {
        self.series(a.len().min(b.len()), |n, _| self.convolution(a, b, n, 0, |_| Rational::from(1)))
    }

    /// `u^r` for `u` with a first coefficient whose power is `first`: `n u0 w_n = sum of (r i - (n - i)) u_i w_(n-i)`.
    fn raised(&self, u: &[Value], r: &Rational, first: Value) -> Vec<Value> {
        let Some(inverse) = self.field.inverse(&u[0]) else { return vec![] };
        self.series(u.len(), |n, w| {
            if n == 0 {
                return Some(first.clone());
            }
            let weight = |i: usize| Rational::from(r * i as u32) - Rational::from((n - i) as u32);
            let sum = self.convolution(u, w, n, 1, weight)?;
            Some(self.field.times(&sum, &inverse)?.scaled(&Rational::from((1, n as u32))))
        })
    }

    /// The antiderivative of `slope * u'` with the value `first`.
    fn integral(&self, u: &[Value], slope: &[Value], first: Value) -> Vec<Value> {
        self.series(u.len().min(slope.len() + 1), |n, _| {
            if n == 0 {
                return Some(first.clone());
            }
            let sum = self.convolution(u, slope, n, 1, |i| Rational::from(i as u32))?;
            Some(sum.scaled(&Rational::from((1, n as u32))))
        })
    }

    fn exp_series(&self, u: &[Value], first: Value) -> Vec<Value> {
        self.series(u.len(), |n, w| {
            if n == 0 {
                return Some(first.clone());
            }
            let sum = self.convolution(u, w, n, 1, |i| Rational::from(i as u32))?;
            Some(sum.scaled(&Rational::from((1, n as u32))))
        })
    }

    /// `sin u` and `cos u` from their first coefficients: `s' = c u'` and `c' = -s u'`.
    fn waves(&self, u: &[Value], first: [Value; 2]) -> [Vec<Value>; 2] {
        let [mut sin, mut cos] = first.map(|v| vec![v]);
        for n in 1..u.len() {
            let part = |w: &[Value], sign: i32| {
                let sum = self.convolution(u, w, n, 1, |i| Rational::from(i as u32))?;
                Some(sum.scaled(&Rational::from((sign, n as u32))))
            };
            let (Some(s), Some(c)) = (part(&cos, 1), part(&sin, -1)) else { break };
            sin.push(s);
            cos.push(c);
        }
        [sin, cos]
    }

    /// Functions that reach a limit at infinity faster than any power: the limit (or the function itself) and a flat rest.
    /// `exp(-m)` is flat where `m` has a pole and is positive, since `exp(-1/t^p)` is, and so is all that follows.
    fn at_pole(&self, f: Func, u: &Germ) -> Answer<Germ> {
        let side = match self.sign(u) {
            Sign::POSITIVE => 1,
            Sign::NEGATIVE => -1,
            _ => return Err("has a pole of unknown sign in it".into()),
        };
        let limit = |n: i64, d: i64| {
            let flat = self.constant(Value::rational(Rational::from((n, d))), &Expr::int(0));
            Ok(Germ { flat: true, ..flat })
        };
        match (f, side) {
            (Func::Exp, -1) | (Func::NormPdf, _) | (Func::Softplus, -1) => limit(0, 1),
            (Func::Expm1, -1) => limit(-1, 1),
            (Func::Sigmoid | Func::NormCdf, _) => limit((1 + side) / 2, 1),
            (Func::Tanh | Func::Erf, _) => limit(side, 1),
            (Func::Erfc, _) => limit(1 - side, 1),
            // log(1 + exp u) = u + log(1 + exp(-u))
            (Func::Softplus, _) => Ok(Germ { flat: true, ..u.clone() }),
            // atan u = +-pi/2 - atan(1/u)
            (Func::Atan, _) => {
                let pi = Value::atom(crate::field::Atom::Pi).scaled(&Rational::from((side, 2)));
                let rest = self.call(f, &self.pow(u, &Rational::from(-1))?)?;
                self.add(&self.constant(pi, &Expr::int(0)), &self.neg(&rest))
            }
            _ => Err("has no expansion here".into()),
        }
    }
}

impl System for Germs<'_> {
    type Value = Germ;

    fn field(&self) -> &Field {
        self.field
    }

    fn constant(&self, value: Value, _: &Expr) -> Germ {
        if value.is_zero() {
            return Germ::zero();
        }
        let mut c = vec![Value::default(); self.terms];
        c[0] = value.clone();
        Germ { start: 0, c, flat: false, form: Some(value) }
    }

    fn neg(&self, a: &Germ) -> Germ {
        Germ { c: a.c.iter().map(Value::neg).collect(), form: a.form.as_ref().map(Value::neg), ..a.clone() }
    }

    fn add(&self, a: &Germ, b: &Germ) -> Answer<Germ> {
        if a.is_zero() || b.is_zero() {
            return Ok(if a.is_zero() { b } else { a }.clone());
        }
        // what is zero in form has no end
        let end = |g: &Germ| if g.form.as_ref().is_some_and(Value::is_zero) { i64::MAX } else { g.end() };
        let (start, end) = (a.start.min(b.start), end(a).min(end(b)));
        let at =
            |g: &Germ, e: i64| usize::try_from(e - g.start).ok().and_then(|i| g.c.get(i)).cloned().unwrap_or_default();
        let count = if end == i64::MAX { 0 } else { usize::try_from(end - start).unwrap_or(0) };
        let c = self.series(count, |i, _| self.field.plus(&at(a, start + i as i64), &at(b, start + i as i64)));
        let form = a.form.as_ref().zip(b.form.as_ref()).and_then(|(a, b)| self.field.plus(a, b));
        Ok(Germ { start, c, flat: a.flat || b.flat, form }.normal())
    }

    fn mul(&self, a: &Germ, b: &Germ) -> Answer<Germ> {
        if a.is_zero() || b.is_zero() {
            return Ok(Germ::zero());
        }
        let form = a.form.as_ref().zip(b.form.as_ref()).and_then(|(a, b)| self.field.times(a, b));
        if (a.start + b.start).abs() > MAX_START {
            return Err(TOO_LARGE.into());
        }
        Ok(Germ { start: a.start + b.start, c: self.product(&a.c, &b.c), flat: a.flat || b.flat, form }.normal())
    }

    fn div(&self, a: &Germ, b: &Germ) -> Answer<Germ> {
        self.mul(a, &self.pow(b, &Rational::from(-1))?)
    }

    fn pow(&self, a: &Germ, exponent: &Rational) -> Answer<Germ> {
        let whole = *exponent.denom() == 1;
        if whole && *exponent >= 0 {
            let n = known(exponent.numer().to_u32().filter(|n| *n < 1 << 13))?;
            let mut out = self.constant(Value::rational(1), &Expr::int(1));
            for bit in (0..32 - n.leading_zeros()).rev() {
                out = self.mul(&out, &out)?;
                if n >> bit & 1 == 1 {
                    out = self.mul(&out, a)?;
                }
            }
            return Ok(out);
        }
        if a.is_zero() && *exponent > 0 {
            return Ok(Germ::zero());
        }
        // the first coefficient must not vanish, whatever the parameters are: it says how the germ behaves
        let lead = self.lead(a).ok_or(if whole { DIVISOR } else { ROOT })?;
        match self.field.sign(lead) {
            s if s.is_positive() || whole && s.is_nonzero() => {}
            _ => return Err(if whole { DIVISOR } else { ROOT }.into()),
        }
        let start = Rational::from(exponent * a.start);
        if *start.denom() != 1 {
            self.lack.set(start.denom().to_usize().map_or(Lack::Nothing, Lack::Root));
            return Err(ROOT.into());
        }
        let start = known(start.numer().to_i64().filter(|n| n.abs() <= MAX_START))?;
        let c = self.raised(&a.c, exponent, known(self.field.power(lead, exponent))?);
        // a root of what vanishes at the point is another function on the other side
        let form = a.form.as_ref().filter(|_| whole || a.start == 0).and_then(|form| self.field.power(form, exponent));
        Ok(Germ { start, c, flat: a.flat, form })
    }

    fn sign(&self, a: &Germ) -> Sign {
        if a.is_zero() {
            return Sign::ZERO;
        }
        self.lead(a).map(|lead| self.field.sign(lead)).filter(|s| s.is_nonzero()).unwrap_or(Sign::ANY)
    }

    fn primitive(&self, f: Func, u: &Germ) -> Answer<Germ> {
        let (field, c) = (self.field, self.dense(u));
        if c.is_empty() {
            self.lack.set(Lack::Terms);
        }
        let constant = known(c.first().cloned())?;
        let (value, form) = match f {
            Func::Exp => (known(field.exp(&constant))?, u.form.as_ref().and_then(|v| field.exp(v))),
            Func::Log if field.sign(&constant).is_positive() => {
                (known(field.log(&constant))?, u.form.as_ref().and_then(|v| field.log(v)))
            }
            Func::Log => return Err(LOGARITHM.into()),
            _ => (known(field.wave(f, &constant))?, u.form.as_ref().and_then(|v| field.wave(f, v))),
        };
        let minus = Rational::from(-1);
        let c = match f {
            Func::Exp => self.exp_series(&c, value),
            Func::Log => {
                let first = known(field.inverse(&constant))?;
                self.integral(&c, &self.raised(&c, &minus, first), value)
            }
            Func::Atan => {
                let mut below = self.product(&c, &c);
                let lead = known(below.first_mut())?;
                *lead = known(field.plus(lead, &Value::rational(1)))?;
                let first = known(field.inverse(lead))?;
                self.integral(&c, &self.raised(&below, &minus, first), value)
            }
            Func::Erf => {
                let square: Vec<Value> = self.product(&c, &c).iter().map(Value::neg).collect();
                let bell = known(square.first().and_then(|s| field.exp(s)))?;
                // 2/sqrt(pi) exp(-u^2)
                let root = known(field.power(&Value::atom(crate::field::Atom::Pi), &Rational::from((-1, 2))))?;
                let scale = known(field.times(&bell, &root.scaled(&Rational::from(2))))?;
                self.integral(&c, &self.exp_series(&square, scale), value)
            }
            _ => {
                let cosine = f == Func::Cos;
                let other = known(field.wave(if cosine { Func::Sin } else { Func::Cos }, &constant))?;
                let first = if cosine { [other, value] } else { [value, other] };
                let [sin, cos] = self.waves(&c, first);
                if cosine { cos } else { sin }
            }
        };
        Ok(Germ { start: 0, c, flat: u.flat, form }.normal())
    }

    fn call(&self, f: Func, u: &Germ) -> Answer<Germ> {
        if u.start < 0 && !matches!(f, Func::Sqrt | Func::Abs) { self.at_pole(f, u) } else { self.reduced(f, u) }
    }
}
