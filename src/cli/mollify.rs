//! `mollify`: smooth an activation with a kernel, compare kernels, find kernels that meet requirements.

use super::args::{MollifyArgs, Output};
use super::{deliver, emit, select};
use crate::expr::{Activation, Definition};
use crate::mollify::{self, Kernel, MollifyError, Requirements};
use crate::report::kernels::{CompareReport, DesignReport};
use crate::report::mollify::MollifyReport;
use crate::report::replay;
use crate::verdict::Ended;
use miette::{Report, Result, miette};
use rug::Rational;
use std::path::Path;

/// Errors of a definition keep their place in the file.
fn report(error: MollifyError) -> Report {
    match error {
        MollifyError::Definition(error) => Report::new(error),
        error => miette!("{error}"),
    }
}

/// The base: an activation, or one of the functions that are smoothed and are none.
fn base(args: &MollifyArgs) -> Result<Activation> {
    let known = args.activation.activation.as_deref().and_then(mollify::base);
    match known {
        Some(definition) => Ok(Activation::new(definition, &select::values(&args.activation.params)?)?),
        None => select::activation(&args.activation),
    }
}

/// A kernel: a name, `bspline(n=4)`, `own.toml`, or a density after `expr:`.
fn kernel(text: &str) -> Result<Kernel> {
    if let Some(source) = text.strip_prefix("expr:") {
        return Kernel::of(Definition { id: "density".into(), ..Definition::from_expr(source)? }).map_err(report);
    }
    if text.ends_with(".toml") {
        return Kernel::from_toml(&select::read(Path::new(text))?, text).map_err(report);
    }
    mollify::kernel(text).map_err(report)
}

fn number(text: Option<&str>, option: &str) -> Result<Option<Rational>> {
    let parsed = text.map(|text| select::rational(text, option)).transpose()?;
    match parsed {
        Some(q) if q <= 0 => {
            Err(miette!("{option}: expected a number above 0, found {text}", text = text.unwrap_or_default()))
        }
        parsed => Ok(parsed),
    }
}

pub fn mollify(args: &MollifyArgs, out: &Output) -> Result<Ended> {
    let base = base(args)?;
    let wanted = Requirements {
        error: number(args.max_error.as_deref(), "--max-error")?,
        curvature: number(args.max_curvature.as_deref(), "--max-curvature")?,
        class: args.class,
        lipschitz: number(args.lipschitz.as_deref(), "--lipschitz")?,
    };
    let radius = number(args.radius.as_deref(), "--radius")?;
    if wanted.error.is_some() || wanted.curvature.is_some() || wanted.class.is_some() || wanted.lipschitz.is_some() {
        let found = mollify::design(&base, &wanted).map_err(report)?;
        let page = DesignReport::new(&base.label(), &wanted, &found, mollify::least_product(&base));
        emit(out, |to| page.text(to), &page)?;
        return Ok(Ended::Judged(page.verdict()));
    }
    if args.compare {
        let rows = mollify::compare(&base, radius.as_ref());
        // what no kernel can smooth is bad input
        if let Some(Err(error)) = rows.first().map(|row| &row.found).filter(|_| rows.iter().all(|r| r.found.is_err())) {
            return Err(miette!("{error}"));
        }
        let page = CompareReport::new(&base.label(), &rows);
        emit(out, |to| page.text(to), &page)?;
        return Ok(Ended::Judged(page.verdict()));
    }
    let Some(kernel_text) = &args.kernel else {
        return Err(miette!("say with which kernel: for example --kernel epanechnikov, or --compare for all of them"));
    };
    let kernel = kernel(kernel_text)?;
    // whether it is an even density comes first: what it convolves to makes no sense otherwise
    kernel.check().map_err(report)?;
    let found = mollify::mollify(&base, &kernel, radius.as_ref()).map_err(report)?;
    if let Some(target) = args.emit {
        let base = replay::named(&base);
        let radius = args.radius.as_ref().map_or_else(String::new, |radius| format!(" --radius={radius}"));
        let written = format!("actaudit mollify {base} --kernel={}{radius} --emit", replay::quoted(kernel_text));
        let file = args.code.name.as_ref().unwrap_or(&found.definition().id);
        let verify = format!("actaudit verify --definition {file}.toml{}", replay::values(&found.activation));
        let written = format!("{written} {}", target.name());
        let text = emit::text(&found.activation, target, &args.code, [&written, &verify], out)?;
        deliver(out, &text)?;
        return Ok(Ended::Done);
    }
    if !args.code.spelled().is_empty() {
        return Err(miette!("{}: options of code, which --emit TARGET writes", args.code.spelled().trim_start()));
    }
    let facts = mollify::facts(&found).map_err(report)?;
    let name = mollify::name(&found);
    let page = MollifyReport::new(&found, name.as_ref(), &facts);
    emit(out, |to| page.text(to), &page)?;
    Ok(Ended::Judged(page.verdict()))
}
