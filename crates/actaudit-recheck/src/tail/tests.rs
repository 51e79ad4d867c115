use super::*;
use actaudit_expr::parse_expr;
use std::f64::consts::{FRAC_PI_2, LN_2};

/// The bound on [from, inf) (or its mirror image) lies above samples, and not far above `tight`.
fn check(text: &str, from: u32, left: bool, tight: f64, slack: f64) {
    let e = parse_expr(text).unwrap();
    let from = Float::with_val(128, from);
    let tail = Tail::new(&from, left).unwrap();
    let upper = tail.upper(&e).unwrap();
    for k in 0..60 {
        let t = Float::with_val(128, &from * (1.0 + f64::from(k * k) / 50.0));
        let x = Interval::point(&if left { -t } else { t });
        let value = eval(&e, &x).unwrap();
        assert!(value.lo <= upper, "{text} at {x} lies in {value}, above {upper}");
    }
    assert!(upper <= tight + slack, "{text}: {upper} is far above {tight}");
    let opposite = tail.upper(&-e).unwrap();
    assert!(-opposite <= upper, "{text}");
}

#[test]
fn bounds_hold_and_are_close() {
    check("normcdf(x) + x*normpdf(x)", 10, false, 1.0, 1e-10);
    check("normcdf(x) + x*normpdf(x)", 10, true, 0.0, 1e-10);
    check("sigmoid(x) + x*sigmoid(x)*sigmoid(-x)", 40, false, 1.0, 1e-10);
    check("x*tanh(softplus(x))", 40, true, 0.0, 1e-10);
    check("(x*tanh(softplus(x)))/x", 40, false, 1.0, 1e-10);
    check("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2", 6, true, 0.0, 1e-10);
    check("x - x^3/(1 + x^2)", 1000, false, 0.0, 0.0011);
    check("x^3/(1 + x^2) - x", 1000, true, 0.0, 0.0011);
    check("(x + sqrt(x^2 + 4))/2 - x", 1000, false, 0.0, 0.01);
    check("1/sqrt(x^2 + 1)^3", 100, false, 0.0, 1e-5);
    check("(x^2 + 1)^(-3/2)", 100, true, 0.0, 1e-5);
    check("sqrt(x^4 + x^3 + x) - x^2 - x/2", 1000, false, -0.125, 0.01);
    check("atan(x)", 1000, false, FRAC_PI_2, 0.002);
    check("atan(x)", 1000, true, -FRAC_PI_2, 0.002);
    check("softplus(x/10)*10 - x", 500, false, 0.0, 1e-10);
    check("exp(-x^2) + erf(x) - erfc(-x)", 8, false, -1.0, 1e-10);
    check("log(2 + exp(-x))", 40, false, LN_2, 1e-9);
    check("max(x, 3) - min(x, 3) - x", 10, false, -3.0, 0.0);
    check("abs(x) + x", 10, true, 0.0, 0.0);
    check("sin(x) + cos(x) - x", 10, false, -8.0, 0.0);
    check("expm1(x) + abs(exp(x))", 60, true, -1.0, 1e-10);
    check("sin(sigmoid(x))/sigmoid(x)", 40, true, 1.0, 1e-10);
    check("-tanh(x*exp(-x))*exp(x)/x", 40, false, -1.0, 1e-10);
    check("erf(exp(-x))*exp(x)", 40, false, std::f64::consts::FRAC_2_SQRT_PI, 1e-9);
    check("log1p(-exp(-x))*exp(x) + atan(2*exp(-x))*exp(x)", 40, false, 1.0, 1e-10);
    check("sinh(exp(-x))/expm1(exp(-x))", 2, false, 1.0, 0.2);
}

#[test]
fn what_has_no_rule_is_refused() {
    let tail = Tail::new(&Float::with_val(128, 2), false).unwrap();
    for text in [
        "exp(exp(x))",
        "log(x/9)",
        "1/(exp(x) - 9)",
        "1/sin(x)",
        "sqrt(-x)",
        "1/(x - 3)",
        "x^(1/7)",
        "sqrt(-exp(-x))",
        "log(x - 5)",
        "(x + 1)^100",
        "x^1000",
        "sqrt(x - 3)",
        "log(0*x)",
        "log(1 - 3/x)",
        "log1p(-9*exp(-x))",
        "max(sin(x), 1/x)",
    ] {
        assert!(tail.form(&parse_expr(text).unwrap()).is_err(), "{text}");
    }
    assert!(tail.limit(&parse_expr("sin(x)").unwrap()).is_err());
    assert!(tail.upper(&parse_expr("x").unwrap()).unwrap().is_infinite());
    assert!(Tail::new(&Float::new(64), false).is_none());
}

