//! Two convolutions of 3x3, pooling, two dense layers: PyTorch's MNIST example without its dropout.

use super::{Network, Shape, unfit};
use crate::train::act::{Act, Place};
use crate::train::layers::{Conv, Filter, Linear, he};
use crate::train::params::Params;
use tch::{TchError, Tensor};

pub(super) struct Cnn {
    convs: [(Conv, Place); 2],
    hidden: (Linear, Place),
    head: Linear,
}

impl Cnn {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape) -> Result<Self, TchError> {
        if shape.side < 6 {
            return Err(unfit(format!("images of side {} are too small for this CNN: at least 6", shape.side)));
        }
        let mut conv = |name: &str, from: i64, to: i64| {
            p.within(name, |p| Ok((Conv::new(p, "", Filter::new(from, to, 3), he(9 * from))?, act.place(p)?)))
        };
        let convs = [conv("conv1", shape.channels, 32)?, conv("conv2", 32, 64)?];
        let pooled = (shape.side - 4) / 2;
        let features = 64 * pooled * pooled;
        let hidden = p.within("hidden", |p| Ok((Linear::new(p, "", features, 128, he(features))?, act.place(p)?)))?;
        Ok(Self { convs, hidden, head: Linear::new(p, "head", 128, shape.classes, he(128))? })
    }
}

impl Network for Cnn {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let mut x = x.shallow_clone();
        for (conv, act) in &self.convs {
            x = act.run(&conv.run(&x)?)?;
        }
        let x = x.f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?.f_flatten(1, -1)?;
        let (linear, act) = &self.hidden;
        self.head.run(&act.run(&linear.run(&x)?)?)
    }
}
