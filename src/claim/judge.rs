//! Decides a claim. Nothing here knows a true constant: the engine derives it, and the claim is held against it.

use super::file::{Claim, Kind, Rounding, Subject};
use crate::catalog;
use crate::expr::{Activation, Expr, parse_expr, parse_interval, parse_rational};
use crate::number::Tape;
use crate::number::{Enclosure, MpI, Real, decimal};
use crate::prove::bound::{Bound, Domain, Quantity, bound};
use crate::prove::continuity::{Order, continuity as classify};
use crate::prove::integral::{integral_enclosure, integral_exact};
use crate::prove::supremum::{Goal, Place};
use crate::prove::uniform::{exactly_equal, homogeneity, homogeneity_of_pair};
use actaudit_recheck::continuity;
use rug::{Float, Rational};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a claim.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// true
    Proved,
    /// false, with a witness or an enclosure that excludes it
    Refuted,
    /// neither could be shown
    Undecided,
}

/// A claim with what was found.
#[derive(Debug)]
pub struct Judgement {
    /// the verdict
    pub verdict: Verdict,
    /// proved lower bound of the true value
    pub lower: Option<String>,
    /// proved upper bound of the true value
    pub upper: Option<String>,
    /// a point that shows it, with the value there
    pub witness: Option<String>,
    /// how it was decided, or why not
    pub reason: String,
    /// what was bounded, for a certificate
    pub bound: Option<(Activation, Option<Activation>, Bound)>,
    /// the certificate of a continuity class
    pub class: Option<continuity::Certificate>,
}

/// A claim that cannot be read: the text says what and where.
pub type Problem = String;

/// Significant digits with which claims are first held against the truth; the second is for close calls.
const DIGITS: [u32; 2] = [25, 80];

impl Judgement {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, lower: None, upper: None, witness: None, reason: reason.into(), bound: None, class: None }
    }
}

/// Proves or refutes a claim.
pub fn judge(claim: &Claim) -> Result<Judgement, Problem> {
    match claim.subject() {
        Some(Subject::Continuity) => class(claim),
        Some(Subject::Integral) => integral(claim),
        Some(Subject::Bound(quantity)) => quantitative(claim, quantity),
        None => Err(format!("there is no quantity `{}`", claim.quantity)),
    }
}

fn expression(text: &str) -> Result<Expr, Problem> {
    parse_expr(text).map_err(|e| format!("`{text}`: {e}"))
}

/// The activation at given values, and the parameter that is to be arbitrary, if one is.
fn subject(claim: &Claim) -> Result<(Activation, Option<String>), Problem> {
    let name = claim.activation.as_deref().unwrap_or_default();
    let definition = catalog::find(name).map_err(|e| e.to_string())?;
    let mut values = BTreeMap::new();
    let mut free = None;
    for (key, text) in &claim.params {
        if text == "all" {
            if free.replace(key.clone()).is_some() {
                return Err("only one parameter can be `all`".into());
            }
        } else {
            values.insert(key.clone(), parse_rational(text).map_err(|e| format!("parameter `{key}`: {e}"))?);
        }
    }
    let activation = Activation::new(definition, &values).map_err(|e| e.to_string())?;
    Ok((activation, free))
}

/// Puts the parameters' values into an expression, except for one that stays free.
fn with_values(e: &Expr, values: &BTreeMap<String, Rational>, free: Option<&str>) -> Expr {
    e.substitute_params(&|name| (free != Some(name)).then(|| values.get(name).cloned().map(Expr::rational)).flatten())
        .simplified()
}

fn enclose(e: &Expr, prec: u32) -> Result<MpI, Problem> {
    let tape = Tape::compile(e).map_err(|e| e.to_string())?;
    let value = tape.eval(&MpI::int(&prec, 0));
    if value.total() { Ok(value) } else { Err(format!("`{e}` is undefined")) }
}

