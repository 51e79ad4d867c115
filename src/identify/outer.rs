//! What stands around a function in code that computes it: a factor, a number that is added, bounds. All four are read off
//! the answers; whether the function explains them is measured afterwards, as for any other.

use super::fit::simple;
use super::measure::Function;
use super::sample::Sample;
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use rug::{Float, Rational};

/// Answers that have to be one number, where the function is not, before it is taken for a bound.
const PLATEAU: usize = 8;
/// Values that are less apart than this part of the largest say nothing of a factor.
const APART: f64 = 1e-3;
/// Bits in which values are scaled.
const BITS: u32 = 160;

/// `min(max(scale*f + shift, lower), upper)`; in a backward pass, only the factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Outer {
    scale: Rational,
    shift: Rational,
    /// floats of the format: outputs of the code
    bounds: [Option<f64>; 2],
    /// the largest answer to an input of everyday size: numbers that formulas handle are taken to be no larger
    largest: f64,
    format: FloatFormat,
}

impl Outer {
    /// What the answers say that stands around this function; nothing if that is nothing, or if they say nothing.
    pub fn read(inner: &Function, sample: &Sample) -> Option<Self> {
        let bounds = if sample.pass == Pass::Forward { bounds(inner, sample) } else { [None; 2] };
        let within = |y: f64| y.is_finite() && bounds.iter().flatten().all(|bound| y != *bound);
        let mut pairs: Vec<(f64, f64)> =
            inner.near(sample).map(|(k, value)| (value, sample.y[k])).filter(|(_, y)| within(*y)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let largest = pairs.iter().fold(0.0f64, |m, (v, _)| m.max(v.abs()));
        let (low, high) = pairs.split_at(pairs.len() / 2);
        let far = |(a, b): (&(f64, f64), &(f64, f64))| (b.0 - a.0 > APART * largest).then(|| (b.1 - a.1) / (b.0 - a.0));
        let slope = match sample.pass {
            Pass::Forward => median(low.iter().zip(high).filter_map(far).collect())?,
            _ => median(pairs.iter().filter(|p| p.0.abs() > APART * largest).map(|(v, y)| y / v).collect())?,
        };
        // a slope is a quotient of two numbers that were rounded
        let scale = simplest(slope, 2.0 * sample.format.ulp(slope))?;
        if scale == 0 {
            return None;
        }
        let shift = match sample.pass {
            Pass::Forward => {
                let s = scale.to_f64();
                let rest = median(pairs.iter().map(|(v, y)| y - s * v).collect())?;
                let size = median(pairs.iter().map(|(_, y)| y.abs()).collect())?;
                simplest(rest, sample.format.ulp(size.max(rest.abs())))?
            }
            _ => Rational::new(),
        };
        let largest = inner.near(sample).map(|(k, _)| sample.y[k].abs()).filter(|y| y.is_finite()).fold(0.0, f64::max);
        let mut outer = Self { scale, shift, bounds: [None; 2], largest, format: sample.format };
        // a bound that is the function's own is none
        let beyond = |k: usize, bound: f64, side: f64| {
            let value = outer.around([inner.at(k), 0.0])[0];
            side * (value - bound) > 8.0 * sample.format.ulp(bound.abs().max(outer.size()))
        };
        let active = |bound: f64, side| (0..sample.y.len()).any(|k| sample.y[k] == bound && beyond(k, bound, side));
        let bounds = [bounds[0].filter(|b| active(*b, -1.0)), bounds[1].filter(|b| active(*b, 1.0))];
        outer.bounds = bounds;
        (!outer.is_none()).then_some(outer)
    }

    fn is_none(&self) -> bool {
        self.parts() == 0
    }

    /// How many things stand around it.
    pub fn parts(&self) -> usize {
        usize::from(self.scale != 1) + usize::from(self.shift != 0) + self.bounds.iter().flatten().count()
    }

    /// A value, as the sum of two f64, with all this around it.
    pub fn around(&self, value: [f64; 2]) -> [f64; 2] {
        if value[0].is_nan() {
            return value;
        }
        let exact = (Float::with_val(BITS, value[0]) + value[1]) * &self.scale + &self.shift;
        let mut hi = exact.to_f64();
        let mut lo = if hi.is_finite() { Float::with_val(BITS, exact - hi).to_f64() } else { 0.0 };
        let [lower, upper] = self.bounds;
        if let Some(bound) = lower.filter(|b| hi < *b) {
            (hi, lo) = (bound, 0.0);
        }
        if let Some(bound) = upper.filter(|b| hi > *b) {
            (hi, lo) = (bound, 0.0);
        }
        [hi, lo]
    }

    /// The size of a number of the size 1 behind the factor.
    pub fn size(&self) -> f64 {
        self.scale.to_f64().abs().min(self.largest)
    }

    /// What is added, without its sign.
    pub fn shifted(&self) -> f64 {
        self.shift.to_f64().abs().min(self.largest)
    }

    /// `min(2*silu + 1, 10)`.
    pub fn label(&self, inner: &str) -> String {
        let spelled = |q: &Rational| spell(q.to_f64(), self.format);
        let scaled = match &self.scale {
            s if *s == 1 => inner.to_owned(),
            s if *s == -1 => format!("-{inner}"),
            s => format!("{}*{inner}", spelled(s)),
        };
        let shifted = match &self.shift {
            t if *t == 0 => scaled,
            t if *t < 0 => format!("{scaled} - {}", spelled(&Rational::from(-t))),
            t => format!("{scaled} + {}", spelled(t)),
        };
        let spelled = |bound: f64| spell(bound, self.format);
        match self.bounds {
            [None, None] => shifted,
            [None, Some(hi)] => format!("min({shifted}, {})", spelled(hi)),
            [Some(lo), None] => format!("max({shifted}, {})", spelled(lo)),
            [Some(lo), Some(hi)] => format!("clip({shifted}, {}, {})", spelled(lo), spelled(hi)),
        }
    }
}

/// The smallest and the largest answer, where many answers are this one although the function's values differ.
fn bounds(inner: &Function, sample: &Sample) -> [Option<f64>; 2] {
    let finite = || sample.y.iter().copied().filter(|y| y.is_finite());
    let ends = [finite().reduce(f64::min), finite().reduce(f64::max)];
    ends.map(|end| {
        let end = end?;
        let at: Vec<f64> = (0..sample.y.len()).filter(|k| sample.y[*k] == end).map(|k| inner.at(k)).collect();
        let [low, high] = [at.iter().copied().reduce(f64::min)?, at.iter().copied().reduce(f64::max)?];
        (at.len() >= PLATEAU && high - low > APART * low.abs().max(high.abs())).then_some(end)
    })
}

fn median(mut all: Vec<f64>) -> Option<f64> {
    all.retain(|v| v.is_finite());
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

/// The simplest number next to this one.
fn simplest(value: f64, width: f64) -> Option<Rational> {
    let near = |q: &Rational| (q.to_f64() - value).abs() <= width;
    simple(value).into_iter().find(near).or_else(|| Rational::from_f64(value))
}

/// A short fraction or decimal, or else the shortest decimal that the format reads as this number.
fn spell(value: f64, format: FloatFormat) -> String {
    let is = |q: &Rational| format.encode(q.to_f64()) == format.encode(value) && q.to_string().len() <= 6;
    let decimal = match format {
        FloatFormat::F64 => value.to_string(),
        _ => (value as f32).to_string(),
    };
    match simple(value).iter().find(|q| is(q)).map(Rational::to_string) {
        Some(fraction) if fraction.len() <= decimal.len() => fraction,
        _ => decimal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outer(scale: &str, shift: &str, bounds: [Option<f64>; 2]) -> Outer {
        let number = |text: &str| crate::expr::parse_rational(text).expect("a number");
        Outer { scale: number(scale), shift: number(shift), bounds, largest: 100.0, format: FloatFormat::F32 }
    }

    #[test]
    fn what_stands_around_is_written_as_people_write_it() {
        assert_eq!(outer("-1", "0", [None; 2]).label("gelu"), "-gelu");
        assert_eq!(outer("17159/10000", "-1/2", [None; 2]).label("tanh(2/3*x)"), "1.7159*tanh(2/3*x) - 1/2");
        assert_eq!(outer("1", "0", [Some(0.0), Some(20.0)]).label("x"), "clip(x, 0, 20)");
        assert_eq!(
            outer("1", "0", [None, Some(f64::from(6.999_953_f32))]).label("gelu_quick"),
            "min(gelu_quick, 6.999953)"
        );
    }

    #[test]
    fn values_keep_both_their_parts() {
        let [hi, lo] = outer("1/2", "0", [None; 2]).around([3.0, 3.0e-20]);
        assert_eq!((hi, lo), (1.5, 1.5e-20));
        assert_eq!(outer("2", "0", [None, Some(5.0)]).around([3.0, 0.0]), [5.0, 0.0]);
        assert!(outer("2", "0", [None, Some(5.0)]).around([f64::NAN, 0.0])[0].is_nan());
    }
}
