//! Taylor coefficients over an interval: with `f(c + h) = sum u_n h^n`, an enclosure of each `u_n` for all `c` in the interval.
//!
//! Recurrences for the coefficients: `w' = r u'` gives `n w_n = sum over i of i u_i r_(n-i)`. A function that solves no equation
//! by itself is one of a pair that does.

use super::system::{Answer, BRANCH, DIVISOR, ROOT};
use actaudit_expr::plain::{Interval, shortened};
use actaudit_expr::{Expr, Func, Named, Node};
use rug::Rational;

type Series = Vec<Interval>;

/// `u_0 .. u_degree` of an expression without parameters.
///
/// # Errors
/// The operation that has no value, or no derivatives, for some member of its operands.
pub(super) fn expand(e: &Expr, x: &Interval, degree: usize) -> Answer<Series> {
    let cx = Context { prec: x.prec(), degree };
    let go = |e: &Expr| expand(e, x, degree);
    let value = match e.node() {
        Node::Const(c) => Ok(cx.constant(Interval::rational(cx.prec, &c.value))),
        Node::Named(n) => Ok(cx.constant(Interval::named(cx.prec, *n))),
        Node::Var => {
            let mut u = cx.constant(x.clone());
            if let Some(slope) = u.get_mut(1) {
                *slope = Interval::int(cx.prec, 1);
            }
            Ok(u)
        }
        Node::Param(_) => Err("is a parameter without a value".into()),
        Node::Neg(a) => Ok(neg(&go(a)?)),
        Node::Add(a, b) => Ok(add(&go(a)?, &go(b)?)),
        Node::Sub(a, b) => Ok(add(&go(a)?, &neg(&go(b)?))),
        Node::Mul(a, b) => Ok(cx.mul(&go(a)?, &go(b)?)),
        Node::Div(a, b) => cx.div(&go(a)?, &go(b)?),
        Node::Pow(a, q) => match q.exact_rational() {
            Some(q) => cx.pow(&go(a)?, &q),
            None => Err("has an exponent that is no rational number".into()),
        },
        Node::Call(f, a) => cx.call(*f, &go(a)?),
        Node::Max(a, b) => larger(&go(a)?, &go(b)?),
        Node::Min(a, b) => larger(&neg(&go(a)?), &neg(&go(b)?)).map(|u| neg(&u)),
    };
    let value = value.map_err(|reason| format!("`{}` {reason}", shortened(e)))?;
    // no operation is meant to make what is not a number, and if one does the proof ends here
    if value.iter().all(Interval::is_valid) { Ok(value) } else { Err(format!("`{}` has no value", shortened(e))) }
}

fn neg(u: &[Interval]) -> Series {
    u.iter().map(Interval::neg).collect()
}

fn add(a: &[Interval], b: &[Interval]) -> Series {
    a.iter().zip(b).map(|(a, b)| a.add(b)).collect()
}

/// The larger of two that differ on the whole interval, its ends included: where they meet there may be no derivative.
fn larger(a: &[Interval], b: &[Interval]) -> Answer<Series> {
    let difference = a[0].sub(&b[0]);
    match () {
        () if difference.lo > 0 => Ok(a.to_vec()),
        () if difference.hi < 0 => Ok(b.to_vec()),
        () => Err(BRANCH.into()),
    }
}

#[derive(Clone, Copy)]
struct Context {
    prec: u32,
    degree: usize,
}

impl Context {
    fn int(self, n: usize) -> Interval {
        Interval::rational(self.prec, &Rational::from(n))
    }

    fn constant(self, value: Interval) -> Series {
        let mut u = vec![Interval::int(self.prec, 0); self.degree + 1];
        u[0] = value;
        u
    }

    /// `sum over i of a_i b_(n-i)`, from `i = first` on.
    fn convolution(self, a: &[Interval], b: &[Interval], n: usize, first: usize) -> Interval {
        (first..=n).fold(Interval::int(self.prec, 0), |sum, i| sum.add(&a[i].mul(&b[n - i])))
    }

    fn mul(self, a: &[Interval], b: &[Interval]) -> Series {
        (0..=self.degree).map(|n| self.convolution(a, b, n, 0)).collect()
    }

    /// `w b = a`
    fn div(self, a: &[Interval], b: &[Interval]) -> Answer<Series> {
        let mut w: Series = vec![];
        for n in 0..=self.degree {
            let known = (1..=n).fold(a[n].clone(), |rest, i| rest.sub(&b[i].mul(&w[n - i])));
            w.push(known.div(&b[0]).ok_or(DIVISOR)?);
        }
        Ok(w)
    }

    /// A whole power by products; another one by `n u_0 w_n = sum of (q i - (n - i)) u_i w_(n-i)`.
    fn pow(self, u: &[Interval], q: &Rational) -> Answer<Series> {
        if *q.denom() == 1 {
            let n = q.numer().to_i32().filter(|n| n.unsigned_abs() < 64).ok_or("has a large exponent")?;
            let one = self.constant(self.int(1));
            let power = (0..n.unsigned_abs()).fold(one.clone(), |power, _| self.mul(&power, u));
            let mut power = if n < 0 { self.div(&one, &power)? } else { power };
            // narrower where the base holds both signs
            power[0] = u[0].powi(n).ok_or(DIVISOR)?;
            return Ok(power);
        }
        let mut w = vec![u[0].pow(q).filter(|_| u[0].lo > 0).ok_or(ROOT)?];
        for n in 1..=self.degree {
            let weight = |i: usize| q * Rational::from(i) - Rational::from(n - i);
            let sum = (1..=n).fold(Interval::int(self.prec, 0), |sum, i| {
                sum.add(&Interval::rational(self.prec, &weight(i)).mul(&u[i]).mul(&w[n - i]))
            });
            w.push(sum.div(&u[0].mul(&self.int(n))).ok_or(ROOT)?);
        }
        Ok(w)
    }

