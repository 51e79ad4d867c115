use super::*;

fn x() -> Expr {
    Expr::var()
}

fn q(n: i64, d: i64) -> Expr {
    Expr::rational(Rational::from((n, d)))
}

fn p(name: &str) -> Expr {
    Expr::param(name)
}

fn f(f: Func, u: Expr) -> Expr {
    Expr::call(f, u)
}

fn value(cx: Assumptions, e: &Expr) -> Exact {
    let cx = Arc::new(cx);
    Exact::eval(&cx, e, &Exact::symbol(&cx, "x"))
}

fn zero(e: &Expr) -> bool {
    value(Assumptions::generic(), e).is_zero()
}

#[test]
fn special_values_are_evaluated() {
    let check = |e: Expr, expected: (i64, i64)| {
        assert_eq!(value(Assumptions::strict(), &e).as_rational(), Some(Rational::from(expected)), "{e}");
    };
    for (g, at, expected) in [
        (Func::Exp, q(0, 1), (1, 1)),
        (Func::Expm1, q(0, 1), (0, 1)),
        (Func::Log, q(1, 1), (0, 1)),
        (Func::Log1p, q(0, 1), (0, 1)),
        (Func::Sqrt, q(9, 4), (3, 2)),
        (Func::Sqrt, q(0, 1), (0, 1)),
        (Func::Erf, q(0, 1), (0, 1)),
        (Func::Erfc, q(0, 1), (1, 1)),
        (Func::Tanh, q(0, 1), (0, 1)),
        (Func::Sinh, q(0, 1), (0, 1)),
        (Func::Cosh, q(0, 1), (1, 1)),
        (Func::Atan, q(0, 1), (0, 1)),
        (Func::Sin, q(0, 1), (0, 1)),
        (Func::Cos, q(0, 1), (1, 1)),
        (Func::Sigmoid, q(0, 1), (1, 2)),
        (Func::NormCdf, q(0, 1), (1, 2)),
        (Func::Abs, q(-3, 2), (3, 2)),
        (Func::Sin, f(Func::Atan, q(1, 1)) * q(2, 1), (1, 1)),
        (Func::Log, f(Func::Exp, q(7, 3)), (7, 3)),
    ] {
        check(f(g, at), expected);
    }
    check(q(8, 27).pow(q(-2, 3)), (9, 4));
    check(f(Func::Sqrt, q(2, 1)) * f(Func::Sqrt, q(3, 1)) * f(Func::Sqrt, q(6, 1)), (6, 1));
}

#[test]
fn identities_are_identities_of_form() {
    let (u, a) = (x() * p("a"), || p("a"));
    for e in [
        f(Func::Sigmoid, -u.clone()) - (q(1, 1) - f(Func::Sigmoid, u.clone())),
        f(Func::Tanh, u.clone()) - (q(2, 1) * f(Func::Sigmoid, q(2, 1) * u.clone()) - q(1, 1)),
        f(Func::Softplus, u.clone()) - f(Func::Softplus, -u.clone()) - u.clone(),
        f(Func::NormCdf, u.clone()) + f(Func::NormCdf, -u.clone()) - q(1, 1),
        f(Func::Exp, u.clone() + q(1, 3)) - f(Func::Exp, u.clone()) * f(Func::Exp, q(1, 3)),
        f(Func::Sin, u.clone()).pow(q(4, 1))
            + f(Func::Cos, u.clone()).pow(q(2, 1)) * (f(Func::Sin, u.clone()).pow(q(2, 1)) + q(1, 1))
            - q(1, 1),
        q(1, 1) / f(Func::Sin, x()) - f(Func::Sin, x()) / (q(1, 1) - f(Func::Cos, x()).pow(q(2, 1))),
        (x() + a()).pow(q(3, 1)) * (q(3, 1) * a() - x()) / (q(16, 1) * a().pow(q(3, 1)))
            - (q(3, 16) * a() + x() / q(2, 1) + q(3, 1) * x().pow(q(2, 1)) / (q(8, 1) * a())
                - x().pow(q(4, 1)) / (q(16, 1) * a().pow(q(3, 1)))),
        f(Func::Sqrt, x() * x() + q(1, 1)).pow(q(3, 1)) - (x() * x() + q(1, 1)) * f(Func::Sqrt, x() * x() + q(1, 1)),
        q(1, 1) / (q(1, 1) + f(Func::Sqrt, q(2, 1))) - (f(Func::Sqrt, q(2, 1)) - q(1, 1)),
        f(Func::Abs, x()) * f(Func::Abs, x()) - x() * x(),
        f(Func::Tanh, f(Func::Softplus, x())) - {
            let e = f(Func::Exp, x());
            (e.clone() * e.clone() + q(2, 1) * e.clone()) / (e.clone() * e.clone() + q(2, 1) * e + q(2, 1))
        },
    ] {
        assert!(zero(&e), "{e} gives {:?}", value(Assumptions::generic(), &e).to_expr());
    }
}

#[test]
fn near_identities_are_not() {
    let tiny = || Expr::rational(Rational::from((1, 1_000_000_000_000_000_000_i64)));
    for e in [
        f(Func::Sqrt, q(2, 1)) * f(Func::Sqrt, q(2, 1)) - q(2, 1) + tiny(),
        f(Func::Sqrt, x() * x()) - x(),
        f(Func::Sigmoid, x()) - f(Func::Sigmoid, -x()),
        (q(3, 16) + tiny()) * p("a") - q(3, 16) * p("a"),
    ] {
        assert!(!zero(&e), "{e}");
    }
}

