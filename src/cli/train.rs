//! `train`: paired runs, and what they say.

use super::args::{Format, Output, TrainArgs};
use super::progress::{bar, interrupted};
use super::{Absent, emit_as};
use crate::report::train::{TrainReport, telemetry};
use crate::subject::torch;
use crate::train::{self, Asked, AuditFile, Event, Host, Keep, Outcome, Plan, Size, TrainError};
use crate::verdict::Ended;
use miette::{Result, miette};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// What an audit is that was made from arguments: small enough for two minutes on two cores.
const QUICK: &str = include_str!("quick.toml");

pub fn train(args: &TrainArgs, out: &Output) -> Result<Ended> {
    let (file, folder) = audit(args)?;
    let asked = Asked {
        size: args.size.map_or_else(Size::default, Into::into),
        data: args.data.clone(),
        device: args.device.clone(),
        seeds: args.seeds,
        steps: args.steps,
        batch: args.batch,
        one_step: args.one_step,
    };
    let plan = Plan::new(&file, &folder, &asked).map_err(|e| failed(&e))?;
    let shard = args.shard.as_deref().map(super::gate::shard).transpose()?;
    let part = shard.map(|shard| [shard.index as usize, shard.count as usize]);
    let program = torch::program().map_err(|e| Absent(e.to_string()))?;
    let keep = args.keep.as_deref().map(|folder| Keep::new(folder, &program)).transpose().map_err(|e| failed(&e))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = out.jobs.map_or(cores, usize::from);
    let bar = bar(out, "steps");
    bar.set_style(style());
    let steps = plan.shared().map_or(0, |spec| spec.recipe.steps);
    bar.set_length((plan.runs.len() * steps) as u64);
    let watch = |run: usize, event: &Event| {
        if let Event::Step(step) = event {
            bar.inc(1);
            if step.step % 10 == 0 {
                let arm = &plan.arms[plan.runs[run].arm].name;
                bar.set_message(format!("{arm}, seed {}: loss {:.4}", plan.runs[run].spec.seed, step.loss));
            }
        }
    };
    let host = Host { program, jobs, keep: keep.clone(), part, stop: interrupted()? };
    let mut outcomes = train::run(&plan, &host, &watch).map_err(|e| failed(&e))?;
    bar.finish_and_clear();
    let stopped = host.stop.load(Ordering::Relaxed);
    // what other parts left in the same folder counts as well
    if let Some(keep) = keep.filter(|_| part.is_some()) {
        let there = |k: usize, outcomes: &[Outcome]| outcomes.iter().any(|o| o.run == k);
        let more: Vec<Outcome> = train::kept(&plan, &keep).into_iter().filter(|o| !there(o.run, &outcomes)).collect();
        outcomes.extend(more);
        outcomes.sort_by_key(|outcome| outcome.run);
    }
    if let Some(folder) = &args.telemetry {
        telemetry::write(folder, &plan, &outcomes).map_err(|e| miette!("cannot write {}: {e}", folder.display()))?;
    }
    let results = train::judge(&plan, outcomes).map_err(|e| failed(&e))?;
    let mut report = TrainReport::new(&plan, &results);
    // a part that was stopped is no part that is done
    report.part = shard.filter(|_| !stopped).map(|shard| shard.to_string());
    let form = |form| match form {
        Format::Markdown => Some(report.markdown()),
        Format::Html => Some(report.html()),
        _ => None,
    };
    emit_as(out, |page| report.text(page), &report, form)?;
    Ok(report.ended())
}

/// The audit, and the folder from which its files are named.
fn audit(args: &TrainArgs) -> Result<(AuditFile, PathBuf)> {
    if let Some(path) = &args.file {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((AuditFile::read(path).map_err(|e| failed(&e))?, folder));
    }
    let mut file: AuditFile = toml::from_str(QUICK).map_err(|e| miette!("the built-in audit: {e}"))?;
    let mut activations: Vec<String> = args.activation.iter().flat_map(|text| divided(text)).collect();
    activations.retain(|activation| *activation != args.against);
    match (args.activation.is_empty(), activations.is_empty()) {
        (true, _) => {
            return Err(miette!("which audit? A file, or --activation ACT to compare it with --against (gelu)"));
        }
        (_, true) => return Err(miette!("{} is compared with itself: name another one with --against", args.against)),
        _ => file.set_arms(&activations, &args.against),
    }
    if let Some(metric) = &args.metric {
        file.metric.clone_from(metric);
    }
    // a definition is named from where the command is typed
    Ok((file, std::env::current_dir().map_err(|e| miette!("{e}"))?))
}

/// Divides a list at its commas, but for those in parentheses: of values, or in an expression.
fn divided(text: &str) -> Vec<String> {
    let mut depth = 0;
    let outside = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    text.split(outside).map(|name| name.trim().to_owned()).collect()
}

fn failed(error: &TrainError) -> miette::Report {
    match error {
        TrainError::Program(_) | TrainError::NoData { .. } | TrainError::NotThere(_) => {
            Absent(error.to_string()).into()
        }
        _ => miette!("{error}"),
    }
}

fn style() -> indicatif::ProgressStyle {
    let style = "{bar:32} {percent:>3} % {human_pos} steps, {eta} left  {msg}";
    indicatif::ProgressStyle::with_template(style).unwrap_or_else(|_| indicatif::ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_divided_outside_of_parentheses() {
        let list = "mine.toml, elu(a=1/3, b=2),silu,expr:max(0, x*sigmoid(2*x)), relu";
        assert_eq!(divided(list), ["mine.toml", "elu(a=1/3, b=2)", "silu", "expr:max(0, x*sigmoid(2*x))", "relu"]);
    }
}
