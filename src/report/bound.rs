//! `actaudit bound`: a certified quantity as JSON and as text.

use super::{Page, down, up};
use crate::expr::{Activation, End, Expr};
use crate::number::decimal;
use crate::prove::bound::{Checked, Side};
use crate::prove::{Attained, Bound, Place};
use crate::verdict::Verdict;
use rug::{Float, Rational};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a supremum lies, as text rounded outward.
#[derive(Serialize, JsonSchema, Clone, Debug, PartialEq)]
#[serde(untagged)]
pub enum At {
    /// a bracket of one point
    Point {
        /// lower end
        lower: String,
        /// upper end
        upper: String,
        /// the point itself, if known
        #[serde(skip_serializing_if = "Option::is_none")]
        exact: Option<String>,
    },
    /// an interval on which it is attained everywhere
    Set {
        /// the interval
        set: [String; 2],
        /// which of its ends belong to it
        closed: [bool; 2],
    },
    /// `inf` or `-inf`
    Limit {
        /// which infinity
        limit: String,
    },
}

/// One end of a range: a certified infimum or supremum.
#[derive(Serialize, JsonSchema, Clone, Debug, PartialEq)]
pub struct Extremum {
    /// proved lower bound
    pub lower: String,
    /// proved upper bound
    pub upper: String,
    /// the value itself, if it was proved exactly
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// the first place
    pub at: Option<At>,
    /// further places; of asymptotic ones it is shown that h comes near its supremum at one at least
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<At>,
    /// point, set, asymptotic or unknown
    pub attained: String,
    /// whether that holds at each of these places; otherwise at one of them at least
    pub each: bool,
    /// whether the checker accepted the bounds
    pub proved: bool,
    /// why it is not as narrow as asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
}

/// The JSON object of `actaudit bound`.
#[derive(Serialize, JsonSchema, Clone, Debug)]
pub struct BoundReport {
    /// actaudit.bound.v1
    pub schema: &'static str,
    /// identifier
    pub activation: String,
    /// values of the parameters, exact
    pub params: BTreeMap<String, String>,
    /// which quantity
    pub quantity: &'static str,
    /// the other activation of a distance
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// the part of the line
    pub domain: [String; 2],
    /// proved lower bound (of the infimum, for range and slope)
    pub lower: String,
    /// proved upper bound (of the supremum, for range and slope)
    pub upper: String,
    /// the value itself, if it was proved exactly
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// where the supremum lies
    pub at: Option<At>,
    /// how it is attained
    pub attained: String,
    /// range and slope: the infimum by itself
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infimum: Option<Extremum>,
    /// the supremum by itself
    pub supremum: Extremum,
    /// what holds for every value of a parameter
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniform: Option<String>,
    /// junctions at which f jumps
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jumps: Vec<String>,
    /// proved, undecided, undefined (there is no value somewhere), or searched if the checker was not asked
    pub verdict: Verdict,
    /// whether what is infinite is so only over the points at which there is a value
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gaps: bool,
    /// why it is undecided
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// boxes examined
    pub boxes: usize,
}

impl Extremum {
    /// Where it is attained or approached, in words.
    pub(super) fn places(&self) -> String {
        let mut places: Vec<String> = vec![];
        for place in largest(self.at.iter().chain(&self.also)).map(show_place) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.len() > 4 {
            places.truncate(4);
            places.push("...".into());
        }
        match places.is_empty() {
            true => "where it is attained was not decided".into(),
            false => {
                format!("{}{}", attained_text(&self.attained), places.join(if self.each { " and " } else { " or " }))
            }
        }
    }
}

fn attained(a: Attained) -> String {
    match a {
        Attained::Point => "point",
        Attained::Set => "set",
        Attained::Asymptotic => "asymptotic",
        Attained::Unknown => "unknown",
    }
    .into()
}

/// Whether an end of an interval on which a value is attained belongs to it: the pieces that end there hold it.
fn holds_end(of: &[&Activation], text: &str, upper: bool) -> bool {
    let ends = of.iter().flat_map(|a| &a.pieces).map(|p| if upper { &p.hi } else { &p.lo });
    let here = |at: &Expr| at.to_string() == text || at.exact_rational().is_some_and(|q| q.to_string() == text);
    !text.ends_with("inf") && !ends.clone().any(|end| matches!(end, End::At { at, closed: false } if here(at)))
}

fn at(place: &Place, of: &[&Activation], digits: u32) -> At {
    match place {
        Place::Point { lo, hi, exact } => {
            At::Point { lower: down(lo, digits), upper: up(hi, digits), exact: exact.clone() }
        }
        Place::Set(lo, hi) => {
            At::Set { set: [lo.clone(), hi.clone()], closed: [holds_end(of, lo, false), holds_end(of, hi, true)] }
        }
        Place::Infinity(right) => At::Limit { limit: if *right { "inf" } else { "-inf" }.into() },
    }
}

