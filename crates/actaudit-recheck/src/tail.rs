//! Half-lines: the value of an expression for all t >= L > 0, as a polynomial in t plus a remainder that decays.
//!
//! A `Form` `P + r` stands for every function that is `P(t) + r(t)` with `|r(t)| <= c t^p e^(-rate t)` for all t >= L.
//! The variable `x` is t on the right half-line and -t on the left one. Where no rule applies the answer is an error;
//! that an expression has a form proves that it is defined on the whole half-line.

use actaudit_expr::plain::Interval;
use actaudit_expr::plain::{eval, shortened};
use actaudit_expr::{Expr, Func, Named, Node};
use rug::{Float, Rational};

/// Polynomials of higher degree, and higher powers, are given up.
const MAX_DEGREE: i32 = 64;
/// Exponents of t in remainders beyond this are given up.
const MAX_POWER: i32 = 100_000;
/// Coefficients with more bits than this are no longer kept exactly.
const MAX_BITS: u32 = 1 << 12;

/// A coefficient; exact while it is rational, so that x - x is nothing rather than a small multiple of x.
#[derive(Clone)]
struct Number {
    exact: Option<Rational>,
    value: Interval,
}

impl Number {
    fn new(prec: u32, exact: Option<Rational>, value: impl FnOnce() -> Interval) -> Self {
        let fits = |q: &Rational| q.numer().significant_bits().max(q.denom().significant_bits()) <= MAX_BITS;
        match exact.filter(fits) {
            Some(q) => Self { value: Interval::rational(prec, &q), exact: Some(q) },
            None => Self { exact: None, value: value() },
        }
    }

    fn both(&self, rhs: &Self, exact: impl Fn(&Rational, &Rational) -> Rational, value: Interval) -> Self {
        let exact = self.exact.as_ref().zip(rhs.exact.as_ref()).map(|(a, b)| exact(a, b));
        Self::new(value.prec(), exact, || value)
    }

    fn add(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Rational::from(a + b), self.value.add(&rhs.value))
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Rational::from(a - b), self.value.sub(&rhs.value))
    }

    fn mul(&self, rhs: &Self) -> Self {
        self.both(rhs, |a, b| Rational::from(a * b), self.value.mul(&rhs.value))
    }

    /// The divisor's enclosure must exclude zero.
    fn div(&self, rhs: &Self) -> Option<Self> {
        Some(self.both(rhs, |a, b| Rational::from(a / b), self.value.div(&rhs.value)?))
    }
}

/// `c t^p e^(-rate t)` with c >= 0 and rate >= 0, both single numbers (kept as intervals to round with them).
#[derive(Clone)]
struct Decay {
    c: Interval,
    p: i32,
    rate: Interval,
}

impl Decay {
    /// `c` rounded up, `rate` down.
    fn new(c: &Interval, p: i32, rate: &Interval) -> Self {
        Self { c: Interval::point(&c.hi), p, rate: Interval::point(&rate.lo) }
    }

    fn algebraic(c: &Interval, p: i32) -> Self {
        Self::new(c, p, &Interval::int(c.prec(), 0))
    }

    fn times(&self, rhs: &Self) -> Self {
        Self::new(&self.c.mul(&rhs.c), self.p.saturating_add(rhs.p), &self.rate.add(&rhs.rate))
    }

    fn vanishes(&self) -> bool {
        self.c.is_zero() || self.rate.lo > 0 || self.p < 0
    }
}

/// Polynomial plus remainder.
#[derive(Clone)]
pub(super) struct Form {
    /// from degree zero; the last one is not exactly zero
    poly: Vec<Number>,
    rest: Decay,
}

impl Form {
    fn degree(&self) -> i32 {
        self.poly.len() as i32 - 1
    }
}

/// The half-line t >= L.
pub(super) struct Tail {
    from: Interval,
    left: bool,
}

impl Tail {
    /// x >= `from`, or x <= -`from` for `left`; `None` unless `from` is positive and finite.
    pub fn new(from: &Float, left: bool) -> Option<Self> {
        (from.is_finite() && *from > 0).then(|| Self { from: Interval::point(from), left })
    }

