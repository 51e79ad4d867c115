//! Operands that hurt: every binade, subnormals, tails, the seams of the implementations; points, thin, wide and
//! unbounded intervals.

use actaudit::internal::operations::{Operation, TABLE};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// An operation, its operands, and picks from which members are made.
#[derive(Clone, Debug)]
pub struct Case {
    pub row: &'static Operation,
    pub operands: Vec<(f64, f64)>,
    pub picks: Vec<f64>,
}

impl Case {
    /// Some members of each operand: the ends, and where the picks fall (or the nearest member).
    pub fn members(&self) -> Vec<Vec<f64>> {
        let finite = |x: f64| x.clamp(-f64::MAX, f64::MAX);
        let member = |&(lo, hi): &(f64, f64), pick: f64| finite(pick.clamp(lo, hi));
        let corner = |k: usize| {
            let end = |(i, &(lo, hi)): (usize, &(f64, f64))| finite(if k >> i & 1 == 0 { lo } else { hi });
            self.operands.iter().enumerate().map(end).collect()
        };
        let corners = (0..1 << self.operands.len()).map(corner);
        let inner = self.picks.windows(2).map(|w| self.operands.iter().zip(w).map(|(o, &p)| member(o, p)).collect());
        corners.chain(inner).collect()
    }
}

fn steps_from(x: f64, steps: i64) -> f64 {
    (0..steps.abs()).fold(x, |x, _| if steps < 0 { x.next_down() } else { x.next_up() })
}

/// Finite floats: all binades evenly, and more of those where something happens.
pub fn float() -> impl Strategy<Value = f64> {
    use std::f64::consts::{FRAC_PI_2, PI, TAU};
    const SEAMS: [f64; 22] = [
        0.0, 0.5, 1.0, -1.0, 2.0, -0.75, -1.75, 3.0, 4.0, FRAC_PI_2, PI, TAU, 26.5, -26.5, 38.5, -38.5, 40.0, -40.0,
        709.78, 745.13, -745.13, 1e-140,
    ];
    prop_oneof![
        3 => (any::<bool>(), 0u64..0x7FF, any::<u64>()).prop_map(|(negative, exponent, mantissa)| {
            f64::from_bits(u64::from(negative) << 63 | exponent << 52 | mantissa >> 12)
        }),
        1 => (any::<bool>(), 0u64..16).prop_map(|(negative, bits)| f64::from_bits(u64::from(negative) << 63 | bits)),
        3 => -6.0..6.0,
        2 => -45.0..45.0,
        1 => -800.0..800.0,
        1 => (-20i32..20).prop_map(f64::from),
        2 => (prop::sample::select(&SEAMS[..]), -6i64..=6).prop_map(|(x, k)| steps_from(x, k)),
    ]
}

/// Ends of an interval, mostly inside the row's domain.
fn operand(row: &'static Operation) -> impl Strategy<Value = (f64, f64)> {
    (float(), float(), 0..20u8, 1..50i64, 0..8u8).prop_map(|(x, y, shape, steps, outside)| {
        let keep = |x: f64| if outside == 0 { x } else { row.domain.bring(x) };
        let (x, y) = (keep(x), keep(y));
        match shape {
            0..7 => (x, x),
            7..10 => (x, steps_from(x, steps).min(f64::MAX)),
            10..17 => (x.min(y), x.max(y)),
            17 => (x, f64::INFINITY),
            18 => (f64::NEG_INFINITY, x),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    })
}

/// Cases of one operation.
pub fn case_of(row: &'static Operation) -> impl Strategy<Value = Case> {
    let operands = prop::collection::vec(operand(row), row.op.arity());
    (operands, prop::collection::vec(float(), 4)).prop_map(move |(operands, picks)| Case { row, operands, picks })
}

/// Cases of every operation.
pub fn case() -> impl Strategy<Value = Case> {
    (0..TABLE.len()).prop_flat_map(|i| case_of(&TABLE[i]))
}

/// The same stream of values in every run.
pub fn stream<S: Strategy>(strategy: S) -> impl Iterator<Item = S::Value> {
    let mut runner = TestRunner::deterministic();
    std::iter::from_fn(move || strategy.new_tree(&mut runner).ok().map(|tree| tree.current()))
}
