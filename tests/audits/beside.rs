//! What code reads or writes beside its arrays.

use super::foreign::{audit, compile, options, text};
use actaudit::expr::FloatFormat;
use actaudit::internal::contract::VerifyReport;
use tempfile::TempDir;

fn library() -> (TempDir, String) {
    let dir = TempDir::new().expect("a folder");
    let library = dir.path().join("libbeside.so");
    compile("cc", &["-shared", "-fPIC", "-O2", "-Wall", "-Wextra"], "beside.c", &library);
    let library = library.display().to_string();
    (dir, library)
}

/// What happened to the process: kind and words.
fn incidents(report: &VerifyReport, pass: &str) -> Vec<(&'static str, String)> {
    let rows = report.results.iter().filter(|r| r.check == "process" && r.pass == pass);
    rows.flat_map(|r| &r.incidents).map(|i| (i.kind, i.text.clone())).collect()
}

#[test]
fn what_is_read_or_written_beside_arrays_is_found() {
    let (_dir, library) = library();
    for (function, kind, words) in [
        ("reads_one_after", "beyond", "it reads past the end of the input, by 1 elements"),
        ("reads_one_before", "beyond", "it reads before the start of the input, by 1 elements"),
        ("reads_ahead", "beyond", "it reads past the end of the input, by 1 elements"),
        ("loads_whole_vectors", "beyond", "it reads past the end of the input, by "),
        ("writes_far_after", "outside", "it writes or reads past the end of the output, by more than 4096 bytes"),
        ("writes_far_before", "outside", "it writes or reads before the start of the output, by more than 4096 bytes"),
        (
            "writes_if_empty",
            "outside",
            "asked for no inputs at all: it wrote past the end of the output, up to 1 elements",
        ),
        ("aborts_if_empty", "signal", "asked for no inputs at all: killed by SIGILL"),
    ] {
        let report = audit("relu", &text("lib", &library, &format!(":{function}")), &options(&[FloatFormat::F32]));
        let about = format!("{function}: {}", report.text(false));
        let found = incidents(&report, "forward");
        assert!(found.len() <= 2 && found[0].0 == kind && found[0].1.starts_with(words), "{about}");
        // outputs are right all the same
        let failing = report.results.iter().filter(|r| r.failing > 0).map(|r| r.check);
        assert_eq!(failing.collect::<Vec<_>>(), ["process"], "{about}");
    }
    let subject = text("lib", &library, ":honest,backward=reads_gradient_after");
    let report = audit("relu", &subject, &options(&[FloatFormat::F32]));
    let found = incidents(&report, "backward");
    let words = "it reads past the end of the incoming gradient, by 1 elements";
    assert!(found[0].0 == "beyond" && found[0].1.starts_with(words), "{}", report.text(false));
    assert_eq!(incidents(&report, "forward"), []);
}

#[test]
fn sound_code_is_not_blamed_for_what_it_reads() {
    let (_dir, library) = library();
    for function in ["honest", "vector_and_rest", "reads_the_block_around_the_end"] {
        let report = audit("relu", &text("lib", &library, &format!(":{function}")), &options(&[FloatFormat::F32]));
        assert_eq!(incidents(&report, "forward"), [], "{function}: {}", report.text(false));
        assert!(report.results.iter().all(|r| r.failing == 0), "{function}: {}", report.text(false));
    }
}
