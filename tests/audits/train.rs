//! Training with the program that links libtorch, on real data: it learns, what is planted is caught, a run that was broken off goes
//! on bit for bit, and every audit's smoke preset runs.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use super::there::there;
use actaudit::catalog;
use actaudit::internal::program;
use actaudit::internal::train::{Asked, AuditFile, Change, Size, findings};
use actaudit::internal::train::{
    Event, Fault, Function, Host, Keep, Model, Outcome, Plan, Recipe, Run, RunSpec, Task, run,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const PROGRAM: &str = env!("CARGO_BIN_EXE_actaudit");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program that trains and the folder with data sets, if both are there. Where npm could not fetch the addresses, the
/// documents of this repository are the text.
fn ready() -> Option<(PathBuf, PathBuf)> {
    static DATA: OnceLock<(PathBuf, Option<tempfile::TempDir>)> = OnceLock::new();
    actaudit::subject::use_worker(PROGRAM);
    let fetched = root().join(".deps/data");
    let digits = fetched.join("mnist-5k");
    let missing = || format!("{} is not there: run scripts/fetch-data.sh", digits.display());
    let program = program();
    if !there(program.as_ref().map(drop)) || !there(digits.is_dir().then_some(()).ok_or_else(missing)) {
        return None;
    }
    let (data, _) = DATA.get_or_init(|| {
        if fetched.join("addresses").is_dir() {
            return (fetched.clone(), None);
        }
        let own = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(&digits, own.path().join("mnist-5k")).unwrap();
        std::fs::create_dir(own.path().join("addresses")).unwrap();
        let text: String = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"]
            .map(|name| std::fs::read_to_string(root().join(name)).unwrap())
            .concat();
        std::fs::write(own.path().join("addresses/text.txt"), text).unwrap();
        (own.path().to_owned(), Some(own))
    });
    Some((program.unwrap(), data.clone()))
}

fn function(id: &str) -> Function {
    let definition = catalog::find(id).unwrap().to_toml();
    Function { definition, values: [].into(), change: [].into(), route: Default::default() }
}

fn mlp(data: &Path, id: &str, depth: usize, steps: usize) -> RunSpec {
    RunSpec {
        model: Model::Mlp { width: 32, depth },
        task: Task::Images {
            data: data.join("mnist-5k"),
            side: Some(14),
            augment: false,
            train: None,
            test: Some(500),
        },
        recipe: Recipe { steps, batch: 32, warmup: 5, ..Recipe::default() },
        function: function(id),
        content: String::new(),
        seed: 1,
        device: "cpu".into(),
        look: 50,
        evaluate: 0,
        checkpoint: None,
        fault: None,
    }
}

/// The same with the digest of its data, without which a run is refused.
fn sealed(spec: &RunSpec) -> RunSpec {
    RunSpec { content: spec.task.read().map_or_else(|_| String::new(), |data| data.content()), ..spec.clone() }
}

/// A plan of two arms and seeds over a run, for what is found by comparing.
fn plan(spec: &RunSpec) -> Plan {
    let text = r#"
title = "t"
question = "q"
metric = "loss"
baseline = "gelu"
arm = [{ activation = "gelu" }, { activation = "silu" }]
[smoke]
model = { kind = "mlp", width = 8, depth = 2 }
task = { task = "images", data = "mnist-5k" }
seeds = 2
[short]
model = { kind = "mlp", width = 8, depth = 2 }
task = { task = "images", data = "mnist-5k" }
seeds = 8
"#;
    let file: AuditFile = toml::from_str(text).unwrap();
    let (spec, data) = (sealed(spec), root().join(".deps/data"));
    let asked = Asked { size: Size::Smoke, data: Some(data), ..Asked::default() };
    let mut plan = Plan::new(&file, Path::new("."), &asked).unwrap();
    for run in &mut plan.runs {
        let own = run.spec.clone();
        run.spec = RunSpec { function: own.function, seed: own.seed, ..spec.clone() };
    }
    plan
}

fn host(program: &Path, keep: Option<Keep>) -> Host {
    Host { program: program.to_owned(), jobs: 2, keep, part: None, stop: Default::default() }
}

fn train(program: &Path, spec: RunSpec) -> Outcome {
    let mut plan = plan(&spec);
    plan.runs = vec![Run { arm: 0, spec: sealed(&spec) }];
    run(&plan, &host(program, None), &|_, _| {}).unwrap().remove(0)
}

#[test]
fn a_network_learns_what_it_is_shown() {
    let Some((program, data)) = ready() else { return };
    let images = train(&program, mlp(&data, "gelu", 2, 300));
    let (first, accuracy) = (images.steps[0].loss, images.metric("accuracy").unwrap());
    assert!((first - 10f64.ln()).abs() < 0.8, "ten classes at random: {first}");
    assert!(accuracy > 0.75 && images.metric("loss").unwrap() < first / 2.0, "accuracy {accuracy}");
    let text = RunSpec {
        model: Model::Gpt { dim: 32, depth: 2, heads: 2, context: 32 },
        task: Task::Text { data: data.join("addresses"), test: 64 },
        recipe: Recipe { steps: 60, batch: 16, warmup: 5, rate: 0.003, ..Recipe::default() },
        ..mlp(&data, "gelu", 2, 60)
    };
    let text = train(&program, text);
    let (first, last) = (text.steps[0].loss, text.metric("loss").unwrap());
    assert!((first - 257f64.ln()).abs() < 0.3 && last < 3.5, "{first} {last}");
    assert!((text.metric("perplexity").unwrap() - last.exp()).abs() < 1e-9);
    // norms by layer and the norm of all are norms of one gradient
    let look = &text.looks[0];
    let all = look.grad_norms.iter().map(|(_, norm)| norm * norm).sum::<f64>().sqrt();
    assert!((all - text.steps[0].grad_norm).abs() < 1e-3 * all, "{all} {}", text.steps[0].grad_norm);
}

/// Rafailov et al. 2023: with the policy equal to its reference the loss is ln 2; then the margin grows, and the reference stays.
#[test]
fn preferences_start_at_ln_2_and_widen_the_margin() {
    let Some((program, data)) = ready() else { return };
    let spec = RunSpec {
        model: Model::Gpt { dim: 32, depth: 2, heads: 2, context: 32 },
        task: Task::Preferences { data: data.join("addresses"), tuning: 30, beta: 0.1, test: 100 },
        recipe: Recipe { steps: 70, batch: 16, warmup: 5, rate: 0.003, ..Recipe::default() },
        ..mlp(&data, "gelu", 2, 70)
    };
    let outcome = train(&program, spec.clone());
    assert!((outcome.steps[30].loss - 2f64.ln()).abs() < 1e-6, "{}", outcome.steps[30].loss);
    assert!(outcome.metric("rewards/margins").unwrap() > 0.0);
    assert!(outcome.started.as_ref().unwrap().constructed);
    // each place of the activation is told of once
    assert_eq!(outcome.looks.last().unwrap().sites.len(), 2);
    let [then, now] = outcome.end.clone().unwrap().reference.unwrap();
    assert_eq!(then, now);
    let moving = train(&program, RunSpec { fault: Some(Fault::MovingReference), ..spec });
    let [then, now] = moving.end.unwrap().reference.unwrap();
    assert_ne!(then, now);
}

#[test]
fn every_planted_fault_is_found() {
    let Some((program, data)) = ready() else { return };
    for (fault, check, depth) in [
        (Fault::WrongBackward, "gradient", 2),
        (Fault::ScheduleOffByOne, "schedule", 2),
        (Fault::LeakedImage, "leak", 2),
        (Fault::UnpairedSeed, "pairing", 2),
        (Fault::DeadStart, "dead", 2),
        (Fault::ExplodingGain, "exploding", 20),
    ] {
        let mut plan = plan(&mlp(&data, "gelu", depth, 6));
        // the second arm of the second seed
        let sound = run(&plan, &host(&program, None), &|_, _| {}).unwrap();
        assert_eq!(findings(&plan, &sound), [], "without {fault:?}");
        plan.runs[3].spec.fault = Some(fault);
        let broken = run(&plan, &host(&program, None), &|_, _| {}).unwrap();
        let found = findings(&plan, &broken);
        assert!(found.iter().any(|f| f.check == check && f.arm == "silu" && f.seeds == [2]), "{fault:?}: {found:?}");
        assert!(found.iter().all(|f| f.arm == "silu" && f.seeds == [2]), "{fault:?}: {found:?}");
    }
}

/// Steps, digests: everything but times.
fn curve(outcome: &Outcome) -> (Vec<[u64; 3]>, Vec<String>, String) {
    let steps = outcome.steps.iter().map(|s| [s.loss.to_bits(), s.grad_norm.to_bits(), s.rate.to_bits()]);
    let evaluated = outcome.evaluated.iter().map(|e| format!("{e:?}"));
    (steps.collect(), evaluated.collect(), outcome.end.as_ref().unwrap().digest.clone())
}

#[test]
fn a_run_that_was_broken_off_goes_on_bit_for_bit() {
    let Some((program, data)) = ready() else { return };
    for task in ["images", "buffers", "pairs"] {
        let spec = match task {
            // there are steps enough behind the one at which it is killed: the signal takes its time on a busy machine
            "images" => RunSpec { evaluate: 60, ..mlp(&data, "srelu", 2, 2000) },
            // running means, a parameter that is annealed, pictures that are changed at random
            "buffers" => {
                let mut spec = mlp(&data, "srelu", 2, 500);
                spec.model = Model::Resnet { depth: 8, width: 2 };
                spec.recipe.batch = 8;
                spec.function.values = [("alpha".to_owned(), "1".to_owned())].into();
                spec.function.change = [("alpha".to_owned(), Change::Anneal(0.01))].into();
                if let Task::Images { augment, .. } = &mut spec.task {
                    *augment = true;
                }
                RunSpec { evaluate: 60, ..spec }
            }
            _ => RunSpec {
                model: Model::Gpt { dim: 16, depth: 1, heads: 2, context: 16 },
                task: Task::Preferences { data: data.join("addresses"), tuning: 50, beta: 0.1, test: 20 },
                recipe: Recipe { steps: 500, batch: 4, warmup: 5, ..Recipe::default() },
                ..mlp(&data, "gelu", 1, 500)
            },
        };
        let whole = train(&program, spec.clone());
        let folder = tempfile::tempdir().unwrap();
        // by a name of its own: what is killed is no run of another test
        let own = folder.path().join("actaudit-torch");
        std::fs::hard_link(&program, &own).or_else(|_| std::fs::copy(&program, &own).map(drop)).unwrap();
        let keep = Keep::new(folder.path(), &program).unwrap();
        let mut plan = plan(&spec);
        plan.runs = vec![Run { arm: 0, spec: sealed(&spec) }];
        // killed at some step behind the second state that is kept, then once more at once
        for limit in [230, 1] {
            let seen = AtomicUsize::new(0);
            let child = std::thread::scope(|scope| {
                let running = scope.spawn(|| {
                    run(&plan, &host(&own, Some(keep.clone())), &|_, event| {
                        if matches!(event, Event::Step(_)) && seen.fetch_add(1, Ordering::Relaxed) + 1 == limit {
                            kill_children(&own);
                        }
                    })
                });
                running.join().unwrap().unwrap()
            });
            assert!(child[0].end.is_err(), "{task}: killed");
        }
        let resumed = run(&plan, &host(&program, Some(keep.clone())), &|_, _| {}).unwrap().remove(0);
        assert!(resumed.started.as_ref().unwrap().from >= 200, "{task}: went on");
        assert_eq!(curve(&resumed), curve(&whole), "{task}");
        // what is done is not done again, and another build starts anew
        let again = AtomicUsize::new(0);
        let count = |_: usize, event: &Event| {
            if matches!(event, Event::Started(_)) {
                again.fetch_add(1, Ordering::Relaxed);
            }
        };
        let kept = run(&plan, &host(Path::new("/nowhere"), Some(keep)), &count).unwrap().remove(0);
        assert_eq!(curve(&kept), curve(&whole), "{task}");
        let other = Keep::new(folder.path(), Path::new(PROGRAM)).unwrap();
        assert!(run(&plan, &host(Path::new("/nowhere"), Some(other)), &count).is_err(), "{task}");
    }
}

/// Ends the runs that this test process started. They are its children, with the program's name.
fn kill_children(program: &Path) {
    let own = std::process::id().to_string();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let path = entry.path();
        let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).map(str::to_owned);
        let command = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let checkpointed = std::fs::read_link(path.join("exe")).is_ok_and(|exe| exe == program);
        if parent.as_deref() == Some(&own) && checkpointed && command.ends_with(b"train\0") {
            let pid = entry.file_name().into_string().unwrap();
            let _ = Command::new("kill").args(["-9", &pid]).status();
        }
    }
}

