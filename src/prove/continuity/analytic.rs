//! Whether an expression is analytic on an open interval: every function in it is used where it is analytic.

use super::region::Region;
use crate::expr::{Expr, Func, Node};
use crate::number::Real;
use crate::number::exact::{Exact, Sign};
use rug::Rational;

/// What an operation needs of an operand in order to be analytic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nonzero,
    Positive,
}

/// Resolves absolute values, minima and maxima to the branch that holds on the open interval, and shows that what is left
/// is analytic there, for all parameter values. Otherwise says which operand is not shown to stay where it must.
pub(super) fn resolved(expr: &Expr, region: &Region) -> Result<Expr, String> {
    Walk { region }.visit(expr).map(|(e, _)| e)
}

struct Walk<'a> {
    region: &'a Region,
}

impl Walk<'_> {
    /// The resolved expression, and its value as a function of the region's coordinate.
    fn visit(&self, expr: &Expr) -> Result<(Expr, Exact), String> {
        let cx = self.region.assumptions();
        let binary = |a: &Expr, b: &Expr| Ok::<_, String>((self.visit(a)?, self.visit(b)?));
        Ok(match expr.node() {
            Node::Var => (expr.clone(), self.region.x().clone()),
            Node::Const(c) => (expr.clone(), Exact::rational(cx, &c.value)),
            Node::Named(n) => (expr.clone(), Exact::named(cx, *n)),
            Node::Param(name) => (expr.clone(), Exact::symbol(cx, name)),
            Node::Neg(a) => {
                let (a, v) = self.visit(a)?;
                (-a, v.neg())
            }
            Node::Add(a, b) => {
                let ((a, u), (b, v)) = binary(a, b)?;
                (a + b, u.add(&v))
            }
            Node::Sub(a, b) => {
                let ((a, u), (b, v)) = binary(a, b)?;
                (a - b, u.sub(&v))
            }
            Node::Mul(a, b) => {
                let ((a, u), (b, v)) = binary(a, b)?;
                (a * b, u.mul(&v))
            }
            Node::Div(a, b) => {
                let ((a, u), (b, v)) = binary(a, b)?;
                self.require(&b, &v, Need::Nonzero)?;
                (a / b, u.div(&v))
            }
            Node::Pow(a, b) => {
                let (a, u) = self.visit(a)?;
                match b.exact_rational() {
                    Some(q) => {
                        self.require_base(&a, &u, &q)?;
                        (a.pow(b.clone()), u.pow(&q))
                    }
                    None => {
                        self.require(&a, &u, Need::Positive)?;
                        let (b, v) = self.visit(b)?;
                        (a.pow(b), v.mul(&u.call(Func::Log)).call(Func::Exp))
                    }
                }
            }
            Node::Call(f, a) => {
                let (a, u) = self.visit(a)?;
                match f {
                    Func::Abs => return self.larger(&(-a.clone()), &u.neg(), &a, &u, true),
                    Func::Log | Func::Sqrt => self.require(&a, &u, Need::Positive)?,
                    Func::Log1p => {
                        let one = Exact::int(cx, 1);
                        self.require(&(Expr::int(1) + a.clone()), &one.add(&u), Need::Positive)?;
                    }
                    _ => {}
                }
                (Expr::call(*f, a), u.call(*f))
            }
            Node::Min(a, b) | Node::Max(a, b) => {
                let ((a, u), (b, v)) = binary(a, b)?;
                return self.larger(&a, &u, &b, &v, matches!(expr.node(), Node::Max(..)));
            }
        })
    }

    /// `u ^ q` with a rational exponent.
    fn require_base(&self, a: &Expr, u: &Exact, q: &Rational) -> Result<(), String> {
        if *q.denom() != 1 {
            self.require(a, u, Need::Positive)
        } else if *q < 0 {
            self.require(a, u, Need::Nonzero)
        } else {
            Ok(())
        }
    }

    /// The one of two that is the larger (or smaller) on the whole interval.
    fn larger(&self, a: &Expr, u: &Exact, b: &Expr, v: &Exact, larger: bool) -> Result<(Expr, Exact), String> {
        let first = match self.sign(&(a.clone() - b.clone()), &u.sub(v)) {
            Sign::Zero | Sign::Positive | Sign::NonNegative => larger,
            Sign::Negative | Sign::NonPositive => !larger,
            Sign::Unknown => {
                return Err(format!("it is not shown which of `{a}` and `{b}` is larger: split the piece there"));
            }
        };
        Ok(if first { (a.clone(), u.clone()) } else { (b.clone(), v.clone()) })
    }

    fn require(&self, operand: &Expr, value: &Exact, need: Need) -> Result<(), String> {
        match (self.sign(operand, value), need) {
            (Sign::Positive, _) | (Sign::Negative, Need::Nonzero) => Ok(()),
            (_, Need::Nonzero) => Err(format!("`{operand}` is not shown to have no zero")),
            (_, Need::Positive) => Err(format!("`{operand}` is not shown to be positive")),
        }
    }

    fn sign(&self, operand: &Expr, value: &Exact) -> Sign {
        match value.sign() {
            Sign::Unknown | Sign::NonNegative | Sign::NonPositive => match self.region.sign_by_boxes(operand) {
                Sign::Unknown => value.sign(),
                proved => proved,
            },
            proved => proved,
        }
    }
}
