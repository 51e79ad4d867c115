//! Integrals over bounded intervals: exact for polynomials, enclosed for anything smooth.

use crate::expr::{Activation, Definition, End, Expr, Func, Node};
use crate::number::exact::{Assumptions, Exact};
use crate::number::{Enclosure, Jet, MpI, Real};
use crate::number::{Tape, TapeError};
use crate::prove::continuity::is_analytic;
use rug::{Float, Rational};
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Why there is no enclosure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntegralError {
    /// the integrand or an end is not a parameter-free expression
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// an end is infinite or undefined
    #[error("the end `{0}` of the integral has no finite value")]
    End(String),
    /// kinks at places that are not rational
    #[error("`{0}` has kinks that could not be split off: split the integral there")]
    Kinks(String),
    /// no convergence within the budget
    #[error(
        "the integral is enclosed in [{lower}, {upper}] only, not to {digits} digits: split it where the integrand is not smooth"
    )]
    Budget {
        /// lower end
        lower: String,
        /// upper end
        upper: String,
        /// the digits asked for
        digits: u32,
    },
}

/// Whether some comparison in the integrand depends on `x`: its Taylor polynomials do not cross the kink.
fn has_kinks(integrand: &Expr) -> bool {
    integrand.any(&mut |n| match n {
        Node::Call(Func::Abs, a) => a.depends_on_x(),
        Node::Min(a, b) | Node::Max(a, b) => a.depends_on_x() || b.depends_on_x(),
        _ => false,
    })
}

/// The sum over the parts into which kinks divide the interval; only for ends and kinks that are rational.
fn over_parts(integrand: &Expr, from: &Expr, to: &Expr, digits: u32) -> Result<MpI, IntegralError> {
    let kinked = || IntegralError::Kinks(integrand.to_string());
    let (a, b) = (from.exact_rational().ok_or_else(kinked)?, to.exact_rational().ok_or_else(kinked)?);
    if a > b {
        return over_parts(integrand, to, from, digits).map(|v| v.neg());
    }
    let whole = Definition::from_expr(&integrand.to_string()).map_err(|_| kinked())?;
    let split = Activation::with_defaults(Arc::new(whole)).map_err(|_| kinked())?;
    let mut sum = MpI::int(&(digits * 10 / 3 + 96), 0);
    for piece in &split.pieces {
        let end = |e: &End, limit: &Rational| match e {
            End::Infinite => Some(limit.clone()),
            End::At { at, .. } => at.exact_rational(),
        };
        let lo = end(&piece.lo, &a).ok_or_else(kinked)?.max(a.clone());
        let hi = end(&piece.hi, &b).ok_or_else(kinked)?.min(b.clone());
        if has_kinks(&piece.expr) {
            return Err(kinked());
        }
        if lo < hi {
            sum = sum.add(&integral_enclosure(&piece.expr, &Expr::rational(lo), &Expr::rational(hi), digits)?);
        }
    }
    Ok(sum)
}

/// The integral of a polynomial in `x` with exact coefficients, for all values of the parameters; `None` if the integrand
/// is not such a polynomial, or the ends are not exact.
pub fn integral_exact(integrand: &Expr, from: &Expr, to: &Expr) -> Option<Expr> {
    if has_kinks(integrand) {
        return None;
    }
    let cx = Arc::new(Assumptions::generic());
    let x = Exact::symbol(&cx, "x");
    let value = |e: &Expr| Exact::eval(&cx, e, &x);
    Exact::eval(&cx, integrand, &x).integral("x", &value(from), &value(to))?.to_expr()
}

/// Boxes that may be looked at.
const BOXES: usize = 5_000;

/// A rigorous enclosure of the integral, of width at most `10^-digits` (relative to the integral if that is larger
/// than 1).
///
/// On each box the Taylor polynomial at its middle is integrated, and the next coefficient over the box bounds the
/// remainder. Where the formula is singular at an end of the whole interval though the integrand is bounded (such as
/// `exp(-1/(1-x^2))` at 1) boxes next to the end are bounded by the range of the integrand; this needs the integrand to be
/// analytic inside, which is proved first.
pub fn integral_enclosure(integrand: &Expr, from: &Expr, to: &Expr, digits: u32) -> Result<MpI, IntegralError> {
    if has_kinks(integrand) {
        return over_parts(integrand, from, to, digits);
    }
    let precision = digits * 10 / 3 + 96;
    let tape = Tape::compile(integrand)?;
    let end = |e: &Expr| -> Result<MpI, IntegralError> {
        let v = Tape::compile(e)?.eval(&MpI::int(&precision, 0));
        let finite = v.lo().is_finite() && v.hi().is_finite() && v.total();
        if finite { Ok(v) } else { Err(IntegralError::End(e.to_string())) }
    };
    let (a, b) = (end(from)?, end(to)?);
    if a.lo() > b.lo() {
        return integral_enclosure(integrand, to, from, digits).map(|v| v.neg());
    }
    let (lo, hi) = (a.lo(), b.lo());
    let quadrature = Quadrature {
        tape: &tape,
        precision,
        order: 2 * (digits as usize / 4).clamp(4, 24),
        ends: (lo.clone(), hi.clone()),
        open_ends: analytic_inside(integrand, from, to),
    };
    let inner = quadrature.run(digits);
    // from the rounded ends to the true ones
    let rest = |e: &MpI, at: &Float| {
        let step = e.sub(&MpI::from_float(precision, at));
        if step.width() == 0 { MpI::int(&precision, 0) } else { tape.eval(e).mul(&step) }
    };
    let value = inner.sub(&rest(&a, &lo)).add(&rest(&b, &hi));
    if value.width() <= quadrature.tolerance(digits, &value) {
        return Ok(value);
    }
    let text = |f: Float, up: bool| crate::number::decimal::directed(&f, 12, up);
    Err(IntegralError::Budget { lower: text(value.lo(), false), upper: text(value.hi(), true), digits })
}

