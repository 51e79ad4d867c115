//! The same input has the same output in whatever way the code is called.

use super::position::{LENGTHS, differ, inputs};
use super::probe::{Ask, Probe, Probing};
use super::{Found, Info, Reason};
use crate::kernels::Pass;
use crate::subject::SubjectError;
use crate::subject::incident::NO_ANSWER;

pub(super) const PROBE: Probe = Probe {
    info: Info {
        id: "layout",
        title: "does an input give the same output in whatever way the code is called?",
        explain: "A framework takes one of several loops for an operation: vector code for a contiguous tensor, other code for every second \
element of one, for the last few elements, for a tensor of one element, and where the output replaces the input. The inputs of the check position \
are given to each of them, in one long tensor and in short ones; the bits of each output have to be those of the long contiguous tensor. Two NaNs \
are the same. `layout=` audits one of PyTorch's by itself. Functions of libraries are called from four threads at once, with input, gradient and output \
aligned differently, and again and again (200 times, if they are fast). Measured in floats between the outputs; the finding says in which way and length \
the other output came. Always sampled.",
        measures: "floats apart",
        passes: &Pass::KNOWN,
    },
    follows: false,
    applies: |cx| !cx.others.is_empty(),
    run,
};

fn run(cx: &Probing<'_>) -> Result<Found, SubjectError> {
    let mut found = Found { unit: "floats apart", ..Found::default() };
    let inputs = inputs(cx);
    let Some(whole) = (cx.ask)(cx.pass, &inputs, 0)? else {
        found.exclude(Reason::code(NO_ANSWER), inputs.len() as u64);
        return Ok(found);
    };
    let mut compare = |(name, other): &(&str, Box<Ask<'_>>), first: usize, asked: &[u64]| -> Result<(), SubjectError> {
        let Some(out) = other(cx.pass, asked, 0)? else {
            found.exclude(Reason::code(NO_ANSWER), asked.len() as u64);
            return Ok(());
        };
        let how = || format!("{name}, in an array of {}", asked.len());
        for (k, bits) in out.iter().enumerate() {
            differ(&mut found, cx, inputs[first + k], [whole[first + k], *bits], how);
        }
        Ok(())
    };
    for other in cx.others {
        compare(other, 0, &inputs)?;
        for length in LENGTHS.into_iter().chain([1]) {
            // from places all over the inputs
            for first in (0..inputs.len() - length).step_by(97) {
                compare(other, first, &inputs[first..first + length])?;
            }
        }
    }
    Ok(found)
}
