//! For people: the answer, what closes the gate, what changed; what passed is a count.

use super::finding::{Finding, Level, UNDECIDED, findings};
use super::{GateReport, GateResult};
use crate::gate::Standing;
use crate::report::number::{counted, figure, of_unit};
use crate::report::replay::quoted;
use crate::report::{Page, painted, printable};
use crate::verdict::{Ended, Verdict};
use std::fmt::Write as _;

/// Results of a kind that are listed.
const SHOWN: usize = 10;

impl GateReport {
    /// The report for people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = String::new();
        let found = findings(self);
        let answer = match self.verdict {
            _ if self.is_empty_part() && self.summary.segments > 0 => "TO BE MERGED",
            _ if self.is_empty_part() => "EMPTY",
            Verdict::Refuted => "FAILED",
            _ if !self.absent.is_empty() => "INCOMPLETE",
            Verdict::Undecided | Verdict::Undefined | Verdict::Searched => "UNDECIDED",
            Verdict::Vacuous => "NOTHING COMPARED",
            Verdict::Proved | Verdict::Within => "PASSED",
        };
        let count = |standing: Standing| self.results.iter().filter(|r| r.standing == standing).count();
        let failing = found.iter().filter(|f| f.level == Level::Error && f.word != UNDECIDED).count();
        let mut parts = vec![counted(self.summary.audits, "audit"), counted(self.summary.results, "result")];
        // what was not looked at is said at once
        let partly = self.results.iter().filter(|r| r.row.partly).count();
        let less = [(self.summary.sampled, "sampled"), (partly, "on a part of the line")];
        let less: Vec<String> = less.iter().filter(|(n, _)| *n > 0).map(|(n, how)| format!("{n} {how}")).collect();
        if !less.is_empty() {
            parts[1] += &format!(" ({})", less.join(", "));
        }
        parts.extend((!self.claims.is_empty()).then(|| counted(self.claims.len(), "claim")));
        let mut tail = vec![];
        tail.extend(
            (answer == "NOTHING COMPARED" && self.summary.audits > 1)
                .then(|| format!("nothing in {} of them", counted(self.nothing.len(), "audit"))),
        );
        tail.extend((failing > 0).then(|| format!("{failing} not as promised")));
        tail.extend((count(Standing::Undecided) > 0).then(|| format!("{} undecided", count(Standing::Undecided))));
        let worse = self.results.iter().filter(|r| r.is_known_and_worse()).count();
        let worse = if worse > 0 { format!(" ({worse} worse than accepted)") } else { String::new() };
        tail.extend(
            (count(Standing::Expected) > 0).then(|| counted(count(Standing::Expected), "expected failure") + &worse),
        );
        tail.extend(
            (self.summary.borne > 0).then(|| format!("{} over the usual budget, accepted", self.summary.borne)),
        );
        let tail = if tail.is_empty() { String::new() } else { format!(": {}", tail.join(", ")) };
        let line = page.wrapped(&format!("{answer}  {}{tail}", parts.join(", ")), 8);
        out += &line.replacen(answer, &painted(answer, self.verdict, page.colour), 1);
        if let Some(shard) = &self.shard {
            let rest = "puts all of them together, and judges the claims and whether each expectation still holds";
            out += &page.wrapped(&format!("Part {shard}: `actaudit merge` {rest}."), 0);
            if self.summary.segments > 0 {
                let count = counted(self.summary.segments, "segment");
                let text = "of sweeps over all of f32, sixteen each, were looked at; merging makes results of them";
                out += &page.wrapped(&format!("{count} {text}."), 0);
            }
        }
        if self.summary.partial {
            let _ = writeln!(out, "It was stopped: what stands here is what was done by then.");
        }
        for level in [Level::Error, Level::Warning] {
            for finding in found.iter().filter(|f| f.level == level) {
                self.finding(&mut out, finding, page);
            }
        }
        let borne: Vec<&GateResult> = self.results.iter().filter(|r| r.standing == Standing::Expected).collect();
        if !borne.is_empty() {
            out += "\nfail as expected\n";
            for r in borne {
                let reason = r.expected.as_ref().map_or("", |e| e.reason.as_str());
                let day = r.expected.as_ref().and_then(|e| e.expires.as_ref());
                let until = day.map_or_else(String::new, |day| format!(", until {day}"));
                let (id, budget) = (printable(&r.row.id), figure(&r.row.budget));
                let measured = of_unit(&figure(&r.row.measured), &r.row.unit);
                let _ = writeln!(out, "  {id}\n    {}{until}\n    {measured}, allowed {budget}", printable(reason));
            }
        }
        let past: Vec<&GateResult> = self.results.iter().filter(|r| r.is_borne_by_its_past()).collect();
        if !past.is_empty() {
            out += "\nover the usual budget, and no worse than what was accepted\n";
            for r in past.iter().take(SHOWN) {
                let measured = of_unit(&figure(&r.row.measured), &r.row.unit);
                let _ = writeln!(out, "  {}\n    {measured}, usually {}", printable(&r.row.id), figure(&r.row.budget));
            }
            if let Some(more @ 1..) = past.len().checked_sub(SHOWN) {
                let _ = writeln!(out, "  and {more} more: --format json");
            }
        }
        let [bless, accept] = self.commands();
        if self.results.iter().any(|r| r.held && r.change == "new" && r.standing == Standing::Failed) {
            out += &page.wrapped(&format!("\nto accept what is new: `{bless}`, then `{accept}`"), 2);
        }
        let better: Vec<&Finding> =
            found.iter().filter(|f| f.level == Level::Note && f.justification.is_none()).collect();
        if !better.is_empty() {
            out += &page.wrapped(&format!("\nbetter than what was accepted; `{bless}`, then `{accept}` keep it"), 2);
            for finding in better {
                let _ = writeln!(out, "  {}\n    {}", finding.id, finding.message);
            }
        }
        out
    }

    /// What writes figures that wait, and what accepts them.
    pub fn commands(&self) -> [String; 2] {
        match self.config.as_str() {
            "actaudit.toml" => ["actaudit gate --bless".into(), "actaudit accept".into()],
            other => [
                format!("actaudit gate {} --bless", quoted(other)),
                format!("actaudit accept --config {}", quoted(other)),
            ],
        }
    }

    fn finding(&self, out: &mut String, finding: &Finding, page: &Page) {
        let (id, line) = (&finding.id, finding.line);
        let _ =
            writeln!(out, "\n{}  {id}   {}:{line}", painted(finding.word, finding.verdict(), page.colour), self.config);
        for part in finding.message.split("; ") {
            *out += &page.wrapped(&format!("  {part}"), 4);
        }
        if let Some(again) = &finding.again {
            let _ = writeln!(out, "  again   {again}");
        }
    }

    /// Whether it is a part to which nothing belongs.
    fn is_empty_part(&self) -> bool {
        self.shard.is_some()
            && self.results.is_empty()
            && self.absent.is_empty()
            && self.nothing.is_empty()
            && !self.summary.partial
    }

    /// How the command ends.
    pub fn ended(&self) -> Ended {
        match self.verdict {
            _ if self.is_empty_part() => Ended::Done,
            Verdict::Refuted => Ended::Judged(Verdict::Refuted),
            _ if !self.absent.is_empty() => Ended::Absent,
            verdict => Ended::Judged(verdict),
        }
    }
}
