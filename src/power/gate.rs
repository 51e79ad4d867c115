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
    /// |y - f| <= absolute + relative |f|
    pub sum: fn(FloatFormat) -> Option<Tolerances>,
    /// within either of the two
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
        sum: |_| None,
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
                if let Some(t) = (self.sum)(format) {
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
                "f32 within 4e-6 or 4e-5, relative above 1e-5, absolute below and in the tails; else one ulp".into(),
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
    pub(super) fn without_atol(&self, format: FloatFormat) -> Option<Self> {
        let t = self.given.or_else(|| (self.sum)(format)).or(self.either)?;
        (t.absolute > 0.0).then_some(Self { given: Some(Tolerances { absolute: 0.0, ..t }), ..Self::NONE })
    }
}

const BOTH: &[Pass] = &[Forward, Backward];

/// The gate of this name.
pub fn preset(name: &str) -> Option<&'static Gate> {
    PRESETS.iter().find(|g| g.name == name)
}

/// Gates of other projects. Where inputs are not part of a gate, the source says whose they are.
pub static PRESETS: &[Gate] = &[
    Gate {
        name: "torch",
        source: "torch.testing.assert_close, defaults by dtype; inputs of make_tensor, uniform over [-9, 9)",
        dtypes: &[F64, F32, F16, Bf16],
        passes: BOTH,
        rule: Rule {
            sum: |format| {
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
        source: "oneDNN, tests/benchdnn/eltwise/eltwise.cpp: tolerances, data filling, and a reference in f32",
        dtypes: &[F32, F16, Bf16],
        passes: BOTH,
        rule: Rule { benchdnn: true, ..Rule::NONE },
        inputs: InputSet::Benchdnn { count: 4096 },
        against: Against::Formula,
    },
    Gate {
        name: "llama.cpp",
        source: "llama.cpp, tests/test-backend-ops.cpp: NMSE <= 1e-7 over uniform inputs from -150 to 150; no NaN",
        dtypes: &[F32, F16],
        passes: &[Forward],
        rule: Rule { nmse: Some(1e-7), ..Rule::NONE },
        inputs: InputSet::Uniform { lo: -150.0, hi: 150.0, count: 1024 },
        against: Against::Real,
    },
    Gate {
        name: "liger",
        source: "Liger-Kernel, test/transformers/test_geglu.py and test_swiglu.py; inputs of randn",
        dtypes: &[F32, Bf16],
        passes: BOTH,
        rule: Rule {
            sum: |format| {
                let (relative, absolute) = if format == Bf16 { (6e-3, 1e4) } else { (2e-6, 1.0) };
                Some(Tolerances { relative, absolute })
            },
            ..Rule::NONE
        },
        inputs: InputSet::Normal { deviation: 1.0, count: 4096 },
        against: Against::Real,
    },
    Gate {
        name: "jax",
        source: "JAX, the test of gelu: rtol 2e-5 and atol 0 at 10,000 points from -12 to 5",
        dtypes: &[F32],
        passes: &[Forward],
        rule: Rule { sum: |_| Some(Tolerances { relative: 2e-5, absolute: 0.0 }), ..Rule::NONE },
        inputs: InputSet::Grid { lo: -12.0, hi: 5.0, count: 10_000 },
        against: Against::Real,
    },
    Gate {
        name: "candle",
        source: "candle, candle-core/tests/tensor_tests.rs, unary_op: ten inputs, four decimals",
        dtypes: &[F32],
        passes: &[Forward],
        rule: Rule { decimals: Some(4), ..Rule::NONE },
        inputs: InputSet::Points(&[-3.0, 1.0, 4.0, -0.1, 0.5, 2.7, -1.8, -0.28, 1.8, 2.8]),
        against: Against::Real,
    },
    Gate {
        name: "burn",
        source: "burn, Tolerance::default: 0.5 % or 1e-5; a few inputs written by hand, for which ours stand in",
        dtypes: &[F32, F16, Bf16],
        passes: BOTH,
        rule: Rule { either: Some(Tolerances { relative: 5e-3, absolute: 1e-5 }), ..Rule::NONE },
        inputs: InputSet::Grid { lo: -3.0, hi: 3.0, count: 13 },
        against: Against::Real,
    },
];
