//! A text, byte by byte: the next byte for networks that read from left to right, masked bytes for others.

use super::images::cross_entropy;
use super::{Facts, Learned, Metrics};
use crate::train::models::{Network, Shape};
use actaudit::internal::data::{Data, Draw};
use actaudit::internal::train::{Fault, Model, RunSpec, Task};
use tch::{Device, Kind, Reduction, TchError, Tensor, no_grad};

/// Bytes, and the mask.
const TOKENS: i64 = 257;
const MASK: i64 = 256;
/// one byte in so many is masked
const MASKED: u64 = 7;
/// Sequences of held-out text that are evaluated at once.
const AT_ONCE: usize = 64;
/// A label that does not count.
const IGNORED: i64 = -100;

pub(super) struct Text {
    train: Vec<u8>,
    held_out: Vec<u8>,
    name: String,
    masked: bool,
    context: usize,
    test: usize,
    seed: u64,
    batch: usize,
    device: Device,
}

impl Text {
    pub(super) fn load(spec: &RunSpec, found: Data, context: usize, device: Device) -> Result<Self, String> {
        let Task::Text { data, test } = &spec.task else {
            return Err("no task on text".into());
        };
        let Data::Text(text) = found else {
            return Err(format!("{}: there is no text", data.display()));
        };
        let shorter = text.train.len().min(text.held_out.len());
        if shorter <= context + 1 {
            return Err(format!("{}: {shorter} bytes are too few for sequences of {context}", data.display()));
        }
        Ok(Self {
            train: text.train,
            held_out: text.held_out,
            name: text.name,
            masked: matches!(spec.model, Model::Bert { .. }),
            context,
            test: *test,
            seed: if spec.fault == Some(Fault::UnpairedSeed) { spec.seed + 1 } else { spec.seed },
            batch: spec.recipe.batch,
            device,
        })
    }

    /// Sequences that start at these bytes, and what is to be guessed.
    /// Where bytes are masked, at least one is.
    fn sequences(&self, text: &[u8], starts: &[usize], mut draw: Draw) -> Result<[Tensor; 2], TchError> {
        let (mut inputs, mut labels) = (vec![], vec![]);
        for start in starts {
            if self.masked {
                for byte in &text[*start..start + self.context] {
                    let hidden = draw.below(MASKED) == 0;
                    inputs.push(if hidden { MASK } else { i64::from(*byte) });
                    labels.push(if hidden { i64::from(*byte) } else { IGNORED });
                }
            } else {
                inputs.extend(text[*start..start + self.context].iter().map(|byte| i64::from(*byte)));
                labels.extend(text[start + 1..=start + self.context].iter().map(|byte| i64::from(*byte)));
            }
        }
        if labels.iter().all(|label| *label == IGNORED) && !labels.is_empty() {
            let place = draw.index(labels.len());
            labels[place] = inputs[place];
            inputs[place] = MASK;
        }
        let shape = [starts.len() as i64, self.context as i64];
        let tensor = |values: &[i64]| Tensor::f_from_slice(values)?.f_view(shape)?.f_to_device(self.device);
        Ok([tensor(&inputs)?, tensor(&labels)?])
    }

    /// The sequences of a step, and what is to be guessed.
    fn batch(&self, step: usize) -> Result<[Tensor; 2], TchError> {
        let mut draw = Draw::new(self.seed, "sequences", step as u64);
        let starts: Vec<usize> = (0..self.batch).map(|_| draw.index(self.train.len() - self.context)).collect();
        self.sequences(&self.train, &starts, Draw::new(self.seed, "mask", step as u64))
    }

    fn guess(&self, network: &dyn Network, x: &Tensor, labels: &Tensor, sum: bool) -> Result<Tensor, TchError> {
        let scores = network.run(x, !sum)?;
        let scores = scores.f_view([-1, TOKENS])?.f_to_kind(Kind::Float)?;
        cross_entropy(&scores, &labels.f_view(-1)?, if sum { Reduction::Sum } else { Reduction::Mean })
    }
}

impl Learned for Text {
    fn shape(&self) -> Shape {
        Shape { channels: 0, side: 0, classes: TOKENS }
    }

    fn facts(&self) -> Facts {
        let [train, held_out] = [&self.train, &self.held_out].map(Vec::len);
        let data = format!("{}: {train} bytes to train on, {held_out} held out", self.name);
        Facts { data, ..Facts::default() }
    }

    fn loss(&self, network: &dyn Network, step: usize) -> Result<Tensor, TchError> {
        let [x, labels] = self.batch(step)?;
        self.guess(network, &x, &labels, false)
    }

    fn evaluate(&self, network: &dyn Network) -> Result<Metrics, TchError> {
        // sequences that lie evenly in the held-out text, the same for all runs
        let room = self.held_out.len() - self.context - 1;
        let count = self.test.clamp(1, room);
        let starts: Vec<usize> = (0..count).map(|k| k * room / count).collect();
        let (mut loss, mut guessed) = (0.0, 0.0);
        for (k, starts) in starts.chunks(AT_ONCE).enumerate() {
            let [x, labels] = self.sequences(&self.held_out, starts, Draw::new(0, "mask held out", k as u64))?;
            loss += no_grad(|| self.guess(network, &x, &labels, true))?.f_double_value(&[])?;
            guessed += labels.f_ne(IGNORED)?.f_sum(Kind::Int64)?.f_double_value(&[])?;
        }
        let loss = loss / guessed;
        let perplexity = loss.exp();
        Ok((count, [("loss".to_owned(), loss), ("perplexity".to_owned(), perplexity)].into()))
    }

    fn shown(&self, step: usize) -> Result<Vec<Tensor>, TchError> {
        self.batch(step).map(Vec::from)
    }
}
