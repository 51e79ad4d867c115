//! How a tensor lies in memory. The values are the same; the code that torch chooses for them need not be.

use super::element::{Element, kind};
use tch::{TchError, Tensor};
use zerocopy::IntoBytes as _;

/// Bytes to which libtorch aligns what it allocates on the processor.
const ALIGNMENT: usize = 64;

/// How the input lies in memory, and where the output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// one element after the other, from the start of an allocation
    #[default]
    Contiguous,
    /// every second element of a tensor of twice the length
    Strided,
    /// a slice that begins one element after the start of an allocation: not aligned to a vector
    Offset,
    /// contiguous, and the output replaces the input: `torch.relu_`
    InPlace,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 4] = [Self::Contiguous, Self::Strided, Self::Offset, Self::InPlace];

    /// As in the text of a subject.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contiguous => "contiguous",
            Self::Strided => "strided",
            Self::Offset => "offset",
            Self::InPlace => "inplace",
        }
    }

    /// Whether the elements of a slice, as they lie, are such a tensor as they are: libtorch aligns its own to 64 bytes, and nothing
    /// may write to them.
    pub(crate) fn lends<T>(self, x: &[T], device: tch::Device) -> bool {
        self == Self::Contiguous && device == tch::Device::Cpu && x.as_ptr().cast::<u8>().align_offset(ALIGNMENT) == 0
    }

    /// A tensor of these elements that lies so.
    pub(crate) fn tensor<T: Element>(self, x: &[T], device: tch::Device) -> Result<Tensor, TchError> {
        let make =
            |x: &[T]| Tensor::f_from_data_size(x.as_bytes(), &[x.len() as i64], kind(T::FORMAT))?.f_to_device(device);
        match self {
            Self::Contiguous | Self::InPlace => make(x),
            Self::Strided => {
                let apart: Vec<T> = x.iter().flat_map(|x| [*x, T::new_zeroed()]).collect();
                make(&apart)?.f_slice(0, None, None, 2)
            }
            Self::Offset => {
                let mut behind = Vec::with_capacity(x.len() + 1);
                behind.push(T::new_zeroed());
                behind.extend_from_slice(x);
                make(&behind)?.f_narrow(0, 1, x.len() as i64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_lie_as_they_should() {
        let x = [1.0f32, 2.0, 3.0];
        let tensor = |layout: Layout| layout.tensor(&x, tch::Device::Cpu).expect("made");
        for layout in Layout::ALL {
            assert_eq!(Vec::<f32>::try_from(&tensor(layout)).expect("floats"), x, "{}", layout.name());
        }
        assert_eq!(tensor(Layout::Strided).stride(), [2]);
        assert!(tensor(Layout::Contiguous).is_contiguous() && !tensor(Layout::Strided).is_contiguous());
        assert_eq!(tensor(Layout::Offset).data_ptr() as usize % 16, 4);
    }
}
