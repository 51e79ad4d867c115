//! Emitted code is compiled or run, and audited: the whole catalogue in C, some of it in Rust and numpy. What is written for other
//! targets is at least well formed.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

use super::foreign::options;
use super::there::there;
use actaudit::audit::verify;
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::contract::VerifyReport;
use actaudit::internal::emit::{Request, emit, targets};
use actaudit::subject;
use actaudit::verdict::Verdict;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn catalogue() -> impl Iterator<Item = Activation> {
    catalog::all().iter().map(|d| Activation::new(d.clone(), &BTreeMap::new()).expect("defaults"))
}

fn text(activation: &Activation, target: &str, dtype: FloatFormat, compute: Option<FloatFormat>) -> String {
    let request = Request { dtype, compute, name: None, commands: ["", ""] };
    emit(activation, target, &request).unwrap_or_else(|e| panic!("{target} {}: {e}", activation.label()))
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("warning"), "{command:?}: {said}");
}

/// A library of C files.
fn library(folder: &Path, name: &str, files: &[PathBuf]) -> PathBuf {
    let library = folder.join(name);
    succeeds(
        Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .args(files)
            .arg("-lm"),
    );
    library
}

fn audited(activation: &Activation, code: &str, dtype: FloatFormat) -> VerifyReport {
    subject::use_worker(env!("CARGO_BIN_EXE_actaudit"));
    let subject = subject::named(code, activation).unwrap_or_else(|e| panic!("{e}"));
    verify(activation, &[subject.as_ref()], &[], &options(&[dtype]), &|_| true)
        .unwrap_or_else(|e| panic!("{code}: {e}"))
        .report()
}

/// The emitted functions of a library.
fn functions(activation: &Activation, library: &Path, dtype: FloatFormat) -> String {
    let (id, dtype) = (&activation.definition.id, dtype.name());
    format!("lib:{}:{id}_{dtype},dtype={dtype},backward={id}_{dtype}_backward", library.display())
}

/// What is not good, as `pass/check verdict`, and how many inputs the ulp check compared.
fn bad(report: &VerifyReport) -> (Vec<String>, u64) {
    let good = |v| matches!(v, Verdict::Proved | Verdict::Within | Verdict::Vacuous);
    let rows = report.results.iter().filter(|r| !good(r.verdict));
    let compared = report.results.iter().filter(|r| r.check == "ulp").map(|r| r.compared).sum();
    (rows.map(|r| format!("{}/{} {}", r.pass, r.check, r.verdict.name())).collect(), compared)
}

