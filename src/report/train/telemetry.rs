//! All that runs told, for other programs: CSV, and the event files that TensorBoard reads.

use super::tfevents::EventFile;
use crate::train::{Outcome, Plan};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The start of a run's file names: its arm and seed, as far as file systems like the characters.
fn name(plan: &Plan, outcome: &Outcome) -> String {
    let run = &plan.runs[outcome.run];
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.=".contains(c) { c } else { '_' };
    let arm: String = plan.arms[run.arm].name.chars().map(plain).collect();
    // two arms may look alike then
    format!("{}-{arm}-seed-{}", run.arm, run.spec.seed)
}

/// Writes `NAME-steps.csv` and `NAME-layers.csv` and, in a folder `NAME`, an event file for each run.
///
/// # Errors
/// If the folder or a file cannot be written.
pub fn write(folder: &Path, plan: &Plan, outcomes: &[Outcome]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for outcome in outcomes {
        let name = name(plan, outcome);
        std::fs::write(folder.join(format!("{name}-steps.csv")), steps(outcome))?;
        std::fs::write(folder.join(format!("{name}-layers.csv")), layers(outcome))?;
        let own = folder.join(&name);
        std::fs::create_dir_all(&own)?;
        // a fixed name: a second call replaces what the first one wrote
        std::fs::write(own.join("events.out.tfevents.0.actaudit"), events(outcome))?;
    }
    Ok(())
}

fn steps(outcome: &Outcome) -> String {
    let mut out = String::from("step,loss,grad_norm,rate\n");
    for step in &outcome.steps {
        let _ = writeln!(out, "{},{},{},{}", step.step, step.loss, step.grad_norm, step.rate);
    }
    out
}

/// One number a line: names of layers have no comma.
fn layers(outcome: &Outcome) -> String {
    let mut out = String::from("step,quantity,layer,value\n");
    scalars(outcome, &mut |step, quantity, layer, value| {
        let _ = writeln!(out, "{step},{quantity},{layer},{value}");
    });
    for look in &outcome.looks {
        for site in &look.sites {
            for (binade, count) in &site.histogram {
                let _ = writeln!(out, "{},inputs {binade},{},{count}", look.step, site.name);
            }
        }
    }
    out
}

/// Each number of looks at the layers: step, quantity, layer, value.
fn scalars(outcome: &Outcome, to: &mut dyn FnMut(usize, &str, &str, f64)) {
    for look in &outcome.looks {
        for (layer, norm) in &look.grad_norms {
            to(look.step, "grad_norm", layer, *norm);
        }
        for (layer, size) in &look.updates {
            to(look.step, "update_to_weight", layer, *size);
        }
        for site in &look.sites {
            let numbers = [
                ("mean", site.mean),
                ("sd", site.sd),
                ("dead", site.dead),
                ("flat", site.flat),
                ("slope_square", site.slope_square),
                ("non_finite", site.non_finite as f64),
            ];
            numbers.into_iter().for_each(|(quantity, value)| to(look.step, quantity, &site.name, value));
            site.values.iter().for_each(|(parameter, value)| to(look.step, parameter, &site.name, *value));
        }
    }
}

fn events(outcome: &Outcome) -> Vec<u8> {
    let mut file = EventFile::new();
    for step in &outcome.steps {
        for (tag, value) in [("train/loss", step.loss), ("train/grad_norm", step.grad_norm), ("train/rate", step.rate)]
        {
            file.scalar(step.step, tag, value);
        }
    }
    for evaluated in &outcome.evaluated {
        for (metric, value) in &evaluated.metrics {
            file.scalar(evaluated.steps, &format!("eval/{metric}"), *value);
        }
    }
    scalars(outcome, &mut |step, quantity, layer, value| file.scalar(step, &format!("{quantity}/{layer}"), value));
    file.bytes()
}
