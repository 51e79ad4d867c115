//! `verify`: the definition's own audit, then the code; and `plan verify`.

use super::args::{Format, Output, VerifyArgs};
use super::progress::{bar, interrupted, watch};
use super::{Absent, emit, emit_as, page_of, proofs, select};
use crate::audit::facts::Known;
use crate::audit::profile::profile;
use crate::audit::{Effort, Facts, Input, Options, Plan, Rule, Sink, Watch, process, verify_heard, verify_with};
use crate::check::{self, Tolerance};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::report::definition::{AbsentReport, DefinitionReport, ManyReport, WholeReport};
use crate::report::events::Events;
use crate::report::plan::PlansReport;
use crate::report::plot;
use crate::report::verify::Detail;
use crate::subject::{self, Native, Subject};
use crate::verdict::{Ended, Verdict};
use indicatif::ProgressBar;
use miette::{Result, miette};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The options of an audit out of the arguments as typed.
fn options(args: &VerifyArgs, out: &Output) -> Result<Options> {
    let mut options = Options { jobs: out.jobs.map(usize::from), max_ulp: args.max_ulp, ..Options::default() };
    options.effort = args.effort;
    options.check_reference = args.check_reference;
    options.identical = args.identical;
    if let Some(text) = &args.domain {
        options.domain = select::domain(text)?;
    }
    if args.identical && args.subjects.len() < 2 {
        return Err(miette!("--identical: expected several --impl, which are held against the first of them"));
    }
    if !args.dtype.is_empty() {
        options.dtypes.clone_from(&args.dtype);
    }
    if let Some(pass) = args.pass {
        options.passes = vec![pass];
    }
    if let Some(name) = args.checks.iter().find(|c| check::find(c).is_none() && **c != process::INFO.id) {
        let known: Vec<&str> = check::all().chain([&process::INFO]).map(|c| c.id).collect();
        let near = select::nearest(name, known.iter().copied());
        return Err(miette!("--check {name}: expected some of {}{near}", known.join(", ")));
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
        options.inputs = Some(args.inputs.iter().map(|text| input(text, &options.dtypes)).collect::<Result<_>>()?);
    }
    Ok(options)
}

/// An input: the bits of one format, or a value.
fn input(text: &str, dtypes: &[FloatFormat]) -> Result<Input> {
    let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) else {
        let value = text.trim().parse::<f64>().map(Input::Value);
        return value
            .map_err(|_| miette!("--input {text}: expected a number such as -7.25 or inf, or bits such as 0x7bff"));
    };
    let [dtype] = dtypes else {
        return Err(miette!("--input {text}: bits belong to one format: say which with --dtype"));
    };
    let value = u64::from_str_radix(digits, 16).ok().filter(|bits| dtype.width() == 64 || bits >> dtype.width() == 0);
    value
        .map(Input::Bits)
        .ok_or_else(|| miette!("--input {text}: expected the bits of an {} as 0x and hex digits", dtype.name()))
}