/// The budgets are those of every subject, of which none was made for emitted code: 0.501 ulp in f16 and bf16, exhaustively.
#[test]
fn c_is_right_for_the_whole_catalogue() {
    let folder = tempfile::tempdir().expect("a folder");
    for dtype in [FloatFormat::F16, FloatFormat::Bf16, FloatFormat::F32] {
        let mut files = vec![];
        for activation in catalogue() {
            let path = folder.path().join(format!("{}_{}.c", activation.definition.id, dtype.name()));
            fs::write(&path, text(&activation, "c", dtype, None)).expect("is written");
            files.push(path);
        }
        let library = library(folder.path(), &format!("lib{}.so", dtype.name()), &files);
        let mut wrong = vec![];
        for activation in catalogue() {
            let (found, compared) = bad(&audited(&activation, &functions(&activation, &library, dtype), dtype));
            assert!(compared > 60_000, "{}: {compared} compared", activation.label());
            wrong.extend(found.into_iter().map(|row| format!("{} {} {row}", activation.label(), dtype.name())));
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// The form that people write, a constant that is off, and a condition that is turned round.
#[test]
fn broken_code_is_caught() {
    let gelu = Activation::new(catalog::find("gelu").expect("there"), &BTreeMap::new()).expect("defaults");
    let right = text(&gelu, "c", FloatFormat::F16, None);
    let folder = tempfile::tempdir().expect("a folder");
    for (k, (from, to)) in [
        ("erfcf(-0.70710677f * x)", "(1.0f + erff(0.70710677f * x))"),
        ("0.70710677f", "0.707f"),
        ("x < 8.0f", "x > 8.0f"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(right.contains(from), "{right}");
        let path = folder.path().join(format!("broken{k}.c"));
        fs::write(&path, right.replace(from, to)).expect("is written");
        let library = library(folder.path(), &format!("libbroken{k}.so"), &[path]);
        let (found, _) = bad(&audited(&gelu, &functions(&gelu, &library, FloatFormat::F16), FloatFormat::F16));
        assert!(found.contains(&"forward/ulp refuted".to_owned()), "{to}: {found:?}");
    }
}

#[test]
fn rust_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    for dtype in [FloatFormat::F16, FloatFormat::Bf16, FloatFormat::F32] {
        for id in ["gelu", "srelu", "softplus"] {
            let activation = Activation::new(catalog::find(id).expect("there"), &BTreeMap::new()).expect("defaults");
            let path = folder.path().join(format!("{id}.rs"));
            let library = folder.path().join(format!("lib{id}{}.so", dtype.name()));
            fs::write(&path, text(&activation, "rust", dtype, None)).expect("is written");
            let rustc =
                ["-O", "--edition", "2024", "--crate-type", "cdylib", "--crate-name", "emitted", "-A", "dead_code"];
            succeeds(Command::new("rustc").args(rustc).arg(&path).arg("-o").arg(&library));
            let (found, compared) = bad(&audited(&activation, &functions(&activation, &library, dtype), dtype));
            assert!(found.is_empty() && compared > 60_000, "{id} {}: {found:?}", dtype.name());
        }
    }
}

#[test]
fn numpy_is_right() {
    let packages = Path::new(ROOT).join(".deps/python/tests");
    let numpy = packages.join("numpy").exists();
    if !there(numpy.then_some(()).ok_or("numpy is not there: run scripts/python.sh tests")) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for dtype in [FloatFormat::F16, FloatFormat::Bf16, FloatFormat::F32] {
        for id in ["srelu", "silu", "tanhshrink"] {
            let activation = Activation::new(catalog::find(id).expect("there"), &BTreeMap::new()).expect("defaults");
            let path = folder.path().join(format!("{id}_{}.py", dtype.name()));
            fs::write(&path, text(&activation, "numpy", dtype, None)).expect("is written");
            let code =
                format!("python:{}:{id},backward={id}_backward,lib=numpy,path={}", path.display(), packages.display());
            let (found, compared) = bad(&audited(&activation, &code, dtype));
            assert!(found.is_empty() && compared > 60_000, "{id} {}: {found:?}", dtype.name());
        }
    }
}

/// Without a compiler for GPUs, CUDA is C++ with a few words more; Python need not have the libraries to read a text.
#[test]
fn other_targets_are_well_formed() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("is written");
        path
    };
    let shim = write(
        "shim.h",
        "#define __device__\n#define __global__\n#define __forceinline__ inline\nstatic struct { unsigned x; } blockIdx, blockDim, \
threadIdx;\n",
    );
    let mut cuda = vec![];
    let mut python = vec![];
    for activation in catalogue() {
        let id = &activation.definition.id;
        cuda.push(write(&format!("{id}.cpp"), &text(&activation, "cuda", FloatFormat::F32, None)));
        for target in ["triton", "torch", "jax"] {
            for dtype in [FloatFormat::F32, FloatFormat::F16] {
                python.push(write(
                    &format!("{id}_{target}_{}.py", dtype.name()),
                    &text(&activation, target, dtype, None),
                ));
            }
        }
    }
    succeeds(Command::new("c++").args(["-fsyntax-only", "-Wall", "-Wextra", "-include"]).arg(shim).args(cuda));
    let read = "import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name).read(), name)";
    succeeds(Command::new("python3").args(["-c", read]).args(python));
    assert_eq!(targets().collect::<Vec<_>>(), ["c", "rust", "cuda", "triton", "torch", "jax", "numpy"]);
}
