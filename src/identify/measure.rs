//! Functions of the catalogue on the sample, and how far they are from answers and from one another.

use super::sample::Sample;
use super::{IdentifyError, Separation};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::{Enclosure, MpI};
use crate::reference::{Evaluator, Kind, Reference};
use rug::Float;

/// An activation with its real values at the inputs of the sample, as sums of two f64; NaN where there is none.
pub struct Function {
    pub activation: Activation,
    pub fitted: bool,
    values: Vec<[f64; 2]>,
}

/// How far answers are from a function.
pub struct Measure {
    /// mean of log2(1 + error), the error in ulp of a number that is not much smaller than input and slope
    pub coarse: f64,
    /// the same in ulp of the value itself
    pub fine: f64,
    /// whether nearly all answers are within rounding of a formula
    pub explains: bool,
    pub max_abs: f64,
    pub max_abs_at: f64,
    /// the largest |answer - f(x)| on [-20, 20], where functions are held against one another
    pub near_abs: f64,
    /// beyond, the largest in units of the value, or of 1 if that is larger
    pub far_relative: f64,
    pub median_ulp: f64,
    pub within_one_ulp: usize,
}

/// Errors beyond so many ulp are all the same: wrong. In f64 that is a sixteenth of the value, so that what was computed in
/// a narrower format is still told; in narrower formats, it is what the size of the value leaves room for.
fn cap(format: FloatFormat) -> f64 {
    (1.0 / (16.0 * format.ulp(1.0))).max(1_048_576.0)
}

/// Inputs of everyday size.
const NEARBY: f64 = 20.0;
/// What cancellation in a formula costs, in coarse ulp, nearly everywhere.
const BEARABLE: f64 = 2.0;

/// Beyond so many ulp an error is not put down to rounding: cancellation in a formula next to a zero costs as much.
const ROUNDED: f64 = 16_777_216.0;

/// A unit that forgives cancellation: the ulp of f(x), or of min(|x|, 1) (of 1 for a derivative) if that is larger.
pub fn coarse_unit(format: FloatFormat, pass: Pass, x: f64, value: f64) -> f64 {
    let scale = if pass == Pass::Forward { x.abs().min(1.0) } else { 1.0 };
    format.ulp(value.abs().max(scale))
}

/// log2(1 + error), where a NaN is as wrong as can be.
fn bits(error: f64, cap: f64) -> f64 {
    if error.is_nan() { cap } else { error.min(cap) }.ln_1p() / std::f64::consts::LN_2
}

/// A width that does not count: next to the smallest f64 a part of an ulp would be 0, which no enclosure reaches.
pub fn small(format: FloatFormat, value: f64) -> f64 {
    (format.ulp(value) / 1024.0).max(f64::from_bits(1))
}

/// Inputs without an answer that are looked at, at most.
const UNANSWERED: usize = 500;

/// Whether two values at an input are one, as far as f64 can tell.
fn near(a: [f64; 2], b: [f64; 2], x: f64) -> bool {
    let (scale, apart) = (a[0].abs().max(x.abs().min(1.0)), (a[0] - b[0]) + (a[1] - b[1]));
    apart.abs() <= scale * 1e-12 || a[0] == b[0]
}

/// The real value, or nothing where it jumps or any subgradient will do.
fn value(evaluator: &Evaluator<'_>, x: f64, format: FloatFormat) -> Option<[f64; 2]> {
    if evaluator.reference().order() > 0 && evaluator.junction(x).is_some_and(|j| j.kind != Kind::Smooth) {
        return None;
    }
    let ball = evaluator.enclose_finely(x);
    let tiny = small(format, ball.hi());
    if ball.hi().is_finite() && ball.radius() <= tiny {
        return Some([ball.hi(), ball.lo()]);
    }
    let real = evaluator.refine(x, |v: &MpI| v.width() <= small(format, v.lo().to_f64()));
    let hi = real.lo().to_f64();
    Some([hi, Float::with_val(64, real.lo() - hi).to_f64()])
}

