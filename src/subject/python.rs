//! Functions of Python modules, over arrays of numpy or tensors of PyTorch or JAX, in an interpreter of their own.

use super::SubjectError;
use super::isolate::{GRADIENT, INPUT, Isolated, Kernels, Limits, OUTPUT, Program, Worker, refused};
use super::options::{LIMITS, Options};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// The environment variable that names the interpreter.
pub const INTERPRETER_VARIABLE: &str = "ACTAUDIT_PYTHON";

static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();

/// Names the interpreter for all functions that do not name one themselves. Only the first call counts.
pub fn use_interpreter(path: impl Into<PathBuf>) {
    let _ = INTERPRETER.set(path.into());
}

/// The interpreter that was named, by a call or by the environment.
pub fn interpreter() -> Option<PathBuf> {
    INTERPRETER.get().cloned().or_else(|| std::env::var_os(INTERPRETER_VARIABLE).map(PathBuf::from))
}

/// The version of an interpreter, then those of modules, nothing for one that is not there. No module is imported.
///
/// # Errors
/// In words, if the interpreter cannot be run.
pub fn versions(path: &Path, modules: &[&str]) -> Result<Vec<Option<String>>, String> {
    const PROGRAM: &str = "import sys, importlib.metadata as m
print(sys.version.split()[0])
for name in sys.argv[1:]:
    try:
        print(m.version(name))
    except m.PackageNotFoundError:
        print()";
    let run = std::process::Command::new(path).args(["-c", PROGRAM]).args(modules).output();
    let run = run.map_err(|e| e.to_string())?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).lines().last().unwrap_or("it fails").to_owned());
    }
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    Ok(text.lines().map(|line| Some(line.trim().to_owned()).filter(|line| !line.is_empty())).collect())
}

/// What Python may use unless told otherwise: compilers that start with the first batch take their time.
const LIMITS_OF_PYTHON: Limits = Limits {
    batch: Duration::from_secs(30),
    start: Duration::from_secs(120),
    memory: 16 << 30,
    failures: 200,
    // until it says that it holds no device
    workers: 1,
    length: usize::MAX,
};

/// `python:MODULE:FUNCTION[,lib=torch][,backward=FUNCTION][,python=PATH][,path=FOLDER]`. The module is a name or a file.
///
/// # Errors
/// If the text is not understood, the interpreter, a folder, the module or the function is not there, or importing fails.
pub fn function(text: &str) -> Result<Isolated, SubjectError> {
    let options = Options::parse(text, &[&["lib", "backward", "python", "path"], &LIMITS[..]].concat())?;
    let split = options.head.rsplit_once(':').filter(|(module, function)| !module.is_empty() && !function.is_empty());
    let (module, function) = split.ok_or_else(|| options.malformed("expected python:MODULE:FUNCTION"))?;
    let libraries = ["numpy", "torch", "jax"].map(|name| (name, name));
    let library = options.choice("lib", &libraries)?;
    let folders: Vec<&str> = options.get("path").map_or_else(Vec::new, |path| path.split(':').collect());
    if let Some(gone) = folders.iter().find(|folder| !Path::new(folder).exists()) {
        return Err(SubjectError::NotThere(format!("{text}: there is no folder {gone}")));
    }
    let load = json!({
        "module": module, "function": function, "backward": options.get("backward"), "lib": library, "path": folders,
        "input": INPUT, "gradient": GRADIENT, "output": OUTPUT,
    });
    // what was chosen elsewhere becomes part of the name, so that a finding replays
    let (path, name) = match (options.get("python"), interpreter()) {
        (Some(path), _) => (PathBuf::from(path), text.to_owned()),
        (None, Some(path)) => (path.clone(), format!("{text},python={}", path.display())),
        (None, None) => (PathBuf::from("python3"), text.to_owned()),
    };
    let args = vec!["-c".into(), include_str!("worker.py").into()];
    let mut program = Program { path, args, load, limits: options.limits(LIMITS_OF_PYTHON)? };
    let (worker, hello) = Worker::start(&program).map_err(|error| hinted(refused(text, error), &program.path))?;
    if hello["alone"] == false {
        program.limits.workers = std::thread::available_parallelism().map_or(1, usize::from);
    }
    let subject = Isolated::new(name, program, worker, kernels(&hello)).given_gradients().lacking(lacking(&hello));
    let subject = if hello["alone"] == true { subject.on_device() } else { subject };
    Ok(subject.slow().in_environment(hello["environment"].as_str()))
}

/// The error with what to do about it, where the interpreter lacks a module.
fn hinted(error: SubjectError, interpreter: &Path) -> SubjectError {
    match error {
        SubjectError::NotThere(text) if text.contains("ModuleNotFoundError") || text.contains("no Python module") => {
            SubjectError::NotThere(format!(
                "{text}; the interpreter is {}: python=PATH or ACTAUDIT_PYTHON names another, `actaudit doctor` says what it has",
                interpreter.display()
            ))
        }
        error => error,
    }
}

fn kernels(hello: &Value) -> Kernels {
    let passes = if hello["backward"] == true { &Pass::ALL[..] } else { &[Pass::Forward] };
    let formats = hello["dtypes"].as_array().into_iter().flatten().filter_map(|d| FloatFormat::from_name(d.as_str()?));
    formats.flat_map(|format| passes.iter().map(move |pass| ((format, *pass), 0))).collect()
}

/// Why a format is not there, where the reason is known.
fn lacking(hello: &Value) -> Vec<(FloatFormat, &'static str)> {
    let known = [
        ("numpy", FloatFormat::Bf16, "numpy has no bf16 without the package ml_dtypes"),
        ("jax", FloatFormat::Bf16, "jax has no bf16 without the package ml_dtypes"),
        ("jax", FloatFormat::F64, "jax has no f64 unless jax_enable_x64 is set"),
    ];
    let formats: Vec<&str> = hello["dtypes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let lacking = known.iter().filter(|(lib, format, _)| hello["lib"] == *lib && !formats.contains(&format.name()));
    lacking.map(|(_, format, why)| (*format, *why)).collect()
}
