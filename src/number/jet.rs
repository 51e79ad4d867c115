//! Jets: the Taylor coefficients (f, f', f''/2!, ..., f^(n)/n!) of an expression at a point or over an interval.

use super::Real;
use crate::expr::{Func, Named};
use rug::Rational;

/// Taylor coefficients up to a fixed order, over any number system. `c[k]` encloses `f^(k)/k!`.
#[derive(Clone, Debug)]
pub struct Jet<T> {
    /// the coefficients; never empty
    pub c: Vec<T>,
}

impl<T: Real> Jet<T> {
    /// The variable itself, as a jet of the given order.
    pub fn variable(x: T, order: usize) -> Self {
        let cx = x.context();
        let mut c = vec![x];
        c.extend((1..=order).map(|k| T::int(&cx, i64::from(k == 1))));
        Self { c }
    }

    fn constant(x: T, order: usize) -> Self {
        let cx = x.context();
        let mut c = vec![x];
        c.extend((0..order).map(|_| T::int(&cx, 0)));
        Self { c }
    }

    /// The highest order held.
    pub fn order(&self) -> usize {
        self.c.len() - 1
    }

    /// An enclosure of the k-th derivative.
    pub fn derivative(&self, k: usize) -> T {
        if k <= 1 {
            return self.c[k].clone();
        }
        let factorial = (1..=k as u32).fold(Rational::from(1), |a, i| a * i);
        self.c[k].mul(&T::rational(&self.c[k].context(), &factorial))
    }

    fn zip(&self, rhs: &Self, f: impl Fn(&T, &T) -> T) -> Self {
        Self { c: self.c.iter().zip(&rhs.c).map(|(a, b)| f(a, b)).collect() }
    }

    /// Solves v' = w * u' for v, where v(x0) is given and the coefficients of w up to k - 1 are known once those of v
    /// up to k - 1 are: `w` is called with the coefficients of v so far and gives the coefficient number `k - 1` of w.
    fn integrate(&self, v0: T, mut w: impl FnMut(&[T], usize) -> T) -> Self {
        let cx = v0.context();
        let mut v = vec![v0];
        let mut ws: Vec<T> = Vec::with_capacity(self.order());
        for k in 1..=self.order() {
            ws.push(w(&v, k - 1));
            // k v_k = sum_{j=1..k} j u_j w_{k-j}
            let sum = sum_of((1..=k).map(|j| scale(&self.c[j].mul(&ws[k - j]), &cx, j)), &cx);
            v.push(unscale(&sum, &cx, k));
        }
        Self { c: v }
    }

    /// v' = w u' where w is a jet that can be had beforehand.
    fn integrate_with(&self, v0: T, w: &Self) -> Self {
        self.integrate(v0, |_, k| w.c[k].clone())
    }

    fn truncated(&self, order: usize) -> Self {
        Self { c: self.c[..=order.min(self.order())].to_vec() }
    }

    /// The jet of w = f'(u), needed up to one order less than u.
    fn slope_of(&self, f: Func) -> Self {
        let u = self.truncated(self.order().saturating_sub(1));
        let cx = u.c[0].context();
        let one = || Self::constant(T::int(&cx, 1), u.order());
        match f {
            Func::Exp | Func::Expm1 => u.call(Func::Exp),
            Func::Log => one().div(&u),
            Func::Log1p => one().div(&one().add(&u)),
            Func::Sqrt => u.pow(&Rational::from((-1, 2))).scaled(&Rational::from((1, 2))),
            Func::Erf | Func::Erfc => {
                let two_over_root_pi = T::int(&cx, 2).div(&T::named(&cx, Named::Pi).call(Func::Sqrt));
                let sign = if f == Func::Erf { two_over_root_pi } else { two_over_root_pi.neg() };
                Self::constant(sign, u.order()).mul(&u.sqr().neg().call(Func::Exp))
            }
            Func::Sinh => u.call(Func::Cosh),
            Func::Cosh => u.call(Func::Sinh),
            Func::Atan => one().div(&one().add(&u.sqr())),
            Func::Sin => u.call(Func::Cos),
            Func::Cos => u.call(Func::Sin).neg(),
            Func::Softplus => u.call(Func::Sigmoid),
            Func::NormCdf => u.call(Func::NormPdf),
            Func::Abs | Func::Tanh | Func::Sigmoid | Func::NormPdf => unreachable!("{f:?} has its own rule"),
        }
    }

