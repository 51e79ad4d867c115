//! Answers at infinities, NaN and the negative zero, which no name speaks of: told where they are not the function's limits.

use super::IdentifyError;
use super::measure::Function;
use super::sample::Sample;
use crate::number::{Enclosure, Limit};
use crate::reference::Reference;
use schemars::JsonSchema;
use serde::Serialize;

/// An answer that is not what the function tends to, or not NaN for NaN.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Special {
    /// inf, -inf, NaN or -0
    pub input: String,
    /// of the code
    pub answer: String,
    /// the limit, NaN, or the value at 0
    pub real: String,
}

/// Those of the code that was given this function's name. A name that the tool made up has no limits that are known.
pub fn differing(best: &Function, sample: &Sample) -> Result<Vec<Special>, IdentifyError> {
    if best.is_made_up() {
        return Ok(vec![]);
    }
    let reference = Reference::new(&best.activation, sample.pass.order())?;
    let evaluator = reference.evaluator();
    let real = |x: f64| match () {
        () if x.is_nan() => Some(x),
        () if x.is_infinite() => Some(match reference.limit(x > 0.0)? {
            Limit::PlusInfinity => f64::INFINITY,
            Limit::MinusInfinity => f64::NEG_INFINITY,
            Limit::Finite(limit) => limit.lo().to_f64(),
        }),
        // where pieces meet, there may be several
        () if evaluator.junction(x).is_some() => None,
        () => {
            let value = evaluator.enclose(x);
            value.lo().is_finite().then(|| value.lo())
        }
    };
    // what is not told from rounding is not told here
    let same = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-2 * b.abs().max(1e-2);
    let text = |v: f64| if v.is_nan() { "NaN".to_owned() } else { v.to_string() };
    let told = |(x, answer): &(f64, f64)| {
        let real = real(*x).filter(|real| !same(*answer, *real))?;
        Some(Special { input: text(*x), answer: text(*answer), real: text(real) })
    };
    Ok(sample.special.iter().filter_map(told).collect())
}
