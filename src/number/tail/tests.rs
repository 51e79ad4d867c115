use super::*;
use crate::expr::parse_expr;
use crate::number::{Jet, Tape};

fn at(from: u32) -> TailContext {
    TailContext::new(128, Float::with_val(64, from))
}

fn check_limit(f: impl Fn(&Tail) -> Tail, left: bool, expected: f64) {
    let cx = at(32);
    let x = if left { Tail::left(&cx) } else { Tail::right(&cx) };
    match f(&x).limit().expect("a limit") {
        Limit::Finite(l) => assert!(l.lo() <= expected && l.hi() >= expected, "{l:?} and {expected}"),
        Limit::PlusInfinity => assert_eq!(expected, f64::INFINITY),
        Limit::MinusInfinity => assert_eq!(expected, f64::NEG_INFINITY),
    }
}

#[test]
fn decaying_products_have_their_limits() {
    check_limit(|x| x.mul(&x.call(Func::NormCdf)), true, 0.0);
    check_limit(|x| x.mul(&x.call(Func::NormCdf)), false, f64::INFINITY);
    check_limit(|x| x.mul(&x.call(Func::NormCdf)).sub(x), false, 0.0);
    check_limit(|x| x.mul(&x.call(Func::Softplus).call(Func::Tanh)), true, 0.0);
    check_limit(|x| x.mul(&x.call(Func::Softplus).call(Func::Tanh)).sub(x), false, 0.0);
    check_limit(|x| x.pow(&Rational::from(3)).mul(&x.call(Func::Exp)), true, 0.0);
}

#[test]
fn rational_functions_are_divided() {
    let cx = at(32);
    let x = Tail::right(&cx);
    let one = Tail::int(&cx, 1);
    let gem = x.pow(&Rational::from(3)).div(&one.add(&x.sqr()));
    assert!(matches!(gem.limit(), Some(Limit::PlusInfinity)));
    let gap = gem.sub(&x).range().expect("bounded");
    assert!(gap.hi() < 0.04 && gap.lo() > -0.04, "{gap:?}");
}

#[test]
fn squareplus_vanishes_on_the_left() {
    let cx = at(64);
    let x = Tail::left(&cx);
    let root = x.sqr().add(&Tail::int(&cx, 4)).call(Func::Sqrt);
    let f = x.add(&root);
    assert!(f.range().expect("bounded").mag() < 0.1);
    assert!(matches!(f.limit(), Some(Limit::Finite(l)) if l.mag() == 0));
}

#[test]
fn exponentials_outgrow_polynomials() {
    let cubic = |x: &Tail| x.pow(&Rational::from(3)).mul(&Tail::int(&x.context(), 1_000_000));
    check_limit(|x| x.call(Func::Exp).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| cubic(x).sub(&x.call(Func::Exp)), false, f64::NEG_INFINITY);
    check_limit(|x| x.mul(&x.call(Func::Exp)).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| x.call(Func::Exp).div(&cubic(x).neg()), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).div(x).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| x.call(Func::Sinh).sub(&cubic(x)), true, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).sub(&cubic(x)), true, f64::INFINITY);
    check_limit(|x| x.call(Func::Exp).mul(&Tail::int(&x.context(), -2)).add(x), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).mul(&Tail::int(&x.context(), 0)), false, 0.0);
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let cx = at(32);
    let x = Tail::right(&cx);
    assert!(x.call(Func::Exp).range().is_some_and(|r| r.lo() == 0 && r.hi().is_infinite()));
    assert!(matches!(x.call(Func::Exp).mul(&x).limit(), Some(Limit::PlusInfinity)));
    assert!(matches!(x.call(Func::Exp).neg().add(&x.call(Func::Sin)).limit(), Some(Limit::MinusInfinity)));
    let exp = x.call(Func::Exp);
    check_limit(|x| x.call(Func::Exp).sub(&x.call(Func::Exp)), false, 0.0);
    check_limit(|x| x.call(Func::Exp).sub(&x.add(x).call(Func::Exp)), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).div(&x.call(Func::Exp)), false, 1.0);
    check_limit(|x| x.call(Func::Exp).call(Func::Log).sub(x), false, 0.0);
    // two exponentials of exponentials may cancel, or hold each other back
    let tower = exp.call(Func::Exp);
    assert!(tower.sub(&tower).limit().is_none());
    assert!(tower.sub(&exp.add(&exp).call(Func::Exp)).limit().is_none());
    assert!(tower.div(&tower).limit().is_none());
    assert!(tower.sub(&tower).mul(&Tail::int(&cx, 0)).limit().is_none(), "it might not be defined");
    // a product with what may vanish, or has no sign
    assert!(exp.mul(&Tail::int(&cx, 1).div(&x)).limit().is_none());
    assert!(exp.div(&x.call(Func::Sin)).limit().is_none());
    // what grows, but is not known to outgrow a polynomial
    assert!(tower.call(Func::Log).sub(&x).limit().is_none());
    assert!(exp.mul(&x.call(Func::Sin)).limit().is_none());
    assert!(x.call(Func::Sin).limit().is_none());
    assert!(Tail::int(&cx, 1).div(&x.call(Func::Sin)).range().is_none());
}

