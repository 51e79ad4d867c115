//! Every operation of the table: `F64I` beside inari's own function and `MpI` at 53 bits, on an interval that is no point.

use actaudit::expr::Func;
use actaudit::internal::operations::{Op, TABLE};
use actaudit::internal::{Enclosure, F64I, MpI};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use inari::Interval;
use rug::Float;
use std::hint::black_box;
use std::time::Duration;

const OPERANDS: [(f64, f64); 2] = [(1.25, 1.375), (0.625, 0.6875)];

/// The same operation of inari, if it has one.
fn of_inari(op: Op) -> Option<fn(Interval, Interval) -> Interval> {
    Some(match op {
        Op::Neg => |a, _| -a,
        Op::Add => |a, b| a + b,
        Op::Sub => |a, b| a - b,
        Op::Mul => |a, b| a * b,
        Op::Div => |a, b| a / b,
        Op::Sqr => |a, _| a.sqr(),
        Op::Min => |a, b| a.min(b),
        Op::Max => |a, b| a.max(b),
        Op::Pow(3, 1) => |a, _| a.powi(3),
        Op::Pow(9, 1) => |a, _| a.powi(9),
        Op::Pow(-2, 1) => |a, _| a.powi(-2),
        Op::Call(Func::Exp) => |a, _| a.exp(),
        Op::Call(Func::Log) => |a, _| a.ln(),
        Op::Call(Func::Sqrt) => |a, _| a.sqrt(),
        Op::Call(Func::Tanh) => |a, _| a.tanh(),
        Op::Call(Func::Sinh) => |a, _| a.sinh(),
        Op::Call(Func::Cosh) => |a, _| a.cosh(),
        Op::Call(Func::Atan) => |a, _| a.atan(),
        Op::Call(Func::Sin) => |a, _| a.sin(),
        Op::Call(Func::Cos) => |a, _| a.cos(),
        Op::Call(Func::Abs) => |a, _| a.abs(),
        _ => return None,
    })
}

fn operations(c: &mut Criterion) {
    let in_f64 = OPERANDS.map(|(lo, hi)| F64I::new(&(), &lo, &hi));
    let in_mpfr = OPERANDS.map(|(lo, hi)| MpI::new(&53, &Float::with_val(53, lo), &Float::with_val(53, hi)));
    let in_inari = OPERANDS.map(|ends| Interval::try_from(ends).unwrap_or(Interval::ENTIRE));
    for row in TABLE {
        let mut group = c.benchmark_group(row.name);
        let arity = row.op.arity();
        group.bench_function(BenchmarkId::from_parameter("F64I"), |b| {
            b.iter(|| row.op.apply(black_box(&in_f64[..arity])));
        });
        if let Some(f) = of_inari(row.op) {
            let [x, y] = in_inari;
            group.bench_function(BenchmarkId::from_parameter("inari"), |b| b.iter(|| f(black_box(x), black_box(y))));
        }
        group.bench_function(BenchmarkId::from_parameter("MpI 53"), |b| {
            b.iter(|| row.op.apply(black_box(&in_mpfr[..arity])));
        });
        group.finish();
    }
}

criterion_group! {
    name = number;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300));
    targets = operations
}
criterion_main!(number);
