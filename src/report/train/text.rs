//! What runs say, for a terminal.

use super::{ArmReport, ComparedReport, TrainReport, figure};
use crate::report::columns::Columns;
use crate::report::number::counted;
use crate::report::{Page, painted};
use crate::train::{LEVEL, Shown, p_in_words, trend_p};
use crate::verdict::Verdict;

/// Metrics that are shown beside the one that is compared, if runs have them.
const BESIDE: [&str; 6] = ["loss", "accuracy", "perplexity", "rewards/margins", "rewards/accuracies", "grad_norm"];

impl TrainReport {
    /// The answer: what the family of comparisons or the trend shows, in words.
    pub fn answer(&self) -> (Verdict, String) {
        let metric = self.metric_in_words();
        if let Some(trend) = &self.trend {
            let p = trend_p(trend);
            let seeds = trend.each.len();
            let sure = p < LEVEL;
            let word = match trend.mean < 0.0 {
                true if sure => "falls",
                false if sure => "rises",
                _ => {
                    return (
                        Verdict::Undecided,
                        format!("no trend of {metric} over the arms was detected, {}", p_in_words(p)),
                    );
                }
            };
            let count = if trend.mean < 0.0 { trend.falling } else { trend.rising };
            let text = format!(
                "on the whole {metric} {word} from {} to {} (mean rank correlation {:+.2}, {}); throughout in {count} of {seeds} seeds",
                self.order.first().map_or("", String::as_str),
                self.order.last().map_or("", String::as_str),
                trend.mean,
                p_in_words(p)
            );
            return (Verdict::Within, text);
        }
        if self.seeds == 1 {
            return (
                Verdict::Vacuous,
                format!(
                    "one step of each arm was made, by {} of {} runs: nothing is compared",
                    self.finished, self.runs
                ),
            );
        }
        if self.compared.is_empty() {
            return (
                Verdict::Vacuous,
                format!("nothing was compared: {} of {} runs came to their end", self.finished, self.runs),
            );
        }
        if self.too_few() {
            let pairs = self.compared.iter().map(|c| c.pairs).max().unwrap_or_default();
            let text = format!(
                "nothing can be shown by {} and {}: see below what they measured",
                counted(pairs, "pair"),
                counted(self.compared.len(), "comparison")
            );
            return (Verdict::Undecided, text);
        }
        let named = |shown: Shown| {
            let names = self.compared.iter().filter(|c| c.shown == shown).map(|c| c.arm.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let baseline = self.baseline.as_deref().unwrap_or_default();
        let parts = [(Shown::Lower, "lower"), (Shown::Higher, "higher"), (Shown::Same, "the same within the region")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(shown, _)| self.compared.iter().any(|c| c.shown == *shown))
            .map(|(shown, word)| format!("{word} for {}", named(shown)))
            .collect();
        let nothing = named(Shown::Nothing);
        if parts.is_empty() {
            if self.compared.iter().all(|c| c.equal) {
                return (
                    Verdict::Undecided,
                    format!("{metric} is that of {baseline} in every run of {nothing}, as if they were one function"),
                );
            }
            let most = self.compared.iter().filter_map(|c| c.figures.detectable).reduce(f64::max);
            let seen = most.map_or_else(String::new, |most| format!("; one of {} could have been", figure(most)));
            let text = format!("no difference in {metric} from {baseline} was detected ({nothing}){seen}");
            return (Verdict::Undecided, text);
        }
        let rest = if nothing.is_empty() { String::new() } else { format!("; no difference detected for {nothing}") };
        (Verdict::Within, format!("{metric}, compared with {baseline}: {}{rest}", parts.join("; ")))
    }

    /// The report for people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = page.wrapped(&self.title, 0);
        let (verdict, answer) = self.answer();
        out += &page.wrapped(&painted(&answer, verdict, page.colour), 2);
        if let Some(part) = &self.part {
            let rest = "the same call without --shard, where the runs of all parts are kept, gives the report";
            out += &page.wrapped(&format!("Part {part}: {rest}."), 2);
        }
        if self.partial {
            out += &page
                .wrapped(&format!("{} of {} runs were not made: this rests on the others", self.missing, self.runs), 2);
        }
        for claim in &self.claims {
            let word = painted(claim.judgement.name(), claim.verdict(), page.colour);
            out += &page.wrapped(&format!("{word}: {}", claim.quote), 2);
        }
        for finding in &self.findings {
            let invalid = if finding.invalid { "; left out" } else { "" };
            let seeds = counted(finding.seeds.len(), "run");
            let word = painted("fault", Verdict::Refuted, page.colour);
            out += &page.wrapped(
                &format!("{word} {} ({}, {seeds}{invalid}): {}", finding.check, finding.arm, finding.message),
                2,
            );
        }
        out += "\n";
        let seeds = counted(self.seeds, "paired seed");
        out += &page.wrapped(&format!("{} on {}, {seeds}", self.model, self.data), 2);
        out += &page.wrapped(&self.recipe, 2);
        if !self.note.is_empty() {
            out += &page.wrapped(&self.note, 2);
        }
        if let Some(paper) = &self.paper {
            out += &page.wrapped(&format!("the publication's setting: {paper}"), 2);
        }
        out += "\n";
        out += &self.arms_table();
        if !self.compared.is_empty() {
            out += "\n";
            out += &self.compared_table(page);
        }
        if let Some(trend) = &self.trend {
            out += "\n";
            let each = trend.each.iter().map(|rho| format!("{rho:+.2}")).collect::<Vec<_>>().join(" ");
            out += &page.wrapped(&format!("in the order {}", self.order.join(", ")), 2);
            out += &page.wrapped(&format!("rank correlation with that order, seed by seed: {each}"), 2);
            let steps = self.arms.len().saturating_sub(1);
            out += &page.wrapped(&format!("the means go against the trend at {} of {steps} steps", trend.against), 2);
        }
        for claim in &self.claims {
            out += "\n";
            out += &page.wrapped(&format!("{}: {}; {}", claim.judgement.name(), claim.id, claim.because), 2);
            for line in claim.published.iter().cloned().chain(claim.reason.as_ref().map(|reason| {
                let holds = if reason.holds { "can be the reason" } else { "cannot be the reason" };
                format!("its reason, \"{}\", {holds}: {}", reason.quote, reason.judged)
            })) {
                out += &format!("  {}", page.wrapped(&line, 4));
            }
        }
        let unchecked: Vec<&str> =
            self.arms.iter().filter(|arm| !arm.gradient_checked).map(|arm| arm.name.as_str()).collect();
        if !unchecked.is_empty() {
            out += "\n";
            out += &page.wrapped(&format!("not checked: the gradient of {}", unchecked.join(", ")), 2);
        }
        out += "\n";
        out += &page.wrapped(&format!("{}; runs on one thread each; trained, not proved", self.environment), 2);
        out
    }

    fn beside(&self) -> Vec<&str> {
        let mut names = vec![self.metric.as_str()];
        names.extend(BESIDE.into_iter().filter(|name| *name != self.metric));
        let there = |name: &&str| self.arms.iter().any(|arm| arm.metrics.contains_key(*name));
        names.into_iter().filter(there).take(4).collect()
    }

    fn arms_table(&self) -> String {
        let names = self.beside();
        let head = std::iter::once("arm".to_owned()).chain(names.iter().map(|name| (*name).to_owned()));
        let cell = |arm: &ArmReport, name: &str| match arm.metrics.get(name) {
            None => "-".to_owned(),
            Some(spread) => match spread.sd {
                Some(sd) => format!("{} ({})", figure(spread.mean), figure(sd)),
                None => figure(spread.mean),
            },
        };
        let row = |arm: &ArmReport| {
            let made = arm.metrics.values().map(|spread| spread.runs).max().unwrap_or_default();
            let name = if made < self.seeds { format!("{} ({made} runs)", arm.name) } else { arm.name.clone() };
            std::iter::once(name).chain(names.iter().map(|name| cell(arm, name))).collect()
        };
        let rows = std::iter::once(head.collect()).chain(self.arms.iter().map(row)).collect();
        let lines = Columns { right: &[1, 2, 3, 4], rows }.lines();
        "means over seeds (standard deviations)\n".to_owned()
            + &lines.iter().map(|l| format!("  {l}\n")).collect::<String>()
    }

    fn compared_table(&self, page: &Page) -> String {
        let head = ["arm", "difference", "95 % interval", "p (Holm)", "could see", ""];
        let row = |c: &ComparedReport| {
            let interval = c.interval();
            vec![
                c.arm.clone(),
                format!("{:+.4}", c.figures.difference.mean),
                format!("[{:+.4}, {:+.4}]", interval.low, interval.high),
                c.adjusted_p.map_or_else(|| "-".into(), |p| format!("{p:.4}")),
                c.could_see(),
                c.word().to_owned(),
            ]
        };
        let rows = std::iter::once(head.map(str::to_owned).to_vec()).chain(self.compared.iter().map(row)).collect();
        let lines = Columns { right: &[1, 2, 3, 4], rows }.lines();
        let baseline = self.baseline.as_deref().unwrap_or_default();
        let mut out = page.wrapped(&format!("{} less that of {baseline}, pair by pair", self.metric_in_words()), 2);
        out += &lines.iter().map(|l| format!("  {l}\n")).collect::<String>();
        let correlations: Vec<f64> = self.compared.iter().filter_map(|c| c.figures.correlation.known()).collect();
        if let (Some(low), Some(high)) =
            (correlations.iter().copied().reduce(f64::min), correlations.iter().copied().reduce(f64::max))
        {
            out += &page.wrapped(
                &format!("correlation of pairs {low:.2} to {high:.2}; could see: the difference that so many pairs show with power 0.8"),
                2,
            );
        }
        if self.compared.iter().any(|c| c.figures.sign_flip_p.known().is_none()) {
            out += &page.wrapped("p is that of sign tests: there are too many pairs to go through all signs", 2);
        }
        if self.too_few() {
            out += &page.wrapped("so few pairs cannot reject anything in an exact test, whatever they say", 2);
        }
        out
    }

    /// Whether no comparison of the family could reject, whatever runs say.
    fn too_few(&self) -> bool {
        self.compared.iter().all(|c| c.few)
    }
}
