//! Certificates written by hand, and every way to tamper with them that came to mind.

mod beyond;
mod forged;
mod limits;
mod line;

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn line(value: &str) -> Value {
    json!([{ "lo": "-inf", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": value }])
}

fn leaf(piece: usize, lo: &str, hi: &str, method: &str) -> Value {
    json!({ "piece": piece, "to_piece": null, "lo": lo, "hi": hi, "method": method })
}

fn side(sign: i8, order: u32, upper: &str, leaves: Vec<Value>, lower: Value) -> Value {
    json!({ "sign": sign, "order": order, "upper": upper, "leaves": leaves, "lower": lower })
}

fn certificate(id: &str, pieces: Value, quantity: &str, sides: [Value; 2]) -> Value {
    json!({
        "schema": "actaudit.certificate.v1", "kind": "supremum",
        "activation": { "id": id, "params": {}, "pieces": pieces }, "to": null,
        "quantity": quantity, "domain": ["-inf", "inf"], "precision": 192, "sides": sides,
    })
}

/// sup |gelu'| = Phi(sqrt 2) + sqrt 2 phi(sqrt 2) = 1.128904145185154786...
fn gelu() -> Value {
    let root = "6369051672525773/4503599627370496";
    let mut top = leaf(0, "5/4", "7/4", "concave");
    top["at"] = json!(root);
    let upper = "1.1289041451851548";
    let plus = vec![
        leaf(0, "-inf", "-8", "tail"),
        leaf(0, "-8", "-3/2", "direct"),
        leaf(0, "-3/2", "1", "direct"),
        leaf(0, "1", "5/4", "increasing"),
        top,
        leaf(0, "7/4", "8", "decreasing"),
        leaf(0, "8", "inf", "tail"),
    ];
    let minus = vec![leaf(0, "-inf", "-8", "tail"), leaf(0, "-8", "8", "direct"), leaf(0, "8", "inf", "tail")];
    let lower = json!({ "value": "1.1289041451851547", "at": root, "piece": 0 });
    let sides = [side(1, 1, upper, plus, lower), side(-1, 1, upper, minus, json!(null))];
    certificate("my_gelu", line("x*normcdf(x)"), "lipschitz", sides)
}

fn relu() -> Value {
    let pieces = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "0", "hi_closed": true, "value": "0" },
        { "lo": "0", "lo_closed": false, "hi": "inf", "hi_closed": false, "value": "x" },
    ]);
    let leaves = || vec![leaf(0, "-inf", "0", "constant"), leaf(1, "0", "inf", "constant")];
    let lower = json!({ "value": "1", "at": "3", "piece": 1 });
    certificate(
        "my_relu",
        pieces,
        "lipschitz",
        [side(1, 1, "1", leaves(), lower), side(-1, 1, "1", leaves(), json!(null))],
    )
}

fn srelu() -> Value {
    let pieces = json!([
        { "lo": "-inf", "lo_closed": false, "hi": "-1/1000", "hi_closed": true, "value": "0" },
        { "lo": "-1/1000", "lo_closed": false, "hi": "1/1000", "hi_closed": false, "value": "62500000*(x + 1/1000)^3*(3/1000 - x)" },
        { "lo": "1/1000", "lo_closed": true, "hi": "inf", "hi_closed": false, "value": "x" },
    ]);
    let leaves = |middle: &str| {
        vec![
            leaf(0, "-inf", "-1/1000", "constant"),
            leaf(1, "-1/1000", "1/1000", middle),
            leaf(2, "1/1000", "inf", "constant"),
        ]
    };
    let lower = json!({ "value": "1", "at": "1/1000", "piece": 2 });
    let sides = [side(1, 1, "1", leaves("increasing"), lower), side(-1, 1, "1", leaves("direct"), json!(null))];
    certificate("my_srelu", pieces, "lipschitz", sides)
}

