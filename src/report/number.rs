//! Numbers as reports write them: bounds are rounded outward.

use crate::number::decimal::directed;
use rug::Float;

/// Text rounded down to this many significant digits.
pub(crate) fn down(value: &Float, digits: u32) -> String {
    directed(value, digits, false)
}

/// Text rounded up to this many significant digits.
pub(crate) fn up(value: &Float, digits: u32) -> String {
    directed(value, digits, true)
}

/// A bound in four significant digits, rounded up or down; counts as they are; `inf`, `-inf` and `NaN` as such.
pub(super) fn decimal(value: f64, up: bool) -> String {
    if !value.is_finite() || value == value.trunc() && value.abs() < 1e6 {
        return format!("{value}");
    }
    directed(&Float::with_val(53, value), 4, up)
}

/// A budget: rounded up, as what is held against it is, so that what is within it never looks over it; with as many digits as it
/// takes to show that what was `exceeded`, by the least of a measure, is over it.
pub(super) fn budget(value: f64, exceeded: Option<f64>) -> String {
    let over = exceeded.filter(|least| *least > value);
    match over {
        Some(least) if decimal(least, true) == decimal(value, true) => {
            let shown = |digits: &u32| directed(&Float::with_val(53, value), *digits, true);
            let apart = |digits: &u32| directed(&Float::with_val(53, least), *digits, true) != shown(digits);
            (5..17).find(apart).map_or_else(|| shown(&17), |digits| shown(&digits))
        }
        // a budget was typed in decimal: 0.501 is meant, not the f64 next to it
        _ if format!("{value:e}").len() <= "1.234e-5".len() => figure(&format!("{value:e}")),
        _ => decimal(value, true),
    }
}

/// A number that is written somehow, as people write it: no `e0`, and an exponent only where it spares zeros. Not a digit of it
/// is changed; what is no number stays as it is.
pub(super) fn figure(text: &str) -> String {
    let (sign, size) = text.strip_prefix('-').map_or(("", text), |size| ("-", size));
    let (mantissa, exponent) = size.split_once('e').unwrap_or((size, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let Ok(exponent) = exponent.parse::<i32>() else { return text.to_owned() };
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return text.to_owned();
    }
    // 0.DIGITS * 10^point
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let point = exponent + whole.len() as i32 - leading as i32;
    let digits = digits.trim_matches('0');
    let count = digits.len() as i32;
    if digits.is_empty() {
        return format!("{sign}0");
    }
    let plain = match point {
        1.. if point >= count && (point <= 6 || point == count && point <= 15) => {
            format!("{digits}{}", "0".repeat((point - count) as usize))
        }
        1.. if point < count && point <= 15 => {
            let (whole, fraction) = digits.split_at(point as usize);
            format!("{whole}.{fraction}")
        }
        -3..=0 => format!("0.{}{digits}", "0".repeat(-point as usize)),
        _ => {
            let (head, tail) = digits.split_at(1);
            let dot = if tail.is_empty() { "" } else { "." };
            format!("{head}{dot}{tail}e{}", point - 1)
        }
    };
    format!("{sign}{plain}")
}

/// A number in words, to so many digits, rounded to nearest: for headlines, which name the place where all digits stand.
pub(crate) fn brief(text: &str, digits: usize) -> String {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => figure(&format!("{value:.*e}", digits.saturating_sub(1))),
        _ => text.to_owned(),
    }
}

/// Two numbers in as few digits as show that they are two.
pub(super) fn told_apart(pair: [&str; 2]) -> [String; 2] {
    let shown = |digits: usize| pair.map(|text| brief(text, digits));
    (5..=17).map(shown).find(|[a, b]| a != b).unwrap_or_else(|| shown(5))
}

/// A count with its thousands set apart.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count of things, in the plural where it is one.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(n as u64), if n == 1 { "" } else { "s" })
}

/// A number with its unit, which is a plural: one of them is one.
pub(super) fn of_unit(number: &str, unit: &str) -> String {
    const ONE: [(&str, &str); 9] = [
        ("floats stepped back", "float stepped back"),
        ("floats apart", "float apart"),
        ("floats", "float"),
        ("outputs not finite", "output not finite"),
        ("outputs of the wrong sign", "output of the wrong sign"),
        ("outputs out of range", "output out of range"),
        ("results flushed to zero", "result flushed to zero"),
        ("wrong special values", "wrong special value"),
        ("incidents", "incident"),
    ];
    let one = ONE.iter().find(|(many, _)| *many == unit && number == "1").map(|(_, one)| *one);
    format!("{number} {}", one.unwrap_or(unit))
}

/// The quotient of two enclosed numbers that are not negative, rounded outward; nothing where it is not defined.
pub(super) fn ratio([a, b]: [[f64; 2]; 2]) -> Option<[String; 2]> {
    let ends = [a[0] / b[1], a[1] / b[0]];
    let defined = ends.iter().all(|end| !end.is_nan());
    let below = if ends[0].is_finite() { ends[0].next_down().max(0.0) } else { ends[0] };
    defined.then(|| [decimal(below, false), decimal(ends[1].next_up(), true)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (65_536, "65,536"), (1 << 32, "4,294,967,296")] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (text, shown) in [
            ("-0e0", "-0"),
            ("1e0", "1"),
            ("-9.756140708923340e0", "-9.75614070892334"),
            ("16780000", "1.678e7"),
            ("128000000000000", "1.28e14"),
            ("524200", "524200"),
            ("4278190080", "4.27819008e9"),
            ("1.6777216e7", "16777216"),
            ("0.5001", "0.5001"),
            ("1.5e-3", "0.0015"),
            ("-8.4701584601113820165e-22", "-8.4701584601113820165e-22"),
            ("3.4028234663852886e38", "3.4028234663852886e38"),
            ("0.00001", "1e-5"),
            ("inf", "inf"),
            ("NaN", "NaN"),
            ("1..2", "1..2"),
        ] {
            assert_eq!(figure(text), shown, "{text}");
        }
        assert_eq!((brief("16780000", 2), brief("-7.7791748046875", 5)), ("1.7e7".into(), "-7.7792".into()));
    }

    #[test]
    fn a_budget_that_is_kept_never_looks_exceeded_and_one_that_is_not_does() {
        let constant = 1.128_904_145_185_154_8;
        assert_eq!((budget(constant, None), budget(0.501, None)), ("1.129".into(), "0.501".into()));
        assert_eq!(decimal(constant, true), "1.129");
        assert_eq!(budget(constant, Some(1.128_95)), "1.12891");
        assert_eq!((budget(2.0, Some(2.000_000_1)), decimal(2.000_000_1, true)), ("2".into(), "2.001".into()));
    }
}