/// The tails of an expression and of its first three derivatives.
fn jet(text: &str, cx: &TailContext, left: bool) -> Vec<Tail> {
    let x = if left { Tail::left(cx) } else { Tail::right(cx) };
    let tape = Tape::compile(&parse_expr(text).unwrap()).unwrap();
    tape.eval(&Jet::variable(x, 3)).c
}

/// The same, with what the powers of each say about the next.
fn refined(mut tails: Vec<Tail>, left: bool) -> Vec<Tail> {
    for k in 1..tails.len() {
        let factor = Rational::from((if left { -1 } else { 1 }, k as u32));
        tails[k] = tails[k].clone().into_derivative_of(&tails[k - 1], &factor);
    }
    tails
}

/// Where a tail puts the value at a point.
fn at_point(tail: &Tail, t: &MpI) -> Option<MpI> {
    let power = |units: i32| t.pow(&Rational::from((units, UNIT)));
    let series = tail.series.as_ref()?;
    let terms = series.terms().iter().fold(MpI::int(&300, 0), |all, (e, c)| all.add(&c.value(300).mul(&power(*e))));
    let wide = |v: &MpI| MpI::from_floats(300, &v.lo(), &v.hi());
    let radius = tail.rem.as_ref().map_or_else(
        || MpI::int(&300, 0),
        |r| wide(&r.c).mul(&power(r.p)).mul(&wide(&r.k).mul(t).neg().call(Func::Exp)),
    );
    let scale = tail.scale.terms().iter().fold(MpI::int(&300, 0), |all, (e, c)| all.add(&c.value(300).mul(&power(*e))));
    Some(terms.add(&MpI::from_floats(300, &-radius.hi(), &radius.hi())).mul(&scale.call(Func::Exp)))
}

/// Values and derivatives at points of the half-line lie where the tail, its range and its sign say; gives back how many
/// of the four tails were known.
fn check_points(text: &str, cx: &TailContext, left: bool, tails: &[Tail]) -> Result<usize, String> {
    let tape = Tape::compile(&parse_expr(text).unwrap()).unwrap();
    for k in 0..40 {
        let t = MpI::from_float(300, &cx.from).mul(&MpI::rational(&300, &(Rational::from((k * k * k, 7)) + 1)));
        let x = if cx.logarithmic { t.call(Func::Exp) } else { t.clone() };
        let truth = tape.eval(&Jet::variable(if left { x.neg() } else { x }, 3)).c;
        for (order, (tail, value)) in tails.iter().zip(&truth).enumerate() {
            let Some(place) = at_point(tail, &t) else { continue };
            let place = format!("{text}, order {order} at {t:?}: {value:?}, {place:?}, {tail:?}");
            if !value.total() {
                return Err(format!("undefined: {place}"));
            }
            let inside = |outer: MpI| outer.lo() <= value.hi() && outer.hi() >= value.lo();
            if !at_point(tail, &t).is_some_and(inside) {
                return Err(format!("outside: {place}"));
            }
            if !tail.range().is_some_and(inside) {
                return Err(format!("out of range: {place}"));
            }
            let sign = tail.sign().unwrap_or(0);
            if sign > 0 && value.hi() < 0 || sign < 0 && value.lo() > 0 {
                return Err(format!("of the other sign: {place}"));
            }
        }
    }
    Ok(tails.iter().filter(|t| t.series.is_some()).count())
}

