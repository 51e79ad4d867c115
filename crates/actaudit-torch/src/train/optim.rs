//! AdamW (Loshchilov and Hutter 2019) over one flat tensor: decay is decoupled from the gradient. Its state can be kept.

use super::params::Params;
use actaudit::internal::train::Recipe;
use tch::{TchError, Tensor, no_grad};

/// Added to the root of the second moment, as PyTorch does.
const EPS: f64 = 1e-8;

/// The optimiser and its state.
#[derive(Debug)]
pub(crate) struct AdamW {
    /// parameters, of which the network's are views
    flat: Tensor,
    /// weight decay by parameter: 0 where there is none
    decay: Tensor,
    betas: [f64; 2],
    /// moments
    pub(crate) first: Tensor,
    pub(crate) second: Tensor,
}

impl AdamW {
    pub(crate) fn new(params: &Params, recipe: &Recipe) -> Result<Self, TchError> {
        let flat = params.flat()?;
        let [first, second] = [flat.f_zeros_like()?, flat.f_zeros_like()?];
        let decay = params.decay_mask()?.f_mul_scalar(recipe.decay)?;
        Ok(Self { flat, decay, betas: recipe.betas, first, second })
    }

    /// Makes the step of this number, counted from 0, at this learning rate. Gives the change of every parameter, if wanted.
    pub(crate) fn step(
        &mut self,
        gradient: &Tensor,
        step: usize,
        rate: f64,
        wanted: bool,
    ) -> Result<Option<Tensor>, TchError> {
        let [b1, b2] = self.betas;
        let power = i32::try_from(step + 1).unwrap_or(i32::MAX);
        no_grad(|| {
            let before = if wanted { Some(self.flat.f_detach_copy()?) } else { None };
            // p <- p (1 - rate decay), in one pass: p - rate (decay p)
            let mut flat = self.flat.shallow_clone();
            let shrunk = self.decay.f_mul(&flat)?.f_mul_scalar_(-rate)?;
            let _ = flat.f_add_(&shrunk)?;
            let _ = self.first.f_lerp_(gradient, 1.0 - b1)?;
            let square = gradient.f_square()?.f_mul_scalar_(1.0 - b2)?;
            let _ = self.second.f_mul_scalar_(b2)?.f_add_(&square)?;
            let scale = (1.0 - b2.powi(power)).sqrt();
            let root = self.second.f_sqrt()?.f_div_scalar_(scale)?.f_add_scalar_(EPS)?;
            let update = self.first.f_div(&root)?.f_mul_scalar_(-rate / (1.0 - b1.powi(power)))?;
            let _ = flat.f_add_(&update)?;
            before.map(|before| self.flat.f_sub(&before)).transpose()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::params::Init;
    use super::*;
    use tch::Device;

    /// One parameter of which the steps can be computed by hand.
    #[test]
    fn steps_are_those_of_the_formula() {
        let mut params = Params::new(1, Device::Cpu);
        let weight = params.make("w", &[1, 1], Init::Constant(2.0)).expect("a tensor");
        let bias = params.make("b", &[1], Init::Constant(2.0)).expect("a tensor");
        params.seal().expect("sealed");
        let recipe = Recipe { decay: 0.5, ..Recipe::default() };
        let mut adam = AdamW::new(&params, &recipe).expect("an optimiser");
        let (mut w, mut b, mut m, mut v) = (2.0f64, 2.0f64, 0.0f64, 0.0f64);
        for (step, gradient) in [0.3f64, -1.0, 0.5].into_iter().enumerate() {
            let _ = adam.step(&Tensor::from_slice(&[gradient as f32; 2]), step, 0.1, false).expect("a step");
            m = 0.9 * m + 0.1 * gradient;
            v = 0.999 * v + 0.001 * gradient * gradient;
            let power = step as i32 + 1;
            let update = 0.1 * (m / (1.0 - 0.9f64.powi(power))) / ((v / (1.0 - 0.999f64.powi(power))).sqrt() + 1e-8);
            w = w * (1.0 - 0.1 * 0.5) - update;
            // biases do not decay
            b -= update;
            assert!((weight.double_value(&[0, 0]) - w).abs() < 1e-5, "step {step}");
            assert!((bias.double_value(&[0]) - b).abs() < 1e-5, "step {step}");
        }
    }
}