fn class(claim: &Claim) -> Result<Judgement, Problem> {
    let (activation, free) = subject(claim)?;
    let wanted: i32 = claim.value.trim().parse().map_err(|_| format!("`{}`: expected a whole number", claim.value))?;
    let found = classify(&activation);
    let (at_least, at_most) = match found.order {
        Order::Analytic | Order::Infinite => (i32::MAX, i32::MAX),
        Order::Class(n) => (n, n),
        Order::Undecided { at_least } => (at_least, i32::MAX),
    };
    let verdict = if at_least >= wanted && (!claim.exactly || at_most == wanted) {
        Verdict::Proved
    } else if at_most < wanted || (claim.exactly && at_least > wanted) {
        Verdict::Refuted
    } else {
        Verdict::Undecided
    };
    let smooth = if found.order == Order::Infinite { "infinite" } else { "analytic" };
    let shown = |n: i32| if n == i32::MAX { smooth.to_string() } else { n.to_string() };
    let mut out = Judgement::new(verdict, "exact one-sided derivatives at every junction");
    (out.lower, out.upper) = (Some(shown(at_least)), Some(shown(at_most)));
    out.witness = found.junctions.iter().find_map(|j| {
        let jump = j.jump.as_ref()?;
        let size = jump.exact.clone().or_else(|| jump.lower.clone())?;
        Some(format!("at x = {} the derivative of order {} jumps by {size}", j.at, jump.derivative))
    });
    out.class = found.certificate;
    let for_all = |name: &str| found.for_all.iter().any(|p| p.split_once(" in ").is_some_and(|(n, _)| n == name));
    if let Some(name) = free.filter(|name| verdict == Verdict::Proved && !for_all(name)) {
        out.verdict = Verdict::Undecided;
        out.reason = format!("proved at {}, not shown for every {name}", activation.label());
    }
    Ok(out)
}

fn integral(claim: &Claim) -> Result<Judgement, Problem> {
    let part = |text: &Option<String>| expression(text.as_deref().unwrap_or_default());
    let (integrand, from, to) = (part(&claim.integrand)?, part(&claim.from)?, part(&claim.to_point)?);
    let value = expression(&claim.value)?;
    if let Some(exact) = integral_exact(&integrand, &from, &to) {
        return Ok(match exactly_equal(&exact, &value) {
            Some(true) => Judgement::new(Verdict::Proved, "exact antiderivative, identically in the parameters"),
            Some(false) => Judgement::new(Verdict::Refuted, format!("the integral is {}", exact.simplified())),
            None => Judgement::new(Verdict::Undecided, format!("the integral is {}", exact.simplified())),
        });
    }
    let digits = claim.decimals.unwrap_or(20) + 6;
    let found = match integral_enclosure(&integrand, &from, &to, digits) {
        Ok(found) => found,
        Err(reason) => return Ok(Judgement::new(Verdict::Undecided, reason.to_string())),
    };
    let v = enclose(&value, 256)?;
    Ok(against(claim, &found, &v))
}

/// Holds an enclosure of the true value against the claimed one.
fn against(claim: &Claim, truth: &MpI, v: &MpI) -> Judgement {
    let unit = claim
        .decimals
        .map(|d| MpI::rational(&256, &Rational::from((1, rug::Integer::from(rug::Integer::u_pow_u(10, d))))));
    let truth = MpI::from_floats(256, &truth.lo(), &truth.hi());
    // `None` is no bound from below
    let (lo, hi) = match (claim.kind, unit, claim.rounding) {
        (Kind::Smallest | Kind::Integral, Some(u), Rounding::Nearest) => {
            let half = u.div(&MpI::int(&256, 2));
            (Some(v.sub(&half)), v.add(&half))
        }
        (Kind::Smallest | Kind::Integral, Some(u), Rounding::Up) => (Some(v.sub(&u)), v.clone()),
        (Kind::UpperBound | Kind::Contraction, ..) => (None, v.clone()),
        _ => (Some(v.clone()), v.clone()),
    };
    let strict = claim.kind == Kind::Contraction;
    let inside_above = if strict { truth.hi() < hi.lo() } else { truth.hi() <= hi.lo() };
    let outside_above = if strict { truth.lo() >= hi.hi() } else { truth.lo() > hi.hi() };
    let verdict = if lo.as_ref().is_none_or(|l| truth.lo() >= l.hi()) && inside_above {
        Verdict::Proved
    } else if lo.as_ref().is_some_and(|l| truth.hi() < l.lo()) || outside_above {
        Verdict::Refuted
    } else {
        Verdict::Undecided
    };
    let mut out = Judgement::new(verdict, "enclosure of the true value");
    out.lower = Some(decimal::directed(&truth.lo(), 22, false));
    out.upper = Some(decimal::directed(&truth.hi(), 22, true));
    out
}

