//! Straight-line code: what all targets spell. Equal operations are one, and arithmetic on constants is done exactly before.

use crate::expr::Func;
use std::collections::HashMap;

/// The place of an operation in its code.
pub(super) type Id = usize;

/// One operation; operands stand before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Op {
    /// the input
    X,
    /// a float, by its bits as f64
    Const(u64),
    Neg(Id),
    Add(Id, Id),
    Sub(Id, Id),
    Mul(Id, Id),
    Div(Id, Id),
    /// the first to the power of the second, a constant
    Pow(Id, Id),
    Call(Func, Id),
    /// a < b, of numbers
    Less(Id, Id),
    /// a <= b, of numbers
    AtMost(Id, Id),
    /// whether it is no number
    IsNan(Id),
    /// the second if the first, a comparison, holds, else the third
    Select(Id, Id, Id),
}

impl Op {
    /// The operands, left to right.
    pub fn operands(self) -> impl Iterator<Item = Id> {
        let of = match self {
            Self::X | Self::Const(_) => [None; 3],
            Self::Neg(a) | Self::Call(_, a) | Self::IsNan(a) => [Some(a), None, None],
            Self::Add(a, b)
            | Self::Sub(a, b)
            | Self::Mul(a, b)
            | Self::Div(a, b)
            | Self::Pow(a, b)
            | Self::Less(a, b)
            | Self::AtMost(a, b) => [Some(a), Some(b), None],
            Self::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        of.into_iter().flatten()
    }
}

/// The code of one function of x.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    ops: Vec<Op>,
    index: HashMap<Op, Id>,
}

impl Code {
    /// Every operation; the last one need not be the result.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    pub fn push(&mut self, op: Op) -> Id {
        if let Some(&id) = self.index.get(&op) {
            return id;
        }
        self.ops.push(op);
        self.index.insert(op, self.ops.len() - 1);
        self.ops.len() - 1
    }

    pub fn x(&mut self) -> Id {
        self.push(Op::X)
    }

    pub fn float(&mut self, value: f64) -> Id {
        self.push(Op::Const(value.to_bits()))
    }

    /// The number, if it is a constant.
    pub fn constant(&self, id: Id) -> Option<f64> {
        match self.ops[id] {
            Op::Const(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    pub fn neg(&mut self, a: Id) -> Id {
        match self.ops[a] {
            Op::Neg(b) => b,
            Op::Const(bits) => self.float(-f64::from_bits(bits)),
            Op::Sub(a, b) => self.push(Op::Sub(b, a)),
            _ => self.push(Op::Neg(a)),
        }
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        match (self.constant(a), self.constant(b)) {
            (Some(0.0), _) => b,
            (_, Some(0.0)) => a,
            (_, Some(c)) if c < 0.0 => {
                let c = self.float(-c);
                self.push(Op::Sub(a, c))
            }
            (Some(_), None) => self.add(b, a),
            _ => match (self.ops[a], self.ops[b]) {
                (_, Op::Neg(b)) => self.push(Op::Sub(a, b)),
                (Op::Neg(a), _) => self.push(Op::Sub(b, a)),
                _ => self.push(Op::Add(a, b)),
            },
        }
    }

    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let b = self.neg(b);
        self.add(a, b)
    }

    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        match (self.constant(a), self.constant(b)) {
            (Some(1.0), _) => b,
            (_, Some(1.0)) => a,
            (Some(-1.0), _) => self.neg(b),
            (_, Some(-1.0)) => self.neg(a),
            (None, Some(_)) => self.push(Op::Mul(b, a)),
            _ => self.push(Op::Mul(a, b)),
        }
    }

    pub fn div(&mut self, a: Id, b: Id) -> Id {
        if self.constant(b) == Some(1.0) { a } else { self.push(Op::Div(a, b)) }
    }

    pub fn call(&mut self, f: Func, a: Id) -> Id {
        self.push(Op::Call(f, a))
    }

    /// A whole power, by squaring.
    pub fn power(&mut self, a: Id, n: u32) -> Id {
        match n {
            0 => self.float(1.0),
            1 => a,
            n => {
                let half = self.power(a, n / 2);
                let square = self.mul(half, half);
                if n % 2 == 0 { square } else { self.mul(square, a) }
            }
        }
    }

    /// `then` where the comparison holds.
    pub fn select(&mut self, test: Id, then: Id, other: Id) -> Id {
        if then == other { then } else { self.push(Op::Select(test, then, other)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_operations_are_one() {
        let mut code = Code::default();
        let x = code.x();
        let two = code.float(2.0);
        let (a, b) = (code.mul(x, two), code.mul(two, x));
        assert_eq!(a, b);
        let minus = code.neg(a);
        assert_eq!(code.neg(minus), a);
        assert_eq!(code.ops().len(), 4);
        let sum = code.add(x, minus);
        assert_eq!(code.ops()[sum], Op::Sub(x, a));
    }
}
