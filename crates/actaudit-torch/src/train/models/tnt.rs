//! Han et al. 2021 (TNT), the corrected form, as timm has it: the pixels of a patch are tokens of an inner transformer, whose
//! result is added to the patch's token.

use super::vit::Feed;
use super::{Network, Shape, divides};
use crate::train::act::Act;
use crate::train::layers::{Attention, Conv, Filter, Heads, LayerNorm, Linear, TRANSFORMER, pytorch};
use crate::train::params::Params;
use tch::{TchError, Tensor};

/// The sizes of a transformer in transformers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) dim: i64,
    pub(super) inner: i64,
    pub(super) depth: usize,
    pub(super) heads: i64,
    pub(super) inner_heads: i64,
    pub(super) patch: i64,
    pub(super) stride: i64,
}

const EPS: f64 = 1e-5;

/// One block over a sequence, normalisation first.
struct Half {
    norms: [LayerNorm; 2],
    attention: Attention,
    mlp: Feed,
}

impl Half {
    fn new(p: &mut Params, name: &str, act: &Act, dim: i64, heads: i64) -> Result<Self, TchError> {
        let heads = Heads { count: heads, causal: false, bias: false, out: TRANSFORMER };
        p.within(name, |p| {
            let first = LayerNorm::new(p, "norm1", dim, EPS)?;
            let attention = Attention::new(p, "attention", dim, heads)?;
            let norms = [first, LayerNorm::new(p, "norm2", dim, EPS)?];
            Ok(Self { norms, attention, mlp: Feed::new(p, act, dim, 4 * dim, TRANSFORMER)? })
        })
    }

    fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let x = x.f_add(&self.attention.run(&self.norms[0].run(x)?)?)?;
        x.f_add(&self.mlp.run(&self.norms[1].run(&x)?)?)
    }
}

struct Block {
    inner: Half,
    norms: [LayerNorm; 2],
    to_patch: Linear,
    outer: Half,
}

pub(super) struct Tnt {
    sizes: Sizes,
    pixels: Conv,
    pixel_positions: Tensor,
    norms: [LayerNorm; 2],
    to_patch: Linear,
    class_token: Tensor,
    positions: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

impl Tnt {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, sizes: Sizes) -> Result<Self, TchError> {
        let Sizes { dim, inner, depth, heads, inner_heads, patch, stride } = sizes;
        divides("patch", patch, "the side of the images", shape.side)?;
        divides("inner_stride", stride, "patch", patch)?;
        divides("heads", heads, "dim", dim)?;
        divides("inner_heads", inner_heads, "inner", inner)?;
        let filter = Filter { stride, padding: 3, ..Filter::new(shape.channels, inner, 7) };
        let pixels = Conv::new(p, "pixels", filter, pytorch(49 * shape.channels))?;
        let side = patch / stride;
        let pixel_positions = p.make("pixel_positions", &[1, inner, side, side], TRANSFORMER)?;
        p.undecayed();
        let tokens = side * side * inner;
        let before = LayerNorm::new(p, "norm1", tokens, EPS)?;
        let to_patch = Linear::new(p, "to_patch", tokens, dim, TRANSFORMER)?;
        let norms = [before, LayerNorm::new(p, "norm2", dim, EPS)?];
        let class_token = p.make("class_token", &[1, 1, dim], TRANSFORMER)?;
        p.undecayed();
        let positions = p.make("positions", &[1, (shape.side / patch).pow(2) + 1, dim], TRANSFORMER)?;
        p.undecayed();
        let block = |k: usize, p: &mut Params| {
            p.within(&format!("blocks.{k}"), |p| {
                let inner = Half::new(p, "inner", act, inner, inner_heads)?;
                let before = LayerNorm::new(p, "norm1", tokens, EPS)?;
                let to_patch = Linear::without_bias(p, "to_patch", tokens, dim, TRANSFORMER)?;
                let norms = [before, LayerNorm::new(p, "norm2", dim, EPS)?];
                Ok(Block { inner, norms, to_patch, outer: Half::new(p, "outer", act, dim, heads)? })
            })
        };
        let blocks = (0..depth).map(|k| block(k, p)).collect::<Result<_, _>>()?;
        let norm = LayerNorm::new(p, "norm", dim, EPS)?;
        let head = Linear::new(p, "head", dim, shape.classes, TRANSFORMER)?;
        Ok(Self { sizes, pixels, pixel_positions, norms, to_patch, class_token, positions, blocks, norm, head })
    }

    /// Patches as sequences of pixel tokens: [batch * patches, tokens, inner].
    fn pixels(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let Sizes { inner, patch, stride, .. } = self.sizes;
        let side = patch / stride;
        let maps = self.pixels.run(x)?;
        let [batch, _, high, wide] = maps.size()[..] else {
            return Err(TchError::Shape(format!("pixels of {:?}", x.size())));
        };
        let cut = maps.f_view([batch, inner, high / side, side, wide / side, side])?.f_permute([0, 2, 4, 1, 3, 5])?;
        let patches = cut.f_reshape([batch * (high / side) * (wide / side), inner, side, side])?;
        patches.f_add(&self.pixel_positions)?.f_flatten(2, -1)?.f_transpose(1, 2)
    }
}

impl Network for Tnt {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let batch = x.size()[0];
        let mut inner = self.pixels(x)?;
        let rows = |inner: &Tensor| inner.f_reshape([batch, inner.size()[0] / batch, -1]);
        let patches = self.norms[1].run(&self.to_patch.run(&self.norms[0].run(&rows(&inner)?)?)?)?;
        let class = self.class_token.f_expand([batch, -1, -1], false)?;
        let mut outer = Tensor::f_cat(&[class, patches], 1)?.f_add(&self.positions)?;
        for block in &self.blocks {
            inner = block.inner.run(&inner)?;
            let more = block.norms[1].run(&block.to_patch.run(&block.norms[0].run(&rows(&inner)?)?)?)?;
            // the class token gets nothing from within
            outer = outer.f_add(&more.f_constant_pad_nd([0, 0, 1, 0])?)?;
            outer = block.outer.run(&outer)?;
        }
        self.head.run(&self.norm.run(&outer)?.f_select(1, 0)?)
    }
}
