//! One run from its first step to its last.

use super::act::Act;
use super::checkpoint::{self, first_line};
use super::models::{self, Network};
use super::optim::AdamW;
use super::params::Params;
use super::tasks::{self, Learned};
use super::{slope, usage};
use crate::{Device, TorchError, runtime};
use actaudit::internal::train::{Evaluated, Event, Fault, Finished, Look, RunSpec, Started, Step, Stopped, digest};
use std::time::Instant;
use tch::{TchError, Tensor, no_grad};

/// Steps whose examples are part of the digest that tells whether runs are paired.
const PAIRED: usize = 3;

/// A bias at which no rectifier is ever active.
const DEAD: f64 = -1e4;

/// Everything that a step needs.
struct Training<'a> {
    spec: &'a RunSpec,
    act: Act,
    params: Params,
    network: Box<dyn Network>,
    adam: AdamW,
    task: Box<dyn Learned>,
    /// the parameters of the model that DPO is held against, and their digest when it was made
    reference: Option<(Params, String)>,
    /// a digest of where it started and what it sees first
    pairing: String,
    device: tch::Device,
}

/// Trains a run and tells what happens.
///
/// # Errors
/// Why it stopped before its end.
pub(super) fn train(spec: &RunSpec, tell: &mut dyn FnMut(Event)) -> Result<(), Stopped> {
    let at_start = |kind: &str, message: String| Stopped { step: 0, kind: kind.into(), message, layer: None };
    let device: Device = spec.device.parse().map_err(|e: TorchError| at_start("request", e.to_string()))?;
    let there = device.resolve().map_err(|e| at_start("device", e.to_string()))?;
    let environment = format!("{} on {device}", runtime());
    let act = Act::new(&spec.function, there == tch::Device::Cpu, spec.fault).map_err(|e| at_start("request", e))?;
    let task = tasks::load(spec, there).map_err(|e| at_start("data", e))?;
    let mut training = Training::new(spec, act, task, there).map_err(|e| stop_for(&e, 0, spec))?;
    let from = training.resume().map_err(|e| at_start("storage", e))?;
    let started = training.started(environment, from).map_err(|e| stop_for(&e, from, spec))?;
    tell(Event::Started(started));
    let mut seconds = vec![];
    for step in from..spec.recipe.steps {
        let start = Instant::now();
        training.step(step, tell)?;
        seconds.push(start.elapsed().as_secs_f64());
        training.after(step, tell)?;
    }
    let last = spec.recipe.steps;
    let digests = training.digests().map_err(|e| stop_for(&e, last, spec))?;
    seconds.sort_unstable_by(f64::total_cmp);
    tell(Event::Finished(Finished {
        seconds_a_step: seconds.get(seconds.len() / 2).copied().unwrap_or_default(),
        cpu_seconds: usage::cpu_seconds(),
        peak_memory: usage::peak_memory(),
        digest: digests.0,
        reference: digests.1,
    }));
    Ok(())
}

/// What an error of libtorch means for the run.
fn stop_for(error: &TchError, step: usize, spec: &RunSpec) -> Stopped {
    let text = first_line(error);
    let memory = ["memory", "alloc"].iter().any(|word| text.contains(word));
    let (kind, message) = if memory {
        let half = (spec.recipe.batch / 2).max(1);
        ("memory", format!("there is not enough memory: {text}; try batch = {half}"))
    } else if matches!(error, TchError::Shape(_)) {
        ("request", text)
    } else {
        ("torch", text)
    };
    Stopped { step, kind: kind.into(), message, layer: None }
}

impl<'a> Training<'a> {
    fn new(spec: &'a RunSpec, act: Act, task: Box<dyn Learned>, device: tch::Device) -> Result<Self, TchError> {
        let mut params = Params::new(spec.seed, device);
        if spec.fault == Some(Fault::ExplodingGain) {
            params.gain = 10.0;
        }
        let network = models::make(&spec.model, task.shape(), &mut params, &act)?;
        if spec.fault == Some(Fault::DeadStart) {
            for parameter in params.all.iter().filter(|p| p.name.ends_with("bias") && !p.name.starts_with("head")) {
                let _ = no_grad(|| parameter.tensor.shallow_clone().f_fill_(DEAD))?;
            }
        }
        let adam = AdamW::new(&params, &spec.recipe)?;
        let pairing = pairing(&params, &*task)?;
        Ok(Self { spec, act, params, network, adam, task, reference: None, pairing, device })
    }

