//! Parameter values out of answers: a coarse list, a golden section, and then the simplest number that fits as well.

use super::IdentifyError;
use super::measure::{Function, coarse_unit};
use super::sample::Sample;
use crate::expr::{Activation, Definition, FloatFormat, Parameter};
use crate::number::Enclosure;
use crate::reference::{Kind, Reference};
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values that people use, and a ladder for all others. Negative ones are tried as well.
const USUAL: [&str; 34] = [
    "0",
    "1/1000000",
    "1/10000",
    "1/1000",
    "1/100",
    "1/50",
    "1/20",
    "1/16",
    "1/10",
    "1/8",
    "1/6",
    "1/5",
    "11/48",
    "1/4",
    "3/10",
    "1/3",
    "1/2",
    "2/3",
    "3/4",
    "1",
    "1.25",
    "3/2",
    "851/500",
    "2",
    "5/2",
    "3",
    "4",
    "5",
    "6",
    "8",
    "10",
    "20",
    "50",
    "100",
];
/// Inputs on which a value is tried.
const TRIED: usize = 160;
/// Rounds over all parameters of a definition with several.
const ROUNDS: usize = 2;
/// Steps of the golden section.
const STEPS: usize = 44;
/// What a simple number may cost beyond the best one: a part of the mean error, and of a unit.
const SLACK: [f64; 2] = [0.02, 0.002];

type Values = BTreeMap<String, Rational>;

/// The part of the sample on which values are tried.
struct Trial<'a> {
    definition: &'a Arc<Definition>,
    sample: &'a Sample,
    places: Vec<usize>,
    /// whether any factor around the function will do
    scaled: bool,
}

impl Trial<'_> {
    /// The mean error in coarse ulp, which every answer counts in, but no answer without bound.
    fn cost(&self, values: &Values) -> f64 {
        let Ok(activation) = Activation::new(self.definition.clone(), values) else { return f64::INFINITY };
        let Ok(reference) = Reference::new(&activation, self.sample.pass.order()) else { return f64::INFINITY };
        let evaluator = reference.evaluator();
        let mut pairs = vec![];
        for &k in &self.places {
            let (x, y) = (self.sample.x[k], self.sample.y[k]);
            if self.sample.pass.order() > 0 && evaluator.junction(x).is_some_and(|j| j.kind != Kind::Smooth) {
                continue;
            }
            let real = evaluator.enclose(x);
            let value = real.lo().midpoint(real.hi());
            if !value.is_finite() || !y.is_finite() {
                continue;
            }
            pairs.push((x, value, y));
        }
        let factor = if self.scaled { factor(&pairs) } else { Some(1.0) };
        let (Some(factor), false) = (factor, pairs.is_empty()) else { return f64::INFINITY };
        let unit = |x, y| coarse_unit(self.sample.format, self.sample.pass, x, y);
        let sum: f64 = pairs.iter().map(|(x, value, y)| (y - factor * value).abs() / unit(*x, *y)).sum();
        sum / pairs.len() as f64
    }
}

impl Trial<'_> {
    /// How many answers are more than one rounding off.
    fn misses(&self, values: &Values) -> usize {
        let Ok(activation) = Activation::new(self.definition.clone(), values) else { return usize::MAX };
        Function::new(activation, self.sample, true).map_or(usize::MAX, |f| f.misses(self.sample))
    }
}

/// The factor with which values come nearest to answers: the median of the quotients, each with the weight of its value.
fn factor(pairs: &[(f64, f64, f64)]) -> Option<f64> {
    let quotient = |(_, value, y): &(f64, f64, f64)| (*value != 0.0).then(|| (y / value, value.abs().min(1.0)));
    let mut quotients: Vec<(f64, f64)> = pairs.iter().filter_map(quotient).collect();
    quotients.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = quotients.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    quotients
        .into_iter()
        .find(|(_, weight)| {
            sum += weight;
            sum >= half
        })
        .map(|(quotient, _)| quotient)
}

/// The definition with the parameter values that fit the answers best; nothing if these are the defaults,
/// or if no input is of a size at which parameters show. If they are `scaled`, a factor around the function is none of them.
pub fn fit(definition: &Arc<Definition>, sample: &Sample, scaled: bool) -> Result<Option<Function>, IdentifyError> {
    let busy: Vec<usize> = (0..sample.x.len()).filter(|k| (1e-6..=20.0).contains(&sample.x[*k].abs())).collect();
    if busy.is_empty() {
        return Ok(None);
    }
    // a step that shares nothing with the grid's spacing
    let places = (0..TRIED).map(|k| busy[k * busy.len() / TRIED]).collect();
    let trial = Trial { definition, sample, places, scaled };
    let mut values: Values = definition.params.iter().map(|p| (p.name.clone(), p.default.clone())).collect();
    let rounds = if definition.params.len() > 1 { ROUNDS } else { 1 };
    for _ in 0..rounds {
        for parameter in &definition.params {
            let value = one(&trial, parameter, &values);
            values.insert(parameter.name.clone(), value);
        }
    }
    if definition.params.iter().all(|p| values.get(&p.name) == Some(&p.default)) {
        return Ok(None);
    }
    Ok(Some(Function::new(Activation::new(definition.clone(), &values)?, sample, true)?))
}

