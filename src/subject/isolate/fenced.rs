//! Calls with memory beside an array that cannot be touched. What fails there only, and each time, reads or writes further than it may:
//! the same call without the fence is the control, with arrays that start as far off a boundary.

use super::narrow::{Blemish, Failure, Patience};
use super::shared::BOUNDARY;
use super::{Answered, Asking, Element, FAILURES_PER_CALL, Incident, Isolated, Kind, refused};
use crate::kernels::Pass;
use crate::subject::{Array, Edge, Fence, SubjectError};
use std::sync::PoisonError;

/// Bytes beyond an array in which the farthest one is looked for that is touched.
const REACH: usize = 4096;

impl Isolated {
    /// What one call does beside its arrays; the outputs are not wanted.
    pub(super) fn fenced<T: Element>(
        &self,
        pass: Pass,
        x: &[T],
        allowed: u32,
        fence: Fence,
    ) -> Result<Answered, SubjectError> {
        let mut answered = Answered::default();
        let fits = x.len() <= self.piece::<T>() && allowed > 0;
        let Some(kernel) = self.kernels.get(&(T::FORMAT, pass)).filter(|_| fits) else { return Ok(answered) };
        let off = match fence.edge {
            Edge::Start => 0,
            Edge::End => size_of_val(x).next_multiple_of(BOUNDARY) - size_of_val(x),
        };
        let mut slot = self.slot().lock().unwrap_or_else(PoisonError::into_inner);
        let mut output = vec![T::default(); x.len()];
        let mut asking = self.asking(&mut slot, (*kernel, pass, off), x, &mut output);
        asking.left = FAILURES_PER_CALL.min(allowed);
        let seen = look(&mut asking, fence);
        answered.failed = asking.failed;
        if let Some(error) = asking.broken.take() {
            return Err(refused(&self.name, error));
        }
        let inputs: Vec<u64> = x.iter().take(Incident::SHOWN).map(|x| x.bits64()).collect();
        let incident = |(kind, text)| Incident { kind, batch: x.len(), inputs: inputs.clone(), text, repeats: false };
        answered.incidents.extend(seen.into_iter().map(incident));
        Ok(answered)
    }
}

/// What goes wrong in a call of all inputs. What goes wrong without a fence, too, is told where such calls are asked, but for calls of
/// none, which nobody else makes.
fn look<T: Element>(asking: &mut Asking<'_, T>, fence: Fence) -> Vec<(Kind, String)> {
    let empty = |(kind, text): (Kind, String)| (kind, format!("asked for no inputs at all: {text}"));
    match whole(asking, None) {
        Ok(blemishes) if asking.x.is_empty() && blemishes.iter().any(is_beside) => {
            return blemishes.into_iter().filter(is_beside).map(|b| empty((b.kind, b.text))).collect();
        }
        Ok(_) => {}
        Err(failure) if asking.x.is_empty() => return vec![empty((failure.kind, failure.text))],
        Err(_) => return vec![],
    }
    let Err(failure) = whole(asking, Some((fence, 0))) else { return vec![] };
    // what a process went through before may be why: both calls are made first in a process of their own
    let mut anew = |gap: Option<usize>| {
        *asking.slot = None;
        whole(asking, gap.map(|gap| (fence, gap)))
    };
    let Err(again) = anew(Some(0)) else {
        return vec![(
            failure.kind,
            failure.text + "; in a new process it was answered: what was asked before matters",
        )];
    };
    if anew(None).is_err() {
        return vec![(failure.kind, failure.text)];
    }
    let width = size_of::<T>();
    // touched, and not touched
    let (mut near, mut far) = (0, REACH / width + 1);
    while far - near > 1 {
        let middle = near.midpoint(far);
        match anew(Some(middle * width)) {
            Ok(_) => far = middle,
            Err(_) => near = middle,
        }
    }
    let reach = match near + 1 {
        reach if reach > REACH / width => format!("by more than {REACH} bytes"),
        reach => format!("by {reach} elements"),
    };
    vec![named(fence, &reach, &again)]
}

/// Whether something was written where nothing should be.
fn is_beside(blemish: &Blemish) -> bool {
    matches!(blemish.kind, Kind::Outside | Kind::Input)
}

/// As an incident: what is touched, and what shows it.
fn named(fence: Fence, reach: &str, failure: &Failure) -> (Kind, String) {
    let place = match fence.edge {
        Edge::Start => "before the start",
        Edge::End => "past the end",
    };
    let (kind, does) = match fence.array {
        Array::Output => (Kind::Outside, "writes or reads"),
        Array::Input | Array::Gradient => (Kind::Beyond, "reads"),
    };
    let array = fence.array.name();
    let text = format!(
        "it {does} {place} of the {array}, {reach}: with memory there that cannot be touched, {}; elsewhere the same call is answered",
        failure.text
    );
    (kind, text)
}

fn whole<T: Element>(asking: &mut Asking<'_, T>, fence: Option<(Fence, usize)>) -> Result<Vec<Blemish>, Failure> {
    asking.fence = fence;
    let answer = asking.attempt(0..asking.x.len(), Patience::Full);
    asking.failed += u32::from(answer.is_err());
    answer
}
