//! What comes out of convolutions, against what is known.

use super::branches::{Branches, Form};
use super::kernel::constants;
use super::library::kernels;
use super::named::Way;
use super::named::same;
use super::*;
use crate::catalog;
use crate::expr::{Activation, Definition, Expr, ParamDomain, Piece, parse_rational};
use crate::number::Real as _;
use crate::number::exact::Exact;
use crate::prove::Quantity;
use crate::prove::continuity::{Order, continuity};
use crate::prove::{Domain, Goal, bound};
use proptest::prelude::*;
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `relu`, `expr:min(x, 0)`, with the given values of parameters.
pub(super) fn act(name: &str, values: &[(&str, &str)]) -> Activation {
    let definition = match name.strip_prefix("expr:") {
        Some(text) => Arc::new(Definition::from_expr(text).expect("an expression")),
        None => base(name).unwrap_or_else(|| catalog::find(name).expect("in the catalogue")),
    };
    let values = values.iter().map(|(n, v)| ((*n).to_owned(), parse_rational(v).expect("a number"))).collect();
    Activation::new(definition, &values).expect("values in their domains")
}

fn smoothed(base: &str, with: &str, radius: Option<&str>) -> Mollified {
    let radius = radius.map(|r| parse_rational(r).expect("a number"));
    mollify(&act(base, &[]), &kernel(with).expect("a kernel"), radius.as_ref())
        .unwrap_or_else(|e| panic!("{base} * {with}: {e}"))
}

fn refused(base: &str, with: &str, radius: Option<&str>) -> String {
    let radius = radius.map(|r| parse_rational(r).expect("a number"));
    let found = kernel(with).and_then(|k| k.check().and_then(|_| mollify(&act(base, &[]), &k, radius.as_ref())));
    found.map_or_else(|e| e.to_string(), |m| panic!("{base} * {with} is {}", m.definition().to_toml()))
}

/// The paper's function, symbol for symbol: the same pieces with the same trees, on the same intervals.
#[test]
fn s_relu_comes_out_as_the_catalogue_has_it() {
    let found = smoothed("relu", "epanechnikov", None);
    let own = catalog::find("srelu").expect("in the catalogue");
    assert_eq!(found.definition().pieces, own.pieces);
    assert_eq!(found.definition().params[0].domain, own.params[0].domain);
    assert_eq!(name(&found), Some(Name { text: "srelu(alpha)".into(), always: true }));
    // and another kernel gives another function
    assert_ne!(smoothed("relu", "biweight", None).definition().pieces, own.pieces);
}

