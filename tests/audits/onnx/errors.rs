//! What is not there, what is not understood, and files that mean harm.

use super::build::{F32, model};
use super::{Made, actaudit, error, fetched, inventory, models, runtime, there};
use actaudit::internal::search;
use actaudit::subject::SubjectError;
use std::path::Path;

fn malformed(text: &str, part: &str) {
    let error = error(text);
    assert!(matches!(error, SubjectError::Malformed { .. }) && error.to_string().contains(part), "{text}: {error}");
}

fn not_there(text: &str, part: &str) {
    let error = error(text);
    assert!(matches!(error, SubjectError::NotThere(_)) && error.to_string().contains(part), "{text}: {error}");
}

#[test]
fn texts_that_are_wrong() {
    if !there(runtime()) {
        return;
    }
    malformed("onnx", "expected onnx:FILE");
    not_there("onnx:op:Glu", "there is no activation operator `Glu`; there are Celu, ");
    malformed("onnx:op:Relu,alpha=1", "`alpha=1`: expected one of opset=");
    malformed("onnx:op:Elu,alpha=much", "alpha=much: expected a number");
    malformed("onnx:op:Gelu,approximate=no", "approximate=no: expected one of none, tanh");
    malformed("onnx:op:Relu,opt=most", "`opt=most`: expected one of disable, basic, extended, all");
    malformed("onnx:op:Relu,opset=x", "opset: expected a whole number");
    not_there("onnx:./no-such.onnx", "cannot read ./no-such.onnx");
    not_there("onnx:op:Gelu,opset=19", "ONNX Runtime refuses the model");
}

#[test]
fn several_activations_have_to_be_chosen_from() {
    if !there(models()) {
        return;
    }
    let path = fetched("ddddocr-det.onnx");
    let text = format!("onnx:{}", path.display());
    malformed(&text, "several activations: say which");
    malformed(&text, "it has #1 silu, #2 sigmoid");
    not_there(&format!("{text}#3"), "no activation `3`; it has #1 silu");
    not_there(&format!("{text}#Conv_41"), "no activation `Conv_41`");
    let none = Made::new(&model(&["y = Transpose(x)"], &[], F32));
    malformed(&none.text(""), "no part that computes an activation");
    assert_eq!(actaudit(&["identify", &none.text("")], None).status.code(), Some(3));
}

#[test]
fn a_runtime_that_is_not_there_has_an_exit_code_of_its_own() {
    let run = |runtime: &str| {
        let out = actaudit(&["verify", "relu", "--impl", "onnx:op:Relu", "--dtype", "f16"], Some(runtime));
        (out.status.code(), String::from_utf8_lossy(&out.stderr).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (code, said) = run("./no-such.so");
    assert!(code == Some(4) && said.contains("no-such.so"), "{said}");
    // a library, but another one
    let (code, said) = run("libc.so.6");
    assert!(code == Some(4) && said.contains("no ONNX Runtime"), "{said}");
}

#[test]
fn damaged_files_are_refused_or_read() {
    if !there(models()) {
        return;
    }
    let whole = std::fs::read(fetched("magika.onnx")).expect("a model");
    let refused = |data: &[u8], why: &str| {
        let made = Made::new(data);
        let error = search(&made.path()).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("is not an ONNX model") && error.contains(why), "{error}");
        let out = actaudit(&["identify", &made.text("")], None);
        assert_eq!(out.status.code(), Some(2));
    };
    refused(&[], "no graph");
    refused(b"version https://git-lfs.github.com/spec/v1\n", "");
    refused(&whole[..whole.len() / 2], "");
    refused(&[0xff; 64], "");
    assert!(search(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err(), "a folder is no model");
}

/// Sharing doubles an expression with each operation: forty of them are a trillion terms.
#[test]
fn formulas_that_explode_are_left_alone() {
    let mut nodes = vec!["a = Sigmoid(x)".to_owned(), "v0 = Add(a, a)".to_owned()];
    nodes.extend((0..40).map(|k| format!("v{} = Mul(v{k}, v{k})", k + 1)));
    nodes.push("y = Transpose(v40)".to_owned());
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let found = inventory(&Made::new(&model(&nodes, &[], F32)).path());
    assert_eq!(found.activations.len(), 1, "{}", found.text());
    let mut nodes = vec!["a = Sigmoid(x)".to_owned(), "v0 = Add(c, c)".to_owned()];
    nodes.extend((0..40).map(|k| format!("v{} = Mul(v{k}, v{k})", k + 1)));
    nodes.push("y = Mul(a, v40)".to_owned());
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let found = inventory(&Made::new(&model(&nodes, &[("c", 1.5)], F32)).path());
    assert_eq!(found.activations[0].activation.as_deref(), Some("sigmoid"), "{}", found.text());
    // ten thousand operations in a row
    let mut nodes = vec!["v0 = Sigmoid(x)".to_owned()];
    nodes.extend((0..10_000).map(|k| format!("v{} = Tanh(v{k})", k + 1)));
    nodes.push("y = Transpose(v10000)".to_owned());
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let found = inventory(&Made::new(&model(&nodes, &[], F32)).path());
    assert!(found.activations.len() > 1, "{}", found.text());
}
