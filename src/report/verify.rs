//! `actaudit verify`: the answer first, what was found wrong, what passed, and other implementations beside it.

use super::columns::Columns;
use super::contract::{VerifyReport, VerifyResult};
use super::findings::{at_most, findings, left_out, not_looked_at, nothing_to_compare, regions, silent};
use super::headline::headlines;
use super::number::{figure, grouped};
use super::{Page, painted};
use crate::audit::{Audit, process};
use crate::check::Region;
use crate::verdict::{Evidence, Verdict};
use std::fmt::Write as _;

/// What is shown besides the answer and what is wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// every row
    pub all: bool,
    /// the largest errors by region of everything that was measured
    pub regions: bool,
    /// whether no code was named, so that this project's own is looked at, and the definition is what counts
    pub own: bool,
}

impl Audit {
    /// The report for people.
    pub fn text(&self, colour: bool) -> String {
        self.report().text(colour)
    }

    /// Errors by region of the input, of everything that was measured.
    pub fn regions(&self) -> String {
        self.report().regions()
    }
}

impl VerifyReport {
    /// The report for people, where there is no terminal.
    pub fn text(&self, colour: bool) -> String {
        self.show(&Page { colour, ..Page::PLAIN }, Detail::default())
    }

    /// The headlines alone.
    pub fn headlines(&self, page: &Page) -> String {
        headlines(self, page)
    }

    /// The report for people: a headline for each subject and format, what fails, what passed, and what stands beside it.
    pub fn show(&self, page: &Page, detail: Detail) -> String {
        if !self.answers.is_empty() && !detail.all {
            let (replayed, not_there) = (self.replayed(page), self.not_there(page));
            return if not_there.is_empty() { replayed.trim_end().to_owned() + "\n" } else { replayed + &not_there };
        }
        let mut out = String::new();
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        let own = if detail.own && !self.results.is_empty() {
            ": this project's own kernel (no --impl was given)"
        } else {
            ""
        };
        let part = self.on().map_or_else(String::new, |on| format!(", no inputs but those {on}"));
        let _ = writeln!(out, "{}{params}, effort {}{own}{part}", self.activation, self.effort);
        for (subject, environment) in &self.environment {
            // one thing of a list is not broken
            let list: Vec<String> = environment.split(", ").map(|thing| thing.replace(' ', "\u{a0}")).collect();
            out += &page.wrapped(&format!("{subject}: {}", list.join(", ")), 2);
        }
        if self.results.is_empty() {
            out += "\nno code given: add --impl\n";
            return out;
        }
        let had: Vec<&VerifyResult> = self.results.iter().filter(|r| !self.lacks(r)).collect();
        let _ = write!(out, "\n{}{}", headlines(self, page), self.not_there(page));
        out += &findings(&had, page);
        out += &left_out(&had, page);
        out += &not_looked_at(&had, page);
        match detail.all {
            true => out += &rows(&had, page),
            false => out += &passed(&had, page),
        }
        if detail.regions {
            out += &self.regions();
        }
        if !self.beside.is_empty() {
            let _ = writeln!(out, "\nbeside it, for comparison (does not count)\n");
            comparison(&mut out, self, page);
        }
        for difference in &self.differences {
            let _ = write!(out, "\n{}", difference.text(page));
        }
        let _ = write!(out, "\n{}", self.totals(page));
        out
    }

    /// The part of the line that was looked at, if it is not all of it.
    pub(super) fn on(&self) -> Option<String> {
        self.domain.as_ref().map(|[lo, hi]| format!("in [{lo}, {hi}]"))
    }

    /// Whether a row is about a format and direction that the code does not have.
    pub(super) fn lacks(&self, r: &VerifyResult) -> bool {
        let same = |l: &super::contract::LackingReport| (&l.subject, l.dtype, l.pass) == (&r.subject, r.dtype, r.pass);
        r.compared == 0 && self.lacking.iter().any(same)
    }

    /// What code does not have: a line for each reason.
    pub(super) fn not_there(&self, page: &Page) -> String {
        let mut out = String::new();
        let of = |l: &super::contract::LackingReport| (l.subject.clone(), l.reason);
        for (k, l) in self.lacking.iter().enumerate() {
            if self.lacking[..k].iter().any(|o| of(o) == of(l)) {
                continue;
            }
            let places = self.lacking.iter().filter(|o| of(o) == of(l)).map(|o| format!("{} {}", o.dtype, o.pass));
            let places: Vec<String> = places.collect();
            out += &page.wrapped(&format!("not there  {}: {} ({})", l.subject, places.join(", "), l.reason), 8);
        }
        out
    }

    pub(super) fn totals(&self, page: &Page) -> String {
        let counts: Vec<String> = self.summary.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
        let s = &self.summary;
        let partial = if s.partial { "; interrupted: the rest was not looked at" } else { "" };
        let text = format!(
            "{} {}: {}; {} inputs, MPFR asked {} times{partial}",
            s.results,
            if s.results == 1 { "result" } else { "results" },
            counts.join(", "),
            grouped(s.inputs),
            grouped(s.escalations)
        );
        let mut out = page.wrapped(&text, 2);
        for t in &self.tables {
            let said = match (t.verdict, &t.reason) {
                (Verdict::Proved, _) => "the checker accepts their table".to_owned(),
                (_, Some(reason)) => format!("the checker does not accept their table: {reason}"),
                _ => "their table was not checked (--check-reference)".to_owned(),
            };
            out += &page.wrapped(&format!("real values of f32 {}: {said}", t.pass), 2);
        }
        out
    }