    /// An upper bound of an expression on the half-line; plus infinity if it grows.
    pub fn upper(&self, e: &Expr) -> Result<Float, String> {
        let form = self.form(e)?;
        let rest = self.bound(&form.rest).unwrap_or_else(|| Interval::line(self.prec()));
        Ok(self.horner(&form.poly).add(&rest).hi)
    }

    /// The limit at the infinite end.
    pub fn limit(&self, e: &Expr) -> Result<Interval, String> {
        let form = self.form(e)?;
        if form.degree() > 0 || !form.rest.vanishes() {
            return Err(format!("`{}` has no finite limit that could be proved", shortened(e)));
        }
        Ok(form.poly.first().map_or_else(|| self.int(0), |c| c.value.clone()))
    }

    /// The form of an expression.
    pub fn form(&self, e: &Expr) -> Result<Form, String> {
        let fail = || format!("the tail cannot be bounded: no rule for `{}`", shortened(e));
        if !e.depends_on_x() {
            let value = eval(e, &self.from)?;
            return Ok(self.constant(Number::new(self.prec(), e.exact_rational(), || value)));
        }
        let result = match e.node() {
            Node::Var => {
                Some(self.make(vec![self.number(0), self.number(if self.left { -1 } else { 1 })], self.nothing()))
            }
            Node::Neg(a) => Some(self.neg(&self.form(a)?)),
            Node::Add(a, b) => self.add(&self.form(a)?, &self.form(b)?),
            Node::Sub(a, b) => self.add(&self.form(a)?, &self.neg(&self.form(b)?)),
            Node::Mul(a, b) => self.mul(&self.form(a)?, &self.form(b)?),
            Node::Div(a, b) => self.div(&self.form(a)?, &self.form(b)?),
            Node::Pow(a, q) => match q.exact_rational() {
                Some(q) => self.pow(&self.form(a)?, &q),
                None => None,
            },
            Node::Call(f, a) => self.call(*f, &self.form(a)?),
            Node::Min(a, b) => {
                let (a, b) = (self.form(a)?, self.form(b)?);
                self.max(&self.neg(&a), &self.neg(&b)).map(|m| self.neg(&m))
            }
            Node::Max(a, b) => self.max(&self.form(a)?, &self.form(b)?),
            Node::Const(_) | Node::Named(_) | Node::Param(_) => None,
        };
        result.filter(|f| f.degree() <= MAX_DEGREE && f.rest.p.abs() <= MAX_POWER).ok_or_else(fail)
    }

    fn prec(&self) -> u32 {
        self.from.prec()
    }

    fn int(&self, value: i32) -> Interval {
        Interval::int(self.prec(), value)
    }

    fn number(&self, value: i32) -> Number {
        Number::new(self.prec(), Some(Rational::from(value)), || self.int(value))
    }

    fn nothing(&self) -> Decay {
        Decay::algebraic(&self.int(0), 0)
    }

    fn make(&self, mut poly: Vec<Number>, rest: Decay) -> Form {
        while poly.last().is_some_and(|c| c.value.is_zero()) {
            poly.pop();
        }
        Form { poly, rest }
    }

    fn constant(&self, value: Number) -> Form {
        self.make(vec![value], self.nothing())
    }

    /// sup of `t^p e^(-rate t)` on the half-line; `None` if infinite.
    fn peak(&self, p: i32, rate: &Interval) -> Option<Interval> {
        let turn = if rate.lo > 0 { self.int(p).div(rate) } else { None };
        if p <= 0 || turn.as_ref().is_some_and(|t| t.hi <= self.from.lo) {
            return Some(self.from.powi(p)?.mul(&rate.mul(&self.from).neg().call(Func::Exp)?));
        }
        // the global maximum, at t = p/rate
        turn?.div(&Interval::named(self.prec(), Named::E))?.powi(p)
    }

