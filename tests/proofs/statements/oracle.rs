//! What is known of an answer beside the program: truths by construction, and samples of the plain evaluator.

use super::cases::{Extreme, Statement, Truth};
use actaudit::expr::plain::{Interval, eval};
use actaudit::expr::{Activation, Definition, End, Expr, Func, Node, Piece, compare_points, parse_expr};
use actaudit::prove::{Attained, Bound, Domain, Place, Quantity, Side};
use rug::{Float, Rational};
use std::cmp::Ordering;
use std::sync::Arc;

/// Bits of the samples.
pub const BITS: u32 = 320;

pub fn activation(id: &str, pieces: &[(String, String)]) -> Result<Activation, String> {
    let mut file = format!("id = \"{id}\"\n");
    for (on, value) in pieces {
        file += &format!("[[piece]]\non = \"{on}\"\nvalue = \"{value}\"\n");
    }
    let definition = Definition::from_toml(&file, "mine.toml").map_err(|e| e.to_string())?;
    Activation::with_defaults(Arc::new(definition)).map_err(|e| e.to_string())
}

pub fn constant(text: &str) -> Interval {
    let e = parse_expr(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    eval(&e, &Interval::int(BITS, 0)).unwrap_or_else(|e| panic!("{text}: {e}"))
}

impl Statement {
    pub fn domain(&self) -> Domain {
        let end = |text: &String| (!text.is_empty()).then(|| parse_expr(text).expect("a constant"));
        Domain { lo: end(&self.domain[0]), hi: end(&self.domain[1]) }
    }
}

/// Functions on a domain, which can be sampled.
pub struct Subject<'a> {
    /// of f, and of g for distances
    pub pieces: Vec<&'a [Piece]>,
    pub domain: &'a Domain,
    pub quantity: Quantity,
}

impl<'a> Subject<'a> {
    pub fn new(f: &'a Activation, g: Option<&'a Activation>, domain: &'a Domain, quantity: Quantity) -> Self {
        let g = g.filter(|_| quantity == Quantity::Distance);
        Self { pieces: [Some(f), g].into_iter().flatten().map(|a| &a.pieces[..]).collect(), domain, quantity }
    }

    fn holds(&self, x: &Expr) -> bool {
        let side = |end: &Option<Expr>, wanted: Ordering| {
            end.as_ref().is_none_or(|e| compare_points(x, e).is_some_and(|o| o.is_eq() || o == wanted))
        };
        side(&self.domain.lo, Ordering::Greater) && side(&self.domain.hi, Ordering::Less)
    }

    /// The value of f, or |f - g|, at a point of the domain, if it is certain.
    pub fn value(&self, x: &Expr) -> Option<Interval> {
        if !self.holds(x) {
            return None;
        }
        let at = eval(x, &Interval::int(BITS, 0)).ok()?;
        let value = |pieces: &[Piece]| eval(&pieces.iter().find(|p| owns(p, x))?.expr, &at).ok();
        match self.pieces[..] {
            [f] => value(f),
            [f, g] => Some(value(f)?.sub(&value(g)?).abs()),
            _ => None,
        }
    }

