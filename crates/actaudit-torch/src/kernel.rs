//! One activation of torch, or one definition, on one device.

use super::compile::Program;
use super::element::{Element, read};
use super::ops::{OPS, Op};
use super::{Device, Layout, TorchError, call, runtime};
use actaudit::expr::{Activation, FloatFormat};
use actaudit::kernels::Pass;
use tch::{Kind, TchError, Tensor};

/// One activation of torch, or one definition, on one device.
///
/// ```
/// # use actaudit_torch::{Device, TorchKernel};
/// let silu = TorchKernel::new("silu", Device::Cpu)?;
/// assert_eq!(silu.forward(&[0.0f32, -f32::INFINITY])?[0], 0.0);
/// assert_eq!(silu.backward(&[0.0f32])?, [0.5]);
/// assert_eq!(silu.double_backward(&[0.0f32])?, [0.5]);
/// # Ok::<(), actaudit_torch::TorchError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TorchKernel {
    function: Function,
    device: Device,
    place: tch::Device,
    layout: Layout,
    /// what libtorch turned out not to have
    lacking: Vec<(FloatFormat, Pass)>,
}

#[derive(Debug, Clone)]
enum Function {
    Op {
        op: &'static Op,
        values: Vec<f64>,
    },
    Definition(Program),
    /// of a library that was loaded, by its full name
    Operator(String),
}

impl TorchKernel {
    /// The operation of this name in [`OPS`] with its default parameters, on a device that must be there.
    ///
    /// # Errors
    /// If there is no such operation here, or the device is not there.
    pub fn new(name: &str, device: Device) -> Result<Self, TorchError> {
        let op = OPS.iter().find(|op| op.name == name).ok_or_else(|| TorchError::UnknownOp {
            name: name.to_owned(),
            known: OPS.iter().map(|op| op.name).collect::<Vec<_>>().join(", "),
        })?;
        Self::make(Function::Op { op, values: op.defaults() }, device)
    }

    /// The operation that should compute this activation, with the same parameter values.
    ///
    /// # Errors
    /// If torch has no operation for this activation, or the device is not there.
    pub fn of(activation: &Activation, device: Device) -> Result<Self, TorchError> {
        let op = OPS.iter().find(|op| op.is(activation)).ok_or_else(|| TorchError::NoOp(activation.label()))?;
        Ok(Self::new(op.name, device)?.with_values_of(activation))
    }

    /// The activation's definition as tensor operations, see [`compile`](super::compile).
    ///
    /// # Errors
    /// If torch has no operation for a function of the definition, or the device is not there.
    pub fn definition(activation: &Activation, device: Device) -> Result<Self, TorchError> {
        runtime();
        Self::make(Function::Definition(Program::new(activation)?), device)
    }

    /// An operator of a library that was loaded, by its full name (`mine::gelu`), on one tensor.
    ///
    /// # Errors
    /// If the device is not there. Whether the operator exists is known when it is called.
    pub fn operator(name: &str, device: Device) -> Result<Self, TorchError> {
        Self::make(Function::Operator(name.to_owned()), device)
    }

    fn make(function: Function, device: Device) -> Result<Self, TorchError> {
        runtime();
        Ok(Self { function, device, place: device.resolve()?, layout: Layout::default(), lacking: vec![] })
    }

    /// With the parameter values of an activation, if it is the one that the operation is for.
    #[must_use]
    pub fn with_values_of(mut self, activation: &Activation) -> Self {
        if let Function::Op { op, values } = &mut self.function {
            *values = op.values(activation);
        }
        self
    }

    /// With tensors that lie otherwise in memory.
    ///
    /// # Errors
    /// If the operation has no form in place, and the layout is that.
    pub fn with_layout(mut self, layout: Layout) -> Result<Self, TorchError> {
        if layout == Layout::InPlace && !self.op().is_some_and(Op::has_in_place) {
            return Err(TorchError::NotInPlace(self.code().to_owned()));
        }
        self.layout = layout;
        Ok(self)
    }

    /// The same kernel, knowing for which formats and passes libtorch has no code: each is tried once. Only libtorch's own
    /// words for that count; any other failure is one.
    ///
    /// # Errors
    /// With libtorch's words, if it refuses for another reason than that it lacks the code.
    pub fn probed(mut self) -> Result<Self, TorchError> {
        fn lacks<T: Element>(kernel: &TorchKernel, pass: Pass) -> Result<bool, TorchError> {
            match kernel.collect::<T>(pass, &[T::new_zeroed()]) {
                Err(TorchError::Failed { message, .. }) if message.contains("not implemented") => Ok(true),
                other => other.map(|_| false),
            }
        }
        let mut lacking = vec![];
        for pass in Pass::KNOWN {
            for format in FloatFormat::ALL {
                let lacks = match format {
                    FloatFormat::F64 => lacks::<f64>(&self, pass),
                    FloatFormat::F32 => lacks::<f32>(&self, pass),
                    FloatFormat::F16 => lacks::<half::f16>(&self, pass),
                    FloatFormat::Bf16 => lacks::<half::bf16>(&self, pass),
                };
                if lacks? {
                    lacking.push((format, pass));
                }
            }
        }
        self.lacking = lacking;
        Ok(self)
    }

