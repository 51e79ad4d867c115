//! Functions with parameters that code often computes and that are none of the catalogue.

use crate::expr::{Activation, Definition, DefinitionError};
use std::sync::Arc;

/// A name for a definition, what it is, and how people write it: `{}` stands for the parameter's value.
const FAMILIES: [(&str, &str, &str); 3] = [
    ("scaled_tanh", "tanh(b*x)", "tanh({}*x)"),
    ("scaled_sigmoid", "sigmoid(b*x)", "sigmoid({}*x)"),
    ("scaled_erf", "erf(b*x)", "erf({}*x)"),
];

/// All of them.
pub fn all() -> Result<Vec<Arc<Definition>>, DefinitionError> {
    let made = |(id, expr, _): &(&str, &str, &str)| {
        let text = format!(
            "id = \"{id}\"\ntitle = \"{id}\"\nprovenance = \"user\"\nexpr = \"{expr}\"\n\n\
             [[param]]\nname = \"b\"\ndomain = \"(1/1000, 1000)\"\ndefault = \"1\"\nmeaning = \"scale of the input\"\n"
        );
        Definition::from_toml(&text, id).map(Arc::new)
    };
    FAMILIES.iter().map(made).collect()
}

/// Whether an activation is of one of them.
pub fn has(activation: &Activation) -> bool {
    FAMILIES.iter().any(|(family, ..)| *family == activation.definition.id)
}

/// What an activation is called: its label, or the formula of a family.
pub fn label(activation: &Activation) -> String {
    let id = activation.definition.id.as_str();
    let family = FAMILIES.iter().find(|(family, ..)| *family == id);
    if let Some([_, text]) = activation.spelled.as_ref().filter(|[kind, _]| kind == "expr") {
        return text.clone();
    }
    match (family, activation.values.get("b")) {
        (Some((_, _, form)), Some(b)) if *b == 1 => form.replace("{}*", ""),
        (Some((_, _, form)), Some(b)) => form.replace("{}", &b.to_string()),
        _ => activation.label(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_a_definition_with_a_formula() {
        for definition in all().expect("made") {
            let activation = Activation::with_defaults(definition).expect("made");
            assert!(label(&activation).ends_with("(x)"), "{}", label(&activation));
        }
    }
}