    /// sup of a remainder; `None` if infinite.
    fn bound(&self, r: &Decay) -> Option<Interval> {
        if r.c.is_zero() { Some(self.int(0)) } else { Some(r.c.mul(&self.peak(r.p, &r.rate)?)) }
    }

    /// A bound of the sum: the slower one gives the shape, the other is measured by it.
    fn sum(&self, a: &Decay, b: &Decay) -> Option<Decay> {
        if a.c.is_zero() || b.c.is_zero() {
            return Some(if a.c.is_zero() { b.clone() } else { a.clone() });
        }
        let (slow, fast) =
            if a.rate.lo < b.rate.lo || (a.rate.lo == b.rate.lo && a.p >= b.p) { (a, b) } else { (b, a) };
        let excess = fast.rate.sub(&slow.rate);
        // rates that hardly differ cannot make up for a power
        let p = if excess.mul(&self.int(16)).hi < slow.rate.lo { slow.p.max(fast.p) } else { slow.p };
        let measured = |r: &Decay, rate: &Interval| Some(r.c.mul(&self.peak(r.p.checked_sub(p)?, rate)?));
        let c = measured(slow, &self.int(0))?.add(&measured(fast, &excess)?);
        Some(Decay::new(&c, p, &slow.rate))
    }

    /// A bound of the polynomial's magnitude.
    fn magnitude(&self, poly: &[Number]) -> Option<Decay> {
        let degree = poly.len() as i32 - 1;
        let mut c = self.int(0);
        for (i, a) in poly.iter().enumerate() {
            c = c.add(&a.value.abs().mul(&self.from.powi(i as i32 - degree)?));
        }
        Some(Decay::algebraic(&c, degree.max(0)))
    }

    /// k > 0 with |u(t)| >= k t^degree on the half-line, if that can be proved.
    fn floor(&self, u: &Form) -> Option<Interval> {
        let (top, lower) = u.poly.split_last()?;
        let degree = u.degree();
        let mut k = top.value.abs();
        for (i, a) in lower.iter().enumerate() {
            k = k.sub(&a.value.abs().mul(&self.from.powi(i as i32 - degree)?));
        }
        let rest = Decay { p: u.rest.p.checked_sub(degree)?, ..u.rest.clone() };
        let k = Interval::point(&k.sub(&self.bound(&rest)?).lo);
        (k.lo > 0).then_some(k)
    }

    /// All values of a polynomial on the half-line.
    fn horner(&self, poly: &[Number]) -> Interval {
        let t = Interval { lo: self.from.lo.clone(), hi: Interval::line(self.prec()).hi };
        let Some((top, lower)) = poly.split_last() else { return self.int(0) };
        lower.iter().rev().fold(top.value.clone(), |acc, c| acc.mul(&t).add(&c.value))
    }

    fn neg(&self, a: &Form) -> Form {
        let minus = self.number(-1);
        self.make(a.poly.iter().map(|c| c.mul(&minus)).collect(), a.rest.clone())
    }

    fn add(&self, a: &Form, b: &Form) -> Option<Form> {
        let at = |f: &Form, i| f.poly.get(i).cloned().unwrap_or_else(|| self.number(0));
        let poly = (0..a.poly.len().max(b.poly.len())).map(|i| at(a, i).add(&at(b, i))).collect();
        Some(self.make(poly, self.sum(&a.rest, &b.rest)?))
    }

    fn mul(&self, a: &Form, b: &Form) -> Option<Form> {
        if a.degree() + b.degree() > MAX_DEGREE {
            return None;
        }
        let poly = self.multiply(&a.poly, &b.poly);
        let cross = self.sum(&self.magnitude(&a.poly)?.times(&b.rest), &self.magnitude(&b.poly)?.times(&a.rest))?;
        Some(self.make(poly, self.sum(&cross, &a.rest.times(&b.rest))?))
    }

    fn multiply(&self, a: &[Number], b: &[Number]) -> Vec<Number> {
        let mut poly = vec![self.number(0); (a.len() + b.len()).saturating_sub(1)];
        for (i, c) in a.iter().enumerate() {
            for (j, d) in b.iter().enumerate() {
                poly[i + j] = poly[i + j].add(&c.mul(d));
            }
        }
        poly
    }

