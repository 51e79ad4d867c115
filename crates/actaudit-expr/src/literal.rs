//! Numbers as texts: exact decimals, and the value of the nearest float of a format.

use super::ast::{FloatFormat, fits};
use rug::{Integer, Rational};
use std::cmp::Ordering;

/// Longer digit strings and larger decimal exponents are refused before any arithmetic.
const MAX_DIGITS: usize = 5000;

/// The exact value of `12`, `1.5`, `.5`, `1e-3`; `None` if it has an absurd size. The text is known to be a number.
pub(super) fn decimal(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() > MAX_DIGITS || exponent.unsigned_abs() as usize > MAX_DIGITS {
        return None;
    }
    let digits = Integer::from(Integer::parse(format!("0{whole}{fraction}")).ok()?);
    let value = Rational::from(digits) * power_of(10, exponent - fraction.len() as i32);
    fits(&value).then_some(value)
}

/// `base^n` as an exact rational.
fn power_of(base: u32, n: i32) -> Rational {
    let power = Integer::from(Integer::u_pow_u(base, n.unsigned_abs()));
    if n < 0 { Rational::from((1, power)) } else { power.into() }
}

impl FloatFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::F64, Self::F32, Self::F16, Self::Bf16];

    /// The name in the text form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }

    /// Bits of the significand (the implicit one counts) and the exponents of the smallest and the largest normal.
    const fn shape(self) -> (i32, i32, i32) {
        match self {
            Self::F64 => (53, -1022, 1023),
            Self::F32 => (24, -126, 127),
            Self::F16 => (11, -14, 15),
            Self::Bf16 => (8, -126, 127),
        }
    }

    /// The value of the nearest float (ties to even), exactly; `None` if that is an infinity.
    #[must_use]
    pub fn nearest(self, value: &Rational) -> Option<Rational> {
        let (digits, least, most) = self.shape();
        if *value == 0 {
            return Some(Rational::new());
        }
        let exponent = floor_log(2, value);
        let quantum = power_of(2, exponent.max(least) - (digits - 1));
        let rounded = Rational::from(round_even(&Rational::from(value / &quantum))) * quantum;
        (rounded.clone().abs() < power_of(2, most + 1)).then_some(rounded)
    }

    /// The shortest decimal of which this float is the nearest; the value must be one of the format.
    pub(super) fn shortest(self, value: &Rational) -> String {
        if *value == 0 {
            return "0".into();
        }
        let sign = if *value < 0 { "-" } else { "" };
        let magnitude = value.clone().abs();
        let exponent = floor_log(10, &magnitude);
        for digits in 1..=17 {
            let quantum = power_of(10, exponent - (digits - 1));
            let quotient = Rational::from(&magnitude / &quantum);
            // next to a power of two the nearest decimal can lie outside where the other neighbour lies inside
            let (near, far) = neighbours(&quotient);
            for n in [near, far] {
                if self.nearest(&Rational::from(&quantum * &n)) == Some(magnitude.clone()) {
                    return format!("{sign}{}", positional(&n, exponent - (digits - 1)));
                }
            }
        }
        unreachable!("17 digits tell every float of 53 bits from its neighbours")
    }
}

/// The nearest integer, ties to even.
fn round_even(value: &Rational) -> Integer {
    let floor = Integer::from(value.floor_ref());
    let above = Rational::from(value - &floor).cmp(&Rational::from((1, 2)));
    if above == Ordering::Greater || above == Ordering::Equal && floor.is_odd() { floor + 1 } else { floor }
}

/// The integer nearest to a positive quotient, and the one on its other side.
fn neighbours(quotient: &Rational) -> (Integer, Integer) {
    let floor = Integer::from(quotient.floor_ref());
    let ceil = Integer::from(&floor + 1);
    let twice = Rational::from(quotient * 2);
    if twice > Integer::from(&floor + &ceil) { (ceil, floor) } else { (floor, ceil) }
}

/// The largest `n` with `base^n <= |value|`; the value is not zero.
fn floor_log(base: u32, value: &Rational) -> i32 {
    let value = value.clone().abs();
    let bits = |i: &Integer| f64::from(i.significant_bits());
    // a guess, off by a few at most, which the exact comparisons below make right
    let mut n = ((bits(value.numer()) - bits(value.denom())) / f64::from(base).log2()).floor() as i32 - 1;
    while power_of(base, n + 1) <= value {
        n += 1;
    }
    while power_of(base, n) > value {
        n -= 1;
    }
    n
}

/// `n * 10^shift` for `n > 0`: plain digits where that stays short, else with an exponent.
fn positional(n: &Integer, shift: i32) -> String {
    let digits = n.to_string();
    let trimmed = digits.trim_end_matches('0');
    let shift = shift + (digits.len() - trimmed.len()) as i32;
    let point = trimmed.len() as i32 + shift;
    match (shift.cmp(&0), point) {
        (Ordering::Less, 1..) => format!("{}.{}", &trimmed[..point as usize], &trimmed[point as usize..]),
        (Ordering::Less, -6..=0) => format!("0.{}{trimmed}", "0".repeat(point.unsigned_abs() as usize)),
        (Ordering::Equal | Ordering::Greater, ..=21) => format!("{trimmed}{}", "0".repeat(shift as usize)),
        (Ordering::Greater, _) if trimmed.len() > 21 => format!("{trimmed}{}", "0".repeat(shift as usize)),
        (Ordering::Equal, _) => trimmed.into(),
        _ => format!("{trimmed}e{shift}"),
    }
}

