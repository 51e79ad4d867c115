//! Radford et al. 2019 (GPT-2): normalisation first, learnt positions, a head that is the embedding; residual projections start
//! smaller by the root of twice the depth.

use super::vit::Block;
use super::{Network, Shape, divides};
use crate::train::act::Act;
use crate::train::layers::{Heads, LayerNorm};
use crate::train::params::{Init, Params};
use tch::{Kind, TchError, Tensor};

/// The sizes of a language model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) dim: i64,
    pub(super) depth: usize,
    pub(super) heads: i64,
    pub(super) context: i64,
}

const EPS: f64 = 1e-5;
/// GPT-2 starts from a normal distribution that is not cut off
const SD: f64 = 0.02;

pub(super) struct Gpt {
    tokens: Tensor,
    positions: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
}

impl Gpt {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, sizes: Sizes) -> Result<Self, TchError> {
        let Sizes { dim, depth, heads, context } = sizes;
        divides("heads", heads, "dim", dim)?;
        let tokens = p.make("tokens", &[shape.classes, dim], Init::Normal(SD))?;
        let positions = p.make("positions", &[context, dim], Init::Normal(SD))?;
        p.undecayed();
        let out = Init::Normal(SD / (2.0 * depth.max(1) as f64).sqrt());
        let each = Heads { count: heads, causal: true, bias: true, out };
        let block = |k: usize, p: &mut Params| p.within(&format!("blocks.{k}"), |p| Block::new(p, act, dim, each, EPS));
        let blocks = (0..depth).map(|k| block(k, p)).collect::<Result<_, _>>()?;
        Ok(Self { tokens, positions, blocks, norm: LayerNorm::new(p, "norm", dim, EPS)? })
    }
}

impl Network for Gpt {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let count = x.size()[1];
        let places = self.positions.f_narrow(0, 0, count)?;
        let mut x = Tensor::f_embedding(&self.tokens, &x.f_to_kind(Kind::Int64)?, -1, false, false)?.f_add(&places)?;
        for block in &self.blocks {
            x = block.run(&x)?;
        }
        self.norm.run(&x)?.f_linear(&self.tokens, None::<&Tensor>)
    }
}
