//! Junctions at which a formula has only a limit, and functions in words that suit one end of the line.

use super::*;

fn around_zero(left: &str, at: &str, right: &str) -> Value {
    json!([
        { "lo": "-inf", "lo_closed": false, "hi": "0", "hi_closed": false, "value": left },
        { "lo": "0", "lo_closed": true, "hi": "0", "hi_closed": true, "value": at },
        { "lo": "0", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": right },
    ])
}

/// What the checker says of a Lipschitz constant that nothing shows, beyond continuity.
fn continuity(pieces: Value) -> String {
    let leaves = vec![leaf(0, "-inf", "0", "direct"), leaf(2, "0", "inf", "direct")];
    let sides = [side(1, 1, "-1", leaves.clone(), json!(null)), side(-1, 1, "-1", leaves, json!(null))];
    run(&certificate("mine", pieces, "lipschitz", sides)).map_or_else(|e| e.to_string(), |a| a.to_string())
}

fn jumps(pieces: Value) -> bool {
    let c = json!({
        "schema": "actaudit.certificate.v1", "kind": "unbounded", "activation": { "id": "mine", "params": {}, "pieces": pieces },
        "quantity": "lipschitz", "domain": ["-inf", "inf"], "precision": 128, "sign": 1, "growth": { "by": "jump", "at": "0" },
    });
    run(&c).is_ok()
}

#[test]
fn a_value_that_is_the_limit_makes_no_jump() {
    for (side, at) in [
        ("sin(x)/x", "1"),
        ("x^2*log(abs(x))", "0"),
        ("expm1(x)/x", "1"),
        ("(1 - cos(x))/x^2", "1/2"),
        ("x/expm1(2*x)", "1/2"),
        ("exp(-1/x^2)", "0"),
    ] {
        let said = continuity(around_zero(side, at, side));
        assert!(!said.contains("continuous"), "{side}: {said}");
        assert!(!jumps(around_zero(side, at, side)), "{side}");
    }
}

#[test]
fn a_value_that_is_not_the_limit_is_a_jump() {
    for (left, at, right) in [
        ("sin(x)/x", "2", "sin(x)/x"),
        ("sin(x)/x", "1", "sin(2*x)/x"),
        ("x^2*log(abs(x))", "1/1000000", "x^2*log(abs(x))"),
        ("expm1(x)/x", "1 - exp(-100)", "1"),
    ] {
        let said = continuity(around_zero(left, at, right));
        assert!(said.contains("is discontinuous at 0"), "{left}, {at}, {right}: {said}");
        assert!(jumps(around_zero(left, at, right)), "{left}, {at}, {right}");
    }
}

#[test]
fn without_a_limit_or_a_value_nothing_is_said() {
    for (left, at, right) in [
        ("sin(1/x)", "0", "0"),
        ("0", "0", "1/x"),
        ("0", "sin(x)/x", "0"),
        ("x*log(x)", "0", "x*log(x)"),
        ("0", "0", "x*sin(1/x)*exp(1/x)"),
    ] {
        let said = continuity(around_zero(left, at, right));
        assert!(said.contains("could not be proved continuous at 0"), "{left}, {at}, {right}: {said}");
        assert!(!jumps(around_zero(left, at, right)), "{left}, {at}, {right}");
    }
    // a formula that has no value where the piece has the point is not continued by its limit
    let own = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "0", "hi_closed": false, "value": "1" },
        { "lo": "0", "lo_closed": true, "hi": "inf", "hi_closed": false, "value": "sin(x)/x" },
    ]);
    assert!(continuity(own.clone()).contains("could not be proved continuous at 0"));
    assert!(!jumps(own));
}

/// h <= upper on one box, by a method.
fn bounded(value: &str, sign: i8, (lo, hi): (&str, &str), method: &str, upper: &str) -> bool {
    let own = side(sign, 0, upper, vec![leaf(0, lo, hi, method)], json!(null));
    let other = side(-sign, 0, "inf", vec![], json!(null));
    let mut c = certificate("mine", line(value), "range", [own, other]);
    c["domain"] = json!([lo, hi]);
    run(&c).is_ok()
}

#[test]
fn words_for_one_end_bound_what_the_formula_does_not() {
    let left = ("-inf", "-16");
    let right = ("16", "inf");
    // log(x + sqrt(x^2 + 1)) = -3.4667 at -16
    assert!(bounded("log(x + sqrt(x^2 + 1))", 1, left, "increasing", "-3.4667"));
    assert!(!bounded("log(x + sqrt(x^2 + 1))", 1, left, "increasing", "-3.4669"));
    assert!(!bounded("log(x + sqrt(x^2 - 1))", 1, left, "increasing", "10"));
    // a quotient that tends to its bound
    assert!(bounded("x/(x/2 + exp(-x/3))", 1, right, "increasing", "2"));
    assert!(!bounded("x/(x/2 + exp(-x/3))", 1, right, "increasing", "1.999999999"));
    assert!(!bounded("x/(x/2 - exp(-x/3))", 1, right, "increasing", "2"));
    let quotient = "(exp(x) - exp(-x))/sqrt(2*(exp(2*x) + exp(-2*x)))";
    assert!(bounded(quotient, 1, right, "increasing", "0.70710678118654752441"));
    assert!(bounded(quotient, 1, ("4", "16"), "increasing", "0.70710678118654752441"));
    assert!(!bounded(quotient, 1, right, "increasing", "0.7071067811865475243"));
    assert!(!bounded(quotient, 1, right, "decreasing", "0.70710678118654752441"));
    assert!(bounded("atan(x)/pi + 1/2", -1, left, "tail", "0"));
    assert!(!bounded("atan(x)/pi + 1/2", -1, left, "increasing", "0"));
    assert!(!bounded("atan(x)/pi + 1/2", -1, left, "tail", "-1/1000"));
    assert!(!bounded("atan(x)/pi + 1/2", 1, left, "tail", "0.0198"));
    assert!(bounded("atan(x)/pi + 1/2", 1, left, "increasing", "0.01988"));
}
