//! `survey`: many implementations side by side.

use super::args::{Format, Output, SurveyArgs};
use super::progress::{bar, interrupted, watch};
use super::{Absent, emit_as, select};
use crate::audit::journal::Journal;
use crate::audit::{Facts, Options};
use crate::subject;
use crate::survey::{Plan, Survey, SurveyError};
use crate::verdict::Ended;
use miette::{Result, miette};

pub fn survey(args: &SurveyArgs, out: &Output) -> Result<Ended> {
    let name = args.plan.display().to_string();
    let plan = Plan::read(&select::read(&args.plan)?, &name).map_err(|e| miette!("{e}"))?;
    let plan = if args.activation.is_empty() {
        plan
    } else {
        plan.only(&args.activation).map_err(|e| miette!("{name}: {e}"))?
    };
    let mut options = Options { jobs: out.jobs.map(usize::from), effort: args.effort, ..Options::default() };
    if !args.dtype.is_empty() {
        options.dtypes.clone_from(&args.dtype);
    }
    if !args.pass.is_empty() {
        options.passes.clone_from(&args.pass);
    }
    if let Some(path) = &args.python {
        subject::python::use_interpreter(path);
    }
    let journal = args.keep.as_deref().map(Journal::open).transpose().map_err(|e| miette!("{e}"))?;
    let bar = bar(out, "audits");
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let started = |what: &str| bar.set_message(format!(", {what}"));
    let found =
        Survey::run(&plan, &options, &Facts::new(), journal.as_ref(), &step, &started).map_err(
            |error| match error {
                SurveyError::Plan(message) => miette!("{name}: {message}"),
                SurveyError::Journal(error) => miette!("{error}"),
                error @ SurveyError::Audit { .. } => Absent(error.to_string()).into(),
            },
        )?;
    bar.finish_and_clear();
    let report = found.report();
    let form = |form| match form {
        Format::Markdown => Some(report.markdown(&plan.text)),
        Format::Html => Some(report.html(&plan.text)),
        _ => None,
    };
    emit_as(out, |_| report.markdown(&plan.text), &report, form)?;
    Ok(if found.incomplete() { Ended::Absent } else { Ended::Done })
}
