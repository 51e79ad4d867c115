//! `actaudit list` and `actaudit show`: the catalogue for people and scripts.

use super::{Page, plot};
use crate::expr::{Activation, Definition, End, Expr, Piece, Provenance};
use crate::mollify::{Smoothing, smoothing};
use crate::number::decimal;
use crate::prove::continuity::{Continuity, Order};
use schemars::JsonSchema;
use serde::Serialize;

fn provenance(p: Provenance) -> &'static str {
    match p {
        Provenance::Published => "published",
        Provenance::Reconstructed => "reconstructed",
        Provenance::User => "user",
    }
}

/// A parameter, as shown.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ParamView {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) default: String,
    pub(super) meaning: String,
}

/// One activation of the catalogue.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) params: Vec<ParamView>,
    pub(super) aliases: Vec<String>,
    pub(super) provenance: &'static str,
    pub(super) source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

impl Entry {
    /// What lists show of a definition.
    pub fn new(d: &Definition) -> Self {
        let params = d.params.iter().map(|p| {
            let q = |q: &Option<rug::Rational>, inf: &str| q.as_ref().map_or(inf.into(), decimal::rational);
            let (open, close) =
                (if p.domain.lo_closed { '[' } else { '(' }, if p.domain.hi_closed { ']' } else { ')' });
            let kind = if p.domain.integer { " integer" } else { "" };
            ParamView {
                name: p.name.clone(),
                domain: format!("{open}{}, {}{close}{kind}", q(&p.domain.lo, "-inf"), q(&p.domain.hi, "inf")),
                default: p.default.to_string(),
                meaning: p.meaning.clone(),
            }
        });
        Self {
            id: d.id.clone(),
            title: d.title.clone(),
            params: params.collect(),
            aliases: d.aliases.clone(),
            provenance: provenance(d.provenance),
            source: d.source.clone(),
            note: d.note.clone(),
        }
    }

    fn signature(&self) -> String {
        let params: Vec<String> = self.params.iter().map(|p| format!("{}={}", p.name, p.default)).collect();
        if params.is_empty() { self.id.clone() } else { format!("{}({})", self.id, params.join(", ")) }
    }
}

/// The JSON object of `actaudit list`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ListReport {
    schema: &'static str,
    activations: Vec<Entry>,
}

impl ListReport {
    /// The whole catalogue.
    pub fn new<'a>(definitions: impl Iterator<Item = &'a Definition>) -> Self {
        Self { schema: "actaudit.list.v1", activations: definitions.map(Entry::new).collect() }
    }

    /// One line each.
    pub fn text(&self, page: &Page) -> String {
        /// Longer signatures have a line of their own.
        const WIDTH: usize = 24;
        let line = |e: &Entry| {
            let mark = if e.provenance == "published" { "" } else { " [reconstructed]" };
            let (signature, title) = (e.signature(), format!("{}{mark}", e.title));
            let (first, signature) =
                if signature.len() > WIDTH { (signature + "\n", "") } else { (String::new(), &*signature) };
            first + &page.wrapped(&format!("{signature:<WIDTH$}  {title}"), WIDTH + 2)
        };
        self.activations.iter().map(line).collect()
    }
}

/// One piece with its derivatives.
#[derive(Serialize, JsonSchema, Debug)]
pub struct PieceView {
    pub(super) on: String,
    pub(super) value: String,
    latex: String,
    pub(super) derivative: String,
    pub(super) derivative_on: String,
    derivative_latex: String,
    second_derivative: String,
    second_derivative_on: String,
    second_derivative_latex: String,
}

/// The JSON object of `actaudit show`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct ShowReport {
    schema: &'static str,
    #[serde(flatten)]
    pub(super) entry: Entry,
    pub(super) pieces: Vec<PieceView>,
    pub(super) latex: String,
    /// mollified or gated, where it is known that the formula smooths another one
    #[serde(skip_serializing_if = "Option::is_none")]
    smoothing: Option<String>,
    #[serde(skip)]
    plain: String,
    #[serde(skip)]
    coloured: String,
}

fn interval(lo: &End, hi: &End) -> String {
    let part = |e: &End, infinite: &str| match e {
        End::Infinite => (infinite.to_string(), false),
        End::At { at, closed } => (at.to_string(), *closed),
    };
    let ((lo, lo_closed), (hi, hi_closed)) = (part(lo, "-inf"), part(hi, "inf"));
    format!("{}{lo}, {hi}{}", if lo_closed { '[' } else { '(' }, if hi_closed { ']' } else { ')' })
}

