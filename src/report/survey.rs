//! A survey as Markdown: largest errors side by side, the inputs behind those that are over budget, and what else failed.

use super::contract::VerifyResult;
use super::number::figure;
use crate::audit::Options;
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::survey::Survey;
use crate::verdict::{Evidence, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The check whose measures are the tables.
const MEASURE: &str = "ulp";
/// The check that says what code did besides answering.
const PROCESS: &str = crate::audit::process::INFO.id;

/// One activation of one implementation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditedReport {
    /// catalogue id
    pub activation: String,
    /// name of the implementation
    pub implementation: String,
    /// the subject, as for `--impl`
    pub subject: String,
    /// why it is not there, or why its audit broke off
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// what was found
    pub results: Vec<VerifyResult>,
}

/// The JSON object of `actaudit survey`, and all that the text shows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SurveyReport {
    /// `actaudit.survey.v1`
    pub schema: &'static str,
    /// of the plan
    pub title: String,
    /// effort level
    pub effort: &'static str,
    /// formats
    pub dtypes: Vec<&'static str>,
    /// passes
    pub passes: Vec<&'static str>,
    /// implementations, with what their results depend on
    pub implementations: Vec<(String, BTreeSet<String>)>,
    /// the audits, activation by activation
    pub audits: Vec<AuditedReport>,
    /// whether it was interrupted
    pub partial: bool,
}

impl Survey {
    /// For scripts, and as what the text shows.
    pub fn report(&self) -> SurveyReport {
        let options = Options { effort: self.effort, ..Options::default() };
        let audits = self.audits.iter().map(|a| AuditedReport {
            activation: a.activation.definition.id.clone(),
            implementation: a.implementation.clone(),
            subject: a.subject.clone(),
            absent: a.absent.clone(),
            results: a.results.iter().map(|r| VerifyResult::new(&a.activation, &options, r)).collect(),
        });
        SurveyReport {
            schema: "actaudit.survey.v1",
            title: self.title.clone(),
            effort: self.effort.name(),
            dtypes: self.dtypes.iter().copied().map(FloatFormat::name).collect(),
            passes: self.passes.iter().copied().map(Pass::name).collect(),
            implementations: self.implementations.clone(),
            audits: audits.collect(),
            partial: self.partial,
        }
    }
}

impl SurveyReport {
    /// The report. `text` comes below the heading.
    pub fn markdown(&self, text: &str) -> String {
        let mut out = format!("# {}\n\n", self.title);
        if !text.trim().is_empty() {
            let _ = writeln!(out, "{}\n", text.trim());
        }
        let _ = writeln!(
            out,
            "The tables show the largest error against the real value, in units of the last place, rounded up: over every \
             input of the format, or, where marked with a star, over a sample (effort {}). Bold: certainly over the default \
             budget of `actaudit verify`. A dash: it does not have this activation, format or direction; *fails*: it gave no answer at all.{}\n",
            self.effort,
            if self.partial { " **Interrupted: the rest is missing.**" } else { "" }
        );
        out += "| implementation | what its results depend on |\n|---|---|\n";
        for (name, environment) in &self.implementations {
            let _ = writeln!(out, "| {name} | {} |", shortened(environment).join("; "));
        }
        for pass in &self.passes {
            for dtype in &self.dtypes {
                self.table(&mut out, pass, dtype);
            }
        }
        self.worst(&mut out);
        self.findings(&mut out);
        self.absent(&mut out);
        out
    }

    fn table(&self, out: &mut String, pass: &str, dtype: &str) {
        let names: Vec<&str> = self.implementations.iter().map(|(name, _)| name.as_str()).collect();
        let _ = writeln!(out, "\n## {pass}, {dtype}\n\n| activation | {} |", names.join(" | "));
        let _ = writeln!(out, "|---{}|", "|---:".repeat(names.len()));
        let mut ids: Vec<&str> = self.audits.iter().map(|a| a.activation.as_str()).collect();
        ids.dedup();
        for id in ids {
            let cell = |name: &&str| {
                let audited = self.audits.iter().find(|a| a.activation == id && a.implementation == **name)?;
                let mut here = audited.results.iter().filter(|r| r.dtype == dtype && r.pass == pass);
                let fails = here.clone().any(|r| r.check == PROCESS && r.verdict == Verdict::Refuted);
                let measured = here.find(|r| r.check == MEASURE).and_then(shown);
                measured.or_else(|| fails.then(|| "fails".into()))
            };
            let cells: Vec<String> = names.iter().map(|name| cell(name).unwrap_or_else(|| "—".into())).collect();
            let _ = writeln!(out, "| {id} | {} |", cells.join(" | "));
        }
    }

