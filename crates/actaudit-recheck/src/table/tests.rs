use super::*;
use crate::certificate::{self, Schema};
use std::collections::BTreeMap;

fn bits(x: f64) -> String {
    FloatFormat::F64.hex(x.to_bits())
}

/// One piece on all of R.
fn function(value: &str) -> certificate::Function {
    let piece = certificate::Piece {
        lo: "-inf".into(),
        lo_closed: false,
        hi: "inf".into(),
        hi_closed: false,
        value: value.into(),
    };
    certificate::Function { id: "own".into(), params: BTreeMap::new(), pieces: vec![piece] }
}

/// A table for a function of f16s: each binade in `parts` runs, with what `known` says of a run.
fn table(value: &str, order: usize, parts: i64, known: impl Fn(f64, f64, i64) -> Known) -> Table {
    let format = FloatFormat::F16;
    let (top, mantissa) = (format.infinity() as i64, 1 << (format.precision() - 1));
    let at = |k: i64| format.decode(format.at_ordinal(k));
    let length = mantissa / parts;
    let mut positive: Vec<(i64, i64)> = (0..top / length).map(|k| (k * length, (k + 1) * length - 1)).collect();
    positive[0].0 = 1;
    let negative = positive.iter().rev().map(|(a, b)| (-b, -a));
    let runs = negative.chain([(0, 0)]).chain(positive.iter().copied()).map(|(first, last)| {
        let known = if first == 0 { Known::Open {} } else { known(at(first), at(last), first) };
        Run { first, last, known }
    });
    let runs = runs.collect();
    Table { schema: Schema::V1, activation: function(value), order, format: "f16".into(), precision: 128, runs }
}

/// `x` itself: no operation rounds.
fn identity(lo: f64, hi: f64, first: i64) -> Known {
    Known::Polynomial {
        centre: first,
        coefficients: vec![bits(lo), bits(1.0)],
        error: bits(0.0),
        slope: bits(1.0),
        values: [bits(lo), bits(hi)],
    }
}

/// `x^2` around the first float of the run.
fn square(lo: f64, hi: f64, first: i64) -> Known {
    let (a, b) = (lo * lo, hi * hi);
    let r = hi - lo;
    let size = lo * lo + 2.0 * lo.abs() * r + r * r;
    let steep = 2.5 * lo.abs() + 2.0 * r;
    Known::Polynomial {
        centre: first,
        coefficients: vec![bits(lo * lo), bits(2.0 * lo), bits(1.0)],
        error: bits(size * power_of_two(-51) + f64::MIN_POSITIVE),
        slope: bits(steep),
        values: [bits(a.min(b)), bits(a.max(b))],
    }
}

fn refused(t: &Table, reason: &str) {
    let e = check(t, None).expect_err(reason).to_string();
    assert!(e.contains(reason), "{e} is not about: {reason}");
}

/// The table with one run changed.
fn changed(t: &Table, i: usize, f: impl Fn(&mut Run)) -> Table {
    let mut t = t.clone();
    f(&mut t.runs[i]);
    t
}

#[test]
fn true_tables_are_accepted() {
    let accepted = check(&table("x", 0, 1, identity), None).expect("x is x");
    assert!(accepted.statement().contains("62 runs"), "{accepted}");
    check(&table("x^2/2", 1, 1, identity), None).expect("the derivative of x^2/2 is x");
    let accepted = check(&table("x^2", 0, 2, square), None).expect("a square");
    assert!(accepted.statement().contains("as this certificate defines it: x^2"), "{accepted}");
}

#[test]
fn a_table_of_another_function_is_refused() {
    refused(&table("x + 1e-300", 0, 1, identity), "its error");
    refused(&table("x", 1, 1, identity), "its error");
    refused(&table("x^2 + x^3*1e-40", 0, 2, square), "its values");
    refused(&table("abs(x)", 0, 1, identity), "its error");
    refused(&table("x + log(x - x)", 0, 1, identity), "no value");
}

#[test]
fn a_table_with_one_false_run_is_refused() {
    let t = table("x^2", 0, 2, square);
    let i = t.runs.len() / 2 + 20;
    let number = |text: &str| number(text).expect("a number");
    type Change = fn(&mut Vec<String>, &mut String, &mut String, &mut [String; 2], &dyn Fn(&str) -> f64);
    let changes: [(&str, Change); 6] = [
        ("its error", |c, _, _, _, _| c[2] = bits(1.0 + power_of_two(-20))),
        ("its error", |c, _, _, _, _| c.truncate(2)),
        ("its error", |_, error, _, _, number| *error = bits(number(error) / 16.0)),
        ("its slope", |_, _, slope, _, number| *slope = bits(number(slope) / 2.0)),
        ("its values", |_, _, _, values, number| values[0] = bits(number(&values[0]).next_up())),
        ("its values", |_, _, _, values, number| values[1] = bits(number(&values[1]).next_down())),
    ];
    for (reason, change) in changes {
        let wrong = changed(&t, i, |run| {
            if let Known::Polynomial { coefficients, error, slope, values, .. } = &mut run.known {
                change(coefficients, error, slope, values, &number);
            }
        });
        refused(&wrong, reason);
    }
    refused(&changed(&t, i, |run| run.last -= 1), "does not begin at");
    refused(&changed(&t, i, |run| run.known = Known::Overflow { sign: 1 }), "not all round");
    let mut short = t.clone();
    short.runs.pop();
    refused(&short, "the runs end at");
    let mut joined = t.clone();
    let middle = joined.runs.len() / 2;
    joined.runs.remove(middle);
    joined.runs[middle].first = 0;
    refused(&joined, "more than one sign");
    refused(&Table { order: 2, ..t.clone() }, "order");
    refused(&Table { format: "f64".into(), ..t.clone() }, "no format");
    refused(&Table { precision: 63, ..t }, "precision");
}

#[test]
fn what_rounding_loses_is_counted() {
    // one unit of f64 next to 1, twice: both operations round
    let sizes = Interval::int(128, 1);
    assert!(lost(2, &sizes, 0.5).hi > 2.0 * power_of_two(-53));
    // where the distance is large, what underflows grows with it
    assert!(lost(7, &Interval::int(128, 0), power_of_two(100)).hi > power_of_two(-400));
}
