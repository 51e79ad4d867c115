//! A fuzzer of statements: random definitions with known answers, samples of the plain evaluator beside them, and certificates
//! that are changed so that they claim what is false.
//!
//! `STATEMENTS`, `PROVED` and `MUTANTS` say how many questions, results that are read again as texts, and false certificates;
//! `make statements` runs many and shows the figures.
#![expect(clippy::panic, clippy::print_stdout, reason = "a panic is how a test fails, and figures are printed")]

mod cases;
#[expect(dead_code, reason = "what the tests of classes alone look at")]
#[path = "../../../src/prove/continuity/tests/cases.rs"]
mod classes;
mod forge;
mod mutants;
mod names;
mod oracle;
mod others;
mod refute;

use actaudit::prove::{Bound, Goal, Place, Quantity, bound};
use cases::{Statement, Truth, any_statement};
use oracle::{Subject, activation, judge};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Numbers drawn from a seed.
pub struct Dice(pub u64);

impl Dice {
    /// The next one.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }

    /// One of a list, if there is one.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { Some(&of[self.below(of.len())]) }
    }
}

const GOAL: Goal = Goal { digits: 15, boxes: 4_000, time: Duration::from_millis(250) };

/// What was counted, by family and by word.
#[derive(Default)]
pub struct Figures(BTreeMap<String, BTreeMap<&'static str, usize>>);

impl Figures {
    /// One more of this family to which this happened.
    pub fn count(&mut self, family: impl Into<String>, word: &'static str) {
        *self.0.entry(family.into()).or_default().entry(word).or_default() += 1;
    }

    /// To how many this happened.
    pub fn total(&self, word: &str) -> usize {
        self.0.values().filter_map(|of| of.get(word)).sum()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: BTreeMap<&str, usize> = BTreeMap::new();
        for (family, words) in &self.0 {
            let line: Vec<String> = words.iter().map(|(word, n)| format!("{n} {word}")).collect();
            writeln!(f, "{family:>34}  {}", line.join(", "))?;
            words.iter().for_each(|(word, n)| *all.entry(word).or_default() += n);
        }
        let line: Vec<String> = all.iter().map(|(word, n)| format!("{n} {word}")).collect();
        writeln!(f, "{:>34}  {}", "all", line.join(", "))
    }
}

/// How many, from the environment.
fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn runner() -> TestRunner {
    TestRunner::new(Config { failure_persistence: None, ..Config::default() })
}

/// A value of a strategy.
fn draw<T>(runner: &mut TestRunner, from: &impl Strategy<Value = T>) -> T {
    from.new_tree(runner).expect("a value").current()
}

/// A number of the runner's.
pub fn seed(runner: &mut TestRunner) -> u64 {
    use proptest::prelude::Rng;
    runner.rng().next_u64()
}

/// Asks for the bound and holds it against what is known; `None` if there is no such function.
pub fn ask(statement: &Statement, seed: u64) -> Option<Result<Bound, String>> {
    let f = activation("mine", &statement.f).ok()?;
    let g = statement.g.as_ref().map(|g| activation("other", g)).transpose().ok()?;
    let domain = statement.domain();
    let found = bound(statement.quantity, &f, g.as_ref(), &domain, GOAL).ok()?;
    let subject = Subject::new(&f, g.as_ref(), &domain, statement.quantity);
    Some(judge(statement, &subject, &found, seed).map(|()| found))
}

#[test]
fn random_statements_are_right() {
    let (mut runner, mut figures, from) = (runner(), Figures::default(), any_statement());
    let mut wrong = vec![];
    for _ in 0..count("STATEMENTS", 300) {
        let statement = draw(&mut runner, &from);
        let begun = std::time::Instant::now();
        let word = match ask(&statement, seed(&mut runner)) {
            None => "no function",
            Some(Err(reason)) => {
                wrong.push(format!("{reason}: {statement:?}"));
                "wrong"
            }
            Some(Ok(found)) if found.rejected.is_none() => "decided",
            Some(Ok(_)) if matches!(statement.truth, Truth::Undefined) => "rightly undecided",
            Some(Ok(found)) => {
                if std::env::var("STATEMENTS_SHOW").is_ok() {
                    println!("undecided: {:?}: {statement:?}", found.rejected);
                }
                "undecided"
            }
        };
        if begun.elapsed() > Duration::from_secs(2) {
            println!("slow, {:?}: {statement:?}", begun.elapsed());
        }
        figures.count(format!("{}, {}", statement.family, statement.quantity.name()), word);
    }
    println!("{figures}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(figures.total("decided") * 2 > figures.total("undecided"), "hardly anything is decided");
}

/// Every way in which an answer can be wrong is noticed.
#[test]
fn wrong_answers_are_noticed() {
    let bump = |quantity| Statement {
        family: "planted",
        f: vec![("(-inf, 0)".into(), "max(0, 3 - abs(x + 1))".into()), ("[0, inf)".into(), "x/(1 + x)".into())],
        g: None,
        quantity,
        domain: [String::new(), String::new()],
        truth: Truth::Open,
    };
    fn place(at: &str) -> Place {
        let x = rug::Float::with_val(200, rug::Float::parse(at).expect("a number"));
        Place::Point { lo: x.clone(), hi: x, exact: Some(at.into()) }
    }
    type Change = fn(&mut Statement, &mut Bound);
    let extremes = |sup: &str, attained| {
        let of = |value: &str, attained| cases::Extreme { value: value.into(), attained };
        Truth::Extremes([of("0", None), of(sup, attained)])
    };
    let breaks: [(&str, Change); 6] = [
        ("a bound that is too small", |_, b| {
            b.top.answer.upper = rug::Float::with_val(200, 2.999);
            b.top.answer.lower = rug::Float::with_val(200, 2.9);
        }),
        ("an infimum that is too large", |_, b| {
            let bottom = b.bottom.as_mut().expect("two sides");
            bottom.answer.upper = rug::Float::with_val(200, -0.01);
        }),
        ("a place outside of the domain", |s, b| {
            s.domain = ["-5".into(), "-2".into()];
            b.top.answer.places = vec![place("-1")];
        }),
        ("a place at which it is less", |_, b| b.top.answer.places = vec![place("5")]),
        ("an interval on which it is less", |_, b| {
            b.top.answer.places = vec![Place::Set("1".into(), "inf".into())];
        }),
        ("anything of what has no value", |s, _| s.truth = Truth::Undefined),
    ];
    let judged = |statement: &Statement, found: &Bound| {
        let f = activation("mine", &statement.f).expect("a function");
        let domain = statement.domain();
        judge(statement, &Subject::new(&f, None, &domain, statement.quantity), found, 7)
    };
    let found = || ask(&bump(Quantity::Range), 7).expect("a function").expect("right");
    assert!(found().top.proved.attained, "{:?}", found().rejected);
    assert_eq!(judged(&bump(Quantity::Range), &found()), Ok(()));
    for (what, change) in breaks {
        let (mut statement, mut found) = (bump(Quantity::Range), found());
        change(&mut statement, &mut found);
        assert!(judged(&statement, &found).is_err(), "{what}");
    }
    for (sup, attained, right) in
        [("3", Some(true), true), ("3", Some(false), false), ("3 + 1e-9", None, false), ("inf", None, false)]
    {
        let statement = Statement { truth: extremes(sup, attained), ..bump(Quantity::Range) };
        assert_eq!(judged(&statement, &found()).is_ok(), right, "{sup}");
    }
    for (quantity, size) in [(Quantity::Slope, 2.57), (Quantity::Curvature, 5.9)] {
        let mut statement = bump(quantity);
        statement.f = vec![("(-inf, inf)".into(), "3*exp(-(x + 1)^2)".into())];
        let mut found = ask(&statement, 7).expect("a function").expect("right");
        found.top.answer.upper = rug::Float::with_val(200, size);
        assert!(judged(&statement, &found).is_err(), "{}", quantity.name());
    }
}
