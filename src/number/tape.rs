//! Compilation: a tree for people, a flat tape with shared subexpressions for speed.

use super::Real;
use crate::expr::{Expr, Func, Named, Node};
use rug::Rational;
use std::collections::HashMap;

/// One instruction; operands are the indices of earlier instructions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Op {
    Const(Rational),
    Named(Named),
    Var,
    Neg(usize),
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
    Div(usize, usize),
    Sqr(usize),
    Pow(usize, Rational),
    Call(Func, usize),
    Min(usize, usize),
    Max(usize, usize),
}

/// Why an expression has no tape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// A parameter was left without a value.
    #[error("the parameter `{0}` has no value")]
    Unbound(String),
    /// An exponent is not a rational number.
    #[error("the exponent `{0}` is not a rational number")]
    Exponent(String),
}

/// A parameter-free expression as straight-line code; equal subexpressions are computed once.
#[derive(Clone, Debug)]
pub struct Tape {
    ops: Vec<Op>,
}

impl Tape {
    /// Compiles an expression whose parameters all have values.
    ///
    /// # Errors
    /// If a parameter is left, or an exponent is not a rational number.
    pub fn compile(expr: &Expr) -> Result<Self, TapeError> {
        let mut builder = Builder { ops: Vec::new(), index: HashMap::new(), done: HashMap::new() };
        builder.visit(expr)?;
        Ok(Self { ops: builder.ops })
    }

    /// Makes the constants of a number system once, for many evaluations.
    pub fn bind<T: Real>(&self, cx: &T::Context) -> Program<'_, T> {
        let constants = self
            .ops
            .iter()
            .map(|op| match op {
                Op::Const(q) => Some(T::rational(cx, q)),
                Op::Named(n) => Some(T::named(cx, *n)),
                _ => None,
            })
            .collect();
        Program { tape: self, constants }
    }

    /// Evaluates once. Prefer [`Tape::bind`] for many evaluations.
    pub fn eval<T: Real>(&self, x: &T) -> T {
        self.bind(&x.context()).eval(x)
    }
}

/// A tape with the constants of one number system.
#[derive(Clone, Debug)]
pub struct Program<'a, T> {
    tape: &'a Tape,
    constants: Vec<Option<T>>,
}

impl<T: Real> Program<'_, T> {
    /// The value at `x`.
    pub fn eval(&self, x: &T) -> T {
        let mut r: Vec<T> = Vec::with_capacity(self.tape.ops.len());
        for (op, constant) in self.tape.ops.iter().zip(&self.constants) {
            let v = match op {
                Op::Const(_) | Op::Named(_) => constant.clone().unwrap_or_else(|| unreachable!("bound with the tape")),
                Op::Var => x.clone(),
                Op::Neg(a) => r[*a].neg(),
                Op::Add(a, b) => r[*a].add(&r[*b]),
                Op::Sub(a, b) => r[*a].sub(&r[*b]),
                Op::Mul(a, b) => r[*a].mul(&r[*b]),
                Op::Div(a, b) => r[*a].div(&r[*b]),
                Op::Sqr(a) => r[*a].sqr(),
                Op::Pow(a, q) => r[*a].pow(q),
                Op::Call(f, a) => r[*a].call(*f),
                Op::Min(a, b) => r[*a].min(&r[*b]),
                Op::Max(a, b) => r[*a].max(&r[*b]),
            };
            r.push(v);
        }
        r.pop().unwrap_or_else(|| unreachable!("a tape has at least one instruction"))
    }
}

struct Builder {
    ops: Vec<Op>,
    index: HashMap<Op, usize>,
    done: HashMap<Expr, usize>,
}

impl Builder {
    fn emit(&mut self, op: Op) -> usize {
        if let Some(&i) = self.index.get(&op) {
            return i;
        }
        self.ops.push(op.clone());
        self.index.insert(op, self.ops.len() - 1);
        self.ops.len() - 1
    }

    fn visit(&mut self, expr: &Expr) -> Result<usize, TapeError> {
        if let Some(&i) = self.done.get(expr) {
            return Ok(i);
        }
        let op = match expr.node() {
            Node::Const(c) => Op::Const(c.value.clone()),
            Node::Named(n) => Op::Named(*n),
            Node::Var => Op::Var,
            Node::Param(name) => return Err(TapeError::Unbound(name.to_string())),
            Node::Neg(a) => Op::Neg(self.visit(a)?),
            Node::Add(a, b) => Op::Add(self.visit(a)?, self.visit(b)?),
            Node::Sub(a, b) => Op::Sub(self.visit(a)?, self.visit(b)?),
            Node::Mul(a, b) => match (self.visit(a)?, self.visit(b)?) {
                (a, b) if a == b => Op::Sqr(a),
                (a, b) => Op::Mul(a, b),
            },
            Node::Div(a, b) => Op::Div(self.visit(a)?, self.visit(b)?),
            Node::Pow(a, b) => {
                let q = b.exact_rational().ok_or_else(|| TapeError::Exponent(format!("{b}")))?;
                match self.visit(a)? {
                    a if q == 2 => Op::Sqr(a),
                    a => Op::Pow(a, q),
                }
            }
            Node::Call(f, a) => Op::Call(*f, self.visit(a)?),
            Node::Min(a, b) => Op::Min(self.visit(a)?, self.visit(b)?),
            Node::Max(a, b) => Op::Max(self.visit(a)?, self.visit(b)?),
        };
        let i = self.emit(op);
        self.done.insert(expr.clone(), i);
        Ok(i)
    }
}
