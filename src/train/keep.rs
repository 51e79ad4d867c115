//! Runs in a folder: one file of events and, while it is trained, one of its state. A run that was broken off goes on from its last
//! state; one of another build or of other code is trained anew. Parts of an audit that ran on several machines are put together
//! by putting their files into one folder.

use super::event::Event;
use super::plan::Run;
use super::spec::Checkpoint;
use super::{TrainError, digest};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Steps from one state to the next.
const EVERY: usize = 100;

/// A folder of runs, for one build of the program that trains.
#[derive(Debug, Clone)]
pub struct Keep {
    folder: PathBuf,
    build: String,
    /// held for as long as the folder is used: two that write into one folder would spoil each other's runs
    _lock: Arc<File>,
}

/// The first line of a run's file.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Header {
    run: String,
    build: String,
}

/// What a folder has of a run.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) events: Vec<Event>,
    /// whether there is nothing left to be done
    pub(super) done: bool,
}

impl Keep {
    /// A folder, which is made if it is not there, for runs of this program.
    ///
    /// # Errors
    /// If the folder cannot be made or the program cannot be read.
    pub fn new(folder: &Path, program: &Path) -> Result<Self, TrainError> {
        let failed = |path: &Path, error| TrainError::Keep { path: path.to_owned(), error };
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(|error| failed(&path, error))?;
        lock.try_lock()
            .map_err(|error| failed(folder, std::io::Error::other(format!("another call uses it ({error})"))))?;
        let code = std::fs::read(program).map_err(|error| failed(program, error))?;
        Ok(Self { folder: folder.to_owned(), build: digest(&[&code]), _lock: Arc::new(lock) })
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.jsonl"))
    }

    fn state(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.safetensors"))
    }

    /// Where the state of a run is kept.
    pub(super) fn checkpoint(&self, run: &Run) -> Checkpoint {
        Checkpoint { file: self.state(&run.key()), every: EVERY }
    }

    /// What there is of a run. A last line that was cut off is not there.
    pub(super) fn find(&self, run: &Run) -> Kept {
        let key = run.key();
        let Ok(file) = File::open(self.file(&key)) else { return Kept::default() };
        let mut lines = BufReader::new(file).lines().map_while(Result::ok);
        let header = lines.next().and_then(|line| serde_json::from_str::<Header>(&line).ok());
        if header != Some(Header { run: key.clone(), build: self.build.clone() }) {
            // another build's state is of no use either
            let _ = std::fs::remove_file(self.state(&key));
            return Kept::default();
        }
        let events: Vec<Event> = lines.map_while(|line| serde_json::from_str(&line).ok()).collect();
        let steps: Vec<usize> =
            events.iter().filter_map(|e| if let Event::Step(s) = e { Some(s.step) } else { None }).collect();
        if steps.iter().enumerate().any(|(k, step)| k != *step) {
            // a step that is missing or told twice: nothing of it can be trusted
            self.forget(run);
            return Kept::default();
        }
        let all = run.spec.recipe.steps;
        let evaluated = events.iter().any(|event| matches!(event, Event::Evaluated(e) if e.steps == all));
        // a run that stopped because of the machine is tried again; what the run itself is to blame for, it would do again
        let done = match events.last() {
            Some(Event::Finished(_)) => steps.len() == all && evaluated,
            Some(Event::Stopped(stopped)) => stopped.kind == "diverged",
            _ => false,
        };
        Kept { events, done }
    }

    /// Removes what there is of a run.
    pub(super) fn forget(&self, run: &Run) {
        let key = run.key();
        let _ = std::fs::remove_file(self.file(&key));
        let _ = std::fs::remove_file(self.state(&key));
    }

    /// Starts the file of a run with what is known of it so far.
    pub(super) fn start(&self, run: &Run, events: &[Event]) -> Result<Writer, TrainError> {
        let (key, path) = (run.key(), self.file(&run.key()));
        let failed = |error: std::io::Error| TrainError::Keep { path: path.clone(), error };
        let new = path.with_extension("jsonl.new");
        let mut file = File::create(&new).map_err(failed)?;
        let header = Header { run: key, build: self.build.clone() };
        let mut lines = vec![serde_json::to_string(&header)];
        lines.extend(events.iter().map(serde_json::to_string));
        for line in lines {
            let line = line.map_err(|e| failed(e.into()))?;
            writeln!(file, "{line}").map_err(failed)?;
        }
        std::fs::rename(&new, &path).map_err(failed)?;
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        Ok(Writer { file, path })
    }

    /// Removes the state of a run that is done.
    pub(super) fn finished(&self, run: &Run) {
        let _ = std::fs::remove_file(self.state(&run.key()));
    }
}

/// The file of a run while it is trained.
pub(super) struct Writer {
    file: File,
    path: PathBuf,
}

impl Writer {
    pub(super) fn write(&mut self, event: &Event) -> Result<(), TrainError> {
        let failed = |error: std::io::Error| TrainError::Keep { path: self.path.clone(), error };
        let line = serde_json::to_string(event).map_err(|e| failed(e.into()))?;
        writeln!(self.file, "{line}").map_err(failed)
    }
}
