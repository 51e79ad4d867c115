//! Sweeps over all of f32 go by segments of a fixed size, each begun as if there were none before it. So several runs may look at
//! some of them each, and what they saw, put together in order, is what one run sees.

use super::facts::Facts;
use super::job::Judged;
use super::journal::hex;
use super::names;
use super::options::{Options, VerifyError};
use super::process::Watched;
use super::record::Record;
use super::row::Writer;
use crate::check::Context;
use crate::expr::{Activation, FloatFormat};
use crate::kernels::Pass;
use crate::subject::incident::Incident;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// Segments of a sweep.
pub const SEGMENTS: u32 = 16;

/// The inputs of a segment, as places among `total`.
pub(super) fn places(segment: u32, total: u64) -> Range<u64> {
    let end = |k: u32| total * u64::from(k) / u64::from(SEGMENTS);
    end(segment)..end(segment + 1)
}

/// What one run saw of a sweep of which other runs look at the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SweepPart {
    /// code under test
    pub subject: String,
    /// whether it runs in a process of its own
    isolated: bool,
    /// format
    #[serde(with = "names::format")]
    pub dtype: FloatFormat,
    /// direction
    #[serde(with = "names::pass")]
    pub pass: Pass,
    /// what is declared about the code
    #[serde(default)]
    declared: Vec<String>,
    /// segment by segment, what the checks know after it: CBOR in hexadecimal digits
    segments: BTreeMap<u32, String>,
    /// what checks found that choose their own inputs: in the run that looked at the first segment
    probed: Option<Probed>,
}

/// What checks found that choose their own inputs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Probed {
    pub records: Vec<Record>,
    /// what the code did to its process meanwhile
    pub incidents: Vec<Incident>,
}

/// Why parts of a sweep cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// A segment that nobody looked at.
    #[error("segment {0} of {SEGMENTS} is missing")]
    Missing(u32),
    /// A segment that two looked at.
    #[error("segment {0} of {SEGMENTS} is there twice")]
    Twice(u32),
    /// A text that is not what a run writes.
    #[error("segment {0}: {1}")]
    Unread(u32, String),
    /// The definition cannot be evaluated.
    #[error(transparent)]
    Audit(#[from] VerifyError),
}

impl SweepPart {
    pub(super) fn new(
        writer: &Writer<'_>,
        isolated: bool,
        seen: impl Iterator<Item = (u32, Watched)>,
        probed: Option<Probed>,
    ) -> Self {
        let written = |watched: &Watched| {
            let mut bytes = vec![];
            // what cannot be written is missing when it is read
            ciborium::into_writer(watched, &mut bytes).ok().map(|()| hex(bytes))
        };
        let segments = seen.filter_map(|(k, watched)| Some((k, written(&watched)?))).collect();
        Self {
            subject: writer.subject.clone(),
            isolated,
            dtype: writer.cx.format,
            pass: writer.cx.pass,
            declared: writer.cx.policy.words(),
            segments,
            probed,
        }
    }

