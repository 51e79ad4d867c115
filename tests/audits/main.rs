//! Code under test: planted kernels, and other people's in every form. `cargo test --test audits onnx::` runs those of one form.

mod beside;
mod data;
mod defects;
mod edges;
mod emit;
mod foreign;
mod gradients;
mod manners;
mod onnx;
mod part;
#[cfg(feature = "plugins")]
mod plugins;
mod python;
mod silent;
#[path = "../common/there.rs"]
mod there;
mod torch;
mod train;
