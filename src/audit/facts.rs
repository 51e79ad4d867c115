//! What is proved about activations, whatever the code and its format: each fact once, when it is first asked for, and shared by
//! all audits that are given the same [`Facts`].

use super::options::VerifyError;
use crate::catalog;
use crate::check::{Stretch, stretches};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::{Limit, TapeError};
use crate::prove::bound::{Side, bound};
use crate::prove::continuity::{Continuity, continuity};
use crate::prove::{Bound, BoundError, Domain, Goal, Quantity};
use crate::reference::{Kind, Reference, Table};
use rayon::prelude::*;
use rug::float::Round;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The boxes are the budget; the time only stops a runaway, so that reports do not depend on the load. Two digits more than
/// reports show: checks hold f64s against these bounds.
const GOAL: Goal = Goal { digits: 17, boxes: 400_000, time: Duration::from_secs(60) };

/// The facts of any number of activations, by definition and parameter values.
///
/// Nothing is proved before it is asked for, and nothing twice: who asks for a fact that another thread is proving waits for
/// it. Facts stay in memory as long as this does.
#[derive(Default)]
pub struct Facts {
    known: Mutex<Vec<Arc<Known>>>,
    proofs: Arc<Mutex<BTreeMap<(String, &'static str), u64>>>,
}

impl Facts {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of an activation. Two activations are the same if definition and parameter values are.
    pub(crate) fn of(&self, activation: &Activation) -> Arc<Known> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |k: &&Arc<Known>| {
            let (a, b) = (&k.activation, activation);
            a.values == b.values && (Arc::ptr_eq(&a.definition, &b.definition) || a.definition == b.definition)
        };
        if let Some(known) = all.iter().find(same) {
            return Arc::clone(known);
        }
        let known = Arc::new(Known {
            activation: activation.clone(),
            proofs: Arc::clone(&self.proofs),
            bounds: Default::default(),
            class: OnceLock::new(),
            references: Default::default(),
            tables: Default::default(),
            accepted: Default::default(),
            stretches: OnceLock::new(),
        });
        all.push(Arc::clone(&known));
        known
    }

    /// How often each fact was proved: activation with its parameter values, name of the fact, and a number that is 1.
    pub fn proofs(&self) -> Vec<(String, &'static str, u64)> {
        let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.iter().map(|((label, fact), n)| (label.clone(), *fact, *n)).collect()
    }
}

/// What is known of one activation.
pub(crate) struct Known {
    activation: Activation,
    proofs: Arc<Mutex<BTreeMap<(String, &'static str), u64>>>,
    bounds: [OnceLock<Result<Bound, Arc<BoundError>>>; Quantity::ALL.len()],
    class: OnceLock<Continuity>,
    references: [OnceLock<Result<Reference, TapeError>>; 3],
    tables: [OnceLock<Table>; 3],
    accepted: [OnceLock<Result<(), String>>; 3],
    stretches: OnceLock<Vec<Stretch>>,
}

impl Known {
    /// Of which activation.
    pub const fn activation(&self) -> &Activation {
        &self.activation
    }

    /// A fact is about to be proved.
    fn count(&self, fact: &'static str) {
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        *proofs.entry((self.activation.label(), fact)).or_default() += 1;
    }

    /// A quantity over all of R; the distance is that to relu.
    ///
    /// # Errors
    /// If the definition has no value somewhere, or the order of two of its junctions cannot be decided.
    pub fn bound(&self, quantity: Quantity) -> Result<&Bound, Arc<BoundError>> {
        let place = Quantity::ALL.iter().position(|q| *q == quantity).unwrap_or_default();
        let prove = || {
            self.count(quantity.name());
            let relu = if quantity == Quantity::Distance { relu() } else { None };
            bound(quantity, &self.activation, relu.as_ref(), &Domain::default(), GOAL).map_err(Arc::new)
        };
        self.bounds[place].get_or_init(prove).as_ref().map_err(Arc::clone)
    }

    /// The continuity class.
    pub fn class(&self) -> &Continuity {
        self.class.get_or_init(|| {
            self.count("class");
            continuity(&self.activation)
        })
    }

    /// The real values of the function (0), its derivative (1), or its second one (2).
    ///
    /// # Errors
    /// If the definition cannot be evaluated.
    pub(crate) fn reference(&self, order: usize) -> Result<&Reference, TapeError> {
        self.references[order].get_or_init(|| Reference::new(&self.activation, order)).as_ref().map_err(Clone::clone)
    }

    /// The real values at all inputs of f32, as polynomials. It uses all threads: not to be asked for by several tasks of one
    /// pool at once.
    ///
    /// # Errors
    /// As for the reference.
    pub(crate) fn table(&self, order: usize) -> Result<&Table, TapeError> {
        let reference = self.reference(order)?;
        Ok(self.tables[order].get_or_init(|| Table::new(reference, FloatFormat::F32)))
    }

    /// Whether the checker accepts the table of real values, or why not; some seconds.
    ///
    /// # Errors
    /// As for the reference.
    pub(super) fn check_table(&self, order: usize) -> Result<&Result<(), String>, TapeError> {
        let table = self.table(order)?;
        Ok(self.accepted[order].get_or_init(|| {
            let certificate = table.certificate(&self.activation, order);
            actaudit_recheck::check(&certificate).map(|_| ()).map_err(|e| e.to_string())
        }))
    }

