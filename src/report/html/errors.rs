//! The error against the input, over the whole format.

use super::chart::{BOTTOM, Frame, LEFT, RIGHT, TOP, Tick, between, decades, power, short};
use crate::check::Cell;
use crate::expr::FloatFormat;
use crate::report::contract::VerifyResult;
use crate::report::number::{figure, grouped};
use crate::verdict::Evidence;
use maud::{Markup, html};

/// Columns of the picture, each with the largest error of what lies in it.
const COLUMNS: usize = (RIGHT - LEFT) as usize;
/// Exponents of two between which the axis is stretched, since most of what activations do happens there.
const STRETCHED: [f64; 2] = [-10.0, 10.0];
/// Where these are on the way from zero to the largest number.
const SHARES: [f64; 4] = [0.02, 0.2, 0.85, 1.0];
/// The decade at the bottom; what is less stands there, too.
const LEAST: i32 = -1;

/// A symmetric logarithmic axis over all numbers of a format: three scales to each side of zero.
struct Axis([f64; 4]);

impl Axis {
    fn new(format: FloatFormat) -> Self {
        Self([format.min_subnormal().log2(), STRETCHED[0], STRETCHED[1], format.max().log2()])
    }

    /// Where a number is, from -1 to 1.
    fn share(&self, x: f64) -> f64 {
        let size = x.abs().log2();
        let k = if size < self.0[1] { 0 } else { 1 + usize::from(size >= self.0[2]) };
        let share = between(size.clamp(self.0[0], self.0[3]), [self.0[k], self.0[k + 1]], [SHARES[k], SHARES[k + 1]]);
        (if x == 0.0 { 0.0 } else { share }).copysign(x)
    }

    fn at(&self, x: f64) -> f64 {
        between(self.share(x), [-1.0, 1.0], [LEFT, RIGHT])
    }

    /// The columns that a cell covers, one at least.
    fn columns(&self, cell: &Cell) -> std::ops::RangeInclusive<usize> {
        let column = |x: f64| between(self.share(x), [-1.0, 1.0], [0.0, COLUMNS as f64]);
        let (a, b) = (column(cell.from), column(cell.to()));
        let (a, b) = (a.min(b), a.max(b));
        // the last column is where a cell ends before, not in, the next one
        let first = (a as usize).min(COLUMNS - 1);
        first..=((b.ceil() as usize).saturating_sub(1)).clamp(first, COLUMNS - 1)
    }

    fn ticks(&self) -> Vec<Tick> {
        let mut ticks = vec![(self.at(0.0), "0".to_owned())];
        for (exponent, text) in [(STRETCHED[0], power(2, -10)), (0.0, "1".to_owned()), (4.0, "16".to_owned())] {
            ticks.extend([1.0f64, -1.0].map(|sign| {
                (self.at(exponent.exp2() * sign), if sign > 0.0 { text.clone() } else { format!("−{text}") })
            }));
        }
        let largest = power(10, self.0[3].exp2().min(f64::MAX).log10() as i32);
        ticks.extend([(RIGHT - 10.0, largest.clone()), (LEFT + 8.0, format!("−{largest}"))]);
        ticks
    }
}

/// The largest error in each column, and which columns hold NaN or a false infinity.
struct Columns {
    ulp: Vec<Option<f64>>,
    nan: Vec<bool>,
    infinite: Vec<bool>,
}

impl Columns {
    fn new(axis: &Axis, cells: &[Cell]) -> Self {
        let mut all = Self { ulp: vec![None; COLUMNS], nan: vec![false; COLUMNS], infinite: vec![false; COLUMNS] };
        for cell in cells {
            // of a cell into which a run reaches the bound alone is known
            let finite = cell.ulp > 0.0 || cell.inputs > cell.nan + cell.infinite;
            for column in axis.columns(cell) {
                if finite {
                    let ulp = &mut all.ulp[column];
                    *ulp = Some(ulp.unwrap_or(0.0).max(cell.ulp));
                }
                all.nan[column] |= cell.nan > 0;
                all.infinite[column] |= cell.infinite > 0;
            }
        }
        all
    }
}

