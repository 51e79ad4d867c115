//! Which activation of the catalogue is an expression? Real values decide, not the form: how constants are placed and how
//! a formula is written does not matter.

use crate::catalog;
use crate::expr::{Activation, Definition, End, Expr, FloatFormat, Func, Node, Piece, Provenance};
use crate::number::Enclosure;
use crate::number::format::power_of_two;
use crate::prove::uniform::exactly_equal;
use crate::prove::{Domain, Goal, Quantity, bound};
use crate::reference::Reference;
use rug::Rational;
use rug::float::Round;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Errors in units of rounding, for each unit of the exponent of the value, that rounded constants explain: they are off
/// by half of one each, and squares and cubes of the input count them several times.
const BEARABLE: f64 = 8.0;
/// An activation that strays by more than this is not named at all.
const NEAR: f64 = 0.02;
/// The part of the line on which a distance is stated where it has no bound on all of it.
const REACH: i32 = 16;

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// the same function, proved
    Exact,
    /// the same function, but for constants that are rounded
    Rounded,
    /// the nearest function, and constants are off by more than rounding explains
    Near,
    /// none
    Unknown,
}

/// An activation that an expression computes.
#[derive(Clone, Debug)]
pub struct Name {
    /// with its parameter values
    pub activation: Activation,
    /// how sure
    pub verdict: Verdict,
}

/// How far an expression is from the activation, proved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distance {
    /// lower bound
    pub lower: f64,
    /// upper bound
    pub upper: f64,
    /// over which part of the line
    pub domain: [String; 2],
}

/// Inputs off every usual kink.
fn grid() -> impl Iterator<Item = f64> {
    (-30..=30).map(|k| f64::from(k) * 0.37 + 0.011)
}

/// Real values on the grid.
struct Values(Vec<f64>);

impl Values {
    fn of(activation: &Activation) -> Option<Self> {
        let reference = Reference::new(activation, 0).ok()?;
        let evaluator = reference.evaluator();
        let value = |x: f64| {
            let near = evaluator.enclose(x);
            let small = |width: f64, value: f64| width <= value.abs() * 1e-10;
            if near.total() && small(near.hi() - near.lo(), near.lo()) {
                return near.lo();
            }
            let real = evaluator.refine(x, |v| v.total() && small(v.width().to_f64(), v.lo().to_f64()));
            if real.total() { real.lo().to_f64() } else { f64::NAN }
        };
        Some(Self(grid().map(value).collect()))
    }

    /// The largest error in what rounding of constants explains, and the largest one.
    fn apart(&self, other: &Self, unit: f64) -> [f64; 2] {
        let mut worst = [0.0f64; 2];
        for (a, b) in self.0.iter().zip(&other.0) {
            let error = (a - b).abs();
            let explained = a.abs() * unit * BEARABLE * (1.0 + 2.0 * a.abs().ln().abs());
            let relative = if error == 0.0 { 0.0 } else { error / explained };
            let number = |e: f64| if e.is_nan() { f64::INFINITY } else { e };
            worst = [worst[0].max(number(relative)), worst[1].max(number(error))];
        }
        worst
    }
}

/// An expression as an activation of its own.
pub fn activation(expr: &Expr) -> Option<Activation> {
    let definition = Definition {
        id: "expression".into(),
        aliases: vec![],
        title: String::new(),
        params: vec![],
        pieces: vec![Piece { lo: End::Infinite, hi: End::Infinite, expr: expr.clone() }],
        source: String::new(),
        provenance: Provenance::User,
        note: String::new(),
    };
    Activation::with_defaults(Arc::new(definition)).ok()
}

/// A function of the catalogue that a formula can be, with the values of its default.
struct Candidate {
    definition: Arc<Definition>,
    default: Activation,
    values: Values,
}

/// Functions of the catalogue, those without parameters first.
fn candidates() -> &'static [Candidate] {
    static ALL: OnceLock<Vec<Candidate>> = OnceLock::new();
    ALL.get_or_init(|| {
        // the identity is no activation, and with four parameters a function can be anything
        let fits = |d: &&Arc<Definition>| d.params.len() < 2 && d.id != "identity";
        let mut all: Vec<&Arc<Definition>> = catalog::all().iter().filter(fits).collect();
        all.sort_by_key(|d| d.params.len());
        let made = all.into_iter().filter_map(|definition| {
            let default = Activation::with_defaults(definition.clone()).ok()?;
            let values = Values::of(&default)?;
            Some(Candidate { definition: definition.clone(), default, values })
        });
        made.collect()
    })
}

