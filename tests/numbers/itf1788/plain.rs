//! The checker's own intervals. Undefined is `None` there, in whatever is made of it as well.

use super::system::{Operand, Outcome, System};
use actaudit::expr::plain::Interval;
use actaudit::internal::operations::Op;
use rug::float::{Round, Special};
use rug::{Float, Rational};

/// [`Interval`] at so many bits
pub struct Plain(pub u32);

impl System for Plain {
    type Value = Option<Interval>;

    fn name(&self) -> String {
        format!("plain {}", self.0)
    }

    /// No flag says that an interval is undefined somewhere, and none stands for the empty set.
    fn operand(&self, of: Operand) -> Option<Self::Value> {
        match of {
            Operand::Interval { lo, hi, defined: true } => {
                let end = |x, r| Float::with_val_round(self.0, x, r).0;
                Some(Some(Interval { lo: end(lo, Round::Down), hi: end(hi, Round::Up) }))
            }
            Operand::Interval { defined: false, .. } | Operand::Nothing => None,
        }
    }

    fn apply(&self, op: Op, operands: &[Self::Value]) -> Self::Value {
        let operands: Option<Vec<Interval>> = operands.iter().cloned().collect();
        let operands = operands?;
        let (a, b) = (operands.first()?, operands.last()?);
        match op {
            Op::Neg => Some(a.neg()),
            Op::Add => Some(a.add(b)),
            Op::Sub => Some(a.sub(b)),
            Op::Mul => Some(a.mul(b)),
            Op::Div => a.div(b),
            Op::Sqr => a.powi(2),
            Op::Min => Some(a.min(b)),
            Op::Max => Some(a.max(b)),
            Op::Pow(n, d) => a.pow(&Rational::from((n, d))),
            Op::Call(f) => a.call(f),
        }
    }

    fn outcome(&self, value: &Self::Value) -> Outcome {
        match value {
            Some(x) => Outcome::Interval { lo: x.lo.clone(), hi: x.hi.clone(), total: true },
            None => Outcome::Interval {
                lo: Float::with_val(self.0, Special::NegInfinity),
                hi: Float::with_val(self.0, Special::Infinity),
                total: false,
            },
        }
    }
}
