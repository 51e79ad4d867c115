//! Holds the certified polynomials of the whole catalogue, forward and backward, against slower arithmetic: `N` floats a
//! function, at a fixed stride over all of them, in double-double balls (about 90 bits), and every thousandth in MPFR with at
//! least 200 bits.
//!
//! `cargo run --release --example agreement -- 10000000 [ACTIVATION]...`

#![expect(clippy::print_stdout, reason = "the table is its output")]

use actaudit::catalog;
use actaudit::expr::{Activation, FloatFormat};
use actaudit::internal::{Enclosure, Local, Reference, Table};
use rayon::prelude::*;
use rug::Float;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: i64 = std::env::args().nth(1).map_or(Ok(100_000), |n| n.parse())?;
    let only: Vec<String> = std::env::args().skip(2).collect();
    let format = FloatFormat::F32;
    let top = format.infinity() as i64;
    let stride = (2 * top / count).max(1);
    println!(
        "{:<18} {:<9} {:>10} {:>8} {:>9} {:>6}",
        "activation", "pass", "compared", "in MPFR", "undecided", "beyond"
    );
    let mut total = 0;
    for definition in catalog::all().iter().filter(|d| only.is_empty() || only.contains(&d.id)) {
        let activation = Activation::with_defaults(Arc::clone(definition))?;
        for (order, pass) in ["forward", "backward"].into_iter().enumerate() {
            let reference = Reference::new(&activation, order)?;
            let table = Table::new(&reference, format);
            let evaluator = reference.evaluator();
            let sums = table.pieces().par_iter().map(|piece| {
                let Local::Polynomial(polynomial) = &piece.local else { return [0; 4] };
                let mut sum = [0u64; 4];
                // the multiples of the stride in the piece
                let mut k = piece.first.div_euclid(stride) * stride;
                while k <= piece.last {
                    if k >= piece.first {
                        let x = format.decode(format.at_ordinal(k));
                        let y = polynomial.at(x);
                        let ball = evaluator.enclose_finely(x);
                        let off = ((ball.hi() - y) + ball.lo()).abs();
                        let slack = ball.radius() + off * 1e-15;
                        sum[0] += 1;
                        sum[3] += u64::from(off - slack > polynomial.error);
                        let open = off + slack > polynomial.error && off - slack <= polynomial.error;
                        if open || (k / stride) % 1000 == 0 {
                            let small = Float::with_val(64, polynomial.error.max(1e-300)) * 1e-3;
                            let real = evaluator.refine(x, |v| v.lo().prec() >= 200 && v.width() <= small);
                            let beyond = |end: Float| Float::with_val(300, end - y).abs() > polynomial.error;
                            let (lo, hi) = (beyond(real.lo()), beyond(real.hi()));
                            sum[1] += 1;
                            sum[2] += u64::from(lo != hi);
                            sum[3] += u64::from(lo && hi);
                        }
                    }
                    k += stride;
                }
                sum
            });
            let sum = sums.reduce(|| [0; 4], |a, b| std::array::from_fn(|k| a[k] + b[k]));
            println!("{:<18} {pass:<9} {:>10} {:>8} {:>9} {:>6}", definition.id, sum[0], sum[1], sum[2], sum[3]);
            total += sum[3];
        }
    }
    println!("{total} beyond the stated bound");
    Ok(())
}
