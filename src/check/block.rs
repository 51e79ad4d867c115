//! Many inputs at once: a run of consecutive floats whose real values are one certified polynomial. A check that can tell
//! from a few numbers that nothing on the run concerns it is done with a thousand inputs in one step; otherwise it gets
//! them one by one.

use super::Point;
use crate::number::{Enclosure, F64I};
use crate::reference::{Errors, Kind, Run, Shape, Smooth, shape};
use std::sync::OnceLock;

/// What rounding can do to an error that was computed in f64, relatively.
pub(super) const SLACK: f64 = 1.0 / (1u64 << 48) as f64;

/// A run with the outputs for it.
pub struct Block<'a> {
    /// the inputs
    pub run: Run<'a>,
    /// the real values
    pub real: Smooth<'a>,
    /// the outputs
    pub outputs: &'a [f32],
    /// distances of the outputs from the polynomial, in the smaller of the units; the mark is a little below one half
    pub stats: Errors,
    /// how the outputs lie to each other; the first step is the one to the run
    pub shape: Shape,
    offsets: OnceLock<Vec<f64>>,
    points: OnceLock<Vec<Point>>,
}

fn marks(real: &Smooth<'_>) -> [f64; 2] {
    let unknown = real.uncertainty + SLACK;
    [0.5 - unknown, 0.5 + unknown]
}

impl<'a> Block<'a> {
    /// Measures a run. `before` is the output for the input before it.
    pub fn new(run: Run<'a>, real: Smooth<'a>, before: Option<f32>, outputs: &'a [f32]) -> Self {
        let stats = real.lane(marks(&real)[0]).measure(outputs);
        let shape = shape(before.unwrap_or(outputs[0]), outputs);
        Self { run, real, outputs, stats, shape, offsets: OnceLock::new(), points: OnceLock::new() }
    }

    /// Each output less the polynomial, in the smaller of the units; worked out once, if anyone asks.
    pub fn offsets(&self) -> &[f64] {
        self.offsets.get_or_init(|| self.real.lane(0.0).offsets(self.outputs))
    }

    /// The magnitudes of the offsets.
    pub fn errors(&self) -> impl Iterator<Item = f64> {
        self.offsets().iter().map(|e| e.abs())
    }

    /// The error steps from one output to the next by at most this, given their offsets.
    pub fn step(&self, a: f64, b: f64) -> f64 {
        (b - a).abs() + 2.0 * self.real.uncertainty + (a.abs() + b.abs()) * SLACK
    }

    /// Measured errors between these may be on either side of one half.
    pub fn half(&self) -> [f64; 2] {
        marks(&self.real)
    }

    /// How many inputs.
    pub fn inputs(&self) -> u64 {
        self.outputs.len() as u64
    }

    /// Whether all values of the run have the same unit in the last place, so that errors are in it.
    pub fn one_unit(&self) -> bool {
        self.real.ulps[0] == self.real.ulps[1]
    }

    /// Whether all values of the run are within a small part of a unit of one power of two.
    pub fn next_to_a_power_of_two(&self) -> bool {
        let [lo, hi] = self.real.values;
        !self.one_unit() && hi - lo <= self.real.ulps[0] / 256.0
    }

    /// Whether all outputs are finite.
    pub fn finite(&self) -> bool {
        self.stats.sum.is_finite()
    }

    /// The largest error in ulp, rounded up. Infinite if an output is not finite.
    pub fn worst(&self) -> f64 {
        if self.finite() { self.upper(self.stats.max) } else { f64::INFINITY }
    }

    /// The error behind a measured distance is at most this.
    pub fn upper(&self, measured: f64) -> f64 {
        (measured + self.real.uncertainty) * (1.0 + SLACK)
    }

    /// The error behind a measured distance is at least this, in the smaller unit.
    pub fn lower(&self, measured: f64) -> f64 {
        ((measured - self.real.uncertainty) * (1.0 - SLACK)).max(0.0)
    }

    /// The input at a place of the run.
    pub fn x(&self, k: usize) -> f64 {
        self.real.x0 + k as f64 * self.real.step
    }

    /// One input with its output and the real value.
    pub fn point(&self, k: usize) -> Point {
        let (x, y) = (self.x(k), f64::from(self.outputs[k]));
        let polynomial = self.real.polynomial;
        let value = polynomial.at(x);
        let real = if polynomial.error == 0.0 {
            F64I::new(&(), &value, &value)
        } else {
            F64I::new(&(), &(value - polynomial.error).next_down(), &(value + polynomial.error).next_up())
        };
        let output = self.outputs[k].to_bits().into();
        Point { input: self.run.bits(k), x, output, y, real, kind: Kind::Smooth, ball: None, weight: 1 }
    }

    /// All of them; made once.
    pub fn points(&self) -> &[Point] {
        self.points.get_or_init(|| (0..self.outputs.len()).map(|k| self.point(k)).collect())
    }
}
