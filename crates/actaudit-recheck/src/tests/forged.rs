//! False certificates of kinds that were once accepted, or stopped the checker, each beside a true one of its kind.

use super::*;

fn reason(c: &Value) -> String {
    match run(c) {
        Ok(accepted) => panic!("{accepted}\n{c}"),
        Err(e) => e.to_string(),
    }
}

fn by_roles(how: &str, rest: &str, roles: &[&str]) -> Value {
    json!({ "how": how, "rest": rest, "roles": roles })
}

fn attained(c: &Value) -> Option<bool> {
    match run(c).map(|a| a.conclusion().clone()) {
        Ok(Conclusion::Bounds(sides)) => sides[0].attained,
        other => panic!("{other:?}"),
    }
}

/// Without leaves nothing is covered: that all of no leaves are below says nothing.
#[test]
fn where_it_is_attained_needs_leaves() {
    for how in ["within", "never"] {
        let lower = json!({ "value": "0", "at": "0", "piece": 0 });
        let mut plus = side(1, 0, "inf", vec![], lower);
        let minus = side(-1, 0, "1", vec![leaf(0, "-inf", "inf", "decreasing")], json!(null));
        assert_eq!(attained(&certificate("mine", line("tanh(x)"), "range", [plus.clone(), minus.clone()])), None);
        plus["attained"] = by_roles(how, "-1", &[]);
        assert!(
            reason(&certificate("mine", line("tanh(x)"), "range", [plus, minus])).contains("one role for each leaf")
        );
    }
}

/// A place of one sign of h is none of |h| where the other sign, which is larger, only comes near its supremum.
#[test]
fn a_magnitude_is_attained_by_the_sign_that_is_larger() {
    let at = |mut l: Value| {
        l["to_piece"] = json!(0);
        l
    };
    let lower = json!({ "value": "99/100", "limit": "inf", "piece": 0 });
    let mut plus = side(1, 0, "1", vec![at(leaf(0, "-1", "inf", "increasing"))], lower);
    plus["attained"] = by_roles("never", "0", &["right"]);
    let leaves = vec![at(leaf(0, "-1", "0", "decreasing")), at(leaf(0, "0", "inf", "decreasing"))];
    let mut minus = side(-1, 0, "1", leaves, json!(null));
    let mut said = |rest: &str, roles: &[&str]| {
        minus["attained"] = by_roles("within", rest, roles);
        let mut c = certificate("mine", line("tanh(x)"), "distance", [plus.clone(), minus.clone()]);
        c["domain"] = json!(["-1", "inf"]);
        c["to"] = json!({ "id": "zero", "params": {}, "pieces": line("0") });
        attained(&c)
    };
    assert_eq!(said("9/10", &["place", "below"]), None);
    assert_eq!(said("9/10", &["below", "below"]), Some(false));
}

/// A half-line is no place: it is not compact, and h may only come near its supremum there.
#[test]
fn places_are_bounded() {
    let mut c = softplus();
    for i in [0, 1] {
        c["sides"][i]["attained"] = by_roles("within", "-2", &["place"]);
    }
    assert!(reason(&c).contains("is no point"));
}

/// A derivative has no value at a single point, be it a piece or the end of the domain.
#[test]
fn slopes_are_not_attained_at_single_points() {
    let exactly = |piece: usize| json!({ "how": "exactly", "points": [{ "piece": piece, "at": "0" }], "leaves": [] });
    let run = |pieces: &Value, domain: [&str; 2], upper: &str, piece: usize, leaves: Vec<Value>| {
        let mut plus = side(1, 1, upper, leaves.clone(), json!(null));
        plus["attained"] = exactly(piece);
        let mut c = certificate("mine", pieces.clone(), "lipschitz", [plus, side(-1, 1, upper, leaves, json!(null))]);
        c["domain"] = json!(domain);
        c
    };
    let single = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "0", "hi_closed": false, "value": "0" },
        { "lo": "0", "lo_closed": true, "hi": "0", "hi_closed": true, "value": "100*x" },
        { "lo": "0", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": "0" },
    ]);
    let leaves = vec![leaf(0, "-inf", "0", "constant"), leaf(2, "0", "inf", "constant")];
    assert!(reason(&run(&single, ["-inf", "inf"], "100", 1, leaves)).contains("single point"));
    let bent = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "0", "hi_closed": true, "value": "5*x" },
        { "lo": "0", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": "x" },
    ]);
    assert!(reason(&run(&bent, ["0", "1"], "5", 0, vec![leaf(1, "0", "1", "direct")])).contains("single point"));
    let wide = vec![leaf(0, "-1", "0", "direct"), leaf(1, "0", "1", "direct")];
    assert_eq!(attained(&run(&bent, ["-1", "1"], "5", 0, wide)), Some(true));
}

