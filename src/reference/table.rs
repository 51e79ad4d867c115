//! The real values at all floats of a format: certified polynomials from the smallest float to the largest.

use super::Reference;
use super::lanes::Lane;
use super::local::{self, Local, Piece, Polynomial, Taylor};
use crate::expr::FloatFormat;
use rayon::prelude::*;

/// Inputs of a run, at most: so few that the value's binade seldom changes within, so many that its set-up does not count.
pub const LENGTH: i64 = 2048;

/// A cover of all finite floats but zero.
#[derive(Clone, Debug)]
pub struct Table {
    format: FloatFormat,
    pieces: Vec<Piece>,
}

/// Consecutive floats of one piece and binade.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// ordinal of the first float
    pub first: i64,
    /// how many floats
    pub len: usize,
    /// what is known
    pub local: &'a Local,
    format: FloatFormat,
}

impl Table {
    /// Certifies polynomials for a reference. Rigorous; inputs for which none was found are marked as open.
    pub fn new(reference: &Reference, format: FloatFormat) -> Self {
        let taylor = Taylor::new(reference);
        let mantissa = 1i64 << (format.precision() - 1);
        let top = format.infinity() as i64;
        // a run ends where the binade, the sign or the piece of the definition does
        let mut ends: Vec<i64> = (1..=top / mantissa).flat_map(|k| [k * mantissa - 1, -k * mantissa]).collect();
        ends.extend([-1, 0]);
        let mut alone = vec![0];
        for junction in &reference.junctions {
            let floor = format.ordinal(format.floor(junction.floor));
            ends.push(floor);
            if let Some(at) = junction.exactly
                && format.decode(format.encode(at)) == at
            {
                // one input with a rule of its own
                ends.extend([floor - 1, floor]);
                alone.push(floor);
            }
        }
        ends.retain(|k| (-top..top).contains(k));
        ends.push(-top);
        ends.sort_unstable();
        ends.dedup();
        let spans: Vec<(i64, i64)> = ends.windows(2).map(|w| (w[0] + 1, w[1])).collect();
        let covered = spans.into_par_iter().map(|(first, last)| {
            if first == last && alone.contains(&first) {
                vec![Piece { first, last, local: Local::Open }]
            } else {
                local::cover(&taylor, format, first, last)
            }
        });
        Self { format, pieces: covered.flatten().collect() }
    }

    /// The format whose floats are the inputs.
    #[must_use]
    pub const fn format(&self) -> FloatFormat {
        self.format
    }

    /// The pieces, from left to right.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Floats of which each has to be evaluated by itself.
    #[must_use]
    pub fn open(&self) -> u64 {
        let open = self.pieces.iter().filter(|p| matches!(p.local, Local::Open));
        open.map(|p| (p.last - p.first + 1) as u64).sum()
    }

    /// The floats with these ordinals, run by run.
    pub fn runs(&self, first: i64, last: i64) -> impl Iterator<Item = Run<'_>> {
        let start = self.pieces.partition_point(|p| p.last < first);
        let inside = self.pieces[start..].iter().take_while(move |p| p.first <= last);
        inside.flat_map(move |p| {
            let (a, b) = (p.first.max(first), p.last.min(last));
            (a..=b).step_by(LENGTH as usize).map(move |first| {
                let len = LENGTH.min(b - first + 1) as usize;
                Run { first, len, local: &p.local, format: self.format }
            })
        })
    }
}

/// A run with a polynomial: the values on it, and their unit in the last place.
#[derive(Clone, Copy, Debug)]
pub struct Smooth<'a> {
    /// first input
    pub x0: f64,
    /// distance of the inputs
    pub step: f64,
    /// the values
    pub polynomial: &'a Polynomial,
    /// all values lie between these
    pub values: [f64; 2],
    /// the units in the last place of the values of least and of largest magnitude
    pub ulps: [f64; 2],
    /// what is not known of an error that was measured with the smaller unit, in that unit
    pub uncertainty: f64,
}

impl<'a> Run<'a> {
    /// The bits of an input.
    pub fn bits(&self, k: usize) -> u64 {
        self.format.at_ordinal(self.first + k as i64)
    }

