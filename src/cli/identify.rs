//! `identify`: which function does this code compute?

use super::args::{IdentifyArgs, Output};
use super::{Absent, emit, select};
use crate::expr::FloatFormat;
use crate::identify::{Identification, IdentifyError, identify as run};
use crate::onnx::{self, OnnxError};
use crate::subject;
use crate::verdict::{Ended, Verdict};
use miette::{Result, miette};

/// Lists what is in a model file: nothing is run.
fn inventory(text: &str, out: &Output) -> Result<Ended> {
    let path = subject::onnx::path(text).map_err(|e| miette!("{e}"))?;
    let found = onnx::search(&path).map_err(|error| match error {
        OnnxError::Read { .. } => Absent(error.to_string()).into(),
        OnnxError::NotAModel { .. } => miette!("{error}"),
    })?;
    emit(out, |_| found.inventory.text(), &found.inventory)?;
    let known = found.inventory.activations.iter().any(|a| a.activation.is_some());
    Ok(Ended::Judged(if known { Verdict::Within } else { Verdict::Undecided }))
}

/// What stands in where the code does not ask for an activation.
const ANY: &str = "identity";

pub fn identify(args: &IdentifyArgs, out: &Output) -> Result<Ended> {
    let (format, pass) = (args.dtype, args.pass);
    if let Some(path) = &args.python {
        subject::python::use_interpreter(path);
    }
    let text = &*subject::spelled(&args.subject);
    if subject::onnx::names_a_file(text) {
        return inventory(text, out);
    }
    if args.of.is_none() && subject::needs_activation(text) {
        return Err(miette!(
            "{text} has code for many activations: say which is meant, for example actaudit identify {text} --of gelu"
        ));
    }
    let activation = select::other(args.of.as_deref().unwrap_or(ANY))?;
    let subject = select::subject(text, &activation)?;
    let usual = FloatFormat::F32;
    let first = || [usual].into_iter().chain(FloatFormat::ALL).find(|format| subject.supports(*format, pass));
    let format = format.or_else(first).unwrap_or(usual);
    let own: Vec<_> = args.candidates.iter().map(|text| select::other(text)).collect::<Result<_>>()?;
    let domain = args.domain.as_deref().map(select::domain).transpose()?.unwrap_or_default();
    let found = match run(subject.as_ref(), format, pass, &own, &domain) {
        Err(error @ IdentifyError::TooFew { .. }) => {
            super::complain(&format!("{error}\n"));
            return Ok(Ended::Judged(Verdict::Vacuous));
        }
        found => found,
    };
    let found = found.map_err(|error| match error {
        IdentifyError::Lacks { .. } => Absent(error.to_string()).into(),
        error => miette!("{error}"),
    })?;
    emit(out, |_| found.text(), &found)?;
    Ok(Ended::Judged(match found.answer {
        Identification::Identified => Verdict::Within,
        Identification::None => Verdict::Undecided,
    }))
}
