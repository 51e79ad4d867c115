use super::*;
use crate::expr::parse_expr;
use crate::number::Tape;
use crate::number::decimal::directed;
use crate::number::{Enclosure, MpI, Real};
use crate::prove::objective::Edge;

/// sup of |d^order f| over [lo, hi], unbounded where an end is empty.
fn find(f: &str, order: usize, (lo, hi): (&str, &str), goal: Goal) -> Supremum {
    let f = parse_expr(f).unwrap();
    let edge = |t: &str| if t.is_empty() { Edge::Infinite } else { Edge::at(parse_expr(t).unwrap()) };
    let objectives = [1, -1].map(|s| Objective::new(&f, (0, None), s, order, (edge(lo), edge(hi))).unwrap());
    supremum_until(&objectives, goal, Deadline::after(goal.time))
}

fn on_r(f: &str, order: usize, digits: u32) -> Supremum {
    find(f, order, ("", ""), Goal { digits, ..Goal::default() })
}

/// The enclosure is as narrow as asked for and holds the value of `truth`, computed by other means.
fn check_value(f: &str, order: usize, truth: &str) {
    let expected = Tape::compile(&parse_expr(truth).unwrap()).unwrap().eval(&MpI::int(&400, 0));
    for digits in [14, 30, 50] {
        let s = on_r(f, order, digits);
        assert!(s.undecided.is_none(), "{f}: {:?}", s.undecided);
        assert!(s.lower <= expected.hi() && s.upper >= expected.lo(), "{f}: {} {}", s.lower, s.upper);
        let width = Float::with_val(64, &s.upper - &s.lower);
        assert!(width <= allowance(&s.lower, digits), "{f}: width {width}");
    }
}

fn check_exact(f: &str, order: usize, domain: (&str, &str), value: (i64, i64), attained: Attained) {
    let s = find(f, order, domain, Goal::default());
    assert_eq!(s.exact, Some(Rational::from(value)), "{f}: [{}, {}]", s.lower, s.upper);
    assert_eq!(s.attained, attained, "{f}: {:?}", s.places);
}

#[test]
fn lipschitz_constants_on_all_of_r_to_fifty_digits() {
    check_value("x*normcdf(x)", 1, "normcdf(sqrt(2)) + sqrt(2)*normpdf(sqrt(2))");
    check_value("x^3/(1+x^2)", 1, "9/8");
    check_value("exp(-x^2)", 1, "sqrt(2)*exp(-1/2)");
    check_value("x*exp(-x^2/2)", 0, "exp(-1/2)");
}

#[test]
fn exact_values_are_exact() {
    check_exact("tanh(x)", 1, ("", ""), (1, 1), Attained::Point);
    check_exact("sigmoid(x)", 1, ("", ""), (1, 4), Attained::Point);
    check_exact("softplus(x)", 1, ("", ""), (1, 1), Attained::Asymptotic);
    check_exact("3*x + 1", 1, ("", ""), (3, 1), Attained::Set);
    check_exact("(x + 1)^3*(3 - x)/16", 1, ("-1", "1"), (1, 1), Attained::Point);
    check_exact("(x + 1)^3*(3 - x)/16", 2, ("-1", "1"), (3, 4), Attained::Point);
    check_exact("x^2", 0, ("-1/3", "1/7"), (1, 9), Attained::Point);
}

#[test]
fn maximisers_are_bracketed() {
    let s = on_r("x*normcdf(x)", 1, 30);
    let [Place::Point { lo, hi, .. }] = &s.places[..] else { panic!("{:?}", s.places) };
    let root = Float::with_val(300, 2).sqrt();
    assert!(*lo <= root && *hi >= root);
    assert_eq!(directed(lo, 25, false), "1.414213562373095048801688");
}

#[test]
fn what_is_unbounded_is_said_to_be() {
    for (f, order, domain) in [
        ("sqrt(x)", 1, ("0", "1")),
        ("1/x", 0, ("0", "")),
        ("x^2", 1, ("", "")),
        ("x^3/(1+x^2)", 0, ("", "")),
        ("x^(1/3)", 1, ("0", "")),
    ] {
        let s = find(f, order, domain, Goal::default());
        assert!(s.lower.is_infinite() && s.undecided.is_none(), "{f}: {} {:?}", s.lower, s.undecided);
    }
}

#[test]
fn a_spent_budget_is_undecided_and_still_an_enclosure() {
    let goal = Goal { boxes: 3, ..Goal::default() };
    let s = find("x^3/(1+x^2)", 1, ("", ""), goal);
    assert!(s.undecided.is_some());
    assert!(s.lower <= 1.125 && s.upper >= 1.125);
    let wild = find("sin(exp(x))", 0, ("0", "30"), Goal { boxes: 200, ..Goal::default() });
    assert!(wild.lower <= 1 && wild.upper >= 1);
}

#[test]
fn undefined_places_are_never_passed_over() {
    let s = find("log(x)", 0, ("-1", "1"), Goal { boxes: 2000, ..Goal::default() });
    assert!(s.undecided.is_some(), "[{}, {}]", s.lower, s.upper);
}

#[test]
fn kinks_that_cannot_be_split_are_still_enclosed() {
    // f' is 2x up to the kink at 1, then 1: the supremum 2 is a limit from the left
    let s = find("min(x^2, x)", 1, ("1/2", "2"), Goal { digits: 12, ..Goal::default() });
    assert!(s.lower <= 2 && s.upper >= 2 && s.upper < 2.000001, "[{}, {}]", s.lower, s.upper);
    // a limit at the kink is not a value
    assert_eq!(s.attained, Attained::Unknown);
    let s = find("abs(x^2 - 2)", 1, ("1", "2"), Goal { digits: 12, ..Goal::default() });
    assert!(s.lower <= 4 && s.upper >= 4 && s.upper < 4.000001, "[{}, {}]", s.lower, s.upper);
}

#[test]
fn flat_edges_are_exact() {
    check_exact("-(x + 1/3)^3*(1 - x)", 0, ("-1/3", "1/2"), (125, 432), Attained::Point);
    check_exact("(x + 1)^3*(3 - x)/16", 1, ("-1", "1"), (1, 1), Attained::Point);
}

#[test]
fn flat_maxima_end() {
    let s = find("1 - x^4", 0, ("-1/2", "2/3"), Goal::default());
    assert!(s.lower <= 1 && s.upper >= 1);
    let s = find("exp(-x^4)*(1 - (x-1/7)^6)", 0, ("-1", "1"), Goal { boxes: 20_000, ..Goal::default() });
    assert!(s.upper >= s.lower);
}
