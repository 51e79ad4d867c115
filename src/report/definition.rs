//! What is proved about a definition, beside or without an audit of code.

use super::bound::BoundReport;
use super::contract::VerifyReport;
use super::inspect::formula;
use super::verify::Detail;
use super::{Page, headline, up};
use crate::audit::Audit;
use crate::audit::curves::Curves;
use crate::audit::facts::{Known, relu};
use crate::prove::continuity::{Continuity, Order, class_in_words as class, render};
use crate::prove::{Bound, BoundError, Quantity};
use crate::verdict::Verdict;
use rug::Float;
use rug::float::Round;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Digits of the quantities in an audit.
const DIGITS: u32 = 15;

/// The JSON object of `actaudit continuity`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ContinuityReport<'a> {
    /// actaudit.continuity.v1
    pub schema: &'static str,
    /// the class
    #[serde(flatten)]
    pub found: &'a Continuity,
}

impl<'a> ContinuityReport<'a> {
    /// The report of a class.
    pub const fn new(found: &'a Continuity) -> Self {
        Self { schema: "actaudit.continuity.v1", found }
    }

    /// A few lines.
    pub fn text(&self, page: &Page) -> String {
        render(self.found).lines().map(|line| page.wrapped(line, 6)).collect()
    }

    /// What is said of it.
    pub fn verdict(&self) -> Verdict {
        match self.found.order {
            Order::Undecided { .. } if self.found.verdict == "undefined" => Verdict::Undefined,
            Order::Undecided { .. } => Verdict::Undecided,
            Order::Analytic | Order::Infinite | Order::Class(_) => Verdict::Proved,
        }
    }
}

/// What is proved about a definition: class, Lipschitz constant, slope, range, and the distance to relu where it is finite.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DefinitionReport {
    pub(super) continuity: Continuity,
    pub(super) bounds: Vec<BoundReport>,
    /// what is drawn
    #[serde(skip)]
    pub(super) curves: Curves,
    /// the pieces as they are written, each with its part of the line
    #[serde(skip)]
    pub(super) formula: Vec<[String; 2]>,
}

impl DefinitionReport {
    /// Proves what is not known yet.
    ///
    /// # Errors
    /// If the definition has no value somewhere, or the order of two of its junctions cannot be decided.
    pub fn new(known: &Known) -> Result<Self, Arc<BoundError>> {
        let found = known.definition()?;
        let to = |b: &Bound| if b.quantity == Quantity::Distance { relu() } else { None };
        let bounds =
            found.bounds.iter().map(|b| BoundReport::new(known.activation(), to(b).as_ref(), b, DIGITS)).collect();
        let activation = known.activation();
        let (curves, formula) = (Curves::new(activation), formula(activation));
        Ok(Self { continuity: found.continuity.clone(), bounds, curves, formula })
    }

    /// With one more quantity; nothing, if it has no value.
    pub fn also(&mut self, known: &Known, quantity: Quantity) {
        let found = known.bound(quantity).ok();
        self.bounds.extend(found.map(|bound| BoundReport::new(known.activation(), None, bound, DIGITS)));
    }

    /// What is said of all of it together.
    pub fn verdict(&self) -> Verdict {
        let class = ContinuityReport::new(&self.continuity).verdict();
        Verdict::worst(self.bounds.iter().map(|b| b.verdict).chain([class]))
    }

    /// In a line or two.
    pub fn line(&self, page: &Page) -> String {
        let lipschitz = self.bounds.iter().find(|b| b.quantity == Quantity::Lipschitz.name());
        let class = class(&self.continuity);
        let constant = match lipschitz.map(|b| (&b.exact, b.upper.as_str())) {
            Some((_, "inf")) => ", not Lipschitz".to_owned(),
            Some((Some(exact), upper)) if exact == upper => format!(", Lipschitz constant {exact}"),
            Some((_, upper)) => format!(", Lipschitz constant {}", constant(upper)),
            None => String::new(),
        };
        let name = &self.continuity.activation;
        let verdict = self.verdict();
        let more = if verdict == Verdict::Proved { "" } else { " (actaudit bound and continuity say why)" };
        page.wrapped(&format!("definition of {name}: {class}{constant}, {}{more}", verdict.name()), 2)
    }

