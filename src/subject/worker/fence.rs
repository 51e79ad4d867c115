//! Arrays that lie right beside memory that cannot be touched: what reads or writes further than it may ends the process at once.
#![expect(unsafe_code, reason = "memory is mapped, and taken back")]

use crate::subject::Edge;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use std::ffi::c_void;
use std::io;
use std::ops::Range;
use std::slice;

/// Bytes of a page; a larger page of the system is several of these, and the fence is nearer to its end then than to an array.
const PAGE: usize = 4096;
/// Bytes on either side that cannot be touched. Reserving addresses costs nothing.
const FENCE: usize = 1 << 26;
/// Bytes on the side that is not asked about, which can be touched, so that what happens there is not taken for the other.
const OPEN: usize = 1 << 20;

/// All that is mapped for a copy of so many bytes.
const fn total(size: usize) -> usize {
    size + OPEN + 2 * FENCE
}

/// A copy of a part of the shared memory, with a fence at one side and, behind some room, at the other.
pub struct Fenced {
    base: *mut c_void,
    /// the part of the shared memory that is copied: whole pages
    window: Range<usize>,
    /// where the array starts in it
    start: usize,
    /// where the copy starts in the mapping
    copy: usize,
}

impl Fenced {
    /// Copies an array so that it ends `gap` bytes before the fence, or begins so far behind it.
    pub fn new(memory: &[u8], array: Range<usize>, edge: Edge, gap: usize) -> io::Result<Self> {
        let size = (array.len() + gap).next_multiple_of(PAGE).max(PAGE);
        let window = match edge {
            Edge::End => (array.end + gap).checked_sub(size).map(|first| first..array.end + gap),
            Edge::Start => array.start.checked_sub(gap).map(|first| first..first + size),
        };
        let beyond = || io::Error::other("the array is too near to the ends of the shared memory");
        let window = window.filter(|w| w.end <= memory.len()).ok_or_else(beyond)?;
        let copy = FENCE + if edge == Edge::End { OPEN } else { 0 };
        let nothing = ProtFlags::empty();
        // SAFETY: new memory, wherever the system likes; the middle of it is then made readable and writable
        let base = unsafe {
            let base =
                mmap_anonymous(std::ptr::null_mut(), total(size), nothing, MapFlags::PRIVATE | MapFlags::NORESERVE)?;
            mprotect(base.wrapping_byte_add(FENCE), size + OPEN, MprotectFlags::READ | MprotectFlags::WRITE)?;
            base
        };
        let start = array.start - window.start;
        let copied = &memory[window.clone()];
        let mut fenced = Self { base, window, start, copy };
        fenced.bytes().copy_from_slice(copied);
        Ok(fenced)
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: mapped, readable and writable, and of nobody else
        unsafe { slice::from_raw_parts_mut(self.base.wrapping_byte_add(self.copy).cast(), self.window.len()) }
    }

    /// Where the array starts.
    pub fn pointer(&mut self) -> *mut c_void {
        self.base.wrapping_byte_add(self.copy + self.start)
    }

    /// Writes back what is there now.
    pub fn restore(mut self, memory: &mut [u8]) {
        let window = self.window.clone();
        memory[window].copy_from_slice(self.bytes());
    }
}

impl Drop for Fenced {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, to which no reference is left
        let _ = unsafe { munmap(self.base, total(self.window.len())) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_ends_or_begins_where_it_should() {
        let mut memory: Vec<u8> = (0..40_000u32).map(|k| k as u8).collect();
        for (edge, gap) in [(Edge::End, 0), (Edge::Start, 0), (Edge::End, 8), (Edge::Start, 8)] {
            for len in [0, 4, 4095, 4096, 9000] {
                let array = 12_345..12_345 + len;
                let mut fenced = Fenced::new(&memory, array.clone(), edge, gap).expect("is mapped");
                let at = fenced.pointer() as usize % PAGE;
                let expected = match edge {
                    Edge::End => (PAGE * 8 - len - gap) % PAGE,
                    Edge::Start => gap,
                };
                assert_eq!(at, expected, "{edge:?} {gap} {len}");
                let start = fenced.start;
                assert_eq!(fenced.bytes()[start..start + len], memory[array.clone()]);
                fenced.bytes()[start..start + len].fill(7);
                let before = memory.clone();
                fenced.restore(&mut memory);
                assert!(memory[array.clone()].iter().all(|b| *b == 7));
                assert_eq!(
                    (&memory[..array.start], &memory[array.end..]),
                    (&before[..array.start], &before[array.end..])
                );
            }
        }
        assert!(Fenced::new(&memory, 100..200, Edge::End, 0).is_err());
    }
}
