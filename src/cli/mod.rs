//! The command line: arguments as typed, a resolved plan, an exit code. Only this module talks to people.

pub mod args;
mod diff;
mod doctor;
mod emit;
mod gate;
mod help;
mod identify;
mod inputs;
mod inspect;
mod mollify;
mod pages;
mod power;
mod progress;
mod proofs;
mod propagate;
mod reference;
mod report;
mod select;
mod survey;
mod train;
mod verify;

use crate::report::schema::ErrorReport;
use crate::report::{Page, schema};
use crate::subject::{isolate, worker};
use crate::verdict::Ended;
use args::{Cli, Command, Format, Output, Planned};
use clap::Parser;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;
use std::io::{IsTerminal, Write as _};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

/// Parses the arguments, runs the command, reports errors, gives the exit code.
pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == worker::COMMAND) {
        return worker::main();
    }
    if let Ok(this) = std::env::current_exe() {
        isolate::use_worker(this);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help and version to standard output with success, errors to standard error
            let ended = if error.use_stderr() { Ended::Misused } else { Ended::Done };
            if error.use_stderr() && asks_for_json(std::env::args_os()) {
                // without the advice that follows
                let text = error.to_string();
                let text = text.split("\n\nFor more").next().unwrap_or_default();
                report_error(text.strip_prefix("error: ").unwrap_or(text), ended);
            }
            let _ = error.print();
            return ExitCode::from(ended.exit_code());
        }
    };
    if let Some(jobs) = cli.output.jobs {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs)).build_global();
    }
    ExitCode::from(ended(|| run(&cli), cli.output.format).exit_code())
}

/// Whether the arguments ask for JSON, where they could not be parsed.
fn asks_for_json(args: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let args: Vec<_> = args.collect();
    args.iter().any(|arg| arg == "--format=json")
        || args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

/// An error as scripts read it: with `--format json`, standard output holds one object in any case.
fn report_error(message: &str, ended: Ended) {
    let object = ErrorReport::new(message.trim_end(), ended.exit_code());
    if let Ok(text) = serde_json::to_string_pretty(&object) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// Writes to standard error. Nobody may be listening, and that is no reason to end otherwise.
fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Runs a command; errors go to standard error, with `--format json` to standard output as well. A panic is an error of this
/// program, and says so.
fn ended(command: impl FnOnce() -> Result<Ended>, format: Format) -> Ended {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        complain("this is an error of actaudit: please report it, with the command line and what stands above\n");
    }));
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(command)) {
        Ok(Ok(ended)) => ended,
        Ok(Err(report)) => {
            let absent = report.downcast_ref::<Absent>().is_some();
            let ended = if absent { Ended::Absent } else { Ended::Misused };
            if format == Format::Json {
                let chain: Vec<String> = report.chain().map(ToString::to_string).collect();
                report_error(&chain.join(": "), ended);
            }
            complain(&format!("{report:?}\n"));
            ended
        }
        Err(_) => {
            if format == Format::Json {
                report_error("an error of actaudit: please report it", Ended::Broken);
            }
            Ended::Broken
        }
    }
}

/// A subject or device that was asked for is not there.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{0}")]
pub struct Absent(pub String);

fn run(cli: &Cli) -> Result<Ended> {
    let out = &cli.output;
    let forms = cli.command.forms();
    if !forms.contains(&out.format) {
        let names: Vec<String> = forms.iter().map(|form| form.name()).collect();
        return Err(miette!("--format {}: this command writes {}", out.format.name(), names.join(", ")));
    }
    out.output.as_deref().map_or(Ok(()), writable)?;
    match &cli.command {
        Command::List => inspect::list(out),
        Command::Show { activation, svg } => inspect::show(activation, svg.as_deref(), out),
        Command::Explain { check } => inspect::explain(check.as_deref(), out),
        Command::Bound { activation, quantity, to, domain, effort, certificate, unchecked } => {
            let request = proofs::BoundRequest {
                quantity: *quantity,
                unchecked: *unchecked,
                to: to.as_deref(),
                domain: domain.as_deref(),
                effort,
            };
            proofs::bound(activation, &request, certificate.as_deref(), out)
        }
        Command::Continuity { activation, certificate } => proofs::continuity(activation, certificate.as_deref(), out),
        Command::Claims { files, only, certificate } => {
            proofs::claims(files, only.as_deref(), certificate.as_deref(), out)
        }
        Command::Reference { activation, certificate } => reference::reference(activation, certificate.as_deref(), out),
        Command::Mollify(args) => mollify::mollify(args, out),
        Command::Emit(args) => emit::emit(args, out),
        Command::Propagate(args) => propagate::propagate(args, out),
        Command::Train(args) => train::train(args, out),
        Command::Recheck { files } => proofs::recheck(files, out),
        Command::Verify(args) => verify::verify(args, out),
        Command::Plan { command: Planned::Verify(args) } => verify::plan(args, out),
        Command::Identify(args) => identify::identify(args, out),
        Command::Power(args) => power::power(args, out),
        Command::Survey(args) => survey::survey(args, out),
        Command::Init { config } => gate::init(config, out),
        Command::Gate(args) => gate::gate(args, out),
        Command::Merge(args) => gate::merge(args, out),
        Command::Accept(args) => gate::accept(args, out),
        Command::Report(args) => report::report(args, out),
        Command::Inputs(args) => inputs::inputs(args, out),
        Command::Diff { before, after } => diff::diff(before, after, out),
        Command::Schema { of } => {
            let text = match of {
                None => crate::gate::schema(),
                Some(name) => schema::of(name).ok_or_else(|| {
                    let names = schema::names();
                    let near = select::nearest(name, names.iter().copied());
                    miette!("{name}: expected one of {}{near}", names.join(", "))
                })?,
            };
            deliver(out, &text).map(|()| Ended::Done)
        }
        Command::Doctor => doctor::doctor(out),
        Command::Completions { shell } => pages::completions(*shell, out),
        Command::Man { folder } => pages::manual(folder, out),
    }
}