    /// Errors by region of the input, of everything that was measured.
    pub fn regions(&self) -> String {
        let mut out = String::new();
        for r in &self.results {
            let Some(statistics) = &r.ulp else { continue };
            let _ = writeln!(out, "\n{}: largest errors by region of the input", r.id);
            let all: Vec<&Region> = statistics.regions.iter().collect();
            out += &regions(&all);
        }
        out
    }
}

/// Rows about one subject, format and direction.
fn unit<'a>(rows: &[&'a VerifyResult]) -> (&'a str, &'static str, &'static str) {
    (&rows[0].subject, rows[0].dtype, rows[0].pass)
}

fn same_unit(a: &&VerifyResult, b: &&VerifyResult) -> bool {
    unit(&[*a]) == unit(&[*b])
}

/// What passed: a line for each subject, format and direction.
fn passed(results: &[&VerifyResult], page: &Page) -> String {
    let mut out = String::new();
    for rows in results.chunk_by(same_unit) {
        let (subject, dtype, pass) = unit(rows);
        let ids = |wanted: &dyn Fn(&VerifyResult) -> bool| -> Vec<&str> {
            rows.iter().filter(|r| wanted(r)).map(|r| r.check).collect()
        };
        let kinds = [
            ("proved on every input", ids(&|r| r.verdict == Verdict::Proved)),
            (
                "on every input but those not looked at",
                ids(&|r| r.verdict == Verdict::Within && r.evidence == Evidence::Exhaustive),
            ),
            ("on samples", ids(&|r| r.verdict == Verdict::Within && r.evidence == Evidence::Sampled)),
        ];
        let said = kinds.iter().filter(|(_, ids)| !ids.is_empty());
        let mut said: Vec<String> = said.map(|(how, ids)| format!("{} {how}", checks(ids))).collect();
        let empty = ids(&nothing_to_compare);
        if !empty.is_empty() {
            said.push(format!("nothing to compare: {}", empty.join(", ")));
        }
        said.extend(not_compared(rows));
        if !said.is_empty() {
            out += &page.wrapped(&format!("passed  {subject} {dtype} {pass}: {}", said.join("; ")), 8);
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

/// What could have been compared and was not: the checks by their reasons.
fn not_compared(rows: &[&VerifyResult]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = vec![];
    for r in rows.iter().filter(|r| silent(r) && !nothing_to_compare(r)) {
        // the one of which there are most; a check that had nothing to ask says so with a count of none
        let why =
            r.excluded.iter().max_by_key(|e| e.count).map_or("no input was one to compare", |e| e.reason.as_str());
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, checks)) => checks.push(r.check),
            None => reasons.push((why, vec![r.check])),
        }
    }
    reasons.iter().map(|(why, checks)| format!("{}: nothing compared, {why}", checks.join(", "))).collect()
}

/// A few checks by name, many by their number.
fn checks(ids: &[&str]) -> String {
    match ids {
        few if few.len() <= 2 => few.join(", "),
        many => format!("{} checks", many.len()),
    }
}

/// Every row, below a heading for each subject, format and direction.
fn rows(results: &[&VerifyResult], page: &Page) -> String {
    let mut out = String::new();
    for unit_rows in results.chunk_by(same_unit) {
        let (subject, dtype, pass) = unit(unit_rows);
        let _ = writeln!(out, "\n{subject} {dtype} {pass}");
        let heads = ["check", "evidence", "compared", "at most", "budget", "of"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        rows.extend(unit_rows.iter().map(|r| {
            let cells =
                [r.check, r.evidence.name(), &r.compared.to_string(), &at_most(r), &figure(&r.budget), measures(r)];
            cells.map(str::to_owned).to_vec()
        }));
        let lines = Columns { right: &[2, 3, 4], rows }.lines();
        let _ = writeln!(out, "  verdict   {}", lines[0]);
        for (line, r) in lines[1..].iter().zip(unit_rows) {
            let _ = writeln!(out, "  {} {line}", painted(&format!("{:<9}", r.verdict.name()), r.verdict, page.colour));
        }
    }
    out
}

/// What the measure of a row is.
fn measures(r: &VerifyResult) -> &str {
    process::rows().find(|info| info.id == r.check).map_or(r.unit.as_str(), |info| info.measures)
}

/// One row for each format and pass: the errors side by side, and what else the others fail.
fn comparison(out: &mut String, report: &VerifyReport, page: &Page) {
    let mut rows = vec![["", "", "largest error in ulp", "", ""].map(str::to_owned).to_vec()];
    let mut worst = vec![Verdict::Proved];
    for r in report.beside.iter().filter(|r| r.check == "ulp") {
        let same = |o: &&VerifyResult| o.dtype == r.dtype && o.pass == r.pass;
        let ours = report.results.iter().filter(same).find(|o| o.check == "ulp");
        let ours = ours.map_or_else(String::new, |o| format!("{} {}", o.subject, figure(&o.measured)));
        let fails = report
            .beside
            .iter()
            .filter(same)
            .filter(|o| o.subject == r.subject && o.verdict == Verdict::Refuted)
            .count();
        worst.push(if fails == 0 { r.verdict } else { Verdict::Refuted });
        let fails = if fails == 0 { String::new() } else { format!("fails {fails} checks") };
        let theirs = format!("{} {}", r.subject, figure(&r.measured));
        rows.push(vec![r.dtype.into(), r.pass.into(), ours, theirs, fails]);
    }
    let lines = Columns { right: &[], rows }.lines();
    for (line, verdict) in lines.iter().zip(worst) {
        let _ = writeln!(out, "{}", painted(line, verdict, page.colour && verdict == Verdict::Refuted));
    }
    let first = report.beside.first().map(|r| r.subject.as_str()).unwrap_or_default();
    if report.beside.iter().any(|r| r.verdict == Verdict::Refuted) {
        let _ = writeln!(out, "what fails, and where: actaudit verify {} --impl {first}", report.activation);
    }
}