/// The activation that an expression computes, if the catalogue knows one.
pub fn name(expr: &Expr) -> Option<Name> {
    let own = activation(expr)?;
    let values = Values::of(&own)?;
    let unit = unit(expr);
    let mut best: Option<(usize, [f64; 2], Activation)> = None;
    let mut consider = |rank: usize, found: &Activation, apart: [f64; 2]| {
        let better = best.as_ref().is_none_or(|(_, least, _)| {
            // what is explained as well needs no parameters
            apart[0] < least[0] && (least[0] > 1.0 || apart[0] < least[0] / 16.0)
        });
        if better {
            best = Some((rank, apart, found.clone()));
        }
    };
    for candidate in candidates() {
        let params = candidate.definition.params.len();
        consider(params, &candidate.default, candidate.values.apart(&values, unit));
        let Some(param) = candidate.definition.params.first() else { continue };
        for value in parameter_values(expr) {
            if value == param.default || !param.domain.contains(&value) {
                continue;
            }
            let set = BTreeMap::from([(param.name.clone(), value)]);
            let Ok(with) = Activation::new(candidate.definition.clone(), &set) else { continue };
            if let Some(found) = Values::of(&with) {
                consider(params, &with, found.apart(&values, unit));
            }
        }
    }
    let (_, apart, activation) = best?;
    let verdict = match apart {
        [relative, _] if relative <= 1.0 => match same(&own, &activation) {
            true => Verdict::Exact,
            false => Verdict::Rounded,
        },
        [_, absolute] if absolute <= NEAR && is_curved(expr) => Verdict::Near,
        _ => return None,
    };
    Some(Name { activation, verdict })
}

/// Whether two activations of one piece are the same function, exactly.
fn same(a: &Activation, b: &Activation) -> bool {
    match (a.pieces.as_slice(), b.pieces.as_slice()) {
        ([a], [b]) => exactly_equal(&a.expr, &b.expr) == Some(true),
        (a, b) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    let ends = match (&a.hi, &b.hi) {
                        (End::Infinite, End::Infinite) => true,
                        (End::At { at, .. }, End::At { at: other, .. }) => exactly_equal(at, other) == Some(true),
                        _ => false,
                    };
                    ends && exactly_equal(&a.expr, &b.expr) == Some(true)
                })
        }
    }
}

/// Whether a function is in it whose name says that an activation is meant: not a maximum or a root alone.
pub fn is_curved(expr: &Expr) -> bool {
    use Func::{Erf, NormCdf, Sigmoid, Softplus, Tanh};
    expr.any(&mut |node| matches!(node, Node::Call(Erf | NormCdf | Sigmoid | Softplus | Tanh, _)))
}

/// Constants of an expression that are stored as floats.
pub fn constants(expr: &Expr) -> Vec<(Rational, FloatFormat)> {
    let mut all: Vec<(Rational, FloatFormat)> = vec![];
    expr.any(&mut |node| {
        if let Node::Const(c) = node
            && let Some(format) = c.float
            && !all.iter().any(|(value, _)| *value == c.value)
        {
            all.push((c.value.clone(), format));
        }
        false
    });
    all
}

/// The rounding unit of the coarsest format of a constant.
fn unit(expr: &Expr) -> f64 {
    let formats = constants(expr).into_iter().map(|(_, format)| format.precision());
    power_of_two(-formats.min().unwrap_or(FloatFormat::F32.precision()))
}

/// What parameters can be, going by the constants: these, their reciprocals, twice and half of them.
fn parameter_values(expr: &Expr) -> Vec<Rational> {
    let mut all: Vec<Rational> = vec![];
    let mut add = |value: Rational| {
        if !all.contains(&value) {
            all.push(value);
        }
    };
    let mut of = |node: &Node| {
        if let Node::Const(c) = node
            && c.value != 0
        {
            let meant = c.float.map_or_else(|| c.value.clone(), |format| meant(&c.value, format)).abs();
            for value in [meant.clone(), meant.clone().recip(), meant.clone() * 2, meant / 2] {
                add(value.clone());
                add(-value);
            }
        }
        false
    };
    expr.any(&mut of);
    all
}

