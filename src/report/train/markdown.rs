//! What runs say, as a page for a repository.

use super::TrainReport;
use super::figure;
use crate::report::printable;
use std::fmt::Write as _;

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    printable(text).replace('|', "\\|")
}

impl TrainReport {
    /// The page.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n**{}**\n\n", cell(&self.title), cell(&self.answer().1));
        let _ = writeln!(out, "{}\n", cell(&self.question));
        let seeds = self.seeds;
        let _ =
            writeln!(out, "{} on {}; {seeds} paired seeds; {}.\n", cell(&self.model), cell(&self.data), self.recipe);
        if !self.note.is_empty() {
            let _ = writeln!(out, "{}\n", cell(&self.note));
        }
        if let Some(paper) = &self.paper {
            let _ = writeln!(out, "The publication's setting ({}): {}.\n", cell(&self.source), cell(paper));
        }
        for finding in &self.findings {
            let _ =
                writeln!(out, "- **fault** `{}` ({}): {}", finding.check, cell(&finding.arm), cell(&finding.message));
        }
        if !self.claims.is_empty() {
            out += "| claim | verdict | because |\n|---|---|---|\n";
            for claim in &self.claims {
                let published = claim.published.as_ref().map_or_else(String::new, |p| format!(" {p}."));
                let reason = claim.reason.as_ref().map_or_else(String::new, |r| {
                    let holds = if r.holds { "can be the reason" } else { "cannot be the reason" };
                    format!(" Its reason, \"{}\", {holds}: {}.", r.quote, r.judged)
                });
                let (quote, name) = (cell(&claim.quote), claim.judgement.name());
                let because = cell(&format!("{}.{published}{reason}", claim.because));
                let _ = writeln!(out, "| {quote} ({}) | **{name}** | {because} |", cell(&claim.source));
            }
            out += "\n";
        }
        let mut names: Vec<&String> = self.arms.iter().flat_map(|arm| arm.metrics.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let _ = writeln!(out, "Means over seeds (standard deviations):\n");
        let heads = names.iter().map(|name| cell(name)).collect::<Vec<_>>().join(" | ");
        let _ = writeln!(out, "| arm | computed by | {heads} |\n|---|---|{}", "---:|".repeat(names.len()));
        for arm in &self.arms {
            let values = names.iter().map(|name| match arm.metrics.get(*name) {
                None => "-".to_owned(),
                Some(s) => figure(s.mean) + &s.sd.map_or_else(String::new, |sd| format!(" ({})", figure(sd))),
            });
            let values = values.collect::<Vec<_>>().join(" | ");
            let _ = writeln!(out, "| {} | {} | {values} |", cell(&arm.name), cell(&arm.route));
        }
        if let Some(baseline) = &self.baseline {
            let _ = writeln!(out, "\n{} less that of {}, pair by pair:\n", self.metric_in_words(), cell(baseline));
            out += "| arm | difference | 95 % interval (t) | bootstrap (BCa) | p, all sign flips | p (Holm) | P(lower) | could have seen | correlation |\n|---|---:|---|---|---:|---:|---:|---:|---:|\n";
            for c in &self.compared {
                let f = &c.figures;
                let dash = || "-".to_owned();
                let _ = writeln!(
                    out,
                    "| {} | {:+.5} | [{:+.5}, {:+.5}] | {} | {} | {} | {:.2} | {} | {} |",
                    cell(&c.arm),
                    f.difference.mean,
                    f.interval.low,
                    f.interval.high,
                    f.bootstrap.known().map_or_else(dash, |i| format!("[{:+.5}, {:+.5}]", i.low, i.high)),
                    f.sign_flip_p.known().map_or_else(dash, |p| format!("{p:.4}")),
                    c.adjusted_p.map_or_else(dash, |p| format!("{p:.4}")),
                    1.0 - f.chance.chance,
                    c.could_see(),
                    f.correlation.known().map_or_else(dash, |r| format!("{r:.2}")),
                );
            }
        }
        if let Some(trend) = &self.trend {
            let each = trend.each.iter().map(|rho| format!("{rho:+.2}")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "\nRank correlation with the order of the arms, seed by seed: {each}.");
        }
        let _ = writeln!(out, "\n{}; one thread a run. Trained, not proved.", cell(&self.environment));
        out
    }
}