/// Writes a result as text or JSON, whichever was asked for.
fn emit<T: Serialize>(out: &Output, text: impl FnOnce(&Page) -> String, json: &T) -> Result<()> {
    emit_as(out, text, json, |_| None)
}

/// Writes a result in the form that was asked for; `other` has those besides text and JSON.
fn emit_as<T: Serialize>(
    out: &Output,
    text: impl FnOnce(&Page) -> String,
    json: &T,
    other: impl FnOnce(Format) -> Option<String>,
) -> Result<()> {
    let content = match out.format {
        Format::Text => text(&page(out)),
        Format::Json => serde_json::to_string_pretty(json).into_diagnostic()? + "\n",
        form => other(form).ok_or_else(|| miette!("--format {}: not of this result", form.name()))?,
    };
    deliver(out, &content)
}

fn deliver(out: &Output, content: &str) -> Result<()> {
    match &out.output {
        Some(path) => write(path, content),
        None => match std::io::stdout().write_all(content.as_bytes()) {
            // a reader that has seen enough is not an error
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other.into_diagnostic(),
        },
    }
}

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 120;

/// How text is written: as the terminal has it, and plainly in 80 columns where there is none.
fn page(out: &Output) -> Page {
    if out.output.is_some() { Page::PLAIN } else { page_of(&std::io::stdout()) }
}

/// The same for a stream.
fn page_of(stream: &(impl IsTerminal + AsFd)) -> Page {
    if !stream.is_terminal() {
        return Page::PLAIN;
    }
    let width = terminal_size::terminal_size_of(stream).map_or(Page::PLAIN.width, |(width, _)| usize::from(width.0));
    Page { colour: std::env::var_os("NO_COLOR").is_none(), width: width.clamp(40, WIDEST) }
}

/// Writes a file, all of it or nothing; the error names it.
fn write(path: &Path, content: &str) -> Result<()> {
    whole(path, content).into_diagnostic().wrap_err_with(|| format!("cannot write {}", path.display()))
}

/// Beside the file, then by one rename: who reads it sees what was there before, or all of what is new. Pipes and devices are
/// written as they are, and of a link the file that it names.
fn whole(path: &Path, content: &str) -> std::io::Result<()> {
    let there = path.canonicalize().ok();
    let old = there.as_deref().map(std::fs::metadata).transpose()?;
    let link_to_nothing = there.is_none() && path.symlink_metadata().is_ok();
    if link_to_nothing || old.as_ref().is_some_and(|old| !old.is_file()) {
        return std::fs::write(path, content);
    }
    let path = there.as_deref().unwrap_or(path);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = match std::fs::File::create_new(&beside) {
        Ok(file) => file,
        // a file that may be written in a folder that may not
        Err(_) if old.is_some() => return std::fs::write(path, content),
        Err(error) => return Err(error),
    };
    let mut all = || {
        file.write_all(content.as_bytes())?;
        if let Some(old) = &old {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    all().inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}

/// Whether a file can be written, asked before there is anything to lose. What is in it stays; pipes and devices are not
/// tried, because who reads from them would see an end.
fn writable(path: &Path) -> Result<()> {
    // of a link that leads nowhere, the file that it names is made, and stays
    let made = path.symlink_metadata().is_err();
    if path.exists() && !path.is_file() && !path.is_dir() {
        return Ok(());
    }
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.into_diagnostic().wrap_err_with(|| format!("cannot write {}", path.display()))?;
    if made {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_anywhere_is_an_internal_error() {
        let planted = || -> Result<Ended> { panic!("planted") };
        assert_eq!(ended(planted, Format::Text), Ended::Broken);
        let on_another_thread = || Ok(rayon::join(|| Ended::Done, || panic!("planted")).0);
        assert_eq!(ended(on_another_thread, Format::Text), Ended::Broken);
        assert_eq!(ended(|| Ok(Ended::Done), Format::Text), Ended::Done);
        assert_eq!(ended(|| Err(Absent("a device".into()).into()), Format::Text), Ended::Absent);
    }

    #[test]
    fn a_gate_has_the_forms_of_its_table() {
        let cli = Cli::try_parse_from(["actaudit", "gate"]).expect("parses");
        let mut forms: Vec<String> = cli.command.forms().iter().map(|form| form.name()).collect();
        forms.retain(|form| !["text", "json"].contains(&form.as_str()));
        assert_eq!(forms, crate::report::gate::FORMS.map(|form| form.name));
    }

    #[test]
    fn a_file_is_tried_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.md");
        writable(&path).expect("can be written");
        assert!(!path.exists());
        std::fs::write(&path, "mine").expect("is written");
        writable(&path).expect("can be written");
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), "mine");
        write(&path, "yours").expect("is written");
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), "yours");
        // a link stays one, and nothing is left beside
        let link = folder.path().join("link.md");
        std::os::unix::fs::symlink("report.md", &link).expect("is made");
        write(&link, "ours").expect("is written");
        assert!(link.is_symlink() && std::fs::read_to_string(&path).expect("is there") == "ours");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
        // opening a pipe that nobody reads from would wait for ever
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        writable(&pipe).expect("is not tried");
        for gone in [folder.path().join("none/report.md"), folder.path().to_owned()] {
            let error = writable(&gone).expect_err("cannot be written");
            assert!(error.to_string().starts_with("cannot write"), "{error}");
        }
    }
}
