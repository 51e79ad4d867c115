//! What is to be said of a gate, one by one and the worst first: what every form for CI systems shows.

use super::{GateReport, GateResult};
use crate::gate::Standing;
use crate::report::number::{brief, figure, grouped};
use crate::report::printable;
use crate::report::replay::quoted;
use crate::verdict::Verdict;
use std::path::Path;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// the gate is closed
    Error,
    /// not decided, or worse than before though within what is allowed
    Warning,
    /// known and borne, or better than before
    Note,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// how much it weighs
    pub level: Level,
    /// the kind of finding, for rules: a check, `claim`, `absent` or `expectation`
    pub rule: String,
    /// what it is about, without any figure: the same in every run
    pub id: String,
    /// line of the configuration
    pub line: usize,
    /// in words
    pub message: String,
    /// a command that shows it again
    pub again: Option<String>,
    /// new, unchanged or updated, as SARIF has it
    pub state: &'static str,
    /// why it is borne
    pub justification: Option<String>,
}

/// A result's measure against what is allowed, and the input that shows it.
pub fn measure(r: &GateResult) -> String {
    let row = &r.row;
    let mut text = format!("{} {}, allowed {}", figure(&row.measured_lower), row.unit, figure(&row.budget));
    if row.failing > 0 && row.failing <= row.compared {
        text += &format!("; {} of {} inputs fail", grouped(row.failing), grouped(row.compared));
    }
    if let Some(w) = &row.witness {
        text += &format!(
            "; at {} ({}) the output is {}, the real value {}",
            figure(&w.input_value),
            w.input,
            figure(&w.output_value),
            figure(&w.real)
        );
    }
    if let Some(incident) = row.incidents.first().filter(|_| row.witness.is_none()) {
        text += &format!("; at {}: {}", figure(&incident.input_value), incident.text);
    }
    text
}

fn of_result(r: &GateResult) -> Option<Finding> {
    let was = || {
        r.baseline.as_ref().map_or_else(|| "nothing".into(), |b| format!("{} {}", brief(&b.measured[1], 4), r.row.unit))
    };
    let (level, message) = match (r.standing, r.change) {
        (Standing::Failed, "new") if r.held => {
            (Level::Error, format!("no figure was accepted for it: {} {}", figure(&r.row.measured), r.row.unit))
        }
        (Standing::Failed, "worse") if r.baseline.is_some() => {
            let why = r.worse.unwrap_or("the measure is larger");
            let fail = r.baseline.as_ref().map_or(0, |b| b.failing);
            let was = format!("{why} than what was accepted: {}, {} failing", was(), grouped(fail));
            (Level::Error, format!("{was}; now {}", measure(r)))
        }
        (Standing::Failed, _) => (Level::Error, measure(r)),
        (Standing::Expired, _) => (Level::Error, format!("it was borne for a time that is over: {}", measure(r))),
        (Standing::Undecided, _) => (Level::Warning, format!("undecided: {}", measure(r))),
        (Standing::Expected, _) => (Level::Note, measure(r)),
        (Standing::Passed, "worse") => {
            let why = r.worse.unwrap_or("the measure is larger");
            (Level::Warning, format!("within what is allowed, but {why}: it was {}; now {}", was(), measure(r)))
        }
        (Standing::Passed, "better") => (
            Level::Note,
            format!("better than what was accepted: {} {}, it was {}", figure(&r.row.measured), r.row.unit, was()),
        ),
        (Standing::Passed, _) if r.unanswered > 0 && r.row.check == "ulp" => {
            let (of, left) = (r.row.compared + r.unanswered, grouped(r.unanswered));
            (Level::Warning, format!("{left} of {} inputs have no answer, and were left out", grouped(of)))
        }
        (Standing::Passed | Standing::Vacuous, _) => return None,
    };
    let state = match (&r.baseline, r.change) {
        (None, _) => "new",
        (Some(_), "unchanged") => "unchanged",
        (Some(_), _) => "updated",
    };
    Some(Finding {
        level,
        rule: r.row.check.into(),
        id: r.row.id.clone(),
        line: r.line,
        message,
        again: r.row.repro.clone(),
        state,
        justification: r.expected.as_ref().filter(|_| r.standing == Standing::Expected).map(|e| e.reason.clone()),
    })
}

/// All of them, errors first, each kind in the order of the configuration.
pub fn findings(report: &GateReport) -> Vec<Finding> {
    let plain = |level, rule: &str, id: String, line, message| Finding {
        level,
        rule: rule.into(),
        id,
        line,
        message,
        again: None,
        state: "new",
        justification: None,
    };
    let mut all: Vec<Finding> = report.results.iter().filter_map(of_result).collect();
    for (line, claim) in report.claims.iter().map(|c| (c.line, &c.row)).filter(|(_, c)| c.surprise) {
        let level = if claim.verdict == Verdict::Undecided { Level::Warning } else { Level::Error };
        let (verdict, expected) = (claim.verdict.name(), claim.expected.name());
        let message = format!("{verdict}, not {expected}: {}: {}; {}", claim.statement, claim.claimed, claim.reason);
        all.push(plain(level, "claim", format!("{}/{}", claim.file, claim.id), line, message));
    }
    for absent in &report.absent {
        let id = format!("{}/{}", absent.activation, absent.subject);
        all.push(plain(Level::Error, "absent", id, absent.line, format!("not there: {}", absent.reason)));
    }
    for nothing in &report.nothing {
        let id = format!("{}/{}", nothing.activation, nothing.subject);
        all.push(plain(Level::Error, "vacuous", id, nothing.line, nothing.reason.clone()));
    }
    for outdated in &report.outdated {
        let message = format!("{}: remove the expectation", outdated.reason);
        all.push(plain(Level::Error, "expectation", outdated.id.clone(), outdated.line, message));
    }
    all.sort_by_key(|finding| finding.level);
    // paths in commands start from the folder of the configuration, too
    let folder = Path::new(&report.config).parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.map(|folder| folder.display().to_string()) {
        let there = |again: String| format!("(cd {} && {again})", quoted(&folder));
        all.iter_mut().for_each(|finding| finding.again = finding.again.take().map(there));
    }
    for finding in &mut all {
        let texts =
            [Some(&mut finding.id), Some(&mut finding.message), finding.again.as_mut(), finding.justification.as_mut()];
        for text in texts.into_iter().flatten() {
            *text = printable(text);
        }
    }
    all
}
