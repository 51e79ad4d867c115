//! Element types of tensors.

use actaudit::expr::FloatFormat;
use actaudit::internal::Format;
use tch::{Kind, TchError, Tensor};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// An element type of a tensor. (Not tch's own `Element`: its bfloat16 makes tensors of binary16.)
pub trait Element: Format + FromBytes + IntoBytes + Immutable + KnownLayout {}

impl Element for f64 {}
impl Element for f32 {}
impl Element for half::f16 {}
impl Element for half::bf16 {}

/// torch's name of a format.
pub(crate) const fn kind(format: FloatFormat) -> Kind {
    match format {
        FloatFormat::F64 => Kind::Double,
        FloatFormat::F32 => Kind::Float,
        FloatFormat::F16 => Kind::Half,
        FloatFormat::Bf16 => Kind::BFloat16,
    }
}

/// The elements, refusing a tensor of another type or length rather than converting it.
pub(crate) fn read<T: Element>(y: &Tensor, out: &mut [T]) -> Result<(), TchError> {
    let (got, wanted) = (y.f_kind()?, kind(T::FORMAT));
    if got != wanted || y.numel() != out.len() {
        let (there, len) = (y.numel(), out.len());
        return Err(TchError::Shape(format!("{there} elements of {got:?} came back for {len} of {wanted:?}")));
    }
    // contiguous, and on the processor, before the bytes are read
    let len = out.len();
    y.f_copy_data_u8(out.as_mut_bytes(), len)
}
