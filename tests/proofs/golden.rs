//! The program against golden/: values and suprema that an independent system (python-flint) computed.

use actaudit::catalog;
use actaudit::expr::{Activation, End, Piece, parse_rational};
use actaudit::internal::{Enclosure, Jet, MpI, Real, Tape};
use actaudit::prove::{Attained, Domain, Goal, Quantity, bound};
use rug::float::Round;
use rug::{Float, Rational};
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Values {
    activations: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    id: String,
    params: BTreeMap<String, String>,
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    x: String,
    f: Option<String>,
    d1: Option<String>,
    d2: Option<String>,
}

#[derive(Deserialize)]
struct Suprema {
    suprema: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    params: BTreeMap<String, String>,
    quantity: String,
    side: String,
    lower: Option<String>,
    upper: Option<String>,
    attained: Option<String>,
}

fn activation(id: &str, params: &BTreeMap<String, String>) -> Activation {
    let values = params.iter().map(|(k, v)| (k.clone(), parse_rational(v).expect("a rational"))).collect();
    Activation::new(catalog::find(id).expect("in the catalogue"), &values).expect("values in the domain")
}

/// The decimal text as an enclosure one unit in the last of `digits` places wide on either side.
fn decimal(text: &str, digits: i32) -> MpI {
    let parse = |round| Float::with_val_round(256, Float::parse(text).expect("a decimal"), round).0;
    let (lo, hi) = (parse(Round::Down), parse(Round::Up));
    let slack =
        MpI::from_floats(256, &lo, &hi).mul(&MpI::rational(&256, &Rational::from(10)).pow(&Rational::from(1 - digits)));
    let slack = slack.mag();
    MpI::from_floats(256, &(lo - slack.clone()), &(hi + slack))
}

/// A hexadecimal float, exactly.
fn hex(text: &str) -> Rational {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let digits = digits.strip_prefix("0x").expect("a hexadecimal float");
    let (mantissa, exponent) = digits.split_once('p').expect("an exponent");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let units = rug::Integer::from_str_radix(&format!("{whole}{fraction}"), 16).expect("hexadecimal digits");
    let shift = exponent.parse::<i32>().expect("an exponent") - 4 * i32::try_from(fraction.len()).expect("short");
    let value = Rational::from(units) << shift;
    if negative { -value } else { value }
}

/// Whether a piece holds a point; its ends are rational.
pub fn contains(piece: &Piece, x: &Rational) -> bool {
    let side = |end: &End, inside: Ordering| match end {
        End::Infinite => true,
        End::At { at, closed } => {
            let order = x.cmp(&at.exact_rational().expect("a rational junction"));
            order == inside || (*closed && order == Ordering::Equal)
        }
    };
    side(&piece.lo, Ordering::Greater) && side(&piece.hi, Ordering::Less)
}

/// Whether the enclosure of the derivative of this order at x agrees with 40 golden digits; precision grows until it is
/// that narrow.
fn agrees(tape: &Tape, x: &Rational, order: usize, golden: &str) -> bool {
    let golden = decimal(golden, 40);
    [256u32, 1024, 4096, 16384].into_iter().any(|prec| {
        let found = tape.eval(&Jet::variable(MpI::rational(&prec, x), order)).derivative(order);
        found.total() && found.lo() >= golden.lo() && found.hi() <= golden.hi()
    })
}

