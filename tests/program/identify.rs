//! `actaudit identify` as people use it.

use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn identify(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .arg("identify")
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary was built with the tests")
}

fn json(args: &[&str]) -> (Option<i32>, serde_json::Value) {
    let out = identify(&[args, &["--format", "json"]].concat());
    let value = serde_json::from_slice(&out.stdout).expect("one JSON object");
    (out.status.code(), value)
}

/// Row 35 of the corpus of defects: the erf variant behind the name of the tanh variant, and the other way round.
#[test]
fn variants_that_are_wired_the_wrong_way_round_are_told() {
    let dir = TempDir::new().expect("a folder");
    let library = dir.path().join("libgelu.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/gelu.c");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2"]).arg(source).arg("-o").arg(&library).arg("-lm");
    assert!(cc.status().expect("a C compiler").success());
    let subject = |symbol: &str| format!("lib:{}:{symbol}", library.display());
    for (symbol, real) in [("gelu_erf", "gelu_tanh"), ("gelu_tanh", "gelu")] {
        let (code, found) = json(&[&subject(symbol)]);
        assert_eq!((code, &found["verdict"]), (Some(0), &"identified".into()), "{found}");
        assert_eq!(
            (&found["schema"], &found["candidates"][0]["function"]),
            (&"actaudit.identify.v1".into(), &real.into())
        );
        let separation = &found["separation"];
        let at = separation["at"].as_f64().expect("a number");
        assert!((at.abs() - 2.699).abs() < 2e-3, "{separation}");
    }
    let out = identify(&[&subject("nothing_known")]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(3), "{text}");
    assert!(text.contains("none of them [none]"), "{text}");
}

/// A function of one number writes no outputs: that is said within seconds, with the signature that is expected, whatever the effort.
#[test]
fn a_function_of_one_number_is_told_what_is_expected() {
    let dir = TempDir::new().expect("a folder");
    let [source, library] = ["scalar.c", "libscalar.so"].map(|name| dir.path().join(name));
    std::fs::write(&source, "float scalar(float x) { return x > 0 ? x : 0; }\n").expect("is written");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2"]).arg(&source).arg("-o").arg(&library);
    assert!(cc.status().expect("a C compiler").success());
    let subject = format!("lib:{}:scalar", library.display());
    let begun = std::time::Instant::now();
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_actaudit")).args(args).output().expect("it runs");
        let said = [&out.stdout[..], &out.stderr].concat();
        (out.status.code(), String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for (args, code) in [(vec!["verify", "relu", "--impl", &subject], 1), (vec!["identify", &subject], 3)] {
        let (ended, said) = run(&args);
        let hint = "expected void scalar(const float *x, float *y, size_t n), which writes y: docs/subjects.md";
        assert!(ended == Some(code) && said.contains(hint), "{ended:?} {said}");
    }
    assert!(begun.elapsed().as_secs() < 100, "{:?}", begun.elapsed());
}

#[test]
fn code_of_many_activations_has_to_be_named() {
    let out = identify(&["native:naive"]);
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(2) && error.contains("--of gelu"), "{error}");
    let (code, found) = json(&["native:naive", "--of", "mish", "--dtype", "f64"]);
    assert_eq!((code, &found["candidates"][0]["function"]), (Some(0), &"mish".into()));
    let out = identify(&["defect:36-erf", "--pass", "backward"]);
    assert_eq!(out.status.code(), Some(4), "what is not there has an exit code of its own");
}
