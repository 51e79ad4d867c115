//! Growth in waves, growth by slopes and logarithms, and boxes beside points without an enclosure: true certificates, each beside false ones.

use super::*;

fn unbounded(pieces: Value, quantity: &str, sign: i8, growth: Value) -> Value {
    json!({
        "schema": "actaudit.certificate.v1", "kind": "unbounded",
        "activation": { "id": "mine", "params": {}, "pieces": pieces }, "to": null,
        "quantity": quantity, "domain": ["-inf", "inf"], "precision": 128, "sign": sign, "growth": growth,
    })
}

fn waves(value: &str, quantity: &str, phase: &str, turn: &str, from: &str) -> Value {
    let growth = json!({ "by": "waves", "piece": 0, "limit": "inf", "phase": phase, "turn": turn, "from": from });
    unbounded(line(value), quantity, 1, growth)
}

fn accepted(c: &Value) -> bool {
    run(c).is_ok()
}

#[test]
fn what_grows_in_waves_is_unbounded() {
    for (value, quantity, phase, turn, from) in [
        ("x*cos(x)", "range", "line", "2*pi", "0"),
        ("x*cos(x)", "lipschitz", "line", "2*pi", "3*pi/2"),
        ("x^2*sin(3*x - 1) + x", "range", "line", "2*pi/3", "pi/6 + 1/3"),
        ("cos(x^2)", "lipschitz", "square", "2*pi", "3*pi/2"),
        ("x*sin(exp(x))", "range", "exponential", "2*pi", "pi/2"),
    ] {
        let c = waves(value, quantity, phase, turn, from);
        assert!(accepted(&c), "{value}: {:?}", run(&c));
    }
}

#[test]
fn waves_out_of_phase_or_without_growth_are_refused() {
    for (value, quantity, phase, turn, from) in [
        // bounded
        ("cos(x)", "range", "line", "2*pi", "0"),
        ("sin(x)/3", "lipschitz", "line", "2*pi", "0"),
        ("cos(x^2)", "range", "square", "2*pi", "0"),
        ("exp(-x^2)*sin(exp(x))", "lipschitz", "exponential", "2*pi", "0"),
        // it grows, but not at these places
        ("x*cos(x)", "range", "line", "2*pi", "pi"),
        ("x*cos(x)", "range", "line", "2*pi", "pi/2"),
        // half a turn is none, and not all waves turn together
        ("x*cos(x)", "range", "line", "pi", "0"),
        ("x*cos(x)", "range", "line", "6", "0"),
        ("x*cos(pi*x)", "range", "line", "2*pi", "0"),
        ("x*cos(x^2)", "range", "line", "2*pi", "0"),
        ("x*cos(x)", "range", "line", "-2*pi", "0"),
        // no value at these places, or to the right at all
        ("x*cos(x) + 0*log(sin(x))", "range", "line", "2*pi", "0"),
        ("x*cos(x) + 0*sqrt(1 - x)", "range", "line", "2*pi", "0"),
    ] {
        assert!(!accepted(&waves(value, quantity, phase, turn, from)), "{value}");
    }
    let mut c = waves("x*cos(x)", "range", "line", "2*pi", "0");
    c["domain"] = json!(["-inf", "100"]);
    assert!(!accepted(&c), "outside of the domain");
}

fn crossings(value: &str, quantity: &str, limit: &str, wave: &str, phase: &str) -> Value {
    let growth = json!({ "by": "crossings", "piece": 0, "limit": limit, "wave": wave, "phase": phase });
    unbounded(line(value), quantity, 1, growth)
}

#[test]
fn what_grows_where_a_wave_has_one_phase_is_unbounded() {
    for (value, quantity, limit, wave, phase) in [
        ("x*cos(x)", "range", "inf", "x", "0"),
        ("x*cos(x)", "range", "-inf", "x", "pi"),
        ("sin(30*(x + 1)*x)", "lipschitz", "inf", "30*x*(x + 1)", "0"),
        ("cos(x^3 - 5*x)*log(1 + x^2)", "range", "-inf", "x^3 - 5*x", "0"),
        ("x^2*cos(2*x + 1)", "range", "inf", "x", "-1/2"),
        ("x*sin(sqrt(1 + x^2) + tanh(x))", "range", "inf", "sqrt(1 + x^2) + tanh(x)", "pi/2"),
        ("atan(x^2*sin(x - 5))", "lipschitz", "inf", "x - 5", "0"),
    ] {
        let c = crossings(value, quantity, limit, wave, phase);
        assert!(accepted(&c), "{value}: {:?}", run(&c));
    }
}

