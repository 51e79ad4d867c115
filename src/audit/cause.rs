//! Known defects in code under test: said only where its outputs are those of the defect, bit by bit.

use super::record::{Again, Record};
use crate::defects::{DEFECTS, Defect};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{ACCURATE, Pass, Slices};
use crate::subject::{Native, Subject as _};
use crate::verdict::Verdict;
use half::{bf16, f16};
use std::collections::BTreeMap;

/// Inputs that it takes at least: fewer may agree by accident.
const LEAST: usize = 3;
/// Floats between an output and the right one that it takes: under a budget that is tight enough, right code fails, too.
const APART: f64 = 16.0;

/// A known defect whose outputs a unit's code has at every input that is shown as failing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cause {
    /// the subject's name
    pub subject: String,
    /// format
    pub dtype: FloatFormat,
    /// direction
    pub pass: Pass,
    /// which
    pub defect: &'static Defect,
    /// at how many inputs the outputs are the same
    pub inputs: usize,
}

/// The known defect behind the records of one subject, format and direction, if all outputs that are shown are its.
pub(super) fn cause(activation: &Activation, records: &[Record]) -> Option<Cause> {
    let first = records.first()?;
    let refuted = records.iter().filter(|r| r.verdict == Verdict::Refuted && r.again == Again::Input);
    // of code that answers differently when it is called in another way, a defect knows nothing
    let shown: BTreeMap<u64, u64> =
        refuted.flat_map(|r| &r.worst).filter(|w| w.how.is_none()).map(|w| (w.input, w.output)).collect();
    if !tells(activation, first, &shown) {
        return None;
    }
    let known = |d: &&Defect| {
        d.dtypes.contains(&first.dtype)
            && d.passes.contains(&first.pass)
            && is(d, activation)
            && agrees(d, first, &shown)
    };
    let defect = DEFECTS.iter().find(known)?;
    let Record { subject, dtype, pass, .. } = first;
    Some(Cause { subject: subject.clone(), dtype: *dtype, pass: *pass, defect, inputs: shown.len() })
}

/// Whether the outputs are wrong in a way of their own: zeros and NaNs have many causes, and next to the right output is where all
/// code is.
fn tells(activation: &Activation, first: &Record, shown: &BTreeMap<u64, u64>) -> bool {
    let wrong = match first.dtype {
        FloatFormat::F64 => wrong::<f64>(activation, first.pass, shown),
        FloatFormat::F32 => wrong::<f32>(activation, first.pass, shown),
        FloatFormat::F16 => wrong::<f16>(activation, first.pass, shown),
        FloatFormat::Bf16 => wrong::<bf16>(activation, first.pass, shown),
    };
    wrong >= LEAST
}

/// At how many inputs the output is finite, not 0, and far from what the accurate kernel gives.
fn wrong<T: Slices>(activation: &Activation, pass: Pass, shown: &BTreeMap<u64, u64>) -> usize {
    let Ok(accurate) = Native::new(activation, ACCURATE) else { return 0 };
    let x: Vec<T> = shown.keys().map(|bits| T::from_bits64(*bits)).collect();
    let mut right = vec![T::default(); x.len()];
    if !accurate.supports(T::FORMAT, pass) || accurate.run(pass, T::call(&x, &mut right)).is_err() {
        return 0;
    }
    let far = |(right, bits): &(&T, &u64)| {
        let (y, right) = (T::from_bits64(**bits).to_f64(), right.to_f64());
        let unit = T::FORMAT.ulp(right);
        y.is_finite() && y != 0.0 && (y - right).abs() > APART * unit
    };
    right.iter().zip(shown.values()).filter(far).count()
}

/// Whether a defect is one of this activation.
fn is(defect: &Defect, activation: &Activation) -> bool {
    // most are not, and making an activation takes a while
    defect.activation == activation.definition.id && defect.activation().values == activation.values
}

fn agrees(defect: &Defect, first: &Record, shown: &BTreeMap<u64, u64>) -> bool {
    match first.dtype {
        FloatFormat::F64 => same::<f64>(defect, first.pass, shown),
        FloatFormat::F32 => same::<f32>(defect, first.pass, shown),
        FloatFormat::F16 => same::<f16>(defect, first.pass, shown),
        FloatFormat::Bf16 => same::<bf16>(defect, first.pass, shown),
    }
}

fn same<T: Slices>(defect: &Defect, pass: Pass, shown: &BTreeMap<u64, u64>) -> bool {
    let x: Vec<T> = shown.keys().map(|bits| T::from_bits64(*bits)).collect();
    let mut y = vec![T::default(); x.len()];
    let alike =
        |(y, bits): (&T, &u64)| y.bits64() == *bits || y.to_f64().is_nan() && T::from_bits64(*bits).to_f64().is_nan();
    defect.subject().run(pass, T::call(&x, &mut y)).is_ok() && y.iter().zip(shown.values()).all(alike)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Effort, Options, verify};
    use crate::defects;
    use crate::subject::{Native, Subject};
    use crate::testing;

    fn found(activation: &str, subject: &dyn Subject) -> Vec<&'static str> {
        let options = Options {
            dtypes: vec![FloatFormat::F32],
            passes: vec![Pass::Forward],
            effort: Effort::Quick,
            ..Options::default()
        };
        let audit = verify(&testing::activation(activation), &[subject], &[], &options, &|_| true).expect("runs");
        audit.causes.iter().map(|c| c.defect.id).collect()
    }

    #[test]
    fn a_cause_is_named_where_all_outputs_are_the_defects_and_nowhere_else() {
        let defect = defects::find("1-gelu").expect("in the table");
        assert_eq!(found("gelu", defect.subject().as_ref()), ["1-gelu"]);
        // 0 in the tail, too, but not from the same input on, and nothing that fails
        let right = Native::new(&testing::activation("gelu"), "accurate").expect("there is one");
        assert_eq!(found("gelu", &right), [""; 0]);
        let other = defects::find("3-gelu").expect("in the table");
        assert_eq!(found("gelu", other.subject().as_ref()), ["3-gelu"]);
        // held against another function, it is not known what is wrong
        assert_eq!(found("gelu_tanh", defect.subject().as_ref()), [""; 0]);
    }

    /// Next to the right output, where a tight budget puts right code, nothing is known; far from it, something may be.
    #[test]
    fn right_outputs_and_their_neighbours_have_no_cause() {
        let gelu = testing::activation("gelu");
        let right = Native::new(&gelu, ACCURATE).expect("there is one");
        let x: Vec<f32> = (0..8).map(|k| 1.0 + k as f32).collect();
        let mut y = vec![0.0; x.len()];
        right.run(Pass::Forward, f32::call(&x, &mut y)).expect("runs");
        for (off, far) in [(0, 0), (1, 0), (10, 0), (40, 8)] {
            let shown = x.iter().zip(&y).map(|(x, y)| (x.to_bits().into(), u64::from(y.to_bits()) + off)).collect();
            assert_eq!(wrong::<f32>(&gelu, Pass::Forward, &shown), far, "{off} floats off");
        }
    }
}
