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
