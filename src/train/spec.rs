//! One training run, as it is sent to the program that links libtorch: everything that its result depends on.

use crate::data::{self, Asked, Data, DataError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A network. Sizes are numbers of features, blocks and heads; docs/training.md has those of papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Model {
    /// Layers of equal width, each followed by the activation; weights of variance 2/inputs (He et al. 2015)
    Mlp {
        /// features of a hidden layer
        width: usize,
        /// hidden layers
        depth: usize,
    },
    /// Two convolutions and two dense layers, as in PyTorch's MNIST example, without its dropout
    Cnn {},
    /// He et al. 2016, the form for small images: 6n + 2 layers, shortcuts without parameters (option A)
    Resnet {
        /// 6n + 2
        depth: usize,
        /// channels of the first stage
        #[serde(default = "sixteen")]
        width: usize,
    },
    /// Dosovitskiy et al. 2021; with a distillation token and a second head, Touvron et al. 2021 (DeiT)
    Vit {
        /// features of a token
        dim: usize,
        /// blocks
        depth: usize,
        /// heads of attention, a divisor of `dim`
        heads: usize,
        /// side of a patch in pixels, a divisor of the image's
        patch: usize,
        /// whether there is a distillation token
        #[serde(default)]
        distilled: bool,
    },
    /// Han et al. 2021, the corrected form: pixels of a patch are tokens of their own
    Tnt {
        /// features of a patch
        dim: usize,
        /// features of a pixel token
        inner: usize,
        /// blocks
        depth: usize,
        /// heads over patches
        heads: usize,
        /// heads within a patch
        inner_heads: usize,
        /// side of a patch in pixels
        patch: usize,
        /// pixels from one inner token to the next
        inner_stride: usize,
    },
    /// Liu et al. 2022
    Convnext {
        /// blocks of the four stages
        depths: [usize; 4],
        /// channels of the four stages
        dims: [usize; 4],
        /// side and stride of the first convolution
        stem: usize,
    },
    /// Radford et al. 2019 (GPT-2): normalisation first, learnt positions, the head tied to the embedding
    Gpt {
        /// features of a token
        dim: usize,
        /// blocks
        depth: usize,
        /// heads of attention
        heads: usize,
        /// tokens of a sequence
        context: usize,
    },
    /// Devlin et al. 2019 (BERT): normalisation last, trained by guessing masked tokens, without next-sentence pairs
    Bert {
        /// features of a token
        dim: usize,
        /// blocks
        depth: usize,
        /// heads of attention
        heads: usize,
        /// features of the hidden layer of a block
        hidden: usize,
        /// features of an embedding, projected to `dim` where it is another number (ELECTRA's form)
        embedding: usize,
        /// tokens of a sequence
        context: usize,
    },
}

const fn sixteen() -> usize {
    16
}

impl Model {
    /// Its kind, as audit files have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mlp { .. } => "mlp",
            Self::Cnn {} => "cnn",
            Self::Resnet { .. } => "resnet",
            Self::Vit { .. } => "vit",
            Self::Tnt { .. } => "tnt",
            Self::Convnext { .. } => "convnext",
            Self::Gpt { .. } => "gpt",
            Self::Bert { .. } => "bert",
        }
    }

    /// The network in words, with its sizes. A small one never bears the name of a paper's.
    pub fn describe(&self) -> String {
        match self {
            Self::Mlp { width, depth } => format!("MLP, {depth} hidden layers of {width}"),
            Self::Cnn {} => "CNN of two convolutions".into(),
            Self::Resnet { depth, width } => format!("ResNet-{depth} of width {width}"),
            Self::Vit { dim, depth, heads, patch, distilled } => {
                let token = if *distilled { ", distillation token" } else { "" };
                format!("ViT d{dim} L{depth} H{heads} /{patch}{token}")
            }
            Self::Tnt { dim, inner, depth, patch, inner_stride, .. } => {
                format!("TNT d{dim}/{inner} L{depth} /{patch}, inner stride {inner_stride}")
            }
            Self::Convnext { depths, dims, stem } => {
                let join = |numbers: &[usize; 4]| numbers.map(|n| n.to_string()).join("-");
                format!("ConvNeXt {} of {}, stem {stem}", join(depths), join(dims))
            }
            Self::Gpt { dim, depth, heads, context } => format!("GPT d{dim} L{depth} H{heads}, context {context}"),
            Self::Bert { dim, depth, heads, context, .. } => {
                format!("BERT d{dim} L{depth} H{heads}, context {context}")
            }
        }
    }

    /// What is wrong with its sizes, whatever the data are.
    pub(super) fn problem(&self) -> Option<String> {
        /// no size of a network is larger
        const MOST: usize = 1 << 17;
        type Size = (&'static str, usize);
        let (sizes, pairs): (Vec<Size>, Vec<(Size, Size)>) = match self {
            Self::Mlp { width, depth } => (vec![("width", *width), ("depth", *depth)], vec![]),
            Self::Cnn {} => (vec![], vec![]),
            Self::Resnet { depth, width } => (vec![("depth", *depth), ("width", *width)], vec![]),
            Self::Vit { dim, depth, heads, patch, .. } => {
                let sizes = vec![("dim", *dim), ("depth", *depth), ("heads", *heads), ("patch", *patch)];
                (sizes, vec![(("heads", *heads), ("dim", *dim))])
            }
            Self::Tnt { dim, inner, depth, heads, inner_heads, patch, inner_stride } => {
                let sizes = vec![("dim", *dim), ("inner", *inner), ("depth", *depth), ("heads", *heads)];
                let more = [("inner_heads", *inner_heads), ("patch", *patch), ("inner_stride", *inner_stride)];
                let pairs = vec![
                    (("heads", *heads), ("dim", *dim)),
                    (("inner_heads", *inner_heads), ("inner", *inner)),
                    (("inner_stride", *inner_stride), ("patch", *patch)),
                ];
                (sizes.into_iter().chain(more).collect(), pairs)
            }
            Self::Convnext { depths, dims, stem } => {
                let each = depths.iter().map(|depth| ("depths", *depth)).chain(dims.iter().map(|dim| ("dims", *dim)));
                (each.chain([("stem", *stem)]).collect(), vec![])
            }
            Self::Gpt { dim, depth, heads, context } => {
                let sizes = vec![("dim", *dim), ("depth", *depth), ("heads", *heads), ("context", *context)];
                (sizes, vec![(("heads", *heads), ("dim", *dim))])
            }
            Self::Bert { dim, depth, heads, hidden, embedding, context } => {
                let sizes = vec![("dim", *dim), ("depth", *depth), ("heads", *heads), ("hidden", *hidden)];
                let more = [("embedding", *embedding), ("context", *context)];
                (sizes.into_iter().chain(more).collect(), vec![(("heads", *heads), ("dim", *dim))])
            }
        };
        let outside = sizes.iter().find(|(_, size)| !(1..=MOST).contains(size));
        let not_divided = pairs.iter().find(|((_, divisor), (_, whole))| !whole.is_multiple_of(*divisor));
        match (outside, not_divided, self) {
            (Some((name, size)), ..) => Some(format!("{name} = {size}: expected 1 to {MOST}")),
            (_, Some(((name, divisor), (whole, number))), _) => {
                Some(format!("{name} = {divisor} does not divide {whole} = {number}"))
            }
            (.., Self::Resnet { depth, .. }) if *depth < 8 || !(depth - 2).is_multiple_of(6) => {
                Some(format!("a ResNet of this form has 6n + 2 layers (8, 14, 20, ..., 56), not {depth}"))
            }
            (.., Self::Gpt { context, .. } | Self::Bert { context, .. }) if *context < 8 => {
                Some(format!("context = {context}: sequences have at least 8 tokens"))
            }
            _ => None,
        }
    }

    /// Tokens of a sequence, if it reads text.
    pub const fn context(&self) -> Option<usize> {
        match self {
            Self::Gpt { context, .. } | Self::Bert { context, .. } => Some(*context),
            _ => None,
        }
    }
}

