//! Activation functions and their derivatives on slices of f64, f32, f16 and bf16: code to use, and code to audit.
//! [`KERNELS`] is the whole list. For every activation of the catalogue there is an accurate kernel; beside some stands
//! what people write ([`Kernel::variant`]), which is here to be caught.
//!
//! ```
//! use actaudit::kernels::{self, ACCURATE, Call, Pass};
//! use actaudit::expr::FloatFormat;
//!
//! let gelu = kernels::find("gelu", ACCURATE).expect("every activation has an accurate kernel");
//! let x = [-10.0f32, -0.5, 0.0, 1.0, f32::INFINITY];
//! let (mut y, mut slope) = ([0.0f32; 5], [0.0f32; 5]);
//! // parameters are exact rationals, in the order of the definition; gelu has none
//! gelu.run(Pass::Forward, &[], Call::F32(&x, &mut y));
//! gelu.run(Pass::Backward, &[], Call::F32(&x, &mut slope));
//! // the left tail is there: 1 + erf(x/sqrt 2) would have lost it below -5.5
//! assert!(y[0] < 0.0 && y[4] == f32::INFINITY && slope[4] == 1.0);
//! assert!(gelu.max_ulp(FloatFormat::F32, Pass::Forward) < Some(0.51));
//! ```
//!
//! Accurate kernels: [`Kernel::max_ulp`] states the largest error in ulp; `actaudit verify gelu --dtype f32 --effort
//! exhaustive` proves it for every f32. They round once, to f32 or f64; in f16 and bf16 they compute in f32 and round
//! the store. NaN gives NaN, an infinity gives the limit there, -0 the value at 0 (a zero may lose its sign). At a kink
//! the derivative is one of the one-sided ones. f32, f16 and bf16 run in vectors; the bits do not depend on their
//! width.
//!
//! Naive kernels round every operation to the format (parameters, too).

mod accurate;
mod dd;
mod lanes;
mod naive;
mod normal;
mod promise;
mod work;

use crate::expr::FloatFormat;
use crate::number::Format;
use accurate as a;
use accurate::Careful;
use dd::Dd;
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use naive as n;
use naive::Formula;
use promise::Promise;
use rug::Rational;
use work::Work;

/// The name of the variant that is meant where none is given.
pub const ACCURATE: &str = "accurate";
const NO_SECOND: &str = "no kernel computes a second derivative";

/// The direction of a kernel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Pass {
    /// x -> f(x)
    Forward,
    /// x -> f'(x), the gradient for an upstream gradient of 1
    Backward,
    /// x -> f''(x), the gradient of the gradient. Only looked at when asked for; the kernels of this crate have none
    Double,
}

impl Pass {
    /// Both that an audit looks at unless told otherwise, in the order of reports.
    pub const ALL: [Self; 2] = [Self::Forward, Self::Backward];
    /// Every pass, in the order of reports.
    pub const KNOWN: [Self; 3] = [Self::Forward, Self::Backward, Self::Double];

    /// The pass of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|pass| pass.name() == name)
    }

    /// `forward`, `backward` or `double`
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Double => "double",
        }
    }

    /// The order of the derivative that the pass computes.
    #[must_use]
    pub const fn order(self) -> usize {
        match self {
            Self::Forward => 0,
            Self::Backward => 1,
            Self::Double => 2,
        }
    }
}

/// Input, output and their common type. Both slices have the same length.
pub enum Call<'a> {
    /// binary64
    F64(&'a [f64], &'a mut [f64]),
    /// binary32
    F32(&'a [f32], &'a mut [f32]),
    /// binary16
    F16(&'a [f16], &'a mut [f16]),
    /// bfloat16
    Bf16(&'a [bf16], &'a mut [bf16]),
}

/// A format of which slices can be handed to code under test.
pub trait Slices: Format {
    /// Input and output as one value.
    fn call<'a>(input: &'a [Self], output: &'a mut [Self]) -> Call<'a>;
    /// The same slice, if this is f32.
    #[must_use]
    fn singles(_: &[Self]) -> Option<&[f32]> {
        None
    }
}

macro_rules! slices {
    ($($type:ty => $variant:ident $(, $singles:expr)?;)*) => {$(
        impl Slices for $type {
            fn call<'a>(input: &'a [Self], output: &'a mut [Self]) -> Call<'a> {
                Call::$variant(input, output)
            }
            $(fn singles(slice: &[Self]) -> Option<&[f32]> {
                $singles(slice)
            })?
        }
    )*};
}
slices!(f64 => F64; f32 => F32, Some; f16 => F16; bf16 => Bf16;);