/// Whether the values at points of the half-line lie in the form.
fn holds(e: &Expr, tail: &Tail, form: &Form) -> bool {
    (0..50).all(|k| {
        let t = tail.start.at().mul(&Interval::rational(128, &(Rational::from((k * k * k, 20)) + 1)));
        let x = if tail.exponential { t.call(Func::Exp).unwrap() } else { t.clone() };
        let value = eval(e, &if tail.left { x.neg() } else { x }).unwrap();
        let power = |p: i32| t.pow(&Rational::from((p, ONE))).unwrap();
        let terms = form.powers.terms().iter();
        let sum = terms.fold(tail.start.int(0), |all, (p, a)| all.add(&a.value.mul(&power(*p))));
        let r = &form.rest;
        let radius = r.c.mul(&power(r.p)).mul(&r.rate.mul(&t).neg().call(Func::Exp).unwrap());
        let scale = form.scale.terms().iter().fold(tail.start.int(0), |all, (p, a)| all.add(&a.value.mul(&power(*p))));
        value.meets(&sum.add(&Start::both_signs(&radius)).mul(&scale.call(Func::Exp).unwrap()))
    })
}

/// The form holds the values, and with a remainder so many times as small, or another leading term, it does not.
fn check_form(rule: &str, e: &Expr, tail: &Tail, times: u32) {
    let left = tail.left;
    let form = tail.form(e).unwrap_or_else(|e| panic!("{rule}: {e}"));
    assert!(holds(e, tail, &form), "{rule}, left {left}");
    let part = Interval::rational(128, &Rational::from((1, times)));
    let less = Form { rest: form.rest.shifted(&part, 0), ..form.clone() };
    assert!(!holds(e, tail, &less), "{rule}, left {left}: c = {}, p = {}", form.rest.c, form.rest.p);
    let (exponent, first) = form.powers.lead().map_or((0, tail.number(0)), Clone::clone);
    let wrong = Powers::new(vec![(exponent, first.add(&tail.number(1)))]);
    let other = Form { powers: form.powers.lower().add(&wrong), ..form };
    assert!(!holds(e, tail, &other) || rule == "logarithms", "{rule}, left {left}");
}

/// One formula for each rule: its form holds the values, and with a remainder so many times as small it does not.
#[test]
fn forms_hold_the_values_and_hardly_more() {
    for (rule, text, times) in [
        ("dropped powers", "(1/x + 1)^9", 30),
        ("products", "(1/(x + 1))*(1/(x + 2))", 100),
        ("quotients", "(x^2 - 3)/(2*x^2 + x + 1)", 100),
        ("whole powers", "(x + 3)^-4", 100),
        ("binomial series", "(x^2 + 4)^(1/2)", 30),
        ("binomial series, odd exponent", "(abs(x)^3 + x^2)^(2/5)", 100),
        ("Taylor series", "tanh(1 + 2/x)", 1000),
        ("Taylor series at zero", "sin(3/x)*x", 1000),
        ("mean value", "tanh(exp(-abs(x)/4) + 1)", 10),
        ("atan", "atan(2*x - 1)", 1000),
        ("slow exponentials", "1 + exp(-abs(x)^(1/2))", 100),
        ("exponentials", "sigmoid(x/5)", 10),
        ("bells", "erfc(x/5 + 1)", 100),
        ("logarithms", "log(x^2 + 1)", 5),
        ("absolute values", "abs(1/x - exp(-abs(x)/9))", 10),
        ("extrema", "max(1 + exp(-abs(x)/4), 1 + exp(-abs(x)/5))", 2),
    ] {
        for left in [false, true] {
            let e = parse_expr(text).unwrap();
            let tail = Tail::new(&Float::with_val(128, 16), left).unwrap();
            check_form(rule, &e, &tail, times);
        }
    }
}

