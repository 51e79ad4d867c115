//! Other people's kernels: libraries in C, C++ and Rust are built and audited, and what hostile ones do is found while the
//! rest of the audit goes on.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

use actaudit::audit::{Effort, Input, Options, verify};
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::contract::{VerifyReport, VerifyResult};
use actaudit::kernels::Pass;
use actaudit::subject::{self, SubjectError};
use actaudit::verdict::Verdict;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;
const PROGRAM: &str = env!("CARGO_BIN_EXE_actaudit");

/// The libraries, built once for all tests.
struct Built {
    dir: TempDir,
}

impl Built {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

pub(crate) fn compile(compiler: &str, args: &[&str], source: &str, output: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(compiler)
        .args(args)
        .arg(root.join("tests/foreign").join(source))
        .arg("-o")
        .arg(output)
        .status()
        .unwrap_or_else(|e| panic!("{compiler}: {e}"));
    assert!(status.success(), "{compiler} {source}");
}

fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        subject::use_worker(PROGRAM);
        let built = Built { dir: TempDir::new().expect("a folder") };
        let include = format!("-I{}/include", env!("CARGO_MANIFEST_DIR"));
        let shared = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", include.as_str()];
        compile("cc", &shared, "relu.c", &built.path("librelu.so"));
        compile("cc", &shared, "hostile.c", &built.path("libhostile.so"));
        compile("cc", &[&shared[..], &["-lm"]].concat(), "gradients.c", &built.path("libgradients.so"));
        compile("cc", &[&shared[..], &["-lm"]].concat(), "edges.c", &built.path("libedges.so"));
        compile("cc", &[&shared[..], &["-lm"]].concat(), "part.c", &built.path("libpart.so"));
        compile("cc", &[&shared[..], &["-lm"]].concat(), "manners.c", &built.path("libmanners.so"));
        let changed = [
            ("-DVERSION=7", "libfuture.so"),
            ("-DDTYPE=9", "libodd.so"),
            ("-DNO_TABLE", "libnull.so"),
            ("-DON_LOAD", "libonload.so"),
        ];
        for (change, name) in changed {
            compile("cc", &[&shared[..], &[change]].concat(), "hostile.c", &built.path(name));
        }
        compile("c++", &[&shared[..], &["-std=c++17"]].concat(), "silu.cpp", &built.path("libsilu.so"));
        compile(
            "rustc",
            &["--edition=2024", "--crate-type=cdylib", "-O"],
            "softsign.rs",
            &built.path("libsoftsign.so"),
        );
        built
    })
}

/// `KIND:` and the path of a library, as the text of a subject.
pub(crate) fn text(kind: &str, library: &str, rest: &str) -> String {
    format!("{kind}:{}{rest}", built().path(library).display())
}

fn activation(id: &str) -> Activation {
    Activation::new(catalog::find(id).expect("in the catalogue"), &BTreeMap::new()).expect("defaults")
}

pub(crate) fn options(dtypes: &[FloatFormat]) -> Options {
    Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, ..Options::default() }
}

pub(crate) fn audit(id: &str, text: &str, options: &Options) -> VerifyReport {
    let activation = activation(id);
    let subject = subject::named(text, &activation).unwrap_or_else(|e| panic!("{e}"));
    verify(&activation, &[subject.as_ref()], &[], options, &|_| true).unwrap_or_else(|e| panic!("{text}: {e}")).report()
}

fn error(id: &str, text: &str) -> SubjectError {
    match subject::named(text, &activation(id)) {
        Ok(_) => panic!("{text} was found"),
        Err(error) => error,
    }
}

/// The verdicts that are not good, as `dtype/pass/check verdict`; what the code does not have is left out.
fn bad(report: &VerifyReport) -> Vec<String> {
    let there = |r: &&VerifyResult| r.excluded.iter().all(|e| !e.reason.contains("does not have"));
    let bad = |r: &&VerifyResult| !matches!(r.verdict, Verdict::Proved | Verdict::Within);
    // relu has no bound, its slope no Lipschitz constant, and that no subnormal values; a table of pairs knows nothing of
    // the inputs that a probe chooses
    let nothing = ["range", "lipschitz", "flush"];
    let silent =
        |r: &VerifyResult| r.excluded.iter().any(|e| e.reason.contains("no answer") || e.reason.contains("a table"));
    let vacuous = |r: &VerifyResult| r.verdict == Verdict::Vacuous && (nothing.contains(&r.check) || silent(r));
    let unbounded = |r: &&VerifyResult| !vacuous(r);
    let all = report.results.iter().filter(there).filter(bad).filter(unbounded);
    all.map(|r| format!("{}/{}/{} {}", r.dtype, r.pass, r.check, r.verdict.name())).collect()
}

