//! Errors that point at a place in a text: one carrier for expressions and definition files.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What is wrong and where, before the text that it points into is attached.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Fault<K> {
    pub kind: K,
    pub span: Range<usize>,
    pub label: &'static str,
    pub help: Option<Box<str>>,
}

impl<K> Fault<K> {
    pub fn new(kind: K, span: Range<usize>, label: &'static str) -> Self {
        Self { kind, span, label, help: None }
    }

    pub fn help(mut self, text: impl Into<Box<str>>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same fault under another kind and at another place: an expression's error inside of a file.
    pub fn map<L>(self, kind: impl FnOnce(K) -> L, span: impl FnOnce(Range<usize>) -> Range<usize>) -> Fault<L> {
        Fault { kind: kind(self.kind), span: span(self.span), label: self.label, help: self.help }
    }

    /// Attaches the text.
    pub fn within(self, name: &str, text: &str) -> Located<K> {
        // a caret behind the last character needs something to stand under
        let source = NamedSource::new(name, Arc::from(format!("{text}\n")));
        let span = self.span.start..self.span.end.max(self.span.start + 1);
        let place = Place { source, span, label: self.label };
        Located(Box::new(Parts { kind: self.kind, help: self.help.map(String::from), place: Some(place) }))
    }
}

/// An error of kind `K`, with the place in a text where there is one.
///
/// `Display` is the bare message; `miette` renders it with the line, a caret and the help.
#[derive(Clone)]
pub struct Located<K>(Box<Parts<K>>);

#[derive(Clone)]
struct Parts<K> {
    kind: K,
    help: Option<String>,
    place: Option<Place>,
}

#[derive(Clone)]
struct Place {
    source: NamedSource<Arc<str>>,
    span: Range<usize>,
    label: &'static str,
}

impl<K> Located<K> {
    /// An error that belongs to no text.
    pub(super) fn nowhere(kind: K, help: Option<String>) -> Self {
        Self(Box::new(Parts { kind, help, place: None }))
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &K {
        &self.0.kind
    }

    /// Line and column of the place, both from 1, the column in characters; `None` if there is no text.
    #[must_use]
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let place = self.0.place.as_ref()?;
        let before = place.source.inner().get(..place.span.start)?;
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }
}

impl<K: fmt::Display> fmt::Display for Located<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.kind.fmt(f)
    }
}

impl<K: fmt::Debug> fmt::Debug for Located<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.kind)?;
        match self.line_column() {
            Some((line, column)) => write!(f, " at {line}:{column}"),
            None => Ok(()),
        }
    }
}

impl<K: PartialEq> PartialEq for Located<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind && self.line_column() == other.line_column()
    }
}

impl<K: Error> Error for Located<K> {}

impl<K: Error> Diagnostic for Located<K> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.place.as_ref().map(|p| &p.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.0.place.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(place.label.into()), place.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// "did you mean ...?" over the names that could stand there, if one is near enough.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(&lower, &c.to_lowercase()), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| format!("did you mean `{c}`?"))
}
