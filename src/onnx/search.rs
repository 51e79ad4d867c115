//! The activations of a model: parts of its graphs that the catalogue knows, alike ones together.

use super::cut::cut;
use super::find::{Part, parts, whole};
use super::formula::Formula;
use super::graph::{self, Leaf, Origin, Scope, scopes};
use super::model::Model;
use super::naming::{self, Distance, Likeness, Name};
use super::ops;
use crate::expr::{Activation, Expr, FloatFormat};
use rug::Rational;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Formulas that are held against the catalogue, at most: real models have a few dozen.
const NAMED: usize = 2000;

/// Where an activation stands in a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// which graph, empty for the main one
    #[serde(skip_serializing_if = "String::is_empty")]
    pub graph: String,
    /// the tensor that goes in
    pub input: String,
    /// the tensor that comes out
    pub output: String,
    /// the operations, in order
    pub nodes: Vec<String>,
    /// elementwise operations around them that also depend on nothing else, but make no activation of it
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub around: Vec<String>,
}

/// A constant that is stored as a float.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Constant {
    /// its value
    pub value: f64,
    /// its format
    pub dtype: &'static str,
    /// what it stands for, if that is not the value itself
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meant: Option<&'static str>,
    /// how far it is from that, relative to it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<f64>,
}

/// An activation of a model, once however often it occurs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// the number after `#`, from 1
    pub number: usize,
    /// with parameter values: `swish(b=851/500)`
    pub activation: Option<String>,
    /// how sure
    #[serde(rename = "verdict")]
    pub likeness: Likeness,
    /// what it is made of: erf, tanh, sigmoid, softplus, or the operator's name
    pub form: String,
    /// the formula, in the order in which it is computed
    pub formula: String,
    /// constants in it
    pub constants: Vec<Constant>,
    /// how far the formula is from the activation, proved, where constants are not exact
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
    /// element type
    pub dtype: Option<&'static str>,
    /// where
    pub places: Vec<Place>,
}

/// What a model holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Inventory {
    /// version of this form
    pub schema: &'static str,
    /// the file
    pub file: String,
    /// what wrote it
    pub producer: Option<String>,
    /// version of the standard's operators
    pub opset: Option<i64>,
    /// graphs, those of branches and functions among them
    pub graphs: usize,
    /// its activations, in the order in which they first occur
    pub activations: Vec<Finding>,
    /// whether the graph as a whole is one function of one number
    pub whole: bool,
}

/// A model of one input and one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// the file's bytes
    pub model: Vec<u8>,
    /// the format of its tensors
    pub format: FloatFormat,
    /// their dimensions, of which all but the last are 1
    pub rank: usize,
}

/// A model that was searched.
pub struct Search {
    /// what was found
    pub inventory: Inventory,
    /// for each activation, each place as a model of its own: of every format, where the model does not say which it is
    cuts: Vec<Vec<(Place, Vec<Cut>)>>,
}

/// A part that is reported.
struct Chosen {
    scope: usize,
    part: Part,
    name: Option<Name>,
    around: Vec<usize>,
}

impl Search {
    /// Searches a model.
    pub fn new(file: &str, model: Model) -> Self {
        let scopes = scopes(&model);
        let mut names = Names::default();
        let mut chosen = vec![];
        let mut one = false;
        for (k, scope) in scopes.iter().enumerate() {
            if let Some(part) = whole(scope) {
                one = true;
                let name = names.of(&part.formula);
                chosen.push(Chosen { scope: k, part, name, around: vec![] });
            } else {
                chosen.extend(in_scope(k, scope, &mut names));
            }
        }
        let mut inventory = Inventory {
            schema: "actaudit.onnx.v1",
            file: file.to_owned(),
            producer: model.producer.clone().filter(|p| !p.is_empty()),
            opset: model
                .opsets
                .iter()
                .find(|o| o.domain.as_deref().unwrap_or_default().is_empty())
                .and_then(|o| o.version),
            graphs: scopes.len(),
            activations: vec![],
            whole: one,
        };
        let mut cuts: Vec<Vec<(Place, Vec<Cut>)>> = vec![];
        let mut seen = vec![];
        for found in &chosen {
            let scope = &scopes[found.scope];
            let element = scope.values[found.part.root].element;
            let format = element.and_then(graph::format);
            let place = place(scope, found);
            let models = FloatFormat::ALL.into_iter().filter(|f| format.is_none_or(|known| known == *f));
            let models = models.map(|format| {
                let (model, rank) = cut(scope, &found.part, graph::element(format), model.ir_version);
                Cut { model: model.write(), format, rank }
            });
            let name = found.name.as_ref().map(|name| name.activation.label());
            let key = (found.part.formula.clone(), format, operators(scope, &found.part), name);
            let at = seen.iter().position(|s| *s == key).unwrap_or_else(|| {
                seen.push(key);
                inventory.activations.push(finding(inventory.activations.len() + 1, scope, found, format));
                cuts.push(vec![]);
                cuts.len() - 1
            });
            cuts[at].push((place.clone(), models.collect()));
            inventory.activations[at].places.push(place);
        }
        Self { inventory, cuts }
    }

