//! Other ways to call a kernel of a library than once, in one thread, with arrays that all lie alike. Each has to give the outputs of
//! the usual call, bit by bit; what differs is handed over in its place.
#![expect(unsafe_code, reason = "foreign code is called")]

use super::Batch;
use super::environment::Environment;
use super::library::Kernel;
use std::ffi::c_void;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// The ways, by number from 1.
pub const MANNERS: [&str; 3] =
    ["from four threads at once", "with arrays that are aligned differently", "again and again"];
/// The kernel of this number is one of the library's, called in the manner of `number / KERNELS`.
pub const KERNELS: usize = 1 << 16;

const THREADS: usize = 4;
/// Calls that are made again, if the code is so fast.
const AGAIN: usize = 200;
/// Inputs with which threads call for as long as they may.
const MANY: usize = 512;
/// After so long a call is not made again.
const LONG: Duration = Duration::from_millis(20);
/// Bytes beside an array of our own, which the code may write to; and the boundary that it lies off.
const BESIDE: usize = 4096;
const BOUNDARY: usize = 64;

/// Where a kernel finds its arrays and puts its outputs.
#[derive(Clone, Copy)]
struct Arrays {
    input: *const u8,
    gradient: *const u8,
    output: *mut u8,
}

// SAFETY: threads are handed parts of the arrays that do not overlap
unsafe impl Send for Arrays {}
// SAFETY: as above
unsafe impl Sync for Arrays {}

impl Arrays {
    fn from(self, byte: usize) -> Self {
        let Self { input, gradient, output } = self;
        Self {
            input: input.wrapping_add(byte),
            gradient: gradient.wrapping_add(byte),
            output: output.wrapping_add(byte),
        }
    }
}

/// An array of our own, so many bytes off a boundary.
struct Own {
    memory: Vec<u8>,
    at: usize,
}

impl Own {
    fn new(bytes: usize, off: usize) -> Self {
        let memory = vec![0; bytes + 2 * BESIDE + BOUNDARY];
        let over = memory.as_ptr() as usize % BOUNDARY;
        Self { memory, at: BESIDE + (BOUNDARY - over) + off }
    }

    fn pointer(&mut self) -> *mut u8 {
        self.memory[self.at..].as_mut_ptr()
    }
}

/// Calls a kernel in the manner of this number: the arrays are those of the usual call. `None` if it lacks this pass, or there is no
/// such manner.
pub(super) fn call(kernel: &Kernel, manner: usize, batch: &Batch, arrays: [*mut c_void; 3]) -> Option<i64> {
    let [input, gradient, output] = arrays.map(|pointer| pointer.cast::<u8>());
    let arrays = Arrays { input, gradient, output };
    let size = (batch.format.width() / 8) as usize;
    let at = |a: Arrays, n: usize| {
        // what a call does to the processor's state is told of the usual call
        let before = Environment::read();
        let answer = kernel.call(batch.pass, a.input.cast(), a.gradient.cast(), a.output.cast(), n);
        before.restore();
        answer
    };
    match manner {
        1 => threads(&at, arrays, batch.n, size),
        2 => apart(&at, arrays, batch.n, size),
        3 => again(&at, arrays, batch.n, size),
        _ => None,
    }
}

type At<'a> = dyn Fn(Arrays, usize) -> Option<i64> + Sync + 'a;

/// The bytes that were written.
fn bytes<'a>(at: *mut u8, count: usize) -> &'a mut [u8] {
    // SAFETY: the arrays of a batch, and those of our own, are that long
    unsafe { std::slice::from_raw_parts_mut(at, count) }
}

/// Each thread has a part of the inputs, and calls at the same time as the others.
fn threads(at: &At<'_>, arrays: Arrays, n: usize, size: usize) -> Option<i64> {
    let answer = at(arrays, n)?;
    let usual = bytes(arrays.output, n * size).to_vec();
    let barrier = Barrier::new(THREADS);
    let part = |k: usize| n * k / THREADS..n * (k + 1) / THREADS;
    let differs = thread::scope(|scope| {
        let run = |k: usize| {
            let (part, barrier, usual) = (part(k), &barrier, &usual);
            move || {
                let range = part.start * size..part.end * size;
                let here = arrays.from(range.start);
                barrier.wait();
                let begun = Instant::now();
                // long arrays for all of the time: threads may have to share a processor
                let times = if n < MANY { AGAIN } else { usize::MAX };
                for _ in 0..times {
                    if part.is_empty() || begun.elapsed() > LONG {
                        break;
                    }
                    at(here, part.len())?;
                    let written = bytes(here.output, range.len());
                    if *written != usual[range.clone()] {
                        return Some((range, written.to_vec()));
                    }
                }
                None
            }
        };
        let all: Vec<_> = (0..THREADS).map(|k| scope.spawn(run(k))).collect();
        all.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect::<Vec<_>>()
    });
    bytes(arrays.output, usual.len()).copy_from_slice(&usual);
    for (range, written) in differs {
        bytes(arrays.output, usual.len())[range].copy_from_slice(&written);
    }
    Some(answer)
}

/// Input, gradient and output are each off the boundary by another number of elements.
fn apart(at: &At<'_>, arrays: Arrays, n: usize, size: usize) -> Option<i64> {
    let mut own = [3, 2, 1].map(|elements| Own::new(n * size, elements * size));
    let [input, gradient, output] = own.each_mut().map(Own::pointer);
    bytes(input, n * size).copy_from_slice(bytes(arrays.input.cast_mut(), n * size));
    bytes(gradient, n * size).copy_from_slice(bytes(arrays.gradient.cast_mut(), n * size));
    // what is not written stays what it was
    bytes(output, n * size).copy_from_slice(bytes(arrays.output, n * size));
    let answer = at(Arrays { input, gradient, output }, n)?;
    bytes(arrays.output, n * size).copy_from_slice(bytes(output, n * size));
    Some(answer)
}

/// The first outputs that are not those of the first call.
fn again(at: &At<'_>, arrays: Arrays, n: usize, size: usize) -> Option<i64> {
    let answer = at(arrays, n)?;
    let usual = bytes(arrays.output, n * size).to_vec();
    let begun = Instant::now();
    for _ in 0..AGAIN {
        if begun.elapsed() > LONG || *bytes(arrays.output, n * size) != usual {
            break;
        }
        at(arrays, n)?;
    }
    Some(answer)
}