const FORMULAS: &[&str] = &[
    "x/(1 + abs(x))",
    "(x + sqrt(x^2 + 4))/2",
    "sqrt(x^4 + x^3 + x) - x^2 - x/2",
    "(x^2 + 1)^(-3/2)",
    "(2*x^2 + x - 3)^(2/3)/x",
    "x^3/(1 + x^2) - x",
    "(x^3 - 2*x + 1)/(3*x^3 + x^2 - 5)",
    "1/x^5",
    "(x - 3)^-4*(x + 2)^3",
    "x*atan(x)",
    "atan(x^2 - 3*x)*x - pi*x/2",
    "exp(1/x)*x - x",
    "x*sin(1/x)",
    "x^2*(cos(2/x) - 1)",
    "sin(x)/x + erf(1/x)",
    "tanh(3/x + 1)*x",
    "log(1 + 1/x)*x",
    "log(3 - 1/x^2)",
    "sqrt(2 + 1/x)",
    "x/(1 + abs(x)) + tanh(x)",
    "x*normcdf(x)",
    "x*tanh(softplus(x))",
    "x*exp(-x^2)/(1 + x^2)",
    "sigmoid(x/3)*atan(x)",
    "1/(1 + abs(x))^(5/6)",
    "sqrt(abs(x)) - abs(x)^(1/3)",
    "abs(x)^(3/2)/(1 + sqrt(abs(x)))",
    "sigmoid(sqrt(abs(x)))",
    "exp(-sqrt(abs(x)))*x^2",
    "atan(sqrt(abs(x)))",
    "erf(abs(x)^(1/4)/2)",
    "log(abs(x) + 2) - abs(x)^(1/3)",
    "log(x^2 + 2)/x",
    "max(1/x, 2/x) + min(x, x^2)",
    "abs(1/x - 1)",
    "softplus(1/x)*normcdf(2/x)",
    "x/2 + x*atan(x)/pi",
    "sqrt(3*x^2 + 1) - sqrt(3)*abs(x)",
    "x*sigmoid(x/(1 + abs(x)))",
];

#[test]
fn values_and_derivatives_lie_where_tails_say() {
    for text in FORMULAS {
        for (from, left, deep) in
            [(16, false, true), (16, true, true), (1000, false, true), (16, false, false), (500, true, false)]
        {
            let cx = if deep { at(from).deep() } else { at(from) };
            let tails = jet(text, &cx, left);
            let known = check_points(text, &cx, left, &tails).unwrap();
            check_points(text, &cx, left, &refined(tails, left)).unwrap();
            // which of two is larger is seen by negative powers only
            let expected = if deep || !text.contains("1/x, 2/x") { 4 } else { 0 };
            assert_eq!(known, expected, "{text}, from {from}, left {left}, deep {deep}");
        }
    }
}

#[test]
fn exponentials_and_logarithms_lie_where_tails_say() {
    for text in [
        "expm1(x)/(exp(x) + 1)",
        "exp(x)/(1 + exp(x)^2)*x",
        "sinh(x)/cosh(x)",
        "sqrt(exp(x) + x^2)",
        "log(2 + exp(x) + x^2)",
        "1/(1 + exp(x)*x^2)",
        "x*tanh(exp(x/2))",
        "exp(-exp(-x/2))",
        "normpdf(x)*softplus(x/3)",
        "exp(x - x^2/8) + sigmoid(x)^2",
        "max(exp(x), x) - exp(x)*atan(1/x)",
    ] {
        for left in [false, true] {
            let cx = at(16).deep();
            let known = check_points(text, &cx, left, &jet(text, &cx, left));
            assert!(known.as_ref().is_ok_and(|known| *known > 0), "{text}, left {left}: {known:?}");
        }
    }
    for text in [
        "x/log(2 + abs(x))",
        "log(1 + x^2)^2",
        "x*log(1 + abs(x))",
        "1/log(abs(x) + 1/x)",
        "sqrt(x^2 + 1) + exp(-abs(x))",
    ] {
        for left in [false, true] {
            let cx = at(16).deep().in_logarithms();
            let known = check_points(text, &cx, left, &jet(text, &cx, left));
            assert!(known.as_ref().is_ok_and(|known| *known > 0), "{text}, left {left}: {known:?}");
        }
    }
}

/// The check above notices a remainder that is too small, and a wrong coefficient.
#[test]
fn a_wrong_tail_is_noticed() {
    let cx = at(16).deep();
    for text in ["x/(1 + abs(x))", "x*atan(x)", "(x + sqrt(x^2 + 4))/2", "exp(1/x)*x - x"] {
        let mut tails = jet(text, &cx, false);
        for tail in &mut tails {
            tail.rem = tail.rem.take().map(|r| r.scaled(&MpI::rational(&64, &Rational::from((1, 1000)))));
        }
        assert!(check_points(text, &cx, false, &tails).is_err(), "{text}");
        let mut tails = jet(text, &cx, false);
        tails[1].series = tails[1].series.take().map(|s| s.add(&Series::of(vec![(-UNIT, Coef::int(1))]), 128));
        assert!(check_points(text, &cx, false, &tails).is_err(), "{text}");
    }
}