fn analytic_inside(integrand: &Expr, from: &Expr, to: &Expr) -> bool {
    let cx = Arc::new(Assumptions::strict());
    let at = |e: &Expr| Exact::eval(&cx, e, &Exact::int(&cx, 0));
    is_analytic(integrand, Some(&at(from)), Some(&at(to)), &cx)
}

struct Quadrature<'a> {
    tape: &'a Tape,
    precision: u32,
    order: usize,
    ends: (Float, Float),
    open_ends: bool,
}

/// One box and its share; the widest share comes first.
struct Share {
    x: MpI,
    value: MpI,
}

impl PartialEq for Share {
    fn eq(&self, rhs: &Self) -> bool {
        self.cmp(rhs).is_eq()
    }
}
impl Eq for Share {}
impl PartialOrd for Share {
    fn partial_cmp(&self, rhs: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(rhs))
    }
}
impl Ord for Share {
    fn cmp(&self, rhs: &Self) -> std::cmp::Ordering {
        self.value.width().total_cmp(&rhs.value.width())
    }
}

impl Quadrature<'_> {
    fn tolerance(&self, digits: u32, value: &MpI) -> Float {
        let unit = Float::with_val(self.precision, rug::Integer::from(rug::Integer::u_pow_u(10, digits))).recip();
        let mag = value.mag();
        if mag > 1 && mag.is_finite() { unit * mag } else { unit }
    }

    fn run(&self, digits: u32) -> MpI {
        let zero = MpI::int(&self.precision, 0);
        if self.ends.0 == self.ends.1 {
            return zero;
        }
        let length = Float::with_val(self.precision, &self.ends.1 - &self.ends.0);
        let smallest = length >> (self.precision / 2);
        let mut heap = BinaryHeap::new();
        heap.push(self.share(MpI::from_floats(self.precision, &self.ends.0, &self.ends.1)));
        let total = |heap: &BinaryHeap<Share>| heap.iter().fold(zero.clone(), |sum, s| sum.add(&s.value));
        for step in 0..BOXES {
            // summing all shares costs as many operations as there are boxes: not at every step
            if (step < 64 || step.is_multiple_of(64)) && {
                let sum = total(&heap);
                sum.width() * 2u32 <= self.tolerance(digits, &sum)
            } {
                break;
            }
            let Some(widest) = heap.pop() else { break };
            // where no bound is found on ever smaller boxes there is a singularity
            let hopeless = widest.value.width().is_infinite() && widest.x.width() < smallest;
            let Some(middle) = halfway(&widest.x).filter(|_| !hopeless) else {
                heap.push(widest);
                break;
            };
            heap.push(self.share(MpI::from_floats(self.precision, &widest.x.lo(), &middle)));
            heap.push(self.share(MpI::from_floats(self.precision, &middle, &widest.x.hi())));
        }
        total(&heap)
    }

    /// The better of two enclosures of the integral over a box.
    fn share(&self, x: MpI) -> Share {
        let width = MpI::from_float(self.precision, &x.hi()).sub(&MpI::from_float(self.precision, &x.lo()));
        let jet = self.tape.eval(&Jet::variable(x.clone(), self.order));
        let at_end = x.lo() == self.ends.0 || x.hi() == self.ends.1;
        let range = &jet.c[0];
        let plain = if range.total() || at_end && self.open_ends {
            range.mul(&width)
        } else {
            let unbounded = |s| Float::with_val(self.precision, s);
            MpI::from_floats(
                self.precision,
                &unbounded(rug::float::Special::NegInfinity),
                &unbounded(rug::float::Special::Infinity),
            )
        };
        let value = match self.taylor(&x, &jet) {
            Some(v) => v.intersect(&plain).unwrap_or(plain),
            None => plain,
        };
        Share { x, value }
    }

    /// `f(m + u)` integrated over `u` in `[-h, h]`: odd powers vanish, the remainder has an even power.
    fn taylor(&self, x: &MpI, over: &Jet<MpI>) -> Option<MpI> {
        if !over.c.iter().all(|c| c.total() && c.width().is_finite()) {
            return None;
        }
        let m = MpI::from_float(self.precision, &halfway(x)?);
        let end = |e: Float| MpI::from_float(self.precision, &e);
        // to the left and to the right of the middle, which rounding may have moved
        let (left, right) = (end(x.lo()).sub(&m), end(x.hi()).sub(&m));
        let at = self.tape.eval(&Jet::variable(m, self.order));
        let mut sum = MpI::int(&self.precision, 0);
        for k in 0..=self.order {
            let c = if k == self.order { &over.c[k] } else { &at.c[k] };
            let n = Rational::from(k as u32 + 1);
            let span = right.pow(&n).sub(&left.pow(&n)).div(&MpI::rational(&self.precision, &n));
            sum = sum.add(&c.mul(&span));
        }
        Some(sum)
    }
}

/// The middle; boxes next to a singular end are so narrowed geometrically as well.
fn halfway(x: &MpI) -> Option<Float> {
    let middle = Float::with_val(x.context(), x.lo() + x.hi()) / 2u32;
    (middle > x.lo() && middle < x.hi()).then_some(middle)
}

#[cfg(test)]
mod tests;
