//! Figures that were accepted, and figures that wait for it: two files, side by side, that belong into version control.

use super::config::fits;
use crate::audit::{Look, Record};
use crate::check::PROBES;
use crate::verdict::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The form of the files.
const SCHEMA: &str = "actaudit.baseline.v1";

/// Why accepted figures cannot be had or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
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
    #[error("{}: {message}", path.display())]
    Form {
        /// the file
        path: PathBuf,
        /// what is wrong
        message: String,
    },
}

/// Why a figure is worse whose measure is.
pub const LARGER: &str = "the measure is larger";

/// What a check measured. It is the same for the same code, bit by bit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// the answer
    pub verdict: Verdict,
    /// lower and upper end of the measure's enclosure: decimal, as many digits as give the f64 back
    pub measured: [String; 2],
    /// inputs that were compared
    pub compared: u64,
    /// inputs that fail
    pub failing: u64,
}

/// Figures by their keys: what was measured, of what, on which inputs, and what else changes bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// accepted
    pub figures: BTreeMap<String, Figure>,
}

/// A file as written. A figure that is `null` waits to be removed.
#[derive(Serialize, JsonSchema, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: String,
    figures: BTreeMap<String, Option<Figure>>,
}

/// How a figure is against the accepted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// none was accepted for this code, these inputs and this environment
    New,
    /// the same
    Unchanged,
    /// certainly smaller, or fewer inputs fail
    Better,
    /// certainly larger, or more inputs fail
    Worse,
}

impl Figure {
    /// Of a record.
    pub fn of(record: &Record) -> Self {
        let text = |value: f64| format!("{value:?}");
        Self {
            verdict: record.verdict,
            measured: record.measured.map(text),
            compared: record.compared,
            failing: record.failing,
        }
    }

    /// The ends of the enclosure of the measure.
    pub fn ends(&self) -> [f64; 2] {
        [0, 1].map(|k| self.measured[k].parse().unwrap_or(f64::NAN))
    }

    /// How this one is against an accepted one of the same check. Of a check that goes where the code leads it, the numbers of inputs
    /// say nothing.
    pub fn against(&self, accepted: &Self, check: &str) -> Change {
        let ([lo, hi], [was_lo, was_hi], counts) = (self.ends(), accepted.ends(), counts(check));
        let (failing, compared) = (self.failing.cmp(&accepted.failing), self.compared.cmp(&accepted.compared));
        match () {
            () if lo > was_hi || counts && (failing.is_gt() || compared.is_lt()) => Change::Worse,
            () if hi < was_lo || counts && (failing.is_lt() || compared.is_gt()) => Change::Better,
            () => Change::Unchanged,
        }
    }

    /// In what it is worse than an accepted one, in words.
    pub fn worse_than(&self, accepted: &Self, check: &str) -> Option<&'static str> {
        match () {
            () if self.ends()[0] > accepted.ends()[1] => Some(LARGER),
            () if !counts(check) => None,
            () if self.failing > accepted.failing => Some("more inputs fail"),
            () if self.compared < accepted.compared => Some("fewer inputs were compared"),
            () => None,
        }
    }

    /// Whether it can be the figure of a check.
    fn is_sound(&self) -> bool {
        let [lo, hi] = self.ends();
        0.0 <= lo && lo <= hi
    }
}

/// Whether a check looks at as many inputs whatever the code answers, so that their numbers can be compared.
fn counts(check: &str) -> bool {
    PROBES.iter().all(|probe| probe.info.id != check || !probe.follows)
}

/// The check that a key is about.
pub fn check_of(key: &str) -> &str {
    let id = key.rsplit_once(" [").map_or(key, |(id, _)| id);
    id.rsplit_once('/').map_or(id, |(_, check)| check)
}

/// The key of a figure: the result's id, which inputs were looked at, and what its bits depend on besides the code.
pub fn key(id: &str, inputs: Look, count: u64, environment: Option<&str>) -> String {
    let inputs = format!("{} {count}", inputs.name());
    // the last ` [` begins the part in brackets, whatever the id is
    let environment = environment.map(|text| text.replace(" [", "["));
    format!(
        "{id} [{}]",
        [Some(inputs.as_str()), environment.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("; ")
    )
}

/// The part of a key in brackets: the inputs, and what the bits depend on.
fn place(key: &str) -> Option<&str> {
    key.rsplit_once(" [").map(|(_, place)| place)
}

/// Where figures wait that are not accepted yet.
pub fn pending(accepted: &Path) -> PathBuf {
    accepted.with_extension("pending.json")
}

fn read(path: &Path) -> Result<BTreeMap<String, Option<Figure>>, BaselineError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(BaselineError::File { what: "read", path: path.to_owned(), error }),
    };
    let form = |message: String| BaselineError::Form { path: path.to_owned(), message };
    let written: Written = serde_json::from_str(&text).map_err(|e| form(e.to_string()))?;
    if let Some((key, _)) = written.figures.iter().find(|(_, figure)| figure.as_ref().is_some_and(|f| !f.is_sound())) {
        return Err(form(format!(
            "`{key}`: the ends of a measure are numbers that are not negative, the lower one first"
        )));
    }
    match written.schema == SCHEMA {
        true => Ok(written.figures),
        false => Err(form(format!("the schema is `{}`, expected {SCHEMA}", written.schema))),
    }
}

