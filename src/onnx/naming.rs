//! Which activation of the catalogue is a formula? Real values decide, not the form: how constants are placed and how
//! a formula is written does not matter.

use super::formula::Formula;
use crate::catalog;
use crate::expr::{Activation, Definition, End, Expr, FloatFormat, Func, Node, Piece, Provenance};
use crate::number::Enclosure;
use crate::number::format::power_of_two;
use crate::prove::uniform::exactly_equal;
use crate::prove::{Domain, Goal, Quantity, bound};
use crate::reference::Reference;
use rug::Rational;
use rug::float::Round;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Errors in units of rounding, for each unit of the exponent of the value, that rounded constants explain: they are off
/// by half of one each, and squares and cubes of the input count them several times.
const BEARABLE: f64 = 8.0;
/// An activation that strays by more than this is not named at all.
const NEAR: f64 = 0.02;
/// The part of a value that constants which are nearly right may leave.
const FLOOR: f64 = 1.0 / 1024.0;
/// The part of the line on which a distance is stated where it has no bound on all of it.
const REACH: i32 = 16;

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// the same function, proved
    Exact,
    /// the same function, but for constants that are rounded
    Rounded,
    /// the nearest function, and constants are off by more than rounding explains
    Near,
    /// none
    Unknown,
}

/// An activation that a formula computes.
#[derive(Clone, Debug)]
pub struct Name {
    /// with its parameter values
    pub activation: Activation,
    /// how sure
    pub likeness: Likeness,
}

/// How far a formula is from the activation, proved.
#[derive(Clone, Debug, PartialEq)]
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

/// Real values at inputs.
struct Values {
    at: Vec<f64>,
    values: Vec<f64>,
}

/// How far two functions are apart: the largest error in what rounding of constants explains, the largest one, and the
/// largest in what constants that are nearly right may leave.
#[derive(Clone, Copy)]
struct Apart {
    rounding: f64,
    absolute: f64,
    nearly: f64,
}

impl Apart {
    const INFINITE: Self = Self { rounding: f64::INFINITY, absolute: f64::INFINITY, nearly: f64::INFINITY };

    fn max(self, other: Self) -> Self {
        Self {
            rounding: self.rounding.max(other.rounding),
            absolute: self.absolute.max(other.absolute),
            nearly: self.nearly.max(other.nearly),
        }
    }
}

impl Values {
    fn of(activation: &Activation, at: impl Iterator<Item = f64>) -> Option<Self> {
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
        let (at, values) = at.map(|x| (x, value(x))).unzip();
        Some(Self { at, values })
    }

    /// How far another function is, of which there are values at the same inputs.
    fn apart(&self, other: &Self, unit: f64) -> Apart {
        let mut worst = Apart { rounding: 0.0, absolute: 0.0, nearly: 0.0 };
        for ((x, a), b) in self.at.iter().zip(&self.values).zip(&other.values) {
            let error = (a - b).abs();
            let explained = a.abs() * unit * BEARABLE * (1.0 + 2.0 * a.abs().ln().abs());
            let floor = FLOOR * a.abs().max(x.abs().min(1.0));
            let part = |of: f64| if error == 0.0 { 0.0 } else { error / of };
            let number = |e: f64| if e.is_nan() { f64::INFINITY } else { e };
            let here =
                Apart { rounding: number(part(explained)), absolute: number(error), nearly: number(part(floor)) };
            worst = worst.max(here);
        }
        worst
    }
}