pub(crate) fn process(report: &VerifyReport) -> &VerifyResult {
    let row = report.results.iter().find(|r| r.check == "process");
    row.unwrap_or_else(|| panic!("no row: {}", report.text(false)))
}

#[test]
fn c_is_audited_in_every_type() {
    for (rest, dtype, passes) in [
        (":relu_f32,backward=relu_f32_backward", FloatFormat::F32, &Pass::ALL[..]),
        (":relu_f64,dtype=f64", FloatFormat::F64, &Pass::ALL[..1]),
        (":relu_f16,dtype=f16", FloatFormat::F16, &Pass::ALL[..1]),
    ] {
        let report = audit("relu", &text("lib", "librelu.so", rest), &options(&[dtype]));
        assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
        let rows: Vec<&VerifyResult> = report.results.iter().filter(|r| r.check == "process").collect();
        assert_eq!(rows.len(), passes.len());
        let expected = if dtype == FloatFormat::F16 { Verdict::Proved } else { Verdict::Within };
        assert!(rows.iter().all(|r| r.verdict == expected && r.compared > 30_000 && r.incidents.is_empty()));
    }
}

#[test]
fn what_a_library_does_not_have_is_said() {
    let report =
        audit("relu", &text("lib", "librelu.so", ":relu_f32"), &options(&[FloatFormat::F32, FloatFormat::F64]));
    let f64_row = report.results.iter().find(|r| r.dtype == "f64").expect("a row");
    assert_eq!((f64_row.compared, f64_row.verdict), (0, Verdict::Vacuous));
    assert_eq!(f64_row.excluded[0].reason, "the code does not have this format and pass");
}

#[test]
fn a_plugin_in_cpp_is_audited() {
    let all = [FloatFormat::F64, FloatFormat::F32];
    let good = audit("silu", &text("plugin", "libsilu.so", ":template"), &options(&all));
    assert_eq!(bad(&good), Vec::<String>::new(), "{}", good.text(false));
    let wrong = audit("silu", &text("plugin", "libsilu.so", ":wrong"), &options(&[FloatFormat::F32]));
    assert!(bad(&wrong).contains(&"f32/forward/ulp refuted".to_owned()), "{}", wrong.text(false));
    // it claims to be mish and is not
    let mish = audit("mish", &text("plugin", "libsilu.so", ""), &options(&[FloatFormat::F32]));
    assert!(bad(&mish).contains(&"f32/forward/ulp refuted".to_owned()));
}

#[test]
fn rust_is_audited() {
    let report = audit("softsign", &text("lib", "libsoftsign.so", ":softsign"), &options(&[FloatFormat::F32]));
    assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
    let report = audit("softsign", &text("lib", "libsoftsign.so", ":panics"), &options(&[FloatFormat::F32]));
    let incident = &process(&report).incidents[0];
    assert_eq!((incident.kind, incident.inputs[0].as_str()), ("signal", "0x40000000"));
}

