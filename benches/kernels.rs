//! Nanoseconds per input of the accurate f32 kernels, both passes: on a run of consecutive floats, as in an exhaustive
//! audit, and on inputs spread over [-20, 20]. Criterion shows inputs per second.

use actaudit::kernels::{ACCURATE, Call, KERNELS, Pass};
use actaudit::{catalog, expr::Activation};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;

/// As many as an audit hands over at a time.
const INPUTS: u32 = 4096;

fn consecutive() -> Vec<f32> {
    let first = (-1f32).to_bits();
    (first..first + INPUTS).map(f32::from_bits).collect()
}

/// The fractional parts of multiples of the golden ratio fill an interval evenly and in no order.
fn spread() -> Vec<f32> {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    (0..INPUTS).map(|k| (40.0 * (f64::from(k) * golden).fract() - 20.0) as f32).collect()
}

fn kernels(c: &mut Criterion) {
    let sets = [("consecutive", consecutive()), ("spread", spread())];
    let mut output = vec![0f32; INPUTS as usize];
    for kernel in KERNELS.iter().filter(|k| k.variant == ACCURATE) {
        let definition = catalog::find(kernel.activation).expect("kernels are of activations of the catalogue");
        let activation = Activation::with_defaults(definition).expect("defaults are in the domain");
        let names = activation.definition.params.iter();
        let params: Vec<_> = names.map(|p| activation.values[&p.name].clone()).collect();
        let mut group = c.benchmark_group(kernel.activation);
        group.throughput(Throughput::Elements(INPUTS.into()));
        for pass in Pass::ALL {
            for (name, input) in &sets {
                group.bench_function(BenchmarkId::new(pass.name(), name), |b| {
                    b.iter(|| kernel.run(pass, &params, Call::F32(input, &mut output)));
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = all;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    targets = kernels
}
criterion_main!(all);
