//! The plan of an audit: runs that are paired by their seeds, and the comparisons that will be made. All of it is known before the
//! first step.

use super::TrainError;
use super::file::{ArmFile, AuditFile, ClaimFile, Preset, Says, Size};
use super::spec::{Change, Function, Model, Recipe, RunSpec, Task};
use crate::catalog;
use crate::expr::{Activation, Definition, parse_rational};
use crate::stats::{largest_family, smallest_p};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tests reject at this level.
pub const LEVEL: f64 = 0.05;

/// The environment variable that names the folder with data sets.
pub const DATA_VARIABLE: &str = "ACTAUDIT_DATA";

/// An arm of an experiment.
#[derive(Debug, Clone)]
pub struct Arm {
    /// in tables
    pub name: String,
    /// what it computes
    pub activation: Activation,
    /// as it is sent
    pub function: Function,
    /// its place in a trend
    pub at: f64,
}

/// One run.
#[derive(Debug, Clone)]
pub struct Run {
    /// which arm
    pub arm: usize,
    /// all that its curve depends on
    pub spec: RunSpec,
}

impl Run {
    /// What the run is known by: a digest of all that its curve depends on, but for the code.
    pub fn key(&self) -> String {
        self.spec.identity()
    }
}

/// What is compared in the end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// each arm with the baseline, by their numbers
    Against(usize),
    /// one test of a trend
    Trend,
}

/// An audit, ready to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// one line
    pub title: String,
    /// what is to be found out
    pub question: String,
    /// where what is audited was published
    pub source: String,
    /// what is compared
    pub metric: String,
    /// differences below this do not matter
    pub region: Option<f64>,
    /// which preset
    pub size: Size,
    /// the setting of the publication in words, if the file has it
    pub paper: Option<String>,
    /// what the preset says of itself
    pub note: String,
    /// the arms
    pub arms: Vec<Arm>,
    /// the tests that are made together
    pub family: Family,
    /// the seeds, one pair each
    pub seeds: Vec<u64>,
    /// all runs: seed by seed, so that what is broken off has whole pairs
    pub runs: Vec<Run>,
    /// what was said
    pub claims: Vec<ClaimFile>,
}

/// What a call asks for besides the file.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// which preset
    pub size: Size,
    /// a folder that replaces the data of the file
    pub data: Option<PathBuf>,
    /// `cpu`, `cuda`, `cuda:N`
    pub device: Option<String>,
    /// how many seeds, if not the preset's
    pub seeds: Option<usize>,
    /// how many steps, if not the preset's
    pub steps: Option<usize>,
    /// how many examples a step, if not the preset's
    pub batch: Option<usize>,
    /// only build each network and make one step of one seed
    pub one_step: bool,
}

/// More of these are a slip of the keyboard.
const MOST_SEEDS: usize = 10_000;
const MOST_STEPS: usize = 1_000_000_000;
const MOST_BATCH: usize = 1_000_000;

/// What an expression of one's own begins with.
const EXPR: &str = "expr:";

/// Held-out examples that are evaluated where only one step is made.
const FEW: usize = 8;

