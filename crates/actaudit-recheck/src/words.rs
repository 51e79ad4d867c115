//! What is proved, in words. Only what was verified is printed, as the checker read it.

use super::Proved;
use super::attained::How;
use super::function::{End, Function, Piece, Point};
use super::statement::{Claim, Verified};
use crate::certificate::Quantity;

impl Verified {
    pub fn conclusion(&self) -> Proved {
        let bounds = self.lower.as_ref().zip(self.upper.as_ref());
        Proved {
            sign: self.sign,
            lower: self.lower.as_ref().map(Point::down),
            upper: self.upper.as_ref().map(Point::up),
            exact: bounds.filter(|(l, u)| same_number(l, u)).map(|(_, u)| u.expr.clone()),
            attained: self.attained.as_ref().map(|how| !matches!(how, How::Never(_))),
        }
    }
}

/// Where a magnitude is attained, from both signs of h.
///
/// `Within` without a place and `Never` without an end say that h of this sign stays below. Otherwise it is not known which of
/// the two signs has the supremum.
pub(super) fn merged(a: Option<How>, b: Option<How>) -> Option<How> {
    let both = |p: Vec<String>, q: Vec<String>| p.into_iter().chain(q).collect();
    Some(match (a, b) {
        (Some(How::Exactly(p)), Some(How::Exactly(q))) => How::Exactly(both(p, q)),
        // an exact place needs nothing from the other sign
        (Some(how @ How::Exactly(_)), _) | (_, Some(how @ How::Exactly(_))) => how,
        (Some(How::Within(p)), Some(How::Within(q))) => How::Within(both(p, q)),
        (Some(How::Never(p)), Some(How::Never(q))) => How::Never(both(p, q)),
        (Some(How::Within(p)), Some(How::Never(q))) | (Some(How::Never(q)), Some(How::Within(p))) => {
            match (p.is_empty(), q.is_empty()) {
                (_, true) => How::Within(p),
                (true, false) => How::Never(q),
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn same_number(a: &Point, b: &Point) -> bool {
    a.expr == b.expr || a.exact.is_some() && a.exact == b.exact
}

fn domain(claim: &Claim) -> String {
    let bracket = |e: &End, open: char, closed: char| if matches!(e, End::Infinite(_)) { open } else { closed };
    let [lo, hi] = &claim.domain;
    format!("{}{lo}, {hi}{}", bracket(lo, '(', '['), bracket(hi, ')', ']'))
}

/// Where derivatives are taken.
const ENDS: &str = "on its pieces, one-sided at their ends";

/// What is bounded.
fn subject(claim: &Claim) -> String {
    let f = &claim.f.name;
    match claim.quantity {
        Quantity::Range => format!("`{f}`"),
        Quantity::Slope if claim.f.pieces.len() == 1 => format!("the slope of `{f}`"),
        Quantity::Slope => format!("the slope of `{f}` {ENDS}"),
        Quantity::Lipschitz => format!("the Lipschitz constant of `{f}`"),
        Quantity::Curvature if claim.f.pieces.len() == 1 => format!("the supremum of |f''|, f = `{f}`,"),
        Quantity::Curvature => format!("the supremum of |f''|, f = `{f}`, {ENDS},"),
        Quantity::Distance => {
            format!("the supremum of |f - g|, f = `{f}` and g = `{}`,", claim.g.as_ref().map_or("", |g| &g.name))
        }
    }
}

/// The functions that are not those of the catalogue, with their pieces.
fn definitions(claim: &Claim) -> String {
    defined([Some(&claim.f), claim.g.as_ref()].into_iter().flatten())
}

/// Of some functions those that are not the catalogue's.
pub(super) fn defined<'a>(functions: impl Iterator<Item = &'a Function>) -> String {
    functions.filter(|f| !f.catalogued).fold(String::new(), |out, f| {
        let pieces: Vec<String> = f.pieces.iter().map(Piece::to_string).collect();
        out + &format!("\nwith `{}` as this certificate defines it: {}", f.name, pieces.join("; "))
    })
}

/// Where a supremum lies, or an infimum, which is the negative of that of -h.
fn enclosed(lower: Option<&Point>, upper: Option<&Point>, infimum: bool) -> String {
    let text = |p: &Point| if infimum { p.neg().text() } else { p.text() };
    match (lower, upper) {
        (Some(l), Some(u)) if same_number(l, u) => format!("is exactly {}", text(u)),
        (Some(l), Some(u)) if infimum => format!("lies in [{}, {}]", text(u), text(l)),
        (Some(l), Some(u)) => format!("lies in [{}, {}]", text(l), text(u)),
        (None, Some(p)) => format!("is at {} {}", if infimum { "least" } else { "most" }, text(p)),
        (Some(p), None) => format!("is at {} {}", if infimum { "most" } else { "least" }, text(p)),
        (None, None) => "is left open".into(),
    }
}

fn attained(how: Option<&How>) -> String {
    match how {
        Some(How::Exactly(places)) => format!(", attained at {}", places.join(" and ")),
        Some(How::Within(places)) => format!(", attained in {}", places.join(" or ")),
        // of several ends it is only shown that nowhere else h comes near its supremum
        Some(How::Never(places)) => match places.as_slice() {
            [] => String::new(),
            [place] => format!(", not attained: approached as {place}"),
            places => format!(", not attained: approached as {}, at one of these at least", places.join(" or ")),
        },
        _ => String::new(),
    }
}

pub(super) fn supremum(claim: &Claim, sides: &[Verified; 2]) -> String {
    let (what, on) = (subject(claim), domain(claim));
    let [plus, minus] = sides;
    let text = if claim.quantity.of_magnitude() {
        let lower = [plus, minus].into_iter().filter_map(|v| v.lower.as_ref());
        let lower = lower.reduce(|a, b| if a.down() >= b.down() { a } else { b });
        let attained = attained(plus.attained.as_ref());
        // the constant is that of the function; where it is attained is a matter of slopes
        let sided = claim.quantity == Quantity::Lipschitz && claim.f.pieces.len() > 1 && !attained.is_empty();
        let sided = if sided { format!(" as the size of a slope {ENDS}") } else { String::new() };
        format!("{what} on {on} {}{attained}{sided}", enclosed(lower, plus.upper.as_ref(), false))
    } else {
        let sentence = |v: &Verified, infimum| {
            enclosed(v.lower.as_ref(), v.upper.as_ref(), infimum) + &attained(v.attained.as_ref())
        };
        let (sup, inf) = (sentence(plus, false), sentence(minus, true));
        format!("the supremum of {what} on {on} {sup}, the infimum {inf}")
    };
    text + &definitions(claim)
}

pub(super) fn unbounded(claim: &Claim, sign: i8, place: &str) -> String {
    let direction = match (claim.quantity.of_magnitude(), sign) {
        (true, _) => "infinite",
        (_, 1) => "unbounded above",
        _ => "unbounded below",
    };
    format!(
        "{} on {}, where it has values, is {direction}: {place}{}",
        subject(claim),
        domain(claim),
        definitions(claim)
    )
}
