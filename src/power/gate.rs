//! Tolerances as other projects write them, and over which inputs they are held.

use super::inputs::InputSet;
use crate::expr::FloatFormat::{self, Bf16, F16, F32, F64};
use crate::kernels::Pass::{self, Backward, Forward};
use std::fmt::Write as _;

/// A test as somebody writes it.
#[derive(Clone, Debug)]
pub struct Gate {
    /// short name
    pub name: &'static str,
    /// where it is written
    pub source: &'static str,
    /// formats that it tests
    pub dtypes: &'static [FloatFormat],
    /// directions that it tests
    pub passes: &'static [Pass],
    /// what it allows
    pub rule: Rule,
    /// over which inputs
    pub inputs: InputSet,
    /// held against what
    pub against: Against,
}

/// What outputs are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// the real value, rounded to the format
    Real,
    /// the textbook formula in f32, where this crate has it; the real value elsewhere
    Formula,
}

/// Absolute and relative tolerance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// of the expected value
    pub relative: f64,
    /// for all values
    pub absolute: f64,
}

/// What a gate allows: all that is given has to hold.
#[derive(Clone, Debug)]
pub struct Rule {
    /// |y - f| <= absolute + relative |f|, by activation and format; an activation without tolerances of its own is asked
    /// for by an empty name
    pub sum: fn(&str, FloatFormat) -> Option<Tolerances>,
    /// |y - f| <= absolute, or <= relative of the larger of |y| and |f|
    pub either: Option<Tolerances>,
    /// as oneDNN's benchdnn decides: by format, activation, direction and input
    pub benchdnn: bool,
    /// the tolerances that were given by hand
    pub given: Option<Tolerances>,
    /// largest error in ulp
    pub max_ulp: Option<f64>,
    /// sum of squared errors over sum of squares
    pub nmse: Option<f64>,
    /// least cosine of the angle between outputs and expected values
    pub cosine: Option<f64>,
    /// equal after rounding to this many decimals
    pub decimals: Option<i32>,
}

impl Rule {
    /// Allows everything.
    pub const NONE: Self = Self {
        sum: |_, _| None,
        either: None,
        benchdnn: false,
        given: None,
        max_ulp: None,
        nmse: None,
        cosine: None,
        decimals: None,
    };

    /// In words.
    pub fn describe(&self) -> String {
        let mut parts: Vec<String> = vec![];
        let tolerance = |t: &Tolerances| format!("rtol {:e}, atol {:e}", t.relative, t.absolute);
        if let Some(given) = &self.given {
            parts.push(tolerance(given));
        } else {
            let mut by_format = String::new();
            for format in FloatFormat::ALL {
                if let Some(t) = (self.sum)("", format) {
                    let _ = write!(
                        by_format,
                        "{}{} {}",
                        if by_format.is_empty() { "" } else { "; " },
                        format.name(),
                        tolerance(&t)
                    );
                }
            }
            if !by_format.is_empty() {
                parts.push(by_format);
            }
        }
        if let Some(t) = &self.either {
            parts.push(format!("within rtol {:e} or within atol {:e}", t.relative, t.absolute));
        }
        if self.benchdnn {
            parts.push(
                "f32 within 4e-6 or 4e-5, other formats within epsilon: relative above 1e-5, absolute below and where formulas cancel".into(),
            );
        }
        let mut number = |name: &str, value: Option<f64>| parts.extend(value.map(|v| format!("{name} {v:e}")));
        number("max ulp", self.max_ulp);
        number("nmse <=", self.nmse);
        number("cosine >=", self.cosine);
        if let Some(d) = self.decimals {
            parts.push(format!("{d} decimals"));
        }
        parts.join(", ")
    }

    /// Whether the elementwise part has tolerances that a smaller atol could sharpen.
    pub(super) fn without_atol(&self, id: &str, format: FloatFormat) -> Option<Self> {
        let t = self.given.or_else(|| (self.sum)(id, format)).or(self.either)?;
        (t.absolute > 0.0).then_some(Self { given: Some(Tolerances { absolute: 0.0, ..t }), ..Self::NONE })
    }
}

const BOTH: &[Pass] = &[Forward, Backward];

/// The gate of this name.
pub fn preset(name: &str) -> Option<&'static Gate> {
    PRESETS.iter().find(|g| g.name == name)
}