/// Inputs in each part of a formula whose pieces may all lie between two of the grid.
fn between_kinks(activation: &Activation) -> Vec<f64> {
    let end = |end: &End| match end {
        End::At { at, .. } => at.exact_rational().map(|q| q.to_f64()),
        End::Infinite => None,
    };
    let mut ends: Vec<f64> = activation.pieces.iter().filter_map(|piece| end(&piece.lo)).collect();
    ends.dedup();
    let (Some(first), Some(last)) = (ends.first().copied(), ends.last().copied()) else { return vec![] };
    let beside = ends.iter().flat_map(|end| [end * 0.875, end * 1.125]).collect::<Vec<_>>();
    let reach = if last > first { last - first } else { 1.0 };
    ends.insert(0, first - reach);
    ends.push(last + reach);
    // off the middle, where odd functions vanish
    let inside = ends.windows(2).map(|part| part[0] + (part[1] - part[0]) * 0.375);
    inside.chain(beside).collect()
}

/// A formula as an activation of its own.
pub fn activation(formula: &Formula) -> Option<Activation> {
    let definition = Definition {
        id: "formula".into(),
        aliases: vec![],
        title: String::new(),
        params: vec![],
        pieces: formula.pieces(),
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
        // the identity is no activation
        let fits = |d: &&Arc<Definition>| d.id != "identity";
        let mut all: Vec<&Arc<Definition>> = catalog::all().iter().filter(fits).collect();
        // of two that can be one function, elu and celu, the simpler one
        let size = |d: &Definition| d.pieces.iter().map(|piece| piece.expr.size()).sum::<usize>();
        all.sort_by_key(|d| (d.params.len(), size(d)));
        let made = all.into_iter().filter_map(|definition| {
            let default = Activation::with_defaults(definition.clone()).ok()?;
            let values = Values::of(&default, grid())?;
            Some(Candidate { definition: definition.clone(), default, values })
        });
        made.collect()
    })
}

/// The activation that a formula computes, if the catalogue knows one.
pub fn name(formula: &Formula) -> Option<Name> {
    let own = activation(formula)?;
    let values = Values::of(&own, grid())?;
    let unit = unit(formula);
    let kinks = between_kinks(&own);
    let at_kinks = Values::of(&own, kinks.iter().copied())?;
    // on the grid, and where that sees nothing
    let apart = |found: &Activation, on_grid: &Values| {
        let far = on_grid.apart(&values, unit);
        if far.rounding > 1.0 && far.absolute > NEAR && far.nearly > 1.0 || kinks.is_empty() {
            return far;
        }
        let more = Values::of(found, kinks.iter().copied()).map_or(Apart::INFINITE, |v| v.apart(&at_kinks, unit));
        far.max(more)
    };
    let mut best: Option<(Apart, Activation)> = None;
    let form = forms(&own);
    let mut consider = |found: &Activation, apart: Apart| {
        let better = best.as_ref().is_none_or(|(least, of)| match apart.rounding <= 1.0 {
            // what is explained as well needs no parameters
            true => least.rounding > 1.0 || apart.rounding < least.rounding / 16.0,
            // with wrong constants, a formula is more like one of the same form than like a nearer one of another
            false => {
                let key = |a: &Activation, apart: &Apart| {
                    (apart.nearly > 1.0, apart.absolute > NEAR, forms(a) != form, apart.absolute)
                };
                least.rounding > 1.0 && key(found, &apart) < key(of, least)
            }
        });
        if better {
            best = Some((apart, found.clone()));
        }
    };
    let parameter_values = parameter_values(formula);
    for candidate in candidates() {
        consider(&candidate.default, apart(&candidate.default, &candidate.values));
        // with several parameters, one of them is tried at a time: otherwise a function can be anything
        for param in &candidate.definition.params {
            for value in parameter_values.iter().filter(|v| **v != param.default && param.domain.contains(v)) {
                let set = BTreeMap::from([(param.name.clone(), value.clone())]);
                let Ok(with) = Activation::new(candidate.definition.clone(), &set) else { continue };
                if let Some(on_grid) = Values::of(&with, grid()) {
                    consider(&with, apart(&with, &on_grid));
                }
            }
        }
    }
    let (apart, activation) = best?;
    let likeness = match apart {
        apart if apart.rounding <= 1.0 => match same(&own, &activation) {
            true => Likeness::Exact,
            false => Likeness::Rounded,
        },
        // an activation with constants that are nearly right, whatever its form
        apart if apart.nearly <= 1.0 || apart.absolute <= NEAR && is_curved(formula) => Likeness::Near,
        _ => return None,
    };
    Some(Name { activation, likeness })
}