    /// Polynomial division P = D Q + R; then (P + r)/(Q + s) - D = (R + r - D s)/(Q + s).
    fn div(&self, a: &Form, b: &Form) -> Option<Form> {
        let floor = self.floor(b)?;
        let top = b.poly.last()?;
        let mut rest = a.poly.clone();
        let mut quotient = vec![self.number(0); a.poly.len().saturating_sub(b.poly.len() - 1)];
        for k in (0..quotient.len()).rev() {
            // the leading terms cancel by the choice of the quotient's coefficient
            let d = rest.pop()?.div(top)?;
            for (i, c) in b.poly.iter().enumerate().take(b.poly.len() - 1) {
                rest[k + i] = rest[k + i].sub(&d.mul(c));
            }
            quotient[k] = d;
        }
        let numerator = self.sum(&self.magnitude(&self.make(rest, self.nothing()).poly)?, &a.rest)?;
        let numerator = self.sum(&numerator, &self.magnitude(&quotient)?.times(&b.rest))?;
        let reciprocal = Decay::algebraic(&self.int(1).div(&floor)?, -b.degree());
        Some(self.make(quotient, numerator.times(&reciprocal)))
    }

    fn pow(&self, base: &Form, q: &Rational) -> Option<Form> {
        let n = q.numer().to_i32().filter(|n| n.abs() <= MAX_DEGREE)?;
        if *q.denom() == 1 {
            let mut power = self.constant(self.number(1));
            for _ in 0..n.abs() {
                power = self.mul(&power, base)?;
            }
            return if n < 0 { self.div(&self.constant(self.number(1)), &power) } else { Some(power) };
        }
        if base.degree() <= 0 {
            return self.near_constant(&Expr::var().pow(Expr::rational(q.clone())), base);
        }
        if *q.denom() == 2 { self.pow(&self.sqrt(base)?, &Rational::from(n)) } else { None }
    }

    /// With S the polynomial part of the root, sqrt(u) - S = (u - S^2)/(sqrt(u) + S), and u - S^2 has a low degree.
    fn sqrt(&self, u: &Form) -> Option<Form> {
        let top = u.poly.last().filter(|c| c.value.lo > 0)?;
        self.floor(u)?;
        let half = usize::try_from(u.degree()).ok().filter(|d| d % 2 == 0)? / 2;
        let exact = top.exact.as_ref().and_then(|q| {
            let root = Rational::from((q.numer().clone().sqrt(), q.denom().clone().sqrt()));
            (Rational::from(root.square_ref()) == *q).then_some(root)
        });
        let root = top.value.call(Func::Sqrt)?;
        let mut s = vec![self.number(0); half + 1];
        s[half] = Number::new(self.prec(), exact, || root);
        let twice = s[half].add(&s[half]);
        for k in (0..half).rev() {
            let known = &self.multiply(&s, &s)[half + k];
            s[k] = u.poly[half + k].sub(known).div(&twice)?;
        }
        let s = self.make(s, self.nothing());
        let square = self.multiply(&s.poly, &s.poly);
        // by the choice of S the terms of degree `half` and more cancel
        let low = (0..half).map(|i| u.poly[i].sub(&square[i])).collect();
        let residue = self.sum(&self.magnitude(&self.make(low, self.nothing()).poly)?, &u.rest)?;
        let reciprocal = Decay::algebraic(&self.int(1).div(&self.floor(&s)?)?, -s.degree());
        Some(Form { poly: s.poly, rest: residue.times(&reciprocal) })
    }

