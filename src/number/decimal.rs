//! Decimal text of multiple-precision floats and rationals, rounded in a stated direction.

use rug::float::Round;
use rug::{Float, Rational};

/// Digits from which a number is written with an exponent.
const PLAIN: i32 = 24;
/// Binary exponents beyond which only the order of magnitude is written; 2^EXTREME > 1e30000.
const EXTREME: i32 = 100_000;

/// Decimal text with this many significant digits, rounded towards minus (`up = false`) or plus infinity.
/// Infinities are `inf` and `-inf`. Trailing zeros of the fraction are left out: the text stays a bound.
pub fn directed(value: &Float, digits: u32, up: bool) -> String {
    if value.is_infinite() {
        return if value.is_sign_positive() { "inf".into() } else { "-inf".into() };
    }
    if value.is_zero() {
        return "0".into();
    }
    // a radix conversion of such a size takes seconds, and nobody reads its digits: a rougher bound will do
    let magnitude = value.get_exp().unwrap_or(0);
    if !(-EXTREME..=EXTREME).contains(&magnitude) {
        let negative = value.is_sign_negative();
        let outward = up != negative;
        return match (magnitude > 0, outward) {
            (true, true) => (if negative { "-inf" } else { "inf" }).into(),
            (true, false) => (if negative { "-1e30000" } else { "1e30000" }).into(),
            (false, true) => (if negative { "-1e-30000" } else { "1e-30000" }).into(),
            (false, false) => "0".into(),
        };
    }
    let round = if up { Round::Up } else { Round::Down };
    let (negative, mantissa, exp) = value.to_sign_string_exp_round(10, Some(digits.max(2) as usize), round);
    let text = layout(mantissa.trim_end_matches('0'), exp.unwrap_or(0));
    if negative { format!("-{text}") } else { text }
}

/// 0.MANTISSA * 10^exp as plain or scientific text.
fn layout(mantissa: &str, exp: i32) -> String {
    let len = mantissa.len() as i32;
    if !(-5..=PLAIN).contains(&exp) {
        let (head, tail) = mantissa.split_at(1);
        let fraction = if tail.is_empty() { String::new() } else { format!(".{tail}") };
        return format!("{head}{fraction}e{}", exp - 1);
    }
    if exp <= 0 {
        return format!("0.{}{mantissa}", "0".repeat(-exp as usize));
    }
    if exp >= len {
        return format!("{mantissa}{}", "0".repeat((exp - len) as usize));
    }
    let (whole, fraction) = mantissa.split_at(exp as usize);
    format!("{whole}.{fraction}")
}

/// A rational as a finite decimal if it is one of at most 40 digits, else as p/q.
pub fn rational(value: &Rational) -> String {
    let mut den = value.denom().clone();
    let mut places = 0u32;
    for p in [10u32, 2, 5] {
        while den.is_divisible_u(p) && places < 40 {
            den /= p;
            places += 1;
        }
    }
    if den != 1 || places >= 40 {
        return value.to_string();
    }
    let scaled = Rational::from(value * rug::Integer::from(rug::Integer::u_pow_u(10, places)));
    let digits = scaled.numer().clone().abs().to_string();
    let text = if places == 0 {
        digits
    } else {
        let padded = format!("{digits:0>width$}", width = places as usize + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places as usize);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
    };
    if *value < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_outward_and_stays_readable() {
        let third = Float::with_val(100, 1) / 3u32;
        assert_eq!(directed(&third, 5, false), "0.33333");
        assert_eq!(directed(&third, 5, true), "0.33334");
        assert_eq!(directed(&-third, 5, true), "-0.33333");
        assert_eq!(directed(&Float::with_val(53, 1), 9, true), "1");
        let tiny = Float::with_val(53, Float::u_exp(1, -1_000_000));
        assert_eq!((directed(&tiny, 9, false), directed(&tiny, 9, true)), ("0".into(), "1e-30000".into()));
        assert_eq!(directed(&-tiny, 9, false), "-1e-30000");
        assert_eq!(directed(&Float::with_val(53, 1500), 9, true), "1500");
        assert_eq!(directed(&Float::with_val(53, 2f64.powi(-30)), 3, true), "9.32e-10");
    }

    #[test]
    fn rationals_are_decimal_where_they_are_finite() {
        assert_eq!(rational(&Rational::from((3, 16000))), "0.0001875");
        assert_eq!(rational(&Rational::from((-1, 3))), "-1/3");
        assert_eq!(rational(&Rational::from(7)), "7");
        assert_eq!(rational(&Rational::from((-5, 2))), "-2.5");
    }
}
