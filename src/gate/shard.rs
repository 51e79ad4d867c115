//! Parts of a gate that run on several machines, and what they find put together again.
//!
//! A part is chosen by hashes of what is looked at, so that it does not depend on the machine, and stays the same when other
//! entries come and go. What a part finds goes into a file; all of them give the report that one run gives.

use super::config::{Asked, Config};
use super::{Found, GateError};
use crate::audit::segment::SEGMENTS;
use crate::audit::{Facts, journal};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The form of the files.
const SCHEMA: &str = "actaudit.shard.v1";

/// Parts into which a gate is divided, at most.
const MOST: u32 = 10_000;

/// One of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// which, from 1
    pub index: u32,
    /// of how many
    pub count: u32,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// `2/7`
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(k, n)| Some((k.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parts {
            Some((index, count)) if (Self { index, count }).is_sound() => Ok(Self { index, count }),
            _ => Err(format!(
                "`{text}` is no part of a whole: expected I/N with I from 1 to N, such as 2/7, and N at most {MOST}"
            )),
        }
    }
}

/// Variables in which systems say which of several jobs this is, how many there are, and what the first is called.
const ENGINES: [(&str, &str, u32); 6] = [
    ("CI_NODE_INDEX", "CI_NODE_TOTAL", 1),
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0),
    ("BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0),
    ("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0),
    ("TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0),
    // Kubernetes does not say how many there are
    ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0),
];

impl Shard {
    /// What the engine of this job says; `read` gives the value of an environment variable.
    ///
    /// # Errors
    /// In words, if no engine says it, or what it says is no part of a whole.
    pub fn of_engine(read: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let found = ENGINES.iter().find_map(|(index, count, first)| Some((read(index)?, read(count)?, *first, *index)));
        let Some((index, count, first, name)) = found else {
            let names: Vec<String> = ENGINES.iter().map(|(index, count, _)| format!("{index} and {count}")).collect();
            return Err(format!("no variable says which job this is: expected {}", names.join(", or ")));
        };
        // the tasks of an array of Slurm may begin anywhere, and leave numbers out
        let slurm = |other: &str, usual: u32| match read(other).filter(|_| name.starts_with("SLURM")) {
            Some(text) => text.parse().map_err(|_| format!("{other} is `{text}`: expected a number")),
            None => Ok(usual),
        };
        let (first, step) = (slurm("SLURM_ARRAY_TASK_MIN", first)?, slurm("SLURM_ARRAY_TASK_STEP", 1)?);
        let place = |index: u32| {
            let beyond = index.checked_sub(first)?;
            (step > 0 && beyond.is_multiple_of(step)).then(|| beyond / step)?.checked_add(1)
        };
        let place = index.parse().ok().and_then(place);
        let place = place.ok_or_else(|| format!("{name} is `{index}`: no job of an array that begins with {first}"))?;
        format!("{place}/{count}").parse().map_err(|error| format!("{name}: {error}"))
    }

    const fn is_sound(self) -> bool {
        1 <= self.index && self.index <= self.count && self.count <= MOST
    }

    /// Whether a unit of this name is one of this part.
    fn has(self, name: &str) -> bool {
        let digest = Sha256::digest(name);
        let first = digest.iter().take(8).fold(0, |hash: u64, byte| hash << 8 | u64::from(*byte));
        // the product's upper half: every residue is as likely as the others
        (u128::from(first) * u128::from(self.count)) >> 64 == u128::from(self.index - 1)
    }

    /// Whether a format and pass of an entry are of this part.
    pub(super) fn looks_at(self, asked: &Asked, dtype: FloatFormat, pass: Pass) -> bool {
        self.has(&name(asked, dtype, pass))
    }

    /// The segments of a sweep that are of this part.
    pub(super) fn segments(self, asked: &Asked, dtype: FloatFormat, pass: Pass) -> Vec<u32> {
        let name = name(asked, dtype, pass);
        (0..SEGMENTS).filter(|k| self.has(&format!("{name}/{k}"))).collect()
    }
}

/// What a format and pass of an entry are called.
fn name(asked: &Asked, dtype: FloatFormat, pass: Pass) -> String {
    format!("{}/{}/{}/{}", asked.label(), asked.subject, dtype.name(), pass.name())
}

/// A file of what one part found.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: String,
    /// hash of the configuration and the program
    plan: String,
    shard: Shard,
    /// hash of what follows: a file that was changed is no file of a part
    digest: String,
    /// entry by entry
    found: Vec<Found>,
}

