//! Text to tokens, one at a time.

use super::error::Fault;
use super::literal;
use super::problem::ParseErrorKind;
use rug::Rational;
use std::ops::Range;

/// A token of the expression language; brackets and operators are themselves.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token<'a> {
    Number(Rational),
    Name(&'a str),
    /// the text between quotes
    Quoted(&'a str),
    /// one of `+-*/^(),[]`
    Sign(char),
    End,
}

impl Token<'_> {
    /// As messages show it.
    pub fn describe(&self, text: &str) -> String {
        match self {
            Token::End => "the end of the text".into(),
            _ => format!("`{text}`"),
        }
    }
}

/// Reads the token that starts at or after byte `from`.
pub(super) fn token(text: &str, from: usize) -> Result<(Token<'_>, Range<usize>), Fault<ParseErrorKind>> {
    let rest = text.get(from..).unwrap_or("");
    let trimmed = rest.trim_start();
    let start = text.len() - trimmed.len();
    let Some(first) = trimmed.chars().next() else {
        // the end is where the last word stops, not behind trailing blanks or lines
        let end = text.trim_end().len();
        return Ok((Token::End, end..end));
    };
    let long = |len: usize| start..start + len;
    let second_is_digit = trimmed[first.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
    match first {
        '0'..='9' => number(trimmed, long),
        '.' if second_is_digit => number(trimmed, long),
        'a'..='z' | 'A'..='Z' | '_' => {
            let len = trimmed.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(trimmed.len());
            Ok((Token::Name(&trimmed[..len]), long(len)))
        }
        '"' | '\'' => match trimmed[1..].find(first) {
            Some(len) => Ok((Token::Quoted(&trimmed[1..=len]), long(len + 2))),
            None => Err(Fault::new(ParseErrorKind::UnclosedQuote, long(1), "opened here")),
        },
        '*' if trimmed.starts_with("**") => {
            Err(Fault::new(ParseErrorKind::Character('*'), long(2), "not an operator").help("a power is written `^`"))
        }
        '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' | '[' | ']' => Ok((Token::Sign(first), long(1))),
        _ => Err(unknown_character(first, long(first.len_utf8()))),
    }
}

fn number(
    rest: &str,
    long: impl Fn(usize) -> Range<usize>,
) -> Result<(Token<'_>, Range<usize>), Fault<ParseErrorKind>> {
    let digits_from = |at: usize| rest[at..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| at + n);
    let mut len = digits_from(0);
    if rest[len..].starts_with('.') {
        len = digits_from(len + 1);
    }
    // an `e` is an exponent only if digits follow: `2*e` without the star must not turn into something else
    if rest[len..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[len + 1..].starts_with(['+', '-']));
        let end = digits_from(len + 1 + sign);
        if end > len + 1 + sign {
            len = end;
        }
    }
    match literal::decimal(&rest[..len]) {
        Some(value) => Ok((Token::Number(value), long(len))),
        None => Err(Fault::new(ParseErrorKind::HugeNumber, long(len), "this number")
            .help("numbers of more than about 4900 decimal digits are refused")),
    }
}

fn unknown_character(c: char, span: Range<usize>) -> Fault<ParseErrorKind> {
    let instead = match c {
        '\u{b7}' | '\u{d7}' | '\u{22c5}' => Some("`*`"),
        '\u{f7}' => Some("`/`"),
        '\u{2212}' | '\u{2013}' => Some("`-`"),
        '\u{3c0}' => Some("`pi`"),
        '\u{221e}' => Some("`inf`"),
        '\u{221a}' => Some("`sqrt(...)`"),
        '|' => Some("`abs(...)`"),
        '<' | '>' | '=' | '?' | ':' => Some("pieces, `min` or `max` instead of conditions"),
        _ => None,
    };
    let fault = Fault::new(ParseErrorKind::Character(c), span, "not part of the language");
    match instead {
        Some(text) => fault.help(format!("use {text}")),
        None => fault,
    }
}
