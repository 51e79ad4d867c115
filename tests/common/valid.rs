//! Reports are held against schemas by Python's validators, which lie in `.deps/python/tests`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Whether the validators are there.
pub fn validators() -> Result<(), &'static str> {
    let there = Path::new(ROOT).join(".deps/python/tests/jsonschema").is_dir();
    there.then_some(()).ok_or("Python's validators are not there: run scripts/python.sh tests")
}

/// A file to be looked at: `json`, `jsonl`, `xml` or `junit`, its schema, and where it is.
pub type File = (&'static str, PathBuf, PathBuf);

/// What is wrong with these files.
pub fn problems(files: &[File]) -> String {
    let line = |(kind, schema, file): &File| format!("{kind}\t{}\t{}\n", schema.display(), file.display());
    let lines: String = files.iter().map(line).collect();
    let mut python = Command::new("python3")
        .arg(format!("{ROOT}/tests/foreign/validate.py"))
        .env("PYTHONPATH", format!("{ROOT}/.deps/python/tests"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    python.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("is read");
    let out = python.wait_with_output().expect("it ends");
    assert!(out.status.success(), "the validator broke off");
    String::from_utf8_lossy(&out.stdout).into_owned()
}