impl Plan {
    /// Plans an audit whose file lies in a folder.
    ///
    /// # Errors
    /// If arms are not understood, data are not there, or the comparisons cannot reject whatever the runs say.
    pub fn new(file: &AuditFile, folder: &Path, asked: &Asked) -> Result<Self, TrainError> {
        let preset = file.preset(asked.size)?;
        let all: Vec<Arm> = named(&file.arms, folder)?;
        let known = all.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>().join(", ");
        let find = |who: &str, name: &str| {
            let missing = || TrainError::NoArm { who: who.into(), name: name.into(), known: known.clone() };
            all.iter().position(|arm| arm.name == name).ok_or_else(missing)
        };
        for name in preset.arms.iter().chain(&file.baseline) {
            find("the audit", name)?;
        }
        for claim in &file.claims {
            for name in claim.arm.iter().chain(&claim.than) {
                find(&format!("the claim `{}`", claim.id), name)?;
            }
        }
        check_claims(file, preset)?;
        let takes_part = |arm: &Arm| preset.arms.is_empty() || preset.arms.contains(&arm.name);
        let mut arms: Vec<Arm> = all.iter().filter(|arm| takes_part(arm)).cloned().collect();
        if file.arms.iter().all(|arm| arm.at.is_none()) {
            by_parameter(&mut arms);
        }
        let family = family(file, &arms)?;
        if family == Family::Trend {
            check_places(&arms)?;
        }
        let (data, recipe) = (data(preset.task.data(), folder, asked)?, recipe(&preset.recipe, asked));
        let seeds = if asked.one_step { 1 } else { asked.seeds.unwrap_or(preset.seeds) };
        if seeds > MOST_SEEDS {
            return Err(TrainError::Number(format!("seeds: at most {MOST_SEEDS}")));
        }
        if seeds < 2 && !asked.one_step {
            return Err(TrainError::Number("seeds: at least 2 pairs are compared".into()));
        }
        let mut task = preset.task.clone().with_data(data);
        let found = task.read().map_err(|error| TrainError::NotThere(error.to_string()))?;
        if !task.takes(&found) {
            let (place, wanted, kind) = (task.data().display(), task.wants(), found.kind());
            return Err(TrainError::NotThere(format!("{place}: there are {kind}, and this audit needs {wanted}")));
        }
        let content = found.content();
        if asked.one_step {
            task = task.with_test(FEW);
        }
        check(&recipe, &preset.model, &task)?;
        let anneals = |arm: &Arm| arm.function.change.values().any(|change| matches!(change, Change::Anneal(_)));
        if let (Task::Preferences { .. }, Some(arm)) = (&task, arms.iter().find(|arm| anneals(arm))) {
            let why = "is annealed, and the model that DPO is held against must stay as it is";
            return Err(TrainError::Number(format!("arm `{}` {why}", arm.name)));
        }
        let comparisons = if family == Family::Trend { 1 } else { arms.len() - 1 };
        // a smoke test only asks whether everything is wired up
        if asked.size != Size::Smoke && !asked.one_step {
            can_reject(comparisons, seeds)?;
        }
        let seeds: Vec<u64> = (1..=seeds as u64).collect();
        let spec = |arm: &Arm, seed: u64| RunSpec {
            model: preset.model.clone(),
            task: task.clone(),
            content: content.clone(),
            recipe: recipe.clone(),
            function: arm.function.clone(),
            seed,
            device: asked.device.clone().unwrap_or_else(|| "cpu".into()),
            look: preset.look,
            evaluate: preset.evaluate,
            checkpoint: None,
            fault: None,
        };
        let pairs = seeds.iter().flat_map(|seed| arms.iter().enumerate().map(move |(k, arm)| (k, arm, *seed)));
        let runs = pairs.map(|(arm, of, seed)| Run { arm, spec: spec(of, seed) }).collect();
        let paper = file.paper.as_ref().map(|paper| {
            let Recipe { steps, batch, .. } = paper.recipe;
            let note = if paper.note.is_empty() { String::new() } else { format!("; {}", paper.note) };
            format!("{}, {steps} steps of {batch}{note}", paper.model.describe())
        });
        Ok(Self {
            title: file.title.clone(),
            question: file.question.clone(),
            source: file.source.clone(),
            metric: file.metric.clone(),
            region: file.region,
            size: asked.size,
            paper,
            note: preset.note.clone(),
            arms,
            family,
            seeds,
            runs,
            claims: file.claims.clone(),
        })
    }

    /// The arms in the order of a trend.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.arms.len()).collect();
        order.sort_by(|a, b| self.arms[*a].at.total_cmp(&self.arms[*b].at));
        order
    }

    /// Tests that are made together.
    pub fn comparisons(&self) -> usize {
        if self.family == Family::Trend { 1 } else { self.arms.len() - 1 }
    }

    /// The network, data and recipe, which all runs share.
    pub fn shared(&self) -> Option<&RunSpec> {
        self.runs.first().map(|run| &run.spec)
    }
}

