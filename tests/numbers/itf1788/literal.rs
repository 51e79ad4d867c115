//! Numbers as ITL files write them.

use rug::float::Round;
use rug::{Float, Integer, Rational};

/// The f64s around a number: the same one twice if it is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    pub down: f64,
    pub up: f64,
}

impl Number {
    pub fn exactly(x: f64) -> Self {
        Self { down: x, up: x }
    }

    /// The f64 that it is.
    pub fn value(self) -> Option<f64> {
        (self.down == self.up).then_some(self.down)
    }
}

/// Reads `1.5`, `-0X1.8P+1`, `infinity`. A decimal number is the f64 nearest to it: where the suite writes 0.1, its
/// results are those of that f64. A hexadecimal one is itself, though a few have more than 53 bits.
pub fn number(text: &str) -> Option<Number> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = magnitude.to_lowercase();
    let Number { down, up } = if lower == "infinity" {
        Number::exactly(f64::INFINITY)
    } else if let Some(digits) = lower.strip_prefix("0x") {
        around(&hexadecimal(digits)?)
    } else if lower.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        Number::exactly(lower.parse().ok()?)
    } else {
        return None;
    };
    Some(if negative { Number { down: -up, up: -down } } else { Number { down, up } })
}

/// `1.8p+1`
fn hexadecimal(digits: &str) -> Option<Rational> {
    let (mantissa, exponent) = digits.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let units = Integer::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    Some(Rational::from(units) << (exponent.parse::<i32>().ok()? - 4 * places))
}

fn around(value: &Rational) -> Number {
    let end = |r| Float::with_val_round(53, value, r).0.to_f64_round(r);
    Number { down: end(Round::Down), up: end(Round::Up) }
}

#[test]
fn numbers() {
    let exact = |text| number(text).and_then(Number::value);
    assert_eq!(exact("0X1.8P+1"), Some(3.0));
    assert_eq!(exact("-0x0.0000000000001p-1022"), Some(-f64::from_bits(1)));
    assert_eq!(exact("0x10p-4"), Some(1.0));
    assert_eq!(
        (exact("+1.5"), exact("-0.1"), exact("3.0e300"), exact("-.25")),
        (Some(1.5), Some(-0.1), Some(3e300), Some(-0.25))
    );
    assert_eq!((exact("-infinity"), exact("+infinity")), (Some(f64::NEG_INFINITY), Some(f64::INFINITY)));
    let long = number("-0x3923456789abcdp-52").expect("a number");
    assert!(long.value().is_none() && long.down.next_up() == long.up && long.up < 0.0, "{long:?}");
    for text in ["", "-", ".", "NaN", "true", "0x", "0x1.8", "1.5.2", "0xgp1", "--1", "empty", "1p3"] {
        assert_eq!(number(text), None, "{text}");
    }
}
