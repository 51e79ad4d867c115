//! Whether the gradients that a network will be trained with are those of the activation: held against real derivatives at a few
//! inputs before the first step.

use super::act::Place;
use actaudit::expr::Activation;
use actaudit::internal::train::SlopeCheck;
use actaudit::reference::real_value;
use rug::Rational;
use std::collections::BTreeMap;
use std::sync::Arc;
use tch::{Device, Kind, TchError, Tensor};

/// Inputs, away from junctions at 0 and whole numbers; both signs, several magnitudes.
const INPUTS: [f32; 24] = [
    -6.7, -4.3, -3.1, -2.6, -1.9, -1.3, -0.9, -0.63, -0.37, -0.17, -0.06, -0.003, 0.0007, 0.004, 0.07, 0.19, 0.41,
    0.71, 1.1, 1.7, 2.3, 3.3, 4.7, 7.1,
];

/// Digits of real values.
const DIGITS: u32 = 12;
/// Digits of real values that are subtracted from one another.
const FINE: u32 = 30;

/// The largest distance of gradients from real derivatives, and where. Where there is no derivative, nothing is compared.
fn worst(found: impl Iterator<Item = (f32, f64, f64)>) -> Option<SlopeCheck> {
    let mut worst: Option<SlopeCheck> = None;
    let mut inputs = 0;
    for (at, got, real) in found {
        inputs += 1;
        let error = (got - real).abs();
        if worst.as_ref().is_none_or(|w| error.is_nan() || error > (w.got - w.real).abs()) {
            worst = Some(SlopeCheck { at: f64::from(at), got, real, inputs: 0 });
        }
    }
    worst.map(|worst| SlopeCheck { inputs, ..worst })
}

/// The gradient by the input.
pub(super) fn check(activation: &Activation, place: &Place, device: Device) -> Result<Option<SlopeCheck>, TchError> {
    let x = Tensor::f_from_slice(&INPUTS)?.f_view([1, INPUTS.len() as i64])?.f_to_device(device)?;
    let slope = place.slope_through(&x)?.f_to_kind(Kind::Double)?;
    let mut found = vec![];
    for (k, input) in INPUTS.into_iter().enumerate() {
        if let Ok([lo, hi]) = real_value(activation, 1, f64::from(input), DIGITS) {
            let real = f64::midpoint(lo.to_f64(), hi.to_f64());
            found.push((input, slope.f_double_value(&[0, k as i64])?, real));
        }
    }
    Ok(worst(found.into_iter()))
}

/// The gradient by each parameter that is learnt. The real one is a difference of real values 2^-25 to either side, or of the parameter
/// where that is above 1, which is
/// off by less than a millionth where the function is smooth in it.
pub(super) fn check_parameters(
    activation: &Activation,
    place: &Place,
    device: Device,
) -> Result<Vec<(String, SlopeCheck)>, TchError> {
    let mut checks = vec![];
    for name in place.learnt() {
        let Some(value) = activation.values.get(&name) else { continue };
        let step = value.clone().abs().max(Rational::from(1)) >> 25u32;
        let beside = |sign: i32| shifted(activation, &name, value.clone() + step.clone() * sign);
        let (Some(below), Some(above)) = (beside(-1), beside(1)) else { continue };
        let mut found = vec![];
        for input in INPUTS {
            let x = f64::from(input);
            let real = |f: &Activation| real_value(f, 0, x, FINE).ok().map(|[lo, hi]| (lo + hi) / 2u32);
            if let (Some(low), Some(high)) = (real(&below), real(&above)) {
                let real = (high - low) / (Rational::from(&step * 2u32));
                found.push((input, place.slope_by(&name, input, device)?, real.to_f64()));
            }
        }
        checks.extend(worst(found.into_iter()).map(|worst| (name, worst)));
    }
    Ok(checks)
}

/// The same activation with another value of a parameter, if that lies in its domain.
fn shifted(activation: &Activation, name: &str, value: Rational) -> Option<Activation> {
    let mut values: BTreeMap<String, Rational> = activation.values.clone();
    values.insert(name.to_owned(), value);
    Activation::new(Arc::clone(&activation.definition), &values).ok()
}
