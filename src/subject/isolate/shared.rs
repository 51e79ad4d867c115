//! The memory that this process and a worker share: input, incoming gradient and output of one batch, each between guards.

use memmap2::MmapMut;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd as _, BorrowedFd};

/// Bytes of each of the three arrays: the longest batch. An exhaustive audit of f32 asks for 65,536 floats at a time, since shorter
/// batches cost more than the code does that is asked (starting one takes an interpreter 50 microseconds), and on a device
/// for a million. What is not used of the arrays is never touched.
pub const ARRAY: usize = 1 << 22;
/// Bytes of a guard.
const GUARD: usize = 4096;
/// So far from a boundary of as many bytes arrays may start: the widest vectors, and the lines of a cache, are so long.
pub const BOUNDARY: usize = 64;
/// Where the input starts.
pub const INPUT: usize = GUARD;
/// Where the incoming gradient starts.
pub const GRADIENT: usize = INPUT + ARRAY + GUARD;
/// Where the output starts.
pub const OUTPUT: usize = GRADIENT + ARRAY + GUARD;
/// Bytes in all.
pub const SIZE: usize = OUTPUT + ARRAY + GUARD + BOUNDARY;

/// What an output holds before a batch. As 16, 32 or 64 bits, a NaN in every format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poison(u16);

impl Poison {
    /// Two that differ: a value that follows the poison was never written.
    pub const BOTH: [Self; 2] = [Self(0x7ff5), Self(0xfff3)];

    fn fill(self, bytes: &mut [u8]) {
        bytes.as_chunks_mut().0.fill(self.0.to_ne_bytes());
    }

    fn fills(self, bytes: &[u8]) -> bool {
        bytes.as_chunks().0.iter().all(|chunk| *chunk == self.0.to_ne_bytes())
    }

    /// Copies elements of `WIDTH` bytes; gives the places of those that it fills.
    fn copy<const WIDTH: usize>(self, from: &[u8], to: &mut [u8]) -> Vec<usize> {
        let mut pattern = [0; WIDTH];
        self.fill(&mut pattern);
        let (from, to) = (from.as_chunks::<WIDTH>().0, to.as_chunks_mut::<WIDTH>().0);
        // nearly always there is none, and counting on the way is faster than collecting
        let mut filled = 0;
        for (from, to) in from.iter().zip(to) {
            filled += u32::from(*from == pattern);
            *to = *from;
        }
        match filled {
            0 => vec![],
            _ => (0..from.len()).filter(|k| from[*k] == pattern).collect(),
        }
    }
}

/// Memory without a name, which a child process inherits.
pub struct Shared {
    file: File,
    map: MmapMut,
    /// bytes from where an array may start to where it does
    shift: usize,
}

impl Shared {
    pub fn new() -> io::Result<Self> {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
        let file = File::from(memfd_create("actaudit", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        file.set_len(SIZE as u64)?;
        // the code has the file, too: were it cut off, this process would end with a bus error when it looks
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        #[expect(unsafe_code, reason = "memory shared with foreign code")]
        // SAFETY: nobody can shrink the file, which is sealed; only this process and its worker have it. The worker
        // writes to it while a batch runs, when nobody here looks; what it leaves there are numbers, valid in any case.
        let map = unsafe { MmapMut::map_mut(&file)? };
        Ok(Self { file, map, shift: 0 })
    }

    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Puts down the input and the incoming gradient, and poison where the output and its guards are; all of them so many
    /// bytes, less than [`BOUNDARY`], off a boundary.
    pub fn prepare(&mut self, input: &[u8], gradient: &[u8], poison: Poison, shift: usize) {
        self.shift = shift;
        self.map[INPUT + shift..][..input.len()].copy_from_slice(input);
        self.map[GRADIENT + shift..][..gradient.len()].copy_from_slice(gradient);
        poison.fill(&mut self.map[OUTPUT + shift - GUARD..][..input.len() + 2 * GUARD]);
    }

    /// Copies the output. Gives the places in it, in elements of this many bytes, that still are as [`Shared::prepare`] left
    /// them.
    pub fn collect(&self, to: &mut [u8], width: usize, poison: Poison) -> Vec<usize> {
        let output = &self.map[OUTPUT + self.shift..][..to.len()];
        match width {
            2 => poison.copy::<2>(output, to),
            4 => poison.copy::<4>(output, to),
            _ => poison.copy::<8>(output, to),
        }
    }

    /// Elements before and after the output that were written to: the outermost one on either side, counted from it.
    pub fn outside(&self, len: usize, width: usize, poison: Poison) -> [Option<usize>; 2] {
        let farthest = |range: Range<usize>, outward: &dyn Fn(usize) -> usize| {
            let bytes = &self.map[range];
            // of equal parts all are what the first is; and comparing is fast
            if poison.fills(&bytes[..2]) && bytes[2..] == bytes[..GUARD - 2] {
                return None;
            }
            let written = bytes.chunks(width).enumerate().filter(|(_, element)| !poison.fills(element));
            written.map(|(k, _)| outward(k)).max()
        };
        let (count, start) = (GUARD / width, OUTPUT + self.shift);
        let end = start + len;
        [farthest(start - GUARD..start, &|k| count - k), farthest(end..end + GUARD, &|k| k + 1)]
    }

    /// Whether the input or the incoming gradient is no longer what it was.
    pub fn changed(&self, input: &[u8], gradient: &[u8]) -> bool {
        self.map[INPUT + self.shift..][..input.len()] != *input
            || self.map[GRADIENT + self.shift..][..gradient.len()] != *gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::FloatFormat;

    #[test]
    fn poison_is_nan_in_every_format() {
        for poison in Poison::BOTH {
            for format in FloatFormat::ALL {
                let bits = [u64::from(poison.0); 4].iter().fold(0, |all, p| all << 16 | p);
                let bits = if format.width() == 64 { bits } else { bits & ((1 << format.width()) - 1) };
                assert!(format.decode(bits).is_nan(), "{format:?}");
            }
        }
    }

    #[test]
    fn what_is_written_is_seen_where_it_is() {
        let mut shared = Shared::new().expect("memory");
        for (poison, shift) in Poison::BOTH.into_iter().zip([0, 12]) {
            let at = OUTPUT + shift;
            shared.prepare(&[1; 40], &[2; 40], poison, shift);
            let mut output = [1; 40];
            assert_eq!(shared.collect(&mut output, 4, poison), Vec::from_iter(0..10));
            assert!(poison.fills(&output));
            assert_eq!(shared.outside(40, 4, poison), [None, None]);
            shared.map[at + 4] = 0;
            shared.map[at + 40] = 0;
            shared.map[at + 51] = 0;
            shared.map[at - 1] = 0;
            assert_eq!(shared.collect(&mut output, 4, poison), [0, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert_eq!(output[4], 0);
            assert_eq!(shared.outside(40, 4, poison), [Some(1), Some(3)]);
            assert!(!shared.changed(&[1; 40], &[2; 40]));
            shared.map[INPUT + shift + 39] = 0;
            assert!(shared.changed(&[1; 40], &[2; 40]));
        }
        // as long and as far off as can be
        shared.prepare(&[0; ARRAY], &[0; ARRAY], Poison::BOTH[0], BOUNDARY - 1);
        assert_eq!(shared.outside(ARRAY, 4, Poison::BOTH[0]), [None, None]);
    }
}
