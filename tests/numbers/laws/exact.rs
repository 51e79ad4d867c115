//! Where the exact value is a rational that can be had, the intervals hold it, and are that point if it is a float. And
//! the correct rounding of core-math, on which the f64 intervals rest, against MPFR.

use super::cases::{float, stream};
use super::law::{System, ends, interval};
use super::truth::truth;
use actaudit::expr::Func;
use actaudit::internal::operations::{Op, Operation, TABLE};
use actaudit::internal::{ExactQ, F64I, MpI};
use proptest::prelude::*;
use rug::{Float, Rational};

fn check<T: System>(cx: &T::Context, fits: impl Fn(&Rational) -> bool, row: &Operation, at: &[f64], exact: &Rational) {
    let operands: Vec<T> = at.iter().map(|&x| interval(cx, (x, x))).collect();
    let y = row.op.apply(&operands);
    let (lo, hi) = ends(&y);
    assert!(lo <= *exact && *exact <= hi, "{} at {at:?}: {exact} is not in [{lo}, {hi}]", row.name);
    // a fractional power of a perfect power is one of the neighbours of a rounded value
    if fits(exact) && !matches!(row.op, Op::Pow(_, 2..)) {
        assert!(lo == hi, "{} at {at:?}: {exact} is a float, but the result is [{lo}, {hi}]", row.name);
    }
}

#[test]
fn intervals_hold_the_exact_value_and_are_it_where_they_can() {
    // few bits, so that results often fit; and any float
    let simple = || (-64i32..=64, -6i32..6).prop_map(|(n, e)| f64::from(n) * f64::from(e).exp2());
    let mut compared = 0;
    for row in TABLE {
        let operand = prop_oneof![3 => simple(), 1 => float(), 1 => Just(0.0), 1 => Just(1.0)];
        for at in stream(prop::collection::vec(operand, row.op.arity())).take(400) {
            let operands: Vec<ExactQ> = at.iter().filter_map(|&x| Rational::from_f64(x)).map(ExactQ::new).collect();
            let result = row.op.apply(&operands);
            let Some(exact) = result.value() else { continue };
            compared += 1;
            check::<F64I>(&(), |q| *q == q.to_f64(), row, &at, exact);
            for bits in [53, 200] {
                check::<MpI>(&bits, |q| Float::with_val(bits, q) == *q, row, &at, exact);
            }
        }
    }
    assert!(compared > 5000, "only {compared} results were rational");
}

/// Halfway between neighbours, exactly. The float after the largest one would be 2^1024, where rounding to infinity
/// starts from the midpoint; beyond infinity there is no bound.
fn midpoint(a: f64, b: f64) -> Float {
    let value = |x: f64| match x.is_finite() {
        true => Float::with_val(60, x),
        false => Float::with_val(60, Float::i_exp(1, 1024)) * x.signum(),
    };
    if a == b { Float::with_val(60, a) } else { (value(a) + value(b)) / 2u32 }
}

/// Every function on which `F64I` rests rounds to nearest: the real value lies between the midpoints around it.
#[test]
fn core_math_rounds_correctly() {
    type Function = fn(f64) -> f64;
    let functions: [(Func, Function); 13] = [
        (Func::Exp, core_math::exp),
        (Func::Expm1, core_math::expm1),
        (Func::Log, core_math::log),
        (Func::Log1p, core_math::log1p),
        (Func::Erf, core_math::erf),
        (Func::Erfc, core_math::erfc),
        (Func::Tanh, core_math::tanh),
        (Func::Sinh, core_math::sinh),
        (Func::Cosh, core_math::cosh),
        (Func::Atan, core_math::atan),
        (Func::Sin, core_math::sin),
        (Func::Cos, core_math::cos),
        (Func::Sqrt, |x| core_math::pow(x, 0.5)),
    ];
    for (f, computed) in functions {
        let row = TABLE.iter().find(|row| row.op == Op::Call(f)).expect("every function has a row");
        // around multiples of pi/2, at the thresholds of overflow and underflow, in the tail of erfc
        let hard = (1..400).map(|k| f64::from(k) * std::f64::consts::FRAC_PI_2);
        let edges = (0..200).flat_map(|k| {
            let t = f64::from(k) / 128.0;
            [708.0 + t, -744.0 - t, -707.5 - t, 26.0 + t, 19.0 + t, 1e-8 * t, 1.0 + 1e-8 * t, 1.0 - 1e-8 * t]
        });
        for x in stream(float()).take(4000).chain(hard).chain(edges) {
            let x = row.domain.bring(x);
            let y = computed(x);
            let Some(real) = truth(row, &[x]) else { continue };
            let below = midpoint(y.next_down(), y);
            let above = midpoint(y, y.next_up());
            assert!(real.hi >= below && real.lo <= above, "{f:?} of {x:e} is not {y:e}");
        }
    }
}
