//! The activation of a network, at each of its places.

use super::params::Params;
use crate::call::{singles, with_slope};
use crate::compile::Program;
use crate::element::read;
use crate::ops::{OPS, Op};
use actaudit::expr::{Activation, Definition, parse_rational};
use actaudit::internal::train::{Change, Fault, Function, Route, Site as Seen, binade};
use actaudit::kernels::{self, ACCURATE, Call, Kernel, Pass};
use rug::Rational;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tch::{Device, Kind, TchError, Tensor};

/// How it is computed.
#[derive(Clone)]
enum Code {
    /// libtorch's own operation and its gradient
    Torch(&'static Op, Vec<f64>),
    /// this project's accurate kernel: value and slope at once
    Kernel(&'static Kernel, Vec<Rational>),
    /// the formula as tensor operations; parameters may be tensors
    Composed(Rc<Program>),
}

/// What went into the activation at each place, while somebody looks.
type Taps = Rc<RefCell<Option<Vec<(String, Tensor)>>>>;

/// The activation of a network: makes the places at which it stands.
pub(crate) struct Act {
    pub(crate) activation: Activation,
    code: Code,
    change: BTreeMap<String, Change>,
    wrong: bool,
    taps: Taps,
    /// values of parameters that are annealed
    annealed: Rc<RefCell<BTreeMap<String, f64>>>,
    seen: RefCell<Vec<Place>>,
}

/// One place of the activation in a network.
#[derive(Clone)]
pub(crate) struct Place {
    name: String,
    code: Code,
    wrong: bool,
    taps: Taps,
    annealed: Rc<RefCell<BTreeMap<String, f64>>>,
    /// parameters that are learnt here: as they are stored, and how they are bounded
    learnt: Rc<Vec<(String, Tensor, Bounds)>>,
}

/// The open interval in which a parameter stays.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    lo: f64,
    hi: f64,
}

impl Bounds {
    /// What is stored for a value: the inverse of [`Bounds::value`].
    fn stored(self, value: f64) -> f64 {
        match (self.lo.is_finite(), self.hi.is_finite()) {
            (false, false) => value,
            (true, false) => (value - self.lo).ln(),
            (false, true) => (self.hi - value).ln(),
            (true, true) => {
                let t = (value - self.lo) / (self.hi - self.lo);
                (t / (1.0 - t)).ln()
            }
        }
    }

    /// The parameter for what is stored: exp on a half-line, the logistic function on an interval.
    fn value(self, stored: &Tensor) -> Result<Tensor, TchError> {
        match (self.lo.is_finite(), self.hi.is_finite()) {
            (false, false) => Ok(stored.shallow_clone()),
            (true, false) => stored.f_exp()?.f_add_scalar(self.lo),
            (false, true) => stored.f_exp()?.f_neg()?.f_add_scalar(self.hi),
            (true, true) => stored.f_sigmoid()?.f_mul_scalar(self.hi - self.lo)?.f_add_scalar(self.lo),
        }
    }
}

impl Act {
    /// The activation that a run asks for.
    ///
    /// # Errors
    /// If it is not understood, or there is no code for it of the kind that is asked for: a sentence.
    pub(crate) fn new(function: &Function, cpu: bool, fault: Option<Fault>) -> Result<Self, String> {
        let definition = Definition::from_toml(&function.definition, "the definition that was sent");
        let definition = definition.map_err(|e| e.to_string())?;
        let values = function.values.iter().map(|(name, text)| {
            parse_rational(text).map(|value| (name.clone(), value)).map_err(|e| format!("{name} = {text}: {e}"))
        });
        let values: BTreeMap<_, _> = values.collect::<Result<_, String>>()?;
        let activation = Activation::new(Arc::new(definition), &values).map_err(|e| e.to_string())?;
        for name in function.change.keys() {
            if !activation.values.contains_key(name) {
                return Err(format!("{} has no parameter {name} that could change", activation.definition.id));
            }
        }
        let code = code(&activation, function, cpu)?;
        let wrong = fault == Some(Fault::WrongBackward);
        let (taps, annealed) = (Taps::default(), Rc::default());
        Ok(Self { activation, code, change: function.change.clone(), wrong, taps, annealed, seen: RefCell::default() })
    }