    /// The solution of `w_k' = r_k u'` with these first coefficients; `rate(k, w, n)` is the coefficient n of `r_k`.
    fn solve<const K: usize>(
        self,
        u: &[Interval],
        first: [Interval; K],
        rate: impl Fn(usize, &[Series; K], usize) -> Interval,
    ) -> [Series; K] {
        let mut w = first.map(|v| vec![v]);
        let mut rates: [Series; K] = std::array::from_fn(|_| vec![]);
        for n in 1..=self.degree {
            let scaled: Series = (0..=n).map(|i| u[i].mul(&self.int(i))).collect();
            for (k, r) in rates.iter_mut().enumerate() {
                r.push(rate(k, &w, n - 1));
            }
            for (w, r) in w.iter_mut().zip(&rates) {
                let sum = self.convolution(&scaled, r, n, 1);
                // the divisor is a positive integer
                w.push(sum.div(&self.int(n)).unwrap_or_else(|| Interval::line(self.prec)));
            }
        }
        w
    }

    /// The antiderivative of `slope u'` with this first coefficient.
    fn integral(self, u: &[Interval], slope: &[Interval], first: Interval) -> Series {
        let [w] = self.solve(u, [first], |_, _, n| slope[n].clone());
        w
    }

    fn exp(self, u: &[Interval]) -> Answer<Series> {
        let first = u[0].call(Func::Exp).ok_or("has no value")?;
        let [w] = self.solve(u, [first], |_, [w], n| w[n].clone());
        Ok(w)
    }

    /// `scale exp(-u^2 / divisor)`, with its first coefficient given.
    fn bell(self, u: &[Interval], divisor: usize, first: Interval) -> Answer<Series> {
        let square = self.mul(u, u);
        let exponent = neg(&self.div(&square, &self.constant(self.int(divisor)))?);
        let [w] = self.solve(&exponent, [first], |_, [w], n| w[n].clone());
        Ok(w)
    }

    /// `sigmoid u` and `sigmoid(-u)`: `a' = a b u'`, `b' = -a b u'`.
    fn sigmoid(self, u: &[Interval], first: Interval) -> Answer<Series> {
        let other = u[0].neg().call(Func::Sigmoid).ok_or("has no value")?;
        let [w, _] = self.solve(u, [first, other], |k, [a, b], n| {
            let product = self.convolution(a, b, n, 0);
            if k == 0 { product } else { product.neg() }
        });
        Ok(w)
    }

    fn call(self, f: Func, u: &[Interval]) -> Answer<Series> {
        let at = |f: Func| u[0].call(f).ok_or("has no value for some of its operands");
        let first = at(f)?;
        let two_over_root_pi = || {
            let root = Interval::named(self.prec, Named::Pi).call(Func::Sqrt)?;
            self.int(2).div(&root)
        };
        Ok(match f {
            Func::Exp => self.exp(u)?,
            Func::Expm1 => self.integral(u, &self.exp(u)?, first),
            Func::Log => self.integral(u, &self.div(&self.constant(self.int(1)), u)?, first),
            Func::Log1p => {
                let one = self.constant(self.int(1));
                self.integral(u, &self.div(&one, &add(&one, u))?, first)
            }
            Func::Sqrt => self.pow(u, &Rational::from((1, 2)))?,
            Func::Erf | Func::Erfc => {
                let bell = u[0].powi(2).and_then(|s| s.neg().call(Func::Exp)).ok_or("has no value")?;
                let slope = self.bell(u, 1, bell.mul(&two_over_root_pi().ok_or("has no value")?))?;
                self.integral(u, &if f == Func::Erf { slope } else { neg(&slope) }, first)
            }
            // `t' = s u'`, `s' = -2 t s u'` with s = 1/cosh^2, which is small where 1 - t^2 would cancel
            Func::Tanh => {
                let square = at(Func::Cosh)?.powi(2).and_then(|c| self.int(1).div(&c)).ok_or("has no value")?;
                let minus_two = Interval::int(self.prec, -2);
                let [t, _] = self.solve(u, [first, square], |k, [t, s], n| match k {
                    0 => s[n].clone(),
                    _ => self.convolution(t, s, n, 0).mul(&minus_two),
                });
                t
            }
            Func::Sinh | Func::Cosh => {
                let pair = [at(Func::Sinh)?, at(Func::Cosh)?];
                let [s, c] = self.solve(u, pair, |k, w, n| w[1 - k][n].clone());
                if f == Func::Sinh { s } else { c }
            }
            Func::Sin | Func::Cos => {
                let pair = [at(Func::Sin)?, at(Func::Cos)?];
                let [s, c] = self.solve(u, pair, |k, w, n| if k == 0 { w[1][n].clone() } else { w[0][n].neg() });
                if f == Func::Sin { s } else { c }
            }
            Func::Atan => {
                let one = self.constant(self.int(1));
                self.integral(u, &self.div(&one, &add(&one, &self.pow(u, &Rational::from(2))?))?, first)
            }
            Func::Sigmoid => self.sigmoid(u, first)?,
            Func::Softplus => self.integral(u, &self.sigmoid(u, at(Func::Sigmoid)?)?, first),
            Func::NormPdf => self.bell(u, 2, first)?,
            Func::NormCdf => self.integral(u, &self.bell(u, 2, at(Func::NormPdf)?)?, first),
            Func::Abs => larger(u, &neg(u))?,
        })
    }
}

#[cfg(test)]
mod tests;
