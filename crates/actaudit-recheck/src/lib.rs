//! The independent checker of certificates: the plain evaluator's MPFR intervals, symbolic derivatives and exact values of its
//! own. Only it says *proved* of the mathematics.
//!
//! It links no engine, and is meant to be read in one sitting:
//! - bounds: `statement` checks the cover of the domain and what follows from it, `leaf` one box, `objective` what is bounded there, `tail` with `powers` half-lines, `near` boxes that are half-lines in another variable,
//!   `period` what repeats itself, `attained` where a supremum is attained, `unbounded` that one is infinite, `along` that it is so in waves, `scaling` what holds for all values of a parameter;
//! - exact values: `field` has them in a normal form, `sign` their signs, `germ` one-sided expansions, `system` what they share;
//! - classes: `continuity` reads the claim, `junction` checks one junction, `analytic` one piece;
//! - besides bounds: `selection` chooses operands of kinks, `period` shows that a function repeats itself;
//! - tables: `table` checks polynomials on runs of floats, with the Taylor coefficients of `taylor`;
//! - `integral` checks integrals, `function` reads definitions, `words` says what was proved.
//!
//! The trust base besides: the parser, `Activation::new` (values put in, simplified, kinks split), `Expr::derivative`, the plain
//! evaluator, GMP and MPFR, `serde_json`.

#![warn(clippy::must_use_candidate)]

mod along;
mod analytic;
mod attained;
pub mod certificate;
pub mod continuity;
mod field;
mod function;
mod germ;
mod integral;
mod junction;
mod leaf;
mod near;
mod objective;
mod period;
mod powers;
mod scaling;
mod selection;
mod sign;
mod statement;
mod system;
mod table;
mod tail;
mod taylor;
#[cfg(test)]
mod tests;
mod unbounded;
mod words;
mod work;

pub use integral::enclosure as integral_enclosure;

use crate::certificate::Certificate;
use actaudit_expr::Expr;
use rug::Rational;
use std::fmt;
use std::time::Instant;

/// Longer texts are refused.
const MAX_TEXT: usize = 1 << 26;

/// What a certificate proves. Only the checker makes one.
#[derive(Clone, PartialEq, Debug)]
pub struct Accepted {
    statement: String,
    conclusion: Conclusion,
    leaves: usize,
    bisections: usize,
}

impl Accepted {
    /// In words: of what, where, and between which bounds.
    #[must_use]
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The same as data.
    #[must_use]
    pub const fn conclusion(&self) -> &Conclusion {
        &self.conclusion
    }

    /// How many leaves were verified, and how often one had to be halved.
    #[must_use]
    pub const fn work(&self) -> (usize, usize) {
        (self.leaves, self.bisections)
    }
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statement)?;
        match self.leaves {
            0 => Ok(()),
            n => write!(f, "\n({n} leaves checked, {} bisections)", self.bisections),
        }
    }
}

/// A proved statement as data.
#[derive(Clone, PartialEq, Debug)]
pub enum Conclusion {
    /// `lower <= sup h <= upper` for both signs
    Bounds(Vec<Proved>),
    /// the supremum of h is infinite; which sign
    Unbounded(i8),
    /// a continuity class
    Continuity,
    /// a parameter is a change of scale
    Scaling,
    /// the value of an integral
    Integral,
    /// polynomials for the values at all floats of a format
    Table,
}

/// `lower <= sup sign * d^order f <= upper` on the domain.
#[derive(Clone, PartialEq, Debug)]
pub struct Proved {
    /// 1 or -1
    pub sign: i8,
    /// verified lower bound, if one was given
    pub lower: Option<Rational>,
    /// verified upper bound, if one was given
    pub upper: Option<Rational>,
    /// the supremum itself, where both bounds are this constant
    pub exact: Option<Expr>,
    /// whether the supremum is attained; `None`: nothing was proved
    pub attained: Option<bool>,
}