fn quantitative(claim: &Claim, quantity: Quantity) -> Result<Judgement, Problem> {
    let (activation, free) = subject(claim)?;
    let other = match &claim.to {
        Some(name) => {
            let definition = catalog::find(name).map_err(|e| e.to_string())?;
            Some(Activation::new(definition, &BTreeMap::new()).map_err(|e| e.to_string())?)
        }
        None => None,
    };
    let mut last = Judgement::new(Verdict::Undecided, "");
    for digits in DIGITS {
        let goal = Goal { digits, ..Goal::default() };
        let found =
            bound(quantity, &activation, other.as_ref(), &Domain::default(), goal).map_err(|e| e.to_string())?;
        let mut verdict = at_values(claim, &activation, &found)?;
        verdict.bound = Some((activation.clone(), other.clone(), found));
        last = verdict;
        if last.verdict != Verdict::Undecided {
            break;
        }
    }
    if let Some(name) = free {
        for_all(claim, quantity, &activation, other.as_ref(), &name, &mut last)?;
    }
    Ok(last)
}

/// The claim at the given parameter values.
fn at_values(claim: &Claim, activation: &Activation, found: &Bound) -> Result<Judgement, Problem> {
    let top = &found.top.answer;
    if let Some(jump) = found.jumps.first().filter(|_| found.quantity == Quantity::Lipschitz) {
        let verdict = if jump.proved { Verdict::Refuted } else { Verdict::Undecided };
        return Ok(Judgement::new(verdict, format!("f jumps at {}", jump.at)));
    }
    if claim.kind == Kind::Within {
        return within(claim, activation, found);
    }
    let value = with_values(&expression(&claim.value)?, &activation.values, None);
    let truth = MpI::from_floats(top.precision, &top.lower, &top.upper);
    let mut out = match (&top.exact, value.exact_rational()) {
        // exact against exact: no rounding at all
        (Some(truth), Some(v)) => exact_against(claim, truth, &v),
        _ => against(claim, &truth, &enclose(&value, 256)?),
    };
    out.lower = Some(decimal::directed(&top.lower, 22, false));
    out.upper = Some(decimal::directed(&top.upper, 22, true));
    if let Some(peak) = &top.peak {
        let digits = |f: &Float, up| decimal::directed(f, 20, up);
        out.witness = Some(format!("x = {}: at least {}", digits(&peak.at.0, false), digits(&peak.value, false)));
    }
    if out.verdict == Verdict::Undecided && claim.kind == Kind::Equals {
        symbolic(found, &value, &mut out);
    }
    if let (Some(at), Verdict::Proved) = (&claim.at, out.verdict) {
        located(at, activation, found, &mut out)?;
    }
    Ok(out)
}

fn exact_against(claim: &Claim, truth: &Rational, v: &Rational) -> Judgement {
    let holds = match claim.kind {
        Kind::UpperBound => truth <= v,
        Kind::Contraction => truth < v,
        Kind::Equals => truth == v,
        _ => {
            let unit = Rational::from((1, rug::Integer::from(rug::Integer::u_pow_u(10, claim.decimals.unwrap_or(0)))));
            let off = Rational::from(v - truth);
            match claim.rounding {
                Rounding::Nearest => off.abs() * 2u32 <= unit,
                Rounding::Up => off >= 0 && off < unit,
            }
        }
    };
    let verdict = if holds { Verdict::Proved } else { Verdict::Refuted };
    Judgement::new(verdict, format!("the value is exactly {}", decimal::rational(truth)))
}

/// The exact expression that the engine proved, against the claimed one.
fn symbolic(found: &Bound, value: &Expr, out: &mut Judgement) {
    let Some(truth) = &found.top.answer.symbolic else {
        out.reason = "agrees to every digit computed, but no exact form of the supremum is known".into();
        return;
    };
    out.reason = format!("the supremum is exactly {truth}");
    match exactly_equal(truth, value) {
        Some(true) => out.verdict = Verdict::Proved,
        Some(false) => out.verdict = Verdict::Refuted,
        None => {}
    }
}

/// The claimed place must be among those found.
fn located(text: &str, activation: &Activation, found: &Bound, out: &mut Judgement) -> Result<(), Problem> {
    let at = with_values(&expression(text)?, &activation.values, None);
    let answer = &found.top.answer;
    let x = enclose(&at, answer.precision)?;
    let end = |t: &str| expression(t).ok().and_then(|e| enclose(&e, answer.precision).ok());
    let possible = answer.places.iter().any(|p| match p {
        Place::Point { lo, hi, .. } => x.hi() >= *lo && x.lo() <= *hi,
        Place::Set(a, b) => end(a).is_none_or(|a| x.hi() >= a.lo()) && end(b).is_none_or(|b| x.lo() <= b.hi()),
        Place::Infinity(_) => false,
    });
    if !possible {
        out.verdict = Verdict::Refuted;
        out.reason = format!("the supremum is not attained at {text}");
    }
    Ok(())
}