fn extremum(side: &Side, of: &[&Activation], negated: bool, digits: u32) -> Extremum {
    let a = &side.answer;
    let (lower, upper) =
        if negated { (-a.upper.clone(), -a.lower.clone()) } else { (a.lower.clone(), a.upper.clone()) };
    let constant = || match (&a.exact, &a.symbolic) {
        (Some(q), _) => Some(decimal::rational(&if negated { Rational::from(-q) } else { q.clone() })),
        (None, Some(e)) if negated => Some((-e.clone()).simplified().to_string()),
        (None, e) => e.as_ref().map(Expr::to_string),
    };
    let exact = if side.proved.exact { constant() } else { None };
    let shown: Vec<At> = a.places.iter().filter(|_| side.proved.attained).map(|p| at(p, of, digits)).collect();
    // of several ends, of brackets that may be empty, and of points whose values are only known to be near each other, it is shown
    // that at one of them at least
    let certain = |at: &At| match at {
        At::Set { .. } => true,
        At::Point { exact: point, .. } => point.is_some() && exact.is_some(),
        At::Limit { .. } => false,
    };
    let each = shown.len() < 2 || a.attained != Attained::Asymptotic && shown.iter().all(certain);
    let mut places = shown.into_iter();
    Extremum {
        lower: down(&lower, digits),
        upper: up(&upper, digits),
        exact,
        at: places.next(),
        also: places.collect(),
        attained: attained(if side.proved.attained { a.attained } else { Attained::Unknown }),
        each,
        proved: side.proved.value,
        undecided: a.undecided.clone(),
    }
}

impl BoundReport {
    /// The report with this many digits beyond which lower and upper may differ.
    pub fn new(f: &Activation, g: Option<&Activation>, bound: &Bound, digits: u32) -> Self {
        let digits = digits + 2;
        let of: Vec<&Activation> = [Some(f), g].into_iter().flatten().collect();
        let supremum = extremum(&bound.top, &of, false, digits);
        let infimum = bound.bottom.as_ref().map(|b| extremum(b, &of, true, digits));
        let narrow = supremum.undecided.clone().or_else(|| infimum.as_ref().and_then(|i| i.undecided.clone()));
        let reason = bound.rejected.clone().or(narrow);
        let verdict = match (&bound.check, reason.is_some()) {
            (Checked::No, _) => Verdict::Searched,
            (Checked::Yes, true) if bound.undefined => Verdict::Undefined,
            (Checked::Yes, true) => Verdict::Undecided,
            (Checked::Yes, false) => Verdict::Proved,
        };
        Self {
            schema: "actaudit.bound.v1",
            activation: f.definition.id.clone(),
            params: f.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
            quantity: bound.quantity.name(),
            to: g.map(|g| g.definition.id.clone()),
            domain: bound.domain.text(),
            lower: infimum.as_ref().map_or_else(|| supremum.lower.clone(), |i| i.lower.clone()),
            upper: supremum.upper.clone(),
            exact: if infimum.is_some() { None } else { supremum.exact.clone() },
            at: supremum.at.clone(),
            attained: supremum.attained.clone(),
            uniform: uniform(f, bound).filter(|_| verdict == Verdict::Proved),
            infimum,
            supremum,
            jumps: bound.jumps.iter().filter(|j| j.proved).map(|j| j.at.to_string()).collect(),
            verdict,
            gaps: bound.gaps.is_some(),
            reason,
            boxes: bound.top.answer.boxes + bound.bottom.as_ref().map_or(0, |b| b.answer.boxes),
        }
    }