pub fn verify(args: &VerifyArgs, out: &Output) -> Result<Ended> {
    let (activations, all) = select::activations(&args.activations)?;
    let options = options(args, out)?;
    if activations.len() > 1 && (args.plot.is_some() || args.certificate.is_some()) {
        return Err(miette!("--plot and --certificate are for one activation"));
    }
    let files: Vec<&PathBuf> =
        [&args.plot, &args.certificate, &args.events, &out.output].into_iter().flatten().collect();
    let places: Vec<PathBuf> = files.iter().filter_map(|path| std::path::absolute(path).ok()).collect();
    if let Some(k) = (1..places.len()).find(|k| places[..*k].contains(&places[*k])) {
        return Err(miette!("{} is named for two results", files[k].display()));
    }
    for path in [&args.plot, &args.certificate].into_iter().flatten() {
        super::writable(path)?;
    }
    let (todo, absent) = select_code(args, activations, all)?;
    let mut events = args.events.as_deref().map(events).transpose()?;
    let facts = Facts::new();
    let bar = bar(out, "inputs");
    let stop = interrupted()?;
    let step = watch(&bar, &stop);
    let mut done = vec![];
    for (activation, (under_test, beside)) in &todo {
        first_look(args, &options, &facts, activation, (&bar, &stop), out)?;
        let also = events.as_mut().map(|events| -> &mut dyn Sink { events });
        done.push(one(args, &options, &facts, activation, [under_test, beside], (&step, also))?);
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    bar.finish_and_clear();
    let verdict = Verdict::worst(done.iter().map(|(_, verdict)| *verdict));
    let detail = Detail { all: args.all, regions: args.regions, own: args.subjects.is_empty() };
    match done.as_slice() {
        [(report, _)] if !all && todo.len() == 1 => {
            emit_as(out, |page| report.text(page, detail), report, |_| Some(report.html(detail)))?
        }
        _ => {
            let report = ManyReport::new(done, absent);
            emit_as(out, |page| report.text(page, detail), &report, |_| Some(report.html(detail)))?;
        }
    }
    // said at the end, so that nothing is lost
    match events.and_then(Events::failed) {
        Some(error) => Err(miette!("--events: cannot be written: {error}; the rest was done")),
        None => Ok(Ended::Judged(verdict)),
    }
}

/// What a quick audit says, at once, where somebody waits for a longer one. It asks processes of its own: what the audit itself finds must
/// not depend on whether somebody is watching.
fn first_look(
    args: &VerifyArgs,
    options: &Options,
    facts: &Facts,
    activation: &Activation,
    (bar, stop): (&ProgressBar, &AtomicBool),
    out: &Output,
) -> Result<()> {
    let longer = options.effort != Effort::Quick && options.inputs.is_none();
    if bar.is_hidden() || out.format != Format::Text || !longer {
        return Ok(());
    }
    let (under_test, _) = choose(activation, args)?;
    if under_test.is_empty() {
        return Ok(());
    }
    let quick = Options { effort: Effort::Quick, ..options.clone() };
    let tested: Vec<&dyn Subject> = under_test.iter().map(Box::as_ref).collect();
    let go_on = |_| !stop.load(Ordering::Relaxed);
    let audit = verify_with(facts, activation, &tested, &[], &quick, &go_on).map_err(|e| miette!("{e}"))?;
    let page = page_of(&std::io::stderr());
    bar.suspend(|| {
        eprintln!("a first look, at samples; all that was asked for follows\n\n{}", audit.report().headlines(&page))
    });
    Ok(())
}

/// Where events go. A pipe or a terminal is a file, too.
fn events(path: &Path) -> Result<Events<File>> {
    File::create(path).map(Events::new).map_err(|e| miette!("--events {}: cannot write: {e}", path.display()))
}

/// The audit of one activation, and what is said of it.
fn one(
    args: &VerifyArgs,
    options: &Options,
    facts: &Facts,
    activation: &Activation,
    [under_test, beside]: [&Subjects; 2],
    (step, also): (&Watch<'_>, Option<&mut dyn Sink>),
) -> Result<(WholeReport, Verdict)> {
    let known = facts.of(activation);
    let definition = DefinitionReport::new(&known).map_err(|e| miette!("{e}"))?;
    if let Some(path) = &args.certificate {
        proofs::write_certificates(path, definition_certificates(&known)?)?;
    }
    let [tested, compared] = [under_test, beside].map(|subjects| subjects.iter().map(Box::as_ref).collect::<Vec<_>>());
    let audit = verify_heard(facts, activation, &tested, &compared, options, step, also).map_err(|e| miette!("{e}"))?;
    if let Some(path) = &args.plot {
        draw(path, activation, options, tested.iter().chain(&compared).copied())?;
    }
    let code = (!tested.is_empty()).then(|| audit.verdict());
    let verdict = Verdict::worst(code.into_iter().chain([definition.verdict()]));
    Ok((WholeReport::new(&audit, definition), verdict))
}

type Todo = Vec<(Activation, (Subjects, Subjects))>;

/// The code of each activation, and what `all` names and is not there.
fn select_code(args: &VerifyArgs, activations: Vec<Activation>, all: bool) -> Result<(Todo, Vec<AbsentReport>)> {
    if let Some(path) = &args.python {
        subject::python::use_interpreter(path);
    }
    let (mut todo, mut absent) = (vec![], vec![]);
    for activation in activations {
        let chosen = choose(&activation, args).and_then(|chosen| {
            let tested: Vec<&dyn Subject> = chosen.0.iter().map(Box::as_ref).collect();
            subject::require(&tested, &args.dtype, args.pass).map_err(|e| Absent(e.to_string()))?;
            Ok(chosen)
        });
        match chosen {
            // an activation without code of this project is one whose definition is audited
            Ok(chosen) => todo.push((activation, chosen)),
            Err(error) if all && error.downcast_ref::<Absent>().is_some() => {
                absent.push(AbsentReport { activation: activation.definition.id.clone(), reason: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    match absent.first() {
        Some(first) if todo.is_empty() => Err(Absent(first.reason.clone()).into()),
        _ => Ok((todo, absent)),
    }
}

/// What `verify` would look at; nothing is run.
pub fn plan(args: &VerifyArgs, out: &Output) -> Result<Ended> {
    let (activations, all) = select::activations(&args.activations)?;
    let options = options(args, out)?;
    let (todo, _) = select_code(args, activations, all)?;
    let facts = Facts::new();
    let mut plans = vec![];
    for (activation, (under_test, beside)) in &todo {
        let [tested, compared] =
            [under_test, beside].map(|subjects| subjects.iter().map(Box::as_ref).collect::<Vec<&dyn Subject>>());
        let plan = Plan::new(&facts, activation, &tested, &compared, &options).map_err(|e| miette!("{e}"))?;
        plans.push(plan.report());
    }
    match plans.as_slice() {
        [report] if !all => emit(out, |_| report.text(), report)?,
        _ => {
            let report = PlansReport::new(plans);
            emit(out, |_| report.text(), &report)?;
        }
    }
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
    path: &Path,
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

/// What is under test, and what is shown beside it for comparison. Of code that does not survive being loaded it is not known what it
/// has: what was asked for by name, or f32 forward.
fn choose(activation: &Activation, args: &VerifyArgs) -> Result<(Subjects, Subjects)> {
    if args.subjects.is_empty() {
        let mut all: Subjects = vec![];
        all.extend(Native::all(activation).into_iter().map(|kernel| Box::new(kernel) as Box<dyn Subject>));
        let beside = if all.is_empty() { vec![] } else { all.split_off(1) };
        return Ok((all, beside));
    }
    let formats = if args.dtype.is_empty() { &[FloatFormat::F32] } else { args.dtype.as_slice() };
    let pass = [args.pass.unwrap_or(Pass::Forward)];
    let find = |text: &String| select::dead_or_alive(text, activation, (formats, &pass));
    Ok((args.subjects.iter().map(find).collect::<Result<_>>()?, vec![]))
}
