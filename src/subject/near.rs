//! What people write instead of a subject, and what they mean.

use super::{ROUTES, library};
use crate::catalog;
use std::borrow::Cow;
use std::path::Path;

/// Kinds of files that hold weights, or graphs of other frameworks.
const MODELS: [&str; 8] = ["pt", "pth", "safetensors", "pb", "tflite", "h5", "keras", "gguf"];
const LIBRARIES: [&str; 3] = ["so", "dylib", "dll"];

/// What stands before the first `:`, `@` or comma.
pub(super) fn kind(text: &str) -> &str {
    text.split([':', '@', ',']).next().unwrap_or_default()
}

fn is_a_kind(text: &str) -> bool {
    ROUTES.iter().any(|route| route.name == kind(text))
}

fn extension(path: &str) -> Option<String> {
    Path::new(path).extension().map(|e| e.to_string_lossy().to_ascii_lowercase())
}

/// A subject as it should be written, where there is only one way to take it: `mlp.onnx` is `onnx:mlp.onnx`.
pub fn spelled(text: &str) -> Cow<'_, str> {
    let path = text.split(['#', ',']).next().unwrap_or_default();
    let model = !is_a_kind(text) && extension(path).is_some_and(|e| e == "onnx");
    if model { format!("onnx:{text}").into() } else { text.into() }
}

/// What to write instead of a text that names no kind of subject, if that can be told.
pub(super) fn hint(text: &str) -> Option<String> {
    // a file, and perhaps what is in it
    let (path, rest) = match text.rsplit_once(':') {
        Some((path, rest)) if extension(path).is_some() => (path, Some(rest)),
        _ => (text, None),
    };
    let path = path.split(',').next().unwrap_or_default();
    // what stands there for a kind is none
    let path = path.split_once(':').filter(|(kind, _)| !kind.contains(['/', '.'])).map_or(path, |(_, path)| path);
    let is = |all: &[&str]| extension(path).is_some_and(|e| all.contains(&e.as_str()));
    match rest {
        _ if is(&MODELS) => Some(format!(
            "a file of weights or of another framework is not run: export the model to ONNX (torch.onnx.export) and name \
             onnx:FILE, or name a function that computes the activation, python:MODULE:FUNCTION ({path})"
        )),
        Some(symbol) if is(&LIBRARIES) => Some(format!("did you mean lib:{path}:{symbol}?")),
        None if is(&LIBRARIES) => Some(format!("a shared library is lib:PATH:SYMBOL; {}", library::symbols(path))),
        Some(function) if is(&["py"]) => Some(format!("did you mean python:{path}:{function}?")),
        None if is(&["py"]) => {
            Some(format!("a function in Python is python:MODULE:FUNCTION, here python:{path}:FUNCTION"))
        }
        None if is(&["toml"]) => Some("a definition is no code: it is what code is held against".to_owned()),
        None if catalog::find(text).is_ok() => {
            Some(format!("{text} is an activation, not code: did you mean native, this project's kernel of it?"))
        }
        _ => {
            let like = ROUTES.iter().map(|route| (strsim::jaro_winkler(kind(text), route.name), route.name));
            let best = like.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
            best.map(|(_, name)| format!("did you mean {name}?"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_file_is_a_subject_and_nothing_else_is_changed() {
        for (text, meant) in [
            ("mlp.onnx", "onnx:mlp.onnx"),
            ("./a/mlp.onnx#2,opt=basic", "onnx:./a/mlp.onnx#2,opt=basic"),
            ("onnx:mlp.onnx", "onnx:mlp.onnx"),
            ("onnx:op:Gelu", "onnx:op:Gelu"),
            ("python:./a.onnx:f", "python:./a.onnx:f"),
            ("./libmine.so", "./libmine.so"),
        ] {
            assert_eq!(spelled(text), meant);
        }
    }

    #[test]
    fn what_is_nearly_a_subject_gets_a_hint() {
        for (text, part) in [
            ("model.pt", Some("torch.onnx.export")),
            ("./none.so", Some("lib:PATH:SYMBOL; there is no such file")),
            ("./none.so:f", Some("did you mean lib:./none.so:f?")),
            ("libs:./none.so:f", Some("did you mean lib:./none.so:f?")),
            ("acts.py:f", Some("did you mean python:acts.py:f?")),
            ("acts.py", Some("python:acts.py:FUNCTION")),
            ("own.toml", Some("what code is held against")),
            ("gelu", Some("is an activation, not code")),
            ("pyton:m:f", Some("did you mean python?")),
            ("nativ", Some("did you mean native?")),
            ("", None),
            ("lisp:f", None),
        ] {
            let found = hint(text);
            assert_eq!(found.is_some(), part.is_some(), "{text}: {found:?}");
            assert!(part.is_none_or(|part| found.as_deref().unwrap_or_default().contains(part)), "{text}: {found:?}");
        }
    }
}
