//! The examples of the documents are true. `TRYCMD=overwrite cargo test --test docs` rewrites the ```console blocks.

use actaudit::expr::Definition;

#[test]
fn console_examples_are_true() {
    trycmd::TestCases::new().case("README.md").case("ARCHITECTURE.md").case("CONTRIBUTING.md").case("docs/*.md");
}

#[test]
fn toml_examples_are_definitions() {
    let text = std::fs::read_to_string("CONTRIBUTING.md").expect("CONTRIBUTING.md is readable");
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "no example found");
    for block in blocks {
        if let Err(error) = Definition::from_toml(block, "CONTRIBUTING.md") {
            panic!("{error}");
        }
    }
}
