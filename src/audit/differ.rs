//! Two subjects against each other: where they differ, and which of the two is nearer to the real value there.

use super::parts::{Part, parts};
use crate::check::{Context, Point, REGIONS, error_of, region_of};
use crate::number::Format;
use crate::reference::Table;
use rug::Float;
use std::cmp::Ordering;

/// Pairs of outputs that are kept.
const KEPT: usize = 3;
/// Bits in which half the sum of any two doubles is exact.
const EXACT: u32 = 2200;

/// How often something was so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// inputs that both answered
    pub inputs: u64,
    /// inputs with different outputs
    pub differ: u64,
    /// of those, how often each was certainly nearer to the real value
    pub nearer: [u64; 2],
    /// how often both were exactly as near
    pub even: u64,
}

impl Counts {
    /// Different outputs for which it is not known who is nearer.
    #[must_use]
    pub const fn unknown(&self) -> u64 {
        self.differ - self.nearer[0] - self.nearer[1] - self.even
    }

    /// Adds those of other inputs.
    pub fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.differ += other.differ;
        self.even += other.even;
        for k in 0..2 {
            self.nearer[k] += other.nearer[k];
        }
    }
}

/// An input with both outputs, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    pub input: u64,
    pub outputs: [u64; 2],
    /// floats from one output to the other; more than there are if one is NaN
    pub steps: u64,
}

/// What is known of two subjects on a run of ascending inputs.
#[derive(Clone, Debug, Default)]
pub(super) struct Differ {
    /// by region of the input, NaN last
    pub regions: [Counts; REGIONS + 1],
    /// inputs for which just one of both is NaN
    pub one_nan: u64,
    /// the outputs that are the most floats apart
    pub worst: Vec<Apart>,
    /// first and last input, as bits, with different outputs
    pub ends: Option<[u64; 2]>,
}

impl Differ {
    /// All f32 inputs from a place on.
    pub fn sweep(&mut self, table: &Table, first: u64, x: &[f32], y: [&[f32]; 2], cx: &Context<'_>) {
        for part in parts(table, first, x.len()) {
            let (span, real) = match part {
                Part::Smooth(span, _, real) => (span, real),
                Part::Singles(span) | Part::Nans(span) | Part::Overflow(span, _) => {
                    span.for_each(|k| self.input(x[k], y.map(|y| y[k]), cx));
                    continue;
                }
            };
            let outputs = y.map(|y| &y[span.clone()]);
            let same = outputs[0].iter().zip(outputs[1]).all(|(a, b)| a.to_bits() == b.to_bits());
            if same {
                // a run has one sign and lies in one binade, so it is in one region
                self.regions[region_of(real.x0)].inputs += span.len() as u64;
                continue;
            }
            let offsets = outputs.map(|outputs| real.lane(0.0).offsets(outputs));
            // both errors are known this well, and the roundings of either are no larger than their difference needs
            let unknown = 2.0 * real.uncertainty;
            for (k, input) in span.clone().enumerate() {
                let [a, b] = [0, 1].map(|side| offsets[side][k].abs());
                let surely = (a - b).abs() > unknown + (a + b) * 1e-12;
                let closer = if surely { a.partial_cmp(&b) } else { None };
                let outputs = outputs.map(|y| y[k]);
                match closer {
                    Some(order) => self.note(x[input], outputs, || Some(order)),
                    None => self.input(x[input], outputs, cx),
                }
            }
        }
    }

    /// One input.
    pub fn input<T: Format>(&mut self, x: T, y: [T; 2], cx: &Context<'_>) {
        self.note(x, y, || nearer(x, y, cx));
    }

    /// One input; `order` compares the errors of both outputs.
    fn note<T: Format>(&mut self, x: T, y: [T; 2], order: impl FnOnce() -> Option<Ordering>) {
        let region = if x.to_f64().is_nan() { REGIONS } else { region_of(x.to_f64()) };
        let counts = &mut self.regions[region];
        counts.inputs += 1;
        let outputs = y.map(Format::bits64);
        let nan = y.map(|y| y.to_f64().is_nan());
        if outputs[0] == outputs[1] || nan[0] && nan[1] {
            return;
        }
        counts.differ += 1;
        match order() {
            Some(Ordering::Less) => counts.nearer[0] += 1,
            Some(Ordering::Greater) => counts.nearer[1] += 1,
            Some(Ordering::Equal) => counts.even += 1,
            None => {}
        }
        self.one_nan += u64::from(nan[0] || nan[1]);
        let [a, b] = outputs.map(|y| T::FORMAT.ordinal(y));
        let steps = if nan[0] || nan[1] { u64::MAX } else { a.abs_diff(b) };
        self.keep(Apart { input: x.bits64(), outputs, steps });
        let ends = self.ends.get_or_insert([x.bits64(); 2]);
        ends[1] = x.bits64();
    }

    /// Keeps the worst few; of those that are as far apart, the first.
    fn keep(&mut self, apart: Apart) {
        let place = self.worst.iter().position(|w| apart.steps > w.steps).unwrap_or(self.worst.len());
        if place < KEPT {
            self.worst.insert(place, apart);
            self.worst.truncate(KEPT);
        }
    }

    /// Joins with the inputs that follow.
    pub fn join(&mut self, next: Self) {
        for (a, b) in self.regions.iter_mut().zip(&next.regions) {
            a.add(b);
        }
        self.one_nan += next.one_nan;
        next.worst.into_iter().for_each(|w| self.keep(w));
        self.ends = match (self.ends, next.ends) {
            (Some([first, _]), Some([_, last])) => Some([first, last]),
            (a, b) => a.or(b),
        };
    }

