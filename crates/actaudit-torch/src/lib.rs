//! PyTorch's own kernels, and definitions as PyTorch would run them, through libtorch: the program in which `actaudit` asks them.
//!
//! What a kernel returns depends on more than its input: on the vector instructions that libtorch chose, on how it
//! divided the tensor between threads and on how the tensor lies in memory. [`runtime()`] pins the threads and records the
//! rest, so that a finding replays.

mod call;
mod code;
pub mod compile;
mod cuda;
mod device;
mod element;
mod kernel;
mod layout;
mod ops;
mod runtime;
pub mod train;

pub use code::load;
pub use device::Device;
pub use element::Element;
pub use kernel::TorchKernel;
pub use layout::Layout;
pub use ops::{OPS, Op};
pub use runtime::{ONEDNN_VARIABLES, Runtime, runtime};

use rug::{Float, Rational};

/// Why a torch kernel could not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TorchError {
    /// No operation of this name.
    #[error("torch has no activation `{name}` here; there are: {known}, and definition for the formula itself")]
    UnknownOp {
        /// as asked for
        name: String,
        /// the names of [`OPS`]
        known: String,
    },
    /// No operation that computes this activation.
    #[error("torch has no {0}: torch:definition runs its formula as tensor operations")]
    NoOp(String),
    /// A function of a definition that is no operation of torch's.
    #[error("torch has no operation for {function}, which {activation} needs: write it in terms of others")]
    NoFunction {
        /// as in expressions
        function: &'static str,
        /// whose definition
        activation: String,
    },
    /// No form of an operation for this layout.
    #[error("torch has no in-place {0}")]
    NotInPlace(String),
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
        op: String,
        /// the first line of libtorch's message
        message: String,
    },
}

impl TorchError {
    fn failed(op: &str, message: &str) -> Self {
        // What follows the first line is a C++ backtrace.
        Self::Failed { op: op.to_owned(), message: message.lines().next().unwrap_or_default().to_owned() }
    }
}

/// The number that Python makes of a constant.
fn nearest(value: &Rational) -> f64 {
    Float::with_val(53, value).to_f64()
}

#[cfg(test)]
mod testing {
    //! Activations for tests.

    use actaudit::catalog;
    use actaudit::expr::{Activation, parse_rational};

    /// The catalogue's activation of this id, with these parameter values and defaults for the rest.
    pub fn activation_with(id: &str, given: &[(&str, &str)]) -> Activation {
        let values = given.iter().map(|(k, v)| ((*k).to_owned(), parse_rational(v).expect("a rational")));
        Activation::new(catalog::find(id).expect("in the catalogue"), &values.collect()).expect("in their domains")
    }
}
