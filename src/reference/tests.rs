use super::*;
use crate::testing;
use std::sync::Arc;

#[test]
fn encloses_values_and_derivatives_on_the_right_piece() {
    let srelu = testing::activation("srelu");
    let [f, slope] = [0, 1].map(|k| Reference::new(&srelu, k).expect("compiles"));
    let (f, slope) = (f.evaluator(), slope.evaluator());
    let check = |v: F64I, expected: f64| {
        assert!(
            v.lo() <= expected && expected <= v.hi() && v.hi() - v.lo() <= 1e-14 * expected.abs(),
            "{v:?} {expected}"
        );
    };
    check(f.enclose(-1.0), 0.0);
    check(f.enclose(0.0), 3.0 / 16000.0);
    check(f.enclose(7.0), 7.0);
    check(slope.enclose(0.0), 0.5);
    check(slope.enclose(-0.5), 0.0);
    check(slope.enclose(1.0), 1.0);
    assert_eq!(f.reference().junctions().len(), 2);
    assert!(f.reference().junctions().iter().all(|j| j.kind == Kind::Smooth && j.exactly.is_none()));
}

#[test]
fn kinks_have_subgradients_and_jumps_have_no_derivative() {
    let relu = testing::activation("relu");
    let slope = Reference::new(&relu, 1).expect("compiles");
    let slope = slope.evaluator();
    let kink = slope.junction(0.0).expect("relu has one");
    assert_eq!(kink.kind, Kind::Kink);
    let v = slope.enclose(0.0);
    assert_eq!((v.lo(), v.hi()), (0.0, 1.0));
    assert_eq!(slope.junction(-0.0).expect("the same").kind, Kind::Kink);
}

#[test]
fn limits_come_from_the_tail() {
    let gelu = testing::activation("gelu");
    let check = |order, right, expected: &str| {
        let r = Reference::new(&gelu, order).expect("compiles");
        let text = match r.limit(right).expect("known") {
            Limit::Finite(v) => format!("{}..{}", v.lo().to_f64(), v.hi().to_f64()),
            other => format!("{other:?}"),
        };
        assert_eq!(text, expected);
    };
    check(0, false, "0..0");
    check(0, true, "PlusInfinity");
    check(1, false, "0..0");
    check(1, true, "1..1");
}

#[test]
fn ties_are_decided_far_below_the_last_bit() {
    let gelu = testing::activation("gelu");
    let r = Reference::new(&gelu, 0).expect("compiles");
    let r = r.evaluator();
    // gelu(x) = x/2 + x^2/sqrt(2 pi) + ...: above the half-way point by 1e-648
    let x = 5e-324;
    let half = Float::with_val(53, x) / 2u32;
    let v = r.refine(x, |v| v.lo() > half || v.hi() < half);
    assert!(v.lo() > half);
    assert_eq!(r.escalations(), 1);
    assert_eq!(r.text(1.0, 20), "8.4134474606854294859e-1");
}

#[test]
fn a_rational_value_is_exact_where_its_terms_are_not() {
    let definition = crate::expr::Definition::from_expr("(x + 1/3)^2 * 9 + 1/2").expect("an expression");
    let activation = Activation::with_defaults(Arc::new(definition)).expect("no parameters");
    let r = Reference::new(&activation, 0).expect("compiles");
    let mut steps = 0;
    let value = r.evaluator().refine(3.0, |v| {
        steps += 1;
        v.lo() == v.hi()
    });
    assert!(value.lo() == 100.5 && value.hi() == 100.5, "{value:?}");
    assert_eq!(steps, 2, "one third is rounded at first, and not after that");
}
