//! What to survey: a file of implementations, and of the subjects by which each computes an activation.

use crate::catalog;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a file is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not TOML, or not of this form.
    #[error("{file}: {message}")]
    Syntax {
        /// the file
        file: String,
        /// what the parser says, with the place
        message: String,
    },
    /// An implementation that cannot be.
    #[error("{file}: implementation `{name}`: {message}")]
    Implementation {
        /// the file
        file: String,
        /// its name
        name: String,
        /// what is wrong with it
        message: String,
    },
}

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// heading of the report
    pub title: String,
    /// what comes below the heading
    #[serde(default)]
    pub text: String,
    implementation: Vec<Column>,
}

/// One implementation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// for people
    pub name: String,
    /// the subject for each of `activations`, with `{}` for the activation
    subject: Option<String>,
    #[serde(default)]
    activations: Vec<String>,
    /// subjects of single activations
    #[serde(default)]
    subjects: BTreeMap<String, String>,
}

impl Plan {
    /// Reads a file. `name` is for messages.
    ///
    /// # Errors
    /// If it is no TOML of this form, or an implementation is named twice or contradicts itself.
    pub fn read(text: &str, name: &str) -> Result<Self, PlanError> {
        let plan: Self = toml::from_str(text)
            .map_err(|e| PlanError::Syntax { file: name.into(), message: e.to_string().trim_end().to_owned() })?;
        for (k, column) in plan.implementation.iter().enumerate() {
            let taken = plan.implementation[..k].iter().any(|c| c.name == column.name);
            let result = if taken { Err("there are two of this name".into()) } else { column.check() };
            let name_of = || column.name.clone();
            result.map_err(|message| PlanError::Implementation { file: name.into(), name: name_of(), message })?;
        }
        Ok(plan)
    }

    /// The plan for these activations alone.
    ///
    /// # Errors
    /// In words, if no implementation has one of them.
    pub fn only(mut self, activations: &[String]) -> Result<Self, String> {
        if let Some(none) = activations.iter().find(|id| self.activations().all(|known| known != **id)) {
            let known: Vec<&str> = self.activations().collect();
            return Err(format!("no implementation has `{none}`; there are {}", known.join(", ")));
        }
        for column in &mut self.implementation {
            column.activations.retain(|id| activations.contains(id));
            column.subjects.retain(|id, _| activations.contains(id));
        }
        self.implementation.retain(|column| !column.activations.is_empty() || !column.subjects.is_empty());
        Ok(self)
    }

    /// The implementations.
    pub fn columns(&self) -> &[Column] {
        &self.implementation
    }

    /// All activations that some implementation has, in the order of the catalogue.
    pub fn activations(&self) -> impl Iterator<Item = &'static str> {
        let wanted = |id: &&str| self.implementation.iter().any(|c| c.subject(id).is_some());
        catalog::all().iter().map(|d| d.id.as_str()).filter(wanted)
    }
}

impl Column {
    /// The subject that computes an activation, if there is one.
    pub fn subject(&self, activation: &str) -> Option<String> {
        let listed = self.activations.iter().any(|a| a == activation);
        let common = self.subject.as_ref().filter(|_| listed).map(|text| text.replace("{}", activation));
        self.subjects.get(activation).cloned().or(common)
    }

    fn check(&self) -> Result<(), String> {
        let all = self.activations.iter().chain(self.subjects.keys());
        if let Some(unknown) = all.clone().find(|id| catalog::all().iter().all(|d| d.id != **id)) {
            return Err(format!("the catalogue has no activation of the identifier `{unknown}`"));
        }
        match (&self.subject, self.activations.is_empty()) {
            _ if all.count() == 0 => {
                Err("it has no activations: give `subject` and `activations`, or `subjects`".into())
            }
            (None, false) => Err("give the `subject` of its `activations`".into()),
            (Some(_), true) => Err("say for which `activations` its `subject` is".into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let error = Plan::read(text, "plan.toml").expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_plan_names_subjects() {
        let text = r#"
            title = "two"
            [[implementation]]
            name = "ours"
            subject = "native"
            activations = ["silu", "gelu"]
            [[implementation]]
            name = "theirs"
            subject = "python:m:{},lib=jax"
            activations = ["gelu"]
            subjects = { relu = "python:m:rectified" }
        "#;
        let plan = Plan::read(text, "plan.toml").expect("a plan");
        let subjects = |k: usize, id| plan.columns()[k].subject(id);
        assert_eq!(plan.activations().collect::<Vec<_>>(), ["gelu", "relu", "silu"]);
        assert_eq!(subjects(0, "gelu").as_deref(), Some("native"));
        assert_eq!(subjects(1, "gelu").as_deref(), Some("python:m:gelu,lib=jax"));
        assert_eq!(subjects(1, "relu").as_deref(), Some("python:m:rectified"));
        assert_eq!(subjects(1, "silu"), None);
        let one = plan.clone().only(&["silu".to_owned()]).expect("in it");
        assert_eq!((one.columns().len(), one.activations().collect::<Vec<_>>()), (1, vec!["silu"]));
        let none = plan.only(&["tanh".to_owned()]).expect_err("not in it");
        assert_eq!(none, "no implementation has `tanh`; there are gelu, relu, silu");
    }

    #[test]
    fn what_is_wrong_is_said() {
        check("title = 1", "plan.toml: TOML parse error at line 1, column 9");
        check("title = ''\nimplementations = []", "unknown field `implementations`");
        let one = |rest: &str| format!("title = ''\n[[implementation]]\nname = 'a'\n{rest}");
        check(&one(""), "implementation `a`: it has no activations");
        check(&one("subject = 'native'"), "it has no activations");
        check(&one("activations = ['gelu']"), "give the `subject`");
        check(
            &one("subject = 'native'\nactivations = ['gelo']"),
            "the catalogue has no activation of the identifier `gelo`",
        );
        check(&one("subject = 'n'\nsubjects = { gelu = 'm' }"), "say for which `activations`");
        let two = format!("{}\n[[implementation]]\nname = 'a'", one("subjects = { gelu = 'native' }"));
        check(&two, "there are two of this name");
    }
}
