//! The error against the input, for a plot: the largest of many samples in each of a few hundred columns.

use super::options::{Options, VerifyError};
use crate::check::{Context, Point, error_of};
use crate::expr::{Activation, FloatFormat};
use crate::kernels::{Pass, Slices};
use crate::reference::Reference;
use crate::subject::Subject;
use half::{bf16, f16};

/// Columns of a profile.
const COLUMNS: usize = 480;
/// Inputs of a column.
const DEPTH: usize = 64;

/// The errors of one subject in one format and pass.
#[derive(Clone, Debug)]
pub struct Profile {
    /// subject, format and pass
    pub name: String,
    /// input, and the largest error in ulp next to it: a lower bound, since inputs are sampled. Infinite for a NaN
    pub points: Vec<(f64, f64)>,
}

/// Samples the errors over an interval. Rigorous for each input, and no more than a sample of them.
///
/// # Errors
/// If the definition cannot be evaluated, or the subject failed for good. Inputs without an answer are left out.
pub fn profile(
    activation: &Activation,
    subject: &dyn Subject,
    (format, pass): (FloatFormat, Pass),
    window: (f64, f64),
    options: &Options,
) -> Result<Profile, VerifyError> {
    let reference = Reference::new(activation, pass.order())?;
    let evaluator = reference.evaluator();
    let (budget, policy) = options.allowed(activation, &subject.name(), format, pass);
    let policy = policy.with(subject.declares(format));
    let cx = Context {
        format,
        pass,
        reference: &evaluator,
        limits: [None, None],
        range: None,
        lipschitz: None,
        stretches: &[],
        sample: &[],
        budget,
        policy,
    };
    let points = match format {
        FloatFormat::F64 => columns::<f64>(subject, &cx, window),
        FloatFormat::F32 => columns::<f32>(subject, &cx, window),
        FloatFormat::F16 => columns::<f16>(subject, &cx, window),
        FloatFormat::Bf16 => columns::<bf16>(subject, &cx, window),
    }?;
    Ok(Profile { name: format!("{} {} {}", subject.name(), format.name(), pass.name()), points })
}

fn columns<T: Slices>(
    subject: &dyn Subject,
    cx: &Context<'_>,
    (lo, hi): (f64, f64),
) -> Result<Vec<(f64, f64)>, VerifyError> {
    let at = |k: usize| lo + (hi - lo) * k as f64 / (COLUMNS * DEPTH) as f64;
    let input: Vec<T> = (0..COLUMNS * DEPTH).map(|k| T::from_f64(at(k))).collect();
    let mut output = vec![T::default(); input.len()];
    let answered = subject.answer(cx.pass, T::call(&input, &mut output), subject.failures())?;
    let mut points = Vec::with_capacity(COLUMNS);
    for column in 0..COLUMNS {
        let places = (column * DEPTH..(column + 1) * DEPTH).filter(|k| answered.is_known(*k));
        let errors = places.filter_map(|k| error_of(&Point::at(cx.reference, input[k]).answered(output[k], cx), cx));
        if let Some(worst) = errors.map(|[lo, _]| lo).reduce(f64::max) {
            points.push((at(column * DEPTH + DEPTH / 2), worst));
        }
    }
    Ok(points)
}
