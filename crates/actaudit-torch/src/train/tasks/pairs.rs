//! Preferences: supervised fine-tuning on chosen answers, then direct preference optimisation (Rafailov et al. 2023) against the
//! network that came of it.

use super::{Facts, Learned, Metrics};
use crate::train::models::{Network, Shape};
use actaudit::internal::data::{self, Data, Origin, Pair, batch, constructed};
use actaudit::internal::train::{Fault, RunSpec, Task};
use std::collections::BTreeMap;
use tch::{Device, Kind, TchError, Tensor, no_grad};

/// Bytes, and one token that ends an answer.
const TOKENS: i64 = 257;
const END: i64 = 256;
/// Pairs that are constructed from a text to train on: the same for all seeds.
const CONSTRUCTED: usize = 20_000;
/// The seed from which pairs are constructed.
const PAIRS: u64 = 0;
/// Pairs of held-out data that are evaluated at once.
const AT_ONCE: usize = 32;

pub(super) struct Pairs {
    name: String,
    train: Vec<Pair>,
    held_out: Vec<Pair>,
    constructed: bool,
    context: usize,
    tuning: usize,
    beta: f64,
    test: usize,
    reference: Option<Box<dyn Network>>,
    seed: u64,
    batch: usize,
    device: Device,
}

/// What is compared: log probabilities of answers, each the sum over its tokens.
struct Compared {
    chosen: Tensor,
    rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
}

impl Pairs {
    pub(super) fn load(spec: &RunSpec, context: usize, device: Device) -> Result<Self, String> {
        let Task::Preferences { data, tuning, beta, test } = &spec.task else {
            return Err("no task on preferences".into());
        };
        if *tuning >= spec.recipe.steps {
            return Err(format!("tuning = {tuning} leaves no step for DPO: there are {}", spec.recipe.steps));
        }
        let (name, train, held_out, constructed) = match data::find(data).map_err(|e| e.to_string())? {
            Data::Pairs(pairs) => (pairs.name, pairs.train, pairs.test, pairs.origin == Origin::Constructed),
            Data::Text(text) => {
                let pairs = |bytes: &[u8], count: usize, purpose: &str| {
                    constructed(bytes, count, [context / 2; 2], PAIRS, purpose).map_err(|e| e.to_string())
                };
                (text.name, pairs(&text.train, CONSTRUCTED, "train")?, pairs(&text.held_out, *test, "held out")?, true)
            }
            Data::Images(_) => return Err(format!("{}: there are images, no pairs of answers", data.display())),
        };
        if train.is_empty() || held_out.is_empty() {
            return Err(format!("{}: there are no pairs to train on or none held out", data.display()));
        }
        Ok(Self {
            name,
            train,
            held_out,
            constructed,
            context,
            tuning: *tuning,
            beta: *beta,
            test: *test,
            reference: None,
            seed: if spec.fault == Some(Fault::UnpairedSeed) { spec.seed + 1 } else { spec.seed },
            batch: spec.recipe.batch,
            device,
        })
    }

    /// Prompts with answers: tokens, the next tokens, and 1 where the next token is part of the answer. The end of a prompt that is
    /// too long is kept, and the start of an answer.
    fn answers(&self, texts: &[(&[u8], &[u8])]) -> Result<[Tensor; 3], TchError> {
        let room = self.context + 1;
        let (mut tokens, mut next, mut counts) = (vec![], vec![], vec![]);
        for (prompt, answer) in texts {
            let answer: Vec<i64> = answer.iter().map(|b| i64::from(*b)).chain([END]).take(room / 2).collect();
            let kept = prompt.len().min(room - answer.len());
            let mut row: Vec<i64> = prompt[prompt.len() - kept..].iter().map(|b| i64::from(*b)).collect();
            let start = row.len().max(1);
            row.extend(answer);
            let end = row.len();
            row.resize(room, END);
            tokens.extend(&row[..room - 1]);
            next.extend(&row[1..]);
            counts.extend((1..room).map(|k| f32::from(u8::from(k >= start && k < end))));
        }
        let shape = [texts.len() as i64, self.context as i64];
        let whole = |values: &[i64]| Tensor::f_from_slice(values)?.f_view(shape)?.f_to_device(self.device);
        Ok([whole(&tokens)?, whole(&next)?, Tensor::f_from_slice(&counts)?.f_view(shape)?.f_to_device(self.device)?])
    }