/// Places the arms of a trend by the one parameter that tells them apart, if there is one.
fn by_parameter(arms: &mut [Arm]) {
    let Some((first, rest)) = arms.split_first() else { return };
    let values = |arm: &Arm| arm.activation.values.clone();
    let same = |arm: &Arm| arm.function.definition == first.function.definition && arm.function.change.is_empty();
    if !first.function.change.is_empty() || !rest.iter().all(same) {
        return;
    }
    let differs = |name: &&String| rest.iter().any(|arm| values(arm).get(*name) != values(first).get(*name));
    let (keys, firsts) = (values(first), first.activation.values.clone());
    let varying: Vec<String> = keys.keys().filter(differs).cloned().collect();
    if let [name] = &varying[..] {
        for arm in arms {
            let value = arm.activation.values.get(name).or_else(|| firsts.get(name));
            arm.at = value.map_or(arm.at, rug::Rational::to_f64);
        }
    }
}

/// Refuses a trend over arms that stand nowhere, or two at one place.
fn check_places(arms: &[Arm]) -> Result<(), TrainError> {
    let mut places: Vec<f64> = arms.iter().map(|arm| arm.at).collect();
    places.sort_by(f64::total_cmp);
    let wrong =
        places.iter().find(|at| !at.is_finite()).or_else(|| places.windows(2).find(|w| w[0] == w[1]).map(|w| &w[0]));
    match wrong {
        Some(at) => Err(TrainError::Number(format!(
            "a trend needs a place of its own for each arm, and there is {at} twice or no number: set `at`"
        ))),
        None => Ok(()),
    }
}

/// Refuses claims that name what runs do not have, or compare nothing.
fn check_claims(file: &AuditFile, preset: &Preset) -> Result<(), TrainError> {
    let known = preset.task.metrics();
    let metric = |who: &str, name: &str| match known.contains(&name) {
        true => Ok(()),
        false => Err(TrainError::Number(format!("{who}: no metric `{name}`; there are: {}", known.join(", ")))),
    };
    metric("the audit", &file.metric)?;
    let mut ids = BTreeSet::new();
    for claim in &file.claims {
        let who = format!("the claim `{}`", claim.id);
        if !ids.insert(&claim.id) {
            return Err(TrainError::Number(format!("two claims are called `{}`", claim.id)));
        }
        if let Some(name) = &claim.metric {
            metric(&who, name)?;
        }
        let compares = matches!(claim.says, Says::Lower | Says::Higher | Says::Same);
        let own = claim.arm.as_ref().is_some_and(|arm| claim.than.contains(arm));
        let problem = match compares {
            true if claim.arm.is_none() || claim.than.is_empty() => {
                "needs `arm` and `than`: which arm, compared with which"
            }
            true if own => "compares an arm with itself",
            false if !file.trend => "is about a trend, and the audit has none: `trend = true`",
            _ => continue,
        };
        return Err(TrainError::Number(format!("{who} {problem}")));
    }
    Ok(())
}

/// Which tests are made.
fn family(file: &AuditFile, arms: &[Arm]) -> Result<Family, TrainError> {
    if arms.len() < 2 {
        return Err(TrainError::NothingToCompare(format!("this preset has {}", arms.len())));
    }
    match (&file.baseline, file.trend) {
        (Some(name), false) => {
            let place = arms.iter().position(|arm| arm.name == *name);
            let missing =
                || TrainError::NothingToCompare(format!("the baseline `{name}` takes no part in this preset"));
            place.map(Family::Against).ok_or_else(missing)
        }
        (None, true) => Ok(Family::Trend),
        (Some(_), true) => Err(TrainError::NothingToCompare("this one has both".into())),
        (None, false) => Err(TrainError::NothingToCompare("this one has neither".into())),
    }
}

