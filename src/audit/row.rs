//! What a check found, as a record.

use super::differ::{self, Differ};
use super::job::Tested;
use super::process::Kept;
use super::record::{Again, Answer, Apart, Difference, Excluded, Record, Shown, Spread};
use crate::check::{Context, Found, Witness, error_of};
use crate::kernels::Pass;
use crate::number::{Enclosure, Limit};
use crate::reference::Kind;
use crate::verdict::Evidence;

/// Makes records for one subject, format and pass.
pub(super) struct Writer<'a> {
    pub subject: String,
    pub place: usize,
    pub cx: &'a Context<'a>,
}

impl<'a> Writer<'a> {
    pub fn of(tested: &'a Tested<'a>) -> Self {
        Self { subject: tested.subject.name(), place: tested.place, cx: &tested.cx }
    }
}

impl Writer<'_> {
    /// The record of a check.
    pub fn record(&self, check: &'static str, found: Found, exhaustive: bool, again: Again) -> Record {
        let excluded = found.excluded.iter();
        Record {
            subject: self.subject.clone(),
            dtype: self.cx.format,
            pass: self.cx.pass,
            check,
            verdict: found.verdict(exhaustive),
            evidence: if exhaustive { Evidence::Exhaustive } else { Evidence::Sampled },
            compared: found.compared,
            excluded: excluded.map(|(r, n)| Excluded { reason: r.text.into(), count: *n, by: r.by }).collect(),
            unlooked: found.unlooked(),
            measured: found.measured,
            budget: found.budget,
            unit: found.unit.into(),
            failing: found.failing,
            undecided: found.undecided,
            doubt: found.doubt.as_ref().map(|d| (self.shown(&d.witness), d.why.to_owned())),
            subgradients: found.subgradients,
            worst: found.worst.iter().map(|w| self.shown(w)).collect(),
            again,
            statistics: found.statistics,
            incidents: vec![],
            cause: None,
        }
    }

    fn shown(&self, witness: &Witness) -> Shown {
        let Witness { input, output, after, measure, how } = witness.clone();
        let real = self.real(self.cx.format.decode(input));
        Shown { input, after, output, real, measure, absolute: self.absolute(input, output), how }
    }

    /// An input that was asked for by itself.
    pub fn answer(&self, kept: &Kept) -> Answer {
        let Kept { point, missing } = kept;
        let answered = missing.is_none();
        Answer {
            subject: self.subject.clone(),
            dtype: self.cx.format,
            pass: self.cx.pass,
            input: point.input,
            output: missing.map_or(Ok(point.output), Err),
            real: self.real(point.x),
            ulp: if answered { error_of(point, self.cx) } else { None },
            absolute: if answered { self.absolute(point.input, point.output) } else { None },
        }
    }

    /// How far an output is from the real value, where there is a single one: not at infinities, and not at kinks.
    pub fn absolute(&self, input: u64, output: u64) -> Option<f64> {
        let (x, y) = (self.cx.format.decode(input), self.cx.format.decode(output));
        let reference = self.cx.reference;
        let at_a_junction = reference.reference().order() > 0 && reference.junction(x).is_some();
        (x.is_finite() && !at_a_junction && !reference.has_no_value(x)).then(|| reference.off(x, y))
    }

    /// The real value, or the limit at an infinity, to 20 digits.
    pub fn real(&self, x: f64) -> String {
        // at a kink, the one-sided derivative that is declared to be right
        let kink = self.cx.reference.junction(x).filter(|j| j.kind == Kind::Kink && self.cx.pass != Pass::Forward);
        let demanded = kink.and_then(|j| Some(j.sides[self.cx.policy.side_at(x)?]));
        if let Some(side) = demanded {
            let (lo, hi) = (side.lo(), side.hi());
            if lo == hi { lo.to_string() } else { format!("{lo}..{hi}") }
        } else if x.is_finite() && self.cx.reference.has_no_value(x) {
            "no value".into()
        } else if x.is_finite() {
            self.cx.reference.text(x, 20)
        } else {
            let limit = x.is_infinite().then(|| self.cx.limits[usize::from(x > 0.0)].as_ref()).flatten();
            match limit {
                None => "NaN".into(),
                Some(Limit::PlusInfinity) => "inf".into(),
                Some(Limit::MinusInfinity) => "-inf".into(),
                Some(Limit::Finite(v)) => v.lo().to_string_radix(10, Some(20)),
            }
        }
    }

    /// What was found of this subject and another one, with what is known of the errors of both.
    pub fn difference(&self, other: &Self, found: &Differ, errors: [Spread; 2], evidence: Evidence) -> Difference {
        let format = self.cx.format;
        let apart = |apart: &differ::Apart| Apart {
            input: apart.input,
            outputs: apart.outputs,
            real: self.real(format.decode(apart.input)),
            steps: (apart.steps < u64::MAX).then_some(apart.steps),
        };
        Difference {
            subjects: [self.subject.clone(), other.subject.clone()],
            places: [self.place, other.place],
            dtype: format,
            pass: self.cx.pass,
            evidence,
            regions: found.regions,
            one_nan: found.one_nan,
            ends: found.ends,
            errors,
            worst: found.worst.iter().map(apart).collect(),
        }
    }
}
