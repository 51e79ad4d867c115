//! Known defects in code under test: said only where its outputs are those of the defect, bit by bit.

use super::record::{Again, Record};
use crate::defects::{DEFECTS, Defect};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{Pass, Slices};
use crate::verdict::Verdict;
use half::{bf16, f16};
use std::collections::BTreeMap;

/// Inputs that it takes at least: fewer may agree by accident.
const LEAST: usize = 3;

/// A known defect whose outputs a unit's code has at every input that is shown as failing.
#[derive(Clone, Debug)]
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
    // zeros and NaNs alone have many causes
    let tells = |bits: &u64| {
        let y = first.dtype.decode(*bits);
        y.is_finite() && y != 0.0
    };
    if shown.len() < LEAST || !shown.values().any(tells) {
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
}
