//! What a network learns. All parameters are views of one flat tensor, so that a step of the optimiser, a norm or a copy is a
//! handful of operations, however many layers there are.

use actaudit::internal::data::Draw;
use std::ops::Range;
use tch::{Device, Kind, TchError, Tensor};

/// How a parameter starts. Each draws from its own generator, named after it: what one network draws depends on no other
/// parameter, so that networks that differ in the activation alone start alike.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Init {
    /// this number everywhere
    Constant(f64),
    /// a normal distribution cut off at two standard deviations
    Truncated(f64),
    /// a normal distribution
    Normal(f64),
    /// uniform between plus and minus this
    Uniform(f64),
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) tensor: Tensor,
    /// whether weight decay applies: to matrices and filters, not to biases, normalisation and activations
    decays: bool,
    /// whether it belongs to the activation, which runs that are paired do not share
    pub(crate) of_activation: bool,
    place: Range<i64>,
}

/// The parameters and buffers of a network, by name, in the order in which layers were made.
#[derive(Debug)]
pub(crate) struct Params {
    seed: u64,
    device: Device,
    prefix: Vec<String>,
    /// scales all that is drawn; other than 1 only for a planted fault
    pub(crate) gain: f64,
    pub(crate) all: Vec<Parameter>,
    /// what is kept but not learnt: running means and variances
    pub(crate) buffers: Vec<(String, Tensor)>,
    flat: Option<Tensor>,
}

impl Params {
    pub(crate) fn new(seed: u64, device: Device) -> Self {
        Self { seed, device, prefix: vec![], gain: 1.0, all: vec![], buffers: vec![], flat: None }
    }

    /// The same within a layer of this name.
    pub(crate) fn within<T>(
        &mut self,
        name: &str,
        make: impl FnOnce(&mut Self) -> Result<T, TchError>,
    ) -> Result<T, TchError> {
        self.prefix.push(name.to_owned());
        let made = make(self);
        self.prefix.pop();
        made
    }

    /// The full name of something in the present layer.
    pub(crate) fn name(&self, name: &str) -> String {
        let mut path = self.prefix.clone();
        if !name.is_empty() {
            path.push(name.to_owned());
        }
        path.join(".")
    }

    /// A parameter.
    pub(crate) fn make(&mut self, name: &str, shape: &[i64], init: Init) -> Result<Tensor, TchError> {
        let name = self.name(name);
        let count = usize::try_from(shape.iter().product::<i64>()).unwrap_or_default();
        let mut draw = Draw::new(self.seed, &format!("init {name}"), 0);
        let gain = self.gain;
        let values: Vec<f32> = match init {
            Init::Constant(value) => vec![value as f32; count],
            Init::Truncated(sd) => (0..count).map(|_| (draw.truncated_normal() * sd * gain) as f32).collect(),
            Init::Uniform(bound) => (0..count).map(|_| ((2.0 * draw.unit() - 1.0) * bound * gain) as f32).collect(),
            Init::Normal(sd) => (0..count).map(|_| (draw.normal() * sd * gain) as f32).collect(),
        };
        let tensor =
            Tensor::f_from_slice(&values)?.f_view(shape)?.f_to_device(self.device)?.f_set_requires_grad(true)?;
        let start = self.all.last().map_or(0, |last| last.place.end);
        let place = start..start + count as i64;
        self.all.push(Parameter {
            name,
            tensor: tensor.shallow_clone(),
            decays: shape.len() > 1,
            of_activation: false,
            place,
        });
        Ok(tensor)
    }

    /// A number that the activation learns in the present layer, as it is stored.
    pub(crate) fn make_for_activation(&mut self, name: &str, stored: f64) -> Result<Tensor, TchError> {
        let tensor = self.make(&format!("act.{name}"), &[1], Init::Constant(stored))?;
        if let Some(last) = self.all.last_mut() {
            last.of_activation = true;
        }
        Ok(tensor)
    }

    /// Says that the parameter that was made last does not decay, although it has several dimensions: a position, a token.
    pub(crate) fn undecayed(&mut self) {
        if let Some(last) = self.all.last_mut() {
            last.decays = false;
        }
    }

    /// Something that is kept but not learnt.
    pub(crate) fn buffer(&mut self, name: &str, shape: &[i64], value: f64) -> Result<Tensor, TchError> {
        let tensor = Tensor::f_full(shape, value, (Kind::Float, self.device))?;
        self.buffers.push((self.name(name), tensor.shallow_clone()));
        Ok(tensor)
    }

    /// Moves all parameters into one flat tensor, of which they are views from now on.
    pub(crate) fn seal(&mut self) -> Result<(), TchError> {
        let parts: Result<Vec<Tensor>, TchError> = self.all.iter().map(|p| p.tensor.f_detach()?.f_view(-1)).collect();
        let flat = Tensor::f_cat(&parts?, 0)?;
        for parameter in &mut self.all {
            let Range { start, end } = parameter.place;
            let shape = parameter.tensor.size();
            parameter.tensor.f_set_data(&flat.f_narrow(0, start, end - start)?.f_view(shape.as_slice())?)?;
        }
        self.flat = Some(flat);
        Ok(())
    }

    /// All parameters in one row.
    pub(crate) fn flat(&self) -> Result<Tensor, TchError> {
        self.flat.as_ref().map(Tensor::shallow_clone).ok_or_else(|| TchError::Torch("parameters are not sealed".into()))
    }

    /// How many numbers are learnt.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.all.last().map_or(0, |last| last.place.end)).unwrap_or_default()
    }

    /// 1 where weight decay applies, 0 elsewhere.
    pub(crate) fn decay_mask(&self) -> Result<Tensor, TchError> {
        let mask = Tensor::f_zeros([self.count() as i64], (Kind::Float, self.device))?;
        for Parameter { place, decays, .. } in &self.all {
            if *decays {
                let _ = mask.f_narrow(0, place.start, place.end - place.start)?.f_fill_(1.0)?;
            }
        }
        Ok(mask)
    }

    /// Gradients of a loss with respect to all parameters in one row; 0 for those that it does not depend on.
    pub(crate) fn gradient(&self, loss: &Tensor) -> Result<Tensor, TchError> {
        let tensors: Vec<&Tensor> = self.all.iter().map(|p| &p.tensor).collect();
        let found = Tensor::f_run_backward(&[loss], &tensors, false, false)?;
        let flat = |(gradient, parameter): (Tensor, &Parameter)| {
            if gradient.defined() { gradient.f_reshape(-1) } else { parameter.tensor.f_zeros_like()?.f_view(-1) }
        };
        let parts: Result<Vec<Tensor>, TchError> = found.into_iter().zip(&self.all).map(flat).collect();
        Tensor::f_cat(&parts?, 0)
    }

    /// The layers, in the order in which they were made, and where their parameters lie: `blocks.3` of `blocks.3.mlp.up.weight`.
    pub(crate) fn layers(&self) -> Vec<(String, Range<i64>)> {
        let mut layers: Vec<(String, Range<i64>)> = vec![];
        for Parameter { name, place, .. } in &self.all {
            let parts: Vec<&str> = name.split('.').collect();
            let deep = if parts.len() > 2 && parts[1].chars().all(|c| c.is_ascii_digit()) { 2 } else { 1 };
            let layer = parts[..deep.min(parts.len())].join(".");
            match layers.last_mut() {
                Some((last, range)) if *last == layer => range.end = place.end,
                _ => layers.push((layer, place.clone())),
            }
        }
        layers
    }
}
