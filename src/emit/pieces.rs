//! A function by cases: the pieces of a definition, each in forms that suit its parts, with ends at which comparisons are exact.

use super::code::{Code, Id, Op};
use super::constant::{Near, below};
use super::far::far;
use super::lower::{Lower, Notes};
use super::ratio::Ratio;
use super::target::Target;
use super::{EmitError, poly};
use crate::expr::{Activation, End, Expr, FloatFormat, Piece};
use crate::reference::conjugate::without_cancellation;
use rug::Rational;

/// What is computed on a part of the line.
enum Form {
    Polynomial(poly::Coefficients, [Option<Rational>; 2]),
    Ratio(Ratio, [Option<Rational>; 2]),
    /// a sum of powers of x
    Powers(Vec<(i32, Rational)>),
    /// an expression between two numbers
    Expression {
        expr: Expr,
        within: [f64; 2],
    },
}

impl Form {
    /// Forms that are the same operations.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Polynomial(a, _), Self::Polynomial(b, _)) => a == b && a.len() <= 2,
            (Self::Powers(a), Self::Powers(b)) => a == b,
            (Self::Expression { expr: a, .. }, Self::Expression { expr: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// A part of the line, up to a float; the last one has no end.
struct Part {
    /// the upper end, and whether it belongs to the part
    end: Option<(f64, bool)>,
    form: Form,
    place: String,
}

/// The function that is emitted: the value, or the slope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    Value,
    Slope,
}

impl Which {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "f",
            Self::Slope => "f'",
        }
    }
}

/// What is asked for.
pub(super) struct Task<'a> {
    pub activation: &'a Activation,
    pub target: &'static Target,
    pub compute: FloatFormat,
    /// inputs and results
    pub dtype: FloatFormat,
}

/// The code of a function, and the place of its result.
pub(super) struct Made {
    pub code: Code,
    pub result: Id,
}

