//! PyTorch's own kernels, and definitions as PyTorch would run them: in `actaudit-torch`, a worker program that links
//! libtorch, so that this one does not, and so that a crash in there is a finding.

use super::isolate::{Isolated, Kernels, Limits, Program, StartError, Worker, refused, worker_program};
use super::options::{LIMITS, Options};
use super::{SubjectError, worker};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::time::Duration;

/// The environment variable that names the program, where it does not lie beside this one.
pub const PROGRAM_VARIABLE: &str = "ACTAUDIT_TORCH";

/// How an input lies in memory, and where the output goes; the first unless told otherwise.
pub const LAYOUTS: [&str; 4] = ["contiguous", "strided", "offset", "inplace"];

/// Other ways to call a kernel, which the check `layout` holds against it: `short` is a tensor of exactly as many elements as
/// are asked for.
pub const MANNERS: [&str; 4] = ["short", "strided", "offset", "inplace"];

/// What libtorch may use unless told otherwise. A device has memory of its own, and its driver maps as much as it likes.
fn limits(device: &str) -> Limits {
    let own = device == "cpu";
    Limits {
        batch: Duration::from_secs(if own { 10 } else { 60 }),
        start: Duration::from_secs(120),
        memory: if own { 8 << 30 } else { u64::MAX },
        failures: 200,
        workers: if own { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 },
        length: usize::MAX,
    }
}

/// The worker program: the one that the environment names, else the one beside the main program.
///
/// # Errors
/// If it is not there.
pub fn program() -> Result<PathBuf, SubjectError> {
    let named = std::env::var_os(PROGRAM_VARIABLE).map(PathBuf::from);
    let path = match &named {
        Some(path) => path.clone(),
        None => {
            let main = match worker_program() {
                Ok(path) => path.to_owned(),
                Err(_) => std::env::current_exe().unwrap_or_default(),
            };
            main.with_file_name(format!("actaudit-torch{EXE_SUFFIX}"))
        }
    };
    if path.is_file() {
        return Ok(path);
    }
    let path = path.display();
    Err(SubjectError::NotThere(match named {
        Some(_) => format!("no PyTorch: {PROGRAM_VARIABLE} names {path}, which is not there"),
        None => format!("no PyTorch: there is no {path}; `make torch` builds it, or {PROGRAM_VARIABLE} names another"),
    }))
}

/// Reads `torch[:OP|:definition][@DEVICE][,layout=LAYOUT][,library=PATH]` and starts its worker. With a library, which registers
/// operators as it is loaded, the operation is one of these, by its full name: `torch:mine::gelu,library=./libmine.so`.
///
/// # Errors
/// If the text is not understood, the program is not there, or torch has no such operation or device.
pub fn kernel(text: &str, activation: &Activation) -> Result<Isolated, SubjectError> {
    let rest = text.strip_prefix("torch").unwrap_or(text);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let options = Options::of(text, rest, &[&["layout", "library"], &LIMITS[..]].concat())?;
    let (code, device) = options.head.split_once('@').unwrap_or((options.head, "cpu"));
    let layout = options.choice("layout", &LAYOUTS.map(|layout| (layout, layout)))?.unwrap_or(LAYOUTS[0]);
    let limits = options.limits(limits(device))?;
    // without a slash, the loader would look in the system's folders
    let library = options.get("library").map(|path| {
        let missing = |e| SubjectError::NotThere(format!("{text}: cannot open the library {path}: {e}"));
        std::fs::canonicalize(path).map_err(missing)
    });
    let library = library.transpose()?;
    let values: BTreeMap<&String, String> = activation.values.iter().map(|(k, v)| (k, v.to_string())).collect();
    let load = json!({
        "code": code,
        "device": device,
        "layout": layout,
        "library": library,
        "definition": activation.definition.to_toml(),
        "values": values,
    });
    let program = Program { path: program()?, args: vec![worker::COMMAND.into()], load, limits };
    let (worker, hello) = Worker::start(&program).map_err(|error| match error {
        StartError::Refused { kind, text } if kind == "malformed" => options.malformed(&text),
        StartError::Refused { text, .. } => SubjectError::NotThere(text),
        error => refused(options.text, error),
    })?;
    let said = |key: &str| hello[key].as_str().unwrap_or_default().to_owned();
    let lacks = FloatFormat::ALL.map(|format| (format, "libtorch has no such code for this format and pass"));
    let name = said("name") + &options.get("library").map_or_else(String::new, |path| format!(",library={path}"));
    let isolated = Isolated::new(name, program, worker, kernels(&hello));
    let isolated = if device == "cpu" { isolated } else { isolated.on_device() };
    Ok(isolated.lacking(lacks.into()).in_environment(hello["environment"].as_str()).called(manners(&hello)))
}

/// For which formats and passes there is code.
fn kernels(hello: &Value) -> Kernels {
    let has = hello["has"].as_array().into_iter().flatten();
    let one = |pair: &Value| Some((FloatFormat::from_name(pair[0].as_str()?)?, Pass::from_name(pair[1].as_str()?)?));
    has.filter_map(one).map(|kernel| (kernel, 0)).collect()
}

/// Other ways to call it, with their numbers as kernels.
fn manners(hello: &Value) -> Vec<(&'static str, usize)> {
    let there = hello["manners"].as_array().into_iter().flatten().enumerate();
    there.filter_map(|(k, name)| Some((*MANNERS.iter().find(|manner| name == **manner)?, k + 1))).collect()
}
