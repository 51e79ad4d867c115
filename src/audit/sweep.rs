//! One pass over consecutive inputs: runs with a certified polynomial as blocks, the rest one by one.

use crate::check::{Block, Context, NanPolicy, Point, Subgradient, Tallies};
use crate::expr::FloatFormat;
use crate::number::{Enclosure, F64I, Format};
use crate::reference::{Evaluator, Kind, LENGTH, Table};

/// An input with its real value, evaluated by itself; the output is still to come.
pub fn point<T: Format>(reference: &Evaluator<'_>, input: T) -> Point {
    let x = input.to_f64();
    let junction = if reference.reference().order() > 0 { reference.junction(x) } else { None };
    let fine = T::FORMAT == FloatFormat::F64 && x.is_finite();
    let ball = fine.then(|| reference.enclose_finely(x));
    let real = match &ball {
        _ if !x.is_finite() => F64I::new(&(), &f64::NEG_INFINITY, &f64::INFINITY),
        Some(ball) if ball.radius().is_finite() => {
            let [lo, hi] = ball.ends();
            F64I::new(&(), &lo, &hi)
        }
        _ => reference.enclose(x),
    };
    let kind = junction.map_or(Kind::Smooth, |j| j.kind);
    Point { input: input.bits64(), x, output: 0, y: 0.0, real, ball, kind, weight: 1 }
}

/// The point with the real value that is declared to be right, at a kink.
pub fn declared(point: Point, cx: &Context<'_>) -> Point {
    let side = match cx.policy.subgradient {
        Subgradient::Any => return point,
        Subgradient::Left => 0,
        Subgradient::Right => 1,
    };
    match cx.reference.junction(point.x).filter(|_| point.kind == Kind::Kink) {
        Some(junction) => Point { real: junction.sides[side], ball: None, ..point },
        None => point,
    }
}

/// Hands all f32 inputs from a place on, and the outputs for them, to the checks.
pub fn sweep(table: &Table, first: u64, input: &[f32], output: &[f32], tallies: &mut Tallies, cx: &Context<'_>) {
    let format = FloatFormat::F32;
    let infinity = format.infinity();
    let single = |k: usize| {
        let point = point(cx.reference, input[k]);
        declared(Point { output: output[k].bits64(), y: output[k].to_f64(), ..point }, cx)
    };
    let mut errors = vec![0.0; input.len().min(LENGTH as usize)];
    let mut k = 0;
    while k < input.len() {
        let place = first + k as u64;
        // the finite numbers of one sign, zero left out
        let (ordinal, end) = match place {
            p if (1..infinity).contains(&p) => (p as i64 - infinity as i64, infinity),
            p if (infinity + 2..=2 * infinity).contains(&p) => ((p - infinity - 1) as i64, 2 * infinity + 1),
            p => {
                let mut point = single(k);
                // NaN in, NaN out: all of them are alike, unless it matters which NaN
                let any = cx.policy.nan == NanPolicy::Any;
                let is_alike = |k: usize| any && p > 2 * infinity + 1 && output[k].is_nan();
                let alike = (k..input.len()).take_while(|k| is_alike(*k)).count().max(1);
                point.weight = alike as u64;
                tallies.point(&point, cx);
                k += alike;
                continue;
            }
        };
        let count = (end - place).min((input.len() - k) as u64);
        for run in table.runs(ordinal, ordinal + count as i64 - 1) {
            let span = k..k + run.len;
            match run.smooth() {
                Some(real) => {
                    let before = k.checked_sub(1).map(|k| output[k]).filter(|y| !y.is_nan());
                    let outputs = &output[span];
                    tallies.block(&Block::new(run, real, before, outputs, &mut errors[..run.len]), cx);
                }
                None => span.for_each(|k| tallies.point(&single(k), cx)),
            }
            k += run.len;
        }
    }
}
