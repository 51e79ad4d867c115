//! Preferences: supervised fine-tuning on chosen answers, then direct preference optimisation (Rafailov et al. 2023) against the
//! network that came of it.

use super::{Facts, Learned, Metrics};
use crate::train::models::{Network, Shape};
use actaudit::internal::data::{Data, Origin, Pair, batch, constructed, targets};
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
    /// those to train on whose chosen answers are imitated first
    targets: Vec<usize>,
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
    pub(super) fn load(spec: &RunSpec, found: Data, context: usize, device: Device) -> Result<Self, String> {
        let Task::Preferences { data, tuning, beta, test } = &spec.task else {
            return Err("no task on preferences".into());
        };
        let (name, train, held_out, constructed) = match found {
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
            targets: targets(&train),
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

    /// The end of a prompt that leaves room for the longer answer: both answers are given to the same.
    fn prompt<'a>(&self, pair: &'a Pair) -> &'a [u8] {
        let longer = (pair.chosen.len().max(pair.rejected.len()) + 1).min(self.answer());
        &pair.prompt[pair.prompt.len().saturating_sub(self.context + 1 - longer)..]
    }

    /// Tokens that an answer may have, its end included.
    const fn answer(&self) -> usize {
        self.context.div_ceil(2)
    }

    /// Prompts with answers as three tensors: tokens, the next tokens, and 1 where the next token is part of the answer. Of an answer that is
    /// too long the start is kept.
    fn rows(&self, texts: &[(&[u8], &[u8])]) -> Result<[Tensor; 3], TchError> {
        let room = self.context + 1;
        let (mut tokens, mut next, mut counts) = (vec![], vec![], vec![]);
        for (prompt, answer) in texts {
            let mut row: Vec<i64> = prompt.iter().map(|b| i64::from(*b)).collect();
            // the first token is guessed from nothing, and does not count
            let start = row.len().max(1);
            row.extend(answer.iter().map(|b| i64::from(*b)).chain([END]).take(self.answer()));
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

    /// Pairs as rows: all chosen answers, then all rejected ones.
    fn both(&self, pairs: &[&Pair]) -> Result<[Tensor; 3], TchError> {
        let chosen = pairs.iter().map(|pair| (self.prompt(pair), pair.chosen.as_slice()));
        let rejected = pairs.iter().map(|pair| (self.prompt(pair), pair.rejected.as_slice()));
        self.rows(&chosen.chain(rejected).collect::<Vec<_>>())
    }

    /// The rows of a step.
    fn batch(&self, step: usize) -> Result<[Tensor; 3], TchError> {
        if step < self.tuning {
            let chosen = batch(self.seed, self.targets.len(), self.batch, step as u64);
            let pairs = chosen.into_iter().map(|k| &self.train[self.targets[k]]);
            let texts: Vec<(&[u8], &[u8])> = pairs.map(|p| (self.prompt(p), p.chosen.as_slice())).collect();
            return self.rows(&texts);
        }
        let chosen = batch(self.seed, self.train.len(), self.batch, step as u64);
        self.both(&chosen.into_iter().map(|k| &self.train[k]).collect::<Vec<_>>())
    }

    /// The log probability of each answer.
    fn log_probability(network: &dyn Network, [tokens, next, counts]: &[Tensor; 3]) -> Result<Tensor, TchError> {
        let scores = network.run(tokens, true)?.f_to_kind(Kind::Float)?;
        let each =
            scores.f_log_softmax(-1, Kind::Float)?.f_gather(2, &next.f_unsqueeze(2)?, false)?.f_squeeze_dim(2)?;
        each.f_mul(counts)?.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float)
    }

    /// What rows that [`Pairs::both`] made come to.
    fn compare(&self, network: &dyn Network, rows: &[Tensor; 3]) -> Result<Compared, TchError> {
        let reference = self.reference.as_deref().unwrap_or(network);
        let halves = |all: Tensor| -> Result<[Tensor; 2], TchError> {
            let count = all.size()[0] / 2;
            Ok([all.f_narrow(0, 0, count)?, all.f_narrow(0, count, count)?])
        };
        let [reference_chosen, reference_rejected] = halves(no_grad(|| Self::log_probability(reference, rows))?)?;
        let [chosen, rejected] = halves(Self::log_probability(network, rows)?)?;
        Ok(Compared { chosen, rejected, reference_chosen, reference_rejected })
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
            ..Facts::default()
        }
    }

    fn loss(&self, network: &dyn Network, step: usize) -> Result<Tensor, TchError> {
        let rows = self.batch(step)?;
        if step < self.tuning {
            let count = rows[2].f_sum(Kind::Float)?.f_clamp_min(1.0)?;
            return Self::log_probability(network, &rows)?.f_sum(Kind::Float)?.f_neg()?.f_div(&count);
        }
        let [chosen, rejected] = self.compare(network, &rows)?.rewards(self.beta)?;
        chosen.f_sub(&rejected)?.f_log_sigmoid()?.f_mean(Kind::Float)?.f_neg()
    }

    fn evaluate(&self, network: &dyn Network) -> Result<Metrics, TchError> {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        let count = self.test.clamp(1, self.held_out.len());
        let pairs: Vec<&Pair> = self.held_out[..count].iter().collect();
        for pairs in pairs.chunks(AT_ONCE) {
            let rows = self.both(pairs)?;
            let compared = no_grad(|| self.compare(network, &rows))?;
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

    fn shown(&self, step: usize) -> Result<Vec<Tensor>, TchError> {
        self.batch(step).map(Vec::from)
    }

    fn reference_from(&self) -> Option<usize> {
        Some(self.tuning)
    }

    fn hold_against(&mut self, reference: Box<dyn Network>) {
        self.reference = Some(reference);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::models::Network;

    fn pair(prompt: &str, chosen: &str, rejected: &str) -> Pair {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Pair { prompt: bytes(prompt), chosen: bytes(chosen), rejected: bytes(rejected), score: None }
    }

    /// A sequence has six tokens, an answer three with its end.
    fn pairs(train: Vec<Pair>) -> Pairs {
        Pairs {
            name: "t".into(),
            targets: targets(&train),
            held_out: train.clone(),
            train,
            constructed: false,
            context: 6,
            tuning: 0,
            beta: 0.5,
            test: 10,
            reference: None,
            seed: 1,
            batch: 1,
            device: Device::Cpu,
        }
    }

    fn numbers(tensor: &Tensor) -> Vec<i64> {
        Vec::<i64>::try_from(&tensor.to_kind(Kind::Int64).view(-1)).expect("whole numbers")
    }

    #[test]
    fn rows_count_the_tokens_of_the_answer_and_its_end() {
        const A: i64 = b'a' as i64;
        for (prompt, answer, tokens, counts) in [
            // what is counted stands one before: the place from which the token is guessed
            ("ab", "c", [A, A + 1, A + 2, END, END, END], [0, 1, 1, 0, 0, 0]),
            // the start of an answer that is too long
            ("a", "bcdef", [A, A + 1, A + 2, A + 3, END, END], [1, 1, 1, 0, 0, 0]),
            // nothing to guess the first token from
            ("", "bc", [A + 1, A + 2, END, END, END, END], [1, 1, 0, 0, 0, 0]),
        ] {
            let set = pairs(vec![pair(prompt, answer, "x")]);
            let [x, next, count] = set.rows(&[(prompt.as_bytes(), answer.as_bytes())]).expect("rows");
            assert_eq!((numbers(&x), numbers(&count)), (tokens.to_vec(), counts.to_vec()), "{prompt} {answer}");
            assert_eq!(numbers(&next)[..5], numbers(&x)[1..], "{prompt} {answer}");
        }
    }

    #[test]
    fn both_answers_are_given_to_the_same_prompt() {
        let set = pairs(vec![pair("abcdefgh", "x", "yz")]);
        // three tokens for the longer answer leave four for the prompt, of the shorter one as well
        assert_eq!(set.prompt(&set.train[0]), b"efgh");
        let [x, ..] = set.both(&[&set.train[0]]).expect("rows");
        assert_eq!(numbers(&x)[..4], numbers(&x)[6..10]);
    }

    /// Scores that do not depend on the text: this for one byte, 0 for all other tokens.
    struct Fixed(u8, f64);

    impl Network for Fixed {
        fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
            let size = x.size();
            let scores = Tensor::f_zeros([size[0], size[1], TOKENS], (Kind::Float, Device::Cpu))?;
            let _ = scores.f_select(2, i64::from(self.0))?.f_fill_(self.1)?;
            Ok(scores)
        }
    }

    /// Rafailov et al. 2023, equation 7, worked out by hand for scores that are known.
    #[test]
    fn the_loss_is_that_of_the_formula() {
        let mut set = pairs(vec![pair("a", "x", "y")]);
        set.hold_against(Box::new(Fixed(b'x', 0.0)));
        let policy = Fixed(b'x', 2.0);
        // both answers have a letter and an end; only the letter x is more probable than it was, and the sum of exponentials is
        // 256 + e^2 instead of 257 for every token
        let normal = (257.0f64 / (256.0 + 2f64.exp())).ln();
        let (chosen, rejected) = (0.5 * (2.0 + 2.0 * normal), 0.5 * 2.0 * normal);
        let expected = (1.0 + (-(chosen - rejected)).exp()).ln();
        let loss = set.loss(&policy, 0).expect("a loss").double_value(&[]);
        assert!((loss - expected).abs() < 1e-6, "{loss} {expected}");
        let (count, metrics) = set.evaluate(&policy).expect("metrics");
        assert_eq!(count, 1);
        for (name, value) in [
            ("rewards/chosen", chosen),
            ("rewards/rejected", rejected),
            ("rewards/margins", 1.0),
            ("rewards/accuracies", 1.0),
        ] {
            assert!((metrics[name] - value).abs() < 1e-6, "{name} {}", metrics[name]);
        }
    }
}
