//! What is to be said of a gate, one by one and the worst first: what every form for CI systems shows.

use super::{GateReport, GateResult};
use crate::gate::{Standing, Unborne};
use crate::report::headline::STEPS;
use crate::report::number::{brief, figure, grouped, of_unit, told_apart};
use crate::report::printable;
use crate::report::replay::quoted;
use crate::verdict::Verdict;
use std::path::Path;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// the gate is closed, also by what is not decided
    Error,
    /// worse than before though it is within what is allowed or known
    Warning,
    /// known and borne, or better than before
    Note,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// how much it weighs
    pub level: Level,
    /// that in a word: failed, undecided, warning, expected or better
    pub word: &'static str,
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

impl Finding {
    /// The verdict whose colour it has.
    pub fn verdict(&self) -> Verdict {
        match self.level {
            Level::Error if self.word != UNDECIDED => Verdict::Refuted,
            Level::Note if self.justification.is_none() => Verdict::Within,
            Level::Error | Level::Warning | Level::Note => Verdict::Undecided,
        }
    }
}

/// A result's measure against what is allowed, and the input that shows it.
pub fn measure(r: &GateResult) -> String {
    let row = &r.row;
    let [mut measured, mut budget] = [&row.measured_lower, &row.budget].map(|text| figure(text));
    if measured == budget && row.measured_lower != row.budget {
        [measured, budget] = told_apart([&row.measured_lower, &row.budget]);
    }
    let text = format!("{}, allowed {budget}", of_unit(&measured, &row.unit));
    text + &shown(r)
}

/// What is said of what is not decided.
pub const UNDECIDED: &str = "undecided";

/// What is not decided, why, and an input that shows it.
fn undecided(r: &GateResult) -> String {
    let row = &r.row;
    let why = row.reason.as_deref().unwrap_or("the real value is not known well enough");
    let text = format!("{} of {} inputs are not decided; {why}", grouped(row.undecided), grouped(row.compared));
    text + &shown(r)
}