    /// Over all regions.
    pub fn total(&self) -> Counts {
        self.regions.iter().fold(Counts::default(), |mut all, part| {
            all.add(part);
            all
        })
    }
}

/// Which of two different outputs has the smaller error (`Less`: the first); `None` if that is not known, or if there is
/// nothing to compare with.
fn nearer<T: Format>(x: T, y: [T; 2], cx: &Context<'_>) -> Option<Ordering> {
    let point = Point::at(cx.reference, x);
    let [a, b] = [error_of(&point.answered(y[0], cx), cx)?, error_of(&point.answered(y[1], cx), cx)?];
    let values = y.map(Format::to_f64);
    match () {
        () if a[1] < b[0] => Some(Ordering::Less),
        () if b[1] < a[0] => Some(Ordering::Greater),
        // zeros of both signs; both in the set of subgradients; both as wrong as can be
        () if values[0] == values[1] || a == b && a[0] == a[1] => Some(Ordering::Equal),
        () if !values.iter().all(|y| y.is_finite()) => None,
        () => {
            let middle = (Float::with_val(EXACT, values[0]) + values[1]) / 2u32;
            let side = cx.reference.compare(point.x, &middle)?;
            Some(if values[0] > values[1] { side.reverse() } else { side })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Budget, Policy};
    use crate::expr::FloatFormat;
    use crate::kernels::Pass;
    use crate::number::{Enclosure, F64I};
    use crate::reference::Reference;
    use crate::testing;

    fn with_context(id: &str, check: impl FnOnce(&Reference, &Context<'_>)) {
        let format = FloatFormat::F32;
        let reference = Reference::new(&testing::activation(id), 0).expect("compiles");
        let evaluator = reference.evaluator();
        let cx = Context {
            format,
            pass: Pass::Forward,
            reference: &evaluator,
            limits: [None, None],
            range: None,
            lipschitz: None,
            stretches: &[],
            sample: &[],
            budget: Budget { ulp: f64::INFINITY, ..Budget::of(format, Pass::Forward) },
            policy: Policy::default(),
        };
        check(&reference, &cx);
    }

    fn middle(real: F64I) -> f32 {
        (0.5 * real.lo() + 0.5 * real.hi()) as f32
    }

    #[test]
    fn the_nearer_output_is_found() {
        with_context("sigmoid", |_, cx| {
            // sigmoid(0) = 1/2 exactly, sigmoid(1) = 0.731058578...
            assert_eq!(nearer(0.0f32, [0.5, 0.5f32.next_up()], cx), Some(Ordering::Less));
            assert_eq!(nearer(0.0f32, [0.4, 0.5], cx), Some(Ordering::Greater));
            assert_eq!(nearer(0.0f32, [0.25, 0.75], cx), Some(Ordering::Equal));
            assert_eq!(nearer(1.0f32, [0.731_058_6, f32::NAN], cx), Some(Ordering::Less));
            assert_eq!(nearer(1.0f32, [f32::NEG_INFINITY, 0.7], cx), Some(Ordering::Greater));
            assert_eq!(nearer(f32::NAN, [0.0, 1.0], cx), None);
            // both neighbours of the real value, with errors that differ by little
            let real = 0.731_058_578_630_004_9_f64;
            let (low, high) = (0.731_058_5f32, 0.731_058_6f32);
            let expected = (f64::from(low) - real).abs().partial_cmp(&(f64::from(high) - real).abs());
            assert_eq!(nearer(1.0f32, [low, high], cx), expected);
        });
    }

    #[test]
    fn runs_say_what_single_inputs_say() {
        with_context("gelu", |reference, cx| {
            let table = Table::new(reference, cx.format);
            for first in [0, 1_000_000_000, 3_000_000_000, 2 * cx.format.infinity() - 2000] {
                let x: Vec<f32> = (first..first + 4000).map(|p| f32::from_bits64(cx.format.at_place(p))).collect();
                let right: Vec<f32> = x.iter().map(|x| middle(cx.reference.enclose((*x).into()))).collect();
                let wrong: Vec<f32> =
                    right.iter().enumerate().map(|(k, y)| if k % 3 == 0 { y.next_up() } else { *y }).collect();
                let (mut runs, mut singles) = (Differ::default(), Differ::default());
                runs.sweep(&table, first, &x, [&right, &wrong], cx);
                for k in 0..x.len() {
                    singles.input(x[k], [right[k], wrong[k]], cx);
                }
                assert_eq!((runs.regions, runs.ends), (singles.regions, singles.ends));
                assert_eq!((runs.worst, runs.one_nan), (singles.worst, singles.one_nan));
            }
        });
    }

    #[test]
    fn parts_join_in_order() {
        with_context("sigmoid", |_, cx| {
            let inputs = [-1.0f32, 0.0, 1.0, 2.0];
            let of = |inputs: &[f32]| {
                let mut differ = Differ::default();
                inputs.iter().for_each(|x| differ.input(*x, [*x, f32::NAN], cx));
                differ
            };
            let (mut parts, whole) = (of(&inputs[..1]), of(&inputs));
            parts.join(of(&[]));
            parts.join(of(&inputs[1..]));
            assert_eq!((&parts.worst, parts.ends, parts.total()), (&whole.worst, whole.ends, whole.total()));
            assert_eq!((whole.one_nan, whole.total().unknown(), whole.total().nearer), (4, 0, [4, 0]));
        });
    }
}