/// Base, kernel, its radius, the convolution by pieces between `;` from left to right, with ends after `@`.
type Identity = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The identities of mollification in the literature and by hand: symbolic where `a` stands, which is the radius.
const IDENTITIES: &[Identity] = &[
    ("relu", "uniform", "a", &[("-inf", "0"), ("-a", "(x + a)^2/(4*a)"), ("a", "x")]),
    (
        "relu",
        "triangular",
        "a",
        &[("-inf", "0"), ("-a", "(x + a)^3/(6*a^2)"), ("0", "x + (a - x)^3/(6*a^2)"), ("a", "x")],
    ),
    ("relu", "epanechnikov", "a", &[("-inf", "0"), ("-a", "(x + a)^3*(3*a - x)/(16*a^3)"), ("a", "x")]),
    ("relu", "biweight", "a", &[("-inf", "0"), ("-a", "(x + a)^4*(x^2 - 4*a*x + 5*a^2)/(32*a^5)"), ("a", "x")]),
    (
        "relu",
        "triweight",
        "a",
        &[("-inf", "0"), ("-a", "(x + a)^5*(35*a^3 - 47*a^2*x + 25*a*x^2 - 5*x^3)/(256*a^7)"), ("a", "x")],
    ),
    (
        "relu",
        "quadweight",
        "a",
        &[
            ("-inf", "0"),
            ("-a", "(x + a)^6*(7*x^4 - 42*a*x^3 + 102*a^2*x^2 - 122*a^3*x + 63*a^4)/(512*a^9)"),
            ("a", "x"),
        ],
    ),
    (
        "relu",
        "tricube",
        "1",
        &[
            ("-inf", "0"),
            ("-1", "x + 7/44 - x/2 + 35*x^2/81 + 7*x^5/54 + 5*x^8/108 + 7*x^11/891"),
            ("0", "7/44 + x/2 + 35*x^2/81 - 7*x^5/54 + 5*x^8/108 - 7*x^11/891"),
            ("1", "x"),
        ],
    ),
    ("relu", "cosine", "a", &[("-inf", "0"), ("-a", "a/2 + x/2 - a*cos(pi*x/(2*a))/pi"), ("a", "x")]),
    (
        "relu",
        "raised_cosine",
        "a",
        &[("-inf", "0"), ("-a", "(x + a)^2/(4*a) - a*(1 + cos(pi*x/a))/(2*pi^2)"), ("a", "x")],
    ),
    ("relu", "logistic", "a", &[("-inf", "a*softplus(x/a)")]),
    ("expr:min(x, 0)", "logistic", "1", &[("-inf", "-softplus(-x)")]),
    ("relu", "gaussian", "a", &[("-inf", "x*normcdf(x/a) + a*normpdf(x/a)")]),
    // GELU = relu * gaussian - phi
    ("relu", "gaussian", "1", &[("-inf", "x*normcdf(x) + normpdf(x)")]),
    ("leaky_relu", "gaussian", "1", &[("-inf", "x/100 + 99/100*(x*normcdf(x) + normpdf(x))")]),
    ("relu", "laplace", "a", &[("-inf", "a*exp(x/a)/2"), ("0", "x + a*exp(-x/a)/2")]),
    ("relu", "algebraic", "a", &[("-inf", "(x + sqrt(x^2 + a^2))/2")]),
    ("abs", "algebraic", "a", &[("-inf", "sqrt(x^2 + a^2)")]),
    ("abs", "sech2", "1", &[("-inf", "log(2*cosh(x))")]),
    // Huber's loss over d, plus d/2
    ("abs", "uniform", "a", &[("-inf", "-x"), ("-a", "x^2/(2*a) + a/2"), ("a", "x")]),
    ("step", "logistic", "1", &[("-inf", "sigmoid(x)")]),
    ("step", "gaussian", "1", &[("-inf", "normcdf(x)")]),
    ("step", "uniform", "3", &[("-inf", "0"), ("-3", "x/6 + 1/2"), ("3", "1")]),
    ("step", "uniform", "5/2", &[("-inf", "0"), ("-5/2", "x/5 + 1/2"), ("5/2", "1")]),
    // smoothstep and smootherstep of s = (x + 1)/2
    ("step", "epanechnikov", "1", &[("-inf", "0"), ("-1", "3*((x + 1)/2)^2 - 2*((x + 1)/2)^3"), ("1", "1")]),
    (
        "step",
        "biweight",
        "1",
        &[("-inf", "0"), ("-1", "6*((x + 1)/2)^5 - 15*((x + 1)/2)^4 + 10*((x + 1)/2)^3"), ("1", "1")],
    ),
    ("sign", "uniform", "1", &[("-inf", "-1"), ("-1", "x"), ("1", "1")]),
    ("sign", "sech2", "1", &[("-inf", "tanh(x)")]),
    ("sign", "cauchy", "1", &[("-inf", "2*atan(x)/pi")]),
    ("sign", "softsign_slope", "1", &[("-inf", "x/(1 - x)"), ("0", "x/(1 + x)")]),
    ("sign", "algebraic", "1", &[("-inf", "x/sqrt(1 + x^2)")]),
    // SmeLU_3 - HardSwish = (9 - x^2)/12 on [-3, 3]
    ("relu", "uniform", "3", &[("-inf", "0"), ("-3", "x*(x + 3)/6 + (9 - x^2)/12"), ("3", "x")]),
    // "exact outside" is true of piecewise linear bases only
    ("relu2", "epanechnikov", "a", &[("-inf", "0"), ("-a", "(x + a)^4*(4*a - x)/(40*a^3)"), ("a", "x^2 + a^2/5")]),
    // the triangular kernel is the uniform one twice, of half the width
    (
        "relu",
        "bspline(n=2)",
        "a",
        &[("-inf", "0"), ("-a", "(x + a)^3/(6*a^2)"), ("0", "x + (a - x)^3/(6*a^2)"), ("a", "x")],
    ),
    ("relu", "bspline(n=1)", "a", &[("-inf", "0"), ("-a", "(x + a)^2/(4*a)"), ("a", "x")]),
    // knots that merge: none is left at 0
    ("expr:abs(x - 1) + abs(x + 1)", "uniform", "1", &[("-inf", "-2*x"), ("-2", "x^2/2 + 2"), ("2", "2*x")]),
];

