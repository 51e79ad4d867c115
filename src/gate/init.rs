//! A first configuration out of what a folder holds: functions whose names are those of activations.
//!
//! Names alone decide, so that what is written is a proposal: the gate says whether each function computes what its name says.

use crate::catalog;
use crate::expr::FloatFormat;
use crate::onnx;
use crate::subject::library;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Folders below the first that are looked into.
const DEPTH: usize = 5;
/// Files that are looked at, at most.
const FILES: usize = 20_000;
/// Folders of tools, which hold other people's code.
const SKIPPED: [&str; 6] = ["node_modules", "deps", "build", "incremental", "site-packages", "__pycache__"];

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    activation: String,
    subject: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Proposal {
    entries: Vec<Entry>,
    /// remarks on what cannot be audited as it is
    remarks: Vec<String>,
}

/// What the name of a function says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    name: String,
    activation: String,
    /// the format, if it is in the name
    dtype: Option<FloatFormat>,
    /// whether it is a gradient
    gradient: bool,
}

/// What a name says, if it is about an activation. Words such as `my`, `kernel` and `forward` say nothing.
fn meaning(name: &str) -> Option<Meaning> {
    const EMPTY: [&str; 16] = [
        "my",
        "act",
        "activation",
        "kernel",
        "forward",
        "fwd",
        "fast",
        "naive",
        "exact",
        "approx",
        "cpu",
        "cuda",
        "avx2",
        "op",
        "vec",
        "fused",
    ];
    const GRADIENT: [&str; 4] = ["backward", "bwd", "grad", "derivative"];
    let format = |word: &str| match word {
        "half" | "fp16" => Some(FloatFormat::F16),
        "float" | "fp32" => Some(FloatFormat::F32),
        "double" | "fp64" => Some(FloatFormat::F64),
        "bfloat16" => Some(FloatFormat::Bf16),
        word => FloatFormat::from_name(word),
    };
    let (mut dtype, mut gradient, mut rest) = (None, false, vec![]);
    let lower = name.to_ascii_lowercase();
    for word in lower.split('_').filter(|word| !word.is_empty()) {
        match format(word) {
            Some(found) => dtype = Some(found),
            None if GRADIENT.contains(&word) => gradient = true,
            None if EMPTY.contains(&word) => {}
            None => rest.push(word),
        }
    }
    let plain = |text: &str| text.replace('_', "");
    let id = rest.join("_");
    let known = catalog::all().iter().find(|d| plain(&d.id) == plain(&id))?;
    Some(Meaning { name: name.to_owned(), activation: known.id.clone(), dtype, gradient })
}

/// Names that are listed, at most.
const LISTED: usize = 10;

/// What is said of functions that no entry asks: their names are those of no activation, or they are gradients of no function here.
fn left_out(file: &str, names: &[String], entries: &[Entry]) -> Option<String> {
    let asked = |name: &String| {
        let (plain, gradient) = (format!(":{name}"), format!(",backward={name}"));
        let of = |e: &Entry| {
            e.subject.split(',').next().is_some_and(|s| s.ends_with(&plain)) || e.subject.ends_with(&gradient)
        };
        entries.iter().any(of)
    };
    let rest: Vec<&str> = names.iter().filter(|name| !asked(name)).map(String::as_str).collect();
    let more = match rest.len().saturating_sub(LISTED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let listed = rest.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    (!rest.is_empty()).then(|| {
        format!(
            "{file}: left out, neither named like an activation nor the gradient of one here: {}{more}",
            listed.escape_debug()
        )
    })
}

/// The entries of functions of these names: a gradient goes with the function of its activation and format.
fn entries(names: &[String], subject: &dyn Fn(&str) -> String, typed: bool) -> Vec<Entry> {
    let found: Vec<Meaning> = names.iter().filter_map(|name| meaning(name)).collect();
    let entry = |own: &Meaning| {
        let mut text = subject(&own.name);
        if let (Some(dtype), true) = (own.dtype, typed) {
            let _ = write!(text, ",dtype={}", dtype.name());
        }
        let same = |m: &&Meaning| m.gradient && (&m.activation, m.dtype) == (&own.activation, own.dtype);
        if let Some(gradient) = found.iter().find(same) {
            let _ = write!(text, ",backward={}", gradient.name);
        }
        Entry { activation: own.activation.clone(), subject: text }
    };
    found.iter().filter(|m| !m.gradient).map(entry).collect()
}

/// Functions at the outermost level of a text of Python.
fn python(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let (name, arguments) = line.strip_prefix("def ")?.split_once('(')?;
        // of nothing, nothing is computed
        (!arguments.trim_start().starts_with(')')).then(|| name.trim().to_owned())
    };
    text.lines().filter_map(name).filter(|name| !name.starts_with('_')).collect()
}

