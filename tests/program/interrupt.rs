//! An audit that is interrupted says what it has, and that it is not all.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

#[test]
fn an_interrupted_audit_is_partial() {
    // all inputs of f32, forward and backward, one thread: this cannot be done within the time that it gets
    let args = "verify mish --impl native:naive --dtype f32 --effort exhaustive --format json --jobs 1";
    let child = Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .args(args.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    sleep(Duration::from_secs(8));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
    assert!(sent.success());
    let out = child.wait_with_output().expect("ends");
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(report["summary"]["partial"], true);
    let results = report["results"].as_array().expect("a list");
    assert!(results.iter().all(|r| r["evidence"] == "sampled" && r["verdict"] != "proved"), "{results:?}");
    assert!(matches!(out.status.code(), Some(1 | 3)), "{:?}", out.status);
}

/// A gate that was stopped is green in no form.
#[test]
fn an_interrupted_gate_is_green_in_no_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[[audit]]\nactivation = \"mish\"\nsubject = \"native\"\ndtype = [\"f32\"]\neffort = \"exhaustive\"\n";
    std::fs::write(folder.path().join("actaudit.toml"), config).expect("is written");
    let stopped = |form: &str| {
        let child = Command::new(env!("CARGO_BIN_EXE_actaudit"))
            .args(["gate", "--jobs", "1", "--format", form])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        sleep(Duration::from_secs(4));
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
        assert!(sent.success());
        let out = child.wait_with_output().expect("ends");
        assert_eq!(out.status.code(), Some(3), "{form}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    for (form, words) in [
        ("text", "undecided mish/native actaudit.toml:1 it was stopped before its end"),
        ("junit", "it was stopped before its end"),
        ("github", "::error"),
        ("sarif", "\"executionSuccessful\": false"),
    ] {
        let said = stopped(form);
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{form}: {said}");
    }
}
