//! Working precisions of the naive kernels: every operation rounds to the format, as code written for it does.
//! Elementary functions are correctly rounded, so that what a naive kernel gets wrong is the formula's doing (and the
//! same on every machine). f16 and bf16 compute each operation in f32 and round: for + - * / and sqrt that is the
//! correctly rounded operation.

use crate::number::Format;
use half::{bf16, f16};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A format with operations that round to it.
pub trait Work:
    Format
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A literal of the source text, rounded.
    fn lit(value: f64) -> Self {
        Self::from_f64(value)
    }
    /// e^x
    fn exp(self) -> Self;
    /// log(1 + x)
    fn ln_1p(self) -> Self;
    /// tanh
    fn tanh(self) -> Self;
    /// error function
    fn erf(self) -> Self;
    /// square root
    fn sqrt(self) -> Self;
}

macro_rules! work {
    ($type:ty, $up:expr, $down:expr, $exp:path, $log1p:path, $tanh:path, $erf:path, $sqrt:path) => {
        impl Work for $type {
            fn exp(self) -> Self {
                $down($exp($up(self)))
            }
            fn ln_1p(self) -> Self {
                $down($log1p($up(self)))
            }
            fn tanh(self) -> Self {
                $down($tanh($up(self)))
            }
            fn erf(self) -> Self {
                $down($erf($up(self)))
            }
            fn sqrt(self) -> Self {
                $down($sqrt($up(self)))
            }
        }
    };
}
use core_math as cr;
work!(f64, |v| v, |v| v, cr::exp, cr::log1p, cr::tanh, cr::erf, f64::sqrt);
work!(f32, |v| v, |v| v, cr::expf, cr::log1pf, cr::tanhf, cr::erff, f32::sqrt);
work!(f16, f16::to_f32, f16::from_f32, cr::expf, cr::log1pf, cr::tanhf, cr::erff, f32::sqrt);
work!(bf16, bf16::to_f32, bf16::from_f32, cr::expf, cr::log1pf, cr::tanhf, cr::erff, f32::sqrt);