impl Function {
    pub fn new(activation: Activation, sample: &Sample, fitted: bool) -> Result<Self, IdentifyError> {
        let reference = Reference::new(&activation, sample.pass.order())?;
        let evaluator = reference.evaluator();
        let values = sample.x.iter().map(|x| value(&evaluator, *x, sample.format).unwrap_or([f64::NAN; 2])).collect();
        Ok(Self { activation, fitted, values })
    }

    /// Places at which there is a value within the format's range, with answer less value.
    fn errors<'a>(&'a self, sample: &'a Sample) -> impl Iterator<Item = (usize, f64)> + 'a {
        let top = sample.format.max();
        let compared = move |(_, v): &(usize, &[f64; 2])| v[0].abs() < top;
        self.values.iter().enumerate().filter(compared).map(|(k, v)| (k, (sample.y[k] - v[0]) - v[1]))
    }

    pub fn measure(&self, sample: &Sample) -> Measure {
        let mut out = Measure {
            coarse: 0.0,
            fine: 0.0,
            explains: false,
            max_abs: 0.0,
            max_abs_at: 0.0,
            near_abs: 0.0,
            far_relative: 0.0,
            median_ulp: f64::NAN,
            within_one_ulp: 0,
        };
        let (mut ulps, mut core, mut bearable, mut bearable_core) = (vec![], 0usize, 0usize, 0usize);
        // of the inputs far out on either side: how many, and how many have the right answer
        let mut far = [[0usize; 2]; 2];
        let cap = cap(sample.format);
        for (k, error) in self.errors(sample) {
            let (x, value) = (sample.x[k], self.values[k][0]);
            let error = if error.is_nan() { f64::INFINITY } else { error.abs() };
            let coarse = error / coarse_unit(sample.format, sample.pass, x, value);
            let fine = error / sample.format.ulp(value);
            out.coarse += bits(coarse, cap);
            out.fine += bits(fine, cap);
            out.within_one_ulp += usize::from(fine <= 1.0);
            core += usize::from(x.abs() <= 4.0 && x.abs() > 1e-2);
            bearable += usize::from(coarse <= BEARABLE);
            bearable_core += usize::from(x.abs() <= 4.0 && x.abs() > 1e-2 && coarse <= BEARABLE);
            if x.abs() <= NEARBY {
                out.near_abs = out.near_abs.max(error);
            } else {
                let side = &mut far[usize::from(x > 0.0)];
                *side = [side[0] + 1, side[1] + usize::from(coarse <= BEARABLE)];
                out.far_relative = out.far_relative.max(error / value.abs().max(1.0));
            }
            if error > out.max_abs {
                (out.max_abs, out.max_abs_at) = (error, x);
            }
            ulps.push(fine);
        }
        let count = ulps.len().max(1) as f64;
        (out.coarse, out.fine) = (out.coarse / count, out.fine / count);
        out.explains = bearable_core as f64 >= 0.9 * core as f64 && bearable as f64 >= 0.85 * count;
        // parameters that were fitted to what is near must explain what is far
        out.explains &= !self.fitted || far.iter().all(|[all, right]| 2 * right >= *all);
        ulps.sort_by(f64::total_cmp);
        out.median_ulp = ulps.get(ulps.len() / 2).copied().unwrap_or(f64::NAN);
        out
    }

    /// Whether it is the same function, as far as the sample and f64 can tell.
    pub fn same(&self, other: &Self, sample: &Sample) -> bool {
        self.values
            .iter()
            .zip(&other.values)
            .zip(&sample.x)
            .all(|((a, b), x)| a[0].is_nan() || b[0].is_nan() || near(*a, *b, *x))
    }

    /// Of a function that is the same on the sample, an input without an answer at which it is another one.
    pub fn apart_unanswered(&self, other: &Self, sample: &Sample) -> Option<f64> {
        let references = [self, other].map(|f| Reference::new(&f.activation, sample.pass.order()));
        let [Ok(a), Ok(b)] = references else { return None };
        let (a, b) = (a.evaluator(), b.evaluator());
        let every = sample.unanswered.len().div_ceil(UNANSWERED).max(1);
        sample.unanswered.iter().step_by(every).copied().find(|x| {
            let both = [&a, &b].map(|e| value(e, *x, sample.format));
            matches!(both, [Some(a), Some(b)] if !near(a, b, *x))
        })
    }

