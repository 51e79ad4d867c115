//! The laws of the text forms, for any bytes: what the fuzz target and its stand-in among the tests call.

use super::{
    Activation, Definition, Names, ParseErrorKind, parse_expr, parse_expr_with, parse_interval, parse_rational,
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::sync::Arc;

/// Derivatives of larger expressions are left out, to keep an execution short.
const MAX_DERIVED: usize = 60;
/// Errors of longer texts are not rendered.
const MAX_RENDERED: usize = 2000;

/// Parses arbitrary bytes as an expression, an interval, a number and a definition file.
///
/// # Panics
/// If a law is broken: printing what was parsed must give a text that parses to the same; what can be simplified,
/// derived, typeset or given values must not fail in any other way than by an error with a place.
pub fn fuzz_parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    expression(&text);
    if let Err(error) = parse_interval(&text) {
        refused(&error, error.line_column(), &text);
    }
    if let Err(error) = parse_rational(&text) {
        refused(&error, error.line_column(), &text);
    }
    definition(&text);
}

fn expression(text: &str) {
    let expr = match parse_expr(text) {
        Ok(expr) => expr,
        Err(error) => return refused(&error, error.line_column(), text),
    };
    assert_eq!(parse_expr(&expr.to_string()).as_ref(), Ok(&expr), "{expr} is not what it prints");
    let strict = parse_expr_with(text, Names::Known(&[]));
    assert_eq!(strict.is_ok(), !expr.has_params(), "{expr}: names");
    let simple = expr.simplified();
    match parse_expr(&simple.to_string()) {
        Ok(again) => assert_eq!(again, simple, "{simple} is not what it prints"),
        // a tree can become deeper, a number longer, and a hidden exponent, zero divisor or undefined constant visible
        Err(error) => assert!(
            matches!(
                error.kind(),
                ParseErrorKind::TooDeep
                    | ParseErrorKind::TooLong
                    | ParseErrorKind::HugeNumber
                    | ParseErrorKind::ExponentTooLarge
                    | ParseErrorKind::DivisionByZero
                    | ParseErrorKind::Undefined(_)
            ),
            "{simple}: {error:?}"
        ),
    }
    assert!(!expr.latex().is_empty());
    if expr.size() <= MAX_DERIVED {
        assert!(!expr.derivative().to_string().is_empty());
    }
}

fn definition(text: &str) {
    let definition = match Definition::from_toml(text, "fuzz.toml") {
        Ok(definition) => Arc::new(definition),
        Err(error) => return refused(&error, error.line_column(), text),
    };
    let printed = definition.to_toml();
    assert_eq!(Definition::from_toml(&printed, "printed").as_ref(), Ok(&*definition), "{printed}");
    let activation = Activation::with_defaults(Arc::clone(&definition));
    let activation = activation.unwrap_or_else(|e| panic!("the defaults were checked: {e}"));
    assert!(!activation.pieces.is_empty() && activation.label().starts_with(&definition.id));
    assert!(definition.with_kinks_split().pieces.len() >= definition.pieces.len());
}

/// An error has a place and can be shown.
fn refused(error: &dyn Diagnostic, place: Option<(usize, usize)>, text: &str) {
    assert!(place.is_some(), "{error} has no place");
    if text.len() <= MAX_RENDERED {
        let mut out = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none());
        handler.render_report(&mut out, error).expect("strings can be written");
        assert!(!out.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;

    fn corpus() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/parse");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
    }

    #[test]
    fn the_corpus_obeys_the_laws() {
        let corpus = corpus();
        assert!(corpus.len() >= 40, "the corpus is gone");
        for data in &corpus {
            fuzz_parse(data);
        }
        let parsed = corpus.iter().filter_map(|d| std::str::from_utf8(d).ok());
        let (expressions, files) = parsed.fold((0, 0), |(e, f), text| {
            (e + usize::from(parse_expr(text).is_ok()), f + usize::from(Definition::from_toml(text, "").is_ok()))
        });
        assert!(expressions >= 15 && files >= 5, "too little of the corpus is valid: {expressions}, {files}");
    }

    /// Words of both languages, and bytes that are in none.
    const WORDS: [&str; 44] = [
        "x",
        "+",
        "-",
        "*",
        "/",
        "^",
        "(",
        ")",
        "[",
        "]",
        ",",
        "0",
        "1",
        "2.5",
        "1e-3",
        "1e400",
        ".",
        "e",
        "pi",
        "inf",
        "-inf",
        "abs(",
        "min(",
        "max(",
        "clamp(",
        "exp(",
        "log(",
        "sigmoid(",
        "f32(\"",
        "\")",
        "alpha",
        "'",
        "\"",
        "\n",
        "\\",
        "[[piece]]\n",
        "[[param]]\n",
        "on = ",
        "value = ",
        "expr = ",
        "\u{e9}",
        "\0",
        "\u{202e}",
        "'''",
    ];

    /// A valid source with some places replaced.
    fn mutated() -> impl Strategy<Value = Vec<u8>> {
        let mut sources = corpus();
        sources.extend(crate::catalog::all().iter().map(|d| d.to_toml().into_bytes()));
        let edit = (any::<prop::sample::Index>(), 0usize..6, prop::sample::select(&WORDS[..]));
        (prop::sample::select(sources), prop::collection::vec(edit, 1..6)).prop_map(|(mut data, edits)| {
            for (at, removed, word) in edits {
                let start = at.index(data.len() + 1);
                let end = (start + removed).min(data.len());
                data.splice(start..end, word.bytes());
            }
            data
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn any_bytes_obey_the_laws(data in prop::collection::vec(any::<u8>(), 0..200)) {
            fuzz_parse(&data);
        }

        #[test]
        fn any_words_obey_the_laws(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..30)) {
            fuzz_parse(words.concat().as_bytes());
        }

        #[test]
        fn damaged_sources_obey_the_laws(data in mutated()) {
            fuzz_parse(&data);
        }
    }
}