    /// Goes on from the state that was kept, if there is one: the number of steps that were made.
    fn resume(&mut self) -> Result<usize, String> {
        let Some(kept) = &self.spec.checkpoint else { return Ok(0) };
        let read =
            |reference: Option<&Params>| checkpoint::read(&kept.file, self.spec, &self.params, reference, &self.adam);
        let Some((step, then)) = read(None)? else { return Ok(0) };
        if self.task.reference_from().is_some_and(|from| step > from) {
            self.make_reference().map_err(|e| first_line(&e))?;
            let reference = self.reference.as_mut().zip(then);
            if let Some(((params, digest), then)) = reference {
                checkpoint::read(&kept.file, self.spec, &self.params, Some(params), &self.adam)?;
                // that of when it was made, and not of what it is by now
                *digest = then;
            }
        }
        Ok(step)
    }

    fn started(&self, environment: String, from: usize) -> Result<Started, TchError> {
        let facts = self.task.facts();
        let place = self.act.quiet().place(&mut Params::new(0, self.device))?;
        let slope = slope::check(&self.act.activation, &place, self.device)?;
        let parameter_slopes = slope::check_parameters(&self.act.activation, &place, self.device)?;
        Ok(Started {
            parameters: self.params.count(),
            route: self.act.route(),
            environment,
            data: facts.data,
            constructed: facts.constructed,
            leaked: facts.leaked,
            from,
            pairing: self.pairing.clone(),
            duplicates: facts.duplicates,
            slope,
            parameter_slopes,
        })
    }

    /// One step.
    fn step(&mut self, step: usize, tell: &mut dyn FnMut(Event)) -> Result<(), Stopped> {
        let spec = self.spec;
        if self.task.reference_from() == Some(step) && self.reference.is_none() {
            self.make_reference().map_err(|e| stop_for(&e, step, spec))?;
        }
        let looks = spec.looks_at(step);
        self.act.anneal(step, spec.recipe.steps);
        if looks {
            self.act.look();
        }
        let run = || -> Result<(f64, Tensor, f64), TchError> {
            let loss = self.task.loss(&*self.network, step)?;
            let gradient = self.params.gradient(&loss)?;
            let norm = gradient.f_norm()?.f_double_value(&[])?;
            Ok((loss.f_double_value(&[])?, gradient, norm))
        };
        let (loss, mut gradient, norm) = run().map_err(|e| stop_for(&e, step, spec))?;
        let ahead = usize::from(spec.fault == Some(Fault::ScheduleOffByOne));
        let rate = spec.recipe.rate_at(step + ahead);
        tell(Event::Step(Step { step, loss, grad_norm: norm, rate }));
        if !loss.is_finite() || !norm.is_finite() {
            return Err(self.diverged(step, loss));
        }
        let mut finish = || -> Result<Option<Look>, TchError> {
            let norms = if looks { self.norms(&gradient)? } else { vec![] };
            if norm > spec.recipe.clip {
                let _ = gradient.f_mul_scalar_(spec.recipe.clip / norm)?;
            }
            let sites = if looks { Some(self.act.seen()?) } else { None };
            let update = self.adam.step(&gradient, step, rate, looks)?;
            sites.zip(update).map(|(sites, update)| self.describe(step, norms, &update, sites)).transpose()
        };
        if let Some(look) = finish().map_err(|e| stop_for(&e, step, spec))? {
            tell(Event::Look(look));
        }
        if spec.fault == Some(Fault::MovingReference) {
            self.move_reference().map_err(|e| stop_for(&e, step, spec))?;
        }
        Ok(())
    }

    /// What is done after a step: evaluation, and keeping the state.
    fn after(&mut self, step: usize, tell: &mut dyn FnMut(Event)) -> Result<(), Stopped> {
        let spec = self.spec;
        let made = step + 1;
        if made == spec.recipe.steps || (spec.evaluate > 0 && made.is_multiple_of(spec.evaluate)) {
            let found = self.task.evaluate(&*self.network).map_err(|e| stop_for(&e, step, spec))?;
            tell(Event::Evaluated(Evaluated { steps: made, examples: found.0, metrics: found.1 }));
        }
        if let Some(kept) = spec.checkpoint.as_ref().filter(|kept| kept.every > 0 && made.is_multiple_of(kept.every)) {
            let written = checkpoint::write(&kept.file, spec, made, &self.params, self.reference.as_ref(), &self.adam);
            written.map_err(|message| Stopped { step, kind: "storage".into(), message, layer: None })?;
        }
        Ok(())
    }