    /// Points at which something may happen, and points far away and between, drawn from a number.
    pub fn points(&self, seed: u64) -> Vec<Expr> {
        let ends = |p: &Piece| [p.lo.clone(), p.hi.clone()];
        let at = |e: End| if let End::At { at, .. } = e { Some(at) } else { None };
        let mut marks: Vec<Expr> = self.pieces.iter().flat_map(|p| p.iter()).flat_map(ends).filter_map(at).collect();
        marks.extend([&self.domain.lo, &self.domain.hi].into_iter().flatten().cloned());
        marks.push(Expr::int(0));
        marks.dedup();
        marks.truncate(6);
        let mut dice = super::Dice(seed);
        let mut out = marks.clone();
        for mark in &marks {
            for _ in 0..5 {
                let k = dice.below(40) as i32 - 34;
                let step = Rational::from((dice.below(2000) as i64 - 1000, 1000)) * power_of_two(k);
                out.push((mark.clone() + Expr::rational(step)).simplified());
            }
        }
        let span = |e: &Option<Expr>| {
            e.as_ref().and_then(|e| eval(e, &Interval::int(BITS, 0)).ok()).and_then(|v| v.lo.to_rational())
        };
        let (lo, hi) = (span(&self.domain.lo), span(&self.domain.hi));
        for _ in 0..40 {
            let t = Rational::from((dice.below(1_000_001) as i64, 1_000_000));
            let far = power_of_two(dice.below(5) as i32);
            let wide = (Rational::from(&t * 16u32) - 8u32) * far;
            let q = match (&lo, &hi) {
                (Some(a), Some(b)) => Rational::from(b - a) * &t + a,
                (Some(a), None) => a + wide.abs(),
                (None, Some(b)) => b - wide.abs(),
                (None, None) => wide,
            };
            out.push(Expr::rational(q));
        }
        out
    }

    /// h at a point, or a difference on a step that is a value of h by the mean value theorem.
    fn sample(&self, x: &Expr, step: &Rational) -> Option<Interval> {
        if self.quantity.traits().1 == 0 { self.value(x) } else { self.quotient(x, step) }
    }

    /// Values of h: with its sign, each is at most the supremum. Where they are largest and smallest, points near by are looked at.
    pub fn samples(&self, seed: u64) -> Vec<(String, Interval)> {
        let mut dice = super::Dice(seed ^ 0xa5a5);
        let step = |dice: &mut super::Dice| power_of_two(-(dice.below(28) as i32));
        let with_steps: Vec<(Expr, Rational)> = self.points(seed).into_iter().map(|x| (x, step(&mut dice))).collect();
        let mut out: Vec<(Expr, Interval)> =
            with_steps.into_iter().filter_map(|(x, h)| Some((x.clone(), self.sample(&x, &h)?))).collect();
        for sign in [1.0, -1.0] {
            let size = |v: &Interval| sign * v.lo.to_f64();
            let Some((x, v)) = out.iter().max_by(|a, b| size(&a.1).total_cmp(&size(&b.1))).cloned() else { break };
            let Some(mut at) = eval(&x, &Interval::int(64, 0)).ok().and_then(|v| v.lo.to_rational()) else { continue };
            let (mut best, mut width) = (size(&v), at.clone().abs() / 8 + Rational::from((1, 8)));
            for _ in 0..24 {
                let near = [Rational::from(&at - &width), Rational::from(&at + &width)];
                let values = near.into_iter().filter_map(|q| {
                    let x = Expr::rational(q.clone());
                    Some((q, self.sample(&x, &power_of_two(-24))?))
                });
                let better = values.filter(|(_, v)| size(v) > best).max_by(|a, b| size(&a.1).total_cmp(&size(&b.1)));
                match better {
                    Some((q, v)) => {
                        (at, best) = (q, size(&v));
                        out.push((Expr::rational(at.clone()), v));
                    }
                    None => width /= 3,
                }
            }
        }
        out.into_iter().map(|(x, v)| (x.to_string(), v)).collect()
    }

    /// The divided difference of f on x, x + h (, x + 2h), all of one piece.
    fn quotient(&self, x: &Expr, h: &Rational) -> Option<Interval> {
        let [pieces] = self.pieces[..] else { return None };
        let order = self.quantity.traits().1;
        let at = |k: usize| (x.clone() + Expr::rational(h.clone() * k as u32)).simplified();
        let xs: Vec<Expr> = (0..=order).map(at).collect();
        if !self.holds(&xs[0]) || !self.holds(&xs[order]) {
            return None;
        }
        let piece = pieces.iter().find(|p| xs.iter().all(|x| owns(p, x)))?;
        let kink = |n: &Node| matches!(n, Node::Call(Func::Abs, _) | Node::Min(..) | Node::Max(..));
        let root = |n: &Node| {
            matches!(n, Node::Call(Func::Sqrt, _))
                || matches!(n, Node::Pow(_, q) if q.exact_rational().is_none_or(|q| *q.denom() != 1))
        };
        // the curvature is that between kinks
        if order == 2 && piece.expr.any(&mut |n| kink(n) || root(n)) {
            return None;
        }
        let number = |x: &Expr| eval(x, &Interval::int(BITS, 0)).ok();
        // it has values in between, too
        let span = Interval { lo: number(&xs[0])?.lo, hi: number(&xs[order])?.hi };
        eval(&piece.expr, &span).ok()?;
        let values: Vec<Interval> = xs.iter().map(|x| eval(&piece.expr, &number(x)?).ok()).collect::<Option<_>>()?;
        let h = Interval::rational(BITS, h);
        match &values[..] {
            [a, b] => b.sub(a).div(&h),
            [a, b, c] => c.sub(b).sub(&b.sub(a)).div(&h.powi(2)?),
            _ => None,
        }
    }
}

