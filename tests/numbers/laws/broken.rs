//! A number system with one operation that rounds inward by one ulp: the laws must catch it.

use super::law::System;
use actaudit::expr::{Func, Named};
use actaudit::internal::operations::{Op, Operation};
use actaudit::internal::{Enclosure, F64I, Real};
use rug::{Float, Rational};

/// Which end of which operation is moved.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub op: Op,
    pub upper: bool,
}

/// [`F64I`] with a fault. The ends are held apart, so that a faulty point may have them out of order.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    fault: Fault,
    lo: f64,
    hi: f64,
    total: bool,
}

impl Broken {
    fn of(fault: Fault, x: F64I) -> Self {
        Self { fault, lo: x.lo(), hi: x.hi(), total: x.total() }
    }

    fn sound(&self) -> F64I {
        F64I::new(&(), &self.lo, &self.hi)
    }

    fn done(&self, op: Op, y: F64I) -> Self {
        let mut out = Self::of(self.fault, y);
        if op == self.fault.op {
            if self.fault.upper {
                out.hi = out.hi.next_down();
            } else {
                out.lo = out.lo.next_up();
            }
        }
        out
    }

    fn two(&self, op: Op, rhs: &Self, f: impl Fn(&F64I, &F64I) -> F64I) -> Self {
        self.done(op, f(&self.sound(), &rhs.sound()))
    }
}

impl Real for Broken {
    type Context = Fault;

    fn context(&self) -> Fault {
        self.fault
    }
    fn rational(cx: &Fault, value: &Rational) -> Self {
        Self::of(*cx, F64I::rational(&(), value))
    }
    fn named(cx: &Fault, name: Named) -> Self {
        Self::of(*cx, F64I::named(&(), name))
    }
    fn neg(&self) -> Self {
        self.done(Op::Neg, self.sound().neg())
    }
    fn add(&self, rhs: &Self) -> Self {
        self.two(Op::Add, rhs, F64I::add)
    }
    fn sub(&self, rhs: &Self) -> Self {
        self.two(Op::Sub, rhs, F64I::sub)
    }
    fn mul(&self, rhs: &Self) -> Self {
        self.two(Op::Mul, rhs, F64I::mul)
    }
    fn div(&self, rhs: &Self) -> Self {
        self.two(Op::Div, rhs, F64I::div)
    }
    fn sqr(&self) -> Self {
        self.done(Op::Sqr, self.sound().sqr())
    }
    fn pow(&self, exponent: &Rational) -> Self {
        let part = |text: String| text.parse().expect("the table's exponents are small");
        let op = Op::Pow(part(exponent.numer().to_string()), exponent.denom().to_u32().expect("small"));
        self.done(op, self.sound().pow(exponent))
    }
    fn call(&self, f: Func) -> Self {
        self.done(Op::Call(f), self.sound().call(f))
    }
    fn min(&self, rhs: &Self) -> Self {
        self.two(Op::Min, rhs, F64I::min)
    }
    fn max(&self, rhs: &Self) -> Self {
        self.two(Op::Max, rhs, F64I::max)
    }
    fn choose(a: &Self, b: &Self, left: &Self, right: &Self) -> Self {
        Self::of(a.fault, F64I::choose(&a.sound(), &b.sound(), &left.sound(), &right.sound()))
    }
}

impl Enclosure for Broken {
    type End = f64;

    fn new(cx: &Fault, lo: &f64, hi: &f64) -> Self {
        Self::of(*cx, F64I::new(&(), lo, hi))
    }
    fn lo(&self) -> f64 {
        self.lo
    }
    fn hi(&self) -> f64 {
        self.hi
    }
    fn total(&self) -> bool {
        self.total
    }
    fn split_point(&self) -> Option<f64> {
        self.sound().split_point()
    }
    fn intersect(&self, rhs: &Self) -> Option<Self> {
        self.sound().intersect(&rhs.sound()).map(|x| Self::of(self.fault, x))
    }
    fn hull(&self, rhs: &Self) -> Self {
        Self::of(self.fault, self.sound().hull(&rhs.sound()))
    }
    fn end_to_float(end: &f64) -> Float {
        F64I::end_to_float(end)
    }
    fn end_from_float(_: &Fault, value: &Float, up: bool) -> f64 {
        F64I::end_from_float(&(), value, up)
    }
}

impl System for Broken {
    fn next(end: &f64, up: bool) -> f64 {
        F64I::next(end, up)
    }
    fn stated_steps(row: &Operation) -> u32 {
        F64I::stated_steps(row)
    }
}