impl Call<'_> {
    /// How many inputs there are.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        match self {
            Self::F64(x, _) => x.len(),
            Self::F32(x, _) => x.len(),
            Self::F16(x, _) => x.len(),
            Self::Bf16(x, _) => x.len(),
        }
    }

    /// The format of both slices.
    #[must_use]
    pub const fn format(&self) -> FloatFormat {
        match self {
            Self::F64(..) => FloatFormat::F64,
            Self::F32(..) => FloatFormat::F32,
            Self::F16(..) => FloatFormat::F16,
            Self::Bf16(..) => FloatFormat::Bf16,
        }
    }

    fn check_lengths(&self) {
        let [input, output] = match self {
            Self::F64(x, y) => [x.len(), y.len()],
            Self::F32(x, y) => [x.len(), y.len()],
            Self::F16(x, y) => [x.len(), y.len()],
            Self::Bf16(x, y) => [x.len(), y.len()],
        };
        assert_eq!(input, output, "input and output of a kernel have the same length");
    }
}

/// Maps a slice, given exact parameters.
type Map = fn(&[Rational], Call<'_>);

/// One kernel: an activation, a variant, and code for every format and both passes.
pub struct Kernel {
    /// catalogue id
    pub activation: &'static str,
    /// `accurate`, or what the formula is known as
    pub variant: &'static str,
    /// one line for people
    pub note: &'static str,
    forward: Map,
    backward: Map,
    /// what is documented of its error
    promise: Option<Promise>,
}

impl Kernel {
    /// The largest error in ulp at any finite input, with the default parameters. For f32 `actaudit verify ID --dtype
    /// f32 --effort exhaustive` proves it, for f16 and bf16 any audit; of f64 only samples can be looked at. `None` for
    /// naive kernels.
    #[must_use]
    pub fn max_ulp(&self, format: FloatFormat, pass: Pass) -> Option<f64> {
        self.promise.as_ref().filter(|_| pass != Pass::Double).map(|p| p.of(format, pass))
    }

    /// Computes one pass. `params` are the values of the definition's parameters, in its order and within its domains
    /// (not checked here).
    ///
    /// # Panics
    /// If there are too few parameters, if the slices differ in length, or for the second derivative, which no kernel has.
    pub fn run(&self, pass: Pass, params: &[Rational], call: Call<'_>) {
        call.check_lengths();
        match pass {
            Pass::Forward => (self.forward)(params, call),
            Pass::Backward => (self.backward)(params, call),
            Pass::Double => panic!("{NO_SECOND}"),
        }
    }
}

/// Every kernel; the accurate one first, then what people write.
pub static KERNELS: &[Kernel] = &[
    accurate::<a::Identity>("identity"),
    accurate::<a::Relu>("relu"),
    accurate::<a::Leaky>("leaky_relu"),
    accurate::<a::Leaky>("prelu"),
    accurate::<a::Relu2>("relu2"),
    accurate::<a::Relu6>("relu6"),
    accurate::<a::HardTanh>("hardtanh"),
    accurate::<a::HardSigmoid>("hardsigmoid"),
    accurate::<a::HardSigmoidKeras>("hardsigmoid_keras"),
    naive::<n::HardSigmoidKerasNaive>("hardsigmoid_keras", "naive", "0.2 x + 0.5, clipped"),
    accurate::<a::SparseSigmoid>("sparse_sigmoid"),
    accurate::<a::HardSwish>("hardswish"),
    accurate::<a::SoftShrink>("softshrink"),
    accurate::<a::HardShrink>("hardshrink"),
    accurate::<a::Threshold>("threshold"),
    accurate::<a::SShapedRelu>("s_shaped_relu"),
    accurate::<a::Smelu>("smelu"),
    accurate::<a::Srelu>("srelu"),
    naive::<n::SreluPaper>("srelu", "paper", "the expanded quartic of the paper's Algorithm A1"),
    accurate::<a::Gem>("gem"),
    naive::<n::GemNaive>("gem", "naive", "x^(2N+1)/(1 + x^(2N))"),
    accurate::<a::Egem>("egem"),
    accurate::<a::Segem>("segem"),
    naive::<n::SegemNaive>("segem", "naive", "x^(2N+1)/(eps + x^(2N)), left of 0 times eps/(1 + eps)"),
    accurate::<a::Softsign>("softsign"),
    accurate::<a::Squareplus>("squareplus"),
    accurate::<a::Gelu>("gelu"),
    naive::<n::GeluNaive>("gelu", "naive", "0.5 x (1 + erf(x/sqrt 2))"),
    accurate::<a::GeluTanh>("gelu_tanh"),
    naive::<n::GeluTanhNaive>("gelu_tanh", "naive", "0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))"),
    accurate::<a::GeluQuick>("gelu_quick"),
    accurate::<a::Silu>("silu"),
    naive::<n::SiluNaive>("silu", "naive", "x/(1 + e^-x)"),
    accurate::<a::Swish>("swish"),
    accurate::<a::Mish>("mish"),
    naive::<n::MishNaive>("mish", "naive", "x tanh(log(1 + e^x))"),
    accurate::<a::Exp>("exp"),
    accurate::<a::Elu>("elu"),
    naive::<n::EluNaive>("elu", "naive", "alpha (e^x - 1)"),
    accurate::<a::Celu>("celu"),
    accurate::<a::Selu>("selu"),
    accurate::<a::Sigmoid>("sigmoid"),
    naive::<n::SigmoidNaive>("sigmoid", "naive", "1/(1 + e^-x), derivative s (1 - s)"),
    accurate::<a::Tanh>("tanh"),
    accurate::<a::TanhShrink>("tanhshrink"),
    accurate::<a::Softplus>("softplus"),
    naive::<n::SoftplusNaive>("softplus", "naive", "log(1 + e^(beta x))/beta"),
    accurate::<a::LogSigmoid>("logsigmoid"),
];

/// The kernels of an activation, the accurate one first.
pub fn of(activation: &str) -> impl Iterator<Item = &'static Kernel> {
    KERNELS.iter().filter(move |k| k.activation == activation)
}

