//! Known defects in code under test: said only where, at inputs at which the defect shows, most outputs are those of the defect, bit by bit.
//!
//! The code is asked at inputs at which the defect's outputs are numbers far from the right ones: of right code, or of code that is
//! wrong in another way, hardly one is the same. Not all need to be: two that form 1 + erf agree where their erf does.

use super::inputs::{Effort, Inputs};
use super::places::Places;
use super::record::Record;
use crate::defects::{DEFECTS, Defect, find};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{ACCURATE, Pass, Slices};
use crate::subject::{Native, Subject};
use serde::{Deserialize, Serialize};

/// Inputs that are asked for.
const ASKED: usize = 64;
/// Inputs that it takes at least: fewer may agree by accident.
const LEAST: usize = 8;
/// Floats between an output and the right one that it takes: under a budget that is tight enough, right code fails, too.
const APART: f64 = 16.0;

/// A known defect whose outputs a unit's code has.
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
    /// of so many
    pub asked: usize,
}

/// A defect whose outputs code has: what a record keeps of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Known {
    /// its id
    pub defect: String,
    /// inputs at which the outputs are the same
    pub inputs: usize,
    /// of so many that were asked for
    pub asked: usize,
}

/// The known defect behind the records of one subject, format and direction.
pub(super) fn cause(records: &[Record]) -> Option<Cause> {
    let record = records.iter().find(|r| r.cause.is_some())?;
    let known = record.cause.as_ref()?;
    let Record { subject, dtype, pass, .. } = record;
    let (inputs, asked) = (known.inputs, known.asked);
    Some(Cause { subject: subject.clone(), dtype: *dtype, pass: *pass, defect: find(&known.defect)?, inputs, asked })
}

/// Asks code whether it has a known defect of an activation.
pub(super) fn diagnosed<T: Slices>(activation: &Activation, subject: &dyn Subject, pass: Pass) -> Option<Known> {
    let of = |d: &&Defect| d.dtypes.contains(&T::FORMAT) && d.passes.contains(&pass) && is(d, activation);
    DEFECTS.iter().filter(of).find_map(|defect| {
        let (x, wrong) = telling::<T>(activation, defect, pass)?;
        let mut y = vec![T::default(); x.len()];
        let answered = subject.answer(pass, T::call(&x, &mut y), 1).ok()?;
        let inputs = y.iter().zip(&wrong).filter(|(y, wrong)| y.bits64() == wrong.bits64()).count();
        let most = answered.is_whole() && 4 * inputs >= 3 * x.len();
        most.then(|| Known { defect: defect.id.to_owned(), inputs, asked: x.len() })
    })
}

/// Inputs at which a defect's output is a number far from the right one, with these outputs. `None`: there are too few.
fn telling<T: Slices>(activation: &Activation, defect: &Defect, pass: Pass) -> Option<(Vec<T>, Vec<T>)> {
    let accurate = Native::new(activation, ACCURATE).ok().filter(|code| code.supports(T::FORMAT, pass))?;
    let inputs = Inputs::new(T::FORMAT, Effort::Quick, &Places::default());
    let all: Vec<T> = inputs.slice(0..inputs.len());
    let outputs = |code: &dyn Subject| {
        let mut y = vec![T::default(); all.len()];
        code.run(pass, T::call(&all, &mut y)).ok().map(|()| y)
    };
    let (right, wrong) = (outputs(&accurate)?, outputs(defect.subject().as_ref())?);
    let places: Vec<usize> = (0..all.len()).filter(|k| is_far(right[*k], wrong[*k])).collect();
    if places.len() < LEAST {
        return None;
    }
    // evenly
    let count = places.len().min(ASKED);
    let places: Vec<usize> = (0..count).map(|k| places[k * places.len() / count]).collect();
    Some((places.iter().map(|k| all[*k]).collect(), places.iter().map(|k| wrong[*k]).collect()))
}

/// Whether an output is a number, not 0, and far from the right one: zeros and NaNs have many causes, and next to the right output
/// is where all code is.
fn is_far<T: Slices>(right: T, wrong: T) -> bool {
    let (right, wrong) = (right.to_f64(), wrong.to_f64());
    wrong.is_finite() && wrong != 0.0 && (wrong - right).abs() > APART * T::FORMAT.ulp(right)
}

/// Whether a defect is one of this activation.
fn is(defect: &Defect, activation: &Activation) -> bool {
    // most are not, and making an activation takes a while
    defect.activation == activation.definition.id && defect.activation().values == activation.values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Effort, Options, verify};
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
        let defect = find("1-gelu").expect("in the table");
        assert_eq!(found("gelu", defect.subject().as_ref()), ["1-gelu"]);
        // 0 in the tail, too, but not from the same input on, and nothing that fails
        let right = Native::new(&testing::activation("gelu"), "accurate").expect("there is one");
        assert_eq!(found("gelu", &right), [""; 0]);
        let other = find("3-gelu").expect("in the table");
        assert_eq!(found("gelu", other.subject().as_ref()), ["3-gelu"]);
        // held against another function, it is not known what is wrong
        assert_eq!(found("gelu_tanh", defect.subject().as_ref()), [""; 0]);
    }

    /// Another erf, another order of operations: the same formula, and not the same bits everywhere.
    #[test]
    fn the_same_formula_is_known_with_another_erf() {
        let naive = Native::new(&testing::activation("gelu"), "naive").expect("there is one");
        assert_eq!(found("gelu", &naive), ["1-gelu"]);
    }

    /// Next to the right output, where a tight budget puts right code, nothing is known; far from it, something may be.
    #[test]
    fn right_outputs_and_their_neighbours_have_no_cause() {
        for (off, far) in [(0, false), (1, false), (10, false), (40, true)] {
            assert_eq!(is_far(1.5_f32, f32::from_bits(1.5_f32.to_bits() + off)), far, "{off} floats off");
        }
        assert!(!is_far(1.5_f32, 0.0) && !is_far(1.5_f32, f32::NAN));
    }
}
