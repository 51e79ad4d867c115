use super::*;
use crate::expr::{Definition, Parameter, Provenance, parse_expr, parse_interval};
use std::sync::Arc;

/// A definition from parameters `(name, domain, default)` and pieces `(interval, value)`.
pub(crate) fn definition(id: &str, params: &[(&str, &str, &str)], pieces: &[(&str, &str)]) -> Arc<Definition> {
    let ends = |on: &str| parse_interval(on).unwrap_or_else(|e| panic!("{e}"));
    let rational = |e: &End| match e {
        End::Infinite => (None, false),
        End::At { at, closed } => (at.exact_rational(), *closed),
    };
    let param = |(name, domain, default): &(&str, &str, &str)| {
        let (lo, hi) = ends(domain);
        let ((lo, lo_closed), (hi, hi_closed)) = (rational(&lo), rational(&hi));
        Parameter {
            name: name.to_string(),
            domain: ParamDomain { lo, lo_closed, hi, hi_closed, integer: false },
            default: default.parse().unwrap(),
            meaning: String::new(),
        }
    };
    let piece = |(on, value): &(&str, &str)| {
        let (lo, hi) = ends(on);
        Piece { lo, hi, expr: parse_expr(value).unwrap_or_else(|e| panic!("{e}")) }
    };
    Arc::new(Definition {
        id: id.into(),
        aliases: vec![],
        title: String::new(),
        params: params.iter().map(param).collect(),
        pieces: pieces.iter().map(piece).collect(),
        source: String::new(),
        provenance: Provenance::User,
        note: String::new(),
    })
}

pub(crate) fn activation(definition: &Arc<Definition>, values: &[(&str, (i64, i64))]) -> Activation {
    let given: BTreeMap<String, Rational> = values.iter().map(|(n, q)| (n.to_string(), Rational::from(*q))).collect();
    let values: BTreeMap<String, Rational> =
        definition.params.iter().map(|p| (p.name.clone(), given.get(&p.name).unwrap_or(&p.default).clone())).collect();
    let put = |e: &Expr| e.substitute_params(&|n| values.get(n).cloned().map(Expr::rational)).simplified();
    let end = |e: &End| match e {
        End::Infinite => End::Infinite,
        End::At { at, closed } => End::At { at: put(at), closed: *closed },
    };
    let pieces =
        definition.pieces.iter().map(|p| Piece { lo: end(&p.lo), hi: end(&p.hi), expr: put(&p.expr) }).collect();
    Activation { definition: Arc::clone(definition), values, pieces, spelled: None }
}

fn of(d: &Arc<Definition>, values: &[(&str, (i64, i64))]) -> Continuity {
    continuity(&activation(d, values))
}

fn expr(text: &str) -> Continuity {
    let d = definition("expr", &[], &[("(-inf, inf)", text)]);
    of(&d, &[])
}

pub(crate) fn srelu() -> Arc<Definition> {
    srelu_with("(x + alpha)^3 * (3*alpha - x) / (16*alpha^3)")
}

fn srelu_with(middle: &str) -> Arc<Definition> {
    definition(
        "srelu",
        &[("alpha", "(0, inf)", "1/1000")],
        &[("(-inf, -alpha]", "0"), ("(-alpha, alpha)", middle), ("[alpha, inf)", "x")],
    )
}

fn gem() -> Arc<Definition> {
    definition(
        "egem",
        &[("N", "[1, inf)", "1"), ("eps", "(0, inf)", "1")],
        &[("(-inf, 0]", "0"), ("(0, inf)", "x^(2*N+1)/(eps + x^(2*N))")],
    )
}

fn elu() -> Arc<Definition> {
    definition("elu", &[("a", "(0, inf)", "1")], &[("(-inf, 0]", "a*expm1(x)"), ("(0, inf)", "x")])
}

fn two(left: &str, right: &str) -> Continuity {
    of(&definition("two", &[], &[("(-inf, 0]", left), ("(0, inf)", right)]), &[])
}

