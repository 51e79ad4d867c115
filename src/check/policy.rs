//! What is declared about code under test, and so is not held against it. What a declaration excuses is still counted.

/// Declarations; the default declares nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Policy {
    /// subnormal results may be flushed to zero
    pub flush: bool,
    /// what NaN inputs give
    pub nan: NanPolicy,
    /// the derivative at a kink
    pub subgradient: Subgradient,
    /// the signs of zeros
    pub zero: Zeros,
}

/// What the output for a NaN has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum NanPolicy {
    /// some NaN
    #[default]
    Any,
    /// a quiet one
    Quiet,
    /// the input, made quiet: sign and payload survive
    Payload,
}

/// Which subgradient is right at a kink.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Subgradient {
    /// everything between the one-sided derivatives
    #[default]
    Any,
    /// the derivative from the left
    Left,
    /// the derivative from the right
    Right,
}

/// Which sign a zero must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Zeros {
    /// either
    #[default]
    Any,
    /// that of the real value, where this is not 0
    Signed,
}

impl Policy {
    /// Every declaration, as it is written.
    pub const WORDS: [&'static str; 6] =
        ["flush", "nan=quiet", "nan=payload", "subgradient=left", "subgradient=right", "zero=signed"];

    /// With one more declaration; `None` if there is no such word.
    #[must_use = "declarations are values: this gives a new one"]
    pub fn declare(mut self, word: &str) -> Option<Self> {
        match word {
            "flush" => self.flush = true,
            "nan=quiet" => self.nan = NanPolicy::Quiet,
            "nan=payload" => self.nan = NanPolicy::Payload,
            "subgradient=left" => self.subgradient = Subgradient::Left,
            "subgradient=right" => self.subgradient = Subgradient::Right,
            "zero=signed" => self.zero = Zeros::Signed,
            _ => return None,
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_declares_something() {
        for word in Policy::WORDS {
            assert_ne!(Policy::default().declare(word), Some(Policy::default()), "{word}");
        }
        assert_eq!(Policy::default().declare("flash"), None);
    }
}
