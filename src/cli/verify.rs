//! `verify`: the definition's own audit, then the code; and `plan verify`.

use super::args::{Output, VerifyArgs};
use super::progress::{bar, interrupted, watch};
use super::{emit, proofs, select};
use crate::audit::facts::Known;
use crate::audit::profile::profile;
use crate::audit::{Facts, Options, Plan, Rule, process, verify_with};
use crate::check::{self, Tolerance};
use crate::expr::Activation;
use crate::report::definition::{DefinitionReport, WholeReport};
use crate::report::plot;
use crate::report::verify::Detail;
use crate::subject::{self, Native, Subject};
use crate::verdict::{Ended, Verdict};
use miette::{Result, miette};
use serde_json::Value;

/// The options of an audit out of the arguments as typed.
fn options(args: &VerifyArgs, out: &Output) -> Result<Options> {
    let mut options = Options { jobs: out.jobs.map(usize::from), max_ulp: args.max_ulp, ..Options::default() };
    options.effort = args.effort;
    options.check_reference = args.check_reference;
    if !args.dtype.is_empty() {
        options.dtypes.clone_from(&args.dtype);
    }
    if let Some(pass) = args.pass {
        options.passes = vec![pass];
    }
    if let Some(name) = args.checks.iter().find(|c| check::find(c).is_none() && **c != process::INFO.id) {
        let known: Vec<&str> = check::all().chain([&process::INFO]).map(|c| c.id).collect();
        return Err(miette!("--check {name}: expected some of {}", known.join(", ")));
    }
    options.checks.clone_from(&args.checks);
    for file in &args.budgets {
        let text = std::fs::read_to_string(file).map_err(|e| miette!("--budgets {}: {e}", file.display()))?;
        options.rules.extend(Rule::read(&text, &file.display().to_string()).map_err(|e| miette!("{e}"))?);
    }
    for word in &args.declare {
        options.policy = options.policy.declare(word).unwrap_or(options.policy);
    }
    if [args.atol, args.rtol].iter().flatten().any(|t| t.is_nan() || *t < 0.0) {
        return Err(miette!("--atol and --rtol: expected numbers that are not negative"));
    }
    if args.atol.is_some() || args.rtol.is_some() {
        let (absolute, relative) = (args.atol.unwrap_or(0.0), args.rtol.unwrap_or(0.0));
        options.tolerance = Some(Tolerance { absolute, relative });
    }
    if args.max_ulp.is_some_and(|u| u.is_nan() || u < 0.0) {
        return Err(miette!("--max-ulp: expected a number that is not negative"));
    }
    if !args.inputs.is_empty() {
        if options.dtypes.len() != 1 {
            return Err(miette!("--input gives bits of one format: say which with --dtype"));
        }
        let bits = |text: &String| {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            let value = digits.and_then(|d| u64::from_str_radix(d, 16).ok());
            value.filter(|v| options.dtypes[0].width() == 64 || v >> options.dtypes[0].width() == 0).ok_or_else(|| {
                miette!("--input {text}: expected the bits of an {} as 0x and hex digits", options.dtypes[0].name())
            })
        };
        options.inputs = Some(args.inputs.iter().map(bits).collect::<Result<_>>()?);
    }
    Ok(options)
}

pub fn verify(args: &VerifyArgs, out: &Output) -> Result<Ended> {
    let activation = select::activation(&args.activation)?;
    let options = options(args, out)?;
    for path in [&args.plot, &args.certificate].into_iter().flatten() {
        super::writable(path)?;
    }
    if let Some(path) = &args.python {
        subject::python::use_interpreter(path);
    }
    let (under_test, beside) = choose(&activation, &args.subjects)?;
    let facts = Facts::new();
    let known = facts.of(&activation);
    let definition = DefinitionReport::new(&known).map_err(|e| miette!("{e}"))?;
    if let Some(path) = &args.certificate {
        proofs::write_certificates(path, definition_certificates(&known)?)?;
    }
    let bar = bar(out);
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let tested: Vec<&dyn Subject> = under_test.iter().map(Box::as_ref).collect();
    let compared: Vec<&dyn Subject> = beside.iter().map(Box::as_ref).collect();
    let audit = verify_with(&facts, &activation, &tested, &compared, &options, &step).map_err(|e| miette!("{e}"))?;
    bar.finish_and_clear();
    if let Some(path) = &args.plot {
        draw(path, &activation, &options, tested.iter().chain(&compared).copied())?;
    }
    let code = (!tested.is_empty()).then(|| audit.verdict());
    let verdict = Verdict::worst(code.into_iter().chain([definition.verdict()]));
    let report = WholeReport::new(&audit, definition);
    let detail = Detail { all: args.all, regions: args.regions };
    emit(out, |page| report.text(page, detail, !args.subjects.is_empty()), &report)?;
    Ok(Ended::Judged(verdict))
}

/// What `verify` would look at; nothing is run.
pub fn plan(args: &VerifyArgs, out: &Output) -> Result<Ended> {
    let activation = select::activation(&args.activation)?;
    let options = options(args, out)?;
    if let Some(path) = &args.python {
        subject::python::use_interpreter(path);
    }
    let (under_test, beside) = choose(&activation, &args.subjects)?;
    let tested: Vec<&dyn Subject> = under_test.iter().map(Box::as_ref).collect();
    let compared: Vec<&dyn Subject> = beside.iter().map(Box::as_ref).collect();
    let plan = Plan::new(&Facts::new(), &activation, &tested, &compared, &options).map_err(|e| miette!("{e}"))?;
    let report = plan.report();
    emit(out, |_| report.text(), &report)?;
    Ok(Ended::Done)
}

/// What the checker accepted of a definition.
fn definition_certificates(known: &Known) -> Result<Vec<Value>> {
    let found = known.definition().map_err(|e| miette!("{e}"))?;
    let mut all = vec![];
    for bound in &found.bounds {
        all.extend(proofs::bound_certificates(bound)?);
    }
    all.extend(proofs::class_certificate(found.continuity.certificate.as_ref()).ok());
    Ok(all)
}

/// Writes the errors of all subjects in one format and pass.
fn draw<'a>(
    path: &std::path::Path,
    activation: &Activation,
    options: &Options,
    subjects: impl Iterator<Item = &'a dyn Subject>,
) -> Result<()> {
    let (format, pass) = (options.dtypes[0], options.passes[0]);
    let window = plot::interesting(activation);
    let of = |subject: &dyn Subject| profile(activation, subject, (format, pass), window, options);
    let profiles = subjects.filter(|s| s.supports(format, pass)).map(of).collect::<std::result::Result<Vec<_>, _>>();
    let svg = plot::errors(activation, &profiles.map_err(|e| miette!("{e}"))?).map_err(|e| miette!("no plot: {e}"))?;
    std::fs::write(path, svg).map_err(|e| miette!("--plot {}: {e}", path.display()))
}

type Subjects = Vec<Box<dyn Subject>>;

/// What is under test, and what is shown beside it for comparison.
fn choose(activation: &Activation, subjects: &[String]) -> Result<(Subjects, Subjects)> {
    if subjects.is_empty() {
        let mut all: Subjects = vec![];
        all.extend(Native::all(activation).into_iter().map(|kernel| Box::new(kernel) as Box<dyn Subject>));
        let beside = if all.is_empty() { vec![] } else { all.split_off(1) };
        return Ok((all, beside));
    }
    let find = |text: &String| select::subject(text, activation);
    Ok((subjects.iter().map(find).collect::<Result<_>>()?, vec![]))
}
