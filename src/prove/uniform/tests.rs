use super::*;
use crate::expr::parse_expr;
use crate::prove::continuity::tests::{definition, srelu};

fn e(text: &str) -> Expr {
    parse_expr(text).unwrap_or_else(|e| panic!("{e}"))
}

fn fixed(values: &[(&str, i64)]) -> BTreeMap<String, Rational> {
    values.iter().map(|(n, v)| (n.to_string(), Rational::from(*v))).collect()
}

#[test]
fn scales_are_found() {
    let one = |id: &str, p: &str, pieces: &[(&str, &str)]| definition(id, &[(p, "(0, inf)", "1")], pieces);
    let check = |d: &Definition, values: &[(&str, i64)], expected: Option<(&str, i32)>| {
        let found = homogeneity(d, &fixed(values));
        let expected = expected.map(|(param, k)| Homogeneity { param: param.into(), k });
        assert_eq!(found, expected, "{}", d.id);
    };
    check(&srelu(), &[], Some(("alpha", 1)));
    check(&one("softplus", "b", &[("(-inf, inf)", "softplus(b*x)/b")]), &[], Some(("b", -1)));
    check(&one("swish", "b", &[("(-inf, inf)", "x*sigmoid(b*x)")]), &[], Some(("b", -1)));
    check(&one("celu", "a", &[("(-inf, 0]", "a*expm1(x/a)"), ("(0, inf)", "x")]), &[], Some(("a", 1)));
    check(&one("elu", "a", &[("(-inf, 0]", "a*expm1(x)"), ("(0, inf)", "x")]), &[], None);
    check(&one("squareplus", "b", &[("(-inf, inf)", "(x + sqrt(x^2 + 4*b))/2")]), &[], Some(("b", 2)));
    check(&one("softshrink", "c", &[("(-inf, inf)", "max(x - c, 0) + min(x + c, 0)")]), &[], Some(("c", 1)));
    let egem = definition(
        "egem",
        &[("N", "[1, inf)", "1"), ("eps", "(0, inf)", "1")],
        &[("(-inf, 0]", "0"), ("(0, inf)", "x^(2*N+1)/(eps + x^(2*N))")],
    );
    for n in 1..=4 {
        check(&egem, &[("N", n)], Some(("eps", 2 * n as i32)));
    }
    // an end that does not move along, and a domain that holds both signs
    let stuck = one("stuck", "a", &[("(-inf, 1]", "a*tanh(x/a)"), ("(1, inf)", "a*tanh(x/a)")]);
    check(&stuck, &[], None);
    let signed = definition("signed", &[("a", "(-inf, inf)", "1")], &[("(-inf, inf)", "x*sigmoid(a*x)")]);
    check(&signed, &[], None);
}

#[test]
fn pairs() {
    let relu = definition("relu", &[], &[("(-inf, inf)", "max(0, x)")]);
    let tanh = definition("tanh", &[], &[("(-inf, inf)", "tanh(x)")]);
    assert!(is_homogeneous(&relu, &fixed(&[])));
    assert_eq!(homogeneity_of_pair(&srelu(), &relu, &fixed(&[])).map(|h| h.k), Some(1));
    assert_eq!(homogeneity_of_pair(&srelu(), &tanh, &fixed(&[])), None);
}

#[test]
fn equalities() {
    for (a, b, expected) in [
        ("x*sigmoid(x)", "x - x*sigmoid(-x)", Some(true)),
        ("(x + a)^2", "x^2 + 2*a*x + a^2", Some(true)),
        ("(x + a)^2", "x^2 + 2*a*x + (1 + 1e-18)*a^2", Some(false)),
        ("sqrt(2)*sqrt(3)", "sqrt(6)", Some(true)),
        ("sqrt(2) + sqrt(3)", "3.146264369941972342329135065715570445", Some(false)),
        ("x*normcdf(x)", "x*(1 + erf(x/sqrt(2)))/2", Some(true)),
        ("x*normcdf(x)", "0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))", Some(false)),
        ("atan(x) + atan(1/x)", "pi/2", Some(false)),
        ("cosh(x)^2 - sinh(x)^2", "1", Some(true)),
        // true, but beyond the rewritings
        ("4*atan(1/5) - atan(1/239)", "pi/4", None),
    ] {
        assert_eq!(exactly_equal(&e(a), &e(b)), expected, "{a} and {b}");
    }
}

#[test]
fn stationary_points_are_exact() {
    let gelu_slope = e("x*normcdf(x)").derivative();
    assert_eq!(stationary_exactly(&gelu_slope, &e("sqrt(2)")), Some(true));
    assert_eq!(stationary_exactly(&gelu_slope, &e("1.414213562373095048801688724209698078")), Some(false));
    for n in 1..=4i64 {
        let slope = e(&format!("x^{}/(1 + x^{})", 2 * n + 1, 2 * n)).derivative();
        let at = e(&format!("({}/{})^(1/{})", 2 * n + 1, 2 * n - 1, 2 * n));
        assert_eq!(stationary_exactly(&slope, &at), Some(true), "N = {n}");
        let value = exact_value(&slope, &at).and_then(|v| v.exact_rational());
        assert_eq!(value, Some(Rational::from(((2 * n + 1).pow(2), 8 * n))), "N = {n}");
        let wrong = e(&format!("({}/{})^(1/{})", 2 * n + 3, 2 * n - 1, 2 * n));
        assert_eq!(stationary_exactly(&slope, &wrong), Some(false));
    }
    let mish = e("x*tanh(softplus(x))").derivative();
    assert_eq!(stationary_exactly(&mish, &e("1.49057")), Some(false));
}

/// The supremum of GEM' for all N at once: the difference from (2N+1)^2/(8N) is a square over a positive number.
#[test]
fn gem_slope_for_all_n() {
    let slope = e("x^(2*N+1)/(1 + x^(2*N))").derivative();
    let difference = e("(2*N+1)^2/(8*N)") - slope;
    let cx = || Assumptions::generic().with_positive("x").with_positive("N");
    let square = e("((2*N-1)*x^(2*N) - (2*N+1))^2/(8*N*(1 + x^(2*N))^2)");
    assert_eq!(equal_under(&difference, &square, cx()), Some(true));
    let wrong = e("((2*N-1)*x^(2*N) - (2*N+1))^2/(8*N*(1 + x^(2*N))^2) + 1e-18");
    assert_ne!(equal_under(&difference, &wrong, cx()), Some(true));
}
