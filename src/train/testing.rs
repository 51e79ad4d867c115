//! Plans and outcomes for tests, without any training.

use super::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

pub(crate) const FILE: &str = r#"
title = "t"
question = "q"
metric = "loss"
baseline = "gelu"
arm = [{ activation = "gelu" }, { activation = "relu" }, { activation = "silu" }]
[smoke]
model = { kind = "mlp", width = 8, depth = 2 }
task = { task = "images", data = "." }
recipe = { steps = 4, batch = 2, warmup = 2 }
seeds = 2
[short]
model = { kind = "mlp", width = 8, depth = 2 }
task = { task = "images", data = "." }
recipe = { steps = 4, batch = 2, warmup = 2 }
seeds = 8
"#;

pub(crate) fn file(more: &str) -> AuditFile {
    toml::from_str(&format!("{FILE}{more}")).expect("an audit")
}

/// A folder of tiny data sets under the names that audits have; the folder itself is one of images.
pub(crate) fn data() -> &'static Path {
    static DATA: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = DATA.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        images(folder.path());
        for name in ["fashion-mnist", "mnist-5k", "mnist", "cifar-10"] {
            images(&folder.path().join(name));
        }
        for name in ["addresses", "hh"] {
            let own = folder.path().join(name);
            std::fs::create_dir(&own).expect("a folder");
            std::fs::write(own.join("text.txt"), include_str!("tests.rs")).expect("written");
        }
        folder
    });
    folder.path()
}

/// Four images of 28 x 28 in two classes, two of them held out, as MNIST has them.
fn images(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (half, seed) in [("train", 0u8), ("t10k", 7)] {
        let mut pixels = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28];
        pixels.extend((0..2 * 28 * 28u32).map(|k| (k * 7 + u32::from(seed)) as u8));
        std::fs::write(folder.join(format!("{half}-images-idx3-ubyte")), pixels).expect("written");
        let labels = [0, 0, 8, 1, 0, 0, 0, 2, 0, 1];
        std::fs::write(folder.join(format!("{half}-labels-idx1-ubyte")), labels).expect("written");
    }
}

pub(crate) fn plan_of(file: &AuditFile, seeds: Option<usize>) -> Result<Plan, TrainError> {
    Plan::new(file, data(), &Asked { seeds, ..Asked::default() })
}

/// What a run without fault tells; the loss that it ends with.
pub(crate) fn events(plan: &Plan, run: usize, loss: f64) -> Vec<Event> {
    let spec = &plan.runs[run].spec;
    let started = Started {
        parameters: 100,
        route: "tensor operations".into(),
        environment: "here".into(),
        data: "made up".into(),
        constructed: false,
        leaked: 0,
        duplicates: 0,
        from: 0,
        pairing: format!("seed {}", spec.seed),
        slope: Some(SlopeCheck { at: 1.0, got: 0.5, real: 0.5, inputs: 24 }),
        parameter_slopes: vec![],
    };
    let step = |step| Event::Step(Step { step, loss, grad_norm: 1.0, rate: spec.recipe.rate_at(step) });
    let site = Site {
        name: "hidden.0".into(),
        mean: 0.0,
        sd: 1.0,
        dead: 0.1,
        flat: 0.0,
        slope_square: 0.5,
        non_finite: 0,
        histogram: BTreeMap::new(),
        values: BTreeMap::new(),
    };
    let look = Look { step: 0, grad_norms: vec![], updates: vec![], sites: vec![site] };
    let metrics = [("loss".to_owned(), loss), ("accuracy".to_owned(), 1.0 - loss)].into();
    let finished = Finished {
        seconds_a_step: 0.1,
        cpu_seconds: 1.0,
        peak_memory: 1,
        digest: "d".into(),
        reference: Some(["r".into(), "r".into()]),
    };
    let mut all = vec![Event::Started(started)];
    all.extend((0..spec.recipe.steps).map(step));
    all.extend([
        Event::Look(look),
        Event::Evaluated(Evaluated { steps: spec.recipe.steps, examples: 10, metrics }),
        Event::Finished(finished),
    ]);
    all
}

/// Outcomes with a loss for each arm and seed.
pub(crate) fn outcomes(plan: &Plan, loss: impl Fn(usize, u64) -> f64) -> Vec<Outcome> {
    let one = |(k, run): (usize, &Run)| Outcome::new(k, &events(plan, k, loss(run.arm, run.spec.seed)));
    plan.runs.iter().enumerate().map(one).collect()
}

/// Some noise, the same for all arms of a seed, and a little of an arm's own.
pub(crate) fn noise(arm: usize, seed: u64) -> f64 {
    let own = (seed as f64 * 1.7 + arm as f64 * 2.9).sin() * 0.001;
    (seed as f64).sin() * 0.05 + own
}
