//! Every defect of the corpus is caught by the check that is named for it, every kernel that is only said to be wrong passes,
//! and `docs/defects.md` is the table of that. `INSTA_UPDATE=always` writes the table anew.
//!
//! What a quick audit refutes, an exhaustive one refutes as well. Every f32 takes minutes a kernel with the code that tests run:
//! `make planted` does that for all of them, optimised (`PLANTED=all`); a test beside the audits does it around each witness.

use actaudit::audit::{Audit, Effort, Facts, Options, Record, verify_with};
use actaudit::check::Policy;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::{DEFECTS, Defect, MISSED, Missed, SOUND, Sound};
use actaudit::kernels::Pass;
use actaudit::subject::Subject;
use actaudit::verdict::Verdict;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

/// What is proved about the activations, once for all tests.
static FACTS: LazyLock<Facts> = LazyLock::new(Facts::new);

/// Twelve of the kernels are said to compute gelu.
fn each_fact_was_proved_once() {
    let proofs = FACTS.proofs();
    let again: Vec<_> = proofs.iter().filter(|(_, _, times)| *times != 1).collect();
    assert!(proofs.iter().any(|(label, _, _)| label == "gelu") && again.is_empty(), "{again:?}");
    eprintln!("{} facts were proved, each once", proofs.len());
}

/// A planted kernel, and what is asked of it.
struct Case {
    id: &'static str,
    activation: Activation,
    subject: Box<dyn Subject>,
    dtypes: &'static [FloatFormat],
    passes: &'static [Pass],
    declare: &'static [&'static str],
    max_ulp: Option<f64>,
    /// the check that has to catch it
    check: &'static str,
}

impl Case {
    fn of(d: &'static Defect) -> Self {
        let Defect { id, dtypes, passes, declare, check, .. } = *d;
        Self { id, activation: d.activation(), subject: d.subject(), dtypes, passes, declare, max_ulp: None, check }
    }

    fn missed(m: &'static Missed) -> Self {
        let Missed { id, dtypes, passes, declare, check, max_ulp, .. } = *m;
        Self { id, activation: m.activation(), subject: m.subject(), dtypes, passes, declare, max_ulp, check }
    }

    fn sound(s: &'static Sound) -> Self {
        let Sound { id, dtypes, passes, declare, .. } = *s;
        Self { id, activation: s.activation(), subject: s.subject(), dtypes, passes, declare, max_ulp: None, check: "" }
    }

    fn audit(&self, dtypes: &[FloatFormat], effort: Effort) -> Audit {
        let word = |p: Policy, word: &&str| p.declare(word);
        let policy = self.declare.iter().try_fold(Policy::default(), word).expect("words of the policy");
        let (dtypes, passes, max_ulp) = (dtypes.to_vec(), self.passes.to_vec(), self.max_ulp);
        let options = Options { dtypes, passes, effort, policy, max_ulp, ..Options::default() };
        verify_with(&FACTS, &self.activation, &[&*self.subject], &[], &options, &|_| true).expect("runs")
    }

    /// Formats and passes in which the check that has to catch it says nothing.
    fn not_caught(&self, report: &Audit) -> Vec<String> {
        let mut out = vec![];
        for (dtype, pass) in self.dtypes.iter().flat_map(|f| self.passes.iter().map(move |p| (f, p))) {
            let own = |r: &&Record| r.dtype == *dtype && r.pass == *pass;
            let mut found = report.results.iter().filter(|r| named(r.check, self.check)).filter(own);
            if !found.any(|r| r.verdict == Verdict::Refuted) {
                let (caught, check) = (refuted(report), self.check);
                out.push(format!("{} {} {}: {check} says nothing; {caught:?} do", self.id, dtype.name(), pass.name()));
            }
        }
        out
    }

    /// The checks that catch it besides the one that has to.
    fn others(&self, report: &Audit) -> String {
        let caught = refuted(report);
        caught.into_iter().filter(|c| *c != self.check).collect::<Vec<_>>().join(", ")
    }

    /// The kernel, for the table.
    fn named(&self, activation: &str) -> String {
        let dtypes: Vec<&str> = self.dtypes.iter().map(|f| f.name()).collect();
        let passes: Vec<&str> = self.passes.iter().map(|p| p.name()).collect();
        format!("`{activation}` {} {}", dtypes.join(", "), passes.join(", "))
    }
}

/// `bisect` asks on samples what `seam` asks of all neighbours.
fn named(check: &str, wanted: &str) -> bool {
    check == wanted || wanted == "seam" && check == "bisect"
}

fn refuted(report: &Audit) -> BTreeSet<&'static str> {
    let failing = report.results.iter().filter(|r| r.verdict == Verdict::Refuted);
    failing.map(|r| r.check).collect()
}

