//! What somebody at a terminal sees. `script` (util-linux) runs a command in one.

use std::process::Command;

/// The command's output in a terminal of 80 columns, without what moves the cursor.
fn at_a_terminal(command: &str) -> String {
    let line = format!("stty cols 80; NO_COLOR=1 {} {command}", env!("CARGO_BIN_EXE_actaudit"));
    let out = Command::new("script").args(["--quiet", "--return", "--command", &line, "/dev/null"]).output();
    let out = out.expect("util-linux is there");
    String::from_utf8_lossy(&out.stdout).replace('\r', "\n")
}

/// Where an audit takes longer, what a quick one says stands there at once.
#[test]
fn a_first_look_comes_before_a_long_audit() {
    let args = "verify relu --dtype f16 --pass forward --effort exhaustive";
    let shown = at_a_terminal(args);
    let [first, answer] = ["a first look, at samples", "relu, effort exhaustive"].map(|text| shown.find(text));
    assert!(first.is_some() && first < answer, "{shown}");
    assert!(shown.contains("PASSED  native f16 forward"), "{shown}");
    for without in ["verify relu --dtype f16 --pass forward --effort quick", &format!("{args} --quiet")] {
        let shown = at_a_terminal(without);
        assert!(shown.contains("PASSED") && !shown.contains("first look"), "{shown}");
    }
}

/// The first look asks processes of its own: code that fails in its first calls only fails in the audit, too.
#[test]
fn a_first_look_takes_nothing_away_from_the_audit() {
    let folder = tempfile::tempdir().expect("a folder");
    let [source, library] = ["lazy.c", "liblazy.so"].map(|name| folder.path().join(name));
    let code = "#include <stddef.h>\n#include <stdint.h>\n\
                void lazy(const uint16_t *x, uint16_t *y, size_t n) {\n\
                static int calls;\nif (calls++ < 6) return;\n\
                for (size_t k = 0; k < n; k++) y[k] = (x[k] & 0x7fff) > 0x7c00 || !(x[k] & 0x8000) ? x[k] : 0;\n}\n";
    std::fs::write(&source, code).expect("is written");
    let cc = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).status();
    assert!(cc.expect("cc runs").success());
    let subject = format!("lib:{}:lazy,dtype=f16", library.display());
    let shown = at_a_terminal(&format!("verify relu --impl {subject} --pass forward --effort exhaustive"));
    let answer = shown.split("relu, effort exhaustive").nth(1).expect("an answer");
    assert!(answer.contains("FAILED"), "{shown}");
}
