//! The real value at consecutive floats: the certified polynomials with error and maximum included, against the MPFR loop on
//! a strided sample of the same inputs.

use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::{LENGTH, Lane, Reference, Table};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::hint::black_box;

/// All of [1, 2), and of [-4, -2).
const SPANS: [(u32, u32); 2] = [(0x3f80_0000, 0x3fff_ffff), (0xc000_0000, 0xc07f_ffff)];

fn activation(name: &str) -> Activation {
    let definition = catalog::find(name).expect("in the catalogue");
    Activation::new(definition, &BTreeMap::new()).expect("defaults are valid")
}

fn exhaustive(c: &mut Criterion) {
    let format = FloatFormat::F32;
    for id in ["gelu", "silu", "mish", "srelu"] {
        for (order, pass) in ["forward", "backward"].into_iter().enumerate() {
            let f = activation(id);
            let reference = Reference::new(&f, order).expect("compiles");
            let table = Table::new(&reference, format);
            let lanes: Vec<(Lane<'_>, usize)> = SPANS
                .iter()
                .flat_map(|(a, b)| {
                    let (a, b) = (format.ordinal((*a).into()), format.ordinal((*b).into()));
                    table.runs(a.min(b), a.max(b))
                })
                .filter_map(|run| Some((run.smooth()?.lane(0.499), run.len)))
                .collect();
            let inputs: usize = lanes.iter().map(|(_, n)| n).sum();
            let outputs = vec![0.5f32; LENGTH as usize];
            let mut group = c.benchmark_group(format!("{id}/{pass}"));
            group.sample_size(10).throughput(Throughput::Elements(inputs as u64));
            group.bench_function("polynomials", |b| {
                b.iter(|| lanes.iter().map(|(l, n)| l.measure(black_box(&outputs[..*n])).max).fold(0.0, f64::max));
            });
            group.bench_function("polynomials, baseline", |b| {
                b.iter(|| {
                    let of = |(l, n): &(Lane<'_>, usize)| l.measure_baseline(black_box(&outputs[..*n])).max;
                    lanes.iter().map(of).fold(0.0, f64::max)
                });
            });
            let evaluator = reference.evaluator();
            let sample: Vec<f64> = (0..256u64).map(|k| format.decode(0x3f80_0000 + k * 32749)).collect();
            group.throughput(Throughput::Elements(sample.len() as u64));
            group.bench_function("MPFR loop", |b| {
                b.iter(|| {
                    for x in &sample {
                        black_box(evaluator.refine(*x, |v| v.width() <= v.mag() * 1e-20));
                    }
                });
            });
            group.finish();
            let mut group = c.benchmark_group(format!("{id}/{pass}"));
            group
                .sample_size(10)
                .bench_function("certifying the table", |b| b.iter(|| Table::new(black_box(&reference), format)));
            group.finish();
        }
    }
}

criterion_group!(benches, exhaustive);
criterion_main!(benches);
