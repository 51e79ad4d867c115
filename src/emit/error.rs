//! Why nothing was emitted.

use crate::number::TapeError;

/// Why there is no code for a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// No target has this name.
    #[error("unknown target `{name}`: expected one of {known}")]
    Target {
        /// the name
        name: String,
        /// those that there are
        known: String,
    },
    /// The target has no such function.
    #[error("{target} has no {function}, which {place} needs")]
    Function {
        /// the target
        target: &'static str,
        /// the function
        function: &'static str,
        /// where it stands
        place: String,
    },
    /// The target does not compute this format in that one.
    #[error("{target} does not compute {dtype} in {compute}; it can: {known}")]
    Format {
        /// the target
        target: &'static str,
        /// inputs and outputs
        dtype: &'static str,
        /// what operations round to
        compute: &'static str,
        /// the pairs that there are
        known: String,
    },
    /// A constant that is no finite number of the format.
    #[error("the constant {text} in {place} is beyond the range of {compute}")]
    Constant {
        /// the constant
        text: String,
        /// where it stands
        place: String,
        /// the format
        compute: &'static str,
    },
    /// An exponent that is no rational number, or a parameter without a value.
    #[error("{place}: {reason}")]
    Expression {
        /// where it stands
        place: String,
        /// what is wrong
        reason: TapeError,
    },
    /// Not a name that every target takes.
    #[error("`{0}` is no name of a function: expected letters, digits and `_`, a letter first")]
    Name(String),
}