/// At how many inputs it fails, and one of them.
fn shown(r: &GateResult) -> String {
    let row = &r.row;
    let mut text = String::new();
    if row.failing > 0 && row.failing <= row.compared {
        text += &format!("; {} of {} inputs fail", grouped(row.failing), grouped(row.compared));
    }
    if let Some(w) = row.witness.as_ref().filter(|_| STEPS.contains(&row.check)) {
        // outputs are held against each other: the one that is shown may be right by itself
        let how = w.how.as_ref().map_or_else(String::new, |how| format!(", {how}"));
        let off = of_unit(&figure(&w.measure), &row.unit);
        text += &format!("; the worst at {} ({}){how}: {off}", figure(&w.input_value), w.input);
    } else if let Some(w) = &row.witness {
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

/// What was measured and what was accepted, in as many digits as show the difference.
fn now_and_before(r: &GateResult) -> [String; 2] {
    match &r.baseline {
        Some(was) => told_apart([&r.figure.measured[1], &was.measured[1]]),
        None => [figure(&r.row.measured), String::new()],
    }
}

/// In what it is worse than what was accepted, with both figures.
pub fn than_accepted(r: &GateResult) -> String {
    let Some(baseline) = &r.baseline else { return measure(r) };
    let (unit, [now, was]) = (&r.row.unit, now_and_before(r));
    let why = r.worse.unwrap_or("the measure is larger");
    let differ = baseline.compared != r.row.compared;
    let over = |count: u64| if differ { format!(" over {}", grouped(count)) } else { String::new() };
    let (before, fail) = (over(baseline.compared), grouped(baseline.failing));
    let inputs = if differ { " inputs" } else { "" };
    let [was, now] = [was, now].map(|figure| of_unit(&figure, unit));
    let text = format!("{why} than what was accepted: {was}{before}{inputs}, {fail} failing");
    format!("{text}; now {now}{}{}", over(r.row.compared), shown(r))
}

fn of_result(r: &GateResult) -> Option<Finding> {
    let unit = &r.row.unit;
    let [now, was] = now_and_before(r).map(|figure| of_unit(&figure, unit));
    let reason = || r.expected.as_ref().map_or("", |e| e.reason.as_str());
    let (level, message) = match (r.standing, r.change) {
        (Standing::Failed, "new") if r.held && r.unborne.is_none() => {
            (Level::Error, format!("no figure was accepted for it: {now}"))
        }
        (Standing::Failed, _) if r.unborne == Some(Unborne::Passed) => {
            let line = r.expected.as_ref().map_or(0, |e| e.line);
            let text = format!(
                "it passed when its figure was accepted: the expectation of line {line} fits it by a pattern and does not bear \
                 that, one with its exact id would"
            );
            (Level::Error, format!("{text}; {}", than_accepted(r)))
        }
        (Standing::Failed, _) if r.unborne == Some(Unborne::Worse) => {
            (Level::Error, format!("a known failure ({}) that got worse; {}", reason(), than_accepted(r)))
        }
        (Standing::Failed, "worse") if r.baseline.is_some() => (Level::Error, than_accepted(r)),
        (Standing::Failed, _) => (Level::Error, measure(r)),
        (Standing::Expired, _) => {
            let day = r.expected.as_ref().and_then(|e| e.expires.as_deref()).unwrap_or_default();
            (Level::Error, format!("it was borne until {day}, and that day is over: {}", measure(r)))
        }
        (Standing::Undecided, _) => (Level::Error, undecided(r)),
        (Standing::Expected, _) if r.is_known_and_worse() => {
            let allowed = figure(&r.row.budget);
            let text = format!("fails as expected ({}), but got worse; {}", reason(), than_accepted(r));
            (Level::Warning, format!("{text}; allowed {allowed}"))
        }
        (Standing::Expected, "better") => (Level::Note, format!("{}; it was {was}", measure(r))),
        (Standing::Expected, _) => (Level::Note, measure(r)),
        (Standing::Passed, "worse") => {
            let why = r.worse.unwrap_or("the measure is larger");
            let allowed = figure(&r.row.budget);
            let text = format!("within what is allowed, but {why}: it was {was}; now {now}, allowed {allowed}");
            (Level::Warning, text + &shown(r))
        }
        (Standing::Passed, "better") => (Level::Note, format!("better than what was accepted: {now}, it was {was}")),
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
    // what got worse is not to be put aside with what is known
    let is_known = r.standing == Standing::Expected && level == Level::Note;
    Some(Finding {
        level,
        word: match (level, is_known) {
            (Level::Error, _) if r.standing == Standing::Undecided => UNDECIDED,
            (Level::Error, _) => "failed",
            (Level::Warning, _) => "warning",
            (Level::Note, true) => "expected",
            (Level::Note, false) => "better",
        },
        rule: r.row.check.into(),
        id: r.row.id.clone(),
        line: r.line,
        message,
        again: r.row.repro.clone(),
        state,
        justification: r.expected.as_ref().filter(|_| is_known).map(|e| e.reason.clone()),
    })
}

/// All of them, errors first, each kind in the order of the configuration.
pub fn findings(report: &GateReport) -> Vec<Finding> {
    let plain = |word, rule: &str, id: String, line, message| Finding {
        level: Level::Error,
        word,
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
        let word = if claim.verdict == Verdict::Undecided { UNDECIDED } else { "failed" };
        let (verdict, expected) = (claim.verdict.name(), claim.expected.name());
        let mut message =
            format!("{verdict}, not {expected}: {}: {}; {}", claim.statement, claim.claimed, claim.reason);
        if let (Some(lower), Some(upper)) = (&claim.lower, &claim.upper) {
            let ends = [lower, upper].map(|end| brief(end, 12));
            message += &match &ends {
                [end, other] if end == other && lower == upper => format!("; it is {lower}{}", claim.at()),
                [end, other] if end == other => format!("; it is {end}, to 12 digits{}", claim.at()),
                [end, other] => format!("; it lies between {end} and {other}{}", claim.at()),
            };
        }
        if let Some(witness) = &claim.witness {
            message += &format!("; witness: {witness}");
        }
        all.push(plain(word, "claim", format!("{}/{}", claim.file, claim.id), line, message));
    }
    for absent in &report.absent {
        let id = format!("{}/{}", absent.activation, absent.subject);
        all.push(plain("failed", "absent", id, absent.line, format!("not there: {}", absent.reason)));
    }
    for nothing in &report.nothing {
        let id = format!("{}/{}", nothing.activation, nothing.subject);
        all.push(plain("failed", "vacuous", id, nothing.line, nothing.reason.clone()));
    }
    for stopped in &report.stopped {
        let id = format!("{}/{}", stopped.activation, stopped.subject);
        all.push(plain(UNDECIDED, "stopped", id, stopped.line, stopped.reason.clone()));
    }
    for outdated in &report.outdated {
        let message = format!("{}: remove the expectation", outdated.reason);
        all.push(plain("failed", "expectation", outdated.id.clone(), outdated.line, message));
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
