//! Code that writes no outputs, or never answers.

use super::foreign::{audit, cli, compile, options, process, text};
use actaudit::audit::{Effort, Input, Options};
use actaudit::expr::FloatFormat;
use actaudit::internal::contract::{self, VerifyReport, VerifyResult};
use actaudit::kernels::Pass;
use actaudit::verdict::Verdict;
use tempfile::TempDir;

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

/// A library of code that does not come back, and its folder; with what is done while it is loaded.
fn stuck_and(on_load: Option<&str>) -> (TempDir, String) {
    let dir = TempDir::new().expect("a folder");
    let library = dir.path().join("libstuck.so");
    let stamp = format!("-DSTAMP=\"{}\"", dir.path().join("stamp").display());
    let on_load = on_load.map(|what| format!("-DON_LOAD={what}"));
    let args: Vec<&str> =
        ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", &stamp].into_iter().chain(on_load.as_deref()).collect();
    compile("cc", &args, "stuck.c", &library);
    let library = library.display().to_string();
    (dir, library)
}

fn stuck() -> (TempDir, String) {
    stuck_and(None)
}

fn ulp(report: &VerifyReport) -> &VerifyResult {
    report.results.iter().find(|r| r.check == "ulp" && r.pass == "forward").expect("a row")
}

/// Three processes with an input each, and not the two hundred batches that may fail: at the five seconds of a library's limit that
/// would be a quarter of an hour.
#[test]
fn code_that_always_hangs_is_given_up_after_a_few_hangs() {
    let (_dir, library) = stuck();
    let subject = text("lib", &library, ":always_hangs,backward=always_hangs,seconds=0.2");
    let begun = std::time::Instant::now();
    let run = |jobs| audit("relu", &subject, &Options { jobs: Some(jobs), ..options(&[FloatFormat::F32]) });
    let report = run(1);
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    let about = report.text(false);
    for row in report.results.iter().filter(|r| r.check == "process") {
        assert_eq!(row.incidents.len(), 2, "{about}");
        let (hang, rest) = (&row.incidents[0], &row.incidents[1]);
        assert_eq!((row.verdict, hang.kind, rest.kind), (Verdict::Refuted, "hang", "gave_up"), "{about}");
        let words = "no answer within 0.2 s, nor for -0.25 or 1000 in processes of their own";
        assert_eq!((hang.inputs[0].as_str(), hang.text.as_str()), ("0x3f800000", words), "{about}");
        assert!(
            hang.repro.is_some() && rest.text.starts_with("it answers none of the inputs that were tried alone"),
            "{about}"
        );
    }
    assert_eq!((ulp(&report).compared, ulp(&report).verdict), (0, Verdict::Vacuous), "{about}");
    let json = |report: &VerifyReport| serde_json::to_string(report).expect("JSON");
    assert_eq!(json(&report), json(&run(3)));
}

#[test]
fn code_that_always_exits_is_given_up() {
    let (_dir, library) = stuck();
    let begun = std::time::Instant::now();
    let report = audit("relu", &text("lib", &library, ":always_exits"), &options(&[FloatFormat::F32]));
    let row = process(&report);
    let first = &row.incidents[0];
    let about = report.text(false);
    assert_eq!((row.verdict, first.kind, first.batch), (Verdict::Refuted, "exit", 1), "{about}");
    assert!(first.text.contains("exited with code 3"), "{about}");
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

/// One of the inputs that are tried lies on the stretch. Around it, everything is answered.
#[test]
fn code_that_hangs_on_a_stretch_is_audited_elsewhere() {
    let (_dir, library) = stuck();
    let subject = text("lib", &library, ":hangs_on_a_stretch,seconds=0.4,failures=40");
    let report = audit("relu", &subject, &options(&[FloatFormat::F32]));
    let (row, about) = (process(&report), report.text(false));
    assert_eq!((row.verdict, row.incidents[0].kind), (Verdict::Refuted, "hang"), "{about}");
    assert!(row.incidents.iter().any(|i| i.inputs[0] == "0x3f800000" && i.batch == 1), "{about}");
    assert!(row.incidents.iter().all(|i| !i.text.contains("it answers none of the inputs")), "{about}");
    assert!(ulp(&report).compared > 10_000 && ulp(&report).verdict == Verdict::Within, "{about}");
}

/// What hangs once, or in long batches only, answers all the same.
#[test]
fn code_that_hangs_at_times_is_not_given_up() {
    let (_dir, library) = stuck();
    let bits = (0..1500).map(|k| Input::Bits(0x3f80_0000 + k)).collect();
    let options = Options { inputs: Some(bits), passes: vec![Pass::Forward], ..options(&[FloatFormat::F32]) };
    for (function, words) in [
        ("hangs_at_first", "the same batch was answered when it was asked again"),
        ("hangs_in_long_batches", "its parts were answered when asked one by one"),
    ] {
        let report = audit("relu", &text("lib", &library, &format!(":{function},seconds=0.4")), &options);
        let (row, about) = (process(&report), report.text(false));
        assert_eq!((row.verdict, row.incidents[0].kind), (Verdict::Refuted, "hang"), "{about}");
        assert!(row.incidents[0].text.contains(words), "{about}");
        assert_eq!(ulp(&report).compared, 1500, "{about}");
    }
}

/// What one subject does while it is loaded is a finding about it, and the others are audited.
#[test]
fn code_that_dies_while_it_is_loaded_does_not_end_the_audit_of_others() {
    let (_dir, good) = stuck();
    for (what, words) in [("abort()", "killed by SIGABRT"), ("exit(7)", "the process exited with code 7")] {
        let (_dir, bad) = stuck_and(Some(what));
        let (good, bad) = (text("lib", &good, ":honest"), text("lib", &bad, ":honest"));
        let quick = ["--dtype", "f32", "--pass", "forward", "--effort", "quick", "--quiet"];
        for subjects in [&[&bad, &good][..], &[&good, &bad], &[&bad]] {
            let subjects = subjects.iter().flat_map(|subject| ["--impl", subject.as_str()]);
            let args: Vec<&str> = ["verify", "relu"].into_iter().chain(subjects).chain(quick).collect();
            let (code, out) = cli(&args);
            assert_eq!(code, Some(1), "{out}");
            let line = out.lines().find(|line| line.starts_with("FAILED  ")).unwrap_or_default();
            let flowing = out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(line.contains(&bad) && flowing.contains(&format!("while it was loaded: {words}")), "{out}");
            assert_eq!(args.contains(&good.as_str()), out.contains(&format!("passed  {good}")), "{out}");
        }
    }
}