fn within(claim: &Claim, activation: &Activation, found: &Bound) -> Result<Judgement, Problem> {
    let Some(bottom) = &found.bottom else { return Err("`within` needs range or slope".into()) };
    let ends = parse_interval(&claim.value).map_err(|e| format!("`{}`: {e}", claim.value))?;
    let end = |e: &crate::expr::End| -> Result<Option<MpI>, Problem> {
        match e {
            crate::expr::End::Infinite => Ok(None),
            crate::expr::End::At { at, .. } => enclose(&with_values(at, &activation.values, None), 256).map(Some),
        }
    };
    let (lo, hi) = (end(&ends.0)?, end(&ends.1)?);
    let (inf, sup) = (&bottom.answer, &found.top.answer);
    let (least, greatest) =
        (MpI::from_floats(256, &inf.lower, &inf.upper).neg(), MpI::from_floats(256, &sup.lower, &sup.upper));
    let below = |a: &MpI, b: &MpI| a.hi() <= b.lo();
    // an end that is attained exactly is inside, though no enclosure can show it
    let touches = |end: &crate::expr::End, side: &crate::prove::Supremum, sign: i64| match end {
        crate::expr::End::At { at, .. } => side.exact.as_ref().is_some_and(|q| {
            let end = with_values(at, &activation.values, None) * Expr::int(sign);
            end.simplified().exact_rational().is_some_and(|e| e == *q)
        }),
        crate::expr::End::Infinite => false,
    };
    let low_ok = lo.as_ref().is_none_or(|l| below(l, &least)) || touches(&ends.0, inf, -1);
    let high_ok = hi.as_ref().is_none_or(|h| below(&greatest, h)) || touches(&ends.1, sup, 1);
    let inside = low_ok && high_ok;
    let outside =
        lo.as_ref().is_some_and(|l| least.hi() < l.lo()) || hi.as_ref().is_some_and(|h| greatest.lo() > h.hi());
    let verdict = if inside {
        Verdict::Proved
    } else if outside {
        Verdict::Refuted
    } else {
        Verdict::Undecided
    };
    let mut out = Judgement::new(verdict, "enclosure of infimum and supremum");
    out.lower = Some(decimal::directed(&least.lo(), 22, false));
    out.upper = Some(decimal::directed(&greatest.hi(), 22, true));
    Ok(out)
}

/// From one parameter value to all: f_{s^k p}(s x) = s f_p(x) scales every quantity in a known way.
fn for_all(
    claim: &Claim,
    quantity: Quantity,
    activation: &Activation,
    other: Option<&Activation>,
    name: &str,
    out: &mut Judgement,
) -> Result<(), Problem> {
    // a refutation at one value refutes the statement for all
    if out.verdict != Verdict::Proved {
        return Ok(());
    }
    let mut fixed = activation.values.clone();
    fixed.remove(name);
    let scaling = match other {
        None => homogeneity(&activation.definition, &fixed),
        Some(g) => homogeneity_of_pair(&activation.definition, &g.definition, &fixed),
    };
    let Some(scaling) = scaling.filter(|h| h.param == name) else {
        out.verdict = Verdict::Undecided;
        out.reason = format!("proved at {}, but no scaling law carries it to every {name}", activation.label());
        return Ok(());
    };
    // the power of s by which the quantity scales, and so must the claimed value
    let power = match quantity {
        Quantity::Range | Quantity::Distance => 1,
        Quantity::Slope | Quantity::Lipschitz => 0,
        Quantity::Curvature => -1,
    };
    let ends: Vec<Expr> = match claim.kind {
        Kind::Within => {
            let (lo, hi) = parse_interval(&claim.value).map_err(|e| e.to_string())?;
            [lo, hi]
                .into_iter()
                .filter_map(|e| if let crate::expr::End::At { at, .. } = e { Some(at) } else { None })
                .collect()
        }
        _ => vec![expression(&claim.value)?],
    };
    for value in ends {
        let value = with_values(&value, &activation.values, Some(name));
        let s = Expr::param("s");
        let base = activation.values.get(name).cloned().unwrap_or_default();
        let scaled = value.substitute_params(&|p| {
            (p == name).then(|| Expr::rational(base.clone()) * s.clone().pow(Expr::int(i64::from(scaling.k))))
        });
        let at_base = value.substitute_params(&|p| (p == name).then(|| Expr::rational(base.clone())));
        if exactly_equal(&scaled, &(s.pow(Expr::int(power)) * at_base)) != Some(true) {
            out.verdict = Verdict::Undecided;
            out.reason = format!("the claimed value does not scale with {name} as the quantity does");
            return Ok(());
        }
    }
    out.reason = format!("{}; and for every {name} by homogeneity", out.reason);
    Ok(())
}
