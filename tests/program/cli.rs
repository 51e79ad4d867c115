//! The command-line contract: exit codes, JSON, errors, and text as people see it.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn actaudit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .args(args)
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary was built with the tests")
}

/// Exit code, standard output and standard error in one text.
fn run(args: &[&str]) -> String {
    let out = actaudit(args);
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    format!("exit {}\n{}{}", out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

fn json(args: &[&str]) -> Value {
    let out = actaudit(args);
    serde_json::from_slice(&out.stdout).expect("standard output holds one JSON object and nothing else")
}

#[test]
fn what_is_unbounded_is_proved_to_be() {
    let out = actaudit(&["verify", "exp", "--dtype", "bf16", "--pass", "forward", "--effort", "quick", "--quiet"]);
    let text = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{text}");
    // the distance to relu is infinite, so there is nothing to say of it
    assert!(text.contains("lipschitz sup |f'|") && !text.contains("undecided") && !text.contains("distance"), "{text}");
}

macro_rules! shown {
    ($($name:ident: $($arg:literal)*;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), run(&[$($arg),*]));
        }
    )*};
}

shown! {
    list: "list";
    show_gelu: "show" "gelu";
    explain: "explain";
    explain_ulp: "explain" "ulp";
    bound_gelu: "bound" "gelu" "--quantity" "lipschitz" "--digits" "30" "--format" "json";
    bound_gelu_text: "bound" "gelu" "--quantity" "lipschitz" "--digits" "50";
    bound_mish: "bound" "mish" "--quantity" "lipschitz" "--digits" "30";
    bound_srelu_distance: "bound" "srelu" "--quantity" "distance" "--to" "relu";
    bound_srelu_lipschitz: "bound" "srelu" "--quantity" "lipschitz" "-p" "alpha=1/10";
    bound_elu_range: "bound" "elu" "--quantity" "range";
    bound_hardshrink: "bound" "hardshrink" "--quantity" "lipschitz";
    bound_sqrt: "bound" "--definition" "tests/definitions/root.toml" "--quantity" "lipschitz";
    bound_domain: "bound" "silu" "--quantity" "slope" "--domain=-1..1";
    continuity_srelu: "continuity" "srelu";
    continuity_gem: "continuity" "gem" "-p" "N=3" "--format" "json";
    continuity_off_by_a_hair: "continuity" "--definition" "tests/definitions/off_by_1e-18.toml";
    own_definition: "bound" "--definition" "tests/definitions/own.toml" "--quantity" "lipschitz" "-p" "c=3";
    own_distance: "bound" "--definition" "tests/definitions/own.toml" "--quantity" "distance" "--to" "expr:x/2";
    own_class: "continuity" "--definition" "tests/definitions/own.toml";
    expression: "bound" "--expr" "x*sigmoid(b*x)" "-p" "b=2" "--quantity" "lipschitz";
    reference_srelu: "reference" "srelu";
    claims_gelu: "claims" "--only" "fact1-gelu";
    spent_budget: "bound" "gelu" "--quantity" "lipschitz" "--max-boxes" "3";
    unknown_activation: "bound" "gelo" "--quantity" "range";
    unknown_quantity: "bound" "gelu" "--quantity" "height";
    unknown_parameter: "bound" "gelu" "--quantity" "range" "-p" "alpha=1";
    bad_parameter: "bound" "srelu" "--quantity" "range" "-p" "alpha=0";
    bad_expression: "bound" "--expr" "x*sigmod(x" "--quantity" "range";
    bad_domain: "bound" "gelu" "--quantity" "range" "--domain=1..0";
    no_other: "bound" "gelu" "--quantity" "distance";
    no_file: "bound" "--definition" "tests/definitions/absent.toml" "--quantity" "range";
    two_subjects: "verify" "srelu" "--impl" "native:paper" "--impl" "native" "--dtype" "f16" "--pass" "forward" "--check" "ulp";
    verify_what_fails: "verify" "gelu" "--impl" "native:naive" "--dtype" "f16" "--pass" "forward";
    verify_own_kernel: "verify" "relu" "--dtype" "bf16";
    verify_every_row: "verify" "gelu" "--impl" "native" "--dtype" "f16,f64" "--effort" "quick" "--all";
    verify_no_code: "verify" "--expr" "x*sigmoid(2*x)";
    verify_known_defect: "verify" "gelu" "--impl" "defect:1-gelu" "--dtype" "f32" "--pass" "forward" "--effort" "quick";
    verify_position: "verify" "gelu" "--impl" "defect:12-gelu" "--dtype" "f16" "--pass" "forward" "--effort" "quick" "--check" "position";
    verify_one_input: "verify" "gelu" "--impl" "native:naive" "--dtype" "f32,half" "--input" "-7.25";
    verify_bits: "verify" "relu" "--dtype" "f16" "--pass" "backward" "--input" "0x7bff" "--input" "-inf" "--input" "nan";
    verify_bits_json: "verify" "relu" "--dtype" "f16" "--pass" "backward" "--input" "0x7bff" "--check" "ulp" "--format" "json";
    verify_several: "verify" "relu" "tanh" "--impl" "native" "--dtype" "f16" "--effort" "quick";
    verify_lacks_the_pass: "verify" "gelu" "--pass" "double";
    bits_of_which_format: "verify" "relu" "--input" "0x7bff";
    no_input: "verify" "relu" "--dtype" "f16" "--input" "one";
    nearest_check: "verify" "relu" "--check" "lipshitz";
    nearest_pass: "verify" "relu" "--pass" "backwards";
    parameter_without_a_value: "bound" "--expr" "x*sigmoid(b*x)";
    show_relu: "show" "relu";
    explain_verdicts: "explain" "verdicts";
    explain_proved: "explain" "proved";
    explain_exit_codes: "explain" "exit-codes";
    explain_expressions: "explain" "expressions";
    explain_nothing: "explain" "lipschitzz";
    identify_an_activation: "identify" "gelu";
    identify_weights: "identify" "model.pt";
    identify_a_model: "identify" "absent.onnx";
    identify_a_library: "identify" "./absent.so";
    undefined_bound: "bound" "--expr" "log(x)" "--quantity" "range";
    all_stands_by_a_parameter: "claims" "tests/claims/all.toml";
    an_error_as_json: "bound" "gelo" "--format" "json";
    usage_as_json: "verify" "gelu" "--pass" "bak" "--format" "json";
    unknown_subject: "verify" "gelu" "--impl" "native:fast";
    unknown_format: "verify" "gelu" "--dtype" "f8";
    unknown_declaration: "verify" "gelu" "--declare" "flash";
    mollify_relu: "mollify" "relu" "--kernel" "epanechnikov";
    mollify_relu_json: "mollify" "relu" "--kernel" "epanechnikov" "--radius" "1/1000" "--format" "json";
    mollify_latex: "mollify" "relu" "--kernel" "epanechnikov" "--emit" "latex";
    mollify_toml: "mollify" "prelu" "--kernel" "triweight" "--emit" "toml" "-p" "a=1/10";
    mollify_gaussian: "mollify" "leaky_relu" "--kernel" "gaussian";
    mollify_pieces: "mollify" "relu6" "--kernel" "uniform";
    mollify_merged: "mollify" "relu6" "--kernel" "uniform" "--radius" "4";
    mollify_jump: "mollify" "step" "--kernel" "uniform" "--radius" "3";
    mollify_grows: "mollify" "relu2" "--kernel" "epanechnikov";
    mollify_own_kernel: "mollify" "abs" "--kernel" "tests/definitions/kernel.toml";
    mollify_compare: "mollify" "relu" "--compare";
    mollify_design: "mollify" "relu" "--max-error" "1e-3" "--max-curvature" "150" "--class" "2" "--lipschitz" "1";
    mollify_design_json: "mollify" "relu" "--max-error" "1/100" "--class" "5" "--format" "json";
    mollify_impossible: "mollify" "relu" "--max-error" "1e-3" "--max-curvature" "10" "--class" "4" "--lipschitz" "1";
    mollify_unscalable: "mollify" "relu6" "--max-error" "1e-3";
    mollify_without_kernel: "mollify" "relu";
    mollify_unknown_kernel: "mollify" "relu" "--kernel" "epanechnikof";
    mollify_bump: "mollify" "relu" "--kernel" "bump";
    mollify_no_moment: "mollify" "relu" "--kernel" "cauchy";
    mollify_no_polynomial: "mollify" "gelu" "--kernel" "uniform";
    mollify_not_even: "mollify" "relu" "--kernel" "expr:normpdf(x - 1)";
    mollify_not_normalised: "mollify" "relu" "--kernel" "tests/definitions/kernel_1.0001.toml";
    mollify_zero_radius: "mollify" "relu" "--kernel" "uniform" "--radius" "0";
    mollify_nan_radius: "mollify" "relu" "--kernel" "uniform" "--radius" "nan";
    mollify_emit_as_json: "mollify" "relu" "--kernel" "uniform" "--emit" "toml" "--format" "json";
    mollify_c: "mollify" "relu" "--kernel" "biweight" "--radius" "1/1000" "--emit" "c" "--dtype" "f16" "--name" "soft";
    mollify_code_options_alone: "mollify" "relu" "--kernel" "uniform" "--dtype" "f16";
    emit_c: "emit" "gelu" "--target" "c";
    emit_c_pieces: "emit" "srelu" "--target" "c" "--dtype" "bf16";
    emit_rust: "emit" "gelu" "--target" "rust" "--dtype" "f16";
    emit_cuda: "emit" "silu" "--target" "cuda" "--dtype" "f16";
    emit_triton: "emit" "softsign" "--target" "triton" "--dtype" "bf16";
    emit_torch: "emit" "srelu" "--target" "torch" "-p" "alpha=1/10" "--dtype" "f16";
    emit_jax: "emit" "mish" "--target" "jax";
    emit_numpy: "emit" "--expr" "x*sigmoid(1.702*x)" "--target" "numpy" "--name" "quick";
    emit_latex: "emit" "relu" "--target" "latex";
    emit_lacks_a_function: "emit" "gelu" "--target" "numpy";
    emit_lacks_a_format: "emit" "gelu" "--target" "triton" "--dtype" "f64";
    emit_no_float: "emit" "--expr" "x*1e60*sigmoid(x)" "--target" "c" "--dtype" "f16";
    emit_no_name: "emit" "relu" "--target" "c" "--name" "7up";
    emit_options_of_code: "emit" "relu" "--target" "toml" "--dtype" "f16";
    emit_as_json: "emit" "relu" "--target" "c" "--format" "json";
    propagate_gelu: "propagate" "gelu";
    propagate_relu: "propagate" "relu" "--layers" "1,10,100,1000";
    propagate_srelu: "propagate" "srelu" "-p" "alpha=1" "--format" "json";
    propagate_tanh: "propagate" "tanh" "--sigma-b2" "0.05";
    propagate_several: "propagate" "relu" "gelu" "tanh" "srelu(alpha=1)" "--layers" "1,100";
    propagate_no_bound: "propagate" "relu2";
    propagate_no_variance: "propagate" "gelu" "--q" "0";
    show_srelu: "show" "srelu";
    show_hardswish: "show" "hardswish";
    plan_verify: "plan" "verify" "gelu";
    plan_verify_json: "plan" "verify" "gelu" "--impl" "native" "--dtype" "f32,f64" "--effort" "quick" "--format" "json";
}

