//! Another way to call code that is under test.

use super::{Answered, Isolated, Subject, SubjectError};
use crate::expr::FloatFormat;
use crate::kernels::{Call, Pass};

/// The same code, called in another way.
pub(super) struct Manner<'a> {
    pub(super) code: &'a Isolated,
    pub(super) kernel: usize,
}

impl Subject for Manner<'_> {
    fn name(&self) -> String {
        self.code.name()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.code.supports(format, pass)
    }

    fn run(&self, pass: Pass, call: Call<'_>) -> Result<(), SubjectError> {
        self.code.whole(self.answer(pass, call, self.failures())?)
    }

    fn answer(&self, pass: Pass, call: Call<'_>, allowed: u32) -> Result<Answered, SubjectError> {
        self.code.answer_with(self.kernel, pass, call, None, (allowed, 0))
    }

    fn failures(&self) -> u32 {
        self.code.failures()
    }

    fn isolated(&self) -> bool {
        true
    }
}
