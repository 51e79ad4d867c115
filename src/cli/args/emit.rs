//! Arguments of `emit`, and what `mollify --emit` shares with it.

use super::{ActivationArgs, format};
use crate::expr::FloatFormat;
use clap::{Args, ValueEnum};

/// What a definition is written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// a definition file, which every command takes
    Toml,
    /// the formula by cases
    Latex,
    /// C99 over arrays; f16 takes _Float16
    C,
    /// Rust over arrays, with a C interface
    Rust,
    /// kernels for nvcc
    Cuda,
    /// kernels of Triton
    Triton,
    /// a function of PyTorch with its gradient
    Torch,
    /// a function of JAX with its gradient
    Jax,
    /// functions over arrays of numpy
    Numpy,
}

impl Emit {
    /// As typed.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How code is written.
#[derive(Args, Debug, Clone)]
pub struct CodeArgs {
    /// Format of inputs and outputs of emitted code [default: f32]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub dtype: Option<FloatFormat>,
    /// Format in which emitted code computes [default: f32 for f16 and bf16; for f32, f64 in C, Rust and numpy, f32 elsewhere]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub compute: Option<FloatFormat>,
    /// Name of the emitted functions [default: the activation's id]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

impl CodeArgs {
    /// As options of a command line, each with a space before it.
    pub fn spelled(&self) -> String {
        let Self { dtype, compute, name } = self;
        let format = |option: &str, f: &Option<FloatFormat>| f.map(|f| format!(" --{option} {}", f.name()));
        let name = name.as_ref().map(|name| format!(" --name {name}"));
        [format("dtype", dtype), format("compute", compute), name].into_iter().flatten().collect()
    }
}

/// What to write, as what.
#[derive(Args, Debug)]
pub struct EmitArgs {
    /// Which activation
    #[command(flatten)]
    pub activation: ActivationArgs,
    /// The language, or the library in one
    #[arg(long, short, value_enum, value_name = "TARGET")]
    pub target: Emit,
    /// How
    #[command(flatten)]
    pub code: CodeArgs,
}
