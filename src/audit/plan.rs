//! The plan of an audit: what will be looked at, as data, made before anything is run. No clock has a say in it.

use super::facts::{Facts, Known};
use super::inputs::{Effort, Inputs};
use super::options::{Options, VerifyError};
use super::places::Places;
use super::segment::places;
use crate::check::Within;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::reference::Table;
use crate::subject::Subject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Floats without a polynomial that an audit of standard effort bears in f32: each takes about a microsecond.
const MAX_OPEN: u64 = 1 << 25;

/// What an audit will do.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Plan {
    /// of which activation
    pub activation: Activation,
    /// as asked for
    pub options: Options,
    /// whose code
    pub subjects: Vec<Planned>,
    /// every part of the audit, in the order of the report
    pub units: Vec<Unit>,
}

/// Code that will be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Planned {
    /// as on the command line
    pub name: String,
    /// what its results depend on
    pub environment: Option<String>,
    /// only shown beside the others: it does not count
    pub beside: bool,
}

/// The smallest part of an audit: one subject in one format and pass, over one set of inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unit {
    /// place among the plan's subjects
    pub subject: usize,
    /// format
    pub dtype: FloatFormat,
    /// direction
    pub pass: Pass,
    /// which inputs
    pub inputs: Look,
    /// how many
    pub count: u64,
    /// why it is not more of them, where this effort might look at all
    pub why: Option<String>,
    /// why there is nothing to ask, where the code lacks the format or direction
    pub lacks: Option<&'static str>,
    /// the segments of a sweep over f32 that are looked at, if not all of them: others look at the rest
    pub part: Option<Vec<u32>>,
}

impl Unit {
    /// Whether it goes over all of f32, and so by segments.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.dtype == FloatFormat::F32 && self.inputs == Look::Exhaustive && self.lacks.is_none()
    }

    /// How many inputs are looked at here.
    #[must_use]
    pub fn here(&self) -> u64 {
        let sizes = |part: &Vec<u32>| part.iter().map(|k| places(*k, self.count)).map(|p| p.end - p.start).sum();
        self.part.as_ref().map_or(self.count, sizes)
    }
}

/// Which inputs are looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Look {
    /// every one of the format
    Exhaustive,
    /// a stratified set, always the same
    Sampled,
    /// those that were named
    Given,
}

impl Look {
    /// As in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhaustive => "exhaustive",
            Self::Sampled => "sampled",
            Self::Given => "given",
        }
    }
}

impl Plan {
    /// The plan for `subjects`, and for those in `beside`, which are measured for comparison: on samples in f32 and f64.
    ///
    /// At the standard effort f16 and bf16 are exhaustive, f64 is sampled, and f32 is exhaustive where the code is cheap to
    /// ask ([`Subject::every_f32`]). It depends on nothing but the arguments.
    ///
    /// # Errors
    /// If the definition cannot be evaluated, a budget is no number, or a check has no known name.
    pub fn new(
        facts: &Facts,
        activation: &Activation,
        subjects: &[&dyn Subject],
        beside: &[&dyn Subject],
        options: &Options,
    ) -> Result<Self, VerifyError> {
        options.sound().map_err(VerifyError::Options)?;
        let within = options.within()?;
        let known = facts.of(activation);
        let all = || subjects.iter().map(|s| (s, false)).chain(beside.iter().map(|s| (s, true)));
        let planned = |(s, beside): (&&dyn Subject, bool)| {
            let environment = if beside { None } else { s.environment() };
            Planned { name: s.name(), environment, beside }
        };
        let mut units = vec![];
        for pass in Pass::KNOWN.into_iter().filter(|pass| options.passes.contains(pass)) {
            for dtype in &options.dtypes {
                for (subject, (code, beside)) in all().enumerate() {
                    let (inputs, why) = choose(&known, *code, beside, (*dtype, pass), options)?;
                    let count = count(&known, inputs, (*dtype, pass), options, within)?;
                    let lacks = (!code.supports(*dtype, pass)).then(|| code.lacks(*dtype));
                    units.push(Unit { subject, dtype: *dtype, pass, inputs, count, why, lacks, part: None });
                }
            }
        }
        let plan = Self {
            activation: activation.clone(),
            options: options.clone(),
            subjects: all().map(planned).collect(),
            units: vec![],
        };
        units.sort_by(|a, b| plan.rank(a).cmp(&plan.rank(b)));
        Ok(Self { units, ..plan })
    }

