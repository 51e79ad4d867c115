//! `propagate`: Gaussian moments, the edge of chaos, and the correlation along it.

use super::args::{Output, PropagateArgs};
use super::{emit, select};
use crate::expr::Activation;
use crate::propagate::{Found, at_variance, edge_of, layers};
use crate::report::propagate::{PropagateReport, PropagatesReport};
use crate::verdict::Ended;
use miette::{Result, miette};
use rug::Rational;

/// The layers that are shown if none are named.
const LAYERS: [u32; 3] = [1, 10, 100];

pub fn propagate(args: &PropagateArgs, out: &Output) -> Result<Ended> {
    let first = select::activation(&args.activation)?;
    if args.beside.is_empty() {
        let page = of(&first, args)?;
        emit(out, |to| page.text(to), &page)?;
        return Ok(Ended::Done);
    }
    let others = args.beside.iter().map(|text| select::other(text)).collect::<Result<Vec<_>>>()?;
    let all = [first].iter().chain(&others).map(|f| of(f, args)).collect::<Result<_>>()?;
    let page = PropagatesReport::new(all);
    emit(out, |to| page.text(to), &page)?;
    Ok(Ended::Done)
}

/// What is found of one activation.
fn of(f: &Activation, args: &PropagateArgs) -> Result<PropagateReport> {
    let (moments, found) = match &args.sigma_b2 {
        Some(text) => {
            let sigma = select::rational(text, "--sigma-b2")?;
            if sigma < 0 {
                return Err(miette!("--sigma-b2: a variance is not negative, found {text}"));
            }
            match edge_of(f, &sigma).map_err(|e| miette!("{e}"))? {
                Some((moments, edge)) => (moments, Found::Edge(Box::new(edge))),
                None => {
                    return Err(miette!(
                        "{}: no point of the edge of chaos with sigma_b2 = {text} was found for variances from 0.001 to 300",
                        f.label()
                    ));
                }
            }
        }
        None => {
            let q = args.q.as_deref().map_or_else(|| Ok(Rational::from(1)), |text| select::rational(text, "--q"))?;
            at_variance(f, &q).map_err(|e| miette!("{e}"))?
        }
    };
    let wanted = if args.layers.is_empty() { LAYERS.to_vec() } else { args.layers.clone() };
    let found_layers = match &found {
        Found::Edge(edge) => layers(f, edge, &wanted).map_err(|e| miette!("{e}"))?,
        Found::Never(_) | Found::Open(_) => vec![],
    };
    Ok(PropagateReport::new(f, args.q.as_deref().unwrap_or("1"), &moments, &found, &found_layers))
}