impl Task<'_> {
    /// The code of the value or the slope; constants that are no floats are added to the list.
    pub fn make(&self, which: Which, notes: &mut Notes) -> Result<Made, EmitError> {
        let mut parts: Vec<Part> = vec![];
        for piece in &self.activation.pieces {
            for part in self.parts(piece, which)? {
                match parts.last_mut() {
                    Some(last) if last.form.same(&part.form) => last.end = part.end,
                    _ => parts.push(part),
                }
            }
        }
        let mut code = Code::default();
        let x = code.x();
        let mut values = vec![];
        for part in &parts {
            let holds_zero =
                matches!(part.form, Form::Expression { within: [from, to], .. } if from <= 0.0 && to >= 0.0);
            let (target, compute) = (self.target, self.compute);
            let narrow = self.compute == self.dtype;
            let place = part.place.clone();
            let mut to = Lower { code: &mut code, target, compute, narrow, place, holds_zero, notes, quiet: false };
            values.push(match &part.form {
                Form::Polynomial(p, [lo, hi]) => poly::lower(p, [lo.as_ref(), hi.as_ref()], &mut to)?,
                Form::Ratio(ratio, [lo, hi]) => ratio.lower([lo.as_ref(), hi.as_ref()], &mut to)?,
                Form::Powers(terms) => to.powers(terms)?,
                Form::Expression { expr, within } => to.with_roots(expr, *within)?,
            });
        }
        let mut chain = parts.iter().zip(values).rev();
        // a definition has a piece
        let mut result = chain.next().map_or(x, |(_, value)| value);
        // no comparison holds for what is no number: it comes out of the last part, unless that is a constant
        if code.constant(result).is_some() && !parts.is_empty() {
            let nan = code.push(Op::IsNan(x));
            result = code.select(nan, x, result);
        }
        for (part, value) in chain {
            let Some((end, closed)) = part.end else { continue };
            let end = code.float(end);
            let test = code.push(if closed { Op::AtMost(x, end) } else { Op::Less(x, end) });
            result = code.select(test, value, result);
        }
        Ok(Made { code, result })
    }

    /// Where a piece ends, so that `x <= end` or `x < end` is what it says of every float.
    fn end(&self, end: &End, place: &str) -> Result<Option<(f64, bool)>, EmitError> {
        let End::At { at, closed } = end else { return Ok(None) };
        let Near { float, exact } = below(at, self.compute).ok_or_else(|| EmitError::Constant {
            text: at.to_string(),
            place: place.to_owned(),
            compute: self.compute.name(),
        })?;
        Ok(Some((float, *closed || !exact)))
    }

    fn parts(&self, piece: &Piece, which: Which) -> Result<Vec<Part>, EmitError> {
        let place = format!("{} on {}", which.name(), piece.on());
        // a piece ends where the next one begins
        let end = self.end(&piece.hi, &place)?;
        let rational = |end: &End| match end {
            End::At { at, .. } => at.exact_rational(),
            End::Infinite => None,
        };
        let ends = [rational(&piece.lo), rational(&piece.hi)];
        if let Some(p) = poly::coefficients(&piece.expr) {
            let p = if which == Which::Value { p } else { poly::slope(&p) };
            return Ok(vec![Part { end, form: Form::Polynomial(p, ends), place }]);
        }
        let [from, to] = [&piece.lo, &piece.hi].map(|end| match end {
            End::At { at, .. } => below(at, FloatFormat::F64).map(|near| near.float),
            End::Infinite => None,
        });
        let of = |right: bool| {
            let e = without_cancellation(&piece.expr, right);
            if which == Which::Value { e } else { e.derivative() }
        };
        let [left, right] = [of(false), of(true)];
        // powers of two that lie in the piece
        let beyond = |edge: Option<f64>| edge.map_or(0, |e| e.abs().max(1.0).log2().ceil() as i32 + 1);
        let out = |e: &Expr, right: bool, edge| far(e, right, beyond(edge), self.compute);
        let first = if from.is_none() { out(&left, false, to) } else { None };
        let last = if to.is_none() { out(&right, true, from) } else { None };
        let lowest = first.as_ref().map(|far| -far.from).or(from).unwrap_or(f64::NEG_INFINITY);
        let highest = last.as_ref().map(|far| far.from).or(to).unwrap_or(f64::INFINITY);

        let mut parts = vec![];
        let mut push = |end, form| parts.push(Part { end, form, place: place.clone() });
        if let Some(far) = first {
            push(Some((-far.from, true)), powers(far.terms));
        }
        let end = last.as_ref().map_or(end, |far| Some((far.from, false)));
        let ratio = Ratio::of(&piece.expr);
        match ratio.and_then(|ratio| if which == Which::Value { Some(ratio) } else { ratio.slope() }) {
            Some(ratio) => push(end, Form::Ratio(ratio, ends)),
            None if left != right && lowest < 0.0 && highest > 0.0 => {
                push(Some((0.0, false)), Form::Expression { expr: left, within: [lowest, 0.0] });
                push(end, Form::Expression { expr: right, within: [0.0, highest] });
            }
            None => {
                let expr = if lowest < 0.0 { left } else { right };
                push(end, Form::Expression { expr, within: [lowest, highest] });
            }
        }
        if let Some(far) = last {
            push(None, powers(far.terms));
        }
        Ok(parts)
    }
}

/// A sum of powers of x, as it stands far out.
fn powers(terms: Vec<(i32, Rational)>) -> Form {
    if terms.iter().any(|(n, _)| *n < 0) {
        return Form::Powers(terms);
    }
    let degree = terms.first().map_or(0, |(n, _)| *n);
    let coefficient = |k| terms.iter().find(|(n, _)| *n == k).map_or_else(Rational::new, |(_, c)| c.clone());
    let coefficients = (0..=degree).map(coefficient).collect();
    Form::Polynomial(poly::trimmed(coefficients), [None, None])
}