/// Whether two activations are the same function, exactly. Kinks are ends of pieces, so that only those with irrational
/// ends cannot be told.
fn same(a: &Activation, b: &Activation) -> bool {
    match (a.pieces.as_slice(), b.pieces.as_slice()) {
        ([a], [b]) => exactly_equal(&a.expr, &b.expr) == Some(true),
        (a, b) => same_pieces(a, b).unwrap_or(false),
    }
}

/// Whether pieces with rational ends give the same on each part of the line, and at each point between two of them.
fn same_pieces(a: &[Piece], b: &[Piece]) -> Option<bool> {
    let end = |piece: &Piece| match &piece.hi {
        End::At { at, .. } => at.exact_rational(),
        End::Infinite => None,
    };
    let inner = |pieces: &[Piece]| pieces.iter().rev().skip(1).map(end).collect::<Option<BTreeSet<Rational>>>();
    let ends: BTreeSet<Rational> = inner(a)?.union(&inner(b)?).cloned().collect();
    // what holds between the end before and this one
    let left = |pieces: &[Piece], q: Option<&Rational>| {
        pieces.iter().find(|p| end(p).is_none_or(|hi| q.is_some_and(|q| hi >= *q))).map(|p| p.expr.clone())
    };
    let at = |pieces: &[Piece], q: &Rational| {
        let holds = |p: &&Piece| match &p.hi {
            End::At { at, closed } => at.exact_rational().is_some_and(|hi| *q < hi || *closed && *q == hi),
            End::Infinite => true,
        };
        pieces.iter().find(holds).map(|p| p.expr.substitute_x(&Expr::rational(q.clone())))
    };
    let equal = |a: Option<Expr>, b: Option<Expr>| Some(exactly_equal(&a?, &b?) == Some(true));
    let between = || ends.iter().map(Some).chain([None]).map(|q| equal(left(a, q), left(b, q)));
    let points = || ends.iter().map(|q| equal(at(a, q), at(b, q)));
    between().chain(points()).try_fold(true, |all, one| Some(all && one?))
}

/// Which curved functions are in it; the error function and the normal distribution's are one.
fn forms(activation: &Activation) -> [bool; 4] {
    use Func::{Erf, Erfc, NormCdf, Sigmoid, Softplus, Tanh};
    let has = |wanted: &[Func]| {
        let mut is = |node: &Node| matches!(node, Node::Call(f, _) if wanted.contains(f));
        activation.pieces.iter().any(|piece| piece.expr.any(&mut is))
    };
    [has(&[Erf, Erfc, NormCdf]), has(&[Sigmoid]), has(&[Softplus]), has(&[Tanh])]
}

/// Whether a function is in it whose name says that an activation is meant: not a maximum or a root alone.
pub fn is_curved(formula: &Formula) -> bool {
    use Func::{Erf, NormCdf, Sigmoid, Softplus, Tanh};
    formula.any(&mut |node| matches!(node, Node::Call(Erf | NormCdf | Sigmoid | Softplus | Tanh, _)))
}

