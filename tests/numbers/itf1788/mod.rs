//! The IEEE 1788 interval test suite as a test of every number system.
//!
//! The suite is other people's data and not part of the repository: `ITF1788` names the folder of its ITL files. Cases of
//! our own (`own.itl`) always run. A case is wrong if the real result is not contained, or if the result is called total
//! where it is not (or, in systems that know it exactly, the other way round). The snapshots list by operation how many
//! cases ran and how many gave a result wider than the suite's, which is the tightest one in f64.
//!
//! Where the number systems are not those of the standard (docs/intervals.md says why):
//!
//! - There is no empty set and no NaI. Operands that hold no number are the whole line, not total; so are results that
//!   have no value (`NoValue`). The plain intervals have no such operands: those cases are not run, and are counted.
//! - Decorations: com, dac and def are `total`, trv is not total. Set operations are not decorated by trv here.
//! - x^q is defined for x >= 0 unless q is whole, when it is the standard's pown; so odd roots of negative numbers are not
//!   run, and cases of pow in which pown has a value and pow has none run as e^(y log x).
//! - A ball of the double-double system may say "not known to be total" and may be wide; it may not be wrong.
//! - Operations that are several of ours (marked *) need only contain.

mod broken;
mod itl;
mod judge;
mod literal;
mod operations;
mod plain;
mod system;
mod tally;

use actaudit::internal::operations::{Op, TABLE};
use broken::{Broken, Fault};
use itl::{Case, parse};
use operations::plan;
use plain::Plain;
use std::io::Write;
use std::path::Path;
use system::{Balls, f64_intervals, mpfr_intervals};
use tally::Tally;

/// Each number system; one line puts another one to the test.
fn every_system(cases: &[Case]) -> Tally {
    let mut tally = Tally::default();
    tally.run(&f64_intervals(), cases);
    tally.run(&mpfr_intervals(53), cases);
    tally.run(&mpfr_intervals(200), cases);
    tally.run(&Balls, cases);
    tally.run(&Plain(53), cases);
    tally.run(&Plain(200), cases);
    tally
}

/// All cases of a folder, file by file.
fn read(folder: &Path) -> Vec<Case> {
    let entries = std::fs::read_dir(folder).expect("ITF1788 names a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "itl"));
    files.sort();
    assert!(!files.is_empty(), "there are no ITL files in {}", folder.display());
    let parsed = files.iter().flat_map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(path).expect("readable");
        parse(&name, &text).expect("well formed")
    });
    parsed.collect()
}

fn own() -> Vec<Case> {
    parse("own.itl", include_str!("own.itl")).expect("well formed")
}

/// Past the capture of the test harness: what was run is to be seen also where all is well.
fn say(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").expect("standard error is open");
}

fn assert_sound(tally: &Tally) {
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
}

#[test]
fn the_suite_of_others() {
    let Some(folder) = std::env::var_os("ITF1788") else {
        return say("itf1788: not run: set ITF1788 to the folder of the suite's ITL files");
    };
    let cases = read(Path::new(&folder));
    let tally = every_system(&cases);
    say(&format!("itf1788: {} cases\n{tally}", cases.len()));
    assert_sound(&tally);
    insta::assert_snapshot!(tally);
}

#[test]
fn cases_of_our_own() {
    let cases = own();
    let tally = every_system(&cases);
    say(&format!("itf1788: {} cases of our own, of which ran {}", cases.len(), tally.ran()));
    assert_sound(&tally);
    insta::assert_snapshot!(tally);
}

#[test]
fn every_operation_has_cases_of_our_own() {
    let cases = own();
    let ops: Vec<Op> = cases.iter().filter_map(|case| plan(case).ok()?.0.operation()).collect();
    for row in TABLE {
        let alike = |op: &&Op| match (op, row.op) {
            // of powers, both signs of the exponent, whole and not
            (Op::Pow(n, d), Op::Pow(m, e)) => n.signum() == m.signum() && (*d == 1) == (e == 1),
            (op, other) => **op == other,
        };
        assert!(ops.iter().filter(alike).count() >= 2, "{}", row.name);
    }
}

/// The operations, among those that one operation of ours does, of which some case is found wrong.
fn caught(fault: Fault, cases: &[Case]) -> Vec<(String, bool)> {
    let mut tally = Tally::default();
    tally.run(&Broken { sound: mpfr_intervals(53), fault }, cases);
    let single = tally.counts[0].iter().filter(|(op, _)| !op.ends_with('*'));
    single.map(|(op, count)| (op.clone(), count.wrong > 0)).collect()
}

#[test]
fn an_end_that_is_one_float_too_far_in_is_caught_in_every_operation() {
    let cases = own();
    for (fault, spared) in [(Fault::Low, ["sup", "mag", "wid"].as_slice()), (Fault::High, &["inf", "mig"])] {
        for (op, caught) in caught(fault, &cases) {
            assert_eq!(caught, !spared.contains(&op.as_str()), "{op} with {fault:?}");
        }
    }
}

#[test]
fn a_forgotten_domain_is_caught_in_every_operation() {
    let cases = own();
    for fault in [Fault::AlwaysTotal, Fault::NeverTotal] {
        for (op, caught) in caught(fault, &cases) {
            let is_a_value = !["convexHull", "intersection", "inf", "sup", "mag", "mig", "wid"].contains(&op.as_str());
            assert_eq!(caught, is_a_value, "{op} with {fault:?}");
        }
    }
}
