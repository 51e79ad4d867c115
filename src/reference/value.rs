//! The real value at one input, for programs that need no more than that.

use super::Reference;
use crate::expr::Activation;
use crate::number::{Enclosure, MpI, TapeError};
use rug::Float;

/// Why there is no real value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The definition cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// The input is NaN or infinite.
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    /// The function, or its derivative, has no value there, or is not known to have one.
    #[error("the function has no value at {0}")]
    Undefined(f64),
}

/// The real value of an activation (order 0) or of its derivative of this order at a finite `x`: two numbers between which it
/// lies, rigorously, and which agree in about so many significant digits. They are equal where it is a number that MPFR holds.
/// -0 is 0. At a junction a derivative is the hull of both one-sided values. The enclosure is wider than asked for only where 2432 bits
/// are not enough.
///
/// # Errors
/// If `x` is not finite, the function has no value there, or the definition cannot be evaluated.
pub fn real_value(activation: &Activation, order: usize, x: f64, digits: u32) -> Result<[Float; 2], ValueError> {
    if !x.is_finite() {
        return Err(ValueError::NotFinite(x));
    }
    let reference = Reference::new(activation, order)?;
    let evaluator = reference.evaluator();
    if evaluator.has_no_value(x) {
        return Err(ValueError::Undefined(x));
    }
    // three bits and a third make a digit
    let bits = digits.saturating_mul(10) / 3 + 2;
    let enough = |v: &MpI| {
        let (lo, hi) = (v.lo(), v.hi());
        lo == hi || Float::with_val(64, &hi - &lo) <= Float::with_val(64, v.mig() >> bits)
    };
    let value = evaluator.refine(x, enough);
    match value.total() {
        true => Ok([value.lo(), value.hi()]),
        false => Err(ValueError::Undefined(x)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{activation, activation_with};

    #[test]
    fn values_are_enclosed_as_tightly_as_asked() {
        let [lo, hi] = real_value(&activation("sigmoid"), 0, 1.0, 30).expect("a value");
        assert!(lo < hi && lo.to_string().starts_with("7.3105857863000487925115924182183"), "{lo}");
        assert!(Float::with_val(64, &hi - &lo) < 1e-30);
        let [lo, hi] = real_value(&activation("relu"), 0, 2.5, 10).expect("a value");
        assert!(lo == 2.5 && hi == 2.5);
        // one-sided slopes
        let slopes = real_value(&activation_with("leaky_relu", &[("a", "1/4")]), 1, 0.0, 10).expect("a hull");
        assert_eq!(slopes.map(|end| end.to_f64()), [0.25, 1.0]);
    }

    #[test]
    fn what_has_no_value_is_an_error() {
        let log = crate::expr::Definition::from_expr("log(x)").expect("an expression");
        let log = Activation::with_defaults(std::sync::Arc::new(log)).expect("an activation");
        assert_eq!(real_value(&log, 0, -1.0, 5), Err(ValueError::Undefined(-1.0)));
        assert_eq!(real_value(&log, 1, -1.0, 5), Err(ValueError::Undefined(-1.0)));
        assert!(matches!(real_value(&log, 0, f64::NAN, 5), Err(ValueError::NotFinite(_))));
    }
}
