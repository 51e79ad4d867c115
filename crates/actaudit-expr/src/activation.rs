//! A definition with values put in: concrete pieces, simplified, with kinks as junctions.

use super::ast::{Expr, Node};
use super::cover::{self, PieceFault};
use super::define::{DefinitionError, DefinitionErrorKind as Kind};
use super::definition::{Activation, Definition, End, Piece};
use super::error::{Located, did_you_mean};
use super::facts::undefined_part;
use super::kinks;
use super::parse::exponent_problem;
use super::problem::ParseErrorKind;
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Activation {
    /// Puts values into a definition; defaults for those that are not given.
    ///
    /// # Errors
    /// For unknown names, values outside of their domain, and values for which the pieces do not cover the real line
    /// or contain a division by zero or an exponent of absurd size.
    pub fn new(definition: Arc<Definition>, values: &BTreeMap<String, Rational>) -> Result<Self, DefinitionError> {
        let values = complete(&definition, values).map_err(|(kind, help)| Located::nowhere(kind, help))?;
        let pieces = concrete(&definition, &values).map_err(|fault| Located::nowhere(fault.kind, fault.help))?;
        Ok(Self { pieces: kinks::split(pieces), definition, values, spelled: None })
    }

    /// With the default of each parameter.
    ///
    /// # Errors
    /// As [`Activation::new`], with these values: for a definition built in code, say, whose constants have no value.
    pub fn with_defaults(definition: Arc<Definition>) -> Result<Self, DefinitionError> {
        Self::new(definition, &BTreeMap::new())
    }

    /// The identifier with the values: `srelu(alpha=1/1000)`, `gelu`.
    #[must_use]
    pub fn label(&self) -> String {
        let value = |p: &str| self.values.get(p).map(|v| format!("{p}={v}"));
        let values: Vec<String> = self.definition.params.iter().filter_map(|p| value(&p.name)).collect();
        match values.as_slice() {
            [] => self.definition.id.clone(),
            _ => format!("{}({})", self.definition.id, values.join(", ")),
        }
    }
}

/// Checks what can be checked only with numbers, on the defaults.
pub(super) fn check_with_defaults(definition: &Definition) -> Result<(), PieceFault> {
    let values = definition.params.iter().map(|p| (p.name.clone(), p.default.clone())).collect();
    concrete(definition, &values).map(|_| ())
}

fn complete(
    definition: &Definition,
    given: &BTreeMap<String, Rational>,
) -> Result<BTreeMap<String, Rational>, (Kind, Option<String>)> {
    for (name, value) in given {
        let Some(param) = definition.params.iter().find(|p| p.name == *name) else {
            let known: Vec<&str> = definition.params.iter().map(|p| p.name.as_str()).collect();
            let listed = || match known.as_slice() {
                [] => "it has no parameters".into(),
                _ => format!("its parameters are {}", known.join(", ")),
            };
            let help = did_you_mean(name, known.iter().copied()).unwrap_or_else(listed);
            return Err((Kind::UnknownParameter { id: definition.id.clone(), name: name.clone() }, Some(help)));
        };
        if !param.domain.contains(value) {
            let domain = param.domain.to_string();
            return Err((Kind::OutsideDomain { name: name.clone(), value: value.to_string(), domain }, None));
        }
    }
    let value = |name: &str, default: &Rational| given.get(name).unwrap_or(default).clone();
    Ok(definition.params.iter().map(|p| (p.name.clone(), value(&p.name, &p.default))).collect())
}

/// The pieces with the values put in, checked and simplified.
fn concrete(definition: &Definition, values: &BTreeMap<String, Rational>) -> Result<Vec<Piece>, PieceFault> {
    let put_in = |e: &Expr| e.substitute_params(&|name| values.get(name).cloned().map(Expr::rational));
    let mut pieces = Vec::with_capacity(definition.pieces.len());
    for (i, piece) in definition.pieces.iter().enumerate() {
        let fault = |in_value, expr: &Expr, problem| PieceFault {
            piece: i,
            in_value,
            kind: Kind::WithValues { problem, expr: expr.to_string().into() },
            help: None,
        };
        let simple = |e: &Expr, in_value| {
            let with_values = put_in(e);
            if let Some(problem) = exponents(&with_values) {
                return Err(fault(in_value, e, problem));
            }
            let simple = with_values.simplified();
            if divides_by_zero(&simple) {
                return Err(fault(in_value, e, ParseErrorKind::DivisionByZero));
            }
            match undefined_part(&simple) {
                Some(what) => Err(fault(in_value, e, ParseErrorKind::Undefined(what))),
                None => Ok(simple),
            }
        };
        let end = |end: &End| match end {
            End::Infinite => Ok(End::Infinite),
            End::At { at, closed } => Ok(End::At { at: simple(at, false)?, closed: *closed }),
        };
        pieces.push(Piece { lo: end(&piece.lo)?, hi: end(&piece.hi)?, expr: simple(&piece.expr, true)? });
    }
    cover::check(&pieces)?;
    Ok(pieces)
}

/// What is wrong with the first exponent with which something is wrong.
fn exponents(e: &Expr) -> Option<ParseErrorKind> {
    let here = match e.node() {
        Node::Pow(_, q) => exponent_problem(q).map(|fault| fault.kind),
        _ => None,
    };
    here.or_else(|| e.children().into_iter().find_map(exponents))
}

fn divides_by_zero(e: &Expr) -> bool {
    let zero = |e: &Expr| e.as_rational().is_some_and(|q| *q == 0);
    e.any(&mut |node| match node {
        Node::Div(_, b) => zero(b),
        Node::Pow(a, q) => zero(a) && q.exact_rational().is_some_and(|q| q < 0),
        _ => false,
    })
}
