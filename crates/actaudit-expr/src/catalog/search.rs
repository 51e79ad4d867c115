//! Names as people type them to definitions.

use crate::Definition;
use std::sync::Arc;

/// How many suggestions an error makes.
const SUGGESTIONS: usize = 3;
/// Names less similar than this are no suggestion (Jaro-Winkler, 1 is equal).
const SIMILAR: f64 = 0.75;

/// No definition has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue has no activation `{name}`{}", hint(suggestions))]
pub struct NotFound {
    /// what was asked for
    pub name: String,
    /// the nearest names, best first
    pub suggestions: Vec<String>,
}

impl miette::Diagnostic for NotFound {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("a definition of your own is made with `Definition::from_toml` or `Definition::from_expr`"))
    }
}

fn hint(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
        _ => format!("; did you mean {}?", suggestions.join(", ")),
    }
}

/// The form in which names are compared.
pub(super) fn normal(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

/// An identifier goes before an alias, whatever the order of the definitions.
pub(super) fn find(definitions: &[Arc<Definition>], name: &str) -> Result<Arc<Definition>, NotFound> {
    let wanted = normal(name);
    let by_id = definitions.iter().find(|d| normal(&d.id) == wanted);
    let by_alias = || definitions.iter().find(|d| d.aliases.iter().any(|a| normal(a) == wanted));
    by_id.or_else(by_alias).cloned().ok_or_else(|| {
        let suggestions = suggestions(definitions, &wanted);
        NotFound { name: name.into(), suggestions }
    })
}

/// The definitions with the nearest names, each under its best one.
fn suggestions(definitions: &[Arc<Definition>], wanted: &str) -> Vec<String> {
    let best = |d: &Arc<Definition>| {
        let names = d.aliases.iter().chain([&d.id]);
        let scored = names.map(|n| (strsim::jaro_winkler(wanted, &normal(n)), n.clone()));
        scored.max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let mut scored: Vec<(f64, String)> = definitions.iter().filter_map(best).filter(|s| s.0 >= SIMILAR).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.truncate(SUGGESTIONS);
    scored.into_iter().map(|(_, name)| name).collect()
}