/// The same for what grows like an exponential, and for powers of log x.
#[test]
fn exponentials_and_logarithms_are_followed() {
    for (rule, text, times, logarithmic) in [
        ("exponential sums", "exp(abs(x)/4) + exp(abs(x)/5)", 10, false),
        ("exponential quotients", "exp(abs(x)/2)/(exp(abs(x)/2) + abs(x))", 100, false),
        ("powers of exponentials", "(exp(abs(x)/4) + 1)^(1/2)", 10, false),
        ("falling powers of exponentials", "(exp(abs(x)/4) + 1)^(-1/2)", 10, false),
        ("exponentials of sums", "exp(abs(x)/4 + 3/x)", 1000, false),
        ("functions of exponentials", "tanh(exp(abs(x)/10)/9)", 10, false),
        ("exponentials of exponentials", "exp(-exp(abs(x)/10)/9)", 10, false),
        ("cosh", "cosh(x/20)", 10, false),
        ("falling sums", "exp(-abs(x)/4) + exp(-abs(x)/3)", 10, false),
        ("falling logistic function", "sigmoid(-abs(x)/5)", 10, false),
        ("falling softplus", "softplus(-abs(x)/5)", 4, false),
        ("quotients of bells", "normpdf(x/5)/(normpdf(x/5) + exp(-x^2/8))", 10, false),
        ("below a bell", "erfc(abs(x)/5)", 10, false),
        ("below the bell of the distribution", "normcdf(-abs(x)/5)", 10, false),
        ("logarithms of what falls", "log(sigmoid(-abs(x)/5))", 10, false),
        ("logarithms of exponentials", "log(exp(abs(x)/4) + 2)", 10, false),
        ("powers of logarithms", "log(abs(x) + 2)^2", 10, true),
        ("quotients with logarithms", "abs(x)/log(abs(x) + 2)", 10, true),
        ("x as an exponential", "sqrt(x^2 + 1)", 10, true),
    ] {
        for left in [false, true] {
            let half_line = Tail::new(&Float::with_val(128, 16), left).unwrap();
            let tail = if logarithmic { half_line.in_logarithms().unwrap() } else { half_line };
            check_form(rule, &parse_expr(text).unwrap(), &tail, times);
        }
    }
}

#[test]
fn exponentials_and_logarithms_have_limits() {
    let half_line = |left| Tail::new(&Float::with_val(128, 16), left).unwrap();
    let limit = |text: &str, left| half_line(left).limit(&parse_expr(text).unwrap()).map(|l| l.exact);
    for text in [
        "exp(x)/(1 + exp(x))",
        "(exp(x) - 1)/(exp(x) + 1)",
        "sinh(x)/cosh(x)",
        "1 - exp(-exp(x))",
        "expm1(x)*sigmoid(-x)",
        "softplus(-x)*exp(x)",
        "log(x)/(1 + log(x))",
    ] {
        assert_eq!(limit(text, false), Ok(Some(Rational::from(1))), "{text}");
    }
    for text in [
        "1/(1 + exp(x)*x^2)",
        "exp(x - exp(x))",
        "exp(x)^2*exp(-exp(x))",
        "log(x)/x",
        "1/log(x)",
        "x*exp(x)*sigmoid(-2*x)",
    ] {
        assert_eq!(limit(text, false), Ok(Some(Rational::new())), "{text}");
    }
    assert_eq!(limit("(exp(x) - exp(-x))/(exp(x) + exp(-x))", true), Ok(Some(Rational::from(-1))));
    for text in ["log(1 + x^2)", "x/log(2 + x)", "x*tanh(exp(x))", "exp(x)/x^9", "x*log(1 + x)", "cosh(x) - exp(x/2)"] {
        let e = parse_expr(text).unwrap();
        assert!(half_line(false).rises(&e) && !half_line(false).rises(&-e.clone()), "{text}");
        assert!(half_line(false).limit(&e).is_err() && half_line(false).upper(&e).unwrap().is_infinite(), "{text}");
    }
    // what cancels, or oscillates, or may be held back, is not known to rise
    for text in ["exp(x) - exp(x + 1/x)", "exp(x)*sin(x)", "exp(exp(x)) - x", "log(log(x)) - log(x)", "atan(exp(x))"] {
        assert!(!half_line(false).rises(&parse_expr(text).unwrap()), "{text}");
    }
    // below what rises without bound and beside what is bounded it has no form
    for text in
        ["exp(exp(x))", "log(log(x))", "log1p(log(log(x)))", "sqrt(exp(exp(x))) + sin(x)", "2 - atan(x) + log(log(x))"]
    {
        let e = parse_expr(text).unwrap();
        assert!(half_line(false).rises(&e) && !half_line(false).rises(&-e.clone()), "{text}");
    }
}

