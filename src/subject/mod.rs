//! Implementations under test.

#[cfg(feature = "torch")]
pub mod torch;