    /// The activation of this number, or of which this is the name of an operation or of what comes out.
    pub fn cut(&self, which: &str) -> Option<(&Finding, &[Cut])> {
        let number = which.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < self.cuts.len());
        let named = |(k, all): (usize, &Vec<(Place, _)>)| {
            let at = all.iter().position(|(p, _)| p.output == which || p.nodes.iter().any(|n| n == which))?;
            Some((k, at))
        };
        // tensors are often called by numbers
        let by_name = || self.cuts.iter().enumerate().find_map(named);
        let (k, at) = number.map(|n| (n, 0)).or_else(by_name)?;
        Some((&self.inventory.activations[k], &self.cuts[k].get(at)?.1))
    }
}

/// Formulas with what they are.
#[derive(Default)]
struct Names(HashMap<Formula, Option<Name>>);

impl Names {
    fn of(&mut self, formula: &Formula) -> Option<Name> {
        if let Some(known) = self.0.get(formula) {
            return known.clone();
        }
        let found = if self.0.len() < NAMED { naming::name(formula) } else { None };
        self.0.insert(formula.clone(), found.clone());
        found
    }
}

/// The parts of one graph that are activations: the largest that are the same function, then the largest that are near to
/// one, then those that must be meant for one.
fn in_scope(k: usize, scope: &Scope<'_>, names: &mut Names) -> Vec<Chosen> {
    let all = parts(scope);
    let mut taken = BTreeSet::new();
    let mut chosen: Vec<Chosen> = vec![];
    type Wants<'a> = &'a dyn Fn(&Part, Option<&Name>) -> bool;
    let wanted: [Wants<'_>; 3] =
        [&|_, name| name.is_some_and(|n| n.likeness < Likeness::Near), &|_, name| name.is_some(), &|part, _| {
            naming::is_curved(&part.formula) || is_activation(scope, part)
        }];
    for wants in wanted {
        for part in &all {
            if part.steps.iter().any(|id| taken.contains(id)) || !same_type(scope, part) {
                continue;
            }
            let name = names.of(&part.formula);
            if wants(part, name.as_ref()) {
                taken.extend(part.steps.iter().copied());
                chosen.push(Chosen { scope: k, part: part.clone(), name, around: vec![] });
            }
        }
    }
    for found in &mut chosen {
        let holds = |part: &&Part| found.part.steps.iter().all(|id| part.steps.contains(id));
        let outer = all.iter().filter(holds).map(|part| &part.steps).next();
        found.around = outer.into_iter().flatten().copied().filter(|id| !taken.contains(id)).collect();
    }
    chosen.sort_by_key(|found| found.part.sink);
    chosen
}

/// Whether one of its operations is an activation by name.
fn is_activation(scope: &Scope<'_>, part: &Part) -> bool {
    let usual = ["Clip", "Exp", "Relu"];
    operators(scope, part).iter().any(|name| !usual.contains(&name.as_str()) && ops::find(name).is_ok())
}

/// Whether what comes out is of the type of what goes in, as far as is known.
fn same_type(scope: &Scope<'_>, part: &Part) -> bool {
    let [a, b] = [part.root, part.sink].map(|id| scope.values[id].element);
    let float = |e: Option<i32>| e.is_none_or(|e| graph::format(e).is_some());
    let converts = operators(scope, part).iter().any(|o| o == "Cast");
    float(a) && float(b) && (a == b || !converts && (a.is_none() || b.is_none())) && !(converts && a.is_none())
}

fn operators(scope: &Scope<'_>, part: &Part) -> Vec<String> {
    let name = |id: &usize| scope.node(*id).map(|node| node.operator().to_owned());
    part.steps.iter().filter_map(name).collect()
}

fn place(scope: &Scope<'_>, found: &Chosen) -> Place {
    let labels = |ids: &[usize]| {
        let label = |id: &usize| scope.node(*id).map(|node| node.label().to_owned());
        ids.iter().filter_map(label).collect()
    };
    let name = |id: usize| scope.values[id].name.to_owned();
    Place {
        graph: scope.place.clone(),
        input: name(found.part.root),
        output: name(found.part.sink),
        nodes: labels(&found.part.steps),
        around: labels(&found.around),
    }
}

fn finding(number: usize, scope: &Scope<'_>, found: &Chosen, format: Option<FloatFormat>) -> Finding {
    let operators = operators(scope, &found.part);
    let forms = ["Erf", "Tanh", "Sigmoid", "Softplus", "Where"];
    let form = forms.into_iter().find(|f| operators.iter().any(|o| o == f)).map(str::to_lowercase);
    let name = found.name.as_ref();
    let formula = &found.part.formula;
    let likeness = name.map_or(Likeness::Unknown, |name| name.likeness);
    let inexact = name.filter(|_| likeness > Likeness::Exact);
    Finding {
        number,
        activation: name.map(|name| label(&name.activation)),
        likeness,
        form: form.or_else(|| operators.into_iter().find(|o| o != "Cast" && o != "Identity")).unwrap_or_default(),
        formula: formula.with(compact).to_string(),
        constants: naming::constants(formula).iter().map(|(value, f)| constant(value, *f)).collect(),
        distance: inexact.and_then(|name| naming::distance(formula, &name.activation)),
        dtype: format.map(FloatFormat::name),
        places: vec![],
    }
}

/// With parameter values only where they are not the defaults.
fn label(activation: &Activation) -> String {
    let definition = &activation.definition;
    match definition.params.iter().all(|p| activation.values.get(&p.name) == Some(&p.default)) {
        true => definition.id.clone(),
        false => activation.label(),
    }
}

/// The expression with its constants as decimals.
fn compact(expr: &Expr) -> Expr {
    use crate::expr::{Constant, Node};
    match expr.node() {
        Node::Const(c) => match c.float {
            Some(format) => Expr::new(Node::Const(Constant { value: naming::meant(&c.value, format), float: None })),
            None => expr.clone(),
        },
        _ => expr.map_children(compact),
    }
}

/// What constants of activations are meant to be.
const IDEALS: [(&str, f64); 7] = [
    ("sqrt(2)", std::f64::consts::SQRT_2),
    ("1/sqrt(2)", std::f64::consts::FRAC_1_SQRT_2),
    ("sqrt(2/pi)", 0.797_884_560_802_865_4),
    ("2*sqrt(2/pi)", 1.595_769_121_605_730_8),
    ("0.044715*sqrt(2/pi)", 0.035_677_408_136_300_125),
    ("log(2)", std::f64::consts::LN_2),
    ("pi", std::f64::consts::PI),
];
/// A constant further than this from any of them stands for itself.
const FAR: f64 = 1e-3;

fn constant(value: &Rational, format: FloatFormat) -> Constant {
    let number = value.to_f64();
    let off = |ideal: f64| (number - ideal) / ideal;
    let nearest = IDEALS.into_iter().min_by(|a, b| off(a.1).abs().total_cmp(&off(b.1).abs()));
    let nearest = nearest.filter(|(_, ideal)| off(*ideal).abs() < FAR);
    Constant {
        value: number,
        dtype: format.name(),
        meant: nearest.map(|(name, _)| name),
        off: nearest.map(|(_, ideal)| off(ideal)),
    }
}

impl<'m> Scope<'m> {
    /// The operation that a value comes from.
    pub fn node(&self, id: usize) -> Option<&'m super::model::Node> {
        match self.values[id].origin {
            Origin::Step { node, .. } | Origin::Leaf(Leaf::Node(node)) => Some(node),
            _ => None,
        }
    }
}
