//! Every defect of the corpus is caught by the check that is named for it, every kernel that is only said to be wrong passes,
//! and `docs/defects.md` is the table of that. `INSTA_UPDATE=always` writes the table anew.

use actaudit::audit::{Effort, Options, VerifyReport, verify};
use actaudit::check::{Policy, Verdict};
use actaudit::defects::{DEFECTS, SOUND};
use actaudit::expr::{Activation, FloatFormat};
use actaudit::kernels::Pass;
use actaudit::subject::Subject;
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn audit(
    activation: &Activation,
    subject: &dyn Subject,
    dtypes: &[FloatFormat],
    passes: &[Pass],
    declare: &[&str],
    effort: Effort,
) -> VerifyReport {
    let policy = declare.iter().try_fold(Policy::default(), |p, word| p.declare(word)).expect("words of the policy");
    let options = Options { dtypes: dtypes.to_vec(), passes: passes.to_vec(), effort, policy, ..Options::default() };
    verify(activation, &[subject], &[], &options, &|_| true).expect("runs")
}

/// `bisect` asks on samples what `seam` asks of all neighbours.
fn named(check: &str, wanted: &str) -> bool {
    check == wanted || wanted == "seam" && check == "bisect"
}

fn refuted(report: &VerifyReport) -> BTreeSet<String> {
    let failing = report.results.iter().filter(|r| r.verdict == Verdict::Refuted);
    failing.map(|r| r.check.clone()).collect()
}

#[test]
fn every_defect_is_caught_and_nothing_else_is() {
    let mut table = String::from(HEAD);
    let mut surprises = vec![];
    let names = |list: &[&str]| list.join(", ");
    for d in DEFECTS {
        let report = audit(&d.activation(), &*d.subject(), d.dtypes, d.passes, d.declare, Effort::Quick);
        let caught = refuted(&report);
        for (dtype, pass) in d.dtypes.iter().flat_map(|f| d.passes.iter().map(move |p| (f, p))) {
            let mut found = report
                .results
                .iter()
                .filter(|r| named(&r.check, d.check) && r.dtype == dtype.name() && r.pass == pass.name());
            if !found.any(|r| r.verdict == Verdict::Refuted) {
                surprises.push(format!(
                    "{} {} {}: {} says nothing; {caught:?} do",
                    d.id,
                    dtype.name(),
                    pass.name(),
                    d.check
                ));
            }
        }
        let others: Vec<&str> = caught.iter().map(String::as_str).filter(|c| *c != d.check).collect();
        let dtypes: Vec<&str> = d.dtypes.iter().map(|f| f.name()).collect();
        let passes: Vec<&str> = d.passes.iter().map(|p| p.name()).collect();
        let _ = writeln!(
            table,
            "| {} | {} | `{}` {} {} | {} | **{}** | {} |",
            d.number,
            d.source,
            d.activation,
            names(&dtypes),
            names(&passes),
            d.symptom,
            d.check,
            names(&others)
        );
    }
    table.push_str(SOUND_HEAD);
    for s in SOUND {
        let report = audit(&s.activation(), &*s.subject(), s.dtypes, s.passes, s.declare, Effort::Quick);
        let caught = refuted(&report);
        if !caught.is_empty() {
            surprises.push(format!("{} is right, and {caught:?} say otherwise:\n{}", s.id, report.text(false)));
        }
        let declared = if s.declare.is_empty() { "nothing".into() } else { names(s.declare) };
        let _ = writeln!(table, "| {} | `{}` | {} | {declared} |", s.source, s.activation, s.why);
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/defects.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
        std::fs::write(file, &table).expect("can be written");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), table, "docs/defects.md is not what this test finds");
}

const HEAD: &str = "# Defects that were seen in the wild, and what catches them

Each row is a defect of somebody's activation kernel that was reported in public, as a small kernel of our own that shows the same
symptom (`src/defects/`). `tests/defects.rs` audits all of them and writes this table. The numbers are those of a corpus of 36 defects; some rows
have several kernels. The check in bold is the one that has to catch the defect, in every format and pass named; the others do, too.

| # | reported | kernel | symptom | caught by | and by |
|---|---|---|---|---|---|
";

const SOUND_HEAD: &str = "
## Right, and rejected elsewhere

These kernels are right, and are not flagged.

| rejected | kernel | why it is right | declared |
|---|---|---|---|
";
