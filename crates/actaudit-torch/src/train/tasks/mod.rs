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
    /// held-out examples that are trained on as well, and were not in the data set's own training half
    pub(crate) leaked: usize,
    /// held-out examples that the data set itself has among those to train on
    pub(crate) duplicates: usize,
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

    /// What a step is shown, as the network gets it: inputs and what is to be learnt. All randomness of the data is in it, so that a digest
    /// of it tells whether runs are paired.
    fn shown(&self, step: usize) -> Result<Vec<Tensor>, TchError>;

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
    let data = spec.task.read().map_err(|error| error.to_string())?;
    if data.content() != spec.content {
        return Err(format!("{}: the data are not those that the run was planned with", spec.task.data().display()));
    }
    match &spec.task {
        Task::Images { .. } => Ok(Box::new(images::Pictures::load(spec, data, device)?)),
        Task::Text { .. } => {
            let context = spec.model.context().ok_or_else(|| reads_no_text(&spec.model))?;
            Ok(Box::new(text::Text::load(spec, data, context, device)?))
        }
        Task::Preferences { .. } => {
            let context = spec.model.context().ok_or_else(|| reads_no_text(&spec.model))?;
            Ok(Box::new(pairs::Pairs::load(spec, data, context, device)?))
        }
        _ => Err("this task is not known here".into()),
    }
}

fn reads_no_text(model: &Model) -> String {
    format!("a network of the kind {} reads no text: use gpt or bert", model.kind())
}