#[test]
fn errors_say_what_is_missing() {
    let gone = error("relu", "lib:./not-there.so:f");
    assert!(matches!(gone, SubjectError::NotThere(_)), "{gone}");
    assert!(gone.to_string().contains("cannot open the library ./not-there.so"), "{gone}");
    let header = format!("lib:{}/include/actaudit_plugin.h:f", env!("CARGO_MANIFEST_DIR"));
    built();
    for (text, part) in [
        (header, "invalid ELF header"),
        (text("lib", "librelu.so", ":relu_f23"), "no symbol `relu_f23`; there is relu_f"),
        (text("lib", "librelu.so", ":zzz"), "no symbol `zzz`; it exports relu_"),
        (text("lib", "librelu.so", ":relu_f32,backward=relu_back"), "no symbol `relu_back`"),
        (text("lib", "libsilu.so", ":silu_mangled"), "in C++, declare it extern \"C\""),
        (text("plugin", "librelu.so", ""), "no symbol `actaudit_plugin`"),
        (text("plugin", "libfuture.so", ":fails"), "the plugin has version 7 of the interface"),
        (text("plugin", "libodd.so", ":fails"), "kernel 0 of the plugin's table has the unknown dtype 9"),
        (text("plugin", "libnull.so", ":fails"), "actaudit_plugin() returned null"),
        (
            text("plugin", "libsilu.so", ":nothing"),
            "no kernel of relu named `nothing`; there are: flushes (silu), flushes_as",
        ),
    ] {
        let error = error("relu", &text);
        assert!(matches!(error, SubjectError::NotThere(_)) && error.to_string().contains(part), "{text}: {error}");
    }
    let steep = BTreeMap::from([("a".to_owned(), 5.into())]);
    let steep = Activation::new(catalog::find("leaky_relu").expect("there"), &steep).expect("a parameter");
    let refused = subject::named(&text("plugin", "libsilu.so", ""), &steep).err().map(|e| e.to_string());
    assert!(refused.is_some_and(|e| e.contains("computes leaky_relu with default parameters")));
    for (text, part) in [
        (text("plugin", "libhostile.so", ""), "several kernels of relu: say which with plugin:PATH:NAME, one of fails"),
        ("lib:relu.so".to_owned(), "expected lib:PATH:SYMBOL"),
        ("lib:relu.so:f,dtype=f8".to_owned(), "`dtype=f8`: expected one of f64, f32, f16, bf16"),
    ] {
        let error = error("relu", &text);
        assert!(matches!(error, SubjectError::Malformed { .. }) && error.to_string().contains(part), "{text}: {error}");
    }
}

/// One crime: what is found, and how much of the audit is done all the same.
struct Crime {
    code: &'static str,
    kind: &'static str,
    text: &'static str,
    /// bits of the input that is to blame; nothing if it is not one input
    input: &'static str,
    /// inputs of a check that have no answer
    missing: u64,
}

const fn crime(code: &'static str, kind: &'static str, text: &'static str, input: &'static str, missing: u64) -> Crime {
    Crime { code, kind, text, input, missing }
}

const TWO: &str = "0x40000000";

const CRIMES: &[Crime] = &[
    crime("segfault", "signal", "killed by SIGSEGV (segmentation fault)", TWO, 1),
    crime("hang,seconds=1", "hang", "no answer within 1 s", TWO, 1),
    crime("quits", "exit", "the process exited with code 0", TWO, 1),
    crime("past_the_end", "outside", "past the end of the output, up to 1 elements", TWO, 0),
    crime("before_the_start", "outside", "before the start of the output, up to 2 elements", TWO, 0),
    crime("far_past_the_end", "signal", "SIGSEGV", TWO, 1),
    crime("skips_one", "unwritten", "1 of 1 outputs were not written, the first for 0x40000000", TWO, 1),
    crime("writes_its_input", "input", "it wrote to its input", TWO, 0),
    crime("rounds_toward_zero", "environment", "rounding toward zero instead of to nearest", TWO, 0),
    crime("flushes", "environment", "flush-to-zero of subnormal results, subnormal inputs count as zero", "", 0),
    crime("eats_memory,memory=256M", "signal", "SIGSEGV", TWO, 1),
    crime("eats_shared_memory,memory=256M", "signal", "more than 256 MiB of shared memory", TWO, 1),
    crime(
        "dies_in_long_batches,failures=1000",
        "signal",
        "SIGABRT (abort); its parts were answered when asked one by one",
        "",
        0,
    ),
];

#[test]
fn crimes_are_found_and_the_rest_is_audited() {
    for Crime { code, kind, text: words, input, missing } in CRIMES {
        let report = audit("relu", &text("lib", "libhostile.so", &format!(":{code}")), &options(&[FloatFormat::F32]));
        let row = process(&report);
        let about = format!("{code}: {}", report.text(false));
        assert_eq!(
            (row.verdict, bad(&report)),
            (Verdict::Refuted, vec!["f32/forward/process refuted".into()]),
            "{about}"
        );
        let first = &row.incidents[0];
        assert_eq!(first.kind, *kind, "{about}");
        assert!(first.text.contains(words), "{about}");
        if !input.is_empty() {
            assert_eq!((first.batch, row.failing, &first.inputs), (1, 1, &vec![(*input).to_owned()]), "{about}");
            assert!(first.repro.as_ref().is_some_and(|r| r.ends_with(&format!("--input {input}"))), "{about}");
        }
        let ulp = report.results.iter().find(|r| r.check == "ulp" && r.pass == "forward").expect("a row");
        let left_out = ulp.excluded.iter().filter(|e| e.reason == "no answer").map(|e| e.count).sum::<u64>();
        assert_eq!(left_out, *missing, "{about}");
        let excluded: u64 = ulp.excluded.iter().map(|e| e.count).sum();
        assert_eq!(ulp.compared + excluded, row.compared, "every input is accounted for: {about}");
    }
}

