use super::*;
use crate::expr::parse_expr;

fn e(text: &str) -> Expr {
    parse_expr(text).unwrap_or_else(|e| panic!("{e}"))
}

fn exact(integrand: &str, from: &str, to: &str) -> Option<Expr> {
    integral_exact(&e(integrand), &e(from), &e(to))
}

#[test]
fn epanechnikov_is_normalised_for_all_radii() {
    assert_eq!(exact("3/(4*a)*(1 - x^2/a^2)", "-a", "a").and_then(|v| v.exact_rational()), Some(1.into()));
    assert_ne!(exact("3.000001/(4*a)*(1 - x^2/a^2)", "-a", "a").and_then(|v| v.exact_rational()), Some(1.into()));
    assert_eq!(exact("exp(x)", "0", "1"), None);
    assert_eq!(exact("sqrt(2)*x*exp(1/2)", "0", "sqrt(2)").map(|v| v.to_string()), Some("exp(1/2)*sqrt(2)".into()));
}

fn enclosed(integrand: &str, from: &str, to: &str, digits: u32) -> (String, String) {
    let v = integral_enclosure(&e(integrand), &e(from), &e(to), digits).unwrap_or_else(|e| panic!("{e}"));
    let text = |f: Float, up| crate::number::decimal::directed(&f, digits, up);
    (text(v.lo(), false), text(v.hi(), true))
}

/// Reference values: closed forms.
#[test]
fn enclosures_hold_known_values() {
    let check = |integrand: &str, from: &str, to: &str, value: &str, digits: u32| {
        let v = integral_enclosure(&e(integrand), &e(from), &e(to), digits).unwrap_or_else(|e| panic!("{e}"));
        let known = Tape::compile(&e(value)).unwrap().eval(&MpI::int(&400, 0));
        assert!(v.lo() <= known.hi() && known.lo() <= v.hi(), "{integrand}: {v:?} and {known:?}");
    };
    check("exp(x)", "0", "1", "e - 1", 50);
    check("1/(1 + x^2)", "0", "1", "pi/4", 40);
    check("normpdf(x)", "-3", "3", "2*normcdf(3) - 1", 30);
    check("sqrt(x)", "0", "1", "2/3", 12);
    check("x^2", "-sqrt(2)", "pi", "(pi^3 + 2*sqrt(2))/3", 25);
    check("exp(x)", "1", "0", "1 - e", 20);
}

/// The constant of the bump kernel is the reciprocal of this.
#[test]
fn bump_with_singular_formula_at_its_ends() {
    let (lo, hi) = enclosed("exp(-1/(1 - x^2))", "-1", "1", 20);
    insta::assert_snapshot!(format!("{lo}\n{hi}"), @r#"
0.44399381616807943782
0.44399381616807943783
"#);
}

#[test]
fn what_does_not_converge_is_an_error() {
    for (integrand, from, to) in [("1/x", "-1", "1"), ("1/x", "0", "1"), ("1/x^2", "0", "1")] {
        assert!(integral_enclosure(&e(integrand), &e(from), &e(to), 10).is_err(), "{integrand}");
    }
    assert!(integral_enclosure(&e("exp(-x^2)"), &e("0"), &e("log(0)"), 10).is_err());
}
