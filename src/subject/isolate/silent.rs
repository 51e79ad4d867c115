//! Whether code writes no output at all. It is asked once for each kernel, in a process of its own, inputs all over the format: so
//! the answer depends neither on what was asked before nor on threads.

use super::narrow::{Code as _, Patience};
use super::{Element, Isolated, Kind};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Inputs that are asked for together: two or more in each binade of f64 and either sign, and more in those of other formats.
pub(super) const TOGETHER: usize = 8192;
/// Of these, so many are asked for alone, too: code may only refuse long batches, or write nothing at first.
pub(super) const ALONE: usize = 64;

/// What was decided, by kernel.
pub(super) type Silence = Mutex<BTreeMap<(usize, FloatFormat, Pass), Arc<OnceLock<bool>>>>;

impl Isolated {
    /// Whether a kernel writes none of its outputs, as far as [`TOGETHER`] and [`ALONE`] inputs show. A failure says that it does not.
    pub(super) fn writes_nothing<T: Element>(&self, kernel: usize, pass: Pass) -> bool {
        let decided = {
            let mut all = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry((kernel, T::FORMAT, pass)).or_default())
        };
        *decided.get_or_init(|| self.is_silent_all_over::<T>(kernel, pass))
    }

    fn is_silent_all_over<T: Element>(&self, kernel: usize, pass: Pass) -> bool {
        let inputs = spread::<T>();
        let (mut slot, mut output) = (None, vec![T::default(); inputs.len()]);
        let mut asking = self.asking(&mut slot, (kernel, pass, 0), &inputs, &mut output);
        let piece = self.piece::<T>();
        let together = (0..inputs.len()).step_by(piece).map(|first| first..(first + piece).min(inputs.len()));
        let alone = (0..inputs.len()).step_by(inputs.len() / ALONE).map(|place| place..place + 1);
        together.chain(alone).all(|part| {
            let blemishes = asking.ask(part.clone(), Patience::Full).unwrap_or_default();
            blemishes.iter().any(|b| b.kind == Kind::Unwritten && b.places.len() == part.len())
        })
    }
}

/// Inputs at even distances among all bit patterns of a format.
fn spread<T: Element>() -> Vec<T> {
    let step = (1 << (T::FORMAT.width() - 1)) / (TOGETHER as u64 / 2);
    (0..TOGETHER as u64).map(|k| T::from_bits64(T::FORMAT.at_place(k * step + step / 2))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::{bf16, f16};
    use std::collections::BTreeSet;

    fn binades<T: Element>(precision: i32, width: u32) -> usize {
        let bits: BTreeSet<u64> = spread::<T>().into_iter().map(|x| x.bits64() >> (precision - 1)).collect();
        assert_eq!(spread::<T>().len(), TOGETHER);
        assert_eq!(bits.len(), 1 << (width + 1 - precision as u32), "{:?}", T::FORMAT);
        bits.len()
    }

    #[test]
    fn every_binade_of_either_sign_is_asked_for() {
        assert_eq!(binades::<f64>(53, 64), 4096);
        assert_eq!(binades::<f32>(24, 32), 512);
        assert_eq!(binades::<f16>(11, 16), 64);
        assert_eq!(binades::<bf16>(8, 16), 512);
    }
}
