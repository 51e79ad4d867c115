//! Claims about bounds: what the checker accepted of the truth, held against what is claimed.
//!
//! A verdict rests on certificates alone. That two constants are in a certain order is shown exactly or by the plain evaluator.

use super::file::{Claim, Kind, Rounding};
use super::judge::{Judgement, Problem, constant, names, subject};
use crate::catalog;
use crate::expr::{Activation, End, Expr, compare_points, parse_interval};
use crate::number::decimal;
use crate::prove::Domain;
use crate::prove::bound::{Bound, Quantity, Side, bound};
use crate::prove::certify;
use crate::prove::continuity::{Order, continuity};
use crate::prove::supremum::{Attained, Goal};
use crate::prove::uniform::{homogeneity, homogeneity_of_pair};
use crate::verdict::Verdict;
use rug::{Float, Integer, Rational};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Significant digits with which claims are first held against the truth; the second is for close calls.
const DIGITS: [u32; 2] = [25, 80];

/// Proves or refutes a claim about a bound.
pub(super) fn judge(claim: &Claim, quantity: Quantity) -> Result<Judgement, Problem> {
    let (f, free) = subject(claim)?;
    let g = match &claim.to {
        Some(name) => {
            let definition = match &claim.given.to {
                Some(definition) => Arc::clone(definition),
                None => catalog::find(name).map_err(|e| e.to_string())?,
            };
            Some(Activation::new(definition, &BTreeMap::new()).map_err(|e| e.to_string())?)
        }
        None => None,
    };
    let case = Case { claim, f: &f, g: g.as_ref() };
    let mut last = Judgement::new(Verdict::Undecided, "");
    for digits in DIGITS {
        let goal = Goal { digits, ..Goal::default() };
        let mut found = bound(quantity, &f, g.as_ref(), &Domain::default(), goal).map_err(|e| e.to_string())?;
        last = case.at_values(&mut found)?;
        last.bound = Some(found);
        if last.verdict != Verdict::Undecided {
            break;
        }
    }
    let Some(name) = free else { return Ok(last) };
    // a refutation at one value refutes the statement for all
    if last.verdict == Verdict::Proved {
        case.for_all(quantity, &name, &mut last)?;
    }
    // the law of scaling shows that slopes are the same at every value
    if power(quantity) != 0 || last.verdict != Verdict::Proved {
        last.at = Some(f.label());
    }
    Ok(last)
}

/// The power of s by which a quantity of `s f(x/s)` differs from that of f.
const fn power(quantity: Quantity) -> i32 {
    match quantity {
        Quantity::Range | Quantity::Distance => 1,
        Quantity::Slope | Quantity::Lipschitz => 0,
        Quantity::Curvature => -1,
    }
}

/// Puts the parameters' values into an constant, except for one that stays free.
fn with_values(e: &Expr, values: &BTreeMap<String, Rational>, free: Option<&str>) -> Expr {
    e.substitute_params(&|name| (free != Some(name)).then(|| values.get(name).cloned().map(Expr::rational)).flatten())
        .simplified()
}

/// A proved supremum (or infimum, for `sign` -1) between two constants.
struct Truth {
    lower: Expr,
    upper: Expr,
    exact: Option<Expr>,
    /// whether it is attained, if that was proved
    attained: Option<bool>,
}

impl Truth {
    /// What was proved of one side; `None` if nothing was, or the value is infinite.
    fn of(side: &Side, sign: i64) -> Option<Self> {
        let answer = &side.answer;
        if !side.proved.value {
            return None;
        }
        let [low, high] = side.bounds.clone()?;
        let (lower, upper) = if sign < 0 { (-high, -low) } else { (low, high) };
        let (lower, upper) = (Expr::rational(lower), Expr::rational(upper));
        let constant = answer.exact.clone().map(Expr::rational).or_else(|| answer.symbolic.clone());
        let exact = constant.filter(|_| side.proved.exact).map(|e| if sign < 0 { (-e).simplified() } else { e });
        let attained = side.proved.attained.then(|| answer.attained != Attained::Asymptotic);
        Some(Self { lower, upper, exact, attained })
    }

