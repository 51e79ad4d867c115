//! PyTorch's own kernels, called in this process through libtorch (feature `torch`).
//!
//! What a kernel returns depends on more than its input: on the vector instructions that libtorch chose and on how it
//! divided the tensor between threads. [`runtime`] pins the threads and records the rest, so that a finding replays.

use super::{Subject, SubjectError};
use crate::expr::{Activation, FloatFormat, parse_rational};
use crate::kernels::{Call, Pass};
use crate::number::Format;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use tch::{Kind, TchError, Tensor};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Why a torch kernel could not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TorchError {
    /// No operation of this name.
    #[error("torch has no activation `{name}` here; there are: {known}")]
    UnknownOp {
        /// as asked for
        name: String,
        /// the names of [`OPS`]
        known: String,
    },
    /// No operation that computes this activation with these parameter values.
    #[error("torch has no {0}: the table holds each operation with its default parameters only")]
    NoOp(String),
    /// The text of a device was not understood.
    #[error("unknown device `{0}`: expected cpu, cuda or cuda:N")]
    UnknownDevice(String),
    /// The device is not there. There is no fallback: a verdict about the CPU says nothing about CUDA.
    #[error(
        "the device {device} is not there: libtorch sees {count} CUDA devices (TORCH_FLAVOUR=cuda make torch fetches a libtorch that can use them)"
    )]
    NoDevice {
        /// as asked for
        device: Device,
        /// how many CUDA devices libtorch sees
        count: i64,
    },
    /// libtorch itself refused.
    #[error("torch {op} failed: {message}")]
    Failed {
        /// what was called
        op: &'static str,
        /// the first line of libtorch's message
        message: String,
    },
}

/// Where a kernel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// the processor
    Cpu,
    /// a CUDA device by its number
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
        }
    }
}

impl FromStr for Device {
    type Err = TorchError;

    fn from_str(text: &str) -> Result<Self, TorchError> {
        let cuda = |number: &str| number.parse().ok().map(Self::Cuda);
        match text {
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            _ => text.strip_prefix("cuda:").and_then(cuda),
        }
        .ok_or_else(|| TorchError::UnknownDevice(text.to_owned()))
    }
}

impl Device {
    /// The device if it is there.
    fn resolve(self) -> Result<tch::Device, TorchError> {
        match self {
            Self::Cpu => Ok(tch::Device::Cpu),
            Self::Cuda(n) => {
                let count = tch::Cuda::device_count();
                let there = usize::try_from(count).is_ok_and(|count| n < count);
                if there { Ok(tch::Device::Cuda(n)) } else { Err(TorchError::NoDevice { device: self, count }) }
            }
        }
    }
}

/// An element type of a tensor. (Not tch's own `Element`: its bfloat16 makes tensors of binary16.)
pub trait Element: Format + FromBytes + IntoBytes + Immutable {}

impl Element for f64 {}
impl Element for f32 {}
impl Element for half::f16 {}
impl Element for half::bf16 {}

/// torch's name of a format.
const fn kind(format: FloatFormat) -> Kind {
    match format {
        FloatFormat::F64 => Kind::Double,
        FloatFormat::F32 => Kind::Float,
        FloatFormat::F16 => Kind::Half,
        FloatFormat::Bf16 => Kind::BFloat16,
    }
}

/// One activation of torch, with the parameter values that it has unless told otherwise.
pub struct Op {
    /// torch's name for it
    pub name: &'static str,
    /// the catalogue's name for what it should compute
    pub activation: &'static str,
    /// parameters of the catalogue's definition, with torch's default values
    pub params: &'static [(&'static str, &'static str)],
    call: fn(&Tensor) -> Result<Tensor, TchError>,
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "torch:{}", self.name)
    }
}

macro_rules! ops {
    ($($name:literal => $activation:literal $params:tt, $call:expr;)*) => {
        &[$(Op { name: $name, activation: $activation, params: &$params, call: $call }),*]
    };
}

/// Every torch activation that can be audited: the one table.
pub const OPS: &[Op] = ops! {
    "gelu" => "gelu" [], |x| x.f_gelu("none");
    "gelu_tanh" => "gelu_tanh" [], |x| x.f_gelu("tanh");
    "silu" => "silu" [], Tensor::f_silu;
    "mish" => "mish" [], Tensor::f_mish;
    "elu" => "elu" [("a", "1")], Tensor::f_elu;
    "relu" => "relu" [], Tensor::f_relu;
    "sigmoid" => "sigmoid" [], Tensor::f_sigmoid;
    "tanh" => "tanh" [], Tensor::f_tanh;
    "softplus" => "softplus" [("b", "1")], Tensor::f_softplus;
    "hardswish" => "hardswish" [], Tensor::f_hardswish;
    "leaky_relu" => "leaky_relu" [("a", "0.01")], Tensor::f_leaky_relu;
    "celu" => "celu" [("a", "1")], Tensor::f_celu;
    "selu" => "selu" [], Tensor::f_selu;
    "relu6" => "relu6" [], Tensor::f_relu6;
};

