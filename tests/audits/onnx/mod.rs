//! ONNX: what is found in model files, and what ONNX Runtime computes with it. The runtime and other people's models lie
//! in `.deps/onnx`, where scripts/fetch-onnx.sh puts them.
#![expect(clippy::panic, reason = "a panic is how a test fails")]

mod build;
mod errors;
mod operators;
mod real;
mod shapes;

use super::there::{onnx_models, there};
use actaudit::audit::{Effort, Options, verify};
use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::contract::{VerifyReport, VerifyResult};
use actaudit::internal::{Finding, Identified, Inventory, RUNTIME_VARIABLE, identify, search};
use actaudit::kernels::Pass;
use actaudit::prove::Domain;
use actaudit::subject::{self, Subject, SubjectError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_actaudit");

/// A model that somebody else made.
fn fetched(name: &str) -> PathBuf {
    onnx_models().expect("asked for before").join(name)
}

/// ONNX Runtime.
fn runtime() -> Result<(), String> {
    subject::use_worker(PROGRAM);
    subject::named("onnx:op:Relu", &activation("relu")).map(drop).map_err(|e| e.to_string())
}

/// Models of other people, and what runs them.
fn models() -> Result<(), String> {
    onnx_models().map_err(str::to_owned).and_then(|_| runtime())
}

fn activation(id: &str) -> Activation {
    Activation::new(catalog::find(id).expect("in the catalogue"), &BTreeMap::new()).expect("defaults")
}

fn subject(text: &str) -> Box<dyn Subject> {
    subject::use_worker(PROGRAM);
    subject::named(text, &activation("identity")).unwrap_or_else(|e| panic!("{e}"))
}

fn error(text: &str) -> SubjectError {
    subject::use_worker(PROGRAM);
    match subject::named(text, &activation("identity")) {
        Ok(_) => panic!("{text} was found"),
        Err(error) => error,
    }
}

fn audit(activation: &Activation, subject: &dyn Subject, dtypes: &[FloatFormat]) -> VerifyReport {
    let options =
        Options { dtypes: dtypes.to_vec(), effort: Effort::Quick, passes: vec![Pass::Forward], ..Options::default() };
    verify(activation, &[subject], &[], &options, &|_| true).unwrap_or_else(|e| panic!("{e}")).report()
}

fn row<'a>(report: &'a VerifyReport, dtype: &str, check: &str) -> &'a VerifyResult {
    let row = report.results.iter().find(|r| r.dtype == dtype && r.check == check);
    row.unwrap_or_else(|| panic!("no {check}: {}", report.text(false)))
}

fn identified(text: &str, format: FloatFormat) -> Identified {
    identify(subject(text).as_ref(), format, Pass::Forward, &[], &Domain::default())
        .unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The names of the function that was found.
fn names(found: &Identified) -> Vec<String> {
    let best = found.candidates.first().expect("a candidate");
    [std::slice::from_ref(&best.function), best.also.as_slice()].concat()
}

fn inventory(path: &Path) -> Inventory {
    search(path).unwrap_or_else(|e| panic!("{e}")).inventory
}

/// What is found, as `activation xCOUNT`.
fn summary(activations: &[Finding]) -> Vec<String> {
    let name = |f: &Finding| f.activation.clone().unwrap_or_else(|| format!("unknown {}", f.formula));
    activations.iter().map(|f| format!("{} x{}", name(f), f.places.len())).collect()
}

/// A model file that was written for a test.
struct Made {
    dir: TempDir,
}

impl Made {
    fn new(content: &[u8]) -> Self {
        let made = Self { dir: TempDir::new().expect("a folder") };
        std::fs::write(made.path(), content).expect("a file");
        made
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("model.onnx")
    }

    /// As the text of a subject, with what follows the file's name.
    fn text(&self, rest: &str) -> String {
        format!("onnx:{}{rest}", self.path().display())
    }
}

fn actaudit(args: &[&str], runtime: Option<&str>) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(args).env("NO_COLOR", "1").current_dir(env!("CARGO_MANIFEST_DIR"));
    if let Some(path) = runtime {
        command.env(RUNTIME_VARIABLE, path);
    }
    command.output().expect("the binary was built with the tests")
}
