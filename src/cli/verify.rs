//! `verify`: the definition's own audit, then the code.

use super::args::{Output, VerifyArgs};
use super::progress::{bar, interrupted, watch};
use super::{emit, proofs, select};
use crate::audit::facts::relu;
use crate::audit::profile::profile;
use crate::audit::{Facts, Options, Rule, VerifyReport, process, verify_with};
use crate::check::{self, Tolerance};
use crate::expr::Activation;
use crate::prove::continuity::{Continuity, render};
use crate::prove::{Bound, Quantity};
use crate::report::bound::BoundReport;
use crate::report::plot;
use crate::subject::{self, Native, Subject};
use crate::verdict::{Ended, Verdict};
use miette::{Result, miette};
use serde::Serialize;

/// Digits of the quantities in an audit.
const DIGITS: u32 = 15;

#[derive(Serialize)]
struct Definition<'a> {
    continuity: &'a Continuity,
    bounds: Vec<BoundReport>,
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    code: VerifyReport,
    definition: Definition<'a>,
}

/// The options of an audit out of the arguments as typed.
fn options(args: &VerifyArgs, out: &Output) -> Result<Options> {
    let mut options = Options { jobs: out.jobs.map(usize::from), max_ulp: args.max_ulp, ..Options::default() };
    options.effort = args.effort;
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
    let (subjects, certificates) = (&args.subjects, args.certificate.as_deref());
    let (under_test, beside) = choose(&activation, subjects)?;
    let facts = Facts::new();
    let known = facts.of(&activation);
    let found = known.definition().map_err(|e| miette!("{e}"))?;
    if let Some(path) = certificates {
        let mut all = vec![];
        for bound in &found.bounds {
            all.extend(proofs::bound_certificates(bound)?);
        }
        all.extend(proofs::class_certificate(found.continuity.certificate.as_ref()).ok());
        proofs::write_certificates(path, all)?;
    }
    let bar = bar(out);
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let tested: Vec<&dyn Subject> = under_test.iter().map(Box::as_ref).collect();
    let compared: Vec<&dyn Subject> = beside.iter().map(Box::as_ref).collect();
    let code = verify_with(&facts, &activation, &tested, &compared, &options, &step).map_err(|e| miette!("{e}"))?;
    bar.finish_and_clear();
    if let Some(path) = &args.plot {
        draw(path, &activation, &options, tested.iter().chain(&compared).copied())?;
    }

    let to = |b: &Bound| if b.quantity == Quantity::Distance { relu() } else { None };
    let bounds: Vec<BoundReport> =
        found.bounds.iter().map(|b| BoundReport::new(&activation, to(b).as_ref(), b, DIGITS)).collect();
    let proved = bounds.iter().map(|b| b.verdict).chain([proofs::class_verdict(found.continuity)]);
    let mathematics = Verdict::worst(proved);
    let report = Report { code, definition: Definition { continuity: found.continuity, bounds } };
    emit(out, |colour| text(&report, colour, args.regions), &report)?;
    let code = (!tested.is_empty()).then(|| report.code.verdict());
    Ok(Ended::Judged(Verdict::worst(code.into_iter().chain([mathematics]))))
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

fn text(report: &Report<'_>, colour: bool, regions: bool) -> String {
    let mut out = String::from("the definition\n");
    let mut indent = |block: &str| {
        for line in block.lines() {
            out.push_str("  ");
            out.push_str(line);
            out.push('\n');
        }
    };
    indent(&render(report.definition.continuity));
    for b in &report.definition.bounds {
        indent(&b.text());
    }
    out.push('\n');
    out.push_str(&report.code.text(colour));
    if regions {
        out.push_str(&report.code.regions());
    }
    out
}
