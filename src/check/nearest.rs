//! Whether an output is the float nearest to the real value. Decided exactly, also at ties and next to them, where the error in
//! f64 is one half as far as anyone can tell: by the sides of the two midpoints next to the output on which the real value is.

use super::{Context, Point};
use crate::expr::FloatFormat;
use crate::number::Enclosure;
use rug::Float;
use std::cmp::Ordering;

/// Whether some float is nearer to the real value than the output, a finite one. Of the two floats next to a tie, both are nearest.
/// `None` if the highest precision leaves it open.
pub(super) fn another_is_nearer(point: &Point, cx: &Context<'_>) -> Option<bool> {
    let above = beyond(point, 1, cx);
    if above == Some(true) {
        return above;
    }
    match (above, beyond(point, -1, cx)) {
        (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Whether the real value lies beyond the midpoint of the output and the next float, upwards (1) or downwards (-1).
fn beyond(point: &Point, up: i64, cx: &Context<'_>) -> Option<bool> {
    let middle = middle(cx.format, point.output, up);
    let wanted = if up > 0 { Ordering::Greater } else { Ordering::Less };
    let [lo, hi] = [point.real.lo(), point.real.hi()].map(|end| end.partial_cmp(&middle));
    let (nearer, farther) = if up > 0 { (lo, hi) } else { (hi, lo) };
    if nearer == Some(wanted) {
        return Some(true);
    } else if farther.is_some_and(|side| side != wanted) {
        return Some(false);
    }
    let side = match cx.format {
        FloatFormat::F64 => cx.reference.compare(point.x, &middle),
        // half-way points of the narrower formats are f64s
        _ => cx.reference.compare_f64(point.x, middle.to_f64()),
    };
    side.map(|side| side == wanted)
}

/// Half-way between a finite float and the next one: beyond the largest, from where on rounding to nearest overflows.
fn middle(format: FloatFormat, output: u64, up: i64) -> Float {
    let y = format.decode(output);
    let next = format.decode(format.at_ordinal(format.ordinal(output) + up));
    let step = if next.is_finite() { Float::with_val(64, y) - next } else { Float::with_val(64, -format.ulp(y)) * up };
    // 54 bits for f64, 55 next to a power of two
    Float::with_val(64, y) - step / 2u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Format;

    #[test]
    fn midpoints_are_exact() {
        let check = |y: f64, up: i64, expected: Float| {
            assert_eq!(middle(FloatFormat::F64, y.bits64(), up), expected, "{y:e} {up}");
        };
        let one = |e: i32| Float::with_val(64, Float::i_exp(1, e));
        check(1.0, 1, 1 + one(-53));
        check(1.0, -1, 1 - one(-54));
        check(-1.0, 1, -1 + one(-54));
        check(0.0, 1, one(-1075));
        check(-0.0, 1, one(-1075));
        check(0.0, -1, -one(-1075));
        check(5e-324, -1, one(-1075));
        check(f64::MAX, 1, f64::MAX + one(970));
        check(f64::MIN, -1, f64::MIN - one(970));
        let f16 = |bits: u64, up| middle(FloatFormat::F16, bits, up).to_f64();
        assert_eq!((f16(0x7bff, 1), f16(0x3c00, -1)), (65520.0, 1.0 - 1.0 / 4096.0));
    }
}