/// sup |srelu - relu| = 3 alpha/16 at 0, with alpha = 1/1000: not a dyadic number, so it takes exact arithmetic.
fn distance() -> Value {
    let mut c = srelu();
    c["quantity"] = json!("distance");
    c["to"] = relu()["activation"].clone();
    let leaves = |rise: &str, fall: &str| -> Vec<Value> {
        let at = |i: usize, j: usize, lo: &str, hi: &str, method: &str| {
            let mut l = leaf(i, lo, hi, method);
            l["to_piece"] = json!(j);
            l
        };
        vec![
            at(0, 0, "-inf", "-1/1000", "constant"),
            at(1, 0, "-1/1000", "0", rise),
            at(1, 1, "0", "1/1000", fall),
            at(2, 1, "1/1000", "inf", "constant"),
        ]
    };
    let lower = json!({ "value": "3/16000", "at": "0", "piece": 1 });
    c["sides"] = json!([
        side(1, 0, "3/16000", leaves("increasing", "decreasing"), lower),
        side(-1, 0, "3/16000", leaves("direct", "direct"), json!(null)),
    ]);
    c
}

/// sup softplus' = 1, in the limit only; inf = 0.
fn softplus() -> Value {
    let plus = vec![leaf(0, "-inf", "inf", "increasing")];
    let minus = vec![leaf(0, "-inf", "inf", "decreasing")];
    let limit = |end: &str, value: &str| json!({ "value": value, "limit": end, "piece": 0 });
    let sides = [side(1, 1, "1", plus, limit("inf", "1")), side(-1, 1, "0", minus, limit("-inf", "0"))];
    certificate("my_softplus", line("softplus(x)"), "slope", sides)
}

/// squareplus: the slope's tails fall like a power, through a square root.
fn squareplus() -> Value {
    let leaves = |first: &str, last: &str| {
        vec![leaf(0, "-inf", "-1000", first), leaf(0, "-1000", "1000", "direct"), leaf(0, "1000", "inf", last)]
    };
    let sides = [
        side(1, 1, "1.001", leaves("tail", "tail"), json!({ "value": "1", "limit": "inf", "piece": 0 })),
        side(-1, 1, "0.001", leaves("tail", "tail"), json!(null)),
    ];
    certificate("my_squareplus", line("(x + sqrt(x^2 + 4))/2"), "slope", sides)
}

/// sup gem' = 9/8 exactly, at sqrt(3): a tangent there needs roots that cancel symbolically.
fn gem() -> Value {
    let mut c = relu();
    c["activation"]["id"] = json!("my_gem");
    c["activation"]["pieces"][1]["value"] = json!("x^3/(1 + x^2)");
    let mut top = leaf(1, "3/2", "2", "concave");
    top["at"] = json!("sqrt(3)");
    let mut plus =
        vec![leaf(0, "-inf", "0", "constant"), leaf(1, "0", "1", "direct"), leaf(1, "1", "3/2", "increasing"), top];
    plus.extend([leaf(1, "2", "64", "decreasing"), leaf(1, "64", "inf", "tail")]);
    let minus = vec![leaf(0, "-inf", "0", "constant"), leaf(1, "0", "64", "direct"), leaf(1, "64", "inf", "tail")];
    let lower = json!({ "value": "9/8", "at": "sqrt(3)", "piece": 1 });
    c["sides"] = json!([side(1, 1, "9/8", plus, lower), side(-1, 1, "9/8", minus, json!(null))]);
    c
}

fn both_uppers(c: &mut Value, text: &str) {
    for i in [0, 1] {
        c["sides"][i]["upper"] = json!(text);
    }
}

fn run(c: &Value) -> Result<Accepted, RecheckError> {
    recheck(&c.to_string())
}

