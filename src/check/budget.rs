//! What is allowed by default: one table for every subject, none of it fitted to a kernel.

use super::Tolerance;
use crate::expr::FloatFormat;
use crate::kernels::Pass;

/// The limits of the checks that have one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Budget {
    /// largest error in ulp of the format
    pub ulp: f64,
    /// how many floats an output may step back where the function is monotone
    pub steps: f64,
    /// instead of ulp: an absolute and relative tolerance
    pub tolerance: Option<Tolerance>,
}

impl Budget {
    /// f16 and bf16: correct rounding of a result that is right to f32's last bits. f32 and f64: what a careful
    /// implementation without a wider format reaches; a derivative has about twice as many operations, and a second one twice as many again. A kernel that
    /// errs by that much may step back by no more than one float in f32, two in f64.
    #[must_use]
    pub const fn of(format: FloatFormat, pass: Pass) -> Self {
        let (ulp, steps) = match (format, pass) {
            (FloatFormat::F16 | FloatFormat::Bf16, _) => (0.501, 0.0),
            (FloatFormat::F32, Pass::Forward) => (2.0, 1.0),
            (FloatFormat::F32, Pass::Backward) => (4.0, 1.0),
            (FloatFormat::F64, Pass::Forward) => (4.0, 2.0),
            (FloatFormat::F64, Pass::Backward) => (8.0, 2.0),
            (FloatFormat::F32, Pass::Double) => (8.0, 1.0),
            (FloatFormat::F64, Pass::Double) => (16.0, 2.0),
        };
        Self { ulp, steps, tolerance: None }
    }
}
