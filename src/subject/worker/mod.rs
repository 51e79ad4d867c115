//! The worker's side: loads a shared library, then answers batches until there are no more commands.
//!
//! The first line on standard input says what to load, each further one is a batch; each gets one line as reply. Foreign
//! code sees an empty standard input and a standard output that goes to standard error, so that it can neither take
//! commands nor spoil replies by accident.

mod environment;
mod library;

use super::isolate::{GRADIENT, INPUT, OUTPUT, SIZE};
use environment::Environment;
use library::{Loaded, Refusal};
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
    #[error("the channel to the audit is broken: {0}")]
    Channel(#[from] io::Error),
    #[error("a command was not understood: {0}")]
    Command(#[from] serde_json::Error),
}

/// What a program does when its first argument is [`COMMAND`].
pub fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("actaudit worker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), WorkerError> {
    let number: u32 = std::env::args().nth(2).and_then(|n| n.parse().ok()).ok_or(WorkerError::Arguments)?;
    let mut memory = map(number)?;
    let (commands, mut replies) = channels()?;
    let mut commands = BufReader::new(commands).lines();
    let mut reply = |value: Value| replies.write_all(format!("{value}\n").as_bytes());
    let Some(load) = commands.next() else { return Ok(()) };
    let load: Value = serde_json::from_str(&load?)?;
    let ours = Environment::read();
    let loaded = library::load(&load);
    let by_loading = ours.changes(Environment::read());
    ours.restore();
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(Refusal { kind, text }) => return Ok(reply(json!({"error": text, "kind": kind}))?),
    };
    reply(json!({"kernels": loaded.describe()}))?;
    for command in commands {
        let command: Value = serde_json::from_str(&command?)?;
        let (result, mut changes) = run(&loaded, &command, &mut memory, ours);
        changes.extend(by_loading.iter().map(|change| format!("{change} (by being loaded)")));
        reply(match result {
            Some(n) => json!({"n": n, "environment": changes}),
            None => json!({"error": format!("no such kernel: {command}")}),
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

/// One batch: how many outputs the code says that it wrote, and how it left the floating-point environment.
fn run(loaded: &Loaded, command: &Value, memory: &mut MmapMut, ours: Environment) -> (Option<i64>, Vec<String>) {
    let index = command["kernel"].as_u64().and_then(|k| usize::try_from(k).ok());
    let n = command["n"].as_u64().and_then(|n| usize::try_from(n).ok());
    let (Some(kernel), Some(n)) = (index.and_then(|k| loaded.kernels.get(k)), n) else { return (None, vec![]) };
    let base = memory.as_mut_ptr();
    let [x, gradient, y] = [INPUT, GRADIENT, OUTPUT].map(|at| base.wrapping_add(at).cast());
    let result = kernel.call(command["pass"] == "backward", x, gradient, y, n);
    let now = Environment::read();
    ours.restore();
    (result, ours.changes(now))
}

/// The memory that was inherited as a file descriptor, by the path under which the system shows it.
#[expect(unsafe_code, reason = "memory shared with the audit")]
fn map(number: u32) -> Result<MmapMut, WorkerError> {
    let file = OpenOptions::new().read(true).write(true).open(format!("/proc/self/fd/{number}"))?;
    if file.metadata()?.len() != SIZE as u64 {
        return Err(WorkerError::Arguments);
    }
    // SAFETY: the audit has made the file for this and does not shrink it; it looks at the memory only between batches
    Ok(unsafe { MmapMut::map_mut(&file)? })
}