/// Functions of Rust that a library exports under their own names.
fn rust(text: &str) -> Vec<String> {
    let mut exported = false;
    let mut found = vec![];
    for line in text.lines().map(str::trim) {
        exported |= line.contains("no_mangle");
        if let Some((_, rest)) = line.split_once("fn ").filter(|_| exported) {
            found.extend(rest.split(['(', '<']).next().map(|name| name.trim().to_owned()));
            exported = false;
        }
    }
    found
}

/// All files that are looked at, in order.
fn files(folder: &Path, depth: usize, all: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let hidden = name.starts_with('.') || SKIPPED.contains(&name.as_str());
        match () {
            // what a link names is there by itself, or is not of this folder
            () if all.len() >= FILES || path.is_symlink() => {}
            () if path.is_dir() && !hidden && depth > 0 => files(&path, depth - 1, all),
            () if path.is_file() => all.push(path),
            () => {}
        }
    }
}

/// Looks through a folder.
pub fn propose(folder: &Path) -> Proposal {
    let mut paths = vec![];
    files(folder, DEPTH, &mut paths);
    let mut proposal = Proposal::default();
    for path in &paths {
        // a path with a comma cannot be told from options, and one that is no text cannot be written down
        let Some(short) = path.strip_prefix(folder).unwrap_or(path).to_str().map(str::to_owned) else { continue };
        if short.contains(',') {
            continue;
        }
        let text = || std::fs::read_to_string(path).unwrap_or_default();
        match path.extension().and_then(|e| e.to_str()) {
            Some("so" | "dylib") => {
                let names = library::functions(path);
                let found = entries(&names, &|name| format!("lib:./{short}:{name}"), true);
                proposal.remarks.extend(left_out(&short, &names, &found));
                proposal.entries.extend(found);
            }
            Some("py") => {
                let names = python(&text());
                let found = entries(&names, &|name| format!("python:./{short}:{name}"), false);
                // a module without any is about something else
                proposal.remarks.extend(left_out(&short, &names, &found).filter(|_| !found.is_empty()));
                proposal.entries.extend(found);
            }
            Some("onnx") => {
                let found = onnx::search(path).map(|search| search.inventory.activations).unwrap_or_default();
                let known = |(k, part): (usize, &onnx::Finding)| {
                    let id = part.activation.as_ref()?;
                    Some(Entry { activation: id.clone(), subject: format!("onnx:{short}#{k}") })
                };
                proposal.entries.extend((1..).zip(&found).filter_map(known));
            }
            Some("rs") => {
                let names = entries(&rust(&text()), &|name| name.to_owned(), false);
                proposal.remarks.extend(names.iter().map(|entry| {
                    format!(
                        "{short} exports {}: build a cdylib, and name it as lib:PATH:{}",
                        entry.subject,
                        entry.subject.split(',').next().unwrap_or_default()
                    )
                }));
            }
            _ => {}
        }
    }
    proposal.entries.sort();
    proposal
}

