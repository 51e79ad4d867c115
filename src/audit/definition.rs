//! The definition's own audit: what is proved about the mathematics before any code is looked at.

use crate::catalog;
use crate::expr::Activation;
use crate::prove::continuity::{Continuity, continuity};
use crate::prove::{Bound, BoundError, Domain, Goal, Quantity, bound};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Everything that is proved about a definition.
pub struct DefinitionAudit {
    /// the continuity class
    pub continuity: Continuity,
    /// quantities over all of R; the distance is that to relu
    pub bounds: Vec<(Option<Activation>, Bound)>,
}

/// Proves class, Lipschitz constant, range, slope and, where it is finite, the distance to relu.
///
/// Rigorous. The distance is left out for relu itself and where it is infinite.
pub fn audit(activation: &Activation, digits: u32) -> Result<DefinitionAudit, BoundError> {
    let goal = Goal { digits, ..Goal::default() };
    let relu = catalog::find("relu")
        .ok()
        .and_then(|d| Activation::new(d, &BTreeMap::new()).ok())
        .filter(|r| r.definition.id != activation.definition.id);
    let wanted = [Quantity::Lipschitz, Quantity::Slope, Quantity::Range, Quantity::Distance];
    let found: Vec<_> = wanted
        .into_par_iter()
        .filter(|q| *q != Quantity::Distance || relu.is_some())
        .map(|q| {
            let to = relu.as_ref().filter(|_| q == Quantity::Distance);
            bound(q, activation, to, &Domain::default(), goal).map(|b| (to.cloned(), b))
        })
        .collect::<Result<_, _>>()?;
    let sensible = |b: &Bound| b.quantity != Quantity::Distance || b.top.answer.lower.is_finite();
    let bounds = found.into_iter().filter(|(_, b)| sensible(b)).collect();
    Ok(DefinitionAudit { continuity: continuity(activation), bounds })
}
