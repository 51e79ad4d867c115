//! The calls of checks that choose their own inputs.

use crate::check::{Found, Reason};
use crate::kernels::{Pass, Slices};
use crate::subject::incident::{Answered, Incident, NO_ANSWER, SEVERAL};
use crate::subject::{Fence, Subject, SubjectError};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the calls of probes share. Probes ask one call after the other, so that none of it depends on threads.
pub(super) struct Calls {
    /// batches that may still fail
    left: AtomicU32,
    /// why the first call without an answer has none
    silence: Mutex<Option<&'static str>>,
    /// what went wrong
    incidents: Mutex<Vec<Incident>>,
}

impl Calls {
    /// Before the first call, of which so many batches may fail.
    pub(super) fn new(left: u32) -> Self {
        Self { left: AtomicU32::new(left), silence: Mutex::default(), incidents: Mutex::default() }
    }

    /// What went wrong in all of them.
    pub(super) fn incidents(&self) -> Vec<Incident> {
        std::mem::take(&mut *self.incidents.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps what happened in a call that so many batches could fail in; whether all of it was answered.
    fn take(&self, answered: Answered, allowed: u32) -> bool {
        self.left.store(allowed.saturating_sub(answered.failed), Ordering::Relaxed);
        let whole = answered.is_whole();
        self.incidents.lock().unwrap_or_else(PoisonError::into_inner).extend(answered.incidents);
        let several = answered.up_to.keys().map(|_| &SEVERAL);
        if let Some(why) = answered.missing.values().chain(several).next() {
            self.silence.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        }
        whole
    }

    /// Says of inputs without an answer why they have none.
    pub(super) fn explain(&self, mut found: Found) -> Found {
        let silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((why, n)) = silence.zip(found.excluded.remove(&Reason::code(NO_ANSWER))) {
            *found.excluded.entry(Reason::code(why)).or_default() += n;
        }
        found
    }
}

/// One call with inputs of a probe, in slices that start `shift` elements off a boundary.
pub(super) fn ask<T: Slices>(
    subject: &dyn Subject,
    pass: Pass,
    bits: &[u64],
    shift: usize,
    calls: &Calls,
) -> Result<Option<Vec<u64>>, SubjectError> {
    let mut input = vec![T::default(); bits.len() + shift + BOUNDARY / size_of::<T>()];
    let mut output = input.clone();
    let [x, y] = [&input, &output].map(|array| off_boundary(array, shift)).map(|at| at..at + bits.len());
    input[x.clone()].iter_mut().zip(bits).for_each(|(x, bits)| *x = T::from_bits64(*bits));
    let allowed = calls.left.load(Ordering::Relaxed);
    let answered = subject.answer_shifted(pass, T::call(&input[x], &mut output[y.clone()]), allowed, shift)?;
    Ok(calls.take(answered, allowed).then(|| output[y].iter().map(|y| y.bits64()).collect()))
}

/// One call with a fence beside an array; whether nothing goes wrong.
pub(super) fn fenced<T: Slices>(
    subject: &dyn Subject,
    pass: Pass,
    bits: &[u64],
    fence: Fence,
    calls: &Calls,
) -> Result<bool, SubjectError> {
    let input: Vec<T> = bits.iter().map(|bits| T::from_bits64(*bits)).collect();
    let mut output = vec![T::default(); input.len()];
    let allowed = calls.left.load(Ordering::Relaxed);
    let answered = subject.answer_fenced(pass, T::call(&input, &mut output), allowed, fence)?;
    let well = answered.as_ref().is_none_or(|answered| answered.incidents.is_empty());
    answered.into_iter().for_each(|answered| {
        calls.take(answered, allowed);
    });
    Ok(well)
}

/// One call of the backward pass with what comes in for each input.
pub(super) fn pull<T: Slices>(
    subject: &dyn Subject,
    bits: &[u64],
    gradients: &[f64],
    calls: &Calls,
) -> Result<Option<Vec<u64>>, SubjectError> {
    let input: Vec<T> = bits.iter().map(|bits| T::from_bits64(*bits)).collect();
    let mut output = vec![T::default(); input.len()];
    let allowed = calls.left.load(Ordering::Relaxed);
    let answered = subject.pull_back(T::call(&input, &mut output), gradients, allowed)?;
    Ok(calls.take(answered, allowed).then(|| output.iter().map(|y| y.bits64()).collect()))
}

/// Bytes: the widest vectors, and the lines of a cache, are so long.
const BOUNDARY: usize = 64;

/// The first place of an array that is so many elements off a boundary.
fn off_boundary<T>(array: &[T], shift: usize) -> usize {
    let elements = BOUNDARY / size_of::<T>();
    // by the address, which an allocator chooses
    let over = array.as_ptr() as usize / size_of::<T>() % elements;
    (elements - over + shift) % elements
}
