//! `actaudit verify` as a page.

use super::{Section, UNBROKEN, badge, definition, environment, page, results};
use crate::report::Page;
use crate::report::contract::{AnswerReport, VerifyReport, VerifyResult};
use crate::report::definition::{ManyReport, WholeReport};
use crate::report::findings::{left_out, not_looked_at, others_compared, silent};
use crate::report::headline::{said, word};
use crate::report::number::{figure, grouped};
use crate::report::verify::Detail;
use crate::verdict::Verdict;
use maud::{Markup, html};
use std::collections::BTreeMap;

impl WholeReport {
    /// One page.
    pub fn html(&self, detail: Detail) -> String {
        let title = format!("{}: audit", label(&self.code));
        let mut sections = vec![];
        self.sections("", detail, &mut sections);
        sections.push(environment(&self.code.environment));
        page(&title, &answer(self, detail), sections)
    }

    fn sections(&self, prefix: &str, detail: Detail, into: &mut Vec<Section>) {
        let code = &self.code;
        let name = if prefix.is_empty() { String::new() } else { format!("{}: ", label(code)) };
        let had: Vec<&VerifyResult> = code.results.iter().filter(|r| !code.lacks(r)).collect();
        let mut add = |id: &str, heading: &str, body: Markup| {
            into.push(Section::new(&format!("{prefix}{id}"), &format!("{name}{heading}"), body));
        };
        if !code.answers.is_empty() {
            add("inputs", "Inputs that were asked for", answers(&code.answers));
        }
        let aside = left_out(&had, &UNBROKEN) + &not_looked_at(&had, &UNBROKEN);
        let is_wrong = |r: &&VerifyResult| !(r.verdict.is_good() || silent(r) && others_compared(&had, r));
        let wrong: Vec<&VerifyResult> = had.iter().copied().filter(is_wrong).collect();
        if !wrong.is_empty() || !aside.is_empty() {
            let lines = aside.lines().filter(|line| !line.is_empty());
            add("findings", "Findings", html! { (results::findings(&wrong)) @for line in lines { p { (line) } } });
        }
        if !had.is_empty() {
            let body = html! { (results::side_by_side(&had)) (results::plots(&had)) (results::table(&had)) };
            add("errors", "Errors", body);
        }
        if detail.regions && !had.is_empty() {
            add("regions", "Errors by region of the input", html! { pre { (code.regions().trim()) } });
        }
        if !code.beside.is_empty() {
            let beside: Vec<&VerifyResult> = code.beside.iter().collect();
            let body = html! {
                p { "These do not count." }
                (results::side_by_side(&beside)) (results::plots(&beside)) (results::table(&beside))
            };
            add("beside", "Other implementations beside it", body);
        }
        if !code.differences.is_empty() {
            let body = html! { @for d in &code.differences { pre { (d.text(&Page::PLAIN).trim_end()) } } };
            add("differences", "Subjects against each other", body);
        }
        // one input is no occasion for all of it
        if code.answers.is_empty() || detail.all {
            add("definition", "The definition", definition::body(&self.definition));
        }
    }
}

/// An activation with its parameters.
fn label(code: &VerifyReport) -> String {
    let params: Vec<String> = code.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
    if params.is_empty() { code.activation.clone() } else { format!("{} ({})", code.activation, params.join(", ")) }
}

/// The answer in words, as the text has it.
fn answer(report: &WholeReport, detail: Detail) -> Markup {
    let code = &report.code;
    html! {
        p { "Effort " (code.effort) @if detail.own && !code.results.is_empty() { "; this project's own kernel (no --impl was given)" } @if let Some(on) = code.on() { "; no inputs but those " (on) } "." }
        @if code.results.is_empty() { p { "no code given: add --impl" } }
        ul .said { @for s in said(code) { li {
            (badge(word(s.verdict), s.verdict)) " " b { (s.of) } ": " (s.what)
            @for known in &s.known { div .known { (known) } }
        } } }
        @for line in code.not_there(&UNBROKEN).lines() { p { (line) } }
        p .soft { (report.definition.line(&UNBROKEN).trim()) }
        @if !code.results.is_empty() { @for line in code.totals(&UNBROKEN).lines() { p .soft { (line) } } }
    }
}

fn answers(all: &[AnswerReport]) -> Markup {
    html! {
        div .scroll { table .values {
            thead { tr {
                th { "code" } th { "format" } th { "direction" } th { "input" } th { "output" } th { "real value" } th { "error in ulp" }
            } }
            tbody { @for a in all { tr {
                td { code { (a.subject) } } td { (a.dtype) } td { (a.pass) }
                td { (figure(&a.input_value)) br; code { (a.input) } }
                td {
                    @match (&a.output, &a.output_value) {
                        (Some(bits), Some(value)) => { (figure(value)) br; code { (bits) } },
                        _ => { "none: " (a.reason.unwrap_or_default()) },
                    }
                }
                td { (figure(&a.real)) }
                td { @if let Some([least, most]) = &a.ulp {
                    @if least == most { (figure(most)) } @else { (figure(least)) " to " (figure(most)) }
                } }
            } } }
        } }
    }
}

impl ManyReport {
    /// One page: every answer first, then one activation after the other.
    pub fn html(&self, detail: Detail) -> String {
        let mut sections = vec![];
        let mut all = BTreeMap::new();
        for (k, audit) in self.audits.iter().enumerate() {
            audit.sections(&format!("a{}-", k + 1), detail, &mut sections);
            all.extend(audit.code.environment.clone());
        }
        sections.push(environment(&all));
        let count = |verdict| self.verdicts.iter().filter(|v| word(**v) == word(verdict)).count();
        let summary = html! {
            p {
                (grouped(self.audits.len() as u64)) " activations: "
                @for verdict in [Verdict::Refuted, Verdict::Undecided, Verdict::Vacuous, Verdict::Proved] {
                    @if count(verdict) > 0 { (badge(word(verdict), verdict)) " " (count(verdict)) " " }
                }
            }
            @for (audit, verdict) in self.audits.iter().zip(&self.verdicts) {
                h3 { (badge(word(*verdict), *verdict)) " " (label(&audit.code)) }
                (answer(audit, detail))
            }
            @if !self.absent.is_empty() {
                h3 { "No such code" }
                ul { @for absent in &self.absent { li { (absent.activation) ": " (absent.reason) } } }
            }
        };
        page("Audit of several activations", &summary, sections)
    }
}