    fn scaled(&self, by: &Rational) -> Self {
        let k = T::rational(&self.c[0].context(), by);
        Self { c: self.c.iter().map(|a| a.mul(&k)).collect() }
    }
}

fn sum_of<T: Real>(mut terms: impl Iterator<Item = T>, cx: &T::Context) -> T {
    match terms.next() {
        None => T::int(cx, 0),
        Some(first) => terms.fold(first, |a, b| a.add(&b)),
    }
}

fn scale<T: Real>(a: &T, cx: &T::Context, k: usize) -> T {
    if k == 1 { a.clone() } else { a.mul(&T::int(cx, k as i64)) }
}

fn unscale<T: Real>(a: &T, cx: &T::Context, k: usize) -> T {
    if k == 1 { a.clone() } else { a.div(&T::int(cx, k as i64)) }
}

impl<T: Real> Real for Jet<T> {
    /// The context of the coefficients, and the order.
    type Context = (T::Context, usize);

    fn context(&self) -> Self::Context {
        (self.c[0].context(), self.order())
    }

    fn rational(cx: &Self::Context, value: &Rational) -> Self {
        Self::constant(T::rational(&cx.0, value), cx.1)
    }

    fn named(cx: &Self::Context, name: Named) -> Self {
        Self::constant(T::named(&cx.0, name), cx.1)
    }

    fn neg(&self) -> Self {
        Self { c: self.c.iter().map(T::neg).collect() }
    }

    fn add(&self, rhs: &Self) -> Self {
        self.zip(rhs, T::add)
    }

    fn sub(&self, rhs: &Self) -> Self {
        self.zip(rhs, T::sub)
    }

    fn mul(&self, rhs: &Self) -> Self {
        let cx = self.c[0].context();
        let c = (0..self.c.len()).map(|k| sum_of((0..=k).map(|j| self.c[j].mul(&rhs.c[k - j])), &cx)).collect();
        Self { c }
    }

    fn sqr(&self) -> Self {
        let cx = self.c[0].context();
        let c = (0..self.c.len())
            .map(|k| {
                let cross = (0..k.div_ceil(2)).map(|j| self.c[j].mul(&self.c[k - j]));
                let cross = if k == 0 { None } else { Some(scale(&sum_of(cross, &cx), &cx, 2)) };
                match (cross, k.is_multiple_of(2)) {
                    (None, _) => self.c[0].sqr(),
                    (Some(s), false) => s,
                    (Some(s), true) => s.add(&self.c[k / 2].sqr()),
                }
            })
            .collect();
        Self { c }
    }

    fn div(&self, rhs: &Self) -> Self {
        let cx = self.c[0].context();
        let mut q: Vec<T> = Vec::with_capacity(self.c.len());
        for k in 0..self.c.len() {
            let known = sum_of((0..k).map(|j| q[j].mul(&rhs.c[k - j])), &cx);
            let rest = if k == 0 { self.c[0].clone() } else { self.c[k].sub(&known) };
            q.push(rest.div(&rhs.c[0]));
        }
        Self { c: q }
    }

    fn pow(&self, exponent: &Rational) -> Self {
        if *exponent == 0 {
            return Self::constant(self.c[0].pow(exponent), self.order());
        } else if *exponent == 1 {
            return self.clone();
        } else if *exponent == 2 {
            return self.sqr();
        }
        let v0 = self.c[0].pow(exponent);
        if self.order() == 0 {
            return Self { c: vec![v0] };
        }
        // each level needs one order less, so the recursion is as deep as the order
        let slope = self.truncated(self.order() - 1).pow(&Rational::from(exponent - 1)).scaled(exponent);
        self.integrate_with(v0, &slope)
    }

