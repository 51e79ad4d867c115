//! What the names of the suite are in the number systems.

use super::itl::{Case, Value};
use super::system::{Of, Operand, Outcome, System};
use actaudit::expr::Func;
use actaudit::internal::operations::{Domain, Op, TABLE};
use rug::Rational;

/// How a case is evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plan {
    /// one operation of every system, and where it is defined
    Core(Op, Domain),
    /// several of them, so results need be neither tight nor known to be total
    Composed,
    Hull,
    Intersection,
    Measure(Of),
}

impl Plan {
    /// The operation of the number systems, if it is a single one.
    pub fn operation(self) -> Option<Op> {
        match self {
            Self::Core(op, _) => Some(op),
            Self::Composed | Self::Hull | Self::Intersection | Self::Measure(_) => None,
        }
    }
}

/// Why a case is not run, or not in one system. Each is counted.
pub type Reason = &'static str;

const FOREIGN: Reason = "no operation of these number systems";

/// The plan and the interval operands of a case.
pub fn plan(case: &Case) -> Result<(Plan, Vec<Operand>), Reason> {
    let (parameters, intervals): (Vec<&Value>, Vec<&Value>) =
        case.operands.iter().partition(|v| matches!(v, Value::Number(_) | Value::Word(_)));
    let operands: Vec<Operand> = intervals.iter().filter_map(|v| operand(v)).collect();
    let parameter = match parameters[..] {
        [] => None,
        [Value::Number(x)] => Some(whole(x.down).ok_or(FOREIGN)?),
        _ => return Err(FOREIGN),
    };
    let plan = match (case.op.as_str(), &operands[..], parameter) {
        ("neg", [_], None) => Plan::Core(Op::Neg, Domain::Reals),
        ("add", [_, _], None) => Plan::Core(Op::Add, Domain::Reals),
        ("sub", [_, _], None) => Plan::Core(Op::Sub, Domain::Reals),
        ("mul", [_, _], None) => Plan::Core(Op::Mul, Domain::Reals),
        ("div", [_, _], None) => Plan::Core(Op::Div, Domain::Nonzero),
        ("sqr", [_], None) => Plan::Core(Op::Sqr, Domain::Reals),
        ("min", [_, _], None) => Plan::Core(Op::Min, Domain::Reals),
        ("max", [_, _], None) => Plan::Core(Op::Max, Domain::Reals),
        ("recip", [_], None) => integer_power(-1),
        ("pown", [_], Some(n)) => integer_power(n),
        ("cbrt", [x], None) => root(*x, 3)?,
        ("rootn", [x], Some(n)) => root(*x, u32::try_from(n).map_err(|_| FOREIGN)?)?,
        ("pow", [x, y], None) => power(*x, *y),
        ("fma", [_, _, _], None) | ("hypot", [_, _], None) => Plan::Composed,
        ("exp2" | "exp10" | "log2" | "log10" | "tan" | "cot" | "sec" | "csc" | "coth" | "sech" | "csch", [_], None) => {
            Plan::Composed
        }
        ("convexHull", [_, _], None) => Plan::Hull,
        ("intersection", [_, _], None) => Plan::Intersection,
        (name, [_], None) => measure(name).map(Plan::Measure).or_else(|| function(name)).ok_or(FOREIGN)?,
        _ => return Err(FOREIGN),
    };
    Ok((plan, operands))
}

/// The operation by name, with a mark if it is several of ours.
pub fn label(case: &Case) -> String {
    match plan(case) {
        Ok((Plan::Composed, _)) => format!("{} *", case.op),
        _ => case.op.clone(),
    }
}

fn whole(x: f64) -> Option<i32> {
    (x.fract() == 0.0 && x.abs() < f64::from(i32::MAX)).then_some(x as i32)
}

fn operand(value: &Value) -> Option<Operand> {
    match value {
        Value::Interval { lo, hi, defined } => {
            Some(Operand::Interval { lo: lo.value()?, hi: hi.value()?, defined: *defined != Some(false) })
        }
        Value::Nothing => Some(Operand::Nothing),
        Value::Number(_) | Value::Word(_) => None,
    }
}

fn measure(name: &str) -> Option<Of> {
    Some(match name {
        "inf" => Of::Inf,
        "sup" => Of::Sup,
        "mag" => Of::Mag,
        "mig" => Of::Mig,
        "wid" => Of::Wid,
        _ => return None,
    })
}

fn function(name: &str) -> Option<Plan> {
    let f = Func::from_name(if name == "logp1" { "log1p" } else { name })?;
    let row = TABLE.iter().find(|row| row.op == Op::Call(f))?;
    Some(Plan::Core(row.op, row.domain))
}

