//! A definition file as it stands: tables, keys and values, and the place of each. What they mean is another file's.

use super::define::DefinitionErrorKind as Kind;
use super::error::{Fault, did_you_mean};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) type FileFault = Fault<Kind>;

/// A string of the file with the bytes that it was written as.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    pub value: String,
    pub span: Range<usize>,
    raw: &'a str,
}

impl Text<'_> {
    /// Where bytes of the value stand in the file, across quotes and escapes.
    pub fn place(&self, inside: Range<usize>) -> Range<usize> {
        let start = self.raw_offset(inside.start);
        let end = if inside.is_empty() { start } else { self.raw_offset(inside.end - 1) + 1 };
        self.span.start + start..self.span.start + end.max(start)
    }

    fn raw_offset(&self, target: usize) -> usize {
        let multiline = ["\"\"\"", "'''"].into_iter().any(|q| self.raw.len() >= 6 && self.raw.starts_with(q));
        let quoted = self.raw.starts_with(['"', '\'']);
        let mut raw = if multiline { 3 } else { usize::from(quoted) };
        if multiline {
            // a line break right after the opening quotes belongs to no value
            raw += ["\r\n", "\n"].iter().find(|nl| self.raw[raw..].starts_with(**nl)).map_or(0, |nl| nl.len());
        }
        let escapes = self.raw.starts_with('"');
        let mut value = 0;
        while let Some(c) = self.raw[raw..].chars().next() {
            let escaped = escapes && c == '\\';
            let (consumed, produced) = if escaped { escape(&self.raw[raw..]) } else { (c.len_utf8(), c.len_utf8()) };
            // what stands for nothing is passed even at the target
            if value >= target && produced > 0 {
                break;
            }
            raw += consumed;
            value += produced;
        }
        raw.min(self.raw.len())
    }
}

/// The bytes of an escape sequence, and of what it stands for.
fn escape(rest: &str) -> (usize, usize) {
    let code = |digits: usize| {
        let hex = rest.get(2..2 + digits).and_then(|h| u32::from_str_radix(h, 16).ok());
        (2 + digits, hex.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match rest.as_bytes().get(1) {
        Some(b'x') => code(2),
        Some(b'u') => code(4),
        Some(b'U') => code(8),
        // a backslash at the end of a line swallows all blanks up to the next word
        Some(b' ' | b'\t' | b'\r' | b'\n') => (1 + rest[1..].len() - rest[1..].trim_start().len(), 0),
        _ => (2, 1),
    }
}

/// A table whose keys are taken one by one; what is left over is unknown.
pub(super) struct Section<'a> {
    file: &'a str,
    table: DeTable<'a>,
    span: Range<usize>,
    name: &'static str,
    asked: Vec<&'static str>,
}

/// Reads the whole file as a table.
pub(super) fn read(file: &str) -> Result<Section<'_>, FileFault> {
    let table = DeTable::parse(file).map_err(|e| {
        let span = e.span().unwrap_or(0..0);
        let start = span.start.min(file.len());
        Fault::new(Kind::Toml(e.message().trim().to_lowercase()), start..span.end.clamp(start, file.len()), "here")
    })?;
    Ok(Section { file, table: table.into_inner(), span: 0..0, name: "the file", asked: Vec::new() })
}

