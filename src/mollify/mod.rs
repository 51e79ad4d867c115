//! Mollification: the convolution of an activation with an even density, exact where it has a closed form.

mod branches;
mod convolve;
mod error;
mod kernel;
mod library;
mod poly;
mod write;

pub use convolve::{Mollified, mollify};
pub use error::MollifyError;
pub use kernel::Kernel;
pub use library::{base, bases, kernel, kernels};

#[cfg(test)]
mod tests;