/// A line in steps over what is there.
fn steps(columns: &[Option<f64>], height: impl Fn(f64) -> f64) -> String {
    let mut out = String::new();
    let mut before = None;
    for (k, value) in columns.iter().enumerate() {
        let y = value.map(|value| height(value).round() as i64);
        let x = LEFT as usize + k;
        match (before, y) {
            (None, Some(y)) => out += &format!("M{x} {y}h1"),
            (Some(a), Some(y)) if a == y => out += "h1",
            (Some(a), Some(y)) => out += &format!("v{}h1", y - a),
            (_, None) => {}
        }
        before = y;
    }
    joined(&out)
}

/// Steps to the right that follow each other are one.
fn joined(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find("h1") {
        out += &rest[..at];
        rest = &rest[at..];
        let mut run = 0;
        while let Some(next) = rest.strip_prefix("h1") {
            (run, rest) = (run + 1, next);
        }
        out += &format!("h{run}");
    }
    out + rest
}

/// Stretches of columns with something in them: first, last.
fn stretches(columns: &[bool]) -> Vec<[usize; 2]> {
    let mut all: Vec<[usize; 2]> = vec![];
    for (k, _) in columns.iter().enumerate().filter(|(_, is)| **is) {
        match all.last_mut() {
            Some(last) if last[1] + 1 == k => last[1] = k,
            _ => all.push([k, k]),
        }
    }
    all
}

/// The plot of results of the check `ulp` of one format and direction, each with the number of its colour.
pub fn plot(title: &str, results: &[(usize, &VerifyResult)]) -> Option<Markup> {
    let cells = |(_, r): &(usize, &VerifyResult)| r.ulp.as_ref().is_some_and(|s| !s.cells.is_empty());
    let drawn: Vec<(usize, &VerifyResult)> = results.iter().copied().filter(cells).collect();
    let measured: Vec<_> = drawn.iter().filter_map(|(_, r)| Some((*r, r.ulp.as_ref()?))).collect();
    let format = FloatFormat::from_name(measured.first()?.0.dtype)?;
    let axis = Axis::new(format);
    let finite = measured.iter().flat_map(|(_, s)| &s.cells).map(|cell| cell.ulp).filter(|ulp| ulp.is_finite());
    let limits = measured.iter().map(|(r, _)| r.limit).filter(|limit| limit.is_finite());
    let largest = finite.clone().chain(limits).fold(1.0, f64::max);
    let top = (largest.log10() + 0.1).ceil() as i32;
    let height = |ulp: f64| {
        let size = if ulp > 0.0 { ulp.log10() } else { f64::NEG_INFINITY };
        between(size.clamp(f64::from(LEAST), f64::from(top)), [f64::from(LEAST), f64::from(top)], [BOTTOM, TOP + 4.0])
    };
    let tick = |e: i32| {
        let text = power(10, e);
        (height(10f64.powi(e)), if e == LEAST { format!("≤ {text}") } else { text })
    };
    let y_ticks: Vec<Tick> = decades([LEAST, top]).into_iter().map(tick).collect();
    let description = described(&measured.iter().map(|(r, _)| *r).collect::<Vec<_>>());
    let frame = Frame {
        title,
        description: &description,
        axes: ["input: every number of the format, logarithmic to both sides of 0", "largest error in ulp"],
        ticks: [axis.ticks(), y_ticks],
    };
    let mut limits: Vec<f64> = measured.iter().map(|(r, _)| r.limit).filter(|limit| limit.is_finite()).collect();
    limits.dedup();
    let one = measured.len() == 1;
    Some(frame.draw(&html! {
        @for scale in STRETCHED {
            @for x in [-scale.exp2(), scale.exp2()] {
                line .scale x1=(short(axis.at(x))) x2=(short(axis.at(x))) y1=(TOP) y2=(BOTTOM) {}
            }
        }
        @for ((k, _), (_, statistics)) in drawn.iter().zip(&measured) {
            @let columns = Columns::new(&axis, &statistics.cells);
            path .curve .{"s" (k % 8)} d=(steps(&columns.ulp, height)) {}
            (marks(&columns.nan, "nan", TOP - 8.0, "NaN"))
            (marks(&columns.infinite, "infinite", TOP - 22.0, "inf"))
        }
        @for limit in &limits {
            @let y = short(height(*limit));
            line .budget x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
            text x=(LEFT + 4.0) y=(y - 4.0) { "budget " (figure(&format!("{limit:e}"))) }
        }
        @if one {
            @for w in measured[0].0.worst.iter().take(5) {
                @if let (Ok(x), Ok(measure)) = (w.input_value.parse::<f64>(), w.measure.parse::<f64>()) {
                    @if x.is_finite() && measure.is_finite() {
                        circle .mark cx=(short(axis.at(x))) cy=(short(height(measure))) r="3.5" {
                            title { "x = " (figure(&w.input_value)) ": " (figure(&w.measure)) " ulp" }
                        }
                    }
                }
            }
        }
    }))
}

