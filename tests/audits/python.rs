//! Functions in Python, audited in an interpreter of their own. numpy lies in `.deps/python/tests`, PyTorch is that of the
//! interpreter, or of the system's.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

use super::there::there;
use actaudit::audit::{Effort, Facts, Input, Look, Options, Plan, verify};
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::contract::{VerifyReport, VerifyResult};
use actaudit::kernels::Pass;
use actaudit::subject::{self, SubjectError};
use actaudit::verdict::Verdict;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Where the tests' modules are, and numpy.
fn folders() -> String {
    format!("{ROOT}/tests/foreign:{ROOT}/.deps/python/tests")
}

fn numpy() -> Result<(), &'static str> {
    let found = Path::new(ROOT).join(".deps/python/tests/numpy").exists();
    found.then_some(()).ok_or("numpy is not there: run scripts/python.sh tests")
}

fn text(rest: &str) -> String {
    format!("python:{rest},path={}", folders())
}

fn activation(id: &str) -> Activation {
    Activation::new(catalog::find(id).expect("in the catalogue"), &BTreeMap::new()).expect("defaults")
}

fn options(dtypes: &[FloatFormat]) -> Options {
    Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, ..Options::default() }
}

fn audit(id: &str, rest: &str, options: &Options) -> VerifyReport {
    let activation = activation(id);
    let subject = subject::named(&text(rest), &activation).unwrap_or_else(|e| panic!("{e}"));
    verify(&activation, &[subject.as_ref()], &[], options, &|_| true).unwrap_or_else(|e| panic!("{rest}: {e}")).report()
}

/// The verdicts of what was compared that are not good, as `dtype/pass/check verdict`.
fn bad(report: &VerifyReport) -> Vec<String> {
    let all =
        report.results.iter().filter(|r| r.compared > 0 && !matches!(r.verdict, Verdict::Proved | Verdict::Within));
    all.map(|r| format!("{}/{}/{} {}", r.dtype, r.pass, r.check, r.verdict.name())).collect()
}

fn process(report: &VerifyReport) -> &VerifyResult {
    let row = report.results.iter().find(|r| r.check == "process");
    row.unwrap_or_else(|| panic!("no row: {}", report.text(false)))
}

fn compared(report: &VerifyReport, dtype: &str, pass: &str) -> u64 {
    let row = report.results.iter().find(|r| r.check == "ulp" && r.dtype == dtype && r.pass == pass);
    row.map_or(0, |r| r.compared)
}

#[test]
fn numpy_is_audited_in_every_type_and_both_passes() {
    if !there(numpy()) {
        return;
    }
    let report = audit("relu", "acts:relu,backward=relu_slope", &options(&FloatFormat::ALL));
    assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
    for format in FloatFormat::ALL {
        for pass in Pass::ALL {
            assert!(compared(&report, format.name(), pass.name()) > 30_000, "{}", report.text(false));
        }
    }
    let report = audit("relu", "acts:Module.forward,lib=numpy", &options(&[FloatFormat::F16]));
    assert_eq!((bad(&report), compared(&report, "f16", "backward")), (vec![], 0));
    // a file instead of a module
    let file = format!("{ROOT}/tests/foreign/acts.py:relu");
    assert_eq!(bad(&audit("relu", &file, &options(&[FloatFormat::F16]))), Vec::<String>::new());
    // the wrong function
    assert!(!bad(&audit("silu", "acts:relu", &options(&[FloatFormat::F16]))).is_empty());
}

/// What goes wrong at 2, and at nothing else.
const CRIMES: &[(&str, &str, &str)] = &[
    ("raises", "exception", "ValueError: two is not welcome (acts.py:"),
    ("quits", "exit", "the process exited with code 0"),
    ("leaves", "exit", "the process exited with code 3"),
    ("crashes", "signal", "killed by SIGSEGV"),
    ("hangs,seconds=1", "hang", "no answer within 1 s"),
    ("short", "length", "it returned the shape (0,) for (1,)"),
    ("in_place", "input", "it wrote to its input"),
    ("rounds_up_and_raises", "exception", "ValueError: two is not welcome (acts.py:"),
    ("says_half_a_character", "exception", "ValueError: half of a pair: ?!!!"),
    ("rounds_up", "environment", "rounding up instead of to nearest"),
];

#[test]
fn crimes_are_found_and_the_rest_is_audited() {
    if !there(numpy()) {
        return;
    }
    for (rest, kind, words) in CRIMES {
        let report = audit("relu", &format!("acts:{rest}"), &options(&[FloatFormat::F32]));
        let row = process(&report);
        let about = format!("{rest}: {}", report.text(false));
        assert_eq!(bad(&report), ["f32/forward/process refuted"], "{about}");
        let found = &row.incidents[0];
        assert_eq!((row.incidents.len(), found.kind, found.batch, row.failing), (1, *kind, 1, 1), "{about}");
        assert_eq!(found.inputs, ["0x40000000"], "{about}");
        assert!(found.text.contains(words), "{about}");
        assert!(compared(&report, "f32", "forward") > 30_000, "{about}");
    }
}

