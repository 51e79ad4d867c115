//! The derivatives of jets: Taylor's theorem with the remainder over an interval holds the real value.

use super::cases::stream;
use super::truth::truth;
use actaudit::internal::operations::{Operation, TABLE};
use actaudit::internal::{Enclosure, F64I, Jet, MpI, Real};
use proptest::prelude::*;
use rug::Float;

const BITS: u32 = 300;

fn wide(x: f64) -> MpI {
    MpI::from_float(BITS, &Float::with_val(53, x))
}

/// f(b) = sum over k < n of c_k(a) (b - a)^k, and c_n over [a, b] times (b - a)^n: coefficients at the point in MPFR, so
/// that nothing but the remainder is wide. Binary operations run along a line: both operands move together.
fn check(row: &Operation, order: usize, from: f64, to: f64, other: f64) {
    let of = |x: f64| if row.op.arity() == 1 { vec![x] } else { vec![other, x] };
    let Some(real) = truth(row, &of(to)) else { return };
    let h = wide(to).sub(&wide(from));
    let at_point = jet(row, wide(from), wide(other), order);
    let over = jet(row, F64I::new(&(), &from.min(to), &from.max(to)), F64I::new(&(), &other, &other), order);
    let remainder = &over.c[order];
    if !remainder.total() || !at_point.c[order].total() {
        return;
    }
    let last = MpI::from_floats(BITS, &F64I::end_to_float(&remainder.lo()), &F64I::end_to_float(&remainder.hi()));
    let sum = (0..order).rev().fold(last, |sum, k| sum.mul(&h).add(&at_point.c[k]));
    assert!(
        sum.lo() <= real.hi && sum.hi() >= real.lo,
        "{} of {to} from {from} ({other}), order {order}: [{}, {}] misses {}",
        row.name,
        sum.lo().to_f64(),
        sum.hi().to_f64(),
        real.lo.to_f64()
    );
}

fn jet<T: Real>(row: &Operation, x: T, other: T, order: usize) -> Jet<T> {
    let variable = Jet::variable(x, order);
    if row.op.arity() == 1 {
        return row.op.apply(&[variable]);
    }
    let constant = Jet::rational(&variable.context(), &rug::Rational::new());
    let other = Jet { c: std::iter::once(other).chain(constant.c.into_iter().skip(1)).collect() };
    row.op.apply(&[other, variable])
}

#[test]
fn taylor_with_remainder_holds_the_value() {
    let coordinate = || prop_oneof![-3.0..3.0, -30.0..30.0, (-4i32..5).prop_map(f64::from)];
    let width = || prop_oneof![1e-6..1.0, 1.0..8.0];
    for row in TABLE {
        for (from, width, other, order, left) in
            stream((coordinate(), width(), coordinate(), 1..6usize, any::<bool>())).take(250)
        {
            let from = row.domain.bring(from);
            let to = row.domain.bring(if left { from - width } else { from + width });
            // a kink has one-sided slopes only: Taylor holds at first order
            let kink = matches!(row.name, "abs" | "min" | "max");
            check(row, if kink { 1 } else { order }, from, to, other);
        }
    }
}
