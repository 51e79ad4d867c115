//! Activations for tests, from the catalogue's files.

use crate::expr::{Activation, Definition, End, Expr, ParamDomain, Parameter, Piece, Provenance, parse_expr};
use rug::Rational;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn expr(text: &str) -> Expr {
    parse_expr(text).expect("an expression")
}

/// The catalogue's activation of this id, with these parameter values and defaults for the rest.
pub fn activation_with(id: &str, given: &[(&str, &str)]) -> Activation {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog").join(format!("{id}.toml"));
    let table: toml::Table = fs::read_to_string(&file).expect("a file of the catalogue").parse().expect("TOML");
    let list = |key: &str| table.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let text = |v: &toml::Value, key: &str| v.get(key).and_then(toml::Value::as_str).expect("a text").to_owned();
    let params: Vec<(String, Rational)> = list("param")
        .iter()
        .map(|p| {
            let name = text(p, "name");
            let value = given.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
            let value = expr(&value.unwrap_or_else(|| text(p, "default"))).exact_rational().expect("a rational");
            (name, value)
        })
        .collect();
    let put_in = |e: Expr| {
        let value = |name: &str| params.iter().find(|(k, _)| k == name).map(|(_, v)| Expr::rational(v.clone()));
        e.substitute_params(&value).simplified()
    };
    let end = |text: &str, closed: bool| match text.trim() {
        "-inf" | "inf" => End::Infinite,
        at => End::At { at: put_in(expr(at)), closed },
    };
    let pieces: Vec<Piece> = match table.get("expr") {
        Some(e) => {
            vec![Piece { lo: End::Infinite, hi: End::Infinite, expr: put_in(expr(e.as_str().expect("a text"))) }]
        }
        None => list("piece")
            .iter()
            .map(|p| {
                let on = text(p, "on");
                let (lo, hi) = on[1..on.len() - 1].split_once(',').expect("two ends");
                let value = put_in(expr(&text(p, "value")));
                Piece { lo: end(lo, on.starts_with('[')), hi: end(hi, on.ends_with(']')), expr: value }
            })
            .collect(),
    };
    let domain = ParamDomain { lo: None, lo_closed: false, hi: None, hi_closed: false, integer: false };
    let parameter = |(name, value): &(String, Rational)| Parameter {
        name: name.clone(),
        domain: domain.clone(),
        default: value.clone(),
        meaning: String::new(),
    };
    let definition = Definition {
        id: id.into(),
        aliases: vec![],
        title: String::new(),
        params: params.iter().map(parameter).collect(),
        pieces: pieces.clone(),
        source: String::new(),
        provenance: Provenance::User,
        note: String::new(),
    };
    Activation { definition: Arc::new(definition), values: BTreeMap::from_iter(params), pieces, spelled: None }
}

/// The catalogue's activation of this id with its default parameters.
pub fn activation(id: &str) -> Activation {
    activation_with(id, &[])
}
