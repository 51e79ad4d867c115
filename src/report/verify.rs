//! `actaudit verify`: a table of results, what was found wrong, and other implementations beside it.

use super::contract::{IncidentReport, VerifyReport, VerifyResult, WitnessReport};
use super::{painted, up};
use crate::audit::{Audit, Excluded};
use crate::check::{By, Region};
use crate::subject::incident::UNANSWERED;
use crate::verdict::{Evidence, Verdict};
use rug::Float;
use std::fmt::Write as _;

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
    /// The report for people.
    pub fn text(&self, colour: bool) -> String {
        let mut out = String::new();
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        let _ = writeln!(out, "{}{params}, effort {}", self.activation, self.effort);
        for (subject, environment) in &self.environment {
            let _ = writeln!(out, "{subject}: {environment}");
        }
        out.push('\n');
        if self.results.is_empty() {
            let _ = writeln!(
                out,
                "no code was looked at: say whose with --impl (without it, the catalogue's own kernels are)"
            );
            return out;
        }
        table(&mut out, &self.results, colour);
        left_out(&mut out, &self.results);
        not_looked_at(&mut out, &self.results);
        findings(&mut out, &self.results, colour);
        if !self.beside.is_empty() {
            let _ = writeln!(out, "\nbeside it, for comparison (does not count)\n");
            comparison(&mut out, self, colour);
        }
        for difference in &self.differences {
            let _ = write!(out, "\n{}", difference.text());
        }
        let counts: Vec<String> = self.summary.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
        let s = &self.summary;
        let partial = if s.partial { "; interrupted: the rest was not looked at" } else { "" };
        let _ = writeln!(
            out,
            "\n{} results: {}; {} inputs, MPFR asked {} times{partial}",
            s.results,
            counts.join(", "),
            s.inputs,
            s.escalations
        );
        for t in &self.tables {
            let said = match (t.verdict, &t.reason) {
                (Verdict::Proved, _) => "the checker accepts their table".to_owned(),
                (_, Some(reason)) => format!("the checker does not accept their table: {reason}"),
                _ => "their table was not checked (--check-reference)".to_owned(),
            };
            let _ = writeln!(out, "real values of f32 {}: {said}", t.pass);
        }
        out
    }
}

impl VerifyReport {
    /// Errors by region of the input, of everything that was measured.
    pub fn regions(&self) -> String {
        let mut out = String::new();
        for r in &self.results {
            let Some(statistics) = &r.ulp else { continue };
            let _ = writeln!(out, "\n{}: largest errors by region of the input", r.id);
            let all: Vec<&Region> = statistics.regions.iter().collect();
            regions(&mut out, &all);
        }
        out
    }
}

/// Inputs that no check looked at, although the code has the format and pass: once for each of these.
fn left_out(out: &mut String, results: &[VerifyResult]) {
    let of = |r: &VerifyResult| (r.subject.clone(), r.dtype, r.pass);
    for (k, r) in results.iter().enumerate().filter(|(_, r)| r.compared > 0) {
        let first = k == 0 || of(&results[k - 1]) != of(r);
        let reasons = r.excluded.iter().filter(|e| first && UNANSWERED.contains(&e.reason.as_str()));
        for Excluded { reason, count, .. } in reasons {
            let _ = writeln!(
                out,
                "\nleft out of every check of {}/{}/{}: {count} inputs, {reason}",
                r.subject, r.dtype, r.pass
            );
        }
    }
}

/// What keeps verdicts over all inputs from being proved.
fn not_looked_at(out: &mut String, results: &[VerifyResult]) {
    let held = |r: &&VerifyResult| r.verdict == Verdict::Within && r.evidence == Evidence::Exhaustive;
    for r in results.iter().filter(held) {
        for Excluded { reason, count, .. } in r.excluded.iter().filter(|e| e.by == By::Checker) {
            let _ = writeln!(out, "\nnot looked at, and so not proved: {count} inputs of {}: {reason}", r.id);
        }
    }
}

