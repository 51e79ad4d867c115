//! What elementwise operators of the standard compute, as formulas. Constants keep the float format they are stored in.

use super::formula::{Formula, truth};
use super::graph::{BOOL, format};
use super::model::Node;
use crate::expr::{Constant, Expr, FloatFormat, Func, Node as Term};
use rug::Rational;
use std::cmp::Ordering;

/// A constant that is stored as a float, or as an integer.
pub fn constant(value: Rational, float: Option<FloatFormat>) -> Expr {
    Expr::new(Term::Const(Constant { value, float }))
}

/// What types an operation has.
#[derive(Clone, Copy)]
pub enum Kind {
    /// truths out of numbers
    Compare(fn(Ordering) -> bool),
    /// truths out of truths
    Logic(fn(&[bool]) -> bool),
    /// one of two numbers by a truth
    Choose,
    /// numbers out of numbers
    Number,
}

/// What kind of operation this is.
pub fn kind(node: &Node) -> Kind {
    if !node.operator_set().is_empty() {
        return Kind::Number;
    }
    match node.operator() {
        "Greater" => Kind::Compare(Ordering::is_gt),
        "GreaterOrEqual" => Kind::Compare(Ordering::is_ge),
        "Less" => Kind::Compare(Ordering::is_lt),
        "LessOrEqual" => Kind::Compare(Ordering::is_le),
        "Equal" => Kind::Compare(Ordering::is_eq),
        "And" => Kind::Logic(|all| all.iter().all(|truth| *truth)),
        "Or" => Kind::Logic(|all| all.iter().any(|truth| *truth)),
        "Xor" => Kind::Logic(|all| all.iter().filter(|truth| **truth).count() == 1),
        "Not" => Kind::Logic(|all| all == [false]),
        "Where" => Kind::Choose,
        _ => Kind::Number,
    }
}

/// The value of an operation over operands; `None` if it is not elementwise in them, or not known here. An operand that
/// is left out is `None`.
pub fn value(node: &Node, operands: &[Option<Formula>]) -> Option<Formula> {
    let given = || operands.iter().map(Option::as_ref).collect::<Option<Vec<&Formula>>>();
    match (kind(node), node.operator()) {
        (Kind::Compare(holds), _) => match given()?.as_slice() {
            [a, b] => Formula::compare(a, b, holds),
            _ => None,
        },
        (Kind::Logic(holds), _) => Formula::map(operands, |all| {
            let truths = all.iter().map(|t| truth(t.as_ref()?)).collect::<Option<Vec<bool>>>()?;
            Some(Expr::int(holds(&truths).into()))
        }),
        (Kind::Choose, _) => match given()?.as_slice() {
            [which, a, b] => Formula::choose(which, a, b),
            _ => None,
        },
        (_, "ThresholdedRelu") => threshold(node, operands),
        (_, "Shrink") => shrink(node, operands),
        _ => Formula::map(operands, |exprs| term(node, exprs)),
    }
}

/// x above alpha, and 0
fn threshold(node: &Node, operands: &[Option<Formula>]) -> Option<Formula> {
    let [Some(x)] = operands else { return None };
    let above = Formula::compare(x, &float(node, "alpha", 1.0)?.into(), Ordering::is_gt)?;
    Formula::choose(&above, x, &Expr::int(0).into())
}

/// x - bias above lambd, x + bias below -lambd, and 0
fn shrink(node: &Node, operands: &[Option<Formula>]) -> Option<Formula> {
    let [Some(x)] = operands else { return None };
    let (lambda, bias) = (float(node, "lambd", 0.5)?, float(node, "bias", 0.0)?);
    let moved = |by: Expr| Formula::map(operands, |x| Some((one(x)? + by.clone()).simplified()));
    let above = Formula::compare(x, &lambda.clone().into(), Ordering::is_gt)?;
    let below = Formula::compare(x, &(-lambda).into(), Ordering::is_lt)?;
    let low = Formula::choose(&below, &moved(bias.clone())?, &Expr::int(0).into())?;
    Formula::choose(&above, &moved(-bias)?, &low)
}