    /// g(c + r) = g(c) + g'(somewhere between) r.
    fn near_constant(&self, g: &Expr, u: &Form) -> Option<Form> {
        let center = u.poly.first().map_or_else(|| self.int(0), |c| c.value.clone());
        let radius = self.bound(&u.rest)?;
        let range = center.add(&Interval { lo: -radius.hi.clone(), hi: radius.hi });
        eval(g, &range).ok()?;
        let value = eval(g, &center).ok()?;
        let exact = match u.poly.first() {
            Some(c) => c.exact.as_ref().and_then(|q| g.substitute_x(&Expr::rational(q.clone())).exact_rational()),
            None => g.substitute_x(&Expr::int(0)).exact_rational(),
        };
        let rest = if u.rest.c.is_zero() {
            self.nothing()
        } else {
            Decay::algebraic(&eval(&g.derivative(), &range).ok()?.abs(), 0).times(&u.rest)
        };
        Some(self.make(vec![Number::new(self.prec(), exact, || value)], rest))
    }

    /// A bound of e^u for u that falls at least like -rate t.
    fn decay(&self, u: &Form) -> Option<Decay> {
        let (constant, slopes) = u.poly.split_first().filter(|(_, s)| !s.is_empty())?;
        let rate = self.horner(slopes).neg();
        let factor = constant.value.add(&self.bound(&u.rest)?).call(Func::Exp)?;
        (rate.lo > 0).then(|| Decay::new(&factor, 0, &rate))
    }

    fn call(&self, f: Func, u: &Form) -> Option<Form> {
        if u.degree() <= 0 {
            return match f {
                // |c + r| differs from |c| by at most |r|
                Func::Abs if self.floor(u).is_none() => Some(self.make(
                    u.poly.iter().map(|c| Number { exact: None, value: c.value.abs() }).collect(),
                    u.rest.clone(),
                )),
                _ => self.near_constant(&Expr::call(f, Expr::var()), u),
            };
        }
        let floor = self.floor(u)?;
        let up = u.poly.last()?.value.lo > 0;
        let size = if up { u.clone() } else { self.neg(u) };
        // e^(-size k), and e^(-size^2 / k)
        let falling = |k: i32| self.decay(&self.mul(&size, &self.constant(self.number(-k)))?);
        let bell = |k: i32| {
            let factor = self.constant(Number::new(self.prec(), Some(Rational::from((-1, k))), || self.int(0)));
            self.decay(&self.mul(&self.mul(&size, &size)?, &factor)?)
        };
        let quarter =
            self.constant(Number { exact: None, value: Interval::named(self.prec(), Named::Pi).div(&self.int(2))? });
        let int = |n| self.constant(self.number(n));
        // the limits for u -> -inf and u -> inf, and the distance from them
        let (low, high, distance) = match f {
            Func::Exp if !up => (int(0), int(0), falling(1)?),
            Func::Expm1 if !up => (int(-1), int(0), falling(1)?),
            Func::Sigmoid => (int(0), int(1), falling(1)?),
            Func::Softplus => (int(0), u.clone(), falling(1)?),
            Func::Tanh => (int(-1), int(1), self.doubled(&falling(2)?)),
            Func::Erf => (int(-1), int(1), bell(1)?),
            Func::Erfc => (int(2), int(0), bell(1)?),
            Func::NormCdf => (int(0), int(1), bell(2)?),
            Func::NormPdf => (int(0), int(0), bell(2)?),
            Func::Atan => (self.neg(&quarter), quarter, Decay::algebraic(&self.int(1).div(&floor)?, -u.degree())),
            Func::Sin | Func::Cos => (int(0), int(0), Decay::algebraic(&self.int(1), 0)),
            Func::Abs => (size.clone(), size.clone(), self.nothing()),
            Func::Sqrt if up => return self.sqrt(u),
            Func::Exp | Func::Expm1 | Func::Log | Func::Log1p | Func::Sqrt | Func::Sinh | Func::Cosh => return None,
        };
        let limit = if up { high } else { low };
        let rest = self.sum(&limit.rest, &distance)?;
        Some(Form { rest, ..limit })
    }

    fn doubled(&self, r: &Decay) -> Decay {
        Decay { c: r.c.add(&r.c), ..r.clone() }
    }

