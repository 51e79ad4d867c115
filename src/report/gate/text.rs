//! For people: the answer, what closes the gate, what changed; what passed is a count.

use super::finding::{Finding, Level, findings};
use super::{GateReport, GateResult};
use crate::gate::Standing;
use crate::report::{Page, painted, printable};
use crate::verdict::{Ended, Verdict};
use std::fmt::Write as _;

impl GateReport {
    /// The report for people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = String::new();
        let found = findings(self);
        let answer = match self.verdict {
            Verdict::Refuted => "FAILED",
            _ if !self.absent.is_empty() => "INCOMPLETE",
            Verdict::Undecided | Verdict::Undefined | Verdict::Searched => "UNDECIDED",
            Verdict::Vacuous => "NOTHING COMPARED",
            Verdict::Proved | Verdict::Within => "PASSED",
        };
        let count = |standing: Standing| self.results.iter().filter(|r| r.standing == standing).count();
        let failing = found.iter().filter(|f| f.level == Level::Error).count();
        let mut parts = vec![counted(self.summary.audits, "audit"), counted(self.summary.results, "result")];
        parts.extend((!self.claims.is_empty()).then(|| counted(self.claims.len(), "claim")));
        let mut tail = vec![];
        tail.extend((failing > 0).then(|| format!("{failing} not as promised")));
        tail.extend((count(Standing::Undecided) > 0).then(|| format!("{} undecided", count(Standing::Undecided))));
        tail.extend((count(Standing::Expected) > 0).then(|| counted(count(Standing::Expected), "expected failure")));
        let tail = if tail.is_empty() { String::new() } else { format!(": {}", tail.join(", ")) };
        let _ = writeln!(out, "{}  {}{tail}", painted(answer, self.verdict, page.colour), parts.join(", "));
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
                let _ = writeln!(out, "  {}\n    {}{until}", printable(&r.row.id), printable(reason));
            }
        }
        let better: Vec<&Finding> =
            found.iter().filter(|f| f.level == Level::Note && f.justification.is_none()).collect();
        if !better.is_empty() {
            out += "\nbetter than what was accepted; `actaudit gate --bless`, then `actaudit accept` keep it\n";
            for finding in better {
                let _ = writeln!(out, "  {}\n    {}", finding.id, finding.message);
            }
        }
        out
    }

    fn finding(&self, out: &mut String, finding: &Finding, page: &Page) {
        let (word, verdict) = match finding.level {
            Level::Error => ("failed", Verdict::Refuted),
            Level::Warning | Level::Note => ("warning", Verdict::Undecided),
        };
        let (id, line) = (&finding.id, finding.line);
        let _ = writeln!(out, "\n{}  {id}   {}:{line}", painted(word, verdict, page.colour), self.config);
        for part in finding.message.split("; ") {
            *out += &page.wrapped(&format!("  {part}"), 4);
        }
        if let Some(again) = &finding.again {
            let _ = writeln!(out, "  again   {again}");
        }
    }

    /// How the command ends.
    pub fn ended(&self) -> Ended {
        match self.verdict {
            Verdict::Refuted => Ended::Judged(Verdict::Refuted),
            _ if !self.absent.is_empty() => Ended::Absent,
            verdict => Ended::Judged(verdict),
        }
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