/// Refuses comparisons that cannot reject, whatever the runs say: the smallest p of an exact test of n pairs is 2/2^n.
fn can_reject(comparisons: usize, seeds: usize) -> Result<(), TrainError> {
    let largest = |seeds: usize| largest_family(seeds, LEVEL).unwrap_or_default();
    if comparisons <= largest(seeds) {
        return Ok(());
    }
    let needed = (2..=64).find(|n| largest(*n) >= comparisons).unwrap_or(64);
    let (smallest, largest) = (smallest_p(seeds), largest(seeds));
    Err(TrainError::CannotReject { comparisons, seeds, smallest, largest, needed })
}

fn recipe(preset: &Recipe, asked: &Asked) -> Recipe {
    let steps = if asked.one_step { 1 } else { asked.steps.unwrap_or(preset.steps) };
    // the warm-up keeps its share
    let warmup = if steps == preset.steps { preset.warmup } else { preset.warmup * steps / preset.steps.max(1) };
    Recipe { steps, warmup, batch: asked.batch.unwrap_or(preset.batch), ..preset.clone() }
}

/// Numbers with which nothing can be trained.
fn check(recipe: &Recipe, model: &Model, task: &Task) -> Result<(), TrainError> {
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let fraction = |value: &f64| (0.0..1.0).contains(value);
    let image = matches!(task, Task::Images { .. });
    let problems = [
        (recipe.steps == 0 || recipe.batch == 0, "steps and batch are at least 1".to_owned()),
        (!positive(recipe.rate) || !positive(recipe.clip), "rate and clip are positive numbers".into()),
        (!(0.0..=recipe.rate).contains(&recipe.floor), "floor lies between 0 and rate".into()),
        (!recipe.betas.iter().all(fraction), "betas lie between 0 and 1, 1 excluded".into()),
        (!(recipe.decay.is_finite() && recipe.decay >= 0.0), "decay is not negative".into()),
        (
            recipe.steps > MOST_STEPS || recipe.batch > MOST_BATCH,
            format!("steps: at most {MOST_STEPS}; batch: at most {MOST_BATCH}"),
        ),
        (
            matches!(task, Task::Preferences { tuning, .. } if *tuning >= recipe.steps),
            "tuning leaves no step for DPO".into(),
        ),
        (
            matches!((task, model), (Task::Preferences { .. }, Model::Bert { .. })),
            "preferences need a network that reads from left to right: gpt".into(),
        ),
        (image == model.context().is_some(), format!("a network of the kind {} does not fit this task", model.kind())),
    ];
    let problem = problems.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| what).or_else(|| model.problem());
    problem.map_or(Ok(()), |what| Err(TrainError::Number(what)))
}

/// The arms with their names.
fn named(files: &[ArmFile], folder: &Path) -> Result<Vec<Arm>, TrainError> {
    let arms: Vec<Arm> = files.iter().enumerate().map(|(k, file)| arm(k, file, folder)).collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    match arms.iter().find(|arm| !names.insert(&arm.name)) {
        Some(arm) => Err(TrainError::SameName(arm.name.clone())),
        None => Ok(arms),
    }
}

