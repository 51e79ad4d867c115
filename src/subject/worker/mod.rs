//! The worker's side: loads a shared library, then answers batches until there are no more commands.
//!
//! The first line on standard input says what to load, each further one is a batch; each gets one line as reply. Foreign
//! code sees an empty standard input and a standard output that goes to standard error, so that it can neither take
//! commands nor spoil replies by accident.

mod environment;
mod library;
mod onnx;

use super::isolate::{GRADIENT, INPUT, OUTPUT, SIZE};
use environment::Environment;
use library::Refusal;
use memmap2::MmapMut;
use onnx::Trouble;
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

/// Code that is ready to answer.
enum Loaded {
    Library(library::Loaded),
    Onnx(onnx::Loaded),
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
    let loaded = match load["models"].is_array() {
        true => onnx::load(&load).map(Loaded::Onnx),
        false => library::load(&load).map(Loaded::Library),
    };
    let by_loading = ours.changes(Environment::read());
    ours.restore();
    let mut loaded = match loaded {
        Ok(loaded) => loaded,
        Err(Refusal { kind, text }) => return Ok(reply(json!({"error": text, "kind": kind}))?),
    };
    reply(match &loaded {
        Loaded::Library(library) => json!({"kernels": library.describe()}),
        Loaded::Onnx(models) => models.describe().clone(),
    })?;
    for command in commands {
        let command: Value = serde_json::from_str(&command?)?;
        let (result, mut changes) = run(&mut loaded, &command, &mut memory, ours);
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

/// One batch: how many outputs the code says that it wrote, and how it left the floating-point environment.
fn run(
    loaded: &mut Loaded,
    command: &Value,
    memory: &mut MmapMut,
    ours: Environment,
) -> (Result<i64, Trouble>, Vec<String>) {
    let number = |key: &str| command[key].as_u64().and_then(|k| usize::try_from(k).ok());
    let no_kernel = || Trouble { kind: "exception", text: format!("no such kernel: {command}") };
    let (Some(index), Some(n)) = (number("kernel"), number("n")) else { return (Err(no_kernel()), vec![]) };
    let back = command["pass"] == "backward";
    let shift = number("shift").unwrap_or(0);
    let result = match loaded {
        Loaded::Library(library) => {
            let base = memory.as_mut_ptr();
            let [x, gradient, y] = [INPUT, GRADIENT, OUTPUT].map(|at| base.wrapping_add(at + shift).cast());
            let kernel = library.kernels.get(index);
            kernel.and_then(|kernel| kernel.call(back, x, gradient, y, n)).ok_or_else(no_kernel)
        }
        Loaded::Onnx(_) if back => Err(no_kernel()),
        Loaded::Onnx(models) => {
            let dtype = command["dtype"].as_str().unwrap_or_default();
            models.call(index, dtype, memory, shift, n).and_then(|n| i64::try_from(n).map_err(|_| no_kernel()))
        }
    };
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
