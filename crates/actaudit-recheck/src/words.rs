//! What is proved, in words. Only what was verified is printed, as the checker read it.

use super::Proved;
use super::attained::How;
use super::function::{End, Piece, Point};
use super::statement::{Claim, Verified};
use crate::certificate::Quantity;

impl Verified {
    pub fn conclusion(&self) -> Proved {
        let exact = self.lower.as_ref().filter(|l| l.expr == self.upper.expr || same_number(l, &self.upper));
        Proved {
            sign: self.sign,
            lower: self.lower.as_ref().map(Point::down),
            upper: self.upper.up(),
            exact: exact.map(|_| self.upper.expr.clone()),
            attained: self.attained.as_ref().map(|how| !matches!(how, How::Never(_))),
        }
    }
}

/// Where a magnitude is attained, from both signs of h.
pub(super) fn merged(a: Option<How>, b: Option<How>) -> Option<How> {
    let both = |p: Vec<String>, q: Vec<String>| p.into_iter().chain(q).collect();
    Some(match (a, b) {
        (Some(How::Exactly(p)), Some(How::Exactly(q))) => How::Exactly(both(p, q)),
        // an exact place needs nothing from the other sign
        (Some(how @ How::Exactly(_)), _) | (_, Some(how @ How::Exactly(_))) => how,
        (Some(How::Within(p)), Some(How::Within(q))) => How::Within(both(p, q)),
        (Some(How::Never(p)), Some(How::Never(q))) => How::Never(both(p, q)),
        (Some(How::Within(p) | How::Never(p)), Some(How::Within(q) | How::Never(q))) => How::Within(both(p, q)),
        _ => return None,
    })
}

fn same_number(a: &Point, b: &Point) -> bool {
    a.exact.is_some() && a.exact == b.exact
}

fn domain(claim: &Claim) -> String {
    let bracket = |e: &End, open: char, closed: char| if matches!(e, End::Infinite(_)) { open } else { closed };
    let [lo, hi] = &claim.domain;
    format!("{}{lo}, {hi}{}", bracket(lo, '(', '['), bracket(hi, ')', ']'))
}

/// What is bounded.
fn subject(claim: &Claim) -> String {
    let f = &claim.f.name;
    match claim.quantity {
        Quantity::Range => format!("`{f}`"),
        Quantity::Slope if claim.continuous => format!("the slope of `{f}`"),
        Quantity::Slope => format!("the slope of `{f}` inside of its pieces"),
        Quantity::Lipschitz => format!("the Lipschitz constant of `{f}`"),
        Quantity::Curvature => format!("the supremum of |f''|, f = `{f}`, inside of the pieces of f"),
        Quantity::Distance => {
            format!("the supremum of |f - g|, f = `{f}` and g = `{}`,", claim.g.as_ref().map_or("", |g| &g.name))
        }
    }
}

/// The functions that are not those of the catalogue, with their pieces.
fn definitions(claim: &Claim) -> String {
    let given = [Some(&claim.f), claim.g.as_ref()].into_iter().flatten().filter(|f| !f.catalogued);
    given.fold(String::new(), |out, f| {
        let pieces: Vec<String> = f.pieces.iter().map(Piece::to_string).collect();
        out + &format!("\nwith `{}` as this certificate defines it: {}", f.name, pieces.join("; "))
    })
}

fn enclosed(lower: Option<&Point>, upper: &Point) -> String {
    match lower {
        Some(l) if l.expr == upper.expr || same_number(l, upper) => format!("is exactly {}", upper.text()),
        Some(l) => format!("lies in [{}, {}]", l.text(), upper.text()),
        None => format!("is at most {}", upper.text()),
    }
}

fn attained(how: Option<&How>) -> String {
    match how {
        Some(How::Exactly(places)) => format!(", attained at {}", places.join(" and ")),
        Some(How::Within(places)) => format!(", attained in {}", places.join(" or ")),
        Some(How::Never(places)) if !places.is_empty() => {
            format!(", not attained: approached as {}", places.join(" and "))
        }
        _ => String::new(),
    }
}

pub(super) fn supremum(claim: &Claim, sides: &[Verified; 2]) -> String {
    let (what, on) = (subject(claim), domain(claim));
    let [plus, minus] = sides;
    let text = if claim.quantity.of_magnitude() {
        let lower = [plus, minus].into_iter().filter_map(|v| v.lower.as_ref());
        let lower = lower.reduce(|a, b| if a.down() >= b.down() { a } else { b });
        format!("{what} on {on} {}{}", enclosed(lower, &plus.upper), attained(plus.attained.as_ref()))
    } else {
        let (low, high) = (minus.upper.neg(), minus.lower.as_ref().map(Point::neg));
        let infimum = match high {
            Some(high) if high.expr == low.expr || same_number(&high, &low) => format!("is exactly {}", low.text()),
            Some(high) => format!("lies in [{}, {}]", low.text(), high.text()),
            None => format!("is at least {}", low.text()),
        };
        format!(
            "the supremum of {what} on {on} {}{}, the infimum {infimum}{}",
            enclosed(plus.lower.as_ref(), &plus.upper),
            attained(plus.attained.as_ref()),
            attained(minus.attained.as_ref()),
        )
    };
    text + &definitions(claim)
}

pub(super) fn unbounded(claim: &Claim, sign: i8, place: &str) -> String {
    let direction = match (claim.quantity.of_magnitude(), sign) {
        (true, _) => "infinite",
        (_, 1) => "unbounded above",
        _ => "unbounded below",
    };
    format!("{} on {} is {direction}: {place}{}", subject(claim), domain(claim), definitions(claim))
}