#[test]
fn a_learnt_parameter_moves_and_stays_in_its_domain() {
    let Some((program, data)) = ready() else { return };
    let mut spec = mlp(&data, "prelu", 2, 60);
    spec.function.change = [("a".to_owned(), Change::Learn)].into();
    let outcome = train(&program, spec);
    let at = |k: usize| outcome.looks[k].sites[0].values["a"];
    assert!((at(0) - 0.25).abs() < 1e-6 && at(1) != at(0), "{} {}", at(0), at(1));
    let mut spec = mlp(&data, "srelu", 2, 60);
    spec.function.values = [("alpha".to_owned(), "1".to_owned())].into();
    spec.function.change = [("alpha".to_owned(), Change::Anneal(0.01))].into();
    let outcome = train(&program, spec);
    let last = outcome.looks.last().unwrap().sites[0].values["alpha"];
    assert!((outcome.looks[0].sites[0].values["alpha"] - 1.0).abs() < 1e-6 && (last - 0.01).abs() < 1e-6, "{last}");
}

#[test]
fn data_that_are_not_understood_stop_an_audit_with_their_place() {
    let Some((program, _)) = ready() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0]).unwrap();
    let spec = RunSpec {
        task: Task::Images { data: folder.path().into(), side: None, augment: false, train: None, test: None },
        ..mlp(folder.path(), "gelu", 2, 5)
    };
    let error = run(&plan(&spec), &host(&program, None), &|_, _| {}).unwrap_err().to_string();
    assert!(error.contains("train-images-idx3-ubyte"), "{error}");
    let nowhere = RunSpec { device: "cuda:99".into(), ..spec };
    let error = run(&plan(&nowhere), &host(&program, None), &|_, _| {}).unwrap_err().to_string();
    assert!(error.contains("cuda:99 is not there"), "{error}");
}

