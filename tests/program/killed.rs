//! Commands that keep what is done, killed at random moments: each loses the units that were running, one for each job at most, and
//! ends with the report of a run that nobody disturbed.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

const JOBS: usize = 2;
const IDS: [&str; 8] = ["gelu", "silu", "mish", "elu", "softplus", "sigmoid", "gem", "gelu_tanh"];
/// Activations, kernels, formats, directions.
const UNITS: usize = 8 * 2 * 2 * 2;

/// Kills a command so many times, and lets it end then.
fn kill(command: &[&str], file: &str, text: &str, kills: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join(file);
    std::fs::write(&config, text).expect("is written");
    let path = folder.path().join("journal");
    let [config, journal] = [&config, &path].map(|p| p.to_str().expect("a plain name").to_owned());
    let jobs = JOBS.to_string();
    let started = |keep: bool| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_actaudit"));
        run.args(&command[..1]).arg(&config).args(&command[1..]).args(["--jobs", &jobs, "--format", "json", "--quiet"]);
        run.stdout(Stdio::piped());
        if keep {
            run.args(["--keep", &journal]);
        }
        run.spawn().expect("starts")
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
    // any spread of moments will do, if all of them together reach the end; this one is another one each time
    let mut random = RandomState::new().build_hasher().finish();
    let (mut kept, mut killed) = (String::new(), 0);
    for _ in 0..kills {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (random >> 40) as f64 / (1_u64 << 24) as f64;
        let moment = takes.mul_f64(3.3 * part / f64::from(kills));
        let mut child = started(true);
        sleep(moment);
        killed += u32::from(child.try_wait().expect("is ours").is_none());
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
    assert!(killed >= kills / 4, "only {killed} of {kills} were killed before their end");
    let last = started(true).wait_with_output().expect("ends").stdout;
    assert!(last == expected, "{}", String::from_utf8_lossy(&last));
    let all = lines(&std::fs::read_to_string(&path).expect("is there"));
    let done: Vec<&str> = all.iter().filter(|(_, done)| *done).map(|(key, _)| key.as_str()).collect();
    assert_eq!(done.len(), UNITS, "no unit was done twice");
    assert_eq!(BTreeSet::from_iter(&done).len(), done.len());
    eprintln!("{killed} of {kills} runs were killed; {} units began {} times", done.len(), all.len() - done.len());
}

#[test]
fn a_killed_survey_loses_no_more_than_what_was_running() {
    let ids = IDS.map(|id| format!("'{id}'")).join(", ");
    let column =
        |name: &str| format!("[[implementation]]\nname = '{name}'\nsubject = '{name}'\nactivations = [{ids}]\n");
    let plan = format!("title = 'killed'\n{}{}", column("native"), column("native:naive"));
    kill(&["survey", "--dtype", "f16,bf16", "--effort", "quick"], "plan.toml", &plan, 20);
}

#[test]
fn a_killed_gate_loses_no_more_than_what_was_running() {
    let ids = IDS.map(|id| format!("\"{id}\"")).join(", ");
    let audit = format!(
        "[[audit]]\nactivation = [{ids}]\nsubject = [\"native\", \"native:naive\"]\ndtype = [\"f16\", \"bf16\"]\n\
         pass = [\"forward\", \"backward\"]\neffort = \"quick\"\n"
    );
    kill(&["gate"], "actaudit.toml", &audit, 50);
}
