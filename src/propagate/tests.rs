//! Moments, edges and correlations against values that were computed elsewhere, and closed forms.

use super::*;
use crate::catalog;
use crate::expr::{Definition, parse_rational};
use std::collections::BTreeMap;
use std::sync::Arc;

fn act(name: &str, values: &[(&str, &str)]) -> Activation {
    let values: BTreeMap<String, Rational> =
        values.iter().map(|(n, v)| ((*n).to_owned(), parse_rational(v).expect("a number"))).collect();
    Activation::new(catalog::find(name).expect("in the catalogue"), &values).expect("values in their domains")
}

fn q(text: &str) -> Rational {
    parse_rational(text).expect("a number")
}

/// Whether an enclosure is narrow and holds a value that is known to so many digits.
fn holds(found: &MpI, known: &str, digits: i32, width: f64) -> bool {
    let known = rug::Float::with_val(BITS, rug::Float::parse(known).expect("a number"));
    let slack = rug::Float::with_val(BITS, &known * rug::Float::with_val(BITS, 10f64.powi(-digits)).abs());
    let slack = slack.abs();
    let inside = found.lo() <= rug::Float::with_val(BITS, &known + &slack)
        && found.hi() >= rug::Float::with_val(BITS, &known - &slack);
    inside && found.width().to_f64() <= width
}

#[test]
fn gains_of_the_table_that_everyone_copies() {
    // 1/std f(Z), where the mean is taken off; and without that
    for (name, second) in [("relu", "0.5"), ("tanh", "0.3942944904")] {
        let (moments, _) = at_variance(&act(name, &[]), &q("1")).expect("is Lipschitz");
        assert!(holds(&moments.value, second, 8, 1e-12), "{name} {:?}", moments.value);
    }
    // 1/sqrt(E tanh^2), which torch's calculate_gain has as 5/3
    let (moments, _) = at_variance(&act("tanh", &[]), &q("1")).expect("is Lipschitz");
    let gain = MpI::int(&BITS, 1).div(&moments.value.pow(&Rational::from((1, 2))));
    assert!(holds(&gain, "1.59253742", 8, 1e-12), "{gain:?}");
}

#[test]
fn the_edge_at_variance_one() {
    let (moments, found) = at_variance(&act("gelu", &[]), &q("1")).expect("is Lipschitz");
    // E gelu'^2 = 1/4 + asin(q/(1+q))/(2 pi) + q/(2 pi sqrt(1+2q)) (1/(1+2q) + (1-q^2)/(1+q)^2 + 1)
    assert!(holds(&moments.slope, "0.455850865649", 11, 1e-12), "{:?}", moments.slope);
    let Found::Edge(edge) = found else { panic!("an edge") };
    assert!(holds(&edge.sigma_w2, "2.193699903532395189937", 20, 1e-12), "{:?}", edge.sigma_w2);
    assert!(holds(&edge.sigma_b2, "0.067191674705633734172", 19, 1e-12), "{:?}", edge.sigma_b2);
    let Fall::Inverse(beta) = &edge.fall else { panic!("smooth") };
    assert!(holds(beta, "3.307288", 6, 1e-12));
}

