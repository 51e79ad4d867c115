//! What runs say: comparisons of a family, a trend, and claims. Nothing is called proved here.

use super::TrainError;
use super::fault::{Finding, findings};
use super::file::{ClaimFile, Published, Says};
use super::outcome::Outcome;
use super::plan::{Family, LEVEL, Plan};
use crate::stats::{self, Comparison, Rank, Terms, Trend, Within, holm};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a comparison shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shown {
    /// the metric of the arm is lower
    Lower,
    /// the metric of the arm is higher
    Higher,
    /// it differs by less than the region
    Same,
    /// no difference was detected: there may be one that is smaller than what the runs could have seen
    Nothing,
}

/// One arm against another in one metric.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// the arm
    pub arm: String,
    /// what it is compared with
    pub than: String,
    /// in which metric
    pub metric: String,
    /// pairs that count
    pub pairs: usize,
    /// the figures
    pub figures: Comparison,
    /// the exact p of the sign-flip test, adjusted for the whole family
    pub adjusted_p: Option<f64>,
    /// what it shows at the level 0.05
    pub shown: Shown,
}

/// What a claim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Judgement {
    /// the runs show what is said
    Supported,
    /// the runs do not show it: no difference was detected, although one of the size that was published would have been, if there is one
    NotSupported,
    /// the runs show the opposite
    Contradicted,
    /// the runs could not have seen it, or went wrong
    NotTestable,
}

impl Judgement {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Supported, Self::NotSupported, Self::Contradicted, Self::NotTestable];

    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Supported => "these runs show what is said",
            Self::NotSupported => {
                "these runs show nothing of it, although they could have seen a difference of the published size"
            }
            Self::Contradicted => "these runs show the opposite",
            Self::NotTestable => "these runs could not have seen it, or went wrong",
        }
    }

    /// As in reports, which never leave out that runs of minutes say nothing of runs of days.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported at this scale",
            Self::NotSupported => "not supported at this scale",
            Self::Contradicted => "contradicted at this scale",
            Self::NotTestable => "not testable at this scale",
        }
    }
}

/// A claim and what became of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// the claim
    pub claim: ClaimFile,
    /// the verdict
    pub judgement: Judgement,
    /// why, one sentence
    pub because: String,
    /// what the published figures are worth by themselves
    pub published: Option<String>,
}

/// Everything that runs say.
#[derive(Debug, Clone)]
pub struct Results {
    /// what came of each run
    pub outcomes: Vec<Outcome>,
    /// what is wrong with runs
    pub findings: Vec<Finding>,
    /// the family of comparisons, in the order of arms
    pub compared: Vec<Compared>,
    /// the trend, if the audit asks for one
    pub trend: Option<Trend>,
    /// claims in the order of the file
    pub claims: Vec<Judged>,
}

/// Judges the outcomes of a plan, or of the part that there is.
///
/// # Errors
/// If statistics refuse what they are given: fewer than two pairs are no error.
pub fn judge(plan: &Plan, outcomes: Vec<Outcome>) -> Result<Results, TrainError> {
    let findings = findings(plan, &outcomes);
    let judge = Judge { plan, table: Table::new(plan, &outcomes, &findings), findings: &findings };
    let pairs = judge.pairs();
    let compared = judge.family(&pairs, &plan.metric, plan.region)?;
    let trend = if plan.family == Family::Trend { judge.trend(&plan.metric)? } else { None };
    let claims = plan.claims.iter().map(|claim| judge.claim(claim)).collect::<Result<_, _>>()?;
    Ok(Results { outcomes, findings, compared, trend, claims })
}

impl Results {
    /// The outcomes that count: those of runs without a fault that makes them worthless.
    pub fn counted(&self, plan: &Plan) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| counts(plan, outcome, &self.findings))
    }
}

fn counts(plan: &Plan, outcome: &Outcome, findings: &[Finding]) -> bool {
    let run = &plan.runs[outcome.run];
    let name = &plan.arms[run.arm].name;
    !findings.iter().any(|f| f.invalid && f.arm == *name && f.seeds.contains(&run.spec.seed))
}

/// Metrics of runs that count, by arm and seed.
struct Table<'a> {
    outcomes: BTreeMap<(usize, u64), &'a Outcome>,
}

