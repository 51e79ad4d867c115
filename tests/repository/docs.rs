//! The examples of the documents are true. `TRYCMD=overwrite cargo test --test repository docs::` rewrites the ```console blocks.

use super::there::{onnx_models, there};
use actaudit::expr::Definition;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn console_examples_are_true() {
    let cases = trycmd::TestCases::new();
    cases.case("README.md").case("ARCHITECTURE.md").case("CONTRIBUTING.md").case("docs/*.md");
    // one of its examples is a model
    if !there(onnx_models()) {
        cases.skip("docs/subjects.md");
    }
}

/// Files that others' tools read name the version that Cargo.toml has.
#[test]
fn the_citation_names_this_version() {
    let text = fs::read_to_string("CITATION.cff").expect("CITATION.cff is readable");
    assert!(text.contains(&format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"))), "{text}");
}

#[test]
fn toml_examples_are_definitions() {
    let text = fs::read_to_string("CONTRIBUTING.md").expect("CONTRIBUTING.md is readable");
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "no example found");
    for block in blocks {
        if let Err(error) = Definition::from_toml(block, "CONTRIBUTING.md") {
            panic!("{error}");
        }
    }
}

/// What README.md says of other projects is enough for one: a fresh crate, with nothing but the lines that stand there. It
/// shares the folder of builds, so that only what its features make different is built again.
#[test]
fn a_fresh_crate_can_depend_on_this_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string("README.md").expect("README.md is readable");
    let section = readme.split("## In your own project").nth(1).expect("a section");
    let block = |kind: &str, k: usize| section.split(kind).nth(k).and_then(|b| b.split("```").next()).expect("a block");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("is made");
        fs::write(path, text).expect("is written");
    };
    let dependency = block("```toml\n", 1).replace("../actaudit", &root.display().to_string());
    // profiles as here, so that the folder is shared, but nothing that takes long to compile and is only run once
    let own = ["actaudit", "actaudit-expr", "actaudit-recheck"];
    let quick = own.map(|name| format!("[profile.dev.package.{name}]\nopt-level = 0\ndebug = false\n"));
    let profiles = format!("[profile.dev.package.\"*\"]\nopt-level = 3\ndebug = false\n{}", quick.concat());
    let package = "[package]\nname = \"fresh\"\nedition = \"2024\"\n\n[workspace]\n";
    write("Cargo.toml", &format!("{package}\n{dependency}\n{profiles}"));
    write("src/lib.rs", block("```rust\n", 1));
    write(".cargo/config.toml", block("```toml\n", 2));
    // the versions that are there
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("is copied");
    let target = Path::new(env!("CARGO_BIN_EXE_actaudit")).ancestors().nth(2).expect("a folder");
    // without the network, if all that it needs was had before
    let run = |network: &[&str]| {
        let test = Command::new(env!("CARGO"))
            .args(["test", "--quiet", "--lib", "--target-dir"])
            .arg(target)
            .args(network)
            .current_dir(folder.path())
            // of the test's own cargo
            .env_remove("TARGET_CPU")
            .output()
            .expect("cargo runs");
        (test.status.success(), String::from_utf8_lossy(&[test.stdout, test.stderr].concat()).into_owned())
    };
    let (passed, said) = match run(&["--offline"]) {
        (false, said) if said.contains("offline") => run(&[]),
        other => other,
    };
    assert!(passed && said.contains("1 passed"), "{said}");
}