/// Whether a text looks like the file of a part, of whichever gate.
pub fn is_part(text: &str) -> bool {
    text.starts_with("{\"schema\":\"actaudit.shard")
}

/// What the results of a gate depend on, in a hash: parts of others are not put together.
///
/// # Errors
/// If this program's own file cannot be read.
fn plan(config: &Config) -> Result<String, GateError> {
    let asked = format!("{:?}", (&config.audits, &config.expected, &config.claims, &config.baseline));
    let build = journal::build()?;
    Ok(journal::hex(Sha256::digest(format!("{build} {asked}"))))
}

/// A hash of what one part found.
fn digest(shard: Shard, found: &[Found]) -> Result<String, GateError> {
    let text = serde_json::to_string(&(shard, found)).map_err(|e| GateError::Shard(e.to_string()))?;
    Ok(journal::hex(Sha256::digest(text)))
}

/// What one part found, as the text of a file.
///
/// # Errors
/// If this program's own file cannot be read.
pub fn write(config: &Config, shard: Shard, found: Vec<Found>) -> Result<String, GateError> {
    let digest = digest(shard, &found)?;
    let written = Written { schema: SCHEMA.into(), plan: plan(config)?, shard, digest, found };
    serde_json::to_string(&written).map(|text| text + "\n").map_err(|e| GateError::Shard(e.to_string()))
}

