//! Shared libraries: a plain C function (`lib:`) or a plugin with a table of kernels (`plugin:`).

use super::isolate::{Isolated, Kernels, Limits, Program, StartError, Worker, refused, worker_program};
use super::options::{LIMITS, Options};
use super::{SubjectError, worker};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use object::{Object as _, ObjectSymbol, SymbolKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a library may use unless told otherwise.
fn limits() -> Limits {
    Limits {
        batch: Duration::from_secs(5),
        start: Duration::from_secs(30),
        memory: 4 << 30,
        failures: 200,
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        length: usize::MAX,
    }
}

fn formats() -> [(&'static str, FloatFormat); 4] {
    FloatFormat::ALL.map(|format| (format.name(), format))
}

/// `lib:PATH:SYMBOL[,dtype=f32][,backward=SYMBOL][,double=SYMBOL]`: `void SYMBOL(const T *x, T *y, size_t n)` and, backward,
/// `void SYMBOL(const T *x, const T *grad_y, T *grad_x, size_t n)`, which the second derivative is like. A symbol does not show its element type.
///
/// # Errors
/// If the text is not understood, the library or a symbol is not there, or loading it fails.
pub fn plain(text: &str) -> Result<Isolated, SubjectError> {
    let options = Options::parse(text, &[&["dtype", "backward", "double"], &LIMITS[..]].concat())?;
    let split = options.head.rsplit_once(':').filter(|(path, symbol)| !path.is_empty() && !symbol.is_empty());
    let (path, symbol) = split.ok_or_else(|| {
        let known = if options.head.is_empty() { String::new() } else { format!("; {}", symbols(options.head)) };
        options.malformed(&format!("expected lib:PATH:SYMBOL{known}"))
    })?;
    let format = options.choice("dtype", &formats())?.unwrap_or(FloatFormat::F32);
    let backward = options.get("backward");
    let double = options.get("double");
    let load = |path: &Path| json!({"library": path, "forward": symbol, "backward": backward, "double": double});
    let passes = [(Pass::Forward, true), (Pass::Backward, backward.is_some()), (Pass::Double, double.is_some())];
    let kernels: Kernels = passes.into_iter().filter(|(_, has)| *has).map(|(pass, _)| ((format, pass), 0)).collect();
    let own = start(&options, path, load, |_| Ok((None, kernels, vec![])))?;
    Ok(own.expected(signature(symbol, format, backward)))
}

/// How a function is called, in C: what it is expected to be.
fn signature(symbol: &str, format: FloatFormat, backward: Option<&str>) -> String {
    let t = match format {
        FloatFormat::F64 => "double",
        FloatFormat::F32 => "float",
        FloatFormat::F16 => "_Float16",
        FloatFormat::Bf16 => "__bf16",
    };
    let back = backward.map_or_else(String::new, |name| {
        format!(", and void {name}(const {t} *x, const {t} *grad_y, {t} *grad_x, size_t n)")
    });
    format!("expected void {symbol}(const {t} *x, {t} *y, size_t n){back}, which writes y: docs/subjects.md")
}

/// `plugin:PATH[:NAME]`: the kernels of this name (if there are others) that claim to compute the activation, see
/// `include/actaudit_plugin.h`.
///
/// # Errors
/// If the text is not understood, the library is not there or is no plugin, has no such kernel, or parameters are not the defaults.
pub fn plugin(text: &str, activation: &Activation) -> Result<Isolated, SubjectError> {
    let options = Options::parse(text, &LIMITS)?;
    let (path, name) = match options.head.rsplit_once(':') {
        Some((path, name)) if !Path::new(options.head).exists() => (path, Some(name)),
        _ => (options.head, None),
    };
    if path.is_empty() {
        return Err(options.malformed("expected plugin:PATH[:NAME]"));
    }
    let id = activation.definition.id.as_str();
    let params = &activation.definition.params;
    if params.iter().any(|p| activation.values.get(&p.name).is_some_and(|value| *value != p.default)) {
        let message = format!("{text}: a plugin computes {id} with default parameters only");
        return Err(SubjectError::NotThere(message));
    }
    let load = |path: &Path| json!({"library": path});
    start(&options, path, load, |hello| {
        let kernels = chosen(text, hello, id, name)?;
        let flushing = kernels.iter().filter(|(_, index)| flushes(&hello["kernels"][**index]).next().is_some());
        let formats: BTreeSet<FloatFormat> = flushing.map(|((format, _), _)| *format).collect();
        let declared = formats.into_iter().map(|format| (format, vec!["flush".to_owned()])).collect();
        Ok((self::declared(hello, &kernels), kernels, declared))
    })
}

/// Which subnormal numbers a kernel of a table says that it takes for 0: those that go in, or those that come out.
fn flushes(kernel: &Value) -> impl Iterator<Item = &'static str> {
    ["inputs", "outputs"].into_iter().filter(|what| kernel[format!("flushes_{what}")] == true)
}

/// What a plugin says about the kernels that are meant: their name, and in which format each computes if that is another.
fn declared(hello: &Value, kernels: &Kernels) -> Option<String> {
    let about = |index: &usize| &hello["kernels"][*index];
    let indices: BTreeSet<usize> = kernels.values().copied().collect();
    let mut words = vec![about(indices.first()?)["name"].as_str()?.to_owned()];
    for kernel in indices.iter().map(about) {
        let dtype = kernel["dtype"].as_str().unwrap_or_default();
        words.extend(
            kernel["compute_dtype"].as_str().filter(|c| *c != dtype).map(|c| format!("{dtype} computed in {c}")),
        );
        words.extend(flushes(kernel).map(|what| format!("{dtype} says that it flushes subnormal {what}")));
    }
    Some(words.join(", "))
}

/// What code declares about itself, format by format.
type Declared = Vec<(FloatFormat, Vec<String>)>;

fn start(
    options: &Options<'_>,
    path: &str,
    load: impl FnOnce(&Path) -> Value,
    kernels: impl FnOnce(&Value) -> Result<(Option<String>, Kernels, Declared), SubjectError>,
) -> Result<Isolated, SubjectError> {
    // without a slash, the loader would look in the system's folders
    let found = std::fs::canonicalize(path)
        .map_err(|e| SubjectError::NotThere(format!("{}: cannot open the library {path}: {e}", options.text)))?;
    let limits = options.limits(limits())?;
    let args = vec![worker::COMMAND.into()];
    let program = Program { path: worker_program()?.to_owned(), args, load: load(&found), limits };
    let (worker, hello) = Worker::start(&program).map_err(|error| match error {
        StartError::Refused { kind, text } if kind == "symbol" => not_there(options.text, &found, &text),
        error => refused(options.text, error),
    })?;
    let (environment, kernels, declared) = kernels(&hello)?;
    let manners = worker::MANNERS.into_iter().zip(1..).map(|(name, k)| (name, k * worker::KERNELS)).collect();
    Ok(Isolated::new(options.text.to_owned(), program, worker, kernels)
        .given_gradients()
        .declaring(declared)
        .with_fences()
        .called(manners)
        .in_environment(environment.as_deref()))
}

/// The kernels of a plugin's table that are meant.
fn chosen(text: &str, hello: &Value, id: &str, name: Option<&str>) -> Result<Kernels, SubjectError> {
    let field = |kernel: &Value, key: &str| kernel[key].as_str().unwrap_or_default().to_owned();
    let table = hello["kernels"].as_array().map_or(&[][..], Vec::as_slice);
    let fits = |kernel: &Value| field(kernel, "activation") == id && name.is_none_or(|n| field(kernel, "name") == n);
    let names: BTreeSet<String> = table.iter().filter(|k| fits(k)).map(|k| field(k, "name")).collect();
    let list = |names: BTreeSet<String>| Vec::from_iter(names).join(", ");
    match names.len() {
        1 => {}
        0 => {
            let what = name.map_or_else(String::new, |n| format!(" named `{n}`"));
            let all = table.iter().map(|k| format!("{} ({})", field(k, "name"), field(k, "activation"))).collect();
            return Err(SubjectError::NotThere(format!("{text}: no kernel of {id}{what}; there are: {}", list(all))));
        }
        _ => {
            let message = format!("several kernels of {id}: say which with plugin:PATH:NAME, one of {}", list(names));
            return Err(SubjectError::Malformed { subject: text.to_owned(), message });
        }
    }
    let mut kernels = Kernels::new();
    for (index, kernel) in table.iter().enumerate().filter(|(_, k)| fits(k)) {
        let Some(format) = FloatFormat::from_name(&field(kernel, "dtype")) else { continue };
        kernels.insert((format, Pass::Forward), index);
        if kernel["backward"] == true {
            kernels.insert((format, Pass::Backward), index);
        }
    }
    Ok(kernels)
}

/// The error about a missing symbol, with those that look like it.
fn not_there(text: &str, path: &PathBuf, symbol: &str) -> SubjectError {
    let names = std::fs::read(path).map(|data| exported(&data)).unwrap_or_default();
    let mut near: Vec<(f64, String)> = names
        .into_iter()
        // mangled names hold the plain one
        .map(|name| (if name.contains(symbol) { 1.0 } else { strsim::jaro_winkler(&name, symbol) }, name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let near: Vec<String> = near.into_iter().take(3).map(|(_, name)| name).collect();
    let hint = match near.first() {
        None => format!("; {}", symbols(&path.display().to_string())),
        Some(first) if first.starts_with("_Z") => {
            format!("; there is {}: in C++, declare it extern \"C\"", near.join(", "))
        }
        Some(_) => format!("; there is {}", near.join(", ")),
    };
    SubjectError::NotThere(format!("{text}: the library has no symbol `{symbol}`{hint}"))
}

/// What a library exports, in words: the names that people write first.
pub(super) fn symbols(path: &str) -> String {
    /// As many as one reads.
    const SHOWN: usize = 12;
    let Ok(data) = std::fs::read(path) else { return "there is no such file".to_owned() };
    // `_init` and mangled names are not written by hand
    let names: Vec<String> = exported(&data).into_iter().filter(|name| !name.starts_with('_')).collect();
    match names.len() {
        0 => "it exports no plain functions: in C++, declare them extern \"C\"".to_owned(),
        n if n > SHOWN => format!("it exports {}, and {} more", names[..SHOWN].join(", "), n - SHOWN),
        _ => format!("it exports {}", names.join(", ")),
    }
}

/// Functions that a library exports and that may have been written by hand; none if it is no library.
pub fn functions(path: &Path) -> Vec<String> {
    let data = std::fs::read(path).unwrap_or_default();
    let Ok(file) = object::File::parse(&*data) else { return vec![] };
    // not constants and tables
    let functions = file.dynamic_symbols().filter(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text);
    let names: BTreeSet<&str> = functions.filter_map(|symbol| symbol.name().ok()).collect();
    names.into_iter().filter(|name| !name.starts_with('_')).map(str::to_owned).collect()
}

/// The functions that a library exports.
fn exported(data: &[u8]) -> BTreeSet<String> {
    let Ok(file) = object::File::parse(data) else { return BTreeSet::new() };
    let symbols = file.dynamic_symbols().filter(ObjectSymbol::is_definition);
    symbols.filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect()
}
