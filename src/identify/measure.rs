//! Functions of the catalogue on the sample, and how far they are from answers and from one another.

use super::outer::Outer;
use super::sample::Sample;
use super::{IdentifyError, Separation, Stray};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::{Enclosure, MpI};
use crate::reference::{Evaluator, Kind, Reference};
use rug::Float;

/// An activation with its real values at the inputs of the sample, as sums of two f64; NaN where there is none.
#[derive(Clone)]
pub struct Function {
    pub activation: Activation,
    pub fitted: bool,
    /// what stands around it
    outer: Option<Outer>,
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
    pub median_ulp: f64,
    pub within_one_ulp: usize,
    /// whether all answers that are normal numbers are the real value rounded once
    pub once: bool,
    /// answers that are another function's
    pub stray: Option<Stray>,
    /// whether all answers are within a thousandth of the value and a little rounding
    pub approximates: bool,
}

impl Measure {
    /// Whether the code computes this function, as far as its answers tell: nearly all are within rounding of a formula, and
    /// none is another function's.
    pub fn is_named(&self) -> bool {
        self.explains && self.stray.is_none()
    }
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

/// An error in ulp up to which a result was rounded once, out of a format that is somewhat wider.
pub const ONCE: f64 = 0.501;
/// As many ulp of the result are put down to the roundings of a formula that does not cancel.
const ALONG: f64 = 16.0;

/// A unit that forgives cancellation: the ulp of f(x), or of min(|x|, 1) (of 1 for a derivative) if that is larger.
pub fn coarse_unit(format: FloatFormat, pass: Pass, x: f64, value: f64) -> f64 {
    format.ulp(value.abs().max(small_size(pass, x)))
}

/// The size of numbers that a formula handles near 0: that of the input up to 1, of 1 for a derivative.
fn small_size(pass: Pass, x: f64) -> f64 {
    if pass == Pass::Forward { x.abs().min(1.0) } else { 1.0 }
}

/// Roundings of a number of the size of the input, of the value or of 1 that a formula may cost anywhere.
const ROUNDINGS: f64 = 8.0;
/// Code that approximates, or has constants of its own, is the function only where it is as near as this part of the value.
pub const FLOOR: f64 = 1.0 / 1024.0;

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
        Ok(Self { activation, fitted, outer: None, values })
    }

    /// The same function with what the answers say that stands around it; nothing if they say nothing.
    pub fn with_outer(&self, sample: &Sample) -> Option<Self> {
        let outer = Outer::read(self, sample)?;
        let values = self.values.iter().map(|v| outer.around(*v)).collect();
        Some(Self { activation: self.activation.clone(), fitted: true, outer: Some(outer), values })
    }

    /// Whether something stands around it, or it is none of the catalogue's.
    pub fn is_made_up(&self) -> bool {
        self.outer.is_some() || self.is_family()
    }

    /// Whether it is a function with parameters that is none of the catalogue's.
    pub fn is_family(&self) -> bool {
        super::families::has(&self.activation)
    }

    /// Its name, as in `min(swish(b=2), 10)`.
    pub fn label(&self) -> String {
        let inner = super::families::label(&self.activation);
        match &self.outer {
            Some(outer) if self.activation.definition.id == "identity" => outer.label("x"),
            Some(outer) => outer.label(&inner),
            None => inner,
        }
    }

    /// How many numbers it takes to say which function it is.
    pub fn parts(&self) -> usize {
        self.activation.definition.params.len() + self.outer.as_ref().map_or(0, Outer::parts)
    }

    /// The value at an input of the sample, rounded to f64.
    pub fn at(&self, k: usize) -> f64 {
        self.values[k][0]
    }

    /// Inputs of everyday size at which there is a value, with it.
    pub fn near<'a>(&'a self, sample: &'a Sample) -> impl Iterator<Item = (usize, f64)> + 'a {
        let all = self.values.iter().enumerate().map(|(k, v)| (k, v[0]));
        all.filter(|(k, v)| v.is_finite() && sample.x[*k].abs() <= NEARBY)
    }

    /// The value anywhere, as at the inputs of the sample.
    fn value(&self, evaluator: &Evaluator<'_>, x: f64, format: FloatFormat) -> Option<[f64; 2]> {
        let inner = value(evaluator, x, format)?;
        Some(self.outer.as_ref().map_or(inner, |outer| outer.around(inner)))
    }

    /// The coarse unit at an input, where all numbers are as large as what stands around makes them.
    fn unit(&self, sample: &Sample, k: usize) -> f64 {
        let (size, shift) = self.sizes();
        let small = small_size(sample.pass, sample.x[k]) * size;
        sample.format.ulp(self.at(k).abs().max(small).max(shift))
    }

    fn sizes(&self) -> (f64, f64) {
        self.outer.as_ref().map_or((1.0, 0.0), |outer| (outer.size(), outer.shifted()))
    }

    /// The largest error that rounding along the way leaves, and what constants and approximations that are nearly right may
    /// leave.
    fn tolerable(&self, sample: &Sample, k: usize) -> [f64; 2] {
        let (x, value, (size, shift)) = (sample.x[k], self.at(k).abs(), self.sizes());
        let input = if sample.pass == Pass::Forward { x.abs().max(1.0) } else { 1.0 };
        let rounding = ROUNDINGS * sample.format.ulp(value.max(size * input).max(shift));
        [rounding, FLOOR * value.max(size * small_size(sample.pass, x))]
    }

    /// Places at which there is a value within the format's range, with answer less value.
    fn errors<'a>(&'a self, sample: &'a Sample) -> impl Iterator<Item = (usize, f64)> + 'a {
        let top = sample.format.max();
        let compared = move |(_, v): &(usize, &[f64; 2])| v[0].abs() < top;
        self.values.iter().enumerate().filter(compared).map(|(k, v)| (k, (sample.y[k] - v[0]) - v[1]))
    }

    /// How many answers that are normal numbers are not the value rounded once.
    pub fn misses(&self, sample: &Sample) -> usize {
        let normal = crate::number::format::power_of_two(sample.format.min_exponent());
        let once = |k: usize, error: f64| error.abs() <= ONCE * sample.format.ulp(self.at(k));
        self.errors(sample).filter(|(k, error)| self.at(*k).abs() >= normal && !once(*k, *error)).count()
    }

    pub fn measure(&self, sample: &Sample) -> Measure {
        let mut out = Measure {
            coarse: 0.0,
            fine: 0.0,
            explains: false,
            max_abs: 0.0,
            max_abs_at: 0.0,
            near_abs: 0.0,
            median_ulp: f64::NAN,
            within_one_ulp: 0,
            once: true,
            stray: None,
            approximates: true,
        };
        let (mut ulps, mut core, mut bearable, mut bearable_core) = (vec![], 0usize, 0usize, 0usize);
        // of the inputs far out on either side: how many, and how many have the right answer
        let mut far = [[0usize; 2]; 2];
        let cap = cap(sample.format);
        let normal = crate::number::format::power_of_two(sample.format.min_exponent());
        for (k, error) in self.errors(sample) {
            let (x, value) = (sample.x[k], self.values[k][0]);
            let error = if error.is_nan() { f64::INFINITY } else { error.abs() };
            let coarse = error / self.unit(sample, k);
            let fine = error / sample.format.ulp(value);
            out.coarse += bits(coarse, cap);
            out.fine += bits(fine, cap);
            out.within_one_ulp += usize::from(fine <= 1.0);
            out.once &= fine <= ONCE || value.abs() < normal;
            core += usize::from(x.abs() <= 4.0 && x.abs() > 1e-2);
            bearable += usize::from(coarse <= BEARABLE);
            bearable_core += usize::from(x.abs() <= 4.0 && x.abs() > 1e-2 && coarse <= BEARABLE);
            if x.abs() <= NEARBY {
                out.near_abs = out.near_abs.max(error);
            } else {
                let side = &mut far[usize::from(x > 0.0)];
                *side = [side[0] + 1, side[1] + usize::from(coarse <= BEARABLE)];
            }
            if error > out.max_abs {
                (out.max_abs, out.max_abs_at) = (error, x);
            }
            ulps.push(fine);
            let [rounding, approximation] = self.tolerable(sample, k);
            out.approximates &= error <= BEARABLE / ROUNDINGS * rounding + approximation;
            if error > rounding.max(approximation) {
                let stray = out.stray.get_or_insert(Stray { inputs: 0, from: x, to: x, answer: sample.y[k], value });
                (stray.inputs, stray.to) = (stray.inputs + 1, x);
            }
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
            let both = [(self, &a), (other, &b)].map(|(f, e)| f.value(e, *x, sample.format));
            matches!(both, [Some(a), Some(b)] if !near(a, b, *x))
        })
    }

    /// How it differs from another, and which of the two the answers are nearer to.
    pub fn separation(&self, other: &Self, sample: &Sample) -> Separation {
        let (mut telling, mut nearer, mut worst, mut anywhere) = (0, 0, (0.0, 0.0), (0.0, 0.0));
        for (k, (a, b)) in self.values.iter().zip(&other.values).enumerate() {
            let (x, y) = (sample.x[k], sample.y[k]);
            let apart = ((a[0] - b[0]) + (a[1] - b[1])).abs();
            if x.abs() <= NEARBY && apart > worst.0 && !near(*a, *b, x) {
                worst = (apart, x);
            }
            if apart.is_finite() && apart > anywhere.0 && a[0].is_finite() && b[0].is_finite() {
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
        Separation { from: other.label(), distance, at, telling, nearer }
    }

    /// The largest distance next to an input of the sample: golden section between its neighbours on the grid.
    fn climb(&self, other: &Self, pass: Pass, from: f64) -> Option<(f64, f64)> {
        let references = [self, other].map(|f| Reference::new(&f.activation, pass.order()));
        let [Ok(a), Ok(b)] = references else { return None };
        let (a, b) = (a.evaluator(), b.evaluator());
        let distance = |x: f64| {
            let both = [(self, &a), (other, &b)];
            let [a, b] = both.map(|(f, e)| f.value(e, x, FloatFormat::F64).unwrap_or([0.0; 2]));
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
        let (mut worst, mut count, mut along) = (0.0f64, 0u64, 0.0f64);
        // subnormal values are left out, but not zeros where the code has none
        let told =
            |k: usize| self.values[k][0].abs() >= normal || self.values[k][0] == 0.0 && sample.y[k].abs() >= normal;
        for (k, error) in self.errors(sample).filter(|(k, _)| told(*k)) {
            let ulps = error.abs() / sample.format.ulp(self.values[k][0]);
            worst = worst.max(if ulps.is_nan() { f64::INFINITY } else { ulps });
            along = along.max(error.abs() / self.tolerable(sample, k)[0]);
            count += 1;
        }
        let narrow = matches!(sample.format, FloatFormat::F16 | FloatFormat::Bf16);
        match worst {
            w if w <= 0.501 && narrow => {
                format!("computed in f32 or better, rounded once ({count} results, at most {w:.4} ulp off)")
            }
            w if w <= 0.501 => format!("rounded correctly, or nearly so ({count} results, at most {w:.4} ulp off)"),
            w if w <= ALONG => format!("rounds along the way ({count} results, up to {w:.3} ulp off)"),
            w if along <= 1.0 => format!(
                "rounds along the way, as a formula that cancels ({count} results, up to {} ulp off, at most {:.2} ulp of a number of the size \
                 of the input or of 1)",
                if w < 10_000.0 { format!("{w:.3}") } else { format!("{w:.2e}") },
                along * ROUNDINGS
            ),
            w => format!("off by up to {w:.3e} ulp, which no rounding explains ({count} results)"),
        }
    }
}
