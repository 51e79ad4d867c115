//! What can be wrong with an audit of training.

use crate::subject::SubjectError;
use std::io;
use std::path::PathBuf;

/// Why an audit of training cannot be planned or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// the file
        path: String,
        /// why
        error: io::Error,
    },
    /// A file is not understood.
    #[error("{path}: {error}")]
    Malformed {
        /// the file
        path: String,
        /// what is wrong, with the place
        error: String,
    },
    /// The file has no such preset.
    #[error("the audit has no preset `{0}`")]
    NoPreset(&'static str),
    /// Something names an arm that is not there.
    #[error("{who} names the arm `{name}`; there are: {known}")]
    NoArm {
        /// what names it
        who: String,
        /// the name
        name: String,
        /// those that there are
        known: String,
    },
    /// Two arms have one name.
    #[error("two arms are called `{0}`: give one of them a name")]
    SameName(String),
    /// There is nothing to compare.
    #[error("an audit compares at least two arms, with a `baseline` or as a `trend`; {0}")]
    NothingToCompare(String),
    /// Comparisons that cannot reject, whatever the runs say.
    #[error(
        "{comparisons} comparisons at {seeds} seeds cannot reject anything at the level 0.05: {seeds} pairs have no smaller p than {smallest:.4}, and Holm's adjustment multiplies it by {comparisons}; take at most {largest} comparisons, or at least {needed} seeds"
    )]
    CannotReject {
        /// comparisons of the family
        comparisons: usize,
        /// pairs
        seeds: usize,
        /// the smallest p that so many pairs can have
        smallest: f64,
        /// the largest family that can reject
        largest: usize,
        /// seeds with which the family can
        needed: usize,
    },
    /// The activation of an arm is not understood.
    #[error("arm `{arm}`: {error}")]
    Activation {
        /// the arm
        arm: String,
        /// what is wrong
        error: String,
    },
    /// The data are not there.
    #[error("no data `{name}`: looked for {looked}; {hint}")]
    NoData {
        /// as the audit has it
        name: String,
        /// the folders
        looked: String,
        /// where real ones are to be had
        hint: String,
    },
    /// Data or a device that a run needs are not there, or not what they should be.
    #[error("{0}")]
    NotThere(String),
    /// A number that makes no sense.
    #[error("{0}")]
    Number(String),
    /// The program that trains is not there.
    #[error(transparent)]
    Program(#[from] SubjectError),
    /// Runs cannot be kept.
    #[error("cannot keep runs in {path}: {error}")]
    Keep {
        /// the folder or file
        path: PathBuf,
        /// why
        error: io::Error,
    },
    /// The program that trains could not be run.
    #[error("cannot run {path}: {error}")]
    Start {
        /// the program
        path: PathBuf,
        /// why
        error: io::Error,
    },
}
