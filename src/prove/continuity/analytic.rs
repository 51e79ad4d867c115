//! Whether an expression is analytic on an open interval: every function in it is used where it is analytic.

use super::region::Region;
use crate::expr::{Expr, Func, Node};
use crate::number::exact::Sign;

/// What an operation needs of an operand in order to be analytic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nonzero,
    Positive,
}

/// Resolves absolute values, minima and maxima to the branch that holds on the open interval, and shows that what is left
/// is analytic there, for all parameter values. Otherwise says which operand is not shown to stay where it must.
pub(super) fn resolved(expr: &Expr, region: &Region) -> Result<Expr, String> {
    let visit = |e: &Expr| resolved(e, region);
    Ok(match expr.node() {
        Node::Var | Node::Const(_) | Node::Named(_) | Node::Param(_) => expr.clone(),
        Node::Neg(a) => -visit(a)?,
        Node::Add(a, b) => visit(a)? + visit(b)?,
        Node::Sub(a, b) => visit(a)? - visit(b)?,
        Node::Mul(a, b) => visit(a)? * visit(b)?,
        Node::Div(a, b) => {
            let (a, b) = (visit(a)?, visit(b)?);
            require(&b, region, Need::Nonzero)?;
            a / b
        }
        Node::Pow(a, b) => {
            let a = visit(a)?;
            match b.exact_rational() {
                Some(q) if *q.denom() == 1 && q >= 0 => {}
                Some(q) if *q.denom() == 1 => require(&a, region, Need::Nonzero)?,
                Some(q) if q > 0 => root_of(&a, region)?,
                _ => require(&a, region, Need::Positive)?,
            }
            a.pow(visit(b)?)
        }
        Node::Call(f, a) => {
            let a = visit(a)?;
            match f {
                Func::Abs => return larger(&a, &-a.clone(), region, true),
                Func::Sqrt => root_of(&a, region)?,
                Func::Log => require(&a, region, Need::Positive)?,
                Func::Log1p => require(&(Expr::int(1) + a.clone()), region, Need::Positive)?,
                _ => {}
            }
            Expr::call(*f, a)
        }
        Node::Min(a, b) => larger(&visit(a)?, &visit(b)?, region, false)?,
        Node::Max(a, b) => larger(&visit(a)?, &visit(b)?, region, true)?,
    })
}

/// The one of two that is the larger (or smaller) on the whole interval.
fn larger(a: &Expr, b: &Expr, region: &Region, larger: bool) -> Result<Expr, String> {
    let first = match region.sign(&(a.clone() - b.clone())) {
        Sign::Zero | Sign::Positive | Sign::NonNegative => larger,
        Sign::Negative | Sign::NonPositive => !larger,
        Sign::Unknown => {
            return Err(format!("it is not shown which of `{a}` and `{b}` is larger: split the piece there"));
        }
    };
    Ok(if first { a.clone() } else { b.clone() })
}

/// A root is analytic where what it is of is positive, or one and the same number.
fn root_of(operand: &Expr, region: &Region) -> Result<(), String> {
    let constant = !operand.depends_on_x() && matches!(region.sign(operand), Sign::Zero | Sign::NonNegative);
    if constant { Ok(()) } else { require(operand, region, Need::Positive) }
}

fn require(operand: &Expr, region: &Region, need: Need) -> Result<(), String> {
    match (region.sign(operand), need) {
        (Sign::Positive, _) | (Sign::Negative, Need::Nonzero) => Ok(()),
        (_, Need::Nonzero) => Err(format!("`{operand}` is not shown to have no zero")),
        (_, Need::Positive) => Err(format!("`{operand}` is not shown to be positive")),
    }
}