fn integer_power(n: i32) -> Plan {
    Plan::Core(Op::Pow(n, 1), if n < 0 { Domain::Nonzero } else { Domain::Reals })
}

/// x^(1/n) has no value for negative x here, nor has x^(2/3); the standard's odd roots have one.
fn root(x: Operand, n: u32) -> Result<Plan, Reason> {
    match x {
        Operand::Interval { lo, .. } if lo < 0.0 && n % 2 == 1 => {
            Err("odd roots of negative numbers are not defined here")
        }
        _ => Ok(Plan::Core(Op::Pow(1, n), Domain::Nonnegative)),
    }
}

/// An exponent that is one number of moderate size is an operation of its own. For whole exponents it is the standard's
/// pown: where pow has no value and pown has (negative bases, 0^0), and for all other exponents, e^(y log x) it is.
fn power(x: Operand, y: Operand) -> Plan {
    let (Operand::Interval { lo, .. }, Operand::Interval { lo: from, hi: to, defined: true }) = (x, y) else {
        return Plan::Composed;
    };
    if from != to || (from.fract() == 0.0 && lo < 0.0) || (from == 0.0 && lo == 0.0) {
        return Plan::Composed;
    }
    let exponent = Rational::from_f64(from).unwrap_or_default();
    match (exponent.numer().to_i32(), exponent.denom().to_u32()) {
        (Some(n), Some(d)) => Plan::Core(Op::Pow(n, d), if n < 0 { Domain::Positive } else { Domain::Nonnegative }),
        _ => Plan::Composed,
    }
}

/// Runs a case; an error if the system lacks something.
pub fn evaluate<S: System>(system: &S, case: &Case, plan: Plan, operands: &[Operand]) -> Result<Outcome, Reason> {
    let values: Vec<S::Value> = match operands.iter().map(|&x| system.operand(x)).collect() {
        Some(values) => values,
        None => return Err("no such operand in this system"),
    };
    let lacking = "no such operation in this system";
    match (plan, &values[..]) {
        (Plan::Core(op, _), _) => Ok(system.outcome(&system.apply(op, &values[..op.arity()]))),
        (Plan::Composed, _) => Ok(system.outcome(&composed(system, &case.op, &values).ok_or(FOREIGN)?)),
        (Plan::Hull, [a, b]) => system.hull(a, b).ok_or(lacking),
        (Plan::Intersection, [a, b]) => system.intersection(a, b).ok_or(lacking),
        (Plan::Measure(of), [x]) => system.measure(of, x).map(|bound| of.interval(bound)).ok_or(lacking),
        _ => Err(FOREIGN),
    }
}

/// As the expression language would have it.
fn composed<S: System>(system: &S, name: &str, operands: &[S::Value]) -> Option<S::Value> {
    let int = |n: f64| system.operand(Operand::Interval { lo: n, hi: n, defined: true });
    let call = |f, x: &S::Value| system.apply(Op::Call(f), std::slice::from_ref(x));
    let two = |op, a: &S::Value, b: &S::Value| system.apply(op, &[a.clone(), b.clone()]);
    let sqr = |x: &S::Value| system.apply(Op::Sqr, std::slice::from_ref(x));
    let over = |x: &S::Value| Some(two(Op::Div, &int(1.0)?, x));
    let log = |n: f64| Some(call(Func::Log, &int(n)?));
    Some(match (name, operands) {
        ("fma", [a, b, c]) => two(Op::Add, &two(Op::Mul, a, b), c),
        ("hypot", [a, b]) => call(Func::Sqrt, &two(Op::Add, &sqr(a), &sqr(b))),
        ("pow", [x, y]) => call(Func::Exp, &two(Op::Mul, y, &call(Func::Log, x))),
        ("exp2", [x]) => call(Func::Exp, &two(Op::Mul, x, &log(2.0)?)),
        ("exp10", [x]) => call(Func::Exp, &two(Op::Mul, x, &log(10.0)?)),
        ("log2", [x]) => two(Op::Div, &call(Func::Log, x), &log(2.0)?),
        ("log10", [x]) => two(Op::Div, &call(Func::Log, x), &log(10.0)?),
        ("tan", [x]) => two(Op::Div, &call(Func::Sin, x), &call(Func::Cos, x)),
        ("cot", [x]) => two(Op::Div, &call(Func::Cos, x), &call(Func::Sin, x)),
        ("sec", [x]) => over(&call(Func::Cos, x))?,
        ("csc", [x]) => over(&call(Func::Sin, x))?,
        ("coth", [x]) => over(&call(Func::Tanh, x))?,
        ("sech", [x]) => over(&call(Func::Cosh, x))?,
        ("csch", [x]) => over(&call(Func::Sinh, x))?,
        _ => return None,
    })
}
