//! `bound`, `continuity`, `claims` and `recheck`.

use super::args::{ActivationArgs, Effort, Output};
use super::{emit, exit, select, write};
use crate::claim::{ClaimFile, Verdict, judge};
use crate::expr::Activation;
use crate::prove::bound::{Bound, bound as enclose};
use crate::prove::certify;
use crate::prove::continuity::{Continuity, ContinuityCertificate, certificate, continuity as classify, render};
use crate::prove::recheck::recheck as check;
use crate::prove::recheck_continuity::recheck as check_continuity;
use crate::prove::{Goal, Quantity};
use crate::report::bound::BoundReport;
use crate::report::claims::{ClaimRow, ClaimsReport};
use crate::report::recheck::{RecheckReport, RecheckRow};
use miette::{Result, miette};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `bound` was asked for.
pub struct BoundRequest<'a> {
    pub quantity: Quantity,
    pub to: Option<&'a str>,
    pub domain: Option<&'a str>,
    pub effort: &'a Effort,
}

pub fn bound(
    args: &ActivationArgs,
    request: &BoundRequest<'_>,
    certificate: Option<&Path>,
    out: &Output,
) -> Result<u8> {
    let activation = select::activation(args)?;
    let distance = request.quantity == Quantity::Distance;
    let other = match (request.to, distance) {
        (Some(text), true) => Some(select::other(text)?),
        (None, true) => {
            return Err(miette!("a distance needs a second activation: say which with --to, e.g. --to relu"));
        }
        (Some(_), false) => return Err(miette!("--to belongs to --quantity distance")),
        (None, false) => None,
    };
    let domain = request.domain.map(select::domain).transpose()?.unwrap_or_default();
    let effort = request.effort;
    let goal = Goal { digits: effort.digits, boxes: effort.max_boxes, time: Duration::from_secs(effort.max_seconds) };
    let found = enclose(request.quantity, &activation, other.as_ref(), &domain, goal).map_err(|e| miette!("{e}"))?;
    let report = BoundReport::new(&activation, other.as_ref(), &found, effort.digits);
    if let Some(path) = certificate {
        write(path, &certificate_text(&activation, other.as_ref(), &found, effort.digits)?)?;
    }
    emit(out, |_| report.text(), &report)?;
    Ok(if report.verdict == "proved" { exit::OK } else { exit::UNDECIDED })
}

pub fn certificate_text(f: &Activation, g: Option<&Activation>, found: &Bound, digits: u32) -> Result<String> {
    let certificate = certify::certificate(f, g, found, digits).map_err(|e| miette!("no certificate: {e}"))?;
    json(&certificate)
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string_pretty(value).map(|s| s + "\n").map_err(|e| miette!("{e}"))
}

pub fn continuity_text(activation: &Activation) -> Result<String> {
    let certificate = certificate(activation).ok_or_else(|| miette!("no certificate: the class is not decided"))?;
    json(&certificate)
}

#[derive(Serialize)]
struct ContinuityReport<'a> {
    schema: &'static str,
    #[serde(flatten)]
    found: &'a Continuity,
}

pub fn continuity(args: &ActivationArgs, certificate: Option<&Path>, out: &Output) -> Result<u8> {
    let activation = select::activation(args)?;
    let found = classify(&activation);
    if let Some(path) = certificate {
        write(path, &continuity_text(&activation)?)?;
    }
    emit(out, |_| render(&found), &ContinuityReport { schema: "actaudit.continuity.v1", found: &found })?;
    Ok(if found.verdict == "proved" { exit::OK } else { exit::UNDECIDED })
}

/// The claims of the seed papers, so that the command works from any folder.
const OWN: [(&str, &str); 3] = [
    ("audits/claims/srelu.toml", include_str!("../../audits/claims/srelu.toml")),
    ("audits/claims/gem.toml", include_str!("../../audits/claims/gem.toml")),
    ("audits/claims/derived.toml", include_str!("../../audits/claims/derived.toml")),
];

pub fn claims(files: &[PathBuf], only: Option<&str>, certificates: Option<&Path>, out: &Output) -> Result<u8> {
    let mut sources: Vec<(String, String)> = vec![];
    for path in files {
        sources.push((path.display().to_string(), select::read(path)?));
    }
    if files.is_empty() {
        sources.extend(OWN.map(|(name, text)| (name.to_string(), text.to_string())));
    }
    let mut todo = vec![];
    for (name, text) in &sources {
        let file = ClaimFile::parse(text, name).map_err(|e| miette!("{e}"))?;
        for claim in file.claims {
            if only.is_none_or(|o| claim.id.contains(o)) {
                todo.push((name.clone(), claim));
            }
        }
    }
    if todo.is_empty() {
        return Err(miette!("there is no claim to check: the files are empty, or none matches --only"));
    }
    if let Some(dir) = certificates {
        std::fs::create_dir_all(dir).map_err(|e| miette!("cannot make the folder {}: {e}", dir.display()))?;
    }
    let judged: Vec<_> = todo.par_iter().map(|(name, claim)| (name, claim, judge(claim))).collect();
    let mut rows = vec![];
    for (name, claim, result) in judged {
        let judgement = result.map_err(|e| miette!("{name}, claim `{}`: {e}", claim.id))?;
        if let (Some(dir), Some((f, g, found))) = (certificates, &judgement.bound)
            && let Ok(certificate) = certify::certificate(f, g.as_ref(), found, 25)
        {
            write(&dir.join(format!("{}.json", claim.id)), &json(&certificate)?)?;
        }
        rows.push(ClaimRow::new(name, claim, &judgement));
    }
    let report = ClaimsReport::new(rows);
    emit(out, |colour| report.text(colour), &report)?;
    let undecided = report.claims.iter().any(|r| r.surprise && r.verdict == Verdict::Undecided);
    let wrong = report.claims.iter().any(|r| r.surprise && r.verdict != Verdict::Undecided);
    Ok(if wrong {
        exit::REFUTED
    } else if undecided {
        exit::UNDECIDED
    } else {
        exit::OK
    })
}

pub fn recheck(files: &[PathBuf], out: &Output) -> Result<u8> {
    let mut rows = vec![];
    for path in files {
        let text = select::read(path)?;
        let result = match serde_json::from_str::<ContinuityCertificate>(&text) {
            Ok(c) => check_continuity(&c).map(|()| c.statement()).map_err(|e| e.to_string()),
            Err(_) => check(&text).map(|r| r.to_string()).map_err(|e| e.to_string()),
        };
        rows.push(RecheckRow::new(&path.display().to_string(), result));
    }
    let report = RecheckReport::new(rows);
    emit(out, |_| report.text(), &report)?;
    Ok(if report.accepted() { exit::OK } else { exit::REFUTED })
}
