//! Definitions from texts: what a file means, and what it must not say. And back to text.

use super::activation::check_with_defaults;
use super::ast::Expr;
use super::cover::{self, PieceFault};
use super::definition::{Definition, End, ParamDomain, Parameter, Piece, Provenance};
use super::error::{Fault, Located};
use super::file::{FileFault, Section, Text, quoted, read};
use super::parse::{Names, expression, interval, is_reserved, rational};
use super::problem::{ParseErrorKind, ParseFault};
use rug::Rational;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// Longer definition files are refused.
pub const MAX_FILE: usize = 1 << 17;
/// More pieces or parameters than this are refused.
const MAX_TABLES: usize = 256;

/// What is wrong with a definition, or with values for its parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionErrorKind {
    /// Not TOML.
    #[error("not a TOML file: {0}")]
    Toml(String),
    /// A key that has no meaning.
    #[error("unknown key `{key}` in {table}")]
    UnknownKey {
        /// the key
        key: String,
        /// where
        table: &'static str,
    },
    /// A key that must be there.
    #[error("{table} needs the key `{key}`")]
    MissingKey {
        /// the key
        key: &'static str,
        /// where
        table: &'static str,
    },
    /// A value of another type.
    #[error("`{key}` must be {expected}, found {found}")]
    WrongType {
        /// the key
        key: &'static str,
        /// what it must be
        expected: &'static str,
        /// what it is
        found: &'static str,
    },
    /// An error in an expression, interval or number.
    #[error(transparent)]
    Expression(#[from] ParseErrorKind),
    /// The file is too long, or has too many tables.
    #[error("too large: at most {MAX_FILE} bytes and {MAX_TABLES} pieces and parameters are accepted")]
    TooLarge,
    /// An identifier that is none.
    #[error("`{0}` cannot be an identifier")]
    Identifier(String),
    /// A name that the language has already.
    #[error("the name `{0}` is part of the language")]
    Reserved(String),
    /// The same name twice.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// A provenance that does not exist.
    #[error("unknown provenance `{0}`")]
    UnknownProvenance(String),
    /// Neither pieces nor an expression.
    #[error("there is neither `expr` nor a [[piece]]")]
    NoFormula,
    /// Pieces and an expression.
    #[error("there are both `expr` and [[piece]]")]
    TwoFormulas,
    /// Points of the real line that belong to no piece.
    #[error("gap {}: no piece covers it", between(from, to))]
    Gap {
        /// lower end
        from: String,
        /// upper end
        to: String,
    },
    /// Points of the real line that belong to two pieces.
    #[error("overlap {}: two pieces cover it", between(from, to))]
    Overlap {
        /// lower end
        from: String,
        /// upper end
        to: String,
    },
    /// A piece without any point.
    #[error("the piece on {on} is empty")]
    EmptyPiece {
        /// its interval
        on: String,
    },
    /// Two ends whose order no precision decides.
    #[error("cannot decide whether {a} and {b} are equal")]
    Undecided {
        /// one end
        a: String,
        /// the other
        b: String,
    },
    /// A domain without any value.
    #[error("the domain {0} is empty")]
    EmptyDomain(String),
    /// A value outside of the domain.
    #[error("{name} = {value} is outside of its domain {domain}")]
    OutsideDomain {
        /// the parameter
        name: String,
        /// the value
        value: String,
        /// what is allowed
        domain: String,
    },
    /// A value for a parameter that does not exist.
    #[error("`{id}` has no parameter `{name}`")]
    UnknownParameter {
        /// the definition
        id: String,
        /// the parameter
        name: String,
    },
    /// A piece that makes no sense for the values of the parameters.
    #[error("{problem} in `{expr}`")]
    WithValues {
        /// what is wrong
        problem: ParseErrorKind,
        /// where
        expr: Box<str>,
    },
}

fn between(from: &str, to: &str) -> String {
    if from == to { format!("at {from}") } else { format!("between {from} and {to}") }
}

/// An error in a definition, with its place in the file where it has one.
pub type DefinitionError = Located<DefinitionErrorKind>;

use DefinitionErrorKind as Kind;