    /// Copies the network as it is now, to be held against what becomes of it.
    fn make_reference(&mut self) -> Result<(), TchError> {
        let mut params = Params::new(self.spec.seed, self.device);
        let network = models::make(&self.spec.model, self.task.shape(), &mut params, &self.act.quiet())?;
        no_grad(|| params.flat()?.f_copy_(&self.params.flat()?))?;
        for ((_, to), (_, from)) in params.buffers.iter().zip(&self.params.buffers) {
            no_grad(|| to.shallow_clone().f_copy_(from))?;
        }
        let digest = parameters_digest(&params)?;
        self.reference = Some((params, digest));
        self.task.hold_against(network);
        Ok(())
    }

    fn move_reference(&self) -> Result<(), TchError> {
        if let Some((reference, _)) = &self.reference {
            no_grad(|| reference.flat()?.f_copy_(&self.params.flat()?))?;
        }
        Ok(())
    }

    /// Digests of the parameters, and of the reference model when it was made and now.
    fn digests(&self) -> Result<(String, Option<[String; 2]>), TchError> {
        let reference = match &self.reference {
            Some((params, then)) => Some([then.clone(), parameters_digest(params)?]),
            None => None,
        };
        Ok((parameters_digest(&self.params)?, reference))
    }

    /// Looks for the first activation into which goes what is no number.
    fn diverged(&self, step: usize, loss: f64) -> Stopped {
        self.act.look();
        let again = no_grad(|| self.task.loss(&*self.network, step));
        let layer = again.and_then(|_| self.act.first_non_finite()).ok().flatten();
        let at = layer.as_ref().map_or_else(
            || "what goes into activations is finite".to_owned(),
            |layer| format!("the first activation into which goes what is no number is that of {layer}"),
        );
        let message = format!("the loss or its gradient is no number (loss {loss}) at step {step}; {at}");
        Stopped { step, kind: "diverged".into(), message, layer }
    }

    /// Norms of a row of numbers by layer.
    fn norms(&self, row: &Tensor) -> Result<Vec<(String, f64)>, TchError> {
        let norm = |place: std::ops::Range<i64>| {
            row.f_narrow(0, place.start, place.end - place.start)?.f_norm()?.f_double_value(&[])
        };
        self.params.layers().into_iter().map(|(layer, place)| Ok((layer, norm(place)?))).collect()
    }

    /// Layers at a step; norms of gradients are those before clipping.
    fn describe(
        &self,
        step: usize,
        grad_norms: Vec<(String, f64)>,
        update: &Tensor,
        sites: Vec<actaudit::internal::train::Site>,
    ) -> Result<Look, TchError> {
        let (changes, sizes) = (self.norms(update)?, self.norms(&self.params.flat()?)?);
        let ratio = |change: f64, size: f64| if size > 0.0 { change / size } else { 0.0 };
        let updates = changes.into_iter().zip(sizes).map(|((layer, change), (_, size))| (layer, ratio(change, size)));
        Ok(Look { step, grad_norms, updates: updates.collect(), sites })
    }
}

/// A digest of where a network starts, but for parameters of the activation, and of the first examples.
fn pairing(params: &Params, task: &dyn Learned) -> Result<String, TchError> {
    let mut bytes = vec![];
    for parameter in params.all.iter().filter(|parameter| !parameter.of_activation) {
        bytes.extend(self::bytes(&parameter.tensor)?);
    }
    for step in 0..PAIRED {
        for tensor in task.shown(step)? {
            bytes.extend(self::bytes(&tensor)?);
        }
    }
    Ok(digest(&[&bytes]))
}

/// The bytes of a tensor.
fn bytes(tensor: &Tensor) -> Result<Vec<u8>, TchError> {
    let tensor = tensor.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?;
    let mut bytes = vec![0; tensor.numel() * tensor.f_kind()?.elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(bytes)
}

/// A digest of all parameters.
fn parameters_digest(params: &Params) -> Result<String, TchError> {
    Ok(digest(&[&bytes(&params.flat()?)?]))
}