/// What `--emit toml` writes is a definition like any other.
#[test]
fn what_is_mollified_is_a_definition() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    let file = path.to_str().expect("a path");
    let made = actaudit(&["mollify", "relu", "--kernel", "biweight", "--emit", "toml", "-o", file]);
    assert_eq!((made.status.code(), made.stdout.len()), (Some(0), 0));
    let v = json(&["continuity", "--definition", file, "--format", "json"]);
    assert_eq!((&v["order"], &v["verdict"]), (&3.into(), &"proved".into()));
    let distance = ["bound", "--definition", file, "--quantity", "distance", "--to", "relu", "-p", "alpha=1/2"];
    let v = json(&[&distance[..], &["--format", "json"]].concat());
    assert_eq!((&v["exact"], &v["verdict"]), (&"0.078125".into(), &"proved".into()));
    // and it can be smoothed again
    let v = json(&["mollify", "--definition", file, "--kernel", "uniform", "--radius", "1/4", "--format", "json"]);
    assert_eq!((&v["order"], &v["verdict"]), (&4.into(), &"proved".into()));
}

/// Lines fit, whatever is asked; commands and names apart.
#[test]
fn mollify_fits_the_page() {
    for rest in [
        &["relu", "--kernel", "tricube"][..],
        &["s_shaped_relu", "--kernel", "triweight"],
        &["relu", "--compare"],
        &["abs", "--max-error", "1e-3", "--max-curvature", "10"],
    ] {
        let text = run(&[&["mollify"][..], rest].concat());
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
        // an expression without blanks is not broken
        assert!(long.iter().all(|line| line.trim().split(' ').any(|word| word.chars().count() > 60)), "{long:#?}");
    }
}

