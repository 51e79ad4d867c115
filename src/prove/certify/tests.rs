//! The search against the checker, which was written apart.

use super::certificate;
use crate::expr::Activation;
use crate::prove::{Domain, Goal, Quantity, bound};
use crate::{catalog, expr};
use actaudit_recheck::certificate::Certificate;
use actaudit_recheck::recheck;
use rug::Rational;

/// The engine's own certificates, and the same with one digit of the bound lowered.
#[test]
fn what_the_engine_proves_is_confirmed() {
    let activation = |id| Activation::with_defaults(catalog::find(id).unwrap()).unwrap();
    let relu = activation("relu");
    for id in ["gelu", "gelu_tanh", "silu", "mish", "srelu", "gem", "softplus", "tanh"] {
        let f = activation(id);
        for quantity in [Quantity::Slope, Quantity::Lipschitz, Quantity::Curvature, Quantity::Distance] {
            let g = (quantity == Quantity::Distance && id != "tanh").then_some(&relu);
            let Ok(found) = bound(quantity, &f, g, &Domain::default(), Goal::default()) else { continue };
            let proof = certificate(&f, g, &found, 15).unwrap();
            let text = serde_json::to_string(&proof).unwrap();
            let result = recheck(&text).unwrap_or_else(|e| panic!("{id} {quantity:?}: {e}"));
            assert!(result.statement.contains(&f.label()) && !result.statement.contains("defines it"), "{result}");

            let Certificate::Supremum(mut lowered) = proof else { panic!("a bound") };
            for side in &mut lowered.sides {
                let upper = expr::parse_rational(&side.upper).unwrap();
                side.upper = (upper - Rational::from((1, 1_000_000_000_000_i64))).to_string();
                side.lower = None;
            }
            let text = serde_json::to_string(&Certificate::Supremum(lowered)).unwrap();
            assert!(recheck(&text).is_err(), "{id} {quantity:?}");
        }
    }
}
