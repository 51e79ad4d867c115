//! Incoming gradients, and the places in which inputs stand: what is wrong only there is found, and what is right is not flagged.

use crate::foreign::{audit, options, text};
use actaudit::expr::FloatFormat;
use actaudit::verdict::Verdict;

/// The checks that refute a library's function, with the backward pass that is named.
fn refuted(rest: &str) -> Vec<String> {
    let report = audit("tanh", &text("lib", "libgradients.so", rest), &options(&[FloatFormat::F32]));
    let bad = report.results.iter().filter(|r| r.verdict == Verdict::Refuted);
    bad.map(|r| format!("{}/{}", r.pass, r.check)).collect()
}

#[test]
fn what_comes_in_is_multiplied() {
    for right in ["multiplied", "masked"] {
        assert_eq!(refuted(&format!(":tanh_f32,backward={right}")), [""; 0], "{right}");
    }
    for wrong in [
        "ignored",
        "squared",
        "absolute",
        "first",
        "clipped",
        "small_lost",
        "tiny_lost",
        "cut_to_ten_bits",
        "large_and_far",
        "zero_kept",
        "nan_lost",
        "infinity_lost",
        "five_percent",
    ] {
        assert_eq!(refuted(&format!(":tanh_f32,backward={wrong}")), ["backward/incoming"], "{wrong}");
    }
    // the finding says what came in
    let report =
        audit("tanh", &text("lib", "libgradients.so", ":tanh_f32,backward=squared"), &options(&[FloatFormat::F32]));
    let row = report.results.iter().find(|r| r.check == "incoming" && r.pass == "backward").expect("a row");
    let how = row.witness.as_ref().and_then(|w| w.how.clone()).unwrap_or_default();
    assert!(how.starts_with("with an incoming gradient of "), "{how}");
}

#[test]
fn an_output_depends_on_its_input_alone() {
    assert_eq!(refuted(":tanh_f32"), [""; 0]);
    for wrong in [
        "after_65535",
        "last_of_a_batch",
        "odd_of_thousands",
        "rest_of_hundreds",
        "last_of_37",
        "last_of_many",
        "nan_in_the_block",
        "infinity_in_the_block",
    ] {
        // a quarter of an array, as one of four threads is given, is a slice, too
        let mut found = refuted(&format!(":{wrong}"));
        found.retain(|row| row != "forward/layout");
        assert_eq!(found, ["forward/position"], "{wrong}");
    }
}

/// Memory that both processes see cannot be cut off.
#[test]
fn code_that_cuts_files_off_ends_nobody() {
    let found = refuted(":cuts_off");
    assert!(found.iter().all(|row| row == "forward/process"), "{found:?}");
}