#[test]
fn answers_are_never_converted() {
    if !there(numpy()) {
        return;
    }
    for (function, kind, words) in [
        ("doubles", "type", "it returned float64 for float32"),
        ("nested", "length", "it returned the shape (1, "),
        ("listed", "type", "it returned a value of type builtins.list, expected an array of numpy"),
    ] {
        let report = audit("relu", &format!("acts:{function},failures=10"), &options(&[FloatFormat::F32]));
        let found = &process(&report).incidents[0];
        assert!(found.kind == kind && found.text.contains(words), "{function}: {}", report.text(false));
        assert_eq!(compared(&report, "f32", "forward"), 0);
    }
}

#[test]
fn a_function_may_print() {
    if !there(numpy()) {
        return;
    }
    let report = audit("relu", "acts:talks", &options(&[FloatFormat::F16]));
    assert_eq!(bad(&report), Vec::<String>::new(), "{}", report.text(false));
}

#[test]
fn libraries_use_one_thread_unless_the_environment_says_otherwise() {
    if !there(numpy()) {
        return;
    }
    let run = |threads: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_actaudit"));
        command.args(["verify", "relu", "--dtype", "f16", "--pass", "forward", "--effort", "quick"]);
        command.args(["--impl", &text("acts:alone")]).env_remove("OMP_NUM_THREADS").envs(threads.iter().copied());
        command.output().expect("the binary was built with the tests").status.code()
    };
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&[("OMP_NUM_THREADS", "3"), ("ACTAUDIT_TEST_THREADS", "3")]), Some(0));
    assert_eq!(run(&[("ACTAUDIT_TEST_THREADS", "3")]), Some(1), "the function tells");
}

#[test]
fn errors_say_what_is_missing() {
    if !there(numpy()) {
        return;
    }
    let error = |rest: &str| match subject::named(&text(rest), &activation("relu")) {
        Ok(_) => panic!("{rest} was found"),
        Err(error) => error,
    };
    for (rest, part) in [
        ("no_such_module:f", "there is no Python module `no_such_module`"),
        ("./no_such_file.py:f", "there is no file ./no_such_file.py"),
        ("broken:f", "importing broken failed: ModuleNotFoundError: No module named 'not_there_at_all' (broken.py:3)"),
        ("broken:f", "python=PATH or ACTAUDIT_PYTHON names another, `actaudit doctor` says what it has"),
        ("acts:relo", "the module has no function `relo`; there is relu"),
        ("acts:Module.backward", "the module has no function `Module.backward`"),
        ("acts:NOT_A_FUNCTION", "`NOT_A_FUNCTION` is not a function"),
        ("acts:relu,backward=slope", "the module has no function `slope`"),
        ("acts:relu,python=./no-python", "cannot run ./no-python"),
    ] {
        let error = error(rest);
        assert!(matches!(error, SubjectError::NotThere(_)) && error.to_string().contains(part), "{rest}: {error}");
    }
    for (rest, part) in
        [("acts", "expected python:MODULE:FUNCTION"), ("acts:relu,lib=cupy", "expected one of numpy, torch")]
    {
        let error = error(rest);
        assert!(matches!(error, SubjectError::Malformed { .. }) && error.to_string().contains(part), "{rest}: {error}");
    }
}

