//! What tests need that is fetched into `.deps/`: code of other people.

use std::cell::Cell;
use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};

thread_local! {
    /// Each test has a thread of its own.
    static SAID: Cell<bool> = const { Cell::new(false) };
}

/// Whether what a test needs is there. Where it is not, that is said once, past the capture of the test harness, and the test is not run;
/// `make test` fetches everything and sets `ACTAUDIT_ALL_TESTS`, with which it is a failure.
pub fn there<T>(needed: Result<T, impl Display>) -> bool {
    let Err(missing) = needed else { return true };
    assert!(std::env::var_os("ACTAUDIT_ALL_TESTS").is_none(), "{missing}");
    if !SAID.replace(true) {
        let current = std::thread::current();
        let test = current.name().unwrap_or("a test");
        writeln!(std::io::stderr().lock(), "{test}: not run: {missing}").expect("standard error is open");
    }
    false
}

/// The folder of models that others made.
pub fn onnx_models() -> Result<PathBuf, &'static str> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/onnx/models");
    if folder.exists() { Ok(folder) } else { Err("models are not there: run scripts/fetch-onnx.sh models") }
}
