//! Activations for tests, from the catalogue.

use crate::catalog;
use crate::expr::{Activation, parse_rational};

/// The catalogue's activation of this id, with these parameter values and defaults for the rest.
pub fn activation_with(id: &str, given: &[(&str, &str)]) -> Activation {
    let values = given.iter().map(|(name, text)| ((*name).to_owned(), parse_rational(text).expect("a number")));
    Activation::new(catalog::find(id).expect("in the catalogue"), &values.collect()).expect("values in their domains")
}

/// The catalogue's activation of this id with its default parameters.
pub fn activation(id: &str) -> Activation {
    activation_with(id, &[])
}
