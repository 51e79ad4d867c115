//! Which function is this? Code is run on a sample of inputs, and its answers are held against every definition of the
//! catalogue, with parameters fitted to the answers. Everything here is sampled: a name that is found is the best of those
//! that are known, not a proof; `actaudit verify` says how well the code computes it.

mod families;
mod fit;
mod measure;
mod outer;
mod sample;
mod special;

use crate::catalog;
use crate::check::Within;
use crate::expr::{Activation, Definition, DefinitionError, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::prove::Domain;
use crate::subject::{Subject, SubjectError};
pub(crate) use measure::small;
use measure::{Function, Measure};
use rayon::prelude::*;
use sample::Sample;
use schemars::JsonSchema;
use serde::Serialize;
pub use special::Special;
use std::sync::Arc;

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifyError {
    /// The code failed.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// It does not have this format or pass.
    #[error("{subject} has no {pass} pass for {dtype}: {why}", pass = pass.name(), dtype = format.name())]
    Lacks {
        /// the code's name
        subject: String,
        /// as asked for
        format: FloatFormat,
        /// as asked for
        pass: Pass,
        /// the reason, where one is known
        why: &'static str,
    },
    /// A table, or code that fails nearly always.
    #[error(
        "{subject} answers only {answered} inputs of the sample: at least {} are needed{}",
        sample::LEAST,
        because(incident)
    )]
    TooFew {
        /// the code's name
        subject: String,
        /// how many answers there are
        answered: usize,
        /// the first thing that went wrong, with the input that it went wrong at
        incident: Option<String>,
    },
    /// A definition of the catalogue cannot be evaluated.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A definition of the catalogue cannot be made.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// Why there is no answer, behind what is said about it.
fn because(incident: &Option<String>) -> String {
    incident.as_ref().map_or_else(String::new, |text| format!("; {text}"))
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Identification {
    /// one function of the catalogue explains the answers, and no other does as well
    Identified,
    /// none does, or several do that this sample cannot tell apart
    None,
}

/// How far a function of the catalogue is from the answers.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// with its parameter values: `leaky_relu(a=1/10)`
    pub function: String,
    /// the same function on the whole sample, under other names
    pub also: Vec<String>,
    /// whether parameters were fitted to the answers
    pub fitted: bool,
    /// whether it explains the answers
    pub explains: bool,
    /// the largest |answer - f(x)|, infinite if an answer is not finite
    pub max_abs: f64,
    /// where
    pub max_abs_at: f64,
    /// the median error in ulp of f(x)
    pub median_ulp: f64,
    /// inputs whose answer is within one ulp of f(x)
    pub within_one_ulp: usize,
    /// answers that are none of this function
    pub stray: Option<Stray>,
}

/// Answers of the code that are not those of a function, by more than rounding along the way, constants that are rounded or
/// an approximation explain.
#[derive(Clone, Copy, Debug)]
pub struct Stray {
    /// how many of the sample
    pub inputs: usize,
    /// the first of these inputs
    pub from: f64,
    /// the last
    pub to: f64,
    /// what the code answers at the first
    pub answer: f64,
    /// and what the function's value is
    pub value: f64,
}

/// Six digits, for people.
fn digits(value: f64) -> String {
    match value.abs() {
        v if v != 0.0 && !(1e-4..1e7).contains(&v) && v.is_finite() => format!("{value:.4e}"),
        _ => {
            let text = format!("{value:.6}");
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    }
}

impl Stray {
    /// What is wrong with calling the code by this name.
    fn told(&self, name: &str, of: usize) -> String {
        let Self { inputs, from, to, answer, value } = self;
        let [from, to, answer, value] = [from, to, answer, value].map(|v| digits(*v));
        let place = if *inputs == 1 { format!("at x = {from}") } else { format!("from x = {from} to {to}") };
        format!(
            "{name} explains all answers but {inputs} of {of}, {place}: at the first the code answers {answer}, and {name} is \
             {value}"
        )
    }
}

/// How the best candidate differs from the next.
#[derive(Clone, Debug)]
pub struct Separation {
    /// the runner-up
    pub from: String,
    /// the largest distance between the two on [-20, 20], over the sample, refined
    pub distance: f64,
    /// where
    pub at: f64,
    /// inputs of the sample at which the two are more than an ulp apart
    pub telling: usize,
    /// of these, the answers that are nearer to the best candidate
    pub nearer: usize,
}

/// The report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Identified {
    /// version of this form
    pub schema: &'static str,
    /// the code
    pub subject: String,
    /// format
    pub dtype: &'static str,
    /// direction
    pub pass: &'static str,
    /// inputs that were compared
    pub inputs: usize,
    /// inputs that the code did not answer
    pub unanswered: usize,
    /// what was found
    #[serde(rename = "verdict")]
    pub answer: Identification,
    /// why, where nothing was found
    pub why: Option<String>,
    /// the best candidates, best first
    pub candidates: Vec<Candidate>,
    /// the best against the next
    pub separation: Option<Separation>,
    /// what is seen of the rounding, where a function was found
    pub rounding: Option<String>,
    /// answers at infinities, NaN and -0 that are not those of the best candidate
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<Special>,
    /// the ends of the part of the line that was asked about, if it is not all of it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<[String; 2]>,
}