fn arm(place: usize, file: &ArmFile, folder: &Path) -> Result<Arm, TrainError> {
    let wrong =
        |error: String| TrainError::Activation { arm: file.name.clone().unwrap_or(file.activation.clone()), error };
    let (spelled, mut params) = spelled(&file.activation);
    params.extend(file.params.clone());
    let definition = definition(spelled, folder).map_err(wrong)?;
    let mut values = BTreeMap::new();
    for (name, text) in &params {
        values.insert(name.clone(), parse_rational(text).map_err(|e| wrong(format!("{name} = {text}: {e}")))?);
    }
    let activation = Activation::new(definition, &values).map_err(|e| wrong(e.to_string()))?;
    let sent: BTreeMap<String, String> = activation.values.iter().map(|(k, v)| (k.clone(), v.to_string())).collect();
    if let Some(name) = file.change.keys().find(|name| !sent.contains_key(*name)) {
        return Err(wrong(format!("there is no parameter {name} that could change")));
    }
    for (name, change) in &file.change {
        let parameter = activation.definition.params.iter().find(|parameter| parameter.name == *name);
        let Some(domain) = parameter.map(|parameter| &parameter.domain) else { continue };
        if domain.integer {
            return Err(wrong(format!("{name} takes whole numbers only: it can be neither learnt nor annealed")));
        }
        let end = if let Change::Anneal(end) = change { rug::Rational::from_f64(*end) } else { None };
        let inside = end.as_ref().is_none_or(|end| domain.contains(end));
        if !inside || matches!(change, Change::Anneal(end) if !end.is_finite()) {
            return Err(wrong(format!("{name} is annealed to a value that is not in {}", domain.interval())));
        }
    }
    let definition = activation.definition.to_toml();
    let function = Function { definition, values: sent, change: file.change.clone(), route: file.route };
    let name = file.name.clone().unwrap_or_else(|| name_of(&activation, file, &params));
    Ok(Arm { name, activation, function, at: file.at.unwrap_or(place as f64) })
}

/// An activation with the values that were given: `srelu(alpha = 1/10)`.
fn name_of(activation: &Activation, file: &ArmFile, params: &BTreeMap<String, String>) -> String {
    let change = |change: &Change| match change {
        Change::Learn => "learnt".to_owned(),
        Change::Anneal(end) => format!("to {end}"),
    };
    let given = params.iter().map(|(k, v)| format!("{k} = {v}"));
    let all: Vec<String> = given.chain(file.change.iter().map(|(k, c)| format!("{k} {}", change(c)))).collect();
    // an expression has no name but itself
    let id = if file.activation.starts_with(EXPR) { &file.activation } else { &activation.definition.id };
    if all.is_empty() { id.clone() } else { format!("{id}({})", all.join(", ")) }
}

/// The name and the values in `srelu(alpha=1/10)`.
fn spelled(text: &str) -> (&str, BTreeMap<String, String>) {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once('(')).filter(|_| !text.starts_with(EXPR));
    let Some((name, list)) = parts else { return (text, BTreeMap::new()) };
    // what has no value is an error of the definition, which names it
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    (name.trim(), list.split(',').map(pair).collect())
}

fn definition(text: &str, folder: &Path) -> Result<Arc<Definition>, String> {
    if let Some(expr) = text.strip_prefix(EXPR) {
        return Definition::from_expr(expr).map(Arc::new).map_err(|e| e.to_string());
    }
    if text.ends_with(".toml") {
        let path = folder.join(text);
        let shown = path.display().to_string();
        let content = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {shown}: {e}"))?;
        return Definition::from_toml(&content, &shown).map(Arc::new).map_err(|e| e.to_string());
    }
    catalog::find(text).map_err(|e| e.to_string())
}

/// The folder of the data: as named, or in one of the folders where data sets are.
fn data(name: &Path, folder: &Path, asked: &Asked) -> Result<PathBuf, TrainError> {
    let named = std::env::var_os(DATA_VARIABLE).map(PathBuf::from);
    let places: Vec<PathBuf> = match &asked.data {
        Some(given) => vec![given.clone(), given.join(name)],
        None => [
            Some(folder.join(name)),
            named.map(|named| named.join(name)),
            Some(Path::new(".deps/data").join(name)),
            Some(Path::new("/usr/share/datasets").join(name)),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    // a folder of several data sets is not one of them
    let own = |place: &&PathBuf| place.exists() && (asked.data.is_none() || !place.join(name).exists());
    if let Some(found) = places.iter().find(own) {
        return found.canonicalize().map_err(|error| TrainError::Read { path: found.display().to_string(), error });
    }
    let looked = places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ");
    let hint = format!(
        "a folder is named by the caller or the variable {DATA_VARIABLE}; Debian's package dataset-fashion-mnist has one, and scripts/fetch-data.sh puts small ones into .deps/data"
    );
    Err(TrainError::NoData { name: name.display().to_string(), looked, hint })
}