    /// The order of the true value and a constant, where it is decided.
    fn order(&self, value: &Expr) -> Option<Ordering> {
        if let Some(exact) = &self.exact {
            return compare_points(exact, value);
        }
        match (compare_points(&self.upper, value)?, compare_points(&self.lower, value)?) {
            (Ordering::Less, _) => Some(Ordering::Less),
            (_, Ordering::Greater) => Some(Ordering::Greater),
            _ => None,
        }
    }

    /// Whether the true value is at most a constant; `None`: not decided.
    fn at_most(&self, value: &Expr) -> Option<bool> {
        match self.order(value) {
            Some(order) => Some(order.is_le()),
            None if compare_points(&self.upper, value)?.is_le() => Some(true),
            None => None,
        }
    }

    /// Whether the true value is at least a constant.
    fn at_least(&self, value: &Expr) -> Option<bool> {
        match self.order(value) {
            Some(order) => Some(order.is_ge()),
            None if compare_points(&self.lower, value)?.is_ge() => Some(true),
            None => None,
        }
    }
}

/// True if all are, false if one is not, else undecided.
fn all(parts: &[Option<bool>]) -> Verdict {
    match parts {
        _ if parts.contains(&Some(false)) => Verdict::Refuted,
        _ if parts.contains(&None) => Verdict::Undecided,
        _ => Verdict::Proved,
    }
}

/// A claim with what it speaks about.
struct Case<'a> {
    claim: &'a Claim,
    f: &'a Activation,
    g: Option<&'a Activation>,
}

