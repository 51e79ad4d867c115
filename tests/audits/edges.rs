//! Samples hold the inputs where real values overflow, become subnormal or round to their limit, and thresholds; what a plugin
//! declares is not held against it.

use crate::foreign::{audit, options, text};
use actaudit::audit::{Options, verify};
use actaudit::catalog;
use actaudit::expr::{Activation, Definition, FloatFormat};
use actaudit::kernels::Pass;
use actaudit::subject;
use actaudit::verdict::Verdict;
use std::sync::Arc;

/// The checks that refute a function on the sample of a quick audit.
fn refuted(id: &str, symbol: &str, format: FloatFormat) -> Vec<&'static str> {
    let rest = format!(":{symbol},dtype={}", format.name());
    let report = audit(id, &text("lib", "libedges.so", &rest), &options(&[format]));
    assert!(report.results.iter().any(|r| r.check == "ulp" && r.compared < 40_000), "it is a sample");
    report.results.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect()
}

#[test]
fn what_is_wrong_only_at_an_edge_is_found_in_a_quick_sample() {
    let f64s = [
        ("exp", "exp_right", &["exp_overflows_early", "exp_flushes", "exp_saturates"][..]),
        ("tanh", "tanh_right", &["tanh_one_early"]),
        ("softplus", "softplus_right", &["softplus_from_20", "softplus_to_700"]),
        ("elu", "elu_right", &["elu_from_34"]),
    ];
    for (id, right, wrong) in f64s {
        assert_eq!(refuted(id, right, FloatFormat::F64), [""; 0], "{right}");
        for wrong in wrong {
            assert!(!refuted(id, wrong, FloatFormat::F64).is_empty(), "{wrong}");
        }
    }
    assert_eq!(refuted("exp", "exp32_right", FloatFormat::F32), [""; 0]);
    for wrong in ["exp32_flushes", "exp32_from_88"] {
        assert!(refuted("exp", wrong, FloatFormat::F32).contains(&"ulp"), "{wrong}");
    }
}

#[test]
fn second_derivatives_of_libraries_are_audited() {
    for (symbol, wrong) in [("tanh_double", false), ("tanh_double_unsigned", true)] {
        let rest = format!(":tanh_right,dtype=f64,double={symbol}");
        let asked = Options { passes: vec![Pass::Double], ..options(&[FloatFormat::F64]) };
        let report = audit("tanh", &text("lib", "libedges.so", &rest), &asked);
        let ulp = report.results.iter().find(|r| r.check == "ulp" && r.pass == "double").expect("a row");
        assert!(ulp.compared > 10_000 && (ulp.verdict == Verdict::Refuted) == wrong, "{symbol} {}", report.text(false));
    }
}

/// Beside a subject that is not asked to be the same, there is no such row.
#[test]
fn rewritten_kernels_are_the_same_bit_for_bit_or_not() {
    let exp = Activation::with_defaults(catalog::find("exp").expect("in the catalogue")).expect("defaults");
    let held = |second: &str, identical: bool| {
        let named =
            |symbol: &str| subject::named(&text("lib", "libedges.so", &format!(":{symbol}")), &exp).expect("there");
        let [first, second] = [named("exp32_right"), named(second)];
        let asked = Options { identical, passes: vec![Pass::Forward], ..options(&[FloatFormat::F32]) };
        let audit = verify(&exp, &[first.as_ref(), second.as_ref()], &[], &asked, &|_| true).expect("is audited");
        let report = audit.report();
        let row = report.results.iter().find(|r| r.check == "identical");
        let text = report.text(false);
        // the answer is on the first lines
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ").contains("where both were sampled");
        assert_eq!(said, row.is_some_and(|r| r.verdict == Verdict::Within), "{text}");
        row.map(|r| (r.verdict, r.failing > 0, text.contains("exp32_right gives")))
    };
    assert_eq!(held("exp32_again", true), Some((Verdict::Within, false, false)));
    assert_eq!(held("exp32_from_88", true), Some((Verdict::Refuted, true, true)));
    assert_eq!(held("exp32_from_88", false), None);
    for other in ["exp32_negative_zero", "exp32_nan"] {
        assert_eq!(held(other, true), Some((Verdict::Refuted, true, true)), "{other}");
    }
    // what was not compared is not the same
    let named = |rest: &str| subject::named(&text("lib", "libedges.so", rest), &exp).expect("there");
    let [narrow, wide] = [named(":exp32_right"), named(":exp_right,dtype=f64")];
    let asked = Options { identical: true, ..options(&FloatFormat::ALL) };
    let refused = verify(&exp, &[narrow.as_ref(), wide.as_ref()], &[], &asked, &|_| true).map(drop);
    assert!(refused.is_err_and(|e| e.to_string().contains("have no format and direction in common")));
}

/// Where a function or its slope has no value nothing is flagged.
#[test]
fn right_code_beside_poles_is_right() {
    for (expr, rest) in [("x/(x-1)", ":pole,backward=pole_slope"), ("sqrt(x)", ":root,backward=root_slope")] {
        let definition = Definition::from_expr(expr).expect("parsed");
        let activation = Activation::with_defaults(Arc::new(definition)).expect("made");
        let code = subject::named(&text("lib", "libedges.so", rest), &activation).expect("there");
        let audit = verify(&activation, &[code.as_ref()], &[], &options(&[FloatFormat::F32]), &|_| true).expect("runs");
        let report = audit.report();
        let bad: Vec<_> = report.results.iter().filter(|r| r.verdict == Verdict::Refuted).map(|r| r.check).collect();
        assert_eq!(bad, [""; 0], "{expr} {}", report.text(false));
    }
}

#[test]
fn what_a_table_declares_is_not_held_against_it() {
    let flush = |kernel: &str| {
        let report = audit("silu", &text("plugin", "libsilu.so", kernel), &options(&[FloatFormat::F32]));
        let rows = report.results.iter().filter(|r| ["flush", "ulp"].contains(&r.check) && r.pass == "forward");
        rows.map(|r| (r.check, r.verdict == Verdict::Refuted, !r.excluded.is_empty())).collect::<Vec<_>>()
    };
    assert_eq!(flush(":flushes_as_it_says"), [("ulp", false, true), ("flush", false, true)]);
    let silent = flush(":flushes");
    assert!(silent.iter().all(|(_, refuted, _)| *refuted), "{silent:?}");
}
