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
        // what decides, the operand where that is positive, and the one where it is negative
        let (decides, above, below) = match kink.node() {
            Node::Call(_, u) => (u.clone(), u.clone(), -u.clone()),
            Node::Max(a, b) => ((a.clone() - b.clone()).simplified(), a.clone(), b.clone()),
            Node::Min(a, b) => ((a.clone() - b.clone()).simplified(), b.clone(), a.clone()),
            _ => return None,
        };
        let sign = eval(&decides, x).ok()?;
        if sign.hi >= 0 {
            open.push(replaced(&e, kink, &above));
        }
        if sign.lo <= 0 {
            open.push(replaced(&e, kink, &below));
        }
    }
    Some(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actaudit_expr::testing::parsed_shape;
    use proptest::prelude::*;
    use rug::Float;

    /// At each point of an interval the expression has the value of one of its selections there.
    fn one_agrees(e: &Expr, lo: f64, width: f64) -> Result<bool, String> {
        let float = |x: f64| Float::with_val(200, x);
        let Some(all) = selections(e, &Interval { lo: float(lo), hi: float(lo + width) }) else { return Ok(false) };
        for k in 0..=4 {
            let x = Interval::point(&float(lo + width * f64::from(k) / 4.0));
            let Ok(value) = eval(e, &x) else { continue };
            let agrees = |s: &Expr| eval(s, &x).is_ok_and(|v| v.meets(&value));
            if !all.iter().any(agrees) {
                return Err(format!("{e} is {value} at {x}, and none of {all:?} on [{lo}, {}]", lo + width));
            }
        }
        Ok(true)
    }

    #[test]
    fn the_operand_that_is_taken_is_looked_at() {
        let at = |text: &str, lo: f64, width: f64| {
            let e = actaudit_expr::parse_expr(text).expect("parses");
            assert_eq!(one_agrees(&e, lo, width), Ok(true), "{text}");
            let x = Interval { lo: Float::with_val(80, lo), hi: Float::with_val(80, lo + width) };
            let all = selections(&e, &x).expect("a few");
            all.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(at("min(x - 10, sin(x))", 0.0, 1.0), ["x - 10"]);
        assert_eq!(at("min(sin(x), x - 10)", 0.0, 1.0), ["x - 10"]);
        assert_eq!(at("max(x - 10, sin(x))", 0.0, 1.0), ["sin(x)"]);
        assert_eq!(at("max(sin(x), x - 10)", 0.0, 1.0), ["sin(x)"]);
        assert_eq!(at("abs(x - 10)", 0.0, 1.0), ["-(x - 10)"]);
        assert_eq!(at("abs(x - 10)", 11.0, 1.0), ["x - 10"]);
        assert_eq!(at("min(x, 1/2)", 0.0, 1.0).len(), 2);
        assert_eq!(at("max(min(x, 3) - 5, abs(x - 9))", 0.0, 1.0), ["-(x - 9)"]);
    }

    proptest! {
        #[test]
        fn some_selection_agrees_everywhere(
            [a, b, c] in [parsed_shape(false), parsed_shape(false), parsed_shape(false)],
            lo in -4.0..4.0f64,
            width in 0.001..2.0f64,
        ) {
            let pair = Expr::new(Node::Min(a, Expr::new(Node::Max(b, Expr::call(Func::Abs, c)))));
            one_agrees(&pair, lo, width).map_err(TestCaseError::fail)?;
        }
    }
}
