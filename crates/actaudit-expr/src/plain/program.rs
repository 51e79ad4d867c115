//! An expression as a list of steps, in which what occurs several times is evaluated once: derivatives repeat themselves.

use super::{Interval, shortened};
use crate::{Expr, Func, Node};
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

/// A parameter-free expression, ready to be evaluated over many intervals.
#[derive(Clone, Debug)]
pub struct Program {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    expr: Expr,
    /// the steps of its operands
    operands: [usize; 2],
}

/// Equal keys, equal values: the node without its operands, and their steps.
type Key = (Discriminant<Node>, Option<Func>, Option<Expr>, [usize; 2]);

impl Program {
    /// The steps in the order of evaluation.
    #[must_use]
    pub fn new(e: &Expr) -> Self {
        let mut steps = vec![];
        compile(e, &mut steps, &mut HashMap::new());
        Self { steps }
    }

    /// Encloses all values for `x` in an interval.
    ///
    /// # Errors
    /// The operation that has no value for some member of its operands, in words.
    pub fn eval(&self, x: &Interval) -> Result<Interval, String> {
        self.run(x).map_err(|gap| gap.reason)
    }

    /// The operation that has no value for any member of its operands, in words; `None` if none is certain to have none.
    #[must_use]
    pub fn undefined_at(&self, x: &Interval) -> Option<String> {
        self.run(x).err().filter(|gap| gap.certain).map(|gap| gap.reason)
    }

    fn run(&self, x: &Interval) -> Result<Interval, Gap> {
        let mut values: Vec<Interval> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            values.push(step.eval(x, &values)?);
        }
        values.pop().ok_or_else(|| "an expression without a value".to_owned().into())
    }
}

/// Why there is no value.
struct Gap {
    reason: String,
    /// whether no member of the operands has one
    certain: bool,
}

impl From<String> for Gap {
    fn from(reason: String) -> Self {
        Self { reason, certain: false }
    }
}

fn compile(e: &Expr, steps: &mut Vec<Step>, known: &mut HashMap<Key, usize>) -> usize {
    let mut go = |e: &Expr| compile(e, steps, known);
    let (function, leaf, operands) = match e.node() {
        Node::Const(_) | Node::Named(_) | Node::Var | Node::Param(_) => (None, Some(e.clone()), [0; 2]),
        Node::Neg(a) => (None, None, [go(a), 0]),
        Node::Call(f, a) => (Some(*f), None, [go(a), 0]),
        // the exponent is a number, not an operand
        Node::Pow(a, q) => (None, Some(q.clone()), [go(a), 0]),
        Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::Min(a, b) | Node::Max(a, b) => {
            (None, None, [go(a), go(b)])
        }
        Node::Div(a, b) => {
            // a divisor that may be zero is what an error should name
            let b = go(b);
            (None, None, [go(a), b])
        }
    };
    *known.entry((discriminant(e.node()), function, leaf, operands)).or_insert_with(|| {
        steps.push(Step { expr: e.clone(), operands });
        steps.len() - 1
    })
}

impl Step {
    fn eval(&self, x: &Interval, values: &[Interval]) -> Result<Interval, Gap> {
        let prec = x.prec();
        let [i, j] = self.operands;
        let undefined = |u: &Interval, certain: bool| {
            let (word, e) = (if certain { "is" } else { "may be" }, shortened(&self.expr));
            Gap { reason: format!("`{e}` {word} undefined, its operand lies in {u}"), certain }
        };
        let value = match self.expr.node() {
            Node::Const(c) => Interval::rational(prec, &c.value),
            Node::Named(n) => Interval::named(prec, *n),
            Node::Var => x.clone(),
            Node::Param(name) => return Err(format!("the parameter `{name}` has no value").into()),
            Node::Neg(_) => values[i].neg(),
            Node::Add(..) => values[i].add(&values[j]),
            Node::Sub(..) => values[i].sub(&values[j]),
            Node::Mul(..) if i == j => values[i].powi(2).ok_or_else(|| undefined(&values[i], false))?,
            Node::Mul(..) => values[i].mul(&values[j]),
            Node::Div(..) => values[i].div(&values[j]).ok_or_else(|| undefined(&values[j], values[j].is_zero()))?,
            Node::Pow(_, q) => {
                let q = q.exact_rational().ok_or_else(|| format!("the exponent `{q}` is not a rational number"))?;
                let u = &values[i];
                let certain = q < 0 && u.is_zero() || *q.denom() != 1 && u.hi < 0;
                u.pow(&q).ok_or_else(|| undefined(u, certain))?
            }
            Node::Call(f, _) => {
                let u = &values[i];
                let certain = match f {
                    Func::Log => u.hi <= 0,
                    Func::Log1p => u.hi <= -1,
                    Func::Sqrt => u.hi < 0,
                    _ => false,
                };
                u.call(*f).ok_or_else(|| undefined(u, certain))?
            }
            Node::Min(..) => values[i].min(&values[j]),
            Node::Max(..) => values[i].max(&values[j]),
        };
        // not a number: no operation is meant to make one, and if one does the proof ends here
        if value.is_valid() { Ok(value) } else { Err(format!("`{}` has no value", shortened(&self.expr)).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_expr;
    use rug::Float;

    #[test]
    fn what_occurs_twice_is_one_step() {
        let program = Program::new(&parse_expr("exp(x)*sin(exp(x)) + exp(x)^2 + 1/2 + x/(1/2)").expect("parses"));
        let count = |text: &str| program.steps.iter().filter(|s| s.expr.to_string() == text).count();
        assert_eq!((count("exp(x)"), count("x"), count("exp(x)^2")), (1, 1, 1));
    }

    #[test]
    fn powers_of_one_base_are_different_steps() {
        let x = Interval::point(&Float::with_val(80, 3));
        let value = |text: &str| Program::new(&parse_expr(text).expect("parses")).eval(&x).map(|v| v.to_string());
        assert_eq!(value("x^2 + x^3"), value("36"));
        assert_eq!(value("min(x, 1) + max(x, 1) + (x - 1) + (1 - x)"), value("4"));
        assert_eq!(value("sin(x) - cos(x)"), value("-cos(x) + sin(x)"));
        assert_ne!(value("sin(x)"), value("cos(x)"));
    }
}