#[test]
fn thirty_digits_agree() {
    for name in ["gelu", "silu", "mish"] {
        let v = json(&["bound", name, "--quantity", "lipschitz", "--digits", "30", "--format", "json"]);
        let (lower, upper) = (v["lower"].as_str().expect("text"), v["upper"].as_str().expect("text"));
        assert_eq!(lower[..31], upper[..31], "{name}");
        assert_eq!((&v["verdict"], &v["attained"]), (&"proved".into(), &"point".into()));
    }
}

/// What is looked at does not depend on the machine, nor on how many threads there are; and so the report does not.
#[test]
fn a_plan_and_what_comes_of_it_do_not_depend_on_threads() {
    let plan = ["plan", "verify", "silu", "--effort", "standard"];
    let audit =
        ["verify", "silu", "--impl", "native:naive", "--dtype", "f16,f64", "--pass", "forward", "--format", "json"];
    for command in [&plan[..], &audit[..]] {
        let [one, two] = ["1", "2"].map(|jobs| run(&[command, &["--jobs", jobs]].concat()));
        assert!(one == two && one.len() > 500, "{one}\n{two}");
    }
    let text = run(&plan);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // native code: all of f32, whatever it takes; f64 cannot be
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("f32 forward exhaustive 4,294,967,296").count(), 1, "{text}");
    assert_eq!(words.matches("f64 forward sampled 1,114,112").count(), 2, "{text}");
}

