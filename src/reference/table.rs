//! The real values at all floats of a format: certified polynomials from the smallest float to the largest.

use super::Reference;
use super::lanes::Lane;
use super::local::{self, Local, Piece, Polynomial, Taylor};
use crate::expr::FloatFormat;
use rayon::prelude::*;

/// Inputs of a run, at most: so few that the value's binade seldom changes within, so many that its set-up does not count.
const LENGTH: i64 = 1024;

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

    /// The pieces, from left to right.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Floats of which each has to be evaluated by itself.
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
        let values = [(y - reach).next_down(), (y + reach).next_up()];
        let [a, b] = values.map(f64::abs);
        let least = if values[0] <= 0.0 && values[1] >= 0.0 { 0.0 } else { a.min(b) };
        let ulps = [self.format.ulp(least), self.format.ulp(a.max(b))];
        Some(Smooth { x0, step, polynomial, values, ulps, uncertainty: (polynomial.error / ulps[0]).next_up() })
    }
}

impl<'a> Smooth<'a> {
    /// For the inner loop, with the smaller unit.
    pub fn lane(&self, marks: [f64; 2]) -> Lane<'a> {
        Lane { polynomial: self.polynomial, x0: self.x0, step: self.step, scale: 1.0 / self.ulps[0], marks }
    }
}