/// What a result of torch depends on besides its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// version of libtorch, as of the build
    pub version: &'static str,
    /// vector instructions (`default`, `avx2`, `avx512`): libtorch's own rule applied again, it has no call that tells
    pub capability: String,
    /// threads inside one operation
    pub threads: i32,
}

/// The environment variable that makes libtorch use certain vector instructions: `default`, `avx2` or `avx512`. It is
/// read at the first operation, so it must be there when the process starts.
pub const CAPABILITY_VARIABLE: &str = "ATEN_CPU_CAPABILITY";

/// The state of libtorch in this process. The first call pins it to one thread: a tensor divided between threads has
/// more vector tails, at places that depend on the machine.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tch::set_num_threads(1);
        Runtime {
            version: option_env!("ACTAUDIT_TORCH_VERSION").unwrap_or("unknown"),
            capability: capability(std::env::var(CAPABILITY_VARIABLE).ok()),
            threads: tch::get_num_threads(),
        }
    })
}

/// libtorch heeds a known name in the environment, ignores another one, and else takes the best that the processor has.
fn capability(asked: Option<String>) -> String {
    match asked {
        Some(name) if ["default", "avx2", "avx512"].contains(&name.as_str()) => name,
        _ => best_capability().to_owned(),
    }
}

#[cfg(target_arch = "x86_64")]
fn best_capability() -> &'static str {
    use std::is_x86_feature_detected as has;
    let fma = has!("fma");
    if fma && has!("avx512vl") && has!("avx512bw") && has!("avx512dq") {
        "avx512"
    } else if fma && has!("avx2") {
        "avx2"
    } else {
        "default"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best_capability() -> &'static str {
    "default"
}

/// One torch activation on one device.
///
/// ```
/// # use actaudit::subject::torch::{Device, TorchKernel};
/// let silu = TorchKernel::new("silu", Device::Cpu)?;
/// assert_eq!(silu.forward(&[0.0f32, -f32::INFINITY])?[0], 0.0);
/// assert_eq!(silu.backward(&[0.0f32])?, [0.5]);
/// # Ok::<(), actaudit::subject::torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TorchKernel {
    op: &'static Op,
    device: Device,
    place: tch::Device,
}

impl TorchKernel {
    /// The operation of this name in [`OPS`], on a device that must be there.
    pub fn new(name: &str, device: Device) -> Result<Self, TorchError> {
        let op = OPS.iter().find(|op| op.name == name).ok_or_else(|| TorchError::UnknownOp {
            name: name.to_owned(),
            known: OPS.iter().map(|op| op.name).collect::<Vec<_>>().join(", "),
        })?;
        runtime();
        Ok(Self { op, device, place: device.resolve()? })
    }

    /// The operation that should compute this activation, with the same parameter values.
    pub fn of(activation: &Activation, device: Device) -> Result<Self, TorchError> {
        let same = |op: &&Op| {
            let value = |name: &str| activation.values.get(name);
            op.activation == activation.definition.id
                && op.params.iter().all(|(name, text)| value(name) == parse_rational(text).ok().as_ref())
        };
        match OPS.iter().find(same) {
            Some(op) => Self::new(op.name, device),
            None => {
                let values = activation.values.iter().map(|(name, value)| format!(" {name}={value}"));
                Err(TorchError::NoOp(activation.definition.id.clone() + &values.collect::<String>()))
            }
        }
    }

