//! The catalogue on one page, and the picture of one activation.

use super::chart::{HEIGHT, WIDTH};
use super::{PLOTS, Section, badge, claims, curves, definition, environment, mark, page, results};
use crate::expr::FloatFormat;
use crate::prove::continuity::class_in_words;
use crate::report::claims::ClaimRow;
use crate::report::contract::VerifyResult;
use crate::report::findings::at_most;
use crate::report::number::counted;
use crate::report::sheets::{CatalogReport, SheetReport};
use crate::verdict::Verdict;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeMap;

/// f, f' and f'' below each other, as a file of its own.
pub fn picture(sheet: &SheetReport) -> String {
    let name = sheet.id();
    let whole = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(WIDTH) height=(3.0 * HEIGHT) viewBox={"0 0 " (WIDTH) " " (3.0 * HEIGHT)} {
            title { "f, f′ and f″ of " (name) }
            style { (PreEscaped(PLOTS)) }
            rect width=(WIDTH) height=(3.0 * HEIGHT) style="fill:var(--page)" {}
            @for order in 0..3 {
                svg y=(HEIGHT * f64::from(order as u8)) width=(WIDTH) height=(HEIGHT) {
                    (curves::plot(name, order, &sheet.proved.curves, &sheet.proved.bounds))
                }
            }
        }
    };
    whole.into_string() + "\n"
}

/// All sheets, the claims, and what the words mean.
pub fn catalog(report: &CatalogReport) -> String {
    let formats = FloatFormat::ALL.map(FloatFormat::name);
    let answer = html! {
        p {
            (counted(report.sheets.len(), "activation")) " with what is proved of each, plots, and the errors of this project's kernels. "
            "Constants are for the default parameters, rounded outward; errors are the largest forward, in ulp, rounded up; "
            "* over a sample; ✗ over the budget."
        }
        div .scroll { table {
            thead { tr {
                th { "activation" } th { "" } th { "class" } th .n { "Lipschitz" } th { "inf f, sup f" }
                @for dtype in formats { th .n { (dtype) } }
            } }
            tbody { @for s in &report.sheets { tr {
                td { a href={"#act-" (s.id())} { (s.id()) } }
                td { (s.show.entry.title) }
                td { (class_in_words(&s.proved.continuity)) }
                td .n { (s.few("lipschitz")) }
                td { (s.few("range")) }
                @for dtype in formats { td .n { (error(s.error(dtype))) } }
            } } }
        } }
    };
    let mut sections: Vec<Section> =
        report.sheets.iter().map(|s| Section::new(&format!("act-{}", s.id()), s.id(), sheet(s))).collect();
    let rows: Vec<&ClaimRow> = report.claims.claims.iter().collect();
    sections.push(Section::new("claims", "Claims of papers", claims::list(&rows)));
    sections.push(environment(&BTreeMap::new()));
    page("The catalogue", &answer, sections)
}

fn error(r: Option<&VerifyResult>) -> Markup {
    html! {
        @match r.filter(|r| r.verdict != Verdict::Vacuous) {
            Some(r) => { (badge(&at_most(r), r.verdict)) (mark(r)) },
            None => "—",
        }
    }
}

fn sheet(s: &SheetReport) -> Markup {
    let entry = &s.show.entry;
    let results: Vec<&VerifyResult> = s.code.results.iter().collect();
    html! {
        p { b { (entry.title) } @if !s.code.params.is_empty() { ", for " (s.at()) } }
        p .soft { "Source (" (entry.provenance) "): " (entry.source) }
        @if !entry.note.is_empty() { p .soft { (entry.note) } }
        (definition::body(&s.proved))
        @if results.is_empty() { p { "This project has no kernel of it." } }
        @else { h3 { "This project's kernels" } (results::side_by_side(&results)) }
    }
}
