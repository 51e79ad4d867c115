//! `actaudit train`: what runs say, as values for scripts; the other files say it to people.

mod markdown;
pub mod telemetry;
#[cfg(test)]
mod tests;
mod text;
mod tfevents;

use crate::report::number;
use crate::stats::{Comparison, Interval, Summary, Trend};
use crate::train::{
    Compared, Family, Finding, GRAD_NORM, Judged, Judgement, Outcome, Plan, Reason, Results, SECONDS, Shown,
};
use crate::verdict::{Ended, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Points of a curve at most.
const POINTS: usize = 100;

/// The JSON object of `actaudit train`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct TrainReport {
    /// actaudit.train.v1
    schema: &'static str,
    pub title: String,
    pub question: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// smoke, short or paper
    pub size: &'static str,
    /// the network, in words
    pub model: String,
    /// the data, in words
    pub data: String,
    /// whether examples were constructed
    pub constructed: bool,
    /// steps, batch, rates, in words
    pub recipe: String,
    /// of the preset
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// the setting of the publication
    pub paper: Option<String>,
    /// what results depend on besides the plan
    pub environment: String,
    /// what is compared
    pub metric: String,
    /// which of several parts was trained here, if it is not all
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// whether there are runs that were not made: what is said rests on the others
    pub partial: bool,
    /// of all
    pub runs: usize,
    /// that were not made
    pub missing: usize,
    /// that came to their end
    pub finished: usize,
    /// pairs that were planned
    pub seeds: usize,
    /// the arm that the others are compared with; null for a trend
    pub baseline: Option<String>,
    pub arms: Vec<ArmReport>,
    /// the family of comparisons
    pub compared: Vec<ComparedReport>,
    pub trend: Option<Trend>,
    /// names of the arms in the order of the trend
    pub order: Vec<String>,
    pub claims: Vec<ClaimReport>,
    pub findings: Vec<Finding>,
    /// what the answer rests on, never a proof
    evidence: &'static str,
}

/// One arm over the seeds whose runs count.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ArmReport {
    pub name: String,
    pub activation: String,
    /// how it is computed
    pub route: String,
    /// numbers that are learnt
    pub parameters: Option<usize>,
    /// whether its gradient was held against the real derivative
    pub gradient_checked: bool,
    /// by name: mean and standard deviation over the runs
    pub metrics: BTreeMap<String, Spread>,
    /// what is compared, by seed: pairs are those of one seed
    pub values: BTreeMap<u64, f64>,
    /// mean over the runs, by step
    pub loss: Vec<(usize, f64)>,
    /// mean over the runs of the norm of the gradient, by step
    pub grad_norm: Vec<(usize, f64)>,
    /// layers at the last look of the first run
    pub sites: Vec<crate::train::Site>,
}

/// A metric over runs.
#[derive(Serialize, JsonSchema, Debug, Clone, Copy)]
pub struct Spread {
    pub runs: usize,
    pub mean: f64,
    /// null for one run
    pub sd: Option<f64>,
}

/// One comparison.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ComparedReport {
    pub arm: String,
    pub than: String,
    pub metric: String,
    pub pairs: usize,
    /// whether so few pairs cannot reject anything, whatever they say
    pub few: bool,
    /// whether all pairs are equal, as if the arms were one function
    pub equal: bool,
    pub shown: Shown,
    /// of the sign-flip test (of the sign test above 20 pairs), adjusted by Holm for the family
    pub adjusted_p: Option<f64>,
    pub figures: Comparison,
}

/// One claim.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ClaimReport {
    pub id: String,
    pub quote: String,
    pub source: String,
    pub judgement: Judgement,
    pub because: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl TrainReport {
    /// Of a plan and what its runs say.
    pub fn new(plan: &Plan, results: &Results) -> Self {
        let shared = plan.shared();
        let started = results.outcomes.iter().find_map(|outcome| outcome.started.as_ref());
        let recipe = shared.map_or_else(String::new, |spec| {
            let r = &spec.recipe;
            format!(
                "{} steps of {}, AdamW, rate {} after {} steps of warm-up, cosine to {}, decay {}, gradients clipped at {}",
                r.steps, r.batch, r.rate, r.warmup, r.floor, r.decay, r.clip
            )
        });
        let finished = results.outcomes.iter().filter(|outcome| outcome.end.is_ok()).count();
        Self {
            schema: "actaudit.train.v1",
            title: plan.title.clone(),
            question: plan.question.clone(),
            source: plan.source.clone(),
            size: plan.size.name(),
            model: shared.map_or_else(String::new, |spec| spec.model.describe()),
            data: started.map_or_else(String::new, |started| started.data.clone()),
            constructed: started.is_some_and(|started| started.constructed),
            recipe,
            note: plan.note.clone(),
            paper: plan.paper.clone(),
            environment: started.map_or_else(String::new, |started| started.environment.clone()),
            metric: plan.metric.clone(),
            part: None,
            partial: results.outcomes.len() < plan.runs.len(),
            runs: plan.runs.len(),
            missing: plan.runs.len() - results.outcomes.len(),
            finished,
            seeds: plan.seeds.len(),
            baseline: match plan.family {
                Family::Against(arm) => Some(plan.arms[arm].name.clone()),
                Family::Trend => None,
            },
            arms: (0..plan.arms.len()).map(|arm| ArmReport::new(plan, results, arm)).collect(),
            compared: results.compared.iter().map(|c| ComparedReport::new(c, results.compared.len())).collect(),
            trend: results.trend.clone(),
            order: plan.order().into_iter().map(|arm| plan.arms[arm].name.clone()).collect(),
            claims: results.claims.iter().map(ClaimReport::new).collect(),
            findings: results.findings.clone(),
            evidence: "runs",
        }
    }

    /// How the command ends: a fault or a claim that runs contradict is a failure; no difference detected is an answer.
    pub fn ended(&self) -> Ended {
        let contradicted = self.claims.iter().any(|claim| claim.judgement == Judgement::Contradicted);
        if contradicted || !self.findings.is_empty() {
            Ended::Judged(Verdict::Refuted)
        } else if self.partial && self.part.is_none() {
            Ended::Judged(Verdict::Undecided)
        } else {
            Ended::Done
        }
    }

    /// The metric in words.
    pub fn metric_in_words(&self) -> String {
        words(&self.metric)
    }
}