/// Candidates that are reported.
const SHOWN: usize = 4;
/// Of the inputs at which two candidates differ, the share that has to speak for the best one.
const MAJORITY: f64 = 0.75;
/// Candidates whose coarse scores (bits) are this near are told apart by errors in ulp.
const NEAR: f64 = 0.05;
/// A mean error of this many bits leaves nothing for a parameter to explain.
const EXPLAINED: f64 = 0.6;
/// Code that is off everywhere, but by less than this part of what the next function is off, is still told.
const SLOPPY: f64 = 1.0 / 16.0;

/// Finds the function that the code computes on a part of the line: one of the catalogue, one of the caller's own, or one of
/// these with a factor, something added, or bounds.
///
/// # Errors
/// If the code fails, lacks the format or the pass, or answers too few inputs to tell functions apart.
pub fn identify(
    subject: &dyn Subject,
    format: FloatFormat,
    pass: Pass,
    own: &[Activation],
    domain: &Domain,
) -> Result<Identified, IdentifyError> {
    let sample = Sample::take(subject, format, pass, Within::between(domain.lo.as_ref(), domain.hi.as_ref())?)?;
    let measured = |function: Function| {
        let measure = function.measure(&sample);
        (function, measure)
    };
    let defaults = catalog::all().iter().map(|d| Activation::with_defaults(d.clone()));
    let known: Vec<Activation> = own.iter().cloned().map(Ok).chain(defaults).collect::<Result<_, _>>()?;
    let made = |activation: Activation| Function::new(activation, &sample, false).map(measured);
    let mut all: Vec<(Function, Measure)> = known.into_par_iter().map(made).collect::<Result<_, IdentifyError>>()?;
    rank(&mut all);
    let narrow = matches!(format, FloatFormat::F16 | FloatFormat::Bf16);
    if all[0].1.fine > EXPLAINED || narrow && !all[0].1.once {
        // what has a name needs no parameter, unless that explains every rounding
        let found = fitted(catalog::all(), &sample, false)?.into_iter().map(measured);
        let named = narrow && all[0].1.is_named();
        all.extend(found.filter(|(_, m)| !named || m.once).collect::<Vec<_>>());
        rank(&mut all);
    }
    // with many parameters, a factor may be the simpler answer
    let strained = |f: &Function| f.fitted && f.activation.definition.params.len() > 2;
    if !all[0].1.is_named() && !all[0].1.approximates || strained(&all[0].0) {
        all.extend(fitted(&families::all()?, &sample, false)?.into_iter().map(measured));
        let families: Vec<_> = catalog::all().iter().cloned().chain(families::all()?).collect();
        let scaled = fitted(&families, &sample, true)?;
        let bare = all.par_iter().map(|(f, _)| f).chain(scaled.par_iter());
        let within: Vec<Function> = bare.filter_map(|f| f.with_outer(&sample)).collect();
        // what explains nothing is no answer, however near it comes
        let sure = |m: &Measure| m.is_named() && (!narrow || 10 * m.within_one_ulp >= 9 * sample.x.len());
        all.extend(within.into_iter().map(measured).filter(|(_, m)| sure(m)));
        rank(&mut all);
        // one of them is enough, and where nothing has a name, none is what people look for
        let best = all[0].0.is_made_up().then(|| all[0].0.clone());
        let kept = |f: &Function| {
            !f.is_made_up()
                || best.as_ref().is_some_and(|best| {
                    best.label() == f.label()
                        || f.parts() <= best.parts() + 1 && !f.is_family() && best.same(f, &sample)
                })
        };
        all.retain(|(f, _)| kept(f));
    }
    // of functions that are all wrong, the one that is off by the least comes first
    if !all[0].1.explains {
        all.sort_by(|a, b| a.1.near_abs.total_cmp(&b.1.near_abs));
    }
    let alike = alike(&all[0].0, &sample)?;
    // at other values of its parameter the same function is no runner-up
    let other = |f: &Function| alike.iter().all(|a| a.activation.definition.id != f.activation.definition.id);
    all.retain(|(f, _)| other(f));
    all.extend(alike.into_iter().map(measured));
    let special = special::differing(&all[0].0, &sample)?;
    let domain = (*domain != Domain::default()).then(|| domain.text());
    Ok(Identified { special, domain, ..report(subject, &sample, all) })
}

/// These definitions with the values of their parameters that fit the answers best.
fn fitted(definitions: &[Arc<Definition>], sample: &Sample, scaled: bool) -> Result<Vec<Function>, IdentifyError> {
    let families: Vec<_> = definitions.iter().filter(|d| !d.params.is_empty()).collect();
    let fitted: Vec<Option<Function>> =
        families.par_iter().map(|d| fit::fit(d, sample, scaled)).collect::<Result<_, IdentifyError>>()?;
    Ok(fitted.into_iter().flatten().collect())
}

