//! A function of a library has the same outputs in whatever way it is called.

use crate::foreign::{audit, options, text};
use actaudit::expr::FloatFormat;
use actaudit::verdict::Verdict;

/// The checks that refute a relu, and how `layout` called it.
fn refuted(code: &str) -> (Vec<&'static str>, Option<String>) {
    let report = audit("relu", &text("lib", "libmanners.so", &format!(":{code}")), &options(&[FloatFormat::F32]));
    let layout = report.results.iter().find(|r| r.check == "layout" && r.verdict == Verdict::Refuted);
    let how = layout.and_then(|r| r.witness.as_ref()?.how.clone());
    (report.results.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect(), how)
}

#[test]
fn code_that_minds_how_it_is_called_is_found() {
    for (code, way) in [
        ("manners_shared", "from four threads at once"),
        ("manners_aligned", "with arrays that are aligned differently"),
        ("manners_right,backward=manners_gradient_aligned", "with arrays that are aligned differently"),
        // by the threads already
        ("manners_used_up", ""),
    ] {
        let (checks, how) = refuted(code);
        assert!(
            checks.contains(&"layout") && how.as_ref().is_some_and(|how| how.starts_with(way)),
            "{code} {checks:?} {how:?}"
        );
    }
}

#[test]
fn code_that_does_not_mind_is_right() {
    for code in ["manners_own", "manners_right,backward=manners_gradient"] {
        assert_eq!(refuted(code), (vec![], None), "{code}");
    }
}
