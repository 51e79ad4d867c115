//! `actaudit verify`: a table of results, what was found wrong, and other implementations beside it.

use crate::audit::{VerifyReport, VerifyResult, WitnessReport};
use crate::check::Verdict;
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;

impl VerifyReport {
    /// The report for people.
    pub fn text(&self, colour: bool) -> String {
        let mut out = String::new();
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        let params = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        let _ = writeln!(out, "{}{params}, effort {}", self.activation, self.effort);
        for (subject, about) in &self.about {
            let _ = writeln!(out, "{subject}: {about}");
        }
        out.push('\n');
        table(&mut out, &self.results, colour);
        findings(&mut out, &self.results, colour);
        if !self.beside.is_empty() {
            let _ = writeln!(out, "\nbeside it, for comparison (does not count)\n");
            comparison(&mut out, self, colour);
        }
        let counts: Vec<String> = self.summary.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
        let s = &self.summary;
        let partial = if s.partial { "; interrupted: the rest was not looked at" } else { "" };
        let _ = writeln!(
            out,
            "\n{} results: {}; {} inputs, {} of them settled in MPFR{partial}",
            s.results,
            counts.join(", "),
            s.inputs,
            s.escalations
        );
        out
    }
}

/// Columns of text, left-aligned but for those marked, as wide as their widest cell.
struct Columns {
    right: &'static [usize],
    rows: Vec<Vec<String>>,
}

impl Columns {
    fn lines(&self) -> Vec<String> {
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

fn painted(text: &str, verdict: Verdict, colour: bool) -> String {
    match verdict {
        _ if !colour => text.to_owned(),
        Verdict::Proved | Verdict::Within => text.green().to_string(),
        Verdict::Refuted => text.red().to_string(),
        Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => text.yellow().to_string(),
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
            &r.dtype,
            &r.pass,
            &r.check,
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
    for r in results.iter().filter(|r| !matches!(r.verdict, Verdict::Proved | Verdict::Within)) {
        let what = match r.verdict {
            Verdict::Refuted => format!("{} of {} inputs fail", r.failing, r.compared),
            Verdict::Undecided => format!("{} of {} inputs undecided", r.undecided, r.compared),
            _ => {
                let why: Vec<String> = r.excluded.iter().map(|e| format!("{} ({})", e.reason, e.count)).collect();
                format!("nothing was compared: {}", why.join(", "))
            }
        };
        let _ = writeln!(out, "\n{} {}: {what}", painted(r.verdict.name(), r.verdict, colour), r.id);
        r.incidents.iter().for_each(|incident| out.push_str(&incident.lines()));
        if let Some(w) = r.witness.as_ref().filter(|_| r.verdict != Verdict::Vacuous) {
            witness(out, w, &r.unit);
        }
        if let Some(repro) = r.repro.as_ref().filter(|_| r.verdict == Verdict::Refuted) {
            let _ = writeln!(out, "    again   {repro}");
        }
    }
}

fn witness(out: &mut String, w: &WitnessReport, unit: &str) {
    let width = w.input.len().max(w.output.len());
    let _ = writeln!(out, "    input   {:<width$}  {}", w.input, w.input_value);
    let _ = writeln!(out, "    output  {:<width$}  {}", w.output, w.output_value);
    let _ = writeln!(out, "    real    {:<width$}  {}", "", w.real);
    if unit == "ulp" {
        let _ = writeln!(out, "    error   {:<width$}  {} ulp", "", w.measure);
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
        rows.push(vec![r.dtype.clone(), r.pass.clone(), ours, "|".into(), theirs, fails.join(", ")]);
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
