//! The operands of `abs`, `min` and `max`, chosen one by one.

use actaudit_expr::plain::{Interval, eval};
use actaudit_expr::{Expr, Func, Node};

/// More ways to choose operands are not looked at.
const MAX_SELECTIONS: usize = 16;

pub(super) fn is_kink(node: &Node) -> bool {
    matches!(node, Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..))
}

/// The first kink with no kink inside.
fn innermost(e: &Expr) -> Option<&Expr> {
    e.children().into_iter().find_map(innermost).or_else(|| is_kink(e.node()).then_some(e))
}

fn replaced(e: &Expr, old: &Expr, new: &Expr) -> Expr {
    if e == old { new.clone() } else { e.map_children(|c| replaced(c, old, new)) }
}

/// Every expression without `abs`, `min` and `max` with which this one may agree somewhere on an interval.
pub(super) fn selections(e: &Expr, x: &Interval) -> Option<Vec<Expr>> {
    let mut open = vec![e.clone()];
    let mut done = vec![];
    while let Some(e) = open.pop() {
        let Some(kink) = innermost(&e) else {
            done.push(e);
            continue;
        };
        if open.len() + done.len() > MAX_SELECTIONS {
            return None;
        }
        let (larger, smaller) = match kink.node() {
            Node::Call(_, u) => (u.clone(), -u.clone()),
            Node::Max(a, b) => (a.clone(), b.clone()),
            Node::Min(a, b) => (b.clone(), a.clone()),
            _ => return None,
        };
        // the first one where this is positive
        let decides = match kink.node() {
            Node::Call(_, u) => u.clone(),
            _ => (larger.clone() - smaller.clone()).simplified(),
        };
        let sign = eval(&decides, x).ok()?;
        if sign.hi >= 0 {
            open.push(replaced(&e, kink, &larger));
        }
        if sign.lo <= 0 {
            open.push(replaced(&e, kink, &smaller));
        }
    }
    Some(done)
}
