//! Parts of a graph that compute one number from one number, element by element: every one of them, the largest first.

use super::formula::Formula;
use super::graph::{DEPTH, Origin, Scope};
use super::terms::value;
use crate::expr::Expr;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of an expression, shared ones counted each time they occur, beyond which it is no activation.
pub const SIZE: usize = 200;
/// Operations in a part, at most.
const STEPS: usize = 64;
/// Operations that are looked at in one graph, each as often as parts contain it; graphs of real models need thousands.
const WORK: usize = 2_000_000;

/// A part of a graph.
#[derive(Clone, Debug)]
pub struct Part {
    /// the value that goes in
    pub root: usize,
    /// the value that comes out
    pub sink: usize,
    /// what comes out, in terms of what goes in
    pub formula: Formula,
    /// the values on the way, the sink among them, in the order in which they are computed
    pub steps: Vec<usize>,
}

/// All parts that are more than sums and products, the largest first.
pub fn parts(scope: &Scope<'_>) -> Vec<Part> {
    let mut work = WORK;
    let mut all = vec![];
    for sink in 0..scope.values.len() {
        let mut root = scope.values[sink].from;
        for _ in 0..DEPTH {
            let Some(r) = root else { break };
            match part(scope, r, sink, &mut work) {
                Some(part) if part.formula.bends() => all.push(part),
                Some(_) => {}
                // a part that starts earlier is larger still
                None => break,
            }
            root = scope.values[r].from;
        }
    }
    all.sort_by_key(|part| std::cmp::Reverse(part.steps.len()));
    all
}

/// The part between two values, of which the second depends on the first alone.
pub fn part(scope: &Scope<'_>, root: usize, sink: usize, work: &mut usize) -> Option<Part> {
    let mut between = BTreeSet::new();
    let mut open = vec![sink];
    while let Some(id) = open.pop() {
        if id == root || scope.values[id].constant.is_some() || !between.insert(id) {
            continue;
        }
        *work = work.checked_sub(1)?;
        let Origin::Step { operands, .. } = &scope.values[id].origin else { return None };
        if between.len() > STEPS {
            return None;
        }
        open.extend(operands.iter().flatten());
    }
    let mut made: BTreeMap<usize, (Formula, usize)> = BTreeMap::from([(root, (Expr::var().into(), 1))]);
    for &id in &between {
        let Origin::Step { node, operands } = &scope.values[id].origin else { return None };
        let mut size = 1;
        let mut operand = |id: usize| match &scope.values[id].constant {
            Some(value) => Some(Formula::from(value.clone())),
            None => made.get(&id).map(|(formula, n)| {
                size += n;
                formula.clone()
            }),
        };
        let operands: Vec<Option<Formula>> = operands.iter().map(|id| id.and_then(&mut operand)).collect();
        // before anything walks through it: sharing multiplies
        if size > SIZE {
            return None;
        }
        let formula = value(node, &operands)?;
        let size = formula.size();
        made.insert(id, (formula, size));
    }
    let (formula, size) = made.remove(&sink)?;
    (size <= SIZE).then(|| Part { root, sink, formula, steps: between.into_iter().collect() })
}

/// The whole graph, if it is one part: one input, one output, and nothing that is not elementwise between them.
pub fn whole(scope: &Scope<'_>) -> Option<Part> {
    let (inputs, outputs) = scope.ends?;
    let [output] = outputs else { return None };
    let sink = scope.find(output.name.as_deref()?)?;
    // graphs of old versions list constants among their inputs
    let mut open = inputs.iter().filter_map(|i| scope.find(i.name.as_deref()?));
    let root = open.find(|id| scope.values[*id].constant.is_none())?;
    let mut up = scope.values[sink].from?;
    while up != root {
        up = scope.values[up].from?;
    }
    part(scope, root, sink, &mut WORK.clone())
}
