//! Whether code never answers. A library that always hangs would take the whole time limit for each of the batches that may fail; so,
//! when a batch hangs, a few inputs are asked for alone, each in a new process, once for each kernel: hangs are counted and not
//! seconds, and the answer depends neither on what was asked before nor on threads.

use super::narrow::Patience;
use super::{Asking, Element, Isolated, Kind};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::subject::incident::Incident;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The inputs that are asked for, within the range of every format: code that hangs on one stretch only answers one of them, unless the
/// stretch is most of the numbers. The first has all the time that there is, the others the part that narrowing down gives.
const ALONE: [f64; 3] = [1.0, -0.25, 1000.0];

/// What was decided, by kernel: what to tell of one that never answers.
pub(super) type Stuck = Mutex<BTreeMap<(usize, FloatFormat, Pass), Arc<OnceLock<Option<Incident>>>>>;

impl Isolated {
    /// What to tell of a kernel that never answers, as far as [`ALONE`] shows; nothing if it answers any of these, or fails otherwise.
    pub(super) fn never_answers<T: Element>(&self, kernel: usize, pass: Pass) -> Option<Incident> {
        self.stuck_cell::<T>(kernel, pass).get_or_init(|| self.hangs_each_time::<T>(kernel, pass)).clone()
    }

    /// The same, if somebody has asked before.
    pub(super) fn known_to_hang<T: Element>(&self, kernel: usize, pass: Pass) -> Option<Incident> {
        self.stuck_cell::<T>(kernel, pass).get().cloned().flatten()
    }

    fn stuck_cell<T: Element>(&self, kernel: usize, pass: Pass) -> Arc<OnceLock<Option<Incident>>> {
        let mut all = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((kernel, T::FORMAT, pass)).or_default())
    }

    fn hangs_each_time<T: Element>(&self, kernel: usize, pass: Pass) -> Option<Incident> {
        let inputs = ALONE.map(T::from_f64);
        let (mut slot, mut output) = (None, vec![T::default(); inputs.len()]);
        let mut asking: Asking<'_, T> = self.asking(&mut slot, (kernel, pass, 0), &inputs, &mut output);
        let mut first = None;
        for place in 0..inputs.len() {
            let patience = if place == 0 { Patience::Full } else { Patience::Brief };
            let failure = asking.attempt(place..place + 1, patience).err().filter(|f| f.kind == Kind::Hang)?;
            first.get_or_insert(failure);
        }
        let (failure, others) = (first?, ALONE[1..].iter().map(f64::to_string).collect::<Vec<_>>());
        let text = format!("{}, nor for {} in processes of their own", failure.text, others.join(" or "));
        Some(Incident { kind: Kind::Hang, batch: 1, inputs: vec![inputs[0].bits64()], text, repeats: true })
    }
}
