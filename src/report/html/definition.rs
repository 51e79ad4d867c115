//! What is proved about a definition: formula, class, constants, curves.

use super::{UNBROKEN, badge, curves};
use crate::prove::continuity::class_in_words;
use crate::report::bound::{BoundReport, Extremum};
use crate::report::definition::DefinitionReport;
use crate::report::number::figure;
use crate::verdict::Verdict;
use maud::{Markup, html};

/// The audit of a definition; plots of f, f' and f'' on top.
pub fn body(definition: &DefinitionReport) -> Markup {
    let name = definition.continuity.activation.as_str();
    html! {
        p { (definition.line(&UNBROKEN).trim()) }
        (formula(&definition.formula))
        div .grid .three {
            @for (order, curve) in curves::NAMES.iter().enumerate() {
                figure {
                    (curves::plot(name, order, &definition.curves, &definition.bounds))
                    figcaption { (curve) }
                }
            }
        }
        p .soft { "Dotted: infimum and supremum; circles: where they are attained. Dashed: junctions." }
        (bounds(&definition.bounds))
        (class(definition))
    }
}

/// The pieces, each on its part of the line.
fn formula(pieces: &[[String; 2]]) -> Markup {
    html! {
        @if pieces.len() == 1 { pre { "f(x) = " (pieces[0][0]) } }
        @else { div .scroll { table {
            thead { tr { th { "on" } th { "f(x)" } } }
            tbody { @for [value, on] in pieces { tr { td { code { (on) } } td { code { (value) } } } } }
        } } }
    }
}

/// The constants.
fn bounds(bounds: &[BoundReport]) -> Markup {
    html! {
        div .scroll { table {
            thead { tr { th { "quantity" } th { "" } th { "value" } th { "attained" } th { "verdict" } } }
            tbody { @for b in bounds {
                @for (end, e) in [("infimum", b.infimum.as_ref()), ("supremum", Some(&b.supremum))] {
                    @if let Some(e) = e { tr {
                        td { (b.quantity) @if let Some(to) = &b.to { " to " (to) } }
                        td { (end) }
                        td { (value(e)) }
                        td { (e.places()) }
                        td {
                            @match (b.verdict, e.proved) {
                                (Verdict::Proved, false) => { span .verdict .open { "not proved" } },
                                (verdict, _) => { (badge(verdict.name(), verdict)) },
                            }
                            @if let Some(reason) = &b.reason { br; (reason) }
                        }
                    } }
                }
                @if let Some(uniform) = &b.uniform { tr { td {} td { "uniform" } td colspan="3" { (uniform) } } }
            } }
        } }
    }
}

/// The value as far as it is known.
pub fn value(e: &Extremum) -> String {
    match &e.exact {
        Some(exact) if *exact == e.lower && e.lower == e.upper => format!("= {exact}"),
        Some(exact) => format!("= {exact}, in [{}, {}]", figure(&e.lower), figure(&e.upper)),
        None if e.lower == e.upper => figure(&e.lower),
        None => format!("in [{}, {}]", figure(&e.lower), figure(&e.upper)),
    }
}

/// The continuity class and what it rests on.
fn class(definition: &DefinitionReport) -> Markup {
    let found = &definition.continuity;
    html! {
        p { "Class: " b { (class_in_words(found)) } ", " (found.verdict) ". " (found.statement) }
        @if !found.junctions.is_empty() {
            div .scroll { table {
                thead { tr { th { "junction" } th { "how it was shown" } } }
                tbody { @for j in &found.junctions { tr { td { code { (j.at) } } td .words { (j.method) } } } }
            } }
        }
    }
}
