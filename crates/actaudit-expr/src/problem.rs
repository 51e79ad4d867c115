//! What can be wrong with an expression.

use super::error::{Fault, Located};

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Something else was expected here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// what could stand here
        expected: String,
        /// what stands here
        found: String,
    },
    /// A character that the language does not have.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// A quote without its partner.
    #[error("this quote is never closed")]
    UnclosedQuote,
    /// A bracket without its partner.
    #[error("this bracket is never closed")]
    UnclosedBracket,
    /// A function that does not exist.
    #[error("unknown function `{0}`")]
    UnknownFunction(String),
    /// A name that is neither a constant nor a parameter.
    #[error("unknown name `{0}`")]
    UnknownName(String),
    /// A function's name without brackets.
    #[error("the function `{0}` needs an argument")]
    BareFunction(String),
    /// `inf` in an expression.
    #[error("`inf` is not a number")]
    Infinity,
    /// The wrong number of arguments.
    #[error("`{name}` takes {expected} argument{}, found {found}", if *.expected == 1 { "" } else { "s" })]
    Arguments {
        /// the function
        name: String,
        /// how many it takes
        expected: usize,
        /// how many stand here
        found: usize,
    },
    /// The text of a float constant is not a number.
    #[error("expected a decimal number in the quotes of `{0}`")]
    NotADecimal(String),
    /// A float constant that overflows.
    #[error("the value overflows `{0}`")]
    Overflow(String),
    /// A number of absurd size.
    #[error("the number is too large")]
    HugeNumber,
    /// An exponent with `x` in it.
    #[error("the exponent depends on x")]
    ExponentDependsOnX,
    /// An exponent that cannot be a rational number.
    #[error("the exponent is not a rational number")]
    ExponentNotRational,
    /// An exponent of absurd size.
    #[error("the exponent is too large")]
    ExponentTooLarge,
    /// A divisor that is zero for all x.
    #[error("division by zero")]
    DivisionByZero,
    /// A function of a constant outside of its domain.
    #[error("{0} has no value")]
    Undefined(&'static str),
    /// A text of absurd length.
    #[error("the text is too long")]
    TooLong,
    /// Absurd nesting.
    #[error("the expression is nested too deeply")]
    TooDeep,
    /// An end of an interval with `x` in it.
    #[error("the end of an interval depends on x")]
    EndDependsOnX,
    /// `[-inf` or `inf]`.
    #[error("an infinite end cannot be closed")]
    ClosedInfinity,
    /// An interval that holds no point.
    #[error("the interval is empty")]
    EmptyInterval,
    /// A text that should be a number and is another expression.
    #[error("not a rational number")]
    NotRational,
}

/// An error in an expression or interval, with its place in the text.
pub type ParseError = Located<ParseErrorKind>;

pub(super) type ParseFault = Fault<ParseErrorKind>;