    /// Passes with tables of real values: where every input of f32 is looked at.
    pub fn tables(&self) -> impl Iterator<Item = Pass> {
        let used = |pass: &Pass| self.units.iter().any(|u| u.pass == *pass && u.is_sweep());
        Pass::KNOWN.into_iter().filter(used)
    }

    /// Where a unit stands in a report: what counts first, then by subject, format and pass.
    pub(super) fn rank(&self, unit: &Unit) -> (bool, &str, Option<usize>, Pass, usize) {
        let Planned { name, beside, .. } = &self.subjects[unit.subject];
        let format = self.options.dtypes.iter().position(|f| *f == unit.dtype);
        (*beside, name, format, unit.pass, unit.subject)
    }

    /// The subject of a unit.
    #[must_use]
    pub fn subject(&self, unit: &Unit) -> &Planned {
        &self.subjects[unit.subject]
    }

    /// Without some of the units.
    pub fn without(mut self, done: impl Fn(&Unit) -> bool) -> Self {
        self.units.retain(|unit| !done(unit));
        self
    }
}

/// Which inputs a unit has, and why not more.
fn choose(
    known: &Known,
    subject: &dyn Subject,
    beside: bool,
    (dtype, pass): (FloatFormat, Pass),
    options: &Options,
) -> Result<(Look, Option<String>), TapeError> {
    if options.inputs.is_some() {
        return Ok((Look::Given, None));
    }
    if matches!(dtype, FloatFormat::F16 | FloatFormat::Bf16) {
        return Ok((Look::Exhaustive, None));
    }
    if dtype == FloatFormat::F64 || options.effort == Effort::Quick || beside {
        return Ok((Look::Sampled, None));
    }
    if subject.has_a_sample() {
        return Ok((Look::Sampled, Some("this code has a sample only".into())));
    }
    if pass == Pass::Double {
        return Ok((Look::Sampled, Some("second derivatives of f32 are sampled".into())));
    }
    if options.effort == Effort::Exhaustive {
        return Ok((Look::Exhaustive, None));
    }
    if !subject.every_f32() {
        return Ok((Look::Sampled, Some("all of f32 at effort exhaustive: this code is costly to ask".into())));
    }
    let open = known.table(pass.order())?.open();
    Ok(match open {
        0..=MAX_OPEN => (Look::Exhaustive, None),
        _ => (Look::Sampled, Some(format!("all of f32 at effort exhaustive: {open} inputs have no polynomial"))),
    })
}

/// How many inputs a unit has.
fn count(
    known: &Known,
    look: Look,
    (dtype, pass): (FloatFormat, Pass),
    options: &Options,
    within: Within,
) -> Result<u64, TapeError> {
    match look {
        Look::Sampled if within.is_everything() => {
            Ok(Inputs::count(dtype, options.effort.min(Effort::Standard), &dense(known, dtype, pass)?))
        }
        _ => Ok(made(known, look, (dtype, pass), options, within)?.len()),
    }
}

/// The inputs themselves.
pub(super) fn made(
    known: &Known,
    look: Look,
    (dtype, pass): (FloatFormat, Pass),
    options: &Options,
    within: Within,
) -> Result<Inputs, TapeError> {
    match (look, &options.inputs) {
        (Look::Exhaustive, _) => Ok(Inputs::between(dtype, within)),
        (Look::Given, Some(given)) => {
            let bits: Vec<u64> = given.iter().map(|input| input.bits(dtype)).collect();
            Ok(Inputs::given(dtype, &bits))
        }
        (Look::Given | Look::Sampled, _) => {
            Ok(Inputs::of_part(dtype, options.effort.min(Effort::Standard), &dense(known, dtype, pass)?, within))
        }
    }
}

/// Where samples are dense.
fn dense(known: &Known, dtype: FloatFormat, pass: Pass) -> Result<Places, TapeError> {
    Ok(Places::of(known.reference(pass.order())?, dtype))
}

/// The certified polynomials with which all of f32 is looked at.
pub(super) fn table(known: &Known, look: Look, dtype: FloatFormat, pass: Pass) -> Result<Option<&Table>, TapeError> {
    match (look, dtype) {
        (Look::Exhaustive, FloatFormat::F32) => known.table(pass.order()).map(Some),
        _ => Ok(None),
    }
}