    /// A few aligned lines.
    pub fn text(&self, page: &Page) -> String {
        let params: Vec<String> = self.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let subject = if params.is_empty() {
            self.activation.clone()
        } else {
            format!("{}({})", self.activation, params.join(", "))
        };
        let what = match (self.quantity, &self.to) {
            ("distance", Some(g)) => format!("sup |{} - {g}|", self.activation),
            ("lipschitz", _) => "sup |f'|".into(),
            ("curvature", _) => "sup |f''|".into(),
            ("slope", _) => "[inf f', sup f']".into(),
            _ => "[inf f, sup f]".into(),
        };
        let heading = format!("{subject}: {} {what} on [{}, {}]", self.quantity, self.domain[0], self.domain[1]);
        let mut out = page.wrapped(&heading, 2);
        let mut line = |name: &str, value: &str| {
            out += &page.wrapped(&format!("  {name:<10} {value}"), 15);
        };
        for (name, e) in [("infimum", self.infimum.as_ref()), ("supremum", Some(&self.supremum))] {
            let Some(e) = e.filter(|_| self.verdict != Verdict::Undefined) else { continue };
            match &e.exact {
                Some(exact) if exact.contains(|c: char| c.is_ascii_alphabetic() || c == '^') => {
                    line(name, &format!("= {exact} exactly"));
                    line("", &format!("in [{}, {}]", e.lower, e.upper));
                }
                Some(exact) => line(name, &format!("= {exact} exactly")),
                None if e.lower == e.upper => line(name, &e.lower),
                None => {
                    line(name, &format!(">= {}", e.lower));
                    line("", &format!("<= {}", e.upper));
                }
            }
            line("", &e.places());
            if !e.proved && self.verdict != Verdict::Searched {
                line("", "found by the search, not proved");
            }
        }
        if let Some(uniform) = &self.uniform {
            line("uniform", uniform);
        }
        for jump in &self.jumps {
            line("jump", &format!("at {jump}"));
        }
        match (&self.reason, self.verdict) {
            (_, Verdict::Searched) => line("verdict", "searched, not checked: nothing here is proved"),
            (Some(reason), verdict) => line("verdict", &format!("{}: {reason}", verdict.name())),
            (None, verdict) if self.gaps => {
                line("verdict", &format!("{}, of the points at which there is a value", verdict.name()))
            }
            (None, verdict) => line("verdict", verdict.name()),
        }
        out
    }
}

/// The JSON object of `actaudit bound` where no quantity is named.
#[derive(Serialize, JsonSchema, Clone, Debug)]
pub struct BoundsReport {
    /// actaudit.bound.v1
    pub schema: &'static str,
    /// identifier
    pub activation: String,
    /// values of the parameters, exact
    pub params: BTreeMap<String, String>,
    /// one for each quantity
    pub bounds: Vec<BoundReport>,
}

impl BoundsReport {
    /// The report over these bounds, which are of the same activation.
    pub fn new(bounds: Vec<BoundReport>) -> Self {
        let first = bounds.first();
        Self {
            schema: "actaudit.bound.v1",
            activation: first.map(|b| b.activation.clone()).unwrap_or_default(),
            params: first.map(|b| b.params.clone()).unwrap_or_default(),
            bounds,
        }
    }

    /// One paragraph for each.
    pub fn text(&self, page: &Page) -> String {
        self.bounds.iter().map(|bound| bound.text(page)).collect::<Vec<_>>().join("\n")
    }
}

/// One value of the parameter decides all of them, where the definition is homogeneous; only over all of R.
fn uniform(f: &Activation, bound: &Bound) -> Option<String> {
    let law = bound.scaling.as_ref()?;
    let scope = format!("for all {} in {}", law.param, law.domain);
    if law.power == 0 {
        return Some(format!("{scope}: the same"));
    }
    let at = f.values.get(&law.param)?;
    let power = match () {
        () if law.power == 1 => law.param.clone(),
        // all values of the parameter have one sign
        () if *at < 0 && !law.power.is_integer() => format!("(-{})^({})", law.param, law.power),
        () => format!("{}^({})", law.param, law.power),
    };
    // the coefficient is rational where the power is whole
    let known = |_: &&Rational| bound.bottom.is_none() && bound.top.proved.exact;
    let coefficient = bound.top.answer.exact.as_ref().filter(known).and_then(|q| {
        let n = law.power.numer().to_i32().filter(|_| law.power.is_integer())?;
        Some(q / rug::ops::Pow::pow(at.clone(), n))
    });
    Some(match coefficient {
        Some(c) if c == 0 => format!("{scope}: 0"),
        Some(c) if law.power == -1 => format!("{scope}: {c}/{}", law.param),
        Some(c) if c == 1 => format!("{scope}: {power}"),
        Some(c) => format!("{scope}: {c}*{power}"),
        None => {
            format!("{scope}: proportional to {}", if law.power == -1 { format!("1/{}", law.param) } else { power })
        }
    })
}

fn attained_text(attained: &str) -> &'static str {
    match attained {
        "point" => "attained at ",
        "set" => "attained on ",
        "asymptotic" => "approached at ",
        _ => "somewhere in ",
    }
}

/// The places that do not lie in another one.
fn largest<'a>(places: impl Iterator<Item = &'a At>) -> impl Iterator<Item = &'a At> {
    let places: Vec<&At> = places.collect();
    let within = |k: usize, place: &At| {
        let inside = |(i, other): (usize, &&At)| i != k && lies_in(place, other) && !(i > k && lies_in(other, place));
        places.iter().enumerate().any(inside)
    };
    let kept: Vec<&At> = places.iter().enumerate().filter(|(k, place)| !within(*k, place)).map(|(_, p)| *p).collect();
    kept.into_iter()
}

