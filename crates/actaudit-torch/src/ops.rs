//! The table of torch's activations.

use crate::call::aten;
use crate::nearest;
use actaudit::expr::{Activation, parse_rational};
use std::fmt;
use tch::{TchError, Tensor};

type Written = fn(&Tensor, &[f64]) -> Result<Tensor, TchError>;
type WrittenInPlace = fn(&mut Tensor) -> Result<Tensor, TchError>;

/// How an operation is called.
#[derive(Clone, Copy)]
enum Code {
    /// an operator of torch's that takes the parameters as numbers, and its in-place form
    Aten(&'static str, Option<&'static str>),
    /// otherwise, as `torch.nn.functional` writes it
    Written(Written, Option<WrittenInPlace>),
}

/// One activation of torch.
pub struct Op {
    /// torch's name for it
    pub name: &'static str,
    /// the catalogue's name for what it should compute
    pub activation: &'static str,
    /// parameters of the catalogue's definition in the order of torch's arguments, with the values that they have unless
    /// told otherwise
    pub params: &'static [(&'static str, &'static str)],
    /// whether torch takes other values
    pub takes: bool,
    /// what else there is to know of it
    pub note: &'static str,
    code: Code,
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "torch:{}", self.name)
    }
}

impl Op {
    const fn new(name: &'static str, activation: &'static str, code: Code) -> Self {
        Self { name, activation, params: &[], takes: true, note: "", code }
    }

    const fn with(self, params: &'static [(&'static str, &'static str)]) -> Self {
        Self { params, ..self }
    }

