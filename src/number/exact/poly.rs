//! Sparse polynomials with rational coefficients and rational (also negative) exponents.

use super::monomial::{Atom, Monomial};
use rug::Rational;
use std::collections::BTreeMap;

/// A sum of monomials; no coefficient is zero.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub(super) struct Poly(pub(super) BTreeMap<Monomial, Rational>);

impl Poly {
    pub(super) fn zero() -> Self {
        Self::default()
    }

    pub(super) fn constant(value: Rational) -> Self {
        Self::term(value, Monomial::one())
    }

    pub(super) fn term(coefficient: Rational, monomial: Monomial) -> Self {
        let mut out = Self::zero();
        out.add_term(coefficient, monomial);
        out
    }

    pub(super) fn atom(atom: Atom) -> Self {
        let (c, m) = Monomial::power(atom, &Rational::from(1));
        Self::term(c, m)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The value if no atom occurs.
    pub(super) fn as_rational(&self) -> Option<Rational> {
        match self.as_term() {
            Some((c, m)) if m.is_one() => Some(c.clone()),
            None if self.is_zero() => Some(Rational::new()),
            _ => None,
        }
    }

    /// The only term, if there is just one.
    pub(super) fn as_term(&self) -> Option<(&Rational, &Monomial)> {
        match self.len() {
            1 => self.lead(),
            _ => None,
        }
    }

    /// The leading term.
    pub(super) fn lead(&self) -> Option<(&Rational, &Monomial)> {
        self.0.last_key_value().map(|(m, c)| (c, m))
    }

    pub(super) fn add_term(&mut self, coefficient: Rational, monomial: Monomial) {
        if coefficient == 0 {
            return;
        }
        match self.0.entry(monomial) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(coefficient);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                *slot.get_mut() += coefficient;
                if *slot.get() == 0 {
                    slot.remove();
                }
            }
        }
    }

    pub(super) fn plus(&self, rhs: &Self) -> Self {
        let (mut out, small) = if self.len() >= rhs.len() { (self.clone(), rhs) } else { (rhs.clone(), self) };
        for (m, c) in &small.0 {
            out.add_term(c.clone(), m.clone());
        }
        out
    }

    pub(super) fn scaled(&self, by: &Rational) -> Self {
        if *by == 0 {
            return Self::zero();
        }
        Self(self.0.iter().map(|(m, c)| (m.clone(), Rational::from(c * by))).collect())
    }

    pub(super) fn times_term(&self, coefficient: &Rational, monomial: &Monomial) -> Self {
        let mut out = Self::zero();
        for (m, c) in &self.0 {
            let (k, product) = m.times(monomial);
            out.add_term(k * c * coefficient, product);
        }
        out
    }

    pub(super) fn times(&self, rhs: &Self) -> Self {
        let mut out = Self::zero();
        for (m, c) in &self.0 {
            for (n, d) in &rhs.0 {
                let (k, product) = m.times(n);
                out.add_term(k * c * d, product);
            }
        }
        out
    }

    /// The largest monomial in the chosen atoms that divides every term (exponents may be negative).
    pub(super) fn content(&self, choose: impl Fn(&Atom) -> bool) -> Monomial {
        let mut parts = self.0.keys().map(|m| m.part(&choose));
        let first = parts.next().unwrap_or_default();
        parts.fold(first, |a, b| a.meet(&b))
    }

    /// Divides every term by a monomial.
    pub(super) fn over(&self, monomial: &Monomial) -> Self {
        let (k, inverse) = monomial.raised(&Rational::from(-1));
        self.times_term(&k, &inverse)
    }

    /// The quotient if `divisor` (not zero, made of free atoms only) divides this polynomial; `None` otherwise.
    pub(super) fn divided_by(&self, divisor: &Self) -> Option<Self> {
        if !divisor.0.keys().all(|m| m.0.keys().all(Atom::is_free)) {
            return self.proportional_to(divisor).map(Self::constant);
        }
        // as ordinary polynomials, without a monomial factor
        let (low, high) = (self.content(Atom::is_free), divisor.content(Atom::is_free));
        let (mut rest, d) = (self.over(&low), divisor.over(&high));
        let (lead, lead_monomial) = d.lead()?;
        let inverse = lead_monomial.raised(&Rational::from(-1)).1;
        let mut quotient = Self::zero();
        let mut steps = 4 * self.len() + 64;
        while let Some((c, m)) = rest.lead() {
            let (_, q) = m.times(&inverse);
            if steps == 0 || q.0.iter().any(|(a, e)| a.is_free() && *e < 0) {
                return None;
            }
            steps -= 1;
            let k = Rational::from(c / lead);
            rest = rest.plus(&d.times_term(&Rational::from(-&k), &q));
            quotient.add_term(k, q);
        }
        let (k, shift) = low.times(&high.raised(&Rational::from(-1)).1);
        Some(quotient.times_term(&k, &shift))
    }

    fn proportional_to(&self, rhs: &Self) -> Option<Rational> {
        let ratio = Rational::from(self.lead()?.0 / rhs.lead()?.0);
        (*self == rhs.scaled(&ratio)).then_some(ratio)
    }
}