/// Why a certificate is rejected. That says nothing about the statement: it may be true with another proof.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecheckError {
    /// Not the JSON of a certificate.
    #[error("not a certificate: {0}")]
    Format(String),
    /// The precision cannot be used.
    #[error("a precision of {0} bits is not between 64 and 16384")]
    Precision(u32),
    /// A definition is not one, or not the one of that name.
    #[error("the definition of `{name}`: {reason}")]
    Definition {
        /// its id
        name: String,
        /// what is wrong
        reason: String,
    },
    /// The statement is incomplete or does not fit together.
    #[error("the statement: {0}")]
    Statement(String),
    /// One side is incomplete or does not fit together.
    #[error("side {sign:+}: {reason}")]
    Side {
        /// the sign
        sign: i8,
        /// what is wrong
        reason: String,
    },
    /// The leaves do not cover the domain, or one does not prove the bound.
    #[error("side {sign:+}, leaf {number} on [{lo}, {hi}]: {reason}")]
    Leaf {
        /// the sign
        sign: i8,
        /// the first one is 0
        number: usize,
        /// lower end
        lo: String,
        /// upper end
        hi: String,
        /// what is wrong
        reason: String,
    },
    /// The supremum is not shown to be attained, or never, as the certificate says.
    #[error("side {sign:+}, where it is attained: {reason}")]
    Attained {
        /// the sign
        sign: i8,
        /// what is wrong
        reason: String,
    },
    /// A continuity class is not shown.
    #[error(transparent)]
    Continuity(#[from] continuity::Rejection),
    /// The lower bound is not reached where the certificate says so.
    #[error("side {sign:+}, lower bound {value}: {reason}")]
    Lower {
        /// the sign
        sign: i8,
        /// the bound
        value: String,
        /// what is wrong
        reason: String,
    },
}

/// Verifies a certificate (JSON text) and says what it proves.
///
/// Rigorous: what is returned holds for the real function, whatever the text. Never panics; the work is bounded.
///
/// # Errors
/// With the place and the reason if anything in it could not be verified.
pub fn recheck(text: &str) -> Result<Accepted, RecheckError> {
    if text.len() > MAX_TEXT {
        return Err(RecheckError::Format("the text is too long".into()));
    }
    check(&serde_json::from_str(text).map_err(|e| RecheckError::Format(e.to_string()))?)
}

/// Verifies a certificate and says what it proves, as [`recheck`].
///
/// # Errors
/// With the place and the reason if anything in it could not be verified.
pub fn check(certificate: &Certificate) -> Result<Accepted, RecheckError> {
    check_until(certificate, None)
}

/// The same within some time: what is not verified by then is not accepted.
///
/// # Errors
/// With the place and the reason if anything in it could not be verified.
pub fn check_until(certificate: &Certificate, until: Option<Instant>) -> Result<Accepted, RecheckError> {
    work::begin();
    match certificate {
        Certificate::Supremum(s) => statement::check(s, until),
        Certificate::Unbounded(u) => unbounded::check(u, until),
        Certificate::Scaling(s) => scaling::check(s),
        Certificate::Integral(i) => integral::check(i),
        Certificate::Table(t) => table::check(t, until),
        Certificate::Continuity(c) => {
            let statement = continuity::check(c)?.statement().to_owned();
            Ok(Accepted { statement, conclusion: Conclusion::Continuity, leaves: 0, bisections: 0 })
        }
    }
}

/// The certificates of a file, one or a list of them, each as its own text, so that [`recheck`] sees keys that stand there twice.
///
/// # Errors
/// If it is a list and cannot be read, or is empty.
pub fn certificates(text: &str) -> Result<Vec<String>, RecheckError> {
    if !text.trim_start().starts_with('[') {
        return Ok(vec![text.to_owned()]);
    }
    let list: Vec<Box<serde_json::value::RawValue>> =
        serde_json::from_str(text).map_err(|e| RecheckError::Format(e.to_string()))?;
    match list.is_empty() {
        true => Err(RecheckError::Format("the list is empty".into())),
        false => Ok(list.iter().map(|c| c.get().to_owned()).collect()),
    }
}

/// For a fuzzer: any bytes are accepted or rejected without a panic.
pub fn fuzz(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = recheck(text).map(|r| r.to_string()).map_err(|e| e.to_string());
    }
}
