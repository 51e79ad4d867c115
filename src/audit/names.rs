//! How values stand in a journal: what has a name by its name, and every float so that it is read as it was written.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

/// A pair of functions for serde, for a type whose values have names.
macro_rules! by_name {
    ($name:ident, $type:ty, $of:expr, $find:expr) => {
        pub(crate) mod $name {
            use super::*;

            pub fn serialize<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($of(value))
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let text = String::deserialize(from)?;
                $find(&text).ok_or_else(|| D::Error::custom(format!("no {}: `{text}`", stringify!($name))))
            }
        }
    };
}

by_name!(
    format,
    crate::expr::FloatFormat,
    |f: &crate::expr::FloatFormat| f.name(),
    crate::expr::FloatFormat::from_name
);
by_name!(pass, crate::kernels::Pass, |p: &crate::kernels::Pass| p.name(), crate::kernels::Pass::from_name);
by_name!(check, &'static str, |id: &&'static str| *id, crate::audit::process::check_id);

fn number_text(value: f64) -> String {
    format!("{value:e}")
}

/// A float as the shortest decimal that gives it back; JSON numbers have no infinity.
pub(crate) mod number {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&number_text(*value))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// One of them, or none.
pub(crate) mod maybe {
    use super::*;
    use serde::Serialize as _;

    pub fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(number_text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

/// Two of them.
pub(crate) mod numbers {
    use super::*;
    use serde::Serialize as _;

    pub fn serialize<S: Serializer>(value: &[f64; 2], to: S) -> Result<S::Ok, S::Error> {
        value.map(number_text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[f64; 2], D::Error> {
        let [a, b] = <[String; 2]>::deserialize(from)?;
        Ok([a.parse().map_err(D::Error::custom)?, b.parse().map_err(D::Error::custom)?])
    }
}
