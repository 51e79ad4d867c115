//! What was found for one entry of a gate, before it is judged: what parts of a gate write down for each other.

use super::config::Asked;
use crate::audit::segment::{SweepError, put_together};
use crate::audit::{Audit, Facts, Look, Plan, Record, SweepPart, names};
use crate::expr::FloatFormat;
use crate::kernels::Pass;
use serde::{Deserialize, Serialize};

/// What was found for one entry.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// why the code is not there, or why its audit broke off
    pub absent: Option<String>,
    /// what its results depend on besides the inputs
    pub environment: Option<String>,
    /// whether it was stopped on the way
    pub partial: bool,
    /// whether some of it belongs to another part
    pub elsewhere: bool,
    /// the files that the subject names, with their hashes
    #[serde(default)]
    pub files: Vec<(String, String)>,
    /// format by format and pass by pass
    pub units: Vec<Looked>,
    /// what was seen of sweeps of which other parts look at the rest
    #[serde(default)]
    pub sweeps: Vec<SweepPart>,
}

/// What was found in one format and pass.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// format
    #[serde(with = "names::format")]
    pub dtype: FloatFormat,
    /// direction
    #[serde(with = "names::pass")]
    pub pass: Pass,
    /// which inputs were looked at
    pub inputs: Look,
    /// how many
    pub count: u64,
    /// check by check
    pub records: Vec<Record>,
}

impl Looked {
    /// The results of an audit of one subject, unit by unit.
    pub(super) fn of(plan: &Plan, audit: &Audit) -> Vec<Self> {
        let of = |records: &[Record]| {
            let first = records.first()?;
            let unit = plan.units.iter().find(|u| (u.dtype, u.pass) == (first.dtype, first.pass))?;
            let (inputs, count) = (unit.inputs, unit.count);
            Some(Self { dtype: unit.dtype, pass: unit.pass, inputs, count, records: records.to_vec() })
        };
        audit.results.chunk_by(|a, b| (a.dtype, a.pass) == (b.dtype, b.pass)).filter_map(of).collect()
    }
}

impl Found {
    /// Adds what another part found.
    pub(super) fn add(&mut self, other: Self) {
        self.absent = self.absent.take().or(other.absent);
        self.environment = self.environment.take().or(other.environment);
        self.partial |= other.partial;
        if self.files.is_empty() {
            self.files = other.files;
        }
        self.units.extend(other.units);
        self.sweeps.extend(other.sweeps);
    }

    /// Makes results of the sweeps that all parts looked at together.
    ///
    /// # Errors
    /// If segments are missing, though no part was stopped, or are there twice, or the definition cannot be evaluated.
    pub(super) fn join_sweeps(&mut self, asked: &Asked, facts: &Facts) -> Result<(), SweepError> {
        let mut sweeps = std::mem::take(&mut self.sweeps);
        sweeps.sort_by_key(|sweep| sweep.pass);
        for parts in sweeps.chunk_by(|a, b| a.pass == b.pass) {
            let (dtype, pass) = (parts[0].dtype, parts[0].pass);
            match put_together(facts, &asked.activation, &asked.options, parts) {
                Ok(records) => {
                    self.units.push(Looked { dtype, pass, inputs: Look::Exhaustive, count: 1 << 32, records });
                }
                Err(SweepError::Missing(_)) if self.partial => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Puts the units of all parts in the order of one run.
    pub(super) fn put_in_order(&mut self, asked: &Asked) {
        let place = |unit: &Looked| (asked.options.dtypes.iter().position(|f| *f == unit.dtype), unit.pass);
        self.units.sort_by_key(place);
    }
}