/// What is learnt from which data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Task {
    /// Images and their classes; loss: cross entropy
    Images {
        /// a folder in one of the formats of docs/training.md
        data: PathBuf,
        /// side to which images are reduced by averaging, a divisor of theirs
        #[serde(default)]
        side: Option<usize>,
        /// random crops of images padded by an eighth, and mirrored ones
        #[serde(default)]
        augment: bool,
        /// at most so many images are trained on: the first of a fixed random order
        #[serde(default)]
        train: Option<usize>,
        /// at most so many held-out images are evaluated: the first of a fixed random order
        #[serde(default)]
        test: Option<usize>,
    },
    /// The next byte of a text (or, with BERT, masked bytes); loss: cross entropy, in nats per byte
    Text {
        /// a file or folder
        data: PathBuf,
        /// held-out sequences that are evaluated
        #[serde(default = "thousand")]
        test: usize,
    },
    /// Supervised fine-tuning on chosen answers, then DPO (Rafailov et al. 2023) against the model that came of it
    Preferences {
        /// a file or folder of pairs; or a text, from which pairs are constructed
        data: PathBuf,
        /// steps of supervised fine-tuning before DPO's
        tuning: usize,
        /// the weight of the distance from the reference model
        beta: f64,
        /// held-out pairs that are evaluated
        #[serde(default = "thousand")]
        test: usize,
    },
}

