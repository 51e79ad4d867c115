//! Keys that a claim file lacks, all at once: the parser stops at the first.

use toml::{Table, Value};

/// Keys of every claim.
const EVERY: [&str; 6] = ["id", "quote", "source", "quantity", "kind", "value"];
/// Besides these, of an integral and of everything else.
const INTEGRAL: [&str; 3] = ["integrand", "from", "to_point"];
const OTHER: [&str; 1] = ["activation"];

/// In a sentence: the keys that are missing.
pub(super) fn said(keys: &[&str]) -> Option<String> {
    let listed = || keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    match keys {
        [] => None,
        [_] => Some(format!("the key {} is missing", listed())),
        _ => Some(format!("the keys {} are missing", listed())),
    }
}

/// What each claim of a file lacks; nothing if the text is no TOML, or lacks nothing.
pub(super) fn all(text: &str) -> Option<String> {
    let file: Table = toml::from_str(text).ok()?;
    let mut lacks: Vec<String> = vec![];
    lacks.extend(["paper", "claim"].iter().filter(|key| !file.contains_key(**key)).map(|key| format!("`{key}`")));
    let claims = file.get("claim").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (k, claim) in (1..).zip(claims.iter().filter_map(Value::as_table)) {
        let of = |key: &str| claim.get(key).and_then(Value::as_str);
        let rest = if of("quantity") == Some("integral") { &INTEGRAL[..] } else { &OTHER[..] };
        let missing: Vec<&str> = EVERY.iter().chain(rest).copied().filter(|key| !claim.contains_key(*key)).collect();
        let name = of("id").map_or_else(|| format!("[[claim]] number {k}"), |id| format!("claim `{id}`"));
        lacks.extend(said(&missing).map(|said| format!("{name}: {said}")));
    }
    (!lacks.is_empty()).then(|| format!("missing: {}", lacks.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_missing_is_named() {
        let text = "[[claim]]\nid = \"a\"\nquantity = \"slope\"\n[[claim]]\nquantity = \"integral\"\nquote = \"q\"\n";
        assert_eq!(
            all(text).as_deref(),
            Some(
                "missing: `paper`; claim `a`: the keys `quote`, `source`, `kind`, `value`, `activation` are missing; [[claim]] number 2: \
                 the keys `id`, `source`, `kind`, `value`, `integrand`, `from`, `to_point` are missing"
            )
        );
        assert_eq!((all("milk"), all(&super::super::example!().replace("\n  ", "\n"))), (None, None));
    }
}
