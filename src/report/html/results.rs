//! Results of code under test: what fails with what shows it again, and errors by format and direction side by side.

use super::{badge, errors, histogram};
use crate::audit::Excluded;
use crate::report::contract::{IncidentReport, VerifyResult, WitnessReport};
use crate::report::findings::{allowed, at_most, nothing};
use crate::report::number::{figure, grouped};
use crate::verdict::{Evidence, Verdict};
use maud::{Markup, html};

/// Subject, format and direction.
fn unit(r: &VerifyResult) -> (&str, &str, &str) {
    (&r.subject, r.dtype, r.pass)
}

/// What is not right, one result after the other: the words, the inputs, the commands.
pub fn findings(results: &[&VerifyResult]) -> Markup {
    html! { @for r in results { (finding(r)) } }
}

fn finding(r: &VerifyResult) -> Markup {
    let counts = match r.verdict {
        Verdict::Undecided => format!("{} of {} inputs undecided", grouped(r.undecided), grouped(r.compared)),
        Verdict::Vacuous | Verdict::Undefined => nothing(r),
        _ => format!("{} of {} inputs fail; budget {}", grouped(r.failing), grouped(r.compared), allowed(r)),
    };
    let worst: Vec<&WitnessReport> = if r.verdict == Verdict::Vacuous {
        vec![]
    } else if r.worst.is_empty() || r.reason.is_some() {
        r.witness.iter().collect()
    } else {
        // with what is within the budget nothing is wrong
        let over = |w: &&WitnessReport| w.measure.parse().is_ok_and(|measure: f64| measure > r.limit);
        let fails = |w: &&WitnessReport| r.verdict != Verdict::Refuted || over(w);
        let shown: Vec<&WitnessReport> = r.worst.iter().filter(fails).take(5).collect();
        if shown.is_empty() { r.witness.iter().collect() } else { shown }
    };
    html! {
        article {
            h3 { (badge(r.verdict.name(), r.verdict)) " " (r.id) }
            p { (counts) " (" (r.evidence.name()) ")" @if let Some(reason) = &r.reason { ": " (reason) } }
            @for incident in &r.incidents { (happened(incident)) }
            @if !worst.is_empty() { (witnesses(&worst, r)) }
        }
    }
}

/// The worst inputs with what came out, what should have, and how to see it again.
fn witnesses(worst: &[&WitnessReport], r: &VerifyResult) -> Markup {
    html! {
        div .scroll { table .values {
            thead { tr { th { "input" } th { "output" } th { "real value" } th .n { "measure, " (r.unit) } th .n { "absolute error" } } }
            tbody { @for w in worst { tr {
                td { (figure(&w.input_value)) br; code { (w.input) } }
                td { (figure(&w.output_value)) br; code { (w.output) } }
                td { (figure(&w.real)) @if let Some(how) = &w.how { br; "asked: " (how) } }
                // of what is undecided no error is known
                td .n { @if r.reason.is_none() { (figure(&w.measure)) } }
                td .n { @if let Some(off) = &w.absolute { (figure(off)) } }
            } } }
        } }
        @let mut before = None;
        @for w in worst {
            // a check that chose its inputs has one command for all of them
            @if let Some(again) = w.again.as_deref().filter(|again| before.replace(*again) != Some(*again)) {
                code .again { (again) }
            }
        }
    }
}

fn happened(incident: &IncidentReport) -> Markup {
    let value = figure(&incident.input_value);
    let place = match incident.batch {
        0 => String::new(),
        1 => format!(", at x = {value}"),
        n => format!(", in a batch of {n} inputs from x = {value}"),
    };
    html! {
        p { b { (incident.kind) } ": " (incident.text) (place) }
        @if let Some(again) = &incident.repro { code .again { (again) } }
    }
}

