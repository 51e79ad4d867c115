//! Results for a browser and for papers, and the pages of the catalogue.

use actaudit::catalog;
use actaudit::internal::fingerprint;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn actaudit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .args(args)
        .args(["--quiet"])
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary was built with the tests")
}

/// Exit code and standard output; of a page what is between the tags, one tag a line, without the style.
fn shown(args: &[&str]) -> String {
    let out = actaudit(args);
    let text = String::from_utf8(out.stdout).expect("is text");
    let text = match (text.split_once("<style>"), text.split_once("</style>")) {
        (Some((head, _)), Some((_, body))) => format!("{head}{body}").replace("><", ">\n<"),
        _ => text,
    };
    let text = text.replace(std::env::consts::ARCH, "ARCH");
    format!("exit {}\n{text}{}", out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn audits_and_claims_are_pages() {
    let audit =
        ["verify", "srelu", "--impl", "native:paper", "--dtype", "f16", "--pass", "forward", "--format", "html"];
    insta::assert_snapshot!("verify", shown(&audit));
    insta::assert_snapshot!("claims", shown(&["claims", "--only", "gelu", "--format", "html"]));
    let survey = [
        "survey",
        "tests/survey/plan.toml",
        "--dtype",
        "f16",
        "--pass",
        "forward",
        "--effort",
        "quick",
        "--format",
        "html",
    ];
    insta::assert_snapshot!("survey", shown(&survey));
}

#[test]
fn claims_are_tables_for_papers() {
    insta::assert_snapshot!("claims_markdown", shown(&["claims", "--only", "gem", "--format", "markdown"]));
    insta::assert_snapshot!("claims_latex", shown(&["claims", "--only", "gem", "--format", "latex"]));
    insta::assert_snapshot!(
        "false_claims_latex",
        shown(&["claims", "tests/claims/too_small.toml", "--format", "latex"])
    );
}

/// A form that a command does not write is said before anything is run, and nothing is written.
#[test]
fn forms_are_known_before_anything_is_run() {
    for (command, form) in
        [("list", "html"), ("verify relu", "junit"), ("claims", "sarif"), ("survey none.toml", "latex")]
    {
        let args: Vec<&str> = command.split(' ').chain(["--format", form]).collect();
        let out = actaudit(&args);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(2) && said.contains("this command writes text, json"), "{command}: {said}");
    }
}

/// The sheets that are quick to make, made anew, are those of the repository; each of the others names the definition of today and
/// the version of this program. What proofs and kernels changed since is seen by `make report` alone.
#[test]
fn pages_of_the_catalogue_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/catalog");
    let read = |name: &str| {
        fs::read_to_string(root.join(name)).unwrap_or_else(|e| panic!("{name}: {e}; `make report` writes it"))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let quick = ["relu", "srelu", "gelu", "hardswish"];
    let made = actaudit(&["report", "--activation", &quick.join(","), "--out", &folder.path().display().to_string()]);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    for name in quick.iter().flat_map(|id| [format!("{id}.md"), format!("{id}.svg")]) {
        let new = fs::read_to_string(folder.path().join(&name)).expect("is written");
        assert!(new == read(&name), "reports/catalog/{name} is out of date: `make report` writes it anew");
    }
    let (index, page) = (read("README.md"), read("catalog.html"));
    let mut expected: BTreeSet<String> = ["README.md", "claims.md", "catalog.html"].map(str::to_owned).into();
    for definition in catalog::all() {
        let id = &definition.id;
        assert!(read(&format!("{id}.md")).contains(&fingerprint(definition)), "{id}.md is out of date: `make report`");
        assert!(
            index.contains(&format!("]({id}.md)")) && page.contains(&format!("id=\"act-{id}\"")),
            "{id} is not in the index"
        );
        expected.extend([format!("{id}.md"), format!("{id}.svg")]);
    }
    let entries = fs::read_dir(&root).expect("a folder").filter_map(Result::ok);
    let there: BTreeSet<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(there, expected, "reports/catalog/ has what `actaudit report` writes, and nothing else");
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let claims = actaudit(&["claims", "--format", "markdown"]);
    assert_eq!(read("claims.md"), format!("# Claims of papers\n\n{}", String::from_utf8_lossy(&claims.stdout)));
}
