//! How what checks know is written down, so that it is read as it was.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

/// A word of this program. Under its own name, serde does not take it for a part of what is read.
pub(crate) type Word = &'static str;

/// Words: read, they live as long as the program does.
pub(crate) mod words {
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    pub fn serialize<S: Serializer>(value: &Word, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
        String::deserialize(from).map(known)
    }

    /// One text for each: there are few.
    pub(super) fn known(text: String) -> Word {
        static KNOWN: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(text.as_str()) {
            Some(text) => text,
            None => {
                let text: Word = Box::leak(text.into_boxed_str());
                known.insert(text);
                text
            }
        }
    }
}

/// Numbers by words.
pub(crate) mod counts {
    use super::*;
    use serde::Serialize as _;
    use std::collections::BTreeMap;

    pub fn serialize<S: Serializer>(value: &BTreeMap<Word, u64>, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Word, u64>, D::Error> {
        let read = BTreeMap::<String, u64>::deserialize(from)?;
        Ok(read.into_iter().map(|(text, n)| (words::known(text), n)).collect())
    }
}

/// An array that is longer than those serde knows.
pub(crate) mod array {
    use super::*;
    use serde::Serialize as _;

    pub fn serialize<S: Serializer, const N: usize>(value: &[u64; N], to: S) -> Result<S::Ok, S::Error> {
        value.as_slice().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<[u64; N], D::Error> {
        let read = Vec::<u64>::deserialize(from)?;
        let length = read.len();
        read.try_into().map_err(|_| D::Error::custom(format!("expected {N} numbers, and not {length}")))
    }
}