#[test]
fn the_leading_power_gives_the_sign() {
    let sign = |text: &str, left: bool| {
        let tail = Tail::new(&Float::with_val(128, 16), left).unwrap();
        let e = parse_expr(text).unwrap();
        (tail.upper(&e).unwrap() <= 0, tail.upper(&-e).unwrap() <= 0)
    };
    let mut slope = parse_expr("(x + sqrt(x^2 + 4))/2").unwrap().derivative().derivative();
    assert_eq!(sign(&slope.to_string(), false), (false, true));
    slope = slope.derivative();
    assert_eq!((sign(&slope.to_string(), false), sign(&slope.to_string(), true)), ((true, false), (false, true)));
    assert_eq!(sign("1/(1 + abs(x))^2 - 2/x^2", false), (true, false));
    slope = parse_expr("x*atan(x)").unwrap().derivative().derivative();
    assert_eq!((sign(&slope.to_string(), false), sign(&slope.to_string(), true)), ((false, true), (false, true)));
    assert_eq!(sign("1/x - sin(x)/x^2", false), (false, true));
    assert_eq!(sign("(2*x)^200*exp(-x)", false), (false, true));
    // what oscillates, or may be nothing, has no sign
    assert_eq!(sign("sin(x)/x + 1/x^2", false), (false, false));
    assert_eq!(sign("1/x - 1/x", false), (true, true));
    assert_eq!(sign("pi/x - (pi/2 + pi/2)/x", false), (false, false));
}

#[test]
fn what_is_nothing_is_known_from_the_primitive() {
    let half_line = |left| Tail::new(&Float::with_val(128, 16), left).unwrap();
    for (text, left, order, rises) in [
        ("x/2 + x*atan(x)/pi", false, 2, true),
        ("x/2 + x*atan(x)/pi", true, 2, true),
        ("sqrt(3*x^2 + 1) - sqrt(3)*x", false, 2, true),
        ("x*sigmoid(x/(1 + x))", false, 2, true),
        ("x*sigmoid(x/(1 - x))", true, 3, true),
    ] {
        let mut chain = vec![parse_expr(text).unwrap()];
        for k in 0..order {
            chain.push(chain[k].derivative());
        }
        let tail = half_line(left);
        let signed = |sign: i64| chain.iter().map(|e| Expr::int(sign) * e.clone()).collect::<Vec<_>>();
        assert!(tail.upper(&signed(if rises { -1 } else { 1 })[order]).unwrap() > 0, "{text}: nothing to show");
        assert!(tail.upper_along(&signed(if rises { -1 } else { 1 })).unwrap() <= 0, "{text}");
        assert!(tail.upper_along(&signed(if rises { 1 } else { -1 })).unwrap() > 0, "{text}");
    }
    // a chain that is none is not noticed, but below what the remainders hide the primitive says nothing
    let tail = half_line(false);
    let slope = tail.form(&parse_expr("1/x^3").unwrap()).unwrap();
    let hidden = Form { rest: Decay::algebraic(&tail.start.int(1), -ONE), ..tail.int(0) };
    assert_eq!(tail.derived(slope.clone(), &hidden).order(), -3 * ONE);
    let hidden = Form { rest: Decay::algebraic(&tail.start.int(1), -3 * ONE), ..tail.int(0) };
    assert!(tail.derived(slope, &hidden).powers.lead().is_none());
}

#[test]
fn limits_are_exact_where_coefficients_are() {
    let tail = Tail::new(&Float::with_val(128, 16), false).unwrap();
    let limit = |text: &str| tail.limit(&parse_expr(text).unwrap()).map(|l| l.exact);
    assert_eq!(limit("(x + 1)/(3*x + 4)"), Ok(Some(Rational::from((1, 3)))));
    assert_eq!(limit("(x^2 + x)^(1/2) - x"), Ok(Some(Rational::from((1, 2)))));
    assert_eq!(limit("x*sin(2/x) + exp(1/x)"), Ok(Some(Rational::from(3))));
    assert_eq!(limit("atan(x)"), Ok(None));
    for text in ["log(x)", "sqrt(x)", "sin(x)", "cos(x) + 1/x"] {
        assert!(limit(text).is_err(), "{text}");
    }
    assert!(tail.rises(&parse_expr("sqrt(x) - log(x)").unwrap()));
    assert!(!tail.rises(&parse_expr("log(x) - sqrt(x)").unwrap()));
}
