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

/// The quotient of two enclosed numbers that are not negative, rounded outward; nothing where it is not defined.
pub(super) fn ratio([a, b]: [[f64; 2]; 2]) -> Option<[String; 2]> {
    let ends = [a[0] / b[1], a[1] / b[0]];
    let defined = ends.iter().all(|end| !end.is_nan());
    let below = if ends[0].is_finite() { ends[0].next_down().max(0.0) } else { ends[0] };
    defined.then(|| [decimal(below, false), decimal(ends[1].next_up(), true)])
}
