//! Layers that several networks share. Shapes: images are [batch, channels, height, width], sequences [batch, tokens, features].

use super::params::{Init, Params};
use tch::{TchError, Tensor};

/// The standard deviation from which transformers start.
pub(crate) const TRANSFORMER: Init = Init::Truncated(0.02);

/// x W^T + b
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub(crate) fn new(p: &mut Params, name: &str, from: i64, to: i64, init: Init) -> Result<Self, TchError> {
        p.within(name, |p| {
            let weight = p.make("weight", &[to, from], init)?;
            Ok(Self { weight, bias: Some(p.make("bias", &[to], Init::Constant(0.0))?) })
        })
    }

    pub(crate) fn without_bias(p: &mut Params, name: &str, from: i64, to: i64, init: Init) -> Result<Self, TchError> {
        p.within(name, |p| Ok(Self { weight: p.make("weight", &[to, from], init)?, bias: None }))
    }

    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, self.bias.as_ref())
    }
}

/// A convolution.
#[derive(Debug)]
pub(crate) struct Conv {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: i64,
    padding: i64,
    groups: i64,
}

/// The sizes of a convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) side: i64,
    pub(crate) stride: i64,
    pub(crate) padding: i64,
    pub(crate) groups: i64,
    pub(crate) bias: bool,
}

impl Filter {
    pub(crate) const fn new(from: i64, to: i64, side: i64) -> Self {
        Self { from, to, side, stride: 1, padding: 0, groups: 1, bias: true }
    }
}

impl Conv {
    pub(crate) fn new(p: &mut Params, name: &str, filter: Filter, init: Init) -> Result<Self, TchError> {
        let Filter { from, to, side, stride, padding, groups, bias } = filter;
        p.within(name, |p| {
            let weight = p.make("weight", &[to, from / groups, side, side], init)?;
            let bias = if bias { Some(p.make("bias", &[to], Init::Constant(0.0))?) } else { None };
            Ok(Self { weight, bias, stride, padding, groups })
        })
    }

    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (stride, padding) = ([self.stride; 2], [self.padding; 2]);
        x.f_conv2d(&self.weight, self.bias.as_ref(), stride, padding, [1, 1], self.groups)
    }
}

/// Where PyTorch's own convolutions start: uniform between plus and minus 1/sqrt(inputs).
pub(crate) fn pytorch(inputs: i64) -> Init {
    Init::Uniform(1.0 / (inputs as f64).sqrt())
}

/// The standard deviation of He et al. 2015 for so many inputs.
pub(crate) fn he(inputs: i64) -> Init {
    Init::Normal((2.0 / inputs as f64).sqrt())
}

/// Normalisation of the last dimension.
#[derive(Debug)]
pub(crate) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    size: i64,
    eps: f64,
}

impl LayerNorm {
    pub(crate) fn new(p: &mut Params, name: &str, size: i64, eps: f64) -> Result<Self, TchError> {
        p.within(name, |p| {
            let weight = p.make("weight", &[size], Init::Constant(1.0))?;
            Ok(Self { weight, bias: p.make("bias", &[size], Init::Constant(0.0))?, size, eps })
        })
    }

    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_layer_norm([self.size], Some(&self.weight), Some(&self.bias), self.eps, true)
    }
}

/// Normalisation over a batch, by channels; running means and variances where it is not trained.
#[derive(Debug)]
pub(crate) struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl BatchNorm {
    pub(crate) fn new(p: &mut Params, name: &str, channels: i64) -> Result<Self, TchError> {
        p.within(name, |p| {
            Ok(Self {
                weight: p.make("weight", &[channels], Init::Constant(1.0))?,
                bias: p.make("bias", &[channels], Init::Constant(0.0))?,
                mean: p.buffer("running_mean", &[channels], 0.0)?,
                variance: p.buffer("running_var", &[channels], 1.0)?,
            })
        })
    }

    pub(crate) fn run(&self, x: &Tensor, training: bool) -> Result<Tensor, TchError> {
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        x.f_batch_norm(weight, bias, Some(&self.mean), Some(&self.variance), training, 0.1, 1e-5, true)
    }
}

/// Attention of several heads, with biases.
#[derive(Debug)]
pub(crate) struct Attention {
    qkv: Linear,
    out: Linear,
    heads: i64,
    causal: bool,
}

/// What an attention is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads {
    pub(crate) count: i64,
    pub(crate) causal: bool,
    /// whether queries, keys and values have biases
    pub(crate) bias: bool,
    /// from what the projection at the end starts
    pub(crate) out: Init,
}

impl Attention {
    pub(crate) fn new(p: &mut Params, name: &str, dim: i64, heads: Heads) -> Result<Self, TchError> {
        p.within(name, |p| {
            let make = if heads.bias { Linear::new } else { Linear::without_bias };
            let qkv = make(p, "qkv", dim, 3 * dim, TRANSFORMER)?;
            let out = Linear::new(p, "out", dim, dim, heads.out)?;
            Ok(Self { qkv, out, heads: heads.count, causal: heads.causal })
        })
    }

    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let [batch, tokens, dim] = x.size()[..] else {
            return Err(TchError::Shape(format!("attention over {:?}", x.size())));
        };
        let qkv =
            self.qkv.run(x)?.f_view([batch, tokens, 3, self.heads, dim / self.heads])?.f_permute([2, 0, 3, 1, 4])?;
        let [q, k, v] = [0, 1, 2].map(|part| qkv.f_select(0, part));
        let mixed =
            Tensor::f_scaled_dot_product_attention(&q?, &k?, &v?, None::<&Tensor>, 0.0, self.causal, None, false)?;
        self.out.run(&mixed.f_transpose(1, 2)?.f_reshape([batch, tokens, dim])?)
    }
}