impl Case<'_> {
    /// The claim at the given parameter values.
    fn at_values(&self, found: &mut Bound) -> Result<Judgement, Problem> {
        let claim = self.claim;
        if claim.kind == Kind::Within {
            return self.within(found);
        }
        let top = &found.top;
        if found.undefined || !top.proved.value {
            let reason = found.rejected.clone().unwrap_or_else(|| "nothing was proved".into());
            return Ok(Judgement::new(Verdict::Undecided, reason));
        }
        let value = with_values(&constant(&claim.value, self.f)?, &self.f.values, None);
        let truth = Truth::of(top, 1);
        if truth.is_none() && !top.proved_infinite() {
            return Ok(Judgement::new(Verdict::Undecided, "no two bounds were proved"));
        }
        let Some(truth) = truth else {
            let reason = match found.jumps.first() {
                Some(jump) => format!("f jumps at {}", jump.at),
                None => "the true value is infinite".into(),
            };
            return Ok(Judgement::new(Verdict::Refuted, reason));
        };
        let verdict = match claim.kind {
            Kind::UpperBound => all(&[truth.at_most(&value)]),
            Kind::Contraction => all(&[truth.at_least(&value).map(|b| !b).or_else(|| {
                // strictly below by the enclosure
                compare_points(&truth.upper, &value).filter(|o| o.is_lt()).map(|_| true)
            })]),
            Kind::Equals => match truth.order(&value) {
                Some(Ordering::Equal) => Verdict::Proved,
                Some(_) => Verdict::Refuted,
                None => Verdict::Undecided,
            },
            _ => {
                let [low, high] = rounded_from(claim, &value)?;
                let below = match claim.rounding.unwrap_or_default() {
                    // a value that is rounded up is less than one unit above the truth
                    Rounding::Up => truth
                        .at_most(&low)
                        .map(|b| !b)
                        .or_else(|| compare_points(&truth.lower, &low).filter(|o| o.is_gt()).map(|_| true)),
                    Rounding::Nearest => truth.at_least(&low),
                };
                all(&[below, truth.at_most(&high)])
            }
        };
        let mut out = Judgement::new(verdict, self.reason(&truth));
        let answer = &found.top.answer;
        out.lower = Some(decimal::directed(&answer.lower, 22, false));
        out.upper = Some(decimal::directed(&answer.upper, 22, true));
        let text = |e: &Expr| e.exact_rational().map_or_else(|| e.to_string(), |q| decimal::rational(&q));
        out.exact = truth.exact.as_ref().map(text);
        if let Some(peak) = &answer.peak {
            let digits = |f: &Float, up| decimal::directed(f, 20, up);
            out.witness = Some(format!("x = {}: at least {}", digits(&peak.at.0, false), digits(&peak.value, false)));
        }
        if out.verdict == Verdict::Undecided && claim.kind == Kind::Equals {
            self.equals(found, &value, &mut out);
        }
        if let (Some(at), Verdict::Proved) = (&claim.at, out.verdict) {
            self.located(at, found, &mut out)?;
        }
        Ok(out)
    }

    fn reason(&self, truth: &Truth) -> String {
        match &truth.exact {
            Some(exact) => match exact.exact_rational() {
                Some(q) => format!("the value is exactly {}", decimal::rational(&q)),
                None => format!("the value is exactly {exact}"),
            },
            None => "proved enclosure of the true value".into(),
        }
    }

    /// The checker is asked whether the supremum is exactly the claimed constant.
    fn equals(&self, found: &mut Bound, value: &Expr, out: &mut Judgement) {
        if certify::confirm_exactly(self.f, self.g, found, value) {
            out.verdict = Verdict::Proved;
            out.reason = format!("the value is exactly {value}");
            return;
        }
        out.reason = match &found.top.answer.symbolic {
            Some(truth) => format!("the value is exactly {truth}, and whether that is {value} was not decided"),
            None => "agrees to every digit computed, but no exact form of the supremum is known".into(),
        };
    }

    /// The supremum is attained at the claimed place: h there is the supremum.
    fn located(&self, text: &str, found: &mut Bound, out: &mut Judgement) -> Result<(), Problem> {
        let at = with_values(&constant(text, self.f)?, &self.f.values, None);
        if certify::confirm_at(self.f, self.g, found, &at) {
            return Ok(());
        }
        let values = certify::values_at(self.f, self.g, found, &at);
        let below = |h: &Expr| match &found.top.answer {
            a if found.top.proved.exact => {
                let exact = a.exact.clone().map(Expr::rational).or_else(|| a.symbolic.clone());
                exact.is_some_and(|e| compare_points(h, &e) == Some(Ordering::Less))
            }
            _ => found
                .top
                .bounds
                .as_ref()
                .is_some_and(|[q, _]| compare_points(h, &Expr::rational(q.clone())) == Some(Ordering::Less)),
        };
        let refuted = !values.is_empty() && values.iter().all(below);
        out.verdict = if refuted { Verdict::Refuted } else { Verdict::Undecided };
        out.reason = match refuted {
            true => format!("the supremum is not attained at {text}"),
            false => format!("whether the supremum is attained at {text} was not decided"),
        };
        Ok(())
    }

    /// All values lie in an interval. An end that is open may be the infimum or supremum only if that is not attained.
    fn within(&self, found: &Bound) -> Result<Judgement, Problem> {
        let claim = self.claim;
        let Some(bottom) = &found.bottom else { return Err("`within` needs range or slope".into()) };
        let ends = parse_interval(&claim.value).map_err(|e| format!("`{}`: {e}", claim.value))?;
        for end in [&ends.0, &ends.1] {
            if let End::At { at, .. } = end {
                names(&claim.value, at, Some(self.f))?;
            }
        }
        let held = |end: &End, side: &Side, sign: i64| -> Option<bool> {
            // that it does not end there is true of functions that have a value everywhere
            if found.undefined || !side.proved.value {
                return None;
            }
            let End::At { at, closed } = end else { return Some(true) };
            let Some(truth) = Truth::of(side, sign) else { return side.proved_infinite().then_some(false) };
            let at = with_values(at, &self.f.values, None);
            let inside = if sign > 0 { truth.at_most(&at) } else { truth.at_least(&at) };
            match (inside, closed) {
                (Some(true), false) if truth.order(&at) == Some(Ordering::Equal) => truth.attained.map(|a| !a),
                (Some(true), false) if truth.order(&at).is_none() => None,
                (inside, _) => inside,
            }
        };
        let verdict = all(&[held(&ends.0, bottom, -1), held(&ends.1, &found.top, 1)]);
        let mut out = Judgement::new(verdict, "proved enclosure of infimum and supremum");
        // a finite bound holds values everywhere; that there is none is shown where there are values
        let bounded = [bottom, &found.top].into_iter().any(|side| side.proved.value && !side.proved_infinite());
        if verdict == Verdict::Proved && !bounded {
            self.has_values(&mut out);
        }
        if verdict == Verdict::Undecided {
            out.reason = found.rejected.clone().unwrap_or_else(|| "whether an end is attained was not decided".into());
        }
        out.lower = Some(decimal::directed(&-bottom.answer.upper.clone(), 22, false));
        out.upper = Some(decimal::directed(&found.top.answer.upper, 22, true));
        Ok(out)
    }

    /// The class, which the checker accepts, shows that there are values everywhere; without it nothing is proved.
    fn has_values(&self, out: &mut Judgement) {
        let class = continuity(self.f);
        let wanted = if self.claim.quantity == Quantity::Slope.name() { 1 } else { 0 };
        let shown = match class.order {
            Order::Analytic | Order::Infinite => true,
            Order::Class(n) | Order::Undecided { at_least: n } => n >= wanted,
        };
        if shown {
            out.class = class.certificate;
        } else {
            out.verdict = Verdict::Undecided;
            out.reason = "it is not shown to have a value everywhere".into();
        }
    }

    /// From one parameter value to all: f_{s^k p}(s x) = s f_p(x) scales every quantity in a known way.
    fn for_all(&self, quantity: Quantity, name: &str, out: &mut Judgement) -> Result<(), Problem> {
        let (claim, activation) = (self.claim, self.f);
        let mut fixed = activation.values.clone();
        fixed.remove(name);
        let scaling = match self.g {
            None => homogeneity(&activation.definition, &fixed),
            Some(g) => homogeneity_of_pair(&activation.definition, &g.definition, &fixed),
        };
        let Some(scaling) = scaling.filter(|h| h.param == name) else {
            out.verdict = Verdict::Undecided;
            out.reason = format!("proved at {}, but no scaling law carries it to every {name}", activation.label());
            return Ok(());
        };
        // so must the claimed value; places scale like x
        let power = power(quantity);
        if claim.kind == Kind::Smallest && power != 0 {
            out.verdict = Verdict::Undecided;
            out.reason = format!("proved at {}; a rounded number does not scale with {name}", activation.label());
            return Ok(());
        }
        let mut claimed: Vec<(Expr, i32)> = match claim.kind {
            Kind::Within => {
                let (lo, hi) = parse_interval(&claim.value).map_err(|e| e.to_string())?;
                let ends = [lo, hi].into_iter();
                ends.filter_map(|e| if let End::At { at, .. } = e { Some((at, power)) } else { None }).collect()
            }
            _ => vec![(constant(&claim.value, activation)?, power)],
        };
        if let Some(at) = &claim.at {
            claimed.push((constant(at, activation)?, 1));
        }
        let claimed: Vec<(Expr, i32)> =
            claimed.iter().map(|(e, power)| (with_values(e, &activation.values, Some(name)), *power)).collect();
        let Some(certificate) = certify::confirm_scaling(activation, self.g, (name, scaling.k), &claimed) else {
            out.verdict = Verdict::Undecided;
            out.reason = format!("what is claimed is not shown to scale with {name} as the quantity does");
            return Ok(());
        };
        if let Some(bound) = &mut out.bound {
            bound.certificates.push(certificate);
        }
        out.reason = format!("{}; and for every {name} by homogeneity", out.reason);
        Ok(())
    }
}

/// The numbers that are rounded to a claimed constant: between which they lie.
pub(super) fn rounded_from(claim: &Claim, value: &Expr) -> Result<[Expr; 2], Problem> {
    let decimals = claim.decimals.unwrap_or(0);
    let unit = Rational::from((1, Integer::from(Integer::u_pow_u(10, decimals))));
    let q = value.exact_rational().ok_or_else(|| format!("`{}` is not a rounded number", claim.value))?;
    if *Rational::from(&q / &unit).denom() != 1 {
        return Err(format!("`{}` has more than {decimals} decimals, so nothing is rounded to it", claim.value));
    }
    let half = Rational::from(&unit / 2u32);
    Ok(match claim.rounding.unwrap_or_default() {
        Rounding::Nearest => [Rational::from(&q - &half), Rational::from(&q + &half)],
        Rounding::Up => [Rational::from(&q - &unit), q],
    }
    .map(Expr::rational))
}
