//! Schemas of outputs: those in docs/schemas/ are what the program prints, and what commands print is as they say.
//! `INSTA_UPDATE=always cargo test --test program schemas::` writes them anew.

use super::gate::{Sample, all, audit};
use super::there::{onnx_models, there};
use super::valid::{File, problems, validators};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn actaudit(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_actaudit")).args(args).current_dir(folder).output().expect("it runs")
}

/// What has a schema, as the error lists it.
fn names() -> Vec<String> {
    let refused = actaudit(Path::new(ROOT), &["schema", "nothing"]);
    let said = String::from_utf8_lossy(&refused.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    let list = said.split("expected one of ").nth(1).expect("a list").replace(['│', ','], " ");
    list.split_whitespace().map(str::to_owned).collect()
}

fn committed(name: &str) -> PathBuf {
    Path::new(ROOT).join(format!("docs/schemas/{name}.json"))
}

#[test]
fn schemas_are_current() {
    for name in names() {
        let made = actaudit(Path::new(ROOT), &["schema", &name]).stdout;
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            fs::write(committed(&name), &made).expect("is written");
        }
        assert!(fs::read(committed(&name)).is_ok_and(|text| text == made), "docs/schemas/{name}.json is not current");
    }
}

/// Commands of which the output is held against the schema, by its name. `training` in tests/audits/train.rs has that of `train`.
const COMMANDS: &[(&str, &str)] = &[
    ("bound", "bound relu --quantity range"),
    ("bound", "bound gelu --digits 8"),
    ("claims", "claims --only srelu"),
    ("continuity", "continuity srelu"),
    ("continuity", "continuity --expr max(x,sin(x))"),
    ("diff", "diff a.json b.json"),
    ("doctor", "doctor"),
    ("error", "bound gelo"),
    ("explain", "explain"),
    ("explain", "explain verdicts"),
    ("gate", "gate"),
    ("accept", "accept"),
    ("accept", "accept --all"),
    ("identify", "identify native --of silu --dtype f16"),
    ("list", "list"),
    ("mollify", "mollify relu --kernel epanechnikov"),
    ("mollify", "mollify relu --compare"),
    ("mollify", "mollify relu --max-error 1e-3 --max-curvature 130"),
    ("plan", "plan verify gelu"),
    ("plan", "plan verify gelu relu"),
    ("power", "power --atol 1e-3"),
    ("power", "power"),
    ("propagate", "propagate relu"),
    ("propagate", "propagate gelu relu --layers 2"),
    ("recheck", "recheck c.json actaudit.toml"),
    ("reference", "reference relu"),
    ("report", "report --activation relu --out sheets"),
    ("show", "show gelu"),
    ("survey", "survey plan.toml --effort quick --dtype f16"),
    ("verify", "verify gelu --impl native:naive --dtype f16,bf16 --effort quick"),
    ("verify", "verify relu --dtype f16 --input 1 --input=-0"),
    ("verify", "verify gelu silu --impl native --impl native:naive --dtype bf16 --effort quick"),
];

#[test]
fn outputs_are_as_their_schemas_say() {
    if !there(validators()) {
        return;
    }
    let sample = Sample::new(&(audit("regressed", "baseline = true") + &audit("right", "max_ulp = 0")));
    let folder = sample.path("");
    let plan = "title = 'one'\n[[implementation]]\nname = 'ours'\nsubject = 'native:naive'\nactivations = ['gelu']\n";
    sample.write("plan.toml", plan);
    sample.run(&["gate", "--bless"]);
    for (name, impls) in [("a.json", "native"), ("b.json", "native:naive")] {
        sample.run(&[
            "verify", "silu", "--impl", impls, "--dtype", "f16", "--effort", "quick", "--format", "json", "-o", name,
        ]);
    }
    sample.run(&["bound", "gelu", "--quantity", "lipschitz", "--certificate", "c.json"]);
    sample.run(&["verify", "relu", "--dtype", "f16", "--effort", "quick", "--events", "events.jsonl"]);
    let mut files: Vec<File> = vec![("jsonl", committed("events"), sample.path("events.jsonl"))];
    let model = onnx_models().map(|models| format!("identify onnx:{}", models.join("silero-vad.onnx").display()));
    let model = model.as_deref().map(|command| ("identify", command)).ok().filter(|_| there(onnx_models()));
    for (k, (name, command)) in COMMANDS.iter().chain(&model).enumerate() {
        let args: Vec<&str> = command.split(' ').chain(["--format", "json"]).collect();
        let out = actaudit(&folder, &args);
        let file = sample.path(&format!("{k}.json"));
        fs::write(&file, &out.stdout).expect("is written");
        let wrong = out.stdout.starts_with(b"{\n  \"schema\": \"actaudit.error") && *name != "error";
        assert!(!wrong && !out.stdout.is_empty(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
        files.push(("json", committed(name), file));
    }
    assert_eq!(problems(&files), "");
    let held: BTreeSet<&str> = COMMANDS.iter().map(|(name, _)| *name).chain(["events", "train"]).collect();
    assert_eq!(names().iter().map(String::as_str).collect::<BTreeSet<_>>(), held);
    // a schema that lets everything pass is none
    sample.write("other.json", "{\"schema\": 1}");
    let other = |name: &String| ("json", committed(name), sample.path("other.json"));
    let refused = problems(&names().iter().map(other).collect::<Vec<File>>());
    assert_eq!(refused.lines().count(), names().len(), "{refused}");
}

/// What a gate writes for other systems is what their published schemas ask for, and what one of their readers reads.
#[test]
fn forms_of_the_gate_are_as_published() {
    let published = Path::new(ROOT).join(".deps/schemas");
    if !there(validators()) {
        return;
    }
    let sample = Sample::new(all().split("[[claims]]").next().unwrap_or_default());
    for (k, flags) in [&[][..], &["-DREGRESSION"]].into_iter().enumerate() {
        sample.compile(flags);
        let write = |form: &str| {
            let file = format!("{k}.{form}");
            sample.run(&["gate", "--format", form, "-o", &file]);
            sample.path(&file)
        };
        let mut files: Vec<File> = vec![("junit", PathBuf::new(), write("junit"))];
        // out of packages of npm, which not every machine has
        if published.is_dir() {
            files.push(("xml", published.join("junit.xsd"), write("junit")));
            files.push(("json", published.join("sarif.json"), write("sarif")));
        }
        assert_eq!(problems(&files), "");
    }
    if published.is_dir() {
        sample.write("broken.sarif", "{\"version\": \"2.1.0\", \"runs\": [{}]}");
        sample.write("broken.xml", "<testsuites><testsuite><testcase/></testsuite></testsuites>");
        let files = [
            ("json", published.join("sarif.json"), sample.path("broken.sarif")),
            ("xml", published.join("junit.xsd"), sample.path("broken.xml")),
        ];
        assert_eq!(problems(&files).lines().filter(|line| line.contains("broken.")).count().min(2), 2);
    }
}