fn pieces_of(identity: &Identity) -> Vec<Piece> {
    let mut file = String::from("id = \"expected\"\n[[param]]\nname = \"a\"\ndomain = \"(0, inf)\"\ndefault = \"1\"\n");
    let pieces = identity.3;
    for (i, (from, value)) in pieces.iter().enumerate() {
        let open = if i == 0 { "(" } else { "[" };
        let to = pieces.get(i + 1).map_or("inf", |next| next.0);
        file += &format!("[[piece]]\non = \"{open}{from}, {to})\"\nvalue = \"{value}\"\n");
    }
    Definition::from_toml(&file, "expected").unwrap_or_else(|e| panic!("{identity:?}: {e}")).pieces
}

fn positive() -> BTreeMap<String, ParamDomain> {
    let domain = ParamDomain { lo: Some(Rational::new()), ..ParamDomain::REALS };
    BTreeMap::from([("a".to_owned(), domain)])
}

fn holds(identity: &Identity) -> bool {
    let (base, with, radius, _) = *identity;
    let found = smoothed(base, with, (radius != "a").then_some(radius));
    let expected = pieces_of(identity);
    if radius != "a" {
        return same(&found.activation.pieces, &expected, &BTreeMap::new());
    }
    let parameter = found.parameter.clone().expect("holds for all radii");
    let put = |e: &Expr| e.substitute_params(&|name| (name == parameter).then(|| Expr::param("a")));
    let end = |end: &crate::expr::End| match end {
        crate::expr::End::Infinite => crate::expr::End::Infinite,
        crate::expr::End::At { at, closed } => crate::expr::End::At { at: put(at), closed: *closed },
    };
    let own = &found.definition().pieces;
    let own: Vec<Piece> = own.iter().map(|p| Piece { lo: end(&p.lo), hi: end(&p.hi), expr: put(&p.expr) }).collect();
    same(&own, &expected, &positive())
}

