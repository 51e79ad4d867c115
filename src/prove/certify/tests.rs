//! The search against the checker, which was written apart.

use crate::catalog;
use crate::expr::{self, Activation, Expr};
use crate::prove::bound::bound;
use crate::prove::{Domain, Goal, Quantity};
use actaudit_recheck::certificate::Certificate;
use actaudit_recheck::check;
use rug::Rational;

/// What the search finds is accepted, and the same with a bound that is a little lower is not.
#[test]
fn what_the_search_finds_is_accepted() {
    let activation = |id| Activation::with_defaults(catalog::find(id).unwrap()).unwrap();
    let relu = activation("relu");
    for id in ["gelu", "gelu_tanh", "silu", "mish", "srelu", "gem", "softplus", "tanh"] {
        let f = activation(id);
        for quantity in [Quantity::Slope, Quantity::Lipschitz, Quantity::Curvature, Quantity::Distance] {
            let g = (quantity == Quantity::Distance && id != "tanh").then_some(&relu);
            let Ok(found) = bound(quantity, &f, g, &Domain::default(), Goal::default()) else { continue };
            assert_eq!(found.rejected, None, "{id} {quantity:?}");
            for certificate in &found.certificates {
                let accepted = check(certificate).unwrap_or_else(|e| panic!("{id} {quantity:?}: {e}"));
                let statement = accepted.statement();
                assert!(statement.contains(id) && !statement.contains("defines it"), "{accepted}");
                let Certificate::Supremum(mut lowered) = certificate.clone() else { continue };
                for side in &mut lowered.sides {
                    let upper = expr::parse_expr(&side.upper).unwrap();
                    let less = upper - Expr::rational(Rational::from((1, 1_000_000_000_000_i64)));
                    side.upper = less.to_string();
                    (side.lower, side.attained) = (None, None);
                }
                assert!(check(&Certificate::Supremum(lowered)).is_err(), "{id} {quantity:?}");
            }
        }
    }
}
