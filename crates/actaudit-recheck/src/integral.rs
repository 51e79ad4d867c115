//! Integrals: of polynomials exactly and for all values of the parameters, of other functions between two bounds.

use super::analytic::Region;
use super::field::{Atom, Field, Value};
use super::function::{Point, rational};
use super::objective::derivative;
use super::system::eval;
use super::{Accepted, Conclusion, RecheckError};
use crate::certificate::{Integral, IntegralMethod};
use actaudit_expr::plain::{Interval, clipped, eval as enclose, shortened};
use actaudit_expr::{End, Expr, Func, Node, ParamDomain, parse_expr, parse_interval};
use rug::{Float, Rational};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// An interval is divided into no more parts.
const MAX_PARTS: u32 = 1 << 14;
/// Parts times bits are no more.
const MAX_WORK: u32 = 1 << 22;
/// There are no more cuts.
const MAX_CUTS: usize = 64;
/// Bits with which it may be worked.
const PRECISIONS: RangeInclusive<u32> = 64..=4096;

pub(super) fn check(c: &Integral) -> Result<Accepted, RecheckError> {
    let fail = RecheckError::Statement;
    let read = |text: &str| parse_expr(text).map_err(|e| fail(format!("`{}`: {e}", clipped(text))));
    let integrand = read(&c.integrand)?;
    if c.cuts.len() > MAX_CUTS {
        return Err(fail(format!("more than {MAX_CUTS} cuts")));
    }
    let mut ends = vec![read(&c.from)?];
    for cut in &c.cuts {
        ends.push(read(cut)?);
    }
    ends.push(read(&c.to)?);
    if ends.iter().any(Expr::depends_on_x) {
        return Err(fail("an end of the integral depends on x".into()));
    }
    let mut domains: BTreeMap<Arc<str>, ParamDomain> = BTreeMap::new();
    for (name, text) in &c.domains {
        if parse_expr(name).ok() != Some(Expr::param(name)) {
            return Err(fail(format!("`{}` is not the name of a parameter", clipped(name))));
        }
        domains.insert(name.as_str().into(), domain(text).map_err(fail)?);
    }
    let scope: Vec<String> = domains.iter().map(|(name, d)| format!("{name} in {d}")).collect();
    let scope = if scope.is_empty() { String::new() } else { format!(", for every {}", scope.join(", ")) };
    let what = format!("the integral of {integrand} from {} to {}", ends[0], ends[ends.len() - 1]);
    let statement = match &c.method {
        IntegralMethod::Exactly { value } => {
            let value = read(value)?;
            if value.depends_on_x() {
                return Err(fail("the value of the integral depends on x".into()));
            }
            exactly(&integrand, &ends, &domains, &value).map_err(fail)?;
            format!("{what} is exactly {value}{scope}")
        }
        IntegralMethod::Between { lower, upper, parts, precision } => {
            if !domains.is_empty() {
                return Err(fail("bounds are for an integral without parameters".into()));
            }
            affordable(*parts, *precision).map_err(fail)?;
            let number = |text: &str| Point::parse(text, *precision).map_err(fail);
            let (lower, upper) = (number(lower)?, number(upper)?);
            let found = between(&integrand, &ends, *parts, *precision).map_err(fail)?;
            if !(found.lo >= lower.up() && found.hi <= upper.down()) {
                return Err(fail(format!("{what} is found to lie in {found}")));
            }
            format!("{what} lies in [{}, {}]", lower.text(), upper.text())
        }
    };
    Ok(Accepted { statement, conclusion: Conclusion::Integral, leaves: 0, bisections: 0 })
}

/// Bounds of an integral by the checker's own rule, for a certificate; `None` if there are none.
pub fn enclosure(
    integrand: &str,
    from: &str,
    to: &str,
    cuts: &[String],
    parts: u32,
    prec: u32,
) -> Option<[Rational; 2]> {
    super::work::begin();
    affordable(parts, prec).ok()?;
    let texts = std::iter::once(from).chain(cuts.iter().map(String::as_str)).chain([to]);
    let ends: Vec<Expr> = texts.map(|t| parse_expr(t).ok()).collect::<Option<_>>()?;
    let found = between(&parse_expr(integrand).ok()?, &ends, parts, prec).ok().filter(Interval::is_bounded)?;
    Some([rational(&found.lo)?, rational(&found.hi)?])
}