    /// The polynomial's data, where there is one.
    pub fn smooth(&self) -> Option<Smooth<'a>> {
        let Local::Polynomial(polynomial) = self.local else { return None };
        let x0 = self.format.decode(self.bits(0));
        let step = self.format.ulp(x0);
        let length = step * (self.len - 1) as f64;
        // a few roundings, all covered by the factor
        let reach = (polynomial.slope * length + polynomial.error) * (1.0 + 1e-9);
        let y = polynomial.at(x0);
        // a constant that no rounding touched is that number
        let [lo, hi] = if reach == 0.0 { [y; 2] } else { [(y - reach).next_down(), (y + reach).next_up()] };
        let [least, most] = polynomial.values;
        let values = [lo.max(least), hi.min(most)];
        let [a, b] = values.map(f64::abs);
        let least = if values[0] <= 0.0 && values[1] >= 0.0 { 0.0 } else { a.min(b) };
        let ulps = [self.format.ulp(least), self.format.ulp(a.max(b))];
        let uncertainty = if polynomial.error == 0.0 { 0.0 } else { (polynomial.error / ulps[0]).next_up() };
        Some(Smooth { x0, step, polynomial, values, ulps, uncertainty })
    }
}

impl<'a> Smooth<'a> {
    /// For the inner loop, with the smaller unit.
    pub fn lane(&self, mark: f64) -> Lane<'a> {
        Lane { polynomial: self.polynomial, x0: self.x0, step: self.step, scale: 1.0 / self.ulps[0], mark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Activation, Definition};
    use crate::number::{Enclosure, MpI};
    use crate::testing;
    use std::sync::Arc;

    /// Inputs, spread over every `stride`-th piece, at which a table's value is farther from the real one than its bound.
    fn disagreements(
        activation: &Activation,
        order: usize,
        stride: usize,
        spoil: impl Fn(&mut Polynomial),
    ) -> (usize, usize) {
        let reference = Reference::new(activation, order).expect("compiles");
        let mut table = Table::new(&reference, FloatFormat::F32);
        let evaluator = reference.evaluator();
        let (mut compared, mut bad) = (0, 0);
        for piece in table.pieces.iter_mut().step_by(stride) {
            let Local::Polynomial(polynomial) = &mut piece.local else { continue };
            spoil(polynomial);
            for k in 0..=2 {
                let x = FloatFormat::F32
                    .decode(FloatFormat::F32.at_ordinal(piece.first + (piece.last - piece.first) * k / 2));
                let y = polynomial.at(x);
                // as a wide float: a thousandth of the smallest f64 is 0
                let small = rug::Float::with_val(64, polynomial.error) >> 10u32;
                let tight = |v: &MpI| v.width() <= small;
                let real = evaluator.refine(x, tight);
                let off = |end: &rug::Float| rug::Float::with_val(300, end - y).abs();
                compared += 1;
                bad += usize::from(off(&real.lo()).max(&off(&real.hi())) > polynomial.error);
            }
        }
        (bad, compared)
    }

    /// A few of them: `examples/agreement.rs` does it for the whole catalogue, with many more inputs.
    #[test]
    fn activations_are_within_their_bounds() {
        for id in ["gelu", "silu", "mish", "srelu", "tanh"] {
            for order in 0..=1 {
                let (bad, compared) = disagreements(&testing::activation(id), order, 101, |_| ());
                assert!(bad == 0 && compared > 10, "{id} order {order}: {bad} of {compared}");
            }
        }
    }

    #[test]
    fn a_definition_of_ones_own_is_within_its_bounds() {
        let definition = Definition::from_expr("x^2*tanh(x/3) - sin(x)*exp(-x^2)").expect("an expression");
        let activation = Activation::with_defaults(Arc::new(definition)).expect("no parameters");
        assert_eq!(disagreements(&activation, 0, 3, |_| ()).0, 0);
    }

    #[test]
    fn a_coefficient_that_is_off_is_noticed() {
        let gelu = testing::activation("gelu");
        let (bad, compared) = disagreements(&gelu, 0, 3, |p| p.c[0] += 2.0 * p.error);
        assert!(bad * 2 > compared, "{bad} of {compared}");
    }

    #[test]
    fn every_float_is_in_one_piece() {
        for (id, most_open) in [("gelu", 100), ("srelu", 100), ("hardshrink", 10), ("relu", 10), ("softsign", 100)] {
            for order in 0..=1 {
                let reference = Reference::new(&testing::activation(id), order).expect("compiles");
                let table = Table::new(&reference, FloatFormat::F32);
                let top = FloatFormat::F32.infinity() as i64;
                let mut next = -top + 1;
                for piece in table.pieces() {
                    assert_eq!(piece.first, next, "{id}");
                    next = piece.last + 1;
                }
                assert_eq!(next, top, "{id}");
                assert!(table.open() <= most_open, "{id} leaves {} floats open", table.open());
                let runs: usize = table.runs(-5000, 5000).map(|r| r.len).sum();
                assert_eq!(runs, 10_001);
            }
        }
    }
}
