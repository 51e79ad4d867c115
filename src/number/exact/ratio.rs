//! Rational functions of atoms: a polynomial over a product of powers of polynomials.

use super::monomial::{Atom, Head, Monomial};
use super::poly::Poly;
use rug::{Integer, Rational};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `num / product of f^k`. Each factor has several terms, leading coefficient 1 and no monomial in free atoms as a
/// factor (monomials are kept in the numerator, with negative exponents).
///
/// It is zero exactly if `num` has no term: the relations between atoms are applied to `num`. Keeping the denominator
/// as a product makes common denominators cheap without a gcd.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub(super) struct Ratio {
    pub(super) num: Poly,
    pub(super) den: BTreeMap<Poly, u32>,
}

impl Ratio {
    pub(super) fn rational(value: impl Into<Rational>) -> Self {
        Self::from_poly(Poly::constant(value.into()))
    }

    pub(super) fn atom(atom: Atom) -> Self {
        Self::from_poly(Poly::atom(atom))
    }

    fn from_poly(num: Poly) -> Self {
        Self { num, den: BTreeMap::new() }
    }

    /// `coefficient * monomial`, relations applied.
    pub(super) fn term(coefficient: Rational, monomial: Monomial) -> Self {
        Self::from_poly(Poly::term(coefficient, monomial)).reduced()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.num.is_zero()
    }

    pub(super) fn is_one(&self) -> bool {
        self.as_rational().is_some_and(|q| q == 1)
    }

    pub(super) fn as_rational(&self) -> Option<Rational> {
        if self.den.is_empty() { self.num.as_rational() } else { None }
    }

    /// Coefficient and monomial, if there is no sum anywhere.
    pub(super) fn as_term(&self) -> Option<(&Rational, &Monomial)> {
        if self.den.is_empty() { self.num.as_term() } else { None }
    }

    /// Number of terms: what operations cost.
    pub(super) fn size(&self) -> usize {
        self.num.len() + self.den.iter().map(|(f, k)| f.len() * *k as usize).sum::<usize>()
    }

    /// The number of terms of the largest sum that is multiplied out when a power is formed.
    pub(super) fn spread(&self) -> usize {
        let atoms = self.num.0.keys().flat_map(|m| m.0.keys());
        let bases = atoms.map(|a| match a {
            Atom::Root(u) | Atom::Call(Head::Abs, u) => u.size(),
            Atom::Call(Head::Sin, _) => 2,
            _ => 1,
        });
        bases.fold(self.num.len(), usize::max)
    }

    /// The bits of the largest numerator or denominator of a coefficient.
    pub(super) fn coefficient_bits(&self) -> u32 {
        let bits = |c: &Rational| c.numer().significant_bits().max(c.denom().significant_bits());
        self.num.0.values().map(bits).max().unwrap_or(0)
    }

    pub(super) fn neg(&self) -> Self {
        self.scaled(&Rational::from(-1))
    }

    pub(super) fn scaled(&self, by: &Rational) -> Self {
        if *by == 0 {
            return Self::default();
        }
        Self { num: self.num.scaled(by), den: self.den.clone() }
    }

    pub(super) fn plus(&self, rhs: &Self) -> Self {
        if self.den == rhs.den {
            return Self { num: self.num.plus(&rhs.num), den: self.den.clone() }.cancelled();
        }
        let mut den = self.den.clone();
        for (f, k) in &rhs.den {
            let slot = den.entry(f.clone()).or_insert(0);
            *slot = (*slot).max(*k);
        }
        let over = |r: &Self| {
            let mut num = r.num.clone();
            for (f, k) in &den {
                for _ in r.den.get(f).copied().unwrap_or(0)..*k {
                    num = num.times(f);
                }
            }
            num
        };
        Self { num: over(self).plus(&over(rhs)), den }.reduced().cancelled()
    }

    pub(super) fn minus(&self, rhs: &Self) -> Self {
        self.plus(&rhs.neg())
    }

    pub(super) fn times(&self, rhs: &Self) -> Self {
        let mut den = self.den.clone();
        for (f, k) in &rhs.den {
            *den.entry(f.clone()).or_insert(0) += k;
        }
        Self { num: self.num.times(&rhs.num), den }.reduced().cancelled()
    }

