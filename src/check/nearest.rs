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
    let mut known = true;
    for (up, beyond) in [(1, Ordering::Greater), (-1, Ordering::Less)] {
        match side(point, up, cx) {
            Some(side) if side == beyond => return Some(true),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

/// On which side of the midpoint of the output and the next float, upwards (1) or downwards (-1), the real value is.
fn side(point: &Point, up: i64, cx: &Context<'_>) -> Option<Ordering> {
    let (lo, hi) = (point.real.lo(), point.real.hi());
    let next = cx.format.decode(cx.format.at_ordinal(cx.format.ordinal(point.output) + up));
    // beyond the largest number: from where on rounding to nearest overflows
    let step = if next.is_finite() { next - point.y } else { cx.format.ulp(point.y) * up as f64 };
    if cx.format == FloatFormat::F64 {
        let middle = half_way(point.y, step);
        return quick(lo, hi, &middle).or_else(|| cx.reference.compare(point.x, &middle));
    }
    // half-way points of the narrower formats are f64s
    let middle = point.y + step / 2.0;
    quick(lo, hi, &middle).or_else(|| cx.reference.compare_f64(point.x, middle))
}

/// On which side of a number all of those between others are.
fn quick<T: PartialOrd<f64>>(lo: f64, hi: f64, middle: &T) -> Option<Ordering> {
    match () {
        () if *middle < lo => Some(Ordering::Greater),
        () if *middle > hi => Some(Ordering::Less),
        () => None,
    }
}

/// y + step/2: 54 bits, 55 next to a power of two.
fn half_way(y: f64, step: f64) -> Float {
    Float::with_val(64, y) + Float::with_val(64, step) / 2u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midpoints_are_exact() {
        let one = |e: i32| Float::with_val(64, Float::i_exp(1, e));
        let check = |y: f64, next: f64, expected: Float| assert_eq!(half_way(y, next - y), expected, "{y:e}");
        check(1.0, 1f64.next_up(), 1 + one(-53));
        check(1.0, 1f64.next_down(), 1 - one(-54));
        check(-1.0, (-1f64).next_up(), -1 + one(-54));
        check(0.0, 5e-324, one(-1075));
        check(-0.0, -5e-324, -one(-1075));
        check(5e-324, 0.0, one(-1075));
        assert_eq!(half_way(f64::MAX, -FloatFormat::F64.ulp(f64::MAX)), f64::MAX - one(970));
    }
}