const fn thousand() -> usize {
    1000
}

impl Task {
    /// Where its data lie.
    pub const fn data(&self) -> &PathBuf {
        match self {
            Self::Images { data, .. } | Self::Text { data, .. } | Self::Preferences { data, .. } => data,
        }
    }

    /// Reads its data.
    ///
    /// # Errors
    /// If they are not there or broken, with the place.
    pub fn read(&self) -> Result<Data, DataError> {
        let side = if let Self::Images { side, .. } = self { *side } else { None };
        // pictures of a folder that differ in size are scaled to the side
        let side = side.and_then(|side| u32::try_from(side).ok());
        data::find_as(self.data(), Asked { side, ..Asked::default() })
    }

    /// What it needs, in words.
    pub const fn wants(&self) -> &'static str {
        match self {
            Self::Images { .. } => "images",
            Self::Text { .. } => "a text",
            Self::Preferences { .. } => "pairs of answers, or a text",
        }
    }

    /// Whether data of this kind can be learnt from.
    pub const fn takes(&self, data: &Data) -> bool {
        matches!(
            (self, data),
            (Self::Images { .. }, Data::Images(_))
                | (Self::Text { .. }, Data::Text(_))
                | (Self::Preferences { .. }, Data::Pairs(_) | Data::Text(_))
        )
    }

    /// The metrics that its runs have.
    pub fn metrics(&self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Images { .. } => &["loss", "accuracy"],
            Self::Text { .. } => &["loss", "perplexity"],
            Self::Preferences { .. } => &[
                "loss",
                "rewards/chosen",
                "rewards/rejected",
                "rewards/margins",
                "rewards/accuracies",
                "logps/chosen",
                "logps/rejected",
            ],
        };
        own.iter().copied().chain([super::GRAD_NORM, super::DEAD, super::SLOPE_SQUARE, super::SECONDS]).collect()
    }

    /// The same task with so many held-out examples at most, and where there are two phases only the second.
    #[must_use]
    pub fn with_test(mut self, examples: usize) -> Self {
        match &mut self {
            Self::Images { test, .. } => *test = Some(examples),
            Self::Text { test, .. } => *test = examples,
            Self::Preferences { test, tuning, .. } => (*test, *tuning) = (examples, 0),
        }
        self
    }

    /// The same task on data that lie elsewhere.
    #[must_use]
    pub fn with_data(mut self, folder: PathBuf) -> Self {
        match &mut self {
            Self::Images { data, .. } | Self::Text { data, .. } | Self::Preferences { data, .. } => *data = folder,
        }
        self
    }
}

