//! Sums of powers of x with real coefficients, negative and fractional powers included.

use super::coef::{COARSE, Coef};
use super::decay::{Decay, small};
use super::{infinity, power_at};
use crate::number::{Enclosure, MpI, Real};
use rug::Float;

/// Terms a x^(e/UNIT) from the highest exponent down; no exponent twice, no coefficient that is exactly zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Series(Vec<(i32, Coef)>);

/// All values of x^(units/UNIT) on [L, inf).
fn span(from: &Float, units: i32, prec: u32) -> MpI {
    let at = power_at(from, units, prec);
    match units.signum() {
        1 => MpI::from_floats(prec, &at.lo(), &infinity()),
        -1 => MpI::from_floats(prec, &Float::new(prec), &at.hi()),
        _ => at,
    }
}

impl Series {
    pub fn of(terms: Vec<(i32, Coef)>) -> Self {
        Self(terms.into_iter().filter(|(_, c)| !c.is_zero()).collect())
    }

    pub fn constant(value: Coef) -> Self {
        Self::of(vec![(0, value)])
    }

    pub fn terms(&self) -> &[(i32, Coef)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn lead(&self) -> Option<&(i32, Coef)> {
        self.0.first()
    }

    pub fn pop_lead(&mut self) -> Option<(i32, Coef)> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    pub fn pop_last(&mut self) -> Option<(i32, Coef)> {
        self.0.pop()
    }

    pub fn push_last(&mut self, exponent: i32, coef: Coef) {
        if !coef.is_zero() {
            self.0.push((exponent, coef));
        }
    }

    /// The coefficient of x^0.
    pub fn constant_part(&self) -> Coef {
        self.0.iter().find(|(e, _)| *e == 0).map_or_else(|| Coef::int(0), |(_, c)| c.clone())
    }

    /// Without the term x^0.
    pub fn variable_part(&self) -> Self {
        Self(self.0.iter().filter(|(e, _)| *e != 0).cloned().collect())
    }

    pub fn neg(&self) -> Self {
        Self(self.0.iter().map(|(e, c)| (*e, c.neg())).collect())
    }

    pub fn add(&self, rhs: &Self, prec: u32) -> Self {
        let (mut a, mut b) = (self.0.iter().peekable(), rhs.0.iter().peekable());
        let mut out = Vec::with_capacity(self.0.len() + rhs.0.len());
        loop {
            let next = match (a.peek(), b.peek()) {
                (Some((e, _)), Some((f, _))) if e == f => {
                    let both = a.next().zip(b.next());
                    both.map(|((e, c), (_, d))| (*e, c.add(d, prec)))
                }
                (Some((e, _)), Some((f, _))) => if e > f { a.next() } else { b.next() }.cloned(),
                (Some(_), None) => a.next().cloned(),
                _ => b.next().cloned(),
            };
            match next {
                Some(term) => out.push(term),
                None => return Self::of(out),
            }
        }
    }

    /// Times a x^(units/UNIT).
    pub fn times_term(&self, units: i32, a: &Coef, prec: u32) -> Self {
        Self::of(self.0.iter().map(|(e, c)| (e.saturating_add(units), c.mul(a, prec))).collect())
    }

    pub fn mul(&self, rhs: &Self, prec: u32) -> Self {
        self.0.iter().fold(Self::default(), |all, (e, c)| all.add(&rhs.times_term(*e, c, prec), prec))
    }

    /// |S(x)| <= c x^e on [L, inf), with e the highest exponent: lower powers are measured by the highest.
    pub fn bound(&self, from: &Float) -> Option<Decay> {
        let top = self.lead()?.0;
        let c = self.0.iter().fold(small(0), |acc, (e, a)| acc.add(&a.mag().mul(&power_at(from, e - top, COARSE))));
        Some(Decay::algebraic(c, top))
    }

    /// All values of S(x)/x^(base/UNIT) on [L, inf), by Horner's rule from both sides of the base.
    pub fn over(&self, base: i32, from: &Float, prec: u32) -> MpI {
        let split = self.0.partition_point(|(e, _)| *e >= base);
        let (high, low) = self.0.split_at(split);
        let nested = |terms: &mut dyn Iterator<Item = &(i32, Coef)>| {
            let first = terms.next()?;
            let (end, sum) = terms.fold((first.0, first.1.value(prec)), |(at, sum), (e, c)| {
                (*e, sum.mul(&span(from, at - e, prec)).add(&c.value(prec)))
            });
            Some(sum.mul(&span(from, end - base, prec)))
        };
        let parts = [nested(&mut high.iter()), nested(&mut low.iter().rev())];
        parts.into_iter().flatten().fold(MpI::int(&prec, 0), |all, part| all.add(&part))
    }
}
