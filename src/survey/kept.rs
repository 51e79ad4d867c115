//! Audits that are done, in a file: a survey takes hours, and one that was broken off goes on from there.
//!
//! The file has one JSON object a line, written when its audit is done. Nothing is written over, so that whatever ends the
//! program leaves all lines but the last whole.

use super::Audited;
use crate::audit::Options;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Why audits cannot be kept, or taken from where they were.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The file cannot be read or written.
    #[error("cannot {what} {}: {error}", path.display())]
    File {
        /// read or write
        what: &'static str,
        /// the file
        path: PathBuf,
        /// why
        error: io::Error,
    },
    /// The file has something else in it.
    #[error("{}:{line}: {message}; give another file, or remove this one to begin anew", path.display())]
    Line {
        /// the file
        path: PathBuf,
        /// counted from 1
        line: usize,
        /// what the parser says
        message: String,
    },
}

/// What was asked, and of what. An audit stands for another only if all of this is the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// of actaudit
    version: String,
    activation: String,
    implementation: String,
    subject: String,
    /// all of them but the number of threads, in the form of `Debug`, so that none can be forgotten here
    options: String,
    /// what the answers depend on, as the subject says it
    environment: Option<String>,
}

impl Question {
    /// What `audited` answers.
    pub fn new(audited: &Audited, options: &Options, environment: Option<String>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            activation: audited.activation.clone(),
            implementation: audited.implementation.clone(),
            subject: audited.subject.clone(),
            options: format!("{:?}", Options { jobs: None, ..options.clone() }),
            environment,
        }
    }
}

/// A line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    question: Question,
    audited: Audited,
}

/// A file of audits that are done.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    file: Mutex<File>,
    records: Vec<Record>,
}

impl Kept {
    /// Opens the file, or makes it. A last line that was not written to its end is cut off.
    pub fn open(path: &Path) -> Result<Self, KeptError> {
        let failed = |what| move |error| KeptError::File { what, path: path.to_owned(), error };
        let bytes = match std::fs::read(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => vec![],
            other => other.map_err(failed("read"))?,
        };
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let bad = |(line, message)| KeptError::Line { path: path.to_owned(), line, message };
        // what ends in the middle of a line and has none before it could be any file
        if whole == 0 && !bytes.is_empty() && !bytes.starts_with(b"{\"question\"") {
            return Err(bad((1, "not a finished audit".into())));
        }
        let records = records(&bytes[..whole]).map_err(bad)?;
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(failed("write"))?;
        file.set_len(whole as u64).map_err(failed("write"))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file), records })
    }

    /// The audit that answered this question.
    pub(super) fn find(&self, question: &Question) -> Option<&Audited> {
        self.records.iter().find(|r| r.question == *question).map(|r| &r.audited)
    }

    /// Keeps an audit.
    pub(super) fn add(&self, question: Question, audited: &Audited) -> Result<(), KeptError> {
        let failed = |error| KeptError::File { what: "write", path: self.path.clone(), error };
        let record = Record { question, audited: audited.clone() };
        let mut line = serde_json::to_vec(&record).map_err(|e| failed(e.into()))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(&line).map_err(failed)
    }
}

/// The lines of a file; or the number of the first that is none, and what is wrong with it.
fn records(bytes: &[u8]) -> Result<Vec<Record>, (usize, String)> {
    let lines = bytes.split_inclusive(|b| *b == b'\n').enumerate();
    lines.map(|(k, line)| serde_json::from_slice(line).map_err(|e| (k + 1, e.to_string()))).collect()
}

