//! The command that shows a finding again.

use crate::audit::{Effort, Options};
use crate::check::Budget;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use std::borrow::Cow;

/// Code in one format and pass.
pub(super) struct Asked<'a> {
    pub activation: &'a Activation,
    pub subjects: &'a [&'a str],
    pub dtype: FloatFormat,
    pub pass: Pass,
}

impl Asked<'_> {
    /// The command that audits it.
    pub fn command(&self) -> String {
        let (dtype, pass) = (self.dtype.name(), self.pass.name());
        let subjects: String = self.subjects.iter().map(|s| format!(" --impl {}", quoted(s))).collect();
        format!("actaudit verify {}{subjects} --dtype {dtype} --pass {pass}", named(self.activation))
    }
}

/// An activation as it is named on a command line, with its parameters.
pub fn named(activation: &Activation) -> String {
    let id = match &activation.spelled {
        // an expression may begin with a minus sign
        Some([option, value]) => format!("--{option}={}", quoted(value)),
        None => activation.definition.id.clone(),
    };
    id + &values(activation)
}

/// The values of its parameters as options, each with a space before it.
pub fn values(activation: &Activation) -> String {
    activation.values.iter().map(|(k, v)| format!(" --param {k}={v}")).collect()
}

impl Asked<'_> {
    /// The command with what was allowed and declared beyond the defaults: without it, what failed might not fail again.
    pub fn allowed(&self, options: &Options) -> String {
        let (budget, policy) = options.allowed(self.activation, self.subjects[0], self.dtype, self.pass);
        let usual = Budget::of(self.dtype, self.pass);
        let mut text = self.command();
        match budget.tolerance {
            Some(t) => text += &format!(" --atol {:e} --rtol {:e}", t.absolute, t.relative),
            None if budget.ulp == usual.ulp => {}
            None => text += &format!(" --max-ulp {}", budget.ulp),
        }
        let words = policy.words();
        if !words.is_empty() {
            text += &format!(" --declare {}", words.join(","));
        }
        text
    }
}

/// With these inputs.
pub(super) fn inputs(command: &str, format: FloatFormat, bits: impl IntoIterator<Item = u64>) -> String {
    bits.into_iter().fold(command.to_owned(), |text, bits| format!("{text} --input {}", format.hex(bits)))
}

/// With a check that chose its inputs, going by the worst ones of an audit of the same effort.
pub(super) fn check(command: &str, options: &Options, check: &str) -> String {
    let part =
        options.part().map_or_else(String::new, |[lo, hi]| format!(" --domain={}", quoted(&format!("{lo}..{hi}"))));
    let effort = match options.effort {
        Effort::Standard => String::new(),
        other => format!(" --effort {}", other.name()),
    };
    format!("{command}{part}{effort} --check {check}")
}

/// A word of a command, so that a shell takes it as it is.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:,=@+%".contains(c);
    if word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_shell() {
        assert_eq!(quoted("lib:./a.so:f,dtype=f16"), "lib:./a.so:f,dtype=f16");
        assert_eq!(quoted("lib:./a b.so:f"), "'lib:./a b.so:f'");
        assert_eq!(quoted("table:$it's"), "'table:$it'\\''s'");
    }
}
