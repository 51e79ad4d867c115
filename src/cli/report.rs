//! `report`: the data sheets of the catalogue.

use super::args::{Output, ReportArgs};
use super::progress::{bar, interrupted, watch};
use super::{emit, proofs, select, write};
use crate::audit::{Effort, Facts, Options, verify_with};
use crate::catalog;
use crate::expr::Activation;
use crate::prove::Quantity;
use crate::report::claims::{ClaimRow, ClaimsReport};
use crate::report::definition::DefinitionReport;
use crate::report::inspect::ShowReport;
use crate::report::sheets::{CatalogReport, SheetReport};
use crate::subject::{Native, Subject};
use crate::verdict::Ended;
use miette::{IntoDiagnostic as _, Result, WrapErr as _, miette};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub fn report(args: &ReportArgs, out: &Output) -> Result<Ended> {
    let definitions = match args.activation.as_slice() {
        [] => catalog::all().to_vec(),
        names => names.iter().map(|name| select::named(name)).collect::<Result<_>>()?,
    };
    let folder = &args.out;
    let cannot = || format!("cannot make the folder {}", folder.display());
    std::fs::create_dir_all(folder).into_diagnostic().wrap_err_with(cannot)?;
    super::writable(&folder.join("README.md"))?;
    // a sample of f32 and f64: the same on every machine, and seconds for all of the catalogue
    let options = Options { effort: Effort::Quick, jobs: out.jobs.map(usize::from), ..Options::default() };
    let facts = Facts::new();
    let bar = bar(out, "inputs");
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let mut sheets = vec![];
    for definition in definitions {
        let activation = Activation::with_defaults(Arc::clone(&definition)).map_err(|e| miette!("{e}"))?;
        let known = facts.of(&activation);
        let mut proved = DefinitionReport::new(&known).map_err(|e| miette!("{}: {e}", definition.id))?;
        proved.also(&known, Quantity::Curvature);
        let kernels = Native::all(&activation);
        let subjects: Vec<&dyn Subject> = kernels.iter().map(|kernel| kernel as &dyn Subject).collect();
        let audit = verify_with(&facts, &activation, &subjects, &[], &options, &step)
            .map_err(|e| miette!("{}: {e}", definition.id))?;
        if stop.load(Ordering::Relaxed) {
            return Err(miette!("interrupted: nothing was written"));
        }
        sheets.push(SheetReport::new(&definition, ShowReport::new(&activation, known.class()), proved, audit.report()));
    }
    let claims = match args.activation.is_empty() {
        true => {
            proofs::judged(&[], None)?.iter().map(|(file, claim, found)| ClaimRow::new(file, claim, found)).collect()
        }
        false => vec![],
    };
    bar.finish_and_clear();
    let report = CatalogReport::new(sheets, ClaimsReport::new(claims), args.activation.is_empty());
    for (name, content) in report.pages() {
        write(&folder.join(name), &content)?;
    }
    emit(out, |_| report.text(&folder.display().to_string()), &report)?;
    Ok(Ended::Done)
}
