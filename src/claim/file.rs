//! The claim file (TOML): what a statement is, how it is to be read, and where it stands.

use crate::prove::Quantity;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A paper with its claims.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub struct ClaimFile {
    /// citation
    pub paper: String,
    /// the statements
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
}

/// How a number is claimed.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// the true value is at most `value`
    UpperBound,
    /// the true value, rounded to `decimals`, is `value`
    Smallest,
    /// the true value is exactly `value`
    Equals,
    /// the function is at least C^value (with `exactly`, and no smoother)
    Class,
    /// the true range lies inside `value`, an interval
    Within,
    /// the integral is exactly `value` (with `decimals`, to that many decimals)
    Integral,
    /// the true value is strictly below `value`
    Contraction,
}

/// Which way a constant was rounded.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// to nearest
    #[default]
    Nearest,
    /// towards plus infinity
    Up,
}

/// A verdict as it may be declared.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// the claim is true
    #[default]
    Proved,
    /// the claim is known to be false
    Refuted,
    /// it is known that this program cannot decide
    Undecided,
}

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// a certified quantity
    Bound(Quantity),
    /// the continuity class
    Continuity,
    /// an integral
    Integral,
}

/// One statement.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// unique in its file
    pub id: String,
    /// the words of the source
    pub quote: String,
    /// where in the source
    pub source: String,
    /// the activation; not for integrals
    #[serde(default)]
    pub activation: Option<String>,
    /// parameter values; "all" means for every value of the domain
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// lipschitz, range, slope, curvature, distance, continuity or integral
    pub quantity: String,
    /// the other activation of a distance
    #[serde(default)]
    pub to: Option<String>,
    /// how the value is meant
    pub kind: Kind,
    /// the claimed value: an expression without x, or an interval for `within`
    pub value: String,
    /// decimals of a rounded constant
    #[serde(default)]
    pub decimals: Option<u32>,
    /// which way it was rounded
    #[serde(default)]
    pub rounding: Rounding,
    /// the point at which the supremum is said to lie
    #[serde(default)]
    pub at: Option<String>,
    /// class only: not smoother either
    #[serde(default)]
    pub exactly: bool,
    /// integral only
    #[serde(default)]
    pub integrand: Option<String>,
    /// integral only: lower limit
    #[serde(default)]
    pub from: Option<String>,
    /// integral only: upper limit
    #[serde(default)]
    pub to_point: Option<String>,
    /// the verdict that is known
    #[serde(default)]
    pub expect: Expect,
    /// why a claim with another verdict than `proved` is kept
    #[serde(default)]
    pub why: Option<String>,
}

/// Why a claim file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not the form of a claim file.
    #[error("{file}: {message}")]
    Syntax {
        /// the file
        file: String,
        /// what the reader said, with line and column
        message: String,
    },
    /// A claim does not make sense.
    #[error("{file}, claim `{id}`: {message}")]
    Claim {
        /// the file
        file: String,
        /// the claim
        id: String,
        /// what is wrong and what to do
        message: String,
    },
}

impl ClaimFile {
    /// Reads a claim file; `name` is for messages.
    pub fn parse(text: &str, name: &str) -> Result<Self, ClaimError> {
        let file: Self = toml::from_str(text)
            .map_err(|e| ClaimError::Syntax { file: name.into(), message: e.to_string().trim_end().into() })?;
        let mut seen = std::collections::BTreeSet::new();
        for claim in &file.claims {
            let problem = claim
                .problem()
                .or_else(|| (!seen.insert(claim.id.clone())).then(|| "the id is used twice in this file".to_string()));
            if let Some(message) = problem {
                return Err(ClaimError::Claim { file: name.into(), id: claim.id.clone(), message });
            }
        }
        Ok(file)
    }
}

impl Claim {
    /// What the claim is about; `None` if the quantity has no such name.
    pub fn subject(&self) -> Option<Subject> {
        match self.quantity.as_str() {
            "continuity" => Some(Subject::Continuity),
            "integral" => Some(Subject::Integral),
            name => Quantity::from_name(name).map(Subject::Bound),
        }
    }

    fn problem(&self) -> Option<String> {
        let Some(subject) = self.subject() else {
            return Some(format!("there is no quantity `{}`", self.quantity));
        };
        let fits = match (subject, self.kind) {
            (Subject::Continuity, kind) => kind == Kind::Class,
            (Subject::Integral, kind) => kind == Kind::Integral,
            (Subject::Bound(q), Kind::Within) => q.traits().2,
            (Subject::Bound(q), Kind::UpperBound | Kind::Smallest | Kind::Equals | Kind::Contraction) => !q.traits().2,
            _ => false,
        };
        let needs = |missing: bool, key: &str| missing.then(|| format!("the key `{key}` is missing"));
        if !fits {
            return Some(format!("the kind does not fit the quantity `{}`", self.quantity));
        }
        needs(self.kind == Kind::Smallest && self.decimals.is_none(), "decimals")
            .or_else(|| needs(self.quantity == "distance" && self.to.is_none(), "to"))
            .or_else(|| needs(self.quantity != "integral" && self.activation.is_none(), "activation"))
            .or_else(|| needs(self.quantity == "integral" && self.integrand.is_none(), "integrand"))
            .or_else(|| needs(self.quantity == "integral" && self.from.is_none(), "from"))
            .or_else(|| needs(self.quantity == "integral" && self.to_point.is_none(), "to_point"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extra: &str, message: &str) {
        let text = format!("paper = \"p\"\n[[claim]]\nid = \"a\"\nquote = \"q\"\nsource = \"s\"\n{extra}");
        let error = ClaimFile::parse(&text, "claims.toml").expect_err("must be refused").to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        check(
            "quantity = \"lipschitz\"\nkind = \"smallest\"\nvalue = \"1\"\nactivation = \"relu\"",
            "`decimals` is missing",
        );
        check("quantity = \"distance\"\nkind = \"equals\"\nvalue = \"1\"\nactivation = \"relu\"", "`to` is missing");
        check("quantity = \"range\"\nkind = \"equals\"\nvalue = \"1\"\nactivation = \"relu\"", "does not fit");
        check("quantity = \"lipschitz\"\nkind = \"biggest\"\nvalue = \"1\"", "unknown variant");
        check("quantity = \"lipschitz\"\nkind = \"equals\"\nvalu = \"1\"", "unknown field");
    }
}
