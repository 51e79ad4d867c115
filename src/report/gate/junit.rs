//! JUnit XML as Jenkins has it: a suite for each audit, a case for each result.

use super::finding::{Finding, Level, findings};
use super::{GateReport, GateResult};
use crate::gate::Standing;
use crate::report::printable;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// Writes it.
pub fn write(report: &GateReport) -> String {
    let found = findings(report);
    // one id may stand in several entries
    let by_id: BTreeMap<(usize, String), &Finding> = found.iter().map(|f| ((f.line, f.id.clone()), f)).collect();
    let mut all = Report::new("actaudit gate");
    let mut suites: Vec<(String, TestSuite)> = vec![];
    for r in &report.results {
        let name = suite(r);
        let position = suites.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            suites.push((name.clone(), TestSuite::new(name.clone())));
            suites.len() - 1
        });
        suites[position].1.add_test_case(case(r, by_id.get(&(r.line, printable(&r.row.id))).copied()));
    }
    // what has no result of its own
    let mut rest = TestSuite::new(report.config.clone());
    for finding in
        found.iter().filter(|f| ["claim", "absent", "vacuous", "stopped", "expectation"].contains(&f.rule.as_str()))
    {
        rest.add_test_case(TestCase::new(finding.id.clone(), failure(finding)));
    }
    let known = report.claims.iter().filter(|c| !c.row.surprise);
    for claim in known {
        let id = format!("{}/{}", claim.row.file, claim.row.id);
        rest.add_test_case(TestCase::new(id, TestCaseStatus::success()));
    }
    all.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    if !rest.test_cases.is_empty() {
        all.add_test_suite(rest);
    }
    jenkins(&all.to_string().unwrap_or_default())
}

/// The root has no count of skipped cases in the form of Jenkins; its suites have.
fn jenkins(xml: &str) -> String {
    let Some((before, rest)) = xml.split_once("<testsuites ") else { return xml.to_owned() };
    let Some((root, after)) = rest.split_once('>') else { return xml.to_owned() };
    let skipped = root.split_once(" skipped=\"").and_then(|(l, r)| Some((l, r.split_once('"')?.1)));
    let root = skipped.map_or_else(|| root.to_owned(), |(left, right)| format!("{left}{right}"));
    format!("{before}<testsuites {root}>{after}")
}

/// The audit of a result: its id without the check.
fn suite(r: &GateResult) -> String {
    r.row.id.rsplit_once('/').map_or_else(|| r.row.id.clone(), |(audit, _)| audit.to_owned())
}

fn failure(finding: &Finding) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(finding.message.clone()).set_type(finding.rule.clone());
    if let Some(again) = &finding.again {
        status.set_description(again.clone());
    }
    status
}

fn case(r: &GateResult, finding: Option<&Finding>) -> TestCase {
    let status = match (r.standing, finding) {
        (Standing::Vacuous, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("nothing was compared");
            status
        }
        (_, Some(finding)) if finding.justification.is_some() => {
            let mut status = TestCaseStatus::skipped();
            let reason = finding.justification.as_deref().unwrap_or_default();
            status.set_message(format!("fails as expected: {reason}"));
            status
        }
        // there is no word for a warning: a case that is borne, and says so
        (Standing::Expected, Some(finding)) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(finding.message.clone());
            status
        }
        (Standing::Undecided, Some(finding)) => failure(finding),
        (_, Some(finding)) if finding.level == Level::Error => failure(finding),
        _ => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(r.row.check, status);
    case.set_classname(suite(r));
    case
}