#[test]
fn absurd_numbers_are_refused_without_a_panic() {
    let integral = |precision: u32| {
        let by = json!({ "by": "between", "lower": "0", "upper": "1", "parts": 4, "precision": precision });
        json!({ "schema": "actaudit.certificate.v1", "kind": "integral", "integrand": "x", "from": "0", "to": "1", "method": by })
    };
    assert!(run(&integral(64)).is_ok());
    for precision in [0, 1, 63, u32::MAX] {
        assert!(reason(&integral(precision)).contains("a precision of"));
    }
    for upper in ["exp(1e9)", "exp(exp(40))", "exp(1e9) - exp(1e9) + 2"] {
        let mut c = gelu();
        both_uppers(&mut c, upper);
        assert!(reason(&c).contains("too far out"), "{upper}");
    }
    let mut c = gelu();
    c["sides"][0]["leaves"][1]["lo"] = json!("-8 - exp(-1e9)");
    reason(&c);
    for order in [1000, i32::MAX] {
        let junctions = json!([{ "at": "0", "order": order }]);
        let c = json!({
            "schema": "actaudit.certificate.v1", "kind": "continuity", "id": "mine", "params": [],
            "pieces": line("x"), "order": order, "junctions": junctions,
        });
        assert!(reason(&c).contains("orders above"));
    }
}

#[test]
fn no_name_has_two_values() {
    let once = gelu().to_string().replacen("\"params\":{}", "\"params\":{\"a\":\"1\"}", 1);
    assert!(recheck(&once).is_ok());
    let twice = once.replacen("\"a\":\"1\"", "\"a\":\"1\",\"a\":\"1\"", 1);
    assert!(recheck(&twice).expect_err("twice").to_string().contains("stands twice"));
}

#[test]
fn a_name_is_not_empty() {
    let mut c = gelu();
    c["activation"]["id"] = json!("");
    assert!(reason(&c).contains("not a name"));
}

/// Every place of a text in which keys stand refuses those that nobody knows.
#[test]
fn no_key_is_unknown() {
    let mut c = softplus();
    let mut strictly = json!({ "how": "strictly" });
    c["sides"][0]["attained"] = strictly.clone();
    assert_eq!(attained(&c), Some(false));
    strictly["proved"] = json!(true);
    c["sides"][0]["attained"] = strictly;
    assert!(reason(&c).contains("unknown field"));
}

/// A side without any bound is not called unbounded.
#[test]
fn what_is_not_claimed_is_not_said() {
    let plus = side(1, 0, "inf", vec![], json!(null));
    let minus = side(-1, 0, "1", vec![leaf(0, "-inf", "inf", "decreasing")], json!(null));
    let said = run(&certificate("mine", line("tanh(x)"), "range", [plus, minus])).expect("true");
    assert!(said.statement().contains("is left open, the infimum is at least -1"), "{}", said.statement());
}

/// A definition whose pieces scale with `a` if `b` is zero.
fn scaling(fixed: Value, values: Value) -> Value {
    let param = |name: &str, domain: &str| {
        format!("[[param]]\nname = \"{name}\"\ndomain = \"{domain}\"\ndefault = \"1\"\nmeaning = \"m\"\n")
    };
    let pieces = "[[piece]]\non = \"(-inf, inf)\"\nvalue = \"a*sin(x/a) + b*x^2\"\n";
    let definition = format!("id = \"mine\"\n{}{}{pieces}", param("a", "(0, inf)"), param("b", "[0, 1]"));
    json!({
        "schema": "actaudit.certificate.v1", "kind": "scaling", "definition": definition, "fixed": fixed, "param": "a", "k": 1,
        "values": values,
    })
}

/// The law is said of the values of parameters for which it was checked, and these are values that they may have.
#[test]
fn laws_of_scaling_say_for_which_values() {
    let said = run(&scaling(json!({ "b": "0" }), json!([{ "value": "a/2", "power": 1 }]))).expect("true");
    assert!(said.statement().starts_with("`mine(b=0)`: f(s x)"), "{}", said.statement());
    for fixed in [json!({}), json!({ "b": "1" }), json!({ "b": "0", "c": "1" }), json!({ "b": "0", "a": "1" })] {
        reason(&scaling(fixed, json!([])));
    }
    let mut outside = scaling(json!({ "b": "0" }), json!([]));
    outside["definition"] = json!(outside["definition"].as_str().expect("text").replace("[0, 1]", "[1, 2]"));
    reason(&outside);
    assert!(
        reason(&scaling(json!({ "b": "0" }), json!([{ "value": "a + x^2", "power": 1 }]))).contains("depends on x")
    );
}

