//! A file of units that are done: an audit of hours that was broken off, by whatever, goes on from there.
//!
//! The file has one JSON object a line. A line is written at once when a unit begins, and another with all its records when it
//! is at its end. Nothing is written over, so that whatever ends the program leaves all lines but the last whole; what was
//! running then is what began and is not done. A unit is known by a hash of all that its records depend on, and by a hash of
//! the program: records of another build are passed over.

use super::plan::{Plan, Unit};
use super::record::Record;
use crate::kernels::Pass;
use crate::subject::torch;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Why units cannot be kept, or taken from where they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file, or that of this program, cannot be read or written.
    #[error("cannot {what} {}: {error}", path.display())]
    File {
        /// read or write
        what: &'static str,
        /// the file
        path: PathBuf,
        /// why
        error: io::Error,
    },
    /// Another run writes to it.
    #[error("{} is in use by another run", .0.display())]
    Busy(PathBuf),
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

/// A line of the file. What only some builds write is not looked into before it is known that this one did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// hash of the program
    build: String,
    /// hash of the unit
    unit: String,
    /// for people: activation, subject, format and pass
    of: String,
    /// none when it begins
    #[serde(default, skip_serializing_if = "Option::is_none")]
    records: Option<Value>,
}

/// Units that are done, in a file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    build: String,
    done: BTreeMap<String, Vec<Record>>,
}

impl Journal {
    /// Opens the file, or makes it, for units of this program. A last line that was not written to its end is cut off.
    ///
    /// # Errors
    /// If the file cannot be read or written, is in use, or is not a journal; then it is left as it is.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |what| move |error| JournalError::File { what, path: path.to_owned(), error };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path).map_err(failed("write"))?;
        file.try_lock().map_err(|_| JournalError::Busy(path.to_owned()))?;
        let mut bytes = vec![];
        file.read_to_end(&mut bytes).map_err(failed("read"))?;
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let bad = |(line, message)| JournalError::Line { path: path.to_owned(), line, message };
        // what ends in the middle of a line and has none before it could be any file
        if whole == 0 && !bytes.is_empty() && !bytes.starts_with(b"{\"build\"") {
            return Err(bad((1, "not a journal of audits".into())));
        }
        let build = build()?;
        let mut done = BTreeMap::new();
        for (k, line) in lines(&bytes[..whole]).map_err(bad)?.into_iter().enumerate() {
            if let Some(records) = line.records.filter(|_| line.build == build) {
                let records = serde_json::from_value(records).map_err(|e| bad((k + 1, e.to_string())))?;
                done.insert(line.unit, records);
            }
        }
        file.set_len(whole as u64).map_err(failed("write"))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file), build, done })
    }

    /// The records of a unit that was done before this was opened.
    pub fn find(&self, key: &str) -> Option<&[Record]> {
        self.done.get(key).map(Vec::as_slice)
    }

    /// A unit begins.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn began(&self, key: &str, of: &str) -> Result<(), JournalError> {
        self.add(key, of, None)
    }

    /// A unit is at its end.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn done(&self, key: &str, of: &str, records: &[Record]) -> Result<(), JournalError> {
        self.add(key, of, Some(serde_json::to_value(records).map_err(|e| self.failed(e.into()))?))
    }

    fn failed(&self, error: io::Error) -> JournalError {
        JournalError::File { what: "write", path: self.path.clone(), error }
    }

    fn add(&self, key: &str, of: &str, records: Option<Value>) -> Result<(), JournalError> {
        let line = Line { build: self.build.clone(), unit: key.to_owned(), of: of.to_owned(), records };
        let mut text = serde_json::to_vec(&line).map_err(|e| self.failed(e.into()))?;
        text.push(b'\n');
        // in one piece, at the end of the file
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text).map_err(|e| self.failed(e))
    }
}

/// The lines of a file; or the number of the first that is none, and what is wrong with it.
fn lines(bytes: &[u8]) -> Result<Vec<Line>, (usize, String)> {
    let lines = bytes.split_inclusive(|b| *b == b'\n').enumerate();
    lines.map(|(k, line)| serde_json::from_slice(line).map_err(|e| (k + 1, e.to_string()))).collect()
}