impl Definition {
    /// Reads a definition file. `name` is what errors call the file.
    ///
    /// # Errors
    /// With line and column in the file, also for errors inside of expressions. The pieces are checked to cover the
    /// real line for the default values of the parameters.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, DefinitionError> {
        from_file(text).map_err(|f| f.within(name, text))
    }

    /// A definition of one expression in `x` without parameters.
    ///
    /// # Errors
    /// With the place in the text: if it is no expression, names something unknown, or holds a constant that has no value.
    pub fn from_expr(text: &str) -> Result<Self, DefinitionError> {
        Self::from_expr_with(text, &BTreeMap::new())
    }

    /// A definition of one expression in which the given names are parameters: any real number, by default this one.
    ///
    /// # Errors
    /// As [`Definition::from_expr`], and if a parameter's name is none or is taken.
    pub fn from_expr_with(text: &str, params: &BTreeMap<String, Rational>) -> Result<Self, DefinitionError> {
        let build = || {
            for name in params.keys() {
                parameter_name(name).map_err(|kind| Fault::new(kind, 0..0, "given with this expression"))?;
            }
            let names: Vec<&str> = params.keys().map(String::as_str).collect();
            let expr = expression(text, Names::Known(&names)).map_err(|f| f.map(Kind::from, |s| s))?;
            let params = params.iter().map(|(name, value)| Parameter {
                name: name.clone(),
                domain: ParamDomain::REALS,
                default: value.clone(),
                meaning: String::new(),
            });
            let definition = Self {
                id: "expr".into(),
                aliases: Vec::new(),
                title: text.trim().into(),
                params: params.collect(),
                pieces: vec![Piece { lo: End::Infinite, hi: End::Infinite, expr }],
                source: String::new(),
                provenance: Provenance::User,
                note: String::new(),
            };
            let whole = 0..text.trim_end().len();
            check_with_defaults(&definition).map_err(|f| with_place(f, whole))?;
            Ok(definition)
        };
        build().map_err(|f: FileFault| f.within("expression", text))
    }

    /// The definition file; `from_toml` gives the same definition back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").expect("strings can be written");
        line("id", quoted(&self.id));
        if !self.aliases.is_empty() {
            line("aliases", format!("[{}]", self.aliases.iter().map(|a| quoted(a)).collect::<Vec<_>>().join(", ")));
        }
        line("title", quoted(&self.title));
        for (key, value) in [("source", &self.source), ("note", &self.note)] {
            if !value.is_empty() {
                line(key, quoted(value));
            }
        }
        line("provenance", quoted(self.provenance.name()));
        let whole = match self.pieces.as_slice() {
            [only] if only.lo == End::Infinite && only.hi == End::Infinite => Some(&only.expr),
            _ => None,
        };
        if let Some(expr) = whole {
            line("expr", quoted(&expr.to_string()));
        }
        for p in &self.params {
            line("\n[[param]]\nname", quoted(&p.name));
            line("domain", quoted(&p.domain.interval()));
            if p.domain.integer {
                line("integer", "true".into());
            }
            line("default", quoted(&p.default.to_string()));
            if !p.meaning.is_empty() {
                line("meaning", quoted(&p.meaning));
            }
        }
        for piece in self.pieces.iter().filter(|_| whole.is_none()) {
            line("\n[[piece]]\non", quoted(&piece.on()));
            line("value", quoted(&piece.expr.to_string()));
        }
        out
    }
}

fn with_place(fault: PieceFault, span: Range<usize>) -> FileFault {
    Fault { kind: fault.kind, span, label: "here", help: fault.help.map(Into::into) }
}

fn from_file(text: &str) -> Result<Definition, FileFault> {
    if text.len() > MAX_FILE {
        return Err(Fault::new(Kind::TooLarge, 0..0, "starts here"));
    }
    let mut file = read(text)?;
    let id = file.required("id")?;
    if !is_id(&id.value) {
        let fault = Fault::new(Kind::Identifier(id.value), id.span, "here");
        return Err(fault.help("small letters, digits and `_`, beginning with a letter"));
    }
    let aliases = file.texts("aliases")?;
    let title = file.text("title")?.map_or_else(|| id.value.clone(), |t| t.value);
    let source = file.text("source")?.map_or_else(String::new, |t| t.value);
    let note = file.text("note")?.map_or_else(String::new, |t| t.value);
    let provenance = file.text("provenance")?.map_or(Ok(Provenance::User), |t| provenance(&t))?;
    let params = file.tables("param", "[[param]]")?;
    let whole = file.text("expr")?;
    let pieces = file.tables("piece", "[[piece]]")?;
    file.end()?;

    if let Some(twice) = first_duplicate(&aliases) {
        return Err(Fault::new(Kind::Duplicate(twice.value.clone()), twice.span.clone(), "again here"));
    }
    if let Some(first) = params.get(MAX_TABLES).or(pieces.get(MAX_TABLES)) {
        return Err(Fault::new(Kind::TooLarge, first.span(), "the first one too many"));
    }
    let params = parameters(params)?;
    let names: Vec<&str> = params.iter().map(|p| p.name.as_str()).collect();
    let (pieces, places) = match (whole, pieces) {
        (Some(expr), pieces) => {
            if let Some(piece) = pieces.first() {
                return Err(Fault::new(Kind::TwoFormulas, piece.span(), "beside `expr`"));
            }
            let value = parsed(&expr, |t| expression(t, Names::Known(&names)))?;
            let place = (expr.span.clone(), expr.span);
            (vec![Piece { lo: End::Infinite, hi: End::Infinite, expr: value }], vec![place])
        }
        (None, pieces) => piece_list(pieces, &names)?,
    };
    let aliases = aliases.into_iter().map(|a| a.value).collect();
    let definition = Definition { id: id.value, aliases, title, params, pieces, source, provenance, note };
    cover::check(&definition.pieces).and_then(|()| check_with_defaults(&definition)).map_err(|fault| {
        let (on, value) = places.get(fault.piece).cloned().unwrap_or((0..0, 0..0));
        let span = if fault.in_value { value } else { on };
        with_place(fault, span)
    })?;
    Ok(definition)
}

