//! Tables: on each run of floats, a polynomial that is near to the function there, rounding in its evaluation included.
//!
//! With `f(x) = sum g_j (x - c)^j + R` up to degree d, `|R| <= |g_(d+1)| r^(d+1)` for a coefficient over the whole run (Lagrange)
//! and r the distance of the farthest float from c, so `|f - p| <= sum |g_j - c_j| r^j + |R|`. Every float of a run has one sign and
//! one spacing, a divisor of c: `x - c` is exact. Each of the D fused operations of Horner's rule has a relative error of at most
//! 2^-53, or an absolute one of at most 2^-1075 if it underflows: together at most `((1 + 2^-53)^D - 1) S + D 2^-1074 max(1, r)^D`
//! with `S = sum |c_j| r^j`, where `S` is far from overflow.

use super::function::{End, Function, Point};
use super::taylor::expand;
use super::{Accepted, Conclusion, RecheckError};
use crate::certificate::{Known, Run, Table};
use actaudit_expr::format::power_of_two;
use actaudit_expr::plain::{Interval, clipped};
use actaudit_expr::{Expr, FloatFormat};
use rug::Float;
use rug::float::Round;
use std::cmp::Ordering;
use std::time::Instant;

/// Polynomials of a higher degree are refused.
const DEGREE: usize = 7;
/// More runs are refused.
const MAX_RUNS: usize = 1 << 20;

pub(super) fn check(t: &Table, until: Option<Instant>) -> Result<Accepted, RecheckError> {
    let fail = |reason: String| RecheckError::Statement(reason);
    if !(64..=4096).contains(&t.precision) {
        return Err(RecheckError::Precision(t.precision));
    }
    if t.order > 1 || t.runs.len() > MAX_RUNS {
        return Err(fail("the order is more than 1, or there are too many runs".into()));
    }
    let format = FloatFormat::from_name(&t.format).filter(|f| *f != FloatFormat::F64);
    let format = format.ok_or_else(|| fail(format!("`{}` is no format with tables", clipped(&t.format))))?;
    let function = Function::parse(&t.activation, t.precision)
        .map_err(|reason| RecheckError::Definition { name: clipped(&t.activation.id), reason })?;
    let table = Checked { function: &function, order: t.order, format, prec: t.precision };
    let top = format.infinity() as i64;
    let mut next = 1 - top;
    let mut counts = Counts::default();
    for (i, run) in t.runs.iter().enumerate() {
        let fail =
            |reason: String| RecheckError::Statement(format!("run {i}, {} to {}: {reason}", run.first, run.last));
        if until.is_some_and(|t| Instant::now() >= t) {
            return Err(fail("the time for checking is over".into()));
        }
        if run.first != next || run.last < run.first || run.last >= top {
            return Err(fail(format!("it does not begin at {next}, where the runs before it end, or is empty")));
        }
        next = run.last + 1;
        let units = table.run(run).map_err(fail)?;
        counts.add(run, units);
    }
    if next != top {
        return Err(fail(format!("the runs end at {}, not at the largest float", next - 1)));
    }
    if counts.runs == 0 && counts.overflow == 0 {
        return Err(fail("it states nothing: every run is open".into()));
    }
    let error = match power_above(counts.units) {
        f64::NEG_INFINITY => "without an error".to_owned(),
        power if power < 1000.0 => format!("within its error, at most 2^{power} ulp"),
        _ => "within its error".to_owned(),
    };
    let statement = format!(
        "{} of `{}` at {} floats: polynomials on {} of them, in {} runs, {error}; {} overflow, {} are left open{}",
        if t.order == 0 { "the values" } else { "the derivatives" },
        function.name,
        format.name(),
        counts.covered,
        counts.runs,
        counts.overflow,
        counts.open,
        super::words::defined([&function].into_iter()),
    );
    Ok(Accepted { statement, conclusion: Conclusion::Table, leaves: t.runs.len(), bisections: 0 })
}

#[derive(Default)]
struct Counts {
    runs: usize,
    covered: i64,
    overflow: i64,
    open: i64,
    /// the largest error, in units in the last place of the run's smallest value
    units: f64,
}

impl Counts {
    fn add(&mut self, run: &Run, units: f64) {
        let floats = run.last - run.first + 1;
        self.units = self.units.max(units);
        match run.known {
            Known::Polynomial { .. } => {
                self.runs += 1;
                self.covered += floats;
            }
            Known::Overflow { .. } => self.overflow += floats,
            Known::Open {} => self.open += floats,
        }
    }
}

struct Checked<'a> {
    function: &'a Function,
    order: usize,
    format: FloatFormat,
    prec: u32,
}

