//! Random expressions and exact comparison of values, for tests.

use super::ast::{Constant, Expr, FloatFormat, Node};
use super::func::{Func, Named};
use super::plain::{Interval, eval};
use proptest::prelude::*;
use rug::Rational;

fn leaf(with_params: bool) -> BoxedStrategy<Expr> {
    let number = prop_oneof![
        4 => (-9i64..=9).prop_map(Rational::from),
        2 => ((-99i64..=99), (1i64..=99)).prop_map(Rational::from),
        1 => (any::<i64>(), 0u32..12).prop_map(|(n, k)| Rational::from((n, 10i64.pow(k)))),
    ];
    let float = (prop::sample::select(&FloatFormat::ALL[..]), -2000i64..2000).prop_filter_map("finite", |(f, n)| {
        let value = f.nearest(&Rational::from((n, 977)))?;
        Some(Expr::new(Node::Const(Constant { value, float: Some(f) })))
    });
    let names = if with_params { vec!["alpha", "N", "a_1"] } else { vec![] };
    let param = match names.as_slice() {
        [] => Just(Expr::var()).boxed(),
        _ => prop::sample::select(names).prop_map(Expr::param).boxed(),
    };
    prop_oneof![
        3 => number.prop_map(Expr::rational),
        1 => float,
        1 => prop::sample::select(&Named::ALL[..]).prop_map(|n| Expr::new(Node::Named(n))),
        4 => Just(Expr::var()),
        2 => param,
    ]
    .boxed()
}

/// Expressions of the shape that the parser makes.
pub fn parsed_shape(with_params: bool) -> BoxedStrategy<Expr> {
    let plain = |e: &Expr| matches!(e.node(), Node::Const(Constant { float: None, .. }));
    let exponent = prop_oneof![
        4 => (-6i64..=6).prop_map(Expr::int),
        1 => ((-5i64..=5), (2i64..=3)).prop_map(|q| Expr::rational(Rational::from(q))),
    ];
    leaf(with_params)
        .prop_recursive(6, 40, 2, move |inner| {
            let two = || (inner.clone(), inner.clone());
            let not_zero = |e: &Expr| e.simplified().as_rational().is_none_or(|q| *q != 0);
            prop_oneof![
                two().prop_map(|(a, b)| a + b),
                two().prop_map(|(a, b)| a - b),
                two().prop_map(|(a, b)| a * b),
                two()
                    .prop_filter("no constant quotient, no zero divisor", move |(a, b)| {
                        !(plain(a) && plain(b)) && not_zero(b)
                    })
                    .prop_map(|(a, b)| a / b),
                (inner.clone(), exponent.clone())
                    .prop_filter("no power of zero", move |(a, _)| not_zero(a))
                    .prop_map(|(a, q)| a.pow(q)),
                inner.clone().prop_filter("a minus before a number is part of it", move |a| !plain(a)).prop_map(|a| -a),
                (prop::sample::select(&Func::ALL[..]), inner.clone()).prop_map(|(f, a)| Expr::call(f, a)),
                two().prop_map(|(a, b)| Expr::new(Node::Min(a, b))),
                two().prop_map(|(a, b)| Expr::new(Node::Max(a, b))),
            ]
        })
        .boxed()
}

/// The value at a rational point as an interval of 200 bits, if it is defined there for certain and not too large.
pub fn value_at(e: &Expr, x: &Rational) -> Option<Interval> {
    eval(e, &Interval::rational(200, x)).ok().filter(Interval::is_bounded)
}
