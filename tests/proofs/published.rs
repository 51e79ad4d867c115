//! Published activations as their papers write them (published.toml), each held against golden/. A second is enough for what is
//! decided; a busy machine may take longer.

use actaudit::expr::{Activation, Definition};
use actaudit::prove::{Domain, Goal, Quantity, Side, bound};
use rug::Float;
use rug::float::Round;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// What is not decided, exactly: what becomes decided must leave this list.
const UNDECIDED: [&str; 3] = ["sinc_sigmoid range", "sine_relu range", "smu_1 lipschitz"];

/// What the machine decides, by its speed.
const LATE: [&str; 0] = [];

#[derive(Deserialize)]
struct Published {
    activation: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    source: String,
    value: Option<String>,
    #[serde(default)]
    piece: Vec<Piece>,
}

#[derive(Deserialize)]
struct Piece {
    on: String,
    value: String,
}

#[derive(Deserialize)]
struct Golden {
    suprema: Vec<Record>,
}

/// An enclosure, or `unbounded`, or for a Lipschitz constant `jump`: there is none.
#[derive(Deserialize)]
struct Record {
    name: String,
    quantity: String,
    side: String,
    lower: Option<String>,
    upper: Option<String>,
}

/// The names of the catalogue mean the catalogue's formulas, so these get names of their own.
fn activation(entry: &Entry) -> Activation {
    assert!(entry.source.len() > 10, "{} has no source", entry.name);
    let quoted = |text: &str| serde_json::to_string(text).expect("text");
    let mut file = format!(
        "id = \"published_{}\"\ntitle = \"as published\"\nsource = {}\nprovenance = \"published\"\n",
        entry.name,
        quoted(&entry.source)
    );
    let whole = entry.value.iter().map(|value| ("(-inf, inf)", value));
    for (on, value) in whole.chain(entry.piece.iter().map(|piece| (&*piece.on, &piece.value))) {
        write!(file, "[[piece]]\non = {}\nvalue = {}\n", quoted(on), quoted(value)).expect("memory");
    }
    let definition = Definition::from_toml(&file, "published.toml").expect(&entry.name);
    Activation::with_defaults(Arc::new(definition)).expect(&entry.name)
}

/// The golden supremum as what encloses it; nothing where there is no finite one.
fn enclosure(record: &Record) -> Option<[Float; 2]> {
    let parse = |text: &str, round| Float::with_val_round(256, Float::parse(text).expect("a decimal"), round).0;
    let (lower, upper) = record.lower.as_ref().zip(record.upper.as_ref())?;
    let [low, high] = [parse(lower, Round::Down), parse(upper, Round::Up)];
    Some(if record.side == "inf" { [-high, -low] } else { [low, high] })
}

/// What is proved and contradicts the golden record.
fn contradiction(side: &Side, record: &Record) -> Option<String> {
    let found = &side.answer;
    let wrong = match enclosure(record) {
        None => !found.upper.is_infinite(),
        Some([low, high]) => found.lower > high || found.upper < low,
    };
    let name = format!("{} {} {}", record.name, record.quantity, record.side);
    wrong.then(|| format!("{name}: [{}, {}], golden {:?} {:?}", found.lower, found.upper, record.lower, record.upper))
}

#[test]
fn published_activations_are_decided_and_agree_with_an_independent_system() {
    let published: Published = toml::from_str(include_str!("published.toml")).expect("published activations");
    let golden: Golden = serde_json::from_str(include_str!("../../golden/published.json")).expect("golden suprema");
    let key = |r: &Record| (r.name.clone(), r.quantity.clone(), r.side.clone());
    let count = golden.suprema.len();
    let golden: BTreeMap<_, _> = golden.suprema.into_iter().map(|r| (key(&r), r)).collect();
    assert_eq!((golden.len(), count), (3 * published.activation.len(), 3 * published.activation.len()));
    assert!(published.activation.len() >= 120, "only {} activations", published.activation.len());
    let goal = Goal { time: Duration::from_secs(4), ..Goal::default() };
    let (mut open, mut wrong, mut asked) = (BTreeSet::new(), vec![], 0);
    for entry in &published.activation {
        let f = activation(entry);
        for quantity in [Quantity::Lipschitz, Quantity::Range] {
            let found = bound(quantity, &f, None, &Domain::default(), goal).expect("a bound");
            asked += 1;
            let sides = [("sup", Some(&found.top)), ("inf", found.bottom.as_ref())];
            for (name, side) in sides.into_iter().filter_map(|(name, side)| Some((name, side?))) {
                let record = &golden[&(entry.name.clone(), quantity.name().to_owned(), name.to_owned())];
                wrong.extend(contradiction(side, record));
                if !side.proved.value || side.answer.undecided.is_some() {
                    open.insert(format!("{} {}", entry.name, quantity.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} contradict:\n{}", wrong.len(), wrong.join("\n"));
    let known: BTreeSet<String> = UNDECIDED.into_iter().map(str::to_owned).collect();
    let late = |name: &String| LATE.contains(&name.as_str());
    let now: BTreeSet<String> = open.iter().filter(|name| !late(name)).cloned().collect();
    assert_eq!(now, known, "the list of what is undecided should be {now:#?}");
    assert!(100 * (asked - open.len()) >= 97 * asked, "{} of {asked} are undecided", open.len());
}
