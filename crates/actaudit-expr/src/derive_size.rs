//! Symbolic derivatives of a bounded size: what would take long to form and to simplify is not begun.

use crate::{Expr, Func, Node};

/// Nodes of an expression, and of its derivative before simplification; nothing where there are too many.
struct Size {
    nodes: usize,
    derivative: usize,
}

impl Expr {
    /// The derivative, as [`Expr::derivative`]; `None` if it would have more than so many nodes before it is simplified.
    #[must_use]
    pub fn derivative_within(&self, nodes: usize) -> Option<Self> {
        let mut left = nodes;
        size(self, &mut left).filter(|s| s.derivative <= nodes).map(|_| self.derivative())
    }
}

/// As the rules of differentiation copy their operands; looks at no more nodes than are allowed.
fn size(e: &Expr, left: &mut usize) -> Option<Size> {
    *left = left.checked_sub(1)?;
    let mut parts = vec![];
    for child in e.children() {
        parts.push(size(child, left)?);
    }
    let nodes = 1 + parts.iter().map(|p| p.nodes).sum::<usize>();
    let inner: usize = parts.iter().map(|p| p.derivative).sum();
    let derivative = match e.node() {
        Node::Const(_) | Node::Named(_) | Node::Param(_) | Node::Var => 1,
        Node::Neg(_) | Node::Add(..) | Node::Sub(..) => 1 + inner,
        Node::Mul(..) | Node::Div(..) | Node::Pow(..) => 2 * nodes + inner + 4,
        Node::Min(..) | Node::Max(..) => 2 * (nodes + inner) + 8,
        Node::Call(Func::Exp | Func::Sin | Func::Cos | Func::NormCdf | Func::Softplus, _) => nodes + inner + 3,
        Node::Call(..) => 2 * nodes + inner + 8,
    };
    Some(Size { nodes, derivative })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_expr;

    #[test]
    fn what_people_write_has_derivatives() {
        for text in [
            "x*tanh(softplus(x))",
            "x*normcdf(x)",
            "x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))",
            "(x + sqrt(x^2 + 4))/2",
        ] {
            let mut e = parse_expr(text).expect("parses");
            for order in 1..=4 {
                e = e.derivative_within(6000).unwrap_or_else(|| panic!("{text}, order {order}"));
            }
        }
    }

    #[test]
    fn what_would_grow_without_end_is_refused_at_once() {
        let mut e = parse_expr("clamp(abs(sin(x)/(1 + x^2)), -1, 1)*exp(sin(x*cos(x)))").expect("parses");
        let begun = std::time::Instant::now();
        let formed = (0..30).take_while(|_| e.derivative_within(6000).inspect(|d| e = d.clone()).is_some()).count();
        assert!((1..30).contains(&formed), "{formed}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
        // shared operands count each time they occur
        let x = (0..40).fold(Expr::var(), |u, _| u.clone() * u);
        assert!(x.derivative_within(6000).is_none());
    }
}
