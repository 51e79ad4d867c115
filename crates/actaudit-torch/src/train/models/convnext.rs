//! Liu et al. 2022: depthwise convolutions of 7x7, normalisation over channels, two dense layers, a learnt scale.

use super::vit::Feed;
use super::{Network, Shape, unfit};
use crate::train::act::Act;
use crate::train::layers::{Conv, Filter, LayerNorm, Linear, TRANSFORMER};
use crate::train::params::{Init, Params};
use tch::{Kind, TchError, Tensor};

const EPS: f64 = 1e-6;
const SCALE: f64 = 1e-6;

struct Block {
    depthwise: Conv,
    norm: LayerNorm,
    mlp: Feed,
    scale: Tensor,
}

struct Stage {
    /// normalisation and a convolution of 2x2, but for the first stage
    smaller: Option<(LayerNorm, Conv)>,
    blocks: Vec<Block>,
}

pub(super) struct Convnext {
    stem: (Conv, LayerNorm),
    stages: Vec<Stage>,
    norm: LayerNorm,
    head: Linear,
}

/// Channels last, as normalisation and dense layers want them.
fn last(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_permute([0, 2, 3, 1])
}

/// Channels second, as convolutions want them.
fn second(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_permute([0, 3, 1, 2])
}

impl Block {
    fn new(p: &mut Params, act: &Act, dim: i64) -> Result<Self, TchError> {
        let filter = Filter { padding: 3, groups: dim, ..Filter::new(dim, dim, 7) };
        let depthwise = Conv::new(p, "depthwise", filter, TRANSFORMER)?;
        let norm = LayerNorm::new(p, "norm", dim, EPS)?;
        let mlp = Feed::new(p, act, dim, 4 * dim, TRANSFORMER)?;
        Ok(Self { depthwise, norm, mlp, scale: p.make("scale", &[dim], Init::Constant(SCALE))? })
    }

    fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let y = self.norm.run(&last(&self.depthwise.run(x)?)?)?;
        x.f_add(&second(&self.mlp.run(&y)?.f_mul(&self.scale)?)?)
    }
}

impl Convnext {
    pub(super) fn new(
        p: &mut Params,
        act: &Act,
        shape: Shape,
        depths: [usize; 4],
        dims: [i64; 4],
        stem: i64,
    ) -> Result<Self, TchError> {
        if stem < 1 || shape.side / stem < 8 {
            let side = shape.side;
            return Err(unfit(format!(
                "images of side {side} leave less than 8 after a stem of {stem}, which is halved three times"
            )));
        }
        let filter = Filter { stride: stem, ..Filter::new(shape.channels, dims[0], stem) };
        let stem = p.within("stem", |p| {
            Ok((Conv::new(p, "", filter, TRANSFORMER)?, LayerNorm::new(p, "norm", dims[0], EPS)?))
        })?;
        let mut stages: Vec<Stage> = vec![];
        for (k, (depth, dim)) in depths.into_iter().zip(dims).enumerate() {
            let stage = p.within(&format!("stages.{k}"), |p| {
                let smaller = match k.checked_sub(1).map(|before| dims[before]) {
                    None => None,
                    Some(from) => {
                        let filter = Filter { stride: 2, ..Filter::new(from, dim, 2) };
                        Some((LayerNorm::new(p, "norm", from, EPS)?, Conv::new(p, "smaller", filter, TRANSFORMER)?))
                    }
                };
                let block = |j: usize, p: &mut Params| p.within(&format!("blocks.{j}"), |p| Block::new(p, act, dim));
                Ok(Stage { smaller, blocks: (0..depth).map(|j| block(j, p)).collect::<Result<_, _>>()? })
            })?;
            stages.push(stage);
        }
        let norm = LayerNorm::new(p, "norm", dims[3], EPS)?;
        Ok(Self { stem, stages, norm, head: Linear::new(p, "head", dims[3], shape.classes, TRANSFORMER)? })
    }
}

impl Network for Convnext {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let mut x = second(&self.stem.1.run(&last(&self.stem.0.run(x)?)?)?)?;
        for Stage { smaller, blocks } in &self.stages {
            if let Some((norm, conv)) = smaller {
                x = conv.run(&second(&norm.run(&last(&x)?)?)?)?;
            }
            for block in blocks {
                x = block.run(&x)?;
            }
        }
        self.head.run(&self.norm.run(&x.f_mean_dim([2i64, 3].as_slice(), false, Kind::Float)?)?)
    }
}