/// Four significant digits.
pub(in crate::report) fn figure(value: f64) -> String {
    number::figure(&format!("{value:.3e}"))
}

/// A metric in words.
pub fn words(metric: &str) -> String {
    match metric {
        "loss" => "held-out loss".into(),
        "accuracy" => "held-out accuracy".into(),
        "perplexity" => "held-out perplexity".into(),
        GRAD_NORM => "the mean gradient norm".into(),
        SECONDS => "the time of a step".into(),
        other => other.into(),
    }
}

impl ArmReport {
    fn new(plan: &Plan, results: &Results, arm: usize) -> Self {
        let all = || results.outcomes.iter().filter(|outcome| plan.runs[outcome.run].arm == arm);
        let outcomes: Vec<&Outcome> =
            results.counted(plan).filter(|outcome| plan.runs[outcome.run].arm == arm).collect();
        let started = all().find_map(|outcome| outcome.started.as_ref());
        let mut names: Vec<&str> = vec![GRAD_NORM, crate::train::DEAD, crate::train::SLOPE_SQUARE, SECONDS];
        names.extend(
            outcomes.iter().filter_map(|o| o.evaluated.last()).flat_map(|e| e.metrics.keys().map(String::as_str)),
        );
        names.sort_unstable();
        names.dedup();
        let spread = |name: &str| Spread::of(&outcomes.iter().filter_map(|o| o.metric(name)).collect::<Vec<_>>());
        Self {
            name: plan.arms[arm].name.clone(),
            activation: plan.arms[arm].activation.label(),
            route: started.map_or_else(String::new, |started| started.route.clone()),
            parameters: started.map(|started| started.parameters),
            values: outcomes
                .iter()
                .filter_map(|o| Some((plan.runs[o.run].spec.seed, o.metric(&plan.metric)?)))
                .collect(),
            gradient_checked: started.is_some_and(|started| started.slope.is_some()),
            metrics: names.into_iter().filter_map(|name| Some((name.to_owned(), spread(name)?))).collect(),
            loss: curve(&outcomes, |step| step.loss),
            grad_norm: curve(&outcomes, |step| step.grad_norm),
            sites: outcomes.first().and_then(|o| o.looks.last()).map_or_else(Vec::new, |look| look.sites.clone()),
        }
    }
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        match Summary::of(values) {
            Ok(Summary { n, mean, sd }) => Some(Self { runs: n, mean, sd: Some(sd) }),
            // one run has no spread
            Err(_) => values.first().map(|value| Self { runs: 1, mean: *value, sd: None }),
        }
    }
}

/// The mean over runs of what steps tell, over stretches of steps.
fn curve(outcomes: &[&Outcome], of: impl Fn(&crate::train::Step) -> f64) -> Vec<(usize, f64)> {
    let last = outcomes.iter().filter_map(|o| o.steps.last()).map(|step| step.step).max();
    let Some(last) = last else { return vec![] };
    let stretch = (last + 1).div_ceil(POINTS);
    let mut sums: BTreeMap<usize, (f64, usize)> = BTreeMap::new();
    for step in outcomes.iter().flat_map(|o| &o.steps) {
        let value = of(step);
        if value.is_finite() {
            let entry = sums.entry(step.step / stretch * stretch).or_default();
            *entry = (entry.0 + value, entry.1 + 1);
        }
    }
    sums.into_iter().map(|(step, (sum, count))| (step, sum / count as f64)).collect()
}

impl ComparedReport {
    fn new(c: &Compared, comparisons: usize) -> Self {
        Self {
            few: c.is_few(comparisons),
            equal: c.is_equal(),
            arm: c.arm.clone(),
            than: c.than.clone(),
            metric: c.metric.clone(),
            pairs: c.pairs,
            shown: c.shown,
            adjusted_p: c.adjusted_p,
            figures: c.figures,
        }
    }

    /// What it shows, in a word.
    pub const fn word(&self) -> &'static str {
        match self.shown {
            Shown::Lower => "lower",
            Shown::Higher => "higher",
            _ if self.equal => "equal",
            Shown::Same => "same",
            Shown::Nothing if self.few => "too few",
            Shown::Nothing => "none",
        }
    }

    /// The smallest difference that it could have seen; a dash where there is none to say.
    pub fn could_see(&self) -> String {
        self.figures.detectable.map_or_else(|| "-".into(), figure)
    }

    /// The interval of the mean difference.
    pub fn interval(&self) -> Interval {
        self.figures.interval
    }
}

impl ClaimReport {
    fn new(judged: &Judged) -> Self {
        Self {
            id: judged.claim.id.clone(),
            quote: judged.claim.quote.clone(),
            source: judged.claim.source.clone(),
            judgement: judged.judgement,
            because: judged.because.clone(),
            published: judged.published.clone(),
            reason: judged.claim.reason.clone(),
        }
    }

    /// The verdict whose colour the judgement has.
    pub const fn verdict(&self) -> Verdict {
        match self.judgement {
            Judgement::Supported => Verdict::Within,
            Judgement::Contradicted => Verdict::Refuted,
            _ => Verdict::Undecided,
        }
    }
}
