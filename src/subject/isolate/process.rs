//! A worker process: started with limits, given commands over a pipe, ended when it does not answer.

use super::narrow::Failure;
use super::shared::{SIZE, Shared};
use crate::subject::incident::Kind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, Signal, kill_process_group, setrlimit};
use serde_json::Value;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What foreign code may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// time for one batch
    pub batch: Duration,
    /// time to start: to load libraries, import modules
    pub start: Duration,
    /// bytes of private memory that it may write to, and of memory that it shares
    pub memory: u64,
    /// batches that may fail, in one format and pass, before the rest is not asked any more
    pub failures: u32,
    /// worker processes at a time, at most
    pub workers: usize,
    /// inputs in a batch, at most
    pub length: usize,
}

/// A program that answers batches.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub args: Vec<OsString>,
    /// the first thing that it is told: what to load
    pub load: Value,
    pub limits: Limits,
}

/// Why a worker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It could not be run at all.
    #[error("cannot run {}: {error}", path.display())]
    Run { path: PathBuf, error: io::Error },
    /// It died or hung while it loaded the code.
    #[error("loading failed: {}", .0.text)]
    Died(Failure),
    /// It says why it cannot load the code.
    #[error("{text}")]
    Refused { kind: String, text: String },
}

/// Unless the environment says otherwise, libraries use one thread: workers are as many as there are processors, and
/// where a library cuts an array in parts must not depend on the machine. And the memory of a batch's arrays stays with the
/// process (glibc's allocator): otherwise each batch is given new pages, which takes longer than many kernels.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "268435456"),
    ("OMP_NUM_THREADS", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("RAYON_NUM_THREADS", "1"),
    ("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"),
];

/// A time limit above this is none: adding it to the time of day must not overflow.
const FOREVER: Duration = Duration::from_secs(1 << 32);

/// After so long, and now and then from there on, its memory is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// What a process said is waited for so long, at most.
const LAST_WORDS: Duration = Duration::from_millis(200);

pub struct Worker {
    child: Child,
    commands: ChildStdin,
    replies: ChildStdout,
    unread: Vec<u8>,
    said: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
    pub shared: Shared,
    /// bytes that it may share with others
    memory: u64,
    /// what starting it took
    pub start: Duration,
}

impl Worker {
    /// Starts the program and has it load the code. Gives what it says about the code, too.
    pub fn start(program: &Program) -> Result<(Self, Value), StartError> {
        let begun = Instant::now();
        let run = |error| StartError::Run { path: program.path.clone(), error };
        let shared = Shared::new().map_err(run)?;
        let number = shared.file().as_raw_fd();
        let mut command = Command::new(&program.path);
        command.args(&program.args).arg(number.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.envs(ENVIRONMENT.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()));
        // a group of its own, so that what it starts ends with it
        command.process_group(0);
        let memory = program.limits.memory;
        #[expect(unsafe_code, reason = "limits must be set between fork and exec")]
        // SAFETY: between fork and exec the closure makes system calls only, and allocates nothing. The descriptor is
        // open: `shared` outlives the call of `spawn`.
        unsafe {
            command.pre_exec(move || confine(BorrowedFd::borrow_raw(number), memory));
        }
        let mut child = spawn(command).map_err(run)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(commands), Some(replies), Some(errors)) = pipes else {
            return Err(run(io::Error::other("no pipes")));
        };
        let said = Arc::default();
        let listener = listen(errors, Arc::clone(&said));
        let mut worker =
            Self { child, commands, replies, unread: vec![], said, listener, shared, memory, start: Duration::ZERO };
        let reply = worker.tell(&program.load.to_string(), program.limits.start).map_err(StartError::Died)?;
        if let Some(text) = reply["error"].as_str() {
            let kind = reply["kind"].as_str().unwrap_or_default().to_owned();
            return Err(StartError::Refused { kind, text: text.to_owned() });
        }
        worker.start = begun.elapsed();
        Ok((worker, reply))
    }

    /// Sends a command and waits for the reply. After a failure this worker is not to be used again.
    pub fn tell(&mut self, command: &str, patience: Duration) -> Result<Value, Failure> {
        let deadline = Instant::now() + patience.min(FOREVER);
        let line = format!("{command}\n");
        if self.commands.write_all(line.as_bytes()).is_err() {
            return Err(self.ended(deadline));
        }
        let begun = Instant::now();
        loop {
            // what takes no time takes no memory
            if begun.elapsed() > GLANCE && self.shares_too_much() {
                let text = format!("ended: it has more than {} MiB of shared memory", self.memory >> 20);
                return Err(self.failure(Kind::Signal, text));
            }
            if let Some(end) = self.unread.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                let object = serde_json::from_slice(&line).ok().filter(Value::is_object);
                return object.ok_or_else(|| self.nonsense());
            }
            if self.unread.len() > 1 << 20 {
                return Err(self.nonsense());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if !readable(&self.replies, left.min(2 * GLANCE)) {
                if left > 2 * GLANCE {
                    continue;
                }
                let text = format!("no answer within {} s", patience.as_secs_f64());
                return Err(self.failure(Kind::Hang, text));
            }
            let mut buffer = [0; 4096];
            match self.replies.read(&mut buffer) {
                Ok(0) => return Err(self.ended(deadline)),
                Ok(n) => self.unread.extend(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(self.ended(deadline)),
            }
        }
    }

    /// Whether it has more memory that others could have as well than it may: the system limits its private memory only. The arrays
    /// of batches are no part of it. Nothing is known of it on systems without `/proc`.
    fn shares_too_much(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssShmem:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kilobytes.is_some_and(|k| k << 10 > self.memory.saturating_add(SIZE as u64))
    }

    fn nonsense(&mut self) -> Failure {
        self.failure(Kind::Channel, "something was written to the worker's own channel".into())
    }

    /// What ended the process, given that its end of the pipes is closed.
    fn ended(&mut self, deadline: Instant) -> Failure {
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
                _ => break None,
            }
        };
        let Some(status) = status else {
            return self.failure(Kind::Channel, "the worker's channel was closed, but the process lives on".into());
        };
        let (kind, text) = describe(status);
        self.failure(kind, text)
    }

    fn failure(&mut self, kind: Kind, mut text: String) -> Failure {
        self.end();
        // the last words may still be on their way through the pipe, which some process that left the group may hold open
        let deadline = Instant::now() + LAST_WORDS;
        while !self.listener.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said);
        if let Some(last) = said.lines().map(str::trim).rfind(|line| !line.is_empty()) {
            let shown: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
            text += &format!("; it said: {shown}");
        }
        Failure { kind, text }
    }

    fn end(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // the process itself is not reaped yet, or nobody else has the number of its group
            let _ = kill_process_group(group, Signal::KILL);
        }
        // it may have left its group
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.end();
        }
    }
}