/// The same function under other names, where a parameter of theirs has to have the value that it has: `prelu(a=1/100)` of
/// `leaky_relu`.
fn alike(best: &Function, sample: &Sample) -> Result<Vec<Function>, IdentifyError> {
    if best.is_made_up() {
        return Ok(vec![]);
    }
    let own = &best.activation.definition;
    let values: Vec<_> = own.params.iter().filter_map(|p| best.activation.values.get(&p.name)).collect();
    let mut found = vec![];
    for other in
        catalog::all().iter().filter(|d| d.id != own.id && !values.is_empty() && d.params.len() == values.len())
    {
        let given = other.params.iter().map(|p| p.name.clone()).zip(values.iter().map(|v| (*v).clone())).collect();
        // a value outside its domain is none of that function
        let Ok(activation) = Activation::new(other.clone(), &given) else { continue };
        let function = Function::new(activation, sample, best.fitted)?;
        if function.same(best, sample) {
            found.push(function);
        }
    }
    Ok(found)
}

/// Best first: by coarse score; among the leaders by error in ulp; then the simplest, and defaults before fits.
fn rank(all: &mut [(Function, Measure)]) {
    let order = |a: f64, b: f64| a.total_cmp(&b);
    let named = |m: &Measure| !m.is_named();
    let simple = |f: &Function| (f.parts(), f.fitted, f.activation.definition.id.clone());
    all.sort_by(|a, b| {
        let key = named(&a.1).cmp(&named(&b.1)).then_with(|| order(a.1.coarse, b.1.coarse));
        key.then_with(|| simple(&a.0).cmp(&simple(&b.0)))
    });
    let bound = all[0].1.coarse * 1.05 + NEAR;
    let first = all[0].1.is_named();
    let leaders = all.iter().take_while(|(_, m)| m.coarse <= bound && m.is_named() == first).count();
    let leaders = &mut all[..leaders];
    // with numbers around it, nearly anything can be made to fit as well: the fewest numbers count
    let step = if leaders.iter().any(|(f, _)| f.is_made_up()) { NEAR } else { 1e-9 };
    let least = leaders.iter().map(|(_, m)| m.fine).fold(f64::INFINITY, f64::min);
    leaders.sort_by_cached_key(|(f, m)| (((m.fine - least) / step) as u64, simple(f)));
}

fn report(subject: &dyn Subject, sample: &Sample, all: Vec<(Function, Measure)>) -> Identified {
    // several names of one function are one candidate
    let mut groups: Vec<(Function, Measure, Vec<String>)> = vec![];
    // of the best, another that is the same function only where there are answers, and an input where it is not
    let mut other: Option<(String, f64)> = None;
    for (function, measure) in all {
        match groups.iter_mut().enumerate().find(|(_, (first, ..))| first.same(&function, sample)) {
            Some((k, (first, _, also))) if first.label() != function.label() => {
                if k == 0 && other.is_none() {
                    other = first.apart_unanswered(&function, sample).map(|x| (function.label(), x));
                }
                if !also.contains(&function.label()) {
                    also.push(function.label());
                }
            }
            Some(_) => {}
            None => groups.push((function, measure, vec![])),
        }
    }
    let (best, measure, _) = &groups[0];
    let separation = groups.get(1).map(|(next, ..)| best.separation(next, sample));
    let told = separation.as_ref().is_none_or(|s| s.telling > 0 && s.nearer as f64 >= MAJORITY * s.telling as f64);
    let sloppy = measure.approximates && separation.as_ref().is_some_and(|s| measure.near_abs <= SLOPPY * s.distance);
    let why = if !measure.is_named() && !sloppy {
        Some(match &measure.stray {
            Some(stray) if measure.explains => stray.told(&best.label(), sample.x.len()),
            _ => "no function that is known explains the answers".to_owned(),
        })
    } else if !told || groups.get(1).is_some_and(|(next, m, _)| !next.fitted && m.is_named() && !measure.once) {
        // what rounds more than once may be nearer to either
        let next = groups.get(1).map(|(next, ..)| next.label()).unwrap_or_default();
        Some(format!("{} and {next} are both too near to be told apart by these answers", best.label()))
    } else {
        other.map(|(other, x)| {
            let best = best.label();
            format!("{best} and {other} are the same where the code answers, and differ at {x}, where it does not")
        })
    };
    let answer = if why.is_none() { Identification::Identified } else { Identification::None };
    let rounding = (answer == Identification::Identified).then(|| best.rounding(sample));
    let candidates = groups.iter().take(SHOWN).map(|(function, m, also)| Candidate {
        function: function.label(),
        also: also.clone(),
        fitted: function.fitted,
        explains: m.explains,
        max_abs: m.max_abs,
        max_abs_at: m.max_abs_at,
        median_ulp: m.median_ulp,
        within_one_ulp: m.within_one_ulp,
        stray: m.stray,
    });
    Identified {
        schema: "actaudit.identify.v1",
        subject: subject.name(),
        dtype: sample.format.name(),
        pass: sample.pass.name(),
        inputs: sample.x.len(),
        unanswered: sample.unanswered.len(),
        answer,
        why,
        candidates: candidates.collect(),
        separation,
        rounding,
        special: vec![],
        domain: None,
    }
}

#[cfg(test)]
mod tests;