/// Largest errors of every subject, formats side by side and directions below each other.
pub fn side_by_side(results: &[&VerifyResult]) -> Markup {
    let measured: Vec<&VerifyResult> = results.iter().copied().filter(|r| r.check == "ulp").collect();
    let dtypes = distinct(measured.iter().map(|r| r.dtype));
    let rows = distinct(measured.iter().map(|r| (r.subject.as_str(), r.pass)));
    let cell = |(subject, pass): (&str, &str), dtype: &str| {
        measured.iter().copied().find(|r| unit(r) == (subject, dtype, pass) && r.verdict != Verdict::Vacuous)
    };
    html! {
        div .scroll { table {
            caption .soft { "largest error in ulp, rounded up; * of a sample" }
            thead { tr { th { "code" } th { "direction" } @for dtype in &dtypes { th .n { (dtype) } } } }
            tbody { @for (subject, pass) in rows { tr {
                td { code { (subject) } }
                td { (pass) }
                @for dtype in &dtypes {
                    td .n {
                        @match cell((subject, pass), dtype) {
                            Some(r) => {
                                (badge(&at_most(r), r.verdict))
                                @if r.evidence == Evidence::Sampled { "*" }
                                br; span .soft { (r.verdict.name()) ", budget " (figure(&r.budget)) }
                            },
                            None => "—",
                        }
                    }
                }
            } } }
        } }
    }
}

/// Values without repetition, in the order in which they come.
pub fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = vec![];
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// The plots of every unit: the error against the input, and how errors are distributed.
pub fn plots(results: &[&VerifyResult]) -> Markup {
    html! {
        @for subject in distinct(results.iter().map(|r| r.subject.as_str())) {
            h4 { code { (subject) } }
            div .grid {
                @for r in results.iter().filter(|r| r.subject == subject && r.check == "ulp" && r.compared > 0) {
                    @let name = format!("{} {}", r.dtype, r.pass);
                    @if let Some(plot) = errors::plot(&format!("error of {subject}, {name}, against the input"), &[(0, r)]) {
                        figure {
                            h5 { (name) }
                            (plot)
                            figcaption { (errors::caption(&[r])) }
                        }
                    }
                    @if let (Some(plot), Some(statistics)) = (histogram::plot(r), &r.ulp) {
                        figure {
                            h5 { (name) ": errors by size" }
                            (plot)
                            figcaption {
                                (grouped(statistics.inputs)) " inputs; mean error " (figure(&format!("{:.3e}", statistics.mean))) " ulp; "
                                (grouped(statistics.not_correctly_rounded)) " not correctly rounded."
                            }
                        }
                    }
                }
            }
        }
        p .soft {
            "Plots of the error: the axis is stretched between 2⁻¹⁰ and 2¹⁰ (dotted lines). "
            "Dashed: the budget. Circles: the worst inputs. "
            "Bars above the frame: where NaN comes out, or an infinity where rounding does not overflow (inf). "
            "Errors by size: bars are blue within the budget, vermilion over it, and orange where some errors of a bar are over it."
        }
    }
}

/// Every row, for those who want to see what passed.
pub fn table(results: &[&VerifyResult]) -> Markup {
    html! {
        details {
            summary { "All " (results.len()) " results" }
            div .scroll { table {
                thead { tr {
                    th { "verdict" } th { "code" } th { "format" } th { "direction" } th { "check" } th { "evidence" }
                    th .n { "compared" } th .n { "at most" } th .n { "budget" } th { "left out" }
                } }
                tbody { @for r in results { tr {
                    td { (badge(r.verdict.name(), r.verdict)) }
                    td { code { (r.subject) } } td { (r.dtype) } td { (r.pass) } td { (r.check) } td { (r.evidence.name()) }
                    td .n { (grouped(r.compared)) } td .n { (at_most(r)) } td .n { (allowed(r)) }
                    td { (left_out(&r.excluded)) }
                } } }
            } }
        }
    }
}

fn left_out(excluded: &[Excluded]) -> String {
    let one = |e: &Excluded| if e.count > 0 { format!("{}: {}", e.reason, grouped(e.count)) } else { e.reason.clone() };
    excluded.iter().map(one).collect::<Vec<_>>().join("; ")
}
