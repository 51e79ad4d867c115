//! What a worker is asked, and what it answers.

use crate::expr::FloatFormat;
use crate::kernels::Pass;
use crate::subject::Fence;
use crate::subject::isolate::{INPUT, OUTPUT};
use serde_json::Value;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Code that is ready to answer.
pub trait Code {
    /// What the audit is told about it: its kernels, an object.
    fn describe(&self) -> Value;

    /// One batch, from and to the shared memory; gives the number of outputs that the code says it wrote.
    ///
    /// # Errors
    /// If the code says that it failed.
    fn answer(&mut self, batch: &Batch, memory: &mut [u8]) -> Result<i64, Trouble>;
}

/// Why code is not used.
pub struct Refusal {
    /// `library`, `symbol`, `abi`, `runtime`, `malformed`
    pub kind: &'static str,
    /// in words
    pub text: String,
}

impl Refusal {
    /// Of this kind.
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// A batch that was not answered.
pub struct Trouble {
    /// `exception`, `length`, `type`
    pub kind: &'static str,
    /// in words
    pub text: String,
}

impl Trouble {
    /// Of this kind.
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The code has no such kernel.
    #[must_use]
    pub fn no_kernel(batch: &Batch) -> Self {
        let Batch { kernel, pass, format, .. } = batch;
        Self::new("exception", format!("there is no kernel {kernel} for {} {}", format.name(), pass.name()))
    }
}

/// One batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// which of the code's kernels
    pub kernel: usize,
    /// forward, backward or double backward
    pub pass: Pass,
    /// of inputs and outputs
    pub format: FloatFormat,
    /// bytes that the arrays are off a boundary
    pub shift: usize,
    /// inputs
    pub n: usize,
    /// an array beside which memory cannot be touched, and how many bytes lie between
    pub fence: Option<(Fence, usize)>,
}

impl Batch {
    /// Out of a command.
    pub(super) fn read(command: &Value) -> Option<Self> {
        let number = |key: &str| command[key].as_u64().and_then(|k| usize::try_from(k).ok());
        let pass = command["pass"].as_str().and_then(|name| Pass::KNOWN.into_iter().find(|p| p.name() == name))?;
        Some(Self {
            kernel: number("kernel")?,
            pass,
            format: FloatFormat::from_name(command["dtype"].as_str()?)?,
            shift: number("shift").unwrap_or(0),
            n: number("n")?,
            fence: Fence::read(&command["fence"]),
        })
    }

    /// The inputs and the place of the outputs in the shared memory; none if it is not aligned to elements, or too short.
    pub fn arrays<'a, T>(&self, memory: &'a mut [u8]) -> Option<(&'a [T], &'a mut [T])>
    where
        T: FromBytes + IntoBytes + Immutable + KnownLayout,
    {
        let bytes = self.n.checked_mul(size_of::<T>())?;
        let (before, after) = memory.split_at_mut_checked(OUTPUT)?;
        let x = before.get(INPUT.checked_add(self.shift)?..)?.get(..bytes)?;
        let y = after.get_mut(self.shift..)?.get_mut(..bytes)?;
        Some((<[T]>::ref_from_bytes(x).ok()?, <[T]>::mut_from_bytes(y).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::isolate::SIZE;
    use serde_json::json;

    #[test]
    fn batches_are_read() {
        let batch = Batch::read(&json!({"kernel": 1, "pass": "double", "dtype": "f16", "shift": 6, "n": 3}));
        let expected = Batch { kernel: 1, pass: Pass::Double, format: FloatFormat::F16, shift: 6, n: 3, fence: None };
        assert_eq!(batch, Some(expected));
        for wrong in [json!({}), json!({"kernel": 0, "pass": "up", "dtype": "f16", "n": 1}), json!({"n": -1})] {
            assert_eq!(Batch::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn arrays_lie_where_the_audit_put_them() {
        let mut memory = vec![0; SIZE];
        let batch =
            |shift, n| Batch { kernel: 0, pass: Pass::Forward, format: FloatFormat::F32, shift, n, fence: None };
        memory[INPUT + 4..][..8].copy_from_slice([1.0f32, -2.0].as_bytes());
        let (x, y) = batch(4, 2).arrays::<f32>(&mut memory).expect("there");
        assert_eq!(x, [1.0, -2.0]);
        y.copy_from_slice(&[3.0, 4.0]);
        assert_eq!(memory[OUTPUT + 4..][..8], *[3.0f32, 4.0].as_bytes());
        assert!(batch(1, 2).arrays::<f32>(&mut memory).is_none(), "not aligned");
        assert!(batch(0, usize::MAX).arrays::<f32>(&mut memory).is_none());
        assert!(batch(0, SIZE).arrays::<f32>(&mut memory).is_none());
    }
}