#[test]
fn waves_without_such_places_or_without_growth_there_are_refused() {
    for (value, quantity, limit, wave, phase) in [
        // bounded
        ("cos(x)", "range", "inf", "x", "0"),
        ("cos(x^2)", "range", "inf", "x^2", "0"),
        ("sin(x)/3", "lipschitz", "inf", "x", "0"),
        ("sin(x^2)/x", "lipschitz", "inf", "x^2", "0"),
        // it grows, but not there, or below zero
        ("x*cos(x)", "range", "inf", "x", "pi/2"),
        ("x*cos(x)", "range", "-inf", "x", "0"),
        // the wave has a limit, or it is another one
        ("x*cos(atan(x)) - x*cos(atan(x))", "range", "inf", "atan(x)", "0"),
        ("x*(cos(2*atan(x)) - 1/2)", "range", "inf", "2*atan(x)", "0"),
        ("x*sin(tanh(x))*sin(tanh(x) - 3)", "range", "inf", "tanh(x)", "pi/2"),
        ("x*cos(x^2)", "range", "inf", "x", "0"),
        ("x*cos(x/2)", "range", "inf", "x", "0"),
        ("x*cos(pi*x)", "range", "inf", "x", "0"),
        ("x*cos(x)*cos(pi*x)", "range", "inf", "x", "0"),
        ("x*cos(x)", "range", "inf", "x + 1e9*sin(x)^2/x^9*cos(x^20)*log(x - 1e99)", "0"),
        ("x*cos(7)", "range", "inf", "7", "0"),
        // no value on all of the half-line, no derivative at these places
        ("x*cos(x) + 0*log(sin(x))", "range", "inf", "x", "0"),
        ("x*cos(x) + 0*sqrt(1 - x)", "range", "inf", "x", "0"),
        ("x^2 + sqrt(cos(x) - 1)^3", "lipschitz", "inf", "x", "0"),
        ("x^2*abs(sin(x))", "lipschitz", "inf", "x", "0"),
        ("x*cos(x)", "range", "inf", "alpha*x", "0"),
        ("x*cos(x)", "range", "inf", "x", "x"),
    ] {
        assert!(!accepted(&crossings(value, quantity, limit, wave, phase)), "{value}, {wave}");
    }
    let mut c = crossings("x*cos(x)", "range", "inf", "x", "0");
    c["domain"] = json!(["-inf", "100"]);
    assert!(!accepted(&c), "outside of the domain");
}

/// Products are compared by their logarithms.
#[test]
fn products_rise_as_their_logarithms_do() {
    let grows = |value: &str| {
        let growth = json!({ "by": "infinity", "piece": 0, "limit": "inf", "from": "16" });
        accepted(&unbounded(line(value), "range", 1, growth))
    };
    for value in ["exp(exp(x) - x)/(1 + x^2)", "exp(sqrt(1 + exp(x)))*exp(x)/sqrt(1 + exp(x))"] {
        assert!(grows(value), "{value}");
    }
    for value in
        ["exp(x - exp(x))*(1 + x^2)", "exp(exp(x))/(-1 - x^2)", "exp(exp(x))*sin(x)", "exp(exp(x))/exp(exp(x) + x)"]
    {
        assert!(!grows(value), "{value}");
    }
}

#[test]
fn what_rises_like_a_line_or_a_logarithm_is_unbounded() {
    let grows = |value: &str, from: &str| {
        let growth = json!({ "by": "infinity", "piece": 0, "limit": "inf", "from": from });
        accepted(&unbounded(line(value), "range", 1, growth))
    };
    for value in ["exp(exp(exp(x))) - x^2", "log1p(log(2 + abs(x)))", "sqrt(log(2 + x^2)) + sin(x)", "exp(exp(x)) - x"]
    {
        assert!(grows(value, "16"), "{value}");
    }
    for value in
        ["atan(exp(exp(x)))", "log(1 + 1/(1 + x^2))", "-log(log(9 + x^2))", "sin(x)*log(2 + x^2)", "log(2 + x^2) - x"]
    {
        assert!(!grows(value, "16"), "{value}");
    }
}

