//! Dosovitskiy et al. 2021, as timm has it: a class token, learnt positions, normalisation first, biases in attention (the bias of the patches starts at 0). With a
//! distillation token and a second head, Touvron et al. 2021 (DeiT); scores are the mean of both heads, in training as well,
//! since there is no teacher.

use super::{Network, Shape, divides};
use crate::train::act::{Act, Place};
use crate::train::layers::{Attention, Conv, Filter, Heads, LayerNorm, Linear, TRANSFORMER, pytorch};
use crate::train::params::{Init, Params};
use tch::{TchError, Tensor};

/// The sizes of a vision transformer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) dim: i64,
    pub(super) depth: usize,
    pub(super) heads: i64,
    pub(super) patch: i64,
    pub(super) distilled: bool,
}

const EPS: f64 = 1e-6;

/// A block of a transformer, normalisation first.
pub(super) struct Block {
    norms: [LayerNorm; 2],
    attention: Attention,
    mlp: Feed,
}

/// The two dense layers of a block.
pub(super) struct Feed {
    up: Linear,
    act: Place,
    down: Linear,
}

impl Feed {
    pub(super) fn new(p: &mut Params, act: &Act, dim: i64, hidden: i64, out: Init) -> Result<Self, TchError> {
        p.within("mlp", |p| {
            let up = Linear::new(p, "up", dim, hidden, TRANSFORMER)?;
            Ok(Self { up, act: act.place(p)?, down: Linear::new(p, "down", hidden, dim, out)? })
        })
    }

    pub(super) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.down.run(&self.act.run(&self.up.run(x)?)?)
    }
}

impl Block {
    pub(super) fn new(p: &mut Params, act: &Act, dim: i64, heads: Heads, eps: f64) -> Result<Self, TchError> {
        let first = LayerNorm::new(p, "norm1", dim, eps)?;
        let attention = Attention::new(p, "attention", dim, heads)?;
        let norms = [first, LayerNorm::new(p, "norm2", dim, eps)?];
        Ok(Self { norms, attention, mlp: Feed::new(p, act, dim, 4 * dim, heads.out)? })
    }

    pub(super) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let x = x.f_add(&self.attention.run(&self.norms[0].run(x)?)?)?;
        x.f_add(&self.mlp.run(&self.norms[1].run(&x)?)?)
    }
}

pub(super) struct Vit {
    patches: Conv,
    tokens: Vec<Tensor>,
    positions: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
    heads: Vec<Linear>,
}

impl Vit {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, sizes: Sizes) -> Result<Self, TchError> {
        let Sizes { dim, depth, heads, patch, distilled } = sizes;
        divides("patch", patch, "the side of the images", shape.side)?;
        divides("heads", heads, "dim", dim)?;
        let filter = Filter { stride: patch, ..Filter::new(shape.channels, dim, patch) };
        let patches = Conv::new(p, "patches", filter, pytorch(shape.channels * patch * patch))?;
        let mut tokens = vec![];
        for name in ["class_token", "distillation_token"].iter().take(1 + usize::from(distilled)) {
            // timm: next to nothing for the class, as everything else for the other
            let init = if tokens.is_empty() { Init::Normal(1e-6) } else { TRANSFORMER };
            tokens.push(p.make(name, &[1, 1, dim], init)?);
            p.undecayed();
        }
        let count = (shape.side / patch).pow(2) + tokens.len() as i64;
        let positions = p.make("positions", &[1, count, dim], TRANSFORMER)?;
        p.undecayed();
        let each = Heads { count: heads, causal: false, bias: true, out: TRANSFORMER };
        let block = |k: usize, p: &mut Params| p.within(&format!("blocks.{k}"), |p| Block::new(p, act, dim, each, EPS));
        let blocks = (0..depth).map(|k| block(k, p)).collect::<Result<_, _>>()?;
        let norm = LayerNorm::new(p, "norm", dim, EPS)?;
        let mut outs = vec![];
        for name in ["head", "distillation_head"].iter().take(tokens.len()) {
            outs.push(Linear::new(p, name, dim, shape.classes, TRANSFORMER)?);
        }
        Ok(Self { patches, tokens, positions, blocks, norm, heads: outs })
    }
}

impl Network for Vit {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let patches = self.patches.run(x)?.f_flatten(2, -1)?.f_transpose(1, 2)?;
        let mut parts = vec![];
        for token in &self.tokens {
            parts.push(token.f_expand([patches.size()[0], -1, -1], false)?);
        }
        parts.push(patches);
        let mut x = Tensor::f_cat(&parts, 1)?.f_add(&self.positions)?;
        for block in &self.blocks {
            x = block.run(&x)?;
        }
        let x = self.norm.run(&x)?;
        let mut sum: Option<Tensor> = None;
        for (k, head) in self.heads.iter().enumerate() {
            let scores = head.run(&x.f_select(1, k as i64)?)?;
            sum = Some(match sum {
                Some(sum) => sum.f_add(&scores)?,
                None => scores,
            });
        }
        let sum = sum.ok_or_else(|| TchError::Torch("a transformer without a head".into()))?;
        if self.heads.len() == 1 { Ok(sum) } else { sum.f_div_scalar(self.heads.len() as f64) }
    }
}
