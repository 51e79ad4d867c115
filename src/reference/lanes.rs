//! The inner loops of an exhaustive audit, over runs of consecutive floats: written over small arrays, which compile to
//! vectors, and compiled twice, for the build's baseline and for AVX-512. Both give the same bits: nothing is reordered,
//! and multiplications are fused exactly where `mul_add` is written.

#![expect(unsafe_code, reason = "a function compiled for a newer processor may only be called on one")]

use super::local::{DEGREE, Polynomial};

/// Inputs that are worked on together: enough independent chains to hide the latency of a fused multiplication.
const WIDTH: usize = 32;

/// How far the outputs of a run are from the polynomial, in units of `1/scale`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Errors {
    /// sum; not finite if an output is not
    pub sum: f64,
    /// largest, NaN left out
    pub max: f64,
    /// how many are not less than the mark
    pub near: u64,
}

/// What the outputs of a run look like, next to each other; NaN left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// smallest output
    pub min: f32,
    /// largest output
    pub max: f32,
    /// the largest rise from one output to the next
    pub rise: f32,
    /// the largest fall from one output to the next
    pub fall: f32,
}

/// A run of inputs `x0 + k step` in one binade.
#[derive(Clone, Copy, Debug)]
pub struct Lane<'a> {
    /// the real values
    pub polynomial: &'a Polynomial,
    /// first input
    pub x0: f64,
    /// distance of the inputs
    pub step: f64,
    /// one over the unit of the errors
    pub scale: f64,
    /// errors from here on are counted
    pub mark: f64,
}

impl Lane<'_> {
    /// |y - p(x)| * scale for all inputs of the run.
    #[must_use]
    pub fn measure(&self, y: &[f32]) -> Errors {
        dispatch!(measure(self, y))
    }

    /// The same, as compiled for the build's baseline: the same bits, on every processor.
    #[must_use]
    pub fn measure_baseline(&self, y: &[f32]) -> Errors {
        measure(self, y)
    }

    /// (y - p(x)) * scale for each input.
    #[must_use]
    pub fn offsets(&self, y: &[f32]) -> Vec<f64> {
        dispatch!(offsets(self, y))
    }
}

/// What a run of outputs looks like. `before` is the output before the run, or its first one.
pub fn shape(before: f32, y: &[f32]) -> Shape {
    dispatch!(outline(before, y))
}