/// Errors, each rounded up.
fn regions(out: &mut String, regions: &[&Region]) {
    let mut rows = vec![["region", "inputs", "ulp", "absolute", "relative"].map(str::to_owned).to_vec()];
    let bound = |value: f64| up(&Float::with_val(53, value), 4);
    rows.extend(
        regions
            .iter()
            .map(|r| vec![r.region.clone(), r.inputs.to_string(), bound(r.ulp), bound(r.absolute), bound(r.relative)]),
    );
    for line in (Columns { right: &[1, 2, 3, 4], rows }).lines() {
        let _ = writeln!(out, "    {line}");
    }
}

/// Columns of text, left-aligned but for those marked, as wide as their widest cell.
pub(super) struct Columns {
    pub right: &'static [usize],
    pub rows: Vec<Vec<String>>,
}

impl Columns {
    pub fn lines(&self) -> Vec<String> {
        let width = |k: usize| self.rows.iter().filter_map(|r| r.get(k)).map(|c| c.chars().count()).max().unwrap_or(0);
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(k, cell)| match self.right.contains(&k) {
                true => format!("{cell:>w$}", w = width(k)),
                false => format!("{cell:<w$}", w = width(k)),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// The enclosure of a measure, as short as it can be said.
fn measured(r: &VerifyResult) -> String {
    if r.measured_lower == r.measured { r.measured.clone() } else { format!("{}..{}", r.measured_lower, r.measured) }
}

fn table(out: &mut String, results: &[VerifyResult], colour: bool) {
    let heads = ["subject", "dtype", "pass", "check", "evidence", "compared", "measured", "budget", "unit"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(results.iter().map(|r| {
        let cells = [
            &r.subject,
            r.dtype,
            r.pass,
            r.check,
            r.evidence.name(),
            &r.compared.to_string(),
            &measured(r),
            &r.budget,
            &r.unit,
        ];
        cells.map(str::to_owned).to_vec()
    }));
    let lines = Columns { right: &[5, 6, 7], rows }.lines();
    let _ = writeln!(out, "verdict    {}", lines[0]);
    for (line, r) in lines[1..].iter().zip(results) {
        let _ = writeln!(out, "{}  {line}", painted(&format!("{:<9}", r.verdict.name()), r.verdict, colour));
    }
}

fn findings(out: &mut String, results: &[VerifyResult], colour: bool) {
    for (k, r) in results.iter().enumerate() {
        if r.verdict.is_good() {
            continue;
        }
        // what says nothing for the same reason is said once
        let alike = |o: &&VerifyResult| same_silence(o, r);
        if results[..k].iter().any(|o| alike(&o)) {
            continue;
        }
        let others = results[k + 1..].iter().filter(alike).map(|o| format!(", {}", o.check));
        let id = r.id.clone() + &others.collect::<String>();
        let what = match r.verdict {
            Verdict::Refuted => format!("{} of {} inputs fail", r.failing, r.compared),
            Verdict::Undecided => format!("{} of {} inputs undecided", r.undecided, r.compared),
            _ => {
                let inputs = |e: &Excluded| if e.count > 0 { format!(" ({})", e.count) } else { String::new() };
                let why: Vec<String> = r.excluded.iter().map(|e| e.reason.clone() + &inputs(e)).collect();
                match why.is_empty() {
                    true => "nothing was compared: no input was one to compare".to_owned(),
                    false => format!("nothing was compared: {}", why.join(", ")),
                }
            }
        };
        let _ = writeln!(out, "\n{} {}: {what}", painted(r.verdict.name(), r.verdict, colour), id);
        r.incidents.iter().for_each(|incident| out.push_str(&incident_lines(incident)));
        if let Some(w) = r.witness.as_ref().filter(|_| r.verdict != Verdict::Vacuous) {
            witness(out, w, r);
        }
        if let Some(repro) = r.repro.as_ref().filter(|_| r.verdict == Verdict::Refuted) {
            let _ = writeln!(out, "    again   {repro}");
        }
        if let Some(statistics) = r.ulp.as_ref().filter(|_| r.verdict == Verdict::Refuted) {
            let over: Vec<&Region> = statistics.regions.iter().filter(|region| region.ulp > r.limit).collect();
            let within = match statistics.regions.len() - over.len() {
                0 => String::new(),
                n => format!("; {n} others are within it"),
            };
            let _ = writeln!(out, "    largest errors by region of the input, where over the budget{within}");
            regions(out, &over);
        }
    }
}

/// What happened to a process.
fn incident_lines(incident: &IncidentReport) -> String {
    let first = incident.inputs.first().map_or("", String::as_str);
    let mut out = match incident.batch {
        1 => format!("    input   {first}  {}\n", incident.input_value),
        n => format!("    batch   of {n} inputs from {first}  {}\n", incident.input_value),
    };
    out += &format!("    {:<7} {}\n", incident.kind, incident.text);
    if let Some(repro) = &incident.repro {
        out += &format!("    again   {repro}\n");
    }
    out
}

/// Whether two results that compared nothing are about the same code, for the same reasons.
fn same_silence(a: &VerifyResult, b: &VerifyResult) -> bool {
    let of = |r: &VerifyResult| (r.subject.clone(), r.dtype, r.pass, r.excluded.clone());
    let silent = |r: &VerifyResult| !matches!(r.verdict, Verdict::Refuted | Verdict::Undecided) && r.compared == 0;
    silent(a) && silent(b) && of(a) == of(b)
}

fn witness(out: &mut String, w: &WitnessReport, r: &VerifyResult) {
    let width = w.input.len().max(w.output.len());
    let _ = writeln!(out, "    input   {:<width$}  {}", w.input, w.input_value);
    let _ = writeln!(out, "    output  {:<width$}  {}", w.output, w.output_value);
    let _ = writeln!(out, "    real    {:<width$}  {}", "", w.real);
    if let Some(how) = &w.how {
        let _ = writeln!(out, "    asked   {how}");
    }
    match r.check {
        // the output itself may be right: it is the step to it that is not
        "seam" | "bisect" => {
            let _ = writeln!(out, "    step    {:<width$}  to or from it: {} ulp off", "", w.measure);
        }
        _ if r.unit == "ulp" => {
            let _ = writeln!(out, "    error   {:<width$}  {} ulp", "", w.measure);
        }
        _ => {}
    }
}

/// One row for each format and pass: the errors side by side, and what else the others fail.
fn comparison(out: &mut String, report: &VerifyReport, colour: bool) {
    let mut rows = vec![["dtype", "pass", "largest error", "", "", "fails"].map(str::to_owned).to_vec()];
    let mut worst = vec![Verdict::Proved];
    for r in report.beside.iter().filter(|r| r.check == "ulp") {
        let same = |o: &&VerifyResult| o.dtype == r.dtype && o.pass == r.pass;
        let ours = report.results.iter().filter(same).find(|o| o.check == "ulp");
        let ours = ours.map_or_else(String::new, |o| format!("{} {} ulp", o.subject, o.measured));
        let fails =
            report.beside.iter().filter(same).filter(|o| o.subject == r.subject && o.verdict == Verdict::Refuted);
        let fails: Vec<String> = fails.map(|o| format!("{} ({})", o.check, o.failing)).collect();
        worst.push(if fails.is_empty() { r.verdict } else { Verdict::Refuted });
        let theirs = format!("{} {} ulp", r.subject, r.measured);
        rows.push(vec![r.dtype.into(), r.pass.into(), ours, "|".into(), theirs, fails.join(", ")]);
    }
    let lines = Columns { right: &[], rows }.lines();
    for (line, verdict) in lines.iter().zip(worst) {
        let _ = writeln!(out, "{}", painted(line, verdict, colour && verdict == Verdict::Refuted));
    }
    let shown = report
        .beside
        .iter()
        .filter(|r| r.check == "sign" || r.check == "ulp")
        .filter(|r| r.verdict == Verdict::Refuted);
    for r in shown {
        let Some(w) = &r.witness else { continue };
        let _ = writeln!(out, "  {}: {} -> {}, real {}", r.id, w.input_value, w.output_value, w.real);
    }
}
