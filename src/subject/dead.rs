//! Code that ended its process, or hung, while it was loaded: there is nothing to ask, and that is a finding about it.

use super::incident::{Answered, Incident, Kind, NO_ANSWER};
use super::{Subject, SubjectError};
use crate::expr::FloatFormat;
use crate::kernels::{Call, Pass};

/// Code that did not survive being loaded. What it has is not known: it is asked in the formats and directions that are named here.
pub(crate) struct Dead {
    name: String,
    kind: Kind,
    message: String,
    formats: Vec<FloatFormat>,
    passes: Vec<Pass>,
}

impl Dead {
    /// Out of the error that says so; any other error is given back.
    pub(crate) fn of(error: SubjectError, formats: &[FloatFormat], passes: &[Pass]) -> Result<Self, SubjectError> {
        match error {
            SubjectError::Died { subject, kind, message } => {
                Ok(Self { name: subject, kind, message, formats: formats.to_vec(), passes: passes.to_vec() })
            }
            other => Err(other),
        }
    }

    /// One call in which nothing is answered.
    fn nothing(&self, inputs: usize, allowed: u32) -> Answered {
        let missing = (0..inputs).map(|place| (place, NO_ANSWER)).collect();
        let text = format!("while it was loaded: {}", self.message);
        // no input has anything to do with it
        let incident = Incident { kind: self.kind, batch: 0, inputs: vec![], text, repeats: false };
        Answered { missing, incidents: vec![incident], failed: allowed, ..Answered::default() }
    }
}

impl Subject for Dead {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn supports(&self, format: FloatFormat, pass: Pass) -> bool {
        self.formats.contains(&format) && self.passes.contains(&pass)
    }

    fn lacks(&self, _: FloatFormat) -> &'static str {
        "the code could not be loaded"
    }

    fn run(&self, _: Pass, _: Call<'_>) -> Result<(), SubjectError> {
        let (subject, kind, message) = (self.name.clone(), self.kind, self.message.clone());
        Err(SubjectError::Died { subject, kind, message })
    }

    fn answer(&self, _: Pass, call: Call<'_>, allowed: u32) -> Result<Answered, SubjectError> {
        Ok(self.nothing(call.inputs(), allowed))
    }

    fn failures(&self) -> u32 {
        1
    }

    fn isolated(&self) -> bool {
        true
    }

    fn every_f32(&self) -> bool {
        false
    }
}
