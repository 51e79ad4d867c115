//! Integrals of polynomials with coefficients in the exact field.

use super::monomial::Atom;
use super::ratio::Ratio;
use super::{Exact, sign};
use crate::number::Real;
use rug::Rational;

impl Exact {
    /// The integral from `from` to `to` of this value as a polynomial in a symbol; `None` if it is none.
    pub fn integral(&self, symbol: &str, from: &Self, to: &Self) -> Option<Self> {
        let value = self.value.as_ref()?;
        let x = Atom::Symbol(symbol.into());
        let mut sum = Self::int(&self.cx, 0);
        let bottom = Ratio { num: super::poly::Poly::constant(Rational::from(1)), den: value.den.clone() };
        if sign::symbols(&bottom).iter().any(|s| s.as_ref() == symbol) {
            return None;
        }
        for (m, c) in &value.num.0 {
            let n = m.exponent(&x);
            let rest = Ratio::term(c.clone(), m.part(|a| *a != x));
            let whole = *n.denom() == 1 && n >= 0;
            if !whole || sign::symbols(&rest).iter().any(|s| s.as_ref() == symbol) {
                return None;
            }
            let power = Rational::from(&n + 1);
            let span = to.pow(&power).sub(&from.pow(&power));
            let coefficient = self.wrap(Some(rest.scaled(&power.recip())));
            sum = sum.add(&coefficient.mul(&span));
        }
        let over = self.wrap(Some(bottom));
        Some(sum.mul(&over)).filter(|s| !s.is_unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::exact::Assumptions;
    use std::sync::Arc;

    #[test]
    fn only_polynomials_are_integrated() {
        let cx = Arc::new(Assumptions::generic());
        let x = Exact::symbol(&cx, "x");
        let (zero, two) = (Exact::int(&cx, 0), Exact::int(&cx, 2));
        assert_eq!(x.pow(&Rational::from(3)).integral("x", &zero, &two).and_then(|v| v.as_rational()), Some(4.into()));
        assert!(two.div(&x).integral("x", &zero, &two).is_none());
        assert!(x.call(crate::expr::Func::Exp).integral("x", &zero, &two).is_none());
        assert!(two.div(&x.add(&two)).integral("x", &zero, &two).is_none());
    }
}
