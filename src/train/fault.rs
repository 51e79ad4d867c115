//! Faults of runs that make what they say worthless, or less than it seems. Each has a planted fault that it catches.

use super::event::{Site, SlopeCheck};
use super::outcome::Outcome;
use super::plan::Plan;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The gradient that a network is trained with may differ from the real derivative by so much, in units of the largest slope that
/// is usual, 1: rounding of f32 in formulas as people write them stays far below.
const SLOPE: f64 = 1e-3;

/// The fraction of units that are dead at the first step above which the start is to blame.
const DEAD: f64 = 0.9;

/// The norm of a gradient at the first step above which the start is to blame: weights of usual size give less than a hundredth.
const EXPLODING: f64 = 1e4;

/// What is wrong with runs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// one of the names that [`checks`] gives
    pub check: &'static str,
    /// the arm
    pub arm: String,
    /// the seeds of the runs
    pub seeds: Vec<u64>,
    /// one sentence
    pub message: String,
    /// whether runs with it are left out of comparisons
    pub invalid: bool,
}

type Look = fn(&Plan, &Outcome) -> Option<String>;

/// A check of single runs.
struct Check {
    name: &'static str,
    invalid: bool,
    look: Look,
}

/// What is looked at in each run.
const CHECKS: [Check; 7] = [
    Check { name: "gradient", invalid: true, look: gradient },
    Check { name: "schedule", invalid: true, look: schedule },
    Check { name: "leak", invalid: true, look: leak },
    Check { name: "reference", invalid: true, look: reference },
    Check { name: "dead", invalid: false, look: dead },
    Check { name: "exploding", invalid: false, look: exploding },
    Check { name: "stopped", invalid: true, look: stopped },
];

/// The name of the check that looks at several runs.
const PAIRING: &str = "pairing";

/// The names of all checks.
pub fn checks() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.name).chain([PAIRING])
}

/// Looks at all runs. Findings of one kind in one arm are one.
pub fn findings(plan: &Plan, outcomes: &[Outcome]) -> Vec<Finding> {
    let mut found: Vec<Finding> = vec![];
    for outcome in outcomes {
        let seen = CHECKS.iter().filter_map(|check| Some((check.name, check.invalid, (check.look)(plan, outcome)?)));
        let unpaired = unpaired(plan, outcomes, outcome).map(|message| (PAIRING, true, message));
        for (check, invalid, message) in seen.chain(unpaired) {
            let run = &plan.runs[outcome.run];
            let arm = &plan.arms[run.arm].name;
            match found.iter_mut().find(|f| f.check == check && f.arm == *arm) {
                Some(finding) => finding.seeds.push(run.spec.seed),
                None => {
                    found.push(Finding { check, arm: arm.clone(), seeds: vec![run.spec.seed], message, invalid });
                }
            }
        }
    }
    found
}

fn gradient(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let started = outcome.started.as_ref()?;
    let name = &plan.arms[plan.runs[outcome.run].arm].name;
    let own = started.slope.iter().map(|slope| (String::new(), slope));
    let others = started.parameter_slopes.iter().map(|(parameter, slope)| (format!(" by {parameter}"), slope));
    let wrong = |slope: &SlopeCheck| {
        let error = (slope.got - slope.real).abs();
        error.is_nan() || error > SLOPE * slope.real.abs().max(1.0)
    };
    let (by, slope) = own.chain(others).find(|(_, slope)| wrong(slope))?;
    Some(format!(
        "the gradient that {name} is trained with is not its derivative{by}: {:.6} at x = {:.4}, where the derivative is {:.6}",
        slope.got, slope.at, slope.real
    ))
}

fn schedule(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let recipe = &plan.runs[outcome.run].spec.recipe;
    let wrong = outcome.steps.iter().find(|step| step.rate.to_bits() != recipe.rate_at(step.step).to_bits())?;
    let (step, planned) = (wrong.step, recipe.rate_at(wrong.step));
    Some(format!("the learning rate of step {step} is {:.6e}; the schedule says {planned:.6e}", wrong.rate))
}

fn leak(_: &Plan, outcome: &Outcome) -> Option<String> {
    let leaked = outcome.started.as_ref()?.leaked;
    (leaked > 0).then(|| format!("{leaked} held-out examples are trained on as well"))
}

fn reference(_: &Plan, outcome: &Outcome) -> Option<String> {
    let [then, now] = outcome.end.as_ref().ok()?.reference.as_ref()?;
    (then != now).then(|| "the reference model changed while the other one was trained".into())
}

fn first(outcome: &Outcome) -> &[Site] {
    outcome.looks.first().filter(|look| look.step == 0).map_or(&[], |look| &look.sites)
}

fn dead(_: &Plan, outcome: &Outcome) -> Option<String> {
    let worst = first(outcome).iter().max_by(|a, b| a.dead.total_cmp(&b.dead))?;
    let percent = 100.0 * worst.dead;
    (worst.dead > DEAD).then(|| format!("{percent:.0} % of the units at {} are dead before the first step", worst.name))
}

fn exploding(_: &Plan, outcome: &Outcome) -> Option<String> {
    let norm = outcome.steps.first()?.grad_norm;
    // a norm that is NaN stops the run, which says where it comes from
    (norm > EXPLODING).then(|| {
        format!(
            "the gradient of the first step has the norm {norm:.1e}: the weights or slopes that the network starts from are too large"
        )
    })
}

fn stopped(_: &Plan, outcome: &Outcome) -> Option<String> {
    let stopped = outcome.end.as_ref().err()?;
    Some(format!("stopped at step {}: {}", stopped.step, stopped.message))
}

/// Runs of one seed start from the same weights and see the same examples.
fn unpaired(plan: &Plan, outcomes: &[Outcome], outcome: &Outcome) -> Option<String> {
    let seed = plan.runs[outcome.run].spec.seed;
    let own = &outcome.started.as_ref()?.pairing;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for other in outcomes.iter().filter(|other| plan.runs[other.run].spec.seed == seed) {
        if let Some(started) = &other.started {
            *counts.entry(&started.pairing).or_default() += 1;
        }
    }
    // the odd one out is to blame; of two, the one that is not the first
    let first = outcomes.iter().find(|o| plan.runs[o.run].spec.seed == seed)?.started.as_ref()?;
    let most = counts.values().copied().max()?;
    let usual = counts.iter().filter(|(_, count)| **count == most).map(|(pairing, _)| *pairing).collect::<Vec<_>>();
    let usual = if usual.len() == 1 { usual[0] } else { first.pairing.as_str() };
    (own != usual)
        .then(|| format!("the run of seed {seed} does not start like the others of its seed, or sees other examples"))
}