    /// How it differs from another, and which of the two the answers are nearer to.
    pub fn separation(&self, other: &Self, sample: &Sample) -> Separation {
        let (mut telling, mut nearer, mut worst, mut anywhere) = (0, 0, (0.0, 0.0), (0.0, 0.0));
        for (k, (a, b)) in self.values.iter().zip(&other.values).enumerate() {
            let (x, y) = (sample.x[k], sample.y[k]);
            let apart = ((a[0] - b[0]) + (a[1] - b[1])).abs();
            if x.abs() <= NEARBY && apart > worst.0 {
                worst = (apart, x);
            }
            if apart.is_finite() && apart > anywhere.0 {
                anywhere = (apart, x);
            }
            if apart > sample.format.ulp(a[0].abs().max(b[0].abs())) && y.is_finite() {
                let [own, its] = [a, b].map(|v| ((y - v[0]) - v[1]).abs());
                telling += 1;
                nearer += usize::from(own < its);
            }
        }
        // far out, where they are the same near zero
        let (distance, at) = match worst.0 > 0.0 {
            true => self.climb(other, sample.pass, worst.1).unwrap_or(worst),
            false => anywhere,
        };
        Separation { from: other.activation.label(), distance, at, telling, nearer }
    }

    /// The largest distance next to an input of the sample: golden section between its neighbours on the grid.
    fn climb(&self, other: &Self, pass: Pass, from: f64) -> Option<(f64, f64)> {
        let references = [self, other].map(|f| Reference::new(&f.activation, pass.order()));
        let [Ok(a), Ok(b)] = references else { return None };
        let (a, b) = (a.evaluator(), b.evaluator());
        let distance = |x: f64| {
            let [a, b] = [&a, &b].map(|e| value(e, x, FloatFormat::F64).unwrap_or([0.0; 2]));
            ((a[0] - b[0]) + (a[1] - b[1])).abs()
        };
        let golden = 0.618_033_988_749_895;
        let (mut lo, mut hi) = (from - 1.0 / 40.0, from + 1.0 / 40.0);
        for _ in 0..50 {
            let (left, right) = (hi - golden * (hi - lo), lo + golden * (hi - lo));
            if distance(left) > distance(right) { hi = right } else { lo = left }
        }
        let best = |a: f64, b: f64| if distance(a) >= distance(b) { a } else { b };
        let at = best(lo.midpoint(hi).clamp(-NEARBY, NEARBY), from);
        Some((distance(at), at))
    }

    /// What the errors say of the rounding.
    pub fn rounding(&self, sample: &Sample) -> String {
        let normal = crate::number::format::power_of_two(sample.format.min_exponent());
        let (mut worst, mut count) = (0.0f64, 0u64);
        // subnormal values are left out, but not zeros where the code has none
        let told =
            |k: usize| self.values[k][0].abs() >= normal || self.values[k][0] == 0.0 && sample.y[k].abs() >= normal;
        for (k, error) in self.errors(sample).filter(|(k, _)| told(*k)) {
            let ulps = error.abs() / sample.format.ulp(self.values[k][0]);
            worst = worst.max(if ulps.is_nan() { f64::INFINITY } else { ulps });
            count += 1;
        }
        let narrow = matches!(sample.format, FloatFormat::F16 | FloatFormat::Bf16);
        match worst {
            w if w <= 0.501 && narrow => {
                format!("computed in f32 or better, rounded once ({count} results, at most {w:.4} ulp off)")
            }
            w if w <= 0.501 => format!("rounded correctly, or nearly so ({count} results, at most {w:.4} ulp off)"),
            w if w > ROUNDED => format!("off by up to {w:.3e} ulp, which no rounding explains ({count} results)"),
            w => format!("rounds along the way ({count} results, up to {w:.3} ulp off)"),
        }
    }
}