/// For fuzzing: reads any bytes as such a file. What is read comes out again as it was.
#[doc(hidden)]
pub fn fuzz_kept(data: &[u8]) {
    let write = |r: &Record| serde_json::to_string(r).unwrap_or_default();
    for record in records(data).unwrap_or_default() {
        let line = write(&record);
        let again = records(line.as_bytes());
        assert_eq!(again.map(|all| all.iter().map(write).collect()), Ok(vec![line]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Effort, Facts, Progress};
    use crate::expr::FloatFormat;
    use crate::survey::{Plan, Survey};
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const PLAN: &str = "title = 'two'\n[[implementation]]\nname = 'ours'\nsubject = 'native'\n\
                        activations = ['gelu', 'relu', 'tanh']\n";

    /// The survey, and how many audits it ran: no more than `most`.
    fn survey(kept: &Kept, dtype: FloatFormat, most: usize) -> (String, usize) {
        let plan = Plan::read(PLAN, "plan").expect("a plan");
        let options = Options { dtypes: vec![dtype], effort: Effort::Quick, jobs: Some(1), ..Options::default() };
        let (begun, ran) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        let started = |_: &str| {
            begun.fetch_add(1, Ordering::Relaxed);
        };
        // asked within audits only
        let watch = |_: Progress| {
            ran.fetch_min(begun.load(Ordering::Relaxed), Ordering::Relaxed);
            begun.load(Ordering::Relaxed) <= most
        };
        let survey = Survey::run(&plan, &options, &Facts::new(), Some(kept), &watch, &started).expect("a survey");
        (serde_json::to_string(&survey).expect("JSON"), ran.into_inner())
    }

    #[test]
    fn a_survey_goes_on_where_it_broke_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kept.jsonl");
        let lines = || std::fs::read_to_string(&path).expect("a file").lines().count();
        // broken off in the second audit
        let (text, _) = survey(&Kept::open(&path).expect("is made"), FloatFormat::F16, 1);
        assert!(text.contains("\"partial\":true"));
        assert_eq!(lines(), 1);
        // cut off in the middle of a line
        let half = std::fs::read_to_string(&path).expect("a file").repeat(2);
        std::fs::write(&path, &half[..half.len() - 9]).expect("is written");
        let (whole, first) = survey(&Kept::open(&path).expect("is read"), FloatFormat::F16, 9);
        assert_eq!((first, lines()), (2, 3));
        // nothing is left to do, and the report is the same; as is that of a survey that keeps nothing
        let (again, first) = survey(&Kept::open(&path).expect("is read"), FloatFormat::F16, 9);
        assert_eq!((&again, first), (&whole, usize::MAX));
        let afresh = Kept::open(&folder.path().join("other")).expect("is made");
        assert_eq!(survey(&afresh, FloatFormat::F16, 9).0, whole);
        // another question
        assert_eq!(survey(&Kept::open(&path).expect("is read"), FloatFormat::Bf16, 9).1, 1);
        assert_eq!(lines(), 6);
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notes.txt");
        let refused = |text: &str, expected: &str| {
            std::fs::write(&path, text).expect("is written");
            let error = Kept::open(&path).expect_err("is refused").to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(std::fs::read_to_string(&path).expect("is there"), text);
        };
        refused("milk, bread", "notes.txt:1: not a finished audit; give another file");
        refused("milk\nbread\n", "notes.txt:1: expected value at line 1 column 1");
        let error = Kept::open(folder.path()).expect_err("a folder").to_string();
        assert!(error.starts_with("cannot read"), "{error}");
    }

    fn corpus() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/kept");
        let files = std::fs::read_dir(folder).expect("the corpus is there");
        files.map(|entry| std::fs::read(entry.expect("a file").path()).expect("is read")).collect()
    }

    #[test]
    fn the_corpus_is_read() {
        assert!(corpus().iter().all(|data| records(data).is_ok_and(|all| !all.is_empty())));
    }

    proptest! {
        #[test]
        fn damaged_files_obey_the_law(
            data in prop::sample::select(corpus()),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut data = data;
            for (at, byte) in edits {
                let at = at.index(data.len());
                data[at] = byte;
            }
            fuzz_kept(&data);
        }
    }
}
