//! Why data cannot be used.

use std::path::{Path, PathBuf};

/// Why a folder or file of data cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// which one
        path: PathBuf,
        /// why
        error: std::io::Error,
    },
    /// A file is not what its name says; for compressed files the place is in what is inside.
    #[error("{}: {at}: {why}", path.display())]
    Format {
        /// which file
        path: PathBuf,
        /// where in it
        at: At,
        /// what is wrong there
        why: String,
    },
    /// Nothing that is known lies in a folder.
    #[error("{}: {why}\n{expected}", path.display())]
    NotFound {
        /// which folder
        path: PathBuf,
        /// what was missed
        why: String,
        /// which files are expected, for every format
        expected: String,
    },
    /// What was asked for is impossible.
    #[error("{0}")]
    Asked(String),
}

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    /// offset in bytes, from 0
    Byte(u64),
    /// number of a line, from 1
    Line(usize),
    /// the file as such
    File,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::File => write!(f, "the file"),
        }
    }
}

/// What a parser of bytes finds wrong with them; the name of the file is added by who read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    pub at: At,
    pub why: String,
}

impl Wrong {
    pub fn byte(offset: usize, why: impl Into<String>) -> Self {
        Self { at: At::Byte(offset as u64), why: why.into() }
    }

    pub fn line(line: usize, why: impl Into<String>) -> Self {
        Self { at: At::Line(line), why: why.into() }
    }

    pub fn file(why: impl Into<String>) -> Self {
        Self { at: At::File, why: why.into() }
    }

    pub fn of(self, path: &Path) -> DataError {
        DataError::Format { path: path.to_owned(), at: self.at, why: self.why }
    }
}
