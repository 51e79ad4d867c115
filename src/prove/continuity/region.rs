//! The open interval of a piece, for all parameter values: as a change of variable, and as boxes.

use crate::expr::Expr;
use crate::number::Tape;
use crate::number::exact::{Assumptions, Exact, Sign};
use crate::number::{Enclosure, F64I, Jet, Real};
use std::sync::Arc;

/// An open interval (or a single point) in which `x` lies.
#[derive(Clone, Debug)]
pub(super) struct Region {
    lo: Option<Exact>,
    hi: Option<Exact>,
    x: Exact,
    cx: Arc<Assumptions>,
}

/// The coordinate that runs through the positive reals as `x` runs through the interval. No parameter has this name.
const COORDINATE: &str = "+t";

/// Boxes that may be looked at.
const BOXES: usize = 4000;

impl Region {
    /// The open interval between two ends (`None`: unbounded), with `x` as a function of `t > 0`: `lo + t`, `hi - t`,
    /// `(lo + hi t)/(1 + t)`. A polynomial with one sign in `t` then has that sign up to the ends, even where it
    /// vanishes at an end.
    pub(super) fn between(lo: Option<&Exact>, hi: Option<&Exact>, cx: &Assumptions) -> Self {
        let cx = Arc::new(cx.clone().into_generic().with_positive(COORDINATE));
        let own = |e: Option<&Exact>| e.map(|e| e.under(&cx));
        let (lo, hi) = (own(lo), own(hi));
        let t = Exact::symbol(&cx, COORDINATE);
        let x = match (&lo, &hi) {
            (None, None) => Exact::symbol(&cx, "x"),
            (Some(lo), None) => lo.add(&t),
            (None, Some(hi)) => hi.sub(&t),
            (Some(lo), Some(hi)) => lo.add(&hi.mul(&t)).div(&Exact::int(&cx, 1).add(&t)),
        };
        Self { lo, hi, x, cx }
    }

    /// One point.
    pub(super) fn point(at: &Exact, cx: &Assumptions) -> Self {
        let cx = Arc::new(cx.clone().into_generic());
        let at = at.under(&cx);
        Self { lo: Some(at.clone()), hi: Some(at.clone()), x: at, cx }
    }

    /// The sign of an expression in the region: by its exact value in terms of the coordinate, or by boxes.
    pub(super) fn sign(&self, expr: &Expr) -> Sign {
        let exact = Exact::eval(&self.cx, expr, &self.x).sign();
        if exact.is_nonzero() || exact == Sign::Zero {
            return exact;
        }
        match self.sign_by_boxes(expr) {
            Sign::Unknown => exact,
            proved => proved,
        }
    }

    /// The sign of an expression on the interval by intervals and monotonicity; `Unknown` if it has parameters.
    fn sign_by_boxes(&self, expr: &Expr) -> Sign {
        let Ok(tape) = Tape::compile(expr) else { return Sign::Unknown };
        let end = |e: &Option<Exact>, infinite: f64, up: bool| match e {
            None => Some(infinite),
            Some(e) => {
                let i = e.enclosure(128)?;
                Some(F64I::end_from_float(&(), &if up { i.hi() } else { i.lo() }, up))
            }
        };
        let (Some(lo), Some(hi)) = (end(&self.lo, f64::NEG_INFINITY, false), end(&self.hi, f64::INFINITY, true)) else {
            return Sign::Unknown;
        };
        let mut open = vec![F64I::new(&(), &lo, &hi)];
        let mut seen = None;
        for _ in 0..BOXES {
            let Some(x) = open.pop() else { return seen.unwrap_or(Sign::Unknown) };
            let ends = (lo == x.lo(), hi == x.hi());
            match self.sign_in(expr, &tape, &x, ends) {
                Some(s) if seen.is_none_or(|t| t == s) => seen = Some(s),
                Some(_) => return Sign::Unknown,
                None => {
                    let Some(middle) = x.split_point() else { return Sign::Unknown };
                    open.push(F64I::new(&(), &middle, &x.hi()));
                    open.push(F64I::new(&(), &x.lo(), &middle));
                }
            }
        }
        Sign::Unknown
    }

    /// The strict sign on one box, less the ends of the region itself.
    fn sign_in(&self, expr: &Expr, tape: &Tape, x: &F64I, ends: (bool, bool)) -> Option<Sign> {
        let of = |v: &F64I| match v {
            v if !v.total() => None,
            v if v.lo() > 0.0 => Some(Sign::Positive),
            v if v.hi() < 0.0 => Some(Sign::Negative),
            _ => None,
        };
        let jet = tape.eval(&Jet::variable(*x, 1));
        if let Some(sign) = of(&jet.c[0]) {
            return Some(sign);
        }
        // strictly monotone: the sign at the end towards which the function decreases, or grows, decides
        let slope = of(&jet.c[1]).filter(|_| jet.c[0].total())?;
        let at_end = |end: f64, outer: bool, exact: &Option<Exact>| {
            if outer {
                let value = Exact::eval(&self.cx, expr, exact.as_ref()?);
                return Some(value.sign());
            }
            of(&tape.eval(&F64I::new(&(), &end, &end)))
        };
        let low = at_end(x.lo(), ends.0, &self.lo);
        let high = at_end(x.hi(), ends.1, &self.hi);
        let (least, greatest) = if slope == Sign::Positive { (low, high) } else { (high, low) };
        if matches!(least, Some(Sign::Positive | Sign::Zero)) {
            Some(Sign::Positive)
        } else if matches!(greatest, Some(Sign::Negative | Sign::Zero)) {
            Some(Sign::Negative)
        } else {
            None
        }
    }
}