#[test]
fn a_plugin_that_reports_a_wrong_length_or_an_error_is_found() {
    for (name, kind, words) in [
        (":one_too_few", "length", "it reports 0 outputs for 1 inputs"),
        (":fails", "exception", "it returned the error -5"),
    ] {
        let report = audit("relu", &text("plugin", "libhostile.so", name), &options(&[FloatFormat::F32]));
        let row = process(&report);
        assert_eq!(bad(&report), ["f32/forward/process refuted"], "{}", report.text(false));
        let found = &row.incidents[0];
        assert_eq!(
            (row.incidents.len(), found.kind, found.inputs[0].as_str(), found.text.as_str()),
            (1, kind, TWO, words)
        );
    }
}

#[test]
fn a_stretch_of_bad_inputs_has_both_its_ends_found() {
    let report = audit("relu", &text("lib", "libhostile.so", ":segfault_above"), &options(&[FloatFormat::F32]));
    let row = process(&report);
    let inputs: Vec<&str> = row.incidents.iter().map(|i| i.inputs[0].as_str()).collect();
    assert!(inputs.contains(&"0x3f800000"), "the stretch begins at 1: {}", report.text(false));
    let ulp = report.results.iter().find(|r| r.check == "ulp" && r.pass == "forward").expect("a row");
    let left_out: u64 = ulp
        .excluded
        .iter()
        .filter(|e| e.reason.contains("answer") || e.reason.contains("asked"))
        .map(|e| e.count)
        .sum();
    assert!(left_out > 100 && ulp.compared > 20_000 && ulp.verdict == Verdict::Within, "{}", report.text(false));
}

#[test]
fn code_that_always_fails_is_given_up_and_nothing_is_compared() {
    let subject = text("lib", "libhostile.so", ":always_aborts,failures=20");
    let report = audit("relu", &subject, &options(&[FloatFormat::F32]));
    let row = process(&report);
    assert_eq!(row.verdict, Verdict::Refuted);
    assert!(row.incidents.iter().any(|i| i.kind == "gave_up" && i.text.contains("batches failed")));
    assert!(row.incidents[0].text.contains("it said: assertion of mine failed"), "{}", report.text(false));
    let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
    assert_eq!((ulp.compared, ulp.verdict, row.failing), (0, Verdict::Vacuous, row.compared));
}

#[test]
fn what_is_written_stays_an_answer_while_the_rest_is_looked_into() {
    let subject = text("lib", "libhostile.so", ":skips_the_tail,batch=100");
    let report = audit("relu", &subject, &options(&[FloatFormat::F32]));
    assert_eq!(bad(&report), ["f32/forward/process refuted"], "{}", report.text(false));
    let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
    let left_out: u64 = ulp.excluded.iter().filter(|e| e.reason == "no answer").map(|e| e.count).sum();
    assert!(left_out > 0 && left_out <= process(&report).compared * 4 / 100 + 7, "{left_out}");
}

/// Batches of 4096 are all right, and those of probes are not.
#[test]
fn what_happens_in_probes_is_found() {
    for (code, kind, words) in [
        ("dies_in_short_batches", "signal", "SIGABRT"),
        ("needs_alignment", "signal", "with arrays 4 bytes off a boundary of 64"),
    ] {
        let report = audit("relu", &text("lib", "libhostile.so", &format!(":{code}")), &options(&[FloatFormat::F32]));
        assert_eq!(bad(&report)[0], "f32/forward/process refuted", "{code}: {}", report.text(false));
        let row = process(&report);
        let incident = row.incidents.iter().find(|i| i.text.contains(words));
        assert_eq!(incident.map(|i| i.kind), Some(kind), "{code}: {}", report.text(false));
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        assert!(ulp.compared > 30_000, "{code}");
    }
}

