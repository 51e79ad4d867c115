//! What people see when they make a mistake: one snapshot, so that a change of wording is a change of a file.

use super::{Activation, Definition, Names, parse_expr_with, parse_interval, parse_rational};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// As on a terminal without colour and without Unicode.
pub(crate) fn rendered(error: &dyn Diagnostic) -> String {
    let mut out = String::new();
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(100).without_syntax_highlighting();
    handler.render_report(&mut out, error).expect("strings can be written");
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_string()
}

const EXPRESSIONS: [&str; 35] = [
    "",
    "x *",
    "2x",
    "x (x + 1)",
    "(x + 1",
    "x + 1)",
    "x ** 2",
    "x + + 1",
    "x \u{d7} 2",
    "|x|",
    "x > 0",
    "sigmod(x)",
    "alpha(x)",
    "tanh x",
    "alpah * x",
    "X + 1",
    "inf",
    "max(x)",
    "clamp(x, 0)",
    "exp()",
    "e^x",
    "2^x",
    "x^pi",
    "x^5000",
    "x^(2^100)",
    "1e999999999",
    "1/0",
    "x/(alpha - alpha)",
    "x + 1/(2*x -\n  x - x)",
    "0^-1",
    "f32(0.1)",
    "f32(\"zero\")",
    "f16(\"70000\")",
    "f32(\"0.1)",
    "x # comment",
];

const INTERVALS: [&str; 8] = ["0, 1", "[-inf, 0]", "(0, inf]", "(inf, 0)", "(1, 1]", "[2, 1]", "(-x, 1)", "(0 1)"];

const NUMBERS: [&str; 3] = ["one", "sqrt(2)", "1/3/"];

/// Each is put behind a correct beginning of a file.
const FILES: [&str; 21] = [
    "expr = x",
    "id = 'twice'\nexpr = 'x'",
    "titel = 'a typo'\nexpr = 'x'",
    "title = 5\nexpr = 'x'",
    "provenance = 'guessed'\nexpr = 'x'",
    "aliases = ['a', 'b', 'a']\nexpr = 'x'",
    "title = 'nothing'",
    "expr = 'x'\n[[piece]]\non = '(-inf, inf)'\nvalue = 'x'",
    "expr = \"x * f32(\\\"0.1\\\") * sigmod(x)\"",
    "expr = '''\nx *\n  alpah\n'''\n[[param]]\nname = 'alpha'\ndomain = '(0, inf)'\ndefault = 1",
    "expr = 'x'\n[[param]]\nname = 'alpha'\ndefault = 1",
    "expr = 'x'\n[[param]]\nname = 'tanh'\ndomain = '(0, inf)'\ndefault = 1",
    "expr = 'x'\n[[param]]\nname = 'alpha'\ndomain = '(0, inf)'\ndefault = 0",
    "expr = 'x'\n[[param]]\nname = 'alpha'\ndomain = '(0, 1)'\ninteger = true\ndefault = '1/2'",
    "expr = 'x'\n[[param]]\nname = 'alpha'\ndomain = '(0, pi)'\ndefault = 0.5",
    "[[piece]]\non = '(-inf, 0)'\nvalue = 'x'\n[[piece]]\non = '(0, inf)'\nvalue = 'x'",
    "[[piece]]\non = '(-inf, 0]'\nvalue = 'x'\n[[piece]]\non = '[0, inf)'\nvalue = 'x'",
    "[[piece]]\non = '(-inf, 1)'\nvalue = 'x'\n[[piece]]\non = '[1 + 1e-18, inf)'\nvalue = 'x'",
    "[[piece]]\non = '(-inf, 2)'\nvalue = 'x'\n[[piece]]\non = '[sqrt(2), inf)'\nvalue = 'x'",
    "[[piece]]\non = '(-inf, 0)'\nvalue = 'x'\nvalu = 'x'",
    "expr = 'x/(alpha - 1)'\n[[param]]\nname = 'alpha'\ndomain = '(0, inf)'\ndefault = 1",
];

#[test]
fn messages() {
    let mut out = String::new();
    let mut show = |input: &str, error: &dyn Diagnostic| {
        writeln!(out, "=== {}\n{}\n", input.replace('\n', "\\n"), rendered(error)).expect("strings can be written");
    };
    for text in EXPRESSIONS {
        show(text, &parse_expr_with(text, Names::Known(&["alpha"])).expect_err(text));
    }
    for text in INTERVALS {
        show(text, &parse_interval(text).expect_err(text));
    }
    for text in NUMBERS {
        show(text, &parse_rational(text).expect_err(text));
    }
    for text in FILES {
        let file = format!("id = \"mine\"\n{text}\n");
        show(text, &Definition::from_toml(&file, "mine.toml").expect_err(text));
    }
    let srelu = crate::catalog::find("srelu").expect("a file of the catalogue");
    for (name, value) in [("alpha", "-1"), ("alhpa", "1")] {
        let values = BTreeMap::from([(name.to_string(), parse_rational(value).expect("a number"))]);
        show(&format!("srelu, {name} = {value}"), &Activation::new(Arc::clone(&srelu), &values).expect_err(name));
    }
    show("gleu", &crate::catalog::find("gleu").expect_err("a typo"));
    insta::assert_snapshot!(out);
}

#[test]
fn absurd_texts_are_refused_at_once() {
    let deep = |open: &str, close: &str, n: usize| format!("{}x{}", open.repeat(n), close.repeat(n));
    for text in [
        deep("(", ")", 201),
        deep("(", "", 16000),
        deep("-", "", 16000),
        deep("sin(", ")", 3000),
        deep("2^", "", 8000),
        deep("x+", "", 8000),
        deep("1/(1+", ")", 3000),
        deep("x*(", "", 5000),
        "1".repeat(16000),
        format!("1e{}", "9".repeat(16000)),
        "x".repeat(1 << 20),
        " ".repeat(1 << 20),
        format!("({})^4096", "9".repeat(4000)),
        "9^9^9^9".into(),
        deep("f32(", "", 4000),
    ] {
        let start = std::time::Instant::now();
        let result = parse_expr_with(&text, Names::Any).map(|e| e.simplified());
        if !text.starts_with("(9") {
            let error = result.expect_err("absurd");
            assert!(error.line_column().is_some() && !rendered(&error).is_empty());
        }
        assert!(start.elapsed().as_secs() < 2, "{} takes too long", &text[..20]);
    }
    assert!(parse_expr_with(&deep("(", ")", 199), Names::Any).is_ok());
}