/// All of f32 takes minutes through Python: an audit of standard effort looks at a sample, on every machine, and says so.
#[test]
fn a_plan_of_standard_effort_samples_f32() {
    if !there(numpy()) {
        return;
    }
    let activation = activation("relu");
    let subject = subject::named(&text("acts:relu"), &activation).unwrap_or_else(|e| panic!("{e}"));
    let looks = |effort| {
        let dtypes = vec![FloatFormat::F16, FloatFormat::F32];
        let options = Options { dtypes, passes: vec![Pass::Forward], effort, ..Options::default() };
        let plan = Plan::new(&Facts::new(), &activation, &[subject.as_ref()], &[], &options).expect("a plan");
        plan.units.iter().map(|unit| (unit.inputs, unit.why.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(looks(Effort::Standard), [(Look::Exhaustive, false), (Look::Sampled, true)]);
    assert_eq!(looks(Effort::Exhaustive), [(Look::Exhaustive, false); 2]);
}

#[test]
fn the_command_line_takes_the_interpreter() {
    if !there(numpy()) {
        return;
    }
    let run = |python: &str| {
        let subject = text("acts:raises");
        let args = ["verify", "relu", "--impl", &subject, "--dtype", "f32", "--pass", "forward", "--effort", "quick"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_actaudit"));
        command.args(args).env("NO_COLOR", "1");
        if !python.is_empty() {
            command.args(["--python", python]);
        }
        let out = command.output().expect("runs");
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
    };
    let (code, out) = run("");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("    exception ValueError: two is not welcome"), "{out}");
    let (code, out) = run("./no-python");
    assert!(code == Some(4) && out.contains("cannot run ./no-python"), "{out}");
    assert!(run("python3").1.contains(",python=python3 --dtype f32 --pass forward --input 0x40000000"));
}

/// The recipes of docs/tables.md work as they stand.
#[test]
fn recipes_for_tables_work() {
    if !there(numpy()) {
        return;
    }
    let dir = tempfile::TempDir::new().expect("a folder");
    let inputs = ["inputs", "silu", "--dtype", "f32", "--effort", "quick", "-o", "inputs.f32"];
    let written = Command::new(env!("CARGO_BIN_EXE_actaudit")).args(inputs).current_dir(dir.path()).status();
    assert!(written.expect("runs").success());
    let document = std::fs::read_to_string("docs/tables.md").expect("readable");
    let blocks: Vec<&str> = document.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let mut python = Command::new("python3");
        let ran = python.args(["-c", block]).env("PYTHONPATH", folders()).current_dir(dir.path()).status();
        assert!(ran.expect("runs").success(), "{block}");
    }
    let silu = activation("silu");
    for (file, format) in [("silu.f16", FloatFormat::F16), ("silu.f32", FloatFormat::F32)] {
        let text = format!("table:{},dtype={}", dir.path().join(file).display(), format.name());
        let table = subject::named(&text, &silu).unwrap_or_else(|e| panic!("{e}"));
        let report = verify(&silu, &[table.as_ref()], &[], &options(&[format]), &|_| true).expect("runs").report();
        let ulp = &report.results[0];
        // x/(1 + e^-x) is known to be inaccurate; what matters is that its values are looked at, all of them
        assert!(ulp.compared > 30_000 && ulp.excluded.iter().all(|e| e.reason.starts_with("input")), "{ulp:?}");
        let sign = report.results.iter().find(|r| r.check == "sign").expect("a row");
        assert_eq!(sign.failing, 0, "they are values of silu");
    }
}

/// An interpreter that has PyTorch.
fn with_torch() -> Result<&'static str, &'static str> {
    let has = |python: &&str| {
        let import = Command::new(python).args(["-m", "torch.version"]).output();
        import.is_ok_and(|out| out.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has);
    found.ok_or("no interpreter has PyTorch: run scripts/python.sh tests")
}

#[test]
fn torch_differentiates() {
    let python = with_torch();
    if !there(python) {
        return;
    }
    let python = python.unwrap_or_default();
    let audit = |id: &str, rest: &str, formats: &[FloatFormat]| {
        let activation = activation(id);
        // without the numpy of the other tests, which PyTorch may be too old for
        let text = format!("python:{rest},path={ROOT}/tests/foreign,python={python}");
        let subject = subject::named(&text, &activation).unwrap_or_else(|e| panic!("{e}"));
        assert!(subject.environment().is_some_and(|e| e.contains("torch ")));
        verify(&activation, &[subject.as_ref()], &[], &options(formats), &|_| true).expect("runs").report()
    };
    let report = audit("silu", "tensors:silu", &FloatFormat::ALL);
    let there: Vec<&VerifyResult> = report.results.iter().filter(|r| r.check == "ulp" && r.compared > 30_000).collect();
    // f16 on a CPU is younger than PyTorch 2
    assert!(there.len() >= 6, "{}", report.text(false));
    let report = audit("silu", "tensors:silu,backward=wrong_slope", &[FloatFormat::F32]);
    assert!(bad(&report).contains(&"f32/backward/ulp refuted".to_owned()), "{}", report.text(false));
    let report = audit("relu", "tensors:detached,failures=5", &[FloatFormat::F32]);
    let row = report.results.iter().find(|r| r.check == "process" && r.pass == "backward").expect("a row");
    assert!(row.incidents[0].text.contains("in a way that autograd sees"));
}

/// How many processes answered an audit of f16, of all inputs or of these, in batches that take so long.
fn processes(pause: &str, inputs: Option<Vec<Input>>) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let module = format!(
        "import os, time\nimport numpy as np\ndef relu(x):\n    time.sleep({pause} if len(x) == 4096 else 0)\n    \
         open(os.path.join(os.path.dirname(__file__), 'process%d' % os.getpid()), 'w').close()\n    \
         return np.maximum(x, 0)\n"
    );
    std::fs::write(folder.path().join("slow.py"), module).expect("is written");
    let rest = format!("{}/slow.py:relu,batch=4096", folder.path().display());
    let options = Options { inputs, ..options(&[FloatFormat::F16]) };
    assert_eq!(bad(&audit("relu", &rest, &options)), Vec::<String>::new());
    let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    files.filter(|file| file.file_name().to_string_lossy().starts_with("process")).count()
}

/// A second process costs what starting Python costs: only what takes longer gets one.
#[test]
fn long_audits_get_more_processes() {
    if !there(numpy()) {
        return;
    }
    assert_eq!(processes("0", Some((0..0x7c00).map(Input::Bits).collect())), 1);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    assert_eq!(processes("0.4", None) > 1, processors > 1);
}