#[test]
fn what_does_not_happen_each_time_is_found_and_no_input_is_blamed() {
    for code in ["dies_at_times,failures=60", "leaks,memory=300M,failures=60"] {
        let report = audit("relu", &text("lib", "libhostile.so", &format!(":{code}")), &options(&[FloatFormat::F32]));
        let row = process(&report);
        let about = format!("{code}: {}", report.text(false));
        assert_eq!((row.verdict, row.incidents[0].kind), (Verdict::Refuted, "signal"), "{about}");
        assert!(row.incidents.iter().all(|i| i.batch > 1 || i.repro.is_none()), "{about}");
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        assert!(ulp.excluded.iter().all(|e| e.reason != "no answer"), "{about}");
    }
}

#[test]
fn a_process_that_leaves_its_group_is_ended() {
    let subject = text("lib", "libhostile.so", ":leaves_its_group,seconds=0.5");
    let options =
        Options { inputs: Some([0x4000_0000, 0x4040_0000].map(Input::Bits).to_vec()), ..options(&[FloatFormat::F32]) };
    let report = audit("relu", &subject, &options);
    let first = &process(&report).incidents[0];
    assert_eq!((first.kind, first.inputs[0].as_str()), ("hang", TWO), "{}", report.text(false));
}

/// No limit at all is a limit, too.
#[test]
fn a_limit_may_be_as_long_as_one_likes() {
    let subject = text("lib", "libhostile.so", ":honest,seconds=1e19");
    let options = Options { inputs: Some(vec![Input::Bits(0x4000_0000)]), ..options(&[FloatFormat::F32]) };
    assert_eq!(process(&audit("relu", &subject, &options)).verdict, Verdict::Within);
}

#[test]
fn a_value_that_looks_unwritten_is_an_answer() {
    let report = audit("relu", &text("lib", "libhostile.so", ":poison_by_chance"), &options(&[FloatFormat::F32]));
    assert_eq!(process(&report).verdict, Verdict::Within, "{}", report.text(false));
    let finite = report.results.iter().find(|r| r.check == "finite").expect("a row");
    assert_eq!((finite.verdict, finite.failing), (Verdict::Refuted, 1), "it is a NaN all the same");
}

#[test]
fn the_channel_of_the_worker_is_out_of_reach_of_honest_code() {
    let report = audit("relu", &text("lib", "libhostile.so", ":talks"), &options(&[FloatFormat::F32]));
    assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
    let report = audit("relu", &text("lib", "libhostile.so", ":forges_replies"), &options(&[FloatFormat::F32]));
    assert_eq!(process(&report).incidents[0].kind, "channel", "{}", report.text(false));
}

#[test]
fn what_loading_a_library_does_is_found() {
    let good = audit("relu", &text("lib", "libhostile.so", ":honest"), &options(&[FloatFormat::F32]));
    assert_eq!(bad(&good), Vec::<String>::new(), "{}", good.text(false));
    let report = audit("relu", &text("lib", "libonload.so", ":honest"), &options(&[FloatFormat::F32]));
    assert_eq!(bad(&report), ["f32/forward/process refuted"], "{}", report.text(false));
    let found = &process(&report).incidents[0];
    assert_eq!((found.kind, found.batch), ("environment", 1));
    assert!(found.text.contains("flush-to-zero of subnormal results (by being loaded)"), "{}", found.text);
}

#[test]
fn the_rest_of_a_vector_is_seen_in_short_batches() {
    let check = |batch: &str, expected: Verdict| {
        let report = audit("relu", &text("lib", "libhostile.so", batch), &options(&[FloatFormat::F32]));
        let ulp = report.results.iter().find(|r| r.check == "ulp").expect("a row");
        assert_eq!((ulp.verdict, process(&report).verdict), (expected, Verdict::Within), "{}", report.text(false));
    };
    check(":wrong_rest", Verdict::Within);
    check(":wrong_rest,batch=64", Verdict::Within);
    check(":wrong_rest,batch=63", Verdict::Refuted);
    check(":wrong_rest,batch=1", Verdict::Refuted);
}

/// Processes with this one as parent that are not yet dead.
fn children(parent: u32) -> Vec<u32> {
    let numbers = std::fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    numbers.filter(|pid| state(*pid).is_some_and(|(state, ppid)| ppid == parent && state != 'Z')).collect()
}

