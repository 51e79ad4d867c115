//! The error against the input over the whole format, for a plot: the largest in each of some hundred cells.

use super::{Block, Point};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Errors in one cell: inputs of one sign whose magnitudes lie between two ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema, Deserialize)]
#[serde(from = "Row", into = "Row")]
#[non_exhaustive]
pub struct Cell {
    /// the end nearer to zero, with the sign of the inputs; it belongs to the cell
    pub from: f64,
    /// inputs that were compared; those of a run that reaches into the next cell count where it begins, and its bound in both
    pub inputs: u64,
    /// the largest error in ulp, rounded up, of outputs that are not infinitely far off; infinite where it is not known
    pub ulp: f64,
    /// outputs that are NaN where there is a real value
    pub nan: u64,
    /// outputs that are infinite where rounding would not overflow
    pub infinite: u64,
}

/// A cell in a file, of which there are hundreds for each record; an infinite error is null.
type Row = (f64, u64, Option<f64>, u64, u64);

impl From<Row> for Cell {
    fn from((from, inputs, ulp, nan, infinite): Row) -> Self {
        Self { from, inputs, ulp: ulp.unwrap_or(f64::INFINITY), nan, infinite }
    }
}

impl From<Cell> for Row {
    fn from(cell: Cell) -> Self {
        (cell.from, cell.inputs, Some(cell.ulp).filter(|ulp| ulp.is_finite()), cell.nan, cell.infinite)
    }
}

/// Bits of a magnitude that tell cells apart: eight cells to a binade where most of what an activation does happens, one in the
/// other binades of f32, one to sixteen binades beyond those.
const fn kept(bits: u64) -> u64 {
    match bits >> 52 {
        // 2^-10 to 2^10
        1013..1033 => !0 << 49,
        // 2^-159 to 2^129
        864..1152 => !0 << 52,
        _ => !0 << 56,
    }
}

impl Cell {
    /// The end farther from zero, which is in the next cell.
    #[must_use]
    pub fn to(&self) -> f64 {
        let bits = self.from.abs().to_bits();
        let next = bits + (1 << kept(bits).trailing_zeros());
        // the last cell ends with the numbers
        let magnitude = if next < f64::INFINITY.to_bits() { f64::from_bits(next) } else { f64::MAX };
        magnitude.copysign(self.from)
    }

    fn join(&mut self, next: &Self) {
        self.inputs += next.inputs;
        self.ulp = self.ulp.max(next.ulp);
        self.nan += next.nan;
        self.infinite += next.infinite;
    }
}

/// The cells that were visited, by their place on the line. Inputs follow each other, so that the one that is open is the one
/// that is asked for, nearly always.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Cells {
    done: BTreeMap<i64, Cell>,
    open: Option<(i64, Cell)>,
}

impl Cells {
    fn of(&mut self, x: f64) -> &mut Cell {
        let bits = x.abs().to_bits();
        let from = bits & kept(bits);
        let place = if x.is_sign_negative() { -1 - from.cast_signed() } else { from.cast_signed() };
        if self.open.is_some_and(|(open, _)| open != place) {
            self.close();
        }
        &mut self
            .open
            .get_or_insert_with(|| (place, Cell { from: f64::from_bits(from).copysign(x), ..Cell::default() }))
            .1
    }

    fn close(&mut self) {
        if let Some((place, cell)) = self.open.take() {
            self.add(place, &cell);
        }
    }

    fn add(&mut self, place: i64, cell: &Cell) {
        self.done.entry(place).or_insert(Cell { from: cell.from, ..Cell::default() }).join(cell);
    }

    /// An input whose error is at most this; infinities and NaN have no place on the line.
    pub fn point(&mut self, point: &Point, ulp: f64) {
        if !point.x.is_finite() {
            return;
        }
        let cell = self.of(point.x);
        let counts = |is: bool| if is { point.weight } else { 0 };
        let wrong = ulp.is_infinite();
        let (nan, infinite) = (counts(wrong && point.y.is_nan()), counts(wrong && point.y.is_infinite()));
        let ulp = if nan + infinite > 0 { 0.0 } else { ulp };
        cell.join(&Cell { from: cell.from, inputs: point.weight, ulp, nan, infinite });
    }

    /// A run, on which errors are at most this.
    pub fn block(&mut self, block: &Block<'_>, ulp: f64) {
        let inputs = block.outputs.len();
        let (first, last) = (block.x(0), block.x(inputs - 1));
        let start = self.of(first);
        start.join(&Cell { from: start.from, inputs: inputs as u64, ulp, ..Cell::default() });
        // a run that reaches into the next cell counts here, and its bound holds in both
        let end = self.of(last);
        end.ulp = end.ulp.max(ulp);
    }

    pub fn join(&mut self, next: &Self) {
        let open = next.open.iter().map(|(place, cell)| (place, cell));
        next.done.iter().chain(open).for_each(|(place, cell)| self.add(*place, cell));
    }

    /// From the most negative to the most positive.
    pub fn finish(mut self) -> Vec<Cell> {
        self.close();
        self.done.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Enclosure as _, F64I};
    use crate::reference::Kind;

    fn point(x: f64, y: f64) -> Point {
        let real = F64I::new(&(), &0.0, &0.0);
        Point { input: 0, x, output: 0, y, real, kind: Kind::Smooth, ball: None, weight: 1 }
    }

    #[test]
    fn cells_cover_the_line_in_order_and_touch() {
        let mut cells = Cells::default();
        let magnitudes =
            [0.0, 5e-324, 1e-300, 1e-45, 1e-30, 0.001, 0.5, 0.99, 1.0, 1.2, 3.9, 1e3, 1e5, 1e38, 1e300, f64::MAX];
        for x in magnitudes.into_iter().flat_map(|x| [x, -x]) {
            cells.point(&point(x, 0.0), 1.0);
            let cell = *cells.of(x);
            assert!(cell.from.abs() <= x.abs() && x.abs() <= cell.to().abs(), "{x:e} in {cell:?}");
            assert_eq!(cell.from.is_sign_negative(), x.is_sign_negative());
            // the next cell begins where this one ends, which is not in it
            assert_eq!(cells.of(cell.to()).from, if cell.to().abs() == f64::MAX { cell.from } else { cell.to() });
        }
        let all = cells.finish();
        assert!(all.is_sorted_by(|a, b| a.from < b.from || a.from == 0.0 && b.from == 0.0));
    }

    #[test]
    fn infinite_errors_are_counted_by_what_came_out_and_hide_nothing() {
        let mut cells = Cells::default();
        cells.point(&point(3.0, f64::NAN), f64::INFINITY);
        cells.point(&point(3.0, f64::INFINITY), f64::INFINITY);
        cells.point(&point(3.0, 1.0), 7.0);
        let mut other = Cells::default();
        other.point(&point(3.1, f64::NAN), f64::INFINITY);
        cells.join(&other);
        let all = cells.finish();
        assert_eq!(all, [Cell { from: 3.0, inputs: 4, ulp: 7.0, nan: 2, infinite: 1 }]);
        // and a file has them as they are, the infinite and the negative zero
        for cell in [all[0], Cell { from: -0.0, ulp: f64::INFINITY, ..all[0] }] {
            let text = serde_json::to_string(&cell).expect("is written");
            let read: Cell = serde_json::from_str(&text).expect("is read");
            assert!(read == cell && read.from.is_sign_negative() == cell.from.is_sign_negative(), "{text}");
        }
    }
}