/// The kernel of this activation and variant.
#[must_use]
pub fn find(activation: &str, variant: &str) -> Option<&'static Kernel> {
    of(activation).find(|k| k.variant == variant)
}

const fn accurate<C: Careful>(activation: &'static str) -> Kernel {
    Kernel {
        activation,
        variant: ACCURATE,
        note: "careful in every region; one rounding",
        forward: |params, call| careful::<C>(Pass::Forward, params, call),
        backward: |params, call| careful::<C>(Pass::Backward, params, call),
        promise: Some(C::PROMISE),
    }
}

const fn naive<F: Formula>(activation: &'static str, variant: &'static str, note: &'static str) -> Kernel {
    Kernel {
        activation,
        variant,
        note,
        forward: |params, call| formula::<F>(Pass::Forward, params, call),
        backward: |params, call| formula::<F>(Pass::Backward, params, call),
        promise: None,
    }
}

/// Runs an accurate kernel: double-double inside for f64, f64 inside for f32, f32 and one more rounding for the rest.
fn careful<C: Careful>(pass: Pass, params: &[Rational], call: Call<'_>) {
    match call {
        Call::F64(x, y) => each(x, y, wide::<C>(pass, params)),
        Call::F32(x, y) => single::<C>(pass, params, x, y),
        Call::F16(x, y) => half::<C, f16>(pass, params, x, y),
        Call::Bf16(x, y) => half::<C, bf16>(pass, params, x, y),
    }
}

/// One input of f64.
fn wide<C: Careful>(pass: Pass, params: &[Rational]) -> impl Fn(f64) -> f64 {
    let p = C::parameters(params);
    move |x| match pass {
        _ if x.is_nan() => x + x,
        Pass::Forward => C::forward(x, &p),
        Pass::Backward => C::backward(x, &p),
        Pass::Double => unreachable!("{NO_SECOND}"),
    }
}

/// The result for f32.
fn single<C: Careful>(pass: Pass, params: &[Rational], x: &[f32], y: &mut [f32]) {
    if C::suits(params) {
        lanes::run(&C::lanes(params), pass, x, y);
    } else {
        let wide = wide::<C>(pass, params);
        each(x, y, |x| wide(x.into()) as f32);
    }
}

/// The result for f32, rounded once more.
fn half<C: Careful, T>(pass: Pass, params: &[Rational], x: &[T], y: &mut [T])
where
    [T]: HalfFloatSliceExt,
{
    let mut buffer = vec![0.0; x.len()];
    let mut output = vec![0.0; x.len()];
    x.convert_to_f32_slice(&mut buffer);
    single::<C>(pass, params, &buffer, &mut output);
    y.convert_from_f32_slice(&output);
}

/// Runs a naive kernel in the call's own format.
fn formula<F: Formula>(pass: Pass, params: &[Rational], call: Call<'_>) {
    fn run<F: Formula, T: Work>(pass: Pass, params: &[Rational], x: &[T], y: &mut [T]) {
        // a parameter goes through f64, as it does in the languages in which such code is written
        let p: Vec<T> = params.iter().map(|q| T::from_f64(Dd::from(q).hi)).collect();
        match pass {
            Pass::Forward => each(x, y, |x| F::forward(x, &p)),
            Pass::Backward => each(x, y, |x| F::backward(x, &p)),
            Pass::Double => unreachable!("{NO_SECOND}"),
        }
    }
    match call {
        Call::F64(x, y) => run::<F, f64>(pass, params, x, y),
        Call::F32(x, y) => run::<F, f32>(pass, params, x, y),
        Call::F16(x, y) => run::<F, f16>(pass, params, x, y),
        Call::Bf16(x, y) => run::<F, bf16>(pass, params, x, y),
    }
}

fn each<T: Copy>(input: &[T], output: &mut [T], f: impl Fn(T) -> T) {
    for (x, y) in input.iter().zip(output) {
        *y = f(*x);
    }
}

#[cfg(test)]
mod tests;