fn condition(lo: &End, hi: &End) -> String {
    let relation = |closed: bool| if closed { r"\le" } else { "<" };
    match (lo, hi) {
        (End::Infinite, End::Infinite) => r"x \in \mathbb{R}".into(),
        (End::Infinite, End::At { at, closed }) => format!("x {} {}", relation(*closed), at.latex()),
        (End::At { at, closed }, End::Infinite) => format!("{} {} x", at.latex(), relation(*closed)),
        (End::At { at: a, closed: c }, End::At { at: b, closed: d }) => {
            format!("{} {} x {} {}", a.latex(), relation(*c), relation(*d), b.latex())
        }
    }
}

/// The pieces of a definition as they are written, each with its part of the line.
pub(super) fn formula(activation: &Activation) -> Vec<[String; 2]> {
    let pieces = activation.definition.pieces.iter();
    pieces.map(|p| [p.expr.to_string(), interval(&p.lo, &p.hi)]).collect()
}

/// An end of a piece on which a derivative of this order is shown: open where there is none, or none was proved.
fn smooth(end: &End, class: &Continuity, order: i32) -> End {
    let End::At { at, closed } = end else { return end.clone() };
    let known = class.junctions.iter().find(|j| j.at == at.to_string());
    let exists = known.is_none_or(|j| match j.order {
        Order::Analytic | Order::Infinite => true,
        Order::Class(n) | Order::Undecided { at_least: n } => n >= order,
    });
    End::At { at: at.clone(), closed: *closed && exists }
}

/// The formula in LaTeX, by cases.
pub fn latex(definition: &Definition) -> String {
    let case = |p: &Piece| format!("{} & {}", Expr::latex(&p.expr), condition(&p.lo, &p.hi));
    match &definition.pieces[..] {
        [one] => format!("f(x) = {}", one.expr.latex()),
        many => {
            let rows: Vec<String> = many.iter().map(case).collect();
            format!(r"f(x) = \begin{{cases}} {} \end{{cases}}", rows.join(r" \\ "))
        }
    }
}

impl ShowReport {
    /// The definition as it was written, with plots at the given parameter values.
    pub fn new(activation: &Activation, class: &Continuity) -> Self {
        let definition = &activation.definition;
        let pieces: Vec<PieceView> = definition
            .pieces
            .iter()
            .map(|p| {
                let first = p.expr.derivative();
                let second = first.derivative();
                PieceView {
                    on: interval(&p.lo, &p.hi),
                    derivative_on: interval(&smooth(&p.lo, class, 1), &smooth(&p.hi, class, 1)),
                    second_derivative_on: interval(&smooth(&p.lo, class, 2), &smooth(&p.hi, class, 2)),
                    value: p.expr.to_string(),
                    latex: p.expr.latex(),
                    derivative: first.to_string(),
                    derivative_latex: first.latex(),
                    second_derivative: second.to_string(),
                    second_derivative_latex: second.latex(),
                }
            })
            .collect();
        let latex = latex(definition);
        Self {
            schema: "actaudit.show.v1",
            entry: Entry::new(definition),
            pieces,
            latex,
            smoothing: smoothing(definition).map(Smoothing::words),
            plain: plot::terminal(activation, false),
            coloured: plot::terminal(activation, true),
        }
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let mut out = page.wrapped(&format!("{} - {}", self.entry.signature(), self.entry.title), 2);
        let mut field = |name: &str, value: &str| {
            let line = format!("  {name:<11} {value}");
            // what is copied into a paper stays in one piece
            match name.starts_with("LaTeX") || value.starts_with('\\') {
                _ if value.is_empty() => {}
                true => out += &(line + "\n"),
                false => out += &page.wrapped(&line, 14),
            }
        };
        field("aliases", &self.entry.aliases.join(", "));
        for p in &self.entry.params {
            field(&p.name, &format!("in {}, default {}: {}", p.domain, p.default, p.meaning));
        }
        field("source", &self.entry.source);
        field("provenance", self.entry.provenance);
        field("note", &self.entry.note);
        field("smoothing", self.smoothing.as_deref().unwrap_or_default());
        for (name, get) in [
            ("f(x)", (|p: &PieceView| [&p.value, &p.on]) as fn(&PieceView) -> [&String; 2]),
            ("f'(x)", |p| [&p.derivative, &p.derivative_on]),
            ("f''(x)", |p| [&p.second_derivative, &p.second_derivative_on]),
        ] {
            for (i, p) in self.pieces.iter().enumerate() {
                let [value, on] = get(p);
                let place = if self.pieces.len() > 1 { format!("   on {on}") } else { String::new() };
                field(if i == 0 { name } else { "" }, &format!("{value}{place}"));
            }
        }
        field("LaTeX", &self.latex);
        for (i, p) in self.pieces.iter().enumerate() {
            field(if i == 0 { "LaTeX of f'" } else { "" }, &p.derivative_latex);
        }
        out.push('\n');
        out.push_str(if page.colour { &self.coloured } else { &self.plain });
        out
    }
}