#[test]
fn true_certificates_are_accepted() {
    let texts: Vec<String> = [relu(), srelu(), gelu(), gem(), distance(), softplus(), squareplus()]
        .iter()
        .map(|c| run(c).map_or_else(|e| format!("REJECTED {e}"), |r| r.to_string()))
        .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn every_kind_of_tampering_is_rejected_for_its_own_reason() {
    type Case = (&'static str, fn() -> Value, fn(&mut Value));
    let cases: Vec<Case> = vec![
        ("a hole", gelu, |c| drop(c["sides"][0]["leaves"].as_array_mut().unwrap().remove(2))),
        ("the last leaf is gone", gelu, |c| drop(c["sides"][1]["leaves"].as_array_mut().unwrap().pop())),
        ("a leaf twice", gelu, |c| {
            let leaves = c["sides"][0]["leaves"].as_array_mut().unwrap();
            leaves.insert(1, leaves[1].clone());
        }),
        ("upper too small by 1e-12", gelu, |c| {
            both_uppers(c, "1.1289041451841548");
            c["sides"][0]["lower"] = json!(null);
        }),
        ("upper below lower", gelu, |c| both_uppers(c, "1.1")),
        ("different uppers", gelu, |c| c["sides"][1]["upper"] = json!("1.2")),
        ("another formula", gelu, |c| c["activation"]["pieces"][0]["value"] = json!("x*sigmoid(1.8*x)")),
        ("a moved end", srelu, |c| c["sides"][0]["leaves"][1]["hi"] = json!("1001/1000000")),
        ("a moved junction", srelu, |c| {
            c["activation"]["pieces"][1]["hi"] = json!("1001/1000000");
            c["activation"]["pieces"][2]["lo"] = json!("1001/1000000");
        }),
        ("lower too high", gelu, |c| c["sides"][0]["lower"]["value"] = json!("1.1289041451851548")),
        ("lower elsewhere", gelu, |c| c["sides"][0]["lower"]["at"] = json!("1.4")),
        ("lower outside of its piece", srelu, |c| c["sides"][0]["lower"]["at"] = json!("0")),
        ("lower without place", gelu, |c| drop(c["sides"][0]["lower"].as_object_mut().unwrap().remove("at"))),
        ("limit too high", softplus, |c| c["sides"][0]["lower"]["value"] = json!("1.0000001")),
        ("wrong sign", gelu, |c| c["sides"][1]["sign"] = json!(1)),
        ("wrong order", gelu, |c| c["sides"][0]["order"] = json!(0)),
        ("one side only", gelu, |c| drop(c["sides"].as_array_mut().unwrap().pop())),
        ("unknown method", gelu, |c| c["sides"][0]["leaves"][0]["method"] = json!("trust")),
        ("unknown quantity", gelu, |c| c["quantity"] = json!("beauty")),
        ("unknown key", gelu, |c| c["proved"] = json!(true)),
        ("another schema", gelu, |c| c["schema"] = json!("actaudit.certificate.v2")),
        ("wrong method", gelu, |c| c["sides"][0]["leaves"][3]["method"] = json!("decreasing")),
        ("convex it is not", gelu, |c| {
            c["sides"][0]["leaves"][4]["method"] = json!("convex");
            c["sides"][0]["leaves"][4].as_object_mut().unwrap().remove("at");
        }),
        ("concave without a point", gelu, |c| drop(c["sides"][0]["leaves"][4].as_object_mut().unwrap().remove("at"))),
        ("tangent elsewhere", gelu, |c| c["sides"][0]["leaves"][4]["at"] = json!("2")),
        ("not constant", gelu, |c| c["sides"][0]["leaves"][1]["method"] = json!("constant")),
        ("no such piece", gelu, |c| c["sides"][0]["leaves"][0]["piece"] = json!(1)),
        ("to_piece without distance", gelu, |c| c["sides"][0]["leaves"][0]["to_piece"] = json!(0)),
        ("precision 7", gelu, |c| c["precision"] = json!(7)),
        ("precision -1", gelu, |c| c["precision"] = json!(-1)),
        ("upper is NaN", gelu, |c| both_uppers(c, "nan")),
        ("upper is an expression that is too small", gelu, |c| {
            both_uppers(c, "sqrt(127/100)");
            c["sides"][0]["lower"] = json!(null);
        }),
        ("an end is NaN", gelu, |c| c["sides"][0]["leaves"][1]["hi"] = json!("NaN")),
        ("an end depends on x", gelu, |c| c["sides"][0]["leaves"][1]["hi"] = json!("x")),
        ("empty domain", gelu, |c| c["domain"] = json!(["1", "1"])),
        ("deep nesting", gelu, |c| {
            c["activation"]["pieces"][0]["value"] = json!("(".repeat(1000) + "x" + &")".repeat(1000))
        }),
        ("a gap between pieces", srelu, |c| c["activation"]["pieces"][1]["lo"] = json!("0")),
        ("both pieces closed", srelu, |c| c["activation"]["pieces"][1]["lo_closed"] = json!(true)),
        ("not on the whole line", srelu, |c| drop(c["activation"]["pieces"].as_array_mut().unwrap().remove(0))),
        ("a jump", relu, |c| c["activation"]["pieces"][1]["value"] = json!("x + 1/1000000000000000000")),
        ("a jump that is no rational", relu, |c| c["activation"]["pieces"][1]["value"] = json!("x + exp(-40)")),
        ("an undefined function", gelu, |c| {
            c["activation"]["pieces"][0]["value"] = json!("sqrt(x)^2");
            c["sides"][0]["lower"] = json!(null);
        }),
        ("a parameter", gelu, |c| c["activation"]["pieces"][0]["value"] = json!("x*normcdf(y*x)")),
        ("a name that is a statement", gelu, |c| c["activation"]["id"] = json!("gelu` and also `relu")),
        ("distance without g", distance, |c| c["to"] = json!(null)),
        ("distance with the pieces swapped", distance, |c| c["sides"][0]["leaves"][1]["to_piece"] = json!(1)),
        ("distance a little less", distance, |c| {
            both_uppers(c, "0.000187499999999999999999999");
            c["sides"][0]["lower"] = json!(null);
        }),
    ];
    let mut seen = Vec::new();
    for (what, certificate, change) in cases {
        let mut c = certificate();
        change(&mut c);
        let reason = run(&c).expect_err(what).to_string();
        seen.push(format!("{what}: {reason}"));
    }
    for text in ["", "{}", "[", "null", "\u{0}", "{\"kind\": \"supremum\"}", "{\"kind\": \"opinion\"}"] {
        seen.push(format!("{text:?}: {}", recheck(text).expect_err(text)));
    }
    seen.push(format!("nested JSON: {}", recheck(&"[".repeat(100_000)).expect_err("nested")));
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn another_function_under_a_name_of_the_catalogue_is_rejected() {
    let reason = |id: &str| {
        let mut c = gelu();
        c["activation"]["id"] = json!(id);
        run(&c).map_or_else(|e| e.to_string(), |r| r.statement)
    };
    insta::assert_snapshot!([reason("gelu"), reason("GELU"), reason("silu"), reason("srelu")].join("\n"));
}

/// A point at which the function of an accepted certificate contradicts it. By the mean value theorem a difference
/// quotient within one piece is a value of the slope, so no derivative is needed to notice.
fn contradiction(text: &str) -> Option<String> {
    use super::function::{End, Function, Point};
    use actaudit_expr::plain::{Interval, eval};
    let Ok(Certificate::Supremum(s)) = serde_json::from_str(text) else { return None };
    let f = Function::parse(&s.activation, 192).ok()?;
    let domain = [End::parse(&s.domain[0], 192).ok()?, End::parse(&s.domain[1], 192).ok()?];
    let step = Rational::from((1, 1 << 20));
    for i in -400_i64..400 {
        let x = Rational::from((i * i * i, 1_000_000));
        let [a, b] = [x.clone(), Rational::from(&x + &step)]
            .map(|q| End::At(Point::float(&rug::Float::with_val(192, q)).expect("finite")));
        let (End::At(p), End::At(q)) = (&a, &b) else { continue };
        if !domain[0].at_most(&a) || !b.at_most(&domain[1]) {
            continue;
        }
        let Some((_, piece)) = f.pieces_over(&a, &b).next() else { continue };
        let (u, v) = (eval(&piece.value, &p.value).ok()?, eval(&piece.value, &q.value).ok()?);
        let h = if s.quantity.order() == 0 { u } else { v.sub(&u).div(&Interval::rational(192, &step))? };
        for side in &s.sides {
            let h = if side.sign < 0 { h.neg() } else { h.clone() };
            if h.lo > actaudit_expr::parse_rational(&side.upper).ok()? {
                return Some(format!("h({x}) lies in {h}, above {}", side.upper));
            }
        }
    }
    None
}

/// Nothing that is accepted after a change may be false.
fn check_changed(text: &str) {
    let Ok(accepted) = recheck(text) else { return };
    if let Some(reason) = contradiction(text) {
        panic!("{reason}\n{accepted}\n{text}");
    }
    let value: Value = serde_json::from_str(text).expect("it was accepted");
    let is =
        |c: &Value| value["activation"]["pieces"] == c["activation"]["pieces"] && value["quantity"] == c["quantity"];
    let sup = if is(&gelu()) { "1.128904145185154786341" } else { "1" };
    if is(&gelu()) || is(&srelu()) || is(&softplus()) {
        let sup = actaudit_expr::parse_rational(sup).unwrap();
        let Conclusion::Bounds(sides) = accepted.conclusion() else { panic!("{accepted}") };
        for side in sides {
            assert!(side.lower.as_ref().is_none_or(|l| *l <= sup), "{accepted}\n{text}");
        }
    }
}

#[test]
fn the_test_for_false_claims_notices_them() {
    for (c, upper) in [(gelu(), "1.128"), (srelu(), "0.9999"), (softplus(), "0.99")] {
        let mut c = c;
        assert_eq!(contradiction(&c.to_string()), None);
        both_uppers(&mut c, upper);
        assert!(contradiction(&c.to_string()).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_never_proves_a_falsehood(which in 0..3usize, at in any::<prop::sample::Index>(), byte in 32u8..127, kind in 0..3) {
        let mut bytes = [gelu, srelu, softplus][which]().to_string().into_bytes();
        let at = at.index(bytes.len());
        match kind {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
        check_changed(std::str::from_utf8(&bytes).unwrap());
    }

    #[test]
    fn a_changed_field_never_proves_a_falsehood(which in 0..3usize, at in any::<prop::sample::Index>(), text in prop::sample::select(vec![
        "0", "1", "-1", "2", "inf", "-inf", "1e-3", "1/3", "sqrt(2)", "x", "tail", "direct", "mean", "constant", "concave", "increasing",
        "decreasing", "convex", "range", "slope", "curvature", "lipschitz", "x*sigmoid(x)", "abs(x)", "x^2", "relu", "1e400", "exp(1e9)",
    ])) {
        let mut c = [gelu, srelu, softplus][which]();
        let mut fields = vec![];
        texts(&mut c, &mut fields);
        let count = fields.len();
        *fields[at.index(count)] = text.to_owned();
        check_changed(&c.to_string());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(data in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&data);
    }
}

/// Every text in a JSON value.
fn texts<'a>(value: &'a mut Value, found: &mut Vec<&'a mut String>) {
    match value {
        Value::String(s) => found.push(s),
        Value::Array(items) => items.iter_mut().for_each(|v| texts(v, found)),
        Value::Object(map) => map.values_mut().for_each(|v| texts(v, found)),
        _ => {}
    }
}

/// Certificates of shipped claims, and what a fuzzer made of them: accepted or refused, never a panic; those that the search wrote
/// are accepted.
#[test]
fn the_corpus_is_checked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/certificate");
    let mut accepted = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let data = std::fs::read(&path).expect("is read");
        fuzz(&data);
        let written = !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("found_"));
        if written {
            let text = String::from_utf8(data).expect("is text");
            recheck(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            accepted += 1;
        }
    }
    assert!(accepted > 20, "{accepted}");
}

#[test]
fn lists_are_not_empty_and_keep_keys_that_stand_there_twice() {
    let one = gelu().to_string();
    assert_eq!(certificates(&one).map(|c| c.len()), Ok(1));
    assert!(certificates("[]").is_err());
    let doubled = one.replacen("\"precision\"", "\"quantity\":\"curvature\",\"precision\"", 1);
    let list = certificates(&format!("[{one}, {doubled}]")).expect("two");
    assert!(recheck(&list[0]).is_ok());
    assert!(recheck(&list[1]).expect_err("a key twice").to_string().contains("duplicate field"));
}