/// In the child: the memory limit, no core files, an end with the parent, and the shared memory.
fn confine(shared: BorrowedFd<'_>, memory: u64) -> io::Result<()> {
    let limit = |n| Rlimit { current: Some(n), maximum: Some(n) };
    // private memory that can be written to; reserving addresses costs nothing, and some runtimes reserve a lot
    setrlimit(Resource::Data, limit(memory))?;
    // 1 and not 0: then a program that collects core files is not started either
    setrlimit(Resource::Core, limit(1))?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::io::fcntl_setfd(shared, rustix::io::FdFlags::empty())?;
    Ok(())
}

/// Starts a process from a thread that never ends: a process ends with the *thread* that started it, and the threads of
/// an audit end with the audit.
fn spawn(command: Command) -> io::Result<Child> {
    type Order = (Command, mpsc::Sender<io::Result<Child>>);
    static STARTER: OnceLock<Mutex<mpsc::Sender<Order>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (orders, todo) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, reply) in todo {
                let _ = reply.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let (reply, child) = mpsc::channel();
    let gone = || io::Error::other("the thread that starts processes is gone");
    starter.lock().unwrap_or_else(PoisonError::into_inner).send((command, reply)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// Keeps the end of what a process says, so that it never has to wait for a reader.
fn listen(mut errors: ChildStderr, said: Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    const KEPT: usize = 4096;
    std::thread::spawn(move || {
        let mut buffer = [0; KEPT];
        while let Ok(n @ 1..) = errors.read(&mut buffer) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend(&buffer[..n]);
            let excess = said.len().saturating_sub(KEPT);
            said.drain(..excess);
        }
    })
}

fn readable(pipe: &ChildStdout, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&left)) {
            Ok(0) => return false,
            Err(rustix::io::Errno::INTR) => {}
            // an error shows itself when the pipe is read
            _ => return true,
        }
    }
}

fn describe(status: ExitStatus) -> (Kind, String) {
    match (status.signal(), status.code()) {
        (Some(signal), _) => (Kind::Signal, format!("killed by {}", signal_name(signal))),
        (None, code) => (Kind::Exit, format!("the process exited with code {}", code.unwrap_or(-1))),
    }
}

fn signal_name(number: i32) -> String {
    let known = [
        (Signal::SEGV, "SIGSEGV (segmentation fault)"),
        (Signal::ABORT, "SIGABRT (abort)"),
        (Signal::FPE, "SIGFPE (arithmetic exception)"),
        (Signal::ILL, "SIGILL (illegal instruction)"),
        (Signal::BUS, "SIGBUS (bus error)"),
        (Signal::KILL, "SIGKILL"),
        (Signal::TERM, "SIGTERM"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::PIPE, "SIGPIPE"),
    ];
    let name = known.into_iter().find(|(signal, _)| signal.as_raw() == number);
    name.map_or_else(|| format!("signal {number}"), |(_, name)| name.to_owned())
}