    /// As text, indented below a heading.
    pub fn text(&self, page: &Page) -> String {
        let narrower = Page { width: page.width - 2, ..*page };
        let bounds = self.bounds.iter().map(|bound| bound.text(&narrower));
        let blocks = [ContinuityReport::new(&self.continuity).text(&narrower)].into_iter().chain(bounds);
        let mut out = String::from("the definition\n");
        for line in blocks.collect::<String>().lines() {
            out.push_str("  ");
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

/// An upper bound to seven digits, rounded up.
fn constant(upper: &str) -> String {
    let value = Float::parse(upper).map(|v| Float::with_val_round(128, v, Round::Up).0);
    value.map_or_else(|_| upper.to_owned(), |value| up(&value, 7))
}

/// The JSON object of `actaudit verify`: the code, and the definition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WholeReport {
    #[serde(flatten)]
    pub(super) code: VerifyReport,
    pub(super) definition: DefinitionReport,
}

impl WholeReport {
    /// Of an audit of code, and of the definition that it computes.
    pub fn new(audit: &Audit, definition: DefinitionReport) -> Self {
        Self { code: audit.report(), definition }
    }

    /// For people: the answer first. What is proved of the definition is in full only if no code was named.
    pub fn text(&self, page: &Page, detail: Detail) -> String {
        let code = self.code.show(page, detail);
        match detail.own {
            // one input is no occasion for all of it
            _ if !self.code.answers.is_empty() => code,
            true => format!("{code}\n{}", self.definition.text(page)),
            false => format!("{code}\n{}", self.definition.line(page)),
        }
    }

    /// Of which activation.
    pub fn activation(&self) -> &str {
        &self.code.activation
    }
}

/// The JSON object of `actaudit verify` with several activations.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ManyReport {
    /// actaudit.verify.v1
    schema: &'static str,
    /// one for each
    pub(super) audits: Vec<WholeReport>,
    /// activations whose code is not there, of those that `all` names
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) absent: Vec<AbsentReport>,
    #[serde(skip)]
    pub(super) verdicts: Vec<Verdict>,
}

/// An activation that no audit was made of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AbsentReport {
    /// catalogue id
    pub activation: String,
    /// why there is no code
    pub reason: String,
}

impl ManyReport {
    /// Of these audits, with the verdict of each.
    pub fn new(audits: Vec<(WholeReport, Verdict)>, absent: Vec<AbsentReport>) -> Self {
        let (audits, verdicts) = audits.into_iter().unzip();
        Self { schema: "actaudit.verify.v1", audits, absent, verdicts }
    }

    /// One report after the other, and all of them in a few lines at the end.
    pub fn text(&self, page: &Page, detail: Detail) -> String {
        let mut out: String = self.audits.iter().map(|audit| audit.text(page, detail) + "\n").collect();
        let named = |word: &str| -> Vec<&str> {
            let said = self.audits.iter().zip(&self.verdicts).filter(|(_, v)| headline::word(**v) == word);
            said.map(|(audit, _)| audit.activation()).collect()
        };
        for word in ["FAILED", "UNDECIDED", "NOTHING COMPARED", "PASSED"] {
            let names = named(word);
            if !names.is_empty() {
                out += &page
                    .wrapped(&format!("{word}  {} of {}: {}", names.len(), self.audits.len(), names.join(", ")), 8);
            }
        }
        if !self.absent.is_empty() {
            let names: Vec<&str> = self.absent.iter().map(|a| a.activation.as_str()).collect();
            let text =
                format!("no such code for {}: {} ({} ...)", names.len(), names.join(", "), self.absent[0].reason);
            out += &page.wrapped(&text, 2);
        }
        out
    }
}
