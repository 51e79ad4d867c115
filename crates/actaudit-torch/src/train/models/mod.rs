//! The networks. Names of layers are this project's; shapes and counts are those of the publications (see the tests).

mod bert;
mod cnn;
mod convnext;
mod gpt;
mod mlp;
mod resnet;
mod tnt;
mod vit;

use super::act::Act;
use super::params::Params;
use actaudit::internal::train::Model;
use tch::{TchError, Tensor};

/// A network. It maps images [batch, channels, side, side] to scores [batch, classes], or bytes [batch, tokens] to scores
/// [batch, tokens, 256].
pub(crate) trait Network {
    /// The scores. In training, batches are normalised by themselves and running means move.
    fn run(&self, x: &Tensor, training: bool) -> Result<Tensor, TchError>;
}

/// The shape of what goes in and comes out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// of images; 0 for text
    pub(crate) channels: i64,
    /// side of images; 0 for text
    pub(crate) side: i64,
    /// classes, or the number of tokens
    pub(crate) classes: i64,
}

/// Makes a network and its parameters.
///
/// # Errors
/// If sizes do not fit one another: a sentence; or libtorch refuses.
pub(crate) fn make(model: &Model, shape: Shape, p: &mut Params, act: &Act) -> Result<Box<dyn Network>, TchError> {
    let made: Box<dyn Network> = match *model {
        Model::Mlp { width, depth } => Box::new(mlp::Mlp::new(p, act, shape, int(width), depth)?),
        Model::Cnn {} => Box::new(cnn::Cnn::new(p, act, shape)?),
        Model::Resnet { depth, width } => Box::new(resnet::Resnet::new(p, act, shape, depth, int(width))?),
        Model::Vit { dim, depth, heads, patch, distilled } => {
            let sizes = vit::Sizes { dim: int(dim), depth, heads: int(heads), patch: int(patch), distilled };
            Box::new(vit::Vit::new(p, act, shape, sizes)?)
        }
        Model::Tnt { dim, inner, depth, heads, inner_heads, patch, inner_stride } => {
            let sizes = tnt::Sizes {
                dim: int(dim),
                inner: int(inner),
                depth,
                heads: int(heads),
                inner_heads: int(inner_heads),
                patch: int(patch),
                stride: int(inner_stride),
            };
            Box::new(tnt::Tnt::new(p, act, shape, sizes)?)
        }
        Model::Convnext { depths, dims, stem } => {
            Box::new(convnext::Convnext::new(p, act, shape, depths, dims.map(int), int(stem))?)
        }
        Model::Gpt { dim, depth, heads, context } => {
            let sizes = gpt::Sizes { dim: int(dim), depth, heads: int(heads), context: int(context) };
            Box::new(gpt::Gpt::new(p, act, shape, sizes)?)
        }
        Model::Bert { dim, depth, heads, hidden, embedding, context } => {
            let sizes = bert::Sizes {
                dim: int(dim),
                depth,
                heads: int(heads),
                hidden: int(hidden),
                embedding: int(embedding),
                context: int(context),
            };
            Box::new(bert::Bert::new(p, act, shape, sizes)?)
        }
        _ => return Err(unfit(format!("no network of the kind {}", model.kind()))),
    };
    p.seal()?;
    Ok(made)
}

fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Sizes that do not fit one another.
fn unfit(message: String) -> TchError {
    TchError::Shape(message)
}

/// Refuses a divisor that is none.
fn divides(what: &str, divisor: i64, whole: &str, number: i64) -> Result<(), TchError> {
    if divisor > 0 && number % divisor == 0 {
        return Ok(());
    }
    Err(unfit(format!("{what} {divisor} does not divide {whole} {number}")))
}

#[cfg(test)]
mod tests;
