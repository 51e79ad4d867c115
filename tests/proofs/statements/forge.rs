//! Accepted certificates are read again as texts, and their mutants are refused.

use super::cases::{Statement, Truth, any_statement};
use super::classes::{Known, any_known};
use super::mutants::{Claim, Origin, mutant};
use super::refute::{misplaced, refuted};
use super::{Dice, Figures, ask, count, draw, others, runner, seed};
use actaudit::catalog;
use actaudit::expr::{Activation, Definition, FloatFormat};
use actaudit::internal::{Reference, Table, scaling};
use actaudit::prove::{Domain, Goal, Quantity, bound, continuity};
use actaudit_recheck::certificate::{Attained as How, Certificate, Leaf, Method, Role};
use actaudit_recheck::{Accepted, Conclusion, recheck};
use proptest::test_runner::TestRunner;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a checker does with a text. The tests put a broken one in its place.
pub type Checker = fn(&str) -> Result<Accepted, String>;

pub fn checker(text: &str) -> Result<Accepted, String> {
    match catch_unwind(AssertUnwindSafe(|| recheck(text))) {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(_) => panic!("the checker panics at {text}"),
    }
}

/// A certificate that was accepted, and the class of which it was made.
struct Source {
    certificate: Certificate,
    known: Option<Known>,
}

fn toml(known: &Known) -> String {
    let quoted = |(name, domain, value): &(&str, &str, String)| {
        format!("[[param]]\nname = \"{name}\"\ndomain = \"{domain}\"\ndefault = \"{value}\"\nmeaning = \"m\"\n")
    };
    let piece = |(on, value): &(String, String)| format!("[[piece]]\non = \"{on}\"\nvalue = \"{value}\"\n");
    let params: String = known.params.iter().map(quoted).collect();
    let pieces: String = known.pieces.iter().map(piece).collect();
    format!("id = \"mine\"\n{params}{pieces}")
}

/// Certificates of random statements of every kind.
fn some(runner: &mut TestRunner) -> Vec<Source> {
    let mut dice = Dice(seed(runner));
    let plain = |certificate| Source { certificate, known: None };
    match dice.below(8) {
        0 | 1 => {
            let known = draw(runner, &any_known());
            let of = |d: Definition| Activation::with_defaults(Arc::new(d)).ok();
            let found =
                Definition::from_toml(&toml(&known), "d").ok().and_then(of).and_then(|a| continuity(&a).certificate);
            found.map(|c| Source { certificate: Certificate::Continuity(c), known: Some(known) }).into_iter().collect()
        }
        2 => {
            let definition = dice.pick(catalog::all()).expect("some");
            let f = Activation::with_defaults(Arc::clone(definition)).expect("defaults");
            match dice.below(3) {
                0 => continuity(&f).certificate.map(Certificate::Continuity).map(plain).into_iter().collect(),
                1 => {
                    scaling(Quantity::ALL[dice.below(4)], &f, None).map(|s| plain(s.certificate)).into_iter().collect()
                }
                _ => {
                    let g = Activation::with_defaults(catalog::find("relu").expect("there")).expect("defaults");
                    let goal = Goal { digits: 10, boxes: 4_000, time: Duration::from_millis(500) };
                    let found = bound(Quantity::ALL[dice.below(5)], &f, Some(&g), &Domain::default(), goal);
                    found.map_or(vec![], |b| b.certificates.into_iter().map(plain).collect())
                }
            }
        }
        3 if dice.below(2) == 0 => vec![plain(Certificate::Integral(others::known_integral(&mut dice)))],
        3 if dice.below(8) == 0 => vec![plain(table(&mut dice))],
        _ => {
            let statement: Statement = draw(runner, &any_statement());
            if matches!(statement.truth, Truth::Undefined) {
                return vec![];
            }
            let found = ask(&statement, dice.roll());
            found.and_then(Result::ok).map_or(vec![], |b| b.certificates.into_iter().map(plain).collect())
        }
    }
}