/// Writes a whole file or none: beside it, then by one rename.
fn write(path: &Path, figures: BTreeMap<String, Option<Figure>>) -> Result<(), BaselineError> {
    let failed = |error| BaselineError::File { what: "write", path: path.to_owned(), error };
    let written = Written { schema: SCHEMA.into(), figures };
    let text = serde_json::to_string_pretty(&written).map_err(|e| failed(e.into()))? + "\n";
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let all = || {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    all().map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

impl Baseline {
    /// Reads accepted figures; there are none where there is no file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not of this form.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let form = |message: String| BaselineError::Form { path: path.to_owned(), message };
        let accepted = |(key, figure): (String, Option<Figure>)| {
            let figure = figure.ok_or_else(|| form(format!("`{key}` has no figure")))?;
            Ok((key, figure))
        };
        Ok(Self { figures: read(path)?.into_iter().map(accepted).collect::<Result<_, _>>()? })
    }

    /// Writes what differs from the accepted figures to the file where it waits: new figures, changed ones, and, if `whole` says
    /// that all code was there and audited, those that are there no longer. What waits there already is replaced. Gives their
    /// number.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn bless(&self, path: &Path, found: &BTreeMap<String, Figure>, whole: bool) -> Result<usize, BaselineError> {
        let mut waiting: BTreeMap<String, Option<Figure>> = BTreeMap::new();
        // an enclosure that is another one, and no other figure as far as is known, is no news
        let news = |key: &str, was: &Figure, is: &Figure| {
            was.verdict != is.verdict || is.against(was, check_of(key)) != Change::Unchanged
        };
        let changed = found.iter().filter(|(key, is)| self.figures.get(*key).is_none_or(|was| news(key, was, is)));
        waiting.extend(changed.map(|(key, figure)| (key.clone(), Some(figure.clone()))));
        // of another environment or other inputs, an accepted figure stays
        let places: Vec<&str> = found.keys().filter_map(|key| place(key)).collect();
        let gone = |key: &&String| !found.contains_key(*key) && place(key).is_some_and(|place| places.contains(&place));
        waiting.extend(self.figures.keys().filter(|key| whole && gone(key)).map(|key| (key.clone(), None)));
        let (path, count) = (pending(path), waiting.len());
        match count {
            0 if !path.exists() => Ok(0),
            0 => fs::remove_file(&path).map(|()| 0).map_err(|error| BaselineError::File { what: "write", path, error }),
            _ => write(&path, waiting).map(|()| count),
        }
    }
}

/// One figure that waits: the accepted one, if there is one, and the new one, if it is not to be removed.
pub type Waiting = (String, Option<Figure>, Option<Figure>);

/// Figures that wait to be accepted.
///
/// # Errors
/// If a file cannot be read, or is not of this form.
pub fn waiting(path: &Path) -> Result<Vec<Waiting>, BaselineError> {
    let mut accepted = Baseline::read(path)?.figures;
    Ok(read(&pending(path))?.into_iter().map(|(key, new)| (key.clone(), accepted.remove(&key), new)).collect())
}

/// Accepts the figures that wait whose keys fit one of the patterns (`*` stands for any text); a pattern without the part in
/// brackets fits whatever stands there. Gives what was accepted.
///
/// # Errors
/// If a file cannot be read or written, or is not of this form.
pub fn accept(path: &Path, patterns: &[String]) -> Result<Vec<Waiting>, BaselineError> {
    take(path, &|(key, ..)| {
        let id = key.rsplit_once(" [").map_or(key.as_str(), |(id, _)| id);
        patterns.iter().any(|pattern| fits(pattern, key) || fits(pattern, id))
    })
}

/// Accepts figures that somebody has looked at, as far as they still wait as they were. Gives what was accepted.
///
/// # Errors
/// As [`accept`].
pub fn accept_seen(path: &Path, seen: &[Waiting]) -> Result<Vec<Waiting>, BaselineError> {
    take(path, &|row| seen.contains(row))
}

