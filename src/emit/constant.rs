//! Constants as floats of the format in which code computes.

use crate::expr::{Expr, FloatFormat};
use crate::number::{Enclosure, MpI, Real, Tape};
use rug::float::Round;
use rug::{Float, Rational};

/// Bits with which constants are enclosed: a float is then known unless the constant lies absurdly close to a midpoint.
const BITS: u32 = 600;

/// A constant next to the float that stands for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Near {
    /// the nearest float
    pub float: f64,
    /// whether it is the constant itself
    pub exact: bool,
}

/// Rounds to a format in which code computes: f64 or f32.
fn rounded(value: &Float, compute: FloatFormat, round: Round) -> f64 {
    match compute {
        FloatFormat::F64 => value.to_f64_round(round),
        _ => value.to_f32_round(round).into(),
    }
}

fn enclosure(e: &Expr) -> Option<MpI> {
    let value = Tape::compile(e).ok()?.eval(&MpI::int(&BITS, 0));
    (value.total() && value.lo().is_finite() && value.hi().is_finite()).then_some(value)
}

/// The float nearest to an expression that is free of x; `None` if it has no value, or no finite float is near.
pub(super) fn nearest(e: &Expr, compute: FloatFormat) -> Option<Near> {
    let float = rounded(&enclosure(e)?.lo(), compute, Round::Nearest);
    let exact = e.exact_rational().is_some_and(|q| Rational::from_f64(float).is_some_and(|f| f == q));
    float.is_finite().then_some(Near { float, exact })
}

/// The largest float that is not above an expression, and whether it is the expression's value.
pub(super) fn below(e: &Expr, compute: FloatFormat) -> Option<Near> {
    let value = enclosure(e)?;
    let float = rounded(&value.lo(), compute, Round::Down);
    let exact = value.lo() == value.hi() && value.lo() == float;
    float.is_finite().then_some(Near { float, exact })
}

/// What is left of an expression without a float, as another float.
pub(super) fn rest(e: &Expr, float: f64, compute: FloatFormat) -> Option<f64> {
    let rest = e.clone() - Expr::rational(Rational::from_f64(float)?);
    nearest(&rest, compute).map(|near| near.float)
}

/// The digits of a float in base 16, all of them.
pub(super) fn hex(value: f64) -> String {
    let bits = value.to_bits();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (field, mantissa) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let lead = u64::from(field > 0);
    let digits = format!("{mantissa:013x}");
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    format!("{sign}0x{lead}{point}{digits}p{}", field.max(1) as i64 - 1023)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    #[test]
    fn a_thousandth_is_no_float() {
        let e = parse_expr("1/1000").expect("parses");
        assert_eq!(nearest(&e, FloatFormat::F32), Some(Near { float: f64::from(0.001f32), exact: false }));
        assert_eq!(nearest(&e, FloatFormat::F64), Some(Near { float: 0.001, exact: false }));
        let rest = rest(&e, f64::from(0.001f32), FloatFormat::F32).expect("a float");
        assert!((f64::from(0.001f32) + rest - 0.001).abs() < 1e-18 && rest < 0.0);
        assert_eq!(
            nearest(&parse_expr("3/8").expect("parses"), FloatFormat::F32),
            Some(Near { float: 0.375, exact: true })
        );
        assert_eq!(nearest(&parse_expr("1e60").expect("parses"), FloatFormat::F32), None);
    }

    #[test]
    fn floats_are_written_in_full() {
        assert_eq!([0.001, -2.0, 5e-324].map(hex), ["0x1.0624dd2f1a9fcp-10", "-0x1p1", "0x0.0000000000001p-1022"]);
    }

    #[test]
    fn comparisons_with_what_is_no_float_are_exact() {
        let root = below(&parse_expr("sqrt(2)").expect("parses"), FloatFormat::F32).expect("a float");
        assert!(root.float * root.float < 2.0 && !root.exact);
        let next = f64::from((root.float as f32).next_up());
        assert!(next * next > 2.0);
        assert_eq!(
            below(&parse_expr("-3").expect("parses"), FloatFormat::F32),
            Some(Near { float: -3.0, exact: true })
        );
    }
}
