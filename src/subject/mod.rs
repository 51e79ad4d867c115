//! Implementations under test.

#[cfg(feature = "torch")]
pub mod torch;

use crate::expr::{Activation, FloatFormat};
use crate::kernel::{self, ACCURATE, Call, Kernel, Pass};
use rug::Rational;

/// Why a subject gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// There is no such code.
    #[error("there is no native kernel `{variant}` of {activation}: there are {known}")]
    NoKernel {
        /// catalogue id
        activation: String,
        /// as asked for
        variant: String,
        /// what there is
        known: String,
    },
    /// It failed while it ran.
    #[error("{subject} failed: {message}")]
    Failed {
        /// the subject's name
        subject: String,
        /// what it said
        message: String,
    },
}

/// Code under test: maps slices.
pub trait Subject: Sync {
    /// As on the command line.
    fn name(&self) -> String;

    /// Whether it has this pass in this format.
    fn supports(&self, format: FloatFormat, pass: Pass) -> bool;

    /// Writes an output for every input. Both slices have the same length.
    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError>;
}

/// A kernel of this crate with an activation's parameter values.
pub struct Native {
    kernel: &'static Kernel,
    params: Vec<Rational>,
}

impl Native {
    /// The kernel of this variant for an activation.
    pub fn new(activation: &Activation, variant: &str) -> Result<Self, SubjectError> {
        let id = activation.definition.id.as_str();
        let kernel = kernel::find(id, variant).ok_or_else(|| {
            let known: Vec<&str> = kernel::of(id).map(|k| k.variant).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            SubjectError::NoKernel { activation: id.to_owned(), variant: variant.to_owned(), known }
        })?;
        Ok(Self::of(kernel, activation))
    }

    /// Every native kernel of an activation, the accurate one first.
    pub fn all(activation: &Activation) -> Vec<Self> {
        kernel::of(&activation.definition.id).map(|k| Self::of(k, activation)).collect()
    }

    fn of(kernel: &'static Kernel, activation: &Activation) -> Self {
        let params = activation.definition.params.iter();
        let params = params.map(|p| activation.values.get(&p.name).unwrap_or(&p.default).clone()).collect();
        Self { kernel, params }
    }

    /// The variant's name.
    pub const fn variant(&self) -> &'static str {
        self.kernel.variant
    }

    /// The formula, for people.
    pub const fn note(&self) -> &'static str {
        self.kernel.note
    }
}

impl Subject for Native {
    fn name(&self) -> String {
        match self.kernel.variant {
            ACCURATE => "native".to_owned(),
            variant => format!("native:{variant}"),
        }
    }

    fn supports(&self, _: FloatFormat, _: Pass) -> bool {
        true
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.kernel.run(pass, &self.params, call);
        Ok(())
    }
}
