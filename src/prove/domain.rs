//! A part of the line.

use super::bound::edge_of;
use crate::expr::{Expr, Names, ParseError, parse_expr_with};

/// The part of the line that is asked about, a closed interval; `None` is unbounded. Ends are constant expressions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Domain {
    /// lower end
    pub lo: Option<Expr>,
    /// upper end
    pub hi: Option<Expr>,
}

/// Why a text is no part of the line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// It has no two ends.
    #[error("`{0}`: expected LO..HI, for example -20..20 or 0..inf")]
    Form(String),
    /// An end is no expression.
    #[error("an end of the domain: {0}")]
    End(#[source] ParseError),
    /// An end is a function.
    #[error("an end of the domain, `{0}`, depends on x: expected a number such as -20, 1/3 or sqrt(2)")]
    Depends(String),
}

impl Domain {
    /// `LO..HI`, constants as in definitions, either end `inf`, `-inf` or left out where there is none.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let (lo, hi) = text.split_once("..").ok_or_else(|| DomainError::Form(text.to_owned()))?;
        let end = |t: &str, infinite: &[&str]| -> Result<Option<Expr>, DomainError> {
            let t = t.trim();
            if infinite.contains(&t) {
                return Ok(None);
            }
            let end = parse_expr_with(t, Names::Known(&[])).map_err(DomainError::End)?;
            if end.depends_on_x() { Err(DomainError::Depends(t.to_owned())) } else { Ok(Some(end)) }
        };
        Ok(Self { lo: end(lo, &["", "-inf"])?, hi: end(hi, &["", "inf", "+inf"])? })
    }

    /// The ends as text.
    #[must_use]
    pub fn text(&self) -> [String; 2] {
        [edge_of(self.lo.as_ref()).text(true), edge_of(self.hi.as_ref()).text(false)]
    }
}