/// A run of floats as an interval.
struct Place<'a> {
    value: &'a Expr,
    lo: f64,
    hi: f64,
    all: Interval,
}

/// The least whole number k with 2^k at least a number: the logarithm is rounded, and may be rounded down.
fn power_above(x: f64) -> f64 {
    let power = x.log2().ceil();
    if power.exp2() < x { power + 1.0 } else { power }
}

impl Checked<'_> {
    /// Verifies what a run states; gives its error in ulp of the smallest value.
    fn run(&self, run: &Run) -> Result<f64, String> {
        match &run.known {
            Known::Open {} => Ok(0.0),
            Known::Overflow { sign } => {
                let place = self.place(run)?;
                let values = self.coefficients(&place, &place.all, 0)?.swap_remove(0);
                let least = Float::with_val(self.prec, self.format.max()) + self.format.ulp(self.format.max()) / 2.0;
                match sign {
                    1 if values.lo >= least => Ok(0.0),
                    -1 if values.hi <= -least => Ok(0.0),
                    _ => Err(format!("the values lie in {values}: not all round to that infinity")),
                }
            }
            Known::Polynomial { centre, coefficients, error, slope, values } => {
                if !(run.first..=run.last).contains(centre) || coefficients.len() > DEGREE + 1 {
                    return Err("the centre is no float of the run, or the degree is too high".into());
                }
                let place = self.place(run)?;
                let c: Vec<f64> = coefficients.iter().map(|c| number(c)).collect::<Result<_, _>>()?;
                let (error, slope) = (number(error)?, number(slope)?);
                let claimed = [number(&values[0])?, number(&values[1])?];
                let centre = self.at(*centre);
                self.polynomial(&place, centre, &c, error, slope, claimed)
            }
        }
    }

    fn at(&self, ordinal: i64) -> f64 {
        self.format.decode(self.format.at_ordinal(ordinal))
    }

    /// The piece that owns all floats of a run, which have one sign and one spacing. For derivatives they lie inside of it.
    fn place(&self, run: &Run) -> Result<Place<'_>, String> {
        let (lo, hi) = (self.at(run.first), self.at(run.last));
        if run.first <= 0 && run.last >= 0 || self.format.ulp(lo) != self.format.ulp(hi) {
            return Err("its floats have more than one sign or spacing".into());
        }
        let end = |x: f64| Point::float(&Float::with_val(53, x)).map(End::At).ok_or("an end is no number");
        let (from, to) = (end(lo)?, end(hi)?);
        let owner = self.function.owner(&from).ok_or("no piece certainly owns its first float")?;
        let piece = &self.function.pieces[owner];
        let inside = piece.lo.is(&from, Ordering::Less) && to.is(&piece.hi, Ordering::Less);
        if !piece.owns(&to) || self.order > 0 && !inside {
            return Err(format!("it is not certainly inside of piece {owner} of `{}`", self.function.name));
        }
        let ends = [lo, hi].map(|x| Float::with_val(self.prec, x));
        let [lo_end, hi_end] = ends;
        Ok(Place { value: &piece.value, lo, hi, all: Interval { lo: lo_end, hi: hi_end } })
    }

    /// Taylor coefficients of f, or of f', over an interval.
    fn coefficients(&self, place: &Place<'_>, x: &Interval, degree: usize) -> Result<Vec<Interval>, String> {
        let u = expand(place.value, x, degree + self.order)?;
        // the n-th coefficient of f' is (n + 1) times the next one of f
        let factor = |n: usize| if self.order == 0 { 1 } else { n as i32 + 1 };
        let shifted = u[self.order..].iter().enumerate();
        Ok(shifted.map(|(n, u)| u.mul(&Interval::int(self.prec, factor(n)))).collect())
    }

    fn polynomial(
        &self,
        place: &Place<'_>,
        centre: f64,
        c: &[f64],
        error: f64,
        slope: f64,
        [least, most]: [f64; 2],
    ) -> Result<f64, String> {
        let prec = self.prec;
        let point = |x: f64| Interval::point(&Float::with_val(prec, x));
        let zero = || Interval::int(prec, 0);
        let size = |v: &Interval| Interval::point(&v.abs().hi);
        let c: Vec<Interval> = (0..=DEGREE).map(|j| point(c.get(j).copied().unwrap_or(0.0))).collect();
        // both differences are exact
        let reach = f64::max(place.hi - centre, centre - place.lo);
        let powers: Vec<Interval> = std::iter::successors(Some(Interval::int(prec, 1)), |p| Some(p.mul(&point(reach))))
            .take(DEGREE + 2)
            .collect();
        let total = |from: usize, to: usize, term: &dyn Fn(usize) -> Interval| {
            (from..=to).fold(zero(), |sum, j| sum.add(&term(j).mul(&powers[j])))
        };
        let exact = self.coefficients(place, &point(centre), DEGREE)?;
        let over = self.coefficients(place, &place.all, DEGREE + 1)?;
        let last = c.iter().rposition(|c| !c.is_zero()).unwrap_or(0);
        // with every degree: a remainder of a lower one can be smaller
        let distance = |d: usize| {
            let known = total(0, d, &|j| size(&exact[j].sub(&c[j])));
            known.add(&size(&over[d + 1]).mul(&powers[d + 1])).hi
        };
        let distances = (last..=DEGREE).map(distance).filter(|d| !d.is_nan());
        let distance = distances.reduce(|a, b| if b < a { b } else { a }).ok_or("its remainder is not known")?;
        let sizes = total(0, last, &|j| size(&c[j]));
        if sizes.hi >= f64::MAX / 2.0 {
            return Err("its evaluation may overflow".into());
        }
        let rounding = if is_exact(&c, centre) { zero() } else { lost(last, &sizes, reach) };
        let found = Interval::point(&distance).add(&rounding).hi;
        if found > error {
            return Err(format!("its error is at most {found:.4}, not shown to be at most {error:e}"));
        }
        let steep = (1..=last)
            .fold(zero(), |sum, j| sum.add(&size(&c[j]).mul(&powers[j - 1]).mul(&Interval::int(prec, j as i32))));
        if steep.hi > slope {
            return Err(format!("its slope is at most {:.4}, not shown to be at most {slope:e}", steep.hi));
        }
        // all values: by the plain enclosure, and by the expansion at the centre
        let h = Interval { lo: Float::with_val(prec, place.lo - centre), hi: Float::with_val(prec, place.hi - centre) };
        let [inner, outer] = [&exact, &over].map(|u| &u[..]);
        let horner = inner.iter().rev().fold(outer[DEGREE + 1].clone(), |sum, u| sum.mul(&h).add(u));
        let (lo, hi) = (larger(&over[0].lo, &horner.lo), -larger(&-over[0].hi.clone(), &-horner.hi.clone()));
        if lo < least || hi > most {
            return Err(format!(
                "its values lie in {} and {horner}, not shown to lie in [{least:e}, {most:e}]",
                over[0]
            ));
        }
        // of the value of least magnitude that there is
        let smallest = if lo <= 0 && hi >= 0 { 0.0 } else { lo.abs().min(&hi.abs()).to_f64_round(Round::Down) };
        Ok(error / self.format.ulp(smallest))
    }
}