    /// What checks of a pass hold outputs against.
    ///
    /// # Errors
    /// As for the quantities and the reference.
    pub(super) fn pass(&self, pass: Pass) -> Result<Mathematics<'_>, VerifyError> {
        let reference = self.reference(pass.order())?;
        let (range, lipschitz) = rayon::join(|| self.range(pass), || self.next_derivative(pass, reference));
        let stretches: &[Stretch] = match pass {
            Pass::Forward => {
                let slope = self.reference(1)?;
                self.stretches.get_or_init(|| stretches(&slope.evaluator()))
            }
            Pass::Backward | Pass::Double => &[],
        };
        let limits = [reference.limit(false), reference.limit(true)];
        Ok(Mathematics { limits, range: range?, lipschitz: lipschitz?, stretches })
    }

    /// The range of the function or of its slope over all of R, outward.
    fn range(&self, pass: Pass) -> Result<Option<[f64; 2]>, Arc<BoundError>> {
        let quantity = match pass {
            Pass::Forward => Quantity::Range,
            Pass::Backward => Quantity::Slope,
            Pass::Double => return Ok(None),
        };
        let found = self.bound(quantity)?;
        // an infinite end holds nothing against an output
        let end = |side: &Side| match side.proved.value {
            true => Some(side.answer.upper.to_f64_round(Round::Up)),
            false => None,
        };
        let Some(bottom) = &found.bottom else { return Ok(None) };
        Ok(end(bottom).zip(end(&found.top)).map(|(least, greatest)| [-least, greatest]))
    }

    /// A bound of the next derivative, if the function (backward: its derivative) does not jump.
    fn next_derivative(&self, pass: Pass, reference: &Reference) -> Result<Option<f64>, Arc<BoundError>> {
        let quantity = match pass {
            Pass::Forward => Quantity::Lipschitz,
            Pass::Backward => Quantity::Curvature,
            Pass::Double => return Ok(None),
        };
        if reference.junctions().iter().any(|j| j.kind != Kind::Smooth) {
            return Ok(None);
        }
        Ok(self.bound(quantity)?.top.proved_upper())
    }

    /// The definition's own audit: class, Lipschitz constant, slope, range and, where it is finite, the distance to relu.
    ///
    /// Rigorous. The distance is left out for relu itself and where it is infinite.
    ///
    /// # Errors
    /// As for the quantities.
    pub fn definition(&self) -> Result<DefinitionAudit<'_>, Arc<BoundError>> {
        let wanted = [Quantity::Lipschitz, Quantity::Slope, Quantity::Range, Quantity::Distance];
        let itself = self.activation.definition.id == "relu";
        let wanted: Vec<Quantity> =
            wanted.into_iter().filter(|q| *q != Quantity::Distance || !itself && relu().is_some()).collect();
        let found: Vec<&Bound> = wanted.par_iter().map(|q| self.bound(*q)).collect::<Result<_, _>>()?;
        let sensible = |b: &&Bound| b.quantity != Quantity::Distance || b.top.answer.lower.is_finite();
        Ok(DefinitionAudit { continuity: self.class(), bounds: found.into_iter().filter(sensible).collect() })
    }
}

/// What distances are measured to.
pub(crate) fn relu() -> Option<Activation> {
    catalog::find("relu").ok().and_then(|definition| Activation::with_defaults(definition).ok())
}

/// What is proved about a definition before any code is looked at.
pub(crate) struct DefinitionAudit<'a> {
    /// the continuity class
    pub continuity: &'a Continuity,
    /// quantities over all of R; the distance is that to relu
    pub bounds: Vec<&'a Bound>,
}

/// Proved facts that checks of one pass hold outputs against. Of a second derivative only limits are known.
pub(super) struct Mathematics<'a> {
    /// at minus and plus infinity
    pub limits: [Option<Limit>; 2],
    /// all values over all of R, outward
    pub range: Option<[f64; 2]>,
    /// bound of the next derivative
    pub lipschitz: Option<f64>,
    /// where the function is monotone; empty backward
    pub stretches: &'a [Stretch],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn what_is_known_is_not_proved_again() {
        let facts = Facts::new();
        let gelu = || facts.of(&testing::activation("gelu"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let known = gelu();
                    Pass::ALL.iter().for_each(|pass| assert!(known.pass(*pass).is_ok_and(|m| m.range.is_some())));
                    assert_eq!(known.definition().expect("are proved").bounds.len(), 4);
                });
            }
        });
        let proofs = facts.proofs();
        let names: Vec<&str> = proofs.iter().map(|(_, fact, _)| *fact).collect();
        assert_eq!(names, ["class", "curvature", "distance", "lipschitz", "range", "slope"]);
        assert!(proofs.iter().all(|(label, _, times)| label == "gelu" && *times == 1), "{proofs:?}");
    }

    #[test]
    fn other_values_and_other_definitions_are_other_activations() {
        let facts = Facts::new();
        let lipschitz = |activation: &Activation| {
            facts.of(activation).bound(Quantity::Lipschitz).expect("is proved").top.proved_upper()
        };
        for slope in ["2", "3"] {
            let found = lipschitz(&testing::activation_with("leaky_relu", &[("a", slope)]));
            assert_eq!(found, slope.parse().ok());
        }
        let mut other = testing::activation("relu");
        assert_eq!(lipschitz(&other), Some(1.0));
        // of the same name, and another function
        let mut definition = (*testing::activation("softsign").definition).clone();
        definition.id = "relu".into();
        other = Activation::with_defaults(Arc::new(definition)).expect("an activation");
        assert_eq!(facts.of(&other).class().order, crate::prove::continuity::Order::Class(1));
    }
}
