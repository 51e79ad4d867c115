//! Data sheets of the catalogue, as Markdown; and the pages of which such a catalogue consists.

use super::bound::BoundReport;
use super::claims::ClaimsReport;
use super::claims_table::plain;
use super::contract::{VerifyReport, VerifyResult};
use super::definition::DefinitionReport;
use super::findings::at_most;
use super::html;
use super::inspect::ShowReport;
use super::number::{counted, figure};
use crate::audit::journal::hex;
use crate::expr::{Definition, FloatFormat};
use crate::prove::continuity::class_in_words;
use crate::verdict::{Evidence, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// One activation: what it is, what is proved of it, how far off this project's kernels are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SheetReport {
    /// the definition
    pub(super) show: ShowReport,
    /// what is proved
    pub(super) proved: DefinitionReport,
    /// this project's kernels, over a sample of f32 and f64 and all of f16 and bf16
    pub(super) code: VerifyReport,
    /// what the sheet was made of
    inputs: String,
}

/// A few digits that change with a definition, and with the version of this program: whether a sheet may be out of date.
pub fn fingerprint(definition: &Definition) -> String {
    let hash = Sha256::digest(format!("{}\n{}", env!("CARGO_PKG_VERSION"), definition.to_toml()));
    hex(&hash[..8])
}

impl SheetReport {
    /// A sheet of these parts, which are of one activation.
    pub fn new(definition: &Definition, show: ShowReport, proved: DefinitionReport, code: VerifyReport) -> Self {
        Self { show, proved, code, inputs: fingerprint(definition) }
    }

    /// Identifier.
    pub(super) fn id(&self) -> &str {
        &self.show.entry.id
    }

    /// The parameter values, as in a heading.
    pub(super) fn at(&self) -> String {
        let values: Vec<String> = self.code.params.iter().map(|(k, v)| format!("{k} = {v}")).collect();
        values.join(", ")
    }

    pub(super) fn bound(&self, quantity: &str) -> Option<&BoundReport> {
        self.proved.bounds.iter().find(|b| b.quantity == quantity)
    }

    /// A supremum in a few digits, rounded up; of a range infimum and supremum, rounded outward.
    pub(super) fn few(&self, quantity: &str) -> String {
        let Some(b) = self.bound(quantity).filter(|b| b.verdict == Verdict::Proved) else {
            return "not proved".to_owned();
        };
        let up = |text: &str| html::rounded_up(text).map_or_else(|| text.to_owned(), |t| figure(&t));
        let down = |text: &str| html::rounded_down(text).map_or_else(|| text.to_owned(), |t| figure(&t));
        match &b.infimum {
            Some(low) => format!("{}, {}", down(&low.lower), up(&b.supremum.upper)),
            None => up(&b.supremum.upper),
        }
    }

    /// The largest error of the accurate kernel, forward.
    pub(super) fn error(&self, dtype: &str) -> Option<&VerifyResult> {
        self.code
            .results
            .iter()
            .find(|r| (r.subject.as_str(), r.dtype, r.pass, r.check) == ("native", dtype, "forward", "ulp"))
    }

    /// The sheet.
    pub fn markdown(&self) -> String {
        let entry = &self.show.entry;
        let mut out = format!("# {}: {}\n\n", plain(&entry.id), plain(&entry.title));
        if !self.code.params.is_empty() {
            let _ = writeln!(out, "Constants, plots and errors are for {}.\n", plain(&self.at()));
        }
        out += "## Definition\n\n| on | f | f′ |\n|---|---|---|\n";
        for p in &self.show.pieces {
            let _ = writeln!(out, "| {} | {} | {} |", plain(&p.on), plain(&p.value), plain(&p.derivative));
        }
        for p in &entry.params {
            let _ = writeln!(
                out,
                "\n{} in {}, default {}: {}",
                plain(&p.name),
                plain(&p.domain),
                plain(&p.default),
                plain(&p.meaning)
            );
        }
        let _ = writeln!(out, "\n- source ({}): {}", entry.provenance, plain(&entry.source));
        if !entry.note.is_empty() {
            let _ = writeln!(out, "- note: {}", plain(&entry.note));
        }
        if !entry.aliases.is_empty() {
            let _ = writeln!(out, "- aliases: {}", plain(&entry.aliases.join(", ")));
        }
        let _ = writeln!(out, "- LaTeX:\n\n      {}", self.show.latex);
        let _ = writeln!(out, "\n![f, f′ and f″ of {0}]({0}.svg)\n", entry.id);
        self.mathematics(&mut out);
        self.kernels(&mut out);
        let _ = writeln!(
            out,
            "\n`actaudit verify {}` shows this in full. Made by `actaudit report` from {}.",
            entry.id, self.inputs
        );
        out
    }

