//! A number system that is wrong on purpose, so that it is seen that the runner would see it.

use super::system::{Of, Operand, Outcome, System};
use actaudit::internal::operations::Op;
use rug::Float;

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// the lower end of every result is one float too high
    Low,
    /// the upper end of every result is one float too low
    High,
    /// undefined is forgotten
    AlwaysTotal,
    /// defined is forgotten
    NeverTotal,
}

/// A sound system with a fault in what it says of its results.
pub struct Broken<S> {
    pub sound: S,
    pub fault: Fault,
}

impl<S> Broken<S> {
    fn spoiled(&self, outcome: Outcome) -> Outcome {
        let Outcome::Interval { mut lo, mut hi, mut total } = outcome else {
            return outcome;
        };
        match self.fault {
            Fault::Low => lo.next_up(),
            Fault::High => hi.next_down(),
            Fault::AlwaysTotal => total = true,
            Fault::NeverTotal => total = false,
        }
        Outcome::Interval { lo, hi, total }
    }
}

impl<S: System> System for Broken<S> {
    type Value = S::Value;

    fn name(&self) -> String {
        format!("{:?}", self.fault)
    }
    fn operand(&self, of: Operand) -> Option<S::Value> {
        self.sound.operand(of)
    }
    fn apply(&self, op: Op, operands: &[S::Value]) -> S::Value {
        self.sound.apply(op, operands)
    }
    fn outcome(&self, value: &S::Value) -> Outcome {
        self.spoiled(self.sound.outcome(value))
    }
    fn hull(&self, a: &S::Value, b: &S::Value) -> Option<Outcome> {
        self.sound.hull(a, b).map(|x| self.spoiled(x))
    }
    fn intersection(&self, a: &S::Value, b: &S::Value) -> Option<Outcome> {
        self.sound.intersection(a, b).map(|x| self.spoiled(x))
    }
    fn measure(&self, of: Of, x: &S::Value) -> Option<Float> {
        let mut bound = self.sound.measure(of, x)?;
        match self.fault {
            Fault::Low if !of.is_upper() => bound.next_up(),
            Fault::High if of.is_upper() => bound.next_down(),
            _ => {}
        }
        Some(bound)
    }
}
