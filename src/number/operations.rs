//! Every operation of a number system, in one table: it drives the laws, the tests and the benches.

use super::Real;
use crate::expr::Func;
use rug::{Float, Rational};

/// An operation of [`Real`] that takes and gives numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// `-a`
    Neg,
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a^2`
    Sqr,
    /// `a^(n/d)`
    Pow(i32, u32),
    /// a unary function
    Call(Func),
    /// the smaller of two
    Min,
    /// the larger of two
    Max,
}

impl Op {
    /// The number of operands.
    pub const fn arity(self) -> usize {
        match self {
            Self::Neg | Self::Sqr | Self::Pow(..) | Self::Call(_) => 1,
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Min | Self::Max => 2,
        }
    }

    /// The least closed interval that holds all values, its ends rounded outward to floats; no result exceeds it.
    pub const fn range(self) -> (f64, f64) {
        const INF: f64 = f64::INFINITY;
        const QUARTER_TURN: f64 = std::f64::consts::FRAC_PI_2.next_up();
        match self {
            Self::Sqr => (0.0, INF),
            Self::Pow(n, d) if n % 2 == 0 || d > 1 => (0.0, INF),
            Self::Neg | Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Pow(..) | Self::Min | Self::Max => {
                (-INF, INF)
            }
            Self::Call(f) => match f {
                Func::Exp | Func::Sqrt | Func::Softplus | Func::Abs => (0.0, INF),
                Func::Expm1 => (-1.0, INF),
                Func::Log | Func::Log1p | Func::Sinh => (-INF, INF),
                Func::Erf | Func::Tanh | Func::Sin | Func::Cos => (-1.0, 1.0),
                Func::Erfc => (0.0, 2.0),
                Func::Cosh => (1.0, INF),
                Func::Atan => (-QUARTER_TURN, QUARTER_TURN),
                Func::Sigmoid | Func::NormCdf => (0.0, 1.0),
                Func::NormPdf => (0.0, 0.4),
            },
        }
    }

    /// Whether it is evaluated in several rounded steps: the bounds are then not always the nearest ones, and those of a
    /// part of an operand may stick out of those of the whole by one float.
    pub const fn is_composite(self) -> bool {
        match self {
            Self::Call(f) => matches!(f, Func::Sigmoid | Func::Softplus | Func::NormCdf | Func::NormPdf),
            Self::Pow(_, d) => d > 2,
            _ => false,
        }
    }

    /// The operation on operands of any number system; there must be [`Op::arity`] of them.
    pub fn apply<T: Real>(self, operands: &[T]) -> T {
        let (a, b) = (&operands[0], &operands[operands.len() - 1]);
        match self {
            Self::Neg => a.neg(),
            Self::Add => a.add(b),
            Self::Sub => a.sub(b),
            Self::Mul => a.mul(b),
            Self::Div => a.div(b),
            Self::Sqr => a.sqr(),
            Self::Pow(n, d) => a.pow(&Rational::from((n, d))),
            Self::Call(f) => a.call(f),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
        }
    }
}

/// Where an operation is defined, said of its last operand; the first one of two may be anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Domain {
    /// everywhere
    Reals,
    /// x != 0
    Nonzero,
    /// x >= 0
    Nonnegative,
    /// x > 0
    Positive,
    /// x > -1
    AboveMinusOne,
}

impl Domain {
    /// Whether every real member of [lo, hi] belongs to the domain; an infinite end is no member.
    pub fn holds(self, lo: &Float, hi: &Float) -> bool {
        match self {
            Self::Reals => true,
            Self::Nonzero => *lo > 0 || *hi < 0,
            Self::Nonnegative => *lo >= 0,
            Self::Positive => *lo > 0,
            Self::AboveMinusOne => *lo > -1,
        }
    }

    /// Whether some member of [lo, hi] belongs to the domain.
    pub fn meets(self, lo: &Float, hi: &Float) -> bool {
        match self {
            Self::Reals => true,
            Self::Nonzero => *lo != 0 || *hi != 0,
            Self::Nonnegative => *hi >= 0,
            Self::Positive => *hi > 0,
            Self::AboveMinusOne => *hi > -1,
        }
    }

    /// A point of the domain made of any float: a sampler of floats becomes one of the domain.
    pub fn bring(self, x: f64) -> f64 {
        match self {
            Self::Reals => x,
            Self::Nonzero | Self::Positive if x == 0.0 => 1.0,
            Self::Nonzero => x,
            Self::Nonnegative | Self::Positive => x.abs(),
            Self::AboveMinusOne if x > -1.0 => x,
            // the reciprocal of a large number may underflow to zero, which is inside
            Self::AboveMinusOne if x < -1.0 => 1.0 / x,
            Self::AboveMinusOne => -0.5,
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// unique, for messages and benches
    pub name: &'static str,
    /// what is done
    pub op: Op,
    /// where it is defined
    pub domain: Domain,
    /// how many floats apart the ends of an f64 interval are at most, if the operands are points
    pub f64_steps: u32,
    /// the same for an MPFR interval
    pub mpfr_steps: u32,
}

const fn row(name: &'static str, op: Op, domain: Domain, f64_steps: u32, mpfr_steps: u32) -> Operation {
    Operation { name, op, domain, f64_steps, mpfr_steps }
}

const fn call(f: Func, domain: Domain, f64_steps: u32, mpfr_steps: u32) -> Operation {
    row(f.name(), Op::Call(f), domain, f64_steps, mpfr_steps)
}

/// The table. Steps: 0 exact, 1 rounded in each direction, 2 the neighbours of a correctly rounded value, more for
/// composites.
pub const TABLE: &[Operation] = {
    use Domain::{AboveMinusOne, Nonnegative, Nonzero, Positive, Reals};
    &[
        row("neg", Op::Neg, Reals, 0, 0),
        row("add", Op::Add, Reals, 1, 1),
        row("sub", Op::Sub, Reals, 1, 1),
        row("mul", Op::Mul, Reals, 1, 1),
        row("div", Op::Div, Nonzero, 1, 1),
        row("sqr", Op::Sqr, Reals, 1, 1),
        row("min", Op::Min, Reals, 0, 0),
        row("max", Op::Max, Reals, 0, 0),
        row("pow 0", Op::Pow(0, 1), Reals, 0, 0),
        row("pow 1", Op::Pow(1, 1), Reals, 0, 0),
        row("pow 3", Op::Pow(3, 1), Reals, 3, 1),
        row("pow 4", Op::Pow(4, 1), Reals, 2, 1),
        row("pow 9", Op::Pow(9, 1), Reals, 2, 1),
        row("pow -1", Op::Pow(-1, 1), Nonzero, 1, 1),
        row("pow -2", Op::Pow(-2, 1), Nonzero, 2, 1),
        row("pow -3", Op::Pow(-3, 1), Nonzero, 2, 1),
        row("pow 1/2", Op::Pow(1, 2), Nonnegative, 1, 1),
        row("pow 3/2", Op::Pow(3, 2), Nonnegative, 2, 2),
        row("pow -1/2", Op::Pow(-1, 2), Positive, 2, 2),
        row("pow 2/3", Op::Pow(2, 3), Nonnegative, 2, 2),
        row("pow -5/3", Op::Pow(-5, 3), Positive, 2, 2),
        call(Func::Exp, Reals, 2, 1),
        call(Func::Expm1, Reals, 2, 1),
        call(Func::Log, Positive, 2, 1),
        call(Func::Log1p, AboveMinusOne, 2, 1),
        call(Func::Sqrt, Nonnegative, 1, 1),
        call(Func::Erf, Reals, 2, 1),
        call(Func::Erfc, Reals, 2, 1),
        call(Func::Tanh, Reals, 2, 1),
        call(Func::Sinh, Reals, 2, 1),
        call(Func::Cosh, Reals, 2, 1),
        call(Func::Atan, Reals, 2, 1),
        call(Func::Sin, Reals, 2, 1),
        call(Func::Cos, Reals, 2, 1),
        call(Func::Sigmoid, Reals, 8, 2),
        call(Func::Softplus, Reals, 7, 2),
        call(Func::NormCdf, Reals, 7, 2),
        call(Func::NormPdf, Reals, 5, 2),
        call(Func::Abs, Reals, 0, 0),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, Node};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn every_function_has_a_row() {
        for f in Func::ALL {
            assert!(TABLE.iter().any(|row| row.op == Op::Call(f)), "{f:?} is missing in the table");
        }
    }

    /// The match has no wildcard: a new kind of node does not compile until it is said which row it needs.
    #[test]
    fn every_node_has_a_row() {
        let x = Expr::var;
        let nodes = [
            Node::Neg(x()),
            Node::Add(x(), x()),
            Node::Sub(x(), x()),
            Node::Mul(x(), x()),
            Node::Div(x(), x()),
            Node::Pow(x(), Expr::int(2)),
            Node::Min(x(), x()),
            Node::Max(x(), x()),
        ];
        for node in nodes {
            let needed: fn(Op) -> bool = match node {
                Node::Const(_) | Node::Named(_) | Node::Var | Node::Param(_) | Node::Call(..) => |_| true,
                Node::Neg(_) => |op| op == Op::Neg,
                Node::Add(..) => |op| op == Op::Add,
                Node::Sub(..) => |op| op == Op::Sub,
                Node::Mul(..) => |op| op == Op::Mul,
                Node::Div(..) => |op| op == Op::Div,
                Node::Pow(..) => |op| matches!(op, Op::Pow(..)),
                Node::Min(..) => |op| op == Op::Min,
                Node::Max(..) => |op| op == Op::Max,
            };
            assert!(TABLE.iter().any(|row| needed(row.op)), "{node:?} is missing in the table");
        }
    }
}