/// Slopes of the variance's map by mpmath, and 1 + sw2 E f f'' where f'' is a function; a step beside q goes where the slope says.
#[test]
fn fixed_points_attract_or_repel() {
    let edge = |name: &str, at: &str| match at_variance(&act(name, &[]), &q(at)).expect("is Lipschitz").1 {
        Found::Edge(edge) => edge,
        other => panic!("{name}: {other:?}"),
    };
    for (name, at, slope, stability) in [
        ("gelu", "1", "1.06719167470563373417", Stability::Repels),
        ("gelu", "1/2", "1.09979000829673189777", Stability::Repels),
        ("tanh", "1", "0.391465443437314154911", Stability::Attracts),
        ("elu", "1", "0.860086797418934461494", Stability::Attracts),
        ("relu", "1", "1", Stability::Neutral),
        ("leaky_relu", "3", "1", Stability::Neutral),
        ("identity", "2", "1", Stability::Neutral),
    ] {
        let edge = edge(name, at);
        assert!(holds(&edge.variance_slope, slope, 18, 1e-12), "{name}: {:?}", edge.variance_slope);
        assert_eq!(edge.stability(), stability, "{name}");
    }
    // one layer on, from beside q: farther away or nearer
    for (name, repels) in [("gelu", true), ("tanh", false)] {
        let (edge, f) = (edge(name, "1"), act(name, &[]));
        let start = MpI::rational(&BITS, &q("99/100"));
        let [value, _] = Gauss::new(&f).expect("is Lipschitz").squares(&start);
        let next = edge.sigma_b2.add(&edge.sigma_w2.mul(&value));
        assert_eq!(next.hi() < start.lo(), repels, "{name}: {next:?}");
        assert_eq!(next.lo() > start.hi(), !repels, "{name}: {next:?}");
    }
    // an enclosure that holds 1 says nothing
    let wide = MpI::rational(&BITS, &q("9/10")).hull(&MpI::rational(&BITS, &q("11/10")));
    assert_eq!(Edge { variance_slope: wide, ..*edge("gelu", "1") }.stability(), Stability::Open);
}

/// Kinks and all: a mollified relu has no edge, since E f'^2 sigma_b^2 < 0.
#[test]
fn a_mollified_relu_has_no_edge() {
    for (variance, value) in [("1/10", "-0.160425558"), ("1", "-0.267815793"), ("10", "-0.697340929")] {
        let (_, found) = at_variance(&act("srelu", &[("alpha", "1")]), &q(variance)).expect("is Lipschitz");
        let Found::Never(b) = found else { panic!("{variance}: {found:?}") };
        assert!(holds(&b, value, 8, 1e-12), "{variance}: {b:?}");
    }
    let (_, found) = at_variance(&act("softplus", &[]), &q("1")).expect("is Lipschitz");
    assert!(matches!(found, Found::Never(_)), "{found:?}");
}

/// The mean square slope falls with the radius of S-ReLU, while the Lipschitz constant stays.
#[test]
fn the_mean_square_slope_of_srelu() {
    for (alpha, value) in
        [("1/1000", "0.499897415"), ("1/10", "0.489748444"), ("1", "0.403858143"), ("10", "0.255513438")]
    {
        let (moments, _) = at_variance(&act("srelu", &[("alpha", alpha)]), &q("1")).expect("is Lipschitz");
        assert!(holds(&moments.slope, value, 8, 1e-12), "{alpha}: {:?}", moments.slope);
    }
}

/// Published and computed elsewhere, each the only point for variances from 0.001 to 300.
#[test]
fn edges_by_the_variance_of_the_biases() {
    let edges = [
        ("tanh", "0.05", "0.570047881641", "1.7609546396067"),
        ("tanh", "0.01", "0.273300913458", "1.4242052904886"),
        ("gelu", "0.04", "0.575637116619", "2.3932383015575"),
        ("gelu", "0.01", "0.183483193107", "2.9827993690433"),
        ("silu", "0.04", "0.689452502914", "2.8208263977218"),
        ("silu", "0.01", "0.259712503896", "3.3125882717148"),
        ("mish", "0.04", "0.745549469963", "2.1416543149076"),
        ("elu", "0.04", "1.10693054035", "1.5110583261926"),
    ];
    for (name, sigma, variance, weights) in edges {
        let (_, found) = at_variance(&act(name, &[]), &q(variance)).expect("is Lipschitz");
        let Found::Edge(edge) = found else { panic!("{name}: an edge") };
        assert!(holds(&edge.sigma_b2, sigma, 9, 1e-12), "{name}: {:?}", edge.sigma_b2);
        assert!(holds(&edge.sigma_w2, weights, 11, 1e-11), "{name}: {:?}", edge.sigma_w2);
    }
    let (name, sigma, variance, weights) = edges[0];
    let (_, edge) = edge_of(&act(name, &[]), &q(sigma)).expect("is Lipschitz").expect("an edge");
    assert!(holds(&edge.q, variance, 11, 1e-12), "{:?}", edge.q);
    assert!(holds(&edge.sigma_w2, weights, 12, 1e-12), "{:?}", edge.sigma_w2);
}