fn term(node: &Node, operands: &[Option<Expr>]) -> Option<Expr> {
    match node.operator_set() {
        "" => standard(node, operands),
        "com.microsoft" => contributed(node, operands),
        _ => None,
    }
}

fn standard(node: &Node, operands: &[Option<Expr>]) -> Option<Expr> {
    let only = || one(operands);
    let call = |f| Some(Expr::call(f, one(operands)?));
    let value = |name, default| float(node, name, default);
    Some(match node.operator() {
        "Identity" => only()?,
        "Cast" => cast(node, only()?)?,
        // at inference, nothing is dropped
        "Dropout" => operands.first()?.clone()?,
        "Add" => two(operands, |a, b| a + b)?,
        "Sub" => two(operands, |a, b| a - b)?,
        "Mul" => two(operands, |a, b| a * b)?,
        "Div" => two(operands, |a, b| a / b)?,
        "Pow" => two(operands, Expr::pow).filter(|_| is_constant(operands.get(1)))?,
        "Sum" => fold(operands, |a, b| a + b)?,
        "Min" => fold(operands, min)?,
        "Max" => fold(operands, max)?,
        "Neg" => -only()?,
        "Reciprocal" => Expr::int(1) / only()?,
        "Abs" => call(Func::Abs)?,
        "Exp" => call(Func::Exp)?,
        "Log" => call(Func::Log)?,
        "Sqrt" => call(Func::Sqrt)?,
        "Erf" => call(Func::Erf)?,
        "Tanh" => call(Func::Tanh)?,
        "Sin" => call(Func::Sin)?,
        "Cos" => call(Func::Cos)?,
        "Sinh" => call(Func::Sinh)?,
        "Cosh" => call(Func::Cosh)?,
        "Atan" => call(Func::Atan)?,
        "Sigmoid" => call(Func::Sigmoid)?,
        "Softplus" => call(Func::Softplus)?,
        "Softsign" => only()? / (Expr::int(1) + Expr::call(Func::Abs, only()?)),
        "Relu" => positive(only()?),
        "LeakyRelu" => positive(only()?) + value("alpha", 0.01)? * negative(only()?),
        "PRelu" => two(operands, |x, slope| positive(x.clone()) + slope * negative(x))
            .filter(|_| is_constant(operands.get(1)))?,
        "Elu" => elu(only()?, value("alpha", 1.0)?, None),
        "Selu" => value("gamma", 1.050_701)? * elu(only()?, value("alpha", 1.673_263_2)?, None),
        "Celu" => elu(only()?, value("alpha", 1.0)?, Some(value("alpha", 1.0)?)),
        "HardSigmoid" => unit(value("alpha", 0.2)? * only()? + value("beta", 0.5)?),
        "HardSwish" => {
            // the standard writes these constants as one sixth and one half
            only()? * unit(only()? / Expr::int(6) + Expr::rational(Rational::from((1, 2))))
        }
        "Mish" => only()? * Expr::call(Func::Tanh, Expr::call(Func::Softplus, only()?)),
        "Gelu" => match node.attribute("approximate").and_then(|a| a.text.as_deref()) {
            None | Some(b"none") => gelu(only()?),
            Some(b"tanh") => gelu_tanh(only()?)?,
            Some(_) => return None,
        },
        "Swish" => swish(only()?, value("alpha", 1.0)?),
        "Clip" => clip(node, operands)?,
        _ => return None,
    })
}

fn contributed(node: &Node, operands: &[Option<Expr>]) -> Option<Expr> {
    match node.operator() {
        "Gelu" => Some(gelu(one(operands)?)),
        "FastGelu" => gelu_tanh(one(operands)?),
        "QuickGelu" => Some(swish(one(operands)?, float(node, "alpha", 1.702)?)),
        _ => None,
    }
}

