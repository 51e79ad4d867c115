//! Audits of training as files: what is compared, on which network and data, and what was said about it.

use super::TrainError;
use super::spec::{Change, Model, Recipe, Route, Task};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A file like `audits/training/activations-vit.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditFile {
    /// one line
    pub title: String,
    /// what is to be found out
    pub question: String,
    /// where what is audited was published
    #[serde(default)]
    pub source: String,
    /// what is compared: a metric of held-out data, or `grad_norm`, the mean over all steps
    pub metric: String,
    /// the arm that all others are compared with
    #[serde(default)]
    pub baseline: Option<String>,
    /// whether, instead, one test asks for a trend over the arms in their order
    #[serde(default)]
    pub trend: bool,
    /// differences below this do not matter
    #[serde(default)]
    pub region: Option<f64>,
    /// what is compared, each with a name
    #[serde(rename = "arm")]
    pub arms: Vec<ArmFile>,
    /// seconds: is everything wired up?
    pub smoke: Preset,
    /// minutes: the audit
    pub short: Preset,
    /// the setting of the publication
    #[serde(default)]
    pub paper: Option<Preset>,
    /// what was said
    #[serde(default, rename = "claim")]
    pub claims: Vec<ClaimFile>,
}

/// One arm: an activation with values of its parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmFile {
    /// in tables; the activation with its values unless given
    #[serde(default)]
    pub name: Option<String>,
    /// an id of the catalogue, with values in parentheses or without (`srelu(alpha=1/10)`), a definition file (from the audit's folder), or an
    /// expression `expr:...`
    pub activation: String,
    /// values of parameters, exact
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// parameters that are learnt (`"learn"`) or annealed (`{ anneal = 0.001 }`)
    #[serde(default)]
    pub change: BTreeMap<String, Change>,
    /// how it is computed
    #[serde(default)]
    pub route: Route,
    /// where the arm stands in a trend, if that is not its place in the file
    #[serde(default)]
    pub at: Option<f64>,
}

impl ArmFile {
    /// An activation as it is.
    fn new(activation: &str) -> Self {
        Self {
            name: None,
            activation: activation.to_owned(),
            params: BTreeMap::new(),
            change: BTreeMap::new(),
            route: Route::default(),
            at: None,
        }
    }
}

/// A size of an audit.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// the network
    pub model: Model,
    /// what is learnt
    pub task: Task,
    /// how
    #[serde(default)]
    pub recipe: Recipe,
    /// how many pairs
    pub seeds: usize,
    /// steps from one look at the layers to the next
    #[serde(default)]
    pub look: usize,
    /// steps from one evaluation to the next
    #[serde(default)]
    pub evaluate: usize,
    /// arms, by name, if not all take part
    #[serde(default)]
    pub arms: Vec<String>,
    /// in words, what else there is to know: where it deviates from the publication
    #[serde(default)]
    pub note: String,
}

/// What a claim says of arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Says {
    /// the metric of `arm` is lower than that of `than`
    Lower,
    /// the metric of `arm` is higher than that of `than`
    Higher,
    /// that of `arm` differs from that of `than` by less than the region
    Same,
    /// it falls from the first arm to the last
    Falls,
    /// it rises from the first arm to the last
    Rises,
    /// it falls at each step from the first arm to the last
    FallsThroughout,
    /// it rises at each step from the first arm to the last
    RisesThroughout,
}

/// A statement on training.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimFile {
    /// a name
    pub id: String,
    /// in the words of the publication, or close to them
    pub quote: String,
    /// where it stands
    pub source: String,
    /// what is said
    pub says: Says,
    /// of which arm
    #[serde(default)]
    pub arm: Option<String>,
    /// compared with which; several: with each of them
    #[serde(default)]
    pub than: Vec<String>,
    /// of which metric, if not the audit's
    #[serde(default)]
    pub metric: Option<String>,
    /// differences of that metric below this do not matter, if not the audit's region
    #[serde(default)]
    pub region: Option<f64>,
    /// the figures that were published
    #[serde(default)]
    pub published: Option<Published>,
    /// why it is said to be so
    #[serde(default)]
    pub reason: Option<Reason>,
    /// why this audit cannot tell, if it cannot
    #[serde(default)]
    pub out_of_reach: Option<String>,
}

/// Figures of a publication.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// of the arm
    pub arm: f64,
    /// of what it is compared with
    pub than: f64,
    /// what they are: `accuracy` in percent, `loss`, `perplexity`
    pub unit: String,
    /// examples they were measured on
    pub examples: u64,
    /// runs that were averaged, if it is said
    #[serde(default)]
    pub runs: Option<u32>,
    /// the setting
    pub setting: String,
}

/// Why something is said to be so: another statement, on the mathematics or on another metric, judged by itself.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// in words
    pub quote: String,
    /// what the mathematics says of it, with the claim of `actaudit claims` or the command that shows it
    pub judged: String,
    /// whether it can be the reason
    pub holds: bool,
}

/// Which of the sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// seconds
    Smoke,
    /// minutes
    #[default]
    Short,
    /// the publication's
    Paper,
}

impl Size {
    /// As arguments have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Short => "short",
            Self::Paper => "paper",
        }
    }
}

impl AuditFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read or understood, with the place.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| TrainError::Read { path: shown.clone(), error })?;
        toml::from_str(&text).map_err(|error| TrainError::Malformed { path: shown, error: error.to_string() })
    }

    /// Puts activations in the place of the arms, compared with one of them.
    pub fn set_arms(&mut self, activations: &[String], against: &str) {
        // an arm is called as it was typed
        let arm = |activation: &str| ArmFile { name: Some(activation.to_owned()), ..ArmFile::new(activation) };
        self.arms = std::iter::once(against).chain(activations.iter().map(String::as_str)).map(arm).collect();
        self.baseline = Some(against.to_owned());
    }

    /// The preset of a size.
    ///
    /// # Errors
    /// If the file has none.
    pub fn preset(&self, size: Size) -> Result<&Preset, TrainError> {
        match size {
            Size::Smoke => Ok(&self.smoke),
            Size::Short => Ok(&self.short),
            Size::Paper => self.paper.as_ref().ok_or(TrainError::NoPreset(size.name())),
        }
    }
}