/// For fuzzing: reads any bytes as such a file. What is read comes out again as it was.
#[doc(hidden)]
pub fn fuzz_journal(data: &[u8]) {
    let write = |line: &Line| serde_json::to_string(line).unwrap_or_default();
    for line in lines(data).unwrap_or_default() {
        let text = write(&line);
        assert_eq!(lines(text.as_bytes()).map(|all| all.iter().map(write).collect()), Ok(vec![text]));
        let records = line.records.and_then(|r| serde_json::from_value::<Vec<Record>>(r).ok());
        if let Some(records) = records {
            let again = serde_json::to_string(&records).map(|text| serde_json::from_str::<Vec<Record>>(&text).ok());
            // NaN is no equal of itself
            assert_eq!(again.ok().flatten().map(|r| format!("{r:?}")), Some(format!("{records:?}")));
        }
    }
}

pub(crate) fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash of this program's own file, read once.
pub(crate) fn build() -> Result<String, JournalError> {
    static BUILD: OnceLock<String> = OnceLock::new();
    if let Some(known) = BUILD.get() {
        return Ok(known.clone());
    }
    // the file that runs, also if another one has its name by now
    let running = PathBuf::from("/proc/self/exe");
    let path = if running.exists() { Ok(running) } else { std::env::current_exe() };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| JournalError::File { what: "read", path, error }
    };
    let path = path.map_err(failed(Path::new("the program")))?;
    let hash = hash_of(&path).map_err(failed(&path))?;
    Ok(BUILD.get_or_init(|| hash).clone())
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hex(hasher.finalize()))
}

/// All that the records of a subject depend on besides the unit: made once for all units of a plan.
pub struct Keys<'a> {
    plan: &'a Plan,
    /// hashes of the files that each subject names
    files: Vec<Vec<(String, String)>>,
}

impl<'a> Keys<'a> {
    /// Reads the files that the subjects of a plan name.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, files: plan.subjects.iter().map(|s| files(&s.name)).collect() }
    }

    /// The hash of a unit of the plan, and its name for people.
    pub fn of(&self, unit: &Unit) -> (String, String) {
        let Plan { activation, options, subjects, .. } = self.plan;
        let (subject, definition) = (&subjects[unit.subject], &activation.definition);
        let allowed = Pass::KNOWN.map(|pass| options.allowed(activation, &subject.name, unit.dtype, pass));
        let code = (&subject.name, &subject.environment, subject.beside, &self.files[unit.subject]);
        let mathematics = (&definition.id, &definition.params, &activation.values, &activation.pieces);
        let look =
            (unit.dtype, unit.pass, unit.inputs, unit.count, options.effort, &options.inputs, options.domain.text());
        let all = format!("{:?}", (code, mathematics, look, &options.checks, allowed));
        let of = format!("{}/{}/{}/{}", definition.id, subject.name, unit.dtype.name(), unit.pass.name());
        (hex(Sha256::digest(all)), of)
    }
}