fn marks(columns: &[bool], class: &str, y: f64, what: &str) -> Markup {
    let all = stretches(columns);
    html! {
        @if !all.is_empty() { text x=(LEFT - 5.0) y=(y + 4.0) text-anchor="end" { (what) } }
        @for [first, last] in all {
            @let (x1, x2) = (LEFT + first as f64, LEFT + last as f64 + 1.0);
            @let middle = (x1 + x2) / 2.0;
            line .(class) x1=(x1.min(middle - 2.0)) x2=(x2.max(middle + 2.0)) y1=(y) y2=(y) { title { (what) " comes out here" } }
        }
    }
}

/// What can be seen in words: how far off, where, NaN and infinities.
fn described(results: &[&VerifyResult]) -> String {
    let one = |r: &&VerifyResult| {
        let cells = r.ulp.iter().flat_map(|s| &s.cells);
        let (nan, infinite): (u64, u64) = cells.fold((0, 0), |(a, b), c| (a + c.nan, b + c.infinite));
        let at = r.witness.as_ref().map_or_else(String::new, |w| format!(", at x = {}", figure(&w.input_value)));
        let marks = match (nan, infinite) {
            (0, 0) => String::new(),
            _ => format!("; NaN for {} inputs, a false infinity for {}", grouped(nan), grouped(infinite)),
        };
        format!("{}: at most {} ulp{at}; budget {}{marks}.", r.subject, figure(&r.measured), figure(&r.budget))
    };
    results.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What stands below the picture.
pub fn caption(results: &[&VerifyResult]) -> String {
    let looked = |r: &&VerifyResult| match r.evidence {
        Evidence::Exhaustive => "every input".to_owned(),
        Evidence::Sampled => format!("a sample of {} inputs", grouped(r.compared)),
    };
    let mut over: Vec<String> = results.iter().map(looked).collect();
    over.dedup();
    format!("Each column: the largest error in it, rounded up, over {}.", over.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_rises_over_the_whole_of_every_format() {
        for format in FloatFormat::ALL {
            let axis = Axis::new(format);
            let (least, most) = (format.min_subnormal(), format.max());
            let numbers = [-most, -1024.0, -3.0, -1.0, -1e-3, -least, 0.0, least, 1e-3, 1.0, 3.0, 1024.0, most];
            assert!(numbers.map(|x| axis.at(x)).is_sorted_by(|a, b| a < b), "{}", format.name());
            assert!((axis.at(-most) - LEFT).abs() < 1e-6 && (axis.at(most) - RIGHT).abs() < 1e-6);
        }
    }

    #[test]
    fn a_line_in_steps_has_gaps_where_nothing_is() {
        let height = |v: f64| v;
        let path = steps(&[Some(1.0), Some(1.0), Some(3.0), None, Some(2.0)], height);
        assert_eq!(path, "M58 1h2v2h1M62 2h1");
    }
}