#[test]
fn the_same_subject_twice_differs_nowhere() {
    let twice = ["--impl", "native", "--impl", "native"];
    let v =
        json(&[&["verify", "relu", "--dtype", "f16", "--pass", "backward", "--format", "json"], &twice[..]].concat());
    let found = &v["differences"][0];
    assert_eq!((&found["inputs"], &found["differ"]), (&65_536.into(), &0.into()));
    assert_eq!((&found["evidence"], &found["between"]), (&"exhaustive".into(), &Value::Null));
    let one = json(&["verify", "relu", "--impl", "native", "--dtype", "f16", "--format", "json"]);
    assert!(one["differences"].is_null());
}

#[test]
fn gelus_published_constant_is_refuted_with_a_witness() {
    let v = json(&["claims", "--only", "fact1-gelu-bound", "--format", "json"]);
    let claim = &v["claims"][0];
    assert_eq!(claim["verdict"], "refuted");
    assert!(claim["witness"].as_str().is_some_and(|w| w.contains("x = 1.414")), "{claim}");
}

#[test]
fn every_claim_comes_out_as_declared() {
    let out = actaudit(&["claims"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
}

/// A claim that is false by 1e-12 fails the command, and an unexpected truth does too.
#[test]
fn surprises_fail_in_both_directions() {
    for (file, id) in
        [("tests/claims/too_small.toml", "refuted"), ("tests/claims/true_but_declared_false.toml", "proved")]
    {
        let out = actaudit(&["claims", file, "--format", "json"]);
        assert_eq!(out.status.code(), Some(1));
        let v: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        assert_eq!(v["claims"][0]["verdict"], id);
    }
}

/// What is proved can be checked again, and what was changed is rejected.
#[test]
fn certificates_are_accepted_and_tampering_is_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("c.json");
    let file = path.to_str().expect("a name in UTF-8");
    let cases: [&[&str]; 8] = [
        &["bound", "gelu", "--quantity", "lipschitz"],
        &["bound", "gelu", "--quantity", "distance", "--to", "relu"],
        &["bound", "silu", "--quantity", "slope"],
        &["bound", "mish", "--quantity", "lipschitz"],
        &["bound", "srelu", "--quantity", "lipschitz"],
        &["bound", "srelu", "--quantity", "distance", "--to", "relu"],
        &["bound", "tanh", "--quantity", "range"],
        &["continuity", "srelu"],
    ];
    for case in cases {
        let made = actaudit(&[case, &["--certificate", file]].concat());
        assert_eq!(made.status.code(), Some(0), "{case:?}");
        let checked = run(&["recheck", file]);
        assert!(checked.starts_with("exit 0\naccepted"), "{case:?}: {checked}");
        let text = std::fs::read_to_string(&path).expect("written");
        let v: Value = serde_json::from_str(&text).expect("JSON");
        if v["kind"] == "supremum" {
            reject(&path, hole(v.clone()), case);
            reject(&path, lowered(v), case);
        }
    }
}

/// Every claim's proof, and the whole audit of a definition, in one file each.
#[test]
fn many_certificates_in_one_file_are_checked_one_by_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("all.json");
    let file = path.to_str().expect("UTF-8");
    let cases: [&[&str]; 2] =
        [&["claims", "--only", "fact1"], &["verify", "srelu", "--dtype", "f16", "--effort", "quick", "--quiet"]];
    for case in cases {
        let made = actaudit(&[case, &["--certificate", file]].concat());
        assert_eq!(made.status.code(), Some(0), "{case:?}");
        let checked = run(&["recheck", file]);
        assert!(checked.starts_with("exit 0\naccepted") && !checked.contains("rejected"), "{case:?}: {checked}");
    }
}

