//! What the library offers: the list is committed (`snapshots/`), so that it does not grow by accident. A new name in it is a
//! promise; `INSTA_UPDATE=always cargo test --test repository api::` makes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The public items that a file writes down at its outermost level, by name, each with whether it is a module.
fn public(text: &str) -> Vec<(String, bool)> {
    let mut out = vec![];
    let mut hidden = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("#[doc(hidden)]") {
            hidden = true;
        }
        let Some(item) = line.strip_prefix("pub ") else {
            // attributes and comments belong to what follows
            hidden &= line.starts_with(['#', '/']);
            continue;
        };
        let mut item = item.to_owned();
        while item.starts_with("use ") && !item.contains(';') {
            item += lines.next().unwrap_or(";").trim();
        }
        if !std::mem::take(&mut hidden) {
            out.extend(names(&item));
        }
    }
    out
}

/// The names that an item brings, given what follows `pub`: of a `use`, one a leaf, in lists of one level.
fn names(item: &str) -> Vec<(String, bool)> {
    let identifier = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    if let Some(path) = item.strip_prefix("use ") {
        let path = path.trim_end_matches(['}', ';']);
        let (own, leaves) = path.split_once("::{").unwrap_or((path, path));
        let name = |leaf: &str| {
            let leaf = if leaf == "self" { own } else { leaf };
            let leaf = leaf.rsplit(" as ").next().unwrap_or(leaf);
            identifier(leaf.rsplit("::").next().unwrap_or(leaf))
        };
        return leaves
            .split(',')
            .map(str::trim)
            .filter(|leaf| !leaf.is_empty())
            .map(|leaf| (name(leaf), false))
            .collect();
    }
    let item = item.replacen("const fn ", "fn ", 1);
    let (kind, rest) = item.split_once(' ').unwrap_or((&item, ""));
    vec![(identifier(rest), kind == "mod")]
}

/// The text of a module of the library's root.
fn module(name: &str) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read = |path: String| fs::read_to_string(src.join(path)).ok();
    read(format!("{name}/mod.rs")).or_else(|| read(format!("{name}.rs"))).expect("a file of each module")
}

#[test]
fn the_library_offers_what_is_listed() {
    let root =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs is readable");
    let mut all = BTreeSet::new();
    for (name, is_module) in public(&root) {
        if is_module {
            all.extend(public(&module(&name)).into_iter().map(|(item, _)| format!("{name}::{item}")));
        }
        all.insert(name);
    }
    insta::assert_snapshot!("api", all.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_is_public_is_seen() {
    let of = |text: &str| public(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(of("pub mod a;\npub(crate) mod b;\nmod c;\n"), ["a"]);
    assert_eq!(of("/// a\n#[doc(hidden)]\npub mod internal {\n    pub use crate::x;\n}\npub fn f() {}\n"), ["f"]);
    assert_eq!(of("#[doc(hidden)]\n#[must_use]\npub struct S;\nstruct T;\npub enum E {"), ["E"]);
    assert_eq!(of("pub use one::Two;\npub use x::{self as y, catalog};"), ["Two", "y", "catalog"]);
    assert_eq!(
        of("pub use a::{\n    B,\n    c,\n};\npub const fn g() {}\npub static K: u8 = 0;"),
        ["B", "c", "g", "K"]
    );
}