    /// Whether there is code for this format and pass, as far as is known.
    pub fn has(&self, format: FloatFormat, pass: Pass) -> bool {
        !self.lacking.contains(&(format, pass))
    }

    /// The operation that is called, if it is not a definition.
    pub const fn op(&self) -> Option<&'static Op> {
        match &self.function {
            Function::Op { op, .. } => Some(op),
            Function::Definition(_) | Function::Operator(_) => None,
        }
    }

    /// The operation's name, or `definition`.
    pub fn code(&self) -> &str {
        match &self.function {
            Function::Op { op, .. } => op.name,
            Function::Definition(_) => "definition",
            Function::Operator(name) => name,
        }
    }

    /// Where it runs.
    pub const fn device(&self) -> Device {
        self.device
    }

    /// How its input lies in memory.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// f(x) for each element, computed in one call on one tensor of exactly this length.
    ///
    /// # Errors
    /// With libtorch's words.
    pub fn forward<T: Element>(&self, x: &[T]) -> Result<Vec<T>, TorchError> {
        self.collect(Pass::Forward, x)
    }

    /// f'(x) for each element, as autograd computes it from an incoming gradient of one.
    ///
    /// # Errors
    /// With libtorch's words.
    pub fn backward<T: Element>(&self, x: &[T]) -> Result<Vec<T>, TorchError> {
        self.collect(Pass::Backward, x)
    }

    /// f''(x) for each element, as autograd computes it from the graph of the backward pass.
    ///
    /// # Errors
    /// With libtorch's words.
    pub fn double_backward<T: Element>(&self, x: &[T]) -> Result<Vec<T>, TorchError> {
        self.collect(Pass::Double, x)
    }

    fn collect<T: Element>(&self, pass: Pass, x: &[T]) -> Result<Vec<T>, TorchError> {
        let mut y = vec![T::new_zeroed(); x.len()];
        self.fill(pass, x, &mut y)?;
        Ok(y)
    }

    pub(crate) fn fill<T: Element>(&self, pass: Pass, x: &[T], y: &mut [T]) -> Result<(), TorchError> {
        let mut run = || match self.layout.lends(x, self.place) {
            // the audit's own memory: a copy would cost as much as the operation
            true => call::lent(x, |x| read(&self.pass(pass, x)?, y)),
            false => read(&self.pass(pass, self.layout.tensor(x, self.place)?)?, y),
        };
        run().map_err(|e| TorchError::failed(self.code(), &e.to_string()))
    }

    fn pass(&self, pass: Pass, x: Tensor) -> Result<Tensor, TchError> {
        if pass == Pass::Forward {
            return self.apply(&x, false);
        }
        let x = x.f_set_requires_grad(true)?;
        let y = self.apply(&x, true)?;
        let slope = self.slope(gradient(&y, &x, pass == Pass::Double)?, &x)?;
        if pass == Pass::Double { self.slope(gradient(&slope, &x, false)?, &x) } else { Ok(slope) }
    }

    /// What stands for a gradient that there is not: zeros, where the result does not depend on `x` at all (in Python that is an
    /// error); but an operator of somebody's library has no derivative then.
    fn slope(&self, gradient: Option<Tensor>, x: &Tensor) -> Result<Tensor, TchError> {
        match (gradient, &self.function) {
            (Some(gradient), _) => Ok(gradient),
            (None, Function::Operator(_)) => Err(TchError::Torch("its derivative is not implemented".into())),
            (None, _) => x.f_zeros_like(),
        }
    }

    fn apply(&self, x: &Tensor, tracked: bool) -> Result<Tensor, TchError> {
        match &self.function {
            Function::Definition(program) => program.run(x),
            Function::Operator(name) => call::operator(name, x, &[]),
            Function::Op { op, values } if self.layout == Layout::InPlace => {
                // autograd does not let an input of the program be overwritten, only what was computed from it
                let mut x = if tracked { call::aten("clone", x, &[])? } else { x.shallow_clone() };
                op.call_in_place(&mut x, values)
            }
            Function::Op { op, values } => op.call(x, values),
        }
    }
}

/// dy/dx for an incoming gradient of ones, if autograd has one.
fn gradient(y: &Tensor, x: &Tensor, keep: bool) -> Result<Option<Tensor>, TchError> {
    if !y.requires_grad() {
        return Ok(None);
    }
    // The sum alone would hand down a gradient with stride 0, for which torch has other loops than for the contiguous
    // one of a real network. The product with ones makes it contiguous, and is exact.
    let total = y.f_mul(&y.f_ones_like()?)?.f_sum(Kind::Double)?;
    let mut gradients = Tensor::f_run_backward(&[total], &[x], keep, keep)?;
    Ok(gradients.pop().filter(Tensor::defined))
}
