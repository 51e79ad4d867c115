//! What is to be said of a gate, one by one and the worst first: what every form for CI systems shows.

use super::{GateReport, GateResult};
use crate::gate::Standing;
use crate::report::number::{brief, figure, grouped, told_apart};
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
    let text = format!("{} {}, allowed {}", figure(&row.measured_lower), row.unit, figure(&row.budget));
    text + &shown(r)
}

/// At how many inputs it fails, and one of them.
fn shown(r: &GateResult) -> String {
    let row = &r.row;
    let mut text = String::new();
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
    let unit = &r.row.unit;
    // what was measured and what was accepted, in as many digits as show the difference
    let [now, was] = match &r.baseline {
        Some(was) => told_apart([&r.figure.measured[1], &was.measured[1]]),
        None => [figure(&r.row.measured), String::new()],
    };
    let (level, message) = match (r.standing, r.change) {
        (Standing::Failed, "new") if r.held => (Level::Error, format!("no figure was accepted for it: {now} {unit}")),
        (Standing::Failed, "worse") if r.baseline.is_some() => {
            let why = r.worse.unwrap_or("the measure is larger");
            let (before, after) = (r.baseline.as_ref().map_or(0, |b| b.compared), r.row.compared);
            let compared = if before == after { String::new() } else { format!(" over {} inputs", grouped(before)) };
            let over = if before == after { String::new() } else { format!(" over {}", grouped(after)) };
            let fail = r.baseline.as_ref().map_or(0, |b| b.failing);
            let was = format!("{why} than what was accepted: {was} {unit}{compared}, {} failing", grouped(fail));
            (Level::Error, format!("{was}; now {now} {unit}{over}{}", shown(r)))
        }
        (Standing::Failed, _) => (Level::Error, measure(r)),
        (Standing::Expired, _) => {
            let day = r.expected.as_ref().and_then(|e| e.expires.as_deref()).unwrap_or_default();
            (Level::Error, format!("it was borne until {day}, and that day is over: {}", measure(r)))
        }
        (Standing::Undecided, _) => (Level::Warning, format!("undecided: {}", measure(r))),
        (Standing::Expected, _) => (Level::Note, measure(r)),
        (Standing::Passed, "worse") => {
            let why = r.worse.unwrap_or("the measure is larger");
            let allowed = figure(&r.row.budget);
            let text =
                format!("within what is allowed, but {why}: it was {was} {unit}; now {now} {unit}, allowed {allowed}");
            (Level::Warning, text + &shown(r))
        }
        (Standing::Passed, "better") => {
            (Level::Note, format!("better than what was accepted: {now} {unit}, it was {was} {unit}"))
        }
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
        let mut message =
            format!("{verdict}, not {expected}: {}: {}; {}", claim.statement, claim.claimed, claim.reason);
        if let (Some(lower), Some(upper)) = (&claim.lower, &claim.upper) {
            let ends = [lower, upper].map(|end| brief(end, 12));
            message += &match &ends {
                [lower, upper] if lower == upper => format!("; it is {lower}, to 12 digits"),
                [lower, upper] => format!("; it lies between {lower} and {upper}"),
            };
        }
        if let Some(witness) = &claim.witness {
            message += &format!("; witness: {witness}");
        }
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
