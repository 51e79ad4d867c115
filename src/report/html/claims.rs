//! Claims with quotation and verdict.

use super::{Section, badge, page};
use crate::report::claims::{ClaimRow, ClaimsReport};
use crate::report::number::counted;
use crate::verdict::Verdict;
use maud::{Markup, html};

impl ClaimsReport {
    /// One page.
    pub fn html(&self) -> String {
        let of = |verdict| self.claims.iter().filter(|c| c.verdict == verdict).count();
        let surprises = self.claims.iter().filter(|c| c.surprise).count();
        let answer = html! {
            p {
                (counted(self.claims.len(), "claim")) ": "
                @for verdict in [Verdict::Proved, Verdict::Refuted, Verdict::Undecided] {
                    (of(verdict)) " " (badge(verdict.name(), verdict)) ", "
                }
                @if surprises == 0 { "each as declared." } @else { b { (surprises) " not as declared." } }
            }
        };
        let rows: Vec<&ClaimRow> = self.claims.iter().collect();
        page(
            "Claims",
            &answer,
            vec![Section::new("claims", "Claims", list(&rows)), super::environment(&std::collections::BTreeMap::new())],
        )
    }
}

/// What the true value is known to be.
pub fn truth(c: &ClaimRow) -> Option<String> {
    let (lower, upper) = (c.lower.as_ref()?, c.upper.as_ref()?);
    let value = match c.closed() {
        Some(exact) => format!("= {exact}, in [{lower}, {upper}]"),
        None if lower == upper => format!("= {lower}"),
        None => format!("in [{lower}, {upper}]"),
    };
    Some(value + &c.at())
}

/// Each claim: verdict, words of the source, what is true.
pub fn list(rows: &[&ClaimRow]) -> Markup {
    html! { @for c in rows {
        article {
            h3 {
                (badge(c.verdict.name(), c.verdict)) " " (c.id)
                @if c.surprise { " " span .verdict .bad { "expected: " (c.expected.name()) } }
                @else if c.verdict != Verdict::Proved { " (as declared)" }
            }
            blockquote { p { "“" (c.quote) "”" } p .soft { (c.source) } }
            p { (c.statement) ": " b { (c.claimed) } }
            @if let Some(truth) = truth(c) { p { "True value " code { (truth) } } }
            @if let Some(witness) = c.witness.as_ref().filter(|_| c.verdict == Verdict::Refuted) { p { "Witness: " code { (witness) } } }
            p .soft { (c.reason) }
        }
    } }
}
