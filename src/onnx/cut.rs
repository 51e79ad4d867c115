//! A part of a graph as a model of its own, with the nodes, attributes and constants that it had.

use super::find::Part;
use super::graph::{Leaf, Origin, Scope};
use super::model::{Dim, Graph, Model, Node, Opset, Shape, Tensor, TensorType, Type, ValueInfo};
use std::collections::BTreeSet;

/// The name of the length of input and output.
const LENGTH: &str = "n";

/// The model, for elements of this type, and the number of dimensions of its input.
pub fn cut(scope: &Scope<'_>, part: &Part, element: i32, ir_version: Option<i64>) -> (Model, usize) {
    let mut needed = BTreeSet::new();
    let mut open = part.steps.clone();
    while let Some(id) = open.pop() {
        if id != part.root
            && needed.insert(id)
            && let Origin::Step { operands, .. } = &scope.values[id].origin
        {
            open.extend(operands.iter().flatten());
        }
    }
    let (mut nodes, mut initializers): (Vec<Node>, Vec<Tensor>) = (vec![], vec![]);
    let mut rank = 1;
    for id in needed {
        let value = &scope.values[id];
        match &value.origin {
            Origin::Step { node, .. } => nodes.push((*node).clone()),
            Origin::Leaf(Leaf::Initializer(tensor)) => initializers.push((*tensor).clone()),
            Origin::Leaf(Leaf::Node(node)) => nodes.push((*node).clone()),
            Origin::Opaque => {}
        }
        // a constant of shape (1, 1, 1) was meant for three dimensions
        rank = rank.max(value.rank);
    }
    let [input, output] = [part.root, part.sink].map(|id| info(scope.values[id].name, element, rank));
    let graph = Graph { nodes, initializers, ..single(input, output) };
    (Model { ir_version, opsets: scope.opsets.to_vec(), graph: Some(graph), ..Model::default() }, rank)
}

/// A graph of one input and one output.
pub fn single(input: ValueInfo, output: ValueInfo) -> Graph {
    Graph { name: Some("activation".into()), inputs: vec![input], outputs: vec![output], ..Graph::default() }
}

/// A tensor of any length in its last dimension.
pub fn info(name: &str, element: i32, rank: usize) -> ValueInfo {
    let one = Dim { value: Some(1), name: None };
    let mut dims = vec![one; rank.saturating_sub(1)];
    dims.push(Dim { value: None, name: Some(LENGTH.into()) });
    let tensor = TensorType { element: Some(element), shape: Some(Shape { dims }) };
    ValueInfo { name: Some(name.into()), kind: Some(Type { tensor: Some(tensor) }) }
}

/// A set of operators.
pub fn opset(domain: &str, version: i64) -> Opset {
    Opset { domain: Some(domain.into()), version: Some(version) }
}
