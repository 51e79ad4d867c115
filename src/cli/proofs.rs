//! `bound`, `continuity`, `claims` and `recheck`.

use super::args::{ActivationArgs, Effort, Format, Output};
use super::{emit, emit_as, select, write};
use crate::claim::{Claim, ClaimFile, Judgement, judge};
use crate::prove::bound::{Bound, bound as enclose, search};
use crate::prove::continuity::continuity as classify;
use crate::prove::{Goal, Quantity};
use crate::report::bound::{BoundReport, BoundsReport};
use crate::report::claims::{ClaimRow, ClaimsReport};
use crate::report::definition::ContinuityReport;
use crate::report::recheck::{RecheckReport, RecheckRow};
use crate::verdict::{Ended, Verdict};
use actaudit_recheck::certificate::Certificate;
use actaudit_recheck::{certificates, continuity, recheck as check};
use miette::{Result, miette};
use rayon::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `bound` was asked for.
pub struct BoundRequest<'a> {
    /// all of them, if none is named
    pub quantity: Option<Quantity>,
    pub unchecked: bool,
    pub to: Option<&'a str>,
    pub domain: Option<&'a str>,
    pub effort: &'a Effort,
}

pub fn bound(
    args: &ActivationArgs,
    request: &BoundRequest<'_>,
    certificate: Option<&Path>,
    out: &Output,
) -> Result<Ended> {
    let activation = select::activation(args)?;
    let distance = request.quantity == Some(Quantity::Distance);
    let other = match (request.to, request.quantity) {
        (Some(text), Some(Quantity::Distance) | None) => Some(select::other(text)?),
        (None, _) if distance => {
            return Err(miette!("a distance needs a second activation: say which with --to, e.g. --to relu"));
        }
        (Some(_), _) => return Err(miette!("--to belongs to --quantity distance")),
        (None, _) => None,
    };
    let domain = request.domain.map(select::domain).transpose()?.unwrap_or_default();
    let effort = request.effort;
    let goal = Goal { digits: effort.digits, boxes: effort.max_boxes, time: Duration::from_secs(effort.max_seconds) };
    let enclose = if request.unchecked { search } else { enclose };
    let wanted: Vec<Quantity> = match request.quantity {
        Some(quantity) => vec![quantity],
        None => Quantity::ALL.into_iter().filter(|q| *q != Quantity::Distance || other.is_some()).collect(),
    };
    let (mut reports, mut certificates) = (vec![], vec![]);
    for quantity in wanted {
        let found = enclose(quantity, &activation, other.as_ref(), &domain, goal).map_err(|e| miette!("{e}"))?;
        let to = other.as_ref().filter(|_| quantity == Quantity::Distance);
        reports.push(BoundReport::new(&activation, to, &found, effort.digits));
        certificates.extend(bound_certificates(&found)?);
    }
    let verdict = Verdict::worst(reports.iter().map(|r| r.verdict));
    if let Some(path) = certificate {
        if certificates.is_empty() {
            return Err(miette!("no certificate: nothing was proved"));
        }
        write_certificates(path, certificates)?;
    }
    match (request.quantity, reports.as_slice()) {
        (Some(_), [report]) => emit(out, |page| report.text(page), report)?,
        _ => {
            let all = BoundsReport::new(reports);
            emit(out, |page| all.text(page), &all)?;
        }
    }
    Ok(Ended::Judged(verdict))
}

/// What the checker accepted of a bound, as JSON.
pub fn bound_certificates(found: &Bound) -> Result<Vec<Value>> {
    found.certificates.iter().map(|c| serde_json::to_value(c).map_err(|e| miette!("{e}"))).collect()
}

/// The certificate of a continuity class that the checker accepted, as JSON.
pub fn class_certificate(certificate: Option<&continuity::Certificate>) -> Result<Value> {
    let certificate = certificate.ok_or_else(|| miette!("no certificate: the checker accepted none"))?;
    serde_json::to_value(Certificate::Continuity(certificate.clone())).map_err(|e| miette!("{e}"))
}

/// One certificate as an object, several as an array.
pub fn write_certificates(path: &Path, mut certificates: Vec<Value>) -> Result<()> {
    let value = if certificates.len() == 1 { certificates.remove(0) } else { Value::Array(certificates) };
    let text = serde_json::to_string_pretty(&value).map_err(|e| miette!("{e}"))?;
    write(path, &(text + "\n"))
}

