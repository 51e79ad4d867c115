//! Devlin et al. 2019 (BERT): normalisation last, token types, a head for masked tokens with the embedding as its matrix.
//! Without a pooler and without next-sentence pairs. An embedding of another size than the network is projected, as in ELECTRA.

use super::vit::Feed;
use super::{Network, Shape, divides};
use crate::train::act::{Act, Place};
use crate::train::layers::{Attention, Heads, LayerNorm, Linear, TRANSFORMER};
use crate::train::params::{Init, Params};
use tch::{Kind, TchError, Tensor};

/// The sizes of a masked language model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) dim: i64,
    pub(super) depth: usize,
    pub(super) heads: i64,
    pub(super) hidden: i64,
    pub(super) embedding: i64,
    pub(super) context: i64,
}

const EPS: f64 = 1e-12;
/// segments that a token may belong to; here all tokens belong to the first
const TYPES: i64 = 2;

struct Block {
    attention: Attention,
    mlp: Feed,
    norms: [LayerNorm; 2],
}

impl Block {
    fn new(p: &mut Params, act: &Act, Sizes { dim, heads, hidden, .. }: Sizes) -> Result<Self, TchError> {
        let heads = Heads { count: heads, causal: false, bias: true, out: TRANSFORMER };
        let attention = Attention::new(p, "attention", dim, heads)?;
        let first = LayerNorm::new(p, "norm1", dim, EPS)?;
        let mlp = Feed::new(p, act, dim, hidden, TRANSFORMER)?;
        Ok(Self { attention, mlp, norms: [first, LayerNorm::new(p, "norm2", dim, EPS)?] })
    }

    fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let x = self.norms[0].run(&x.f_add(&self.attention.run(x)?)?)?;
        self.norms[1].run(&x.f_add(&self.mlp.run(&x)?)?)
    }
}

pub(super) struct Bert {
    tokens: Tensor,
    positions: Tensor,
    types: Tensor,
    norm: LayerNorm,
    project: Option<Linear>,
    blocks: Vec<Block>,
    transform: (Linear, Place, LayerNorm),
    bias: Tensor,
}

impl Bert {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, sizes: Sizes) -> Result<Self, TchError> {
        let Sizes { dim, depth, heads, embedding, context, .. } = sizes;
        divides("heads", heads, "dim", dim)?;
        let tokens = p.make("tokens", &[shape.classes, embedding], TRANSFORMER)?;
        let mut undecayed = |name: &str, rows: i64| {
            let table = p.make(name, &[rows, embedding], TRANSFORMER);
            p.undecayed();
            table
        };
        let (positions, types) = (undecayed("positions", context)?, undecayed("types", TYPES)?);
        let norm = LayerNorm::new(p, "norm", embedding, EPS)?;
        let project =
            if embedding == dim { None } else { Some(Linear::new(p, "project", embedding, dim, TRANSFORMER)?) };
        let block = |k: usize, p: &mut Params| p.within(&format!("blocks.{k}"), |p| Block::new(p, act, sizes));
        let blocks = (0..depth).map(|k| block(k, p)).collect::<Result<_, _>>()?;
        let transform = p.within("transform", |p| {
            let linear = Linear::new(p, "", dim, embedding, TRANSFORMER)?;
            Ok((linear, act.place(p)?, LayerNorm::new(p, "norm", embedding, EPS)?))
        })?;
        let bias = p.make("head.bias", &[shape.classes], Init::Constant(0.0))?;
        Ok(Self { tokens, positions, types, norm, project, blocks, transform, bias })
    }
}

impl Network for Bert {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let places = self.positions.f_narrow(0, 0, x.size()[1])?.f_add(&self.types.f_select(0, 0)?)?;
        let x = Tensor::f_embedding(&self.tokens, &x.f_to_kind(Kind::Int64)?, -1, false, false)?.f_add(&places)?;
        let mut x = self.norm.run(&x)?;
        if let Some(project) = &self.project {
            x = project.run(&x)?;
        }
        for block in &self.blocks {
            x = block.run(&x)?;
        }
        let (linear, act, norm) = &self.transform;
        norm.run(&act.run(&linear.run(&x)?)?)?.f_linear(&self.tokens, Some(&self.bias))
    }
}
