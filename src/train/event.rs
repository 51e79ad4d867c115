//! What a run tells while it is trained: one line of JSON each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// the network stands
    Started(Started),
    /// a step was made
    Step(Step),
    /// layers were looked at
    Look(Look),
    /// held-out data were evaluated
    Evaluated(Evaluated),
    /// all steps were made
    Finished(Finished),
    /// it stopped before its end; what was told before stands
    Stopped(Stopped),
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// numbers that are learnt
    pub parameters: usize,
    /// how the activation is computed: `libtorch gelu`, `accurate kernel of actaudit`, `tensor operations`
    pub route: String,
    /// libtorch's version, instructions and threads; the card
    pub environment: String,
    /// the data in words: name, format, numbers of examples
    pub data: String,
    /// whether its examples were constructed rather than collected
    #[serde(default)]
    pub constructed: bool,
    /// held-out examples that are trained on as well, and were not in the data set's own training half
    #[serde(default)]
    pub leaked: usize,
    /// held-out examples that the data set itself has among those to train on: counted, not blamed
    #[serde(default)]
    pub duplicates: usize,
    /// the step from which it goes on, 0 for a run from the start
    #[serde(default)]
    pub from: usize,
    /// a digest of the initial parameters' values and the first batches: equal for runs that are paired
    pub pairing: String,
    /// the gradient of the activation against the real derivative, at the input where it is furthest; none where it was not looked at
    #[serde(default)]
    pub slope: Option<SlopeCheck>,
    /// the same for the gradient of each parameter that is learnt
    #[serde(default)]
    pub parameter_slopes: Vec<(String, SlopeCheck)>,
}

/// The gradient of an activation as a network is trained with it, at one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlopeCheck {
    /// the input, of those that were looked at the one with the largest error
    pub at: f64,
    /// the gradient
    #[serde(with = "super::number")]
    pub got: f64,
    /// the real derivative
    #[serde(with = "super::number")]
    pub real: f64,
    /// how many inputs were looked at
    pub inputs: usize,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// counted from 0
    pub step: usize,
    /// mean over the batch, before the step
    #[serde(with = "super::number")]
    pub loss: f64,
    /// global norm of the gradient before it is clipped
    #[serde(with = "super::number")]
    pub grad_norm: f64,
    /// the learning rate
    pub rate: f64,
}

/// Layers at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// counted from 0
    pub step: usize,
    /// norms of gradients by layer before clipping, in the order in which layers are computed
    #[serde(with = "super::number::list")]
    pub grad_norms: Vec<(String, f64)>,
    /// norm of the update over the norm of the parameters, by layer
    #[serde(with = "super::number::list")]
    pub updates: Vec<(String, f64)>,
    /// what goes into the activations
    pub sites: Vec<Site>,
}

/// What goes into the activation at one place of the network, over one batch.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, Deserialize)]
pub struct Site {
    /// the layer before it
    pub name: String,
    /// mean
    #[serde(with = "super::number")]
    #[schemars(with = "super::number::Written")]
    pub mean: f64,
    /// standard deviation
    #[serde(with = "super::number")]
    #[schemars(with = "super::number::Written")]
    pub sd: f64,
    /// the fraction of units (features, channels) whose slope is exactly 0 at every example of the batch
    #[serde(with = "super::number")]
    #[schemars(with = "super::number::Written")]
    pub dead: f64,
    /// the fraction of inputs at which |f'| < 1/1000
    #[serde(with = "super::number")]
    #[schemars(with = "super::number::Written")]
    pub flat: f64,
    /// E f'(x)^2 over the batch
    #[serde(with = "super::number")]
    #[schemars(with = "super::number::Written")]
    pub slope_square: f64,
    /// numbers of NaN and infinities
    pub non_finite: usize,
    /// how many inputs lie in each binade, by the names that [`binade`] gives
    pub histogram: BTreeMap<String, u64>,
    /// values of parameters that are learnt or annealed
    #[serde(default, with = "super::number::map")]
    #[schemars(with = "BTreeMap<String, super::number::Written>")]
    pub values: BTreeMap<String, f64>,
}

/// The name of the binade of an input: its sign and exponent, `+:2` for 4 <= x < 8; `0` for zeros, `nan` for what is no number.
pub fn binade(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x == 0.0 {
        return "0".into();
    }
    let sign = if x < 0.0 { '-' } else { '+' };
    if x.is_infinite() { format!("{sign}:inf") } else { format!("{sign}:{}", x.abs().log2().floor()) }
}

/// Held-out data at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// steps made so far
    pub steps: usize,
    /// held-out examples
    pub examples: usize,
    /// by name: `loss`, `accuracy`, `rewards/chosen`, `rewards/rejected`, `rewards/margins`, `rewards/accuracies`, ...
    #[serde(with = "super::number::map")]
    pub metrics: BTreeMap<String, f64>,
}

/// A run that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// seconds of a step, the median; not compared
    pub seconds_a_step: f64,
    /// processor seconds in all
    pub cpu_seconds: f64,
    /// the largest resident set of the process, bytes; memory of a device is not counted
    pub peak_memory: u64,
    /// a digest of all parameters at the end: equal for equal curves
    pub digest: String,
    /// digests of the reference model when it was made and at the end, where there is one
    #[serde(default)]
    pub reference: Option<[String; 2]>,
}

/// Why a run did not come to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// the step, counted from 0
    pub step: usize,
    /// `diverged`, `memory`, `data`, `device`, `storage`, `torch`, `request`
    pub kind: String,
    /// what happened and what to do, one sentence
    pub message: String,
    /// the layer of the first activation into which goes what is no number
    #[serde(default)]
    pub layer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binades_have_names() {
        for (x, name) in
            [(4.0, "+:2"), (7.9, "+:2"), (-0.5, "-:-1"), (0.0, "0"), (f64::NAN, "nan"), (f64::NEG_INFINITY, "-:inf")]
        {
            assert_eq!(binade(x), name);
        }
    }

    #[test]
    fn events_are_lines() {
        let event = Event::Step(Step { step: 3, loss: 0.5, grad_norm: 1.0, rate: 0.1 });
        let line = serde_json::to_string(&event).expect("a value");
        assert_eq!(line, r#"{"event":"step","step":3,"loss":0.5,"grad_norm":1.0,"rate":0.1}"#);
        assert_eq!(serde_json::from_str::<Event>(&line).expect("an event"), event);
        // JSON has no infinity
        let event = Event::Step(Step { step: 3, loss: f64::INFINITY, grad_norm: f64::NEG_INFINITY, rate: 0.1 });
        let line = serde_json::to_string(&event).expect("a value");
        assert!(line.contains(r#""loss":"inf","grad_norm":"-inf""#), "{line}");
        assert_eq!(serde_json::from_str::<Event>(&line).expect("an event"), event);
    }
}
