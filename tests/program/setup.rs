//! Commands that help to set up: what is there, a first configuration, what shells and `man` read.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_actaudit")).args(args).current_dir(folder).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A first configuration is one that the gate reads and holds, and it is never written over another.
#[test]
fn a_first_configuration_is_written_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = "#include <stddef.h>\n#include <stdint.h>\n\
                  void my_relu_f16(const uint16_t *x, uint16_t *y, size_t n) {\n\
                  for (size_t k = 0; k < n; k++) y[k] = (x[k] & 0x7fff) > 0x7c00 || !(x[k] & 0x8000) ? x[k] : 0;\n}\n";
    fs::write(folder.path().join("k.c"), source).expect("is written");
    let built = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o", "libk.so", "k.c"])
        .current_dir(folder.path())
        .status();
    assert!(built.expect("cc runs").success());
    let made = run(folder.path(), &["init"]);
    assert_eq!((made.status.code(), text(&made.stderr).contains("1 entry")), (Some(0), true), "{made:?}");
    let config = fs::read_to_string(folder.path().join("actaudit.toml")).expect("is there");
    assert!(config.contains("activation = \"relu\"\nsubject = \"lib:./libk.so:my_relu_f16,dtype=f16\""), "{config}");
    let gate = run(folder.path(), &["gate"]);
    assert!(gate.status.success() && text(&gate.stdout).starts_with("PASSED"), "{gate:?}");
    let again = run(folder.path(), &["init"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(fs::read_to_string(folder.path().join("actaudit.toml")).expect("is there"), config);
}

#[test]
fn what_is_there_is_told_with_how_to_get_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let asked = |args: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_actaudit"))
            .args(args)
            .env("ACTAUDIT_PYTHON", "/nowhere/python")
            .env("ACTAUDIT_TORCH", "/nowhere/actaudit-torch")
            .env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so")
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        assert!(run.status.success());
        text(&run.stdout)
    };
    let report: serde_json::Value = serde_json::from_str(&asked(&["doctor", "--format", "json"])).expect("JSON");
    assert_eq!(report["schema"], "actaudit.doctor.v1");
    let found = report["found"].as_array().expect("a list");
    let missing: Vec<&str> = found.iter().filter(|f| f["there"] == false).filter_map(|f| f["name"].as_str()).collect();
    assert_eq!(missing, ["PyTorch", "PyTorch on a GPU", "ONNX Runtime", "Python"]);
    assert!(found.iter().all(|f| f["there"] == true || f["cure"].is_string()));
    let text = asked(&["doctor"]);
    assert!(text.contains("/nowhere/actaudit-torch") && text.contains("-> `make torch` builds"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn shells_and_man_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(folder.path(), &["completions", shell]);
        assert!(script.status.success() && text(&script.stdout).contains("identify"), "{shell}");
    }
    let pages = run(folder.path(), &["man", "pages"]);
    assert!(pages.status.success(), "{pages:?}");
    let page = fs::read_to_string(folder.path().join("pages/actaudit-verify.1")).expect("a page");
    assert!(page.contains("ulp") && page.contains(".TH"), "{page}");
    fs::write(folder.path().join("file"), "").expect("is written");
    assert_eq!(run(folder.path(), &["man", "file"]).status.code(), Some(2));
}

/// The schema in docs/ is that of the program, and it knows what an entry may say.
#[test]
fn the_schema_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = text(&run(root, &["schema"]).stdout);
    let kept = fs::read_to_string(root.join("docs/actaudit.schema.json")).unwrap_or_default();
    assert!(made == kept, "actaudit schema > docs/actaudit.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    let entry = &schema["$defs"]["AuditEntry"];
    assert_eq!(entry["additionalProperties"], false);
    assert_eq!(entry["properties"]["dtype"]["items"]["enum"][0], "f64");
    assert_eq!(entry["required"], serde_json::json!(["subject"]));
}

#[test]
fn two_results_are_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let verify = |code: &str, file: &str| {
        let args = [
            "verify", "relu", "--impl", code, "--dtype", "f16", "--pass", "forward", "--check", "ulp", "--effort",
            "quick",
        ];
        let found = run(folder.path(), &[&args[..], &["--format", "json", "-o", file]].concat());
        assert!(found.status.success(), "{found:?}");
    };
    verify("native", "a.json");
    verify("native", "b.json");
    let same = run(folder.path(), &["diff", "a.json", "b.json"]);
    assert_eq!((same.status.code(), text(&same.stdout).starts_with("no difference")), (Some(0), true), "{same:?}");
    let other =
        fs::read_to_string(folder.path().join("b.json")).expect("is there").replace("\"failing\": 0", "\"failing\": 3");
    fs::write(folder.path().join("b.json"), other).expect("is written");
    let differ = run(folder.path(), &["diff", "a.json", "b.json"]);
    assert_eq!(differ.status.code(), Some(1));
    assert!(text(&differ.stdout).contains("worse    relu/native/f16/forward/ulp"), "{differ:?}");
}
