//! Code that writes no outputs, or never answers.

use super::foreign::{audit, options, process, text};
use actaudit::audit::{Effort, Input, Options};
use actaudit::expr::FloatFormat;
use actaudit::internal::contract;
use actaudit::kernels::Pass;
use actaudit::verdict::Verdict;

#[test]
fn what_is_not_written_is_never_taken_for_an_answer() {
    let report = audit("relu", &text("lib", "libhostile.so", ":writes_nothing"), &options(&[FloatFormat::F32]));
    assert_eq!(process(&report).incidents[0].kind, "unwritten");
    let hint = "expected void writes_nothing(const float *x, float *y, size_t n), which writes y: docs/subjects.md";
    assert!(process(&report).incidents[0].text.contains(hint), "{}", report.text(false));
    let last = process(&report).incidents.last().expect("given up");
    assert!(last.kind == "gave_up" && last.text.starts_with("it writes no output at all"), "{}", report.text(false));
    assert!(report.results.iter().filter(|r| r.check != "process").all(|r| r.compared == 0));
    // the tail of a batch that is no multiple of eight
    let bits = (0..13).map(|k| Input::Bits(0x3f80_0000 + k)).collect();
    let options = Options { inputs: Some(bits), passes: vec![Pass::Forward], ..options(&[FloatFormat::F32]) };
    let report = audit("relu", &text("lib", "libhostile.so", ":skips_the_tail"), &options);
    let (row, ulp) = (process(&report), &report.results[0]);
    assert_eq!((row.incidents[0].kind, ulp.compared, ulp.excluded[0].count), ("unwritten", 8, 5));
}

/// Code that never answers costs seconds, however many inputs there are: here every f32, forward.
#[test]
fn code_that_never_answers_is_done_with_at_once() {
    for function in ["writes_nothing", "always_aborts"] {
        let begun = std::time::Instant::now();
        let every = Options { effort: Effort::Standard, passes: vec![Pass::Forward], ..options(&[FloatFormat::F32]) };
        let report = audit("relu", &text("lib", "libhostile.so", &format!(":{function},failures=20")), &every);
        let row = process(&report);
        assert_eq!(
            (row.verdict, row.excluded.first().map(|e| e.count > 4_000_000_000)),
            (Verdict::Refuted, Some(true))
        );
        assert!(begun.elapsed().as_secs() < 100, "{function}: {:?}", begun.elapsed());
    }
}

/// Whether it is given up or not, and whatever is answered when it is asked again: nothing was written at first, and that is said.
#[test]
fn what_is_not_written_at_first_only_is_found() {
    let run = |function: &str, jobs| {
        let subject = text("lib", "libhostile.so", &format!(":{function}"));
        let report = audit("relu", &subject, &Options { jobs: Some(jobs), ..options(&[FloatFormat::F32]) });
        let row = process(&report);
        let about = report.text(false);
        assert_eq!((row.verdict, row.incidents[0].kind), (Verdict::Refuted, "unwritten"), "{function}: {about}");
        report
    };
    for jobs in [1, 3] {
        let report = run("writes_nothing_at_first", jobs);
        let known = |i: &contract::IncidentReport| i.kind == "unwritten" && !i.text.contains("expected void");
        assert!(process(&report).incidents.iter().all(known), "{}", report.text(false));
        let report = run("writes_after_long", jobs);
        // in one process, it writes by the time that a batch is asked again
        let again = process(&report).incidents[0].text.contains("answered without it when it was asked again");
        assert!(again || jobs > 1, "{}", report.text(false));
    }
}

/// Inputs ascend: of code that writes for positive ones only, the first half of the batches stays unwritten, and the wrong output is in
/// the other.
#[test]
fn code_that_skips_a_stretch_is_asked_for_all_the_rest() {
    let subject = text("lib", "libhostile.so", ":writes_where_positive,dtype=f16");
    for failures in ["", ",failures=1"] {
        let report = audit("relu", &format!("{subject}{failures}"), &options(&[FloatFormat::F16]));
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        assert_eq!((ulp.verdict, ulp.compared), (Verdict::Refuted, 31_744), "{}", report.text(false));
        let row = process(&report);
        assert!(row.incidents.iter().all(|i| i.kind == "unwritten" && !i.text.contains("expected void")));
        assert!(row.excluded.is_empty(), "all are asked for: {}", report.text(false));
    }
}