impl<'a> Section<'a> {
    /// The bytes of the table's head.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table.remove(key)
    }

    fn wrong_type(key: &'static str, expected: &'static str, found: &Spanned<DeValue<'_>>) -> FileFault {
        let found_type = found.get_ref().type_str();
        Fault::new(Kind::WrongType { key, expected, found: found_type }, found.span(), "this value")
    }

    fn text_of(&self, key: &'static str, value: &Spanned<DeValue<'a>>) -> Result<Text<'a>, FileFault> {
        match value.get_ref() {
            DeValue::String(s) => Ok(Text { value: s.to_string(), span: value.span(), raw: &self.file[value.span()] }),
            _ => Err(Self::wrong_type(key, "a string", value)),
        }
    }

    /// A string, if the key is there.
    pub fn text(&mut self, key: &'static str) -> Result<Option<Text<'a>>, FileFault> {
        self.take(key).map(|value| self.text_of(key, &value)).transpose()
    }

    /// A string that must be there.
    pub fn required(&mut self, key: &'static str) -> Result<Text<'a>, FileFault> {
        self.text(key)?.ok_or_else(|| {
            let kind = Kind::MissingKey { key, table: self.name };
            Fault::new(kind, self.span.clone(), "in this table").help(format!("add  {key} = \"...\""))
        })
    }

    /// A number in quotes, or a number as TOML has it; read as text in both cases, so that it is exact.
    pub fn required_number(&mut self, key: &'static str) -> Result<Text<'a>, FileFault> {
        if let Some(DeValue::Integer(_) | DeValue::Float(_)) = self.table.get(key).map(|v| v.get_ref()) {
            let span = self.take(key).map_or(0..0, |v| v.span());
            let raw = &self.file[span.clone()];
            return Ok(Text { value: raw.into(), span, raw });
        }
        self.required(key)
    }

    /// A truth value, false if absent.
    pub fn flag(&mut self, key: &'static str) -> Result<bool, FileFault> {
        match self.take(key) {
            None => Ok(false),
            Some(value) => value.get_ref().as_bool().ok_or_else(|| Self::wrong_type(key, "true or false", &value)),
        }
    }

    fn items(&mut self, key: &'static str, expected: &'static str) -> Result<Vec<Spanned<DeValue<'a>>>, FileFault> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(value) => match value.get_ref() {
                DeValue::Array(_) => match value.into_inner() {
                    DeValue::Array(items) => Ok(items.into_iter().collect()),
                    _ => unreachable!("just seen"),
                },
                _ => Err(Self::wrong_type(key, expected, &value)),
            },
        }
    }

    /// An array of strings, empty if absent.
    pub fn texts(&mut self, key: &'static str) -> Result<Vec<Text<'a>>, FileFault> {
        let items = self.items(key, "an array of strings")?;
        items.iter().map(|item| self.text_of(key, item)).collect()
    }

    /// An array of tables, empty if absent.
    pub fn tables(&mut self, key: &'static str, name: &'static str) -> Result<Vec<Self>, FileFault> {
        let items = self.items(key, "an array of tables")?;
        let file = self.file;
        items
            .into_iter()
            .map(|item| {
                let span = item.span();
                match item.get_ref() {
                    DeValue::Table(_) => {}
                    _ => return Err(Self::wrong_type(key, "a table", &item)),
                }
                let DeValue::Table(table) = item.into_inner() else { unreachable!("just seen") };
                Ok(Self { file, table, span, name, asked: Vec::new() })
            })
            .collect()
    }

    /// Refuses keys that nobody asked for.
    pub fn end(self) -> Result<(), FileFault> {
        let Some(key) = self.table.keys().min_by_key(|k| k.span().start) else { return Ok(()) };
        let kind = Kind::UnknownKey { key: key.get_ref().to_string(), table: self.name };
        let listed = || format!("the keys are {}", self.asked.join(", "));
        let help = did_you_mean(key.get_ref(), self.asked.iter().copied()).unwrap_or_else(listed);
        Err(Fault::new(kind, key.span(), "not known here").help(help))
    }
}

/// A string as TOML writes it.
pub(super) fn quoted(value: &str) -> String {
    if value.contains('"') && !value.chars().any(|c| c == '\'' || c.is_control()) {
        return format!("'{value}'");
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_place(file: &str, word: &str) {
        let mut section = read(file).unwrap();
        let text = section.required("v").unwrap();
        let at = text.value.find(word).unwrap();
        assert_eq!(&file[text.place(at..at + word.len())], word, "{file}");
    }

    #[test]
    fn places_survive_quotes_and_escapes() {
        check_place("v = 'abc'", "c");
        check_place("v = \"f32(\\\"1\\\") * bad\"", "bad");
        check_place("v = \"\\u00e9\\t\\x41 bad\"", "bad");
        check_place("v = '''\nfirst\n  bad'''", "bad");
        check_place("v = \"\"\"\n1 + \\\n   \n  bad + 2\"\"\"", "bad");
    }

    #[test]
    fn quoted_strings_read_back() {
        for value in ["", "plain", "a \"b\"", "a 'b' \"c\"", "back\\slash", "two\nlines\u{7f}\u{1}", "\u{e9}\u{1F600}"]
        {
            let file = format!("v = {}", quoted(value));
            assert_eq!(read(&file).unwrap().required("v").unwrap().value, value);
        }
    }
}