#[test]
fn the_committed_report_of_claims_is_current() {
    let out = actaudit(&["claims"]);
    assert_eq!(String::from_utf8_lossy(&out.stdout), include_str!("../../reports/claims.txt"));
}

fn hole(mut v: Value) -> Value {
    let leaves = v["sides"][0]["leaves"].as_array_mut().expect("leaves");
    leaves.remove(leaves.len() / 2);
    v
}

/// The bound made smaller by 1e-12, relatively.
fn lowered(mut v: Value) -> Value {
    for side in v["sides"].as_array_mut().expect("sides") {
        let upper = side["upper"].as_str().expect("text").to_string();
        side["upper"] = format!("({upper})*(1 - 1e-12) - 1e-15").into();
    }
    v
}

fn reject(path: &Path, v: Value, case: &[&str]) {
    std::fs::write(path, v.to_string()).expect("written");
    let out = run(&["recheck", path.to_str().expect("UTF-8")]);
    assert!(out.starts_with("exit 1\nrejected"), "{case:?}: {out}");
}

#[test]
fn results_go_to_a_file_and_nothing_to_standard_output() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("out.json");
    let out = actaudit(&[
        "bound",
        "relu",
        "--quantity",
        "lipschitz",
        "--format",
        "json",
        "-o",
        path.to_str().expect("UTF-8"),
    ]);
    assert!(out.status.success() && out.stdout.is_empty());
    let text = std::fs::read_to_string(path).expect("written");
    assert!(text.contains("actaudit.bound.v1"));
}