fn take(path: &Path, wanted: &dyn Fn(&Waiting) -> bool) -> Result<Vec<Waiting>, BaselineError> {
    let (taken, left): (Vec<_>, Vec<_>) = waiting(path)?.into_iter().partition(|row| wanted(row));
    if taken.is_empty() {
        return Ok(taken);
    }
    let mut accepted = Baseline::read(path)?.figures;
    for (key, _, new) in &taken {
        match new {
            Some(figure) => accepted.insert(key.clone(), figure.clone()),
            None => accepted.remove(key),
        };
    }
    write(path, accepted.into_iter().map(|(key, figure)| (key, Some(figure))).collect())?;
    let waits = pending(path);
    match left.is_empty() {
        true => fs::remove_file(&waits).map_err(|error| BaselineError::File { what: "write", path: waits, error })?,
        false => write(&waits, left.into_iter().map(|(key, _, new)| (key, new)).collect())?,
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(lo: &str, hi: &str, failing: u64) -> Figure {
        Figure { verdict: Verdict::Within, measured: [lo.into(), hi.into()], compared: 10, failing }
    }

    #[test]
    fn only_what_is_certain_is_a_change() {
        let accepted = figure("1.0", "1.5", 3);
        for (new, change) in [
            (figure("1.0", "1.5", 3), Change::Unchanged),
            (figure("1.2", "1.7", 3), Change::Unchanged),
            (figure("1.6", "1.7", 3), Change::Worse),
            (figure("0.5", "0.9", 3), Change::Better),
            (figure("0.5", "0.9", 4), Change::Worse),
            (figure("1.0", "1.5", 2), Change::Better),
            (figure("inf", "inf", 3), Change::Worse),
        ] {
            assert_eq!(new.against(&accepted, "ulp"), change, "{new:?}");
        }
        // the same, of fewer inputs
        let fewer = Figure { compared: 9, ..accepted.clone() };
        assert_eq!(
            (fewer.against(&accepted, "ulp"), fewer.worse_than(&accepted, "ulp")),
            (Change::Worse, Some("fewer inputs were compared"))
        );
        // which inputs it asks for depends on the code
        let other = Figure { compared: 9, failing: 4, ..accepted.clone() };
        assert_eq!(
            (other.against(&accepted, "bisect"), other.worse_than(&accepted, "bisect")),
            (Change::Unchanged, None)
        );
        // of other probes they count, as of all checks
        assert_eq!(other.worse_than(&accepted, "gradient"), Some("more inputs fail"));
        assert_eq!(check_of("relu/lib:a/b.so:f/f32/forward/bisect [quick 5; x]"), "bisect");
    }

    #[test]
    fn figures_wait_until_they_are_accepted_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("golden/own.json");
        let found = BTreeMap::from([
            ("a/native/f16/forward/ulp [exhaustive 65536]".to_owned(), figure("1.0", "1.0", 0)),
            ("b/native/f16/forward/ulp [exhaustive 65536; libtorch 2]".to_owned(), figure("2.0", "2.0", 0)),
        ]);
        let none = Baseline::read(&path).expect("no file is no figures");
        assert_eq!(none.bless(&path, &found, true).expect("written"), 2);
        assert!(!path.exists(), "nothing is accepted by itself");
        assert_eq!(accept(&path, &["c/*".into()]).expect("read").len(), 0);
        assert_eq!(accept(&path, &["a/native/f16/forward/ulp".into()]).expect("written").len(), 1);
        assert_eq!(Baseline::read(&path).expect("written").figures.len(), 1);
        assert_eq!(waiting(&path).expect("read").len(), 1);
        assert_eq!(accept(&path, &["*".into()]).expect("written").len(), 1);
        assert!(!pending(&path).exists());
        // an enclosure of the same figure is not news
        let looser = BTreeMap::from([("a".to_owned(), figure("1.0", "1.5", 0))]);
        let tighter = BTreeMap::from([("a".to_owned(), figure("1.2", "1.5", 0))]);
        assert_eq!(Baseline { figures: looser }.bless(&path, &tighter, false).expect("nothing to write"), 0);
        // nothing changed: nothing waits; and what is there no longer waits to be removed, but not that of another environment
        let accepted = Baseline::read(&path).expect("written");
        assert_eq!(accepted.figures, found);
        assert_eq!(accepted.bless(&path, &found, true).expect("nothing to write"), 0);
        let less = BTreeMap::from([("c [exhaustive 65536]".to_owned(), figure("0.0", "0.0", 0))]);
        assert_eq!(accepted.bless(&path, &less, false).expect("written"), 1);
        assert_eq!(accepted.bless(&path, &less, true).expect("written"), 2);
        let waits = waiting(&path).expect("read");
        assert!(
            matches!(&waits[..], [(a, Some(_), None), (c, None, Some(_))] if a.starts_with('a') && c.starts_with('c'))
        );
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("own.json");
        for (text, part) in [
            ("milk", "expected value"),
            ("{\"schema\": \"x\", \"figures\": {}}", "the schema is `x`, expected actaudit.baseline.v1"),
            ("{\"schema\": \"actaudit.baseline.v1\", \"figures\": {\"a\": null}}", "`a` has no figure"),
            (
                "{\"schema\": \"actaudit.baseline.v1\", \"figures\": {\"a\": {\"verdict\": \"within\", \"measured\": \
                 [\"NaN\", \"NaN\"], \"compared\": 1, \"failing\": 0}}}",
                "`a`: the ends of a measure are numbers",
            ),
        ] {
            fs::write(&path, text).expect("written");
            let error = Baseline::read(&path).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
