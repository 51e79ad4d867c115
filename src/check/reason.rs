//! Why an input, or a pair of them, was not compared, and on whose account: mathematics may leave nothing to compare, but what
//! the checker did not look at is never proved.

use super::written;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On whose account something was not compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum By {
    /// there is nothing to compare: no real value, no single one, or no sign
    Mathematics,
    /// a declaration excuses it
    Policy,
    /// the code gave no answer, or one that another check judges
    Code,
    /// it was not looked at: a verdict over it would not be proved
    Checker,
}

/// Why something was not compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// in words
    #[serde(with = "written::words")]
    pub text: written::Word,
    /// on whose account
    pub by: By,
}

impl Reason {
    /// There is nothing to compare.
    pub const fn mathematics(text: &'static str) -> Self {
        Self { text, by: By::Mathematics }
    }

    /// Declared.
    pub const fn policy(text: &'static str) -> Self {
        Self { text, by: By::Policy }
    }

    /// What the code did.
    pub const fn code(text: &'static str) -> Self {
        Self { text, by: By::Code }
    }

    /// Not looked at.
    pub const fn checker(text: &'static str) -> Self {
        Self { text, by: By::Checker }
    }
}

/// A kink: the ulp check holds the output against all subgradients.
pub(super) const SUBGRADIENT: Reason = Reason::mathematics("any subgradient will do");
/// Left to the checks `finite` and `ulp`, which fail it unless it is right.
pub(super) const NOT_FINITE: Reason = Reason::code("output is not finite");
/// Left to the checks `finite` and `ulp`.
pub(super) const NAN: Reason = Reason::code("output is NaN");
/// Excused, and counted by the check `flush`.
pub(super) const FLUSHED: Reason = Reason::policy("flushed to zero, as declared");