/// Finite decimals longer than this are written as fractions where that is shorter.
const LONG_DECIMAL: usize = 40;

/// The text of a rational that is not negative: an integer, `p/q` for `q <= 64`, a finite decimal, else `p/q`.
pub(super) fn rational_text(value: &Rational) -> String {
    let fraction = || format!("{}/{}", value.numer(), value.denom());
    if *value == 0 {
        return "0".into();
    }
    if *value.denom() == 1 {
        return positional(value.numer(), 0);
    }
    if *value.denom() <= 64 {
        return fraction();
    }
    let (mut rest, mut twos, mut fives) = (value.denom().clone(), 0, 0);
    twos += rest.remove_factor_mut(&Integer::from(2)) as i32;
    fives += rest.remove_factor_mut(&Integer::from(5)) as i32;
    if rest != 1 {
        return fraction();
    }
    let places = twos.max(fives);
    let digits = value * power_of(10, places);
    let text = positional(digits.numer(), -places);
    let other = fraction();
    if text.len() <= LONG_DECIMAL.max(other.len()) { text } else { other }
}

/// Whether the text of the value contains a division.
pub(super) fn is_fraction_text(text: &str) -> bool {
    text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(value: f64) -> Rational {
        Rational::from_f64(value).expect("finite")
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal("0.1"), Some(Rational::from((1, 10))));
        assert_eq!(decimal("1e-3"), Some(Rational::from((1, 1000))));
        assert_eq!(decimal(".5E1"), Some(Rational::from(5)));
        assert_eq!(decimal("1e999999999"), None);
        assert_eq!(decimal("1e99999999999999999999"), None);
        assert_eq!(decimal(&"9".repeat(6000)), None);
    }

    #[test]
    fn nearest_agrees_with_the_standard_library() {
        for text in ["0.1", "0.7978845608", "1e-45", "7e-46", "3.4028235e38", "1.1754943e-38", "16777217", "1e-310"] {
            let q = decimal(text).expect("small");
            let single: f32 = text.parse().expect("a float");
            let double: f64 = text.parse().expect("a float");
            assert_eq!(FloatFormat::F32.nearest(&q), Some(exact(single.into())), "{text}");
            assert_eq!(FloatFormat::F64.nearest(&q), Some(exact(double)), "{text}");
        }
        assert_eq!(FloatFormat::F32.nearest(&decimal("3.5e38").expect("small")), None);
        assert_eq!(FloatFormat::F16.nearest(&Rational::from(65520)), None);
        assert_eq!(FloatFormat::F16.nearest(&decimal("65519.99").expect("small")), Some(Rational::from(65504)));
    }

    #[test]
    fn every_half_float_prints_shortest_and_reads_back() {
        for bits in (0..0x7c00u16).step_by(7) {
            let value = exact(half::f16::from_bits(bits).to_f64());
            let text = FloatFormat::F16.shortest(&value);
            let back = decimal(&text).and_then(|q| FloatFormat::F16.nearest(&q));
            assert_eq!(back, Some(value), "{text}");
            assert!(text.trim_start_matches("0.").trim_start_matches('0').len() <= 6, "{text}");
        }
    }

    #[test]
    fn shortest_of_doubles_is_as_short_as_the_standard_library() {
        for value in [0.1, 5e-324, 2f64.powi(-44), 9007199254740993.0, 1.7976931348623157e308, 0.044715] {
            let digits = |s: String| s.trim_start_matches(['0', '.']).split('e').next().map(|m| m.replace('.', ""));
            let ours = FloatFormat::F64.shortest(&exact(value));
            let theirs = format!("{value:e}");
            assert!(
                digits(ours.clone()).map(|d| d.len()) <= digits(theirs.clone()).map(|d| d.len()),
                "{ours} {theirs}"
            );
            assert_eq!(ours.parse(), Ok(value));
        }
    }

    #[test]
    fn rationals_print_as_people_write_them() {
        let text = |s: &str| rational_text(&Rational::from(Rational::parse(s).expect("a rational")));
        assert_eq!(text("0"), "0");
        assert_eq!(text("3/64"), "3/64");
        assert_eq!(text("44715/1000000"), "0.044715");
        assert_eq!(text("1/1000"), "0.001");
        assert_eq!(text("1/3000"), "1/3000");
        assert_eq!(text("1000000"), "1000000");
        assert_eq!(text(&format!("1{}", "0".repeat(300))), "1e300");
        assert_eq!(text(&format!("1/1{}", "0".repeat(300))), "1e-300");
        assert_eq!(text("123456/1000"), "123.456");
    }
}