/// The simplest number of which a float is the nearest: a fraction with a small denominator, or a decimal.
pub fn meant(value: &Rational, format: FloatFormat) -> Rational {
    let is = |q: &Rational| format.nearest(q).as_ref() == Some(value);
    let near = |denominator: Rational| (value.clone() * &denominator).round() / denominator;
    let fractions = (1..=12).map(|d| near(Rational::from(d)));
    let decimals = (2..=9).map(|digits| near(Rational::from(10i64.pow(digits))));
    fractions.chain(decimals).find(is).unwrap_or_else(|| value.clone())
}

/// How far an expression is from an activation: on all of the line if that has a bound.
pub fn distance(expr: &Expr, from: &Activation) -> Option<Distance> {
    let own = activation(expr)?;
    let goal = Goal { digits: 6, boxes: 20_000, time: Duration::from_secs(60) };
    let reach = |sign: i32| Some(Rational::from(sign * REACH));
    let domains = [Domain::default(), Domain { lo: reach(-1), hi: reach(1) }];
    domains.into_iter().find_map(|domain| {
        let found = bound(Quantity::Distance, &own, Some(from), &domain, goal).ok()?;
        let answer = found.top.answer;
        let (lower, upper) = (answer.lower.to_f64_round(Round::Down), answer.upper.to_f64_round(Round::Up));
        upper.is_finite().then(|| Distance { lower, upper, domain: domain.text() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn check(text: &str, expected: Option<(&str, Verdict)>) {
        let found = name(&parse_expr(text).unwrap());
        let found = found.as_ref().map(|name| (name.activation.label(), name.verdict));
        assert_eq!(found, expected.map(|(label, verdict)| (label.to_owned(), verdict)), "{text}");
    }

    #[test]
    fn formulas_are_recognised_however_they_are_written() {
        check("x/2*(1 + erf(x/sqrt(2)))", Some(("gelu", Verdict::Exact)));
        check("x*0.5*(1 + erf(x*f32(\"0.70710677\")))", Some(("gelu", Verdict::Rounded)));
        check("x/(1 + exp(-x))", Some(("silu", Verdict::Exact)));
        check("log(1 + exp(x))", Some(("softplus(b=1)", Verdict::Exact)));
        check("(1 + tanh(x/2))/2", Some(("sigmoid", Verdict::Exact)));
        check("max(x, 0)^2", Some(("relu2", Verdict::Exact)));
        check("min(max(x, 0), 6)", Some(("relu6", Verdict::Exact)));
        check("max(x, 0) + f32(\"0.01\")*min(x, 0)", Some(("leaky_relu(a=1/100)", Verdict::Rounded)));
    }

    #[test]
    fn what_is_off_by_more_than_rounding_is_said_to_be() {
        check("x/2*(1 + erf(0.7*x))", Some(("gelu", Verdict::Near)));
        check("x*sigmoid(1.7*x)", Some(("swish(b=17/10)", Verdict::Exact)));
        // a smaller slope is another function, and a bound next to 0 is no rounded 0
        check("max(x, 0)*0.999", None);
        check("max(x, 1e-9)", None);
        check("erf(x)", None);
        check("x*tanh(x)", None);
        check("1/x", None);
        check("sqrt(x)", None);
    }

    #[test]
    fn floats_stand_for_simple_numbers() {
        let meant = |v: f32| meant(&Rational::from_f32(v).unwrap(), FloatFormat::F32).to_string();
        assert_eq!(
            [meant(0.1), meant(1.0 / 6.0), meant(1.702), meant(0.044_715)],
            ["1/10", "1/6", "851/500", "8943/200000"]
        );
        // not every number is simple
        let tiny = f32::from_bits(1);
        assert_eq!(Rational::from_f32(tiny).unwrap().to_string(), meant(tiny));
    }

    #[test]
    fn distances_are_proved() {
        let gelu = Activation::with_defaults(catalog::find("gelu").unwrap()).unwrap();
        let found = distance(&parse_expr("x/2*(1 + erf(0.7*x))").unwrap(), &gelu).unwrap();
        assert!((0.0029..0.003).contains(&found.upper) && found.domain == ["-inf", "inf"], "{found:?}");
        let relu = Activation::with_defaults(catalog::find("relu").unwrap()).unwrap();
        let found = distance(&parse_expr("max(x, 0)*1.0001").unwrap(), &relu).unwrap();
        assert_eq!(found.domain, ["-16", "16"]);
    }
}
