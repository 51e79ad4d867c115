//! Inputs that tell functions apart, and what the code answers.

use super::IdentifyError;
use crate::audit::Effort;
use crate::audit::inputs::Inputs;
use crate::audit::places::Places;
use crate::check::Within;
use crate::expr::FloatFormat;
use crate::kernels::{Pass, Slices};
use crate::number::format::power_of_two;
use crate::subject::incident::Incident;
use crate::subject::{Subject, SubjectError};
use half::{bf16, f16};

/// Answers without which nothing is said.
pub const LEAST: usize = 200;
/// Inputs that are none of a function's domain, or a zero of its own.
const SPECIAL: [f64; 4] = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0];
/// Inputs that are enough.
const ENOUGH: usize = 4000;

/// Inputs, ascending, with the code's answers.
pub struct Sample {
    pub format: FloatFormat,
    pub pass: Pass,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    /// infinities, NaN and -0 with the answers, where they were asked for and answered
    pub special: Vec<(f64, f64)>,
    /// inputs that the code was asked for and did not answer
    pub unanswered: Vec<f64>,
    /// the first thing that went wrong
    incident: Option<Incident>,
}

impl Sample {
    /// Asks the code, on a part of the line.
    pub fn take(subject: &dyn Subject, format: FloatFormat, pass: Pass, within: Within) -> Result<Self, IdentifyError> {
        if !subject.supports(format, pass) {
            let (subject, why) = (subject.name(), subject.lacks(format));
            return Err(IdentifyError::Lacks { subject, format, pass, why });
        }
        let mut sample = Self::ask(subject, format, pass, &inputs(format, within))?;
        // a table of pairs knows the inputs of an audit only; code that failed is not asked for more
        for effort in [Effort::Quick, Effort::Standard] {
            if sample.x.len() < LEAST && sample.incident.is_none() {
                let inputs = Inputs::of_part(format, effort, &Places::default(), within);
                let bits: Vec<u64> = (0..inputs.len()).map(|k| inputs.get(k)).collect();
                sample = Self::ask(subject, format, pass, &bits)?;
                sample.thin();
            }
        }
        if sample.incident.is_none() {
            let bits: Vec<u64> = SPECIAL.into_iter().filter(|x| within.holds(*x)).map(|x| format.encode(x)).collect();
            let answers = raw(subject, format, pass, &bits)?.0;
            let answered = bits.iter().zip(answers).filter_map(|(b, y)| Some((format.decode(*b), y?)));
            sample.special = answered.collect();
        }
        if sample.x.len() < LEAST {
            let incident = sample.incident.as_ref().map(|i| incident_text(format, i));
            return Err(IdentifyError::TooFew { subject: subject.name(), answered: sample.x.len(), incident });
        }
        Ok(sample)
    }

    fn ask(subject: &dyn Subject, format: FloatFormat, pass: Pass, bits: &[u64]) -> Result<Self, SubjectError> {
        let finite: Vec<u64> = bits.iter().copied().filter(|b| format.decode(*b).is_finite()).collect();
        let (answers, incident) = raw(subject, format, pass, &finite)?;
        let (mut x, mut y, mut unanswered) = (vec![], vec![], vec![]);
        for (bits, answer) in finite.into_iter().zip(answers) {
            match answer {
                Some(answer) => {
                    x.push(format.decode(bits));
                    y.push(answer);
                }
                None => unanswered.push(format.decode(bits)),
            }
        }
        Ok(Self { format, pass, x, y, special: vec![], unanswered, incident })
    }

    /// Every so many inputs, those within [-20, 20] being worth more.
    fn thin(&mut self) {
        let busy = self.x.iter().filter(|x| x.abs() <= 20.0 && x.abs() >= 1e-3).count();
        let (near, far) = (busy.div_ceil(ENOUGH * 3 / 4).max(1), self.x.len().div_ceil(ENOUGH / 4).max(1));
        let keep: Vec<usize> = (0..self.x.len())
            .filter(|k| k % if (1e-3..=20.0).contains(&self.x[*k].abs()) { near } else { far } == 0)
            .collect();
        self.x = keep.iter().map(|k| self.x[*k]).collect();
        self.y = keep.iter().map(|k| self.y[*k]).collect();
    }
}

/// A grid over [-20, 20] that is off every usual kink, denser in the middle; all sizes next to 0; the tails.
fn inputs(format: FloatFormat, within: Within) -> Vec<u64> {
    let mut x: Vec<f64> = (-1000..1000).map(|k| (f64::from(k) + 0.437) / 250.0).collect();
    x.extend((-800..800).map(|k| (f64::from(k) + 0.289) / 40.0));
    for k in 0..160 {
        let (tiny, huge) = (power_of_two(-k), 20.0 * f64::from(k + 1).exp2().sqrt());
        x.extend([1.37 * tiny, -1.37 * tiny]);
        if huge < format.max() && k < 48 {
            x.extend([huge, -huge]);
        }
    }
    // and every eighth binade beyond, as far as f32 goes: wider formats are often computed in it
    let beyond =
        (0..130).map(|k| 1.37 * power_of_two(29 + 8 * k)).take_while(|v| *v < format.max().min(f64::from(f32::MAX)));
    x.extend(beyond.flat_map(|v| [v, -v]));
    let mut bits: Vec<u64> = x.into_iter().map(|x| format.encode(x)).collect();
    if !within.is_everything() {
        bits.retain(|b| within.holds(format.decode(*b)));
        // evenly over it, and evenly over its floats
        let (lo, hi) = (within.lo.max(-20.0), within.hi.min(20.0));
        let even = (0..ENOUGH / 2).map(|k| lo + (hi - lo) * (k as f64 + 0.437) / (ENOUGH / 2) as f64);
        bits.extend(even.map(|x| format.encode(x)).filter(|b| within.holds(format.decode(*b))));
        bits.extend(within.evenly(format, ENOUGH / 2));
    }
    bits.sort_by_key(|b| format.ordinal(*b));
    bits.dedup_by_key(|b| format.ordinal(*b));
    bits
}

/// An incident, and the input that it was seen at.
fn incident_text(format: FloatFormat, incident: &Incident) -> String {
    let at = incident.inputs.first().map_or_else(String::new, |bits| format!(" at x = {}", format.decode(*bits)));
    format!("{incident}{at}")
}

/// The answers in a format.
fn raw(subject: &dyn Subject, format: FloatFormat, pass: Pass, bits: &[u64]) -> Result<Answers, SubjectError> {
    match format {
        FloatFormat::F64 => answers::<f64>(subject, pass, bits),
        FloatFormat::F32 => answers::<f32>(subject, pass, bits),
        FloatFormat::F16 => answers::<f16>(subject, pass, bits),
        FloatFormat::Bf16 => answers::<bf16>(subject, pass, bits),
    }
}

type Answers = (Vec<Option<f64>>, Option<Incident>);

/// The answers, and the first thing that went wrong.
fn answers<T: Slices>(subject: &dyn Subject, pass: Pass, bits: &[u64]) -> Result<Answers, SubjectError> {
    let x: Vec<T> = bits.iter().map(|b| T::from_bits64(*b)).collect();
    let mut y = vec![T::default(); x.len()];
    let answered = subject.answer(pass, T::call(&x, &mut y), subject.failures())?;
    let value = |(place, y): (usize, T)| answered.is_known(place).then(|| y.to_f64());
    Ok((y.into_iter().enumerate().map(value).collect(), answered.incidents.into_iter().next()))
}
