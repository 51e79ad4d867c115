//! The smallest change to a gate with which it would have seen a defect: single changes first, then two together.

use super::PowerError;
use super::gate::{Against, Gate, Rule, Tolerances};
use super::inputs::InputSet;
use super::run::{Expected, Outcome, Rows, outputs, relative};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::subject::Subject;

/// Inputs beyond those of a gate, the most usual first.
fn wider() -> [(&'static str, InputSet); 6] {
    [
        ("inputs from -5 to 5", InputSet::Grid { lo: -5.0, hi: 5.0, count: 2_501 }),
        ("inputs from -20 to 20", InputSet::Grid { lo: -20.0, hi: 20.0, count: 10_001 }),
        ("inputs from -100 to 100", InputSet::Grid { lo: -100.0, hi: 100.0, count: 10_001 }),
        ("zeros, infinities and NaN", InputSet::Special),
        ("inputs next to 0", InputSet::Tiny),
        ("every kind of input", InputSet::Audit),
    ]
}

/// In words, with the input at which the changed gate fails; nothing if no change helps.
pub fn smallest(
    gate: &Gate,
    subject: &dyn Subject,
    expected: &Expected,
    format: FloatFormat,
    pass: Pass,
) -> Result<Option<String>, PowerError> {
    let mut gate = gate.clone();
    let mut first: Vec<String> = vec![];
    if !gate.passes.contains(&pass) {
        first.push(format!("look at the {} pass", pass.name()));
        gate.passes = &Pass::ALL;
    }
    if !gate.dtypes.contains(&format) {
        first.push(format!("look at {}", format.name()));
        gate.dtypes = &FloatFormat::ALL;
    }
    let say = |changes: &[String], at: Option<f64>| {
        let at = at.map_or_else(String::new, |x| match x.abs() {
            size if (1e-3..1e6).contains(&size) => format!(" (fails at {})", (x * 1e4).round() / 1e4),
            _ => format!(" (fails at {x:e})"),
        });
        Some(changes.join(", ") + &at)
    };
    let own = [Against::Formula, Against::Real].map(|against| {
        let needed = against == gate.against || against == Against::Real;
        needed.then(|| Rows::ask(&gate.inputs, against, subject, expected, format, pass)).transpose()
    });
    let [formula, real] = own;
    let (formula, real) = (formula?, real?);
    let caught = |rows: &Option<Rows>, rule: &Rule| {
        let (outcome, at) = rows.as_ref()?.judge(rule);
        (outcome == Outcome::Caught).then_some(at)
    };
    let rows = |against: Against| if against == Against::Formula { &formula } else { &real };
    if !first.is_empty()
        && let Some(at) = caught(rows(gate.against), &gate.rule)
    {
        return Ok(say(&first, at));
    }
    // one change to what is allowed, then one to the inputs, then both
    let strict =
        Rule { given: Some(Tolerances { absolute: 0.0, ..relative(&gate.rule, expected.id(), format) }), ..Rule::NONE };
    let mut rules: Vec<(&str, Rule, Against)> = vec![("", gate.rule.clone(), gate.against)];
    if gate.against == Against::Formula {
        rules.push(("hold it against the real value", gate.rule.clone(), Against::Real));
    }
    match gate.rule.without_atol(expected.id(), format) {
        Some(rule) => rules.push(("atol 0", rule, Against::Real)),
        None => rules.push(("a relative tolerance for each output", strict, Against::Real)),
    }
    rules.push(("4 ulp", Rule { max_ulp: Some(4.0), ..Rule::NONE }, Against::Real));
    if matches!(format, FloatFormat::F16 | FloatFormat::Bf16) {
        rules.push(("0.501 ulp", Rule { max_ulp: Some(0.501), ..Rule::NONE }, Against::Real));
    }
    for (words, rule, against) in &rules[1..] {
        if let Some(at) = caught(rows(*against), rule) {
            return Ok(say(&[first.clone(), vec![(*words).to_owned()]].concat(), at));
        }
    }
    if let Some(at) = depends_on_place(&gate.inputs, subject, format, pass)? {
        let words = "ask for the same inputs again, in slices of other lengths".to_owned();
        return Ok(say(&[first, vec![words]].concat(), Some(at)));
    }
    // the nearest inputs first, and only as many as are needed: expected values cost time
    for (name, inputs) in wider() {
        let rows = Some(Rows::ask(&inputs, Against::Real, subject, expected, format, pass)?);
        for (words, rule, _) in &rules {
            if let Some(at) = caught(&rows, rule) {
                let mut changes = first.clone();
                changes.extend((!words.is_empty()).then(|| (*words).to_owned()));
                changes.push(format!("add {name}"));
                return Ok(say(&changes, at));
            }
        }
    }
    for (name, inputs) in wider() {
        if let Some(at) = depends_on_place(&inputs, subject, format, pass)? {
            first.push(format!("add {name}, and ask for all of them again, in slices of other lengths"));
            return Ok(say(&first, Some(at)));
        }
    }
    Ok(None)
}

/// Inputs of a gate for which it is tried whether their place matters.
const MOVED: usize = 1024;

/// An input of a gate whose output depends on where it stands.
fn depends_on_place(
    inputs: &InputSet,
    subject: &dyn Subject,
    format: FloatFormat,
    pass: Pass,
) -> Result<Option<f64>, PowerError> {
    let bits = inputs.bits(format);
    let bits: Vec<u64> = bits.iter().step_by(bits.len().div_ceil(MOVED).max(1)).copied().collect();
    let long: Vec<u64> = bits.iter().flat_map(|b| [*b; 16]).collect();
    let whole = outputs(subject, format, pass, &long)?;
    for (k, b) in bits.iter().enumerate() {
        let alone = outputs(subject, format, pass, &[*b])?[0];
        if alone.to_bits() != whole[16 * k].to_bits() && !(alone.is_nan() && whole[16 * k].is_nan()) {
            return Ok(Some(format.decode(*b)));
        }
    }
    Ok(None)
}