    /// How it is computed, in words.
    pub(crate) fn route(&self) -> String {
        match &self.code {
            Code::Torch(op, _) => format!("libtorch {}", op.name),
            Code::Kernel(..) => "actaudit's accurate kernel".into(),
            Code::Composed(_) => "tensor operations".into(),
        }
    }

    /// A place after the present layer.
    pub(crate) fn place(&self, p: &mut Params) -> Result<Place, TchError> {
        let mut learnt = vec![];
        for (name, change) in &self.change {
            if *change == Change::Learn {
                let bounds = self.bounds(name);
                let start = bounds.stored(crate::nearest(&self.activation.values[name]));
                if !start.is_finite() {
                    return Err(TchError::Torch(format!(
                        "{name} lies at an end of its domain: it cannot be learnt from there"
                    )));
                }
                learnt.push((name.clone(), p.make_for_activation(name, start)?, bounds));
            }
        }
        let place = Place {
            name: p.name(""),
            code: self.code.clone(),
            wrong: self.wrong,
            taps: Rc::clone(&self.taps),
            annealed: Rc::clone(&self.annealed),
            learnt: Rc::new(learnt),
        };
        self.seen.borrow_mut().push(place.clone());
        Ok(place)
    }

    /// The same activation at places of its own, at which nobody looks.
    pub(crate) fn quiet(&self) -> Self {
        Self {
            activation: self.activation.clone(),
            code: self.code.clone(),
            change: self.change.clone(),
            wrong: self.wrong,
            taps: Taps::default(),
            annealed: Rc::clone(&self.annealed),
            seen: RefCell::default(),
        }
    }