/// Numbers are not rounded here; to integers, they would be.
fn cast(node: &Node, x: Expr) -> Option<Expr> {
    let to = i32::try_from(node.attribute("to")?.int?).ok()?;
    match format(to) {
        Some(_) => Some(x),
        None if to == BOOL => Some(Expr::int(truth(&x)?.into())),
        None => x.exact_rational().is_some_and(|q| *q.denom() == 1).then_some(x),
    }
}

fn one(operands: &[Option<Expr>]) -> Option<Expr> {
    match operands {
        [Some(x)] => Some(x.clone()),
        _ => None,
    }
}

fn two(operands: &[Option<Expr>], f: impl Fn(Expr, Expr) -> Expr) -> Option<Expr> {
    match operands {
        [Some(a), Some(b)] => Some(f(a.clone(), b.clone())),
        _ => None,
    }
}

fn fold(operands: &[Option<Expr>], f: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    operands.iter().cloned().collect::<Option<Vec<Expr>>>()?.into_iter().reduce(f)
}

fn is_constant(operand: Option<&Option<Expr>>) -> bool {
    operand.and_then(Option::as_ref).is_some_and(|e| !e.depends_on_x())
}

/// An attribute, which always is a 32-bit float; nothing if it is given in a way that says nothing.
fn float(node: &Node, name: &str, default: f32) -> Option<Expr> {
    let value = match node.attribute(name) {
        None => default,
        Some(attribute) => attribute.float?,
    };
    Some(constant(Rational::from_f32(value)?, Some(FloatFormat::F32)))
}

fn min(a: Expr, b: Expr) -> Expr {
    Expr::new(Term::Min(a, b))
}

fn max(a: Expr, b: Expr) -> Expr {
    Expr::new(Term::Max(a, b))
}

fn positive(x: Expr) -> Expr {
    max(x, Expr::int(0))
}

fn negative(x: Expr) -> Expr {
    min(x, Expr::int(0))
}

fn unit(x: Expr) -> Expr {
    max(min(x, Expr::int(1)), Expr::int(0))
}

/// max(x, 0) + a (e^(min(x, 0)/scale) - 1)
fn elu(x: Expr, a: Expr, scale: Option<Expr>) -> Expr {
    let low = negative(x.clone());
    let low = match scale {
        Some(scale) => low / scale,
        None => low,
    };
    positive(x) + a * Expr::call(Func::Expm1, low)
}

fn gelu(x: Expr) -> Expr {
    x.clone() * Expr::call(Func::NormCdf, x)
}

fn gelu_tanh(x: Expr) -> Option<Expr> {
    let formula = crate::expr::parse_expr("x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))").ok()?;
    Some(formula.substitute_x(&x))
}

fn swish(x: Expr, b: Expr) -> Expr {
    x.clone() * Expr::call(Func::Sigmoid, b * x)
}

/// Bounds are operands, before version 11 attributes; the largest floats and infinities bound nothing.
fn clip(node: &Node, operands: &[Option<Expr>]) -> Option<Expr> {
    let mut x = operands.first()?.clone()?;
    let bound = |place: usize, name: &str| match operands.get(place) {
        Some(operand) => Ok(operand.clone()),
        None => match node.attribute(name).and_then(|a| a.float) {
            Some(v) if v.is_nan() => Err(()),
            Some(v) if v.abs() < f32::MAX => Ok(float(node, name, v)),
            _ => Ok(None),
        },
    };
    for (place, name, f) in [(1, "min", max as fn(Expr, Expr) -> Expr), (2, "max", min)] {
        if let Some(limit) = bound(place, name).ok()? {
            if limit.depends_on_x() {
                return None;
            }
            let infinite = limit.as_rational().is_some_and(|q| q.clone().abs() >= f32::MAX);
            x = if infinite { x } else { f(x, limit) };
        }
    }
    Some(x)
}