/// How it is learnt: AdamW with decoupled decay (on matrices, filters and embeddings; none on biases, normalisation, positions, tokens that are no
/// bytes, and activations), linear warm-up, cosine annealing, and gradients clipped by their global norm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// steps in all
    pub steps: usize,
    /// examples a step
    pub batch: usize,
    /// the highest learning rate
    pub rate: f64,
    /// the learning rate at the end
    pub floor: f64,
    /// steps in which the rate rises from near 0
    pub warmup: usize,
    /// decoupled weight decay
    pub decay: f64,
    /// AdamW's decay rates of the two moments
    pub betas: [f64; 2],
    /// the norm above which gradients are scaled down
    pub clip: f64,
}

impl Default for Recipe {
    /// Appendix F of the S-ReLU paper where it gives numbers (decay, clipping, batch); the learning rate is AdamW's usual one.
    fn default() -> Self {
        Self {
            steps: 1000,
            batch: 256,
            rate: 1e-3,
            floor: 1e-5,
            warmup: 100,
            decay: 0.05,
            betas: [0.9, 0.999],
            clip: 1.0,
        }
    }
}

impl Recipe {
    /// The learning rate of a step, counted from 0: `rate (step + 1)/warmup` while it warms up, then half a cosine, which
    /// reaches `floor` at the last step.
    pub fn rate_at(&self, step: usize) -> f64 {
        if step < self.warmup {
            return self.rate * (step + 1) as f64 / self.warmup as f64;
        }
        let last = self.steps.saturating_sub(1).max(self.warmup);
        let there = if last == self.warmup { 1.0 } else { (step - self.warmup) as f64 / (last - self.warmup) as f64 };
        self.floor + (self.rate - self.floor) * (1.0 + (std::f64::consts::PI * there.min(1.0)).cos()) / 2.0
    }
}

/// How a parameter of the activation changes while it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Change {
    /// it is learnt, one for each place, and stays in its domain
    Learn,
    /// it goes from its value to this one, geometrically in the step
    Anneal(f64),
}

/// The activation of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// its definition, a TOML text
    pub definition: String,
    /// values of its parameters, exact rationals as texts
    pub values: BTreeMap<String, String>,
    /// parameters that do not stay as they are
    #[serde(default)]
    pub change: BTreeMap<String, Change>,
    /// how it is computed
    #[serde(default)]
    pub route: Route,
}

/// How an activation is computed in a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Route {
    /// libtorch's own operation, else this project's kernel on the CPU, else tensor operations
    #[default]
    Fastest,
    /// libtorch's own operation
    Torch,
    /// this project's accurate kernel: value and slope in one pass, on the CPU in f32
    Kernel,
    /// the formula as tensor operations
    Composed,
}

/// A run: the same line gives the same curve, bit for bit on one thread of the CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// the network
    pub model: Model,
    /// what is learnt
    pub task: Task,
    /// how
    pub recipe: Recipe,
    /// the activation
    pub function: Function,
    /// a digest of the data's content: a run on other data is another run, wherever they lie
    pub content: String,
    /// all randomness comes from this number, a purpose and a step
    pub seed: u64,
    /// `cpu`, `cuda` or `cuda:N`
    pub device: String,
    /// layers are looked at at the first step, the last, and every so many; 0: at those two only
    #[serde(default)]
    pub look: usize,
    /// held-out data are evaluated at the end and every so many steps; 0: at the end only
    #[serde(default)]
    pub evaluate: usize,
    /// where its state is kept
    #[serde(default)]
    pub checkpoint: Option<Checkpoint>,
    /// a fault that is planted, for tests of what must be caught
    #[serde(default)]
    pub fault: Option<Fault>,
}

