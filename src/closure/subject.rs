//! Closures as code under test.

use crate::expr::FloatFormat;
use crate::kernels::{Call, Pass, Slices};
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};
use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Writes an output for each input.
pub type Fill<T> = dyn Fn(&[T], &mut [T]) + Send + Sync;

/// Closures for several formats and passes.
#[derive(Default)]
pub struct Closure {
    pub f64: BTreeMap<Pass, Box<Fill<f64>>>,
    pub f32: BTreeMap<Pass, Box<Fill<f32>>>,
    pub f16: BTreeMap<Pass, Box<Fill<f16>>>,
    pub bf16: BTreeMap<Pass, Box<Fill<bf16>>>,
}

/// Calls a closure; if it panics, which input makes it.
fn fill<T: Slices>(f: Option<&Fill<T>>, x: &[T], y: &mut [T]) -> Result<(), SubjectError> {
    let error = |message| SubjectError::Failed { subject: "closure".into(), message };
    let f = f.ok_or_else(|| error("there is none for this format and pass".into()))?;
    let call = |x: &[T], y: &mut [T]| catch_unwind(AssertUnwindSafe(|| f(x, y)));
    let Err(panic) = call(x, y) else { return Ok(()) };
    let failed = |at: String, panic: &(dyn Any + Send)| error(format!("it panicked {at}: {}", words(panic)));
    for x in x {
        if let Err(panic) = call(&[*x], &mut [T::from_bits64(0)]) {
            let (value, bits) = (x.to_f64(), T::FORMAT.hex(x.bits64()));
            return Err(failed(format!("at x = {value} ({bits})"), &*panic));
        }
    }
    Err(failed(format!("for a slice of {} inputs, and for none of them alone", x.len()), &*panic))
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".into())
}

impl Subject for Closure {
    fn name(&self) -> String {
        "closure".into()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        match format {
            FloatFormat::F64 => self.f64.contains_key(&pass),
            FloatFormat::F32 => self.f32.contains_key(&pass),
            FloatFormat::F16 => self.f16.contains_key(&pass),
            FloatFormat::Bf16 => self.bf16.contains_key(&pass),
        }
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        match call {
            Call::F64(x, y) => fill(self.f64.get(&pass).map(Box::as_ref), x, y),
            Call::F32(x, y) => fill(self.f32.get(&pass).map(Box::as_ref), x, y),
            Call::F16(x, y) => fill(self.f16.get(&pass).map(Box::as_ref), x, y),
            Call::Bf16(x, y) => fill(self.bf16.get(&pass).map(Box::as_ref), x, y),
        }
    }

    fn every_f32(&self) -> bool {
        false
    }
}