type Places = Vec<(Range<usize>, Range<usize>)>;

fn piece_list(sections: Vec<Section<'_>>, names: &[&str]) -> Result<(Vec<Piece>, Places), FileFault> {
    let mut pieces = Vec::new();
    let mut places = Vec::new();
    for mut section in sections {
        let on = section.required("on")?;
        let value = section.required("value")?;
        section.end()?;
        let (lo, hi) = parsed(&on, |t| interval(t, Names::Known(names)))?;
        let expr: Expr = parsed(&value, |t| expression(t, Names::Known(names)))?;
        pieces.push(Piece { lo, hi, expr });
        places.push((on.span, value.span));
    }
    Ok((pieces, places))
}

/// Parses a string of the file; errors point into the file.
fn parsed<T>(text: &Text<'_>, parse: impl FnOnce(&str) -> Result<T, ParseFault>) -> Result<T, FileFault> {
    parse(&text.value).map_err(|fault| fault.map(Kind::from, |span| text.place(span)))
}

fn parameters(sections: Vec<Section<'_>>) -> Result<Vec<Parameter>, FileFault> {
    let mut params: Vec<Parameter> = Vec::new();
    for mut section in sections {
        let name = section.required("name")?;
        let domain_text = section.required("domain")?;
        let integer = section.flag("integer")?;
        let default_text = section.required_number("default")?;
        let meaning = section.text("meaning")?.map_or_else(String::new, |t| t.value);
        section.end()?;

        parameter_name(&name.value).map_err(|kind| Fault::new(kind, name.span.clone(), "this name"))?;
        if params.iter().any(|p| p.name == name.value) {
            return Err(Fault::new(Kind::Duplicate(name.value), name.span, "again here"));
        }
        let domain = domain(&domain_text, integer)?;
        let default = parsed(&default_text, rational)?;
        if !domain.contains(&default) {
            let domain = domain.to_string();
            let kind = Kind::OutsideDomain { name: name.value, value: default.to_string(), domain };
            return Err(Fault::new(kind, default_text.span, "this default"));
        }
        params.push(Parameter { name: name.value, domain, default, meaning });
    }
    Ok(params)
}

fn domain(text: &Text<'_>, integer: bool) -> Result<ParamDomain, FileFault> {
    let (lo, hi) = parsed(text, |t| interval(t, Names::Known(&[])))?;
    let end = |end: End| match end {
        End::Infinite => Ok((None, false)),
        End::At { at, closed } => match at.exact_rational() {
            Some(q) => Ok((Some(q), closed)),
            None => {
                Err(Fault::new(Kind::from(ParseErrorKind::NotRational), text.span.clone(), "an end of this domain")
                    .help("the ends of a parameter's domain are rational numbers or infinite"))
            }
        },
    };
    let ((lo, lo_closed), (hi, hi_closed)) = (end(lo)?, end(hi)?);
    let domain = ParamDomain { lo, lo_closed, hi, hi_closed, integer };
    if domain.is_empty() {
        return Err(Fault::new(Kind::EmptyDomain(domain.to_string()), text.span.clone(), "allows no value"));
    }
    Ok(domain)
}

fn provenance(text: &Text<'_>) -> Result<Provenance, FileFault> {
    Provenance::ALL.into_iter().find(|p| p.name() == text.value).ok_or_else(|| {
        let names = Provenance::ALL.map(|p| format!("`{}`", p.name())).join(", ");
        Fault::new(Kind::UnknownProvenance(text.value.clone()), text.span.clone(), "here")
            .help(format!("one of {names}"))
    })
}

fn first_duplicate<'a, 'b>(texts: &'b [Text<'a>]) -> Option<&'b Text<'a>> {
    texts.iter().enumerate().find(|(i, t)| texts[..*i].iter().any(|s| s.value == t.value)).map(|(_, t)| t)
}

/// `[a-z][a-z0-9_]*`
fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn parameter_name(name: &str) -> Result<(), Kind> {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match name {
        _ if !is_name => Err(Kind::Identifier(name.into())),
        _ if is_reserved(name) => Err(Kind::Reserved(name.into())),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "define_tests.rs"]
mod tests;