impl RunSpec {
    /// A digest of all that the run's curve depends on but for the code: not of where its data lie, nor where its state is kept.
    pub fn identity(&self) -> String {
        let own = Self { checkpoint: None, task: self.task.clone().with_data(PathBuf::new()), ..self.clone() };
        super::digest(&[serde_json::to_string(&own).unwrap_or_default().as_bytes()])
    }

    /// Whether layers are looked at at this step, counted from 0.
    pub fn looks_at(&self, step: usize) -> bool {
        step == 0 || step + 1 == self.recipe.steps || (self.look > 0 && step.is_multiple_of(self.look))
    }
}

/// Where the state of a run is kept, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// the file
    pub file: PathBuf,
    /// steps from one to the next
    pub every: usize,
}

/// Faults that are planted to see that they are caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// the slope of the activation is that of half its input
    WrongBackward,
    /// biases so negative that no unit is ever active
    DeadStart,
    /// weights ten times as large as they should be
    ExplodingGain,
    /// one image of the test set is trained on
    LeakedImage,
    /// batches come from another seed than the one that is named
    UnpairedSeed,
    /// the reference model of DPO is trained, too
    MovingReference,
    /// the learning rate of a step is the next one's
    ScheduleOffByOne,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_peaks_and_falls_to_its_floor() {
        let recipe = Recipe { steps: 110, warmup: 10, rate: 1.0, floor: 0.1, ..Recipe::default() };
        assert_eq!(recipe.rate_at(0), 0.1);
        assert_eq!(recipe.rate_at(9), 1.0);
        assert_eq!(recipe.rate_at(10), 1.0);
        assert!((recipe.rate_at(109) - 0.1).abs() < 1e-12);
        // half-way down the cosine
        let middle = Recipe { steps: 111, ..recipe.clone() };
        assert!((middle.rate_at(60) - 0.55).abs() < 1e-12);
        assert!((10..109).all(|step| recipe.rate_at(step + 1) < recipe.rate_at(step)));
    }

    #[test]
    fn a_recipe_without_room_for_a_cosine_is_no_division_by_zero() {
        for (steps, warmup) in [(0, 0), (1, 0), (1, 1), (5, 10)] {
            let recipe = Recipe { steps, warmup, ..Recipe::default() };
            assert!((0..10).all(|step| recipe.rate_at(step).is_finite()), "{steps} {warmup}");
        }
    }

    #[test]
    fn a_run_is_read_as_it_was_written() {
        let spec = RunSpec {
            model: Model::Vit { dim: 64, depth: 4, heads: 4, patch: 7, distilled: false },
            task: Task::Images { data: "d".into(), side: None, augment: true, train: None, test: Some(10) },
            recipe: Recipe::default(),
            content: "c".into(),
            function: Function {
                definition: "id = 'f'".into(),
                values: [("alpha".to_owned(), "1/1000".to_owned())].into(),
                change: [("alpha".to_owned(), Change::Anneal(0.001))].into(),
                route: Route::Composed,
            },
            seed: 7,
            device: "cpu".into(),
            look: 10,
            evaluate: 0,
            checkpoint: None,
            fault: None,
        };
        let text = serde_json::to_string(&spec).expect("a value");
        assert_eq!(serde_json::from_str::<RunSpec>(&text).expect("a run"), spec);
        // wherever data and state lie it is the same run, and on other data or with another seed it is not
        let moved = RunSpec { task: spec.task.clone().with_data("elsewhere".into()), ..spec.clone() };
        let kept = RunSpec { checkpoint: Some(Checkpoint { file: "f".into(), every: 1 }), ..spec.clone() };
        assert_eq!([moved.identity(), kept.identity()], [spec.identity(), spec.identity()]);
        let other = RunSpec { content: "d".into(), ..spec.clone() };
        assert!(
            other.identity() != spec.identity() && RunSpec { seed: 8, ..spec.clone() }.identity() != spec.identity()
        );
    }
}
