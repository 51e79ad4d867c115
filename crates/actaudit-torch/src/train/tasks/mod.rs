//! What is learnt: batches, losses, and what is evaluated.

mod images;
mod pairs;
mod text;

use super::models::{Network, Shape};
use actaudit::internal::train::{Model, RunSpec, Task};
use std::collections::BTreeMap;
use tch::{Device, TchError, Tensor};

/// What a run says of its data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// name, format, numbers of examples
    pub(crate) data: String,
    /// whether examples were constructed
    pub(crate) constructed: bool,
    /// held-out examples that are trained on as well
    pub(crate) leaked: usize,
}

/// Metrics of held-out data by name, and of how many examples.
pub(crate) type Metrics = (usize, BTreeMap<String, f64>);

/// Something that can be learnt.
pub(crate) trait Learned {
    /// What goes into the network and comes out.
    fn shape(&self) -> Shape;

    /// What there is to say of the data.
    fn facts(&self) -> Facts;

    /// The loss of the batch of a step.
    fn loss(&self, network: &dyn Network, step: usize) -> Result<Tensor, TchError>;

    /// The metrics of held-out data.
    fn evaluate(&self, network: &dyn Network) -> Result<Metrics, TchError>;

    /// Which examples a step sees, for the digest that tells whether runs are paired.
    fn examples(&self, step: usize) -> Vec<usize>;

    /// The step before which the network is copied, to be held against what becomes of it.
    fn reference_from(&self) -> Option<usize> {
        None
    }

    /// Takes the scores of such a copy.
    fn hold_against(&mut self, _reference: Box<dyn Network>) {}
}

/// The data of a task, read from where they lie.
///
/// # Errors
/// A sentence that names the file and place, or what is expected.
pub(crate) fn load(spec: &RunSpec, device: Device) -> Result<Box<dyn Learned>, String> {
    match &spec.task {
        Task::Images { .. } => Ok(Box::new(images::Pictures::load(spec, device)?)),
        Task::Text { .. } => {
            let context = spec.model.context().ok_or_else(|| reads_no_text(&spec.model))?;
            Ok(Box::new(text::Text::load(spec, context, device)?))
        }
        Task::Preferences { .. } => {
            let context = spec.model.context().ok_or_else(|| reads_no_text(&spec.model))?;
            Ok(Box::new(pairs::Pairs::load(spec, context, device)?))
        }
        _ => Err("this task is not known here".into()),
    }
}

fn reads_no_text(model: &Model) -> String {
    format!("a network of the kind {} reads no text: use gpt or bert", model.kind())
}