fn power_of_two(k: i32) -> Rational {
    let p = Rational::from(rug::Integer::from(1) << k.unsigned_abs());
    if k < 0 { p.recip() } else { p }
}

/// Whether a piece certainly has a point.
pub fn owns(piece: &Piece, x: &Expr) -> bool {
    let side = |end: &End, inner: Ordering| match end {
        End::Infinite => true,
        End::At { at, closed } => compare_points(x, at).is_some_and(|o| o == inner || o.is_eq() && *closed),
    };
    side(&piece.lo, Ordering::Greater) && side(&piece.hi, Ordering::Less)
}

/// Whether a side of a bound is what is known of it; `sign` -1 for an infimum.
fn known(side: &Side, extreme: &Extreme, sign: i32) -> Result<(), String> {
    let text = if sign < 0 { format!("-({})", extreme.value) } else { extreme.value.clone() };
    let answer = &side.answer;
    let infinite = extreme.value.ends_with("inf");
    let said_infinite = answer.lower.is_infinite();
    if infinite != said_infinite {
        return Err(format!("it is said to lie in [{}, {}], and is {}", answer.lower, answer.upper, text));
    }
    if infinite {
        return Ok(());
    }
    let truth = constant(&text);
    if truth.lo > answer.upper || truth.hi < answer.lower {
        return Err(format!("it is said to lie in [{}, {}], and lies in {truth}", answer.lower, answer.upper));
    }
    if side.proved.exact {
        let exact = answer.exact.as_ref().map(|q| Interval::rational(BITS, q));
        let exact = exact.or_else(|| answer.symbolic.as_ref().map(|e| constant(&e.to_string())));
        if exact.is_some_and(|e| !e.meets(&truth)) {
            return Err(format!("it is said to be {:?} {:?}, and lies in {truth}", answer.exact, answer.symbolic));
        }
    }
    let said = match answer.attained {
        Attained::Point | Attained::Set => Some(true),
        Attained::Asymptotic => Some(false),
        Attained::Unknown => None,
    };
    match (said.filter(|_| side.proved.attained), extreme.attained) {
        (Some(a), Some(b)) if a != b => Err(format!("whether it is attained: said {a}, truth {b}")),
        _ => Ok(()),
    }
}