    const fn fixed(self) -> Self {
        Self { takes: false, ..self }
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// Whether there is a form that overwrites its input.
    pub const fn has_in_place(&self) -> bool {
        matches!(self.code, Code::Aten(_, Some(_)) | Code::Written(_, Some(_)))
    }

    /// A new tensor.
    pub(crate) fn call(&self, x: &Tensor, values: &[f64]) -> Result<Tensor, TchError> {
        let taken = if self.takes { values } else { &[] };
        match self.code {
            Code::Aten(name, _) => aten(name, x, taken),
            Code::Written(code, _) => code(x, taken),
        }
    }

    /// The same tensor with new contents.
    pub(crate) fn call_in_place(&self, x: &mut Tensor, values: &[f64]) -> Result<Tensor, TchError> {
        match self.code {
            Code::Aten(_, Some(name)) => aten(name, x, if self.takes { values } else { &[] }),
            Code::Written(_, Some(code)) => code(x),
            _ => Err(TchError::Torch(format!("there is no {}_", self.name))),
        }
    }

    /// Whether it computes this activation, given its parameter values.
    pub(crate) fn is(&self, activation: &Activation) -> bool {
        let same = |(name, text): &(&str, &str)| activation.values.get(*name) == parse_rational(text).ok().as_ref();
        self.activation == activation.definition.id && (self.takes || self.params.iter().all(same))
    }

    /// The values of its parameters unless told otherwise.
    pub(crate) fn defaults(&self) -> Vec<f64> {
        let value = |(_, text): &(&str, &str)| parse_rational(text).map_or(f64::NAN, |value| nearest(&value));
        self.params.iter().map(value).collect()
    }

    /// The values of its parameters: those of the activation if it is the operation's own, else the defaults. A number
    /// is handed over as Python does it, as the f64 next to it.
    pub(crate) fn values(&self, activation: &Activation) -> Vec<f64> {
        if self.activation != activation.definition.id {
            return self.defaults();
        }
        let own = |(name, _): &(&str, &str)| activation.values.get(*name).map_or(f64::NAN, nearest);
        self.params.iter().map(own).collect()
    }
}

/// `input / (input.abs() + 1)`
fn softsign(x: &Tensor, _: &[f64]) -> Result<Tensor, TchError> {
    x.f_div(&x.f_abs()?.f_add_scalar(1.0)?)
}

/// `input - input.tanh()`
fn tanhshrink(x: &Tensor, _: &[f64]) -> Result<Tensor, TchError> {
    x.f_sub(&x.f_tanh()?)
}

/// One weight for all elements, of their type.
fn prelu(x: &Tensor, values: &[f64]) -> Result<Tensor, TchError> {
    x.f_prelu(&Tensor::f_full([values.len() as i64], values[0], (x.f_kind()?, x.device()))?)
}

/// Every torch activation that can be audited: the one table.
pub const OPS: &[Op] = &[
    Op::new("gelu", "gelu", Code::Aten("gelu", Some("gelu_"))),
    Op::new("gelu_tanh", "gelu_tanh", Code::Written(|x, _| x.f_gelu("tanh"), Some(|x| x.f_gelu_("tanh"))))
        .note("torch.nn.functional.gelu with approximate='tanh'"),
    Op::new("silu", "silu", Code::Aten("silu", Some("silu_"))),
    Op::new("mish", "mish", Code::Aten("mish", Some("mish_"))),
    Op::new("elu", "elu", Code::Aten("elu", Some("elu_"))).with(&[("a", "1")]),
    Op::new("celu", "celu", Code::Aten("celu", Some("celu_"))).with(&[("a", "1")]),
    Op::new("selu", "selu", Code::Aten("selu", Some("selu_"))),
    Op::new("relu", "relu", Code::Aten("relu", Some("relu_"))),
    Op::new("relu6", "relu6", Code::Aten("relu6", Some("relu6_"))),
    Op::new("leaky_relu", "leaky_relu", Code::Aten("leaky_relu", Some("leaky_relu_"))).with(&[("a", "1/100")]),
    Op::new("rrelu", "leaky_relu", Code::Aten("rrelu", Some("rrelu_")))
        .with(&[("a", "11/48")])
        .fixed()
        .note("in evaluation mode: the middle of the slopes 1/8 and 1/3"),
    Op::new("prelu", "prelu", Code::Written(prelu, None))
        .with(&[("a", "1/4")])
        .note("one weight, rounded to the type of the tensor"),
    Op::new("sigmoid", "sigmoid", Code::Aten("sigmoid", Some("sigmoid_"))),
    Op::new("logsigmoid", "logsigmoid", Code::Aten("log_sigmoid", None)),
    Op::new("tanh", "tanh", Code::Aten("tanh", Some("tanh_"))),
    Op::new("softplus", "softplus", Code::Aten("softplus", None))
        .with(&[("b", "1")])
        .note("threshold 20: x itself where b x is above it"),
    Op::new("softsign", "softsign", Code::Written(softsign, None)).note("x/(|x| + 1), three operations"),
    Op::new("tanhshrink", "tanhshrink", Code::Written(tanhshrink, None)).note("x - tanh(x), two operations"),
    Op::new("hardswish", "hardswish", Code::Aten("hardswish", Some("hardswish_"))),
    Op::new("hardsigmoid", "hardsigmoid", Code::Aten("hardsigmoid", Some("hardsigmoid_"))),
    Op::new("hardtanh", "hardtanh", Code::Aten("hardtanh", Some("hardtanh_"))),
    Op::new("hardshrink", "hardshrink", Code::Aten("hardshrink", None)).with(&[("l", "1/2")]),
    Op::new("softshrink", "softshrink", Code::Aten("softshrink", None)).with(&[("l", "1/2")]),
    Op::new("threshold", "threshold", Code::Aten("threshold", Some("threshold_")))
        .with(&[("t", "1"), ("v", "0")])
        .note("torch has no default values; these are the catalogue's"),
    Op::new("identity", "identity", Code::Aten("alias", None)),
    Op::new("exp", "exp", Code::Aten("exp", Some("exp_"))),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::activation_with;
    use actaudit::catalog;

    #[test]
    fn every_operation_belongs_to_an_activation_of_the_catalogue() {
        for op in OPS {
            let activation = activation_with(op.activation, op.params);
            assert_eq!(activation.values.len(), op.params.len(), "{op:?} leaves a parameter open");
            for (name, text) in op.params {
                assert_eq!(activation.values.get(*name), parse_rational(text).ok().as_ref(), "{op:?}");
            }
            assert!(op.is(&activation), "{op:?}");
        }
    }

    #[test]
    fn every_activation_that_torch_has_is_in_the_table() {
        for definition in catalog::all() {
            let known = definition.aliases.iter().any(|a| a.starts_with("torch.nn."));
            assert!(!known || OPS.iter().any(|op| op.activation == definition.id), "{}", definition.id);
        }
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<_> = OPS.iter().map(|op| op.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPS.len());
    }
}
