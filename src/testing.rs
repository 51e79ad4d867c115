//! Activations for tests.

use crate::expr::{Activation, Definition, End, Expr, Func, ParamDomain, Parameter, Piece, Provenance};
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;

fn at(value: Expr, closed: bool) -> End {
    End::At { at: value, closed }
}

fn made(id: &str, values: &[(&str, Rational)], pieces: Vec<Piece>) -> Activation {
    let domain = ParamDomain { lo: None, lo_closed: false, hi: None, hi_closed: false, integer: false };
    let param = |(name, value): &(&str, Rational)| Parameter {
        name: (*name).into(),
        domain: domain.clone(),
        default: value.clone(),
        meaning: String::new(),
    };
    let definition = Definition {
        id: id.into(),
        aliases: vec![],
        title: String::new(),
        params: values.iter().map(param).collect(),
        pieces: pieces.clone(),
        source: String::new(),
        provenance: Provenance::User,
        note: String::new(),
    };
    let values: BTreeMap<String, Rational> = values.iter().map(|(k, v)| ((*k).into(), v.clone())).collect();
    Activation { definition: Arc::new(definition), values, pieces }
}

fn whole(expr: Expr) -> Vec<Piece> {
    vec![Piece { lo: End::Infinite, hi: End::Infinite, expr }]
}

/// S-ReLU with alpha = 1/1000.
pub fn srelu() -> Activation {
    let a = || Expr::rational(Rational::from((1, 1000)));
    let x = Expr::var;
    let middle = (x() + a()).pow(Expr::int(3)) * (Expr::int(3) * a() - x()) / (Expr::int(16) * a().pow(Expr::int(3)));
    let minus = || Expr::rational(Rational::from((-1, 1000)));
    let pieces = vec![
        Piece { lo: End::Infinite, hi: at(minus(), true), expr: Expr::int(0) },
        Piece { lo: at(minus(), false), hi: at(a(), false), expr: middle },
        Piece { lo: at(a(), true), hi: End::Infinite, expr: x() },
    ];
    made("srelu", &[("alpha", Rational::from((1, 1000)))], pieces)
}

/// max(0, x).
pub fn relu() -> Activation {
    let zero = || Expr::int(0);
    let pieces = vec![
        Piece { lo: End::Infinite, hi: at(zero(), false), expr: zero() },
        Piece { lo: at(zero(), true), hi: End::Infinite, expr: Expr::var() },
    ];
    made("relu", &[], pieces)
}

/// x Phi(x).
pub fn gelu() -> Activation {
    made("gelu", &[], whole(Expr::var() * Expr::call(Func::NormCdf, Expr::var())))
}
