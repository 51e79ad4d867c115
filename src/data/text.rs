//! Plain text as bytes, split by position. Files of a folder follow one another, each on a new line.

use super::error::{DataError, Wrong};
use super::read;
use std::path::{Path, PathBuf};

pub(super) const EXPECTED: &str = "text: a .txt file, or a folder of them (also .txt.gz), in the order of their names, beside which only LICENSE, NOTICE and \
                                   README lie";

/// A text: the beginning to train on, the end held out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// called after its file or folder
    pub name: String,
    /// how many files it came from
    pub files: usize,
    /// to train on
    pub train: Vec<u8>,
    /// held out: all that comes after
    pub held_out: Vec<u8>,
}

fn is_text(name: &str) -> bool {
    name.strip_suffix(".gz").unwrap_or(name).ends_with(".txt")
}

/// What may lie beside a text, and is no part of it.
fn is_about(name: &str) -> bool {
    ["LICENSE", "NOTICE", "README"].iter().any(|about| name.to_ascii_uppercase().starts_with(about))
}

/// Of a folder with anything else, none: what is left of another data set, names of classes for example, is no text.
fn files(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    if path.is_file() {
        let text = path.file_name().and_then(|name| name.to_str()).is_some_and(is_text);
        return Ok(if text { vec![path.to_owned()] } else { Vec::new() });
    }
    let names: Vec<String> = read::names(path)?.into_iter().filter(|name| !is_about(name)).collect();
    let all = names.iter().all(|name| is_text(name));
    Ok(names.iter().filter(|_| all).map(|name| path.join(name)).collect())
}

/// Splits bytes so that about this fraction, at the end, is held out. The cut is moved on to the start of a character, if it is UTF-8.
///
/// # Errors
/// If the fraction is not between 0 and 1, or one of the halves would be empty.
pub fn split(mut bytes: Vec<u8>, held_out: f64) -> Result<[Vec<u8>; 2], DataError> {
    if !(held_out > 0.0 && held_out < 1.0) {
        return Err(DataError::Asked(format!("the fraction that is held out is {held_out}, expected between 0 and 1")));
    }
    let mut cut = (bytes.len() as f64 * (1.0 - held_out)) as usize;
    while bytes.get(cut).is_some_and(|byte| byte & 0xc0 == 0x80) {
        cut += 1;
    }
    if cut == 0 || cut >= bytes.len() {
        let length = bytes.len();
        return Err(DataError::Asked(format!(
            "{length} bytes of text, of which a fraction of {held_out} is held out, leave an empty half"
        )));
    }
    let end = bytes.split_off(cut);
    Ok([bytes, end])
}

/// The text in a file or folder; `None` where there is none.
pub(super) fn load(path: &Path, name: &str, held_out: f64) -> Option<Result<Text, DataError>> {
    let files = match files(path) {
        Ok(files) if files.is_empty() => return None,
        Ok(files) => files,
        Err(error) => return Some(Err(error)),
    };
    let all = || {
        let mut bytes = Vec::new();
        for file in &files {
            if bytes.last().is_some_and(|last| *last != b'\n') {
                bytes.push(b'\n');
            }
            bytes.extend(read::bytes(file)?);
            if bytes.len() as u64 > read::LARGEST {
                return Err(Wrong::file(format!("more than {} bytes in all", read::LARGEST)).of(file));
            }
        }
        let [train, held_out] = split(bytes, held_out)?;
        Ok(Text { name: name.into(), files: files.len(), train, held_out })
    };
    Some(all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_joined_and_split() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        assert!(load(at, "mine", 0.1).is_none());
        std::fs::write(at.join("b.txt"), "cdefghi").expect("is written");
        std::fs::write(at.join("a.txt.gz"), read::gzipped(b"ab")).expect("is written");
        std::fs::write(at.join("README.txt"), "not read").expect("is written");
        let text = load(at, "mine", 0.2).expect("is there").expect("is read");
        assert_eq!((text.files, &text.train[..], &text.held_out[..]), (2, &b"ab\ncdefg"[..], &b"hi"[..]));
        let one = load(&at.join("b.txt"), "mine", 0.5).expect("is there").expect("is read");
        assert_eq!((one.files, &one.train[..]), (1, &b"cde"[..]));
        std::fs::write(at.join("c.md"), "not read").expect("is written");
        assert!(load(&at.join("c.md"), "mine", 0.5).is_none());
        assert!(load(at, "mine", 0.5).is_none());
        std::fs::remove_file(at.join("c.md")).expect("is removed");
        for held_out in [0.0, 1.0, -1.0, f64::NAN, 0.999] {
            assert!(load(at, "mine", held_out).expect("is there").is_err(), "{held_out}");
        }
    }

    #[test]
    fn characters_stay_whole() {
        let [train, held] = split("aéz".into(), 0.5).expect("is split");
        assert_eq!((train, held), ("aé".into(), "z".into()));
        // bytes that are no text at all are no reason to fail
        assert!(split(vec![0x80; 4], 0.5).is_err());
        assert!(split(vec![0xff; 4], 0.5).is_ok());
        assert!(split(Vec::new(), 0.5).is_err());
    }
}
