//! `actaudit survey`: what it writes, and what it refuses.

use actaudit::internal::Plan;
use std::process::Command;

fn survey(args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_actaudit"))
        .arg("survey")
        .args(args)
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary was built with the tests");
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    format!("exit {}\n{}{}", out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

#[test]
fn implementations_are_put_side_by_side() {
    insta::assert_snapshot!(survey(&["tests/survey/plan.toml", "--dtype", "f16", "--effort", "quick"]));
}

#[test]
fn the_same_as_json() {
    let args = ["tests/survey/plan.toml", "--dtype", "bf16", "--pass", "forward", "--format", "json"];
    let text = survey(&args);
    let v: serde_json::Value = serde_json::from_str(text.trim_start_matches("exit 4\n")).expect("one JSON object");
    assert_eq!(v["schema"], "actaudit.survey.v1");
    let audits = v["audits"].as_array().expect("a list");
    let of = |k: usize, key: &str| audits[k][key].as_str().unwrap_or_default().to_owned();
    assert_eq!((of(0, "activation"), of(0, "implementation")), ("hardsigmoid_keras".into(), "ours".into()));
    assert!(of(3, "absent").contains("cannot open the library"), "{}", audits[3]);
    assert_eq!(v["passes"], serde_json::json!(["forward"]));
}

/// What is kept is used, as can be seen if it is changed; but not by another build.
#[test]
fn what_is_kept_is_not_done_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept.jsonl");
    let file = path.to_str().expect("a plain name");
    let args = ["tests/survey/plan.toml", "--dtype", "f16", "--effort", "quick", "--keep", file];
    let first = survey(&args);
    let text = std::fs::read_to_string(&path).expect("is written");
    // a unit for each of both directions; the one that is not there is asked for again
    assert_eq!((text.matches("\"records\":").count(), text.contains("absent.so")), (6, false));
    let changed = text.replace("\"measured\":[\"4", "\"measured\":[\"1").replace(",\"4.", ",\"1.4");
    assert_ne!(changed, text);
    std::fs::write(&path, &changed).expect("is written");
    assert_ne!(survey(&args), first);
    let line: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    let build = line["build"].as_str().expect("a hash");
    std::fs::write(&path, changed.replace(build, &build.chars().rev().collect::<String>())).expect("is written");
    assert_eq!(survey(&args), first);
    let refused = survey(&[&args[..6], &["tests/survey/plan.toml"]].concat());
    assert!(refused.starts_with("exit 2") && refused.contains("plan.toml:1: expected ident"), "{refused}");
}

#[test]
fn errors_name_the_place() {
    let refused = |args: &[&str], expected: &str| {
        let text = survey(args);
        assert!(text.starts_with("exit 2") && text.contains(expected), "{text}");
    };
    refused(&["tests/survey/absent.toml"], "cannot read tests/survey/absent.toml");
    refused(&["Cargo.toml"], "unknown field");
    refused(
        &["tests/survey/plan.toml", "--dtype", "f8"],
        "invalid value 'f8' for '--dtype <LIST>'\n  [possible values: f64, f32, f16, bf16]",
    );
    refused(
        &["tests/survey/plan.toml", "--pass", "sideways"],
        "invalid value 'sideways' for '--pass <LIST>'\n  [possible values: forward, backward, double]",
    );
}

/// The plugins say which version they were built with as their manifests demand it.
#[test]
fn plugins_name_the_version_of_their_framework() {
    for (plugin, framework) in [("candle", "candle-core"), ("burn", "burn-tensor")] {
        let file = |path: &str| {
            let path = format!("{}/plugins/{plugin}/{path}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).expect("a file of the project")
        };
        let manifest: toml::Table = file("Cargo.toml").parse().expect("TOML");
        let wanted = &manifest["dependencies"][framework];
        let wanted = wanted.get("version").unwrap_or(wanted).as_str().and_then(|v| v.strip_prefix('='));
        let named = format!("c\"{plugin}-{}\"", wanted.expect("an exact version"));
        assert!(file("src/lib.rs").contains(&named), "plugins/{plugin}/src/lib.rs should have {named}");
    }
}

/// The plan behind `make third-party` names functions that are there.
#[test]
fn the_plan_for_third_parties_fits_its_modules() {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |path: &str| std::fs::read_to_string(format!("{root}/{path}")).expect("a file of the project");
    let plan = Plan::read(&read("audits/third-party.toml"), "audits/third-party.toml").expect("a plan");
    for column in plan.columns() {
        for id in plan.activations() {
            let Some(subject) = column.subject(id) else { continue };
            let Some((module, rest)) = subject.strip_prefix("python:").and_then(|s| s.split_once(".py:")) else {
                continue;
            };
            let function = rest.split(',').next().unwrap_or_default();
            let there = |line: &str| {
                line.starts_with(&format!("def {function}(")) || line.starts_with(&format!("{function} = "))
            };
            assert!(read(&format!("{module}.py")).lines().any(there), "{module}.py has no {function}");
        }
    }
}