fn domain(text: &str) -> Result<ParamDomain, String> {
    let (lo, hi) = parse_interval(text).map_err(|e| format!("`{}`: {e}", clipped(text)))?;
    let end = |end: End| match end {
        End::Infinite => Ok((None, false)),
        End::At { at, closed } => match at.exact_rational() {
            Some(q) => Ok((Some(q), closed)),
            None => Err(format!("`{at}` is not a rational number")),
        },
    };
    let ((lo, lo_closed), (hi, hi_closed)) = (end(lo)?, end(hi)?);
    let domain = ParamDomain { lo, lo_closed, hi, hi_closed, integer: false };
    if domain.is_empty() { Err(format!("the domain {domain} is empty")) } else { Ok(domain) }
}

/// The fundamental theorem: the integrand is a polynomial in x with coefficients free of x between each two cuts.
///
/// Ends need no order: the integral from b to a is the negative one, and a polynomial has a value everywhere.
fn exactly(
    integrand: &Expr,
    ends: &[Expr],
    domains: &BTreeMap<Arc<str>, ParamDomain>,
    claimed: &Expr,
) -> Result<(), String> {
    const LARGE: &str = "the integral is too large to be written down";
    let constants = Field::new(domains.clone());
    let at = |e: &Expr| eval(&constants, e, &Value::default());
    let mut sum = at(claimed)?.neg();
    for pair in ends.windows(2) {
        // branches are chosen where x lies between rational ends
        let (lo, hi) = (pair[0].exact_rational(), pair[1].exact_rational());
        let bounded = lo.as_ref().zip(hi.as_ref()).is_some_and(|(a, b)| a <= b);
        let x = match bounded {
            true => ParamDomain { lo, lo_closed: true, hi, hi_closed: true, integer: false },
            false => ParamDomain::REALS,
        };
        let field = constants.with("x", x);
        let f = eval(&field, integrand, &Value::symbol("x"))?;
        let symbol = Atom::Symbol("x".into());
        let in_denominator = Value { num: f.den.keys().flat_map(|k| k.clone()).collect(), den: BTreeMap::new() };
        let mut found = vec![];
        in_denominator.symbols(&mut found);
        if found.iter().any(|name| name.as_ref() == "x") {
            return Err(format!("`{}` is not a polynomial in x", shortened(integrand)));
        }
        let ([a, b], over) = ([at(&pair[0])?, at(&pair[1])?], Value { num: one(), den: f.den.clone() });
        for (product, coefficient) in &f.num {
            let mut rest = product.clone();
            let power = rest.remove(&symbol).unwrap_or_default();
            let value = Value { num: [(rest, coefficient.clone())].into(), den: BTreeMap::new() };
            let mut inner = vec![];
            value.symbols(&mut inner);
            let n = power.numer().to_i32().filter(|n| *power.denom() == 1 && *n >= 0 && *n < 1000);
            let Some(n) = n.filter(|_| inner.iter().all(|name| name.as_ref() != "x")) else {
                return Err(format!("`{}` is not a polynomial in x", shortened(integrand)));
            };
            let term = || {
                let span = field.minus(&field.powi(&b, n + 1)?, &field.powi(&a, n + 1)?)?;
                field.times(&field.times(&value, &over)?, &span.scaled(&Rational::from((1, n + 1))))
            };
            sum = term().and_then(|t| field.plus(&sum, &t)).ok_or(LARGE)?;
        }
    }
    if sum.is_zero() { Ok(()) } else { Err(format!("the integral is not shown to be {claimed}")) }
}

fn one() -> super::field::Sum {
    Value::rational(1).num
}

/// Whether it can be worked with so many parts and bits.
fn affordable(parts: u32, prec: u32) -> Result<(), String> {
    if !PRECISIONS.contains(&prec) || !(1..=MAX_PARTS).contains(&parts) {
        return Err(format!(
            "a precision of {prec} bits and {parts} parts are not between 64 and 4096, 1 and {MAX_PARTS}"
        ));
    }
    match parts.checked_mul(prec) {
        Some(work) if work <= MAX_WORK => Ok(()),
        _ => Err(format!("{parts} parts with {prec} bits are too much work")),
    }
}