/// Gates of other projects, with the file and the commit in which each was read. Their projects hold them against
/// computations of their own; what differs from that here, the source says.
pub static PRESETS: &[Gate] = &[
    Gate {
        name: "torch",
        source: "pytorch/pytorch@003029b, torch/testing/_comparison.py: the defaults of assert_close by dtype; inputs as \
                 make_tensor of torch/testing/_creation.py (@00393f7) draws them by default, uniform from -9 to 9, here 4096",
        dtypes: &[F64, F32, F16, Bf16],
        passes: BOTH,
        rule: Rule {
            sum: |_, format| {
                let (relative, absolute) = match format {
                    F64 => (1e-7, 1e-7),
                    F32 => (1.3e-6, 1e-5),
                    F16 => (1e-3, 1e-5),
                    Bf16 => (1.6e-2, 1e-5),
                };
                Some(Tolerances { relative, absolute })
            },
            ..Rule::NONE
        },
        inputs: InputSet::Uniform { lo: -9.0, hi: 9.0, count: 4096 },
        against: Against::Real,
    },
    Gate {
        name: "onednn",
        source: "oneapi-src/oneDNN@515bfba (3.8.0), tests/benchdnn/eltwise/eltwise.cpp: thresholds, where only the absolute \
                 error counts, and how tensors are filled; utils/compare.cpp: the comparison; the reference are the formulas \
                 of src/common/math_utils.hpp in f32",
        dtypes: &[F32, F16, Bf16],
        passes: BOTH,
        rule: Rule { benchdnn: true, ..Rule::NONE },
        inputs: InputSet::Benchdnn { count: 4096 },
        against: Against::Formula,
    },
    Gate {
        name: "llama.cpp",
        source: "ggml-org/llama.cpp@0054f92, tests/test-backend-ops.cpp, test_unary: NMSE <= 1e-7, 128x2x2x2 inputs uniform \
                 from -150 to 150, no NaN; held against the CPU backend there, against the real value here",
        dtypes: &[F32, F16],
        passes: &[Forward],
        rule: Rule { nmse: Some(1e-7), ..Rule::NONE },
        inputs: InputSet::Uniform { lo: -150.0, hi: 150.0, count: 1024 },
        against: Against::Real,
    },
    Gate {
        name: "liger",
        source: "linkedin/Liger-Kernel@ead96b6 (0.8.2 and 7 commits), test/transformers/test_swiglu.py, and test_geglu.py for \
                 gelu_tanh; inputs of randn. There it is the output of a whole MLP and its gradients that are compared, here \
                 the activation alone",
        dtypes: &[F32, Bf16],
        passes: BOTH,
        rule: Rule {
            sum: |id, format| {
                let (relative, absolute) = match (id, format) {
                    ("gelu_tanh", Bf16) => (1e-2, 1e-2),
                    ("gelu_tanh", _) => (2e-6, 1.0),
                    (_, Bf16) => (1e-2, 1e4),
                    _ => (1e-5, 1.0),
                };
                Some(Tolerances { relative, absolute })
            },
            ..Rule::NONE
        },
        inputs: InputSet::Normal { deviation: 1.0, count: 4096 },
        against: Against::Real,
    },
    Gate {
        name: "jax",
        source: "jax-ml/jax@cec06d1 (0.11.0 and 510 commits), tests/nn_test.py, testGelu: 10,000 points from -12 to 5 in f32, \
                 rtol 2e-5, atol 0, and 1e-3 for gelu_tanh, which is held against gelu there. Other activations are tested \
                 at single points; the gate of gelu stands in for theirs",
        dtypes: &[F32],
        passes: &[Forward],
        rule: Rule {
            sum: |id, _| Some(Tolerances { relative: 2e-5, absolute: if id == "gelu_tanh" { 1e-3 } else { 0.0 } }),
            ..Rule::NONE
        },
        inputs: InputSet::Grid { lo: -12.0, hi: 5.0, count: 10_000 },
        against: Against::Real,
    },
    Gate {
        name: "candle",
        source: "huggingface/candle@2a13b0f (0.11.0 and 19 commits), candle-core/tests/tensor_tests.rs, unary_op: ten inputs \
                 for gelu, gelu_erf and silu, four decimals in f32",
        dtypes: &[F32],
        passes: &[Forward],
        rule: Rule { decimals: Some(4), ..Rule::NONE },
        inputs: InputSet::Points(&[-3.0, 1.0, 4.0, -0.1, 0.5, 2.7, -1.8, -0.28, 1.8, 2.8]),
        against: Against::Real,
    },
    Gate {
        name: "burn",
        source: "tracel-ai/burn@2c06be3 (0.22.0-pre.2 and 47 commits), crates/burn-std/src/data/compare.rs: Tolerance::default, \
                 0.5 % of the larger value or 1e-5; inputs of gelu, silu, mish, softplus, sigmoid and elu in \
                 crates/burn-backend-tests/tests/tensor/float/activation, together",
        dtypes: &[F32, F16, Bf16],
        passes: BOTH,
        rule: Rule { either: Some(Tolerances { relative: 5e-3, absolute: 1e-5 }), ..Rule::NONE },
        inputs: InputSet::Points(&[
            -10.0, -3.0, -2.0, -1.0, -0.9574, -0.5767, -0.424, -0.2215, -0.162, 0.0, 0.1398, 0.2388, 0.4103, 0.4114,
            0.5262, 0.5447, 0.6677, 0.6737, 0.7218, 0.8045, 0.9809, 1.0, 2.0, 3.0, 4.0, 7.0, 10.0, 13.0,
        ]),
        against: Against::Real,
    },
];
