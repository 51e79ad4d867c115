//! Consecutive f32 inputs, cut into parts of which something is known at once.

use crate::expr::FloatFormat;
use crate::reference::{Local, Run, Smooth, Table};
use std::ops::Range;

/// Some of the inputs; numbers are places among them.
pub(super) enum Part<'t> {
    /// nothing is known
    Singles(Range<usize>),
    /// NaNs
    Nans(Range<usize>),
    /// the real value rounds to this infinity
    Overflow(Range<usize>, f64),
    /// the real values are a polynomial
    Smooth(Range<usize>, Run<'t>, Smooth<'t>),
}

/// The parts of `count` inputs from a place on, in order.
pub(super) fn parts(table: &Table, first: u64, count: usize) -> Vec<Part<'_>> {
    let infinity = FloatFormat::F32.infinity();
    let mut parts = vec![];
    let mut k = 0;
    while k < count {
        let place = first + k as u64;
        let upto = |end: u64| k..count.min(k + (end - place) as usize);
        // the first ordinal of the finite numbers of one sign, zero left out
        let (ordinal, span) = match place {
            p if (1..infinity).contains(&p) => (p as i64 - infinity as i64, upto(infinity)),
            p if (infinity + 2..=2 * infinity).contains(&p) => ((p - infinity - 1) as i64, upto(2 * infinity + 1)),
            p if p > 2 * infinity + 1 => {
                parts.push(Part::Nans(k..count));
                break;
            }
            _ => {
                parts.push(Part::Singles(k..k + 1));
                k += 1;
                continue;
            }
        };
        for run in table.runs(ordinal, ordinal + span.len() as i64 - 1) {
            let span = k..k + run.len;
            parts.push(match (run.smooth(), run.local) {
                (Some(real), _) => Part::Smooth(span, run, real),
                (None, Local::Overflow(infinity)) => Part::Overflow(span, *infinity),
                (None, _) => Part::Singles(span),
            });
            k += run.len;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::testing;

    #[test]
    fn every_input_is_in_one_part() {
        let activation = testing::activation("exp");
        let reference = Reference::new(&activation, 0).expect("compiles");
        let table = Table::new(&reference, FloatFormat::F32);
        let infinity = FloatFormat::F32.infinity();
        let mut kinds = [0; 4];
        for first in [0, infinity - 3000, infinity + 2, 2 * infinity - 3000, 2 * infinity + 7] {
            let mut next = 0;
            for part in parts(&table, first, 6000) {
                let (kind, span) = match part {
                    Part::Singles(span) => (0, span),
                    Part::Nans(span) => (1, span),
                    Part::Overflow(span, infinity) => {
                        assert!(infinity > 0.0);
                        (2, span)
                    }
                    Part::Smooth(span, ..) => (3, span),
                };
                assert_eq!(span.start, next);
                kinds[kind] += span.len();
                next = span.end;
            }
            assert_eq!(next, 6000);
        }
        assert!(kinds.iter().all(|n| *n > 0), "{kinds:?}");
    }
}
