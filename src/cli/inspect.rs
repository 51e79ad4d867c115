//! `list`, `show` and `explain`.

use super::args::{ActivationArgs, Output};
use super::{emit, select, write};
use crate::audit::process;
use crate::catalog;
use crate::prove::continuity::continuity;
use crate::report::explain::{ExplainReport, topics};
use crate::report::inspect::{ListReport, ShowReport};
use crate::report::plot;
use crate::verdict::Ended;
use miette::{Result, miette};
use std::path::Path;

pub fn list(out: &Output) -> Result<Ended> {
    let report = ListReport::new(catalog::all().iter().map(AsRef::as_ref));
    emit(out, |page| report.text(page), &report)?;
    Ok(Ended::Done)
}

pub fn show(args: &ActivationArgs, svg: Option<&Path>, out: &Output) -> Result<Ended> {
    let activation = select::activation(args)?;
    let report = ShowReport::new(&activation, &continuity(&activation));
    if let Some(path) = svg {
        write(path, &plot::svg(&activation).map_err(|e| miette!("the plot could not be drawn: {e}"))?)?;
    }
    emit(out, |page| report.text(page), &report)?;
    Ok(Ended::Done)
}

pub fn explain(id: Option<&str>, out: &Output) -> Result<Ended> {
    let all = || process::rows();
    let report = match id {
        None => ExplainReport::new(all()),
        Some(id) => match all().find(|c| c.id == id) {
            Some(check) => ExplainReport::checks([check]),
            None => ExplainReport::topic(id).ok_or_else(|| {
                let known: Vec<&str> = all().map(|c| c.id).chain(topics()).collect();
                let near = select::nearest(id, known.iter().copied());
                miette!("there is no check `{id}`: expected one of {}{near}", known.join(", "))
            })?,
        },
    };
    emit(out, |page| report.text(page, id.is_some()), &report)?;
    Ok(Ended::Done)
}
