//! Decides a claim. Nothing here knows a true constant: the engine derives it, and the claim is held against it.

use super::file::{ALL, Claim, Subject};
use super::{integral, quantity};
use crate::catalog;
use crate::expr::{Activation, Expr, Parameter, parse_expr, parse_rational};
use crate::prove::bound::Bound;
use crate::prove::continuity::{Order, continuity as classify};
use crate::verdict::Verdict;
use actaudit_recheck::certificate::Certificate;
use actaudit_recheck::continuity;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A claim with what was found.
#[derive(Debug)]
pub struct Judgement {
    /// the verdict
    pub verdict: Verdict,
    /// proved lower bound of the true value
    pub lower: Option<String>,
    /// proved upper bound of the true value
    pub upper: Option<String>,
    /// the true value itself, if it was proved exactly
    pub exact: Option<String>,
    /// a point that shows it, with the value there
    pub witness: Option<String>,
    /// for a claim about every value of a parameter: the activation at the value at which bounds, exact value and witness are those,
    /// unless they are the same at all
    pub at: Option<String>,
    /// how it was decided, or why not
    pub reason: String,
    /// what was bounded, with its certificates
    pub bound: Option<Bound>,
    /// the certificate of an integral
    pub integral: Option<Certificate>,
    /// the certificate of a continuity class
    pub class: Option<continuity::Certificate>,
}

/// A claim that cannot be read: the text says what and where.
pub type Problem = String;

impl Judgement {
    /// What is said of a claim whose verdict is declared: one that comes out as declared holds, whatever that is.
    pub fn standing(&self, claim: &Claim) -> Verdict {
        match (self.verdict == Verdict::from(claim.expect), self.verdict) {
            (true, _) => Verdict::Proved,
            (false, Verdict::Undecided) => Verdict::Undecided,
            (false, _) => Verdict::Refuted,
        }
    }

    pub(super) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            lower: None,
            upper: None,
            exact: None,
            witness: None,
            at: None,
            reason: reason.into(),
            bound: None,
            integral: None,
            class: None,
        }
    }
}

/// Proves or refutes a claim.
///
/// # Errors
/// With words: if the claim does not make sense (an unknown quantity, a value that is no constant), or the engine refuses it.
pub fn judge(claim: &Claim) -> Result<Judgement, Problem> {
    match claim.subject() {
        Some(Subject::Continuity) => class(claim),
        Some(Subject::Integral) => integral::judge(claim),
        Some(Subject::Bound(quantity)) => quantity::judge(claim, quantity),
        None => Err(format!("there is no quantity `{}`", claim.quantity)),
    }
}

pub(super) fn expression(text: &str) -> Result<Expr, Problem> {
    parse_expr(text).map_err(|e| format!("`{text}`: {e}"))
}

/// An expression without x, in the parameters of an activation.
pub(super) fn constant(text: &str, of: &Activation) -> Result<Expr, Problem> {
    let e = expression(text)?;
    names(text, &e, Some(of))?;
    if e.depends_on_x() { Err(format!("`{text}` depends on x: a value is a constant")) } else { Ok(e) }
}

/// Refuses names in an expression that are not those of parameters.
pub(super) fn names(text: &str, e: &Expr, of: Option<&Activation>) -> Result<(), Problem> {
    let params = of.map_or(&[][..], |of| &of.definition.params);
    let known = |name: &str| params.iter().any(|p| p.name == name).then(|| Expr::int(0));
    match e.substitute_params(&known).first_param() {
        Some(name) => Err(format!("`{text}`: unknown name `{name}`: {}", has(params))),
        None => Ok(()),
    }
}

/// Which parameters there are, in words.
fn has(params: &[Parameter]) -> String {
    match params.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "there are no parameters".to_owned(),
        names => format!("the parameters are {names}"),
    }
}

/// The activation at given values, and the parameter that is to be arbitrary, if one is.
pub(super) fn subject(claim: &Claim) -> Result<(Activation, Option<String>), Problem> {
    let name = claim.activation.as_deref().unwrap_or_default();
    let definition = match &claim.given.activation {
        Some(definition) => Arc::clone(definition),
        None => catalog::find(name).map_err(|e| e.to_string())?,
    };
    let params = &definition.params;
    if let Some(name) = claim.params.keys().find(|name| params.iter().all(|p| p.name != **name)) {
        return Err(format!("`{}` has no parameter `{name}`: {}", definition.id, has(params)));
    }
    let mut values = BTreeMap::new();
    let mut free = None;
    for (key, text) in &claim.params {
        if text == ALL {
            if free.replace(key.clone()).is_some() {
                return Err("only one parameter can be `all`".into());
            }
        } else {
            values.insert(
                key.clone(),
                parse_rational(text).map_err(|e| format!("parameter `{key}`: {e}{}", every(key, text)))?,
            );
        }
    }
    let activation = Activation::new(definition, &values).map_err(|e| e.to_string())?;
    Ok((activation, free))
}

/// What is meant by a value that is none, where it looks like every value.
fn every(name: &str, text: &str) -> String {
    let any = ["*", "any", "every", "each", "forall", "for all", "∀", "?", ""];
    let meant = any.contains(&text.trim().to_lowercase().as_str()) || text.eq_ignore_ascii_case(ALL);
    if meant { format!("; for every value of its domain: params = {{ {name} = \"{ALL}\" }}") } else { String::new() }
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
    // of a smooth function no number is the class
    let smooth = matches!(found.order, Order::Analytic | Order::Infinite);
    let verdict = if at_least >= wanted && (!claim.exactly || at_most == wanted && !smooth) {
        Verdict::Proved
    } else if at_most < wanted || claim.exactly && (at_least > wanted || smooth) {
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
    if let Some(name) = free.filter(|name| !for_all(name)) {
        out.at = Some(activation.label());
        if verdict == Verdict::Proved {
            out.verdict = Verdict::Undecided;
            out.reason = format!("proved at {}, not shown for every {name}", activation.label());
        }
    }
    Ok(out)
}
