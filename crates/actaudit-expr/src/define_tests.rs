use super::*;
use crate::Activation;
use std::sync::Arc;

const SRELU: &str = r#"
id = "my_srelu"
aliases = ["MySReLU"]
title = "smoothed \"ReLU\""
source = "a paper"
provenance = "published"
[[param]]
name = "alpha"
domain = "(0, inf)"
default = "1/1000"
meaning = "smoothing radius"
[[piece]]
on = "(-inf, -alpha]"
value = "0"
[[piece]]
on = "(-alpha, alpha)"
value = "(x + alpha)^3 * (3*alpha - x) / (16*alpha^3)"
[[piece]]
on = "[alpha, inf)"
value = "f32(\"1\") * x"
"#;

#[test]
fn a_file_becomes_a_definition_and_a_file_again() {
    let definition = Definition::from_toml(SRELU, "srelu.toml").unwrap();
    assert_eq!(definition.params[0].domain.to_string(), "(0, inf)");
    assert_eq!(definition.pieces[1].on(), "(-alpha, alpha)");
    assert_eq!(Definition::from_toml(&definition.to_toml(), "printed"), Ok(definition.clone()));
    let values = BTreeMap::from([("alpha".into(), Rational::from((1, 2)))]);
    let activation = Activation::new(Arc::new(definition), &values).unwrap();
    assert_eq!(activation.label(), "my_srelu(alpha=1/2)");
    assert_eq!(activation.pieces[1].on(), "(-1/2, 1/2)");
    assert_eq!(activation.pieces[1].expr.to_string(), "(x + 1/2)^3*(3/2 - x)/2");
}

#[test]
fn expressions_become_definitions() {
    let definition = Definition::from_expr("x*sigmoid(x)").unwrap();
    assert_eq!((definition.id.as_str(), definition.title.as_str()), ("expr", "x*sigmoid(x)"));
    assert!(Definition::from_expr("x*sigmoid(beta*x)").is_err());
    let beta = BTreeMap::from([("beta".into(), Rational::from((3, 2)))]);
    let definition = Definition::from_expr_with("x*sigmoid(beta*x)", &beta).unwrap();
    assert_eq!(Activation::with_defaults(Arc::new(definition)).unwrap().label(), "expr(beta=3/2)");
    assert!(Definition::from_expr_with("x/(beta - 3/2)", &beta).is_err());
}

#[test]
fn the_file_is_what_errors_point_into() {
    let place = |from: &str, to: &str| {
        assert!(SRELU.contains(from));
        Definition::from_toml(&SRELU.replace(from, to), "srelu.toml").unwrap_err().line_column()
    };
    assert_eq!(place("3*alpha - x", "3*alpa - x"), Some((17, 29)));
    assert_eq!(place("\\\"1\\\"", "\\\"1\\\" x"), Some((20, 20)));
    assert_eq!(place("[alpha, inf)", "(alpha, inf)"), Some((19, 6)));
    assert_eq!(place("meaning", "meanin"), Some((11, 1)));
}

#[test]
fn values_are_held_against_the_domain() {
    let gem = r#"
id = "gem"
expr = "x^(2*N + 1)/(1 + x^(2*N))"
param = [{ name = "N", domain = "[1, inf)", integer = true, default = 1 }]
"#;
    let gem = Arc::new(Definition::from_toml(gem, "gem.toml").unwrap());
    let with = |name: &str, value: &str| {
        let values = BTreeMap::from([(name.into(), Rational::from(Rational::parse(value).unwrap()))]);
        Activation::new(gem.clone(), &values).map(|a| a.pieces[0].expr.to_string()).map_err(|e| e.to_string())
    };
    assert_eq!(with("N", "2"), Ok("x^5/(x^4 + 1)".into()));
    assert_eq!(with("N", "3/2"), Err("N = 3/2 is outside of its domain integers in [1, inf)".into()));
    assert_eq!(with("N", "0"), Err("N = 0 is outside of its domain integers in [1, inf)".into()));
    assert_eq!(with("n", "1"), Err("`gem` has no parameter `n`".into()));
    assert_eq!(with("N", "5000"), Err("the exponent is too large in `x^(2*N + 1)/(1 + x^(2*N))`".into()));
}

#[test]
fn covers_are_checked_with_the_values() {
    let two = |first: &str, second: &str, default: &str| {
        let param = format!("[[param]]\nname = 'a'\ndomain = '(-inf, inf)'\ndefault = '{default}'\n");
        let piece = |on: &str| format!("[[piece]]\non = '{on}'\nvalue = 'x'\n");
        Definition::from_toml(&format!("id = 'd'\n{param}{}{}", piece(first), piece(second)), "d.toml")
    };
    let error = |first: &str, second: &str, default: &str| two(first, second, default).unwrap_err().to_string();
    assert!(two("(-inf, a]", "(a, inf)", "0").is_ok());
    assert!(two("(-inf, 1 + a)", "[a + 1, inf)", "0").is_ok());
    assert!(two("(-inf, sqrt(2)*sqrt(2))", "[sqrt(2)^2, inf)", "0").is_ok());
    assert_eq!(error("(-inf, a)", "(a, inf)", "0"), "gap at a: no piece covers it");
    assert_eq!(error("(-inf, a]", "[a, inf)", "0"), "overlap at a: two pieces cover it");
    assert_eq!(error("(-inf, a)", "[2*a, inf)", "1"), "gap between 1 and 2: no piece covers it");
    assert_eq!(error("(-inf, a)", "[2*a, inf)", "-1"), "overlap between -2 and -1: two pieces cover it");
    assert_eq!(
        error("(-inf, 1)", "[1 + 1e-18, inf)", "0"),
        format!("gap between 1 and {}: no piece covers it", "1 + 1e-18")
    );
    assert_eq!(error("(-inf, a)", "[a, 5)", "0"), "gap between 5 and inf: no piece covers it");
    assert_eq!(error("(0, a)", "[a, inf)", "1"), "gap between -inf and 0: no piece covers it");
    // right for the default, wrong for another value
    let definition = Arc::new(two("(-inf, a^2)", "[a, inf)", "1").unwrap());
    let values = BTreeMap::from([("a".into(), Rational::from(2))]);
    assert!(Activation::new(definition, &values).is_err());
}

#[test]
fn domains_know_whether_they_are_empty() {
    let domain = |lo: (i32, i32), lo_closed, hi: (i32, i32), hi_closed, integer| {
        let end = |q| Some(Rational::from(q));
        ParamDomain { lo: end(lo), lo_closed, hi: end(hi), hi_closed, integer }.is_empty()
    };
    assert!(!domain((0, 1), true, (0, 1), true, false));
    assert!(domain((0, 1), false, (0, 1), true, false));
    assert!(domain((0, 1), false, (1, 1), false, true));
    assert!(!domain((0, 1), false, (1, 1), true, true));
    assert!(domain((1, 5), true, (4, 5), true, true));
    assert!(!domain((1, 2), true, (3, 2), false, true));
}