#[test]
fn every_defect_is_caught_and_nothing_else_is() {
    let mut table = String::from(HEAD);
    let mut surprises = vec![];
    for d in DEFECTS {
        let case = Case::of(d);
        let report = case.audit(d.dtypes, Effort::Quick);
        surprises.extend(case.not_caught(&report));
        let (kernel, others) = (case.named(d.activation), case.others(&report));
        let _ =
            writeln!(table, "| {} | {} | {kernel} | {} | **{}** | {others} |", d.number, d.source, d.symptom, d.check);
    }
    table.push_str(MISSED_HEAD);
    for m in MISSED {
        let case = Case::missed(m);
        let report = case.audit(m.dtypes, Effort::Quick);
        surprises.extend(case.not_caught(&report));
        let (kernel, others) = (case.named(m.activation), case.others(&report));
        let asked: Vec<String> =
            m.declare.iter().map(|w| (*w).to_owned()).chain(m.max_ulp.map(|u| format!("{u} ulp"))).collect();
        let asked = if asked.is_empty() { "nothing".into() } else { asked.join(", ") };
        let _ = writeln!(table, "| {kernel} | {} | {} | {asked} | **{}** | {others} |", m.symptom, m.passed, m.check);
    }
    table.push_str(SOUND_HEAD);
    for s in SOUND {
        let report = Case::sound(s).audit(s.dtypes, Effort::Quick);
        let caught = refuted(&report);
        if !caught.is_empty() {
            surprises.push(format!("{} is right, and {caught:?} say otherwise:\n{}", s.id, report.text(false)));
        }
        let declared = if s.declare.is_empty() { "nothing".into() } else { s.declare.join(", ") };
        let _ = writeln!(table, "| {} | `{}` | {} | {declared} |", s.source, s.activation, s.why);
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/defects.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
        std::fs::write(file, &table).expect("can be written");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), table, "docs/defects.md is not what this test finds");
    each_fact_was_proved_once();
}

/// Rows that the quick audit refutes and the exhaustive one does not; and how many both refute.
fn withdrawn(case: &Case, dtypes: &[FloatFormat]) -> (Vec<String>, usize) {
    let [quick, all] = [Effort::Quick, Effort::Exhaustive].map(|effort| case.audit(dtypes, effort));
    let bad: Vec<&Record> = quick.results.iter().filter(|r| r.verdict == Verdict::Refuted).collect();
    let id = |r: &Record| format!("{}: {}/{}/{}", case.id, r.dtype.name(), r.pass.name(), r.check);
    let still = |r: &&Record| all.results.iter().any(|a| id(a) == id(r) && a.verdict == Verdict::Refuted);
    let gone: Vec<String> = bad.iter().filter(|r| !still(r)).map(|r| id(r)).collect();
    let both = bad.len() - gone.len();
    (gone, both)
}

fn cases() -> impl Iterator<Item = Case> {
    let defects = DEFECTS.iter().map(Case::of);
    defects.chain(MISSED.iter().map(Case::missed)).chain(SOUND.iter().map(Case::sound))
}

#[test]
fn what_a_quick_audit_refutes_an_exhaustive_one_refutes() {
    let (mut gone, mut both) = (vec![], 0);
    let everything = std::env::var("PLANTED").is_ok_and(|v| v == "all");
    for case in cases() {
        let start = Instant::now();
        let all = |f: &FloatFormat| match f {
            FloatFormat::F16 | FloatFormat::Bf16 => true,
            FloatFormat::F32 => everything,
            FloatFormat::F64 => false,
        };
        let dtypes: Vec<FloatFormat> = case.dtypes.iter().copied().filter(all).collect();
        if dtypes.is_empty() {
            continue;
        }
        let (without, with) = withdrawn(&case, &dtypes);
        if everything {
            let names: Vec<&str> = dtypes.iter().map(|f| f.name()).collect();
            eprintln!(
                "{:<16} {:<14} {with:>3} rows refuted by both, {} by quick alone, {:.0} s",
                case.id,
                names.join(" "),
                without.len(),
                start.elapsed().as_secs_f64()
            );
        }
        gone.extend(without);
        both += with;
    }
    if everything {
        eprintln!("{both} rows refuted by both, {} by the quick audit alone", gone.len());
    }
    assert!(gone.is_empty(), "{}", gone.join("\n"));
    assert!(both > 20, "only {both} rows were refuted: is anything compared?");
    each_fact_was_proved_once();
}

const HEAD: &str = "# Defects that were seen in the wild, and what catches them

Each row is a defect of somebody's activation kernel that was reported in public, as a small kernel of our own that shows the same
symptom (`src/defects/`). `tests/audits/defects.rs` audits all of them and writes this table. The numbers are those of a corpus of 36 defects, of which
some have two rows. The check in bold is the one that has to catch the defect, in every format and pass named; the others do, too.

| # | reported | kernel | symptom | caught by | and by |
|---|---|---|---|---|---|
";

const MISSED_HEAD: &str = "
## Missed by this program, once

These kernels were broken to show what audits of this program did not see, or called proved. Each is refuted now, by samples and where all inputs are
looked at.

| kernel | symptom | why it passed | asked for | caught by | and by |
|---|---|---|---|---|---|
";

const SOUND_HEAD: &str = "
## Right, and rejected elsewhere

These kernels are right, and are not flagged.

| rejected | kernel | why it is right | declared |
|---|---|---|---|
";
