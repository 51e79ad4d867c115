//! The activations as data: one definition file each. A user's file is the same thing.

use crate::Definition;
use std::sync::{Arc, OnceLock};

mod search;

pub use search::NotFound;

/// Identifier and text of each TOML file of this folder, in order: collected by the build script.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Every definition of the catalogue, in the order of the identifiers.
pub fn all() -> &'static [Arc<Definition>] {
    static PARSED: OnceLock<Vec<Arc<Definition>>> = OnceLock::new();
    PARSED.get_or_init(|| {
        let parse = |(id, text): &(&str, &str)| {
            let definition = Definition::from_toml(text, &format!("{id}.toml"));
            Arc::new(
                definition
                    .unwrap_or_else(|e| unreachable!("{id}.toml is part of the program, and a test parses it: {e}")),
            )
        };
        FILES.iter().map(parse).collect()
    })
}

/// The definition with this identifier or alias. Case does not matter, and `-` and blanks are as good as `_`.
///
/// # Errors
/// With the nearest names, if there is none.
pub fn find(name: &str) -> Result<Arc<Definition>, NotFound> {
    search::find(all(), name)
}

#[cfg(test)]
mod tests {
    use super::search::normal;
    use super::*;
    use crate::{Activation, Provenance};
    use std::collections::BTreeMap;

    #[test]
    fn every_file_parses_prints_and_stands_on_its_source() {
        for (id, text) in FILES {
            let parsed = Definition::from_toml(text, &format!("{id}.toml"));
            let definition = parsed.unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e)));
            assert_eq!(definition.id, *id);
            assert!(!definition.source.is_empty() && !definition.title.is_empty(), "{id}");
            assert_ne!(definition.provenance, Provenance::User, "{id}");
            let again = Definition::from_toml(&definition.to_toml(), "printed");
            assert_eq!(again.as_ref(), Ok(&definition), "{}", definition.to_toml());
            Activation::with_defaults(Arc::new(definition)).unwrap_or_else(|e| panic!("{id}: {e}"));
        }
    }

    #[test]
    fn names_are_unique() {
        let mut owner: BTreeMap<String, &str> = BTreeMap::new();
        for definition in all() {
            for name in definition.aliases.iter().chain([&definition.id]) {
                // an alias that differs from its own identifier only in case or dashes is no conflict
                if let Some(other) = owner.insert(normal(name), &definition.id) {
                    assert_eq!(other, definition.id, "`{name}` belongs to two definitions");
                }
            }
        }
    }

    #[test]
    fn names_are_found() {
        assert_eq!(find("GELU").unwrap().id, "gelu");
        assert_eq!(find("Leaky-ReLU").unwrap().id, "leaky_relu");
        let error = find("gleu").unwrap_err();
        assert!(error.suggestions.contains(&"gelu".to_string()), "{error}");
        assert!(find("zzzzzz").unwrap_err().suggestions.is_empty());
    }
}
