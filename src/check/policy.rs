//! What is declared about code under test, and so is not held against it. What a declaration excuses is still counted.

use crate::expr::parse_rational;

/// Kinks at which something of their own can be declared.
const KINKS: usize = 8;

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
    /// the derivative at single kinks, where it is not that
    pub(crate) kinks: [Option<(u64, Subgradient)>; KINKS],
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

    /// With one more declaration; `None` if there is no such word. `subgradient=right@-3` is for the kink at -3 alone; eight
    /// kinks at most have a declaration of their own.
    #[must_use = "declarations are values: this gives a new one"]
    pub fn declare(mut self, word: &str) -> Option<Self> {
        if let Some((word, at)) = word.split_once('@') {
            let side = Self::default().declare(word).map(|p| p.subgradient).filter(|s| *s != Subgradient::Any)?;
            // -0 is 0
            let at = (parse_rational(at).ok()?.to_f64() + 0.0).to_bits();
            let same = |kink: &Option<(u64, Subgradient)>| kink.is_none_or(|(bits, _)| bits == at);
            *self.kinks.iter_mut().find(|kink| same(kink))? = Some((at, side));
            return Some(self);
        }
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

impl Policy {
    /// Which derivative is right at the kink next to this input.
    #[must_use]
    pub fn subgradient_at(&self, x: f64) -> Subgradient {
        let bits = (x + 0.0).to_bits();
        self.kinks.iter().flatten().find(|(at, _)| *at == bits).map_or(self.subgradient, |(_, side)| *side)
    }

    /// Which side's derivative is the one that is right at the kink next to this input; `None` if all subgradients are.
    pub(crate) fn side_at(&self, x: f64) -> Option<usize> {
        match self.subgradient_at(x) {
            Subgradient::Any => None,
            Subgradient::Left => Some(0),
            Subgradient::Right => Some(1),
        }
    }

    /// The declarations as they are written.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let said =
            |word: &&str| self.declare(word) == Some(*self) && Self::default().declare(word) != Some(Self::default());
        let plain = Self::WORDS.into_iter().filter(said).map(str::to_owned);
        let side = |side| if side == Subgradient::Left { "left" } else { "right" };
        let kink = |(bits, s): &(u64, Subgradient)| format!("subgradient={}@{}", side(*s), f64::from_bits(*bits));
        plain.chain(self.kinks.iter().flatten().map(kink)).collect()
    }

    /// With all of these words; the first that is none, if there is one.
    ///
    /// # Errors
    /// With the word.
    pub fn all<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        words.into_iter().try_fold(Self::default(), |policy, word| policy.declare(word).ok_or(word))
    }

    /// What is said of a word that declares nothing.
    pub(crate) fn misspelt(word: &str) -> String {
        let known = Self::WORDS.join(", ");
        format!("declare `{word}`: expected some of {known}; subgradient=left@0 is for the kink at 0 alone")
    }

    /// With what the other one declares as well.
    #[must_use]
    pub(crate) fn with(self, words: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        words.into_iter().fold(self, |policy, word| policy.declare(word.as_ref()).unwrap_or(policy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_kinks_have_declarations_of_their_own() {
        let words = ["flush", "subgradient=left", "subgradient=right@-3", "subgradient=left@1/2"];
        let policy = Policy::all(words).expect("words");
        assert_eq!(
            [-3.0, 0.5, 3.0].map(|x| policy.subgradient_at(x)),
            [Subgradient::Right, Subgradient::Left, Subgradient::Left]
        );
        assert_eq!(policy.words(), ["flush", "subgradient=left", "subgradient=right@-3", "subgradient=left@0.5"]);
        assert_eq!(Policy::all(policy.words().iter().map(String::as_str)), Ok(policy));
        let zero = Policy::all(["subgradient=right@-0"]).expect("a word");
        assert_eq!([0.0, -0.0].map(|x| zero.subgradient_at(x)), [Subgradient::Right; 2]);
        for bad in ["subgradient=right@", "subgradient=right@x", "flush@0", "subgradient@0"] {
            assert_eq!(Policy::all([bad]), Err(bad));
        }
    }

    #[test]
    fn every_word_declares_something() {
        for word in Policy::WORDS {
            assert_ne!(Policy::default().declare(word), Some(Policy::default()), "{word}");
        }
        assert_eq!(Policy::default().declare("flash"), None);
    }
}