/// A run is one on the data that it was planned with.
#[test]
fn other_data_are_refused() {
    let Some((program, data)) = ready() else { return };
    let mut plan = plan(&mlp(&data, "gelu", 2, 5));
    for run in &mut plan.runs {
        run.spec.content = "other".into();
    }
    let error = run(&plan, &host(&program, None), &|_, _| {}).unwrap_err().to_string();
    assert!(error.contains("not those that the run was planned with"), "{error}");
}

#[test]
fn an_activation_that_is_constant_is_dead_and_no_crash() {
    let Some((program, data)) = ready() else { return };
    let spec = mlp(&data, "gelu", 2, 5);
    let definition = actaudit::expr::Definition::from_expr("1/2").unwrap().to_toml();
    let constant = RunSpec { function: Function { definition, ..function("gelu") }, ..spec };
    let outcome = train(&program, constant);
    assert!(outcome.end.is_ok() && outcome.looks[0].sites[0].dead == 1.0, "{:?}", outcome.end);
}

/// All audits of the repository, in seconds, as a user would run them.
#[test]
fn every_audit_runs() {
    let Some((_, data)) = ready() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("audits/training")).unwrap() {
        let path = entry.unwrap().path();
        let output = Command::new(PROGRAM)
            .args(["train", path.to_str().unwrap(), "--size", "smoke", "--format", "json", "--data"])
            .arg(&data)
            .output()
            .unwrap();
        let code = output.status.code();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(code, Some(0), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
        assert_eq!(report["findings"], serde_json::json!([]), "{}", path.display());
        assert_eq!(report["finished"], report["runs"], "{}", path.display());
        // so few pairs show nothing, and the claims say so
        let not_testable = |claim: &serde_json::Value| claim["judgement"] == "not_testable";
        assert!(report["claims"].as_array().unwrap().iter().all(not_testable), "{}", report["claims"]);
        count += 1;
    }
    assert!(count >= 6);
}
