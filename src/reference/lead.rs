//! Values next to zero where the first Taylor coefficients vanish, as those of x - tanh(x) do. Terms that cancel there take as
//! many bits as the value has leading zeros; the first coefficient that does not vanish takes none.

use super::{Origin, Reference, of_function};
use crate::number::{Jet, MpI, Real};
use rug::{Float, Integer};

/// Bits of the coefficient: enough to tell the floats next to the value, where the input is small enough for that.
const BITS: u32 = 192;

/// How many coefficients vanish on one side of zero, from that of the derivative under reference on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lead(usize);

impl Lead {
    /// Rigorous: the coefficients are exact. `None` if at most one vanishes, for then nothing cancels, or if none is known not to.
    pub fn new(reference: &Reference, right: bool) -> Option<Self> {
        let coefficients = Origin::coefficients(reference, right)?;
        let vanish = coefficients.iter().position(|c| !c.is_zero())?;
        (vanish >= 2).then_some(Self(vanish))
    }

    /// g(x) = x^k g^(k)(t)/k! for some t between 0 and x, as g and its first k - 1 derivatives are 0 at 0.
    pub fn enclose(self, reference: &Reference, x: f64) -> MpI {
        let Self(k) = self;
        let (order, zero) = (reference.order, Float::new(53));
        let x = Float::with_val(53, x);
        let side = if x < 0 { MpI::from_floats(BITS, &x, &zero) } else { MpI::from_floats(BITS, &zero, &x) };
        let part = &reference.pieces[reference.piece(x.to_f64())];
        let jet = part.tape.eval(&Jet::variable(side, order + k));
        // coefficient j of the derivative of order n: (j + 1) .. (j + n) times coefficient j + n
        let factor: Integer = (k + 1..=k + order).map(Integer::from).product();
        let coefficient = jet.c[order + k].mul(&MpI::rational(&BITS, &factor.into()));
        let power = (0..k).fold(MpI::int(&BITS, 1), |p, _| p.mul(&MpI::from_float(BITS, &x)));
        of_function(coefficient.mul(&power), &jet.c[..order + k])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Activation, Definition};
    use crate::number::Enclosure;
    use std::sync::Arc;

    fn reference(text: &str, order: usize) -> Reference {
        let definition = Definition::from_expr(text).expect("an expression");
        Reference::new(&Activation::with_defaults(Arc::new(definition)).expect("an activation"), order)
            .expect("compiles")
    }

    #[test]
    fn only_what_cancels_has_one() {
        for (text, order, vanish) in [
            ("x - tanh(x)", 0, Some(3)),
            ("x - tanh(x)", 1, Some(2)),
            ("x - tanh(x)", 2, None),
            ("1 - cos(x)", 0, Some(2)),
            ("tanh(x)", 0, None),
            ("x - x", 0, None),
        ] {
            assert_eq!(Lead::new(&reference(text, order), true), vanish.map(Lead), "{text}, order {order}");
        }
    }

    #[test]
    fn the_value_is_inside_and_soon_the_only_one() {
        for (text, order) in [("x - tanh(x)", 0), ("x - tanh(x)", 1), ("expm1(x) - x - x^2/2", 0), ("1 - cos(x)", 0)] {
            for x in [2f64.powi(-70), -2f64.powi(-70), 1.5 * 2f64.powi(-300), -1.25 * 2f64.powi(-1000)] {
                let f = reference(text, order);
                let found = Lead::new(&f, x > 0.0).expect("cancels").enclose(&f, x);
                let part = &f.pieces[f.piece(x)];
                let exact = MpI::from_float(8000, &Float::with_val(53, x));
                let exact = part.tape.eval(&Jet::variable(exact, order)).derivative(order);
                assert!(found.total() && found.lo() <= exact.lo() && exact.hi() <= found.hi(), "{text} at {x:e}");
                assert!(found.width() < Float::with_val(64, exact.mig() >> 60u32), "{text} at {x:e}: {found:?}");
            }
        }
    }
}
