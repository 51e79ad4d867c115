//! Every ```console block of the documents is run and compared. `TRYCMD=overwrite cargo test --test docs` rewrites them.

#[test]
fn console_examples_are_true() {
    trycmd::TestCases::new().case("README.md").case("ARCHITECTURE.md").case("CONTRIBUTING.md").case("docs/*.md");
}
