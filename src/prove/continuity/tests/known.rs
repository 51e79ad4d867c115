//! Random definitions whose class is known by construction: what is decided is right, what is accepted as a lower bound
//! holds, and a certificate that says more or less is refused.

use super::cases::{Known, Truth, any_known};
use super::*;
use actaudit_recheck::certificate::Certificate as Any;
use actaudit_recheck::recheck;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::cell::RefCell;
use std::fmt::Write;

/// How many cases of a family there were, and how many were undecided.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, (usize, usize)>);

fn holds(case: &Known) -> Result<bool, String> {
    let params: Vec<_> = case.params.iter().map(|(n, d, v)| (*n, *d, v.as_str())).collect();
    let pieces: Vec<_> = case.pieces.iter().map(|(on, value)| (on.as_str(), value.as_str())).collect();
    let definition = definition("case", &params, &pieces);
    if let Ok(dir) = std::env::var("DUMP") {
        static N: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let n = N.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::fs::write(format!("{dir}/{n}.toml"), definition.to_toml()).unwrap();
        std::fs::write(format!("{dir}/{n}.truth"), format!("{} {:?} {}", case.family, case.truth, case.decidable))
            .unwrap();
    }
    let found = of(&definition, &[]);
    let fail = |text: &str| Err(format!("{text}: {}{}", render(&found), found.statement));
    let at_most = |order| match order {
        checker::Order::Class(n) => Truth::Class(n),
        checker::Order::Infinite => Truth::Infinite,
        checker::Order::Analytic => Truth::Analytic,
    };
    let right = match found.order {
        Order::Analytic => case.truth == Truth::Analytic,
        Order::Infinite => case.truth >= Truth::Infinite,
        Order::Class(n) => case.truth == Truth::Class(n),
        Order::Undecided { at_least } => case.truth >= Truth::Class(at_least),
    };
    if !right {
        return fail("wrong");
    }
    if case.family == "for one parameter" && found.uniform {
        return fail("not for all values");
    }
    let decided = found.order.is_decided() && (case.family != "for all parameters" || found.uniform);
    let Some(certificate) = found.certificate.clone() else { return Ok(false) };
    let accepted = |c: &Certificate| recheck(&serde_json::to_string(&Any::Continuity(c.clone())).unwrap());
    if let Err(e) = accepted(&certificate) {
        return fail(&format!("found and then refused, {e}"));
    }
    for i in 0..certificate.junctions.len() {
        for change in [-2, -1, 1, 2] {
            let mut other = certificate.clone();
            let checker::Order::Class(n) = other.junctions[i].order else { continue };
            other.junctions[i].order = checker::Order::Class((n + change).max(-1));
            other.order = other.junctions.iter().map(|j| j.order).min().unwrap();
            let weaker = other.junctions[i].jump.is_none() && at_most(other.junctions[i].order) <= case.truth;
            if other != certificate && !weaker && accepted(&other).is_ok() {
                return fail(&format!("accepted with the order changed by {change}"));
            }
        }
    }
    Ok(decided)
}

#[test]
fn random_classes_are_right() {
    let cases = std::env::var("CONTINUITY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let counts = RefCell::new(Counts::default());
    let result = runner.run(&any_known(), |case| {
        let begun = std::time::Instant::now();
        let decided = holds(&case).map_err(|e| TestCaseError::fail(format!("{case:?}: {e}")))?;
        if begun.elapsed().as_millis() > 300 {
            println!("slow: {:?} {case:?}", begun.elapsed());
        }
        let mut counts = counts.borrow_mut();
        let count = counts.0.entry(case.family).or_default();
        count.0 += 1;
        count.1 += usize::from(!decided);
        if case.decidable && !decided && std::env::var("CONTINUITY_SHOW").is_ok() {
            println!("undecided: {case:?}");
        }
        Ok(())
    });
    let mut text = String::new();
    for (family, (all, undecided)) in &counts.borrow().0 {
        let _ = writeln!(text, "{family}: {undecided} of {all} undecided");
    }
    println!("{text}");
    result.unwrap_or_else(|e| panic!("{e}"));
}
