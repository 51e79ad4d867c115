//! The command line: arguments as typed, a resolved plan, an exit code. Only this module talks to people.

pub mod args;
mod diff;
mod doctor;
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
mod select;
mod survey;
mod verify;

use crate::report::Page;
use crate::report::gate::{FORMS, GateReport};
use crate::subject::{isolate, worker};
use crate::verdict::Ended;
use args::{Cli, Command, Format, Output, Planned};
use clap::{Parser, ValueEnum as _};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;
use std::io::Write as _;
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
    let object =
        ErrorReport { schema: "actaudit.error.v1", error: message.trim_end().to_owned(), exit: ended.exit_code() };
    if let Ok(text) = serde_json::to_string_pretty(&object) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// The JSON object of a command that could not be run.
#[derive(Serialize)]
struct ErrorReport {
    schema: &'static str,
    error: String,
    exit: u8,
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
        Command::Propagate(args) => propagate::propagate(args, out),
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
        Command::Inputs(args) => inputs::inputs(args, out),
        Command::Diff { before, after } => diff::diff(before, after, out),
        Command::Schema => deliver(out, &crate::gate::schema()).map(|()| Ended::Done),
        Command::Doctor => doctor::doctor(out),
        Command::Completions { shell } => pages::completions(*shell, out),
        Command::Man { folder } => pages::manual(folder, out),
    }
}

/// Writes a result in the form that was asked for.
fn emit<T: Serialize>(out: &Output, text: impl FnOnce(&Page) -> String, json: &T) -> Result<()> {
    let content = match out.format {
        Format::Text => text(&page(out)),
        Format::Json => serde_json::to_string_pretty(json).into_diagnostic()? + "\n",
        _ => return Err(miette!("--format: this command writes text or json")),
    };
    deliver(out, &content)
}

/// Writes the report of a gate in the form that was asked for.
fn emit_as(out: &Output, report: &GateReport) -> Result<()> {
    let name = out.format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    match FORMS.iter().find(|form| form.name == name) {
        Some(form) => deliver(out, &(form.write)(report)),
        None => emit(out, |colour| report.text(colour), report),
    }
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
    use std::io::IsTerminal as _;
    if out.output.is_some() || !std::io::stdout().is_terminal() {
        return Page::PLAIN;
    }
    let width = terminal_size::terminal_size().map_or(Page::PLAIN.width, |(width, _)| usize::from(width.0));
    Page { colour: std::env::var_os("NO_COLOR").is_none(), width: width.clamp(40, WIDEST) }
}

/// Writes a file; the error names it.
fn write(path: &Path, content: &str) -> Result<()> {
    std::fs::write(path, content).into_diagnostic().wrap_err_with(|| format!("cannot write {}", path.display()))
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
    fn a_file_is_tried_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.md");
        writable(&path).expect("can be written");
        assert!(!path.exists());
        std::fs::write(&path, "mine").expect("is written");
        writable(&path).expect("can be written");
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), "mine");
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