/// The midpoint rule on equal parts: `h f(m) + h^3/24 f''(xi)`; where f'' cannot be enclosed `h f`, next to an end also of a
/// function that is singular at the end itself, if it is analytic inside.
fn between(integrand: &Expr, ends: &[Expr], parts: u32, prec: u32) -> Result<Interval, String> {
    let ends: Vec<Rational> = ends
        .iter()
        .map(|e| e.exact_rational().ok_or_else(|| format!("the end `{}` is not rational", shortened(e))))
        .collect::<Result<_, _>>()?;
    let second = derivative(&derivative(integrand)?)?;
    let mut sum = Interval::int(prec, 0);
    for pair in ends.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        if a >= b {
            return Err("the ends and cuts do not come in order".into());
        }
        let field = Field::new(BTreeMap::new());
        let inside = Region::between(Some(&Value::rational(a.clone())), Some(&Value::rational(b.clone())), &field);
        let analytic = inside.is_some_and(|region| region.analytic(integrand).is_ok());
        let h = Rational::from(b - a) / parts;
        let width = Interval::rational(prec, &h);
        for i in 0..parts {
            let lo = Rational::from(&h * i) + a;
            let (middle, hi) = (Rational::from(&h / 2u32) + &lo, Rational::from(&h + &lo));
            let x = Interval { lo: Interval::rational(prec, &lo).lo, hi: Interval::rational(prec, &hi).hi };
            let smooth = || {
                let curve = enclose(&second, &x).ok().filter(Interval::is_bounded)?;
                enclose(integrand, &x).ok()?;
                let value = enclose(integrand, &Interval::rational(prec, &middle)).ok()?;
                let cube = width.powi(3)?.div(&Interval::int(prec, 24))?;
                Some(width.mul(&value).add(&cube.mul(&curve)))
            };
            let share = smooth().map_or_else(
                || {
                    let range = if analytic && (i == 0 || i + 1 == parts) {
                        inner(integrand, &x)
                    } else {
                        enclose(integrand, &x)
                    };
                    range.map(|r| width.mul(&r))
                },
                Ok,
            )?;
            sum = sum.add(&share);
        }
    }
    Ok(sum)
}

/// The values inside of an interval of an expression that has values there, though perhaps not at the ends: a divisor or the
/// argument of a logarithm may come near zero from one side.
fn inner(e: &Expr, x: &Interval) -> Result<Interval, String> {
    let prec = x.prec();
    let unbounded = |lo: Option<Float>, hi: Option<Float>| {
        let line = Interval::line(prec);
        Interval { lo: lo.unwrap_or(line.lo), hi: hi.unwrap_or(line.hi) }
    };
    match e.node() {
        Node::Div(a, b) => {
            let (a, b) = (inner(a, x)?, inner(b, x)?);
            let one = Interval::int(prec, 1);
            let recip = match (b.lo.is_zero(), b.hi.is_zero()) {
                (true, false) => one.div(&Interval::point(&b.hi)).map(|r| unbounded(Some(r.lo), None)),
                (false, true) => one.div(&Interval::point(&b.lo)).map(|r| unbounded(None, Some(r.hi))),
                _ => one.div(&b),
            };
            recip.map(|r| a.mul(&r)).ok_or_else(|| format!("`{}` may be undefined", shortened(e)))
        }
        Node::Call(Func::Log, u) => {
            let u = inner(u, x)?;
            let value = if u.lo.is_zero() {
                Interval::point(&u.hi).call(Func::Log).map(|v| unbounded(None, Some(v.hi)))
            } else {
                u.call(Func::Log)
            };
            value.ok_or_else(|| format!("`{}` may be undefined", shortened(e)))
        }
        Node::Neg(a) => Ok(inner(a, x)?.neg()),
        Node::Add(a, b) => Ok(inner(a, x)?.add(&inner(b, x)?)),
        Node::Sub(a, b) => Ok(inner(a, x)?.sub(&inner(b, x)?)),
        Node::Mul(a, b) if a != b => Ok(inner(a, x)?.mul(&inner(b, x)?)),
        Node::Call(f, u) => inner(u, x)?.call(*f).ok_or_else(|| format!("`{}` may be undefined", shortened(e))),
        _ => enclose(e, x),
    }
}
