//! A graph as values that depend on one another: which are constant numbers, which are elementwise in others, and on which
//! single value a value depends.

use super::find::SIZE;
use super::formula::Formula;
use super::model::{Graph, Model, Node, Opset, Tensor, ValueInfo};
use super::terms::{Kind, constant, kind, value};
use crate::expr::{Expr, FloatFormat};
use half::{bf16, f16};
use rug::Rational;
use std::collections::HashMap;

/// Steps towards the input that are looked at.
pub const DEPTH: usize = 64;

/// Numbers of element types in the standard.
const ELEMENTS: [(i32, FloatFormat); 4] =
    [(1, FloatFormat::F32), (10, FloatFormat::F16), (11, FloatFormat::F64), (16, FloatFormat::Bf16)];

/// The number of the element type of truths.
pub const BOOL: i32 = 9;

/// The format of an element type.
pub fn format(element: i32) -> Option<FloatFormat> {
    ELEMENTS.iter().find(|(number, _)| *number == element).map(|(_, format)| *format)
}

/// The element type of a format.
pub fn element(format: FloatFormat) -> i32 {
    ELEMENTS.iter().find(|(_, f)| *f == format).map_or(0, |(number, _)| *number)
}

/// Where a constant stands in the file.
#[derive(Clone, Copy)]
pub enum Leaf<'m> {
    Initializer(&'m Tensor),
    Node(&'m Node),
}

/// How a value comes about.
pub enum Origin<'m> {
    /// in a way that is not looked into
    Opaque,
    /// a number in the file
    Leaf(Leaf<'m>),
    /// by an elementwise operation on others, all of which come before it
    Step { node: &'m Node, operands: Vec<Option<usize>> },
}

/// A value of a graph.
pub struct Value<'m> {
    pub name: &'m str,
    pub origin: Origin<'m>,
    /// its value, if it is a constant number
    pub constant: Option<Expr>,
    /// number of the element type, where it is known
    pub element: Option<i32>,
    /// dimensions of a constant
    pub rank: usize,
    /// the nearest value that it depends on alone
    pub from: Option<usize>,
    /// how often that can be repeated
    depth: usize,
}

/// A graph, one of a branch or a loop, or the body of a function.
pub struct Scope<'m> {
    /// in words, empty for the main graph
    pub place: String,
    pub values: Vec<Value<'m>>,
    pub opsets: &'m [Opset],
    /// of the main graph: what goes in and what comes out
    pub ends: Option<(&'m [ValueInfo], &'m [ValueInfo])>,
    names: HashMap<&'m str, usize>,
    /// values of one element type, whichever it is
    alike: Vec<Vec<usize>>,
}

/// Operators, not elementwise, all of whose operands are of the type of the result.
const ALIKE: [&str; 7] =
    ["Conv", "ConvTranspose", "MatMul", "Gemm", "Concat", "LayerNormalization", "BatchNormalization"];
/// Those of which that holds for the first operand.
const KEEPING: [&str; 10] = [
    "Reshape",
    "Transpose",
    "Slice",
    "Squeeze",
    "Unsqueeze",
    "Flatten",
    "Pad",
    "MaxPool",
    "GlobalAveragePool",
    "ReduceMean",
];

/// Every graph of a model, the main one first.
pub fn scopes(model: &Model) -> Vec<Scope<'_>> {
    let mut all = vec![];
    if let Some(graph) = &model.graph {
        add(&mut all, graph, String::new(), &model.opsets, &[]);
    }
    for function in &model.functions {
        let place = format!("function {}", function.name.as_deref().unwrap_or_default());
        let mut scope = Scope::new(place, &function.opsets);
        scope.nodes(&function.nodes);
        all.push(scope);
    }
    all
}

