//! Models run by ONNX Runtime: files (`onnx:model.onnx`), activations in them (`#2`), and single operators (`onnx:op:Gelu`).

use super::isolate::{Isolated, Kernels, Limits, Program, Worker, refused, worker_program};
use super::options::{LIMITS, Options};
use super::{SubjectError, worker};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::onnx::{self, Cut, Finding, OnnxError, ops};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The environment variable that names the runtime's library.
pub const RUNTIME_VARIABLE: &str = "ORT_DYLIB_PATH";
/// Where `make onnx` puts it.
const FETCHED: &str = ".deps/onnx/runtime/libonnxruntime.so";
/// How far the runtime may rewrite a model; the last one is what people run.
const LEVELS: [&str; 4] = ["disable", "basic", "extended", "all"];

/// What the runtime may use unless told otherwise.
fn limits() -> Limits {
    Limits {
        batch: Duration::from_secs(10),
        start: Duration::from_secs(60),
        memory: 4 << 30,
        failures: 200,
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        length: usize::MAX,
    }
}

/// `onnx:FILE[#WHICH][,opt=LEVEL]` or `onnx:op:NAME[,ATTRIBUTE=VALUE]..[,opset=N][,opt=LEVEL]`
///
/// # Errors
/// If the text is not understood, the file has no such activation, or ONNX Runtime is not there or refuses the model.
pub fn model(text: &str) -> Result<Isolated, SubjectError> {
    let (options, cuts) = match text.strip_prefix("onnx:op:") {
        Some(rest) => operator(text, rest)?,
        None => file(text)?,
    };
    start(&options, &cuts)
}

/// Whether the text names a file and none of the activations in it.
pub fn names_a_file(text: &str) -> bool {
    let head = text.split(',').next().unwrap_or_default();
    head.starts_with("onnx:") && !head.starts_with("onnx:op:") && split(&head["onnx:".len()..]).1.is_none()
}

/// The file of a text for which [`names_a_file`] holds.
///
/// # Errors
/// If an option in the text is not understood, or no file is named.
pub fn path(text: &str) -> Result<PathBuf, SubjectError> {
    let options = Options::parse(text, &[&["opt"], &LIMITS[..]].concat())?;
    match options.head {
        "" => Err(options.malformed("expected onnx:FILE, onnx:FILE#NUMBER or onnx:op:NAME")),
        path => Ok(PathBuf::from(path)),
    }
}

/// A path, and what stands after its last `#`.
fn split(head: &str) -> (&str, Option<&str>) {
    match head.rsplit_once('#') {
        Some((path, which)) if !which.contains('/') || !Path::new(head).exists() => (path, Some(which)),
        _ => (head, None),
    }
}

fn operator<'a>(text: &'a str, rest: &str) -> Result<(Options<'a>, Vec<Cut>), SubjectError> {
    let wrong = |message: String| SubjectError::Malformed { subject: text.to_owned(), message };
    let name = rest.split(',').next().unwrap_or_default();
    let operator = ops::find(name).map_err(|e| match name {
        "" => wrong(e.to_string()),
        _ => SubjectError::NotThere(format!("{text}: {e}")),
    })?;
    let settings: Vec<&str> = operator.settings.iter().map(|(name, _)| *name).collect();
    let options = Options::parse(text, &[&settings[..], &["opset", "opt"], &LIMITS[..]].concat())?;
    let given = settings.iter().filter_map(|name| Some(((*name).to_owned(), options.get(name)?.to_owned())));
    let given: BTreeMap<String, String> = given.collect();
    let opset = options.get("opset").map(str::parse).transpose();
    let opset = opset.map_err(|_| options.malformed("opset: expected a whole number"))?;
    let made = FloatFormat::ALL.map(|format| {
        let model = operator.model(&given, opset, format).map_err(|e| wrong(e.to_string()))?;
        Ok(Cut { model, format, rank: 1 })
    });
    Ok((options, made.into_iter().collect::<Result<_, SubjectError>>()?))
}

