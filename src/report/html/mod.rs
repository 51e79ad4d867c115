//! Results as one file for a browser: nothing is fetched, nothing runs. Templates escape by type; what is left of control
//! characters in texts of other people's making is written out at the end, for all of them.

mod catalog;
mod chart;
mod claims;
mod curves;
mod definition;
mod errors;
mod gate;
mod histogram;
mod results;
mod survey;
mod train;
mod verify;

use super::contract::VerifyResult;
use super::explain::glossary;
use super::{Page, is_hidden};
use crate::verdict::{Evidence, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;

pub use catalog::{catalog, picture};
pub(super) use curves::{down as rounded_down, up as rounded_up};
pub(super) use definition::value;
pub use gate::write as gate;
pub(super) use results::distinct;

/// Colours, and what plots look like, by themselves as well.
const PLOTS: &str = include_str!("plot.css");
const STYLE: &str = include_str!("style.css");
/// A browser is told to fetch nothing and to run nothing, whatever a text may say.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Lines that are not broken: a browser does that.
const UNBROKEN: Page = Page { colour: false, width: 1 << 20 };

/// A part of a page, with a heading and a place in the list of contents.
struct Section {
    id: String,
    heading: String,
    body: Markup,
}

impl Section {
    fn new(id: &str, heading: &str, body: Markup) -> Self {
        Self { id: id.to_owned(), heading: heading.to_owned(), body }
    }
}

/// What verdict a word has the colour of.
const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proved | Verdict::Within => "good",
        Verdict::Refuted => "bad",
        Verdict::Searched | Verdict::Undecided | Verdict::Undefined | Verdict::Vacuous => "open",
    }
}

/// A verdict, or a word that says one, in its colour: the word says it without.
fn badge(word: &str, verdict: Verdict) -> Markup {
    html! { span .verdict .(class(verdict)) { (word) } }
}

/// What stands behind a figure in a table: a star if it is of a sample, a cross if it is over the budget.
fn mark(r: &VerifyResult) -> Markup {
    html! {
        @if r.evidence == Evidence::Sampled { "*" }
        @if r.verdict == Verdict::Refuted { " ✗" }
    }
}

/// What results depend on besides the inputs, by subject.
fn environment(of: &BTreeMap<String, String>) -> Section {
    let body = html! {
        dl {
            dt { "program" }
            dd { "actaudit " (env!("CARGO_PKG_VERSION")) ", " (std::env::consts::ARCH) }
            @for (subject, text) in of {
                dt { code { (subject) } }
                dd { (text) }
            }
        }
    };
    Section::new("environment", "Environment", body)
}

/// A page: the answer, then its sections; what verdicts mean comes last.
fn page(title: &str, answer: &Markup, mut sections: Vec<Section>) -> String {
    let words = html! { dl { @for word in glossary() { dt { (word.id) } dd { (word.explain) } } } };
    sections.push(Section::new("glossary", "What verdicts mean", words));
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="actaudit";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(PLOTS)) (PreEscaped(STYLE)) }
            }
            body {
                header { h1 { (title) } }
                main {
                    section #summary { (answer) }
                    nav aria-label="contents" {
                        ul { @for s in &sections { li { a href={"#" (s.id)} { (s.heading) } } } }
                    }
                    @for s in &sections { section #(s.id) { h2 { (s.heading) } (s.body) } }
                }
            }
        }
    };
    visible(&whole.into_string()) + "\n"
}

/// Characters that nobody sees, or that turn the order of others around, as what they are; markup has none of them.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if is_hidden(c) && c != '\n' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
