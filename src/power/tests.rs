use super::*;
use crate::report::Page;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The reports on all presets, made once.
fn reports() -> &'static [PowerReport] {
    static REPORTS: OnceLock<Vec<PowerReport>> = OnceLock::new();
    REPORTS.get_or_init(|| PRESETS.iter().map(|gate| power(gate).expect("runs")).collect())
}

fn report(name: &str) -> &'static PowerReport {
    reports().iter().find(|r| r.gate == name).expect("a preset")
}

fn outcomes(report: &PowerReport, outcome: Outcome) -> BTreeSet<&'static str> {
    report.defects.iter().filter(|r| r.outcome == outcome).map(|r| r.id).collect()
}

#[test]
fn an_absolute_tolerance_is_blind_in_tails() {
    let report = report("torch");
    let passed = outcomes(report, Outcome::Passes);
    for id in ["1-gelu", "3-gelu", "4-gelu_tanh", "9-silu", "11-gelu_tanh", "20-mish", "24-elu", "31-gelu"] {
        assert!(passed.contains(id), "{id}: {}", report.show(&Page::PLAIN));
    }
    let caught = outcomes(report, Outcome::Caught);
    for id in ["2-gelu", "8-sigmoid", "16-gelu", "35-gelu"] {
        assert!(caught.contains(id), "{id}: {}", report.show(&Page::PLAIN));
    }
    let change =
        |id: &str| report.defects.iter().find(|r| r.id == id).and_then(|r| r.change.clone()).unwrap_or_default();
    assert!(change("1-gelu").starts_with("atol 0"), "{}", change("1-gelu"));
    assert!(change("31-gelu").contains("infinities"), "{}", change("31-gelu"));
    assert!(change("30-relu").contains("slices of other lengths"), "{}", change("30-relu"));
    // what a change would catch is an input
    let changes = reports().iter().flat_map(|r| &r.defects).filter_map(|row| row.change.as_ref());
    let changes = changes.filter(|c| c.contains("slices"));
    assert!(
        changes.clone().count() > 2 && changes.clone().all(|c| c.contains("(fails at ")),
        "{:?}",
        changes.collect::<Vec<_>>()
    );
}

#[test]
fn a_relative_tolerance_sees_the_tail_and_no_more() {
    let report = report("jax");
    assert!(outcomes(report, Outcome::Caught).contains("1-gelu"), "{}", report.show(&Page::PLAIN));
    assert!(outcomes(report, Outcome::NotLookedAt).contains("2-gelu"), "{}", report.show(&Page::PLAIN));
}

/// Every change that is named was tried; that a change was found for each says that no defect is beyond all gates.
#[test]
fn every_defect_is_caught_by_some_gate() {
    for report in reports() {
        let total = report.summary.caught + report.summary.passed + report.summary.not_looked_at;
        assert_eq!(total, DEFECTS.len(), "{}", report.gate);
        for row in report.defects.iter().filter(|r| r.outcome != Outcome::Caught) {
            assert!(row.change.is_some(), "{} {} {} {}", report.gate, row.id, row.dtype, row.pass);
        }
    }
}

/// The audit's own budget, as a gate, rejects no kernel that is right; an absolute tolerance does.
#[test]
fn right_kernels_are_rejected_by_absolute_tolerances_only() {
    let gate = |rule: Rule| Gate {
        name: "test",
        source: "",
        dtypes: &FloatFormat::ALL,
        passes: &Pass::ALL,
        rule,
        inputs: InputSet::Grid { lo: -20.0, hi: 20.0, count: 2001 },
        against: Against::Real,
    };
    let ulp = power(&gate(Rule { max_ulp: Some(1.0), ..Rule::NONE })).expect("runs");
    assert_eq!(ulp.summary.false_alarms, 0, "{}", ulp.show(&Page::PLAIN));
    // against the formula that cancels, a right kernel is wrong
    let formula = Gate {
        against: Against::Formula,
        inputs: InputSet::Grid { lo: -6.0, hi: 6.0, count: 1001 },
        ..gate(Rule { max_ulp: Some(1.0), ..Rule::NONE })
    };
    let alarms = power(&formula).expect("runs");
    assert!(
        alarms.sound.iter().any(|a| a.id == "reference" && a.outcome == Outcome::Caught),
        "{}",
        alarms.show(&Page::PLAIN)
    );
}
