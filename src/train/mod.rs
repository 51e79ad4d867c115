//! Training audits: short, paired experiments with networks that differ in their activation alone, and what they say about
//! statements on training.
//!
//! A run ([`RunSpec`]) is trained by the program that links libtorch and tells [`Event`]s. Everything else is here: plans
//! ([`Plan`]), what runs say ([`judge()`]), faults that make runs worthless ([`findings`]). Nothing here is called proved.

mod drive;
mod error;
mod event;
mod fault;
mod file;
mod judge;
mod keep;
mod number;
mod outcome;
mod plan;
mod published;
mod spec;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use drive::{Host, Watch, kept, run};
pub use error::TrainError;
pub use event::{Evaluated, Event, Finished, Look, Site, SlopeCheck, Started, Step, Stopped, binade};
pub use fault::{Finding, checks, findings};
pub use file::{ArmFile, AuditFile, ClaimFile, Preset, Published, Reason, Says, Size};
pub use judge::{Compared, Judged, Judgement, Results, Shown, judge, p_in_words, trend_p};
pub use keep::Keep;
pub use outcome::{DEAD, GRAD_NORM, Outcome, SECONDS, SLOPE_SQUARE};
pub use plan::{Arm, Asked, DATA_VARIABLE, Family, LEVEL, Plan, Run};
pub use spec::{Change, Checkpoint, Fault, Function, Model, Recipe, Route, RunSpec, Task};

use sha2::{Digest, Sha256};

/// The first argument that makes the program with libtorch train a run.
pub const COMMAND: &str = "train";

/// A short digest of bytes, 16 hexadecimal digits: for telling whether things are equal, not against forgery.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{:.16}", format!("{:x}", hash.finalize()))
}