#[test]
fn correlations_layer_by_layer() {
    let which = [1, 10, 100, 1000];
    let of = |name: &str| {
        let f = act(name, &[]);
        let (_, found) = at_variance(&f, &q("1")).expect("is Lipschitz");
        let Found::Edge(edge) = found else { panic!("an edge") };
        layers(&f, &edge, &which).expect("can be had")
    };
    for (name, values, digits) in [
        ("relu", [".681690113816209", ".128464483978482", ".00357685331605237", "4.3129732549214e-5"], 12),
        ("gelu", [".758239233640669", ".247231739161677", ".0320793494132433", ".00329841085430961"], 12),
    ] {
        for (layer, value) in of(name).iter().zip(values) {
            assert!(holds(&layer.distance, value, digits, 1e-12), "{name}: {layer:?}, known {value}");
        }
    }
}

/// A line through 0 moves no correlation, what is homogeneous is on the edge at every variance, and a constant has none.
#[test]
fn lines_and_homogeneous_functions() {
    for f in [act("leaky_relu", &[("a", "1")]), act("identity", &[])] {
        let (moments, found) = at_variance(&f, &q("2")).expect("is Lipschitz");
        let Found::Edge(edge) = found else { panic!("an edge") };
        assert!(holds(&moments.value, "2", 12, 1e-12) && holds(&edge.sigma_w2, "1", 12, 1e-12));
        assert!(matches!(edge.fall, Fall::Never));
        let all = layers(&f, &edge, &[1, 100]).expect("can be had");
        assert!(all.iter().all(|layer| holds(&layer.distance, "1", 12, 1e-12)), "{all:?}");
    }
    let constant = Activation::with_defaults(Arc::new(Definition::from_expr("3").expect("an expression")));
    let constant = constant.expect("no parameters");
    assert!(matches!(at_variance(&constant, &q("1")), Err(PropagateError::Constant(_))));
    assert!(edge_of(&act("relu", &[]), &q("0")).expect("is Lipschitz").is_some());
    assert!(edge_of(&act("relu", &[]), &q("1/20")).expect("is Lipschitz").is_none());
}

/// `falls like 1/l^2` is said of slopes that jump, and of no others.
#[test]
fn only_slopes_that_jump_are_said_to() {
    let expr = |text: &str| {
        let definition = Definition::from_expr(text).expect("an expression");
        Activation::with_defaults(Arc::new(definition)).expect("no parameters")
    };
    let fall = |f: &Activation| match at_variance(f, &q("1")).expect("is Lipschitz") {
        (moments, Found::Edge(edge)) => (moments.curvature, edge.fall),
        (moments, _) => (moments.curvature, Fall::Open),
    };
    // f'' jumps, or is infinite at 0
    for text in ["x + x*abs(x)*exp(-x^2)", "tanh(x) + abs(x)^(3/2)*exp(-x^2)"] {
        let (second, fall) = fall(&expr(text));
        assert!(
            !matches!(second, Second::Jumps) && !matches!(fall, Fall::InverseSquare),
            "{text}: {second:?} {fall:?}"
        );
    }
    for f in [expr("max(x, x/2) + tanh(x)"), act("relu", &[]), act("elu", &[("a", "1/2")])] {
        assert!(matches!(fall(&f), (Second::Jumps, Fall::InverseSquare)), "{}", f.label());
    }
}

#[test]
fn what_has_no_moments_here_is_refused() {
    for name in ["relu2", "hardshrink", "exp"] {
        let error = at_variance(&act(name, &[]), &q("1")).expect_err(name).to_string();
        assert!(error.contains("not known to be Lipschitz"), "{error}");
    }
    for variance in ["0", "-1", "1e9"] {
        assert!(matches!(at_variance(&act("gelu", &[]), &q(variance)), Err(PropagateError::Variance(_))), "{variance}");
    }
}
