//! Layers of equal width.

use super::{Network, Shape};
use crate::train::act::{Act, Place};
use crate::train::layers::{Linear, he};
use crate::train::params::Params;
use tch::{TchError, Tensor};

pub(super) struct Mlp {
    hidden: Vec<(Linear, Place)>,
    head: Linear,
}

impl Mlp {
    pub(super) fn new(p: &mut Params, act: &Act, shape: Shape, width: i64, depth: usize) -> Result<Self, TchError> {
        let mut from = shape.channels * shape.side * shape.side;
        let mut hidden = vec![];
        for k in 0..depth {
            let layer =
                p.within(&format!("hidden.{k}"), |p| Ok((Linear::new(p, "", from, width, he(from))?, act.place(p)?)))?;
            hidden.push(layer);
            from = width;
        }
        Ok(Self { hidden, head: Linear::new(p, "head", from, shape.classes, he(from))? })
    }
}

impl Network for Mlp {
    fn run(&self, x: &Tensor, _: bool) -> Result<Tensor, TchError> {
        let mut x = x.f_flatten(1, -1)?;
        for (linear, act) in &self.hidden {
            x = act.run(&linear.run(&x)?)?;
        }
        self.head.run(&x)
    }
}
