//! Kernels that are right, and that gates reject all the same.

use super::{Sound, formulas as f};
use crate::expr::FloatFormat::{Bf16, F16, F32};
use crate::kernels::Pass::{self, Forward};

/// Every kernel that must not be flagged.
pub static SOUND: &[Sound] = &[
    Sound {
        id: "reference",
        source: "tenstorrent/tt-metal #56338",
        activation: "gelu",
        dtypes: &[F32],
        passes: &[Forward],
        why: "right in the left tail, where the float program that it was held against was wrong",
        declare: &[],
        spoil: f::right,
    },
    Sound {
        id: "flush",
        source: "pytorch/pytorch PR #188546",
        activation: "logsigmoid",
        dtypes: &[F32],
        passes: &Pass::ALL,
        why: "flushes subnormal results to zero, and says so",
        declare: &["flush"],
        spoil: f::flushes,
    },
    Sound {
        id: "absolute",
        source: "absolute tolerances in general: Liger-Kernel needs 1e4 for bf16",
        activation: "gelu",
        dtypes: &[F16, Bf16],
        passes: &Pass::ALL,
        why: "right to the last bit, which is large where the value is",
        declare: &[],
        spoil: f::right,
    },
];
