//! Certificates written by hand: true ones, and false ones that say why they are refused.

use serde_json::{Value as Json, json};

/// Pieces from `on: value` texts, separated by `;`.
fn pieces(text: &str) -> Json {
    let piece = |p: &str| {
        let (on, value) = p.split_once(": ").expect("`on: value`");
        let (lo, hi) = on.trim().split_once(", ").expect("two ends");
        let (open, close) = (&lo[..1], &hi[hi.len() - 1..]);
        let (lo, hi) = (&lo[1..], &hi[..hi.len() - 1]);
        json!({ "lo": lo, "lo_closed": open == "[", "hi": hi, "hi_closed": close == "]", "value": value })
    };
    text.split("; ").map(piece).collect()
}

fn certificate(text: &str, order: Json, junctions: Json) -> Json {
    json!({
        "schema": "actaudit.certificate.v1", "kind": "continuity", "id": "mine", "params": [],
        "pieces": pieces(text), "order": order, "junctions": junctions,
    })
}

fn verdict(certificate: &Json) -> Result<String, String> {
    crate::recheck(&certificate.to_string()).map(|r| r.statement).map_err(|e| e.to_string())
}

/// A junction at 0 with nothing on the left.
fn beside(value: &str, order: i32, jump: Option<&str>) -> Result<String, String> {
    let text = format!("(-inf, 0]: 0; (0, inf): {value}");
    let mut junction = json!({ "at": "0", "order": order });
    if let Some(jump) = jump {
        junction["jump"] = json!(jump);
    }
    verdict(&certificate(&text, json!(order), json!([junction])))
}

fn accepted(value: &str, order: i32, jump: &str) {
    beside(value, order, Some(jump)).unwrap_or_else(|e| panic!("{value}: {e}"));
    for (order, jump) in [(order - 1, jump), (order + 1, jump), (order, "7/3")] {
        assert!(order < -1 || beside(value, order, Some(jump)).is_err(), "{value} is no C{order} with {jump}");
    }
    assert!(beside(value, order + 1, None).is_err(), "{value} is no C{}", order + 1);
}

#[test]
fn exact_derivatives() {
    for (value, order, jump) in [
        ("1", -1, "1"),
        ("x", 0, "1"),
        ("sin(x)", 0, "1"),
        ("x^3/(1 + x^2)", 2, "6"),
        ("exp(x) - 1 - x - x^2/2", 2, "1"),
        ("1 - 1/(1 + x)", 0, "1"),
        ("x*normcdf(x)", 0, "1/2"),
        ("x^2*erf(x)", 2, "12/sqrt(pi)"),
        ("atan(x) - x", 2, "-2"),
        ("x^2*cos(1 + x)", 1, "2*cos(1)"),
        ("tanh(x)^5", 4, "120"),
        ("log(1 + x)*x", 1, "2"),
        ("sqrt(1 + x) - 1", 0, "1/2"),
        ("(2 + x)^(1/3) - 2^(1/3)", 0, "2^(1/3)/6"),
        ("softplus(x) - log(2)", 0, "1/2"),
        ("sigmoid(2*x) - 1/2", 0, "1/2"),
        ("sinh(x) - sin(x)", 2, "2"),
        ("(cosh(x) - cos(x))/2", 1, "1"),
        ("expm1(x)/x - 1", 0, "1/2"),
        ("(exp(x) - 1 - x - x^2/2 - x^3/6)/x^3", 0, "1/24"),
        ("abs(x)^3", 2, "6"),
        ("max(x^2, x^2 + x)", 0, "1"),
        ("min(x^2, x^2 + x)", 1, "2"),
        ("sqrt(x)", 0, "infinite"),
        ("x^(7/2)*exp(x)", 3, "infinite"),
        ("sqrt(x^2 + x^3)", 0, "1"),
        ("sqrt(sqrt(x))*x", 1, "infinite"),
        ("1/x", -1, "infinite"),
        ("x^(-1/3)", -1, "infinite"),
    ] {
        accepted(value, order, jump);
    }
}

#[test]
fn flat_parts() {
    for (value, order, jump) in [
        ("exp(-1/x) + x^5", 4, "120"),
        ("x^2*sigmoid(1/x)", 1, "2"),
        ("exp(-1/x)/x^9 + x", 0, "1"),
        ("tanh(1/x)*x^2", 1, "2"),
        ("normcdf(1/x)", -1, "1"),
        ("atan(1/x)", -1, "pi/2"),
        ("x*atan(1/x)", 0, "pi/2"),
        ("x*softplus(1/x) - 1", 1, "0"),
        ("erfc(1/x) + x^3", 2, "6"),
        ("exp(-1/x^(1/2)) + x", 0, "1"),
        ("1/(1 + exp(-1/x))", -1, "1"),
        ("log(1 + exp(-1/x)) + x^2", 1, "2"),
        ("abs(x + exp(-1/x))", 0, "1"),
    ] {
        if order == 1 && jump == "0" {
            // nothing but the flat part is left: infinitely often differentiable
            let text = format!("(-inf, 0]: 0; (0, inf): {value}");
            verdict(&certificate(&text, json!("infinite"), json!([{ "at": "0", "order": "infinite" }]))).unwrap();
            continue;
        }
        accepted(value, order, jump);
    }
}

/// Issue: an unknown expansion was taken as bounded.
#[test]
fn essential_singularities_are_refused() {
    for value in [
        "x^2*exp(1/x) + x",
        "exp(-1/x)*cosh(1/x) + x",
        "exp(-1/x)*cosh(2/x) + x",
        "(tanh(1/x) - 1)*exp(2/x) + x^3",
        "erfc(1/x)*exp(1/x^2) + x^2",
        "x^4*sin(1/x) + x^3",
        "exp(-1/x)*sin(exp(1/x)) + x^5",
        "x^9*log(x)",
        "1/exp(-1/x)*x",
        "sqrt(exp(-1/x))",
        "abs(exp(-1/x)*sin(1/x))",
    ] {
        for order in [-1, 0, 1, 2, 5] {
            for jump in [None, Some("0"), Some("1"), Some("infinite")] {
                let claimed = beside(value, order, jump);
                // that nothing is claimed is no lie
                assert!(claimed.is_err() || (order, jump) == (-1, None), "{value} as C{order}, {jump:?}: {claimed:?}");
            }
        }
    }
    insta::assert_snapshot!(beside("x^4*sin(1/x) + x^3", 1, None).unwrap_err(), @"at 0: `sin(1/x)` has no expansion here");
}