fn add<'m>(
    all: &mut Vec<Scope<'m>>,
    graph: &'m Graph,
    place: String,
    opsets: &'m [Opset],
    outer: &[(&'m str, Leaf<'m>)],
) {
    let mut scope = Scope::new(place.clone(), opsets);
    outer.iter().for_each(|(name, leaf)| scope.leaf(name, *leaf));
    scope.declare(graph);
    scope.nodes(&graph.nodes);
    if place.is_empty() {
        scope.ends = Some((&graph.inputs, &graph.outputs));
    }
    let visible: Vec<(&str, Leaf<'_>)> = scope.leaves().collect();
    all.push(scope);
    for node in &graph.nodes {
        for inner in node.attributes.iter().filter_map(|a| Some((a.name.as_deref()?, a.graph.as_deref()?))) {
            let inside = if place.is_empty() { String::new() } else { format!(" in {place}") };
            add(all, inner.1, format!("{} of {}{inside}", inner.0, node.label()), opsets, &visible);
        }
    }
}

impl<'m> Scope<'m> {
    fn new(place: String, opsets: &'m [Opset]) -> Self {
        Self { place, values: vec![], opsets, ends: None, names: HashMap::new(), alike: vec![] }
    }

    /// The value of this name, made if there is none.
    fn value(&mut self, name: &'m str) -> usize {
        match self.names.get(name) {
            Some(id) => *id,
            None => self.push(name, Origin::Opaque),
        }
    }

    /// A new value of this name, which hides another one.
    fn push(&mut self, name: &'m str, origin: Origin<'m>) -> usize {
        let id = self.values.len();
        let element = self.names.insert(name, id).and_then(|old| self.values[old].element);
        self.values.push(Value { name, origin, constant: None, element, rank: 0, from: None, depth: 0 });
        id
    }

    /// The value of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn leaves(&self) -> impl Iterator<Item = (&'m str, Leaf<'m>)> {
        self.values.iter().filter_map(|value| match value.origin {
            Origin::Leaf(leaf) => Some((value.name, leaf)),
            _ => None,
        })
    }

    fn declare(&mut self, graph: &'m Graph) {
        for info in graph.inputs.iter().chain(&graph.outputs).chain(&graph.values) {
            let element = info.kind.as_ref().and_then(|t| t.tensor.as_ref()?.element);
            if let Some(name) = info.name.as_deref().filter(|name| !name.is_empty()) {
                let id = self.value(name);
                self.values[id].element = element;
            }
        }
        for tensor in &graph.initializers {
            let name = tensor.name.as_deref().unwrap_or_default();
            let id = self.value(name);
            self.values[id].element = tensor.element;
            self.leaf(name, Leaf::Initializer(tensor));
        }
    }

    /// Takes note of a constant if it is a number.
    fn leaf(&mut self, name: &'m str, leaf: Leaf<'m>) {
        let number = match leaf {
            Leaf::Initializer(tensor) => number(tensor),
            Leaf::Node(node) => node.attributes.iter().find_map(|a| match a.name.as_deref()? {
                "value" => number(a.tensor.as_deref()?),
                "value_float" => Some((constant(Rational::from_f32(a.float?)?, Some(FloatFormat::F32)), 1, 0)),
                "value_int" => Some((constant(a.int?.into(), None), 7, 0)),
                _ => None,
            }),
        };
        if let Some((value, element, rank)) = number {
            let id = self.push(name, Origin::Leaf(leaf));
            (self.values[id].constant, self.values[id].element) = (Some(value), Some(element));
            self.values[id].rank = rank;
        }
    }

    fn nodes(&mut self, nodes: &'m [Node]) {
        for node in nodes {
            if node.operator() == "Constant" && node.operator_set().is_empty() {
                self.leaf(node.output(), Leaf::Node(node));
                continue;
            }
            if !self.step(node) {
                self.opaque(node);
            }
        }
        self.types();
    }

    /// Takes note of what comes out of an operation that is not looked into.
    fn opaque(&mut self, node: &'m Node) {
        let alike = match node.operator() {
            _ if !node.operator_set().is_empty() => 0,
            operator if ALIKE.contains(&operator) => usize::MAX,
            operator if KEEPING.contains(&operator) => 1,
            _ => 0,
        };
        let names = node.inputs.iter().take(alike).filter(|name| !name.is_empty());
        let mut alike: Vec<usize> = names.map(|name| self.value(name)).collect();
        let made: Vec<usize> = node.outputs.iter().map(|name| self.push(name, Origin::Opaque)).collect();
        if !alike.is_empty() {
            alike.extend(made.first());
            self.alike.push(alike);
        }
    }

    /// Takes note of an elementwise operation on values, constants among them.
    fn step(&mut self, node: &'m Node) -> bool {
        if node.output().is_empty() || node.attributes.iter().any(|a| a.reference.is_some()) {
            return false;
        }
        let names = node.inputs.iter().map(|name| (!name.is_empty()).then_some(name.as_str()));
        let operands: Vec<Option<usize>> = names.map(|name| name.map(|name| self.value(name))).collect();
        // before anything walks through it: sharing multiplies
        let sizes = operands.iter().flatten().map(|id| self.values[*id].constant.as_ref().map_or(1, Expr::size));
        if sizes.sum::<usize>() > SIZE {
            return false;
        }
        let shown = |id: usize| Formula::from(self.values[id].constant.clone().unwrap_or_else(Expr::var));
        let shown: Vec<Option<Formula>> = operands.iter().map(|id| id.map(shown)).collect();
        let variable = operands.iter().flatten().copied().filter(|id| self.values[*id].constant.is_none());
        let common = variable.map(Some).reduce(|a, b| self.common(a?, b?));
        let value = match common {
            None => {
                let Some(value) = value(node, &shown).and_then(|f| computed(node, f.single()?.clone())) else {
                    return false;
                };
                Some(value)
            }
            // what is true or chosen depends on what exactly goes in
            Some(_) if matches!(kind(node), Kind::Number) && value(node, &shown).is_none() => return false,
            Some(_) => None,
        };
        let rank = operands.iter().flatten().map(|id| self.values[*id].rank).max().unwrap_or(0);
        let id = self.push(node.output(), Origin::Step { node, operands });
        let from = common.flatten();
        let depth = from.map_or(0, |from| self.values[from].depth + 1);
        let made = &mut self.values[id];
        (made.from, made.depth, made.constant) = (from, depth, value);
        made.rank = if common.is_none() { rank } else { 0 };
        for name in node.outputs.iter().skip(1).filter(|name| !name.is_empty()) {
            self.push(name, Origin::Opaque);
        }
        true
    }

    /// The nearest value on which both depend alone, or are.
    fn common(&self, a: usize, b: usize) -> Option<usize> {
        let (mut a, mut b) = (a, b);
        for _ in 0..2 * DEPTH {
            if a == b {
                return Some(a);
            }
            let deeper = if self.values[a].depth >= self.values[b].depth { &mut a } else { &mut b };
            *deeper = self.values[*deeper].from?;
        }
        None
    }

    /// Element types that are not declared: operations do not change them, except one.
    fn types(&mut self) {
        // there and back again: types are known at either end
        for forward in [true, false, true] {
            let lists = std::mem::take(&mut self.alike);
            let order: Vec<&Vec<usize>> = if forward { lists.iter().collect() } else { lists.iter().rev().collect() };
            order.into_iter().for_each(|list| self.unify(list));
            self.alike = lists;
            self.through_steps();
        }
    }

    /// Gives all of these values the element type that is known of one of them.
    fn unify(&mut self, ids: &[usize]) {
        let known = ids.iter().find_map(|id| self.values[*id].element);
        for id in ids {
            let element = &mut self.values[*id].element;
            *element = element.or(known);
        }
    }

    fn through_steps(&mut self) {
        let ids: Vec<usize> = (0..self.values.len()).collect();
        for id in ids.iter().chain(ids.iter().rev()).copied() {
            let Origin::Step { node, operands } = &self.values[id].origin else { continue };
            let (cast, pow) = (node.operator() == "Cast", node.operator() == "Pow");
            if cast {
                let to = node.attribute("to").and_then(|a| a.int).and_then(|to| i32::try_from(to).ok());
                self.values[id].element = to;
                continue;
            }
            let (operands, kind) = (operands.clone(), kind(node));
            let (truths, alike): (Vec<_>, Vec<_>) = match kind {
                Kind::Compare(_) => (vec![Some(id)], operands),
                Kind::Logic(_) => (operands.into_iter().chain([Some(id)]).collect(), vec![]),
                Kind::Choose => (operands[..1].to_vec(), operands.into_iter().skip(1).chain([Some(id)]).collect()),
                Kind::Number => {
                    (vec![], operands.into_iter().take(if pow { 1 } else { usize::MAX }).chain([Some(id)]).collect())
                }
            };
            self.unify(&alike.into_iter().flatten().collect::<Vec<_>>());
            truths.into_iter().flatten().for_each(|id| self.values[id].element = Some(BOOL));
        }
    }
}

