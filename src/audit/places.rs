//! Places on the line around which samples are dense: junctions; edges, where real values become subnormal, overflow, or
//! round to what they tend to; and thresholds that kernels have.

use crate::expr::FloatFormat;
use crate::number::format::power_of_two;
use crate::number::{Enclosure, Limit};
use crate::reference::{Evaluator, Reference};

/// Where a sample is dense. The default knows of thresholds only.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// the f64s next below the junctions
    pub junctions: Vec<f64>,
    /// the f64s next to edges
    pub edges: Vec<f64>,
}

/// Where kernels change from one formula to another, or give up: exponentials that overflow, flush or vanish next to 1 in f32
/// and in f64, and round numbers. Both signs.
pub const THRESHOLDS: [f64; 17] = [
    8.317_766_166_719_343,  // 12 log 2
    9.010_913_347_279_288,  // from here on f32 tanh is 1
    16.635_532_333_438_686, // 24 log 2
    20.0,
    36.736_800_569_677_1, // 53 log 2
    50.0,
    87.336_544_750_553_1,  // the least normal f32
    88.722_839_052_068_35, // the largest f32
    100.0,
    103.972_077_083_991_79, // half the least f32
    512.0,
    700.0,
    708.396_418_532_264_1, // the least normal f64
    709.782_712_893_384,   // the largest f64
    744.440_071_921_381_2, // the least f64
    745.133_219_101_941_1, // half of it
    1000.0,
];

/// Steps of the grid in a binade, and the binades of the input in which edges are looked for.
const STEPS: i32 = 8;
const BINADES: [i32; 2] = [-30, 11];

impl Places {
    /// Those of an activation or its derivative, for audits of this format.
    pub fn of(reference: &Reference, format: FloatFormat) -> Self {
        let junctions = reference.junctions().iter().map(|j| j.floor).collect();
        let evaluator = reference.evaluator();
        let mut edges = vec![];
        for (right, sign) in [(false, -1.0), (true, 1.0)] {
            let limit = match reference.limit(right) {
                Some(Limit::Finite(limit)) => Some(limit.lo().to_f64()).filter(|l| *l != 0.0),
                _ => None,
            };
            let grid =
                (BINADES[0] * STEPS..=BINADES[1] * STEPS).map(|k| sign * (f64::from(k) / f64::from(STEPS)).exp2());
            let passed: Vec<(f64, Vec<Option<bool>>)> =
                grid.map(|x| (x, levels(value(&evaluator, x), x, limit, format))).collect();
            for pair in passed.windows(2) {
                let [(near, before), (far, after)] = pair else { continue };
                for level in 0..before.len() {
                    if let (Some(a), Some(b)) = (before[level], after[level])
                        && a != b
                    {
                        let at = |x| levels(value(&evaluator, x), x, limit, format)[level];
                        edges.extend(crossing(at, a, (*near, *far)));
                    }
                }
            }
        }
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        Self { junctions, edges }
    }
}

/// The value as the sum of two f64.
fn value(evaluator: &Evaluator<'_>, x: f64) -> Option<[f64; 2]> {
    let ball = evaluator.enclose_finely(x);
    if ball.radius().is_finite() {
        return Some([ball.hi(), ball.lo()]);
    }
    // beyond all f64s: an infinity
    let real = evaluator.refine(x, |v| v.lo().is_finite() && v.hi().is_finite());
    (real.lo().is_finite() && real.hi().is_finite()).then(|| [real.lo().to_f64(), 0.0])
}

/// Which levels a value is beyond: the least normal number, half of the least number, the largest; a few half ulp from its
/// limit; half an ulp and one from the input.
fn levels(value: Option<[f64; 2]>, x: f64, limit: Option<f64>, format: FloatFormat) -> Vec<Option<bool>> {
    let unit = power_of_two(-format.precision());
    let size = value.map(|v| v[0].abs());
    let away = |from: f64| value.map(|v| ((v[0] - from) + v[1]).abs() / (from.abs() * unit));
    let sizes = [power_of_two(format.min_exponent()), format.min_subnormal() / 2.0, format.max()];
    let sizes = sizes.map(|level| size.map(|s| s > level));
    let from_limit = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0].map(|c| away(limit?).map(|a| a > c));
    let from_input = [0.5, 1.0].map(|c| away(x).map(|a| a > c));
    sizes.into_iter().chain(from_limit).chain(from_input).collect()
}

/// The f64 at which an answer changes between two inputs of which it differs.
fn crossing(at: impl Fn(f64) -> Option<bool>, first: bool, (mut near, mut far): (f64, f64)) -> Option<f64> {
    loop {
        let middle = near.midpoint(far);
        if middle == near || middle == far {
            return Some(near);
        }
        match at(middle)? {
            side if side == first => near = middle,
            _ => far = middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::expr::Activation;

    fn edges(id: &str, format: FloatFormat) -> Vec<f64> {
        let activation = Activation::with_defaults(catalog::find(id).expect("in the catalogue")).expect("made");
        Places::of(&Reference::new(&activation, 0).expect("compiles"), format).edges
    }

    #[test]
    fn edges_are_where_values_become_subnormal_overflow_or_saturate() {
        let has = |id, format, x: f64| {
            let edges = edges(id, format);
            assert!(edges.iter().any(|e| (e - x).abs() < 1e-6 * x.abs()), "{id} {x}: {edges:?}");
        };
        // exp: log of the largest, the least normal and half the least f64
        for x in [709.782_712_893_384, -708.396_418_532_264, -745.133_219_101_941] {
            has("exp", FloatFormat::F64, x);
        }
        // elu is half an ulp of 1 above -1 at log 2^-53 - log 2
        has("elu", FloatFormat::F64, -54.0 * std::f64::consts::LN_2);
        has("tanh", FloatFormat::F32, 9.010_913_347_279_288);
        assert!(edges("relu", FloatFormat::F64).is_empty());
    }
}