#[test]
fn values_agree_with_an_independent_system() {
    let golden: Values = serde_json::from_str(include_str!("../../golden/values.json")).expect("golden values");
    let mut compared = 0;
    let mut wrong = vec![];
    for block in &golden.activations {
        let f = activation(&block.id, &block.params);
        let tapes: Vec<Tape> = f.pieces.iter().map(|p| Tape::compile(&p.expr).expect("an expression")).collect();
        for point in &block.points {
            let x = hex(&point.x);
            let own = f.pieces.iter().position(|p| contains(p, &x)).expect("the pieces cover the line");
            for (order, text) in [&point.f, &point.d1, &point.d2].into_iter().enumerate() {
                let Some(text) = text else { continue };
                compared += 1;
                if !agrees(&tapes[own], &x, order, text) {
                    wrong.push(format!("{} at {}, derivative of order {order}: golden {text}", f.label(), point.x));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 10_000, "only {compared} values were compared");
}

#[test]
fn a_wrong_value_is_noticed() {
    let f = activation("gelu", &BTreeMap::new());
    let tape = Tape::compile(&f.pieces[0].expr).expect("an expression");
    // gelu(1) with its 39th digit changed
    let text = |digit: char| format!("8.4134474606854294858523254563203792247{digit}e-1");
    assert!(('0'..='9').filter(|d| agrees(&tape, &Rational::from(1), 0, &text(*d))).count() <= 1);
    assert!(!agrees(&tape, &Rational::from(1), 0, "8.413e-1"));
}

/// The program's answer to one record.
enum Answer {
    Agrees,
    /// true, but less than the golden record says
    Weaker(String),
    Contradicts(String),
}

fn answer(record: &Record) -> Answer {
    let f = activation(&record.id, &record.params);
    let relu = activation("relu", &BTreeMap::new());
    let quantity = Quantity::from_name(&record.quantity).expect("a quantity");
    let other = (quantity == Quantity::Distance).then_some(&relu);
    let goal = Goal { digits: 25, boxes: 5_000, ..Goal::default() };
    let found = bound(quantity, &f, other, &Domain::default(), goal).expect("a bound");
    let (side, flip) = match &found.bottom {
        Some(bottom) if record.side == "inf" => (bottom, true),
        _ => (&found.top, false),
    };
    let found = &side.answer;
    let name = format!("{} {} {}", f.label(), record.quantity, record.side);
    let Some((lower, upper)) = record.lower.as_ref().zip(record.upper.as_ref()) else {
        return match (found.upper.is_infinite(), found.lower.is_infinite()) {
            (true, true) => Answer::Agrees,
            (true, false) => Answer::Weaker(format!("{name}: not shown to be unbounded")),
            _ => Answer::Contradicts(format!("{name}: at most {}, golden unbounded", found.upper)),
        };
    };
    let ours = MpI::from_floats(256, &found.lower, &found.upper);
    let ours = if flip { ours.neg() } else { ours };
    let (low, high) = (decimal(lower, 60), decimal(upper, 60));
    if ours.hi() < low.lo() || ours.lo() > high.hi() {
        return Answer::Contradicts(format!("{name}: [{}, {}], golden [{lower}, {upper}]", ours.lo(), ours.hi()));
    }
    let attained = match found.attained {
        _ if found.undecided.is_some() => "undecided",
        Attained::Point => "point",
        Attained::Set => "set",
        Attained::Asymptotic => "asymptotic",
        Attained::Unknown => "unknown",
    };
    let golden = record.attained.as_deref().unwrap_or_default();
    if attained == golden { Answer::Agrees } else { Answer::Weaker(format!("{name}: {attained}, golden {golden}")) }
}

/// Known gaps are data (golden/weaker.txt): a new one fails, and so does one that is gone but still listed.
#[test]
fn suprema_agree_with_an_independent_system() {
    let golden: Suprema = serde_json::from_str(include_str!("../../golden/suprema.json")).expect("golden suprema");
    assert!(golden.suprema.len() > 300, "only {} suprema", golden.suprema.len());
    let (mut weaker, mut wrong) = (vec![], vec![]);
    for record in &golden.suprema {
        match answer(record) {
            Answer::Agrees => {}
            Answer::Weaker(text) => weaker.push(text),
            Answer::Contradicts(text) => wrong.push(text),
        }
    }
    assert!(wrong.is_empty(), "{} of {} contradict:\n{}", wrong.len(), golden.suprema.len(), wrong.join("\n"));
    let known: Vec<&str> = include_str!("../../golden/weaker.txt").lines().filter(|l| !l.starts_with('#')).collect();
    assert_eq!(weaker, known, "golden/weaker.txt should be\n{}\n", weaker.join("\n"));
}