    fn call(&self, f: Func) -> Self {
        let v0 = self.c[0].call(f);
        if self.order() == 0 {
            return Self { c: vec![v0] };
        }
        let cx = v0.context();
        match f {
            // |u| = max(u, -u), but the value itself knows that it is not negative
            Func::Abs => {
                let mut out = self.max(&self.neg());
                out.c[0] = v0;
                out
            }
            Func::Exp => self.integrate(v0, |v, k| v[k].clone()),
            // v' = v (1 - v) u', with 1 - v(x0) as s(-u): no cancellation in the right tail
            Func::Sigmoid => {
                let complement = self.c[0].neg().call(Func::Sigmoid);
                self.integrate(v0, |v, k| {
                    let w = |j: usize| if j == 0 { complement.clone() } else { v[j].neg() };
                    sum_of((0..=k).map(|j| v[k - j].mul(&w(j))), &cx)
                })
            }
            // v' = (1 - v^2) u', with sech^2 = 4 s(2u) s(-2u) at the point: no cancellation in the tails
            Func::Tanh => {
                let two_u = self.c[0].mul(&T::int(&cx, 2));
                let sech_sqr = two_u.call(Func::Sigmoid).mul(&two_u.neg().call(Func::Sigmoid)).mul(&T::int(&cx, 4));
                self.integrate(v0, |v, k| match k {
                    0 => sech_sqr.clone(),
                    _ => sum_of((0..=k).map(|j| v[j].mul(&v[k - j])), &cx).neg(),
                })
            }
            // v' = -u v u'
            Func::NormPdf => self.integrate(v0, |v, k| sum_of((0..=k).map(|j| v[j].mul(&self.c[k - j])), &cx).neg()),
            _ => self.integrate_with(v0, &self.slope_of(f)),
        }
    }

    fn min(&self, rhs: &Self) -> Self {
        self.neg().max(&rhs.neg()).neg()
    }

    /// The generalised derivative: where the larger one is not decided, the first coefficient holds both slopes, which is
    /// what the mean value theorem for Lipschitz functions needs. Higher ones do not exist at a kink: they are undefined.
    fn max(&self, rhs: &Self) -> Self {
        let (left, right) = (&self.c[0], &rhs.c[0]);
        let mut out = self.zip(rhs, |a, b| T::choose(a, b, left, right));
        out.c[0] = left.max(right);
        if T::open(left, right) {
            let zero = T::int(&left.context(), 0);
            out.c.iter_mut().skip(2).for_each(|c| *c = zero.div(&zero));
        }
        out
    }

    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        a.zip(b, |p, q| T::choose(p, q, &left.c[0], &right.c[0]))
    }

    fn open(left: &Self, right: &Self) -> bool {
        T::open(&left.c[0], &right.c[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Enclosure, F64I};

    #[test]
    fn a_kink_has_slopes_but_no_curvature() {
        let x = Jet::variable(F64I::new(&(), &-1.0, &2.0), 3).call(Func::Abs);
        assert_eq!((x.c[1].lo(), x.c[1].hi()), (-1.0, 1.0));
        assert!(x.c[1].total() && !x.c[2].total() && x.c[2].hi().is_infinite());
    }

    /// Each rule against the series of the same function made of others, at a point where both are known.
    #[test]
    fn every_function_agrees_with_a_finite_difference_of_its_lower_orders() {
        for f in Func::ALL {
            let jet = |x: f64| Jet::variable(F64I::new(&(), &x, &x), 3).call(f);
            let (h, at) = (1e-4, 0.75);
            for k in 0..3 {
                let mid = |x: f64| {
                    let d = jet(x).derivative(k);
                    0.5 * (d.lo() + d.hi())
                };
                let difference = (mid(at + h) - mid(at - h)) / (2.0 * h);
                let exact = jet(at).derivative(k + 1);
                assert!((exact.lo() - difference).abs() < 1e-5, "{f:?} order {k}: {exact:?} and {difference}");
            }
        }
    }
}
