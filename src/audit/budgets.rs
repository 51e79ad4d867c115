//! Budgets in files: what is allowed to whose code, and why.

use crate::check::{Budget, Policy, Tolerance};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use serde::Deserialize;

/// Why a file of budgets is not one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// Not TOML, or not of this form.
    #[error("{file}: {message}")]
    Syntax {
        /// the file
        file: String,
        /// what the parser says, with the place
        message: String,
    },
    /// A rule that cannot be.
    #[error("{file}: budget {place}: {message}")]
    Rule {
        /// the file
        file: String,
        /// which rule, from 1
        place: usize,
        /// what is wrong with it
        message: String,
    },
}

/// A table of `[[budget]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    budget: Vec<Written>,
}

/// A rule as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    activation: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    dtype: Vec<String>,
    pass: Option<String>,
    max_ulp: Option<f64>,
    absolute: Option<f64>,
    relative: Option<f64>,
    steps: Option<f64>,
    #[serde(default)]
    declare: Vec<String>,
    provenance: String,
}

/// A rule: for whom, what, and why.
#[derive(Clone, Debug)]
pub struct Rule {
    /// catalogue id; any if not given
    activation: Option<String>,
    /// the subject's name, or the beginning of it before `*`; any if not given
    subject: Option<String>,
    dtype: Vec<FloatFormat>,
    pass: Option<Pass>,
    ulp: Option<f64>,
    tolerance: Option<Tolerance>,
    steps: Option<f64>,
    policy: Vec<String>,
    /// where the figure comes from
    pub provenance: String,
}

impl Rule {
    /// Reads a file. `name` is for messages.
    ///
    /// # Errors
    /// If it is no TOML of this form, or a rule contradicts itself or names something unknown; with the place.
    pub fn read(text: &str, name: &str) -> Result<Vec<Self>, BudgetError> {
        let file: File = toml::from_str(text)
            .map_err(|e| BudgetError::Syntax { file: name.into(), message: e.to_string().trim_end().to_owned() })?;
        let rule = |(k, written): (usize, Written)| {
            Self::check(written).map_err(|message| BudgetError::Rule { file: name.into(), place: k + 1, message })
        };
        file.budget.into_iter().enumerate().map(rule).collect()
    }

    fn check(w: Written) -> Result<Self, String> {
        let named = |d: &String| {
            let known = FloatFormat::ALL.map(FloatFormat::name).join(", ");
            FloatFormat::from_name(d).ok_or_else(|| format!("dtype `{d}`: expected some of {known}"))
        };
        let pass =
            |p: &String| Pass::from_name(p).ok_or_else(|| format!("pass `{p}`: expected forward, backward or double"));
        if let Some(word) = w.declare.iter().find(|word| Policy::default().declare(word).is_none()) {
            return Err(Policy::misspelt(word));
        }
        let figures = [w.max_ulp, w.absolute, w.relative, w.steps];
        if figures.iter().flatten().any(|v| v.is_nan() || *v < 0.0) {
            return Err("a budget is a number that is not negative".into());
        }
        let tolerance = (w.absolute.is_some() || w.relative.is_some())
            .then(|| Tolerance { absolute: w.absolute.unwrap_or(0.0), relative: w.relative.unwrap_or(0.0) });
        if tolerance.is_some() && w.max_ulp.is_some() {
            return Err("give max_ulp, or absolute and relative: not both".into());
        }
        if tolerance.is_none() && w.max_ulp.is_none() && w.steps.is_none() && w.declare.is_empty() {
            return Err("it sets nothing: give max_ulp, absolute, relative, steps or declare".into());
        }
        if w.provenance.trim().is_empty() {
            return Err("say in `provenance` where the figure comes from".into());
        }
        Ok(Self {
            activation: w.activation,
            subject: w.subject,
            dtype: w.dtype.iter().map(named).collect::<Result<_, _>>()?,
            pass: w.pass.as_ref().map(pass).transpose()?,
            ulp: w.max_ulp,
            tolerance,
            steps: w.steps,
            policy: w.declare,
            provenance: w.provenance,
        })
    }

    pub(super) fn matches(&self, activation: &str, subject: &str, format: FloatFormat, pass: Pass) -> bool {
        let named = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => subject.starts_with(start),
            None => subject == pattern,
        };
        self.activation.as_deref().is_none_or(|a| a == activation)
            && self.subject.as_deref().is_none_or(named)
            && (self.dtype.is_empty() || self.dtype.contains(&format))
            && self.pass.is_none_or(|p| p == pass)
    }

    pub(super) fn apply(&self, budget: &mut Budget, policy: &mut Policy) {
        if let Some(ulp) = self.ulp {
            (budget.ulp, budget.tolerance) = (ulp, None);
        }
        budget.tolerance = self.tolerance.or(budget.tolerance);
        budget.steps = self.steps.unwrap_or(budget.steps);
        *policy = self.policy.iter().fold(*policy, |p, word| p.declare(word).unwrap_or(p));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_rules_win_where_they_match() {
        let text = "[[budget]]\nmax_ulp = 3\nprovenance = 'measured'\n\
                    [[budget]]\nactivation = 'gelu'\nsubject = 'torch*'\ndtype = ['f32']\npass = 'forward'\nabsolute = 1e-5\n\
                    declare = ['flush']\nprovenance = 'their test'\n";
        let rules = Rule::read(text, "b.toml").expect("a file");
        let of = |activation: &str, subject: &str, format| {
            let (mut budget, mut policy) = (Budget::of(format, Pass::Forward), Policy::default());
            for rule in rules.iter().filter(|r| r.matches(activation, subject, format, Pass::Forward)) {
                rule.apply(&mut budget, &mut policy);
            }
            (budget.ulp, budget.tolerance.map(|t| t.absolute), policy.flush)
        };
        assert_eq!(of("gelu", "torch:gelu", FloatFormat::F32), (3.0, Some(1e-5), true));
        assert_eq!(of("gelu", "native", FloatFormat::F32), (3.0, None, false));
        assert_eq!(of("silu", "torch:silu", FloatFormat::F32), (3.0, None, false));
        assert_eq!(of("gelu", "torch:gelu", FloatFormat::F16), (3.0, None, false));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("budget = 1", "invalid type"),
            ("[[budget]]\nmaxulp = 1\nprovenance = 'x'", "unknown field `maxulp`"),
            ("[[budget]]\nmax_ulp = -1\nprovenance = 'x'", "not negative"),
            ("[[budget]]\nmax_ulp = 1\nprovenance = ' '", "where the figure comes from"),
            ("[[budget]]\nprovenance = 'x'", "sets nothing"),
            ("[[budget]]\nmax_ulp = 1\nabsolute = 1\nprovenance = 'x'", "not both"),
            ("[[budget]]\nmax_ulp = 1\ndtype = ['f33']\nprovenance = 'x'", "dtype `f33`"),
            ("[[budget]]\nmax_ulp = 1\npass = 'up'\nprovenance = 'x'", "pass `up`"),
            ("[[budget]]\ndeclare = ['ftz']\nprovenance = 'x'", "declare `ftz`"),
        ] {
            let error = Rule::read(text, "b.toml").expect_err(text).to_string();
            assert!(error.contains(part) && error.starts_with("b.toml"), "{text}: {error}");
        }
    }
}