#[test]
fn leading_powers_have_exact_coefficients() {
    let cx = at(16).deep();
    let shown = |text: &str, left: bool, order: usize| {
        let tail = &jet(text, &cx, left)[order];
        let (e, c) = tail.series.as_ref().and_then(|s| s.lead()).expect("a leading power").clone();
        let Coef::Exact(c) = c else { panic!("{text}: {c:?}") };
        (c, Rational::from((e, UNIT)), tail.sign())
    };
    let rational = |n: i32, d: i32| Rational::from((n, d));
    // the slope of squareplus falls like -1/x^2 below 1, that of softsign like 1/x^2
    assert_eq!(shown("(x + sqrt(x^2 + 4))/2 - x", false, 0), (rational(1, 1), rational(-1, 1), Some(1)));
    assert_eq!(shown("(x + sqrt(x^2 + 4))/2", false, 2), (rational(1, 1), rational(-3, 1), Some(1)));
    assert_eq!(shown("x/(1 - x)", true, 1), (rational(1, 1), rational(-2, 1), Some(1)));
    assert_eq!(shown("x*atan(x)", false, 2), (rational(1, 1), rational(-4, 1), Some(1)));
    assert_eq!(shown("1/(1 + x)^(5/6)", false, 0), (rational(1, 1), rational(-5, 6), Some(1)));
    assert_eq!(shown("sqrt(4*x^2 + x)", false, 0), (rational(2, 1), rational(1, 1), Some(1)));
    assert_eq!(jet("(x + 1)/(3*x + 4)", &cx, false)[0].exact_limit(), Some(rational(1, 3)));
    assert_eq!(jet("atan(x)", &cx, false)[0].exact_limit(), None);
    assert_eq!(jet("sin(x)", &cx, false)[0].exact_limit(), None);
    assert_eq!(jet("x", &cx, false)[0].exact_limit(), None);
}

#[test]
fn what_is_nothing_is_known_from_the_primitive() {
    let cx = at(16).deep();
    for (text, left, order, sign) in [
        ("sqrt(3*x^2 + 1) - sqrt(3)*x", false, 2, 1),
        ("x*sigmoid(x/(1 + abs(x)))", false, 2, 1),
        ("x*tanh(x/(1 + abs(x)))", true, 3, 1),
    ] {
        let tails = jet(text, &cx, left);
        assert_eq!(tails[order].sign(), None, "{text}: were it known, there would be nothing to show");
        assert_eq!(refined(tails, left)[order].sign(), Some(sign), "{text}");
    }
    // below what the remainders hide nothing is said: here the primitive has the remainder 1/x
    let x = Tail::right(&cx);
    let primitive = Tail::remainder(&cx, Decay::algebraic(decay::small(1), -UNIT));
    let slope = Tail::int(&cx, 1).div(&x.pow(&Rational::from(3)));
    let kept = |s: &Tail| s.series.as_ref().map(|s| s.terms().len());
    assert_eq!(kept(&slope.clone().into_derivative_of(&primitive, &Rational::from(1))), Some(1));
    assert_eq!(kept(&x.into_derivative_of(&primitive, &Rational::from(1))), Some(0));
}

#[test]
fn logarithms_and_roots_grow() {
    check_limit(|x| x.call(Func::Log), false, f64::INFINITY);
    check_limit(|x| x.sqr().call(Func::Log1p), true, f64::INFINITY);
    check_limit(|x| x.call(Func::Log).div(x), false, 0.0);
    check_limit(|x| x.call(Func::Log).sub(x), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Sqrt).neg(), false, f64::NEG_INFINITY);
    check_limit(
        |x| x.call(Func::Log).mul(&Tail::int(&x.context(), -2)).add(&x.call(Func::Sin)),
        false,
        f64::NEG_INFINITY,
    );
    check_limit(|x| x.call(Func::Log).mul(&x.call(Func::Log)), false, f64::INFINITY);
    let cx = at(32);
    let x = Tail::right(&cx);
    assert!(x.call(Func::Log).sub(&x.call(Func::Log)).limit().is_none());
    assert!(x.call(Func::Log).sub(&x.sqr().call(Func::Log)).limit().is_none());
}

#[test]
fn what_is_undefined_has_no_power() {
    let cx = at(16).deep();
    let x = Tail::right(&cx);
    let log = x.neg().call(Func::Log);
    assert!(!log.defined() && !log.pow(&Rational::new()).defined() && !x.neg().call(Func::Sqrt).defined());
    assert!(!Tail::int(&cx, 0).pow(&Rational::from(-1)).defined());
    assert!(!Tail::int(&cx, 1).div(&x.call(Func::Sin)).defined());
    assert!(!x.sub(&Tail::int(&cx, 20)).call(Func::Sqrt).defined());
    assert_eq!(x.pow(&Rational::new()).exact_limit(), Some(Rational::from(1)));
}