/// Whether one bracket lies in another. Sets and limits are exact, and are not compared.
fn lies_in(a: &At, b: &At) -> bool {
    let ends = |place: &At| match place {
        At::Point { lower, upper, exact: None } => {
            Some([lower, upper].map(|end| Float::parse(end).map(|end| Float::with_val(1024, end)).ok()))
        }
        _ => None,
    };
    match (ends(a), ends(b)) {
        (Some([Some(a), Some(b)]), Some([Some(lo), Some(hi)])) => lo <= a && b <= hi,
        _ => false,
    }
}

fn show_place(at: &At) -> String {
    match at {
        At::Point { exact: Some(x), .. } => format!("x = {x}"),
        At::Point { lower, upper, .. } if lower == upper => format!("x = {lower}"),
        At::Point { lower, upper, .. } => format!("x in [{lower}, {upper}]"),
        At::Set { set: [lo, hi], closed } => {
            let (open, close) = (if closed[0] { '[' } else { '(' }, if closed[1] { ']' } else { ')' });
            format!("{open}{lo}, {hi}{close}")
        }
        At::Limit { limit } => format!("x -> {limit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::{Domain, Goal, Quantity};

    fn bracket(lower: &str, upper: &str) -> At {
        At::Point { lower: lower.into(), upper: upper.into(), exact: None }
    }

    #[test]
    fn a_place_in_another_one_is_not_said() {
        let left = |places: &[At]| largest(places.iter()).map(show_place).collect::<Vec<_>>();
        let [wide, right, apart] = [("-16", "16"), ("0", "16"), ("17", "inf")].map(|(lo, hi)| bracket(lo, hi));
        let all = [right, wide.clone(), apart, wide, At::Limit { limit: "inf".into() }];
        assert_eq!(left(&all), ["x in [-16, 16]", "x in [17, inf]", "x -> inf"]);
    }

    /// Hostile readers found these: an exact value was taken for places that are exact, and a power of a negative number was named.
    #[test]
    fn what_is_said_of_places_and_of_all_parameters_is_what_was_proved() {
        let point =
            |exact: Option<&str>| At::Point { lower: "0".into(), upper: "1".into(), exact: exact.map(str::to_owned) };
        let extremum = |places: [At; 2], each| {
            let [at, also] = places;
            let (lower, upper) = ("0".to_owned(), "0".to_owned());
            let attained = "point".to_owned();
            let exact = Some("0".to_owned());
            Extremum {
                lower,
                upper,
                exact,
                at: Some(at),
                also: vec![also],
                attained,
                each,
                proved: true,
                undecided: None,
            }
        };
        let brackets = extremum([point(None), bracket("2", "3")], false);
        assert_eq!(brackets.places(), "attained at x in [0, 1] or x in [2, 3]");
        let points = extremum([point(Some("1/2")), point(Some("1/3"))], true);
        assert_eq!(points.places(), "attained at x = 1/2 and x = 1/3");

        let file = "id = \"mine\"\n[[param]]\nname = \"p\"\ndomain = \"(-inf, 0)\"\ndefault = \"-2\"\n[[piece]]\non = \"(-inf, inf)\"\nvalue = \"sqrt(-p)*tanh(x/sqrt(-p))\"\n";
        let definition = crate::expr::Definition::from_toml(file, "mine.toml").expect("a definition");
        let f = Activation::with_defaults(std::sync::Arc::new(definition)).expect("made");
        let found =
            crate::prove::bound(Quantity::Curvature, &f, None, &Domain::default(), Goal::default()).expect("a bound");
        let said = BoundReport::new(&f, None, &found, 10).uniform.expect("it scales");
        assert!(said.contains("(-p)^(-1/2)"), "{said}");
    }

    /// At 1 the value is less than at 0, by less than the enclosure tells; where both are the same it is attained at each.
    #[test]
    fn points_whose_values_are_only_near_are_joined_by_or() {
        let report = |top: &str, other: &str| {
            let piece = |on: &str, value: String| format!("[[piece]]\non = \"{on}\"\nvalue = \"{value}\"\n");
            let file = [
                "id = \"mine\"\n".to_owned(),
                piece("(-inf, 0)", format!("{top} + x")),
                piece("[0, 1)", format!("{top} - x")),
                piece("[1, inf)", format!("{other} - (x - 1)")),
            ];
            let definition = crate::expr::Definition::from_toml(&file.concat(), "mine.toml").expect("a definition");
            let f = Activation::with_defaults(std::sync::Arc::new(definition)).expect("made");
            let found =
                crate::prove::bound(Quantity::Range, &f, None, &Domain::default(), Goal::default()).expect("a bound");
            BoundReport::new(&f, None, &found, 10).supremum
        };
        let near = report("sqrt(2)", &format!("sqrt(2) - 1/1{}", "0".repeat(42)));
        assert!(!near.places().contains(" and "), "{}", near.places());
        let same = report("3/2", "3/2");
        assert_eq!((same.places().as_str(), same.each), ("attained at x = 0 and x = 1", true));
    }
}