/// The constant that an operation on constants gives: exactly, but for a conversion.
fn computed(node: &Node, value: Expr) -> Option<Expr> {
    if node.operator() != "Cast" {
        return Some(value);
    }
    let to = node.attribute("to")?.int?;
    let exact = value.exact_rational()?;
    match format(i32::try_from(to).ok()?) {
        Some(format) => Some(constant(format.nearest(&exact)?, Some(format))),
        None => (*exact.denom() == 1).then(|| constant(exact, None)),
    }
}

/// A tensor of one element as a number, with its element type and its rank.
fn number(tensor: &Tensor) -> Option<(Expr, i32, usize)> {
    if tensor.dims.iter().any(|d| *d != 1) || tensor.location == Some(1) {
        return None;
    }
    let element = tensor.element?;
    let raw = tensor.raw.as_deref();
    let exact = |value: f64| Rational::from_f64(value);
    let bits16 = || match raw {
        Some(raw) => raw.try_into().ok().map(u16::from_le_bytes),
        None => single(&tensor.ints).map(|v| v as u16),
    };
    let value = match element {
        1 => exact(match raw {
            Some(raw) => f32::from_le_bytes(raw.try_into().ok()?).into(),
            None => single(&tensor.floats)?.into(),
        }),
        11 => exact(match raw {
            Some(raw) => f64::from_le_bytes(raw.try_into().ok()?),
            None => single(&tensor.doubles)?,
        }),
        10 => exact(f16::from_bits(bits16()?).to_f64()),
        16 => exact(bf16::from_bits(bits16()?).to_f64()),
        6 => Some(Rational::from(match raw {
            Some(raw) => i32::from_le_bytes(raw.try_into().ok()?),
            None => single(&tensor.ints)?,
        })),
        7 => Some(Rational::from(match raw {
            Some(raw) => i64::from_le_bytes(raw.try_into().ok()?),
            None => single(&tensor.longs)?,
        })),
        _ => None,
    };
    Some((constant(value?, format(element)), element, tensor.dims.len()))
}

fn single<T: Copy>(values: &[T]) -> Option<T> {
    match values {
        [value] => Some(*value),
        _ => None,
    }
}
