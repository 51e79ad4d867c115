//! What is wrong, check by check, with what shows it again; and what could not be looked at.

use super::columns::Columns;
use super::contract::{IncidentReport, VerifyResult, WitnessReport};
use super::number::{figure, grouped, of_unit};
use super::{Page, painted, up};
use crate::audit::Excluded;
use crate::check::{By, Region};
use crate::subject::incident::UNANSWERED;
use crate::verdict::{Evidence, Verdict};
use rug::Float;
use std::fmt::Write as _;

/// Inputs that no check looked at, although the code has the format and pass: once for each of these.
pub(super) fn left_out(results: &[&VerifyResult], page: &Page) -> String {
    let of = |r: &VerifyResult| (r.subject.clone(), r.dtype, r.pass);
    let mut out = String::new();
    for (k, r) in results.iter().enumerate().filter(|(_, r)| r.compared > 0) {
        let first = k == 0 || of(results[k - 1]) != of(r);
        let reasons = r.excluded.iter().filter(|e| first && UNANSWERED.contains(&e.reason.as_str()));
        for Excluded { reason, count, .. } in reasons {
            let (subject, dtype, pass) = of(r);
            let text = format!("left out of every check of {subject}/{dtype}/{pass}: {count} inputs, {reason}");
            out += &(String::from("\n") + &page.wrapped(&text, 2));
        }
    }
    out
}

/// What keeps verdicts over all inputs from being proved.
pub(super) fn not_looked_at(results: &[&VerifyResult], page: &Page) -> String {
    let mut out = String::new();
    let held = |r: &&&VerifyResult| r.verdict == Verdict::Within && r.evidence == Evidence::Exhaustive;
    for r in results.iter().filter(held) {
        for Excluded { reason, count, .. } in r.excluded.iter().filter(|e| e.by == By::Checker) {
            let text = format!("not looked at, and so not proved: {count} inputs of {}: {reason}", r.id);
            out += &(String::from("\n") + &page.wrapped(&text, 2));
        }
    }
    out
}

/// Errors by region, each rounded up.
pub(super) fn regions(regions: &[&Region]) -> String {
    let mut rows = vec![["region", "inputs", "ulp", "absolute", "relative"].map(str::to_owned).to_vec()];
    let bound = |value: f64| figure(&up(&Float::with_val(53, value), 4));
    rows.extend(
        regions
            .iter()
            .map(|r| vec![r.region.clone(), grouped(r.inputs), bound(r.ulp), bound(r.absolute), bound(r.relative)]),
    );
    (Columns { right: &[1, 2, 3, 4], rows }).lines().iter().map(|line| format!("    {line}\n")).collect()
}

/// Nothing was compared, and nothing could have been: mathematics leaves nothing to compare, or a declaration excuses it.
pub(super) fn nothing_to_compare(r: &VerifyResult) -> bool {
    silent(r) && r.excluded.iter().all(|e| matches!(e.by, By::Mathematics | By::Policy))
}

/// Nothing was compared.
pub(super) fn silent(r: &VerifyResult) -> bool {
    r.verdict == Verdict::Vacuous
}

/// Whether other checks of the same code, format and direction compared something: what this one could not is said in a word.
pub(super) fn others_compared(results: &[&VerifyResult], r: &VerifyResult) -> bool {
    let of = |r: &VerifyResult| (r.subject.clone(), r.dtype, r.pass);
    results.iter().any(|o| o.compared > 0 && of(o) == of(r))
}

/// Why nothing was compared.
pub(super) fn nothing(r: &VerifyResult) -> String {
    let inputs = |e: &Excluded| if e.count > 0 { format!(" ({})", e.count) } else { String::new() };
    let why: Vec<String> = r.excluded.iter().map(|e| e.reason.clone() + &inputs(e)).collect();
    match why.is_empty() {
        true => "nothing was compared: no input was one to compare".to_owned(),
        false => format!("nothing was compared: {}", why.join(", ")),
    }
}