fn pieces(left: &str, at: &str, closed: bool, right: &str) -> Value {
    json!([
        { "lo": "-inf", "lo_closed": false, "hi": at, "hi_closed": !closed, "value": left },
        { "lo": at, "lo_closed": closed, "hi": "inf", "hi_closed": false, "value": right },
    ])
}

/// -f on the right of `at`, near there in the variable t.
fn beside(right: &str, at: &str, closed: bool, upper: &str, near: &str) -> Value {
    let mut close = leaf(1, at, &format!("{at} + 1/16"), "tail");
    close["near"] = json!(near);
    let minus = vec![leaf(0, "-inf", at, "direct"), close, leaf(1, &format!("{at} + 1/16"), "inf", "direct")];
    let plus = side(1, 0, "inf", vec![], json!(null));
    certificate("mine", pieces("0", at, closed, right), "range", [plus, side(-1, 0, upper, minus, json!(null))])
}

#[test]
fn what_is_beside_a_point_is_seen_in_another_variable() {
    for (right, at) in [
        ("sqrt(x - 1/3)", "1/3"),
        ("sqrt(x - log(2))", "log(2)"),
        ("1/(x - 1/3)", "1/3"),
        ("exp(-1/(x - pi))", "pi"),
        ("x^2 - (x - 1/3)*log(x - 1/3)", "1/3"),
    ] {
        let closed = right.starts_with("sqrt");
        let c = beside(right, at, closed, "0", at);
        assert!(accepted(&c), "{right}: {:?}", run(&c));
    }
    // a value of its own at the end counts, and must exist
    assert!(!accepted(&beside("1/(x - 1/3)", "1/3", true, "0", "1/3")));
    assert!(!accepted(&beside("exp(-1/(x - pi))", "pi", true, "0", "pi")));
    // the bound is false
    assert!(!accepted(&beside("sqrt(x - 1/3)", "1/3", true, "-1/1000000", "1/3")));
    assert!(!accepted(&beside("-exp(-1/(x - pi))", "pi", false, "0", "pi")));
    assert!(!accepted(&beside("-1/(x - 1/3)", "1/3", false, "10^9", "1/3")));
    assert!(!accepted(&beside("log(x - 1/3)", "1/3", false, "1000", "1/3")));
    // the other end of the box is no place from which it is seen, nor is a point inside
    for near in ["1/3 + 1/32", "0", "inf", "x"] {
        let c = beside("1/(x - 1/3)", "1/3", false, "0", near);
        assert!(!accepted(&c), "{near}");
    }
    // f has no value on a part of the box
    assert!(!accepted(&beside("sqrt(x - 1/3) + 0*log(x - 1/3 - 1/1000)", "1/3", true, "0", "1/3")));
}

#[test]
fn limits_beside_a_point_are_witnesses() {
    let of = |right: &str, value: &str, side_of: &str| {
        let mut c = beside(right, "pi", false, "1", "pi");
        c["sides"][1]["lower"] = json!({ "value": value, "at": "pi", "beside": side_of, "piece": 1 });
        run(&c).map(|a| a.to_string())
    };
    assert!(of("exp(-1/(x - pi)) - 1/2", "1/2", "right").is_ok());
    assert!(of("exp(-1/(x - pi)) - 1/2", "0.500001", "right").is_err());
    assert!(of("exp(-1/(x - pi)) - 1/2", "1/2", "left").is_err());
    assert!(of("sin(1/(x - pi))/2", "1/2", "right").is_err());
}

#[test]
fn poles_of_logarithms_are_seen() {
    let pole = |right: &str, sign: i8| {
        let growth = json!({ "by": "pole", "piece": 1, "upper": false });
        accepted(&unbounded(pieces("0", "1/3", false, right), "range", sign, growth))
    };
    assert!(pole("log(x - 1/3)", -1));
    assert!(pole("1/(x - 1/3) + log(x - 1/3)", 1));
    assert!(!pole("log(x - 1/3)", 1));
    assert!(!pole("(x - 1/3)*log(x - 1/3)", -1));
    assert!(!pole("log(x - 1/3 - 1/1000000)", -1));
}

