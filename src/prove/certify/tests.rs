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

/// What is said of the place is what the certificate says: not what was found on the way, of the other sign of a magnitude.
#[test]
fn places_are_those_of_the_certificate() {
    let knee = "id = \"knee\"\n[[piece]]\non = \"(-inf, -2]\"\nvalue = \"0\"\n[[piece]]\non = \"(-2, 0)\"\n\
                value = \"x*(x + 2)/2\"\n[[piece]]\non = \"[0, inf)\"\nvalue = \"x\"";
    let definition = expr::Definition::from_toml(knee, "knee.toml").expect("a definition");
    let f = Activation::with_defaults(std::sync::Arc::new(definition)).expect("no parameters");
    let found = bound(Quantity::Lipschitz, &f, None, &Domain::default(), Goal::default()).expect("a bound");
    let statement = check(&found.certificates[0]).expect("is accepted").statement().to_owned();
    assert!(statement.contains("attained at [0, inf)") && !statement.contains("-2 "), "{statement}");
    let places = &found.top.answer.places;
    assert!(matches!(&places[..], [crate::prove::Place::Set(lo, hi)] if lo == "0" && hi == "inf"), "{places:?}");
    // both signs
    let f =
        Activation::with_defaults(std::sync::Arc::new(expr::Definition::from_expr("x^3/(1 + x^4)").expect("parses")));
    let found =
        bound(Quantity::Distance, &f.expect("no parameters"), Some(&zero()), &Domain::default(), Goal::default());
    assert_eq!(found.expect("a bound").top.answer.places.len(), 2);
}

fn zero() -> Activation {
    let definition = expr::Definition::from_expr("0").expect("parses");
    Activation::with_defaults(std::sync::Arc::new(definition)).expect("no parameters")
}
