//! From arguments as typed to library objects.

use super::Absent;
use super::args::{ActivationArgs, ActivationsArgs};
use crate::catalog;
use crate::expr::{Activation, Definition, FloatFormat, parse_rational};
use crate::kernels::Pass;
use crate::prove::{Domain, DomainError};
use crate::subject::dead::Dead;
use crate::subject::{self, Subject, SubjectError};
use miette::{IntoDiagnostic, Report, Result, WrapErr, miette};
use rug::Rational;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Reads a text file; the error names it.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).into_diagnostic().wrap_err_with(|| format!("cannot read {}", path.display()))
}

/// An exact number; `what` is what errors call it.
pub fn rational(text: &str, what: &str) -> Result<Rational> {
    parse_rational(text).map_err(|e| miette!("{what}: {e}"))
}

fn assignment(text: &str) -> Result<(String, Rational)> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| miette!("`--param {text}`: expected NAME=VALUE, for example alpha=1/1000"))?;
    let (name, value) = (name.trim(), value.trim());
    Ok((name.to_string(), rational(value, &format!("the value of `{name}`"))?))
}

/// The definition of this name, with help in words of the command line.
pub fn named(name: &str) -> Result<Arc<Definition>> {
    let help = "`actaudit list` shows all; your own is given with --definition FILE or --expr TEXT";
    catalog::find(name).map_err(|error| miette!(help = help, "{error}"))
}

/// The definition that was asked for; an expression of one's own has the given parameters.
fn definition(args: &ActivationArgs, values: &BTreeMap<String, Rational>) -> Result<Arc<Definition>> {
    match (&args.activation, &args.definition, &args.expr) {
        (Some(name), ..) => named(name),
        (_, Some(path), _) => Ok(Arc::new(Definition::from_toml(&read(path)?, &path.display().to_string())?)),
        (.., Some(text)) => expression(text, values),
        _ => Err(miette!("say which activation: a name, --definition FILE or --expr TEXT")),
    }
}

/// An expression of one's own. An unknown name in it may be a parameter without a value.
fn expression(text: &str, values: &BTreeMap<String, Rational>) -> Result<Arc<Definition>> {
    Definition::from_expr_with(text, values).map(Arc::new).map_err(|error| {
        let said = error.to_string();
        let name = said.strip_prefix("unknown name `").and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
        let report = Report::new(error);
        match name {
            Some(name) => report.wrap_err(format!("if `{name}` is a parameter, give it a value: -p {name}=2")),
            None => report,
        }
    })
}

/// The name that stands for every activation.
pub const ALL: &str = "all";

/// The activations that were asked for, and whether they are all of the catalogue.
pub fn activations(args: &ActivationsArgs) -> Result<(Vec<Activation>, bool)> {
    if args.activations == [ALL] {
        let every =
            catalog::all().iter().map(|definition| Ok(Activation::new(definition.clone(), &values(&args.params)?)?));
        return Ok((every.collect::<Result<_>>()?, true));
    }
    let each = args.each();
    Ok((each.iter().map(activation).collect::<Result<_>>()?, false))
}

/// The activation that was asked for, with its parameters.
pub fn activation(args: &ActivationArgs) -> Result<Activation> {
    let values = values(&args.params)?;
    let spelled = match (&args.definition, &args.expr) {
        (Some(path), _) => Some(["definition".to_owned(), path.display().to_string()]),
        (_, Some(text)) => Some(["expr".to_owned(), text.clone()]),
        _ => None,
    };
    Ok(Activation { spelled, ..Activation::new(definition(args, &values)?, &values)? })
}

/// Values of parameters, each by its name.
pub fn values(params: &[String]) -> Result<BTreeMap<String, Rational>> {
    let mut values = BTreeMap::new();
    for text in params {
        let (name, value) = assignment(text)?;
        if values.insert(name.clone(), value).is_some() {
            return Err(miette!("the parameter `{name}` is given twice"));
        }
    }
    Ok(values)
}

/// The one of these that is most like a name that is none of them, as a question; nothing if none is like it.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let like = known.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let best = like.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(String::new, |(_, other)| format!("; did you mean `{other}`?"))
}

/// A second activation: `relu`, `srelu(alpha=1/10)`, `own.toml` or `expr:x*sigmoid(x)`.
pub fn other(text: &str) -> Result<Activation> {
    let own = "`actaudit list` shows all; your own is given as FILE.toml or expr:TEXT";
    let named = |name: &str| catalog::find(name).map_err(|error| miette!(help = own, "{error}"));
    let (definition, values) = match text.strip_prefix("expr:") {
        Some(source) => {
            let definition = Arc::new(Definition::from_expr(source)?);
            let spelled = Some(["expr".to_owned(), source.to_owned()]);
            return Ok(Activation { spelled, ..Activation::with_defaults(definition)? });
        }
        None if text.ends_with(".toml") => {
            (Arc::new(Definition::from_toml(&read(Path::new(text))?, text)?), BTreeMap::new())
        }
        None => match text.strip_suffix(')').and_then(|t| t.split_once('(')) {
            Some((name, list)) => {
                (named(name.trim())?, list.split(',').map(assignment).collect::<Result<BTreeMap<_, _>>>()?)
            }
            None => (named(text)?, BTreeMap::new()),
        },
    };
    Ok(Activation::new(definition, &values)?)
}

/// The code that a text names; what is not there has another exit code than what is not understood.
pub fn subject(text: &str, activation: &Activation) -> Result<Box<dyn Subject>> {
    subject::named(text, activation).map_err(told)
}

/// The same; code that does not survive being loaded is a subject, too, of which that is found in these formats and passes.
pub fn dead_or_alive(
    text: &str,
    activation: &Activation,
    (formats, passes): (&[FloatFormat], &[Pass]),
) -> Result<Box<dyn Subject>> {
    subject::named(text, activation).or_else(|error| match Dead::of(error, formats, passes) {
        Ok(dead) => Ok(Box::new(dead) as Box<dyn Subject>),
        Err(error) => Err(told(error)),
    })
}

fn told(error: SubjectError) -> Report {
    match error {
        error if error.is_misunderstood() => miette!("{error}"),
        absent => Absent(absent.to_string()).into(),
    }
}

/// `LO..HI`, either end `inf`, `-inf` or left out for unbounded.
pub fn domain(text: &str) -> Result<Domain> {
    Domain::parse(text).map_err(|error| match error {
        DomainError::Form(_) => miette!("--domain {error}"),
        DomainError::End(error) => Report::new(error).wrap_err("an end of the domain"),
        error => miette!("{error}"),
    })
}
