//! The independent checker of certificates: MPFR intervals of its own and symbolic derivatives, nothing else.
//!
//! It shares no arithmetic with the search (nothing of `number` is used here) and is meant to be read in one sitting:
//! `interval` is the arithmetic, `eval` walks an expression, `tail` handles half-lines, `function` reads
//! points and pieces, `leaf` checks one box, `statement` the cover and what follows from it.
//! What is trusted besides: the parser and `Expr::derivative`/`simplified` (symbolic, exact), GMP and MPFR, `serde_json`.

mod analytic;
pub mod certificate;
pub mod continuity;
mod field;
mod function;
mod germ;
mod junction;
mod leaf;
mod sign;
mod statement;
mod system;
mod tail;
#[cfg(test)]
mod tests;

use crate::certificate::Certificate;
use rug::Rational;
use std::fmt;

/// Longer texts are refused.
const MAX_TEXT: usize = 1 << 26;

/// What a certificate proves.
#[derive(Clone, PartialEq, Debug)]
pub struct Recheck {
    /// in words: of what, where, and between which bounds; and what it rests on
    pub statement: String,
    /// the bounds
    pub sides: Vec<Proved>,
    /// leaves that were verified
    pub leaves_checked: usize,
    /// how often a leaf had to be halved to verify it
    pub bisections: usize,
}

/// `lower <= sup sign * d^order f <= upper` on the domain.
#[derive(Clone, PartialEq, Debug)]
pub struct Proved {
    /// 1 or -1
    pub sign: i8,
    /// which derivative
    pub order: u32,
    /// verified lower bound, if one was given
    pub lower: Option<Rational>,
    /// verified upper bound
    pub upper: Rational,
}

impl fmt::Display for Recheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sides.is_empty() {
            return f.write_str(&self.statement);
        }
        write!(f, "{}\n({} leaves checked, {} bisections)", self.statement, self.leaves_checked, self.bisections)
    }
}

/// Why a certificate is rejected. That says nothing about the statement: it may be true with another proof.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecheckError {
    /// Not the JSON of a certificate.
    #[error("not a certificate: {0}")]
    Format(String),
    /// The precision cannot be used.
    #[error("a precision of {0} bits is not between 64 and 4096")]
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
pub fn recheck(text: &str) -> Result<Recheck, RecheckError> {
    if text.len() > MAX_TEXT {
        return Err(RecheckError::Format("the text is too long".into()));
    }
    match serde_json::from_str(text).map_err(|e| RecheckError::Format(e.to_string()))? {
        Certificate::Supremum(s) => statement::check(&s),
        Certificate::Continuity(c) => {
            let statement = continuity::check(&c)?.statement().to_owned();
            Ok(Recheck { statement, sides: vec![], leaves_checked: 0, bisections: 0 })
        }
    }
}

/// For a fuzzer: any bytes are accepted or rejected without a panic.
pub fn fuzz(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = recheck(text).map(|r| r.to_string()).map_err(|e| e.to_string());
    }
}