    /// What the checker accepted.
    fn mathematics(&self, out: &mut String) {
        let class = &self.proved.continuity;
        let _ = writeln!(out, "## What is proved\n\nClass: {}, {}.\n", plain(&class_in_words(class)), class.verdict);
        for j in &class.junctions {
            let _ = writeln!(out, "- junction at {}: {}", plain(&j.at), plain(&j.method));
        }
        out.push_str(if class.junctions.is_empty() { "" } else { "\n" });
        out.push_str("| quantity | | value | attained | verdict |\n|---|---|---|---|---|\n");
        for b in &self.proved.bounds {
            let to = b.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
            for (end, e) in [("infimum", b.infimum.as_ref()), ("supremum", Some(&b.supremum))] {
                let Some(e) = e else { continue };
                let verdict = if b.verdict == Verdict::Proved && !e.proved { "not proved" } else { b.verdict.name() };
                let (value, attained) = (plain(&html::value(e)), plain(&e.places()));
                let _ = writeln!(out, "| {}{to} | {end} | {value} | {attained} | {verdict} |", b.quantity);
            }
        }
    }

    /// Errors of this project's kernels by format.
    fn kernels(&self, out: &mut String) {
        out.push_str("\n## This project's kernels\n\n");
        if self.code.results.is_empty() {
            out.push_str("There is none.\n");
            return;
        }
        let formats = FloatFormat::ALL.map(FloatFormat::name);
        let _ = writeln!(out, "Largest error in ulp, rounded up; * over a sample. Bold: over the budget.\n");
        let _ = writeln!(
            out,
            "| kernel | direction | {} |\n|---|---|{}",
            formats.join(" | "),
            "---:|".repeat(formats.len())
        );
        for unit in html::distinct(self.code.results.iter().map(|r| (r.subject.as_str(), r.pass))) {
            let cell = |dtype: &&'static str| {
                let of =
                    |r: &&VerifyResult| (r.subject.as_str(), r.pass) == unit && r.dtype == *dtype && r.check == "ulp";
                self.code.results.iter().find(of).map_or_else(|| "—".to_owned(), shown)
            };
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                unit.0,
                unit.1,
                formats.iter().map(cell).collect::<Vec<_>>().join(" | ")
            );
        }
    }
}

/// A largest error in a cell of Markdown.
fn shown(r: &VerifyResult) -> String {
    let star = if r.evidence == Evidence::Sampled { "\\*" } else { "" };
    match r.verdict {
        Verdict::Vacuous => "—".to_owned(),
        Verdict::Refuted => format!("**{}{star}**", at_most(r)),
        _ => format!("{}{star}", at_most(r)),
    }
}

/// The JSON object of `actaudit report`: all that its pages show.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CatalogReport {
    /// `actaudit.report.v1`
    schema: &'static str,
    /// one for each activation
    pub(super) sheets: Vec<SheetReport>,
    /// the claims of papers
    pub(super) claims: ClaimsReport,
    /// whether it is all of the catalogue
    #[serde(skip)]
    whole: bool,
}

impl CatalogReport {
    /// Of these sheets; an index, claims and the page in HTML belong to it if it is the `whole` catalogue.
    pub const fn new(sheets: Vec<SheetReport>, claims: ClaimsReport, whole: bool) -> Self {
        Self { schema: "actaudit.report.v1", sheets, claims, whole }
    }

    /// Names and contents of the pages.
    pub fn pages(&self) -> Vec<(String, String)> {
        let mut all = vec![];
        for sheet in &self.sheets {
            all.push((format!("{}.md", sheet.id()), sheet.markdown()));
            all.push((format!("{}.svg", sheet.id()), html::picture(sheet)));
        }
        if self.whole {
            all.push(("README.md".to_owned(), self.index()));
            all.push(("claims.md".to_owned(), format!("# Claims of papers\n\n{}", self.claims.markdown())));
            all.push(("catalog.html".to_owned(), html::catalog(self)));
        }
        all
    }

    /// The table of all sheets.
    fn index(&self) -> String {
        let mut out = format!(
            "# The catalogue\n\n{} with what is proved of each, plots, and the errors of this project's kernels, written by \
             `actaudit report` (`make report`). [catalog.html](catalog.html) has all of it on one page; [claims.md](claims.md) has the \
             claims of papers. Constants are for the default parameters, rounded outward; errors are the largest forward, \
             in ulp, rounded up; * over a sample.\n\n",
            counted(self.sheets.len(), "activation")
        );
        let formats = FloatFormat::ALL.map(FloatFormat::name);
        let _ = writeln!(out, "| activation | | class | Lipschitz | inf f, sup f | {} |", formats.join(" | "));
        let _ = writeln!(out, "|---|---|---|---:|---|{}", "---:|".repeat(formats.len()));
        for s in &self.sheets {
            let errors = formats.map(|dtype| s.error(dtype).map_or_else(|| "—".to_owned(), shown)).join(" | ");
            let class = plain(&class_in_words(&s.proved.continuity));
            let (id, title) = (s.id(), plain(&s.show.entry.title));
            let (lipschitz, range) = (s.few("lipschitz"), s.few("range"));
            let _ = writeln!(
                out,
                "| [{0}]({id}.md) | {title} | {class} | {lipschitz} | {1} | {errors} |",
                plain(id),
                plain(&range)
            );
        }
        out
    }

    /// What was written.
    pub fn text(&self, folder: &str) -> String {
        format!("data sheets of {} written to {folder}\n", counted(self.sheets.len(), "activation"))
    }
}
