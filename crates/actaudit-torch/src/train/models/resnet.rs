//! He et al. 2016, section 4.2: three stages of n blocks, shortcuts without parameters (option A).

use super::{Network, Shape, unfit};
use crate::train::act::{Act, Place};
use crate::train::layers::{BatchNorm, Conv, Filter, Linear, he};
use crate::train::params::Params;
use tch::{TchError, Tensor};

struct Block {
    convs: [(Conv, BatchNorm); 2],
    acts: [Place; 2],
    /// channels that the shortcut lacks, half of them before, half behind; 0 if it is the input itself
    lacks: i64,
}

pub(super) struct Resnet {
    stem: (Conv, BatchNorm, Place),
    blocks: Vec<Block>,
    head: Linear,
}

fn conv(p: &mut Params, name: &str, from: i64, to: i64, stride: i64) -> Result<(Conv, BatchNorm), TchError> {
    let filter = Filter { stride, padding: 1, bias: false, ..Filter::new(from, to, 3) };
    p.within(name, |p| Ok((Conv::new(p, "", filter, he(9 * from))?, BatchNorm::new(p, "norm", to)?)))
}

impl Block {
    fn new(p: &mut Params, act: &Act, from: i64, to: i64) -> Result<Self, TchError> {
        let stride = if from == to { 1 } else { 2 };
        let first = conv(p, "conv1", from, to, stride)?;
        let after = p.within("conv1", |p| act.place(p))?;
        let second = conv(p, "conv2", to, to, 1)?;
        Ok(Self { convs: [first, second], acts: [after, p.within("sum", |p| act.place(p))?], lacks: to - from })
    }

    fn run(&self, x: &Tensor, training: bool) -> Result<Tensor, TchError> {
        let [(first, first_norm), (second, second_norm)] = &self.convs;
        let y = self.acts[0].run(&first_norm.run(&first.run(x)?, training)?)?;
        let y = second_norm.run(&second.run(&y)?, training)?;
        let shortcut = if self.lacks == 0 {
            x.shallow_clone()
        } else {
            let half = self.lacks / 2;
            let every_other = x.f_slice(2, 0, None, 2)?.f_slice(3, 0, None, 2)?;
            every_other.f_constant_pad_nd([0, 0, 0, 0, half, self.lacks - half])?
        };
        self.acts[1].run(&y.f_add(&shortcut)?)
    }
}

impl Resnet {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, depth: usize, width: i64) -> Result<Self, TchError> {
        if depth < 8 || !(depth - 2).is_multiple_of(6) {
            return Err(unfit(format!("a ResNet of this form has 6n + 2 layers (8, 14, 20, ..., 56), not {depth}")));
        }
        let stem = p.within("stem", |p| {
            let (conv, norm) = conv(p, "conv", shape.channels, width, 1)?;
            Ok((conv, norm, act.place(p)?))
        })?;
        let mut blocks = vec![];
        let mut from = width;
        for stage in 0..3 {
            let to = width << stage;
            for _ in 0..(depth - 2) / 6 {
                let name = format!("blocks.{}", blocks.len());
                blocks.push(p.within(&name, |p| Block::new(p, act, from, to))?);
                from = to;
            }
        }
        Ok(Self { stem, blocks, head: Linear::new(p, "head", from, shape.classes, he(from))? })
    }
}

impl Network for Resnet {
    fn run(&self, x: &Tensor, training: bool) -> Result<Tensor, TchError> {
        let (conv, norm, act) = &self.stem;
        let mut x = act.run(&norm.run(&conv.run(x)?, training)?)?;
        for block in &self.blocks {
            x = block.run(&x, training)?;
        }
        self.head.run(&x.f_mean_dim([2i64, 3].as_slice(), false, tch::Kind::Float)?)
    }
}
