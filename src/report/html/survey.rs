//! Many implementations side by side.

use super::results::distinct;
use super::{Section, badge, environment, errors, mark, page, results};
use crate::report::contract::VerifyResult;
use crate::report::findings::at_most;
use crate::report::number::counted;
use crate::report::survey::SurveyReport;
use crate::verdict::Verdict;
use maud::{Markup, html};
use std::collections::BTreeMap;

impl SurveyReport {
    /// One page; `text` comes below the heading.
    pub fn html(&self, text: &str) -> String {
        let refuted = self.all().filter(|(_, r)| r.verdict == Verdict::Refuted).count();
        let absent: Vec<_> = self.audits.iter().filter_map(|a| Some((a, a.absent.as_deref()?))).collect();
        let answer = html! {
            @for paragraph in text.split("\n\n").filter(|p| !p.trim().is_empty()) { p { (paragraph.trim()) } }
            p {
                (counted(self.implementations.len(), "implementation")) ", "
                (counted(self.audits.len() - absent.len(), "audit")) ", effort " (self.effort) ": "
                @if refuted > 0 { (badge("refuted", Verdict::Refuted)) " " (counted(refuted, "result")) "." }
                @else { "no result is refuted." }
                @if !absent.is_empty() { " " (counted(absent.len(), "audit")) " could not be made." }
                @if self.partial { " " b { "Interrupted: the rest is missing." } }
            }
        };
        let mut sections = vec![Section::new("errors", "Largest errors", self.tables())];
        let wrong: Vec<&VerifyResult> =
            self.all().map(|(_, r)| r).filter(|r| matches!(r.verdict, Verdict::Refuted | Verdict::Undecided)).collect();
        if !wrong.is_empty() {
            sections.push(Section::new("findings", "Findings", results::findings(&wrong)));
        }
        sections.push(Section::new("plots", "Errors against the input", self.plots()));
        if !absent.is_empty() {
            let body = html! { ul { @for (a, why) in &absent { li { (a.activation) " by " (a.implementation) ": " (why) } } } };
            sections.push(Section::new("absent", "Not there", body));
        }
        let on: BTreeMap<String, String> = self
            .implementations
            .iter()
            .map(|(name, on)| (name.clone(), on.iter().cloned().collect::<Vec<_>>().join("; ")))
            .collect();
        sections.push(environment(&on));
        page(&self.title, &answer, sections)
    }

    /// Results with the names of their implementations.
    fn all(&self) -> impl Iterator<Item = (&str, &VerifyResult)> {
        self.audits.iter().flat_map(|a| a.results.iter().map(|r| (a.implementation.as_str(), r)))
    }

    fn ids(&self) -> Vec<&str> {
        distinct(self.audits.iter().map(|a| a.activation.as_str()))
    }

    /// The measure of one activation by one implementation.
    fn measured(&self, id: &str, name: &str, dtype: &str, pass: &str) -> Option<&VerifyResult> {
        let audits = self.audits.iter().filter(|a| a.activation == id && a.implementation == name);
        let mut results = audits.flat_map(|a| &a.results);
        results.find(|r| r.check == "ulp" && r.dtype == dtype && r.pass == pass && r.verdict != Verdict::Vacuous)
    }

    fn tables(&self) -> Markup {
        html! {
            p .soft { "In ulp, rounded up; * over a sample; ✗ over the budget; a dash: not there, or nothing was compared." }
            @for pass in &self.passes { @for dtype in &self.dtypes {
                h3 { (dtype) " " (pass) }
                div .scroll { table {
                    thead { tr { th { "activation" } @for (name, _) in &self.implementations { th .n { (name) } } } }
                    tbody { @for id in self.ids() { tr {
                        td { (id) }
                        @for (name, _) in &self.implementations { td .n {
                            @match self.measured(id, name, dtype, pass) {
                                Some(r) => { (badge(&at_most(r), r.verdict)) (mark(r)) },
                                None => "—",
                            }
                        } }
                    } } }
                } }
            } }
        }
    }

    fn plots(&self) -> Markup {
        html! {
            p .soft { "The axis is stretched between 2⁻¹⁰ and 2¹⁰ (dotted lines). Dashed: budgets." }
            @for id in self.ids() {
                h3 { (id) }
                div .grid { @for pass in &self.passes { @for dtype in &self.dtypes {
                    @let here: Vec<(usize, &str, &VerifyResult)> = self
                        .implementations
                        .iter()
                        .enumerate()
                        .filter_map(|(k, (name, _))| Some((k, name.as_str(), self.measured(id, name, dtype, pass)?)))
                        .collect();
                    @let rows: Vec<&VerifyResult> = here.iter().map(|(_, _, r)| *r).collect();
                    @let numbered: Vec<(usize, &VerifyResult)> = here.iter().map(|(k, _, r)| (*k, *r)).collect();
                    @if let Some(plot) = errors::plot(&format!("error of {id}, {dtype} {pass}, against the input"), &numbered) {
                        figure {
                            h5 { (dtype) " " (pass) }
                            (plot)
                            figcaption {
                                (key(&here.iter().map(|(k, name, _)| (*k, *name)).collect::<Vec<_>>())) " " (errors::caption(&rows))
                            }
                        }
                    }
                } } }
            }
        }
    }
}

/// Which line is whose.
fn key(names: &[(usize, &str)]) -> Markup {
    html! { @for (k, name) in names {
        svg .key viewBox="0 0 26 8" aria-hidden="true" { line .curve .{"s" (k % 8)} x1="0" x2="26" y1="4" y2="4" stroke-width="2" {} }
        " " (name) " "
    } }
}