/// A process' state and parent.
fn state(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn within_ten_seconds(mut holds: impl FnMut() -> bool) -> bool {
    (0..1000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        holds()
    })
}

#[test]
fn workers_end_with_the_program() {
    let subject = text("lib", "libhostile.so", ":hang,seconds=600");
    let args = ["verify", "relu", "--impl", &subject, "--dtype", "f32", "--input", "0x40000000", "--pass", "forward"];
    let mut program = Command::new(PROGRAM).args(args).spawn().expect("runs");
    let mut workers = vec![];
    let started = within_ten_seconds(|| {
        workers = children(program.id());
        !workers.is_empty()
    });
    program.kill().expect("killed");
    program.wait().expect("ended");
    assert!(started);
    let gone = |pid: &u32| state(*pid).is_none_or(|(state, _)| state == 'Z');
    assert!(within_ten_seconds(|| workers.iter().all(gone)), "{workers:?} live on");
}

#[test]
fn reports_do_not_depend_on_threads() {
    let subject = text("lib", "libhostile.so", ":segfault");
    let run = |jobs| {
        let report = audit("relu", &subject, &Options { jobs: Some(jobs), ..options(&[FloatFormat::F32]) });
        serde_json::to_string(&report).expect("JSON")
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn which_inputs_are_not_asked_does_not_depend_on_threads() {
    // every batch of an audit fails, and takes more than a quarter of what may fail to be answered in parts
    let subject = text("lib", "libhostile.so", ":dies_in_long_batches,failures=30");
    let run = |jobs| audit("relu", &subject, &Options { jobs: Some(jobs), ..options(&[FloatFormat::F32]) });
    let one = run(1);
    let ulp = one.results.iter().find(|r| r.check == "ulp").expect("a row");
    let not_asked: u64 = ulp.excluded.iter().filter(|e| e.reason.contains("not asked")).map(|e| e.count).sum();
    assert!(not_asked > 10_000 && ulp.compared > 4096, "{}", one.text(false));
    let last = process(&one).incidents.iter().rfind(|i| i.kind == "gave_up").expect("given up");
    assert_eq!(last.text, "30 batches failed: the rest was not asked");
    let json = |report: &VerifyReport| serde_json::to_string(report).expect("JSON");
    for jobs in [2, 5] {
        assert_eq!(json(&one), json(&run(jobs)), "{jobs} threads");
    }
}

/// Libraries are cheap to ask: an audit of standard effort looks at all of f32, whatever the machine.
#[test]
fn libraries_are_asked_for_every_f32_at_the_standard_effort() {
    let (code, out) = cli(&[
        "plan",
        "verify",
        "relu",
        "--impl",
        &text("lib", "librelu.so", ":relu_f32"),
        "--dtype",
        "f32",
        "--quiet",
    ]);
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(out.matches("exhaustive  4,294,967,296").count(), 1, "{out}");
    assert!(out.contains("f32  backward  none"), "{out}");
}

pub(crate) fn cli(args: &[&str]) -> (Option<i32>, String) {
    built();
    let out = Command::new(PROGRAM).args(args).env("NO_COLOR", "1").output().expect("runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.code(), text)
}

#[test]
fn the_command_line_audits_libraries() {
    let verify = |id: &str, subject: &str| {
        cli(&["verify", id, "--impl", subject, "--dtype", "f32", "--pass", "forward", "--effort", "quick", "--quiet"])
    };
    let (code, out) = verify("relu", &text("lib", "librelu.so", ":relu_f32"));
    assert_eq!(code, Some(0), "{out}");
    let (code, out) = verify("silu", &text("plugin", "libsilu.so", ":template"));
    assert_eq!(code, Some(0), "{out}");
    let subject = text("lib", "libhostile.so", ":segfault");
    let (code, out) = verify("relu", &subject);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("    signal  killed by SIGSEGV (segmentation fault)\n"), "{out}");
    let headline = out.lines().find(|line| line.starts_with("FAILED  ")).unwrap_or_default();
    assert!(headline.starts_with(&format!("FAILED  {subject} f32 forward: ")), "{out}");
    // the command that it prints shows it again
    let again = out.lines().find_map(|line| line.trim().strip_prefix("again   actaudit ")).expect("a command");
    let (code, out) = cli(&again.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("1 of 1 inputs fail") && out.contains("killed by SIGSEGV"), "{out}");
}

#[test]
fn the_command_line_says_what_code_has() {
    let relu = text("lib", "librelu.so", ":relu_f32");
    for args in [&["--dtype", "f16"][..], &["--dtype", "f32,f16"], &["--pass", "backward"]] {
        let (code, out) = cli(&[&["verify", "relu", "--impl", &relu], args].concat());
        let words = out.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == Some(4) && words.contains("it has f32 forward"), "{args:?}: {out}");
    }
    // not asked for by name: a line, and no rows
    let (code, out) = cli(&["verify", "relu", "--impl", &relu, "--effort", "quick"]);
    assert!(code == Some(0) && out.matches("not there").count() == 1 && !out.contains("nothing was compared"), "{out}");
    assert!(out.contains("\nPASSED  "), "{out}");
    // each has something of what is asked for
    let other = text("lib", "librelu.so", ":relu_f32,dtype=f16");
    let both = ["verify", "relu", "--impl", &relu, "--impl", &other, "--dtype", "f32,f16", "--effort", "quick"];
    assert_ne!(cli(&both).0, Some(4));
    assert_eq!(cli(&[&both[..], &["--pass", "backward"]].concat()).0, Some(4));
}

#[test]
fn what_is_nearly_a_library_lists_its_symbols() {
    let path = built().path("librelu.so").display().to_string();
    for nearly in [path.clone(), format!("lib:{path}")] {
        for args in [&["identify", &nearly][..], &["verify", "relu", "--impl", &nearly]] {
            let (code, out) = cli(args);
            let words = out.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(code == Some(2) && words.contains("it exports ") && words.contains("relu_f32"), "{out}");
        }
    }
}

#[test]
fn identify_says_why_code_did_not_answer() {
    let (code, out) = cli(&["identify", &text("lib", "libhostile.so", ":always_aborts,failures=20")]);
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == Some(3) && words.contains("answers only 0 inputs") && words.contains("; signal: "), "{out}");
    assert!(words.contains(" at x = "), "{out}");
}

