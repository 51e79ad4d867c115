//! The worker's side: loads foreign code, then answers batches until there are no more commands.
//!
//! The first line on standard input says what to load, each further one is a batch; each gets one line as reply. Foreign
//! code sees an empty standard input and a standard output that goes to standard error, so that it can neither take
//! commands nor spoil replies by accident.

mod batch;
mod environment;
mod fence;
mod library;
mod manner;
mod onnx;

pub use batch::{Batch, Code, Refusal, Trouble};
pub(super) use manner::{KERNELS, MANNERS};

use super::isolate::SIZE;
use environment::Environment;
use memmap2::MmapMut;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::ExitCode;

/// The first argument that makes a program a worker.
pub const COMMAND: &str = "__worker";

/// Why a worker cannot work. These are defects of the program that started it.
#[derive(Debug, thiserror::Error)]
enum WorkerError {
    #[error(
        "expected {COMMAND} and the number of a file descriptor as arguments: only actaudit itself starts a worker"
    )]
    Arguments,
    #[error("this program is of another build of actaudit than the one that started it: build both again")]
    Build,
    #[error("the channel to the audit is broken: {0}")]
    Channel(#[from] io::Error),
    #[error("a command was not understood: {0}")]
    Command(#[from] serde_json::Error),
}

/// What `actaudit` does when its first argument is [`COMMAND`]: it serves shared libraries and ONNX models.
pub fn main() -> ExitCode {
    serve(|load| match load["models"].is_array() {
        true => onnx::load(load).map(|code| Box::new(code) as Box<dyn Code>),
        false => library::load(load).map(|code| Box::new(code) as Box<dyn Code>),
    })
}

/// What a worker program does: loads what the first command says, by `load`, and answers batches until the audit ends. The
/// arguments must be `COMMAND` and the number of the shared memory's file descriptor.
pub fn serve(load: impl FnOnce(&Value) -> Result<Box<dyn Code>, Refusal>) -> ExitCode {
    match converse(load) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("actaudit worker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn converse(load: impl FnOnce(&Value) -> Result<Box<dyn Code>, Refusal>) -> Result<(), WorkerError> {
    let number: u32 = std::env::args().nth(2).and_then(|n| n.parse().ok()).ok_or(WorkerError::Arguments)?;
    let mut memory = map(number)?;
    let (commands, mut replies) = channels()?;
    let mut commands = BufReader::new(commands).lines();
    let mut reply = |value: Value| replies.write_all(format!("{value}\n").as_bytes());
    let Some(what) = commands.next() else { return Ok(()) };
    let what: Value = serde_json::from_str(&what?)?;
    let ours = Environment::read();
    let loaded = load(&what);
    let by_loading = ours.changes(Environment::read());
    ours.restore();
    let mut code = match loaded {
        Ok(code) => code,
        Err(Refusal { kind, text }) => return Ok(reply(json!({"error": text, "kind": kind}))?),
    };
    reply(code.describe())?;
    // nearly all commands are what the last one was
    let mut known = (String::new(), None);
    for command in commands {
        let command = command?;
        if known.0 != command {
            known = (command.clone(), Batch::read(&serde_json::from_str(&command)?));
        }
        let result = match known.1 {
            Some(batch) => code.answer(&batch, &mut memory),
            None => Err(Trouble::new("exception", format!("no such batch: {command}"))),
        };
        let mut changes = ours.changes(Environment::read());
        ours.restore();
        changes.extend(by_loading.iter().map(|change| format!("{change} (by being loaded)")));
        reply(match result {
            Ok(n) => json!({"n": n, "environment": changes}),
            Err(Trouble { kind, text }) => json!({"error": text, "kind": kind}),
        })?;
    }
    Ok(())
}

/// Standard input and output, which foreign code gets other ones for.
fn channels() -> io::Result<(File, File)> {
    let [commands, replies] = [rustix::stdio::stdin(), rustix::stdio::stdout()]
        .map(|pipe| rustix::io::fcntl_dupfd_cloexec(pipe, 3).map(File::from));
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok((commands?, replies?))
}

/// The memory that was inherited as a file descriptor, by the path under which the system shows it.
#[expect(unsafe_code, reason = "memory shared with the audit")]
fn map(number: u32) -> Result<MmapMut, WorkerError> {
    let file = OpenOptions::new().read(true).write(true).open(format!("/proc/self/fd/{number}"))?;
    if file.metadata()?.len() != SIZE as u64 {
        return Err(WorkerError::Build);
    }
    // SAFETY: the audit has made the file for this and does not shrink it; it looks at the memory only between batches
    Ok(unsafe { MmapMut::map_mut(&file)? })
}