/// The files that the text of a subject names, with their hashes: libraries, models, tables, modules of Python, the program
/// that calls libtorch. What these read in turn is not seen.
pub(crate) fn files(subject: &str) -> Vec<(String, String)> {
    let parts = || subject.split([':', ',', '#', '=']).filter(|part| !part.is_empty());
    let module = |part: &str| format!("{part}.py");
    let inside = |folder: &str| parts().map(|part| format!("{folder}/{}", module(part))).collect::<Vec<_>>();
    let folders = parts().filter(|part| Path::new(part).is_dir());
    let program = subject.starts_with("torch").then(|| torch::program().ok()).flatten();
    let names = parts().flat_map(|part| [part.to_owned(), module(part)]).chain(folders.flat_map(inside));
    names
        .chain(program.map(|path| path.display().to_string()))
        .filter(|name| Path::new(name).is_file())
        .filter_map(|name| hash_of(Path::new(&name)).ok().map(|hash| (name, hash)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Facts, Input, Options};
    use crate::check::{Policy, Tolerance};
    use crate::expr::FloatFormat;
    use crate::subject;
    use crate::testing;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notes.txt");
        let refused = |text: &str, expected: &str| {
            std::fs::write(&path, text).expect("is written");
            let error = Journal::open(&path).expect_err("is refused").to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(std::fs::read_to_string(&path).expect("is there"), text);
        };
        refused("milk, bread", "notes.txt:1: not a journal of audits; give another file");
        refused("milk\nbread\n", "notes.txt:1: expected value at line 1 column 1");
        let error = Journal::open(folder.path()).expect_err("a folder").to_string();
        assert!(error.starts_with("cannot write"), "{error}");
    }

    #[test]
    fn a_torn_line_is_cut_off_and_other_builds_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let open = || Journal::open(&path).expect("opens");
        let first = open();
        first.began("a", "gelu").expect("is written");
        first.done("a", "gelu", &[]).expect("is written");
        let busy = Journal::open(&path).expect_err("two writers");
        assert!(matches!(busy, JournalError::Busy(_)), "{busy}");
        drop(first);
        let text = std::fs::read_to_string(&path).expect("is there");
        let other = text.replace(&build().expect("a program"), "0123").replace("\"a\"", "\"b\"");
        std::fs::write(&path, format!("{text}{other}{{\"build\":\"torn")).expect("is written");
        let again = open();
        assert_eq!((again.find("a").map(<[Record]>::len), again.find("b")), (Some(0), None));
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), text + &other);
    }

    /// What a unit's records depend on changes its key; the number of threads does not.
    #[test]
    fn keys_tell_questions_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let module = folder.path().join("m.py");
        std::fs::write(&module, "one").expect("is written");
        let key = |id: &str, slope: &str, text: &str, options: &Options| {
            let values: &[(&str, &str)] = if id == "leaky_relu" { &[("a", slope)] } else { &[] };
            let activation = testing::activation_with(id, values);
            let subject = subject::named("native", &activation).expect("a kernel");
            let mut plan = Plan::new(&Facts::new(), &activation, &[&*subject], &[], options).expect("a plan");
            plan.subjects[0].name = text.to_owned();
            Keys::new(&plan).of(&plan.units[0]).0
        };
        let base = Options { dtypes: vec![FloatFormat::F16], jobs: Some(1), ..Options::default() };
        let python = format!("python:{}:f", module.display());
        let with = |change: fn(&mut Options)| {
            let mut options = base.clone();
            change(&mut options);
            options
        };
        let mut keys = vec![
            key("gelu", "", "native", &base),
            key("silu", "", "native", &base),
            key("leaky_relu", "1/10", "native", &base),
            key("leaky_relu", "1/5", "native", &base),
            key("gelu", "", "native:naive", &base),
            key("gelu", "", &python, &base),
            key("gelu", "", "native", &with(|o| o.dtypes = vec![FloatFormat::Bf16])),
            key("gelu", "", "native", &with(|o| o.passes = vec![Pass::Backward])),
            key("gelu", "", "native", &with(|o| o.inputs = Some(vec![Input::Bits(1)]))),
            key("gelu", "", "native", &with(|o| o.max_ulp = Some(3.0))),
            key("gelu", "", "native", &with(|o| o.tolerance = Some(Tolerance { absolute: 1e-3, relative: 0.0 }))),
            key("gelu", "", "native", &with(|o| o.checks = vec!["ulp".into()])),
            key("gelu", "", "native", &with(|o| o.policy = Policy { flush: true, ..Policy::default() })),
        ];
        std::fs::write(&module, "two").expect("is written");
        keys.push(key("gelu", "", &python, &base));
        assert_eq!(BTreeSet::from_iter(&keys).len(), keys.len(), "{keys:#?}");
        assert_eq!(key("gelu", "", "native", &with(|o| o.jobs = Some(7))), keys[0]);
    }

    fn corpus() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/journal");
        let files = std::fs::read_dir(folder).expect("the corpus is there");
        files.map(|entry| std::fs::read(entry.expect("a file").path()).expect("is read")).collect()
    }

    #[test]
    fn the_corpus_is_read() {
        let records =
            |line: Line| line.records.map_or(0, |r| serde_json::from_value::<Vec<Record>>(r).expect("records").len());
        let read = |data: &Vec<u8>| lines(data).expect("lines").into_iter().map(records).sum::<usize>();
        assert!(corpus().iter().map(read).sum::<usize>() > 10);
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
            fuzz_journal(&data);
        }
    }
}
