//! Changes of the names and numbers of a certificate of a supremum.

use super::Dice;
use super::mutants::{Claim, Origin};
use actaudit_recheck::certificate as c;
use rug::Rational;

/// Whether two names of the catalogue stand for one definition, as prelu and leaky_relu do.
pub fn is_the_same(a: &str, b: &str) -> bool {
    let pieces = |id: &str| actaudit::catalog::find(id).ok().map(|d| format!("{:?}", d.pieces));
    a == b || pieces(a).is_some_and(|of_a| pieces(b) == Some(of_a))
}

/// The name of another function, or the definition of another.
pub fn id(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let definition = dice.pick(actaudit::catalog::all())?;
    let own = c::Function::from(&actaudit::expr::Activation::with_defaults(definition.clone()).ok()?);
    if dice.below(2) == 0 {
        // another function under its name
        let same = own.pieces == out.activation.pieces || is_the_same(&out.activation.id, &definition.id);
        out.activation.id.clone_from(&definition.id);
        if dice.below(2) == 0 {
            out.activation.params = own.params;
        }
        return Some((out, if same { Claim::Open } else { Claim::False }));
    }
    // its definition under another name
    if out.activation.pieces == own.pieces || actaudit::catalog::find(&out.activation.id).is_err() {
        return None;
    }
    out.activation.pieces = own.pieces;
    Some((out, Claim::False))
}

/// Another value of a parameter, or one more.
pub fn param(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let names: Vec<String> = out.activation.params.keys().cloned().collect();
    let definition = actaudit::catalog::find(&out.activation.id).ok()?;
    match dice.pick(&names).cloned() {
        Some(name) if dice.below(3) > 0 => {
            let value = out.activation.params.get_mut(&name)?;
            *value = (actaudit::expr::parse_rational(value).ok()? + Rational::from((1, 97))).to_string();
            let values = out
                .activation
                .params
                .iter()
                .filter_map(|(n, v)| Some((n.clone(), actaudit::expr::parse_rational(v).ok()?)));
            let other = actaudit::expr::Activation::new(definition, &values.collect());
            let same = other.is_ok_and(|a| c::Function::from(&a).pieces == out.activation.pieces);
            Some((out, if same { Claim::Open } else { Claim::False }))
        }
        Some(name) if dice.below(2) == 0 => {
            let value = out.activation.params.remove(&name)?;
            let default =
                definition.params.iter().find(|p| p.name == name).is_some_and(|p| p.default.to_string() == value);
            Some((out, if default { Claim::Open } else { Claim::False }))
        }
        _ => {
            out.activation.params.insert("gamma".into(), "1".into());
            Some((out, Claim::Malformed))
        }
    }
}

const LONG: &str = "x0123456789012345678901234567890123456789012345678901234567890123456789";

/// What is no name.
pub fn no_id(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let names = ["a\naccepted  b", "", " ", "relu` and `gelu", "f\u{2028}g", LONG, "é", "a\tb", "-1"];
    out.activation.id = names[dice.below(names.len())].to_owned();
    Some((out, Claim::Malformed))
}

/// Bits with which nothing is checked.
pub fn precision(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    out.precision = [0, 1, 2, 63, 16_385, 1 << 20, u32::MAX][dice.below(7)];
    Some((out, Claim::Malformed))
}

/// A derivative that is not that of the quantity.
pub fn order(origin: &Origin, dice: &mut Dice) -> Option<(c::Supremum, Claim)> {
    let mut out = origin.certificate.clone();
    let side = &mut out.sides[dice.below(2)];
    side.order = [0, 1, 2, 3, u32::MAX][dice.below(5)];
    let same = side.order == origin.certificate.quantity.order();
    (!same).then_some((out, Claim::Malformed))
}