#[test]
fn symbolic_exponents_are_powers_of_positive_bases() {
    let n = || p("N");
    let cx = || Assumptions::generic().with_positive("x").with_positive("N");
    let even = x().pow(q(2, 1) * n());
    let e = x().pow(q(2, 1) * n() + q(1, 1)) - x() * even.clone();
    assert!(value(cx(), &e).is_zero());
    // without knowing that x > 0 the same is not concluded from logarithms of negative numbers
    let v = value(Assumptions::strict(), &e);
    assert!(v.is_unknown());
}

#[test]
fn signs_hold_for_all_values_of_the_symbols() {
    let interval = |lo: i64, hi: i64| ParamDomain {
        lo: Some(lo.into()),
        lo_closed: false,
        hi: Some(hi.into()),
        hi_closed: false,
        integer: false,
    };
    let positive = || Assumptions::strict().with_positive("a");
    let check = |cx: Assumptions, e: Expr, expected: Sign| assert_eq!(value(cx, &e).sign(), expected, "{e}");
    check(positive(), q(-3, 1) / (q(2, 1) * p("a") * p("a")), Sign::Negative);
    check(positive(), p("a") + f(Func::Exp, x()), Sign::Positive);
    check(positive(), p("a") - q(1, 1), Sign::Unknown);
    check(Assumptions::strict(), x() * x() + q(1, 1), Sign::Positive);
    check(Assumptions::strict().with("x", interval(-1, 1)), q(1, 1) - x() * x(), Sign::Positive);
    check(Assumptions::strict().with("x", interval(-2, 1)), q(1, 1) - x() * x(), Sign::Unknown);
    check(Assumptions::strict().with("x", interval(2, 3)), q(5, 1) - x() - f(Func::Log, x()), Sign::Positive);
    check(Assumptions::strict(), f(Func::Sqrt, q(2, 1)) + f(Func::Sqrt, q(3, 1)) - q(22, 7), Sign::Positive);
}

#[test]
fn what_may_be_undefined_is_unknown_in_strict_mode() {
    for e in [q(1, 1) / x(), f(Func::Log, x()), f(Func::Sqrt, x()), q(1, 1) / (x() - x()), q(-2, 1).pow(q(1, 2))] {
        assert!(value(Assumptions::strict(), &e).is_unknown(), "{e}");
        assert!(value(Assumptions::strict(), &(e.clone() - e)).is_unknown());
    }
}

#[test]
fn absurd_sizes_are_refused_quickly() {
    let tower = q(2, 1).pow(q(4000, 1)).pow(q(4000, 1)).pow(q(4000, 1));
    let sum = (x() + p("a") + p("b") + p("c") + q(1, 1)).pow(q(500, 1));
    for e in [tower, sum.clone(), f(Func::Sqrt, sum)] {
        assert!(value(Assumptions::generic(), &e).is_unknown());
    }
}

/// Every function: the exact value at a rational point lies where MPFR says, so the rewritings agree with the definition.
#[test]
fn rewritten_functions_keep_their_value() {
    use crate::number::Enclosure;
    use crate::number::Tape;
    for g in Func::ALL {
        for at in [(1, 3), (-1, 3), (5, 2), (-5, 2)] {
            if at.0 < 0 && matches!(g, Func::Log | Func::Sqrt) || at.0 == -5 && g == Func::Log1p {
                continue;
            }
            let e = f(g, q(at.0, at.1));
            let exact = value(Assumptions::strict(), &e).enclosure(160).expect("a value");
            let direct = Tape::compile(&e).unwrap().eval(&MpI::int(&160, 0));
            assert!(exact.lo() <= direct.hi() && direct.lo() <= exact.hi(), "{e}: {exact:?} and {direct:?}");
            let shown = value(Assumptions::strict(), &e).to_expr().expect("a value");
            let again = Tape::compile(&shown).unwrap().eval(&MpI::int(&160, 0));
            assert!(again.lo() <= direct.hi() && direct.lo() <= again.hi(), "{e} shown as {shown}");
        }
    }
}

#[test]
fn one_sided_expansions() {
    let side = |e: &Expr, right: bool, d: usize, order: usize| {
        let cx = Arc::new(Assumptions::strict());
        let at = Exact::int(&cx, 0);
        let terms = (order + 4) * d;
        let s = interpret(e, &(Arc::clone(&cx), terms), &Series::beside(&at, right, d, terms), &|_| unreachable!());
        s.derivative(order, right, d)
    };
    let finite = |l: Limit| match l {
        Limit::Finite(v) => v.as_rational(),
        _ => None,
    };
    // removable: (e^x - 1)/x has the derivative 1/2 at 0
    let e = f(Func::Expm1, x()) / x();
    assert_eq!(finite(side(&e, true, 1, 1)), Some(Rational::from((1, 2))));
    // x^(3/2): slope 0, curvature infinite
    let e = x().pow(q(3, 2));
    assert_eq!(finite(side(&e, true, 2, 1)), Some(Rational::new()));
    assert!(matches!(side(&e, true, 2, 2), Limit::Infinite));
    assert!(matches!(side(&f(Func::Sqrt, x()), true, 2, 1), Limit::Infinite));
    // |x|^3 from the left
    assert_eq!(finite(side(&f(Func::Abs, x()).pow(q(3, 1)), false, 1, 3)), Some(Rational::from(-6)));
    // flat: exp(-1/x) from the right
    let e = f(Func::Exp, q(-1, 1) / x()) / x().pow(q(2, 1));
    assert_eq!(finite(side(&e, true, 1, 3)), Some(Rational::new()));
    // from the left it is unbounded, and that is not claimed to be anything
    assert!(matches!(side(&e, false, 1, 0), Limit::Unknown));
    assert!(matches!(side(&(q(1, 1) / x()), false, 1, 0), Limit::Infinite));
}