fn larger(a: &Float, b: &Float) -> Float {
    if b > a { b.clone() } else { a.clone() }
}

/// What rounding in an evaluation of this degree can lose.
fn lost(degree: usize, sizes: &Interval, reach: f64) -> Interval {
    let prec = sizes.prec();
    let power = |e: i32| Interval::point(&Float::with_val(prec, Float::i_exp(1, e)));
    let one = Interval::int(prec, 1);
    let factor = (0..degree).fold(one.clone(), |f, _| f.mul(&one.add(&power(-53))));
    let distance = Interval::point(&Float::with_val_round(prec, reach.max(1.0), Round::Up).0);
    let tiny = (0..degree).fold(power(-1074), |t, _| t.mul(&distance)).mul(&Interval::int(prec, degree as i32));
    factor.sub(&one).mul(sizes).add(&tiny)
}

/// Whether the polynomial is a constant, or x times a power of two: then no operation rounds.
fn is_exact(c: &[Interval], centre: f64) -> bool {
    let scale = c[1].lo.to_f64().abs();
    // no product of it with a float of a format underflows
    let power = scale >= power_of_two(-800) && scale.to_bits().trailing_zeros() >= 52;
    c[2..].iter().all(Interval::is_zero)
        && (c[1].is_zero() || power && c[0].lo == Float::with_val(106, &c[1].lo * centre))
}

/// An f64 by its bits: `0x` and 16 digits.
fn number(text: &str) -> Result<f64, String> {
    let digits = text.strip_prefix("0x").filter(|d| d.len() == 16);
    let bits = digits.and_then(|d| u64::from_str_radix(d, 16).ok());
    let value = bits.map(f64::from_bits).filter(|v| v.is_finite());
    value.ok_or_else(|| format!("`{}` is not the bits of a finite f64", clipped(text)))
}

#[cfg(test)]
mod tests;
