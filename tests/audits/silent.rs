//! Code that writes no outputs, or never answers.

use super::foreign::{audit, options, process, text};
use actaudit::audit::{Effort, Input, Options};
use actaudit::expr::FloatFormat;
use actaudit::kernels::Pass;
use actaudit::verdict::Verdict;

#[test]
fn what_is_not_written_is_never_taken_for_an_answer() {
    let report = audit("relu", &text("lib", "libhostile.so", ":writes_nothing"), &options(&[FloatFormat::F32]));
    assert_eq!(process(&report).incidents[0].kind, "unwritten");
    let hint = "expected void writes_nothing(const float *x, float *y, size_t n), which writes y: docs/subjects.md";
    assert!(process(&report).incidents[0].text.contains(hint), "{}", report.text(false));
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
