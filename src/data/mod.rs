//! Data to train on, and the randomness of training.
//!
//! Data sets are read in the formats in which they are published, from a folder, and never downloaded: [`find()`] says what
//! lies there. A file that is broken, cut off or too long is refused with the place; nothing is allocated because a header
//! asks for it. What a set is called follows from its content, and pairs that were made from a text are [`Origin::Constructed`].
//!
//! All random numbers come from [`Draw`], by seed, purpose and step.

mod augment;
mod batch;
mod cifar;
mod digits;
mod draw;
mod error;
mod find;
mod folder;
mod fuzz;
mod idx;
mod images;
mod overlap;
mod pairs;
mod read;
#[cfg(test)]
mod tests;
mod text;

pub use augment::{Augment, Normalisation, Sizes, crop, flip, flips, offsets};
pub use batch::{batch, gather};
pub use draw::Draw;
pub use error::{At, DataError};
pub use find::{Asked, Data, find, find_as};
pub use fuzz::fuzz_data;
pub use images::{ImageSet, Images};
pub use overlap::{Hash, Overlap, content, hashes, overlap};
pub use pairs::{Origin, Pair, Pairs, constructed, targets};
pub use text::{Text, split};
