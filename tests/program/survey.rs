//! `actaudit survey`: what it writes, and what it refuses.

use actaudit::internal::Plan;
use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

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

/// Killed at random moments, a survey loses the units that were running, one for each job at most, and ends with the same report.
#[test]
fn a_killed_survey_loses_no_more_than_what_was_running() {
    const JOBS: usize = 2;
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plan.toml");
    let ids = ["gelu", "silu", "mish", "elu", "softplus", "sigmoid", "gem", "gelu_tanh"].map(|id| format!("'{id}'"));
    let column = |name: &str| {
        format!("[[implementation]]\nname = '{name}'\nsubject = '{name}'\nactivations = [{}]\n", ids.join(", "))
    };
    std::fs::write(&plan, format!("title = 'killed'\n{}{}", column("native"), column("native:naive")))
        .expect("is written");
    let path = folder.path().join("journal");
    let [plan, journal] = [&plan, &path].map(|p| p.to_str().expect("a plain name").to_owned());
    let jobs = JOBS.to_string();
    let args =
        ["survey", &plan, "--dtype", "f16,bf16", "--effort", "quick", "--jobs", &jobs, "--format", "json", "--quiet"];
    let started = |keep: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_actaudit"));
        command.args(args).stdout(Stdio::piped());
        if keep {
            command.args(["--keep", &journal]);
        }
        command.spawn().expect("starts")
    };
    let begin = Instant::now();
    let expected = started(false).wait_with_output().expect("ends").stdout;
    let takes = begin.elapsed();
    let lines = |text: &str| -> Vec<(String, bool)> {
        let line = |line: &str| {
            let v: serde_json::Value = serde_json::from_str(line).expect("whole lines");
            (v["unit"].as_str().expect("a key").to_owned(), v["records"].is_array())
        };
        text.lines().map(line).collect()
    };
    // any spread of moments will do; this one is another one each time
    let mut random = RandomState::new().build_hasher().finish();
    let (mut kept, mut killed) = (String::new(), 0);
    for _ in 0..20 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = takes.mul_f64((random >> 40) as f64 / (1u64 << 24) as f64 / 6.0);
        let mut child = started(true);
        sleep(moment);
        killed += usize::from(child.try_wait().expect("is ours").is_none());
        child.kill().expect("SIGKILL");
        child.wait().expect("ends");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        // what was whole stays as it was; a torn last line is no line
        assert!(text.starts_with(&kept), "{moment:?}");
        let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let new = lines(&whole[kept.len()..]);
        let done = new.iter().filter(|(_, done)| *done).count();
        assert!(new.len() - done <= done + JOBS, "{} units began and {done} are done", new.len() - done);
        kept = whole.to_owned();
    }
    assert!(killed >= 5, "only {killed} of 20 were killed before their end");
    let last = started(true).wait_with_output().expect("ends").stdout;
    assert!(last == expected, "{}", String::from_utf8_lossy(&last));
    let all = lines(&std::fs::read_to_string(&path).expect("is there"));
    let done: Vec<&str> = all.iter().filter(|(_, done)| *done).map(|(key, _)| key.as_str()).collect();
    assert_eq!(done.len(), 2 * 8 * 2 * 2, "no unit was done twice");
    assert_eq!(BTreeSet::from_iter(&done).len(), done.len());
    println!("{killed} of 20 runs were killed; {} units began {} times", done.len(), all.len() - done.len());
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
