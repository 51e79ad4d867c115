//! What comes out of convolutions, against what is known.

use super::*;
use crate::catalog;
use crate::expr::{Activation, Definition};
use std::sync::Arc;

fn act(name: &str) -> Activation {
    let definition = match name.strip_prefix("expr:") {
        Some(text) => Arc::new(Definition::from_expr(text).expect("an expression")),
        None => base(name).unwrap_or_else(|| catalog::find(name).expect("in the catalogue")),
    };
    Activation::with_defaults(definition).expect("defaults")
}

#[test]
fn print() {
    for (b, k) in [("relu", "epanechnikov"), ("relu", "uniform"), ("relu", "triangular"), ("relu", "tricube"), ("relu", "cosine"), ("relu","gaussian"), ("relu","bspline(n=3)"), ("prelu","logistic"),("abs","laplace"),("step","biweight"),("sign","cauchy"),("relu6","uniform"),("hardshrink","epanechnikov"),("relu2","epanechnikov"),("relu2","gaussian"),("hardswish","uniform"),("threshold","uniform"),("s_shaped_relu","triweight"), ("srelu", "uniform")] {
        let t = std::time::Instant::now();
        let m = mollify(&act(b), &kernel(k).unwrap(), None);
        println!("== {b} {k} {:?}", t.elapsed());
        match m { Ok(m) => println!("{}", m.definition().to_toml()), Err(e) => println!("{e}") }
    }
}