    /// The log probability of each answer.
    fn log_probability(network: &dyn Network, [tokens, next, counts]: &[Tensor; 3]) -> Result<Tensor, TchError> {
        let scores = network.run(tokens, true)?.f_to_kind(Kind::Float)?;
        let each =
            scores.f_log_softmax(-1, Kind::Float)?.f_gather(2, &next.f_unsqueeze(2)?, false)?.f_squeeze_dim(2)?;
        each.f_mul(counts)?.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)
    }

    fn compare(&self, network: &dyn Network, pairs: &[&Pair]) -> Result<Compared, TchError> {
        let reference = self.reference.as_deref().unwrap_or(network);
        let texts = |answer: fn(&Pair) -> &[u8]| {
            let texts: Vec<(&[u8], &[u8])> = pairs.iter().map(|pair| (pair.prompt.as_slice(), answer(pair))).collect();
            self.answers(&texts)
        };
        let (chosen, rejected) = (texts(|pair| &pair.chosen)?, texts(|pair| &pair.rejected)?);
        let reference_of = |answers: &[Tensor; 3]| no_grad(|| Self::log_probability(reference, answers));
        Ok(Compared {
            reference_chosen: reference_of(&chosen)?,
            reference_rejected: reference_of(&rejected)?,
            chosen: Self::log_probability(network, &chosen)?,
            rejected: Self::log_probability(network, &rejected)?,
        })
    }
}

impl Compared {
    /// beta times how much more probable an answer became.
    fn rewards(&self, beta: f64) -> Result<[Tensor; 2], TchError> {
        let chosen = self.chosen.f_sub(&self.reference_chosen)?.f_mul_scalar(beta)?;
        Ok([chosen, self.rejected.f_sub(&self.reference_rejected)?.f_mul_scalar(beta)?])
    }
}

impl Learned for Pairs {
    fn shape(&self) -> Shape {
        Shape { channels: 0, side: 0, classes: TOKENS }
    }

    fn facts(&self) -> Facts {
        let [train, held_out] = [&self.train, &self.held_out].map(Vec::len);
        let constructed = self.constructed;
        let kind = if constructed { "constructed pairs" } else { "pairs" };
        Facts {
            data: format!("{}: {train} {kind} to train on, {held_out} held out", self.name),
            constructed,
            leaked: 0,
        }
    }

    fn loss(&self, network: &dyn Network, step: usize) -> Result<Tensor, TchError> {
        let pairs: Vec<&Pair> = self.examples(step).into_iter().map(|k| &self.train[k]).collect();
        if step < self.tuning {
            let texts: Vec<(&[u8], &[u8])> = pairs.iter().map(|p| (p.prompt.as_slice(), p.chosen.as_slice())).collect();
            let answers = self.answers(&texts)?;
            let count = answers[2].f_sum(Kind::Float)?.f_clamp_min(1.0)?;
            return Self::log_probability(network, &answers)?.f_sum(Kind::Float)?.f_neg()?.f_div(&count);
        }
        let [chosen, rejected] = self.compare(network, &pairs)?.rewards(self.beta)?;
        chosen.f_sub(&rejected)?.f_log_sigmoid()?.f_mean(Kind::Float)?.f_neg()
    }

    fn evaluate(&self, network: &dyn Network) -> Result<Metrics, TchError> {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        let count = self.test.clamp(1, self.held_out.len());
        let pairs: Vec<&Pair> = self.held_out[..count].iter().collect();
        for pairs in pairs.chunks(AT_ONCE) {
            let compared = no_grad(|| self.compare(network, pairs))?;
            let [chosen, rejected] = compared.rewards(self.beta)?;
            let margin = chosen.f_sub(&rejected)?;
            for (name, values) in [
                ("loss", margin.f_log_sigmoid()?.f_neg()?),
                ("rewards/chosen", chosen),
                ("rewards/rejected", rejected),
                // ties do not count
                ("rewards/accuracies", margin.f_gt(0.0)?.f_to_kind(Kind::Float)?),
                ("rewards/margins", margin),
                ("logps/chosen", compared.chosen),
                ("logps/rejected", compared.rejected),
            ] {
                *sums.entry(name.to_owned()).or_default() += values.f_sum(Kind::Double)?.f_double_value(&[])?;
            }
        }
        Ok((count, sums.into_iter().map(|(name, sum)| (name, sum / count as f64)).collect()))
    }

    fn examples(&self, step: usize) -> Vec<usize> {
        batch(self.seed, self.train.len(), self.batch, step as u64)
    }

    fn reference_from(&self) -> Option<usize> {
        Some(self.tuning)
    }

    fn hold_against(&mut self, reference: Box<dyn Network>) {
        self.reference = Some(reference);
    }
}
