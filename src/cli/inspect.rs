//! `list`, `show` and `explain`.

use super::args::{ActivationArgs, Output};
use super::{emit, exit, select, write};
use crate::catalog;
use crate::report::inspect::{ListReport, ShowReport};
use crate::report::plot;
use miette::{Result, miette};
use std::path::Path;

pub fn list(out: &Output) -> Result<u8> {
    let report = ListReport::new(catalog::all().iter().map(AsRef::as_ref));
    emit(out, |_| report.text(), &report)?;
    Ok(exit::OK)
}

pub fn show(args: &ActivationArgs, svg: Option<&Path>, out: &Output) -> Result<u8> {
    let activation = select::activation(args)?;
    let report = ShowReport::new(&activation);
    if let Some(path) = svg {
        write(path, &plot::svg(&activation).map_err(|e| miette!("the plot could not be drawn: {e}"))?)?;
    }
    emit(out, |colour| report.text(colour), &report)?;
    Ok(exit::OK)
}
