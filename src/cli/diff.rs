//! `diff`.

use super::args::Output;
use super::{emit, select};
use crate::report::diff::DiffReport;
use crate::verdict::{Ended, Verdict};
use miette::{Result, miette};
use std::path::Path;

pub fn diff(before: &Path, after: &Path, out: &Output) -> Result<Ended> {
    let texts = [select::read(before)?, select::read(after)?];
    let names = [before, after].map(|path| path.display().to_string());
    let report = DiffReport::new(names, [&texts[0], &texts[1]]).map_err(|e| miette!("{e}"))?;
    emit(out, |page| report.text(page), &report)?;
    Ok(if report.rows.is_empty() { Ended::Done } else { Ended::Judged(Verdict::Refuted) })
}