/// Constants of a formula that are stored as floats.
pub fn constants(formula: &Formula) -> Vec<(Rational, FloatFormat)> {
    let mut all: Vec<(Rational, FloatFormat)> = vec![];
    formula.any(&mut |node| {
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
fn unit(formula: &Formula) -> f64 {
    let formats = constants(formula).into_iter().map(|(_, format)| format.precision());
    power_of_two(-formats.min().unwrap_or(FloatFormat::F32.precision()))
}

/// What parameters can be, going by the constants: these, their reciprocals, twice and half of them.
fn parameter_values(formula: &Formula) -> Vec<Rational> {
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
    formula.any(&mut of);
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

/// How far a formula is from an activation: on all of the line if that has a bound.
pub fn distance(formula: &Formula, from: &Activation) -> Option<Distance> {
    let own = activation(formula)?;
    let goal = Goal { digits: 6, boxes: 20_000, time: Duration::from_secs(60) };
    let reach = |sign: i32| Some(Expr::rational(Rational::from(sign * REACH)));
    let domains = [Domain::default(), Domain { lo: reach(-1), hi: reach(1) }];
    domains.into_iter().find_map(|domain| {
        let found = bound(Quantity::Distance, &own, Some(from), &domain, goal).ok()?;
        let upper = found.top.proved_upper()?;
        Some(Distance { lower: found.top.answer.lower.to_f64_round(Round::Down), upper, domain: domain.text() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse_expr;

    fn check(text: &str, expected: Option<(&str, Likeness)>) {
        let found = name(&parse_expr(text).unwrap().into());
        let found = found.as_ref().map(|name| (name.activation.label(), name.likeness));
        assert_eq!(found, expected.map(|(label, likeness)| (label.to_owned(), likeness)), "{text}");
    }

    #[test]
    fn formulas_are_recognised_however_they_are_written() {
        check("x/2*(1 + erf(x/sqrt(2)))", Some(("gelu", Likeness::Exact)));
        check("x*0.5*(1 + erf(x*f32(\"0.70710677\")))", Some(("gelu", Likeness::Rounded)));
        check("x/(1 + exp(-x))", Some(("silu", Likeness::Exact)));
        check("log(1 + exp(x))", Some(("softplus(b=1)", Likeness::Exact)));
        check("(1 + tanh(x/2))/2", Some(("sigmoid", Likeness::Exact)));
        check("max(x, 0)^2", Some(("relu2", Likeness::Exact)));
        check("min(max(x, 0), 6)", Some(("relu6", Likeness::Exact)));
        check("max(x, 0) + f32(\"0.01\")*min(x, 0)", Some(("leaky_relu(a=1/100)", Likeness::Rounded)));
    }

    #[test]
    fn what_is_off_by_more_than_rounding_is_said_to_be() {
        check("x/2*(1 + erf(0.7*x))", Some(("gelu", Likeness::Near)));
        // gelu_tanh is nearer to this one, and of another form
        check("x/2*(1 + erf(x/1.5))", Some(("gelu", Likeness::Near)));
        check("x*sigmoid(1.7*x)", Some(("swish(b=17/10)", Likeness::Exact)));
        // a smaller slope is another function, and a bound next to 0 is no rounded 0
        check("max(x, 0)*0.999", None);
        check("max(x, 1e-9)", None);
        check("erf(x)", None);
        check("sin(x)", None);
        check("x*tanh(x)", None);
        check("1/x", None);
        check("sqrt(x)", None);
    }

    /// Constants as exporters write them, with few digits.
    #[test]
    fn short_constants_are_told() {
        check("clamp(f32(\"0.16667\")*x + 0.5, 0, 1)", Some(("hardsigmoid", Likeness::Near)));
        check("clamp(f32(\"0.2000001\")*x + 0.5, 0, 1)", Some(("hardsigmoid_keras", Likeness::Near)));
        check("1.0507*(max(x, 0) + 1.6732*min(expm1(x), 0))", Some(("selu", Likeness::Near)));
        check("clamp(0.17*x + 0.5, 0, 1)", None);
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
        let found = distance(&parse_expr("x/2*(1 + erf(0.7*x))").unwrap().into(), &gelu).unwrap();
        assert!((0.0029..0.003).contains(&found.upper) && found.domain == ["-inf", "inf"], "{found:?}");
        let relu = Activation::with_defaults(catalog::find("relu").unwrap()).unwrap();
        let found = distance(&parse_expr("max(x, 0)*1.0001").unwrap().into(), &relu).unwrap();
        assert_eq!(found.domain, ["-16", "16"]);
    }
}
