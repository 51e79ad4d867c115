//! Mollified activations against golden/mollified.json: class, error, Lipschitz constant and values by quadrature.

use super::golden::contains;
use actaudit::catalog;
use actaudit::expr::{Activation, End, Piece, parse_rational};
use actaudit::internal::{Enclosure, Jet, MpI, Real, Tape, base, kernel, mollify};
use actaudit::prove::{Bound, Domain, Goal, Order, Quantity, bound, continuity};
use rayon::prelude::*;
use rug::{Float, Rational};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    mollified: Vec<Record>,
}

#[derive(Deserialize, Clone)]
struct Record {
    base: String,
    kernel: String,
    radius: String,
    order: serde_json::Value,
    error: String,
    lipschitz: String,
    points: Vec<[String; 3]>,
}

/// Pairs and quantities of which the checker accepts no bounds that are narrow: the supremum is attained next to a plateau to high
/// order, or approached at infinity. What is found within few boxes must hold the golden value all the same.
const WEAKER: [(&str, &str, &str); 4] = [
    ("hardsigmoid", "quadweight", "lipschitz"),
    ("abs", "gaussian", "lipschitz"),
    ("relu2", "gaussian", "error"),
    ("relu2", "raised_cosine", "error"),
];

/// Golden digits, of which the last may be off by some units.
fn near(lo: &Float, hi: &Float, golden: &str, digits: i32) -> bool {
    let golden = Float::with_val(256, Float::parse(golden).expect("a decimal"));
    let size = Float::with_val(256, golden.abs_ref()).max(&Float::with_val(256, 1));
    let slack = size * Float::with_val(256, Float::i_exp(1, -(f64::from(digits) * 3.32) as i32));
    *lo <= Float::with_val(256, &golden + &slack) && *hi >= Float::with_val(256, &golden - &slack)
}

/// What is wrong with one pair.
fn problems(record: &Record) -> Vec<String> {
    let name = format!("{} * {}, radius {}", record.base, record.kernel, record.radius);
    let definition = base(&record.base).unwrap_or_else(|| catalog::find(&record.base).expect("in the catalogue"));
    let f = Activation::with_defaults(definition).expect("defaults");
    let radius = parse_rational(&record.radius).expect("a number");
    let with = kernel(&record.kernel).expect("a kernel");
    let found = match mollify(&f, &with, Some(&radius)) {
        Ok(found) => found,
        Err(e) => return vec![format!("{name}: {e}")],
    };
    let mut out = vec![];
    let class = continuity(&found.activation);
    let same = match class.order {
        Order::Analytic => record.order == "analytic",
        Order::Class(n) => record.order == n,
        _ => false,
    };
    if !same || class.verdict != "proved" {
        out.push(format!("{name}: class {:?}, golden {}", class.order, record.order));
    }
    let weaker = |what: &str| WEAKER.contains(&(record.base.as_str(), record.kernel.as_str(), what));
    let of = |what: &str, quantity, to: Option<&Activation>| {
        let goal = Goal { digits: 15, boxes: if weaker(what) { 300 } else { 20_000 }, ..Goal::default() };
        bound(quantity, &found.activation, to, &Domain::default(), goal).expect("can be attempted")
    };
    let mut hold = |what: &str, bound: &Bound, golden: &str| {
        let top = &bound.top;
        let right = match golden {
            "inf" => top.proved_infinite(),
            _ => near(&top.answer.lower, &top.answer.upper, golden, 14),
        };
        if !right || !top.proved.value && !weaker(what) {
            out.push(format!(
                "{name}: {what} in [{}, {}], proved: {}, golden {golden}: {:?}",
                top.answer.lower, top.answer.upper, top.proved.value, bound.rejected
            ));
        }
    };
    hold("error", &of("error", Quantity::Distance, Some(&f)), &record.error);
    hold("lipschitz", &of("lipschitz", Quantity::Lipschitz, None), &record.lipschitz);
    for [x, value, slope] in &record.points {
        let x = parse_rational(x).expect("a number");
        let own = found.activation.pieces.iter().find(|p| contains(p, &x)).expect("the pieces cover the line");
        let tape = Tape::compile(&own.expr).expect("an expression");
        let jet = tape.eval(&Jet::variable(MpI::rational(&192, &x), 1));
        for (order, golden) in [value, slope].into_iter().enumerate() {
            // where the slope jumps, at most uniform kernels over jumps, quadrature gives one of both sides
            if order == 1
                && matches!(class.order, Order::Class(..1))
                && found.activation.pieces.iter().any(|p| at_end(p, &x))
            {
                continue;
            }
            let v = jet.derivative(order);
            if !near(&v.lo(), &v.hi(), golden, 20) {
                out.push(format!("{name}: derivative {order} at {x} in [{}, {}], golden {golden}", v.lo(), v.hi()));
            }
        }
    }
    out
}

fn at_end(piece: &Piece, x: &Rational) -> bool {
    [&piece.lo, &piece.hi]
        .into_iter()
        .any(|end| matches!(end, End::At { at, .. } if at.exact_rational().as_ref() == Some(x)))
}

fn golden() -> Vec<Record> {
    let text = include_str!("../../golden/mollified.json");
    serde_json::from_str::<Golden>(text).expect("golden values").mollified
}

#[test]
fn class_error_and_slope_are_proved_and_agree_with_quadrature() {
    let golden = golden();
    assert!(golden.len() >= 80, "only {} pairs", golden.len());
    let wrong: Vec<String> = golden.par_iter().flat_map_iter(problems).collect();
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn wrong_golden_values_are_noticed() {
    let record = golden().into_iter().find(|r| r.base == "relu" && r.kernel == "gaussian").expect("is there");
    assert!(problems(&record).is_empty());
    let broken: [fn(&mut Record); 5] = [
        |r| r.order = 3.into(),
        |r| r.error = "0.2992067103012".into(),
        |r| r.lipschitz = "1.0000000000001".into(),
        |r| r.points[2][1] = "0.23017097689745737".into(),
        |r| r.points[2][2] = "0.42074029056089698".into(),
    ];
    for (i, break_it) in broken.into_iter().enumerate() {
        let mut record = record.clone();
        break_it(&mut record);
        assert_eq!(problems(&record).len(), 1, "{i}");
    }
}