#[test]
fn known_identities_hold_exactly() {
    let wrong: Vec<&Identity> = IDENTITIES.iter().filter(|i| !holds(i)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn identities_that_are_false_are_noticed() {
    let broken: [Identity; 4] = [
        ("relu", "epanechnikov", "a", &[("-inf", "0"), ("-a", "(x + a)^3*(3*a - x)/(17*a^3)"), ("a", "x")]),
        ("relu", "logistic", "a", &[("-inf", "softplus(x/a)")]),
        ("step", "uniform", "3", &[("-inf", "0"), ("-2", "x/6 + 1/2"), ("3", "1")]),
        ("relu2", "epanechnikov", "a", &[("-inf", "0"), ("-a", "(x + a)^4*(4*a - x)/(40*a^3)"), ("a", "x^2")]),
    ];
    assert!(broken.iter().all(|i| !holds(i)));
}

#[test]
fn what_the_catalogue_calls_them() {
    for (base, with, radius, found) in [
        ("relu", "uniform", None, Some(("smelu(beta = alpha)", true))),
        ("relu", "logistic", None, Some(("softplus(b = 1/alpha)", true))),
        ("relu", "algebraic", None, Some(("squareplus(b = 4*alpha^2)", true))),
        ("step", "logistic", None, Some(("sigmoid", false))),
        ("step", "logistic", Some("2"), None),
        ("step", "uniform", Some("3"), Some(("hardsigmoid", false))),
        ("sign", "sech2", Some("1"), Some(("tanh", false))),
        ("relu", "tricube", None, None),
    ] {
        let expected = found.map(|(text, always)| Name { text: text.to_owned(), always });
        let found = name(&smoothed(base, with, radius));
        // squareplus is (x + sqrt(x^2 + b))/2: b is the square of the radius
        let expected = expected.map(|n| Name { text: n.text.replace("4*alpha^2", "alpha^2"), ..n });
        assert_eq!(found, expected, "{base} * {with}");
    }
}

#[test]
fn the_ways_of_smoothing_are_computed() {
    for own in catalog::all() {
        if let Some(known) = smoothing(own) {
            assert!(known.holds(), "{}: {}", known.id, known.words());
        }
    }
    let relu = smoothing(&catalog::find("srelu").expect("is there")).expect("is known");
    assert!(!Smoothing { kernel: "biweight", ..*relu }.holds());
    assert!(!Smoothing { way: Way::Gated, ..*relu }.holds());
}

/// Every kernel that has a name is an even density with these constants; so are the B-splines.
#[test]
fn kernels_are_what_their_files_say() {
    for k in kernels() {
        let unchecked = Kernel { known: false, ..k.clone() };
        let facts = unchecked.check().unwrap_or_else(|e| panic!("{}: {e}", k.name));
        assert!(facts.even, "{}", k.name);
        // enclosures of cos(pi/2) and sin(pi) hold both signs
        assert_eq!(facts.not_negative, k.name != "cosine", "{}", k.name);
        assert_eq!(facts.unimodal, k.name != "raised_cosine", "{}", k.name);
        // pi leaves some integrals enclosures
        assert_eq!(facts.normalised, !["cauchy", "raised_cosine"].contains(&k.name.as_str()), "{}", k.name);
    }
    for n in 1..=8 {
        let k = kernel(&format!("bspline(n={n})")).expect("a kernel");
        let facts = k.check().unwrap_or_else(|e| panic!("{n}: {e}"));
        // that it is even is checked in the exact field before anything is proved
        assert!(facts.normalised && facts.not_negative, "{n}");
    }
}

/// m1, mu2, R and K(0) of the kernels with polynomials and cosines, exactly.
#[test]
fn constants_of_kernels() {
    for (id, constants) in [
        ("uniform", ["1/2", "1/3", "1/2", "1/2"]),
        ("triangular", ["1/3", "1/6", "2/3", "1"]),
        ("epanechnikov", ["3/8", "1/5", "3/5", "3/4"]),
        ("biweight", ["5/16", "1/7", "5/7", "15/16"]),
        ("triweight", ["35/128", "1/9", "350/429", "35/32"]),
        ("quadweight", ["63/256", "1/11", "2205/2431", "315/256"]),
        ("tricube", ["7/22", "35/243", "175/247", "70/81"]),
        ("cosine", ["1 - 2/pi", "1 - 8/pi^2", "pi^2/16", "pi/4"]),
        ("raised_cosine", ["1/2 - 2/pi^2", "1/3 - 2/pi^2", "3/4", "1"]),
        ("gaussian", ["sqrt(2/pi)", "1", "1/(2*sqrt(pi))", "1/sqrt(2*pi)"]),
        ("logistic", ["2*log(2)", "pi^2/3", "1/6", "1/4"]),
    ] {
        let k = kernel(id).expect("a kernel");
        let cx = constants_context();
        let found = [k.first_moment(), k.moment(2, &cx).ok(), k.roughness(), k.at_zero()];
        for (own, text) in found.into_iter().zip(constants) {
            let expected = Exact::eval(&cx, &crate::expr::parse_expr(text).expect("a constant"), &Exact::int(&cx, 0));
            let own = own.unwrap_or_else(|| panic!("{id}: {text}"));
            assert!(own.sub(&expected).is_zero(), "{id}: {text}");
        }
    }
}

fn constants_context() -> Arc<crate::number::exact::Assumptions> {
    constants()
}

/// For relu and any kernel: the error is half the first moment, at 0, the largest curvature K(0), the slope 1.
#[test]
fn error_and_curvature_of_relu() {
    for k in kernels().iter().filter(|k| k.finite != Some(0)) {
        let m = mollify(&act("relu", &[]), k, None).expect("has a first moment");
        let of = |quantity, to: Option<&Activation>| {
            bound(quantity, &m.activation, to, &Domain::default(), Goal::default()).expect("is bounded")
        };
        let relu = act("relu", &[]);
        let near = |found: &crate::prove::Bound, exact: Exact| {
            use crate::number::Enclosure as _;
            let exact = exact.enclosure(128).expect("a number");
            assert!(found.top.proved.value, "{}", k.name);
            assert!(found.top.answer.lower <= exact.hi() && found.top.answer.upper >= exact.lo(), "{}", k.name);
        };
        let half = Exact::rational(&constants(), &Rational::from((1, 2)));
        near(&of(Quantity::Distance, Some(&relu)), k.first_moment().expect("is finite").mul(&half));
        near(&of(Quantity::Curvature, None), k.at_zero().expect("is known"));
        near(&of(Quantity::Lipschitz, None), Exact::int(&constants(), 1));
    }
}

/// The class is that of the base plus that of the kernel plus 2, and no more.
#[test]
fn classes_add_up() {
    let bases = [("step", -1), ("threshold", -1), ("relu", 0), ("relu6", 0), ("hardswish", 0), ("relu2", 1)];
    let kernels =
        [("uniform", -1), ("triangular", 0), ("epanechnikov", 0), ("biweight", 1), ("tricube", 2), ("quadweight", 3)];
    for (base, m) in bases {
        for (with, k) in kernels {
            let found = continuity(&smoothed(base, with, None).activation);
            assert_eq!(found.order, Order::Class(m + k + 2), "{base} * {with}");
        }
    }
}

#[test]
fn parameters_stay_symbols_where_the_order_of_the_knots_does_not_depend_on_them() {
    let params = |m: &Mollified| m.definition().params.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join(" ");
    let prelu = smoothed("prelu", "epanechnikov", None);
    assert_eq!((params(&prelu).as_str(), prelu.limit.clone()), ("a alpha", None));
    let threshold = smoothed("threshold", "uniform", None);
    assert_eq!(params(&threshold), "t v alpha");
    // two knots whose distance is a parameter
    let shrink = smoothed("softshrink", "uniform", None);
    assert_eq!((params(&shrink).as_str(), shrink.limit.clone()), ("alpha", Some(Rational::from((1, 2)))));
    assert_eq!(shrink.fixed, ["l"]);
    // a kernel without knots merges nothing
    assert_eq!(params(&smoothed("softshrink", "gaussian", None)), "l alpha");
    // alpha is taken
    assert_eq!(params(&smoothed("srelu", "uniform", None)), "radius");
    let relu6 = smoothed("relu6", "uniform", None);
    assert_eq!(relu6.limit, Some(Rational::from(3)));
    assert_eq!(smoothed("relu6", "gaussian", None).limit, None);
}

#[test]
fn wide_kernels_merge_pieces_and_then_hold_for_one_radius() {
    let wide = smoothed("relu6", "uniform", Some("4"));
    assert_eq!((wide.parameter.clone(), wide.definition().params.len()), (None, 0));
    assert_eq!(wide.definition().pieces.len(), 5);
    // at the limit two knots meet
    assert_eq!(smoothed("relu6", "uniform", Some("3")).definition().pieces.len(), 4);
    let Some(Form::Poly(middle)) = Branches::of(&wide.definition().pieces, &constants()).forms.into_iter().nth(2)
    else {
        panic!("a polynomial")
    };
    // (G(x) - G(x - 6)) of G = (x + 4)^2/16
    assert_eq!(write::expanded(&middle).map(|e| e.to_string()), Some("3*x/4 + 3/4".into()));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (base, with, radius, part) in [
        ("relu", "epanechnikof", None, "did you mean `epanechnikov`?"),
        ("relu", "bump", None, "verified quadrature"),
        ("relu", "cauchy", None, "has no finite moment of order 1"),
        ("relu2", "algebraic", None, "grows like |x|^2"),
        ("hardtanh", "cauchy", None, "exists, but not in the form"),
        ("elu", "uniform", None, "is not a piecewise polynomial"),
        ("gelu", "uniform", None, "is not a piecewise polynomial: it is `x*normcdf(x)`"),
        ("relu2", "logistic", None, "it takes 3 antiderivatives, and 2 are known"),
        ("relu", "bspline(m=3)", None, "from 1 to 8, found m=3"),
        ("relu", "bspline(n=9)", None, "from 1 to 8, found 9"),
        ("relu", "bspline", None, "say for example bspline(n=4)"),
        ("relu", "uniform", Some("0"), "above 0"),
        ("relu", "uniform", Some("-1"), "above 0"),
    ] {
        let found = refused(base, with, radius);
        assert!(found.contains(part), "{base} * {with}: {found}");
    }
}

#[test]
fn densities_that_are_none_are_refused_with_the_place() {
    let check = |file: &str| Kernel::from_toml(file, "own.toml").and_then(|k| k.check().map(|_| ()));
    let box_of = |lo: &str, hi: &str, value: &str| {
        format!(
            "id = \"own\"\n[[piece]]\non = \"(-inf, {lo})\"\nvalue = \"0\"\n[[piece]]\non = \"[{lo}, {hi}]\"\nvalue = \"{value}\"\n\
             [[piece]]\non = \"({hi}, inf)\"\nvalue = \"0\"\n"
        )
    };
    check(&box_of("-2", "2", "1/4")).expect("an even density");
    for (file, part) in [
        (box_of("-1", "1", "1.0001/2"), "its integral is 1.0001, not 1"),
        (box_of("-1", "2", "1/3"), "a piece ends at -1, and none at 1"),
        (box_of("-1", "1", "1/2 + x/4"), "between -1 and 1 K(x) is x/4 + 1/2 and K(-x) is 1/2 - x/4"),
        (box_of("-1", "1", "3*x^2 - 1/2"), "is negative: at x = "),
        ("id = \"own\"\nexpr = \"1\"\n".into(), "its integral is infinite"),
        ("id = \"own\"\nexpr = \"1.0001*normpdf(x)\"\n".into(), "gives no [[antiderivative]]"),
        (
            "id = \"own\"\nexpr = \"1.0001*normpdf(x)\"\n[[antiderivative]]\nexpr = \"1.0001*normcdf(x)\"\n".into(),
            "not normalised: its integral is in [1.0000",
        ),
        (
            "id = \"own\"\nexpr = \"normpdf(x)\"\n[[antiderivative]]\nexpr = \"normcdf(2*x)\"\n".into(),
            "its slope is not what stands before it",
        ),
        (
            "id = \"own\"\nexpr = \"normpdf(x)\"\n[[antiderivative]]\nexpr = \"normcdf(x) - 1/2\"\n".into(),
            "not seen to vanish",
        ),
        (
            "id = \"own\"\nexpr = \"normpdf(x)\"\n[[antiderivative]]\nexpr = \"normcdf(x)\"\n[[antiderivative]]\nexpr = \
             \"x*normcdf(x) + normpdf(x) + 1e-14\"\n"
                .into(),
            "does not vanish at the left end",
        ),
        ("id = \"own\"\nexpr = \"normpdf(x - 1)\"\n".into(), "is not even"),
        ("id = \"own\"\nexpr = \"normpdf(x)\"\nfinite_moments = -1\n".into(), "finite_moments"),
        ("id = \"own\"\nexpr = \"normpdf(x\"\n".into(), "bracket"),
    ] {
        let found = check(&file).expect_err(&file).to_string();
        assert!(found.contains(part), "{found}\n{file}");
    }
}

/// A kernel of one's own in closed form is as good as one of the program.
#[test]
fn own_kernels_with_closed_forms() {
    let file = "id = \"own\"\nexpr = \"normpdf(x)\"\n[[antiderivative]]\nexpr = \"normcdf(x)\"\n[[antiderivative]]\nexpr = \"x*normcdf(x) + normpdf(x)\"\n";
    let own = Kernel::from_toml(file, "own.toml").expect("reads");
    assert!(own.check().expect("an even density").normalised);
    let found = mollify(&act("relu", &[]), &own, None).expect("has a closed form");
    assert_eq!(found.definition().pieces, smoothed("relu", "gaussian", None).definition().pieces);
}

/// Whether moments are finite is shown by antiderivatives, not by what a file states of itself.
#[test]
fn moments_that_nobody_showed_are_not_taken_as_finite() {
    let cauchy = |rest: &str| {
        let file =
            format!("id = \"own\"\nexpr = \"1/(pi*(1+x^2))\"\n{rest}[[antiderivative]]\nexpr = \"1/2 + atan(x)/pi\"\n");
        Kernel::from_toml(&file, "own.toml").expect("reads")
    };
    for rest in ["", "finite_moments = 9\n", "variance = \"1\"\n"] {
        for base in ["identity", "relu"] {
            let error = mollify(&act(base, &[]), &cauchy(rest), None).expect_err(base).to_string();
            assert!(error.contains("is not known to exist") && error.contains("has 1 antiderivatives"), "{error}");
        }
    }
    // a step takes none
    mollify(&Activation::with_defaults(base("step").expect("a base")).expect("defaults"), &cauchy(""), None)
        .expect("exists");
    let stated = "id = \"own\"\nexpr = \"normpdf(x)\"\nvariance = \"5\"\n[[antiderivative]]\nexpr = \"normcdf(x)\"\n";
    let kernel = Kernel::from_toml(stated, "own.toml").expect("reads");
    assert!(kernel.moment(2, &constants()).is_err(), "a variance that is only stated");
}

/// All kernels of a comparison have one radius.
#[test]
fn a_comparison_is_at_one_radius() {
    let rows = compare(&act("hardtanh", &[]), None);
    let radii: Vec<Rational> =
        rows.iter().filter_map(|row| Some(row.found.as_ref().ok()?.mollified.radius.clone())).collect();
    assert!(radii.len() > 10 && radii.iter().all(|radius| *radius == radii[0]), "{radii:?}");
}

#[test]
fn requirements_are_met_or_excluded() {
    let q = |text: &str| Some(parse_rational(text).expect("a number"));
    let relu = act("relu", &[]);
    let found = |wanted: &Requirements| {
        let found = design(&relu, wanted).expect("relu scales");
        let of = |which: fn(&Outcome) -> bool| {
            found.iter().filter(|d| which(&d.outcome)).map(|d| d.kernel.clone()).collect::<Vec<_>>().join(" ")
        };
        [of(|o| matches!(o, Outcome::Meets { .. })), of(|o| matches!(o, Outcome::Open(_)))]
    };
    // 1/8 <= 0.125 is what the uniform kernel attains, and epanechnikov's 9/64 is 0.140625
    let wanted =
        |error, curvature, class| Requirements { error: q(error), curvature: q(curvature), class, lipschitz: q("1") };
    assert_eq!(found(&wanted("1/1000", "124.9", None))[0], "");
    assert_eq!(found(&wanted("1/1000", "125", None))[0], "uniform");
    // triangular has 1/6, gaussian 1/(2 pi)
    let better = found(&wanted("1/1000", "150", Some(2)));
    assert!(better[0].starts_with("epanechnikov biweight triweight tricube"), "{better:?}");
    assert_eq!(least_product(&relu), Some(Rational::from((1, 8))));
    assert_eq!(least_product(&act("abs", &[])), Some(Rational::from((1, 2))));
    assert!(design(&act("relu6", &[]), &wanted("1/1000", "150", None)).is_err());
}

/// f * K at a point by exact integration over u, piece by piece, from the pieces of f and of K: another way round than the sum
/// over truncated powers.
fn integrated_at(f: &Branches, k: &Branches, radius: &Rational, x: &Rational) -> Rational {
    let number = |e: &Exact| e.as_rational().expect("rational");
    let mut ends: Vec<Rational> = k.knots.iter().map(number).collect();
    let [first, last] = [ends[0].clone(), ends[ends.len() - 1].clone()];
    ends.extend(f.knots.iter().map(|t| (x - number(t)) / radius).filter(|u| *u > first && *u < last));
    ends.sort();
    let cx = constants();
    let exact = |q: &Rational| Exact::rational(&cx, q);
    let place = |knots: &[Exact], at: &Rational| knots.iter().take_while(|t| number(t) < *at).count();
    let mut sum = Rational::new();
    for pair in ends.windows(2) {
        let middle = Rational::from(&pair[0] + &pair[1]) / 2u32;
        let argument = x - Rational::from(radius * &middle);
        let (Form::Poly(p), Form::Poly(q)) = (&f.forms[place(&f.knots, &argument)], &k.forms[place(&k.knots, &middle)])
        else {
            panic!("polynomials")
        };
        // p(x - r u) as a polynomial in u
        let inner = p.shifted(&exact(x)).stretched(&exact(&Rational::from(-radius)));
        let primitive = inner.times(q).expect("of small degree").antiderivative();
        sum += number(&primitive.at(&exact(&pair[1])).sub(&primitive.at(&exact(&pair[0]))));
    }
    sum
}

fn random_base() -> impl Strategy<Value = Vec<(i32, Vec<i32>)>> {
    let piece = (1i32..12, prop::collection::vec(-5i32..=5, 1..4));
    prop::collection::vec(piece, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Random piecewise polynomials, jumps and all, with any polynomial kernel and any radius, merged pieces or not.
    #[test]
    fn the_convolution_is_the_integral(
        parts in random_base(),
        which in 0usize..9,
        (num, den) in (1u32..40, 1u32..12),
        at in (-60i32..60, 1u32..9),
    ) {
        let names = ["uniform", "triangular", "epanechnikov", "biweight", "triweight", "tricube", "bspline(n=3)", "bspline(n=4)", "quadweight"];
        let with = kernel(names[which]).expect("a kernel");
        let mut file = String::from("id = \"random\"\n");
        let mut knot = -6i32;
        let mut from = String::from("(-inf");
        for (i, (step, coefficients)) in parts.iter().enumerate() {
            let terms: Vec<String> = coefficients.iter().enumerate().map(|(k, c)| format!("({c})*x^{k}")).collect();
            let last = i + 1 == parts.len();
            let to = if last { "inf)".to_owned() } else { format!("{knot}/2)") };
            file += &format!("[[piece]]\non = \"{from}, {to}\"\nvalue = \"{}\"\n", terms.join(" + "));
            from = format!("[{knot}/2");
            knot += step;
        }
        let base = Activation::with_defaults(Arc::new(Definition::from_toml(&file, "random").expect("a definition"))).expect("no parameters");
        let (radius, x) = (Rational::from((num, den)), Rational::from(at));
        let found = mollify(&base, &with, Some(&radius)).expect("polynomials");
        let cx = constants();
        let value = value_at(&found.activation, &x).and_then(|v| v.as_rational()).expect("rational");
        let expected = integrated_at(&Branches::of(&base.pieces, &cx), &with.branches(&cx), &radius, &x);
        prop_assert_eq!(value, expected, "{} at {}, radius {}", file, x, radius);
    }
}

/// The convolutions that stand in the claims about the method are what is computed.
#[test]
fn convolutions_in_claims_are_computed_again() {
    let text = include_str!("../../audits/claims/mollification.toml");
    let file: toml::Table = text.parse().expect("a claim file");
    let definitions = file["definition"].as_array().expect("definitions");
    let stated = |id: &str| {
        let found = definitions.iter().find(|d| d["id"].as_str() == Some(id)).expect("is there");
        Definition::from_toml(&found.as_table().expect("a table").to_string(), id)
            .unwrap_or_else(|e| panic!("{id}: {e}"))
    };
    for (id, base, with, radius) in [
        ("relu_quadweight", "relu", "quadweight", None),
        ("hardtanh_epanechnikov", "hardtanh", "epanechnikov", Some("1/2")),
        ("relu2_epanechnikov", "relu2", "epanechnikov", Some("1")),
    ] {
        let found = smoothed(base, with, radius);
        let symbols = found.definition().params.iter().map(|p| (p.name.clone(), p.domain.clone())).collect();
        let (own, symbols) = match radius {
            None => (&found.definition().pieces, symbols),
            Some(_) => (&found.activation.pieces, BTreeMap::new()),
        };
        assert!(same(own, &stated(id).pieces, &symbols), "{id}");
    }
}

#[test]
fn what_the_kernel_does_not_reach_is_unchanged() {
    let unchanged = |base: &str, with: &str| facts(&smoothed(base, with, None)).expect("facts").unchanged.join(" ");
    assert_eq!(unchanged("relu", "epanechnikov"), "(-inf, -alpha] [alpha, inf)");
    // squared relu is shifted on the right
    assert_eq!(unchanged("relu2", "epanechnikov"), "(-inf, -alpha]");
    assert_eq!(unchanged("hardswish", "uniform"), "(-inf, -alpha - 3] [alpha + 3, inf)");
    assert_eq!(unchanged("relu", "gaussian"), "");
}
