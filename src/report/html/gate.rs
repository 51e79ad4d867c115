//! A gate as a page.

use super::{Section, UNBROKEN, badge, claims, class, environment, page, results};
use crate::report::claims::ClaimRow;
use crate::report::contract::VerifyResult;
use crate::report::findings::at_most;
use crate::report::gate::finding::findings;
use crate::report::gate::{GateReport, GateResult};
use crate::report::number::{figure, grouped};
use maud::{Markup, html};

/// Writes it.
pub fn write(report: &GateReport) -> String {
    let text = report.text(&UNBROKEN);
    let line = text.lines().next().unwrap_or_default();
    let (answer, rest) = line.split_once("  ").unwrap_or((line, ""));
    let summary = html! {
        p { (badge(answer, report.verdict)) " " (rest) }
        @if report.summary.partial { p { b { "It was stopped: what stands here is what was done by then." } } }
        p .soft { "Configuration: " code { (report.config) } }
    };
    let mut sections = vec![];
    let found = found(report);
    sections.extend(found.map(|body| Section::new("findings", "Findings", body)));
    sections.push(Section::new("errors", "Errors", errors(report)));
    sections.push(Section::new("results", "All results", all(report)));
    if !report.claims.is_empty() {
        let rows: Vec<&ClaimRow> = report.claims.iter().map(|c| &c.row).collect();
        sections.push(Section::new("claims", "Claims", claims::list(&rows)));
    }
    sections.push(environment(&report.environment));
    page("actaudit gate", &summary, sections)
}

/// What a result is of: all of its id but the subject and what follows.
fn label(r: &GateResult) -> &str {
    let VerifyResult { id, subject, dtype, pass, check, .. } = &r.row;
    id.strip_suffix(&format!("/{subject}/{dtype}/{pass}/{check}")).unwrap_or(id)
}

/// Errors and plots, one audit of the configuration after the other.
fn errors(report: &GateReport) -> Markup {
    let audits = report.results.chunk_by(|a, b| (a.line, label(a)) == (b.line, label(b)));
    html! { @for audit in audits {
        @let rows: Vec<&VerifyResult> = audit.iter().map(|r| &r.row).collect();
        h3 { (label(&audit[0])) span .soft { " line " (audit[0].line) } }
        (results::side_by_side(&rows))
        (results::plots(&rows))
    } }
}

/// What is to be said, the worst first.
fn found(report: &GateReport) -> Option<Markup> {
    let all = findings(report);
    (!all.is_empty()).then(|| {
        html! { @for f in &all { article {
            h3 { (badge(f.word, f.verdict())) " " (f.id) }
            p { (f.message) }
            @if let Some(why) = &f.justification { p { "Expected: " (why) } }
            p .soft { (report.config) ", line " (f.line) }
            @if let Some(again) = &f.again { code .again { (again) } }
        } } }
    })
}

fn all(report: &GateReport) -> Markup {
    html! { div .scroll { table {
        thead { tr {
            th { "standing" } th { "result" } th { "verdict" } th { "evidence" } th .n { "compared" }
            th .n { "at most" } th .n { "budget" } th { "against what was accepted" }
        } }
        tbody { @for r in &report.results { tr {
            td { span .verdict .(class(r.standing.verdict())) { (r.standing.name()) } }
            td { (r.row.id) }
            td { (r.row.verdict.name()) }
            td { (r.row.evidence.name()) }
            td .n { (grouped(r.row.compared)) }
            td .n { (at_most(&r.row)) }
            td .n { (figure(&r.row.budget)) " " (r.row.unit) }
            td { (r.change) }
        } } }
    } } }
}
