//! `reference`.

use super::args::{ActivationArgs, Output};
use super::proofs::write_certificates;
use super::{emit, select};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::reference::Verified;
use crate::report::reference::{ReferenceReport, ReferenceRow};
use crate::verdict::Ended;
use miette::{Result, miette};
use rayon::prelude::*;
use std::path::Path;

pub fn reference(args: &ActivationArgs, certificate: Option<&Path>, out: &Output) -> Result<Ended> {
    let activation = select::activation(args)?;
    let found: Vec<(Pass, Verified)> = [Pass::Forward, Pass::Backward]
        .into_par_iter()
        .map(|pass| Verified::new(&activation, pass.order(), FloatFormat::F32).map(|found| (pass, found)))
        .collect::<Result<_, _>>()
        .map_err(|e| miette!("{e}"))?;
    if let Some(path) = certificate {
        let accepted = found.iter().map(|(_, found)| found).filter(|found| found.result.is_ok());
        let json = |found: &Verified| serde_json::to_value(&found.certificate).map_err(|e| miette!("{e}"));
        let accepted: Vec<_> = accepted.map(json).collect::<Result<_>>()?;
        if accepted.is_empty() {
            return Err(miette!("no certificate: the checker accepted no table"));
        }
        write_certificates(path, accepted)?;
    }
    let rows = found.iter().map(|(pass, found)| ReferenceRow::new(*pass, found)).collect();
    let report = ReferenceReport::new(&activation, rows);
    emit(out, |_| report.text(), &report)?;
    Ok(Ended::Judged(report.verdict()))
}