    /// How many segments were looked at.
    #[must_use]
    pub fn count(&self) -> usize {
        self.segments.len()
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |k: usize| u8::from_str_radix(text.get(k..k + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// What is known of a segment.
fn segment(k: u32, parts: &[SweepPart]) -> Result<Watched, SweepError> {
    let mut texts = parts.iter().filter_map(|part| part.segments.get(&k));
    let text = texts.next().ok_or(SweepError::Missing(k))?;
    if texts.next().is_some() {
        return Err(SweepError::Twice(k));
    }
    let bytes = unhex(text).ok_or_else(|| SweepError::Unread(k, "not hexadecimal digits".into()))?;
    ciborium::from_reader(bytes.as_slice()).map_err(|e| SweepError::Unread(k, e.to_string()))
}

/// The records of a sweep out of all of its parts, which are of one subject and direction.
///
/// # Errors
/// If a segment is missing, there twice, or not what a run writes, or the definition cannot be evaluated.
pub fn put_together(
    facts: &Facts,
    activation: &Activation,
    options: &Options,
    parts: &[SweepPart],
) -> Result<Vec<Record>, SweepError> {
    let first = parts.first().ok_or(SweepError::Missing(0))?;
    let known = facts.of(activation);
    let reference = known.reference(first.pass.order()).map_err(VerifyError::from)?.evaluator();
    let mathematics = known.pass(first.pass)?;
    let (budget, policy) = options.allowed(activation, &first.subject, first.dtype, first.pass);
    // the code itself may have declared more
    let policy = policy.with(&first.declared);
    let cx = Context {
        format: first.dtype,
        pass: first.pass,
        reference: &reference,
        limits: mathematics.limits.clone(),
        range: mathematics.range,
        lipschitz: mathematics.lipschitz,
        stretches: mathematics.stretches,
        sample: &[],
        budget,
        policy,
    };
    let mut watched = Watched::new(&cx, false);
    for k in 0..SEGMENTS {
        watched.join(segment(k, parts)?, &cx);
    }
    let writer = Writer { subject: first.subject.clone(), place: 0, cx: &cx };
    let probed = parts.iter().find_map(|part| part.probed.clone()).unwrap_or_default();
    let judged = Judged::of(&writer, watched, true, true);
    Ok(judged.records(probed, &writer, first.isolated, &|check| options.wants(check)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sweep::sweep;
    use crate::check::{Budget, Policy, stretches};
    use crate::kernels::Call;
    use crate::number::Format as _;
    use crate::reference::{Reference, Table};
    use crate::subject::incident::Answered;
    use crate::subject::{Native, Subject as _};
    use crate::testing;

    /// What is known after a segment is written down, read, and joined as if it had stayed in memory; a kernel with errors of
    /// every kind has something to say in every check. What is missing, there twice or no such text is refused.
    #[test]
    fn what_is_written_is_read_as_it_was() {
        const RUN: u64 = 3000;
        let format = FloatFormat::F32;
        let activation = testing::activation("gelu");
        let [f, slope] = [0, 1].map(|order| Reference::new(&activation, order).expect("compiles"));
        let (table, reference, slope) = (Table::new(&f, format), f.evaluator(), slope.evaluator());
        let stretches = stretches(&slope);
        let cx = Context {
            format,
            pass: Pass::Forward,
            reference: &reference,
            limits: [f.limit(false), f.limit(true)],
            range: Some([-0.17, f64::INFINITY]),
            lipschitz: Some(1.1290),
            stretches: &stretches,
            sample: &[],
            budget: Budget::of(format, Pass::Forward),
            policy: Policy::default(),
        };
        let native = Native::new(&activation, "accurate").expect("there is one");
        // runs that follow each other: around the minimum, in a tail, at an infinity with NaNs
        let infinity = format.infinity();
        let place = |x: f32| (infinity as i64 + format.ordinal(x.to_bits().into()) + i64::from(x > 0.0)) as u64;
        let mut failing = 0;
        for first in [place(-0.7518) - 4000, place(-13.3) - 4000, 2 * infinity - 4000] {
            let seen = |k: u32| {
                let first = first + RUN * u64::from(k % 3);
                let input: Vec<f32> = (first..first + RUN).map(|p| f32::from_bits64(format.at_place(p))).collect();
                let mut output = vec![0.0; input.len()];
                native.run(Pass::Forward, Call::F32(&input, &mut output)).expect("runs");
                for (y, x) in output.iter_mut().zip(&input) {
                    match x.to_bits() % 1500 {
                        7 => *y = f32::NAN,
                        8..40 => *y *= -1.000_01,
                        _ => {}
                    }
                }
                let mut watched = Watched::new(&cx, false);
                watched.sweep(Answered::default(), input.len(), |tallies| {
                    sweep(&table, first, &input, &output, tallies, &cx)
                });
                watched
            };
            let writer = Writer { subject: "native".into(), place: 0, cx: &cx };
            let parts: Vec<SweepPart> = [0, 1]
                .map(|part| {
                    let segments = (0..SEGMENTS).filter(|k| k % 2 == part).map(|k| (k, seen(k)));
                    SweepPart::new(&writer, false, segments, None)
                })
                .into();
            let fold = |of: &dyn Fn(u32) -> Watched| {
                let mut all = Watched::new(&cx, false);
                (0..SEGMENTS).for_each(|k| all.join(of(k), &cx));
                Judged::of(&writer, all, true, true).records(Probed::default(), &writer, false, &|_| true)
            };
            let [kept, read] = [fold(&seen), fold(&|k| segment(k, &parts).expect("is read"))];
            assert_eq!(kept, read);
            failing += read.iter().map(|r| r.failing).sum::<u64>();
            assert_eq!(parts.iter().map(SweepPart::count).sum::<usize>(), 16);
            assert!(matches!(segment(1, &parts[..1]), Err(SweepError::Missing(1))));
            let twice = [parts[0].clone(), parts[0].clone()];
            assert!(matches!(segment(2, &twice), Err(SweepError::Twice(2))));
            for text in ["zz", "ff", "a"] {
                let mut other = parts[1].clone();
                other.segments.insert(1, text.into());
                assert!(matches!(segment(1, &[other]), Err(SweepError::Unread(1, _))), "{text}");
            }
        }
        assert!(failing > 1000);
    }

    #[test]
    fn segments_are_all_of_the_sweep() {
        let ends: Vec<_> = (0..SEGMENTS).map(|k| places(k, 1 << 32)).collect();
        assert!(ends.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((ends[0].start, ends[15].end), (0, 1 << 32));
    }
}
