//! Mollification: the convolution of an activation with an even density, exact where it has a closed form.
//!
//! Bases are piecewise polynomials. With kernels that are piecewise polynomials, the result is one; with others it is a sum over
//! the knots of the base of the kernel's antiderivatives, which their files give in closed form.

mod branches;
mod compare;
mod convolve;
mod error;
mod facts;
mod kernel;
mod library;
mod named;
mod poly;
mod shape;
mod write;

pub use compare::{Compared, Designed, Outcome, Requirements, Row, compare, design, least_product};
pub use convolve::{Mollified, mollify};
pub use error::MollifyError;
pub use facts::{Facts, KernelFacts, facts};
pub use kernel::Kernel;
pub use library::{base, kernel};
pub(crate) use named::kernel as known_kernel;
pub use named::{Name, Smoothing, at_zero, name, smoothing};
pub use shape::{slope, value_at};

#[cfg(test)]
mod tests;
