//! What is known about one pass of the mathematics, whatever the code and its format.

use super::options::VerifyError;
use crate::check::{Stretch, stretches};
use crate::expr::Activation;
use crate::kernels::Pass;
use crate::number::Limit;
use crate::prove::bound::{Side, bound};
use crate::prove::{BoundError, Domain, Goal, Quantity};
use crate::reference::{Kind, Reference};
use rug::float::Round;
use std::time::Duration;

/// The boxes are the budget; the time only stops a runaway, so that reports do not depend on the load.
const GOAL: Goal = Goal { digits: 17, boxes: 20_000, time: Duration::from_secs(60) };

/// Proved facts that checks hold outputs against.
pub(super) struct Mathematics {
    /// at minus and plus infinity
    pub limits: [Option<Limit>; 2],
    /// all values over all of R, outward
    pub range: Option<[f64; 2]>,
    /// bound of the next derivative
    pub lipschitz: Option<f64>,
    /// where the function is monotone; empty backward
    pub stretches: Vec<Stretch>,
}

impl Mathematics {
    /// `references` are those of the function, of its derivative, and so on. Of a second derivative only limits are known.
    pub fn new(activation: &Activation, pass: Pass, references: &[Reference]) -> Result<Self, VerifyError> {
        let reference = &references[pass.order()];
        let (range, lipschitz) = rayon::join(|| range(activation, pass), || lipschitz(activation, pass, reference));
        Ok(Self {
            limits: [reference.limit(false), reference.limit(true)],
            range: range?,
            lipschitz: lipschitz?,
            stretches: if pass == Pass::Forward { stretches(&references[1].evaluator()) } else { vec![] },
        })
    }
}

/// The range of the function or of its slope over all of R, outward.
fn range(activation: &Activation, pass: Pass) -> Result<Option<[f64; 2]>, BoundError> {
    let quantity = match pass {
        Pass::Forward => Quantity::Range,
        Pass::Backward => Quantity::Slope,
        Pass::Double => return Ok(None),
    };
    let found = bound(quantity, activation, None, &Domain::default(), GOAL)?;
    // an infinite end holds nothing against an output
    let end = |side: &Side| match side.proved.value {
        true => Some(side.answer.upper.to_f64_round(Round::Up)),
        false => None,
    };
    let Some(bottom) = &found.bottom else { return Ok(None) };
    Ok(end(bottom).zip(end(&found.top)).map(|(least, greatest)| [-least, greatest]))
}

/// A bound of the next derivative, if the function (backward: its derivative) does not jump.
fn lipschitz(activation: &Activation, pass: Pass, reference: &Reference) -> Result<Option<f64>, BoundError> {
    let quantity = match pass {
        Pass::Forward => Quantity::Lipschitz,
        Pass::Backward => Quantity::Curvature,
        Pass::Double => return Ok(None),
    };
    if reference.junctions().iter().any(|j| j.kind != Kind::Smooth) {
        return Ok(None);
    }
    let found = bound(quantity, activation, None, &Domain::default(), GOAL)?;
    Ok(found.top.proved_upper())
}