impl Proposal {
    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The configuration.
    pub fn text(&self) -> String {
        let mut out = "# What this repository promises about its kernels; `actaudit gate` holds it. Each [[audit]] holds code against the real\n\
                       # value of an activation. What is allowed unless it is said: `actaudit explain budgets`.\n"
            .to_owned();
        // code of several activations in one file stands together
        let mut by_file: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            let file = entry.subject.split(':').nth(1).unwrap_or_default().split('#').next().unwrap_or_default();
            by_file.entry(file.to_owned()).or_default().push(entry);
        }
        for (file, entries) in by_file {
            let _ = writeln!(out, "\n# {}", file.escape_debug());
            for Entry { activation, subject } in entries {
                let _ = writeln!(
                    out,
                    "[[audit]]\nactivation = \"{activation}\"\nsubject = {}\neffort = \"standard\"\n",
                    toml::Value::String(subject.clone())
                );
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        for remark in &self.remarks {
            let _ = writeln!(out, "\n# {remark}");
        }
        out += "\n# What an entry can say besides:\n\
                # effort = \"standard\"      every f32 input, 2^32 calls' worth for each function and direction: from half a\n\
                #                          minute to many; \"quick\" looks at a sample, within seconds\n\
                # dtype = [\"f32\"]          formats that it must have; all that it has, if left out\n\
                # max_ulp = 2              or absolute and relative, or baseline = true: no worse than what was accepted\n\
                # check = [\"ulp\"]          some checks only: `actaudit explain`\n\
                # declare = [\"flush\"]      what is not held against it\n\
                #\n\
                # [[expected]]             a failure that is known\n\
                # id = \"gelu/*/f16/*\"      activation/subject/dtype/pass/check\n\
                # reason = \"issue 12\"\n\
                # expires = 2030-01-31\n\
                #\n\
                # [[claims]]               statements about activations\n\
                # file = \"claims.toml\"\n";
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Config;

    #[test]
    fn names_say_which_activation_is_meant() {
        for (name, id, dtype, gradient) in [
            ("gelu", "gelu", None, false),
            ("my_gelu_f16", "gelu", Some(FloatFormat::F16), false),
            ("gelu_tanh_half", "gelu_tanh", Some(FloatFormat::F16), false),
            ("GELU_backward_float", "gelu", Some(FloatFormat::F32), true),
            ("LeakyReLU", "leaky_relu", None, false),
            ("hard_swish_fwd", "hardswish", None, false),
        ] {
            let expected = Meaning { name: name.to_owned(), activation: id.to_owned(), dtype, gradient };
            assert_eq!(meaning(name), Some(expected));
        }
        for name in ["", "main", "gelu_erf", "f32", "softplusplus"] {
            assert_eq!(meaning(name), None, "{name}");
        }
    }

    #[test]
    fn a_folder_gives_a_configuration_that_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("is written");
        write(
            "acts.py",
            "import numpy\ndef silu(x):\n    def tanh(x): ...\n\ndef silu_backward(x, g): ...\ndef _gelu(x): ...\ndef mish(): ...\ndef load(path): ...\n",
        );
        write("other.py", "def load(path): ...\n");
        write("lib.rs", "#[unsafe(no_mangle)]\npub extern \"C\" fn my_mish(x: f32) {}\nfn relu() {}\n");
        std::fs::create_dir(folder.path().join(".hidden")).expect("a folder");
        write(".hidden/other.py", "def relu(x): ...");
        let proposal = propose(folder.path());
        let text = proposal.text();
        assert_eq!(proposal.count(), 1);
        assert!(text.contains("subject = \"python:./acts.py:silu,backward=silu_backward\""), "{text}");
        assert!(
            text.contains(
                "\n# acts.py: left out, neither named like an activation nor the gradient of one here: load\n"
            ),
            "{text}"
        );
        assert!(!text.contains("other.py"), "{text}");
        assert!(text.contains("# lib.rs exports my_mish: build a cdylib"), "{text}");
        let config = Config::read(&text, "actaudit.toml", &|_| Err("no file".into())).expect("a configuration");
        assert_eq!(config.audits.len(), 1);
        assert!(text.contains("effort = \"standard\"\n") && text.contains("\"quick\" looks at a sample"), "{text}");
    }
}