    /// What is called.
    pub fn op(&self) -> &'static Op {
        self.op
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.device
    }

    /// f(x) for each element, computed in one call on one contiguous tensor.
    pub fn forward<T: Element>(&self, x: &[T]) -> Result<Vec<T>, TorchError> {
        let run = || self.read(&(self.op.call)(&self.tensor(x)?)?, x.len());
        run().map_err(|e| self.failed(&e))
    }

    /// f'(x) for each element, as autograd computes it from an incoming gradient of one.
    pub fn backward<T: Element>(&self, x: &[T]) -> Result<Vec<T>, TorchError> {
        let run = || {
            let x_tensor = self.tensor(x)?.f_set_requires_grad(true)?;
            let y = (self.op.call)(&x_tensor)?;
            // The sum alone would hand down a gradient with stride 0, for which torch has other loops than for the
            // contiguous one of a real network. The product with ones makes it contiguous, and is exact.
            let total = y.f_mul(&y.f_ones_like()?)?.f_sum(Kind::Double)?;
            let gradients = Tensor::f_run_backward(&[total], &[x_tensor], false, false)?;
            self.read(&gradients[0], x.len())
        };
        run().map_err(|e| self.failed(&e))
    }

    fn tensor<T: Element>(&self, x: &[T]) -> Result<Tensor, TchError> {
        Tensor::f_from_data_size(x.as_bytes(), &[x.len() as i64], kind(T::FORMAT))?.f_to_device(self.place)
    }

    /// The elements, refusing a tensor of another type or length rather than converting it.
    fn read<T: Element>(&self, y: &Tensor, len: usize) -> Result<Vec<T>, TchError> {
        let (got, wanted) = (y.f_kind()?, kind(T::FORMAT));
        if got != wanted || y.numel() != len {
            return Err(TchError::Shape(format!(
                "{} elements of {got:?} came back for {len} of {wanted:?}",
                y.numel()
            )));
        }
        let mut out = vec![T::new_zeroed(); len];
        y.f_contiguous()?.f_to_device(tch::Device::Cpu)?.f_copy_data_u8(out.as_mut_bytes(), len)?;
        Ok(out)
    }

    fn failed(&self, error: &TchError) -> TorchError {
        let text = error.to_string();
        // What follows is a C++ backtrace.
        TorchError::Failed { op: self.op.name, message: text.lines().next().unwrap_or_default().to_owned() }
    }
}

impl From<TorchError> for SubjectError {
    fn from(error: TorchError) -> Self {
        match error {
            TorchError::Failed { op, message } => Self::Failed { subject: format!("torch:{op}"), message },
            other => Self::NotThere(other.to_string()),
        }
    }
}

/// As a subject, a kernel always gets whole vectors (64 elements, more than any of torch's): some operations take another
/// route for a short tensor or for the rest of a long one, and then an input would not replay alone what it did among
/// others. [`TorchKernel::forward`] and [`TorchKernel::backward`] compute at exactly the length of the slice.
const LANES: usize = 64;

impl Subject for TorchKernel {
    fn name(&self) -> String {
        match self.device {
            Device::Cpu => format!("torch:{}", self.op.name),
            device => format!("torch:{}@{device}", self.op.name),
        }
    }

    fn supports(&self, _: FloatFormat, _: Pass) -> bool {
        true
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        fn fill<T: Element>(kernel: &TorchKernel, pass: Pass, x: &[T], y: &mut [T]) -> Result<(), SubjectError> {
            let mut whole = x.to_vec();
            whole.resize(x.len().next_multiple_of(LANES), x.last().copied().unwrap_or_default());
            let values = match pass {
                Pass::Forward => kernel.forward(&whole)?,
                Pass::Backward => kernel.backward(&whole)?,
            };
            y.copy_from_slice(&values[..x.len()]);
            Ok(())
        }
        match call {
            Call::F64(x, y) => fill(self, pass, x, y),
            Call::F32(x, y) => fill(self, pass, x, y),
            Call::F16(x, y) => fill(self, pass, x, y),
            Call::Bf16(x, y) => fill(self, pass, x, y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::activation_with;

    #[test]
    fn devices_are_read_and_printed() {
        for (text, device) in [("cpu", Device::Cpu), ("cuda:0", Device::Cuda(0)), ("cuda:12", Device::Cuda(12))] {
            assert_eq!(text.parse(), Ok(device));
            assert_eq!(device.to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(Device::Cuda(0)));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert_eq!(text.parse::<Device>(), Err(TorchError::UnknownDevice(text.to_owned())));
        }
    }

    #[test]
    fn capability_follows_libtorch() {
        assert_eq!(capability(Some("avx2".into())), "avx2");
        assert_eq!(capability(Some("nonsense".into())), best_capability());
        assert_eq!(capability(None), best_capability());
    }

    #[test]
    fn an_activation_finds_its_operation() {
        let leaky = activation_with("leaky_relu", &[]);
        assert_eq!(TorchKernel::of(&leaky, Device::Cpu).expect("in the table").name(), "torch:leaky_relu");
        let steep = activation_with("leaky_relu", &[("a", "1/5")]);
        let error = TorchKernel::of(&steep, Device::Cpu).expect_err("torch is called with its default").to_string();
        assert!(error.starts_with("torch has no leaky_relu a=1/5"), "{error}");
    }

    #[test]
    fn every_operation_belongs_to_an_activation_of_the_catalogue() {
        for op in OPS {
            let activation = activation_with(op.activation, op.params);
            assert_eq!(activation.values.len(), op.params.len(), "{op:?} leaves a parameter open");
            for (name, text) in op.params {
                assert_eq!(activation.values.get(*name), parse_rational(text).ok().as_ref(), "{op:?}");
            }
            assert_eq!(TorchKernel::of(&activation, Device::Cpu).expect("in the table").op().name, op.name);
        }
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<_> = OPS.iter().map(|op| op.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPS.len());
    }
}