#[test]
fn srelu_is_c2_for_all_alpha() {
    let c = of(&srelu(), &[]);
    assert_eq!(c.order, Order::Class(2), "{}", render(&c));
    assert!(c.uniform);
    assert_eq!(c.for_all, ["alpha in (0, inf)"]);
    insta::assert_snapshot!(render(&c), @r#"
srelu (alpha = 1/1000): C2, not C3, for all alpha in (0, inf)
  at x = -alpha  C2  f''' jumps by 3/(2*alpha^2) = 1500000  exact one-sided derivatives, for all parameter values
  at x = alpha   C2  f''' jumps by 3/(2*alpha^2) = 1500000  exact one-sided derivatives, for all parameter values
"#);
    insta::assert_json_snapshot!(c.junctions[0], @r#"
{
  "at": "-alpha",
  "order": 2,
  "jump": {
    "derivative": 3,
    "exact": "3/(2*alpha^2)",
    "lower": "1500000",
    "upper": "1500000"
  },
  "uniform": true,
  "method": "exact one-sided derivatives, for all parameter values",
  "pieces": [
    0,
    1
  ]
}
"#);
}

#[test]
fn srelu_off_by_a_hair_is_caught() {
    let tiny = "1e-18";
    for (middle, order) in [
        // the constant term is wrong: a jump
        (format!("(3/16 + {tiny})*alpha + x/2 + 3*x^2/(8*alpha) - x^4/(16*alpha^3)"), -1),
        // the slope is wrong at one end, the values are right
        (format!("(x + alpha)^3*(3*alpha - x)/(16*alpha^3) + {tiny}*(x + alpha)*(alpha - x)"), 0),
        (format!("(x + alpha)^3*(3*alpha - x)/(16*alpha^3) + {tiny}*(x + alpha)^2*(alpha - x)^2"), 1),
    ] {
        let c = of(&srelu_with(&middle), &[]);
        assert_eq!(c.order, Order::Class(order), "{middle}: {}", render(&c));
    }
    // the junction itself is moved
    let moved = definition(
        "moved",
        &[("alpha", "(0, inf)", "1/1000")],
        &[
            ("(-inf, -alpha]", "0"),
            ("(-alpha, alpha + 1e-18)", "(x + alpha)^3*(3*alpha - x)/(16*alpha^3)"),
            ("[alpha + 1e-18, inf)", "x"),
        ],
    );
    assert_eq!(of(&moved, &[]).order, Order::Class(-1));
}

#[test]
fn gem_is_c2n_for_all_eps() {
    for n in 1..=4 {
        let c = of(&gem(), &[("N", (n, 1))]);
        assert_eq!(c.order, Order::Class(2 * n as i32), "{}", render(&c));
        assert!(c.uniform, "{}", render(&c));
        assert_eq!(c.for_all, ["eps in (0, inf)"]);
        assert_eq!(c.fixed, ["N"]);
    }
    insta::assert_snapshot!(render(&of(&gem(), &[("N", (2, 1))])), @r#"
egem (N = 2, eps = 1): C4, not C5, for all eps in (0, inf)
  at x = 0  C4  f^(5) jumps by 120/eps = 120  exact one-sided derivatives, for all eps
"#);
    // a wrong exponent
    let wrong = definition("wrong", &[], &[("(-inf, 0]", "0"), ("(0, inf)", "x^3/(1 + x^2) + 1e-18*x^2")]);
    assert_eq!(of(&wrong, &[]).order, Order::Class(1));
}

#[test]
fn elu_is_c1_at_1_only() {
    let at_one = of(&elu(), &[]);
    assert_eq!((at_one.order, at_one.uniform), (Order::Class(1), false));
    insta::assert_snapshot!(render(&at_one), @r#"
elu (a = 1): C1, not C2
  at x = 0  C1  f'' jumps by -1  exact one-sided derivatives, at the given parameter values
  with free parameters: C0 unless a - 1 = 0
"#);
    let at_half = of(&elu(), &[("a", (1, 2))]);
    assert_eq!((at_half.order, at_half.uniform), (Order::Class(0), false));
    insta::assert_snapshot!(render(&at_half), @r#"
elu (a = 1/2): C0, not C1
  at x = 0  C0  f' jumps by 1/2 = 0.5  exact one-sided derivatives, at the given parameter values
  with free parameters: C0 unless a - 1 = 0
"#);
    let celu = definition("celu", &[("a", "(0, inf)", "1")], &[("(-inf, 0]", "a*expm1(x/a)"), ("(0, inf)", "x")]);
    let celu = of(&celu, &[]);
    assert_eq!((celu.order, celu.uniform), (Order::Class(1), true), "{}", render(&celu));
}

#[test]
fn classes_of_usual_functions() {
    for (text, order) in [
        ("x*normcdf(x)", Order::Analytic),
        ("x*sigmoid(x)", Order::Analytic),
        ("x*tanh(softplus(x))", Order::Analytic),
        ("x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))", Order::Analytic),
        ("(x + sqrt(x^2 + 4))/2", Order::Analytic),
        ("1/(x^2 - x + 1)", Order::Analytic),
        ("max(0, x)", Order::Class(0)),
        ("x/(1 + abs(x))", Order::Class(1)),
        ("max(0, x)^2", Order::Class(1)),
        ("min(max(x, 0), 6)", Order::Class(0)),
        ("x*min(max(x + 3, 0), 6)/6", Order::Class(0)),
        ("max(0, x)^3", Order::Class(2)),
    ] {
        let c = expr(text);
        assert_eq!(c.order, order, "{text}: {}", render(&c));
        assert!(c.uniform);
    }
}

#[test]
fn branches_change_at_points_that_depend_on_parameters() {
    let a = |value: &str| definition("d", &[("a", "(0, inf)", "1/2")], &[("(-inf, inf)", value)]);
    for (value, order) in [
        ("max(-a, min(x, a))", 0),
        ("max(x - a, 0) + min(x + a, 0)", 0),
        ("max(0, x) + a*max(0, -x)", 0),
        ("x/(1 + a*abs(x))", 1),
        ("max(0, x - a)^2 - max(0, -x)^3", 1),
    ] {
        let c = of(&a(value), &[]);
        assert_eq!((c.order, c.uniform), (Order::Class(order), true), "{value}: {}", render(&c));
    }
    insta::assert_snapshot!(render(&of(&a("max(x - a, 0) + min(x + a, 0)"), &[])), @r#"
d (a = 1/2): C0, not C1, for all a in (0, inf)
  at x = -a  C0  f' jumps by -1  exact one-sided derivatives, for all parameter values
  at x = a   C0  f' jumps by 1   exact one-sided derivatives, for all parameter values
"#);
    // leaky relu with any slope is the identity for slope 1
    let leaky = definition("leaky", &[("a", "(-inf, inf)", "1/100")], &[("(-inf, inf)", "max(0, x) + a*min(0, x)")]);
    let c = of(&leaky, &[]);
    assert_eq!((c.order, c.uniform), (Order::Class(0), false), "{}", render(&c));
    insta::assert_snapshot!(c.exception.unwrap_or_default(), @r#"
C0 unless a - 1 = 0
"#);
}

#[test]
fn jumps_roots_and_flat_ends() {
    for (left, right, order) in [
        ("0", "1", Order::Class(-1)),
        ("0", "sqrt(x)", Order::Class(0)),
        ("0", "x^(3/2)", Order::Class(1)),
        ("0", "x^(7/2)*exp(x)", Order::Class(3)),
        ("0", "sin(x)", Order::Class(0)),
        ("x - x^3/6", "sin(x)", Order::Class(4)),
        ("1 + x + x^2/2", "exp(x)", Order::Class(2)),
        ("1/2 + x/4", "sigmoid(x)", Order::Class(2)),
        ("exp(x)*exp(1/3)", "exp(x + 1/3)", Order::Analytic),
        ("sigmoid(-x)", "1 - sigmoid(x)", Order::Analytic),
        ("erf(x) + 1e-30*x^5", "erf(x)", Order::Class(4)),
    ] {
        let c = two(left, right);
        assert_eq!(c.order, order, "{left} | {right}: {}", render(&c));
    }
    assert_eq!(two("0", "exp(-1/x)").order, Order::Infinite);
    insta::assert_snapshot!(render(&two("0", "x^(3/2)")), @r#"
two: C1, not C2
  at x = 0  C1  f'' is infinite  exact one-sided derivatives
"#);
}

#[test]
fn what_is_not_analytic_inside_is_said() {
    for (left, right) in [("0", "x/(x - 1)"), ("0", "x*log(x - 2)"), ("0", "x*abs(x^2 - 2)")] {
        let c = two(left, right);
        assert!(matches!(c.order, Order::Undecided { .. }), "{right}: {}", render(&c));
    }
    insta::assert_snapshot!(render(&two("0", "x/(x - 1)")), @r#"
two: undefined
  at x = 0  ?    not checked
  at x = 1 there is no value: `x/(x - 1)` is undefined, its operand lies in [-0, 0]
  on (0, inf): `x/(x - 1)` divides by what is not shown to have no zero
"#);
}

#[test]
fn junctions_at_algebraic_points() {
    let d = |value: &str| definition("root", &[], &[("(-inf, sqrt(2))", "x^2 - 2"), ("[sqrt(2), inf)", value)]);
    assert_eq!(of(&d("2*sqrt(2)*(x - sqrt(2))"), &[]).order, Order::Class(1));
    assert_eq!(of(&d("2.8284271247461903*(x - sqrt(2))"), &[]).order, Order::Class(0));
}

/// The class of every catalogued function at its default parameters; `*` where it holds for all parameter values.
#[test]
fn catalogue() {
    let mut rows: Vec<String> = crate::catalog::all()
        .iter()
        .map(|d| {
            let c = continuity(&Activation::new(Arc::clone(d), &BTreeMap::new()).unwrap_or_else(|e| panic!("{e}")));
            let first = render(&c).lines().next().unwrap_or_default().to_string();
            format!("{}{first}", if c.uniform { "* " } else { "  " })
        })
        .collect();
    rows.sort_by(|a, b| a[2..].cmp(&b[2..]));
    insta::assert_snapshot!(rows.join("\n"), @r#"
* celu (a = 1): C1, not C2, for all a in (0, inf)
* egem (N = 1, eps = 1/10000): C2, not C3, for all eps in (0, inf)
  elu (a = 1): C1, not C2
* exp: analytic on all of R
* gelu: analytic on all of R
* gelu_quick: analytic on all of R
* gelu_tanh: analytic on all of R
  gem (N = 1): C2, not C3
* hardshrink (l = 1/2): not continuous, for all l in (0, inf)
* hardsigmoid: C0, not C1
* hardsigmoid_keras: C0, not C1
* hardswish: C0, not C1
* hardtanh: C0, not C1
* identity: analytic on all of R
  leaky_relu (a = 1/100): C0, not C1
* logsigmoid: analytic on all of R
* mish: analytic on all of R
  prelu (a = 1/4): C0, not C1
* relu2: C1, not C2
* relu6: C0, not C1
* relu: C0, not C1
  s_shaped_relu (a_l = 1/5, a_r = 1/2, t_l = 0, t_r = 1): C0, not C1
* segem (N = 1, eps = 1/10000): C2, not C3, for all eps in (0, inf)
* selu: C0, not C1
* sigmoid: analytic on all of R
* silu: analytic on all of R
* smelu (beta = 1): C1, not C2, for all beta in (0, inf)
* softplus (b = 1): analytic on all of R, for all b in (0, inf)
* softshrink (l = 1/2): C0, not C1, for all l in (0, inf)
* softsign: C1, not C2
* sparse_sigmoid: C0, not C1
* squareplus (b = 4): analytic on all of R, for all b in (0, inf)
* srelu (alpha = 1/1000): C2, not C3, for all alpha in (0, inf)
* swish (b = 1): analytic on all of R, for all b in (-inf, inf)
* tanh: analytic on all of R
* tanhshrink: analytic on all of R
  threshold (t = 1, v = 0): not continuous
"#);
}

mod cases;
mod known;

/// A hostile reader found this: of the first junction it was said that the function is C0, which it is at no other value of a.
#[test]
fn an_exception_is_one_of_its_junction() {
    let pieces = [("(-inf, 0)", "x"), ("[0, 1)", "a*x"), ("[1, inf)", "2*x")];
    let c = of(&definition("d", &[("a", "(0, inf)", "2")], &pieces), &[("a", (3, 1))]);
    assert_eq!(
        c.exception.as_deref(),
        Some("at x = 0: C0 unless a - 1 = 0; at x = 1: not continuous unless a - 2 = 0")
    );
}
