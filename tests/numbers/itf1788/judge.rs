//! Whether an outcome is right: it holds the real result, and is called total only where it has a right to.

use super::itl::{Case, Value};
use super::literal::Number;
use super::operations::{Plan, Reason, evaluate, plan};
use super::system::{Operand, Outcome, System};
use rug::Float;
use rug::float::Round;

/// A case as one system did it.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// the result is as tight as f64 ends can be
    Tight,
    /// the result is right, and wider
    Wide,
    /// there is no value, and the result does not claim one
    NoValue,
    Skipped(Reason),
    Wrong(String),
}

/// The least f64 interval around the real result; `None` is the empty set.
type Expected = Option<(f64, f64)>;

pub fn judge<S: System>(system: &S, case: &Case) -> Verdict {
    try_judge(system, case).unwrap_or_else(Verdict::Skipped)
}

fn try_judge<S: System>(system: &S, case: &Case) -> Result<Verdict, Reason> {
    let (plan, operands) = plan(case)?;
    let (expected, decorated) = expected(case, plan)?;
    let outcome = evaluate(system, case, plan, &operands)?;
    let defined = match defined(plan, &operands, expected, decorated) {
        Ok(defined) => defined,
        Err(problem) => return Ok(Verdict::Wrong(wrong(system, case, &problem, &outcome))),
    };
    Ok(match compare(&outcome, expected, defined, system.is_exactly_total()) {
        Ok(verdict) => verdict,
        Err(problem) => Verdict::Wrong(wrong(system, case, problem, &outcome)),
    })
}

fn wrong<S: System>(system: &S, case: &Case, problem: &str, outcome: &Outcome) -> String {
    let result = match outcome {
        Outcome::Empty => "nothing".to_owned(),
        Outcome::Interval { lo, hi, total } => format!("[{lo:e}, {hi:e}], {}total", if *total { "" } else { "not " }),
    };
    format!("{}: {}: {problem}\n    {}\n    gives {result}", case.place, system.name(), case.text)
}

/// The suite's result, and what its decoration says: whether the operation is defined on all of the operands.
fn expected(case: &Case, plan: Plan) -> Result<(Expected, Option<bool>), Reason> {
    if case.signals {
        return Err("a signal is expected, and there are none here");
    }
    match (&case.results[..], plan) {
        ([Value::Nothing], _) => Ok((None, None)),
        ([Value::Interval { lo, hi, defined }], _) => Ok((Some((lo.down, hi.up)), *defined)),
        ([Value::Number(Number { down, up })], Plan::Measure(of)) => {
            let nothing = case.operands.contains(&Value::Nothing);
            let bounds = if of.is_upper() { (f64::NEG_INFINITY, *up) } else { (*down, f64::INFINITY) };
            if nothing { Err("a measure of the empty set") } else { Ok((Some(bounds), None)) }
        }
        ([Value::Word(word)], _) if word == "NaN" => Err("a measure of the empty set"),
        _ => Err("a result that is not one interval"),
    }
}

/// Whether the operation has a value for all members of the operands; `None` if that is not known, or not to be judged.
/// The suite's decoration and the domain must agree.
fn defined(
    plan: Plan,
    operands: &[Operand],
    expected: Expected,
    decorated: Option<bool>,
) -> Result<Option<bool>, String> {
    let real = operands.iter().all(|x| x.defined());
    let known = match plan {
        // sets are not values: here they say what is known of one
        Plan::Hull | Plan::Intersection | Plan::Measure(_) => return Ok(None),
        Plan::Composed if !real || expected.is_none() || decorated == Some(false) => return Ok(Some(false)),
        Plan::Composed => return Ok(None),
        Plan::Core(op, domain) => {
            let inside = |x: &Operand| match x {
                Operand::Nothing => false,
                Operand::Interval { lo, hi, .. } => domain.holds(&Float::with_val(53, *lo), &Float::with_val(53, *hi)),
            };
            real && operands.get(op.arity() - 1).is_some_and(inside)
        }
    };
    if decorated.is_some_and(|d| d != known) || known && expected.is_none() {
        return Err(format!("the domain says that it is {}defined", if known { "" } else { "not " }));
    }
    Ok(Some(known))
}

/// Ends are compared as f64, rounded outward: an outcome of more digits may lie inside of the least f64 interval, but
/// rounding is monotone, so if it holds the real result its rounded ends hold the rounded result.
fn compare(
    outcome: &Outcome,
    expected: Expected,
    defined: Option<bool>,
    exactly: bool,
) -> Result<Verdict, &'static str> {
    let (lo, hi, total) = match outcome {
        Outcome::Interval { lo, hi, total } => (lo, hi, *total),
        Outcome::Empty if expected.is_none() => return Ok(Verdict::Tight),
        Outcome::Empty => return Err("is empty"),
    };
    // a NaN is in no order
    let holds_a_number = lo <= hi && !(lo.is_infinite() && lo == hi);
    if !holds_a_number {
        return Err("is no interval");
    }
    match defined {
        Some(false) if total => return Err("is called total and is not"),
        Some(true) if !total && exactly => return Err("is total and not called so"),
        _ => {}
    }
    let Some((from, to)) = expected else {
        return Ok(if defined == Some(false) { Verdict::NoValue } else { Verdict::Wide });
    };
    let (below, above) = (lo.to_f64_round(Round::Down), hi.to_f64_round(Round::Up));
    if below > from || above < to {
        return Err("does not hold the real result");
    }
    Ok(if below == from && above == to { Verdict::Tight } else { Verdict::Wide })
}