    /// The domain of a parameter as floats.
    fn bounds(&self, name: &str) -> Bounds {
        let none = Bounds { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
        let parameter = self.activation.definition.params.iter().find(|p| p.name == name);
        parameter.map_or(none, |p| Bounds {
            lo: p.domain.lo.as_ref().map_or(f64::NEG_INFINITY, crate::nearest),
            hi: p.domain.hi.as_ref().map_or(f64::INFINITY, crate::nearest),
        })
    }

    /// Sets annealed parameters for a step out of so many: geometric in the step.
    pub(crate) fn anneal(&self, step: usize, steps: usize) {
        let there = step as f64 / steps.saturating_sub(1).max(1) as f64;
        for (name, change) in &self.change {
            if let Change::Anneal(end) = change {
                let start = crate::nearest(&self.activation.values[name]);
                let now = if start > 0.0 && *end > 0.0 {
                    start * (end / start).powf(there)
                } else {
                    start + (end - start) * there
                };
                self.annealed.borrow_mut().insert(name.clone(), now);
            }
        }
    }

    /// Keeps what goes into the activation until [`Act::seen`].
    pub(crate) fn look(&self) {
        *self.taps.borrow_mut() = Some(vec![]);
    }

    /// What went into the activation since [`Act::look`], place by place.
    pub(crate) fn seen(&self) -> Result<Vec<Seen>, TchError> {
        let taps = self.taps.borrow_mut().take().unwrap_or_default();
        let places = self.seen.borrow();
        taps.into_iter()
            .filter_map(|(name, x)| Some((places.iter().find(|place| place.name == name)?, x)))
            .map(|(place, x)| place.describe(&x))
            .collect()
    }

    /// The first place into which goes what is no number.
    pub(crate) fn first_non_finite(&self) -> Result<Option<String>, TchError> {
        for (name, x) in self.taps.borrow_mut().take().unwrap_or_default() {
            if x.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

/// The code for a route.
fn code(activation: &Activation, function: &Function, cpu: bool) -> Result<Code, String> {
    let id = &activation.definition.id;
    let fixed = function.change.is_empty();
    // the catalogue's own definition, not one of the same name
    let own = actaudit::catalog::find(id).ok().filter(|own| own.to_toml() == activation.definition.to_toml());
    let torch = || {
        let op = OPS.iter().find(|op| own.is_some() && op.is(activation))?;
        Some(Code::Torch(op, op.values(activation)))
    };
    let kernel = || {
        let own = own.as_ref()?;
        let values = own.params.iter().map(|p| activation.values.get(&p.name).cloned()).collect::<Option<Vec<_>>>()?;
        Some(Code::Kernel(kernels::find(id, ACCURATE)?, values))
    };
    let composed =
        || Program::new(activation).map(|program| Code::Composed(Rc::new(program))).map_err(|e| e.to_string());
    match function.route {
        _ if !fixed && function.route == Route::Fastest => composed(),
        Route::Torch | Route::Kernel if !fixed => {
            Err(format!("{id} with parameters that change needs tensor operations: route = \"composed\""))
        }
        Route::Torch => torch().ok_or_else(|| format!("libtorch has no {id}: route = \"composed\" runs its formula")),
        Route::Kernel if !cpu => Err("this project's kernels run on the CPU: route = \"composed\"".into()),
        Route::Kernel => kernel().ok_or_else(|| format!("there is no kernel of {id}: route = \"composed\"")),
        Route::Composed => composed(),
        _ => match torch().or_else(|| if cpu { kernel() } else { None }) {
            Some(code) => Ok(code),
            None => composed(),
        },
    }
}

impl Place {
    /// The activation of a tensor, elementwise.
    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        if let Some(taps) = self.taps.borrow_mut().as_mut() {
            taps.push((self.name.clone(), x.f_detach()?));
        }
        if self.wrong {
            let [y, slope] = [self.value(x)?, self.slope(&x.f_mul_scalar(0.5)?)?];
            return with_slope(x, &y.f_detach()?, &slope);
        }
        self.value(x)
    }

    fn value(&self, x: &Tensor) -> Result<Tensor, TchError> {
        match &self.code {
            Code::Torch(op, values) => op.call(x, values),
            Code::Kernel(kernel, values) => fused(kernel, values, x),
            Code::Composed(program) => program.run_with(x, &self.tensors(x)?),
        }
    }

    /// Parameters that are no constants, as tensors of one element.
    fn tensors(&self, x: &Tensor) -> Result<BTreeMap<String, Tensor>, TchError> {
        let mut tensors = BTreeMap::new();
        for (name, stored, bounds) in self.learnt.iter() {
            tensors.insert(name.clone(), bounds.value(stored)?);
        }
        for (name, value) in self.annealed.borrow().iter() {
            tensors.insert(name.clone(), Tensor::f_full([1], *value, (Kind::Float, x.device()))?);
        }
        Ok(tensors)
    }

    /// The parameters that are learnt here.
    pub(super) fn learnt(&self) -> Vec<String> {
        self.learnt.iter().map(|(name, ..)| name.clone()).collect()
    }

    /// The derivative by a parameter that is learnt, at one input, as a network is trained with it.
    pub(super) fn slope_by(&self, name: &str, x: f32, device: Device) -> Result<f64, TchError> {
        let none = || TchError::Torch(format!("{name} is not learnt"));
        let (_, stored, bounds) = self.learnt.iter().find(|(learnt, ..)| learnt == name).ok_or_else(none)?;
        let gradient = |of: &Tensor| -> Result<f64, TchError> {
            let found = Tensor::f_run_backward(&[of], &[stored], false, false)?.pop();
            // what does not depend on it has no gradient
            found.filter(Tensor::defined).map_or(Ok(0.0), |gradient| gradient.f_double_value(&[0]))
        };
        let y = self
            .run(&Tensor::f_from_slice(&[x])?.f_to_device(device)?.f_set_requires_grad(true)?)?
            .f_sum(Kind::Float)?;
        Ok(gradient(&y)? / gradient(&bounds.value(stored)?.f_sum(Kind::Float)?)?)
    }

    /// f' at a tensor, elementwise, as a network is trained with it.
    pub(super) fn slope_through(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let x = x.f_detach()?.f_set_requires_grad(true)?;
        let y = tch::with_grad(|| self.run(&x)?.f_sum(Kind::Float))?;
        slope_of(&y, &x)
    }

    /// f' at a tensor, elementwise.
    fn slope(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let x = x.f_detach()?.f_set_requires_grad(true)?;
        let y = tch::with_grad(|| self.value(&x)?.f_sum(Kind::Float))?;
        slope_of(&y, &x)
    }

    fn describe(&self, x: &Tensor) -> Result<Seen, TchError> {
        let x = x.f_to_kind(Kind::Float)?;
        let slope = self.slope(&x)?;
        let units = units(&slope)?;
        let number = |t: Tensor| t.f_double_value(&[]);
        let mean_of = |t: &Tensor| number(t.f_to_kind(Kind::Float)?.f_mean(Kind::Float)?);
        let dead = units.f_eq(0.0)?.f_all_dim(0, false)?;
        let mut inputs = vec![0f32; x.numel()];
        read(&x.f_to_device(Device::Cpu)?.f_contiguous()?, &mut inputs)?;
        let mut histogram = BTreeMap::new();
        for input in &inputs {
            *histogram.entry(binade(f64::from(*input))).or_default() += 1;
        }
        let mut values = self.annealed.borrow().clone();
        for (name, stored, bounds) in self.learnt.iter() {
            values.insert(name.clone(), bounds.value(&stored.f_detach()?)?.f_double_value(&[0])?);
        }
        Ok(Seen {
            name: self.name.clone(),
            mean: mean_of(&x)?,
            sd: number(x.f_std(true)?)?,
            dead: mean_of(&dead)?,
            flat: mean_of(&slope.f_abs()?.f_lt(1e-3)?)?,
            slope_square: mean_of(&slope.f_square()?)?,
            non_finite: inputs.iter().filter(|x| !x.is_finite()).count(),
            histogram,
            values,
        })
    }
}

/// The gradient of a sum; 0 where it does not depend on the input.
fn slope_of(y: &Tensor, x: &Tensor) -> Result<Tensor, TchError> {
    if !y.requires_grad() {
        return x.f_zeros_like();
    }
    let slope = Tensor::f_run_backward(&[y], &[x], false, false)?.pop();
    slope.filter(Tensor::defined).map_or_else(|| x.f_zeros_like(), Ok)
}

/// Examples by units: features are the last dimension of dense layers, the second of images.
fn units(x: &Tensor) -> Result<Tensor, TchError> {
    let size = x.size();
    match size[..] {
        [_, channels, _, _] => x.f_transpose(0, 1)?.f_reshape([channels, -1])?.f_transpose(0, 1),
        _ => x.f_reshape([-1, size.last().copied().unwrap_or(1)]),
    }
}

/// Value and slope out of this project's kernel, joined for autograd.
fn fused(kernel: &Kernel, values: &[Rational], x: &Tensor) -> Result<Tensor, TchError> {
    let inputs = x.f_detach()?.f_contiguous()?;
    let call = |pass: Pass| -> Result<Tensor, TchError> {
        let mut result = inputs.f_empty_like()?;
        let (from, to) = singles(&inputs, &mut result)?;
        kernel.run(pass, values, Call::F32(from, to));
        Ok(result)
    };
    let y = call(Pass::Forward)?;
    if !x.requires_grad() {
        return Ok(y);
    }
    with_slope(x, &y, &call(Pass::Backward)?)
}