/// Nobody reads any more: that is no error, and no panic, whoever stops listening.
#[test]
fn closed_pipes_end_quietly() {
    let run = |script: &str| {
        let out = Command::new("bash")
            .args(["-c", &script.replace("actaudit", env!("CARGO_BIN_EXE_actaudit"))])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("bash runs");
        (String::from_utf8_lossy(&out.stdout).trim().to_owned(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    for command in ["list", "show gelu", "inputs gelu --dtype f16", "bound gelu --quantity range", "--help", "explain"]
    {
        // the reader is gone before anything is written
        let (code, errors) = run(&format!("exec 3>&1; {{ sleep 0.3; actaudit {command}; echo $? >&3; }} | true"));
        assert_eq!((code.as_str(), errors.as_str()), ("0", ""), "{command}");
    }
    for (command, expected) in [("bound gelo", "2"), ("verify gelu --impl native:none", "4"), ("verify --nothing", "2")]
    {
        let script = format!("exec 3>&1; {{ sleep 0.3; actaudit {command}; echo $? >&3; }} 2>&1 >/dev/null | true");
        assert_eq!(run(&script), (expected.to_owned(), String::new()), "{command}");
    }
}

/// What is printed fits 80 columns where there is no terminal, but for commands to copy.
#[test]
fn reports_fit_eighty_columns() {
    for args in [
        &["verify", "gelu", "--impl", "native:naive", "--dtype", "f16,f32", "--effort", "quick"][..],
        &["verify", "gelu", "--dtype", "f16", "--effort", "quick", "--all", "--regions"],
        &["bound", "gelu", "--to", "relu"],
        &["continuity", "srelu"],
        &["explain"],
        &["explain", "lipschitz"],
        &["explain", "expressions"],
        &["explain", "verdicts"],
    ] {
        let out = actaudit(args);
        let text = String::from_utf8_lossy(&out.stdout);
        let long = text.lines().find(|line| line.chars().count() > 80 && !line.starts_with("    again "));
        assert_eq!(long, None, "{args:?}");
    }
}

/// Every command says by examples how it is used, how it ends, and what of the environment it reads.
#[test]
fn help_has_examples_exit_codes_and_environment() {
    let commands = [
        "list",
        "show",
        "explain",
        "bound",
        "continuity",
        "claims",
        "reference",
        "recheck",
        "verify",
        "plan",
        "plan verify",
        "identify",
        "power",
        "survey",
        "inputs",
    ];
    for command in commands {
        let args: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let text = run(&args);
        for part in ["exit 0\n", "\nExample", "\nExit codes: 0", "\nEnvironment: "] {
            assert!(text.contains(part), "{command}: no {part:?} in {text}");
        }
    }
}

/// A certificate that is rejected says nothing against its statement.
#[test]
fn a_rejected_certificate_is_not_called_a_refutation() {
    let v = json(&["recheck", "tests/claims/too_small.toml", "--format", "json"]);
    assert_eq!(v["certificates"][0]["verdict"], "rejected", "{v}");
}

/// Events tell of each unit when it is done what the report says in the end.
#[test]
fn events_are_lines_that_hold_what_the_report_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("events.jsonl");
    let file = path.to_str().expect("UTF-8");
    let args = ["verify", "relu", "--dtype", "f16,bf16", "--pass", "forward", "--effort", "quick", "--format", "json"];
    let out = actaudit(&[&args[..], &["--events", file]].concat());
    let report: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let text = std::fs::read_to_string(&path).expect("is there");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let names: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(names.len(), lines.len());
    assert_eq!((names[0], names[names.len() - 1]), ("run_started", "run_finished"));
    assert_eq!((&lines[0]["schema"], &lines[0]["units"]), (&Value::from("actaudit.events.v1"), &Value::from(2)));
    let place = |event: &str, dtype: &str| {
        lines.iter().position(|line| line["event"] == event && line["dtype"] == dtype).expect("is told")
    };
    let mut told = vec![];
    for dtype in ["f16", "bf16"] {
        let finished = place("unit_finished", dtype);
        assert!(place("unit_started", dtype) < finished && lines[finished]["complete"] == true);
        told.extend(lines[finished]["results"].as_array().expect("results").clone());
    }
    let all = report.pointer("/results").and_then(Value::as_array).expect("results");
    assert!(!told.is_empty() && all.iter().all(|row| told.contains(row)) && all.len() == told.len());
    // of progress there is little, and it goes forward
    let done: Vec<u64> = lines.iter().filter_map(|line| line["done"].as_u64()).collect();
    assert!(done.is_sorted() && done.len() < 100, "{done:?}");
    // what cannot be written is said at the end, and the report is not lost
    let refused = run(&[&args[..], &["--events", "/dev/full"]].concat());
    let said = refused.contains("--events: cannot be written") && refused.contains("actaudit.verify.v1");
    assert!(refused.starts_with("exit 2") && said, "{refused}");
    let refused = run(&[&args[..], &["--events", file, "-o", file]].concat());
    assert!(refused.starts_with("exit 2") && refused.contains("is named for two results"), "{refused}");
    let refused = run(&[&args[..], &["--events", "no/such/folder"]].concat());
    assert!(refused.starts_with("exit 2") && refused.contains("--events no/such/folder"), "{refused}");
}
