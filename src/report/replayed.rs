//! Inputs that were asked for by themselves: what came out, and what should have.

use super::contract::{AnswerReport, VerifyReport, VerifyResult};
use super::findings::{allowed, incident_lines};
use super::headline::word;
use super::number::{figure, grouped};
use super::{Page, painted};
use crate::audit::process;
use crate::verdict::Verdict;
use std::fmt::Write as _;

impl VerifyReport {
    /// A heading for each subject, format and direction, and four lines for each input.
    pub(super) fn replayed(&self, page: &Page) -> String {
        let mut out = String::new();
        let unit = |a: &AnswerReport| (a.subject.clone(), a.dtype, a.pass);
        for answers in self.answers.chunk_by(|a, b| unit(a) == unit(b)) {
            let (subject, dtype, pass) = unit(&answers[0]);
            let of = |r: &&VerifyResult| (r.subject.as_str(), r.dtype, r.pass) == (subject.as_str(), dtype, pass);
            let rows: Vec<&VerifyResult> = self.results.iter().filter(of).collect();
            // that the code has answered is no comparison
            let says = |r: &&&VerifyResult| {
                r.verdict != Verdict::Vacuous && (r.check != process::INFO.id || r.verdict == Verdict::Refuted)
            };
            let said: Vec<Verdict> = rows.iter().filter(says).map(|r| r.verdict).collect();
            let verdict = if said.is_empty() { Verdict::Vacuous } else { Verdict::worst(said) };
            let _ = writeln!(
                out,
                "{}  {} {subject} {dtype} {pass}",
                painted(word(verdict), verdict, page.colour),
                self.activation
            );
            answers.iter().for_each(|answer| out += &lines(answer));
            for r in rows.iter().filter(|r| r.verdict == Verdict::Refuted) {
                let (failing, compared) = (grouped(r.failing), grouped(r.compared));
                let _ = writeln!(
                    out,
                    "    fails   {}: {failing} of {compared} inputs fail; budget {}",
                    r.check,
                    allowed(r)
                );
                r.incidents.iter().for_each(|incident| out += &incident_lines(incident, page));
            }
            for r in rows.iter().filter(|r| r.verdict == Verdict::Undecided) {
                let why = r.reason.as_deref().unwrap_or("not decided");
                out += &page.wrapped(&format!("    open    {}: {why}", r.check), 12);
            }
            out.push('\n');
        }
        out
    }
}

/// Input, output, real value and error.
fn lines(a: &AnswerReport) -> String {
    let width = a.input.len();
    let output = a.output.as_deref().unwrap_or("none");
    let value = a.output_value.as_deref().map_or_else(|| a.reason.unwrap_or_default().to_owned(), figure);
    let mut out = format!("    input   {:<width$}  {}\n", a.input, figure(&a.input_value));
    let _ = writeln!(out, "    output  {output:<width$}  {value}");
    let _ = writeln!(out, "    real    {:<width$}  {}", "", figure(&a.real));
    let ulp = a.ulp.as_ref().map(|[least, most]| {
        let [least, most] = [least, most].map(|end| figure(end));
        if least == most { format!("{most} ulp") } else { format!("{least}..{most} ulp") }
    });
    let absolute = a.absolute.as_ref().map(|off| format!("{} absolute", figure(off)));
    let errors: Vec<String> = ulp.into_iter().chain(absolute).collect();
    if !errors.is_empty() {
        let _ = writeln!(out, "    error   {:<width$}  {}", "", errors.join(", "));
    }
    out
}
