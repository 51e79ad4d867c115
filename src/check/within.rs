//! The part of the line whose inputs are looked at.

use crate::expr::{Expr, FloatFormat};
use crate::number::TapeError;
use crate::reference::floats_between;

/// Every float of every format that lies in a closed interval is between these f64s, themselves included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    /// the least f64 of the interval
    pub lo: f64,
    /// the largest one
    pub hi: f64,
}

impl Default for Within {
    fn default() -> Self {
        Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY }
    }
}

impl Within {
    /// Between two constants; no constant is no bound. Rigorous: comparisons with either are exact.
    ///
    /// # Errors
    /// If an end cannot be evaluated.
    pub fn between(lo: Option<&Expr>, hi: Option<&Expr>) -> Result<Self, TapeError> {
        let [lo, hi] = floats_between(lo, hi)?;
        Ok(Self { lo, hi })
    }

    /// Whether nothing is left out, not even NaN.
    pub fn is_everything(self) -> bool {
        self == Self::default()
    }

    /// Whether an input belongs to it: NaN only if everything does.
    pub fn holds(self, x: f64) -> bool {
        self.is_everything() || self.lo <= x && x <= self.hi
    }

    /// The ordinals of the first and the last float of a format; the first is the larger one if there is none.
    pub fn ordinals(self, format: FloatFormat) -> [i64; 2] {
        let floor = |x: f64| format.ordinal(format.floor(x));
        let first = floor(self.lo);
        let first = if format.decode(format.at_ordinal(first)) < self.lo { first + 1 } else { first };
        [first, floor(self.hi)]
    }

    /// So many floats of a format, evenly among those of the interval, in order; all of them if there are no more.
    pub fn evenly(self, format: FloatFormat, count: usize) -> Vec<u64> {
        let [first, last] = self.ordinals(format);
        let apart = i128::from(last) - i128::from(first);
        let steps = apart.min(count as i128 - 1);
        // without overflow in f64
        let at = |k: i128| (i128::from(first) + if steps == 0 { 0 } else { apart * k / steps }) as i64;
        (0..=steps).map(|k| format.at_ordinal(at(k))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn between(lo: &str, hi: &str) -> Within {
        let [lo, hi] = [lo, hi].map(|t| parse_expr(t).expect("a constant"));
        Within::between(Some(&lo), Some(&hi)).expect("has values")
    }

    #[test]
    fn ends_are_compared_exactly() {
        let third = between("1/3", "2/3");
        assert!(third.lo > 1.0 / 3.0 && third.lo.next_down() == 1.0 / 3.0 && third.hi < 2.0 / 3.0 + 1e-16);
        let root = between("-sqrt(2)", "sqrt(2)");
        assert!(root.hi * root.hi < 2.0 + 1e-15 && root.lo == -root.hi && root.holds(1.4) && !root.holds(1.5));
        let whole = between("-1", "1");
        assert!(whole.holds(1.0) && whole.holds(-1.0) && !whole.holds(f64::NAN) && !whole.holds(1f64.next_up()));
        assert!(Within::default().holds(f64::NAN) && Within::default().is_everything());
    }

    #[test]
    fn floats_are_counted_in_their_format() {
        let f16 = FloatFormat::F16;
        assert_eq!(between("0", "1").ordinals(f16), [0, 0x3c00]);
        assert_eq!(between("-1", "1e300").ordinals(f16), [-0x3c00, 0x7bff]);
        let [first, last] = between("1.0001", "1.0002").ordinals(f16);
        assert!(first > last);
        let some = between("0", "1").evenly(f16, 5);
        assert_eq!((some.len(), some[0], some[4]), (5, 0, 0x3c00));
        assert_eq!(between("1", "1").evenly(f16, 9), [0x3c00]);
        assert_eq!(Within::default().evenly(FloatFormat::F64, 3).len(), 3);
        assert!(between("1.0001", "1.0002").evenly(f16, 9).is_empty());
    }
}
