//! What is documented of the accurate kernels' errors. Tests hold sampled inputs against it, an exhaustive audit all.

use super::Pass;
use crate::expr::FloatFormat;

/// The largest errors in ulp, forward and backward, with the default parameters.
#[derive(Clone, Copy)]
pub struct Promise {
    f64: [f64; 2],
    f32: [f64; 2],
}

impl Promise {
    /// One rounding, and a little for what was computed before it; in f64, subnormal results are rounded twice.
    pub const USUAL: Self = Self { f64: [0.76; 2], f32: [0.501; 2] };

    /// More for the derivative, which crosses zero where no float is: there a few inputs see the working precision.
    pub const fn backward(f64: f64, f32: f64) -> Self {
        Self { f64: [Self::USUAL.f64[0], f64], f32: [Self::USUAL.f32[0], f32] }
    }

    /// For one format and pass.
    pub fn of(self, format: FloatFormat, pass: Pass) -> f64 {
        match format {
            FloatFormat::F64 => self.f64[pass.order()],
            FloatFormat::F32 => self.f32[pass.order()],
            // the result for f32, rounded once more
            FloatFormat::F16 | FloatFormat::Bf16 => 0.501,
        }
    }
}