    /// The inverse; `None` for zero.
    pub(super) fn recip(&self) -> Option<Self> {
        let single = self.num.as_term().is_some();
        let content = self.num.content(|a| single || a.is_free());
        let primitive = self.num.over(&content);
        let lead = primitive.lead()?.0.clone();
        let (k, inverse) = content.raised(&Rational::from(-1));
        let mut num = Poly::term(k / &lead, inverse);
        for (f, k) in &self.den {
            for _ in 0..*k {
                num = num.times(f);
            }
        }
        let mut den = BTreeMap::new();
        if !single {
            den.insert(primitive.scaled(&lead.recip()), 1);
        }
        Some(Self { num, den }.reduced().cancelled())
    }

    /// `self ^ n`; `None` for a negative power of zero.
    pub(super) fn power(&self, n: i32) -> Option<Self> {
        let base = if n < 0 { self.recip()? } else { self.clone() };
        let mut out = Self::rational(1);
        for bit in (0..32 - n.unsigned_abs().leading_zeros()).rev() {
            out = out.times(&out);
            if n.unsigned_abs() >> bit & 1 == 1 {
                out = out.times(&base);
            }
        }
        Some(out)
    }

    /// Divides common factors out.
    fn cancelled(mut self) -> Self {
        if self.num.is_zero() {
            return Self::default();
        }
        let factors: Vec<Poly> = self.den.keys().cloned().collect();
        for f in factors {
            while let (Some(k), Some(quotient)) = (self.den.get(&f).copied(), self.num.divided_by(&f)) {
                self.num = quotient;
                if k == 1 {
                    self.den.remove(&f);
                } else {
                    self.den.insert(f.clone(), k - 1);
                }
            }
        }
        self
    }

    /// Applies the relations of roots, sines and absolute values to the numerator.
    fn reduced(self) -> Self {
        let out_of_range = |a: &Atom, e: &Rational| a.period().is_some_and(|p| *e < 0 || *e >= p);
        if !self.num.0.keys().any(|m| m.0.iter().any(|(a, e)| out_of_range(a, e))) {
            return self;
        }
        let mut sum = Self { num: Poly::zero(), den: BTreeMap::new() };
        for (m, c) in &self.num.0 {
            let mut rest = m.clone();
            let mut term = Self::rational(c.clone());
            for (atom, e) in &m.0 {
                let Some(period) = atom.period() else { continue };
                let periods = Rational::from(e / period).floor();
                let n = periods.numer().to_i32().expect("exponents are limited where they enter");
                let replaced = replacement(atom).power(n).expect("the base of an atom is not zero");
                let left = e - periods * period;
                rest.0.remove(atom);
                if left != 0 {
                    rest.0.insert(atom.clone(), left);
                }
                term = term.times(&replaced);
            }
            sum = sum.plus(&term.times(&Self::from_poly(Poly::term(Rational::from(1), rest))));
        }
        let over = Self { num: Poly::constant(Rational::from(1)), den: self.den };
        sum.times(&over)
    }
}

/// What a whole period of the atom stands for.
fn replacement(atom: &Atom) -> Ratio {
    match atom {
        Atom::Root(base) => base.as_ref().clone(),
        Atom::Call(Head::Abs, u) => u.times(u),
        Atom::Call(Head::Sin, u) => {
            let cos = Ratio::atom(Atom::Call(Head::Cos, Arc::clone(u)));
            Ratio::rational(1).minus(&cos.times(&cos))
        }
        _ => unreachable!("only atoms with a period are replaced"),
    }
}

/// The positive rational `q` as a product of primes' powers, each exponent times `r`.
pub(super) fn rational_power(q: &Rational, r: &Rational) -> Ratio {
    let mut monomial = Monomial::one();
    let mut coefficient = Rational::from(1);
    let mut put = |n: &Integer, sign: i32| {
        for (p, k) in super::monomial::factors(n) {
            let (c, m) = Monomial::power(Atom::Prime(p), &(Rational::from(r * k) * sign));
            let (d, product) = monomial.times(&m);
            coefficient *= c * d;
            monomial = product;
        }
    };
    put(q.numer(), 1);
    put(q.denom(), -1);
    Ratio::from_poly(Poly::term(coefficient, monomial))
}
