//! PyTorch's kernels as subjects, in the worker program that calls libtorch: `make test` builds it. Where it is not there,
//! these tests say so.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use super::there::there;
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::{MANNERS, program};
use actaudit::kernels::{Call, Pass};
use actaudit::subject::{self, Subject, SubjectError};
use rug::Rational;
use std::collections::BTreeMap;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_actaudit");

/// The program that calls libtorch.
fn worker() -> Result<(), SubjectError> {
    subject::use_worker(PROGRAM);
    program().map(drop)
}

fn activation(id: &str, values: &[(&str, Rational)]) -> Activation {
    let values: BTreeMap<String, Rational> = values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    Activation::new(catalog::find(id).unwrap(), &values).unwrap()
}

fn named(text: &str, activation: &Activation) -> Result<String, String> {
    subject::named(text, activation).map(|s| s.name()).map_err(|e| e.to_string())
}

#[test]
fn subjects_are_read() {
    if !there(worker()) {
        return;
    }
    let leaky = activation("leaky_relu", &[("a", Rational::from((1, 5)))]);
    let rrelu = activation("leaky_relu", &[("a", Rational::from((11, 48)))]);
    let srelu = activation("srelu", &[]);
    for (text, activation, name) in [
        ("torch", &leaky, "torch:leaky_relu"),
        ("torch", &rrelu, "torch:leaky_relu"),
        ("torch:rrelu", &leaky, "torch:rrelu"),
        ("torch@cpu", &leaky, "torch:leaky_relu"),
        ("torch,layout=strided", &leaky, "torch:leaky_relu,layout=strided"),
        ("torch:gelu@cpu,layout=offset", &leaky, "torch:gelu,layout=offset"),
        ("torch:definition", &srelu, "torch:definition"),
        ("torch:definition,layout=contiguous", &srelu, "torch:definition"),
    ] {
        assert_eq!(named(text, activation), Ok(name.to_owned()), "{text}");
    }
    for (text, part) in [
        ("torch", "torch has no srelu(alpha=1/1000): torch:definition"),
        ("torch:swoosh", "no activation `swoosh`"),
        ("torch:gelu@cuda:77", "the device cuda:77 is not there"),
        ("torch:gelu@gpu", "unknown device `gpu`"),
        ("torch:gelu,layout=round", "expected one of contiguous, strided, offset, inplace"),
        ("torch:gelu,a=b", "`a=b`: expected one of layout="),
        ("torch:softplus,layout=inplace", "no in-place softplus"),
        ("torch:definition,layout=inplace", "no in-place definition"),
    ] {
        let error = named(text, &srelu).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// The script that audits a CUDA device, on another one.
fn cuda_script(device: &str, activations: &str) -> (Option<i32>, String, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("audits/cuda.sh");
    let settings = [("EFFORT", "quick"), ("DTYPES", "f16"), ("DEVICE", device), ("ACTIVATIONS", activations)];
    let run = Command::new("bash")
        .arg(script)
        .env("ACTAUDIT", PROGRAM)
        .env("OUT", out.path())
        .envs(settings)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (run.status.code(), said, out)
}

#[test]
fn the_script_for_cuda_audits_operations_and_definitions() {
    if !there(worker()) {
        return;
    }
    let (code, said, out) = cuda_script("cpu", "identity srelu");
    // the formula of S-ReLU underflows in f16; there is no operation for it
    assert_eq!(code, Some(1), "{said}");
    let summary = std::fs::read_to_string(out.path().join("summary.txt")).unwrap();
    let starts: Vec<&str> = summary.lines().filter_map(|line| line.split([' ', ':']).next()).collect();
    assert_eq!(starts, ["identity", "identity.definition", "srelu.definition", "cpu"], "{summary}");
    let report = std::fs::read_to_string(out.path().join("srelu.definition.txt")).unwrap();
    assert!(report.contains("device cpu") && report.contains("libtorch 2.13.0"), "{report}");
}

#[test]
fn the_script_for_cuda_says_that_the_device_is_not_there() {
    if !there(worker()) {
        return;
    }
    let (code, said, out) = cuda_script("cuda:1000", "relu");
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("the device cuda:1000 is not there"), "{said}");
    assert!(!out.path().join("summary.txt").exists());
}

/// Of the program, too: exit code 4, and nothing on the processor instead.
#[test]
fn a_missing_device_has_its_exit_code() {
    if !there(worker()) {
        return;
    }
    let run = Command::new(PROGRAM)
        .args(["verify", "relu", "--impl", "torch:relu@cuda:1000", "--dtype", "f16"])
        .output()
        .unwrap();
    assert_eq!((run.status.code(), run.stdout.is_empty()), (Some(4), true));
}

/// The report says what the results depend on, and shows the defect of a definition whose other piece overflows.
#[test]
fn a_definition_is_audited_as_pytorch_would_run_it() {
    if !there(worker()) {
        return;
    }
    let run = Command::new(PROGRAM)
        .args([
            "verify",
            "gem",
            "--impl",
            "torch:definition",
            "--dtype",
            "f16",
            "--effort",
            "quick",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let environment = report["environment"]["torch:definition"].as_str().unwrap();
    assert!(environment.starts_with("libtorch 2.13.0, "), "{environment}");
    assert!(environment.contains(" instructions (oneDNN: ") && environment.contains(", 1 thread, device cpu"));
    let row = |pass: &str, check: &str| {
        let id = format!("gem/torch:definition/f16/{pass}/{check}");
        report["results"].as_array().unwrap().iter().find(|r| r["id"] == id.as_str()).unwrap().clone()
    };
    let finite = row("backward", "finite");
    assert_eq!(
        (finite["verdict"].as_str(), finite["witness"]["output_value"].as_str()),
        (Some("refuted"), Some("NaN"))
    );
    // left of 0 the function is 0, and nothing is wrong with that
    assert!(finite["witness"]["input_value"].as_str().unwrap().starts_with('-'));
    assert_eq!(row("forward", "layout")["check"], "layout");
}

/// The second derivative is looked at when it is asked for, and only by checks that know what it should be.
#[test]
fn the_second_derivative_is_audited() {
    if !there(worker()) {
        return;
    }
    let run = Command::new(PROGRAM)
        .args(["verify", "silu", "--impl", "torch,layout=strided", "--pass", "double", "--effort", "quick"])
        .args(["--format", "json"])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let results = report["results"].as_array().unwrap();
    let checks: Vec<&str> = results.iter().filter_map(|r| r["check"].as_str()).take(3).collect();
    assert_eq!((results.len(), checks), (16, vec!["ulp", "special", "finite"]));
    let ulp = results.iter().find(|r| r["id"] == "silu/torch:silu,layout=strided/f64/double/ulp").unwrap();
    assert!(ulp["compared"].as_u64().unwrap() > 30_000);
}

#[test]
fn an_input_replays_alone() {
    if !there(worker()) {
        return;
    }
    let x: Vec<f32> = (0..201).map(|i| (i as f32 - 100.0) / 10.0).collect();
    for op in ["gelu", "silu", "softplus", "hardswish"] {
        let kernel = subject::named(&format!("torch:{op}"), &activation(op, &[])).unwrap();
        for pass in Pass::ALL {
            let mut among = vec![0.0; x.len()];
            kernel.run(pass, Call::F32(&x, &mut among)).unwrap();
            for (x, among) in x.iter().zip(among) {
                let mut alone = [0.0];
                kernel.run(pass, Call::F32(&[*x], &mut alone)).unwrap();
                assert_eq!(alone[0].to_bits(), among.to_bits(), "{op} {} at {x}", pass.name());
            }
        }
    }
}

/// The other ways to call a kernel are other ways: oneDNN computes gelu of a long contiguous tensor only.
#[test]
fn manners_are_not_mixed_up() {
    if !there(worker()) {
        return;
    }
    let gelu = subject::named("torch:gelu", &activation("gelu", &[])).unwrap();
    let manners = gelu.manners();
    assert_eq!(manners.iter().map(|(name, _)| *name).collect::<Vec<_>>(), MANNERS);
    let of = |subject: &dyn Subject| {
        let mut y = [0.0f32];
        subject.run(Pass::Forward, Call::F32(&[-3.0], &mut y)).unwrap();
        y[0]
    };
    let usual = of(&*gelu);
    let differ: Vec<&str> = manners.iter().filter(|(_, m)| of(&**m) != usual).map(|(name, _)| *name).collect();
    assert_eq!(differ, ["short", "strided"]);
}

#[test]
fn what_libtorch_lacks_is_not_there() {
    if !there(worker()) {
        return;
    }
    let kernel = subject::named("torch:hardsigmoid", &activation("hardsigmoid", &[])).unwrap();
    for format in FloatFormat::ALL {
        let has = Pass::KNOWN.map(|pass| kernel.supports(format, pass));
        assert_eq!(has, [true, true, false], "{}", format.name());
    }
}

/// An operator that ends its process at one input, and one that has no derivative.
const CRASHING: &str = r#"
#include <ATen/ATen.h>
#include <torch/library.h>
at::Tensor crashing(const at::Tensor& x) {
    if (x.eq(1.5).any().item<bool>()) *(volatile int*)nullptr = 0;
    return x.clamp_min(0);
}
at::Tensor bare(const at::Tensor& x) {
    at::NoGradGuard guard;
    return x.clamp_min(0);
}
TORCH_LIBRARY(planted, m) {
    m.def("relu(Tensor x) -> Tensor", crashing);
    m.def("bare(Tensor x) -> Tensor", bare);
}
"#;

/// Operators of other people's libraries are called by their names; a crash in one is a finding with its input, and the audit
/// goes on.
#[test]
fn a_crash_in_an_operator_is_a_finding() {
    if !there(worker()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (folder.path().join("planted.cpp"), folder.path().join("libplanted.so"));
    std::fs::write(&source, CRASHING).unwrap();
    let torch =
        std::env::var("LIBTORCH").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/.deps/torch/torch").into());
    let compiled = Command::new("c++")
        .args(["-std=c++20", "-O1", "-fPIC", "-shared", "-w", "-I"])
        .arg(format!("{torch}/include"))
        .arg("-o")
        .args([&library, &source])
        .status()
        .unwrap();
    assert!(compiled.success());
    let subject = format!("torch:planted::relu,library={}", library.display());
    let run = Command::new(PROGRAM)
        .args(["verify", "relu", "--impl", &subject, "--dtype", "f16", "--pass", "forward", "--format", "json"])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let row = |check: &str| {
        let rows = report["results"].as_array().unwrap();
        rows.iter().find(|r| r["check"] == check).unwrap_or_else(|| panic!("no {check}: {report}")).clone()
    };
    let process = row("process");
    assert_eq!(process["verdict"], "refuted");
    assert_eq!(process["incidents"][0]["inputs"][0], "0x3e00", "{process}");
    // everything else was looked at, and is right
    let ulp = row("ulp");
    assert_eq!((ulp["failing"].as_u64(), ulp["compared"].as_u64()), (Some(0), Some(63_487)), "{ulp}");
    let backward = |subject: &str| {
        let subject = subject::named(subject, &activation("relu", &[])).unwrap();
        FloatFormat::ALL.map(|format| subject.supports(format, Pass::Backward))
    };
    assert_eq!(backward(&subject), [true; 4], "autograd sees what it is made of");
    assert_eq!(backward(&subject.replace("::relu", "::bare")), [false; 4], "no derivative is registered");
    let unknown = subject::named(&subject.replace("::relu", "::gelu"), &activation("relu", &[])).err().unwrap();
    assert!(unknown.to_string().contains("planted::gelu"), "{unknown}");
}