pub fn continuity(args: &ActivationArgs, certificate: Option<&Path>, out: &Output) -> Result<Ended> {
    let activation = select::activation(args)?;
    let found = classify(&activation);
    if let Some(path) = certificate {
        write_certificates(path, vec![class_certificate(found.certificate.as_ref())?])?;
    }
    let report = ContinuityReport::new(&found);
    emit(out, |page| report.text(page), &report)?;
    Ok(Ended::Judged(report.verdict()))
}

/// The claims of the seed papers, so that the command works from any folder.
const OWN: [(&str, &str); 4] = [
    ("audits/claims/srelu.toml", include_str!("../../audits/claims/srelu.toml")),
    ("audits/claims/mollification.toml", include_str!("../../audits/claims/mollification.toml")),
    ("audits/claims/gem.toml", include_str!("../../audits/claims/gem.toml")),
    ("audits/claims/derived.toml", include_str!("../../audits/claims/derived.toml")),
];

/// Claims with what was found, each with the name of its file.
pub fn judged(files: &[PathBuf], only: Option<&str>) -> Result<Vec<(String, Claim, Judgement)>> {
    let mut sources: Vec<(String, String)> = vec![];
    for path in files {
        sources.push((path.display().to_string(), select::read(path)?));
    }
    if files.is_empty() {
        sources.extend(OWN.map(|(name, text)| (name.to_string(), text.to_string())));
    }
    let mut todo = vec![];
    for (name, text) in &sources {
        // definition files lie beside the claim file
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let beside = |file: &str| select::read(&folder.join(file)).map_err(|e| format!("{e:#}"));
        let file = ClaimFile::parse(text, name, &beside).map_err(|e| miette!("{e}"))?;
        for claim in file.claims {
            if only.is_none_or(|o| claim.id.contains(o)) {
                todo.push((name.clone(), claim));
            }
        }
    }
    if todo.is_empty() {
        return Err(miette!("there is no claim to check: the files are empty, or none matches --only"));
    }
    let judged = todo.into_par_iter().map(|(name, claim)| match judge(&claim) {
        Ok(judgement) => Ok((name, claim, judgement)),
        Err(e) => Err(miette!("{name}, claim `{}`: {e}", claim.id)),
    });
    // the first error of the files, whoever is done first
    judged.collect::<Vec<_>>().into_iter().collect()
}

pub fn claims(files: &[PathBuf], only: Option<&str>, certificates: Option<&Path>, out: &Output) -> Result<Ended> {
    let (mut rows, mut kept) = (vec![], vec![]);
    for (name, claim, judgement) in judged(files, only)? {
        if certificates.is_some() {
            // what has no finite bound or no exact jump has no certificate
            kept.extend(judgement.bound.as_ref().map(bound_certificates).transpose()?.into_iter().flatten());
            kept.extend(judgement.integral.as_ref().and_then(|c| serde_json::to_value(c).ok()));
            kept.extend(judgement.class.as_ref().and_then(|c| class_certificate(Some(c)).ok()));
        }
        rows.push(ClaimRow::new(&name, &claim, &judgement));
    }
    if let Some(path) = certificates {
        write_certificates(path, kept)?;
    }
    let report = ClaimsReport::new(rows);
    let form = |form| match form {
        Format::Markdown => Some(report.markdown()),
        Format::Latex => Some(report.latex()),
        Format::Html => Some(report.html()),
        _ => None,
    };
    emit_as(out, |page| report.text(page), &report, form)?;
    Ok(Ended::Judged(report.verdict()))
}

pub fn recheck(files: &[PathBuf], out: &Output) -> Result<Ended> {
    let mut rows = vec![];
    for path in files {
        let (text, name) = (select::read(path)?, path.display().to_string());
        match certificates(&text) {
            Ok(one) if one.len() == 1 => rows.push(RecheckRow::new(&name, recheck_one(&one[0]))),
            Ok(many) => rows
                .extend(many.iter().enumerate().map(|(i, c)| RecheckRow::new(&format!("{name}[{i}]"), recheck_one(c)))),
            Err(e) => rows.push(RecheckRow::new(&name, Err(e.to_string()))),
        }
    }
    let report = RecheckReport::new(rows);
    emit(out, |_| report.text(), &report)?;
    Ok(Ended::Judged(report.verdict()))
}

/// What a certificate proves, or why it is rejected.
fn recheck_one(text: &str) -> std::result::Result<String, String> {
    check(text).map(|r| r.to_string()).map_err(|e| e.to_string())
}