    fn worst(&self, out: &mut String) {
        let groups = self.refuted(|check| check == MEASURE);
        if groups.is_empty() {
            return;
        }
        out.push_str("\n## The worst inputs of those over budget\n\n");
        out.push_str("| activation | implementation | direction | over budget | worst input | output | real value |\n");
        out.push_str("|---|---|---|---|---|---|---|\n");
        for Refuted { audited, pass, results, .. } in groups {
            let (id, name, counts) = (&audited.activation, &audited.implementation, counts(&results));
            let Some(w) = results.iter().find_map(|r| r.witness.as_ref()) else { continue };
            let [x, output, real] = [&w.input_value, &w.output_value, &w.real].map(|text| figure(text));
            let input = format!("{x} `{}`", w.input);
            let _ = writeln!(out, "| {id} | {name} | {pass} | {counts} | {input} | {output} | {real} |");
        }
    }

    fn findings(&self, out: &mut String) {
        let groups = self.refuted(|check| check != MEASURE);
        if groups.is_empty() {
            return;
        }
        out.push_str("\n## What else does not hold\n\n");
        out.push_str("`actaudit explain CHECK` says what a check asks.\n\n");
        out.push_str("| activation | implementation | direction | check | fail | for example |\n");
        out.push_str("|---|---|---|---|---|---|\n");
        for Refuted { audited, pass, check, results } in groups {
            let (id, name, counts) = (&audited.activation, &audited.implementation, counts(&results));
            let example = |r: &&VerifyResult| match (&r.witness, r.incidents.first()) {
                (Some(w), _) => {
                    let [x, output, real] = [&w.input_value, &w.output_value, &w.real].map(|text| figure(text));
                    Some(format!("{x} → {output}, real {real}"))
                }
                (None, Some(incident)) => {
                    Some(format!("{} → {}", figure(&incident.input_value), incident.text.replace('|', "/")))
                }
                (None, None) => None,
            };
            let example = results.iter().find_map(example).unwrap_or_default();
            let _ = writeln!(out, "| {id} | {name} | {pass} | {check} | {counts} | {example} |");
        }
    }

    /// What was refuted of the checks that are wanted: the formats of one activation, implementation, direction and check
    /// together.
    fn refuted(&self, wanted: impl Fn(&str) -> bool) -> Vec<Refuted<'_>> {
        let mut groups: Vec<Refuted<'_>> = vec![];
        for audited in &self.audits {
            for r in audited.results.iter().filter(|r| r.verdict == Verdict::Refuted && wanted(r.check)) {
                let same =
                    |g: &&mut Refuted<'_>| std::ptr::eq(g.audited, audited) && g.pass == r.pass && g.check == r.check;
                match groups.iter_mut().find(same) {
                    Some(group) => group.results.push(r),
                    None => groups.push(Refuted { audited, pass: r.pass, check: r.check, results: vec![r] }),
                }
            }
        }
        groups
    }

    fn absent(&self, out: &mut String) {
        let absent: Vec<&AuditedReport> = self.audits.iter().filter(|a| a.absent.is_some()).collect();
        if absent.is_empty() {
            return;
        }
        out.push_str("\n## Not there\n\n");
        for a in absent {
            let reason = a.absent.as_deref().unwrap_or_default();
            let _ = writeln!(out, "- {} by {}: {reason}", a.activation, a.implementation);
        }
    }
}

/// Texts of which some say what others say, and more: only what is more. They are sorted, so the shorter come first.
fn shortened(texts: &BTreeSet<String>) -> Vec<&str> {
    let mut all: Vec<&str> = vec![];
    for text in texts {
        let known = texts.iter().find(|t| *t != text && text.starts_with(t.as_str()));
        all.push(known.map_or(text, |known| text[known.len()..].trim_start_matches([';', ',', ' '])));
    }
    all
}

/// What one check refutes of one activation of an implementation in one direction.
struct Refuted<'a> {
    audited: &'a AuditedReport,
    pass: &'a str,
    check: &'a str,
    /// by format
    results: Vec<&'a VerifyResult>,
}

/// How many inputs fail, by format.
fn counts(results: &[&VerifyResult]) -> String {
    let one = |r: &&VerifyResult| format!("{} {} of {}", r.dtype, r.failing, r.compared);
    results.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A largest error, if anything was compared.
fn shown(r: &VerifyResult) -> Option<String> {
    if r.verdict == Verdict::Vacuous {
        return None;
    }
    let star = if r.evidence == Evidence::Sampled { "\\*" } else { "" };
    let figure = format!("{}{star}", r.measured);
    Some(if r.verdict == Verdict::Refuted { format!("**{figure}**") } else { figure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_texts_share_is_said_once() {
        let texts = ["torch 2", "torch 2; threshold 20", "onnx 1"].map(str::to_owned).into();
        assert_eq!(shortened(&texts), ["onnx 1", "torch 2", "threshold 20"]);
    }
}
