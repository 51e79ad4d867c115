//! Two implementations of one thing, written apart, against each other: the plain evaluator and the search's arithmetic,
//! symbolic derivatives and jets, the search and the checker.

use actaudit::expr::plain::{Interval, eval};
use actaudit::expr::testing::{parsed_shape, value_at};
use actaudit::expr::{Expr, Func};
use actaudit::internal::{Enclosure, Jet, MpI, Real, Tape};
use proptest::prelude::*;
use rug::{Float, Rational};

fn meets(plain: &Interval, search: &MpI) -> bool {
    plain.lo <= search.hi() && search.lo() <= plain.hi
}

/// The symbolic derivatives against the jets, which know nothing of symbols.
fn check_against_jet(e: &Expr) {
    let mut derivatives = vec![e.clone()];
    for k in 0..2 {
        derivatives.push(derivatives[k].derivative());
    }
    for x in [(-5, 3), (-2, 7), (4, 9), (13, 8)] {
        let x = Rational::from(x);
        let jet = Tape::compile(e).expect("no parameters").eval(&Jet::variable(MpI::rational(&200, &x), 2));
        if !jet.c[0].total() {
            continue;
        }
        for (k, d) in derivatives.iter().enumerate() {
            let expected = jet.derivative(k);
            if let (Some(value), true) = (value_at(d, &x), expected.total()) {
                assert!(meets(&value, &expected), "order {k} of {e} at {x}: {value} not {expected:?}");
            }
        }
    }
}

/// Whether the plain enclosure of a function meets the search's, and is about as narrow.
fn check_function(f: Func, x: f64) {
    let plain = Interval::point(&Float::with_val(120, x)).call(f);
    let search = MpI::from_float(200, &Float::with_val(53, x)).call(f);
    let Some(plain) = plain else {
        assert!(!search.total(), "{} at {x}", f.name());
        return;
    };
    assert!(plain.is_valid() && meets(&plain, &search), "{} at {x}: {plain}", f.name());
    let width = Float::with_val(120, &plain.hi - &plain.lo) / (plain.abs().hi + Float::with_val(120, 1e-300));
    assert!(width < 1e-20 || !plain.is_bounded() || plain.abs().hi < 1e-300, "{} at {x}: {plain}", f.name());
}

proptest! {
    #[test]
    fn derivatives_agree_with_jets(e in parsed_shape(false)) {
        check_against_jet(&e);
    }

    #[test]
    fn functions_agree(x in prop_oneof![-3.0..3.0f64, -40.0..40.0f64, -1e9..1e9f64], i in 0..Func::ALL.len()) {
        check_function(Func::ALL[i], x);
    }

    #[test]
    fn values_agree(e in parsed_shape(false), x in prop_oneof![-3.0..3.0f64, -40.0..40.0f64]) {
        let point = Float::with_val(53, x);
        let search = Tape::compile(&e).expect("no parameters").eval(&MpI::from_float(200, &point));
        if let (Ok(plain), true) = (eval(&e, &Interval::point(&Float::with_val(200, x))), search.total()) {
            prop_assert!(meets(&plain, &search), "{e} at {x}: {plain} and {search:?}");
        }
    }
}
