//! Checks that choose their own inputs, and ask the code again and again: sampled by nature.

use super::{Budget, Context, Found, Info, Within};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::number::format::power_of_two;
use crate::number::{Enclosure, MpI};
use crate::reference::{Evaluator, Reference};
use crate::subject::{Fence, SubjectError};
use rug::Float;

/// Bits of the real values that probes compute with.
pub(super) const BITS: u32 = 200;

/// Calls the code under test: pass, bits of the inputs, and by how many elements the slices are to be off their alignment.
/// Gives the bits of the outputs, or nothing where there is no answer.
pub type Ask<'a> = dyn Fn(Pass, &[u64], usize) -> Result<Option<Vec<u64>>, SubjectError> + Sync + 'a;

/// Calls the backward pass: bits of the inputs, and what comes in for each. Gives the bits of the outputs, or nothing where there is
/// no answer.
pub type Pull<'a> = dyn Fn(&[u64], &[f64]) -> Result<Option<Vec<u64>>, SubjectError> + Sync + 'a;

/// Calls the code with memory beside one array that cannot be touched: pass, bits of the inputs, where. What goes wrong is told by the
/// row `process`; `false` if anything does.
pub type Fenced<'a> = dyn Fn(Pass, &[u64], Fence) -> Result<bool, SubjectError> + Sync + 'a;

/// What a probe may ask.
pub struct Probing<'a> {
    /// what other checks may ask
    pub cx: &'a Context<'a>,
    /// format of inputs and outputs
    pub format: FloatFormat,
    /// direction
    pub pass: Pass,
    /// the code
    pub ask: &'a Ask<'a>,
    /// the code with a fence, which only some has
    pub fenced: &'a Fenced<'a>,
    /// the backward pass with an incoming gradient, of code that is given one
    pub pull: Option<&'a Pull<'a>>,
    /// the same code, called in other ways, each with its name
    pub others: &'a [(&'a str, Box<Ask<'a>>)],
    /// whether the code has a forward pass as well as a backward pass
    pub both: bool,
    /// the function and its derivative
    pub references: [&'a Evaluator<'a>; 2],
    /// what is allowed in each pass
    pub budgets: [Budget; 3],
    /// inputs that other checks found worst
    pub suspects: &'a [u64],
    /// what may be asked
    pub within: Within,
}

/// A check that asks by itself.
pub struct Probe {
    /// what it is
    pub info: Info,
    /// whether the number of inputs that it asks for depends on what the code answers
    pub follows: bool,
    /// whether there is anything to ask
    pub applies: fn(&Probing<'_>) -> bool,
    /// asks
    pub run: fn(&Probing<'_>) -> Result<Found, SubjectError>,
}

/// Every probe, in the order of reports.
pub static PROBES: &[Probe] = &[
    super::position::PROBE,
    super::layout::PROBE,
    super::gradient::PROBE,
    super::incoming::PROBE,
    super::smooth::PROBE,
    super::bisect::PROBE,
    super::hunt::PROBE,
];

impl<'a> Probing<'a> {
    /// The outputs as numbers.
    pub(super) fn values(&self, pass: Pass, inputs: &[u64]) -> Result<Option<Vec<f64>>, SubjectError> {
        let out = (self.ask)(pass, inputs, 0)?;
        Ok(out.map(|bits| bits.iter().map(|b| self.format.decode(*b)).collect()))
    }

    /// The function (forward) or its derivative (backward).
    pub(super) fn reference(&self, pass: Pass) -> &'a Evaluator<'a> {
        self.references[pass.order()]
    }

    /// The real value, to far more bits than the format has; at a kink the middle of the subgradients.
    pub(super) fn real(&self, pass: Pass, x: f64) -> Float {
        let reference = self.reference(pass);
        if self.format == FloatFormat::F64 {
            let ball = reference.enclose_finely(x);
            if ball.radius() <= ball.hi().abs() * power_of_two(-80) {
                return Float::with_val(BITS, ball.hi()) + ball.lo();
            }
        } else {
            let quick = reference.enclose(x);
            if quick.hi() - quick.lo() <= quick.lo().abs() * power_of_two(-44) {
                return Float::with_val(BITS, quick.lo() + (quick.hi() - quick.lo()) / 2.0);
            }
        }
        let tight = |v: &MpI| v.width() <= Float::with_val(64, v.mag() >> 120u32);
        let value = reference.refine(x, tight);
        Float::with_val(BITS, value.lo() + value.hi()) / 2u32
    }

    /// Where pieces meet, if anywhere: f64s, not all distinct from one another in the format.
    pub(super) fn junctions(&self) -> Vec<f64> {
        let reference: &Reference = self.references[0].reference();
        reference.junctions().iter().map(|j| j.exactly.unwrap_or(j.floor)).collect()
    }

    /// Whether an input may be asked.
    pub(super) fn may(&self, bits: &u64) -> bool {
        self.within.holds(self.format.decode(*bits))
    }

    /// The number of the format nearest to `x`.
    pub(super) fn near(&self, x: f64) -> u64 {
        self.format.encode(x)
    }
}