/// Calls the version of a function for this processor.
macro_rules! dispatch {
    ($name:ident($($arg:expr),*)) => {{
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the processor has the features that the function was compiled for
            return unsafe { wide::$name($($arg),*) };
        }
        $name($($arg),*)
    }};
}
use dispatch;

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{Errors, Lane, Shape};

    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub fn measure(lane: &Lane<'_>, y: &[f32]) -> Errors {
        super::measure(lane, y)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub fn offsets(lane: &Lane<'_>, y: &[f32]) -> Vec<f64> {
        super::offsets(lane, y)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    pub fn outline(before: f32, y: &[f32]) -> Shape {
        super::outline(before, y)
    }
}

/// Errors that are summed up while they are still in registers or next to them.
const BUFFER: usize = 8 * WIDTH;

#[inline(always)]
fn measure(lane: &Lane<'_>, y: &[f32]) -> Errors {
    let mut buffer = [0.0; BUFFER];
    let mut all = Statistics::<WIDTH>::new(lane.mark);
    let mut rest = Statistics::<1>::new(lane.mark);
    for (k, y) in y.chunks(BUFFER).enumerate() {
        let errors = &mut buffer[..y.len()];
        fill(lane, k * BUFFER, y, errors);
        let (whole, single) = errors.as_chunks::<WIDTH>();
        whole.iter().for_each(|errors| all.add(errors));
        single.iter().for_each(|error| rest.add(&[*error]));
    }
    let (a, b) = (all.finish(), rest.finish());
    Errors { sum: a.sum + b.sum, max: a.max.max(b.max), near: a.near + b.near }
}

#[inline(always)]
fn offsets(lane: &Lane<'_>, y: &[f32]) -> Vec<f64> {
    let mut offsets = vec![0.0; y.len()];
    fill(lane, 0, y, &mut offsets);
    offsets
}

/// Writes the offsets for the inputs from a place of the run on. Most polynomials are short: next to zero and far out a
/// function is nearly straight.
#[inline(always)]
fn fill(lane: &Lane<'_>, place: usize, y: &[f32], errors: &mut [f64]) {
    let whole = y.len() - y.len() % WIDTH;
    let ((y, y_rest), (errors, rest)) = (y.split_at(whole), errors.split_at_mut(whole));
    match lane.polynomial.degree() {
        0 | 1 => evaluate::<1, WIDTH>(lane, place, y, errors),
        2 | 3 => evaluate::<3, WIDTH>(lane, place, y, errors),
        _ => evaluate::<DEGREE, WIDTH>(lane, place, y, errors),
    }
    evaluate::<DEGREE, 1>(lane, place + whole, y_rest, rest);
}

#[inline(always)]
fn evaluate<const D: usize, const W: usize>(lane: &Lane<'_>, place: usize, y: &[f32], errors: &mut [f64]) {
    let c = lane.polynomial.c;
    // every input of the run is a multiple of `step`, so none of this rounds
    let start = (place as f64).mul_add(lane.step, lane.x0 - lane.polynomial.centre);
    let mut h: [f64; W] = std::array::from_fn(|l| (l as f64).mul_add(lane.step, start));
    let stride = W as f64 * lane.step;
    let scale = lane.scale;
    for (y, out) in y.chunks_exact(W).zip(errors.chunks_exact_mut(W)) {
        let mut p = [c[D]; W];
        for c in c[..D].iter().rev() {
            for l in 0..W {
                p[l] = h[l].mul_add(p[l], *c);
            }
        }
        for l in 0..W {
            out[l] = (f64::from(y[l]) - p[l]) * scale;
            h[l] += stride;
        }
    }
}

struct Statistics<const W: usize> {
    sum: [f64; W],
    max: [f64; W],
    near: [u64; W],
    mark: f64,
}

impl<const W: usize> Statistics<W> {
    #[inline(always)]
    fn new(mark: f64) -> Self {
        Self { sum: [0.0; W], max: [0.0; W], near: [0; W], mark }
    }

    #[inline(always)]
    fn add(&mut self, e: &[f64; W]) {
        for (l, e) in e.iter().enumerate() {
            let e = e.abs();
            self.sum[l] += e;
            self.max[l] = if e > self.max[l] { e } else { self.max[l] };
            self.near[l] += u64::from(e >= self.mark);
        }
    }

    #[inline(always)]
    fn finish(self) -> Errors {
        Errors {
            sum: halved(self.sum, |a, b| a + b),
            max: halved(self.max, |a, b| if a > b { a } else { b }),
            near: halved(self.near, |a, b| a + b),
        }
    }
}

/// Puts lanes together, half of them at a time: that compiles to vectors, and one after the other would wait for each.
#[inline(always)]
fn halved<T: Copy, const W: usize>(mut lanes: [T; W], join: impl Fn(T, T) -> T) -> T {
    const { assert!(W.is_power_of_two()) };
    let mut half = W / 2;
    while half > 0 {
        for l in 0..half {
            lanes[l] = join(lanes[l], lanes[l + half]);
        }
        half /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn outline(before: f32, y: &[f32]) -> Shape {
    const W: usize = 2 * WIDTH;
    let (mut min, mut max) = ([f32::INFINITY; W], [f32::NEG_INFINITY; W]);
    let (mut rise, mut fall) = ([0.0f32; W], [0.0f32; W]);
    let mut step = |l: usize, a: f32, b: f32| {
        min[l] = if b < min[l] { b } else { min[l] };
        max[l] = if b > max[l] { b } else { max[l] };
        let d = b - a;
        rise[l] = if d > rise[l] { d } else { rise[l] };
        fall[l] = if d < fall[l] { d } else { fall[l] };
    };
    let Some(&first) = y.first() else {
        return Shape { min: f32::INFINITY, max: f32::NEG_INFINITY, rise: 0.0, fall: 0.0 };
    };
    step(0, before, first);
    let (from, to) = (&y[..y.len() - 1], &y[1..]);
    let mut steps = |from: &[f32], to: &[f32]| {
        for (a, b) in from.chunks_exact(W).zip(to.chunks_exact(W)) {
            for l in 0..W {
                step(l, a[l], b[l]);
            }
        }
    };
    steps(from, to);
    match to.len().checked_sub(W) {
        // the rest, with some of the last ones again: that changes no extremum
        Some(last) => steps(&from[last..], &to[last..]),
        None => from.iter().zip(to).for_each(|(a, b)| step(0, *a, *b)),
    }
    // no lane is NaN
    Shape {
        min: halved(min, |a, b| if a < b { a } else { b }),
        max: halved(max, |a, b| if a > b { a } else { b }),
        rise: halved(rise, |a, b| if a > b { a } else { b }),
        fall: -halved(fall, |a, b| if a < b { a } else { b }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(polynomial: &Polynomial) -> Lane<'_> {
        Lane { polynomial, x0: 1.0, step: 2f64.powi(-23), scale: 2f64.powi(24), mark: 0.4 }
    }

    fn outputs(n: usize) -> Vec<f32> {
        // a walk without a pattern, with what vectors treat specially among it
        let mut y: Vec<f32> = (0..n as u32).map(|k| 0.75 + (k.wrapping_mul(2654435761) >> 8) as f32 * 1e-9).collect();
        if n > 100 {
            (y[17], y[63], y[90]) = (f32::NAN, f32::INFINITY, -0.0);
        }
        y
    }

    #[test]
    fn every_processor_gets_the_same_bits() {
        let c = [0.75, 0.5, -0.25, 0.125, -0.0625, 0.03125, -0.015625, 0.0078125];
        for (degree, n) in (0..=DEGREE).flat_map(|d| [0, 1, 2, WIDTH - 1, WIDTH, WIDTH + 1, 333, 1024].map(|n| (d, n)))
        {
            let c = std::array::from_fn(|j| if j <= degree { c[j] } else { 0.0 });
            let polynomial = Polynomial { centre: 1.0001220703125, c, error: 0.0, slope: 1.0, values: [0.0; 2] };
            let y = outputs(n);
            let (a, b) = (lane(&polynomial).offsets(&y), offsets(&lane(&polynomial), &y));
            let here = lane(&polynomial).measure(&y);
            let baseline = lane(&polynomial).measure_baseline(&y);
            let bits = |e: &[f64]| e.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&a), bits(&b), "{n} inputs, degree {degree}");
            assert_eq!(format!("{here:?}"), format!("{baseline:?}"), "{n} inputs, degree {degree}");
            assert_eq!(a.len(), n);
            for (k, e) in a.iter().enumerate().filter(|(_, e)| e.is_finite()) {
                let x = 1.0 + k as f64 * 2f64.powi(-23);
                assert_eq!(*e, (f64::from(y[k]) - polynomial.at(x)) * 2f64.powi(24));
            }
        }
    }

    #[test]
    fn counts_and_largest() {
        let polynomial = Polynomial { centre: 1.0, c: [0.0; 8], error: 0.0, slope: 0.0, values: [0.0; 2] };
        let lane = Lane { scale: 1.0, ..lane(&polynomial) };
        let y: Vec<f32> = (0..100).map(|k| k as f32 / 100.0).collect();
        let errors = lane.measure(&y);
        assert_eq!(errors.near, 60);
        assert_eq!(errors.max, f64::from(0.99f32));
        let mut y = y;
        y[42] = f32::NAN;
        assert!(lane.measure(&y).sum.is_nan());
    }

    #[test]
    fn the_shape_of_outputs() {
        let y: Vec<f32> = (0..300).map(|k| (k % 7) as f32).collect();
        assert_eq!(shape(3.0, &y), Shape { min: 0.0, max: 6.0, rise: 1.0, fall: 6.0 });
        assert_eq!(shape(-9.0, &y).rise, 9.0, "the step to the run counts");
        for flaw in [0, 150, 299] {
            let mut y = vec![1.0; 300];
            y[flaw] = 2.0;
            assert_eq!(shape(1.0, &y).max, 2.0, "{flaw}");
        }
    }
}
