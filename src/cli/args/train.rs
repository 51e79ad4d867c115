//! Arguments of `train`.

use crate::train::Size;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What to train and compare.
#[derive(Args, Debug)]
pub struct TrainArgs {
    /// The audit, a file like audits/training/activations-vit.toml; without it, --activation and --against are compared
    #[arg(value_name = "FILE", conflicts_with_all = ["activation", "against", "metric"])]
    pub file: Option<PathBuf>,
    /// Activations that are compared: catalogue names, with values in parentheses or without (srelu(alpha=1/10)), definition files or
    /// expressions after `expr:`; several with commas, or the option again
    #[arg(long, value_name = "ACT")]
    pub activation: Vec<String>,
    /// ... with this one
    #[arg(long, value_name = "ACT", default_value = "gelu", requires = "activation")]
    pub against: String,
    /// In which metric: loss, accuracy, grad_norm
    #[arg(long, value_name = "METRIC", requires = "activation")]
    pub metric: Option<String>,
    /// How large an audit [default: short]
    #[arg(long, value_enum, value_name = "SIZE")]
    pub size: Option<SizeArg>,
    /// Folder of the data, or of several data sets, in place of the audit's: IDX, CIFAR, image folders, text, pairs
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Where it is trained: cpu, cuda, cuda:N [default: cpu]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
    /// Paired seeds, in place of the audit's
    #[arg(long, value_name = "N")]
    pub seeds: Option<usize>,
    /// Steps of each run, in place of the audit's
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Examples of a step, in place of the audit's
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Only build each network and make one step of one seed: does it fit?
    #[arg(long, conflicts_with_all = ["seeds", "steps", "shard"])]
    pub one_step: bool,
    /// Keep runs in this folder: what was broken off goes on from there, what is done is not done again
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// Write all steps and layers of each run into this folder, as CSV and as TensorBoard's event files
    #[arg(long, value_name = "FOLDER")]
    pub telemetry: Option<PathBuf>,
    /// Only one of several parts, 2/7 say, or auto: what the engine of this job says (Slurm's arrays, ...): put the folders of all
    /// parts together and run it once more without
    #[arg(long, value_name = "I/N", requires = "keep")]
    pub shard: Option<String>,
}

/// How large an audit.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeArg {
    /// seconds: is everything wired up?
    Smoke,
    /// minutes
    Short,
    /// the setting of the publication
    Paper,
}

impl From<SizeArg> for Size {
    fn from(size: SizeArg) -> Self {
        match size {
            SizeArg::Smoke => Self::Smoke,
            SizeArg::Short => Self::Short,
            SizeArg::Paper => Self::Paper,
        }
    }
}