/// The table of an activation in a small format.
fn table(dice: &mut Dice) -> Certificate {
    let id = ["gelu", "silu", "softplus", "elu", "tanh", "srelu"][dice.below(6)];
    let f = Activation::with_defaults(catalog::find(id).expect("there")).expect("defaults");
    let format = [FloatFormat::F16, FloatFormat::Bf16][dice.below(2)];
    let order = dice.below(2);
    Table::new(&Reference::new(&f, order).expect("compiles"), format).certificate(&f, order)
}

fn kind(c: &Certificate) -> &'static str {
    match c {
        Certificate::Supremum(s) if s.quantity == actaudit_recheck::certificate::Quantity::Distance => "distance",
        Certificate::Supremum(_) => "supremum",
        Certificate::Unbounded(_) => "unbounded",
        Certificate::Scaling(_) => "scaling",
        Certificate::Integral(_) => "integral",
        Certificate::Continuity(_) => "continuity",
        Certificate::Table(_) => "table",
    }
}

fn write(c: &Certificate) -> String {
    serde_json::to_string(c).expect("JSON")
}

/// A changed certificate as a text.
fn change(source: &Source, accepted: &Accepted, dice: &mut Dice) -> Option<(&'static str, String, Claim)> {
    if dice.below(12) == 0 {
        let (kind, text) = others::text(&write(&source.certificate), dice)?;
        return Some((kind, text, Claim::Malformed));
    }
    let (kind, changed, claim) = match &source.certificate {
        Certificate::Supremum(s) => {
            let Conclusion::Bounds(proved) = accepted.conclusion() else { return None };
            let m = mutant(&Origin { certificate: s, proved }, dice)?;
            (m.kind, m.certificate, m.claim)
        }
        Certificate::Unbounded(u) => {
            others::unbounded(u, dice).map(|(k, c, claim)| (k, Certificate::Unbounded(c), claim))?
        }
        Certificate::Scaling(s) => others::scaling(s, dice).map(|(k, c, claim)| (k, Certificate::Scaling(c), claim))?,
        Certificate::Integral(i) => {
            others::integral(i, dice).map(|(k, c, claim)| (k, Certificate::Integral(c), claim))?
        }
        Certificate::Table(t) => others::table(t, dice).map(|(k, c, claim)| (k, Certificate::Table(c), claim))?,
        Certificate::Continuity(c) => {
            let of = others::continuity(c, source.known.as_ref(), dice);
            of.map(|(k, c, claim)| (k, Certificate::Continuity(c), claim))?
        }
    };
    (changed != source.certificate).then(|| (kind, write(&changed), claim))
}

/// What became of a changed certificate: a word for the figures, or what is wrong.
pub fn outcome(text: &str, claim: Claim, checker: Checker, seed: u64) -> Result<&'static str, String> {
    let accepted = match checker(text) {
        Err(_) if claim == Claim::Open => return Ok("perhaps true, refused"),
        Err(_) => return Ok("false, refused"),
        Ok(accepted) => accepted,
    };
    let wrong = |why: &str| Err(format!("accepted, {why}: {accepted}\n{text}"));
    match (claim, accepted.conclusion()) {
        (Claim::False, _) => return wrong("and false"),
        (Claim::Malformed, _) => return wrong("and no certificate"),
        (Claim::Attained(sign, said), Conclusion::Bounds(sides))
            if sides.iter().any(|p| p.sign == sign && p.attained == Some(said)) =>
        {
            return wrong("and false of where it is attained");
        }
        _ => {}
    }
    if let Ok(Certificate::Supremum(s)) = serde_json::from_str(text)
        && let Conclusion::Bounds(proved) = accepted.conclusion()
        && let Some(reason) = refuted(&s, seed).or_else(|| misplaced(&s, proved))
    {
        return wrong(&reason);
    }
    Ok(if claim == Claim::Open { "perhaps true, accepted" } else { "claims less, accepted" })
}

