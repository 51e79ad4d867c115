//! What a quick audit refutes, a look at all inputs has to refute as well: for every planted kernel in f32, on all inputs
//! around the quick audit's witness, as they are looked at where all of f32 is.

use super::facts::Facts;
use super::inputs::{Effort, Inputs};
use super::places::Places;
use super::sweep::sweep;
use crate::check::{Budget, Context, Found, Point, Policy, Tallies};
use crate::defects::{DEFECTS, MISSED};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{Call, Pass};
use crate::number::Format;
use crate::reference::{Reference, Table};
use crate::subject::Subject;
use rayon::prelude::*;
use std::collections::BTreeSet;

const F32: FloatFormat = FloatFormat::F32;
/// Inputs that are looked at around a witness.
const WINDOW: u64 = 1 << 13;

/// A planted kernel in f32, and what is declared about it.
struct Case {
    id: &'static str,
    activation: Activation,
    subject: Box<dyn Subject>,
    passes: &'static [Pass],
    declare: &'static [&'static str],
    max_ulp: Option<f64>,
}

fn cases() -> Vec<Case> {
    let defects = DEFECTS.iter().filter(|d| d.dtypes.contains(&F32)).map(|d| {
        let (activation, subject) = (d.activation(), d.subject());
        Case { id: d.id, activation, subject, passes: d.passes, declare: d.declare, max_ulp: None }
    });
    let missed = MISSED.iter().filter(|m| m.dtypes.contains(&F32)).map(|m| {
        let (activation, subject) = (m.activation(), m.subject());
        Case { id: m.id, activation, subject, passes: m.passes, declare: m.declare, max_ulp: m.max_ulp }
    });
    defects.chain(missed).collect()
}

/// The place of an input in ascending order.
fn place(bits: u64) -> u64 {
    match bits & !F32.sign() {
        _ if bits & F32.sign() == 0 => bits + F32.infinity() + 1,
        nan if nan > F32.infinity() => bits,
        magnitude => F32.infinity() - magnitude,
    }
}

fn answers(subject: &dyn Subject, pass: Pass, input: &[f32]) -> Vec<f32> {
    let mut output = vec![0.0; input.len()];
    subject.run(pass, Call::F32(input, &mut output)).expect("runs");
    output
}

/// Windows between two witnesses that are looked at as well.
const BETWEEN: u64 = 64;

/// What the checks find in all inputs of the windows that hold these inputs, and of those between, if these are not too many.
fn around(
    inputs: &BTreeSet<u64>,
    subject: &dyn Subject,
    table: &Table,
    cx: &Context<'_>,
) -> Vec<(&'static str, Found)> {
    let mut windows: BTreeSet<u64> = inputs.iter().map(|bits| place(*bits) / WINDOW).collect();
    if let (Some(first), Some(last)) = (windows.first().copied(), windows.last().copied())
        && last - first <= BETWEEN
    {
        windows.extend(first..=last);
    }
    assert!(inputs.iter().all(|bits| F32.at_place(place(*bits)) == *bits));
    let mut all = Tallies::new(cx);
    for window in windows {
        let first = window * WINDOW;
        let input: Vec<f32> = (first..first + WINDOW).map(|p| f32::from_bits64(F32.at_place(p))).collect();
        let mut part = all.following(cx);
        sweep(table, first, &input, &answers(subject, cx.pass, &input), &mut part, cx);
        all.join(part, cx);
    }
    all.finish()
}

/// Checks that refute the case on the inputs of a quick audit, and not around their witnesses; and how many did.
fn missed(case: &Case, pass: Pass, facts: &Facts) -> (Vec<String>, usize) {
    let references = [0, 1].map(|order| Reference::new(&case.activation, order).expect("compiles"));
    let known = facts.of(&case.activation);
    let facts = known.pass(pass).expect("are proved");
    let reference = references[pass.order()].evaluator();
    let quick = Inputs::new(F32, Effort::Quick, &Places::of(&references[pass.order()], F32));
    let sample = quick.finite(F32);
    let default = Budget::of(F32, pass);
    let declared = |p: Policy, word: &&str| p.declare(word);
    let context = |sample| Context {
        format: F32,
        pass,
        reference: &reference,
        limits: facts.limits.clone(),
        range: facts.range,
        lipschitz: facts.lipschitz,
        stretches: facts.stretches,
        sample,
        budget: Budget { ulp: case.max_ulp.unwrap_or(default.ulp), ..default },
        policy: case.declare.iter().try_fold(Policy::default(), declared).expect("words"),
    };
    let input: Vec<f32> = quick.slice(0..quick.len());
    let output = answers(&*case.subject, pass, &input);
    let cx = context(&[]);
    let mut tallies = Tallies::new(&cx);
    for (x, y) in input.iter().zip(&output) {
        tallies.point(&Point::at(&reference, *x).answered(*y, &cx), &cx);
    }
    let refuted: Vec<(&str, Found)> = tallies.finish().into_iter().filter(|(_, found)| found.failing > 0).collect();
    let table = Table::new(&references[pass.order()], F32);
    let cx = context(&sample);
    let mut out = vec![];
    for (check, found) in &refuted {
        let witness = &found.worst[0];
        let inputs = BTreeSet::from_iter([witness.input].into_iter().chain(witness.after));
        let all = around(&inputs, &*case.subject, &table, &cx);
        if all.iter().any(|(id, found)| id == check && found.failing == 0) {
            out.push(format!("{} {}: {check} at {witness:?}", case.id, pass.name()));
        }
    }
    (out, refuted.len())
}

#[test]
fn what_a_sample_refutes_is_refuted_where_all_are_looked_at() {
    let (cases, facts) = (cases(), Facts::new());
    let each: Vec<(&Case, Pass)> = cases.iter().flat_map(|c| c.passes.iter().map(move |p| (c, *p))).collect();
    let found: Vec<(Vec<String>, usize)> = each.par_iter().map(|(case, pass)| missed(case, *pass, &facts)).collect();
    let surprises: Vec<String> = found.iter().flat_map(|(missed, _)| missed.clone()).collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let refuted: usize = found.iter().map(|(_, n)| n).sum();
    assert!(refuted > 2 * each.len(), "only {refuted} rows were refuted: is anything compared?");
}
