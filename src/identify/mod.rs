//! Which function is this? Code is run on a sample of inputs, and its answers are held against every definition of the
//! catalogue, with parameters fitted to the answers. Everything here is sampled: a name that is found is the best of those
//! that are known, not a proof; `actaudit verify` says how well the code computes it.

mod fit;
mod measure;
mod sample;

use crate::catalog;
use crate::expr::{Activation, DefinitionError, FloatFormat};
use crate::kernels::Pass;
use crate::number::TapeError;
use crate::subject::{Subject, SubjectError};
pub(crate) use measure::small;
use measure::{Function, Measure};
use rayon::prelude::*;
use sample::Sample;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Ordering;

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
}

/// Candidates that are reported.
const SHOWN: usize = 4;
/// Of the inputs at which two candidates differ, the share that has to speak for the best one.
const MAJORITY: f64 = 0.75;
/// Candidates whose coarse scores (bits) are this near are told apart by errors in ulp.
const NEAR: f64 = 0.05;
/// A mean error of this many bits leaves nothing for a parameter to explain.
const EXPLAINED: f64 = 0.6;
/// Code that is off everywhere, but by less than this part of what the next function is off, is still told; where values
/// are large, by less than this part of them.
const SLOPPY: f64 = 1.0 / 16.0;

/// Finds the function of the catalogue that the code computes.
///
/// # Errors
/// If the code fails, lacks the format or the pass, or answers too few inputs to tell functions apart.
pub fn identify(subject: &dyn Subject, format: FloatFormat, pass: Pass) -> Result<Identified, IdentifyError> {
    let sample = Sample::take(subject, format, pass)?;
    let made = |definition: &std::sync::Arc<crate::expr::Definition>| {
        Function::new(Activation::with_defaults(definition.clone())?, &sample, false)
    };
    let mut all: Vec<(Function, Measure)> = catalog::all()
        .par_iter()
        .map(|definition| {
            let function = made(definition)?;
            let measure = function.measure(&sample);
            Ok((function, measure))
        })
        .collect::<Result<_, IdentifyError>>()?;
    rank(&mut all);
    if all[0].1.fine > EXPLAINED {
        let families: Vec<_> = catalog::all().iter().filter(|d| !d.params.is_empty()).collect();
        let fitted: Vec<Option<Function>> =
            families.par_iter().map(|d| fit::fit(d, &sample)).collect::<Result<_, IdentifyError>>()?;
        all.extend(fitted.into_iter().flatten().map(|function| {
            let measure = function.measure(&sample);
            (function, measure)
        }));
        rank(&mut all);
    }
    let alike = alike(&all[0].0, &sample)?;
    // at other values of its parameter the same function is no runner-up
    let other = |f: &Function| alike.iter().all(|a| a.activation.definition.id != f.activation.definition.id);
    all.retain(|(f, _)| other(f));
    all.extend(alike.into_iter().map(|function| {
        let measure = function.measure(&sample);
        (function, measure)
    }));
    Ok(report(subject, &sample, all))
}

/// The same function under other names, where a parameter of theirs has to have the value that it has: `prelu(a=1/100)` of
/// `leaky_relu`.
fn alike(best: &Function, sample: &Sample) -> Result<Vec<Function>, IdentifyError> {
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
    let simple = |f: &Function| (f.activation.definition.params.len(), f.fitted, f.activation.definition.id.clone());
    all.sort_by(|a, b| order(a.1.coarse, b.1.coarse).then_with(|| simple(&a.0).cmp(&simple(&b.0))));
    let bound = all[0].1.coarse * 1.05 + NEAR;
    let leaders = all.iter().take_while(|(_, m)| m.coarse <= bound).count();
    all[..leaders].sort_by(|a, b| {
        let near = (a.1.fine - b.1.fine).abs() < 1e-9;
        if near { Ordering::Equal } else { order(a.1.fine, b.1.fine) }.then_with(|| simple(&a.0).cmp(&simple(&b.0)))
    });
}

fn report(subject: &dyn Subject, sample: &Sample, all: Vec<(Function, Measure)>) -> Identified {
    // several names of one function are one candidate
    let mut groups: Vec<(Function, Measure, Vec<String>)> = vec![];
    // of the best, another that is the same function only where there are answers, and an input where it is not
    let mut other: Option<(String, f64)> = None;
    for (function, measure) in all {
        match groups.iter_mut().enumerate().find(|(_, (first, ..))| first.same(&function, sample)) {
            Some((k, (first, _, also))) if first.activation.label() != function.activation.label() => {
                if k == 0 && other.is_none() {
                    other = first.apart_unanswered(&function, sample).map(|x| (function.activation.label(), x));
                }
                also.push(function.activation.label());
            }
            Some(_) => {}
            None => groups.push((function, measure, vec![])),
        }
    }
    let (best, measure, _) = &groups[0];
    let separation = groups.get(1).map(|(next, ..)| best.separation(next, sample));
    let told = separation.as_ref().is_none_or(|s| s.telling > 0 && s.nearer as f64 >= MAJORITY * s.telling as f64);
    let sloppy =
        measure.far_relative <= SLOPPY && separation.as_ref().is_some_and(|s| measure.near_abs <= SLOPPY * s.distance);
    let why = if !measure.explains && !sloppy {
        Some("no function of the catalogue explains the answers".to_owned())
    } else if !told {
        let next = groups.get(1).map(|(next, ..)| next.activation.label()).unwrap_or_default();
        Some(format!(
            "{} and {next} are both too near: most answers are not nearer to the first",
            best.activation.label()
        ))
    } else {
        other.map(|(other, x)| {
            let best = best.activation.label();
            format!("{best} and {other} are the same where the code answers, and differ at {x}, where it does not")
        })
    };
    let answer = if why.is_none() { Identification::Identified } else { Identification::None };
    let rounding = (answer == Identification::Identified).then(|| best.rounding(sample));
    let candidates = groups.iter().take(SHOWN).map(|(function, m, also)| Candidate {
        function: function.activation.label(),
        also: also.clone(),
        fitted: function.fitted,
        explains: m.explains,
        max_abs: m.max_abs,
        max_abs_at: m.max_abs_at,
        median_ulp: m.median_ulp,
        within_one_ulp: m.within_one_ulp,
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
    }
}

#[cfg(test)]
mod tests;
