//! Whether the gradient that a network will be trained with is that of the activation: held against the real derivative at a few
//! inputs before the first step.

use super::act::Place;
use actaudit::expr::Activation;
use actaudit::internal::train::SlopeCheck;
use actaudit::reference::real_value;
use tch::{Kind, TchError, Tensor};

/// Inputs, away from junctions at 0 and whole numbers; both signs, several magnitudes.
const INPUTS: [f32; 24] = [
    -6.7, -4.3, -3.1, -2.6, -1.9, -1.3, -0.9, -0.63, -0.37, -0.17, -0.06, -0.003, 0.0007, 0.004, 0.07, 0.19, 0.41,
    0.71, 1.1, 1.7, 2.3, 3.3, 4.7, 7.1,
];

/// The largest distance of the gradient from the real derivative at these inputs, and where.
pub(super) fn check(activation: &Activation, place: &Place) -> Result<Option<SlopeCheck>, TchError> {
    let x = Tensor::f_from_slice(&INPUTS)?.f_view([1, INPUTS.len() as i64])?;
    let slope = place.slope_through(&x)?.f_to_kind(Kind::Double)?;
    let mut worst: Option<SlopeCheck> = None;
    for (k, input) in INPUTS.into_iter().enumerate() {
        // where there is no derivative, nothing is compared
        let Ok([lo, hi]) = real_value(activation, 1, f64::from(input), 12) else {
            continue;
        };
        let real = f64::midpoint(lo.to_f64(), hi.to_f64());
        let got = slope.f_double_value(&[0, k as i64])?;
        let error = (got - real).abs();
        let found = SlopeCheck { at: f64::from(input), got, real, inputs: 0 };
        let worse = worst.as_ref().is_none_or(|w| error.is_nan() || error > (w.got - w.real).abs());
        let inputs = worst.as_ref().map_or(0, |w| w.inputs) + 1;
        worst = match worst {
            Some(w) if !worse => Some(SlopeCheck { inputs, ..w }),
            _ => Some(SlopeCheck { inputs, ..found }),
        };
    }
    Ok(worst)
}