/// What does not hold, or could not be decided, check by check.
pub(super) fn findings(results: &[&VerifyResult], page: &Page) -> String {
    let mut out = String::new();
    for (k, r) in results.iter().enumerate() {
        if r.verdict.is_good() || silent(r) && others_compared(results, r) {
            continue;
        }
        // what says nothing for the same reason is said once
        let alike = |o: &&&VerifyResult| same_silence(o, r);
        if results[..k].iter().any(|o| alike(&o)) {
            continue;
        }
        let others = results[k + 1..].iter().filter(alike).map(|o| format!(", {}", o.check));
        let id = r.id.clone() + &others.collect::<String>();
        let what = match r.verdict {
            Verdict::Refuted => {
                format!("{} of {} inputs fail; budget {}", grouped(r.failing), grouped(r.compared), allowed(r))
            }
            Verdict::Undecided => format!("{} of {} inputs undecided", grouped(r.undecided), grouped(r.compared)),
            _ => nothing(r),
        };
        let text = page.wrapped(&format!("{} {id}: {what}", r.verdict.name()), 2);
        let coloured = painted(r.verdict.name(), r.verdict, page.colour);
        let _ = write!(out, "\n{}", text.replacen(r.verdict.name(), &coloured, 1));
        r.incidents.iter().for_each(|incident| out.push_str(&incident_lines(incident, page)));
        if let Some(w) = r.witness.as_ref().filter(|_| r.verdict != Verdict::Vacuous) {
            out += &witness(w, r);
        }
        if let Some(reason) = &r.reason {
            out += &page.wrapped(&format!("    reason  {reason}"), 12);
        }
        if let Some(repro) = r.repro.as_ref().filter(|_| !r.verdict.is_good()) {
            let _ = writeln!(out, "    again   {repro}");
        }
        if let Some(statistics) = r.ulp.as_ref().filter(|_| r.verdict == Verdict::Refuted) {
            let over: Vec<&Region> = statistics.regions.iter().filter(|region| region.ulp > r.limit).collect();
            let within = match statistics.regions.len() - over.len() {
                0 => String::new(),
                n => format!("; {n} others are within it"),
            };
            let _ = writeln!(out, "    errors by region of the input, where over the budget{within}");
            out += &regions(&over);
        }
    }
    out
}

/// The largest measure. That of what is within its budget is no more than that, even where the enclosure of the measure reaches
/// beyond it: then it was decided exactly.
pub(super) fn at_most(r: &VerifyResult) -> String {
    let beyond = |measured: f64| r.verdict.is_good() && measured > r.limit;
    let over = r.measured.parse().is_ok_and(beyond);
    figure(if over { &r.budget } else { &r.measured })
}

/// A budget with its unit.
pub(super) fn allowed(r: &VerifyResult) -> String {
    of_unit(&figure(&r.budget), &r.unit)
}

/// What happened to a process.
pub(super) fn incident_lines(incident: &IncidentReport, page: &Page) -> String {
    let first = incident.inputs.first().map_or("", String::as_str);
    let value = figure(&incident.input_value);
    let mut out = match incident.batch {
        0 => String::new(),
        1 => format!("    input   {first}  {value}\n"),
        n => format!("    batch   of {n} inputs from {first}  {value}\n"),
    };
    out += &page.wrapped(&format!("    {:<7} {}", incident.kind, incident.text), 12);
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

fn witness(w: &WitnessReport, r: &VerifyResult) -> String {
    let width = w.input.len().max(w.output.len());
    let mut out = String::new();
    let _ = writeln!(out, "    input   {:<width$}  {}", w.input, figure(&w.input_value));
    let _ = writeln!(out, "    output  {:<width$}  {}", w.output, figure(&w.output_value));
    let _ = writeln!(out, "    real    {:<width$}  {}", "", figure(&w.real));
    if let Some(how) = &w.how {
        let _ = writeln!(out, "    asked   {how}");
    }
    // of what is undecided no error is known
    if r.reason.is_some() {
        return out;
    }
    let measure = figure(&w.measure);
    let absolute = w.absolute.as_ref().filter(|off| *off != "inf").map(|off| format!("{} absolute", figure(off)));
    let absolute = absolute.into_iter();
    match r.check {
        // the output itself may be right: it is the step to it that is not
        "seam" | "bisect" => {
            let _ = writeln!(out, "    step    {:<width$}  to or from it: {measure} ulp off", "");
        }
        "monotone" => {
            let _ = writeln!(out, "    step    {:<width$}  back by {}", "", of_unit(&measure, "floats"));
        }
        "lipschitz" => {
            let _ = writeln!(out, "    step    {:<width$}  to it: slope {measure}, less what rounding explains", "");
        }
        // what is off is a difference of outputs, each of which may be the nearest float
        "smooth" | "gradient" => {
            let _ = writeln!(out, "    off     {:<width$}  {}", "", of_unit(&measure, &r.unit));
        }
        _ => {
            let ulp = (r.unit == "ulp").then(|| format!("{measure} ulp")).into_iter();
            let errors: Vec<String> = ulp.chain(absolute).collect();
            if !errors.is_empty() {
                let _ = writeln!(out, "    error   {:<width$}  {}", "", errors.join(", "));
            }
        }
    }
    out
}