/// Certificates and their mutants, until there are enough of both.
fn forge(runner: &mut TestRunner, wanted: [usize; 2], checker: Checker) -> (Figures, Figures, Vec<String>) {
    let (mut read, mut changed, mut wrong) = (Figures::default(), Figures::default(), vec![]);
    let enough = |read: &Figures, changed: &Figures| {
        read.total("accepted") + read.total("refused") >= wanted[0] && changed.total("false, refused") >= wanted[1]
    };
    while !enough(&read, &changed) && wrong.len() < 20 {
        for source in some(runner) {
            let text = write(&source.certificate);
            let accepted = match checker(&text) {
                Ok(accepted) => accepted,
                Err(e) => {
                    read.count(kind(&source.certificate), "refused");
                    wrong.push(format!("proved and then refused, {e}: {text}"));
                    continue;
                }
            };
            read.count(kind(&source.certificate), "accepted");
            let mut dice = Dice(seed(runner));
            let more = changed.total("false, refused") < wanted[1];
            for _ in 0..if more { 12 } else { 0 } {
                let Some((what, text, claim)) = change(&source, &accepted, &mut dice) else { continue };
                let begun = Instant::now();
                match outcome(&text, claim, checker, dice.roll()) {
                    Ok(word) => changed.count(format!("{}: {what}", kind(&source.certificate)), word),
                    Err(reason) => {
                        changed.count(format!("{}: {what}", kind(&source.certificate)), "WRONG");
                        wrong.push(format!("{what}: {reason}"));
                    }
                }
                if begun.elapsed() > Duration::from_secs(5) {
                    println!("slow, {:?}: {what}: {text}", begun.elapsed());
                }
            }
        }
    }
    (read, changed, wrong)
}

#[test]
fn accepted_texts_are_accepted_again_and_false_mutants_refused() {
    let wanted = [count("PROVED", 80), count("MUTANTS", 500)];
    let (read, changed, wrong) = forge(&mut runner(), wanted, checker);
    println!("certificates, read again as texts\n{read}\nmutants\n{changed}");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// A checker that believes the bounds of every certificate that it can read, and one that believes nothing.
#[test]
fn a_broken_checker_is_noticed() {
    fn credulous(text: &str) -> Result<Accepted, String> {
        thread_local! {
            static LAST: std::cell::RefCell<Option<Accepted>> = const { std::cell::RefCell::new(None) };
        }
        let found = checker(text);
        LAST.with(|last| match found {
            Ok(accepted) => {
                *last.borrow_mut() = Some(accepted.clone());
                Ok(accepted)
            }
            Err(e) => last.borrow().clone().ok_or(e),
        })
    }
    let (_, changed, wrong) = forge(&mut runner(), [1, 30], credulous);
    assert!(wrong.len() >= 10 && changed.total("WRONG") >= 10, "{changed}");
    let (read, _, wrong) = forge(&mut runner(), [1, 0], |_| Err("no".into()));
    assert!(read.total("refused") > 0 && !wrong.is_empty());
}

/// A changed certificate that is declared false though it is true is noticed, and so is a false one that is declared true.
#[test]
fn a_wrong_claim_of_a_mutant_is_noticed() {
    let f =
        super::oracle::activation("mine", &[("(-inf, inf)".into(), "3*exp(-(x - 1)^2)".into())]).expect("a function");
    let found = bound(Quantity::Range, &f, None, &Domain::default(), super::GOAL).expect("a bound");
    let text = write(&found.certificates[0]);
    assert!(outcome(&text, Claim::False, checker, 1).is_err());
    assert!(outcome(&text, Claim::Open, checker, 1).is_ok());
    assert!(outcome(&text, Claim::Attained(1, true), checker, 1).is_err());
    let Certificate::Supremum(mut s) = found.certificates[0].clone() else { panic!("{text}") };
    assert_eq!(refuted(&s, 1), None);
    let Ok(Conclusion::Bounds(proved)) = checker(&text).map(|a| a.conclusion().clone()) else { panic!("{text}") };
    assert_eq!(misplaced(&s, &proved), None);
    for side in s.sides.iter_mut().filter(|side| side.sign > 0) {
        let leaf = Leaf {
            piece: 0,
            to_piece: None,
            lo: "3".into(),
            hi: "4".into(),
            method: Method::Direct,
            at: None,
            near: None,
        };
        side.leaves = vec![leaf];
        side.attained = Some(How::Within { rest: "0".into(), roles: vec![Role::Place] });
    }
    assert!(misplaced(&s, &proved).is_some());
    s.sides.iter_mut().for_each(|side| side.upper = "2999/1000".into());
    assert!(refuted(&s, 1).is_some());
}