/// Whether no sample is above a proved bound, and the places at which it is said to be attained are of the domain and have the
/// value.
fn sampled(subject: &Subject, side: &Side, sign: i32, samples: &[(String, Interval)]) -> Result<(), String> {
    let (lower, upper) = (&side.answer.lower, &side.answer.upper);
    let (_, order, two_sided) = subject.quantity.traits();
    for (x, value) in samples {
        let value = if !two_sided {
            value.abs()
        } else if sign < 0 {
            value.neg()
        } else {
            value.clone()
        };
        if value.lo > *upper {
            return Err(format!("at {x} it lies in {value}, above {upper}"));
        }
    }
    if order > 0 || !side.proved.attained || !matches!(side.answer.attained, Attained::Point | Attained::Set) {
        return Ok(());
    }
    let signed = |v: Interval| if sign < 0 { v.neg() } else { v };
    let reaches = |v: &Interval| v.hi >= *lower && v.lo <= *upper;
    let mut near = false;
    for place in &side.answer.places {
        match place {
            Place::Point { exact: Some(text), .. } => {
                let x = parse_expr(text).map_err(|e| format!("the place {text}: {e}"))?;
                let value = subject.value(&x).map(signed);
                let here = value.as_ref().is_some_and(reaches);
                if !here && side.proved.exact {
                    return Err(format!("it is said to be attained at {text}, where it is {value:?}"));
                }
                near |= here;
            }
            Place::Point { lo, hi, .. } => {
                near |= subject.meets(lo, hi) && subject.near(lo, hi).is_none_or(|v| reaches(&signed(v)));
            }
            Place::Set(lo, hi) => {
                let end = |t: &String, other: &String, by: i64| match t.ends_with("inf") {
                    true => (parse_expr(other).ok().filter(|_| !other.ends_with("inf")).unwrap_or(Expr::int(0))
                        + Expr::int(by))
                    .simplified(),
                    false => parse_expr(t).expect("an end"),
                };
                let (a, b) = (end(lo, hi, -2), end(hi, lo, 2));
                let middle = ((a + b) / Expr::int(2)).simplified();
                let value = subject.value(&middle).map(signed);
                if !value.as_ref().is_some_and(reaches) {
                    return Err(format!("it is said to be attained on {lo} .. {hi}, and at {middle} is {value:?}"));
                }
                near = true;
            }
            Place::Infinity(_) => return Err("it is said to be attained at infinity".into()),
        }
    }
    if near || side.answer.places.is_empty() {
        Ok(())
    } else {
        Err(format!("attained at none of {:?}", side.answer.places))
    }
}

impl Subject<'_> {
    /// Whether a bracket may hold a point of the domain.
    fn meets(&self, lo: &Float, hi: &Float) -> bool {
        let number = |e: &Option<Expr>| e.as_ref().and_then(|e| eval(e, &Interval::int(BITS, 0)).ok());
        number(&self.domain.lo).is_none_or(|v| v.lo <= *hi) && number(&self.domain.hi).is_none_or(|v| v.hi >= *lo)
    }

    /// All values on a bracket, by every piece that it touches; `None` if they cannot be enclosed.
    fn near(&self, lo: &Float, hi: &Float) -> Option<Interval> {
        let x = Interval { lo: Float::with_val(BITS, lo), hi: Float::with_val(BITS, hi) };
        let touches = |p: &&Piece| {
            let at = |e: &End| if let End::At { at, .. } = e { eval(at, &Interval::int(BITS, 0)).ok() } else { None };
            at(&p.lo).is_none_or(|v| v.lo <= x.hi) && at(&p.hi).is_none_or(|v| v.hi >= x.lo)
        };
        let all = |pieces: &[Piece]| {
            let values = pieces.iter().filter(touches).map(|p| eval(&p.expr, &x).ok());
            values.reduce(|a, b| a.zip(b).map(|(a, b)| Interval { lo: a.lo.min(&b.lo), hi: a.hi.max(&b.hi) }))?
        };
        match self.pieces[..] {
            [f] => all(f),
            [f, g] => Some(all(f)?.sub(&all(g)?).abs()),
            _ => None,
        }
    }
}

/// Whether an answer agrees with everything that is known; what is not proved claims nothing.
pub fn judge(statement: &Statement, subject: &Subject, found: &Bound, seed: u64) -> Result<(), String> {
    let samples = subject.samples(seed);
    for (side, sign) in [(Some(&found.top), 1), (found.bottom.as_ref(), -1)] {
        let Some(side) = side.filter(|side| side.proved.value) else { continue };
        let [inf, sup] = match &statement.truth {
            Truth::Undefined => return Err("something is proved of what has no value".into()),
            Truth::Open => {
                sampled(subject, side, sign, &samples)?;
                continue;
            }
            Truth::Extremes(of) => of,
        };
        known(side, if sign > 0 { sup } else { inf }, sign)?;
        sampled(subject, side, sign, &samples)?;
    }
    Ok(())
}