fn file(text: &str) -> Result<(Options<'_>, Vec<Cut>), SubjectError> {
    let options = Options::parse(text, &[&["opt"], &LIMITS[..]].concat())?;
    let (path, which) = split(options.head);
    if path.is_empty() {
        return Err(options.malformed("expected onnx:FILE, onnx:FILE#NUMBER or onnx:op:NAME"));
    }
    let search = onnx::search(Path::new(path)).map_err(|error| match error {
        OnnxError::Read { .. } => SubjectError::NotThere(format!("{text}: {error}")),
        OnnxError::NotAModel { .. } => options.malformed(&error.to_string()),
    })?;
    let all = &search.inventory.activations;
    let found = match (which, all.as_slice()) {
        (Some(which), _) => search.cut(which),
        (None, [_]) => search.cut("1"),
        (None, _) => None,
    };
    let (_, cuts) = found.ok_or_else(|| match which {
        Some(_) => SubjectError::NotThere(format!("{text}: {}", choices(path, which, all))),
        None => options.malformed(&choices(path, which, all)),
    })?;
    let cuts = cuts.to_vec();
    Ok((options, cuts))
}

/// Which activations there are to choose from.
fn choices(path: &str, which: Option<&str>, all: &[Finding]) -> String {
    let one = |f: &Finding| format!("#{} {}", f.number, f.activation.as_deref().unwrap_or(&f.formula));
    let list = all.iter().map(one).collect::<Vec<_>>().join(", ");
    match (which, all) {
        (_, []) => "the model has no part that computes an activation".to_owned(),
        (Some(which), _) => format!("the model has no activation `{which}`; it has {list}"),
        (None, _) => {
            format!("the model has several activations: say which with onnx:{path}#NUMBER; it has {list}")
        }
    }
}

fn start(options: &Options<'_>, cuts: &[Cut]) -> Result<Isolated, SubjectError> {
    let text = options.text;
    let opt = options.choice("opt", &LEVELS.map(|name| (name, name)))?.unwrap_or("all");
    let models = cuts.iter().map(|cut| json!({"dtype": cut.format.name(), "model": hex(&cut.model), "rank": cut.rank}));
    let load = json!({"runtime": runtime()?, "opt": opt, "models": models.collect::<Vec<_>>()});
    let args = vec![worker::COMMAND.into()];
    let program = Program { path: worker_program()?.to_owned(), args, load, limits: options.limits(limits())? };
    let (worker, hello) = Worker::start(&program).map_err(|error| refused(text, error))?;
    let answers: Vec<(FloatFormat, &Value)> =
        cuts.iter().map(|cut| cut.format).zip(hello["kernels"].as_array().into_iter().flatten()).collect();
    let has = |(_, answer): &(FloatFormat, &Value)| answer["error"].is_null();
    if !answers.iter().any(has) {
        let said = answers.first().and_then(|(_, answer)| answer["error"].as_str()).unwrap_or("nothing");
        return Err(SubjectError::NotThere(format!("{text}: ONNX Runtime refuses the model: {said}")));
    }
    let kernels = answers.iter().enumerate().filter(|(_, answer)| has(answer));
    let kernels: Kernels = kernels.map(|(index, (format, _))| ((*format, Pass::Forward), index)).collect();
    let lacks = FloatFormat::ALL.map(|format| match answers.iter().find(|(f, _)| *f == format) {
        Some((_, answer)) if answer["error"].is_null() => (format, "ONNX Runtime computes forward only"),
        Some((_, answer)) => (format, lack(answer["why"].as_str())),
        None => (format, "the model's tensors are of another format"),
    });
    let version = hello["version"].as_str().unwrap_or("of an unknown version");
    let about = format!("ONNX Runtime {version}, optimisation {opt}, 1 thread");
    Ok(Isolated::new(text.to_owned(), program, worker, kernels)
        .lacking(lacks.to_vec())
        .slow()
        .in_environment(Some(&about)))
}

fn lack(why: Option<&str>) -> &'static str {
    match why {
        Some("kernel") => "ONNX Runtime has no kernel for this format",
        Some("graph") => "the standard does not have this operator for this format",
        _ => "ONNX Runtime refuses the model in this format",
    }
}

/// The runtime's library: as the environment says, or as `make onnx` puts it below this folder or the program's.
fn runtime() -> Result<PathBuf, SubjectError> {
    if let Some(path) = std::env::var_os(RUNTIME_VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let program = std::env::current_exe().ok();
    let folders = program.iter().flat_map(|path| path.ancestors().skip(1)).chain([Path::new("")]);
    let found = folders.map(|folder| folder.join(FETCHED)).filter(|path| path.exists()).last();
    let found = found.and_then(|path| std::fs::canonicalize(path).ok());
    found.ok_or_else(|| {
        let message = format!("ONNX Runtime is not there: run `make onnx`, or name its library in {RUNTIME_VARIABLE}");
        SubjectError::NotThere(message)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
