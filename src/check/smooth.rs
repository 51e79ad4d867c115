//! Smoothness as coded: first and second differences across the junctions.

use super::probe::{BITS, Probe, Probing};
use super::reason::NOT_FINITE;
use super::{Found, Info, Reason, Witness};
use crate::kernels::Pass;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;
use rug::Float;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "smooth",
        title: "do first and second differences across the junctions agree with the real ones?",
        explain: "Across every junction of the definition (and 0), divided differences of first and second order of the outputs, backward of the \
first order, at steps from a quarter of the distance of the junctions downwards, against the same differences of the real function. What rounding \
within the budget in ulp explains is known exactly: the measure is the error in ulp that each output would need to have. A corner where there should \
be none, or a rounded one where there should be a corner, shows up as the steps shrink. Always sampled.",
        measures: "ulp behind it",
        passes: &Pass::ALL,
    },
    follows: false,
    applies: |cx| cx.cx.budget.tolerance.is_none(),
    run,
};

/// Halvings of the step.
const STEPS: i32 = 12;

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let budget = cx.budgets[cx.pass.order()].ulp;
    let mut found = Found { unit: "ulp behind each output", budget, ..Found::default() };
    let mut centres = cx.junctions();
    let gap = centres.windows(2).map(|w| w[1] - w[0]).filter(|g| *g > 0.0).fold(1.0, f64::min);
    centres.push(0.0);
    for centre in centres {
        for k in 2..2 + STEPS {
            let h = gap * f64::from(-k).exp2();
            let mut bits = [-1.0, 0.0, 1.0].map(|s| cx.near(centre + s * h)).to_vec();
            bits.dedup();
            let orders: &[usize] = if cx.pass == Pass::Forward { &[1, 2] } else { &[1] };
            let is_kink = |b: &u64| {
                cx.references[1]
                    .junction(cx.format.decode(*b))
                    .is_some_and(|j| j.kind != crate::reference::Kind::Smooth)
            };
            if cx.pass == Pass::Backward && bits.iter().any(is_kink) {
                bits.retain(|b| !is_kink(b));
            }
            if !bits.iter().all(|b| cx.may(b)) {
                continue;
            }
            for order in orders {
                if bits.len() <= *order {
                    found.exclude(Reason::mathematics("too few floats"), 1);
                } else if *order == 1 {
                    let ends = [bits[0], bits[bits.len() - 1]];
                    one(cx, &mut found, &ends)?;
                } else {
                    one(cx, &mut found, &bits)?;
                }
            }
        }
    }
    Ok(found)
}

/// One divided difference over two or three floats.
fn one(cx: &Probing<'_>, found: &mut Found, bits: &[u64]) -> Result<(), SubjectError> {
    let x: Vec<f64> = bits.iter().map(|b| cx.format.decode(*b)).collect();
    if x.iter().any(|x| cx.reference(cx.pass).has_no_value(*x)) {
        found.exclude(Reason::mathematics("the function has no value here"), 1);
        return Ok(());
    }
    let Some(y) = cx.values(cx.pass, bits)? else {
        found.exclude(Reason::code(NO_ANSWER), 1);
        return Ok(());
    };
    if y.iter().any(|v| v.is_infinite()) {
        found.exclude(NOT_FINITE, 1);
        return Ok(());
    }
    // weights of the divided difference: 1 / product of the distances to the other nodes
    let weight = |i: usize| {
        let others = (0..x.len()).filter(|j| *j != i);
        others.fold(Float::with_val(BITS, 1), |p, j| p / (Float::with_val(BITS, x[i]) - x[j]))
    };
    let (mut off, mut explained) = (Float::new(BITS), Float::new(BITS));
    for i in 0..x.len() {
        let real = cx.real(cx.pass, x[i]);
        let ulp = cx.format.ulp(real.to_f64().abs().max(y[i].abs()));
        off += weight(i) * (Float::with_val(BITS, y[i]) - &real);
        explained += weight(i).abs() * ulp;
    }
    let measure = (off.abs() / explained).to_f64();
    let measure = if measure.is_nan() { f64::INFINITY } else { measure };
    found.compared += 1;
    found.measured = found.measured.map(|m| m.max(measure));
    let last = bits.len() - 1;
    found.failing += u64::from(measure > found.budget);
    found.note(Witness { input: bits[last], output: cx.near(y[last]), after: Some(bits[0]), measure, how: None });
    Ok(())
}