/// tanh, cut at -5: leaves that rise to an open end may all be below the supremum there, so that of several ends one at least is meant.
#[test]
fn of_several_ends_it_is_not_said_that_all_are_approached() {
    let pieces = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "-5", "hi_closed": false, "value": "tanh(x)" },
        { "lo": "-5", "lo_closed": true, "hi": "inf", "hi_closed": false, "value": "tanh(x)" },
    ]);
    let leaves =
        vec![leaf(0, "-inf", "-5", "increasing"), leaf(1, "-5", "0", "increasing"), leaf(1, "0", "inf", "increasing")];
    let minus = side(-1, 0, "inf", vec![], json!(null));
    let said = |roles: &[&str]| {
        let lower = json!({ "value": "1", "limit": "inf", "piece": 1 });
        let mut plus = side(1, 0, "1", leaves.clone(), lower);
        plus["attained"] = by_roles("never", "1/2", roles);
        run(&certificate("mine", pieces.clone(), "range", [plus, minus.clone()])).expect("is true").to_string()
    };
    let both = said(&["right", "below", "right"]);
    assert!(both.contains("approached as x -> -5 or x -> inf, at one of these at least"), "{both}");
    let one = said(&["below", "below", "right"]);
    assert!(one.contains("not attained: approached as x -> inf, the infimum"), "{one}");
}

/// What takes long is refused while it is worked out, not behind it; all of an end is printed.
#[test]
fn small_certificates_do_not_take_long() {
    let begun = Instant::now();
    let end = "(1/(pi+1e4000))^300+1";
    let c = json!({
        "schema": "actaudit.certificate.v1", "kind": "continuity", "id": "mine", "params": [],
        "pieces": [
            { "lo": "-inf", "lo_closed": false, "hi": end, "hi_closed": false, "value": "0" },
            { "lo": end, "lo_closed": true, "hi": "inf", "hi_closed": false, "value": "0" },
        ],
        "order": -1, "junctions": [{ "at": end, "order": -1 }],
    });
    let _ = run(&c);
    let terms: Vec<String> = (0..90).map(|k| format!("x^({}/60)", 480 + 41 * k)).collect();
    let value = format!("1/({})^64", terms.join("+"));
    let plus = side(1, 0, "1e-200", vec![leaf(0, "1", "inf", "tail")], json!(null));
    let mut c = certificate("mine", line(&value), "range", [plus, side(-1, 0, "inf", vec![], json!(null))]);
    c["domain"] = json!(["1", "inf"]);
    reason(&c);
    // as deep as is read
    fn sum(terms: &[String]) -> String {
        match terms {
            [term] => term.clone(),
            _ => format!("({}+{})", sum(&terms[..terms.len() / 2]), sum(&terms[terms.len() / 2..])),
        }
    }
    let terms: Vec<String> = (0..700).map(|k| format!("erfc(x+{k}/7)")).collect();
    let plus = side(1, 0, "2000", vec![leaf(0, "0", "1", "direct")], json!(null));
    let mut c = certificate("mine", line(&sum(&terms)), "range", [plus, side(-1, 0, "inf", vec![], json!(null))]);
    (c["domain"], c["precision"]) = (json!(["0", "1"]), json!(16384));
    let said = reason(&c);
    assert!(said.contains("is too large for 16384 bits"), "{said}");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    // a domain whose end looks like another number if it is cut off
    let nines = "123456789072345678907234567890723456789072345678907234567890723456789072345678901";
    let c = |hi: &str| {
        let plus = side(1, 0, "1", vec![leaf(0, "0", hi, "direct")], json!(null));
        let mut c = certificate("mine", line("tanh(x)"), "range", [plus, side(-1, 0, "inf", vec![], json!(null))]);
        c["domain"] = json!(["0", hi]);
        run(&c).expect("is true").to_string()
    };
    assert!(c(&format!("{nines} - {nines} + 1")).contains(" on [0, 1] "));
    assert!(c(nines).contains(&format!(" on [0, {nines}] ")));
}
