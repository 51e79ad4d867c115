//! Numbers in JSON that may be infinite or NaN, which JSON cannot say: as texts `inf`, `-inf`, `nan`. Other numbers stay numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number, or what is none in words.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Written {
    Number(f64),
    Text(String),
}

impl Written {
    fn new(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Text(value.to_string().to_lowercase()) }
    }

    fn value<E: serde::de::Error>(self) -> Result<f64, E> {
        match self {
            Self::Number(value) => Ok(value),
            Self::Text(text) => text.parse().map_err(|_| E::custom(format!("`{text}` is no number"))),
        }
    }
}

pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    Written::new(*value).serialize(to)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Written::deserialize(from)?.value()
}

/// The same for numbers by name.
pub(super) mod map {
    use super::Written;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer>(map: &BTreeMap<String, f64>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(name, value)| (name, Written::new(*value))))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, f64>, D::Error> {
        let written = BTreeMap::<String, Written>::deserialize(from)?;
        written.into_iter().map(|(name, value)| Ok((name, value.value()?))).collect()
    }
}

/// The same for a list of numbers with names.
pub(super) mod list {
    use super::Written;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(list: &[(String, f64)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(|(name, value)| (name, Written::new(*value))))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, f64)>, D::Error> {
        let written = Vec::<(String, Written)>::deserialize(from)?;
        written.into_iter().map(|(name, value)| Ok((name, value.value()?))).collect()
    }
}
