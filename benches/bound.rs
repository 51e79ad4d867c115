//! The proof engine: certified suprema over all of R, in a warm process. Peers are timed by `make peers`.

use actaudit::catalog;
use actaudit::expr::Activation;
use actaudit::prove::{Domain, Goal, Quantity, bound};
use criterion::{Criterion, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::hint::black_box;

fn activation(name: &str) -> Activation {
    let definition = catalog::find(name).expect("in the catalogue");
    Activation::new(definition, &BTreeMap::new()).expect("defaults are valid")
}

fn suprema(c: &mut Criterion) {
    let relu = activation("relu");
    for (name, quantity) in [
        ("gelu", Quantity::Lipschitz),
        ("silu", Quantity::Lipschitz),
        ("mish", Quantity::Lipschitz),
        ("srelu", Quantity::Lipschitz),
        ("gelu", Quantity::Distance),
        ("srelu", Quantity::Distance),
    ] {
        let f = activation(name);
        let mut group = c.benchmark_group(format!("{name}/{}", quantity.name()));
        for digits in [14, 30, 50] {
            let goal = Goal { digits, ..Goal::default() };
            let other = (quantity == Quantity::Distance).then_some(&relu);
            group.bench_function(format!("{digits} digits"), |b| {
                b.iter(|| bound(quantity, black_box(&f), other, &Domain::default(), goal));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, suprema);
criterion_main!(benches);