#[test]
fn the_command_line_says_what_is_not_there() {
    assert_eq!(cli(&["verify", "relu", "--impl", "lib:./not-there.so:f"]).0, Some(4));
    assert_eq!(cli(&["verify", "relu", "--impl", &text("lib", "librelu.so", ":none")]).0, Some(4));
    assert_eq!(cli(&["verify", "relu", "--impl", "lib:./not-there.so"]).0, Some(2));
    assert_eq!(cli(&["verify", "relu", "--impl", "dll:f"]).0, Some(2));
    let (code, out) = cli(&["explain", "process"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("without harming its process"), "{out}");
}

/// The inputs that the program writes are those that it audits.
#[test]
fn a_table_over_the_audits_own_inputs_is_complete() {
    let dir = TempDir::new().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (inputs, table) = (path("inputs"), path("table"));
    let (code, out) = cli(&["inputs", "relu", "--dtype", "f32", "--effort", "quick", "-o", &inputs]);
    assert_eq!(code, Some(0), "{out}");
    let inputs = std::fs::read(inputs).expect("written");
    let pairs = inputs.as_chunks::<4>().0.iter().flat_map(|x| {
        let value = f32::from_le_bytes(*x);
        [*x, if value.is_nan() || value > 0.0 { *x } else { [0; 4] }]
    });
    std::fs::write(&table, pairs.flatten().collect::<Vec<u8>>()).expect("written");
    let report = audit("relu", &format!("table:{table},dtype=f32"), &options(&[FloatFormat::F32]));
    assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
    // but for the checks that choose other inputs
    let complete = |r: &&VerifyResult| !["position", "bisect"].contains(&r.check);
    let not_in = |r: &VerifyResult| r.excluded.iter().any(|e| e.reason.contains("not in the table"));
    assert!(!report.results.iter().filter(complete).any(not_in), "{}", report.text(false));
    let said = report.results.iter().map(|r| r.verdict).filter(|v| *v != Verdict::Vacuous);
    assert_eq!(Verdict::worst(said), Verdict::Within);
    assert_eq!(cli(&["inputs", "relu", "--dtype", "f8"]).0, Some(2));
}