/// Puts parts together: the texts of all of them, with their names.
///
/// # Errors
/// If a text is no such file, is of another configuration or program, or parts are missing or there twice.
pub fn merge(config: &Config, parts: &[(String, String)], facts: &Facts) -> Result<Vec<Found>, GateError> {
    let plan = plan(config)?;
    let wrong = |message: String| Err(GateError::Shard(message));
    let mut taken: Vec<Option<(&Path, Vec<Found>)>> = vec![];
    for (name, text) in parts {
        let written: Written = match serde_json::from_str(text) {
            Ok(written) => written,
            Err(e) => return wrong(format!("{name}: not a file of a part: {e}")),
        };
        let Shard { index, count } = written.shard;
        let sound = written.shard.is_sound() && written.found.len() == config.audits.len();
        match () {
            () if written.schema != SCHEMA => {
                return wrong(format!("{name}: the schema is `{}`, expected {SCHEMA}", written.schema));
            }
            () if written.plan != plan => {
                let text = "is of another configuration, or of another build of this program: run all parts again";
                return wrong(format!("{name}: {text}"));
            }
            () if digest(written.shard, &written.found)? != written.digest => {
                return wrong(format!("{name}: it was changed after it was written"));
            }
            () if !sound => return wrong(format!("{name}: not a file of a part of this configuration")),
            () if taken.is_empty() => taken.resize_with(count as usize, || None),
            () if taken.len() != count as usize => {
                return wrong(format!("{name}: part {index} of {count}, and others are of {}", taken.len()));
            }
            () => {}
        }
        let place = &mut taken[index as usize - 1];
        if let Some((other, _)) = place {
            return wrong(format!("{name}: part {index} of {count} is in {} already", other.display()));
        }
        *place = Some((Path::new(name), written.found));
    }
    let missing: Vec<String> =
        (1..).zip(&taken).filter(|(_, part)| part.is_none()).map(|(k, _): (usize, _)| k.to_string()).collect();
    if parts.is_empty() || !missing.is_empty() {
        return wrong(format!("of {} parts these are missing: {}", taken.len(), missing.join(", ")));
    }
    let mut all: Vec<Found> = config.audits.iter().map(|_| Found::default()).collect();
    for (name, found) in taken.into_iter().flatten() {
        for ((all, part), asked) in all.iter_mut().zip(found).zip(&config.audits) {
            let other = |all: &Found| !all.files.is_empty() && !part.files.is_empty() && all.files != part.files;
            if other(all)
                || all.environment.is_some() && part.environment.is_some() && all.environment != part.environment
            {
                let text = "another part audited other code, or code in another environment: run all parts again";
                return wrong(format!("{}: {}: {text}", name.display(), asked.subject));
            }
            all.add(part);
        }
    }
    for (found, asked) in all.iter_mut().zip(&config.audits) {
        let cannot = |error| GateError::Shard(format!("{} against {}: {error}", asked.subject, asked.label()));
        found.join_sweeps(asked, facts).map_err(cannot)?;
        found.put_in_order(asked);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_of_exactly_one_part() {
        for count in [1, 2, 7] {
            let mut sizes = vec![0; count as usize];
            for k in 0..700 {
                let of: Vec<u32> =
                    (1..=count).filter(|index| Shard { index: *index, count }.has(&format!("unit {k}"))).collect();
                assert_eq!(of.len(), 1);
                sizes[of[0] as usize - 1] += 1;
            }
            assert!(sizes.iter().all(|size| size * count * 2 > 700), "{sizes:?}");
        }
    }

    /// Each segment of a sweep is of one part, and the part is not the same for all.
    #[test]
    fn every_segment_is_of_exactly_one_part() {
        let text = "[[audit]]\nactivation = \"relu\"\nsubject = \"native\"\n";
        let config = Config::read(text, "actaudit.toml", &|_| Err("no file".into())).expect("a configuration");
        let of = |index, count| Shard { index, count }.segments(&config.audits[0], FloatFormat::F32, Pass::Forward);
        assert_eq!(of(1, 1), (0..SEGMENTS).collect::<Vec<_>>());
        let mut all: Vec<u32> = (1..=3).flat_map(|index| of(index, 3)).collect();
        assert!(of(1, 3).len() < 16);
        all.sort_unstable();
        assert_eq!(all, of(1, 1));
    }

    /// Parts that ran other code, or were changed afterwards, are not put together.
    #[test]
    fn parts_of_other_code_are_refused() {
        let text = "[[audit]]\nactivation = \"relu\"\nsubject = \"native\"\n";
        let config = Config::read(text, "actaudit.toml", &|_| Err("no file".into())).expect("a configuration");
        let part = |index, hash: &str| {
            let found = Found { files: vec![("lib.so".into(), hash.into())], ..Found::default() };
            (format!("{index}"), write(&config, Shard { index, count: 2 }, vec![found]).expect("a file"))
        };
        assert!(merge(&config, &[part(1, "a"), part(2, "a")], &Facts::new()).is_ok());
        let error = merge(&config, &[part(1, "a"), part(2, "b")], &Facts::new()).expect_err("other code").to_string();
        assert!(error.contains("another part audited other code"), "{error}");
        let (name, text) = part(1, "a");
        let edited = (name, text.replace("\"partial\":false", "\"partial\":true"));
        let error = merge(&config, &[edited, part(2, "a")], &Facts::new()).expect_err("edited").to_string();
        assert!(error.contains("it was changed after it was written"), "{error}");
    }

    #[test]
    fn parts_are_read_and_engines_are_asked() {
        assert_eq!("2/7".parse(), Ok(Shard { index: 2, count: 7 }));
        for text in ["", "0/7", "8/7", "2", "a/b", "2/7/9", "1/10001", "1/4294967295"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        let engine = |known: &[(&str, &str)]| {
            let known: Vec<(String, String)> = known.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            Shard::of_engine(&move |name| known.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()))
        };
        let of = |index, count| Ok(Shard { index, count });
        assert_eq!(engine(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "7")]), of(2, 7));
        assert_eq!(engine(&[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "7")]), of(1, 7));
        let slurm = [("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_ARRAY_TASK_MIN", "1")];
        assert_eq!(engine(&slurm), of(3, 3));
        // 1-5:2
        let odd = |id| {
            let rest = [("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_STEP", "2")];
            engine(&[&[("SLURM_ARRAY_TASK_ID", id)][..], &rest].concat())
        };
        assert_eq!([odd("1"), odd("5")], [of(1, 3), of(3, 3)]);
        assert!(odd("2").is_err() && odd("0").is_err());
        assert!(engine(&[]).is_err_and(|e| e.contains("JOB_COMPLETION_INDEX")));
        assert!(engine(&[("CI_NODE_INDEX", "9"), ("CI_NODE_TOTAL", "7")]).is_err_and(|e| e.contains("CI_NODE_INDEX")));
    }
}