    fn max(&self, a: &Form, b: &Form) -> Option<Form> {
        let difference = self.add(a, &self.neg(b))?;
        if difference.poly.is_empty() {
            // the maximum is a plus something between 0 and |b - a|
            let rest = self.sum(&a.rest, &difference.rest)?;
            return Some(Form { poly: a.poly.clone(), rest });
        }
        self.floor(&difference)?;
        Some(if difference.poly.last()?.value.lo > 0 { a.clone() } else { b.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actaudit_expr::parse_expr;
    use std::f64::consts::{FRAC_PI_2, LN_2};

    /// The bound on [from, inf) (or its mirror image) lies above samples, and not far above `tight`.
    fn check(text: &str, from: u32, left: bool, tight: f64, slack: f64) {
        let e = parse_expr(text).unwrap();
        let from = Float::with_val(128, from);
        let tail = Tail::new(&from, left).unwrap();
        let upper = tail.upper(&e).unwrap();
        for k in 0..60 {
            let t = Float::with_val(128, &from * (1.0 + f64::from(k * k) / 50.0));
            let x = Interval::point(&if left { -t } else { t });
            let value = eval(&e, &x).unwrap();
            assert!(value.lo <= upper, "{text} at {x} lies in {value}, above {upper}");
        }
        assert!(upper <= tight + slack, "{text}: {upper} is far above {tight}");
        let opposite = tail.upper(&-e).unwrap();
        assert!(-opposite <= upper, "{text}");
    }

    #[test]
    fn bounds_hold_and_are_close() {
        check("normcdf(x) + x*normpdf(x)", 10, false, 1.0, 1e-10);
        check("normcdf(x) + x*normpdf(x)", 10, true, 0.0, 1e-10);
        check("sigmoid(x) + x*sigmoid(x)*sigmoid(-x)", 40, false, 1.0, 1e-10);
        check("x*tanh(softplus(x))", 40, true, 0.0, 1e-10);
        check("(x*tanh(softplus(x)))/x", 40, false, 1.0, 1e-10);
        check("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2", 6, true, 0.0, 1e-10);
        check("x - x^3/(1 + x^2)", 1000, false, 0.0, 0.0011);
        check("x^3/(1 + x^2) - x", 1000, true, 0.0, 0.0011);
        check("(x + sqrt(x^2 + 4))/2 - x", 1000, false, 0.0, 0.01);
        check("1/sqrt(x^2 + 1)^3", 100, false, 0.0, 1e-5);
        check("(x^2 + 1)^(-3/2)", 100, true, 0.0, 1e-5);
        check("sqrt(x^4 + x^3 + x) - x^2 - x/2", 1000, false, -0.125, 0.01);
        check("atan(x)", 1000, false, FRAC_PI_2, 0.002);
        check("atan(x)", 1000, true, -FRAC_PI_2, 0.002);
        check("softplus(x/10)*10 - x", 500, false, 0.0, 1e-10);
        check("exp(-x^2) + erf(x) - erfc(-x)", 8, false, -1.0, 1e-10);
        check("log(2 + exp(-x))", 40, false, LN_2, 1e-9);
        check("max(x, 3) - min(x, 3) - x", 10, false, -3.0, 0.0);
        check("abs(x) + x", 10, true, 0.0, 0.0);
        check("sin(x) + cos(x) - x", 10, false, -8.0, 0.0);
        check("expm1(x) + abs(exp(x))", 60, true, -1.0, 1e-10);
    }

    #[test]
    fn what_has_no_rule_is_refused() {
        let tail = Tail::new(&Float::with_val(128, 2), false).unwrap();
        for text in [
            "exp(x)",
            "log(x)",
            "sinh(x)",
            "1/sin(x)",
            "sqrt(x)",
            "1/(x - 3)",
            "x^(1/3)",
            "sqrt(exp(-x))",
            "log(x - 5)",
            "x^100",
        ] {
            assert!(tail.form(&parse_expr(text).unwrap()).is_err(), "{text}");
        }
        assert!(tail.limit(&parse_expr("sin(x)").unwrap()).is_err());
        assert!(tail.upper(&parse_expr("x").unwrap()).unwrap().is_infinite());
        assert!(Tail::new(&Float::new(64), false).is_none());
    }
}