/// erfc(x) and the distribution function fall as their bells do, and no faster.
#[test]
fn what_falls_below_a_bell_is_followed() {
    let upper = |value: &str| {
        let from = rug::Float::with_val(192, 8);
        let e = actaudit_expr::parse_expr(value).expect("parses");
        tail::Tail::new(&from, false).and_then(|tail| tail.upper(&e).ok()).map(|u| u.to_f64())
    };
    // exp(64) erfc(8) = 0.06998516620088...; x exp(x^2) erfc(x) rises to 1/sqrt(pi) = 0.5641895835...; and x exp(x^2/2) Phi(-x) to
    // 1/sqrt(2 pi) = 0.3989422804...
    for (value, least, most) in [
        ("exp(x^2)*erfc(x)", 0.069985, 0.0706),
        ("x*exp(x^2)*erfc(x)", 0.564189583, 0.5644),
        ("x*exp(x^2/2)*normcdf(-x)", 0.39894228, 0.4),
        ("-exp(x^2)*erfc(x)", 0.0, 0.0),
    ] {
        let found = upper(value).expect("a bound");
        assert!((least..=most).contains(&found), "{value}: {found}");
    }
    assert!(upper("x^2*exp(x^2)*erfc(x)").is_some_and(f64::is_infinite));
}

/// Constants of which only an enclosure is known leave nothing behind when they are taken away from themselves.
#[test]
fn limits_of_nested_constants_are_known() {
    let of = |value: &str, lower: &str| {
        let lower = json!({ "value": lower, "limit": "inf", "piece": 0 });
        let plus = side(1, 0, "2", vec![leaf(0, "-inf", "inf", "direct")], lower);
        run(&certificate("mine", line(value), "range", [plus, side(-1, 0, "inf", vec![], json!(null))])).is_ok()
    };
    // tanh(1) = 0.76159415595576488..., erf(tanh(pi/2)) = 0.8053...
    assert!(of("tanh(1 - 1/(1 + x^2))", "0.7615941559557648"));
    assert!(!of("tanh(1 - 1/(1 + x^2))", "0.7615941559557649"));
    assert!(of("erf(tanh(atan(x)))", "0.805"));
    assert!(!of("erf(tanh(atan(x)))", "0.806"));
    assert!(!of("tanh(1 + sin(x)/8)", "0.76"));
}

/// Each equality of constants had a purse of its own: a certificate of some kilobytes took minutes.
#[test]
fn exact_values_are_counted_for_the_whole_certificate() {
    let sum = |inner: &str| (1..5).map(|k| format!("({inner}+{k})^8")).collect::<Vec<_>>().join("+");
    let (value, upper) = (sum("pi+log(6)+log(5)"), sum("pi+log(2)+log(3)+log(5)"));
    let mut leaves = vec![leaf(0, "0", "0", "direct"); 20_000];
    leaves.push(leaf(0, "0", "1", "direct"));
    let sides = [side(1, 0, &upper, leaves, json!(null)), side(-1, 0, "inf", vec![], json!(null))];
    let mut many = certificate("mine", line(&format!("x+{value}")), "range", sides);
    many["domain"] = json!(["0", "1"]);
    let reason = recheck(&many.to_string()).expect_err("too much").to_string();
    assert!(!reason.is_empty());
}

/// Boxes of regions were not counted at all.
#[test]
fn boxes_are_counted_for_the_whole_certificate() {
    let waves = (1..101).map(|k| format!("(cos(x/{k})-cos((x+1/1000000000)/{k}))")).collect::<Vec<_>>().join("+");
    let piece = |lo: &str, closed: bool, hi: &str, value: &str| json!({ "lo": lo, "lo_closed": closed, "hi": hi, "hi_closed": false, "value": value });
    let pieces = [
        piece("-inf", false, "0", "0"),
        piece("0", true, "149", &format!("1/(1/50+{waves})")),
        piece("149", true, "inf", "0"),
    ];
    let junctions: Vec<Value> = (0..150).map(|k| json!({ "at": k.to_string(), "order": -1 })).collect();
    let regions = json!({
        "kind": "continuity", "schema": "actaudit.certificate.v1", "id": "mine", "params": [], "pieces": pieces,
        "order": -1, "junctions": junctions,
    });
    let _ = recheck(&regions.to_string());
    assert!(work::spend(1, 64).is_err(), "nothing was counted");
}