/// One parameter, the others being what they are.
fn one(trial: &Trial<'_>, parameter: &Parameter, values: &Values) -> Rational {
    let cost = |value: &Rational| {
        let mut values = values.clone();
        values.insert(parameter.name.clone(), value.clone());
        if parameter.domain.contains(value) { trial.cost(&values) } else { f64::INFINITY }
    };
    let usual = USUAL.iter().filter_map(|text| crate::expr::parse_rational(text).ok());
    let mut list: Vec<Rational> = usual.flat_map(|v| [-v.clone(), v]).chain([parameter.default.clone()]).collect();
    list.retain(|v| parameter.domain.contains(v));
    list.sort();
    list.dedup();
    let costs: Vec<f64> = list.iter().map(&cost).collect();
    let Some(best) = (0..list.len()).min_by(|a, b| costs[*a].total_cmp(&costs[*b])) else {
        return parameter.default.clone();
    };
    if costs[best].is_infinite() {
        return parameter.default.clone();
    }
    // a mean error that rounding explains; in a narrow format, not even one that it does not
    let narrow = matches!(trial.sample.format, FloatFormat::F16 | FloatFormat::Bf16) && !trial.scaled;
    let misses = |value: &Rational| {
        let mut values = values.clone();
        values.insert(parameter.name.clone(), value.clone());
        trial.misses(&values)
    };
    if parameter.domain.integer || costs[best] < 0.5 && (!narrow || misses(&list[best]) == 0) {
        return list[best].clone();
    }
    let end = |k: usize| list[k].to_f64();
    let (mut lo, mut hi) = (end(best.saturating_sub(1)), end((best + 1).min(list.len() - 1)));
    let at = |v: f64| Rational::from_f64(v).map_or(f64::INFINITY, |v| cost(&v));
    let golden = 0.618_033_988_749_895;
    let (mut left, mut right) = (hi - golden * (hi - lo), lo + golden * (hi - lo));
    let (mut at_left, mut at_right) = (at(left), at(right));
    for _ in 0..STEPS {
        if at_left <= at_right {
            (hi, right, at_right) = (right, left, at_left);
            left = hi - golden * (hi - lo);
            at_left = at(left);
        } else {
            (lo, left, at_left) = (left, right, at_right);
            right = lo + golden * (hi - lo);
            at_right = at(right);
        }
    }
    let found = if at_left <= at_right { left } else { right };
    let least = at_left.min(at_right).min(costs[best]);
    let allowed = least * (1.0 + SLACK[0]) + SLACK[1];
    let fitting = || simple(found).into_iter().chain([list[best].clone()]).filter(|v| cost(v) <= allowed);
    // in a narrow format, the simplest of those that leave the fewest results which rounding once does not explain
    let simplest = if narrow { fitting().min_by_key(misses) } else { fitting().next() };
    simplest.unwrap_or_else(|| {
        let exact = Rational::from_f64(found).unwrap_or_default();
        if at(found) <= costs[best] { exact } else { list[best].clone() }
    })
}

/// Numbers next to this one, the simplest first: decimals, and fractions out of its continued fraction.
pub fn simple(value: f64) -> Vec<Rational> {
    let mut all: Vec<Rational> = vec![];
    for digits in 0..=9 {
        let scale = 10f64.powi(digits);
        let rounded = (value * scale).round();
        if rounded.abs() < 9e15 {
            all.push(Rational::from((rounded as i64, 10i64.pow(digits as u32))));
        }
    }
    let (mut rest, mut before, mut last) = (value, (0i64, 1i64), (1i64, 0i64));
    for _ in 0..12 {
        let whole = rest.floor();
        let next = (|| {
            let w = whole as i64;
            Some((w.checked_mul(last.0)?.checked_add(before.0)?, w.checked_mul(last.1)?.checked_add(before.1)?))
        })();
        let Some(next) = next.filter(|n| n.1 > 0 && n.1 <= 1000) else { break };
        all.push(Rational::from(next));
        (before, last) = (last, next);
        if rest == whole {
            break;
        }
        rest = (rest - whole).recip();
    }
    all.sort_by_key(|v| (v.to_string().len(), v.denom().clone()));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_numbers_come_first() {
        let list = simple(0.229_166_67);
        let place = |text: &str| list.iter().position(|v| v.to_string() == text);
        assert!(place("11/48") < place("229167/1000000") && place("11/48").is_some(), "{list:?}");
        assert!(simple(1.702).iter().any(|v| v.to_string() == "851/500"));
        assert!(simple(-0.01).iter().any(|v| v.to_string() == "-1/100"));
    }
}