impl<'a> Table<'a> {
    fn new(plan: &Plan, outcomes: &'a [Outcome], findings: &[Finding]) -> Self {
        let key = |outcome: &Outcome| (plan.runs[outcome.run].arm, plan.runs[outcome.run].spec.seed);
        Self { outcomes: outcomes.iter().filter(|o| counts(plan, o, findings)).map(|o| (key(o), o)).collect() }
    }

    fn metric(&self, arm: usize, seed: u64, metric: &str) -> Option<f64> {
        self.outcomes.get(&(arm, seed))?.metric(metric)
    }
}

struct Judge<'a> {
    plan: &'a Plan,
    table: Table<'a>,
    findings: &'a [Finding],
}

fn statistics(error: &stats::StatsError) -> TrainError {
    TrainError::Number(error.to_string())
}

impl Judge<'_> {
    /// The comparisons of the family, by numbers of arms.
    fn pairs(&self) -> Vec<[usize; 2]> {
        match self.plan.family {
            Family::Against(baseline) => {
                (0..self.plan.arms.len()).filter(|arm| *arm != baseline).map(|arm| [arm, baseline]).collect()
            }
            Family::Trend => vec![],
        }
    }

    /// Compares pairs of arms as one family. Those with fewer than two pairs of runs are left out.
    fn family(&self, pairs: &[[usize; 2]], metric: &str, region: Option<f64>) -> Result<Vec<Compared>, TrainError> {
        let terms = Terms { level: 1.0 - LEVEL, comparisons: pairs.len().max(1), region, ..Terms::default() };
        let mut compared = vec![];
        for [arm, than] in pairs {
            let value = |arm: &usize, seed: &u64| self.table.metric(*arm, *seed, metric);
            let both = self.plan.seeds.iter().filter_map(|seed| Some((value(arm, seed)?, value(than, seed)?)));
            let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
            if a.len() < 2 {
                continue;
            }
            let figures = stats::compare(&a, &b, &terms).map_err(|e| statistics(&e))?;
            let name = |k: &usize| self.plan.arms[*k].name.clone();
            let (arm, than, metric) = (name(arm), name(than), metric.to_owned());
            compared.push(Compared {
                arm,
                than,
                metric,
                pairs: a.len(),
                figures,
                adjusted_p: None,
                shown: Shown::Nothing,
            });
        }
        let p = |c: &Compared| c.figures.sign_flip_p.known().unwrap_or(c.figures.sign_p);
        let adjusted = if compared.is_empty() {
            vec![]
        } else {
            holm(&compared.iter().map(p).collect::<Vec<_>>()).map_err(|e| statistics(&e))?
        };
        for (one, p) in compared.iter_mut().zip(adjusted) {
            one.adjusted_p = Some(p);
            // adjusted as hard as can be, and not by an interval of few pairs, which rests on its assumptions alone
            let level = LEVEL / pairs.len() as f64;
            let same = !one.is_few(pairs.len()) && one.figures.equivalence.is_some_and(|e| e.p < level);
            let mean = one.figures.difference.mean;
            one.shown = match p < LEVEL {
                _ if same => Shown::Same,
                true if mean < 0.0 => Shown::Lower,
                true => Shown::Higher,
                false => Shown::Nothing,
            };
        }
        Ok(compared)
    }

    /// The trend of a metric over the arms in their order, over the seeds of which all arms count.
    fn trend(&self, metric: &str) -> Result<Option<Trend>, TrainError> {
        let order = self.plan.order();
        let places: Vec<f64> = order.iter().map(|arm| self.plan.arms[*arm].at).collect();
        let series =
            |seed: &u64| order.iter().map(|arm| self.table.metric(*arm, *seed, metric)).collect::<Option<Vec<f64>>>();
        let results: Vec<Vec<f64>> = self.plan.seeds.iter().filter_map(series).collect();
        if results.len() < 2 {
            return Ok(None);
        }
        stats::trend(&places, &results, Rank::Spearman).map(Some).map_err(|e| statistics(&e))
    }

    fn claim(&self, claim: &ClaimFile) -> Result<Judged, TrainError> {
        let (mut judgement, mut because) = self.verdict(claim)?;
        let concerns = |finding: &&Finding| {
            let trend = claim.than.is_empty() && claim.arm.is_none();
            trend || claim.arm.as_ref() == Some(&finding.arm) || claim.than.contains(&finding.arm)
        };
        let faults: Vec<&Finding> = self.findings.iter().filter(concerns).collect();
        for fault in &faults {
            because += &format!("; fault {} in {} of the runs of {}", fault.check, fault.seeds.len(), fault.arm);
        }
        // runs that went wrong are no random part of all: what is left flatters the arm that lost them
        let shown = matches!(judgement, Judgement::Supported | Judgement::Contradicted);
        if shown && faults.iter().any(|fault| fault.invalid) {
            judgement = Judgement::NotTestable;
        }
        let published = claim.published.as_ref().and_then(super::published::worth);
        Ok(Judged { claim: claim.clone(), judgement, because, published })
    }

    fn verdict(&self, claim: &ClaimFile) -> Result<(Judgement, String), TrainError> {
        if let Some(why) = &claim.out_of_reach {
            return Ok((Judgement::NotTestable, why.clone()));
        }
        let metric = claim.metric.as_deref().unwrap_or(&self.plan.metric);
        match claim.says {
            Says::Falls | Says::FallsThroughout => self.trend_verdict(claim.says, -1.0, metric),
            Says::Rises | Says::RisesThroughout => self.trend_verdict(claim.says, 1.0, metric),
            Says::Lower | Says::Higher | Says::Same => self.comparison_verdict(claim, metric),
        }
    }

    /// Whether a metric goes with the order of the arms; `sign` is that of the trend that is claimed.
    fn trend_verdict(&self, says: Says, sign: f64, metric: &str) -> Result<(Judgement, String), TrainError> {
        let Some(trend) = self.trend(metric)? else {
            return Ok((Judgement::NotTestable, "fewer than two seeds have results of all arms".into()));
        };
        let p = trend_p(&trend);
        let wanted = sign * trend.mean;
        let count = if sign < 0.0 { trend.falling } else { trend.rising };
        let throughout = matches!(says, Says::FallsThroughout | Says::RisesThroughout);
        let seeds = trend.each.len();
        let figures = format!(
            "mean rank correlation {:+.2}, {}; strictly monotone in {count} of {seeds} seeds, the means go against it at {} of {} steps",
            trend.mean,
            p_in_words(p),
            trend.against,
            self.plan.arms.len() - 1
        );
        let judgement = match p < LEVEL {
            // each step has to be shown; one against it may be noise, and contradicts nothing
            true if wanted > 0.0 && throughout && !self.shown_throughout(sign, metric)? => Judgement::NotSupported,
            true if wanted > 0.0 => Judgement::Supported,
            true => Judgement::Contradicted,
            false if stats::smallest_p(seeds) >= LEVEL => Judgement::NotTestable,
            false => Judgement::NotSupported,
        };
        Ok((judgement, figures))
    }

    /// Whether each step of a trend is shown by itself: all have to be, so that none is adjusted for the others.
    fn shown_throughout(&self, sign: f64, metric: &str) -> Result<bool, TrainError> {
        let order = self.plan.order();
        for step in order.windows(2) {
            let compared = self.family(&[[step[1], step[0]]], metric, None)?;
            let wanted = if sign < 0.0 { Shown::Lower } else { Shown::Higher };
            if compared.first().is_none_or(|c| c.shown != wanted) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn comparison_verdict(&self, claim: &ClaimFile, metric: &str) -> Result<(Judgement, String), TrainError> {
        let find = |name: &String| self.plan.arms.iter().position(|arm| arm.name == *name);
        let Some(arm) = claim.arm.as_ref().and_then(find) else {
            return Ok((Judgement::NotTestable, "its arm takes no part in this preset".into()));
        };
        let others: Vec<[usize; 2]> = claim.than.iter().filter_map(find).map(|than| [arm, than]).collect();
        if others.len() < claim.than.len() || others.is_empty() {
            return Ok((Judgement::NotTestable, "not all arms that it names take part in this preset".into()));
        }
        let region = match &claim.metric {
            // the audit's region is one of its own metric
            Some(metric) if *metric != self.plan.metric => claim.region,
            _ => claim.region.or(self.plan.region),
        };
        let compared = self.family(&others, metric, region)?;
        if compared.len() < others.len() {
            return Ok((Judgement::NotTestable, "there are fewer than two pairs of runs".into()));
        }
        let (wanted, opposite) = match claim.says {
            Says::Lower => (Shown::Lower, Shown::Higher),
            Says::Higher => (Shown::Higher, Shown::Lower),
            _ => return Ok(same_verdict(&compared)),
        };
        let figures = compared.iter().map(difference).collect::<Vec<_>>().join("; ");
        // a difference within the region is no advantage, and none of the other either
        let against = compared.iter().any(|c| c.shown == opposite);
        let judgement = if against {
            Judgement::Contradicted
        } else if compared.iter().all(|c| c.shown == wanted) {
            Judgement::Supported
        } else if could_not_see(claim, &compared) {
            Judgement::NotTestable
        } else {
            Judgement::NotSupported
        };
        Ok((judgement, figures))
    }
}

impl Compared {
    /// Whether so few pairs cannot reject in a family of this size, whatever they say.
    pub fn is_few(&self, comparisons: usize) -> bool {
        self.figures.smallest_p * comparisons as f64 >= LEVEL
    }

    /// Whether all pairs are equal, as if the arms were one function.
    pub fn is_equal(&self) -> bool {
        self.figures.difference.mean == 0.0 && self.figures.interval.degenerate
    }
}

/// The p of a trend: of all sign flips, or of signs where those are too many.
pub fn trend_p(trend: &Trend) -> f64 {
    trend.p.known().unwrap_or(trend.sign_p)
}

/// Whether the published difference is smaller than what the runs could have seen; only figures of the same kind are compared.
fn could_not_see(claim: &ClaimFile, compared: &[Compared]) -> bool {
    let few = compared.iter().any(|c| c.is_few(compared.len()));
    let size = |p: &Published, metric: &str| match (p.unit.as_str(), metric) {
        ("accuracy", "accuracy") => Some((p.arm - p.than).abs() / 100.0),
        ("perplexity", "loss") => Some((p.arm / p.than).ln().abs()),
        (unit, metric) => (unit == metric).then(|| (p.arm - p.than).abs()),
    };
    let smaller = |c: &Compared| {
        let published = claim.published.as_ref().and_then(|p| size(p, &c.metric))?;
        Some(c.figures.detectable.is_none_or(|detectable| published < detectable))
    };
    few || compared.iter().any(|c| smaller(c).unwrap_or(false))
}

/// A comparison in words: `srelu - gelu: -0.0123 [-0.02, -0.004], p = 0.0078, could have seen 0.011`.
fn difference(c: &Compared) -> String {
    let (mean, interval) = (c.figures.difference.mean, c.figures.interval);
    if c.is_equal() {
        return format!("{} - {}: all {} pairs are equal, as if they were one function", c.arm, c.than, c.pairs);
    }
    let p = c.adjusted_p.map_or_else(String::new, |p| format!(", {}", p_in_words(p)));
    let seen = match c.figures.detectable {
        Some(detectable) => format!("could have seen {detectable:.4}"),
        None => "could have seen nothing".to_owned(),
    };
    let (arm, than) = (&c.arm, &c.than);
    format!("{arm} - {than}: {mean:+.4} [{:+.4}, {:+.4}]{p}, {seen}", interval.low, interval.high)
}

/// Whether arms are practically the same as another.
fn same_verdict(compared: &[Compared]) -> (Judgement, String) {
    let tested = |c: &Compared| match c.figures.equivalence {
        Some(e) => format!(
            "{} - {}: {:+.4} [{:+.4}, {:+.4}], within {} of one another: {} (two one-sided tests)",
            c.arm,
            c.than,
            c.figures.difference.mean,
            c.figures.interval.low,
            c.figures.interval.high,
            e.region,
            p_in_words(e.p)
        ),
        None => difference(c),
    };
    let figures = compared.iter().map(tested).collect::<Vec<_>>().join("; ");
    let verdicts: Vec<Option<Within>> = compared.iter().map(|c| c.figures.equivalence.map(|e| e.verdict)).collect();
    // an interval of so few pairs rests on its assumptions alone
    let few = compared.iter().any(|c| c.is_few(compared.len()));
    let apart = |c: &Compared| {
        let outside = c.figures.equivalence.is_some_and(|e| e.verdict == Within::Outside);
        outside && c.adjusted_p.is_some_and(|p| p < LEVEL)
    };
    let judgement = if verdicts.contains(&None) {
        return (Judgement::NotTestable, "there is no region below which differences do not matter".into());
    } else if few {
        Judgement::NotTestable
    } else if compared.iter().any(apart) {
        Judgement::Contradicted
    } else if verdicts.iter().all(|v| *v == Some(Within::Inside)) {
        Judgement::Supported
    } else {
        Judgement::NotTestable
    };
    (judgement, figures)
}

/// `p = 0.0078`, or `p < 0.0001`: no p is 0.
pub fn p_in_words(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") }
}
