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
